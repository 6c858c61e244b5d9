/* Signing in and out, one's own account: sessions, password, second factor, tokens, settings. */
#include "api/call.h"
#include "api/routes.h"
#include "people/password.h"
#include "people/totp.h"

#include <stdio.h>
#include <stdlib.h>

enum { SETTINGS_MAX = 256 << 10, TOKEN_DAYS = 365 };

SHAPE(shape_sign_in, "SignIn",
      { .name = "login", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 64, .help = { { "имя пользователя", "user name" } } },
      { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64, .help = { { "пароль", "password" } } },
      { .name = "code", .kind = FIELD_SECRET, .most = 16, .help = { { "код аутентификатора или код восстановления", "code of the authenticator or a recovery code" } } });
SHAPE(shape_password_change, "PasswordChange",
      { .name = "former", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64, .help = { { "прежний пароль", "present password" } } },
      { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64, .help = { { "новый пароль", "new password" } } });
SHAPE(shape_me_change, "MeChange",
      { .name = "project", .kind = FIELD_INT, .least = 1, .most = INT32_MAX, .help = { { "проект, в котором работать", "project to work in" } } });
static const char *const languages[] = { "", "ru", "en", NULL };
SHAPE(shape_profile, "Profile",
      { .name = "name", .kind = FIELD_TEXT, .most = 120 }, { .name = "email", .kind = FIELD_TEXT, .most = 200 },
      { .name = "language", .kind = FIELD_WORD, .words = languages });
static const char *const faces[] = { "head-end", "gateway", NULL };
SHAPE(shape_named, "Named", { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT });
SHAPE(shape_me, "Me",
      { .name = "id", .kind = FIELD_INT }, { .name = "login", .kind = FIELD_TEXT }, { .name = "name", .kind = FIELD_TEXT },
      { .name = "email", .kind = FIELD_TEXT }, { .name = "language", .kind = FIELD_TEXT }, { .name = "role", .kind = FIELD_TEXT },
      { .name = "must_change_password", .kind = FIELD_BOOL }, { .name = "totp", .kind = FIELD_BOOL },
      { .name = "project", .kind = FIELD_INT, .help = { { "0: ни в одном", "0: in none" } } },
      { .name = "projects", .kind = FIELD_LIST, .shape = &shape_named },
      { .name = "permissions", .kind = FIELD_LIST, .of = FIELD_TEXT },
      { .name = "csrf", .kind = FIELD_TEXT, .help = { { "для заголовка X-Svod-Csrf", "for the header X-Svod-Csrf" } } },
      { .name = "face", .kind = FIELD_WORD, .words = faces, .help = { { "чем работает программа", "what the program works as" } } });
SHAPE(shape_session_row, "Session",
      { .name = "id", .kind = FIELD_INT }, { .name = "user", .kind = FIELD_INT }, { .name = "login", .kind = FIELD_TEXT },
      { .name = "title", .kind = FIELD_TEXT, .help = { { "браузер или название ключа", "browser, or the token's title" } } },
      { .name = "address", .kind = FIELD_TEXT }, { .name = "created", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "seen", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "expires", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "current", .kind = FIELD_BOOL });
SHAPE(shape_session_query, "SessionQuery", { .name = "all", .kind = FIELD_BOOL, .help = { { "всех пользователей (Read.Users)", "everybody's (Read.Users)" } } });
SHAPE(shape_token, "NewToken",
      { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 100 },
      { .name = "days", .kind = FIELD_INT, .least = 1, .most = 3660, .help = { { "срок, обычно 365", "how long, usually 365" } } });
SHAPE(shape_token_made, "TokenMade", { .name = "id", .kind = FIELD_INT },
      { .name = "token", .kind = FIELD_SECRET, .help = { { "показывается один раз", "shown once" } } });
