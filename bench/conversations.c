/* conversations: 8,000 sessions at once with 800 ms before each answer.
 *
 * The meters live in a process of their own, so that the figures are the collector's alone. Printed: how much of what the
 * latency allows is reached (exchanges × latency ÷ sessions at once ÷ seconds), and the resident memory of the whole
 * collecting process (store, caches, stacks, buffers) for each session. The last line is KiB each.
 *   build/bench/conversations [at once] [latency ms] */
#include "base/clock.h"
#include "sim/fleet.h"
#include "support/place.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The fleet in a child; its port comes through the pipe. */
static pid_t start_fleet(uint32_t count, uint32_t latency, uint16_t *ret_port)
{
    int ends[2];
    if (pipe(ends) != 0)
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        char problem[256];
        struct text t = text_over(problem, sizeof problem);
        struct fleet *fleet = fleet_new(&(struct fleet_options){
            .twin = twin_find("spodes"), .first_address = "127.30.0.1", .count = count, .first_serial = 30000001,
            .zone_minutes = clock_zone_minutes(clock_utc_ms()), .latency_ms = latency }, LANG_EN, &t);
        uint16_t port = fleet ? fleet_port(fleet) : 0;
        if (!fleet)
            fprintf(stderr, "conversations: %s\n", problem);
        if (write(ends[1], &port, sizeof port) != sizeof port)
            _exit(1);
        pause();
        _exit(0);
    }
    if (read(ends[0], ret_port, sizeof *ret_port) != sizeof *ret_port)
        *ret_port = 0;
    return child;
}

int main(int argc, char **argv)
{
    uint32_t at_once = argc > 1 ? (uint32_t)atoi(argv[1]) : 8000, latency = argc > 2 ? (uint32_t)atoi(argv[2]) : 800;
    uint32_t meters = at_once * 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    uint16_t port = 0;
    pid_t child = start_fleet(meters, latency, &port);
    if (port == 0)
        return 1;
    struct place p;
    place_open(&p);
    for (uint32_t i = 0; i < meters; i++) {
        char uri[64];
        uint32_t host = (127u << 24 | 30u << 16) + 1 + i;
        snprintf(uri, sizeof uri, "tcp://%u.%u.%u.%u:%u", host >> 24, host >> 16 & 255, host >> 8 & 255, host & 255, port);
        place_meter(&p, place_link(&p, uri), "spodes", 30000001 + i, "transport=wrapper;password=111111;release=yes", "current,day=1,profile=1");
    }
    struct collector *c = collector_new(p.store, p.writer, &(struct collector_options){ .threads = 1, .at_once = (int)at_once });
    double seconds;
    struct collector_figures f = place_pass(c, &seconds);
    double possible = (double)at_once / ((double)latency / 1000);
    printf("%zu of %u meters in %.1f s, %zu exchanges, %zu failed\n", f.done, meters, seconds, f.exchanges, f.failed);
    printf("%.0f exchanges/s of %.0f that the latency allows: %.1f %%\n", (double)f.exchanges / seconds, possible, 100 * (double)f.exchanges / seconds / possible);
    long most = resident_most_kib();
    collector_free(&c);
    place_close(&p);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    bench_result("conversations", (double)most / at_once, "KiB");
    return f.done == meters ? 0 : 1;
}
