/* «Основной порт СКЗИ» (manual S0 4.2.2.4): the program's pages and API over GOST TLS 1.2 (RFC 9189) on a port of its own, as the row
 * `skzi` of the table of servers says. README.md. */
#pragma once
#include "upstream/service.h"
#include "upstream/skzi/talk.h"

extern const struct upstream_service service_skzi;

enum { SKZI_PORT = 8080 /* as the manual's picture has it */ };

enum skzi_state { SKZI_OFF, SKZI_STARTING, SKZI_WORKS, SKZI_NO_ENGINE, SKZI_BAD_IDENTITY, SKZI_BAD_PORT, SKZI_FAILED, SKZI_STATES };
extern const char *const skzi_state_names[]; /* "off", "works"...; NULL behind the last */

/* A sentence for people: «не установлен пакет libengine-gost-openssl». */
const char *skzi_state_text(enum skzi_state state, enum lang lang);

struct skzi_look {
    enum skzi_state state;
    int port;                     /* of the table; 0: none */
    char trouble[160];            /* in the system's words; "" */
    char suite[TALK_SUITE_MAX];   /* of the last client */
    struct talk_figures figures;  /* since the port was opened */
    int64_t proven_ms;            /* UTC; since this port was opened with this certificate a signed-in person has been answered over it; 0: nobody yet */
};

/* `state` is what upstream_state gives; NULL is a service that does not live here. Any thread. */
void skzi_look(void *state, struct skzi_look *ret);

/* Plain HTTP of clients comes by these sockets from now on (`from`: their addresses); a NULL `take` ends that before it returns.
 * Until the first call no port is opened. */
typedef void skzi_take_fn(void *context, int socket, const struct sockaddr *from, socklen_t size);
void skzi_serve(void *state, skzi_take_fn *take, void *context);

/* A signed-in person's request came this way. */
void skzi_proven(void *state);

/* Whether the box could be reached by that port alone: it is open there, and somebody has proved that he gets in. */
bool skzi_stands(void *state, int port);
