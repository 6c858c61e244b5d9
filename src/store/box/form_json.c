/* Forms as JSON; see form_json.h. */
#include "store/box/form_json.h"

#include <stdlib.h>

enum fault store_form_read(struct store *s, const char *name, json_t **ret, int64_t *ret_revision)
{
    struct arena a = { 0 };
    const char *content;
    enum fault fault = store_form_get(s, name, &a, &content, ret_revision);
    *ret = fault == FAULT_NONE && *content ? json_loads(content, 0, NULL) : NULL;
    arena_free(&a);
    return fault;
}

enum fault store_form_write(struct store *s, const char *name, json_t *form, int64_t revision)
{
    char *content = json_dumps(form, JSON_COMPACT);
    enum fault fault = content ? store_form_put(s, name, content, revision) : FAULT_SETTING;
    free(content);
    json_decref(form);
    return fault;
}

const char *form_text(const json_t *form, const char *key)
{
    const char *text = json_string_value(json_object_get(form, key));
    return text ? text : "";
}

int64_t form_int(const json_t *form, const char *key, int64_t preset)
{
    const json_t *value = json_object_get(form, key);
    return json_is_integer(value) ? json_integer_value(value) : preset;
}

bool form_bool(const json_t *form, const char *key, bool preset)
{
    const json_t *value = json_object_get(form, key);
    return json_is_boolean(value) ? json_is_true(value) : preset;
}
