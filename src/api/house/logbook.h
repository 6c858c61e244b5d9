/* The program's own log lines, kept for a page (manual S3 2.2.31): what base/log.h writes goes through a bounded queue into
 * the store's ring, a second later. */
#pragma once
#include "store/house/house.h"

struct logbook;

/* From now on every line is kept. `failed` is told of errors, on the logbook's own thread. The store must outlive it. */
struct logbook *logbook_new(struct store *s, void (*failed)(void *context, const char *what), void *context);

/* Stores what waits. After every other thread has ended. */
void logbook_free(struct logbook **b);

/* The services that lines belong to: "collection", "http", "database", "mail", "people", "server". NULL-terminated. */
extern const char *const logbook_services[];
