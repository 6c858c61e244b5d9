/* Runs of tasks and what came of their devices; see tasks.h. */
#include "store/work/tasks.h"
#include "base/sorted.h"
#include "store/inside.h"

enum { REQUEST_MS = 86400000 };

static int64_t bare_run(struct side *side, const struct store_run *r, size_t total)
{
    struct query *q = db_query(side->db, "INSERT INTO run(project, task, cause, person, priority, begun_ms, ended_ms, result, total,"
                                         " good, partial, failed, absent, title, work, reason, initiator, login)"
                                         " VALUES($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, 0, 0, 0, '', '', '', '', '')");
    query_put_int(q, 1, r->project);
    query_put_int(q, 2, r->task);
    query_put_int(q, 3, r->cause);
    query_put_int(q, 4, r->person);
    query_put_int(q, 5, r->priority);
    query_put_int(q, 6, r->begun_ms);
    query_put_int(q, 7, RUN_PENDING);
    query_put_int(q, 8, (int64_t)total);
    query_run(q);
    return db_inserted(side->db);
}

/* The run that was made for the request; 0 when there is none. Requests are forgotten after a day. */
static int64_t requested(struct side *side, const struct store_run *r, const char *request)
{
    query_run(query_for(side, "DELETE FROM run_request WHERE at_ms < $1", r->begun_ms - REQUEST_MS));
    struct query *q = query_for(side, "SELECT run FROM run_request WHERE project = $1 AND request = $2", r->project);
    query_put_text(q, 2, request);
    return row_number(q);
}

enum fault store_run_of_request(struct store *s, int64_t project, const char *request, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT run FROM run_request WHERE project = $1 AND request = $2", project);
    query_put_text(q, 2, request);
    *ret_id = row_number(q);
    return side_end_found(side, *ret_id != 0);
}

static void note_request(struct side *side, const struct store_run *r, const char *request, int64_t run)
{
    struct query *q = query_for(side, "INSERT INTO run_request(project, request, run, at_ms) VALUES($1, $2, $3, $4)", r->project);
    query_put_text(q, 2, request);
    query_put_int(q, 3, run);
    query_put_int(q, 4, r->begun_ms);
    query_run(q);
}

enum fault store_run_add(struct store *s, const struct store_run *r, const char *request, const int64_t *devices, size_t count,
                         int64_t *ret_id, bool *ret_again)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t known = *request ? requested(side, r, request) : 0;
    *ret_again = known != 0;
    if (known) {
        *ret_id = known;
        return side_end(side);
    }
    int64_t id = bare_run(side, r, count);
    if (*request)
        note_request(side, r, request, id);
    struct query *names = db_query(side->db, "UPDATE run SET title = $1, work = $2, reason = $3, initiator = $4, login = $5 WHERE id = $6");
    query_put_text(names, 1, r->title);
    query_put_text(names, 2, r->work);
    query_put_text(names, 3, r->reason);
    query_put_text(names, 4, r->initiator);
    query_put_text(names, 5, r->login);
    query_put_int(names, 6, id);
    query_run(names);
    if (r->again_of) {
        struct query *of = query_for(side, "UPDATE run SET again_of = $2 WHERE id = $1", id);
        query_put_int(of, 2, r->again_of);
        query_run(of);
    }
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO run_device(run, device, result, begun_ms, ended_ms, readings, events, tries,"
                                             " notes, story) VALUES($1, $2, 0, 0, 0, 0, 0, 0, '', '') ON CONFLICT(run, device) DO NOTHING");
        query_put_int(q, 1, id);
        query_put_int(q, 2, devices[i]);
        query_run(q);
    }
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        *ret_id = id;
    return fault;
}

#define RUN_COLUMNS \
    "SELECT id, project, task, cause, title, work, reason, initiator, person, login, priority, begun_ms, ended_ms, result, total," \
    " good, partial, failed, absent, again_of FROM run"

static struct store_run run_of(struct query *q, struct arena *a)
{
    return (struct store_run){
        .id = query_int(q, 0), .project = query_int(q, 1), .task = query_int(q, 2), .cause = (enum run_cause)query_int(q, 3),
        .title = keep(a, query_text(q, 4)), .work = keep(a, query_text(q, 5)), .reason = keep(a, query_text(q, 6)),
        .initiator = keep(a, query_text(q, 7)), .person = query_int(q, 8), .login = keep(a, query_text(q, 9)),
        .priority = (int)query_int(q, 10), .begun_ms = query_int(q, 11), .ended_ms = query_int(q, 12),
        .result = (enum run_result)query_int(q, 13), .total = query_int(q, 14), .good = query_int(q, 15), .partial = query_int(q, 16),
        .failed = query_int(q, 17), .absent = query_int(q, 18), .again_of = query_int(q, 19) };
}

