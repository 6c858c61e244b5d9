/* Tasks and relays; see tasks.h. Runs are in runs.c. */
#include "store/work/tasks.h"
#include "store/inside.h"

static int64_t bare_task(struct side *side, const struct store_task *t)
{
    struct query *q = db_query(side->db, "INSERT INTO task(project, title, priority, work, schedule, zone, reason, restart_delay,"
                                         " restarts, endless, scheduled, on_ms, off_ms, next_ms, person, login, revision)"
                                         " VALUES($1, '', 1, '', '', '', '', 0, 0, 0, 0, 0, 0, 0, $2, $3, 0)");
    query_put_int(q, 1, t->project);
    query_put_int(q, 2, t->person);
    query_put_text(q, 3, t->login);
    query_run(q);
    return db_inserted(side->db);
}

static void write_task(struct side *side, int64_t id, const struct store_task *t)
{
    struct query *names = db_query(side->db, "UPDATE task SET title = $1, work = $2, schedule = $3, zone = $4, reason = $5,"
                                             " priority = $6, revision = revision + 1 WHERE id = $7");
    query_put_text(names, 1, t->title);
    query_put_text(names, 2, t->work);
    query_put_text(names, 3, t->schedule);
    query_put_text(names, 4, t->zone);
    query_put_text(names, 5, t->reason);
    query_put_int(names, 6, t->priority);
    query_put_int(names, 7, id);
    query_run(names);
    struct query *numbers = db_query(side->db, "UPDATE task SET restart_delay = $1, restarts = $2, endless = $3, scheduled = $4,"
                                               " on_ms = $5, off_ms = $6, next_ms = $7, template = $8 WHERE id = $9");
    query_put_int(numbers, 1, t->restart_delay_s);
    query_put_int(numbers, 2, t->restarts);
    query_put_int(numbers, 3, t->endless);
    query_put_int(numbers, 4, t->scheduled);
    query_put_int(numbers, 5, t->on_ms);
    query_put_int(numbers, 6, t->off_ms);
    query_put_int(numbers, 7, t->next_ms);
    query_put_int(numbers, 8, t->template);
    query_put_int(numbers, 9, id);
    query_run(numbers);
}

static void add_targets(struct side *side, const char *sql, int64_t id, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct query *q = query_for(side, sql, id);
        query_put_int(q, 2, ids[i]);
        query_run(q);
    }
}

#define ADD_DEVICE "INSERT INTO task_device(task, device) VALUES($1, $2) ON CONFLICT(task, device) DO NOTHING"
#define ADD_GROUP "INSERT INTO task_group(task, device_group) VALUES($1, $2) ON CONFLICT(task, device_group) DO NOTHING"

static void write_targets(struct side *side, int64_t id, const struct store_targets *t)
{
    run_for(side, "DELETE FROM task_device WHERE task = $1", id);
    run_for(side, "DELETE FROM task_group WHERE task = $1", id);
    add_targets(side, ADD_DEVICE, id, t->devices, t->device_count);
    add_targets(side, ADD_GROUP, id, t->groups, t->group_count);
}

