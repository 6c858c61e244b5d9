/* Pages of links and protocol profiles: they are asked for in the same way. */
#pragma once
#include "api/call.h"
#include "store/registry/registry.h"

/* Answers with a page as the query says (page, size, search, sort, order): `put` writes the row of an id. `detail` is what the row's
 * detail begins with (store/registry/registry.h); "": all. */
void registry_list_put(struct call *c, enum registry_list list, const char *detail, void (*put)(struct call *c, int64_t id));
