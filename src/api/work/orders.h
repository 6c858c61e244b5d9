/* What one-off orders and relay orders share. */
#pragma once
#include "api/call.h"

/* The body's `devices` and `groups` (ids) as devices of the project, ascending, each once, in the arena. Refused when one is not
 * the project's or none is named. The roster is fresh afterwards. */
bool order_devices(struct call *c, int64_t **ret, size_t *ret_count);

/* Orders it and answers 202 with the run. False when it was refused, or was ordered by the same request before. */
bool order_run(struct call *c, const struct task_order *o);
