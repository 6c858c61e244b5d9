/* Projects, roles and people; see people.h. */
#include "store/people/people.h"
#include "store/inside.h"

#include <stdio.h>

/* `q` asks for another row of that name. */
static bool taken(struct query *q, const char *name, int64_t id)
{
    query_put_text(q, 1, name);
    query_put_int(q, 2, id);
    return row_found(q);
}

/* ---- projects ---- */

enum fault store_project_put(struct store *s, const struct store_project *p, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = p->id ? row_look(query_for(side, "SELECT revision FROM project WHERE id = $1", p->id), p->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && taken(db_query(side->db, "SELECT 1 FROM project WHERE title = $1 AND id <> $2"), p->title, p->id))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = p->id ? db_query(side->db, "UPDATE project SET title = $1, note = $2, revision = revision + 1 WHERE id = $3")
                            : db_query(side->db, "INSERT INTO project(title, note, revision) VALUES($1, $2, 1)");
    query_put_text(q, 1, p->title);
    query_put_text(q, 2, p->note);
    if (p->id)
        query_put_int(q, 3, p->id);
    query_run(q);
    int64_t id = p->id ? p->id : db_inserted(side->db);
    if (!p->id)
        run_for(side, "INSERT INTO device_group(project, title, note, preset, revision, guid) VALUES($1, 'Default', '', 1, 1, '')", id);
    return side_end_put(side, id, ret_id);
}

