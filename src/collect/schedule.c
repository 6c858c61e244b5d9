/* Schedules; see schedule.h. */
#include "collect/schedule.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAYS_AHEAD = 63, DAYS_AHEAD_YEARLY = 400, MONTHS = 0x1FFE }; /* the 31st is at most this far away; clamped days much nearer. Every month has its day once a year */

const char *const schedule_names[SCHEDULE_KINDS + 1] = { "once", "minutes", "hours", "daily", "weekly", "monthly", "yearly", NULL };

static bool has_times(enum schedule_kind k)
{
    return k == SCHEDULE_DAILY || k == SCHEDULE_WEEKLY || k == SCHEDULE_MONTHLY || k == SCHEDULE_YEARLY;
}

static bool times_good(const struct schedule *s)
{
    if (s->times < 0 || s->times > SCHEDULE_TIMES_MAX || (has_times(s->kind) && s->times < 1))
        return false;
    for (int i = 0; i < s->times; i++)
        if (s->time[i] < 0 || s->time[i] >= DAY_SECONDS || (i && s->time[i] <= s->time[i - 1]))
            return false;
    return true;
}

bool schedule_start_good(int64_t start)
{
    return start >= 0 && start < wall_from_fields(2400, 1, 1, 0, 0, 0);
}

bool schedule_good(const struct schedule *s)
{
    if (!schedule_start_good(s->start) || !times_good(s))
        return false;
    switch (s->kind) {
    case SCHEDULE_ONCE:
    case SCHEDULE_DAILY: return true;
    case SCHEDULE_MINUTES:
    case SCHEDULE_HOURS: return s->every >= 1 && s->every <= SCHEDULE_EVERY_MAX;
    case SCHEDULE_WEEKLY: return s->weekdays && s->weekdays < 128;
    case SCHEDULE_MONTHLY: return s->days != 0;
    case SCHEDULE_YEARLY: return s->days && s->months && !(s->months & ~MONTHS);
    default: return false;
    }
}

/* Does the schedule name this day? */
static bool names_day(const struct schedule *s, int64_t day)
{
    struct civil c = civil_of_wall(day_wall(day));
    int last = days_in_month(c.year, c.month);
    if (s->kind == SCHEDULE_WEEKLY)
        return s->weekdays >> (wall_weekday(day_wall(day)) - 1) & 1;
    if (s->kind != SCHEDULE_MONTHLY && s->kind != SCHEDULE_YEARLY)
        return true;
    if (s->kind == SCHEDULE_YEARLY && !(s->months >> c.month & 1))
        return false;
    if (c.day < last)
        return s->days >> c.day & 1;
    return (s->days & SCHEDULE_LAST_DAY) || s->days >> last != 0;
}

static int64_t next_of_days(const struct schedule *s, const struct zone *z, int64_t after_s)
{
    int64_t first = wall_day(zone_wall(z, after_s)) - 1, start = wall_day(s->start);
    int64_t ahead = s->kind == SCHEDULE_YEARLY ? DAYS_AHEAD_YEARLY : DAYS_AHEAD;
    if (first < start)
        first = start;
    for (int64_t day = first; day <= first + ahead; day++) {
        int64_t best = WALL_NONE;
        for (int i = 0; i < s->times && names_day(s, day); i++) {
            int64_t wall = day_wall(day) + s->time[i], at = zone_utc(z, wall);
            /* Around a jump of the clock the order of moments is not that of wall times. */
            if (wall >= s->start && at > after_s && (best == WALL_NONE || at < best))
                best = at;
        }
        if (best != WALL_NONE)
            return best;
    }
    return WALL_NONE;
}

int64_t schedule_next(const struct schedule *s, const struct zone *z, int64_t after_s)
{
    int64_t start = zone_utc(z, s->start);
    if (has_times(s->kind))
        return next_of_days(s, z, after_s);
    if (start > after_s)
        return start;
    if (s->kind == SCHEDULE_ONCE)
        return WALL_NONE;
    int64_t step = (int64_t)s->every * (s->kind == SCHEDULE_MINUTES ? 60 : HOUR_SECONDS);
    return start + ((after_s - start) / step + 1) * step;
}

/* --- as text ------------------------------------------------------------------------------------------------------------ */

void schedule_write(const struct schedule *s, struct text *t)
{
    char start[CIVIL_TEXT_MAX];
    text_printf(t, "%s %s", schedule_names[s->kind], wall_format(s->start, start));
    if (s->every)
        text_printf(t, " every=%d", s->every);
    for (int i = 0; i < s->times; i++)
        text_printf(t, "%s%d", i ? "," : " times=", (int)s->time[i]);
    if (s->weekdays)
        text_printf(t, " weekdays=%u", s->weekdays);
    if (s->days)
        text_printf(t, " days=%u", (unsigned)s->days);
    if (s->months)
        text_printf(t, " months=%u", s->months);
}

static bool take_times(const char *at, struct schedule *s)
{
    while (s->times < SCHEDULE_TIMES_MAX) {
        char *end;
        long second = strtol(at, &end, 10);
        if (end == at || second < 0 || second >= DAY_SECONDS)
            return false;
        s->time[s->times++] = (int32_t)second;
        if (*end != ',')
            return *end == '\0';
        at = end + 1;
    }
    return false;
}

static bool take_word(const char *word, struct schedule *s)
{
    char *end;
    const char *value = strchr(word, '=');
    if (!value)
        return false;
    if (strncmp(word, "times=", 6) == 0)
        return s->times == 0 && take_times(value + 1, s);
    unsigned long number = strtoul(value + 1, &end, 10);
    if (*end || end == value + 1 || number > UINT32_MAX)
        return false;
    if (strncmp(word, "every=", 6) == 0)
        s->every = number > SCHEDULE_EVERY_MAX ? -1 : (int)number;
    else if (strncmp(word, "weekdays=", 9) == 0 && number < 128)
        s->weekdays = (uint8_t)number;
    else if (strncmp(word, "days=", 5) == 0)
        s->days = (uint32_t)number;
    else if (strncmp(word, "months=", 7) == 0 && number <= MONTHS)
        s->months = (uint16_t)number;
    else
        return false;
    return true;
}

bool schedule_read(const char *text, struct schedule *ret)
{
    struct schedule s = { .kind = SCHEDULE_KINDS };
    char copy[SCHEDULE_TEXT_MAX], start[CIVIL_TEXT_MAX];
    if (strlen(text) >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%s", text);
    char *save, *kind = strtok_r(copy, " ", &save), *date = strtok_r(NULL, " ", &save), *time = strtok_r(NULL, " ", &save);
    for (int i = 0; kind && i < SCHEDULE_KINDS; i++)
        if (strcmp(kind, schedule_names[i]) == 0)
            s.kind = (enum schedule_kind)i;
    if (!date || !time)
        return false;
    snprintf(start, sizeof start, "%.15s %.15s", date, time);
    s.start = wall_parse(start);
    for (char *word = strtok_r(NULL, " ", &save); word; word = strtok_r(NULL, " ", &save))
        if (!take_word(word, &s))
            return false;
    if (!schedule_good(&s))
        return false;
    *ret = s;
    return true;
}
