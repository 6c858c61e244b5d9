/* What states and facts are about: the five archives of states of the manual S3 (2.2.29). Pure. */
#pragma once
#include "meter/reading.h"

enum state_group {
    STATE_GROUP_TIME,          /* clocks */
    STATE_GROUP_CONFIGURATION, /* how the meter is set: ratios, constant, address */
    STATE_GROUP_STATUS,        /* alarms, covers, fields, inputs, contact */
    STATE_GROUP_INFORMATION,   /* who it is: serial number, type, firmware */
    STATE_GROUP_RELAY,
    STATE_GROUPS
};

enum state_group state_group(struct obis o);
enum state_group fact_group(enum fact_kind kind);

/* "status", "relay". */
const char *state_group_name(enum state_group g);

/* For people: «Состояние», «Реле». */
const char *state_group_title(enum state_group g, enum lang lang);

/* What collection itself notes of a meter (group C = 199 is the manufacturer's own in OBIS; here the manufacturer is Svod). */
static inline bool state_is_ours(struct obis o)
{
    return obis_group(o, 0) == 0 && obis_group(o, 2) == 199;
}
