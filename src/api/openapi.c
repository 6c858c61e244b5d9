/* Writing OpenAPI; see openapi.h. */
#include "api/openapi.h"
#include "http/sheet.h"
#include "people/permission.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHAPES_MAX = 512 };

struct book {
    struct json_writer j;
    enum lang lang;
    const struct shape *shapes[SHAPES_MAX]; /* met so far, each once */
    size_t count;
};

static void meet(struct book *b, const struct shape *s)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->shapes[i] == s)
            return;
    if (!s || b->count == SHAPES_MAX)
        return;
    b->shapes[b->count++] = s;
    for (const struct field *f = s->fields; f->name; f++)
        if (f->shape)
            meet(b, f->shape);
}

static void put_reference(struct book *b, const char *key, const struct shape *s)
{
    char place[96];
    meet(b, s);
    snprintf(place, sizeof place, "#/components/schemas/%s", s->name);
    json_put_object(&b->j, key);
    json_put_text(&b->j, "$ref", place);
    json_put_end(&b->j);
}

/* "type", with null where that may come. */
static void put_type(struct book *b, const char *type, bool nullable)
{
    if (!nullable) {
        json_put_text(&b->j, "type", type);
        return;
    }
    json_put_list(&b->j, "type");
    json_put_text(&b->j, NULL, type);
    json_put_text(&b->j, NULL, "null");
    json_put_end(&b->j);
}

static void put_range(struct book *b, const struct field *f, const char *least, const char *most)
{
    if (f->least == 0 && f->most == 0)
        return;
    json_put_int(&b->j, least, f->least);
    if (f->most)
        json_put_int(&b->j, most, f->most);
}

static void put_items(struct book *b, const struct field *f)
{
    static const char *const types[] = { [FIELD_TEXT] = "string", [FIELD_SECRET] = "string", [FIELD_INT] = "integer", [FIELD_BOOL] = "boolean",
                                         [FIELD_WORD] = "string", [FIELD_TIME] = "string", [FIELD_NUMBER] = "number", [FIELD_OBJECT] = "object",
                                         [FIELD_LIST] = "array", [FIELD_MAP] = "object", [FIELD_ANY] = "string" };
    if (f->shape) {
        put_reference(b, "items", f->shape);
        return;
    }
    json_put_object(&b->j, "items");
    put_type(b, types[f->of], f->of == FIELD_NUMBER);
    json_put_end(&b->j);
}

static void put_field(struct book *b, const char *key, const struct field *f)
{
    bool nullable = f->flags & NULLABLE;
    if (f->kind == FIELD_OBJECT && f->shape) {
        put_reference(b, key, f->shape);
        return;
    }
    json_put_object(&b->j, key);
    switch (f->kind) {
    case FIELD_TEXT: case FIELD_SECRET: put_type(b, "string", nullable); put_range(b, f, "minLength", "maxLength"); break;
    case FIELD_INT: put_type(b, "integer", nullable); put_range(b, f, "minimum", "maximum"); break;
    case FIELD_BOOL: put_type(b, "boolean", nullable); break;
    case FIELD_NUMBER: put_type(b, "number", nullable); break;
    case FIELD_TIME: put_type(b, "string", nullable); json_put_text(&b->j, "x-format", "time"); break;
    case FIELD_WORD:
        put_type(b, "string", nullable);
        json_put_list(&b->j, "enum");
        for (const char *const *word = f->words; *word; word++)
            json_put_text(&b->j, NULL, *word);
        json_put_end(&b->j);
        break;
    case FIELD_LIST: put_type(b, "array", nullable); put_items(b, f); put_range(b, f, "minItems", "maxItems"); break;
    case FIELD_OBJECT: put_type(b, "object", nullable); break;
    case FIELD_MAP:
        put_type(b, "object", nullable);
        json_put_object(&b->j, "additionalProperties");
        json_put_text(&b->j, "type", "string");
        json_put_end(&b->j);
        break;
    case FIELD_ANY: break;
    }
    if (f->kind == FIELD_SECRET)
        json_put_bool(&b->j, "writeOnly", true);
    if (f->help.in[b->lang])
        json_put_text(&b->j, "description", f->help.in[b->lang]);
    json_put_end(&b->j);
}

