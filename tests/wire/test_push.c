/* Frames of the push: what goes in comes out, exactly; what is cut, turned or inflated is refused. */
#include "tap.h"
#include "wire/push.h"

#include <stdlib.h>

static uint8_t memory[PUSH_BODY_MAX];
static struct push_scratch scratch;

/* Keeps what an item emits. */
struct found {
    struct sink sink;
    struct reading readings[8000];
    struct event events[100];
    struct state states[100];
    size_t reading_count, event_count, state_count;
};

static void keep_reading(struct sink *s, const struct reading *r)
{
    struct found *f = (struct found *)s;
    if (f->reading_count < sizeof f->readings / sizeof *f->readings)
        f->readings[f->reading_count++] = *r;
}

static void keep_event(struct sink *s, const struct event *e)
{
    struct found *f = (struct found *)s;
    if (f->event_count < 100)
        f->events[f->event_count++] = *e;
}

static void keep_state(struct sink *s, const struct state *t)
{
    struct found *f = (struct found *)s;
    if (f->state_count < 100)
        f->states[f->state_count++] = *t;
}

static void keep_fact(struct sink *s, enum fact_kind k, const char *utf8)
{
    (void)s, (void)k, (void)utf8;
}

static struct found found;

static bool emit(struct bytes parcel)
{
    struct cursor c = cursor_over(parcel);
    struct push_item item;
    size_t cells = PUSH_CELLS_MAX;
    found = (struct found){ .sink = { keep_reading, keep_event, keep_state, keep_fact } };
    bool good = true;
    while (good && push_item_next(&c, &item))
        good = push_item_emit(&item, &scratch, &cells, &found.sink);
    return good && cursor_done(&c);
}

static int order(const void *x, const void *y)
{
    const struct reading *a = x, *b = y;
    return a->wall != b->wall ? (a->wall > b->wall) - (a->wall < b->wall) : (a->obis.code > b->obis.code) - (a->obis.code < b->obis.code);
}

static bool same_reading(const struct reading *a, const struct reading *b)
{
    bool missing = a->quality & QUALITY_MISSING;
    return a->wall == b->wall && obis_equal(a->obis, b->obis) && a->archive == b->archive && a->unit == b->unit && a->quality == b->quality && a->step == b->step
        && b->origin == ORIGIN_PUSH && (missing || (a->value.mantissa == b->value.mantissa && a->value.exponent == b->value.exponent));
}

static void check_readings(const struct reading *r, size_t count, const char *what)
{
    struct writer w = writer_over(memory, sizeof memory);
    ok(put_push_readings(&w, &scratch, 77, r, count), "%s: written", what);
    ok(emit(writer_bytes(&w)), "%s: taken", what);
    is_int(found.reading_count, count, "%s: all of them", what);
    qsort(found.readings, found.reading_count, sizeof *found.readings, order);
    size_t same = 0;
    for (size_t i = 0; i < count && i < found.reading_count; i++)
        same += same_reading(&r[i], &found.readings[i]);
    is_int(same, count, "%s: exactly", what);
    printf("# %s: %zu readings in %zu bytes\n", what, count, writer_size(&w));
}

static void test_profile(void)
{
    static struct reading r[48 * 4];
    int64_t day = INT64_C(1795132800);
    for (size_t i = 0; i < 48; i++)
        for (size_t k = 0; k < 4; k++)
            r[i * 4 + k] = (struct reading){ .obis = OBIS(1, 0, (unsigned)k + 1, 29, 0, 255), .wall = day + (int64_t)i * 1800, .archive = ARCHIVE_PROFILE, .step = 1800,
                .unit = UNIT_WATT_HOUR, .value = decimal_of((int64_t)(i * 37 % 500), 0), .quality = i > 20 && i < 30 ? QUALITY_PARTIAL : i == 7 ? QUALITY_MISSING : 0 };
    check_readings(r, 48 * 4, "a day of half-hours");
}

