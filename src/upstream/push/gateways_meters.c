/* The meter tables of gateways become devices here: found by serial number and type, made when there are none, never doubled, never
 * deleted; see gateways_inside.h. What a gateway says counts for its own meters only: one that another gateway has is refused until a
 * person decides. */
#include "upstream/push/gateways_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sorted.h"
#include "collect/debts.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MOST = 200, SERIAL_MOST = 64, DRIVER_MOST = 32, DEPTH_MOST = 3660, ZONE_MOST = 14 * 60, EXPECT_AT_ONCE = 512 };

/* --- the list in memory --------------------------------------------------------------------------------------------------- */

static size_t place_of(const struct guest *t, int64_t number)
{
    return SORTED_PLACE(t->meters, t->meter_count, number, number);
}

struct guest_meter *guest_meter(struct guest *t, int64_t number)
{
    size_t at = place_of(t, number);
    return at < t->meter_count && t->meters[at].number == number ? &t->meters[at] : NULL;
}

struct guest_meter *guest_meter_of(struct guest *t, int64_t meter)
{
    for (size_t i = 0; i < t->meter_count; i++)
        if (t->meters[i].meter == meter && t->meters[i].state == GATEWAY_METER_PRESENT)
            return &t->meters[i];
    return NULL;
}

static struct guest_meter *add(struct guest *t, int64_t number)
{
    size_t at = place_of(t, number);
    if (t->meter_count == t->meter_room) {
        size_t room = t->meter_room ? t->meter_room * 2 : 64;
        t->meters = memory_grow(t->meters, t->meter_room * sizeof *t->meters, room * sizeof *t->meters);
        t->meter_room = room;
    }
    memmove(t->meters + at + 1, t->meters + at, (t->meter_count - at) * sizeof *t->meters);
    t->meter_count++;
    t->meters[at] = (struct guest_meter){ .number = number };
    return &t->meters[at];
}

static bool load_one(void *context, const struct store_gateway_meter *m)
{
    struct guest *t = context;
    struct guest_meter *one = add(t, m->number);
    one->meter = m->state == GATEWAY_METER_REFUSED ? 0 : m->meter;
    one->state = m->state;
    one->dismissed = m->rival == GATEWAY_METER_DISMISSED;
    t->refused_meters += m->state == GATEWAY_METER_REFUSED;
    return true;
}

void guest_meters_load(struct guest *t)
{
    t->meter_count = 0;
    t->refused_meters = 0;
    if (store_gateway_meters(t->house->house.store, t->row.id, load_one, t) != FAULT_NONE)
        log_line(LOG_ERROR, "gateway-meters", "gateway=%lld", (long long)t->row.id);
}

/* --- whom there is already ---------------------------------------------------------------------------------------------------- */

/* Devices of the project by serial number and type, and which gateway has which; while a table comes. */
struct meter_index {
    struct arena arena;
    struct known {
        const char *serial, *driver;
        int64_t meter;
    } *known;
    size_t count, room;
    struct owner {
        int64_t meter, gateway, number;
    } *owners;
    size_t owner_count, owner_room;
    int64_t project;
};

static void index_add(struct meter_index *x, const char *serial, const char *driver, int64_t meter)
{
    if (x->count == x->room) {
        x->room = x->room ? x->room * 2 : 256;
        x->known = memory_resize(x->known, x->room * sizeof *x->known);
    }
    x->known[x->count++] = (struct known){ arena_text(&x->arena, bytes_of_text(serial)), arena_text(&x->arena, bytes_of_text(driver)), meter };
}

static bool index_meter(void *context, const struct store_meter *m)
{
    struct meter_index *x = context;
    if (m->project == x->project && *m->serial)
        index_add(x, m->serial, m->driver, m->id);
    return true;
}

