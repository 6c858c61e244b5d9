/* Relays of meters: what is known of one, in words, and whether it may be switched from afar (manual S3 2.2.10; class 70 of
 * IEC 62056-62, dlms.md 10.1; spodes.md 6). Pure. */
#pragma once
#include "base/fault.h"
#include "base/text.h"
#include "meter/reading.h"

/* OBIS codes under which drivers of every family tell a relay's states; `n` 0: the load's, 1..32: of signals, and the outputs of
 * I/O modules. */
#define RELAY_OUTPUT(n) ((n) == 0 ? OBIS(0, 0, 96, 3, 10, 255) : OBIS(0, 0, 128, 2, (n) - 1, 255))
#define RELAY_CONTROL(n) ((n) == 0 ? OBIS(0, 0, 96, 3, 10, 3) : OBIS(0, 0, 128, 2, (n) - 1, 3))
#define RELAY_MODE(n) ((n) == 0 ? OBIS(0, 0, 96, 3, 10, 4) : OBIS(0, 0, 128, 2, (n) - 1, 4))
#define RELAY_LOCK OBIS(0, 0, 96, 4, 3, 255)

enum { RELAY_NUMBERS = 33, RELAY_UNKNOWN = -1 };

/* What a relay said; RELAY_UNKNOWN where it did not. */
struct relay_status {
    int number;
    int64_t output;  /* 1 connected */
    int64_t control; /* 0 disconnected, 1 connected, 2 ready for reconnection by hand */
    int64_t mode;    /* control mode: 0..6, 129..134 */
    int64_t lock;    /* hardware lock: 0 automatic, 1 locked, 2 forced off, 3 forced on; of the load's relay */
};

/* Everything unknown. */
struct relay_status relay_nothing(int number);

/* Takes a state when it is one of this relay's. */
bool relay_take(struct relay_status *r, const struct state *s);

/* Number of the relay that states with this code are about; -1 when they are about none. */
int relay_of(struct obis o);

/* True when anything is known: the meter has such a relay. */
bool relay_exists(const struct relay_status *r);

/* Why it may not be switched. */
enum relay_refusal {
    RELAY_ALLOWED, RELAY_ABSENT, RELAY_LOCKED, RELAY_FORCED_OFF, RELAY_FORCED_ON, RELAY_NO_REMOTE_OFF, RELAY_NO_REMOTE_ON,
    RELAY_ALWAYS_ON, RELAY_REFUSALS
};
enum relay_refusal relay_may(const struct relay_status *r, bool on);

/* A relay that was ordered: as it was, what was done, as it is. */
struct relay_order {
    bool on, sent;
    enum relay_refusal refusal;
    enum fault fault;
    struct relay_status before, after;
};

/* True when what was read after the command is what was ordered: on may also be «ready», waiting for the consumer's button. */
bool relay_obeyed(const struct relay_status *r, bool on);

/* For people. A whole sentence of all that is known; «реле нагрузки»; words of the single states, "-" when unknown. */
const char *relay_title(int number, enum lang lang);
void relay_sentence(const struct relay_status *r, enum lang lang, struct text *t);
const char *relay_output_text(int64_t output, enum lang lang);
const char *relay_control_text(int64_t control, enum lang lang);
const char *relay_mode_text(int64_t mode, enum lang lang);
const char *relay_lock_text(int64_t lock, enum lang lang);

/* A refusal as a sentence and by its stable name ("locked"); RELAY_REFUSALS for a name that is none. */
const char *relay_refusal_text(enum relay_refusal r, enum lang lang);
const char *relay_refusal_name(enum relay_refusal r);
enum relay_refusal relay_refusal_named(const char *name);
