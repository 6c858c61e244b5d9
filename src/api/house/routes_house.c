/* House-keeping by an administrator: the mail server and its letters, how archives are kept. */
#include "api/call.h"
#include "api/routes.h"
#include "store/house/keeping.h"

#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

enum { AUTHORITY_MAX = 64 << 10, LETTERS_SHOWN = 200 };

static const char *const securities[] = { "none", "auto", "starttls", "tls", NULL };
static const char *const letter_states[] = { "waiting", "sent", "given-up", NULL };

#define MAIL_FIELDS                                                                                                                                  \
    { .name = "sender", .kind = FIELD_TEXT, .most = 254, .help = { { "email отправителя", "sender's e-mail" } } },                                   \
    { .name = "name", .kind = FIELD_TEXT, .most = 120, .help = { { "наименование отправителя", "sender's name" } } },                                \
    { .name = "user", .kind = FIELD_TEXT, .most = 200, .help = { { "имя пользователя; пусто: без входа", "user name; empty: without signing in" } } }, \
    { .name = "server", .kind = FIELD_TEXT, .most = 253, .help = { { "адрес SMTP-сервера; пусто: почта выключена", "the SMTP server's address; empty: no mail" } } }, \
    { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535 },                                                                                \
    { .name = "security", .kind = FIELD_WORD, .words = securities, .help = { { "auto: TLS на порту 465, иначе STARTTLS, если сервер умеет", "auto: TLS on port 465, else STARTTLS where the server has it" } } }, \
    { .name = "authority", .kind = FIELD_TEXT, .most = AUTHORITY_MAX, .help = { { "сертификат своего центра (PEM); пусто: доверенные этой машины", "certificate of one's own authority (PEM); empty: those this machine trusts" } } }

SHAPE(shape_mail, "MailServer", MAIL_FIELDS,
      { .name = "password", .kind = FIELD_TEXT, .help = { { "«***», если задан", "\"***\" when set" } } }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_mail_change, "MailServerChange", REVISION, MAIL_FIELDS,
      { .name = "password", .kind = FIELD_SECRET, .most = 200, .help = { { "«***»: прежний", "\"***\": the one that is set" } } });
SHAPE(shape_mail_test, "MailTest", { .name = "to", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 3, .most = 254 });
SHAPE(shape_mail_tested, "MailTested", { .name = "sent", .kind = FIELD_BOOL }, { .name = "message", .kind = FIELD_TEXT });
SHAPE(shape_letter, "Letter", { .name = "id", .kind = FIELD_INT }, { .name = "to", .kind = FIELD_TEXT }, { .name = "subject", .kind = FIELD_TEXT },
      { .name = "state", .kind = FIELD_WORD, .words = letter_states }, { .name = "tries", .kind = FIELD_INT },
      { .name = "created", .kind = FIELD_TIME }, { .name = "due", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "trouble", .kind = FIELD_TEXT });
SHAPE(shape_archive, "Archive", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "usual_title", .kind = FIELD_TEXT }, { .name = "kind", .kind = FIELD_TEXT, .help = { { "measurement, event, state, log", "measurement, event, state, log" } } },
      { .name = "default", .kind = FIELD_BOOL, .help = { { "заведён программой", "made by the program" } } },
      { .name = "active", .kind = FIELD_BOOL, .help = { { "собирать и хранить", "collect and store" } } },
      { .name = "days", .kind = FIELD_INT, .help = { { "глубина хранения, суток", "how many days it is kept" } } },
      { .name = "forever", .kind = FIELD_BOOL, .help = { { "не очищать", "never clear" } } }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_archive_change, "ArchiveChange", REVISION, { .name = "title", .kind = FIELD_TEXT, .most = 100, .help = { { "пусто: обычное", "empty: the usual one" } } },
      { .name = "active", .kind = FIELD_BOOL }, { .name = "days", .kind = FIELD_INT, .least = 1, .most = KEEPING_DAYS_MAX }, { .name = "forever", .kind = FIELD_BOOL });

/* --- the mail server -------------------------------------------------------------------------------------------------------- */

static const char hidden[] = "***";

