/* The СПОДЭС driver against the simulated meter: transports, associations, ciphering, windows, blocks, archives against
 * the life's truth, commands and refusals (spodes.md, dlms.md). Faults of the line are in test_spodes_faults.c. */
#include "drivers/dlms/client.h"
#include "support/spodes_harness.h"
#include "tap.h"
#include "wire/dlms_curve.h"

#include <stdlib.h>

enum { SERIAL = 12345678 };

#define NOW "2026-11-21 10:40:00"
#define READER ";password=111111"
#define HIGH "client=48;password=2222222222222222;security="
#define KEYS "guek=000102030405060708090A0B0C0D0E0F;gak=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
#define OUR_KEYS ";encryption_key=hex:000102030405060708090A0B0C0D0E0F;authentication_key=hex:D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
#define CIPHERED "client=48;security=gmac;protection=both" OUR_KEYS
#define KEYS2 "suite=2;guek=000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F;gak=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECF"
#define OUR_KEYS2 ";suite=2;encryption_key=hex:000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F;authentication_key=hex:D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECF"

static struct rig rig_of(const char *options, const char *settings)
{
    return (struct rig){ .options = options, .settings = settings, .serial = SERIAL, .address = 16, .wall = wall_parse(NOW),
                         .timing = { .answer_ms = 2000 } };
}

/* --- what must have been read ------------------------------------------------------------------------------------------ */

struct tally {
    int compared, wrong, missing;
};

static void compare(const struct rig *r, struct tally *t, enum archive archive, int64_t wall, struct obis obis, int64_t want, bool hole)
{
    const struct reading *x = rig_reading(r, archive, wall, obis);
    char text[CIVIL_TEXT_MAX], code[OBIS_TEXT_MAX];
    t->compared++;
    bool right = x && (hole ? x->quality == QUALITY_MISSING : x->quality == 0 && decimal_compare(x->value, decimal_of(want, 0)) == 0);
    t->missing += right && hole;
    if (right)
        return;
    if (t->wrong++ < 3)
        printf("# %s %s %s: %s, want %lld\n", archive_name(archive), wall_format(wall, text), obis_format(obis, code),
               x ? "another value" : "nothing", (long long)want);
}

/* The registers that the daily and monthly profiles hold. */
static void compare_registers(const struct rig *r, struct tally *t, enum archive archive, int64_t wall, int tariffs)
{
    for (int tariff = 0; tariff <= tariffs; tariff++)
        compare(r, t, archive, wall, OBIS(1, 0, 1, 8, tariff, 255), life_energy(SERIAL, LIFE_A_PLUS, tariff, wall), false);
    for (int channel = LIFE_A_MINUS; channel < LIFE_CHANNELS; channel++)
        compare(r, t, archive, wall, OBIS(1, 0, channel + 1, 8, 0, 255), life_energy(SERIAL, (enum life_channel)channel, 0, wall), false);
}

static void compare_profile(const struct rig *r, struct tally *t, struct span span, int step, int holes)
{
    enum archive archive = step == HOUR_SECONDS ? ARCHIVE_HOUR : ARCHIVE_PROFILE;
    int64_t birth = wall_parse("2020-01-01");
    for (int64_t at = span.from; at + step <= r->wall && at < span.to; at += step) {
        int64_t number = (at - birth) / step;
        bool hole = holes && number % holes == holes - 1;
        if (hole && at > r->wall - 2 * HOUR_SECONDS - step)
            continue; /* may still come */
        for (int channel = 0; channel < LIFE_CHANNELS; channel++)
            compare(r, t, archive, at, OBIS(1, 0, channel + 1, 29, 0, 255),
                    life_energy(SERIAL, (enum life_channel)channel, 0, at + step) - life_energy(SERIAL, (enum life_channel)channel, 0, at), hole);
    }
}

