/* Меркурий 230: the driver over recordings made of real frames, and against its twin, whole and with injected faults. */
#include "base/text.h"
#include "support/twin_harness.h"
#include "tap.h"
#include "wire/mercury.h"

#include <stdlib.h>

enum { SERIAL = 38395190, ADDRESS = 190 };
#define OWN "address=190"
#define A_PLUS OBIS(1, 0, 1, 8, 0, 255)
#define A_PROFILE OBIS(1, 0, 1, 29, 0, 255)

static int64_t noon(void)
{
    return wall_from_fields(2026, 11, 21, 12, 47, 30);
}

static struct harness *meter(const char *parameters)
{
    return harness_new("mercury230", parameters, SERIAL, ADDRESS, noon());
}

static void read_archive(struct harness *h, struct conversation *c, enum archive archive, int64_t from, int64_t to)
{
    struct want w = { .archive = archive, .span = { from, to }, .now = h->wall, .tariffs = 2 };
    h->driver->read[archive](c, &w, &h->sink);
}

/* The driver with the archive, in a session. */
static void in_session(struct harness *h, struct conversation *c, enum archive archive, int64_t from, int64_t to)
{
    h->driver->open(c);
    read_archive(h, c, archive, from, to);
    h->driver->close(c);
}

static void current(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_CURRENT, 0, 0);
}

static void network(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_NETWORK, 0, 0);
}

static const char *value_of(const struct harness *h, enum archive archive, struct obis obis, int64_t wall)
{
    static char text[DECIMAL_TEXT_MAX];
    const struct reading *r = harness_reading(h, archive, obis, wall);
    return r ? decimal_format(r->value, text) : "none";
}

static const char *energy_text(enum life_channel channel, int tariff, int64_t wall)
{
    static char text[24];
    snprintf(text, sizeof text, "%lld", (long long)life_energy(SERIAL, channel, tariff, wall));
    return text;
}

/* --- recordings --------------------------------------------------------------------------------------------------- */

static void current_sum(struct harness *h, struct conversation *c)
{
    struct want w = { .archive = ARCHIVE_CURRENT, .now = h->wall };
    h->driver->open(c);
    h->driver->read[ARCHIVE_CURRENT](c, &w, &h->sink);
    h->driver->close(c);
}

static void identify(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->identify(c, &h->sink);
    h->driver->close(c);
}

static void profile_of_march(struct harness *h, struct conversation *c)
{
    int64_t from = wall_from_fields(2008, 3, 5, 9, 30, 0);
    in_session(h, c, ARCHIVE_PROFILE, from, from + HOUR_SECONDS);
}

static void clock_dialogue(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    is_int(h->driver->clock.read(c), wall_from_fields(2008, 2, 27, 16, 14, 43));
    h->driver->clock.correct(c, 10);
    h->driver->clock.set(c, wall_from_fields(2008, 3, 5, 10, 55, 0));
    is_int(conversation_fault(c), FAULT_NONE);
    h->driver->clock.correct(c, -5);
    is_int(conversation_fault(c), FAULT_CLOCK_LIMIT, "corrected once today");
}

static void relay_on(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->relay.operate(c, 0, RELAY_ON);
    h->driver->close(c);
}

static void open_twice(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    is_int(conversation_fault(c), FAULT_PASSWORD);
    h->driver->close(c);
}

static struct harness *replay(const char *name, const char *parameters, void (*dialogue)(struct harness *, struct conversation *), enum fault fault)
{
    char path[128];
    const char *problem;
    snprintf(path, sizeof path, "tests/drivers/mercury230/%s.txt", name);
    struct harness *h = meter(parameters);
    bool right = harness_replay(h, path, dialogue, &problem);
    ok(right, "%s", problem);
    is_int(h->fault, fault, "%s: fault", name);
    return h;
}

