/* Letters to people (manual S3 2.2.30): a durable queue in the store, worked off by a thread of its own over SMTP (libcurl).
 *
 * A letter that the server refuses for good (5xx to the recipient) is given up at once; any other failure is tried again
 * after 1, 2, 4… minutes, at most every six hours, TRIES times in all; a letter with a file, which nobody else has, for as long as it
 * takes. Every try bears the same Message-ID: when the connection breaks after the server took it, mailboxes know the second for the
 * first. Any thread may call. */
#pragma once
#include "store/registry/vault.h"
#include "store/house/house.h"

struct mail;

enum { MAIL_TRIES = 12, MAIL_TROUBLE_MAX = 400, MAIL_BODY_MAX = 64 << 10 };

struct mail_letter {
    const char *to, *subject, *body;      /* UTF-8; lines of the body end with \n */
    const struct store_letter_file *file; /* goes with it; NULL: none */
    uint64_t mark;                        /* what its Message-ID is made of; 0: of chance */
};

/* The store and the vault must outlive it. */
struct mail *mail_new(struct store *s, const struct vault *v);

/* Breaks off what is being sent (it stays in the queue) and ends the thread. */
void mail_free(struct mail **m);

/* Into the queue. FAULT_LIMIT when too many wait, FAULT_SETTING when no server is set or the address is none. */
enum fault mail_post(struct mail *m, const struct mail_letter *letter);

/* The same letter with its file to several, and the place of the feed's reader out of whose rows the file was made, in one
 * transaction. FAULT_LIMIT also when the queue holds as many files as it may (store_letters_file). */
enum fault mail_post_file(struct mail *m, const struct mail_letter *letter, const char *const *to, size_t count, const struct feed_reader *reader);

/* Sends at once, past the queue, while the caller waits at most half a minute: the test of the settings. False, the reason in
 * `trouble`, in the reader's language. */
bool mail_test(struct mail *m, const char *to, enum lang lang, struct text *trouble);

/* All that wait are tried now: the settings were changed. */
void mail_hurry(struct mail *m);

/* True for something@something that SMTP can carry: no blanks, no control characters, at most 254 bytes (RFC 5321). */
bool mail_address_valid(const char *address);

/* True for a host name or an address literal that may stand in smtp://…. */
bool mail_server_valid(const char *server);

/* One line of header as RFC 2047 writes it: as it is when it is printable ASCII, else in encoded words of at most 75 bytes. */
void mail_header_put(struct text *t, const char *utf8);

struct mail_figures {
    int64_t waiting, sent, given_up;
    int64_t last_ms;                /* of the last try; 0: none since the start */
    bool last_good, set;            /* set: a server is named */
    char trouble[MAIL_TROUBLE_MAX]; /* of the last try */
};
void mail_figures(struct mail *m, struct mail_figures *ret);
