/* Any bytes as a frame and as a parcel of the push: nothing is read outside of them, and no parcel unfolds to more than the bounds
 * let. */
#include "wire/push.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

struct counter {
    struct sink sink;
    size_t emitted;
    uint64_t sum;
};

static void count_reading(struct sink *s, const struct reading *r)
{
    struct counter *c = (struct counter *)s;
    check(r->archive < ARCHIVE_JOURNAL && r->value.exponent >= -18 && r->value.exponent <= 18 && r->origin == ORIGIN_PUSH);
    c->emitted++;
    c->sum = c->sum * 31 + (uint64_t)r->value.mantissa + (uint64_t)r->wall + r->quality;
}

static void count_event(struct sink *s, const struct event *e)
{
    struct counter *c = (struct counter *)s;
    c->emitted++;
    c->sum = c->sum * 31 + (uint64_t)e->wall + e->code;
}

static void count_state(struct sink *s, const struct state *t)
{
    struct counter *c = (struct counter *)s;
    c->emitted++;
    c->sum = c->sum * 31 + (uint64_t)t->wall + (uint64_t)t->value;
}

static void count_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    (void)s, (void)kind, (void)utf8;
    check(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct push_scratch scratch;
    struct push_frame f;
    struct push_item item;
    struct push_contact hour;
    size_t cells = PUSH_CELLS_MAX;
    uint32_t channel;
    struct bytes all = bytes_of(data, size);
    if (push_find(all, PUSH_BODY_STRANGER, &f) == PUSH_WHOLE)
        check(f.body.size <= PUSH_BODY_STRANGER && f.body.data + f.body.size <= data + size);
    struct cursor of_channel = cursor_over(all), c = cursor_over(all);
    (void)take_push_channel(&of_channel, &channel);
    (void)take_push_parcel(&c);
    struct counter counter = { .sink = { count_reading, count_event, count_state, count_fact } };
    while (push_item_next(&c, &item)) {
        (void)push_item_emit(&item, &scratch, &cells, &counter.sink);
        struct push_contacts walk = { .cursor = cursor_over(item.body) };
        for (size_t i = 0; push_contact_next(&walk, &hour); i++)
            check(i < PUSH_RECORDS_MAX);
    }
    check(counter.emitted <= PUSH_CELLS_MAX);
    return 0;
}
