/* Memory by lifetime; see arena.h. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chunks grow with what was taken: thousands of conversations keep small arenas, long answers few chunks. */
enum { CHUNK_LEAST = 256, CHUNK_MOST = 16384, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    _Alignas(ALIGNMENT) uint8_t bytes[];
};

static void exhausted(size_t size)
{
    fprintf(stderr, "level=error event=out-of-memory size=%zu\n", size);
    abort();
}

void *memory_new(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        exhausted(size);
    return memory;
}

void *memory_resize(void *old, size_t new_size)
{
    void *memory = realloc(old, new_size ? new_size : 1);
    if (!memory)
        exhausted(new_size);
    return memory;
}

void *memory_grow(void *old, size_t old_size, size_t new_size)
{
    uint8_t *memory = memory_resize(old, new_size);
    if (new_size > old_size)
        memset(memory + old_size, 0, new_size - old_size);
    return memory;
}

static void add_chunk(struct arena *a, size_t size)
{
    size_t quarter = a->taken / 4;
    size_t usual = quarter < CHUNK_LEAST ? CHUNK_LEAST : quarter > CHUNK_MOST ? CHUNK_MOST : quarter;
    if (size + sizeof(struct arena_chunk) < usual)
        size = usual - sizeof(struct arena_chunk);
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        exhausted(size);
    chunk->next = a->chunks;
    chunk->size = size;
    a->chunks = chunk;
    a->at = chunk->bytes;
    a->left = size;
}

void *arena_take(struct arena *a, size_t size)
{
    size = ((size ? size : 1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (size > a->left)
        add_chunk(a, size);
    void *memory = a->at;
    a->at += size;
    a->left -= size;
    a->taken += size;
    return memset(memory, 0, size);
}

struct bytes arena_copy(struct arena *a, struct bytes b)
{
    uint8_t *copy = arena_take(a, b.size + 1);
    if (b.size)
        memcpy(copy, b.data, b.size);
    return bytes_of(copy, b.size);
}

char *arena_text(struct arena *a, struct bytes b)
{
    char *copy = arena_take(a, b.size + 1);
    if (b.size)
        memcpy(copy, b.data, b.size);
    return copy;
}

void arena_reset(struct arena *a)
{
    while (a->chunks && a->chunks->next) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->next;
        free(chunk);
    }
    a->taken = 0;
    a->at = a->chunks ? a->chunks->bytes : NULL;
    a->left = a->chunks ? a->chunks->size : 0;
}

void arena_wipe(struct arena *a)
{
    for (struct arena_chunk *chunk = a->chunks; chunk; chunk = chunk->next)
        explicit_bzero(chunk->bytes, chunk->size);
    arena_free(a);
}

void arena_free(struct arena *a)
{
    while (a->chunks) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->next;
        free(chunk);
    }
    *a = (struct arena){ 0 };
}
