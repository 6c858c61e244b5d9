/* Relays: as last read, read now, switched in two steps (manual S3 2.2.10, 3.4; docs/api-tasks.md). */
#include "api/work/orders.h"
#include "api/work/relay_plans.h"
#include "api/routes.h"
#include "api/work/work_json.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { ORDER_MOST = 1000, REASON_MOST = 500 };

static const char *const outputs[] = { "off", "on", NULL };
static const char *const orders[] = { "asc", "desc", NULL };
enum relay_sort { BY_DEVICE, BY_SERIAL, BY_TITLE, BY_GROUP, BY_RELAY, BY_OUTPUT, BY_CONTROL, BY_MODE, BY_LOCK, BY_READ };
static const char *const sorts[] = { "device", "serial", "title", "group", "relay", "output", "control", "mode", "lock", "read", NULL };
static const char *const controls[] = { "off", "on", "ready" };

SHAPE(shape_relay_query, "RelayQuery", PAGE_FIELDS, { .name = "sort", .kind = FIELD_WORD, .words = sorts }, { .name = "order", .kind = FIELD_WORD, .words = orders }, { .name = "search", .kind = FIELD_TEXT, .most = 100 }, { .name = "group", .kind = FIELD_TEXT, .most = 200 },
      { .name = "output", .kind = FIELD_WORD, .words = outputs }, { .name = "locked", .kind = FIELD_BOOL, .help = { { "введена аппаратная блокировка", "the hardware lock is on" } } });
#define RELAY_STATES \
    { .name = "output", .kind = FIELD_WORD, .words = outputs, .flags = NULLABLE }, { .name = "output_text", .kind = FIELD_TEXT }, \
    { .name = "control", .kind = FIELD_TEXT, .flags = NULLABLE }, { .name = "control_text", .kind = FIELD_TEXT }, { .name = "mode", .kind = FIELD_INT, .flags = NULLABLE }, \
    { .name = "mode_text", .kind = FIELD_TEXT }, { .name = "lock", .kind = FIELD_INT, .flags = NULLABLE }, { .name = "lock_text", .kind = FIELD_TEXT }, \
    { .name = "read", .kind = FIELD_TIME, .flags = NULLABLE }
SHAPE(shape_relay, "Relay", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "group", .kind = FIELD_TEXT }, { .name = "relay", .kind = FIELD_INT }, { .name = "relay_text", .kind = FIELD_TEXT }, RELAY_STATES,
      { .name = "remote", .kind = FIELD_BOOL, .help = { { "можно переключить отсюда", "may be switched from here" } } }, { .name = "remote_text", .kind = FIELD_TEXT });
SHAPE(shape_read, "RelaysRead", { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .flags = REQUIRED, .least = 1 });
SHAPE(shape_plan, "RelayPlan", { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .flags = REQUIRED, .least = 1, .most = ORDER_MOST },
      { .name = "relay", .kind = FIELD_INT, .least = RELAY_LOAD, .most = RELAY_SIGNALS, .help = { { "0: нагрузки, 1–32: сигнализации, выходы модулей", "0: the load's, 1 to 32: of signals, outputs of modules" } } },
      { .name = "action", .kind = FIELD_WORD, .flags = REQUIRED, .words = outputs }, { .name = "reason", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = REASON_MOST });
SHAPE(shape_planned_device, "RelayPlanned", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "allowed", .kind = FIELD_BOOL }, { .name = "text", .kind = FIELD_TEXT }, RELAY_STATES);
SHAPE(shape_planned, "RelayPlanMade", { .name = "token", .kind = FIELD_TEXT }, { .name = "expires", .kind = FIELD_TIME }, { .name = "allowed", .kind = FIELD_INT },
      { .name = "devices", .kind = FIELD_LIST, .shape = &shape_planned_device });
SHAPE(shape_operate, "RelayOperate", { .name = "token", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = PLAN_TOKEN_MAX - 1 });

static struct relay_status status_of(const struct store_relay *r)
{
    return (struct relay_status){ r->number, r->output, r->control, r->mode, r->lock };
}

static void put_number(struct json_writer *j, const char *key, int64_t value)
{
    if (value == RELAY_UNKNOWN)
        json_put_null(j, key);
    else
        json_put_int(j, key, value);
}

