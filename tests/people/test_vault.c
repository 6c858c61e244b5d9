/* Sealed secrets and their key file; addresses and header lines of letters. */
#include "people/mail.h"
#include "people/password.h"
#include "people/vault.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[200];

static const char *path_of(const char *name)
{
    static char path[2][300];
    static int turn;
    snprintf(path[turn ^= 1], sizeof *path, "%s/%s", place, name);
    return path[turn];
}

static struct vault *open_vault(const char *database, char problem[300])
{
    struct text t = text_over(problem, 300);
    return vault_open(database, LANG_EN, &t);
}

static void test_sealing(void)
{
    char problem[300], damaged[400];
    struct arena a = { 0 };
    struct vault *v = open_vault(path_of("a.db"), problem), *again = open_vault(path_of("a.db"), problem), *other = open_vault(path_of("b.db"), problem);
    ok(v && again && other, "keys are made and read: %s", problem);
    const char *sealed = vault_seal(v, "пароль-1", &a);
    ok(vault_is_sealed(sealed) && !strstr(sealed, "пароль"), "what lies in the database does not show it");
    ok(strcmp(sealed, vault_seal(v, "пароль-1", &a)) != 0, "the same secret is sealed otherwise each time");
    is_text(vault_unseal(again, sealed, &a), "пароль-1", "the key's file opens it again");
    ok(!vault_unseal(other, sealed, &a), "another key does not");
    is_text(vault_seal(v, "", &a), "");
    is_text(vault_unseal(v, "open as it was", &a), "open as it was", "what was never sealed");
    for (size_t i = 7; sealed[i]; i++) {
        snprintf(damaged, sizeof damaged, "%s", sealed);
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        const char *opened = vault_unseal(v, damaged, &a);
        if (opened && strcmp(opened, "пароль-1") != 0)
            ok(0, "byte %zu changed unnoticed", i);
    }
    snprintf(damaged, sizeof damaged, "%.20s", sealed);
    ok(!vault_unseal(v, damaged, &a) && !vault_unseal(v, "sealed:", &a) && !vault_unseal(v, "sealed:***", &a), "cut off, empty, no base64");
    vault_free(&v);
    vault_free(&again);
    vault_free(&other);
    arena_free(&a);
}

static void test_key_file(void)
{
    char problem[300] = "", key[VAULT_PATH_MAX];
    struct stat about;
    vault_path(path_of("a.db"), key);
    ok(stat(key, &about) == 0 && (about.st_mode & 0777) == 0600, "the key file is its owner's alone");
    chmod(key, 0644);
    ok(!open_vault(path_of("a.db"), problem) && strstr(problem, "chmod 600"), "readable by others it is not taken: %s", problem);
    chmod(key, 0600);
    ok(truncate(key, 20) == 0 && !open_vault(path_of("a.db"), problem) && strstr(problem, "no key"), "half a key: %s", problem);
    ok(!open_vault(path_of("nowhere/a.db"), problem), "no such folder");
    chmod(place, 0500);
    bool root = geteuid() == 0;
    ok(root || !open_vault(path_of("c.db"), problem), "a folder that cannot be written");
    chmod(place, 0700);
}

static void test_addresses(void)
{
    static const char *const good[] = { "a@b", "ivan.petrov+x@mail.example.ru" };
    static const char *const bad[] = { "", "a", "@b", "a@", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b,c@d", "a\"@b" };
    for (size_t i = 0; i < 2; i++)
        ok(mail_address_valid(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!mail_address_valid(bad[i]), "no address %zu", i);
    ok(mail_server_valid("mail.example.ru") && mail_server_valid("10.5.0.21") && mail_server_valid("[::1]"));
    ok(!mail_server_valid("") && !mail_server_valid("a/b") && !mail_server_valid("a:25") && !mail_server_valid("user@host") && !mail_server_valid("a b"));
}

static void test_header(void)
{
    char line[600];
    struct text t = text_over(line, sizeof line);
    mail_header_put(&t, "Plain words");
    is_text(line, "Plain words");
    t = text_over(line, sizeof line);
    mail_header_put(&t, "Свод");
    is_text(line, "=?UTF-8?B?0KHQstC+0LQ=?=", "RFC 2047");
    t = text_over(line, sizeof line);
    mail_header_put(&t, "Длинная тема письма, которая не помещается в одно закодированное слово, потому что в нём не больше 75 знаков");
    size_t longest = 0;
    for (const char *at = line; *at;) {
        size_t size = strcspn(at, "\r\n");
        longest = size > longest ? size : longest;
        at += size;
        at += strspn(at, "\r\n ");
    }
    ok(longest <= 75 && strstr(line, "?=\r\n =?UTF-8?B?"), "words of at most 75 bytes: %zu", longest);
    t = text_over(line, sizeof line);
    mail_header_put(&t, "=?UTF-8?B?0KHQ?=");
    ok(strncmp(line, "=?UTF-8?B?PT9V", 14) == 0, "what looks encoded is encoded, so that it comes as it is");
}

int main(void)
{
    snprintf(place, sizeof place, "%s/svod-vault-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(place) || !secrets_begin())
        return 1;
    test_sealing();
    test_key_file();
    test_addresses();
    test_header();
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    ok(system(command) == 0);
    return tap_done();
}
