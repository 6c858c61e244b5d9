/* Writing: a batch becomes blocks, hot rows, events, changes of state and facts; see store.h. */
#include "store/house/keeping.h"
#include "store/inside.h"

#include <stdlib.h>

/* Periods of one batch: ten years of days and more; a meter gone mad is stopped here. */
enum { GROUPS_MAX = 8192 };

/* Readings of one period of one archive. */
struct group {
    enum archive archive;
    int64_t start, end;
    struct reading *readings;
    size_t count;
};

struct groups {
    struct group *group;
    size_t count, room;
    struct reading *readings; /* all, group after group */
};

/* Few moments at a time go to the hot table, more straight into the block. */
static size_t hot_moments(enum archive a)
{
    return a == ARCHIVE_MONTH ? 1 : a == ARCHIVE_DAY ? 3 : 6;
}

static bool reading_storable(const struct reading *r)
{
    return archive_is_blocks((enum archive)r->archive) && wall_storable(r->wall) && r->value.exponent >= -18
        && r->value.exponent <= 18 && r->origin <= ORIGIN_COMPUTED && !(r->obis.code >> 48);
}

/* The group of the reading, looked for from `guess` on, added when new; GROUPS_MAX when there are too many. */
static size_t group_of(struct groups *g, const struct reading *r, size_t guess, struct arena *arena)
{
    for (size_t tried = 0; tried < g->count; tried++) {
        size_t i = guess + tried < g->count ? guess + tried : guess + tried - g->count;
        if (g->group[i].archive == r->archive && r->wall >= g->group[i].start && r->wall < g->group[i].end)
            return i;
    }
    if (g->count == GROUPS_MAX)
        return GROUPS_MAX;
    if (g->count == g->room) {
        size_t room = g->room ? g->room * 2 : 8;
        struct group *grown = arena_take(arena, room * sizeof *grown);
        if (g->count)
            memcpy(grown, g->group, g->count * sizeof *grown);
        g->group = grown;
        g->room = room;
    }
    enum archive a = (enum archive)r->archive;
    g->group[g->count] = (struct group){ a, archive_block_start(a, r->wall), archive_block_end(a, r->wall), NULL, 0 };
    return g->count++;
}

/* Sorts readings into groups, keeping their order within each. */
static struct groups split(const struct reading *r, size_t count, struct arena *arena, size_t *ret_refused)
{
    struct groups g = { 0 };
    uint32_t *place = arena_take(arena, count * sizeof *place + 1);
    size_t guess = 0;
    for (size_t i = 0; i < count; i++) {
        place[i] = UINT32_MAX;
        size_t at = reading_storable(&r[i]) ? group_of(&g, &r[i], guess, arena) : GROUPS_MAX;
        if (at == GROUPS_MAX) {
            ++*ret_refused;
            continue;
        }
        guess = at;
        g.group[at].count++;
        place[i] = (uint32_t)at;
    }
    struct reading *at = g.readings = arena_take(arena, count * sizeof *at + 1);
    for (size_t i = 0; i < g.count; i++) {
        g.group[i].readings = at;
        at += g.group[i].count;
        g.group[i].count = 0;
    }
    for (size_t i = 0; i < count; i++)
        if (place[i] != UINT32_MAX) {
            struct group *k = &g.group[place[i]];
            k->readings[k->count++] = r[i];
        }
    return g;
}

static int reading_order(const void *x, const void *y)
{
    const struct reading *a = x, *b = y;
    return (a->wall > b->wall) - (a->wall < b->wall);
}

