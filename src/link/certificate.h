/* Self-signed certificates, for servers of this machine whose administrator has given none; what a certificate says of itself. */
#pragma once
#include "base/arena.h"

#include <openssl/evp.h>
#include <stdint.h>

/* Made out to `name` and signed by the key's owner with `digest`; valid for twenty years from yesterday (a box may wake with a wrong
 * clock). `usage`: X.509's key usage in OpenSSL's words, NULL: none is said. PEM texts in `a`. False when it cannot be made. */
bool certificate_make(EVP_PKEY *key, const EVP_MD *digest, const char *name, const char *usage, struct arena *a, const char **ret_certificate,
                      const char **ret_key);

struct certificate_words {
    char subject[200], not_before[24], not_after[24]; /* times of UTC, ISO 8601 */
    int64_t ends_s;                                   /* UTC: the second behind which it is no longer valid */
    char fingerprint[65];                             /* SHA-256, hex */
};

/* Each certificate of a PEM text, in order, whatever its key; false stops. Returns how many there were. */
typedef bool certificate_words_fn(void *context, const struct certificate_words *c);
size_t certificates_look(const char *pem, certificate_words_fn *each, void *context);

/* The first of them; false: there is none. */
bool certificate_look(const char *pem, struct certificate_words *ret);
