/* What benches of collection share; see place.h. */
#include "support/place.h"

#include "base/clock.h"
#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void give_up(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void place_open(struct place *p)
{
    const char *base = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%s/svod-bench-XXXXXX", base && strlen(base) < 30 ? base : "/tmp");
    if (!mkdtemp(p->folder))
        give_up("mkdtemp");
    snprintf(p->path, sizeof p->path, "%s/svod.db", p->folder);
    struct store_error why;
    p->store = store_open(p->path, &(struct store_options){ .cache_kib = 4096 }, &why);
    if (!p->store)
        give_up(why.detail);
    p->writer = writer_new(p->store, 0, 0);
}

void place_close(struct place *p)
{
    writer_free(&p->writer);
    store_close(&p->store);
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", p->path, suffixes[i]);
        unlink(path);
    }
    rmdir(p->folder);
}

int64_t place_link(struct place *p, const char *uri)
{
    int64_t id = 0;
    if (store_link_put(p->store, &(struct store_link){ .title = uri, .uri = uri }, &id) != FAULT_NONE)
        give_up("link");
    return id;
}

int64_t place_meter(struct place *p, int64_t link, const char *driver, uint32_t serial, const char *parameters, const char *depths)
{
    char number[16];
    int64_t id = 0;
    snprintf(number, sizeof number, "%u", serial);
    struct store_line line = { .link = link, .parameters = parameters, .enabled = true };
    struct store_meter m = { .serial = number, .title = number, .driver = driver, .lines = &line, .line_count = 1,
                             .enabled = true, .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    if (!depths_parse(depths, m.depth_days) || store_meter_put(p->store, &m, &id) != FAULT_NONE)
        give_up("meter");
    return id;
}

struct deepening {
    struct place *place;
    const char *driver, *depths;
};

static bool deepen(void *context, const struct store_meter *m)
{
    struct deepening *d = context;
    struct store_meter changed = *m;
    if (d->driver && strcmp(d->driver, m->driver) != 0)
        return true;
    memset(changed.depth_days, 0, sizeof changed.depth_days);
    depths_parse(d->depths, changed.depth_days);
    return store_meter_put(d->place->store, &changed, NULL) == FAULT_NONE;
}

void place_depths(struct place *p, const char *depths)
{
    place_depths_of(p, NULL, depths);
}

void place_depths_of(struct place *p, const char *driver, const char *depths)
{
    struct deepening d = { p, driver, depths };
    store_meters(p->store, deepen, &d);
}

struct collector_figures place_pass(struct collector *c, double *ret_seconds)
{
    struct collector_figures f;
    if (collector_load(c) != FAULT_NONE)
        give_up("load");
    int64_t begun = clock_monotonic_ns();
    collector_pass(c);
    *ret_seconds = (double)(clock_monotonic_ns() - begun) / 1e9;
    collector_figures(c, &f);
    return f;
}

static long status_kib(const char *field)
{
    char line[256];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, field, strlen(field)) == 0)
            kib = atol(line + strlen(field) + 1);
    if (f)
        fclose(f);
    return kib;
}

long resident_kib(void)
{
    return status_kib("VmRSS");
}

long resident_most_kib(void)
{
    return status_kib("VmHWM");
}

void bench_result(const char *name, double figure, const char *unit)
{
    printf("%s %.*f %s\n", name, figure < 100 ? 2 : 0, figure, unit);
}
