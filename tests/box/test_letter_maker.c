/* Letters with data on a thread of their own: one at a time, texts copied, results taken once, broken off without a loss. */
#include "../store/store_help.h"
#include "box/letter_maker.h"
#include "people/password.h"
#include "store/house/house.h"
#include "store/registry/secrets.h"
#include "store/upward/feed.h"

#include <time.h>

static struct store *s;
static struct mail *mail;

static int64_t waiting(void)
{
    int64_t counts[LETTER_STATES] = { 0 };
    store_letter_counts(s, counts);
    return counts[LETTER_WAITING];
}

static struct data_letter letter(const char *subject)
{
    return (struct data_letter){ .store = s, .mail = mail, .lang = LANG_EN, .what = { .project = 1 }, .format = SHEET_CSV, .reader = "letter:1.0", .to = "a@example.org",
                                 .subject = subject, .body = "words\n", .wall = 1795035600 };
}

static enum fault result(struct letter_maker *m)
{
    enum fault f;
    while (!letter_maker_took(m, &f))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    return f;
}

struct seen {
    char subject[100];
};

static bool see(void *context, const struct store_letter *l)
{
    struct seen *one = context;
    snprintf(one->subject, sizeof one->subject, "%s", l->subject);
    return true;
}

static void test_one_at_a_time(void)
{
    struct letter_maker *m = letter_maker_new();
    enum fault f;
    char subject[32] = "The door";
    struct data_letter l = letter(subject);
    struct seen seen = { "" };
    ok(!letter_maker_took(m, &f), "nothing was given");
    ok(letter_maker_give(m, &l), "a letter is taken");
    memset(subject, 'x', sizeof subject - 1); /* its texts were copied */
    struct data_letter other = letter("Another");
    ok(!letter_maker_give(m, &other), "one at a time, until its result was taken");
    is_int(result(m), FAULT_NONE, "made");
    ok(!letter_maker_took(m, &f), "a result is taken once");
    is_int(waiting(), 1, "it is in the mail's queue");
    store_letters(s, see, &seen);
    is_text(seen.subject, "The door");
    ok(letter_maker_give(m, &other), "then the next");
    is_int(result(m), FAULT_NONE);
    is_int(waiting(), 2);
    letter_maker_free(&m);
}

static void test_broken_off(void)
{
    atomic_bool ending = true;
    struct data_letter l = letter("Never");
    l.ending = &ending;
    is_int(data_letter_post(&l), FAULT_CANCELLED, "an end is noticed");
    is_int(waiting(), 2, "and nothing goes by halves");
    struct letter_maker *m = letter_maker_new();
    enum fault f = FAULT_CHANGED;
    l = letter("Perhaps");
    letter_maker_give(m, &l);
    letter_maker_stop(m);
    ok(letter_maker_took(m, &f), "after a stop there is a result all the same");
    ok((f == FAULT_NONE && waiting() == 3) || (f == FAULT_CANCELLED && waiting() == 2), "and it is true: %s, %d letters", fault_name(f), (int)waiting());
    ok(!letter_maker_give(m, &l), "a stopped one takes nothing");
    letter_maker_free(&m);
    ok(m == NULL);
}

int main(void)
{
    s = help_open("letters.db", NULL);
    store_mail_put(s, &(struct store_mail){ .sender = "box@example.org", .name = "", .user = "", .password = "", .server = "127.0.0.1", .port = 9, .security = "none", .authority = "", .revision = 1 });
    secrets_begin();
    store_feed_join(s, "letter:1.0");
    mail = mail_new(s, store_vault(s));
    test_one_at_a_time();
    test_broken_off();
    mail_free(&mail);
    store_close(&s);
    return tap_done();
}
