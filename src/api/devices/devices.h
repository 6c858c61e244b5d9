/* Devices between JSON and the store: what the routes of devices, of the wizard and of files share. */
#pragma once
#include "api/devices/lines.h"

/* Filters of lists, counts and exports. */
#define FILTER_FIELDS \
    { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT, .most = 10000, .help = { { "только эти", "only these" } } }, \
    { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть номера, названия, группы или заметки", "part of serial, title, group or note" } } }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }, { .name = "driver", .kind = FIELD_TEXT, .most = 40 }, { .name = "model", .kind = FIELD_TEXT, .most = 80 }, \
    { .name = "link", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, { .name = "protocol", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, \
    { .name = "enabled", .kind = FIELD_BOOL }, { .name = "status", .kind = FIELD_WORD, .words = meter_status_names }, \
    { .name = "source", .kind = FIELD_WORD, .words = meter_source_names }, \
    { .name = "contact", .kind = FIELD_TEXT, .most = 40, .help = { { "good, failed, never или имя причины", "good, failed, never or a fault's name" } } }, \
    { .name = "added_from", .kind = FIELD_TIME }, { .name = "added_to", .kind = FIELD_TIME, .help = { { "не включая", "excluded" } } }

/* What several devices may be given at once: not their names and not their type (S3 2.2.5). */
#define DEVICE_SET_FIELDS \
    { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "status", .kind = FIELD_WORD, .words = meter_status_names }, \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "zone_minutes", .kind = FIELD_INT, .least = -720, .most = 840, .help = { { "часы счётчика к востоку от UTC", "the meter's clock east of UTC" } } }, \
    { .name = "depths", .kind = FIELD_OBJECT, .shape = &shape_depths, .help = { { "глубина архивов в днях; 0: не собирать", "archives in days; 0: not wanted" } } }

extern const struct shape shape_depths;

/* The filters of the call's query, with `sort` and `order` when it has them. */
struct roster_query device_query(struct call *c);
enum roster_column device_column(const char *name);

/* True for a device of the caller's project that stands in a gateway's table and is no virtual hub: what a group may be made of. */
bool device_is_polled(struct call *c, int64_t id);

/* The device of the caller's project; else refused. The roster is up to date then. */
bool device_find(struct call *c, int64_t id, struct store_meter *m);

/* "contact", its words and since when, "asked", "added". */
void device_put_contact(struct call *c, const struct roster_row *row);

/* What can be set of it, as members of the object that is open; and the same as JSON text for the log, secrets masked. */
void device_put_settings(struct call *c, const struct store_meter *m);
const char *device_json(struct call *c, const struct store_meter *m);

/* Fields of `from` (DEVICE_SET_FIELDS) over what the device has; they were checked by their shape. */
void device_take(const json_t *from, struct store_meter *m);

/* What a new device of the project has when nothing else is said: the default group, the zone of this place, usual depths. */
struct store_meter device_new(struct call *c);
