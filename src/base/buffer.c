/* Growing text; see buffer.h. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUFFER_LIMIT = 64 << 20, BUFFER_FIRST = 1024 };

static bool make_room(struct buffer *b, size_t more)
{
    size_t limit = b->limit ? b->limit : BUFFER_LIMIT;
    if (b->failed || more > limit - b->size) {
        b->failed = true;
        return false;
    }
    if (b->room - b->size >= more)
        return true;
    size_t room = b->room ? b->room * 2 : BUFFER_FIRST;
    while (room < b->size + more)
        room *= 2;
    b->data = memory_grow(b->data, room, room); /* not zeroed: what is used is written first */
    b->room = room;
    return true;
}

void buffer_put(struct buffer *b, const void *data, size_t size)
{
    if (size == 0 || !make_room(b, size))
        return;
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_put(b, text, strlen(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_put(b, line, size < 0 ? 0 : (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){ .limit = b->limit };
}
