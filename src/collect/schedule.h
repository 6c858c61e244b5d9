/* When a task runs: pure, given the clock. Times are of a time zone (base/zone.h), so "01:00" stays 01:00 when summer time
 * comes. */
#pragma once
#include "base/civil.h"
#include "base/text.h"
#include "base/zone.h"

enum schedule_kind { SCHEDULE_ONCE, SCHEDULE_MINUTES, SCHEDULE_HOURS, SCHEDULE_DAILY, SCHEDULE_WEEKLY, SCHEDULE_MONTHLY, SCHEDULE_YEARLY, SCHEDULE_KINDS };

enum { SCHEDULE_TIMES_MAX = 48, SCHEDULE_TEXT_MAX = 480, SCHEDULE_EVERY_MAX = 44640, SCHEDULE_LAST_DAY = 1 };

struct schedule {
    enum schedule_kind kind;
    int64_t start;     /* wall: not before; the moment itself for SCHEDULE_ONCE, the first of the row for MINUTES and HOURS */
    int every;         /* MINUTES, HOURS: 1.. */
    int times;         /* DAILY, WEEKLY, MONTHLY, YEARLY: 1..; */
    int32_t time[SCHEDULE_TIMES_MAX]; /* seconds of the day, ascending */
    uint8_t weekdays;  /* WEEKLY: bit 0 Monday .. bit 6 Sunday */
    uint32_t days;     /* MONTHLY, YEARLY: bit 1..31; bit 0 the last day of the month */
    uint16_t months;   /* YEARLY: bit 1..12 */
};

/* UTC seconds of the first run after `after_s`; WALL_NONE when there is none. A day the month does not have is its last one. */
int64_t schedule_next(const struct schedule *s, const struct zone *z, int64_t after_s);

/* May a schedule begin then: wall seconds of the years 1970 to 2399. */
bool schedule_start_good(int64_t start);

/* True when every field is in its range and the kind has what it needs. */
bool schedule_good(const struct schedule *s);

/* As text for the store and back: "weekly 2026-11-22 00:00:00 times=3600,46800 weekdays=31". Reading checks; any text is safe. */
void schedule_write(const struct schedule *s, struct text *t);
bool schedule_read(const char *text, struct schedule *ret);

/* "daily" and so on; NULL behind the last, for tables of words. */
extern const char *const schedule_names[SCHEDULE_KINDS + 1];
