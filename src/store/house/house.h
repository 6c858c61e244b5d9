/* What the server keeps for its own household: letters on their way, notices to people, how long archives are kept, its own
 * log lines. Every table is bounded here, so that none of them can fill the disk. As in people.h: writes of what must not be
 * lost are on the disk before the call returns, texts given by callbacks live as long as the call. */
#pragma once
#include "store/upward/feed.h"

/* ---- the mail server (manual S3 2.2.30): one row ---- */

struct store_mail {
    const char *sender, *name; /* address and name that letters come from */
    const char *user;
    const char *password;      /* sealed (vault.h); "": none */
    const char *server;        /* "": no mail is sent */
    int port;
    const char *security;      /* "none", "auto", "starttls", "tls" */
    const char *authority;     /* PEM of the certificate authority of one's own; "": the machine's */
    int64_t revision;
};

/* The row, its texts in `a`; before the first put all is empty and the revision 1. */
enum fault store_mail_get(struct store *s, struct arena *a, struct store_mail *ret);

/* FAULT_CHANGED when the revision is not the one that was seen. */
enum fault store_mail_put(struct store *s, const struct store_mail *m);

/* ---- letters ---- */

enum letter_state { LETTER_WAITING, LETTER_SENT, LETTER_GIVEN_UP, LETTER_STATES };
enum { LETTERS_WAITING_MAX = 1000, LETTERS_ENDED_KEPT = 200 };

struct store_letter {
    int64_t id;
    const char *to, *subject, *body;
    enum letter_state state;
    int tries;
    int64_t created_ms, due_ms, ended_ms; /* UTC; ended 0: still waits */
    const char *trouble;                  /* of the last try, "" for none */
    int64_t file;                         /* the file that goes with it; 0: none */
};

/* A file that goes with letters: kept once, however many they are, until none of them waits. */
enum { LETTER_FILE_MAX = 32 << 20, LETTERS_FILED_MAX = 64, LETTER_FILES_MAX = 64 << 20 };

struct store_letter_file {
    const char *name, *type; /* UTF-8; the type as MIME writes it */
    struct bytes content;
};

/* FAULT_LIMIT when LETTERS_WAITING_MAX wait already. Due at once. */
enum fault store_letter_add(struct store *s, const struct store_letter *letter, int64_t *ret_id);

/* The same letter to `count` addresses, with a file, and the place of the feed's reader out of whose rows the file is made: all or
 * nothing. FAULT_LIMIT when as many letters, LETTERS_FILED_MAX with files or LETTER_FILES_MAX bytes wait already, or the file is larger
 * than LETTER_FILE_MAX. */
enum fault store_letters_file(struct store *s, const struct store_letter *letter, const char *const *to, size_t count, const struct store_letter_file *file,
                              const struct feed_reader *reader);

/* By `file` of a letter; FAULT_NO_DATA: it is gone. In `a`. */
enum fault store_letter_file_get(struct store *s, int64_t id, struct arena *a, struct store_letter_file *ret);

/* How letters with files go. */
struct store_letters_filed {
    int64_t waiting, given_up;
    int64_t sent_ms;         /* UTC of the last that was sent; 0: none of those that are still listed */
    const char *trouble;     /* of the newest that has one and has not been sent, in `a` */
};
enum fault store_letters_filed(struct store *s, struct arena *a, struct store_letters_filed *ret);

/* The one that has waited longest of those due; FAULT_NO_DATA when none is. Texts in `a`. */
enum fault store_letter_due(struct store *s, int64_t now_ms, struct arena *a, struct store_letter *ret);

/* How a try ended: state, tries, due_ms and trouble of the row are replaced. Ended letters beyond LETTERS_ENDED_KEPT go. */
enum fault store_letter_put(struct store *s, const struct store_letter *letter);

/* All that wait are due now. */
enum fault store_letters_hurry(struct store *s);

/* Newest first. */
typedef bool store_letter_fn(void *context, const struct store_letter *letter);
enum fault store_letters(struct store *s, store_letter_fn *each, void *context);
enum fault store_letter_counts(struct store *s, int64_t ret[LETTER_STATES]);

/* ---- notices: what happened, told to one person ---- */

enum { NOTICES_KEPT = 500 };

struct store_notice {
    int64_t id, person, project; /* project 0: of none */
    const char *kind;            /* people/notices.h */
    int level;                   /* enum audit_level */
    int64_t at_ms, count;        /* how many things it is about */
    const char *object;          /* which, for people */
    bool read;
};

/* At most NOTICES_KEPT of a person are kept, the newest. */
enum fault store_notice_add(struct store *s, const struct store_notice *n, int64_t *ret_id);

struct notice_filter {
    int64_t person;
    bool unread;       /* only those */
    const char *kind;  /* "": all */
    int64_t before_id; /* older than this one; 0: from the newest */
};
typedef bool store_notice_fn(void *context, const struct store_notice *n);
enum fault store_notices(struct store *s, const struct notice_filter *f, store_notice_fn *each, void *context);
enum fault store_notices_unread(struct store *s, int64_t person, int64_t *ret);

/* Marks as read or deletes one of the person's notices, or all of them for id 0. FAULT_NO_DATA for a foreign or unknown id. */
enum fault store_notices_read(struct store *s, int64_t person, int64_t id);
enum fault store_notices_delete(struct store *s, int64_t person, int64_t id);

/* When the person was last told of that kind; 0: never. */
enum fault store_notice_last(struct store *s, int64_t person, const char *kind, int64_t *ret_ms);

/* Those older than the moment go. */
enum fault store_notices_expire(struct store *s, int64_t before_ms);

/* What a person wants to be told; kinds without a row are as the program presets them. */
struct store_notice_choice {
    const char *kind;
    bool shown, mailed;
    int threshold;
};
typedef bool store_notice_choice_fn(void *context, const struct store_notice_choice *c);
enum fault store_notice_choices(struct store *s, int64_t person, store_notice_choice_fn *each, void *context);
enum fault store_notice_choices_put(struct store *s, int64_t person, const struct store_notice_choice *c, size_t count);

/* ---- the program's own log lines (manual S3 2.2.31), a ring ---- */

enum { LINES_KEPT = 50000 };

struct store_log_line {
    int64_t id, at_ms;
    int level;             /* enum log_level */
    const char *service, *event, *details;
};

/* Losing the last of them with the power is no harm. The ring forgets its oldest. */
enum fault store_log_lines_put(struct store *s, const struct store_log_line *lines, size_t count);

struct log_line_filter {
    int64_t from_ms, to_ms;      /* up to, not including */
    int level;                   /* this severe or worse */
    const char *service, *search; /* "": all */
    int64_t before_id;
};
typedef bool store_log_line_fn(void *context, const struct store_log_line *l);
enum fault store_log_lines(struct store *s, const struct log_line_filter *f, store_log_line_fn *each, void *context);
enum fault store_log_lines_clear(struct store *s, int64_t before_ms);
