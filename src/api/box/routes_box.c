/* The gateway's box: how it is (manual S0 4.1), time (4.2.1), diagnostics and its journal (4.2.4), relays, restart. Its networks are in
 * routes_box_network.c. */
#include "api/box/box_json.h"
#include "api/routes.h"
#include "base/clock.h"
#include "board/net_rules.h"

#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

enum { JOURNAL_SHOWN = 200, POLL_LEAST = 6, POLL_MOST = 17, ZONE_MOST = 12 * 60 };

static const char *const results[] = { "absent", "passed", "failed", NULL };
static const char *const leds[] = { "mode", "gsm-mode", "gsm-network", NULL };

SHAPE(shape_led, "BoxLed", { .name = "name", .kind = FIELD_WORD, .words = leds }, { .name = "on_ms", .kind = FIELD_INT }, { .name = "off_ms", .kind = FIELD_INT });
SHAPE(shape_power, "BoxPower", { .name = "mains", .kind = FIELD_WORD, .words = board_state_names }, { .name = "reserve", .kind = FIELD_WORD, .words = board_state_names },
      { .name = "battery", .kind = FIELD_WORD, .words = board_state_names }, { .name = "battery_percent", .kind = FIELD_INT, .flags = NULLABLE },
      { .name = "lost", .kind = FIELD_BOOL, .help = { { "нет ни основного, ни резервного", "neither mains nor reserve" } } });
SHAPE(shape_clock, "BoxClock", { .name = "utc", .kind = FIELD_TIME }, { .name = "zone_minutes", .kind = FIELD_INT },
      { .name = "has_rtc", .kind = FIELD_BOOL }, { .name = "rtc_good", .kind = FIELD_BOOL }, { .name = "rtc_utc", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "has_time_service", .kind = FIELD_BOOL }, { .name = "synchronised", .kind = FIELD_BOOL }, { .name = "source", .kind = FIELD_TEXT },
      { .name = "offset_us", .kind = FIELD_INT });
SHAPE(shape_meters, "BoxMeters", { .name = "all", .kind = FIELD_INT }, { .name = "good", .kind = FIELD_INT }, { .name = "failed", .kind = FIELD_INT },
      { .name = "never", .kind = FIELD_INT });
SHAPE(shape_box, "Box", { .name = "type", .kind = FIELD_TEXT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "version", .kind = FIELD_TEXT },
      { .name = "seen", .kind = FIELD_TIME, .help = { { "когда смотрели на плату", "when the board was looked at" } } }, { .name = "up_s", .kind = FIELD_INT },
      { .name = "clock", .kind = FIELD_OBJECT, .shape = &shape_clock }, { .name = "modem", .kind = FIELD_OBJECT, .shape = &shape_box_modem },
      { .name = "lans", .kind = FIELD_LIST, .shape = &shape_box_lan }, { .name = "power", .kind = FIELD_OBJECT, .shape = &shape_power },
      { .name = "inputs", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "relays", .kind = FIELD_LIST, .of = FIELD_TEXT },
      { .name = "power_lines", .kind = FIELD_LIST, .of = FIELD_TEXT, .help = { { "линии питания интерфейсов", "power lines of interfaces" } } },
      { .name = "loop_ma", .kind = FIELD_NUMBER, .flags = NULLABLE, .help = { { "токовый вход 4–20 мА", "the 4–20 mA input" } } },
      { .name = "leds", .kind = FIELD_LIST, .shape = &shape_led }, { .name = "ports", .kind = FIELD_LIST, .of = FIELD_INT },
      { .name = "meters", .kind = FIELD_OBJECT, .shape = &shape_meters }, { .name = "failed_tests", .kind = FIELD_LIST, .of = FIELD_TEXT });
SHAPE(shape_time, "BoxTime", { .name = "zone_minutes", .kind = FIELD_INT }, { .name = "ntp", .kind = FIELD_BOOL }, { .name = "servers", .kind = FIELD_LIST, .of = FIELD_TEXT },
      { .name = "poll", .kind = FIELD_INT }, { .name = "written", .kind = FIELD_BOOL }, { .name = "clock", .kind = FIELD_OBJECT, .shape = &shape_clock },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_time_change, "BoxTimeChange", REVISION, { .name = "zone_minutes", .kind = FIELD_INT, .least = 0, .most = ZONE_MOST, .help = { { "целые часы", "whole hours" } } },
      { .name = "ntp", .kind = FIELD_BOOL }, { .name = "servers", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = BOARD_TIME_SERVERS },
      { .name = "poll", .kind = FIELD_INT, .least = POLL_LEAST, .most = POLL_MOST, .help = { { "опрашивать не реже чем раз в 2^poll секунд", "ask at least every 2^poll seconds" } } });
