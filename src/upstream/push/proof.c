/* Proofs and codes; see proof.h. */
#include "upstream/push/proof.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

void push_proof(const char *secret, const char *who, int64_t gateway, const char *nonce_of_gateway, const char *nonce_of_head_end, char proof[PUSH_PROOF_TEXT])
{
    char words[300];
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    struct text t = text_over(words, sizeof words), hex = text_over(proof, PUSH_PROOF_TEXT);
    text_printf(&t, "svod-push 1\n%s\n%lld\n%.64s\n%.64s", who, (long long)gateway, nonce_of_gateway, nonce_of_head_end);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)words, t.size, hash, &size);
    for (unsigned i = 0; i < size; i++)
        text_printf(&hex, "%02x", hash[i]);
}

bool push_proof_fits(const char *proof, const char *expected)
{
    size_t size = strlen(expected);
    return size == PUSH_PROOF_TEXT - 1 && strlen(proof) == size && CRYPTO_memcmp(proof, expected, size) == 0;
}

void push_code_write(const struct push_code *code, struct text *t)
{
    bool v6 = strchr(code->host, ':');
    text_printf(t, "svod://%s%s%s:%d/%lld?key=%s", v6 ? "[" : "", code->host, v6 ? "]" : "", code->port, (long long)code->gateway, code->secret);
    if (*code->pin)
        text_printf(t, "&pin=%s", code->pin);
}

static bool is_hex(const char *text, size_t size)
{
    return strlen(text) == size && strspn(text, "0123456789abcdefABCDEF") == size;
}

/* "host:port" or "[v6]:port". */
static bool take_place(const char *text, size_t size, struct push_code *ret)
{
    char place[PUSH_HOST_MAX + 16], *end;
    if (size >= sizeof place)
        return false;
    memcpy(place, text, size);
    place[size] = '\0';
    char *colon = strrchr(place, ':');
    if (!colon || colon == place)
        return false;
    *colon = '\0';
    long port = strtol(colon + 1, &end, 10);
    size_t length = strlen(place);
    bool bracket = place[0] == '[' && place[length - 1] == ']';
    if (bracket)
        place[length - 1] = '\0';
    ret->port = (int)port;
    return *end == '\0' && port > 0 && port < 65536 && snprintf(ret->host, sizeof ret->host, "%s", place + bracket) < (int)sizeof ret->host && *ret->host;
}

bool push_code_read(const char *text, struct push_code *ret)
{
    struct push_code code = { 0 };
    char *end;
    text += strspn(text, " \t\r\n");
    size_t size = strcspn(text, " \t\r\n");
    char copy[PUSH_CODE_MAX];
    if (size >= sizeof copy || strncmp(text, "svod://", 7) != 0)
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    const char *at = copy + 7, *slash = strchr(at, '/');
    if (!slash || !take_place(at, (size_t)(slash - at), &code))
        return false;
    code.gateway = strtoll(slash + 1, &end, 10);
    if (code.gateway <= 0 || strncmp(end, "?key=", 5) != 0)
        return false;
    char *pin = strstr(end, "&pin=");
    if (pin)
        *pin = '\0';
    if (!is_hex(end + 5, SECRET_TEXT_MAX - 1) || (pin && !is_hex(pin + 5, 64)))
        return false;
    snprintf(code.secret, sizeof code.secret, "%s", end + 5);
    snprintf(code.pin, sizeof code.pin, "%s", pin ? pin + 5 : "");
    *ret = code;
    return true;
}
