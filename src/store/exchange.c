/* The frame journal; see exchange.h.
 *
 * A row's body is its records one after another: milliseconds since the row's from_ms (4), direction (1), frame size (4),
 * note size (4), frame, note; big-endian. The ring's size is kept beside it, under a key among the counters. */
#include "store/exchange.h"
#include "store/inside.h"

enum { RECORD_HEAD = 13, PART_MAX = 64 << 10, ROW_RECORDS_MAX = 256 };

static const char ring_key[] = "exchange.bytes";

static size_t record_size(const struct exchange *e)
{
    return RECORD_HEAD + e->frame.size + (e->note ? strlen(e->note) : 0);
}

/* How many records from the first one on go into one row. */
static size_t row_records(const struct exchange *e, size_t count)
{
    size_t n = 1;
    while (n < count && n < ROW_RECORDS_MAX && e[n].meter == e->meter && e[n].link == e->link
           && e[n].utc_ms >= e[n - 1].utc_ms && e[n].utc_ms - e->utc_ms < UINT32_MAX)
        n++;
    return n;
}

static size_t put_row(struct side *side, const struct exchange *e, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += record_size(&e[i]);
    arena_reset(&side->arena);
    struct writer w = writer_over(arena_take(&side->arena, size), size);
    for (size_t i = 0; i < count; i++) {
        struct bytes note = bytes_of_text(e[i].note ? e[i].note : "");
        put_be32(&w, (uint64_t)(e[i].utc_ms - e->utc_ms));
        put_u8(&w, e[i].direction);
        put_be32(&w, e[i].frame.size);
        put_be32(&w, note.size);
        put_bytes(&w, e[i].frame);
        put_bytes(&w, note);
    }
    struct query *q = db_query(side->db, "INSERT INTO exchange(meter, link, from_ms, to_ms, body)"
                                         " VALUES($1, $2, $3, $4, $5)");
    query_put_int(q, 1, e->meter);
    query_put_int(q, 2, e->link);
    query_put_int(q, 3, e->utc_ms);
    query_put_int(q, 4, e[count - 1].utc_ms);
    query_put_bytes(q, 5, writer_bytes(&w));
    query_run(q);
    return size;
}

static int64_t drop_oldest(struct side *side)
{
    int64_t id = 0, size = 0;
    struct query *q = db_query(side->db, "SELECT id, length(body) FROM exchange ORDER BY id LIMIT 1");
    if (query_row(q)) {
        id = query_int(q, 0);
        size = query_int(q, 1);
    }
    query_end(q);
    q = db_query(side->db, "DELETE FROM exchange WHERE id = $1");
    query_put_int(q, 1, id);
    return query_run(q) ? size : -1;
}

/* Adds `added` to the ring's size and makes room. */
static void keep_ring(struct side *side, int64_t added, int64_t limit)
{
    struct query *q = db_query(side->db, "SELECT value FROM counter WHERE key = $1");
    query_put_text(q, 1, ring_key);
    int64_t size = (query_row(q) ? query_int(q, 0) : 0) + added;
    query_end(q);
    while (size > limit && !db_failed(side->db)) {
        int64_t freed = drop_oldest(side);
        size = freed < 0 ? 0 : size - freed;
    }
    q = db_query(side->db, "INSERT INTO counter(key, value) VALUES($1, $2)"
                           " ON CONFLICT(key) DO UPDATE SET value = excluded.value");
    query_put_text(q, 1, ring_key);
    query_put_int(q, 2, size);
    query_run(q);
}

enum fault store_exchange_put(struct store *s, const struct exchange *records, size_t count, int64_t limit_bytes)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].frame.size > PART_MAX || (records[i].note && strlen(records[i].note) > PART_MAX))
            return FAULT_LIMIT;
    struct side *side = side_begin(s, DB_WRITE);
    int64_t added = 0;
    for (size_t i = 0; i < count && !db_failed(side->db);) {
        size_t n = row_records(records + i, count - i);
        added += (int64_t)put_row(side, records + i, n);
        i += n;
    }
    keep_ring(side, added, limit_bytes);
    return side_end(side);
}

/* False when the callback wants no more. */
static bool give_row(struct side *side, struct query *q, struct exchange e, int64_t from_ms, int64_t to_ms,
                     store_exchange_fn *each, void *context)
{
    struct arena a = { 0 };
    struct cursor c = cursor_over(query_bytes(q, 3));
    int64_t start = query_int(q, 2);
    bool going = true;
    while (going && cursor_left(&c)) {
        e.utc_ms = start + take_be32(&c);
        e.direction = (enum exchange_direction)take_u8(&c);
        size_t frame = take_be32(&c), note = take_be32(&c);
        e.frame = take_bytes(&c, frame);
        struct bytes text = take_bytes(&c, note);
        if (c.failed) {
            db_fail(side->db, TROUBLE_DAMAGED, "exchange");
            break;
        }
        e.note = arena_text(&a, text);
        if (e.utc_ms >= from_ms && e.utc_ms < to_ms)
            going = each(context, &e);
    }
    arena_free(&a);
    return going;
}

enum fault store_exchanges(struct store *s, int64_t meter, int64_t from_ms, int64_t to_ms, store_exchange_fn *each,
                           void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT meter, link, from_ms, body FROM exchange"
                                         " WHERE meter = $1 AND from_ms < $2 AND to_ms >= $3 ORDER BY from_ms, id");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, to_ms);
    query_put_int(q, 3, from_ms);
    while (query_row(q)) {
        struct exchange e = { .meter = query_int(q, 0), .link = query_int(q, 1) };
        if (!give_row(side, q, e, from_ms, to_ms, each, context))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_exchanges_clear(struct store *s, int64_t before_ms)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "SELECT coalesce(sum(length(body)), 0) FROM exchange WHERE to_ms < $1");
    query_put_int(q, 1, before_ms);
    int64_t freed = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    q = db_query(side->db, "DELETE FROM exchange WHERE to_ms < $1");
    query_put_int(q, 1, before_ms);
    query_run(q);
    keep_ring(side, -freed, INT64_MAX);
    return side_end(side);
}