/* The group's moments, ascending; its readings are sorted by time when it is small, for the hot table. */
static size_t moments(struct group *g, struct arena *arena, int64_t **ret)
{
    int64_t *walls = arena_take(arena, g->count * sizeof *walls);
    size_t count = 0;
    bool ascending = true;
    for (size_t i = 0; i < g->count; i++) {
        if (count && walls[count - 1] == g->readings[i].wall)
            continue;
        ascending &= count == 0 || walls[count - 1] < g->readings[i].wall;
        walls[count++] = g->readings[i].wall;
    }
    *ret = walls;
    if (ascending)
        return count;
    struct reading *sorted = arena_take(arena, g->count * sizeof *sorted);
    memcpy(sorted, g->readings, g->count * sizeof *sorted);
    qsort(sorted, g->count, sizeof *sorted, reading_order);
    count = 0;
    for (size_t i = 0; i < g->count; i++)
        if (count == 0 || walls[count - 1] != sorted[i].wall)
            walls[count++] = sorted[i].wall;
    return count;
}

static void count_up(struct put_result *ret, const struct block_counts *counts)
{
    ret->fresh += counts->fresh;
    ret->changed += counts->changed;
    ret->same += counts->same;
}

/* One moment into the hot table. */
static enum fault put_hot(struct side *side, int64_t meter, struct group *g, int64_t wall, struct put_result *ret, bool *ret_news)
{
    struct reading *r = arena_take(&side->arena, g->count * sizeof *r);
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++)
        if (g->readings[i].wall == wall)
            r[count++] = g->readings[i];
    const struct block *old = hot_load(side, g->archive, wall, meter, &side->arena);
    struct block made;
    struct block_counts counts;
    if (!block_merge(old, wall, r, count, side->put_ms / 1000, &side->arena, &made, &counts))
        return FAULT_LIMIT;
    *ret_news = counts.fresh || counts.changed;
    if (*ret_news)
        hot_save(side, g->archive, wall, meter, &made);
    count_up(ret, &counts);
    return FAULT_NONE;
}

/* Moments one by one into the hot table. The feed gets one row for those that stand beside each other on the archive's grid:
 * nothing can lie between them. */
static enum fault put_hot_moments(struct side *side, int64_t meter, struct group *g, const int64_t *walls, size_t count, struct put_result *ret)
{
    int64_t first = WALL_NONE, last = WALL_NONE;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        bool news = false;
        fault = put_hot(side, meter, g, walls[i], ret, &news);
        if (!news)
            continue;
        bool beside = first != WALL_NONE && archive_has_grid(g->archive) && archive_next(g->archive, g->readings->step, last) == walls[i];
        if (first != WALL_NONE && !beside)
            feed_note(side, meter, g->archive, first, last);
        first = beside ? first : walls[i];
        last = walls[i];
    }
    if (first != WALL_NONE)
        feed_note(side, meter, g->archive, first, last);
    return fault;
}

/* Each run of rows that the merge touched. */
static void feed_runs(struct side *side, int64_t meter, enum archive a, const struct block *made, const bool *touched)
{
    for (uint32_t row = 0; side->feeding && row < made->rows; row++) {
        uint32_t first = row;
        while (row < made->rows && touched[row])
            row++;
        if (row > first)
            feed_note(side, meter, a, made->walls[first], made->walls[row - 1]);
    }
}

/* The period's hot rows, if any, join its block on this occasion. */
static enum fault put_block(struct side *side, int64_t meter, struct group *g, const struct block *stored,
                            struct put_result *ret)
{
    struct hot_row *rows;
    size_t hot = hot_list(side, g->archive, meter, (struct span){ g->start, g->end }, SIZE_MAX, &side->arena, &rows);
    const struct block *old = hot ? period_load(side, g->archive, period_of(g->archive, g->start), meter, &side->arena)
                                  : stored;
    struct block made;
    struct block_counts counts;
    if (!block_merge(old, g->start, g->readings, g->count, side->put_ms / 1000, &side->arena, &made, &counts))
        return FAULT_LIMIT;
    if (counts.fresh || counts.changed) {
        cells_save(side, g->archive, period_of(g->archive, g->start), meter, &made, stored != NULL);
        feed_runs(side, meter, g->archive, &made, counts.touched);
        for (size_t i = 0; i < hot; i++)
            hot_drop(side, &rows[i]);
    }
    count_up(ret, &counts);
    return FAULT_NONE;
}

