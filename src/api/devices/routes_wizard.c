/* The wizard: many devices changed at once with their lines, channels and protocol profiles (S3 2.2.5, 3.8, 3.9). Common mode
 * gives the same to all, unique mode to each its own; either is one transaction. Lines, channels and profiles only where a
 * device has exactly one line. */
#include "api/devices/devices.h"
#include "api/devices/links.h"
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { ROWS_MOST = 10000, BODY_MOST = 16 << 20 };

SHAPE(shape_device_set, "DeviceSet", DEVICE_SET_FIELDS);
SHAPE(shape_line_set, "LineSet", { .name = "priority", .kind = FIELD_INT, .least = 0, .most = PRIORITY_MOST }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "retries", .kind = FIELD_INT, .least = 0, .most = RETRIES_MOST }, { .name = "address", .kind = FIELD_TEXT, .most = 64 },
      { .name = "parameters", .kind = FIELD_MAP, .help = { { "эти меняются, прочие остаются", "these are changed, others stay" } } });
SHAPE(shape_protocol_set, "ProtocolParameters", { .name = "parameters", .kind = FIELD_MAP, .flags = REQUIRED, .help = { { "эти меняются, прочие остаются", "these are changed, others stay" } } });

#define SET_FIELDS \
    { .name = "device", .kind = FIELD_OBJECT, .shape = &shape_device_set }, { .name = "line", .kind = FIELD_OBJECT, .shape = &shape_line_set }, \
    { .name = "link", .kind = FIELD_OBJECT, .shape = &shape_link_set }, { .name = "protocol", .kind = FIELD_OBJECT, .shape = &shape_protocol_set }

SHAPE(shape_set, "WizardSet", SET_FIELDS);
SHAPE(shape_wizard_row, "WizardRow", { .name = "id", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT32_MAX },
      { .name = "revision", .kind = FIELD_INT, .help = { { "виденная редакция; без неё меняется любая", "revision that was seen; without it whichever" } } }, SET_FIELDS);
SHAPE(shape_wizard, "Wizard",
      { .name = "rows", .kind = FIELD_LIST, .most = ROWS_MOST, .shape = &shape_wizard_row, .help = { { "уникальный режим", "unique mode" } } },
      { .name = "ids", .kind = FIELD_LIST, .most = ROWS_MOST, .of = FIELD_INT, .help = { { "общий режим: всем одно и то же (set)", "common mode: the same to all (set)" } } },
      { .name = "set", .kind = FIELD_OBJECT, .shape = &shape_set });
SHAPE(shape_changed, "WizardChanged", { .name = "devices", .kind = FIELD_INT }, { .name = "links", .kind = FIELD_INT }, { .name = "protocols", .kind = FIELD_INT });
SHAPE(shape_ids, "WizardIds", { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = 1000, .of = FIELD_INT });
SHAPE(shape_editable, "WizardDevice", { .name = "id", .kind = FIELD_INT }, { .name = "revision", .kind = FIELD_INT }, { .name = "device", .kind = FIELD_OBJECT },
      { .name = "line", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_comm_line, .help = { { "null: линий нет или несколько", "null: none or several lines" } } },
      { .name = "link", .kind = FIELD_OBJECT, .flags = NULLABLE }, { .name = "protocol", .kind = FIELD_OBJECT, .flags = NULLABLE });
SHAPE(shape_editables, "WizardDevices", { .name = "items", .kind = FIELD_LIST, .shape = &shape_editable });

/* --- what is there to edit --------------------------------------------------------------------------------------------------- */

static void put_protocol(struct call *c, int64_t id)
{
    struct store_protocol p;
    int64_t devices = 0;
    if (!id || !call_may(c, MAY_READ_PROTOCOL_SETTINGS) || store_protocol_get(c->api->store, id, c->arena, &p) != FAULT_NONE) {
        json_put_null(&c->out, "protocol");
        return;
    }
    store_protocol_uses(c->api->store, id, &devices);
    json_put_object(&c->out, "protocol");
    json_put_int(&c->out, "id", p.id);
    json_put_text(&c->out, "title", p.title);
    json_put_text(&c->out, "driver", p.driver);
    parameters_put(c, "parameters", driver_find(p.driver), p.parameters, NULL);
    json_put_int(&c->out, "devices", devices);
    json_put_int(&c->out, "revision", p.revision);
    json_put_end(&c->out);
}

static void put_link(struct call *c, int64_t id)
{
    struct store_link k;
    if (id && call_may(c, MAY_READ_CHANNEL_SETTINGS) && store_link_get(c->api->store, id, c->arena, &k) == FAULT_NONE)
        link_put(c, "link", &k);
    else
        json_put_null(&c->out, "link");
}

