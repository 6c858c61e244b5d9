/* The tables of routes, one a file. */
#pragma once
#include "http/route.h"

struct route_table {
    const struct route *routes;
    size_t count;
};

extern const struct route_table routes_session, routes_people, routes_devices, routes_registry, routes_data, routes_work, routes_tasks, routes_runs, routes_system, routes_vocabulary;

#define ROUTE_TABLE(name, rows) const struct route_table name = { rows, sizeof rows / sizeof *(rows) }

/* A set of fields as a shape: SHAPE(sign_in, "SignIn", { .name = ... }, ...); */
#define SHAPE(id, title, ...)                                                       \
    static const struct field id##_fields[] = { __VA_ARGS__, { .name = NULL } };    \
    static const struct shape id = { title, id##_fields }
