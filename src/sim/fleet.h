/* A fleet: thousands of simulated meters of one family, each at its own loopback address, as if behind modems.
 *
 * One listener per thread hears every address of 127.0.0.0/8 at one port; the address that was dialled chooses the meter:
 * index = dialled address - first address, serial number = first serial + index. Meters are born when first dialled and
 * live until the fleet ends, sessions die with their connections. A connection is a small record in a plain epoll loop
 * (no coroutine, no buffer while it is quiet), and a delayed answer is a timer. Nothing outside the machine can reach
 * it: the sockets are bound to the device lo where the kernel allows, and what dials another address is hung up on. */
#pragma once
#include "sim/meter.h"

struct fleet;

struct fleet_options {
    const struct twin *twin;
    const char *first_address; /* "127.1.0.1" */
    uint16_t port;             /* 0: any free one, fleet_port tells */
    bool udp;                  /* datagrams instead of connections; one thread serves them */
    uint32_t count;            /* meters; 0: 1 */
    uint32_t first_serial;
    uint32_t address;          /* of every meter in the family's own sense; 0: a meter answers whatever address it hears */
    int32_t zone_minutes;
    uint32_t latency_ms;       /* before each answer, as a mobile network would */
    int threads;               /* 0: 1 */
    struct sim_troubles troubles;
    const char *options;       /* for the twins; copied */
    struct sim_clock clock;
};

/* Opens the fleet and starts its threads. NULL with the reason in `problem`. */
struct fleet *fleet_new(const struct fleet_options *options, enum lang lang, struct text *problem);

/* Hangs up on everybody and frees everything; sets *f to NULL; accepts NULL. */
void fleet_free(struct fleet **f);

uint16_t fleet_port(const struct fleet *f);

/* Calls call(meter, argument) while nobody converses with the meter (it is born if need be): for tests and for people
 * who change faults, relays or clocks. `index` is below the count. */
void fleet_visit(struct fleet *f, uint32_t index, void (*call)(struct sim_meter *, void *), void *argument);

/* Since the fleet was opened. */
struct fleet_figures {
    uint64_t open;     /* connections now */
    uint64_t accepted; /* connections in all */
    uint64_t refused;  /* dialled addresses that are no meter's */
    uint64_t requests; /* whole frames heard */
    uint64_t answers;
    uint64_t damaged;  /* frames with wrong checksums */
    uint64_t heard, sent; /* bytes */
};
struct fleet_figures fleet_figures(const struct fleet *f);

/* Bytes a quiet connection of the fleet takes in this process (the kernel's socket comes on top). */
size_t fleet_connection_size(const struct fleet *f);
