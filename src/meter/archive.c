/* Archives and their grids; see archive.h. */
#include "meter/archive.h"

static const struct {
    const char *name;
    struct phrase title;
} archives[ARCHIVE_COUNT] = {
    [ARCHIVE_CURRENT] = { "current", { { "Текущие показания", "Current readings" } } },
    [ARCHIVE_NETWORK] = { "network", { { "Параметры сети", "Network parameters" } } },
    [ARCHIVE_DAY] = { "day", { { "Показания на начало суток", "Start of day" } } },
    [ARCHIVE_MONTH] = { "month", { { "Показания на начало месяца", "Start of month" } } },
    [ARCHIVE_PROFILE] = { "profile", { { "Профиль нагрузки", "Load profile" } } },
    [ARCHIVE_HOUR] = { "hour", { { "Часовой архив", "Hourly archive" } } },
    [ARCHIVE_JOURNAL] = { "journal", { { "Журналы событий", "Event journals" } } },
    [ARCHIVE_STATE] = { "state", { { "Состояния", "States" } } },
};

const char *archive_name(enum archive a)
{
    return archives[a].name;
}

enum archive archive_parse(const char *name)
{
    if (strcmp(name, "half-hour") == 0)
        return ARCHIVE_PROFILE;
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        if (strcmp(archives[a].name, name) == 0)
            return (enum archive)a;
    return ARCHIVE_COUNT;
}

const char *archive_title(enum archive a, enum lang lang)
{
    return phrase_in(&archives[a].title, lang);
}

bool archive_has_grid(enum archive a)
{
    return a == ARCHIVE_DAY || a == ARCHIVE_MONTH || a == ARCHIVE_PROFILE || a == ARCHIVE_HOUR;
}

static int step_of(enum archive a, int step)
{
    return a == ARCHIVE_HOUR ? HOUR_SECONDS : a == ARCHIVE_DAY ? DAY_SECONDS : step > 0 ? step : HALF_HOUR_SECONDS;
}

int64_t archive_floor(enum archive a, int step, int64_t wall)
{
    if (a == ARCHIVE_MONTH)
        return wall_month_start(wall);
    int64_t day = wall_day_start(wall);
    return wall - (wall - day) % step_of(a, step);
}

int64_t archive_next(enum archive a, int step, int64_t at)
{
    return a == ARCHIVE_MONTH ? month_wall(wall_month(at) + 1) : at + step_of(a, step);
}

int64_t archive_count(enum archive a, int step, struct span s)
{
    if (s.to <= s.from)
        return 0;
    int64_t first = archive_floor(a, step, s.from);
    if (first < s.from)
        first = archive_next(a, step, first);
    int64_t last = archive_floor(a, step, s.to - 1);
    if (last < first)
        return 0;
    if (a == ARCHIVE_MONTH)
        return wall_month(last) - wall_month(first) + 1;
    return (last - first) / step_of(a, step) + 1;
}

int64_t archive_block_start(enum archive a, int64_t wall)
{
    return a == ARCHIVE_DAY ? wall_month_start(wall) : a == ARCHIVE_MONTH ? wall_year_start(wall) : wall_day_start(wall);
}

int64_t archive_block_end(enum archive a, int64_t wall)
{
    if (a == ARCHIVE_DAY)
        return month_wall(wall_month(wall) + 1);
    if (a == ARCHIVE_MONTH)
        return month_wall((wall_month(wall) / 12 + 1) * 12);
    return wall_day_start(wall) + DAY_SECONDS;
}
