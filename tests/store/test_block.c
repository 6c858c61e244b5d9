/* The block codec: round trips, extremes, size, merge rules, hostile bytes. */
#include "store/archive/block.h"
#include "tap.h"

#include <stdlib.h>

static const struct obis a_plus = { UINT64_C(0x0100010800FF) }, a_minus = { UINT64_C(0x0100020800FF) };
static int64_t day;

static struct reading reading_at(struct obis o, int64_t wall, int64_t mantissa, int exponent)
{
    return (struct reading){ .obis = o, .wall = wall, .value = decimal_of(mantissa, exponent), .step = 1800,
                             .archive = ARCHIVE_PROFILE, .unit = UNIT_WATT_HOUR };
}

struct packed {
    struct bytes layout, body;
};

static struct packed pack_block(const struct block *b, struct arena *a)
{
    size_t layout_room = block_layout_room(b), room = block_room(b);
    struct writer layout = writer_over(arena_take(a, layout_room), layout_room), body = writer_over(arena_take(a, room), room);
    block_put_layout(b, &layout);
    block_put_body(b, a, &body);
    return (struct packed){ writer_bytes(&layout), writer_bytes(&body) };
}

static bool same_block(const struct block *x, const struct block *y)
{
    if (x->rows != y->rows || x->columns != y->columns || memcmp(x->walls, y->walls, x->rows * sizeof *x->walls) != 0)
        return false;
    for (uint32_t i = 0; i < x->rows; i++)
        if (block_stored(x, i) != block_stored(y, i))
            return false;
    for (uint32_t i = 0; i < x->columns; i++) {
        const struct block_column *a = &x->column[i], *b = &y->column[i];
        if (!obis_equal(a->obis, b->obis) || a->unit != b->unit || a->step != b->step || a->exponent != b->exponent
            || memcmp(a->marks, b->marks, x->rows * sizeof *a->marks) != 0
            || memcmp(a->values, b->values, x->rows * sizeof *a->values) != 0)
            return false;
    }
    return true;
}

/* Merges, packs, unpacks, compares; returns bytes of the body, 0 when something differs. */
static size_t round_trip(const struct reading *r, size_t count, struct arena *a, struct block *ret)
{
    struct block made, back;
    struct block_counts counts;
    if (!block_merge(NULL, day, r, count, day + 93784, a, &made, &counts))
        return 0;
    struct packed p = pack_block(&made, a);
    if (p.body.size == 0 || !block_take(p.layout, p.body, day, a, &back) || !same_block(&made, &back))
        return 0;
    struct packed again = pack_block(&back, a);
    *ret = back;
    return bytes_equal(p.body, again.body) && bytes_equal(p.layout, again.layout) ? p.body.size : 0;
}

/* When each moment came: kept through merges and joins, costing bytes only where it differs. */
static void test_arrivals(void)
{
    struct arena a = { 0 };
    struct block first, second, third, joined, back;
    struct block_counts n;
    struct reading r[3] = { reading_at(a_plus, day, 1, 0), reading_at(a_plus, day + 1800, 2, 0), reading_at(a_plus, day + 3600, 3, 0) };
    ok(block_merge(NULL, day, r, 2, day + 5000, &a, &first, &n));
    ok(block_merge(&first, day, r, 3, day + 9000, &a, &second, &n));
    ok(second.stored[0] == day + 5000 && second.stored[1] == day + 5000 && second.stored[2] == day + 9000, "what was there keeps its time");
    r[1].value.mantissa = 20;
    ok(block_merge(&second, day, r, 3, day + 9999, &a, &third, &n));
    ok(third.stored[0] == day + 5000 && third.stored[1] == day + 9999 && third.stored[2] == day + 9000, "a corrected moment has its correction's");
    struct packed p = pack_block(&third, &a);
    ok(block_take(p.layout, p.body, day, &a, &back) && same_block(&third, &back));
    const struct block *parts[] = { &first, &third };
    ok(block_join(parts, 2, day, &a, &joined) && joined.stored[1] == day + 9999, "of two the later");

    struct block unknown;
    struct reading late = reading_at(a_plus, day + 5400, 4, 0);
    ok(block_merge(NULL, day, r, 3, 0, &a, &unknown, &n));
    p = pack_block(&unknown, &a);
    ok(block_take(p.layout, p.body, day, &a, &back) && !back.stored && block_stored(&back, 2) == 0, "a body of before has none");
    ok(block_merge(&back, day, &late, 1, day + 7000, &a, &unknown, &n));
    p = pack_block(&unknown, &a);
    ok(block_take(p.layout, p.body, day, &a, &back) && back.stored[0] == 0 && back.stored[3] == day + 7000, "unknown beside known");
    arena_free(&a);
}

