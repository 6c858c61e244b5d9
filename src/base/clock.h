/* The machine's clocks. Code that a test must hold in time takes a moment as a parameter instead of calling these. */
#pragma once
#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that never jumps: for deadlines and durations. */
int64_t clock_monotonic_ms(void);

/* The same clock in nanoseconds: for benches and short waits. */
int64_t clock_monotonic_ns(void);

/* Milliseconds of UTC since 1970. */
int64_t clock_utc_ms(void);

/* Milliseconds of any of these clocks as the system's calls take them. */
static inline struct timespec clock_timespec(int64_t ms)
{
    return (struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* A condition whose timed waits are by the clock that never jumps. */
void clock_condition(pthread_cond_t *ret);

/* Wall seconds (civil.h) of the machine's local time for a moment of UTC, and the zone's minutes east of UTC then. */
int64_t clock_local_wall(int64_t utc_ms);
int clock_zone_minutes(int64_t utc_ms);
