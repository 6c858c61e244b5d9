/* What was used from a start of a day or a month to the next, out of the registers of a meter's archive: exactly, and nothing where
 * either start is missing or the register went back (meter/kinds.h: kind_use). */
#pragma once
#include "meter/kinds.h"
#include "store/store.h"

struct mqtt_used {
    char tag[COLUMN_NAME_MAX]; /* "A+0" */
    struct decimal value;      /* Wh, varh */
};

/* An interval with at least one register. False stops. */
typedef bool mqtt_use_fn(void *context, struct span interval, const struct mqtt_used *used, size_t count);

/* The intervals that end within the span, in order; `begun_too`: those that begin in it as well. Of ARCHIVE_DAY or ARCHIVE_MONTH. */
enum fault mqtt_use(struct store *s, int64_t meter, enum archive archive, struct span span, bool begun_too, mqtt_use_fn *each, void *context);
