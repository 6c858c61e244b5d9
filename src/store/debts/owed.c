/* Debts; see owed.h.
 *
 * owed_mark: expected are the grid points of [first, until). Points before `done` are met, but for the bits in `owed`;
 * of those from `done` on none is. Values that come in order move `done` and touch nothing else. */
#include "store/debts/owed.h"
#include "store/inside.h"

#include <stdio.h>

enum { STEP_LEAST = 60, POINTS_MAX = DAY_SECONDS / STEP_LEAST, MASK_MAX = POINTS_MAX / 8 };

struct mark {
    int64_t meter;
    enum archive archive;
    int step;
    int64_t first, until, done;
    bool exists;
};

/* Missing points of one block period. */
struct holes {
    int64_t period;
    int step;
    uint8_t bits[MASK_MAX];
    size_t size;
    bool exists;
};

int64_t grid_ceiling(enum archive a, int step, int64_t wall)
{
    int64_t at = archive_floor(a, step, wall);
    return at < wall ? archive_next(a, step, at) : at;
}

static int64_t later(int64_t x, int64_t y) { return x > y ? x : y; }
static int64_t sooner(int64_t x, int64_t y) { return x < y ? x : y; }

/* ---- rows ---- */

static bool mark_load(struct side *side, int64_t meter, enum archive a, struct mark *ret)
{
    struct query *q = db_query(side->db, "SELECT step, first, until, done FROM owed_mark"
                                         " WHERE archive = $1 AND meter = $2");
    query_put_int(q, 1, a);
    query_put_int(q, 2, meter);
    bool found = query_row(q);
    if (found)
        *ret = (struct mark){ meter, a, (int)query_int(q, 0), query_int(q, 1), query_int(q, 2), query_int(q, 3), true };
    query_end(q);
    return found;
}

static void mark_save(struct side *side, const struct mark *m)
{
    struct query *q = db_query(side->db, "INSERT INTO owed_mark(archive, meter, step, first, until, done)"
                                         " VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(archive, meter) DO UPDATE"
                                         " SET step = excluded.step, first = excluded.first, until = excluded.until,"
                                         " done = excluded.done");
    query_put_int(q, 1, m->archive);
    query_put_int(q, 2, m->meter);
    query_put_int(q, 3, m->step);
    query_put_int(q, 4, m->first);
    query_put_int(q, 5, m->until);
    query_put_int(q, 6, m->done);
    query_run(q);
}

static size_t mask_size(enum archive a, int step, int64_t period)
{
    int64_t start = period_start(a, period);
    return (size_t)(archive_count(a, step, (struct span){ start, archive_block_end(a, start) }) + 7) / 8;
}

static struct holes holes_load(struct side *side, const struct mark *m, int step, int64_t period)
{
    struct holes h = { .period = period, .step = step, .size = mask_size(m->archive, step, period) };
    struct query *q = db_query(side->db, "SELECT missing FROM owed"
                                         " WHERE meter = $1 AND archive = $2 AND period = $3 AND step = $4");
    query_put_int(q, 1, m->meter);
    query_put_int(q, 2, m->archive);
    query_put_int(q, 3, period);
    query_put_int(q, 4, step);
    if (query_row(q)) {
        struct bytes bits = query_bytes(q, 0);
        memcpy(h.bits, bits.data, bits.size < h.size ? bits.size : h.size);
        h.exists = true;
    }
    query_end(q);
    return h;
}

static void holes_save(struct side *side, const struct mark *m, const struct holes *h)
{
    bool any = false;
    for (size_t i = 0; i < h->size; i++)
        any |= h->bits[i] != 0;
    if (!any && !h->exists)
        return;
    struct query *q = any ? db_query(side->db, "INSERT INTO owed(meter, archive, period, step, missing)"
                                               " VALUES($1, $2, $3, $4, $5) ON CONFLICT(meter, archive, period, step)"
                                               " DO UPDATE SET missing = excluded.missing")
                          : db_query(side->db, "DELETE FROM owed"
                                               " WHERE meter = $1 AND archive = $2 AND period = $3 AND step = $4");
    query_put_int(q, 1, m->meter);
    query_put_int(q, 2, m->archive);
    query_put_int(q, 3, h->period);
    query_put_int(q, 4, h->step);
    if (any)
        query_put_bytes(q, 5, bytes_of(h->bits, h->size));
    query_run(q);
}

