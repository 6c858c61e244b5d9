/* Threads that work off a bounded queue, first come first served. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct work {
    void (*run)(struct work *);
    struct work *next;
};

struct workers;

struct workers *workers_new(int threads, size_t bound);

/* False when so many wait already. The work belongs to the workers until it runs. */
bool workers_submit(struct workers *w, struct work *work);
size_t workers_waiting(struct workers *w);

/* Runs what waits and ends the threads. */
void workers_free(struct workers **w);
