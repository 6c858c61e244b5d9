/* A gateway read by the protocol SMART (JSON over HTTP), as УМ-31 SMART and УМ-40 SMART are: signing in, data of meters, their table.
 * Answers come from the store; nothing is changed and no meter is asked. Values in Wh, varh, W, V, A, Hz; `ts` is Unix time. */
#include "api/call.h"
#include "api/devices/devices.h"
#include "api/routes.h"
#include "api/upward/smart_tell.h"
#include "link/address.h"
#include "people/password.h"
#include "upstream/rtu327/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { IDS_MOST = 10000, MEASURES_MOST = 64, TIMES_MOST = 32 };

static const char *const flags[] = { "lastTime", "allMeters", NULL };

SHAPE(shape_auth, "SmartAuth", { .name = "login", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 64 },
      { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64 });
static const struct field shape_res_fields[] = { { .name = "res", .kind = FIELD_INT, .help = { { "0: выполнено", "0: done" } } }, { .name = NULL } };
const struct shape smart_shape_res = { "SmartResult", shape_res_fields };
SHAPE(shape_time, "SmartTime", { .name = "start", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 32, .help = { { "2018-09-03T14:17:33+03:00", "2018-09-03T14:17:33+03:00" } } },
      { .name = "end", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 32 });
static const struct field shape_data_query_fields[] = { 
      { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .most = IDS_MOST, .help = { { "пусто: все приборы", "empty: all meters" } } },
      { .name = "measures", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_TEXT, .least = 1, .most = MEASURES_MOST },
      { .name = "tags", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = SMART_TAGS_MAX, .help = { { "пусто: все", "empty: all" } } },
      { .name = "time", .kind = FIELD_LIST, .most = TIMES_MOST, .shape = &shape_time, .help = { { "пусто: последние данные", "empty: the newest data" } } },
      { .name = "flags", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = 2 }, { .name = NULL } };
const struct shape smart_shape_data_query = { "SmartDataQuery", shape_data_query_fields };
SHAPE(shape_value, "SmartValue", { .name = "tag", .kind = FIELD_TEXT }, { .name = "val", .kind = FIELD_ANY });
SHAPE(shape_vals, "SmartValues", { .name = "ts", .kind = FIELD_INT }, { .name = "tags", .kind = FIELD_LIST, .shape = &shape_value });
SHAPE(shape_of_device, "SmartDeviceData", { .name = "id", .kind = FIELD_INT }, { .name = "deviceIdx", .kind = FIELD_INT }, { .name = "meterId", .kind = FIELD_INT },
      { .name = "serial", .kind = FIELD_TEXT }, { .name = "vals", .kind = FIELD_LIST, .shape = &shape_vals });
SHAPE(shape_of_measure, "SmartMeasure", { .name = "measure", .kind = FIELD_TEXT }, { .name = "devices", .kind = FIELD_LIST, .shape = &shape_of_device });
static const struct field shape_data_fields[] = { { .name = "res", .kind = FIELD_INT }, { .name = "measures", .kind = FIELD_LIST, .shape = &shape_of_measure }, { .name = NULL } };
const struct shape smart_shape_data = { "SmartData", shape_data_fields };
SHAPE(shape_meter, "SmartMeter", { .name = "id", .kind = FIELD_INT }, { .name = "pId", .kind = FIELD_INT }, { .name = "typeName", .kind = FIELD_TEXT },
      { .name = "addr", .kind = FIELD_TEXT }, { .name = "passRd", .kind = FIELD_TEXT }, { .name = "passWr", .kind = FIELD_TEXT },
      { .name = "ifaceName", .kind = FIELD_TEXT }, { .name = "ifaceCfg", .kind = FIELD_TEXT, .help = { { "9600,8n1; пусто: не последовательный порт или как у типа прибора", "9600,8n1; empty: no serial port, or as the type of meter has it" } } },
      { .name = "rtuObjType", .kind = FIELD_INT }, { .name = "rtuObjNum", .kind = FIELD_INT },
      { .name = "rtuFider", .kind = FIELD_INT });
SHAPE(shape_meters, "SmartMeters", { .name = "Meters", .kind = FIELD_LIST, .shape = &shape_meter });

/* Only a gateway is taken for an УМ. */
bool smart_here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

/* --- in and out ---------------------------------------------------------------------------------------------------------- */

static void set_session(struct call *c, const char *secret)
{
    char *cookie = arena_take(c->arena, 256);
    snprintf(cookie, 256, "sessionid=%s; Path=/; HttpOnly; SameSite=Strict%s%s", secret, c->request->tls ? "; Secure" : "", *secret ? "" : "; Max-Age=0");
    answer_header(c->answer, "Set-Cookie", cookie);
}

static void put_done(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "res", 0);
    json_put_end(&c->out);
}

