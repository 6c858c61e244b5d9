/* What an RTU-327 answers from a filled database: registers, profiles with holes, frozen registers, measurements, events, parameters,
 * and the refusals; UTC and the meter's wall clock. Figures are reckoned here, not read from the store. */
#include "../store/store_help.h"
#include "meter/events.h"
#include "store/house/house.h"
#include "upstream/rtu327/desk.h"
#include "upstream/rtu327/inside.h"

enum { MSK = 180, SERIAL = 43982388 };
#define DAY0 INT64_C(1590969600) /* 2020-06-01 00:00:00 as the meter's clock shows it */
#define HALF 1800

static int64_t now_ms(void)
{
    return (DAY0 + 10 * DAY_SECONDS) * 1000;
}

/* A value anybody can reckon again: Wh or varh. */
static int64_t value_of(int channel, int64_t wall)
{
    return (wall - DAY0) / 60 * 7 + channel * 100 + 5000000;
}

static void emit(struct batch *b, enum archive a, struct obis o, int64_t wall, int64_t mantissa, int exponent, uint8_t quality)
{
    struct reading r = help_reading(a, o, wall, mantissa);
    r.value.exponent = (int8_t)exponent;
    r.quality = quality;
    emit_reading(&b->sink, &r);
}

static int64_t meter_of(struct store *s, const char *serial, int zone, bool enabled)
{
    int64_t id = 0;
    struct store_meter m = { .serial = serial, .title = serial, .driver = "mercury230", .enabled = enabled, .zone_minutes = zone };
    is_int(store_meter_put(s, &m, &id), FAULT_NONE, "meter %s", serial);
    return id;
}

/* Ten days of profile but for the 3rd half-hour of the 2nd day, days with tariffs, one month, one network, some events. */
static void fill(struct store *s, int64_t meter)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int64_t wall = DAY0; wall < DAY0 + 5 * DAY_SECONDS; wall += HALF)
        for (int channel = 0; channel < 4 && wall != DAY0 + DAY_SECONDS + 2 * HALF; channel++)
            emit(&b, ARCHIVE_PROFILE, RTU327_USED(channel), wall, value_of(channel, wall), -1, 0);
    for (int day = 0; day < 5; day++)
        for (int channel = 0; channel < 2; channel++)
            for (int tariff = 0; tariff <= 2; tariff++)
                emit(&b, ARCHIVE_DAY, RTU327_REGISTER(channel, tariff), DAY0 + day * DAY_SECONDS, value_of(channel, DAY0 + day * DAY_SECONDS) + tariff, 0, 0);
    emit(&b, ARCHIVE_DAY, RTU327_REGISTER(2, 0), DAY0, 0, 0, QUALITY_MISSING);
    emit(&b, ARCHIVE_MONTH, RTU327_REGISTER(0, 0), DAY0 - 31 * DAY_SECONDS, 777, 0, 0);
    emit(&b, ARCHIVE_MONTH, RTU327_REGISTER(0, 0), DAY0, 888, 0, 0);
    emit(&b, ARCHIVE_NETWORK, OBIS(1, 0, 32, 7, 0, 255), DAY0 + 100, 23012, -2, 0);
    emit(&b, ARCHIVE_NETWORK, OBIS(1, 0, 21, 7, 0, 255), DAY0 + 100, 15005, -1, 0);
    emit(&b, ARCHIVE_NETWORK, OBIS(1, 0, 32, 7, 0, 255), DAY0 + 200, 23100, -2, 0);
    emit(&b, ARCHIVE_NETWORK, OBIS(1, 0, 14, 7, 0, 255), DAY0 + 200, 4998, -2, 0);
    static const struct event events[] = {
        { JOURNAL_POWER, EVENT_END, DAY0 + 10, 0 }, { JOURNAL_POWER, EVENT_BEGIN, DAY0 + 20, 0 }, { JOURNAL_MAGNET, EVENT_BEGIN, DAY0 + 25, 0 },
        { JOURNAL_CLOCK, EVENT_END, DAY0 + 30, 0 }, { JOURNAL_CLOCK, EVENT_BEGIN, DAY0 + 30, 0 }, { JOURNAL_SPODES, 3, DAY0 + 40, 0 },
        { JOURNAL_SPODES + 2, 2, DAY0 + 50, 0 }, { JOURNAL_COVER, EVENT_BEGIN, DAY0 + 60, 0 },
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        emit_event(&b.sink, &events[i]);
    emit_fact(&b.sink, FACT_RATIO_CURRENT, "40");
    emit_fact(&b.sink, FACT_CONSTANT, "5000");
    help_put(s, meter, &b);
    batch_free(&b);
}

