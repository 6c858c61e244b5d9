/* The life of one line, for who looks at it: who holds it and who held it last, cycles of collection and how the time went,
 * what came of each meter. Kept in memory, bounded. Written on the line's thread, read on any. */
#pragma once
#include "base/fault.h"
#include "link/bus.h"

/* What the line is used for. */
enum line_use { LINE_FREE, LINE_COLLECT, LINE_TASK, LINE_ORDER, LINE_RELAY, LINE_TRANSIT, LINE_TEST, LINE_SCAN, LINE_USES };

/* Who uses it; what a bus_turn's `user` points to on a line that is watched. Lives until the line is given back. */
struct line_user {
    enum line_use use;
    int64_t meter;     /* 0: no meter of the registry */
    const char *name;  /* where a transit client calls from; NULL: none */
};

enum { LINE_NAME_MAX = 64 };

/* One stay on the line. */
struct line_holder {
    enum line_use use;
    int64_t meter;
    char name[LINE_NAME_MAX];
    int64_t since_ms, took_ms; /* UTC; of the present holder, up to now */
    int32_t exchanges, timeouts;
    int64_t sent, received;    /* bytes */
};

/* One stretch in which collection had work on the line: from the first meter asked to the last. */
struct line_cycle {
    int64_t begun_ms;                /* UTC; 0: there was none */
    int64_t took_ms;                 /* of the present one, up to now */
    int64_t talking_ms, silent_ms;   /* exchanges that were answered, and those that were not */
    int64_t away_ms;                 /* transit and tests held it meanwhile */
    int64_t sent, received;
    int32_t meters, failed, exchanges, timeouts, retries;
    bool running;
};

/* What came of a meter in the last cycle that asked it. */
struct line_meter {
    int64_t meter;
    int64_t at_ms;      /* UTC, end of its last session */
    int32_t took_ms;    /* it held the line for, in all its sessions of that cycle */
    int32_t exchanges, timeouts;
    enum fault fault;
    unsigned cycle;     /* number of that cycle */
};

struct line_log;

/* Keeps so many stays. */
struct line_log *line_log_new(size_t stays);
void line_log_free(struct line_log **log);

/* --- on the line's thread ---------------------------------------------------------------------------------------------- */

/* The holder is `user` from now on, NULL: nobody. `figures` are the bus's. */
void line_log_turn(struct line_log *log, const struct line_user *user, const struct bus_figures *figures);

/* Bytes have passed: figures of a long stay are brought up to date now and then. */
void line_log_pass(struct line_log *log, const struct bus_figures *figures);

/* Collection begins to ask on the line, and has nobody left to ask. */
void line_log_begin(struct line_log *log, const struct bus_figures *figures);
void line_log_end(struct line_log *log, const struct bus_figures *figures);

/* How a session ended. */
void line_log_result(struct line_log *log, int64_t meter, enum fault fault);

/* --- on any thread ------------------------------------------------------------------------------------------------------ */

/* A moment's view. */
struct line_view {
    unsigned moves;            /* grows with whatever happens */
    struct line_holder now;    /* LINE_FREE: nobody */
    struct line_cycle cycle;   /* the present or last one */
    struct line_cycle former;  /* the last whole one before it */
    int64_t plan_ms;           /* what one cycle over all `meters` would take by how long each held the line; 0: not known yet */
};
void line_log_view(struct line_log *log, size_t meters, struct line_view *ret);

/* The last stays, the newest first; returns how many. */
size_t line_log_past(struct line_log *log, struct line_holder *out, size_t room);

/* What came of the meters, in order of id; returns how many there are, of which at most `room` are written. */
size_t line_log_meters(struct line_log *log, struct line_meter *out, size_t room);
