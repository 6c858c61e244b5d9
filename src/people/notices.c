/* Gathering and telling; see notices.h. The kinds stand in notice_kinds.c. */
#include "people/notices.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/journal.h"
#include "store/registry/registry.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TALLIES_MAX = 256, GATHER_MS = 600000, AGAIN_MS = 3600000, DISK_AGAIN_MS = 86400000, LOOK_BACK_MS = 600000, OBJECT_MAX = 300, NAMED_MAX = 5 };

/* What has been gathered of one kind in one project. */
struct tally {
    enum notice_kind kind;
    int64_t project, count, since_ms;
    char object[OBJECT_MAX];
    uint8_t *devices; /* of kinds about devices: a bit each, by number */
    size_t room;      /* bytes there */
};

struct notices {
    struct store *store;
    struct access *access;
    struct mail *mail;
    void (*told)(void *context, int64_t person);
    void *context;
    pthread_mutex_t lock; /* guards what follows */
    struct tally tally[TALLIES_MAX];
    size_t count;
    bool running;
    int64_t audit_seen;   /* the security log was looked at up to here; -1: not yet */
    int free_percent;     /* at the last beat */
};

struct notices *notices_new(struct store *s, struct access *a, struct mail *m, void (*told)(void *context, int64_t person), void *context)
{
    struct notices *n = memory_new(sizeof *n);
    *n = (struct notices){ .store = s, .access = a, .mail = m, .told = told, .context = context, .audit_seen = -1, .free_percent = 101 };
    pthread_mutex_init(&n->lock, NULL);
    return n;
}

void notices_free(struct notices **n)
{
    if (!*n)
        return;
    pthread_mutex_destroy(&(*n)->lock);
    for (size_t i = 0; i < (*n)->count; i++)
        free((*n)->tally[i].devices);
    free(*n);
    *n = NULL;
}

/* --- gathering ------------------------------------------------------------------------------------------------------------ */

static struct tally *tally_of(struct notices *n, enum notice_kind kind, int64_t project)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->tally[i].kind == kind && n->tally[i].project == project)
            return &n->tally[i];
    if (n->count == TALLIES_MAX)
        return NULL;
    n->tally[n->count] = (struct tally){ .kind = kind, .project = project, .since_ms = clock_monotonic_ms() };
    return &n->tally[n->count++];
}

/* The first few are named, the rest counted. */
static void gather(struct notices *n, enum notice_kind kind, int64_t project, const char *object)
{
    pthread_mutex_lock(&n->lock);
    struct tally *t = tally_of(n, kind, project);
    if (t && t->count++ < NAMED_MAX) {
        size_t size = strlen(t->object);
        struct text more = text_over(t->object + size, sizeof t->object - size);
        text_printf(&more, "%s%s", size ? "; " : "", object);
    }
    pthread_mutex_unlock(&n->lock);
}

/* Puts a device in or takes it out; false when it was so already. Under the lock. */
static bool mark(struct notices *n, enum notice_kind kind, int64_t project, int64_t device, bool in)
{
    struct tally *t = device > 0 && device <= METER_ID_MAX ? tally_of(n, kind, project) : NULL;
    size_t byte = (size_t)device / 8;
    uint8_t bit = (uint8_t)(1u << device % 8);
    if (!t)
        return false;
    if (byte >= t->room) {
        if (!in)
            return false;
        t->devices = memory_grow(t->devices, t->room, byte + 4096);
        t->room = byte + 4096;
    }
    if (!!(t->devices[byte] & bit) == in)
        return false;
    t->devices[byte] ^= bit;
    t->count += in ? 1 : -1;
    return true;
}

void notices_session(struct notices *n, int64_t project, int64_t device, bool good, bool turned)
{
    pthread_mutex_lock(&n->lock);
    mark(n, NOTICE_COLLECTION, project, device, !good);
    enum notice_kind now = good ? NOTICE_CONTACT_BACK : NOTICE_CONTACT_LOST, before = good ? NOTICE_CONTACT_LOST : NOTICE_CONTACT_BACK;
    if (turned && !mark(n, before, project, device, false))
        mark(n, now, project, device, true);
    pthread_mutex_unlock(&n->lock);
}

