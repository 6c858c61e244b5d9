/* The list of devices: paged, sorted, filtered; counted by the values of a column; found by serial numbers. */
#include "api/devices/devices.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/sorted.h"

#include <stdlib.h>

#define V1 "/api/v1"
enum { VALUES_MOST = 10000, IDS_MOST = 10000 };

static const char *const orders[] = { "asc", "desc", NULL };

SHAPE(shape_list, "DeviceQuery", PAGE_FIELDS,
      { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders }, FILTER_FIELDS);
SHAPE(shape_counts, "DeviceCountQuery", { .name = "by", .kind = FIELD_WORD, .flags = REQUIRED, .words = roster_column_names }, FILTER_FIELDS);
SHAPE(shape_count, "DeviceCount", { .name = "value", .kind = FIELD_TEXT, .help = { { "для отбора по этому столбцу", "as the column's filter takes it" } } },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "count", .kind = FIELD_INT });
SHAPE(shape_ids_query, "DeviceIdsQuery",
      { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders }, FILTER_FIELDS);
SHAPE(shape_ids, "DeviceIds", { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT },
      { .name = "total", .kind = FIELD_INT, .help = { { "сколько подходит; ids не больше 10000", "how many fit; at most 10000 ids" } } });
SHAPE(shape_row, "DeviceRow",
      { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "driver", .kind = FIELD_TEXT }, { .name = "model", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT },
      { .name = "driver_title", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT }, { .name = "status", .kind = FIELD_TEXT },
      { .name = "status_text", .kind = FIELD_TEXT }, { .name = "source", .kind = FIELD_TEXT }, { .name = "source_text", .kind = FIELD_TEXT },
      { .name = "link", .kind = FIELD_INT, .help = { { "канал первой линии", "channel of the first line" } } },
      { .name = "protocol", .kind = FIELD_INT, .help = { { "протокол первой линии", "protocol profile of the first line" } } },
      { .name = "lines", .kind = FIELD_INT, .help = { { "сколько линий", "how many lines" } } }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "contact", .kind = FIELD_TEXT, .help = { { "good, never или имя причины", "good, never or the fault's name" } } },
      { .name = "contact_text", .kind = FIELD_TEXT }, { .name = "contact_since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "последний сеанс со времени запуска", "last session since the start" } } },
      { .name = "added", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_find, "DeviceFind", { .name = "serials", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = 10000, .of = FIELD_TEXT });
SHAPE(shape_found, "DevicesFound", { .name = "items", .kind = FIELD_LIST, .shape = &shape_row }, { .name = "missing", .kind = FIELD_LIST, .of = FIELD_TEXT });

static const struct phrase contact_never = { { "ещё не опрашивался", "not asked yet" } };
static const struct phrase contact_good = { { "на связи", "read" } };

void device_put_contact(struct call *c, const struct roster_row *row)
{
    bool failed = row->contact > CONTACT_GOOD;
    json_put_text(&c->out, "contact", row->contact == CONTACT_NEVER ? "never" : failed ? fault_name((enum fault)row->contact) : "good");
    json_put_text(&c->out, "contact_text", failed ? fault_text((enum fault)row->contact, c->lang) : phrase_in(row->contact == CONTACT_NEVER ? &contact_never : &contact_good, c->lang));
    json_put_wall(&c->out, "contact_since", row->contact_since);
    json_put_utc(&c->out, "asked", row->asked_ms);
    json_put_utc(&c->out, "added", row->added_ms);
}

static const struct phrase status_titles[METER_STATUSES] = {
    { { "Используется", "In use" } }, { { "На складе", "In stock" } }, { { "В ремонте", "In repair" } }, { { "Выведено", "Retired" } } };
static const struct phrase source_titles[METER_SOURCES] = { { { "Вручную", "By hand" } }, { { "Импортировано", "Imported" } }, { { "Самостоятельно", "Came itself" } } };

static void put_row(void *context, const struct roster_row *row)
{
    struct call *c = context;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", row->id);
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    const struct driver *d = driver_find(row->driver);
    json_put_text(&c->out, "driver", row->driver);
    json_put_text(&c->out, "driver_title", d ? phrase_in(&d->title, c->lang) : row->driver);
    json_put_text(&c->out, "model", row->model);
    json_put_text(&c->out, "group", row->group);
    json_put_text(&c->out, "note", row->note);
    json_put_text(&c->out, "status", meter_status_names[row->status % METER_STATUSES]);
    json_put_text(&c->out, "status_text", phrase_in(&status_titles[row->status % METER_STATUSES], c->lang));
    json_put_text(&c->out, "source", meter_source_names[row->source % METER_SOURCES]);
    json_put_text(&c->out, "source_text", phrase_in(&source_titles[row->source % METER_SOURCES], c->lang));
    json_put_int(&c->out, "link", roster_first_link(row));
    json_put_int(&c->out, "protocol", row->line_count ? row->lines[0].protocol : 0);
    json_put_int(&c->out, "lines", row->line_count);
    json_put_bool(&c->out, "enabled", row->enabled);
    device_put_contact(c, row);
    json_put_int(&c->out, "revision", row->revision);
    json_put_end(&c->out);
}

enum roster_column device_column(const char *name)
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

/* Ids of the query in order; NULL when there are none: any. */
static const int64_t *ids_of(struct call *c, size_t *ret_count)
{
    int64_t *ids;
    *ret_count = call_ids(c, json_object_get(c->query, "ids"), &ids);
    qsort(ids, *ret_count, sizeof *ids, sorted_by_number);
    return *ret_count ? ids : NULL;
}

static void look_at_polled(void *context, const struct roster_row *row)
{
    const struct driver *d = driver_find(row->driver);
    *(bool *)context = row->status != METER_RETIRED && !(d && d->carries);
}

bool device_is_polled(struct call *c, int64_t id)
{
    bool polled = false;
    return roster_look(c->api->roster, id, c->caller.project, look_at_polled, &polled) && polled;
}

struct roster_query device_query(struct call *c)
{
    const json_t *q = c->query;
    size_t id_count;
    const int64_t *ids = ids_of(c, &id_count);
    return (struct roster_query){
        .ids = ids, .id_count = id_count,
        .project = c->caller.project, .search = call_text(q, "search", NULL), .group = call_group(c, q), .driver = call_text(q, "driver", NULL),
        .model = call_text(q, "model", NULL), .link = call_int(q, "link", 0), .protocol = call_int(q, "protocol", 0),
        .enabled = json_object_get(q, "enabled") ? call_bool(q, "enabled", true) : -1, .status = call_text(q, "status", NULL),
        .source = call_text(q, "source", NULL), .contact = call_text(q, "contact", NULL),
        .added_from_ms = local_ms(q, "added_from"), .added_to_ms = local_ms(q, "added_to"), .sort = device_column(call_text(q, "sort", "id")),
        .descending = strcmp(call_text(q, "order", "asc"), "desc") == 0 };
}

static void list_devices(struct call *c)
{
    struct roster_query query = device_query(c);
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
    json_put_int(&c->out, "count", (int64_t)rows);
    json_put_end(&c->out);
}

static void count_devices(struct call *c)
{
    struct roster_query query = device_query(c);
    size_t values = 0;
    struct counting k = { c, device_column(call_text(c->query, "by", "id")) };
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
    struct roster_query query = device_query(c);
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

static const struct route rows[] = {
    { "GET", V1 "/devices", MAY_READ_DEVICES, ROUTE_LIST, &shape_list, NULL, &shape_row, NULL, 0, list_devices, { { "устройства: страница, сортировка, отборы", "devices: paged, sorted, filtered" } } },
    { "GET", V1 "/devices/counts", MAY_READ_DEVICES, ROUTE_LIST, &shape_counts, NULL, &shape_count, NULL, 0, count_devices, { { "сколько устройств у каждого значения столбца", "how many devices have each value of a column" } } },
    { "GET", V1 "/devices/ids", MAY_READ_DEVICES, 0, &shape_ids_query, NULL, &shape_ids, NULL, 0, list_ids, { { "номера устройств, подходящих под отбор", "ids of the devices that fit the filters" } } },
    { "POST", V1 "/devices/find", MAY_READ_DEVICES, 0, NULL, &shape_find, &shape_found, NULL, 0, find_devices, { { "устройства по списку серийных номеров", "devices by a list of serial numbers" } } },
};

ROUTE_TABLE(rows);