static void get_mail(struct call *c)
{
    struct store_mail m;
    if (!call_good(c, store_mail_get(c->api->store, c->arena, &m), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "sender", m.sender);
    json_put_text(&c->out, "name", m.name);
    json_put_text(&c->out, "user", m.user);
    const char *open = c->reveal ? vault_unseal(c->api->vault, m.password, c->arena) : m.password;
    json_put_text(&c->out, "password", call_secret(c, open ? open : ""));
    json_put_text(&c->out, "server", m.server);
    json_put_int(&c->out, "port", m.port);
    json_put_text(&c->out, "security", m.security);
    json_put_text(&c->out, "authority", m.authority);
    json_put_int(&c->out, "revision", m.revision);
    json_put_end(&c->out);
}

static bool mail_right(struct call *c, const struct store_mail *m)
{
    bool ru = c->lang == LANG_RU;
    if (*m->server && !mail_server_valid(m->server))
        problem_add(&c->problems, "server", ru ? "нужно имя или адрес сервера, без порта" : "a server's name or address is wanted, without a port");
    if ((*m->server || *m->sender) && !mail_address_valid(m->sender))
        problem_add(&c->problems, "sender", ru ? "это не адрес электронной почты" : "this is no e-mail address");
    if (*m->authority && !strstr(m->authority, "-----BEGIN CERTIFICATE-----"))
        problem_add(&c->problems, "authority", ru ? "нужен сертификат в виде PEM" : "a certificate in PEM form is wanted");
    return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
}

static void change_mail(struct call *c)
{
    struct store_mail m;
    if (!call_good(c, store_mail_get(c->api->store, c->arena, &m), REFUSE_IN_USE))
        return;
    const char *password = call_text(c->body, "password", hidden);
    m.revision = call_int(c->body, "revision", 0);
    m.sender = call_text(c->body, "sender", m.sender);
    m.name = call_text(c->body, "name", m.name);
    m.user = call_text(c->body, "user", m.user);
    m.server = call_text(c->body, "server", m.server);
    m.port = (int)call_int(c->body, "port", m.port);
    m.security = call_text(c->body, "security", m.security);
    m.authority = call_text(c->body, "authority", m.authority);
    if (strcmp(password, hidden) != 0)
        m.password = vault_seal(c->api->vault, password, c->arena);
    if (!mail_right(c, &m) || !call_good(c, store_mail_put(c->api->store, &m), REFUSE_TAKEN))
        return;
    json_object_del(c->body, "password");
    call_note(c, NOTE_CONFIGURATION_CHANGE, "mail", NULL, call_json(c, c->body));
    mail_hurry(c->api->mail);
    get_mail(c);
}

static void test_mail(struct call *c)
{
    char trouble[MAIL_TROUBLE_MAX];
    const char *to = call_text(c->body, "to", "");
    struct text t = text_over(trouble, sizeof trouble);
    if (!mail_address_valid(to)) {
        call_wrong_field(c, "to", c->lang == LANG_RU ? "это не адрес электронной почты" : "this is no e-mail address");
        return;
    }
    bool sent = mail_test(c->api->mail, to, c->lang, &t);
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "sent", sent);
    json_put_text(&c->out, "message", trouble);
    json_put_end(&c->out);
}

struct letter_list {
    struct call *c;
    int64_t count;
};

static bool put_letter(void *context, const struct store_letter *l)
{
    struct letter_list *list = context;
    struct call *c = list->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", l->id);
    json_put_text(&c->out, "to", l->to);
    json_put_text(&c->out, "subject", l->subject);
    json_put_text(&c->out, "state", letter_states[l->state]);
    json_put_int(&c->out, "tries", l->tries);
    json_put_utc(&c->out, "created", l->created_ms);
    json_put_utc(&c->out, "due", l->state == LETTER_WAITING ? l->due_ms : 0);
    json_put_utc(&c->out, "ended", l->ended_ms);
    json_put_text(&c->out, "trouble", l->trouble);
    json_put_end(&c->out);
    return ++list->count < LETTERS_SHOWN;
}

