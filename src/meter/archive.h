/* The archives a meter keeps, and the grid of intervals each must have.
 *
 * Times are wall seconds of the meter's own clock (base/civil.h). A register archive (day, month) names the moment its
 * value was frozen: 00:00 of the day or of the first of the month. An interval archive (profile, hour) names the START
 * of its interval, so that the 48 half-hours of a day are the records 00:00..23:30 of that day; meters that stamp the
 * end of the interval are converted by their driver. */
#pragma once
#include "base/civil.h"
#include "base/lang.h"

enum archive {
    ARCHIVE_CURRENT, /* registers as they stand now */
    ARCHIVE_NETWORK, /* voltages, currents, powers... as they are now */
    ARCHIVE_DAY,     /* registers at the start of the day */
    ARCHIVE_MONTH,   /* registers at the start of the month */
    ARCHIVE_PROFILE, /* load profile: what each interval used; step of 1..30 minutes, usually 30 */
    ARCHIVE_HOUR,    /* hourly records: profile with a step of 60 minutes, hour archive of heat and water meters */
    ARCHIVE_JOURNAL, /* events */
    ARCHIVE_STATE,   /* relays, switches, status words, kept as changes */
    ARCHIVE_COUNT
};

/* "profile", as the command line and JSON write it; `archive_parse` accepts the same. ARCHIVE_COUNT when unknown. */
const char *archive_name(enum archive a);
enum archive archive_parse(const char *name);

/* For people: «Профиль нагрузки». */
const char *archive_title(enum archive a, enum lang lang);

/* True for archives with a grid of intervals that must exist: day, month, profile, hour. */
bool archive_has_grid(enum archive a);

/* A stretch of wall time: from the first moment, up to but not including `to`. */
struct span {
    int64_t from;
    int64_t to;
};

static inline bool span_holds(struct span s, int64_t wall)
{
    return wall >= s.from && wall < s.to;
}

/* Latest grid point at or before `wall`; `step` is the profile's step in seconds (ignored for day and month). */
int64_t archive_floor(enum archive a, int step, int64_t wall);

/* The grid point after `at`, which must itself be one. */
int64_t archive_next(enum archive a, int step, int64_t at);

/* How many grid points the span holds. */
int64_t archive_count(enum archive a, int step, struct span s);

/* Readings are stored in blocks: a day of a profile or hour archive, a month of days, a year of months, a day of
 * anything else. First moment of the block that holds `wall`, and of the next one. */
int64_t archive_block_start(enum archive a, int64_t wall);
int64_t archive_block_end(enum archive a, int64_t wall);
