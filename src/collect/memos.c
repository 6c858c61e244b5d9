/* Shared memories of drivers; see memos.h. */
#include "collect/memos.h"

#include "base/arena.h"

#include <stdlib.h>

enum { PLACES = 4096, KEPT_MAX = PLACES / 2 };

struct kept {
    uint64_t hash;
    struct bytes bytes;
};

struct memos {
    struct kept place[PLACES];
    size_t count;
    struct arena arena;
};

struct memos *memos_new(void)
{
    return memory_new(sizeof(struct memos));
}

void memos_free(struct memos **m)
{
    if (*m)
        arena_free(&(*m)->arena);
    free(*m);
    *m = NULL;
}

/* FNV-1a over eight bytes at a time; collisions are told apart by comparing. */
static uint64_t hash_of(struct bytes b)
{
    uint64_t hash = 14695981039346656037ull;
    for (size_t i = 0; i + 8 <= b.size; i += 8) {
        uint64_t word;
        memcpy(&word, b.data + i, sizeof word);
        hash = (hash ^ word) * 1099511628211ull;
        hash ^= hash >> 29;
    }
    return hash | 1;
}

static bool all_zero(struct bytes b)
{
    return b.size == 0 || (b.data[0] == 0 && memcmp(b.data, b.data + 1, b.size - 1) == 0);
}

const void *memos_keep(struct memos *m, struct bytes memo)
{
    if (all_zero(memo))
        return NULL;
    uint64_t hash = hash_of(memo);
    size_t at = hash % PLACES;
    while (m->place[at].hash) {
        if (m->place[at].hash == hash && bytes_equal(m->place[at].bytes, memo))
            return m->place[at].bytes.data;
        at = (at + 1) % PLACES;
    }
    if (m->count == KEPT_MAX)
        return NULL;
    m->place[at] = (struct kept){ hash, arena_copy(&m->arena, memo) };
    m->count++;
    return m->place[at].bytes.data;
}
