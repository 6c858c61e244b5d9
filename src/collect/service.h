/* Collection as a service of a running server: passes by a schedule and on demand on a thread of its own, news gathered and
 * told in bundles by another, so that no conversation waits for who listens. */
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

struct service_status {
    bool running;
    bool chosen;           /* the pass asks only some */
    int every_minutes;     /* 0: on demand only */
    int64_t begun_ms, ended_ms, next_ms; /* UTC; 0: not yet, none */
    unsigned pass;         /* number of the present or last one */
    struct collector_figures figures;
};

struct service_options {
    struct collector_options collector; /* `told` and `context` are the service's own */
    int every_minutes;
    /* Called on the service's telling thread, four times a second at most: news may be none when only the figures moved. */
    void (*told)(void *context, const struct service_news *news, size_t count, const struct service_status *status);
    void *context;
};

struct collect_service;

/* The store must outlive it. */
struct collect_service *service_new(struct store *s, const struct service_options *options);
void service_free(struct collect_service **s);

/* Begins a pass over these meters (count 0: all). False when one runs. */
bool service_start(struct collect_service *s, const int64_t *ids, size_t count);
void service_stop(struct collect_service *s);
void service_schedule(struct collect_service *s, int every_minutes);
void service_status(struct collect_service *s, struct service_status *ret);
