/* Modbus: every map's bounds; I/O modules: the driver against its twins, RTU and TCP, whole and with injected faults; two modules on
 * one simulated RS-485 line with relays switched through the guarded path; a search. */
#include "collect/session.h"
#include "drivers/modbus.h"
#include "link/address.h"
#include "link/coroutine.h"
#include "meter/quantity.h"
#include "meter/relay.h"
#include "sim/life_draw.h"
#include "support/twin_harness.h"
#include "tap.h"
#include "collect/scene.h"
#include "wire/crc.h"

#include <stdlib.h>

enum { SERIAL = 40001, UNIT = 34 };

static int64_t noon(void)
{
    return wall_from_fields(2026, 11, 21, 12, 0, 0);
}

/* --- what the modules' lives are (docs/simulators.md 8) ------------------------------------------------------------- */

static int truth_input(int n)
{
    return (int)life_draw(SERIAL, 4000 + (uint32_t)n, life_divide(noon(), 900), 2);
}

static int64_t truth_pulses(int n)
{
    return life_volume_l(SERIAL + (uint32_t)n, noon());
}

static int truth_cc(int n)
{
    return life_flow_temperature_cc(SERIAL + (uint32_t)n, noon());
}

/* --- playing ---------------------------------------------------------------------------------------------------------- */

static struct harness *module(const char *parameters, const char *options)
{
    struct harness *h = harness_new("modbus", parameters, SERIAL, UNIT, noon());
    h->options = options;
    return h;
}

static void read_archive(struct harness *h, struct conversation *c, enum archive archive)
{
    struct want w = { .archive = archive, .now = h->wall };
    h->driver->open(c);
    h->driver->read[archive](c, &w, &h->sink);
    h->driver->close(c);
}

static void current(struct harness *h, struct conversation *c)
{
    read_archive(h, c, ARCHIVE_CURRENT);
}

static void network(struct harness *h, struct conversation *c)
{
    read_archive(h, c, ARCHIVE_NETWORK);
}

static void states(struct harness *h, struct conversation *c)
{
    read_archive(h, c, ARCHIVE_STATE);
}

static void identify(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->identify(c, &h->sink);
    h->driver->close(c);
}

static const char *value_of(const struct harness *h, enum archive archive, struct obis obis)
{
    static char text[DECIMAL_TEXT_MAX];
    const struct reading *r = harness_reading(h, archive, obis, noon());
    return !r ? "none" : r->quality & QUALITY_MISSING ? "missing" : decimal_format(decimal_normal(r->value), text);
}

static const char *number(int64_t mantissa, int exponent)
{
    static char text[DECIMAL_TEXT_MAX];
    return decimal_format(decimal_normal(decimal_of(mantissa, exponent)), text);
}

/* The state, -1 when it was not told or twice. */
static int64_t state_of(const struct harness *h, struct obis obis)
{
    int64_t value = -1;
    int count = 0;
    for (int i = 0; i < h->states_count; i++)
        if (obis_equal(h->states[i].obis, obis)) {
            value = h->states[i].value;
            count++;
        }
    return count == 1 ? value : -1;
}

static struct obis channel(struct obis o, int n)
{
    return obis_with(o, 1, (uint8_t)n);
}

static void inputs_are_true(const struct harness *h, int first, int last)
{
    int right = 0;
    for (int n = first; n <= last; n++)
        right += state_of(h, channel(MODBUS_INPUT, n)) == truth_input(n);
    is_int(right, last - first + 1, "inputs %d..%d as they are", first, last);
}

static void counters_are_true(const struct harness *h, int first, int last, uint32_t wrap)
{
    int right = 0;
    for (int n = first; n <= last; n++)
        right += strcmp(value_of(h, ARCHIVE_CURRENT, channel(MODBUS_PULSES, n)), number(wrap ? truth_pulses(n) % wrap : truth_pulses(n), 0)) == 0;
    is_int(right, last - first + 1, "counters %d..%d as they are", first, last);
}

/* --- maps ----------------------------------------------------------------------------------------------------------------- */

