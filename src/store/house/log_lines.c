/* The program's own log lines; see house.h. */
#include "store/house/house.h"
#include "store/inside.h"

enum fault store_log_lines_put(struct store *s, const struct store_log_line *lines, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO log_line(at_ms, level, service, event, details) VALUES($1, $2, $3, $4, $5)");
        query_put_int(q, 1, lines[i].at_ms ? lines[i].at_ms : s->now_ms());
        query_put_int(q, 2, lines[i].level);
        query_put_text(q, 3, lines[i].service);
        query_put_text(q, 4, lines[i].event);
        query_put_text(q, 5, lines[i].details);
        query_run(q);
    }
    struct query *old = db_query(side->db, "DELETE FROM log_line WHERE id <= (SELECT max(id) FROM log_line) - $1");
    query_put_int(old, 1, LINES_KEPT);
    query_run(old);
    return side_end(side);
}

enum fault store_log_lines(struct store *s, const struct log_line_filter *f, store_log_line_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, at_ms, level, service, event, details FROM log_line WHERE at_ms >= $1 AND at_ms < $2 AND level <= $3"
                                         " AND ($4 = '' OR service = $4) AND ($5 = '%%' OR event || ' ' || details LIKE $5 ESCAPE '\\')"
                                         " AND ($6 = 0 OR id < $6) ORDER BY id DESC");
    query_put_int(q, 1, f->from_ms);
    query_put_int(q, 2, f->to_ms);
    query_put_int(q, 3, f->level);
    query_put_text(q, 4, f->service ? f->service : "");
    query_put_text(q, 5, like_pattern(f->search ? f->search : "", &a));
    query_put_int(q, 6, f->before_id);
    while (query_row(q)) {
        struct store_log_line l = { query_int(q, 0), query_int(q, 1), (int)query_int(q, 2), query_text(q, 3), query_text(q, 4), query_text(q, 5) };
        if (!each(context, &l))
            break;
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_log_lines_clear(struct store *s, int64_t before_ms)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "DELETE FROM log_line WHERE at_ms < $1");
    query_put_int(q, 1, before_ms);
    query_run(q);
    return side_end(side);
}
