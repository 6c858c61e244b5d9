/* Channels between JSON and the store: what the routes of channels, of the wizard and of files share. */
#pragma once
#include "api/call.h"
#include "link/address.h"

/* Words for kinds of channels; NULL behind the last. */
extern const char *const link_kind_names[];

/* What several channels may be given at once. */
extern const struct shape shape_link_set;

/* "id", its fields, "devices" and "revision" as an object. */
void link_put(struct call *c, const char *key, const struct store_link *k);

/* What can be set of it, as JSON for the log. */
const char *link_json(struct call *c, const struct store_link *k);

/* The fields of `from` over what the channel has, its address written anew. Refused at the field otherwise. */
bool link_take(struct call *c, const json_t *from, struct store_link *k);
