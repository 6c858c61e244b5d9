/* The gateway's own push to a head-end (docs/push.md): readings, events and states go up and are acknowledged when the head-end has
 * stored them; orders come down the same connection, which the gateway opens. A service of the gateway. */
#pragma once
#include "upstream/push/centre_settings.h"
#include "upstream/service.h"

extern const struct upstream_service service_centre;

enum centre_state { CENTRE_OFF, CENTRE_WAITING, CENTRE_CONNECTING, CENTRE_CONNECTED, CENTRE_STATES };
enum { CENTRE_TROUBLE_MAX = 200 };

struct centre_view {
    enum centre_state state;
    int64_t since_ms;                  /* UTC of the state */
    char trouble[CENTRE_TROUBLE_MAX];  /* why the last try failed or the connection broke, in the server's language; "" */
    char head_end[120];                /* as it calls itself */
    int64_t next_ms;                   /* UTC of the next try; 0: none waits */
    int64_t behind, behind_since_ms;   /* rows of the feed that are not acknowledged; since when there are any, 0: none */
    int64_t lost;                      /* rows that the feed had no room for: what is missing is sent from the archives */
    int64_t all_done, all_count;       /* meters whose whole archive went, while that is under way; equal: it is not */
    int64_t sent, received;            /* bytes since the program began */
    int64_t acknowledged_ms;           /* UTC of the last acknowledgement; 0: none yet */
    int64_t parcels, readings_left;    /* acknowledged since the program began; under way now */
    int64_t orders;                    /* that go on */
    int64_t refused_meters;            /* that the head-end did not take */
};

/* `state` is what upstream_state gives; any thread. */
void centre_look(void *state, struct centre_view *ret);

/* Tries at once; waits up to the time for it to come to something. What it came to is in the view. */
void centre_try(void *state, int wait_ms, struct centre_view *ret);

/* Everything in the archives is sent again, behind what is new. */
void centre_again(void *state);