static void put_shape(struct book *b, const struct shape *s)
{
    size_t required = 0;
    json_put_object(&b->j, s->name);
    json_put_text(&b->j, "type", "object");
    json_put_object(&b->j, "properties");
    for (const struct field *f = s->fields; f->name; f++) {
        put_field(b, f->name, f);
        required += f->flags & REQUIRED;
    }
    json_put_end(&b->j);
    if (required) {
        json_put_list(&b->j, "required");
        for (const struct field *f = s->fields; f->name; f++)
            if (f->flags & REQUIRED)
                json_put_text(&b->j, NULL, f->name);
        json_put_end(&b->j);
    }
    json_put_end(&b->j);
}

/* --- operations -------------------------------------------------------------------------------------------------------------------- */

static void put_parameter(struct book *b, const char *name, const char *where, const struct field *f, bool word)
{
    json_put_object(&b->j, NULL);
    json_put_text(&b->j, "name", name);
    json_put_text(&b->j, "in", where);
    json_put_bool(&b->j, "required", !f || f->flags & REQUIRED);
    if (f && f->kind == FIELD_LIST) {
        json_put_text(&b->j, "style", "form");
        json_put_bool(&b->j, "explode", false);
    }
    if (f) {
        put_field(b, "schema", f);
    } else {
        json_put_object(&b->j, "schema");
        json_put_text(&b->j, "type", word ? "string" : "integer");
        json_put_end(&b->j);
    }
    json_put_end(&b->j);
}

static void put_parameters(struct book *b, const struct route *r)
{
    char name[ROUTE_WORD_MAX];
    bool word;
    json_put_list(&b->j, "parameters");
    for (size_t i = 0; route_parameter(r, i, name, &word); i++)
        put_parameter(b, name, "path", NULL, word);
    for (const struct field *f = r->query ? r->query->fields : NULL; f && f->name; f++)
        put_parameter(b, f->name, "query", f, false);
    json_put_end(&b->j);
}

static void put_answer_schema(struct book *b, const struct route *r)
{
    if (r->flags & ROUTE_LIST && r->answer) {
        json_put_object(&b->j, "schema");
        json_put_text(&b->j, "type", "object");
        json_put_object(&b->j, "properties");
        json_put_object(&b->j, "items");
        json_put_text(&b->j, "type", "array");
        put_reference(b, "items", r->answer);
        json_put_end(&b->j);
        json_put_object(&b->j, "total");
        json_put_text(&b->j, "type", "integer");
        json_put_end(&b->j);
        json_put_end(&b->j);
        json_put_end(&b->j);
    } else if (r->answer) {
        put_reference(b, "schema", r->answer);
    }
}

static void put_responses(struct book *b, const struct route *r)
{
    json_put_object(&b->j, "responses");
    json_put_object(&b->j, "2XX");
    json_put_text(&b->j, "description", phrase_in(&r->title, b->lang));
    json_put_object(&b->j, "content");
    json_put_object(&b->j, r->produces ? r->produces : "application/json");
    put_answer_schema(b, r);
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_object(&b->j, "default");
    json_put_text(&b->j, "description", "error");
    json_put_object(&b->j, "content");
    json_put_object(&b->j, "application/json");
    json_put_object(&b->j, "schema");
    json_put_text(&b->j, "$ref", "#/components/schemas/ErrorAnswer");
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_end(&b->j);
}