static bool index_owner(void *context, const struct store_gateway_meter *m)
{
    struct meter_index *x = context;
    if (m->state != GATEWAY_METER_PRESENT)
        return true;
    if (x->owner_count == x->owner_room) {
        x->owner_room = x->owner_room ? x->owner_room * 2 : 256;
        x->owners = memory_resize(x->owners, x->owner_room * sizeof *x->owners);
    }
    x->owners[x->owner_count++] = (struct owner){ m->meter, m->gateway, m->number };
    return true;
}

static int by_serial(const void *x, const void *y)
{
    const struct known *a = x, *b = y;
    int serial = strcmp(a->serial, b->serial), driver = strcmp(a->driver, b->driver);
    return serial ? serial : driver ? driver : (a->meter > b->meter) - (a->meter < b->meter);
}

static void index_free(struct guest *t)
{
    struct meter_index *x = t->index;
    t->index = NULL;
    if (!x)
        return;
    arena_free(&x->arena);
    free(x->known);
    free(x->owners);
    free(x);
}

static void index_make(struct guest *t)
{
    struct store *s = t->house->house.store;
    index_free(t);
    t->index = memory_new(sizeof *t->index);
    t->index->project = t->row.project;
    store_meters(s, index_meter, t->index);
    store_gateway_meters(s, 0, index_owner, t->index);
    if (t->index->count)
        qsort(t->index->known, t->index->count, sizeof *t->index->known, by_serial);
}

/* 0: there is none. New ones stand unsorted at the end. */
static int64_t index_find(const struct meter_index *x, const char *serial, const char *driver)
{
    for (size_t i = x->count; i-- > 0;)
        if (strcmp(x->known[i].serial, serial) == 0 && strcmp(x->known[i].driver, driver) == 0)
            return x->known[i].meter;
    return 0;
}

/* Who has the meter beside this number of this gateway; NULL: nobody. */
static const struct owner *index_rival(const struct meter_index *x, int64_t meter, int64_t gateway, int64_t number)
{
    for (size_t i = 0; i < x->owner_count; i++)
        if (x->owners[i].meter == meter && (x->owners[i].gateway != gateway || x->owners[i].number != number))
            return &x->owners[i];
    return NULL;
}

/* --- a row ------------------------------------------------------------------------------------------------------------------------ */

/* What a gateway says of a meter, within bounds. */
struct told {
    int64_t number;
    char serial[SERIAL_MOST + 1], driver[DRIVER_MOST + 1], model[TEXT_MOST + 1], title[TEXT_MOST + 1], group[TEXT_MOST + 1];
    int zone;
    bool enabled;
    uint16_t depth_days[ARCHIVE_COUNT];
    const json_t *facts;
};

static void take_text(const json_t *row, const char *key, char *out, size_t room)
{
    struct text t = text_over(out, room);
    text_put(&t, push_text(row, key));
}

static bool take_told(const json_t *row, struct told *ret)
{
    const json_t *depths = json_object_get(row, "depths");
    int64_t zone = push_int(row, "zone");
    *ret = (struct told){ .number = push_int(row, "number"), .enabled = json_is_true(json_object_get(row, "enabled")), .facts = json_object_get(row, "facts"),
                          .zone = zone >= -ZONE_MOST && zone <= ZONE_MOST ? (int)zone : 0 };
    take_text(row, "serial", ret->serial, sizeof ret->serial);
    take_text(row, "driver", ret->driver, sizeof ret->driver);
    take_text(row, "model", ret->model, sizeof ret->model);
    take_text(row, "title", ret->title, sizeof ret->title);
    take_text(row, "group", ret->group, sizeof ret->group);
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        int64_t days = push_int(depths, archive_name((enum archive)a));
        ret->depth_days[a] = days > 0 ? (uint16_t)(days < DEPTH_MOST ? days : DEPTH_MOST) : 0;
    }
    return ret->number > 0 && ret->number <= INT32_MAX;
}

