/* Ends of certificates: who is told at which day, once, over restarts; the list with several in one text. */
#include "../store/store_help.h"
#include "link/certificate.h"
#include "people/certificates.h"
#include "store/registry/secrets.h"

#include <openssl/ec.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAY_MS = 86400000 };

static const char *pem;
static int64_t ends_ms;
static bool used = true;

static enum fault list_test(struct store *s, certificate_kept_fn *each, void *context)
{
    (void)s;
    each(context, &(struct certificate_kept){ .id = 7, .part = "authority", .which = "broker:8883", .pem = pem, .used = used });
    each(context, &(struct certificate_kept){ .id = 8, .part = "certificate", .which = "", .pem = "", .used = true });
    return FAULT_NONE;
}

CERTIFICATE_OWNER(test) = { "test", { { "Проба", "A trial" } }, list_test };

struct house {
    struct store *store;
    struct access *access;
    struct mail *mail;
    struct notices *notices;
    int told;
};

static void hear(void *context, int64_t person)
{
    (void)person;
    ((struct house *)context)->told++;
}

static void open_house(struct house *h, struct store *s)
{
    char password[16];
    *h = (struct house){ .store = s };
    const struct vault *v = store_vault(s);
    h->access = access_new(s, v);
    access_begin(h->access, ROLES_GATEWAY, password);
    h->mail = mail_new(s, v);
    h->notices = notices_new(s, h->access, h->mail, hear, h);
}

static void close_house(struct house *h)
{
    notices_free(&h->notices);
    mail_free(&h->mail);
    access_free(&h->access);
}

/* How many are told so long before the end. */
static int told_at(struct house *h, int64_t before_ms)
{
    int before = h->told;
    is_int(certificates_watch(h->store, h->notices, ends_ms - before_ms), FAULT_NONE);
    return h->told - before;
}

struct seen {
    char text[NOTICE_TEXT_MAX];
    int64_t count;
};

static bool see(void *context, const struct store_notice *n)
{
    struct seen *s = context;
    struct text t = text_over(s->text, sizeof s->text);
    notice_sentence(n, LANG_EN, &t);
    s->count = n->count;
    return false; /* the newest */
}

static struct seen newest(struct house *h)
{
    struct seen s = { .count = -1 };
    store_notices(h->store, &(struct notice_filter){ .person = 1, .kind = "" }, see, &s);
    return s;
}

static void test_stages(struct store *s)
{
    struct house h;
    open_house(&h, s);
    is_int(told_at(&h, 40LL * DAY_MS), 0, "nothing while there is time");
    is_int(told_at(&h, 30LL * DAY_MS + 1000), 0, "a second before");
    is_int(told_at(&h, 30LL * DAY_MS - 1000), 1, "30 days");
    struct seen n = newest(&h);
    is_int(n.count, 30);
    ok(strstr(n.text, "A trial, broker:8883, CN = box") != NULL && strstr(n.text, "30") != NULL, "which it is: %s", n.text);
    is_int(told_at(&h, 20LL * DAY_MS), 0, "once");
    close_house(&h);
    open_house(&h, s);
    is_int(told_at(&h, 8LL * DAY_MS), 0, "over a restart");
    is_int(told_at(&h, 7LL * DAY_MS - 1000), 1, "7 days");
    used = false;
    is_int(told_at(&h, DAY_MS - 1000), 0, "what is switched off is not told");
    used = true;
    is_int(told_at(&h, DAY_MS - 1000), 1, "1 day");
    is_int(newest(&h).count, 1);
    is_int(told_at(&h, 1000), 0);
    is_int(told_at(&h, -1000), 1, "it has ended");
    n = newest(&h);
    ok(n.count == 0 && strstr(n.text, "has ended") != NULL, "told so: %s", n.text);
    is_int(told_at(&h, -10LL * DAY_MS), 0, "once");
    close_house(&h);
}

/* Whoever wants to hear of the last week only does so. */
static void test_choice(struct store *s)
{
    struct house h;
    open_house(&h, s);
    store_setting_put(s, "certificates-told", "");
    store_notice_choices_put(s, 1, &(struct store_notice_choice){ .kind = "certificate", .shown = true, .threshold = 7 }, 1);
    is_int(told_at(&h, 29LL * DAY_MS), 0, "not of 30 days");
    is_int(told_at(&h, 6LL * DAY_MS), 1, "of 7");
    close_house(&h);
}

static bool count_one(void *context, const struct certificate_words *c)
{
    (*(int *)context)++;
    return *c->subject != '\0';
}

static void test_look(const char *other)
{
    char both[8192];
    struct certificate_words w;
    int count = 0;
    snprintf(both, sizeof both, "words before\n%s\n%s-----BEGIN CERTIFICATE-----\nbroken", pem, other);
    is_int(certificates_look(both, count_one, &count), 2, "each of a text, what is broken behind it is left");
    is_int(count, 2);
    ok(certificate_look(pem, &w) && strcmp(w.subject, "CN = box") == 0 && strlen(w.not_after) == 20, "%s until %s", w.subject, w.not_after);
    ok(!certificate_look("", &w) && !certificate_look("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END CERTIFICATE-----\n", &w), "none");
}

int main(void)
{
    struct arena a = { 0 };
    struct certificate_words w;
    const char *key, *other;
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    certificate_make(pair, EVP_sha256(), "box", NULL, &a, &pem, &key);
    certificate_make(pair, EVP_sha256(), "other", NULL, &a, &other, &key);
    EVP_PKEY_free(pair);
    certificate_look(pem, &w);
    ends_ms = w.ends_s * 1000;
    test_look(other);
    struct store *s = help_open("certificates.db", NULL);
    test_stages(s);
    test_choice(s);
    store_close(&s);
    arena_free(&a);
    return tap_done();
}
