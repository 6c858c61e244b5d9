/* The description of the API, OpenAPI 3.1, written from the tables of routes and shapes. Each operation says its permission
 * (x-permission). */
#pragma once
#include "api/json.h"
#include "http/route.h"

void openapi_write(const struct route *routes, size_t count, enum lang lang, struct buffer *out);