static void put_word(struct json_writer *j, const char *key, const char *const *words, int64_t value, int64_t most)
{
    if (value < 0 || value > most)
        json_put_null(j, key);
    else
        json_put_text(j, key, words[value]);
}

static void put_states(struct call *c, const struct relay_status *s, int64_t read_ms)
{
    put_word(&c->out, "output", outputs, s->output, 1);
    json_put_text(&c->out, "output_text", relay_output_text(s->output, c->lang));
    put_word(&c->out, "control", controls, s->control, 2);
    json_put_text(&c->out, "control_text", relay_control_text(s->control, c->lang));
    put_number(&c->out, "mode", s->mode);
    json_put_text(&c->out, "mode_text", relay_mode_text(s->mode, c->lang));
    put_number(&c->out, "lock", s->lock);
    json_put_text(&c->out, "lock_text", relay_lock_text(s->lock, c->lang));
    json_put_utc(&c->out, "read", read_ms);
}

/* --- as last read ----------------------------------------------------------------------------------------------------------------- */

/* A relay that fits, with what it is sorted by. */
struct listed {
    struct store_relay relay;
    const char *text; /* in the call's arena */
    int64_t number;
};

struct relay_list {
    struct call *c;
    struct listed *relays;
    size_t count, room;
    const struct store_relay *relay; /* being looked at */
    enum relay_sort sort;
    char search[256];
    struct meter_set group;
    const char *output;
    int locked; /* -1: any */
};

static bool keep_relay(void *context, const struct store_relay *r)
{
    struct relay_list *l = context;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        l->relays = memory_grow(l->relays, l->room * sizeof *l->relays, room * sizeof *l->relays);
        l->room = room;
    }
    l->relays[l->count++] = (struct listed){ .relay = *r, .text = "" };
    return true;
}

static bool fits(const struct relay_list *l, const struct roster_row *row)
{
    char line[800], folded[800];
    const struct store_relay *r = l->relay;
    snprintf(line, sizeof line, "%s\n%s\n%s", row->serial, row->title, row->group);
    text_fold(line, folded, sizeof folded);
    bool output = !l->output || (r->output != RELAY_UNKNOWN && strcmp(l->output, outputs[r->output != 0]) == 0);
    bool locked = l->locked < 0 || (r->lock > 0) == l->locked;
    return output && locked && meter_set_has(&l->group, row->id) && strstr(folded, l->search);
}

static const char *text_for(struct relay_list *l, const struct roster_row *row)
{
    const char *text = l->sort == BY_SERIAL ? row->serial : l->sort == BY_TITLE ? row->title : l->sort == BY_GROUP ? row->group : "";
    return *text ? arena_text(l->c->arena, bytes_of_text(text)) : "";
}

static int64_t number_for(enum relay_sort sort, const struct store_relay *r)
{
    switch (sort) {
    case BY_RELAY: return r->number;
    case BY_OUTPUT: return r->output;
    case BY_CONTROL: return r->control;
    case BY_MODE: return r->mode;
    case BY_LOCK: return r->lock;
    case BY_READ: return r->read_ms;
    default: return 0;
    }
}

static void keep_fitting(void *context, const struct roster_row *row)
{
    struct relay_list *l = context;
    if (fits(l, row))
        l->relays[l->count++] = (struct listed){ *l->relay, text_for(l, row), number_for(l->sort, l->relay) };
}

static int compare_relays(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    order = order ? order : (x->number > y->number) - (x->number < y->number);
    order = order ? order : (x->relay.device > y->relay.device) - (x->relay.device < y->relay.device);
    return order ? order : x->relay.number - y->relay.number;
}

/* Of those there are, the ones that fit, in order. */
static void select_relays(struct relay_list *l)
{
    size_t known = l->count;
    l->count = 0; /* who fits moves forward, over one who was looked at */
    for (size_t i = 0; i < known; i++) {
        struct store_relay r = l->relays[i].relay;
        l->relay = &r;
        roster_look(l->c->api->roster, r.device, l->c->caller.project, keep_fitting, l);
    }
    if (l->count)
        qsort(l->relays, l->count, sizeof *l->relays, compare_relays);
}

