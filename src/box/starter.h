/* The starter: a small program that stays the same, starts the gateway's program of the slot in use, and takes care that a new version
 * which does not prove itself gives way to the former one.
 *
 * A new version is on trial from its first start: it has to say that it is well within `start_s`, again and again, never more than
 * `beat_s` apart, for `prove_s`; then it stays. When it ends, falls silent, cannot be started, or the box loses power under it for
 * the third time, the former program comes back, and with it the database as it was before: the new version may have changed its
 * form, and what a failing program wrote is not to be trusted. What that costs: settings changed and the log written during the
 * trial are gone, readings of these minutes are owed again and read anew from the meters.
 *
 * Each step leaves a state from which the next start goes on (slots.h); a box may lose power between any two. */
#pragma once
#include "box/slots.h"

struct starter_options {
    const char *place, *database;
    const char *own;               /* the starter's own program: what runs when no slot is in use */
    char *const *arguments;        /* of `svod gateway DATABASE`, behind the database; NULL behind the last */
    int start_s, beat_s, prove_s;  /* 0: 120, 30, 60 */
    void (*step)(const char *name); /* for tests: called before every step that changes something */
};

/* What to start now. */
struct starting {
    char program[SLOT_PATH_MAX], slot[2];
    bool trial;
    struct slot_order order; /* of a trial */
};

/* Brings the folder to order, going on with whatever was interrupted, and says what to start. False when a step failed: the order is
 * given up then where that is safe, else to be tried again. */
bool starter_prepare(const struct starter_options *o, struct starting *ret);

/* The trial went well, or not. */
void starter_keep(const struct starter_options *o, const struct starting *s);
void starter_give_up(const struct starter_options *o, const struct starting *s, const char *why);

/* Starts and watches until SIGTERM or SIGINT, which it hands on. The exit code. */
int starter_run(const struct starter_options *o);

/* How the program says that it is well: SVOD_STARTER in its environment is "<descriptor> <place>", a byte a beat. */
#define STARTER_ENVIRONMENT "SVOD_STARTER"
