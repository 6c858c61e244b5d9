/* Gateways that deliver to this head-end, page «Шлюзы»: added, their codes, how they go, their meters; and the port they come to. */
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "store/registry/registry.h"
#include "upstream/push/gateways.h"

#include <stdio.h>

#define V1 "/api/v1"

enum { GATEWAYS_MOST = 5000 };

static const char *const meter_states[] = { [GATEWAY_METER_PRESENT] = "present", [GATEWAY_METER_GONE] = "gone", [GATEWAY_METER_REFUSED] = "refused", NULL };
static const char *const troubles[] = { "", "revoked", "proof", "version", "store", "nonsense", NULL };

#define TITLE_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = 100 }, { .name = "note", .kind = FIELD_TEXT, .most = 500 }
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

SHAPE(shape_gateway, "Gateway", { .name = "id", .kind = FIELD_INT }, TITLE_FIELDS(0), { .name = "enabled", .kind = FIELD_BOOL, .help = { { "код подключения действует", "its connection code is in force" } } },
      { .name = "connected", .kind = FIELD_BOOL }, { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "на связи с", "connected since" } } },
      { .name = "seen", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "address", .kind = FIELD_TEXT }, { .name = "version", .kind = FIELD_TEXT },
      { .name = "serial", .kind = FIELD_TEXT }, { .name = "behind", .kind = FIELD_INT, .help = { { "записей архива у шлюза ждёт передачи", "records that wait at the gateway" } } },
      { .name = "behind_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "devices", .kind = FIELD_INT, .help = { { "приборов в таблице шлюза", "meters of its table" } } },
      { .name = "devices_ever", .kind = FIELD_INT }, { .name = "readings", .kind = FIELD_INT, .help = { { "новых значений за это соединение", "new values over this connection" } } },
      { .name = "events", .kind = FIELD_INT }, { .name = "refused", .kind = FIELD_INT, .help = { { "данных не принято: приборы не этого шлюза", "data not taken: of meters that are not its own" } } },
      { .name = "orders", .kind = FIELD_INT }, { .name = "trouble", .kind = FIELD_WORD, .words = troubles, .help = { { "почему отказано в последний раз", "why it was refused last" } } },
      { .name = "trouble_at", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "link", .kind = FIELD_INT, .help = { { "канал его приборов", "the channel of its meters" } } },
      { .name = "made", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "made_by", .kind = FIELD_TEXT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "GatewayNew", TITLE_FIELDS(REQUIRED));
SHAPE(shape_change, "GatewayChange", REVISION, TITLE_FIELDS(0), { .name = "enabled", .kind = FIELD_BOOL, .help = { { "false: отозвать код подключения", "false: revoke its connection code" } } });
SHAPE(shape_code, "GatewayCode", { .name = "id", .kind = FIELD_INT }, { .name = "code", .kind = FIELD_TEXT, .help = { { "показывается один раз", "shown once" } } });
SHAPE(shape_meter, "GatewayMeter", { .name = "number", .kind = FIELD_INT, .help = { { "номер прибора у шлюза", "its number at the gateway" } } }, { .name = "device", .kind = FIELD_INT },
      { .name = "serial", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "state", .kind = FIELD_WORD, .words = meter_states, .help = { { "present: в таблице шлюза; gone: удалён из неё; refused: не принят", "present: in the gateway's table; gone: deleted from it; refused: not taken" } } },
      { .name = "rival", .kind = FIELD_INT, .help = { { "шлюз, у которого этот прибор уже есть; -1: удалён в центре; 0: другая причина", "the gateway that has this meter already; -1: deleted here; 0: another reason" } } });
SHAPE(shape_door, "GatewayPort", { .name = "enabled", .kind = FIELD_BOOL }, { .name = "host", .kind = FIELD_TEXT, .most = PUSH_HOST_MAX - 1 }, { .name = "port", .kind = FIELD_INT },
      { .name = "tls", .kind = FIELD_BOOL }, { .name = "listening", .kind = FIELD_BOOL }, { .name = "trouble", .kind = FIELD_TEXT }, { .name = "pin", .kind = FIELD_TEXT, .help = { { "отпечаток ключа сертификата", "fingerprint of the certificate's key" } } },
      { .name = "connected", .kind = FIELD_INT }, { .name = "refused", .kind = FIELD_INT }, { .name = "away_s", .kind = FIELD_INT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_door_change, "GatewayPortChange", REVISION, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "host", .kind = FIELD_TEXT, .most = PUSH_HOST_MAX - 1, .help = { { "адрес, по которому шлюзы видят этот центр", "the address by which gateways see this head-end" } } },
      { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535 }, { .name = "tls", .kind = FIELD_BOOL },
      { .name = "away_s", .kind = FIELD_INT, .least = 0, .most = GATEWAY_AWAY_MOST_S, .help = { { "через столько секунд без связи о шлюзе уведомляют; 0: никогда", "after so many seconds out of contact people are told of a gateway; 0: never" } } });

static void *service(struct call *c)
{
    void *state = c->api->face == FACE_HEAD_END ? upstream_state(c->api->upstream, &service_gateways) : NULL;
    if (!state)
        call_refuse(c, REFUSE_NOT_FOUND);
    return state;
}

/* --- gateways ------------------------------------------------------------------------------------------------------------ */

static void put_gateway(struct call *c, void *state, const struct store_gateway *g)
{
    struct gateway_view v;
    bool connected = gateways_look(state, g->id, &v);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", g->id);
    json_put_text(&c->out, "title", g->title);
    json_put_text(&c->out, "note", g->note);
    json_put_bool(&c->out, "enabled", g->enabled && *g->key);
    json_put_bool(&c->out, "connected", connected);
    json_put_utc(&c->out, "since", connected ? v.since_ms : 0);
    json_put_utc(&c->out, "seen", connected ? clock_utc_ms() : g->seen_ms);
    json_put_text(&c->out, "address", connected ? v.address : g->address);
    json_put_text(&c->out, "version", g->version);
    json_put_text(&c->out, "serial", g->serial);
    json_put_int(&c->out, "behind", connected ? v.behind : g->behind);
    json_put_utc(&c->out, "behind_since", connected ? v.behind_since_ms : 0);
    json_put_int(&c->out, "devices", g->present);
    json_put_int(&c->out, "devices_ever", g->meters);
    json_put_int(&c->out, "readings", v.readings);
    json_put_int(&c->out, "events", v.events);
    json_put_int(&c->out, "refused", v.refused);
    json_put_int(&c->out, "orders", v.orders);
    json_put_text(&c->out, "trouble", v.trouble);
    json_put_utc(&c->out, "trouble_at", v.trouble_ms);
    json_put_int(&c->out, "link", g->link);
    json_put_utc(&c->out, "made", g->made_ms);
    json_put_text(&c->out, "made_by", g->made_by);
    json_put_int(&c->out, "revision", g->revision);
    json_put_end(&c->out);
}

struct listing {
    struct call *c;
    int64_t *ids;
    size_t count;
};

static bool note_id(void *context, const struct store_gateway *g)
{
    struct listing *l = context;
    l->ids[l->count++] = g->id;
    return l->count < GATEWAYS_MOST;
}

static void list_gateways(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (!state)
        return;
    struct listing l = { .c = c, .ids = arena_take(c->arena, GATEWAYS_MOST * sizeof(int64_t)) };
    if (!call_good(c, store_gateways(c->api->store, c->caller.project, note_id, &l), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < l.count; i++)
        if (store_gateway_get(c->api->store, l.ids[i], c->arena, &g) == FAULT_NONE)
            put_gateway(c, state, &g);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
}

static bool find_gateway(struct call *c, struct store_gateway *ret)
{
    if (!call_good(c, store_gateway_get(c->api->store, c->match.number[0], c->arena, ret), REFUSE_IN_USE))
        return false;
    return ret->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_gateway(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (state && find_gateway(c, &g))
        put_gateway(c, state, &g);
}

/* A code is made of the port's address, so that is asked for first. */
static bool put_code(struct call *c, void *state, const struct store_gateway *g)
{
    static const struct phrase no_host = { { "сначала задайте адрес, по которому шлюзы видят этот центр", "first set the address by which gateways see this head-end" } };
    char code[PUSH_CODE_MAX];
    enum fault f = gateways_code(state, g, code);
    if (f == FAULT_SETTING)
        return call_wrong_field(c, "host", phrase_in(&no_host, c->lang));
    if (!call_good(c, f, REFUSE_CHANGED))
        return false;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", g->id);
    json_put_text(&c->out, "code", code);
    json_put_end(&c->out);
    explicit_bzero(code, sizeof code);
    return true;
}

static void add_gateway(struct call *c)
{
    void *state = service(c);
    struct gateways_door d;
    struct store_gateway g = { .project = c->caller.project, .title = call_text(c->body, "title", ""), .note = call_text(c->body, "note", ""), .key = "",
                               .enabled = true, .made_by = c->caller.login, .made_ms = clock_utc_ms() };
    if (!state || !call_good(c, gateways_door_get(c->api->store, &d), REFUSE_IN_USE))
        return;
    if (*d.host && !call_good(c, store_gateway_put(c->api->store, &g, &g.id), REFUSE_TAKEN))
        return;
    if (put_code(c, state, &g))
        call_note(c, NOTE_GATEWAY_ADD, g.title, NULL, call_json(c, c->body));
}

static void change_gateway(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (!state || !find_gateway(c, &g))
        return;
    bool was = g.enabled && *g.key;
    g.revision = call_int(c->body, "revision", 0);
    g.title = call_text(c->body, "title", g.title);
    g.note = call_text(c->body, "note", g.note);
    g.enabled = call_bool(c->body, "enabled", was);
    bool revoked = was && !g.enabled;
    if (revoked)
        g.key = "";
    if (!call_good(c, store_gateway_put(c->api->store, &g, NULL), REFUSE_CHANGED))
        return;
    call_note(c, revoked ? NOTE_GATEWAY_CODE : NOTE_GATEWAY_UPDATE, g.title, NULL, call_json(c, c->body));
    if (revoked)
        gateways_expel(state, g.id);
    get_gateway(c);
}

static void new_code(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (!state || !find_gateway(c, &g) || !put_code(c, state, &g))
        return;
    call_note(c, NOTE_GATEWAY_CODE, g.title, NULL, NULL);
    gateways_expel(state, g.id);
}

static void delete_gateway(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (!state || !find_gateway(c, &g) || !call_good(c, store_gateway_delete(c->api->store, g.id), REFUSE_IN_USE))
        return;
    gateways_expel(state, g.id);
    call_note(c, NOTE_GATEWAY_REMOVE, g.title, NULL, NULL);
    call_done(c);
}

static void send_again(struct call *c)
{
    void *state = service(c);
    struct store_gateway g;
    if (!state || !find_gateway(c, &g))
        return;
    if (gateways_again(state, g.id))
        call_done(c);
    else
        call_refuse(c, REFUSE_BUSY);
}

/* --- their meters -------------------------------------------------------------------------------------------------------- */

static bool put_meter(void *context, const struct store_gateway_meter *m)
{
    struct listing *l = context;
    struct call *c = l->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "number", m->number);
    json_put_int(&c->out, "device", m->meter);
    json_put_text(&c->out, "serial", m->serial);
    json_put_text(&c->out, "driver", m->driver);
    json_put_text(&c->out, "title", m->title);
    json_put_text(&c->out, "state", meter_states[m->state < GATEWAY_METER_STATES ? m->state : GATEWAY_METER_REFUSED]);
    json_put_int(&c->out, "rival", m->rival);
    json_put_end(&c->out);
    l->count++;
    return true;
}

static void list_meters(struct call *c)
{
    struct store_gateway g;
    struct listing l = { .c = c };
    if (!service(c) || !find_gateway(c, &g))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_gateway_meters(c->api->store, g.id, put_meter, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* --- the port ------------------------------------------------------------------------------------------------------------- */

static void get_door(struct call *c)
{
    void *state = service(c);
    struct gateways_door d;
    struct gateways_door_view v;
    if (!state || !call_good(c, gateways_door_get(c->api->store, &d), REFUSE_IN_USE))
        return;
    gateways_door_look(state, &v);
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "enabled", d.enabled);
    json_put_text(&c->out, "host", d.host);
    json_put_int(&c->out, "port", d.port);
    json_put_bool(&c->out, "tls", !d.plain);
    json_put_bool(&c->out, "listening", v.listening);
    json_put_text(&c->out, "trouble", v.trouble);
    json_put_text(&c->out, "pin", v.pin);
    json_put_int(&c->out, "connected", v.connected);
    json_put_int(&c->out, "refused", v.refused);
    json_put_int(&c->out, "away_s", d.away_s);
    json_put_int(&c->out, "revision", d.revision);
    json_put_end(&c->out);
}

static void change_door(struct call *c)
{
    static const struct phrase no_host = { { "только имя или адрес, без порта и пробелов", "a name or an address alone, without port and blanks" } };
    void *state = service(c);
    struct gateways_door d, before;
    struct gateways_door_view v;
    if (!state || !call_good(c, gateways_door_get(c->api->store, &d), REFUSE_IN_USE))
        return;
    before = d;
    gateways_door_look(state, &v);
    const char *host = call_text(c->body, "host", d.host);
    if (strpbrk(host, " \t/?&=#@")) {
        call_wrong_field(c, "host", phrase_in(&no_host, c->lang));
        return;
    }
    if (host != d.host)
        snprintf(d.host, sizeof d.host, "%s", host);
    d.revision = call_int(c->body, "revision", 0);
    d.enabled = call_bool(c->body, "enabled", d.enabled);
    d.port = (int)call_int(c->body, "port", d.port);
    d.plain = !call_bool(c->body, "tls", !d.plain);
    d.away_s = (int)call_int(c->body, "away_s", d.away_s);
    if (!call_good(c, gateways_door_put(c->api->store, &d), REFUSE_CHANGED))
        return;
    call_note(c, NOTE_GATEWAYS_DOOR, "", NULL, call_json(c, c->body));
    if (d.enabled != before.enabled || d.port != before.port || d.plain != before.plain || v.listening != d.enabled) /* it breaks connections off */
        upstream_changed(c->api->upstream, &service_gateways);
    get_door(c);
}

static const struct route rows[] = {
    { "GET", V1 "/gateways", MAY_READ_CHANNEL_SETTINGS, ROUTE_LIST, NULL, NULL, &shape_gateway, NULL, 0, list_gateways, { { "шлюзы, передающие данные в этот центр", "gateways that deliver to this head-end" } } },
    { "POST", V1 "/gateways", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_new, &shape_code, NULL, 0, add_gateway, { { "добавить шлюз; код подключения показывается один раз", "add a gateway; its connection code is shown once" } } },
    { "GET", V1 "/gateways/{id}", MAY_READ_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_gateway, NULL, 0, get_gateway, { { "шлюз", "a gateway" } } },
    { "PATCH", V1 "/gateways/{id}", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_change, &shape_gateway, NULL, 0, change_gateway, { { "изменить шлюз или отозвать его код", "change a gateway or revoke its code" } } },
    { "DELETE", V1 "/gateways/{id}", MAY_DELETE_CHANNEL_SETTINGS, 0, NULL, NULL, NULL, NULL, 0, delete_gateway, { { "удалить шлюз, за которым нет приборов", "delete a gateway with no meters behind it" } } },
    { "POST", V1 "/gateways/{id}/code", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_code, NULL, 0, new_code, { { "новый код подключения; прежний больше не действует", "a new connection code; the former one is void" } } },
    { "POST", V1 "/gateways/{id}/again", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, NULL, NULL, NULL, 0, send_again, { { "запросить все архивы шлюза заново", "ask for all archives of the gateway again" } } },
    { "GET", V1 "/gateways/{id}/meters", MAY_READ_CHANNEL_SETTINGS, ROUTE_LIST, NULL, NULL, &shape_meter, NULL, 0, list_meters, { { "приборы шлюза", "meters of a gateway" } } },
    { "GET", V1 "/gateway-port", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_door, NULL, 0, get_door, { { "порт приёма шлюзов", "the port that gateways come to" } } },
    { "PATCH", V1 "/gateway-port", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_door_change, &shape_door, NULL, 0, change_door, { { "настроить порт приёма шлюзов", "set the port up that gateways come to" } } },
};

ROUTE_TABLE(rows);
