/* Devices: the list, one of them with its lines, adding, changing, deleting. */
#include "api/devices/devices.h"
#include "api/routes.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { DEPTH_MOST = 3660, IDS_MOST = 10000 };

#define DEPTH(archive) { .name = archive, .kind = FIELD_INT, .least = 0, .most = DEPTH_MOST }
static const struct field depths_fields[] = { DEPTH("current"), DEPTH("network"), DEPTH("day"), DEPTH("month"), DEPTH("profile"), DEPTH("hour"), DEPTH("journal"),
                                              DEPTH("state"), { .name = NULL } };
const struct shape shape_depths = { "Depths", depths_fields };
SHAPE(shape_facts, "Fact", { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "value", .kind = FIELD_TEXT },
      { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE });

#define DEVICE_FIELDS \
    { .name = "title", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "driver", .kind = FIELD_TEXT, .least = 1, .most = 40 }, \
    { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    DEVICE_SET_FIELDS

SHAPE(shape_device, "Device", { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, DEVICE_FIELDS,
      { .name = "source", .kind = FIELD_TEXT }, { .name = "lines", .kind = FIELD_LIST, .shape = &shape_comm_line },
      { .name = "contact", .kind = FIELD_TEXT }, { .name = "contact_text", .kind = FIELD_TEXT },
      { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "facts", .kind = FIELD_LIST, .shape = &shape_facts }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "DeviceNew",
      { .name = "serial", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 60000, .help = { { "номер или несколько через запятую", "a serial number, or several divided by commas" } } },
      { .name = "lines", .kind = FIELD_LIST, .most = STORE_LINES_MAX, .shape = &shape_comm_line_put }, DEVICE_FIELDS);
SHAPE(shape_change, "DeviceChange",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция", "revision that was seen" } } },
      { .name = "serial", .kind = FIELD_TEXT, .least = 1, .most = SERIAL_MOST }, DEVICE_FIELDS);
SHAPE(shape_made, "DevicesMade", { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT });
SHAPE(shape_lines_put, "LinesPut",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция устройства", "the device's revision that was seen" } } },
      { .name = "lines", .kind = FIELD_LIST, .flags = REQUIRED, .most = STORE_LINES_MAX, .shape = &shape_comm_line_put });
SHAPE(shape_delete_many, "DevicesDelete", { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = IDS_MOST, .of = FIELD_INT },
      { .name = "readings", .kind = FIELD_BOOL, .help = { { "true: вместе с показаниями", "true: with the readings" } } });
SHAPE(shape_deleted, "Deleted", { .name = "deleted", .kind = FIELD_INT }, { .name = "missing", .kind = FIELD_INT });
SHAPE(shape_delete, "DeviceDelete", { .name = "readings", .kind = FIELD_BOOL, .help = { { "true: вместе с показаниями", "true: with the readings" } } });

/* --- one device --------------------------------------------------------------------------------------------------------------- */

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
    device_put_contact(context, row);
}

void device_put_settings(struct call *c, const struct store_meter *m)
{
    json_put_text(&c->out, "serial", m->serial);
    json_put_text(&c->out, "title", m->title);
    json_put_text(&c->out, "driver", m->driver);
    json_put_text(&c->out, "model", m->model);
    json_put_text(&c->out, "note", m->note);
    json_put_text(&c->out, "group", m->group);
    json_put_text(&c->out, "status", meter_status_names[m->status % METER_STATUSES]);
    json_put_text(&c->out, "source", meter_source_names[m->source % METER_SOURCES]);
    json_put_bool(&c->out, "enabled", m->enabled);
    json_put_int(&c->out, "zone_minutes", m->zone_minutes);
    json_put_object(&c->out, "depths");
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        json_put_int(&c->out, archive_name((enum archive)a), m->depth_days[a]);
    json_put_end(&c->out);
    if (call_may(c, MAY_READ_DEVICE_COMMLINE))
        lines_put(c, "lines", m);
}

static void put_device(struct call *c, const struct store_meter *m, const char *key)
{
    json_put_object(&c->out, key);
    json_put_int(&c->out, "id", m->id);
    device_put_settings(c, m);
    roster_look(c->api->roster, m->id, c->caller.project, put_contact_of, c);
    json_put_list(&c->out, "facts");
    store_facts(c->api->store, m->id, false, put_fact, c);
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", m->revision);
    json_put_end(&c->out);
}

bool device_find(struct call *c, int64_t id, struct store_meter *m)
{
    roster_refresh(c->api->roster);
    if (!call_good(c, store_meter_get(c->api->store, id, c->arena, m), REFUSE_IN_USE))
        return false;
    return m->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_device(struct call *c)
{
    struct store_meter m;
    if (device_find(c, c->match.number[0], &m))
        put_device(c, &m, NULL);
}

/* What the log keeps of a device: its settings, secrets masked. */
const char *device_json(struct call *c, const struct store_meter *m)
{
    struct json_writer answer = c->out;
    struct buffer text = { 0 };
    c->out = (struct json_writer){ .out = &text };
    json_put_object(&c->out, NULL);
    device_put_settings(c, m);
    json_put_end(&c->out);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    c->out = answer;
    return kept;
}

/* --- adding and changing ---------------------------------------------------------------------------------------------------------- */

static int word_of(const char *const *words, const char *word)
{
    int i = 0;
    while (words[i] && strcmp(words[i], word) != 0)
        i++;
    return i;
}

void device_take(const json_t *from, struct store_meter *m)
{
    const json_t *depths = json_object_get(from, "depths");
    const char *status = call_text(from, "status", NULL);
    m->note = call_text(from, "note", m->note);
    m->group = call_text(from, "group", m->group);
    m->status = status ? (enum meter_status)word_of(meter_status_names, status) : m->status;
    m->enabled = call_bool(from, "enabled", m->enabled);
    m->zone_minutes = (int)call_int(from, "zone_minutes", m->zone_minutes);
    for (int a = 0; depths && a < ARCHIVE_COUNT; a++)
        m->depth_days[a] = (uint16_t)call_int(depths, archive_name((enum archive)a), m->depth_days[a]);
}

/* Fields of the body over what `m` has; everything checked but the serial. */
static bool take_fields(struct call *c, struct store_meter *m)
{
    device_take(c->body, m);
    m->title = call_text(c->body, "title", m->title);
    m->driver = call_text(c->body, "driver", m->driver);
    m->model = call_text(c->body, "model", m->model);
    return lines_fit(c, "lines", m);
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

struct store_meter device_new(struct call *c)
{
    struct store_meter m = { .serial = "", .title = "", .driver = "", .model = "", .note = "", .group = preset_group(c), .guid = "", .enabled = true,
                             .zone_minutes = clock_zone_minutes(clock_utc_ms()), .project = c->caller.project };
    static const uint16_t usual[ARCHIVE_COUNT] = { [ARCHIVE_CURRENT] = 1, [ARCHIVE_NETWORK] = 1, [ARCHIVE_STATE] = 1, [ARCHIVE_DAY] = 60,
                                                   [ARCHIVE_MONTH] = 400, [ARCHIVE_PROFILE] = 60, [ARCHIVE_JOURNAL] = 60 };
    memcpy(m.depth_days, usual, sizeof usual);
    return m;
}

enum { MOST_AT_ONCE = 2000 };

/* "101, 102,103" into devices that differ by it only. A number may hold blanks: S3 3.2 lets it be any text. */
static bool take_serials(struct call *c, const struct store_meter *model, struct store_meter *out, size_t *ret_count)
{
    char *copy = arena_text(c->arena, bytes_of_text(call_text(c->body, "serial", "")));
    size_t count = 0;
    const char *trouble = NULL;
    for (char *save, *next = strtok_r(copy, ",\r\n\t", &save); next && !trouble; next = strtok_r(NULL, ",\r\n\t", &save)) {
        const char *word = arena_text(c->arena, text_trimmed(next));
        if (!*word)
            continue;
        if (count == MOST_AT_ONCE || utf8_length(word) > SERIAL_MOST)
            trouble = c->lang == LANG_RU ? "не больше 2000 номеров по 100 символов" : "at most 2000 serial numbers of 100 characters";
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
    const json_t *lines = json_object_get(c->body, "lines");
    struct store_meter model = device_new(c);
    roster_refresh(c->api->roster);
    struct store_meter *all = arena_take(c->arena, MOST_AT_ONCE * sizeof *all);
    if (lines && !call_may(c, MAY_WRITE_DEVICE_COMMLINE)) {
        call_refuse(c, REFUSE_FORBIDDEN);
        return;
    }
    if (!take_fields(c, &model) || (lines && !lines_take(c, "lines", lines, &model)) || !take_serials(c, &model, all, &count) || !call_good(c, store_meters_put(c->api->store, all, count), REFUSE_TAKEN))
        return;
    c->answer->status = 201;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "ids");
    for (size_t i = 0; i < count; i++)
        json_put_int(&c->out, NULL, all[i].id);
    json_put_end(&c->out);
    json_put_end(&c->out);
    call_note(c, NOTE_DEVICE_ADD, call_text(c->body, "serial", ""), NULL, device_json(c, &all[0]));
}

/* 409 with the row as it is now, so that an editor can show both. */
static void refuse_changed(struct call *c)
{
    struct store_meter now;
    if (!device_find(c, c->match.number[0], &now))
        return;
    call_refuse(c, REFUSE_CHANGED);
    call_beside(c);
    put_device(c, &now, "current");
    json_put_end(&c->out);
}

/* Writes a device that somebody has changed, with the revision he saw. */
static void save_device(struct call *c, const struct store_meter *old, struct store_meter *m)
{
    m->revision = call_int(c->body, "revision", 0);
    enum fault f = m->revision < 1 ? FAULT_CHANGED : store_meter_put(c->api->store, m, NULL);
    if (f == FAULT_CHANGED) {
        refuse_changed(c);
        return;
    }
    if (!call_good(c, f, REFUSE_TAKEN))
        return;
    call_note(c, NOTE_DEVICE_UPDATE, m->serial, device_json(c, old), device_json(c, m));
    get_device(c);
}

static void change_device(struct call *c)
{
    struct store_meter old, m;
    if (!device_find(c, c->match.number[0], &old))
        return;
    m = old;
    m.serial = arena_text(c->arena, text_trimmed(call_text(c->body, "serial", m.serial)));
    if (!take_fields(c, &m))
        return;
    if (roster_taken(c->api->roster, c->caller.project, m.serial, m.driver, m.id)) {
        call_wrong_field(c, "serial", c->lang == LANG_RU ? "такое устройство уже есть" : "there is such a device already");
        return;
    }
    save_device(c, &old, &m);
}

/* --- lines ------------------------------------------------------------------------------------------------------------------------ */

static void list_lines(struct call *c)
{
    struct store_meter m;
    if (!device_find(c, c->match.number[0], &m))
        return;
    json_put_object(&c->out, NULL);
    lines_put(c, "items", &m);
    json_put_int(&c->out, "total", m.line_count);
    json_put_end(&c->out);
}

/* Leaving a line out deletes it, which is a right of its own. */
static void change_lines(struct call *c)
{
    struct store_meter old, m;
    if (!device_find(c, c->match.number[0], &old))
        return;
    m = old;
    if (!lines_take(c, "lines", json_object_get(c->body, "lines"), &m))
        return;
    int kept = 0;
    for (int i = 0; i < m.line_count; i++)
        kept += m.lines[i].place != 0;
    if (kept < old.line_count && !call_may(c, MAY_DELETE_DEVICE_COMMLINE)) {
        call_refuse(c, REFUSE_FORBIDDEN);
        return;
    }
    save_device(c, &old, &m);
}

/* --- deleting ---------------------------------------------------------------------------------------------------------------------- */

static void delete_devices(struct call *c)
{
    int64_t *ids;
    size_t gone = 0, count = call_ids(c, json_object_get(c->body, "ids"), &ids);
    if (!call_good(c, store_meters_delete(c->api->store, c->caller.project, ids, count, call_bool(c->body, "readings", false), &gone), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "deleted", (int64_t)gone);
    json_put_int(&c->out, "missing", (int64_t)(count - gone));
    json_put_end(&c->out);
    char object[64];
    snprintf(object, sizeof object, "%zu", gone);
    call_note(c, NOTE_DEVICE_REMOVE, object, call_json(c, c->body), NULL);
}

static void delete_device(struct call *c)
{
    struct store_meter m;
    if (!device_find(c, c->match.number[0], &m) || !call_good(c, store_meter_delete(c->api->store, m.id, call_bool(c->query, "readings", false)), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_DEVICE_REMOVE, m.serial, device_json(c, &m), NULL);
    call_done(c);
}

static const struct route rows[] = {
    { "POST", V1 "/devices/delete", MAY_DELETE_DEVICES, 0, NULL, &shape_delete_many, &shape_deleted, NULL, 0, delete_devices, { { "удалить несколько устройств", "delete several devices" } } },
    { "POST", V1 "/devices", MAY_WRITE_DEVICES, 0, NULL, &shape_new, &shape_made, NULL, 0, add_devices, { { "добавить одно устройство или список", "add one device or a list" } } },
    { "GET", V1 "/devices/{id}", MAY_READ_DEVICES, 0, NULL, NULL, &shape_device, NULL, 0, get_device, { { "устройство", "a device" } } },
    { "PATCH", V1 "/devices/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_change, &shape_device, NULL, 0, change_device, { { "изменить устройство", "change a device" } } },
    { "GET", V1 "/devices/{id}/lines", MAY_READ_DEVICE_COMMLINE, ROUTE_LIST, NULL, NULL, &shape_comm_line, NULL, 0, list_lines, { { "коммуникационные линии устройства", "communication lines of a device" } } },
    { "PUT", V1 "/devices/{id}/lines", MAY_WRITE_DEVICE_COMMLINE, 0, NULL, &shape_lines_put, &shape_device, NULL, 0, change_lines, { { "изменить коммуникационные линии устройства", "change a device's communication lines" } } },
    { "DELETE", V1 "/devices/{id}", MAY_DELETE_DEVICES, 0, &shape_delete, NULL, NULL, NULL, 0, delete_device, { { "удалить устройство", "delete a device" } } },
};

ROUTE_TABLE(rows);
