/* Keeping log lines; see logbook.h. */
#include "api/house/logbook.h"
#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUEUE = 1000, EVENT_MAX = 48, DETAILS_MAX = 1024, FLUSH_MS = 1000 };

struct kept {
    int64_t at_ms;
    enum log_level level;
    char event[EVENT_MAX], details[DETAILS_MAX];
};

struct logbook {
    struct store *store;
    void (*failed)(void *context, const char *what);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t ended;
    bool ending;
    struct kept *queue;
    size_t count, lost;
};

const char *const logbook_services[] = { "collection", "http", "database", "mail", "people", "server", NULL };

/* Events are named by what they are about. */
static const char *service_of(const char *event)
{
    static const struct { const char *begins; const char *service; } of[] = {
        { "collect", "collection" }, { "link-", "collection" }, { "meter-", "collection" }, { "frames-", "collection" }, { "task", "collection" },
        { "http", "http" }, { "store", "database" }, { "retain", "database" }, { "mail", "mail" }, { "audit", "people" }, { "vault", "database" },
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (strncmp(event, of[i].begins, strlen(of[i].begins)) == 0)
            return of[i].service;
    return "server";
}

/* On whatever thread logs. */
static void take(void *context, enum log_level level, const char *event, const char *details)
{
    struct logbook *b = context;
    pthread_mutex_lock(&b->lock);
    if (b->count == QUEUE) {
        b->lost++;
    } else {
        struct kept *k = &b->queue[b->count++];
        k->at_ms = clock_utc_ms();
        k->level = level;
        snprintf(k->event, sizeof k->event, "%s", event);
        struct text t = text_over(k->details, sizeof k->details);
        text_put_foreign(&t, bytes_of_text(details));
    }
    pthread_mutex_unlock(&b->lock);
}

static void store_them(struct logbook *b, const struct kept *queue, size_t count)
{
    struct store_log_line *lines = memory_new((count + 1) * sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct store_log_line){ .at_ms = queue[i].at_ms, .level = queue[i].level, .service = service_of(queue[i].event), .event = queue[i].event,
                                        .details = queue[i].details };
    if (store_log_lines_put(b->store, lines, count) != FAULT_NONE)
        fprintf(stderr, "log lines not kept: %zu\n", count); /* not by log_line: that would come back here */
    for (size_t i = 0; i < count; i++)
        if (queue[i].level == LOG_ERROR)
            b->failed(b->context, queue[i].event);
    free(lines);
}

/* Under the lock, which is let go while the store writes. */
static void flush(struct logbook *b)
{
    struct kept *queue = b->queue;
    size_t count = b->count, lost = b->lost;
    if (count == 0)
        return;
    b->queue = memory_new(QUEUE * sizeof *b->queue);
    b->count = b->lost = 0;
    pthread_mutex_unlock(&b->lock);
    store_them(b, queue, count);
    free(queue);
    if (lost)
        fprintf(stderr, "log lines not kept, too many at once: %zu\n", lost);
    pthread_mutex_lock(&b->lock);
}

static void *run(void *argument)
{
    struct logbook *b = argument;
    pthread_mutex_lock(&b->lock);
    while (!b->ending) {
        int64_t until = clock_utc_ms() + FLUSH_MS;
        struct timespec t = clock_timespec(until);
        pthread_cond_timedwait(&b->ended, &b->lock, &t);
        flush(b);
    }
    flush(b);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

struct logbook *logbook_new(struct store *s, void (*failed)(void *context, const char *what), void *context)
{
    struct logbook *b = memory_new(sizeof *b);
    *b = (struct logbook){ .store = s, .failed = failed, .context = context, .queue = memory_new(QUEUE * sizeof *b->queue) };
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->ended, NULL);
    pthread_create(&b->thread, NULL, run, b);
    log_tap(take, b);
    return b;
}

void logbook_free(struct logbook **book)
{
    struct logbook *b = *book;
    if (!b)
        return;
    log_tap(NULL, NULL);
    pthread_mutex_lock(&b->lock);
    b->ending = true;
    pthread_cond_signal(&b->ended);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->ended);
    pthread_mutex_destroy(&b->lock);
    free(b->queue);
    free(b);
    *book = NULL;
}