void notices_program(struct notices *n, const char *what)
{
    gather(n, NOTICE_PROGRAM, 0, what);
}

void notices_gateway(struct notices *n, int64_t project, const char *title, int64_t since_ms)
{
    char object[OBJECT_MAX], wall[CIVIL_TEXT_MAX];
    struct text t = text_over(object, sizeof object);
    text_put(&t, title);
    if (since_ms)
        text_printf(&t, ", %s", wall_format(clock_local_wall(since_ms), wall));
    gather(n, since_ms ? NOTICE_GATEWAY_AWAY : NOTICE_GATEWAY_BACK, project, object);
}

void notices_running(struct notices *n, bool running)
{
    pthread_mutex_lock(&n->lock);
    n->running = running;
    pthread_mutex_unlock(&n->lock);
}

/* --- telling -------------------------------------------------------------------------------------------------------------- */

/* Somebody who may be told. */
struct reader {
    int64_t person;
    const char *email;
    enum lang lang;
    struct reader *next;
};

struct readers {
    struct notices *notices;
    const struct tally *tally;
    struct arena arena;
    struct reader *first;
};

/* Gathered first: telling writes, and must not stand within a reading of the people. */
static bool gather_reader(void *context, const struct store_person *p)
{
    struct readers *r = context;
    struct caller c;
    if (!p->enabled || !access_caller(r->notices->access, p, &c) || !permissions_hold(&c.may, notice_kinds[r->tally->kind].permission))
        return true;
    if (r->tally->project && !access_project(r->notices->access, &c, r->tally->project))
        return true;
    struct reader *one = arena_take(&r->arena, sizeof *one);
    *one = (struct reader){ p->id, arena_text(&r->arena, bytes_of_text(p->email)), strcmp(p->language, "en") == 0 ? LANG_EN : LANG_RU, r->first };
    r->first = one;
    return true;
}

static void write_letter(struct notices *n, const struct reader *to, const struct store_notice *what)
{
    char subject[300], sentence[NOTICE_TEXT_MAX], body[NOTICE_TEXT_MAX + 400], time[CIVIL_TEXT_MAX];
    struct text t = text_over(sentence, sizeof sentence), whole = text_over(body, sizeof body);
    notice_sentence(what, to->lang, &t);
    snprintf(subject, sizeof subject, "Svod: %s", phrase_in(&notice_kinds[notice_find(what->kind)].title, to->lang));
    text_printf(&whole, "%s\n%s\n", wall_format(clock_local_wall(clock_utc_ms()), time), sentence);
    enum fault f = mail_post(n->mail, &(struct mail_letter){ .to = to->email, .subject = subject, .body = body });
    if (f != FAULT_NONE)
        log_line(LOG_WARNING, "mail-not-queued", "person=%lld fault=%s", (long long)to->person, fault_name(f));
}

static bool was_told_lately(struct notices *n, int64_t person, enum notice_kind kind)
{
    int64_t last = 0, wait = kind == NOTICE_DISK ? DISK_AGAIN_MS : kind == NOTICE_PROGRAM ? AGAIN_MS : 0;
    return wait && store_notice_last(n->store, person, notice_kinds[kind].name, &last) == FAULT_NONE && last > clock_utc_ms() - wait;
}

/* Of the disk and of a certificate's days less is worse, of everything else more. */
static bool reaches(const struct tally *t, int threshold)
{
    return t->kind == NOTICE_DISK || t->kind == NOTICE_CERTIFICATE ? t->count <= threshold : t->count >= threshold;
}

static void tell_one(struct notices *n, const struct reader *r, const struct tally *t)
{
    struct notice_choice choice[NOTICE_KINDS];
    const struct notice_about *about = &notice_kinds[t->kind];
    if (notice_choices(n->store, r->person, choice) != FAULT_NONE || !reaches(t, choice[t->kind].threshold) || was_told_lately(n, r->person, t->kind))
        return;
    struct store_notice notice = { .person = r->person, .project = t->project, .kind = about->name, .level = about->level, .count = t->count, .object = t->object };
    if (choice[t->kind].shown && store_notice_add(n->store, &notice, NULL) == FAULT_NONE)
        n->told(n->context, r->person);
    if (choice[t->kind].mailed && *r->email)
        write_letter(n, r, &notice);
}

