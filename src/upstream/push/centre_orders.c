/* Orders at the gateway; see centre_orders.h. An order that is under way when the connection breaks goes on: its result waits, or is
 * asked for again by the same request and found in the store. */
#include "upstream/push/centre_orders.h"
#include "base/log.h"
#include "store/registry/registry.h"
#include "store/upward/feed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct order {
    struct order *next;
    char request[PUSH_REQUEST_MAX];
    int64_t meter, run, position;
    int result;          /* RUN_PENDING: none yet */
    bool from_store;     /* its result is to be read there */
    const char *reason;  /* of a refusal */
    struct store_run_device row; /* texts on the heap */
};

struct centre_orders {
    struct task_ear ear;
    struct store *store;
    struct task_service *tasks;
    void (*stirred)(void *context);
    void *context;
    pthread_mutex_t lock; /* guards the list; held while an order is begun, so that its run is known when the ear hears of it */
    struct order *first;
    size_t count;
};

/* ---- what comes of runs ---- */

static struct order *order_of_run(struct centre_orders *o, int64_t run)
{
    struct order *one = o->first;
    while (one && (one->run != run || one->result != RUN_PENDING))
        one = one->next;
    return one;
}

static void hear_outcome(struct task_ear *ear, int64_t run, const struct store_run_device *d)
{
    struct centre_orders *o = (struct centre_orders *)ear;
    pthread_mutex_lock(&o->lock);
    struct order *one = order_of_run(o, run);
    if (one && one->meter == d->device) {
        one->row = *d;
        one->row.notes = strdup(d->notes);
        one->row.story = strdup(d->story);
        one->result = (int)d->result;
    }
    pthread_mutex_unlock(&o->lock);
    if (one)
        o->stirred(o->context);
}

static void hear_end(struct task_ear *ear, int64_t run)
{
    struct centre_orders *o = (struct centre_orders *)ear;
    pthread_mutex_lock(&o->lock);
    struct order *one = order_of_run(o, run);
    if (one)
        one->from_store = true;
    pthread_mutex_unlock(&o->lock);
    if (one)
        o->stirred(o->context);
}

/* ---- taking ---- */

static struct order *order_of_request(struct centre_orders *o, const char *request)
{
    struct order *one = o->first;
    while (one && strcmp(one->request, request) != 0)
        one = one->next;
    return one;
}

static struct order *order_add(struct centre_orders *o, const char *request, int64_t meter)
{
    struct order *one = memory_new(sizeof *one);
    snprintf(one->request, sizeof one->request, "%s", request);
    one->meter = meter;
    one->next = o->first;
    o->first = one;
    o->count++;
    return one;
}

static void refuse(struct order *one, int result, const char *reason)
{
    one->result = result;
    one->reason = reason;
}

/* A request that was served before is not served again: its run tells what came of it. */
static bool find_known(struct centre_orders *o, struct order *one, const struct store_meter *m)
{
    if (store_run_of_request(o->store, m->project, one->request, &one->run) != FAULT_NONE)
        return false;
    one->from_store = true;
    return true;
}

static void begin(struct centre_orders *o, struct order *one, const struct store_meter *m, const json_t *order)
{
    const char *login = json_string_value(json_object_get(order, "login")), *title = json_string_value(json_object_get(order, "title"));
    const char *reason = json_string_value(json_object_get(order, "reason")), *work = json_string_value(json_object_get(order, "work"));
    char who[80];
    bool again = false;
    snprintf(who, sizeof who, "HES: %.60s", login ? login : "");
    struct task_order t = { .project = m->project, .title = title ? title : "", .work = work ? work : "", .reason = reason ? reason : "", .initiator = "HES",
                            .request = one->request, .who = { .login = who }, .devices = &m->id, .count = 1 };
    store_feed_last(o->store, &one->position);
    enum fault f = tasks_order(o->tasks, &t, &one->run, &again);
    if (f != FAULT_NONE)
        refuse(one, PUSH_REFUSED, f == FAULT_SETTING ? "work" : "store");
    one->from_store = again;
}

