/* Counters and settings: small things that are on the disk before the call returns. */
#include "store/inside.h"

static int64_t counter_value(struct side *side, const char *key)
{
    struct query *q = db_query(side->db, "SELECT value FROM counter WHERE key = $1");
    query_put_text(q, 1, key);
    int64_t value = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    return value;
}

static void counter_set(struct side *side, const char *key, int64_t value)
{
    struct query *q = db_query(side->db, "INSERT INTO counter(key, value) VALUES($1, $2)"
                                         " ON CONFLICT(key) DO UPDATE SET value = excluded.value");
    query_put_text(q, 1, key);
    query_put_int(q, 2, value);
    query_run(q);
}

enum fault store_counter_get(struct store *s, const char *key, int64_t *ret)
{
    struct side *side = side_begin(s, DB_READ);
    int64_t value = counter_value(side, key);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret = value;
    return fault;
}

enum fault store_counter_put(struct store *s, const char *key, int64_t value)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (counter_value(side, key) > value)
        return side_cancel(side, FAULT_REFUSED);
    counter_set(side, key, value);
    return side_end(side);
}

enum fault store_counter_reserve(struct store *s, const char *key, int64_t at_least, int64_t count, int64_t *ret_first)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t first = counter_value(side, key), next;
    if (first < at_least)
        first = at_least;
    if (count < 1 || __builtin_add_overflow(first, count, &next))
        return side_cancel(side, FAULT_SETTING);
    counter_set(side, key, next);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret_first = first;
    return fault;
}

enum fault store_setting_get(struct store *s, const char *key, struct arena *a, const char **ret)
{
    const char *value = NULL;
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT value FROM setting WHERE key = $1");
    query_put_text(q, 1, key);
    if (query_row(q))
        value = arena_text(a, bytes_of_text(query_text(q, 0)));
    query_end(q);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret = value;
    return fault;
}

enum fault store_setting_put(struct store *s, const char *key, const char *value)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = value ? db_query(side->db, "INSERT INTO setting(key, value) VALUES($1, $2)"
                                                 " ON CONFLICT(key) DO UPDATE SET value = excluded.value")
                            : db_query(side->db, "DELETE FROM setting WHERE key = $1");
    query_put_text(q, 1, key);
    if (value)
        query_put_text(q, 2, value);
    query_run(q);
    return side_end(side);
}

enum fault store_settings(struct store *s, const char *prefix, store_setting_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT key, value FROM setting WHERE key >= $1 ORDER BY key");
    query_put_text(q, 1, prefix);
    while (query_row(q))
        if (strncmp(query_text(q, 0), prefix, strlen(prefix)) != 0
            || !each(context, query_text(q, 0), query_text(q, 1)))
            break;
    query_end(q);
    return side_end(side);
}
