/* The table of meters as it is; see meter_table.h. */
#include "api/box/meter_table.h"
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const parities[] = { "", "N", "E", "O", NULL };

#define ROW_FIELDS \
    { .name = "id", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "номер прибора; 0 или нет: следующий свободный", "the meter's number; 0 or absent: the next free one" } } }, \
    { .name = "parent", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "номер родительского устройства, за которым стоит прибор; 0: нет", "number of the device behind which it stands; 0: none" } } }, \
    { .name = "driver", .kind = FIELD_TEXT, .least = 1, .most = 40 }, { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    { .name = "serial", .kind = FIELD_TEXT, .most = 64 }, \
    { .name = "address", .kind = FIELD_TEXT, .most = 64, .help = { { "сетевой адрес; у виртуального хаба узел:порт", "network address; of a virtual hub host:port" } } }, \
    { .name = "password", .kind = FIELD_TEXT, .most = 200, .help = { { "*** — какой сохранён", "***: the one that is stored" } } }, \
    { .name = "password2", .kind = FIELD_TEXT, .most = 200, .help = { { "второго уровня; *** — какой сохранён", "of the second level; ***: the one that is stored" } } }, \
    { .name = "interface", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "канал связи; 0: нет, или как у родителя", "channel; 0: none, or the parent's" } } }, \
    { .name = "interface_title", .kind = FIELD_TEXT, .most = 200, .help = { { "канал по имени, если нет interface", "channel by its name, where interface is absent" } } }, \
    { .name = "baud", .kind = FIELD_INT, .least = 0, .most = 115200, .help = { { "0: автоматически", "0: automatic" } } }, \
    { .name = "bits", .kind = FIELD_INT, .least = 0, .most = 8, .help = { { "7, 8; 0: автоматически", "7, 8; 0: automatic" } } }, \
    { .name = "parity", .kind = FIELD_WORD, .words = parities, .help = { { "N, E, O; пусто: автоматически", "N, E, O; empty: automatic" } } }, \
    { .name = "stop", .kind = FIELD_INT, .least = 0, .most = 2, .help = { { "1, 2; 0: автоматически", "1, 2; 0: automatic" } } }, \
    { .name = "clock", .kind = FIELD_INT, .least = 0, .most = 900, .help = { { "поправлять часы при расхождении от, с; 0: как у программы", "correct the clock from this error on, s; 0: as the program does" } } }, \
    { .name = "monthly", .kind = FIELD_BOOL, .help = { { "считывать месячный архив", "the monthly archive is read" } } }, \
    { .name = "enabled", .kind = FIELD_BOOL }, { .name = "comment", .kind = FIELD_TEXT, .most = 1000 }

#define LIKE_FIELD { .name = "like", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "копия этого прибора: *** — его пароли", "a copy of this meter: *** are its passwords" } } }
static const struct field row_fields[] = { ROW_FIELDS, LIKE_FIELD, { .name = NULL } };
const struct shape shape_table_row = { "TableRowPut", row_fields };

SHAPE(shape_shown, "TableRow", ROW_FIELDS, { .name = "contact", .kind = FIELD_TEXT }, { .name = "contact_text", .kind = FIELD_TEXT },
      { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE });
SHAPE(shape_interface, "TableInterface", { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "uri", .kind = FIELD_TEXT },
      { .name = "kind", .kind = FIELD_TEXT }, { .name = "hub", .kind = FIELD_BOOL, .help = { { "порт виртуального хаба", "the port of a virtual hub" } } });
static const struct field table_fields[] = {
    { .name = "revision", .kind = FIELD_INT }, { .name = "next", .kind = FIELD_INT, .help = { { "первый свободный номер", "the first free number" } } },
    { .name = "interfaces", .kind = FIELD_LIST, .shape = &shape_interface }, { .name = "rows", .kind = FIELD_LIST, .shape = &shape_shown }, { .name = NULL } };
