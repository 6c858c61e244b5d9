/* Schedules, works, stories: pure, with a clock given. */
#include "collect/schedule.h"
#include "collect/session.h"
#include "collect/story.h"
#include "collect/work.h"
#include "meter/relay.h"
#include "tap.h"

static int64_t at(const char *text)
{
    return wall_parse(text);
}

static struct schedule read(const char *text)
{
    struct schedule s = { .kind = SCHEDULE_KINDS };
    ok(schedule_read(text, &s), "%s", text);
    return s;
}

/* The next moments of UTC after `after`, divided by blanks. */
static void is_next(const char *schedule, const char *zone, const char *after, const char *expected)
{
    struct schedule s = read(schedule);
    struct zone z;
    char list[200] = "", one[CIVIL_TEXT_MAX];
    struct text t = text_over(list, sizeof list);
    ok(zone_load(zone, &z));
    int64_t moment = at(after);
    for (int i = 0; i < 4 && (moment = schedule_next(&s, &z, moment)) != WALL_NONE; i++)
        text_printf(&t, "%s%.16s", i ? ", " : "", wall_format(moment, one));
    is_text(list, expected, "%s in %s", schedule, zone);
}

static void test_schedules(void)
{
    is_next("once 2026-11-30 01:00:00", "Europe/Moscow", "2026-11-22 00:00", "2026-11-29 22:00");
    is_next("once 2026-11-30 01:00:00", "Europe/Moscow", "2026-11-29 22:00", "");
    is_next("minutes 2026-11-22 00:10:00 every=30", "UTC", "2026-11-22 05:00", "2026-11-22 05:10, 2026-11-22 05:40, 2026-11-22 06:10, 2026-11-22 06:40");
    is_next("minutes 2026-11-22 00:10:00 every=30", "UTC", "2026-11-22 05:10", "2026-11-22 05:40, 2026-11-22 06:10, 2026-11-22 06:40, 2026-11-22 07:10");
    is_next("hours 2026-11-23 12:00:00 every=5", "+03:00", "2026-11-22 00:00", "2026-11-23 09:00, 2026-11-23 14:00, 2026-11-23 19:00, 2026-11-24 00:00");
    is_next("daily 2026-11-22 00:00:00 times=3600", "Europe/Moscow", "2026-11-22 00:00", "2026-11-22 22:00, 2026-11-23 22:00, 2026-11-24 22:00, 2026-11-25 22:00");
    is_next("daily 2026-11-25 13:00:00 times=3600,46800", "UTC", "2026-11-22 00:00", "2026-11-25 13:00, 2026-11-26 01:00, 2026-11-26 13:00, 2026-11-27 01:00");
    is_next("weekly 2026-11-01 00:00:00 times=0 weekdays=17", "UTC", "2026-11-22 00:00", "2026-11-23 00:00, 2026-11-27 00:00, 2026-11-30 00:00, 2026-12-04 00:00");
}

static void test_change_of_clocks(void)
{
    is_next("daily 2026-03-01 00:00:00 times=9000", "Europe/Berlin", "2026-03-27 12:00", "2026-03-28 01:30, 2026-03-29 01:30, 2026-03-30 00:30, 2026-03-31 00:30");
    is_next("daily 2026-10-01 00:00:00 times=9000", "Europe/Berlin", "2026-10-23 12:00", "2026-10-24 00:30, 2026-10-25 00:30, 2026-10-26 01:30, 2026-10-27 01:30");
    is_next("daily 2026-03-01 00:00:00 times=9000,10800", "Europe/Berlin", "2026-03-29 00:00", "2026-03-29 01:00, 2026-03-29 01:30, 2026-03-30 00:30, 2026-03-30 01:00");
    is_next("hours 2026-10-25 00:00:00 every=1", "Europe/Berlin", "2026-10-24 23:30", "2026-10-25 00:00, 2026-10-25 01:00, 2026-10-25 02:00, 2026-10-25 03:00");
}