/* The line over the gateway, last where the meter has others of its own. */
static void put_line(struct arena *a, const struct guest *t, struct store_meter *m, bool enabled)
{
    struct store_line *lines = arena_take(a, STORE_LINES_MAX * sizeof *lines);
    int count = 0, last = 0;
    bool has = false;
    for (; count < m->line_count; count++) {
        lines[count] = m->lines[count];
        last = lines[count].priority > last ? lines[count].priority : last;
        if (lines[count].link == t->row.link) {
            lines[count].enabled = enabled;
            has = true;
        }
    }
    if (!has && count < STORE_LINES_MAX)
        lines[count++] = (struct store_line){ .link = t->row.link, .priority = last + 1, .enabled = enabled, .parameters = "", .guid = "" };
    m->lines = lines;
    m->line_count = count;
}

static bool has_line(const struct guest *t, const struct store_meter *m)
{
    for (int i = 0; i < m->line_count; i++)
        if (m->lines[i].link == t->row.link && m->lines[i].enabled)
            return true;
    return false;
}

/* Whether what the gateway says differs from the row; of devices that people made only the line is the gateway's. */
static bool update(struct arena *a, const struct guest *t, const struct told *told, struct store_meter *m)
{
    bool differs = !has_line(t, m);
    if (differs)
        put_line(a, t, m, true);
    if (m->source != METER_CAME_ITSELF)
        return differs;
    differs |= strcmp(m->model, told->model) != 0 || strcmp(m->serial, told->serial) != 0 || strcmp(m->driver, told->driver) != 0 || m->zone_minutes != told->zone
            || memcmp(m->depth_days, told->depth_days, sizeof told->depth_days) != 0;
    m->serial = told->serial;
    m->driver = told->driver;
    m->model = told->model;
    m->zone_minutes = told->zone;
    memcpy(m->depth_days, told->depth_days, sizeof told->depth_days);
    return differs;
}

static int64_t make(struct guest *t, struct arena *a, const struct told *told)
{
    int64_t id = 0;
    struct store_meter m = { .serial = told->serial, .title = told->title, .driver = told->driver, .model = told->model, .note = "", .enabled = true,
                             .status = METER_IN_USE, .source = METER_CAME_ITSELF, .group = *told->group ? told->group : t->row.title, .zone_minutes = told->zone,
                             .project = t->row.project, .guid = "" };
    memcpy(m.depth_days, told->depth_days, sizeof told->depth_days);
    put_line(a, t, &m, true);
    if (store_meter_put(t->house->house.store, &m, &id) != FAULT_NONE)
        return 0;
    if (*told->serial)
        index_add(t->index, told->serial, told->driver, id);
    return id;
}

/* The device of a row: that of the number as long as it is the same meter, else the one of the serial number and type, else a new
 * one. 0 when it is refused: *ret_rival says who has it. */
static int64_t settle_row(struct guest *t, struct arena *a, const struct told *told, const struct guest_meter *former, int64_t *ret_rival)
{
    struct store_meter m;
    struct store *s = t->house->house.store;
    int64_t meter = former ? former->meter : 0;
    if ((former && former->dismissed) || (meter && store_meter_get(s, meter, a, &m) != FAULT_NONE)) {
        *ret_rival = GATEWAY_METER_DISMISSED; /* it does not come back by itself */
        return 0;
    }
    bool same = meter && m.project == t->row.project && strcmp(m.driver, told->driver) == 0 && (!*m.serial || strcmp(m.serial, told->serial) == 0);
    if (!same)
        meter = *told->serial ? index_find(t->index, told->serial, told->driver) : 0;
    const struct owner *rival = meter ? index_rival(t->index, meter, t->row.id, told->number) : NULL;
    if (rival) {
        *ret_rival = rival->gateway;
        return 0;
    }
    if (!meter)
        return driver_find(told->driver) ? make(t, a, told) : 0;
    if (!same && store_meter_get(s, meter, a, &m) != FAULT_NONE)
        return 0;
    if (update(a, t, told, &m) && store_meter_put(s, &m, NULL) != FAULT_NONE)
        return 0;
    return meter;
}

