/* Bytes written to the disk per value when values arrive slot by slot, one transaction per slot for all meters, folded
 * every night, log and all (write_bytes of /proc/self/io, after a last checkpoint). Arguments: meters (1000), days (10), readers of
 * the feed that follow it (0): what carrying the data on costs. */
#include "load.h"
#include "store/debts/owed.h"
#include "store/upward/feed.h"

static int64_t written(void)
{
    FILE *f = fopen("/proc/self/io", "r");
    char line[128];
    long long bytes = -1;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "write_bytes: %lld", &bytes) == 1)
            break;
    if (f)
        fclose(f);
    return bytes;
}

/* Every reader goes over all that was stored since, as a delivery does that is acknowledged. */
static void follow(struct store *s, int readers)
{
    char names[8][16];
    struct feed_reader moved[8];
    int64_t last = 0;
    load_must(s, store_feed_last(s, &last));
    for (int i = 0; i < readers; i++) {
        snprintf(names[i], sizeof names[i], "bench:%d", i);
        moved[i] = (struct feed_reader){ .name = names[i], .position = last, .note = "0 0 0 0 0" };
    }
    load_must(s, store_feed_move(s, moved, (size_t)readers));
}

int main(int argc, char **argv)
{
    int readers = argc > 3 && atoi(argv[3]) > 0 ? atoi(argv[3]) % 9 : 0; /* eight at most */
    int meters = argc > 1 ? atoi(argv[1]) : 1000, days = argc > 2 ? atoi(argv[2]) : 10;
    int64_t first = wall_from_fields(2026, 1, 1, 0, 0, 0), values = 0;
    struct batch *batches = calloc((size_t)meters, sizeof *batches);
    struct store_item *items = calloc((size_t)meters, sizeof *items);
    struct owed_want *wants = calloc((size_t)meters, sizeof *wants);
    load_remove();
    struct store *s = load_open(NULL);
    int64_t before = written(), folding = 0;
    for (int i = 0; i < readers; i++) {
        char name[16];
        snprintf(name, sizeof name, "bench:%d", i);
        load_must(s, store_feed_join(s, name));
    }
    for (int m = 0; m < meters; m++)
        batch_init(&batches[m], BATCH_BYTES_USUAL);
    for (int d = 0; d < days; d++) {
        for (int m = 0; m < meters; m++)
            wants[m] = (struct owed_want){ m + 1, ARCHIVE_PROFILE, 1800,
                                           { first + d * DAY_SECONDS, first + (d + 1) * DAY_SECONDS } };
        load_must(s, store_owed_expect(s, wants, (size_t)meters)); /* a day's debts are declared at midnight */
        for (int slot = 0; slot < 48; slot++) {
            for (int m = 0; m < meters; m++) {
                batch_reset(&batches[m]);
                load_day(&batches[m], m + 1, first + d * DAY_SECONDS, slot);
                items[m] = (struct store_item){ m + 1, &batches[m], NULL };
                values += (int64_t)batches[m].readings.count;
            }
            load_must(s, store_put_all(s, items, (size_t)meters));
            if (readers)
                follow(s, readers);
        }
        int64_t start = written();
        load_must(s, store_fold(s, first + (d + 1) * DAY_SECONDS, NULL));
        folding += written() - start;
    }
    store_close(&s);
    sync();
    int64_t bytes = written() - before;
    load_remove();
    for (int m = 0; m < meters; m++)
        batch_free(&batches[m]);
    free(batches);
    free(items);
    free(wants);
    printf("%lld values, %lld bytes written, of them %lld while folding\n", (long long)values, (long long)bytes,
           (long long)folding);
    printf("store-flash %.1f bytes/value\n", (double)bytes / (double)values);
    return 0;
}
