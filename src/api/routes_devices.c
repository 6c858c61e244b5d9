/* Devices: the list, one of them, adding, changing, deleting. A device's parameters go out with secrets as "***", and "***"
 * coming back means the secret that is stored. */
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
#define SECRET_MASK "***"
enum { PARAMETERS_MAX = 1024, DEPTH_MOST = 3660 };

static const char *const contacts[] = { "good", "failed", "never", NULL };
static const char *const orders[] = { "asc", "desc", NULL };

SHAPE(shape_list, "DeviceQuery", PAGE_FIELDS,
      { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders },
      { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть номера, названия или группы", "part of serial, title or group" } } },
      { .name = "group", .kind = FIELD_TEXT, .most = 200 }, { .name = "driver", .kind = FIELD_TEXT, .most = 40 },
      { .name = "link", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "contact", .kind = FIELD_WORD, .words = contacts });
SHAPE(shape_row, "DeviceRow",
      { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "driver", .kind = FIELD_TEXT }, { .name = "model", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT },
      { .name = "link", .kind = FIELD_INT }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "contact", .kind = FIELD_TEXT, .help = { { "good, never или имя причины", "good, never or the fault's name" } } },
      { .name = "contact_text", .kind = FIELD_TEXT }, { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT });

#define DEPTH(archive) { .name = archive, .kind = FIELD_INT, .least = 0, .most = DEPTH_MOST }
SHAPE(shape_depths, "Depths", DEPTH("current"), DEPTH("network"), DEPTH("day"), DEPTH("month"), DEPTH("profile"), DEPTH("hour"), DEPTH("journal"), DEPTH("state"));
SHAPE(shape_facts, "Fact", { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "value", .kind = FIELD_TEXT },
      { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE });

#define DEVICE_FIELDS \
    { .name = "title", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "driver", .kind = FIELD_TEXT, .least = 1, .most = 40 }, \
    { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    { .name = "link", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "канал связи; 0: нет", "channel; 0: none" } } }, \
    { .name = "parameters", .kind = FIELD_MAP, .help = { { "адрес, пароль…: см. /drivers; секреты показаны как ***", "address, password...: see /drivers; secrets show as ***" } } }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "zone_minutes", .kind = FIELD_INT, .least = -720, .most = 840, .help = { { "часы счётчика к востоку от UTC", "the meter's clock east of UTC" } } }, \
    { .name = "depths", .kind = FIELD_OBJECT, .shape = &shape_depths, .help = { { "глубина архивов в днях; 0: не собирать", "archives in days; 0: not wanted" } } }

SHAPE(shape_device, "Device", { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, DEVICE_FIELDS,
      { .name = "contact", .kind = FIELD_TEXT }, { .name = "contact_text", .kind = FIELD_TEXT },
      { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "facts", .kind = FIELD_LIST, .shape = &shape_facts }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "DeviceNew",
      { .name = "serial", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 60000, .help = { { "номер или несколько через запятую", "a serial number, or several divided by commas" } } },
      DEVICE_FIELDS);
SHAPE(shape_change, "DeviceChange",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция", "revision that was seen" } } },
      { .name = "serial", .kind = FIELD_TEXT, .least = 1, .most = 64 }, DEVICE_FIELDS);
SHAPE(shape_made, "DevicesMade", { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT });
SHAPE(shape_delete, "DeviceDelete", { .name = "readings", .kind = FIELD_BOOL, .help = { { "true: вместе с показаниями", "true: with the readings" } } });

/* --- the list ----------------------------------------------------------------------------------------------------------------- */

static void put_contact(struct call *c, const struct roster_row *row)
{
    static const struct phrase never = { { "ещё не опрашивался", "not asked yet" } };
    static const struct phrase good = { { "на связи", "read" } };
    bool failed = row->contact > CONTACT_GOOD;
    json_put_text(&c->out, "contact", row->contact == CONTACT_NEVER ? "never" : failed ? fault_name((enum fault)row->contact) : "good");
    json_put_text(&c->out, "contact_text", failed ? fault_text((enum fault)row->contact, c->lang) : phrase_in(row->contact == CONTACT_NEVER ? &never : &good, c->lang));
    json_put_wall(&c->out, "contact_since", row->contact_since);
    json_put_utc(&c->out, "added", row->added_ms);
}

static void put_row(void *context, const struct roster_row *row)
{
    struct call *c = context;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", row->id);
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    json_put_text(&c->out, "driver", row->driver);
    json_put_text(&c->out, "model", row->model);
    json_put_text(&c->out, "group", row->group);
    json_put_int(&c->out, "link", row->link);
    json_put_bool(&c->out, "enabled", row->enabled);
    put_contact(c, row);
    json_put_int(&c->out, "revision", row->revision);
    json_put_end(&c->out);
}

static enum roster_column column_named(const char *name)
{
    for (int i = 0; i < ROSTER_COLUMNS; i++)
        if (strcmp(roster_column_names[i], name) == 0)
            return (enum roster_column)i;
    return ROSTER_ID;
}

static void list_devices(struct call *c)
{
    const json_t *q = c->query;
    struct roster_query query = {
        .project = c->caller.project, .search = call_text(q, "search", NULL), .group = call_text(q, "group", NULL), .driver = call_text(q, "driver", NULL),
        .link = call_int(q, "link", 0), .enabled = json_object_get(q, "enabled") ? call_bool(q, "enabled", true) : -1,
        .contact = call_text(q, "contact", NULL), .sort = column_named(call_text(q, "sort", "id")),
        .descending = strcmp(call_text(q, "order", "asc"), "desc") == 0, .skip = call_skip(c), .take = call_take(c) };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    size_t total = roster_list(c->api->roster, &query, put_row, c);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)total);
    json_put_end(&c->out);
}

