/* Debts: what must exist by a moment, and how a long debt is cut into sessions. */
#include "collect/debts.h"
#include "store/store_help.h"

static int64_t at(const char *text)
{
    return wall_parse(text);
}

static void is_span(struct span got, const char *from, const char *to, const char *name)
{
    char text[2][CIVIL_TEXT_MAX];
    ok(got.from == at(from) && got.to == at(to), "%s", name);
    if (got.from != at(from) || got.to != at(to))
        printf("#   got %s .. %s\n", wall_format(got.from, text[0]), wall_format(got.to, text[1]));
}

/* --- what must exist ---------------------------------------------------------------------------------------------- */

static struct owed_want expected(enum archive archive, uint16_t days, int step, const char *now)
{
    struct store_meter m = { .id = 7, .depth_days = { [ARCHIVE_CURRENT] = 1, [ARCHIVE_JOURNAL] = 9 } };
    struct owed_want out[ARCHIVE_COUNT] = { 0 };
    m.depth_days[archive] = days;
    is_int(debts_expected(&m, step, at(now), out), 1, "%s: one want, none for what has no grid", archive_name(archive));
    is_int(out[0].meter, 7);
    is_int(out[0].archive, archive);
    return out[0];
}

static void test_expected(void)
{
    is_span(expected(ARCHIVE_DAY, 3, 1800, "2026-11-21 09:10").span, "2026-11-18 00:00", "2026-11-22 00:00", "today's registers exist from midnight");
    is_span(expected(ARCHIVE_DAY, 3, 1800, "2026-11-21 00:00").span, "2026-11-18 00:00", "2026-11-22 00:00", "at midnight itself they do");
    is_span(expected(ARCHIVE_MONTH, 60, 1800, "2026-01-01 00:00").span, "2025-11-01 00:00", "2026-02-01 00:00", "months over the end of a year");
    is_span(expected(ARCHIVE_MONTH, 1, 1800, "2024-02-29 23:59").span, "2024-02-01 00:00", "2024-03-01 00:00", "a depth within a month is that month");
    struct owed_want half = expected(ARCHIVE_PROFILE, 2, 1800, "2026-11-21 09:29");
    is_span(half.span, "2026-11-19 09:00", "2026-11-21 09:00", "an interval exists when it is over");
    is_int(half.step, 1800);
    is_span(expected(ARCHIVE_PROFILE, 1, 900, "2026-11-21 09:29").span, "2026-11-20 09:15", "2026-11-21 09:15", "quarters of an hour");
    is_span(expected(ARCHIVE_PROFILE, 1, 3600, "2026-11-21 09:59").span, "2026-11-20 09:00", "2026-11-21 09:00", "hours of the profile");
    struct owed_want hour = expected(ARCHIVE_HOUR, 1, 1800, "2026-11-21 00:30");
    is_span(hour.span, "2026-11-20 00:00", "2026-11-21 00:00", "hours of the hour archive");
    is_int(hour.step, 0, "whose step is its own");
}

/* --- plans -------------------------------------------------------------------------------------------------------- */

static struct store *store;

static struct store_meter owing(int64_t id, enum archive archive, uint16_t days, const char *now)
{
    struct store_meter m = { .id = id };
    struct owed_want want[ARCHIVE_COUNT];
    m.depth_days[archive] = days;
    is_int(store_owed_expect(store, want, debts_expected(&m, 1800, at(now), want)), FAULT_NONE);
    return m;
}

static struct session_plan plan_of(const struct store_meter *m, const char *now, enum debt_slice slice, bool *more)
{
    struct session_plan plan = { 0 };
    uint32_t read = slice == SLICE_FURTHER ? 1u << ARCHIVE_CURRENT : 0; /* the first turn has read it */
    is_int(debts_plan(store, m, at(now), 0, read, slice, &plan, more), FAULT_NONE);
    return plan;
}

static void test_slices(void)
{
    static const char *const now = "2026-11-21 09:10";
    bool more;
    struct store_meter m = owing(1, ARCHIVE_PROFILE, 60, now);
    struct session_plan alone = plan_of(&m, now, SLICE_ALONE, &more);
    is_int(alone.wants, 1, "alone on its link a meter is asked for all at once");
    is_span(alone.want[0].span, "2026-09-22 09:00", "2026-11-21 09:00", "sixty days");
    ok(!more, "and nothing is left");
    struct session_plan first = plan_of(&m, now, SLICE_FIRST, &more);
    is_span(first.want[0].span, "2026-11-20 09:00", "2026-11-21 09:00", "a first turn on a shared line takes the newest day");
    ok(more, "and more remains");
    struct session_plan further = plan_of(&m, now, SLICE_FURTHER, &more);
    is_span(further.want[0].span, "2026-11-17 09:00", "2026-11-21 09:00", "a later turn four days");
    ok(more, "and more remains");
}

/* Crosses half-hours off. */
static void fill(int64_t meter, const char *from, const char *to)
{
    struct batch b;
    batch_init(&b, 4 << 20);
    help_profile(&b, meter, at(from), (int)((at(to) - at(from)) / 1800));
    help_put(store, meter, &b);
    batch_free(&b);
}

