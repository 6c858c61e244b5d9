/* The heap of deadlines; see timers.h. */
#include "link/timers.h"

#include "base/arena.h"

#include <stdlib.h>

static void place(struct timers *t, size_t i, struct timer *timer)
{
    t->heap[i - 1] = timer;
    timer->place = i;
}

static struct timer *at(const struct timers *t, size_t i)
{
    return t->heap[i - 1];
}

static void rise(struct timers *t, size_t i, struct timer *timer)
{
    for (; i > 1 && at(t, i / 2)->at_us > timer->at_us; i /= 2)
        place(t, i, at(t, i / 2));
    place(t, i, timer);
}

static void sink(struct timers *t, size_t i, struct timer *timer)
{
    for (;;) {
        size_t child = i * 2;
        if (child > t->count)
            break;
        if (child < t->count && at(t, child + 1)->at_us < at(t, child)->at_us)
            child++;
        if (at(t, child)->at_us >= timer->at_us)
            break;
        place(t, i, at(t, child));
        i = child;
    }
    place(t, i, timer);
}

void timers_set(struct timers *t, struct timer *timer, int64_t at_us)
{
    timers_clear(t, timer);
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 64;
        t->heap = memory_grow(t->heap, t->room * sizeof *t->heap, room * sizeof *t->heap);
        t->room = room;
    }
    timer->at_us = at_us;
    t->count++;
    rise(t, t->count, timer);
}

void timers_clear(struct timers *t, struct timer *timer)
{
    size_t i = timer->place;
    if (i == 0)
        return;
    timer->place = 0;
    struct timer *last = at(t, t->count--);
    if (last == timer)
        return;
    if (i > 1 && at(t, i / 2)->at_us > last->at_us)
        rise(t, i, last);
    else
        sink(t, i, last);
}

struct timer *timers_first(const struct timers *t)
{
    return t->count ? t->heap[0] : NULL;
}

void timers_free(struct timers *t)
{
    free(t->heap);
    *t = (struct timers){ 0 };
}
