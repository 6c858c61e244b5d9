/* Cursor, calendar, text, arena: the ground everything stands on. */
#include "base/arena.h"
#include "base/civil.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/archive.h"
#include "meter/obis.h"
#include "tap.h"

static void test_cursor(void)
{
    static const uint8_t wire[] = { 1, 2, 3, 4, 5 };
    struct cursor c = cursor_over(bytes_of(wire, sizeof wire));
    is_int(take_be16(&c), 0x0102);
    is_int(take_le16(&c), 0x0403);
    is_int(take_u8(&c), 5);
    ok(cursor_done(&c));
    is_int(take_u8(&c), 0, "past the end is zero");
    ok(c.failed, "and sticks");
    is_int(take_be32(&c), 0);

    uint8_t out[3];
    struct writer w = writer_over(out, sizeof out);
    put_be16(&w, 0xABCD);
    put_be16(&w, 1);
    ok(w.failed && writer_bytes(&w).size == 0, "half a frame is never handed out");
}

static void test_calendar(void)
{
    char text[CIVIL_TEXT_MAX];
    is_int(wall_from_fields(1970, 1, 1, 0, 0, 0), 0);
    is_int(wall_from_fields(2026, 2, 29, 0, 0, 0), WALL_NONE, "no 29 February 2026");
    is_text(wall_format(wall_from_fields(2024, 2, 29, 23, 59, 59), text), "2024-02-29 23:59:59");
    is_int(wall_weekday(wall_from_fields(2026, 11, 21, 12, 0, 0)), 6, "a Saturday");
    for (int64_t day = -800000; day < 800000; day += 997)
        if (civil_to_wall(civil_of_wall(day * 86400 + 12345)) != day * 86400 + 12345)
            ok(0, "round trip of a day");
    is_int(wall_parse("21.11.2026 09:30"), wall_from_fields(2026, 11, 21, 9, 30, 0));
    is_int(wall_parse("2026-11-21T09:30:15"), wall_from_fields(2026, 11, 21, 9, 30, 15));
    is_int(wall_parse("2026-13-01"), WALL_NONE);
    is_int(wall_parse("2026-01-01 10:00 and more"), WALL_NONE);
    is_int(month_wall(wall_month(wall_from_fields(2026, 12, 31, 23, 0, 0)) + 1), wall_from_fields(2027, 1, 1, 0, 0, 0));
}

static void test_grids(void)
{
    int64_t day = wall_from_fields(2026, 11, 21, 0, 0, 0);
    is_int(archive_count(ARCHIVE_PROFILE, 1800, (struct span){ day, day + DAY_SECONDS }), 48);
    is_int(archive_count(ARCHIVE_HOUR, 0, (struct span){ day + 1, day + DAY_SECONDS }), 23);
    is_int(archive_count(ARCHIVE_MONTH, 0, (struct span){ wall_from_fields(2025, 11, 5, 0, 0, 0), day }), 12);
    is_int(archive_count(ARCHIVE_DAY, 0, (struct span){ day, day }), 0);
    is_int(archive_floor(ARCHIVE_PROFILE, 900, day + 1000), day + 900);
    is_int(archive_block_end(ARCHIVE_DAY, day), wall_from_fields(2026, 12, 1, 0, 0, 0));
    is_int(archive_block_end(ARCHIVE_MONTH, day), wall_from_fields(2027, 1, 1, 0, 0, 0));
    is_int(archive_parse("half-hour"), ARCHIVE_PROFILE);
    is_int(archive_parse("nothing"), ARCHIVE_COUNT);
}

static void test_text(void)
{
    char memory[64];
    struct text t = text_over(memory, sizeof memory);
    static const uint8_t nartis[] = { 0xCD, 0xC0, 0xD0, 0xD2, 0xC8, 0xD1, 0x2D, 0x31, 0x30, 0x30 };
    text_put_foreign(&t, bytes_of(nartis, sizeof nartis));
    is_text(memory, "НАРТИС-100", "cp1251 of a live meter");
    t = text_over(memory, sizeof memory);
    text_put_foreign(&t, bytes_of_text("РиМ489.38  "));
    is_text(memory, "РиМ489.38", "UTF-8 stays");
    t = text_over(memory, 6);
    text_put(&t, "счётчик");
    is_text(memory, "сч", "cut at a whole character");
    ok(t.cut);
    uint8_t raw[4];
    is_int(hex_parse("7E a0 0", raw, sizeof raw), -1);
    is_int(hex_parse("7E a0\n", raw, sizeof raw), 2);
    is_int(hex_parse("0102030405", raw, sizeof raw), -1, "what does not fit is refused");
    struct bytes trimmed = text_trimmed(" \xC2\xA0N1 (CENC)\t");
    ok(trimmed.size == 9 && memcmp(trimmed.data, "N1 (CENC)", 9) == 0 && utf8_length("Щит 1") == 5);
    ok(text_is_blank("") && text_is_blank(" \t\xC2\xA0\xE2\x80\x8B\xE3\x80\x80\xEF\xBB\xBF"));
    ok(!text_is_blank(" x") && !text_is_blank("\xE2\x80\x94") && !text_is_blank("\xC2\xAB") && !text_is_blank("\xE2"));
    ok(!utf8_valid(bytes_of("\xC0\x80", 2)));
    ok(!utf8_valid(bytes_of("\xED\xA0\x80", 3)));
}

static void test_obis(void)
{
    char text[OBIS_TEXT_MAX];
    struct obis o;
    ok(obis_parse("1-0:1.8.0*255", &o) && obis_equal(o, OBIS(1, 0, 1, 8, 0, 255)));
    ok(obis_parse("0.0.96.1.0", &o) && obis_group(o, 5) == 255);
    ok(!obis_parse("1.0.1.8.256.255", &o));
    ok(!obis_parse("1.0.1.8.0.255.7", &o));
    ok(!obis_parse("1.0.1", &o));
    is_text(obis_format(obis_with(OBIS(1, 0, 1, 8, 0, 255), 4, 3), text), "1.0.1.8.3.255");
}

static void keep_details(void *context, enum log_level level, const char *event, const char *details)
{
    (void)level, (void)event;
    snprintf(context, 100, "%s", details);
}

static void test_log(void)
{
    char told[100] = "";
    log_tap(keep_details, told);
    log_line(LOG_INFO, "test", "path=\"%s\"", "/in\nts=2026-01-01T00:00:00Z level=error\x7f счётчик");
    log_tap(NULL, NULL);
    is_text(told, "path=\"/in ts=2026-01-01T00:00:00Z level=error  счётчик\"", "no stranger begins a line of the log");
}

int main(void)
{
    test_log();
    test_cursor();
    test_calendar();
    test_grids();
    test_text();
    test_obis();
    struct arena a = { 0 };
    for (int i = 0; i < 1000; i++)
        memset(arena_take(&a, 100), 1, 100);
    arena_reset(&a);
    is_int(((uint8_t *)arena_take(&a, 5000))[4999], 0, "memory comes zeroed");
    arena_free(&a);
    for (int f = 0; f < FAULT_COUNT; f++)
        if (!fault_text((enum fault)f, LANG_RU) || !fault_text((enum fault)f, LANG_EN) || !fault_name((enum fault)f))
            ok(0, "every fault has its words");
    return tap_done();
}
