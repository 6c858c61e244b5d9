/* Sums of what is there and what is missing, by some property of the devices: group, channel, maker, reason, the device itself.
 * The one way completeness is counted for people: store_completeness on one side, the fleet in memory on the other. */
#pragma once
#include "api/call.h"
#include "store/debts/owed.h"

enum tally_by { TALLY_ALL, TALLY_GROUP, TALLY_LINK, TALLY_DRIVER, TALLY_MODEL, TALLY_MAKER, TALLY_REASON, TALLY_DEVICE, TALLY_COUNT };
extern const char *const tally_words[TALLY_COUNT + 1];

struct tally_sum {
    int64_t expected, missing;
};

/* One group of devices. */
struct tally {
    const char *key, *title;
    int64_t devices, whole; /* whole: without gaps in any of the spans */
    struct tally_sum *sums; /* one a span */
};

/* Which devices, and how they are put together. */
struct tally_query {
    enum archive archive;
    const struct span *spans;
    size_t span_count;
    enum tally_by by;
    struct meter_set group;  /* only who is in it (call_group); zeros: any */
    bool only_missing;       /* only those that lack something */
    const struct obis *registers; /* not intervals are counted but these registers in them, each */
    size_t register_count;        /* 0: intervals; TALLY_REGISTER_DEVICES devices at most otherwise, for every value is looked at */
};
enum { TALLY_REGISTER_DEVICES = 5000, TALLY_SPANS_MAX = 31 };

/* Sums of the caller's project, sorted by title, in the request's arena; false when the call was refused. */
bool tally_count(struct call *c, const struct tally_query *q, struct tally **ret, size_t *ret_count);

/* Devices that lack something within one span, of one group of a tally (`key` NULL: all), the emptiest first. */
struct tally_device {
    int64_t meter, expected, missing;
};
bool tally_missing(struct call *c, const struct tally_query *q, const char *key, struct tally_device **ret, size_t *ret_count);

/* Why a device has not been read: its last session, as a name for programs and in words. */
const char *reason_name(const struct roster_row *row);
const char *reason_text(const struct roster_row *row, enum lang lang);
void put_reason(struct call *c, const struct roster_row *row);

/* "percent": rounded down, so that 100 means all of it; null when nothing is expected. */
void put_percent(struct json_writer *j, const char *key, int64_t expected, int64_t missing);
