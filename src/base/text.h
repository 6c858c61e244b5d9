/* Text as it comes from meters and goes to people: bounded building, hex, code pages. */
#pragma once
#include "base/bytes.h"

/* A bounded text that is always NUL-terminated; what does not fit is cut at a whole UTF-8 character and remembered. */
struct text {
    char *start;
    size_t size; /* bytes written, NUL not counted */
    size_t room; /* of the memory, NUL included; at least 1 */
    bool cut;
};

struct text text_over(char *memory, size_t room);
void text_put(struct text *t, const char *more);
void text_put_bytes(struct text *t, struct bytes more);
void text_put_hex(struct text *t, struct bytes b);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *t, const char *format, ...);

/* Hex digits in pairs, blanks between bytes allowed, to bytes. Returns how many bytes were written to `out`, or -1 when
 * the text is no hex, has half a byte or does not fit. */
long hex_parse(const char *text, uint8_t *out, size_t room);

/* Without the byte order mark that programs of Windows put before the UTF-8 of a file. */
struct bytes utf8_begin(struct bytes file);

/* Characters of well-formed UTF-8. */
size_t utf8_length(const char *utf8);

/* The text without what cannot be seen at its ends: blanks, control characters, U+00A0, U+2000..U+200F, U+3000, U+FEFF. */
struct bytes text_trimmed(const char *utf8);
bool text_is_blank(const char *utf8); /* nothing is left of it then */

/* True when the bytes are well-formed UTF-8 without NUL (RFC 3629). */
bool utf8_valid(struct bytes b);

/* Text sent by a meter: kept when it is UTF-8, read as Windows-1251 otherwise (type names of Russian meters are in
 * cp1251, spodes.md 3.1); control characters and trailing blanks are dropped. Result is UTF-8 in `t`. */
void text_put_foreign(struct text *t, struct bytes b);

/* True when every byte is printable ASCII (0x20..0x7E). */
bool text_is_ascii(struct bytes b);

/* Lower case of Latin and Cyrillic letters, for searching; `room` bytes at `out` suffice for the text's own length. */
void text_fold(const char *text, char *out, size_t room);
