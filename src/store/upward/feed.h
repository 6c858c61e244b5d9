/* What was stored, in the order in which it was stored: for those who carry it on (MQTT, files, a push to the head-end).
 *
 * Nothing is copied. A row names a meter, an archive and the moments that became fresh or changed (about 20 bytes, whatever the
 * number of values); it is written in the transaction that stores them, so neither can be there without the other, and only
 * while somebody reads. A reader has a name and a position, the last row that arrived where he carries it; what he sends he
 * takes from the archives, as it is by then. A queue of ready messages would write every reading a second time for each
 * receiver, and once more when it is deleted.
 *
 * Rows that every reader has passed go, many at once. The feed is bounded (store_options.feed_rows): beyond it the oldest rows
 * go though somebody has not read them, and each such reader's `lost` counts them. Functions return as those of store.h. */
#pragma once
#include "store/store.h"

struct feed_row {
    int64_t id, meter;     /* ids grow by one */
    enum archive archive;  /* ARCHIVE_JOURNAL: events; ARCHIVE_STATE: changes of states */
    struct span span;      /* every moment that the archive has in it, but of events see store_feed_events */
    int64_t at_ms;         /* of ARCHIVE_JOURNAL: UTC of the transaction, by which its events are known; else 0 */
};

/* Rows behind the position, oldest first, at most `most`. False stops. */
typedef bool feed_row_fn(void *context, const struct feed_row *row);
enum fault store_feed(struct store *s, int64_t position, size_t most, feed_row_fn *each, void *context);

/* Of a row of ARCHIVE_JOURNAL: the events that came with it. */
enum fault store_feed_events(struct store *s, const struct feed_row *row, store_event_fn *each, void *context);

/* The last row's id; 0 before the first. */
enum fault store_feed_last(struct store *s, int64_t *ret);

/* A number that moves when this process has fed something: what to look at before looking into the database. */
unsigned long store_feed_stirs(const struct store *s);

struct feed_reader {
    const char *name;  /* "mqtt:7" */
    int64_t position;
    int64_t lost;      /* rows that went before this one read them */
    const char *note;  /* its own words, kept with the position */
};

/* Begins at what is stored next; one of that name goes on as it is. Leaving an unknown one is FAULT_NONE. */
enum fault store_feed_join(struct store *s, const char *name);
enum fault store_feed_leave(struct store *s, const char *name);

/* Those whose names begin so. */
typedef bool feed_reader_fn(void *context, const struct feed_reader *reader);
enum fault store_feed_readers(struct store *s, const char *prefix, feed_reader_fn *each, void *context);

/* Positions (never backwards) and notes of several readers in one transaction; rows that all have passed may go with it. A
 * reader that is gone is left out. On the disk before return. */
enum fault store_feed_move(struct store *s, const struct feed_reader *readers, size_t count);
