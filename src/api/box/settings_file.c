/* Settings as a file; see settings_file.h. */
#include "api/box/settings_file.h"
#include "api/devices/devices.h"
#include "base/clock.h"
#include "upstream/service.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define FORMAT "svod-settings"
#define V1 "/api/v1"
enum { VERSION = 1 };

static const char hidden[] = "***";

/* A field, at whatever depth, that names rows of another section by their number: one or a list. */
struct reference {
    const char *field, *section;
};
enum { REFERENCES_MAX = 6 };

static const struct section {
    const char *name, *path;
    const char *query;   /* as JSON; NULL: none */
    bool rows;           /* a list whose rows are added and changed */
    bool by_title;       /* rows are known by their title: other boxes number them otherwise */
    bool box;            /* the box itself must take it */
    const char *meters;  /* the field of rows that names meters by their numbers in the table; NULL: none */
    const char *fields;  /* of rows: those that the file has, blanks around each; NULL: all that can be set */
    struct reference refers[REFERENCES_MAX];
} sections[] = {
    { .name = "servers", .path = V1 "/servers" },
    { .name = "rtu327", .path = V1 "/servers/rtu327" },
    { .name = "channels", .path = V1 "/links", .query = "{\"kind\":\"serial\",\"size\":100}", .rows = true, .by_title = true, .fields = " title uri exclusive connect_ms answer_ms " },
    { .name = "interfaces", .path = V1 "/interfaces", .rows = true, .refers = { { "link", "channels" } } },
    { .name = "groups", .path = V1 "/groups", .query = "{\"members\":true}", .rows = true, .by_title = true, .meters = "members", .fields = " title note members " },
    { .name = "data_templates", .path = V1 "/templates", .rows = true, .by_title = true },
    { .name = "poll_templates", .path = V1 "/tasks", .query = "{\"templated\":true,\"size\":1000}", .rows = true, .by_title = true,
      .refers = { { "groups", "groups" }, { "template", "data_templates" } } },
    { .name = "timetables", .path = V1 "/timetables", .rows = true },
    { .name = "calendars", .path = V1 "/calendars", .rows = true, .refers = { { "timetables", "timetables" } } },
    { .name = "mail", .path = V1 "/mail" },
    { .name = "files", .path = V1 "/files" },
    { .name = "ftp", .path = V1 "/ftp" },
    { .name = "post", .path = V1 "/post" },
    { .name = "mqtt_brokers", .path = V1 "/mqtt/brokers", .rows = true },
    { .name = "mqtt_templates", .path = V1 "/mqtt/templates", .rows = true, .refers = { { "group", "groups" } } },
    { .name = "mqtt_publications", .path = V1 "/mqtt/publications", .rows = true, .refers = { { "broker", "mqtt_brokers" }, { "template", "mqtt_templates" } } },
    { .name = "occasions", .path = V1 "/occasions", .rows = true,
      .refers = { { "timetable", "timetables" }, { "calendar", "calendars" }, { "task", "poll_templates" }, { "publication", "mqtt_publications" }, { "group", "groups" } } },
    { .name = "last_word", .path = V1 "/box/last-word", .refers = { { "orders", "mqtt_publications" } } },
    { .name = "found", .path = V1 "/box/beacon", .box = true },
    { .name = "time", .path = V1 "/box/time", .box = true },
    { .name = "modem", .path = V1 "/box/modem", .box = true },
    { .name = "network", .path = V1 "/box/network", .box = true },
};
enum { SECTIONS = sizeof sections / sizeof *sections };

const char *settings_section(size_t i)
{
    return i < SECTIONS ? sections[i].name : NULL;
}

/* ---- asking a route from inside ---- */

struct inner {
    struct call call;
    struct http_answer answer;
    struct api api;
    struct http_request request;
};

