/* The gateway's push to its head-end, page «Центр»: where to, with which code, and how it goes. */
#include "api/call.h"
#include "api/routes.h"
#include "upstream/push/centre.h"

#include <stdio.h>

#define V1 "/api/v1"

enum { TRY_MS = 8000, BODY_MAX = 128 << 10 };

static const char hidden[] = "***";
static const char *const states[] = { [CENTRE_OFF] = "off", [CENTRE_WAITING] = "waiting", [CENTRE_CONNECTING] = "connecting", [CENTRE_CONNECTED] = "connected", NULL };

#define SETTINGS \
    { .name = "enabled", .kind = FIELD_BOOL, .help = { { "передавать", "deliver" } } }, \
    { .name = "host", .kind = FIELD_TEXT, .most = PUSH_HOST_MAX - 1, .help = { { "адрес центра", "the head-end's address" } } }, \
    { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535 }, \
    { .name = "gateway", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "номер этого шлюза в центре", "this gateway's number at the head-end" } } }, \
    { .name = "security", .kind = FIELD_WORD, .words = centre_security_names }, \
    { .name = "interface", .kind = FIELD_TEXT, .most = 15, .help = { { "сетевой интерфейс, по которому с центром связываются; пусто: любой", "the network interface by which the head-end is reached; empty: any" } } }, \
    { .name = "pin", .kind = FIELD_TEXT, .most = 64, .help = { { "отпечаток ключа центра (SHA-256, 64 цифры); пусто: проверяется по сертификату центра сертификации", "fingerprint of the head-end's key (SHA-256, 64 digits); empty: checked by the authority" } } }, \
    { .name = "authority", .kind = FIELD_TEXT, .most = CENTRE_AUTHORITY_MAX, .help = { { "сертификат центра сертификации (PEM); пусто: доверенные этой машины", "certificate of the authority (PEM); empty: those this machine trusts" } } }