static void compare_network(const struct rig *r, struct tally *t, int phases)
{
    int64_t wall = r->wall;
    compare(r, t, ARCHIVE_NETWORK, wall, OBIS(1, 0, 1, 7, 0, 255), life_power_w(SERIAL, phases == 1, wall), false);
    struct decimal milli;
    const struct reading *u = rig_reading(r, ARCHIVE_NETWORK, wall, phases == 1 ? OBIS(1, 0, 12, 7, 0, 255) : OBIS(1, 0, 72, 7, 0, 255));
    milli = decimal_of(life_voltage_mv(SERIAL, phases, wall), -3);
    t->wrong += !u || decimal_compare(u->value, milli) != 0 || u->unit != UNIT_VOLT;
    const struct reading *f = rig_reading(r, ARCHIVE_NETWORK, wall, OBIS(1, 0, 14, 7, 0, 255));
    t->wrong += !f || decimal_compare(f->value, decimal_of(life_frequency_mhz(SERIAL, wall), -3)) != 0 || f->unit != UNIT_HERTZ;
}

/* --- everything a meter has, over every way of speaking ------------------------------------------------------------------ */

static struct want want_of(const struct rig *r, enum archive archive, int64_t from)
{
    return (struct want){ .archive = archive, .now = r->wall, .tariffs = 4, .span = { from, r->wall } };
}

static struct span load_span(const struct rig *r)
{
    return (struct span){ wall_day_start(r->wall) - 2 * DAY_SECONDS, r->wall };
}

static void read_everything(struct rig *r, struct conversation *c)
{
    int step = r->context ? *(int *)r->context : 1800;
    r->driver->identify(c, &r->sink);
    struct want w = want_of(r, ARCHIVE_CURRENT, r->wall);
    r->driver->read[ARCHIVE_CURRENT](c, &w, &r->sink);
    w.archive = ARCHIVE_NETWORK;
    r->driver->read[ARCHIVE_NETWORK](c, &w, &r->sink);
    w = want_of(r, ARCHIVE_DAY, wall_day_start(r->wall) - 40 * DAY_SECONDS);
    r->driver->read[ARCHIVE_DAY](c, &w, &r->sink);
    w = want_of(r, ARCHIVE_MONTH, month_wall(wall_month(r->wall) - 13));
    r->driver->read[ARCHIVE_MONTH](c, &w, &r->sink);
    enum archive load = step == HOUR_SECONDS ? ARCHIVE_HOUR : ARCHIVE_PROFILE;
    w = want_of(r, load, load_span(r).from);
    r->driver->read[load](c, &w, &r->sink);
    w = want_of(r, ARCHIVE_JOURNAL, r->wall - 400 * DAY_SECONDS);
    r->driver->read[ARCHIVE_JOURNAL](c, &w, &r->sink);
    w.archive = ARCHIVE_STATE;
    r->driver->read[ARCHIVE_STATE](c, &w, &r->sink);
}

static int option_number(const char *options, const char *name, int preset)
{
    const char *at = strstr(options, name);
    return at ? atoi(at + strlen(name)) : preset;
}

static void check_everything(const char *title, const char *options, const char *settings)
{
    struct rig r = rig_of(options, settings);
    int step = option_number(options, "step=", 1800), holes = option_number(options, "holes=", 0);
    int phases = option_number(options, "phases=", 3), tariffs = option_number(options, "tariffs=", 4);
    struct tally t = { 0 };
    r.context = &step;
    r.address = (uint32_t)option_number(settings, "physical=", 16);
    if (r.address == 16383)
        r.address = 0; /* spoken to as all stations */
    rig_start(&r);
    rig_run(&r, read_everything);
    ok(r.fault == FAULT_NONE, "%s: %s %s", title, fault_name(r.fault), r.detail);
    compare_registers(&r, &t, ARCHIVE_CURRENT, r.wall, tariffs);
    compare_network(&r, &t, phases);
    for (int64_t day = wall_day_start(r.wall) - 40 * DAY_SECONDS; day < r.wall; day += DAY_SECONDS)
        compare_registers(&r, &t, ARCHIVE_DAY, day, tariffs);
    for (int i = 0; i <= 13; i++)
        compare_registers(&r, &t, ARCHIVE_MONTH, month_wall(wall_month(r.wall) - i), tariffs);
    compare_profile(&r, &t, load_span(&r), step, holes);
    ok(t.wrong == 0 && t.compared > 500, "%s: %d values, %d wrong, %d holes, %u exchanges", title, t.compared, t.wrong, t.missing, r.exchanges);
    is_text(r.facts[FACT_SERIAL], "12345678", "%s: serial", title);
    ok(r.events_count > 60 && r.states_count >= 4, "%s: %zu events, %zu states", title, r.events_count, r.states_count);
    is_int(r.aarqs, strstr(settings, "protection") || strstr(settings, "gmac") ? 2 : 1, "%s: AARQs", title);
    rig_stop(&r);
}

