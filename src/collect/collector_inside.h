/* Inside the collector: its meters, lines and threads; for collector.c and collector_meter.c only. */
#pragma once
#include "collect/collector.h"
#include "collect/contacts.h"
#include "collect/debts.h"
#include "collect/frames.h"
#include "collect/memos.h"
#include "link/address.h"
#include "store/keeping.h"

#include <pthread.h>
#include <stdatomic.h>

struct line_run;

/* One communication line of a meter, enabled and over a link that can be used. */
struct way {
    struct line_run *line;
    const char *parameters;  /* the profile's with the meter's own over them */
    struct patience patience;
    uint8_t retries;
};

/* A meter as the collector keeps it. */
struct meter_run {
    struct store_meter row;  /* texts and lines in the collector's arena */
    const struct driver *driver;
    struct way *ways;        /* by priority; in the arena */
    int way_count;
    int way_begin;           /* over which this pass met it: its further turns begin there */
    const void *memo;        /* in the shard's memos */
    int profile_step;
    uint16_t failures;       /* in a row */
    bool contact_known;
    bool ever_met;           /* it was read before, in this pass or another */
    bool password_refused;   /* by this process, with these parameters: held whatever the options and the disk say */
    int64_t next_try_ms;     /* monotonic; 0: now */
    int64_t journals_from;
    int turns;               /* sessions in this pass */
    bool met;                /* one of them went well: who it is and its clock are known */
    int64_t identified_day;  /* when it told all of itself; facts change once in years, firmware now and then */
    uint32_t read;           /* archives without a grid that this pass has read: bits */
    int64_t clock_error_s;   /* meter minus truth, as met in this pass */
    bool again;              /* comes again in this pass: failed once, or debts remain */
    struct meter_run *next;  /* in the line's queue */
};

/* A link and the meters whose first way it is. */
struct line_run {
    struct store_link row;
    struct link_settings settings;
    bool address_good;
    size_t users;            /* ways that go over it, the first and the others */
    size_t root;             /* of the lines that meters join: index of another line, or its own */
    struct meter_run **meters;
    size_t count, room;
    struct meter_run *queue, **queue_end;
    struct bus *bus;
    int workers;
    int64_t begun_us, ended_us;
    struct bus_figures figures;
};

/* A thread with its loop and its lines. */
struct shard {
    struct collector *collector;
    struct loop *loop;
    struct memos *memos;
    struct line_run **lines;
    size_t count, room, next; /* `next` line to begin */
    bool cancelled;
    struct task **tasks;      /* running slots, for cancellation */
    size_t slots;
};

struct collector {
    struct store *store;
    struct writer_thread *writer;
    struct collector_options options;
    struct counters counters; /* over the store */
    struct frame_log *frames;
    struct contact_log *contacts;
    struct keeping keeping[KEEPING_COUNT]; /* as of the last load */
    struct arena arena;       /* of the registry as loaded */
    struct meter_run *meters;
    size_t meter_count;
    struct line_run *lines;
    size_t line_count;
    struct shard *shards;
    pthread_mutex_t loops; /* guards the shards' loops against who wants to stop them */
    int64_t *chosen;       /* for the next pass, ascending */
    size_t chosen_count;
    bool insisted;         /* the next pass knows no back-off */
    atomic_bool stopping;
    atomic_size_t to_do, done, failed, backed_off, running, readings, events, exchanges, retries, sessions;
    atomic_llong sent, received;
};

/* The meter's row with the depths that are worth asking for: its own, within what its archives keep. */
struct store_meter collector_row(const struct collector *c, const struct meter_run *m);

/* Takes part in the line's work: its bus is there until the last one leaves. From a task of the shard. */
void collector_join_line(struct shard *s, struct line_run *line);
void collector_leave_line(struct shard *s, struct line_run *line);

/* One session with one meter on its line, or when none can be opened there on the next of its ways: plan, talk, store,
 * remember. Runs in a task of the shard. */
void collector_ask(struct shard *shard, struct line_run *line, struct meter_run *m);
