/* Folding hot rows into blocks.
 *
 * Day after day, and within a day a stretch of meters at a time: the rows of a stretch lie side by side in every
 * half-hour of the hot table, so whole pages are freed, and the blocks made are written in the order of their keys. */
#include "store/inside.h"

#include <stdlib.h>

enum { STRETCH_METERS = 2048, DAY_SLOTS = DAY_SECONDS / SLOT_SECONDS };

struct folding {
    struct side *side;
    struct arena arena;
    int64_t slots[DAY_SLOTS];
    size_t slot_count;
    struct hot_row *rows;
    size_t count, room;
};

static void list_slots(struct folding *f, int64_t from, int64_t to)
{
    f->slot_count = 0;
    for (int64_t slot = hot_slot_after(f->side, from); slot >= 0 && slot < to && f->slot_count < DAY_SLOTS;
         slot = hot_slot_after(f->side, slot + 1))
        f->slots[f->slot_count++] = slot;
}

/* The first meter at or after `meter` in any of the slots; 0 when none. */
static int64_t meter_after(struct folding *f, int64_t meter)
{
    int64_t least = 0;
    for (size_t i = 0; i < f->slot_count; i++) {
        struct query *q = db_query(f->side->db, "SELECT meter FROM hot WHERE slot = $1 AND meter >= $2"
                                                " ORDER BY meter LIMIT 1");
        query_put_int(q, 1, f->slots[i]);
        query_put_int(q, 2, meter);
        if (query_row(q) && (least == 0 || query_int(q, 0) < least))
            least = query_int(q, 0);
        query_end(q);
    }
    return least;
}

static struct hot_row *add_row(struct folding *f)
{
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 1024;
        f->rows = memory_grow(f->rows, f->room * sizeof *f->rows, room * sizeof *f->rows);
        f->room = room;
    }
    return &f->rows[f->count++];
}

static void gather_slot(struct folding *f, int64_t slot, int64_t from, int64_t to)
{
    struct side *side = f->side;
    struct query *q = db_query(side->db, "SELECT meter, archive, offset, layout, body FROM hot"
                                         " WHERE slot = $1 AND meter >= $2 AND meter < $3");
    query_put_int(q, 1, slot);
    query_put_int(q, 2, from);
    query_put_int(q, 3, to);
    while (query_row(q)) {
        struct hot_row *row = add_row(f);
        int64_t wall = slot * SLOT_SECONDS + query_int(q, 2);
        *row = (struct hot_row){ slot, query_int(q, 0), wall, (enum archive)query_int(q, 1), { 0 } };
        struct bytes layout = layout_bytes(side, query_int(q, 3));
        if (!db_failed(side->db) && !block_take(layout, query_bytes(q, 4), wall, &f->arena, &row->block))
            db_fail(side->db, TROUBLE_DAMAGED, "hot row");
    }
}

static void drop_slot(struct folding *f, int64_t slot, int64_t from, int64_t to)
{
    struct query *q = db_query(f->side->db, "DELETE FROM hot WHERE slot = $1 AND meter >= $2 AND meter < $3");
    query_put_int(q, 1, slot);
    query_put_int(q, 2, from);
    query_put_int(q, 3, to);
    query_run(q);
}

static int row_order(const void *x, const void *y)
{
    const struct hot_row *a = x, *b = y;
    if (a->archive != b->archive)
        return a->archive < b->archive ? -1 : 1;
    if (a->meter != b->meter)
        return a->meter < b->meter ? -1 : 1;
    return (a->wall > b->wall) - (a->wall < b->wall);
}

/* All rows of one meter and archive: they are of one day, hence of one period. */
static void fold_meter(struct folding *f, const struct hot_row *rows, size_t count)
{
    struct side *side = f->side;
    struct arena *arena = &side->arena;
    arena_reset(arena);
    enum archive a = rows->archive;
    int64_t period = period_of(a, rows->wall);
    const struct block **parts = arena_take(arena, (count + 1) * sizeof(struct block *));
    for (size_t i = 0; i < count; i++)
        parts[i] = &rows[i].block;
    const struct block *stored = cells_load(side, a, period, rows->meter, arena);
    if (stored)
        parts[count] = stored;
    struct block made;
    if (block_join(parts, count + (stored != NULL), period_start(a, period), arena, &made))
        cells_save(side, a, period, rows->meter, &made, stored != NULL);
    else
        db_fail(side->db, TROUBLE_DAMAGED, "block limit");
}

static void fold_stretch(struct folding *f, int64_t from, int64_t to)
{
    f->count = 0;
    arena_reset(&f->arena);
    for (size_t i = 0; i < f->slot_count; i++)
        gather_slot(f, f->slots[i], from, to);
    if (f->count)
        qsort(f->rows, f->count, sizeof *f->rows, row_order);
    for (size_t i = 0, next; i < f->count && !db_failed(f->side->db); i = next) {
        for (next = i + 1; next < f->count && f->rows[next].meter == f->rows[i].meter
             && f->rows[next].archive == f->rows[i].archive; next++)
            ;
        fold_meter(f, &f->rows[i], next - i);
    }
    for (size_t i = 0; i < f->slot_count; i++)
        drop_slot(f, f->slots[i], from, to);
}

enum fault store_fold(struct store *s, int64_t up_to, size_t *ret_rows)
{
    struct folding f = { 0 };
    enum fault fault = FAULT_NONE;
    size_t rows = 0;
    int64_t end = up_to / SLOT_SECONDS, slot = 0, meter = 0;
    while (fault == FAULT_NONE && slot >= 0) {
        f.side = side_begin(s, DB_WRITE);
        slot = hot_slot_after(f.side, slot);
        if (slot >= end)
            slot = -1;
        int64_t next_day = (slot / DAY_SLOTS + 1) * DAY_SLOTS;
        if (slot >= 0)
            list_slots(&f, slot, next_day < end ? next_day : end);
        meter = slot >= 0 ? meter_after(&f, meter) : 0;
        f.count = 0;
        if (meter)
            fold_stretch(&f, meter, meter + STRETCH_METERS);
        fault = side_end(f.side);
        rows += fault == FAULT_NONE ? f.count : 0;
        meter = meter ? meter + STRETCH_METERS : 0; /* at the day's last meter the next look finds another day */
    }
    free(f.rows);
    arena_free(&f.arena);
    if (ret_rows && fault == FAULT_NONE)
        *ret_rows = rows;
    return fault;
}
