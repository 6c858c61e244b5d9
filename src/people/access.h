/* Who comes in and as whom: signing in with password and second factor, sessions and tokens, projects, the first
 * administrator. Everything here may take tens of milliseconds where it says "hashes": call it off the event threads. */
#pragma once
#include "people/permission.h"
#include "store/registry/vault.h"
#include "store/people/people.h"

struct access;

/* Somebody who came in, for the time of one request. */
struct caller {
    int64_t person, role, pass, project;
    bool token;        /* a program: no cookie, so no forged requests either */
    bool must_change;  /* may do nothing but change the password */
    bool all_projects; /* may work in any project */
    char login[72], address[64];
    char language[4];
    char csrf[65];     /* what unsafe requests of this session must repeat */
    struct permissions may;
};

enum access_result {
    ACCESS_GOOD,
    ACCESS_WRONG,       /* name, password or code; or the account is disabled: not told apart */
    ACCESS_CODE_NEEDED, /* the password fits, the second factor is still to come */
    ACCESS_HELD,        /* too many tries: wait */
    ACCESS_STORE,
    ACCESS_BAD_PASSWORD /* the new one: see enum password_trouble */
};

enum { ACCESS_TRIES = 5, ACCESS_HOLD_MS = 15 * 60000, ACCESS_ADDRESS_TRIES = 30, ACCESS_IDLE_MS = 8 * 3600000 };

/* The vault, which must outlive it, seals second factors; NULL (at the console): there are none. */
struct access *access_new(struct store *s, const struct vault *v);
void access_free(struct access **a);

/* Brings the built-in roles up to this program's table; when there is nobody yet, makes "admin" with a random password,
 * which it writes to `password` (else ""). Hashes. */
bool access_begin(struct access *a, enum role_set set, char password[16]);

/* Gives a person, made when there is none of that login, the Administrator's role and a random password to be changed at the
 * next sign-in; ends the sessions, takes the second factor off. For the console. Hashes. */
enum fault access_rescue(struct access *a, const char *login, char password[16]);

struct sign_in {
    const char *login, *password;
    const char *code;    /* of the authenticator or a recovery code; "" for none */
    const char *address, *agent;
};

/* ACCESS_GOOD: `secret` is what the browser keeps. ACCESS_HELD: *ret_wait_ms. Hashes. */
enum access_result access_sign_in(struct access *a, const struct sign_in *how, char secret[65], struct caller *ret,
                                  int64_t *ret_wait_ms);

/* The caller of a session's or token's secret; false when it is nobody's, too old, or the account is disabled. */
bool access_enter(struct access *a, const char *secret, bool token, const char *address, struct caller *ret);

/* A person as a caller without a session: what he may do, whether every project is his. */
bool access_caller(struct access *a, const struct store_person *p, struct caller *ret);

/* Hashes. *ret_trouble is enum password_trouble with ACCESS_BAD_PASSWORD. Other sessions of the caller end. */
enum access_result access_change_password(struct access *a, const struct caller *c, const char *former, const char *wanted,
                                          int *ret_trouble);

/* Another's password, to be changed at the next sign-in; ends all of the person's sessions. Hashes. */
enum access_result access_set_password(struct access *a, int64_t person, const char *wanted, int *ret_trouble);

/* The caller's own password is right. Hashes. Wrong ones count as tries to sign in. */
enum access_result access_confirm(struct access *a, const struct caller *c, const char *password);

/* A token for the caller (a program signs in with it), of the caller's project; days 1..3660. */
enum fault access_token(struct access *a, const struct caller *c, const char *title, int days, char secret[65], int64_t *ret_id);

/* May the caller work in that project? */
bool access_project(struct access *a, const struct caller *c, int64_t project);

/* Second factor: a secret to enrol (not in force yet); its confirmation by a code, with the recovery codes; taking it off. */
enum fault access_totp_begin(struct access *a, const struct caller *c, char secret[33]);
enum access_result access_totp_confirm(struct access *a, const struct caller *c, const char *code, char codes[10][12]);
enum fault access_totp_off(struct access *a, int64_t person);

/* True when, this person left aside (disabled, deleted, given another role), somebody still may manage users. */
bool access_others_manage(struct access *a, int64_t person);

/* Milliseconds that a login is still held; freed by an administrator. */
int64_t access_held(struct access *a, const char *login);
void access_free_login(struct access *a, const char *login);
