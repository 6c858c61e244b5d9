/* Finding the route that is meant; see route.h. */
#include "http/route.h"

#include <stdio.h>
#include <stdlib.h>

static bool take_number(const char *text, size_t size, int64_t *ret)
{
    int64_t number = 0;
    if (size == 0 || size > 15 || *text == '0')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret = number;
    return true;
}

static bool take_word(const char *text, size_t size, char word[ROUTE_WORD_MAX])
{
    if (size == 0 || size >= ROUTE_WORD_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return false;
    }
    memcpy(word, text, size);
    word[size] = '\0';
    return true;
}

static bool take_parameter(const char *pattern, size_t pattern_size, const char *path, size_t size, struct route_match *m)
{
    bool word = pattern_size > 6 && memcmp(pattern + pattern_size - 6, ":word}", 6) == 0;
    if (m->count == ROUTE_PARAMETERS)
        return false;
    bool good = word ? take_word(path, size, m->word[m->count]) : take_number(path, size, &m->number[m->count]);
    m->count += good;
    return good;
}

static bool path_fits(const char *pattern, const char *path, struct route_match *m)
{
    m->count = 0;
    while (*pattern == '/' && *path == '/') {
        size_t pattern_size = strcspn(++pattern, "/"), size = strcspn(++path, "/");
        bool fits = *pattern == '{' ? take_parameter(pattern, pattern_size, path, size, m)
                                    : pattern_size == size && memcmp(pattern, path, size) == 0;
        if (!fits)
            return false;
        pattern += pattern_size;
        path += size;
    }
    return *pattern == '\0' && *path == '\0';
}

bool route_find(const struct route *routes, size_t count, const char *method, const char *path, struct route_match *ret)
{
    struct route_match m = { 0 };
    bool other = false;
    for (size_t i = 0; i < count; i++) {
        if (!path_fits(routes[i].pattern, path, &m))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            m.route = &routes[i];
            *ret = m;
            return true;
        }
        other = true;
    }
    *ret = (struct route_match){ .other_method = other };
    return false;
}

const char *route_parameter(const struct route *r, size_t at, char name[ROUTE_WORD_MAX], bool *ret_word)
{
    const char *place = r->pattern;
    for (;; at--) {
        place = strchr(place, '{');
        if (!place)
            return NULL;
        place++;
        if (at == 0)
            break;
    }
    size_t size = strcspn(place, ":}");
    *ret_word = place[size] == ':';
    snprintf(name, ROUTE_WORD_MAX, "%.*s", (int)size, place);
    return name;
}