static void test_gaps(void)
{
    static const char *const now = "2026-11-21 09:10";
    bool more;
    struct store_meter m = owing(2, ARCHIVE_PROFILE, 30, now);
    fill(2, "2026-10-22 09:00", "2026-11-02 00:00");
    fill(2, "2026-11-02 12:00", "2026-11-10 00:00");
    fill(2, "2026-11-10 01:00", "2026-11-11 00:00");
    fill(2, "2026-11-11 02:00", "2026-11-21 09:00");
    struct session_plan p = plan_of(&m, now, SLICE_ALONE, &more);
    is_int(p.wants, 2, "gaps a few days apart are one question");
    is_span(p.want[0].span, "2026-11-10 00:00", "2026-11-11 02:00", "the newest first, with the day between");
    is_span(p.want[1].span, "2026-11-02 00:00", "2026-11-02 12:00", "the old one by itself");
    ok(!more, "that is all");
    p = plan_of(&m, now, SLICE_FIRST, &more);
    is_int(p.wants, 1);
    is_span(p.want[0].span, "2026-11-10 02:00", "2026-11-11 02:00", "a slice is taken from the newest end");
    ok(more, "and more remains");
    fill(2, "2026-11-10 00:00", "2026-11-11 02:00");
    fill(2, "2026-11-02 00:00", "2026-11-02 12:00");
    p = plan_of(&m, now, SLICE_ALONE, &more);
    ok(p.wants == 0 && !more, "what is there is not asked for");
}

static void test_many_gaps(void)
{
    enum { HOLES = 20, APART_DAYS = 5 };
    static const char *const now = "2026-11-21 00:00";
    bool more = false;
    struct store_meter m = owing(3, ARCHIVE_PROFILE, 200, now);
    char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX];
    for (int i = 0; i < 200 / APART_DAYS; i++) {
        int64_t start = at(now) - (int64_t)(i + 1) * APART_DAYS * DAY_SECONDS;
        fill(3, wall_format(start + (i < HOLES ? 1800 : 0), from), wall_format(start + APART_DAYS * DAY_SECONDS, to));
    }
    int turns = 0;
    for (; turns < HOLES; turns++) {
        struct session_plan p = plan_of(&m, now, SLICE_ALONE, &more);
        for (size_t i = 0; i < p.wants; i++)
            fill(3, wall_format(p.want[i].span.from, from), wall_format(p.want[i].span.to, to));
        if (!more)
            break;
    }
    ok(turns > 0 && turns < HOLES, "more holes than one plan takes: a few sessions, %d", turns + 1);
    struct span gap[4];
    size_t count = 9;
    is_int(store_owed_spans(store, 3, ARCHIVE_PROFILE, (struct span){ 0, at(now) }, true, gap, 4, &count), FAULT_NONE);
    is_int(count, 0, "and none is left");
}

static void test_order(void)
{
    static const char *const now = "2026-11-21 09:10";
    static const enum archive alone[] = { ARCHIVE_CURRENT, ARCHIVE_DAY, ARCHIVE_MONTH, ARCHIVE_PROFILE, ARCHIVE_NETWORK, ARCHIVE_STATE, ARCHIVE_JOURNAL };
    bool more;
    struct store_meter m = owing(4, ARCHIVE_PROFILE, 1, now), days = owing(4, ARCHIVE_DAY, 1, now), months = owing(4, ARCHIVE_MONTH, 1, now);
    m.depth_days[ARCHIVE_DAY] = days.depth_days[ARCHIVE_DAY];
    m.depth_days[ARCHIVE_MONTH] = months.depth_days[ARCHIVE_MONTH];
    m.depth_days[ARCHIVE_CURRENT] = m.depth_days[ARCHIVE_NETWORK] = m.depth_days[ARCHIVE_STATE] = 1;
    m.depth_days[ARCHIVE_JOURNAL] = 10;
    struct session_plan p = plan_of(&m, now, SLICE_ALONE, &more);
    is_int(p.wants, sizeof alone / sizeof *alone);
    for (size_t i = 0; i < p.wants && i < sizeof alone / sizeof *alone; i++)
        is_int(p.want[i].archive, alone[i], "registers before profiles, journals last: %s", archive_name(alone[i]));
    is_int(p.want[p.wants - 1].span.from, at("2026-11-11 09:10"), "journals from their depth when never read");
    struct session_plan again = { 0 };
    is_int(debts_plan(store, &m, at(now), at("2026-11-21 08:00"), 0, SLICE_ALONE, &again, &more), FAULT_NONE);
    is_int(again.want[again.wants - 1].span.from, at("2026-11-21 08:00"), "or from where they were left");
    p = plan_of(&m, now, SLICE_FIRST, &more);
    ok(p.want[0].archive == ARCHIVE_CURRENT && p.want[p.wants - 1].archive == ARCHIVE_PROFILE && more, "a first turn leaves journals to the next");
    p = plan_of(&m, now, SLICE_FURTHER, &more);
    ok(p.want[0].archive == ARCHIVE_DAY && p.want[p.wants - 1].archive == ARCHIVE_JOURNAL && !more, "which does not ask for the present registers again");
}

int main(void)
{
    store = help_open("debts.db", NULL);
    test_expected();
    test_slices();
    test_gaps();
    test_many_gaps();
    test_order();
    ok(help_sound(store), "the store is sound");
    store_close(&store);
    help_clean();
    return tap_done();
}
