/* Rows that people list, look at, add, change and delete: the five ways, once for every kind of row that belongs to a project and has
 * a revision. A kind says where its rows are kept, how a body becomes a row and a row an answer; the rest is the same for all. */
#pragma once
#include "api/call.h"

#include <stddef.h>

/* Where rows of a kind are kept; made by ROW_STORE. */
struct row_store {
    size_t size, id, project, revision;  /* of the row's struct, and of these members in it */
    enum fault (*each)(struct store *s, int64_t project, void *walk); /* each row to row_met(walk, row) */
    enum fault (*get)(struct store *s, int64_t id, struct arena *a, void *ret);
    enum fault (*put)(struct store *s, const void *row, int64_t *ret_id);
    enum fault (*drop)(struct store *s, int64_t id); /* FAULT_REFUSED: something names it */
};

struct row_kind {
    const struct row_store *store;
    const void *preset;       /* a row before the body's fields are put over it */
    int64_t most;             /* rows of a project; 0: any number */
    const char *full_at;      /* the field that is told when there are so many */
    struct phrase full;
    /* Fields of the body over the row, checked; false: refused already. */
    bool (*take)(struct call *c, void *row);
    /* One object into the answer. */
    void (*show)(struct call *c, const void *row);
    /* Into the log, and whoever works with these rows is told; `before` is NULL for a new row, `after` for one that goes. */
    void (*changed)(struct call *c, const void *before, const void *after);
};

/* Answers of the five ways; row_find reads the row `id`, which must be of the caller's project. */
void rows_list(struct call *c, const struct row_kind *k);
void rows_get(struct call *c, const struct row_kind *k);
void rows_add(struct call *c, const struct row_kind *k);
void rows_change(struct call *c, const struct row_kind *k);
void rows_delete(struct call *c, const struct row_kind *k);
bool row_find(struct call *c, const struct row_kind *k, int64_t id, void *ret);

bool row_met(void *walk, const void *row);

/* {"items": [ … ], "total": n} around what is listed by hand. */
void list_begin(struct call *c);
void list_end(struct call *c, int64_t total, enum fault f);

/* ROW_STORE(broker, struct store_broker, store_brokers, store_broker_get, store_broker_put, store_broker_delete): broker_store. */
#define ROW_STORE(name, type, all, one, write, drop_it)                                                                                  \
    static bool name##_met(void *walk, const type *row) { return row_met(walk, row); }                                                  \
    static enum fault name##_each(struct store *s, int64_t project, void *walk) { return all(s, project, name##_met, walk); }           \
    static enum fault name##_get(struct store *s, int64_t id, struct arena *a, void *ret) { return one(s, id, a, ret); }                \
    static enum fault name##_put(struct store *s, const void *row, int64_t *ret_id) { return write(s, row, ret_id); }                   \
    static enum fault name##_drop(struct store *s, int64_t id) { return drop_it(s, id); }                                               \
    static const struct row_store name##_store = { sizeof(type), offsetof(type, id), offsetof(type, project), offsetof(type, revision), \
                                                   name##_each, name##_get, name##_put, name##_drop }

/* Handlers list_name, get_name, add_name, change_name and delete_name of a kind, for a table of routes. */
#define ROW_WAYS(name, kind)                                                                     \
    __attribute__((unused)) static void list_##name(struct call *c) { rows_list(c, &(kind)); }   \
    __attribute__((unused)) static void get_##name(struct call *c) { rows_get(c, &(kind)); }     \
    __attribute__((unused)) static void add_##name(struct call *c) { rows_add(c, &(kind)); }     \
    __attribute__((unused)) static void change_##name(struct call *c) { rows_change(c, &(kind)); } \
    __attribute__((unused)) static void delete_##name(struct call *c) { rows_delete(c, &(kind)); }
