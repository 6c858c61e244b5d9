/* The log; see log.h. The only global state of the program. */
#include "base/log.h"

#include "base/civil.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static _Atomic int limit = LOG_INFO;
static _Atomic(log_tap_fn *) tapped;
static _Atomic(void *) tap_context;

void log_tap(log_tap_fn *tap, void *context)
{
    atomic_store(&tapped, NULL);
    atomic_store(&tap_context, context);
    atomic_store(&tapped, tap);
}

void log_limit(enum log_level level)
{
    limit = (int)level;
}

/* What strangers send is told in the log, too: none of it may begin a line of its own. */
static void one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = ' ';
}

void log_line(enum log_level level, const char *event, const char *details, ...)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    if ((int)level > limit)
        return;
    char time[CIVIL_TEXT_MAX], rest[1024];
    wall_format(clock_utc_ms() / 1000, time);
    time[10] = 'T';
    va_list arguments;
    va_start(arguments, details);
    vsnprintf(rest, sizeof rest, details, arguments);
    va_end(arguments);
    one_line(rest);
    fprintf(stderr, "ts=%sZ level=%s event=%s %s\n", time, names[level], event, rest);
    log_tap_fn *tap = atomic_load(&tapped);
    if (tap)
        tap(atomic_load(&tap_context), level, event, rest);
}
