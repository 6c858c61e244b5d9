/* Services upward, collected by the linker; see service.h. */
#include "upstream/service.h"
#include "base/log.h"
#include "base/arena.h"

#include <stdlib.h>

extern const struct upstream_service *const __start_upward[] __attribute__((weak, visibility("hidden")));
extern const struct upstream_service *const __stop_upward[] __attribute__((weak, visibility("hidden")));

struct upstream {
    size_t count;
    struct living {
        const struct upstream_service *service;
        void *state;
    } living[];
};

struct upstream *upstream_new(const struct upstream_house *house)
{
    size_t most = (size_t)(__stop_upward - __start_upward);
    struct upstream *u = memory_new(sizeof *u + most * sizeof *u->living);
    for (size_t i = 0; i < most; i++) {
        const struct upstream_service *service = __start_upward[i];
        if (!(service->faces & house->face))
            continue;
        void *state = service->start(house);
        if (state)
            u->living[u->count++] = (struct living){ service, state };
        else
            log_line(LOG_ERROR, "service-absent", "service=%s", service->name);
    }
    return u;
}

void upstream_free(struct upstream **u)
{
    if (!*u)
        return;
    for (size_t i = (*u)->count; i-- > 0;)
        (*u)->living[i].service->stop((*u)->living[i].state);
    free(*u);
    *u = NULL;
}

static const struct living *living_find(const struct upstream *u, const struct upstream_service *service)
{
    for (size_t i = 0; u && i < u->count; i++)
        if (u->living[i].service == service)
            return &u->living[i];
    return NULL;
}

void *upstream_state(const struct upstream *u, const struct upstream_service *service)
{
    const struct living *found = living_find(u, service);
    return found ? found->state : NULL;
}

void upstream_changed(struct upstream *u, const struct upstream_service *service)
{
    const struct living *found = living_find(u, service);
    if (found && found->service->changed)
        found->service->changed(found->state);
}

void upstream_all_changed(struct upstream *u)
{
    for (size_t i = 0; u && i < u->count; i++)
        if (u->living[i].service->changed)
            u->living[i].service->changed(u->living[i].state);
}
