/* What a gateway delivers next: parcels taken from the archives, along the feed (store/upward/feed.h), and behind it everything that was
 * there before, meter by meter, when the head-end has not had it.
 *
 * A place says where the delivery stands. centre_source_next makes the parcel behind a place and the place after it; the place that
 * is kept is the one behind the last parcel that was acknowledged. */
#pragma once
#include "store/upward/feed.h"
#include "wire/push.h"

enum { CENTRE_NOTE_MAX = 200, CENTRE_PARCEL_USUAL = 16 << 10 /* bytes after which a parcel is closed */ };

/* Where within a meter's archive: of readings the moment to go on with; of records how many were taken. */
struct centre_within {
    bool begun;
    int64_t at;
};

struct centre_place {
    int64_t position;             /* of the feed */
    struct centre_within row;     /* within the row behind it */
    bool everything;              /* what was there before is still to go */
    int64_t meter;                /* of it: meters before this one are done */
    int archive;
    struct centre_within within;
    int64_t lost;                 /* rows that the feed had lost when `everything` began */
    char head_end[40];            /* by which database it was acknowledged */
};

/* As the feed keeps it, and back. */
void centre_place_write(const struct centre_place *p, char note[CENTRE_NOTE_MAX]);
struct centre_place centre_place_read(int64_t position, const char *note);

struct centre_source;
struct centre_source *centre_source_new(struct store *s);
void centre_source_free(struct centre_source **src);

/* Items of the next parcel into `w`, which has PUSH_BODY_MAX bytes less the parcel's head. FAULT_NO_DATA: nothing to send now, though
 * *place may have moved. */
enum fault centre_source_next(struct centre_source *src, struct centre_place *place, struct writer *w);

/* What a meter's rows of the feed behind `position` say, while it fits; for who waits for an order's result. */
enum fault centre_source_of_meter(struct centre_source *src, int64_t meter, int64_t *position, struct writer *w, bool *ret_more);

/* How many meters there are, and how many of them are before the place, of what goes out behind the feed. */
void centre_source_progress(struct centre_source *src, const struct centre_place *p, int64_t *ret_done, int64_t *ret_all);
