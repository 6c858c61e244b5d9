/* Routes matched, requests checked against shapes, addresses decoded. */
#include "http/route.h"
#include "tap.h"

static const char *const words[] = { "day", "month", NULL };
static const struct field part_fields[] = { { .name = "n", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = 5 }, { .name = NULL } };
static const struct shape part = { "Part", part_fields };
static const struct field fields[] = {
    { .name = "name", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 2, .most = 5 },
    { .name = "count", .kind = FIELD_INT, .least = -3, .most = 9 },
    { .name = "any", .kind = FIELD_INT }, { .name = "on", .kind = FIELD_BOOL }, { .name = "archive", .kind = FIELD_WORD, .words = words },
    { .name = "at", .kind = FIELD_TIME }, { .name = "note", .kind = FIELD_TEXT, .flags = NULLABLE },
    { .name = "ids", .kind = FIELD_LIST, .of = FIELD_INT, .least = 1, .most = 3 }, { .name = "parts", .kind = FIELD_LIST, .shape = &part },
    { .name = "map", .kind = FIELD_MAP }, { .name = NULL } };
static const struct shape shape = { "Test", fields };

static const struct route routes[] = {
    { .method = "GET", .pattern = "/a" }, { .method = "POST", .pattern = "/a" }, { .method = "GET", .pattern = "/a/last" },
    { .method = "GET", .pattern = "/a/{id}" }, { .method = "GET", .pattern = "/a/{id}/b/{name:word}" } };

static const char *find(const char *method, const char *path, struct route_match *m)
{
    return route_find(routes, sizeof routes / sizeof *routes, method, path, m) ? m->route->pattern : m->other_method ? "other method" : "none";
}

static void test_routes(void)
{
    struct route_match m;
    is_text(find("GET", "/a", &m), "/a");
    is_text(find("POST", "/a", &m), "/a");
    is_text(find("PUT", "/a", &m), "other method");
    is_text(find("GET", "/a/", &m), "none");
    is_text(find("GET", "//a", &m), "none");
    is_text(find("GET", "/a/last", &m), "/a/last");
    is_text(find("GET", "/a/17", &m), "/a/{id}");
    is_int(m.number[0], 17);
    static const char *const bad[] = { "/a/0", "/a/01", "/a/-1", "/a/1x", "/a/9999999999999999", "/a/17/", "/a/17/b", "/a/17/b/", "/a/17/b/..%2F", "/a/17/b/x/y", "", "a", "/A" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_text(find("GET", bad[i], &m), "none", "%s", bad[i]);
    is_text(find("GET", "/a/5/b/day-2.x_y", &m), "/a/{id}/b/{name:word}");
    ok(m.number[0] == 5 && strcmp(m.word[1], "day-2.x_y") == 0 && m.count == 2);
    char name[ROUTE_WORD_MAX];
    bool word;
    ok(strcmp(route_parameter(m.route, 1, name, &word), "name") == 0 && word && !route_parameter(m.route, 2, name, &word));
}

/* How many mistakes a body has; the first one's field in `field`. */
static size_t mistakes(const char *json, char field[PROBLEM_PATH])
{
    struct problems p = { .lang = LANG_EN };
    json_t *body = shape_body(bytes_of_text(json), &p);
    if (body)
        shape_check(&shape, body, &p);
    json_decref(body);
    snprintf(field, PROBLEM_PATH, "%s", p.count ? p.row[0].field : "");
    return p.count;
}

static void test_shapes(void)
{
    static const struct { const char *json, *field; } rows[] = {
        { "{\"name\":\"abc\"}", "" }, { "{\"name\":\"Ёжики\"}", "" }, { "{\"name\":\"a\"}", "name" }, { "{\"name\":\"Ёжиков\"}", "name" }, { "{}", "name" },
        { "{\"name\":null}", "name" }, { "{\"name\":\"ab\",\"count\":-3}", "" }, { "{\"name\":\"ab\",\"count\":10}", "count" },
        { "{\"name\":\"ab\",\"count\":1.0}", "count" }, { "{\"name\":\"ab\",\"any\":9223372036854775807}", "" }, { "{\"name\":\"ab\",\"on\":1}", "on" },
        { "{\"name\":\"ab\",\"archive\":\"day\"}", "" }, { "{\"name\":\"ab\",\"archive\":\"year\"}", "archive" }, { "{\"name\":\"ab\",\"archive\":3}", "archive" },
        { "{\"name\":\"ab\",\"at\":\"2026-11-21T09:30:00\"}", "" }, { "{\"name\":\"ab\",\"at\":\"2026-02-30\"}", "at" }, { "{\"name\":\"ab\",\"note\":null}", "" },
        { "{\"name\":\"ab\",\"ids\":[1,2]}", "" }, { "{\"name\":\"ab\",\"ids\":[]}", "ids" }, { "{\"name\":\"ab\",\"ids\":[1,\"2\"]}", "ids[1]" },
        { "{\"name\":\"ab\",\"parts\":[{\"n\":1},{\"n\":6}]}", "parts[1].n" }, { "{\"name\":\"ab\",\"parts\":[{}]}", "parts[0].n" },
        { "{\"name\":\"ab\",\"map\":{\"x\":\"y\"}}", "" }, { "{\"name\":\"ab\",\"map\":{\"x\":1}}", "map.x" }, { "{\"name\":\"ab\",\"other\":1}", "other" },
        { "[]", "" }, { "{\"name\":\"ab\",\"name\":\"cd\"}", "" }, { "", "" }, { "{\"name\":\"ab\"} x", "" } };
    char field[PROBLEM_PATH];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = mistakes(rows[i].json, field);
        is_text(field, rows[i].field, "%s", rows[i].json);
        if (i >= 25)
            ok(count == 1, "is a mistake of the whole");
    }
    is_int(mistakes("{\"name\":1,\"count\":\"x\",\"on\":2,\"z\":3}", field), 4, "all mistakes are told at once");
}

