/* Requests of the protocol SMART that come by another way than HTTP (upstream/mqtt/requests.h): answered by the same routes. */
#pragma once
#include "api/api.h"

/* The api must outlive whoever is given it. Reading: data, the table of meters, readings of the moment; with `control` relays and the
 * brokers as they are set, too. Nobody signs in this way. */
struct upstream_answerer smart_desk(struct api *api);
