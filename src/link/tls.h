/* TLS for who is connected to: a pipe over an accepted socket, with the certificate of this machine. TLS 1.2 and newer. */
#pragma once
#include "link/pipe.h"

/* A certificate with its key, for many connections of any thread. */
struct tls_identity;

/* From PEM texts; the certificate may be followed by those of its authorities. NULL, the reason in `why`, when they are none or do
 * not belong together. */
struct tls_identity *tls_identity_new(const char *certificate, const char *key, struct text *why);

/* Pipes made with it may live on. */
void tls_identity_free(struct tls_identity **i);

/* The handshake is pipe_open's, within its deadline. Owns `below`. */
struct pipe *pipe_tls_new(struct pipe *below, const struct tls_identity *i);