static void check_rows(const char *model, const struct modbus_row *rows)
{
    int items = 0;
    size_t bytes = 0;
    for (const struct modbus_row *row = rows; row && row->becomes; row++) {
        bool bits = row->function == MODBUS_READ_COILS || row->function == MODBUS_READ_INPUTS;
        bool mask = row->type == MODBUS_BITS16 || row->type == MODBUS_BITS32;
        int width = row->type == MODBUS_BITS32 ? 32 : row->type == MODBUS_BITS16 ? 16 : 32, count = row->channels && !mask ? row->channels : 1;
        size_t size = bits ? 1 : 2 * (row->length ? row->length : modbus_type_registers(row->type));
        items += count;
        bytes += size * (size_t)count;
        ok(row->function >= 1 && row->function <= 4 && row->channels <= width && size > 0 && bits == (row->type == MODBUS_BIT),
           "%s: a row at %u", model, row->address);
        if (row->becomes == MODBUS_READING)
            ok(row->measured || quantity_unit(row->obis) != UNIT_UNKNOWN, "%s: the row at %u has a unit", model, row->address);
        if (row->becomes == MODBUS_OUTPUT)
            ok(row->write && row->first >= 1 && row->first + row->channels <= RELAY_NUMBERS, "%s: outputs have numbers and are switched", model);
    }
    ok(items <= MODBUS_ITEMS_MAX && bytes <= MODBUS_POOL, "%s: %d values of %zu bytes fit", model, items, bytes);
}

static void check_words(const struct driver *d)
{
    char settings[1024], message[128], words[64];
    ok(d->settings_size <= sizeof settings, "settings fit");
    for (const struct parameter *p = d->parameters; p->name; p++)
        for (int i = 0; p->kind == PARAMETER_CHOICE && p->choices[i]; i++) {
            struct text t = text_over(message, sizeof message);
            snprintf(words, sizeof words, "%s=%s", p->name, p->choices[i]);
            ok(parameters_read(d, words, LANG_EN, settings, &t), "%s", words);
        }
}

static void test_maps(void)
{
    static const char *const drivers[] = { "modbus", "modbus_heat" };
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        const struct driver *d = driver_find(drivers[i]);
        check_words(d);
        for (const struct model *m = d->models; m->name; m++) {
            const struct modbus_map *map = m->quirks;
            check_rows(m->name, map->rows);
            check_rows(m->name, map->facts);
            ok(!map->signatures[0] || map->facts, "%s: who has a signature says who it is", m->name);
        }
    }
}

/* --- the twins in good order ------------------------------------------------------------------------------------------- */

static void test_mv110_16d(void)
{
    struct harness *h = module("address=34;model=mv110-16d", "model=mv110-16d");
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE);
    is_int(h->readings_count, 16);
    is_int(h->requests, 1, "sixteen neighbours in one request");
    counters_are_true(h, 1, 16, 65536);
    free(h);
    h = module("address=34;model=mv110-16d", "model=mv110-16d");
    harness_play(h, states);
    is_int(h->states_count, 16);
    inputs_are_true(h, 1, 16);
    free(h);
    h = module("address=34;model=mv110-16d", "model=mv110-16d");
    harness_play(h, network);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "it measures nothing");
    is_int(h->requests, 0, "and is not even asked");
    free(h);
}

static void test_analog(void)
{
    struct harness *h = module("address=34;model=mv110-8a", "model=mv110-8a;broken=3");
    harness_play(h, network);
    is_int(h->fault, FAULT_NONE);
    is_int(h->requests, 2, "48 registers, at most 32 at once");
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 1)), number(truth_cc(1), -2));
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 8)), number(truth_cc(8), -2));
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 3)), "missing", "a failed sensor has no value");
    is_int(h->readings_count, 8);
    free(h);
    h = module("address=34;model=mv110-8a;measures=other", "model=mv110-8a;holes=1");
    harness_play(h, network);
    is_int(h->fault, FAULT_NONE, "nothing lies between the values");
    is_int(h->readings_count, 8, "all the same all are read");
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_MEASURED, 5)), number(truth_cc(5), -2), "under the code of other quantities");
    free(h);
    h = module("address=34;model=mv110-8a", "model=mv110-8a;most=6;broken=2");
    harness_play(h, network);
    is_int(h->fault, FAULT_NONE, "a module that takes six registers at once");
    is_int(h->readings_count, 8);
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 4)), number(truth_cc(4), -2));
    free(h);
    h = module("address=34;model=mv110-8a", "model=mv110-8a;broken=2");
    harness_play(h, states);
    is_int(state_of(h, channel(MODBUS_CHANNEL_STATUS, 2)), 0xF00D, "the status is a state");
    is_int(state_of(h, channel(MODBUS_CHANNEL_STATUS, 1)), 0);
    free(h);
}

