/* Meters and links; see registry.h. */
#include "store/registry/registry.h"
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

int64_t registry_next_revision(struct side *side)
{
    query_run(db_query(side->db, "UPDATE registry SET revision = revision + 1 WHERE id = 1"));
    struct query *q = db_query(side->db, "SELECT revision FROM registry WHERE id = 1");
    return row_number(q);
}

/* In the transaction that is open. */
static enum fault put_link(struct side *side, const struct store_link *k, int64_t revision, int64_t *ret_id)
{
    enum fault fault = k->id ? row_look(query_for(side, "SELECT revision FROM link WHERE id = $1", k->id), k->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return fault;
    struct query *q = k->id ? db_query(side->db, "UPDATE link SET title = $1, uri = $2, settings = $3, revision = $4,"
                                                 " project = $5, guid = $6, folded = $7 WHERE id = $8")
                            : db_query(side->db, "INSERT INTO link(title, uri, settings, revision, project, guid, folded)"
                                                 " VALUES($1, $2, $3, $4, $5, $6, $7)");
    query_put_text(q, 1, k->title);
    query_put_text(q, 2, k->uri);
    query_put_text(q, 3, k->settings);
    query_put_int(q, 4, revision);
    query_put_int(q, 5, project_or_first(k->project));
    query_put_text(q, 6, k->guid);
    query_put_folded(q, 7, k->title, k->uri);
    if (k->id)
        query_put_int(q, 8, k->id);
    query_run(q);
    *ret_id = k->id ? k->id : db_inserted(side->db);
    return FAULT_NONE;
}

static void know_group(struct side *side, int64_t project, const char *title, const char *guid)
{
    if (!title || !*title)
        return;
    struct query *q = db_query(side->db, "INSERT INTO device_group(project, title, note, preset, revision, guid)"
                                         " VALUES($1, $2, '', 0, 1, $3) ON CONFLICT(project, title) DO NOTHING");
    query_put_int(q, 1, project);
    query_put_text(q, 2, title);
    query_put_text(q, 3, guid);
    query_run(q);
}

static int64_t last_meter(struct side *side)
{
    return row_number(db_query(side->db, "SELECT last_meter FROM registry WHERE id = 1"));
}

/* Numbers are given once: readings of a meter that was deleted may still be there under its own. 0: the chosen one was given. */
static int64_t bare_meter(struct side *side, int64_t chosen, int64_t added_ms)
{
    int64_t last = last_meter(side), id = chosen ? chosen : last + 1;
    if (id <= last)
        return 0;
    struct query *q = query_for(side, "INSERT INTO meter(id, serial, title, driver, model, enabled, grouping, zone_minutes,"
                                      " depth, added_ms) VALUES($1, '', '', '', '', 0, '', 0, '', $2)", id);
    query_put_int(q, 2, added_ms ? added_ms : side->store->now_ms());
    query_run(q);
    run_for(side, "UPDATE registry SET last_meter = $1 WHERE id = 1", id);
    return id;
}

/* In the transaction that is open. A new row is put bare first, then both ways are one. */
static enum fault put_meter(struct side *side, const struct store_meter *m, int64_t revision, int64_t *ret_id)
{
    char depth[DEPTH_TEXT_MAX];
    depth_format(m->depth_days, depth);
    enum fault fault = m->id ? row_look(query_for(side, "SELECT revision FROM meter WHERE id = $1", m->id), m->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return fault;
    int64_t id = m->id ? m->id : bare_meter(side, m->chosen, m->added_ms), project = project_or_first(m->project);
    if (id == 0)
        return FAULT_REFUSED;
    struct query *names = db_query(side->db, "UPDATE meter SET serial = $1, title = $2, driver = $3, model = $4,"
                                             " note = $5, grouping = $6, depth = $7, guid = $8 WHERE id = $9");
    query_put_text(names, 1, m->serial);
    query_put_text(names, 2, m->title);
    query_put_text(names, 3, m->driver);
    query_put_text(names, 4, m->model);
    query_put_text(names, 5, m->note);
    query_put_text(names, 6, m->group);
    query_put_text(names, 7, depth);
    query_put_text(names, 8, m->guid);
    query_put_int(names, 9, id);
    query_run(names);
    struct query *numbers = db_query(side->db, "UPDATE meter SET enabled = $1, zone_minutes = $2, status = $3, source = $4,"
                                               " project = $5, revision = $6, parent = $7 WHERE id = $8");
    query_put_int(numbers, 1, m->enabled);
    query_put_int(numbers, 2, m->zone_minutes);
    query_put_int(numbers, 3, m->status);
    query_put_int(numbers, 4, m->source);
    query_put_int(numbers, 5, project);
    query_put_int(numbers, 6, revision);
    query_put_int(numbers, 7, m->parent);
    query_put_int(numbers, 8, id);
    query_run(numbers);
    lines_write(side, id, m->driver, m->lines, m->line_count);
    know_group(side, project, m->group, NULL);
    *ret_id = id;
    return FAULT_NONE;
}

enum fault store_registry_put(struct store *s, struct store_change *change)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t revision = registry_next_revision(side);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < change->link_count && fault == FAULT_NONE; i++)
        fault = put_link(side, &change->links[i], revision, &change->links[i].id);
    for (size_t i = 0; i < change->protocol_count && fault == FAULT_NONE; i++)
        fault = protocol_put(side, &change->protocols[i], revision, &change->protocols[i].id);
    for (size_t i = 0; i < change->group_count && fault == FAULT_NONE; i++)
        know_group(side, project_or_first(change->groups[i].project), change->groups[i].title, change->groups[i].guid);
    if (fault == FAULT_NONE && change->settle)
        change->settle(change->context);
    for (size_t i = 0; i < change->meter_count && fault == FAULT_NONE; i++)
        fault = put_meter(side, &change->meters[i], revision, &change->meters[i].id);
    return fault == FAULT_NONE ? side_end(side) : side_cancel(side, fault);
}

