/* Who comes in; see access.h. */
#include "people/access.h"
#include "base/clock.h"
#include "people/journal.h"
#include "people/password.h"
#include "people/throttle.h"
#include "people/totp.h"

#include <stdio.h>
#include <stdlib.h>

enum { WINDOW_MS = 15 * 60000, SEEN_EVERY_MS = 60000 };

struct access {
    struct store *store;
    const struct vault *vault;
    struct throttle *logins, *addresses;
};

struct access *access_new(struct store *s, const struct vault *v)
{
    struct access *a = memory_new(sizeof *a);
    a->store = s;
    a->vault = v;
    a->logins = throttle_new(&(struct throttle_rule){ ACCESS_TRIES, WINDOW_MS, ACCESS_HOLD_MS });
    a->addresses = throttle_new(&(struct throttle_rule){ ACCESS_ADDRESS_TRIES, WINDOW_MS, ACCESS_HOLD_MS });
    return a;
}

void access_free(struct access **a)
{
    if (!*a)
        return;
    throttle_free(&(*a)->logins);
    throttle_free(&(*a)->addresses);
    free(*a);
    *a = NULL;
}

/* --- the beginning ------------------------------------------------------------------------------------------------------ */

struct search {
    const char *name;
    int64_t id;
    size_t count;
};

static bool match_role(void *context, const struct store_role *r)
{
    struct search *s = context;
    s->count++;
    if (strcmp(r->name, s->name) == 0)
        s->id = r->id;
    return true;
}

static int64_t role_named(struct access *a, const char *name)
{
    struct search s = { .name = name };
    return store_roles(a->store, match_role, &s) == FAULT_NONE ? s.id : 0;
}

static enum fault bring_role(struct access *a, const struct builtin_role *role)
{
    char names[PERMISSIONS_TEXT_MAX];
    struct permissions all = builtin_permissions(role);
    struct store_role present, r = { .id = role_named(a, role->name), .name = role->name, .note = "", .builtin = true, .permissions = permissions_write(&all, names) };
    struct arena arena = { 0 };
    bool same = r.id && store_role_get(a->store, r.id, &arena, &present) == FAULT_NONE && strcmp(present.permissions, names) == 0;
    arena_free(&arena);
    return same ? FAULT_NONE : store_role_put(a->store, &r, NULL);
}

static enum fault bring_roles(struct access *a, enum role_set set)
{
    int count;
    const struct builtin_role *roles = roles_of(set, &count);
    enum fault f = FAULT_NONE;
    for (int i = 0; i < count && f == FAULT_NONE; i++)
        f = bring_role(a, &roles[i]);
    return f;
}

static bool count_person(void *context, const struct store_person *p)
{
    (void)p;
    ++*(size_t *)context;
    return true;
}

/* Second factors that an earlier version stored open. */
struct open_secrets {
    struct arena arena;
    int64_t person[256];
    size_t count;
};

static bool find_open(void *context, const struct store_person *p)
{
    struct open_secrets *o = context;
    if (*p->totp_secret && !vault_is_sealed(p->totp_secret))
        o->person[o->count++] = p->id;
    return o->count < sizeof o->person / sizeof *o->person;
}

static enum fault seal_open(struct access *a)
{
    struct open_secrets *o = memory_new(sizeof *o);
    struct store_person p;
    enum fault f = a->vault ? store_people(a->store, find_open, o) : FAULT_NONE;
    for (size_t i = 0; i < o->count && f == FAULT_NONE; i++) {
        f = store_person_get(a->store, o->person[i], NULL, &o->arena, &p);
        if (f != FAULT_NONE)
            break;
        p.totp_secret = vault_seal(a->vault, p.totp_secret, &o->arena);
        f = store_person_put(a->store, &p, NULL);
    }
    arena_free(&o->arena);
    free(o);
    return f;
}

bool access_begin(struct access *a, enum role_set set, char password[16])
{
    size_t people = 0;
    *password = '\0';
    store_passes_expire(a->store, clock_utc_ms());
    if (bring_roles(a, set) != FAULT_NONE || seal_open(a) != FAULT_NONE || store_people(a->store, count_person, &people) != FAULT_NONE)
        return false;
    return people > 0 || access_rescue(a, "admin", password) == FAULT_NONE;
}

