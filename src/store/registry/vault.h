/* Secrets that must be used again (passwords and keys of meters, the mail server's password, second factors) lie sealed in the
 * database; the key lies in a file beside it, readable by its owner alone. Who gets a copy of the database without that file
 * has no secrets.
 *
 * libsodium's secretbox (XSalsa20-Poly1305) with a random nonce; a sealed text is "sealed:" and base64. Any thread. */
#pragma once
#include "base/arena.h"
#include "store/trouble.h"

struct vault;

/* What a sealed text begins with. */
#define VAULT_SEALED "sealed:"

enum { VAULT_PATH_MAX = 4096, VAULT_MARK_TEXT = 33 };

/* "<database>.key". */
void vault_path(const char *database, char path[VAULT_PATH_MAX]);

/* The key of that database, made when there is none. NULL, *ret saying why, when the file cannot be read or made, is no key,
 * or others may read it. A store has its own: store_vault in secrets.h. */
struct vault *vault_open(const char *database, struct store_error *ret);
void vault_free(struct vault **v);

/* "" stays "". The text is in `a`. */
const char *vault_seal(const struct vault *v, const char *secret, struct arena *a);

/* What was sealed; a text that never was comes back as it is. NULL when it was sealed with another key or is damaged. */
const char *vault_unseal(const struct vault *v, const char *sealed, struct arena *a);

/* The same for bytes, VAULT_BOX_GROWS longer sealed. NULL data when it was sealed with another key or is damaged. */
enum { VAULT_BOX_GROWS = 40 };
struct bytes vault_seal_bytes(const struct vault *v, struct bytes secret, struct arena *a);
struct bytes vault_unseal_bytes(const struct vault *v, struct bytes sealed, struct arena *a);

/* True for what vault_seal wrote. */
bool vault_is_sealed(const char *text);

/* By which the same secret is known again, and which tells nothing of it without the key: hex. Returns `mark`. */
char *vault_mark(const struct vault *v, const char *secret, char mark[VAULT_MARK_TEXT]);