enum fault store_link_put(struct store *s, const struct store_link *k, int64_t *ret_id)
{
    struct store_link one = *k;
    enum fault fault = store_links_put(s, &one, 1);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = one.id;
    return fault;
}

enum fault store_meter_put(struct store *s, const struct store_meter *m, int64_t *ret_id)
{
    struct store_meter one = *m;
    enum fault fault = store_meters_put(s, &one, 1);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = one.id;
    return fault;
}

enum fault store_protocol_put(struct store *s, const struct store_protocol *p, int64_t *ret_id)
{
    struct store_protocol one = *p;
    enum fault fault = store_protocols_put(s, &one, 1);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = one.id;
    return fault;
}

enum fault store_links_put(struct store *s, struct store_link *links, size_t count)
{
    return store_registry_put(s, &(struct store_change){ .links = links, .link_count = count });
}

enum fault store_protocols_put(struct store *s, struct store_protocol *protocols, size_t count)
{
    return store_registry_put(s, &(struct store_change){ .protocols = protocols, .protocol_count = count });
}

enum fault store_meters_put(struct store *s, struct store_meter *meters, size_t count)
{
    return store_registry_put(s, &(struct store_change){ .meters = meters, .meter_count = count });
}

/* ---- reading ---- */

static struct store_link link_of(struct query *q, struct arena *a)
{
    return (struct store_link){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)),
                                keep(a, query_text(q, 3)), query_int(q, 4), query_int(q, 5), keep(a, query_text(q, 6)) };
}

#define LINK_COLUMNS "SELECT id, title, uri, settings, project, revision, guid FROM link"
#define METER_COLUMNS \
    "SELECT id, serial, title, driver, model, enabled, grouping, zone_minutes, depth, project, revision, added_ms, note, status," \
    " source, guid, parent FROM meter"

static struct store_meter meter_of(struct query *q, struct arena *a)
{
    struct store_meter m = {
        .id = query_int(q, 0),
        .serial = keep(a, query_text(q, 1)),
        .title = keep(a, query_text(q, 2)),
        .driver = keep(a, query_text(q, 3)),
        .model = keep(a, query_text(q, 4)),
        .enabled = query_int(q, 5) != 0,
        .group = keep(a, query_text(q, 6)),
        .zone_minutes = (int)query_int(q, 7),
        .project = query_int(q, 9),
        .revision = query_int(q, 10),
        .added_ms = query_int(q, 11),
        .note = keep(a, query_text(q, 12)),
        .status = (enum meter_status)query_int(q, 13),
        .source = (enum meter_source)query_int(q, 14),
        .guid = keep(a, query_text(q, 15)),
        .parent = query_int(q, 16),
    };
    depth_parse(query_text(q, 8), m.depth_days);
    return m;
}

