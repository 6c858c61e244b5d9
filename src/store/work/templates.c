/* Data templates; see tasks.h. */
#include "store/inside.h"
#include "store/work/tasks.h"

static bool title_taken(struct side *side, const struct store_template *t)
{
    struct query *q = db_query(side->db, "SELECT id FROM data_template WHERE project = $1 AND title = $2 AND id <> $3");
    query_put_int(q, 1, t->project);
    query_put_text(q, 2, t->title);
    query_put_int(q, 3, t->id);
    return row_found(q);
}

static void write_template(struct side *side, const struct store_template *t)
{
    struct query *q = t->id ? db_query(side->db, "UPDATE data_template SET title = $1, note = $2, work = $3, revision = revision + 1 WHERE id = $4")
                            : db_query(side->db, "INSERT INTO data_template(title, note, work, project, revision) VALUES($1, $2, $3, $4, 1)");
    query_put_text(q, 1, t->title);
    query_put_text(q, 2, t->note);
    query_put_text(q, 3, t->work);
    query_put_int(q, 4, t->id ? t->id : t->project);
    query_run(q);
}

/* What the tasks want that are made of it. */
static void pass_on(struct side *side, const struct store_template *t)
{
    struct query *q = db_query(side->db, "UPDATE task SET work = $1, revision = revision + 1 WHERE template = $2 AND work <> $1");
    query_put_text(q, 1, t->work);
    query_put_int(q, 2, t->id);
    query_run(q);
}

enum fault store_template_put(struct store *s, const struct store_template *t, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = t->id ? row_look(query_for(side, "SELECT revision FROM data_template WHERE id = $1", t->id), t->revision) : FAULT_NONE;
    if (fault == FAULT_NONE && title_taken(side, t))
        fault = FAULT_REFUSED;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    write_template(side, t);
    int64_t id = t->id ? t->id : db_inserted(side->db);
    if (t->id)
        pass_on(side, t);
    return side_end_put(side, id, ret_id);
}

#define TEMPLATE_COLUMNS \
    "SELECT id, project, title, note, work, revision, (SELECT count(*) FROM task k WHERE k.template = data_template.id)" \
    " FROM data_template"

static struct store_template template_of(struct query *q, struct arena *a)
{
    return (struct store_template){ .id = query_int(q, 0), .project = query_int(q, 1), .title = keep(a, query_text(q, 2)), .note = keep(a, query_text(q, 3)),
                                    .work = keep(a, query_text(q, 4)), .revision = query_int(q, 5), .tasks = query_int(q, 6) };
}

enum fault store_template_get(struct store *s, int64_t id, struct arena *a, struct store_template *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TEMPLATE_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = template_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_templates(struct store *s, int64_t project, store_template_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TEMPLATE_COLUMNS " WHERE project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_template t = template_of(q, NULL);
        if (!each(context, &t))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_template_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT id FROM task WHERE template = $1 LIMIT 1", "DELETE FROM data_template WHERE id = $1", id);
}
