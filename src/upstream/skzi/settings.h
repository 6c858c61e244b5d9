/* The certificate of the СКЗИ port: made by the box, or given by a person. The key is sealed. */
#pragma once
#include "store/registry/vault.h"
#include "store/store.h"

enum { SKZI_PEM_MAX = 32 << 10 };

struct skzi_identity {
    bool given;                    /* by a person; else made by the box */
    const char *certificate, *key; /* PEM; "": none yet */
    int64_t revision;
};

/* Texts in `a`. A key that cannot be unsealed (another box's) is "". */
enum fault skzi_identity_read(struct store *s, const struct vault *v, struct arena *a, struct skzi_identity *ret);

/* FAULT_CHANGED: somebody else has written. Empty texts: the box is to make its own anew. */
enum fault skzi_identity_write(struct store *s, const struct vault *v, const struct skzi_identity *i);