/* Names the first devices of the bits, as people know them. */
static void name_devices(struct notices *n, struct tally *t)
{
    struct arena a = { 0 };
    struct text names = text_over(t->object, sizeof t->object);
    struct store_meter m;
    int named = 0;
    for (size_t i = 0; i < t->room * 8 && named < NAMED_MAX; i++)
        if (t->devices[i / 8] >> i % 8 & 1 && store_meter_get(n->store, (int64_t)i, &a, &m) == FAULT_NONE)
            text_printf(&names, "%s%s%s%s", named++ ? "; " : "", m.serial, *m.title ? " " : "", m.title);
    arena_free(&a);
}

static void tell(struct notices *n, struct tally *t)
{
    if (t->count <= 0 && t->kind != NOTICE_DISK && t->kind != NOTICE_CERTIFICATE)
        return;
    if (t->devices)
        name_devices(n, t);
    struct readers all = { .notices = n, .tally = t };
    if (store_people(n->store, gather_reader, &all) == FAULT_NONE)
        for (const struct reader *r = all.first; r; r = r->next)
            tell_one(n, r, t);
    arena_free(&all.arena);
}

void notices_certificate(struct notices *n, int64_t project, int days, const char *object)
{
    struct tally t = { .kind = NOTICE_CERTIFICATE, .project = project, .count = days };
    struct text what = text_over(t.object, sizeof t.object);
    text_put(&what, object);
    tell(n, &t);
}

/* --- the beat ------------------------------------------------------------------------------------------------------------- */

struct security {
    struct notices *notices;
    int64_t seen, newest;
};

static bool look_at_record(void *context, const struct store_audit *a)
{
    struct security *s = context;
    if (s->newest == 0)
        s->newest = a->id;
    if (s->seen < 0 || a->id <= s->seen)
        return false;
    if (a->level > AUDIT_INFO) {
        char what[OBJECT_MAX];
        snprintf(what, sizeof what, "%s: %s%s%s", note_title(a->kind, LANG_RU), a->object, *a->address ? ", " : "", a->address);
        gather(s->notices, NOTICE_SECURITY, 0, what);
    }
    return true;
}

static void look_at_security(struct notices *n)
{
    struct security s = { n, n->audit_seen, 0 };
    struct audit_filter all = { .security = true, .from_ms = clock_utc_ms() - LOOK_BACK_MS, .to_ms = INT64_MAX };
    if (store_audits(n->store, &all, look_at_record, &s) == FAULT_NONE)
        n->audit_seen = s.newest > s.seen ? s.newest : s.seen < 0 ? 0 : s.seen;
}

/* Takes out what is due; whole passes are awaited, but not for ever. */
static size_t take_due(struct notices *n, struct tally due[TALLIES_MAX])
{
    size_t count = 0, kept = 0;
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->count; i++) {
        bool of_pass = n->tally[i].kind <= NOTICE_COLLECTION;
        bool wait = of_pass && n->running && (n->tally[i].kind == NOTICE_COLLECTION || now - n->tally[i].since_ms < GATHER_MS);
        if (wait)
            n->tally[kept++] = n->tally[i];
        else
            due[count++] = n->tally[i];
    }
    n->count = kept;
    pthread_mutex_unlock(&n->lock);
    return count;
}

void notices_beat(struct notices *n, int free_percent)
{
    struct tally *due = memory_new(TALLIES_MAX * sizeof *due);
    look_at_security(n);
    size_t count = take_due(n, due);
    for (size_t i = 0; i < count; i++) {
        tell(n, &due[i]);
        free(due[i].devices);
    }
    if (free_percent >= 0 && free_percent < n->free_percent) /* it got worse: whose threshold is reached is told once a day */
        tell(n, &(struct tally){ .kind = NOTICE_DISK, .count = free_percent });
    if (free_percent >= 0)
        n->free_percent = free_percent;
    free(due);
}
