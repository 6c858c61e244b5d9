/* Batches; see batch.h. */
#include "store/batch.h"

#include <assert.h>
#include <stdlib.h>

enum { LIMIT_LEAST = 64 << 10, FIRST_ITEMS = 48 };

/* Bytes the batch holds. */
static size_t held(const struct batch *b)
{
    return b->arena.taken + b->listed;
}

/* Room for one more item, or NULL when the batch is full. Lists grow by little: thousands of batches are open at once. */
static void *list_add(struct batch *b, struct batch_list *list, size_t item)
{
    if (list->count == list->room) {
        size_t room = list->room + (list->room / 4 > FIRST_ITEMS ? list->room / 4 : FIRST_ITEMS), more = (room - list->room) * item;
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

/* A reading in 24 bytes: thousands of batches wait for their sessions to end. */
struct packed_reading {
    uint64_t obis : 48, archive : 4, origin : 4, unit : 8;
    int64_t mantissa;
    uint32_t wall; /* seconds since 1970: up to the year 2105 */
    uint16_t step;
    int8_t exponent;
    uint8_t quality;
};
_Static_assert(sizeof(struct packed_reading) == 24, "packed");
_Static_assert(ARCHIVE_COUNT <= 16 && ORIGIN_COMPUTED < 16, "fit their bits");

static void take_reading(struct sink *sink, const struct reading *r)
{
    struct batch *b = (struct batch *)sink;
    if (r->wall < 0 || r->wall > UINT32_MAX || r->archive >= ARCHIVE_COUNT) {
        b->impossible++;
        return;
    }
    struct packed_reading *kept = list_add(b, &b->readings, sizeof *kept);
    if (kept)
        *kept = (struct packed_reading){
            .obis = r->obis.code & 0xFFFFFFFFFFFFull, .archive = (uint64_t)r->archive & 15, .origin = (uint64_t)r->origin & 15, .unit = r->unit,
            .mantissa = r->value.mantissa, .wall = (uint32_t)r->wall, .step = r->step, .exponent = r->value.exponent,
            .quality = r->quality };
}

struct reading batch_reading(const struct batch *b, size_t i)
{
    const struct packed_reading *p = (const struct packed_reading *)b->readings.items + i;
    return (struct reading){
        .obis = { p->obis }, .wall = p->wall, .value = { p->mantissa, p->exponent }, .step = p->step,
        .archive = (uint8_t)p->archive, .unit = (uint8_t)p->unit, .quality = p->quality, .origin = (uint8_t)p->origin };
}

const struct reading *batch_readings(const struct batch *b, struct arena *a)
{
    struct reading *all = arena_take(a, b->readings.count * sizeof *all);
    for (size_t i = 0; i < b->readings.count; i++)
        all[i] = batch_reading(b, i);
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
    struct batch_list *const lists[] = { &b->readings, &b->events, &b->states, &b->facts };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
        *lists[i] = (struct batch_list){ 0 };
    }
    b->listed = b->dropped = b->impossible = 0;
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
