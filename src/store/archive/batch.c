/* Batches; see batch.h. */
#include "store/archive/batch.h"

#include <assert.h>
#include <stdlib.h>

enum { LIMIT_LEAST = 64 << 10, FIRST_ITEMS = 12 };

/* Bytes the batch holds. */
static size_t held(const struct batch *b)
{
    return b->arena.taken + b->listed + reading_stream_memory(&b->readings);
}

/* Room for one more item, or NULL when the batch is full. Lists grow by half: thousands
 * of batches are open at once. */
static void *list_add(struct batch *b, struct batch_list *list, size_t item)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room + list->room / 2 : FIRST_ITEMS, more = (room - list->room) * item;
        if (held(b) + more > b->limit) {
            b->dropped++;
            return NULL;
        }
        list->items = memory_resize(list->items, room * item);
        list->room = room;
        b->listed += more;
    }
    return (uint8_t *)list->items + item * list->count++;
}

static void take_reading(struct sink *sink, const struct reading *r)
{
    struct batch *b = (struct batch *)sink;
    if (held(b) + reading_stream_growth(&b->readings) > b->limit)
        b->dropped++;
    else
        reading_stream_add(&b->readings, r);
}

const struct reading *batch_readings(const struct batch *b, struct arena *a)
{
    struct reading *all = arena_take(a, b->readings.count * sizeof *all);
    struct reading_walk walk = reading_walk_over(&b->readings);
    for (size_t i = 0; i < b->readings.count; i++)
        reading_walk_next(&walk, &all[i]);
    return all;
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
    struct batch_list *const lists[] = { &b->events, &b->states, &b->facts };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
        *lists[i] = (struct batch_list){ 0 };
    }
    reading_stream_free(&b->readings);
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
