/* Answers that go out while they are made; see flow.h. An empty queue suspends the connection, the next write resumes it; both
 * are decided under one lock, so that no wake-up is lost. */
#include "http/flow.h"
#include "base/arena.h"
#include "base/clock.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct flow {
    pthread_mutex_t lock;
    pthread_cond_t taken;
    struct MHD_Connection *connection; /* NULL once the connection is done with us */
    char *data;                        /* a ring of `room` bytes */
    size_t room, start, size;
    int references;
    bool local;                        /* there never was a connection: nobody takes anything meanwhile */
    const atomic_bool *ending;         /* of a local one */
    bool suspended, ended, broken, gone;
};

struct flow *flow_new(struct MHD_Connection *connection, size_t bound)
{
    struct flow *f = memory_new(sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    clock_condition(&f->taken);
    f->connection = connection;
    f->room = bound;
    f->data = memory_new(bound);
    f->references = 2;
    return f;
}

struct flow *flow_local(size_t bound, const atomic_bool *ending)
{
    struct flow *f = flow_new(NULL, bound);
    f->local = true;
    f->ending = ending;
    return f;
}

bool flow_gathered(struct flow *f, struct buffer *out, bool *ret_full)
{
    pthread_mutex_lock(&f->lock);
    bool whole = f->ended && !f->broken;
    if (whole)
        buffer_put(out, f->data, f->size); /* nothing was taken: it starts at the ring's beginning */
    *ret_full = f->size == f->room;
    pthread_mutex_unlock(&f->lock);
    return whole;
}

/* Under the lock. */
static void wake(struct flow *f)
{
    if (f->suspended && f->connection) {
        f->suspended = false;
        MHD_resume_connection(f->connection);
    }
}

static void put(struct flow *f, const char *data, size_t size)
{
    size_t at = (f->start + f->size) % f->room;
    size_t first = size < f->room - at ? size : f->room - at;
    memcpy(f->data + at, data, first);
    memcpy(f->data, data + first, size - first);
    f->size += size;
    wake(f);
}

static bool wait_for_room(struct flow *f, int patience_ms)
{
    int64_t until = clock_monotonic_ms() + patience_ms;
    struct timespec t = clock_timespec(until);
    size_t before = f->size;
    while (!f->gone && !f->ended && f->size == before)
        if (pthread_cond_timedwait(&f->taken, &f->lock, &t))
            break;
    return f->size < before && !f->gone && !f->ended;
}

bool flow_write(struct flow *f, const void *data, size_t size, int patience_ms)
{
    const char *at = data;
    bool good = true;
    pthread_mutex_lock(&f->lock);
    while (size && good && !f->gone && !f->ended) {
        size_t part = f->room - f->size;
        if (part == 0) {
            good = !f->local && wait_for_room(f, patience_ms);
            continue;
        }
        part = part < size ? part : size;
        put(f, at, part);
        at += part;
        size -= part;
    }
    good = good && !f->gone && !f->ended;
    if (!good) {
        f->ended = f->broken = true;
        wake(f);
    }
    pthread_mutex_unlock(&f->lock);
    return good;
}

bool flow_offer(struct flow *f, const void *data, size_t size)
{
    pthread_mutex_lock(&f->lock);
    bool good = !f->gone && !f->ended && size <= f->room - f->size;
    if (good) {
        put(f, data, size);
    } else {
        f->ended = f->broken = true;
        wake(f);
    }
    pthread_mutex_unlock(&f->lock);
    return good;
}

void flow_end(struct flow *f, bool whole)
{
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    f->broken |= !whole;
    wake(f);
    pthread_cond_broadcast(&f->taken);
    pthread_mutex_unlock(&f->lock);
}

bool flow_gone(struct flow *f)
{
    pthread_mutex_lock(&f->lock);
    bool gone = f->gone || f->ended || (f->ending && atomic_load(f->ending));
    pthread_mutex_unlock(&f->lock);
    return gone;
}

struct flow *flow_ref(struct flow *f)
{
    pthread_mutex_lock(&f->lock);
    f->references++;
    pthread_mutex_unlock(&f->lock);
    return f;
}

void flow_unref(struct flow **flow)
{
    struct flow *f = *flow;
    *flow = NULL;
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    bool last = --f->references == 0;
    pthread_mutex_unlock(&f->lock);
    if (!last)
        return;
    pthread_cond_destroy(&f->taken);
    pthread_mutex_destroy(&f->lock);
    free(f->data);
    free(f);
}

static ssize_t give(void *context, uint64_t position, char *out, size_t room)
{
    (void)position;
    struct flow *f = context;
    ssize_t result = 0;
    pthread_mutex_lock(&f->lock);
    size_t part = f->size < room ? f->size : room, first = f->room - f->start;
    if (f->broken) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (part) {
        first = part < first ? part : first;
        memcpy(out, f->data + f->start, first);
        memcpy(out + first, f->data, part - first);
        f->start = (f->start + part) % f->room;
        f->size -= part;
        result = (ssize_t)part;
        pthread_cond_broadcast(&f->taken);
    } else if (f->ended) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        f->suspended = true;
        MHD_suspend_connection(f->connection);
    }
    pthread_mutex_unlock(&f->lock);
    return result;
}

static void done(void *context)
{
    struct flow *f = context;
    pthread_mutex_lock(&f->lock);
    f->gone = true;
    f->connection = NULL;
    pthread_cond_broadcast(&f->taken);
    pthread_mutex_unlock(&f->lock);
    flow_unref(&f);
}

struct MHD_Response *flow_response(struct flow *f)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32 << 10, give, f, done);
}
