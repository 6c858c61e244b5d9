/* Delivery over MQTT as it is set and as it goes: brokers, templates, publications (manual S0 4.6.1). */
#include "api/routes.h"
#include "api/rows.h"
#include "meter/events.h"
#include "store/registry/registry.h"
#include "store/upward/mqtt.h"
#include "upstream/mqtt/mqtt.h"
#include "upstream/mqtt/source.h"
#include "upstream/mqtt/tls.h"

#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }
enum { PEM_MAX = 64 << 10, BROKERS_MAX = 16, TEMPLATES_MAX = 200, PUBLICATIONS_MAX = 200, BODY_MAX = 256 << 10 };

static const char hidden[] = "***";
static const char *const securities[] = { "none", "tls1.1", "tls1.2", "tls1.3", NULL };
static const char *const states[] = { [MQTT_OFF] = "off", [MQTT_WAITING] = "waiting", [MQTT_CONNECTING] = "connecting", [MQTT_CONNECTED] = "connected", NULL };
static const char *const requests[] = { "none", "read", "control", NULL };
static const char *const formats[] = { "json", "json-zip", NULL };
static const char *const causes[] = { "arrival", "order", NULL };
static const char *const layouts[] = { "together", "tree", NULL };

#define BROKER_FIELDS(required) \
    { .name = "device", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = 64, .help = { { "ID: идентификатор устройства на брокере и часть топиков", "ID: the device's name at the broker and part of topics" } } }, \
    { .name = "address", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = 253 }, \
    { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535 }, \
    { .name = "qos", .kind = FIELD_INT, .least = 0, .most = 2, .help = { { "качество услуги", "quality of service" } } }, \
    { .name = "prefix", .kind = FIELD_TEXT, .most = 128, .help = { { "начало топиков; пусто: без него", "the beginning of topics; empty: none" } } }, \
    { .name = "security", .kind = FIELD_WORD, .words = securities, .help = { { "шифрование: не ниже этого", "encryption: this or newer" } } }, \
    { .name = "login", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "verify", .kind = FIELD_BOOL, .help = { { "проверять сертификат брокера", "check the broker's certificate" } } }, \
    { .name = "authority", .kind = FIELD_TEXT, .most = PEM_MAX, .help = { { "сертификат центра (PEM); пусто: доверенные этой машины", "certificate of the authority (PEM); empty: those this machine trusts" } } }, \
    { .name = "certificate", .kind = FIELD_TEXT, .most = PEM_MAX, .help = { { "сертификат устройства (PEM); пусто: без него", "the device's certificate (PEM); empty: none" } } }, \
    { .name = "requests", .kind = FIELD_WORD, .words = requests, .help = { { "запросы SMART JSON по этому брокеру: не принимать; чтение; чтение и управление реле", "requests of SMART JSON by this broker: not taken; reading; reading and relays" } } }, \
    { .name = "enabled", .kind = FIELD_BOOL }
#define BROKER_SECRETS \
    { .name = "password", .kind = FIELD_SECRET, .most = 200, .help = { { "«***»: прежний", "\"***\": the one that is set" } } }, \
    { .name = "key", .kind = FIELD_SECRET, .most = PEM_MAX, .help = { { "ключ сертификата устройства (PEM); «***»: прежний", "key of the device's certificate (PEM); \"***\": the one that is set" } } }
#define SENT_FIELDS \
    { .name = "sent", .kind = FIELD_INT, .help = { { "сообщений с запуска программы", "messages since the program began" } } }, \
    { .name = "sent_at", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "trouble", .kind = FIELD_TEXT }

SHAPE(shape_broker, "MqttBroker", { .name = "id", .kind = FIELD_INT }, BROKER_FIELDS(0), { .name = "password", .kind = FIELD_TEXT }, { .name = "key", .kind = FIELD_TEXT },
      { .name = "state", .kind = FIELD_WORD, .words = states }, { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "bytes", .kind = FIELD_INT }, { .name = "asked", .kind = FIELD_INT, .help = { { "запросов принято с запуска программы", "requests taken since the program began" } } },
      { .name = "refused", .kind = FIELD_INT, .help = { { "запросов не принято: слишком частые или большие", "requests not taken: too many or too large" } } }, SENT_FIELDS, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_broker_new, "MqttBrokerNew", BROKER_FIELDS(REQUIRED), BROKER_SECRETS);
