/* Planning and telling of a work's sessions; see teller.h. */
#include "collect/teller.h"

#include "base/clock.h"
#include "collect/story.h"
#include "link/coroutine.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MAX = 6000, MISSING_TOLD = 4, ENDLESS_LEAST_S = 1, TARIFFS_USUAL = 4 };

struct teller {
    struct sink sink, *out;
    struct visit *v;
    const struct work *work;
    const struct session_plan *plan;
    const struct session_result *result;
    struct session_command command[WORK_COMMANDS_MAX]; /* of the plan */
    int number[WORK_COMMANDS_MAX]; /* theirs within the work */
    bool ordered;
    struct relay_order order;
    struct text notes, steps;
    char notes_memory[STORY_NOTES_MAX], steps_memory[STEPS_MAX];
};

/* --- the plan --------------------------------------------------------------------------------------------------------------- */

static enum archive archive_for(const struct visit *v, enum archive a)
{
    return a == ARCHIVE_PROFILE && v->hours ? ARCHIVE_HOUR : a;
}

/* The device's row with the depths of the work instead of its own. */
static void set_depths(const struct visit *v, const struct work *w, struct store_meter *row)
{
    if (!w->owed)
        memset(row->depth_days, 0, sizeof row->depth_days);
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        const struct work_read *r = &w->read[a];
        uint16_t *depth = &row->depth_days[archive_for(v, (enum archive)a)];
        uint16_t wanted = r->depth_days ? r->depth_days : 1;
        if (r->wanted && !r->again && wanted > *depth)
            *depth = wanted;
    }
    if (w->events)
        row->depth_days[ARCHIVE_JOURNAL] = w->events_depth_days ? w->events_depth_days : WORK_DEPTH_MAX;
    if (w->states)
        row->depth_days[ARCHIVE_STATE] = 1;
}

/* What is read again is read once in a round, whole. */
static void plan_again(const struct visit *v, const struct work *w, int64_t now, struct session_plan *plan)
{
    for (int i = 0; i < ARCHIVE_COUNT; i++) {
        const struct work_read *r = &w->read[i];
        enum archive a = archive_for(v, (enum archive)i);
        if (!r->wanted || !r->again || v->turns > 0 || plan->wants == SESSION_WANTS_MAX)
            continue;
        struct span span = { now, now };
        if (archive_has_grid(a)) {
            int step = v->meter->profile_step;
            int64_t last = archive_floor(a, step, now);
            span.from = archive_floor(a, step, now - (int64_t)(r->depth_days ? r->depth_days : 1) * DAY_SECONDS);
            span.to = a == ARCHIVE_DAY || a == ARCHIVE_MONTH ? archive_next(a, step, last) : last;
        }
        plan->want[plan->wants++] = (struct want){ .archive = a, .span = span, .now = now };
    }
}

static void plan_commands(const struct visit *v, const struct work *w, struct session_plan *plan)
{
    for (int i = 0; i < w->commands && v->turns == 0; i++) {
        if (v->account->commands_done >> i & 1)
            continue;
        plan->command[plan->commands++] = (struct session_command){ .what = w->command[i], .repeated = v->account->commands_sent >> i & 1 };
    }
}

static uint8_t tariffs_of(const struct work *w)
{
    uint8_t most = 0;
    bool all = w->owed;
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        uint8_t tariffs = work_tariffs(&w->read[a]);
        all = all || (w->read[a].wanted && w->read[a].registers == 0);
        most = tariffs > most ? tariffs : most;
    }
    return all && most < TARIFFS_USUAL ? TARIFFS_USUAL : most;
}

enum fault work_plan(struct store *s, struct visit *v, int64_t now, enum debt_slice slice, struct session_plan *plan, bool *ret_more)
{
    const struct work *w = v->run->work;
    struct store_meter row = *v->meter->row;
    struct owed_want wants[ARCHIVE_COUNT];
    int64_t journals_from = w->events_depth_days ? now - (int64_t)w->events_depth_days * DAY_SECONDS : v->meter->journals_from;
    set_depths(v, w, &row);
    row = roll_depths(v->run->roll, &row);
    plan->tariffs = tariffs_of(w);
    size_t count = v->turns == 0 ? debts_expected(&row, v->meter->profile_step, now, wants) : 0;
    enum fault f = count ? store_owed_expect(s, wants, count) : FAULT_NONE;
    plan_again(v, w, now, plan);
    if (f == FAULT_NONE)
        f = debts_plan(s, &row, now, journals_from, v->read, slice, plan, ret_more);
    plan_commands(v, w, plan);
    return f;
}

/* --- the session as it goes ---------------------------------------------------------------------------------------------------- */

struct session_command *teller_commands(struct teller *t)
{
    return t->command;
}

