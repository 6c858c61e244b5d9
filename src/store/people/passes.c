/* Sessions, tokens and the log of what was done; see people.h. */
#include "store/people/people.h"
#include "store/inside.h"

#define PASS_COLUMNS "SELECT id, key, person, token, title, project, created_ms, seen_ms, expires_ms, address FROM pass"

enum fault store_pass_add(struct store *s, const struct store_pass *p, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "INSERT INTO pass(key, person, token, title, project, created_ms, seen_ms, expires_ms,"
                                         " address) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    query_put_text(q, 1, p->key);
    query_put_int(q, 2, p->person);
    query_put_int(q, 3, p->token);
    query_put_text(q, 4, p->title);
    query_put_int(q, 5, p->project);
    query_put_int(q, 6, p->created_ms);
    query_put_int(q, 7, p->seen_ms);
    query_put_int(q, 8, p->expires_ms);
    query_put_text(q, 9, p->address);
    query_run(q);
    int64_t id = db_inserted(side->db);
    return side_end_put(side, id, ret_id);
}

static struct store_pass pass_of(struct query *q)
{
    return (struct store_pass){ query_int(q, 0), query_text(q, 1), query_int(q, 2), query_int(q, 3) != 0, query_text(q, 4),
                                query_int(q, 5), query_int(q, 6), query_int(q, 7), query_int(q, 8), query_text(q, 9) };
}

enum fault store_pass_find(struct store *s, const char *key, struct arena *a, struct store_pass *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, PASS_COLUMNS " WHERE key = $1");
    query_put_text(q, 1, key);
    bool found = query_row(q);
    if (found) {
        *ret = pass_of(q);
        ret->key = arena_text(a, bytes_of_text(ret->key));
        ret->title = arena_text(a, bytes_of_text(ret->title));
        ret->address = arena_text(a, bytes_of_text(ret->address));
    }
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_passes(struct store *s, int64_t person, store_pass_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, PASS_COLUMNS " WHERE person = $1 OR $1 = 0 ORDER BY seen_ms DESC");
    query_put_int(q, 1, person);
    while (query_row(q)) {
        struct store_pass p = pass_of(q);
        if (!each(context, &p))
            break;
    }
    query_end(q);
    return side_end(side);
}

/* Losing the last of these with the power is no harm: DB_WRITE, no sync. */
enum fault store_pass_seen(struct store *s, int64_t id, int64_t seen_ms, int64_t expires_ms, const char *address)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "UPDATE pass SET seen_ms = $1, expires_ms = $2, address = $3 WHERE id = $4");
    query_put_int(q, 1, seen_ms);
    query_put_int(q, 2, expires_ms);
    query_put_text(q, 3, address);
    query_put_int(q, 4, id);
    query_run(q);
    return side_end(side);
}

enum fault store_pass_project(struct store *s, int64_t id, int64_t project)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE pass SET project = $1 WHERE id = $2");
    query_put_int(q, 1, project);
    query_put_int(q, 2, id);
    query_run(q);
    return side_end(side);
}

enum fault store_pass_delete(struct store *s, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "DELETE FROM pass WHERE id = $1");
    query_put_int(q, 1, id);
    int64_t gone = query_run(q);
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && gone == 0 ? FAULT_NO_DATA : fault;
}

enum fault store_passes_delete(struct store *s, int64_t person, int64_t except, bool tokens)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "DELETE FROM pass WHERE person = $1 AND id <> $2 AND token <= $3");
    query_put_int(q, 1, person);
    query_put_int(q, 2, except);
    query_put_int(q, 3, tokens);
    query_run(q);
    return side_end(side);
}

enum fault store_passes_expire(struct store *s, int64_t before_ms)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "DELETE FROM pass WHERE expires_ms < $1");
    query_put_int(q, 1, before_ms);
    query_run(q);
    return side_end(side);
}

/* ---- the log ---- */

static void put_audit(struct side *side, const struct store_audit *a)
{
    struct query *q = db_query(side->db, "INSERT INTO audit(at_ms, kind, security, level, project, person, login, address,"
                                         " object, before, after) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '')");
    query_put_int(q, 1, a->at_ms ? a->at_ms : side->store->now_ms());
    query_put_text(q, 2, a->kind);
    query_put_int(q, 3, a->security);
    query_put_int(q, 4, a->level);
    query_put_int(q, 5, a->project);
    query_put_int(q, 6, a->person);
    query_put_text(q, 7, a->login);
    query_put_text(q, 8, a->address);
    query_put_text(q, 9, a->object);
    query_run(q);
    int64_t id = db_inserted(side->db);
    struct query *texts = db_query(side->db, "UPDATE audit SET before = $1, after = $2 WHERE id = $3");
    query_put_text(texts, 1, a->before);
    query_put_text(texts, 2, a->after);
    query_put_int(texts, 3, id);
    query_run(texts);
}

enum fault store_audit_put(struct store *s, const struct store_audit *records, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    for (size_t i = 0; i < count; i++)
        put_audit(side, &records[i]);
    return side_end(side);
}

/* '%' and '_' of the search mean themselves. */
static struct store_audit audit_of(struct query *q)
{
    return (struct store_audit){
        .id = query_int(q, 0), .at_ms = query_int(q, 1), .kind = query_text(q, 2), .security = query_int(q, 3) != 0,
        .level = (enum audit_level)query_int(q, 4), .project = query_int(q, 5), .person = query_int(q, 6),
        .login = query_text(q, 7), .address = query_text(q, 8), .object = query_text(q, 9), .before = query_text(q, 10),
        .after = query_text(q, 11) };
}

#define AUDIT_WHERE " FROM audit WHERE security = $1 AND at_ms >= $2 AND at_ms < $3 AND ($4 = 0 OR project = 0 OR project = $4)" \
                    " AND ($5 = '' OR kind = $5) AND ($6 = '%%' OR login || ' ' || address || ' ' || object || ' ' || before || ' '" \
                    " || after LIKE $6 ESCAPE '\\') AND ($7 = 0 OR id < $7) AND level >= $8"

static struct query *audit_query(struct side *side, const char *sql, const struct audit_filter *f, struct arena *a)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, f->security);
    query_put_int(q, 2, f->from_ms);
    query_put_int(q, 3, f->to_ms);
    query_put_int(q, 4, f->project);
    query_put_text(q, 5, f->kind ? f->kind : "");
    query_put_text(q, 6, like_pattern(f->search ? f->search : "", a));
    query_put_int(q, 7, f->before_id);
    query_put_int(q, 8, f->level);
    return q;
}

enum fault store_audits(struct store *s, const struct audit_filter *f, store_audit_fn *each, void *context)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = audit_query(side, "SELECT id, at_ms, kind, security, level, project, person, login, address, object, before, after"
                                        AUDIT_WHERE " ORDER BY id DESC", f, &a);
    while (query_row(q)) {
        struct store_audit record = audit_of(q);
        if (!each(context, &record))
            break;
    }
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_audits_count(struct store *s, const struct audit_filter *f, int64_t *ret)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = audit_query(side, "SELECT count(*)" AUDIT_WHERE, f, &a);
    *ret = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    arena_free(&a);
    return side_end(side);
}

enum fault store_audit_clear(struct store *s, bool security, int64_t before_ms)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "DELETE FROM audit WHERE security = $1 AND at_ms < $2");
    query_put_int(q, 1, security);
    query_put_int(q, 2, before_ms);
    query_run(q);
    return side_end(side);
}
