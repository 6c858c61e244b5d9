/* The journals meters keep and what the codes in them mean.
 *
 * Two vocabularies share the field `journal`: 1..42 are the kinds of УМ-31 SMART (S1 table 6), to which native
 * protocols are mapped; JOURNAL_SPODES + e is the journal 0.0.99.98.e.255 of СПОДЭС with its own event codes
 * (spodes.md section 5). */
#pragma once
#include "base/lang.h"
#include <stdbool.h>
#include <stdint.h>

enum journal {
    JOURNAL_POWER = 1,          /* power on/off */
    JOURNAL_CLOCK = 2,          /* clock corrected */
    JOURNAL_RESET = 3,          /* registers reset */
    JOURNAL_PROFILE_INIT = 4,   /* first or only profile initialised */
    JOURNAL_PROFILE2_INIT = 5,
    JOURNAL_TARIFF = 6,         /* tariff schedule changed */
    JOURNAL_COVER = 7,          /* cover (electronic seal) */
    JOURNAL_CASE = 8,           /* factory case */
    JOURNAL_PHASE_A = 9, JOURNAL_PHASE_B, JOURNAL_PHASE_C,
    JOURNAL_PROGRAMMING = 12,
    JOURNAL_RELAY = 13,
    JOURNAL_ENERGY_LIMIT = 14,  /* sum of tariffs */
    JOURNAL_ENERGY_LIMIT_TARIFF = 15,
    JOURNAL_ENERGY_LIMIT_T1 = 16, JOURNAL_ENERGY_LIMIT_T2, JOURNAL_ENERGY_LIMIT_T3, JOURNAL_ENERGY_LIMIT_T4,
    JOURNAL_U_MAX_A = 20, JOURNAL_U_MIN_A, JOURNAL_U_MAX_B, JOURNAL_U_MIN_B, JOURNAL_U_MAX_C, JOURNAL_U_MIN_C,
    JOURNAL_U_MAX_AB = 26, JOURNAL_U_MIN_AB, JOURNAL_U_MAX_BC, JOURNAL_U_MIN_BC, JOURNAL_U_MAX_CA, JOURNAL_U_MIN_CA,
    JOURNAL_I_MAX_A = 32, JOURNAL_I_MAX_B, JOURNAL_I_MAX_C,
    JOURNAL_F_MAX = 35, JOURNAL_F_MIN = 36,
    JOURNAL_POWER_LIMIT = 37,
    JOURNAL_POWER_LIMIT_A_PLUS = 38, JOURNAL_POWER_LIMIT_A_MINUS, JOURNAL_POWER_LIMIT_R_PLUS, JOURNAL_POWER_LIMIT_R_MINUS,
    JOURNAL_REVERSE = 42,
    /* beyond the 42: what native meters also record */
    JOURNAL_MAGNET = 50,        /* magnetic field */
    JOURNAL_SELF_TEST = 51,     /* status word, self-diagnosis */
    JOURNAL_QUALITY = 52,       /* dips and over-voltages */
    JOURNAL_PHASE_ORDER = 53,
    JOURNAL_CURRENT_WITHOUT_VOLTAGE = 54,
    JOURNAL_CURRENT_A = 55, JOURNAL_CURRENT_B, JOURNAL_CURRENT_C, /* current of a phase on/off */
    JOURNAL_SPODES = 100,       /* + e, e = 0..28 */
    JOURNAL_SPODES_LAST = 128,
};

/* Codes of the journals 1..57. «On» is the good state of a supply: when power, a phase or the load goes away, that is
 * EVENT_END in JOURNAL_POWER, JOURNAL_PHASE_A..C and JOURNAL_RELAY; its return is EVENT_BEGIN. The СПОДЭС journals that
 * have no event code of their own (12 tg φ of an interval, 13 clock, 14 year, 15 monthly quality) use these codes too:
 * EVENT_DONE, and for the clock also the times before and after. */
enum event_code {
    EVENT_END = 0,   /* off, closed, back to normal; for the clock: the time before */
    EVENT_BEGIN = 1, /* on, opened, out of limits; for the clock: the time after */
    EVENT_DONE = 2,  /* a thing without duration: reset, written, initialised */
};

/* Journals whose records somebody must look at soon: covers and case opened, magnetic field, reverse current, outside
 * influence, self-diagnosis. */
enum { ALARM_JOURNALS = 7 };
extern const uint16_t alarm_journals[ALARM_JOURNALS];
bool journal_alarms(uint16_t journal); /* one of these */

enum { EVENT_TEXT_MAX = 160 }; /* bytes with NUL that hold any title and any text of an event */

/* Title of a journal for people, capitalised; «Журнал N» for one the tables do not know. The result is a constant or
 * was written to `text`: use the result, not the buffer. */
const char *journal_title(uint16_t journal, enum lang lang, char text[EVENT_TEXT_MAX]);

/* What happened, for people, in lower case; «код N» for a code the tables do not know. Where СПОДЭС records a status
 * word (power quality, inputs and outputs), the text lists its bits. The result is a constant or was written to `text`:
 * use the result, not the buffer. */
const char *event_text(uint16_t journal, uint16_t code, enum lang lang, char text[EVENT_TEXT_MAX]);

/* The journal and code 1..57 that say the same as a record of a СПОДЭС journal, for those who know only one vocabulary; what has no
 * such words, and what needs none, comes back as it is. */
struct event_name {
    uint16_t journal, code;
};
struct event_name event_plain(uint16_t journal, uint16_t code);