static void test_recordings(void)
{
    struct harness *h = replay("current_at_zero", "", current_sum, FAULT_NONE);
    is_text(value_of(h, ARCHIVE_CURRENT, A_PLUS, noon()), "3196200");
    is_text(value_of(h, ARCHIVE_CURRENT, OBIS(1, 0, 3, 8, 0, 255), noon()), "300444");
    is_int(h->readings_count, 2, "what is not measured is not emitted");
    free(h);
    h = replay("passport", "address=66;encoding=ascii", identify, FAULT_NONE);
    is_text(h->facts[FACT_SERIAL], "32874766");
    is_text(h->facts[FACT_PRODUCED], "2018-06-26");
    is_text(h->facts[FACT_FIRMWARE], "9.0.0");
    is_text(h->facts[FACT_CONSTANT], "500");
    is_text(h->facts[FACT_TYPE], "Меркурий 230 (B4E3C297DF58)");
    is_text(h->facts[FACT_RATIO_CURRENT], "1");
    free(h);
    h = replay("passport_in_parts", "address=128;model=236", identify, FAULT_NONE);
    is_text(h->facts[FACT_SERIAL], "41906467");
    is_text(h->facts[FACT_CONSTANT], "1000");
    is_text(h->facts[FACT_RATIO_CURRENT], "", "ratios refused: not told");
    free(h);
    h = replay("profile_record", "address=128", profile_of_march, FAULT_NONE);
    is_text(value_of(h, ARCHIVE_PROFILE, A_PROFILE, wall_from_fields(2008, 3, 5, 9, 30, 0)), "5250", "10.5 kW for half an hour");
    is_int(h->readings[0].quality, QUALITY_PARTIAL);
    is_int(h->readings_count, 3, "A− is not kept; the interval not formed yet is nobody's debt");
    free(h);
    free(replay("clock", "address=128;level=2;password=222222", clock_dialogue, FAULT_CLOCK_LIMIT));
    free(replay("relay_on", "address=42;level=2;password=222222;model=208", relay_on, FAULT_NONE));
    free(replay("password_refused", "address=128", open_twice, FAULT_PASSWORD));
    h = replay("look_alike", "address=128", network, FAULT_NONE);
    is_text(value_of(h, ARCHIVE_NETWORK, OBIS(1, 0, 1, 7, 0, 255), noon()), "287.68");
    is_text(value_of(h, ARCHIVE_NETWORK, OBIS(1, 0, 32, 7, 0, 255), noon()), "1107.53");
    ok(!harness_reading(h, ARCHIVE_NETWORK, OBIS(1, 0, 14, 7, 0, 255), noon()), "a refused value is not emitted");
    free(h);
}

/* --- the twin, in good order -------------------------------------------------------------------------------------- */

static void test_current(void)
{
    struct harness *h = meter(OWN);
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE);
    is_int(h->readings_count, 12);
    is_text(value_of(h, ARCHIVE_CURRENT, A_PLUS, noon()), energy_text(LIFE_A_PLUS, 0, noon()));
    is_text(value_of(h, ARCHIVE_CURRENT, OBIS(1, 0, 4, 8, 2, 255), noon()), energy_text(LIFE_R_MINUS, 2, noon()));
    is_int(h->requests, 6, "test, open, three tariffs, close");
    free(h);
    h = meter(OWN ";password=hex:323232323232;level=1");
    harness_play(h, current);
    is_int(h->fault, FAULT_PASSWORD, "a wrong password");
    is_int(h->requests, 2, "is put exactly once");
    is_int(h->readings_count, 0);
    free(h);
    h = meter(OWN ";model=238");
    h->options = "ascii=1;oneway=1";
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE, "passwords as characters");
    is_int(h->readings_count, 6, "one direction");
    free(h);
}

static void check_instant(const struct harness *h, struct obis obis, int64_t mantissa, int exponent)
{
    char name[OBIS_TEXT_MAX], truth[DECIMAL_TEXT_MAX];
    decimal_format(decimal_of(mantissa, exponent), truth);
    is_text(value_of(h, ARCHIVE_NETWORK, obis, noon()), truth, "%s = %s", obis_format(obis, name), truth);
}

