/* Brokers, templates and publications of MQTT; see mqtt.h. */
#include "store/upward/mqtt.h"
#include "store/inside.h"

#include <stdio.h>

/* ---- brokers ---- */

#define BROKER_COLUMNS \
    "SELECT id, project, device, address, port, qos, prefix, security, login, password, verify, authority, certificate, key, enabled," \
    " requests, revision FROM mqtt_broker"

static struct store_broker broker_of(struct query *q, struct arena *a)
{
    return (struct store_broker){
        .id = query_int(q, 0), .project = query_int(q, 1), .device = keep(a, query_text(q, 2)), .address = keep(a, query_text(q, 3)),
        .port = (int)query_int(q, 4), .qos = (int)query_int(q, 5), .prefix = keep(a, query_text(q, 6)), .security = keep(a, query_text(q, 7)),
        .login = keep(a, query_text(q, 8)), .password = keep(a, query_text(q, 9)), .verify = query_int(q, 10) != 0,
        .authority = keep(a, query_text(q, 11)), .certificate = keep(a, query_text(q, 12)), .key = keep(a, query_text(q, 13)),
        .enabled = query_int(q, 14) != 0, .requests = keep(a, query_text(q, 15)), .revision = query_int(q, 16) };
}

static void write_secrets(struct side *side, int64_t id, const struct store_broker *b)
{
    struct query *q = db_query(side->db, "UPDATE mqtt_broker SET login = $1, password = $2, verify = $3, authority = $4, certificate = $5,"
                                         " key = $6, enabled = $7, requests = $8, revision = revision + 1 WHERE id = $9");
    query_put_text(q, 1, b->login);
    query_put_text(q, 2, b->password);
    query_put_int(q, 3, b->verify);
    query_put_text(q, 4, b->authority);
    query_put_text(q, 5, b->certificate);
    query_put_text(q, 6, b->key);
    query_put_int(q, 7, b->enabled);
    query_put_text(q, 8, b->requests);
    query_put_int(q, 9, id);
    query_run(q);
}

