/* The whole configuration as a file and back: the JSON of manual S3, appendix 1. */
#include "api/routes.h"
#include "api/devices/s3.h"
#include "base/civil.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { IMPORT_MOST = 32 << 20, PIECE = 32 << 10 };

SHAPE(shape_export, "DeviceExport", FILTER_FIELDS);
SHAPE(shape_options, "ImportOptions", { .name = "update", .kind = FIELD_BOOL, .help = { { "true: изменить то, что уже есть", "true: change what there is already" } } });
SHAPE(shape_file, "S3File", { .name = "Meta", .kind = FIELD_OBJECT }, { .name = "Channels", .kind = FIELD_ANY }, { .name = "Protocols", .kind = FIELD_ANY },
      { .name = "Groups", .kind = FIELD_ANY });

/* --- out ------------------------------------------------------------------------------------------------------------------ */

struct export {
    struct call *c;
    struct flow *flow;
    struct buffer text;
    struct json_writer out;
    uint8_t base[8];
    bool secrets, whole;
    int64_t *ids;
    size_t count, room;
};

/* Hands on what is written; false once the client is gone. */
static bool pass_on(struct export *e, size_t least)
{
    if (e->whole && e->text.size >= least) {
        e->whole = flow_write(e->flow, e->text.data, e->text.size, STREAM_PATIENCE_MS);
        e->text.size = 0;
    }
    return e->whole;
}

static const char *guid_or_own(struct export *e, enum guid_kind kind, int64_t id, const char *guid, char own[GUID_TEXT])
{
    guid_of(e->base, kind, id, own);
    return guid && *guid ? guid : own;
}

/* Ids first, rows one by one then: a slow client must not hold the store. */
static bool note_id(struct export *e, int64_t id)
{
    if (e->count == e->room) {
        size_t room = e->room ? e->room * 2 : 256;
        e->ids = memory_grow(e->ids, e->room * sizeof *e->ids, room * sizeof *e->ids);
        e->room = room;
    }
    e->ids[e->count++] = id;
    return true;
}

static bool note_channel(void *context, const struct store_link *k)
{
    return note_id(context, k->id);
}

static bool note_profile(void *context, const struct store_protocol *p)
{
    return note_id(context, p->id);
}

static void put_channels(struct export *e)
{
    struct arena own = { 0 };
    for (size_t i = 0; i < e->count && pass_on(e, PIECE); i++) {
        struct store_link k;
        char guid[GUID_TEXT];
        if (store_link_get(e->c->api->store, e->ids[i], &own, &k) == FAULT_NONE)
            s3_put_link(&e->out, &k, guid_or_own(e, GUID_LINK, k.id, k.guid, guid));
        arena_reset(&own);
    }
    arena_free(&own);
}

/* Secrets are opened for those only who may set them. */
static const char *told_out(struct export *e, const char *parameters)
{
    return e->secrets ? parameters_open(e->c, parameters) : parameters;
}

static void put_profiles(struct export *e)
{
    struct arena own = { 0 };
    for (size_t i = 0; i < e->count && pass_on(e, PIECE); i++) {
        struct store_protocol p;
        char guid[GUID_TEXT];
        if (store_protocol_get(e->c->api->store, e->ids[i], &own, &p) == FAULT_NONE)
            s3_put_protocol(&e->out, guid_or_own(e, GUID_PROTOCOL, p.id, p.guid, guid), p.title, p.driver, told_out(e, p.parameters), e->secrets);
        arena_reset(&own);
    }
    arena_free(&own);
}

static int64_t line_id(const struct store_meter *m, const struct store_line *l)
{
    return m->id << 5 | l->place;
}

/* What a line says beside the address has no place in the format, nor has a line without a profile: it gets a protocol. */
static bool needs_protocol(const struct store_meter *m, const struct store_line *l)
{
    const struct parameter *address = driver_address(driver_find(m->driver));
    size_t size = address ? strlen(address->name) : 0;
    bool only_address = !*l->parameters || (address && strncmp(l->parameters, address->name, size) == 0 && l->parameters[size] == '=' && !strchr(l->parameters, ';'));
    return !l->protocol || !only_address;
}

static void put_own_protocol(struct export *e, const struct store_meter *m, const struct store_line *l)
{
    char guid[GUID_TEXT], title[400];
    guid_of(e->base, GUID_LINE, line_id(m, l), guid);
    snprintf(title, sizeof title, l->place > 1 ? "%s-%d" : "%s", m->serial, l->place);
    s3_put_protocol(&e->out, guid, title, m->driver, told_out(e, line_told(e->c, l)), e->secrets);
}

