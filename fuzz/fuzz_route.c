/* The way of a request to its handler, under any bytes: the first line is method, path and query, the rest a body. Decoding,
 * matching over the real table, query and body against the real shapes. Build: clang -fsanitize=fuzzer,address,undefined. */
#include "api/api.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "a=1&b=2", undecoded names and values are left out. */
static size_t read_query(char *text, struct http_pair pairs[HTTP_QUERY_MAX])
{
    size_t count = 0;
    for (char *save, *pair = strtok_r(text, "&", &save); pair && count < HTTP_QUERY_MAX; pair = strtok_r(NULL, "&", &save)) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        if (url_decode(pair) && (!value || url_decode(value)))
            pairs[count++] = (struct http_pair){ pair, value ? value : "" };
    }
    return count;
}

static void check(const struct route *r, const struct http_pair *pairs, size_t count, struct bytes body)
{
    struct problems p = { .lang = LANG_RU };
    json_decref(shape_query(r->query, pairs, count, &p));
    json_t *value = shape_body(body, &p);
    if (value && r->body && shape_check(r->body, value, &p) != (p.count == 0) && p.count == 0)
        abort(); /* what is refused is refused for a reason */
    json_decref(value);
    for (size_t i = 0; i < p.count; i++)
        if (!utf8_valid(bytes_of_text(p.row[i].field)) || !utf8_valid(bytes_of_text(p.row[i].message)))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t head = end ? (size_t)(end - data) : size, count;
    struct arena a = { 0 };
    char *line = arena_text(&a, bytes_of(data, head)), *save, *method = strtok_r(line, " ", &save), *path = strtok_r(NULL, " ?", &save), *query = strtok_r(NULL, "", &save);
    struct bytes body = end ? bytes_of(end + 1, size - head - 1) : bytes_of("", 0);
    struct http_pair pairs[HTTP_QUERY_MAX];
    struct route_match m;
    const struct route *routes = api_routes(&count);
    size_t asked = query ? read_query(query, pairs) : 0;
    if (method && path && url_decode(path) && route_find(routes, count, method, path, &m))
        check(m.route, pairs, asked, body);
    else if (size)
        check(&routes[data[0] % count], pairs, asked, body); /* every shape meets every body */
    arena_free(&a);
    return 0;
}
