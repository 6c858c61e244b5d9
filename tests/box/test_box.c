/* The keeper of the box over a simulated board: a trial that nobody confirms and one that is, the certificate, secrets sealed. */
#include "../store/store_help.h"
#include "box/box.h"
#include "box/certificate.h"

#include <time.h>

enum { BEAT = 10, LOOKS = 1500 };

static struct lan_settings wanted(struct store *s)
{
    struct lan_settings l;
    lan_settings_read(s, &l);
    snprintf(l.lan[0].address, sizeof l.lan[0].address, "10.5.5.5");
    return l;
}

static const char *address(struct board *b)
{
    static struct board_lan l;
    board_lan(b, 0, &l);
    return l.address[0];
}

/* Waits until the board has that address. */
static bool becomes(struct board *b, const char *want)
{
    for (int i = 0; i < LOOKS && strcmp(address(b), want) != 0; i++)
        nanosleep(&(struct timespec){ .tv_nsec = BEAT * 1000000 }, NULL);
    return strcmp(address(b), want) == 0;
}

static void test_trial(struct box *x, struct board *b, struct store *s)
{
    struct lan_settings l = wanted(s), seen;
    is_int(box_lan_confirm(x, NULL), FAULT_NO_DATA, "nothing to confirm yet");
    is_int(box_lan_try(x, &l, NULL), FAULT_NONE);
    is_int(box_lan_try(x, &l, NULL), FAULT_REFUSED, "one trial at a time");
    ok(becomes(b, "10.5.5.5/24"), "it is on the board");
    ok(becomes(b, "192.168.0.1/24"), "nobody confirms: the former settings come back");
    lan_settings_read(s, &seen);
    ok(!seen.written && seen.revision == 1, "and nothing was written");
    for (int i = 0; i < LOOKS && box_lan_trial(x, &seen); i++)
        nanosleep(&(struct timespec){ .tv_nsec = BEAT * 1000000 }, NULL);
    is_int(box_lan_try(x, &l, NULL), FAULT_NONE, "another try");
    ok(becomes(b, "10.5.5.5/24"));
    is_int(box_lan_confirm(x, NULL), FAULT_NONE);
    is_int(box_lan_confirm(x, NULL), FAULT_NO_DATA, "once");
    lan_settings_read(s, &seen);
    ok(seen.written && seen.revision == 2 && strcmp(seen.lan[0].address, "10.5.5.5") == 0, "confirmed, it is written");
    is_int(box_lan_try(x, &l, NULL), FAULT_CHANGED, "who saw older settings does not overwrite");
}

static void test_certificate(struct store *s, struct vault *v)
{
    struct arena a = { 0 };
    const char *certificate = NULL, *key = NULL, *again = NULL, *key_again = NULL, *content;
    int64_t revision;
    ok(box_certificate(s, v, "900000000001", &a, &certificate, &key), "made");
    ok(strstr(certificate, "BEGIN CERTIFICATE") && strstr(key, "BEGIN PRIVATE KEY"), "in PEM");
    ok(box_certificate(s, v, "900000000001", &a, &again, &key_again) && strcmp(certificate, again) == 0 && strcmp(key, key_again) == 0, "once and for all");
    store_form_get(s, "box.certificate", &a, &content, &revision);
    ok(!strstr(content, "PRIVATE KEY"), "its key does not lie open in the database");
    arena_free(&a);
}

static void test_modem(struct store *s, struct vault *v)
{
    struct arena a = { 0 };
    const char *content;
    struct modem_settings m, seen;
    modem_settings_read(s, v, &m);
    ok(!m.written && !modem_rules(&m).allowed[0], "before the first write no card is used");
    m.sim[1] = (struct board_sim){ .allowed = true, .sign_in = true, .pin = "4321", .apn = "internet", .login = "gdata", .password = "Word-7" };
    is_int(modem_settings_write(s, v, &m), FAULT_NONE);
    modem_settings_read(s, v, &seen);
    ok(seen.written && strcmp(seen.sim[1].pin, "4321") == 0 && strcmp(seen.sim[1].password, "Word-7") == 0 && modem_rules(&seen).allowed[1], "as it was written");
    store_form_get(s, "box.modem", &a, &content, &seen.revision);
    ok(!strstr(content, "4321") && !strstr(content, "Word-7"), "PIN and password are sealed");
    arena_free(&a);
}

int main(void)
{
    char words[300];
    struct text problem = text_over(words, sizeof words);
    struct store *s = help_open("box.db", NULL);
    struct board *b = board_open("sim", LANG_EN, &problem);
    struct store_error error;
    struct vault *v = s ? vault_open(store_path(s), &error) : NULL;
    if (ok(s && b && v, "%s", words)) {
        test_certificate(s, v);
        test_modem(s, v);
        struct box *x = box_new(&(struct box_options){ .store = s, .board = b, .vault = v, .beat_ms = BEAT, .trial_s = 1 });
        test_trial(x, b, s);
        box_free(&x);
    }
    vault_free(&v);
    board_free(&b);
    store_close(&s);
    help_clean();
    return tap_done();
}