/* --- one device --------------------------------------------------------------------------------------------------------------- */

static bool is_secret(const struct driver *d, const char *name)
{
    for (const struct parameter *p = d ? d->parameters : NULL; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->secret;
    return false;
}

/* Calls each(name, value) for "name=value;name=value". */
static void each_parameter(struct call *c, const char *text, void (*each)(void *, const char *, const char *), void *context)
{
    char *copy = arena_text(c->arena, bytes_of_text(text));
    for (char *save, *pair = strtok_r(copy, ";", &save); pair; pair = strtok_r(NULL, ";", &save)) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        each(context, pair, value ? value : "");
    }
}

struct masking {
    struct call *c;
    const struct driver *driver;
};

static void put_parameter(void *context, const char *name, const char *value)
{
    struct masking *m = context;
    json_put_text(&m->c->out, name, is_secret(m->driver, name) ? SECRET_MASK : value);
}

static bool put_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    struct call *c = context;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "kind", fact_name(kind));
    json_put_text(&c->out, "title", fact_title(kind, c->lang));
    json_put_text(&c->out, "value", utf8);
    json_put_utc(&c->out, "since", since_ms);
    json_put_end(&c->out);
    return true;
}

static void put_contact_of(void *context, const struct roster_row *row)
{
    put_contact(context, row);
}

static void put_settings(struct call *c, const struct store_meter *m)
{
    struct masking masking = { c, driver_find(m->driver) };
    json_put_text(&c->out, "serial", m->serial);
    json_put_text(&c->out, "title", m->title);
    json_put_text(&c->out, "driver", m->driver);
    json_put_text(&c->out, "model", m->model);
    json_put_int(&c->out, "link", m->link);
    json_put_object(&c->out, "parameters");
    each_parameter(c, m->parameters, put_parameter, &masking);
    json_put_end(&c->out);
    json_put_text(&c->out, "group", m->group);
    json_put_bool(&c->out, "enabled", m->enabled);
    json_put_int(&c->out, "zone_minutes", m->zone_minutes);
    json_put_object(&c->out, "depths");
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        json_put_int(&c->out, archive_name((enum archive)a), m->depth_days[a]);
    json_put_end(&c->out);
}

static void put_device(struct call *c, const struct store_meter *m, const char *key)
{
    json_put_object(&c->out, key);
    json_put_int(&c->out, "id", m->id);
    put_settings(c, m);
    roster_look(c->api->roster, m->id, c->caller.project, put_contact_of, c);
    json_put_list(&c->out, "facts");
    store_facts(c->api->store, m->id, false, put_fact, c);
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", m->revision);
    json_put_end(&c->out);
}