static void test_day(void)
{
    struct arena a = { 0 };
    struct reading r[96];
    for (int i = 0; i < 48; i++) {
        r[2 * i] = reading_at(a_plus, day + i * 1800, 200 + (i * 37) % 256, 0);
        r[2 * i + 1] = reading_at(a_minus, day + i * 1800, 0, 0);
    }
    struct block b;
    size_t size = round_trip(r, 96, &a, &b);
    ok(size > 0 && size <= 68, "a regular day of 96 values in 64 bytes, and 4 for when it came");
    is_int(b.rows, 48);
    is_int(b.columns, 2);
    struct reading back = block_reading(&b, ARCHIVE_PROFILE, 0, 3);
    is_int(back.wall, day + 3 * 1800);
    is_int(back.value.mantissa, 200 + 3 * 37);
    is_int(back.step, 1800);
    is_int(back.unit, UNIT_WATT_HOUR);
    arena_free(&a);
}

static void test_extremes(void)
{
    struct arena a = { 0 };
    struct block b;
    int64_t limits[] = { INT64_MIN, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN, 1, INT64_MIN + 1 };
    struct reading r[1440];
    for (int i = 0; i < 8; i++)
        r[i] = reading_at(a_plus, day + i * 1800, limits[i], -18);
    ok(round_trip(r, 8, &a, &b) > 0, "limits of int64");
    is_int(b.column[0].values[0], INT64_MIN);
    is_int(b.column[0].values[4], INT64_MAX);

    for (int i = 0; i < 48; i++) {
        r[i] = reading_at(a_plus, day + i * 1800, 777, 0);
        r[i].quality = QUALITY_MISSING;
    }
    size_t size = round_trip(r, 48, &a, &b);
    ok(size > 0 && size < 16, "a day that the meter does not have");
    is_int(b.column[0].values[7], 0, "a missing number is zero");

    for (int i = 0; i < 1440; i++)
        r[i] = reading_at(a_plus, day + i * 60, i * i, 2);
    ok(round_trip(r, 1440, &a, &b) > 0, "one-minute steps");
    is_int(b.rows, 1440);
    ok(round_trip(r, 1, &a, &b) <= 10, "one value at the start");
    r[0].wall += 86399;
    ok(round_trip(r, 1, &a, &b) > 0, "one value at the end");
    arena_free(&a);
}

static void test_mixed_exponents(void)
{
    struct arena a = { 0 };
    struct block b;
    struct reading r[] = { reading_at(a_plus, day, 230, 0), reading_at(a_plus, day + 900, 2301, -1),
                           reading_at(a_plus, day + 1000, 23, 1), reading_at(a_plus, day + 2000, INT64_MAX, 5),
                           reading_at(a_plus, day + 3000, 12345, -9) };
    ok(round_trip(r, 5, &a, &b) > 0);
    is_int(b.columns, 2, "what one scale cannot hold gets a column of its own");
    int found = 0;
    for (int i = 0; i < 5; i++)
        for (uint32_t c = 0; c < b.columns; c++)
            if (b.column[c].marks[i])
                found += decimal_compare(decimal_of(b.column[c].values[i], b.column[c].exponent), r[i].value) == 0;
    is_int(found, 5, "every value exact, each once");
    arena_free(&a);
}

static void test_random(void)
{
    struct arena a = { 0 };
    struct block b;
    int bad = 0;
    srand(1);
    for (int round = 0; round < 400; round++) {
        struct reading r[300];
        int count = 1 + rand() % 300, width = rand() % 63;
        for (int i = 0; i < count; i++) {
            struct obis o = { UINT64_C(0x0100010800FF) + ((uint64_t)(rand() % 5) << 16) };
            int64_t v = (int64_t)((uint64_t)rand() << 33 ^ (uint64_t)rand() << 3) >> width;
            r[i] = reading_at(o, day + rand() % 86400, v, rand() % 10 ? -3 : rand() % 37 - 18);
            r[i].quality = (uint8_t)(rand() % 20 ? 0 : rand() % 64);
            r[i].origin = (uint8_t)(rand() % 40 ? 0 : rand() % 5);
        }
        if (round_trip(r, count, &a, &b) == 0) {
            bad++;
            continue;
        }
        struct packed p = pack_block(&b, &a);
        struct block junk;
        for (int i = 0; i < 20; i++) { /* any damage is survived */
            ((uint8_t *)p.body.data)[rand() % p.body.size] ^= (uint8_t)(1 << rand() % 8);
            block_take(p.layout, bytes_part(p.body, 0, rand() % (p.body.size + 1)), day, &a, &junk);
        }
        arena_reset(&a);
    }
    is_int(bad, 0, "400 random blocks come back");
    arena_free(&a);
}

