/* Batches; see batch.h. */
#include "store/batch.h"

#include <assert.h>
#include <stdlib.h>

enum { LIMIT_LEAST = 64 << 10, FIRST_ITEMS = 16 };

/* Bytes the batch holds. */
static size_t held(const struct batch *b)
{
    return b->arena.taken + b->listed;
}

/* Room for one more item, or NULL when the batch is full. Lists grow by half: thousands of batches are open at once. */
static void *list_add(struct batch *b, struct batch_list *list, size_t item)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room + list->room / 2 : FIRST_ITEMS, more = (room - list->room) * item;
        if (held(b) + more > b->limit) {
            b->dropped++;
            return NULL;
        }
        list->items = memory_grow(list->items, list->room * item, room * item);
        list->room = room;
        b->listed += more;
    }
    return (uint8_t *)list->items + item * list->count++;
}

static void take_reading(struct sink *sink, const struct reading *r)
{
    struct batch *b = (struct batch *)sink;
    struct reading *kept = list_add(b, &b->readings, sizeof *kept);
    if (kept)
        *kept = *r;
}

static void take_event(struct sink *sink, const struct event *e)
{
    struct batch *b = (struct batch *)sink;
    struct event *kept = list_add(b, &b->events, sizeof *kept);
    if (kept)
        *kept = *e;
}

static void take_state(struct sink *sink, const struct state *s)
{
    struct batch *b = (struct batch *)sink;
    struct state *kept = list_add(b, &b->states, sizeof *kept);
    if (kept)
        *kept = *s;
}

static void take_fact(struct sink *sink, enum fact_kind kind, const char *utf8)
{
    struct batch *b = (struct batch *)sink;
    size_t size = strlen(utf8);
    if (held(b) + size + 1 > b->limit) {
        b->dropped++;
        return;
    }
    struct batch_fact *kept = list_add(b, &b->facts, sizeof *kept);
    if (kept)
        *kept = (struct batch_fact){ kind, arena_text(&b->arena, bytes_of(utf8, size)) };
}

static void forget(struct batch *b)
{
    struct batch_list *const lists[] = { &b->readings, &b->events, &b->states, &b->facts };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
        *lists[i] = (struct batch_list){ 0 };
    }
    b->listed = b->dropped = 0;
}

void batch_init(struct batch *b, size_t limit)
{
    assert(limit >= LIMIT_LEAST);
    *b = (struct batch){ .sink = { take_reading, take_event, take_state, take_fact }, .limit = limit };
}

void batch_reset(struct batch *b)
{
    arena_reset(&b->arena);
    forget(b);
}

void batch_free(struct batch *b)
{
    arena_free(&b->arena);
    forget(b);
}
