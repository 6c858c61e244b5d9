/* Bounded reading and writing of wire bytes with a sticky error.
 *
 * After the first read or write past the end the cursor is `failed`: every later take returns zero, every later put
 * does nothing, and the caller looks once, at the end. No decoder needs any other arithmetic on positions. */
#pragma once
#include "base/bytes.h"

/* Reads from `at` up to `end`; never past it. */
struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

/* Writes from `start`; `at` is the next free byte, `end` the first one that must not be touched. */
struct writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

static inline struct cursor cursor_over(struct bytes b)
{
    return (struct cursor){ .at = b.data, .end = b.size ? b.data + b.size : b.data }; /* an empty slice may be NULL */
}

static inline size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : (size_t)(c->end - c->at);
}

/* True when everything was read and nothing failed: the usual last line of a decoder. */
static inline bool cursor_done(const struct cursor *c)
{
    return !c->failed && c->at == c->end;
}

static inline void cursor_fail(struct cursor *c)
{
    c->failed = true;
}

/* The next `size` bytes as a slice of the input; an empty slice and a failed cursor when there are fewer. */
static inline struct bytes take_bytes(struct cursor *c, size_t size)
{
    if (size > cursor_left(c)) {
        c->failed = true;
        return bytes_of(c->at, 0);
    }
    struct bytes taken = bytes_of(c->at, size);
    if (size)
        c->at += size;
    return taken;
}

static inline struct bytes take_rest(struct cursor *c)
{
    return take_bytes(c, cursor_left(c));
}

static inline void cursor_skip(struct cursor *c, size_t size)
{
    (void)take_bytes(c, size);
}

static inline uint8_t take_u8(struct cursor *c)
{
    struct bytes b = take_bytes(c, 1);
    return b.size ? b.data[0] : 0;
}

/* The next byte without taking it; 0 at the end (check cursor_left when 0 is meaningful). */
static inline uint8_t peek_u8(const struct cursor *c)
{
    return cursor_left(c) ? *c->at : 0;
}

/* Unsigned integer of 1..8 bytes, most significant byte first. */
static inline uint64_t take_be(struct cursor *c, size_t size)
{
    struct bytes b = take_bytes(c, size);
    uint64_t value = 0;
    for (size_t i = 0; i < b.size; i++)
        value = value << 8 | b.data[i];
    return value;
}

/* Unsigned integer of 1..8 bytes, least significant byte first. */
static inline uint64_t take_le(struct cursor *c, size_t size)
{
    struct bytes b = take_bytes(c, size);
    uint64_t value = 0;
    for (size_t i = b.size; i > 0; i--)
        value = value << 8 | b.data[i - 1];
    return value;
}

static inline uint16_t take_be16(struct cursor *c) { return (uint16_t)take_be(c, 2); }
static inline uint32_t take_be32(struct cursor *c) { return (uint32_t)take_be(c, 4); }
static inline uint64_t take_be64(struct cursor *c) { return take_be(c, 8); }
static inline uint16_t take_le16(struct cursor *c) { return (uint16_t)take_le(c, 2); }
static inline uint32_t take_le32(struct cursor *c) { return (uint32_t)take_le(c, 4); }
static inline uint64_t take_le64(struct cursor *c) { return take_le(c, 8); }

/* Two decimal digits packed into one byte; a nibble above 9 fails the cursor. */
static inline uint8_t take_bcd(struct cursor *c)
{
    uint8_t b = take_u8(c);
    if ((b >> 4) > 9 || (b & 0x0F) > 9) {
        c->failed = true;
        return 0;
    }
    return (uint8_t)((b >> 4) * 10 + (b & 0x0F));
}

static inline struct writer writer_over(void *memory, size_t size)
{
    return (struct writer){ .start = memory, .at = memory, .end = (uint8_t *)memory + size };
}

static inline size_t writer_size(const struct writer *w)
{
    return (size_t)(w->at - w->start);
}

static inline size_t writer_room(const struct writer *w)
{
    return w->failed ? 0 : (size_t)(w->end - w->at);
}

/* What was written so far; an empty slice after a failure, so that half a frame is never sent. */
static inline struct bytes writer_bytes(const struct writer *w)
{
    return bytes_of(w->start, w->failed ? 0 : writer_size(w));
}

static inline void put_bytes(struct writer *w, struct bytes b)
{
    if (b.size > writer_room(w)) {
        w->failed = true;
        return;
    }
    if (b.size)
        memcpy(w->at, b.data, b.size);
    w->at += b.size;
}

static inline void put_u8(struct writer *w, unsigned value)
{
    if (writer_room(w) == 0) {
        w->failed = true;
        return;
    }
    *w->at++ = (uint8_t)value;
}

/* Unsigned integer in `size` bytes, most significant byte first. */
static inline void put_be(struct writer *w, uint64_t value, size_t size)
{
    if (size > writer_room(w)) {
        w->failed = true;
        return;
    }
    for (size_t i = size; i > 0; i--)
        *w->at++ = (uint8_t)(value >> (8 * (i - 1)));
}

/* Unsigned integer in `size` bytes, least significant byte first. */
static inline void put_le(struct writer *w, uint64_t value, size_t size)
{
    if (size > writer_room(w)) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < size; i++)
        *w->at++ = (uint8_t)(value >> (8 * i));
}

static inline void put_be16(struct writer *w, uint64_t value) { put_be(w, value, 2); }
static inline void put_be32(struct writer *w, uint64_t value) { put_be(w, value, 4); }
static inline void put_be64(struct writer *w, uint64_t value) { put_be(w, value, 8); }
static inline void put_le16(struct writer *w, uint64_t value) { put_le(w, value, 2); }
static inline void put_le32(struct writer *w, uint64_t value) { put_le(w, value, 4); }
static inline void put_le64(struct writer *w, uint64_t value) { put_le(w, value, 8); }

/* 0..99 as two packed decimal digits. */
static inline void put_bcd(struct writer *w, unsigned value)
{
    put_u8(w, value / 10 % 10 << 4 | value % 10);
}
