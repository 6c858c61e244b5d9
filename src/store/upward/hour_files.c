/* The ledger of hour files; see hour_files.h. */
#include "store/inside.h"
#include "store/upward/hour_files.h"

#define COLUMNS "SELECT id, hour, part, rows, size, made_ms, sent1_ms, sent2_ms FROM hour_file"

static struct hour_file file_of(struct query *q)
{
    return (struct hour_file){ query_int(q, 0), query_int(q, 1), (int)query_int(q, 2), query_int(q, 3), query_int(q, 4), query_int(q, 5),
                               { query_int(q, 6), query_int(q, 7) } };
}

static enum fault one(struct side *side, struct query *q, struct hour_file *ret)
{
    bool found = query_row(q);
    if (found)
        *ret = file_of(q);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_hour_file_add(struct store *s, const struct hour_file *f, const struct feed_reader *reader)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "INSERT INTO hour_file(hour, part, rows, size, made_ms, sent1_ms, sent2_ms) VALUES($1, $2, $3, $4, $5, 0, 0)");
    query_put_int(q, 1, f->hour);
    query_put_int(q, 2, f->part);
    query_put_int(q, 3, f->rows);
    query_put_int(q, 4, f->size);
    query_put_int(q, 5, f->made_ms);
    query_run(q);
    enum fault moved = store_feed_move(s, reader, 1);
    return moved == FAULT_NONE ? side_end(side) : side_cancel(side, moved);
}

enum fault store_hour_file_part(struct store *s, int64_t hour, int *ret)
{
    struct side *side = side_begin(s, DB_READ);
    *ret = (int)row_number(query_for(side, "SELECT max(part) FROM hour_file WHERE hour = $1", hour)) + 1;
    return side_end(side);
}

enum fault store_hour_files(struct store *s, struct span hours, hour_file_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, COLUMNS " WHERE hour >= $1 AND hour < $2 ORDER BY hour, part", hours.from);
    query_put_int(q, 2, hours.to);
    while (query_row(q)) {
        struct hour_file f = file_of(q);
        if (!each(context, &f))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_hour_file_get(struct store *s, int64_t id, struct hour_file *ret)
{
    struct side *side = side_begin(s, DB_READ);
    return one(side, query_for(side, COLUMNS " WHERE id = $1", id), ret);
}

enum fault store_hour_days(struct store *s, hour_day_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT hour / 86400 * 86400 AS day, count(*), sum(rows), sum(size),"
                                         " sum(CASE WHEN sent1_ms = 0 AND sent2_ms = 0 THEN 1 ELSE 0 END) FROM hour_file GROUP BY day ORDER BY day DESC");
    while (query_row(q)) {
        struct hour_day d = { query_int(q, 0), query_int(q, 1), query_int(q, 2), query_int(q, 3), query_int(q, 4) };
        if (!each(context, &d))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_hour_file_unsent(struct store *s, int server, struct hour_file *ret)
{
    static const char *const which[] = { COLUMNS " WHERE sent1_ms = 0 AND sent2_ms = 0 ORDER BY id LIMIT 1", COLUMNS " WHERE sent1_ms = 0 ORDER BY id LIMIT 1",
                                         COLUMNS " WHERE sent2_ms = 0 ORDER BY id LIMIT 1" };
    struct side *side = side_begin(s, DB_READ);
    return one(side, db_query(side->db, which[server + 1]), ret);
}

enum fault store_hour_file_sent(struct store *s, int64_t id, int server, int64_t sent_ms)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = query_for(side, server ? "UPDATE hour_file SET sent2_ms = $2 WHERE id = $1" : "UPDATE hour_file SET sent1_ms = $2 WHERE id = $1", id);
    query_put_int(q, 2, sent_ms);
    return side_end_found(side, query_run(q) > 0);
}

enum fault store_hour_file_oldest(struct store *s, struct hour_file *ret)
{
    struct side *side = side_begin(s, DB_READ);
    return one(side, db_query(side->db, COLUMNS " ORDER BY id LIMIT 1"), ret);
}

enum fault store_hour_file_drop(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    return side_end_found(side, run_for(side, "DELETE FROM hour_file WHERE id = $1", id) > 0);
}

enum fault store_hour_figures(struct store *s, struct hour_figures *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT count(*), coalesce(sum(size), 0), coalesce(sum(CASE WHEN sent1_ms = 0 THEN 1 ELSE 0 END), 0),"
                                         " coalesce(sum(CASE WHEN sent2_ms = 0 THEN 1 ELSE 0 END), 0),"
                                         " coalesce(sum(CASE WHEN sent1_ms = 0 AND sent2_ms = 0 THEN 1 ELSE 0 END), 0) FROM hour_file");
    *ret = (struct hour_figures){ 0 };
    if (query_row(q))
        *ret = (struct hour_figures){ query_int(q, 0), query_int(q, 1), { query_int(q, 2), query_int(q, 3) }, query_int(q, 4) };
    query_end(q);
    return side_end(side);
}
