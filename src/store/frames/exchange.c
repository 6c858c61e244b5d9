/* The frame journal; see exchange.h.
 *
 * A row's body is a byte 1 and, sealed, its packed records (exchange_row.h). Versions before wrote the records alone: they begin with the
 * first one's zero milliseconds. The ring's size is kept beside it, under a key among the counters. */
#include "store/frames/exchange_recent.h"
#include "store/frames/exchange_row.h"
#include "store/inside.h"
#include "store/registry/secrets.h"

enum { SEALED_BODY = 1, SEALED_AT_ONCE = 256 };

static const char ring_key[] = "exchange.bytes";

/* Notes are kept in the words of whoever wrote them; this one is for both. */
static const char lost_note[] = "кадры запечатаны другим ключом / frames are sealed with another key";

static struct bytes seal(const struct vault *v, struct bytes records, struct arena *a)
{
    struct bytes box = vault_seal_bytes(v, exchange_row_pack(records, a), a);
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
    return plain.data ? exchange_row_unpack(plain, a) : plain;
}

static size_t put_row(struct side *side, const struct vault *v, const struct exchange *e, size_t count)
{
    arena_reset(&side->arena);
    struct query *q = db_query(side->db, "INSERT INTO exchange(meter, link, from_ms, to_ms, body)"
                                         " VALUES($1, $2, $3, $4, $5)");
    query_put_int(q, 1, e->meter);
    query_put_int(q, 2, e->link);
    query_put_int(q, 3, e->utc_ms);
    query_put_int(q, 4, e[count - 1].utc_ms);
    struct bytes body = seal(v, exchange_row_write(e, count, &side->arena), &side->arena);
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
    if (!exchange_row_fits(records, count))
        return FAULT_LIMIT;
    const struct vault *v = store_vault(s);
    if (!v)
        return FAULT_STORE;
    struct side *side = side_begin(s, DB_WRITE);
    int64_t added = 0;
    for (size_t i = 0; i < count && !db_failed(side->db);) {
        size_t n = exchange_row_count(records + i, count - i);
        added += (int64_t)put_row(side, v, records + i, n);
        i += n;
    }
    keep_ring(side, added, limit_bytes);
    return side_end(side);
}

void store_exchange_memory(struct store *s, size_t bytes)
{
    exchange_recent_free(&s->recent_frames);
    s->recent_frames = bytes ? exchange_recent_new(bytes) : NULL;
}

enum fault store_exchange_remember(struct store *s, const struct exchange *records, size_t count)
{
    if (!s->recent_frames)
        return FAULT_NOT_SUPPORTED;
    if (!exchange_row_fits(records, count))
        return FAULT_LIMIT;
    for (size_t i = 0, n; i < count; i += n) {
        n = exchange_row_count(records + i, count - i);
        exchange_recent_add(s->recent_frames, records + i, n);
    }
    return FAULT_NONE;
}

/* Whoever looks for frames. */
struct seeker {
    struct side *side;
    int64_t from_ms, to_ms;
    store_exchange_fn *each;
    void *context;
    const struct exchange_row *recent; /* remembered rows that were not given yet, by time */
    size_t recent_count;
    bool going;
};

/* Remembered rows that begin before the moment. */
static void give_recent(struct seeker *k, int64_t before_ms)
{
    struct arena a = { 0 };
    for (; k->going && k->recent_count && k->recent->from_ms < before_ms; k->recent++, k->recent_count--) {
        struct bytes records = exchange_row_unpack(k->recent->packed, &a);
        struct exchange e = { .meter = k->recent->meter, .link = k->recent->link, .utc_ms = k->recent->from_ms };
        exchange_row_read(records, e, k->from_ms, k->to_ms, k->each, k->context, &k->going);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void give_stored(struct seeker *k, struct query *q)
{
    struct arena a = { 0 };
    struct exchange e = { .meter = query_int(q, 0), .link = query_int(q, 1), .utc_ms = query_int(q, 2) };
    struct bytes records = unseal(k->side->store, query_bytes(q, 3), &a);
    if (!records.data) {
        e.utc_ms = e.utc_ms < k->from_ms ? k->from_ms : e.utc_ms;
        e.direction = EXCHANGE_NOTE;
        e.note = lost_note;
        k->going = k->each(k->context, &e);
    } else if (!exchange_row_read(records, e, k->from_ms, k->to_ms, k->each, k->context, &k->going)) {
        db_fail(k->side->db, TROUBLE_DAMAGED, "exchange");
    }
    arena_free(&a);
}

enum fault store_exchanges(struct store *s, int64_t meter, int64_t from_ms, int64_t to_ms, store_exchange_fn *each,
                           void *context)
{
    struct arena a = { 0 };
    struct seeker k = { .side = side_begin(s, DB_READ), .from_ms = from_ms, .to_ms = to_ms, .each = each, .context = context, .going = true };
    k.recent_count = exchange_recent_find(s->recent_frames, meter, from_ms, to_ms, &a, &k.recent);
    struct query *q = db_query(k.side->db, "SELECT meter, link, from_ms, body FROM exchange"
                                           " WHERE meter = $1 AND from_ms < $2 AND to_ms >= $3 ORDER BY from_ms, id");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, to_ms);
    query_put_int(q, 3, from_ms);
    while (k.going && query_row(q)) {
        give_recent(&k, query_int(q, 2));
        if (k.going)
            give_stored(&k, q);
    }
    query_end(q);
    give_recent(&k, INT64_MAX);
    arena_free(&a);
    return side_end(k.side);
}

enum fault store_exchanges_clear(struct store *s, int64_t before_ms)
{
    exchange_recent_clear(s->recent_frames, before_ms);
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
