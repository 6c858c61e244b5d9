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

/* The number of this change. */
static int64_t next_revision(struct side *side)
{
    query_run(db_query(side->db, "UPDATE registry SET revision = revision + 1 WHERE id = 1"));
    struct query *q = db_query(side->db, "SELECT revision FROM registry WHERE id = 1");
    int64_t revision = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    return revision;
}

/* FAULT_NO_DATA when the query gave no row, FAULT_CHANGED when its first column is another revision than was seen. */
static enum fault look(struct query *q, int64_t id, int64_t seen)
{
    query_put_int(q, 1, id);
    bool found = query_row(q);
    int64_t revision = found ? query_int(q, 0) : 0;
    query_end(q);
    return !found ? FAULT_NO_DATA : seen && seen != revision ? FAULT_CHANGED : FAULT_NONE;
}

static int64_t project_or_first(int64_t project)
{
    return project ? project : 1;
}

enum fault store_link_put(struct store *s, const struct store_link *k, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = k->id ? look(db_query(side->db, "SELECT revision FROM link WHERE id = $1"), k->id, k->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = k->id ? db_query(side->db, "UPDATE link SET title = $1, uri = $2, settings = $3, revision = $4,"
                                                 " project = $5 WHERE id = $6")
                            : db_query(side->db, "INSERT INTO link(title, uri, settings, revision, project)"
                                                 " VALUES($1, $2, $3, $4, $5)");
    query_put_text(q, 1, k->title);
    query_put_text(q, 2, k->uri);
    query_put_text(q, 3, k->settings);
    query_put_int(q, 4, next_revision(side));
    query_put_int(q, 5, project_or_first(k->project));
    if (k->id)
        query_put_int(q, 6, k->id);
    query_run(q);
    int64_t id = k->id ? k->id : db_inserted(side->db);
    fault = side_end(side);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = id;
    return fault;
}

static void know_group(struct side *side, int64_t project, const char *title)
{
    if (!title || !*title)
        return;
    struct query *q = db_query(side->db, "INSERT INTO device_group(project, title, note, preset, revision)"
                                         " VALUES($1, $2, '', 0, 1) ON CONFLICT(project, title) DO NOTHING");
    query_put_int(q, 1, project);
    query_put_text(q, 2, title);
    query_run(q);
}

static int64_t bare_meter(struct side *side)
{
    struct query *q = db_query(side->db, "INSERT INTO meter(serial, title, driver, model, link, parameters, enabled,"
                                         " grouping, zone_minutes, depth, added_ms)"
                                         " VALUES('', '', '', '', 0, '', 0, '', 0, '', $1)");
    query_put_int(q, 1, side->store->now_ms());
    query_run(q);
    return db_inserted(side->db);
}

/* In the transaction that is open. A new row is put bare first, then both ways are one. */
static enum fault put_meter(struct side *side, const struct store_meter *m, int64_t revision, int64_t *ret_id)
{
    char depth[DEPTH_TEXT_MAX];
    depth_format(m->depth_days, depth);
    enum fault fault = m->id ? look(db_query(side->db, "SELECT revision FROM meter WHERE id = $1"), m->id, m->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return fault;
    int64_t id = m->id ? m->id : bare_meter(side), project = project_or_first(m->project);
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
    struct query *numbers = db_query(side->db, "UPDATE meter SET link = $1, enabled = $2, zone_minutes = $3, project = $4,"
                                               " revision = $5 WHERE id = $6");
    query_put_int(numbers, 1, m->link);
    query_put_int(numbers, 2, m->enabled);
    query_put_int(numbers, 3, m->zone_minutes);
    query_put_int(numbers, 4, project);
    query_put_int(numbers, 5, revision);
    query_put_int(numbers, 6, id);
    query_run(numbers);
    know_group(side, project, m->group);
    *ret_id = id;
    return FAULT_NONE;
}

enum fault store_meter_put(struct store *s, const struct store_meter *m, int64_t *ret_id)
{
    int64_t id;
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = put_meter(side, m, next_revision(side), &id);
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    fault = side_end(side);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = id;
    return fault;
}

enum fault store_meters_put(struct store *s, struct store_meter *meters, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t revision = next_revision(side);
    for (size_t i = 0; i < count; i++) {
        enum fault fault = put_meter(side, &meters[i], revision, &meters[i].id);
        if (fault != FAULT_NONE)
            return side_cancel(side, fault);
    }
    return side_end(side);
}

/* ---- reading ---- */

static const char *keep(struct arena *a, const char *text)
{
    return arena_text(a, bytes_of_text(text));
}

static struct store_link link_of(struct query *q, struct arena *a)
{
    return (struct store_link){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)),
                                keep(a, query_text(q, 3)), query_int(q, 4), query_int(q, 5) };
}