void centre_orders_take(struct centre_orders *o, const json_t *order)
{
    const char *request = json_string_value(json_object_get(order, "request"));
    int64_t number = json_integer_value(json_object_get(order, "number"));
    bool known = json_is_true(json_object_get(order, "known"));
    struct arena a = { 0 };
    struct store_meter m;
    if (!request || !*request || strlen(request) >= PUSH_REQUEST_MAX)
        return;
    pthread_mutex_lock(&o->lock);
    if (!order_of_request(o, request)) {
        struct order *one = order_add(o, request, number);
        enum fault f = store_meter_get(o->store, number, &a, &m);
        if (f != FAULT_NONE)
            refuse(one, PUSH_REFUSED, f == FAULT_NO_DATA ? "meter" : "store");
        else if (find_known(o, one, &m))
            ;
        else if (known)
            refuse(one, PUSH_UNKNOWN, "");
        else if (o->count > PUSH_ORDERS_MAX)
            refuse(one, PUSH_REFUSED, "busy");
        else
            begin(o, one, &m, order);
    }
    pthread_mutex_unlock(&o->lock);
    arena_free(&a);
    o->stirred(o->context);
}

void centre_orders_cancel(struct centre_orders *o, const char *request)
{
    pthread_mutex_lock(&o->lock);
    const struct order *one = order_of_request(o, request);
    int64_t run = one ? one->run : 0;
    pthread_mutex_unlock(&o->lock);
    if (run)
        tasks_cancel(o->tasks, run, RUN_CANCELLED_BY_USER);
}

/* ---- telling ---- */

/* Under the lock: of a run that is over, or of one that was asked for again. */
static void read_result(struct centre_orders *o, struct order *one)
{
    struct arena a = { 0 };
    struct store_run run;
    struct store_run_device d;
    enum fault f = store_run_device_get(o->store, one->run, one->meter, &a, &d);
    if (f == FAULT_NONE && d.result != RUN_PENDING && store_run_get(o->store, one->run, &a, &run) == FAULT_NONE) {
        one->row = d;
        one->row.notes = strdup(d.notes);
        one->row.story = strdup(d.story);
        one->result = (int)d.result;
    } else if (f == FAULT_NO_DATA) {
        refuse(one, PUSH_UNKNOWN, "");
    }
    one->from_store = false;
    arena_free(&a);
}

static json_t *result_json(const struct order *one)
{
    json_t *r = json_pack("{s:s,s:s}", "request", one->request, "result", push_result_name(one->result));
    if (one->reason)
        json_object_set_new(r, "reason", json_string(one->reason));
    json_object_set_new(r, "notes", json_string(one->row.notes ? one->row.notes : ""));
    json_object_set_new(r, "story", json_string(one->row.story ? one->row.story : ""));
    json_object_set_new(r, "readings", json_integer(one->row.readings));
    json_object_set_new(r, "events", json_integer(one->row.events));
    json_object_set_new(r, "tries", json_integer(one->row.tries));
    json_object_set_new(r, "begun", json_integer(one->row.begun_ms));
    json_object_set_new(r, "ended", json_integer(one->row.ended_ms));
    return r;
}

static void order_free(struct order *one)
{
    free((void *)(uintptr_t)one->row.notes);
    free((void *)(uintptr_t)one->row.story);
    free(one);
}

bool centre_orders_next(struct centre_orders *o, struct centre_outcome *ret)
{
    bool found = false;
    pthread_mutex_lock(&o->lock);
    for (struct order **at = &o->first; *at && !found; at = found ? at : &(*at)->next) {
        struct order *one = *at;
        if (one->result == RUN_PENDING && one->from_store)
            read_result(o, one);
        if (one->result == RUN_PENDING)
            continue;
        *ret = (struct centre_outcome){ one->meter, one->position, result_json(one) };
        *at = one->next;
        o->count--;
        order_free(one);
        found = true;
    }
    pthread_mutex_unlock(&o->lock);
    return found;
}

size_t centre_orders_count(struct centre_orders *o)
{
    pthread_mutex_lock(&o->lock);
    size_t count = o->count;
    pthread_mutex_unlock(&o->lock);
    return count;
}

/* ---- its life ---- */

struct centre_orders *centre_orders_new(struct store *s, struct task_service *tasks, void (*stirred)(void *context), void *context)
{
    struct centre_orders *o = memory_new(sizeof *o);
    *o = (struct centre_orders){ .ear = { .outcome = hear_outcome, .ended = hear_end }, .store = s, .tasks = tasks, .stirred = stirred, .context = context };
    pthread_mutex_init(&o->lock, NULL);
    tasks_listen(tasks, &o->ear);
    return o;
}

void centre_orders_free(struct centre_orders **orders)
{
    struct centre_orders *o = *orders;
    *orders = NULL;
    if (!o)
        return;
    tasks_deafen(o->tasks, &o->ear);
    while (o->first) {
        struct order *next = o->first->next;
        order_free(o->first);
        o->first = next;
    }
    pthread_mutex_destroy(&o->lock);
    free(o);
}