static void put_relay(void *context, const struct roster_row *row)
{
    struct relay_list *l = context;
    struct call *c = l->c;
    struct relay_status s = status_of(l->relay);
    enum relay_refusal why = relay_may(&s, s.output != 1);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "device", row->id);
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    json_put_text(&c->out, "group", row->group);
    json_put_int(&c->out, "relay", s.number);
    json_put_text(&c->out, "relay_text", relay_title(s.number, c->lang));
    put_states(c, &s, l->relay->read_ms);
    json_put_bool(&c->out, "remote", why == RELAY_ALLOWED);
    json_put_text(&c->out, "remote_text", relay_refusal_text(why, c->lang));
    json_put_end(&c->out);
}

static void list_relays(struct call *c)
{
    struct relay_list l = { .c = c, .sort = (enum relay_sort)word_place(sorts, call_text(c->query, "sort", sorts[BY_DEVICE])), .group = call_group(c, c->query), .output = call_text(c->query, "output", NULL),
                            .locked = json_object_get(c->query, "locked") ? call_bool(c->query, "locked", false) : -1 };
    text_fold(call_text(c->query, "search", ""), l.search, sizeof l.search);
    if (call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) && call_good(c, store_relays(c->api->store, 0, keep_relay, &l), REFUSE_IN_USE)) {
        bool descending = strcmp(call_text(c->query, "order", "asc"), "desc") == 0;
        select_relays(&l);
        size_t skip = call_skip(c), end = skip + call_take(c);
        json_put_object(&c->out, NULL);
        json_put_list(&c->out, "items");
        for (size_t i = skip; i < l.count && i < end; i++) {
            l.relay = &l.relays[descending ? l.count - 1 - i : i].relay;
            roster_look(c->api->roster, l.relay->device, c->caller.project, put_relay, &l);
        }
        json_put_end(&c->out);
        json_put_int(&c->out, "total", (int64_t)l.count);
        json_put_end(&c->out);
    }
    free(l.relays);
}

static void read_relays(struct call *c)
{
    static const struct phrase title = { { "Чтение состояний реле", "Reading relays" } };
    int64_t *ids;
    struct task_order o = { .project = c->caller.project, .title = phrase_in(&title, c->lang), .work = "states;", .reason = "", .initiator = "HES", .request = "",
                            .who = { c->caller.person, c->caller.login, NULL } };
    if (!order_devices(c, &ids, &o.count))
        return;
    o.devices = ids;
    if (order_run(c, &o))
        call_note(c, NOTE_RUN_START, o.title, NULL, call_json(c, c->body));
}

/* --- switching, in two steps --------------------------------------------------------------------------------------------------------- */

struct planning {
    struct call *c;
    struct store_relay known;
    bool found;
    int relay;
    bool on, allowed;
};

static bool find_relay(void *context, const struct store_relay *r)
{
    struct planning *p = context;
    if (r->number == p->relay) {
        p->known = *r;
        p->found = true;
    }
    return !p->found;
}

/* What is known decides only what is said: the meter is asked again before it is switched. */
static void put_planned(void *context, const struct roster_row *row)
{
    static const struct phrase unread = { { "реле ещё не читалось: решит состояние при выполнении", "the relay was not read yet: what it shows then decides" } };
    struct planning *p = context;
    struct call *c = p->c;
    struct relay_status s = p->found ? status_of(&p->known) : relay_nothing(p->relay);
    enum relay_refusal why = p->found ? relay_may(&s, p->on) : RELAY_ALLOWED;
    p->allowed = why == RELAY_ALLOWED;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "device", row->id);
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    json_put_bool(&c->out, "allowed", p->allowed);
    json_put_text(&c->out, "text", p->found ? relay_refusal_text(why, c->lang) : phrase_in(&unread, c->lang));
    put_states(c, &s, p->found ? p->known.read_ms : 0);
    json_put_end(&c->out);
}

