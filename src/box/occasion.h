/* An occasion of the gateway's event model (manual S0 4.5, S1 3.2) as text and back, and its rules: when it happens. Pure.
 *
 * A condition is one line, "input 1 appears"; actions are lines, "relay-own 1 on". Any text is safe to read. */
#pragma once
#include "base/decimal.h"
#include "base/text.h"
#include "meter/archive.h"
#include "meter/obis.h"
#include "store/box/occasions.h"

/* --- what is waited for ----------------------------------------------------------------------------------------------------------- */

enum condition_kind {
    CONDITION_SCHEDULE,  /* a timetable */
    CONDITION_CALENDAR,  /* any of a calendar's timetables */
    CONDITION_INPUT,     /* the box's own: discrete inputs 1-3, mains, reserve */
    CONDITION_STATE,     /* a device's: an input of a module, a relay, any state */
    CONDITION_LOOP,      /* the box's own current loop, mA */
    CONDITION_VALUE,     /* a device's register */
    CONDITION_START, CONDITION_STOP,
    CONDITION_KINDS
};

/* What a state or a value must do. Names of S0 4.5.3 for states: «не проверять», появление, исчезновение, изменение. */
enum edge { EDGE_NONE, EDGE_APPEARS, EDGE_DISAPPEARS, EDGE_CHANGES, EDGE_ABOVE, EDGE_BELOW, EDGE_CROSSES, EDGES };

enum { INPUT_MAINS = 4, INPUT_RESERVE = 5, INPUT_NUMBERS = 5, CONDITION_TEXT_MAX = 200 };

struct condition {
    enum condition_kind kind;
    int64_t subject;         /* timetable, calendar, input, device */
    struct obis code;        /* of STATE, VALUE */
    enum archive archive;    /* of VALUE: current, network or profile */
    enum edge edge;
    struct decimal limit;    /* of LOOP in mA, of VALUE in the register's unit */
    struct decimal hysteresis; /* the value must come back so far before it can happen again; not negative */
};

/* Words for conditions and edges; NULL behind the last. */
extern const char *const condition_names[CONDITION_KINDS + 1], *const edge_names[EDGES + 1];

void condition_write(const struct condition *c, struct text *t);
bool condition_read(const char *text, struct condition *ret);

/* --- what is done ------------------------------------------------------------------------------------------------------------------ */

enum action_kind {
    ACTION_POLL,       /* a task (a poll template, S0 4.3.2.3) */
    ACTION_WATCH,      /* inputs, outputs and measured values of modules */
    ACTION_CLOCK,      /* clocks of meters are checked and corrected */
    ACTION_RELAY_OWN,  /* a relay of the box */
    ACTION_RELAY,      /* a relay of a device */
    ACTION_MQTT,       /* a publication is sent */
    ACTION_MAIL,
    ACTION_FILES,      /* hour files go to their servers now (S4 25) */
    ACTION_KINDS
};
extern const char *const action_names[ACTION_KINDS + 1];

enum { ACTION_TO_MAX = 254, ACTION_WORDS_MAX = 500, ACTIONS_TEXT_MAX = OCCASION_ACTIONS_MAX * 900 };

/* Whom a watch, a clock action or the data of a letter is about. */
enum action_scope { SCOPE_ALL, SCOPE_GROUP, SCOPE_DEVICE };

/* The file of a letter: what was stored since the last one, and the newest of what brought nothing new (upstream/files/data_letter.h). */
enum letter_data { LETTER_PLAIN, LETTER_CSV, LETTER_XLSX };
extern const char *const letter_data_names[]; /* "none", "csv", "xlsx", NULL */

struct action {
    enum action_kind kind;
    enum action_scope scope;     /* of WATCH, CLOCK, MAIL with data */
    int64_t subject;             /* task, group, device, publication; relay of the box, from 1 */
    int relay;                   /* of RELAY: 0 the load's, 1-32 */
    bool on;                     /* of relays */
    int from_s;                  /* of CLOCK: the error from which on it is corrected */
    enum letter_data data;       /* of MAIL: what goes with it */
    unsigned archives;           /* of MAIL with data: bits of enum archive; 0: all */
    char to[ACTION_TO_MAX + 1];  /* of MAIL */
    char words[ACTION_WORDS_MAX + 1]; /* of MAIL, added to what happened; one line */
};

struct actions {
    size_t count;
    struct action action[OCCASION_ACTIONS_MAX];
};

void actions_write(const struct actions *a, struct text *t);
bool actions_read(const char *text, struct actions *ret);

/* --- rules -------------------------------------------------------------------------------------------------------------------------- */

/* Does a state's change from `before` to `now` (0: off) happen? */
bool edge_of_state(enum edge edge, int64_t before, int64_t now);

/* Where a value stands. Between the limit and the limit less (for EDGE_BELOW: plus) the hysteresis it stands where it stood. */
enum side_of { SIDE_UNKNOWN, SIDE_LOW, SIDE_HIGH };
enum side_of side_next(const struct condition *c, enum side_of side, struct decimal value);

/* Does a change of sides happen? The first value known happens when it is beyond already: whoever asks to be warned is. */
bool edge_of_side(enum edge edge, enum side_of before, enum side_of now);

/* The bound of what flaps: an occasion happens at once, then not before its pause is over; what comes meanwhile is counted and
 * happens as one when the pause ends. */
struct pacing {
    int64_t until_ms;  /* the pause's end; 0: none */
    int64_t waiting;   /* that came within it */
};
/* One has come. True: it happens now. */
bool pacing_take(struct pacing *p, int64_t now_ms, int64_t pause_ms);
/* True when those that wait are to happen now; *ret_merged is how many they are. */
bool pacing_due(struct pacing *p, int64_t now_ms, int64_t pause_ms, int64_t *ret_merged);

/* --- told --------------------------------------------------------------------------------------------------------------------------- */

/* Why it happened, of store_happening.cause, as a sentence: "time", "late <utc s>", "state <before> <now>", "woke <before> <now>",
 * "value <decimal> <unit's number or mA> <wall>", "start clean|broken", "stop", "hand <login>". */
void cause_tell(const char *cause, enum lang lang, struct text *t);