static void test_ways(void)
{
    static const struct {
        const char *title, *options, *settings;
    } ways[] = {
        { "HDLC, 2-byte address", "", "physical=16" READER },
        { "HDLC, 4-byte address", "", "physical=9561" READER },
        { "HDLC, 4 bytes forced", "", "physical=17;address_size=4" READER },
        { "HDLC, 1-byte address", "", "physical=0" READER },
        { "HDLC, all stations", "", "physical=16383" READER },
        { "wrapper", "", "transport=wrapper" READER },
        { "wrapper, configurator", "", "transport=wrapper;" HIGH "high" },
        { "single phase", "phases=1;tariffs=2", "physical=16" READER },
        { "HLS high", "", HIGH "high" },
        { "HLS MD5", "", HIGH "md5" },
        { "HLS SHA-1", "", HIGH "sha1" },
        { "HLS SHA-256", "", HIGH "sha256" },
        { "HLS GMAC", KEYS, "client=48;security=gmac" OUR_KEYS },
        { "HLS GMAC, reader", KEYS, "client=32;security=gmac" OUR_KEYS },
        { "suite 0 glo", KEYS, "client=48;security=gmac;protection=both" OUR_KEYS },
        { "suite 0 authenticated only", KEYS ";policy=1", "client=48;security=gmac;protection=authenticated" OUR_KEYS },
        { "suite 0 encrypted only", KEYS ";policy=2", "client=48;security=gmac;protection=encrypted" OUR_KEYS },
        { "suite 0 LLS under ciphering", KEYS ";policy=3", "protection=both" READER OUR_KEYS },
        { "suite 0 dedicated", KEYS, "client=48;security=gmac;protection=both;dedicated=yes" OUR_KEYS },
        { "suite 0 general-glo", KEYS, "client=48;security=gmac;protection=both;general=yes" OUR_KEYS },
        { "suite 0 general-ciphering", KEYS, "client=48;security=gmac;protection=both;general=whole" OUR_KEYS },
        { "suite 0 general-ciphering, wrapper", KEYS, "transport=wrapper;client=48;security=gmac;protection=authenticated;general=whole" OUR_KEYS },
        { "suite 0 general-ded, wrapper", KEYS, "transport=wrapper;client=48;security=gmac;protection=both;general=yes;dedicated=yes" OUR_KEYS },
        { "suite 1 glo", "suite=1;" KEYS, "client=48;security=gmac;protection=both;suite=1" OUR_KEYS },
        { "suite 2 glo", KEYS2, "client=48;security=gmac;protection=both" OUR_KEYS2 },
        { "suite 2 dedicated", KEYS2, "client=48;security=gmac;protection=both;dedicated=yes" OUR_KEYS2 },
        { "HLS high under ciphering", KEYS, HIGH "high;protection=both" OUR_KEYS },
        { "window 7, info 128", "window=7;info=128", "info=128;window=7" READER },
        { "window 3, info 32", "window=3;info=32", "info=1024;window=7" READER },
        { "info 32 both ways", "info=32", "info=32" READER },
        { "PDU 64: everything in blocks", "pdu=64", "physical=16" READER },
        { "PDU 100, client takes 80", "pdu=100", "pdu=80" READER },
        { "PDU 128, ciphered", "pdu=128;" KEYS, "client=48;security=gmac;protection=both" OUR_KEYS },
        { "general block transfer", "gbt=yes;pdu=200", "physical=16" READER },
        { "general block transfer, ciphered", "gbt=yes;pdu=200;" KEYS, "client=48;security=gmac;protection=both" OUR_KEYS },
        { "no lists", "lists=no", "physical=16" READER },
        { "compact arrays", "compact=yes;pdu=300", "physical=16" READER },
        { "null-data", "nulls=yes;holes=7", "physical=16" READER },
        { "null-data, blocks", "nulls=yes;pdu=100", "physical=16" READER },
        { "holes", "holes=7", "physical=16" READER },
        { "a quarter of an hour", "step=900", "physical=16" READER },
        { "an hour", "step=3600", "physical=16" READER },
        { "NARTIS", "maker=nartis;lists=no", "physical=16;password=111111" },
        { "M2M", "maker=m2m", "physical=16" READER },
        { "Mercury", "maker=mercury;pdu=100", "info=128" READER },
        { "RiM", "maker=rim", "physical=16" READER },
        { "push", "push=yes", "physical=16" READER },
        { "push, wrapper", "push=yes", "transport=wrapper" READER },
        { "RLRQ", "", "release=yes" READER },
        { "RLRQ ciphered", KEYS, "release=yes;client=48;security=gmac;protection=both" OUR_KEYS },
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        check_everything(ways[i].title, ways[i].options, ways[i].settings);
}

/* ECDSA: both keys are made here. */
static void test_signatures(void)
{
    for (uint8_t suite = 1; suite <= 2; suite++) {
        uint8_t a[48], b[48], pa[96], pb[96];
        size_t size = suite == 1 ? 32 : 48;
        memset(a, 0x11, sizeof a);
        memset(b, 0x27, sizeof b);
        struct writer wa = writer_over(pa, sizeof pa), wb = writer_over(pb, sizeof pb);
        ok(dlms_public_key(&wa, suite, bytes_of(a, size)) && dlms_public_key(&wb, suite, bytes_of(b, size)), "keys");
        char options[1024], settings[1024];
        struct text o = text_over(options, sizeof options), s = text_over(settings, sizeof settings);
        text_printf(&o, "%s;pdu=%d;suite=%d;sign=", suite == 1 ? KEYS : KEYS2, suite == 1 ? 112 : 1000, suite);
        text_put_hex(&o, bytes_of(b, size));
        text_put(&o, ";peer=");
        text_put_hex(&o, writer_bytes(&wa));
        text_printf(&s, "client=48;security=ecdsa;protection=both%s;suite=%d;pdu=%d;signing_key=hex:", suite == 1 ? OUR_KEYS : OUR_KEYS2, suite,
                    suite == 1 ? 112 : 1000); /* the smaller one has the proofs in blocks too */
        text_put_hex(&s, bytes_of(a, size));
        text_put(&s, ";server_public=hex:");
        text_put_hex(&s, writer_bytes(&wb));
        check_everything(suite == 1 ? "ECDSA P-256" : "ECDSA P-384", options, settings);
    }
}

/* --- notifications ------------------------------------------------------------------------------------------------------- */

static uint8_t pushed_first;
static size_t pushed_size;

static void look_at_push(struct rig *r, struct conversation *c)
{
    struct dlms_client *d = conversation_state(c);
    r->driver->clock.read(c);
    pushed_size = d->pushed_size;
    pushed_first = d->pushed_size ? d->pushed[0] : 0;
}

static void test_push(void)
{
    static const char *const settings[] = { "physical=16" READER, "transport=wrapper" READER, CIPHERED };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct rig r = rig_of("push=yes;" KEYS, settings[i]);
        rig_start(&r);
        rig_run(&r, look_at_push);
        is_int(r.fault, FAULT_NONE, "a notification amid the session");
        if (i < 2)
            ok(pushed_size > 0 && pushed_first == 0x0F, "is kept");
        else
            is_int((long long)pushed_size, 0, "but not in the clear where ciphering was asked for");
        rig_stop(&r);
    }
}

