/* The block codec; see block.h. Merging is in block_merge.c.
 *
 * layout   count, then per column: OBIS 6 bytes, unit 1 byte, step         (counts, steps: varint)
 *
 * body     VVVV0AUS   V version 1, A times of arrival, U one mark for all cells, S a single row at the period's start
 *          [mark]                                                  with U
 *          [rows unit first [base width gaps...]]                  without S
 *          [T numbers]                                             with A: seconds from the period's start, one per row
 *          columns in the layout's order:
 *              EEEEMSTT   E exponent + 9 (15: a byte follows), M marks in runs, S some rows absent, T how numbers are kept
 *              [exponent] [presence bits] [mark | runs (mark length)...] numbers
 *
 * numbers  T 0  nothing: no cell present
 *          T 1  one number for all
 *          T 2  smallest, width, (number - smallest) in `width` bits each
 *          T 3  first, smallest step, width, (step - smallest step) in `width` bits each
 *
 * Integers are varints of 7 bits, low first; signed ones zigzag. Bits are packed low first. Times are whole multiples of
 * `unit` after the period's start, so a regular day costs six bytes. Number arithmetic is modulo 2^64, hence exact for
 * every int64. */
#include "store/archive/block.h"

#include <assert.h>
#include <endian.h>

enum { BODY_VERSION = 1, BODY_SINGLE = 1, BODY_UNIFORM = 2, BODY_ARRIVALS = 4, BODY_UNKNOWN = 8 };
enum { KEEP_NOTHING, KEEP_ONE, KEEP_OFFSETS, KEEP_STEPS, KEEP_MASK = 3, COLUMN_SPARSE = 4, COLUMN_RUNS = 8 };
enum { EXPONENT_BIAS = 9, EXPONENT_FOLLOWS = 15, VARINT_MAX = 10 };

static const uint32_t time_units[] = { 1, 60, 300, 600, 900, 1800, 3600, 86400 };
enum { TIME_UNITS = sizeof time_units / sizeof *time_units };

static void put_varint(struct writer *w, uint64_t value)
{
    while (value >= 0x80) {
        put_u8(w, (unsigned)(value & 0x7F) | 0x80);
        value >>= 7;
    }
    put_u8(w, (unsigned)value);
}

static uint64_t take_varint(struct cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = take_u8(c);
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return value;
    }
    cursor_fail(c);
    return 0;
}

static uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (uint64_t)((int64_t)value >> 63);
}

static uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (~(value & 1) + 1);
}

static unsigned varint_size(uint64_t value)
{
    return value ? (unsigned)(70 - __builtin_clzll(value)) / 7 : 1;
}

static unsigned bits_of(uint64_t value)
{
    return value ? (unsigned)(64 - __builtin_clzll(value)) : 0;
}

