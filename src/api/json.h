/* JSON written straight into a buffer: no tree, exact numbers. A key is NULL inside a list. Objects and lists nest up to 63
 * deep; each ends with json_put_end. Text that is no UTF-8 is written with its bad bytes as U+FFFD. */
#pragma once
#include "base/decimal.h"
#include "base/buffer.h"

struct json_writer {
    struct buffer *out;
    uint64_t filled, lists; /* a bit per level: has a member already; is a list */
    int depth;
};

void json_put_object(struct json_writer *j, const char *key);
void json_put_list(struct json_writer *j, const char *key);
void json_put_end(struct json_writer *j);
void json_put_text(struct json_writer *j, const char *key, const char *utf8);
void json_put_int(struct json_writer *j, const char *key, int64_t value);
void json_put_bool(struct json_writer *j, const char *key, bool value);
void json_put_null(struct json_writer *j, const char *key);

/* A JSON number with all the digits: 41.80 stays 41.80. */
void json_put_decimal(struct json_writer *j, const char *key, struct decimal value);

/* "2026-11-21T09:30:00", a meter's wall time; null for WALL_NONE. "…Z" for milliseconds of UTC; null for 0. */
void json_put_wall(struct json_writer *j, const char *key, int64_t wall);
void json_put_utc(struct json_writer *j, const char *key, int64_t utc_ms);

/* What is JSON already; "" is null. */
void json_put_raw(struct json_writer *j, const char *key, const char *json);
