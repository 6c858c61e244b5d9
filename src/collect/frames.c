/* The exchange journal of collection; see frames.h. */
#include "collect/frames.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAITING_MAX = 4096, SESSION_FRAMES_MAX = 2000, GROUP_RECORDS = 4096 };

struct frame_list {
    struct frame_session *first, *last;
    size_t count;
};

struct frame_log {
    struct store *store;
    int64_t limit_bytes;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct frame_list came;     /* and were not looked at */
    struct frame_list gathered; /* for the disk; the thread's own */
    size_t waiting, dropped;
    int gather_ms;
    int64_t due_ms; /* monotonic, when the next writing may begin; the thread's own */
    bool ending;
};

static void append(struct frame_list *l, struct frame_session *s)
{
    s->next = NULL;
    *(l->last ? &l->last->next : &l->first) = s;
    l->last = s;
    l->count++;
}

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

static void free_all(struct frame_list *l)
{
    for (struct frame_session *s = l->first, *next; s; s = next) {
        next = s->next;
        session_free(s);
    }
    *l = (struct frame_list){ 0 };
}

/* In groups: a transaction for many. */
static void write_gathered(struct frame_log *log)
{
    struct exchange *group = malloc(GROUP_RECORDS * sizeof *group);
    size_t count = 0;
    for (struct frame_session *s = log->gathered.first; group && s; s = s->next) {
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
    free_all(&log->gathered);
}

/* What is remembered is done with at once, the rest waits for company. */
static void sort_out(struct frame_log *log, struct frame_list *came)
{
    struct frame_list done = { 0 };
    for (struct frame_session *s = came->first, *next; s; s = next) {
        next = s->next;
        bool remembered = s->plain && store_exchange_remember(log->store, s->records, s->count) == FAULT_NONE;
        append(remembered ? &done : &log->gathered, s);
    }
    free_all(&done);
}

/* Under the lock: until there is something to do. */
static void await_work(struct frame_log *log)
{
    struct timespec due = clock_timespec(log->due_ms);
    while (!log->came.first && !log->ending && !(log->gathered.first && clock_monotonic_ms() >= log->due_ms))
        if (log->gathered.first)
            pthread_cond_timedwait(&log->changed, &log->lock, &due);
        else
            pthread_cond_wait(&log->changed, &log->lock);
}

static void *run(void *argument)
{
    struct frame_log *log = argument;
    pthread_mutex_lock(&log->lock);
    for (bool ending = false; !ending;) {
        await_work(log);
        struct frame_list came = log->came;
        log->came = (struct frame_list){ 0 };
        ending = log->ending;
        pthread_mutex_unlock(&log->lock);
        sort_out(log, &came);
        if (log->gathered.first && (ending || log->gathered.count >= WAITING_MAX / 2 || clock_monotonic_ms() >= log->due_ms)) {
            write_gathered(log);
            log->due_ms = clock_monotonic_ms() + log->gather_ms;
        }
        pthread_mutex_lock(&log->lock);
        log->waiting = log->came.count + log->gathered.count;
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
    pthread_mutex_init(&log->lock, NULL);
    clock_condition(&log->changed);
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
        append(&log->came, session);
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