static void test_network(void)
{
    for (int groups = 0; groups < 2; groups++) {
        struct harness *h = meter(OWN);
        h->options = groups ? NULL : "groups=0";
        harness_play(h, network);
        is_int(h->fault, FAULT_NONE);
        is_int(h->readings_count, 27, "27 values");
        ok(groups ? h->requests == 13 : h->requests > 30, "%d exchanges", h->requests);
        check_instant(h, OBIS(1, 0, 52, 7, 0, 255), life_voltage_mv(SERIAL, 2, noon()) / 10, -2);
        check_instant(h, OBIS(1, 0, 71, 7, 0, 255), life_current_ma(SERIAL, 3, noon()), -3);
        check_instant(h, OBIS(1, 0, 1, 7, 0, 255), life_power_w(SERIAL, 0, noon()) * 100, -2);
        check_instant(h, OBIS(1, 0, 3, 7, 0, 255), life_reactive_var(SERIAL, 0, noon()) * 100, -2);
        check_instant(h, OBIS(1, 0, 69, 7, 0, 255), life_apparent_va(SERIAL, 3, noon()) * 100, -2);
        check_instant(h, OBIS(1, 0, 13, 7, 0, 255), life_cosine_milli(SERIAL, 0, noon()), -3);
        check_instant(h, OBIS(1, 0, 14, 7, 0, 255), life_frequency_mhz(SERIAL, noon()) / 10, -2);
        check_instant(h, OBIS(0, 0, 96, 9, 0, 255), life_temperature_c(SERIAL, noon()), 0);
        free(h);
    }
}

static int64_t day_of_november(int day)
{
    return wall_from_fields(2026, 11, day, 0, 0, 0);
}

static void days(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_DAY, day_of_november(19), day_of_november(25));
}

static void months(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_MONTH, wall_from_fields(2025, 11, 1, 0, 0, 0), wall_from_fields(2026, 12, 2, 0, 0, 0));
}

static void long_ago(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_DAY, day_of_november(21) - 124 * DAY_SECONDS, day_of_november(21) - 121 * DAY_SECONDS);
}

static int missing_of(const struct harness *h)
{
    int missing = 0;
    for (int i = 0; i < h->readings_count; i++)
        missing += (h->readings[i].quality & QUALITY_MISSING) != 0;
    return missing;
}

static void test_registers(void)
{
    struct harness *h = meter(OWN);
    harness_play(h, days);
    is_int(h->fault, FAULT_NONE);
    is_int(h->readings_count, 3 * 3 * 4, "three days that have begun, three registers of four directions");
    is_text(value_of(h, ARCHIVE_DAY, A_PLUS, day_of_november(19)), energy_text(LIFE_A_PLUS, 0, day_of_november(19)));
    is_text(value_of(h, ARCHIVE_DAY, OBIS(1, 0, 1, 8, 2, 255), day_of_november(21)), energy_text(LIFE_A_PLUS, 2, day_of_november(21)));
    free(h);
    h = meter(OWN);
    h->options = "extended=0";
    harness_play(h, days);
    is_int(h->fault, FAULT_NONE);
    is_int(missing_of(h), 3, "arrays C and D hold today and yesterday only");
    is_text(value_of(h, ARCHIVE_DAY, A_PLUS, day_of_november(20)), energy_text(LIFE_A_PLUS, 0, day_of_november(20)));
    is_text(value_of(h, ARCHIVE_DAY, A_PLUS, day_of_november(21)), energy_text(LIFE_A_PLUS, 0, day_of_november(21)));
    free(h);
    for (int extended = 0; extended < 2; extended++) {
        h = meter(OWN);
        h->options = extended ? NULL : "extended=0";
        harness_play(h, months);
        is_int(h->fault, FAULT_NONE);
        is_int(missing_of(h), extended ? 0 : 3, "array B goes eleven months back");
        int64_t january = wall_from_fields(2026, 1, 1, 0, 0, 0);
        is_text(value_of(h, ARCHIVE_MONTH, A_PLUS, january), energy_text(LIFE_A_PLUS, 0, january));
        int64_t november = day_of_november(1);
        is_text(value_of(h, ARCHIVE_MONTH, A_PLUS, november), energy_text(LIFE_A_PLUS, 0, november));
        ok(!harness_reading(h, ARCHIVE_MONTH, A_PLUS, wall_from_fields(2026, 12, 1, 0, 0, 0)), "the future is not missing");
        free(h);
    }
    h = meter(OWN);
    harness_play(h, long_ago);
    is_int(missing_of(h), 6, "123 days are kept: what is older is missing");
    free(h);
    h = meter(OWN);
    h->options = "fw=4;extended=0";
    harness_play(h, days);
    ok(h->fault == FAULT_NONE && missing_of(h) == 3, "old firmware without such arrays: only the day before yesterday is missing");
    is_text(value_of(h, ARCHIVE_DAY, OBIS(1, 0, 1, 8, 1, 255), day_of_november(20)), energy_text(LIFE_A_PLUS, 1, day_of_november(20)));
    is_int(harness_reading(h, ARCHIVE_DAY, A_PLUS, day_of_november(21))->quality, QUALITY_ESTIMATED, "and the others computed");
    free(h);
    h = meter(OWN);
    h->options = "fw=4;extended=0";
    harness_play(h, months);
    is_int(missing_of(h), 3);
    is_text(value_of(h, ARCHIVE_MONTH, A_PLUS, wall_from_fields(2026, 1, 1, 0, 0, 0)), energy_text(LIFE_A_PLUS, 0, wall_from_fields(2026, 1, 1, 0, 0, 0)));
    free(h);
}

