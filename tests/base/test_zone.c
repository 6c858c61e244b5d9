/* Time zones: rules of the yearly change, times that come twice or not at all, files that are none. */
#include "base/civil.h"
#include "base/zone.h"
#include "tap.h"

static int64_t utc(const char *text)
{
    return wall_parse(text);
}

static void is_wall(const struct zone *z, const char *at, const char *shown, const char *why)
{
    char text[CIVIL_TEXT_MAX];
    is_text(wall_format(zone_wall(z, utc(at)), text), shown, "%s", why);
}

static void is_utc(const struct zone *z, const char *wall, const char *at, const char *why)
{
    char text[CIVIL_TEXT_MAX];
    is_text(wall_format(zone_utc(z, utc(wall)), text), at, "%s", why);
}

static void test_berlin(void)
{
    struct zone z;
    ok(zone_load("Europe/Berlin", &z), "the zone database is there");
    is_wall(&z, "2026-01-15 12:00", "2026-01-15 13:00:00", "winter");
    is_wall(&z, "2026-07-15 12:00", "2026-07-15 14:00:00", "summer");
    is_wall(&z, "2026-03-29 00:59:59", "2026-03-29 01:59:59", "a second before the change");
    is_wall(&z, "2026-03-29 01:00", "2026-03-29 03:00:00", "and after");
    is_utc(&z, "2026-03-29 02:30", "2026-03-29 01:30:00", "a time that is skipped is counted on");
    is_utc(&z, "2026-10-25 02:30", "2026-10-25 00:30:00", "one that comes twice is the first");
    is_utc(&z, "2026-10-25 03:00", "2026-10-25 02:00:00", "after it the other offset");
    is_wall(&z, "2090-07-15 12:00", "2090-07-15 14:00:00", "beyond the file's table its rules hold");
    is_wall(&z, "2090-12-15 12:00", "2090-12-15 13:00:00", "in winter, too");
    is_wall(&z, "1970-01-01 00:00", "1970-01-01 01:00:00", "before summer time");
}

static void test_others(void)
{
    struct zone z;
    ok(zone_load("Europe/Moscow", &z));
    is_wall(&z, "2026-07-15 12:00", "2026-07-15 15:00:00", "Moscow stays");
    is_wall(&z, "2012-07-15 12:00", "2012-07-15 16:00:00", "in 2012 it was four hours ahead");
    ok(zone_load("Australia/Sydney", &z));
    is_wall(&z, "2060-01-15 12:00", "2060-01-15 23:00:00", "summer across the turn of the year");
    is_wall(&z, "2060-07-15 12:00", "2060-07-15 22:00:00", "winter in July");
    ok(zone_load("+05:30", &z));
    is_wall(&z, "2026-01-01 00:00", "2026-01-01 05:30:00", "a fixed offset");
    ok(zone_load("-03:00", &z) && zone_offset(&z, 0) == -3 * 3600);
    ok(zone_load("UTC", &z) && zone_offset(&z, utc("2026-07-01")) == 0);
    ok(zone_load("", &z), "the machine's own");
}

static void test_refusals(void)
{
    static const char *const names[] = { "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe/", "+15:00", "+3x", "Europe/Mos cow", "+", "zone.tab",
                                         "Europe/MoscowEurope/MoscowEurope/MoscowEurope/MoscowEurope/Moscow" };
    struct zone z = { .before = 7 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ok(!zone_load(names[i], &z), "no zone: %s", names[i]);
    is_int(z.before, 7, "nothing was written");
    ok(!zone_decode(bytes_of("TZif2", 5), &z), "a file that is cut");
}

int main(void)
{
    test_berlin();
    test_others();
    test_refusals();
    return tap_done();
}