static void test_wiren_board(void)
{
    struct harness *h = module("address=34;model=wb-mr3", "model=wb-mr3");
    harness_play(h, states);
    is_int(h->states_count, 7, "three relays, four inputs");
    inputs_are_true(h, 0, 3);
    is_int(state_of(h, RELAY_OUTPUT(2)), 0);
    free(h);
    h = module("address=34;model=wb-mr3", "model=wb-mr3");
    harness_play(h, network);
    is_int(h->readings_count, 5, "four frequencies and the supply");
    is_text(value_of(h, ARCHIVE_NETWORK, MODBUS_SUPPLY), "23.912");
    int64_t raw = life_flow_lh(SERIAL + 2, noon()) * 65536 / 3600;
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_FREQUENCY, 2)), number((raw * 10000 + 32768) / 65536, -4));
    free(h);
    h = module("address=34;model=wb-mcm8", "model=wb-mcm8");
    harness_play(h, current);
    counters_are_true(h, 1, 8, 0);
    is_int(h->requests, 1);
    free(h);
    h = module("address=34;model=wb-m1w2", "model=wb-m1w2;broken=2");
    harness_play(h, network);
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 1)), number(truth_cc(1) * 16 / 100 * 625, -4), "sixteenths of a degree");
    is_text(value_of(h, ARCHIVE_NETWORK, channel(MODBUS_TEMPERATURE, 2)), "missing", "7FFF is no temperature");
    free(h);
}

static void test_worth(void)
{
    struct harness *h = module("address=34;model=wb-mcm8;pulses=1:cold:0.01:125.3,3:heat:0.5,8:hot:1", "model=wb-mcm8");
    harness_play(h, current);
    is_int(h->readings_count, 8 + 3, "the counts, and what three of them are worth");
    is_text(value_of(h, ARCHIVE_CURRENT, OBIS(8, 1, 1, 0, 0, 255)), number(truth_pulses(1) + 12530, -2), "cold water, m³");
    is_text(value_of(h, ARCHIVE_CURRENT, OBIS(6, 3, 1, 0, 0, 255)), number(truth_pulses(3) * 500, 0), "heat, Wh");
    is_text(value_of(h, ARCHIVE_CURRENT, OBIS(9, 8, 1, 0, 0, 255)), number(truth_pulses(8), 0), "hot water");
    free(h);
    static const struct {
        const char *words;
        bool right;
    } cases[] = {
        { "model=wb-mcm8;pulses=", true },
        { "model=wb-mcm8;pulses=8:electricity:0.001", true },
        { "model=wb-mcm8;pulses=9:cold:1", false },         /* no such input */
        { "model=wb-mcm8;pulses=0:cold:1", false },
        { "model=wb-mcm8;pulses=1:cold:1,1:hot:1", false }, /* twice */
        { "model=wb-mcm8;pulses=1:beer:1", false },
        { "model=wb-mcm8;pulses=1:cold", false },
        { "model=wb-mcm8;pulses=1:cold:0", false },
        { "model=wb-mcm8;pulses=1:cold:-1", false },
        { "model=wb-mcm8;pulses=1:cold:1:2:3", false },
        { "model=wb-mcm8;pulses=x:cold:1", false },
        { "model=mv210-212;pulses=32:gas:0.1:5", true },
        { "model=mv110-16d;pulses=1:cold:1", false },       /* 16 bits */
        { "model=mv110-16d;pulses=", true },
    };
    const struct driver *d = driver_find("modbus");
    struct modbus_settings settings;
    char message[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text problem = text_over(message, sizeof message);
        const char *name = NULL;
        bool right = parameters_read(d, cases[i].words, LANG_EN, &settings, &problem) && parameters_rules(d, cases[i].words, &settings, true, LANG_EN, &name, &problem);
        ok(right == cases[i].right && (right || (message[0] && strcmp(name, "pulses") == 0)), "%s: %s", cases[i].words, right ? "right" : message);
    }
}

static void test_identity(void)
{
    for (int old = 0; old < 2; old++) {
        struct harness *h = module("address=34;model=wb-mr3", old ? "model=wb-mr3;old=1" : "model=wb-mr3");
        harness_play(h, identify);
        is_int(h->fault, FAULT_NONE);
        is_text(h->facts[FACT_TYPE], "WBMR3", "%s firmware", old ? "old" : "new");
        is_text(h->facts[FACT_SERIAL], "40001");
        is_text(h->facts[FACT_FIRMWARE], "1.21.4");
        free(h);
    }
    struct harness *h = module("address=34;model=wb-mr3", "model=wb-mcm8");
    harness_play(h, identify);
    is_int(h->fault, FAULT_WRONG_METER, "another module at this address");
    free(h);
    h = module("address=34;model=mv110-16d", "model=mv110-16d");
    harness_play(h, identify);
    ok(h->fault == FAULT_NONE && h->requests == 0, "what cannot say who it is, is not asked");
    free(h);
}

