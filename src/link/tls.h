/* TLS over a pipe, TLS 1.2 and newer: for who is connected to, with the certificate of this machine; for who calls, with what he
 * trusts. */
#pragma once
#include "link/pipe.h"

/* A certificate with its key, for many connections of any thread. */
struct tls_identity;

/* From PEM texts; the certificate may be followed by those of its authorities. NULL, the reason in `why`, when they are none or do
 * not belong together. */
struct tls_identity *tls_identity_new(const char *certificate, const char *key, struct text *why);

/* The same of GOST: TLS 1.2 with the suites of RFC 9189 alone, Kuznyechik before Magma before GOST 28147-89. After gost_begin (gost.h). */
struct tls_identity *tls_identity_gost_new(const char *certificate, const char *key, struct text *why);

/* Pipes made with it may live on. */
void tls_identity_free(struct tls_identity **i);

/* The handshake is pipe_open's, within its deadline. Owns `below`. One task may read while another writes. */
struct pipe *pipe_tls_new(struct pipe *below, const struct tls_identity *i);

/* What an open pipe is protected with, in OpenSSL's words: "ECDHE-ECDSA-AES256-GCM-SHA384". */
const char *pipe_tls_suite(const struct pipe *p);

/* SHA-256 of the certificate's public key (SubjectPublicKeyInfo) as hex: the same as long as the key is. */
enum { TLS_PIN_TEXT = 65 };
bool tls_pin_of(const char *certificate, char pin[TLS_PIN_TEXT]);

/* Whom the side that calls trusts. With a pin: the certificate of that key, whoever signed it and whatever name it has. Else those
 * that the authority signed (PEM; "": whom this machine trusts) for the host that was called. */
struct tls_trust;
struct tls_trust *tls_trust_new(const char *pin, const char *authority, const char *host, struct text *why);
void tls_trust_free(struct tls_trust **t);

/* The same for who calls. `trust` outlives it. Why the other side is not trusted is in pipe_open's `why`. */
struct pipe *pipe_tls_call_new(struct pipe *below, const struct tls_trust *trust);
