/* Permissions, password rules, one-time codes, throttling: what can be checked without a database. */
#include "people/password.h"
#include "people/permission.h"
#include "people/throttle.h"
#include "people/totp.h"
#include "tap.h"

static void test_permissions(void)
{
    for (enum permission p = 0; p < PERMISSION_COUNT; p++)
        if (permission_find(permission_name(p)) != p || !*permission_title(p, LANG_RU) || !*permission_title(p, LANG_EN))
            ok(0, "permission %d", p);
    struct permissions admin = builtin_permissions(&builtin_roles[0]), user = builtin_permissions(&builtin_roles[2]);
    ok(permissions_hold(&admin, MAY_DELETE_PROJECTS) && permissions_hold(&admin, MAY_READ_DEVICES));
    ok(permissions_hold(&user, MAY_READ_DEVICES) && !permissions_hold(&user, MAY_WRITE_DEVICES));
    ok(permissions_within(&user, &admin) && !permissions_within(&admin, &user));
    char text[PERMISSIONS_TEXT_MAX];
    struct permissions back = permissions_read(permissions_write(&admin, text));
    ok(permissions_within(&back, &admin) && permissions_within(&admin, &back), "written and read back");
    back = permissions_read("  Read.Devices  Nonsense Read.Devicesx ");
    ok(permissions_hold(&back, MAY_READ_DEVICES) && back.bits[0] == 1ull << MAY_READ_DEVICES && !back.bits[1]);
    struct permissions m2m = builtin_permissions(&builtin_roles[3]);
    is_text(permissions_write(&m2m, text), "Read.Devices Read.Datastore Execute.ESB.Device.Read Execute.ESB.Device.Control",
            "M2M has what the manual gives it");
}

static void test_passwords(void)
{
    is_int(password_check("12345"), PASSWORD_SHORT);
    is_int(password_check("пароль"), PASSWORD_GOOD, "letters are counted, not bytes");
    is_int(password_check("Ёлка_ё+-!*@()\\"), PASSWORD_GOOD);
    is_int(password_check("abcdefghijklmnopqrstuvwxyz012345"), PASSWORD_GOOD, "32 are enough");
    is_int(password_check("abcdefghijklmnopqrstuvwxyz0123456"), PASSWORD_LONG);
    is_int(password_check("пробел в нём"), PASSWORD_SYMBOLS);
    is_int(password_check("ümlaut1"), PASSWORD_SYMBOLS);
    is_int(password_check("abcde\xD0"), PASSWORD_SYMBOLS, "half a letter");
    char hash[PASSWORD_HASH_MAX], random[16], other[16];
    ok(password_hash("secret-1", hash) && strncmp(hash, "$argon2id$", 10) == 0);
    ok(password_fits("secret-1", hash) && !password_fits("secret-2", hash) && !password_fits("", ""));
    password_random(random);
    password_random(other);
    ok(password_check(random) == PASSWORD_GOOD && strcmp(random, other) != 0);
    char secret[SECRET_TEXT_MAX], key[SECRET_TEXT_MAX], csrf[SECRET_TEXT_MAX];
    secret_new(secret);
    secret_key(secret, "session", key);
    secret_key(secret, "csrf", csrf);
    ok(strlen(secret) == 64 && strcmp(key, csrf) != 0 && strcmp(secret, key) != 0);
}

/* RFC 6238 appendix B, SHA-1; RFC 4226 appendix D; RFC 4648 section 10. */
static void test_totp(void)
{
    struct bytes secret = bytes_of_text("12345678901234567890");
    static const struct { int64_t at; uint32_t code; } rows[] = {
        { 59, 94287082 }, { 1111111109, 7081804 }, { 1111111111, 14050471 }, { 1234567890, 89005924 },
        { 2000000000, 69279037 }, { 20000000000, 65353130 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_int(totp_code(secret, rows[i].at / 30, 8), rows[i].code, "RFC 6238 at %lld", (long long)rows[i].at);
    static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };
    for (int i = 0; i < 10; i++)
        is_int(totp_code(secret, i, 6), hotp[i], "RFC 4226 count %d", i);
    is_int(totp_match(secret, "287082", 59, 0), 1);
    is_int(totp_match(secret, "287082", 89, 0), 1, "a step late");
    is_int(totp_match(secret, "287082", 119, 0), -1, "two steps late");
    is_int(totp_match(secret, "287082", 59, 1), -1, "a code works once");
    is_int(totp_match(secret, "28708", 59, 0), -1);
    is_int(totp_match(secret, "28708a", 59, 0), -1);
    static const char *const base32[][2] = { { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
                                             { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
    for (size_t i = 0; i < sizeof base32 / sizeof *base32; i++) {
        char text[20];
        uint8_t back[20];
        base32_write(bytes_of_text(base32[i][0]), text, sizeof text);
        is_text(text, base32[i][1]);
        long size = base32_read(text, back, sizeof back);
        ok(size == (long)strlen(base32[i][0]) && memcmp(back, base32[i][0], (size_t)size) == 0);
    }
    uint8_t out[4];
    is_int(base32_read("M1", out, sizeof out), -1);
    is_int(base32_read("MZXW6YTBOI", out, sizeof out), -1, "no room");
    char fresh[TOTP_SECRET_TEXT], uri[TOTP_URI_MAX];
    totp_secret_new(fresh);
    is_int(strlen(fresh), 32);
    ok(strstr(totp_uri("иван petrov", "ABC", uri), "otpauth://totp/Svod:%D0%B8%D0%B2%D0%B0%D0%BD%20petrov?secret=ABC") == uri);
}

static void test_throttle(void)
{
    struct throttle *t = throttle_new(&(struct throttle_rule){ 3, 1000, 5000 });
    is_int(throttle_failed(t, "ivan", 100), 0);
    is_int(throttle_failed(t, "ivan", 200), 0);
    is_int(throttle_failed(t, "ivan", 300), 5000, "the third holds");
    is_int(throttle_wait(t, "ivan", 1300), 4000);
    is_int(throttle_wait(t, "petr", 1300), 0);
    for (int i = 0; i < 100000; i++) {
        char name[24];
        snprintf(name, sizeof name, "flood%d", i);
        throttle_failed(t, name, 1301 + i / 1000);
    }
    ok(throttle_wait(t, "ivan", 1500) > 0, "a flood of names does not free who is held");
    is_int(throttle_wait(t, "ivan", 5300), 0, "the wait ends");
    is_int(throttle_failed(t, "slow", 0) + throttle_failed(t, "slow", 1100) + throttle_failed(t, "slow", 2300), 0, "slow tries are free");
    throttle_failed(t, "anna", 1), throttle_failed(t, "anna", 2), throttle_failed(t, "anna", 3);
    throttle_clear(t, "anna");
    is_int(throttle_wait(t, "anna", 4), 0);
    throttle_free(&t);
}

int main(void)
{
    ok(secrets_begin());
    test_permissions();
    test_passwords();
    test_totp();
    test_throttle();
    return tap_done();
}