/* --- profile ------------------------------------------------------------------------------------------------------ */

static void profile_of_days(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_PROFILE, day_of_november(18), day_of_november(25));
}

static void hours_of_days(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_HOUR, day_of_november(18), day_of_november(25));
}

static bool without_power(int64_t from, int64_t to)
{
    struct life_event e;
    for (int n = 0; life_event_before(SERIAL, JOURNAL_POWER, to, n, &e) && e.begin > from - DAY_SECONDS; n++)
        if (e.begin <= from && (e.end == WALL_NONE || e.end >= to))
            return true;
    return false;
}

/* Every slot of the three days and a half is there once, with the life's truth or missing when there was no power. */
static void check_profile(const struct harness *h, int64_t step, int scale, enum archive archive)
{
    int right = 0, missing = 0, wrong = 0;
    for (int64_t at = day_of_november(18); at + step <= noon(); at += step) {
        const struct reading *r = harness_reading(h, archive, A_PROFILE, at);
        int64_t truth = life_energy(SERIAL, LIFE_A_PLUS, 0, at + step) - life_energy(SERIAL, LIFE_A_PLUS, 0, at);
        struct decimal d;
        if (r && r->step == step && (r->quality & QUALITY_MISSING))
            missing++, wrong += !without_power(at, at + step);
        else if (r && r->step == step && decimal_rescale(r->value, -3, &d) && llabs(d.mantissa - truth * 1000) <= scale)
            right++;
        else
            wrong++;
    }
    is_int(wrong, 0, "every interval is true or rightly missing");
    ok(right > 60 && missing <= 4, "%d are true, %d missing", right, missing);
}

static struct harness *play_profile(const char *parameters, const char *options, int64_t step, int scale)
{
    struct harness *h = meter(parameters);
    h->options = options;
    harness_play(h, step == HOUR_SECONDS ? hours_of_days : profile_of_days);
    is_int(h->fault, FAULT_NONE, "profile with %s", options ? options : "the usual");
    check_profile(h, step, scale, step == HOUR_SECONDS ? ARCHIVE_HOUR : ARCHIVE_PROFILE);
    return h;
}

static void test_profile(void)
{
    struct harness *h = play_profile(OWN, NULL, 1800, 0);
    ok(h->requests < 20, "169 intervals in %d exchanges", h->requests);
    int partial = 0;
    for (int i = 0; i < h->readings_count; i++)
        partial += h->readings[i].quality == QUALITY_PARTIAL;
    struct life_event e;
    bool cut = life_event_before(SERIAL, JOURNAL_POWER, noon(), 0, &e) && e.begin >= day_of_november(18);
    ok(cut == (partial > 0), "intervals with a power cut are partial: %d", partial);
    free(h);
    free(play_profile(OWN ";long=no", NULL, 1800, 0));
    h = play_profile(OWN, "long=0", 1800, 0);
    ok(h->requests > 160 && h->requests < 185, "blocks are refused once, then single records: %d", h->requests);
    free(h);
    free(play_profile(OWN, "fw=6", 1800, 0));
    free(play_profile(OWN, "fw=6;wide=0", 1800, 0));
    free(play_profile(OWN, "fw=2", 1800, 0));
    free(play_profile(OWN, "a=1000;period=60", HOUR_SECONDS, 0));
    free(play_profile(OWN, "a=250;period=15", 900, 2000));
    free(play_profile(OWN, "a=25000;wide=0", 1800, 0));
    char shifted[64];
    snprintf(shifted, sizeof shifted, "shift=-3;shift_at=%lld", (long long)day_of_november(19));
    h = play_profile(OWN, shifted, 1800, 0);
    ok(h->requests < 40, "after a clock setting the shift is learned: %d exchanges", h->requests);
    free(h);
    h = meter(OWN);
    harness_play(h, hours_of_days);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "no hours in a half-hour profile");
    free(h);
}