SHAPE(shape_broker_change, "MqttBrokerChange", REVISION, BROKER_FIELDS(0), BROKER_SECRETS);

SHAPE(shape_want, "MqttWant", { .name = "kind", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 32, .help = { { "из /mqtt/kinds", "of /mqtt/kinds" } } },
      { .name = "depth", .kind = FIELD_WORD, .words = mqtt_depth_names, .help = { { "докуда назад при отправке по команде: всё, сутки, последнее", "how far back an order reaches: all, days, the last" } } },
      { .name = "days", .kind = FIELD_INT, .least = 1, .most = MQTT_DAYS_MAX });
#define TEMPLATE_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = 100 }, \
    { .name = "group", .kind = FIELD_INT, .least = 0, .most = INT64_MAX, .help = { { "группа приборов учёта; 0: все", "group of meters; 0: all" } } }, \
    { .name = "format", .kind = FIELD_WORD, .words = formats }, \
    { .name = "wants", .kind = FIELD_LIST, .flags = required, .least = 1, .most = MQTT_WANTS_MAX, .shape = &shape_want }
SHAPE(shape_template, "MqttTemplate", { .name = "id", .kind = FIELD_INT }, TEMPLATE_FIELDS(0), { .name = "group_title", .kind = FIELD_TEXT },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_template_new, "MqttTemplateNew", TEMPLATE_FIELDS(REQUIRED));
SHAPE(shape_template_change, "MqttTemplateChange", REVISION, TEMPLATE_FIELDS(0));

#define PUBLICATION_FIELDS(required) \
    { .name = "broker", .kind = FIELD_INT, .flags = required, .least = 1, .most = INT64_MAX }, \
    { .name = "template", .kind = FIELD_INT, .flags = required, .least = 1, .most = INT64_MAX }, \
    { .name = "postfix", .kind = FIELD_TEXT, .most = 128, .help = { { "конец топика; пусто: без него", "the end of the topic; empty: none" } } }, \
    { .name = "cause", .kind = FIELD_WORD, .words = causes, .help = { { "arrival: по мере поступления данных; order: только по команде", "arrival: as data arrive; order: only when ordered" } } }, \
    { .name = "layout", .kind = FIELD_WORD, .words = layouts, .help = { { "together: один топик; tree: по прибору и виду данных", "together: one topic; tree: by meter and kind of data" } } }, \
    { .name = "enabled", .kind = FIELD_BOOL }
SHAPE(shape_publication, "MqttPublication", { .name = "id", .kind = FIELD_INT }, PUBLICATION_FIELDS(0), { .name = "topic", .kind = FIELD_TEXT },
      { .name = "waiting", .kind = FIELD_INT, .help = { { "записей архива впереди", "records of the archive ahead of it" } } },
      { .name = "under_way", .kind = FIELD_INT, .help = { { "сообщений ждут подтверждения", "messages wait for their acknowledgement" } } },
      { .name = "ordered", .kind = FIELD_BOOL }, { .name = "lost", .kind = FIELD_INT, .help = { { "записей вытеснено из очереди", "records that the queue had no room for" } } },
      SENT_FIELDS, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_publication_new, "MqttPublicationNew", PUBLICATION_FIELDS(REQUIRED));
SHAPE(shape_publication_change, "MqttPublicationChange", REVISION, PUBLICATION_FIELDS(0));
SHAPE(shape_kind, "MqttKind", { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "moment", .kind = FIELD_BOOL, .help = { { "только последнее значение: глубины нет", "the last value only: no depth" } } },
      { .name = "journal", .kind = FIELD_BOOL });

static struct mqtt *delivery(const struct call *c)
{
    return upstream_state(c->api->upstream, &service_mqtt);
}

static bool wrong(struct call *c, const char *field, const char *ru, const char *en)
{
    return call_wrong_field(c, field, c->lang == LANG_RU ? ru : en);
}

