/* A conversation with one meter: what a driver sees of the world.
 *
 * A driver asks and gets whole frames; below live the line and its arbiter, retries, learned time-outs, inter-frame gaps,
 * the exchange journal and cancellation. The fault is sticky: after the first one every ask returns an empty answer at
 * once, nothing is emitted by who checks for it, and the caller looks once, at the end. */
#pragma once
#include "base/arena.h"
#include "link/bus.h"
#include "wire/frame.h"

struct conversation;

/* How patient to be with a family of meters. Zero takes the default. */
enum { ANSWER_ON_LINE_MS = 2000, ANSWER_ON_NETWORK_MS = 10000 };
struct timing {
    uint32_t answer_ms;   /* longest a meter may think before the first byte; default 2000 on a line, 10000 on a network */
    uint16_t byte_gap_ms; /* longest silence inside an answer; default 150 on a line, 3000 on a network */
    uint8_t frame_gap;    /* bit times of silence before a request and after an answer; default 40 on a line */
    uint8_t gap_ms;       /* and at least this long, whatever the speed; default 2 on a line */
    uint8_t tries;        /* how often a question is put; default 3 */
    bool numbered;        /* an answer says which question it answers, so that a late one is told apart (VERDICT_STALE) */
};

/* What is known of how fast one meter answers; kept by the caller between conversations, zero when new. */
struct patience {
    uint32_t smoothed_us;
    uint32_t deviation_us;
    uint32_t answers;
};

enum direction { DIRECTION_SENT, DIRECTION_RECEIVED, DIRECTION_NOTE };

/* The exchange journal: every frame as it passes. `note` says what was wrong with it, "" when nothing. */
struct trace {
    void (*frame)(struct trace *, enum direction, struct bytes, const char *note);
};

/* What a driver thinks of a whole frame. */
enum verdict {
    VERDICT_MINE,
    VERDICT_FOREIGN,  /* another meter's */
    VERDICT_STALE,    /* answers an earlier request */
    VERDICT_NONSENSE, /* cannot be an answer to this */
};

/* Numbers that must never go backwards, whatever happens to the process: invocation counters of DLMS keys. */
struct counters {
    /* Durably reserves `count` numbers from *ret_first on, which is at least `at_least` and beyond all given before. */
    bool (*reserve)(struct counters *, const char *name, uint32_t at_least, uint32_t count, uint32_t *ret_first);
};

/* One request and what an answer to it looks like. */
struct question {
    struct bytes request;
    frame_finder *find;
    enum verdict (*judge)(void *context, struct bytes frame); /* NULL: any whole frame is mine */
    void *context;      /* of `find` and `judge` */
    uint16_t answer_ms; /* instead of the timing's; for commands that take the meter longer */
    uint8_t tries;      /* instead of the timing's; 1 for what must not be repeated (passwords) */
};

struct conversation_options {
    struct bus *bus;
    int priority;
    const void *user;           /* for who watches the bus; may be NULL */
    struct timing timing;
    struct line line;           /* the meter's speed and format; baud 0 leaves the line as it is */
    bool own_line;              /* somebody gave them for this meter: they go over what the link's address says */
    struct patience *patience;  /* may be NULL */
    struct trace *trace;        /* may be NULL */
    struct counters *counters;  /* may be NULL: then drivers ask the meter for its counter each time */
    void *memo;                 /* the driver's memory of this meter between conversations, zeroed when new; may be NULL */
    enum lang lang;             /* of details in faults */
    const void *settings;       /* the driver's parsed parameters (drivers/driver.h) */
    size_t state_size;          /* the driver's state, zeroed */
};

/* Begins a conversation; nothing is sent and the line not taken yet. Call from the task that will hold it. */
struct conversation *conversation_new(const struct conversation_options *options);

/* Ends it: gives the line back, frees everything. Sets *c to NULL. */
void conversation_free(struct conversation **c);

/* Gives the line to others while nothing is asked; the next ask takes it again. */
void conversation_release(struct conversation *c);

/* Asks. The answer is valid until the next ask; empty when there is a fault, old or new: FAULT_NO_ANSWER,
 * FAULT_DAMAGED, FAULT_FOREIGN, FAULT_STALE, FAULT_NONSENSE (what was seen last), FAULT_LINK_LOST, FAULT_LINE_BUSY,
 * FAULT_NO_CONNECTION, FAULT_CANCELLED, FAULT_LIMIT. */
struct bytes conversation_ask(struct conversation *c, const struct question *q);

/* Opens the link and takes the line, nothing is said: is anything there at all. */
void conversation_reach(struct conversation *c);

/* Sends what nobody answers (broadcasts). */
void conversation_tell(struct conversation *c, struct bytes request);

/* Waits for a frame that comes unasked, or for the next part of an answer. Empty without a fault when none comes in
 * `wait_ms`. */
struct bytes conversation_listen(struct conversation *c, const struct question *q, uint32_t wait_ms);

/* Between hold and unhold nobody else gets the line, not even the urgent: for sequences that another meter's exchange
 * would break (M-Bus secondary selection). They nest. */
void conversation_hold(struct conversation *c);
void conversation_unhold(struct conversation *c);

/* Changes the line's speed and format from the next exchange on. */
void conversation_shape(struct conversation *c, struct line line);

/* Closes the link under the conversation: the next ask opens it anew. */
void conversation_hang_up(struct conversation *c);

/* The sticky fault. `detail` is for a person and for the journal: printf, at most 127 bytes. Only the first counts. */
enum fault conversation_fault(const struct conversation *c);
const char *conversation_detail(const struct conversation *c);
__attribute__((format(printf, 3, 4))) void conversation_fail(struct conversation *c, enum fault f, const char *detail, ...);

/* Clears a fault that is only the meter's refusal of one thing (not supported, no data, access, refused, meter error):
 * returns it and lets the dialogue go on. Other faults stay and are returned too. */
enum fault conversation_forgive(struct conversation *c);

/* Clears any fault but cancellation: for sessions that are begun anew and for scans. */
void conversation_reset(struct conversation *c);

/* The language in which a fault's detail is worded. */
enum lang conversation_lang(const struct conversation *c);

/* What the dialogue is doing, for messages: a static string such as "AARQ". */
void conversation_step(struct conversation *c, const char *step);
const char *conversation_step_now(const struct conversation *c);

/* True when the link is a line whose bytes take their time (speed matters), false on a network. */
bool conversation_on_line(const struct conversation *c);

/* Writes a note into the exchange journal. */
__attribute__((format(printf, 2, 3))) void conversation_note(struct conversation *c, const char *format, ...);

/* The driver's parsed parameters, its state, memory that lives as long as the conversation, and memory that the driver
 * may reset whenever nothing in it is needed any more. */
const void *conversation_settings(const struct conversation *c);
void *conversation_state(struct conversation *c);
struct arena *conversation_arena(struct conversation *c);
struct arena *conversation_scratch(struct conversation *c);

/* The reserve of never-repeating numbers, and the driver's memory of the meter; NULL when there is none. */
struct counters *conversation_counters(const struct conversation *c);
void *conversation_memo(const struct conversation *c);

/* Waits inside a dialogue (a meter needs time after a command). */
void conversation_pause(struct conversation *c, uint32_t ms);

struct conversation_figures {
    uint32_t exchanges, retries, timeouts, damaged;
    uint32_t sent, received; /* bytes */
};
const struct conversation_figures *conversation_figures(const struct conversation *c);
