/* Bytes on disk per half-hour value, quality and all: file size over values, for the whole database with its indexes,
 * debts and registry. Arguments: meters (1000), days (60). */
#include "load.h"
#include "store/debts/owed.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
    int meters = argc > 1 ? atoi(argv[1]) : 1000, days = argc > 2 ? atoi(argv[2]) : 60;
    int64_t first = wall_from_fields(2026, 1, 1, 0, 0, 0), values = 0;
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    load_remove();
    struct store *s = load_open(NULL);
    for (int m = 1; m <= meters; m++) {
        struct owed_want want = { m, ARCHIVE_PROFILE, 1800, { first, first + days * DAY_SECONDS } };
        load_must(s, store_owed_expect(s, &want, 1));
    }
    for (int d = 0; d < days; d++)
        for (int m = 1; m <= meters; m++) {
            batch_reset(&b);
            load_day(&b, m, first + d * DAY_SECONDS, -1);
            values += (int64_t)b.readings.count;
            load_must(s, store_put(s, m, &b, NULL));
        }
    batch_free(&b);
    store_close(&s);
    struct stat st;
    if (stat(load_path(), &st) != 0)
        return 1;
    load_remove();
    printf("%lld values in %lld bytes\n", (long long)values, (long long)st.st_size);
    printf("store-bytes %.3f bytes/value\n", (double)st.st_size / (double)values);
    return 0;
}