static void test_queries(void)
{
    struct problems p = { .lang = LANG_RU };
    const struct http_pair good[] = { { "name", "abc" }, { "count", "-2" }, { "on", "true" }, { "ids", "3,4" } };
    json_t *q = shape_query(&shape, good, 4, &p);
    is_int(p.count, 0);
    ok(json_integer_value(json_object_get(q, "count")) == -2 && json_is_true(json_object_get(q, "on")) && json_integer_value(json_array_get(json_object_get(q, "ids"), 1)) == 4);
    json_decref(q);
    const struct http_pair bad[] = { { "name", "abc" }, { "name", "abd" }, { "count", "2x" }, { "on", "yes" }, { "ids", "3,x" }, { "evil", "1" } };
    json_decref(shape_query(&shape, bad, 6, &p));
    is_int(p.count, 5, "twice, no number, no truth, no number in a list, unknown");
    p.count = 0;
    json_decref(shape_query(NULL, good, 1, &p));
    is_text(p.row[0].field, "name", "without a shape nothing may be asked");
}

static void test_decoding(void)
{
    static const struct { const char *in, *out; } rows[] = { { "a%20b", "a b" }, { "%D0%AF", "Я" }, { "%00", NULL }, { "%", NULL }, { "%4", NULL }, { "%zz", NULL },
                                                             { "%ff", NULL }, { "%2e%2E/", "../" }, { "%C0%AE", NULL }, { "plain", "plain" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s", rows[i].in);
        bool good = url_decode(text);
        ok(good == (rows[i].out != NULL) && (!good || strcmp(text, rows[i].out) == 0), "%s", rows[i].in);
    }
}

int main(void)
{
    test_routes();
    test_shapes();
    test_queries();
    test_decoding();
    return tap_done();
}
