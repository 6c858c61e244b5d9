/* People, their roles, projects and passes (sessions and API tokens), and the log of what was done. Tables only: who may do
 * what is decided above (people/access.h).
 *
 * A put of a row with id 0 adds it; another replaces the row whose revision was seen (0: whichever): FAULT_NO_DATA when it
 * is gone, FAULT_CHANGED when somebody changed it, FAULT_REFUSED when its name is taken. All writes are on the disk before
 * the call returns. Texts given by callbacks live as long as the call, those of a get as long as its arena. */
#pragma once
#include "store/store.h"

struct store_project {
    int64_t id;
    const char *title, *note;
    int64_t revision;
};

struct store_role {
    int64_t id;
    const char *name, *note;
    bool builtin;
    const char *permissions; /* names divided by blanks */
    int64_t revision;
};

struct store_person {
    int64_t id;
    const char *login, *name, *email;
    const char *language;    /* "ru", "en"; "": as the browser says */
    const char *hash;        /* of the password */
    int64_t role;
    bool enabled, must_change;
    const char *totp_secret; /* base32; "": none */
    bool totp_on;
    int64_t totp_step;       /* last one used: a code works once */
    const char *recovery;    /* hashes of the codes that remain, divided by blanks */
    int64_t created_ms, signed_in_ms, revision;
};

/* What lets a caller in: a session of the browser, or a token of a program. `key` is a hash of what the caller holds. */
struct store_pass {
    int64_t id;
    const char *key;
    int64_t person;
    bool token;
    const char *title;       /* of a token, as its owner named it; of a session, the browser */
    int64_t project;         /* that the caller works in */
    int64_t created_ms, seen_ms, expires_ms;
    const char *address;
};

typedef bool store_project_fn(void *context, const struct store_project *p);
enum fault store_project_put(struct store *s, const struct store_project *p, int64_t *ret_id);
enum fault store_projects(struct store *s, store_project_fn *each, void *context);
/* FAULT_REFUSED while meters or links are in it. */
enum fault store_project_delete(struct store *s, int64_t id);

typedef bool store_role_fn(void *context, const struct store_role *r);
enum fault store_role_put(struct store *s, const struct store_role *r, int64_t *ret_id);
enum fault store_role_get(struct store *s, int64_t id, struct arena *a, struct store_role *ret);
enum fault store_roles(struct store *s, store_role_fn *each, void *context);
/* FAULT_REFUSED while people have it. */
enum fault store_role_delete(struct store *s, int64_t id);

typedef bool store_person_fn(void *context, const struct store_person *p);
enum fault store_person_put(struct store *s, const struct store_person *p, int64_t *ret_id);
/* By id, or by login when id is 0; logins differ in more than case of ASCII letters only as bytes. */
enum fault store_person_get(struct store *s, int64_t id, const char *login, struct arena *a, struct store_person *ret);
enum fault store_people(struct store *s, store_person_fn *each, void *context);
/* With passes, former passwords, memberships, notices and settings. The log keeps the login. */
enum fault store_person_delete(struct store *s, int64_t id);

/* Projects a person works in. */
typedef bool store_number_fn(void *context, int64_t number);
enum fault store_person_projects(struct store *s, int64_t person, store_number_fn *each, void *context);
enum fault store_person_projects_put(struct store *s, int64_t person, const int64_t *projects, size_t count);

/* The other way round: who works in a project. */
enum fault store_project_people(struct store *s, int64_t project, store_number_fn *each, void *context);
enum fault store_project_people_put(struct store *s, int64_t project, const int64_t *people, size_t count);

/* Former passwords, newest first; at most `keep` are kept. */
typedef bool store_text_fn(void *context, const char *text);
enum fault store_password_note(struct store *s, int64_t person, const char *hash, int keep);
enum fault store_passwords(struct store *s, int64_t person, store_text_fn *each, void *context);

typedef bool store_pass_fn(void *context, const struct store_pass *p);
enum fault store_pass_add(struct store *s, const struct store_pass *p, int64_t *ret_id);
enum fault store_pass_find(struct store *s, const char *key, struct arena *a, struct store_pass *ret);
enum fault store_pass_seen(struct store *s, int64_t id, int64_t seen_ms, int64_t expires_ms, const char *address);
enum fault store_pass_project(struct store *s, int64_t id, int64_t project);
/* Of one person, or everybody's for 0. */
enum fault store_passes(struct store *s, int64_t person, store_pass_fn *each, void *context);
enum fault store_pass_delete(struct store *s, int64_t id);
/* All sessions of a person (tokens, too, when `tokens`) but `except`. */
enum fault store_passes_delete(struct store *s, int64_t person, int64_t except, bool tokens);
/* Those that expired before the moment. */
enum fault store_passes_expire(struct store *s, int64_t before_ms);

/* ---- the log ---- */

enum audit_level { AUDIT_INFO, AUDIT_WARNING, AUDIT_ERROR };

struct store_audit {
    int64_t id, at_ms;
    const char *kind;      /* "SSET_LOGIN" (manual 2.2.20, tables 4 and 5) */
    bool security;
    enum audit_level level;
    int64_t project;       /* 0: of no project */
    int64_t person;        /* 0: the system itself */
    const char *login, *address;
    const char *object;    /* what it was done to, for people */
    const char *before, *after; /* JSON or "" */
};

/* Several records in one transaction. */
enum fault store_audit_put(struct store *s, const struct store_audit *records, size_t count);

struct audit_filter {
    bool security;
    int64_t from_ms, to_ms; /* up to, not including */
    int64_t project;        /* and those of no project; 0: all */
    enum audit_level level; /* this severe or worse */
    const char *kind;       /* "": all */
    const char *search;     /* part of login, object, address or content; "": all */
    int64_t before_id;      /* older than this one; 0: from the newest */
};

/* Newest first. */
typedef bool store_audit_fn(void *context, const struct store_audit *a);
enum fault store_audits(struct store *s, const struct audit_filter *f, store_audit_fn *each, void *context);
/* How many fit. */
enum fault store_audits_count(struct store *s, const struct audit_filter *f, int64_t *ret);
enum fault store_audit_clear(struct store *s, bool security, int64_t before_ms);
