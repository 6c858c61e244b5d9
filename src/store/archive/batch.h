/* What one conversation brought, on its way to the store. A batch IS a sink (its first member), so a driver emits straight
 * into it; its memory has a bound. What does not fit is dropped and counted: it stays owed and is asked for
 * again, so a meter gone mad costs a bounded amount of memory and no data. */
#pragma once
#include "base/arena.h"
#include "meter/reading.h"
#include "store/archive/stream.h"

enum { BATCH_BYTES_USUAL = 4 << 20 };

struct batch_fact {
    enum fact_kind kind;
    const char *utf8;
};

/* A growing array of the batch's. */
struct batch_list {
    void *items;
    size_t count;
    size_t room;
};

struct batch {
    struct sink sink;
    struct arena arena;
    size_t limit; /* bytes */
    size_t listed; /* bytes of the lists */
    struct reading_stream readings;
    struct batch_list events;   /* struct event */
    struct batch_list states;   /* struct state */
    struct batch_list facts;    /* struct batch_fact */
    size_t dropped;
};

/* `limit` in bytes, at least 64 KiB. batch_free gives the memory back; batch_reset keeps some for the next use. */
void batch_init(struct batch *b, size_t limit);
void batch_reset(struct batch *b);
void batch_free(struct batch *b);

/* All readings, unpacked into the arena. */
const struct reading *batch_readings(const struct batch *b, struct arena *a);

static inline const struct event *batch_events(const struct batch *b)
{
    return b->events.items;
}

static inline const struct state *batch_states(const struct batch *b)
{
    return b->states.items;
}

static inline const struct batch_fact *batch_facts(const struct batch *b)
{
    return b->facts.items;
}

static inline bool batch_empty(const struct batch *b)
{
    return b->readings.count + b->events.count + b->states.count + b->facts.count == 0;
}
