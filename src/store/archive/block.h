/* The block codec: one meter, one archive, one period of its readings in the fewest bytes. Pure: no I/O, no clock.
 *
 * A block is a matrix. Its rows are moments (the half-hours of a day, the polls of a day, the days of a month), its
 * columns are registers; a cell is a number with a mark (quality, origin, revision) or absent. Which registers there are
 * is the block's layout: a separate byte string, because thousands of meters share one. How many bytes: half-hour
 * profiles of household meters take about 0.9 per value, quality and all (bench/store_bytes.c).
 *
 * Nothing here knows a database: every engine stores the same two byte strings. */
#pragma once
#include "base/arena.h"
#include "base/cursor.h"
#include "meter/reading.h"

/* What a decoder accepts and a merge makes at most, whatever the bytes say. */
enum {
    BLOCK_ROWS_MAX = 86400,
    BLOCK_COLUMNS_MAX = 512,
    BLOCK_CELLS_MAX = 1 << 20,
    BLOCK_SPAN_MAX = 366 * DAY_SECONDS,
};

/* A cell's mark: 0 when the cell is absent. */
#define MARK_PRESENT (UINT32_C(1) << 31)

static inline uint32_t mark_of(uint8_t quality, uint8_t origin, uint8_t revision)
{
    return MARK_PRESENT | (uint32_t)revision << 16 | (uint32_t)origin << 8 | quality;
}

static inline uint8_t mark_quality(uint32_t mark) { return (uint8_t)mark; }
static inline uint8_t mark_origin(uint32_t mark) { return (uint8_t)(mark >> 8); }
static inline uint8_t mark_revision(uint32_t mark) { return (uint8_t)(mark >> 16); }

/* One register. The same OBIS may have several columns, when unit, step or scale changed within the period; a moment
 * has its value in one of them. */
struct block_column {
    struct obis obis;
    uint16_t step;
    uint8_t unit;
    int8_t exponent;
    int64_t *values; /* mantissas, one per row; 0 where absent or missing */
    uint32_t *marks; /* one per row */
};

struct block {
    int64_t start;  /* first moment of the period, wall seconds */
    uint32_t rows;
    uint32_t columns;
    int64_t *walls; /* one per row, ascending */
    int64_t *stored; /* one per row: UTC seconds when the last of it came that was fresh or changed, 0 unknown; NULL: all unknown */
    struct block_column *column;
};

/* What a merge did, in values. */
struct block_counts {
    uint32_t fresh;   /* not there before */
    uint32_t changed; /* there with another number or quality: replaced, revision raised */
    uint32_t same;    /* there already, or not good enough to replace what is there */
    bool *touched;    /* a row of the block that was made each: something in it is fresh or changed; in the merge's arena */
};

/* The layout's and the body's byte strings. `scratch` is for working memory. A block of equal content always gives equal
 * bytes. block_room is an upper bound of what block_put_body writes. */
size_t block_layout_room(const struct block *b);
void block_put_layout(const struct block *b, struct writer *w);
size_t block_room(const struct block *b);
void block_put_body(const struct block *b, struct arena *scratch, struct writer *w);

/* Back to the matrix, in `a`. False, *ret untouched, for bytes that no encoder wrote; any bytes are safe. */
bool block_take(struct bytes layout, struct bytes body, int64_t start, struct arena *a, struct block *ret);

/* `old` (NULL for none) with readings of the same period that came at `stored_s` added, as a new block in `a`. Rules: a number is never replaced
 * by "the meter has none", a measured one never by an estimate, an equal one is left alone; any other difference
 * replaces it and raises its revision (which stays at 255). All readings must lie within BLOCK_SPAN_MAX after `start`
 * and have exponents -18..18. False, outputs untouched, when a limit above would be passed. */
bool block_merge(const struct block *old, int64_t start, const struct reading *readings, size_t count, int64_t stored_s,
                 struct arena *a, struct block *ret, struct block_counts *ret_counts);

/* Several blocks of one period as one; where two hold the same cell the later wins unless it is missing, and of
 * two times of arrival. */
bool block_join(const struct block *const *parts, size_t count, int64_t start, struct arena *a, struct block *ret);

/* When the row's last news came: UTC seconds, 0 unknown. */
static inline int64_t block_stored(const struct block *b, uint32_t row)
{
    return b->stored ? b->stored[row] : 0;
}

/* The cell as a reading; the cell must be present. */
struct reading block_reading(const struct block *b, enum archive archive, uint32_t column, uint32_t row);

/* True when the block has a row of that moment. */
bool block_has_row(const struct block *b, int64_t wall);