const struct shape shape_table = { "MeterTable", table_fields };
SHAPE(shape_mistake, "TableMistake", { .name = "row", .kind = FIELD_INT, .help = { { "с нуля", "from 0" } } }, { .name = "cell", .kind = FIELD_TEXT }, { .name = "message", .kind = FIELD_TEXT });
static const struct field taken_fields[] = {
    { .name = "added", .kind = FIELD_INT }, { .name = "changed", .kind = FIELD_INT },
    { .name = "restored", .kind = FIELD_INT, .help = { { "вернулись с прежним номером и архивами", "came back with their number and archives" } } },
    { .name = "removed", .kind = FIELD_INT, .help = { { "выведены из опроса, архивы остались", "taken out of use, their archives stay" } } },
    { .name = "rows", .kind = FIELD_LIST, .shape = &shape_shown, .help = { { "строки, какими они стали или при пробе станут", "the rows as they are now, or would be after a dry run" } } },
    { .name = "mistakes", .kind = FIELD_INT, .help = { { "при пробе: сколько ошибок", "of a dry run: how many mistakes" } } }, { .name = "first", .kind = FIELD_LIST, .shape = &shape_mistake }, { .name = NULL } };
const struct shape shape_table_taken = { "TableTaken", taken_fields };

/* --- loading ---------------------------------------------------------------------------------------------------------------- */

static const char *kept(struct call *c, const char *text)
{
    return text && *text ? arena_text(c->arena, bytes_of_text(text)) : "";
}

static void *more(struct arena *a, void *old, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return old;
    size_t wanted = *room ? *room * 2 : 64;
    void *grown = arena_take(a, wanted * size);
    if (count)
        memcpy(grown, old, count * size);
    *room = wanted;
    return grown;
}

static bool keep_meter(void *context, const struct store_meter *m)
{
    struct meter_table *t = context;
    struct call *c = t->c;
    if (m->project != c->caller.project)
        return true;
    t->meters = more(c->arena, t->meters, t->meter_count, &t->meter_room, sizeof *t->meters);
    struct store_meter *to = &t->meters[t->meter_count++];
    *to = *m;
    const char **const texts[] = { &to->serial, &to->title, &to->driver, &to->model, &to->note, &to->group, &to->guid };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = kept(c, *texts[i]);
    struct store_line *lines = arena_take(c->arena, (size_t)m->line_count * sizeof *lines + 1);
    for (int i = 0; i < m->line_count; i++) {
        lines[i] = m->lines[i];
        lines[i].parameters = kept(c, m->lines[i].parameters);
        lines[i].guid = kept(c, m->lines[i].guid);
    }
    to->lines = lines;
    return true;
}

static bool keep_link(void *context, const struct store_link *k)
{
    struct meter_table *t = context;
    struct call *c = t->c;
    char problem[200];
    struct text ignored = text_over(problem, sizeof problem);
    t->links = more(c->arena, t->links, t->link_count, &t->link_room, sizeof *t->links);
    struct table_link *to = &t->links[t->link_count++];
    *to = (struct table_link){ .row = *k };
    to->row.title = kept(c, k->title);
    to->row.uri = kept(c, k->uri);
    to->row.settings = kept(c, k->settings);
    to->row.guid = kept(c, k->guid);
    to->good = link_address_parse(to->row.uri, LANG_EN, &to->address, &ignored);
    return true;
}

static bool keep_protocol(void *context, const struct store_protocol *p)
{
    struct meter_table *t = context;
    t->protocols = more(t->c->arena, t->protocols, t->protocol_count, &t->protocol_room, sizeof *t->protocols);
    t->protocols[t->protocol_count++] = (struct store_protocol){ .id = p->id, .parameters = kept(t->c, p->parameters) };
    return true;
}

struct meter_table *table_load(struct call *c)
{
    struct meter_table *t = arena_take(c->arena, sizeof *t);
    int64_t deleted;
    t->c = c;
    enum fault f = store_registry_mark(c->api->store, &t->revision, &deleted); /* first: what changes meanwhile is newer than seen */
    if (f == FAULT_NONE)
        f = store_meter_last(c->api->store, &t->last);
    if (f == FAULT_NONE)
        f = store_meters(c->api->store, keep_meter, t);
    if (f == FAULT_NONE)
        f = store_links_of(c->api->store, c->caller.project, keep_link, t);
    if (f == FAULT_NONE)
        f = store_protocols_of(c->api->store, c->caller.project, keep_protocol, t);
    if (f == FAULT_NONE)
        f = roster_refresh(c->api->roster);
    return call_good(c, f, REFUSE_IN_USE) ? t : NULL;
}

/* --- finding ----------------------------------------------------------------------------------------------------------------- */

static int by_meter(const void *a, const void *b)
{
    int64_t x = ((const struct store_meter *)a)->id, y = ((const struct store_meter *)b)->id;
    return (x > y) - (x < y);
}