static uint8_t memory[RTU327_DATA_MAX];

static enum rtu327_result ask(struct rtu327_desk *d, struct rtu327_request r, struct cursor *ret)
{
    struct writer w = writer_over(memory, sizeof memory);
    enum rtu327_result result = rtu327_desk_answer(d, &r, &w);
    *ret = cursor_over(result == RTU327_OK ? writer_bytes(&w) : bytes_of(NULL, 0));
    return result;
}

static uint32_t utc(int64_t wall)
{
    return (uint32_t)(wall - MSK * 60);
}

static bool is_value(struct decimal got, int64_t mantissa, int exponent)
{
    char text[DECIMAL_TEXT_MAX], want[DECIMAL_TEXT_MAX];
    bool same = decimal_compare(got, decimal_of(mantissa, exponent)) == 0;
    if (!same)
        printf("# got %s, want %s\n", decimal_format(got, text), decimal_format(decimal_of(mantissa, exponent), want));
    return same;
}

static void test_registers(struct rtu327_desk *d)
{
    struct cursor c;
    struct decimal v[RTU327_CHANNELS];
    struct rtu327_request r = { .command = RTU327_GETPOK, .meter = SERIAL, .channels = 0x0F, .time = utc(DAY0 + DAY_SECONDS) };
    is_int(ask(d, r, &c), RTU327_OK, "registers at the start of a day");
    rtu327_take_channels(&c, 0x0F, v);
    ok(cursor_done(&c) && is_value(v[0], value_of(0, DAY0 + DAY_SECONDS), -3) && is_value(v[1], value_of(1, DAY0 + DAY_SECONDS), -3), "A+ and A- in kWh");
    ok(is_value(v[2], -1, 0) && is_value(v[3], -1, 0), "R+ and R- are not there");
    r.time = utc(DAY0);
    ask(d, r, &c);
    rtu327_take_channels(&c, 0x0F, v);
    ok(is_value(v[0], value_of(0, DAY0), -3) && is_value(v[2], -1, 0), "a day goes before a month; what the meter has not is absent");
    r.channels = 0x02;
    r.time = utc(DAY0 + 2 * DAY_SECONDS);
    is_int(ask(d, r, &c), RTU327_OK, "one channel");
    is_int(cursor_left(&c), 8, "is one value");
    r.channels = 0x0C;
    is_int(ask(d, r, &c), RTU327_NO_DATA, "channels that have nothing");
    r.channels = 0x01;
    r.time = utc(DAY0 - 31 * DAY_SECONDS);
    ask(d, r, &c);
    rtu327_take_channels(&c, 0x01, v);
    ok(is_value(v[0], 777, -3), "registers at the start of a month");
    r.time = utc(DAY0 + 3 * HALF);
    is_int(ask(d, r, &c), RTU327_NO_DATA, "a moment at which nothing was frozen");
    r.meter = 1;
    is_int(ask(d, r, &c), RTU327_NO_METER, "a meter that is not there");
}