/* Calls each device of the export, in order of groups. The arena of the call grows with one device only. */
static void each_device(struct export *e, void (*each)(struct export *, const struct store_meter *))
{
    struct arena *kept = e->c->arena, own = { 0 };
    e->c->arena = &own;
    for (size_t i = 0; i < e->count && pass_on(e, PIECE); i++) {
        struct store_meter m;
        if (store_meter_get(e->c->api->store, e->ids[i], &own, &m) == FAULT_NONE && m.project == e->c->caller.project)
            each(e, &m);
        arena_reset(&own);
    }
    arena_free(&own);
    e->c->arena = kept;
}

static void put_own_protocols(struct export *e, const struct store_meter *m)
{
    for (int i = 0; i < m->line_count; i++)
        if (needs_protocol(m, &m->lines[i]))
            put_own_protocol(e, m, &m->lines[i]);
}

static void put_guid_of_row(struct export *e, const char *key, enum guid_kind kind, int64_t id)
{
    char own[GUID_TEXT];
    const char *stored = "";
    struct store_link k;
    struct store_protocol p;
    if (!id) {
        json_put_null(&e->out, key);
        return;
    }
    if (kind == GUID_LINK && store_link_get(e->c->api->store, id, e->c->arena, &k) == FAULT_NONE)
        stored = k.guid;
    if (kind == GUID_PROTOCOL && store_protocol_get(e->c->api->store, id, e->c->arena, &p) == FAULT_NONE)
        stored = p.guid;
    json_put_text(&e->out, key, guid_or_own(e, kind, id, stored, own));
}

static void put_comm_line(struct export *e, const struct store_meter *m, const struct store_line *l)
{
    char own[GUID_TEXT], lib[200], map[240];
    struct text t = text_over(lib, sizeof lib);
    const struct parameter *address = driver_address(driver_find(m->driver));
    bool other = needs_protocol(m, l);
    const char *told = address && !other ? parameter_value(e->c, l->parameters, address->name) : NULL;
    s3_device_lib(m, &t);
    snprintf(map, sizeof map, "PROTO_MAP_%s_%.190s_V10", strcmp(m->driver, "spodes") == 0 ? "SPODES" : "SVOD", m->model);
    json_put_object(&e->out, NULL);
    json_put_text(&e->out, "Id", guid_or_own(e, GUID_LINE, line_id(m, l), l->guid, own));
    put_guid_of_row(e, "ChannelId", GUID_LINK, l->link);
    if (other)
        json_put_text(&e->out, "ProtocolId", (guid_of(e->base, GUID_LINE, line_id(m, l), own), own));
    else
        put_guid_of_row(e, "ProtocolId", GUID_PROTOCOL, l->protocol);
    json_put_text(&e->out, "DeviceLib", lib);
    json_put_text(&e->out, "ProtocolMap", map);
    json_put_bool(&e->out, "Enabled", l->enabled);
    json_put_text(&e->out, "Address", told ? told : "");
    json_put_int(&e->out, "Priority", l->priority);
    json_put_end(&e->out);
}

static void put_device(struct export *e, const struct store_meter *m)
{
    char own[GUID_TEXT], type[240];
    struct text t = text_over(type, sizeof type);
    s3_device_type(m, &t);
    json_put_object(&e->out, NULL);
    json_put_text(&e->out, "Id", guid_or_own(e, GUID_METER, m->id, m->guid, own));
    json_put_text(&e->out, "SerialNumber", m->serial);
    json_put_text(&e->out, "Type", type);
    json_put_text(&e->out, "Status", s3_statuses[m->status % METER_STATUSES]);
    json_put_utc(&e->out, "PlugDate", m->added_ms);
    json_put_bool(&e->out, "Enabled", m->enabled);
    json_put_list(&e->out, "CommLines");
    for (int i = 0; i < m->line_count; i++)
        put_comm_line(e, m, &m->lines[i]);
    json_put_end(&e->out);
    json_put_list(&e->out, "Children");
    json_put_end(&e->out);
    json_put_end(&e->out);
}

/* --- out: groups -------------------------------------------------------------------------------------------------------------- */

struct known_groups {
    struct call *c;
    struct store_group *list;
    size_t count, room;
};

static bool know_group(void *context, const struct store_group *g, int64_t meters)
{
    (void)meters;
    struct known_groups *k = context;
    if (k->count == k->room) {
        size_t room = k->room ? k->room * 2 : 64;
        k->list = memory_grow(k->list, k->room * sizeof *k->list, room * sizeof *k->list);
        k->room = room;
    }
    k->list[k->count++] = (struct store_group){ .id = g->id, .title = arena_text(k->c->arena, bytes_of_text(g->title)), .guid = arena_text(k->c->arena, bytes_of_text(g->guid)) };
    return true;
}