enum fault access_rescue(struct access *a, const char *login, char password[16])
{
    struct arena arena = { 0 };
    char hash[PASSWORD_HASH_MAX];
    struct store_person p = { .login = login, .name = "", .email = "", .language = "" };
    enum fault f = bring_role(a, &builtin_roles[0]);
    if (f == FAULT_NONE)
        f = store_person_get(a->store, 0, login, &arena, &p);
    password_random(password);
    if (f == FAULT_NO_DATA || f == FAULT_NONE) {
        p.role = role_named(a, builtin_roles[0].name);
        p.enabled = p.must_change = true;
        p.totp_on = false;
        p.totp_secret = p.recovery = "";
        p.hash = hash;
        p.revision = 0;
        f = password_hash(password, hash) ? store_person_put(a->store, &p, &p.id) : FAULT_STORE;
    }
    if (f == FAULT_NONE)
        f = store_passes_delete(a->store, p.id, 0, true);
    if (f == FAULT_NONE)
        journal_note(a->store, NOTE_PASSWORD_CHANGE, NULL, login, NULL, NULL);
    throttle_clear(a->logins, login);
    arena_free(&arena);
    return f;
}

/* --- signing in --------------------------------------------------------------------------------------------------------- */

static bool take_first(void *context, int64_t number)
{
    *(int64_t *)context = number;
    return false;
}

static bool fill_caller(struct access *a, const struct store_person *p, const char *address, struct caller *ret)
{
    struct arena arena = { 0 };
    struct store_role role;
    *ret = (struct caller){ .person = p->id, .role = p->role, .must_change = p->must_change };
    snprintf(ret->login, sizeof ret->login, "%s", p->login);
    snprintf(ret->address, sizeof ret->address, "%s", address);
    snprintf(ret->language, sizeof ret->language, "%s", p->language);
    bool good = store_role_get(a->store, p->role, &arena, &role) == FAULT_NONE;
    if (good)
        ret->may = permissions_read(role.permissions);
    ret->all_projects = permissions_hold(&ret->may, MAY_CREATE_PROJECTS);
    arena_free(&arena);
    return good;
}

bool access_caller(struct access *a, const struct store_person *p, struct caller *ret)
{
    return fill_caller(a, p, "", ret);
}

struct find_project {
    int64_t project;
    bool found;
};

static bool match_project(void *context, int64_t number)
{
    struct find_project *f = context;
    f->found |= number == f->project;
    return !f->found;
}

static bool match_known_project(void *context, const struct store_project *p)
{
    return match_project(context, p->id);
}

bool access_project(struct access *a, const struct caller *c, int64_t project)
{
    struct find_project f = { project, false };
    if (c->all_projects)
        return store_projects(a->store, match_known_project, &f) == FAULT_NONE && f.found;
    return store_person_projects(a->store, c->person, match_project, &f) == FAULT_NONE && f.found;
}

/* A recovery code is used up by this. */
static bool recovery_fits(struct store_person *p, const char *code, struct arena *arena)
{
    char key[SECRET_TEXT_MAX];
    secret_key(code, "recovery", key);
    const char *place = *code ? strstr(p->recovery, key) : NULL;
    if (!place)
        return false;
    char *rest = arena_take(arena, strlen(p->recovery) + 1);
    size_t before = (size_t)(place - p->recovery);
    memcpy(rest, p->recovery, before);
    const char *after = place + strlen(key);
    memcpy(rest + before, after + (*after == ' '), strlen(after + (*after == ' ')));
    p->recovery = rest;
    return true;
}

static bool second_factor_fits(struct access *a, struct store_person *p, const char *code, struct arena *arena)
{
    uint8_t secret[64];
    const char *text = a->vault ? vault_unseal(a->vault, p->totp_secret, arena) : NULL;
    long size = text ? base32_read(text, secret, sizeof secret) : -1;
    int64_t step = size > 0 ? totp_match(bytes_of(secret, (size_t)size), code, clock_utc_ms() / 1000, p->totp_step) : -1;
    if (step >= 0) {
        p->totp_step = step;
        return true;
    }
    return recovery_fits(p, code, arena);
}