enum fault store_projects(struct store *s, store_project_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, title, note, revision FROM project ORDER BY id");
    while (query_row(q)) {
        struct store_project p = { query_int(q, 0), query_text(q, 1), query_text(q, 2), query_int(q, 3) };
        if (!each(context, &p))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_project_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (row_found(query_for(side, "SELECT 1 FROM meter WHERE project = $1 UNION ALL"
                                " SELECT 1 FROM link WHERE project = $1 UNION ALL"
                                " SELECT 1 FROM protocol WHERE project = $1 LIMIT 1", id)))
        return side_cancel(side, FAULT_REFUSED);
    if (run_for(side, "DELETE FROM project WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM person_project WHERE project = $1", id);
    run_for(side, "DELETE FROM device_group WHERE project = $1", id);
    run_for(side, "DELETE FROM pass WHERE project = $1", id);
    run_for(side, "DELETE FROM task_device WHERE task IN (SELECT id FROM task WHERE project = $1)", id);
    run_for(side, "DELETE FROM task_group WHERE task IN (SELECT id FROM task WHERE project = $1)", id);
    run_for(side, "DELETE FROM task WHERE project = $1", id);
    run_for(side, "DELETE FROM run_device WHERE run IN (SELECT id FROM run WHERE project = $1)", id);
    run_for(side, "DELETE FROM run WHERE project = $1", id);
    return side_end(side);
}

/* ---- roles ---- */

enum fault store_role_put(struct store *s, const struct store_role *r, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = r->id ? row_look(query_for(side, "SELECT revision FROM role WHERE id = $1", r->id), r->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && taken(db_query(side->db, "SELECT 1 FROM role WHERE name = $1 AND id <> $2"), r->name, r->id))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = r->id ? db_query(side->db, "UPDATE role SET name = $1, note = $2, builtin = $3, permissions = $4,"
                                                 " revision = revision + 1 WHERE id = $5")
                            : db_query(side->db, "INSERT INTO role(name, note, builtin, permissions, revision)"
                                                 " VALUES($1, $2, $3, $4, 1)");
    query_put_text(q, 1, r->name);
    query_put_text(q, 2, r->note);
    query_put_int(q, 3, r->builtin);
    query_put_text(q, 4, r->permissions);
    if (r->id)
        query_put_int(q, 5, r->id);
    query_run(q);
    return side_end_put(side, r->id ? r->id : db_inserted(side->db), ret_id);
}

#define ROLE_COLUMNS "SELECT id, name, note, builtin, permissions, revision FROM role"

enum fault store_role_get(struct store *s, int64_t id, struct arena *a, struct store_role *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, ROLE_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = (struct store_role){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)), query_int(q, 3) != 0,
                                    keep(a, query_text(q, 4)), query_int(q, 5) };
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_roles(struct store *s, store_role_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, ROLE_COLUMNS " ORDER BY id");
    while (query_row(q)) {
        struct store_role r = { query_int(q, 0), query_text(q, 1), query_text(q, 2), query_int(q, 3) != 0, query_text(q, 4),
                                query_int(q, 5) };
        if (!each(context, &r))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_role_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT 1 FROM person WHERE role = $1 LIMIT 1", "DELETE FROM role WHERE id = $1", id);
}

/* ---- people ---- */

static int64_t bare_person(struct side *side, const struct store_person *p)
{
    struct query *q = db_query(side->db, "INSERT INTO person(login, name, email, language, hash, role, enabled, must_change,"
                                         " totp_secret, totp_on, totp_step, recovery, created_ms, signed_in_ms, revision)"
                                         " VALUES($1, '', '', '', '', 0, 0, 0, '', 0, 0, '', $2, 0, 0)");
    query_put_text(q, 1, p->login);
    query_put_int(q, 2, side->store->now_ms());
    query_run(q);
    return db_inserted(side->db);
}

static void write_person(struct side *side, int64_t id, const struct store_person *p)
{
    struct query *who = db_query(side->db, "UPDATE person SET login = $1, name = $2, email = $3, language = $4, hash = $5,"
                                           " role = $6, enabled = $7, must_change = $8 WHERE id = $9");
    query_put_text(who, 1, p->login);
    query_put_text(who, 2, p->name);
    query_put_text(who, 3, p->email);
    query_put_text(who, 4, p->language);
    query_put_text(who, 5, p->hash);
    query_put_int(who, 6, p->role);
    query_put_int(who, 7, p->enabled);
    query_put_int(who, 8, p->must_change);
    query_put_int(who, 9, id);
    query_run(who);
    struct query *rest = db_query(side->db, "UPDATE person SET totp_secret = $1, totp_on = $2, totp_step = $3, recovery = $4,"
                                            " signed_in_ms = $5, revision = revision + 1 WHERE id = $6");
    query_put_text(rest, 1, p->totp_secret);
    query_put_int(rest, 2, p->totp_on);
    query_put_int(rest, 3, p->totp_step);
    query_put_text(rest, 4, p->recovery);
    query_put_int(rest, 5, p->signed_in_ms);
    query_put_int(rest, 6, id);
    query_run(rest);
}

enum fault store_person_put(struct store *s, const struct store_person *p, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = p->id ? row_look(query_for(side, "SELECT revision FROM person WHERE id = $1", p->id), p->revision) : FAULT_NONE;
    const char *same = p->id ? "SELECT 1 FROM person WHERE login = $1 AND id <> $2" : "SELECT 1 FROM person WHERE lower(login) = lower($1) AND id <> $2";
    if (fault == FAULT_NONE && taken(db_query(side->db, same), p->login, p->id))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    int64_t id = p->id ? p->id : bare_person(side, p);
    write_person(side, id, p);
    return side_end_put(side, id, ret_id);
}

#define PERSON_COLUMNS \
    "SELECT id, login, name, email, language, hash, role, enabled, must_change, totp_secret, totp_on, totp_step, recovery," \
    " created_ms, signed_in_ms, revision FROM person"

static struct store_person person_of(struct query *q, struct arena *a)
{
    return (struct store_person){
        .id = query_int(q, 0), .login = keep(a, query_text(q, 1)), .name = keep(a, query_text(q, 2)),
        .email = keep(a, query_text(q, 3)), .language = keep(a, query_text(q, 4)), .hash = keep(a, query_text(q, 5)),
        .role = query_int(q, 6), .enabled = query_int(q, 7) != 0, .must_change = query_int(q, 8) != 0,
        .totp_secret = keep(a, query_text(q, 9)), .totp_on = query_int(q, 10) != 0, .totp_step = query_int(q, 11),
        .recovery = keep(a, query_text(q, 12)), .created_ms = query_int(q, 13), .signed_in_ms = query_int(q, 14),
        .revision = query_int(q, 15) };
}

enum fault store_person_get(struct store *s, int64_t id, const char *login, struct arena *a, struct store_person *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, id ? PERSON_COLUMNS " WHERE id = $1" : PERSON_COLUMNS " WHERE login = $1");
    if (id)
        query_put_int(q, 1, id);
    else
        query_put_text(q, 1, login);
    bool found = query_row(q);
    if (found)
        *ret = person_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_people(struct store *s, store_person_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, PERSON_COLUMNS " ORDER BY login");
    while (query_row(q)) {
        struct store_person p = person_of(q, &a);
        if (!each(context, &p))
            break;
        arena_reset(&a);
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_person_delete(struct store *s, int64_t id)
{
    char key[48];
    snprintf(key, sizeof key, "person-settings:%lld", (long long)id);
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (run_for(side, "DELETE FROM person WHERE id = $1", id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    run_for(side, "DELETE FROM person_project WHERE person = $1", id);
    run_for(side, "DELETE FROM former_password WHERE person = $1", id);
    run_for(side, "DELETE FROM pass WHERE person = $1", id);
    run_for(side, "DELETE FROM notice WHERE person = $1", id);
    run_for(side, "DELETE FROM notice_choice WHERE person = $1", id);
    struct query *q = db_query(side->db, "DELETE FROM setting WHERE key = $1");
    query_put_text(q, 1, key);
    query_run(q);
    return side_end(side);
}

enum fault store_person_projects(struct store *s, int64_t person, store_number_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT project FROM person_project WHERE person = $1 ORDER BY project", person);
    while (query_row(q))
        if (!each(context, query_int(q, 0)))
            break;
    query_end(q);
    return side_end(side);
}

enum fault store_person_projects_put(struct store *s, int64_t person, const int64_t *projects, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    run_for(side, "DELETE FROM person_project WHERE person = $1", person);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO person_project(person, project) SELECT $1, id FROM project"
                                             " WHERE id = $2 ON CONFLICT(person, project) DO NOTHING");
        query_put_int(q, 1, person);
        query_put_int(q, 2, projects[i]);
        query_run(q);
    }
    return side_end(side);
}

enum fault store_project_people_put(struct store *s, int64_t project, const int64_t *people, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    run_for(side, "DELETE FROM person_project WHERE project = $1", project);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO person_project(person, project) SELECT id, $2 FROM person"
                                             " WHERE id = $1 ON CONFLICT(person, project) DO NOTHING");
        query_put_int(q, 1, people[i]);
        query_put_int(q, 2, project);
        query_run(q);
    }
    return side_end(side);
}