/* Who asks may do what the route asks for; the answer is checked and written as for anybody. `quiet`: services upward hear nothing. */
static bool ask(struct inner *in, struct call *c, const char *method, const char *path, const json_t *body, bool reveal, bool quiet, const char *query)
{
    memset(in, 0, sizeof *in);
    in->api = *c->api;
    if (quiet)
        in->api.upstream = NULL;
    in->request = *c->request;
    in->request.method = method;
    in->call = (struct call){ .api = &in->api, .request = &in->request, .answer = &in->answer, .caller = c->caller, .signed_in = true, .lang = c->lang,
                              .reveal = reveal, .arena = c->arena, .out = { .out = &in->answer.body }, .problems.lang = c->lang };
    struct call *own = &in->call;
    size_t count;
    const struct route *routes = api_routes(&count);
    if (!route_find(routes, count, method, path, &own->match))
        return call_refuse(own, REFUSE_NOT_FOUND);
    const struct route *r = own->match.route;
    if (r->permission < PERMISSION_COUNT && !call_may(own, (enum permission)r->permission))
        return call_refuse(own, REFUSE_FORBIDDEN);
    own->query = query ? json_loads(query, 0, NULL) : json_object();
    own->body = body ? json_deep_copy(body) : json_object();
    if (r->body && !shape_check(r->body, own->body, &own->problems))
        return call_refuse(own, REFUSE_INVALID);
    r->handle(own);
    return in->answer.status < 300; /* 0: as usual, 200 */
}

static void inner_end(struct inner *in)
{
    json_decref(in->call.query);
    json_decref(in->call.body);
    if (in->answer.body.data)
        sodium_memzero(in->answer.body.data, in->answer.body.size);
    buffer_free(&in->answer.body);
}

static json_t *inner_json(const struct inner *in)
{
    return json_loadb(in->answer.body.data ? in->answer.body.data : "", in->answer.body.size, 0, NULL);
}

/* ---- what a section is made of ---- */

static const struct shape *taken_shape(const char *path, const char *method)
{
    struct route_match m;
    size_t count;
    const struct route *routes = api_routes(&count);
    return route_find(routes, count, method, path, &m) ? m.route->body : NULL;
}

static const struct field *field_of(const struct shape *s, const char *name)
{
    for (const struct field *f = s ? s->fields : NULL; f && f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static json_t *only_settings(const struct shape *s, const json_t *from);

/* NULL: nothing that could be set. A list that must have something and has nothing is one that is not meant. */
static json_t *only_setting(const struct field *f, json_t *value)
{
    if (f->kind == FIELD_LIST && f->least > 0 && json_array_size(value) == 0)
        return NULL;
    if (f->kind == FIELD_OBJECT && f->shape && json_is_object(value))
        return only_settings(f->shape, value);
    if (f->kind != FIELD_LIST || !f->shape || !json_is_array(value))
        return json_incref(value);
    json_t *list = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item)
        json_array_append_new(list, json_is_object(item) ? only_settings(f->shape, item) : json_incref(item));
    return list;
}

/* Of an answer what the shape takes back: settings without states. */
static json_t *only_settings(const struct shape *s, const json_t *from)
{
    json_t *kept = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)from, key, value) {
        const struct field *f = field_of(s, key);
        json_t *set = f && strcmp(key, "revision") != 0 ? only_setting(f, value) : NULL;
        if (set)
            json_object_set_new(kept, key, set);
    }
    return kept;
}

static const char *row_pattern(const struct section *s, char text[96], int64_t id)
{
    snprintf(text, 96, "%s/%lld", s->path, (long long)id);
    return text;
}

static const struct shape *section_shape(const struct section *s)
{
    char path[96];
    return taken_shape(s->rows ? row_pattern(s, path, 1) : s->path, "PATCH");
}

/* As it is now; NULL when who asks may not see it, or this program has it not. */
static json_t *section_now(struct call *c, const struct section *s, bool reveal)
{
    struct inner in;
    json_t *all = ask(&in, c, "GET", s->path, NULL, reveal, false, s->query) ? inner_json(&in) : NULL;
    inner_end(&in);
    if (!all || !s->rows)
        return all;
    json_t *rows = json_incref(json_object_get(all, "items"));
    json_decref(all);
    return rows;
}

/* Only what the section has of it. */
static void keep_fields(const struct section *s, json_t *row)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(row, next, key, value) {
        char word[64];
        snprintf(word, sizeof word, " %s ", key);
        if (s->fields && !strstr(s->fields, word))
            json_object_del(row, key);
    }
}

static json_t *section_settings(const struct section *s, const json_t *now)
{
    const struct shape *shape = section_shape(s);
    if (!s->rows)
        return only_settings(shape, now);
    json_t *list = json_array();
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)(uintptr_t)now, i, row) {
        json_t *kept = only_settings(shape, row);
        keep_fields(s, kept);
        json_object_set(kept, "id", json_object_get(row, "id"));
        json_array_append_new(list, kept);
    }
    return list;
}

