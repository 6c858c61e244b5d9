/* «Настройки в файл» of a gateway (manual S4 9, 13.5): saved with or without secrets, compared, loaded; the box's button may have to
 * be pressed for it. The same file is taken from a server above, addressed to this unit. */
#include "api/routes.h"
#include "api/box/settings_file.h"
#include "api/box/settings_taker.h"
#include "box/update.h"
#include "store/box/form_json.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define V1 "/api/v1"
#define PARTS { .name = "parts", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = 32, .help = { { "разделы; без них все", "sections; without it all" } } }
#define GUARD_FORM "settings.guard"
enum { WAIT_LEAST = 5, WAIT_MOST = 120, SEALED_MOST = 100 };

SHAPE(shape_save, "SettingsSave", PARTS, { .name = "password", .kind = FIELD_SECRET, .least = SETTINGS_PASSWORD_LEAST, .most = SEALED_MOST, .help = { { "с ним в файле будут и секреты, запечатанные этим паролем", "with it the secrets are in the file, too, sealed by this password" } } });
SHAPE(shape_load, "SettingsLoad", { .name = "file", .kind = FIELD_OBJECT, .flags = REQUIRED }, PARTS, { .name = "password", .kind = FIELD_SECRET, .most = SEALED_MOST },
      { .name = "look", .kind = FIELD_BOOL, .help = { { "только сравнить", "only compare" } } });
SHAPE(shape_mistake, "SettingsMistake", { .name = "field", .kind = FIELD_TEXT }, { .name = "message", .kind = FIELD_TEXT });
SHAPE(shape_difference, "SettingsChange", { .name = "section", .kind = FIELD_TEXT }, { .name = "field", .kind = FIELD_TEXT }, { .name = "was", .kind = FIELD_ANY, .flags = NULLABLE }, { .name = "will", .kind = FIELD_ANY, .flags = NULLABLE });
SHAPE(shape_outcome, "SettingsOutcome", { .name = "loaded", .kind = FIELD_BOOL }, { .name = "changes", .kind = FIELD_LIST, .shape = &shape_difference },
      { .name = "mistakes", .kind = FIELD_LIST, .shape = &shape_mistake }, { .name = "refused", .kind = FIELD_LIST, .shape = &shape_mistake, .help = { { "не принято самим устройством, остальное записано", "not taken by the box itself, the rest stands" } } });
