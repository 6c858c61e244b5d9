/* Passwords: what they must be (manual S3 2.2.27), how they are kept. Hashing takes tens of milliseconds and 19 MiB: never on
 * a thread that serves others. */
#pragma once
#include "base/lang.h"

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_LEAST = 6, PASSWORD_MOST = 32, PASSWORD_FORMER_KEPT = 24, PASSWORD_HASH_MAX = 128, SECRET_TEXT_MAX = 65 };

enum password_trouble { PASSWORD_GOOD, PASSWORD_SHORT, PASSWORD_LONG, PASSWORD_SYMBOLS, PASSWORD_USED };

/* Latin and Russian letters, digits and _+-!*@()\ ; 6 to 32 of them. */
enum password_trouble password_check(const char *utf8);
const char *password_trouble_text(enum password_trouble t, enum lang lang);

/* Argon2id; false when memory is short. */
bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX]);
bool password_fits(const char *password, const char *hash);

/* The time of password_fits without an account: names must not be found by the clock. */
void password_pretend(const char *password);

/* A random password of 14 letters and digits that cannot be mistaken for each other. */
void password_random(char password[16]);

/* 256 random bits as hex; and the hash under which such a secret is stored. */
void secret_new(char text[SECRET_TEXT_MAX]);
void secret_key(const char *secret, const char *purpose, char key[SECRET_TEXT_MAX]);

/* Readies the library below; every program calls it once before the others. */
bool secrets_begin(void);
