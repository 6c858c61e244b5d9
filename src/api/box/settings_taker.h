/* What becomes of files that a server above holds ready for this gateway: settings are loaded, updates offered. */
#pragma once
#include "api/api.h"

/* The api must outlive whoever is given it. */
struct upstream_taker settings_taker(struct api *api);
