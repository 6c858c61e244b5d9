/* What clocks of meters showed when they were last read; see occasions.h. */
#include "store/box/occasions.h"
#include "store/inside.h"

enum fault store_clocks_put(struct store *s, const struct store_clock *rows, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO meter_clock(meter, read_ms, error_s, corrected_ms, corrected_s) VALUES($1, $2, $3, $4, $5)"
                                             " ON CONFLICT(meter) DO UPDATE SET read_ms = excluded.read_ms, error_s = excluded.error_s,"
                                             " corrected_ms = CASE WHEN excluded.corrected_ms = 0 THEN corrected_ms ELSE excluded.corrected_ms END,"
                                             " corrected_s = CASE WHEN excluded.corrected_ms = 0 THEN corrected_s ELSE excluded.corrected_s END");
        query_put_int(q, 1, rows[i].meter);
        query_put_int(q, 2, rows[i].read_ms);
        query_put_int(q, 3, rows[i].error_s);
        query_put_int(q, 4, rows[i].corrected_ms);
        query_put_int(q, 5, rows[i].corrected_s);
        query_run(q);
    }
    return side_end(side);
}

enum fault store_clocks(struct store *s, store_clock_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT meter, read_ms, error_s, corrected_ms, corrected_s FROM meter_clock ORDER BY meter");
    while (query_row(q)) {
        struct store_clock c = { query_int(q, 0), query_int(q, 1), query_int(q, 2), query_int(q, 3), query_int(q, 4) };
        if (!each(context, &c))
            break;
    }
    query_end(q);
    return side_end(side);
}