SHAPE(shape_clock_set, "BoxClockSet", { .name = "utc", .kind = FIELD_TIME, .flags = REQUIRED, .help = { { "UTC", "UTC" } } });
SHAPE(shape_flag, "BoxTestFlag", { .name = "flag", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "result", .kind = FIELD_WORD, .words = results },
      { .name = "text", .kind = FIELD_TEXT });
SHAPE(shape_test, "BoxTest", { .name = "time", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "running", .kind = FIELD_BOOL }, { .name = "flags", .kind = FIELD_LIST, .shape = &shape_flag });
SHAPE(shape_record, "BoxRecord", { .name = "id", .kind = FIELD_INT }, { .name = "time", .kind = FIELD_TIME }, { .name = "kind", .kind = FIELD_TEXT },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "level", .kind = FIELD_WORD, .words = note_levels }, { .name = "object", .kind = FIELD_TEXT },
      { .name = "login", .kind = FIELD_TEXT }, { .name = "details", .kind = FIELD_ANY });
SHAPE(shape_relay, "BoxRelay", { .name = "relay", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = BOARD_RELAYS_MAX }, { .name = "on", .kind = FIELD_BOOL, .flags = REQUIRED });

/* --- the box ---------------------------------------------------------------------------------------------------------------------- */

static void put_clock(struct call *c, const struct board_clock *k)
{
    json_put_object(&c->out, "clock");
    json_put_utc(&c->out, "utc", k->utc_ms);
    json_put_int(&c->out, "zone_minutes", k->zone_minutes);
    json_put_bool(&c->out, "has_rtc", k->has_rtc);
    json_put_bool(&c->out, "rtc_good", k->rtc_good);
    json_put_utc(&c->out, "rtc_utc", k->rtc_good ? k->rtc_utc_ms : 0);
    json_put_bool(&c->out, "has_time_service", k->has_time_service);
    json_put_bool(&c->out, "synchronised", k->synchronised);
    json_put_text(&c->out, "source", k->source);
    json_put_int(&c->out, "offset_us", k->offset_us);
    json_put_end(&c->out);
}

static void put_power(struct call *c, const struct board_power *p)
{
    json_put_object(&c->out, "power");
    json_put_text(&c->out, "mains", board_state_names[p->mains]);
    json_put_text(&c->out, "reserve", board_state_names[p->reserve]);
    json_put_text(&c->out, "battery", board_state_names[p->battery]);
    if (p->battery_percent >= 0)
        json_put_int(&c->out, "battery_percent", p->battery_percent);
    else
        json_put_null(&c->out, "battery_percent");
    json_put_bool(&c->out, "lost", board_power_lost(p));
    json_put_end(&c->out);
}

/* Those that the box has; a gap cannot be. */
static void put_states(struct call *c, const char *name, const enum board_state *state, int count)
{
    json_put_list(&c->out, name);
    for (int i = 0; i < count && state[i] != BOARD_ABSENT; i++)
        json_put_text(&c->out, NULL, board_state_names[state[i]]);
    json_put_end(&c->out);
}

