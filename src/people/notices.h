/* Notices: what happened and concerns a person, under the bell of the page and, when wanted, by mail. Each person chooses the
 * kinds and from which size on; nobody is told of what he may not look at.
 *
 * What comes one by one (contacts lost within a pass) is gathered and told once: when the pass has ended, or after ten
 * minutes of a long one. Any thread may call. */
#pragma once
#include "people/access.h"
#include "people/mail.h"

enum notice_kind {
    NOTICE_CONTACT_LOST, /* devices that answered before */
    NOTICE_CONTACT_BACK,
    NOTICE_COLLECTION,   /* a pass has ended with failures */
    NOTICE_SECURITY,     /* warnings of the security log */
    NOTICE_DISK,         /* little room is left for the database */
    NOTICE_PROGRAM,      /* errors in the program's own log */
    NOTICE_GATEWAY_AWAY, /* a gateway has not been in contact for long */
    NOTICE_GATEWAY_BACK,
    NOTICE_CERTIFICATE,  /* one of those that this machine keeps ends soon or has ended (certificates.h) */
    NOTICE_KINDS
};

enum { NOTICE_TEXT_MAX = 600 };

/* What a kind is, for lists and forms. */
struct notice_about {
    const char *name;         /* "contact-lost" */
    struct phrase title;
    struct phrase measure;    /* what the threshold counts: «устройств, не меньше»; NULL: it has none */
    int preset, least, most;  /* of the threshold */
    enum permission permission;
    enum audit_level level;
};
extern const struct notice_about notice_kinds[NOTICE_KINDS];

/* NOTICE_KINDS when there is none of that name. */
enum notice_kind notice_find(const char *name);

/* The sentence of a stored notice. */
void notice_sentence(const struct store_notice *n, enum lang lang, struct text *t);

/* A person's choice of every kind. */
struct notice_choice {
    bool shown, mailed;
    int threshold;
};
enum fault notice_choices(struct store *s, int64_t person, struct notice_choice ret[NOTICE_KINDS]);

struct notices;

/* `told` is called when a person was told something that is shown; on any thread, be short. All given must outlive it. */
struct notices *notices_new(struct store *s, struct access *a, struct mail *m, void (*told)(void *context, int64_t person), void *context);
void notices_free(struct notices **n);

/* How a session with a device of the project ended, and whether contact was lost or came back by it; a pass runs or does
 * not. What the same pass makes good again is not told. */
void notices_session(struct notices *n, int64_t project, int64_t device, bool good, bool turned);
void notices_running(struct notices *n, bool running);

/* An error was logged. */
void notices_program(struct notices *n, const char *what);

/* A gateway of the project is away, since that moment of this machine's clock (UTC), or back again, for 0. */
void notices_gateway(struct notices *n, int64_t project, const char *title, int64_t since_ms);

/* A certificate has so many days left, 0: it has ended. `object`: «owner|when|what», as certificates.h writes it. Told at once. */
void notices_certificate(struct notices *n, int64_t project, int days, const char *object);

/* Tells what has been gathered and is due, looks into the security log, watches the disk (percent free; -1: unknown). Called
 * every few seconds by whoever has a clock. */
void notices_beat(struct notices *n, int free_percent);
