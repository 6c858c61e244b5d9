/* Checking requests against their tables; see shape.h. */
#include "http/shape.h"
#include "base/civil.h"

#include <stdio.h>
#include <stdlib.h>

void problem_add(struct problems *p, const char *field, const char *message)
{
    if (p->count == PROBLEMS_MAX)
        return;
    struct text name = text_over(p->row[p->count].field, PROBLEM_PATH), text = text_over(p->row[p->count].message, PROBLEM_TEXT);
    text_put(&name, field);
    text_put(&text, message);
    p->count++;
}

/* Every check that fails ends here. */
static bool wrong(struct problems *p, const char *path, const struct phrase *what, int64_t least, int64_t most)
{
    char message[PROBLEM_TEXT];
    snprintf(message, sizeof message, phrase_in(what, p->lang), (long long)least, (long long)most);
    problem_add(p, path, message);
    return false;
}

static const struct phrase not_text = { { "должен быть текст", "must be a text" } };
static const struct phrase not_int = { { "должно быть целое число", "must be a whole number" } };
static const struct phrase not_bool = { { "должно быть true или false", "must be true or false" } };
static const struct phrase not_time = { { "должно быть время вида 2026-11-21T09:30:00", "must be a time like 2026-11-21T09:30:00" } };
static const struct phrase not_object = { { "должен быть объект", "must be an object" } };
static const struct phrase not_list = { { "должен быть список", "must be a list" } };
static const struct phrase not_word = { { "такого значения нет в списке допустимых", "is none of the values allowed" } };
static const struct phrase out_of_range = { { "допустимо от %lld до %lld", "allowed from %lld to %lld" } };
static const struct phrase bad_length = { { "допустимо от %lld до %lld символов", "allowed from %lld to %lld characters" } };
static const struct phrase bad_count = { { "допустимо от %lld до %lld элементов", "allowed from %lld to %lld items" } };
static const struct phrase is_missing = { { "обязательное поле", "is required" } };
static const struct phrase is_unknown = { { "такого поля нет", "there is no such field" } };
static const struct phrase is_twice = { { "указано дважды", "is given twice" } };
static const struct phrase is_backward = { { "конец раньше начала", "the end is before the beginning" } };
static const struct phrase is_deep = { { "слишком глубокая вложенность", "is nested too deep" } };
static const struct phrase not_utf8 = { { "это не JSON в кодировке UTF-8", "is not JSON in UTF-8" } };
static const struct phrase not_json = { { "это не JSON", "is not JSON" } };

static bool check_value(const struct field *f, enum field_kind kind, const json_t *v, const char *path, int depth, struct problems *p);

static bool check_text(const struct field *f, const json_t *v, const char *path, struct problems *p)
{
    int64_t most = f->most ? f->most : 1000;
    if (!json_is_string(v))
        return wrong(p, path, &not_text, 0, 0);
    int64_t count = (int64_t)utf8_length(json_string_value(v));
    if (count < f->least || count > most)
        return wrong(p, path, &bad_length, f->least, most);
    return f->least < 1 || f->kind == FIELD_SECRET || !text_is_blank(json_string_value(v)) || wrong(p, path, &is_missing, 0, 0);
}

static bool check_int(const struct field *f, const json_t *v, const char *path, struct problems *p)
{
    if (!json_is_integer(v))
        return wrong(p, path, &not_int, 0, 0);
    int64_t number = json_integer_value(v);
    bool any = f->least == 0 && f->most == 0;
    return any || (number >= f->least && number <= f->most) || wrong(p, path, &out_of_range, f->least, f->most);
}

static bool check_word(const struct field *f, const json_t *v, const char *path, struct problems *p)
{
    for (const char *const *word = f->words; json_is_string(v) && *word; word++)
        if (strcmp(*word, json_string_value(v)) == 0)
            return true;
    return wrong(p, path, &not_word, 0, 0);
}

static bool check_fields(const struct shape *s, const json_t *v, const char *path, int depth, struct problems *p);

static bool check_list(const struct field *f, const json_t *v, const char *path, int depth, struct problems *p)
{
    int64_t most = f->most ? f->most : SHAPE_LIST_MAX;
    if (!json_is_array(v))
        return wrong(p, path, &not_list, 0, 0);
    int64_t count = (int64_t)json_array_size(v);
    if (count < f->least || count > most)
        return wrong(p, path, &bad_count, f->least, most);
    bool good = true;
    struct field item = { .name = f->name, .kind = f->of, .shape = f->shape, .words = f->words, .most = 0 };
    for (size_t i = 0; i < (size_t)count && p->count < PROBLEMS_MAX; i++) {
        char place[PROBLEM_PATH];
        snprintf(place, sizeof place, "%.70s[%zu]", path, i);
        good &= check_value(&item, f->shape ? FIELD_OBJECT : f->of, json_array_get(v, i), place, depth + 1, p);
    }
    return good;
}

static bool check_map(const json_t *v, const char *path, struct problems *p)
{
    const char *key;
    json_t *item;
    bool good = true;
    json_object_foreach((json_t *)(uintptr_t)v, key, item) {
        char place[PROBLEM_PATH];
        snprintf(place, sizeof place, "%.40s.%.50s", path, key);
        struct field text = { .name = key, .most = 1000 };
        good &= check_text(&text, item, place, p);
    }
    return good;
}

