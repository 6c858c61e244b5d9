/* What S1 table 7 demands of a meter's channel is there after the night's cleaning by the rules as they come: 184 days of registers by
 * tariff, 14 months, 2,160 intervals of power, 1,000 records of a journal; of the longest step an hour. */
#include "store/house/keeping.h"
#include "store_help.h"

enum { METER = 7, DAYS = 184, MONTHS = 14, INTERVALS = 2160, RECORDS = 1000, TARIFFS = 5, DIRECTIONS = 4 };

static int64_t now_ms;

static int64_t clock_of_test(void)
{
    return now_ms;
}

static struct obis energy(int direction, int tariff, int d)
{
    return OBIS(1, 0, direction, d, tariff, 255);
}

static void put_registers(struct batch *b, enum archive a, int64_t wall)
{
    for (int direction = 1; direction <= DIRECTIONS; direction++)
        for (int tariff = 0; tariff < TARIFFS; tariff++) {
            struct reading r = help_reading(a, energy(direction, tariff, 8), wall, wall / 60 + tariff);
            emit_reading(&b->sink, &r);
        }
}

static void fill(struct store *s, int64_t today, int step)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    int64_t month = wall_from_fields(2026, 11, 1, 0, 0, 0);
    for (int day = 0; day < DAYS; day++) {
        put_registers(&b, ARCHIVE_DAY, today - day * (int64_t)DAY_SECONDS);
        help_put(s, METER, &b);
    }
    for (int i = 0, year = 2026, m = 11; i < MONTHS; i++, m = m == 1 ? 12 : m - 1, year -= m == 12, month = wall_from_fields(year, m, 1, 0, 0, 0))
        put_registers(&b, ARCHIVE_MONTH, month);
    help_put(s, METER, &b);
    for (int i = 0; i < INTERVALS; i++) {
        for (int direction = 1; direction <= DIRECTIONS; direction++) {
            struct reading r = help_reading(ARCHIVE_PROFILE, energy(direction, 0, 29), today - (i + 1) * (int64_t)step, i % 997);
            r.step = (uint16_t)step;
            emit_reading(&b.sink, &r);
        }
        if (i % 48 == 47)
            help_put(s, METER, &b);
    }
    for (int i = 0; i < RECORDS; i++) /* one every three hours: four months of them */
        emit_event(&b.sink, &(struct event){ .journal = 9, .code = 1, .wall = today - i * (int64_t)10800 });
    help_put(s, METER, &b);
    batch_free(&b);
}

static bool count_one(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)r;
    (void)kept;
    ++*(int *)context;
    return true;
}

static bool count_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter;
    (void)e;
    (void)stored_ms;
    ++*(int *)context;
    return true;
}

static int values(struct store *s, enum archive a)
{
    int count = 0;
    store_readings(s, METER, a, NULL, 0, (struct span){ 0, wall_from_fields(2100, 1, 1, 0, 0, 0) }, count_one, &count);
    return count;
}

static void test_depths(int step)
{
    int64_t today = wall_from_fields(2026, 11, 22, 0, 0, 0);
    int events = 0;
    now_ms = (today + 3 * HOUR_SECONDS) * 1000;
    struct store *s = help_open(step == 1800 ? "half-hours.db" : "hours.db", &(struct store_options){ .now_ms = clock_of_test });
    fill(s, today, step);
    is_int(store_keep(s), FAULT_NONE, "the night's cleaning");
    is_int(values(s, ARCHIVE_DAY), DAYS * DIRECTIONS * TARIFFS, "half a year of starts of days, by tariff and sum");
    is_int(values(s, ARCHIVE_MONTH), MONTHS * DIRECTIONS * TARIFFS, "14 starts of months");
    is_int(values(s, ARCHIVE_PROFILE), INTERVALS * DIRECTIONS, "%d intervals of %d minutes", INTERVALS, step / 60);
    store_events(s, METER, (struct span){ 0, today + DAY_SECONDS }, count_event, &events);
    is_int(events, RECORDS, "1,000 records of a journal");
    ok(help_sound(s), "and sound");
    store_close(&s);
}

int main(void)
{
    test_depths(1800);
    test_depths(3600);
    help_clean();
    return tap_done();
}
