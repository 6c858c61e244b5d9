/* Fills a database for bench/pages.sh: devices in groups of forty, each on a channel of its own, a few protocol profiles, some of
 * them out of contact; registers of every day and a profile of half-hours for each.
 *   build/bench/pages <file> [devices] [days] */
#include "load.h"
#include "collect/states.h"
#include "store/debts/owed.h"
#include "store/registry/registry.h"

#include <string.h>

enum { GROUP = 100, PROFILES = 20 };

static const char *const models[] = { "CE207", "CE208", "CE307", "CE308", "НАРТИС-100" };

static void add_profiles(struct store *s)
{
    struct store_protocol p[PROFILES];
    char title[PROFILES][32];
    for (int i = 0; i < PROFILES; i++) {
        snprintf(title[i], sizeof title[i], "dlms-%d", 16 + i);
        p[i] = (struct store_protocol){ .title = title[i], .driver = "spodes", .parameters = "security=low;password=111111" };
    }
    load_must(s, store_protocols_put(s, p, PROFILES));
}

struct devices {
    struct store_meter meter[GROUP];
    struct store_line line[GROUP];
    struct store_link link[GROUP];
    char serial[GROUP][24], title[GROUP][80], group[GROUP][40], uri[GROUP][40], address[GROUP][24];
};

static void settle(void *context)
{
    struct devices *d = context;
    for (int i = 0; i < GROUP; i++)
        d->line[i].link = d->link[i].id;
}

static void add_devices(struct store *s, int from, int count)
{
    static struct devices d;
    for (int i = 0; i < count; i++) {
        int n = from + i;
        snprintf(d.serial[i], sizeof d.serial[i], "%d", 10000001 + n);
        snprintf(d.title[i], sizeof d.title[i], "ул. Садовая, %d, кв. %d", n / 40 + 1, n % 40 + 1);
        snprintf(d.group[i], sizeof d.group[i], "Садовая/%d", n / 40 + 1);
        snprintf(d.uri[i], sizeof d.uri[i], "tcp://10.%d.%d.%d:4059", n / 62500, n / 250 % 250, n % 250 + 1);
        snprintf(d.address[i], sizeof d.address[i], "physical=%d", 16 + n % 10000);
        d.link[i] = (struct store_link){ .title = d.uri[i] + 6, .uri = d.uri[i] };
        d.line[i] = (struct store_line){ .protocol = 1 + n % PROFILES, .enabled = true, .parameters = d.address[i] };
        d.meter[i] = (struct store_meter){ .serial = d.serial[i], .title = d.title[i], .group = d.group[i], .driver = "spodes", .model = models[n % 5], .enabled = n % 50 != 0,
                                           .source = (enum meter_source)(n % 3), .lines = &d.line[i], .line_count = 1, .zone_minutes = 180 };
        d.meter[i].depth_days[ARCHIVE_DAY] = d.meter[i].depth_days[ARCHIVE_PROFILE] = 60;
    }
    load_must(s, store_registry_put(s, &(struct store_change){ .links = d.link, .link_count = (size_t)count, .meters = d.meter, .meter_count = (size_t)count,
                                                               .settle = settle, .context = &d }));
}

/* What one meter said of `days` days from `first` on. */
static void say(struct batch *b, int64_t meter, int64_t first, int days)
{
    int64_t total = 1000 * meter;
    for (int d = 0; d < days; d++) {
        int64_t day = first + d * DAY_SECONDS;
        for (int k = 0; k < 4; k++)
            emit_reading(&b->sink, &(struct reading){ .obis = OBIS(1, 0, k + 1, 8, 0, 255), .wall = day, .value = decimal_of(total / (k + 1), 0), .archive = ARCHIVE_DAY,
                                                      .unit = k < 2 ? UNIT_WATT_HOUR : UNIT_VAR_HOUR });
        for (int i = 0; i < 48; i++) {
            int64_t wall = day + i * 1800, active = load_active(meter, wall);
            total += active;
            emit_reading(&b->sink, &(struct reading){ .obis = OBIS(1, 0, 1, 8, 0, 255), .wall = wall, .value = decimal_of(active, 0), .step = 1800, .archive = ARCHIVE_PROFILE,
                                                      .unit = UNIT_WATT_HOUR });
        }
    }
    emit_state(&b->sink, STATE_CONTACT, first + days * DAY_SECONDS, meter % 30 ? FAULT_NONE : meter % 60 ? FAULT_NO_ANSWER : FAULT_NO_CONNECTION);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int devices = argc > 2 ? atoi(argv[2]) : 100000, days = argc > 3 ? atoi(argv[3]) : 60;
    int64_t today = wall_day_start(clock_utc_ms() / 1000 + 180 * 60), first = today - days * DAY_SECONDS;
    static struct batch batches[GROUP];
    struct store_item items[GROUP];
    struct store_error why;
    struct store *s = store_open(argv[1], &(struct store_options){ .cache_kib = 65536 }, &why);
    if (!s)
        return 1;
    add_profiles(s);
    for (int i = 0; i < GROUP; i++)
        batch_init(&batches[i], BATCH_BYTES_USUAL);
    for (int m = 0; m < devices; m += GROUP) {
        int count = devices - m < GROUP ? devices - m : GROUP;
        struct owed_want wants[GROUP];
        add_devices(s, m, count);
        for (int i = 0; i < count; i++) {
            batch_reset(&batches[i]);
            say(&batches[i], m + i + 1, first, days);
            items[i] = (struct store_item){ m + i + 1, &batches[i], NULL };
            wants[i] = (struct owed_want){ m + i + 1, ARCHIVE_DAY, 0, { first, today } };
        }
        load_must(s, store_owed_expect(s, wants, (size_t)count));
        load_must(s, store_put_all(s, items, (size_t)count));
    }
    struct store_totals totals;
    load_must(s, store_totals(s, &totals));
    printf("%d devices, %d days, file %.0f MB\n", devices, days, (double)totals.bytes / 1e6);
    store_close(&s);
    for (int i = 0; i < GROUP; i++)
        batch_free(&batches[i]);
    return 0;
}
