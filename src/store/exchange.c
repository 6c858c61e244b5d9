/* The frame journal; see exchange.h.
 *
 * A row's body is a byte 1 and, sealed, the size of its records (4) and they themselves by zlib, one after another: milliseconds
 * since the row's from_ms (4), direction (1), frame size (4), note size (4), frame, note; big-endian. The ring's size is kept beside it, under a key among the counters.
 * Versions before wrote the records alone: they begin with the first one's zero milliseconds. */
#include "store/exchange.h"
#include "store/inside.h"
#include "store/secrets.h"

#include <zlib.h>

enum { RECORD_HEAD = 13, PART_MAX = 64 << 10, ROW_RECORDS_MAX = 256, SEALED_BODY = 1, SEALED_AT_ONCE = 256 };
enum { SIZE_HEAD = 4, BODY_MAX = ROW_RECORDS_MAX * (RECORD_HEAD + 2 * PART_MAX) };

static const char ring_key[] = "exchange.bytes";

/* Notes are kept in the words of whoever wrote them; this one is for both. */
static const char lost_note[] = "кадры запечатаны другим ключом / frames are sealed with another key";

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

/* Frames of a session are alike: half of what would go to the flash is spared by the quickest of zlib's ways. */
static struct bytes deflated(struct bytes records, struct arena *a)
{
    uLongf size = compressBound(records.size);
    uint8_t *out = arena_take(a, SIZE_HEAD + size);
    struct writer w = writer_over(out, SIZE_HEAD);
    put_be32(&w, records.size);
    if (compress2(out + SIZE_HEAD, &size, records.data, records.size, Z_BEST_SPEED) != Z_OK)
        size = 0;
    return bytes_of(out, SIZE_HEAD + size);
}

static struct bytes inflated(struct bytes body, struct arena *a)
{
    struct cursor c = cursor_over(body);
    uLongf size = take_be32(&c), wanted = size;
    if (c.failed || size > BODY_MAX)
        return bytes_of(NULL, 0);
    uint8_t *out = arena_take(a, size + 1);
    bool whole = uncompress(out, &size, body.data + SIZE_HEAD, body.size - SIZE_HEAD) == Z_OK && size == wanted;
    return whole ? bytes_of(out, size) : bytes_of(NULL, 0);
}

static struct bytes seal(const struct vault *v, struct bytes records, struct arena *a)
{
    struct bytes box = vault_seal_bytes(v, deflated(records, a), a);
    struct writer w = writer_over(arena_take(a, box.size + 1), box.size + 1);
    put_u8(&w, SEALED_BODY);
    put_bytes(&w, box);
    return writer_bytes(&w);
}

static bool is_sealed(struct bytes body)
{
    return body.size && *body.data == SEALED_BODY;
}

/* NULL data when it cannot be opened. */
static struct bytes unseal(struct store *s, struct bytes body, struct arena *a)
{
    if (!is_sealed(body))
        return body;
    const struct vault *v = store_vault(s);
    struct bytes plain = v ? vault_unseal_bytes(v, bytes_part(body, 1, body.size - 1), a) : bytes_of(NULL, 0);
    return plain.data ? inflated(plain, a) : plain;
}

static size_t put_row(struct side *side, const struct vault *v, const struct exchange *e, size_t count)
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
    struct bytes body = seal(v, writer_bytes(&w), &side->arena);
    query_put_bytes(q, 5, body);
    query_run(q);
    return body.size;
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
    const struct vault *v = store_vault(s);
    if (!v)
        return FAULT_STORE;
    struct side *side = side_begin(s, DB_WRITE);
    int64_t added = 0;
    for (size_t i = 0; i < count && !db_failed(side->db);) {
        size_t n = row_records(records + i, count - i);
        added += (int64_t)put_row(side, v, records + i, n);
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
    struct bytes records = unseal(side->store, query_bytes(q, 3), &a);
    struct cursor c = cursor_over(records);
    int64_t start = query_int(q, 2);
    bool going = true;
    if (!records.data) {
        e = (struct exchange){ .meter = e.meter, .link = e.link, .utc_ms = start < from_ms ? from_ms : start, .direction = EXCHANGE_NOTE, .note = lost_note };
        going = each(context, &e);
    }
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

/* The rows of an earlier version after *at, sealed; false when there are no more. */
static bool seal_some(struct side *side, const struct vault *v, int64_t *at)
{
    int64_t ids[SEALED_AT_ONCE];
    struct bytes bodies[SEALED_AT_ONCE];
    size_t count = 0;
    arena_reset(&side->arena);
    struct query *q = db_query(side->db, "SELECT id, body FROM exchange WHERE id > $1 ORDER BY id LIMIT $2");
    query_put_int(q, 1, *at);
    query_put_int(q, 2, SEALED_AT_ONCE);
    for (; query_row(q); count++) {
        *at = ids[count] = query_int(q, 0);
        struct bytes body = query_bytes(q, 1);
        bodies[count] = is_sealed(body) ? bytes_of(NULL, 0) : seal(v, body, &side->arena);
    }
    query_end(q);
    for (size_t i = 0; i < count && !db_failed(side->db); i++) {
        if (!bodies[i].data)
            continue;
        q = db_query(side->db, "UPDATE exchange SET body = $2 WHERE id = $1");
        query_put_int(q, 1, ids[i]);
        query_put_bytes(q, 2, bodies[i]);
        query_run(q);
    }
    return count == SEALED_AT_ONCE && !db_failed(side->db);
}

void exchanges_seal(struct side *side, const struct vault *v)
{
    int64_t at = 0;
    while (seal_some(side, v, &at))
        ;
}
