/* What a task or a one-off order wants of a meter (manual S3 2.2.22, step 2): measurements, events, states, commands; or simply
 * what the meter owes. Pure. */
#pragma once
#include "base/text.h"
#include "meter/archive.h"
#include "meter/obis.h"
#include "meter/relay.h"

enum work_command_kind { COMMAND_RELAY_OFF, COMMAND_RELAY_ON, COMMAND_CLOCK_READ, COMMAND_CLOCK_CORRECT, COMMAND_CLOCK_SET, COMMAND_CLOCK_CHECK, COMMAND_KINDS };

enum {
    WORK_REGISTERS_MAX = 48, WORK_JOURNALS_MAX = 48, WORK_COMMANDS_MAX = 6, WORK_TEXT_MAX = 12000, WORK_DEPTH_MAX = 3660, CLOCK_CHECK_MAX = 900, CLOCK_CHECK_USUAL = 5,
    RELAY_LOAD = 0, RELAY_SIGNALS = RELAY_NUMBERS - 1, /* relay numbers: 0 the load's, 1..32 of signals */
};

struct work_command {
    enum work_command_kind kind;
    int relay;  /* of relay commands */
    int from_s; /* of COMMAND_CLOCK_CHECK: the clock error from which on it is corrected, 1..CLOCK_CHECK_MAX */
};

/* One archive. */
struct work_read {
    bool wanted;
    bool again;        /* what is stored already, too */
    uint16_t depth_days;
    int registers;     /* 0: all the meter has */
    struct obis registered[WORK_REGISTERS_MAX];
};

struct work {
    bool owed;         /* what the device's own depths say and is not there: the daily collection */
    struct work_read read[ARCHIVE_COUNT]; /* current, network, day, month, profile, hour; JOURNAL and STATE are below */
    bool contact;      /* is it there: who it is and what its clock shows, which every session asks, and nothing else */
    bool lenient;      /* an archive that a device does not have is no shortcoming: of orders to devices of many kinds */
    bool events, states;
    uint16_t events_depth_days; /* 0: from where they were left */
    int journals;      /* 0: all */
    uint16_t journal[WORK_JOURNALS_MAX];
    int commands;
    struct work_command command[WORK_COMMANDS_MAX];
};

/* True when something is wanted. */
bool work_any(const struct work *w);

/* True when a command changes the world outside of the meter's memory: a relay is switched. */
bool work_switches(const struct work *w);

/* Highest tariff among the registers of an archive: 1.0.1.8.T.255; 0 when they name none beside the total. */
uint8_t work_tariffs(const struct work_read *r);

/* As text for the store and back: "read day 3 1.0.1.8.0.255;events 7;states;command relay-on 0". Any text is safe; false when it
 * is none that work_write wrote. */
void work_write(const struct work *w, struct text *t);
bool work_read_text(const char *text, struct work *ret);

/* "relay-on" and so on; a NULL behind the last. */
extern const char *const command_names[COMMAND_KINDS + 1];
