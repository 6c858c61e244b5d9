/* The thread of letters with data; see letter_maker.h. */
#include "box/letter_maker.h"
#include "store/registry/registry.h"

#include <pthread.h>
#include <stdlib.h>

enum stage { STAGE_IDLE, STAGE_WORK, STAGE_DONE };

struct letter_maker {
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wanted;
    enum stage stage;
    enum fault fault;
    struct data_letter letter; /* of STAGE_WORK the thread's */
    struct arena arena;        /* its texts */
    atomic_bool ending;
    bool stopped;
};

static void *work(void *argument)
{
    struct letter_maker *m = argument;
    pthread_mutex_lock(&m->lock);
    while (!atomic_load(&m->ending)) {
        if (m->stage != STAGE_WORK) {
            pthread_cond_wait(&m->wanted, &m->lock);
            continue;
        }
        pthread_mutex_unlock(&m->lock);
        enum fault fault = data_letter_post(&m->letter);
        pthread_mutex_lock(&m->lock);
        m->fault = fault;
        m->stage = STAGE_DONE;
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

struct letter_maker *letter_maker_new(void)
{
    struct letter_maker *m = memory_new(sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->wanted, NULL);
    pthread_create(&m->thread, NULL, work, m);
    return m;
}

void letter_maker_stop(struct letter_maker *m)
{
    if (m->stopped)
        return;
    pthread_mutex_lock(&m->lock);
    atomic_store(&m->ending, true);
    pthread_cond_signal(&m->wanted);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    m->stopped = true;
}

void letter_maker_free(struct letter_maker **maker)
{
    struct letter_maker *m = *maker;
    *maker = NULL;
    if (!m)
        return;
    letter_maker_stop(m);
    pthread_cond_destroy(&m->wanted);
    pthread_mutex_destroy(&m->lock);
    arena_free(&m->arena);
    free(m);
}

/* Nobody chosen is not the same as everybody. */
static struct meter_set copied(struct arena *a, const struct meter_set *from)
{
    int64_t *ids = from->ids ? arena_take(a, (from->count + 1) * sizeof *ids) : NULL;
    if (from->count)
        memcpy(ids, from->ids, from->count * sizeof *ids);
    return (struct meter_set){ ids, from->count };
}

bool letter_maker_give(struct letter_maker *m, const struct data_letter *l)
{
    pthread_mutex_lock(&m->lock);
    bool idle = m->stage == STAGE_IDLE && !m->stopped;
    if (idle) {
        arena_free(&m->arena);
        m->letter = *l;
        m->letter.ending = &m->ending;
        const char **const texts[] = { &m->letter.reader, &m->letter.to, &m->letter.subject, &m->letter.body };
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            *texts[i] = arena_text(&m->arena, bytes_of_text(*texts[i]));
        m->letter.what.group = copied(&m->arena, &l->what.group);
        m->stage = STAGE_WORK;
        pthread_cond_signal(&m->wanted);
    }
    pthread_mutex_unlock(&m->lock);
    return idle;
}

bool letter_maker_took(struct letter_maker *m, enum fault *ret)
{
    pthread_mutex_lock(&m->lock);
    bool done = m->stage == STAGE_DONE || (m->stage == STAGE_WORK && m->stopped);
    if (done) {
        *ret = m->stage == STAGE_DONE ? m->fault : FAULT_CANCELLED; /* it was stopped before it began */
        m->stage = STAGE_IDLE;
    }
    pthread_mutex_unlock(&m->lock);
    return done;
}
