/* The frames that are remembered and not stored (exchange.h): rows in memory, the oldest making room. */
#pragma once
#include "store/frames/exchange.h"

struct exchange_recent;

/* `limit` bytes of packed rows at most. */
struct exchange_recent *exchange_recent_new(size_t limit);
void exchange_recent_free(struct exchange_recent **recent);

/* The records of one row (exchange_row.h). */
void exchange_recent_add(struct exchange_recent *r, const struct exchange *e, size_t count);

/* Those whose last frame is older than the moment go. */
void exchange_recent_clear(struct exchange_recent *r, int64_t before_ms);

/* A remembered row: what it says of itself, and its packed records. */
struct exchange_row {
    int64_t meter, link, from_ms, to_ms;
    struct bytes packed;
};

/* Rows of the meter that have to do with [from_ms, to_ms), by from_ms; all in the arena. NULL `r` remembers nothing. */
size_t exchange_recent_find(struct exchange_recent *r, int64_t meter, int64_t from_ms, int64_t to_ms, struct arena *a, const struct exchange_row **ret);
