/* Orders to gateways: what the collector wants of a meter goes down its gateway's connection, and what came of it comes back; see
 * gateways_inside.h and collect/far.h.
 *
 * An order is sent once. When the connection breaks before its result, it is asked for again by its request, for what came of it
 * only: an order that the gateway never got is not carried out late. */
#include "upstream/push/gateways_inside.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOST_MS = 60000, LATE_MS = 20 * 60000, DROP_MS = 10000 };

struct far_errand {
    struct far_errand *next;
    struct far_call *call;
    int64_t gateway;
    char request[FAR_REQUEST_TEXT];
    bool sent, dropped, told_drop;
    int64_t begun_ms, lost_ms, dropped_ms; /* monotonic; 0: not */
};

struct far_errand *desk_next(const struct far_errand *e)
{
    return e->next;
}

int64_t desk_gateway(const struct far_errand *e)
{
    return e->gateway;
}

/* Takes it out of the list; the caller finishes it outside of the lock. */
static void unlink_errand(struct gateways *g, struct far_errand *e)
{
    struct far_errand **at = &g->errands;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    g->errand_count--;
}

static void finish(struct far_errand *e, enum fault fault, const char *detail)
{
    e->call->fault = fault;
    snprintf(e->call->detail, sizeof e->call->detail, "%s", detail);
    e->call->done(e->call);
    free(e);
}

/* --- from the collector ------------------------------------------------------------------------------------------------------- */

static void flush(void *argument)
{
    struct gateways *g = argument;
    for (struct guest *t = g->guests; t; t = t->next)
        if (t->known && !push_link_over(t->link))
            desk_flush(t, false);
}

/* Since when it is away, and which it is. */
static void put_away(struct gateways *g, int64_t gateway, struct text *t)
{
    struct arena a = { 0 };
    struct store_gateway row;
    enum fault f = store_gateway_get(g->house.store, gateway, &a, &row);
    if (f == FAULT_NONE && row.seen_ms)
        text_printf(t, "!gateway-away %lld %.90s", (long long)row.seen_ms, row.title);
    else
        text_put(t, "!gateway-never");
    arena_free(&a);
}

void desk_ask(struct far_hand *hand, struct far_call *call)
{
    struct gateways *g = (struct gateways *)hand;
    char detail[FAR_DETAIL_MAX];
    struct text t = text_over(detail, sizeof detail);
    struct far_errand *e = memory_new(sizeof *e);
    *e = (struct far_errand){ .call = call, .gateway = call->gateway, .begun_ms = clock_monotonic_ms() };
    memcpy(e->request, call->request, sizeof e->request);
    pthread_mutex_lock(&g->lock);
    bool there = !g->closed && gateways_seen(g, call->gateway)->connected, room = g->errand_count < CALLS_MAX;
    if (there && room) {
        e->next = g->errands;
        g->errands = e;
        g->errand_count++;
    }
    pthread_mutex_unlock(&g->lock);
    if (there && room) {
        loop_post(g->loop, flush, g);
        return;
    }
    if (!there)
        put_away(g, call->gateway, &t);
    else
        text_put(&t, "!gateway-busy");
    finish(e, FAULT_NO_CONNECTION, detail);
}

void desk_drop(struct far_hand *hand, struct far_call *call)
{
    struct gateways *g = (struct gateways *)hand;
    pthread_mutex_lock(&g->lock);
    for (struct far_errand *e = g->errands; e; e = e->next)
        if (e->call == call) {
            e->dropped = true;
            e->dropped_ms = clock_monotonic_ms();
        }
    pthread_mutex_unlock(&g->lock);
    loop_post(g->loop, flush, g);
}

/* --- down the connection -------------------------------------------------------------------------------------------------------- */

struct writing {
    const struct work *work;
    char text[WORK_TEXT_MAX];
};

static void write_work(void *argument)
{
    struct writing *w = argument;
    struct text t = text_over(w->text, sizeof w->text);
    work_write(w->work, &t);
}

/* Under the lock, which keeps the call. False when the gateway has no such meter. */
static bool send(struct guest *t, struct far_errand *e, bool known)
{
    const struct guest_meter *m = guest_meter_of(t, e->call->meter);
    if (!m)
        return false;
    struct writing *w = memory_new(sizeof *w);
    w->work = e->call->work;
    write_work(w);
    push_link_tell_json(t->link, PUSH_ORDER, json_pack("{s:s,s:I,s:s,s:s,s:s,s:s,s:b}", "request", e->request, "number", (json_int_t)m->number, "work", w->text,
                                                       "title", e->call->title, "reason", e->call->reason, "login", e->call->login, "known", known));
    free(w);
    e->sent = true;
    e->lost_ms = 0;
    return true;
}

