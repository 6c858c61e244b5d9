/* An answer that goes out while it is made: a bounded queue between who writes and the connection.
 *
 * Counted: the connection holds one reference, whoever writes another. When the client is gone every write says so. */
#pragma once
#include "base/buffer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct MHD_Connection;
struct flow;

/* A queue of at most `bound` bytes for that connection. Two references: the connection's and the caller's. */
struct flow *flow_new(struct MHD_Connection *connection, size_t bound);

/* One without a connection: what is written is gathered, at most `bound` bytes, more ends it; it is gone when `*ending` is set. Two
 * references: who reads it with flow_gathered, and the caller's. */
struct flow *flow_local(size_t bound, const atomic_bool *ending);

/* What a flow without a connection has gathered, once it has ended; false when it broke off, *ret_full because it was more than fits. */
bool flow_gathered(struct flow *f, struct buffer *out, bool *ret_full);

/* Waits for room, at most `patience_ms` without the client taking anything. False: the client is gone or too slow, and the
 * flow has ended. */
bool flow_write(struct flow *f, const void *data, size_t size, int patience_ms);

/* Never waits: false, and the flow ended, when it does not fit. For news to many listeners. */
bool flow_offer(struct flow *f, const void *data, size_t size);

/* What was written still goes out, then the answer ends. `whole` false: the connection breaks off instead, so that nobody
 * takes half an export for a whole one. */
void flow_end(struct flow *f, bool whole);

bool flow_gone(struct flow *f);
struct flow *flow_ref(struct flow *f);
void flow_unref(struct flow **f);

/* --- for the server: the connection's side --- */

struct MHD_Response;
struct MHD_Response *flow_response(struct flow *f);