#define METER_COLUMNS \
    "SELECT id, serial, title, driver, model, link, parameters, enabled, grouping, zone_minutes, depth, project, revision," \
    " added_ms FROM meter"

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
        .project = query_int(q, 11),
        .revision = query_int(q, 12),
        .added_ms = query_int(q, 13),
    };
    depth_parse(query_text(q, 10), m.depth_days);
    return m;
}

enum fault store_link_get(struct store *s, int64_t id, struct arena *a, struct store_link *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, uri, settings, project, revision FROM link WHERE id = $1");
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
    struct query *q = db_query(side->db, "SELECT id, title, uri, settings, project, revision FROM link ORDER BY id");
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

static void give_meters(struct query *q, store_meter_fn *each, void *context)
{
    struct arena a = { 0 };
    while (query_row(q)) {
        struct store_meter m = meter_of(q, &a);
        if (!each(context, &m))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
}

enum fault store_meters(struct store *s, store_meter_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    give_meters(db_query(side->db, METER_COLUMNS " ORDER BY id"), each, context);
    return side_end(side);
}

static void read_mark(struct side *side, int64_t *ret_revision, int64_t *ret_deleted)
{
    struct query *q = db_query(side->db, "SELECT revision, deleted FROM registry WHERE id = 1");
    if (query_row(q)) {
        *ret_revision = query_int(q, 0);
        *ret_deleted = query_int(q, 1);
    }
    query_end(q);
}

enum fault store_registry_mark(struct store *s, int64_t *ret_revision, int64_t *ret_deleted)
{
    struct side *side = side_begin(s, DB_READ);
    read_mark(side, ret_revision, ret_deleted);
    return side_end(side);
}

enum fault store_meters_since(struct store *s, int64_t revision, store_meter_fn *each, void *context, int64_t *ret_revision,
                              int64_t *ret_deleted)
{
    struct side *side = side_begin(s, DB_READ);
    read_mark(side, ret_revision, ret_deleted);
    struct query *q = revision ? db_query(side->db, METER_COLUMNS " WHERE revision > $1 ORDER BY id")
                               : db_query(side->db, METER_COLUMNS " WHERE id > $1 ORDER BY id");
    query_put_int(q, 1, revision);
    give_meters(q, each, context);
    return side_end(side);
}

enum fault store_state_of_all(struct store *s, struct obis obis, store_meter_state_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT m.id, x.wall, x.value FROM meter m JOIN state x ON x.meter = m.id"
                                         " AND x.obis = $1 AND x.wall = (SELECT max(wall) FROM state"
                                         " WHERE meter = m.id AND obis = $1)");
    query_put_int(q, 1, (int64_t)obis.code);
    while (query_row(q)) {
        struct state state = { obis, query_int(q, 1), query_int(q, 2) };
        if (!each(context, query_int(q, 0), &state))
            break;
    }
    query_end(q);
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
    query_run(db_query(side->db, "UPDATE registry SET deleted = deleted + 1 WHERE id = 1"));
    owed_drop_meter(side, id);
    run_for(side, "DELETE FROM task_device WHERE device = $1", id);
    run_for(side, "DELETE FROM relay WHERE device = $1", id);
    if (with_readings)
        delete_readings(side, id);
    return side_end(side);
}

/* ---- groups ---- */

static bool title_taken(struct side *side, const struct store_group *g)
{
    struct query *q = db_query(side->db, "SELECT id FROM device_group WHERE project = $1 AND title = $2 AND id <> $3");
    query_put_int(q, 1, project_or_first(g->project));
    query_put_text(q, 2, g->title);
    query_put_int(q, 3, g->id);
    bool taken = query_row(q);
    query_end(q);
    return taken;
}

/* Meters name their group by its title, so a new title is written to them, as a change of theirs. */
static void rename_for_meters(struct side *side, const struct store_group *g, int64_t revision)
{
    struct query *q = db_query(side->db, "UPDATE meter SET grouping = $1, revision = $2 WHERE grouping <> $1 AND grouping ="
                                         " (SELECT title FROM device_group WHERE id = $3) AND project = $4");
    query_put_text(q, 1, g->title);
    query_put_int(q, 2, revision);
    query_put_int(q, 3, g->id);
    query_put_int(q, 4, project_or_first(g->project));
    query_run(q);
}

static void write_group(struct side *side, const struct store_group *g, int64_t revision)
{
    struct query *q = g->id ? db_query(side->db, "UPDATE device_group SET title = $1, note = $2, preset = $3, revision = $4,"
                                                 " project = $5 WHERE id = $6")
                            : db_query(side->db, "INSERT INTO device_group(title, note, preset, revision, project)"
                                                 " VALUES($1, $2, $3, $4, $5)");
    query_put_text(q, 1, g->title);
    query_put_text(q, 2, g->note);
    query_put_int(q, 3, g->preset);
    query_put_int(q, 4, revision);
    query_put_int(q, 5, project_or_first(g->project));
    if (g->id)
        query_put_int(q, 6, g->id);
    query_run(q);
}

enum fault store_group_put(struct store *s, const struct store_group *g, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = g->id ? look(db_query(side->db, "SELECT revision FROM device_group WHERE id = $1"), g->id, g->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && title_taken(side, g))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    int64_t revision = next_revision(side);
    if (g->preset)
        run_for(side, "UPDATE device_group SET preset = 0 WHERE project = $1", project_or_first(g->project));
    if (g->id)
        rename_for_meters(side, g, revision);
    write_group(side, g, revision);
    int64_t id = g->id ? g->id : db_inserted(side->db);
    fault = side_end(side);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = id;
    return fault;
}

static struct store_group group_of(struct query *q, struct arena *a)
{
    return (struct store_group){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)), query_int(q, 3) != 0,
                                 query_int(q, 4), query_int(q, 5) };
}

