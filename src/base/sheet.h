/* A table on its way out, row by row: CSV as it is made, or a workbook for a spreadsheet (ISO/IEC 29500). Never held whole:
 * CSV goes out in parts, a workbook waits in a file of its own until it is complete.
 *
 * Numbers stay exact. A workbook keeps numbers as IEEE 754 doubles, so that one with more digits than a double is sure of
 * goes out as text. Text that a spreadsheet would run as a formula gets an apostrophe in CSV; in a workbook it is text. */
#pragma once
#include "base/decimal.h"

enum sheet_kind { SHEET_CSV, SHEET_XLSX };

struct sheet;

/* Where it goes. Both may wait; false from `write`, true from `gone`: nobody takes it any more. */
struct sheet_out {
    bool (*write)(void *to, const void *data, size_t size);
    bool (*gone)(void *to);
    void *to;
};

/* Begins a table; `title` (UTF-8) is the worksheet's name. */
struct sheet *sheet_over(enum sheet_kind kind, struct sheet_out out, const char *title);

/* Cells of the row from left to right. */
void sheet_head(struct sheet *s, const char *utf8); /* of the row of headings */
void sheet_text(struct sheet *s, const char *utf8);
void sheet_marked(struct sheet *s, const char *utf8); /* what is wrong: on red in a workbook */
void sheet_number(struct sheet *s, struct decimal value);
void sheet_int(struct sheet *s, int64_t value);
void sheet_empty(struct sheet *s);

/* Ends the row. A workbook goes on in another worksheet, with the headings again, after 1,048,576 rows. False once the client
 * is gone or the disk is full: no more rows need be made. */
bool sheet_row(struct sheet *s);

/* Sends what remains and forgets the table. True when all of it went out. */
bool sheet_end(struct sheet **s);

/* Type of the answer. */
const char *sheet_type(enum sheet_kind kind);