/* With a second factor nobody comes in here: the protocol has no word for it. Use a token. */
static void sign_in(struct call *c)
{
    char agent[200], secret[SECRET_TEXT_MAX];
    struct text t = text_over(agent, sizeof agent);
    int64_t wait_ms = 0;
    if (!smart_here(c))
        return;
    text_put(&t, c->request->agent);
    struct sign_in how = { call_text(c->body, "login", ""), call_text(c->body, "password", ""), "", c->request->address, agent };
    enum access_result result = access_sign_in(c->api->access, &how, secret, &c->caller, &wait_ms);
    if (result != ACCESS_GOOD) {
        call_refuse(c, result == ACCESS_HELD ? REFUSE_HELD : result == ACCESS_STORE ? REFUSE_STORE : result == ACCESS_CODE_NEEDED ? REFUSE_CODE : REFUSE_WRONG);
        return;
    }
    set_session(c, secret);
    put_done(c);
}

/* Ends the session of the cookie `sessionid`, not that of a page or a token. */
static void sign_out(struct call *c)
{
    if (!smart_here(c))
        return;
    if (c->signed_in && !c->caller.token && !strstr(c->request->cookie, "svod=")) {
        store_pass_delete(c->api->store, c->caller.pass);
        call_note(c, NOTE_LOGOUT, c->caller.login, NULL, NULL);
    }
    set_session(c, "");
    put_done(c);
}

/* --- data: what was asked ---------------------------------------------------------------------------------------------------- */

static bool take_times(struct call *c, struct telling *t)
{
    static const struct phrase wrong = { { "нужно время вида 2018-09-03T14:17:33+03:00", "a time like 2018-09-03T14:17:33+03:00 is wanted" } };
    const json_t *times = json_object_get(c->body, "time");
    t->time_count = json_array_size(times);
    t->times = arena_take(c->arena, (t->time_count + 1) * sizeof *t->times);
    for (size_t i = 0; i < t->time_count; i++) {
        const json_t *row = json_array_get(times, i);
        char field[48];
        snprintf(field, sizeof field, "time[%zu].start", i);
        if (!smart_time(call_text(row, "start", ""), &t->times[i].from))
            return call_wrong_field(c, field, phrase_in(&wrong, c->lang));
        snprintf(field, sizeof field, "time[%zu].end", i);
        if (!smart_time(call_text(row, "end", ""), &t->times[i].to))
            return call_wrong_field(c, field, phrase_in(&wrong, c->lang));
        t->times[i].to++; /* the protocol's end is within */
    }
    return true;
}

static bool take_words(struct call *c, struct telling *t)
{
    static const struct phrase unknown = { { "такого типа измерений здесь нет", "there is no such type of measurement here" } };
    static const struct phrase unflagged = { { "lastTime или allMeters", "lastTime or allMeters" } };
    const json_t *measures = json_object_get(c->body, "measures"), *asked = json_object_get(c->body, "flags");
    char field[32];
    for (size_t i = 0; i < json_array_size(measures); i++) {
        snprintf(field, sizeof field, "measures[%zu]", i);
        if (!smart_measure_find(json_string_value(json_array_get(measures, i))))
            return call_wrong_field(c, field, phrase_in(&unknown, c->lang));
    }
    for (size_t i = 0; i < json_array_size(asked); i++) {
        const char *flag = json_string_value(json_array_get(asked, i));
        snprintf(field, sizeof field, "flags[%zu]", i);
        if (strcmp(flag, flags[0]) != 0 && strcmp(flag, flags[1]) != 0)
            return call_wrong_field(c, field, phrase_in(&unflagged, c->lang));
        t->last |= strcmp(flag, flags[0]) == 0;
    }
    return true;
}

/* The meters asked for, all of them for none and for allMeters. False after a refusal: one that is not there. */
static bool take_ids(struct call *c, int64_t **ret, size_t *ret_count)
{
    const json_t *asked = json_object_get(c->body, "flags");
    bool all = json_array_size(json_object_get(c->body, "ids")) == 0;
    for (size_t i = 0; i < json_array_size(asked); i++)
        all |= strcmp(json_string_value(json_array_get(asked, i)), flags[1]) == 0;
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    if (all) {
        int64_t *ids;
        *ret_count = roster_ids(c->api->roster, c->caller.project, &ids);
        *ret = (int64_t *)arena_copy(c->arena, bytes_of(ids, *ret_count * sizeof *ids)).data;
        free(ids);
        return true;
    }
    *ret_count = call_ids(c, json_object_get(c->body, "ids"), ret);
    for (size_t i = 0; i < *ret_count; i++) {
        struct store_meter m;
        if (!device_find(c, (*ret)[i], &m))
            return false;
    }
    return true;
}

struct telling *smart_question(struct call *c, int64_t **ret_ids, size_t *ret_count)
{
    struct telling *t = arena_take(c->arena, sizeof *t);
    t->c = c;
    t->tags_wanted = json_object_get(c->body, "tags");
    t->whole = true;
    t->wall = WALL_NONE;
    return smart_here(c) && take_words(c, t) && take_times(c, t) && take_ids(c, ret_ids, ret_count) ? t : NULL;
}

static void get_data(struct call *c)
{
    int64_t *ids = NULL;
    size_t count = 0;
    struct telling *t = smart_question(c, &ids, &count);
    if (!t)
        return;
    t->flow = call_stream(c, NULL, NULL);
    smart_tell(t, json_object_get(c->body, "measures"), ids, count);
}

