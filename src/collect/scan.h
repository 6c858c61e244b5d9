/* Search of a bus for meters: families one after another, each at one speed or several (svod scan, the gateway's page).
 *
 * scan_run is the search itself, straight-line code in a task that has the bus. A scan_service keeps searches of a running server:
 * each in a task of the thread that owns its line, under the line's arbiter, taking turns with collection. */
#pragma once
#include "collect/collector.h"
#include "drivers/driver.h"
#include "link/address.h"

enum { SCAN_SPEEDS_MAX = 16, SCAN_FOUND_MAX = 1000, SCAN_KEPT = 16, SCAN_WAIT_MS = 300 };

struct scan_plan {
    const struct driver *driver;              /* NULL: every family that can be searched for */
    uint32_t speeds[SCAN_SPEEDS_MAX];
    int speed_count;                          /* 0: the line's own, or each family's usual one */
    int from, to;                             /* addresses, by the families' own numbers; 0: their usual range */
    int wait_ms;                              /* for an answer; 0: SCAN_WAIT_MS */
    bool everything;                          /* slow ways too */
};

/* What is tried now. */
struct scan_step {
    const struct driver *driver;
    struct line line;
    int number, count;                        /* of the steps, from 0 */
};

/* Within the task; texts live as long as the call. progress: false stops. */
struct scan_listener {
    bool (*progress)(void *context, const struct scan_step *step, int done, int total);
    void (*found)(void *context, const struct scan_step *step, const char *parameters, const char *serial, const char *type);
    void *context;
    struct trace *trace;                      /* may be NULL */
    void *user;                               /* of the bus's turns; may be NULL */
    enum lang lang;
};

/* FAULT_NO_CONNECTION, with the reason in `why`, when the link cannot be had; FAULT_CANCELLED when it was stopped. Meters that do not
 * answer are no faults. */
enum fault scan_run(struct bus *bus, const struct scan_plan *plan, const struct scan_listener *listener, struct text *why);

/* "9600,2400" or "all". False: a word is no speed, or there are too many. */
bool scan_speeds_read(const char *words, struct scan_plan *plan);

/* --- searches of a running server ---------------------------------------------------------------------------------------- */

struct scan_service;

struct scan_meter {
    const struct driver *driver;
    struct line line;
    char parameters[128], serial[32], type[64];
};

/* A search as it is. */
struct scan_status {
    int64_t id, project, link;
    int64_t begun_ms, ended_ms;               /* UTC; ended 0: it goes on */
    struct scan_step step;
    int done, total;                          /* addresses of the step */
    enum fault fault;                         /* that ended it; FAULT_CANCELLED: a person */
    char why[160];
    const struct scan_meter *found;           /* in the caller's arena */
    size_t found_count;
};

/* The collector must outlive it. */
struct scan_service *scans_new(struct collector *c, enum lang lang);

/* Ends the searches that go on. */
void scans_free(struct scan_service **s);

/* Begins one. FAULT_REFUSED: one goes on over this link; else as collector_line_begin. The oldest that ended is forgotten. */
enum fault scans_begin(struct scan_service *s, int64_t project, int64_t link, const struct scan_plan *plan, int64_t *ret_id);

/* False: there is none of that id in the project. */
bool scans_stop(struct scan_service *s, int64_t project, int64_t id);
bool scans_get(struct scan_service *s, int64_t project, int64_t id, struct arena *a, struct scan_status *ret);

/* The newest first, without what they found. Returns how many. */
size_t scans_list(struct scan_service *s, int64_t project, struct scan_status ret[SCAN_KEPT]);
