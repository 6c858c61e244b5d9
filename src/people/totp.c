/* One-time codes; see totp.h. */
#include "people/totp.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t totp_code(struct bytes secret, int64_t step, int digits)
{
    static const uint32_t powers[] = { 1000000, 10000000, 100000000 };
    uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    HMAC(EVP_sha1(), secret.data, (int)secret.size, counter, sizeof counter, mac, &size);
    const uint8_t *at = mac + (mac[size - 1] & 0x0F); /* RFC 4226 5.3 */
    uint32_t number = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return number % powers[digits - 6];
}

int64_t totp_match(struct bytes secret, const char *code, int64_t now_s, int64_t used)
{
    char *end;
    unsigned long number = strtoul(code, &end, 10);
    if (strlen(code) != 6 || *end || secret.size == 0)
        return -1;
    int64_t now = now_s / TOTP_STEP_SECONDS;
    for (int64_t step = now - 1; step <= now + 1; step++)
        if (step > used && totp_code(secret, step, 6) == number)
            return step;
    return -1;
}

static const char base32_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void base32_write(struct bytes b, char *text, size_t room)
{
    uint32_t bits = 0, at = 0;
    int count = 0;
    for (size_t i = 0; i < b.size || count > 0;) {
        if (count < 5 && i < b.size) {
            bits = bits << 8 | b.data[i++];
            count += 8;
        } else if (count < 5) {
            bits <<= 5 - count;
            count = 5;
        }
        while (count >= 5 && at + 1 < room) {
            text[at++] = base32_letters[bits >> (count - 5) & 31];
            count -= 5;
        }
        if (i == b.size && count == 0)
            break;
        if (at + 1 >= room)
            break;
    }
    text[at] = '\0';
}

long base32_read(const char *text, uint8_t *out, size_t room)
{
    uint32_t bits = 0;
    int count = 0;
    size_t size = 0;
    for (; *text && *text != '='; text++) {
        const char *place = strchr(base32_letters, *text >= 'a' && *text <= 'z' ? *text - 32 : *text);
        if (!place)
            return -1;
        bits = bits << 5 | (uint32_t)(place - base32_letters);
        count += 5;
        if (count < 8)
            continue;
        if (size == room)
            return -1;
        out[size++] = (uint8_t)(bits >> (count - 8));
        count -= 8;
    }
    return (long)size;
}

void totp_secret_new(char text[TOTP_SECRET_TEXT])
{
    uint8_t secret[TOTP_SECRET_BYTES];
    randombytes_buf(secret, sizeof secret);
    base32_write(bytes_of(secret, sizeof secret), text, TOTP_SECRET_TEXT);
    sodium_memzero(secret, sizeof secret);
}

static void put_escaped(struct text *t, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool plain = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') || strchr("-._~", *at);
        text_printf(t, plain ? "%c" : "%%%02X", *at);
    }
}

char *totp_uri(const char *login, const char *secret, char uri[TOTP_URI_MAX])
{
    struct text t = text_over(uri, TOTP_URI_MAX);
    text_put(&t, "otpauth://totp/Svod:");
    put_escaped(&t, login);
    text_printf(&t, "?secret=%s&issuer=Svod&algorithm=SHA1&digits=6&period=30", secret);
    return uri;
}

void recovery_code_new(char text[RECOVERY_TEXT])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    for (int i = 0; i < RECOVERY_TEXT - 1; i++)
        text[i] = i == 5 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
    text[RECOVERY_TEXT - 1] = '\0';
}
