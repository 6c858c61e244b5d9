/* Tables of the event model: timetables in use, calendars, occasions and what is known of them, what happened, clocks of meters. */
#include "store/box/occasions.h"
#include "store/registry/registry.h"
#include "store/store_help.h"

static struct store *s;

static void test_timetables(void)
{
    struct arena a = { 0 };
    int64_t one = 0, two = 0, calendar = 0, occasion = 0;
    struct store_timetable t = { .project = 1, .title = "Night", .schedule = "daily 2026-01-01 00:00:00 times=3600", .zone = "" }, got;
    is_int(store_timetable_put(s, &t, &one), FAULT_NONE);
    is_int(store_timetable_put(s, &t, &two), FAULT_NONE);
    is_int(store_timetable_get(s, one, &a, &got), FAULT_NONE);
    is_text(got.schedule, t.schedule);
    got.title = "Noon";
    is_int(store_timetable_put(s, &got, NULL), FAULT_NONE);
    is_int(store_timetable_put(s, &got, NULL), FAULT_CHANGED, "somebody was faster");
    is_int(store_calendar_put(s, &(struct store_calendar){ .project = 1, .title = "Both", .timetable = { two, one, two }, .count = 3 }, &calendar), FAULT_NONE);
    struct store_calendar k;
    is_int(store_calendar_get(s, calendar, &a, &k), FAULT_NONE);
    ok(k.count == 2 && k.timetable[0] == one && k.timetable[1] == two, "each once, in order");
    is_int(store_timetable_delete(s, one), FAULT_REFUSED, "a calendar names it");
    k.count = 1;
    is_int(store_calendar_put(s, &k, NULL), FAULT_NONE);
    is_int(store_timetable_delete(s, two), FAULT_NONE);
    is_int(store_timetable_delete(s, two), FAULT_NO_DATA);
    char condition[40];
    snprintf(condition, sizeof condition, "calendar %lld", (long long)calendar);
    is_int(store_occasion_put(s, &(struct store_occasion){ .project = 1, .title = "E", .condition = condition, .actions = "poll 1\n", .enabled = true, .pause_s = 10 }, &occasion), FAULT_NONE);
    is_int(store_calendar_delete(s, calendar), FAULT_REFUSED, "an occasion names it");
    is_int(store_occasion_delete(s, occasion), FAULT_NONE);
    is_int(store_calendar_delete(s, calendar), FAULT_NONE);
    is_int(store_timetable_delete(s, one), FAULT_NONE);
    arena_free(&a);
}

static void test_occasions(void)
{
    struct arena a = { 0 };
    struct store_occasion o = { .project = 1, .title = "Door", .condition = "input 1 appears", .actions = "poll 4\nmail a@example.org x\n", .enabled = true, .pause_s = 7 }, got;
    int64_t id = 0;
    is_int(store_occasion_put(s, &o, &id), FAULT_NONE);
    is_int(store_occasion_note(s, id, &(struct store_occasion_state){ 5000, 3, 9000, "1", 77 }), FAULT_NONE);
    is_int(store_occasion_get(s, id, &a, &got), FAULT_NONE);
    ok(got.state.last_ms == 5000 && got.state.count == 3 && got.state.next_ms == 9000 && got.state.seen == 77 && got.pause_s == 7, "what is known of it");
    is_text(got.state.known, "1");
    is_int(got.revision, 1, "which is no change of it");
    is_int(store_occasion_put(s, &got, NULL), FAULT_NONE);
    is_int(store_occasion_put(s, &got, NULL), FAULT_CHANGED);
    is_int(store_occasion_get(s, id, &a, &got), FAULT_NONE);
    is_text(got.state.known, "1", "a change of its name leaves that");
    got.anew = true;
    is_int(store_occasion_put(s, &got, NULL), FAULT_NONE);
    is_int(store_occasion_get(s, id, &a, &got), FAULT_NONE);
    ok(!got.state.known[0] && !got.state.next_ms && got.state.count == 3, "a new condition begins anew");
    is_int(store_occasion_delete(s, id), FAULT_NONE);
    is_int(store_occasion_note(s, id, &got.state), FAULT_NO_DATA);
    arena_free(&a);
}

struct heard {
    int64_t count, first;
    size_t deeds;
    int64_t run;
};

static bool hear(void *context, const struct store_happening *h)
{
    struct heard *x = context;
    if (x->count++ == 0)
        x->first = h->id;
    x->deeds = h->deeds;
    x->run = h->deeds ? h->deed[0].run : 0;
    return true;
}

static void test_happenings(void)
{
    int64_t id = 0, total = 0;
    struct heard x = { 0 };
    enum fault f = FAULT_NONE;
    for (int i = 0; i < HAPPENINGS_KEPT + 200 && f == FAULT_NONE; i++)
        f = store_happening_put(s, &(struct store_happening){ .occasion = 1 + i % 2, .project = 1, .at_ms = i, .title = "E", .cause = "time",
                                                              .deed = { { "poll", i, "run", "" }, { "mail", 0, "failed", "no server" } }, .deeds = 2 }, &id);
    is_int(f, FAULT_NONE, "many happen");
    is_int(store_happenings(s, 1, 0, 0, 3, hear, &x, &total), FAULT_NONE);
    ok(x.count == 3 && x.first == id && x.deeds == 2 && x.run == HAPPENINGS_KEPT + 197, "the newest first, with their deeds");
    ok(total >= HAPPENINGS_KEPT && total < HAPPENINGS_KEPT + 64, "old ones go: %lld stay", (long long)total);
    is_int(store_happenings(s, 1, 2, 0, 1, hear, &x, &total), FAULT_NONE);
    ok(total <= HAPPENINGS_KEPT / 2 + 64, "of one occasion");
    is_int(store_happenings(s, 2, 0, 0, 10, hear, &x, &total), FAULT_NONE);
    is_int(total, 0, "another project's are not seen");
}

static bool keep_clock(void *context, const struct store_clock *c)
{
    *(struct store_clock *)context = *c;
    return true;
}

static void test_clocks(void)
{
    struct store_clock c = { 0 };
    int64_t meter = 0;
    is_int(store_meter_put(s, &(struct store_meter){ .serial = "1", .driver = "spodes", .project = 1, .enabled = true }, &meter), FAULT_NONE);
    is_int(store_clocks_put(s, (struct store_clock[]){ { meter, 1000, 40, 0, 0 }, { meter, 2000, 0, 2000, -40 } }, 2), FAULT_NONE);
    is_int(store_clocks_put(s, &(struct store_clock){ meter, 3000, 1, 0, 0 }, 1), FAULT_NONE);
    is_int(store_clocks(s, keep_clock, &c), FAULT_NONE);
    ok(c.read_ms == 3000 && c.error_s == 1 && c.corrected_ms == 2000 && c.corrected_s == -40, "a reading leaves the last correction");
    is_int(store_meter_delete(s, meter, false), FAULT_NONE);
    c.meter = 0;
    is_int(store_clocks(s, keep_clock, &c), FAULT_NONE);
    is_int(c.meter, 0, "they go with the meter");
}

int main(void)
{
    s = help_open("occasions.db", NULL);
    test_timetables();
    test_occasions();
    test_happenings();
    test_clocks();
    ok(help_sound(s), "the store is sound");
    store_close(&s);
    help_clean();
    return tap_done();
}
