/* Timetables, calendars, occasions and what happened; see occasions.h. */
#include "store/box/occasions.h"
#include "store/inside.h"

#include <stdio.h>

enum { TIDY_EVERY = 64 };

/* ---- timetables ---- */

#define TIMETABLE_COLUMNS "SELECT id, project, title, schedule, zone, revision FROM timetable"

static struct store_timetable timetable_of(struct query *q, struct arena *a)
{
    return (struct store_timetable){ query_int(q, 0), query_int(q, 1), keep(a, query_text(q, 2)), keep(a, query_text(q, 3)), keep(a, query_text(q, 4)),
                                     query_int(q, 5) };
}

enum fault store_timetable_put(struct store *s, const struct store_timetable *t, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = t->id ? row_look(query_for(side, "SELECT revision FROM timetable WHERE id = $1", t->id), t->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = t->id ? db_query(side->db, "UPDATE timetable SET project = $1, title = $2, schedule = $3, zone = $4, revision = revision + 1 WHERE id = $5")
                            : db_query(side->db, "INSERT INTO timetable(project, title, schedule, zone, revision) VALUES($1, $2, $3, $4, 1)");
    query_put_int(q, 1, t->project);
    query_put_text(q, 2, t->title);
    query_put_text(q, 3, t->schedule);
    query_put_text(q, 4, t->zone);
    if (t->id)
        query_put_int(q, 5, t->id);
    query_run(q);
    return side_end_put(side, t->id ? t->id : db_inserted(side->db), ret_id);
}

enum fault store_timetable_get(struct store *s, int64_t id, struct arena *a, struct store_timetable *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TIMETABLE_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = timetable_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_timetables(struct store *s, int64_t project, store_timetable_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TIMETABLE_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_timetable t = timetable_of(q, NULL);
        if (!each(context, &t))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_timetable_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT 1 FROM calendar_timetable WHERE timetable = $1"
                            " UNION ALL SELECT 1 FROM occasion WHERE condition = 'schedule ' || CAST($1 AS TEXT) LIMIT 1", "DELETE FROM timetable WHERE id = $1", id);
}

/* ---- calendars ---- */

#define CALENDAR_COLUMNS "SELECT id, project, title, revision FROM calendar"

/* Its timetables in the order of their numbers. */
static struct store_calendar calendar_of(struct side *side, struct query *q, struct arena *a)
{
    struct store_calendar c = { .id = query_int(q, 0), .project = query_int(q, 1), .title = keep(a, query_text(q, 2)), .revision = query_int(q, 3) };
    struct query *t = query_for(side, "SELECT timetable FROM calendar_timetable WHERE calendar = $1 ORDER BY timetable", c.id);
    while (query_row(t) && c.count < CALENDAR_TIMETABLES_MAX)
        c.timetable[c.count++] = query_int(t, 0);
    query_end(t);
    return c;
}

enum fault store_calendar_put(struct store *s, const struct store_calendar *c, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = c->id ? row_look(query_for(side, "SELECT revision FROM calendar WHERE id = $1", c->id), c->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = c->id ? db_query(side->db, "UPDATE calendar SET project = $1, title = $2, revision = revision + 1 WHERE id = $3")
                            : db_query(side->db, "INSERT INTO calendar(project, title, revision) VALUES($1, $2, 1)");
    query_put_int(q, 1, c->project);
    query_put_text(q, 2, c->title);
    if (c->id)
        query_put_int(q, 3, c->id);
    query_run(q);
    int64_t id = c->id ? c->id : db_inserted(side->db);
    run_for(side, "DELETE FROM calendar_timetable WHERE calendar = $1", id);
    for (size_t i = 0; i < c->count; i++) {
        q = db_query(side->db, "INSERT INTO calendar_timetable(calendar, timetable) VALUES($1, $2) ON CONFLICT(calendar, timetable) DO NOTHING");
        query_put_int(q, 1, id);
        query_put_int(q, 2, c->timetable[i]);
        query_run(q);
    }
    return side_end_put(side, id, ret_id);
}

enum fault store_calendar_get(struct store *s, int64_t id, struct arena *a, struct store_calendar *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, CALENDAR_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = calendar_of(side, q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_calendars(struct store *s, int64_t project, store_calendar_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, CALENDAR_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_calendar c = calendar_of(side, q, NULL);
        if (!each(context, &c))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_calendar_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (row_found(query_for(side, "SELECT 1 FROM occasion WHERE condition = 'calendar ' || CAST($1 AS TEXT) LIMIT 1", id)))
        return side_cancel(side, FAULT_REFUSED);
    run_for(side, "DELETE FROM calendar_timetable WHERE calendar = $1", id);
    return side_end_found(side, run_for(side, "DELETE FROM calendar WHERE id = $1", id) > 0);
}

/* ---- occasions ---- */

#define OCCASION_COLUMNS \
    "SELECT id, project, title, condition, actions, enabled, pause_s, revision, last_ms, count, next_ms, known, seen FROM occasion"

static struct store_occasion occasion_of(struct query *q, struct arena *a)
{
    return (struct store_occasion){
        .id = query_int(q, 0), .project = query_int(q, 1), .title = keep(a, query_text(q, 2)), .condition = keep(a, query_text(q, 3)),
        .actions = keep(a, query_text(q, 4)), .enabled = query_int(q, 5) != 0, .pause_s = (int)query_int(q, 6), .revision = query_int(q, 7),
        .state = { query_int(q, 8), query_int(q, 9), query_int(q, 10), keep(a, query_text(q, 11)), query_int(q, 12) } };
}

enum fault store_occasion_put(struct store *s, const struct store_occasion *o, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = o->id ? row_look(query_for(side, "SELECT revision FROM occasion WHERE id = $1", o->id), o->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = o->id ? db_query(side->db, "UPDATE occasion SET project = $1, title = $2, condition = $3, actions = $4, enabled = $5, pause_s = $6,"
                                                 " revision = revision + 1 WHERE id = $7")
                            : db_query(side->db, "INSERT INTO occasion(project, title, condition, actions, enabled, pause_s, revision, last_ms, count,"
                                                 " next_ms, known, seen) VALUES($1, $2, $3, $4, $5, $6, 1, 0, 0, 0, '', 0)");
    query_put_int(q, 1, o->project);
    query_put_text(q, 2, o->title);
    query_put_text(q, 3, o->condition);
    query_put_text(q, 4, o->actions);
    query_put_int(q, 5, o->enabled);
    query_put_int(q, 6, o->pause_s);
    if (o->id)
        query_put_int(q, 7, o->id);
    query_run(q);
    int64_t id = o->id ? o->id : db_inserted(side->db);
    if (o->anew)
        run_for(side, "UPDATE occasion SET next_ms = 0, known = '', seen = 0 WHERE id = $1", id);
    return side_end_put(side, id, ret_id);
}

enum fault store_occasion_get(struct store *s, int64_t id, struct arena *a, struct store_occasion *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, OCCASION_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = occasion_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_occasions(struct store *s, int64_t project, store_occasion_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, OCCASION_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_occasion o = occasion_of(q, NULL);
        if (!each(context, &o))
            break;
    }
    query_end(q);
    return side_end(side);
}

/* What happened of it stays. */
enum fault store_occasion_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    return side_end_found(side, run_for(side, "DELETE FROM occasion WHERE id = $1", id) > 0);
}

enum fault store_occasion_note(struct store *s, int64_t id, const struct store_occasion_state *state)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE occasion SET last_ms = $1, count = $2, next_ms = $3, known = $4, seen = $5 WHERE id = $6");
    query_put_int(q, 1, state->last_ms);
    query_put_int(q, 2, state->count);
    query_put_int(q, 3, state->next_ms);
    query_put_text(q, 4, state->known);
    query_put_int(q, 5, state->seen);
    query_put_int(q, 6, id);
    return side_end_found(side, query_run(q) > 0);
}

/* ---- what happened ---- */

static void put_deed(struct side *side, int64_t happening, size_t place, const struct store_deed *d)
{
    struct query *q = db_query(side->db, "INSERT INTO deed(happening, place, kind, run, result, note) VALUES($1, $2, $3, $4, $5, $6)");
    query_put_int(q, 1, happening);
    query_put_int(q, 2, (int64_t)place);
    query_put_text(q, 3, d->kind);
    query_put_int(q, 4, d->run);
    query_put_text(q, 5, d->result);
    query_put_text(q, 6, d->note ? d->note : "");
    query_run(q);
}

enum fault store_happening_put(struct store *s, const struct store_happening *h, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "INSERT INTO happening(occasion, project, at_ms, title, cause, merged) VALUES($1, $2, $3, $4, $5, $6)");
    query_put_int(q, 1, h->occasion);
    query_put_int(q, 2, h->project);
    query_put_int(q, 3, h->at_ms);
    query_put_text(q, 4, h->title);
    query_put_text(q, 5, h->cause);
    query_put_int(q, 6, h->merged);
    query_run(q);
    int64_t id = db_inserted(side->db);
    for (size_t i = 0; i < h->deeds; i++)
        put_deed(side, id, i, &h->deed[i]);
    if (id % TIDY_EVERY == 0) {
        run_for(side, "DELETE FROM deed WHERE happening <= $1", id - HAPPENINGS_KEPT);
        run_for(side, "DELETE FROM happening WHERE id <= $1", id - HAPPENINGS_KEPT);
    }
    return side_end_put(side, id, ret_id);
}

static void load_deeds(struct side *side, struct arena *a, struct store_happening *h)
{
    struct query *q = query_for(side, "SELECT kind, run, result, note FROM deed WHERE happening = $1 ORDER BY place", h->id);
    while (query_row(q) && h->deeds < OCCASION_ACTIONS_MAX)
        h->deed[h->deeds++] = (struct store_deed){ keep(a, query_text(q, 0)), query_int(q, 1), keep(a, query_text(q, 2)), keep(a, query_text(q, 3)) };
    query_end(q);
}

static int64_t count_happenings(struct side *side, int64_t project, int64_t occasion)
{
    struct query *q = db_query(side->db, "SELECT count(*) FROM happening WHERE project = $1 AND ($2 = 0 OR occasion = $2)");
    query_put_int(q, 1, project);
    query_put_int(q, 2, occasion);
    return row_number(q);
}

enum fault store_happenings(struct store *s, int64_t project, int64_t occasion, size_t skip, size_t take, store_happening_fn *each, void *context,
                            int64_t *ret_total)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    int64_t total = count_happenings(side, project, occasion);
    struct query *q = db_query(side->db, "SELECT id, occasion, project, at_ms, title, cause, merged FROM happening"
                                         " WHERE project = $1 AND ($2 = 0 OR occasion = $2) ORDER BY id DESC LIMIT $3 OFFSET $4");
    query_put_int(q, 1, project);
    query_put_int(q, 2, occasion);
    query_put_int(q, 3, (int64_t)take);
    query_put_int(q, 4, (int64_t)skip);
    while (query_row(q)) {
        struct store_happening h = { .id = query_int(q, 0), .occasion = query_int(q, 1), .project = query_int(q, 2), .at_ms = query_int(q, 3),
                                     .title = query_text(q, 4), .cause = query_text(q, 5), .merged = query_int(q, 6) };
        load_deeds(side, &a, &h);
        bool more = each(context, &h);
        arena_reset(&a);
        if (!more)
            break;
    }
    query_end(q);
    arena_free(&a);
    *ret_total = total;
    return side_end(side);
}
