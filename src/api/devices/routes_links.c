/* Channels (links): where meters answer. S3 2.2.12. */
#include "api/devices/links.h"
#include "api/devices/lists.h"
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { URI_MAX = 300, SETTINGS_TEXT_MAX = 100, MANY_MOST = 1000 };

const char *const link_kind_names[] = { [LINK_TCP] = "tcp", [LINK_UDP] = "udp", [LINK_SERIAL] = "serial", [LINK_GATEWAY] = "gateway", NULL };
static const char *const sorts[] = { "id", "title", "uri", NULL };
static const char *const orders[] = { "asc", "desc", NULL };

/* What several channels may be given at once: not their names and not their kind (S3 2.2.5). */
#define COMMON_FIELDS \
    { .name = "host", .kind = FIELD_TEXT, .least = 1, .most = 250, .help = { { "tcp, udp: имя или адрес", "tcp, udp: name or address" } } }, \
    { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535, .help = { { "tcp, udp; у преобразователя интерфейсов — его прозрачный порт", "tcp, udp; of a converter: its transparent port" } } }, \
    { .name = "device", .kind = FIELD_TEXT, .least = 1, .most = 250, .help = { { "serial: /dev/ttyS1", "serial: /dev/ttyS1" } } }, \
    { .name = "baud", .kind = FIELD_INT, .least = 0, .most = 115200, .help = { { "serial; 0: обычная скорость драйвера", "serial; 0: the driver's usual speed" } } }, \
    { .name = "format", .kind = FIELD_TEXT, .most = 3, .help = { { "serial: 8N1, 7E1…; пусто: как у драйвера", "serial: 8N1, 7E1...; empty: as the driver" } } }, \
    { .name = "echo", .kind = FIELD_BOOL, .help = { { "убирать эхо", "drop the echo" } } }, \
    { .name = "rs485", .kind = FIELD_BOOL, .help = { { "serial: направлением управляет ядро", "serial: the kernel turns the line around" } } }, \
    { .name = "soft7", .kind = FIELD_BOOL, .help = { { "7E1 программно, поверх 8N1", "7E1 in software, over 8N1" } } }, \
    { .name = "exclusive", .kind = FIELD_BOOL, .help = { { "монопольный доступ: сеанс счётчика не прерывается ради других", "exclusive: a meter's session is not broken up for others" } } }, \
    { .name = "connect_ms", .kind = FIELD_INT, .least = 0, .most = LINK_CONNECT_MOST_MS, .help = { { "ожидание соединения; 0: обычное", "longest wait for the connection; 0: usual" } } }, \
    { .name = "answer_ms", .kind = FIELD_INT, .least = 0, .most = LINK_ANSWER_MOST_MS, .help = { { "ожидание ответа, если у протокола меньше", "longest wait for an answer, where the protocol's is less" } } }
#define LINK_FIELDS \
    { .name = "title", .kind = FIELD_TEXT, .most = 200 }, \
    { .name = "uri", .kind = FIELD_TEXT, .least = 1, .most = 290, .help = { { "всё одной строкой: tcp://10.0.0.7:4001, serial:/dev/ttyS1?9600,8N1", "all in one: tcp://10.0.0.7:4001, serial:/dev/ttyS1?9600,8N1" } } }, \
    { .name = "kind", .kind = FIELD_WORD, .words = link_kind_names }, COMMON_FIELDS

SHAPE(shape_link, "Link", { .name = "id", .kind = FIELD_INT }, LINK_FIELDS, { .name = "devices", .kind = FIELD_INT, .help = { { "сколько устройств использует", "how many devices use it" } } },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_new, "LinkNew", LINK_FIELDS);
SHAPE(shape_change, "LinkChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }, LINK_FIELDS);
static const struct field set_fields[] = { COMMON_FIELDS, { .name = NULL } };
const struct shape shape_link_set = { "LinkSet", set_fields };
SHAPE(shape_many, "LinksChange", { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = MANY_MOST, .of = FIELD_INT },
      { .name = "set", .kind = FIELD_OBJECT, .flags = REQUIRED, .shape = &shape_link_set });
SHAPE(shape_ids, "LinksDelete", { .name = "ids", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = MANY_MOST, .of = FIELD_INT });
SHAPE(shape_deleted, "LinksDeleted", { .name = "deleted", .kind = FIELD_INT }, { .name = "used", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "используются и остались", "in use, and stay" } } });
SHAPE(shape_changed, "LinksChanged", { .name = "changed", .kind = FIELD_INT });
SHAPE(shape_list, "LinkQuery", PAGE_FIELDS, { .name = "search", .kind = FIELD_TEXT, .most = 100 }, { .name = "kind", .kind = FIELD_WORD, .words = link_kind_names },
      { .name = "sort", .kind = FIELD_WORD, .words = sorts }, { .name = "order", .kind = FIELD_WORD, .words = orders });