static void deep_profile(struct harness *h, struct conversation *c)
{
    int64_t depth = 8192 * 1800, last = noon() - noon() % 1800;
    in_session(h, c, ARCHIVE_PROFILE, last - depth - 7200, last - depth + 7200);
}

static void test_depth(void)
{
    struct harness *h = meter(OWN);
    harness_play(h, deep_profile);
    is_int(h->fault, FAULT_NONE);
    is_int(missing_of(h), 4, "older than the ring is missing");
    is_int(h->readings_count, 4 + 4 * 4, "the oldest records of the ring are read");
    free(h);
}

/* --- journals, states, clock, relay, facts ------------------------------------------------------------------------ */

static void journals(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_JOURNAL, wall_from_fields(2020, 1, 1, 0, 0, 0), noon());
}

static const struct event *event_of(const struct harness *h, enum journal j, enum event_code code, int64_t wall)
{
    for (int i = 0; i < h->events_count; i++)
        if (h->events[i].journal == j && h->events[i].code == code && h->events[i].wall == wall)
            return &h->events[i];
    return NULL;
}

/* The newest event of each kind stands in its journal; kinds that the life does not have are passed over. */
static void check_journals(const struct harness *h)
{
    static const enum journal kinds[] = { JOURNAL_PHASE_A, JOURNAL_POWER, JOURNAL_COVER, JOURNAL_CASE, JOURNAL_MAGNET, JOURNAL_CLOCK,
                                          JOURNAL_U_MAX_B, JOURNAL_F_MIN, JOURNAL_RELAY, JOURNAL_QUALITY };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct life_event e;
        if (!life_event_before(SERIAL, kinds[i], noon(), 1, &e))
            continue;
        bool supply = kinds[i] == JOURNAL_PHASE_A || kinds[i] == JOURNAL_POWER || kinds[i] == JOURNAL_RELAY || kinds[i] == JOURNAL_CLOCK;
        ok(event_of(h, kinds[i], supply ? EVENT_END : EVENT_BEGIN, e.begin), "journal %d: begin", kinds[i]);
        if (kinds[i] == JOURNAL_QUALITY && e.end != WALL_NONE && e.end - e.begin > 655)
            e.end = e.begin + 655;
        if (e.end != WALL_NONE)
            ok(event_of(h, kinds[i], supply ? EVENT_BEGIN : EVENT_END, e.end), "journal %d: end", kinds[i]);
    }
}

static void journals_of_november(struct harness *h, struct conversation *c)
{
    in_session(h, c, ARCHIVE_JOURNAL, day_of_november(1), noon());
}

static void test_journals(void)
{
    struct harness *h = meter(OWN);
    harness_play(h, journals);
    is_int(h->fault, FAULT_NONE);
    check_journals(h);
    ok(h->requests < 140, "%d exchanges", h->requests);
    free(h);
    h = meter(OWN ";long=no");
    harness_play(h, journals);
    is_int(h->fault, FAULT_NONE);
    check_journals(h);
    free(h);
    h = meter(OWN);
    h->options = "long=0;phases=1";
    harness_play(h, journals_of_november);
    is_int(h->fault, FAULT_NONE);
    int old = 0;
    for (int i = 0; i < h->events_count; i++)
        old += h->events[i].wall < day_of_november(1);
    is_int(old, 0, "older events are not wanted");
    free(h);
}

static void commands(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->clock.correct(c, 100);
    is_int(conversation_fault(c), FAULT_NONE);
    is_int(h->driver->clock.read(c), noon() + 100);
    h->driver->clock.correct(c, 100);
    is_int(conversation_forgive(c), FAULT_CLOCK_LIMIT, "once a day");
    h->driver->clock.correct(c, 241);
    is_int(conversation_forgive(c), FAULT_CLOCK_LIMIT, "four minutes");
    h->driver->relay.operate(c, 0, RELAY_OFF);
    h->driver->relay.read(c, 0, 1000000000, &h->sink);
    h->driver->relay.operate(c, 0, RELAY_ON);
    read_archive(h, c, ARCHIVE_STATE, 0, 0);
    is_int(conversation_fault(c), FAULT_NONE);
    h->driver->clock.set(c, noon() + 86400);
}