SHAPE(shape_centre, "Centre", SETTINGS, { .name = "key", .kind = FIELD_TEXT, .help = { { "«***», если задан", "\"***\" when set" } } },
      { .name = "state", .kind = FIELD_WORD, .words = states }, { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "trouble", .kind = FIELD_TEXT, .help = { { "почему не удалось соединиться или связь прервалась", "why it could not connect or the connection broke" } } },
      { .name = "next_try", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "behind", .kind = FIELD_INT, .help = { { "записей архива не подтверждено центром", "records that the head-end has not acknowledged" } } },
      { .name = "behind_since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "lost", .kind = FIELD_INT, .help = { { "записей вытеснено из очереди; их данные передаются из архивов", "records that the queue had no room for; their data go from the archives" } } },
      { .name = "archive_done", .kind = FIELD_INT, .help = { { "приборов, чей архив передан целиком", "meters whose whole archive went" } } }, { .name = "archive_all", .kind = FIELD_INT },
      { .name = "sent_bytes", .kind = FIELD_INT }, { .name = "received_bytes", .kind = FIELD_INT }, { .name = "parcels", .kind = FIELD_INT },
      { .name = "acknowledged", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "orders", .kind = FIELD_INT, .help = { { "заданий центра выполняется", "orders of the head-end under way" } } },
      { .name = "refused_meters", .kind = FIELD_INT, .help = { { "приборов центр не принял", "meters that the head-end did not take" } } }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_change, "CentreChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "code", .kind = FIELD_SECRET, .most = PUSH_CODE_MAX - 1, .help = { { "код подключения, выданный центром: задаёт адрес, номер, ключ и отпечаток", "the connection code that the head-end issued: sets address, number, key and fingerprint" } } },
      SETTINGS, { .name = "key", .kind = FIELD_SECRET, .most = 64, .help = { { "«***»: прежний", "\"***\": the one that is set" } } });

static void *service(struct call *c)
{
    void *state = c->api->face == FACE_GATEWAY ? upstream_state(c->api->upstream, &service_centre) : NULL;
    if (!state)
        call_refuse(c, REFUSE_NOT_FOUND);
    return state;
}

static void put_settings(struct call *c, const struct centre_settings *s)
{
    json_put_bool(&c->out, "enabled", s->enabled);
    json_put_text(&c->out, "host", s->code.host);
    json_put_int(&c->out, "port", s->code.port);
    json_put_int(&c->out, "gateway", s->code.gateway);
    json_put_text(&c->out, "security", centre_security_names[s->security]);
    json_put_text(&c->out, "pin", s->code.pin);
    json_put_text(&c->out, "interface", s->interface);
    json_put_text(&c->out, "authority", s->authority);
    json_put_text(&c->out, "key", *s->code.secret ? hidden : "");
}

static void put_view(struct call *c, const struct centre_view *v)
{
    json_put_text(&c->out, "state", states[v->state]);
    json_put_utc(&c->out, "since", v->since_ms);
    json_put_text(&c->out, "trouble", v->trouble);
    json_put_utc(&c->out, "next_try", v->next_ms);
    json_put_int(&c->out, "behind", v->behind);
    json_put_utc(&c->out, "behind_since", v->behind_since_ms);
    json_put_int(&c->out, "lost", v->lost);
    json_put_int(&c->out, "archive_done", v->all_done);
    json_put_int(&c->out, "archive_all", v->all_count);
    json_put_int(&c->out, "sent_bytes", v->sent);
    json_put_int(&c->out, "received_bytes", v->received);
    json_put_int(&c->out, "parcels", v->parcels);
    json_put_utc(&c->out, "acknowledged", v->acknowledged_ms);
    json_put_int(&c->out, "orders", v->orders);
    json_put_int(&c->out, "refused_meters", v->refused_meters);
}

static void put_centre(struct call *c, const struct centre_view *v)
{
    struct centre_settings s;
    if (!call_good(c, centre_settings_get(c->api->store, c->api->vault, c->arena, &s), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    put_settings(c, &s);
    put_view(c, v);
    json_put_int(&c->out, "revision", s.revision);
    json_put_end(&c->out);
}

static void get_centre(struct call *c)
{
    struct centre_view v;
    void *state = service(c);
    if (!state)
        return;
    centre_look(state, &v);
    put_centre(c, &v);
}

static bool wrong(struct call *c, const char *field, const char *ru, const char *en)
{
    return call_wrong_field(c, field, c->lang == LANG_RU ? ru : en);
}

static bool take_hex(const char *text, size_t size)
{
    return !*text || (strlen(text) == size && strspn(text, "0123456789abcdefABCDEF") == size);
}

static bool take_code(struct call *c, struct centre_settings *s)
{
    const char *code = call_text(c->body, "code", "");
    if (*code && !push_code_read(code, &s->code))
        return wrong(c, "code", "это не код подключения: он начинается с svod:// и копируется целиком", "this is no connection code: it begins with svod:// and is copied whole");
    if (*code)
        s->security = *s->code.pin ? CENTRE_TLS : CENTRE_PLAIN;
    return true;
}

/* What was asked for over what is there; nothing asked: it stays. */
static void take_text(struct call *c, const char *key, char *out, size_t room)
{
    const char *text = call_text(c->body, key, NULL);
    if (text)
        snprintf(out, room, "%s", text);
}

/* Written out by hand, where no code says it all. */
static bool take_details(struct call *c, struct centre_settings *s)
{
    const char *key = call_text(c->body, "key", hidden), *pin = call_text(c->body, "pin", "");
    if (!take_hex(pin, 64))
        return wrong(c, "pin", "64 шестнадцатеричные цифры", "64 hex digits");
    take_text(c, "host", s->code.host, sizeof s->code.host);
    take_text(c, "pin", s->code.pin, sizeof s->code.pin);
    if (strcmp(key, hidden) != 0)
        snprintf(s->code.secret, sizeof s->code.secret, "%s", key);
    s->code.port = (int)call_int(c->body, "port", s->code.port);
    s->code.gateway = call_int(c->body, "gateway", s->code.gateway);
    s->security = strcmp(call_text(c->body, "security", centre_security_names[s->security]), "none") == 0 ? CENTRE_PLAIN : CENTRE_TLS;
    return true;
}

static bool take_settings(struct call *c, struct centre_settings *s)
{
    const char *key = call_text(c->body, "key", hidden);
    if (!take_code(c, s))
        return false;
    if (strcmp(key, hidden) != 0 && !take_hex(key, SECRET_TEXT_MAX - 1))
        return wrong(c, "key", "64 шестнадцатеричные цифры", "64 hex digits");
    if (!*call_text(c->body, "code", "") && !take_details(c, s))
        return false;
    s->authority = call_text(c->body, "authority", s->authority);
    take_text(c, "interface", s->interface, sizeof s->interface);
    if (!interface_name_valid(s->interface))
        return wrong(c, "interface", "имя сетевого интерфейса: eth0, wwan0", "the name of a network interface: eth0, wwan0");
    s->enabled = call_bool(c->body, "enabled", s->enabled);
    if (s->enabled && !*s->code.host)
        return wrong(c, "host", "обязательное поле", "is required");
    if (s->enabled && (!*s->code.secret || !s->code.gateway))
        return wrong(c, "code", "нужен код подключения, выданный центром", "a connection code of the head-end is needed");
    return true;
}

static void change_centre(struct call *c)
{
    struct centre_settings s;
    if (!service(c) || !call_good(c, centre_settings_get(c->api->store, c->api->vault, c->arena, &s), REFUSE_IN_USE))
        return;
    if (!take_settings(c, &s))
        return;
    s.revision = call_int(c->body, "revision", 0);
    if (!call_good(c, centre_settings_put(c->api->store, c->api->vault, &s), REFUSE_CHANGED))
        return;
    json_object_del(c->body, "code");
    json_object_del(c->body, "key");
    json_object_del(c->body, "authority");
    call_note(c, NOTE_CENTRE_UPDATE, s.code.host, NULL, call_json(c, c->body));
    upstream_changed(c->api->upstream, &service_centre);
    get_centre(c);
}

static void try_centre(struct call *c)
{
    struct centre_view v;
    void *state = service(c);
    if (!state)
        return;
    centre_try(state, TRY_MS, &v);
    put_centre(c, &v);
}

static void send_again(struct call *c)
{
    void *state = service(c);
    if (!state)
        return;
    centre_again(state);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/centre", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_centre, NULL, 0, get_centre, { { "передача в центр: настройки и как она идёт", "delivery to the head-end: settings and how it goes" } } },
    { "PATCH", V1 "/centre", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_change, &shape_centre, NULL, BODY_MAX, change_centre, { { "настроить передачу в центр", "set the delivery to the head-end up" } } },
    { "POST", V1 "/centre/test", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, NULL, &shape_centre, NULL, 0, try_centre, { { "соединиться с центром сейчас и сказать, что вышло", "connect to the head-end now and tell what came of it" } } },
    { "POST", V1 "/centre/again", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, NULL, NULL, 0, send_again, { { "передать все архивы заново; в центре ничего не удвоится", "send all archives again; nothing is doubled at the head-end" } } },
};

ROUTE_TABLE(rows);