/* --- looking --------------------------------------------------------------------------------------------------------------- */

static void put_address(struct call *c, const struct store_link *k)
{
    struct link_address a = { 0 };
    char problem[200], format[8];
    struct text t = text_over(problem, sizeof problem);
    bool good = link_address_parse(k->uri, c->lang, &a, &t), serial = a.kind == LINK_SERIAL;
    snprintf(format, sizeof format, "%u%c%u", a.line.bits % 10u, a.line.parity ? a.line.parity : 'N', a.line.stop % 10u);
    json_put_text(&c->out, "kind", good ? link_kind_names[a.kind] : "");
    json_put_text(&c->out, "host", serial ? "" : a.host);
    json_put_int(&c->out, "port", a.port);
    json_put_text(&c->out, "device", serial ? a.host : "");
    json_put_int(&c->out, "baud", a.line_given ? a.line.baud : 0);
    json_put_text(&c->out, "format", a.line_given ? format : "");
    json_put_bool(&c->out, "echo", a.echo);
    json_put_bool(&c->out, "rs485", a.rs485);
    json_put_bool(&c->out, "soft7", a.soft7);
}

static void put_fields(struct call *c, const struct store_link *k)
{
    struct link_settings s = link_settings_read(k->settings);
    json_put_text(&c->out, "title", k->title);
    json_put_text(&c->out, "uri", k->uri);
    put_address(c, k);
    json_put_bool(&c->out, "exclusive", s.exclusive);
    json_put_int(&c->out, "connect_ms", s.connect_ms);
    json_put_int(&c->out, "answer_ms", s.answer_ms);
}

static int64_t devices_over(struct call *c, int64_t link)
{
    int64_t devices = 0;
    store_link_uses(c->api->store, link, &devices);
    return devices;
}

void link_put(struct call *c, const char *key, const struct store_link *k)
{
    json_put_object(&c->out, key);
    json_put_int(&c->out, "id", k->id);
    put_fields(c, k);
    json_put_int(&c->out, "devices", devices_over(c, k->id));
    json_put_int(&c->out, "revision", k->revision);
    json_put_end(&c->out);
}

