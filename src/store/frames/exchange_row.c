/* Frames in a row; see exchange_row.h. */
#include "store/frames/exchange_row.h"

#include <string.h>
#include <zlib.h>

enum { RECORD_HEAD = 13, PART_MAX = 64 << 10, ROW_RECORDS_MAX = 256, SIZE_HEAD = 4, ROW_MAX = ROW_RECORDS_MAX * (RECORD_HEAD + 2 * PART_MAX) };

size_t exchange_row_count(const struct exchange *e, size_t count)
{
    size_t n = 1;
    while (n < count && n < ROW_RECORDS_MAX && e[n].meter == e->meter && e[n].link == e->link
           && e[n].utc_ms >= e[n - 1].utc_ms && e[n].utc_ms - e->utc_ms < UINT32_MAX)
        n++;
    return n;
}

bool exchange_row_fits(const struct exchange *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (e[i].frame.size > PART_MAX || (e[i].note && strlen(e[i].note) > PART_MAX))
            return false;
    return true;
}

static size_t record_size(const struct exchange *e)
{
    return RECORD_HEAD + e->frame.size + (e->note ? strlen(e->note) : 0);
}

struct bytes exchange_row_write(const struct exchange *e, size_t count, struct arena *a)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += record_size(&e[i]);
    struct writer w = writer_over(arena_take(a, size), size);
    for (size_t i = 0; i < count; i++) {
        struct bytes note = bytes_of_text(e[i].note ? e[i].note : "");
        put_be32(&w, (uint64_t)(e[i].utc_ms - e->utc_ms));
        put_u8(&w, e[i].direction);
        put_be32(&w, e[i].frame.size);
        put_be32(&w, note.size);
        put_bytes(&w, e[i].frame);
        put_bytes(&w, note);
    }
    return writer_bytes(&w);
}

bool exchange_row_read(struct bytes records, struct exchange e, int64_t from_ms, int64_t to_ms, store_exchange_fn *each, void *context, bool *ret_going)
{
    struct arena a = { 0 };
    struct cursor c = cursor_over(records);
    int64_t start = e.utc_ms;
    *ret_going = true;
    while (*ret_going && cursor_left(&c)) {
        e.utc_ms = start + take_be32(&c);
        e.direction = (enum exchange_direction)take_u8(&c);
        size_t frame = take_be32(&c), note = take_be32(&c);
        e.frame = take_bytes(&c, frame);
        struct bytes text = take_bytes(&c, note);
        if (c.failed)
            break;
        e.note = arena_text(&a, text);
        if (e.utc_ms >= from_ms && e.utc_ms < to_ms)
            *ret_going = each(context, &e);
    }
    arena_free(&a);
    return !c.failed;
}

struct bytes exchange_row_pack(struct bytes records, struct arena *a)
{
    uLongf size = compressBound(records.size);
    uint8_t *out = arena_take(a, SIZE_HEAD + size);
    struct writer w = writer_over(out, SIZE_HEAD);
    put_be32(&w, records.size);
    if (compress2(out + SIZE_HEAD, &size, records.data, records.size, Z_BEST_SPEED) != Z_OK)
        size = 0;
    return bytes_of(out, SIZE_HEAD + size);
}

struct bytes exchange_row_unpack(struct bytes packed, struct arena *a)
{
    struct cursor c = cursor_over(packed);
    uLongf size = take_be32(&c), wanted = size;
    if (c.failed || size > ROW_MAX)
        return bytes_of(NULL, 0);
    uint8_t *out = arena_take(a, size + 1);
    bool whole = uncompress(out, &size, packed.data + SIZE_HEAD, packed.size - SIZE_HEAD) == Z_OK && size == wanted;
    return whole ? bytes_of(out, size) : bytes_of(NULL, 0);
}
