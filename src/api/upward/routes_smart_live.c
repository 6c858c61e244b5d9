/* What the protocol SMART asks of meters themselves: readings of the moment, a relay; and the brokers as they are set. The answer
 * waits for the run: it is a stream, so that whoever has gone lets the run go too. */
#include "api/routes.h"
#include "api/upward/smart_tell.h"
#include "base/sorted.h"
#include "collect/work.h"
#include "drivers/driver.h"
#include "store/upward/mqtt.h"
#include "store/work/tasks.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LIVE_MOST_MS = 120000, LOOK_EVERY_MS = 100, LIVE_AT_ONCE = 1 /* of the two slow workers */ };

static atomic_int under_way;

SHAPE(shape_relay, "SmartRelay", { .name = "id", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT32_MAX },
      { .name = "relayId", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = RELAY_SIGNALS, .help = { { "счётчика: 1 — реле нагрузки, 2… — сигнализации; модуля: номер выхода", "of a meter: 1 the load's, 2… of signals; of a module: number of the output" } } },
      { .name = "relayState", .kind = FIELD_INT, .flags = REQUIRED, .least = 0, .most = 1, .help = { { "0: выключить, 1: включить", "0: off, 1: on" } } });
SHAPE(shape_broker, "SmartBroker", { .name = "id", .kind = FIELD_INT }, { .name = "type", .kind = FIELD_TEXT }, { .name = "addr", .kind = FIELD_TEXT }, { .name = "port", .kind = FIELD_INT },
      { .name = "login", .kind = FIELD_TEXT }, { .name = "password", .kind = FIELD_TEXT, .help = { { "всегда пусто", "always empty" } } }, { .name = "prefix", .kind = FIELD_TEXT },
      { .name = "deviceID", .kind = FIELD_TEXT }, { .name = "cropt", .kind = FIELD_INT, .help = { { "1: без шифрования, 2: с шифрованием", "1: no encryption, 2: encrypted" } } },
      { .name = "crcheck", .kind = FIELD_INT }, { .name = "cert", .kind = FIELD_TEXT });
SHAPE(shape_brokers, "SmartBrokers", { .name = "Settings", .kind = FIELD_LIST, .shape = &shape_broker });

/* The cookie of a browser must not be enough: a page of another site cannot send this type. */
static bool is_meant(struct call *c)
{
    return strncmp(c->request->content_type, "application/json", 16) == 0 || call_refuse(c, REFUSE_NOT_JSON);
}

/* --- a run and its end ---------------------------------------------------------------------------------------------------------- */

/* Waits until the run has ended, the client has gone, or it is too long; then it is cancelled. */
static void wait_for(struct call *c, struct flow *flow, int64_t run)
{
    for (int waited = 0; waited < LIVE_MOST_MS && !flow_gone(flow); waited += LOOK_EVERY_MS) {
        struct arena a = { 0 };
        struct store_run r;
        bool over = store_run_get(c->api->store, run, &a, &r) != FAULT_NONE || r.ended_ms;
        arena_free(&a);
        if (over)
            return;
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_EVERY_MS * 1000000L }, NULL);
    }
    tasks_cancel(c->api->tasks, run, RUN_CANCELLED_BY_USER);
}

struct answered {
    int64_t *ids;
    size_t count;
};

static bool take_answered(void *context, const struct store_run_device *d)
{
    struct answered *l = context;
    l->ids[l->count++] = d->device;
    return true;
}

/* Devices that were read, ascending; in the call's arena. */
static struct answered answered_of(struct call *c, int64_t run, size_t most)
{
    struct answered l = { arena_take(c->arena, (most + 1) * sizeof *l.ids), 0 };
    struct run_device_filter f = { .run = run, .results = 1u << RUN_SUCCESS | 1u << RUN_PARTIAL, .take = most };
    int64_t total = 0;
    if (store_run_devices(c->api->store, &f, take_answered, &l, &total) != FAULT_NONE)
        l.count = 0;
    qsort(l.ids, l.count, sizeof *l.ids, sorted_by_number);
    return l;
}

