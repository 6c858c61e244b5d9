/* Calendar arithmetic; see civil.h. */
#include "base/civil.h"

#include <stdio.h>

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Days since 1970-01-01, counted in 400-year eras that begin in March so that the leap day is a year's last. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int64_t civil_to_wall(struct civil c)
{
    return days_from_civil(c.year, c.month, c.day) * DAY_SECONDS + c.hour * 3600 + c.minute * 60 + c.second;
}

struct civil civil_of_wall(int64_t wall)
{
    int64_t days = floor_divide(wall, DAY_SECONDS);
    int second = (int)(wall - days * DAY_SECONDS);
    days += 719468;
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = (int)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
    int shifted = (5 * day_of_year + 2) / 153;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = day_of_year - (153 * shifted + 2) / 5 + 1,
        .hour = second / 3600,
        .minute = second / 60 % 60,
        .second = second % 60,
    };
}

int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_valid(struct civil c)
{
    return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= days_in_month(c.year, c.month) && c.hour >= 0 && c.hour <= 23 && c.minute >= 0 &&
           c.minute <= 59 && c.second >= 0 && c.second <= 59;
}

int64_t wall_from_fields(int year, int month, int day, int hour, int minute, int second)
{
    struct civil c = { year, month, day, hour, minute, second };
    return civil_valid(c) ? civil_to_wall(c) : WALL_NONE;
}

int64_t wall_day(int64_t wall)
{
    return floor_divide(wall, DAY_SECONDS);
}

int64_t day_wall(int64_t day)
{
    return day * DAY_SECONDS;
}

int64_t wall_day_start(int64_t wall)
{
    return day_wall(wall_day(wall));
}

int64_t wall_month_start(int64_t wall)
{
    return month_wall(wall_month(wall));
}

int64_t wall_year_start(int64_t wall)
{
    return civil_to_wall((struct civil){ .year = civil_of_wall(wall).year, .month = 1, .day = 1 });
}

int64_t wall_month(int64_t wall)
{
    struct civil c = civil_of_wall(wall);
    return (int64_t)c.year * 12 + c.month - 1;
}

int64_t month_wall(int64_t month)
{
    int64_t year = floor_divide(month, 12);
    return days_from_civil(year, (int)(month - year * 12) + 1, 1) * DAY_SECONDS;
}

int wall_weekday(int64_t wall)
{
    int64_t day = wall_day(wall) + 3; /* 1970-01-01 was a Thursday */
    return (int)(day - floor_divide(day, 7) * 7) + 1;
}

char *wall_format(int64_t wall, char text[CIVIL_TEXT_MAX])
{
    if (wall == WALL_NONE) {
        memcpy(text, "-", 2);
        return text;
    }
    struct civil c = civil_of_wall(wall);
    snprintf(text, CIVIL_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d", c.year % 10000, c.month, c.day, c.hour, c.minute,
             c.second);
    return text;
}

int64_t wall_parse(const char *text)
{
    struct civil c = { 0 };
    int used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &c.year, &c.month, &c.day, &used) != 3 &&
        sscanf(text, "%2d.%2d.%4d%n", &c.day, &c.month, &c.year, &used) != 3)
        return WALL_NONE;
    text += used;
    if (*text == ' ' || *text == 'T') {
        used = 0;
        if (sscanf(text + 1, "%2d:%2d%n", &c.hour, &c.minute, &used) != 2)
            return WALL_NONE;
        text += 1 + used;
        used = 0;
        if (sscanf(text, ":%2d%n", &c.second, &used) == 1)
            text += used;
    }
    return *text == '\0' && civil_valid(c) ? civil_to_wall(c) : WALL_NONE;
}
