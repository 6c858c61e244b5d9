/* One session of the collector with one meter; see collector_inside.h. */
#include "collect/collector_inside.h"
#include "collect/teller.h"

#include "base/clock.h"
#include "collect/states.h"
#include "store/registry/secrets.h"

#include <stdio.h>
#include <stdlib.h>

enum { TURNS_MAX = 1000, BACK_OFF_MS = 60000, BACK_OFF_MAX_MS = 6 * 3600 * 1000, SUSPECT_FROM = 2, SUSPECT_ANSWER_MS = 400 };

/* Everything a session needs, on the heap: coroutine stacks are small. */
struct asking {
    struct shard *shard;
    struct visit *v;
    struct meter_run *m;     /* the visit's */
    struct collector_run *run;
    int way; /* the one being tried */
    struct session_plan plan;
    struct session_result result;
    struct batch batch;
    struct frame_session *frames;
    void *settings, *memo;
    struct teller *teller; /* of a run with a work of its own; else NULL */
    struct line_user user; /* for who watches the line */
    bool shared;     /* the line has other meters */
    bool more;       /* debts remain for another session */
    bool prepared;
    int64_t now;     /* what the meter's clock should show as the session begins */
    int64_t begun_ms;
    int64_t journals_read; /* up to where, once it is stored; 0: not read */
    int64_t clock_noted;   /* the error among the states, once it is stored */
    bool notes_clock;      /* there is one */
    /* the commit */
    struct task *task;
    bool stored;
    enum fault store_fault;
    struct put_result put;
};

static int64_t meter_now(const struct meter_run *m)
{
    return clock_utc_ms() / 1000 + (int64_t)m->row->zone_minutes * 60;
}

/* --- passwords that were refused -------------------------------------------------------------------------------------- */

static void refused_key(const struct meter_run *m, char key[64])
{
    snprintf(key, 64, "password-refused:%lld", (long long)m->id);
}

/* A refusal of which no more is known than that it was. */
static const char any_parameters[] = "held";

/* The parameters the refusal was about; others deserve a new try. No password can be found from it (vault.h). */
static void refused_mark(struct collector *c, const struct visit *v, char mark[VAULT_MARK_TEXT])
{
    const struct vault *vault = store_vault(c->store);
    struct arena a = { 0 };
    const char *all = "";
    for (int w = 0; w < v->way_count; w++)
        all = line_parameters(all, secrets_open(c->store, v->ways[w].parameters, &a, NULL), &a);
    if (vault)
        vault_mark(vault, all, mark);
    else
        snprintf(mark, VAULT_MARK_TEXT, "%s", any_parameters);
    arena_wipe(&a);
}

static bool password_held(struct collector *c, const struct visit *v)
{
    const struct meter_run *m = v->meter;
    char key[64], mark[VAULT_MARK_TEXT];
    const char *held = NULL;
    struct arena a = { 0 };
    if (m->password_refused)
        return true;
    refused_key(m, key);
    bool same = !c->options.retry_passwords && store_setting_get(c->store, key, &a, &held) == FAULT_NONE && held;
    if (same) {
        bool any = strcmp(held, any_parameters) == 0;
        refused_mark(c, v, mark);
        same = any || strcmp(held, mark) == 0;
        if (any) /* from now on it is about these */
            store_setting_put(c->store, key, mark);
    }
    arena_free(&a);
    return same;
}

static void remember_refusal(struct collector *c, const struct visit *v, enum fault fault)
{
    struct meter_run *m = v->meter;
    char key[64], mark[VAULT_MARK_TEXT];
    refused_key(m, key);
    if (fault == FAULT_PASSWORD || fault == FAULT_LOCKED) {
        m->password_refused = true;
        refused_mark(c, v, mark);
        store_setting_put(c->store, key, mark);
    }
    else if (fault == FAULT_NONE && c->options.retry_passwords)
        store_setting_put(c->store, key, NULL);
}

/* --- before ----------------------------------------------------------------------------------------------------------- */

/* Met a moment ago in this pass: neither who it is nor what its clock shows is asked again. */
static void trust(const struct visit *v, struct session_plan *plan)
{
    plan->identify = false;
    plan->serial = "";
    for (size_t i = 0; i < plan->wants; i++)
        plan->want[i].now += v->clock_error_s;
    if (plan->commands == 0)
        plan->now_wall = WALL_NONE;
}

