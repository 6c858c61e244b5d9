/* The M-Bus driver over recorded exchanges (tests/drivers/mbus, frames captured from meters) and over its twin, with
 * faults, collisions and a search. */
#include "drivers/driver.h"
#include "link/coroutine.h"
#include "meter/events.h"
#include "meter/quantity.h"
#include "support/mbus_harness.h"
#include "tap.h"
#include "wire/mbus.h"

#include <stdlib.h>

/* --- what arrives ------------------------------------------------------------------------------------------------ */

enum { KEEP = 2000 };

struct basket {
    struct sink sink;
    struct reading readings[KEEP];
    struct state states[16];
    struct event events[16];
    char facts[FACT_COUNT][128];
    int reading_count, state_count, event_count;
};

static void keep_reading(struct sink *s, const struct reading *r)
{
    struct basket *b = (struct basket *)s;
    if (b->reading_count < KEEP)
        b->readings[b->reading_count++] = *r;
}

static void keep_state(struct sink *s, const struct state *state)
{
    struct basket *b = (struct basket *)s;
    if (b->state_count < 16)
        b->states[b->state_count++] = *state;
}

static void keep_event(struct sink *s, const struct event *e)
{
    struct basket *b = (struct basket *)s;
    if (b->event_count < 16)
        b->events[b->event_count++] = *e;
}

static void keep_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    snprintf(((struct basket *)s)->facts[kind], 128, "%s", utf8);
}

static struct basket basket;

static void empty_basket(void)
{
    memset(&basket, 0, sizeof basket);
    basket.sink = (struct sink){ keep_reading, keep_event, keep_state, keep_fact };
}

static const struct reading *reading_of(enum archive a, const char *obis, int64_t wall)
{
    struct obis o = { 0 };
    obis_parse(obis, &o);
    for (int i = 0; i < basket.reading_count; i++) {
        const struct reading *r = &basket.readings[i];
        if (r->archive == a && obis_equal(r->obis, o) && (wall == WALL_NONE || r->wall == wall))
            return r;
    }
    return NULL;
}

/* "value unit" of a reading, "missing", or "none" when there is no such reading. */
static const char *shown(enum archive a, const char *obis, const char *when)
{
    static char text[96];
    char number[DECIMAL_TEXT_MAX];
    const struct reading *r = reading_of(a, obis, when ? wall_parse(when) : WALL_NONE);
    if (!r)
        return "none";
    if (r->quality & QUALITY_MISSING)
        return "missing";
    snprintf(text, sizeof text, "%s %s", decimal_format(decimal_normal(r->value), number), unit_symbol(r->unit, LANG_EN));
    return text;
}

#define IS(archive, obis, when, want) is_text(shown(archive, obis, when), want, "%s %s at %s", archive_name(archive), obis, (const char *)(when) ? (const char *)(when) : "any time")

/* --- running a dialogue ------------------------------------------------------------------------------------------ */

struct play {
    struct pipe *pipe;
    const char *parameters;
    void (*dialogue)(struct conversation *);
    enum fault fault; /* how it ended */
    char detail[160];
};

static const struct driver *mbus;

static void run_play(void *argument)
{
    struct play *p = argument;
    char problem[128];
    struct text t = text_over(problem, sizeof problem);
    void *settings = calloc(1, mbus->settings_size);
    if (!parameters_read(mbus, p->parameters, LANG_EN, settings, &t))
        ok(0, "%s", problem);
    struct bus *bus = bus_new(task_loop(task_self()), p->pipe, NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .timing = { .answer_ms = 150, .byte_gap_ms = 60 }, .settings = settings,
        .state_size = mbus->state_size });
    empty_basket();
    mbus->open(c);
    p->dialogue(c);
    p->fault = conversation_fault(c);
    snprintf(p->detail, sizeof p->detail, "%s", conversation_detail(c));
    mbus->close(c);
    conversation_free(&c);
    bus_free(&bus);
    free(settings);
}

static void run(struct play *p)
{
    struct loop *l = loop_new();
    loop_spawn(l, run_play, p);
    loop_run(l);
    loop_free(&l);
}

static void read_one(struct conversation *c, enum archive a, const char *from, const char *to)
{
    struct want w = { .archive = a, .now = wall_parse("2026-06-15 12:00"), .span = { wall_parse(from), wall_parse(to) } };
    mbus->read[a](c, &w, &basket.sink);
}