const struct store_meter *table_meter(const struct meter_table *t, int64_t id)
{
    struct store_meter key = { .id = id };
    return t->meter_count ? bsearch(&key, t->meters, t->meter_count, sizeof *t->meters, by_meter) : NULL;
}

struct table_link *table_link(const struct meter_table *t, int64_t id)
{
    for (size_t i = 0; i < t->link_count + t->links_made; i++)
        if (t->links[i].row.id == id)
            return &t->links[i];
    return NULL;
}

const char *table_told(const struct meter_table *t, const struct store_meter *m)
{
    const char *profile = "";
    if (m->line_count == 0)
        return "";
    for (size_t i = 0; i < t->protocol_count; i++)
        if (t->protocols[i].id == m->lines[0].protocol)
            profile = t->protocols[i].parameters;
    return line_parameters(profile, m->lines[0].parameters, t->c->arena);
}

bool table_is_hub(const struct driver *d)
{
    return d && d->carries && !driver_address(d);
}

const struct parameter *table_long_address(const struct driver *d)
{
    for (const struct parameter *p = d ? d->parameters : NULL; p && p->name; p++)
        if (p->part == PART_ADDRESS && p->kind == PARAMETER_TEXT && !p->address && strcmp(p->name, "serial") == 0)
            return p;
    return NULL;
}

static const char *hub_address(const struct meter_table *t, const struct store_meter *m)
{
    char text[300];
    const struct table_link *k = m->line_count ? table_link(t, m->lines[0].link) : NULL;
    if (!k || !k->good)
        return "";
    snprintf(text, sizeof text, "%s:%u", k->address.host, k->address.port);
    return kept(t->c, text);
}

const char *table_address(const struct meter_table *t, const struct store_meter *m)
{
    const struct driver *d = driver_find(m->driver);
    const struct parameter *address = driver_address(d), *secondary = table_long_address(d);
    if (table_is_hub(d))
        return hub_address(t, m);
    const char *told = table_told(t, m), *value = address ? parameter_value(t->c, told, address->name) : NULL;
    if (secondary && (!value || strcmp(value, "0") == 0))
        value = parameter_value(t->c, told, secondary->name);
    return value ? value : "";
}

/* --- showing -------------------------------------------------------------------------------------------------------------------- */

static void put_line(struct call *c, const struct driver *d, const char *told)
{
    bool given;
    const char *speed = parameter_value(c, told, "speed"), *format = parameter_value(c, told, "format"), *clock = parameter_value(c, told, "clock");
    struct line line = d ? parameters_line(d, told, &given) : (struct line){ 0 };
    bool fast = d && speed && strcmp(speed, "auto") != 0, formed = d && format && strcmp(format, "auto") != 0;
    char parity[2] = { formed ? line.parity : '\0', '\0' };
    json_put_int(&c->out, "baud", fast ? line.baud : 0);
    json_put_int(&c->out, "bits", formed ? line.bits : 0);
    json_put_text(&c->out, "parity", parity);
    json_put_int(&c->out, "stop", formed ? line.stop : 0);
    json_put_int(&c->out, "clock", clock ? strtol(clock, NULL, 10) : 0);
}

/* For whom a row is put. */
enum reader { FOR_PAGE, FOR_FILE, FOR_FILE_WITH_SECRETS };

/* A password as it may be shown: one that just came with a file as it came, the stored one to few. */
static void put_password(struct call *c, const char *name, const char *told, const json_t *said, enum reader reader)
{
    const char *stored = parameter_value(c, told, name), *came = said ? call_text(said, name, NULL) : NULL;
    bool own = came && strcmp(came, SECRET_MASK) != 0;
    json_put_text(&c->out, name, !stored || !*stored ? "" : own ? came : reader == FOR_FILE_WITH_SECRETS ? stored : SECRET_MASK);
}

static void put_contact(void *context, const struct roster_row *row)
{
    device_put_contact(context, row);
}

static void put_no_contact(struct call *c)
{
    json_put_text(&c->out, "contact", "never");
    json_put_text(&c->out, "contact_text", "");
    json_put_null(&c->out, "contact_since");
    json_put_null(&c->out, "asked");
    json_put_null(&c->out, "added");
}

