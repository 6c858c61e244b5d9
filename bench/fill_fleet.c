/* A fleet with its past, for the benches of pages: devices in groups, channels and of several makers, days of half-hour profiles
 * and registers at the start of the day up to today, some devices that are silent and some with gaps, events, contacts.
 * Arguments: database to make, devices (100000), days (60), events a day (one for that many devices: 1). */
#include "load.h"
#include "base/civil.h"
#include "collect/states.h"
#include "meter/events.h"
#include "store/debts/arrivals.h"
#include "store/debts/contacts.h"
#include "store/debts/owed.h"
#include "store/registry/registry.h"

enum { GROUP = 100, LINKS = 500, FIRST_PORT = 1000 };

static const char *const makers[] = { "Энергомера", "Инкотекс", "Нартис", "МИР", "Милур" };
static const char *const models[] = { "CE308", "Меркурий 234", "НАРТИС-И300", "МИР С-04", "Милур 307" };

/* One in fifty never answered; one in thirty lacks a day now and then. */
static bool is_silent(int64_t meter) { return load_noise((uint64_t)meter) % 50 == 0; }
static bool has_gap(int64_t meter, int64_t day) { return load_noise((uint64_t)meter) % 30 == 1 && load_noise((uint64_t)(meter * 1000 + day)) % 10 == 0; }

static void add_registry(struct store *s, int meters)
{
    static struct store_meter rows[GROUP];
    static struct store_line line[GROUP];
    static char serial[GROUP][16], title[GROUP][96], group[GROUP][64];
    for (int i = 0; i < LINKS; i++) {
        char uri[64];
        snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", FIRST_PORT + i);
        load_must(s, store_link_put(s, &(struct store_link){ .title = "", .uri = uri, .settings = "" }, NULL));
    }
    for (int m = 0; m < meters; m += GROUP) {
        int count = meters - m < GROUP ? meters - m : GROUP;
        for (int i = 0; i < count; i++) {
            int n = m + i;
            snprintf(serial[i], sizeof serial[i], "%08d", 10000001 + n);
            snprintf(title[i], sizeof title[i], "ул. Садовая, %d, кв. %d", n / 100 + 1, n % 100 + 1);
            snprintf(group[i], sizeof group[i], "Садовая/%d", n / 100 + 1);
            line[i] = (struct store_line){ .link = n % LINKS + 1, .enabled = true, .parameters = "transport=wrapper" };
            rows[i] = (struct store_meter){ .serial = serial[i], .title = title[i], .driver = "spodes", .model = "", .lines = &line[i], .line_count = 1,
                                            .enabled = true, .group = group[i], .zone_minutes = 180 };
            rows[i].depth_days[ARCHIVE_DAY] = rows[i].depth_days[ARCHIVE_PROFILE] = 60;
        }
        load_must(s, store_meters_put(s, rows, (size_t)count));
    }
}

static void expect(struct store *s, int meters, int64_t first, int64_t today)
{
    static struct owed_want wants[GROUP * 2];
    for (int m = 0; m < meters; m += GROUP) {
        size_t count = 0;
        for (int i = m; i < m + GROUP && i < meters; i++) {
            wants[count++] = (struct owed_want){ i + 1, ARCHIVE_DAY, 0, { first, today + DAY_SECONDS } };
            wants[count++] = (struct owed_want){ i + 1, ARCHIVE_PROFILE, 1800, { first, today } };
        }
        load_must(s, store_owed_expect(s, wants, count));
    }
}

static void add_registers(struct batch *b, int64_t meter, int64_t day)
{
    for (int tariff = 0; tariff < 3; tariff++) {
        struct reading r = { .obis = OBIS(1, 0, 1, 8, tariff, 255), .wall = day, .value = decimal_of(meter * 1000 + wall_day(day) * 7 + tariff, 0),
                             .archive = ARCHIVE_DAY, .unit = UNIT_WATT_HOUR };
        emit_reading(&b->sink, &r);
    }
}

