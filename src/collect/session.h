/* One meter read from beginning to end: session, identity, clock, archives. Whoever wants readings, the command line or
 * the collector, goes this way. */
#pragma once
#include "drivers/driver.h"

enum { SESSION_WANTS_MAX = 16 };

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

/* Runs the plan in the conversation; what the meter says goes to `out`. Never fails itself: see *ret. `progress`, when not
 * NULL, is told before each want. */
void session_run(struct conversation *c, const struct session_plan *plan, struct sink *out, struct session_result *ret,
                 void (*progress)(void *context, size_t want), void *context);

/* The whole story in one sentence: «Счётчик 5022173: неверный пароль или ключ (AARQ: ...)». */
void session_sentence(const char *meter, const struct session_result *r, enum lang lang, struct text *t);