static enum fault get_run(struct store *s, const char *sql, int64_t id, struct arena *a, struct store_run *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, sql, id);
    bool found = query_row(q);
    if (found)
        *ret = run_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_run_get(struct store *s, int64_t id, struct arena *a, struct store_run *ret)
{
    return get_run(s, RUN_COLUMNS " WHERE id = $1", id, a, ret);
}

enum fault store_run_last(struct store *s, int64_t task, struct arena *a, struct store_run *ret)
{
    return get_run(s, RUN_COLUMNS " WHERE task = $1 AND cause <> 2 ORDER BY id DESC LIMIT 1", task, a, ret);
}

enum fault store_run_note(struct store *s, const struct store_run *r, enum run_result rest)
{
    struct side *side = side_begin(s, r->ended_ms ? DB_WRITE_DURABLE : DB_WRITE);
    struct query *q = db_query(side->db, "UPDATE run SET ended_ms = $1, result = $2, good = $3, partial = $4, failed = $5, absent = $6"
                                         " WHERE id = $7");
    query_put_int(q, 1, r->ended_ms);
    query_put_int(q, 2, r->result);
    query_put_int(q, 3, r->good);
    query_put_int(q, 4, r->partial);
    query_put_int(q, 5, r->failed);
    query_put_int(q, 6, r->absent);
    query_put_int(q, 7, r->id);
    query_run(q);
    if (r->ended_ms) {
        q = query_for(side, "UPDATE run_device SET result = $2 WHERE run = $1 AND result = 0", r->id);
        query_put_int(q, 2, rest);
        query_run(q);
    }
    return side_end(side);
}

#define RUN_WHERE \
    " WHERE project = $1 AND ($2 = 0 OR task = $2) AND ($3 = 0 OR ($3 >> cause) & 1 = 1) AND ($4 = 0 OR ($4 >> result) & 1 = 1)" \
    " AND ($5 = 0 OR again_of = $5)"

static void put_filter(struct query *q, const struct run_filter *f)
{
    query_put_int(q, 1, f->project);
    query_put_int(q, 2, f->task);
    query_put_int(q, 3, f->causes);
    query_put_int(q, 4, f->results);
    query_put_int(q, 5, f->again_of);
}

enum fault store_runs(struct store *s, const struct run_filter *f, store_run_fn *each, void *context, int64_t *ret_total)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *count = db_query(side->db, "SELECT count(*) FROM run" RUN_WHERE);
    put_filter(count, f);
    int64_t total = row_number(count);
    struct query *q = db_query(side->db, RUN_COLUMNS RUN_WHERE " ORDER BY id DESC LIMIT $6 OFFSET $7");
    put_filter(q, f);
    query_put_int(q, 6, (int64_t)f->take);
    query_put_int(q, 7, (int64_t)f->skip);
    while (query_row(q)) {
        struct store_run r = run_of(q, &a);
        if (!each(context, &r))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE && ret_total)
        *ret_total = total;
    return fault;
}

/* ---- devices ---- */

enum fault store_run_devices_note(struct store *s, const struct store_run_device *rows, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "UPDATE run_device SET result = $3, begun_ms = $4, ended_ms = $5, readings = $6, events = $7,"
                                             " tries = $8, notes = $9 WHERE run = $1 AND device = $2");
        query_put_int(q, 1, rows[i].run);
        query_put_int(q, 2, rows[i].device);
        query_put_int(q, 3, rows[i].result);
        query_put_int(q, 4, rows[i].begun_ms);
        query_put_int(q, 5, rows[i].ended_ms);
        query_put_int(q, 6, rows[i].readings);
        query_put_int(q, 7, rows[i].events);
        query_put_int(q, 8, rows[i].tries);
        query_put_text(q, 9, rows[i].notes);
        query_run(q);
        struct query *story = db_query(side->db, "UPDATE run_device SET story = $3 WHERE run = $1 AND device = $2");
        query_put_int(story, 1, rows[i].run);
        query_put_int(story, 2, rows[i].device);
        query_put_text(story, 3, rows[i].story);
        query_run(story);
    }
    return side_end(side);
}

#define DEVICE_COLUMNS "SELECT run, device, result, begun_ms, ended_ms, readings, events, tries, notes, story FROM run_device"

static struct store_run_device device_of(struct query *q)
{
    return (struct store_run_device){
        .run = query_int(q, 0), .device = query_int(q, 1), .result = (enum run_result)query_int(q, 2), .begun_ms = query_int(q, 3),
        .ended_ms = query_int(q, 4), .readings = query_int(q, 5), .events = query_int(q, 6), .tries = query_int(q, 7),
        .notes = query_text(q, 8), .story = query_text(q, 9) };
}

