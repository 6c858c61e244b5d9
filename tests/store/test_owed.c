/* Debts: declared, crossed off by what is stored, in whatever order it comes. */
#include "store_help.h"

static int64_t day;

static struct span spans[2000];

static size_t gaps(struct store *s, int64_t meter, enum archive a, bool newest_first)
{
    size_t count = 0;
    store_owed_spans(s, meter, a, (struct span){ 0, INT64_MAX }, newest_first, spans, 2000, &count);
    return count;
}

static void expect(struct store *s, int64_t meter, enum archive a, int step, int64_t from, int64_t to)
{
    struct owed_want want = { meter, a, step, { from, to } };
    is_int(store_owed_expect(s, &want, 1), FAULT_NONE);
}

static void put(struct store *s, int64_t meter, int64_t from, int count)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, meter, from, count);
    help_put(s, meter, &b);
    batch_free(&b);
}

static int64_t owing_meters, owing_missing, owing_expected;

static bool count_owing(void *context, int64_t meter, const struct owed_share *share)
{
    (void)context, (void)meter;
    owing_meters += share->missing > 0;
    owing_missing += share->missing;
    owing_expected += share->expected;
    return true;
}

/* The same counted from the gaps, slowly: what the walk over all must come to. */
static int64_t missing_by_gaps(struct store *s, int64_t meter, enum archive a, int step, struct span span)
{
    size_t count = 0;
    int64_t missing = 0;
    store_owed_spans(s, meter, a, span, false, spans, 2000, &count);
    for (size_t i = 0; i < count; i++)
        missing += archive_count(a, step, spans[i]);
    return missing;
}

struct compared {
    struct store *store;
    enum archive archive;
    int step;
    const struct span *spans;
    size_t count, meters;
    bool same;
};

static bool compare_share(void *context, int64_t meter, const struct owed_share *share)
{
    struct compared *c = context;
    c->meters++;
    for (size_t i = 0; i < c->count; i++)
        if (share[i].missing != missing_by_gaps(c->store, meter, c->archive, c->step, c->spans[i])) {
            printf("# meter %lld span %zu: %d\n", (long long)meter, i, share[i].missing);
            c->same = false;
        }
    return true;
}

static void test_profile(struct store *s)
{
    expect(s, 1, ARCHIVE_PROFILE, 1800, day, day + 3 * DAY_SECONDS);
    expect(s, 1, ARCHIVE_PROFILE, 1800, day, day + 3 * DAY_SECONDS);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 1, "all of it");
    ok(spans[0].from == day && spans[0].to == day + 3 * DAY_SECONDS);
    put(s, 1, day + DAY_SECONDS, 48);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 2, "a day in the middle came");
    ok(spans[0].to == day + DAY_SECONDS && spans[1].from == day + 2 * DAY_SECONDS);
    gaps(s, 1, ARCHIVE_PROFILE, true);
    ok(spans[0].from == day + 2 * DAY_SECONDS, "newest first");
    put(s, 1, day + 3 * 1800, 2);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 3);
    ok(spans[0].to == day + 3 * 1800 && spans[1].from == day + 5 * 1800);
    store_completeness(s, ARCHIVE_PROFILE, &(struct span){ day, day + DAY_SECONDS }, 1, count_owing, NULL);
    ok(owing_meters == 1 && owing_expected == 48 && owing_missing == 46, "46 of 48 are missing");
    put(s, 1, day, 48);
    put(s, 1, day + 2 * DAY_SECONDS, 48);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 0, "nothing is owed");
    owing_meters = 0;
    store_completeness(s, ARCHIVE_PROFILE, &(struct span){ 0, day * 2 }, 1, count_owing, NULL);
    is_int(owing_meters, 0);
    put(s, 1, day + 3 * DAY_SECONDS, 2);
    expect(s, 1, ARCHIVE_PROFILE, 1800, day, day + 3 * DAY_SECONDS + 3 * 1800);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 1, "what came before it was expected is not owed");
    ok(spans[0].from == day + 3 * DAY_SECONDS + 2 * 1800);
    expect(s, 1, ARCHIVE_PROFILE, 1800, day - DAY_SECONDS, day);
    is_int(gaps(s, 1, ARCHIVE_PROFILE, false), 2, "the past can be asked for, too");
    ok(spans[0].from == day - DAY_SECONDS && spans[0].to == day);
    ok(help_sound(s));
}

