/* One meter read from beginning to end: session, identity, clock, archives. Whoever wants readings, the command line or
 * the collector, goes this way. */
#pragma once
#include "collect/work.h"
#include "drivers/driver.h"
#include "meter/relay.h"

enum { SESSION_WANTS_MAX = 16 };

/* A command: what is wanted, and as it went. Of relays: what was read before and after, and why nothing was sent. */
struct session_command {
    struct work_command what;
    bool repeated;              /* it was sent before and its answer lost: not sent again when the relay obeyed */
    bool tried, sent;
    enum fault fault;
    char detail[100];           /* "!..." is a reason of story.h */
    enum relay_refusal refusal;
    struct relay_status before, after;
};

/* What to do with the meter. */
struct session_plan {
    const struct driver *driver;
    bool identify;             /* all that it says of itself; else its serial number when that is to be checked */
    const char *serial;        /* expected; NULL or "": any. Another one is FAULT_WRONG_METER and nothing is read */
    int64_t now_wall;          /* what the meter's clock should show when the session begins; WALL_NONE: do not look */
    int correct_from_s;        /* smallest clock error that is corrected; 0: never */
    uint8_t tariffs;
    struct want want[SESSION_WANTS_MAX];
    size_t wants;
    struct session_command *command; /* after the wants, in their order; written to */
    size_t commands;
};

/* How it went. */
struct session_result {
    enum fault fault;          /* that ended the session; FAULT_NONE */
    bool opened;               /* the meter took us in: what fails from then on is no matter of the way to it */
    char step[24], detail[128];
    enum fault want_fault[SESSION_WANTS_MAX]; /* refusals that concerned one want only */
    bool want_done[SESSION_WANTS_MAX];
    int64_t clock_error_s;     /* meter minus truth; valid when clock_read */
    bool clock_read, clock_corrected;
    char serial[64];           /* as the meter says */
};

/* What an automatic check does about a clock that is `error_s` off, `now` being what it should show. It disturbs no archive: what is
 * below `from_s` is left; what the family's gentle correction cannot do (`limit_s`, 0: none) is reported and not set; a shift over the
 * boundary of a half-hour would break two intervals, so the next check does it. Pure. */
enum clock_verdict { CLOCK_LEFT, CLOCK_MOVED, CLOCK_AT_BOUNDARY, CLOCK_TOO_FAR };
enum clock_verdict clock_verdict(int64_t now, int64_t error_s, int from_s, int limit_s);

/* What a session is doing, for who tells people of it. */
enum session_moment { SESSION_IDENTIFIED, SESSION_CLOCK, SESSION_WANT, SESSION_WANT_DONE, SESSION_COMMAND_DONE };
typedef void session_moment_fn(void *context, enum session_moment what, size_t number);

/* Runs the plan in the conversation; what the meter says goes to `out`. Never fails itself: see *ret. `told`, when not
 * NULL, hears each moment: wants and commands with their number. */
void session_run(struct conversation *c, const struct session_plan *plan, struct sink *out, struct session_result *ret,
                 session_moment_fn *told, void *context);

/* The whole story in one sentence: «Счётчик 5022173: неверный пароль или ключ (AARQ: ...)». */
void session_sentence(const char *meter, const struct session_result *r, enum lang lang, struct text *t);