static void test_corners(void)
{
    static const struct reading r[] = {
        { .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = -5, .archive = ARCHIVE_CURRENT, .value = { INT64_MAX, 18 }, .unit = UNIT_NONE },
        { .obis = OBIS(1, 0, 2, 8, 0, 255), .wall = -5, .archive = ARCHIVE_CURRENT, .value = { INT64_MIN, -18 }, .unit = UNIT_WATT_HOUR },
        { .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = 0, .archive = ARCHIVE_CURRENT, .value = { INT64_MIN, 18 }, .unit = UNIT_NONE },
        { .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = INT64_MAX, .archive = ARCHIVE_CURRENT, .value = { 4180, -2 }, .unit = UNIT_NONE, .quality = 0xFE },
        { .obis = OBIS(255, 255, 255, 255, 255, 255), .wall = INT64_MAX, .archive = ARCHIVE_CURRENT, .value = { 0, 0 }, .unit = UNIT_OTHER, .quality = QUALITY_MISSING },
    };
    check_readings(r, sizeof r / sizeof *r, "the ends of the numbers");
    check_readings(r, 1, "one reading");
    static struct reading many[PUSH_READINGS_MAX];
    for (size_t i = 0; i < PUSH_READINGS_MAX; i++)
        many[i] = (struct reading){ .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = (int64_t)i * 1000000007, .archive = ARCHIVE_NETWORK, .value = { i & 1 ? INT64_MAX : INT64_MIN / 2, 0 },
                                    .quality = (uint8_t)(i % 3) << 1 };
    check_readings(many, PUSH_READINGS_MAX, "the most that one item may hold fits a frame");
    for (size_t i = 0; i < PUSH_READINGS_MAX; i++)
        many[i] = (struct reading){ .obis = OBIS(1, 0, i % 511, 8, 0, 255), .wall = (int64_t)(i / 511), .archive = ARCHIVE_DAY, .value = { INT64_MAX - (int64_t)i, -3 } };
    qsort(many, PUSH_READINGS_MAX, sizeof *many, order);
    struct writer w = writer_over(memory, sizeof memory);
    ok(put_push_readings(&w, &scratch, 1, many, 600) && emit(writer_bytes(&w)), "hundreds of registers");
    static struct reading twice[2] = { { .wall = 5, .value = { 1, 0 } }, { .wall = 5, .value = { 2, 0 } } };
    w = writer_over(memory, sizeof memory);
    ok(put_push_readings(&w, &scratch, 1, twice, 2) && emit(writer_bytes(&w)), "a register twice at one moment");
    is_int(found.reading_count, 1, "is there once");
}

static void test_room(void)
{
    static struct reading r[200];
    for (size_t i = 0; i < 200; i++)
        r[i] = (struct reading){ .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = (int64_t)i, .archive = ARCHIVE_CURRENT, .value = { (int64_t)i * 1000, 0 } };
    struct writer w = writer_over(memory, 1000);
    ok(put_push_readings(&w, &scratch, 1, r, 100), "one item fits");
    size_t before = writer_size(&w);
    while (put_push_readings(&w, &scratch, 1, r, 100))
        before = writer_size(&w);
    ok(!w.failed && writer_size(&w) == before && before > 200, "one that does not fit leaves what is there whole");
    ok(emit(writer_bytes(&w)), "and it can be read");
}

static void test_records(void)
{
    const struct event events[] = { { 1, 7, 1700000000, 0 }, { 65535, 65535, -1, UINT32_MAX }, { 3, 0, INT64_MIN, 5 } };
    const struct state states[] = { { OBIS(0, 0, 96, 3, 10, 255), 1700000000, 1 }, { OBIS(0, 0, 199, 1, 0, 255), INT64_MAX, INT64_MIN } };
    const struct push_contact hours[] = { { 490000, true, false }, { 490001, true, true }, { 489000, false, true } };
    struct writer w = writer_over(memory, sizeof memory);
    ok(put_push_events(&w, 5, events, 3) && put_push_states(&w, 6, states, 2));
    ok(emit(writer_bytes(&w)), "events and states");
    is_int(found.event_count, 3);
    for (size_t i = 0; i < 3; i++)
        ok(found.events[i].wall == events[i].wall && found.events[i].journal == events[i].journal && found.events[i].code == events[i].code && found.events[i].detail == events[i].detail);
    ok(found.state_count == 2 && obis_equal(found.states[1].obis, states[1].obis) && found.states[1].wall == INT64_MAX && found.states[1].value == INT64_MIN);
    w = writer_over(memory, sizeof memory);
    ok(put_push_contacts(&w, 9, hours, 3));
    struct cursor c = cursor_over(writer_bytes(&w));
    struct push_item item;
    ok(push_item_next(&c, &item) && item.what == PUSH_ITEM_CONTACTS && item.meter == 9);
    struct push_contacts walk = { .cursor = cursor_over(item.body) };
    struct push_contact h;
    for (size_t i = 0; i < 3; i++)
        ok(push_contact_next(&walk, &h) && h.hour == hours[i].hour && h.good == hours[i].good && h.failed == hours[i].failed);
    ok(!push_contact_next(&walk, &h));
}

