/* Twins of two families that do not exist, for the tests of fleets and buses.
 *
 * A parrot hears "<address:text>" and says "<serial:n:text>", n counting the requests of its session from 1; "!>" at the
 * end is a wrong checksum. "<*:text>" is for every parrot, and to "<*:E5>" each says one byte E5h. A starling does
 * the same between brackets and thinks longer. */
#pragma once
#include "sim/twin.h"

#include <stdio.h>
#include <stdlib.h>

struct parrot_session {
    uint32_t heard;
};

static struct frame_found parrot_find_between(struct bytes b, char from, char to)
{
    size_t start = 0;
    while (start < b.size && b.data[start] != from)
        start++;
    for (size_t i = start + 1; i < b.size; i++)
        if (b.data[i] == to)
            return (struct frame_found){ b.data[i - 1] == '!' ? FRAME_DAMAGED : FRAME_WHOLE, start, i + 1 - start };
    return (struct frame_found){ FRAME_PARTIAL, start, 1 };
}

static struct frame_found parrot_find(struct bytes b, void *context)
{
    (void)context;
    return parrot_find_between(b, '<', '>');
}

static struct frame_found starling_find(struct bytes b, void *context)
{
    (void)context;
    return parrot_find_between(b, '[', ']');
}

static bool parrot_addressed(const struct sim_meter *m, struct bytes frame)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)frame.size, (const char *)frame.data);
    return text[1] == '*' || strtoul(text + 1, NULL, 10) == m->address;
}

static void parrot_answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    (void)wall;
    struct parrot_session *s = session;
    const uint8_t *colon = memchr(frame.data, ':', frame.size);
    char head[48];
    s->heard++;
    if (frame.size == 6 && memcmp(frame.data + 1, "*:E5", 4) == 0) {
        put_u8(out, 0xE5);
        return;
    }
    snprintf(head, sizeof head, "%c%u:%u", frame.data[0], m->serial, s->heard);
    put_bytes(out, bytes_of_text(head));
    if (colon)
        put_bytes(out, bytes_of(colon, frame.size - (size_t)(colon - frame.data)));
}

TWIN(parrot) = {
    .name = "parrot", .session_size = sizeof(struct parrot_session), .turnaround_us = 3000,
    .line = { .baud = 9600, .bits = 8, .stop = 1, .parity = 'N' },
    .find = parrot_find, .addressed = parrot_addressed, .answer = parrot_answer,
};

TWIN(starling) = {
    .name = "starling", .session_size = sizeof(struct parrot_session), .turnaround_us = 8000,
    .line = { .baud = 9600, .bits = 8, .stop = 1, .parity = 'N' },
    .find = starling_find, .addressed = parrot_addressed, .answer = parrot_answer,
};