/* TCP, low word first, a mask for all outputs. */
static void test_tcp(void)
{
    static const char own[] = "address=34;model=mk210-301;framing=tcp";
    struct harness *h = module(own, "model=mk210-301");
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE);
    counters_are_true(h, 1, 6, 0);
    ok(h->heard[2] == 0 && h->heard[3] == 0 && h->heard[5] == 6, "with a header");
    free(h);
    h = module(own, "model=mk210-301");
    harness_play(h, states);
    is_int(h->states_count, 14, "six inputs, eight outputs");
    inputs_are_true(h, 1, 6);
    free(h);
    h = module(own, "model=mk210-301");
    harness_play(h, identify);
    is_text(h->facts[FACT_TYPE], "MK210-301");
    is_text(h->facts[FACT_SERIAL], "40001");
    free(h);
}

/* Behind WB-MIO: the set-up is written when it is not there, once. */
static void test_composite(void)
{
    struct harness *h = module("address=34;model=wbio-di-wd-14", "model=wbio-di-wd-14");
    harness_play(h, states);
    is_int(h->fault, FAULT_NONE);
    is_int(h->requests, 1 + 6 + 1 + 1, "look, six registers, the flag, the inputs");
    inputs_are_true(h, 1, 14);
    free(h);
    h = module("address=34;model=wbio-di-wd-14;position=2", "model=wbio-di-wd-14");
    harness_play(h, states);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "there is no second module");
    free(h);
}

/* --- relays ----------------------------------------------------------------------------------------------------------------- */

static void switch_two(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->relay.operate(c, 2, RELAY_ON);
    h->driver->relay.operate(c, 3, RELAY_ON);
    h->driver->relay.operate(c, 2, RELAY_OFF);
    is_int(conversation_fault(c), FAULT_NONE, "%s", h->parameters);
    h->driver->relay.read(c, 2, noon(), &h->sink);
    h->driver->relay.read(c, 3, noon(), &h->sink);
    h->driver->relay.read(c, 0, noon(), &h->sink);
    h->driver->relay.read(c, 17, noon(), &h->sink);
    is_int(conversation_fault(c), FAULT_NONE, "relays that it has not say nothing");
    h->driver->relay.operate(c, 17, RELAY_ON);
    is_int(conversation_fault(c), FAULT_NOT_SUPPORTED, "and cannot be switched");
    h->driver->close(c);
}

static void test_relays(void)
{
    static const char *const models[] = { "mu110-16r", "mk110-8d4r", "wb-mr3", "mk210-301" };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char parameters[64], options[64];
        snprintf(parameters, sizeof parameters, "address=34;model=%s;framing=%s", models[i], i == 3 ? "tcp" : "rtu");
        snprintf(options, sizeof options, "model=%s", models[i]);
        struct harness *h = module(parameters, options);
        harness_play(h, switch_two);
        is_int(h->states_count, 2);
        is_int(state_of(h, RELAY_OUTPUT(2)), 0, "%s: off again", models[i]);
        is_int(state_of(h, RELAY_OUTPUT(3)), 1, "%s: the other stays on", models[i]);
        free(h);
    }
}

static void switch_one(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->relay.operate(c, 1, RELAY_ON);
    h->driver->close(c);
}

static void test_wrong_module(void)
{
    struct harness *h = module("address=34;model=wb-mr6c", "model=wb-mr3");
    harness_play(h, switch_one);
    is_int(h->fault, FAULT_WRONG_METER, "nothing is switched in a module that is another one");
    bool written = false;
    for (size_t i = 0; i + 8 <= h->heard_size; i += 8)
        written |= h->heard[i + 1] > 4;
    ok(!written, "only reading requests were heard");
    free(h);
}

/* --- faults ------------------------------------------------------------------------------------------------------------------- */

static size_t other_unit(uint8_t *answer, size_t size)
{
    answer[0]++;
    uint16_t sum = crc16_modbus(bytes_of(answer, size - 2));
    answer[size - 2] = (uint8_t)sum;
    answer[size - 1] = (uint8_t)(sum >> 8);
    return size;
}

static size_t other_transaction(uint8_t *answer, size_t size)
{
    answer[1] ^= 1;
    return size;
}

