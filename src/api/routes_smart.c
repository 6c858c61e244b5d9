/* A gateway read by the protocol SMART (JSON over HTTP), as УМ-31 SMART and УМ-40 SMART are: signing in, data of meters, their table.
 * Answers come from the store; nothing is changed and no meter is asked. Values in Wh, varh, W, V, A, Hz; `ts` is Unix time. */
#include "api/call.h"
#include "api/devices.h"
#include "api/routes.h"
#include "api/smart.h"
#include "link/address.h"
#include "meter/events.h"
#include "people/password.h"
#include "upstream/rtu327_settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { IDS_MOST = 10000, MEASURES_MOST = 64, TIMES_MOST = 32, PASS_ON = 16 << 10 };

static const char *const flags[] = { "lastTime", "allMeters", NULL };

SHAPE(shape_auth, "SmartAuth", { .name = "login", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 64 },
      { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64 });
SHAPE(shape_res, "SmartResult", { .name = "res", .kind = FIELD_INT, .help = { { "0: выполнено", "0: done" } } });
SHAPE(shape_time, "SmartTime", { .name = "start", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 32, .help = { { "2018-09-03T14:17:33+03:00", "2018-09-03T14:17:33+03:00" } } },
      { .name = "end", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 32 });
SHAPE(shape_data_query, "SmartDataQuery",
      { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .most = IDS_MOST, .help = { { "пусто: все приборы", "empty: all meters" } } },
      { .name = "measures", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_TEXT, .least = 1, .most = MEASURES_MOST },
      { .name = "tags", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = SMART_TAGS_MAX, .help = { { "пусто: все", "empty: all" } } },
      { .name = "time", .kind = FIELD_LIST, .most = TIMES_MOST, .shape = &shape_time, .help = { { "пусто: последние данные", "empty: the newest data" } } },
      { .name = "flags", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = 2 });
SHAPE(shape_value, "SmartValue", { .name = "tag", .kind = FIELD_TEXT }, { .name = "val", .kind = FIELD_ANY });
SHAPE(shape_vals, "SmartValues", { .name = "ts", .kind = FIELD_INT }, { .name = "tags", .kind = FIELD_LIST, .shape = &shape_value });
SHAPE(shape_of_device, "SmartDeviceData", { .name = "id", .kind = FIELD_INT }, { .name = "deviceIdx", .kind = FIELD_INT }, { .name = "meterId", .kind = FIELD_INT },
      { .name = "serial", .kind = FIELD_TEXT }, { .name = "vals", .kind = FIELD_LIST, .shape = &shape_vals });
SHAPE(shape_of_measure, "SmartMeasure", { .name = "measure", .kind = FIELD_TEXT }, { .name = "devices", .kind = FIELD_LIST, .shape = &shape_of_device });
SHAPE(shape_data, "SmartData", { .name = "res", .kind = FIELD_INT }, { .name = "measures", .kind = FIELD_LIST, .shape = &shape_of_measure });
SHAPE(shape_meter, "SmartMeter", { .name = "id", .kind = FIELD_INT }, { .name = "pId", .kind = FIELD_INT }, { .name = "typeName", .kind = FIELD_TEXT },
      { .name = "addr", .kind = FIELD_TEXT }, { .name = "passRd", .kind = FIELD_TEXT }, { .name = "passWr", .kind = FIELD_TEXT },
      { .name = "ifaceName", .kind = FIELD_TEXT }, { .name = "ifaceCfg", .kind = FIELD_TEXT, .help = { { "9600,8n1; пусто: не последовательный порт или как у типа прибора", "9600,8n1; empty: no serial port, or as the type of meter has it" } } },
      { .name = "rtuObjType", .kind = FIELD_INT }, { .name = "rtuObjNum", .kind = FIELD_INT },
      { .name = "rtuFider", .kind = FIELD_INT });
SHAPE(shape_meters, "SmartMeters", { .name = "Meters", .kind = FIELD_LIST, .shape = &shape_meter });

/* Only a gateway is taken for an УМ. */
static bool here(struct call *c)
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
    if (!here(c))
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
    if (!here(c))
        return;
    if (c->signed_in && !c->caller.token && !strstr(c->request->cookie, "svod=")) {
        store_pass_delete(c->api->store, c->caller.pass);
        call_note(c, NOTE_LOGOUT, c->caller.login, NULL, NULL);
    }
    set_session(c, "");
    put_done(c);
}

/* --- data: what goes out --------------------------------------------------------------------------------------------------- */

