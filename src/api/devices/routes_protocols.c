/* Protocol profiles: a driver and the parameters that many devices share. S3 2.2.13. */
#include "api/devices/lines.h"
#include "api/devices/lists.h"
#include "api/routes.h"

#include <stdio.h>

#define V1 "/api/v1"
enum { MANY_MOST = 1000 };

static const char *const sorts[] = { "id", "title", "driver", NULL };
static const char *const orders[] = { "asc", "desc", NULL };

#define PARAMETERS { .name = "parameters", .kind = FIELD_MAP, .help = { { "см. /drivers; секреты показаны как ***", "see /drivers; secrets show as ***" } } }
#define IDS { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = MANY_MOST, .of = FIELD_INT }

SHAPE(shape_protocol, "Protocol", { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT },
      { .name = "driver_title", .kind = FIELD_TEXT }, PARAMETERS,
      { .name = "devices", .kind = FIELD_INT, .help = { { "сколько устройств использует", "how many devices use it" } } }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "ProtocolNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 200 },
      { .name = "driver", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 40 }, PARAMETERS);
SHAPE(shape_change, "ProtocolChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = 200 }, { .name = "driver", .kind = FIELD_TEXT, .least = 1, .most = 40 }, PARAMETERS);
SHAPE(shape_set, "ProtocolSet", { .name = "parameters", .kind = FIELD_MAP, .flags = REQUIRED, .help = { { "эти меняются, прочие остаются", "these are changed, others stay" } } });
SHAPE(shape_many, "ProtocolsChange", IDS, { .name = "set", .kind = FIELD_OBJECT, .flags = REQUIRED, .shape = &shape_set });
SHAPE(shape_ids, "ProtocolsDelete", IDS);
SHAPE(shape_deleted, "ProtocolsDeleted", { .name = "deleted", .kind = FIELD_INT }, { .name = "used", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "используются и остались", "in use, and stay" } } });
SHAPE(shape_changed, "ProtocolsChanged", { .name = "changed", .kind = FIELD_INT });
SHAPE(shape_list, "ProtocolQuery", PAGE_FIELDS, { .name = "search", .kind = FIELD_TEXT, .most = 100 }, { .name = "driver", .kind = FIELD_TEXT, .most = 40 },
      { .name = "sort", .kind = FIELD_WORD, .words = sorts }, { .name = "order", .kind = FIELD_WORD, .words = orders });

/* --- looking --------------------------------------------------------------------------------------------------------------- */

static int64_t devices_by(struct call *c, int64_t protocol)
{
    int64_t devices = 0;
    store_protocol_uses(c->api->store, protocol, &devices);
    return devices;
}

static void put_protocol(struct call *c, const struct store_protocol *p, int64_t devices)
{
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_text(&c->out, "title", p->title);
    const struct driver *d = driver_find(p->driver);
    json_put_text(&c->out, "driver", p->driver);
    json_put_text(&c->out, "driver_title", d ? phrase_in(&d->title, c->lang) : p->driver);
    parameters_put(c, "parameters", driver_find(p->driver), p->parameters, NULL);
    json_put_int(&c->out, "devices", devices);
    json_put_int(&c->out, "revision", p->revision);
    json_put_end(&c->out);
}

static void put_one(struct call *c, int64_t id)
{
    struct store_protocol p;
    if (store_protocol_get(c->api->store, id, c->arena, &p) == FAULT_NONE)
        put_protocol(c, &p, devices_by(c, id));
}

static void list_protocols(struct call *c)
{
    registry_list_put(c, LIST_PROTOCOLS, call_text(c->query, "driver", ""), put_one);
}

