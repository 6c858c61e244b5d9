/* To which head-end a gateway delivers (page «Центр», docs/push.md): one form in the database, its key sealed. */
#pragma once
#include "store/registry/vault.h"
#include "store/store.h"
#include "upstream/push/proof.h"

enum centre_security { CENTRE_TLS, CENTRE_PLAIN, CENTRE_SECURITIES };
enum { CENTRE_AUTHORITY_MAX = 64 << 10 };

struct centre_settings {
    bool enabled;
    struct push_code code;         /* where to, as whom, with which key, whom to trust */
    enum centre_security security;
    char interface[16];            /* the network interface by which it is reached; "": whichever way there is */
    const char *authority;         /* PEM; "": with a pin nobody else, without one whom this machine trusts. In the arena */
    int64_t revision;
};

/* Words of the API. */
extern const char *const centre_security_names[CENTRE_SECURITIES + 1];

/* As it was set, or its presets. A key that was sealed with another key is "". */
enum fault centre_settings_get(struct store *s, const struct vault *v, struct arena *a, struct centre_settings *ret);

/* FAULT_CHANGED when the revision is not the present one. Who calls it tells the service (upstream_changed). */
enum fault centre_settings_put(struct store *s, const struct vault *v, const struct centre_settings *c);
