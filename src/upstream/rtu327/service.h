/* The RTU-327 server as a service of the program: begun, ended and changed with its settings. */
#pragma once
#include "upstream/rtu327/server.h"
#include "upstream/service.h"

extern const struct upstream_service service_rtu327;

enum { RTU327_TROUBLE_MAX = 200 };

struct rtu327_status {
    bool listening;
    uint16_t port;                     /* that it listens on */
    char trouble[RTU327_TROUBLE_MAX];  /* why it does not, though it should; "" for none */
    struct rtu327_figures figures;     /* since it listens */
};

/* Of what upstream_state gave; any thread. */
struct rtu327_status rtu327_service_status(void *state);
