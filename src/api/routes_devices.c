/* Devices: the list, one of them with its lines, adding, changing, deleting. */
#include "api/lines.h"
#include "api/routes.h"
#include "base/civil.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { DEPTH_MOST = 3660, VALUES_MOST = 10000, IDS_MOST = 10000 };

static const char *const orders[] = { "asc", "desc", NULL };

#define FILTER_FIELDS \
    { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть номера, названия, группы или заметки", "part of serial, title, group or note" } } }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }, { .name = "driver", .kind = FIELD_TEXT, .most = 40 }, { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    { .name = "link", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, { .name = "protocol", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, \
    { .name = "enabled", .kind = FIELD_BOOL }, { .name = "status", .kind = FIELD_WORD, .words = meter_status_names }, \
    { .name = "source", .kind = FIELD_WORD, .words = meter_source_names }, \
    { .name = "contact", .kind = FIELD_TEXT, .most = 40, .help = { { "good, failed, never или имя причины", "good, failed, never or a fault's name" } } }, \
    { .name = "added_from", .kind = FIELD_TIME }, { .name = "added_to", .kind = FIELD_TIME, .help = { { "не включая", "excluded" } } }

SHAPE(shape_list, "DeviceQuery", PAGE_FIELDS,
      { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders }, FILTER_FIELDS);
SHAPE(shape_counts, "DeviceCountQuery", { .name = "by", .kind = FIELD_WORD, .flags = REQUIRED, .words = roster_column_names }, FILTER_FIELDS);
SHAPE(shape_count, "DeviceCount", { .name = "value", .kind = FIELD_TEXT, .help = { { "для отбора по этому столбцу", "as the column's filter takes it" } } },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "devices", .kind = FIELD_INT });
SHAPE(shape_ids_query, "DeviceIdsQuery",
      { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders }, FILTER_FIELDS);
SHAPE(shape_ids, "DeviceIds", { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT },
      { .name = "total", .kind = FIELD_INT, .help = { { "сколько подходит; ids не больше 10000", "how many fit; at most 10000 ids" } } });
SHAPE(shape_row, "DeviceRow",
      { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "driver", .kind = FIELD_TEXT }, { .name = "model", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT },
      { .name = "note", .kind = FIELD_TEXT }, { .name = "status", .kind = FIELD_TEXT }, { .name = "source", .kind = FIELD_TEXT },
      { .name = "link", .kind = FIELD_INT, .help = { { "канал первой линии", "channel of the first line" } } },
      { .name = "lines", .kind = FIELD_INT, .help = { { "сколько линий", "how many lines" } } }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "contact", .kind = FIELD_TEXT, .help = { { "good, never или имя причины", "good, never or the fault's name" } } },
      { .name = "contact_text", .kind = FIELD_TEXT }, { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "последний сеанс со времени запуска", "last session since the start" } } },
      { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_find, "DeviceFind", { .name = "serials", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = 10000, .of = FIELD_TEXT });
SHAPE(shape_found, "DevicesFound", { .name = "items", .kind = FIELD_LIST, .shape = &shape_row }, { .name = "missing", .kind = FIELD_LIST, .of = FIELD_TEXT });

#define DEPTH(archive) { .name = archive, .kind = FIELD_INT, .least = 0, .most = DEPTH_MOST }
SHAPE(shape_depths, "Depths", DEPTH("current"), DEPTH("network"), DEPTH("day"), DEPTH("month"), DEPTH("profile"), DEPTH("hour"), DEPTH("journal"), DEPTH("state"));
SHAPE(shape_facts, "Fact", { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "value", .kind = FIELD_TEXT },
      { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE });

#define DEVICE_FIELDS \
    { .name = "title", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "driver", .kind = FIELD_TEXT, .least = 1, .most = 40 }, \
    { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "status", .kind = FIELD_WORD, .words = meter_status_names }, \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "zone_minutes", .kind = FIELD_INT, .least = -720, .most = 840, .help = { { "часы счётчика к востоку от UTC", "the meter's clock east of UTC" } } }, \
    { .name = "depths", .kind = FIELD_OBJECT, .shape = &shape_depths, .help = { { "глубина архивов в днях; 0: не собирать", "archives in days; 0: not wanted" } } }