static void put_facts(struct guest *t, int64_t meter, const json_t *facts)
{
    struct batch b;
    struct put_result put;
    if (!json_is_object(facts) || json_object_size((json_t *)(uintptr_t)facts) == 0)
        return;
    batch_init(&b, 64 << 10);
    for (int k = 0; k < FACT_COUNT; k++) {
        const char *text = push_text(facts, fact_name((enum fact_kind)k));
        if (*text && strlen(text) <= TEXT_MOST * 2)
            emit_fact(&b.sink, (enum fact_kind)k, text);
    }
    store_put(t->house->house.store, meter, &b, &put);
    batch_free(&b);
}

static void take_row(struct guest *t, const json_t *row)
{
    struct told told;
    struct arena a = { 0 };
    int64_t rival = 0;
    if (!take_told(row, &told))
        return;
    struct guest_meter *one = guest_meter(t, told.number);
    if (!one && t->meter_count >= GATEWAY_METERS_MAX)
        return;
    int64_t meter = settle_row(t, &a, &told, one, &rival);
    one = one ? one : add(t, told.number);
    bool back = one->state == GATEWAY_METER_REFUSED && meter;
    one->meter = meter;
    one->state = meter ? GATEWAY_METER_PRESENT : GATEWAY_METER_REFUSED;
    one->seen = true;
    one->dismissed = rival == GATEWAY_METER_DISMISSED;
    struct store_gateway_meter kept = { t->row.id, told.number, meter, one->state, told.serial, told.driver, told.title, rival };
    if (store_gateway_meters_put(t->house->house.store, &kept, 1) != FAULT_NONE)
        log_line(LOG_ERROR, "gateway-meter", "gateway=%lld number=%lld", (long long)t->row.id, (long long)told.number);
    if (meter)
        put_facts(t, meter, told.facts);
    if (back) /* what it said meanwhile was not taken */
        push_link_tell(t->link, PUSH_AGAIN, bytes_of_text(""));
    arena_free(&a);
}

/* --- those that are gone ------------------------------------------------------------------------------------------------------------ */

/* The device stays with its archives; nobody asks it over the gateway any more. */
static void mark_gone(struct guest *t, struct guest_meter *one)
{
    struct store *s = t->house->house.store;
    struct arena a = { 0 };
    struct store_meter m = { .serial = "", .driver = "", .title = "" };
    if (one->state == GATEWAY_METER_GONE)
        return;
    bool there = one->meter && store_meter_get(s, one->meter, &a, &m) == FAULT_NONE;
    if (there && has_line(t, &m)) {
        put_line(&a, t, &m, false);
        store_meter_put(s, &m, NULL);
    }
    one->state = GATEWAY_METER_GONE;
    store_gateway_meters_put(s, &(struct store_gateway_meter){ t->row.id, one->number, one->meter, GATEWAY_METER_GONE, m.serial, m.driver, m.title, 0 }, 1);
    arena_free(&a);
}

static void mark_unseen(struct guest *t)
{
    for (size_t i = 0; i < t->meter_count; i++)
        if (!t->meters[i].seen)
            mark_gone(t, &t->meters[i]);
}

/* --- pages --------------------------------------------------------------------------------------------------------------------------- */

/* Which table is taken; "": none, the whole is wanted. */
static void answer(struct guest *t, const char *mark)
{
    t->refused_meters = 0;
    for (size_t i = 0; i < t->meter_count; i++)
        t->refused_meters += t->meters[i].state == GATEWAY_METER_REFUSED;
    t->row.table_mark = arena_text(&t->arena, bytes_part(bytes_of_text(mark), 0, 40));
    store_gateway_seen(t->house->house.store, &t->row);
    json_t *taken = json_pack("{s:s,s:I}", "mark", t->row.table_mark, "refused", (json_int_t)t->refused_meters);
    char *text = json_dumps(taken, JSON_COMPACT);
    push_link_tell(t->link, PUSH_METERS_TAKEN, bytes_of_text(text ? text : "{}"));
    free(text);
    json_decref(taken);
}