struct telling {
    struct call *c;
    struct flow *flow;
    struct buffer text;
    struct json_writer out;
    const json_t *tags_wanted;
    struct span *times; /* UTC */
    size_t time_count;
    bool last, whole;
    /* the measure and the meter at work */
    const struct smart_measure *measure;
    struct smart_tag tags[SMART_TAGS_MAX];
    struct obis filter[SMART_TAGS_MAX];
    size_t tag_count;
    struct store_meter meter;
    struct span stamps; /* UTC: what `ts` may be */
    int64_t wall; /* of the values that are open; WALL_NONE: none are */
    uint8_t quality;
    uint16_t step;
    int64_t newest;
};

static void pass_on(struct telling *t, size_t from)
{
    if (t->text.size < from || !t->whole)
        return;
    t->whole = !t->text.failed && flow_write(t->flow, t->text.data, t->text.size, STREAM_PATIENCE_MS);
    t->text.size = 0;
}

static int64_t utc_of(const struct telling *t, int64_t wall)
{
    return wall - (int64_t)t->meter.zone_minutes * 60;
}

static void begin_values(struct telling *t, int64_t ts)
{
    json_put_object(&t->out, NULL);
    json_put_int(&t->out, "ts", ts);
    json_put_list(&t->out, "tags");
}

static void begin_tag(struct telling *t, const char *tag)
{
    json_put_object(&t->out, NULL);
    json_put_text(&t->out, "tag", tag);
}

static void put_flag(struct telling *t, const char *tag, bool value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_bool(&t->out, "val", value);
    json_put_end(&t->out);
}

static void put_number(struct telling *t, const char *tag, int64_t value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_int(&t->out, "val", value);
    json_put_end(&t->out);
}

static void put_text(struct telling *t, const char *tag, const char *value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_text(&t->out, "val", value);
    json_put_end(&t->out);
}

static void end_values(struct telling *t)
{
    if (t->wall == WALL_NONE)
        return;
    if (t->measure->kind == SMART_PROFILE) {
        put_number(t, "cTime", t->step / 60);
        put_flag(t, "isPart", t->quality & QUALITY_PARTIAL);
        put_flag(t, "isOvfl", t->quality & QUALITY_OVERFLOW);
    }
    json_put_end(&t->out);
    json_put_end(&t->out);
    t->wall = WALL_NONE;
    pass_on(t, PASS_ON);
}

/* --- readings -------------------------------------------------------------------------------------------------------------- */

/* Mean power of the interval that used so much, W. */
static struct decimal power_of(const struct reading *r)
{
    struct decimal power = r->value;
    if (r->step && HOUR_SECONDS % r->step == 0)
        decimal_multiply(r->value, decimal_of(HOUR_SECONDS / r->step, 0), &power);
    return power;
}

static const char *tag_of(const struct telling *t, struct obis obis)
{
    for (size_t i = 0; i < t->tag_count; i++)
        if (obis_equal(t->tags[i].obis, obis))
            return t->tags[i].name;
    return NULL;
}

/* УМ stamps an interval by its end: the newest stamp is the present half-hour's beginning [from how its maker's tests fill it]. */
static bool put_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct telling *t = context;
    bool profile = t->measure->kind == SMART_PROFILE;
    const char *tag = tag_of(t, r->obis);
    int64_t stamp = utc_of(t, r->wall) + (profile ? r->step : 0);
    if (r->quality & QUALITY_MISSING || !tag || !span_holds(t->stamps, stamp))
        return true;
    if (t->wall != r->wall) {
        end_values(t);
        t->wall = r->wall;
        t->quality = 0;
        t->step = r->step;
        begin_values(t, stamp);
    }
    t->quality |= r->quality;
    begin_tag(t, tag);
    json_put_decimal(&t->out, "val", profile ? power_of(r) : r->value);
    json_put_end(&t->out);
    return t->whole;
}

static bool note_newest(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct telling *t = context;
    if (!(r->quality & QUALITY_MISSING) && tag_of(t, r->obis) && r->wall > t->newest)
        t->newest = r->wall;
    return true;
}

static enum fault put_span(struct telling *t, struct span wall, struct span stamps)
{
    t->wall = WALL_NONE;
    t->stamps = stamps;
    enum fault fault = store_readings(t->c->api->store, t->meter.id, t->measure->archive, t->filter, t->tag_count, wall, put_reading, t);
    end_values(t);
    return fault;
}

