/* Groups, drivers: what devices are described with. */
#include "api/call.h"
#include "api/devices/links.h"
#include "api/routes.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

SHAPE(shape_group, "Group", { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT },
      { .name = "default", .kind = FIELD_BOOL }, { .name = "devices", .kind = FIELD_INT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_group_new, "GroupNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 200 },
      { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, { .name = "default", .kind = FIELD_BOOL });
SHAPE(shape_group_change, "GroupChange", REVISION, { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = 200 },
      { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, { .name = "default", .kind = FIELD_BOOL });
SHAPE(shape_when, "ParameterWhen", { .name = "parameter", .kind = FIELD_TEXT }, { .name = "is_not", .kind = FIELD_LIST, .of = FIELD_TEXT });
SHAPE(shape_advice, "ParameterAdvice", { .name = "channel", .kind = FIELD_WORD, .words = link_kind_names },
      { .name = "value", .kind = FIELD_TEXT, .flags = NULLABLE, .help = { { "null: зависит от счётчика, см. text", "null: it depends on the meter, see text" } } }, { .name = "text", .kind = FIELD_TEXT });
SHAPE(shape_parameter, "Parameter", { .name = "name", .kind = FIELD_TEXT }, { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "help", .kind = FIELD_TEXT }, { .name = "preset", .kind = FIELD_TEXT }, { .name = "least", .kind = FIELD_INT }, { .name = "most", .kind = FIELD_INT },
      { .name = "choices", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "secret", .kind = FIELD_BOOL },
      { .name = "address", .kind = FIELD_BOOL, .help = { { "заменяется адресом линии", "replaced by the address of a line" } } },
      { .name = "part", .kind = FIELD_TEXT }, { .name = "part_title", .kind = FIELD_TEXT },
      { .name = "when", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_when },
      { .name = "advice", .kind = FIELD_LIST, .shape = &shape_advice, .help = { { "что обычно по виду канала", "what is usual by the kind of channel" } } });
SHAPE(shape_model, "Model", { .name = "name", .kind = FIELD_TEXT }, { .name = "maker", .kind = FIELD_TEXT });
SHAPE(shape_driver, "Driver", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "resource", .kind = FIELD_TEXT },
      { .name = "archives", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "parameters", .kind = FIELD_LIST, .shape = &shape_parameter },
      { .name = "models", .kind = FIELD_LIST, .shape = &shape_model },
      { .name = "searchable", .kind = FIELD_BOOL, .help = { { "можно искать на канале", "a channel can be searched for it" } } },
      { .name = "carries", .kind = FIELD_BOOL, .help = { { "за ним могут стоять другие приборы", "other meters may stand behind it" } } });

struct list {
    struct call *c;
    size_t count;
};

/* --- groups ----------------------------------------------------------------------------------------------------------------------- */

static bool list_group(void *context, const struct store_group *g, int64_t meters)
{
    struct list *l = context;
    struct call *c = l->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", g->id);
    json_put_text(&c->out, "title", g->title);
    json_put_text(&c->out, "note", g->note);
    json_put_bool(&c->out, "default", g->preset);
    json_put_int(&c->out, "devices", meters);
    json_put_int(&c->out, "revision", g->revision);
    json_put_end(&c->out);
    l->count++;
    return true;
}

static void list_groups(struct call *c)
{
    struct list l = { .c = c };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_groups(c->api->store, c->caller.project, list_group, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static void add_group(struct call *c)
{
    int64_t id = 0;
    struct store_group g = { .title = call_text(c->body, "title", ""), .note = call_text(c->body, "note", ""), .preset = call_bool(c->body, "default", false),
                             .project = c->caller.project };
    if (!call_good(c, store_group_put(c->api->store, &g, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_GROUP_ADD, g.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

static bool find_group(struct call *c, struct store_group *g)
{
    if (!call_good(c, store_group_get(c->api->store, c->match.number[0], c->arena, g), REFUSE_IN_USE))
        return false;
    return g->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void change_group(struct call *c)
{
    struct store_group g;
    if (!find_group(c, &g))
        return;
    const char *former = g.title;
    g.revision = call_int(c->body, "revision", 0);
    g.title = call_text(c->body, "title", g.title);
    g.note = call_text(c->body, "note", g.note);
    g.preset = call_bool(c->body, "default", g.preset);
    if (!call_good(c, store_group_put(c->api->store, &g, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_GROUP_UPDATE, former, NULL, call_json(c, c->body));
    call_done(c);
}

static void delete_group(struct call *c)
{
    struct store_group g;
    if (!find_group(c, &g) || !call_good(c, store_group_delete(c->api->store, g.id), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_GROUP_REMOVE, g.title, NULL, NULL);
    call_done(c);
}

/* --- drivers ------------------------------------------------------------------------------------------------------------------------ */

static void put_words(struct call *c, const char *key, const char *const *words)
{
    json_put_list(&c->out, key);
    for (; words && *words; words++)
        json_put_text(&c->out, NULL, *words);
    json_put_end(&c->out);
}

static void put_part(struct call *c, const struct parameter *p)
{
    static const char *const names[PARAMETER_PARTS] = { "main", "address", "access", "exchange", "security" };
    static const struct phrase titles[PARAMETER_PARTS] = { { { "Основное", "Main" } }, { { "Адрес", "Address" } }, { { "Доступ", "Access" } },
                                                           { { "Обмен", "Exchange" } }, { { "Защита", "Security" } } };
    json_put_text(&c->out, "part", names[p->part]);
    json_put_text(&c->out, "part_title", phrase_in(&titles[p->part], c->lang));
    if (!p->when) {
        json_put_null(&c->out, "when");
        return;
    }
    json_put_object(&c->out, "when");
    json_put_text(&c->out, "parameter", p->when);
    put_words(c, "is_not", p->when_not);
    json_put_end(&c->out);
}

static void put_advice(struct call *c, const struct advice *a)
{
    json_put_list(&c->out, "advice");
    for (; a && (a->value || a->text.in[0]); a++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "channel", link_kind_names[a->channel]);
        if (a->value)
            json_put_text(&c->out, "value", a->value);
        else
            json_put_null(&c->out, "value");
        json_put_text(&c->out, "text", a->text.in[0] ? phrase_in(&a->text, c->lang) : "");
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_parameter(struct call *c, const struct parameter *p)
{
    static const char *const kinds[] = { [PARAMETER_NUMBER] = "number", [PARAMETER_TEXT] = "text", [PARAMETER_BYTES] = "bytes", [PARAMETER_CHOICE] = "choice" };
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", p->name);
    json_put_text(&c->out, "kind", kinds[p->kind]);
    json_put_text(&c->out, "title", phrase_in(&p->title, c->lang));
    json_put_text(&c->out, "help", phrase_in(&p->help, c->lang));
    json_put_text(&c->out, "preset", p->secret ? "" : p->preset);
    json_put_int(&c->out, "least", p->least);
    json_put_int(&c->out, "most", p->most);
    put_words(c, "choices", p->kind == PARAMETER_CHOICE ? p->choices : NULL);
    json_put_bool(&c->out, "secret", p->secret);
    json_put_bool(&c->out, "address", p->address);
    put_part(c, p);
    put_advice(c, p->advice);
    json_put_end(&c->out);
}

static void put_driver(struct call *c, const struct driver *d)
{
    static const char *const resources[] = { "electricity", "water", "heat", "gas", "mixed" };
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", d->name);
    json_put_text(&c->out, "title", phrase_in(&d->title, c->lang));
    json_put_text(&c->out, "resource", resources[d->resource]);
    json_put_bool(&c->out, "searchable", d->scan != NULL);
    json_put_bool(&c->out, "carries", d->carries);
    json_put_list(&c->out, "archives");
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        if (d->read[a])
            json_put_text(&c->out, NULL, archive_name((enum archive)a));
    json_put_end(&c->out);
    json_put_list(&c->out, "parameters");
    for (const struct parameter *p = d->parameters; p && p->name; p++)
        put_parameter(c, p);
    for (const struct parameter *p = parameters_common; p->name; p++)
        put_parameter(c, p);
    json_put_end(&c->out);
    json_put_list(&c->out, "models");
    for (const struct model *m = d->models; m && m->name; m++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "name", m->name);
        json_put_text(&c->out, "maker", m->maker);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void list_drivers(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < drivers_count(); i++)
        put_driver(c, driver_at(i));
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)drivers_count());
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/groups", MAY_READ_DEVICES, ROUTE_LIST, NULL, NULL, &shape_group, NULL, 0, list_groups, { { "группы устройств", "groups of devices" } } },
    { "POST", V1 "/groups", MAY_WRITE_DEVICES, 0, NULL, &shape_group_new, NULL, NULL, 0, add_group, { { "добавить группу", "add a group" } } },
    { "PATCH", V1 "/groups/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_group_change, NULL, NULL, 0, change_group, { { "изменить группу, сделать её группой по умолчанию", "change a group, make it the default one" } } },
    { "DELETE", V1 "/groups/{id}", MAY_DELETE_DEVICES, 0, NULL, NULL, NULL, NULL, 0, delete_group, { { "удалить пустую группу", "delete an empty group" } } },
    { "GET", V1 "/drivers", MAY_READ_DEVICES, ROUTE_LIST, NULL, NULL, &shape_driver, NULL, 0, list_drivers, { { "драйверы, их параметры и модели", "drivers, their parameters and models" } } },
};

ROUTE_TABLE(rows);