static void put_editable(struct call *c, const struct store_meter *m)
{
    bool one = m->line_count == 1;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", m->id);
    json_put_int(&c->out, "revision", m->revision);
    json_put_object(&c->out, "device");
    device_put_settings(c, m);
    json_put_end(&c->out);
    if (one && call_may(c, MAY_READ_DEVICE_COMMLINE))
        line_put(c, "line", driver_find(m->driver), &m->lines[0]);
    else
        json_put_null(&c->out, "line");
    put_link(c, one ? m->lines[0].link : 0);
    put_protocol(c, one ? m->lines[0].protocol : 0);
    json_put_end(&c->out);
}

static void list_editable(struct call *c)
{
    int64_t *ids;
    size_t count = call_ids(c, json_object_get(c->body, "ids"), &ids);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        struct store_meter m;
        if (!device_find(c, ids[i], &m))
            return;
        put_editable(c, &m);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
}

/* --- rows and what they share -------------------------------------------------------------------------------------------------- */

/* Channels or profiles that rows change: each once, whoever names it. Open addressing, place + 1 in `at`. */
struct shared {
    size_t *at, room, count;
    int64_t *ids;
    const json_t **set; /* what the first row gave */
};

struct wizard {
    struct call *c;
    const json_t *rows, *ids, *set;
    size_t count;
    struct store_meter *meters, *old;
    struct store_link *links;
    struct store_protocol *protocols;
    struct shared link_of, protocol_of;
    size_t stale; /* rows that somebody else has changed */
};

static struct shared shared_new(struct call *c, size_t most)
{
    struct shared s = { .room = 16 };
    while (s.room < most * 2)
        s.room *= 2;
    s.at = arena_take(c->arena, s.room * sizeof *s.at);
    s.ids = arena_take(c->arena, (most + 1) * sizeof *s.ids);
    s.set = arena_take(c->arena, (most + 1) * sizeof *s.set);
    return s;
}

/* Its place; *ret_fresh when it was not there. */
static size_t shared_place(struct shared *s, int64_t id, bool *ret_fresh)
{
    size_t slot = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u) & (s->room - 1);
    while (s->at[slot] && s->ids[s->at[slot] - 1] != id)
        slot = (slot + 1) & (s->room - 1);
    *ret_fresh = s->at[slot] == 0;
    if (*ret_fresh) {
        s->ids[s->count++] = id;
        s->at[slot] = s->count;
    }
    return s->at[slot] - 1;
}

static const json_t *row_set(const struct wizard *w, size_t row, const char *what)
{
    return json_object_get(w->set ? w->set : json_array_get(w->rows, row), what);
}

/* "rows[3]", "ids[3]" for the device itself; "rows[3]", "set" for what it is given. */
static const char *row_name(const struct wizard *w, size_t row)
{
    char *name = arena_take(w->c->arena, 32);
    snprintf(name, 32, "%s[%zu]", w->set ? "ids" : "rows", row);
    return name;
}

static const char *set_name(const struct wizard *w, size_t row)
{
    return w->set ? "set" : row_name(w, row);
}

static bool wrong(struct wizard *w, const char *prefix, const char *field, const char *ru, const char *en)
{
    char path[PROBLEM_PATH];
    struct text t = text_over(path, sizeof path);
    text_printf(&t, "%s.%s", prefix, field);
    return call_wrong_field(w->c, path, w->c->lang == LANG_RU ? ru : en);
}

/* --- taking the rows ------------------------------------------------------------------------------------------------------------- */

static bool find_meter(struct wizard *w, size_t row)
{
    const json_t *from = w->set ? json_array_get(w->ids, row) : json_array_get(w->rows, row);
    int64_t id = w->set ? json_integer_value(from) : call_int(from, "id", 0), seen = w->set ? 0 : call_int(from, "revision", 0);
    struct store_meter *m = &w->meters[row];
    enum fault f = store_meter_get(w->c->api->store, id, w->c->arena, m);
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && m->project != w->c->caller.project))
        return wrong(w, row_name(w, row), "id", "такого устройства нет", "there is no such device");
    if (f != FAULT_NONE)
        return call_good(w->c, f, REFUSE_IN_USE);
    w->old[row] = *m;
    if (seen && seen != m->revision) {
        w->stale++;
        return wrong(w, row_name(w, row), "revision", "уже изменено кем-то другим", "somebody else has changed it");
    }
    return true;
}

static bool needs_line(struct wizard *w, size_t row)
{
    bool wanted = row_set(w, row, "line") || row_set(w, row, "link") || row_set(w, row, "protocol");
    if (!wanted || w->meters[row].line_count == 1)
        return true;
    return wrong(w, row_name(w, row), row_set(w, row, "line") ? "line" : row_set(w, row, "link") ? "link" : "protocol",
                 "доступно только устройствам с одной коммуникационной линией", "only for devices with exactly one communication line");
}