static void finish(struct guest *t, const char *mark)
{
    t->house->expected_hour = 0;
    index_free(t);
    answer(t, mark);
}

void guest_meters_recall(struct guest *t)
{
    bool any = false;
    for (size_t i = 0; i < t->meter_count; i++) {
        struct guest_meter *one = &t->meters[i];
        struct arena a = { 0 };
        struct store_meter m;
        bool gone = one->meter && one->state == GATEWAY_METER_PRESENT && store_meter_get(t->house->house.store, one->meter, &a, &m) == FAULT_NO_DATA;
        any |= one->dismissed || gone;
        one->meter = gone ? 0 : one->meter;
        one->dismissed = false;
        arena_free(&a);
    }
    if (any)
        answer(t, "");
}

void guest_meters_take(struct guest *t, const json_t *page)
{
    const json_t *meters = json_object_get(page, "meters"), *gone = json_object_get(page, "gone");
    if (!t->index || json_is_true(json_object_get(page, "first"))) {
        index_make(t);
        for (size_t i = 0; i < t->meter_count; i++)
            t->meters[i].seen = false;
    }
    for (size_t i = 0; i < json_array_size(meters); i++)
        take_row(t, json_array_get(meters, i));
    for (size_t i = 0; i < json_array_size(gone); i++) {
        struct guest_meter *one = guest_meter(t, json_integer_value(json_array_get(gone, i)));
        if (one)
            mark_gone(t, one);
    }
    if (!json_is_true(json_object_get(page, "last")))
        return;
    if (json_is_true(json_object_get(page, "whole")))
        mark_unseen(t);
    finish(t, push_text(page, "mark"));
}

void guest_meters_free(struct guest *t)
{
    index_free(t);
    free(t->meters);
    t->meters = NULL;
    t->meter_count = t->meter_room = 0;
}

/* --- what they must have -------------------------------------------------------------------------------------------------------------- */

struct numbers {
    int64_t *ids;
    size_t count, room;
};

static bool note_present(void *context, const struct store_gateway_meter *m)
{
    struct numbers *n = context;
    if (m->state != GATEWAY_METER_PRESENT)
        return true;
    if (n->count == n->room) {
        n->room = n->room ? n->room * 2 : 256;
        n->ids = memory_resize(n->ids, n->room * sizeof *n->ids);
    }
    n->ids[n->count++] = m->meter;
    return true;
}

static int profile_step(struct store *s, int64_t meter, struct arena *a)
{
    char key[64];
    const char *value = NULL;
    snprintf(key, sizeof key, "profile-step:%lld", (long long)meter);
    store_setting_get(s, key, a, &value);
    int step = value ? atoi(value) : 0;
    return step > 0 ? step : HALF_HOUR_SECONDS;
}

void gateways_expect(struct gateways *g)
{
    struct store *s = g->house.store;
    struct numbers n = { 0 };
    struct arena a = { 0 };
    struct owed_want *wants = memory_new((EXPECT_AT_ONCE + ARCHIVE_COUNT) * sizeof *wants);
    size_t count = 0;
    store_gateway_meters(s, 0, note_present, &n);
    for (size_t i = 0; i < n.count; i++) {
        struct store_meter m;
        if (store_meter_get(s, n.ids[i], &a, &m) == FAULT_NONE && m.enabled)
            count += debts_expected(&m, profile_step(s, m.id, &a), clock_utc_ms() / 1000 + (int64_t)m.zone_minutes * 60, wants + count);
        arena_reset(&a);
        if (count < EXPECT_AT_ONCE && i + 1 < n.count)
            continue;
        if (store_owed_expect(s, wants, count) != FAULT_NONE)
            log_line(LOG_ERROR, "gateway-debts", "trouble=\"cannot be declared\"");
        count = 0;
    }
    free(n.ids);
    free(wants);
    arena_free(&a);
}
