/* Gateways that deliver to this head-end (docs/push.md): their door, who they are, what they bring and what they are ordered. A
 * service of the head-end. */
#pragma once
#include "store/upward/gateways.h"
#include "upstream/push/proof.h"
#include "upstream/service.h"

extern const struct upstream_service service_gateways;

/* The door, as a form. */
struct gateways_door {
    bool enabled;
    char host[PUSH_HOST_MAX]; /* by which gateways reach this head-end: stands in their codes; "": not said yet */
    int port;
    bool plain;               /* without TLS */
    int away_s;               /* out of contact for so long, and people are told; 0: never */
    int64_t revision;
};
enum fault gateways_door_get(struct store *s, struct gateways_door *ret);
/* FAULT_CHANGED when the revision is not the present one. Who calls it tells the service (upstream_changed). */
enum fault gateways_door_put(struct store *s, const struct gateways_door *d);

enum { GATEWAYS_TROUBLE_MAX = 200, GATEWAY_AWAY_USUAL_S = 900, GATEWAY_AWAY_MOST_S = 604800 };

struct gateways_door_view {
    bool listening;
    int port;
    char trouble[GATEWAYS_TROUBLE_MAX]; /* why it does not, in the server's language; "" */
    char pin[65];                       /* of the certificate; "" without TLS */
    int64_t connected, refused;         /* now; tries that were refused since the program began */
};
void gateways_door_look(void *state, struct gateways_door_view *ret);

/* A gateway as it is connected now. */
struct gateway_view {
    bool connected;
    int64_t since_ms;                   /* UTC of the connection */
    char address[64];
    int64_t behind, behind_since_ms;    /* rows that it has not delivered; since when, 0: none */
    int64_t readings, events;           /* that came over this connection and were new */
    int64_t refused;                    /* items that could not be taken: of meters that are not its own */
    int64_t orders;                     /* under way */
    char trouble[32];                   /* a word for why the last try was refused: "revoked", "proof"; "" */
    int64_t trouble_ms;
};
bool gateways_look(void *state, int64_t gateway, struct gateway_view *ret);

/* Tells people of gateways that have been out of contact for longer than the door's form says, and when they are back: each once,
 * whatever restarts. Only time in which this head-end listened itself counts. Called every few seconds by whoever has a clock. */
struct notices;
void gateways_watch(void *state, struct notices *n);

/* Its key was taken away or changed: the connection ends. */
void gateways_expel(void *state, int64_t gateway);

/* Everything in its archives is to be sent again. False when it is not connected. */
bool gateways_again(void *state, int64_t gateway);

/* A key for the gateway as a code to be carried there; the row is written. FAULT_SETTING when the door has no host. */
enum fault gateways_code(void *state, const struct store_gateway *g, char code[PUSH_CODE_MAX]);