static bool is_meant(const json_t *parts, const char *name)
{
    if (!parts)
        return true;
    for (size_t i = 0; i < json_array_size(parts); i++)
        if (strcmp(json_string_value(json_array_get(parts, i)) ?: "", name) == 0)
            return true;
    return false;
}

/* ---- saving ---- */

static json_t *gather(struct call *c, const json_t *parts, bool reveal)
{
    json_t *all = json_object();
    for (size_t i = 0; i < SECTIONS; i++) {
        json_t *now = is_meant(parts, sections[i].name) ? section_now(c, &sections[i], reveal) : NULL;
        if (now)
            json_object_set_new(all, sections[i].name, section_settings(&sections[i], now));
        json_decref(now);
    }
    return all;
}

static bool key_of(const char *password, const uint8_t salt[crypto_pwhash_SALTBYTES], uint8_t key[crypto_secretbox_KEYBYTES])
{
    return crypto_pwhash(key, crypto_secretbox_KEYBYTES, password, strlen(password), salt, crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/* salt, nonce, box: base64. */
static json_t *seal(const char *password, const json_t *sections_open)
{
    enum { HEAD = crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES };
    uint8_t key[crypto_secretbox_KEYBYTES];
    char *plain = json_dumps(sections_open, JSON_COMPACT);
    size_t size = strlen(plain), room = HEAD + crypto_secretbox_MACBYTES + size, text_room = sodium_base64_encoded_len(room, sodium_base64_VARIANT_ORIGINAL);
    uint8_t *box = memory_new(room);
    char *text = memory_new(text_room);
    randombytes_buf(box, HEAD);
    json_t *sealed = NULL;
    if (key_of(password, box, key) && crypto_secretbox_easy(box + HEAD, (uint8_t *)plain, size, box + crypto_pwhash_SALTBYTES, key) == 0)
        sealed = json_string(sodium_bin2base64(text, text_room, box, room, sodium_base64_VARIANT_ORIGINAL));
    sodium_memzero(plain, size);
    sodium_memzero(key, sizeof key);
    free(plain);
    free(box);
    free(text);
    return sealed;
}

/* NULL: another password, or damaged. */
static json_t *unseal(const char *password, const char *text)
{
    enum { HEAD = crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES };
    uint8_t key[crypto_secretbox_KEYBYTES], *box = memory_new(strlen(text) + 1);
    size_t size = 0;
    json_t *open = NULL;
    if (sodium_base642bin(box, strlen(text), text, strlen(text), NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && size > HEAD + crypto_secretbox_MACBYTES && key_of(password, box, key)) {
        size_t plain_size = size - HEAD - crypto_secretbox_MACBYTES;
        char *plain = memory_new(plain_size + 1);
        if (crypto_secretbox_open_easy((uint8_t *)plain, box + HEAD, size - HEAD, box + crypto_pwhash_SALTBYTES, key) == 0)
            open = json_loadb(plain, plain_size, 0, NULL);
        sodium_memzero(plain, plain_size);
        free(plain);
    }
    sodium_memzero(key, sizeof key);
    free(box);
    return open;
}

json_t *settings_file_make(struct call *c, const json_t *parts, const char *password)
{
    struct board_identity identity = { .serial = "" };
    char made[CIVIL_TEXT_MAX];
    if (c->api->box)
        board_identity(box_board(c->api->box), &identity);
    json_t *file = json_pack("{s:s,s:i,s:s,s:s,s:o}", "format", FORMAT, "version", VERSION, "unit", identity.serial, "made", wall_format(clock_utc_ms() / 1000, made), "sections",
                             gather(c, parts, false));
    if (password) {
        json_t *open = gather(c, parts, true);
        json_object_set_new(file, "sealed", seal(password, open));
        json_decref(open);
    }
    return file;
}

/* ---- loading ---- */

struct load {
    struct call *c;
    struct settings_outcome *out;
    bool only_look;
    json_t *ids; /* {"mqtt_brokers": {"7": 12}}: numbers of the file, and those that the same rows have here */
};

static void mistake(json_t *list, const char *section, const char *field, const char *message)
{
    char name[PROBLEM_PATH * 2];
    snprintf(name, sizeof name, "%s%s%s", section, *field ? "." : "", field);
    json_array_append_new(list, json_pack("{s:s,s:s}", "field", name, "message", message));
}

/* What the route said no to. */
static void take_mistakes(json_t *list, const char *section, const struct inner *in)
{
    json_t *answer = inner_json(in);
    const json_t *error = json_object_get(answer, "error"), *fields = json_object_get(error, "fields");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        mistake(list, section, json_string_value(json_object_get(f, "field")) ?: "", json_string_value(json_object_get(f, "message")) ?: "");
    }
    if (!json_array_size(fields))
        mistake(list, section, "", json_string_value(json_object_get(error, "message")) ?: "?");
    json_decref(answer);
}

static bool holds_secret(const struct shape *s, const char *field)
{
    const struct field *f = field_of(s, field);
    return f && f->kind == FIELD_SECRET;
}

/* A list whose secrets are hidden, for people. */
static json_t *shown(const struct shape *s, const char *field, const json_t *value)
{
    const struct field *f = field_of(s, field);
    if (holds_secret(s, field))
        return json_string(*(json_string_value(value) ?: "") ? hidden : "");
    if (!f || f->kind != FIELD_LIST || !f->shape)
        return json_deep_copy(value);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *item = json_deep_copy(json_array_get(value, i));
        for (const struct field *part = f->shape->fields; part->name; part++)
            if (part->kind == FIELD_SECRET && json_object_get(item, part->name))
                json_object_set_new(item, part->name, json_string(*(json_string_value(json_object_get(item, part->name)) ?: "") ? hidden : ""));
        json_array_append_new(list, item);
    }
    return list;
}

/* Fields of the file that are not as they are; told as changes. */
static json_t *differences(struct load *l, const char *where, const struct shape *shape, const json_t *now, const json_t *wanted)
{
    json_t *changed = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)wanted, key, value) {
        const json_t *was = json_object_get(now, key);
        bool same = json_equal(was, value) || (holds_secret(shape, key) && strcmp(json_string_value(value) ?: "", hidden) == 0);
        if (strcmp(key, "id") == 0 || same)
            continue;
        json_object_set(changed, key, value);
        json_t *before = was ? shown(shape, key, was) : json_null();
        json_array_append_new(l->out->changes, json_pack("{s:s,s:s,s:o,s:o}", "section", where, "field", key, "was", before, "will", shown(shape, key, value)));
    }
    return changed;
}

