/* Meters behind gateways: what a run wants of one is ordered at its gateway, whose result becomes ours; see far.h. What the meter
 * said has come by the gateway's push when the result is here, so nothing is stored in this file. */
#include "collect/collector_inside.h"
#include "collect/teller.h"

#include "base/clock.h"
#include "collect/story.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS_ROOM = 2000 };

struct far_asking {
    struct far_call call;   /* the first member: `done` gets it */
    struct shard *shard;
    struct line_run *line;
    struct visit *v;
    struct task *task;
    struct work owed;       /* of a run that collects debts */
    enum fault fault;
    char detail[FAR_DETAIL_MAX];
    bool over, dropped, asked;
    int64_t begun_ms, begun_utc_ms;
    struct relay_order order;
    bool ordered;
};

void collector_reach(struct collector *c, struct far_hand *hand)
{
    pthread_mutex_lock(&c->far_lock);
    c->hand = hand;
    while (!hand && c->far_calls)
        pthread_cond_wait(&c->far_over, &c->far_lock);
    pthread_mutex_unlock(&c->far_lock);
}

struct pipe *collector_far_pipe(struct collector *c, const struct link_address *a)
{
    pthread_mutex_lock(&c->far_lock);
    struct far_hand *hand = a->interface ? c->hand : NULL;
    struct pipe *pipe = hand ? hand->pipe(hand, a->gateway, a->interface) : link_address_pipe(a);
    pthread_mutex_unlock(&c->far_lock);
    return hand ? link_address_filters(a, pipe) : pipe;
}

/* --- asking ---------------------------------------------------------------------------------------------------------------- */

static void wake(void *argument)
{
    struct far_asking *a = argument;
    a->over = true;
    task_wake(a->task);
}

/* On any thread. Who asked goes on in his own time; the hand may be taken away from here on. */
static void done(struct far_call *call)
{
    struct far_asking *a = (struct far_asking *)call;
    struct collector *c = a->shard->collector;
    loop_post(a->shard->loop, wake, a);
    pthread_mutex_lock(&c->far_lock);
    if (--c->far_calls == 0)
        pthread_cond_broadcast(&c->far_over);
    pthread_mutex_unlock(&c->far_lock);
}

static void name_request(char request[FAR_REQUEST_TEXT])
{
    uint8_t random[(FAR_REQUEST_TEXT - 1) / 2];
    struct text t = text_over(request, FAR_REQUEST_TEXT);
    RAND_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        text_printf(&t, "%02x", random[i]);
}

static void ask(void *argument)
{
    struct far_asking *a = argument;
    struct collector *c = a->shard->collector;
    const struct run_options *o = &a->v->run->options;
    a->owed.owed = true;
    a->call = (struct far_call){ .gateway = a->v->ways[0].gateway, .meter = a->v->meter->id, .work = a->v->run->work ? a->v->run->work : &a->owed,
                                 .title = o->title ? o->title : "", .reason = o->reason ? o->reason : "", .login = o->login ? o->login : "", .done = done };
    a->call.command = a->call.work->commands > 0;
    name_request(a->call.request);
    pthread_mutex_lock(&c->far_lock);
    struct far_hand *hand = c->hand;
    c->far_calls += hand != NULL;
    pthread_mutex_unlock(&c->far_lock);
    a->asked = hand != NULL;
    if (hand)
        hand->ask(hand, &a->call);
}

/* While a call is under way its hand stays. */
static void drop(void *argument)
{
    struct far_asking *a = argument;
    struct collector *c = a->shard->collector;
    pthread_mutex_lock(&c->far_lock);
    struct far_hand *hand = c->hand;
    pthread_mutex_unlock(&c->far_lock);
    if (hand)
        hand->drop(hand, &a->call);
}

static void wait(struct far_asking *a)
{
    while (a->asked && !a->over) {
        if (!task_cancelled() || a->dropped) {
            if (a->dropped)
                task_park_firmly(LOOP_NEVER);
            else
                task_park(LOOP_NEVER);
            continue;
        }
        a->dropped = true;
        task_aside(drop, a);
    }
}

/* --- what it comes to -------------------------------------------------------------------------------------------------------- */

static void take_result(struct far_asking *a)
{
    bool silent = !a->asked;
    a->fault = silent ? FAULT_NO_CONNECTION : a->call.fault;
    snprintf(a->detail, sizeof a->detail, "%s", silent ? "!gateway-none" : a->call.detail);
    if (a->fault == FAULT_NONE && a->call.result >= RUN_CANCELLED_BY_SCHEDULE)
        a->fault = a->call.result == RUN_INTERRUPTED ? FAULT_SESSION_LOST : FAULT_CANCELLED;
    if (a->fault == FAULT_NONE && a->call.result != RUN_SUCCESS && a->call.result != RUN_PARTIAL)
        a->fault = story_fault(a->call.notes ? a->call.notes : "");
}