enum fault store_broker_put(struct store *s, const struct store_broker *b, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = b->id ? row_look(query_for(side, "SELECT revision FROM mqtt_broker WHERE id = $1", b->id), b->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = b->id ? db_query(side->db, "UPDATE mqtt_broker SET project = $1, device = $2, address = $3, port = $4, qos = $5,"
                                                 " prefix = $6, security = $7 WHERE id = $8")
                            : db_query(side->db, "INSERT INTO mqtt_broker(project, device, address, port, qos, prefix, security, login,"
                                                 " password, verify, authority, certificate, key, enabled, revision)"
                                                 " VALUES($1, $2, $3, $4, $5, $6, $7, '', '', 0, '', '', '', 0, 0)");
    query_put_int(q, 1, b->project);
    query_put_text(q, 2, b->device);
    query_put_text(q, 3, b->address);
    query_put_int(q, 4, b->port);
    query_put_int(q, 5, b->qos);
    query_put_text(q, 6, b->prefix);
    query_put_text(q, 7, b->security);
    if (b->id)
        query_put_int(q, 8, b->id);
    query_run(q);
    int64_t id = b->id ? b->id : db_inserted(side->db);
    write_secrets(side, id, b);
    return side_end_put(side, id, ret_id);
}

enum fault store_broker_get(struct store *s, int64_t id, struct arena *a, struct store_broker *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, BROKER_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = broker_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_brokers(struct store *s, int64_t project, store_broker_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, BROKER_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_broker b = broker_of(q, NULL);
        if (!each(context, &b))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_broker_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT 1 FROM mqtt_publication WHERE broker = $1 LIMIT 1", "DELETE FROM mqtt_broker WHERE id = $1", id);
}

/* ---- templates ---- */

#define TEMPLATE_COLUMNS "SELECT id, project, title, device_group, format, kinds, revision FROM mqtt_template"

static struct store_mqtt_template template_of(struct query *q, struct arena *a)
{
    return (struct store_mqtt_template){ query_int(q, 0), query_int(q, 1), keep(a, query_text(q, 2)), query_int(q, 3), keep(a, query_text(q, 4)),
                                    keep(a, query_text(q, 5)), query_int(q, 6) };
}

enum fault store_mqtt_template_put(struct store *s, const struct store_mqtt_template *t, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = t->id ? row_look(query_for(side, "SELECT revision FROM mqtt_template WHERE id = $1", t->id), t->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = t->id ? db_query(side->db, "UPDATE mqtt_template SET project = $1, title = $2, device_group = $3, format = $4, kinds = $5,"
                                                 " revision = revision + 1 WHERE id = $6")
                            : db_query(side->db, "INSERT INTO mqtt_template(project, title, device_group, format, kinds, revision)"
                                                 " VALUES($1, $2, $3, $4, $5, 1)");
    query_put_int(q, 1, t->project);
    query_put_text(q, 2, t->title);
    query_put_int(q, 3, t->group);
    query_put_text(q, 4, t->format);
    query_put_text(q, 5, t->kinds);
    if (t->id)
        query_put_int(q, 6, t->id);
    query_run(q);
    return side_end_put(side, t->id ? t->id : db_inserted(side->db), ret_id);
}

enum fault store_mqtt_template_get(struct store *s, int64_t id, struct arena *a, struct store_mqtt_template *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TEMPLATE_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = template_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_mqtt_templates(struct store *s, int64_t project, store_mqtt_template_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, TEMPLATE_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_mqtt_template t = template_of(q, NULL);
        if (!each(context, &t))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_mqtt_template_delete(struct store *s, int64_t id)
{
    return delete_unused(s, "SELECT 1 FROM mqtt_publication WHERE template = $1 LIMIT 1", "DELETE FROM mqtt_template WHERE id = $1", id);
}

/* ---- publications ---- */

#define PUBLICATION_COLUMNS "SELECT id, project, broker, template, postfix, cause, layout, enabled, revision FROM mqtt_publication"

char *publication_reader(int64_t id, char name[PUBLICATION_READER_MAX])
{
    snprintf(name, PUBLICATION_READER_MAX, "mqtt:%lld", (long long)id);
    return name;
}

static struct store_publication publication_of(struct query *q, struct arena *a)
{
    return (struct store_publication){ query_int(q, 0), query_int(q, 1), query_int(q, 2), query_int(q, 3), keep(a, query_text(q, 4)),
                                       keep(a, query_text(q, 5)), keep(a, query_text(q, 6)), query_int(q, 7) != 0, query_int(q, 8) };
}

enum fault store_publication_put(struct store *s, const struct store_publication *p, int64_t *ret_id)
{
    char name[PUBLICATION_READER_MAX];
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    enum fault fault = p->id ? row_look(query_for(side, "SELECT revision FROM mqtt_publication WHERE id = $1", p->id), p->revision) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return side_cancel(side, fault);
    struct query *q = p->id ? db_query(side->db, "UPDATE mqtt_publication SET project = $1, broker = $2, template = $3, postfix = $4, cause = $5,"
                                                 " layout = $6, enabled = $7, revision = revision + 1 WHERE id = $8")
                            : db_query(side->db, "INSERT INTO mqtt_publication(project, broker, template, postfix, cause, layout, enabled,"
                                                 " revision) VALUES($1, $2, $3, $4, $5, $6, $7, 1)");
    query_put_int(q, 1, p->project);
    query_put_int(q, 2, p->broker);
    query_put_int(q, 3, p->template);
    query_put_text(q, 4, p->postfix);
    query_put_text(q, 5, p->cause);
    query_put_text(q, 6, p->layout);
    query_put_int(q, 7, p->enabled);
    if (p->id)
        query_put_int(q, 8, p->id);
    query_run(q);
    int64_t id = p->id ? p->id : db_inserted(side->db);
    feed_join(side, publication_reader(id, name));
    return side_end_put(side, id, ret_id);
}

enum fault store_publication_get(struct store *s, int64_t id, struct arena *a, struct store_publication *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, PUBLICATION_COLUMNS " WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = publication_of(q, a);
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_publications(struct store *s, int64_t project, store_publication_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, PUBLICATION_COLUMNS " WHERE $1 = 0 OR project = $1 ORDER BY id", project);
    while (query_row(q)) {
        struct store_publication p = publication_of(q, NULL);
        if (!each(context, &p))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_publication_delete(struct store *s, int64_t id)
{
    char name[PUBLICATION_READER_MAX];
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    bool found = run_for(side, "DELETE FROM mqtt_publication WHERE id = $1", id) > 0;
    feed_leave(side, publication_reader(id, name));
    return side_end_found(side, found);
}