static void load_one(struct load *l, const struct section *s, const char *where, const char *path, const json_t *now, const json_t *wanted)
{
    struct inner in;
    const struct shape *shape = taken_shape(path, "PATCH");
    json_t *known = only_settings(shape, now), *changed = differences(l, where, shape, known, wanted);
    bool mark = json_object_size(changed) > 0;
    if (mark)
        json_object_set(changed, "revision", json_object_get(now, "revision"));
    if (mark && s->box && l->only_look) {
        struct problems problems = { .lang = l->c->lang };
        shape_check(shape, changed, &problems);
        for (size_t i = 0; i < problems.count; i++)
            mistake(l->out->mistakes, where, problems.row[i].field, problems.row[i].message);
    } else if (mark) {
        if (!ask(&in, l->c, "PATCH", path, changed, false, !s->box, NULL))
            take_mistakes(s->box ? l->out->refused : l->out->mistakes, where, &in);
        inner_end(&in);
    }
    json_decref(known);
    json_decref(changed);
}

/* The number that a row of another section has here; as it is when that section was not in the load. */
static json_t *translated(const struct load *l, const char *section, const json_t *number)
{
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)json_integer_value(number));
    json_t *here = json_object_get(json_object_get(l->ids, section), key);
    return json_incref(here ? here : (json_t *)(uintptr_t)number);
}

static void translate_field(const struct load *l, const char *section, json_t *holder, const char *field, json_t *value)
{
    size_t i;
    json_t *one;
    if (json_is_integer(value))
        json_object_set_new(holder, field, translated(l, section, value));
    else if (json_is_array(value))
        json_array_foreach(value, i, one)
            json_array_set_new(value, i, translated(l, section, one));
}

static const char *section_named_by(const struct section *s, const char *field)
{
    for (size_t i = 0; i < REFERENCES_MAX && s->refers[i].field; i++)
        if (strcmp(s->refers[i].field, field) == 0)
            return s->refers[i].section;
    return NULL;
}