/* --- the table of meters -------------------------------------------------------------------------------------------------------- */

struct meter_list {
    struct call *c;
    struct rtu327_entry *entries; /* in no order */
    size_t count, room;
};

static bool take_entry(void *context, const struct rtu327_entry *e)
{
    struct meter_list *l = context;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 16;
        l->entries = memory_grow(l->entries, l->room * sizeof *l->entries, room * sizeof *l->entries);
        l->room = room;
    }
    l->entries[l->count++] = *e;
    return true;
}

static int by_meter(const void *a, const void *b)
{
    const struct rtu327_entry *x = a, *y = b;
    return (x->meter > y->meter) - (x->meter < y->meter);
}

/* "9600,8n1" of a serial port that says so. */
static void put_port(struct call *c, const char *uri)
{
    char text[24] = "", nothing[8];
    struct link_address a;
    struct text problem = text_over(nothing, sizeof nothing);
    if (*uri && link_address_parse(uri, c->lang, &a, &problem) && a.kind == LINK_SERIAL && a.line_given)
        snprintf(text, sizeof text, "%u,%u%c%u", a.line.baud, a.line.bits, a.line.parity | 0x20, a.line.stop);
    json_put_text(&c->out, "ifaceCfg", text);
}

/* The first line's address and channel; passwords never go out. */
static void put_line(struct call *c, const struct store_meter *m)
{
    const struct driver *d = driver_find(m->driver);
    const struct store_line *line = m->line_count ? &m->lines[0] : NULL;
    const struct parameter *address = d ? driver_address(d) : NULL;
    const char *value = line && address ? parameter_value(c, line->parameters, address->name) : NULL;
    struct store_link link = { .title = "", .uri = "" };
    if (line && line->link)
        store_link_get(c->api->store, line->link, c->arena, &link);
    json_put_text(&c->out, "addr", value ? value : "");
    json_put_text(&c->out, "passRd", "");
    json_put_text(&c->out, "passWr", "");
    json_put_text(&c->out, "ifaceName", link.title);
    put_port(c, link.uri);
}

static bool put_meter(void *context, const struct store_meter *m)
{
    struct meter_list *l = context;
    struct call *c = l->c;
    const struct rtu327_entry key = { .meter = m->id }, *e = l->count ? bsearch(&key, l->entries, l->count, sizeof key, by_meter) : NULL;
    if (m->project != c->caller.project)
        return true;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", m->id);
    json_put_int(&c->out, "pId", 0);
    json_put_text(&c->out, "typeName", m->driver);
    put_line(c, m);
    json_put_int(&c->out, "rtuObjType", e ? e->object_type : 0);
    json_put_int(&c->out, "rtuObjNum", e ? e->object : 0);
    json_put_int(&c->out, "rtuFider", e ? e->feeder : 0);
    json_put_end(&c->out);
    return !c->answer->body.failed;
}

static void get_meters(struct call *c)
{
    struct meter_list l = { .c = c };
    if (!smart_here(c) || !call_good(c, rtu327_entries(c->api->store, take_entry, &l), REFUSE_IN_USE))
        return;
    if (l.count)
        qsort(l.entries, l.count, sizeof *l.entries, by_meter);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "Meters");
    enum fault f = store_meters(c->api->store, put_meter, &l);
    json_put_end(&c->out);
    json_put_end(&c->out);
    free(l.entries);
    call_good(c, f, REFUSE_IN_USE);
}

#define DATA_TITLE { { "SMART: данные приборов учёта из архива", "SMART: data of meters from the archive" } }
#define OFF_TITLE { { "SMART: выйти", "SMART: sign out" } }

static const struct route rows[] = {
    { "POST", "/auth", MAY_ANYBODY, ROUTE_SMART | ROUTE_SLOW, NULL, &shape_auth, &smart_shape_res, NULL, 0, sign_in, { { "SMART: войти; ответ ставит cookie sessionid", "SMART: sign in; the answer sets the cookie sessionid" } } },
    { "GET", "/logoff", MAY_ANYBODY, ROUTE_SMART, NULL, NULL, &smart_shape_res, NULL, 0, sign_out, OFF_TITLE },
    { "POST", "/logoff", MAY_ANYBODY, ROUTE_SMART, NULL, NULL, &smart_shape_res, NULL, 0, sign_out, OFF_TITLE },
    { "POST", "/meter/data", MAY_READ_DATASTORE, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &smart_shape_data_query, &smart_shape_data, "application/json", 0, get_data, DATA_TITLE },
    { "POST", "/meter/data/arch", MAY_READ_DATASTORE, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &smart_shape_data_query, &smart_shape_data, "application/json", 0, get_data, DATA_TITLE },
    { "GET", "/settings/meter/table", MAY_READ_DEVICES, ROUTE_SMART, NULL, NULL, &shape_meters, NULL, 0, get_meters, { { "SMART: таблица приборов учёта", "SMART: the table of meters" } } },
};

ROUTE_TABLE(rows);
