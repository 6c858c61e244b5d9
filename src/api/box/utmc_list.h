/* The text list of meters of УТМЦ-700 (manual S4, 17): one meter a line,
 *
 *   number;model;serial;version;maker;address;baud;note
 *
 * in UTF-8 or Windows-1251. What becomes of it are rows of the table of meters (api/box/meter_table.h).
 *
 * The note is a comment, unless it has nothing but these letters, Latin or Russian (15.8, and «Подключение ... СИПУ», 4): С cold
 * water, Н hot water (kept as a comment; what a meter measures it says itself), М the monthly archive is read, Т the clock is kept
 * right, Р values as of a pulse counter (kept as a comment). */
#pragma once
#include "api/box/meter_table.h"

enum { UTMC_CHANNEL_METERS = 256 /* channel n begins with number 256 * (n - 1) + 1 (S4, 19) */, UTMC_CLOCK_FROM_S = 2 };

/* Rows of the list; mistakes are told to `t` under the number of the meter's line among the meters. `link`: all meters answer over
 * this channel; 0: the number says which serial one, in order of their ids. The array is the caller's. */
json_t *utmc_rows(struct meter_table *t, struct bytes list, int64_t link);