static void translate(const struct load *l, const struct section *s, json_t *part)
{
    const char *key, *named;
    json_t *value;
    void *next;
    size_t i;
    if (json_is_array(part))
        json_array_foreach(part, i, value)
            translate(l, s, value);
    json_object_foreach_safe(part, next, key, value) {
        if ((named = section_named_by(s, key)))
            translate_field(l, named, part, key, value);
        else
            translate(l, s, value);
    }
}

static void remember(struct load *l, const struct section *s, int64_t there, int64_t here)
{
    char key[24];
    json_t *map = json_object_get(l->ids, s->name);
    snprintf(key, sizeof key, "%lld", (long long)there);
    if (!map)
        json_object_set_new(l->ids, s->name, map = json_object());
    json_object_set_new(map, key, json_integer(here));
}

static void add_row(struct load *l, const struct section *s, const char *where, json_t *wanted)
{
    struct inner in;
    int64_t id = json_integer_value(json_object_get(wanted, "id"));
    json_object_del(wanted, "id");
    json_decref(differences(l, where, taken_shape(s->path, "POST"), NULL, wanted));
    if (ask(&in, l->c, "POST", s->path, wanted, false, true, NULL)) {
        json_t *made = inner_json(&in);
        remember(l, s, id, json_integer_value(json_object_get(made, "id")));
        json_decref(made);
    } else {
        take_mistakes(l->out->mistakes, where, &in);
    }
    inner_end(&in);
}

/* Those without a title are known by their number everywhere. */
static const json_t *row_of(const struct section *s, const json_t *rows, const json_t *wanted)
{
    const char *title = json_string_value(json_object_get(wanted, "title"));
    const char *field = s->by_title && title && *title ? "title" : "id";
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (json_equal(json_object_get(json_array_get(rows, i), field), json_object_get(wanted, field)))
            return json_array_get(rows, i);
    return NULL;
}

/* Meters have a file of their own, so those that this box's table does not have are no mistake: they are left out and told. */
static void leave_out_unknown(struct load *l, const char *where, const char *field, json_t *numbers)
{
    char line[400], name[PROBLEM_PATH];
    struct text t = text_over(line, sizeof line);
    text_put(&t, l->c->lang == LANG_RU ? "нет в таблице приборов:" : "the table has no meter:");
    size_t before = json_array_size(numbers);
    for (size_t i = 0; i < json_array_size(numbers);) {
        const json_t *one = json_array_get(numbers, i);
        if (!json_is_integer(one) || device_is_polled(l->c, json_integer_value(one))) {
            i++;
            continue;
        }
        text_printf(&t, " %lld", (long long)json_integer_value(one));
        json_array_remove(numbers, i);
    }
    snprintf(name, sizeof name, "%s.%s", where, field);
    if (json_array_size(numbers) < before)
        json_array_append_new(l->out->refused, json_pack("{s:s,s:s}", "field", name, "message", line));
}

static void load_row(struct load *l, const struct section *s, const char *where, const json_t *now, json_t *row)
{
    char path[96];
    const json_t *is = row_of(s, now, row);
    int64_t here = json_integer_value(json_object_get(is, "id"));
    translate(l, s, row);
    if (s->meters)
        leave_out_unknown(l, where, s->meters, json_object_get(row, s->meters));
    if (!is) {
        add_row(l, s, where, row);
        return;
    }
    remember(l, s, json_integer_value(json_object_get(row, "id")), here);
    load_one(l, s, where, row_pattern(s, path, here), is, row);
}

static void load_rows(struct load *l, const struct section *s, const json_t *now, const json_t *wanted)
{
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        char where[48];
        json_t *row = json_deep_copy(json_array_get(wanted, i));
        snprintf(where, sizeof where, "%s[%zu]", s->name, i);
        if (json_is_object(row))
            load_row(l, s, where, now, row);
        else
            mistake(l->out->mistakes, where, "", l->c->lang == LANG_RU ? "нужен объект" : "an object is wanted");
        json_decref(row);
    }
}

static void load_whole(struct load *l, const struct section *s, const json_t *now, const json_t *wanted)
{
    json_t *copy = json_deep_copy(wanted);
    translate(l, s, copy);
    load_one(l, s, s->name, s->path, now, copy);
    json_decref(copy);
}

