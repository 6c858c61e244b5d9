/* Collection; see collector.h. Lines are dealt out to threads; on each thread as many slots as sessions at once take line
 * after line. A line with several meters gets two workers: while one stores what its meter said, the other talks. */
#include "collect/collector_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "collect/states.h"
#include "link/coroutine.h"

#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 2000, LINE_WORKERS = 2, DECLARE_AT_ONCE = 1024, SLOT_BEGIN_US = 200 };

/* --- counters over the store ------------------------------------------------------------------------------------------ */

static bool reserve(struct counters *counters, const char *name, uint32_t at_least, uint32_t count, uint32_t *ret_first)
{
    struct collector *c = (struct collector *)((char *)counters - offsetof(struct collector, counters));
    int64_t first;
    if (store_counter_reserve(c->store, name, at_least, count, &first) != FAULT_NONE || first + count > UINT32_MAX)
        return false;
    *ret_first = (uint32_t)first;
    return true;
}

struct collector *collector_new(struct store *s, struct writer_thread *w, const struct collector_options *options)
{
    struct collector *c = memory_new(sizeof *c);
    c->store = s;
    c->writer = w;
    c->options = *options;
    pthread_mutex_init(&c->loops, NULL);
    if (c->options.threads <= 0)
        c->options.threads = 1;
    if (c->options.at_once <= 0)
        c->options.at_once = AT_ONCE;
    c->counters.reserve = reserve;
    pthread_mutex_init(&c->loops, NULL);
    if (c->options.frame_bytes > 0)
        c->frames = frame_log_new(s, c->options.frame_bytes);
    c->contacts = contact_log_new(s);
    c->shards = memory_new((size_t)c->options.threads * sizeof *c->shards);
    for (int i = 0; i < c->options.threads; i++) {
        c->shards[i].collector = c;
        c->shards[i].memos = memos_new();
    }
    return c;
}

static void forget_registry(struct collector *c)
{
    for (size_t i = 0; i < c->line_count; i++)
        free(c->lines[i].meters);
    for (int i = 0; i < c->options.threads; i++) {
        free(c->shards[i].lines);
        c->shards[i].lines = NULL;
        c->shards[i].count = c->shards[i].room = 0;
    }
    free(c->lines);
    free(c->meters);
    c->lines = NULL;
    c->meters = NULL;
    c->line_count = c->meter_count = 0;
    arena_free(&c->arena);
}

void collector_free(struct collector **c)
{
    struct collector *dead = *c;
    *c = NULL;
    if (!dead)
        return;
    forget_registry(dead);
    frame_log_free(&dead->frames);
    contact_log_free(&dead->contacts);
    for (int i = 0; i < dead->options.threads; i++)
        memos_free(&dead->shards[i].memos);
    pthread_mutex_destroy(&dead->loops);
    free(dead->chosen);
    free(dead->shards);
    free(dead);
}

/* --- the registry ----------------------------------------------------------------------------------------------------- */

struct loading {
    struct collector *fresh; /* only its registry members are used */
    size_t meter_room, line_room;
    struct profile {
        int64_t id;
        const char *parameters; /* in the arena */
    } *profiles;
    size_t profile_count, profile_room;
};

static const char *kept_text(struct arena *a, const char *text)
{
    return text && *text ? arena_text(a, bytes_of_text(text)) : "";
}

static bool load_line(void *context, const struct store_link *row)
{
    struct loading *l = context;
    struct collector *c = l->fresh;
    if (c->line_count == l->line_room) {
        size_t room = l->line_room ? l->line_room * 2 : 64;
        c->lines = memory_grow(c->lines, l->line_room * sizeof *c->lines, room * sizeof *c->lines);
        l->line_room = room;
    }
    struct line_run *line = &c->lines[c->line_count++];
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    *line = (struct line_run){ .root = c->line_count - 1, .settings = link_settings_read(row->settings), .row = { .id = row->id, .title = kept_text(&c->arena, row->title), .uri = kept_text(&c->arena, row->uri) } };
    struct link_address address;
    line->address_good = link_address_parse(line->row.uri, LANG_EN, &address, &t);
    if (!line->address_good)
        log_line(LOG_WARNING, "link-address", "link=%lld problem=\"%s\"", (long long)row->id, problem);
    return true;
}

