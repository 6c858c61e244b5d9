/* The queue of letters and its thread; see mail.h. How one letter goes over SMTP is in mail_send.c. */
#include "people/mail_send.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/certificates.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_WAIT_MS = 60000, LONGEST_WAIT_MS = 6 * 3600000, LOOK_MS = 5000 };

struct mail {
    struct store *store;
    const struct vault *vault;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wanted;
    atomic_bool ending;
    int64_t last_ms;
    bool last_good;
    char trouble[MAIL_TROUBLE_MAX];
};

bool mail_address_valid(const char *address)
{
    size_t size = strlen(address);
    const char *at = strrchr(address, '@');
    if (size > 254 || !at || at == address || !at[1])
        return false;
    for (const char *c = address; *c; c++)
        if ((uint8_t)*c <= ' ' || *c == 0x7F || strchr("<>\"(),;:\\", *c))
            return false;
    return true;
}

bool mail_server_valid(const char *server)
{
    size_t size = strlen(server);
    if (size == 0 || size > 253)
        return false;
    bool literal = server[0] == '[' && server[size - 1] == ']';
    for (const char *c = server + literal; *c && c < server + size - literal; c++)
        if (!((*c | 32) >= 'a' && (*c | 32) <= 'z') && !(*c >= '0' && *c <= '9') && !strchr(literal ? ":." : "-._", *c))
            return false;
    return true;
}

/* --- one try ------------------------------------------------------------------------------------------------------------ */

static void note_try(struct mail *m, const struct mail_outcome *how)
{
    pthread_mutex_lock(&m->lock);
    m->last_ms = clock_utc_ms();
    m->last_good = how->good;
    snprintf(m->trouble, sizeof m->trouble, "%s", how->trouble);
    pthread_mutex_unlock(&m->lock);
}

static void try_once(struct mail *m, const struct mail_letter *letter, enum lang lang, struct mail_outcome *ret)
{
    static const struct phrase other_key = { { "пароль почты запечатан другим ключом: введите его заново", "the mail password was sealed with another key: enter it again" } };
    static const struct phrase no_server = { { "почтовый сервер не указан", "no mail server is set" } };
    struct arena arena = { 0 };
    struct store_mail set;
    *ret = (struct mail_outcome){ 0 };
    if (store_mail_get(m->store, &arena, &set) != FAULT_NONE || !*set.server) {
        snprintf(ret->trouble, sizeof ret->trouble, "%s", phrase_in(&no_server, lang));
    } else {
        set.password = vault_unseal(m->vault, set.password, &arena);
        if (set.password)
            mail_send(&set, letter, &m->ending, lang, ret);
        else
            snprintf(ret->trouble, sizeof ret->trouble, "%s", phrase_in(&other_key, lang));
    }
    note_try(m, ret);
    arena_free(&arena);
}

static void conclude(struct mail *m, struct store_letter *l, const struct mail_outcome *how)
{
    int64_t wait = l->tries < 20 ? (int64_t)FIRST_WAIT_MS << l->tries : LONGEST_WAIT_MS;
    l->tries++;
    l->due_ms = clock_utc_ms() + (wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS);
    l->state = how->good ? LETTER_SENT : how->for_good || (l->tries >= MAIL_TRIES && !l->file) ? LETTER_GIVEN_UP : LETTER_WAITING;
    l->trouble = how->trouble;
    if (!how->good)
        log_line(l->state == LETTER_GIVEN_UP ? LOG_ERROR : LOG_WARNING, "mail", "letter=%lld try=%d trouble=\"%s\"", (long long)l->id, l->tries, how->trouble);
    store_letter_put(m->store, l);
}

/* The row's number, moment and address: the same for every try, another for every letter of every box. */
static uint64_t mark_of(const struct store_letter *l)
{
    uint64_t mark = 14695981039346656037u; /* FNV-1a */
    char text[400];
    snprintf(text, sizeof text, "%lld %lld %s", (long long)l->id, (long long)l->created_ms, l->to);
    for (const char *c = text; *c; c++)
        mark = (mark ^ (uint8_t)*c) * 1099511628211u;
    return mark ? mark : 1;
}

static void try_letter(struct mail *m, const struct store_letter *l, struct arena *a, struct mail_outcome *ret)
{
    static const char gone[] = "файл письма пропал";
    struct store_letter_file file;
    struct mail_letter letter = { l->to, l->subject, l->body, l->file ? &file : NULL, mark_of(l) };
    enum fault fault = l->file ? store_letter_file_get(m->store, l->file, a, &file) : FAULT_NONE;
    *ret = (struct mail_outcome){ .for_good = fault == FAULT_NO_DATA };
    if (fault == FAULT_NONE)
        try_once(m, &letter, LANG_RU, ret);
    else
        snprintf(ret->trouble, sizeof ret->trouble, "%s", fault == FAULT_NO_DATA ? gone : fault_text(fault, LANG_RU));
}

/* One letter, if one is due. */
static bool work(struct mail *m)
{
    struct arena arena = { 0 };
    struct store_mail set;
    struct store_letter l;
    bool due = store_mail_get(m->store, &arena, &set) == FAULT_NONE && *set.server && store_letter_due(m->store, clock_utc_ms(), &arena, &l) == FAULT_NONE;
    if (due) {
        struct mail_outcome how;
        try_letter(m, &l, &arena, &how);
        if (!atomic_load(&m->ending)) /* broken off by our own end: says nothing of the letter */
            conclude(m, &l, &how);
    }
    arena_free(&arena);
    return due;
}