static void add_events(struct batch *b, int64_t meter, int64_t day, int rarity)
{
    uint64_t noise = load_noise((uint64_t)(meter * 4099 + day));
    if (noise % (uint64_t)rarity)
        return;
    uint16_t journal = noise >> 20 & 127 ? JOURNAL_SPODES + 2 : JOURNAL_SPODES + 4;
    struct event e = { .journal = journal, .code = 1, .wall = day + (int64_t)(noise >> 32 & 65535) };
    emit_event(&b->sink, &e);
}

static void add_self(struct batch *b, int64_t meter, int64_t day)
{
    emit_fact(&b->sink, FACT_MAKER, makers[meter % 5]);
    emit_fact(&b->sink, FACT_TYPE, models[meter % 5]);
    emit_fact(&b->sink, FACT_FIRMWARE, "1.07");
    emit_state(&b->sink, STATE_CONTACT, day, is_silent(meter) ? FAULT_NO_ANSWER : FAULT_NONE);
}

static int64_t add_day(struct store *s, int meters, int64_t day, bool first, bool today, int rarity)
{
    static struct batch batches[GROUP];
    static struct store_item items[GROUP];
    static struct contact_note notes[GROUP];
    int64_t values = 0;
    for (int i = 0; i < GROUP; i++)
        batch_init(&batches[i], BATCH_BYTES_USUAL);
    for (int m = 0; m < meters; m += GROUP) {
        int count = meters - m < GROUP ? meters - m : GROUP;
        for (int i = 0; i < count; i++) {
            int64_t meter = m + i + 1;
            struct batch *b = &batches[i];
            batch_reset(b);
            if (first)
                add_self(b, meter, day);
            if (!is_silent(meter) && !has_gap(meter, wall_day(day))) {
                add_registers(b, meter, day);
                if (!today)
                    load_day(b, meter, day, -1);
                add_events(b, meter, day, rarity);
            }
            values += (int64_t)b->readings.count;
            items[i] = (struct store_item){ meter, b, NULL };
            notes[i] = (struct contact_note){ meter, day + 3600 * 2, !is_silent(meter) };
        }
        load_must(s, store_put_all(s, items, (size_t)count));
        load_must(s, store_contacts_put(s, notes, (size_t)count));
    }
    for (int i = 0; i < GROUP; i++)
        batch_free(&batches[i]);
    return values;
}

int main(int argc, char **argv)
{
    int meters = argc > 2 ? atoi(argv[2]) : 100000, days = argc > 3 ? atoi(argv[3]) : 60, rarity = argc > 4 ? atoi(argv[4]) : 1;
    struct store_error error;
    struct store *s = argc > 1 ? store_open(argv[1], NULL, &error) : NULL;
    if (!s) {
        fprintf(stderr, "usage: fill-fleet DATABASE [DEVICES [DAYS [EVENTS]]]\n");
        return 1;
    }
    int64_t now = clock_local_wall(clock_utc_ms()), today = wall_day_start(now), first = today - days * (int64_t)DAY_SECONDS;
    int64_t start = clock_monotonic_ns(), values = 0;
    add_registry(s, meters);
    expect(s, meters, first, today);
    for (int64_t day = first; day <= today; day += DAY_SECONDS) {
        values += add_day(s, meters, day, day == first, day == today, rarity);
        load_must(s, store_fold(s, wall_month_start(day), NULL));
        if (today - day < 7 * DAY_SECONDS) {
            load_must(s, store_arrivals_note(s, ARCHIVE_DAY, day + 9 * 3600, 1));
            load_must(s, store_arrivals_note(s, ARCHIVE_PROFILE, day + 9 * 3600, 1));
        }
    }
    struct store_totals totals;
    load_must(s, store_totals(s, &totals));
    double seconds = (double)(clock_monotonic_ns() - start) / 1e9;
    printf("%d devices, %d days, %lld values, %.0f MB in %.0f s\n", meters, days, (long long)values, (double)totals.bytes / 1e6, seconds);
    store_close(&s);
    printf("fill-fleet %.0f values/s\n", (double)values / seconds);
    return 0;
}