enum fault store_link_get(struct store *s, int64_t id, struct arena *a, struct store_link *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, LINK_COLUMNS " WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = link_of(q, a);
    query_end(q);
    return side_end_found(side, found);
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
    if (found) {
        struct lines_reader lines = lines_of_one(side, id);
        lines_next(&lines, a, ret);
        lines_end(&lines);
    }
    return side_end_found(side, found);
}

/* The rows that the query finds, until the callback has enough; ends both. */
static enum fault give_links(struct side *side, struct query *q, store_link_fn *each, void *context)
{
    while (query_row(q)) {
        struct store_link k = link_of(q, NULL);
        if (!each(context, &k))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_links(struct store *s, store_link_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    return give_links(side, db_query(side->db, LINK_COLUMNS " ORDER BY id"), each, context);
}

enum fault store_links_of(struct store *s, int64_t project, store_link_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    return give_links(side, query_for(side, LINK_COLUMNS " WHERE project = $1 ORDER BY id", project), each, context);
}

static void give_meters(struct query *q, struct lines_reader lines, store_meter_fn *each, void *context)
{
    struct arena a = { 0 };
    while (query_row(q)) {
        struct store_meter m = meter_of(q, &a);
        lines_next(&lines, &a, &m);
        if (!each(context, &m))
            break;
        arena_reset(&a);
    }
    query_end(q);
    lines_end(&lines);
    arena_free(&a);
}

enum fault store_meters(struct store *s, store_meter_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    give_meters(db_query(side->db, METER_COLUMNS " ORDER BY id"), lines_of_all(side), each, context);
    return side_end(side);
}

enum fault store_meter_last(struct store *s, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_READ);
    *ret_id = last_meter(side);
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
    give_meters(q, revision ? lines_since(side, revision) : lines_of_all(side), each, context);
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

enum fault store_fact_of_all(struct store *s, enum fact_kind kind, store_meter_fact_fn *each, void *context)
{
    struct side side = { 0 };
    if (!side_open_reader(s, &side)) /* walks all facts: pages are drawn meanwhile */
        return FAULT_STORE;
    side_enter(&side, DB_READ);
    struct query *q = db_query(side.db, "SELECT meter, value FROM fact WHERE kind = $1 ORDER BY meter, since_ms");
    query_put_int(q, 1, kind);
    while (query_row(q))
        if (!each(context, query_int(q, 0), query_text(q, 1)))
            break;
    query_end(q);
    enum fault fault = side_end(&side);
    side_close(&side);
    return fault;
}

/* ---- deleting ---- */

enum fault store_link_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT meter FROM comm_line WHERE link = $1 LIMIT 1", "DELETE FROM link WHERE id = $1", id);
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

/* True when there was one. */
static bool delete_meter(struct side *side, int64_t project, int64_t id, bool with_readings)
{
    struct query *q = db_query(side->db, "DELETE FROM meter WHERE id = $1 AND (project = $2 OR $2 = 0)");
    query_put_int(q, 1, id);
    query_put_int(q, 2, project);
    if (query_run(q) == 0)
        return false;
    run_for(side, "DELETE FROM comm_line WHERE meter = $1", id);
    run_for(side, "UPDATE meter SET parent = 0 WHERE parent = $1", id);
    owed_drop_meter(side, id);
    run_for(side, "DELETE FROM task_device WHERE device = $1", id);
    run_for(side, "DELETE FROM group_member WHERE meter = $1", id);
    run_for(side, "DELETE FROM relay WHERE device = $1", id);
    run_for(side, "DELETE FROM meter_clock WHERE meter = $1", id);
    if (with_readings)
        delete_readings(side, id);
    return true;
}

enum fault store_meters_delete(struct store *s, int64_t project, const int64_t *ids, size_t count, bool with_readings, size_t *ret_gone)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    *ret_gone = 0;
    for (size_t i = 0; i < count; i++)
        *ret_gone += delete_meter(side, project, ids[i], with_readings);
    if (*ret_gone)
        query_run(db_query(side->db, "UPDATE registry SET deleted = deleted + 1 WHERE id = 1"));
    return side_end(side);
}

enum fault store_meter_delete(struct store *s, int64_t id, bool with_readings)
{
    size_t gone = 0;
    enum fault fault = store_meters_delete(s, 0, &id, 1, with_readings, &gone);
    return fault == FAULT_NONE && gone == 0 ? FAULT_NO_DATA : fault;
}
