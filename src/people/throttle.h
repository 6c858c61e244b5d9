/* Who tries too often waits: a count per name or address over a while, in bounded memory. Lives with the process: a restart
 * forgets it, and only the machine's owner can restart. Any thread. */
#pragma once
#include <stdint.h>

struct throttle;

struct throttle_rule {
    int tries;         /* so many in the window are free */
    int64_t window_ms;
    int64_t wait_ms;   /* then nothing for so long */
};

struct throttle *throttle_new(const struct throttle_rule *rule);
void throttle_free(struct throttle **t);

/* Milliseconds this one must still wait; 0: may try. */
int64_t throttle_wait(struct throttle *t, const char *who, int64_t now_ms);

/* One try that failed. Returns the wait it led to, 0 for none. */
int64_t throttle_failed(struct throttle *t, const char *who, int64_t now_ms);

/* Forgotten: signed in, or freed by an administrator. */
void throttle_clear(struct throttle *t, const char *who);