static void test_profile(struct rtu327_desk *d)
{
    struct cursor c;
    struct decimal v[RTU327_CHANNELS];
    struct rtu327_request r = { .command = RTU327_GETLP, .meter = SERIAL, .channels = 0x0F, .time = utc(DAY0), .count = 48 };
    is_int(ask(d, r, &c), RTU327_OK, "a day of profile");
    struct rtu327_profile_head h = rtu327_take_profile_head(&c);
    ok(h.count == 48 && h.status == 0 && h.end == utc(DAY0 + DAY_SECONDS), "48 intervals, the last ends with the day");
    bool right = true;
    for (int i = 0; i < 48; i++) {
        rtu327_take_channels(&c, 0x0F, v);
        for (int channel = 0; channel < 4; channel++)
            right = right && is_value(v[channel], value_of(channel, DAY0 + i * HALF), -4);
        right = right && take_u8(&c) == 0;
    }
    ok(right && cursor_done(&c), "every interval in kWh");
    r.channels = 0x04;
    r.time = h.end;
    r.count = 4;
    is_int(ask(d, r, &c), RTU327_OK, "asked on from the end, R+ alone");
    h = rtu327_take_profile_head(&c);
    ok(h.count == 4 && h.status == 0 && h.end == utc(DAY0 + DAY_SECONDS + 4 * HALF), "a hole counts");
    for (int i = 0; i < 4; i++) {
        rtu327_take_channels(&c, 0x04, v);
        uint8_t status = take_u8(&c);
        ok(i == 2 ? is_value(v[2], -1, 0) && status == RTU327_NO_READINGS : is_value(v[2], value_of(2, DAY0 + DAY_SECONDS + i * HALF), -4) && status == 0,
           "interval %d: %s", i, i == 2 ? "absent" : "there");
    }
    r.time = 0;
    r.count = 1;
    is_int(ask(d, r, &c), RTU327_OK, "from the beginning of time");
    h = rtu327_take_profile_head(&c);
    is_int(h.end, utc(DAY0 + HALF), "is the first interval that there is");
    r.channels = 0x01;
    r.count = 0xFFFF;
    is_int(ask(d, r, &c), RTU327_OK, "more intervals than there are");
    is_int(rtu327_take_profile_head(&c).count, 240, "are those that there are");
    r.time = utc(DAY0 + 5 * DAY_SECONDS);
    is_int(ask(d, r, &c), RTU327_NO_MORE, "behind the end");
    r.count = 0;
    is_int(ask(d, r, &c), RTU327_BAD_INTERVAL, "no intervals");
    r.count = 1;
    r.meter = 77;
    is_int(ask(d, r, &c), RTU327_NO_DATA, "a meter without a profile");
}

static void test_frozen(struct rtu327_desk *d)
{
    struct cursor c;
    struct rtu327_request r = { .command = RTU327_GETAUTOREAD, .meter = SERIAL, .channels = 2, .time = utc(DAY0) - 1, .count = 1 };
    is_int(ask(d, r, &c), RTU327_OK, "frozen registers of the day that the second before it names");
    is_int(cursor_left(&c), RTU327_FROZEN_SIZE);
    struct rtu327_frozen f = rtu327_take_frozen(&c);
    ok(f.meter == SERIAL && f.time == utc(DAY0), "whose and when");
    ok(is_value(f.tariff[0].energy, value_of(1, DAY0) + 1, -3) && is_value(f.tariff[1].energy, value_of(1, DAY0) + 2, -3), "tariffs of A-");
    ok(is_value(f.tariff[2].energy, -1, 0) && is_value(f.total, value_of(1, DAY0), -3) && is_value(f.tariff[0].maximum, -1, 0), "their sum; the rest is absent");
    r.channels = 1;
    r.time = utc(DAY0 - 31 * DAY_SECONDS) - 1;
    r.count = 4;
    is_int(ask(d, r, &c), RTU327_OK, "several");
    is_int(cursor_left(&c), 4 * RTU327_FROZEN_SIZE);
    int64_t walls[] = { DAY0 - 31 * DAY_SECONDS, DAY0, DAY0 + DAY_SECONDS, DAY0 + 2 * DAY_SECONDS };
    for (int i = 0; i < 4; i++) {
        f = rtu327_take_frozen(&c);
        ok(f.time == utc(walls[i]) && is_value(f.total, i ? value_of(0, walls[i]) : 777, -3), "record %d: months and days in order, each moment once", i);
    }
    r.time = utc(DAY0 + 4 * DAY_SECONDS);
    is_int(ask(d, r, &c), RTU327_NO_MORE, "nothing later");
    r.count = 0;
    is_int(ask(d, r, &c), RTU327_BAD_INTERVAL, "no records");
}