static size_t other_function(uint8_t *answer, size_t size)
{
    answer[1] = 3;
    answer[0]--;
    return other_unit(answer, size);
}

static const struct {
    const char *what;
    enum mischief mischief;
    size_t (*twist)(uint8_t *answer, size_t size);
    bool tcp;
    enum fault fault; /* when it happens always; once it is repaired */
} mischiefs[] = {
    { "silence", MISCHIEF_SILENCE, NULL, false, FAULT_NO_ANSWER },
    { "a wrong CRC", MISCHIEF_WRONG_SUM, NULL, false, FAULT_DAMAGED },
    { "half an answer", MISCHIEF_CUT, NULL, false, FAULT_DAMAGED },
    { "another slave's answer", MISCHIEF_TWIST, other_unit, false, FAULT_FOREIGN },
    { "an answer to another function", MISCHIEF_TWIST, other_function, false, FAULT_STALE },
    { "noise before", MISCHIEF_NOISE, NULL, false, FAULT_NONE },
    { "an echo", MISCHIEF_ECHO, NULL, false, FAULT_NONE },
    { "byte by byte", MISCHIEF_SPLIT, NULL, false, FAULT_NONE },
    { "silence on TCP", MISCHIEF_SILENCE, NULL, true, FAULT_NO_ANSWER },
    { "another transaction", MISCHIEF_TWIST, other_transaction, true, FAULT_STALE },
    { "byte by byte on TCP", MISCHIEF_SPLIT, NULL, true, FAULT_NONE },
};

static void test_faults(void)
{
    for (size_t i = 0; i < sizeof mischiefs / sizeof *mischiefs; i++)
        for (int always = 0; always < 2; always++) {
            struct harness *h = module(mischiefs[i].tcp ? "address=34;model=mv110-16d;framing=tcp" : "address=34;model=mv110-16d", "model=mv110-16d");
            h->mischief = mischiefs[i].mischief;
            h->twist = mischiefs[i].twist;
            h->count = always ? -1 : 1;
            harness_play(h, current);
            enum fault fault = always ? mischiefs[i].fault : FAULT_NONE;
            is_text(fault_name(h->fault), fault_name(fault), "%s, %s", mischiefs[i].what, always ? "always" : "once");
            is_int(h->readings_count, fault ? 0 : 16, "and nothing is made up");
            if (!fault)
                counters_are_true(h, 1, 16, 65536);
            free(h);
        }
}

static void test_refusals(void)
{
    struct harness *h = module("address=34;model=mv110-16d", "model=mu110-16r");
    harness_play(h, current);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "a module without registers");
    free(h);
    h = module("address=34;model=wb-mr3", "model=mv110-16d");
    harness_play(h, current);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "a module with others");
    ok(h->requests > 2, "found out piece by piece");
    free(h);
    h = module("address=34;model=mv110-16d", "model=mv110-16d;busy=3");
    harness_play(h, current);
    is_int(h->fault, FAULT_NONE, "a busy module is asked again");
    is_int(h->readings_count, 16);
    free(h);
    h = module("address=34;model=mv110-16d", "model=mv110-16d;busy=99");
    harness_play(h, current);
    is_int(h->fault, FAULT_METER_ERROR, "but not for ever");
    free(h);
}

/* --- a line and a converter --------------------------------------------------------------------------------------------------- */

struct visit {
    const char *uri, *parameters;
    enum work_command_kind command; /* of relay 2 */
    bool commands;
    struct harness *basket;
    struct session_result result;
    struct session_command did;
};

/* A whole session as the collector runs it. */
static void visit(void *argument)
{
    struct visit *v = argument;
    const struct driver *d = driver_find("modbus");
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct link_address address;
    void *settings = calloc(1, d->settings_size);
    if (!link_address_parse(v->uri, LANG_EN, &address, &problem) || !parameters_read(d, v->parameters, LANG_EN, settings, &problem))
        ok(0, "%s", message);
    struct bus *bus = bus_new(task_loop(task_self()), link_address_pipe(&address), NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .timing = d->timing, .line = address.line, .settings = settings, .state_size = d->state_size });
    struct session_command command = { .what = { .kind = v->command, .relay = 2 } };
    struct session_plan plan = { .driver = d, .identify = true, .now_wall = noon(), .wants = 2, .want = { { .archive = ARCHIVE_STATE }, { .archive = ARCHIVE_CURRENT } },
                                 .command = &command, .commands = v->commands };
    session_run(c, &plan, &v->basket->sink, &v->result, NULL, NULL);
    v->did = command;
    conversation_free(&c);
    bus_free(&bus);
    free(settings);
}