SHAPE(shape_guard, "SettingsGuard", { .name = "button", .kind = FIELD_BOOL, .help = { { "загрузку подтверждают кнопкой устройства", "a load is confirmed by the box's button" } } }, { .name = "seconds", .kind = FIELD_INT },
      { .name = "sections", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_guard_change, "SettingsGuardChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }, { .name = "button", .kind = FIELD_BOOL },
      { .name = "seconds", .kind = FIELD_INT, .least = WAIT_LEAST, .most = WAIT_MOST });

static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

/* ---- saving ---- */

static void save_settings(struct call *c)
{
    if (!here(c))
        return;
    const char *password = call_text(c->body, "password", "");
    json_t *file = settings_file_make(c, json_object_get(c->body, "parts"), *password ? password : NULL);
    char *text = json_dumps(file, JSON_INDENT(2));
    buffer_text(&c->answer->body, text);
    c->answer->content_type = "application/json; charset=utf-8";
    answer_header(c->answer, "Content-Disposition", "attachment; filename=\"settings.json\"");
    call_note(c, NOTE_CONFIGURATION_CHANGE, c->lang == LANG_RU ? "настройки сохранены в файл" : "settings saved to a file", NULL, *password ? "{\"secrets\":true}" : NULL);
    sodium_memzero(text, strlen(text));
    free(text);
    json_decref(file);
}

/* ---- the button ---- */

struct guard {
    bool button;
    int seconds;
    int64_t revision;
};

static enum fault guard_read(struct store *s, struct guard *ret)
{
    json_t *form = NULL;
    *ret = (struct guard){ .revision = 0 };
    enum fault fault = store_form_read(s, GUARD_FORM, &form, &ret->revision);
    ret->button = form_bool(form, "button", false);
    ret->seconds = (int)form_int(form, "seconds", 30);
    json_decref(form);
    return fault;
}

static void get_guard(struct call *c)
{
    struct guard g;
    if (!here(c) || !call_good(c, guard_read(c->api->store, &g), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "button", g.button);
    json_put_int(&c->out, "seconds", g.seconds);
    json_put_list(&c->out, "sections");
    for (size_t i = 0; settings_section(i); i++)
        json_put_text(&c->out, NULL, settings_section(i));
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", g.revision);
    json_put_end(&c->out);
}

struct press {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool pressed;
};

static void hear(void *context, const struct board_news *news)
{
    struct press *p = context;
    if (news->kind != BOARD_NEWS_BUTTON)
        return;
    pthread_mutex_lock(&p->lock);
    p->pressed = true;
    pthread_cond_signal(&p->came);
    pthread_mutex_unlock(&p->lock);
}

/* Somebody stands before the box: he presses its button while we wait (S4 13.5). */
static bool pressed_within(struct board *b, int seconds)
{
    struct press p = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    if (!board_listen(b, hear, &p))
        return false;
    pthread_mutex_lock(&p.lock);
    while (!p.pressed && pthread_cond_timedwait(&p.came, &p.lock, &until) == 0) {
    }
    bool pressed = p.pressed;
    pthread_mutex_unlock(&p.lock);
    board_unlisten(b, hear, &p);
    return pressed;
}

static bool confirmed(struct call *c)
{
    static const struct phrase nobody = { { "кнопка устройства не нажата вовремя: ничего не изменено", "the box's button was not pressed in time: nothing was changed" } };
    struct guard g;
    if (!call_good(c, guard_read(c->api->store, &g), REFUSE_IN_USE))
        return false;
    if (!g.button || (c->api->box && pressed_within(box_board(c->api->box), g.seconds)))
        return true;
    return call_wrong_field(c, "button", phrase_in(&nobody, c->lang));
}

/* To take the guard off wants the button as well. */
static void change_guard(struct call *c)
{
    struct guard g;
    if (!here(c) || !call_good(c, guard_read(c->api->store, &g), REFUSE_IN_USE) || (g.button && !confirmed(c)))
        return;
    json_t *form = json_pack("{s:b,s:i}", "button", call_bool(c->body, "button", g.button), "seconds", (int)call_int(c->body, "seconds", g.seconds));
    char *text = json_dumps(form, JSON_COMPACT);
    enum fault fault = store_form_put(c->api->store, GUARD_FORM, text, call_int(c->body, "revision", 0));
    if (call_good(c, fault, REFUSE_TAKEN)) {
        call_note(c, NOTE_CONFIGURATION_CHANGE, c->lang == LANG_RU ? "подтверждение настроек кнопкой" : "confirmation of settings by the button", NULL, text);
        get_guard(c);
    }
    free(text);
    json_decref(form);
}

/* ---- loading ---- */

static const char *changes_json(struct call *c, const struct settings_outcome *o)
{
    return call_json(c, o->changes);
}

static void load_settings(struct call *c)
{
    struct settings_outcome o;
    bool look = call_bool(c->body, "look", false);
    const char *password = call_text(c->body, "password", "");
    if (!here(c) || (!look && !confirmed(c)))
        return;
    settings_file_load(c, json_object_get(c->body, "file"), json_object_get(c->body, "parts"), *password ? password : NULL, look, &o);
    json_put_object(&c->out, NULL);
    settings_outcome_put(&c->out, &o);
    json_put_end(&c->out);
    if (o.loaded)
        call_note(c, NOTE_CONFIGURATION_CHANGE, c->lang == LANG_RU ? "настройки из файла" : "settings from a file", NULL, changes_json(c, &o));
    settings_outcome_free(&o);
}

/* ---- from above ---- */

/* Only a file that names this unit; it is loaded by the rights of the system itself, into the first project. */
static bool take_settings(void *context, struct bytes content, struct buffer *answer)
{
    struct api *api = context;
    struct board_identity identity = { .serial = "" };
    struct arena arena = { 0 };
    struct http_request request = { .language = api->lang == LANG_EN ? "en" : "ru", .method = "PATCH", .address = "" };
    struct http_answer out = { 0 };
    struct problems problems = { .lang = api->lang };
    if (api->box)
        board_identity(box_board(api->box), &identity);
    json_t *file = shape_body(content, &problems);
    const char *unit = json_string_value(json_object_get(file, "unit"));
    bool ours = unit && *identity.serial && strcmp(unit, identity.serial) == 0;
    if (ours) {
        struct call c = { .api = api, .request = &request, .answer = &out, .signed_in = true, .lang = api->lang, .arena = &arena, .caller.project = 1 };
        struct settings_outcome o;
        snprintf(c.caller.login, sizeof c.caller.login, "ftp");
        for (int p = 0; p < PERMISSION_COUNT; p++)
            permissions_add(&c.caller.may, (enum permission)p);
        settings_file_load(&c, file, NULL, NULL, false, &o);
        struct json_writer writer = { .out = answer };
        json_put_object(&writer, NULL);
        json_put_text(&writer, "unit", identity.serial);
        settings_outcome_put(&writer, &o);
        json_put_end(&writer);
        journal_note(api->store, NOTE_CONFIGURATION_CHANGE, NULL, api->lang == LANG_RU ? "настройки с сервера FTP" : "settings from the FTP server", NULL, o.loaded ? call_json(&c, o.changes) : call_json(&c, o.mistakes));
        settings_outcome_free(&o);
    }
    json_decref(file);
    arena_free(&arena);
    return ours;
}

static bool take_update(void *context, const char *path, struct buffer *answer)
{
    struct api *api = context;
    char words[400] = "";
    struct text why = text_over(words, sizeof words);
    enum fault fault = api->update ? update_offer(api->update, path, api->lang, &why) : FAULT_NO_DATA;
    struct json_writer writer = { .out = answer };
    json_put_object(&writer, NULL);
    json_put_bool(&writer, "taken", fault == FAULT_NONE);
    json_put_text(&writer, "message", words);
    json_put_end(&writer);
    remove(path);
    return fault == FAULT_NONE;
}

struct upstream_taker settings_taker(struct api *api)
{
    return (struct upstream_taker){ take_settings, take_update, api };
}

static const struct route rows[] = {
    { "POST", V1 "/settings/file", MAY_WRITE_HES_CONFIG, ROUTE_SLOW | ROUTE_RAW, NULL, &shape_save, NULL, "application/json", 0, save_settings, { { "все настройки одним файлом", "all settings as one file" } } },
    { "POST", V1 "/settings/file/load", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_load, &shape_outcome, NULL, SETTINGS_FILE_MAX, load_settings, { { "сравнить или загрузить файл настроек: целиком или никак", "compare or load a file of settings: whole or not at all" } } },
    { "GET", V1 "/settings/guard", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_guard, NULL, 0, get_guard, { { "подтверждение загрузки настроек кнопкой", "confirmation of loads by the button" } } },
    { "PATCH", V1 "/settings/guard", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_guard_change, &shape_guard, NULL, 0, change_guard, { { "требовать кнопку при загрузке настроек", "demand the button for loading settings" } } },
};

ROUTE_TABLE(rows);