static const struct way *way_of(const struct asking *a)
{
    return &a->v->ways[a->way];
}

/* The database is to blame, not the meter. */
static void blame_store(struct asking *a)
{
    struct collector *c = a->shard->collector;
    struct store_error why = store_error_last(c->store);
    char text[STORE_ERROR_TEXT_MAX];
    a->result.fault = FAULT_STORE;
    snprintf(a->result.detail, sizeof a->result.detail, "%s", store_error_text(&why, c->options.lang, text));
}

/* The way's parameters as the driver's settings: where secrets are opened. Who commands comes with the second password, where there
 * is one. */
static bool read_settings(struct asking *a)
{
    static const struct phrase other_key = { { "пароль или ключ запечатан другим ключом базы: введите его заново", "a password or key was sealed with another key of the database: enter it again" } };
    struct collector *c = a->shard->collector;
    struct text t = text_over(a->result.detail, sizeof a->result.detail);
    struct arena opened = { 0 };
    bool lost;
    if (!a->settings)
        a->settings = memory_new(a->m->driver->settings_size);
    const char *parameters = secrets_open(c->store, way_of(a)->parameters, &opened, &lost);
    if (a->run->work && a->run->work->commands)
        parameters = parameters_second(a->m->driver, parameters, &opened);
    bool good = !lost && parameters_read(a->m->driver, parameters, c->options.lang, a->settings, &t);
    if (!good)
        a->result.fault = FAULT_SETTING;
    if (lost && store_vault(c->store))
        text_put(&t, phrase_in(&other_key, c->options.lang));
    else if (lost)
        blame_store(a);
    arena_wipe(&opened);
    return good;
}

static void drop_settings(struct asking *a)
{
    if (a->settings)
        explicit_bzero(a->settings, a->m->driver->settings_size);
    free(a->settings);
}

static bool plan_session(struct asking *a)
{
    struct meter_run *m = a->m;
    struct collector *c = a->shard->collector;
    if (!read_settings(a))
        return false;
    if (password_held(c, a->v)) {
        a->result.fault = FAULT_PASSWORD_HELD;
        return false;
    }
    a->now = meter_now(m);
    enum debt_slice slice = !a->shared && m->ever_met ? SLICE_ALONE : a->v->met ? SLICE_FURTHER : SLICE_FIRST;
    bool unknown = m->row->serial[0] == '\0' || m->identified_day != wall_day(a->now);
    a->plan = (struct session_plan){ .driver = m->driver, .identify = unknown, .serial = m->row->serial, .now_wall = a->now,
                                     .correct_from_s = parameters_clock(m->driver, way_of(a)->parameters, c->options.correct_from_s), .tariffs = 4, .command = a->teller ? teller_commands(a->teller) : NULL };
    struct store_meter row = roll_depths(a->run->roll, m->row);
    a->result.fault = a->run->work ? work_plan(c->store, a->v, a->now, slice, &a->plan, &a->more)
                                   : debts_plan(c->store, &row, a->now, m->journals_from, a->v->read, slice, &a->plan, &a->more);
    if (a->v->met)
        trust(a->v, &a->plan);
    if (m->driver->memo_size) {
        a->memo = memory_new(m->driver->memo_size);
        if (m->memo)
            memcpy(a->memo, m->memo, m->driver->memo_size);
    }
    return a->result.fault == FAULT_NONE;
}

/* The database wants more stack than a conversation has. */
static void prepare(void *argument)
{
    struct asking *a = argument;
    a->prepared = plan_session(a);
}

static bool is_suspect(const struct asking *a)
{
    return a->m->failures >= SUSPECT_FROM && a->run->options.class < RUN_ORDER;
}

static struct timing timing_of(const struct asking *a)
{
    const struct line_run *line = way_of(a)->line;
    struct timing timing = parameters_timing(a->m->driver, way_of(a)->parameters);
    uint32_t usual = timing.answer_ms ? timing.answer_ms : bus_pipe(line->bus)->timed ? ANSWER_ON_LINE_MS : ANSWER_ON_NETWORK_MS;
    if (usual < (uint32_t)line->settings.answer_ms)
        timing.answer_ms = (uint32_t)line->settings.answer_ms;
    /* One short try for who was silent: on a line its neighbours wait for it. Who is ordered by name gets all of them. */
    bool suspect = is_suspect(a);
    if (suspect)
        timing.tries = 1;
    if (suspect && bus_pipe(line->bus)->timed)
        timing.answer_ms = SUSPECT_ANSWER_MS;
    return timing;
}

