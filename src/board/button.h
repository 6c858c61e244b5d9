/* What holding the button «К» means (manual S1 table 4). */
#pragma once
#include "board/board.h"

enum button_meaning { BUTTON_NOTHING, BUTTON_NETWORK_DEFAULTS, BUTTON_BATTERY_OFF };

static inline enum button_meaning button_held(int64_t held_ms, const struct board_power *power)
{
    if (board_power_lost(power))
        return held_ms > 5000 ? BUTTON_BATTERY_OFF : BUTTON_NOTHING;
    return held_ms >= 10000 && held_ms < 20000 ? BUTTON_NETWORK_DEFAULTS : BUTTON_NOTHING;
}
