/* A driver, and a simulated meter that answers it at once (peer.h) by twin->find and ->answer. Time stands still at `wall` but for corrections of the meter's clock. */
#pragma once
#include "drivers/driver.h"
#include "sim/twin.h"
#include "support/peer.h"

enum { RIG_READINGS = 60000, RIG_EVENTS = 4096, RIG_STATES = 64, RIG_REQUESTS = 4096 };

struct rig {
    /* given */
    const char *twin;        /* "spodes" unless NULL */
    const char *options;     /* of the meter */
    const char *settings;    /* of the driver */
    uint32_t serial, address;
    int64_t wall;
    struct timing timing;
    bool split;              /* answers byte by byte */
    bool no_memo;
    struct counters *counters;
    /* Changes the n-th answer (from 0) to the request in `memory` of `room` bytes; its new size. NULL: nothing is done. */
    size_t (*twist)(struct rig *, uint32_t n, struct bytes request, uint8_t *memory, size_t size, size_t room);
    void *context;
    bool drop_session;       /* set by twist: the session is forgotten after this answer */

    /* kept */
    struct sim_meter meter;
    void *session;
    const struct driver *driver;
    void *memo;
    uint32_t requests;       /* heard */
    uint32_t aarqs;          /* frames whose APDU is an AARQ */
    enum fault fault;        /* of the dialogue, at its end */
    char detail[160];
    struct sink sink;
    struct reading *readings;
    struct event *events;
    struct state *states;
    size_t readings_count, events_count, states_count;
    char facts[FACT_COUNT][160];
    uint32_t exchanges;
    struct peer peer;
    uint8_t *heard;          /* bytes that are no whole frame yet */
    size_t heard_size;
};

/* Births the meter; runs one conversation: opens, calls `dialogue`, closes. Readings of the run before are forgotten. */
void rig_start(struct rig *r);
void rig_run(struct rig *r, void (*dialogue)(struct rig *r, struct conversation *c));
void rig_stop(struct rig *r);

/* The reading of this moment and code, or NULL. */
const struct reading *rig_reading(const struct rig *r, enum archive archive, int64_t wall, struct obis obis);
