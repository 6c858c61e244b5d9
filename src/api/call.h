/* One request on its way through a handler. */
#pragma once
#include "api/api.h"
#include "api/json.h"
#include "people/journal.h"

struct call {
    struct api *api;
    struct http_request *request;
    struct http_answer *answer;
    struct route_match match;
    struct caller caller;
    bool signed_in;
    enum lang lang;
    json_t *query, *body;   /* checked against the route's shapes */
    struct problems problems;
    struct json_writer out; /* into the answer's body */
    struct arena *arena;
    bool reveal;            /* secrets are answered open: only within the program, for a file that seals them */
};

/* --- refusing: the answer is written anew; returns false, so that a handler can `return call_refuse(...)` in a check ------ */

enum refusal {
    REFUSE_SIGN_IN,     /* 401 */
    REFUSE_FORBIDDEN,   /* 403 */
    REFUSE_CSRF,        /* 403 */
    REFUSE_MUST_CHANGE, /* 403 */
    REFUSE_NO_PROJECT,  /* 403 */
    REFUSE_NOT_FOUND,   /* 404: unknown, or of another project */
    REFUSE_METHOD,      /* 405 */
    REFUSE_CHANGED,     /* 409: somebody else changed it; the answer holds the row as it is now under "current" */
    REFUSE_IN_USE,      /* 409 */
    REFUSE_TAKEN,       /* 409 */
    REFUSE_BUSY,        /* 409: collection runs */
    REFUSE_BUILTIN,     /* 409 */
    REFUSE_LAST_ADMIN,  /* 409 */
    REFUSE_NOT_JSON,    /* 415 */
    REFUSE_NOT_WORKBOOK, /* 415 */
    REFUSE_NOT_TEXT,    /* 415 */
    REFUSE_NOT_BYTES,   /* 415 */
    REFUSE_INVALID,     /* 400: see fields */
    REFUSE_WRONG,       /* 401: name, password or code */
    REFUSE_CODE,        /* 401: second factor wanted */
    REFUSE_HELD,        /* 429 */
    REFUSE_STORE,       /* 503 */
    REFUSE_COUNT
};

bool call_refuse(struct call *c, enum refusal why);

/* After a refusal: opens its answer again, so that members may be put beside "error"; json_put_end ends it. */
void call_beside(struct call *c);

/* One field is wrong: 400 with it. */
bool call_wrong_field(struct call *c, const char *field, const char *message);

/* Problems from number `from` on get "prefix." before their field. */
void call_prefix(struct call *c, size_t from, const char *prefix);

/* A fault of the store as a refusal; FAULT_REFUSED becomes `refused`. True for FAULT_NONE. */
bool call_good(struct call *c, enum fault f, enum refusal refused);

/* Names of all refusals, for the description. */
const char *refusal_code(enum refusal why);

/* --- what was asked ------------------------------------------------------------------------------------------------------ */

const char *call_text(const json_t *from, const char *key, const char *preset);
int64_t call_int(const json_t *from, const char *key, int64_t preset);
bool call_bool(const json_t *from, const char *key, bool preset);
int64_t call_time(const json_t *from, const char *key, int64_t preset);
bool call_may(const struct call *c, enum permission p);

/* A secret as an answer shows it: "***" when there is one. */
const char *call_secret(const struct call *c, const char *open);

/* Who is in the group that `from` names by its title, or not chosen when it names none; nobody when the store does not answer.
 * In the call's arena. */
struct meter_set call_group(struct call *c, const json_t *from);

/* Ids of a list; the array is in the call's arena. */
size_t call_ids(struct call *c, const json_t *list, int64_t **ret);

/* Sorted, each once; returns how many are left. */
size_t call_ids_once(int64_t *ids, size_t count);

/* {"id": n}: what was made; status 201. */
void call_made(struct call *c, int64_t id);

/* {}: done. */
void call_done(struct call *c);

/* Compact JSON of a value in the arena, for the log. */
const char *call_json(struct call *c, const json_t *value);

/* The same of a row, an object of the fields that `put` writes; NULL for none. */
typedef void call_put_fn(struct json_writer *out, const void *row);
const char *call_row_json(struct call *c, call_put_fn *put, const void *row);

/* What every page shows of a row of the log, into the object that is being written. */
void call_put_audit(struct call *c, const struct store_audit *a);

void call_note(struct call *c, enum note n, const char *object, const char *before, const char *after);

/* A stream of text with a name for the file; NULL `file`: none. Writes through flow_write. */
struct flow *call_stream(struct call *c, const char *type, const char *file);
enum { STREAM_BOUND = 256 << 10, STREAM_PATIENCE_MS = 30000 };

/* Paging of lists. */
#define PAGE_FIELDS \
    { .name = "page", .kind = FIELD_INT, .least = 1, .most = 10000000, .help = { { "страница, с 1", "page, from 1" } } }, \
    { .name = "size", .kind = FIELD_INT, .least = 1, .most = 1000, .help = { { "строк на странице, обычно 50", "rows a page, usually 50" } } }
size_t call_skip(const struct call *c);
size_t call_take(const struct call *c);

/* How collection goes, as one object: the same in an answer and in the stream. */
void collection_put(struct json_writer *j, const struct service_status *s);

/* Begins a pass over these devices, notes it and answers 202 with how it goes; refused when one runs. */
void collection_start(struct call *c, const int64_t *ids, size_t count);
