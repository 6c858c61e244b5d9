/* The machine's clocks; see clock.h. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_ns() / 1000000;
}

int64_t clock_utc_ms(void)
{
    return read_ns(CLOCK_REALTIME) / 1000000;
}

int clock_zone_minutes(int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm local;
    localtime_r(&seconds, &local);
    return (int)(local.tm_gmtoff / 60);
}

int64_t clock_local_wall(int64_t utc_ms)
{
    return utc_ms / 1000 + (int64_t)clock_zone_minutes(utc_ms) * 60;
}

void clock_condition(pthread_cond_t *ret)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(ret, &monotonic);
    pthread_condattr_destroy(&monotonic);
}