static bool find_device(struct call *c, struct store_meter *m)
{
    roster_refresh(c->api->roster);
    if (!call_good(c, store_meter_get(c->api->store, c->match.number[0], c->arena, m), REFUSE_IN_USE))
        return false;
    return m->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_device(struct call *c)
{
    struct store_meter m;
    if (find_device(c, &m))
        put_device(c, &m, NULL);
}

/* What the log keeps of a device: its settings, secrets masked. */
static const char *settings_json(struct call *c, const struct store_meter *m)
{
    struct json_writer answer = c->out;
    struct buffer text = { 0 };
    c->out = (struct json_writer){ .out = &text };
    json_put_object(&c->out, NULL);
    put_settings(c, m);
    json_put_end(&c->out);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    c->out = answer;
    return kept;
}

/* --- adding and changing ---------------------------------------------------------------------------------------------------------- */

struct unmasking {
    const char *wanted, *found;
};

static void find_parameter(void *context, const char *name, const char *value)
{
    struct unmasking *u = context;
    if (strcmp(name, u->wanted) == 0)
        u->found = value;
}

/* The map as "name=value;..." in the arena; NULL, refused, when a value cannot be. */
static const char *parameters_of(struct call *c, const json_t *map, const char *stored)
{
    char *memory = arena_take(c->arena, PARAMETERS_MAX);
    struct text t = text_over(memory, PARAMETERS_MAX);
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)map, key, item) {
        const char *value = json_string_value(item);
        struct unmasking u = { key, NULL };
        if (strcmp(value, SECRET_MASK) == 0)
            each_parameter(c, stored, find_parameter, &u);
        if (u.found)
            value = u.found;
        if (strpbrk(key, ";=") || strchr(value, ';')) {
            call_wrong_field(c, "parameters", c->lang == LANG_RU ? "точка с запятой не допускается" : "semicolons are not allowed");
            return NULL;
        }
        text_printf(&t, "%s%s=%s", t.size ? ";" : "", key, value);
    }
    if (t.cut) {
        call_wrong_field(c, "parameters", c->lang == LANG_RU ? "слишком длинно" : "too long");
        return NULL;
    }
    return memory;
}

static bool check_driver(struct call *c, const struct store_meter *m)
{
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    const struct driver *d = driver_find(m->driver);
    if (!d)
        return call_wrong_field(c, "driver", c->lang == LANG_RU ? "такого драйвера нет" : "there is no such driver");
    void *settings = memory_new(d->settings_size);
    bool good = parameters_read(d, m->parameters, c->lang, settings, &t);
    free(settings);
    return good || call_wrong_field(c, "parameters", problem);
}

static bool check_link(struct call *c, int64_t link)
{
    struct store_link k;
    if (link == 0)
        return true;
    enum fault f = store_link_get(c->api->store, link, c->arena, &k);
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && k.project != c->caller.project))
        return call_wrong_field(c, "link", c->lang == LANG_RU ? "такого канала связи нет" : "there is no such channel");
    return call_good(c, f, REFUSE_IN_USE);
}

/* Fields of the body over what `m` has; everything checked but the serial. */
static bool take_fields(struct call *c, struct store_meter *m)
{
    const json_t *map = json_object_get(c->body, "parameters"), *depths = json_object_get(c->body, "depths");
    m->title = call_text(c->body, "title", m->title);
    m->driver = call_text(c->body, "driver", m->driver);
    m->model = call_text(c->body, "model", m->model);
    m->link = call_int(c->body, "link", m->link);
    m->group = call_text(c->body, "group", m->group);
    m->enabled = call_bool(c->body, "enabled", m->enabled);
    m->zone_minutes = (int)call_int(c->body, "zone_minutes", m->zone_minutes);
    for (int a = 0; depths && a < ARCHIVE_COUNT; a++)
        m->depth_days[a] = (uint16_t)call_int(depths, archive_name((enum archive)a), m->depth_days[a]);
    if (map)
        m->parameters = parameters_of(c, map, m->parameters);
    return m->parameters && check_driver(c, m) && check_link(c, m->link);
}

struct preset {
    struct call *c;
    const char *title;
};

static bool note_preset(void *context, const struct store_group *g, int64_t meters)
{
    (void)meters;
    struct preset *p = context;
    if (g->preset)
        p->title = arena_text(p->c->arena, bytes_of_text(g->title));
    return !g->preset;
}

/* Where new devices go when nothing else is said. */
static const char *preset_group(struct call *c)
{
    struct preset p = { c, "" };
    store_groups(c->api->store, c->caller.project, note_preset, &p);
    return p.title;
}

enum { MOST_AT_ONCE = 2000, SERIAL_MOST = 64 };

/* "101, 102,103" into devices that differ by it only. */
static bool take_serials(struct call *c, const struct store_meter *model, struct store_meter *out, size_t *ret_count)
{
    char *copy = arena_text(c->arena, bytes_of_text(call_text(c->body, "serial", "")));
    size_t count = 0;
    const char *trouble = NULL;
    for (char *save, *word = strtok_r(copy, ", \n\t", &save); word && !trouble; word = strtok_r(NULL, ", \n\t", &save)) {
        if (count == MOST_AT_ONCE || strlen(word) > SERIAL_MOST)
            trouble = c->lang == LANG_RU ? "не больше 2000 номеров по 64 символа" : "at most 2000 serial numbers of 64 characters";
        else if (roster_taken(c->api->roster, c->caller.project, word, model->driver, 0))
            trouble = c->lang == LANG_RU ? "такое устройство уже есть" : "there is such a device already";
        for (size_t i = 0; i < count && !trouble; i++)
            if (strcmp(out[i].serial, word) == 0)
                trouble = c->lang == LANG_RU ? "номер повторяется" : "a serial number is repeated";
        if (trouble)
            break;
        out[count] = *model;
        out[count++].serial = word;
    }
    *ret_count = count;
    if (count == 0 && !trouble)
        trouble = c->lang == LANG_RU ? "обязательное поле" : "is required";
    return !trouble || call_wrong_field(c, "serial", trouble);
}