static enum fault put_group(struct side *side, int64_t meter, struct group *g, struct put_result *ret)
{
    int64_t *walls;
    size_t count = moments(g, &side->arena, &walls);
    const struct block *stored = cells_load(side, g->archive, period_of(g->archive, g->start), meter, &side->arena);
    bool hot = count <= hot_moments(g->archive);
    for (size_t i = 0; i < count && hot && stored; i++)
        hot = !block_has_row(stored, walls[i]);
    enum fault fault = hot ? put_hot_moments(side, meter, g, walls, count, ret) : put_block(side, meter, g, stored, ret);
    if (fault == FAULT_NONE && archive_has_grid(g->archive))
        owed_cross(side, meter, g->archive, walls, count);
    return fault;
}

/* ---- events, states, facts ---- */

static size_t put_event(struct side *side, int64_t meter, const struct event *e)
{
    struct query *q = db_query(side->db, "INSERT INTO event(meter, wall, journal, code, detail, stored_ms)"
                                         " VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, e->wall);
    query_put_int(q, 3, e->journal);
    query_put_int(q, 4, e->code);
    query_put_int(q, 5, e->detail);
    query_put_int(q, 6, side->put_ms);
    return (size_t)query_run(q);
}

/* The neighbour of a state in time; false when there is none. */
static bool state_beside(struct side *side, int64_t meter, const struct state *s, const char *sql, struct state *ret)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, meter);
    query_put_int(q, 2, (int64_t)s->obis.code);
    query_put_int(q, 3, s->wall);
    bool found = query_row(q);
    if (found)
        *ret = (struct state){ s->obis, query_int(q, 0), query_int(q, 1) };
    query_end(q);
    return found;
}

/* Only changes are kept. News from the past may make a later row say nothing new: that row goes. */
static size_t put_state(struct side *side, int64_t meter, const struct state *s)
{
    struct state before, after;
    if (state_beside(side, meter, s, "SELECT wall, value FROM state WHERE meter = $1 AND obis = $2 AND wall <= $3"
                                     " ORDER BY wall DESC LIMIT 1", &before)
        && before.value == s->value)
        return 0;
    if (state_beside(side, meter, s, "SELECT wall, value FROM state WHERE meter = $1 AND obis = $2 AND wall > $3"
                                     " ORDER BY wall LIMIT 1", &after)
        && after.value == s->value) {
        struct query *drop = db_query(side->db, "DELETE FROM state WHERE meter = $1 AND obis = $2 AND wall = $3");
        query_put_int(drop, 1, meter);
        query_put_int(drop, 2, (int64_t)s->obis.code);
        query_put_int(drop, 3, after.wall);
        query_run(drop);
    }
    struct query *q = db_query(side->db, "INSERT INTO state(meter, obis, wall, value) VALUES($1, $2, $3, $4)"
                                         " ON CONFLICT(meter, obis, wall) DO UPDATE SET value = excluded.value");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, (int64_t)s->obis.code);
    query_put_int(q, 3, s->wall);
    query_put_int(q, 4, s->value);
    return (size_t)query_run(q);
}

static size_t put_fact(struct side *side, int64_t meter, const struct batch_fact *f)
{
    struct query *q = db_query(side->db, "SELECT value, since_ms FROM fact WHERE meter = $1 AND kind = $2"
                                         " ORDER BY since_ms DESC LIMIT 1");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, f->kind);
    bool found = query_row(q), same = found && strcmp(query_text(q, 0), f->utf8) == 0;
    int64_t since = side->store->now_ms();
    if (found && query_int(q, 1) >= since) /* the machine's clock went back: order is kept */
        since = query_int(q, 1) + 1;
    query_end(q);
    if (same)
        return 0;
    q = db_query(side->db, "INSERT INTO fact(meter, kind, since_ms, value) VALUES($1, $2, $3, $4)");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, f->kind);
    query_put_int(q, 3, since);
    query_put_text(q, 4, f->utf8);
    return (size_t)query_run(q);
}

/* ---- a batch ---- */

