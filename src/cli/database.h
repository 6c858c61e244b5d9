/* Opening the database for a command, with its mistakes told. */
#pragma once
#include "cli/options.h"
#include "store/store.h"

/* NULL after the reason was told on stderr. */
struct store *database_open(const char *path, const struct store_options *options, const char *command, enum lang lang);

/* Tells why the last call failed; returns EXIT_DATABASE. */
int database_complain(struct store *s, const char *command, enum lang lang);

/* Depths "day=60,month=400,profile=60,journal=30" in days into depth_days; false for a name or number that is none. */
bool depths_parse(const char *text, uint16_t depth_days[]);