static size_t packed_size(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

/* Numbers are packed as they are made, so that each column is walked once. */
struct packer {
    struct writer *out;
    uint64_t held;
    unsigned fill;
    unsigned width;
};

static void pack(struct packer *p, uint64_t value)
{
    p->held |= value << p->fill;
    if (p->fill + p->width < 64) {
        p->fill += p->width;
        return;
    }
    put_le64(p->out, p->held);
    p->held = p->fill ? value >> (64 - p->fill) : 0;
    p->fill = p->fill + p->width - 64;
}

static void pack_end(struct packer *p)
{
    put_le(p->out, p->held, (p->fill + 7) / 8);
}

struct unpacker {
    struct bytes in;
    uint64_t held;
    unsigned fill;
    unsigned width;
    uint64_t mask;
};

static struct unpacker unpacker_over(struct cursor *c, size_t count, unsigned width)
{
    if (width > 64)
        cursor_fail(c);
    struct bytes in = take_bytes(c, packed_size(count, width));
    return (struct unpacker){ .in = in, .width = width, .mask = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1 };
}

static uint64_t load_le(struct bytes *in, unsigned *ret_bits)
{
    uint64_t next = 0;
    size_t size = in->size < 8 ? in->size : 8;
    memcpy(&next, in->data, size);
    in->data += size;
    in->size -= size;
    *ret_bits = (unsigned)size * 8;
    return le64toh(next);
}

static uint64_t unpack(struct unpacker *u)
{
    if (u->width <= u->fill) {
        uint64_t value = u->held & u->mask;
        u->held = u->width < 64 ? u->held >> u->width : 0;
        u->fill -= u->width;
        return value;
    }
    unsigned bits;
    uint64_t next = load_le(&u->in, &bits);
    uint64_t value = (u->held | next << u->fill) & u->mask;
    unsigned used = u->width - u->fill;
    u->held = used < 64 ? next >> used : 0;
    u->fill = bits - used;
    return value;
}

/* ---- layout ---- */

size_t block_layout_room(const struct block *b)
{
    return VARINT_MAX + (size_t)b->columns * (6 + 1 + 3);
}

void block_put_layout(const struct block *b, struct writer *w)
{
    put_varint(w, b->columns);
    for (uint32_t i = 0; i < b->columns; i++) {
        put_be(w, b->column[i].obis.code, 6);
        put_u8(w, b->column[i].unit);
        put_varint(w, b->column[i].step);
    }
}

static bool take_layout(struct bytes layout, struct arena *a, struct block *b)
{
    struct cursor c = cursor_over(layout);
    uint64_t columns = take_varint(&c);
    if (c.failed || columns == 0 || columns > BLOCK_COLUMNS_MAX)
        return false;
    b->columns = (uint32_t)columns;
    b->column = arena_take(a, b->columns * sizeof *b->column);
    for (uint32_t i = 0; i < b->columns; i++) {
        b->column[i].obis.code = take_be(&c, 6);
        b->column[i].unit = take_u8(&c);
        uint64_t step = take_varint(&c);
        if (step > UINT16_MAX)
            return false;
        b->column[i].step = (uint16_t)step;
    }
    return cursor_done(&c);
}

/* ---- times ---- */

static uint64_t gcd(uint64_t x, uint64_t y)
{
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

/* The largest listed unit that divides every offset from the start; deltas that repeat cost nothing. */
static unsigned time_unit(const struct block *b)
{
    uint64_t common = gcd(DAY_SECONDS, (uint64_t)(b->walls[0] - b->start)), last = 0;
    for (uint32_t i = 1; i < b->rows && common > 1; i++) {
        uint64_t gap = (uint64_t)(b->walls[i] - b->walls[i - 1]);
        if (gap != last)
            common = gcd(common, gap);
        last = gap;
    }
    unsigned unit = TIME_UNITS - 1;
    while (common % time_units[unit])
        unit--;
    return unit;
}

static void put_times(const struct block *b, struct writer *w)
{
    unsigned code = time_unit(b);
    uint64_t unit = time_units[code];
    put_varint(w, b->rows);
    put_u8(w, code);
    put_varint(w, (uint64_t)(b->walls[0] - b->start) / unit);
    if (b->rows == 1)
        return;
    uint64_t least = UINT64_MAX, most = 0;
    for (uint32_t i = 1; i < b->rows; i++) {
        uint64_t gap = (uint64_t)(b->walls[i] - b->walls[i - 1]);
        least = gap < least ? gap : least;
        most = gap > most ? gap : most;
    }
    struct packer p = { .out = w, .width = bits_of((most - least) / unit) };
    put_varint(w, least / unit);
    put_u8(w, p.width);
    if (!p.width)
        return;
    for (uint32_t i = 1; i < b->rows; i++)
        pack(&p, ((uint64_t)(b->walls[i] - b->walls[i - 1]) - least) / unit);
    pack_end(&p);
}

static void take_gaps(struct cursor *c, struct block *b, uint64_t unit, uint64_t offset)
{
    uint64_t base = take_varint(c);
    unsigned width = take_u8(c);
    if (width > 32 || base > BLOCK_SPAN_MAX)
        cursor_fail(c);
    struct unpacker u = unpacker_over(c, b->rows - 1, width);
    for (uint32_t i = 1; i < b->rows && !c->failed; i++) {
        uint64_t gap = (base + (width ? unpack(&u) : 0)) * unit;
        offset += gap;
        if (gap == 0 || offset >= BLOCK_SPAN_MAX)
            cursor_fail(c);
        else
            b->walls[i] = b->start + (int64_t)offset;
    }
}

static void take_times(struct cursor *c, struct arena *a, struct block *b)
{
    uint64_t rows = take_varint(c);
    unsigned code = take_u8(c);
    uint64_t first = take_varint(c);
    if (rows == 0 || rows > BLOCK_ROWS_MAX || rows * b->columns > BLOCK_CELLS_MAX || code >= TIME_UNITS
        || first >= BLOCK_SPAN_MAX / time_units[code])
        cursor_fail(c);
    if (c->failed)
        return;
    b->rows = (uint32_t)rows;
    b->walls = arena_take(a, b->rows * sizeof *b->walls);
    b->walls[0] = b->start + (int64_t)(first * time_units[code]);
    if (rows > 1)
        take_gaps(c, b, time_units[code], first * time_units[code]);
}

/* ---- columns ---- */

/* What one pass over a column learns. */
struct column_shape {
    uint64_t *numbers; /* those present, in row order; missing ones repeat their neighbour */
    uint32_t count;
    bool runs;         /* marks differ */
    uint32_t mark;     /* of the first present */
    int64_t least, most, least_step, most_step;
};

/* A missing cell's number means nothing: it takes whatever its neighbour has, which costs no bits. */
static int64_t column_filler(const struct block_column *c, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++)
        if (c->marks[i] && !(c->marks[i] & QUALITY_MISSING))
            return c->values[i];
    return 0;
}

static void column_gather(const struct block_column *c, uint32_t rows, struct column_shape *s)
{
    int64_t last = column_filler(c, rows);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t mark = c->marks[i];
        if (!mark)
            continue;
        if (!(mark & QUALITY_MISSING))
            last = c->values[i];
        if (s->count == 0)
            s->mark = mark;
        s->runs |= mark != s->mark;
        s->numbers[s->count++] = (uint64_t)last;
    }
}