/* What a topic may be made of: no wildcards, nothing empty between slashes (MQTT 3.1.1, 4.7). */
static bool topic_valid(const char *part)
{
    size_t size = strlen(part);
    if (size && (part[0] == '/' || part[size - 1] == '/' || part[0] == '$'))
        return false;
    for (const char *c = part; *c; c++)
        if (*c == '+' || *c == '#' || (uint8_t)*c < ' ' || (*c == '/' && c[1] == '/'))
            return false;
    return true;
}

/* --- brokers --------------------------------------------------------------------------------------------------------------- */

static void put_broker_settings(struct json_writer *out, const struct store_broker *b, const char *password, const char *key)
{
    json_put_text(out, "device", b->device);
    json_put_text(out, "address", b->address);
    json_put_int(out, "port", b->port);
    json_put_int(out, "qos", b->qos);
    json_put_text(out, "prefix", b->prefix);
    json_put_text(out, "security", b->security);
    json_put_text(out, "login", b->login);
    json_put_text(out, "password", password);
    json_put_bool(out, "verify", b->verify);
    json_put_text(out, "authority", b->authority);
    json_put_text(out, "certificate", b->certificate);
    json_put_text(out, "key", key);
    json_put_text(out, "requests", b->requests);
    json_put_bool(out, "enabled", b->enabled);
}

static const char *secret_shown(const struct call *c, const char *sealed)
{
    const char *open = c->reveal ? vault_unseal(c->api->vault, sealed, c->arena) : sealed;
    return call_secret(c, open ? open : "");
}

static void put_broker(struct call *c, const void *row)
{
    const struct store_broker *b = row;
    struct mqtt_broker_figures f = { .state = MQTT_OFF };
    struct mqtt *m = delivery(c);
    if (m)
        mqtt_broker_figures(m, b->id, &f);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", b->id);
    put_broker_settings(&c->out, b, secret_shown(c, b->password), secret_shown(c, b->key));
    json_put_text(&c->out, "state", states[f.state]);
    json_put_utc(&c->out, "since", f.since_ms);
    json_put_int(&c->out, "bytes", f.bytes);
    json_put_int(&c->out, "asked", f.asked);
    json_put_int(&c->out, "refused", f.refused);
    json_put_int(&c->out, "sent", f.sent);
    json_put_utc(&c->out, "sent_at", f.sent_ms);
    json_put_text(&c->out, "trouble", mqtt_trouble_text(&f.trouble, c->lang));
    json_put_int(&c->out, "revision", b->revision);
    json_put_end(&c->out);
}

struct broker_twin {
    const struct store_broker *is;
    int64_t count;
    bool same;
};

static bool look_for_twin(void *context, const struct store_broker *b)
{
    struct broker_twin *t = context;
    t->count++;
    t->same |= b->id != t->is->id && b->port == t->is->port && strcmp(b->address, t->is->address) == 0 && strcmp(b->device, t->is->device) == 0;
    return true;
}

/* Two connections of one name would throw each other out (MQTT 3.1.1, 3.1.4); the delivery's thread has sockets for so many. */
static bool broker_alone(struct call *c, const struct store_broker *b)
{
    struct broker_twin t = { .is = b };
    if (!call_good(c, store_brokers(c->api->store, 0, look_for_twin, &t), REFUSE_IN_USE))
        return false;
    if (!b->id && t.count >= BROKERS_MAX)
        return wrong(c, "address", "брокеров не больше 16", "there are 16 brokers at most");
    return !t.same || wrong(c, "device", "у этого брокера такой ID уже занят", "that id is taken at this broker");
}

static bool certificates_right(struct call *c, const struct store_broker *b)
{
    const char *key = vault_unseal(c->api->vault, b->key, c->arena);
    if (*b->authority && !mqtt_certificates_valid(b->authority))
        return wrong(c, "authority", "нужен сертификат в виде PEM", "a certificate in PEM form is wanted");
    if (*b->certificate && !mqtt_certificates_valid(b->certificate))
        return wrong(c, "certificate", "нужен сертификат в виде PEM", "a certificate in PEM form is wanted");
    if (*b->certificate && !(key && mqtt_pair_valid(b->certificate, key)))
        return wrong(c, "key", "нужен ключ этого сертификата, в виде PEM и без пароля", "the key of that certificate is wanted, in PEM form and without a password");
    return *b->certificate || !*b->key || wrong(c, "certificate", "к ключу нужен сертификат", "a key wants its certificate");
}

