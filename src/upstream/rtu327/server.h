/* The TCP server that head-ends take for an RTU-327: one thread, a task for each client, answers from the store alone.
 *
 * A client that floods, stalls or goes away costs a few KiB and nobody's time: a request has seconds to come whole, an answer to be
 * taken; between two requests others have their turn; who is silent too long, sends nonsense or guesses passwords is let go. */
#pragma once
#include "base/text.h"
#include "link/tls.h"
#include "upstream/rtu327/settings.h"

struct rtu327_server;

enum {
    RTU327_CLIENTS = 64,             /* at once; later ones are let go */
    RTU327_CLIENTS_OF_ADDRESS = 16,
    RTU327_IDLE_S = 300,             /* silence after which a client is let go */
    RTU327_FRAME_S = 10,             /* a request's first byte to its last; a handshake */
    RTU327_SEND_S = 30,              /* an answer, to be taken by the client */
    RTU327_REFUSALS = 5,             /* wrong passwords in a row, a second apart */
    RTU327_NOISE = 4096,             /* bytes that are no request, in a row */
};

struct rtu327_server_options {
    const char *address;                    /* "": every one of this machine */
    uint16_t port;                          /* 0: any free one */
    const struct rtu327_settings *settings; /* copied */
    const struct tls_identity *identity;    /* NULL: without TLS; outlives the server */
    int idle_s, frame_s;                    /* 0: as above; tests are in more of a hurry */
};

/* Listens and answers until it is freed. NULL, the reason in `why`, when the port cannot be had. */
struct rtu327_server *rtu327_server_new(struct store *s, const struct rtu327_server_options *options, struct text *why);
void rtu327_server_free(struct rtu327_server **server);

struct rtu327_figures {
    int64_t clients; /* now */
    int64_t connections, turned_away, requests, refused, wrong_passwords; /* since it began; refused: answered with an error */
    int64_t asked_ms; /* the last request, UTC; 0: none */
};

/* Any thread. */
void rtu327_server_meters_changed(struct rtu327_server *server);
uint16_t rtu327_server_port(const struct rtu327_server *server);
struct rtu327_figures rtu327_server_figures(const struct rtu327_server *server);