static void test_months(void)
{
    is_next("monthly 2026-01-01 00:00:00 times=0 days=2147483648", "UTC", "2026-01-31 00:00", "2026-02-28 00:00, 2026-03-31 00:00, 2026-04-30 00:00, 2026-05-31 00:00");
    is_next("monthly 2028-01-01 00:00:00 times=0 days=1", "UTC", "2028-01-31 00:00", "2028-02-29 00:00, 2028-03-31 00:00, 2028-04-30 00:00, 2028-05-31 00:00");
    is_next("monthly 2026-01-01 00:00:00 times=0 days=32770", "UTC", "2026-11-22 00:00", "2026-12-01 00:00, 2026-12-15 00:00, 2027-01-01 00:00, 2027-01-15 00:00");
    is_next("monthly 2026-01-01 00:00:00 times=0 days=1610612736", "UTC", "2026-02-01 00:00", "2026-02-28 00:00, 2026-03-29 00:00, 2026-03-30 00:00, 2026-04-29 00:00");
}

/* Every N minutes of S0 4.5.2, and a day of a month of every year. */
static void test_years_and_minutes(void)
{
    is_next("yearly 2026-01-01 00:00:00 times=0 days=2 months=2", "UTC", "2026-11-22 00:00", "2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00, 2030-01-01 00:00");
    is_next("yearly 2026-01-01 00:00:00 times=3600 days=32768 months=68", "Europe/Moscow", "2026-11-22 00:00", "2027-02-14 22:00, 2027-06-14 22:00, 2028-02-14 22:00, 2028-06-14 22:00");
    is_next("yearly 2026-01-01 00:00:00 times=0 days=536870912 months=4", "UTC", "2027-02-28 00:00", "2028-02-29 00:00, 2029-02-28 00:00, 2030-02-28 00:00, 2031-02-28 00:00");
    is_next("yearly 2026-01-01 00:00:00 times=9000 days=536870912 months=8", "Europe/Berlin", "2026-01-01 00:00", "2026-03-29 01:30, 2027-03-29 00:30, 2028-03-29 00:30, 2029-03-29 00:30");
    is_next("yearly 2028-03-01 00:00:00 times=0 days=1 months=4", "UTC", "2026-11-22 00:00", "2029-02-28 00:00, 2030-02-28 00:00, 2031-02-28 00:00, 2032-02-29 00:00");
    is_next("minutes 2026-01-01 00:10:00 every=30", "Europe/Berlin", "2026-03-29 00:30", "2026-03-29 00:40, 2026-03-29 01:10, 2026-03-29 01:40, 2026-03-29 02:10");
    is_next("minutes 2026-01-01 00:00:00 every=59", "UTC", "2026-01-01 00:00", "2026-01-01 00:59, 2026-01-01 01:58, 2026-01-01 02:57, 2026-01-01 03:56");
}

static void test_schedule_texts(void)
{
    static const char *const bad[] = { "", "daily", "daily 2026-11-22 00:00:00", "daily 2026-11-22 00:00:00 times=", "daily 2026-11-22 00:00:00 times=86400", "weekly 2026-11-22 00:00:00 times=1",
                                       "weekly 2026-11-22 00:00:00 times=1 weekdays=128", "monthly 2026-11-22 00:00:00 times=1 days=0", "minutes 2026-11-22 00:00:00 every=0",
                                       "minutes 2026-11-22 00:00:00 every=99999999", "daily 2026-13-22 00:00:00 times=1", "daily 2026-11-22 00:00:00 times=2,1", "never 2026-11-22 00:00:00",
                                       "once 1969-01-01 00:00:00", "daily 2026-11-22 00:00:00 times=1 x=1", "daily 2026-11-22 00:00:00 times=1,,2", "yearly 2026-11-22 00:00:00 times=1 days=2", "yearly 2026-11-22 00:00:00 times=1 months=2",
                                       "yearly 2026-11-22 00:00:00 times=1 days=2 months=1", "yearly 2026-11-22 00:00:00 times=1 days=2 months=8192" };
    struct schedule s, back;
    char text[SCHEDULE_TEXT_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!schedule_read(bad[i], &s), "no schedule: %s", bad[i]);
    s = read("monthly 2026-11-22 00:00:00 times=0,3600,86340 days=2147483649");
    struct text t = text_over(text, sizeof text);
    schedule_write(&s, &t);
    ok(schedule_read(text, &back) && back.times == 3 && back.time[2] == 86340 && back.days == 2147483649u, "there and back: %s", text);
    s.times = SCHEDULE_TIMES_MAX;
    for (int i = 0; i < SCHEDULE_TIMES_MAX; i++)
        s.time[i] = 86399 - SCHEDULE_TIMES_MAX + i;
    t = text_over(text, sizeof text);
    schedule_write(&s, &t);
    ok(!t.cut && schedule_read(text, &back) && back.times == SCHEDULE_TIMES_MAX, "the longest fits");
}

