/* Group commit: many conversations hand their batches to one thread, which stores several per transaction.
 *
 * The queue is bounded: when it is full, writer_submit waits and writer_try_submit says no, so a slow disk slows
 * collection instead of filling memory. `done` runs on the writer's thread after the commit, when what it reports is
 * stored; it must be short and must not submit by waiting. The store must outlive the writer; nothing else stops others
 * from using it meanwhile. */
#pragma once
#include "store/store.h"

struct writer_thread;

/* `fault` as of store_put; the batch is the submitter's again. `result` is zero unless `fault` is FAULT_NONE. */
typedef void writer_done_fn(void *context, const struct batch *batch, enum fault fault, const struct put_result *result);

/* `queue`: how many submissions may wait; `group`: how many share a transaction. 0: 1024 and 64. */
struct writer_thread *writer_new(struct store *s, size_t queue, size_t group);

/* Stores everything submitted, calls its callbacks, ends the thread. */
void writer_free(struct writer_thread **w);

/* The batch is borrowed until `done` is called with it. `done` may be NULL. */
void writer_submit(struct writer_thread *w, int64_t meter, const struct batch *batch, writer_done_fn *done,
                   void *context);
bool writer_try_submit(struct writer_thread *w, int64_t meter, const struct batch *batch, writer_done_fn *done,
                       void *context);

/* Spares flash, where every commit rewrites the same pages: from now on at most one commit in `ms`, unless `group` batches wait or
 * writer_hurry is called. What comes after a pause is stored at once. 0: as fast as they come. Before the first batch. */
void writer_gather(struct writer_thread *w, int ms);

/* What waits is stored now: somebody is waiting for it, or power goes. Any thread. */
void writer_hurry(struct writer_thread *w);

/* Waits until everything submitted before the call is answered. */
void writer_flush(struct writer_thread *w);
