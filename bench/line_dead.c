/* line-dead: what the dead cost the living on a shared line.
 *
 * Thirty meters of three families on one simulated RS-485 line at 9600 8N1, current registers and identity only; everybody
 * is asked in every pass (no back-off). After passes that learn, the cycle of the living meters alone is compared with the
 * cycle that asks one dead meter in ten as well: only the dead make the difference, and the figure is how much longer the
 * cycle is for them. The cycle before they died is told too.
 *   build/bench/line_dead [passes measured] */
#include "sim/rs485.h"
#include "support/place.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { METERS = 30, EVERY = 10, LEARNING = 1, PASSES_MAX = 9 };

static const char *const families[] = { "mercury230", "spodes", "mbus" };

static struct rs485 *make_bus(void)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct rs485 *b = rs485_new(&(struct rs485_options){ .line = { 9600, 8, 'N', 1 } }, LANG_EN, &problem);
    if (!b) {
        fprintf(stderr, "line-dead: %s\n", message);
        exit(1);
    }
    return b;
}

static void hang_all(struct rs485 *b, struct place *p, int64_t link)
{
    for (uint32_t i = 0; i < METERS; i++) {
        const char *family = families[i % 3];
        char parameters[64];
        uint32_t address = 20 + i, serial = 41000000 + address;
        snprintf(parameters, sizeof parameters, i % 3 == 1 ? "physical=%u;password=111111" : "address=%u", address);
        rs485_add(b, &(struct sim_birth){ .twin = twin_find(family), .serial = serial, .address = address,
                                          .zone_minutes = clock_zone_minutes(clock_utc_ms()) });
        place_meter(p, link, family, serial, parameters, "current");
    }
}

/* Every tenth, one of each family. */
static bool is_doomed(size_t i)
{
    return i == 4 || i == 15 || i == 26;
}

static void kill_meter(struct sim_meter *m, void *argument)
{
    (void)argument;
    m->faults.dead = true;
}

static bool disable_doomed(void *context, const struct store_meter *m)
{
    struct store_meter changed = *m;
    changed.enabled = !is_doomed((size_t)atoi(m->serial) - 41000020);
    return store_meter_put(((struct place *)context)->store, &changed, NULL) == FAULT_NONE;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median cycle of some passes, after some that only learn. */
static double cycle(const char *what, struct collector *c, struct rs485 *b, int learning, int passes)
{
    double seconds, all[PASSES_MAX];
    struct collector_figures f = { 0 };
    for (int i = -learning; i < passes; i++) {
        rs485_figures_reset(b);
        f = place_pass(c, &seconds);
        if (i >= 0)
            all[i] = seconds;
    }
    qsort(all, (size_t)passes, sizeof *all, by_size);
    printf("%s: cycle %.2f s, %zu meters read, %zu silent, %zu exchanges\n", what, all[passes / 2], f.done, f.failed, f.exchanges);
    return all[passes / 2];
}

int main(int argc, char **argv)
{
    int passes = argc > 1 ? atoi(argv[1]) : 1;
    passes = passes < 1 ? 1 : passes > PASSES_MAX ? PASSES_MAX : passes;
    struct rs485 *b = make_bus();
    struct place p;
    place_open(&p);
    char uri[128];
    snprintf(uri, sizeof uri, "serial:%s?9600,8N1", rs485_device(b));
    hang_all(b, &p, place_link(&p, uri));
    rs485_start(b);
    struct collector *c = collector_new(p.store, p.writer, &(struct collector_options){ .threads = 1, .ask_everybody = true });
    cycle("all alive", c, b, 1, passes);
    for (size_t i = 0; i < METERS; i++)
        if (is_doomed(i))
            rs485_visit(b, i, kill_meter, NULL);
    double with = cycle("one in ten dead", c, b, LEARNING, passes);
    store_meters(p.store, disable_doomed, &p);
    double without = cycle("the living alone", c, b, 0, passes);
    collector_free(&c);
    place_close(&p);
    rs485_free(&b);
    printf("a dead meter costs %.2f s, a living one %.2f s\n", (with - without) * EVERY / METERS, without / (METERS - METERS / EVERY));
    bench_result("line-dead", 100 * (with / without - 1), "%");
    return 0;
}
