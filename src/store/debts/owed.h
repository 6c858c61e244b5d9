/* What must exist and is not there: the gaps that collection works off.
 *
 * Somebody declares that a meter's archive must hold the intervals of a span; storing crosses them off in the same
 * transaction. An interval is there when any value of it is, "the meter has none" included. Per meter and archive one
 * row says what is expected and up to where everything was met; only a block period with holes before that has a row of
 * its own, a bit per interval. So 100,000 meters kept for years stay a few megabytes. */
#pragma once
#include "store/store.h"

struct owed_want {
    int64_t meter;
    enum archive archive; /* with a grid: day, month, profile, hour */
    int step;             /* seconds, for the profile: 60..3600, a divisor of the day */
    struct span span;     /* wall time; joined to what was declared before, with no hole between */
};

/* Declares; all in one transaction. What is stored already is not owed. Declaring the same again changes nothing.
 * FAULT_SETTING for an impossible want: nothing done. */
enum fault store_owed_expect(struct store *s, const struct owed_want *wants, size_t count);

/* Stops expecting anything of the meter's archive. */
enum fault store_owed_cancel(struct store *s, int64_t meter, enum archive archive);

/* The gaps within the span, each as long as it goes, oldest or newest first, at most `max` into `out`. */
enum fault store_owed_spans(struct store *s, int64_t meter, enum archive archive, struct span span, bool newest_first,
                            struct span *out, size_t max, size_t *ret_count);

/* What a span should hold of a meter's archive, and how much of that is not there. */
struct owed_share {
    int32_t expected, missing;
};

/* Meters of an archive in order of id with what each of the spans (ascending, apart from each other) should hold and lacks:
 * `share` has one for each span and lives as long as the callback. Meters of which nothing is expected are left out. A walk
 * over all debts of the archive: 100,000 meters take tens of milliseconds, and nobody else waits. */
typedef bool store_owed_fn(void *context, int64_t meter, const struct owed_share *share);
enum fault store_completeness(struct store *s, enum archive archive, const struct span *spans, size_t count, store_owed_fn *each,
                              void *context);