static void talk(struct asking *a)
{
    struct meter_run *m = a->m;
    struct collector *c = a->shard->collector;
    if (c->frames)
        a->frames = frame_session_new(m->id, way_of(a)->line->link);
    bool own_line;
    struct line line = parameters_line(m->driver, way_of(a)->parameters, &own_line);
    struct conversation *talk = conversation_new(&(struct conversation_options){
        .bus = way_of(a)->line->bus, .priority = a->run->bus_priority, .user = &a->user, .timing = timing_of(a), .line = line, .own_line = own_line,
        .patience = a->way ? &m->others[a->way - 1] : &m->patience,
        .trace = a->frames ? &a->frames->trace : NULL, .counters = &c->counters, .lang = c->options.lang, .settings = a->settings,
        .state_size = m->driver->state_size, .memo = a->memo });
    session_run(talk, &a->plan, a->teller ? teller_sink(a->teller, &a->batch.sink) : &a->batch.sink, &a->result, a->teller ? teller_hear : NULL, a->teller);
    const struct conversation_figures *f = conversation_figures(talk);
    struct collector_run *r = a->run;
    atomic_fetch_add(&r->sent, f->sent);
    atomic_fetch_add(&r->received, f->received);
    atomic_fetch_add(&r->exchanges, f->exchanges);
    atomic_fetch_add(&r->retries, f->retries);
    if (a->frames)
        a->frames->plain = a->result.fault == FAULT_NONE && !f->retries && !f->damaged && !f->timeouts && !a->plan.commands;
    conversation_free(&talk);
}

/* --- one way after another -------------------------------------------------------------------------------------------- */

/* Accidents of the way, a meter that has restarted among them: another try may go well. */
static bool is_accident(enum fault f)
{
    return (f >= FAULT_NO_CONNECTION && f <= FAULT_NONSENSE && f != FAULT_LINE_BUSY) || f == FAULT_SESSION_LOST;
}

static bool could_not_open(const struct asking *a)
{
    return !a->result.opened && (is_accident(a->result.fault) || a->result.fault == FAULT_LINE_BUSY) && !atomic_load(&a->run->cancelled);
}

/* Tells the exchange journal why no session came about and what is done now, and hands the frames over. */
static void note_failure(struct asking *a, const struct line_run *next)
{
    static const struct phrase again = { { "сеанс не открыт: %s%s%s; ещё попытка", "no session: %s%s%s; another try" } };
    static const struct phrase other = { { "сеанс не открыт: %s%s%s; следующая линия: %s", "no session: %s%s%s; next line: %s" } };
    char note[400];
    struct text t = text_over(note, sizeof note);
    enum lang lang = a->shard->collector->options.lang;
    const char *detail = a->result.detail;
    if (!a->frames)
        return;
    text_printf(&t, phrase_in(next ? &other : &again, lang), fault_text(a->result.fault, lang), *detail ? ", " : "", detail, next ? next->title : "");
    a->frames->trace.frame(&a->frames->trace, DIRECTION_NOTE, bytes_of(NULL, 0), note);
    frame_log_take(a->shard->collector->frames, a->frames);
    a->frames = NULL;
}

/* A session on the present way, tried again as often as the line says; the silent get no more than one. */
static void try_way(struct asking *a, struct line_run *home)
{
    struct line_run *line = way_of(a)->line;
    int tries = is_suspect(a) ? 1 : 1 + way_of(a)->retries;
    if (line != home)
        line_join(a->shard, line);
    talk(a);
    while (could_not_open(a) && --tries > 0) {
        note_failure(a, NULL);
        talk(a);
    }
    if (line != home)
        line_leave(a->shard, line);
}

static void prepare_way(void *argument)
{
    struct asking *a = argument;
    a->prepared = read_settings(a);
}

/* The ways by priority, until a session opens or there is no other. `home` is the line whose worker we are. A line that is of
 * another thread meanwhile is passed over (collector_roll.c). */
