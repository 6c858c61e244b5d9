/* A gateway's memory when it is full (feature G32): every meter with all that manual S1, table 7 has it keep. 184 starts of days and 14 of months,
 * four energies by four tariffs and their sum; 45 days of half-hours of four energies; 1,000 records of journals.
 * Arguments: database to make, meters (10000). */
#include "load.h"
#include "base/civil.h"
#include "meter/events.h"
#include "store/debts/owed.h"
#include "store/registry/registry.h"

enum { GROUP = 100, LINES = 8, DAYS = 184, PROFILE_DAYS = 45, MONTHS = 14, EVENTS = 1000, TARIFFS = 4, PAGE_BYTES = 1024 };

static void add_registry(struct store *s, int meters)
{
    static struct store_meter rows[GROUP];
    static struct store_line line[GROUP];
    static char serial[GROUP][16], address[GROUP][24];
    for (int i = 0; i < LINES; i++) {
        char uri[64];
        snprintf(uri, sizeof uri, "serial:/dev/svod-rs%d?9600,8N1", i + 1);
        load_must(s, store_link_put(s, &(struct store_link){ .title = "", .uri = uri, .settings = "" }, NULL));
    }
    for (int m = 0; m < meters; m += GROUP) {
        for (int i = 0; i < GROUP; i++) {
            snprintf(serial[i], sizeof serial[i], "%08d", 10000001 + m + i);
            snprintf(address[i], sizeof address[i], "physical=%d", 16 + (m + i) / LINES);
            line[i] = (struct store_line){ .link = (m + i) % LINES + 1, .enabled = true, .parameters = address[i] };
            rows[i] = (struct store_meter){ .serial = serial[i], .title = "", .driver = "spodes", .model = "", .lines = &line[i], .line_count = 1, .enabled = true,
                                            .group = "Все", .zone_minutes = 180 };
            rows[i].depth_days[ARCHIVE_DAY] = DAYS;
            rows[i].depth_days[ARCHIVE_MONTH] = MONTHS * 31;
            rows[i].depth_days[ARCHIVE_PROFILE] = PROFILE_DAYS;
        }
        load_must(s, store_meters_put(s, rows, GROUP));
    }
}

static void expect(struct store *s, int meters, int64_t today)
{
    for (int m = 1; m <= meters; m++) {
        struct owed_want wants[] = { { m, ARCHIVE_DAY, 0, { today - (DAYS - 1) * (int64_t)DAY_SECONDS, today + DAY_SECONDS } },
                                     { m, ARCHIVE_PROFILE, 1800, { today - PROFILE_DAYS * (int64_t)DAY_SECONDS, today } } };
        load_must(s, store_owed_expect(s, wants, 2));
    }
}

/* Registers of a meter at the start of a day: they grow by what a household uses. */
static void add_registers(struct batch *b, int64_t meter, int64_t day, enum archive archive)
{
    for (int energy = 1; energy <= 4; energy++)
        for (int tariff = 0; tariff <= TARIFFS; tariff++) {
            int64_t use = (4000 + (int64_t)(load_noise((uint64_t)(meter * 64 + tariff)) % 9000)) / energy;
            struct reading r = { .obis = OBIS(1, 0, energy, 8, tariff, 255), .wall = day, .archive = archive,
                                 .value = decimal_of(wall_day(day) % 4096 * use + (int64_t)(load_noise((uint64_t)(meter + day + tariff)) % (uint64_t)use), 0),
                                 .unit = energy < 3 ? UNIT_WATT_HOUR : UNIT_VAR_HOUR };
            emit_reading(&b->sink, &r);
        }
}

/* The journals' thousand, some a day. */
static void add_events(struct batch *b, int64_t meter, int64_t day)
{
    for (int i = 0; i < EVENTS / DAYS + 1; i++) {
        uint64_t noise = load_noise((uint64_t)(meter * 8191 + day + i));
        struct event e = { .journal = (uint16_t)(JOURNAL_SPODES + noise % 6), .code = (int)(noise >> 8 & 3) + 1, .wall = day + (int64_t)(noise >> 32 & 65535) };
        emit_event(&b->sink, &e);
    }
}

static int64_t add_day(struct store *s, int meters, int64_t day, int64_t today)
{
    static struct batch batches[GROUP];
    static struct store_item items[GROUP];
    int64_t values = 0, ago = (today - day) / DAY_SECONDS;
    for (int i = 0; i < GROUP; i++)
        batch_init(&batches[i], BATCH_BYTES_USUAL);
    for (int m = 0; m < meters; m += GROUP) {
        for (int i = 0; i < GROUP; i++) {
            int64_t meter = m + i + 1;
            struct batch *b = &batches[i];
            batch_reset(b);
            if (ago < DAYS) {
                add_registers(b, meter, day, ARCHIVE_DAY);
                add_events(b, meter, day);
            }
            if (day == wall_month_start(day))
                add_registers(b, meter, day, ARCHIVE_MONTH);
            if (ago > 0 && ago <= PROFILE_DAYS)
                load_day(b, meter, day, -1);
            values += (int64_t)b->readings.count;
            items[i] = (struct store_item){ meter, b, NULL };
        }
        load_must(s, store_put_all(s, items, GROUP));
    }
    for (int i = 0; i < GROUP; i++)
        batch_free(&batches[i]);
    return values;
}

int main(int argc, char **argv)
{
    int meters = (argc > 2 ? atoi(argv[2]) : 10000) / GROUP * GROUP;
    struct store_options options = { .page_bytes = PAGE_BYTES };
    struct store_error error;
    struct store *s = argc > 1 ? store_open(argv[1], &options, &error) : NULL;
    if (!s || !meters) {
        fprintf(stderr, "usage: fill-depths DATABASE [METERS, hundreds]\n");
        return 1;
    }
    int64_t today = wall_day_start(clock_local_wall(clock_utc_ms())), start = clock_monotonic_ns(), values = 0;
    add_registry(s, meters);
    expect(s, meters, today);
    for (int64_t day = wall_month_start(today - (MONTHS - 1) * 31 * (int64_t)DAY_SECONDS); day <= today; day += DAY_SECONDS) {
        if (today - day >= DAYS * (int64_t)DAY_SECONDS && day != wall_month_start(day))
            continue;
        values += add_day(s, meters, day, today);
        load_must(s, store_fold(s, wall_month_start(day), NULL));
    }
    struct store_totals totals;
    load_must(s, store_totals(s, &totals));
    printf("%d meters, %lld values, %lld records of journals, %.0f MB in %.0f s\n", meters, (long long)values,
           (long long)meters * DAYS * (EVENTS / DAYS + 1), (double)totals.bytes / 1e6, (double)(clock_monotonic_ns() - start) / 1e9);
    store_close(&s);
    return 0;
}
