/* COSEM data: compact arrays that read like plain ones, times with wildcards, limits, hostile counts. */
#include "tap.h"
#include "base/civil.h"
#include "base/text.h"
#include "wire/axdr.h"

static uint8_t memory[4096];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

/* The same walk over a plain and a compact array. */
static void read_pairs(struct cosem_reader *r, const char *name)
{
    is_int(cosem_take_array(r), 2);
    printf("# %s\n", name);
    for (int i = 0; i < 2; i++) {
        is_int(cosem_take_structure(r), 2, "structure");
        is_int(cosem_take_integer(r), i + 1, "first");
        is_int(cosem_take_integer(r), i ? 0x0304 : 0x0102, "second");
    }
    is_int(cosem_take_integer(r), 7, "what follows the array");
    ok(cosem_done(r), "all was read");
}

static void test_compact(void)
{
    struct cosem_reader r = cosem_reader_over(hex("0102 0202 1101 120102 0202 1102 120304 1107"));
    read_pairs(&r, "plain");
    r = cosem_reader_over(hex("13 020211 12 06 010102 020304 1107"));
    read_pairs(&r, "compact");
    r = cosem_reader_over(hex("13 01000211 04 01020304 1107"));
    is_int(cosem_take_array(&r), 2, "arrays inside");
    is_int(cosem_take_array(&r), 2);
    is_int(cosem_take_integer(&r), 1);
    cosem_skip(&r);
    cosem_skip(&r);
    is_int(cosem_take_integer(&r), 7);
    ok(cosem_done(&r), "skip counts elements of compact contents as well");
    r = cosem_reader_over(hex("13 02020911 05 02AABB07 00"));
    ok(cosem_take_array(&r) == 0 && cosem_failed(&r), "contents that end inside of an element");
    r = cosem_reader_over(hex("13 11 00 1107"));
    is_int(cosem_take_array(&r), 0, "no contents");
    is_int(cosem_take_integer(&r), 7);
    r = cosem_reader_over(hex("13 0202000F 02 0102"));
    is_int(cosem_take_array(&r), 2, "a column of nulls takes no bytes");
    is_int(cosem_take_structure(&r), 2);
    is_int(cosem_take(&r).type, COSEM_NULL);
    is_int(cosem_take_integer(&r), 1);
    cosem_skip(&r);
    ok(cosem_done(&r), "to the end");
}

static void test_hostile(void)
{
    static const char *const bad[] = {
        "", "FE", "0184FFFFFFFF", "0281", "04FF", "0985010203", "0900 00", "13", "13 01FFFF01FFFF01FFFF00 01 00",
        "13 00 01 00", "13 13 11 01 00", "1900", "13 0281", "01FF", "13 01FFFF0200 01 00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cosem_reader r = cosem_reader_over(hex(bad[i]));
        cosem_skip(&r);
        ok(!cosem_done(&r), "refused");
    }
    memset(memory, 1, 3000); /* arrays of one array of one array … */
    memory[2998] = 0;
    struct cosem_reader r = cosem_reader_over(bytes_of(memory, 2999));
    cosem_skip(&r);
    ok(cosem_done(&r), "deep nesting costs no stack");
    struct cosem_reader deep = cosem_reader_over(hex("13 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 0201 11 01 07"));
    cosem_skip(&deep);
    ok(cosem_failed(&deep), "compact types deeper than the reader follows");
}

static void test_numbers(void)
{
    struct cosem_data d;
    struct decimal value;
    int64_t number = 5;
    char text[DECIMAL_TEXT_MAX];
    struct cosem_reader r = cosem_reader_over(hex("15FFFFFFFFFFFFFFFF"));
    d = cosem_take(&r);
    ok(!cosem_integer(&d, &number) && number == 5, "beyond 63 bits");
    r = cosem_reader_over(hex("1742273333"));
    d = cosem_take(&r);
    ok(cosem_decimal(&d, &value), "float");
    is_text(decimal_format(value, text), "41.8");
    uint8_t out[16];
    struct writer w = writer_over(out, sizeof out);
    put_cosem_number(&w, COSEM_INT8, -129);
    ok(w.failed, "-129 is no int8");
    w = writer_over(out, sizeof out);
    put_cosem_number(&w, COSEM_FLOAT32, 1);
    ok(w.failed, "a float is no integer");
    struct cosem_scaler s = { .exponent = -2, .unit = 27 };
    w = writer_over(out, sizeof out);
    put_cosem_scaler(&w, s);
    ok(bytes_equal(writer_bytes(&w), bytes_of("\x02\x02\x0F\xFE\x16\x1B", 6)), "10^-2 W");
    r = cosem_reader_over(writer_bytes(&w));
    s = cosem_take_scaler(&r);
    ok(cosem_done(&r) && s.exponent == -2 && s.unit == 27, "and back");
    ok(cosem_scaled(decimal_of(4180, 0), s, &value), "scaled");
    is_text(decimal_format(value, text), "41.80");
    s.exponent = 100;
    ok(!cosem_scaled(decimal_of(1, 0), s, &value), "an exponent out of range");
}