static bool load_profile(void *context, const struct store_protocol *row)
{
    struct loading *l = context;
    if (l->profile_count == l->profile_room) {
        size_t room = l->profile_room ? l->profile_room * 2 : 64;
        l->profiles = memory_grow(l->profiles, l->profile_room * sizeof *l->profiles, room * sizeof *l->profiles);
        l->profile_room = room;
    }
    l->profiles[l->profile_count++] = (struct profile){ row->id, kept_text(&l->fresh->arena, row->parameters) };
    return true;
}

/* Profiles come in order of id. NULL: there is none of that id. */
static const char *profile_of(const struct loading *l, int64_t id)
{
    size_t low = 0, high = l->profile_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->profiles[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->profile_count && l->profiles[low].id == id ? l->profiles[low].parameters : NULL;
}

static struct line_run *line_of(struct collector *c, int64_t id)
{
    size_t low = 0, high = c->line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->lines[middle].row.id == id)
            return &c->lines[middle];
        if (c->lines[middle].row.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The lines that can be used, as ways. */
static void load_ways(struct loading *l, struct meter_run *m, const struct store_meter *row)
{
    struct collector *c = l->fresh;
    struct way found[STORE_LINES_MAX];
    for (int i = 0; i < row->line_count; i++) {
        const struct store_line *from = &row->lines[i];
        const char *profile = from->protocol ? profile_of(l, from->protocol) : "";
        struct line_run *line = line_of(c, from->link);
        if (!from->enabled || !profile || !line || !line->address_good)
            continue;
        line->users++;
        found[m->way_count++] = (struct way){ .line = line, .parameters = line_parameters(profile, kept_text(&c->arena, from->parameters), &c->arena),
                                              .retries = (uint8_t)from->retries };
    }
    m->ways = arena_take(&c->arena, (size_t)m->way_count * sizeof *m->ways);
    memcpy(m->ways, found, (size_t)m->way_count * sizeof *m->ways);
}

/* The row's own lines, for who writes it back. */
static void keep_lines(struct collector *c, struct meter_run *m, const struct store_meter *row)
{
    struct store_line *lines = arena_take(&c->arena, (size_t)row->line_count * sizeof *lines);
    for (int i = 0; i < row->line_count; i++) {
        lines[i] = row->lines[i];
        lines[i].parameters = kept_text(&c->arena, row->lines[i].parameters);
        lines[i].guid = kept_text(&c->arena, row->lines[i].guid);
    }
    m->row.lines = lines;
}

static bool load_meter(void *context, const struct store_meter *row)
{
    struct loading *l = context;
    struct collector *c = l->fresh;
    if (!row->enabled)
        return true;
    if (c->meter_count == l->meter_room) {
        size_t room = l->meter_room ? l->meter_room * 2 : 64;
        c->meters = memory_grow(c->meters, l->meter_room * sizeof *c->meters, room * sizeof *c->meters);
        l->meter_room = room;
    }
    struct meter_run *m = &c->meters[c->meter_count++];
    *m = (struct meter_run){ .row = *row, .driver = driver_find(row->driver ? row->driver : ""), .profile_step = HALF_HOUR_SECONDS };
    m->row.serial = kept_text(&c->arena, row->serial);
    m->row.title = kept_text(&c->arena, row->title);
    m->row.driver = kept_text(&c->arena, row->driver);
    m->row.model = kept_text(&c->arena, row->model);
    m->row.note = kept_text(&c->arena, row->note);
    m->row.group = kept_text(&c->arena, row->group);
    m->row.guid = kept_text(&c->arena, row->guid);
    keep_lines(c, m, row);
    load_ways(l, m, row);
    return true;
}

static bool same_ways(const struct meter_run *a, const struct meter_run *b)
{
    bool same = a->driver == b->driver && a->way_count == b->way_count;
    for (int i = 0; i < b->way_count && same; i++)
        same = a->ways[i].line->row.id == b->ways[i].line->row.id && strcmp(a->ways[i].parameters, b->ways[i].parameters) == 0;
    return same;
}

/* Both registries are in order of id. */
static void inherit(struct collector *c, const struct collector *fresh)
{
    size_t old = 0;
    for (size_t i = 0; i < fresh->meter_count; i++) {
        struct meter_run *m = &fresh->meters[i];
        while (old < c->meter_count && c->meters[old].row.id < m->row.id)
            old++;
        if (old == c->meter_count || c->meters[old].row.id != m->row.id)
            continue;
        const struct meter_run *was = &c->meters[old];
        m->journals_from = was->journals_from;
        m->contact_known = was->contact_known;
        m->ever_met = was->ever_met;
        m->profile_step = was->profile_step;
        if (same_ways(was, m)) {
            m->memo = was->memo;
            for (int w = 0; w < m->way_count; w++)
                m->ways[w].patience = was->ways[w].patience;
            m->failures = was->failures;
            m->identified_day = was->identified_day;
            m->password_refused = was->password_refused;
            m->next_try_ms = was->next_try_ms;
        }
    }
}

static bool note_state(void *context, const struct state *s)
{
    struct meter_run *m = context;
    if (obis_equal(s->obis, STATE_JOURNALS_READ))
        m->journals_from = s->value;
    m->ever_met |= obis_equal(s->obis, STATE_CONTACT) && s->value == FAULT_NONE;
    return true;
}

static bool note_step(void *context, const char *key, const char *value)
{
    struct collector *c = context;
    int64_t id = atoll(key + sizeof "profile-step:" - 1);
    for (size_t low = 0, high = c->meter_count; low < high;) {
        size_t middle = (low + high) / 2;
        if (c->meters[middle].row.id == id)
            c->meters[middle].profile_step = atoi(value) > 0 ? atoi(value) : HALF_HOUR_SECONDS;
        if (c->meters[middle].row.id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return true;
}

static void learn_from_store(struct collector *c)
{
    store_settings(c->store, "profile-step:", note_step, c);
    for (size_t i = 0; i < c->meter_count; i++) {
        struct meter_run *m = &c->meters[i];
        if (m->contact_known)
            continue;
        store_states_now(c->store, m->row.id, note_state, m);
        m->contact_known = true;
    }
}

struct store_meter collector_row(const struct collector *c, const struct meter_run *m)
{
    struct store_meter row = m->row;
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        row.depth_days[a] = keeping_depth(&c->keeping[a], row.depth_days[a]);
    return row;
}

static enum fault declare_debts(struct collector *c)
{
    struct owed_want *wants = memory_new((DECLARE_AT_ONCE + ARCHIVE_COUNT) * sizeof *wants);
    enum fault f = FAULT_NONE;
    size_t count = 0;
    for (size_t i = 0; i < c->meter_count && f == FAULT_NONE; i++) {
        const struct meter_run *m = &c->meters[i];
        int64_t now = clock_utc_ms() / 1000 + (int64_t)m->row.zone_minutes * 60;
        struct store_meter row = collector_row(c, m);
        count += debts_expected(&row, m->profile_step, now, wants + count);
        if (count < DECLARE_AT_ONCE && i + 1 < c->meter_count)
            continue;
        f = store_owed_expect(c->store, wants, count);
        count = 0;
    }
    free(wants);
    return f;
}

static void add_to_line(struct line_run *line, struct meter_run *m)
{
    if (line->count == line->room) {
        size_t room = line->room ? line->room * 2 : 1;
        line->meters = memory_grow(line->meters, line->room * sizeof *line->meters, room * sizeof *line->meters);
        line->room = room;
    }
    line->meters[line->count++] = m;
}

static void add_to_shard(struct shard *s, struct line_run *line)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 64;
        s->lines = memory_grow(s->lines, s->room * sizeof *s->lines, room * sizeof *s->lines);
        s->room = room;
    }
    s->lines[s->count++] = line;
}

static size_t root_of(struct collector *c, size_t line)
{
    while (c->lines[line].root != line)
        line = c->lines[line].root = c->lines[c->lines[line].root].root;
    return line;
}

/* Lines that one meter may be asked over belong to one thread: they are joined under the first of them. */
static void join_lines(struct collector *c, const struct meter_run *m)
{
    for (int i = 1; i < m->way_count; i++) {
        size_t a = root_of(c, (size_t)(m->ways[0].line - c->lines)), b = root_of(c, (size_t)(m->ways[i].line - c->lines));
        c->lines[a > b ? a : b].root = a < b ? a : b;
    }
}

static void deal_out(struct collector *c)
{
    for (size_t i = 0; i < c->meter_count; i++) {
        struct meter_run *m = &c->meters[i];
        if (m->way_count && m->driver)
            add_to_line(m->ways[0].line, m);
        else
            log_line(LOG_WARNING, "meter-unreachable", "meter=%lld driver=%s lines=%d", (long long)m->row.id, m->row.driver, m->row.line_count);
        join_lines(c, m);
    }
    /* By id, so that a meter's memory stays with the thread that keeps it. */
    for (size_t i = 0; i < c->line_count; i++)
        if (c->lines[i].count)
            add_to_shard(&c->shards[c->lines[root_of(c, i)].row.id % c->options.threads], &c->lines[i]);
}

enum fault collector_load(struct collector *c)
{
    struct collector fresh = { 0 };
    struct loading l = { .fresh = &fresh };
    enum fault f = store_links(c->store, load_line, &l);
    if (f == FAULT_NONE)
        f = store_protocols(c->store, load_profile, &l);
    if (f == FAULT_NONE)
        f = store_meters(c->store, load_meter, &l);
    if (f == FAULT_NONE)
        f = store_keeping(c->store, c->keeping);
    free(l.profiles);
    if (f != FAULT_NONE) {
        free(fresh.lines);
        free(fresh.meters);
        arena_free(&fresh.arena);
        return f;
    }
    inherit(c, &fresh);
    forget_registry(c);
    c->arena = fresh.arena;
    c->lines = fresh.lines;
    c->line_count = fresh.line_count;
    c->meters = fresh.meters;
    c->meter_count = fresh.meter_count;
    learn_from_store(c);
    deal_out(c);
    return declare_debts(c);
}

/* --- a pass ----------------------------------------------------------------------------------------------------------- */

static void enqueue(struct line_run *line, struct meter_run *m)
{
    m->next = NULL;
    *line->queue_end = m;
    line->queue_end = &m->next;
}

void collector_choose(struct collector *c, const int64_t *ids, size_t count)
{
    free(c->chosen);
    c->chosen = memory_new(count * sizeof *ids);
    if (count)
        memcpy(c->chosen, ids, count * sizeof *ids);
    c->chosen_count = count;
    c->insisted = true;
}

static bool is_chosen(const struct collector *c, int64_t id)
{
    size_t low = 0, high = c->chosen_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->chosen[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return c->chosen_count == 0 || (low < c->chosen_count && c->chosen[low] == id);
}

/* Those that answered last time first, the silent behind them. */
static size_t fill_queue(struct collector *c, struct line_run *line)
{
    size_t count = 0;
    int64_t now = clock_monotonic_ms();
    line->queue = NULL;
    line->queue_end = &line->queue;
    for (int silent = 0; silent < 2; silent++)
        for (size_t i = 0; i < line->count; i++) {
            struct meter_run *m = line->meters[i];
            if ((m->failures > 0) != silent || !is_chosen(c, m->row.id))
                continue;
            m->turns = 0;
            m->met = false;
            m->way_begin = 0;
            m->read = 0;
            m->clock_error_s = 0;
            if (m->next_try_ms > now && !c->options.ask_everybody && !c->insisted) {
                atomic_fetch_add(&c->backed_off, 1);
                continue;
            }
            enqueue(line, m);
            count++;
        }
    return count;
}

static struct meter_run *dequeue(struct line_run *line)
{
    struct meter_run *m = line->queue;
    if (!m)
        return NULL;
    line->queue = m->next;
    if (!line->queue)
        line->queue_end = &line->queue;
    return m;
}

static void open_line(struct shard *s, struct line_run *line)
{
    struct link_address address;
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    if (!link_address_parse(line->row.uri, LANG_EN, &address, &t))
        abort(); /* was good when it was loaded */
    /* Exclusive: nobody of the same urgency gets the line before a session has ended. */
    line->bus = bus_new(s->loop, link_address_pipe(&address), &(struct bus_options){
        .shape = !address.line_given, .connect_ms = line->settings.connect_ms, .quantum_ms = line->settings.exclusive ? DAY_SECONDS * 1000 : 0 });
    if (!line->begun_us)
        line->begun_us = loop_now_us(s->loop);
}

void collector_join_line(struct shard *s, struct line_run *line)
{
    if (!line->bus)
        open_line(s, line);
    line->workers++;
}

static void add_figures(struct bus_figures *all, const struct bus_figures *more)
{
    all->talking_us += more->talking_us;
    all->silent_us += more->silent_us;
    all->sent += more->sent;
    all->received += more->received;
    all->exchanges += more->exchanges;
    all->timeouts += more->timeouts;
    all->damaged += more->damaged;
    all->retries += more->retries;
}

void collector_leave_line(struct shard *s, struct line_run *line)
{
    if (--line->workers > 0)
        return;
    line->ended_us = loop_now_us(s->loop);
    add_figures(&line->figures, bus_figures(line->bus));
    bus_free(&line->bus);
}

static void work_line(struct shard *s, struct line_run *line)
{
    collector_join_line(s, line);
    for (struct meter_run *m = dequeue(line); m && !s->cancelled; m = dequeue(line)) {
        collector_ask(s, line, m);
        if (m->again)
            enqueue(line, m);
    }
    collector_leave_line(s, line);
}

/* The next line with work that wants another worker; NULL when none is left. */
static struct line_run *next_line(struct shard *s)
{
    while (s->next < s->count) {
        struct line_run *line = s->lines[s->next];
        int wanted = line->count > 1 ? LINE_WORKERS : 1;
        if (line->queue && line->workers < wanted)
            return line;
        s->next++;
    }
    return NULL;
}

struct slot {
    struct shard *shard;
    size_t number;
};

/* Slots begin one after another, so that thousands of links are not dialled in the same instant. */
static void run_slot(void *argument)
{
    struct slot *slot = argument;
    struct shard *s = slot->shard;
    task_sleep((int64_t)slot->number * SLOT_BEGIN_US);
    for (struct line_run *line = next_line(s); line && !s->cancelled; line = next_line(s))
        work_line(s, line);
    s->tasks[slot->number] = NULL;
}

static void *run_shard(void *argument)
{
    struct shard *s = argument;
    struct collector *c = s->collector;
    s->next = 0;
    size_t work = 0;
    for (size_t i = 0; i < s->count; i++)
        work += s->lines[i]->count > 1 ? LINE_WORKERS : 1;
    s->slots = work < (size_t)c->options.at_once ? work : (size_t)c->options.at_once;
    s->tasks = memory_new(s->slots * sizeof *s->tasks);
    struct slot *slots = memory_new(s->slots * sizeof *slots);
    for (size_t i = 0; i < s->slots; i++) {
        slots[i] = (struct slot){ s, i };
        s->tasks[i] = loop_spawn(s->loop, run_slot, &slots[i]);
    }
    loop_run(s->loop);
    free(slots);
    free(s->tasks);
    s->tasks = NULL;
    s->slots = 0;
    coroutine_trim();
    return NULL;
}

static void begin_pass(struct collector *c)
{
    atomic_size_t *const zero[] = { &c->done, &c->failed, &c->backed_off, &c->readings, &c->events, &c->exchanges, &c->retries, &c->sessions };
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        atomic_store(zero[i], 0);
    atomic_store(&c->sent, 0);
    atomic_store(&c->received, 0);
    size_t count = 0;
    for (size_t i = 0; i < c->line_count; i++) {
        c->lines[i].figures = (struct bus_figures){ 0 };
        c->lines[i].begun_us = c->lines[i].ended_us = 0;
    }
    for (int i = 0; i < c->options.threads; i++)
        for (size_t k = 0; k < c->shards[i].count; k++)
            count += fill_queue(c, c->shards[i].lines[k]);
    atomic_store(&c->to_do, count);
}

void collector_pass(struct collector *c)
{
    pthread_t thread[64];
    int threads = c->options.threads < 64 ? c->options.threads : 64;
    bool started[64] = { 0 };
    begin_pass(c);
    pthread_mutex_lock(&c->loops);
    for (int i = 0; i < threads; i++) {
        c->shards[i].loop = loop_new();
        c->shards[i].cancelled = atomic_load(&c->stopping);
    }
    pthread_mutex_unlock(&c->loops);
    for (int i = 1; i < threads; i++)
        started[i] = pthread_create(&thread[i], NULL, run_shard, &c->shards[i]) == 0;
    run_shard(&c->shards[0]);
    for (int i = 1; i < threads; i++) {
        if (started[i])
            pthread_join(thread[i], NULL);
        else
            run_shard(&c->shards[i]);
    }
    pthread_mutex_lock(&c->loops);
    for (int i = 0; i < threads; i++)
        loop_free(&c->shards[i].loop);
    atomic_store(&c->stopping, false);
    pthread_mutex_unlock(&c->loops);
    contact_log_flush(c->contacts);
    c->chosen_count = 0;
    c->insisted = false;
}

static void cancel_shard(void *argument)
{
    struct shard *s = argument;
    s->cancelled = true;
    for (size_t i = 0; i < s->slots; i++)
        if (s->tasks && s->tasks[i])
            task_cancel(s->tasks[i]);
}

void collector_stop(struct collector *c)
{
    pthread_mutex_lock(&c->loops);
    bool first = !atomic_exchange(&c->stopping, true);
    for (int i = 0; i < c->options.threads && first; i++)
        if (c->shards[i].loop)
            loop_post(c->shards[i].loop, cancel_shard, &c->shards[i]);
    pthread_mutex_unlock(&c->loops);
}

void collector_figures(struct collector *c, struct collector_figures *ret)
{
    *ret = (struct collector_figures){
        .meters = atomic_load(&c->to_do), .done = atomic_load(&c->done), .failed = atomic_load(&c->failed),
        .waiting_back_off = atomic_load(&c->backed_off), .running = atomic_load(&c->running),
        .readings = atomic_load(&c->readings), .events = atomic_load(&c->events), .exchanges = atomic_load(&c->exchanges), .retries = atomic_load(&c->retries),
        .sessions = atomic_load(&c->sessions), .sent = atomic_load(&c->sent), .received = atomic_load(&c->received) };
}

void collector_lines(struct collector *c, collector_line_fn *each, void *context)
{
    for (size_t i = 0; i < c->line_count; i++) {
        const struct line_run *line = &c->lines[i];
        if (line->count == 0 && line->begun_us == 0)
            continue;
        struct line_figures f = {
            line->row.id, line->row.title, line->count, line->ended_us - line->begun_us, line->figures.talking_us,
            line->figures.silent_us, line->figures.sent, line->figures.received, line->figures.timeouts, line->figures.retries };
        if (!each(context, &f))
            return;
    }
}
