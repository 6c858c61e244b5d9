/* Packed readings in a row; see stream.h. */
#include "store/archive/stream.h"

#include "base/arena.h"

#include <stdlib.h>

/* What readings share. */
struct reading_series {
    struct obis obis;
    uint16_t step;
    uint8_t archive, unit, quality, origin;
    int8_t exponent;
};

enum { VARINT_MAX = 10, READING_MAX = 3 * VARINT_MAX, FIRST_BYTES = 768, FIRST_SERIES = 24 };

/* Both buffers grow by half when they are full. */
static size_t growth_of(size_t room, size_t first)
{
    return room ? room / 2 : first;
}

static bool belongs(const struct reading_series *k, const struct reading *r)
{
    return obis_equal(k->obis, r->obis) && k->archive == r->archive && k->exponent == r->value.exponent && k->unit == r->unit &&
           k->quality == r->quality && k->step == r->step && k->origin == r->origin;
}

static size_t series_new(struct reading_stream *s, const struct reading *r)
{
    if (s->series_count == s->series_room) {
        s->series_room += growth_of(s->series_room, FIRST_SERIES);
        s->series = memory_resize(s->series, s->series_room * sizeof *s->series);
    }
    s->series[s->series_count] = (struct reading_series){
        .obis = r->obis, .step = r->step, .archive = r->archive, .unit = r->unit, .quality = r->quality, .origin = r->origin,
        .exponent = r->value.exponent };
    return s->series_count++;
}

/* The series of a reading. Records repeat theirs in order, so the one after the last is tried first; only so many of the
 * newest are looked through, because telling a series twice is cheaper than a long search. */
static size_t series_of(struct reading_stream *s, const struct reading *r)
{
    enum { LOOKED_AT = 128 };
    if (s->last + 1 < s->series_count && belongs(&s->series[s->last + 1], r))
        return s->last + 1;
    size_t oldest = s->series_count > LOOKED_AT ? s->series_count - LOOKED_AT : 0;
    for (size_t i = oldest; i < s->series_count; i++)
        if (belongs(&s->series[i], r))
            return i;
    return series_new(s, r);
}

static void put_varint(struct reading_stream *s, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        s->bytes[s->size++] = (uint8_t)(value | 0x80);
    s->bytes[s->size++] = (uint8_t)value;
}

static uint64_t take_varint(const struct reading_stream *s, size_t *at)
{
    uint64_t value = 0;
    for (int shift = 0; *at < s->size; shift += 7) {
        uint8_t byte = s->bytes[(*at)++];
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

/* Small numbers of both signs become small unsigned ones. */
static uint64_t zigzag(uint64_t v)
{
    return (v << 1) ^ ((uint64_t)0 - (v >> 63));
}

static uint64_t unzigzag(uint64_t v)
{
    return (v >> 1) ^ ((uint64_t)0 - (v & 1));
}

void reading_stream_add(struct reading_stream *s, const struct reading *r)
{
    if (s->room - s->size < READING_MAX) {
        s->room += growth_of(s->room, FIRST_BYTES);
        s->bytes = memory_resize(s->bytes, s->room);
    }
    s->last = series_of(s, r);
    put_varint(s, s->last);
    put_varint(s, zigzag((uint64_t)r->wall - (uint64_t)s->wall));
    put_varint(s, zigzag((uint64_t)r->value.mantissa));
    s->wall = r->wall;
    s->count++;
}

size_t reading_stream_memory(const struct reading_stream *s)
{
    return s->room + s->series_room * sizeof *s->series;
}

size_t reading_stream_growth(const struct reading_stream *s)
{
    size_t bytes = s->room - s->size < READING_MAX ? growth_of(s->room, FIRST_BYTES) : 0;
    size_t series = s->series_count == s->series_room ? growth_of(s->series_room, FIRST_SERIES) : 0;
    return bytes + series * sizeof *s->series;
}

void reading_stream_free(struct reading_stream *s)
{
    free(s->series);
    free(s->bytes);
    *s = (struct reading_stream){ 0 };
}

bool reading_walk_next(struct reading_walk *w, struct reading *ret)
{
    const struct reading_stream *s = w->stream;
    if (w->at >= s->size)
        return false;
    const struct reading_series *k = &s->series[take_varint(s, &w->at)];
    w->wall = (int64_t)((uint64_t)w->wall + unzigzag(take_varint(s, &w->at)));
    int64_t mantissa = (int64_t)unzigzag(take_varint(s, &w->at));
    *ret = (struct reading){
        .obis = k->obis, .wall = w->wall, .value = { mantissa, k->exponent }, .step = k->step, .archive = k->archive,
        .unit = k->unit, .quality = k->quality, .origin = k->origin };
    return true;
}