SHAPE(shape_confirm, "Confirm", { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64 });
SHAPE(shape_totp_begun, "TotpBegun", { .name = "secret", .kind = FIELD_SECRET }, { .name = "uri", .kind = FIELD_SECRET });
SHAPE(shape_code, "Code", { .name = "code", .kind = FIELD_SECRET, .flags = REQUIRED, .least = 6, .most = 6 });
SHAPE(shape_recovery, "RecoveryCodes", { .name = "codes", .kind = FIELD_LIST, .of = FIELD_TEXT });

/* --- who am I ------------------------------------------------------------------------------------------------------------- */


static bool put_project(void *context, const struct store_project *p)
{
    struct call *c = context;
    if (!access_project(c->api->access, &c->caller, p->id))
        return true;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_text(&c->out, "title", p->title);
    json_put_end(&c->out);
    return true;
}

static void put_me(struct call *c)
{
    struct store_person p;
    struct store_role role = { .name = "" };
    if (!call_good(c, store_person_get(c->api->store, c->caller.person, NULL, c->arena, &p), REFUSE_IN_USE))
        return;
    store_role_get(c->api->store, p.role, c->arena, &role);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p.id);
    json_put_text(&c->out, "login", p.login);
    json_put_text(&c->out, "name", p.name);
    json_put_text(&c->out, "email", p.email);
    json_put_text(&c->out, "language", p.language);
    json_put_text(&c->out, "role", role.name);
    json_put_bool(&c->out, "must_change_password", p.must_change);
    json_put_bool(&c->out, "totp", p.totp_on);
    json_put_int(&c->out, "project", c->caller.project);
    json_put_list(&c->out, "projects");
    store_projects(c->api->store, put_project, c);
    json_put_end(&c->out);
    json_put_list(&c->out, "permissions");
    for (enum permission i = 0; i < PERMISSION_COUNT; i++)
        if (call_may(c, i))
            json_put_text(&c->out, NULL, permission_name(i));
    json_put_end(&c->out);
    json_put_text(&c->out, "csrf", c->caller.token ? "" : c->caller.csrf);
    json_put_text(&c->out, "face", c->api->face == FACE_GATEWAY ? "gateway" : "head-end");
    json_put_end(&c->out);
}

static void change_me(struct call *c)
{
    int64_t project = call_int(c->body, "project", c->caller.project);
    if (!access_project(c->api->access, &c->caller, project)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!call_good(c, store_pass_project(c->api->store, c->caller.pass, project), REFUSE_IN_USE))
        return;
    hub_leave(c->api->hub, c->caller.pass); /* its page connects again, to the other project's news */
    c->caller.project = project;
    put_me(c);
}

static void change_profile(struct call *c)
{
    struct store_person p;
    if (!call_good(c, store_person_get(c->api->store, c->caller.person, NULL, c->arena, &p), REFUSE_IN_USE))
        return;
    p.name = call_text(c->body, "name", p.name);
    p.email = call_text(c->body, "email", p.email);
    p.language = call_text(c->body, "language", p.language);
    if (call_good(c, store_person_put(c->api->store, &p, NULL), REFUSE_TAKEN))
        put_me(c);
}

/* --- in and out ------------------------------------------------------------------------------------------------------------- */

static void set_cookie(struct call *c, const char *secret)
{
    char *cookie = arena_take(c->arena, 256);
    snprintf(cookie, 256, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", c->request->tls ? "__Host-svod" : "svod", secret,
             c->request->tls ? "; Secure" : "", *secret ? "" : "; Max-Age=0");
    answer_header(c->answer, "Set-Cookie", cookie);
}

static void refuse_for_a_while(struct call *c, int64_t wait_ms)
{
    char *seconds = arena_take(c->arena, 24);
    snprintf(seconds, 24, "%lld", (long long)(wait_ms + 999) / 1000);
    call_refuse(c, REFUSE_HELD);
    answer_header(c->answer, "Retry-After", seconds);
}

