/* Users, roles, projects. Nobody gives away a permission that he has not; the last who manages users stays. */
#include "api/call.h"
#include "api/routes.h"
#include "people/password.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"

static const char *const languages[] = { "", "ru", "en", NULL };

#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .help = { { "виденная редакция строки", "revision of the row that was seen" } } }

SHAPE(shape_user, "User",
      { .name = "id", .kind = FIELD_INT }, { .name = "login", .kind = FIELD_TEXT }, { .name = "name", .kind = FIELD_TEXT },
      { .name = "email", .kind = FIELD_TEXT }, { .name = "language", .kind = FIELD_TEXT }, { .name = "role", .kind = FIELD_INT },
      { .name = "enabled", .kind = FIELD_BOOL }, { .name = "must_change_password", .kind = FIELD_BOOL }, { .name = "totp", .kind = FIELD_BOOL },
      { .name = "held_ms", .kind = FIELD_INT, .help = { { "вход закрыт ещё столько мс", "sign-in is held for so many ms" } } },
      { .name = "projects", .kind = FIELD_LIST, .of = FIELD_INT }, { .name = "created", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "signed_in", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_user_new, "UserNew",
      { .name = "login", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 64 }, { .name = "name", .kind = FIELD_TEXT, .most = 120 },
      { .name = "email", .kind = FIELD_TEXT, .most = 200 }, { .name = "language", .kind = FIELD_WORD, .words = languages },
      { .name = "role", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT32_MAX }, { .name = "enabled", .kind = FIELD_BOOL },
      { .name = "password", .kind = FIELD_SECRET, .flags = REQUIRED, .most = 64, .help = { { "временный: сменят при входе", "for the first sign-in: to be changed then" } } },
      { .name = "projects", .kind = FIELD_LIST, .of = FIELD_INT, .most = 1000 });
SHAPE(shape_user_change, "UserChange", REVISION,
      { .name = "name", .kind = FIELD_TEXT, .most = 120 }, { .name = "email", .kind = FIELD_TEXT, .most = 200 },
      { .name = "language", .kind = FIELD_WORD, .words = languages }, { .name = "role", .kind = FIELD_INT, .least = 1, .most = INT32_MAX },
      { .name = "enabled", .kind = FIELD_BOOL }, { .name = "password", .kind = FIELD_SECRET, .most = 64 },
      { .name = "projects", .kind = FIELD_LIST, .of = FIELD_INT, .most = 1000 },
      { .name = "totp", .kind = FIELD_BOOL, .help = { { "false: снять второй фактор", "false: take the second factor off" } } },
      { .name = "held", .kind = FIELD_BOOL, .help = { { "false: снова пускать", "false: let in again" } } });
SHAPE(shape_role, "Role",
      { .name = "id", .kind = FIELD_INT }, { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "note", .kind = FIELD_TEXT }, { .name = "builtin", .kind = FIELD_BOOL },
      { .name = "permissions", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_role_new, "RoleNew",
      { .name = "name", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 64 }, { .name = "note", .kind = FIELD_TEXT, .most = 500 },
      { .name = "permissions", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_TEXT, .most = PERMISSION_COUNT });
SHAPE(shape_role_change, "RoleChange", REVISION,
      { .name = "name", .kind = FIELD_TEXT, .least = 1, .most = 64 }, { .name = "note", .kind = FIELD_TEXT, .most = 500 },
      { .name = "permissions", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = PERMISSION_COUNT });
SHAPE(shape_permission, "Permission", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT });
SHAPE(shape_project, "Project",
      { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT },
      { .name = "devices", .kind = FIELD_INT },
      { .name = "users", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "включённые в проект; администраторам всех проектов это не нужно", "taken into the project; administrators of all projects need it not" } } },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_project_new, "ProjectNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 120 },
      { .name = "note", .kind = FIELD_TEXT, .most = 1000 },
      { .name = "users", .kind = FIELD_LIST, .of = FIELD_INT, .most = 1000, .help = { { "кого включить (Manage.Projects)", "whom to take in (Manage.Projects)" } } });
SHAPE(shape_project_users, "ProjectUsers", { .name = "users", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .most = 1000 });
SHAPE(shape_project_change, "ProjectChange", REVISION, { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = 120 },
      { .name = "note", .kind = FIELD_TEXT, .most = 1000 });

