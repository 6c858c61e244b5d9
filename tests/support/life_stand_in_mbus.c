/* Stand-ins for what the M-Bus twin needs of sim/life.h, so that its tests link before life.c exists. Weak: the real ones
 * win as soon as they are there. */
#include "sim/life.h"

#define WEAK __attribute__((weak))

static int64_t age(int64_t wall)
{
    int64_t born = wall_from_fields(2020, 1, 1, 0, 0, 0);
    return wall > born ? wall - born : 0;
}

WEAK int64_t life_volume_l(uint32_t serial, int64_t wall)
{
    return age(wall) / (100 + serial % 7);
}

WEAK int64_t life_heat_wh(uint32_t serial, int64_t wall)
{
    return age(wall) * 2 / (3 + serial % 5);
}

WEAK int64_t life_flow_lh(uint32_t serial, int64_t wall)
{
    return 100 + (int64_t)serial % 50 + age(wall) / HOUR_SECONDS % 24;
}

WEAK int life_flow_temperature_cc(uint32_t serial, int64_t wall)
{
    return 7000 + (int)(serial % 100) + (int)(age(wall) / HOUR_SECONDS % 24);
}

WEAK int life_return_temperature_cc(uint32_t serial, int64_t wall)
{
    return 4000 + (int)(serial % 50) + (int)(age(wall) / HOUR_SECONDS % 12);
}
