/* Reading back; see store.h. Every block asked for is decoded here and nowhere kept. */
#include "store/inside.h"

static bool wanted(struct obis o, const struct obis *filter, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (obis_equal(filter[i], o))
            return true;
    return count == 0;
}

struct reader {
    enum archive archive;
    const struct obis *filter;
    size_t filter_count;
    struct span span;
    store_reading_fn *each;
    void *context;
};

static bool give_block(const struct reader *r, const struct block *b)
{
    for (uint32_t row = 0; row < b->rows; row++) {
        if (!span_holds(r->span, b->walls[row]))
            continue;
        for (uint32_t c = 0; c < b->columns; c++) {
            if (!b->column[c].marks[row] || !wanted(b->column[c].obis, r->filter, r->filter_count))
                continue;
            struct reading reading = block_reading(b, r->archive, c, row);
            struct reading_kept kept = { mark_revision(b->column[c].marks[row]), block_stored(b, row) };
            if (!r->each(r->context, &reading, &kept))
                return false;
        }
    }
    return true;
}

enum fault store_readings(struct store *s, int64_t meter, enum archive archive, const struct obis *filter, size_t count,
                          struct span span, store_reading_fn *each, void *context)
{
    if (!archive_is_blocks(archive))
        return FAULT_SETTING;
    struct reader r = { archive, filter, count, span, each, context };
    struct arena arena = { 0 };
    struct side *side = side_begin(s, DB_READ);
    bool going = periods_clip(side, archive, &r.span);
    int64_t last = going ? period_of(archive, r.span.to - 1) : 0;
    for (int64_t p = going ? period_of(archive, r.span.from) : 1; p <= last && going; p++) {
        const struct block *b = period_load(side, archive, p, meter, &arena);
        going = !db_failed(side->db) && (!b || give_block(&r, b));
        arena_reset(&arena);
    }
    arena_free(&arena);
    return side_end(side);
}

static bool give_last(const struct reader *r, const struct block *b)
{
    for (uint32_t c = 0; c < b->columns; c++) {
        uint32_t row = b->rows;
        while (row > 0 && !b->column[c].marks[row - 1])
            row--;
        if (row == 0)
            continue;
        struct reading reading = block_reading(b, r->archive, c, row - 1);
        struct reading_kept kept = { mark_revision(b->column[c].marks[row - 1]), block_stored(b, row - 1) };
        if (!r->each(r->context, &reading, &kept))
            return false;
    }
    return true;
}

enum fault store_latest(struct store *s, int64_t meter, enum archive archive, store_reading_fn *each, void *context)
{
    if (!archive_is_blocks(archive))
        return FAULT_SETTING;
    struct reader r = { archive, NULL, 0, { 0, INT64_MAX }, each, context };
    struct arena arena = { 0 };
    struct side *side = side_begin(s, DB_READ);
    bool going = periods_clip(side, archive, &r.span);
    int64_t first = going ? period_of(archive, r.span.from) : 0;
    for (int64_t p = going ? period_of(archive, r.span.to - 1) : -1; p >= first && going; p--) {
        const struct block *b = period_load(side, archive, p, meter, &arena);
        if (b)
            give_last(&r, b);
        going = !b && !db_failed(side->db);
        arena_reset(&arena);
    }
    arena_free(&arena);
    return side_end(side);
}

