/* When each meter's day became whole: so that «collected by nine o'clock» can be told of any day, for any choice of meters.
 * One byte for a meter, day and archive. It is noted by looking now and then (store_arrivals_note) at what is whole, so an
 * hour here says «not later than». */
#pragma once
#include "store/store.h"

enum { ARRIVAL_LATE = 255, ARRIVAL_HOURS_MAX = 254 };

/* When a day of the archive can be whole at the earliest: its beginning for registers at the start of the day, its end for
 * profiles. Hours of arrival are counted from there. */
int64_t arrival_epoch(enum archive a, int64_t day);

/* Looks at the last `days` days up to the one of `now_wall`; those that became whole since the look before are noted with the
 * hours from arrival_epoch to now, rounded up (a look within the first minute of an hour counts for its beginning): 1..254, ARRIVAL_LATE beyond. */
enum fault store_arrivals_note(struct store *s, enum archive a, int64_t now_wall, int days);

/* Hours of arrival of the day's meters, in order of id; those not whole yet are left out. *ret_noted says whether anything was
 * ever noted for the day. */
typedef bool store_arrival_fn(void *context, int64_t meter, int hours);
enum fault store_arrivals(struct store *s, enum archive a, int64_t day, store_arrival_fn *each, void *context, bool *ret_noted);

/* Forgets the days before, of all archives. */
enum fault store_arrivals_retain(struct store *s, int64_t first_day);
