/* Collection as a service; see service.h. */
#include "collect/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sorted.h"
#include "store/box/occasions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Sessions that wait for the disk together: fewer than a small box has at once (service_options.collector.at_once). */
enum { GATHERED_MAX = 96 };
enum { NEWS_MAX = 200000, TELL_EVERY_MS = 250, SOON_MS = 100 };

/* A project's collection. */
struct collection {
    struct service_status status; /* but its figures */
    struct collector_run *run;    /* the present or last pass */
    bool start, stop, over, told_end;
    int64_t *ids;
    size_t id_count;
    struct collect_service *service;
};

struct collect_service {
    struct store *store;
    struct writer_thread *writer;
    struct collector *collector;
    struct service_options options;
    pthread_t runner, teller;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wanted, told;
    bool ending;
    struct collection **collections; /* they stay where they are */
    size_t count, room;
    struct service_news *news;
    size_t news_count, news_room;
    struct store_relay *relays; /* as read, to be kept */
    size_t relay_count, relay_room;
    struct store_clock *clocks; /* as read, to be kept */
    size_t clock_count, clock_room;
    int64_t clocks_due_ms;      /* monotonic */
};

/* Under the lock. */
static void note_relays(struct collect_service *s, const struct collector_news *n)
{
    for (int i = 0; i < n->relay_count && s->relay_count < NEWS_MAX; i++) {
        if (s->relay_count == s->relay_room) {
            size_t room = s->relay_room ? s->relay_room * 2 : 64;
            s->relays = memory_grow(s->relays, s->relay_room * sizeof *s->relays, room * sizeof *s->relays);
            s->relay_room = room;
        }
        const struct relay_status *r = &n->relays[i];
        s->relays[s->relay_count++] = (struct store_relay){ n->meter, r->number, r->output, r->control, r->mode, r->lock, clock_utc_ms() };
    }
}

/* Under the lock. */
static void note_clock(struct collect_service *s, const struct collector_news *n)
{
    if (!n->clock_read || s->clock_count >= NEWS_MAX)
        return;
    if (s->clock_count == s->clock_room) {
        size_t room = s->clock_room ? s->clock_room * 2 : 64;
        s->clocks = memory_grow(s->clocks, s->clock_room * sizeof *s->clocks, room * sizeof *s->clocks);
        s->clock_room = room;
    }
    int64_t now = clock_utc_ms();
    s->clocks[s->clock_count++] = n->clock_corrected ? (struct store_clock){ n->meter, now, 0, now, -n->clock_error_s }
                                                     : (struct store_clock){ n->meter, now, n->clock_error_s, 0, 0 };
}

void service_hear(struct collect_service *s, const struct collector_news *n)
{
    pthread_mutex_lock(&s->lock);
    note_relays(s, n);
    note_clock(s, n);
    if (s->news_count == s->news_room && s->news_room < NEWS_MAX) {
        size_t room = s->news_room ? s->news_room * 2 : 256;
        s->news = memory_grow(s->news, s->news_room * sizeof *s->news, room * sizeof *s->news);
        s->news_room = room;
    }
    if (s->news_count < s->news_room) {
        struct service_news *one = &s->news[s->news_count++];
        *one = (struct service_news){ n->meter, n->fault, n->readings, n->events, n->took_ms, "" };
        struct text t = text_over(one->sentence, sizeof one->sentence);
        text_put(&t, n->fault == FAULT_NONE ? "" : n->sentence);
    }
    pthread_mutex_unlock(&s->lock);
}

static void hear(void *context, const struct collector_news *n)
{
    service_hear(((struct collection *)context)->service, n);
}

/* --- looking, under the lock ---------------------------------------------------------------------------------------------- */

static struct collection *collection_of(struct collect_service *s, int64_t project)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->collections[i]->status.project == project)
            return s->collections[i];
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 8;
        s->collections = memory_grow(s->collections, s->room * sizeof *s->collections, room * sizeof *s->collections);
        s->room = room;
    }
    struct collection *c = memory_new(sizeof *c);
    c->status.project = project;
    c->told_end = true;
    c->service = s;
    s->collections[s->count++] = c;
    return c;
}

static bool is_running(const struct collection *c)
{
    return c->status.running || c->start;
}

static void look(const struct collection *c, struct service_status *ret)
{
    *ret = c->status;
    ret->running = is_running(c);
    if (c->run)
        collector_run_figures(c->run, &ret->figures);
}

static void wait_until(pthread_cond_t *what, pthread_mutex_t *lock, int64_t utc_ms)
{
    struct timespec t = clock_timespec(utc_ms);
    pthread_cond_timedwait(what, lock, &t);
}

/* --- telling -------------------------------------------------------------------------------------------------------------------- */

/* Statuses of projects where a pass goes on, or has ended since the last time. */
static size_t moving(struct collect_service *s, struct service_status *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct collection *c = s->collections[i];
        if (is_running(c) || !c->told_end)
            look(c, &out[count++]);
        c->told_end = !is_running(c);
    }
    return count;
}

