/* Collection; see collector.h. Runs: begun, watched, cancelled, ended; passes are runs over everybody. */
#include "collect/collector_inside.h"

#include "base/log.h"
#include "collect/story.h"

#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 2000, THREADS_MAX = 64, RANK_OF_CLASS = 1000 };

/* --- counters over the store ------------------------------------------------------------------------------------------ */

static bool reserve(struct counters *counters, const char *name, uint32_t at_least, uint32_t count, uint32_t *ret_first)
{
    struct collector *c = (struct collector *)((char *)counters - offsetof(struct collector, counters));
    int64_t first;
    if (store_counter_reserve(c->store, name, at_least, count, &first) != FAULT_NONE || first + count > UINT32_MAX)
        return false;
    *ret_first = (uint32_t)first;
    return true;
}

struct collector *collector_new(struct store *s, struct writer_thread *w, const struct collector_options *options)
{
    struct collector *c = memory_new(sizeof *c);
    c->store = s;
    c->writer = w;
    c->options = *options;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->far_lock, NULL);
    pthread_cond_init(&c->far_over, NULL);
    if (c->options.threads <= 0)
        c->options.threads = 1;
    if (c->options.threads > THREADS_MAX)
        c->options.threads = THREADS_MAX;
    if (c->options.at_once <= 0)
        c->options.at_once = AT_ONCE;
    c->counters.reserve = reserve;
    if (c->options.frame_bytes > 0)
        c->frames = frame_log_new(s, c->options.frame_bytes, c->options.gather_ms);
    c->contacts = contact_log_new(s, c->options.gather_ms * ASIDE_GATHERINGS);
    c->shards = memory_new((size_t)c->options.threads * sizeof *c->shards);
    for (int i = 0; i < c->options.threads; i++)
        shard_begin(&c->shards[i], c);
    return c;
}

void collector_free(struct collector **c)
{
    struct collector *dead = *c;
    *c = NULL;
    if (!dead)
        return;
    collector_run_free(&dead->pass);
    roll_free(&dead->roll);
    for (int i = 0; i < dead->options.threads; i++)
        shard_end(&dead->shards[i]);
    frame_log_free(&dead->frames);
    contact_log_free(&dead->contacts);
    for (size_t i = 0; i < dead->meter_count; i++) {
        free(dead->meters[i]->others);
        free(dead->meters[i]);
    }
    for (size_t i = 0; i < dead->line_count; i++) {
        free(dead->lines[i]->title);
        free(dead->lines[i]->uri);
        line_log_free(&dead->lines[i]->log);
        free(dead->lines[i]);
    }
    pthread_mutex_destroy(&dead->lock);
    pthread_mutex_destroy(&dead->far_lock);
    pthread_cond_destroy(&dead->far_over);
    free(dead->meters);
    free(dead->lines);
    free(dead->shards);
    free(dead);
}

/* --- the end of a run ----------------------------------------------------------------------------------------------------- */

/* Something of the run is over: a visit, or a thread's taking or cancelling of its visits. The last one ends it. */
static void run_less(struct collector_run *r)
{
    pthread_mutex_lock(&r->lock);
    bool last = --r->left == 0;
    pthread_mutex_unlock(&r->lock);
    if (!last)
        return;
    if (r->options.ended)
        r->options.ended(r->options.context);
    pthread_mutex_lock(&r->lock);
    r->ended = true;
    pthread_cond_broadcast(&r->over);
    pthread_mutex_unlock(&r->lock);
}

void visit_done(struct visit *v)
{
    struct collector *c = v->run->collector;
    v->place = VISIT_DONE;
    pthread_mutex_lock(&c->lock);
    for (int w = 0; w < v->way_count; w++)
        v->ways[w].line->visits--;
    pthread_mutex_unlock(&c->lock);
    run_less(v->run);
}

bool collector_running(const struct collector_run *r)
{
    struct collector_run *run = (struct collector_run *)(uintptr_t)r;
    pthread_mutex_lock(&run->lock);
    bool running = !run->ended;
    pthread_mutex_unlock(&run->lock);
    return running;
}

void collector_wait(struct collector_run *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->ended)
        pthread_cond_wait(&r->over, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

void collector_run_free(struct collector_run **run)
{
    struct collector_run *r = *run;
    *run = NULL;
    if (!r)
        return;
    collector_wait(r);
    for (size_t i = 0; r->accounts && i < r->visit_count; i++) {
        free(r->accounts[i].notes);
        free(r->accounts[i].story);
    }
    if (r->roll_owned)
        roll_free(&r->roll);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->over);
    free(r->visits);
    free(r->accounts);
    free(r->work);
    free(r);
}

