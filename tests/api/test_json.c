/* The JSON writer, the description of the API, folding for searches. */
#include "api/api.h"
#include "api/json.h"
#include "api/openapi.h"
#include "base/civil.h"
#include "tap.h"

#include <jansson.h>

static void test_writer(void)
{
    struct buffer b = { 0 };
    struct json_writer j = { .out = &b };
    json_put_object(&j, NULL);
    json_put_text(&j, "a\"b", "x\\y\n\t\x01Я");
    json_put_int(&j, "least", INT64_MIN);
    json_put_list(&j, "list");
    json_put_decimal(&j, NULL, decimal_of(4180, -2));
    json_put_decimal(&j, NULL, decimal_of(-9223372036854775807, -3));
    json_put_null(&j, NULL);
    json_put_object(&j, NULL);
    json_put_end(&j);
    json_put_list(&j, NULL);
    json_put_end(&j);
    json_put_end(&j);
    json_put_bool(&j, "yes", true);
    json_put_wall(&j, "wall", wall_from_fields(2026, 11, 21, 9, 30, 0));
    json_put_wall(&j, "none", WALL_NONE);
    json_put_utc(&j, "utc", 1000);
    json_put_raw(&j, "raw", "{\"x\":1}");
    json_put_end(&j);
    buffer_put(&b, "", 1);
    is_text(b.data, "{\"a\\\"b\":\"x\\\\y\\n\\u0009\\u0001Я\",\"least\":-9223372036854775808,\"list\":[41.80,-9223372036854775.807,null,{},[]],"
                    "\"yes\":true,\"wall\":\"2026-11-21T09:30:00\",\"none\":null,\"utc\":\"1970-01-01T00:00:01.000Z\",\"raw\":{\"x\":1}}");
    buffer_free(&b);
    static const char *const broken[] = { "\xff", "a\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xC0\xAF", "ok\xE2\x82" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buffer one = { 0 };
        j = (struct json_writer){ .out = &one };
        json_put_text(&j, NULL, broken[i]);
        json_t *back = json_loadb(one.data, one.size, JSON_DECODE_ANY, NULL);
        ok(back != NULL, "broken UTF-8 number %zu becomes good JSON", i);
        json_decref(back);
        buffer_free(&one);
    }
    struct buffer small = { .limit = 10 };
    buffer_text(&small, "0123456789");
    ok(!small.failed);
    buffer_text(&small, "x");
    ok(small.failed && small.size == 10, "what passes the limit is dropped");
    buffer_free(&small);
}

static void test_description(void)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct buffer b = { 0 };
        openapi_write(routes, count, (enum lang)lang, &b);
        json_t *all = json_loadb(b.data, b.size, JSON_REJECT_DUPLICATES, NULL);
        ok(all != NULL, "the description is JSON, no path or schema twice");
        json_decref(all);
        buffer_free(&b);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(routes[i].pattern, routes[k].pattern) == 0 && strcmp(routes[i].method, routes[k].method) == 0)
                ok(0, "%s %s stands twice", routes[i].method, routes[i].pattern);
        if (!routes[i].handle || !routes[i].title.in[LANG_RU] || !routes[i].title.in[LANG_EN])
            ok(0, "%s %s is not whole", routes[i].method, routes[i].pattern);
    }
    ok(count >= 150, "%zu routes", count);
}

static void test_folding(void)
{
    char out[64];
    text_fold("Ёлка ABC Ящик ПРОСПЕКТ щ", out, sizeof out);
    is_text(out, "ёлка abc ящик проспект щ");
    text_fold("abcdef", out, 4);
    is_text(out, "abc");
}

int main(void)
{
    test_writer();
    test_description();
    test_folding();
    return tap_done();
}