static struct task_order order_of(struct call *c, const char *title, const char *work, const int64_t *ids, size_t count)
{
    return (struct task_order){ .project = c->caller.project, .title = title, .work = work, .reason = "SMART JSON", .initiator = "HES", .request = "",
                                .who = { c->caller.person, c->caller.login }, .devices = ids, .count = count };
}

/* One at a time: who waits holds a worker. */
static bool enter(struct call *c)
{
    if (atomic_fetch_add(&under_way, 1) < LIVE_AT_ONCE)
        return true;
    atomic_fetch_sub(&under_way, 1);
    return call_refuse(c, REFUSE_BUSY);
}

/* --- readings of the moment ------------------------------------------------------------------------------------------------------- */

static bool work_for(struct call *c, struct work *w)
{
    static const struct phrase kept = { { "это читают из архива: /meter/data", "this is read from the archive: /meter/data" } };
    const json_t *measures = json_object_get(c->body, "measures");
    unsigned ask = 0;
    for (size_t i = 0; i < json_array_size(measures); i++) {
        const struct smart_measure *m = smart_measure_find(json_string_value(json_array_get(measures, i)));
        char field[32];
        snprintf(field, sizeof field, "measures[%zu]", i);
        if (!m->ask)
            return call_wrong_field(c, field, phrase_in(&kept, c->lang));
        ask |= m->ask;
    }
    w->read[ARCHIVE_CURRENT] = (struct work_read){ .wanted = ask & SMART_ASK_CURRENT, .again = true };
    w->read[ARCHIVE_NETWORK] = (struct work_read){ .wanted = ask & SMART_ASK_NETWORK, .again = true };
    w->states = ask & SMART_ASK_STATES;
    w->contact = ask & SMART_ASK_CONTACT;
    return true;
}

/* Each once, ascending: as an order wants them. */
static size_t sorted_once(struct call *c, const int64_t *ids, size_t count, int64_t **ret)
{
    size_t once = 0;
    *ret = arena_take(c->arena, (count + 1) * sizeof **ret);
    if (count) {
        memcpy(*ret, ids, count * sizeof **ret);
        qsort(*ret, count, sizeof **ret, sorted_by_number);
    }
    for (size_t i = 0; i < count; i++)
        if (once == 0 || (*ret)[once - 1] != (*ret)[i])
            (*ret)[once++] = (*ret)[i];
    return once;
}

static void get_moment(struct call *c)
{
    static const struct phrase title = { { "SMART: мгновенные показания", "SMART: readings of the moment" } };
    struct work *w = arena_take(c->arena, sizeof *w);
    char *text = arena_take(c->arena, WORK_TEXT_MAX);
    struct text t = text_over(text, WORK_TEXT_MAX);
    int64_t *ids = NULL, *devices, run = 0;
    size_t count = 0;
    bool again;
    struct telling *telling = smart_here(c) && is_meant(c) ? smart_question(c, &ids, &count) : NULL;
    if (!telling || !work_for(c, w) || !enter(c))
        return;
    work_write(w, &t);
    size_t once = sorted_once(c, ids, count, &devices);
    struct task_order o = order_of(c, phrase_in(&title, c->lang), text, devices, once);
    if (once && !call_good(c, tasks_order(c->api->tasks, &o, &run, &again), REFUSE_IN_USE)) {
        atomic_fetch_sub(&under_way, 1);
        return;
    }
    telling->flow = call_stream(c, "application/json", NULL);
    if (once)
        wait_for(c, telling->flow, run);
    struct answered l = answered_of(c, run, once);
    telling->answered = l.ids;
    telling->answered_count = l.count;
    telling->last = true;
    atomic_fetch_sub(&under_way, 1);
    smart_tell(telling, json_object_get(c->body, "measures"), ids, count);
}

