/* A small life for twins where src/sim/life.c is not linked: weak, so that the real one replaces it without a word. Delete
 * once it is always there. Every day is the same: half-hour h of a channel holds some hundred Wh, nights are tariff 2. */
#include "sim/life.h"

#define WEAK __attribute__((weak))

enum { HALF_HOURS = 48, NIGHT_ENDS = 14, NIGHT_BEGINS = 46 };

static int64_t birth(void)
{
    return wall_from_fields(2020, 1, 1, 0, 0, 0);
}

static int64_t half_hour_wh(uint32_t serial, enum life_channel channel, int tariff, int64_t half_hour)
{
    bool night = half_hour < NIGHT_ENDS || half_hour >= NIGHT_BEGINS;
    if (tariff > 2 || (tariff == 1 && night) || (tariff == 2 && !night))
        return 0;
    static const int scale[] = { 10, 1, 3, 2 };
    return (20 + (serial % 7 + (uint32_t)half_hour * 5) % 31) * scale[channel];
}

WEAK int64_t life_energy(uint32_t serial, enum life_channel channel, int tariff, int64_t wall)
{
    if (wall <= birth())
        return 0;
    int64_t whole = (wall - birth()) / HALF_HOUR_SECONDS, rest = (wall - birth()) % HALF_HOUR_SECONDS, day = 0, today = 0;
    for (int64_t h = 0; h < HALF_HOURS; h++) {
        int64_t wh = half_hour_wh(serial, channel, tariff, h);
        day += wh;
        today += h < whole % HALF_HOURS ? wh : 0;
    }
    return whole / HALF_HOURS * day + today + half_hour_wh(serial, channel, tariff, whole % HALF_HOURS) * rest / HALF_HOUR_SECONDS;
}

WEAK int life_tariff(uint32_t serial, int64_t wall)
{
    int64_t half_hour = (wall - wall_day_start(wall)) / HALF_HOUR_SECONDS;
    return (void)serial, half_hour < NIGHT_ENDS || half_hour >= NIGHT_BEGINS ? 2 : 1;
}

WEAK int64_t life_voltage_mv(uint32_t serial, int phase, int64_t wall)
{
    return 228000 + phase * 1000 + serial % 900 + wall % 50 * 10;
}

WEAK int64_t life_current_ma(uint32_t serial, int phase, int64_t wall)
{
    return 4000 + phase * 111 + serial % 50 + wall % 60;
}

static int64_t of_phase(int64_t whole, int phase)
{
    return phase ? whole / 3 : whole / 3 * 3;
}

WEAK int64_t life_power_w(uint32_t serial, int phase, int64_t wall)
{
    return of_phase(2400 + serial % 100 + wall % 60, phase);
}

WEAK int64_t life_reactive_var(uint32_t serial, int phase, int64_t wall)
{
    return -of_phase(600 + serial % 100 + wall % 60, phase);
}

WEAK int64_t life_apparent_va(uint32_t serial, int phase, int64_t wall)
{
    return of_phase(2600 + serial % 100 + wall % 60, phase);
}

WEAK int64_t life_cosine_milli(uint32_t serial, int phase, int64_t wall)
{
    return (void)serial, (void)wall, 960 + phase;
}

WEAK int64_t life_frequency_mhz(uint32_t serial, int64_t wall)
{
    return (void)serial, 49980 + wall % 4 * 10;
}

WEAK int life_temperature_c(uint32_t serial, int64_t wall)
{
    return (void)serial, (int)(wall_month(wall) % 12) - 5;
}

WEAK int life_clock_error_s(uint32_t serial, int64_t wall)
{
    return (void)serial, (void)wall, 0;
}

/* An event every third day at 12:10, an hour and ten minutes long: one half-hour is missed whole, two in part. */
WEAK bool life_event_before(uint32_t serial, enum journal kind, int64_t wall, int n, struct life_event *ret)
{
    (void)serial;
    int64_t day = wall_day(wall);
    day -= (day + kind) % 3;
    if (day_wall(day) + 12 * HOUR_SECONDS + 600 >= wall)
        day -= 3;
    day -= 3 * n;
    int64_t begin = day_wall(day) + 12 * HOUR_SECONDS + 600;
    if (n < 0 || begin < birth())
        return false;
    int64_t end = begin + HOUR_SECONDS + 600;
    *ret = (struct life_event){ begin, end < wall ? end : WALL_NONE };
    return true;
}
