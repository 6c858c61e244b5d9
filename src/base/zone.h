/* Time zones: UTC to the wall time of a place and back, by the system's zone database (TZif files, RFC 8536). A value: copy it
 * freely, nothing to free. */
#pragma once
#include "base/bytes.h"

enum { ZONE_CHANGES_MAX = 320, ZONE_NAME_MAX = 64 };

/* "The last Sunday of March at 01:00": a change that comes every year (POSIX TZ, form Mm.w.d). */
struct zone_rule {
    int month, week, weekday; /* 1..12; 1..5, 5 the last; 0 = Sunday */
    int second;               /* of the day, on the wall clock before the change */
};

struct zone {
    int count;
    int64_t at[ZONE_CHANGES_MAX];     /* UTC seconds, ascending */
    int32_t offset[ZONE_CHANGES_MAX]; /* seconds east of UTC from then on */
    int32_t before;                   /* until the first change */
    int32_t standard, summer;         /* after the last change, by the rules */
    bool yearly;                      /* the rules hold; else the last offset stays */
    struct zone_rule begins, ends;    /* of summer time */
};

/* "Europe/Moscow", "+03:00", "UTC"; "" is the machine's own zone. False, *ret untouched, when there is none. */
bool zone_load(const char *name, struct zone *ret);

/* A TZif file's bytes; any bytes are safe. False when they are none. */
bool zone_decode(struct bytes file, struct zone *ret);

/* Seconds east of UTC at that moment, and the wall time then (civil.h). */
int zone_offset(const struct zone *z, int64_t utc_s);
int64_t zone_wall(const struct zone *z, int64_t utc_s);

/* The moment at which clocks show `wall`. A time that comes twice is the first; one that is skipped is counted on with the
 * offset from before the jump, so half past two becomes half past three. */
int64_t zone_utc(const struct zone *z, int64_t wall);