enum fault store_run_device_get(struct store *s, int64_t run, int64_t device, struct arena *a, struct store_run_device *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, DEVICE_COLUMNS " WHERE run = $1 AND device = $2", run);
    query_put_int(q, 2, device);
    bool found = query_row(q);
    if (found) {
        *ret = device_of(q);
        ret->notes = keep(a, ret->notes);
        ret->story = keep(a, ret->story);
    }
    query_end(q);
    return side_end_found(side, found);
}

static bool is_within(const struct run_device_filter *f, int64_t device)
{
    return !f->within || sorted_has(f->within, f->within_count, device);
}

enum fault store_run_devices(struct store *s, const struct run_device_filter *f, store_run_device_fn *each, void *context, int64_t *ret_total)
{
    int64_t total = 0;
    bool going = true;
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, DEVICE_COLUMNS " WHERE run = $1 AND ($2 = 0 OR ($2 >> result) & 1 = 1) ORDER BY device", f->run);
    query_put_int(q, 2, f->results);
    while (query_row(q)) {
        if (!is_within(f, query_int(q, 1)))
            continue;
        size_t at = (size_t)total++;
        if (!going || at < f->skip || at - f->skip >= f->take)
            continue;
        struct store_run_device d = device_of(q);
        going = each(context, &d);
    }
    query_end(q);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE && ret_total)
        *ret_total = total;
    return fault;
}

#define COMMANDS_OF " FROM run_device d JOIN run r ON r.id = d.run WHERE d.device = $1 AND r.work LIKE '%command %'"

enum fault store_run_commands(struct store *s, int64_t device, size_t skip, size_t take, int64_t *runs, size_t *ret_count, int64_t *ret_total)
{
    size_t count = 0;
    struct side *side = side_begin(s, DB_READ);
    int64_t total = row_number(query_for(side, "SELECT count(*)" COMMANDS_OF, device));
    struct query *q = query_for(side, "SELECT d.run" COMMANDS_OF " ORDER BY d.run DESC LIMIT $2 OFFSET $3", device);
    query_put_int(q, 2, (int64_t)take);
    query_put_int(q, 3, (int64_t)skip);
    while (query_row(q) && count < take)
        runs[count++] = query_int(q, 0);
    query_end(q);
    *ret_count = count;
    *ret_total = total;
    return side_end(side);
}

/* ---- after a start, and now and then ---- */

enum fault store_runs_interrupt(struct store *s, int64_t now_ms, int64_t *ret_closed)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE run_device SET result = $1 WHERE result = $2 AND run IN (SELECT id FROM run WHERE ended_ms = 0)");
    query_put_int(q, 1, RUN_INTERRUPTED);
    query_put_int(q, 2, RUN_PENDING);
    query_run(q);
    q = db_query(side->db, "UPDATE run SET ended_ms = $1, result = $2,"
                           " good = (SELECT count(*) FROM run_device d WHERE d.run = run.id AND d.result = 1),"
                           " partial = (SELECT count(*) FROM run_device d WHERE d.run = run.id AND d.result = 2),"
                           " failed = (SELECT count(*) FROM run_device d WHERE d.run = run.id AND d.result = 3) WHERE ended_ms = 0");
    query_put_int(q, 1, now_ms);
    query_put_int(q, 2, RUN_INTERRUPTED);
    int64_t closed = query_run(q);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE && ret_closed)
        *ret_closed = closed;
    return fault;
}

static void drop_runs(struct side *side, const char *sql, int64_t keep_count)
{
    query_run(query_for(side, sql, keep_count));
}

/* The id below which runs' devices do not fit any more; 0 when all do. */
static int64_t horizon(struct side *side, int64_t devices)
{
    int64_t sum = 0, at = 0;
    struct query *q = db_query(side->db, "SELECT id, total FROM run ORDER BY id DESC");
    while (query_row(q)) {
        sum += query_int(q, 1);
        if (sum <= devices)
            continue;
        at = query_int(q, 0) + 1;
        query_end(q);
        break;
    }
    return at;
}

enum fault store_runs_retain(struct store *s, int64_t per_task, int64_t one_off, int64_t devices)
{
    struct side *side = side_begin(s, DB_WRITE);
    drop_runs(side, "DELETE FROM run WHERE ended_ms <> 0 AND cause <> 2 AND (SELECT count(*) FROM run n WHERE n.task = run.task"
                    " AND n.id > run.id AND n.cause <> 2) >= $1", per_task);
    drop_runs(side, "DELETE FROM run WHERE ended_ms <> 0 AND cause = 2 AND (SELECT count(*) FROM run n WHERE n.project = run.project"
                    " AND n.id > run.id AND n.cause = 2) >= $1", one_off);
    drop_runs(side, "DELETE FROM run WHERE ended_ms <> 0 AND id < $1", horizon(side, devices));
    query_run(db_query(side->db, "DELETE FROM run_device WHERE run NOT IN (SELECT id FROM run)"));
    return side_end(side);
}
