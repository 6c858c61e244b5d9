/* A slice of bytes owned by somebody else. Decoders return slices of their input and never copy. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

/* A slice over `size` bytes at `data`; valid as long as they are. */
static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){ .data = data, .size = size };
}

/* A slice over a NUL-terminated string, without its NUL. */
static inline struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The part of `whole` from `start`, at most `size` bytes; clipped to what is there. */
static inline struct bytes bytes_part(struct bytes whole, size_t start, size_t size)
{
    if (start > whole.size)
        start = whole.size;
    if (size > whole.size - start)
        size = whole.size - start;
    return bytes_of(start ? whole.data + start : whole.data, size);
}