static void column_measure(struct column_shape *s)
{
    s->least = s->most = s->count ? (int64_t)s->numbers[0] : 0;
    s->least_step = INT64_MAX;
    s->most_step = INT64_MIN;
    for (uint32_t i = 1; i < s->count; i++) {
        int64_t number = (int64_t)s->numbers[i], step = (int64_t)(s->numbers[i] - s->numbers[i - 1]);
        s->least = number < s->least ? number : s->least;
        s->most = number > s->most ? number : s->most;
        s->least_step = step < s->least_step ? step : s->least_step;
        s->most_step = step > s->most_step ? step : s->most_step;
    }
}

static unsigned column_keep(const struct column_shape *s)
{
    if (s->count == 0)
        return KEEP_NOTHING;
    if (s->least == s->most)
        return KEEP_ONE;
    unsigned offset_width = bits_of((uint64_t)s->most - (uint64_t)s->least);
    unsigned step_width = bits_of((uint64_t)s->most_step - (uint64_t)s->least_step);
    size_t offsets = varint_size(zigzag((uint64_t)s->least)) + packed_size(s->count, offset_width);
    size_t steps = varint_size(zigzag(s->numbers[0])) + varint_size(zigzag((uint64_t)s->least_step))
        + packed_size(s->count - 1, step_width);
    return steps < offsets ? KEEP_STEPS : KEEP_OFFSETS;
}

static void put_numbers(const struct column_shape *s, unsigned keep, struct writer *w)
{
    if (keep == KEEP_NOTHING)
        return;
    uint64_t first = keep == KEEP_OFFSETS ? (uint64_t)s->least : s->numbers[0];
    put_varint(w, zigzag(first));
    if (keep == KEEP_ONE)
        return;
    struct packer p = { .out = w };
    if (keep == KEEP_OFFSETS) {
        p.width = bits_of((uint64_t)s->most - first);
        put_u8(w, p.width);
        for (uint32_t i = 0; i < s->count; i++)
            pack(&p, s->numbers[i] - first);
    } else {
        p.width = bits_of((uint64_t)s->most_step - (uint64_t)s->least_step);
        put_varint(w, zigzag((uint64_t)s->least_step));
        put_u8(w, p.width);
        for (uint32_t i = 1; p.width && i < s->count; i++)
            pack(&p, s->numbers[i] - s->numbers[i - 1] - (uint64_t)s->least_step);
    }
    pack_end(&p);
}

static void put_presence(const struct block_column *c, uint32_t rows, struct writer *w)
{
    for (uint32_t i = 0; i < rows; i += 8) {
        unsigned byte = 0;
        for (uint32_t bit = 0; bit < 8 && i + bit < rows; bit++)
            byte |= (unsigned)(c->marks[i + bit] != 0) << bit;
        put_u8(w, byte);
    }
}

static void put_runs(const struct block_column *c, uint32_t rows, struct writer *w)
{
    uint32_t mark = 0, length = 0;
    for (uint32_t i = 0; i < rows; i++) {
        if (!c->marks[i])
            continue;
        if (length && c->marks[i] != mark) {
            put_varint(w, mark & ~MARK_PRESENT);
            put_varint(w, length);
            length = 0;
        }
        mark = c->marks[i];
        length++;
    }
    put_varint(w, mark & ~MARK_PRESENT);
    put_varint(w, length);
}

