/* A set of texts; see textset.h. Open addressing, at most half full. */
#include "base/textset.h"

#include <stdlib.h>

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037ull; /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211ull;
    return hash;
}

/* The slot that holds the text, or the free one where it belongs. */
static const char **slot_of(const char **slot, size_t room, const char *text)
{
    size_t i = (size_t)(hash_of(text) % room);
    while (slot[i] && strcmp(slot[i], text) != 0)
        i = (i + 1) % room;
    return &slot[i];
}

static void grow(struct textset *s)
{
    size_t room = s->room ? s->room * 2 : 64;
    const char **slot = memory_new(room * sizeof *slot);
    for (size_t i = 0; i < s->room; i++)
        if (s->slot[i])
            *slot_of(slot, room, s->slot[i]) = s->slot[i];
    free(s->slot);
    s->slot = slot;
    s->room = room;
}

bool textset_add(struct textset *s, const char *text)
{
    if (s->count * 2 >= s->room)
        grow(s);
    const char **slot = slot_of(s->slot, s->room, text);
    if (*slot)
        return false;
    *slot = arena_text(&s->arena, bytes_of_text(text));
    s->count++;
    return true;
}

void textset_free(struct textset *s)
{
    free(s->slot);
    arena_free(&s->arena);
    *s = (struct textset){ 0 };
}
