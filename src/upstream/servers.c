/* The table of servers; see servers.h. */
#include "upstream/servers.h"
#include "store/box/forms.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)SERVER_TYPES <= (int)STORE_SERVERS_MAX, "every type has room in the table");

static const struct row {
    const char *name;
    struct phrase title;
} rows[SERVER_TYPES] = {
#define TRANSIT(n) [SERVER_TRANSIT_1 + n - 1] = { "transit-" #n, { { "Сервер транзита интерфейса " #n, "Transit server of interface " #n } } }
    [SERVER_HTTP] = { "http", { { "HTTP сервер", "HTTP server" } } },
    TRANSIT(1), TRANSIT(2), TRANSIT(3), TRANSIT(4), TRANSIT(5), TRANSIT(6), TRANSIT(7), TRANSIT(8),
    [SERVER_RTU327] = { "rtu327", { { "Сервер RTU327", "RTU327 server" } } },
    [SERVER_SKZI] = { "skzi", { { "Основной порт СКЗИ", "Main port of GOST TLS" } } },
#undef TRANSIT
};

const char *server_type_name(enum server_type type)
{
    return rows[type].name;
}

enum server_type server_type_find(const char *name)
{
    enum server_type type = 0;
    while (type < SERVER_TYPES && strcmp(rows[type].name, name) != 0)
        type++;
    return type;
}

const char *server_type_title(enum server_type type, enum lang lang)
{
    return phrase_in(&rows[type].title, lang);
}

enum fault servers_read(struct store *s, struct server_setting ret[SERVER_TYPES], size_t *ret_count, int64_t *ret_revision)
{
    struct store_server stored[STORE_SERVERS_MAX];
    size_t all = 0, count = 0;
    enum fault fault = store_servers(s, stored, &all, ret_revision);
    for (size_t i = 0; i < all && count < SERVER_TYPES; i++) {
        enum server_type type = server_type_find(stored[i].type);
        if (type < SERVER_TYPES) /* a newer program's type is left alone */
            ret[count++] = (struct server_setting){ type, stored[i].port, stored[i].tls };
    }
    *ret_count = count;
    return fault;
}

bool server_wanted(struct store *s, enum server_type type, struct server_setting *ret)
{
    struct server_setting all[SERVER_TYPES];
    size_t count = 0;
    int64_t revision;
    if (servers_read(s, all, &count, &revision) != FAULT_NONE)
        return false;
    for (size_t i = 0; i < count; i++)
        if (all[i].type == type) {
            *ret = all[i];
            return true;
        }
    return false;
}

enum fault servers_write(struct store *s, const struct server_setting *wanted, size_t count, int64_t revision)
{
    struct store_server stored[STORE_SERVERS_MAX];
    if (count > SERVER_TYPES)
        return FAULT_REFUSED;
    for (size_t i = 0; i < count; i++) {
        stored[i] = (struct store_server){ .port = wanted[i].port, .tls = wanted[i].tls };
        snprintf(stored[i].type, sizeof stored[i].type, "%s", rows[wanted[i].type].name);
    }
    return store_servers_put(s, stored, count, revision);
}
