/* Inside the collector: its meters, lines, threads and runs; for the files collector*.c only.
 *
 * Meters and lines are kept as long as the collector, found by id; a run has a visit for each of its meters, with the registry's
 * row as it was when the run began. A line belongs to a shard, the thread with its loop. Who touches what: a meter's memory,
 * whoever has it `busy`; a line and its queue, its shard's thread; the tables and `busy`, whoever holds `lock`. */
#pragma once
#include "collect/collector.h"
#include "collect/contacts.h"
#include "collect/debts.h"
#include "collect/frames.h"
#include "collect/memos.h"
#include "link/address.h"
#include "store/house/keeping.h"

#include <pthread.h>
#include <stdatomic.h>

struct visit;
struct shard;
struct line_run;

/* One communication line of a meter, enabled and over a link that can be used. */
struct way {
    struct line_run *line;
    const char *parameters;  /* the profile's with the meter's own over them, secrets sealed */
    int32_t link;
    uint8_t retries;
    int64_t gateway;         /* that asks the meter for us (far.h); 0: none. A meter with such a first way has no other */
};

/* A meter as the collector keeps it. */
struct meter_run {
    int64_t id;
    struct store_meter *row; /* during a session: the visit's */
    const struct driver *driver;
    uint64_t mark;           /* of what the memory below depends on: driver, links, parameters */
    const void *memo;        /* in a shard's memos, which live as long as the collector */
    struct patience patience, *others; /* of its first way; of the further ones, on the heap when it has any */
    int profile_step;
    uint16_t failures;       /* in a row */
    bool contact_known, clock_known;
    bool ever_met;           /* it was read before, in this run or another */
    bool password_refused;   /* by this process, with these parameters: held whatever the options and the disk say */
    int64_t next_try_ms;     /* monotonic; 0: now */
    int64_t journals_from;
    int64_t clock_noted;     /* its last STATE_CLOCK_ERROR */
    int64_t identified_day;  /* when it told all of itself; facts change once in years, firmware now and then */
    bool busy;               /* a session talks to it */
    struct visit *waiting;   /* other runs' visits to it, the most urgent first */
};

enum visit_place { VISIT_IDLE, VISIT_QUEUED, VISIT_WAITING, VISIT_ACTIVE, VISIT_ASLEEP, VISIT_DONE };

/* What a run with a work of its own gathers of a meter. */
struct account {
    int restarts, tries;
    uint32_t commands_done, commands_sent; /* bits of the work's commands */
    uint32_t refused;        /* archives it does not have: bits */
    uint32_t asked;          /* archives that were asked for: bits */
    uint64_t seen[ARCHIVE_COUNT]; /* registers of the work that came: bits */
    size_t readings, events;
    int64_t begun_ms, ended_ms;
    enum run_result result;
    char *notes, *story;     /* on the heap */
};

/* A meter within a run. */
struct visit {
    struct collector_run *run;
    struct meter_run *meter;
    struct store_meter *row; /* in the run's roll */
    const struct way *ways;  /* by priority; in the roll */
    int way_count;
    int way_begin;           /* over which this round met it: its further turns begin there */
    struct line_run *line;   /* its first way's */
    struct visit *next;      /* in the queue, the waiting or the sleeping it is in */
    enum visit_place place;
    struct task *task;       /* that talks */
    int turns;               /* sessions in this round */
    bool met;                /* one of them went well: who it is and its clock are known */
    uint32_t read;           /* archives without a grid that this round has read: bits */
    int64_t clock_error_s;   /* meter minus truth, as met in this round */
    bool again;              /* comes again at once: failed once, or debts remain */
    int64_t due_us;          /* asleep until then */
    bool hours;              /* its profile is one of hours */
    struct account *account; /* of a run with a work of its own; else NULL */
};

enum { LINE_WORKERS = 2, LINE_WORKERS_MAX = 6 };

/* A link and who waits for it. */
struct line_run {
    int64_t link;
    struct shard *shard;
    char *title, *uri;       /* its own, as of the last run that came */
    struct link_settings settings;
    size_t users;            /* meters of the registry that go over it, by their first way or another */
    size_t visits;           /* of runs that go on: while there are any it stays with its thread; under the lock */
    bool placed;             /* it has its thread */
    bool far;                /* no line of ours: a gateway asks */
    struct visit *queue, *queue_end; /* by rank, then in the order they came */
    struct bus *bus;
    struct visit *active[LINE_WORKERS_MAX];
    int workers;
    int storing;             /* of them, those who only wait for the disk: others talk instead of them */
    int users_now;           /* workers, and sessions that came over from another line: they hold the bus */
    bool pending;            /* in the shard's list of lines that want a worker */
    int pending_rank;
    struct line_run *next_pending;
    int64_t begun_us, ended_us;
    struct bus_figures figures;
    struct line_log *log;    /* NULL: it is not watched */
    struct line_ear *ears;
};

/* A thread with its loop and its lines. */
struct shard {
    struct collector *collector;
    struct loop *loop;
    pthread_t thread;
    struct memos *memos;
    struct line_run *pending, *pending_end; /* by rank */
    int workers;
    int64_t begin_us;              /* when the last worker begins */
    struct visit *asleep;          /* by due time */
    struct task *keeper;           /* wakes them; holds the loop */
    bool ending;
};

