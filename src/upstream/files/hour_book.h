/* Hour files on the memory card (manual S4 «Устройство и работа», 24.2): what was stored within an hour of the box's clock lies in
 * YYYY/MM/DD/hh.csv. An hour that is closed before it is over (its files are to be sent now), or that has more than a packet, goes
 * on in hh-2.csv, hh-3.csv: a line is in one file, and a file never changes.
 *
 * The book is a reader of the store's feed. A file is written beside, made durable and renamed; its row of the ledger
 * (store/upward/hour_files.h) and the reader's place go into one transaction after that. Who dies in between makes the same file again.
 *
 * Lines are those of every CSV of readings (feed_lines.h). The format "dat" of the manual is binary, "similar to M-Bus", and was
 * never made public: it is not written. */
#pragma once
#include "store/upward/hour_files.h"

struct hour_book;

enum { HOUR_PATH_MAX = 32 };

/* "2026/11/22/12.csv". Returns `path`. */
char *hour_file_path(const struct hour_file *f, char path[HOUR_PATH_MAX]);

/* A book in that folder, which is made when there is none. It joins the feed with its first hour. */
struct hour_book *hour_book_new(struct store *s, const char *folder);
void hour_book_free(struct hour_book **b);

/* Nothing is written any more: the feed is left. Files stay. */
enum fault hour_book_leave(struct hour_book *b);

/* Once a second or so: when the hour of `wall` (the box's clock) is another one than that which is gathered, or with `now` at
 * once, what was stored since becomes files of at most about `packet` bytes. FAULT_STORE, FAULT_REFUSED (the card does not take it,
 * its words in `why`): nothing is lost, it is done the next time. */
enum fault hour_book_turn(struct hour_book *b, int64_t wall, size_t packet, bool now, struct text *why);

/* The oldest files go until neither bound is passed: bytes in all, and hours before `from` (wall seconds). Returns how many of
 * them had gone to no server. */
int64_t hour_book_bound(struct hour_book *b, int64_t most_bytes, int64_t from);

/* A file of the ledger, for reading; -1: it is gone. Whoever asks closes it. */
int hour_book_open(const char *folder, const struct hour_file *f);
