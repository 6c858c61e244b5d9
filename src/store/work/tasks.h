/* Tasks of collection and control, their runs, what came of every device, and what is known of relays (manual S3 2.2.10,
 * 2.2.21-2.2.24). Tables only: who decides and does is collect/tasks.h. Rules of puts and of texts as in people.h. */
#pragma once
#include "store/store.h"

struct store_task {
    int64_t id, project;
    const char *title;
    int priority;                /* 1..999 */
    const char *work, *schedule; /* as collect/work.h and collect/schedule.h write them; schedule "": none */
    const char *zone;            /* base/zone.h */
    const char *reason;          /* why commands are given; "" */
    int restart_delay_s, restarts;
    bool endless;
    bool scheduled;              /* the schedule is on */
    int64_t on_ms, off_ms;       /* when it was last switched on and off; 0: never */
    int64_t next_ms;             /* UTC of the next scheduled run; 0: none */
    int64_t person;              /* who made it */
    const char *login;
    int64_t revision;
    int64_t targets;             /* of a get: how many devices and groups it names */
    int64_t template;            /* the data template whose work it has; 0: its own */
};

/* Devices and groups of a task, ids. */
struct store_targets {
    const int64_t *devices, *groups;
    size_t device_count, group_count;
};

/* Adds (id 0) or replaces the row whose revision was seen (0: whichever); `targets` NULL leaves them as they are. */
enum fault store_task_put(struct store *s, const struct store_task *t, const struct store_targets *targets, int64_t *ret_id);
enum fault store_task_get(struct store *s, int64_t id, struct arena *a, struct store_task *ret);
enum fault store_task_targets(struct store *s, int64_t id, struct arena *a, struct store_targets *ret);

/* Of one project, or all for 0, by id. */
typedef bool store_task_fn(void *context, const struct store_task *t);
enum fault store_tasks(struct store *s, int64_t project, store_task_fn *each, void *context);

/* The schedule's own fields alone: no revision is asked or raised when `switched` is false. */
enum fault store_task_schedule(struct store *s, int64_t id, bool scheduled, bool switched, int64_t now_ms, int64_t next_ms);

/* Adds devices to a task; those it names already stay. */
enum fault store_task_add(struct store *s, int64_t id, const int64_t *devices, size_t count);

/* Ids of the meters that a task names, itself or by their groups, ascending; in `a`. */
enum fault store_task_meters(struct store *s, int64_t id, struct arena *a, const int64_t **ret, size_t *ret_count);

/* With its targets and runs. */
enum fault store_task_delete(struct store *s, int64_t id);

/* A data template (manual S0 4.3.2.2): a work with a name. Tasks made of it have its work; a change of it is theirs. */
struct store_template {
    int64_t id, project;
    const char *title, *note, *work;
    int64_t revision;
    int64_t tasks;               /* of a get: how many are made of it */
};

/* As tasks; FAULT_REFUSED for a title that the project has already. */
enum fault store_template_put(struct store *s, const struct store_template *t, int64_t *ret_id);
enum fault store_template_get(struct store *s, int64_t id, struct arena *a, struct store_template *ret);
typedef bool store_template_fn(void *context, const struct store_template *t);
enum fault store_templates(struct store *s, int64_t project, store_template_fn *each, void *context);

/* FAULT_REFUSED while tasks are made of it. */
enum fault store_template_delete(struct store *s, int64_t id);

/* ---- runs ---- */

enum run_cause { RUN_BY_HAND, RUN_BY_SCHEDULE, RUN_ONE_OFF, RUN_BY_EVENT };

/* Words of the manual (2.2.23); the same for a run and for a device within it. */
enum run_result {
    RUN_PENDING, RUN_SUCCESS, RUN_PARTIAL, RUN_ERROR, RUN_ABSENT, RUN_CANCELLED_BY_SCHEDULE, RUN_CANCELLED_BY_USER, RUN_INTERRUPTED,
    RUN_RESULTS
};

