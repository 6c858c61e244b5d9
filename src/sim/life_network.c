/* What a life measures at a moment: network values, flow, temperatures, the clock. docs/simulators.md section 4. */
#include "sim/life.h"

#include "sim/life_draw.h"

#include <stdlib.h>

/* A value that wanders in straight lines between knots `period` seconds apart, each within ±most. */
static int64_t wander(uint32_t serial, uint32_t salt, int64_t period, int64_t most, int64_t wall)
{
    int64_t knot = life_divide(wall, period), gone = wall - knot * period;
    int64_t from = life_draw(serial, salt, knot, 2 * most + 1) - most;
    int64_t to = life_draw(serial, salt, knot + 1, 2 * most + 1) - most;
    return life_divide(from * (period - gone) + to * gone, period);
}

static bool lasts(uint32_t serial, enum journal kind, int64_t wall)
{
    struct life_event e;
    return life_event_before(serial, kind, wall + 1, 0, &e) && e.end == WALL_NONE;
}

int64_t life_voltage_mv(uint32_t serial, int phase, int64_t wall)
{
    uint32_t p = phase < 1 ? 1 : (uint32_t)phase;
    int64_t mv = 226000 + life_draw(serial, SALT_VOLTAGE_BASE, p, 8001);
    mv += wander(serial, SALT_VOLTAGE_HOUR + p, HOUR_SECONDS, 4000, wall);
    mv += wander(serial, SALT_VOLTAGE_MINUTE + p, 60, 600, wall);
    if (lasts(serial, JOURNAL_U_MAX_A + 2 * (p - 1), wall))
        mv += 28000;
    if (lasts(serial, JOURNAL_U_MIN_A + 2 * (p - 1), wall))
        mv -= 36000;
    return mv;
}

/* What a register grows by in the half-hour that holds the moment. */
static int64_t slot_energy(uint32_t serial, enum life_channel channel, int64_t wall)
{
    int64_t from = life_divide(wall, HALF_HOUR_SECONDS) * HALF_HOUR_SECONDS;
    return life_energy(serial, channel, 0, from + HALF_HOUR_SECONDS) - life_energy(serial, channel, 0, from);
}

/* A phase's part of the whole; the third takes what rounding leaves. */
static int64_t phase_part(uint32_t serial, int phase, int64_t whole)
{
    int64_t first = life_divide(whole * (300 + life_draw(serial, SALT_PHASE_SHARE, 1, 101)), 1000);
    int64_t second = life_divide(whole * (300 + life_draw(serial, SALT_PHASE_SHARE, 2, 101)), 1000);
    return phase == 0 ? whole : phase == 1 ? first : phase == 2 ? second : whole - first - second;
}

int64_t life_power_w(uint32_t serial, int phase, int64_t wall)
{
    int64_t whole = 2 * (slot_energy(serial, LIFE_A_PLUS, wall) - slot_energy(serial, LIFE_A_MINUS, wall));
    return phase_part(serial, phase, whole);
}

int64_t life_reactive_var(uint32_t serial, int phase, int64_t wall)
{
    int64_t whole = 2 * (slot_energy(serial, LIFE_R_PLUS, wall) - slot_energy(serial, LIFE_R_MINUS, wall));
    return phase_part(serial, phase, whole);
}

/* The largest integer whose square is not above `square`. */
static int64_t root(int64_t square)
{
    int64_t r = 0;
    for (int64_t bit = (int64_t)1 << 30; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= square)
            r += bit;
    return r;
}

int64_t life_apparent_va(uint32_t serial, int phase, int64_t wall)
{
    if (phase == 0)
        return life_apparent_va(serial, 1, wall) + life_apparent_va(serial, 2, wall) + life_apparent_va(serial, 3, wall);
    int64_t p = life_power_w(serial, phase, wall), q = life_reactive_var(serial, phase, wall);
    return root(p * p + q * q);
}

int64_t life_current_ma(uint32_t serial, int phase, int64_t wall)
{
    return life_apparent_va(serial, phase, wall) * 1000000 / life_voltage_mv(serial, phase, wall);
}

int64_t life_cosine_milli(uint32_t serial, int phase, int64_t wall)
{
    int64_t s = life_apparent_va(serial, phase, wall);
    int64_t cosine = s ? llabs(life_power_w(serial, phase, wall)) * 1000 / s : 1000;
    return cosine > 1000 ? 1000 : cosine; /* the rounded parts of S may add up to less than P */
}

int64_t life_frequency_mhz(uint32_t serial, int64_t wall)
{
    (void)serial; /* the network is one */
    return 50000 + wander(0, SALT_FREQUENCY, 60, 30, wall);
}

int life_temperature_c(uint32_t serial, int64_t wall)
{
    static const int8_t months[] = { 16, 16, 17, 19, 21, 24, 26, 25, 21, 19, 17, 16 };
    struct civil c = civil_of_wall(wall);
    int afternoon = c.hour >= 12 && c.hour < 19 ? 2 : 0;
    return months[c.month - 1] + afternoon + (int)life_draw(serial, SALT_TEMPERATURE, wall_day(wall), 3) - 1;
}

int64_t life_flow_lh(uint32_t serial, int64_t wall)
{
    int64_t from = life_divide(wall, HALF_HOUR_SECONDS) * HALF_HOUR_SECONDS;
    return 2 * (life_volume_l(serial, from + HALF_HOUR_SECONDS) - life_volume_l(serial, from));
}

int life_flow_temperature_cc(uint32_t serial, int64_t wall)
{
    static const int16_t months[] = { 8500, 8200, 7200, 6000, 2400, 2200, 2200, 2200, 2200, 5800, 7000, 8000 };
    int month = civil_of_wall(wall).month;
    return months[month - 1] + (int)wander(serial, SALT_FLOW_TEMPERATURE, HOUR_SECONDS, 150, wall);
}

int life_return_temperature_cc(uint32_t serial, int64_t wall)
{
    int64_t day = wall_day_start(wall), next = day + DAY_SECONDS;
    int64_t heat = life_heat_wh(serial, next) - life_heat_wh(serial, day);
    int64_t volume = life_volume_l(serial, next) - life_volume_l(serial, day);
    int64_t flow = life_flow_temperature_cc(serial, wall);
    int64_t cooled = volume ? flow - heat * 100000 / (1163 * volume) : flow;
    return (int)(cooled < 1500 ? 1500 : cooled);
}

int life_clock_error_s(uint32_t serial, int64_t wall)
{
    int64_t rate = life_draw(serial, SALT_CLOCK_RATE, 0, 401) - 200; /* hundredths of a second a day */
    return (int)life_divide(rate * (wall - wall_month_start(wall)), 100 * DAY_SECONDS);
}
