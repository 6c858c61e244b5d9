/* Drivers: what devices are described with. */
#include "api/call.h"
#include "api/devices/links.h"
#include "api/routes.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"

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
    { "GET", V1 "/drivers", MAY_READ_DEVICES, ROUTE_LIST, NULL, NULL, &shape_driver, NULL, 0, list_drivers, { { "драйверы, их параметры и модели", "drivers, their parameters and models" } } },
};

ROUTE_TABLE(rows);
