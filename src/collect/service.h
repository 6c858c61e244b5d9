/* Collection as a service of a running server: each project's debts by its own schedule and on demand, several projects at once;
 * news gathered and told in bundles by a thread of its own, so that no conversation waits for who listens. */
#pragma once
#include "collect/collector.h"

/* What came of one meter. */
struct service_news {
    int64_t meter;
    enum fault fault;
    size_t readings, events;
    int64_t took_ms;
    char sentence[200];
};

/* Collection of one project. */
struct service_status {
    int64_t project;
    bool running;
    bool chosen;           /* the pass asks only some */
    int every_minutes;     /* 0: on demand only */
    int64_t begun_ms, ended_ms, next_ms; /* UTC; 0: not yet, none */
    unsigned pass;         /* number of the present or last one */
    struct collector_figures figures;
};

struct service_options {
    struct collector_options collector; /* `told` and `context` are the service's own */
    /* Called on the service's telling thread, four times a second at most: what came of meters, whoever asked them, and how it
     * goes in the projects where something moves. Either may be none. */
    void (*told)(void *context, const struct service_news *news, size_t count, const struct service_status *status, size_t status_count);
    void *context;
};

struct collect_service;

/* The store must outlive it. */
struct collect_service *service_new(struct store *s, const struct service_options *options);
void service_free(struct collect_service **s);

/* What sessions have brought is on the disk when it returns. */
void service_flush(struct collect_service *s);

/* What sessions saw beside readings, clocks above all, is in the store when it returns: before somebody looks. */
void service_keep_found(struct collect_service *s);

/* Begins a pass over these meters of the project (count 0: all). False when one of the project runs. */
bool service_start(struct collect_service *s, int64_t project, const int64_t *ids, size_t count);
void service_stop(struct collect_service *s, int64_t project);

/* The first pass comes after the period; `soon`: at once. */
void service_schedule(struct collect_service *s, int64_t project, int every_minutes, bool soon);
void service_status(struct collect_service *s, int64_t project, struct service_status *ret);

/* All projects together: sums of the figures, passes ever begun. */
void service_totals(struct collect_service *s, struct service_status *ret);

/* For who begins runs beside the collection of debts: the collector, and the way for its sessions' news. */
struct collector *service_collector(struct collect_service *s);
void service_hear(struct collect_service *s, const struct collector_news *n);