static void put_column(const struct block_column *c, uint32_t rows, const struct column_shape *s, bool uniform,
                       struct writer *w)
{
    unsigned keep = column_keep(s), exponent = (unsigned)(c->exponent + EXPONENT_BIAS);
    bool sparse = s->count < rows && s->count > 0;
    if (exponent > EXPONENT_FOLLOWS)
        exponent = EXPONENT_FOLLOWS;
    put_u8(w, exponent << 4 | (s->runs ? COLUMN_RUNS : 0) | (sparse ? COLUMN_SPARSE : 0) | keep);
    if (exponent == EXPONENT_FOLLOWS)
        put_u8(w, (uint8_t)c->exponent);
    if (sparse)
        put_presence(c, rows, w);
    if (s->runs)
        put_runs(c, rows, w);
    else if (!uniform && s->count)
        put_varint(w, s->mark & ~MARK_PRESENT);
    put_numbers(s, keep, w);
}

/* Times of arrival lie near the period, whichever zone the meter is in; a body of before they were kept has none. */
static void put_arrivals(const struct block *b, uint64_t *numbers, struct writer *w)
{
    struct column_shape s = { .numbers = numbers, .count = b->rows };
    for (uint32_t i = 0; i < b->rows; i++)
        numbers[i] = (uint64_t)b->stored[i] - (uint64_t)b->start;
    column_measure(&s);
    unsigned keep = column_keep(&s);
    put_u8(w, keep);
    put_numbers(&s, keep, w);
}

static bool has_arrivals(const struct block *b)
{
    for (uint32_t i = 0; b->stored && i < b->rows; i++)
        if (b->stored[i])
            return true;
    return false;
}

size_t block_room(const struct block *b)
{
    size_t times = 1 + 3 * VARINT_MAX + 2 + (size_t)b->rows * 4 + 8 + (b->stored ? 2 + 2 * VARINT_MAX + (size_t)b->rows * 8 + 16 : 0);
    size_t column = 2 + 3 * VARINT_MAX + (size_t)b->rows * (8 + 2 * 4) + b->rows / 8 + 16;
    return times + VARINT_MAX + column * b->columns;
}

void block_put_body(const struct block *b, struct arena *scratch, struct writer *w)
{
    assert(b->rows > 0);
    struct column_shape *shape = arena_take(scratch, b->columns * sizeof *shape);
    uint64_t *numbers = arena_take(scratch, (size_t)b->rows * (b->columns + 1) * sizeof *numbers);
    uint32_t mark = 0;
    bool uniform = true, arrivals = has_arrivals(b);
    for (uint32_t i = 0; i < b->columns; i++, numbers += b->rows) {
        shape[i].numbers = numbers;
        column_gather(&b->column[i], b->rows, &shape[i]);
        column_measure(&shape[i]);
        if (!mark)
            mark = shape[i].mark;
        uniform &= !shape[i].runs && (shape[i].count == 0 || shape[i].mark == mark);
    }
    bool single = b->rows == 1 && b->walls[0] == b->start;
    put_u8(w, BODY_VERSION << 4 | (arrivals ? BODY_ARRIVALS : 0) | (uniform ? BODY_UNIFORM : 0) | (single ? BODY_SINGLE : 0));
    if (uniform)
        put_varint(w, mark & ~MARK_PRESENT);
    if (!single)
        put_times(b, w);
    if (arrivals)
        put_arrivals(b, numbers, w);
    for (uint32_t i = 0; i < b->columns; i++)
        put_column(&b->column[i], b->rows, &shape[i], uniform, w);
}

/* ---- decoding columns ---- */

static uint32_t take_mark(struct cursor *c)
{
    uint64_t mark = take_varint(c);
    if (mark >> 24)
        cursor_fail(c);
    return (uint32_t)mark | MARK_PRESENT;
}

/* Marks rows present; returns how many are. */
static uint32_t take_presence(struct cursor *c, struct block_column *column, uint32_t rows, bool sparse)
{
    struct bytes bits = take_bytes(c, sparse ? (rows + 7) / 8 : 0);
    if (c->failed)
        return 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++) {
        bool present = !sparse || bits.data[i / 8] >> i % 8 & 1;
        column->marks[i] = present ? MARK_PRESENT : 0;
        count += present;
    }
    return count;
}

static void take_marks(struct cursor *c, struct block_column *column, uint32_t rows, uint32_t uniform, bool runs)
{
    uint32_t mark = uniform ? uniform : runs ? 0 : take_mark(c);
    uint64_t left = UINT64_MAX;
    if (runs)
        left = 0;
    for (uint32_t i = 0; i < rows && !c->failed; i++) {
        if (!column->marks[i])
            continue;
        if (left == 0) {
            mark = take_mark(c);
            left = take_varint(c);
            if (left == 0)
                cursor_fail(c);
        }
        column->marks[i] = mark;
        left--;
    }
}

