/* Passwords and keys of meters lie sealed in the registry: "password=sealed:...;address=26" (vault.h). Rows are sealed on their
 * way in, whoever puts them; what a driver's table calls secret is. Rows come out sealed, and only who is about to tell a
 * driver, or must judge what a person typed, opens them. Any thread. */
#pragma once
#include "store/registry/vault.h"
#include "store/store.h"

/* The vault of the database, opened at first need; lives as long as the store. NULL: store_error_last says why. */
const struct vault *store_vault(struct store *s);

/* "name=value;..." with what is sealed opened; in `a` when there was any. Values that do not open (sealed with another key, or
 * there is no key) are left out, and *ret_lost, which may be NULL, tells whether there were such. */
const char *secrets_open(struct store *s, const char *parameters, struct arena *a, bool *ret_lost);

/* Whether a value of "name=value" may not be what a person typed: sealed values come from the store alone. */
bool secrets_reserved(const char *value);

/* How many bytes sealing may add to the parameters of one row. */
enum { SECRETS_GROW = 1000 };
