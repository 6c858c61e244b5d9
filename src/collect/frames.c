/* The exchange journal of collection; see frames.h. */
#include "collect/frames.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAITING_MAX = 4096, SESSION_FRAMES_MAX = 2000, GROUP_RECORDS = 4096 };

struct frame_log {
    struct store *store;
    int64_t limit_bytes;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct frame_session *first, **end;
    size_t waiting, dropped;
    int gather_ms;
    int64_t due_ms; /* UTC, when the next writing may begin */
    bool ending;
};

static void keep(struct trace *t, enum direction direction, struct bytes b, const char *note)
{
    struct frame_session *s = (struct frame_session *)t;
    if (s->count == SESSION_FRAMES_MAX)
        return;
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 16;
        struct exchange *grown = arena_take(&s->arena, room * sizeof *grown);
        if (s->count)
            memcpy(grown, s->records, s->count * sizeof *grown);
        s->records = grown;
        s->room = room;
    }
    static const enum exchange_direction directions[] = { EXCHANGE_SENT, EXCHANGE_RECEIVED, EXCHANGE_NOTE };
    s->records[s->count++] = (struct exchange){
        .meter = s->meter, .link = s->link, .utc_ms = clock_utc_ms(), .direction = directions[direction],
        .frame = b.size ? arena_copy(&s->arena, b) : b, .note = *note ? arena_text(&s->arena, bytes_of_text(note)) : NULL };
}

struct frame_session *frame_session_new(int64_t meter, int64_t link)
{
    struct frame_session *s = memory_new(sizeof *s);
    s->trace.frame = keep;
    s->meter = meter;
    s->link = link;
    return s;
}

static void session_free(struct frame_session *s)
{
    arena_free(&s->arena);
    free(s);
}

/* Writes sessions in groups: a transaction for many. */
static void write_sessions(struct frame_log *log, struct frame_session *s)
{
    struct exchange *group = malloc(GROUP_RECORDS * sizeof *group);
    struct frame_session *written = s;
    size_t count = 0;
    for (; group && s; s = s->next) {
        if (count + s->count > GROUP_RECORDS && count) {
            store_exchange_put(log->store, group, count, log->limit_bytes);
            count = 0;
        }
        if (s->count) /* a session that was refused before its first frame has none */
            memcpy(group + count, s->records, s->count * sizeof *group);
        count += s->count;
    }
    if (count && store_exchange_put(log->store, group, count, log->limit_bytes) != FAULT_NONE)
        log_line(LOG_WARNING, "frames-not-kept", "count=%zu", count);
    free(group);
    while (written) {
        struct frame_session *next = written->next;
        session_free(written);
        written = next;
    }
}

/* Under the lock. A clock that is set back does not hold the journal up. */
static void await_due(struct frame_log *log)
{
    int64_t now = clock_utc_ms(), due = log->due_ms < now + log->gather_ms ? log->due_ms : now + log->gather_ms;
    struct timespec until = clock_timespec(due);
    while (log->waiting < WAITING_MAX / 2 && !log->ending && clock_utc_ms() < due)
        pthread_cond_timedwait(&log->changed, &log->lock, &until);
    log->due_ms = clock_utc_ms() + log->gather_ms;
}

static void *run(void *argument)
{
    struct frame_log *log = argument;
    pthread_mutex_lock(&log->lock);
    for (;;) {
        while (!log->first && !log->ending)
            pthread_cond_wait(&log->changed, &log->lock);
        await_due(log);
        struct frame_session *s = log->first;
        if (!s)
            break;
        log->first = NULL;
        log->end = &log->first;
        log->waiting = 0;
        pthread_mutex_unlock(&log->lock);
        write_sessions(log, s);
        pthread_mutex_lock(&log->lock);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

struct frame_log *frame_log_new(struct store *s, int64_t limit_bytes, int gather_ms)
{
    struct frame_log *log = memory_new(sizeof *log);
    log->store = s;
    log->limit_bytes = limit_bytes;
    log->gather_ms = gather_ms;
    log->end = &log->first;
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->changed, NULL);
    if (pthread_create(&log->thread, NULL, run, log) != 0) {
        free(log);
        return NULL;
    }
    return log;
}

void frame_log_free(struct frame_log **log)
{
    struct frame_log *dead = *log;
    *log = NULL;
    if (!dead)
        return;
    pthread_mutex_lock(&dead->lock);
    dead->ending = true;
    pthread_cond_signal(&dead->changed);
    pthread_mutex_unlock(&dead->lock);
    pthread_join(dead->thread, NULL);
    pthread_mutex_destroy(&dead->lock);
    pthread_cond_destroy(&dead->changed);
    free(dead);
}

void frame_log_take(struct frame_log *log, struct frame_session *session)
{
    if (!log) {
        session_free(session);
        return;
    }
    pthread_mutex_lock(&log->lock);
    bool room = log->waiting < WAITING_MAX;
    if (room) {
        session->next = NULL;
        *log->end = session;
        log->end = &session->next;
        log->waiting++;
        pthread_cond_signal(&log->changed);
    } else {
        log->dropped++;
    }
    pthread_mutex_unlock(&log->lock);
    if (!room)
        session_free(session);
}

size_t frame_log_dropped(struct frame_log *log)
{
    pthread_mutex_lock(&log->lock);
    size_t dropped = log->dropped;
    pthread_mutex_unlock(&log->lock);
    return dropped;
}
