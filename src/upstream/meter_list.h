/* The meters of the registry in order of id, for whoever goes along the feed or through all of them: read again only when the registry
 * has moved. One thread. */
#pragma once
#include "store/registry/registry.h"

struct meter_list {
    int64_t *ids;              /* ascending */
    size_t count, room;
    bool read;                 /* it was, whole */
    int64_t revision, deleted; /* of the registry, as it was then */
};

/* As the registry has them now. When they are read again `begin` (may be NULL) is told before the first, `also` (may be NULL) of each in
 * the same order, so that an array beside `ids` has the same places. */
enum fault meter_list_refresh(struct meter_list *l, struct store *s, void (*begin)(void *context), store_meter_fn *also, void *context);
void meter_list_free(struct meter_list *l);

/* Index of the first meter whose id is not less. */
size_t meter_list_from(const struct meter_list *l, int64_t id);
