/* OBIS codes (IEC 62056-61): the name of every measured thing, whatever protocol brought it. */
#pragma once
#include "base/bytes.h"

/* Six groups A-B:C.D.E*F in one integer, A in bits 47..40, so that codes compare and hash as numbers. */
struct obis {
    uint64_t code;
};

enum { OBIS_TEXT_MAX = 32 };

#define OBIS(a, b, c, d, e, f) \
    ((struct obis){ (uint64_t)(a) << 40 | (uint64_t)(b) << 32 | (uint64_t)(c) << 24 | (uint64_t)(d) << 16 | (uint64_t)(e) << 8 | (uint64_t)(f) })

static inline bool obis_equal(struct obis x, struct obis y)
{
    return x.code == y.code;
}

/* Group A..F of the code, `group` 0..5. */
static inline uint8_t obis_group(struct obis o, int group)
{
    return (uint8_t)(o.code >> (40 - 8 * group));
}

/* The same code with group F or E replaced. */
static inline struct obis obis_with(struct obis o, int group, uint8_t value)
{
    int shift = 40 - 8 * group;
    return (struct obis){ (o.code & ~((uint64_t)0xFF << shift)) | (uint64_t)value << shift };
}

/* Six bytes as they stand on the wire. */
struct obis obis_from_bytes(const uint8_t six[6]);
void obis_to_bytes(struct obis o, uint8_t six[6]);

/* "1.0.1.8.0.255". Returns `text`. */
char *obis_format(struct obis o, char text[OBIS_TEXT_MAX]);

/* Reads "1.0.1.8.0.255", "1-0:1.8.0*255" or "1-0:1.8.0". False (and *ret untouched) when it is none. */
bool obis_parse(const char *text, struct obis *ret);