static void test_works(void)
{
    static const char *const bad[] = { "", ";", "read", "read day", "read day x", "read week 3", "read journal 3", "read day 3;read day 4", "events", "events 1 x", "events 70000", "command relay-on", "command fly 0",
                                       "command relay-on 33", "command relay-on 0 0", "states;x", "read day 3661", "read day 3 1.2.3", "read day 3 1.0.1.8.0.255 again", "command clock-check 0", "command clock-check 901" };
    static struct work w, back;
    char text[WORK_TEXT_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!work_read_text(bad[i], &w), "no work: %s", bad[i]);
    static const char whole[] = "owed;read day 3 again 1.0.1.8.0.255 1.0.1.8.2.255;read month 62;events 7 2 102;states;command relay-off 2;command clock-set 0;command clock-check 5;";
    ok(work_read_text(whole, &w), "a work");
    struct text t = text_over(text, sizeof text);
    work_write(&w, &t);
    is_text(text, whole, "there and back");
    ok(work_read_text(text, &back) && back.read[ARCHIVE_DAY].registers == 2 && back.journals == 2 && back.command[0].relay == 2);
    ok(work_switches(&w) && work_any(&w));
    is_int(work_tariffs(&w.read[ARCHIVE_DAY]), 2, "the highest tariff that is named");
    is_int(work_tariffs(&w.read[ARCHIVE_MONTH]), 0);
    ok(work_read_text("command clock-read 0;", &w) && !work_switches(&w), "a clock switches nothing");
}

/* The check of a clock: what is left, moved, put off, reported. */
static void test_clock_verdicts(void)
{
    int64_t ten_past = at("2026-11-22 12:10"), half = at("2026-11-22 12:30");
    is_int(clock_verdict(ten_past, 4, 5, 240), CLOCK_LEFT, "below the threshold");
    is_int(clock_verdict(ten_past, -4, 5, 240), CLOCK_LEFT);
    is_int(clock_verdict(ten_past, 5, 5, 240), CLOCK_MOVED, "from the threshold on");
    is_int(clock_verdict(ten_past, -240, 5, 240), CLOCK_MOVED, "up to what the family allows");
    is_int(clock_verdict(ten_past, 241, 5, 240), CLOCK_TOO_FAR, "and no further");
    is_int(clock_verdict(ten_past, 6, 5, 0), CLOCK_TOO_FAR, "a family without a gentle correction");
    is_int(clock_verdict(half - 3, 6, 5, 240), CLOCK_AT_BOUNDARY, "the meter is in the next half-hour already");
    is_int(clock_verdict(half + 3, -6, 5, 240), CLOCK_AT_BOUNDARY, "or in the last one still");
    is_int(clock_verdict(half, 6, 5, 240), CLOCK_MOVED, "both are in the same");
}

static bool gather(void *context, int64_t utc_ms, const char *sentence)
{
    struct text *t = context;
    text_printf(t, "%lld %s\n", (long long)utc_ms, sentence);
    return true;
}