static void refuse_access(struct call *c, enum access_result result, int64_t wait_ms)
{
    if (result == ACCESS_HELD)
        refuse_for_a_while(c, wait_ms);
    else
        call_refuse(c, result == ACCESS_WRONG ? REFUSE_WRONG : result == ACCESS_CODE_NEEDED ? REFUSE_CODE : REFUSE_STORE);
}

static void sign_in(struct call *c)
{
    char agent[200], secret[SECRET_TEXT_MAX];
    struct text t = text_over(agent, sizeof agent);
    text_put(&t, c->request->agent);
    struct sign_in how = { call_text(c->body, "login", ""), call_text(c->body, "password", ""), call_text(c->body, "code", ""),
                           c->request->address, agent };
    int64_t wait_ms = 0;
    enum access_result result = access_sign_in(c->api->access, &how, secret, &c->caller, &wait_ms);
    if (result != ACCESS_GOOD) {
        refuse_access(c, result, wait_ms);
        return;
    }
    set_cookie(c, secret);
    put_me(c);
}

static void sign_out(struct call *c)
{
    store_pass_delete(c->api->store, c->caller.pass);
    hub_leave(c->api->hub, c->caller.pass);
    call_note(c, NOTE_LOGOUT, c->caller.login, NULL, NULL);
    set_cookie(c, "");
    call_done(c);
}

static void change_password(struct call *c)
{
    int trouble = 0;
    enum access_result result = access_change_password(c->api->access, &c->caller, call_text(c->body, "former", ""),
                                                       call_text(c->body, "password", ""), &trouble);
    if (result == ACCESS_BAD_PASSWORD)
        call_wrong_field(c, "password", password_trouble_text((enum password_trouble)trouble, c->lang));
    else if (result == ACCESS_GOOD)
        call_done(c);
    else
        refuse_access(c, result, access_held(c->api->access, c->caller.login));
}

/* --- sessions and tokens ------------------------------------------------------------------------------------------------------ */

struct pass_list {
    struct call *c;
    bool tokens;
    size_t count;
    int64_t wanted; /* id to find; 0: write all */
    int64_t owner;  /* of the one found */
};

static bool put_pass(void *context, const struct store_pass *p)
{
    struct pass_list *l = context;
    struct call *c = l->c;
    struct store_person who = { .login = "" };
    if (p->token != l->tokens)
        return true;
    if (l->wanted) {
        if (p->id == l->wanted)
            l->owner = p->person;
        return true;
    }
    store_person_get(c->api->store, p->person, NULL, c->arena, &who);
    l->count++;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_int(&c->out, "user", p->person);
    json_put_text(&c->out, "login", who.login);
    json_put_text(&c->out, "title", p->title);
    json_put_text(&c->out, "address", p->address);
    json_put_utc(&c->out, "created", p->created_ms);
    json_put_utc(&c->out, "seen", p->seen_ms);
    json_put_utc(&c->out, "expires", p->expires_ms);
    json_put_bool(&c->out, "current", p->id == c->caller.pass);
    json_put_end(&c->out);
    return true;
}

