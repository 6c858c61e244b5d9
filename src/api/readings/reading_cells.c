/* Lines and cells, as all forms lay them; see reading_inside.h. */
#include "api/readings/reading_inside.h"
#include "meter/quantity.h"

#include <stdarg.h>
#include <stdio.h>

uint8_t reading_unit_of(const struct kind_column *column)
{
    return column->unit != UNIT_UNKNOWN ? column->unit : column->source == COLUMN_READING ? (uint8_t)quantity_unit(column->code[0]) : UNIT_NONE;
}

const char *reading_column_unit(const struct reading_query *q, const struct kind_column *column, char text[16], int *ret_places)
{
    uint8_t unit = reading_unit_of(column);
    if (q->kind->form == FORM_POWER) /* energies of intervals become powers */
        unit = unit == UNIT_WATT_HOUR ? UNIT_WATT : UNIT_VAR;
    return kind_unit(q->kind->resource, unit, q->scale, q->lang, text, ret_places);
}

const char *reading_text(struct gathering *g, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return arena_text(g->a, bytes_of_text(text));
}

/* Lines are grown by doubling: what is left behind stays in the arena. */
struct reading_line *reading_line_add(struct gathering *g, int64_t wall)
{
    struct reading_lines *r = g->ret;
    bool full = r->count >= READING_LINES_MOST || (r->count + 1) * g->q->column_count > READING_CELLS_MOST;
    if (full) {
        r->more = true;
        return NULL;
    }
    if ((r->count & (r->count - 1)) == 0) { /* 0 and the powers of two */
        struct reading_line *grown = arena_take(g->a, (r->count ? r->count * 2 : 1) * sizeof *grown);
        if (r->count)
            memcpy(grown, r->lines, r->count * sizeof *grown);
        r->lines = grown;
    }
    struct reading_line *line = &r->lines[r->count++];
    *line = (struct reading_line){ wall, arena_take(g->a, (g->q->column_count + 1) * sizeof *line->cells), "", false };
    return line;
}

size_t reading_column_of(const struct gathering *g, enum column_source source, struct obis code, uint8_t unit, size_t from)
{
    for (size_t i = from; i < g->q->column_count; i++) {
        const struct kind_column *column = &g->q->columns[i];
        bool fits = column->source == source && (column->unit == UNIT_UNKNOWN || unit == UNIT_UNKNOWN || column->unit == unit);
        for (int k = 0; fits && k < COLUMN_CODES && column->code[k].code; k++)
            if (obis_equal(column->code[k], code))
                return i;
    }
    return g->q->column_count;
}

/* A value in another unit than its column's, which a meter is free to use, is shown with it. */
struct reading_cell reading_cell_of(struct gathering *g, size_t column, const struct reading *r)
{
    struct reading_cell cell = { .quality = r->quality, .known = true };
    char number[DECIMAL_TEXT_MAX];
    if (r->quality & QUALITY_MISSING)
        return cell;
    bool usual = r->unit == g->units[column] || r->unit == UNIT_UNKNOWN;
    if (usual && kind_shifted(r->value, (int)g->places[column], &cell.number)) {
        cell.kind = CELL_NUMBER;
    } else {
        cell.kind = CELL_TEXT;
        cell.text = reading_text(g, "%s %s", decimal_format(r->value, number), unit_symbol(r->unit, g->q->lang));
    }
    return cell;
}

struct reading_cell reading_cell_state(const struct kind_column *column, int64_t value)
{
    int64_t shown = column->mask ? (value & column->mask) != 0 : value;
    return (struct reading_cell){ .kind = column->mask ? CELL_YES_NO : CELL_NUMBER, .known = true, .number = decimal_of(shown, 0) };
}

struct reading_cell reading_cell_text(const char *text)
{
    return (struct reading_cell){ .kind = CELL_TEXT, .known = true, .text = text };
}