enum fault store_project_people(struct store *s, int64_t project, store_number_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT person FROM person_project WHERE project = $1 ORDER BY person", project);
    while (query_row(q))
        if (!each(context, query_int(q, 0)))
            break;
    query_end(q);
    return side_end(side);
}

/* ---- former passwords ---- */

enum fault store_password_note(struct store *s, int64_t person, const char *hash, int count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "INSERT INTO former_password(person, since_ms, hash) VALUES($1, $2, $3)"
                                         " ON CONFLICT(person, since_ms, hash) DO NOTHING");
    query_put_int(q, 1, person);
    query_put_int(q, 2, s->now_ms());
    query_put_text(q, 3, hash);
    query_run(q);
    struct query *old = db_query(side->db, "DELETE FROM former_password WHERE person = $1 AND since_ms < (SELECT min(since_ms)"
                                           " FROM (SELECT since_ms FROM former_password WHERE person = $1"
                                           " ORDER BY since_ms DESC LIMIT $2) AS newest)");
    query_put_int(old, 1, person);
    query_put_int(old, 2, count);
    query_run(old);
    return side_end(side);
}

enum fault store_passwords(struct store *s, int64_t person, store_text_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT hash FROM former_password WHERE person = $1 ORDER BY since_ms DESC", person);
    while (query_row(q))
        if (!each(context, query_text(q, 0)))
            break;
    query_end(q);
    return side_end(side);
}
