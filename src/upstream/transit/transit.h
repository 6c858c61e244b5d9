/* Transit («режим модема», manuals S0 4.2.2.3, S1 3.8, S4 12): a TCP port for each digital interface, raw bytes both ways over the
 * very line that collection uses. Collection lets a client in between two exchanges and goes on behind him. RFC 2217 is spoken to
 * who begins with it. */
#pragma once
#include "upstream/service.h"
#include "upstream/transit/session.h"

extern const struct upstream_service service_transit;

enum { TRANSIT_CLIENTS = 5 /* on one port, S4 12.5 */, TRANSIT_REASON_MAX = 120 };

/* How the transit server of an interface goes. */
struct transit_view {
    int port;                          /* 0: the table of servers has none for it */
    bool listening;                    /* the port is open */
    char trouble[TRANSIT_REASON_MAX];  /* why it is not, in the server's language; "" */
    struct transit_session_view clients[TRANSIT_CLIENTS];
    size_t count;
};

/* `state` is what upstream_state gives; any thread. */
void transit_look(void *state, int number, struct transit_view *ret);

/* Words for how sessions ended: "left", "silent"...; and sentences for people. */
extern const char *const transit_end_names[TRANSIT_ENDS];
const char *transit_end_text(enum transit_end why, enum lang lang);