enum fault store_task_put(struct store *s, const struct store_task *t, const struct store_targets *targets, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = t->id ? row_look(query_for(side, "SELECT revision FROM task WHERE id = $1", t->id), t->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    int64_t id = t->id ? t->id : bare_task(side, t);
    write_task(side, id, t);
    if (targets)
        write_targets(side, id, targets);
    return side_end_put(side, id, ret_id);
}

#define TASK_COLUMNS \
    "SELECT id, project, title, priority, work, schedule, zone, reason, restart_delay, restarts, endless, scheduled, on_ms," \
    " off_ms, next_ms, person, login, revision, (SELECT count(*) FROM task_device d WHERE d.task = task.id)" \
    " + (SELECT count(*) FROM task_group g WHERE g.task = task.id), template FROM task"

static struct store_task task_of(struct query *q, struct arena *a)
{
    return (struct store_task){
        .id = query_int(q, 0), .project = query_int(q, 1), .title = keep(a, query_text(q, 2)), .priority = (int)query_int(q, 3),
        .work = keep(a, query_text(q, 4)), .schedule = keep(a, query_text(q, 5)), .zone = keep(a, query_text(q, 6)),
        .reason = keep(a, query_text(q, 7)), .restart_delay_s = (int)query_int(q, 8), .restarts = (int)query_int(q, 9),
        .endless = query_int(q, 10) != 0, .scheduled = query_int(q, 11) != 0, .on_ms = query_int(q, 12), .off_ms = query_int(q, 13),
        .next_ms = query_int(q, 14), .person = query_int(q, 15), .login = keep(a, query_text(q, 16)), .revision = query_int(q, 17),
        .targets = query_int(q, 18), .template = query_int(q, 19) };
}

enum fault store_task_get(struct store *s, int64_t id, struct arena *a, struct store_task *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TASK_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = task_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_task_targets(struct store *s, int64_t id, struct arena *a, struct store_targets *ret)
{
    struct side *side = side_begin(s, DB_READ);
    ret->device_count = row_numbers(query_for(side, "SELECT device FROM task_device WHERE task = $1 ORDER BY device", id), a, &ret->devices);
    ret->group_count = row_numbers(query_for(side, "SELECT device_group FROM task_group WHERE task = $1 ORDER BY device_group", id), a, &ret->groups);
    return side_end(side);
}

enum fault store_task_meters(struct store *s, int64_t id, struct arena *a, const int64_t **ret, size_t *ret_count)
{
    struct side *side = side_begin(s, DB_READ);
    *ret_count = row_numbers(query_for(side, "SELECT m.id FROM meter m JOIN task k ON k.id = $1 AND k.project = m.project"
                                             " WHERE m.id IN (SELECT device FROM task_device WHERE task = $1 UNION"
                                             " SELECT x.meter FROM task_group t JOIN in_group x ON x.device_group = t.device_group"
                                             " WHERE t.task = $1) ORDER BY m.id", id), a, ret);
    return side_end(side);
}

enum fault store_tasks(struct store *s, int64_t project, store_task_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TASK_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_task t = task_of(q, &a);
        if (!each(context, &t))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_task_schedule(struct store *s, int64_t id, bool scheduled, bool switched, int64_t now_ms, int64_t next_ms)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE task SET scheduled = $2, next_ms = $3, revision = revision + $4,"
                                         " on_ms = CASE WHEN $4 = 1 AND $2 = 1 THEN $5 ELSE on_ms END,"
                                         " off_ms = CASE WHEN $4 = 1 AND $2 = 0 THEN $5 ELSE off_ms END WHERE id = $1");
    query_put_int(q, 1, id);
    query_put_int(q, 2, scheduled);
    query_put_int(q, 3, next_ms);
    query_put_int(q, 4, switched);
    query_put_int(q, 5, now_ms);
    if (query_run(q) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    return side_end(side);
}

enum fault store_task_add(struct store *s, int64_t id, const int64_t *devices, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (run_for(side, "UPDATE task SET revision = revision + 1 WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    add_targets(side, ADD_DEVICE, id, devices, count);
    return side_end(side);
}

enum fault store_task_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (run_for(side, "DELETE FROM task WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM task_device WHERE task = $1", id);
    run_for(side, "DELETE FROM task_group WHERE task = $1", id);
    run_for(side, "DELETE FROM run_request WHERE run IN (SELECT id FROM run WHERE task = $1)", id);
    run_for(side, "DELETE FROM run_device WHERE run IN (SELECT id FROM run WHERE task = $1)", id);
    run_for(side, "DELETE FROM run WHERE task = $1", id);
    return side_end(side);
}

/* ---- relays ---- */

enum fault store_relays_put(struct store *s, const struct store_relay *rows, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO relay(device, number, output, control, mode, locked, read_ms)"
                                             " VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(device, number) DO UPDATE SET"
                                             " output = excluded.output, control = excluded.control, mode = excluded.mode,"
                                             " locked = excluded.locked, read_ms = excluded.read_ms");
        query_put_int(q, 1, rows[i].device);
        query_put_int(q, 2, rows[i].number);
        query_put_int(q, 3, rows[i].output);
        query_put_int(q, 4, rows[i].control);
        query_put_int(q, 5, rows[i].mode);
        query_put_int(q, 6, rows[i].lock);
        query_put_int(q, 7, rows[i].read_ms);
        query_run(q);
    }
    return side_end(side);
}

enum fault store_relays(struct store *s, int64_t device, store_relay_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT device, number, output, control, mode, locked, read_ms FROM relay"
                                      " WHERE $1 = 0 OR device = $1 ORDER BY device, number", device);
    while (query_row(q)) {
        struct store_relay r = { query_int(q, 0), (int)query_int(q, 1), query_int(q, 2), query_int(q, 3), query_int(q, 4),
                                 query_int(q, 5), query_int(q, 6) };
        if (!each(context, &r))
            break;
    }
    query_end(q);
    return side_end(side);
}