static enum fault put_newest(struct telling *t)
{
    t->newest = WALL_NONE;
    enum fault fault = store_latest(t->c->api->store, t->meter.id, t->measure->archive, note_newest, t);
    return fault != FAULT_NONE || t->newest == WALL_NONE ? fault : put_span(t, (struct span){ t->newest, t->newest + 1 }, (struct span){ INT64_MIN, INT64_MAX });
}

/* The meter's wall moments that may have such stamps: an interval's is later than itself by its step, an hour at most. */
static struct span wall_span(const struct telling *t, struct span utc)
{
    int64_t zone = (int64_t)t->meter.zone_minutes * 60, longest = t->measure->kind == SMART_PROFILE ? HOUR_SECONDS : 0;
    return (struct span){ utc.from + zone - longest, utc.to + zone };
}

static enum fault put_readings(struct telling *t)
{
    enum fault fault = FAULT_NONE;
    if (t->tag_count == 0)
        return FAULT_NONE;
    if (t->last || t->measure->last || t->time_count == 0)
        return put_newest(t);
    for (size_t i = 0; i < t->time_count && fault == FAULT_NONE && t->whole; i++)
        fault = put_span(t, wall_span(t, t->times[i]), t->times[i]);
    return fault;
}

/* --- journals and configuration ------------------------------------------------------------------------------------------------ */

struct newest_event {
    struct telling *t;
    int64_t wall;
};

static bool put_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct telling *t = context;
    struct event_name name = event_plain(e->journal, e->code);
    if (name.journal != t->measure->journal)
        return true;
    begin_values(t, utc_of(t, e->wall));
    put_number(t, "event", name.code);
    json_put_end(&t->out);
    json_put_end(&t->out);
    pass_on(t, PASS_ON);
    return t->whole;
}

static bool note_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct newest_event *n = context;
    if (event_plain(e->journal, e->code).journal == n->t->measure->journal)
        n->wall = e->wall;
    return true;
}

static enum fault put_events(struct telling *t)
{
    struct store *s = t->c->api->store;
    struct newest_event newest = { t, WALL_NONE };
    enum fault fault = FAULT_NONE;
    if (t->last || t->time_count == 0) {
        fault = store_events(s, t->meter.id, (struct span){ INT64_MIN, INT64_MAX }, note_event, &newest);
        return fault != FAULT_NONE || newest.wall == WALL_NONE ? fault :
               store_events(s, t->meter.id, (struct span){ newest.wall, newest.wall + 1 }, put_event, t);
    }
    for (size_t i = 0; i < t->time_count && fault == FAULT_NONE && t->whole; i++)
        fault = store_events(s, t->meter.id, wall_span(t, t->times[i]), put_event, t);
    return fault;
}

struct configuration {
    const char *serial, *model;
    struct decimal current, voltage, constant; /* mantissa 0: not known */
    int64_t since_ms;
    int interval;
    struct arena *arena;
};

static bool take_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    struct configuration *g = context;
    struct decimal *to = kind == FACT_RATIO_CURRENT ? &g->current : kind == FACT_RATIO_VOLTAGE ? &g->voltage : kind == FACT_CONSTANT ? &g->constant : NULL;
    if (to)
        decimal_parse(utf8, to);
    else if (kind == FACT_TYPE)
        g->model = arena_text(g->arena, bytes_of_text(utf8));
    g->since_ms = since_ms > g->since_ms ? since_ms : g->since_ms;
    return true;
}

static bool take_step(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    ((struct configuration *)context)->interval = r->step / 60;
    return false;
}