static void put_parts(struct call *c, const struct box_look *l)
{
    put_power(c, &l->power);
    put_states(c, "inputs", l->inputs.input, BOARD_INPUTS);
    put_states(c, "relays", l->inputs.relay, BOARD_RELAYS_MAX);
    put_states(c, "power_lines", l->inputs.supply, BOARD_SUPPLIES);
    if (l->inputs.has_loop)
        json_put_decimal(&c->out, "loop_ma", decimal_of(l->inputs.loop_ua, -3));
    else
        json_put_null(&c->out, "loop_ma");
    json_put_list(&c->out, "leds");
    for (enum board_led i = 0; i < BOARD_LEDS; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "name", leds[i]);
        json_put_int(&c->out, "on_ms", l->led[i].on_ms);
        json_put_int(&c->out, "off_ms", l->led[i].off_ms);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

/* «Используемые порты»: those of the table of servers, HTTP where it really is. */
static void put_ports(struct call *c)
{
    struct server_setting table[SERVER_TYPES];
    size_t count = 0;
    int64_t revision;
    unsigned http = doors_port(c->api->doors);
    servers_read(c->api->store, table, &count, &revision);
    json_put_list(&c->out, "ports");
    for (size_t i = 0; i < count; i++)
        json_put_int(&c->out, NULL, table[i].type == SERVER_HTTP && http ? (int)http : table[i].port);
    json_put_end(&c->out);
}

static void put_meters(struct call *c)
{
    struct roster_counts n;
    roster_counts(c->api->roster, c->caller.project, &n);
    json_put_object(&c->out, "meters");
    json_put_int(&c->out, "all", (int64_t)n.devices);
    json_put_int(&c->out, "good", (int64_t)n.good);
    json_put_int(&c->out, "failed", (int64_t)n.failed);
    json_put_int(&c->out, "never", (int64_t)n.never);
    json_put_end(&c->out);
}

static void put_failed(struct call *c)
{
    struct box_test *t = arena_take(c->arena, sizeof *t);
    box_test(c->api->box, t);
    json_put_list(&c->out, "failed_tests");
    for (enum test_flag f = 0; f < TEST_FLAGS; f++)
        if (t->flag[f].result == TEST_FAILED)
            json_put_text(&c->out, NULL, test_flag_name(f));
    json_put_end(&c->out);
}

static void get_box(struct call *c)
{
    struct box_look *l = arena_take(c->arena, sizeof *l);
    if (!box_here(c))
        return;
    box_look(c->api->box, l);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "type", l->identity.type);
    json_put_text(&c->out, "serial", l->identity.serial);
    json_put_text(&c->out, "version", SVOD_VERSION);
    json_put_utc(&c->out, "seen", l->at_ms);
    json_put_int(&c->out, "up_s", (clock_utc_ms() - c->api->started_ms) / 1000);
    put_clock(c, &l->clock);
    box_put_modem(c, &l->modem, l->slot);
    box_put_lans(c, l);
    put_parts(c, l);
    put_ports(c);
    put_meters(c);
    put_failed(c);
    json_put_end(&c->out);
}

/* --- time --------------------------------------------------------------------------------------------------------------------------- */

static void put_time(struct call *c)
{
    struct time_settings t;
    struct box_look *l = arena_take(c->arena, sizeof *l);
    if (!call_good(c, time_settings_read(c->api->store, &t), REFUSE_IN_USE))
        return;
    box_look(c->api->box, l);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "zone_minutes", t.written ? t.zone_minutes : l->clock.zone_minutes);
    json_put_bool(&c->out, "ntp", t.service.on);
    json_put_list(&c->out, "servers");
    for (int i = 0; i < t.service.servers; i++)
        json_put_text(&c->out, NULL, t.service.server[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "poll", t.service.poll);
    json_put_bool(&c->out, "written", t.written);
    put_clock(c, &l->clock);
    json_put_int(&c->out, "revision", t.revision);
    json_put_end(&c->out);
}

static void get_time(struct call *c)
{
    if (box_here(c))
        put_time(c);
}

static bool take_servers(struct call *c, struct board_time_service *s)
{
    static const struct phrase no_host = { { "нужно имя или адрес сервера времени", "a time server's name or address is wanted" } };
    const json_t *servers = json_object_get(c->body, "servers");
    if (!servers)
        return true;
    s->servers = 0;
    for (size_t i = 0; i < json_array_size(servers); i++) {
        const char *name = json_string_value(json_array_get(servers, i));
        char field[32];
        snprintf(field, sizeof field, "servers[%zu]", i);
        if (!host_valid(name) || strlen(name) >= BOARD_ADDRESS_MAX)
            problem_add(&c->problems, field, phrase_in(&no_host, c->lang));
        else
            BOARD_NAME(s->server[s->servers++], name);
    }
    return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
}

static void change_time(struct call *c)
{
    static const struct phrase hours = { { "нужны целые часы", "whole hours are wanted" } };
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    struct time_settings t;
    struct box_look *l = arena_take(c->arena, sizeof *l);
    if (!box_here(c) || !call_good(c, time_settings_read(c->api->store, &t), REFUSE_IN_USE))
        return;
    box_look(c->api->box, l);
    t.revision = call_int(c->body, "revision", 0);
    t.zone_minutes = (int)call_int(c->body, "zone_minutes", t.written ? t.zone_minutes : l->clock.zone_minutes);
    t.service.on = call_bool(c->body, "ntp", t.service.on);
    t.service.poll = (int)call_int(c->body, "poll", t.service.poll);
    if (!take_servers(c, &t.service))
        return;
    if (t.zone_minutes % 60)
        call_wrong_field(c, "zone_minutes", phrase_in(&hours, c->lang));
    else if (box_took(c, box_time_set(c->api->box, &t, &c->caller, &why), "zone_minutes", words))
        put_time(c);
}