static bool check_value(const struct field *f, enum field_kind kind, const json_t *v, const char *path, int depth, struct problems *p)
{
    if (json_is_null(v) && f->flags & NULLABLE)
        return true;
    if (depth > SHAPE_DEPTH)
        return wrong(p, path, &is_deep, 0, 0);
    switch (kind) {
    case FIELD_TEXT: case FIELD_SECRET: case FIELD_NUMBER: return check_text(f, v, path, p);
    case FIELD_INT: return check_int(f, v, path, p);
    case FIELD_BOOL: return json_is_boolean(v) || wrong(p, path, &not_bool, 0, 0);
    case FIELD_WORD: return check_word(f, v, path, p);
    case FIELD_TIME: return (json_is_string(v) && wall_parse(json_string_value(v)) != WALL_NONE) || wrong(p, path, &not_time, 0, 0);
    case FIELD_OBJECT: return f->shape ? check_fields(f->shape, v, path, depth, p) : json_is_object(v) || wrong(p, path, &not_object, 0, 0);
    case FIELD_LIST: return check_list(f, v, path, depth, p);
    case FIELD_MAP: return json_is_object(v) ? check_map(v, path, p) : wrong(p, path, &not_object, 0, 0);
    case FIELD_ANY: return true;
    }
    return false;
}

static const struct field *field_named(const struct shape *s, const char *name)
{
    for (const struct field *f = s->fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static void place_of(const char *path, const char *name, char place[PROBLEM_PATH])
{
    snprintf(place, PROBLEM_PATH, "%.44s%s%.48s", path, *path ? "." : "", name);
    if (!utf8_valid(bytes_of_text(place)))
        snprintf(place, PROBLEM_PATH, "%s", "…");
}

static bool check_fields(const struct shape *s, const json_t *v, const char *path, int depth, struct problems *p)
{
    char place[PROBLEM_PATH];
    const char *key;
    json_t *item;
    bool good = true;
    if (!json_is_object(v))
        return wrong(p, path, &not_object, 0, 0);
    for (const struct field *f = s->fields; f->name; f++) {
        const json_t *value = json_object_get(v, f->name);
        place_of(path, f->name, place);
        if (value)
            good &= check_value(f, f->kind, value, place, depth + 1, p);
        else if (f->flags & REQUIRED)
            good = wrong(p, place, &is_missing, 0, 0);
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, item) {
        if (field_named(s, key))
            continue;
        place_of(path, key, place);
        good = wrong(p, place, &is_unknown, 0, 0);
    }
    return good;
}

bool shape_check(const struct shape *s, const json_t *value, struct problems *p)
{
    return check_fields(s, value, "", 0, p);
}

/* --- queries ------------------------------------------------------------------------------------------------------------ */

static json_t *query_value(enum field_kind kind, const char *text)
{
    if (kind == FIELD_INT) {
        char *end;
        long long number = strtoll(text, &end, 10);
        return *text && *end == '\0' && strlen(text) < 19 ? json_integer(number) : json_string(text);
    }
    if (kind == FIELD_BOOL)
        return strcmp(text, "true") == 0 ? json_true() : strcmp(text, "false") == 0 ? json_false() : json_string(text);
    return json_string(text);
}

/* "1,2,3" */
static json_t *query_list(const struct field *f, const char *text)
{
    json_t *list = json_array();
    while (*text && json_array_size(list) < SHAPE_LIST_MAX + 1) {
        size_t size = strcspn(text, ",");
        char item[256];
        snprintf(item, sizeof item, "%.*s", (int)(size < sizeof item ? size : sizeof item - 1), text);
        json_array_append_new(list, utf8_valid(bytes_of_text(item)) ? query_value(f->of, item) : json_null());
        text += size;
        text += *text == ',';
    }
    return list;
}

/* A period that ends before it begins is a mistake, not a time in which nothing was. */
static void check_period(const struct shape *s, const json_t *all, struct problems *p)
{
    const struct field *from = field_named(s, "from"), *to = field_named(s, "to");
    const char *begin = json_string_value(json_object_get(all, "from")), *end = json_string_value(json_object_get(all, "to"));
    if (from && to && begin && end && from->kind == FIELD_TIME && to->kind == FIELD_TIME && wall_parse(end) < wall_parse(begin))
        wrong(p, "to", &is_backward, 0, 0);
}

json_t *shape_query(const struct shape *s, const struct http_pair *pairs, size_t count, struct problems *p)
{
    static const struct field none[] = { { .name = NULL } };
    static const struct shape empty = { "Empty", none };
    json_t *all = json_object();
    if (!s)
        s = &empty;
    for (size_t i = 0; i < count; i++) {
        const struct field *f = field_named(s, pairs[i].name);
        char place[PROBLEM_PATH];
        place_of("", pairs[i].name, place);
        if (json_object_get(all, pairs[i].name))
            wrong(p, place, &is_twice, 0, 0);
        else
            json_object_set_new(all, pairs[i].name, f && f->kind == FIELD_LIST ? query_list(f, pairs[i].value)
                                                                              : query_value(f ? f->kind : FIELD_TEXT, pairs[i].value));
    }
    if (shape_check(s, all, p))
        check_period(s, all, p);
    return all;
}

/* --- bodies ------------------------------------------------------------------------------------------------------------- */

json_t *shape_body(struct bytes body, struct problems *p)
{
    json_error_t error;
    body = utf8_begin(body);
    json_t *value = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, &error);
    if (value)
        return value;
    char message[PROBLEM_TEXT];
    const struct phrase *what = utf8_valid(body) ? &not_json : &not_utf8;
    snprintf(message, sizeof message, "%s (%d:%d)", phrase_in(what, p->lang), error.line, error.column);
    problem_add(p, "", message);
    return NULL;
}