static void put_group(struct export *e, const struct store_group *g)
{
    char own[GUID_TEXT];
    json_put_object(&e->out, NULL);
    if (g) {
        json_put_text(&e->out, "Id", guid_or_own(e, GUID_GROUP, g->id, g->guid, own));
        json_put_text(&e->out, "Name", g->title);
    } else {
        json_put_null(&e->out, "Id");
        json_put_null(&e->out, "Name");
    }
    json_put_list(&e->out, "Devices");
    each_device(e, put_device);
    json_put_end(&e->out);
    json_put_end(&e->out);
}

static void forget_ids(struct export *e)
{
    free(e->ids);
    e->ids = NULL;
    e->count = e->room = 0;
}

/* The devices of one group within the call's filters; true when there are any. */
static bool choose(struct export *e, const char *group)
{
    struct roster_query q = device_query(e->c);
    forget_ids(e);
    q.own_group = group;
    e->count = roster_ids_of(e->c->api->roster, &q, &e->ids);
    return e->count > 0;
}

static void put_groups(struct export *e)
{
    struct known_groups groups = { .c = e->c };
    store_groups(e->c->api->store, e->c->caller.project, know_group, &groups);
    if (choose(e, ""))
        put_group(e, NULL);
    for (size_t i = 0; i < groups.count && e->whole; i++)
        if (choose(e, groups.list[i].title))
            put_group(e, &groups.list[i]);
    free(groups.list);
}

static void put_meta(struct export *e)
{
    json_put_object(&e->out, "Meta");
    json_put_text(&e->out, "AppName", "Svod");
    json_put_text(&e->out, "AppVersion", SVOD_VERSION);
    json_put_text(&e->out, "SchemaVersion", "v1");
    json_put_utc(&e->out, "Created", clock_utc_ms());
    json_put_end(&e->out);
}

/* Passwords go out only to who may set them; either way it is in the log. */
static void export_json(struct call *c)
{
    struct export e = { .c = c, .whole = true, .secrets = call_may(c, MAY_WRITE_PROTOCOL_SETTINGS) };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) || !call_good(c, guid_base(c, e.base) ? FAULT_NONE : FAULT_STORE, REFUSE_IN_USE))
        return;
    call_note(c, NOTE_DEVICES_EXPORT, e.secrets ? "JSON, ***" : "JSON", NULL, call_json(c, c->query));
    e.flow = call_stream(c, NULL, "devices.json");
    e.out = (struct json_writer){ .out = &e.text };
    json_put_object(&e.out, NULL);
    put_meta(&e);
    json_put_list(&e.out, "Channels");
    enum fault f = store_links_of(c->api->store, c->caller.project, note_channel, &e);
    put_channels(&e);
    forget_ids(&e);
    json_put_end(&e.out);
    json_put_list(&e.out, "Protocols");
    if (f == FAULT_NONE)
        f = store_protocols_of(c->api->store, c->caller.project, note_profile, &e);
    put_profiles(&e);
    if (choose(&e, NULL))
        each_device(&e, put_own_protocols);
    json_put_end(&e.out);
    json_put_list(&e.out, "Groups");
    put_groups(&e);
    json_put_end(&e.out);
    json_put_end(&e.out);
    pass_on(&e, 1);
    flow_end(e.flow, e.whole && f == FAULT_NONE && !e.text.failed);
    flow_unref(&e.flow);
    buffer_free(&e.text);
    free(e.ids);
}

/* --- in ------------------------------------------------------------------------------------------------------------------------- */

static void import_json(struct call *c)
{
    struct intake in = { .update = call_bool(c->query, "update", false) };
    if (s3_read(&in, c, c->body))
        intake_finish(&in);
    intake_answer(&in, NULL);
}

static const struct route rows[] = {
    { "GET", V1 "/devices/export.json", MAY_READ_PROTOCOL_SETTINGS, ROUTE_STREAM | ROUTE_SLOW, &shape_export, NULL, NULL, "application/json", 0, export_json, { { "вся конфигурация: устройства, линии, каналы, протоколы (S3, приложение 1)", "the whole configuration: devices, lines, channels, protocols (S3, appendix 1)" } } },
    { "POST", V1 "/devices/import.json", MAY_WRITE_DEVICES, ROUTE_SLOW, &shape_options, &shape_file, &shape_intake, NULL, IMPORT_MOST, import_json, { { "принять конфигурацию, всё или ничего", "take a configuration in, all or nothing" } } },
};

ROUTE_TABLE(rows);