static void tell_drop(struct guest *t, struct far_errand *e)
{
    push_link_tell_json(t->link, PUSH_CANCEL, json_pack("{s:s}", "request", e->request));
    e->told_drop = true;
}

struct flushing {
    struct guest *guest;
    bool fresh;
};

/* On the loop's stack. */
static void do_flush(void *argument)
{
    struct flushing *f = argument;
    struct guest *t = f->guest;
    struct gateways *g = t->house;
    struct far_errand *unknown = NULL, *next;
    pthread_mutex_lock(&g->lock);
    for (struct far_errand *e = g->errands; e; e = next) {
        next = e->next;
        if (e->gateway != t->row.id)
            continue;
        bool good = e->sent && !f->fresh ? true : send(t, e, e->sent);
        if (good && e->dropped && !e->told_drop)
            tell_drop(t, e);
        if (good)
            continue;
        unlink_errand(g, e);
        e->next = unknown;
        unknown = e;
    }
    pthread_mutex_unlock(&g->lock);
    for (; unknown; unknown = next) {
        next = unknown->next;
        finish(unknown, FAULT_SETTING, "!gateway-meter");
    }
}

void desk_flush(struct guest *t, bool fresh)
{
    do_flush(&(struct flushing){ t, fresh });
}

void desk_lost(struct guest *t)
{
    struct gateways *g = t->house;
    pthread_mutex_lock(&g->lock);
    for (struct far_errand *e = g->errands; e; e = e->next)
        if (e->gateway == t->row.id)
            e->lost_ms = clock_monotonic_ms();
    pthread_mutex_unlock(&g->lock);
}

/* --- up again ---------------------------------------------------------------------------------------------------------------------- */

static struct far_errand *take_errand(struct guest *t, const char *request)
{
    struct gateways *g = t->house;
    pthread_mutex_lock(&g->lock);
    struct far_errand *e = g->errands;
    while (e && (e->gateway != t->row.id || strcmp(e->request, request) != 0))
        e = e->next;
    if (e)
        unlink_errand(g, e);
    pthread_mutex_unlock(&g->lock);
    return e;
}

static int64_t count_in(const json_t *result, const char *key)
{
    int64_t count = push_int(result, key);
    return count < 0 ? 0 : count > INT32_MAX ? INT32_MAX : count;
}

void desk_result(struct guest *t, const json_t *result)
{
    struct far_errand *e = take_errand(t, push_text(result, "request"));
    int word = push_result_find(push_text(result, "result"));
    char detail[FAR_DETAIL_MAX];
    if (!e)
        return;
    struct far_call *call = e->call;
    if (word >= RUN_RESULTS || word == RUN_PENDING) {
        snprintf(detail, sizeof detail, "!gateway-%.20s", push_text(result, "reason"));
        finish(e, word == PUSH_REFUSED ? FAULT_REFUSED : FAULT_LINK_LOST, word == PUSH_REFUSED ? detail : "!gateway-missed");
        return;
    }
    call->result = (enum run_result)word;
    call->readings = count_in(result, "readings");
    call->events = count_in(result, "events");
    call->tries = count_in(result, "tries");
    call->notes = strdup(push_text(result, "notes"));
    call->story = strdup(push_text(result, "story"));
    finish(e, FAULT_NONE, "");
}

/* --- what does not come ---------------------------------------------------------------------------------------------------------------- */

/* Why it is not waited for any longer; NULL: it is. */
static const char *given_up(const struct far_errand *e, int64_t now)
{
    if (e->lost_ms && !e->sent)
        return "!gateway-missed";
    if (e->lost_ms && now - e->lost_ms >= LOST_MS)
        return "!gateway-lost";
    return now - e->begun_ms >= LATE_MS ? "!gateway-late" : NULL;
}

static void give_up(struct gateways *g, bool all)
{
    struct far_errand *over = NULL, *next;
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&g->lock);
    for (struct far_errand *e = g->errands; e; e = next) {
        next = e->next;
        bool dropped = e->dropped && (!e->sent || now - e->dropped_ms >= DROP_MS);
        if (!all && !dropped && !given_up(e, now))
            continue;
        unlink_errand(g, e);
        e->next = over;
        over = e;
    }
    pthread_mutex_unlock(&g->lock);
    for (; over; over = next) {
        next = over->next;
        const char *why = given_up(over, now);
        finish(over, over->dropped ? FAULT_CANCELLED : FAULT_LINK_LOST, over->dropped ? "" : why ? why : "!gateway-lost");
    }
}

void desk_beat(struct gateways *g)
{
    give_up(g, false);
}

void desk_close(struct gateways *g)
{
    pthread_mutex_lock(&g->lock);
    g->closed = true;
    pthread_mutex_unlock(&g->lock);
    give_up(g, true);
}