static void list_letters(struct call *c)
{
    struct letter_list l = { c, 0 };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_letters(c->api->store, put_letter, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static void hurry_letters(struct call *c)
{
    mail_hurry(c->api->mail);
    c->answer->status = 202;
    call_done(c);
}

/* --- archives ----------------------------------------------------------------------------------------------------------------- */

static void put_archive(struct call *c, int what, const struct keeping *k)
{
    const char *usual = keeping_usual_title(what, c->lang);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", keeping_name(what));
    json_put_text(&c->out, "title", *k->title ? k->title : usual);
    json_put_text(&c->out, "usual_title", usual);
    json_put_text(&c->out, "kind", keeping_kind(what));
    json_put_bool(&c->out, "default", true);
    json_put_bool(&c->out, "active", k->active);
    json_put_int(&c->out, "days", k->days);
    json_put_bool(&c->out, "forever", k->forever);
    json_put_int(&c->out, "revision", k->revision);
    json_put_end(&c->out);
}

static void list_archives(struct call *c)
{
    struct keeping all[KEEPING_COUNT];
    if (!call_good(c, store_keeping(c->api->store, all), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (int i = 0; i < KEEPING_COUNT; i++)
        put_archive(c, i, &all[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", KEEPING_COUNT);
    json_put_end(&c->out);
}

static enum note note_of(int what)
{
    return what == ARCHIVE_JOURNAL ? NOTE_EVENT_ARCHIVE_UPDATE : what < KEEP_STATES ? NOTE_ARCHIVE_UPDATE :
           what < KEEP_EXCHANGES ? NOTE_STATE_ARCHIVE_UPDATE : NOTE_CONFIGURATION_CHANGE;
}

static void change_archive(struct call *c)
{
    struct keeping all[KEEPING_COUNT];
    int what = keeping_find(c->match.word[0]);
    if (what == KEEPING_COUNT) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!call_good(c, store_keeping(c->api->store, all), REFUSE_IN_USE))
        return;
    struct keeping k = all[what];
    char before[96];
    snprintf(before, sizeof before, "{\"active\":%s,\"days\":%d,\"forever\":%s}", k.active ? "true" : "false", k.days, k.forever ? "true" : "false");
    k.revision = call_int(c->body, "revision", 0);
    snprintf(k.title, sizeof k.title, "%s", call_text(c->body, "title", k.title));
    k.active = call_bool(c->body, "active", k.active);
    k.days = (int)call_int(c->body, "days", k.days);
    k.forever = call_bool(c->body, "forever", k.forever);
    if (!k.active && what >= KEEP_EXCHANGES) {
        call_wrong_field(c, "active", c->lang == LANG_RU ? "журналы самой системы не отключаются" : "the system's own logs cannot be switched off");
        return;
    }
    if (!call_good(c, store_keeping_put(c->api->store, what, &k), REFUSE_TAKEN))
        return;
    call_note(c, note_of(what), keeping_usual_title(what, LANG_RU), before, call_json(c, c->body));
    k.revision++;
    put_archive(c, what, &k);
}

static const struct route rows[] = {
    { "GET", V1 "/mail", MAY_READ_EMAIL_SETTINGS, 0, NULL, NULL, &shape_mail, NULL, 0, get_mail, { { "почтовый сервер", "the mail server" } } },
    { "PATCH", V1 "/mail", MAY_WRITE_EMAIL_SETTINGS, 0, NULL, &shape_mail_change, &shape_mail, NULL, 0, change_mail, { { "настроить почтовый сервер", "set the mail server up" } } },
    { "POST", V1 "/mail/test", MAY_WRITE_EMAIL_SETTINGS, ROUTE_SLOW, NULL, &shape_mail_test, &shape_mail_tested, NULL, 0, test_mail, { { "послать пробное письмо", "send a test message" } } },
    { "GET", V1 "/mail/letters", MAY_READ_EMAIL_SETTINGS, ROUTE_LIST, NULL, NULL, &shape_letter, NULL, 0, list_letters, { { "письма: ждут, посланы, не доставлены", "letters: waiting, sent, given up" } } },
    { "POST", V1 "/mail/letters/retry", MAY_WRITE_EMAIL_SETTINGS, 0, NULL, NULL, NULL, NULL, 0, hurry_letters, { { "попробовать послать ждущие сейчас", "try those that wait now" } } },
    { "GET", V1 "/archives", MAY_READ_DATASTORE_ARCHIVE, ROUTE_LIST, NULL, NULL, &shape_archive, NULL, 0, list_archives, { { "архивы и сроки хранения", "archives and how long they are kept" } } },
    { "PATCH", V1 "/archives/{name:word}", MAY_WRITE_DATASTORE_ARCHIVE, 0, NULL, &shape_archive_change, &shape_archive, NULL, 0, change_archive, { { "как хранить архив", "how an archive is kept" } } },
};

ROUTE_TABLE(rows);