struct teller *teller_new(struct visit *v, const char *link, const struct session_plan *plan, const struct session_result *result)
{
    struct teller *t = memory_new(sizeof *t);
    int64_t now = clock_utc_ms();
    int count = 0;
    t->v = v;
    t->work = v->run->work;
    t->plan = plan;
    t->result = result;
    t->notes = text_over(t->notes_memory, sizeof t->notes_memory);
    t->steps = text_over(t->steps_memory, sizeof t->steps_memory);
    for (int i = 0; i < t->work->commands; i++)
        if (!(v->account->commands_done >> i & 1))
            t->number[count++] = i;
    v->account->begun_ms = v->account->begun_ms ? v->account->begun_ms : now;
    v->account->tries++;
    story_step(&t->steps, now, "begin %d %s", v->account->tries, link);
    return t;
}

void teller_free(struct teller **t)
{
    free(*t);
    *t = NULL;
}

static void take_reading(struct sink *s, const struct reading *r)
{
    struct teller *t = (struct teller *)s;
    int archive = r->archive == ARCHIVE_HOUR && t->v->hours && !t->work->read[ARCHIVE_HOUR].wanted ? ARCHIVE_PROFILE : r->archive;
    const struct work_read *wanted = &t->work->read[archive];
    for (int i = 0; i < wanted->registers; i++)
        if (obis_equal(wanted->registered[i], r->obis) && !(r->quality & QUALITY_MISSING))
            t->v->account->seen[archive] |= UINT64_C(1) << i;
    emit_reading(t->out, r);
}

static void take_event(struct sink *s, const struct event *e)
{
    const struct teller *t = (const struct teller *)s;
    bool wanted = t->work->journals == 0;
    for (int i = 0; i < t->work->journals; i++)
        wanted |= t->work->journal[i] == e->journal;
    if (wanted)
        emit_event(t->out, e);
}

static void take_state(struct sink *s, const struct state *state)
{
    emit_state(((struct teller *)s)->out, state->obis, state->wall, state->value);
}

static void take_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    emit_fact(((struct teller *)s)->out, kind, utf8);
}

struct sink *teller_sink(struct teller *t, struct sink *out)
{
    t->out = out;
    t->sink = (struct sink){ take_reading, take_event, take_state, take_fact };
    return &t->sink;
}

static void tell_relay(struct teller *t, int64_t now, const struct relay_status *r)
{
    if (relay_exists(r))
        story_step(&t->steps, now, "relay %d %lld %lld %lld %lld", r->number, (long long)r->output, (long long)r->control, (long long)r->mode, (long long)r->lock);
}

static void tell_command(struct teller *t, int64_t now, size_t number)
{
    const struct session_command *r = &t->plan->command[number];
    const struct work_command *w = &r->what;
    tell_relay(t, now, &r->before);
    story_step(&t->steps, now, "command %s %d %s %s", command_names[w->kind], w->relay, fault_name(r->fault), r->detail);
    tell_relay(t, now, &r->after);
}

struct telling {
    struct teller *teller;
    enum session_moment what;
    size_t number;
};

/* Printing wants more stack than a conversation has. */
static void write_step(void *context)
{
    struct telling *h = context;
    struct teller *t = h->teller;
    const struct want *w = &t->plan->want[h->number];
    int64_t now = clock_utc_ms();
    switch (h->what) {
    case SESSION_IDENTIFIED:
        if (t->result->serial[0])
            story_step(&t->steps, now, "identified %s", t->result->serial);
        break;
    case SESSION_CLOCK: story_step(&t->steps, now, "clock %lld", (long long)t->result->clock_error_s); break;
    case SESSION_WANT:
        if (archive_has_grid(w->archive))
            story_step(&t->steps, now, "read %s %lld %lld", archive_name(w->archive), (long long)w->span.from, (long long)w->span.to);
        else
            story_step(&t->steps, now, "read %s", archive_name(w->archive));
        break;
    case SESSION_WANT_DONE:
        if (t->result->want_fault[h->number] != FAULT_NONE)
            story_step(&t->steps, now, "read-end %s %s", archive_name(w->archive), fault_name(t->result->want_fault[h->number]));
        break;
    case SESSION_COMMAND_DONE: tell_command(t, now, h->number); break;
    }
}

void teller_hear(void *context, enum session_moment what, size_t number)
{
    struct telling h = { context, what, number };
    task_aside(write_step, &h);
}

/* --- what it comes to ------------------------------------------------------------------------------------------------------------ */

static void note_archives(struct teller *t)
{
    struct visit *v = t->v;
    for (size_t i = 0; i < t->plan->wants; i++) {
        enum archive a = t->plan->want[i].archive;
        bool unlike = t->work->lenient && t->result->want_fault[i] == FAULT_NOT_SUPPORTED;
        bool refused = t->result->want_fault[i] != FAULT_NONE && !(a == ARCHIVE_PROFILE && v->hours) && !unlike;
        if (t->result->want_done[i])
            v->account->asked |= 1u << a;
        if (!refused || v->account->refused >> a & 1)
            continue;
        char part[40];
        snprintf(part, sizeof part, "%s%s", a == ARCHIVE_JOURNAL ? "events" : a == ARCHIVE_STATE ? "states" : "archive:", a < ARCHIVE_JOURNAL ? archive_name(a) : "");
        v->account->refused |= 1u << a;
        story_note(&t->notes, part, t->result->want_fault[i], "");
    }
}

