/* The feed: rows in order of storing, readers with positions; see feed.h. */
#include "store/inside.h"
#include "store/upward/feed.h"

enum {
    TIDY_ROWS = 4096,   /* rows that all have passed go in such numbers: whole pages, few transactions */
    BOUND_LOOK = 256,   /* the bound is looked at once in so many rows */
    BOUND_SHARE = 16,   /* beyond it this part of the feed goes at once */
};

/* ---- writing ---- */

bool feed_wanted(struct side *side)
{
    return row_found(db_query(side->db, "SELECT 1 FROM feed_reader LIMIT 1"));
}

static int64_t first_row(struct side *side)
{
    return row_number(db_query(side->db, "SELECT min(id) FROM feed"));
}

static int64_t last_row(struct side *side)
{
    return row_number(db_query(side->db, "SELECT max(id) FROM feed"));
}

/* Rows before `id` go; whoever had not read them has lost them. */
static void drop_before(struct side *side, int64_t id)
{
    struct query *q = db_query(side->db, "UPDATE feed_reader SET lost = lost + $1 - 1 - position, position = $1 - 1 WHERE position < $1 - 1");
    query_put_int(q, 1, id);
    query_run(q);
    run_for(side, "DELETE FROM feed WHERE id < $1", id);
}

static void keep_bound(struct side *side, int64_t last)
{
    int64_t first = first_row(side), most = side->store->feed_rows;
    if (last - first + 1 > most)
        drop_before(side, last - (most - most / BOUND_SHARE) + 1);
}

void feed_note(struct side *side, int64_t meter, enum archive a, int64_t first, int64_t last)
{
    if (!side->feeding)
        return;
    struct query *q = db_query(side->db, "INSERT INTO feed(meter, archive, first, length, at_ms) VALUES($1, $2, $3, $4, $5)");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, a);
    query_put_int(q, 3, first);
    query_put_int(q, 4, last - first);
    query_put_int(q, 5, a == ARCHIVE_JOURNAL ? side->put_ms : 0); /* a zero takes no byte */
    query_run(q);
    int64_t id = db_inserted(side->db);
    if (id % BOUND_LOOK == 0)
        keep_bound(side, id);
}

/* ---- reading ---- */

enum fault store_feed(struct store *s, int64_t position, size_t most, feed_row_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, meter, archive, first, length, at_ms FROM feed WHERE id > $1 ORDER BY id LIMIT $2");
    query_put_int(q, 1, position);
    query_put_int(q, 2, (int64_t)most);
    while (query_row(q)) {
        int64_t first = query_int(q, 3);
        struct feed_row row = { query_int(q, 0), query_int(q, 1), (enum archive)query_int(q, 2), { first, first + query_int(q, 4) + 1 }, query_int(q, 5) };
        if (row.archive >= ARCHIVE_COUNT)
            db_fail(side->db, TROUBLE_DAMAGED, "feed");
        else if (!each(context, &row))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_feed_events(struct store *s, const struct feed_row *row, store_event_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT wall, journal, code, detail FROM event WHERE meter = $1 AND wall >= $2 AND wall < $3"
                                         " AND stored_ms = $4 ORDER BY wall, journal, code, detail");
    query_put_int(q, 1, row->meter);
    query_put_int(q, 2, row->span.from);
    query_put_int(q, 3, row->span.to);
    query_put_int(q, 4, row->at_ms);
    while (query_row(q)) {
        struct event e = { (uint16_t)query_int(q, 1), (uint16_t)query_int(q, 2), query_int(q, 0), (uint32_t)query_int(q, 3) };
        if (!each(context, row->meter, &e, row->at_ms))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_feed_last(struct store *s, int64_t *ret)
{
    struct side *side = side_begin(s, DB_READ);
    int64_t last = last_row(side);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret = last;
    return fault;
}

unsigned long store_feed_stirs(const struct store *s)
{
    return atomic_load(&s->stirs);
}

/* ---- readers ---- */

void feed_join(struct side *side, const char *name)
{
    struct query *q = db_query(side->db, "INSERT INTO feed_reader(name, position, lost, note)"
                                         " VALUES($1, (SELECT coalesce(max(id), 0) FROM feed), 0, '') ON CONFLICT(name) DO NOTHING");
    query_put_text(q, 1, name);
    query_run(q);
}

/* Rows that every reader has passed, when they are many; the newest stays, for ids must go on from it. */
static void tidy(struct side *side)
{
    int64_t first = first_row(side), last = last_row(side);
    struct query *q = db_query(side->db, "SELECT min(position) FROM feed_reader");
    int64_t passed = row_number(q);
    if (passed >= last)
        passed = last - 1;
    if (passed - first + 1 >= TIDY_ROWS)
        run_for(side, "DELETE FROM feed WHERE id <= $1", passed);
}

void feed_leave(struct side *side, const char *name)
{
    struct query *q = db_query(side->db, "DELETE FROM feed_reader WHERE name = $1");
    query_put_text(q, 1, name);
    query_run(q);
    if (!feed_wanted(side))
        run_for(side, "DELETE FROM feed WHERE id < $1", last_row(side));
}

enum fault store_feed_join(struct store *s, const char *name)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    feed_join(side, name);
    return side_end(side);
}

enum fault store_feed_leave(struct store *s, const char *name)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    feed_leave(side, name);
    return side_end(side);
}

enum fault store_feed_readers(struct store *s, const char *prefix, feed_reader_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT name, position, lost, note FROM feed_reader WHERE substr(name, 1, length($1)) = $1 ORDER BY name");
    query_put_text(q, 1, prefix);
    while (query_row(q)) {
        struct feed_reader r = { query_text(q, 0), query_int(q, 1), query_int(q, 2), query_text(q, 3) };
        if (!each(context, &r))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_feed_move(struct store *s, const struct feed_reader *readers, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "UPDATE feed_reader SET position = CASE WHEN position < $1 THEN $1 ELSE position END, note = $2"
                                             " WHERE name = $3");
        query_put_int(q, 1, readers[i].position);
        query_put_text(q, 2, readers[i].note);
        query_put_text(q, 3, readers[i].name);
        query_run(q);
    }
    tidy(side);
    return side_end(side);
}
