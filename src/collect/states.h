/* What collection itself knows of a meter, kept as states beside the meter's own so that its changes are history too.
 * Group C = 199 is manufacturer-specific in OBIS; here the manufacturer is Svod. */
#pragma once
#include "base/fault.h"
#include "base/text.h"
#include "meter/state_group.h"

/* Fault of the last session (enum fault; 0: read): its changes are the losses and returns of contact. */
#define STATE_CONTACT OBIS(0, 0, 199, 1, 0, 255)

/* Seconds the meter's clock was ahead; noted when it has changed by more than what the clock can tell (driver.h: step_seconds). */
#define STATE_CLOCK_ERROR OBIS(0, 0, 199, 2, 0, 255)

/* Wall time up to which the journals have been read. */
#define STATE_JOURNALS_READ OBIS(0, 0, 199, 3, 0, 255)

enum { STATE_WORDS_MAX = 768 };

/* What a state is at that value, for people, in `text`: «включено», «связи нет: нет ответа», «отстают на 61 с», the causes that the
 * register of alarms names. Empty where the number says it all. Returns `text`. */
const char *state_words(struct obis o, int64_t value, enum lang lang, char text[STATE_WORDS_MAX]);