static void *run(void *argument)
{
    struct mail *m = argument;
    while (!atomic_load(&m->ending)) {
        if (work(m))
            continue;
        int64_t until = clock_utc_ms() + LOOK_MS;
        struct timespec t = clock_timespec(until);
        pthread_mutex_lock(&m->lock);
        if (!atomic_load(&m->ending))
            pthread_cond_timedwait(&m->wanted, &m->lock, &t);
        pthread_mutex_unlock(&m->lock);
    }
    return NULL;
}

/* --- the outside -------------------------------------------------------------------------------------------------------- */

struct mail *mail_new(struct store *s, const struct vault *v)
{
    struct mail *m = memory_new(sizeof *m);
    m->store = s;
    m->vault = v;
    mail_send_begin();
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->wanted, NULL);
    pthread_create(&m->thread, NULL, run, m);
    return m;
}

static void wake(struct mail *m)
{
    pthread_mutex_lock(&m->lock);
    pthread_cond_signal(&m->wanted);
    pthread_mutex_unlock(&m->lock);
}

void mail_free(struct mail **mail)
{
    struct mail *m = *mail;
    if (!m)
        return;
    atomic_store(&m->ending, true);
    wake(m);
    pthread_join(m->thread, NULL);
    pthread_cond_destroy(&m->wanted);
    pthread_mutex_destroy(&m->lock);
    free(m);
    *mail = NULL;
}

static enum fault server_set(struct mail *m)
{
    struct arena arena = { 0 };
    struct store_mail set;
    enum fault f = store_mail_get(m->store, &arena, &set);
    if (f == FAULT_NONE && !*set.server)
        f = FAULT_SETTING;
    arena_free(&arena);
    return f;
}

enum fault mail_post(struct mail *m, const struct mail_letter *letter)
{
    enum fault f = mail_address_valid(letter->to) ? server_set(m) : FAULT_SETTING;
    if (f == FAULT_NONE)
        f = store_letter_add(m->store, &(struct store_letter){ .to = letter->to, .subject = letter->subject, .body = letter->body }, NULL);
    if (f == FAULT_NONE)
        wake(m);
    return f;
}

enum fault mail_post_file(struct mail *m, const struct mail_letter *letter, const char *const *to, size_t count, const struct feed_reader *reader)
{
    enum fault f = server_set(m);
    for (size_t i = 0; i < count && f == FAULT_NONE; i++)
        if (!mail_address_valid(to[i]))
            f = FAULT_SETTING;
    if (f == FAULT_NONE)
        f = store_letters_file(m->store, &(struct store_letter){ .subject = letter->subject, .body = letter->body }, to, count, letter->file, reader);
    if (f == FAULT_NONE)
        wake(m);
    return f;
}

bool mail_test(struct mail *m, const char *to, enum lang lang, struct text *trouble)
{
    static const struct phrase subject = { { "Svod: пробное письмо", "Svod: a test message" } };
    static const struct phrase body = { { "Если вы читаете это, почта настроена верно.\n", "If you read this, mail is set up right.\n" } };
    struct mail_outcome how;
    try_once(m, &(struct mail_letter){ .to = to, .subject = phrase_in(&subject, lang), .body = phrase_in(&body, lang) }, lang, &how);
    if (!how.good)
        text_put(trouble, how.trouble);
    return how.good;
}

void mail_hurry(struct mail *m)
{
    store_letters_hurry(m->store);
    wake(m);
}

void mail_figures(struct mail *m, struct mail_figures *ret)
{
    struct arena arena = { 0 };
    struct store_mail set;
    int64_t counts[LETTER_STATES];
    *ret = (struct mail_figures){ 0 };
    if (store_letter_counts(m->store, counts) == FAULT_NONE) {
        ret->waiting = counts[LETTER_WAITING];
        ret->sent = counts[LETTER_SENT];
        ret->given_up = counts[LETTER_GIVEN_UP];
    }
    ret->set = store_mail_get(m->store, &arena, &set) == FAULT_NONE && *set.server;
    arena_free(&arena);
    pthread_mutex_lock(&m->lock);
    ret->last_ms = m->last_ms;
    ret->last_good = m->last_good;
    snprintf(ret->trouble, sizeof ret->trouble, "%s", m->trouble);
    pthread_mutex_unlock(&m->lock);
}

/* ---- in the list of certificates ---- */

static enum fault list_authority(struct store *s, certificate_kept_fn *each, void *context)
{
    struct arena a = { 0 };
    struct store_mail m;
    enum fault fault = store_mail_get(s, &a, &m);
    if (fault == FAULT_NONE)
        each(context, &(struct certificate_kept){ .part = "authority", .which = m.server, .pem = m.authority, .used = *m.server && strcmp(m.security, "none") != 0 });
    arena_free(&a);
    return fault;
}

CERTIFICATE_OWNER(mail) = { "mail", { { "Почтовый сервер", "Mail server" } }, list_authority };