enum fault store_group_get(struct store *s, int64_t id, struct arena *a, struct store_group *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, note, preset, project, revision FROM device_group WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = group_of(q, a);
    query_end(q);
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && !found ? FAULT_NO_DATA : fault;
}

enum fault store_group_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "SELECT m.id FROM meter m JOIN device_group g ON g.title = m.grouping"
                                         " AND g.project = m.project WHERE g.id = $1 LIMIT 1");
    query_put_int(q, 1, id);
    bool used = query_row(q);
    query_end(q);
    if (used)
        return side_cancel(side, FAULT_REFUSED);
    if (run_for(side, "DELETE FROM device_group WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM task_group WHERE device_group = $1", id);
    return side_end(side);
}

enum fault store_groups(struct store *s, int64_t project, store_group_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT g.id, g.title, g.note, g.preset, g.project, g.revision, count(m.id)"
                                         " FROM device_group g LEFT JOIN meter m ON m.grouping = g.title"
                                         " AND m.project = g.project WHERE g.project = $1"
                                         " GROUP BY g.id, g.title, g.note, g.preset, g.project, g.revision ORDER BY g.title");
    query_put_int(q, 1, project);
    while (query_row(q)) {
        struct store_group g = group_of(q, &a);
        if (!each(context, &g, query_int(q, 6)))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}