/* A link, and how many meters of the registry use it. */
struct roll_link {
    struct store_link row;
    size_t meters;
    size_t root;   /* of the links that meters join: index of another, or its own */
    bool good;     /* its address */
    int64_t gateway; /* "gateway:7": that one asks what is behind it */
};

/* A meter and its ways; `lines` of the ways are known after collector_know. */
struct roll_meter {
    struct store_meter row;
    struct way *ways;
    int way_count;
};

/* Rows of the registry as one run sees them. */
struct roll {
    struct arena arena;
    struct roll_meter *meters;
    struct roll_link *links;
    struct store_protocol *profiles;
    size_t meter_count, meter_room, link_count, link_room, profile_count, profile_room;
    bool whole;    /* the whole registry, not a few meters of it */
    struct keeping keeping[KEEPING_COUNT];
};

struct collector_run {
    struct collector *collector;
    struct run_options options;
    struct work *work;             /* own copy; NULL: debts */
    int rank, bus_priority;
    struct roll *roll;
    bool roll_owned;
    struct visit *visits;
    struct account *accounts;      /* one a visit; of a run with a work of its own */
    size_t visit_count;
    atomic_bool cancelled;
    pthread_mutex_t lock;          /* guards what follows */
    pthread_cond_t over;
    size_t left;                   /* visits not done, and threads that are to take or to cancel them */
    bool ended;
    atomic_size_t to_do, done, failed, backed_off, running, readings, events, exchanges, retries, sessions;
    atomic_llong sent, received;
};

struct collector {
    struct store *store;
    struct writer_thread *writer;
    struct collector_options options;
    struct counters counters; /* over the store */
    struct frame_log *frames;
    struct contact_log *contacts;
    pthread_mutex_t lock;
    struct meter_run **meters; /* by id */
    size_t meter_count, meter_room;
    struct line_run **lines;   /* by link */
    size_t line_count, line_room;
    struct shard *shards;
    struct roll *roll;         /* of passes */
    struct collector_run *pass; /* the present or last one */
    bool stopping;
    pthread_mutex_t far_lock;  /* guards what follows */
    pthread_cond_t far_over;
    struct far_hand *hand;     /* NULL: gateways cannot be reached */
    size_t far_calls;          /* that it was asked and has not answered */
};

/* --- collector_roll.c ---- */

/* The registry's rows: all enabled ones of the project, or those of `ids`, enabled or not. NULL: FAULT_STORE. */
struct roll *roll_load(struct store *s, int64_t project, const int64_t *ids, size_t count);
void roll_free(struct roll **r);
const struct roll_link *roll_link(const struct roll *r, int64_t id);

/* The collector's meter and line of these rows, made and learned from the store when new. */
void collector_know(struct collector *c, struct roll *r);
struct meter_run *collector_meter(struct collector *c, int64_t id);
struct line_run *collector_line(struct collector *c, int64_t link);

/* The line for work beside the sessions, held with its thread until line_hold(..., -1). Under the lock. */
struct line_run *collector_line_taken(struct collector *c, int64_t link);

/* The row with the depths that are worth asking for: its own, within what its archives keep. */
struct store_meter roll_depths(const struct roll *r, const struct store_meter *row);

/* Declares what the meters of the roll must have by now. */
enum fault collector_declare(struct collector *c, const struct roll *r);

/* What is remembered of a meter with other parameters is forgotten. Under the lock, the meter not busy. */
void meter_adopt(struct meter_run *m, struct store_meter *row, const struct way *ways, int way_count);

/* --- collector_lines.c ---- */

void shard_begin(struct shard *s, struct collector *c);
void shard_end(struct shard *s);

/* On the shard's thread: the run's visits to its lines are queued. */
void shard_take(struct shard *s, struct collector_run *r);
void shard_cancel(struct shard *s, struct collector_run *r);

/* Takes part in the line's work: its bus is there until the last one leaves. From a task of the line's shard. */
void line_join(struct shard *s, struct line_run *line);
void line_leave(struct shard *s, struct line_run *line);

/* As long as somebody holds it, a line stays with its thread. */
void line_hold(struct collector *c, struct line_run *line, int more);

/* The visit's talking is over and what it brought waits for the disk, so the line may go to the next one; and it is stored. */
void line_storing(struct shard *s, struct line_run *line, struct visit *v);
void line_stored(struct line_run *line);

/* Nobody talks on the line and nobody waits for it. */
bool line_rests(const struct line_run *line);

/* What the registry's row says of a line; on its thread. */
void line_name(struct line_run *line, const struct store_link *row);

/* --- collector_work.c ---- */

/* Who looks at the line's bus. */
struct bus_watcher line_watcher(struct line_run *line);

/* --- collector.c ---- */

/* A visit has its result. May end the run. */
void visit_done(struct visit *v);

/* --- collector_meter.c ---- */

/* One session with one meter on its line, or when none can be opened there on the next of its ways: plan, talk, store,
 * remember. Runs in a task of the shard. v->again says that it comes again at once. */
void collector_ask(struct shard *shard, struct line_run *line, struct visit *v);

/* --- collector_far.c ---- */

/* The same of a meter behind a gateway: what is wanted is ordered there, and its result is ours. */
void collector_ask_far(struct shard *shard, struct line_run *line, struct visit *v);

/* The way to an interface of a gateway; one that never opens when none can be reached. */
struct pipe *collector_far_pipe(struct collector *c, const struct link_address *a);
