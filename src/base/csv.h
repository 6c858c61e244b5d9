/* CSV for spreadsheets. */
#pragma once
#include "base/buffer.h"

/* A cell: quoted, quotes doubled; what a spreadsheet would run as a formula gets an apostrophe. `after` is ";", "\n" or "". */
void csv_cell(struct buffer *b, const char *text, const char *after);
