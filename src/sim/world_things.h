/* Inside a world: what world.c and world_words.c share. Nobody else includes this. */
#pragma once
#include "base/arena.h"
#include "sim/recorded.h"
#include "sim/world.h"

/* A meter on a bus. */
struct world_meter {
    struct sim_birth birth;
    const char *family;
    const char *recording; /* file, or NULL */
    struct recorded *recorded;
};

/* A fleet or a bus. */
struct world_thing {
    bool is_bus;
    const char *where; /* as the person wrote it */
    const char *family, *recording;
    struct recorded *recorded;
    struct fleet_options fleet_options;
    struct rs485_options bus_options;
    struct sim_troubles troubles;
    struct world_meter *meters;
    size_t count;
    struct fleet *fleet;
    struct rs485 *bus;
};

struct world {
    struct arena arena; /* texts */
    enum lang lang;
    struct sim_clock clock;
    int64_t now; /* wall to begin with, or WALL_NONE */
    int32_t zone_minutes;
    struct world_thing *things;
    size_t count;
};