/* --- users ------------------------------------------------------------------------------------------------------------------ */

static bool put_number(void *context, int64_t number)
{
    json_put_int(context, NULL, number);
    return true;
}

static void put_user(struct call *c, const struct store_person *p)
{
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_text(&c->out, "login", p->login);
    json_put_text(&c->out, "name", p->name);
    json_put_text(&c->out, "email", p->email);
    json_put_text(&c->out, "language", p->language);
    json_put_int(&c->out, "role", p->role);
    json_put_bool(&c->out, "enabled", p->enabled);
    json_put_bool(&c->out, "must_change_password", p->must_change);
    json_put_bool(&c->out, "totp", p->totp_on);
    json_put_int(&c->out, "held_ms", access_held(c->api->access, p->login));
    json_put_list(&c->out, "projects");
    store_person_projects(c->api->store, p->id, put_number, &c->out);
    json_put_end(&c->out);
    json_put_utc(&c->out, "created", p->created_ms);
    json_put_utc(&c->out, "signed_in", p->signed_in_ms);
    json_put_int(&c->out, "revision", p->revision);
    json_put_end(&c->out);
}

struct sharing {
    struct call *c;
    bool shared;
};

static bool note_shared(void *context, int64_t project)
{
    struct sharing *s = context;
    s->shared |= project == s->c->caller.project;
    return !s->shared;
}

/* Whoever sees all projects sees everybody; others those of their project. */
static bool visible(struct call *c, int64_t person)
{
    struct sharing s = { c, c->caller.all_projects || person == c->caller.person };
    if (!s.shared)
        store_person_projects(c->api->store, person, note_shared, &s);
    return s.shared;
}

struct user_list {
    struct call *c;
    size_t count;
};

static bool list_user(void *context, const struct store_person *p)
{
    struct user_list *l = context;
    if (visible(l->c, p->id)) {
        put_user(l->c, p);
        l->count++;
    }
    return true;
}