static void read_all(struct conversation *c)
{
    read_one(c, ARCHIVE_CURRENT, "2026-01-01", "2026-01-01");
    read_one(c, ARCHIVE_NETWORK, "2026-01-01", "2026-01-01");
    read_one(c, ARCHIVE_STATE, "2026-01-01", "2026-01-01");
    mbus->identify(c, &basket.sink);
}

/* --- recordings -------------------------------------------------------------------------------------------------- */

static char *file_text(const char *name)
{
    static char text[16384];
    char path[128];
    snprintf(path, sizeof path, "tests/drivers/mbus/%s.txt", name);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

static struct pipe *recording;

static void check_recording(struct conversation *c, void (*dialogue)(struct conversation *))
{
    dialogue(c);
    mbus->close(c); /* what a session ends with is in the recording too */
    ok(!pipe_transcript_problem(recording), "%s", pipe_transcript_problem(recording) ? pipe_transcript_problem(recording) : "");
    ok(pipe_transcript_ended(recording), "all of the recording was played");
}

static void (*recorded)(struct conversation *);

static void dialogue_of_recording(struct conversation *c)
{
    check_recording(c, recorded);
}

static enum fault play(const char *name, const char *parameters, void (*dialogue)(struct conversation *))
{
    static struct play p;
    recording = pipe_transcript_new(file_text(name));
    recorded = dialogue;
    p = (struct play){ .pipe = recording, .parameters = parameters, .dialogue = dialogue_of_recording };
    run(&p);
    return p.fault;
}

static void test_sonoselect(void)
{
    is_int(play("sonoselect", "address=87", read_all), FAULT_NONE, "SonoSelect: one readout serves all");
    IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2019-10-21 16:48", "0 J");
    IS(ARCHIVE_CURRENT, "6.3.1.0.0.255", "2019-10-21 16:48", "0 J");
    IS(ARCHIVE_CURRENT, "6.0.2.0.0.255", "2019-10-21 16:48", "0.09 m³");
    IS(ARCHIVE_CURRENT, "0.0.96.8.0.255", "2019-10-21 16:48", "2095200 s");
    IS(ARCHIVE_CURRENT, "0.0.96.8.100.255", "2019-10-21 16:48", "66308400 s");
    IS(ARCHIVE_NETWORK, "6.0.9.0.0.255", "2019-10-21 16:48", "0 m³/h");
    IS(ARCHIVE_NETWORK, "6.0.10.0.0.255", "2019-10-21 16:48", "15.5 °C");
    IS(ARCHIVE_NETWORK, "6.0.12.0.0.255", "2019-10-21 16:48", "0.05 K");
    IS(ARCHIVE_NETWORK, "0.0.96.9.0.255", "2019-10-21 16:48", "19.7 °C");
    IS(ARCHIVE_CURRENT, "6.0.10.0.0.255", NULL, "none");
    is_text(basket.facts[FACT_SERIAL], "73704587");
    is_text(basket.facts[FACT_MAKER], "DFS");
    is_text(basket.facts[FACT_PROTOCOL_VERSION], "2");
    is_text(basket.facts[FACT_ADDRESS], "87");
    is_text(basket.facts[FACT_LOGICAL_NAME], "73704587.DFS.02.0C");
    is_int(basket.states[0].value, 0, "status byte");
}

static void sensostar(struct conversation *c)
{
    read_all(c);
    read_one(c, ARCHIVE_MONTH, "2018-12-01", "2019-03-01");
}

static void test_sensostar(void)
{
    is_int(play("sensostar", "address=0;addressing=primary;serial=10484075", sensostar), FAULT_NONE);
    IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2019-11-03 15:04", "8608000 Wh");
    IS(ARCHIVE_CURRENT, "6.0.1.0.1.255", "2019-11-03 15:04", "0 Wh");
    IS(ARCHIVE_NETWORK, "6.0.8.0.0.255", NULL, "0 W"); /* not the maximum */
    IS(ARCHIVE_NETWORK, "6.0.9.0.0.255", NULL, "0 m³/h");
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2019-01-01", "8608000 Wh");
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2018-12-01", "missing");
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2019-02-01", "missing");
    IS(ARCHIVE_MONTH, "6.0.2.0.0.255", "2019-01-01", "841.6 m³");
    is_int(basket.states[0].value, 0x27, "status byte");
    is_int(basket.states[1].value, 0, "error flags");
}

static void test_elster(void)
{
    is_int(play("elster_f96", "address=0", sensostar), FAULT_NONE, "silent to SND_NKE");
    IS(ARCHIVE_NETWORK, "6.0.8.0.0.255", NULL, "none");
    IS(ARCHIVE_NETWORK, "6.0.10.0.0.255", NULL, "22.7 °C");
}

static void sontex(struct conversation *c)
{
    read_all(c);
    read_one(c, ARCHIVE_MONTH, "2015-01-01", "2015-02-01");
    read_one(c, ARCHIVE_DAY, "2015-01-01", "2015-01-03");
}

static void test_sontex(void)
{
    is_int(play("sontex_two_telegrams", "address=1", sontex), FAULT_NOT_SUPPORTED, "month starts alone make no day archive");
    IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2015-01-21 10:15", "0 J");
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2015-01-01", "0 J");
    IS(ARCHIVE_MONTH, "6.0.3.0.0.255", "2015-01-01", "10000 kg");
    IS(ARCHIVE_MONTH, "6.2.2.0.0.255", "2015-01-01", "0 m³");
}

static void test_elf_secondary(void)
{
    is_int(play("elf_secondary", "serial=23170428", read_all), FAULT_NONE);
    IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2026-06-15 12:00", "13469426300 J"); /* it shows a date, no time: ours is taken */
    IS(ARCHIVE_CURRENT, "6.0.2.0.0.255", NULL, "304.663 m³");
    IS(ARCHIVE_CURRENT, "0.0.96.8.100.255", NULL, "43833600 s"); /* not the 15 h of an error */
}

static void test_refusals(void)
{
    is_int(play("wrong_meter", "address=1;addressing=primary;serial=11111111", read_all), FAULT_WRONG_METER);
    is_int(basket.reading_count, 0);
    is_int(play("msb_first", "address=1", read_all), FAULT_NOT_SUPPORTED);
    is_int(play("busy", "address=1", read_all), FAULT_NONE, "busy is waited for");
    IS(ARCHIVE_CURRENT, "8.0.1.0.0.255", NULL, "269 m³");
    is_int(play("endless", "address=1", read_all), FAULT_NONE, "the same telegram again ends the readout");
    is_int(play("retry", "address=1", read_all), FAULT_NONE);
    IS(ARCHIVE_CURRENT, "8.0.1.0.0.255", NULL, "269 m³");
    is_int(play("fixed", "address=1", read_all), FAULT_NONE);
    IS(ARCHIVE_CURRENT, "8.0.1.0.0.255", NULL, "1.234 m³");
}

static void hours(struct conversation *c)
{
    read_one(c, ARCHIVE_HOUR, "2026-06-15 09:00", "2026-06-15 12:00");
}

static void journal(struct conversation *c)
{
    read_one(c, ARCHIVE_JOURNAL, "2014-01-01", "2026-01-01");
    read_one(c, ARCHIVE_HOUR, "2026-06-15 09:00", "2026-06-15 12:00");
}

static void test_logs(void)
{
    is_int(play("hour_log", "address=1;reset_hour=0x60", hours), FAULT_NONE, "a log of one record a telegram, storage 0");
    IS(ARCHIVE_HOUR, "8.0.1.0.0.255", "2026-06-15 11:00", "12 m³"); /* frozen at 12:00 */
    IS(ARCHIVE_HOUR, "8.0.1.0.0.255", "2026-06-15 10:00", "11 m³");
    IS(ARCHIVE_HOUR, "8.0.1.0.0.255", "2026-06-15 09:00", "missing");
    is_int(play("error_history", "address=1", journal), FAULT_NOT_SUPPORTED, "no hours there");
    is_int(basket.event_count, 1);
    is_int(basket.events[0].journal, JOURNAL_SELF_TEST);
    is_int(basket.events[0].detail, 5);
    is_int(basket.events[0].wall, wall_parse("2015-01-01"));
}

static const char *title_of(const char *obis)
{
    static char title[QUANTITY_TITLE_MAX];
    struct obis o = { 0 };
    obis_parse(obis, &o);
    return quantity_title(o, LANG_EN, title);
}

static void test_titles(void)
{
    is_text(title_of("6.0.1.0.0.255"), "Heat energy");
    is_text(title_of("6.0.1.0.2.255"), "Heat energy T2");
    is_text(title_of("6.3.2.0.0.255"), "Volume #3");
    is_text(title_of("5.0.1.0.0.255"), "Cooling energy");
    is_text(title_of("5.0.10.0.0.255"), "t flow");
    is_text(title_of("15.0.2.0.0.255"), "Volume");
    is_text(title_of("8.0.1.128.0.255"), "Reverse volume of cold water");
    is_text(title_of("7.0.3.2.0.255"), "Gas volume at base conditions");
    is_text(title_of("0.0.97.97.1.255"), "Error flags");
    is_text(title_of("0.0.96.8.100.255"), "On time");
    is_int(quantity_unit(OBIS(6, 1, 2, 0, 0, 255)), UNIT_CUBIC_METRE);
}

/* --- over the twin ----------------------------------------------------------------------------------------------- */

static enum fault talk(struct mbus_world *w, const char *parameters, void (*dialogue)(struct conversation *))
{
    char quick[160]; /* nobody here needs a second and a half to say nothing */
    snprintf(quick, sizeof quick, "%s;silence_ms=15", parameters);
    struct play p = { .parameters = quick, .dialogue = dialogue };
    w->wall = wall_parse("2026-06-15 12:34");
    p.pipe = mbus_world_open(w);
    run(&p);
    mbus_world_close(w);
    return p.fault;
}

static const char *kwh(uint32_t serial, const char *when)
{
    static char text[64];
    char number[DECIMAL_TEXT_MAX];
    snprintf(text, sizeof text, "%s Wh", decimal_format(decimal_normal(decimal_of(life_heat_wh(serial, wall_parse(when)) / 1000, 3)), number));
    return text;
}

static const char *litres(uint32_t serial, const char *when)
{
    static char text[64];
    char number[DECIMAL_TEXT_MAX];
    snprintf(text, sizeof text, "%s m³", decimal_format(decimal_normal(decimal_of(life_volume_l(serial, wall_parse(when)), -3)), number));
    return text;
}

static void twin_months(struct conversation *c)
{
    read_all(c);
    read_one(c, ARCHIVE_MONTH, "2025-05-01", "2026-07-01");
}

static void check_heat(uint32_t serial)
{
    IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2026-06-15 12:34", kwh(serial, "2026-06-15 12:34"));
    IS(ARCHIVE_CURRENT, "6.0.2.0.0.255", "2026-06-15 12:34", litres(serial, "2026-06-15 12:34"));
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2026-06-01", kwh(serial, "2026-06-01"));
    IS(ARCHIVE_MONTH, "6.0.1.0.0.255", "2025-12-01", kwh(serial, "2025-12-01"));
    IS(ARCHIVE_MONTH, "6.0.2.0.0.255", "2025-06-01", litres(serial, "2025-06-01"));
    IS(ARCHIVE_MONTH, "6.0.2.0.0.255", "2025-05-01", "missing");
    const struct reading *flow = reading_of(ARCHIVE_NETWORK, "6.0.9.0.0.255", WALL_NONE);
    ok(flow && decimal_compare(flow->value, decimal_of(life_flow_lh(serial, wall_parse("2026-06-15 12:34")), -3)) == 0, "the flow, not its maximum");
    char number[16];
    snprintf(number, sizeof number, "%08u", serial);
    is_text(basket.facts[FACT_SERIAL], number);
}

static void test_heat(void)
{
    static const char *const options[] = { "medium=heat;storages=13;telegrams=2", "due=last;storages=13" };
    for (int i = 0; i < 4; i++) {
        struct mbus_world w = { .count = 0 };
        mbus_world_add(&w, 1234567, 7, options[i % 2]);
        is_int(talk(&w, i < 2 ? "address=7" : "serial=01234567", twin_months), FAULT_NONE, "%s, %s", options[i % 2], i < 2 ? "primary" : "secondary");
        check_heat(1234567);
        is_int(w.selects, i < 2 ? 0 : 1, "selected once for everything");
        is_int(w.deselects, i < 2 ? 0 : 2, "deselected before and after");
    }
}

static void test_water(void)
{
    struct mbus_world w = { .count = 0 };
    mbus_world_add(&w, 87654321, 0, "medium=water;storages=3;telegrams=1;status=4");
    is_int(talk(&w, "serial=8765432F;maker=AXI;medium=7", twin_months), FAULT_NONE, "wildcard digit, maker, medium");
    IS(ARCHIVE_CURRENT, "8.0.1.0.0.255", "2026-06-15 12:34", litres(87654321, "2026-06-15 12:34"));
    IS(ARCHIVE_MONTH, "8.0.1.0.0.255", "2026-04-01", litres(87654321, "2026-04-01"));
    IS(ARCHIVE_MONTH, "8.0.1.0.0.255", "2026-03-01", "missing");
    is_int(basket.states[0].value, 4, "low battery in the status byte");
    struct mbus_world other = { .count = 0 };
    mbus_world_add(&other, 87654321, 9, "medium=water");
    is_int(talk(&other, "serial=11111111;addressing=secondary", twin_months), FAULT_NO_ANSWER);
    struct mbus_world fall = { .count = 0 };
    mbus_world_add(&fall, 87654321, 9, "medium=water");
    is_int(talk(&fall, "serial=11111111;address=9", twin_months), FAULT_WRONG_METER, "found by its primary address, but another");
}

static void days(struct conversation *c)
{
    read_one(c, ARCHIVE_DAY, "2026-05-15", "2026-06-16");
    read_one(c, ARCHIVE_CURRENT, "2026-01-01", "2026-01-01");
}

static void test_day_log(void)
{
    for (int i = 0; i < 2; i++) {
        struct mbus_world w = { .count = 0 };
        mbus_world_add(&w, 73704587, 3, "maker=DFS");
        is_int(talk(&w, i ? "serial=73704587" : "address=3", days), FAULT_NONE, "log behind application reset 30");
        IS(ARCHIVE_DAY, "6.0.1.0.0.255", "2026-06-15", kwh(73704587, "2026-06-15"));
        IS(ARCHIVE_DAY, "6.0.2.0.0.255", "2026-05-20", litres(73704587, "2026-05-20"));
        IS(ARCHIVE_DAY, "6.0.1.0.0.255", "2026-05-15", "missing");
        IS(ARCHIVE_CURRENT, "6.0.1.0.0.255", "2026-06-15 12:34", kwh(73704587, "2026-06-15 12:34"));
    }
    struct mbus_world w = { .count = 0 };
    mbus_world_add(&w, 73704587, 3, "maker=DFS");
    is_int(talk(&w, "address=3;reset_day=0x20", days), FAULT_NONE, "a wrong sub-code brings what there is: months");
    IS(ARCHIVE_DAY, "6.0.1.0.0.255", "2026-06-01", kwh(73704587, "2026-06-01"));
}

static void set_clock(struct conversation *c)
{
    is_int(mbus->clock.read(c), wall_parse("2026-06-15 12:34"));
    mbus->clock.set(c, wall_parse("2027-01-02 03:04:59"));
    is_int(mbus->clock.read(c), wall_parse("2027-01-02 03:04"), "the clock is set");
}

static void test_clock(void)
{
    struct mbus_world w = { .count = 0 }, v = { .count = 0 };
    mbus_world_add(&w, 5, 5, NULL);
    is_int(talk(&w, "address=5", set_clock), FAULT_NONE);
    mbus_world_add(&v, 5, 5, NULL);
    is_int(talk(&v, "serial=5", set_clock), FAULT_NONE);
    ok(mbus->relay.operate == NULL && mbus->clock.correct == NULL);
}

static void test_faults(void)
{
    static const struct {
        const char *name;
        enum mbus_trouble trouble;
        int times;
        enum fault want;
    } rows[] = {
        { "cut once", TROUBLE_CUT, 1, FAULT_NONE },
        { "cut always", TROUBLE_CUT, -1, FAULT_DAMAGED },
        { "wrong sum once", TROUBLE_WRONG_SUM, 1, FAULT_NONE },
        { "wrong sum always", TROUBLE_WRONG_SUM, -1, FAULT_DAMAGED },
        { "another meter's answer once", TROUBLE_OTHER_ADDRESS, 1, FAULT_NONE },
        { "another meter's answer always", TROUBLE_OTHER_ADDRESS, -1, FAULT_FOREIGN },
        { "garbage before", TROUBLE_GARBAGE, -1, FAULT_NONE },
        { "split at each byte", TROUBLE_SPLIT, -1, FAULT_NONE },
        { "silence twice", TROUBLE_SILENCE, 2, FAULT_NONE },
        { "silence", TROUBLE_SILENCE, -1, FAULT_NO_ANSWER },
        { "echo", TROUBLE_ECHO, -1, FAULT_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mbus_world w = { .trouble = rows[i].trouble, .times = rows[i].times };
        mbus_world_add(&w, 1234567, 7, NULL);
        is_int(talk(&w, "address=7", twin_months), rows[i].want, "%s", rows[i].name);
        if (rows[i].want == FAULT_NONE)
            check_heat(1234567);
        else
            is_int(basket.reading_count, 0, "nothing came of it");
        struct mbus_world v = { .trouble = rows[i].trouble, .times = rows[i].times };
        mbus_world_add(&v, 1234567, 7, NULL);
        enum fault want = rows[i].want == FAULT_FOREIGN ? FAULT_NONE : rows[i].want; /* a selected one may say any address */
        is_int(talk(&v, "serial=1234567", twin_months), want, "%s, secondary", rows[i].name);
        ok(v.deselects >= 2, "deselected at the end, whatever happened");
    }
}

/* --- search ------------------------------------------------------------------------------------------------------ */

static char found[16][128];
static int found_count, progress_calls;

static bool on_progress(struct scan *s, int done, int total)
{
    (void)s;
    progress_calls++;
    return done <= total;
}

static void on_found(struct scan *s, const char *parameters, const char *serial, const char *type)
{
    (void)s, (void)serial, (void)type;
    if (found_count < 16)
        snprintf(found[found_count++], 128, "%s", parameters);
}

static bool was_found(const char *parameters)
{
    for (int i = 0; i < found_count; i++)
        if (strcmp(found[i], parameters) == 0)
            return true;
    return false;
}

static int scan_from, scan_to;
static bool scan_everything;

static void scan(struct conversation *c)
{
    struct scan s = { .from = scan_from, .to = scan_to, .everything = scan_everything, .progress = on_progress, .found = on_found };
    found_count = progress_calls = 0;
    mbus->scan(c, &s);
}

static void test_scan(void)
{
    struct mbus_world w = { .count = 0 };
    mbus_world_add(&w, 12345678, 2, NULL);
    mbus_world_add(&w, 12345999, 0, NULL);
    mbus_world_add(&w, 12345999, 0, "maker=DFS");               /* the same number, another maker */
    mbus_world_add(&w, 55555555, 0, "maker=KAM;medium=heat");
    mbus_world_add(&w, 55555555, 0, "maker=KAM;medium=water");  /* the same number and maker, another medium */
    scan_from = 1, scan_to = 4;
    is_int(talk(&w, "", scan), FAULT_NONE);
    ok(was_found("addressing=primary;address=2;serial=12345678"), "by primary address");
    ok(was_found("addressing=secondary;serial=12345999;maker=AXI;version=2;medium=12"));
    ok(was_found("addressing=secondary;serial=12345999;maker=DFS;version=2;medium=12"));
    ok(was_found("addressing=secondary;serial=55555555;maker=KAM;version=2;medium=12"));
    ok(was_found("addressing=secondary;serial=55555555;maker=KAM;version=2;medium=7"));
    is_int(found_count, 5, "each once");
    is_int(progress_calls, 4 + 10);

    struct mbus_world slow = { .count = 0 };
    mbus_world_add(&slow, 90000001, 3, "medium=water");
    scan_from = 2, scan_to = 4, scan_everything = true;
    is_int(talk(&slow, "", scan), FAULT_NONE, "the slow ways too");
    ok(found_count == 1 && was_found("addressing=primary;address=3;serial=90000001"));
    scan_everything = false;

    struct mbus_world empty = { .count = 0 };
    mbus_world_add(&empty, 1, 200, NULL);
    scan_from = 1, scan_to = 0;
    is_int(talk(&empty, "", scan), FAULT_NONE);
    is_int(found_count, 1);
    ok(was_found("addressing=secondary;serial=00000001;maker=AXI;version=2;medium=12"));
}

static void test_settings(void)
{
    static const char *const wrong[] = { "addressing=secondary", "serial=12x4", "serial=1;maker=dfs", "serial=1;maker=0xZZ" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mbus_world w = { .count = 0 };
        mbus_world_add(&w, 1, 1, NULL);
        is_int(talk(&w, wrong[i], read_all), FAULT_SETTING, "refused: %s", wrong[i]);
    }
}

int main(void)
{
    mbus = driver_find("mbus");
    test_sonoselect();
    test_sensostar();
    test_elster();
    test_sontex();
    test_elf_secondary();
    test_refusals();
    test_logs();
    test_titles();
    test_heat();
    test_water();
    test_day_log();
    test_clock();
    test_faults();
    test_scan();
    test_settings();
    coroutine_trim();
    return tap_done();
}
