/* Collection: meters are asked for what they owe or for what somebody ordered, many at once, each line within its means.
 *
 * A run asks some meters for one thing. Several runs go on at once and share the lines: on a line the more urgent goes first,
 * at the next exchange; a meter is talked to by one session at a time. Collection of debts is driven by gaps (store/debts/owed.h):
 * what is there is not read again, and after any outage everything is refilled. A line's meters take turns; those that were
 * silent come last, with one short try, and less and less often. What a session brought is committed before it is told. */
#pragma once
#include "collect/far.h"
#include "collect/line_log.h"
#include "collect/work.h"
#include "meter/relay.h"
#include "store/archive/writer.h"
#include "store/registry/registry.h"
#include "store/work/tasks.h"

struct collector;
struct collector_run;

/* News of one session, told on a loop's thread when its readings are stored: be short. */
struct collector_news {
    int64_t meter;
    const char *serial, *title;
    enum fault fault;
    const char *sentence;     /* for a person; valid during the call */
    size_t readings, events;  /* newly stored */
    int64_t took_ms;
    bool clock_read, clock_corrected;
    int64_t clock_error_s;    /* as read, before a correction */
    bool last;                /* the meter has its result: it is not asked again in this run (or, endless, in this round) */
    const struct relay_status *relays; /* as last read in this session */
    int relay_count;
    /* of a run with a work of its own */
    enum run_result result;
    const char *notes, *story; /* story.h; of all its sessions in this run */
    int tries;
    size_t all_readings, all_events;
    int64_t begun_ms, ended_ms; /* UTC, first session's begin, this one's end; 0: never asked */
    const struct relay_order *order; /* what came of a relay's command; NULL: there was none in this session */
};

enum { ASIDE_GATHERINGS = 10 };

struct collector_options {
    int threads;          /* loops; 0: 1 */
    int at_once;          /* sessions at once on each thread; 0: 2000. Orders may take an eighth more */
    int correct_from_s;   /* clock errors from here on are corrected; 0: never */
    int turn_ms;          /* how long a session stays on a shared line while others wait; 0: 15 s (link/bus.h) */
    int64_t frame_bytes;  /* size of the exchange journal; 0: none is kept */
    bool retry_passwords; /* try passwords that were refused before */
    bool ask_everybody;   /* no back-off: an operator wants everybody asked now */
    int gather_ms;        /* what sessions bring is stored once in that time at most (store/archive/writer.h); 0: as it comes. What they saw
                             beside it, contacts and clocks, waits ASIDE_GATHERINGS times as long */
    size_t line_stays;    /* lines are watched, so many stays of each remembered; 0: they are not */
    enum lang lang;
    void (*told)(void *context, const struct collector_news *news); /* of passes */
    void *context;
};

/* The store and the writer must outlive the collector. */
struct collector *collector_new(struct store *s, struct writer_thread *w, const struct collector_options *options);

/* All runs must have ended. */
void collector_free(struct collector **c);

/* Who reaches the meters behind gateways, from now on; NULL: nobody. When this returns the former one is not asked any more, and what
 * it was asked is over. */
void collector_reach(struct collector *c, struct far_hand *hand);

/* --- runs ------------------------------------------------------------------------------------------------------------ */

/* Whose wish comes first on a line; within a class `priority` decides, 1..999. */
enum run_class { RUN_COLLECT, RUN_TASK, RUN_ORDER, RUN_RELAY };

struct run_options {
    enum run_class class;
    int priority;
    const struct work *work;  /* what is wanted, copied; NULL: what the meters owe */
    bool insist;              /* also those that back-off would let alone */
    int restart_delay_s, restarts; /* who failed is asked again after the delay, so many times */
    bool endless;             /* everybody is asked again after the delay, until the run is cancelled */
    const char *title, *reason, *login; /* for gateways that carry it out; may be NULL. They live as long as the run */
    void (*told)(void *context, const struct collector_news *news); /* on a loop's thread, or within collector_begin for who cannot be asked */
    void (*ended)(void *context); /* once, on a loop's thread or within collector_begin: the last meter is done with */
    void *context;
};

