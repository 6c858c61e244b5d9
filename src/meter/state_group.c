/* Groups of states; see state_group.h. */
#include "meter/state_group.h"
#include "meter/relay.h"

static const struct {
    const char *name;
    struct phrase title;
} groups[STATE_GROUPS] = {
    [STATE_GROUP_TIME] = { "time", { { "Время", "Time" } } },
    [STATE_GROUP_CONFIGURATION] = { "configuration", { { "Конфигурация", "Configuration" } } },
    [STATE_GROUP_STATUS] = { "status", { { "Состояние", "Status" } } },
    [STATE_GROUP_INFORMATION] = { "information", { { "Информация", "Information" } } },
    [STATE_GROUP_RELAY] = { "relay", { { "Реле", "Relay" } } },
};

const char *state_group_name(enum state_group g)
{
    return groups[g].name;
}

const char *state_group_title(enum state_group g, enum lang lang)
{
    return phrase_in(&groups[g].title, lang);
}

enum state_group state_group(struct obis o)
{
    /* Ours: 1 contact, 2 the clock's error, 3 up to when journals were read (collect/states.h). */
    static const enum state_group ours[] = { [2] = STATE_GROUP_TIME, [3] = STATE_GROUP_INFORMATION };
    uint8_t d = obis_group(o, 3);
    if (state_is_ours(o))
        return d == 2 || d == 3 ? ours[d] : STATE_GROUP_STATUS;
    if (obis_group(o, 0) == 0 && obis_group(o, 2) == 1) /* 0.b.1.0.e: clocks */
        return STATE_GROUP_TIME;
    return relay_of(o) >= 0 ? STATE_GROUP_RELAY : STATE_GROUP_STATUS;
}

enum state_group fact_group(enum fact_kind kind)
{
    switch (kind) {
    case FACT_ADDRESS: case FACT_LOGICAL_NAME: case FACT_RATIO_CURRENT: case FACT_RATIO_VOLTAGE: case FACT_CONSTANT: return STATE_GROUP_CONFIGURATION;
    case FACT_STATUS: return STATE_GROUP_STATUS;
    default: return STATE_GROUP_INFORMATION;
    }
}
