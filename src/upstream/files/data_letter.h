/* A letter that something other than the schedule orders, with what was stored (the event model's «отправка сообщений с данными ПУ»,
 * manual S1 3.2): the lines that came since the reader's last letter, then, of everything chosen that brought nothing new, the newest
 * that the archives have. So whoever gets it knows how the chosen devices stand, whether or not they were read meanwhile.
 *
 * A reader is one of the store's feed (store/upward/feed.h), joined by its owner under a name of DATA_LETTER_PREFIX. Its lines, the letters and
 * its place are one transaction: a line is in one letter. Without such a reader a letter has the newest alone. */
#pragma once
#include "upstream/files/feed_lines.h"
#include "base/sheet.h"
#include "people/mail.h"

#include <stdatomic.h>

#define DATA_LETTER_PREFIX "letter:"

enum {
    DATA_LETTER_KIB = 1024,    /* the file of one letter, about; what is more goes in another letter */
    DATA_LETTER_ROWS = 10000   /* of the feed that wait for a letter; the oldest beyond it are passed over */
};

struct data_letter {
    struct store *store;
    struct mail *mail;
    enum lang lang;
    struct feed_filter what;
    enum sheet_kind format;
    const char *reader;
    const char *to, *subject, *body;
    int64_t wall;              /* of the box's clock, for the names of the files */
    const atomic_bool *ending; /* set meanwhile: FAULT_CANCELLED between two rows, what was posted stays; NULL: never */
};

/* Into the queue of letters. FAULT_LIMIT, FAULT_SETTING as mail_post_file; what did not go waits for the next letter. */
enum fault data_letter_post(const struct data_letter *l);

/* Readers that are further behind than DATA_LETTER_ROWS move on, so that an event that seldom happens does not hold the feed. Their
 * next letter says so. */
enum fault data_letter_trim(struct store *s);