/* --- its beginning -------------------------------------------------------------------------------------------------------- */

/* Tells the run's owner of a meter that cannot be asked, and why. */
static void tell_absent(const struct collector_run *r, const struct roll_meter *m)
{
    if (m->way_count && m->ways[0].gateway && !r->work)
        return;
    char notes[STORY_NOTES_MAX];
    struct text t = text_over(notes, sizeof notes);
    const struct store_meter *row = &m->row;
    story_note(&t, "session", FAULT_SETTING, !row->enabled ? "!disabled" : !driver_find(row->driver) ? "!no-driver" : row->line_count ? "!bad-channel" : "!no-channel");
    if (r->work && r->options.told)
        r->options.told(r->options.context, &(struct collector_news){
            .meter = row->id, .serial = row->serial, .title = row->title, .fault = FAULT_SETTING, .sentence = "", .last = true,
            .result = RUN_ABSENT, .notes = notes, .story = "" });
    else if (!r->work)
        log_line(LOG_WARNING, "meter-unreachable", "meter=%lld driver=%s lines=%d", (long long)row->id, row->driver, row->line_count);
}

/* A visit for each meter that can be asked. */
static void make_visits(struct collector_run *r)
{
    struct collector *c = r->collector;
    r->visits = memory_new((r->roll->meter_count + 1) * sizeof *r->visits);
    r->visit_count = r->roll->meter_count;
    r->accounts = r->work ? memory_new((r->visit_count + 1) * sizeof *r->accounts) : NULL;
    for (size_t i = 0; i < r->visit_count; i++) {
        struct roll_meter *m = &r->roll->meters[i];
        struct visit *v = &r->visits[i];
        v->run = r;
        v->row = &m->row;
        v->account = r->accounts ? &r->accounts[i] : NULL;
        v->meter = collector_meter(c, m->row.id);
        v->place = VISIT_DONE;
        if (!m->row.enabled || !m->way_count || !driver_find(m->row.driver))
            continue;
        if (m->ways[0].gateway && !r->work && !r->options.insist)
            continue; /* its gateway collects and delivers by itself */
        v->place = VISIT_IDLE;
        v->ways = m->ways;
        v->way_count = m->way_count;
        v->line = m->ways[0].line;
        for (int w = 0; w < v->way_count; w++)
            v->ways[w].line->visits++;
        r->left++;
    }
    atomic_store(&r->to_do, r->left);
}

struct errand {
    struct shard *shard;
    struct collector_run *run;
    void (*what)(struct shard *s, struct collector_run *r);
};

static void do_errand(void *argument)
{
    struct errand *e = argument;
    e->what(e->shard, e->run);
    run_less(e->run);
    free(e);
}

/* Each thread does it to its own part; `left` holds the run meanwhile. */
static void everywhere(struct collector_run *r, void (*what)(struct shard *s, struct collector_run *r))
{
    struct collector *c = r->collector;
    for (int i = 0; i < c->options.threads; i++) {
        struct errand *e = memory_new(sizeof *e);
        *e = (struct errand){ &c->shards[i], r, what };
        loop_post(c->shards[i].loop, do_errand, e);
    }
}

/* On the bus tasks lie between collection and orders, in the order of their priorities. */
static void set_rank(struct collector_run *r)
{
    static const int bases[] = { [RUN_COLLECT] = BUS_POLL, [RUN_TASK] = BUS_POLL, [RUN_ORDER] = BUS_LIVE, [RUN_RELAY] = BUS_LIVE + 100 };
    int priority = r->options.priority < 0 ? 0 : r->options.priority > 999 ? 999 : r->options.priority;
    r->rank = (int)r->options.class * RANK_OF_CLASS + priority;
    r->bus_priority = bases[r->options.class] + (r->options.class == RUN_TASK ? 1 + priority * (BUS_LIVE - BUS_POLL - 2) / 999 : 0);
}

static struct collector_run *begin(struct collector *c, struct roll *roll, bool owned, const struct run_options *o)
{
    struct collector_run *r = memory_new(sizeof *r);
    r->collector = c;
    r->options = *o;
    r->roll = roll;
    r->roll_owned = owned;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->over, NULL);
    if (o->work) {
        r->work = memory_new(sizeof *r->work);
        *r->work = *o->work;
    }
    set_rank(r);
    pthread_mutex_lock(&c->lock);
    collector_know(c, roll);
    make_visits(r);
    pthread_mutex_unlock(&c->lock);
    r->left += (size_t)c->options.threads;
    for (size_t i = 0; i < r->visit_count; i++)
        if (!r->visits[i].line)
            tell_absent(r, &roll->meters[i]);
    return r;
}