static struct block merged(const struct block *old, struct reading r, struct arena *a, struct block_counts *counts)
{
    struct block b = { 0 };
    ok(block_merge(old, day, &r, 1, 0, a, &b, counts));
    return b;
}

static void test_merge(void)
{
    struct arena a = { 0 };
    struct block_counts n;
    struct reading r = reading_at(a_plus, day, 100, 0), missing = r, estimate = r;
    missing.quality = QUALITY_MISSING;
    estimate.quality = QUALITY_ESTIMATED;
    estimate.value.mantissa = 90;

    struct block b = merged(NULL, missing, &a, &n);
    is_int(n.fresh, 1, "the meter has none: kept as such");
    b = merged(&b, missing, &a, &n);
    is_int(n.same, 1);
    b = merged(&b, estimate, &a, &n);
    is_int(n.changed, 1, "an estimate fills it");
    b = merged(&b, r, &a, &n);
    is_int(n.changed, 1, "a measured value replaces the estimate");
    is_int(mark_revision(b.column[0].marks[0]), 2, "third revision");
    b = merged(&b, estimate, &a, &n);
    is_int(n.same, 1, "an estimate does not replace a measured value");
    b = merged(&b, missing, &a, &n);
    is_int(n.same, 1, "nor does nothing");
    is_int(b.column[0].values[0], 100);
    struct reading zeros = reading_at(a_plus, day, 10000, -2);
    b = merged(&b, zeros, &a, &n);
    is_int(n.same, 1, "100.00 is 100");
    r.unit = UNIT_VAR_HOUR;
    b = merged(&b, r, &a, &n);
    is_int(n.changed, 1, "another unit is another value");
    is_int(b.columns, 1, "and there is one value for the moment");
    for (int i = 0; i < 300; i++) {
        r.value.mantissa = i;
        b = merged(&b, r, &a, &n);
    }
    is_int(mark_revision(b.column[0].marks[0]), 255, "revision stays at its end");

    struct reading many[2] = { reading_at(a_plus, day + 1800, 1, 0), reading_at(a_plus, day, 2, 0) };
    ok(block_merge(NULL, day, many, 2, 0, &a, &b, &n) && b.walls[0] == day && b.column[0].values[0] == 2, "sorted");
    struct block c;
    struct reading later = reading_at(a_minus, day + 900, 5, 0);
    ok(block_merge(NULL, day, &later, 1, 0, &a, &c, &n));
    const struct block *parts[] = { &b, &c };
    struct block joined;
    ok(block_join(parts, 2, day, &a, &joined));
    is_int(joined.rows, 3);
    is_int(joined.columns, 2);
    ok(block_has_row(&joined, day + 900) && !block_has_row(&joined, day + 901));
    arena_free(&a);
}

static void test_limits(void)
{
    struct arena a = { 0 };
    struct block b;
    struct block_counts n;
    struct reading *r = calloc(BLOCK_COLUMNS_MAX + 1, sizeof *r);
    for (int i = 0; i <= BLOCK_COLUMNS_MAX; i++)
        r[i] = reading_at((struct obis){ (uint64_t)i }, day, i, 0);
    ok(!block_merge(NULL, day, r, BLOCK_COLUMNS_MAX + 1, 0, &a, &b, &n), "too many registers");
    ok(block_merge(NULL, day, r, BLOCK_COLUMNS_MAX, 0, &a, &b, &n), "just enough");
    struct packed p = pack_block(&b, &a);
    ok(block_take(p.layout, p.body, day, &a, &b));
    ok(!block_take(p.layout, bytes_part(p.body, 0, p.body.size - 1), day, &a, &b), "cut short");
    ok(!block_take(bytes_part(p.layout, 1, 99), p.body, day, &a, &b), "another layout");
    uint8_t future[] = { 0x23, 0 };
    ok(!block_take(p.layout, bytes_of(future, 2), day, &a, &b), "a later version is not guessed at");
    free(r);
    arena_free(&a);
}

int main(void)
{
    day = wall_from_fields(2026, 10, 25, 0, 0, 0);
    test_day();
    test_arrivals();
    test_extremes();
    test_mixed_exponents();
    test_random();
    test_merge();
    test_limits();
    return tap_done();
}
