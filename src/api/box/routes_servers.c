/* The gateway's table of servers (manual S0 4.2.2.3): written as a whole; no two of one type, no two on one port. */
#include "api/call.h"
#include "api/routes.h"
#include "upstream/servers.h"
#include "upstream/skzi/settings.h"
#include "upstream/skzi/skzi.h"

#include <stdio.h>

#define V1 "/api/v1"

static const char *const types[] = { "http", "transit-1", "transit-2", "transit-3", "transit-4", "transit-5", "transit-6", "transit-7", "transit-8", "rtu327", "skzi", NULL };

#define SERVER_FIELDS \
    { .name = "type", .kind = FIELD_WORD, .flags = REQUIRED, .words = types }, \
    { .name = "port", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = 65535 }, \
    { .name = "tls", .kind = FIELD_BOOL, .help = { { "TLS 1.2 и новее; у порта СКЗИ всегда TLS по ГОСТ", "TLS 1.2 and newer; the port of GOST TLS always has its own" } } }

SHAPE(shape_server, "GatewayServer", SERVER_FIELDS, { .name = "title", .kind = FIELD_TEXT });
SHAPE(shape_server_new, "GatewayServerRow", SERVER_FIELDS);
SHAPE(shape_type, "GatewayServerType", { .name = "type", .kind = FIELD_WORD, .words = types }, { .name = "title", .kind = FIELD_TEXT });
SHAPE(shape_servers, "GatewayServers", { .name = "items", .kind = FIELD_LIST, .shape = &shape_server }, { .name = "types", .kind = FIELD_LIST, .shape = &shape_type },
      { .name = "http_port", .kind = FIELD_INT, .help = { { "на каком порту этот ответ", "the port that this answer comes from" } } },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_servers_change, "GatewayServersChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "items", .kind = FIELD_LIST, .flags = REQUIRED, .least = 0, .most = SERVER_TYPES, .shape = &shape_server_new });

SHAPE(shape_seen, "GatewayServersSeen", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX });

static void put_server(struct call *c, const struct server_setting *row)
{
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "type", server_type_name(row->type));
    json_put_int(&c->out, "port", row->port);
    json_put_bool(&c->out, "tls", row->tls);
    json_put_text(&c->out, "title", server_type_title(row->type, c->lang));
    json_put_end(&c->out);
}

static int64_t fronted_port(struct call *c)
{
    struct skzi_look l;
    skzi_look(c->api->skzi, &l);
    return l.port;
}

static void put_table(struct call *c)
{
    struct server_setting table[SERVER_TYPES];
    size_t count = 0;
    int64_t revision = 0;
    if (!call_good(c, servers_read(c->api->store, table, &count, &revision), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++)
        put_server(c, &table[i]);
    json_put_end(&c->out);
    json_put_list(&c->out, "types");
    for (enum server_type type = 0; type < SERVER_TYPES; type++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "type", server_type_name(type));
        json_put_text(&c->out, "title", server_type_title(type, c->lang));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "http_port", c->request->fronted ? fronted_port(c) : doors_port(c->api->doors));
    json_put_int(&c->out, "revision", revision);
    json_put_end(&c->out);
}

/* Only a gateway has the table. */
static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_servers(struct call *c)
{
    if (here(c))
        put_table(c);
}

static void wrong_row(struct call *c, size_t row, const char *field, const char *message)
{
    char name[48];
    snprintf(name, sizeof name, "items[%zu].%s", row, field);
    problem_add(&c->problems, name, message);
}

/* The manual's two rules, told at the later row; and the way in stays. */
static bool table_right(struct call *c, const struct server_setting *table, size_t count)
{
    static const struct phrase same_type = { { "сервер этого типа уже есть", "there is a server of this type already" } };
    static const struct phrase same_port = { { "порт уже занят другим сервером", "another server has this port" } };
    static const struct phrase way_in = { { "без сервера HTTP на устройство нельзя будет войти; удалить его можно, когда открыт порт СКЗИ и через него уже вошли",
                                            "without the HTTP server nobody could sign in; it can be deleted once the port of GOST TLS is open and somebody has signed in by it" } };
    bool http = false, skzi = false;
    for (size_t i = 0; i < count; i++) {
        bool type_taken = false, port_taken = false;
        for (size_t k = 0; k < i; k++) {
            type_taken |= table[k].type == table[i].type;
            port_taken |= table[k].port == table[i].port;
        }
        if (type_taken)
            wrong_row(c, i, "type", phrase_in(&same_type, c->lang));
        if (port_taken)
            wrong_row(c, i, "port", phrase_in(&same_port, c->lang));
        http |= table[i].type == SERVER_HTTP;
        skzi |= table[i].type == SERVER_SKZI && skzi_stands(c->api->skzi, table[i].port);
    }
    if (!http && !skzi)
        problem_add(&c->problems, "items", phrase_in(&way_in, c->lang));
    return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
}

static void change_servers(struct call *c)
{
    struct server_setting table[SERVER_TYPES];
    const json_t *items = json_object_get(c->body, "items");
    size_t count = json_array_size(items);
    if (!here(c))
        return;
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(items, i);
        table[i] = (struct server_setting){ server_type_find(call_text(row, "type", "")), (int)call_int(row, "port", 0), call_bool(row, "tls", false) };
        table[i].tls |= table[i].type == SERVER_SKZI;
    }
    if (!table_right(c, table, count) || !call_good(c, servers_write(c->api->store, table, count, call_int(c->body, "revision", 0)), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, "servers", NULL, call_json(c, c->body));
    upstream_all_changed(c->api->upstream);
    put_table(c);
}

/* «Сбросить настройки»: as a new box has them. The way in by plain HTTP is there again, so nobody is locked out. */
static void reset_servers(struct call *c)
{
    const struct server_setting fresh = { .type = SERVER_HTTP, .port = SERVER_HTTP_PORT };
    struct skzi_identity own = { .certificate = "", .key = "" }, stored;
    if (!here(c) || !call_good(c, servers_write(c->api->store, &fresh, 1, call_int(c->body, "revision", 0)), REFUSE_TAKEN) ||
        !call_good(c, skzi_identity_read(c->api->store, c->api->vault, c->arena, &stored), REFUSE_IN_USE))
        return;
    own.revision = stored.revision;
    if (*stored.certificate && !call_good(c, skzi_identity_write(c->api->store, c->api->vault, &own), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, "servers", NULL, "{\"reset\":true}");
    upstream_all_changed(c->api->upstream);
    put_table(c);
}

static const struct route rows[] = {
    { "GET", V1 "/servers", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_servers, NULL, 0, get_servers, { { "серверы шлюза и их порты", "the gateway's servers and their ports" } } },
    { "PATCH", V1 "/servers", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_servers_change, &shape_servers, NULL, 0, change_servers, { { "записать таблицу серверов шлюза целиком", "write the gateway's table of servers as a whole" } } },
    { "POST", V1 "/servers/reset", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_seen, &shape_servers, NULL, 0, reset_servers, { { "вернуть таблицу серверов к заводской: HTTP на порту 80; сертификат СКЗИ делается заново", "the table of servers as a new gateway has it: HTTP on port 80; the certificate of GOST TLS is made anew" } } },
};

ROUTE_TABLE(rows);
