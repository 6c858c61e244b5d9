/* Any bytes as a package of an update: nothing is believed that the key did not sign, whatever stands there; signed nonsense is told
 * apart from a manifest. */
#include "box/package.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4096 };

/* The bytes as a manifest that the maker signed. */
static void sign(const uint8_t *data, size_t size, const unsigned char secret[PACKAGE_SECRET], struct text *t)
{
    unsigned char signature[crypto_sign_BYTES];
    text_put(t, "svod-package-1\n");
    text_put_bytes(t, bytes_of(data, size));
    text_put(t, "\n");
    crypto_sign_detached(signature, NULL, (const unsigned char *)t->start, t->size, secret);
    char hex[sizeof signature * 2 + 1];
    sodium_bin2hex(hex, sizeof hex, signature, sizeof signature);
    text_put(t, hex);
    text_put(t, "\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char key[PACKAGE_KEY], secret[PACKAGE_SECRET];
    static const unsigned char seed[crypto_sign_SEEDBYTES] = { 7 };
    static char memory[MOST * 2];
    struct package p;
    if (sodium_init() < 0 || size > MOST)
        return 0;
    crypto_sign_seed_keypair(key, secret, seed);
    if (package_head(bytes_of(data, size), key, &p) == PACKAGE_GOOD)
        abort(); /* nobody has our secret */
    struct text t = text_over(memory, sizeof memory);
    sign(data, size, secret, &t);
    if (package_head(bytes_of(t.start, t.size), key, &p) == PACKAGE_GOOD && (!version_good(p.version) || !version_good(p.minimum) || p.size <= 0 || p.head > t.size))
        abort();
    return 0;
}
