/* Planned relay orders; see relay_plans.h. */
#include "api/work/relay_plans.h"
#include "base/arena.h"
#include "people/password.h"

#include <pthread.h>
#include <stdlib.h>

enum { PLANS_MAX = 256 };

struct relay_plans {
    pthread_mutex_t lock;
    struct relay_plan plans[PLANS_MAX]; /* a ring; an empty token is no plan */
    size_t next;
};

struct relay_plans *relay_plans_new(void)
{
    struct relay_plans *p = memory_new(sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void relay_plans_free(struct relay_plans **plans)
{
    struct relay_plans *p = *plans;
    *plans = NULL;
    if (!p)
        return;
    for (size_t i = 0; i < PLANS_MAX; i++)
        free(p->plans[i].devices);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static int64_t *copy_of(const int64_t *devices, size_t count)
{
    int64_t *copy = memory_new((count + 1) * sizeof *copy);
    if (count)
        memcpy(copy, devices, count * sizeof *copy);
    return copy;
}

void relay_plans_add(struct relay_plans *p, struct relay_plan *plan, int64_t now_ms)
{
    secret_new(plan->token);
    plan->expires_ms = now_ms + PLAN_LIFE_MS;
    pthread_mutex_lock(&p->lock);
    struct relay_plan *place = &p->plans[p->next++ % PLANS_MAX];
    free(place->devices);
    *place = *plan;
    place->devices = copy_of(plan->devices, plan->count);
    pthread_mutex_unlock(&p->lock);
}

bool relay_plans_find(struct relay_plans *p, const char *token, int64_t project, int64_t person, int64_t now_ms, struct relay_plan *ret)
{
    bool found = false;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < PLANS_MAX && !found; i++) {
        const struct relay_plan *plan = &p->plans[i];
        found = *plan->token && strcmp(plan->token, token) == 0 && plan->project == project && plan->person == person && now_ms < plan->expires_ms;
        if (found) {
            *ret = *plan;
            ret->devices = copy_of(plan->devices, plan->count);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}
