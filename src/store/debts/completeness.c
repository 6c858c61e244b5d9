/* What spans should hold and lack, meter by meter; see owed.h.
 *
 * Marks and bits lie in order of the meter, so both are walked once, side by side: no look-up a meter. Whole periods within
 * one span are counted by their bits together. On a connection of its own, so that pages are drawn meanwhile. */
#include "store/debts/owed.h"
#include "store/inside.h"

#include <stdlib.h>

struct counting {
    enum archive archive;
    const struct span *spans;
    size_t count;
    struct owed_share *share; /* of the meter at hand, one a span */
    int step;                 /* of the mark before */
    int32_t *points;          /* grid points of each span at that step */
    struct query *bits;       /* ascending by meter, period */
    bool more;                /* the query stands on a row */
};

struct mark_row {
    int64_t meter, first, until, done;
    int step;
};

static struct span within(struct span a, int64_t from, int64_t to)
{
    return (struct span){ a.from > from ? a.from : from, a.to < to ? a.to : to };
}

/* What each span should hold, and of that the part from `done` on, which is owed whole. */
static void count_expected(struct counting *c, const struct mark_row *m)
{
    if (m->step != c->step)
        for (size_t i = 0; i < c->count; i++)
            c->points[i] = (int32_t)archive_count(c->archive, m->step, c->spans[i]);
    c->step = m->step;
    for (size_t i = 0; i < c->count; i++) {
        struct span s = c->spans[i], tail = within(s, m->done, m->until);
        bool whole = s.from >= m->first && s.to <= m->until;
        c->share[i].expected = whole ? c->points[i] : (int32_t)archive_count(c->archive, m->step, within(s, m->first, m->until));
        c->share[i].missing = tail.from < tail.to ? (int32_t)archive_count(c->archive, m->step, tail) : 0;
    }
}

/* One missing point: to the span that holds it, looked for from `at` on. */
static size_t count_point(struct counting *c, int64_t wall, size_t at)
{
    while (at < c->count && c->spans[at].to <= wall)
        at++;
    if (at < c->count && wall >= c->spans[at].from)
        c->share[at].missing++;
    return at;
}

static int32_t ones(struct bytes bits)
{
    int32_t count = 0;
    for (size_t i = 0; i < bits.size; i++)
        count += __builtin_popcount(bits.data[i]);
    return count;
}

/* The bits of one period. A bit of another step than the mark's stands for the mark's points within it. */
static void count_bits(struct counting *c, const struct mark_row *m, int64_t period, int step, struct bytes bits)
{
    int64_t at = period_start(c->archive, period), end = archive_block_end(c->archive, at);
    size_t i = 0;
    while (i < c->count && c->spans[i].to <= at)
        i++;
    if (i == c->count || c->spans[i].from >= end)
        return;
    if (step == m->step && c->spans[i].from <= at && c->spans[i].to >= end && m->first <= at && m->until >= end) {
        c->share[i].missing += ones(bits);
        return;
    }
    for (size_t k = 0; k < bits.size * 8 && at < end; k++) {
        int64_t next = archive_next(c->archive, step, at);
        if (bits.data[k / 8] >> k % 8 & 1)
            for (int64_t p = grid_ceiling(c->archive, m->step, at); p < next; p = archive_next(c->archive, m->step, p))
                if (p >= m->first && p < m->until)
                    i = count_point(c, p, i);
        at = next;
    }
}

/* All bits of the meter; the query has come to it or is behind it. */
static void count_holes(struct counting *c, const struct mark_row *m)
{
    while (c->more && query_int(c->bits, 0) < m->meter)
        c->more = query_row(c->bits);
    while (c->more && query_int(c->bits, 0) == m->meter) {
        count_bits(c, m, query_int(c->bits, 1), (int)query_int(c->bits, 2), query_bytes(c->bits, 3));
        c->more = query_row(c->bits);
    }
}

static bool expects(const struct counting *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->share[i].expected)
            return true;
    return false;
}

static void count_all(struct side *side, struct counting *c, store_owed_fn *each, void *context)
{
    struct span all = { c->spans[0].from, c->spans[c->count - 1].to };
    struct query *marks = db_query(side->db, "SELECT meter, step, first, until, done FROM owed_mark WHERE archive = $1"
                                             " AND first < $2 AND until > $3 ORDER BY meter");
    query_put_int(marks, 1, c->archive);
    query_put_int(marks, 2, all.to);
    query_put_int(marks, 3, all.from);
    c->bits = db_query(side->db, "SELECT meter, period, step, missing FROM owed WHERE archive = $1 AND period >= $2"
                                 " AND period <= $3 ORDER BY meter, period");
    query_put_int(c->bits, 1, c->archive);
    query_put_int(c->bits, 2, period_of(c->archive, all.from));
    query_put_int(c->bits, 3, period_of(c->archive, all.to - 1));
    c->more = query_row(c->bits);
    while (query_row(marks)) {
        struct mark_row m = { query_int(marks, 0), query_int(marks, 2), query_int(marks, 3), query_int(marks, 4), (int)query_int(marks, 1) };
        count_expected(c, &m);
        count_holes(c, &m);
        if (expects(c) && !each(context, m.meter, c->share))
            break;
    }
    query_end(marks);
    query_end(c->bits);
}

enum fault store_completeness(struct store *s, enum archive archive, const struct span *spans, size_t count, store_owed_fn *each,
                              void *context)
{
    if (!archive_has_grid(archive) || count == 0)
        return FAULT_SETTING;
    struct side side = { 0 };
    if (!side_open_reader(s, &side))
        return FAULT_STORE;
    struct counting c = { .archive = archive, .spans = spans, .count = count, .step = -1 };
    c.share = memory_new(count * sizeof *c.share);
    c.points = memory_new(count * sizeof *c.points);
    side_enter(&side, DB_READ);
    count_all(&side, &c, each, context);
    enum fault fault = side_end(&side);
    side_close(&side);
    free(c.share);
    free(c.points);
    return fault;
}
