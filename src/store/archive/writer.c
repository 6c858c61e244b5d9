/* The writer's thread; see writer.h. */
#include "store/archive/writer.h"

#include "base/civil.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_USUAL = 1024, GROUP_USUAL = 64, GROUP_MAX = 256 };

struct submission {
    int64_t meter;
    const struct batch *batch;
    writer_done_fn *done;
    void *context;
};

struct writer_thread {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived, left;
    struct submission *ring; /* `room` places from `first` */
    size_t room, first, count, group;
    uint64_t submitted, answered;
    int64_t gather_ms, stored_ms; /* shortest time between commits; monotonic, when the last one began */
    bool hurried, stopping;
};

static void answer(const struct submission *s, enum fault fault, const struct put_result *result)
{
    static const struct put_result nothing;
    if (s->done)
        s->done(s->context, s->batch, fault, fault == FAULT_NONE ? result : &nothing);
}

/* One transaction for all; when that fails, each alone, so that one impossible batch harms no other. */
static void store_group(struct store *store, const struct submission *s, size_t count)
{
    struct store_item items[GROUP_MAX];
    struct put_result results[GROUP_MAX] = { 0 };
    for (size_t i = 0; i < count; i++)
        items[i] = (struct store_item){ s[i].meter, s[i].batch, &results[i] };
    enum fault fault = store_put_all(store, items, count);
    for (size_t i = 0; i < count; i++) {
        enum fault own = fault;
        if (fault != FAULT_NONE && count > 1)
            own = store_put(store, s[i].meter, s[i].batch, &results[i]);
        answer(&s[i], own, &results[i]);
    }
}

/* Under the lock: until there is something and its time has come. */
static void await_group(struct writer_thread *w)
{
    while (w->count == 0 && !w->stopping)
        pthread_cond_wait(&w->arrived, &w->lock);
    int64_t due = w->stored_ms + w->gather_ms;
    struct timespec until = clock_timespec(due);
    while (w->count < w->group && !w->hurried && !w->stopping && clock_monotonic_ms() < due)
        pthread_cond_timedwait(&w->arrived, &w->lock, &until);
    w->stored_ms = clock_monotonic_ms();
    w->hurried = false;
}

static size_t take_group(struct writer_thread *w, struct submission *group)
{
    pthread_mutex_lock(&w->lock);
    await_group(w);
    size_t count = w->count < w->group ? w->count : w->group;
    for (size_t i = 0; i < count; i++)
        group[i] = w->ring[(w->first + i) % w->room];
    w->first = (w->first + count) % w->room;
    w->count -= count;
    pthread_cond_broadcast(&w->left);
    pthread_mutex_unlock(&w->lock);
    return count;
}

static void *writer_main(void *context)
{
    struct writer_thread *w = context;
    struct submission group[GROUP_MAX];
    for (size_t count; (count = take_group(w, group)) > 0;) {
        store_group(w->store, group, count);
        pthread_mutex_lock(&w->lock);
        w->answered += count;
        pthread_cond_broadcast(&w->left);
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

struct writer_thread *writer_new(struct store *s, size_t queue, size_t group)
{
    struct writer_thread *w = memory_new(sizeof *w);
    w->store = s;
    w->room = queue ? queue : QUEUE_USUAL;
    w->group = group == 0 ? GROUP_USUAL : group < GROUP_MAX ? group : GROUP_MAX;
    w->ring = memory_new(w->room * sizeof *w->ring);
    w->stored_ms = -DAY_SECONDS * 1000; /* long ago */
    pthread_mutex_init(&w->lock, NULL);
    clock_condition(&w->arrived);
    pthread_cond_init(&w->left, NULL);
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0)
        abort(); /* as without memory: a server that cannot have a thread at its start is of no use */
    return w;
}

void writer_gather(struct writer_thread *w, int ms)
{
    w->gather_ms = ms;
}

void writer_hurry(struct writer_thread *w)
{
    pthread_mutex_lock(&w->lock);
    w->hurried = w->count > 0;
    pthread_cond_signal(&w->arrived);
    pthread_mutex_unlock(&w->lock);
}

void writer_free(struct writer_thread **writer)
{
    struct writer_thread *w = *writer;
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->arrived);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->left);
    pthread_cond_destroy(&w->arrived);
    pthread_mutex_destroy(&w->lock);
    free(w->ring);
    free(w);
    *writer = NULL;
}

static void enqueue(struct writer_thread *w, struct submission s)
{
    w->ring[(w->first + w->count) % w->room] = s;
    w->count++;
    w->submitted++;
    pthread_cond_signal(&w->arrived);
}

void writer_submit(struct writer_thread *w, int64_t meter, const struct batch *batch, writer_done_fn *done,
                   void *context)
{
    pthread_mutex_lock(&w->lock);
    while (w->count == w->room)
        pthread_cond_wait(&w->left, &w->lock);
    enqueue(w, (struct submission){ meter, batch, done, context });
    pthread_mutex_unlock(&w->lock);
}

bool writer_try_submit(struct writer_thread *w, int64_t meter, const struct batch *batch, writer_done_fn *done,
                       void *context)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->count < w->room;
    if (room)
        enqueue(w, (struct submission){ meter, batch, done, context });
    pthread_mutex_unlock(&w->lock);
    return room;
}

void writer_flush(struct writer_thread *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t target = w->submitted;
    w->hurried = w->answered < target;
    pthread_cond_signal(&w->arrived);
    while (w->answered < target)
        pthread_cond_wait(&w->left, &w->lock);
    pthread_mutex_unlock(&w->lock);
}
