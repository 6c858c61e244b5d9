/* How a broker's link is encrypted, out of texts: nothing lies in files. */
#pragma once
#include "upstream/mqtt/link.h"

#include <openssl/ssl.h>

/* The context of the link's options, the caller's to free. NULL, the reason in *why, when a certificate or key is none. */
SSL_CTX *mqtt_tls_new(const struct mqtt_link_options *o, enum mqtt_why *why);

/* Whether the texts are PEM that fit: certificates (one or more); a certificate and its key. */
bool mqtt_certificates_valid(const char *pem);
bool mqtt_pair_valid(const char *certificate, const char *key);
