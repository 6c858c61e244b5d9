/* The event model of a gateway as it was set (manual S0 4.5) and what came of it: timetables and calendars, occasions with their
 * actions, and what happened when. Tables only; what the texts say is box/occasion.h, who watches and acts box/occasions.h. Rules
 * of puts, revisions and texts as in people.h. */
#pragma once
#include "store/store.h"

/* A schedule with a name (S0 4.5.2). */
struct store_timetable {
    int64_t id, project;
    const char *title;
    const char *schedule; /* as collect/schedule.h writes it */
    const char *zone;     /* base/zone.h; "": this machine's */
    int64_t revision;
};

typedef bool store_timetable_fn(void *context, const struct store_timetable *t);
enum fault store_timetable_put(struct store *s, const struct store_timetable *t, int64_t *ret_id);
enum fault store_timetable_get(struct store *s, int64_t id, struct arena *a, struct store_timetable *ret);
/* Of one project, or all for 0, by id. */
enum fault store_timetables(struct store *s, int64_t project, store_timetable_fn *each, void *context);
/* FAULT_REFUSED while a calendar or an occasion names it. */
enum fault store_timetable_delete(struct store *s, int64_t id);

enum { CALENDAR_TIMETABLES_MAX = 16 };

/* A calendar: a group of timetables (S1 3.2). */
struct store_calendar {
    int64_t id, project;
    const char *title;
    int64_t timetable[CALENDAR_TIMETABLES_MAX];
    size_t count;
    int64_t revision;
};

typedef bool store_calendar_fn(void *context, const struct store_calendar *c);
enum fault store_calendar_put(struct store *s, const struct store_calendar *c, int64_t *ret_id);
enum fault store_calendar_get(struct store *s, int64_t id, struct arena *a, struct store_calendar *ret);
enum fault store_calendars(struct store *s, int64_t project, store_calendar_fn *each, void *context);
/* FAULT_REFUSED while an occasion names it. */
enum fault store_calendar_delete(struct store *s, int64_t id);

/* ---- occasions ---- */

/* What is known of an occasion beside what people set. */
struct store_occasion_state {
    int64_t last_ms, count;  /* UTC it last happened, 0: never; how often since it was made */
    int64_t next_ms;         /* UTC it comes next by the clock; 0: it does not */
    const char *known;       /* the state or side that was seen last; "": none yet */
    int64_t seen;            /* wall time of the newest value that was looked at */
};

struct store_occasion {
    int64_t id, project;
    const char *title;
    const char *condition, *actions; /* box/occasion.h */
    bool enabled;
    int pause_s;             /* it happens once within so long */
    int64_t revision;
    struct store_occasion_state state; /* of a get */
    bool anew;               /* of a put: what is known of it (next, known, seen) is forgotten */
};

enum fault store_occasion_put(struct store *s, const struct store_occasion *o, int64_t *ret_id);
enum fault store_occasion_get(struct store *s, int64_t id, struct arena *a, struct store_occasion *ret);
typedef bool store_occasion_fn(void *context, const struct store_occasion *o);
enum fault store_occasions(struct store *s, int64_t project, store_occasion_fn *each, void *context);
enum fault store_occasion_delete(struct store *s, int64_t id);

/* What is known of it: on the disk before return. FAULT_NO_DATA when it was deleted. */
enum fault store_occasion_note(struct store *s, int64_t id, const struct store_occasion_state *state);

/* ---- what happened ---- */

enum { OCCASION_ACTIONS_MAX = 8, HAPPENINGS_KEPT = 5000 };

/* What came of one action. */
struct store_deed {
    const char *kind;        /* of the action: "poll" */
    int64_t run;             /* that it began; 0: none */
    const char *result;      /* "done", "run", "busy", "gone", "late", "failed", "waits" for runs before it */
    const char *note;        /* why not, in the machine's words; "" */
};

struct store_happening {
    int64_t id, occasion, project, at_ms;
    const char *title;       /* of the occasion, as it was called then */
    const char *cause;       /* box/occasion.h */
    int64_t merged;          /* further ones that fell into the pause before it */
    struct store_deed deed[OCCASION_ACTIONS_MAX];
    size_t deeds;
};

/* The newest HAPPENINGS_KEPT stay. */
enum fault store_happening_put(struct store *s, const struct store_happening *h, int64_t *ret_id);

/* Newest first; `occasion` 0: of the whole project. *ret_total is how many there are. */
typedef bool store_happening_fn(void *context, const struct store_happening *h);
enum fault store_happenings(struct store *s, int64_t project, int64_t occasion, size_t skip, size_t take, store_happening_fn *each, void *context,
                            int64_t *ret_total);

/* ---- clocks of meters (S0 4.4.1.1) ---- */

/* What a meter's clock showed when it was last read, and the last correction. */
struct store_clock {
    int64_t meter;
    int64_t read_ms, error_s;          /* UTC; the meter's clock minus the right time, after the correction if there was one */
    int64_t corrected_ms, corrected_s; /* UTC, 0: never; by how much it was moved */
};

/* Rows with corrected_ms 0 leave the last correction as it is. */
enum fault store_clocks_put(struct store *s, const struct store_clock *rows, size_t count);
typedef bool store_clock_fn(void *context, const struct store_clock *c);
/* By meter. */
enum fault store_clocks(struct store *s, store_clock_fn *each, void *context);