/* What sessions saw beside readings. */
struct found {
    struct store_relay *relays;
    struct store_clock *clocks;
    size_t relay_count, clock_count;
};

/* Under the lock. */
static struct found take_found(struct collect_service *s, bool clocks)
{
    struct found f = { .relays = s->relays, .relay_count = s->relay_count };
    s->relays = NULL;
    s->relay_count = s->relay_room = 0;
    if (!clocks)
        return f;
    f.clocks = s->clocks;
    f.clock_count = s->clock_count;
    s->clocks = NULL;
    s->clock_count = s->clock_room = 0;
    s->clocks_due_ms = clock_monotonic_ms() + (int64_t)s->options.collector.gather_ms * ASIDE_GATHERINGS;
    return f;
}

static void keep_found(struct store *s, struct found *f)
{
    if (f->relay_count && store_relays_put(s, f->relays, f->relay_count) != FAULT_NONE)
        log_line(LOG_ERROR, "relays-not-kept", "count=%zu", f->relay_count);
    if (f->clock_count && store_clocks_put(s, f->clocks, f->clock_count) != FAULT_NONE)
        log_line(LOG_ERROR, "clocks-not-kept", "count=%zu", f->clock_count);
    free(f->relays);
    free(f->clocks);
}

void service_keep_found(struct collect_service *s)
{
    pthread_mutex_lock(&s->lock);
    struct found f = take_found(s, true);
    pthread_mutex_unlock(&s->lock);
    keep_found(s->store, &f);
}

static void *tell(void *argument)
{
    struct collect_service *s = argument;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        wait_until(&s->told, &s->lock, clock_utc_ms() + TELL_EVERY_MS);
        struct service_status *status = memory_new((s->count + 1) * sizeof *status);
        size_t status_count = moving(s, status), count = s->news_count;
        struct service_news *news = s->news;
        s->news = NULL;
        s->news_count = s->news_room = 0;
        struct found found = take_found(s, s->clock_count && clock_monotonic_ms() >= s->clocks_due_ms);
        pthread_mutex_unlock(&s->lock);
        keep_found(s->store, &found);
        if (count || status_count)
            s->options.told(s->options.context, news, count, status, status_count);
        free(news);
        free(status);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- passes ----------------------------------------------------------------------------------------------------------------------- */

static void pass_over(void *context)
{
    struct collection *c = context;
    pthread_mutex_lock(&c->service->lock);
    c->over = true;
    pthread_cond_signal(&c->service->wanted);
    pthread_mutex_unlock(&c->service->lock);
}

/* Under the lock, which is left while the registry is read. */
static void begin(struct collect_service *s, struct collection *c)
{
    struct collector_run *former = c->run, *run = NULL;
    bool by_hand = c->start;
    int64_t *ids = by_hand ? c->ids : NULL;
    size_t count = by_hand ? c->id_count : 0;
    struct run_options o = { .class = RUN_COLLECT, .insist = by_hand, .told = hear, .ended = pass_over, .context = c };
    c->run = NULL;
    c->status.running = true;
    c->status.chosen = count > 0;
    c->status.begun_ms = clock_utc_ms();
    c->status.next_ms = c->status.every_minutes ? c->status.begun_ms + (int64_t)c->status.every_minutes * 60000 : 0;
    c->status.pass++;
    c->start = c->over = c->told_end = false;
    if (by_hand) {
        c->ids = NULL;
        c->id_count = 0;
    }
    pthread_mutex_unlock(&s->lock);
    collector_run_free(&former);
    enum fault f = collector_begin(s->collector, c->status.project, count ? ids : NULL, count, &o, &run);
    free(ids);
    pthread_mutex_lock(&s->lock);
    c->run = run;
    c->over |= f != FAULT_NONE;
    if (run && c->stop)
        collector_cancel(run);
    c->stop = false;
    if (f != FAULT_NONE)
        log_line(LOG_ERROR, "collect", "project=%lld fault=%s", (long long)c->status.project, fault_name(f));
}

/* Under the lock, which is left meanwhile. */
static void end(struct collect_service *s, struct collection *c)
{
    c->over = false;
    pthread_mutex_unlock(&s->lock);
    if (c->run)
        collector_wait(c->run);
    collector_settle(s->collector);
    enum fault f = store_fold(s->store, wall_day_start(clock_local_wall(clock_utc_ms())), NULL);
    if (f != FAULT_NONE)
        log_line(LOG_ERROR, "fold", "fault=%s", fault_name(f));
    pthread_mutex_lock(&s->lock);
    c->status.running = false;
    c->status.ended_ms = clock_utc_ms();
}

/* What is to be done now; the moment until which there is nothing. */
static int64_t step(struct collect_service *s)
{
    int64_t now = clock_utc_ms(), next = now + 60000;
    for (size_t i = 0; i < s->count && !s->ending; i++) {
        struct collection *c = s->collections[i];
        bool due = c->status.next_ms && c->status.next_ms <= now;
        if (c->over) {
            end(s, c);
            next = now;
        } else if (!c->status.running && (c->start || due)) {
            begin(s, c);
            next = now;
        } else if (!c->status.running && c->status.next_ms && c->status.next_ms < next) {
            next = c->status.next_ms;
        }
    }
    return next;
}

static void *run(void *argument)
{
    struct collect_service *s = argument;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        int64_t next = step(s);
        if (next > clock_utc_ms() && !s->ending)
            wait_until(&s->wanted, &s->lock, next);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct collect_service *service_new(struct store *store, const struct service_options *options)
{
    struct collect_service *s = memory_new(sizeof *s);
    s->store = store;
    s->options = *options;
    s->writer = writer_new(store, 0, options->collector.gather_ms ? GATHERED_MAX : 0);
    writer_gather(s->writer, options->collector.gather_ms);
    s->collector = collector_new(store, s->writer, &s->options.collector);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wanted, NULL);
    pthread_cond_init(&s->told, NULL);
    pthread_create(&s->runner, NULL, run, s);
    pthread_create(&s->teller, NULL, tell, s);
    return s;
}

void service_free(struct collect_service **service)
{
    struct collect_service *s = *service;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_broadcast(&s->wanted);
    pthread_cond_broadcast(&s->told);
    for (size_t i = 0; i < s->count; i++)
        if (s->collections[i]->run)
            collector_cancel(s->collections[i]->run);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->runner, NULL);
    pthread_join(s->teller, NULL);
    for (size_t i = 0; i < s->count; i++) {
        if (s->collections[i]->run)
            collector_cancel(s->collections[i]->run);
        collector_run_free(&s->collections[i]->run);
        free(s->collections[i]->ids);
        free(s->collections[i]);
    }
    collector_free(&s->collector);
    writer_free(&s->writer);
    service_keep_found(s);
    pthread_cond_destroy(&s->wanted);
    pthread_cond_destroy(&s->told);
    pthread_mutex_destroy(&s->lock);
    free(s->collections);
    free(s->news);
    free(s);
    *service = NULL;
}

