/* Meters and links; see registry.h. */
#include "store/registry.h"
#include "store/inside.h"

#include <stdlib.h>

enum { DEPTH_TEXT_MAX = 160 };

/* ---- depths as text: "profile=60;day=400" ---- */

static void depth_format(const uint16_t days[ARCHIVE_COUNT], char text[DEPTH_TEXT_MAX])
{
    struct text t = text_over(text, DEPTH_TEXT_MAX);
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        if (days[a])
            text_printf(&t, "%s%s=%d", t.size ? ";" : "", archive_name((enum archive)a), days[a]);
}

static void depth_parse(const char *text, uint16_t days[ARCHIVE_COUNT])
{
    char name[24];
    while (*text) {
        size_t size = strcspn(text, "=;");
        if (text[size] == '=' && size < sizeof name) {
            memcpy(name, text, size);
            name[size] = 0;
            enum archive a = archive_parse(name);
            if (a < ARCHIVE_COUNT)
                days[a] = (uint16_t)strtoul(text + size + 1, NULL, 10);
        }
        text += strcspn(text, ";");
        text += *text == ';';
    }
}

/* ---- writing ---- */

static enum fault put_end(struct side *side, int64_t id, int64_t touched, int64_t *ret_id)
{
    if (touched == 0)
        return side_cancel(side, FAULT_NO_DATA);
    if (!id)
        id = db_inserted(side->db);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = id;
    return fault;
}

enum fault store_link_put(struct store *s, const struct store_link *k, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = k->id ? db_query(side->db, "UPDATE link SET title = $1, uri = $2, settings = $3 WHERE id = $4")
                            : db_query(side->db, "INSERT INTO link(title, uri, settings) VALUES($1, $2, $3)");
    query_put_text(q, 1, k->title);
    query_put_text(q, 2, k->uri);
    query_put_text(q, 3, k->settings);
    if (k->id)
        query_put_int(q, 4, k->id);
    return put_end(side, k->id, query_run(q), ret_id);
}

enum fault store_meter_put(struct store *s, const struct store_meter *m, int64_t *ret_id)
{
    char depth[DEPTH_TEXT_MAX];
    depth_format(m->depth_days, depth);
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t id = m->id;
    if (!id) { /* a bare row takes the number, then both ways are one */
        query_run(db_query(side->db, "INSERT INTO meter(serial, title, driver, model, link, parameters, enabled,"
                                     " grouping, zone_minutes, depth) VALUES('', '', '', '', 0, '', 0, '', 0, '')"));
        id = db_inserted(side->db);
    }
    struct query *names = db_query(side->db, "UPDATE meter SET serial = $1, title = $2, driver = $3, model = $4,"
                                             " parameters = $5, grouping = $6, depth = $7 WHERE id = $8");
    query_put_text(names, 1, m->serial);
    query_put_text(names, 2, m->title);
    query_put_text(names, 3, m->driver);
    query_put_text(names, 4, m->model);
    query_put_text(names, 5, m->parameters);
    query_put_text(names, 6, m->group);
    query_put_text(names, 7, depth);
    query_put_int(names, 8, id);
    query_run(names);
    struct query *numbers = db_query(side->db, "UPDATE meter SET link = $1, enabled = $2, zone_minutes = $3"
                                               " WHERE id = $4");
    query_put_int(numbers, 1, m->link);
    query_put_int(numbers, 2, m->enabled);
    query_put_int(numbers, 3, m->zone_minutes);
    query_put_int(numbers, 4, id);
    return put_end(side, id, query_run(numbers), ret_id);
}

/* ---- reading ---- */

static const char *keep(struct arena *a, const char *text)
{
    return arena_text(a, bytes_of_text(text));
}

static struct store_link link_of(struct query *q, struct arena *a)
{
    return (struct store_link){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)),
                                keep(a, query_text(q, 3)) };
}

#define METER_COLUMNS \
    "SELECT id, serial, title, driver, model, link, parameters, enabled, grouping, zone_minutes, depth FROM meter"

static struct store_meter meter_of(struct query *q, struct arena *a)
{
    struct store_meter m = {
        .id = query_int(q, 0),
        .serial = keep(a, query_text(q, 1)),
        .title = keep(a, query_text(q, 2)),
        .driver = keep(a, query_text(q, 3)),
        .model = keep(a, query_text(q, 4)),
        .link = query_int(q, 5),
        .parameters = keep(a, query_text(q, 6)),
        .enabled = query_int(q, 7) != 0,
        .group = keep(a, query_text(q, 8)),
        .zone_minutes = (int)query_int(q, 9),
    };
    depth_parse(query_text(q, 10), m.depth_days);
    return m;
}

enum fault store_link_get(struct store *s, int64_t id, struct arena *a, struct store_link *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, uri, settings FROM link WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = link_of(q, a);
    query_end(q);
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && !found ? FAULT_NO_DATA : fault;
}

enum fault store_meter_get(struct store *s, int64_t id, struct arena *a, struct store_meter *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, METER_COLUMNS " WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = meter_of(q, a);
    query_end(q);
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && !found ? FAULT_NO_DATA : fault;
}

enum fault store_links(struct store *s, store_link_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, uri, settings FROM link ORDER BY id");
    while (query_row(q)) {
        struct store_link k = link_of(q, &a);
        if (!each(context, &k))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_meters(struct store *s, store_meter_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, METER_COLUMNS " ORDER BY id");
    while (query_row(q)) {
        struct store_meter m = meter_of(q, &a);
        if (!each(context, &m))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

/* ---- deleting ---- */

static int64_t run_for(struct side *side, const char *sql, int64_t id)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, id);
    return query_run(q);
}

enum fault store_link_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "SELECT id FROM meter WHERE link = $1 LIMIT 1");
    query_put_int(q, 1, id);
    bool used = query_row(q);
    query_end(q);
    if (used)
        return side_cancel(side, FAULT_REFUSED);
    if (run_for(side, "DELETE FROM link WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    return side_end(side);
}

/* Blocks and hot rows lie by time, so this walks the whole table: rare, and asked for twice by whoever calls. */
static void delete_readings(struct side *side, int64_t id)
{
    run_for(side, "DELETE FROM block WHERE (key & 4294967295) = $1", id);
    run_for(side, "DELETE FROM hot WHERE meter = $1", id);
    run_for(side, "DELETE FROM event WHERE meter = $1", id);
    run_for(side, "DELETE FROM state WHERE meter = $1", id);
    run_for(side, "DELETE FROM fact WHERE meter = $1", id);
    run_for(side, "DELETE FROM exchange WHERE meter = $1", id);
}

enum fault store_meter_delete(struct store *s, int64_t id, bool with_readings)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (run_for(side, "DELETE FROM meter WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    owed_drop_meter(side, id);
    if (with_readings)
        delete_readings(side, id);
    return side_end(side);
}
