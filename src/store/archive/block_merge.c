/* Merging readings and blocks into a block; see block.h.
 *
 * First the rows are settled (all moments, sorted), then cells are placed one by one; columns appear as registers are
 * met. Readings come in the order a meter gives them (slot by slot or register by register), so a guess from the one
 * before finds row and column nearly always. */
#include "store/archive/block.h"

#include <assert.h>
#include <stdlib.h>

struct build {
    struct arena *arena;
    struct block block;
    uint32_t room;      /* columns allocated */
    uint32_t row, column; /* where the last cell went */
    bool doubles;       /* some OBIS has more than one column */
    bool failed;        /* a limit was passed */
    struct block_counts counts;
};

/* ---- rows ---- */

static int wall_order(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* Sorts and drops doubles; returns how many are left. */
static size_t walls_settle(int64_t *walls, size_t count)
{
    bool ascending = true;
    for (size_t i = 1; i < count && ascending; i++)
        ascending = walls[i - 1] < walls[i];
    if (ascending)
        return count;
    qsort(walls, count, sizeof *walls, wall_order);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || walls[kept - 1] != walls[i])
            walls[kept++] = walls[i];
    return kept;
}

static void build_rows(struct build *b, int64_t *walls, size_t count)
{
    count = walls_settle(walls, count);
    b->failed |= count == 0 || count > BLOCK_ROWS_MAX;
    b->block.walls = walls;
    b->block.rows = b->failed ? 0 : (uint32_t)count;
    b->block.stored = arena_take(b->arena, b->block.rows * sizeof *b->block.stored + 1);
}

static bool find_row(const struct block *b, int64_t wall, uint32_t *ret)
{
    uint32_t low = 0, high = b->rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (b->walls[middle] < wall)
            low = middle + 1;
        else
            high = middle;
    }
    *ret = low;
    return low < b->rows && b->walls[low] == wall;
}

static void seek_row(struct build *b, int64_t wall)
{
    const struct block *k = &b->block;
    if (k->walls[b->row] == wall)
        return;
    if (b->row + 1 < k->rows && k->walls[b->row + 1] == wall) {
        b->row++;
        return;
    }
    bool found = find_row(k, wall, &b->row);
    assert(found);
    (void)found;
}

bool block_has_row(const struct block *b, int64_t wall)
{
    uint32_t row;
    return find_row(b, wall, &row);
}

/* ---- columns ---- */

static struct block_column *build_column(struct build *b, const struct block_column *like, int8_t exponent)
{
    struct block *k = &b->block;
    if (k->columns >= BLOCK_COLUMNS_MAX || (uint64_t)(k->columns + 1) * k->rows > BLOCK_CELLS_MAX) {
        b->failed = true;
        return NULL;
    }
    if (k->columns == b->room) {
        uint32_t room = b->room ? b->room * 2 : 8;
        struct block_column *grown = arena_take(b->arena, room * sizeof *grown);
        if (k->columns)
            memcpy(grown, k->column, k->columns * sizeof *grown);
        k->column = grown;
        b->room = room;
    }
    for (uint32_t i = 0; i < k->columns; i++)
        b->doubles |= obis_equal(k->column[i].obis, like->obis);
    struct block_column *c = &k->column[k->columns++];
    *c = *like;
    c->exponent = exponent;
    c->values = arena_take(b->arena, k->rows * sizeof *c->values);
    c->marks = arena_take(b->arena, k->rows * sizeof *c->marks);
    return c;
}

static bool column_is(const struct block_column *c, const struct block_column *key)
{
    return obis_equal(c->obis, key->obis) && c->unit == key->unit && c->step == key->step;
}

static bool has_number(uint32_t mark)
{
    return mark && !(mark & QUALITY_MISSING);
}