static void test_tests(struct rtu327_desk *d)
{
    struct cursor c;
    struct decimal v[RTU327_TESTS];
    struct rtu327_request r = { .command = RTU327_GETTESTS, .meter = SERIAL, .time = utc(DAY0), .count = 5 };
    is_int(ask(d, r, &c), RTU327_OK, "measurements");
    struct rtu327_tests_head h = rtu327_take_tests_head(&c);
    ok(h.bits == (1u << RTU327_U_A | 1u << RTU327_P_A | 1u << RTU327_FREQUENCY) && h.count == 2, "bits of what any of them has");
    is_int(rtu327_take_tests(&c, h.bits, v), utc(DAY0 + 100), "the first one's moment");
    ok(is_value(v[RTU327_U_A], 23012, -2) && is_value(v[RTU327_P_A], 15005, -4) && is_value(v[RTU327_FREQUENCY], -1, 0), "volts, kW, and no frequency");
    is_int(rtu327_take_tests(&c, h.bits, v), utc(DAY0 + 200), "the second one's");
    ok(is_value(v[RTU327_FREQUENCY], 4998, -2) && cursor_done(&c), "its frequency");
    r.time = utc(DAY0 + 201);
    is_int(ask(d, r, &c), RTU327_NO_MORE, "nothing later");
}

static void test_events(struct rtu327_desk *d)
{
    static const struct { int64_t after; uint16_t type; } want[] = {
        { 10, RTU327_POWER_OFF }, { 20, RTU327_POWER_ON }, { 30, RTU327_CLOCK_BEFORE }, { 30, RTU327_CLOCK_AFTER }, { 40, RTU327_PHASE_B_OFF },
        { 50, RTU327_POWER_ON }, { 60, RTU327_COVER_OPENED },
    };
    struct cursor c;
    struct rtu327_request r = { .command = RTU327_GETMTRLOG, .meter = SERIAL, .time = utc(DAY0), .count = 100 };
    is_int(ask(d, r, &c), RTU327_OK, "events");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct rtu327_event e = rtu327_take_event(&c);
        ok(e.time == utc(DAY0 + want[i].after) && e.type == want[i].type, "event %zu", i);
    }
    ok(cursor_done(&c), "what has no public code is not told");
    r.count = 3;
    ask(d, r, &c);
    is_int(cursor_left(&c), 2 * RTU327_EVENT_SIZE, "a second is not torn in two");
    r.time = utc(DAY0 + 20);
    r.count = 1;
    ask(d, r, &c);
    is_int(rtu327_take_event(&c).type, RTU327_CLOCK_BEFORE, "unless it alone is too long: later than the moment, not at it");
    r.time = utc(DAY0 + 60);
    is_int(ask(d, r, &c), RTU327_NO_MORE, "nothing later");
    r.meter = 77;
    is_int(ask(d, r, &c), RTU327_NO_DATA, "a meter without events");
    r.count = 0;
    is_int(ask(d, r, &c), RTU327_BAD_INTERVAL, "no events wanted");
}

static void test_parameters(struct rtu327_desk *d, struct store *s, int64_t meter)
{
    struct cursor c;
    struct rtu327_request r = { .command = RTU327_GETSHPRM, .meter = SERIAL };
    is_int(ask(d, r, &c), RTU327_OK, "parameters");
    struct rtu327_parameters p = rtu327_take_parameters(&c);
    ok(p.version == 1 && p.type == RTU327_MERCURY230 && is_value(p.current_ratio, 40, 0) && is_value(p.voltage_ratio, 1, 0)
       && is_value(p.multiplier, 5000, 0) && p.interval == 30 && p.object == 0 && cursor_done(&c), "from the facts and the profile");
    is_int(rtu327_entry_put(s, &(struct rtu327_entry){ meter, 0, 3, 14, 15 }), FAULT_NONE);
    rtu327_desk_meters_changed(d);
    ask(d, r, &c);
    p = rtu327_take_parameters(&c);
    ok(p.object_type == 3 && p.object == 14 && p.feeder == 15, "and what the head-end's table says");
    is_int(rtu327_entry_put(s, &(struct rtu327_entry){ meter, 9000000001, 0, 0, 0 }), FAULT_NONE);
    rtu327_desk_meters_changed(d);
    is_int(ask(d, r, &c), RTU327_NO_METER, "a number of its own instead of the serial number");
    r.meter = 9000000001;
    is_int(ask(d, r, &c), RTU327_OK, "finds it");
    is_int(rtu327_entry_put(s, &(struct rtu327_entry){ meter, 0, 0, 0, 0 }), FAULT_NONE);
    rtu327_desk_meters_changed(d);
}

