/* What benches of collection share: a database in a temporary folder, filled with meters, and figures of this process. */
#pragma once
#include "collect/collector.h"
#include "store/registry/registry.h"

struct place {
    char folder[64], path[96];
    struct store *store;
    struct writer_thread *writer;
};

/* A new database in a folder of its own. Ends the process when it cannot be had. */
void place_open(struct place *p);

/* Closes and deletes it. */
void place_close(struct place *p);

/* Adds a link and returns its id; adds a meter. */
int64_t place_link(struct place *p, const char *uri);
int64_t place_meter(struct place *p, int64_t link, const char *driver, uint32_t serial, const char *parameters, const char *depths);

/* Changes the depths of every meter; of those of one driver. */
void place_depths(struct place *p, const char *depths);
void place_depths_of(struct place *p, const char *driver, const char *depths);

/* One pass of collection; its figures and seconds. */
struct collector_figures place_pass(struct collector *c, double *ret_seconds);

/* Resident memory of this process, KiB: now and at most so far. */
long resident_kib(void);
long resident_most_kib(void);

/* The last line of a bench. */
void bench_result(const char *name, double figure, const char *unit);