static void try_ways(struct asking *a, struct line_run *home)
{
    struct visit *v = a->v;
    try_way(a, home);
    for (int w = v->way_begin + 1; w < v->way_count && could_not_open(a); w++) {
        if (v->ways[w].line->shard != a->shard)
            continue;
        note_failure(a, v->ways[w].line);
        a->way = w;
        task_aside(prepare_way, a);
        if (a->prepared)
            try_way(a, home);
    }
    v->way_begin = a->result.opened ? a->way : 0;
}

/* --- after ------------------------------------------------------------------------------------------------------------ */

/* The meter's load profile has another period than was thought: expect what it has. */
static void adapt_profile(struct asking *a)
{
    struct meter_run *m = a->m;
    struct collector *c = a->shard->collector;
    int step = m->profile_step;
    bool hourly = false;
    for (size_t i = 0; i < a->plan.wants; i++)
        hourly |= a->plan.want[i].archive == ARCHIVE_PROFILE && a->result.want_fault[i] == FAULT_NOT_SUPPORTED;
    struct reading_walk walk = reading_walk_over(&a->batch.readings);
    for (struct reading r; reading_walk_next(&walk, &r);) {
        if (r.archive == ARCHIVE_PROFILE && r.step)
            step = r.step;
    }
    bool to_hours = hourly && m->driver->read[ARCHIVE_HOUR] && m->row->depth_days[ARCHIVE_HOUR] == 0;
    if (!to_hours && step == m->profile_step)
        return;
    if (a->run->work) { /* the device's own depths are not this run's business */
        a->v->hours |= to_hours;
        a->v->again = to_hours || step != m->profile_step;
        m->profile_step = step;
        return;
    }
    store_owed_cancel(c->store, m->id, ARCHIVE_PROFILE);
    if (to_hours) {
        m->row->depth_days[ARCHIVE_HOUR] = m->row->depth_days[ARCHIVE_PROFILE];
        m->row->depth_days[ARCHIVE_PROFILE] = 0;
        store_meter_put(c->store, m->row, NULL);
    }
    m->profile_step = step;
    char key[64], value[16];
    snprintf(key, sizeof key, "profile-step:%lld", (long long)m->id);
    snprintf(value, sizeof value, "%d", step);
    store_setting_put(c->store, key, value);
    struct owed_want wants[ARCHIVE_COUNT];
    struct store_meter row = roll_depths(a->run->roll, m->row);
    store_owed_expect(c->store, wants, debts_expected(&row, step, a->now, wants));
    a->v->again = true; /* its new debts are due in this run already */
}

/* What further turns of this run need not ask again. */
static void get_acquainted(struct asking *a)
{
    struct meter_run *m = a->m;
    struct visit *v = a->v;
    v->met = m->ever_met = true;
    if (a->plan.identify)
        m->identified_day = wall_day(a->now);
    if (a->result.clock_read)
        v->clock_error_s = a->result.clock_corrected ? 0 : a->result.clock_error_s;
    for (size_t i = 0; i < a->plan.wants; i++)
        if (!archive_has_grid(a->plan.want[i].archive))
            v->read |= 1u << a->plan.want[i].archive;
}

/* What a clock tells is cut to its step, so its error wavers by that: only more is a change, and history is of changes. */
static void put_clock(struct asking *a, int64_t now)
{
    const struct meter_run *m = a->m;
    int64_t error = a->result.clock_corrected ? 0 : a->result.clock_error_s, step = m->driver->clock.step_seconds ? m->driver->clock.step_seconds : 1;
    if (m->clock_known && !a->result.clock_corrected && llabs(error - m->clock_noted) <= step)
        return;
    emit_state(&a->batch.sink, STATE_CLOCK_ERROR, now, error);
    a->clock_noted = error;
    a->notes_clock = true;
}