/* Makes the column finer, exactly, when all its numbers allow it. */
static bool column_refine(struct block_column *c, uint32_t rows, int8_t exponent)
{
    struct decimal finer;
    for (uint32_t i = 0; i < rows; i++)
        if (has_number(c->marks[i]) && !decimal_rescale(decimal_of(c->values[i], c->exponent), exponent, &finer))
            return false;
    for (uint32_t i = 0; i < rows; i++)
        if (has_number(c->marks[i]) && decimal_rescale(decimal_of(c->values[i], c->exponent), exponent, &finer))
            c->values[i] = finer.mantissa;
    c->exponent = exponent;
    return true;
}

/* The mantissa that stands for `value` in this column; the column is refined when it is too coarse. */
static bool column_fits(struct block_column *c, uint32_t rows, struct decimal value, int64_t *ret)
{
    struct decimal scaled;
    if (value.exponent == c->exponent) {
        *ret = value.mantissa;
        return true;
    }
    if (decimal_rescale(value, c->exponent, &scaled)) {
        *ret = scaled.mantissa;
        return true;
    }
    if (value.exponent > c->exponent || !column_refine(c, rows, value.exponent))
        return false;
    *ret = value.mantissa;
    return true;
}

/* Puts a cell into the current row: in the column of this register that can hold the number exactly, made if needed. */
static void place(struct build *b, const struct block_column *key, struct decimal value, uint32_t mark)
{
    struct block *k = &b->block;
    if (mark & QUALITY_MISSING)
        value.mantissa = 0;
    for (uint32_t tried = 0; tried < k->columns; tried++) {
        uint32_t i = b->column + tried < k->columns ? b->column + tried : b->column + tried - k->columns;
        struct block_column *c = &k->column[i];
        int64_t mantissa = 0;
        if (!column_is(c, key) || (has_number(mark) && !column_fits(c, k->rows, value, &mantissa)))
            continue;
        c->values[b->row] = mantissa;
        c->marks[b->row] = mark;
        b->column = i;
        return;
    }
    struct block_column *c = build_column(b, key, value.exponent);
    if (!c)
        return;
    c->values[b->row] = value.mantissa;
    c->marks[b->row] = mark;
    b->column = k->columns - 1;
}

/* The column in which the current row holds this OBIS, whatever its unit; NULL when none does. */
static struct block_column *holder(struct build *b, struct obis obis)
{
    struct block *k = &b->block;
    for (uint32_t tried = 0, guess = b->column; tried < k->columns; tried++) {
        uint32_t i = guess + tried < k->columns ? guess + tried : guess + tried - k->columns;
        struct block_column *c = &k->column[i];
        if (!obis_equal(c->obis, obis))
            continue;
        b->column = i;
        if (c->marks[b->row])
            return c;
        if (!b->doubles)
            return NULL;
    }
    return NULL;
}

static void vacate(struct build *b, struct block_column *held)
{
    held->marks[b->row] = 0;
    held->values[b->row] = 0;
}

static int column_order(const void *x, const void *y)
{
    const struct block_column *a = x, *b = y;
    if (a->obis.code != b->obis.code)
        return a->obis.code < b->obis.code ? -1 : 1;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return a->exponent - b->exponent;
}

/* One order of columns, so that equal sets of registers share a layout; columns that lost their last cell go. */
static bool build_end(struct build *b, struct block *ret)
{
    if (b->failed)
        return false;
    struct block *k = &b->block;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->columns; i++) {
        bool used = false;
        for (uint32_t row = 0; row < k->rows && !used; row++)
            used = k->column[i].marks[row] != 0;
        if (used)
            k->column[kept++] = k->column[i];
    }
    k->columns = kept;
    bool sorted = true;
    for (uint32_t i = 1; i < kept && sorted; i++)
        sorted = column_order(&k->column[i - 1], &k->column[i]) < 0;
    if (!sorted)
        qsort(k->column, kept, sizeof *k->column, column_order);
    *ret = *k;
    return true;
}

/* ---- blocks and readings ---- */

static void build_stored(struct build *b, const struct block *part)
{
    for (uint32_t row = 0; part->stored && row < part->rows; row++) {
        seek_row(b, part->walls[row]);
        if (b->block.stored[b->row] < part->stored[row])
            b->block.stored[b->row] = part->stored[row];
    }
}