/* A parcel cut anywhere is damaged, and no flip of a byte makes more than the bounds let. */
static void test_damage(void)
{
    static struct reading r[96];
    static uint8_t copy[PUSH_BODY_MAX];
    for (size_t i = 0; i < 96; i++)
        r[i] = (struct reading){ .obis = OBIS(1, 0, 1 + i % 2, 8, 0, 255), .wall = (int64_t)(i / 2) * 1800, .archive = ARCHIVE_PROFILE, .value = { (int64_t)i * 77, -1 } };
    struct writer w = writer_over(memory, sizeof memory);
    put_push_readings(&w, &scratch, 3, r, 96);
    struct bytes whole = writer_bytes(&w);
    size_t wrong = 0;
    for (size_t cut = 1; cut < whole.size; cut++)
        wrong += emit(bytes_part(whole, 0, cut));
    is_int(wrong, 0, "cut anywhere it is refused");
    size_t most = 0;
    for (size_t at = 0; at < whole.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, whole.data, whole.size);
            copy[at] ^= (uint8_t)(1 << bit);
            emit(bytes_of(copy, whole.size));
            most = found.reading_count > most ? found.reading_count : most;
        }
    ok(most < 8000, "a flipped bit unfolds to no flood");
}

/* Some kilobytes that say «2000 moments of 500 registers, all missing». */
static void test_inflation(void)
{
    struct writer w = writer_over(memory, sizeof memory);
    static uint8_t body[PUSH_BODY_MAX];
    struct writer b = writer_over(body, sizeof body);
    put_push_number(&b, PUSH_READINGS_MAX);
    put_push_signed(&b, 0);
    for (int i = 1; i < PUSH_READINGS_MAX; i++)
        put_push_number(&b, 1);
    put_push_number(&b, 500);
    for (int i = 0; i < 500; i++) {
        put_bytes(&b, bytes_of("\1\0\1\10\0\377", 6));
        put_u8(&b, UNIT_WATT_HOUR);
        put_push_signed(&b, 0);
        put_push_number(&b, 0);
        put_push_number(&b, PUSH_READINGS_MAX);
        put_push_number(&b, 1 + QUALITY_MISSING);
    }
    put_u8(&w, ARCHIVE_PROFILE);
    put_push_number(&w, 1);
    put_push_number(&w, writer_size(&b));
    put_bytes(&w, writer_bytes(&b));
    ok(!emit(writer_bytes(&w)), "what unfolds to millions is refused");
    is_int(found.reading_count, 0, "before any of it came out");
}

static void test_frames(void)
{
    struct writer w = writer_over(memory, sizeof memory);
    struct push_frame f;
    put_push_head(&w, PUSH_ACK, 3);
    put_bytes(&w, bytes_of("abcde", 5));
    is_int(push_find(bytes_of(memory, 3), PUSH_BODY_MAX, &f), PUSH_PARTIAL);
    is_int(push_find(bytes_of(memory, 6), PUSH_BODY_MAX, &f), PUSH_PARTIAL);
    is_int(push_find(bytes_of(memory, 9), PUSH_BODY_MAX, &f), PUSH_WHOLE);
    ok(f.kind == PUSH_ACK && bytes_equal(f.body, bytes_of_text("abc")));
    is_int(push_find(bytes_of(memory, 9), 2, &f), PUSH_WRONG, "more than is allowed");
    is_int(push_find(bytes_of_text("GET / HTTP/1.1"), PUSH_BODY_STRANGER, &f), PUSH_WRONG, "a browser");
    is_int(push_find(bytes_of("\0\0\0\0", 4), PUSH_BODY_MAX, &f), PUSH_WRONG, "a kind that is no letter");
    static const uint64_t numbers[] = { 0, 127, 128, 16383, 16384, UINT64_MAX };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        w = writer_over(memory, sizeof memory);
        put_push_number(&w, numbers[i]);
        struct cursor c = cursor_over(writer_bytes(&w));
        ok(take_push_number(&c) == numbers[i] && cursor_done(&c), "%llu", (unsigned long long)numbers[i]);
    }
    struct cursor long_one = cursor_over(bytes_of("\377\377\377\377\377\377\377\377\377\2", 10));
    take_push_number(&long_one);
    ok(long_one.failed, "more than 64 bits");
}

int main(void)
{
    test_frames();
    test_profile();
    test_corners();
    test_room();
    test_records();
    test_damage();
    test_inflation();
    return tap_done();
}