static void put_states(struct asking *a)
{
    struct sink *out = &a->batch.sink;
    int64_t now = meter_now(a->m);
    /* Neither an operator who stops, nor our own disk, nor who holds the line says anything of the meter. */
    if (a->result.fault != FAULT_CANCELLED && a->result.fault != FAULT_STORE && a->result.fault != FAULT_LINE_BUSY)
        emit_state(out, STATE_CONTACT, now, a->result.fault);
    if (a->result.clock_read)
        put_clock(a, now);
    for (size_t i = 0; i < a->plan.wants; i++) {
        if (a->plan.want[i].archive != ARCHIVE_JOURNAL || !a->result.want_done[i])
            continue;
        bool gap = a->plan.want[i].span.from > a->m->journals_from && a->m->journals_from;
        if (a->run->work && (a->run->work->journals || gap))
            continue; /* others, or what lies before, are still to be read */
        a->journals_read = now - HOUR_SECONDS; /* read again what may still have been under way */
        emit_state(out, STATE_JOURNALS_READ, now, a->journals_read);
    }
}

static void wake_asker(void *argument)
{
    struct asking *a = argument;
    a->stored = true;
    task_wake(a->task);
}

static void stored(void *context, const struct batch *batch, enum fault fault, const struct put_result *result)
{
    (void)batch;
    struct asking *a = context;
    a->store_fault = fault;
    a->put = *result;
    loop_post(a->shard->loop, wake_asker, a);
}

/* Hands the batch to the writer and waits until it is durable; a full queue slows collection down, never memory. */
static void commit(struct asking *a, struct line_run *line)
{
    struct collector *c = a->shard->collector;
    a->task = task_self();
    line_storing(a->shard, line, a->v);
    while (!writer_try_submit(c->writer, a->m->id, &a->batch, stored, a))
        task_park_firmly(loop_now_us(a->shard->loop) + 2000);
    if (line_rests(line) || a->run->options.class >= RUN_ORDER || atomic_load(&a->run->cancelled))
        writer_hurry(c->writer);
    while (!a->stored)
        task_park_firmly(LOOP_NEVER);
    line_stored(line);
    if (a->store_fault == FAULT_NONE && a->journals_read)
        a->m->journals_from = a->journals_read;
    if (a->store_fault == FAULT_NONE && a->notes_clock) {
        a->m->clock_noted = a->clock_noted;
        a->m->clock_known = true;
    }
    if (a->store_fault != FAULT_NONE) {
        blame_store(a);
        a->result.fault = a->store_fault;
    }
}

/* Back-off: silent meters are asked less and less often; one failure may come again at the end of the pass. */
static void judge(struct asking *a)
{
    struct meter_run *m = a->m;
    if (!is_accident(a->result.fault)) {
        m->failures = 0;
        m->next_try_ms = 0;
        return;
    }
    a->v->again = m->failures == 0 && !a->run->work;
    if (m->failures < 16)
        m->failures++;
    int64_t wait = m->failures < SUSPECT_FROM ? 0 : (int64_t)BACK_OFF_MS << (m->failures - SUSPECT_FROM);
    m->next_try_ms = clock_monotonic_ms() + (wait > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : wait);
}

/* Relays among the states that were read. */
static int relays_of(const struct asking *a, struct relay_status out[RELAY_NUMBERS])
{
    int count = 0;
    for (int n = 0; n < RELAY_NUMBERS; n++) {
        struct relay_status s = relay_nothing(n);
        for (size_t i = 0; i < a->batch.states.count; i++)
            relay_take(&s, &batch_states(&a->batch)[i]);
        if (relay_exists(&s))
            out[count++] = s;
    }
    return count;
}

/* Neither an operator who stops, nor our own disk, nor a password that was not tried, nor somebody who holds the line is a contact,
 * good or bad. */
static bool is_contact(enum fault f)
{
    return f != FAULT_CANCELLED && f != FAULT_STORE && f != FAULT_SETTING && f != FAULT_PASSWORD_HELD && f != FAULT_LINE_BUSY;
}