/* Begins a run over these meters (`ids` ascending; NULL: all enabled ones of the project, 0 of every one), reading the registry
 * anew. FAULT_STORE: none was begun. The run is freed by the caller after it has ended. */
enum fault collector_begin(struct collector *c, int64_t project, const int64_t *ids, size_t count, const struct run_options *o,
                           struct collector_run **ret);

/* Ends it soon: sessions are cancelled, what they brought is stored, the rest is not asked. Any thread; more than once. */
void collector_cancel(struct collector_run *r);
bool collector_running(const struct collector_run *r);
void collector_wait(struct collector_run *r);
void collector_run_free(struct collector_run **r);

/* A moment's view of a run; any thread. */
struct collector_figures {
    size_t meters;    /* to ask in this run */
    size_t done, failed, waiting_back_off, running;
    size_t readings, events, exchanges, retries, sessions;
    int64_t sent, received; /* bytes */
};
void collector_run_figures(const struct collector_run *r, struct collector_figures *ret);

/* Writes what is still gathered in memory of contacts; now and then, and after runs. */
void collector_settle(struct collector *c);

/* --- passes: one run over everybody at a time, for the command line ----------------------------------------------------- */

/* Reads the registry anew and declares what must exist by now. Keeps what is known of meters that stay. FAULT_STORE. */
enum fault collector_load(struct collector *c);

/* Asks every enabled meter that is due, once; returns when all are done or collector_stop was called. */
void collector_pass(struct collector *c);

/* Ends the pass soon, or the next one at once; sessions that run are cancelled, what they brought is stored. Any thread. */
void collector_stop(struct collector *c);

/* Of the present or last pass; any thread. */
void collector_figures(struct collector *c, struct collector_figures *ret);

/* One line of the last pass: how its time was spent. */
struct line_figures {
    int64_t link;
    const char *title;
    size_t meters;
    int64_t cycle_us;    /* of the pass on this line */
    int64_t talking_us, silent_us;
    int64_t sent, received, timeouts, retries;
};
typedef bool collector_line_fn(void *context, const struct line_figures *f);
void collector_lines(struct collector *c, collector_line_fn *each, void *context);

/* --- lines: work beside the sessions, and looking ------------------------------------------------------------------------ */

/* Other work on a line: transit, the test of a link, the scan of a bus. It is straight-line code in a task of the thread that
 * owns the line, on the very bus that sessions use and under its arbiter: it waits for the exchange that goes on, and sessions
 * wait for it. The thread is shared with other lines, so it may not block; stacks are small (link/coroutine.h). */
struct line_task;

struct line_work {
    void (*run)(struct line_task *t, void *context); /* the task; not called when no stack can be had for it */
    void (*ended)(void *context); /* once, on the line's thread, before line_task_free returns: be short. May be none */
    void *context;
};

/* Begins it, reading the link's row anew. FAULT_NO_DATA: there is no such link; FAULT_SETTING: its address cannot be used;
 * FAULT_STORE. The task is freed by the caller. */
enum fault collector_line_begin(struct collector *c, int64_t link, const struct line_work *work, struct line_task **ret);

/* Ends it soon: its waits return at once (task_cancelled). Any thread; more than once. */
void line_task_cancel(struct line_task *t);

/* Waits for its end and frees it; sets *t to NULL; accepts NULL. All must be freed before the collector. */
void line_task_free(struct line_task **t);

/* Within the task. The line's bus, for conversations or bus_take, whose `user` is a struct line_user; it is there until
 * line_close. To be open does not hold the line. */
struct bus *line_open(struct line_task *t);
void line_close(struct line_task *t);

/* Within the task: a copy of all that passes over the line, whoever talks, in the order it passes; until line_deafen. `heard` is
 * called in the midst of others' exchanges: it may neither suspend nor block. Only on lines that are watched. */
struct line_ear {
    void (*heard)(struct line_ear *ear, bool sent, struct bytes bytes);
    struct line_ear *next;
};
void line_listen(struct line_task *t, struct line_ear *ear);
void line_deafen(struct line_task *t, struct line_ear *ear);

/* The log of a line, which lives as long as the collector; NULL while nothing was done on it or lines are not watched. Any
 * thread. */
struct line_log *collector_line_log(struct collector *c, int64_t link);