static struct visit go(const char *uri, const char *parameters, int command)
{
    struct visit v = { .uri = uri, .parameters = parameters, .basket = module("", NULL), .commands = command >= 0, .command = (enum work_command_kind)(command < 0 ? 0 : command) };
    struct loop *l = loop_new();
    loop_spawn(l, visit, &v);
    loop_run(l);
    loop_free(&l);
    is_text(fault_name(v.result.fault), "none", "%s %s: %s", uri, parameters, v.result.detail);
    return v;
}

static void test_line(void)
{
    struct world *w = world_begin("--bus /tmp/svod-modbus-test --line 115200,8N1 --now 2026-11-21T12:00 --stopped --exact"
                                  " --meter modbus:16:40001 --options model=mv110-16d --meter modbus:34:40001 --options model=wb-mr3"
                                  " --tcp 127.46.1.1:0 --family modbus --serial 40001 --options model=mk210-301 --now 2026-11-21T12:00 --stopped --exact");
    char uri[128];
    snprintf(uri, sizeof uri, "serial:%s?115200,8N1", rs485_device(world_bus(w, 0)));
    struct visit v = go(uri, "address=16;model=mv110-16d", -1);
    inputs_are_true(v.basket, 1, 16);
    counters_are_true(v.basket, 1, 16, 65536);
    free(v.basket);
    v = go(uri, "address=34;model=wb-mr3", COMMAND_RELAY_ON);
    inputs_are_true(v.basket, 0, 3);
    counters_are_true(v.basket, 0, 3, 65536);
    ok(v.did.sent && v.did.fault == FAULT_NONE, "switched through the guarded path: %s", v.did.detail);
    ok(v.did.before.output == 0 && v.did.after.output == 1, "off before, on after");
    free(v.basket);
    v = go(uri, "address=34;model=wb-mr3", COMMAND_RELAY_OFF);
    ok(v.did.before.output == 1 && v.did.after.output == 0, "the relay had stayed on, and is off");
    free(v.basket);
    v = go(uri, "address=16;model=mv110-16d", COMMAND_RELAY_ON);
    ok(!v.did.sent && v.did.refusal == RELAY_ABSENT, "a module without relays switches none");
    free(v.basket);
    snprintf(uri, sizeof uri, "tcp://127.46.1.1:%u", fleet_port(world_fleet(w, 0)));
    v = go(uri, "address=1;model=mk210-301;framing=tcp", COMMAND_RELAY_ON);
    inputs_are_true(v.basket, 1, 6);
    counters_are_true(v.basket, 1, 6, 0);
    ok(v.did.before.output == 0 && v.did.after.output == 1, "over TCP too");
    free(v.basket);
    v = go(uri, "address=1;model=mk210-301;framing=rtu", -1);
    counters_are_true(v.basket, 1, 6, 0);
    free(v.basket);
    world_free(&w);
}

/* --- search --------------------------------------------------------------------------------------------------------------------- */

static int asked_places, found_count;
static char found_words[4][96];

static bool on_progress(struct scan *s, int done, int total)
{
    (void)s, (void)done, (void)total;
    asked_places++;
    return true;
}

static void on_found(struct scan *s, const char *parameters, const char *serial, const char *type)
{
    (void)s;
    if (found_count < 4)
        snprintf(found_words[found_count++], sizeof *found_words, "%s %s %s", parameters, serial, type);
}

static void search(struct harness *h, struct conversation *c)
{
    struct scan s = { .from = 33, .to = 34, .progress = on_progress, .found = on_found };
    h->driver->scan(c, &s);
}

static void test_search(void)
{
    static const char *const expected[][2] = {
        { "model=wb-mr3", "address=34;model=wb-mr3 40001 WBMR3" }, { "model=mv110-16d", "address=34  " }, { "model=mk210-301", "address=34 40001 MK210-301" } };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct harness *h = module("", expected[i][0]);
        asked_places = found_count = 0;
        harness_play(h, search);
        is_int(asked_places, 2);
        is_int(found_count, 1);
        is_text(found_words[0], expected[i][1]);
        free(h);
    }
}

int main(void)
{
    test_maps();
    test_mv110_16d();
    test_analog();
    test_wiren_board();
    test_worth();
    test_identity();
    test_tcp();
    test_composite();
    test_relays();
    test_wrong_module();
    test_faults();
    test_refusals();
    test_line();
    test_search();
    return tap_done();
}