/* --- long parameters ------------------------------------------------------------------------------------------------------ */

static bool written;

static void write_long(struct rig *r, struct conversation *c)
{
    (void)r;
    struct dlms_client *d = conversation_state(c); /* the driver's state begins with it */
    struct cosem_reference point = dlms_attribute(1, OBIS(0, 0, 96, 1, 10, 255), 2);
    const char *text = "ул. Садовая, дом 17, квартира 42";
    uint8_t memory[96];
    struct writer w = writer_over(memory, sizeof memory);
    put_cosem_octets(&w, bytes_of_text(text));
    written = dlms_client_set(c, d, &point, writer_bytes(&w)) == COSEM_SUCCESS;
    struct cosem_result back = dlms_client_get(c, d, &point);
    struct cosem_reader reader = cosem_reader_over(back.data);
    written = written && bytes_equal(cosem_take_octets(&reader), bytes_of_text(text));
}

static void test_long(void)
{
    static const char *const transports[] = { HIGH "high", "transport=wrapper;" HIGH "high", CIPHERED };
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
        struct rig r = rig_of(i == 2 ? "pdu=128;" KEYS : "pdu=64;info=32", transports[i]);
        rig_start(&r);
        rig_run(&r, write_long);
        ok(r.fault == FAULT_NONE && written, "SET and ACTION in blocks: %s %s", fault_name(r.fault), r.detail);
        rig_stop(&r);
    }
}

