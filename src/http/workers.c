/* Threads with a queue; see workers.h. */
#include "http/workers.h"
#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct work *first, **last;
    size_t waiting, bound;
    pthread_t *threads;
    int count;
    bool ending;
};

static void *work_off(void *argument)
{
    struct workers *w = argument;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->first && !w->ending)
            pthread_cond_wait(&w->wanted, &w->lock);
        struct work *work = w->first;
        if (!work)
            break;
        w->first = work->next;
        if (!w->first)
            w->last = &w->first;
        w->waiting--;
        pthread_mutex_unlock(&w->lock);
        work->run(work);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_new(int threads, size_t bound)
{
    struct workers *w = memory_new(sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wanted, NULL);
    w->last = &w->first;
    w->bound = bound;
    w->threads = memory_new((size_t)threads * sizeof *w->threads);
    while (w->count < threads && pthread_create(&w->threads[w->count], NULL, work_off, w) == 0)
        w->count++;
    return w;
}

bool workers_submit(struct workers *w, struct work *work)
{
    pthread_mutex_lock(&w->lock);
    bool taken = w->waiting < w->bound && !w->ending && w->count > 0;
    if (taken) {
        work->next = NULL;
        *w->last = work;
        w->last = &work->next;
        w->waiting++;
        pthread_cond_signal(&w->wanted);
    }
    pthread_mutex_unlock(&w->lock);
    return taken;
}

size_t workers_waiting(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    size_t waiting = w->waiting;
    pthread_mutex_unlock(&w->lock);
    return waiting;
}

void workers_free(struct workers **workers)
{
    struct workers *w = *workers;
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->wanted);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->wanted);
    pthread_mutex_destroy(&w->lock);
    free(w->threads);
    free(w);
    *workers = NULL;
}
