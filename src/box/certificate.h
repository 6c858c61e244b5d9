/* The box's own certificate, for TLS where the administrator has given none: made once, self-signed, kept in the database with its
 * key sealed. */
#pragma once
#include "store/registry/vault.h"
#include "store/store.h"

/* PEM texts in `a`; made when there are none. `name` is what the certificate is made out to. False when it cannot be kept or made. */
bool box_certificate(struct store *s, const struct vault *v, const char *name, struct arena *a, const char **ret_certificate, const char **ret_key);

/* The one that the administrator has given instead (PEM, to outlive the program's work), for the list of certificates. */
void box_certificate_given(const char *certificate);
