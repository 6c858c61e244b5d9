/* What is watched: the box's inputs and loop, the clock, what was stored of devices. */
#include "box/occasions_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "collect/schedule.h"
#include "store/upward/feed.h"

#include <stdio.h>
#include <stdlib.h>

enum { LATE_MS = 60000, ROWS_AT_ONCE = 500, POSITION_ROWS = 2000, POSITION_MS = 30000 };

static const char reader_name[] = "occasions";
static const char *const sides[] = { "", "low", "high" };

/* --- states ---------------------------------------------------------------------------------------------------------------------- */

/* A state as it is now: the first one known happens never. */
static void take_state(struct occasions *o, struct watched *w, int64_t value, bool woke)
{
    char cause[CAUSE_MAX], known[KNOWN_MAX];
    bool first = !w->known[0];
    int64_t before = first ? value : atoll(w->known);
    snprintf(known, sizeof known, "%lld", (long long)value);
    know(w, known);
    if (first || !edge_of_state(w->condition.edge, before, value))
        return;
    snprintf(cause, sizeof cause, "%s %lld %lld", woke ? "woke" : "state", (long long)before, (long long)value);
    come(o, w, cause);
}

/* --- inputs of the box --------------------------------------------------------------------------------------------------------------- */

void hear_input(struct occasions *o, int number, bool on)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->watches[i].condition.kind == CONDITION_INPUT && o->watches[i].condition.subject == number)
            take_state(o, &o->watches[i], on, false);
}

void settle_inputs(struct occasions *o)
{
    struct board_inputs inputs;
    struct board_power power;
    board_inputs(o->board, &inputs);
    board_power(o->board, &power);
    const enum board_state now[INPUT_NUMBERS] = { inputs.input[0], inputs.input[1], inputs.input[2], power.mains, power.reserve };
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        if (w->condition.kind == CONDITION_INPUT && now[w->condition.subject - 1] != BOARD_ABSENT)
            take_state(o, w, now[w->condition.subject - 1] == BOARD_ON, !o->begun);
    }
}

/* --- values ----------------------------------------------------------------------------------------------------------------------------- */

static void take_value(struct occasions *o, struct watched *w, struct decimal value, const char *unit, int64_t wall)
{
    char cause[CAUSE_MAX], number[DECIMAL_TEXT_MAX];
    enum side_of before = strcmp(w->known, sides[SIDE_HIGH]) == 0 ? SIDE_HIGH : w->known[0] ? SIDE_LOW : SIDE_UNKNOWN, now = side_next(&w->condition, before, value);
    know(w, sides[now]);
    if (!edge_of_side(w->condition.edge, before, now))
        return;
    snprintf(cause, sizeof cause, "value %s %s %lld", decimal_format(value, number), unit, (long long)wall);
    come(o, w, cause);
}

/* Sampled once a beat; below 3.6 mA the loop is broken (NAMUR NE 43), which is low all the same. */
void look_at_loop(struct occasions *o)
{
    struct board_inputs inputs = { .has_loop = false };
    bool looked = false;
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        if (w->condition.kind != CONDITION_LOOP || !w->row.enabled)
            continue;
        if (!looked)
            board_inputs(o->board, &inputs);
        looked = true;
        if (inputs.has_loop)
            take_value(o, w, decimal_of(inputs.loop_ua, -3), "mA", 0);
    }
}

/* --- what is stored of devices --------------------------------------------------------------------------------------------------------- */

/* What a device showed, as far as a watch is concerned. */
struct sighting {
    int64_t wall;
    int64_t state;
    struct decimal value;
    uint8_t unit;
};

/* Gathered within the store's callbacks, looked at behind them: what happens then takes the store's other side. */
struct gathering {
    struct feed_row rows[ROWS_AT_ONCE];
    size_t row_count;
    const struct condition *condition;
    struct sighting *seen;
    size_t count, room;
};

static void put_sighting(struct gathering *g, struct sighting one)
{
    if (g->count == g->room) {
        size_t room = g->room ? g->room * 2 : 16;
        g->seen = memory_grow(g->seen, g->room * sizeof *g->seen, room * sizeof *g->seen);
        g->room = room;
    }
    g->seen[g->count++] = one;
}

