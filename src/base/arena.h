/* Memory by lifetime: a conversation, a request or a batch takes what it needs and gives it back whole.
 *
 * Memory comes in chunks from malloc; small sizes that cannot be had end the process (a server that cannot allocate a
 * kilobyte can do nothing better), so takers need no check. Sizes that come from outside must be bounded before. */
#pragma once
#include "base/bytes.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
    uint8_t *at;
    size_t left;
    size_t taken; /* bytes handed out since the last reset */
};

/* An empty arena owns nothing: `struct arena a = { 0 };` is ready to use. */

/* `size` bytes, zeroed, aligned for any type. Owned by the arena. */
void *arena_take(struct arena *a, size_t size);

/* Copies of bytes and text in the arena; the text gets a NUL. */
struct bytes arena_copy(struct arena *a, struct bytes b);
char *arena_text(struct arena *a, struct bytes b);

/* Forgets everything taken; keeps the first chunk for the next use. */
void arena_reset(struct arena *a);

/* Gives all memory back; the arena is empty and usable again. */
void arena_free(struct arena *a);

/* The same for memory that held secrets: it is overwritten before. */
void arena_wipe(struct arena *a);

/* malloc/realloc that end the process when memory is exhausted; zeroed. For long-lived things with a _new/_free pair. */
void *memory_new(size_t size);
void *memory_grow(void *old, size_t old_size, size_t new_size);

/* The same without zeroing: pages that are not written yet cost nothing. */
void *memory_resize(void *old, size_t new_size);