/* Only devices that may be switched by what is known are in the plan. */
static void plan_order(struct call *c)
{
    struct relay_plan plan = { .project = c->caller.project, .person = c->caller.person, .relay = (int)call_int(c->body, "relay", RELAY_LOAD),
                               .on = strcmp(call_text(c->body, "action", "off"), "on") == 0 };
    int64_t *ids;
    size_t count;
    snprintf(plan.reason, sizeof plan.reason, "%s", call_text(c->body, "reason", ""));
    if (!order_devices(c, &ids, &count))
        return;
    plan.devices = ids;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "devices");
    for (size_t i = 0; i < count; i++) {
        struct planning p = { .c = c, .relay = plan.relay, .on = plan.on };
        store_relays(c->api->store, ids[i], find_relay, &p);
        roster_look(c->api->roster, ids[i], c->caller.project, put_planned, &p);
        if (p.allowed)
            plan.devices[plan.count++] = ids[i];
    }
    json_put_end(&c->out);
    relay_plans_add(c->api->plans, &plan, clock_utc_ms());
    json_put_text(&c->out, "token", plan.token);
    json_put_utc(&c->out, "expires", plan.expires_ms);
    json_put_int(&c->out, "allowed", (int64_t)plan.count);
    json_put_end(&c->out);
}

static const char *order_title(struct call *c, const struct relay_plan *plan)
{
    static const struct phrase on = { { "Включить: %s", "Switch on: %s" } }, off = { { "Отключить: %s", "Switch off: %s" } };
    char *title = arena_take(c->arena, 200);
    snprintf(title, 200, phrase_in(plan->on ? &on : &off, c->lang), relay_title(plan->relay, c->lang));
    return title;
}

static void note_order(struct call *c, const struct relay_plan *plan, const char *title)
{
    json_t *devices = json_array(), *order = json_pack("{s:s, s:i, s:s}", "action", outputs[plan->on], "relay", plan->relay, "reason", plan->reason);
    for (size_t i = 0; i < plan->count; i++)
        json_array_append_new(devices, json_integer(plan->devices[i]));
    json_object_set_new(order, "devices", devices);
    call_note(c, NOTE_RELAY_ORDER, title, NULL, call_json(c, order));
    json_decref(order);
}

/* A device deleted since the plan is absent in the run. */
static void operate(struct call *c)
{
    struct relay_plan plan;
    char work[40], request[16 + PLAN_TOKEN_MAX];
    const char *token = call_text(c->body, "token", "");
    if (!relay_plans_find(c->api->plans, token, c->caller.project, c->caller.person, clock_utc_ms(), &plan)) {
        call_wrong_field(c, "token", c->lang == LANG_RU ? "подтверждение просрочено: начните заново" : "the confirmation is too late: begin again");
        return;
    }
    snprintf(work, sizeof work, "command %s %d;", command_names[plan.on ? COMMAND_RELAY_ON : COMMAND_RELAY_OFF], plan.relay);
    snprintf(request, sizeof request, "relay:%s", token);
    struct task_order o = { .project = c->caller.project, .title = order_title(c, &plan), .work = work, .reason = plan.reason, .initiator = "HES", .request = request,
                            .who = { c->caller.person, c->caller.login, NULL }, .devices = plan.devices, .count = plan.count };
    if (plan.count == 0)
        call_wrong_field(c, "token", c->lang == LANG_RU ? "ни одним из реле нельзя управлять" : "none of the relays may be switched");
    else if (order_run(c, &o))
        note_order(c, &plan, o.title);
    free(plan.devices);
}

static const struct route rows[] = {
    { "GET", V1 "/relays", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_relay_query, NULL, &shape_relay, NULL, 0, list_relays, { { "реле, как они прочитаны последний раз", "relays as last read" } } },
    { "POST", V1 "/relays/read", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, &shape_read, &shape_run, NULL, 0, read_relays, { { "прочитать состояния реле", "read relays" } } },
    { "POST", V1 "/relays/plan", MAY_WRITE_DEVICES, 0, NULL, &shape_plan, &shape_planned, NULL, 0, plan_order, { { "подготовить управление реле: что допускается", "plan a relay order: what is allowed" } } },
    { "POST", V1 "/relays/operate", MAY_WRITE_DEVICES, 0, NULL, &shape_operate, &shape_run, NULL, 0, operate, { { "подтвердить управление реле", "confirm a relay order" } } },
};

ROUTE_TABLE(rows);