static void list_users(struct call *c)
{
    struct user_list l = { c, 0 };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_people(c->api->store, list_user, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static bool find_user(struct call *c, struct store_person *p)
{
    if (!call_good(c, store_person_get(c->api->store, c->match.number[0], NULL, c->arena, p), REFUSE_IN_USE))
        return false;
    return visible(c, p->id) || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_user(struct call *c)
{
    struct store_person p;
    if (find_user(c, &p))
        put_user(c, &p);
}

/* The role exists and holds nothing that the caller has not. */
static bool role_grantable(struct call *c, int64_t role)
{
    struct store_role r;
    enum fault f = store_role_get(c->api->store, role, c->arena, &r);
    if (f == FAULT_NO_DATA)
        return call_wrong_field(c, "role", c->lang == LANG_RU ? "такой роли нет" : "there is no such role");
    if (!call_good(c, f, REFUSE_IN_USE))
        return false;
    struct permissions all = permissions_read(r.permissions);
    return permissions_within(&all, &c->caller.may) || call_refuse(c, REFUSE_FORBIDDEN);
}

static bool projects_grantable(struct call *c, const json_t *list, int64_t **ret, size_t *ret_count)
{
    *ret_count = call_ids(c, list, ret);
    for (size_t i = 0; i < *ret_count; i++)
        if (!access_project(c->api->access, &c->caller, (*ret)[i]))
            return call_wrong_field(c, "projects", c->lang == LANG_RU ? "такого проекта нет" : "there is no such project");
    return true;
}

static void add_user(struct call *c)
{
    char hash[PASSWORD_HASH_MAX];
    const char *password = call_text(c->body, "password", ""), *login = call_text(c->body, "login", "");
    enum password_trouble trouble = password_check(password);
    int64_t *projects, id = 0, own[] = { c->caller.project };
    size_t count;
    if (trouble != PASSWORD_GOOD) {
        call_wrong_field(c, "password", password_trouble_text(trouble, c->lang));
        return;
    }
    if (text_trimmed(login).size != strlen(login) || strpbrk(login, " \t\r\n")) {
        call_wrong_field(c, "login", c->lang == LANG_RU ? "без пробелов" : "without blanks");
        return;
    }
    struct store_person p = { .login = login, .name = call_text(c->body, "name", ""), .email = call_text(c->body, "email", ""),
                              .language = call_text(c->body, "language", ""), .role = call_int(c->body, "role", 0),
                              .enabled = call_bool(c->body, "enabled", true), .must_change = true, .hash = hash };
    if (!role_grantable(c, p.role) || !projects_grantable(c, json_object_get(c->body, "projects"), &projects, &count))
        return;
    enum fault f = password_hash(password, hash) ? store_person_put(c->api->store, &p, &id) : FAULT_STORE;
    if (f == FAULT_NONE)
        f = store_person_projects_put(c->api->store, id, count ? projects : own, count ? count : 1);
    if (!call_good(c, f, REFUSE_TAKEN))
        return;
    call_note(c, NOTE_USER_ADD, p.login, NULL, NULL);
    call_made(c, id);
}

/* What a change would do that is not allowed. */
static bool user_change_allowed(struct call *c, const struct store_person *p)
{
    int64_t role = call_int(c->body, "role", p->role);
    bool weaker = role != p->role || !call_bool(c->body, "enabled", p->enabled);
    if (!role_grantable(c, p->role) || (role != p->role && !role_grantable(c, role)))
        return false; /* neither may one change whoever has more rights than oneself */
    return !weaker || access_others_manage(c->api->access, p->id) || call_refuse(c, REFUSE_LAST_ADMIN);
}

static void note_user_change(struct call *c, const struct store_person *old, const struct store_person *p)
{
    char before[48], after[48];
    snprintf(before, sizeof before, "{\"role\":%lld,\"enabled\":%s}", (long long)old->role, old->enabled ? "true" : "false");
    snprintf(after, sizeof after, "{\"role\":%lld,\"enabled\":%s}", (long long)p->role, p->enabled ? "true" : "false");
    call_note(c, old->role != p->role ? NOTE_USER_ROLE : old->enabled != p->enabled ? NOTE_USER_ENABLED : NOTE_USER_UPDATE, p->login, before, after);
}

static bool change_rest(struct call *c, const struct store_person *p, const int64_t *projects, size_t count)
{
    int trouble = 0;
    const char *password = call_text(c->body, "password", NULL);
    enum fault f = json_object_get(c->body, "projects") ? store_person_projects_put(c->api->store, p->id, projects, count) : FAULT_NONE;
    if (f == FAULT_NONE && !call_bool(c->body, "totp", true))
        f = access_totp_off(c->api->access, p->id);
    if (!call_bool(c->body, "held", true))
        access_free_login(c->api->access, p->login);
    if (f == FAULT_NONE && !p->enabled)
        f = store_passes_delete(c->api->store, p->id, 0, true);
    enum access_result result = password && f == FAULT_NONE ? access_set_password(c->api->access, p->id, password, &trouble) : ACCESS_GOOD;
    if (result == ACCESS_BAD_PASSWORD)
        return call_wrong_field(c, "password", password_trouble_text((enum password_trouble)trouble, c->lang));
    if (password && result == ACCESS_GOOD)
        call_note(c, NOTE_PASSWORD_CHANGE, p->login, NULL, NULL);
    return call_good(c, result == ACCESS_GOOD ? f : FAULT_STORE, REFUSE_IN_USE);
}

static void change_user(struct call *c)
{
    struct store_person old, p;
    int64_t *projects;
    size_t count;
    if (!find_user(c, &old) || !user_change_allowed(c, &old) || !projects_grantable(c, json_object_get(c->body, "projects"), &projects, &count))
        return;
    p = old;
    p.revision = call_int(c->body, "revision", 0);
    p.name = call_text(c->body, "name", p.name);
    p.email = call_text(c->body, "email", p.email);
    p.language = call_text(c->body, "language", p.language);
    p.role = call_int(c->body, "role", p.role);
    p.enabled = call_bool(c->body, "enabled", p.enabled);
    if (!call_good(c, store_person_put(c->api->store, &p, NULL), REFUSE_TAKEN))
        return;
    note_user_change(c, &old, &p);
    if (change_rest(c, &p, projects, count))
        get_user(c);
}

static void delete_user(struct call *c)
{
    struct store_person p;
    if (!find_user(c, &p) || !role_grantable(c, p.role))
        return;
    if (!access_others_manage(c->api->access, p.id))
        call_refuse(c, REFUSE_LAST_ADMIN);
    else if (call_good(c, store_person_delete(c->api->store, p.id), REFUSE_IN_USE)) {
        call_note(c, NOTE_USER_REMOVE, p.login, NULL, NULL);
        call_done(c);
    }
}

/* --- roles ------------------------------------------------------------------------------------------------------------------ */

static const char *role_title(const char *name, enum lang lang)
{
    for (enum role_set set = ROLES_HEAD_END; set <= ROLES_GATEWAY; set++) {
        int count;
        const struct builtin_role *roles = roles_of(set, &count);
        for (int i = 0; i < count; i++)
            if (strcmp(roles[i].name, name) == 0)
                return phrase_in(&roles[i].title, lang);
    }
    return name;
}

static void put_role(struct call *c, const struct store_role *r)
{
    struct permissions all = permissions_read(r->permissions);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", r->id);
    json_put_text(&c->out, "name", r->name);
    json_put_text(&c->out, "title", role_title(r->name, c->lang));
    json_put_text(&c->out, "note", r->note);
    json_put_bool(&c->out, "builtin", r->builtin);
    json_put_list(&c->out, "permissions");
    for (enum permission p = 0; p < PERMISSION_COUNT; p++)
        if (permissions_hold(&all, p))
            json_put_text(&c->out, NULL, permission_name(p));
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", r->revision);
    json_put_end(&c->out);
}

static bool list_role(void *context, const struct store_role *r)
{
    struct user_list *l = context;
    put_role(l->c, r);
    l->count++;
    return true;
}

static void list_roles(struct call *c)
{
    struct user_list l = { c, 0 };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_roles(c->api->store, list_role, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* The list's permissions as they are stored; NULL, the answer refused, when one is none or the caller has it not. */
static const char *permissions_of(struct call *c, const json_t *list)
{
    struct permissions all = { { 0 } };
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum permission p = permission_find(json_string_value(json_array_get(list, i)));
        if (p == PERMISSION_COUNT) {
            call_wrong_field(c, "permissions", c->lang == LANG_RU ? "такого разрешения нет" : "there is no such permission");
            return NULL;
        }
        permissions_add(&all, p);
    }
    if (permissions_within(&all, &c->caller.may))
        return permissions_write(&all, arena_take(c->arena, PERMISSIONS_TEXT_MAX));
    call_refuse(c, REFUSE_FORBIDDEN);
    return NULL;
}

static void add_role(struct call *c)
{
    int64_t id = 0;
    struct store_role r = { .name = call_text(c->body, "name", ""), .note = call_text(c->body, "note", "") };
    r.permissions = permissions_of(c, json_object_get(c->body, "permissions"));
    if (!r.permissions || !call_good(c, store_role_put(c->api->store, &r, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_ROLE_ADD, r.name, NULL, NULL);
    call_made(c, id);
}

static bool find_role(struct call *c, struct store_role *r)
{
    if (!call_good(c, store_role_get(c->api->store, c->match.number[0], c->arena, r), REFUSE_IN_USE))
        return false;
    return !r->builtin || call_refuse(c, REFUSE_BUILTIN);
}

static void change_role(struct call *c)
{
    struct store_role r;
    const json_t *list = json_object_get(c->body, "permissions");
    if (!find_role(c, &r))
        return;
    r.revision = call_int(c->body, "revision", 0);
    r.name = call_text(c->body, "name", r.name);
    r.note = call_text(c->body, "note", r.note);
    if (list)
        r.permissions = permissions_of(c, list);
    if (!r.permissions || !call_good(c, store_role_put(c->api->store, &r, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_ROLE_UPDATE, r.name, NULL, NULL);
    if (call_good(c, store_role_get(c->api->store, r.id, c->arena, &r), REFUSE_IN_USE))
        put_role(c, &r);
}

static void delete_role(struct call *c)
{
    struct store_role r;
    if (!find_role(c, &r) || !call_good(c, store_role_delete(c->api->store, r.id), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_ROLE_REMOVE, r.name, NULL, NULL);
    call_done(c);
}

static void list_permissions(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (enum permission p = 0; p < PERMISSION_COUNT; p++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "name", permission_name(p));
        json_put_text(&c->out, "title", permission_title(p, c->lang));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", PERMISSION_COUNT);
    json_put_end(&c->out);
}

/* --- projects ----------------------------------------------------------------------------------------------------------------- */

static void put_project(struct call *c, const struct store_project *p)
{
    struct roster_counts counts;
    roster_counts(c->api->roster, p->id, &counts);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", p->id);
    json_put_text(&c->out, "title", p->title);
    json_put_text(&c->out, "note", p->note);
    json_put_int(&c->out, "devices", (int64_t)counts.devices);
    json_put_list(&c->out, "users");
    store_project_people(c->api->store, p->id, put_number, &c->out);
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", p->revision);
    json_put_end(&c->out);
}

static bool list_project(void *context, const struct store_project *p)
{
    struct user_list *l = context;
    if (access_project(l->c->api->access, &l->c->caller, p->id)) {
        put_project(l->c, p);
        l->count++;
    }
    return true;
}

static void list_projects(struct call *c)
{
    struct user_list l = { c, 0 };
    roster_refresh(c->api->roster);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_projects(c->api->store, list_project, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* Everybody named exists and is seen by the caller. */
static bool people_known(struct call *c, const json_t *list, int64_t **ret, size_t *ret_count)
{
    struct store_person p;
    *ret_count = call_ids(c, list, ret);
    for (size_t i = 0; i < *ret_count; i++)
        if (store_person_get(c->api->store, (*ret)[i], NULL, c->arena, &p) != FAULT_NONE || !visible(c, p.id))
            return call_wrong_field(c, "users", c->lang == LANG_RU ? "такого пользователя нет" : "there is no such user");
    return true;
}

static void add_project(struct call *c)
{
    int64_t id = 0, *people;
    size_t count;
    struct store_project p = { .title = call_text(c->body, "title", ""), .note = call_text(c->body, "note", "") };
    const json_t *users = json_object_get(c->body, "users");
    if (json_array_size(users) && !call_may(c, MAY_MANAGE_PROJECTS)) {
        call_refuse(c, REFUSE_FORBIDDEN);
        return;
    }
    if (!people_known(c, users, &people, &count) || !call_good(c, store_project_put(c->api->store, &p, &id), REFUSE_TAKEN))
        return;
    if (count && !call_good(c, store_project_people_put(c->api->store, id, people, count), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_PROJECT_ADD, p.title, NULL, NULL);
    call_made(c, id);
}

struct project_search {
    struct call *c;
    struct store_project found;
};

static bool match_project(void *context, const struct store_project *p)
{
    struct project_search *s = context;
    if (p->id != s->c->match.number[0])
        return true;
    s->found = (struct store_project){ p->id, arena_text(s->c->arena, bytes_of_text(p->title)), arena_text(s->c->arena, bytes_of_text(p->note)), p->revision };
    return false;
}

static bool find_project(struct call *c, struct store_project *ret)
{
    struct project_search s = { .c = c };
    if (!call_good(c, store_projects(c->api->store, match_project, &s), REFUSE_IN_USE))
        return false;
    *ret = s.found;
    return (s.found.id && access_project(c->api->access, &c->caller, s.found.id)) || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_project(struct call *c)
{
    struct store_project p;
    roster_refresh(c->api->roster);
    if (find_project(c, &p))
        put_project(c, &p);
}

/* Those of the project whom the caller does not see stay in it. */
struct members {
    struct call *c;
    int64_t *list;
    size_t count, room;
};

static bool keep_unseen(void *context, int64_t person)
{
    struct members *m = context;
    if (m->count < m->room && !visible(m->c, person))
        m->list[m->count++] = person;
    return true;
}

static void change_project_users(struct call *c)
{
    struct store_project p;
    int64_t *people;
    size_t count;
    if (!find_project(c, &p) || !people_known(c, json_object_get(c->body, "users"), &people, &count))
        return;
    struct members m = { c, NULL, 0, count + 10000 };
    m.list = arena_take(c->arena, m.room * sizeof *m.list);
    enum fault f = store_project_people(c->api->store, p.id, keep_unseen, &m);
    memcpy(m.list + m.count, people, (m.count + count <= m.room ? count : m.room - m.count) * sizeof *people);
    m.count = m.count + count <= m.room ? m.count + count : m.room;
    if (f == FAULT_NONE)
        f = store_project_people_put(c->api->store, p.id, m.list, m.count);
    if (!call_good(c, f, REFUSE_IN_USE))
        return;
    call_note(c, NOTE_PROJECT_PEOPLE, p.title, NULL, call_json(c, c->body));
    put_project(c, &p);
}

static void change_project(struct call *c)
{
    struct store_project p;
    if (!find_project(c, &p))
        return;
    p.revision = call_int(c->body, "revision", 0);
    p.title = call_text(c->body, "title", p.title);
    p.note = call_text(c->body, "note", p.note);
    if (!call_good(c, store_project_put(c->api->store, &p, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_PROJECT_UPDATE, p.title, NULL, NULL);
    call_done(c);
}

static void delete_project(struct call *c)
{
    struct store_project p;
    if (!find_project(c, &p))
        return;
    if (p.id == 1)
        call_refuse(c, REFUSE_IN_USE);
    else if (call_good(c, store_project_delete(c->api->store, p.id), REFUSE_IN_USE)) {
        call_note(c, NOTE_PROJECT_REMOVE, p.title, NULL, NULL);
        call_done(c);
    }
}

static const struct route rows[] = {
    { "GET", V1 "/users", MAY_READ_USERS, ROUTE_LIST, NULL, NULL, &shape_user, NULL, 0, list_users, { { "пользователи", "users" } } },
    { "POST", V1 "/users", MAY_WRITE_USERS, ROUTE_SLOW, NULL, &shape_user_new, NULL, NULL, 0, add_user, { { "добавить пользователя", "add a user" } } },
    { "GET", V1 "/users/{id}", MAY_READ_USERS, 0, NULL, NULL, &shape_user, NULL, 0, get_user, { { "пользователь", "a user" } } },
    { "PATCH", V1 "/users/{id}", MAY_WRITE_USERS, ROUTE_SLOW, NULL, &shape_user_change, &shape_user, NULL, 0, change_user, { { "изменить пользователя", "change a user" } } },
    { "DELETE", V1 "/users/{id}", MAY_DELETE_USERS, 0, NULL, NULL, NULL, NULL, 0, delete_user, { { "удалить пользователя", "delete a user" } } },
    { "GET", V1 "/roles", MAY_READ_ROLES, ROUTE_LIST, NULL, NULL, &shape_role, NULL, 0, list_roles, { { "роли", "roles" } } },
    { "POST", V1 "/roles", MAY_WRITE_ROLES, 0, NULL, &shape_role_new, NULL, NULL, 0, add_role, { { "добавить роль", "add a role" } } },
    { "PATCH", V1 "/roles/{id}", MAY_WRITE_ROLES, 0, NULL, &shape_role_change, &shape_role, NULL, 0, change_role, { { "изменить роль", "change a role" } } },
    { "DELETE", V1 "/roles/{id}", MAY_DELETE_ROLES, 0, NULL, NULL, NULL, NULL, 0, delete_role, { { "удалить роль", "delete a role" } } },
    { "GET", V1 "/permissions", MAY_READ_ROLES, ROUTE_LIST, NULL, NULL, &shape_permission, NULL, 0, list_permissions, { { "все разрешения", "all permissions" } } },
    { "GET", V1 "/projects", MAY_READ_PROJECTS, ROUTE_LIST, NULL, NULL, &shape_project, NULL, 0, list_projects, { { "проекты", "projects" } } },
    { "POST", V1 "/projects", MAY_CREATE_PROJECTS, 0, NULL, &shape_project_new, NULL, NULL, 0, add_project, { { "добавить проект", "add a project" } } },
    { "GET", V1 "/projects/{id}", MAY_READ_PROJECTS, 0, NULL, NULL, &shape_project, NULL, 0, get_project, { { "проект", "a project" } } },
    { "PUT", V1 "/projects/{id}/users", MAY_MANAGE_PROJECTS, 0, NULL, &shape_project_users, &shape_project, NULL, 0, change_project_users, { { "кто работает в проекте", "who works in the project" } } },
    { "PATCH", V1 "/projects/{id}", MAY_UPDATE_PROJECTS, 0, NULL, &shape_project_change, NULL, NULL, 0, change_project, { { "изменить проект", "change a project" } } },
    { "DELETE", V1 "/projects/{id}", MAY_DELETE_PROJECTS, 0, NULL, NULL, NULL, NULL, 0, delete_project, { { "удалить проект", "delete a project" } } },
};

ROUTE_TABLE(rows);
