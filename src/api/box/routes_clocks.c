/* Clocks of meters (manual S0 4.4.1.1): what they showed when they were last read and how far off they were. They are read, corrected
 * and set by runs (routes_runs.c). */
#include "api/devices/devices.h"
#include "api/routes.h"
#include "api/work/work_json.h"
#include "collect/work.h"
#include "drivers/driver.h"
#include "store/box/occasions.h"

#include <stdlib.h>

#define V1 "/api/v1"

static const char *const orders[] = { "asc", "desc", NULL };
enum clock_state { CLOCK_UNREAD, CLOCK_GOOD, CLOCK_OFF, CLOCK_BEYOND };
static const char *const states[] = { "unread", "good", "off", "beyond", NULL };

SHAPE(shape_clock_query, "MeterClockQuery", PAGE_FIELDS, { .name = "sort", .kind = FIELD_WORD, .words = roster_column_names }, { .name = "order", .kind = FIELD_WORD, .words = orders },
      { .name = "state", .kind = FIELD_WORD, .words = states }, FILTER_FIELDS);
SHAPE(shape_clock, "MeterClock", { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "driver", .kind = FIELD_TEXT }, { .name = "driver_title", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT },
      { .name = "state", .kind = FIELD_WORD, .words = states, .help = { { "unread: ещё не читались; off: в пределах коррекции; beyond: коррекции не поддаются, только запись времени",
                                                                           "unread: not read yet; off: within the correction; beyond: the correction cannot do it, only setting" } } },
      { .name = "read", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "shown", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "что часы показывали, UTC", "what the clock showed, UTC" } } },
      { .name = "error_s", .kind = FIELD_INT, .flags = NULLABLE, .help = { { "расхождение: плюс — спешат", "how far off: plus is fast" } } },
      { .name = "corrected", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "corrected_s", .kind = FIELD_INT, .flags = NULLABLE, .help = { { "на сколько передвинули", "by how much it was moved" } } },
      { .name = "limit_s", .kind = FIELD_INT, .help = { { "наибольшая коррекция этих приборов; 0: её нет", "the largest correction of these meters; 0: they have none" } } },
      { .name = "can_set", .kind = FIELD_BOOL });

struct clocks {
    struct call *c;
    struct store_clock *rows;      /* by meter */
    size_t count, room;
    int wanted;                    /* enum clock_state; -1: any */
    size_t fit, skip, take;
};

static bool keep_clock(void *context, const struct store_clock *k)
{
    struct clocks *l = context;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 256;
        l->rows = memory_grow(l->rows, l->room * sizeof *l->rows, room * sizeof *l->rows);
        l->room = room;
    }
    l->rows[l->count++] = *k;
    return true;
}

static int by_meter(const void *a, const void *b)
{
    int64_t x = ((const struct store_clock *)a)->meter, y = ((const struct store_clock *)b)->meter;
    return (x > y) - (x < y);
}

static enum clock_state state_of(const struct store_clock *k, const struct driver *d)
{
    if (!k)
        return CLOCK_UNREAD;
    int64_t off = k->error_s < 0 ? -k->error_s : k->error_s, limit = d->clock.correct ? d->clock.limit_seconds : 0;
    return off < CLOCK_CHECK_USUAL ? CLOCK_GOOD : off <= limit ? CLOCK_OFF : CLOCK_BEYOND;
}

static void put_optional(struct json_writer *j, const char *key, bool there, int64_t value)
{
    if (there)
        json_put_int(j, key, value);
    else
        json_put_null(j, key);
}

static void put_clock(struct call *c, const struct roster_row *row, const struct driver *d, const struct store_clock *k, enum clock_state state)
{
    struct json_writer *j = &c->out;
    json_put_object(j, NULL);
    json_put_int(j, "id", row->id);
    json_put_text(j, "serial", row->serial);
    json_put_text(j, "title", row->title);
    json_put_text(j, "driver", row->driver);
    json_put_text(j, "driver_title", phrase_in(&d->title, c->lang));
    json_put_text(j, "group", row->group);
    json_put_text(j, "note", row->note);
    json_put_text(j, "state", states[state]);
    json_put_utc(j, "read", k ? k->read_ms : 0);
    json_put_utc(j, "shown", k ? k->read_ms + k->error_s * 1000 : 0);
    put_optional(j, "error_s", k != NULL, k ? k->error_s : 0);
    json_put_utc(j, "corrected", k ? k->corrected_ms : 0);
    put_optional(j, "corrected_s", k && k->corrected_ms, k ? k->corrected_s : 0);
    json_put_int(j, "limit_s", d->clock.correct ? d->clock.limit_seconds : 0);
    json_put_bool(j, "can_set", d->clock.set != NULL);
    json_put_end(j);
}

/* Only devices that have a clock. */
static void look_at(void *context, const struct roster_row *row)
{
    struct clocks *l = context;
    const struct driver *d = driver_find(row->driver);
    if (!d || !d->clock.read)
        return;
    struct store_clock key = { .meter = row->id };
    const struct store_clock *k = l->count ? bsearch(&key, l->rows, l->count, sizeof *l->rows, by_meter) : NULL;
    enum clock_state state = state_of(k, d);
    if (l->wanted >= 0 && (int)state != l->wanted)
        return;
    if (l->fit >= l->skip && l->fit < l->skip + l->take)
        put_clock(l->c, row, d, k, state);
    l->fit++;
}

static void list_clocks(struct call *c)
{
    struct clocks l = { .c = c, .wanted = word_place(states, call_text(c->query, "state", NULL)), .skip = call_skip(c), .take = call_take(c) };
    struct roster_query q = device_query(c);
    q.skip = 0;
    q.take = SIZE_MAX / 2;
    service_keep_found(c->api->service);
    if (call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) && call_good(c, store_clocks(c->api->store, keep_clock, &l), REFUSE_IN_USE)) {
        json_put_object(&c->out, NULL);
        json_put_list(&c->out, "items");
        roster_list(c->api->roster, &q, look_at, &l);
        json_put_end(&c->out);
        json_put_int(&c->out, "total", (int64_t)l.fit);
        json_put_end(&c->out);
    }
    free(l.rows);
}

static const struct route rows[] = {
    { "GET", V1 "/clocks", MAY_READ_DEVICES, ROUTE_LIST, &shape_clock_query, NULL, &shape_clock, NULL, 0, list_clocks, { { "часы приборов: когда читались, расхождение, последняя коррекция", "clocks of meters: when read, how far off, the last correction" } } },
};

ROUTE_TABLE(rows);