static enum access_result failed(struct access *a, const struct sign_in *how, int64_t *ret_wait_ms)
{
    int64_t now = clock_monotonic_ms();
    struct caller nobody = { 0 };
    snprintf(nobody.login, sizeof nobody.login, "%s", how->login);
    snprintf(nobody.address, sizeof nobody.address, "%s", how->address);
    int64_t by_login = throttle_failed(a->logins, how->login, now), by_address = throttle_failed(a->addresses, how->address, now);
    journal_note(a->store, NOTE_LOGIN_FAILED, &nobody, how->login, NULL, NULL);
    if (by_login || by_address)
        journal_note(a->store, NOTE_LOGIN_HELD, &nobody, how->login, NULL, NULL);
    *ret_wait_ms = by_login > by_address ? by_login : by_address;
    return ACCESS_WRONG;
}

static enum access_result open_session(struct access *a, const struct store_person *p, const struct sign_in *how, char secret[65],
                                       struct caller *ret)
{
    char key[SECRET_TEXT_MAX];
    int64_t now = clock_utc_ms(), project = 1;
    if (!fill_caller(a, p, how->address, ret))
        return ACCESS_STORE;
    if (!ret->all_projects) {
        project = 0;
        store_person_projects(a->store, p->id, take_first, &project);
    }
    secret_new(secret);
    secret_key(secret, "session", key);
    secret_key(secret, "csrf", ret->csrf);
    ret->project = project;
    struct store_pass pass = { .key = key, .person = p->id, .title = how->agent, .project = project, .created_ms = now,
                               .seen_ms = now, .expires_ms = now + ACCESS_IDLE_MS, .address = how->address };
    if (store_pass_add(a->store, &pass, &ret->pass) != FAULT_NONE)
        return ACCESS_STORE;
    journal_note(a->store, NOTE_LOGIN, ret, how->login, NULL, NULL);
    return ACCESS_GOOD;
}

/* When the person was here last. Of two sign-ins with one one-time code at the same moment one fails here, by the revision seen;
 * without a code both are good, and the later one takes the row anew, as long as its password is the one that fitted. */
static bool note_signed_in(struct access *a, struct store_person *p, struct arena *arena)
{
    enum fault f;
    const char *hash = p->hash;
    bool good;
    do {
        p->signed_in_ms = clock_utc_ms();
        f = store_person_put(a->store, p, NULL);
        good = f == FAULT_NONE;
    } while (!good && f == FAULT_CHANGED && !p->totp_on && store_person_get(a->store, p->id, NULL, arena, p) == FAULT_NONE &&
             p->enabled && !p->totp_on && strcmp(p->hash, hash) == 0);
    return good;
}

enum access_result access_sign_in(struct access *a, const struct sign_in *how, char secret[65], struct caller *ret, int64_t *ret_wait_ms)
{
    int64_t now = clock_monotonic_ms();
    int64_t by_login = throttle_wait(a->logins, how->login, now), by_address = throttle_wait(a->addresses, how->address, now);
    *ret_wait_ms = by_login > by_address ? by_login : by_address;
    if (*ret_wait_ms)
        return ACCESS_HELD;
    struct arena arena = { 0 };
    struct store_person p;
    enum fault f = store_person_get(a->store, 0, how->login, &arena, &p);
    enum access_result result;
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && !p.enabled)) {
        password_pretend(how->password);
        result = failed(a, how, ret_wait_ms);
    } else if (f != FAULT_NONE) {
        result = ACCESS_STORE;
    } else if (!password_fits(how->password, p.hash)) {
        result = failed(a, how, ret_wait_ms);
    } else if (p.totp_on && !*how->code) {
        result = ACCESS_CODE_NEEDED;
    } else if (p.totp_on && !second_factor_fits(a, &p, how->code, &arena)) {
        result = failed(a, how, ret_wait_ms);
    } else {
        result = note_signed_in(a, &p, &arena) ? open_session(a, &p, how, secret, ret) : ACCESS_STORE;
    }
    if (result == ACCESS_GOOD)
        throttle_clear(a->logins, how->login);
    arena_free(&arena);
    return result;
}