static bool broker_right(struct call *c, const struct store_broker *b)
{
    if (strchr(b->device, '/') || !topic_valid(b->device))
        return wrong(c, "device", "без знаков / + # и не с $", "without / + # and not beginning with $");
    if (!topic_valid(b->prefix))
        return wrong(c, "prefix", "части через /, без + и #", "parts divided by /, without + and #");
    if (!mail_server_valid(b->address))
        return wrong(c, "address", "нужно имя или адрес, без порта", "a name or an address is wanted, without a port");
    return certificates_right(c, b) && broker_alone(c, b);
}

static const char *take_secret(struct call *c, const char *name, const char *sealed)
{
    const char *given = call_text(c->body, name, hidden);
    return strcmp(given, hidden) == 0 ? sealed : vault_seal(c->api->vault, given, c->arena);
}

static bool take_broker(struct call *c, void *row)
{
    struct store_broker *b = row;
    b->device = call_text(c->body, "device", b->device);
    b->address = call_text(c->body, "address", b->address);
    b->port = (int)call_int(c->body, "port", b->port);
    b->qos = (int)call_int(c->body, "qos", b->qos);
    b->prefix = call_text(c->body, "prefix", b->prefix);
    b->security = call_text(c->body, "security", b->security);
    b->login = call_text(c->body, "login", b->login);
    b->password = take_secret(c, "password", b->password);
    b->verify = call_bool(c->body, "verify", b->verify);
    b->authority = call_text(c->body, "authority", b->authority);
    b->certificate = call_text(c->body, "certificate", b->certificate);
    b->key = take_secret(c, "key", b->key);
    b->requests = call_text(c->body, "requests", b->requests);
    b->enabled = call_bool(c->body, "enabled", b->enabled);
    return broker_right(c, b);
}

/* For the log: the settings, secrets as they are shown. */
static void put_broker_for_log(struct json_writer *out, const void *row)
{
    const struct store_broker *b = row;
    put_broker_settings(out, b, *b->password ? hidden : "", *b->key ? hidden : "");
}

static void broker_changed(struct call *c, const void *before, const void *after)
{
    char object[400];
    const struct store_broker *b = after ? after : before;
    snprintf(object, sizeof object, "MQTT %s:%d %s", b->address, b->port, b->device);
    call_note(c, NOTE_CONFIGURATION_CHANGE, object, call_row_json(c, put_broker_for_log, before), call_row_json(c, put_broker_for_log, after));
    upstream_changed(c->api->upstream, &service_mqtt);
}

ROW_STORE(broker, struct store_broker, store_brokers, store_broker_get, store_broker_put, store_broker_delete);
static const struct row_kind brokers = {
    .store = &broker_store, .take = take_broker, .show = put_broker, .changed = broker_changed,
    .preset = &(const struct store_broker){ .device = "", .address = "", .port = 1883, .qos = 1, .prefix = "", .security = "none", .login = "", .password = "",
                                            .verify = true, .authority = "", .certificate = "", .key = "", .requests = "none", .enabled = true } };
ROW_WAYS(broker, brokers)

static void retry_broker(struct call *c)
{
    struct store_broker b;
    if (!row_find(c, &brokers, c->match.number[0], &b))
        return;
    if (!delivery(c)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    mqtt_hurry(delivery(c), b.id);
    call_done(c);
}

/* --- templates --------------------------------------------------------------------------------------------------------------- */

static void list_kinds(struct call *c)
{
    char text[EVENT_TEXT_MAX];
    list_begin(c);
    for (size_t i = 0; i < mqtt_kind_count; i++) {
        const struct mqtt_kind *k = &mqtt_kinds[i];
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "kind", k->name);
        json_put_text(&c->out, "title", mqtt_kind_title(k, c->lang, text));
        json_put_bool(&c->out, "moment", k->moment);
        json_put_bool(&c->out, "journal", k->archive == ARCHIVE_JOURNAL);
        json_put_end(&c->out);
    }
    list_end(c, (int64_t)mqtt_kind_count, FAULT_NONE);
}

