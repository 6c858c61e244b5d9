/* The ledger of hour files (upstream/files/hour_book.h): which files lie on the memory card and to which servers each has gone. A row is
 * written in the transaction that moves the feed's reader past what the file holds, so a reading is in one file and no file is made
 * twice. Functions return as those of store.h. */
#pragma once
#include "store/upward/feed.h"

enum { HOUR_SERVERS = 2 };

struct hour_file {
    int64_t id;
    int64_t hour;                      /* wall seconds of the hour's start by the box's clock */
    int part;                          /* 1: "12.csv"; from 2 on "12-2.csv": an hour that was sent before it was over, or is large */
    int64_t rows, size;                /* lines without the heading; bytes */
    int64_t made_ms;                   /* UTC */
    int64_t sent_ms[HOUR_SERVERS];     /* UTC; 0: not yet */
};

/* The file is whole on the card: its row, and the reader's place behind it. */
enum fault store_hour_file_add(struct store *s, const struct hour_file *f, const struct feed_reader *reader);

/* The number of the hour's next part. */
enum fault store_hour_file_part(struct store *s, int64_t hour, int *ret);

/* Files of hours within the span, by time. */
typedef bool hour_file_fn(void *context, const struct hour_file *f);
enum fault store_hour_files(struct store *s, struct span hours, hour_file_fn *each, void *context);
enum fault store_hour_file_get(struct store *s, int64_t id, struct hour_file *ret);

/* Days that have files, newest first. */
struct hour_day {
    int64_t day;                       /* wall seconds of its start */
    int64_t files, rows, size, waiting; /* waiting: gone to no server */
};
typedef bool hour_day_fn(void *context, const struct hour_day *d);
enum fault store_hour_days(struct store *s, hour_day_fn *each, void *context);

/* The oldest that has not gone to the server 0 or 1, or with -1 to neither; FAULT_NO_DATA: none. */
enum fault store_hour_file_unsent(struct store *s, int server, struct hour_file *ret);
enum fault store_hour_file_sent(struct store *s, int64_t id, int server, int64_t sent_ms);


enum fault store_hour_file_oldest(struct store *s, struct hour_file *ret);
enum fault store_hour_file_drop(struct store *s, int64_t id);

struct hour_figures {
    int64_t files, size;
    int64_t waiting[HOUR_SERVERS];     /* gone to that server not yet */
    int64_t unsent;                    /* gone to none */
};
enum fault store_hour_figures(struct store *s, struct hour_figures *ret);