static void test_missing(struct store *s)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    expect(s, 2, ARCHIVE_PROFILE, 1800, day, day + 3600);
    struct reading r = help_reading(ARCHIVE_PROFILE, A_PLUS, day, 0);
    r.quality = QUALITY_MISSING;
    emit_reading(&b.sink, &r);
    help_put(s, 2, &b);
    is_int(gaps(s, 2, ARCHIVE_PROFILE, false), 1, "what the meter does not have is not owed");
    ok(spans[0].from == day + 1800);
    is_int(store_owed_cancel(s, 2, ARCHIVE_PROFILE), FAULT_NONE);
    is_int(gaps(s, 2, ARCHIVE_PROFILE, false), 0);
    batch_free(&b);
}

static void test_other_grids(struct store *s)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    int64_t january = wall_from_fields(2026, 1, 1, 0, 0, 0);
    expect(s, 3, ARCHIVE_MONTH, 0, january, wall_from_fields(2027, 2, 1, 0, 0, 1));
    struct reading r = help_reading(ARCHIVE_MONTH, A_PLUS, wall_from_fields(2026, 12, 1, 0, 0, 0), 5);
    emit_reading(&b.sink, &r);
    help_put(s, 3, &b);
    is_int(gaps(s, 3, ARCHIVE_MONTH, false), 2);
    ok(spans[0].from == january && spans[0].to == r.wall && spans[1].from == wall_from_fields(2027, 1, 1, 0, 0, 0));
    expect(s, 3, ARCHIVE_DAY, 0, january + 5, january + 40 * DAY_SECONDS);
    for (int i = 1; i < 40; i += 2) {
        r = help_reading(ARCHIVE_DAY, A_PLUS, january + i * DAY_SECONDS, i);
        emit_reading(&b.sink, &r);
    }
    help_put(s, 3, &b);
    is_int(gaps(s, 3, ARCHIVE_DAY, false), 19, "every second day");
    expect(s, 3, ARCHIVE_HOUR, 0, day, day + DAY_SECONDS);
    r = help_reading(ARCHIVE_HOUR, A_PLUS, day + 23 * 3600, 1);
    emit_reading(&b.sink, &r);
    r.wall += 60; /* off the grid: kept, crosses nothing off */
    emit_reading(&b.sink, &r);
    help_put(s, 3, &b);
    is_int(gaps(s, 3, ARCHIVE_HOUR, false), 1);
    ok(spans[0].to == day + 23 * 3600);
    expect(s, 4, ARCHIVE_PROFILE, 60, day, day + 3600);
    is_int(gaps(s, 4, ARCHIVE_PROFILE, false), 1, "one-minute steps");
    expect(s, 4, ARCHIVE_PROFILE, 1800, day, day + 7200);
    put(s, 4, day, 1);
    is_int(gaps(s, 4, ARCHIVE_PROFILE, false), 1, "the step changed, the debts of the old one stay");
    ok(spans[0].from == day + 60 && spans[0].to == day + 7200);
    struct owed_want bad = { 4, ARCHIVE_PROFILE, 7, { day, day + 60 } };
    is_int(store_owed_expect(s, &bad, 1), FAULT_SETTING);
    bad = (struct owed_want){ 4, ARCHIVE_CURRENT, 1800, { day, day + 60 } };
    is_int(store_owed_expect(s, &bad, 1), FAULT_SETTING);
    ok(help_sound(s));
    batch_free(&b);
}

