/* A bus of simulated M-Bus meters that answer at once (peer.h), with collisions and faults on demand. */
#pragma once
#include "sim/twin.h"
#include "support/peer.h"

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
    struct peer peer;
    void *sessions[MBUS_WORLD_METERS];
    uint8_t heard[4096];      /* bytes that are no whole frame yet */
    size_t heard_size;
};

/* Adds a meter; options as its twin takes them, kept by the caller. */
struct sim_meter *mbus_world_add(struct mbus_world *w, uint32_t serial, uint8_t address, const char *options);

/* The pipe to them; the world must outlive it. */
struct pipe *mbus_world_open(struct mbus_world *w);

/* Frees the meters; the pipe is gone. */
void mbus_world_close(struct mbus_world *w);