static void test_times(void)
{
    struct cosem_date_time t, back;
    char text[CIVIL_TEXT_MAX];
    struct cosem_reader r = cosem_reader_over(hex("090C 07EA0911040C0F0600FF4C00 19 07EA0911040C0F0600FF4C00 1A 07E80B15FF 1B 081E0F17 0905 07E80B15FF"));
    struct cosem_data d = cosem_take(&r);
    ok(cosem_date_time(&d, &t) && t.deviation == -180, "octet string of 12");
    is_text(wall_format(cosem_date_time_wall(&t), text), "2026-09-17 12:15:06");
    d = cosem_take(&r);
    ok(cosem_date_time(&d, &back) && cosem_date_time_wall(&back) == cosem_date_time_wall(&t) && back.deviation == t.deviation && back.status == t.status, "tag 25 means the same");
    d = cosem_take(&r);
    ok(cosem_date_time(&d, &t) && t.year == 2024 && t.hour == COSEM_ANY, "date");
    ok(cosem_date_time_wall(&t) == WALL_NONE, "a date alone is no moment");
    d = cosem_take(&r);
    ok(cosem_date_time(&d, &t) && t.year == COSEM_YEAR_ANY && t.minute == 30, "time");
    d = cosem_take(&r);
    ok(!cosem_date_time(&d, &t), "five octets are not taken for a date");
    t = cosem_date_time_of_wall(wall_parse("2026-11-21 09:30"));
    uint8_t out[14];
    struct writer w = writer_over(out, sizeof out);
    put_cosem_date_time(&w, &t);
    ok(bytes_equal(writer_bytes(&w), hex("090C07EA0B15FF091E00FF800000")), "as range requests want it");
    ok(cosem_date_time_plausible(&t), "plausible");
    t.month = 13;
    ok(!cosem_date_time_plausible(&t) && cosem_date_time_wall(&t) == WALL_NONE, "no thirteenth month");
    t = cosem_date_time_of_wall(wall_parse("2026-11-21 09:30"));
    t.second = COSEM_ANY;
    is_text(wall_format(cosem_date_time_wall(&t), text), "2026-11-21 09:30:00", "seconds not given");
}

static void test_writers(void)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    put_cosem_structure(&w, 6);
    put_cosem_null(&w);
    put_cosem_uint64(&w, UINT64_MAX);
    put_cosem_float64(&w, 0x3FF0000000000000);
    put_cosem_float32(&w, 0x3F800000);
    put_cosem_bits(&w, bytes_of("\xA0", 1), 4);
    put_cosem_obis(&w, OBIS(1, 0, 1, 8, 0, 255));
    struct bytes wanted = hex("0206 00 15FFFFFFFFFFFFFFFF 183FF0000000000000 173F800000 0404A0 09060100010800FF");
    ok(bytes_equal(writer_bytes(&w), wanted), "every writer");
    w = writer_over(out, sizeof out);
    put_cosem_compact(&w, bytes_of("\x11", 1), bytes_of("\1\2\3", 3));
    ok(bytes_equal(writer_bytes(&w), hex("131103010203")), "compact array");
    w = writer_over(out, 3);
    put_cosem_octets(&w, bytes_of("abcd", 4));
    ok(w.failed && writer_bytes(&w).size == 0, "no room");
}

int main(void)
{
    test_compact();
    test_hostile();
    test_numbers();
    test_times();
    test_writers();
    return tap_done();
}