static void put_row(struct meter_table *t, const struct store_meter *m, const json_t *said, enum reader reader)
{
    struct call *c = t->c;
    const struct driver *d = driver_find(m->driver);
    const struct table_link *k = m->line_count && !m->parent && !table_is_hub(d) ? table_link(t, m->lines[0].link) : NULL;
    const char *told = reader == FOR_FILE_WITH_SECRETS ? parameters_open(c, table_told(t, m)) : table_told(t, m);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", m->id ? m->id : m->chosen);
    json_put_int(&c->out, "parent", m->parent);
    json_put_text(&c->out, "driver", m->driver);
    json_put_text(&c->out, "model", m->model);
    json_put_text(&c->out, "serial", m->serial);
    json_put_text(&c->out, "address", d || !said ? table_address(t, m) : call_text(said, "address", ""));
    put_password(c, "password", told, said, reader);
    put_password(c, "password2", told, said, reader);
    if (reader == FOR_PAGE)
        json_put_int(&c->out, "interface", k ? k->row.id : 0);
    json_put_text(&c->out, "interface_title", k ? k->row.title : "");
    put_line(c, d, told);
    json_put_bool(&c->out, "monthly", m->depth_days[ARCHIVE_MONTH] > 0);
    json_put_bool(&c->out, "enabled", m->enabled);
    json_put_text(&c->out, "comment", m->note);
    if (reader == FOR_PAGE && !(m->id && roster_look(c->api->roster, m->id, c->caller.project, put_contact, c)))
        put_no_contact(c);
    json_put_end(&c->out);
}

static bool is_hub_link(const struct meter_table *t, int64_t link)
{
    for (size_t i = 0; i < t->meter_count; i++)
        if (t->meters[i].line_count && t->meters[i].lines[0].link == link && table_is_hub(driver_find(t->meters[i].driver)))
            return true;
    return false;
}

static void put_interfaces(struct meter_table *t)
{
    struct call *c = t->c;
    json_put_list(&c->out, "interfaces");
    for (size_t i = 0; i < t->link_count; i++) {
        const struct table_link *k = &t->links[i];
        static const char *const kinds[] = { [LINK_TCP] = "tcp", [LINK_UDP] = "udp", [LINK_SERIAL] = "serial", [LINK_GATEWAY] = "gateway" };
        json_put_object(&c->out, NULL);
        json_put_int(&c->out, "id", k->row.id);
        json_put_text(&c->out, "title", *k->row.title ? k->row.title : k->row.uri);
        json_put_text(&c->out, "uri", k->row.uri);
        json_put_text(&c->out, "kind", k->good ? kinds[k->address.kind] : "");
        json_put_bool(&c->out, "hub", is_hub_link(t, k->row.id));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_rows(struct meter_table *t, enum reader reader)
{
    json_put_list(&t->c->out, "rows");
    for (size_t i = 0; i < t->meter_count; i++)
        if (table_has(&t->meters[i]))
            put_row(t, &t->meters[i], NULL, reader);
    json_put_end(&t->c->out);
}

void table_put(struct meter_table *t)
{
    struct call *c = t->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "revision", t->revision);
    json_put_int(&c->out, "next", t->last + 1);
    put_interfaces(t);
    put_rows(t, FOR_PAGE);
    json_put_end(&c->out);
}

void table_put_file(struct meter_table *t, bool secrets)
{
    struct call *c = t->c;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "format", TABLE_FORMAT);
    json_put_int(&c->out, "version", 1);
    put_rows(t, secrets ? FOR_FILE_WITH_SECRETS : FOR_FILE);
    json_put_end(&c->out);
}

void table_put_taken(struct meter_table *t)
{
    struct call *c = t->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "added", (int64_t)t->added);
    json_put_int(&c->out, "changed", (int64_t)t->changed);
    json_put_int(&c->out, "restored", (int64_t)t->restored);
    json_put_int(&c->out, "removed", (int64_t)t->removed);
    json_put_list(&c->out, "rows");
    for (size_t i = 0; i < t->row_count; i++)
        put_row(t, &t->rows[i].meter, t->rows[i].said, FOR_PAGE);
    json_put_end(&c->out);
    table_put_mistakes(t);
    json_put_end(&c->out);
}

void table_put_mistakes(struct meter_table *t)
{
    struct call *c = t->c;
    json_put_int(&c->out, "mistakes", (int64_t)t->mistake_count);
    json_put_list(&c->out, "first");
    for (size_t i = 0; i < t->mistake_count && i < TABLE_TOLD; i++) {
        json_put_object(&c->out, NULL);
        json_put_int(&c->out, "row", (int64_t)t->mistakes[i].row);
        json_put_text(&c->out, "cell", t->mistakes[i].cell);
        json_put_text(&c->out, "message", t->mistakes[i].message);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}
