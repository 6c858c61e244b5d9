/* What one-off orders and relay orders share. */
#pragma once
#include "api/call.h"

/* The ids behind the list, which moves within the arena; returns how many there are then. Groups may overlap: call_ids_once. */
size_t order_append(struct call *c, int64_t **list, size_t count, const int64_t *more, size_t more_count);

/* The body's `devices` and `groups` (ids) as devices of the project, ascending, each once, in the arena. Refused when one is not
 * the project's or none is named. The roster is fresh afterwards. */
bool order_devices(struct call *c, int64_t **ret, size_t *ret_count);

/* Orders it and answers 202 with the run. False when it was refused, or was ordered by the same request before. */
bool order_run(struct call *c, const struct task_order *o);