static size_t point_index(enum archive a, int step, int64_t period, int64_t wall)
{
    int64_t start = period_start(a, period);
    return (size_t)(a == ARCHIVE_MONTH ? wall_month(wall) - wall_month(start)
                                       : archive_count(a, step, (struct span){ start, wall }));
}

/* Sets the bits of all grid points of the span. */
static void holes_add(struct side *side, const struct mark *m, int step, struct span span)
{
    int64_t at = grid_ceiling(m->archive, step, span.from);
    while (at < span.to && !db_failed(side->db)) {
        int64_t end = sooner(archive_block_end(m->archive, at), span.to);
        struct holes h = holes_load(side, m, step, period_of(m->archive, at));
        size_t i = point_index(m->archive, step, h.period, at);
        for (; at < end && i < h.size * 8; at = archive_next(m->archive, step, at), i++)
            h.bits[i / 8] |= (uint8_t)(1 << i % 8);
        holes_save(side, m, &h);
    }
}

/* ---- crossing off ---- */

/* Clears bits of moments that all lie in one period, whatever steps its rows have. */
static void holes_clear(struct side *side, const struct mark *m, const int64_t *walls, size_t count)
{
    int64_t period = period_of(m->archive, walls[0]);
    int steps[8];
    size_t rows = 0;
    struct query *q = db_query(side->db, "SELECT step FROM owed WHERE meter = $1 AND archive = $2 AND period = $3");
    query_put_int(q, 1, m->meter);
    query_put_int(q, 2, m->archive);
    query_put_int(q, 3, period);
    while (query_row(q))
        if (rows < sizeof steps / sizeof *steps)
            steps[rows++] = (int)query_int(q, 0);
    for (size_t row = 0; row < rows; row++) {
        struct holes h = holes_load(side, m, steps[row], period);
        for (size_t i = 0; i < count; i++) {
            size_t bit = point_index(m->archive, steps[row], period, walls[i]);
            if (bit < h.size * 8 && archive_floor(m->archive, steps[row], walls[i]) == walls[i])
                h.bits[bit / 8] &= (uint8_t)~(1 << bit % 8);
        }
        holes_save(side, m, &h);
    }
}

/* Moments before `done` clear bits, period by period; later ones move `done`, leaving bits for what they skip. */
static void cross(struct side *side, struct mark *m, const int64_t *walls, size_t count)
{
    size_t i = 0;
    while (i < count && walls[i] < m->first)
        i++;
    while (i < count && walls[i] < m->done) {
        int64_t end = archive_block_end(m->archive, walls[i]);
        size_t next = i;
        while (next < count && walls[next] < m->done && walls[next] < end)
            next++;
        holes_clear(side, m, walls + i, next - i);
        i = next;
    }
    int64_t done = m->done;
    for (; i < count && walls[i] < m->until; i++) {
        if (archive_floor(m->archive, m->step, walls[i]) != walls[i])
            continue;
        if (walls[i] > done)
            holes_add(side, m, m->step, (struct span){ done, walls[i] });
        done = archive_next(m->archive, m->step, walls[i]);
    }
    if (done == m->done)
        return;
    m->done = done;
    mark_save(side, m);
}

void owed_cross(struct side *side, int64_t meter, enum archive a, const int64_t *walls, size_t count)
{
    struct mark m;
    if (mark_load(side, meter, a, &m))
        cross(side, &m, walls, count);
}

/* ---- declaring ---- */

/* What is stored within newly expected time is not owed. */
static void cross_stored(struct side *side, struct mark *m, struct span span)
{
    int64_t *walls;
    arena_reset(&side->arena);
    size_t count = walls_present(side, m->meter, m->archive, span, &side->arena, &walls);
    if (count)
        cross(side, m, walls, count);
}

/* A new step holds from `until` on: what is owed by the old one becomes bits. */
static void change_step(struct side *side, struct mark *m, int step)
{
    if (m->done < m->until)
        holes_add(side, m, m->step, (struct span){ m->done, m->until });
    m->step = step;
    m->done = grid_ceiling(m->archive, step, m->until);
}