static void test_itself(struct rtu327_desk *d, struct store *s)
{
    struct cursor c;
    is_int(ask(d, (struct rtu327_request){ .command = RTU327_GETVERSION }, &c), RTU327_OK, "the version");
    is_int(rtu327_take_version(&c).major, 2);
    is_int(ask(d, (struct rtu327_request){ .command = RTU327_GETTIME }, &c), RTU327_OK, "the time");
    is_int(take_le32(&c), now_ms() / 1000, "is UTC");
    is_int(ask(d, (struct rtu327_request){ .command = RTU327_SETTIME, .correction = 5 }, &c), RTU327_NO_RIGHTS, "the clock is not the reader's to set");
    is_int(ask(d, (struct rtu327_request){ .command = RTU327_GETMAXLOGID, .section = 2 }, &c), RTU327_BAD_PARAMETERS, "a journal that is not there");
    is_int(ask(d, (struct rtu327_request){ .command = 200 }, &c), RTU327_UNKNOWN_COMMAND, "no command");
    store_log_lines_put(s, (struct store_log_line[]){ { .at_ms = 1, .service = "x", .event = "y", .details = "" }, { .at_ms = 2, .service = "x", .event = "y", .details = "" } }, 2);
    is_int(ask(d, (struct rtu327_request){ .command = RTU327_GETMAXLOGID, .section = 1 }, &c), RTU327_OK, "its own journal");
    is_int(take_le32(&c), 2, "has two records");
}

/* The enabled one of two with one serial number; letters have no number; a meter that comes later is found. */
static void test_numbers(struct rtu327_desk *d, struct store *s)
{
    struct cursor c;
    struct rtu327_request r = { .command = RTU327_GETSHPRM, .meter = 555 };
    is_int(ask(d, r, &c), RTU327_NO_METER, "not there yet");
    int64_t off = meter_of(s, "555", MSK, false), on = meter_of(s, "0555", MSK, true);
    meter_of(s, "SIT12260004", MSK, true);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    emit_fact(&b.sink, FACT_RATIO_CURRENT, "20");
    help_put(s, off, &b);
    emit_fact(&b.sink, FACT_RATIO_CURRENT, "30");
    help_put(s, on, &b);
    batch_free(&b);
    is_int(ask(d, r, &c), RTU327_OK, "there at once");
    ok(is_value(rtu327_take_parameters(&c).current_ratio, 30, 0), "the one that is enabled");
    r.meter = 12260004;
    is_int(ask(d, r, &c), RTU327_NO_METER, "a serial number with letters is no number");
    r.meter = 0;
    is_int(ask(d, r, &c), RTU327_NO_METER, "nor is nothing");
}

static void test_local(struct store *s)
{
    struct cursor c;
    struct rtu327_desk *d = rtu327_desk_new(s, &(struct rtu327_rules){ .project = 1, .local_time = true, .now_ms = now_ms });
    struct rtu327_request r = { .command = RTU327_GETLP, .meter = SERIAL, .channels = 1, .time = (uint32_t)DAY0, .count = 2 };
    is_int(ask(d, r, &c), RTU327_OK, "with the meter's wall clock");
    is_int(rtu327_take_profile_head(&c).end, DAY0 + 2 * HALF, "times have no zone");
    rtu327_desk_free(&d);
    d = rtu327_desk_new(s, &(struct rtu327_rules){ .project = 2, .now_ms = now_ms });
    is_int(ask(d, r, &c), RTU327_NO_METER, "another project's meters are not there");
    rtu327_desk_free(&d);
}

int main(void)
{
    struct store *s = help_open("rtu327.db", NULL);
    if (!ok(s != NULL, "a database"))
        return tap_done();
    int64_t meter = meter_of(s, "43982388", MSK, true);
    meter_of(s, "77", MSK, true);
    fill(s, meter);
    struct rtu327_desk *d = rtu327_desk_new(s, &(struct rtu327_rules){ .project = 1, .now_ms = now_ms });
    test_registers(d);
    test_profile(d);
    test_frozen(d);
    test_tests(d);
    test_events(d);
    test_parameters(d, s, meter);
    test_itself(d, s);
    test_numbers(d, s);
    test_local(s);
    rtu327_desk_free(&d);
    store_close(&s);
    help_clean();
    return tap_done();
}
