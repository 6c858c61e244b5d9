/* Collection as a service; see service.h. */
#include "collect/service.h"
#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NEWS_MAX = 200000, TELL_EVERY_MS = 250 };

struct collect_service {
    struct store *store;
    struct writer_thread *writer;
    struct collector *collector;
    struct service_options options;
    pthread_t runner, teller;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wanted, told;
    bool ending, start, running, chosen;
    int64_t *ids;
    size_t id_count;
    int every_minutes;
    int64_t begun_ms, ended_ms, next_ms;
    unsigned pass;
    struct service_news *news;
    size_t news_count, news_room;
};

static void hear(void *context, const struct collector_news *n)
{
    struct collect_service *s = context;
    pthread_mutex_lock(&s->lock);
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

/* Under the lock. */
static void look(struct collect_service *s, struct service_status *ret)
{
    *ret = (struct service_status){ .running = s->running || s->start, .chosen = s->chosen, .every_minutes = s->every_minutes,
                                    .begun_ms = s->begun_ms, .ended_ms = s->ended_ms, .next_ms = s->next_ms, .pass = s->pass };
    collector_figures(s->collector, &ret->figures);
}

static void wait_until(pthread_cond_t *what, pthread_mutex_t *lock, int64_t utc_ms)
{
    struct timespec t = { .tv_sec = utc_ms / 1000, .tv_nsec = utc_ms % 1000 * 1000000 };
    pthread_cond_timedwait(what, lock, &t);
}

static void *tell(void *argument)
{
    struct collect_service *s = argument;
    bool was_running = false;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        wait_until(&s->told, &s->lock, clock_utc_ms() + TELL_EVERY_MS);
        struct service_status status;
        look(s, &status);
        struct service_news *news = s->news;
        size_t count = s->news_count;
        s->news = NULL;
        s->news_count = s->news_room = 0;
        pthread_mutex_unlock(&s->lock);
        if (count || status.running || was_running)
            s->options.told(s->options.context, news, count, &status);
        was_running = status.running;
        free(news);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void run_pass(struct collect_service *s)
{
    enum fault f = collector_load(s->collector);
    if (f == FAULT_NONE) {
        collector_pass(s->collector);
        f = store_fold(s->store, wall_day_start(clock_local_wall(clock_utc_ms())), NULL);
    }
    if (f != FAULT_NONE)
        log_line(LOG_ERROR, "collect", "fault=%s", fault_name(f));
}

/* Under the lock; takes what was asked for. */
static void begin(struct collect_service *s, bool by_schedule)
{
    s->running = true;
    s->chosen = !by_schedule && s->id_count > 0;
    s->begun_ms = clock_utc_ms();
    s->next_ms = s->every_minutes ? s->begun_ms + (int64_t)s->every_minutes * 60000 : 0;
    s->pass++;
    if (s->start)
        collector_choose(s->collector, s->ids, s->id_count);
    s->start = false;
    free(s->ids);
    s->ids = NULL;
    s->id_count = 0;
}

static void *run(void *argument)
{
    struct collect_service *s = argument;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        bool due = s->next_ms && clock_utc_ms() >= s->next_ms;
        if (!s->start && !due) {
            wait_until(&s->wanted, &s->lock, s->next_ms ? s->next_ms : clock_utc_ms() + 60000);
            continue;
        }
        begin(s, !s->start);
        pthread_mutex_unlock(&s->lock);
        run_pass(s);
        pthread_mutex_lock(&s->lock);
        s->running = false;
        s->ended_ms = clock_utc_ms();
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct collect_service *service_new(struct store *store, const struct service_options *options)
{
    struct collect_service *s = memory_new(sizeof *s);
    s->store = store;
    s->options = *options;
    s->options.collector.told = hear;
    s->options.collector.context = s;
    s->every_minutes = options->every_minutes;
    s->next_ms = s->every_minutes ? clock_utc_ms() + 1000 : 0;
    s->writer = writer_new(store, 0, 0);
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
    bool running = s->running;
    pthread_cond_broadcast(&s->wanted);
    pthread_cond_broadcast(&s->told);
    pthread_mutex_unlock(&s->lock);
    if (running)
        collector_stop(s->collector);
    pthread_join(s->runner, NULL);
    pthread_join(s->teller, NULL);
    collector_free(&s->collector);
    writer_free(&s->writer);
    pthread_cond_destroy(&s->wanted);
    pthread_cond_destroy(&s->told);
    pthread_mutex_destroy(&s->lock);
    free(s->news);
    free(s->ids);
    free(s);
    *service = NULL;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool service_start(struct collect_service *s, const int64_t *ids, size_t count)
{
    pthread_mutex_lock(&s->lock);
    bool free_to = !s->running && !s->start;
    if (free_to) {
        s->start = true;
        s->ids = memory_new(count * sizeof *ids);
        s->id_count = count;
        if (count) {
            memcpy(s->ids, ids, count * sizeof *ids);
            qsort(s->ids, count, sizeof *s->ids, by_number);
        }
        pthread_cond_signal(&s->wanted);
    }
    pthread_mutex_unlock(&s->lock);
    return free_to;
}

void service_stop(struct collect_service *s)
{
    pthread_mutex_lock(&s->lock);
    bool running = s->running;
    s->start = false;
    pthread_mutex_unlock(&s->lock);
    if (running)
        collector_stop(s->collector);
}

void service_schedule(struct collect_service *s, int every_minutes)
{
    pthread_mutex_lock(&s->lock);
    s->every_minutes = every_minutes;
    s->next_ms = every_minutes ? clock_utc_ms() + (int64_t)every_minutes * 60000 : 0;
    pthread_cond_signal(&s->wanted);
    pthread_mutex_unlock(&s->lock);
}

void service_status(struct collect_service *s, struct service_status *ret)
{
    pthread_mutex_lock(&s->lock);
    look(s, ret);
    pthread_mutex_unlock(&s->lock);
}
