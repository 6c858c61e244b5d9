/* The gateway's table of servers (manual S0 4.2.2.3): who listens on which port. A service that is one of them asks for its own
 * row at its start and whenever it is told of a change (service.h: changed). */
#pragma once
#include "base/lang.h"
#include "store/store.h"

enum server_type { SERVER_HTTP, SERVER_TRANSIT_1, SERVER_TRANSIT_8 = SERVER_TRANSIT_1 + 7, SERVER_RTU327, SERVER_SKZI, SERVER_TYPES };

enum { SERVER_HTTP_PORT = 80 /* of a new box */ };

struct server_setting {
    enum server_type type;
    int port;  /* 1..65535 */
    bool tls;  /* TLS 1.2 and newer, with the certificate of upstream_house; SERVER_SKZI always: GOST TLS with one of its own */
};

/* "http", "transit-3", "rtu327", "skzi": as it is stored and as the API speaks; SERVER_TYPES for a name that is none. */
const char *server_type_name(enum server_type type);
enum server_type server_type_find(const char *name);

/* «Сервер транзита интерфейса 3», as the manual calls it. */
const char *server_type_title(enum server_type type, enum lang lang);

/* The table by port, and its revision. */
enum fault servers_read(struct store *s, struct server_setting ret[SERVER_TYPES], size_t *ret_count, int64_t *ret_revision);

/* The row of one type. False when the table has none (the server is off) or the database does not answer. */
bool server_wanted(struct store *s, enum server_type type, struct server_setting *ret);

/* Replaces the table. FAULT_REFUSED for two of one type or on one port, FAULT_CHANGED when somebody else has written it. Who calls
 * this tells the services (upstream_all_changed). */
enum fault servers_write(struct store *s, const struct server_setting *rows, size_t count, int64_t revision);
