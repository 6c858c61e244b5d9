/* Packed readings: whatever goes in comes out, in order, in few bytes. */
#include "base/arena.h"
#include "store/archive/batch.h"
#include "tap.h"

#include <stdlib.h>

static bool same(const struct reading *a, const struct reading *b)
{
    return obis_equal(a->obis, b->obis) && a->wall == b->wall && a->value.mantissa == b->value.mantissa &&
           a->value.exponent == b->value.exponent && a->step == b->step && a->archive == b->archive && a->unit == b->unit &&
           a->quality == b->quality && a->origin == b->origin;
}

static uint64_t random_word(void)
{
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void test_any(void)
{
    enum { COUNT = 20000 };
    struct reading *in = calloc(COUNT, sizeof *in);
    struct batch b;
    struct arena a = { 0 };
    batch_init(&b, 64 << 20);
    for (int i = 0; i < COUNT; i++) {
        uint64_t w = random_word();
        in[i] = (struct reading){ .obis = { random_word() & 0xFFFFFFFFFFFFull }, .wall = (int64_t)random_word(),
                                  .value = { (int64_t)random_word(), (int8_t)w }, .step = (uint16_t)(w >> 8), .archive = (uint8_t)(w >> 24),
                                  .unit = (uint8_t)(w >> 32), .quality = (uint8_t)(w >> 40), .origin = (uint8_t)(w >> 48) };
        if (i % 7 == 0)
            in[i].wall = INT64_MIN;
        if (i % 11 == 0)
            in[i].value.mantissa = INT64_MAX;
        if (i % 3)
            in[i].obis = OBIS(1, 0, w % 9, 8, 0, 255), in[i].step = in[i].archive = in[i].unit = in[i].quality = in[i].origin = 0;
        emit_reading(&b.sink, &in[i]);
    }
    const struct reading *out = batch_readings(&b, &a);
    int wrong = 0;
    for (int i = 0; i < COUNT; i++)
        wrong += !same(&in[i], &out[i]);
    is_int(b.readings.count, COUNT);
    is_int(wrong, 0, "any reading comes back as it went in");
    arena_free(&a);
    batch_free(&b);
    free(in);
}

static void test_day(void)
{
    struct batch b;
    batch_init(&b, 1 << 20);
    for (int slot = 0; slot < 48; slot++)
        for (int c = 1; c <= 4; c++)
            emit_reading(&b.sink, &(struct reading){ .obis = OBIS(1, 0, c, 29, 0, 255), .wall = 1795200000 + slot * 1800,
                                                     .value = { 37 * slot + c, 0 }, .step = 1800, .archive = ARCHIVE_PROFILE, .unit = UNIT_WATT_HOUR });
    ok(b.readings.size <= 192 * 5, "a day of half-hours takes %zu bytes", b.readings.size);
    batch_free(&b);
}

static void test_bound(void)
{
    struct batch b;
    batch_init(&b, 64 << 10);
    for (int i = 0; i < 100000; i++)
        emit_reading(&b.sink, &(struct reading){ .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = i, .value = { i, 0 } });
    ok(b.dropped > 0 && b.readings.count + b.dropped == 100000, "what does not fit is counted");
    batch_free(&b);
}

int main(void)
{
    test_any();
    test_day();
    test_bound();
    return tap_done();
}
