/* A test in TAP: include, check, and end main with `return tap_done();`. No longjmp, no exit: a failed check is counted
 * and the test goes on, so it is safe on coroutine stacks. */
#pragma once
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* The check's name from a printf format; "" for none. */
__attribute__((format(printf, 1, 2))) static inline const char *tap_name(const char *format, ...)
{
    static char name[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    return name;
}

#define ok(condition, ...) tap_ok((condition) != 0, __FILE__, __LINE__, #condition, tap_name("" __VA_ARGS__))
#define is_int(got, want, ...) tap_is_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got, tap_name("" __VA_ARGS__))
#define is_text(got, want, ...) tap_is_text((got), (want), __FILE__, __LINE__, #got, tap_name("" __VA_ARGS__))

static inline int tap_ok(int passed, const char *file, int line, const char *what, const char *name)
{
    tap_count++;
    tap_failed += !passed;
    printf("%sok %d - %s\n", passed ? "" : "not ", tap_count, *name ? name : what);
    if (!passed)
        fprintf(stderr, "# not ok %d - %s\n#   %s:%d: %s\n", tap_count, *name ? name : what, file, line, what); /* the runner shows stderr alone */
    fflush(stdout);
    return passed;
}

static inline int tap_is_int(long long got, long long want, const char *file, int line, const char *what, const char *name)
{
    if (!tap_ok(got == want, file, line, what, name))
        fprintf(stderr, "#   got %lld, want %lld\n", got, want);
    return got == want;
}

static inline int tap_is_text(const char *got, const char *want, const char *file, int line, const char *what, const char *name)
{
    int same = strcmp(got, want) == 0;
    if (!tap_ok(same, file, line, what, name))
        fprintf(stderr, "#   got  '%s'\n#   want '%s'\n", got, want);
    return same;
}

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed != 0;
}
