/* Readings in a row, packed to a few bytes each, for the time between the meter and the disk: thousands of sessions hold
 * some at once. What readings of one series share (code, archive, unit, exponent...) is told once; of each only its time's
 * distance from the one before and its number are written, as variable-length integers. */
#pragma once
#include "meter/reading.h"

struct reading_series;

struct reading_stream {
    struct reading_series *series;
    size_t series_count, series_room, last;
    uint8_t *bytes;
    size_t size, room;
    int64_t wall; /* of the reading before */
    size_t count;
};

/* Adds a reading; any reading comes back as it went in. */
void reading_stream_add(struct reading_stream *s, const struct reading *r);

/* Bytes of memory the stream holds. */
size_t reading_stream_memory(const struct reading_stream *s);

/* Bytes of memory the next reading may take beyond those held: 0 while both buffers have room. */
size_t reading_stream_growth(const struct reading_stream *s);

void reading_stream_free(struct reading_stream *s);

/* Walks the readings in the order they were added. */
struct reading_walk {
    const struct reading_stream *stream;
    size_t at;
    int64_t wall;
};

static inline struct reading_walk reading_walk_over(const struct reading_stream *s)
{
    return (struct reading_walk){ .stream = s };
}

/* The next reading; false at the end. */
bool reading_walk_next(struct reading_walk *w, struct reading *ret);
