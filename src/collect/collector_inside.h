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

/* A meter as the collector keeps it. */
struct meter_run {
    struct store_meter row;  /* texts in the collector's arena */
    const struct driver *driver;
    const void *memo;        /* in the shard's memos */
    struct patience patience;
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

/* A link and its meters. */
struct line_run {
    struct store_link row;
    bool address_good;
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

/* One session with one meter on its line: plan, talk, store, remember. Runs in a task of the shard. */
void collector_ask(struct shard *shard, struct line_run *line, struct meter_run *m);
