/* Gateways and their meters; see gateways.h. */
#include "store/inside.h"
#include "store/upward/gateways.h"

#define GATEWAY_COLUMNS \
    "SELECT id, project, title, note, key, enabled, link, made_by, made_ms, revision, address, version, serial, seen_ms, table_mark, behind, (SELECT count(*) FROM gateway_meter m WHERE m.gateway = gateway.id AND m.meter <> 0)," \
    " (SELECT count(*) FROM gateway_meter m WHERE m.gateway = gateway.id AND m.state = 0) FROM gateway"

static struct store_gateway gateway_of(struct query *q, struct arena *a)
{
    return (struct store_gateway){
        .id = query_int(q, 0), .project = query_int(q, 1), .title = keep(a, query_text(q, 2)), .note = keep(a, query_text(q, 3)),
        .key = keep(a, query_text(q, 4)), .enabled = query_int(q, 5) != 0, .link = query_int(q, 6), .made_by = keep(a, query_text(q, 7)),
        .made_ms = query_int(q, 8), .revision = query_int(q, 9), .address = keep(a, query_text(q, 10)), .version = keep(a, query_text(q, 11)),
        .serial = keep(a, query_text(q, 12)), .seen_ms = query_int(q, 13), .table_mark = keep(a, query_text(q, 14)), .behind = query_int(q, 15),
        .meters = query_int(q, 16), .present = query_int(q, 17) };
}

enum fault store_gateway_put(struct store *s, const struct store_gateway *g, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = g->id ? row_look(query_for(side, "SELECT revision FROM gateway WHERE id = $1", g->id), g->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = g->id ? db_query(side->db, "UPDATE gateway SET project = $1, title = $2, note = $3, key = $4, enabled = $5, link = $6,"
                                                 " revision = revision + 1 WHERE id = $7")
                            : db_query(side->db, "INSERT INTO gateway(project, title, note, key, enabled, link, made_by, made_ms, revision, address,"
                                                 " version, serial, seen_ms, table_mark, behind)"
                                                 " VALUES($1, $2, $3, $4, $5, $6, $7, $8, 1, '', '', '', 0, '', 0)");
    query_put_int(q, 1, g->project);
    query_put_text(q, 2, g->title);
    query_put_text(q, 3, g->note);
    query_put_text(q, 4, g->key);
    query_put_int(q, 5, g->enabled);
    query_put_int(q, 6, g->link);
    if (g->id) {
        query_put_int(q, 7, g->id);
    } else {
        query_put_text(q, 7, g->made_by);
        query_put_int(q, 8, g->made_ms);
    }
    query_run(q);
    return side_end_put(side, g->id ? g->id : db_inserted(side->db), ret_id);
}

enum fault store_gateway_get(struct store *s, int64_t id, struct arena *a, struct store_gateway *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, GATEWAY_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = gateway_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_gateways(struct store *s, int64_t project, store_gateway_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, GATEWAY_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_gateway g = gateway_of(q, NULL);
        if (!each(context, &g))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_gateway_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t link = row_number(query_for(side, "SELECT link FROM gateway WHERE id = $1", id));
    if (link && row_found(query_for(side, "SELECT meter FROM comm_line WHERE link = $1 LIMIT 1", link)))
        return side_cancel(side, FAULT_REFUSED);
    if (run_for(side, "DELETE FROM gateway WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM gateway_meter WHERE gateway = $1", id);
    run_for(side, "DELETE FROM link WHERE id = $1", link);
    return side_end(side);
}

enum fault store_gateway_seen(struct store *s, const struct store_gateway *g)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "UPDATE gateway SET address = $1, version = $2, serial = $3, seen_ms = $4, table_mark = $5,"
                                         " behind = $6 WHERE id = $7");
    query_put_text(q, 1, g->address);
    query_put_text(q, 2, g->version);
    query_put_text(q, 3, g->serial);
    query_put_int(q, 4, g->seen_ms);
    query_put_text(q, 5, g->table_mark);
    query_put_int(q, 6, g->behind);
    query_put_int(q, 7, g->id);
    query_run(q);
    return side_end(side);
}

enum fault store_gateway_contacts(struct store *s, store_gateway_contact_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, project, title, enabled, key, seen_ms, away_ms FROM gateway ORDER BY id");
    while (query_row(q)) {
        struct store_gateway_contact c = { .id = query_int(q, 0), .project = query_int(q, 1), .title = query_text(q, 2), .awaited = query_int(q, 3) && *query_text(q, 4),
                                           .seen_ms = query_int(q, 5), .away_ms = query_int(q, 6) };
        if (!each(context, &c))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_gateway_away(struct store *s, int64_t id, int64_t away_ms)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE gateway SET away_ms = $1 WHERE id = $2");
    query_put_int(q, 1, away_ms);
    query_put_int(q, 2, id);
    return side_end_found(side, query_run(q) > 0);
}

/* ---- their meters ---- */

enum fault store_gateway_meters_put(struct store *s, const struct store_gateway_meter *rows, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO gateway_meter(gateway, number, meter, state, serial, driver, title, rival)"
                                             " VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(gateway, number) DO UPDATE SET meter = $3,"
                                             " state = $4, serial = $5, driver = $6, title = $7, rival = $8");
        query_put_int(q, 1, rows[i].gateway);
        query_put_int(q, 2, rows[i].number);
        query_put_int(q, 3, rows[i].meter);
        query_put_int(q, 4, rows[i].state);
        query_put_text(q, 5, rows[i].serial);
        query_put_text(q, 6, rows[i].driver);
        query_put_text(q, 7, rows[i].title);
        query_put_int(q, 8, rows[i].rival);
        query_run(q);
    }
    return side_end(side);
}

enum fault store_gateway_meters(struct store *s, int64_t gateway, store_gateway_meter_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT gateway, number, meter, state, serial, driver, title, rival FROM gateway_meter"
                                      " WHERE $1 = 0 OR gateway = $1 ORDER BY gateway, number", gateway);
    while (query_row(q)) {
        struct store_gateway_meter m = { query_int(q, 0), query_int(q, 1), query_int(q, 2), (enum gateway_meter_state)query_int(q, 3),
                                         query_text(q, 4), query_text(q, 5), query_text(q, 6), query_int(q, 7) };
        if (!each(context, &m))
            break;
    }
    query_end(q);
    return side_end(side);
}
