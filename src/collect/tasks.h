/* Tasks of collection and control as a service of a running server (manual S3 2.2.21-2.2.24): runs begun by schedules, by hand
 * and by order; several at once; their results kept and told. What a run does is the collector's. */
#pragma once
#include "collect/service.h"
#include "store/work/tasks.h"

struct task_service;

struct task_options {
    /* On the service's own thread. A run as it is: at its beginning, once a second, at its end. */
    void (*run)(void *context, const struct store_run *r);
    /* Devices that got a result, in bundles. */
    void (*devices)(void *context, const struct store_run *r, const struct store_run_device *rows, size_t count);
    /* A relay that was ordered, as it came out: for the security log. */
    void (*relay)(void *context, const struct store_run *r, int64_t device, const struct relay_order *order);
    void *context;
};

/* Closes runs that a former process left open, and takes the schedules up. The store and the collection must outlive it; it must
 * end before the collection does. */
struct task_service *tasks_new(struct store *s, struct collect_service *collection, const struct task_options *options);
void tasks_free(struct task_service **t);

/* A task was made, changed or deleted, or its schedule switched. */
void tasks_wake(struct task_service *t);

/* Who begins it. */
struct task_caller {
    int64_t person;
    const char *login;
    const char *event; /* title of the gateway's event that begins it: it becomes the run's cause and reason; NULL: none */
};

/* Runs a task now. FAULT_REFUSED when it runs already, FAULT_NO_DATA when there is none. */
enum fault tasks_run(struct task_service *t, int64_t task, const struct task_caller *who, int64_t *ret_run);

/* A one-off order. */
struct task_order {
    int64_t project;
    const char *title, *work, *reason; /* work as collect/work.h writes it */
    const char *initiator;             /* "HES", "IEC61968", "PODIS" */
    const char *request;               /* the same again within a day gives the run made for it; "": none */
    struct task_caller who;
    const int64_t *devices;            /* ascending, each once */
    size_t count;
    int restart_delay_s, restarts;
    int64_t again_of;                  /* the run whose unread are asked again; 0: none */
};
enum fault tasks_order(struct task_service *t, const struct task_order *o, int64_t *ret_run, bool *ret_again);

/* Ends a run that goes on, or a task's; false when none does. */
bool tasks_cancel(struct task_service *t, int64_t run, enum run_result why);
bool tasks_cancel_task(struct task_service *t, int64_t task, enum run_result why);

/* Who else hears what comes of runs, on the service's own thread: a device that has its result, after it is kept; the end of a run,
 * after all of them (devices that have none by then got the run's). Be short, and order nothing from within. */
struct task_ear {
    void (*outcome)(struct task_ear *ear, int64_t run, const struct store_run_device *d);
    void (*ended)(struct task_ear *ear, int64_t run);
    struct task_ear *next;
};
void tasks_listen(struct task_service *t, struct task_ear *ear);
void tasks_deafen(struct task_service *t, struct task_ear *ear); /* it is not called any more when this returns */

/* How many runs go on. */
size_t tasks_running(struct task_service *t);