/* Archives that are switched off take nothing (keeping.h). */
static bool is_kept(const struct side *side, int what)
{
    return !(atomic_load(&side->store->unkept) >> what & 1);
}

/* What collection notes for itself is kept whatever people keep. */
static bool is_kept_state(const struct side *side, struct obis o)
{
    return state_is_ours(o) || is_kept(side, KEEP_STATES + (int)state_group(o));
}

/* The moments that fresh records lie in, as one row of the feed. */
struct news {
    int64_t first, last;
};

static void news_add(struct news *n, size_t fresh, int64_t wall)
{
    if (!fresh)
        return;
    n->first = n->first == WALL_NONE || wall < n->first ? wall : n->first;
    n->last = n->last == WALL_NONE || wall > n->last ? wall : n->last;
}

static void put_events(struct side *side, const struct store_item *item, struct put_result *ret)
{
    struct news news = { WALL_NONE, WALL_NONE };
    for (size_t i = 0; i < item->batch->events.count && is_kept(side, ARCHIVE_JOURNAL); i++) {
        size_t fresh = put_event(side, item->meter, &batch_events(item->batch)[i]);
        news_add(&news, fresh, batch_events(item->batch)[i].wall);
        ret->events += fresh;
    }
    if (news.first != WALL_NONE)
        feed_note(side, item->meter, ARCHIVE_JOURNAL, news.first, news.last);
}

static void put_states(struct side *side, const struct store_item *item, struct put_result *ret)
{
    struct news news = { WALL_NONE, WALL_NONE };
    for (size_t i = 0; i < item->batch->states.count; i++) {
        const struct state *one = &batch_states(item->batch)[i];
        size_t fresh = is_kept_state(side, one->obis) ? put_state(side, item->meter, one) : 0;
        news_add(&news, fresh, one->wall);
        ret->states += fresh;
    }
    if (news.first != WALL_NONE)
        feed_note(side, item->meter, ARCHIVE_STATE, news.first, news.last);
}

static enum fault put_item(struct side *side, const struct store_item *item, struct put_result *ret)
{
    const struct batch *b = item->batch;
    if (item->meter < 1 || item->meter > METER_ID_MAX)
        return FAULT_SETTING;
    arena_reset(&side->arena);
    ret->dropped = b->dropped;
    struct groups g = split(batch_readings(b, &side->arena), b->readings.count, &side->arena, &ret->refused);
    for (size_t i = 0; i < g.count; i++) {
        enum fault fault = is_kept(side, g.group[i].archive) ? put_group(side, item->meter, &g.group[i], ret) : FAULT_NONE;
        if (fault != FAULT_NONE)
            return fault;
    }
    put_events(side, item, ret);
    put_states(side, item, ret);
    for (size_t i = 0; i < b->facts.count; i++)
        ret->facts += is_kept(side, KEEP_STATES + (int)fact_group(batch_facts(b)[i].kind)) ? put_fact(side, item->meter, &batch_facts(b)[i]) : 0;
    return FAULT_NONE;
}

enum fault store_put_all(struct store *s, const struct store_item *items, size_t count)
{
    struct put_result *results = memory_new(count * sizeof *results);
    struct side *side = side_begin(s, DB_WRITE);
    enum fault fault = FAULT_NONE;
    side->feeding = feed_wanted(side);
    side->put_ms = s->now_ms();
    bool feeding = side->feeding;
    for (size_t i = 0; i < count && fault == FAULT_NONE && !db_failed(side->db); i++)
        fault = put_item(side, &items[i], &results[i]);
    fault = fault == FAULT_NONE ? side_end(side) : side_cancel(side, fault);
    if (fault == FAULT_NONE && feeding)
        atomic_fetch_add(&s->stirs, 1);
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++)
        if (items[i].ret)
            *items[i].ret = results[i];
    free(results);
    return fault;
}

enum fault store_put(struct store *s, int64_t meter, const struct batch *batch, struct put_result *ret)
{
    struct store_item item = { meter, batch, ret };
    return store_put_all(s, &item, 1);
}
