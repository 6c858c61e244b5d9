/* Groups of meters and who is in them; see registry.h. */
#include "store/registry/registry.h"
#include "base/sorted.h"
#include "store/inside.h"

/* ---- who is in them ---- */

/* The view is the one place that says it (schema_sqlite.c, step_group_members). */
static size_t members_of(struct side *side, int64_t id, struct arena *a, const int64_t **ret)
{
    return row_numbers(query_for(side, "SELECT meter FROM in_group WHERE device_group = $1 ORDER BY meter", id), a, ret);
}

enum fault store_group_meters(struct store *s, int64_t id, struct arena *a, struct meter_set *ret)
{
    struct side *side = side_begin(s, DB_READ);
    bool found = row_found(query_for(side, "SELECT 1 FROM device_group WHERE id = $1", id));
    ret->count = members_of(side, id, a, &ret->ids);
    return side_end_found(side, found);
}

enum fault store_group_meters_titled(struct store *s, int64_t project, const char *title, struct arena *a, struct meter_set *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, *title ? "SELECT id FROM device_group WHERE project = $1 AND title = $2" : "SELECT id FROM meter WHERE project = $1 AND grouping = $2 ORDER BY id", project);
    query_put_text(q, 2, title);
    ret->count = *title ? members_of(side, row_number(q), a, &ret->ids) : row_numbers(q, a, &ret->ids);
    return side_end(side);
}

/* Who is not to be in it and whose own group it is has none from now on. */
static void leave_own(struct side *side, const struct store_group *g, int64_t revision)
{
    const int64_t *own;
    struct query *q = query_for(side, "SELECT m.id FROM meter m JOIN device_group g ON g.project = m.project AND g.title = m.grouping WHERE g.id = $1", g->id);
    for (size_t i = 0, count = row_numbers(q, &side->arena, &own); i < count; i++) {
        if (sorted_has(g->members->ids, g->members->count, own[i]))
            continue;
        q = query_for(side, "UPDATE meter SET grouping = '', revision = $2 WHERE id = $1", own[i]);
        query_put_int(q, 2, revision);
        query_run(q);
    }
    arena_reset(&side->arena);
}

static void fill(struct side *side, const struct store_group *g)
{
    run_for(side, "DELETE FROM group_member WHERE device_group = $1", g->id);
    for (size_t i = 0; i < g->members->count; i++) {
        struct query *q = query_for(side, "INSERT INTO group_member(device_group, meter) SELECT g.id, m.id FROM device_group g JOIN meter m ON m.project = g.project"
                                          " AND m.grouping <> g.title WHERE g.id = $1 AND m.id = $2 ON CONFLICT(device_group, meter) DO NOTHING", g->id);
        query_put_int(q, 2, g->members->ids[i]);
        query_run(q);
    }
}

/* ---- rows ---- */

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
                                                 " project = $5, guid = $6 WHERE id = $7")
                            : db_query(side->db, "INSERT INTO device_group(title, note, preset, revision, project, guid)"
                                                 " VALUES($1, $2, $3, $4, $5, $6)");
    query_put_text(q, 1, g->title);
    query_put_text(q, 2, g->note);
    query_put_int(q, 3, g->preset);
    query_put_int(q, 4, revision);
    query_put_int(q, 5, project_or_first(g->project));
    query_put_text(q, 6, g->guid);
    if (g->id)
        query_put_int(q, 7, g->id);
    query_run(q);
}

enum fault store_group_put(struct store *s, const struct store_group *g, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = g->id ? row_look(query_for(side, "SELECT revision FROM device_group WHERE id = $1", g->id), g->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && title_taken(side, g))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    int64_t revision = registry_next_revision(side);
    if (g->preset)
        run_for(side, "UPDATE device_group SET preset = 0 WHERE project = $1", project_or_first(g->project));
    if (g->id)
        rename_for_meters(side, g, revision);
    write_group(side, g, revision);
    struct store_group there = *g;
    there.id = g->id ? g->id : db_inserted(side->db);
    if (g->members) {
        leave_own(side, &there, revision);
        fill(side, &there);
    }
    return side_end_put(side, there.id, ret_id);
}

static struct store_group group_of(struct query *q, struct arena *a)
{
    return (struct store_group){ .id = query_int(q, 0), .title = keep(a, query_text(q, 1)), .note = keep(a, query_text(q, 2)), .preset = query_int(q, 3) != 0,
                                 .project = query_int(q, 4), .revision = query_int(q, 5), .guid = keep(a, query_text(q, 6)) };
}

enum fault store_group_get(struct store *s, int64_t id, struct arena *a, struct store_group *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, note, preset, project, revision, guid FROM device_group WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = group_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_group_delete(struct store *s, int64_t id, bool empty_it)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct store_group g = { .id = id, .members = &(struct meter_set){ 0 } };
    if (row_found(query_for(side, "SELECT 1 FROM mqtt_template WHERE device_group = $1 UNION ALL SELECT 1 FROM task_group WHERE device_group = $1 LIMIT 1", id)) ||
        (!empty_it && row_found(query_for(side, "SELECT 1 FROM in_group WHERE device_group = $1 LIMIT 1", id))))
        return side_cancel(side, FAULT_REFUSED);
    if (empty_it)
        leave_own(side, &g, registry_next_revision(side));
    if (run_for(side, "DELETE FROM device_group WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM group_member WHERE device_group = $1", id);
    return side_end(side);
}

enum fault store_groups(struct store *s, int64_t project, store_group_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT id, title, note, preset, project, revision, guid FROM device_group WHERE project = $1 ORDER BY title", project);
    while (query_row(q)) {
        struct store_group g = group_of(q, &a);
        if (!each(context, &g, row_number(query_for(side, "SELECT count(*) FROM in_group WHERE device_group = $1", g.id))))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}