static bool find_protocol(struct call *c, int64_t id, struct store_protocol *p)
{
    if (!call_good(c, store_protocol_get(c->api->store, id, c->arena, p), REFUSE_IN_USE))
        return false;
    return p->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_protocol(struct call *c)
{
    struct store_protocol p;
    if (find_protocol(c, c->match.number[0], &p))
        put_protocol(c, &p, devices_by(c, p.id));
}

/* What the log keeps: secrets masked. */
static const char *protocol_json(struct call *c, const struct store_protocol *p)
{
    struct call side = *c;
    struct buffer text = { 0 };
    side.out = (struct json_writer){ .out = &text };
    json_put_object(&side.out, NULL);
    json_put_text(&side.out, "title", p->title);
    json_put_text(&side.out, "driver", p->driver);
    parameters_put(&side, "parameters", driver_find(p->driver), p->parameters, NULL);
    json_put_end(&side.out);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    return kept;
}

/* --- adding and changing ------------------------------------------------------------------------------------------------------- */

static bool check_protocol(struct call *c, const char *field, const struct store_protocol *p)
{
    const struct driver *d = driver_find(p->driver);
    if (!d)
        return call_wrong_field(c, "driver", c->lang == LANG_RU ? "такого драйвера нет" : "there is no such driver");
    return parameters_check(c, field, d, p->parameters) && parameters_agree(c, field, d, p->parameters, false);
}

static void add_protocol(struct call *c)
{
    int64_t id = 0;
    struct store_protocol p = { .title = call_text(c->body, "title", ""), .driver = call_text(c->body, "driver", ""), .guid = "", .project = c->caller.project };
    p.parameters = parameters_take(c, "parameters", json_object_get(c->body, "parameters"), "");
    if (!p.parameters || !check_protocol(c, "parameters", &p) || !call_good(c, store_protocol_put(c->api->store, &p, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_PROTOCOL_ADD, p.title, NULL, protocol_json(c, &p));
    call_made(c, id);
}

static void change_protocol(struct call *c)
{
    struct store_protocol p, old;
    const json_t *map = json_object_get(c->body, "parameters");
    if (!find_protocol(c, c->match.number[0], &p))
        return;
    old = p;
    p.revision = call_int(c->body, "revision", 0);
    p.title = call_text(c->body, "title", p.title);
    p.driver = call_text(c->body, "driver", p.driver);
    if (map)
        p.parameters = parameters_take(c, "parameters", map, old.parameters);
    if (!p.parameters || !check_protocol(c, "parameters", &p) || !call_good(c, store_protocol_put(c->api->store, &p, NULL), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_PROTOCOL_UPDATE, p.title, protocol_json(c, &old), protocol_json(c, &p));
    get_protocol(c);
}

/* Those asked for, all of the project; else refused. */
static struct store_protocol *find_protocols(struct call *c, size_t *ret_count)
{
    int64_t *ids;
    size_t count = call_ids(c, json_object_get(c->body, "ids"), &ids);
    struct store_protocol *all = arena_take(c->arena, (count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        if (!find_protocol(c, ids[i], &all[i]))
            return NULL;
    *ret_count = count;
    return all;
}

static void change_protocols(struct call *c)
{
    size_t count = 0;
    const json_t *map = json_object_get(json_object_get(c->body, "set"), "parameters");
    struct store_protocol *all = find_protocols(c, &count);
    for (size_t i = 0; all && i < count; i++) {
        all[i].parameters = parameters_over(c, "set.parameters", map, all[i].parameters);
        if (!all[i].parameters || !check_protocol(c, "set.parameters", &all[i]))
            return;
    }
    if (!all || !call_good(c, store_protocols_put(c->api->store, all, count), REFUSE_IN_USE))
        return;
    for (size_t i = 0; i < count; i++)
        call_note(c, NOTE_PROTOCOL_UPDATE, all[i].title, NULL, protocol_json(c, &all[i]));
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "changed", (int64_t)count);
    json_put_end(&c->out);
}

/* --- deleting ------------------------------------------------------------------------------------------------------------------- */

static void delete_protocol(struct call *c)
{
    struct store_protocol p;
    if (!find_protocol(c, c->match.number[0], &p))
        return;
    enum fault f = store_protocol_delete(c->api->store, p.id);
    if (f == FAULT_REFUSED) {
        call_refuse(c, REFUSE_IN_USE);
        call_beside(c);
        json_put_int(&c->out, "devices", devices_by(c, p.id));
        json_put_end(&c->out);
        return;
    }
    if (!call_good(c, f, REFUSE_IN_USE))
        return;
    call_note(c, NOTE_PROTOCOL_REMOVE, p.title, protocol_json(c, &p), NULL);
    call_done(c);
}

static void delete_protocols(struct call *c)
{
    size_t count = 0, gone = 0;
    struct store_protocol *all = find_protocols(c, &count);
    if (!all)
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "used");
    for (size_t i = 0; i < count; i++) {
        enum fault f = store_protocol_delete(c->api->store, all[i].id);
        if (f == FAULT_REFUSED)
            json_put_int(&c->out, NULL, all[i].id);
        if (f != FAULT_NONE)
            continue;
        gone++;
        call_note(c, NOTE_PROTOCOL_REMOVE, all[i].title, protocol_json(c, &all[i]), NULL);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "deleted", (int64_t)gone);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/protocols", MAY_READ_PROTOCOL_SETTINGS, ROUTE_LIST, &shape_list, NULL, &shape_protocol, NULL, 0, list_protocols, { { "протоколы", "protocol profiles" } } },
    { "POST", V1 "/protocols", MAY_WRITE_PROTOCOL_SETTINGS, 0, NULL, &shape_new, NULL, NULL, 0, add_protocol, { { "добавить протокол", "add a protocol profile" } } },
    { "POST", V1 "/protocols/edit", MAY_WRITE_PROTOCOL_SETTINGS, 0, NULL, &shape_many, &shape_changed, NULL, 0, change_protocols, { { "изменить несколько протоколов", "change several protocol profiles" } } },
    { "POST", V1 "/protocols/delete", MAY_DELETE_PROTOCOL_SETTINGS, 0, NULL, &shape_ids, &shape_deleted, NULL, 0, delete_protocols, { { "удалить несколько протоколов", "delete several protocol profiles" } } },
    { "GET", V1 "/protocols/{id}", MAY_READ_PROTOCOL_SETTINGS, 0, NULL, NULL, &shape_protocol, NULL, 0, get_protocol, { { "протокол", "a protocol profile" } } },
    { "PATCH", V1 "/protocols/{id}", MAY_WRITE_PROTOCOL_SETTINGS, 0, NULL, &shape_change, &shape_protocol, NULL, 0, change_protocol, { { "изменить протокол", "change a protocol profile" } } },
    { "DELETE", V1 "/protocols/{id}", MAY_DELETE_PROTOCOL_SETTINGS, 0, NULL, NULL, NULL, NULL, 0, delete_protocol, { { "удалить неиспользуемый протокол", "delete a protocol profile that nothing uses" } } },
};

ROUTE_TABLE(rows);