static bool gather_row(void *context, const struct feed_row *row)
{
    struct gathering *g = context;
    g->rows[g->row_count++] = *row;
    return true;
}

static bool gather_state(void *context, const struct state *s)
{
    struct gathering *g = context;
    if (obis_equal(s->obis, g->condition->code))
        put_sighting(g, (struct sighting){ .wall = s->wall, .state = s->value });
    return true;
}

static bool gather_value(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct gathering *g = context;
    (void)kept;
    if (!(r->quality & QUALITY_MISSING))
        put_sighting(g, (struct sighting){ .wall = r->wall, .value = r->value, .unit = r->unit });
    return true;
}

/* Once seen is seen: the feed may tell a moment again. A clock that was far ahead does not blind it for ever. */
static bool is_new(struct watched *w, int64_t wall)
{
    if (w->row.state.seen > clock_local_wall(clock_utc_ms()) + DAY_SECONDS)
        w->row.state.seen = 0;
    if (wall <= w->row.state.seen)
        return false;
    w->row.state.seen = wall;
    w->dirty = true;
    return true;
}

static void take_sightings(struct occasions *o, struct watched *w, const struct gathering *g)
{
    char unit[8];
    for (size_t i = 0; i < g->count; i++) {
        const struct sighting *one = &g->seen[i];
        snprintf(unit, sizeof unit, "%d", one->unit);
        if (!is_new(w, one->wall))
            continue;
        if (w->condition.kind == CONDITION_STATE)
            take_state(o, w, one->state, false);
        else
            take_value(o, w, one->value, unit, one->wall);
    }
}

static void take_row(struct occasions *o, struct gathering *g, const struct feed_row *row)
{
    struct store *s = o->o.store;
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        const struct condition *c = g->condition = &w->condition;
        if (!w->row.enabled || c->subject != row->meter)
            continue;
        g->count = 0;
        if (c->kind == CONDITION_STATE && row->archive == ARCHIVE_STATE)
            store_states(s, row->meter, row->span, gather_state, g);
        else if (c->kind == CONDITION_VALUE && row->archive == c->archive)
            store_readings(s, row->meter, row->archive, &c->code, 1, row->span, gather_value, g);
        take_sightings(o, w, g);
    }
}

static bool find_position(void *context, const struct feed_reader *r)
{
    struct occasions *o = context;
    if (strcmp(r->name, reader_name) == 0) {
        o->position = o->written = r->position;
        o->reads = true;
    }
    return true;
}

/* Only who watches devices reads: the feed costs writes. */
static void join_feed(struct occasions *o)
{
    bool wanted = false;
    for (size_t i = 0; i < o->count; i++)
        wanted |= o->watches[i].row.enabled && (o->watches[i].condition.kind == CONDITION_STATE || o->watches[i].condition.kind == CONDITION_VALUE);
    if (wanted && !o->reads) {
        if (store_feed_join(o->o.store, reader_name) == FAULT_NONE)
            store_feed_readers(o->o.store, reader_name, find_position, o);
        o->stirs = store_feed_stirs(o->o.store) - 1; /* what waits from before is looked at */
    } else if (!wanted) {
        store_feed_leave(o->o.store, reader_name);
        o->reads = false;
    }
}

void look_at_feed(struct occasions *o)
{
    unsigned long stirs = store_feed_stirs(o->o.store);
    if (!o->reads || stirs == o->stirs)
        return;
    struct gathering *g = memory_new(sizeof *g);
    enum fault f;
    do {
        g->row_count = 0;
        f = store_feed(o->o.store, o->position, ROWS_AT_ONCE, gather_row, g);
        for (size_t i = 0; i < g->row_count; i++)
            take_row(o, g, &g->rows[i]);
        if (g->row_count)
            o->position = g->rows[g->row_count - 1].id;
    } while (f == FAULT_NONE && g->row_count == ROWS_AT_ONCE);
    if (f == FAULT_NONE)
        o->stirs = stirs;
    free(g->seen);
    free(g);
}

