/* A driver against a twin that answers at once (peer.h), with faults on demand; what the driver emits is collected. For any
 * family. */
#pragma once
#include "drivers/driver.h"
#include "sim/twin.h"

enum mischief {
    MISCHIEF_NONE,
    MISCHIEF_SILENCE,
    MISCHIEF_CUT,       /* the first half of the answer only */
    MISCHIEF_WRONG_SUM, /* one bit of the last byte turned over */
    MISCHIEF_NOISE,     /* bytes before the answer */
    MISCHIEF_ECHO,      /* the request before the answer */
    MISCHIEF_SPLIT,     /* byte by byte */
    MISCHIEF_TWIST,     /* what `twist` makes of it */
    MISCHIEF_RESTART,   /* the meter forgets its session and answers from the new one */
};

struct harness {
    /* set before harness_play */
    const char *name;       /* of driver and twin */
    const char *parameters; /* of the driver, may be "" */
    uint32_t serial, address;
    int64_t wall;           /* what the meter's clock shows, held still */
    const char *options;    /* of the twin, may be NULL */
    enum mischief mischief;
    int skip, count;        /* answers to leave alone, then to hit; count < 0: all */
    size_t (*twist)(uint8_t *answer, size_t size); /* MISCHIEF_TWIST: changes the answer in place, returns its new size */

    /* for the dialogue, and after */
    const struct driver *driver;
    struct sim_meter meter;
    int requests;           /* whole requests that the twin heard */
    uint8_t heard[65536];   /* the requests, one after another */
    size_t heard_size;
    enum fault fault;       /* of the conversation at its end */
    struct conversation_figures figures;

    /* what the driver emitted */
    struct sink sink;
    struct reading readings[20000];
    struct event events[8000];
    struct state states[64];
    char facts[FACT_COUNT][128];
    int readings_count, events_count, states_count;
};

/* A zeroed harness with the settings at hand; free() it. */
struct harness *harness_new(const char *name, const char *parameters, uint32_t serial, uint32_t address, int64_t wall);

/* Runs `dialogue` in a conversation with the twin. Time-outs are short. */
void harness_play(struct harness *h, void (*dialogue)(struct harness *, struct conversation *));

/* The reading with this code and moment in the archive; NULL when there is none or more than one. */
const struct reading *harness_reading(const struct harness *h, enum archive archive, struct obis obis, int64_t wall);

/* The same driver over a recording instead of a twin: a file of ">> hex" and "<< hex" lines. False, and *problem a text
 * that stays valid, when the exchange went differently. */
bool harness_replay(struct harness *h, const char *path, void (*dialogue)(struct harness *, struct conversation *), const char **problem);