static void at_zero(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->relay.operate(c, 0, RELAY_OFF);
}

static void test_commands(void)
{
    struct harness *h = meter(OWN ";level=2;password=222222");
    harness_play(h, commands);
    is_int(h->fault, FAULT_NONE);
    is_int(h->meter.clock_shift_s, 86400, "the clock is set");
    ok(h->states_count == 3 && h->states[0].value == 0 && h->states[1].value == 0 && h->states[2].value == 1, "relay off, no faults, relay on");
    free(h);
    h = meter(OWN);
    harness_play(h, commands);
    is_int(h->fault, FAULT_ACCESS, "level 1 may correct the clock and not set it");
    free(h);
    h = meter("level=2;password=222222");
    harness_play(h, at_zero);
    is_int(h->fault, FAULT_SETTING, "no commands to the universal address");
    free(h);
}

static int found_count, found_total;
static char found_last[64];

static bool go_on(struct scan *s, int done, int total)
{
    (void)s, (void)done;
    found_total = total;
    return true;
}

static void note_found(struct scan *s, const char *p, const char *serial, const char *type)
{
    (void)s, (void)type;
    found_count++;
    snprintf(found_last, sizeof found_last, "%s %s", p, serial);
}

static void scan(struct harness *h, struct conversation *c)
{
    struct scan s = { .from = 189, .to = 191, .progress = go_on, .found = note_found };
    h->driver->scan(c, &s);
}

static void scan_zero(struct harness *h, struct conversation *c)
{
    struct scan s = { .from = 0, .to = 1, .progress = go_on, .found = note_found };
    h->driver->scan(c, &s);
}

static void test_identity(void)
{
    struct harness *h = meter(OWN ";model=234");
    harness_play(h, identify);
    is_text(h->facts[FACT_SERIAL], "38395190");
    is_text(h->facts[FACT_TYPE], "Меркурий 234 (B463C297DF58)");
    is_text(h->facts[FACT_PRODUCED], "2020-06-22");
    free(h);
    h = meter("");
    harness_play(h, scan);
    is_int(found_count, 1);
    is_text(found_last, "address=190 38395190", "found without a session");
    is_int(found_total, 3);
    free(h);
    h = meter("");
    harness_play(h, scan_zero);
    is_text(found_last, "address=0 38395190", "address 0 when nobody else is there");
    free(h);
}

/* --- faults --------------------------------------------------------------------------------------------------------*/

/* Another meter's frame: its address and a checksum that fits. */
static size_t other_address(uint8_t *answer, size_t size)
{
    struct writer w = writer_over(answer, size);
    answer[0]++;
    w.at += size - 2;
    mercury_seal(&w);
    return size;
}

/* A refusal that belongs to an earlier request: «done» where data are awaited. */
static size_t bare_done(uint8_t *answer, size_t size)
{
    (void)size;
    struct writer w = writer_over(answer, 4);
    put_u8(&w, ADDRESS);
    put_u8(&w, 0);
    mercury_seal(&w);
    return 4;
}

static const struct injected {
    const char *name;
    enum mischief mischief;
    size_t (*twist)(uint8_t *, size_t);
    enum fault always; /* when every answer but those of the opening is hit */
} injected[] = {
    { "silence", MISCHIEF_SILENCE, NULL, FAULT_NO_ANSWER },
    { "a cut answer", MISCHIEF_CUT, NULL, FAULT_DAMAGED },
    { "a wrong checksum", MISCHIEF_WRONG_SUM, NULL, FAULT_DAMAGED },
    { "noise before the answer", MISCHIEF_NOISE, NULL, FAULT_NONE },
    { "the request's echo", MISCHIEF_ECHO, NULL, FAULT_NONE },
    { "an answer in single bytes", MISCHIEF_SPLIT, NULL, FAULT_NONE },
    { "another meter's answer", MISCHIEF_TWIST, other_address, FAULT_FOREIGN },
    { "an answer to an earlier request", MISCHIEF_TWIST, bare_done, FAULT_STALE },
};

