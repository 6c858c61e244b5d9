/* What the routes of readings are asked: a kind, whose, which columns, when and at which scale; and the devices a resource's pages show. */
#pragma once
#include "api/call.h"
#include "api/readings/reading_lines.h"

enum { READING_DEVICES_MOST = 10000 };

struct reading_ask {
    struct call *c;
    struct reading_query q;
    int64_t *devices;
    size_t device_count;
};

/* Fields of the query. */
extern const char *const reading_scale_words[];
#define READING_FIELDS \
    { .name = "kind", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 40, .help = { { "из /readings/kinds", "of /readings/kinds" } } }, \
    { .name = "from", .kind = FIELD_TIME, .help = { { "начало периода, время приборов; обычно неделя назад", "beginning, time of the meters; usually a week ago" } } }, \
    { .name = "to", .kind = FIELD_TIME, .help = { { "конец, не включая; обычно сейчас", "end, not included; usually now" } } }, \
    { .name = "columns", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = COLUMNS_MAX, .help = { { "имена параметров; без них все", "names of parameters; without them all" } } }, \
    { .name = "journals", .kind = FIELD_LIST, .of = FIELD_INT, .most = KIND_JOURNALS + 1, .help = { { "журналы 1–42, 0 — прочие; без них все", "journals 1 to 42, 0 all others; without them all" } } }, \
    { .name = "scale", .kind = FIELD_WORD, .words = reading_scale_words, .help = { { "величина измерений: 1 или 1/1000", "scale: 1 or 1/1000" } } }, \
    { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .most = READING_DEVICES_MOST, .help = { { "без них все приборы ресурса", "without them all meters of the resource" } } }, \
    { .name = "group", .kind = FIELD_TEXT, .most = 200 }

/* What was asked, in the call's arena; NULL after a refusal. */
struct reading_ask *reading_ask_take(struct call *c);

/* Ids of the project's devices that the resource's pages show, by id; of one group unless NULL. Devices that may be anything are
 * shown where they have told something of it, everywhere before they have told anything. False after a refusal. */
bool reading_devices(struct call *c, enum kind_resource r, int64_t **ret, size_t *ret_count);

/* A device as the pages show it: a member of the object that is open. `m` of the store. */
void reading_device_put(struct call *c, struct json_writer *out, const struct store_meter *m);
extern const struct shape shape_reading_device;

/* Why the device was not read last time; "" when it was. In the arena. */
const char *reading_reason(struct call *c, int64_t device, struct arena *a);