static bool no_driver(struct wizard *w, size_t row)
{
    return wrong(w, row_name(w, row), "id", "драйвера этого устройства больше нет", "this device's driver is no more");
}

static bool take_line(struct wizard *w, size_t row)
{
    struct call *c = w->c;
    struct store_meter *m = &w->meters[row];
    const json_t *set = row_set(w, row, "line"), *map = json_object_get(set, "parameters");
    const struct driver *d = driver_find(m->driver);
    size_t before = c->problems.count;
    if (!set)
        return true;
    if (!d)
        return no_driver(w, row);
    struct store_line *line = arena_take(c->arena, sizeof *line);
    *line = m->lines[0];
    json_t *own = json_copy((json_t *)(uintptr_t)set);
    json_object_del(own, "parameters");
    if (map)
        line->parameters = parameters_over(c, "line.parameters", map, line->parameters);
    bool good = line->parameters && line_take(c, "line", own, d, line);
    json_decref(own);
    m->lines = line;
    good = good && line_fits(c, "line", d, line);
    call_prefix(c, before, set_name(w, row));
    return good;
}

/* The second row that names a channel or profile must give it the same. */
static bool agrees(struct wizard *w, size_t row, const struct shared *s, size_t place, const char *what, const json_t *set)
{
    return json_equal((json_t *)(uintptr_t)s->set[place], (json_t *)(uintptr_t)set) ||
           wrong(w, set_name(w, row), what, "у другой строки то же самое, а значения другие", "another row has the same one and gives it other values");
}

static bool take_link(struct wizard *w, size_t row)
{
    struct call *c = w->c;
    const json_t *set = row_set(w, row, "link");
    int64_t id = set ? w->meters[row].lines[0].link : 0;
    bool fresh;
    if (!set)
        return true;
    if (!id)
        return wrong(w, row_name(w, row), "link", "у линии нет канала связи", "the line has no channel");
    size_t place = shared_place(&w->link_of, id, &fresh), before = c->problems.count;
    if (!fresh)
        return agrees(w, row, &w->link_of, place, "link", set);
    w->link_of.set[place] = set;
    if (!call_good(c, store_link_get(c->api->store, id, c->arena, &w->links[place]), REFUSE_IN_USE))
        return false;
    bool good = link_take(c, set, &w->links[place]);
    call_prefix(c, before, "link");
    call_prefix(c, before, set_name(w, row));
    return good;
}

static bool take_protocol(struct wizard *w, size_t row)
{
    struct call *c = w->c;
    const json_t *set = row_set(w, row, "protocol");
    int64_t id = set ? w->meters[row].lines[0].protocol : 0;
    bool fresh;
    if (!set)
        return true;
    if (!id)
        return wrong(w, row_name(w, row), "protocol", "у линии нет протокола", "the line has no protocol profile");
    size_t place = shared_place(&w->protocol_of, id, &fresh), before = c->problems.count;
    if (!fresh)
        return agrees(w, row, &w->protocol_of, place, "protocol", set);
    struct store_protocol *p = &w->protocols[place];
    if (!driver_find(w->meters[row].driver))
        return no_driver(w, row);
    w->protocol_of.set[place] = set;
    if (!call_good(c, store_protocol_get(c->api->store, id, c->arena, p), REFUSE_IN_USE))
        return false;
    const char *text = parameters_over(c, "protocol.parameters", json_object_get(set, "parameters"), p->parameters);
    const struct driver *d = driver_find(w->meters[row].driver);
    bool good = text && parameters_check(c, "protocol.parameters", d, text) && parameters_agree(c, "protocol.parameters", d, text, false);
    p->parameters = text;
    call_prefix(c, before, set_name(w, row));
    return good;
}

/* True when all rows are good; every mistake of every row is told, as far as a refusal has room. */
static bool take_rows(struct wizard *w)
{
    bool good = true;
    for (size_t i = 0; i < w->count && w->c->problems.count < PROBLEMS_MAX; i++) {
        if (!find_meter(w, i) || !needs_line(w, i)) {
            good = false;
            continue;
        }
        const json_t *device = row_set(w, i, "device");
        if (device)
            device_take(device, &w->meters[i]);
        bool line = take_line(w, i), link = take_link(w, i), protocol = take_protocol(w, i);
        good = good && line && link && protocol;
    }
    return good;
}

/* --- the change ------------------------------------------------------------------------------------------------------------------ */