static void put_wants(struct json_writer *out, const char *kinds)
{
    struct mqtt_want wants[MQTT_WANTS_MAX];
    size_t count = 0;
    mqtt_wants_read(kinds, wants, &count);
    json_put_list(out, "wants");
    for (size_t i = 0; i < count; i++) {
        json_put_object(out, NULL);
        json_put_text(out, "kind", wants[i].kind->name);
        json_put_text(out, "depth", mqtt_depth_names[wants[i].depth]);
        if (wants[i].depth == DEPTH_DAYS)
            json_put_int(out, "days", wants[i].days);
        json_put_end(out);
    }
    json_put_end(out);
}

static void put_template(struct call *c, const void *row)
{
    const struct store_mqtt_template *t = row;
    struct store_group g = { .title = "" };
    if (t->group && store_group_get(c->api->store, t->group, c->arena, &g) != FAULT_NONE)
        g.title = "";
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", t->id);
    json_put_text(&c->out, "title", t->title);
    json_put_int(&c->out, "group", t->group);
    json_put_text(&c->out, "group_title", g.title);
    json_put_text(&c->out, "format", t->format);
    put_wants(&c->out, t->kinds);
    json_put_int(&c->out, "revision", t->revision);
    json_put_end(&c->out);
}

/* One kind of data with its depth; of a moment there is none but the last. */
static bool take_want(struct call *c, size_t at, const json_t *from, struct mqtt_want *ret)
{
    char field[48];
    snprintf(field, sizeof field, "wants[%zu].kind", at);
    *ret = (struct mqtt_want){ .kind = mqtt_kind_find(call_text(from, "kind", "")), .days = (int)call_int(from, "days", 0) };
    if (!ret->kind)
        return wrong(c, field, "такого вида данных нет", "there is no such kind of data");
    const char *depth = call_text(from, "depth", ret->kind->moment ? "last" : "full");
    for (int i = 0; i < DEPTHS; i++)
        if (strcmp(mqtt_depth_names[i], depth) == 0)
            ret->depth = (enum mqtt_depth)i;
    if (ret->kind->moment)
        ret->depth = DEPTH_LAST;
    snprintf(field, sizeof field, "wants[%zu].days", at);
    return ret->depth != DEPTH_DAYS || ret->days > 0 || wrong(c, field, "укажите, за сколько суток", "say for how many days");
}