bool access_enter(struct access *a, const char *secret, bool token, const char *address, struct caller *ret)
{
    char key[SECRET_TEXT_MAX];
    struct arena arena = { 0 };
    struct store_pass pass;
    struct store_person p;
    int64_t now = clock_utc_ms();
    if (strlen(secret) != SECRET_TEXT_MAX - 1)
        return false;
    secret_key(secret, token ? "token" : "session", key);
    bool good = store_pass_find(a->store, key, &arena, &pass) == FAULT_NONE && pass.token == token && pass.expires_ms > now &&
                store_person_get(a->store, pass.person, NULL, &arena, &p) == FAULT_NONE && p.enabled &&
                fill_caller(a, &p, address, ret);
    if (good) {
        ret->pass = pass.id;
        ret->token = token;
        ret->project = pass.project;
        secret_key(secret, "csrf", ret->csrf);
        if (!ret->all_projects && !access_project(a, ret, pass.project))
            ret->project = 0; /* taken out of the project meanwhile */
        if (now - pass.seen_ms > SEEN_EVERY_MS)
            store_pass_seen(a->store, pass.id, now, token ? pass.expires_ms : now + ACCESS_IDLE_MS, address);
    }
    arena_free(&arena);
    return good;
}

/* --- passwords ---------------------------------------------------------------------------------------------------------- */

struct used {
    const char *wanted;
    char hashes[PASSWORD_FORMER_KEPT][PASSWORD_HASH_MAX];
    size_t count;
};

static bool gather_hash(void *context, const char *hash)
{
    struct used *u = context;
    snprintf(u->hashes[u->count++], PASSWORD_HASH_MAX, "%s", hash);
    return u->count < PASSWORD_FORMER_KEPT;
}

/* Hashes are gathered first: comparing takes long and must not hold the store. */
static bool was_used(struct access *a, const struct store_person *p, const char *wanted)
{
    struct used *u = memory_new(sizeof *u);
    store_passwords(a->store, p->id, gather_hash, u);
    bool found = password_fits(wanted, p->hash);
    for (size_t i = 0; i < u->count && !found; i++)
        found = password_fits(wanted, u->hashes[i]);
    free(u);
    return found;
}

static enum access_result put_password(struct access *a, struct store_person *p, const char *wanted, bool must_change, int *ret_trouble)
{
    char hash[PASSWORD_HASH_MAX];
    *ret_trouble = (int)password_check(wanted);
    if (*ret_trouble == PASSWORD_GOOD && was_used(a, p, wanted))
        *ret_trouble = PASSWORD_USED;
    if (*ret_trouble != PASSWORD_GOOD)
        return ACCESS_BAD_PASSWORD;
    if (!password_hash(wanted, hash) || store_password_note(a->store, p->id, p->hash, PASSWORD_FORMER_KEPT) != FAULT_NONE)
        return ACCESS_STORE;
    p->hash = hash;
    p->must_change = must_change;
    return store_person_put(a->store, p, NULL) == FAULT_NONE ? ACCESS_GOOD : ACCESS_STORE;
}

enum access_result access_confirm(struct access *a, const struct caller *c, const char *password)
{
    struct arena arena = { 0 };
    struct store_person p;
    int64_t wait = throttle_wait(a->logins, c->login, clock_monotonic_ms());
    enum access_result result = wait ? ACCESS_HELD : ACCESS_STORE;
    if (!wait && store_person_get(a->store, c->person, NULL, &arena, &p) == FAULT_NONE) {
        struct sign_in how = { .login = c->login, .address = c->address };
        result = password_fits(password, p.hash) ? ACCESS_GOOD : failed(a, &how, &wait);
    }
    arena_free(&arena);
    return result;
}

enum access_result access_change_password(struct access *a, const struct caller *c, const char *former, const char *wanted, int *ret_trouble)
{
    struct arena arena = { 0 };
    struct store_person p;
    enum access_result result = access_confirm(a, c, former);
    if (result == ACCESS_GOOD)
        result = store_person_get(a->store, c->person, NULL, &arena, &p) == FAULT_NONE ? put_password(a, &p, wanted, false, ret_trouble) : ACCESS_STORE;
    if (result == ACCESS_GOOD) {
        store_passes_delete(a->store, c->person, c->pass, false);
        journal_note(a->store, NOTE_PASSWORD_CHANGE, c, c->login, NULL, NULL);
    }
    arena_free(&arena);
    return result;
}

