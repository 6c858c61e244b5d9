/* Text that grows up to a limit; what would pass it is dropped and remembered. */
#pragma once
#include "base/arena.h"

struct buffer {
    char *data;
    size_t size, room;
    size_t limit; /* 0: 64 MiB */
    bool failed;
};

void buffer_put(struct buffer *b, const void *data, size_t size);
void buffer_text(struct buffer *b, const char *text);
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *b, const char *format, ...);
void buffer_free(struct buffer *b);
