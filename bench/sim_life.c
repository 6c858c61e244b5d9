/* How long a reading of a simulated life takes to compute: build/bench/sim_life */
#include "base/clock.h"
#include "sim/life.h"

#include <stdio.h>

enum { CALLS = 1000000 };

static int64_t midnights(int64_t wall, int i)
{
    return life_energy(10000000u + (uint32_t)i % 5000, i % LIFE_CHANNELS, 0, wall - i % 40 * DAY_SECONDS);
}

static int64_t half_hours(int64_t wall, int i)
{
    return life_energy(10000000u + (uint32_t)i / 192, i % LIFE_CHANNELS, 0, wall + i / 4 % 48 * HALF_HOUR_SECONDS);
}

static int64_t currents(int64_t wall, int i)
{
    return life_current_ma(10000000u + (uint32_t)i / 100, 1, wall + i);
}

static int64_t measure(const char *name, int64_t (*call)(int64_t, int), int calls)
{
    int64_t wall = wall_parse("2026-11-21"), sum = 0, start = clock_monotonic_ns();
    for (int i = 0; i < calls; i++)
        sum += call(wall, i);
    printf("%-24s %6lld ns\n", name, (long long)(clock_monotonic_ns() - start) / calls);
    return sum;
}

int main(void)
{
    int64_t sum = measure("register at midnight", midnights, CALLS);
    sum += measure("register at a half-hour", half_hours, CALLS);
    sum += measure("current", currents, CALLS / 10);
    return sum == 0;
}