/* What is to be changed needs its own right. */
static bool permitted(struct wizard *w)
{
    static const struct { const char *what; enum permission may; } rights[] = {
        { "line", MAY_WRITE_DEVICE_COMMLINE }, { "link", MAY_WRITE_CHANNEL_SETTINGS }, { "protocol", MAY_WRITE_PROTOCOL_SETTINGS } };
    for (size_t r = 0; r < sizeof rights / sizeof *rights; r++) {
        if (call_may(w->c, rights[r].may))
            continue;
        for (size_t i = 0; i < w->count; i++)
            if (row_set(w, i, rights[r].what))
                return call_refuse(w->c, REFUSE_FORBIDDEN);
    }
    return true;
}

static bool twice(struct wizard *w)
{
    struct shared seen = shared_new(w->c, w->count);
    for (size_t i = 0; i < w->count; i++) {
        bool fresh;
        shared_place(&seen, w->set ? json_integer_value(json_array_get(w->ids, i)) : call_int(json_array_get(w->rows, i), "id", 0), &fresh);
        if (!fresh)
            return !wrong(w, row_name(w, i), "id", "указано дважды", "is given twice");
    }
    return false;
}

static void note_rows(struct wizard *w)
{
    struct call *c = w->c;
    struct store_audit *notes = arena_take(c->arena, (w->count + 1) * sizeof *notes);
    for (size_t i = 0; i < w->count; i++)
        notes[i] = (struct store_audit){ .kind = note_name(NOTE_DEVICE_UPDATE), .level = note_level(NOTE_DEVICE_UPDATE), .object = w->meters[i].serial,
                                         .before = device_json(c, &w->old[i]), .after = device_json(c, &w->meters[i]), .login = c->caller.login,
                                         .address = c->caller.address, .person = c->caller.person, .project = c->caller.project };
    store_audit_put(c->api->store, notes, w->count);
    for (size_t i = 0; i < w->link_of.count; i++)
        call_note(c, NOTE_LINK_UPDATE, w->links[i].title, NULL, link_json(c, &w->links[i]));
    for (size_t i = 0; i < w->protocol_of.count; i++)
        call_note(c, NOTE_PROTOCOL_UPDATE, w->protocols[i].title, NULL, NULL);
}

static bool begin(struct call *c, struct wizard *w)
{
    *w = (struct wizard){ .c = c, .rows = json_object_get(c->body, "rows"), .ids = json_object_get(c->body, "ids"), .set = json_object_get(c->body, "set") };
    w->count = json_array_size(w->set ? w->ids : w->rows);
    if (!w->count || (w->set && w->rows) || (!w->set && w->ids))
        return call_wrong_field(c, w->ids || w->set ? (w->count ? "rows" : "ids") : "rows",
                                c->lang == LANG_RU ? "нужны либо rows, либо ids и set" : "either rows, or ids and set");
    w->meters = arena_take(c->arena, w->count * sizeof *w->meters);
    w->old = arena_take(c->arena, w->count * sizeof *w->old);
    w->links = arena_take(c->arena, w->count * sizeof *w->links);
    w->protocols = arena_take(c->arena, w->count * sizeof *w->protocols);
    w->link_of = shared_new(c, w->count);
    w->protocol_of = shared_new(c, w->count);
    return true;
}

static void change_rows(struct call *c)
{
    struct wizard w;
    if (!begin(c, &w) || !permitted(&w) || twice(&w))
        return;
    if (!take_rows(&w)) {
        if (c->problems.count)
            call_refuse(c, w.stale && w.stale == c->problems.count ? REFUSE_CHANGED : REFUSE_INVALID);
        return;
    }
    struct store_change change = { .links = w.links, .link_count = w.link_of.count, .protocols = w.protocols, .protocol_count = w.protocol_of.count,
                                   .meters = w.meters, .meter_count = w.count };
    if (!call_good(c, store_registry_put(c->api->store, &change), REFUSE_IN_USE))
        return;
    note_rows(&w);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "devices", (int64_t)w.count);
    json_put_int(&c->out, "links", (int64_t)w.link_of.count);
    json_put_int(&c->out, "protocols", (int64_t)w.protocol_of.count);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "POST", V1 "/devices/wizard/rows", MAY_READ_DEVICES, 0, NULL, &shape_ids, &shape_editables, NULL, 0, list_editable, { { "что можно изменить у устройств", "what can be changed of devices" } } },
    { "POST", V1 "/devices/wizard", MAY_WRITE_DEVICES, ROUTE_SLOW, NULL, &shape_wizard, &shape_changed, NULL, BODY_MOST, change_rows, { { "изменить много устройств, всем одно или каждому своё", "change many devices, the same to all or to each its own" } } },
};

ROUTE_TABLE(rows);