/* Registers that were to be there and did not come, though their archive was read. */
static bool note_registers(struct teller *t)
{
    struct visit *v = t->v;
    int told = 0;
    for (int a = 0; a < ARCHIVE_JOURNAL; a++) {
        const struct work_read *r = &t->work->read[a];
        bool read = v->account->asked >> archive_for(v, (enum archive)a) & 1 && !(v->account->refused >> a & 1);
        for (int i = 0; i < r->registers && read; i++) {
            char part[20 + OBIS_TEXT_MAX] = "register:";
            if (v->account->seen[a] >> i & 1 || told++ >= MISSING_TOLD)
                continue;
            obis_format(r->registered[i], part + 9);
            story_note(&t->notes, part, FAULT_NOT_SUPPORTED, "");
        }
    }
    return told > 0;
}

/* True when one failed; *ret_waits: the relay waits for the consumer's button. */
static bool note_commands(struct teller *t, bool *ret_waits)
{
    struct visit *v = t->v;
    bool failed = false;
    for (size_t i = 0; i < t->plan->commands; i++) {
        const struct session_command *r = &t->plan->command[i];
        const struct work_command *w = &r->what;
        char part[64];
        bool waits = r->fault == FAULT_NONE && strcmp(r->detail, "!waits-button") == 0;
        snprintf(part, sizeof part, "command:%s:%d", command_names[w->kind], w->relay);
        if (r->tried && r->fault == FAULT_NONE)
            v->account->commands_done |= 1u << t->number[i];
        if (r->sent)
            v->account->commands_sent |= 1u << t->number[i];
        if (!r->tried || r->fault != FAULT_NONE || waits)
            story_note(&t->notes, part, !r->tried ? FAULT_CANCELLED : r->fault, !r->tried ? "!not-sent" : r->detail);
        failed |= !r->tried || r->fault != FAULT_NONE;
        *ret_waits |= waits;
        if (r->tried && (w->kind == COMMAND_RELAY_OFF || w->kind == COMMAND_RELAY_ON)) {
            t->ordered = true;
            t->order = (struct relay_order){ w->kind == COMMAND_RELAY_ON, r->sent, r->refusal, r->fault, r->before, r->after };
        }
    }
    return failed;
}

void story_keep(char **kept, const char *more, bool add, size_t most)
{
    size_t old = add && *kept ? strlen(*kept) : 0, size = strlen(more);
    if (old + size > most)
        return;
    *kept = memory_resize(*kept, old + size + 1);
    memcpy(*kept + old, more, size + 1);
}

void visit_plan_restart(struct visit *v, struct text *steps, int64_t now_ms)
{
    const struct run_options *o = &v->run->options;
    bool restart = v->account->result == RUN_ERROR && v->account->restarts < o->restarts;
    int delay = o->restart_delay_s > (o->endless ? ENDLESS_LEAST_S : 0) ? o->restart_delay_s : o->endless ? ENDLESS_LEAST_S : 0;
    if (!restart && !o->endless)
        return;
    v->account->restarts += restart;
    v->due_us = clock_monotonic_ns() / 1000 + (int64_t)delay * 1000000 + 1;
    story_step(steps, now_ms, "restart %d", delay);
}

void visit_begin_anew(struct visit *v)
{
    if (!v->due_us || !v->run->options.endless)
        return;
    v->account->tries = 0;
    v->account->restarts = 0;
    v->account->refused = v->account->asked = 0;
    memset(v->account->seen, 0, sizeof v->account->seen);
}

void teller_judge(struct teller *t, const struct put_result *put)
{
    struct visit *v = t->v;
    const struct session_result *r = t->result;
    int64_t now = clock_utc_ms();
    bool waits = false, former = v->account->restarts > 0 || v->turns > 1, cancelled = r->fault == FAULT_CANCELLED;
    v->account->readings += put->fresh + put->changed;
    v->account->events += put->events;
    v->account->ended_ms = now;
    if (put->fresh + put->changed + put->events)
        story_step(&t->steps, now, "stored %zu %zu", put->fresh + put->changed, put->events);
    note_archives(t);
    bool failed = note_commands(t, &waits) || r->fault != FAULT_NONE;
    story_step(&t->steps, now, "end %s %s", fault_name(r->fault), r->detail[0] ? r->detail : r->fault != FAULT_NONE ? r->step : "");
    if (r->fault != FAULT_NONE && !cancelled)
        story_note(&t->notes, "session", r->fault, r->detail[0] ? r->detail : r->step);
    v->due_us = 0;
    if (!v->again && !cancelled) {
        bool partly = note_registers(t) || v->account->refused || waits;
        v->account->result = failed ? RUN_ERROR : partly ? RUN_PARTIAL : RUN_SUCCESS;
        visit_plan_restart(v, &t->steps, now);
    }
    if (!cancelled)
        story_keep(&v->account->notes, t->notes.start, v->again || v->turns > 1, STORY_NOTES_MAX);
    story_keep(&v->account->story, t->steps.start, former || v->account->tries > 1, STORY_STEPS_MAX);
    visit_begin_anew(v);
}

const struct relay_order *teller_order(const struct teller *t)
{
    return t->ordered ? &t->order : NULL;
}
