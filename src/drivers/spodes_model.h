/* The object model of СПОДЭС as tables: where a meter keeps what (spodes.md 3..6), its parameters and makers. */
#pragma once
#include "drivers/dlms/client.h"
#include "meter/events.h"

enum {
    SPODES_ENERGIES = 4,      /* A+ A- R+ R-: C = 1..4 of 1.0.C.8.T.255 */
    SPODES_TARIFFS = 8,
    SPODES_NETWORK_MAX = 48,
    SPODES_IDENTITY_MAX = 12,
    SPODES_STATES_MAX = 16,
    SPODES_RELAY_STATES = 4,  /* the first rows of spodes_states are the relay's */
    SPODES_SIGNALS = 3,       /* relays of signals: 0.0.128.2.0..2.255 (spodes.md 6; one source) */
    SPODES_SHIFT_MAX = 900,   /* seconds, method shift_time (spodes.md 6) */
};

struct spodes_settings {
    struct dlms_settings dlms;
};

extern const struct parameter spodes_parameters[];

/* driver->rules: what contradicts, and what each security needs (S3 2.2.13, table 3; СТО 34.01-5.1-006). */
bool spodes_rules(const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem);
extern const struct model spodes_models[];

/* Facts, class 1 attribute 2. */
struct spodes_identity {
    struct obis obis;
    enum fact_kind fact;
};
extern const struct spodes_identity spodes_identity[];
extern const size_t spodes_identity_count;

/* Instantaneous registers, class 3. */
extern const struct obis spodes_network[];
extern const size_t spodes_network_count;

/* A Profile generic and the archive it is. `place`: its layout's place in the driver's memory. */
struct spodes_profile {
    struct obis obis;
    struct obis scales; /* scale profile: attribute 3 of its columns */
    enum archive archive;
    uint8_t place;
    bool stamps_end; /* records are stamped at the end of their interval */
};
extern const struct spodes_profile spodes_load_profile, spodes_day_profile, spodes_month_profile;

/* States, and the code they are kept under: attributes of one object differ in group F. */
struct spodes_state_row {
    uint16_t class_id;
    struct obis obis;
    int8_t attribute;
    struct obis state;
};
extern const struct spodes_state_row spodes_states[];
extern const size_t spodes_states_count;

/* False for journals that are not of events (14 and 15 hold registers) or do not exist. */
bool spodes_journal_has_events(int number);
