/* What connections to a fleet cost: build/bench/sim_fleet [connections [rounds [latency ms]]]
 *
 * A child process dials that many meters and asks each `rounds` times; this process, which has the fleet, tells its own
 * resident memory, the kernel's slab (sockets of both ends) and its processor time. */
#include "base/clock.h"
#include "sim/fleet.h"
#include "sim/parrot.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 0x7F070001 };

static long kilobytes(const char *file, const char *format)
{
    char line[256];
    long value = 0;
    FILE *f = fopen(file, "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, format, &value) != 1)
        ;
    if (f)
        fclose(f);
    return value;
}

static void dial_all(int *fds, int count, uint16_t port)
{
    for (int i = 0; i < count; i++) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(FIRST + (uint32_t)i) };
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fds[i], (struct sockaddr *)&a, sizeof a) != 0)
            perror("connect");
    }
}

static void ask_all(int count, int rounds, uint16_t port, int until)
{
    int *fds = malloc((size_t)count * sizeof *fds);
    char answer[64];
    dial_all(fds, count, port);
    int64_t start = clock_monotonic_ns();
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < count; i++)
            send(fds[i], "<1:hello>", 9, MSG_NOSIGNAL);
        for (int i = 0; i < count; i++)
            if (recv(fds[i], answer, sizeof answer, 0) <= 0)
                puts("lost");
    }
    double us = (double)(clock_monotonic_ns() - start) / 1000;
    printf("%d x %d exchanges in %.2f s, %.1f us each\n", count, rounds, us / 1e6, us / count / rounds);
    fflush(stdout);
    if (read(until, answer, 1) < 0)
        perror("read");
    _exit(0);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 8000, rounds = argc > 2 ? atoi(argv[2]) : 5, end[2];
    struct rlimit limit = { 0 };
    char message[256];
    struct text problem = text_over(message, sizeof message);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct fleet *f = fleet_new(&(struct fleet_options){
        .twin = &twin_parrot, .first_address = "127.7.0.1", .count = 200000, .first_serial = 1,
        .latency_ms = argc > 3 ? (uint32_t)atoi(argv[3]) : 0 }, LANG_EN, &problem);
    if (!f || pipe(end) != 0) {
        puts(message);
        return 1;
    }
    long resident = kilobytes("/proc/self/status", "VmRSS: %ld"), slab = kilobytes("/proc/meminfo", "Slab: %ld");
    pid_t child = fork();
    if (child == 0)
        ask_all(count, rounds, fleet_port(f), end[0]);
    while (fleet_figures(f).answers < (uint64_t)count * (uint64_t)rounds)
        usleep(50000);
    resident = kilobytes("/proc/self/status", "VmRSS: %ld") - resident;
    slab = kilobytes("/proc/meminfo", "Slab: %ld") - slab;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%lu open: %ld bytes each in this process, meter included (the record is %zu); kernel %ld bytes each, both ends\n",
           fleet_figures(f).open, resident * 1024 / count, fleet_connection_size(f), slab * 1024 / count);
    printf("processor: %.2f s user, %.2f s system\n", (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6,
           (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6);
    if (write(end[1], "", 1) != 1)
        perror("write");
    waitpid(child, NULL, 0);
    fleet_free(&f);
    return 0;
}