static void expect(struct side *side, const struct owed_want *w)
{
    struct mark m = { .meter = w->meter, .archive = w->archive, .step = w->step };
    struct span more = { grid_ceiling(w->archive, w->step, w->span.from), w->span.to };
    if (more.to <= more.from)
        return;
    if (!mark_load(side, w->meter, w->archive, &m)) {
        m.first = m.done = more.from;
        m.until = more.to;
        mark_save(side, &m);
        cross_stored(side, &m, more);
        return;
    }
    if (m.step != w->step && w->archive == ARCHIVE_PROFILE && more.to > m.until)
        change_step(side, &m, w->step);
    struct span before = { more.from, m.first }, after = { m.until, more.to };
    if (before.from < before.to) {
        m.first = before.from;
        if (m.done == before.to)
            m.done = before.from;
        else
            holes_add(side, &m, m.step, before);
    }
    m.until = later(m.until, more.to);
    if (before.from >= before.to && after.from >= after.to)
        return;
    mark_save(side, &m);
    if (before.from < before.to)
        cross_stored(side, &m, before);
    if (after.from < after.to)
        cross_stored(side, &m, after);
}

static bool want_possible(const struct owed_want *w)
{
    bool step = w->archive != ARCHIVE_PROFILE || (w->step >= STEP_LEAST && DAY_SECONDS % w->step == 0);
    return w->meter >= 1 && w->meter <= METER_ID_MAX && archive_has_grid(w->archive) && step
        && wall_storable(w->span.from) && w->span.to > w->span.from && wall_storable(w->span.to);
}

enum fault store_owed_expect(struct store *s, const struct owed_want *wants, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!want_possible(&wants[i]))
            return FAULT_SETTING;
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count && !db_failed(side->db); i++)
        expect(side, &wants[i]);
    return side_end(side);
}

static void drop(struct side *side, const char *sql, int64_t meter, int64_t archive)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, meter);
    query_put_int(q, 2, archive);
    query_run(q);
}

enum fault store_owed_cancel(struct store *s, int64_t meter, enum archive archive)
{
    struct side *side = side_begin(s, DB_WRITE);
    drop(side, "DELETE FROM owed_mark WHERE meter = $1 AND archive = $2", meter, archive);
    drop(side, "DELETE FROM owed WHERE meter = $1 AND archive = $2", meter, archive);
    return side_end(side);
}

void owed_drop_meter(struct side *side, int64_t meter)
{
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_HOUR; a++)
        drop(side, "DELETE FROM owed_mark WHERE meter = $1 AND archive = $2", meter, a);
    struct query *q = db_query(side->db, "DELETE FROM owed WHERE meter = $1");
    query_put_int(q, 1, meter);
    query_run(q);
}

/* `wall` is a period's start, so whole rows of bits go. A mark keeps at most an empty expectation. */
void owed_forget_before(struct side *side, enum archive a, int64_t wall)
{
    drop(side, "DELETE FROM owed WHERE archive = $2 AND period < $1", period_of(a, wall), a);
    drop(side, "UPDATE owed_mark SET first = CASE WHEN until < $1 THEN until ELSE $1 END"
               " WHERE archive = $2 AND first < $1", wall, a);
    drop(side, "UPDATE owed_mark SET done = CASE WHEN until < $1 THEN until ELSE $1 END"
               " WHERE archive = $2 AND done < $1", wall, a);
}

/* ---- looking ---- */

struct gaps {
    struct arena *arena;
    struct span *spans;
    size_t count, room;
};

/* Adds a stretch, joined to the last one when it follows on it. */
static void gaps_add(struct gaps *g, struct span s)
{
    if (s.from >= s.to)
        return;
    if (g->count && g->spans[g->count - 1].to == s.from) {
        g->spans[g->count - 1].to = s.to;
        return;
    }
    if (g->count == g->room) {
        g->room = g->room ? g->room * 2 : 16;
        struct span *grown = arena_take(g->arena, g->room * sizeof *grown);
        if (g->count)
            memcpy(grown, g->spans, g->count * sizeof *grown);
        g->spans = grown;
    }
    g->spans[g->count++] = s;
}

static void gaps_of_bits(struct gaps *g, enum archive a, int step, int64_t period, struct bytes bits, struct span span)
{
    int64_t at = period_start(a, period), end = archive_block_end(a, at);
    for (size_t i = 0; i < bits.size * 8 && at < end; i++) {
        int64_t next = archive_next(a, step, at);
        if (bits.data[i / 8] >> i % 8 & 1 && span_holds(span, at))
            gaps_add(g, (struct span){ at, next });
        at = next;
    }
}

