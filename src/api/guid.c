/* Guids of rows; see intake.h. A database has 56 random bits; they, the kind and the id make a guid of version 8 (RFC 9562). */
#include "api/devices/intake.h"
#include "people/password.h"

#include <stdio.h>
#include <sodium.h>

#define SETTING "guid-base"

bool guid_base(struct call *c, uint8_t base[8])
{
    const char *stored = NULL;
    char text[2 * 8 + 1];
    if (store_setting_get(c->api->store, SETTING, c->arena, &stored) != FAULT_NONE)
        return false;
    if (stored && hex_parse(stored, base, 8) == 8)
        return true;
    randombytes_buf(base, 8);
    struct text t = text_over(text, sizeof text);
    for (int i = 0; i < 8; i++)
        text_printf(&t, "%02X", base[i]);
    return store_setting_put(c->api->store, SETTING, text) == FAULT_NONE;
}

void guid_of(const uint8_t base[8], enum guid_kind kind, int64_t id, char text[GUID_TEXT])
{
    uint64_t low = (uint64_t)id;
    snprintf(text, GUID_TEXT, "%02x%02x%02x%02x-%02x%02x-8%x%02x-8%x%02x-%02x%02x%02x%02x%02x%02x", base[0], base[1], base[2], base[3], base[4], base[5],
             base[6] & 15, base[7], (unsigned)kind & 15, (unsigned)(low >> 48) & 255, (unsigned)(low >> 40) & 255, (unsigned)(low >> 32) & 255,
             (unsigned)(low >> 24) & 255, (unsigned)(low >> 16) & 255, (unsigned)(low >> 8) & 255, (unsigned)low & 255);
}

bool guid_valid(const char *text)
{
    if (strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    }
    return true;
}

int64_t guid_id(const uint8_t base[8], enum guid_kind kind, const char *text)
{
    char digits[33], again[GUID_TEXT];
    uint8_t bytes[16];
    size_t size = 0;
    if (!guid_valid(text))
        return 0;
    for (const char *at = text; *at; at++)
        if (*at != '-')
            digits[size++] = *at;
    digits[size] = '\0';
    if (hex_parse(digits, bytes, sizeof bytes) != 16)
        return 0;
    int64_t id = 0;
    for (int i = 9; i < 16; i++)
        id = id << 8 | bytes[i];
    guid_of(base, kind, id, again);
    return strcasecmp(again, text) == 0 ? id : 0;
}
