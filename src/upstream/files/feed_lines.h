/* What rows of the feed (store/upward/feed.h) hold, line by line: for files and letters that are made of what was stored. A line is a
 * value, an event or a change of a state, as it is in the archives now. */
#pragma once
#include "base/buffer.h"
#include "meter/reading.h"
#include "store/registry/registry.h"
#include "store/upward/feed.h"

struct feed_line {
    const char *serial;
    enum archive archive;
    int64_t wall;            /* the meter's wall time */
    const char *name;        /* the register's OBIS code; of an event the journal as SMART JSON calls it */
    struct obis obis;        /* of a value or state */
    uint16_t journal;        /* of an event */
    struct decimal value;    /* of an event its code */
    bool missing;            /* the meter has no such value */
    uint8_t unit;
    uint32_t quality;        /* bits of enum quality; of an event the channel, count or mask with it */
};

typedef bool feed_line_fn(void *context, const struct feed_line *line);

/* What is told; zeros: everything of everybody. */
struct feed_filter {
    int64_t project, meter;
    struct meter_set group; /* who is in a group; zeros: all */
    unsigned archives; /* bits of enum archive; 0: all */
};

bool feed_filter_means(const struct feed_filter *f, const struct store_meter *m);
bool feed_filter_takes(const struct feed_filter *f, enum archive archive);

/* Every line of the row; none of a meter that is gone or not meant. */
enum fault feed_lines(struct store *s, const struct feed_row *row, const struct feed_filter *filter, feed_line_fn *each, void *context);

/* The newest that the archive of a meter has: every register of its newest period, the last change of every state; of journals none. */
enum fault feed_newest(struct store *s, int64_t meter, const char *serial, enum archive archive, feed_line_fn *each, void *context);

/* The rows behind the position, at most `most`, copied; *ret_count of them. States that change in one second are rows of spans that
 * overlap: what an earlier of these rows tells is taken from the later ones, whose span may come out empty. */
enum fault feed_rows_read(struct store *s, int64_t position, struct feed_row *ret, size_t most, size_t *ret_count);

/* A line as a row of CSV with its end; the columns are those of every CSV of readings. */
#define FEED_CSV_HEAD "serial;" READING_CSV_HEAD "\n"
void feed_line_csv(struct buffer *b, const struct feed_line *line);