/* Random order, random folding, against a plain table. */
static void test_random(struct store *s)
{
    enum { DAYS = 20, POINTS = DAYS * 48 };
    static bool expected[POINTS], there[POINTS];
    int wrong = 0;
    srand(2);
    for (int round = 0; round < 150; round++) {
        int from = rand() % POINTS, count = 1 + rand() % 60;
        if (from + count > POINTS)
            count = POINTS - from;
        if (rand() % 4 == 0) {
            int low = from, high = from + count;
            for (int i = 0; i < POINTS; i++)
                if (expected[i]) {
                    low = i < low ? i : low;
                    high = i + 1 > high ? i + 1 : high;
                }
            for (int i = low; i < high; i++)
                expected[i] = true;
            expect(s, 7, ARCHIVE_PROFILE, 1800, day + from * 1800, day + (from + count) * 1800);
        } else {
            for (int i = from; i < from + count; i++)
                there[i] = true;
            put(s, 7, day + from * 1800, count);
        }
        if (rand() % 10 == 0)
            store_fold(s, day + rand() % DAYS * DAY_SECONDS, NULL);
        static bool owed[POINTS];
        memset(owed, 0, sizeof owed);
        size_t n = gaps(s, 7, ARCHIVE_PROFILE, false);
        for (size_t i = 0; i < n; i++)
            for (int64_t at = spans[i].from; at < spans[i].to; at += 1800)
                owed[(at - day) / 1800] = true;
        for (int i = 0; i < POINTS; i++)
            wrong += owed[i] != (expected[i] && !there[i]);
    }
    is_int(wrong, 0, "debts equal a plain table's");
    ok(help_sound(s));
}

/* All archives and meters of the tests before, cut at odd places: the one walk equals the gaps of each. */
static void test_completeness(struct store *s)
{
    struct span days[12], odd[3] = { { day - 3600, day + 5000 }, { day + 5000, day + 3 * DAY_SECONDS + 900 }, { day + 7 * DAY_SECONDS, day + 9 * DAY_SECONDS } };
    for (int i = 0; i < 12; i++)
        days[i] = (struct span){ day + (i - 1) * DAY_SECONDS, day + i * DAY_SECONDS };
    struct span months[3] = { { wall_from_fields(2026, 1, 1, 0, 0, 0), wall_from_fields(2026, 2, 1, 0, 0, 0) },
                              { wall_from_fields(2026, 2, 1, 0, 0, 0), wall_from_fields(2026, 3, 1, 0, 0, 0) },
                              { wall_from_fields(2026, 3, 1, 0, 0, 0), wall_from_fields(2027, 6, 1, 0, 0, 0) } };
    static const enum archive archives[] = { ARCHIVE_PROFILE, ARCHIVE_DAY, ARCHIVE_MONTH, ARCHIVE_HOUR };
    static const int steps[] = { 1800, 0, 0, 0 };
    size_t meters = 0;
    for (int a = 0; a < 4; a++) {
        struct compared c[] = { { s, archives[a], steps[a], days, 12, 0, true }, { s, archives[a], steps[a], odd, 3, 0, true }, { s, archives[a], steps[a], months, 3, 0, true } };
        for (int k = 0; k < 3; k++) {
            is_int(store_completeness(s, archives[a], c[k].spans, c[k].count, compare_share, &c[k]), FAULT_NONE);
            ok(c[k].same, "%s, cut %d", archive_name(archives[a]), k);
            meters += c[k].meters;
        }
    }
    ok(meters > 10, "of %zu meters", meters);
    is_int(store_completeness(s, ARCHIVE_CURRENT, days, 1, compare_share, NULL), FAULT_SETTING, "an archive without a grid is never complete");
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    struct store *s = help_open("owed.db", NULL);
    if (!ok(s != NULL))
        return tap_done();
    test_profile(s);
    test_missing(s);
    test_other_grids(s);
    test_random(s);
    test_completeness(s);
    store_close(&s);
    help_clean();
    return tap_done();
}