/* --- a relay ------------------------------------------------------------------------------------------------------------------------ */

/* A meter's first relay is the load's; outputs of modules have their own numbers. */
static int relay_number(const struct store_meter *m, int64_t relay_id)
{
    const struct driver *d = driver_find(m->driver);
    return (int)(d && d->resource == RESOURCE_ELECTRICITY ? relay_id - 1 : relay_id);
}

static void put_relay(struct call *c)
{
    static const struct phrase title = { { "SMART: управление реле", "SMART: a relay" } };
    char work[40], told[40];
    struct store_meter m;
    int64_t id = call_int(c->body, "id", 0), run = 0;
    bool again;
    if (!smart_here(c) || !is_meant(c))
        return;
    if (!call_good(c, store_meter_get(c->api->store, id, c->arena, &m), REFUSE_IN_USE))
        return;
    if (m.project != c->caller.project) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!enter(c))
        return;
    snprintf(work, sizeof work, "command %s %d;", command_names[call_int(c->body, "relayState", 0) ? COMMAND_RELAY_ON : COMMAND_RELAY_OFF], relay_number(&m, call_int(c->body, "relayId", 1)));
    struct task_order o = order_of(c, phrase_in(&title, c->lang), work, &id, 1);
    bool ordered = call_good(c, tasks_order(c->api->tasks, &o, &run, &again), REFUSE_IN_USE);
    if (ordered)
        call_note(c, NOTE_RELAY_ORDER, o.title, NULL, call_json(c, c->body));
    struct flow *flow = ordered ? call_stream(c, "application/json", NULL) : NULL;
    if (ordered)
        wait_for(c, flow, run);
    atomic_fetch_sub(&under_way, 1); /* before the answer: who has it may ask on */
    if (!ordered)
        return;
    snprintf(told, sizeof told, "{\"res\":%d}", answered_of(c, run, 1).count == 1 ? 0 : 1);
    flow_end(flow, flow_write(flow, told, strlen(told), STREAM_PATIENCE_MS));
    flow_unref(&flow);
}

/* --- brokers ------------------------------------------------------------------------------------------------------------------------- */

static bool put_broker(void *context, const struct store_broker *b)
{
    struct call *c = context;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", b->id);
    json_put_text(&c->out, "type", "MQTT 3.1.1");
    json_put_text(&c->out, "addr", b->address);
    json_put_int(&c->out, "port", b->port);
    json_put_text(&c->out, "login", b->login);
    json_put_text(&c->out, "password", "");
    json_put_text(&c->out, "prefix", b->prefix);
    json_put_text(&c->out, "deviceID", b->device);
    json_put_int(&c->out, "cropt", strcmp(b->security, "none") == 0 ? 1 : 2);
    json_put_int(&c->out, "crcheck", b->verify);
    json_put_text(&c->out, "cert", b->authority);
    json_put_end(&c->out);
    return true;
}

static void get_brokers(struct call *c)
{
    if (!smart_here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "Settings");
    enum fault f = store_brokers(c->api->store, c->caller.project, put_broker, c);
    json_put_end(&c->out);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static const struct route rows[] = {
    { "POST", "/meter/data/moment", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &smart_shape_data_query, &smart_shape_data, "application/json", 0, get_moment, { { "SMART: мгновенные показания с приборов", "SMART: readings of the moment from meters" } } },
    { "PUT", "/meter/settings/relay", MAY_WRITE_DEVICES, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &shape_relay, &smart_shape_res, "application/json", 0, put_relay, { { "SMART: управление реле прибора", "SMART: a meter's relay" } } },
    { "GET", "/settings/servers/mqtt", MAY_READ_HES_CONFIG, ROUTE_SMART, NULL, NULL, &shape_brokers, NULL, 0, get_brokers, { { "SMART: брокеры MQTT", "SMART: MQTT brokers" } } },
};

ROUTE_TABLE(rows);
