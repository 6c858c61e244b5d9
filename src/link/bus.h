/* A line that conversations share, and its arbiter.
 *
 * One conversation holds the line at a time. A higher priority gets it at the next boundary between two exchanges of
 * the holder; equal priorities take turns after `quantum_ms`; the rest wait in the order they came. Who held the line
 * and for how long is counted. A TCP link to a single meter is a bus with one user: there is no second kind of channel. */
#pragma once
#include "link/pipe.h"

struct bus;

/* Priorities: the larger goes first. */
enum bus_priority { BUS_BACKGROUND = 100, BUS_POLL = 300, BUS_LIVE = 600, BUS_TRANSIT = 900, BUS_PRIORITY_MAX = 999 };

/* Who looks on, on the loop's thread: be short. Either may be none. */
struct bus_watcher {
    void (*turned)(void *context, const void *user);                 /* who holds the line from now on; NULL: nobody */
    void (*passed)(void *context, bool sent, struct bytes bytes);    /* what went out or came in, as it passes */
    void *context;
};

struct bus_options {
    int quantum_ms;   /* longest stay while others of the same priority wait; 0: 15 s */
    int connect_ms;   /* longest wait for the link to open; 0: 10 s */
    int reopen_ms;    /* after a failed opening others are refused at once for this long; 0: 3 s */
    bool shape;       /* drivers may set speed and format (the link's address named none) */
    struct bus_watcher watcher;
};

/* Figures of the line since it was made. Microseconds. */
struct bus_figures {
    int64_t since_us;    /* loop time of the first use */
    int64_t talking_us;  /* requests, turnarounds and answers of exchanges that got one */
    int64_t silent_us;   /* waiting for answers that did not come */
    int64_t sent, received; /* bytes */
    int64_t exchanges, timeouts, damaged, retries;
};

/* A conversation's place in the queue; lives inside the conversation. `user` is set by who makes it: for the watcher. */
struct bus_turn {
    const void *user;
    struct bus_turn *next;
    struct task *task;
    int priority;
    bool holding;
    int64_t since_us;
};

/* A bus over `pipe`, which it owns, on the loop. */
struct bus *bus_new(struct loop *l, struct pipe *pipe, const struct bus_options *options);

/* Frees it; nobody may hold or wait. Must be called on a task of its loop (open descriptors are given back). */
void bus_free(struct bus **b);

/* Waits for the line and opens it if it is closed. FAULT_LINE_BUSY at the deadline, FAULT_NO_CONNECTION with the reason
 * in `why`, FAULT_CANCELLED. On success the caller holds the line until bus_give. */
enum fault bus_take(struct bus *b, struct bus_turn *turn, int priority, int64_t deadline_us, struct text *why);

/* Between two exchanges: lets a more urgent conversation, or after the quantum an equal one, go first and waits for the
 * line again. Same faults as bus_take. */
enum fault bus_yield(struct bus *b, struct bus_turn *turn, int64_t deadline_us);

void bus_give(struct bus *b, struct bus_turn *turn);

/* Closes the link; the next bus_take opens it again. The caller holds the line. */
void bus_close(struct bus *b);

/* For the holder: pipe_send and pipe_receive over the line, counted and shown to the watcher. */
enum fault bus_send(struct bus *b, struct bytes bytes, int64_t deadline_us);
long bus_receive(struct bus *b, void *memory, size_t room, int64_t deadline_us);

/* For the holder. */
struct pipe *bus_pipe(struct bus *b);
bool bus_may_shape(const struct bus *b);
struct line bus_line(const struct bus *b); /* as the link's address says; baud 0: it does not, or is no line */
struct bus_figures *bus_figures(struct bus *b);

/* Since when the line is silent (loop time of the last byte seen), and for how long it must be by the rules of the family
 * that was heard last; the next to talk may need more. */
struct bus_silence {
    int64_t since_us, needed_us;
    bool late; /* an answer that nobody waits for may still come until then */
};
struct bus_silence *bus_silence(struct bus *b);

/* How many wait, the holder not counted. */
int bus_waiting(const struct bus *b);
