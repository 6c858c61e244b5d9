/* Writing JSON; see json.h. */
#include "api/json.h"
#include "base/civil.h"
#include "base/text.h"

#include <assert.h>

/* How many bytes of well-formed UTF-8 stand at `at`; 0 for none. */
static size_t character_size(const unsigned char *at)
{
    size_t size = *at < 0x80 ? 1 : (*at & 0xE0) == 0xC0 ? 2 : (*at & 0xF0) == 0xE0 ? 3 : (*at & 0xF8) == 0xF0 ? 4 : 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return size && utf8_valid(bytes_of(at, size)) ? size : 0;
}

static void put_string(struct buffer *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text, *plain = at;
    buffer_put(out, "\"", 1);
    while (*at) {
        size_t size = *at >= 0x20 && *at < 0x80 ? 1 : *at < 0x20 ? 0 : character_size(at);
        if (size && *at != '"' && *at != '\\') {
            at += size;
            continue;
        }
        buffer_put(out, plain, (size_t)(at - plain));
        if (*at == '"' || *at == '\\')
            buffer_printf(out, "\\%c", *at);
        else if (*at == '\n')
            buffer_text(out, "\\n");
        else if (*at < 0x20)
            buffer_printf(out, "\\u%04x", *at);
        else
            buffer_text(out, "\xEF\xBF\xBD");
        plain = ++at;
    }
    buffer_put(out, plain, (size_t)(at - plain));
    buffer_put(out, "\"", 1);
}

static void put_key(struct json_writer *j, const char *key)
{
    uint64_t bit = UINT64_C(1) << j->depth;
    assert(j->depth == 0 || !(j->lists & bit) == !!key);
    if (j->filled & bit)
        buffer_put(j->out, ",", 1);
    j->filled |= bit;
    if (key) {
        put_string(j->out, key);
        buffer_put(j->out, ":", 1);
    }
}

static void open(struct json_writer *j, const char *key, bool list)
{
    put_key(j, key);
    buffer_put(j->out, list ? "[" : "{", 1);
    assert(j->depth < 63);
    j->depth++;
    uint64_t bit = UINT64_C(1) << j->depth;
    j->filled &= ~bit;
    j->lists = list ? j->lists | bit : j->lists & ~bit;
}

void json_put_object(struct json_writer *j, const char *key)
{
    open(j, key, false);
}

void json_put_list(struct json_writer *j, const char *key)
{
    open(j, key, true);
}

void json_put_end(struct json_writer *j)
{
    assert(j->depth > 0);
    buffer_put(j->out, j->lists >> j->depth & 1 ? "]" : "}", 1);
    j->depth--;
}

void json_put_text(struct json_writer *j, const char *key, const char *utf8)
{
    put_key(j, key);
    put_string(j->out, utf8 ? utf8 : "");
}

void json_put_int(struct json_writer *j, const char *key, int64_t value)
{
    put_key(j, key);
    buffer_printf(j->out, "%lld", (long long)value);
}

void json_put_bool(struct json_writer *j, const char *key, bool value)
{
    put_key(j, key);
    buffer_text(j->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *j, const char *key)
{
    put_key(j, key);
    buffer_text(j->out, "null");
}

void json_put_decimal(struct json_writer *j, const char *key, struct decimal value)
{
    char number[DECIMAL_TEXT_MAX];
    put_key(j, key);
    buffer_text(j->out, decimal_format(value, number));
}

static void put_time(struct json_writer *j, int64_t wall, const char *rest)
{
    char time[CIVIL_TEXT_MAX];
    wall_format(wall, time);
    time[10] = 'T';
    buffer_printf(j->out, "\"%s%s\"", time, rest);
}

void json_put_wall(struct json_writer *j, const char *key, int64_t wall)
{
    if (wall == WALL_NONE) {
        json_put_null(j, key);
        return;
    }
    put_key(j, key);
    put_time(j, wall, "");
}

void json_put_utc(struct json_writer *j, const char *key, int64_t utc_ms)
{
    char rest[8];
    if (utc_ms == 0) {
        json_put_null(j, key);
        return;
    }
    struct text t = text_over(rest, sizeof rest);
    text_printf(&t, ".%03dZ", (int)(utc_ms % 1000));
    put_key(j, key);
    put_time(j, utc_ms / 1000, rest);
}

void json_put_raw(struct json_writer *j, const char *key, const char *json)
{
    put_key(j, key);
    buffer_text(j->out, *json ? json : "null");
}