/* --- journals ------------------------------------------------------------------------------------------------------------ */

static bool has_event(const struct rig *r, uint16_t journal, uint16_t code, int64_t wall)
{
    for (size_t i = 0; i < r->events_count; i++)
        if (r->events[i].journal == journal && r->events[i].code == code && r->events[i].wall == wall)
            return true;
    return false;
}

/* Every event of the life in the span is there with its beginning and end, and nothing else is. */
static size_t check_kind(const struct rig *r, int number, enum journal kind, int begin, int end, int64_t since)
{
    struct life_event e;
    size_t found = 0, wanted = 0;
    for (int n = 0; life_event_before(SERIAL, kind, r->wall, n, &e); n++) {
        if (e.begin >= since)
            wanted++, found += has_event(r, (uint16_t)(JOURNAL_SPODES + number), (uint16_t)begin, e.begin);
        if (end >= 0 && e.end != WALL_NONE && e.end >= since)
            wanted++, found += has_event(r, (uint16_t)(JOURNAL_SPODES + number), (uint16_t)end, e.end);
    }
    is_int((long long)found, (long long)wanted, "journal %d: all events of kind %d", number, kind);
    return wanted;
}

static void test_journals(void)
{
    static const struct {
        int number, kind, begin, end;
    } kinds[] = { { 0, JOURNAL_PHASE_A, 1, 2 }, { 0, JOURNAL_PHASE_B, 3, 4 }, { 0, JOURNAL_PHASE_C, 5, 6 }, { 0, JOURNAL_U_MAX_A, 13, 14 },
                  { 0, JOURNAL_U_MAX_B, 15, 16 }, { 0, JOURNAL_U_MAX_C, 17, 18 }, { 0, JOURNAL_U_MIN_A, 19, 20 }, { 0, JOURNAL_U_MIN_B, 21, 22 },
                  { 0, JOURNAL_U_MIN_C, 23, 24 }, { 1, JOURNAL_I_MAX_A, 25, 26 }, { 1, JOURNAL_I_MAX_B, 27, 28 }, { 1, JOURNAL_I_MAX_C, 29, 30 },
                  { 1, JOURNAL_REVERSE, 33, 34 }, { 2, JOURNAL_POWER, 1, 2 }, { 2, JOURNAL_RELAY, 3, 4 }, { 3, JOURNAL_CLOCK, 3, -1 },
                  { 3, JOURNAL_TARIFF, 9, -1 }, { 3, JOURNAL_PROGRAMMING, 11, -1 }, { 3, JOURNAL_RESET, 35, -1 }, { 4, JOURNAL_COVER, 3, -1 },
                  { 4, JOURNAL_MAGNET, 1, 2 }, { 7, JOURNAL_SELF_TEST, 1, -1 }, { 9, JOURNAL_QUALITY, 1, 0 }, { 9, JOURNAL_F_MAX, 0x40, 0 },
                  { 9, JOURNAL_F_MIN, 0x20, 0 } };
    struct rig r = rig_of("", "physical=16" READER);
    rig_start(&r);
    rig_run(&r, read_everything);
    int64_t since = r.wall - 400 * DAY_SECONDS;
    size_t wanted = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        wanted += check_kind(&r, kinds[i].number, (enum journal)kinds[i].kind, kinds[i].begin, kinds[i].end, since);
    struct life_event e;
    for (int n = 0; life_event_before(SERIAL, JOURNAL_CLOCK, r.wall, n, &e); n++)
        wanted += (e.end != WALL_NONE ? e.end : e.begin) >= since;
    is_int((long long)r.events_count, (long long)wanted, "and no others");
    rig_stop(&r);
}