/* Seldom: what is gone over twice is told apart by `seen`. */
void write_position(struct occasions *o, bool at_once)
{
    int64_t now = clock_monotonic_ms();
    bool due = o->position - o->written >= POSITION_ROWS || now - o->written_ms >= POSITION_MS;
    if (!o->reads || o->position == o->written || !(at_once || due))
        return;
    if (store_feed_move(o->o.store, &(struct feed_reader){ reader_name, o->position, 0, "" }, 1) == FAULT_NONE) {
        o->written = o->position;
        o->written_ms = now;
    }
}

/* --- the clock ---------------------------------------------------------------------------------------------------------------------------- */

static int64_t next_of_timetable(struct occasions *o, int64_t id, int64_t after_s)
{
    struct arena a = { 0 };
    struct store_timetable t;
    struct schedule s;
    struct zone zone;
    int64_t next = WALL_NONE;
    if (store_timetable_get(o->o.store, id, &a, &t) == FAULT_NONE && schedule_read(t.schedule, &s) && zone_load(t.zone, &zone))
        next = schedule_next(&s, &zone, after_s);
    arena_free(&a);
    return next;
}

static int64_t next_of_calendar(struct occasions *o, int64_t id, int64_t after_s)
{
    struct arena a = { 0 };
    struct store_calendar c;
    int64_t next = WALL_NONE;
    bool found = store_calendar_get(o->o.store, id, &a, &c) == FAULT_NONE;
    for (size_t i = 0; found && i < c.count; i++) {
        int64_t one = next_of_timetable(o, c.timetable[i], after_s);
        if (one != WALL_NONE && (next == WALL_NONE || one < next))
            next = one;
    }
    arena_free(&a);
    return next;
}

static bool by_clock(const struct watched *w)
{
    return w->condition.kind == CONDITION_SCHEDULE || w->condition.kind == CONDITION_CALENDAR;
}

static void set_next(struct occasions *o, struct watched *w, int64_t now_ms)
{
    int64_t next = w->condition.kind == CONDITION_CALENDAR ? next_of_calendar(o, w->condition.subject, now_ms / 1000)
                                                           : next_of_timetable(o, w->condition.subject, now_ms / 1000);
    int64_t next_ms = next == WALL_NONE ? 0 : next * 1000;
    w->dirty |= next_ms != w->row.state.next_ms;
    w->row.state.next_ms = next_ms;
}

/* However many moments were missed, it comes once. The next one is stored before anything is done, so that a crash in the middle
 * does not make it come twice. */
void look_at_clock(struct occasions *o, int64_t now_ms)
{
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        int64_t due = w->row.state.next_ms;
        char cause[CAUSE_MAX];
        if (!by_clock(w) || !w->row.enabled || !due || due > now_ms)
            continue;
        bool late = now_ms - due > LATE_MS;
        set_next(o, w, now_ms);
        if (store_occasion_note(o->o.store, w->row.id, &w->row.state) != FAULT_NONE)
            continue;
        snprintf(cause, sizeof cause, late ? "late %lld" : "time", (long long)due / 1000);
        happen(o, w, cause, 0, late);
    }
}

/* --- after a load ----------------------------------------------------------------------------------------------------------------------------- */

/* A state that is known from the store already is what the next one is compared with. */
static void know_state(struct occasions *o, struct watched *w)
{
    struct gathering *g = memory_new(sizeof *g);
    g->condition = &w->condition;
    store_states_now(o->o.store, w->condition.subject, gather_state, g);
    take_sightings(o, w, g);
    free(g->seen);
    free(g);
}

void settle_watches(struct occasions *o)
{
    int64_t now_ms = clock_utc_ms();
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        bool missed = w->row.state.next_ms && w->row.state.next_ms <= now_ms;
        if (by_clock(w) && w->row.enabled && !missed)
            set_next(o, w, now_ms); /* its timetable may be another one */
        else if (w->condition.kind == CONDITION_STATE && w->row.enabled && !w->known[0])
            know_state(o, w);
    }
    settle_inputs(o);
    join_feed(o);
}