enum fault store_events(struct store *s, int64_t meter, struct span span, store_event_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = meter ? db_query(side->db, "SELECT meter, wall, journal, code, detail, stored_ms FROM event"
                                                 " WHERE wall >= $1 AND wall < $2 AND meter = $3"
                                                 " ORDER BY wall, journal, code, detail")
                            : db_query(side->db, "SELECT meter, wall, journal, code, detail, stored_ms FROM event"
                                                 " WHERE wall >= $1 AND wall < $2"
                                                 " ORDER BY wall, meter, journal, code, detail");
    query_put_int(q, 1, span.from);
    query_put_int(q, 2, span.to);
    if (meter)
        query_put_int(q, 3, meter);
    while (query_row(q)) {
        struct event e = { (uint16_t)query_int(q, 2), (uint16_t)query_int(q, 3), query_int(q, 1),
                           (uint32_t)query_int(q, 4) };
        if (!each(context, query_int(q, 0), &e, query_int(q, 5)))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_events_of(struct store *s, const uint16_t *journals, size_t count, struct span span, store_event_journal_fn *each, void *context)
{
    struct side side = { 0 };
    if (count == 0 || count > EVENT_JOURNALS_MAX)
        return FAULT_SETTING;
    if (!side_open_reader(s, &side)) /* a fleet's day of events: pages are drawn meanwhile */
        return FAULT_STORE;
    side_enter(&side, DB_READ);
    struct query *q = db_query(side.db, "SELECT meter, journal FROM event WHERE wall >= $1 AND wall < $2"
                                        " AND journal IN ($3, $4, $5, $6, $7, $8, $9) ORDER BY wall");
    query_put_int(q, 1, span.from);
    query_put_int(q, 2, span.to);
    for (size_t i = 0; i < EVENT_JOURNALS_MAX; i++)
        query_put_int(q, 3 + (int)i, journals[i < count ? i : 0]);
    while (query_row(q))
        if (!each(context, query_int(q, 0), (uint16_t)query_int(q, 1)))
            break;
    query_end(q);
    enum fault fault = side_end(&side);
    side_close(&side);
    return fault;
}

static void give_states(struct query *q, store_state_fn *each, void *context)
{
    while (query_row(q)) {
        struct state state = { { (uint64_t)query_int(q, 0) }, query_int(q, 1), query_int(q, 2) };
        if (!each(context, &state))
            break;
    }
    query_end(q);
}

enum fault store_states(struct store *s, int64_t meter, struct span span, store_state_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT obis, wall, value FROM state"
                                         " WHERE meter = $1 AND wall >= $2 AND wall < $3 ORDER BY obis, wall");
    query_put_int(q, 1, meter);
    query_put_int(q, 2, span.from);
    query_put_int(q, 3, span.to);
    give_states(q, each, context);
    return side_end(side);
}

enum fault store_states_now(struct store *s, int64_t meter, store_state_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT obis, wall, value FROM state AS x WHERE meter = $1 AND wall ="
                                         " (SELECT max(wall) FROM state WHERE meter = $1 AND obis = x.obis)"
                                         " ORDER BY obis");
    query_put_int(q, 1, meter);
    give_states(q, each, context);
    return side_end(side);
}

enum fault store_facts(struct store *s, int64_t meter, bool history, store_fact_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = history ? db_query(side->db, "SELECT kind, value, since_ms FROM fact WHERE meter = $1"
                                                   " ORDER BY kind, since_ms")
                              : db_query(side->db, "SELECT kind, value, since_ms FROM fact AS x WHERE meter = $1"
                                                   " AND since_ms = (SELECT max(since_ms) FROM fact"
                                                   " WHERE meter = $1 AND kind = x.kind) ORDER BY kind");
    query_put_int(q, 1, meter);
    while (query_row(q))
        if (!each(context, (enum fact_kind)query_int(q, 0), query_text(q, 1), query_int(q, 2)))
            break;
    query_end(q);
    return side_end(side);
}

enum fault store_totals(struct store *s, struct store_totals *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct store_totals t = {
        .meters = row_number(db_query(side->db, "SELECT count(*) FROM meter")),
        .blocks = row_number(db_query(side->db, "SELECT count(*) FROM block")),
        .hot_rows = row_number(db_query(side->db, "SELECT count(*) FROM hot")),
        .events = row_number(db_query(side->db, "SELECT count(*) FROM event")),
        .bytes = db_bytes(side->db),
    };
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret = t;
    return fault;
}