enum access_result access_set_password(struct access *a, int64_t person, const char *wanted, int *ret_trouble)
{
    struct arena arena = { 0 };
    struct store_person p;
    enum access_result result = ACCESS_STORE;
    if (store_person_get(a->store, person, NULL, &arena, &p) == FAULT_NONE)
        result = put_password(a, &p, wanted, true, ret_trouble);
    if (result == ACCESS_GOOD) {
        store_passes_delete(a->store, person, 0, true);
        throttle_clear(a->logins, p.login);
    }
    arena_free(&arena);
    return result;
}

/* --- tokens and the second factor --------------------------------------------------------------------------------------- */

enum fault access_token(struct access *a, const struct caller *c, const char *title, int days, char secret[65], int64_t *ret_id)
{
    char key[SECRET_TEXT_MAX];
    int64_t now = clock_utc_ms();
    secret_new(secret);
    secret_key(secret, "token", key);
    struct store_pass pass = { .key = key, .person = c->person, .token = true, .title = title, .project = c->project, .created_ms = now,
                               .seen_ms = now, .expires_ms = now + days * (int64_t)DAY_SECONDS * 1000, .address = c->address };
    return store_pass_add(a->store, &pass, ret_id);
}

enum fault access_totp_begin(struct access *a, const struct caller *c, char secret[33])
{
    struct arena arena = { 0 };
    struct store_person p;
    enum fault f = store_person_get(a->store, c->person, NULL, &arena, &p);
    if (f == FAULT_NONE && (p.totp_on || !a->vault))
        f = FAULT_REFUSED;
    if (f == FAULT_NONE) {
        totp_secret_new(secret);
        p.totp_secret = vault_seal(a->vault, secret, &arena);
        f = store_person_put(a->store, &p, NULL);
    }
    arena_free(&arena);
    return f;
}

static const char *new_recovery(char codes[10][12], struct arena *arena)
{
    char *all = arena_take(arena, RECOVERY_CODES * SECRET_TEXT_MAX);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        recovery_code_new(codes[i]);
        secret_key(codes[i], "recovery", all + i * SECRET_TEXT_MAX);
        all[(i + 1) * SECRET_TEXT_MAX - 1] = i + 1 < RECOVERY_CODES ? ' ' : '\0';
    }
    return all;
}

enum access_result access_totp_confirm(struct access *a, const struct caller *c, const char *code, char codes[10][12])
{
    struct arena arena = { 0 };
    struct store_person p;
    enum access_result result = ACCESS_STORE;
    if (store_person_get(a->store, c->person, NULL, &arena, &p) == FAULT_NONE) {
        p.recovery = "";
        result = !p.totp_on && second_factor_fits(a, &p, code, &arena) ? ACCESS_GOOD : ACCESS_WRONG;
    }
    if (result == ACCESS_GOOD) {
        p.totp_on = true;
        p.recovery = new_recovery(codes, &arena);
        result = store_person_put(a->store, &p, NULL) == FAULT_NONE ? ACCESS_GOOD : ACCESS_STORE;
    }
    if (result == ACCESS_GOOD)
        journal_note(a->store, NOTE_TOTP_ON, c, c->login, NULL, NULL);
    arena_free(&arena);
    return result;
}

enum fault access_totp_off(struct access *a, int64_t person)
{
    struct arena arena = { 0 };
    struct store_person p;
    enum fault f = store_person_get(a->store, person, NULL, &arena, &p);
    if (f == FAULT_NONE) {
        p.totp_on = false;
        p.totp_secret = p.recovery = "";
        f = store_person_put(a->store, &p, NULL);
    }
    arena_free(&arena);
    return f;
}

/* --- who manages -------------------------------------------------------------------------------------------------------- */

struct managers {
    struct access *access;
    int64_t without;
    bool found;
};

static bool match_manager(void *context, const struct store_person *p)
{
    struct managers *m = context;
    struct caller c;
    if (p->id == m->without || !p->enabled)
        return true;
    m->found |= fill_caller(m->access, p, "", &c) && permissions_hold(&c.may, MAY_WRITE_USERS);
    return !m->found;
}

bool access_others_manage(struct access *a, int64_t person)
{
    struct managers m = { a, person, false };
    return store_people(a->store, match_manager, &m) == FAULT_NONE && m.found;
}

int64_t access_held(struct access *a, const char *login)
{
    return throttle_wait(a->logins, login, clock_monotonic_ms());
}

void access_free_login(struct access *a, const char *login)
{
    throttle_clear(a->logins, login);
}