static bool find_link(struct call *c, int64_t id, struct store_link *k)
{
    if (!call_good(c, store_link_get(c->api->store, id, c->arena, k), REFUSE_IN_USE))
        return false;
    return k->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void put_one(struct call *c, int64_t id)
{
    struct store_link k;
    if (store_link_get(c->api->store, id, c->arena, &k) == FAULT_NONE)
        link_put(c, NULL, &k);
}

static void list_links(struct call *c)
{
    registry_list_put(c, LIST_LINKS, call_text(c->query, "kind", ""), put_one);
}

static void get_link(struct call *c)
{
    struct store_link k;
    if (find_link(c, c->match.number[0], &k))
        link_put(c, NULL, &k);
}

/* --- adding and changing ---------------------------------------------------------------------------------------------------- */

static bool wrong(struct call *c, const char *field, const char *ru, const char *en)
{
    return call_wrong_field(c, field, c->lang == LANG_RU ? ru : en);
}

static void take_host(const json_t *from, struct link_address *a)
{
    const char *kind = call_text(from, "kind", link_kind_names[a->kind]);
    for (int i = 0; link_kind_names[i]; i++)
        if (strcmp(link_kind_names[i], kind) == 0 && (int)a->kind != i)
            *a = (struct link_address){ .kind = (enum link_kind)i, .line = a->line, .soft7 = a->soft7, .echo = a->echo };
    const char *host = call_text(from, a->kind == LINK_SERIAL ? "device" : "host", a->host);
    if (host != a->host)
        snprintf(a->host, sizeof a->host, "%s", host);
    a->port = (uint16_t)call_int(from, "port", a->port);
}

/* Speed and format: both given or both the driver's. */
static bool take_format(struct call *c, const json_t *from, struct link_address *a)
{
    int64_t baud = call_int(from, "baud", a->line_given ? a->line.baud : 0);
    const char *format = call_text(from, "format", NULL);
    if (json_object_get(from, "baud") == NULL && !format)
        return true;
    if (format && *format && !line_format_parse(format, &a->line))
        return wrong(c, "format", "например 8N1 или 7E1", "8N1 or 7E1, for example");
    if (baud && !line_speed_valid((uint32_t)baud))
        return wrong(c, "baud", "такой скорости у линии не бывает", "lines have no such speed");
    if (!baud && format && *format)
        return wrong(c, "baud", "с форматом нужна и скорость", "a format needs a speed, too");
    a->line_given = baud != 0;
    if (baud)
        a->line.baud = (uint32_t)baud;
    return true;
}

static bool take_address(struct call *c, const json_t *from, struct store_link *k)
{
    struct link_address a = { .line = { 9600, 8, 'N', 1 } };
    char problem[256] = "";
    struct text t = text_over(problem, sizeof problem);
    const char *given = call_text(from, "uri", NULL), *uri = given ? given : k->uri;
    if (*uri && !link_address_parse(uri, c->lang, &a, &t) && given)
        return call_wrong_field(c, "uri", problem);
    take_host(from, &a);
    if (!take_format(c, from, &a))
        return false;
    a.echo = call_bool(from, "echo", a.echo);
    a.rs485 = call_bool(from, "rs485", a.rs485);
    a.soft7 = call_bool(from, "soft7", a.soft7);
    char *text = arena_take(c->arena, URI_MAX);
    struct text out = text_over(text, URI_MAX);
    if (!*a.host)
        return wrong(c, a.kind == LINK_SERIAL ? "device" : "host", "обязательное поле", "is required");
    if ((a.kind == LINK_TCP || a.kind == LINK_UDP) && !a.port)
        return wrong(c, "port", "обязательное поле", "is required");
    if (a.rs485 && a.kind != LINK_SERIAL)
        return wrong(c, "rs485", "только у последовательного порта", "of a serial port only");
    link_address_format(&a, &out);
    t = text_over(problem, sizeof problem);
    if (out.cut || !link_address_parse(text, c->lang, &a, &t)) /* a host with a question mark, for one */
        return a.kind == LINK_SERIAL ? call_wrong_field(c, "device", *problem ? problem : "…")
                                     : wrong(c, "host", "нужно имя узла или адрес IP", "a host name or an IP address is needed");
    k->uri = text;
    return true;
}

/* The fields of `from` over what the channel has. */
bool link_take(struct call *c, const json_t *from, struct store_link *k)
{
    struct link_settings s = link_settings_read(k->settings);
    char *settings = arena_take(c->arena, SETTINGS_TEXT_MAX);
    struct text t = text_over(settings, SETTINGS_TEXT_MAX);
    if (!take_address(c, from, k))
        return false;
    s.exclusive = call_bool(from, "exclusive", s.exclusive);
    s.connect_ms = (int)call_int(from, "connect_ms", s.connect_ms);
    s.answer_ms = (int)call_int(from, "answer_ms", s.answer_ms);
    link_settings_format(&s, &t);
    k->settings = settings;
    k->title = call_text(from, "title", k->title);
    if (!*k->title)
        k->title = k->uri;
    return true;
}

static void add_link(struct call *c)
{
    int64_t id = 0;
    struct store_link k = { .title = "", .uri = "", .settings = "", .guid = "", .project = c->caller.project };
    if (!link_take(c, c->body, &k) || !call_good(c, store_link_put(c->api->store, &k, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_LINK_ADD, k.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

const char *link_json(struct call *c, const struct store_link *k)
{
    struct call side = *c;
    struct buffer text = { 0 };
    side.out = (struct json_writer){ .out = &text };
    json_put_object(&side.out, NULL);
    put_fields(&side, k);
    json_put_end(&side.out);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    return kept;
}

static void change_link(struct call *c)
{
    struct store_link k, old;
    if (!find_link(c, c->match.number[0], &k))
        return;
    old = k;
    k.revision = call_int(c->body, "revision", 0);
    if (!link_take(c, c->body, &k) || !call_good(c, store_link_put(c->api->store, &k, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_LINK_UPDATE, k.title, link_json(c, &old), link_json(c, &k));
    get_link(c);
}

/* Those asked for, all of the project; else refused. */
static struct store_link *find_links(struct call *c, size_t *ret_count)
{
    int64_t *ids;
    size_t count = call_ids(c, json_object_get(c->body, "ids"), &ids);
    struct store_link *links = arena_take(c->arena, (count + 1) * sizeof *links);
    for (size_t i = 0; i < count; i++)
        if (!find_link(c, ids[i], &links[i]))
            return NULL;
    *ret_count = count;
    return links;
}

static void change_links(struct call *c)
{
    size_t count = 0;
    struct store_link *links = find_links(c, &count);
    for (size_t i = 0; links && i < count; i++)
        if (!link_take(c, json_object_get(c->body, "set"), &links[i]))
            return;
    if (!links || !call_good(c, store_links_put(c->api->store, links, count), REFUSE_TAKEN))
        return;
    for (size_t i = 0; i < count; i++)
        call_note(c, NOTE_LINK_UPDATE, links[i].title, NULL, link_json(c, &links[i]));
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "changed", (int64_t)count);
    json_put_end(&c->out);
}

/* --- deleting ----------------------------------------------------------------------------------------------------------------- */

static void delete_link(struct call *c)
{
    struct store_link k;
    if (!find_link(c, c->match.number[0], &k))
        return;
    enum fault f = store_link_delete(c->api->store, k.id);
    if (f == FAULT_REFUSED) {
        call_refuse(c, REFUSE_IN_USE);
        call_beside(c);
        json_put_int(&c->out, "devices", devices_over(c, k.id));
        json_put_end(&c->out);
        return;
    }
    if (!call_good(c, f, REFUSE_IN_USE))
        return;
    call_note(c, NOTE_LINK_REMOVE, k.title, link_json(c, &k), NULL);
    call_done(c);
}

static void delete_links(struct call *c)
{
    size_t count = 0, gone = 0;
    struct store_link *links = find_links(c, &count);
    if (!links)
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "used");
    for (size_t i = 0; i < count; i++) {
        enum fault f = store_link_delete(c->api->store, links[i].id);
        if (f == FAULT_REFUSED)
            json_put_int(&c->out, NULL, links[i].id);
        if (f != FAULT_NONE)
            continue;
        gone++;
        call_note(c, NOTE_LINK_REMOVE, links[i].title, link_json(c, &links[i]), NULL);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "deleted", (int64_t)gone);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/links", MAY_READ_CHANNEL_SETTINGS, ROUTE_LIST, &shape_list, NULL, &shape_link, NULL, 0, list_links, { { "каналы связи", "channels" } } },
    { "POST", V1 "/links", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_new, NULL, NULL, 0, add_link, { { "добавить канал связи", "add a channel" } } },
    { "POST", V1 "/links/edit", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_many, &shape_changed, NULL, 0, change_links, { { "изменить несколько каналов связи", "change several channels" } } },
    { "POST", V1 "/links/delete", MAY_DELETE_CHANNEL_SETTINGS, 0, NULL, &shape_ids, &shape_deleted, NULL, 0, delete_links, { { "удалить несколько каналов связи", "delete several channels" } } },
    { "GET", V1 "/links/{id}", MAY_READ_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_link, NULL, 0, get_link, { { "канал связи", "a channel" } } },
    { "PATCH", V1 "/links/{id}", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_change, &shape_link, NULL, 0, change_link, { { "изменить канал связи", "change a channel" } } },
    { "DELETE", V1 "/links/{id}", MAY_DELETE_CHANNEL_SETTINGS, 0, NULL, NULL, NULL, NULL, 0, delete_link, { { "удалить неиспользуемый канал связи", "delete a channel that nothing uses" } } },
};

ROUTE_TABLE(rows);
