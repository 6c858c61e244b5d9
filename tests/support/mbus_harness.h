/* A bus of simulated M-Bus meters in a thread behind a socket pair, with collisions and faults on demand. */
#pragma once
#include "sim/twin.h"

#include <pthread.h>

enum mbus_trouble {
    TROUBLE_NONE,
    TROUBLE_CUT,           /* the answer stops in the middle */
    TROUBLE_WRONG_SUM,
    TROUBLE_OTHER_ADDRESS, /* another meter's answer instead, with a good sum */
    TROUBLE_GARBAGE,       /* bytes before the answer */
    TROUBLE_SPLIT,         /* every byte on its own */
    TROUBLE_SILENCE,
    TROUBLE_ECHO,          /* the request comes back before the answer */
};

enum { MBUS_WORLD_METERS = 8 };

struct mbus_world {
    struct sim_meter meters[MBUS_WORLD_METERS];
    int count;
    int64_t wall;             /* true time; stands still */
    enum mbus_trouble trouble;
    int times;                /* how many data answers it hits; -1: all */
    int deselects, selects;   /* SND_NKE to 253 and SELECT seen */
    int fd;                   /* the meters' end */
    pthread_t thread;
};

/* Adds a meter; options as its twin takes them, kept by the caller. */
struct sim_meter *mbus_world_add(struct mbus_world *w, uint32_t serial, uint8_t address, const char *options);

/* Starts answering; the returned descriptor is the caller's. */
int mbus_world_open(struct mbus_world *w);

/* Waits for the thread, which ends when the other end is closed, and frees the meters. */
void mbus_world_close(struct mbus_world *w);