static void set_clock(struct call *c)
{
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    int64_t seconds = call_time(c->body, "utc", WALL_NONE);
    if (box_here(c) && box_took(c, box_clock_set(c->api->box, seconds * 1000, &c->caller, &why), "utc", words))
        put_time(c);
}

static void time_now(struct call *c)
{
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    if (box_here(c) && box_took(c, box_time_now(c->api->box, &c->caller, &why), "servers", words))
        put_time(c);
}

/* --- diagnostics -------------------------------------------------------------------------------------------------------------------- */

static void put_test(struct call *c)
{
    struct box_test *t = arena_take(c->arena, sizeof *t);
    box_test(c->api->box, t);
    json_put_object(&c->out, NULL);
    json_put_utc(&c->out, "time", t->at_ms);
    json_put_bool(&c->out, "running", t->running);
    json_put_list(&c->out, "flags");
    for (enum test_flag f = 0; f < TEST_FLAGS; f++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "flag", test_flag_name(f));
        json_put_text(&c->out, "title", test_flag_title(f, c->lang));
        json_put_text(&c->out, "result", results[t->flag[f].result]);
        json_put_text(&c->out, "text", t->flag[f].say);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void get_test(struct call *c)
{
    if (box_here(c))
        put_test(c);
}

static void begin_test(struct call *c)
{
    if (!box_here(c))
        return;
    box_test_begin(c->api->box);
    c->answer->status = 202;
    put_test(c);
}

struct journal {
    struct call *c;
    int64_t count;
};

static bool put_record(void *context, const struct store_audit *a)
{
    struct journal *j = context;
    struct call *c = j->c;
    if (strncmp(a->kind, "SET_BOX_", 8) != 0)
        return true;
    json_put_object(&c->out, NULL);
    call_put_audit(c, a);
    json_put_raw(&c->out, "details", a->after ? a->after : "");
    json_put_end(&c->out);
    return ++j->count < JOURNAL_SHOWN;
}

static void list_journal(struct call *c)
{
    struct journal j = { c, 0 };
    struct audit_filter f = { .to_ms = INT64_MAX, .project = c->caller.project, .kind = "", .search = "" };
    if (!box_here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_audits(c->api->store, &f, put_record, &j);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", j.count);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

/* --- orders --------------------------------------------------------------------------------------------------------------------------- */

static void set_relay(struct call *c)
{
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    int which = (int)call_int(c->body, "relay", 1) - 1;
    if (box_here(c) && box_took(c, box_relay_set(c->api->box, which, call_bool(c->body, "on", false), &c->caller, &why), "relay", words))
        get_box(c);
}

static void restart(struct call *c)
{
    if (!box_here(c))
        return;
    box_restart(c->api->box, &c->caller);
    c->answer->status = 202;
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/box", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_box, NULL, 0, get_box, { { "устройство: ключевые параметры", "the box: key parameters" } } },
    { "GET", V1 "/box/time", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_time, NULL, 0, get_time, { { "настройки времени устройства", "the box's settings of time" } } },
    { "PATCH", V1 "/box/time", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_time_change, &shape_time, NULL, 0, change_time, { { "записать часовой пояс и серверы времени", "write the zone and the time servers" } } },
    { "POST", V1 "/box/clock", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_clock_set, &shape_time, NULL, 0, set_clock, { { "записать время устройства", "set the box's clock" } } },
    { "POST", V1 "/box/clock/synchronise", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, NULL, &shape_time, NULL, 0, time_now, { { "сверить часы с серверами времени сейчас", "ask the time servers now" } } },
    { "GET", V1 "/box/diagnostics", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_test, NULL, 0, get_test, { { "самодиагностика устройства", "the box's self-test" } } },
    { "POST", V1 "/box/diagnostics", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, &shape_test, NULL, 0, begin_test, { { "начать самодиагностику", "begin the self-test" } } },
    { "GET", V1 "/box/journal", MAY_READ_HES_CONFIG, ROUTE_LIST, NULL, NULL, &shape_record, NULL, 0, list_journal, { { "журнал устройства", "the box's journal" } } },
    { "POST", V1 "/box/relays", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_relay, &shape_box, NULL, 0, set_relay, { { "переключить реле устройства", "switch a relay of the box" } } },
    { "POST", V1 "/box/restart", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, NULL, NULL, 0, restart, { { "перезагрузить устройство", "restart the box" } } },
};

ROUTE_TABLE(rows);
