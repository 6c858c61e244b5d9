/* Collection: every meter of the registry is asked for what it owes, several at once, each line within its means.
 *
 * Driven by gaps (store/owed.h): what is there is not read again, and after any outage everything is refilled. A line's
 * meters take turns; those that were silent come last, with one short try, and less and less often. What a session
 * brought is committed before the next debt of that meter is counted. */
#pragma once
#include "store/registry.h"
#include "store/writer.h"

struct collector;

/* News of one session, told on a loop's thread when its readings are stored: be short. */
struct collector_news {
    int64_t meter;
    const char *serial, *title;
    enum fault fault;
    const char *sentence;     /* for a person; valid during the call */
    size_t readings, events;  /* newly stored */
    int64_t took_ms;
    bool clock_read;
    int64_t clock_error_s;
};

struct collector_options {
    int threads;          /* loops; 0: 1 */
    int at_once;          /* sessions at once on each thread; 0: 2000 */
    int correct_from_s;   /* clock errors from here on are corrected; 0: never */
    int64_t frame_bytes;  /* size of the exchange journal; 0: none is kept */
    bool retry_passwords; /* try passwords that were refused before */
    bool ask_everybody;   /* no back-off: an operator wants everybody asked now */
    enum lang lang;
    void (*told)(void *context, const struct collector_news *news);
    void *context;
};

/* The store and the writer must outlive the collector. */
struct collector *collector_new(struct store *s, struct writer_thread *w, const struct collector_options *options);
void collector_free(struct collector **c);

/* Reads the registry anew and declares what must exist by now. Keeps what is known of meters that stay. FAULT_STORE. */
enum fault collector_load(struct collector *c);

/* The next pass asks only these meters (`ids` ascending, copied; count 0: everybody), and asks them even when back-off says
 * wait. For one pass; between passes. */
void collector_choose(struct collector *c, const int64_t *ids, size_t count);

/* Asks every enabled meter that is due, once; returns when all are done or collector_stop was called. */
void collector_pass(struct collector *c);

/* Ends the pass soon; sessions that run are cancelled, what they brought is stored. Any thread. */
void collector_stop(struct collector *c);

/* A moment's view of the pass; any thread. */
struct collector_figures {
    size_t meters;    /* to ask in this pass */
    size_t done, failed, waiting_back_off, running;
    size_t readings, events, exchanges, retries, sessions;
    int64_t sent, received; /* bytes */
};
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