/* --- asked from outside ------------------------------------------------------------------------------------------------------------ */

bool service_start(struct collect_service *s, int64_t project, const int64_t *ids, size_t count)
{
    pthread_mutex_lock(&s->lock);
    struct collection *c = collection_of(s, project);
    bool free_to = !is_running(c);
    if (free_to) {
        c->start = true;
        c->stop = false;
        c->ids = memory_new((count + 1) * sizeof *ids);
        c->id_count = count;
        if (count) {
            memcpy(c->ids, ids, count * sizeof *ids);
            qsort(c->ids, count, sizeof *c->ids, sorted_by_number);
        }
        pthread_cond_signal(&s->wanted);
    }
    pthread_mutex_unlock(&s->lock);
    return free_to;
}

void service_stop(struct collect_service *s, int64_t project)
{
    pthread_mutex_lock(&s->lock);
    struct collection *c = collection_of(s, project);
    if (c->start) {
        free(c->ids);
        c->ids = NULL;
        c->id_count = 0;
        c->start = false;
    }
    c->stop = c->status.running && !c->run; /* it is just beginning */
    if (c->status.running && c->run)
        collector_cancel(c->run);
    pthread_mutex_unlock(&s->lock);
}

void service_flush(struct collect_service *s)
{
    writer_flush(s->writer);
    collector_settle(s->collector);
    service_keep_found(s);
}

void service_schedule(struct collect_service *s, int64_t project, int every_minutes, bool soon)
{
    pthread_mutex_lock(&s->lock);
    struct collection *c = collection_of(s, project);
    c->status.every_minutes = every_minutes;
    c->status.next_ms = every_minutes ? clock_utc_ms() + (soon ? SOON_MS : (int64_t)every_minutes * 60000) : 0;
    pthread_cond_signal(&s->wanted);
    pthread_mutex_unlock(&s->lock);
}

void service_status(struct collect_service *s, int64_t project, struct service_status *ret)
{
    pthread_mutex_lock(&s->lock);
    look(collection_of(s, project), ret);
    pthread_mutex_unlock(&s->lock);
}

static void add_figures(struct collector_figures *sum, const struct collector_figures *f)
{
    sum->meters += f->meters;
    sum->done += f->done;
    sum->failed += f->failed;
    sum->waiting_back_off += f->waiting_back_off;
    sum->running += f->running;
    sum->readings += f->readings;
    sum->events += f->events;
    sum->exchanges += f->exchanges;
    sum->retries += f->retries;
    sum->sessions += f->sessions;
    sum->sent += f->sent;
    sum->received += f->received;
}

void service_totals(struct collect_service *s, struct service_status *ret)
{
    *ret = (struct service_status){ 0 };
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count; i++) {
        struct service_status one;
        look(s->collections[i], &one);
        ret->running |= one.running;
        ret->pass += one.pass;
        ret->every_minutes = one.every_minutes ? one.every_minutes : ret->every_minutes;
        add_figures(&ret->figures, &one.figures);
    }
    pthread_mutex_unlock(&s->lock);
}

struct collector *service_collector(struct collect_service *s)
{
    return s->collector;
}
