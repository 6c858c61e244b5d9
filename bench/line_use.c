/* line-use: how much of a cycle a shared line works.
 *
 * A dozen meters of three families on one simulated RS-485 line at 9600 8N1: four Меркурий 230, four СПОДЭС over
 * HDLC, four M-Bus (their own lines are 8E1 at 2400; a common converter carries what they say as 8N1). A first pass learns
 * the meters; a measured one collects what a day owes: current registers, network, state, a day's record and 48
 * half-hours; of M-Bus meters what they show. The figure: (bits + turnarounds of the meters that answer) / (first bit … last bit), from the simulated
 * line's own plan. The rest is silence by our doing: gaps between frames, our wake-ups, waits that came to nothing.
 *   build/bench/line_use [passes] */
#include "sim/rs485.h"
#include "support/place.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { MERCURIES = 4, SPODES = 4, MBUS = 4, PASSES_MAX = 9 };

static struct rs485 *make_bus(void)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct rs485 *b = rs485_new(&(struct rs485_options){ .line = { 9600, 8, 'N', 1 } }, LANG_EN, &problem);
    if (!b) {
        fprintf(stderr, "line-use: %s\n", message);
        exit(1);
    }
    return b;
}

static void hang(struct rs485 *b, struct place *p, int64_t link, const char *family, uint32_t serial, uint32_t address,
                 const char *parameters, const char *depths)
{
    rs485_add(b, &(struct sim_birth){ .twin = twin_find(family), .serial = serial, .address = address,
                                      .zone_minutes = clock_zone_minutes(clock_utc_ms()) });
    place_meter(p, link, family, serial, parameters, depths);
}

static void hang_all(struct rs485 *b, struct place *p, int64_t link, const char *depths)
{
    char parameters[64];
    for (uint32_t i = 0; i < MERCURIES; i++) {
        snprintf(parameters, sizeof parameters, "address=%u", 1 + i);
        hang(b, p, link, "mercury230", 41000001 + i, 1 + i, parameters, depths);
    }
    for (uint32_t i = 0; i < SPODES; i++) {
        snprintf(parameters, sizeof parameters, "physical=%u;password=111111", 61 + i);
        hang(b, p, link, "spodes", 61000061 + i, 61 + i, parameters, depths);
    }
    for (uint32_t i = 0; i < MBUS; i++) {
        snprintf(parameters, sizeof parameters, "address=%u", 31 + i);
        hang(b, p, link, "mbus", 50000031 + i, 31 + i, parameters, "current,network,state");
    }
}

/* Prints how a pass went; its line use in percent. */
static double tell(const char *what, struct rs485 *b, const struct collector_figures *f, double seconds)
{
    struct rs485_figures r = rs485_figures(b);
    double whole = (double)(r.until_us - r.since_us), use = 100 * (double)(r.bits_us + r.turnaround_us) / whole;
    printf("%s: %zu of %zu meters in %.1f s, %zu sessions, %zu values, %zu exchanges, %zu retries; bits %.1f %%, turnaround %.1f %%, "
           "idle %.1f %% = %.2f ms an exchange\n",
           what, f->done, f->meters, seconds, f->sessions, f->readings, f->exchanges, f->retries, 100 * (double)r.bits_us / whole,
           100 * (double)r.turnaround_us / whole, 100 - use, (double)r.idle_us / 1000 / (double)(f->exchanges ? f->exchanges : 1));
    rs485_figures_reset(b);
    return use;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int passes = argc > 1 ? atoi(argv[1]) : 3;
    passes = passes < 1 ? 1 : passes > PASSES_MAX ? PASSES_MAX : passes;
    struct rs485 *b = make_bus();
    struct place p;
    place_open(&p);
    char uri[128], depths[128];
    snprintf(uri, sizeof uri, "serial:%s?9600,8N1", rs485_device(b));
    hang_all(b, &p, place_link(&p, uri), "current,network,state,day=1,profile=1");
    rs485_start(b);
    struct collector *c = collector_new(p.store, p.writer, &(struct collector_options){ .threads = 1, .frame_bytes = 16 << 20 });
    double seconds, use[PASSES_MAX];
    struct collector_figures f = place_pass(c, &seconds);
    tell("learning", b, &f, seconds);
    bool whole = f.done == f.meters;
    for (int i = 0; i < passes; i++) {
        snprintf(depths, sizeof depths, "current,network,state,day=%d,profile=%d", i + 2, i + 2);
        place_depths_of(&p, "mercury230", depths);
        place_depths_of(&p, "spodes", depths);
        f = place_pass(c, &seconds);
        use[i] = tell("a day", b, &f, seconds);
        whole = whole && f.done == f.meters;
    }
    collector_free(&c);
    place_close(&p);
    rs485_free(&b);
    qsort(use, (size_t)passes, sizeof *use, by_size);
    bench_result("line-use", use[passes / 2], "%");
    return whole ? 0 : 1;
}
