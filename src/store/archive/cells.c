/* Blocks and hot rows as they lie in the tables.
 *
 * A moment of a meter's archive lives in one place: in the hot table until it is folded, in its period's block after. */
#include "store/inside.h"

bool archive_is_blocks(enum archive a)
{
    return (unsigned)a <= ARCHIVE_HOUR;
}

bool wall_storable(int64_t wall)
{
    return wall >= 0 && wall < (int64_t)(WALL_MAX_YEAR - 1970) * 365 * DAY_SECONDS;
}

int64_t period_of(enum archive a, int64_t wall)
{
    return a == ARCHIVE_DAY ? wall_month(wall) : a == ARCHIVE_MONTH ? civil_of_wall(wall).year : wall_day(wall);
}

int64_t period_start(enum archive a, int64_t period)
{
    return a == ARCHIVE_DAY ? month_wall(period) : a == ARCHIVE_MONTH ? month_wall(period * 12) : day_wall(period);
}

int64_t block_key(enum archive a, int64_t period, int64_t meter)
{
    return (int64_t)a << 50 | period << 32 | meter;
}

/* ---- packing ---- */

struct packed {
    int64_t layout;
    struct bytes body;
};

static struct packed pack(struct side *side, const struct block *b)
{
    size_t layout_room = block_layout_room(b), room = block_room(b);
    struct writer layout = writer_over(arena_take(&side->arena, layout_room), layout_room);
    struct writer body = writer_over(arena_take(&side->arena, room), room);
    block_put_layout(b, &layout);
    block_put_body(b, &side->arena, &body);
    if (layout.failed || body.failed)
        db_fail(side->db, TROUBLE_INTERNAL, "block room");
    return (struct packed){ layout_id(side, writer_bytes(&layout)), writer_bytes(&body) };
}

static bool unpack(struct side *side, int64_t layout, struct bytes body, int64_t start, struct arena *arena,
                   struct block *ret)
{
    struct bytes registers = layout_bytes(side, layout);
    if (db_failed(side->db))
        return false;
    if (block_take(registers, body, start, arena, ret))
        return true;
    db_fail(side->db, TROUBLE_DAMAGED, "block");
    return false;
}

/* ---- blocks ---- */

const struct block *cells_load(struct side *side, enum archive a, int64_t period, int64_t meter, struct arena *arena)
{
    struct block *b = NULL;
    struct query *q = db_query(side->db, "SELECT layout, body FROM block WHERE key = $1");
    query_put_int(q, 1, block_key(a, period, meter));
    if (query_row(q)) {
        b = arena_take(arena, sizeof *b);
        if (!unpack(side, query_int(q, 0), query_bytes(q, 1), period_start(a, period), arena, b))
            b = NULL;
    }
    query_end(q);
    return b;
}

void cells_save(struct side *side, enum archive a, int64_t period, int64_t meter, const struct block *b, bool exists)
{
    struct packed p = pack(side, b);
    struct query *q = exists ? db_query(side->db, "UPDATE block SET layout = $2, body = $3 WHERE key = $1")
                             : db_query(side->db, "INSERT INTO block(key, layout, body) VALUES($1, $2, $3)");
    query_put_int(q, 1, block_key(a, period, meter));
    query_put_int(q, 2, p.layout);
    query_put_bytes(q, 3, p.body);
    query_run(q);
}

/* ---- hot rows ---- */

const struct block *hot_load(struct side *side, enum archive a, int64_t wall, int64_t meter, struct arena *arena)
{
    struct block *b = NULL;
    struct query *q = db_query(side->db, "SELECT layout, body FROM hot"
                                         " WHERE slot = $1 AND meter = $2 AND archive = $3 AND offset = $4");
    query_put_int(q, 1, wall / SLOT_SECONDS);
    query_put_int(q, 2, meter);
    query_put_int(q, 3, a);
    query_put_int(q, 4, wall % SLOT_SECONDS);
    if (query_row(q)) {
        b = arena_take(arena, sizeof *b);
        if (!unpack(side, query_int(q, 0), query_bytes(q, 1), wall, arena, b))
            b = NULL;
    }
    query_end(q);
    return b;
}

void hot_save(struct side *side, enum archive a, int64_t wall, int64_t meter, const struct block *b)
{
    struct packed p = pack(side, b);
    struct query *q = db_query(side->db, "INSERT INTO hot(slot, meter, archive, offset, layout, body)"
                                         " VALUES($1, $2, $3, $4, $5, $6)"
                                         " ON CONFLICT(slot, meter, archive, offset)"
                                         " DO UPDATE SET layout = excluded.layout, body = excluded.body");
    query_put_int(q, 1, wall / SLOT_SECONDS);
    query_put_int(q, 2, meter);
    query_put_int(q, 3, a);
    query_put_int(q, 4, wall % SLOT_SECONDS);
    query_put_int(q, 5, p.layout);
    query_put_bytes(q, 6, p.body);
    query_run(q);
}

void hot_drop(struct side *side, const struct hot_row *row)
{
    struct query *q = db_query(side->db, "DELETE FROM hot"
                                         " WHERE slot = $1 AND meter = $2 AND archive = $3 AND offset = $4");
    query_put_int(q, 1, row->slot);
    query_put_int(q, 2, row->meter);
    query_put_int(q, 3, row->archive);
    query_put_int(q, 4, row->wall % SLOT_SECONDS);
    query_run(q);
}

int64_t hot_slot_after(struct side *side, int64_t slot)
{
    struct query *q = db_query(side->db, "SELECT slot FROM hot WHERE slot >= $1 ORDER BY slot LIMIT 1");
    query_put_int(q, 1, slot);
    int64_t found = query_row(q) ? query_int(q, 0) : -1;
    query_end(q);
    return found;
}

