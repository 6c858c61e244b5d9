/* What a gateway keeps of itself: forms that a person fills in and writes as a whole (network, modem, time), and the table of
 * servers. Each has a revision: who writes says which one he saw. A write is on the disk before the call returns. */
#pragma once
#include "store/store.h"

/* The form's text (JSON) in `a` and its revision; "" and 1 before the first put. */
enum fault store_form_get(struct store *s, const char *name, struct arena *a, const char **ret_content, int64_t *ret_revision);

/* FAULT_CHANGED when the revision is not the one that was seen. */
enum fault store_form_put(struct store *s, const char *name, const char *content, int64_t revision);

/* ---- servers (manual S0 4.2.2.3) ---- */

enum { STORE_SERVERS_MAX = 16, STORE_SERVER_TYPE_MAX = 24 };

struct store_server {
    char type[STORE_SERVER_TYPE_MAX]; /* "http", "transit-1", "rtu327": upstream/servers.h */
    int port;
    bool tls;
};

/* By port, at most STORE_SERVERS_MAX. A fresh database has HTTP on port 80. */
enum fault store_servers(struct store *s, struct store_server ret[STORE_SERVERS_MAX], size_t *ret_count, int64_t *ret_revision);

/* The whole table at once. FAULT_CHANGED when the revision is not the one that was seen, FAULT_REFUSED for two of one type or on
 * one port: nothing was changed. */
enum fault store_servers_put(struct store *s, const struct store_server *rows, size_t count, int64_t revision);