static void add_devices(struct call *c)
{
    size_t count = 0;
    struct store_meter model = { .title = "", .driver = "", .model = "", .parameters = "", .group = preset_group(c), .enabled = true,
                                 .zone_minutes = clock_zone_minutes(clock_utc_ms()), .project = c->caller.project };
    static const uint16_t usual[ARCHIVE_COUNT] = { [ARCHIVE_CURRENT] = 1, [ARCHIVE_NETWORK] = 1, [ARCHIVE_STATE] = 1, [ARCHIVE_DAY] = 60,
                                                   [ARCHIVE_MONTH] = 400, [ARCHIVE_PROFILE] = 60, [ARCHIVE_JOURNAL] = 60 };
    memcpy(model.depth_days, usual, sizeof usual);
    roster_refresh(c->api->roster);
    struct store_meter *all = arena_take(c->arena, MOST_AT_ONCE * sizeof *all);
    if (!take_fields(c, &model) || !take_serials(c, &model, all, &count) || !call_good(c, store_meters_put(c->api->store, all, count), REFUSE_TAKEN))
        return;
    c->answer->status = 201;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "ids");
    for (size_t i = 0; i < count; i++)
        json_put_int(&c->out, NULL, all[i].id);
    json_put_end(&c->out);
    json_put_end(&c->out);
    call_note(c, NOTE_DEVICE_ADD, call_text(c->body, "serial", ""), NULL, settings_json(c, &all[0]));
}

/* 409 with the row as it is now, so that an editor can show both. */
static void refuse_changed(struct call *c)
{
    struct store_meter now;
    if (!find_device(c, &now))
        return;
    call_refuse(c, REFUSE_CHANGED);
    c->answer->body.size--; /* the closing brace: the row stands beside the error */
    c->out = (struct json_writer){ .out = &c->answer->body, .depth = 1, .filled = 2 };
    put_device(c, &now, "current");
    json_put_end(&c->out);
}

static void change_device(struct call *c)
{
    struct store_meter old, m;
    if (!find_device(c, &old))
        return;
    m = old;
    m.serial = call_text(c->body, "serial", m.serial);
    if (!take_fields(c, &m))
        return;
    if (roster_taken(c->api->roster, c->caller.project, m.serial, m.driver, m.id)) {
        call_wrong_field(c, "serial", c->lang == LANG_RU ? "такое устройство уже есть" : "there is such a device already");
        return;
    }
    m.revision = call_int(c->body, "revision", 0);
    enum fault f = m.revision < 1 ? FAULT_CHANGED : store_meter_put(c->api->store, &m, NULL);
    if (f == FAULT_CHANGED) {
        refuse_changed(c);
        return;
    }
    if (!call_good(c, f, REFUSE_TAKEN))
        return;
    call_note(c, NOTE_DEVICE_UPDATE, m.serial, settings_json(c, &old), settings_json(c, &m));
    get_device(c);
}

static void delete_device(struct call *c)
{
    struct store_meter m;
    if (!find_device(c, &m) || !call_good(c, store_meter_delete(c->api->store, m.id, call_bool(c->query, "readings", false)), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_DEVICE_REMOVE, m.serial, settings_json(c, &m), NULL);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/devices", MAY_READ_DEVICES, ROUTE_LIST, &shape_list, NULL, &shape_row, NULL, 0, list_devices, { { "устройства: страница, сортировка, отборы", "devices: paged, sorted, filtered" } } },
    { "POST", V1 "/devices", MAY_WRITE_DEVICES, 0, NULL, &shape_new, &shape_made, NULL, 0, add_devices, { { "добавить одно устройство или список", "add one device or a list" } } },
    { "GET", V1 "/devices/{id}", MAY_READ_DEVICES, 0, NULL, NULL, &shape_device, NULL, 0, get_device, { { "устройство", "a device" } } },
    { "PATCH", V1 "/devices/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_change, &shape_device, NULL, 0, change_device, { { "изменить устройство", "change a device" } } },
    { "DELETE", V1 "/devices/{id}", MAY_DELETE_DEVICES, 0, &shape_delete, NULL, NULL, NULL, 0, delete_device, { { "удалить устройство", "delete a device" } } },
};

ROUTE_TABLE(rows);
