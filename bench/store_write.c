/* How many half-hour values a second one core makes durable in day-sized batches, debts crossed off; and how long one
 * meter's month takes to read from the file that results. Arguments: meters (1000), days (60), and
 * "durable" for a sync with every commit of 100 days. */
#include "load.h"
#include "store/archive/block.h"
#include "store/debts/owed.h"

enum { GROUP = 100 };

static bool count_value(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    *(int64_t *)context += r->value.mantissa >= 0;
    return true;
}

static int order(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void time_months(struct store *s, int64_t first, int meters, int days)
{
    enum { LOOKS = 201 };
    int64_t took[LOOKS], values = 0;
    struct obis one = OBIS(1, 0, 1, 8, 0, 255);
    for (int kind = 0; kind < 2; kind++) {
        for (int i = 0; i < LOOKS; i++) {
            int64_t from = first + (days > 30 ? days - 30 : 0) / 2 * DAY_SECONDS, start = clock_monotonic_ns();
            values = 0;
            load_must(s, store_readings(s, 1 + i * 7919 % meters, ARCHIVE_PROFILE, &one, kind == 0 ? 1 : 0,
                                        (struct span){ from, from + 30 * DAY_SECONDS }, count_value, &values));
            took[i] = clock_monotonic_ns() - start;
        }
        qsort(took, LOOKS, sizeof *took, order);
        printf("a meter's month, %s: %lld values, median %.3f ms, worst of %d %.3f ms\n",
               kind == 0 ? "one register" : "four registers", (long long)values, (double)took[LOOKS / 2] / 1e6, LOOKS,
               (double)took[LOOKS - 1] / 1e6);
    }
}

/* The codec alone: a day of four registers merged and packed, unpacked. */
static void time_codec(int64_t first)
{
    enum { TIMES = 20000 };
    static uint8_t layout[256], body[8192];
    struct batch b;
    struct arena a = { 0 };
    struct block block;
    struct block_counts counts;
    int64_t pack = 0, unpack = 0, sum = 0;
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int i = 0; i < TIMES; i++) {
        if (i % 100 == 0) {
            batch_reset(&b);
            load_day(&b, i, first, -1);
        }
        int64_t start = clock_monotonic_ns();
        struct writer l = writer_over(layout, sizeof layout), w = writer_over(body, sizeof body);
        if (!block_merge(NULL, first, batch_readings(&b, &a), b.readings.count, first + DAY_SECONDS + 7200, &a, &block, &counts))
            exit(1);
        block_put_layout(&block, &l);
        block_put_body(&block, &a, &w);
        arena_reset(&a);
        pack += clock_monotonic_ns() - start;
        start = clock_monotonic_ns();
        if (!block_take(writer_bytes(&l), writer_bytes(&w), first, &a, &block))
            exit(1);
        sum += block.column[0].values[7];
        arena_reset(&a);
        unpack += clock_monotonic_ns() - start;
    }
    batch_free(&b);
    arena_free(&a);
    printf("codec alone: %.0f M values/s merged and packed, %.0f M/s unpacked (%lld)\n", TIMES * 192e3 / (double)pack,
           TIMES * 192e3 / (double)unpack, (long long)sum);
}

int main(int argc, char **argv)
{
    int meters = argc > 1 ? atoi(argv[1]) : 1000, days = argc > 2 ? atoi(argv[2]) : 60;
    int64_t first = wall_from_fields(2026, 1, 1, 0, 0, 0), spent = 0, values = 0;
    static struct batch batches[GROUP];
    struct store_item items[GROUP];
    load_remove();
    struct store_options options = { .durable = argc > 3 };
    struct store *s = load_open(&options);
    for (int m = 1; m <= meters; m++) {
        struct owed_want want = { m, ARCHIVE_PROFILE, 1800, { first, first + days * DAY_SECONDS } };
        load_must(s, store_owed_expect(s, &want, 1));
    }
    for (int i = 0; i < GROUP; i++)
        batch_init(&batches[i], BATCH_BYTES_USUAL);
    for (int d = 0; d < days; d++)
        for (int m = 0; m < meters; m += GROUP) {
            int count = meters - m < GROUP ? meters - m : GROUP;
            for (int i = 0; i < count; i++) {
                batch_reset(&batches[i]);
                load_day(&batches[i], m + i + 1, first + d * DAY_SECONDS, -1);
                items[i] = (struct store_item){ m + i + 1, &batches[i], NULL };
                values += (int64_t)batches[i].readings.count;
            }
            int64_t start = clock_monotonic_ns();
            load_must(s, store_put_all(s, items, (size_t)count));
            spent += clock_monotonic_ns() - start;
        }
    struct store_totals totals;
    load_must(s, store_totals(s, &totals));
    printf("%lld values of %d meters and %d days in %.2f s, file %.1f MB\n", (long long)values, meters, days,
           (double)spent / 1e9, (double)totals.bytes / 1e6);
    time_codec(first);
    time_months(s, first, meters, days);
    int64_t start = clock_monotonic_ns();
    store_close(&s); /* carries the rest of the log into the file */
    spent += clock_monotonic_ns() - start;
    load_remove();
    for (int i = 0; i < GROUP; i++)
        batch_free(&batches[i]);
    printf("store-write %.0f values/s\n", (double)values / ((double)spent / 1e9));
    return 0;
}