static void load_section(struct load *l, const struct section *s, const json_t *wanted)
{
    json_t *now = section_now(l->c, s, false);
    if (!now)
        mistake(l->out->mistakes, s->name, "", l->c->lang == LANG_RU ? "нет прав или раздела" : "not permitted, or no such section");
    else if (s->rows ? !json_is_array(wanted) : !json_is_object(wanted))
        mistake(l->out->mistakes, s->name, "", l->c->lang == LANG_RU ? "раздел не того вида" : "the section is of another kind");
    else if (s->rows)
        load_rows(l, s, now, wanted);
    else
        load_whole(l, s, now, wanted);
    json_decref(now);
}

static void load_sections(struct load *l, const json_t *all, const json_t *parts, bool box)
{
    for (size_t i = 0; i < SECTIONS; i++) {
        const json_t *wanted = json_object_get(all, sections[i].name);
        if (wanted && sections[i].box == box && is_meant(parts, sections[i].name))
            load_section(l, &sections[i], wanted);
    }
}

static void find_strange(struct load *l, const json_t *all)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)all, key, value) {
        bool known = false;
        for (size_t i = 0; i < SECTIONS; i++)
            known |= strcmp(sections[i].name, key) == 0;
        if (!known)
            mistake(l->out->mistakes, "sections", "", l->c->lang == LANG_RU ? "в файле есть неизвестный раздел" : "the file has a section that is not known");
    }
}

/* The sections, with their secrets when they are sealed and the password is right. NULL: told. */
static json_t *open_file(struct load *l, const json_t *file, const char *password)
{
    const char *format = json_string_value(json_object_get(file, "format")), *sealed = json_string_value(json_object_get(file, "sealed"));
    json_t *all = json_incref(json_object_get(file, "sections"));
    if (!format || strcmp(format, FORMAT) != 0 || json_integer_value(json_object_get(file, "version")) != VERSION || !json_is_object(all)) {
        mistake(l->out->mistakes, "file", "", l->c->lang == LANG_RU ? "это не файл настроек" : "this is no file of settings");
        json_decref(all);
        return NULL;
    }
    if (!password || !sealed)
        return all;
    json_decref(all);
    if (!(all = unseal(password, sealed)))
        mistake(l->out->mistakes, "password", "", l->c->lang == LANG_RU ? "пароль файла не подходит" : "this is not the file's password");
    return all;
}

void settings_file_load(struct call *c, const json_t *file, const json_t *parts, const char *password, bool only_look, struct settings_outcome *ret)
{
    *ret = (struct settings_outcome){ json_array(), json_array(), json_array(), false };
    struct load l = { .c = c, .out = ret, .only_look = only_look, .ids = json_object() };
    json_t *all = open_file(&l, file, password);
    if (all) {
        find_strange(&l, all);
        l.only_look = true;
        load_sections(&l, all, parts, true); /* outside of the transaction: the box's own thread writes, too */
        size_t told = json_array_size(ret->changes);
        store_together(c->api->store);
        load_sections(&l, all, parts, false);
        bool keep = !only_look && json_array_size(ret->mistakes) == 0;
        ret->loaded = store_apart(c->api->store, keep) == FAULT_NONE && keep;
        roster_refresh(c->api->roster); /* it may have seen what was not kept */
        if (ret->loaded) {
            for (; told > 0; told--)
                json_array_remove(ret->changes, 0); /* told once more by those that do it */
            upstream_all_changed(c->api->upstream);
            if (c->api->box)
                box_supplies_changed(c->api->box);
            tasks_wake(c->api->tasks);
            occasions_changed(c->api->occasions);
            l.only_look = false;
            load_sections(&l, all, parts, true);
        }
    }
    json_decref(all);
    json_decref(l.ids);
}

void settings_outcome_free(struct settings_outcome *o)
{
    json_decref(o->changes);
    json_decref(o->mistakes);
    json_decref(o->refused);
}

void settings_outcome_put(struct json_writer *out, const struct settings_outcome *o)
{
    static const char *const names[] = { "changes", "mistakes", "refused" };
    const json_t *const lists[] = { o->changes, o->mistakes, o->refused };
    json_put_bool(out, "loaded", o->loaded);
    for (size_t i = 0; i < 3; i++) {
        char *text = json_dumps(lists[i], JSON_COMPACT);
        json_put_raw(out, names[i], text);
        free(text);
    }
}
