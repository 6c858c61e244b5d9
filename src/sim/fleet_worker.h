/* Inside a fleet: what fleet.c and fleet_worker.c share. Nobody else includes this. */
#pragma once
#include "sim/fleet.h"

#include <pthread.h>
#include <stdatomic.h>

enum { FLEET_LOCKS = 64, FLEET_THREADS = 16 };

#define FLEET_NOBODY UINT32_MAX

struct fleet_worker;

struct fleet_counters {
    atomic_uint_fast64_t open, accepted, refused, requests, answers, damaged, heard, sent;
};

struct fleet {
    struct fleet_options options;
    uint32_t first; /* address, host order */
    uint16_t port;
    struct fleet_worker *workers[FLEET_THREADS];
    struct fleet_counters counters;
    pthread_mutex_t locks[FLEET_LOCKS]; /* of meters, by index modulo */
    struct sim_meter **meters;          /* NULL until born */
};

/* The meter, born and locked against other threads. */
struct sim_meter *fleet_lock(struct fleet *f, uint32_t index);
void fleet_unlock(struct fleet *f, uint32_t index);

/* Index of the meter at a dialled address (host order), or FLEET_NOBODY. */
uint32_t fleet_index(const struct fleet *f, uint32_t dialled);

/* Starts a thread that serves `listener`, which it owns. NULL (errno set) when it cannot. */
struct fleet_worker *fleet_worker_new(struct fleet *f, int listener);

/* Stops the thread and hangs up; sets *w to NULL; accepts NULL. */
void fleet_worker_free(struct fleet_worker **w);
