/* How frames lie in one row of their journal (exchange.h), on the disk and in memory: records of one meter and link, one after another:
 * milliseconds since the first (4), direction (1), frame size (4), note size (4), frame, note; big-endian. Packed: their size (4) and
 * they by zlib. */
#pragma once
#include "base/arena.h"
#include "base/cursor.h"
#include "store/frames/exchange.h"

/* How many of the records, from the first one on, go into one row: of one meter and link, in order of time. */
size_t exchange_row_count(const struct exchange *e, size_t count);

/* Whether all are within what a row takes. */
bool exchange_row_fits(const struct exchange *e, size_t count);

/* The records of one row, in the arena. */
struct bytes exchange_row_write(const struct exchange *e, size_t count, struct arena *a);

/* Gives those within [from_ms, to_ms) of a row whose first has the moment `e.utc_ms`; meter and link are as in `e`. *ret_going: the
 * callback wants more. False: the row is damaged, what stood before the damage was given. */
bool exchange_row_read(struct bytes records, struct exchange e, int64_t from_ms, int64_t to_ms, store_exchange_fn *each, void *context, bool *ret_going);

/* Frames of a session are alike: half of their size is spared by the quickest of zlib's ways. */
struct bytes exchange_row_pack(struct bytes records, struct arena *a);

/* NULL data when it is damaged. */
struct bytes exchange_row_unpack(struct bytes packed, struct arena *a);