SHAPE(shape_device, "Device", { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, DEVICE_FIELDS,
      { .name = "source", .kind = FIELD_TEXT }, { .name = "lines", .kind = FIELD_LIST, .shape = &shape_comm_line },
      { .name = "contact", .kind = FIELD_TEXT }, { .name = "contact_text", .kind = FIELD_TEXT },
      { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "facts", .kind = FIELD_LIST, .shape = &shape_facts }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "DeviceNew",
      { .name = "serial", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 60000, .help = { { "номер или несколько через запятую", "a serial number, or several divided by commas" } } },
      { .name = "lines", .kind = FIELD_LIST, .most = STORE_LINES_MAX, .shape = &shape_comm_line_put }, DEVICE_FIELDS);
SHAPE(shape_change, "DeviceChange",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция", "revision that was seen" } } },
      { .name = "serial", .kind = FIELD_TEXT, .least = 1, .most = 64 }, DEVICE_FIELDS);
SHAPE(shape_made, "DevicesMade", { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT });
SHAPE(shape_lines_put, "LinesPut",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция устройства", "the device's revision that was seen" } } },
      { .name = "lines", .kind = FIELD_LIST, .flags = REQUIRED, .most = STORE_LINES_MAX, .shape = &shape_comm_line_put });
SHAPE(shape_delete_many, "DevicesDelete", { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = IDS_MOST, .of = FIELD_INT },
      { .name = "readings", .kind = FIELD_BOOL, .help = { { "true: вместе с показаниями", "true: with the readings" } } });
SHAPE(shape_deleted, "Deleted", { .name = "deleted", .kind = FIELD_INT }, { .name = "missing", .kind = FIELD_INT });
SHAPE(shape_delete, "DeviceDelete", { .name = "readings", .kind = FIELD_BOOL, .help = { { "true: вместе с показаниями", "true: with the readings" } } });

/* --- the list ----------------------------------------------------------------------------------------------------------------- */

static const struct phrase contact_never = { { "ещё не опрашивался", "not asked yet" } };
static const struct phrase contact_good = { { "на связи", "read" } };

static void put_contact(struct call *c, const struct roster_row *row)
{
    bool failed = row->contact > CONTACT_GOOD;
    json_put_text(&c->out, "contact", row->contact == CONTACT_NEVER ? "never" : failed ? fault_name((enum fault)row->contact) : "good");
    json_put_text(&c->out, "contact_text", failed ? fault_text((enum fault)row->contact, c->lang) : phrase_in(row->contact == CONTACT_NEVER ? &contact_never : &contact_good, c->lang));
    json_put_wall(&c->out, "contact_since", row->contact_since);
    json_put_utc(&c->out, "asked", row->asked_ms);
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
    json_put_text(&c->out, "note", row->note);
    json_put_text(&c->out, "status", meter_status_names[row->status % METER_STATUSES]);
    json_put_text(&c->out, "source", meter_source_names[row->source % METER_SOURCES]);
    json_put_int(&c->out, "link", roster_first_link(row));
    json_put_int(&c->out, "lines", row->line_count);
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

static int word_of(const char *const *words, const char *word)
{
    for (int i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* A local wall time as UTC; 0 when it is not given. */
static int64_t local_ms(const json_t *from, const char *key)
{
    int64_t wall = call_time(from, key, WALL_NONE);
    return wall == WALL_NONE ? 0 : (wall - (int64_t)clock_zone_minutes(wall * 1000) * 60) * 1000;
}

static struct roster_query query_of(struct call *c)
{
    const json_t *q = c->query;
    return (struct roster_query){
        .project = c->caller.project, .search = call_text(q, "search", NULL), .group = call_text(q, "group", NULL), .driver = call_text(q, "driver", NULL),
        .model = call_text(q, "model", NULL), .link = call_int(q, "link", 0), .protocol = call_int(q, "protocol", 0),
        .enabled = json_object_get(q, "enabled") ? call_bool(q, "enabled", true) : -1, .status = call_text(q, "status", NULL),
        .source = call_text(q, "source", NULL), .contact = call_text(q, "contact", NULL),
        .added_from_ms = local_ms(q, "added_from"), .added_to_ms = local_ms(q, "added_to"), .sort = column_named(call_text(q, "sort", "id")),
        .descending = strcmp(call_text(q, "order", "asc"), "desc") == 0 };
}

static void list_devices(struct call *c)
{
    struct roster_query query = query_of(c);
    query.skip = call_skip(c);
    query.take = call_take(c);
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    size_t total = roster_list(c->api->roster, &query, put_row, c);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)total);
    json_put_end(&c->out);
}

/* --- counts by the values of a column, ids, search by numbers --------------------------------------------------------------------- */

static const struct phrase status_titles[METER_STATUSES] = {
    { { "Используется", "In use" } }, { { "На складе", "In stock" } }, { { "В ремонте", "In repair" } }, { { "Выведено", "Retired" } } };
static const struct phrase source_titles[METER_SOURCES] = { { { "Вручную", "By hand" } }, { { "Импортировано", "Imported" } }, { { "Самостоятельно", "Came itself" } } };

static const char *contact_title(const char *value, enum lang lang)
{
    for (int f = 1; f < FAULT_COUNT; f++)
        if (strcmp(fault_name((enum fault)f), value) == 0)
            return fault_text((enum fault)f, lang);
    return phrase_in(strcmp(value, "never") == 0 ? &contact_never : &contact_good, lang);
}

/* What people read for a value of the column. */
static const char *value_title(struct call *c, enum roster_column by, const char *value)
{
    int status = word_of(meter_status_names, value), source = word_of(meter_source_names, value);
    const struct driver *d = by == ROSTER_DRIVER ? driver_find(value) : NULL;
    if (by == ROSTER_STATUS && status >= 0)
        return phrase_in(&status_titles[status], c->lang);
    if (by == ROSTER_SOURCE && source >= 0)
        return phrase_in(&source_titles[source], c->lang);
    if (by == ROSTER_CONTACT)
        return contact_title(value, c->lang);
    return d ? phrase_in(&d->title, c->lang) : value;
}

struct counting {
    struct call *c;
    enum roster_column by;
};

static void put_count(void *context, const char *value, size_t rows)
{
    struct counting *k = context;
    struct call *c = k->c;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "value", value);
    json_put_text(&c->out, "title", value_title(c, k->by, value));
    json_put_int(&c->out, "devices", (int64_t)rows);
    json_put_end(&c->out);
}

static void count_devices(struct call *c)
{
    struct roster_query query = query_of(c);
    size_t values = 0;
    struct counting k = { c, column_named(call_text(c->query, "by", "id")) };
    query.sort = k.by;
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    roster_group(c->api->roster, &query, clock_zone_minutes(clock_utc_ms()), VALUES_MOST, put_count, &k, &values);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)values);
    json_put_end(&c->out);
}

