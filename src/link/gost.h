/* GOST cryptography (GOST R 34.10-2012, 34.11-2012, 34.12-2015) by OpenSSL's engine "gost", Debian's package libengine-gost-openssl.
 *
 * An engine belongs to a whole process: once it is there, every TLS of the process offers GOST. So nobody begins it but the process
 * that does nothing else (upstream/skzi/child.c). It is not a certified means of protection. */
#pragma once
#include "base/arena.h"
#include "base/text.h"

/* The package whose absence gost_begin usually means. */
#define GOST_PACKAGE "libengine-gost-openssl"

/* Loads the engine. False, the reason in `why`, when there is none or it does not work. */
bool gost_begin(struct text *why);

/* A key of GOST R 34.10-2012 with 256 bits on the curve id-tc26-gost-3410-2012-256-paramSetB, and its self-signed certificate made
 * out to `name`: PEM texts in `a`. After gost_begin. */
bool gost_certificate_make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key);

/* The certificate's key is one of GOST R 34.10-2012, 256 or 512 bits. Needs no engine. */
bool gost_certificate_is(const char *certificate);
