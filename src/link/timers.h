/* A binary heap of deadlines; the earliest is at the top. Timers live inside their owners. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct timer {
    int64_t at_us;
    size_t place; /* 1-based place in the heap; 0 when not in it */
};

struct timers {
    struct timer **heap;
    size_t count, room;
};

/* Puts the timer in, or moves it when it is in already. */
void timers_set(struct timers *t, struct timer *timer, int64_t at_us);

/* Takes it out; nothing happens when it is not in. */
void timers_clear(struct timers *t, struct timer *timer);

/* The earliest timer, or NULL. */
struct timer *timers_first(const struct timers *t);

void timers_free(struct timers *t);
