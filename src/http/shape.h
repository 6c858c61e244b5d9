/* What a request or an answer is made of, as a table: it checks what came, and OpenAPI is written from it. */
#pragma once
#include "base/arena.h"
#include "base/lang.h"
#include "base/text.h"
#include "http/server.h"

#include <jansson.h>

enum field_kind {
    FIELD_TEXT,    /* least..most characters, not blanks alone where one is needed; most 0: 1000 */
    FIELD_SECRET,  /* the same, never shown or logged */
    FIELD_INT,     /* least..most; both 0: any */
    FIELD_BOOL,
    FIELD_WORD,    /* one of `words` */
    FIELD_TIME,    /* wall time "2026-11-21T09:30:00" or a date */
    FIELD_NUMBER,  /* exact decimal; of answers only */
    FIELD_OBJECT,  /* of `shape`; without one: any object */
    FIELD_LIST,    /* least..most items, each of `shape`, or of kind `of` */
    FIELD_MAP,     /* an object of texts */
    FIELD_ANY,
};

enum { REQUIRED = 1, NULLABLE = 2 };

struct shape;

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    int64_t least, most;
    const char *const *words;  /* NULL-terminated */
    const struct shape *shape;
    enum field_kind of;
    struct phrase help;
};

/* Fields end with a NULL name. */
struct shape {
    const char *name; /* in OpenAPI */
    const struct field *fields;
};

enum { PROBLEMS_MAX = 32, PROBLEM_TEXT = 200, PROBLEM_PATH = 96, SHAPE_DEPTH = 8, SHAPE_LIST_MAX = 10000 };

/* What is wrong with a request, field by field. */
struct problems {
    enum lang lang;
    size_t count;
    struct {
        char field[PROBLEM_PATH], message[PROBLEM_TEXT];
    } row[PROBLEMS_MAX];
};

/* Adds one; the first PROBLEMS_MAX are kept. */
void problem_add(struct problems *p, const char *field, const char *message);

/* Checks an object against a shape: required, types, ranges, words, and no field that the shape does not know. */
bool shape_check(const struct shape *s, const json_t *value, struct problems *p);

/* A query as an object of the shape's types; what cannot be read is a problem, and so is `to` before `from`. The object is the caller's. */
json_t *shape_query(const struct shape *s, const struct http_pair *pairs, size_t count, struct problems *p);

/* A body as JSON, in the depth and size that a request may have, a byte order mark before it or none; NULL with the reason as a problem. */
json_t *shape_body(struct bytes body, struct problems *p);
