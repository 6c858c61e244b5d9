/* Counting tries; see throttle.h. A table of sets of eight: whoever comes into a full set takes the place of the one that
 * was quiet longest and is not being held, so a flood of invented names cannot free a name that is held. */
#include "people/throttle.h"
#include "base/arena.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, WAYS = 8, WHO_MAX = 64 };

struct entry {
    char who[WHO_MAX];
    int count;
    int64_t first_ms, last_ms, held_until_ms;
};

struct throttle {
    struct throttle_rule rule;
    pthread_mutex_t lock;
    struct entry entries[SETS][WAYS];
};

struct throttle *throttle_new(const struct throttle_rule *rule)
{
    struct throttle *t = memory_new(sizeof *t);
    t->rule = *rule;
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void throttle_free(struct throttle **t)
{
    if (!*t)
        return;
    pthread_mutex_destroy(&(*t)->lock);
    free(*t);
    *t = NULL;
}

static struct entry *set_of(struct throttle *t, const char *who)
{
    uint32_t hash = 2166136261u;
    for (const char *at = who; *at && at < who + WHO_MAX - 1; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619u;
    return t->entries[hash % SETS];
}

static struct entry *find(struct throttle *t, const char *who)
{
    struct entry *set = set_of(t, who);
    for (int i = 0; i < WAYS; i++)
        if (*set[i].who && strncmp(set[i].who, who, WHO_MAX - 1) == 0)
            return &set[i];
    return NULL;
}

static struct entry *place_for(struct throttle *t, const char *who, int64_t now_ms)
{
    struct entry *set = set_of(t, who), *best = &set[0];
    for (int i = 1; i < WAYS; i++) {
        bool held = set[i].held_until_ms > now_ms, best_held = best->held_until_ms > now_ms;
        if (held != best_held ? best_held : set[i].last_ms < best->last_ms)
            best = &set[i];
    }
    *best = (struct entry){ .first_ms = now_ms };
    snprintf(best->who, sizeof best->who, "%s", who);
    return best;
}

int64_t throttle_wait(struct throttle *t, const char *who, int64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    const struct entry *e = find(t, who);
    int64_t wait = e && e->held_until_ms > now_ms ? e->held_until_ms - now_ms : 0;
    pthread_mutex_unlock(&t->lock);
    return wait;
}

int64_t throttle_failed(struct throttle *t, const char *who, int64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    struct entry *e = find(t, who);
    if (!e)
        e = place_for(t, who, now_ms);
    if (now_ms - e->first_ms > t->rule.window_ms) {
        e->first_ms = now_ms;
        e->count = 0;
    }
    e->last_ms = now_ms;
    if (++e->count >= t->rule.tries) {
        e->held_until_ms = now_ms + t->rule.wait_ms;
        e->count = 0;
        e->first_ms = now_ms;
    }
    int64_t wait = e->held_until_ms > now_ms ? e->held_until_ms - now_ms : 0;
    pthread_mutex_unlock(&t->lock);
    return wait;
}

void throttle_clear(struct throttle *t, const char *who)
{
    pthread_mutex_lock(&t->lock);
    struct entry *e = find(t, who);
    if (e)
        *e = (struct entry){ 0 };
    pthread_mutex_unlock(&t->lock);
}
