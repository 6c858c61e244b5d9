/* Text; see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_over(char *memory, size_t room)
{
    memory[0] = '\0';
    return (struct text){ .start = memory, .room = room };
}

static bool continues_character(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

void text_put_bytes(struct text *t, struct bytes more)
{
    size_t left = t->room - 1 - t->size;
    if (t->cut)
        return;
    if (more.size > left) {
        t->cut = true;
        while (left > 0 && continues_character(more.data[left]))
            left--;
        more.size = left;
    }
    if (more.size)
        memcpy(t->start + t->size, more.data, more.size);
    t->size += more.size;
    t->start[t->size] = '\0';
}

void text_put(struct text *t, const char *more)
{
    text_put_bytes(t, bytes_of_text(more));
}

void text_put_hex(struct text *t, struct bytes b)
{
    static const char digit[] = "0123456789ABCDEF";
    for (size_t i = 0; i < b.size; i++) {
        char pair[2] = { digit[b.data[i] >> 4], digit[b.data[i] & 15] };
        text_put_bytes(t, bytes_of(pair, 2));
    }
}

void text_printf(struct text *t, const char *format, ...)
{
    char piece[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    text_put(t, piece);
    t->cut |= (size_t)size >= sizeof piece;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

long hex_parse(const char *text, uint8_t *out, size_t room)
{
    size_t size = 0;
    while (*text) {
        if (is_blank(*text)) {
            text++;
            continue;
        }
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || size == room)
            return -1;
        out[size++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return (long)size;
}

/* Length that the first byte of a UTF-8 character announces; 0 for what can be none. */
static size_t utf8_announced(uint8_t first)
{
    if (first == 0)
        return 0;
    return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

/* Least and most second bytes after special first ones: no overlong forms, surrogates or code points above 10FFFF. */
static bool utf8_second_fits(uint8_t first, uint8_t second)
{
    uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= least && second <= most;
}

/* Length of the well-formed UTF-8 character at the start of b, or 0. */
static size_t utf8_character(struct bytes b)
{
    size_t size = utf8_announced(b.data[0]);
    if (size == 0 || size > b.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if (!continues_character(b.data[i]))
            return 0;
    return size == 1 || utf8_second_fits(b.data[0], b.data[1]) ? size : 0;
}

struct bytes utf8_begin(struct bytes file)
{
    return file.size >= 3 && memcmp(file.data, "\xEF\xBB\xBF", 3) == 0 ? bytes_of(file.data + 3, file.size - 3) : file;
}

size_t utf8_length(const char *utf8)
{
    size_t count = 0;
    for (; *utf8; utf8++)
        count += (*utf8 & 0xC0) != 0x80;
    return count;
}

/* How many bytes of a character that cannot be seen are here. */
static size_t unseen(const char *utf8)
{
    const uint8_t *u = (const uint8_t *)utf8;
    if (u[0] == '\0')
        return 0;
    if (u[0] <= ' ' || u[0] == 0x7F)
        return 1;
    if (u[0] == 0xC2 && u[1] == 0xA0)
        return 2;
    bool three = (u[0] == 0xE2 && u[1] == 0x80 && u[2] >= 0x80 && u[2] <= 0x8F) || strncmp(utf8, "\xE3\x80\x80", 3) == 0 || strncmp(utf8, "\xEF\xBB\xBF", 3) == 0;
    return three ? 3 : 0;
}

struct bytes text_trimmed(const char *utf8)
{
    while (unseen(utf8))
        utf8 += unseen(utf8);
    const char *end = utf8;
    for (const char *at = utf8; *at;) {
        size_t step = unseen(at);
        at += step ? step : 1;
        end = step ? end : at;
    }
    return bytes_of(utf8, (size_t)(end - utf8));
}

bool text_is_blank(const char *utf8)
{
    return text_trimmed(utf8).size == 0;
}

bool utf8_valid(struct bytes b)
{
    while (b.size) {
        size_t size = utf8_character(b);
        if (size == 0)
            return false;
        b = bytes_part(b, size, b.size);
    }
    return true;
}

/* Windows-1251 0x80..0xBF; 0xC0..0xFF are U+0410..U+044F in order. */
static const uint16_t cp1251_upper[64] = {
    0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409, 0x2039, 0x040A,
    0x040C, 0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0xFFFD, 0x2122,
    0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F, 0x00A0, 0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6,
    0x00A7, 0x0401, 0x00A9, 0x0404, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407, 0x00B0, 0x00B1, 0x0406, 0x0456,
    0x0491, 0x00B5, 0x00B6, 0x00B7, 0x0451, 0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457,
};

static void put_code_point(struct text *t, uint32_t code)
{
    uint8_t out[3];
    size_t size = 1;
    if (code < 0x80) {
        out[0] = (uint8_t)code;
    } else if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6), out[1] = (uint8_t)(0x80 | (code & 63)), size = 2;
    } else {
        out[0] = (uint8_t)(0xE0 | code >> 12), out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63)), size = 3;
    }
    text_put_bytes(t, bytes_of(out, size));
}

void text_put_foreign(struct text *t, struct bytes b)
{
    while (b.size && (b.data[b.size - 1] <= 0x20 || b.data[b.size - 1] == 0x7F))
        b.size--;
    bool utf8 = utf8_valid(b);
    for (size_t i = 0; i < b.size; i++) {
        uint8_t c = b.data[i];
        if (c < 0x20 || c == 0x7F)
            continue;
        if (c < 0x80 || utf8)
            text_put_bytes(t, bytes_of(&b.data[i], 1));
        else
            put_code_point(t, c >= 0xC0 ? 0x0410u + c - 0xC0u : cp1251_upper[c - 0x80]);
    }
}

bool text_is_ascii(struct bytes b)
{
    for (size_t i = 0; i < b.size; i++)
        if (b.data[i] < 0x20 || b.data[i] > 0x7E)
            return false;
    return true;
}

void text_fold(const char *text, char *out, size_t room)
{
    const unsigned char *at = (const unsigned char *)text;
    char *end = out + room - 1;
    while (*at && out < end) {
        if (*at >= 'A' && *at <= 'Z') {
            *out++ = (char)(*at++ + 32);
        } else if (*at == 0xD0 && at[1] >= 0x90 && at[1] <= 0xAF && out + 1 < end) { /* А..Я to а..я */
            *out++ = (char)(at[1] < 0xA0 ? 0xD0 : 0xD1);
            *out++ = (char)(at[1] < 0xA0 ? at[1] + 0x20 : at[1] - 0x20);
            at += 2;
        } else if (*at == 0xD0 && at[1] == 0x81 && out + 1 < end) { /* Ё to ё */
            *out++ = (char)0xD1;
            *out++ = (char)0x91;
            at += 2;
        } else {
            *out++ = (char)*at++;
        }
    }
    *out = '\0';
}
