/* Calendar arithmetic on wall time.
 *
 * A meter shows local time and rarely knows its zone, so readings are kept on the meter's own wall clock:
 * `int64_t wall` is the number of seconds since 1970-01-01 00:00:00 as that clock shows them, days of 86,400 s.
 * Proleptic Gregorian calendar; years 0001..9999. */
#pragma once
#include "base/bytes.h"

struct civil {
    int year;
    int month;  /* 1..12 */
    int day;    /* 1..31 */
    int hour;   /* 0..23 */
    int minute; /* 0..59 */
    int second; /* 0..59 */
};

enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600, HALF_HOUR_SECONDS = 1800 };

/* Longest text civil_format writes, NUL included. */
enum { CIVIL_TEXT_MAX = 32 };

/* No such moment: what parsers and decoders return for times that do not exist. Sorts before every other. */
#define WALL_NONE INT64_MIN

int64_t civil_to_wall(struct civil c);
struct civil civil_of_wall(int64_t wall);

/* True when every field is in its range, the day existing in its month. */
bool civil_valid(struct civil c);

/* Wall seconds of the fields, or WALL_NONE when they name no moment. */
int64_t wall_from_fields(int year, int month, int day, int hour, int minute, int second);

/* Days since 1970-01-01 of that wall time, rounded down; and back to the day's first second. */
int64_t wall_day(int64_t wall);
int64_t day_wall(int64_t day);

/* First second of the day, month or year that holds `wall`. */
int64_t wall_day_start(int64_t wall);
int64_t wall_month_start(int64_t wall);
int64_t wall_year_start(int64_t wall);

/* Months since January of year 0 of the month that holds `wall`; and back to the month's first second. */
int64_t wall_month(int64_t wall);
int64_t month_wall(int64_t month);

/* 1 = Monday .. 7 = Sunday. */
int wall_weekday(int64_t wall);

int days_in_month(int year, int month);

/* "2026-11-21 09:30:00". Returns `text`; "-" for WALL_NONE. */
char *wall_format(int64_t wall, char text[CIVIL_TEXT_MAX]);

/* Reads "2026-11-21", "2026-11-21 09:30", "2026-11-21T09:30:15" or "21.11.2026 09:30". WALL_NONE when it is none. */
int64_t wall_parse(const char *text);
