/* Orders of the head-end at the gateway: runs of its own tasks, each request once however often it comes; what came of them. */
#pragma once
#include "collect/tasks.h"
#include "upstream/push/orders.h"

#include <jansson.h>

struct centre_orders;

/* `stirred` is called on any thread when an order has its result. */
struct centre_orders *centre_orders_new(struct store *s, struct task_service *tasks, void (*stirred)(void *context), void *context);
void centre_orders_free(struct centre_orders **o);

/* An order as it came. What cannot be begun has its result at once. Asks the store. */
void centre_orders_take(struct centre_orders *o, const json_t *order);
void centre_orders_cancel(struct centre_orders *o, const char *request);

/* An order that has its result: the meter whose readings go ahead of it, along the feed from `position` on (0: none), and the
 * result as a frame's object (the caller's). False when there is none. */
struct centre_outcome {
    int64_t meter, position;
    json_t *result;
};
bool centre_orders_next(struct centre_orders *o, struct centre_outcome *ret);

/* How many go on. */
size_t centre_orders_count(struct centre_orders *o);