enum fault collector_begin(struct collector *c, int64_t project, const int64_t *ids, size_t count, const struct run_options *o,
                           struct collector_run **ret)
{
    struct roll *roll = roll_load(c->store, project, ids, count);
    if (!roll)
        return FAULT_STORE;
    pthread_mutex_lock(&c->lock);
    collector_know(c, roll);
    enum fault f = o->work ? FAULT_NONE : collector_declare(c, roll);
    pthread_mutex_unlock(&c->lock);
    if (f != FAULT_NONE) {
        roll_free(&roll);
        return f;
    }
    *ret = begin(c, roll, true, o);
    everywhere(*ret, shard_take);
    return FAULT_NONE;
}

void collector_cancel(struct collector_run *r)
{
    pthread_mutex_lock(&r->lock);
    bool first = r->left > 0 && !atomic_exchange(&r->cancelled, true);
    if (first)
        r->left += (size_t)r->collector->options.threads;
    pthread_mutex_unlock(&r->lock);
    if (first)
        everywhere(r, shard_cancel);
    writer_hurry(r->collector->writer);
}

void collector_run_figures(const struct collector_run *run, struct collector_figures *ret)
{
    struct collector_run *r = (struct collector_run *)(uintptr_t)run;
    *ret = (struct collector_figures){
        .meters = atomic_load(&r->to_do), .done = atomic_load(&r->done), .failed = atomic_load(&r->failed),
        .waiting_back_off = atomic_load(&r->backed_off), .running = atomic_load(&r->running),
        .readings = atomic_load(&r->readings), .events = atomic_load(&r->events), .exchanges = atomic_load(&r->exchanges), .retries = atomic_load(&r->retries),
        .sessions = atomic_load(&r->sessions), .sent = atomic_load(&r->sent), .received = atomic_load(&r->received) };
}

/* --- passes ------------------------------------------------------------------------------------------------------------------ */

enum fault collector_load(struct collector *c)
{
    struct roll *roll = roll_load(c->store, 0, NULL, 0);
    if (!roll)
        return FAULT_STORE;
    collector_run_free(&c->pass);
    roll_free(&c->roll);
    c->roll = roll;
    pthread_mutex_lock(&c->lock);
    collector_know(c, roll);
    for (size_t i = 0; i < roll->meter_count; i++)
        meter_adopt(collector_meter(c, roll->meters[i].row.id), &roll->meters[i].row, roll->meters[i].ways, roll->meters[i].way_count);
    pthread_mutex_unlock(&c->lock);
    return collector_declare(c, roll);
}

void collector_pass(struct collector *c)
{
    struct run_options o = { .told = c->options.told, .context = c->options.context };
    struct collector_run *pass = begin(c, c->roll, false, &o);
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->line_count; i++) {
        c->lines[i]->figures = (struct bus_figures){ 0 };
        c->lines[i]->begun_us = c->lines[i]->ended_us = 0;
    }
    struct collector_run *former = c->pass;
    c->pass = pass;
    bool stopped = c->stopping;
    c->stopping = false;
    pthread_mutex_unlock(&c->lock);
    collector_run_free(&former);
    if (stopped)
        collector_cancel(pass);
    everywhere(pass, shard_take);
    collector_wait(pass);
    collector_settle(c);
}

void collector_settle(struct collector *c)
{
    contact_log_flush(c->contacts);
}

void collector_stop(struct collector *c)
{
    pthread_mutex_lock(&c->lock);
    struct collector_run *pass = c->pass && collector_running(c->pass) ? c->pass : NULL;
    c->stopping = !pass;
    pthread_mutex_unlock(&c->lock);
    if (pass)
        collector_cancel(pass);
}

void collector_figures(struct collector *c, struct collector_figures *ret)
{
    *ret = (struct collector_figures){ 0 };
    pthread_mutex_lock(&c->lock);
    if (c->pass)
        collector_run_figures(c->pass, ret);
    pthread_mutex_unlock(&c->lock);
}

void collector_lines(struct collector *c, collector_line_fn *each, void *context)
{
    for (size_t i = 0; i < c->line_count; i++) {
        const struct line_run *line = c->lines[i];
        if (line->users == 0 || !line->title)
            continue;
        struct line_figures f = {
            line->link, line->title, line->users, line->ended_us - line->begun_us, line->figures.talking_us,
            line->figures.silent_us, line->figures.sent, line->figures.received, line->figures.timeouts, line->figures.retries };
        if (!each(context, &f))
            return;
    }
}