/* To the run's figures and its owner. */
static void tell(struct asking *a)
{
    struct collector *c = a->shard->collector;
    struct collector_run *r = a->run;
    struct visit *v = a->v;
    bool cancelled = a->result.fault == FAULT_CANCELLED;
    atomic_fetch_add(&r->sessions, 1);
    atomic_fetch_add(&r->readings, a->put.fresh + a->put.changed);
    atomic_fetch_add(&r->events, a->put.events);
    if (is_contact(a->result.fault))
        contact_log_note(c->contacts, a->m->id, a->result.fault == FAULT_NONE);
    if (!v->again && !v->due_us && !cancelled)
        atomic_fetch_add(a->result.fault == FAULT_NONE ? &r->done : &r->failed, 1);
    if (!r->options.told || (cancelled && !r->work))
        return;
    static const struct account none = { 0 };
    const struct account *account = v->account ? v->account : &none;
    char sentence[400];
    struct text t = text_over(sentence, sizeof sentence);
    struct relay_status relays[RELAY_NUMBERS];
    const char *serial = a->m->row->serial[0] ? a->m->row->serial : a->result.serial;
    session_sentence(serial, &a->result, c->options.lang, &t);
    r->options.told(r->options.context, &(struct collector_news){
        .meter = a->m->id, .serial = serial, .title = a->m->row->title, .fault = a->result.fault, .sentence = sentence,
        .readings = a->put.fresh + a->put.changed, .events = a->put.events, .took_ms = clock_monotonic_ms() - a->begun_ms,
        .clock_read = a->result.clock_read, .clock_corrected = a->result.clock_corrected, .clock_error_s = a->result.clock_error_s, .last = !v->again && (!v->due_us || r->options.endless),
        .relays = relays, .relay_count = relays_of(a, relays), .result = account->result, .notes = account->notes ? account->notes : "",
        .story = account->story ? account->story : "", .tries = account->tries, .all_readings = account->readings, .all_events = account->events,
        .begun_ms = account->begun_ms, .ended_ms = account->ended_ms, .order = a->teller ? teller_order(a->teller) : NULL });
}

/* A refused password is remembered whatever becomes of the batch. */
static void remember(void *argument)
{
    struct asking *a = argument;
    remember_refusal(a->shard->collector, a->v, a->result.fault);
}

/* What follows a session, on the loop's stack. */
static void conclude(void *argument)
{
    struct asking *a = argument;
    struct visit *v = a->v;
    v->turns++;
    if (way_of(a)->line->log && a->result.fault != FAULT_CANCELLED)
        line_log_result(way_of(a)->line->log, v->meter->id, a->result.fault);
    if (a->result.fault == FAULT_NONE) {
        get_acquainted(a);
        /* Another turn for what is left, unless this one brought nothing: then the rest would bring nothing either. */
        v->again = a->more && a->put.fresh > 0 && v->turns < TURNS_MAX;
        adapt_profile(a);
    }
    if (a->teller)
        teller_judge(a->teller, &a->put);
    tell(a);
}

static void begin(struct asking *a, struct shard *shard, struct line_run *line, struct visit *v)
{
    enum { BATCH_BYTES = 8 << 20 };
    static const enum line_use uses[] = { [RUN_COLLECT] = LINE_COLLECT, [RUN_TASK] = LINE_TASK, [RUN_ORDER] = LINE_ORDER, [RUN_RELAY] = LINE_RELAY };
    a->shard = shard;
    a->v = v;
    a->m = v->meter;
    a->run = v->run;
    a->begun_ms = clock_monotonic_ms();
    a->user = (struct line_user){ .use = uses[v->run->options.class], .meter = v->meter->id };
    a->shared = line->users > 1;
    a->way = v->way_begin;
    v->again = false;
    v->due_us = 0;
    batch_init(&a->batch, BATCH_BYTES);
    if (v->run->work)
        a->teller = teller_new(v, line->title, &a->plan, &a->result);
}

void collector_ask(struct shard *shard, struct line_run *line, struct visit *v)
{
    struct collector *c = shard->collector;
    struct meter_run *m = v->meter;
    if (v->ways[0].gateway) {
        collector_ask_far(shard, line, v);
        return;
    }
    struct asking *a = memory_new(sizeof *a);
    begin(a, shard, line, v);
    atomic_fetch_add(&v->run->running, 1);
    task_aside(prepare, a);
    if (a->prepared)
        try_ways(a, line);
    put_states(a);
    if (a->memo) {
        const void *kept = memos_keep(shard->memos, bytes_of(a->memo, m->driver->memo_size));
        m->memo = kept ? kept : m->memo;
    }
    drop_settings(a); /* thousands may wait for the disk at once: only what they brought stays */
    free(a->memo);
    if (a->frames)
        frame_log_take(c->frames, a->frames);
    task_aside(remember, a);
    commit(a, line);
    judge(a);
    task_aside(conclude, a);
    atomic_fetch_sub(&v->run->running, 1);
    batch_free(&a->batch);
    teller_free(&a->teller);
    free(a);
}