static void list_ids(struct call *c)
{
    struct roster_query query = query_of(c);
    int64_t *ids;
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    size_t count = roster_ids_of(c->api->roster, &query, &ids);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "ids");
    for (size_t i = 0; i < count && i < IDS_MOST; i++)
        json_put_int(&c->out, NULL, ids[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
    free(ids);
}

struct finding {
    struct call *c;
    size_t found;
};

static void put_found(void *context, const struct roster_row *row)
{
    struct finding *f = context;
    f->found++;
    put_row(f->c, row);
}

/* Serial numbers that somebody has pasted: the devices, and the numbers that are nobody's. */
static void find_devices(struct call *c)
{
    const json_t *serials = json_object_get(c->body, "serials");
    size_t count = json_array_size(serials);
    bool *missing = arena_take(c->arena, count + 1);
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        struct finding f = { c, 0 };
        roster_find(c->api->roster, c->caller.project, json_string_value(json_array_get(serials, i)), put_found, &f);
        missing[i] = f.found == 0;
    }
    json_put_end(&c->out);
    json_put_list(&c->out, "missing");
    for (size_t i = 0; i < count; i++)
        if (missing[i])
            json_put_text(&c->out, NULL, json_string_value(json_array_get(serials, i)));
    json_put_end(&c->out);
    json_put_end(&c->out);
}

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
    put_contact(context, row);
}

static void put_settings(struct call *c, const struct store_meter *m)
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

