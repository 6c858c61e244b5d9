/* daily-job: complete daily jobs a second, simulators and store on the same cores.
 *
 * Each job: connect, associate, identity, clock, 4 energies × 5 tariffs, one day record, 48 half-hours × 4, release, committed.
 * "cold" is a meter met for the first time (columns and scalers are read too), "warm" the same meter on another day.
 *   build/bench/daily_job [meters] [collector threads] [fleet threads] */
#include "sim/fleet.h"
#include "support/place.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    uint32_t meters = argc > 1 ? (uint32_t)atoi(argv[1]) : 6000;
    int threads = argc > 2 ? atoi(argv[2]) : 1, fleet_threads = argc > 3 ? atoi(argv[3]) : 1;
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct fleet *fleet = fleet_new(&(struct fleet_options){
        .twin = twin_find("spodes"), .first_address = "127.20.0.1", .count = meters, .first_serial = 20000001,
        .zone_minutes = clock_zone_minutes(clock_utc_ms()), .threads = fleet_threads }, LANG_EN, &t);
    if (!fleet) {
        fprintf(stderr, "daily-job: %s\n", problem);
        return 1;
    }
    struct place p;
    place_open(&p);
    for (uint32_t i = 0; i < meters; i++) {
        char uri[64];
        uint32_t host = (127u << 24 | 20u << 16) + 1 + i;
        snprintf(uri, sizeof uri, "tcp://%u.%u.%u.%u:%u", host >> 24, host >> 16 & 255, host >> 8 & 255, host & 255, fleet_port(fleet));
        place_meter(&p, place_link(&p, uri), "spodes", 20000001 + i, "transport=wrapper;password=111111;release=yes", "current,day=1,profile=1");
    }
    struct collector *c = collector_new(p.store, p.writer, &(struct collector_options){ .threads = threads, .at_once = 64 });
    double seconds;
    struct collector_figures f = place_pass(c, &seconds);
    printf("cold: %zu of %u meters in %.2f s, %.0f meters/s, %zu values, %.1f exchanges each, %zu failed\n", f.done, meters, seconds,
           (double)f.done / seconds, f.readings, (double)f.exchanges / meters, f.failed);
    place_depths(&p, "current,day=2,profile=2");
    f = place_pass(c, &seconds);
    printf("warm: %zu of %u meters in %.2f s, %zu values, %.1f exchanges each, %zu failed, %.0f bytes each\n", f.done, meters, seconds,
           f.readings, (double)f.exchanges / meters, f.failed, (double)(f.sent + f.received) / meters);
    bool whole = f.done == meters;
    collector_free(&c);
    place_close(&p);
    fleet_free(&fleet);
    bench_result("daily-job", (double)f.done / seconds, "meters/s");
    return whole ? 0 : 1;
}
