/* Relay orders that were planned and not confirmed yet: the first of their two steps. A plan is its author's, lives for some
 * minutes and in memory only; confirmed, it becomes a run whose request is the token, so that confirming twice is once. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAN_TOKEN_MAX = 65, PLAN_LIFE_MS = 300000, PLAN_REASON_MAX = 2001 };

struct relay_plan {
    char token[PLAN_TOKEN_MAX];
    int64_t project, person, expires_ms;
    int64_t *devices; /* allocated; ascending */
    size_t count;
    int relay;
    bool on;
    char reason[PLAN_REASON_MAX];
};

struct relay_plans;

struct relay_plans *relay_plans_new(void);
void relay_plans_free(struct relay_plans **p);

/* Keeps a copy under a new token, which is written to plan->token. When too many wait, the oldest goes. */
void relay_plans_add(struct relay_plans *p, struct relay_plan *plan, int64_t now_ms);

/* A copy of the author's plan, its devices the caller's to free; false when there is none any more. */
bool relay_plans_find(struct relay_plans *p, const char *token, int64_t project, int64_t person, int64_t now_ms, struct relay_plan *ret);