static void test_stories(void)
{
    char notes[STORY_NOTES_MAX], steps[STORY_STEPS_MAX], said[4000];
    struct text n = text_over(notes, sizeof notes), s = text_over(steps, sizeof steps), t = text_over(said, sizeof said);
    story_note(&n, "session", FAULT_NO_ANSWER, "AARQ\nsession none");
    story_note(&n, "archive:day", FAULT_NOT_SUPPORTED, "");
    story_note(&n, "command:relay-off:0", FAULT_REFUSED, "!locked");
    story_sentence(notes, LANG_EN, &t);
    ok(strstr(said, "(AARQ session none); ") && strstr(said, "switching off (load relay): the relay's hardware lock is on"), "notes in English: %s", said);
    t = text_over(said, sizeof said);
    story_sentence(notes, LANG_RU, &t);
    ok(strstr(said, "отключение (реле нагрузки): введена аппаратная блокировка"), "and in Russian");
    story_step(&s, 1000, "begin 1 %s", "Block 5, line\n2");
    story_step(&s, 1200, "identified %s", "0123 45");
    story_step(&s, 1300, "clock -5");
    story_step(&s, 1400, "read day 0 86400");
    story_step(&s, 1500, "read-end day not-supported");
    story_step(&s, 1600, "relay 0 1 1 4 -1");
    story_step(&s, 1700, "command relay-off 0 none ");
    story_step(&s, 1800, "stored 12 3");
    story_step(&s, 1900, "end none ");
    is_int(story_resting_until(steps), 0, "a session that ended waits for nothing");
    story_step(&s, 1950, "restart 60");
    is_int(story_resting_until(steps), 61950, "the next try is a minute later");
    story_step(&s, 2500, "begin 2 x");
    is_int(story_resting_until(steps), 0, "begun anew, it waits no more");
    story_step(&s, 2600, "nonsense");
    t = text_over(said, sizeof said);
    story_tell(steps, LANG_EN, gather, &t);
    static const char *const parts[] = { "1000 Session 1 over Block 5, line 2\n", "serial number 0123 45", "5 s slow", "from 1970-01-01 00:00:00 to 1970-01-02 00:00:00", "1500 ", "load relay: on", "switching off",
                                         "Values stored: 12, events: 3", "1900 Session ended: done", "Asked again in 60 s" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ok(strstr(said, parts[i]), "told: %s", parts[i]);
    ok(!strstr(said, "nonsense"), "an unknown word is not");
    struct story_session sessions[4];
    is_int(story_sessions(steps, sessions, 4), 2, "two sessions");
    ok(sessions[0].from_ms == 1000 && sessions[0].to_ms == 1950 && sessions[1].from_ms == 2500, "and when they were");
    for (int i = 0; i < 1000; i++)
        story_step(&s, i, "end no-answer %0200d", i);
    ok(s.size < STORY_STEPS_MAX && !s.cut, "a story is bounded, its lines whole");
}

/* --- relays: who may be switched (manual 2.2.10; dlms.md 10.1) -------------------------------------------------------------- */

static void test_relays(void)
{
    struct relay_status r = relay_nothing(0);
    is_int(relay_may(&r, true), RELAY_ABSENT, "who says nothing has no relay");
    r.output = 1;
    is_int(relay_may(&r, false), RELAY_ALLOWED, "neither lock nor mode are told: it may");
    static const struct { int64_t lock; enum relay_refusal why; } locks[] = { { 0, RELAY_ALLOWED }, { 1, RELAY_LOCKED }, { 2, RELAY_FORCED_OFF }, { 3, RELAY_FORCED_ON }, { 9, RELAY_LOCKED } };
    for (size_t i = 0; i < sizeof locks / sizeof *locks; i++) {
        r.lock = locks[i].lock;
        is_int(relay_may(&r, false), locks[i].why, "lock %d", (int)r.lock);
        is_int(relay_may(&r, true), locks[i].why);
    }
    r.lock = 0;
    static const struct { int64_t mode; enum relay_refusal off, on; } modes[] = { { 0, RELAY_ALWAYS_ON, RELAY_ALWAYS_ON }, { 4, RELAY_ALLOWED, RELAY_ALLOWED }, { 132, RELAY_NO_REMOTE_OFF, RELAY_ALLOWED }, { 77, RELAY_ALLOWED, RELAY_ALLOWED } };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        r.mode = modes[i].mode;
        ok(relay_may(&r, false) == modes[i].off && relay_may(&r, true) == modes[i].on, "mode %d", (int)r.mode);
    }
    struct relay_status after = { .output = 0, .control = 2, .mode = 1, .lock = RELAY_UNKNOWN };
    ok(relay_obeyed(&after, true) && relay_obeyed(&after, false), "ready: off, and on as far as it goes from afar");
    after.control = 0;
    ok(!relay_obeyed(&after, true));
    struct relay_status signal = relay_nothing(2);
    ok(relay_take(&signal, &(struct state){ .obis = RELAY_OUTPUT(2), .value = 1 }) && signal.output == 1, "a signal relay's state");
    ok(!relay_take(&signal, &(struct state){ .obis = RELAY_LOCK, .value = 1 }), "the lock is the load relay's");
    for (int why = 0; why < RELAY_REFUSALS; why++)
        is_int(relay_refusal_named(relay_refusal_name((enum relay_refusal)why)), why);
}

int main(void)
{
    test_schedules();
    test_change_of_clocks();
    test_months();
    test_years_and_minutes();
    test_schedule_texts();
    test_clock_verdicts();
    test_works();
    test_stories();
    test_relays();
    return tap_done();
}
