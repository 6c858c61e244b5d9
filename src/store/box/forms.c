/* The gateway's forms and servers; see forms.h. */
#include "store/box/forms.h"
#include "store/inside.h"

#include <stdio.h>

static const char servers_form[] = "servers"; /* only its revision is used */

static int64_t form_revision(struct side *side, const char *name)
{
    struct query *q = db_query(side->db, "SELECT revision FROM form WHERE name = $1");
    query_put_text(q, 1, name);
    int64_t revision = row_number(q);
    return revision ? revision : 1;
}

static void form_write(struct side *side, const char *name, const char *content, int64_t revision)
{
    struct query *q = db_query(side->db, "INSERT INTO form(name, content, revision) VALUES($1, $2, $3)"
                                         " ON CONFLICT(name) DO UPDATE SET content = $2, revision = $3");
    query_put_text(q, 1, name);
    query_put_text(q, 2, content);
    query_put_int(q, 3, revision);
    query_run(q);
}

enum fault store_form_get(struct store *s, const char *name, struct arena *a, const char **ret_content, int64_t *ret_revision)
{
    *ret_content = "";
    *ret_revision = 1;
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT content, revision FROM form WHERE name = $1");
    query_put_text(q, 1, name);
    if (query_row(q)) {
        *ret_content = keep(a, query_text(q, 0));
        *ret_revision = query_int(q, 1);
    }
    query_end(q);
    return side_end(side);
}

enum fault store_form_put(struct store *s, const char *name, const char *content, int64_t revision)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (form_revision(side, name) != revision)
        return side_cancel(side, FAULT_CHANGED);
    form_write(side, name, content, revision + 1);
    return side_end(side);
}

enum fault store_servers(struct store *s, struct store_server ret[STORE_SERVERS_MAX], size_t *ret_count, int64_t *ret_revision)
{
    size_t count = 0;
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT type, port, tls FROM server ORDER BY port");
    while (query_row(q) && count < STORE_SERVERS_MAX) {
        struct store_server *one = &ret[count++];
        *one = (struct store_server){ .port = (int)query_int(q, 1), .tls = query_int(q, 2) != 0 };
        snprintf(one->type, sizeof one->type, "%s", query_text(q, 0));
    }
    query_end(q);
    *ret_count = count;
    *ret_revision = form_revision(side, servers_form);
    return side_end(side);
}

static bool servers_clash(const struct store_server *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (rows[i].port == rows[k].port || strcmp(rows[i].type, rows[k].type) == 0)
                return true;
    return false;
}

enum fault store_servers_put(struct store *s, const struct store_server *rows, size_t count, int64_t revision)
{
    if (count > STORE_SERVERS_MAX || servers_clash(rows, count))
        return FAULT_REFUSED;
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (form_revision(side, servers_form) != revision)
        return side_cancel(side, FAULT_CHANGED);
    db_run(side->db, "DELETE FROM server");
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO server(type, port, tls) VALUES($1, $2, $3)");
        query_put_text(q, 1, rows[i].type);
        query_put_int(q, 2, rows[i].port);
        query_put_int(q, 3, rows[i].tls);
        query_run(q);
    }
    form_write(side, servers_form, "", revision + 1);
    return side_end(side);
}