struct store_run {
    int64_t id, project, task; /* task 0: of none */
    enum run_cause cause;
    const char *title, *work, *reason;
    const char *initiator;     /* "HES", "IEC61968", "PODIS" */
    int64_t person;            /* 0: the schedule */
    const char *login;
    int priority;
    int64_t begun_ms, ended_ms;
    enum run_result result;
    int64_t total, good, partial, failed, absent;
    int64_t again_of;          /* the run whose unread it asks again; 0: none. That one may be gone */
};

/* `request` "" or a word of who orders: when a run was made for it in the last day already, *ret_id is that one, *ret_again is
 * true and nothing is added. */
enum fault store_run_add(struct store *s, const struct store_run *r, const char *request, const int64_t *devices, size_t count,
                         int64_t *ret_id, bool *ret_again);

/* The run that was made for the request within the last day; FAULT_NO_DATA when there is none. */
enum fault store_run_of_request(struct store *s, int64_t project, const char *request, int64_t *ret_id);
enum fault store_run_get(struct store *s, int64_t id, struct arena *a, struct store_run *ret);

/* The run's counts, end and result. With an end, devices that are pending still get `rest` as their result. */
enum fault store_run_note(struct store *s, const struct store_run *r, enum run_result rest);

struct run_filter {
    int64_t project, task;     /* task 0: any */
    int64_t again_of;          /* 0: any */
    unsigned causes, results;  /* bits of the enums; 0: any */
    size_t skip, take;
};
typedef bool store_run_fn(void *context, const struct store_run *r);
/* Newest first; *ret_total is how many fit in all. */
enum fault store_runs(struct store *s, const struct run_filter *f, store_run_fn *each, void *context, int64_t *ret_total);

/* The newest run of a task; FAULT_NO_DATA when there is none. */
enum fault store_run_last(struct store *s, int64_t task, struct arena *a, struct store_run *ret);

/* A device within a run. `notes`: what failed, for people of either language (collect/story.h); `story`: its steps. */
struct store_run_device {
    int64_t run, device;
    enum run_result result;
    int64_t begun_ms, ended_ms, readings, events, tries;
    const char *notes, *story;
};
enum fault store_run_devices_note(struct store *s, const struct store_run_device *rows, size_t count);
enum fault store_run_device_get(struct store *s, int64_t run, int64_t device, struct arena *a, struct store_run_device *ret);

/* By device; `results` bits, 0: any. Devices of `within` only, ascending, when it is not NULL. */
struct run_device_filter {
    int64_t run;
    unsigned results;
    const int64_t *within;
    size_t within_count;
    size_t skip, take;
};
typedef bool store_run_device_fn(void *context, const struct store_run_device *d);
enum fault store_run_devices(struct store *s, const struct run_device_filter *f, store_run_device_fn *each, void *context, int64_t *ret_total);

/* Runs that gave commands to a device, newest first: `take` ids at most at `runs`. */
enum fault store_run_commands(struct store *s, int64_t device, size_t skip, size_t take, int64_t *runs, size_t *ret_count, int64_t *ret_total);

/* After a start of the program: runs that were going when it ended are closed as interrupted. *ret_closed may be NULL. */
enum fault store_runs_interrupt(struct store *s, int64_t now_ms, int64_t *ret_closed);

/* Keeps the newest runs: `per_task` of each task (what events order is of task 0), `one_off` of a project's one-off ones, and at most `devices` device rows in
 * all; runs that go on stay. */
enum fault store_runs_retain(struct store *s, int64_t per_task, int64_t one_off, int64_t devices);

/* ---- relays ---- */

/* What a relay said when it was last asked; -1: it did not say. */
struct store_relay {
    int64_t device;
    int number;               /* 0: the load's, 1..32 of signals */
    int64_t output, control, mode, lock;
    int64_t read_ms;
};
enum fault store_relays_put(struct store *s, const struct store_relay *rows, size_t count);
typedef bool store_relay_fn(void *context, const struct store_relay *r);
/* Of one device, or all for 0, by device and number. */
enum fault store_relays(struct store *s, int64_t device, store_relay_fn *each, void *context);
