/* Reading a workbook that somebody has sent (ISO/IEC 29500): the first worksheet as rows of texts.
 *
 * The file is hostile: sizes and counts are bounded before anything is unpacked, what unpacks beyond its bounds or names
 * entities is refused, nothing outside the file is looked at. Formulas count by the value that was saved with them. */
#pragma once
#include "base/arena.h"
#include "base/lang.h"
#include "base/text.h"

enum {
    SHEET_COLUMNS_MAX = 64,        /* cells beyond are passed over */
    SHEET_ROWS_MAX = 100000,       /* rows with a number above are refused */
    SHEET_CELL_MAX = 4096,         /* bytes of a cell; longer ones are refused */
    SHEET_PART_MAX = 64 << 20,     /* bytes that one part of the file may unpack to */
    SHEET_STRINGS_MAX = 400000,
};

/* A row with anything in it: `row` from 1; texts that are not there are NULL. Numbers come without an exponent when they are
 * whole. What it gets lives as long as the call. False stops. */
typedef bool sheet_row_fn(void *context, int row, const char *const cell[SHEET_COLUMNS_MAX]);

/* False with the reason for a person in `problem`. */
bool sheet_read(struct bytes file, sheet_row_fn *each, void *context, enum lang lang, struct text *problem);

/* "C" of the third column; "C7" with its row. */
void sheet_cell_name(int column, int row, struct text *t);