static void put_ratio(struct telling *t, const char *tag, struct decimal value)
{
    if (value.mantissa == 0 || !smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_decimal(&t->out, "val", value);
    json_put_end(&t->out);
}

/* As the meter told it last; nothing for one that never told anything. */
static enum fault put_configuration(struct telling *t)
{
    struct store *s = t->c->api->store;
    struct configuration g = { .serial = t->meter.serial, .model = t->meter.model, .arena = t->c->arena };
    enum fault fault = store_facts(s, t->meter.id, false, take_fact, &g);
    if (fault == FAULT_NONE)
        fault = store_latest(s, t->meter.id, ARCHIVE_PROFILE, take_step, &g);
    if (fault != FAULT_NONE || g.since_ms == 0)
        return fault;
    begin_values(t, g.since_ms / 1000);
    put_text(t, "serial", g.serial);
    put_text(t, "model", g.model);
    if (g.interval)
        put_number(t, "arrInt", g.interval);
    put_ratio(t, "kI", g.current);
    put_ratio(t, "kU", g.voltage);
    put_ratio(t, "const", g.constant);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return FAULT_NONE;
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
        *ret_count = roster_ids(c->api->roster, c->caller.project, NULL, &ids);
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

static enum fault put_device(struct telling *t, int64_t id, size_t number)
{
    struct arena a = { 0 };
    enum fault fault = store_meter_get(t->c->api->store, id, &a, &t->meter);
    if (fault == FAULT_NONE) {
        json_put_object(&t->out, NULL);
        json_put_int(&t->out, "id", (int64_t)number);
        json_put_int(&t->out, "deviceIdx", id);
        json_put_int(&t->out, "meterId", id);
        json_put_text(&t->out, "serial", t->meter.serial);
        json_put_list(&t->out, "vals");
        fault = t->measure->kind == SMART_JOURNAL ? put_events(t) : t->measure->kind == SMART_CONFIGURATION ? put_configuration(t) : put_readings(t);
        json_put_end(&t->out);
        json_put_end(&t->out);
    }
    arena_free(&a);
    pass_on(t, PASS_ON);
    return fault == FAULT_NO_DATA ? FAULT_NONE : fault; /* deleted meanwhile */
}

static enum fault put_measure(struct telling *t, const char *name, const int64_t *ids, size_t count)
{
    enum fault fault = FAULT_NONE;
    t->measure = smart_measure_find(name);
    t->tag_count = smart_tags(t->measure->kind, t->tags_wanted, t->tags);
    for (size_t i = 0; i < t->tag_count; i++)
        t->filter[i] = t->tags[i].obis;
    json_put_object(&t->out, NULL);
    json_put_text(&t->out, "measure", name);
    json_put_list(&t->out, "devices");
    for (size_t i = 0; i < count && fault == FAULT_NONE && t->whole; i++)
        fault = put_device(t, ids[i], i + 1);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return fault;
}

static void get_data(struct call *c)
{
    struct telling *t = arena_take(c->arena, sizeof *t);
    const json_t *measures = json_object_get(c->body, "measures");
    int64_t *ids = NULL;
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    t->c = c;
    t->tags_wanted = json_object_get(c->body, "tags");
    t->whole = true;
    t->wall = WALL_NONE;
    if (!here(c) || !take_words(c, t) || !take_times(c, t) || !take_ids(c, &ids, &count))
        return;
    t->flow = call_stream(c, NULL, NULL);
    t->out = (struct json_writer){ .out = &t->text };
    json_put_object(&t->out, NULL);
    json_put_int(&t->out, "res", 0);
    json_put_list(&t->out, "measures");
    for (size_t i = 0; i < json_array_size(measures) && fault == FAULT_NONE; i++)
        fault = put_measure(t, json_string_value(json_array_get(measures, i)), ids, count);
    json_put_end(&t->out);
    json_put_end(&t->out);
    pass_on(t, 1);
    flow_end(t->flow, t->whole && fault == FAULT_NONE);
    flow_unref(&t->flow);
    buffer_free(&t->text);
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
    if (!here(c) || !call_good(c, rtu327_entries(c->api->store, take_entry, &l), REFUSE_IN_USE))
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
    { "POST", "/auth", MAY_ANYBODY, ROUTE_SMART | ROUTE_SLOW, NULL, &shape_auth, &shape_res, NULL, 0, sign_in, { { "SMART: войти; ответ ставит cookie sessionid", "SMART: sign in; the answer sets the cookie sessionid" } } },
    { "GET", "/logoff", MAY_ANYBODY, ROUTE_SMART, NULL, NULL, &shape_res, NULL, 0, sign_out, OFF_TITLE },
    { "POST", "/logoff", MAY_ANYBODY, ROUTE_SMART, NULL, NULL, &shape_res, NULL, 0, sign_out, OFF_TITLE },
    { "POST", "/meter/data", MAY_READ_DATASTORE, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &shape_data_query, &shape_data, "application/json", 0, get_data, DATA_TITLE },
    { "POST", "/meter/data/arch", MAY_READ_DATASTORE, ROUTE_SMART | ROUTE_SLOW | ROUTE_STREAM, NULL, &shape_data_query, &shape_data, "application/json", 0, get_data, DATA_TITLE },
    { "GET", "/settings/meter/table", MAY_READ_DEVICES, ROUTE_SMART, NULL, NULL, &shape_meters, NULL, 0, get_meters, { { "SMART: таблица приборов учёта", "SMART: the table of meters" } } },
};

ROUTE_TABLE(rows);
