/* How a gateway and a head-end know each other: a secret that both hold and neither sends. Each challenges the other with a nonce and
 * proves the secret by an HMAC over both (docs/push.md). And the code that a person carries from one to the other. */
#pragma once
#include "base/text.h"
#include "people/password.h"

enum { PUSH_PROOF_TEXT = 65, PUSH_CODE_MAX = 512, PUSH_HOST_MAX = 254, PUSH_PORT = 4070 };

/* A nonce is a secret_new. Who proves: "head-end" or "gateway". Hex of HMAC-SHA256. */
void push_proof(const char *secret, const char *who, int64_t gateway, const char *nonce_of_gateway, const char *nonce_of_head_end, char proof[PUSH_PROOF_TEXT]);

/* Compares without telling by the time it takes. */
bool push_proof_fits(const char *proof, const char *expected);

/* "svod://host:port/7?key=...&pin=...": where to, as whom, and whom to trust. The pin is left out when there is none. */
struct push_code {
    char host[PUSH_HOST_MAX];
    int port;
    int64_t gateway;
    char secret[SECRET_TEXT_MAX];
    char pin[65];
};
void push_code_write(const struct push_code *code, struct text *t);
bool push_code_read(const char *text, struct push_code *ret);
