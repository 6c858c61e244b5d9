/* Addresses and header lines of letters. */
#include "people/mail.h"
#include "tap.h"

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
    test_addresses();
    test_header();
    return tap_done();
}
