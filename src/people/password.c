/* Passwords and secrets on libsodium; see password.h. */
#include "people/password.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* 19 MiB and two passes: what OWASP recommends as the least for Argon2id. */
enum { HASH_PASSES = 2, HASH_BYTES = 19 << 20 };

static const struct phrase troubles[] = {
    [PASSWORD_GOOD] = { { "подходит", "good" } },
    [PASSWORD_SHORT] = { { "не короче 6 символов", "at least 6 characters" } },
    [PASSWORD_LONG] = { { "не длиннее 32 символов", "at most 32 characters" } },
    [PASSWORD_SYMBOLS] = { { "только буквы, цифры и символы _ + - ! * @ ( ) \\", "only letters, digits and _ + - ! * @ ( ) \\" } },
    [PASSWORD_USED] = { { "этот пароль уже использовался", "this password was used before" } },
};

bool secrets_begin(void)
{
    return sodium_init() >= 0;
}

static bool ascii_allowed(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_+-!*@()\\", c));
}

/* А..я and Ёё as UTF-8: D0 81, D0 90..D0 BF, D1 80..D1 8F, D1 91. */
static bool russian_letter(const unsigned char *at)
{
    return (at[0] == 0xD0 && (at[1] == 0x81 || (at[1] >= 0x90 && at[1] <= 0xBF))) ||
           (at[0] == 0xD1 && ((at[1] >= 0x80 && at[1] <= 0x8F) || at[1] == 0x91));
}

enum password_trouble password_check(const char *utf8)
{
    int count = 0;
    for (const unsigned char *at = (const unsigned char *)utf8; *at; count++) {
        if (ascii_allowed(*at))
            at++;
        else if (russian_letter(at))
            at += 2;
        else
            return PASSWORD_SYMBOLS;
    }
    return count < PASSWORD_LEAST ? PASSWORD_SHORT : count > PASSWORD_MOST ? PASSWORD_LONG : PASSWORD_GOOD;
}

const char *password_trouble_text(enum password_trouble t, enum lang lang)
{
    return phrase_in(&troubles[t], lang);
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX])
{
    _Static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "room for the hash");
    return crypto_pwhash_str_alg(hash, password, strlen(password), HASH_PASSES, HASH_BYTES, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool password_fits(const char *password, const char *hash)
{
    return *hash && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void password_pretend(const char *password)
{
    char hash[PASSWORD_HASH_MAX];
    (void)password_hash(password, hash);
}

void password_random(char password[16])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    for (int i = 0; i < 14; i++)
        password[i] = letters[randombytes_uniform(sizeof letters - 1)];
    password[14] = '\0';
}

void secret_new(char text[SECRET_TEXT_MAX])
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, SECRET_TEXT_MAX, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
}

void secret_key(const char *secret, const char *purpose, char key[SECRET_TEXT_MAX])
{
    unsigned char hash[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)secret, strlen(secret));
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(key, SECRET_TEXT_MAX, hash, sizeof hash);
}
