/* Helpers of handlers; see call.h. */
#include "api/call.h"
#include "base/civil.h"
#include "base/sorted.h"

#include <stdio.h>
#include <stdlib.h>

static const struct row {
    int status;
    const char *code;
    struct phrase message;
} rows[REFUSE_COUNT] = {
    [REFUSE_SIGN_IN] = { 401, "sign-in-required", { { "нужно войти", "sign in first" } } },
    [REFUSE_FORBIDDEN] = { 403, "forbidden", { { "недостаточно прав", "not permitted" } } },
    [REFUSE_CSRF] = { 403, "csrf", { { "запрос пришёл не из приложения: нет заголовка X-Svod-Csrf этого сеанса", "the request did not come from the application: no X-Svod-Csrf of this session" } } },
    [REFUSE_MUST_CHANGE] = { 403, "password-change-required", { { "сначала смените пароль", "change the password first" } } },
    [REFUSE_NO_PROJECT] = { 403, "no-project", { { "вы не включены ни в один проект", "you are in no project" } } },
    [REFUSE_NOT_FOUND] = { 404, "not-found", { { "не найдено", "not found" } } },
    [REFUSE_METHOD] = { 405, "method-not-allowed", { { "этот адрес так не вызывают", "this address is not called that way" } } },
    [REFUSE_CHANGED] = { 409, "changed", { { "это уже изменил кто-то другой: посмотрите новые значения", "somebody else has changed it: look at the new values" } } },
    [REFUSE_IN_USE] = { 409, "in-use", { { "ещё используется", "still in use" } } },
    [REFUSE_TAKEN] = { 409, "taken", { { "такое уже есть", "there is one already" } } },
    [REFUSE_BUSY] = { 409, "busy", { { "опрос уже идёт", "collection runs already" } } },
    [REFUSE_BUILTIN] = { 409, "builtin", { { "встроенную роль нельзя изменить", "a built-in role cannot be changed" } } },
    [REFUSE_LAST_ADMIN] = { 409, "last-administrator", { { "некому останется управлять пользователями", "nobody would be left to manage users" } } },
    [REFUSE_NOT_JSON] = { 415, "json-required", { { "тело запроса должно быть application/json", "the body must be application/json" } } },
    [REFUSE_NOT_BYTES] = { 415, "bytes-required", { { "тело запроса должно быть application/octet-stream", "the body must be application/octet-stream" } } },
    [REFUSE_NOT_TEXT] = { 415, "text-required", { { "тело запроса должно быть текстом (text/csv или application/octet-stream)", "the body must be a text (text/csv or application/octet-stream)" } } },
    [REFUSE_NOT_WORKBOOK] = { 415, "workbook-required", { { "тело запроса должно быть книгой XLSX", "the body must be an XLSX workbook" } } },
    [REFUSE_INVALID] = { 400, "invalid", { { "в запросе есть ошибки", "the request has mistakes" } } },
    [REFUSE_WRONG] = { 401, "wrong", { { "имя, пароль или код не подходят", "name, password or code are wrong" } } },
    [REFUSE_CODE] = { 401, "code-required", { { "введите код из приложения-аутентификатора", "enter the code of your authenticator" } } },
    [REFUSE_HELD] = { 429, "held", { { "слишком много попыток, подождите", "too many tries, wait" } } },
    [REFUSE_LATE] = { 409, "late", { { "шлюз только что соединился: команда могла устареть, повторите её", "the gateway has just connected: the command may be an old one, repeat it" } } },
    [REFUSE_LONG] = { 413, "too-large", { { "ответ слишком велик: спросите о меньшем", "the answer is too large: ask for less" } } },
    [REFUSE_STORE] = { 503, "store", { { "база данных не отвечает", "the database does not answer" } } },
};

const char *refusal_code(enum refusal why)
{
    return rows[why].code;
}

bool call_refuse(struct call *c, enum refusal why)
{
    c->answer->status = rows[why].status;
    c->answer->content_type = NULL;
    c->answer->body.size = 0;
    c->out = (struct json_writer){ .out = &c->answer->body };
    json_put_object(&c->out, NULL);
    json_put_object(&c->out, "error");
    json_put_text(&c->out, "code", rows[why].code);
    json_put_text(&c->out, "message", phrase_in(&rows[why].message, c->lang));
    json_put_list(&c->out, "fields");
    for (size_t i = 0; i < c->problems.count; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "field", c->problems.row[i].field);
        json_put_text(&c->out, "message", c->problems.row[i].message);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
    json_put_end(&c->out);
    return false;
}

void call_beside(struct call *c)
{
    c->answer->body.size--; /* the closing brace */
    c->out = (struct json_writer){ .out = &c->answer->body, .depth = 1, .filled = 2 };
}

