/* The journal of frames: what was sent to a meter and what it answered, so that any number leads back to the bytes it
 * came from. A ring: the oldest conversations make room when the limit is reached. Losing the last moments of it with the
 * power is no harm.
 *
 * Frames of Mercury and of DLMS Low hold the meter's password as it went over the line: the journal lies sealed (vault.h).
 * Of what was sealed with a key that is lost a note is left, which says so. */
#pragma once
#include "store/store.h"

enum exchange_direction { EXCHANGE_SENT, EXCHANGE_RECEIVED, EXCHANGE_NOTE };

struct exchange {
    int64_t meter;    /* 0: before it is known who answers */
    int64_t link;
    int64_t utc_ms;
    enum exchange_direction direction;
    struct bytes frame;
    const char *note; /* step of the dialogue, fault; may be NULL */
};

/* Appends in one transaction; records of one meter and link that stand together share a row. Then drops the oldest rows
 * while the journal is larger than `limit_bytes`. FAULT_LIMIT for a frame or note above 64 KiB: nothing stored. */
enum fault store_exchange_put(struct store *s, const struct exchange *records, size_t count, int64_t limit_bytes);

/* A small box wears its flash out with frames that nobody looks at: from now on what store_exchange_remember takes is kept in so many
 * bytes of memory, packed, the oldest making room. Before anybody else has the store. */
void store_exchange_memory(struct store *s, size_t bytes);

/* As store_exchange_put, into the memory: gone with the program. FAULT_NOT_SUPPORTED when there is none, nothing taken then. */
enum fault store_exchange_remember(struct store *s, const struct exchange *records, size_t count);

/* Records of a meter within [from_ms, to_ms), oldest first, stored or remembered; what the callback gets lives as long as the call. */
typedef bool store_exchange_fn(void *context, const struct exchange *e);
enum fault store_exchanges(struct store *s, int64_t meter, int64_t from_ms, int64_t to_ms, store_exchange_fn *each,
                           void *context);

/* Rows whose last frame is older than the moment go, from the memory too. */
enum fault store_exchanges_clear(struct store *s, int64_t before_ms);