/* --- a meter that does not have it ------------------------------------------------------------------------------------------ */

static void read_before_birth(struct rig *r, struct conversation *c)
{
    struct want w = want_of(r, ARCHIVE_PROFILE, r->wall);
    w.span = (struct span){ wall_parse("2019-12-31 22:00"), wall_parse("2020-01-01 02:00") };
    r->driver->read[ARCHIVE_PROFILE](c, &w, &r->sink);
    w.archive = ARCHIVE_HOUR;
    r->driver->read[ARCHIVE_HOUR](c, &w, &r->sink);
}

static void test_absence(void)
{
    struct rig r = rig_of("", "physical=16" READER);
    rig_start(&r);
    r.wall = wall_parse("2020-01-02 05:00");
    rig_run(&r, read_before_birth);
    is_int(r.fault, FAULT_NOT_SUPPORTED, "no hour archive where the period is half an hour");
    int missing = 0, there = 0;
    for (size_t i = 0; i < r.readings_count; i++) {
        missing += r.readings[i].quality == QUALITY_MISSING;
        there += r.readings[i].quality == 0;
    }
    is_int(missing, 4 * 4, "what was before the life is missing");
    is_int(there, 4 * 4, "what is after its beginning is there");
    rig_stop(&r);
}

/* --- clock and relay --------------------------------------------------------------------------------------------------------- */

static int64_t seen;
static enum fault refused;
static int shift;

static void correct_clock(struct rig *r, struct conversation *c)
{
    seen = r->driver->clock.read(c);
    r->driver->clock.correct(c, shift);
    refused = conversation_forgive(c);
}

static void set_clock(struct rig *r, struct conversation *c)
{
    r->driver->clock.set(c, r->wall + 7000);
    refused = conversation_forgive(c);
    seen = r->driver->clock.read(c);
}

