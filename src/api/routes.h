/* The tables of routes, one at the end of each routes_*.c; the linker collects them, as it does drivers. */
#pragma once
#include "http/route.h"

struct route_table {
    const struct route *routes;
    size_t count;
};

#define ROUTE_TABLE(rows)                                                                     \
    static const struct route_table route_table = { rows, sizeof rows / sizeof *(rows) };     \
    __attribute__((used, section("routes"))) static const struct route_table *const route_table_entry = &route_table

/* A set of fields as a shape: SHAPE(sign_in, "SignIn", { .name = ... }, ...); */
#define SHAPE(id, title, ...)                                                       \
    static const struct field id##_fields[] = { __VA_ARGS__, { .name = NULL } };    \
    static const struct shape id = { title, id##_fields }