static void find_gaps(struct side *side, const struct mark *m, struct span span, struct gaps *g)
{
    span = (struct span){ later(span.from, m->first), sooner(span.to, m->until) };
    if (span.from >= span.to)
        return;
    struct query *q = db_query(side->db, "SELECT period, step, missing FROM owed WHERE meter = $1 AND archive = $2"
                                         " AND period >= $3 AND period <= $4 ORDER BY period, step");
    query_put_int(q, 1, m->meter);
    query_put_int(q, 2, m->archive);
    query_put_int(q, 3, period_of(m->archive, span.from));
    query_put_int(q, 4, period_of(m->archive, span.to - 1));
    while (query_row(q))
        gaps_of_bits(g, m->archive, (int)query_int(q, 1), query_int(q, 0), query_bytes(q, 2), span);
    int64_t from = grid_ceiling(m->archive, m->step, later(span.from, m->done));
    if (from < span.to)
        gaps_add(g, (struct span){ from, grid_ceiling(m->archive, m->step, span.to) });
}

enum fault store_owed_spans(struct store *s, int64_t meter, enum archive archive, struct span span, bool newest_first,
                            struct span *out, size_t max, size_t *ret_count)
{
    struct arena arena = { 0 };
    struct gaps g = { .arena = &arena };
    struct mark m;
    struct side *side = side_begin(s, DB_READ);
    if (mark_load(side, meter, archive, &m))
        find_gaps(side, &m, span, &g);
    size_t count = g.count < max ? g.count : max;
    for (size_t i = 0; i < count; i++)
        out[i] = g.spans[newest_first ? g.count - 1 - i : i];
    arena_free(&arena);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

/* ---- check ---- */

static bool one_step(struct side *side, const struct mark *m)
{
    struct query *q = db_query(side->db, "SELECT 1 FROM owed WHERE meter = $1 AND archive = $2 AND step <> $3 LIMIT 1");
    query_put_int(q, 1, m->meter);
    query_put_int(q, 2, m->archive);
    query_put_int(q, 3, m->step);
    bool other = query_row(q);
    query_end(q);
    return !other;
}

/* Points of the grid that are stored, and whether one of them is owed nevertheless. */
static int64_t count_stored(struct side *side, const struct mark *m, const struct gaps *g, struct arena *arena,
                            bool *ret_owed)
{
    int64_t *walls, stored = 0;
    size_t gap = 0, count = walls_present(side, m->meter, m->archive, (struct span){ m->first, m->until }, arena, &walls);
    *ret_owed = false;
    for (size_t i = 0; i < count; i++) {
        if (archive_floor(m->archive, m->step, walls[i]) != walls[i])
            continue;
        stored++;
        while (gap < g->count && g->spans[gap].to <= walls[i])
            gap++;
        *ret_owed |= gap < g->count && span_holds(g->spans[gap], walls[i]);
    }
    return stored;
}

void owed_check(struct side *side, void (*found)(void *context, const char *what), void *context)
{
    struct arena arena = { 0 };
    char text[160];
    struct query *q = db_query(side->db, "SELECT archive, meter, step, first, until, done FROM owed_mark");
    while (query_row(q)) {
        struct mark m = { query_int(q, 1), (enum archive)query_int(q, 0), (int)query_int(q, 2), query_int(q, 3),
                          query_int(q, 4), query_int(q, 5), true };
        struct span all = { m.first, m.until };
        struct gaps g = { .arena = &arena };
        if (!archive_has_grid(m.archive) || !one_step(side, &m))
            continue;
        find_gaps(side, &m, all, &g);
        bool owed;
        int64_t missing = 0, stored = count_stored(side, &m, &g, &arena, &owed);
        for (size_t i = 0; i < g.count; i++)
            missing += archive_count(m.archive, m.step, g.spans[i]);
        if (owed || stored + missing != archive_count(m.archive, m.step, all)) {
            snprintf(text, sizeof text, "debts of meter=%lld archive=%s: %lld stored, %lld owed%s", (long long)m.meter,
                     archive_name(m.archive), (long long)stored, (long long)missing, owed ? ", some both" : "");
            found(context, text);
        }
        arena_reset(&arena);
    }
    arena_free(&arena);
}