static void test_faults(void)
{
    for (size_t i = 0; i < sizeof injected / sizeof *injected; i++) {
        struct harness *h = meter(OWN);
        h->mischief = injected[i].mischief;
        h->twist = injected[i].twist;
        h->skip = 3;
        h->count = 1;
        harness_play(h, current);
        ok(h->fault == FAULT_NONE && h->readings_count == 12, "%s once does no harm", injected[i].name);
        is_text(value_of(h, ARCHIVE_CURRENT, OBIS(1, 0, 1, 8, 1, 255), noon()), energy_text(LIFE_A_PLUS, 1, noon()));
        free(h);
        h = meter(OWN);
        h->mischief = injected[i].mischief;
        h->twist = injected[i].twist;
        h->skip = 2;
        h->count = -1;
        harness_play(h, current);
        is_int(h->fault, injected[i].always, "%s always", injected[i].name);
        is_int(h->readings_count, injected[i].always == FAULT_NONE ? 12 : 0);
        free(h);
    }
}

static int passwords_heard(const struct harness *h)
{
    int found = 0;
    struct cursor c = cursor_over(bytes_of(h->heard, h->heard_size));
    while (cursor_left(&c)) {
        struct frame_found f = mercury_find_request(bytes_of(c.at, cursor_left(&c)), NULL);
        struct bytes data = mercury_data(take_bytes(&c, f.state == FRAME_WHOLE ? f.start + f.size : cursor_left(&c)));
        found += data.size == 8 && data.data[0] == MERCURY_OPEN;
    }
    return found;
}

static void test_password(void)
{
    struct harness *h = meter(OWN);
    h->mischief = MISCHIEF_SILENCE;
    h->skip = 1;
    h->count = 1;
    harness_play(h, current);
    is_int(h->fault, FAULT_NO_ANSWER, "the answer to the password is lost");
    is_int(passwords_heard(h), 1, "it is not put again");
    free(h);
    h = meter(OWN);
    h->mischief = MISCHIEF_SILENCE;
    h->count = 2;
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE, "the link test has taken the repeats");
    is_int(passwords_heard(h), 1);
    free(h);
    h = meter(OWN);
    h->mischief = MISCHIEF_RESTART;
    h->skip = 3;
    h->count = 1;
    harness_play(h, current);
    ok(h->fault == FAULT_NONE && h->readings_count == 12, "a session the meter lost is opened again");
    is_int(passwords_heard(h), 2);
    free(h);
    h = meter(OWN);
    h->mischief = MISCHIEF_SILENCE;
    h->skip = 5;
    h->count = 1;
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE, "a lost answer to the closing spoils nothing");
    is_int(h->requests, 6, "and is not asked for again");
    free(h);
    h = meter(OWN ";password=short");
    harness_play(h, current);
    is_int(h->fault, FAULT_SETTING, "six characters");
    is_int(passwords_heard(h), 0);
    free(h);
}

/* Long answers that a line always loses: short ones take over. */
static size_t lose_long(uint8_t *answer, size_t size)
{
    (void)answer;
    return size > 40 ? 30 : size;
}

/* The second block is answered by the first one's answer: that of a question repeated into silence, which came late. */
static size_t repeat_block(uint8_t *answer, size_t size)
{
    static uint8_t former[1024];
    static int blocks;
    if (size < 200 || size > sizeof former)
        return size;
    bool late = ++blocks == 2;
    memcpy(late ? answer : former, late ? former : answer, size);
    return size;
}

/* The profile is whole whatever becomes of the answers on the way. */
static void check_twisted(size_t (*twist)(uint8_t *, size_t), const char *how)
{
    struct harness *h = meter(OWN);
    h->mischief = MISCHIEF_TWIST;
    h->twist = twist;
    h->count = -1;
    harness_play(h, profile_of_days);
    is_int(h->fault, FAULT_NONE, "%s", how);
    check_profile(h, 1800, 0, ARCHIVE_PROFILE);
    free(h);
}

int main(void)
{
    test_recordings();
    test_current();
    test_network();
    test_registers();
    test_profile();
    test_depth();
    test_journals();
    test_commands();
    test_identity();
    test_faults();
    test_password();
    check_twisted(lose_long, "long answers are lost on the way");
    check_twisted(repeat_block, "another question's answer");
    return tap_done();
}