static void put_operation(struct book *b, const struct route *r)
{
    char method[8] = "";
    for (size_t i = 0; r->method[i] && i + 1 < sizeof method; i++)
        method[i] = (char)(r->method[i] | 32);
    json_put_object(&b->j, method);
    json_put_text(&b->j, "summary", phrase_in(&r->title, b->lang));
    json_put_text(&b->j, "x-permission", permission_name((enum permission)r->permission));
    if (r->permission == MAY_ANYBODY) {
        json_put_list(&b->j, "security");
        json_put_end(&b->j);
    }
    put_parameters(b, r);
    if (r->body) {
        json_put_object(&b->j, "requestBody");
        json_put_bool(&b->j, "required", true);
        json_put_object(&b->j, "content");
        json_put_object(&b->j, "application/json");
        put_reference(b, "schema", r->body);
        json_put_end(&b->j);
        json_put_end(&b->j);
        json_put_end(&b->j);
    }
    if (r->flags & (ROUTE_WORKBOOK | ROUTE_TEXT | ROUTE_BYTES)) {
        json_put_object(&b->j, "requestBody");
        json_put_bool(&b->j, "required", true);
        json_put_object(&b->j, "content");
        json_put_object(&b->j, r->flags & ROUTE_TEXT ? "text/csv" : r->flags & ROUTE_BYTES ? "application/octet-stream" : sheet_type(SHEET_XLSX));
        json_put_end(&b->j);
        json_put_end(&b->j);
        json_put_end(&b->j);
    }
    put_responses(b, r);
    json_put_end(&b->j);
}

/* "{name:word}" is "{name}" to the readers of the description. */
static void plain_path(const char *pattern, char *out, size_t room)
{
    size_t size = 0;
    for (; *pattern && size + 1 < room; pattern++) {
        if (*pattern == ':')
            pattern += strcspn(pattern, "}");
        out[size++] = *pattern;
    }
    out[size] = '\0';
}

static void put_paths(struct book *b, const struct route *routes, size_t count)
{
    json_put_object(&b->j, "paths");
    for (size_t i = 0; i < count; i++) {
        char path[160];
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(routes[k].pattern, routes[i].pattern) != 0;
        if (!first)
            continue;
        plain_path(routes[i].pattern, path, sizeof path);
        json_put_object(&b->j, path);
        for (size_t k = i; k < count; k++)
            if (strcmp(routes[k].pattern, routes[i].pattern) == 0)
                put_operation(b, &routes[k]);
        json_put_end(&b->j);
    }
    json_put_end(&b->j);
}

static const struct field wrong_fields[] = { { .name = "field", .kind = FIELD_TEXT }, { .name = "message", .kind = FIELD_TEXT }, { .name = NULL } };
static const struct shape wrong_field = { "WrongField", wrong_fields };
static const struct field error_fields[] = { { .name = "code", .kind = FIELD_TEXT }, { .name = "message", .kind = FIELD_TEXT },
                                             { .name = "fields", .kind = FIELD_LIST, .shape = &wrong_field }, { .name = NULL } };
static const struct shape error_shape = { "Error", error_fields };
static const struct field answer_fields[] = { { .name = "error", .kind = FIELD_OBJECT, .shape = &error_shape }, { .name = NULL } };
static const struct shape error_answer = { "ErrorAnswer", answer_fields };

static void put_security(struct book *b)
{
    json_put_raw(&b->j, "securitySchemes", "{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"svod\"},"
                                           "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
}

void openapi_write(const struct route *routes, size_t count, enum lang lang, struct buffer *out)
{
    struct book *b = memory_new(sizeof *b);
    b->j.out = out;
    b->lang = lang;
    meet(b, &error_answer);
    json_put_object(&b->j, NULL);
    json_put_text(&b->j, "openapi", "3.1.0");
    json_put_raw(&b->j, "info", "{\"title\":\"Svod\",\"version\":\"1\"}");
    json_put_raw(&b->j, "security", "[{\"session\":[]},{\"token\":[]}]");
    put_paths(b, routes, count);
    json_put_object(&b->j, "components");
    put_security(b);
    json_put_object(&b->j, "schemas");
    for (size_t i = 0; i < b->count; i++)
        put_shape(b, b->shapes[i]);
    json_put_end(&b->j);
    json_put_end(&b->j);
    json_put_end(&b->j);
    free(b);
}
