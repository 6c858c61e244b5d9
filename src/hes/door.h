/* Where people and programs come in: the HTTP server at the address of the command line, or, at a gateway without one, on the port
 * of its table of servers (manual S0 4.2.2.3), which may move while the program runs; and a gateway's СКЗИ port. Where the table has a
 * СКЗИ port and no HTTP row, nothing else is open. */
#pragma once
#include "api/api.h"
#include "hes/hes.h"

struct door;

struct door_options {
    const struct hes_options *hes;
    const char *certificate, *key; /* for the table's HTTP row with TLS; NULL: none */
};

/* Sets api->doors, and tells people on stdout where it listens. False, the reason in `problem`,
 * when it cannot listen: at a gateway's first start at least, later door_keep goes on trying. */
bool door_open(struct api *api, const struct door_options *options, struct text *problem, struct door **ret);

/* Moves when the table says another port; every few seconds. The former port is served until the new one is open. */
void door_keep(struct door *d);
void door_free(struct door **d);
