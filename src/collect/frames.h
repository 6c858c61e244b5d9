/* The exchange journal of collection: every session's frames on their way to the store, written by a thread of its own so
 * that no conversation waits for it. A diagnostic: when the disk cannot keep up, whole sessions are dropped and counted. */
#pragma once
#include "link/conversation.h"
#include "store/frames/exchange.h"

struct frame_log;

/* Frames of one session. Its first member is the trace to give to the conversation. */
struct frame_session {
    struct trace trace;
    struct frame_session *next;
    struct arena arena;
    struct exchange *records;
    size_t count, room;
    int64_t meter, link;
    bool plain; /* nothing went wrong and nothing was switched: remembered is enough where the store remembers frames */
};

/* A journal that keeps at most `limit_bytes` in the store, which must outlive it; written once in `gather_ms` at most, 0: at once. What is
 * only remembered is there at once. */
struct frame_log *frame_log_new(struct store *s, int64_t limit_bytes, int gather_ms);

/* Writes what waits and ends. */
void frame_log_free(struct frame_log **log);

struct frame_session *frame_session_new(int64_t meter, int64_t link);

/* Hands the session over; it belongs to the journal then. `log` NULL frees it. */
void frame_log_take(struct frame_log *log, struct frame_session *session);

/* Sessions dropped so far. */
size_t frame_log_dropped(struct frame_log *log);
