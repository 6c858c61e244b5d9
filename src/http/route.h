/* One table of routes: what can be asked, by whom, with what, and who answers. Matching, checking and OpenAPI all read it. */
#pragma once
#include "http/shape.h"

struct call;

enum route_flag {
    ROUTE_SLOW = 1,      /* hashes passwords or streams long: the slow lane */
    ROUTE_STREAM = 2,    /* the answer is a stream of `produces` */
    ROUTE_LIST = 4,      /* answers {"items": [of the shape], "total": n} */
    ROUTE_RAW = 8,       /* writes no JSON of a shape: `produces` */
    ROUTE_UNCHANGED = 16, /* may be called while the password must be changed */
    ROUTE_WORKBOOK = 32,  /* the body is an XLSX file, not JSON */
    ROUTE_TEXT = 64,      /* the body is a text file, not JSON */
    ROUTE_BYTES = 256,    /* the body is application/octet-stream */
    ROUTE_SMART = 128     /* of the protocol SMART (JSON): the cookie `sessionid` will do, JSON of whatever type, no CSRF word; one that
                             does something beyond reading insists on application/json, which no page of another site can send */
};

struct route {
    const char *method;
    const char *pattern;         /* "/api/v1/devices/{id}/readings/{archive:word}": {x} is a number 1.., {x:word} a name */
    int permission;              /* of people/permission.h */
    unsigned flags;
    const struct shape *query, *body, *answer; /* NULL: none */
    const char *produces;        /* NULL: JSON */
    size_t body_limit;           /* 0: HTTP_BODY_USUAL; without a body shape nothing but {} may come */
    void (*handle)(struct call *c);
    struct phrase title;
};

enum { ROUTE_PARAMETERS = 4, ROUTE_WORD_MAX = 48 };

struct route_match {
    const struct route *route;
    bool other_method;           /* the path exists, but not with this method */
    int64_t number[ROUTE_PARAMETERS];
    char word[ROUTE_PARAMETERS][ROUTE_WORD_MAX];
    size_t count;
};

/* Finds the route of a method and a decoded path. False: none; *ret says whether the path has other methods. Where a literal
 * and a parameter both fit, the row that stands first wins. */
bool route_find(const struct route *routes, size_t count, const char *method, const char *path, struct route_match *ret);

/* The name of the pattern's parameter number `at`; NULL behind the last. For OpenAPI. */
const char *route_parameter(const struct route *r, size_t at, char name[ROUTE_WORD_MAX], bool *ret_word);