static void list_passes(struct call *c, bool tokens)
{
    struct pass_list l = { .c = c, .tokens = tokens };
    bool all = call_bool(c->query, "all", false);
    if (all && !call_may(c, MAY_READ_USERS)) {
        call_refuse(c, REFUSE_FORBIDDEN);
        return;
    }
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_passes(c->api->store, all ? 0 : c->caller.person, put_pass, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static void list_sessions(struct call *c) { list_passes(c, false); }
static void list_tokens(struct call *c) { list_passes(c, true); }

/* One's own, or another's with Write.Users. Of others one learns no more than that there is none. */
static void end_pass(struct call *c, bool tokens)
{
    struct pass_list l = { .c = c, .tokens = tokens, .wanted = c->match.number[0] };
    bool all = call_may(c, MAY_WRITE_USERS);
    enum fault f = store_passes(c->api->store, all ? 0 : c->caller.person, put_pass, &l);
    if (f == FAULT_NONE && !l.owner)
        f = FAULT_NO_DATA;
    if (f == FAULT_NONE)
        f = store_pass_delete(c->api->store, l.wanted);
    if (!call_good(c, f, REFUSE_IN_USE))
        return;
    hub_leave(c->api->hub, l.wanted);
    struct store_person who = { .login = "" };
    store_person_get(c->api->store, l.owner, NULL, c->arena, &who);
    call_note(c, tokens ? NOTE_TOKEN_REMOVE : NOTE_SESSION_END, who.login, NULL, NULL);
    call_done(c);
}

static void end_session(struct call *c) { end_pass(c, false); }
static void end_token(struct call *c) { end_pass(c, true); }

static void make_token(struct call *c)
{
    char secret[SECRET_TEXT_MAX];
    int64_t id = 0;
    const char *title = call_text(c->body, "title", "");
    if (c->caller.token) { /* a token that leaked must not breed */
        call_refuse(c, REFUSE_FORBIDDEN);
        return;
    }
    if (!call_good(c, access_token(c->api->access, &c->caller, title, (int)call_int(c->body, "days", TOKEN_DAYS), secret, &id), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_TOKEN_ADD, title, NULL, NULL);
    c->answer->status = 201;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", id);
    json_put_text(&c->out, "token", secret);
    json_put_end(&c->out);
}

/* --- second factor ---------------------------------------------------------------------------------------------------------------- */

static bool confirmed(struct call *c)
{
    enum access_result result = access_confirm(c->api->access, &c->caller, call_text(c->body, "password", ""));
    if (result != ACCESS_GOOD)
        refuse_access(c, result, access_held(c->api->access, c->caller.login));
    return result == ACCESS_GOOD;
}

static void begin_totp(struct call *c)
{
    char secret[TOTP_SECRET_TEXT], uri[TOTP_URI_MAX];
    if (!confirmed(c) || !call_good(c, access_totp_begin(c->api->access, &c->caller, secret), REFUSE_TAKEN))
        return;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "secret", secret);
    json_put_text(&c->out, "uri", totp_uri(c->caller.login, secret, uri));
    json_put_end(&c->out);
}

static void confirm_totp(struct call *c)
{
    char codes[RECOVERY_CODES][RECOVERY_TEXT];
    enum access_result result = access_totp_confirm(c->api->access, &c->caller, call_text(c->body, "code", ""), codes);
    if (result != ACCESS_GOOD) {
        refuse_access(c, result, 0);
        return;
    }
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "codes");
    for (int i = 0; i < RECOVERY_CODES; i++)
        json_put_text(&c->out, NULL, codes[i]);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void end_totp(struct call *c)
{
    if (!confirmed(c) || !call_good(c, access_totp_off(c->api->access, c->caller.person), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_TOTP_OFF, c->caller.login, NULL, NULL);
    call_done(c);
}

/* --- settings of the pages ---------------------------------------------------------------------------------------------------------- */

static const char *settings_key(struct call *c)
{
    char *key = arena_take(c->arena, 48);
    snprintf(key, 48, "person-settings:%lld", (long long)c->caller.person);
    return key;
}

static void get_settings(struct call *c)
{
    const char *text = NULL;
    if (call_good(c, store_setting_get(c->api->store, settings_key(c), c->arena, &text), REFUSE_IN_USE))
        json_put_raw(&c->out, NULL, text ? text : "{}");
}

static void put_settings(struct call *c)
{
    const char *text = call_json(c, json_object_get(c->body, "settings"));
    if (call_good(c, store_setting_put(c->api->store, settings_key(c), text), REFUSE_IN_USE))
        json_put_raw(&c->out, NULL, text);
}

static void reset_settings(struct call *c)
{
    if (call_good(c, store_setting_put(c->api->store, settings_key(c), NULL), REFUSE_IN_USE))
        call_done(c);
}

SHAPE(shape_settings, "Settings", { .name = "settings", .kind = FIELD_OBJECT, .flags = REQUIRED, .help = { { "что угодно, до 256 КиБ", "anything, up to 256 KiB" } } });

#define V1 "/api/v1"
static const struct route rows[] = {
    { "POST", V1 "/session", MAY_ANYBODY, ROUTE_SLOW, NULL, &shape_sign_in, &shape_me, NULL, 4096, sign_in, { { "войти", "sign in" } } },
    { "GET", V1 "/session", MAY_SIGNED_IN, ROUTE_UNCHANGED, NULL, NULL, &shape_me, NULL, 0, put_me, { { "кто я", "who am I" } } },
    { "PATCH", V1 "/session", MAY_SIGNED_IN, 0, NULL, &shape_me_change, &shape_me, NULL, 0, change_me, { { "перейти в другой проект", "go to another project" } } },
    { "DELETE", V1 "/session", MAY_SIGNED_IN, ROUTE_UNCHANGED, NULL, NULL, NULL, NULL, 0, sign_out, { { "выйти", "sign out" } } },
    { "PATCH", V1 "/session/profile", MAY_SIGNED_IN, 0, NULL, &shape_profile, &shape_me, NULL, 0, change_profile, { { "изменить свой профиль", "change one's profile" } } },
    { "POST", V1 "/session/password", MAY_SIGNED_IN, ROUTE_SLOW | ROUTE_UNCHANGED, NULL, &shape_password_change, NULL, NULL, 4096, change_password, { { "сменить пароль", "change the password" } } },
    { "GET", V1 "/session/settings", MAY_SIGNED_IN, ROUTE_RAW, NULL, NULL, NULL, NULL, 0, get_settings, { { "настройки страниц", "settings of the pages" } } },
    { "PUT", V1 "/session/settings", MAY_SIGNED_IN, ROUTE_RAW, NULL, &shape_settings, NULL, NULL, SETTINGS_MAX, put_settings, { { "сохранить настройки страниц", "keep settings of the pages" } } },
    { "DELETE", V1 "/session/settings", MAY_SIGNED_IN, 0, NULL, NULL, NULL, NULL, 0, reset_settings, { { "сбросить настройки страниц", "reset settings of the pages" } } },
    { "POST", V1 "/session/totp", MAY_SIGNED_IN, ROUTE_SLOW, NULL, &shape_confirm, &shape_totp_begun, NULL, 0, begin_totp, { { "завести второй фактор", "enrol a second factor" } } },
    { "POST", V1 "/session/totp/confirm", MAY_SIGNED_IN, ROUTE_SLOW, NULL, &shape_code, &shape_recovery, NULL, 0, confirm_totp, { { "включить второй фактор", "turn the second factor on" } } },
    { "POST", V1 "/session/totp/off", MAY_SIGNED_IN, ROUTE_SLOW, NULL, &shape_confirm, NULL, NULL, 0, end_totp, { { "отключить второй фактор", "turn the second factor off" } } },
    { "GET", V1 "/sessions", MAY_SIGNED_IN, ROUTE_LIST, &shape_session_query, NULL, &shape_session_row, NULL, 0, list_sessions, { { "открытые сеансы", "open sessions" } } },
    { "DELETE", V1 "/sessions/{id}", MAY_SIGNED_IN, 0, NULL, NULL, NULL, NULL, 0, end_session, { { "завершить сеанс", "end a session" } } },
    { "GET", V1 "/tokens", MAY_SIGNED_IN, ROUTE_LIST, &shape_session_query, NULL, &shape_session_row, NULL, 0, list_tokens, { { "ключи API", "API tokens" } } },
    { "POST", V1 "/tokens", MAY_SIGNED_IN, 0, NULL, &shape_token, &shape_token_made, NULL, 0, make_token, { { "создать ключ API", "make an API token" } } },
    { "DELETE", V1 "/tokens/{id}", MAY_SIGNED_IN, 0, NULL, NULL, NULL, NULL, 0, end_token, { { "удалить ключ API", "delete an API token" } } },
};

ROUTE_TABLE(rows);