/* A growing list in an arena; the old arrays stay behind. */
static struct hot_row *rows_add(struct hot_row **rows, size_t *count, size_t *room, struct arena *arena)
{
    if (*count == *room) {
        *room = *room ? *room * 2 : 8;
        struct hot_row *grown = arena_take(arena, *room * sizeof *grown);
        if (*count)
            memcpy(grown, *rows, *count * sizeof *grown);
        *rows = grown;
    }
    return &(*rows)[(*count)++];
}

size_t hot_list(struct side *side, enum archive a, int64_t meter, struct span span, size_t limit, struct arena *arena,
                struct hot_row **ret)
{
    size_t count = 0, room = 0;
    int64_t last = (span.to - 1) / SLOT_SECONDS;
    *ret = NULL;
    if (span.to <= span.from)
        return 0;
    for (int64_t slot = hot_slot_after(side, span.from / SLOT_SECONDS); slot >= 0 && slot <= last && count < limit;
         slot = hot_slot_after(side, slot + 1)) {
        struct query *q = db_query(side->db, "SELECT offset, layout, body FROM hot"
                                             " WHERE slot = $1 AND meter = $2 AND archive = $3 ORDER BY offset");
        query_put_int(q, 1, slot);
        query_put_int(q, 2, meter);
        query_put_int(q, 3, a);
        while (count < limit && query_row(q)) {
            int64_t wall = slot * SLOT_SECONDS + query_int(q, 0);
            if (!span_holds(span, wall))
                continue;
            struct hot_row *row = rows_add(ret, &count, &room, arena);
            *row = (struct hot_row){ .slot = slot, .meter = meter, .wall = wall, .archive = a };
            if (!unpack(side, query_int(q, 1), query_bytes(q, 2), wall, arena, &row->block))
                count--;
        }
        query_end(q);
    }
    return count;
}

/* ---- periods ---- */

const struct block *period_load(struct side *side, enum archive a, int64_t period, int64_t meter, struct arena *arena)
{
    int64_t start = period_start(a, period);
    const struct block *stored = cells_load(side, a, period, meter, arena);
    struct hot_row *rows;
    size_t count = hot_list(side, a, meter, (struct span){ start, archive_block_end(a, start) }, SIZE_MAX, arena, &rows);
    if (count == 0)
        return stored;
    const struct block **parts = arena_take(arena, (count + 1) * sizeof(struct block *));
    for (size_t i = 0; i < count; i++)
        parts[i] = &rows[i].block;
    if (stored)
        parts[count] = stored;
    struct block *joined = arena_take(arena, sizeof *joined);
    if (block_join(parts, count + (stored != NULL), start, arena, joined))
        return joined;
    db_fail(side->db, TROUBLE_DAMAGED, "block limit");
    return NULL;
}

static int64_t edge(struct side *side, const char *sql, int64_t from, int64_t to)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, from);
    query_put_int(q, 2, to);
    int64_t found = query_row(q) ? query_int(q, 0) : -1;
    query_end(q);
    return found;
}

bool periods_clip(struct side *side, enum archive a, struct span *span)
{
    if (span->from < 0)
        span->from = 0;
    int64_t from = INT64_MAX, to = INT64_MIN, low = block_key(a, 0, 0), high = block_key((enum archive)(a + 1), 0, 0);
    int64_t first = edge(side, "SELECT key FROM block WHERE key >= $1 AND key < $2 ORDER BY key LIMIT 1", low, high);
    int64_t last = edge(side, "SELECT key FROM block WHERE key >= $1 AND key < $2 ORDER BY key DESC LIMIT 1", low, high);
    if (first >= 0 && last >= 0) {
        from = period_start(a, key_period(first));
        to = archive_block_end(a, period_start(a, key_period(last)));
    }
    first = edge(side, "SELECT slot FROM hot WHERE slot >= $1 AND slot < $2 ORDER BY slot LIMIT 1", 0, INT64_MAX);
    last = edge(side, "SELECT slot FROM hot WHERE slot >= $1 AND slot < $2 ORDER BY slot DESC LIMIT 1", 0, INT64_MAX);
    if (first >= 0 && last >= 0) {
        from = first * SLOT_SECONDS < from ? first * SLOT_SECONDS : from;
        to = (last + 1) * SLOT_SECONDS > to ? (last + 1) * SLOT_SECONDS : to;
    }
    span->from = from > span->from ? from : span->from;
    span->to = to < span->to ? to : span->to;
    return span->from < span->to;
}

static size_t count_walls(const struct block *b, struct span span, int64_t *out)
{
    size_t count = 0;
    for (uint32_t row = 0; b && row < b->rows; row++)
        if (span_holds(span, b->walls[row])) {
            if (out)
                out[count] = b->walls[row];
            count++;
        }
    return count;
}

size_t walls_present(struct side *side, int64_t meter, enum archive a, struct span span, struct arena *arena,
                     int64_t **ret)
{
    size_t count = 0, room = 0;
    *ret = NULL;
    if (!periods_clip(side, a, &span))
        return 0;
    int64_t last = period_of(a, span.to - 1);
    for (int64_t period = period_of(a, span.from); period <= last; period++) {
        const struct block *b = period_load(side, a, period, meter, arena);
        size_t more = count_walls(b, span, NULL);
        if (more == 0)
            continue;
        if (count + more > room) {
            room = (count + more) * 2;
            int64_t *grown = arena_take(arena, room * sizeof *grown);
            if (count)
                memcpy(grown, *ret, count * sizeof *grown);
            *ret = grown;
        }
        count += count_walls(b, span, *ret + count);
    }
    return count;
}
