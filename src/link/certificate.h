/* Self-signed certificates, for servers of this machine whose administrator has given none. */
#pragma once
#include "base/arena.h"

#include <openssl/evp.h>

/* Made out to `name` and signed by the key's owner with `digest`; valid for twenty years from yesterday (a box may wake with a wrong
 * clock). `usage`: X.509's key usage in OpenSSL's words, NULL: none is said. PEM texts in `a`. False when it cannot be made. */
bool certificate_make(EVP_PKEY *key, const EVP_MD *digest, const char *name, const char *usage, struct arena *a, const char **ret_certificate,
                      const char **ret_key);