static void keep_account(struct far_asking *a)
{
    struct visit *v = a->v;
    struct account *k = v->account;
    bool told = a->fault == FAULT_NONE || a->call.story, cancelled = a->fault == FAULT_CANCELLED;
    char notes[STORY_NOTES_MAX], steps[STEPS_ROOM];
    struct text n = text_over(notes, sizeof notes), s = text_over(steps, sizeof steps);
    int64_t now = clock_utc_ms();
    k->readings += (size_t)a->call.readings;
    k->events += (size_t)a->call.events;
    k->ended_ms = now;
    story_step(&s, a->begun_utc_ms, "begin %d %s", k->tries, a->line->title);
    story_keep(&k->story, steps, k->tries > 1, STORY_STEPS_MAX);
    if (a->call.story)
        story_keep(&k->story, a->call.story, true, STORY_STEPS_MAX);
    s = text_over(steps, sizeof steps);
    if (!told || a->fault != FAULT_NONE)
        story_step(&s, now, "end %s %s", fault_name(a->fault), a->detail);
    if (!cancelled) {
        bool theirs = a->call.fault == FAULT_NONE && a->asked && a->call.result != RUN_INTERRUPTED;
        k->result = a->fault != FAULT_NONE ? RUN_ERROR : a->call.result;
        if (theirs && a->call.result == RUN_ABSENT)
            k->result = RUN_ABSENT;
        if (!theirs)
            story_note(&n, "session", a->fault, a->detail);
        story_keep(&k->notes, theirs && a->call.notes ? a->call.notes : notes, false, STORY_NOTES_MAX);
        visit_plan_restart(v, &s, now);
    }
    story_keep(&k->story, steps, true, STORY_STEPS_MAX);
    a->ordered = a->call.story && story_relay(a->call.story, &a->order);
    visit_begin_anew(v);
}

static void tell(struct far_asking *a)
{
    struct visit *v = a->v;
    struct collector_run *r = v->run;
    static const struct account none = { 0 };
    const struct account *account = v->account ? v->account : &none;
    bool cancelled = a->fault == FAULT_CANCELLED;
    char sentence[400], notes[STORY_NOTES_MAX];
    struct text t = text_over(sentence, sizeof sentence), n = text_over(notes, sizeof notes);
    atomic_fetch_add(&r->sessions, 1);
    atomic_fetch_add(&r->readings, (size_t)a->call.readings);
    atomic_fetch_add(&r->events, (size_t)a->call.events);
    if (!v->due_us && !cancelled)
        atomic_fetch_add(a->fault == FAULT_NONE ? &r->done : &r->failed, 1);
    if (!r->options.told || (cancelled && !r->work))
        return;
    if (a->fault != FAULT_NONE && a->asked && a->call.fault == FAULT_NONE && a->call.notes)
        story_sentence(a->call.notes, r->collector->options.lang, &t);
    else if (a->fault != FAULT_NONE) {
        story_note(&n, "session", a->fault, a->detail);
        story_sentence(n.start, r->collector->options.lang, &t);
    }
    struct relay_status after = a->ordered ? (relay_exists(&a->order.after) ? a->order.after : a->order.before) : relay_nothing(0);
    r->options.told(r->options.context, &(struct collector_news){
        .meter = v->meter->id, .serial = v->row->serial, .title = v->row->title, .fault = a->fault, .sentence = sentence, .readings = (size_t)a->call.readings,
        .events = (size_t)a->call.events, .took_ms = clock_monotonic_ms() - a->begun_ms, .last = !v->due_us || r->options.endless,
        .relays = &after, .relay_count = relay_exists(&after), .result = account->result, .notes = account->notes ? account->notes : "",
        .story = account->story ? account->story : "", .tries = account->tries, .all_readings = account->readings, .all_events = account->events,
        .begun_ms = account->begun_ms, .ended_ms = account->ended_ms, .order = a->ordered ? &a->order : NULL });
}

static void conclude(void *argument)
{
    struct far_asking *a = argument;
    a->v->turns++;
    take_result(a);
    if (a->v->account)
        keep_account(a);
    tell(a);
}

void collector_ask_far(struct shard *shard, struct line_run *line, struct visit *v)
{
    struct far_asking *a = memory_new(sizeof *a);
    a->shard = shard;
    a->line = line;
    a->v = v;
    a->task = task_self();
    a->begun_ms = clock_monotonic_ms();
    a->begun_utc_ms = clock_utc_ms();
    v->again = false;
    v->due_us = 0;
    if (v->account) {
        v->account->tries++;
        v->account->begun_ms = v->account->begun_ms ? v->account->begun_ms : a->begun_utc_ms;
    }
    atomic_fetch_add(&v->run->running, 1);
    task_aside(ask, a);
    wait(a);
    line_storing(shard, line, v); /* it talks no more */
    line_stored(line);
    task_aside(conclude, a);
    atomic_fetch_sub(&v->run->running, 1);
    free(a->call.notes);
    free(a->call.story);
    free(a);
}
