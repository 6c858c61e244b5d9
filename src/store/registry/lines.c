/* Communication lines of meters, protocol profiles, and what uses what; see registry.h. */
#include "store/registry/registry.h"
#include "store/inside.h"

const char *line_parameters(const char *profile, const char *own, struct arena *a)
{
    size_t first = profile ? strlen(profile) : 0, second = own ? strlen(own) : 0;
    if (!first || !second)
        return first ? profile : second ? own : "";
    char *all = arena_take(a, first + second + 2);
    memcpy(all, profile, first);
    all[first] = ';';
    memcpy(all + first + 1, own, second);
    return all;
}

/* ---- lines ---- */

static int free_place(const struct store_line *lines, int count, unsigned given)
{
    for (int place = 1;; place++) {
        bool taken = given >> place & 1;
        for (int i = 0; i < count && !taken; i++)
            taken = lines[i].place == place;
        if (!taken)
            return place;
    }
}

void lines_write(struct side *side, int64_t meter, const char *driver, const struct store_line *lines, int count)
{
    struct arena sealed = { 0 };
    unsigned given = 0;
    run_for(side, "DELETE FROM comm_line WHERE meter = $1", meter);
    for (int i = 0; i < count; i++) {
        const struct store_line *l = &lines[i];
        int place = l->place ? l->place : free_place(lines, count, given);
        given |= 1u << place;
        struct query *q = db_query(side->db, "INSERT INTO comm_line(meter, place, link, protocol, priority, enabled, retries,"
                                             " parameters, guid) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        query_put_int(q, 1, meter);
        query_put_int(q, 2, place);
        query_put_int(q, 3, l->link);
        query_put_int(q, 4, l->protocol);
        query_put_int(q, 5, l->priority);
        query_put_int(q, 6, l->enabled);
        query_put_int(q, 7, l->retries);
        query_put_text(q, 8, secrets_seal(side, driver, l->parameters, &sealed));
        query_put_text(q, 9, l->guid);
        query_run(q);
    }
    arena_free(&sealed);
}

#define LINE_COLUMNS "SELECT meter, place, link, protocol, priority, enabled, retries, parameters, guid FROM comm_line"

static struct lines_reader reader_of(struct query *q)
{
    return (struct lines_reader){ q, query_row(q) };
}

struct lines_reader lines_of_all(struct side *side)
{
    return reader_of(db_query(side->db, LINE_COLUMNS " ORDER BY meter, priority, place"));
}

struct lines_reader lines_since(struct side *side, int64_t revision)
{
    struct query *q = db_query(side->db, LINE_COLUMNS " WHERE meter IN (SELECT id FROM meter WHERE revision > $1)"
                                                      " ORDER BY meter, priority, place");
    query_put_int(q, 1, revision);
    return reader_of(q);
}

struct lines_reader lines_of_one(struct side *side, int64_t meter)
{
    struct query *q = db_query(side->db, LINE_COLUMNS " WHERE meter = $1 ORDER BY priority, place");
    query_put_int(q, 1, meter);
    return reader_of(q);
}

void lines_next(struct lines_reader *r, struct arena *a, struct store_meter *m)
{
    struct store_line found[STORE_LINES_MAX];
    while (r->has && query_int(r->q, 0) < m->id)
        r->has = query_row(r->q);
    while (r->has && query_int(r->q, 0) == m->id) {
        if (m->line_count < STORE_LINES_MAX)
            found[m->line_count++] = (struct store_line){
                .place = (int)query_int(r->q, 1), .link = query_int(r->q, 2), .protocol = query_int(r->q, 3), .priority = (int)query_int(r->q, 4),
                .enabled = query_int(r->q, 5) != 0, .retries = (int)query_int(r->q, 6), .parameters = keep(a, query_text(r->q, 7)),
                .guid = keep(a, query_text(r->q, 8)) };
        r->has = query_row(r->q);
    }
    struct store_line *lines = arena_take(a, (size_t)m->line_count * sizeof *lines);
    memcpy(lines, found, (size_t)m->line_count * sizeof *lines);
    m->lines = lines;
}

void lines_end(struct lines_reader *r)
{
    if (r->has)
        query_end(r->q);
    r->has = false;
}

/* ---- protocol profiles ---- */

static bool has_lines_of_other(struct side *side, const struct store_protocol *p)
{
    struct query *q = db_query(side->db, "SELECT m.id FROM comm_line l JOIN meter m ON m.id = l.meter"
                                         " WHERE l.protocol = $1 AND m.driver <> $2 LIMIT 1");
    query_put_int(q, 1, p->id);
    query_put_text(q, 2, p->driver);
    bool found = query_row(q);
    query_end(q);
    return found;
}

static void write_protocol(struct side *side, const struct store_protocol *p, int64_t revision)
{
    struct arena sealed = { 0 };
    const char *parameters = secrets_seal(side, p->driver, p->parameters, &sealed);
    struct query *q = p->id ? db_query(side->db, "UPDATE protocol SET project = $1, title = $2, driver = $3, parameters = $4,"
                                                 " revision = $5, guid = $6, folded = $7 WHERE id = $8")
                            : db_query(side->db, "INSERT INTO protocol(project, title, driver, parameters, revision, guid, folded)"
                                                 " VALUES($1, $2, $3, $4, $5, $6, $7)");
    query_put_int(q, 1, p->project ? p->project : 1);
    query_put_text(q, 2, p->title);
    query_put_text(q, 3, p->driver);
    query_put_text(q, 4, parameters);
    query_put_int(q, 5, revision);
    query_put_text(q, 6, p->guid);
    query_put_folded(q, 7, p->title, p->driver);
    if (p->id)
        query_put_int(q, 8, p->id);
    query_run(q);
    arena_free(&sealed);
}

enum fault protocol_put(struct side *side, const struct store_protocol *p, int64_t revision, int64_t *ret_id)
{
    enum fault fault = p->id ? row_look(query_for(side, "SELECT revision FROM protocol WHERE id = $1", p->id), p->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && p->id && has_lines_of_other(side, p))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return fault;
    write_protocol(side, p, revision);
    *ret_id = p->id ? p->id : db_inserted(side->db);
    return FAULT_NONE;
}

#define PROTOCOL_COLUMNS "SELECT id, title, driver, parameters, project, revision, guid FROM protocol"

static struct store_protocol protocol_of(struct query *q, struct arena *a)
{
    return (struct store_protocol){ query_int(q, 0), keep(a, query_text(q, 1)), keep(a, query_text(q, 2)), keep(a, query_text(q, 3)),
                                    query_int(q, 4), query_int(q, 5), keep(a, query_text(q, 6)) };
}

enum fault store_protocol_get(struct store *s, int64_t id, struct arena *a, struct store_protocol *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, PROTOCOL_COLUMNS " WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = protocol_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

/* The rows that the query finds, until the callback has enough; ends both. */
static enum fault give_protocols(struct side *side, struct query *q, store_protocol_fn *each, void *context)
{
    while (query_row(q)) {
        struct store_protocol p = protocol_of(q, NULL);
        if (!each(context, &p))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_protocols(struct store *s, store_protocol_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    return give_protocols(side, db_query(side->db, PROTOCOL_COLUMNS " ORDER BY id"), each, context);
}

enum fault store_protocols_of(struct store *s, int64_t project, store_protocol_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    return give_protocols(side, query_for(side, PROTOCOL_COLUMNS " WHERE project = $1 ORDER BY id", project), each, context);
}

enum fault store_protocol_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT meter FROM comm_line WHERE protocol = $1 LIMIT 1", "DELETE FROM protocol WHERE id = $1", id);
}

/* ---- what uses what ---- */

static enum fault count_uses(struct store *s, const char *sql, int64_t id, int64_t *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, id);
    *ret = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    return side_end(side);
}

enum fault store_link_uses(struct store *s, int64_t id, int64_t *ret_meters)
{
    return count_uses(s, "SELECT count(DISTINCT meter) FROM comm_line WHERE link = $1", id, ret_meters);
}

enum fault store_protocol_uses(struct store *s, int64_t id, int64_t *ret_meters)
{
    return count_uses(s, "SELECT count(DISTINCT meter) FROM comm_line WHERE protocol = $1", id, ret_meters);
}