/* Fields of the body over what `m` has; everything checked but the serial. */
static bool take_fields(struct call *c, struct store_meter *m)
{
    const json_t *depths = json_object_get(c->body, "depths");
    const char *status = call_text(c->body, "status", NULL);
    m->title = call_text(c->body, "title", m->title);
    m->driver = call_text(c->body, "driver", m->driver);
    m->model = call_text(c->body, "model", m->model);
    m->note = call_text(c->body, "note", m->note);
    m->group = call_text(c->body, "group", m->group);
    m->status = status ? (enum meter_status)word_of(meter_status_names, status) : m->status;
    m->enabled = call_bool(c->body, "enabled", m->enabled);
    m->zone_minutes = (int)call_int(c->body, "zone_minutes", m->zone_minutes);
    for (int a = 0; depths && a < ARCHIVE_COUNT; a++)
        m->depth_days[a] = (uint16_t)call_int(depths, archive_name((enum archive)a), m->depth_days[a]);
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
    const json_t *lines = json_object_get(c->body, "lines");
    struct store_meter model = { .title = "", .driver = "", .model = "", .note = "", .group = preset_group(c), .enabled = true,
                                 .zone_minutes = clock_zone_minutes(clock_utc_ms()), .project = c->caller.project };
    static const uint16_t usual[ARCHIVE_COUNT] = { [ARCHIVE_CURRENT] = 1, [ARCHIVE_NETWORK] = 1, [ARCHIVE_STATE] = 1, [ARCHIVE_DAY] = 60,
                                                   [ARCHIVE_MONTH] = 400, [ARCHIVE_PROFILE] = 60, [ARCHIVE_JOURNAL] = 60 };
    memcpy(model.depth_days, usual, sizeof usual);
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
    call_note(c, NOTE_DEVICE_ADD, call_text(c->body, "serial", ""), NULL, settings_json(c, &all[0]));
}

/* 409 with the row as it is now, so that an editor can show both. */
static void refuse_changed(struct call *c)
{
    struct store_meter now;
    if (!find_device(c, &now))
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
    call_note(c, NOTE_DEVICE_UPDATE, m->serial, settings_json(c, old), settings_json(c, m));
    get_device(c);
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
    save_device(c, &old, &m);
}

/* --- lines ------------------------------------------------------------------------------------------------------------------------ */

static void list_lines(struct call *c)
{
    struct store_meter m;
    if (!find_device(c, &m))
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
    if (!find_device(c, &old))
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
    if (!find_device(c, &m) || !call_good(c, store_meter_delete(c->api->store, m.id, call_bool(c->query, "readings", false)), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_DEVICE_REMOVE, m.serial, settings_json(c, &m), NULL);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/devices", MAY_READ_DEVICES, ROUTE_LIST, &shape_list, NULL, &shape_row, NULL, 0, list_devices, { { "устройства: страница, сортировка, отборы", "devices: paged, sorted, filtered" } } },
    { "GET", V1 "/devices/counts", MAY_READ_DEVICES, ROUTE_LIST, &shape_counts, NULL, &shape_count, NULL, 0, count_devices, { { "сколько устройств у каждого значения столбца", "how many devices have each value of a column" } } },
    { "GET", V1 "/devices/ids", MAY_READ_DEVICES, 0, &shape_ids_query, NULL, &shape_ids, NULL, 0, list_ids, { { "номера устройств, подходящих под отбор", "ids of the devices that fit the filters" } } },
    { "POST", V1 "/devices/find", MAY_READ_DEVICES, 0, NULL, &shape_find, &shape_found, NULL, 0, find_devices, { { "устройства по списку серийных номеров", "devices by a list of serial numbers" } } },
    { "POST", V1 "/devices/delete", MAY_DELETE_DEVICES, 0, NULL, &shape_delete_many, &shape_deleted, NULL, 0, delete_devices, { { "удалить несколько устройств", "delete several devices" } } },
    { "POST", V1 "/devices", MAY_WRITE_DEVICES, 0, NULL, &shape_new, &shape_made, NULL, 0, add_devices, { { "добавить одно устройство или список", "add one device or a list" } } },
    { "GET", V1 "/devices/{id}", MAY_READ_DEVICES, 0, NULL, NULL, &shape_device, NULL, 0, get_device, { { "устройство", "a device" } } },
    { "PATCH", V1 "/devices/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_change, &shape_device, NULL, 0, change_device, { { "изменить устройство", "change a device" } } },
    { "GET", V1 "/devices/{id}/lines", MAY_READ_DEVICE_COMMLINE, ROUTE_LIST, NULL, NULL, &shape_comm_line, NULL, 0, list_lines, { { "коммуникационные линии устройства", "communication lines of a device" } } },
    { "PUT", V1 "/devices/{id}/lines", MAY_WRITE_DEVICE_COMMLINE, 0, NULL, &shape_lines_put, &shape_device, NULL, 0, change_lines, { { "изменить коммуникационные линии устройства", "change a device's communication lines" } } },
    { "DELETE", V1 "/devices/{id}", MAY_DELETE_DEVICES, 0, &shape_delete, NULL, NULL, NULL, 0, delete_device, { { "удалить устройство", "delete a device" } } },
};

ROUTE_TABLE(rows);