static void test_clock(void)
{
    struct rig r = rig_of("", "physical=16" READER);
    rig_start(&r);
    shift = 42;
    rig_run(&r, correct_clock);
    is_int(seen, r.wall, "the clock is read");
    is_int(r.meter.clock_shift_s, 42, "and corrected by the reader");
    is_int(refused, FAULT_NONE);
    shift = -901;
    rig_run(&r, correct_clock);
    is_int(refused, FAULT_CLOCK_LIMIT, "beyond 900 s nothing is sent");
    rig_run(&r, set_clock);
    is_int(refused, FAULT_ACCESS, "the reader may not set it");
    is_int(r.meter.clock_shift_s, 42);
    r.settings = HIGH "high";
    rig_run(&r, set_clock);
    is_int(refused, FAULT_NONE, "the configurator may");
    is_int(r.meter.clock_shift_s, 7000);
    is_int(seen, r.wall + 7000);
    rig_run(&r, read_everything);
    ok(has_event(&r, JOURNAL_SPODES + 13, EVENT_DONE, r.wall + 42) || r.events_count > 0, "corrections are in journal 13");
    rig_stop(&r);
}

static enum relay_action action;

static void operate(struct rig *r, struct conversation *c)
{
    r->driver->relay.operate(c, 0, action);
    refused = conversation_forgive(c);
    r->driver->relay.read(c, 0, WALL_NONE, &r->sink);
}

static void test_relay(void)
{
    struct rig r = rig_of("", "physical=16" READER);
    rig_start(&r);
    action = RELAY_OFF;
    rig_run(&r, operate);
    is_int(refused, FAULT_ACCESS, "the reader may not switch the relay");
    ok(!r.meter.relay_off);
    r.settings = HIGH "high";
    rig_run(&r, operate);
    is_int(refused, FAULT_NONE);
    ok(r.meter.relay_off && r.states_count > 0 && r.states[0].value == 0, "off, and the state says so");
    action = RELAY_ON;
    rig_run(&r, operate);
    ok(!r.meter.relay_off && r.states[0].value == 1, "on again");
    rig_stop(&r);
    r = rig_of("mode=0", HIGH "high");
    rig_start(&r);
    action = RELAY_OFF;
    rig_run(&r, operate);
    is_int(refused, FAULT_REFUSED, "mode 0 never switches");
    rig_stop(&r);
    r = rig_of("mode=1", HIGH "high");
    rig_start(&r);
    rig_run(&r, operate);
    action = RELAY_ON;
    rig_run(&r, operate);
    ok(r.meter.relay_off && r.states_count > 1 && r.states[1].value == 2, "mode 1: ready, the consumer connects");
    rig_stop(&r);
}

/* --- passwords ------------------------------------------------------------------------------------------------------------------ */

static void nothing(struct rig *r, struct conversation *c)
{
    (void)r;
    (void)c;
}

static void test_passwords(void)
{
    struct rig r = rig_of(KEYS, "password=000000");
    rig_start(&r);
    for (int i = 0; i < 5; i++) {
        rig_run(&r, nothing);
        is_int(r.fault, FAULT_PASSWORD, "a wrong password");
        is_int(r.aarqs, 1, "is said exactly once");
    }
    r.settings = "password=111111";
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_LOCKED, "after five the meter is locked for the right one too");
    r.wall += DAY_SECONDS;
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_NONE, "until midnight");
    r.settings = HIGH "high;password=1111111111111111";
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_PASSWORD, "a wrong key of HLS");
    is_int(r.aarqs, 1);
    r.settings = "client=48;security=gmac;protection=both;encryption_key=hex:FF0102030405060708090A0B0C0D0E0F;authentication_key=hex:D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_PASSWORD, "a wrong encryption key");
    r.settings = "client=32;security=none";
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_ACCESS, "the reader needs a password");
    r.settings = "client=48;security=low;password=1";
    rig_run(&r, nothing);
    is_int(r.fault, FAULT_ACCESS, "the configurator needs HLS");
    r.settings = "client=16;security=none";
    rig_run(&r, set_clock);
    is_int(r.fault, FAULT_NONE, "the public client");
    is_int(refused, FAULT_ACCESS, "may only look at the clock");
    is_int(seen, r.wall);
    rig_stop(&r);
}

int main(void)
{
    test_ways();
    test_signatures();
    test_long();
    test_push();
    test_journals();
    test_absence();
    test_clock();
    test_relay();
    test_passwords();
    return tap_done();
}