static void build_block(struct build *b, const struct block *part)
{
    build_stored(b, part);
    for (uint32_t i = 0; i < part->columns && !b->failed; i++) {
        const struct block_column *c = &part->column[i];
        for (uint32_t row = 0; row < part->rows && !b->failed; row++) {
            uint32_t mark = c->marks[row];
            if (!mark)
                continue;
            seek_row(b, part->walls[row]);
            struct block_column *held = holder(b, c->obis);
            if (held && !has_number(mark))
                continue;
            if (held)
                vacate(b, held);
            place(b, c, decimal_of(c->values[row], c->exponent), mark);
        }
    }
}

/* True when `r` may stand where `mark` stands: see the rules in block.h. */
static bool may_replace(uint32_t mark, const struct reading *r)
{
    if (!has_number(mark))
        return true;
    bool estimate = r->quality & QUALITY_ESTIMATED, held_estimate = mark & QUALITY_ESTIMATED;
    return !(r->quality & QUALITY_MISSING) && (!estimate || held_estimate);
}

static bool is_same(const struct block_column *c, uint32_t row, const struct reading *r)
{
    if (mark_quality(c->marks[row]) != r->quality)
        return false;
    if (r->quality & QUALITY_MISSING)
        return true;
    return c->unit == r->unit && c->step == r->step
        && (c->exponent == r->value.exponent ? c->values[row] == r->value.mantissa
                                             : decimal_compare(decimal_of(c->values[row], c->exponent), r->value) == 0);
}

static void build_reading(struct build *b, const struct reading *r)
{
    seek_row(b, r->wall);
    struct block_column *held = holder(b, r->obis);
    unsigned revision = 0;
    if (held) {
        uint32_t mark = held->marks[b->row];
        if (is_same(held, b->row, r) || !may_replace(mark, r)) {
            b->counts.same++;
            b->column++;
            return;
        }
        revision = mark_revision(mark) < 255 ? mark_revision(mark) + 1U : 255;
        vacate(b, held);
        b->counts.changed++;
    } else {
        b->counts.fresh++;
    }
    b->counts.touched[b->row] = true;
    struct block_column key = { .obis = r->obis, .unit = r->unit, .step = r->step };
    place(b, &key, r->value, mark_of(r->quality, r->origin, (uint8_t)revision));
    b->column++;
}

bool block_merge(const struct block *old, int64_t start, const struct reading *readings, size_t count, int64_t stored_s,
                 struct arena *a, struct block *ret, struct block_counts *ret_counts)
{
    struct build b = { .arena = a, .block.start = start };
    size_t total = 0;
    int64_t *walls = arena_take(a, (count + (old ? old->rows : 0)) * sizeof *walls);
    for (uint32_t i = 0; old && i < old->rows; i++)
        walls[total++] = old->walls[i];
    for (size_t i = 0; i < count; i++)
        if (total == 0 || walls[total - 1] != readings[i].wall)
            walls[total++] = readings[i].wall;
    build_rows(&b, walls, total);
    b.counts.touched = arena_take(a, b.block.rows * sizeof *b.counts.touched + 1);
    if (!b.failed && old)
        build_block(&b, old);
    for (size_t i = 0; i < count && !b.failed; i++) {
        if (b.column >= b.block.columns)
            b.column = 0;
        build_reading(&b, &readings[i]);
    }
    for (uint32_t row = 0; row < b.block.rows; row++)
        if (b.counts.touched[row])
            b.block.stored[row] = stored_s;
    if (!build_end(&b, ret))
        return false;
    *ret_counts = b.counts;
    return true;
}

bool block_join(const struct block *const *parts, size_t count, int64_t start, struct arena *a, struct block *ret)
{
    struct build b = { .arena = a, .block.start = start };
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i]->rows;
    int64_t *walls = arena_take(a, total * sizeof *walls);
    total = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t row = 0; row < parts[i]->rows; row++)
            walls[total++] = parts[i]->walls[row];
    build_rows(&b, walls, total);
    for (size_t i = 0; i < count && !b.failed; i++)
        build_block(&b, parts[i]);
    return build_end(&b, ret);
}