static bool take_wants(struct call *c, const json_t *list, struct store_mqtt_template *t)
{
    struct mqtt_want wants[MQTT_WANTS_MAX];
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        char field[48];
        snprintf(field, sizeof field, "wants[%zu].kind", i);
        if (!take_want(c, i, json_array_get(list, i), &wants[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (wants[k].kind == wants[i].kind)
                return wrong(c, field, "этот вид данных уже есть", "that kind of data is there already");
    }
    char *text = arena_take(c->arena, MQTT_WANTS_TEXT_MAX);
    struct text out = text_over(text, MQTT_WANTS_TEXT_MAX);
    mqtt_wants_write(wants, count, &out);
    t->kinds = text;
    return true;
}

static bool take_template(struct call *c, void *row)
{
    struct store_mqtt_template *t = row;
    struct store_group g;
    const json_t *wants = json_object_get(c->body, "wants");
    t->title = call_text(c->body, "title", t->title);
    t->group = call_int(c->body, "group", t->group);
    t->format = call_text(c->body, "format", t->format);
    if (t->group && (store_group_get(c->api->store, t->group, c->arena, &g) != FAULT_NONE || g.project != c->caller.project))
        return wrong(c, "group", "такой группы нет", "there is no such group");
    return !wants || take_wants(c, wants, t);
}

static void template_changed(struct call *c, const void *before, const void *after)
{
    char object[300];
    const struct store_mqtt_template *t = after ? after : before;
    snprintf(object, sizeof object, "MQTT: %s", t->title);
    call_note(c, NOTE_CONFIGURATION_CHANGE, object, NULL, after ? call_json(c, c->body) : NULL);
    upstream_changed(c->api->upstream, &service_mqtt);
}

ROW_STORE(template, struct store_mqtt_template, store_mqtt_templates, store_mqtt_template_get, store_mqtt_template_put, store_mqtt_template_delete);
static const struct row_kind templates = {
    .store = &template_store, .take = take_template, .show = put_template, .changed = template_changed, .most = TEMPLATES_MAX, .full_at = "title",
    .full = { { "шаблонов не больше 200", "there are 200 templates at most" } }, .preset = &(const struct store_mqtt_template){ .title = "", .format = "json", .kinds = "" } };
ROW_WAYS(template, templates)

/* --- publications ------------------------------------------------------------------------------------------------------------ */

static void put_publication(struct call *c, const void *row)
{
    const struct store_publication *p = row;
    struct mqtt_publication_figures f = { 0 };
    struct store_broker b = { .prefix = "", .device = "" };
    char topic[MQTT_TOPIC_MAX];
    if (delivery(c))
        mqtt_publication_figures(delivery(c), p->id, &f);
    if (store_broker_get(c->api->store, p->broker, c->arena, &b) != FAULT_NONE)
        b = (struct store_broker){ .prefix = "", .device = "" };
    mqtt_topic(b.prefix, b.device, p->postfix, topic);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_int(&c->out, "broker", p->broker);
    json_put_int(&c->out, "template", p->template);
    json_put_text(&c->out, "postfix", p->postfix);
    json_put_text(&c->out, "cause", p->cause);
    json_put_text(&c->out, "layout", p->layout);
    json_put_bool(&c->out, "enabled", p->enabled);
    json_put_text(&c->out, "topic", topic);
    json_put_int(&c->out, "waiting", f.waiting);
    json_put_int(&c->out, "under_way", f.under_way);
    json_put_bool(&c->out, "ordered", f.ordered);
    json_put_int(&c->out, "lost", f.lost);
    json_put_int(&c->out, "sent", f.sent);
    json_put_utc(&c->out, "sent_at", f.sent_ms);
    json_put_text(&c->out, "trouble", f.trouble == FAULT_NONE ? "" : fault_text(f.trouble, c->lang));
    json_put_int(&c->out, "revision", p->revision);
    json_put_end(&c->out);
}

static bool take_publication(struct call *c, void *row)
{
    struct store_publication *p = row;
    struct store_broker b;
    struct store_mqtt_template t;
    p->broker = call_int(c->body, "broker", p->broker);
    p->template = call_int(c->body, "template", p->template);
    p->postfix = call_text(c->body, "postfix", p->postfix);
    p->cause = call_text(c->body, "cause", p->cause);
    p->layout = call_text(c->body, "layout", p->layout);
    p->enabled = call_bool(c->body, "enabled", p->enabled);
    if (store_broker_get(c->api->store, p->broker, c->arena, &b) != FAULT_NONE || b.project != c->caller.project)
        return wrong(c, "broker", "такого брокера нет", "there is no such broker");
    if (store_mqtt_template_get(c->api->store, p->template, c->arena, &t) != FAULT_NONE || t.project != c->caller.project)
        return wrong(c, "template", "такого шаблона нет", "there is no such template");
    return topic_valid(p->postfix) || wrong(c, "postfix", "части через /, без + и #", "parts divided by /, without + and #");
}

static void publication_changed(struct call *c, const void *before, const void *after)
{
    char object[64];
    const struct store_publication *p = after ? after : before;
    snprintf(object, sizeof object, "MQTT: %s %lld", c->lang == LANG_RU ? "публикация" : "publication", (long long)p->id);
    call_note(c, NOTE_CONFIGURATION_CHANGE, object, NULL, after ? call_json(c, c->body) : NULL);
    upstream_changed(c->api->upstream, &service_mqtt);
}

ROW_STORE(publication, struct store_publication, store_publications, store_publication_get, store_publication_put, store_publication_delete);
static const struct row_kind publications = {
    .store = &publication_store, .take = take_publication, .show = put_publication, .changed = publication_changed, .most = PUBLICATIONS_MAX, .full_at = "template",
    .full = { { "публикаций не больше 200", "there are 200 publications at most" } },
    .preset = &(const struct store_publication){ .postfix = "", .cause = "arrival", .layout = "together", .enabled = true } };
ROW_WAYS(publication, publications)

static void send_publication(struct call *c)
{
    struct store_publication p;
    if (!row_find(c, &publications, c->match.number[0], &p))
        return;
    enum fault f = delivery(c) ? mqtt_order(delivery(c), p.id) : FAULT_NO_DATA;
    if (f == FAULT_NO_DATA) { /* switched off, or this face of the program delivers nothing */
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (call_good(c, f, REFUSE_IN_USE))
        call_done(c);
}

#define READ MAY_READ_HES_CONFIG
#define WRITE MAY_WRITE_HES_CONFIG
#define DROP MAY_DELETE_HES_CONFIG

static const struct route rows[] = {
    { "GET", V1 "/mqtt/brokers", READ, ROUTE_LIST, NULL, NULL, &shape_broker, NULL, 0, list_broker, { { "брокеры MQTT", "MQTT brokers" } } },
    { "POST", V1 "/mqtt/brokers", WRITE, 0, NULL, &shape_broker_new, NULL, NULL, BODY_MAX, add_broker, { { "добавить брокер MQTT", "add an MQTT broker" } } },
    { "GET", V1 "/mqtt/brokers/{id}", READ, 0, NULL, NULL, &shape_broker, NULL, 0, get_broker, { { "брокер MQTT", "an MQTT broker" } } },
    { "PATCH", V1 "/mqtt/brokers/{id}", WRITE, 0, NULL, &shape_broker_change, &shape_broker, NULL, BODY_MAX, change_broker, { { "изменить брокер MQTT", "change an MQTT broker" } } },
    { "DELETE", V1 "/mqtt/brokers/{id}", DROP, 0, NULL, NULL, NULL, NULL, 0, delete_broker, { { "удалить брокер MQTT без публикаций", "delete an MQTT broker without publications" } } },
    { "POST", V1 "/mqtt/brokers/{id}/retry", WRITE, 0, NULL, NULL, NULL, NULL, 0, retry_broker, { { "соединиться с брокером сейчас", "connect to the broker now" } } },
    { "GET", V1 "/mqtt/kinds", READ, ROUTE_LIST, NULL, NULL, &shape_kind, NULL, 0, list_kinds, { { "виды данных для отправки", "kinds of data to send" } } },
    { "GET", V1 "/mqtt/templates", READ, ROUTE_LIST, NULL, NULL, &shape_template, NULL, 0, list_template, { { "шаблоны отправки", "templates of what is sent" } } },
    { "POST", V1 "/mqtt/templates", WRITE, 0, NULL, &shape_template_new, NULL, NULL, 0, add_template, { { "добавить шаблон отправки", "add a template" } } },
    { "GET", V1 "/mqtt/templates/{id}", READ, 0, NULL, NULL, &shape_template, NULL, 0, get_template, { { "шаблон отправки", "a template" } } },
    { "PATCH", V1 "/mqtt/templates/{id}", WRITE, 0, NULL, &shape_template_change, &shape_template, NULL, 0, change_template, { { "изменить шаблон отправки", "change a template" } } },
    { "DELETE", V1 "/mqtt/templates/{id}", DROP, 0, NULL, NULL, NULL, NULL, 0, delete_template, { { "удалить неиспользуемый шаблон отправки", "delete a template that nothing uses" } } },
    { "GET", V1 "/mqtt/publications", READ, ROUTE_LIST, NULL, NULL, &shape_publication, NULL, 0, list_publication, { { "публикации MQTT", "MQTT publications" } } },
    { "POST", V1 "/mqtt/publications", WRITE, 0, NULL, &shape_publication_new, NULL, NULL, 0, add_publication, { { "добавить публикацию", "add a publication" } } },
    { "GET", V1 "/mqtt/publications/{id}", READ, 0, NULL, NULL, &shape_publication, NULL, 0, get_publication, { { "публикация MQTT", "an MQTT publication" } } },
    { "PATCH", V1 "/mqtt/publications/{id}", WRITE, 0, NULL, &shape_publication_change, &shape_publication, NULL, 0, change_publication, { { "изменить публикацию", "change a publication" } } },
    { "DELETE", V1 "/mqtt/publications/{id}", DROP, 0, NULL, NULL, NULL, NULL, 0, delete_publication, { { "удалить публикацию", "delete a publication" } } },
    { "POST", V1 "/mqtt/publications/{id}/send", WRITE, 0, NULL, NULL, NULL, NULL, 0, send_publication, { { "отправить сейчас", "send now" } } },
};

ROUTE_TABLE(rows);