static void take_numbers(struct cursor *c, struct block_column *column, uint32_t rows, uint32_t count, unsigned keep)
{
    uint64_t number = unzigzag(take_varint(c)), step = 0;
    if (keep == KEEP_STEPS)
        step = unzigzag(take_varint(c));
    unsigned width = keep == KEEP_ONE ? 0 : take_u8(c);
    uint32_t packed = keep == KEEP_STEPS ? count - 1 : keep == KEEP_OFFSETS ? count : 0;
    struct unpacker u = unpacker_over(c, packed, width);
    if (c->failed)
        return;
    uint64_t base = number;
    bool first = true;
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t mark = column->marks[i];
        if (!mark)
            continue;
        if (keep == KEEP_OFFSETS)
            number = base + (width ? unpack(&u) : 0);
        else if (keep == KEEP_STEPS && !first)
            number += step + (width ? unpack(&u) : 0);
        first = false;
        column->values[i] = mark & QUALITY_MISSING ? 0 : (int64_t)number;
    }
}

static void take_column(struct cursor *c, struct block_column *column, uint32_t rows, uint32_t uniform)
{
    unsigned head = take_u8(c), keep = head & KEEP_MASK;
    int exponent = (int)(head >> 4) - EXPONENT_BIAS;
    if (head >> 4 == EXPONENT_FOLLOWS)
        exponent = (int8_t)take_u8(c);
    if (exponent < -18 || exponent > 18 || (uniform && head & COLUMN_RUNS))
        cursor_fail(c);
    column->exponent = (int8_t)exponent;
    if (c->failed || keep == KEEP_NOTHING)
        return;
    uint32_t count = take_presence(c, column, rows, head & COLUMN_SPARSE);
    if (count == 0)
        cursor_fail(c);
    take_marks(c, column, rows, uniform, head & COLUMN_RUNS);
    if (!c->failed)
        take_numbers(c, column, rows, count, keep);
}

static void take_arrivals(struct cursor *c, struct arena *a, struct block *b)
{
    unsigned keep = take_u8(c);
    if (c->failed || keep == KEEP_NOTHING || keep > KEEP_MASK) {
        cursor_fail(c);
        return;
    }
    struct block_column times = { .values = arena_take(a, b->rows * sizeof *times.values), .marks = arena_take(a, b->rows * sizeof *times.marks) };
    for (uint32_t i = 0; i < b->rows; i++)
        times.marks[i] = MARK_PRESENT;
    take_numbers(c, &times, b->rows, b->rows, keep);
    for (uint32_t i = 0; i < b->rows; i++)
        times.values[i] = (int64_t)((uint64_t)times.values[i] + (uint64_t)b->start);
    b->stored = times.values;
}

bool block_take(struct bytes layout, struct bytes body, int64_t start, struct arena *a, struct block *ret)
{
    struct block b = { .start = start };
    if (!take_layout(layout, a, &b))
        return false;
    struct cursor c = cursor_over(body);
    unsigned head = take_u8(&c);
    if (head >> 4 != BODY_VERSION || head & BODY_UNKNOWN)
        return false;
    uint32_t uniform = head & BODY_UNIFORM ? take_mark(&c) : 0;
    if (head & BODY_SINGLE) {
        b.rows = 1;
        b.walls = arena_take(a, sizeof *b.walls);
        b.walls[0] = start;
    } else {
        take_times(&c, a, &b);
    }
    if (!c.failed && head & BODY_ARRIVALS)
        take_arrivals(&c, a, &b);
    if (c.failed)
        return false;
    int64_t *values = arena_take(a, (size_t)b.rows * b.columns * sizeof *values);
    uint32_t *marks = arena_take(a, (size_t)b.rows * b.columns * sizeof *marks);
    for (uint32_t i = 0; i < b.columns && !c.failed; i++) {
        b.column[i].values = values + (size_t)i * b.rows;
        b.column[i].marks = marks + (size_t)i * b.rows;
        take_column(&c, &b.column[i], b.rows, uniform);
    }
    if (!cursor_done(&c))
        return false;
    *ret = b;
    return true;
}

struct reading block_reading(const struct block *b, enum archive archive, uint32_t column, uint32_t row)
{
    const struct block_column *c = &b->column[column];
    return (struct reading){
        .obis = c->obis,
        .wall = b->walls[row],
        .value = decimal_of(c->values[row], c->exponent),
        .step = c->step,
        .archive = (uint8_t)archive,
        .unit = c->unit,
        .quality = mark_quality(c->marks[row]),
        .origin = mark_origin(c->marks[row]),
    };
}