bool call_wrong_field(struct call *c, const char *field, const char *message)
{
    problem_add(&c->problems, field, message);
    return call_refuse(c, REFUSE_INVALID);
}

void call_prefix(struct call *c, size_t from, const char *prefix)
{
    for (size_t i = from; i < c->problems.count; i++) {
        char field[PROBLEM_PATH];
        memcpy(field, c->problems.row[i].field, sizeof field);
        struct text t = text_over(c->problems.row[i].field, sizeof field);
        text_printf(&t, "%s.%s", prefix, field);
    }
}

bool call_good(struct call *c, enum fault f, enum refusal refused)
{
    if (f == FAULT_NONE)
        return true;
    return call_refuse(c, f == FAULT_NO_DATA ? REFUSE_NOT_FOUND : f == FAULT_CHANGED ? REFUSE_CHANGED : f == FAULT_REFUSED ? refused : REFUSE_STORE);
}

const char *call_text(const json_t *from, const char *key, const char *preset)
{
    const char *text = json_string_value(json_object_get(from, key));
    return text ? text : preset;
}

int64_t call_int(const json_t *from, const char *key, int64_t preset)
{
    const json_t *value = json_object_get(from, key);
    return json_is_integer(value) ? json_integer_value(value) : preset;
}

bool call_bool(const json_t *from, const char *key, bool preset)
{
    const json_t *value = json_object_get(from, key);
    return json_is_boolean(value) ? json_is_true(value) : preset;
}

int64_t call_time(const json_t *from, const char *key, int64_t preset)
{
    const char *text = call_text(from, key, NULL);
    return text ? wall_parse(text) : preset;
}

bool call_may(const struct call *c, enum permission p)
{
    return permissions_hold(&c->caller.may, p);
}

const char *call_secret(const struct call *c, const char *open)
{
    return c->reveal ? open : *open ? "***" : "";
}

struct meter_set call_group(struct call *c, const json_t *from)
{
    struct meter_set set = { 0 };
    const char *title = call_text(from, "group", NULL);
    if (title && store_group_meters_titled(c->api->store, c->caller.project, title, c->arena, &set) != FAULT_NONE)
        set = (struct meter_set){ arena_take(c->arena, sizeof *set.ids), 0 };
    return set;
}

size_t call_ids(struct call *c, const json_t *list, int64_t **ret)
{
    size_t count = json_array_size(list);
    *ret = arena_take(c->arena, (count + 1) * sizeof **ret);
    for (size_t i = 0; i < count; i++)
        (*ret)[i] = json_integer_value(json_array_get(list, i));
    return count;
}

size_t call_ids_once(int64_t *ids, size_t count)
{
    size_t once = 0;
    qsort(ids, count, sizeof *ids, sorted_by_number);
    for (size_t i = 0; i < count; i++)
        if (once == 0 || ids[once - 1] != ids[i])
            ids[once++] = ids[i];
    return once;
}

void call_made(struct call *c, int64_t id)
{
    c->answer->status = 201;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", id);
    json_put_end(&c->out);
}

void call_done(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_end(&c->out);
}

const char *call_json(struct call *c, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    const char *kept = text ? arena_text(c->arena, bytes_of_text(text)) : "";
    free(text);
    return kept;
}

const char *call_row_json(struct call *c, call_put_fn *put, const void *row)
{
    struct buffer text = { 0 };
    struct json_writer out = { .out = &text };
    if (!row)
        return NULL;
    json_put_object(&out, NULL);
    put(&out, row);
    json_put_end(&out);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    return kept;
}

void call_put_audit(struct call *c, const struct store_audit *a)
{
    json_put_int(&c->out, "id", a->id);
    json_put_utc(&c->out, "time", a->at_ms);
    json_put_text(&c->out, "kind", a->kind);
    json_put_text(&c->out, "title", note_title(a->kind, c->lang));
    json_put_text(&c->out, "level", note_levels[a->level]);
    json_put_text(&c->out, "login", a->login);
    json_put_text(&c->out, "object", a->object);
}

void call_note(struct call *c, enum note n, const char *object, const char *before, const char *after)
{
    journal_note(c->api->store, n, &c->caller, object, before, after);
}

struct flow *call_stream(struct call *c, const char *type, const char *file)
{
    c->answer->content_type = type;
    if (file) {
        char *name = arena_take(c->arena, 128);
        snprintf(name, 128, "attachment; filename=\"%s\"", file);
        answer_header(c->answer, "Content-Disposition", name);
    }
    return answer_stream(c->answer, STREAM_BOUND);
}

size_t call_take(const struct call *c)
{
    return (size_t)call_int(c->query, "size", 50);
}

size_t call_skip(const struct call *c)
{
    return ((size_t)call_int(c->query, "page", 1) - 1) * call_take(c);
}
