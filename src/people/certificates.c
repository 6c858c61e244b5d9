/* The list, and telling of ends; see certificates.h. */
#include "people/certificates.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/certificate.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_S = 86400, KEY_MAX = 160, TOLD_MAX = 64 << 10 };

static const char told_key[] = "certificates-told";
static const int stages[] = { 0, 1, 7, 30 }; /* days */

extern const struct certificate_owner *const __start_certificates[] __attribute__((weak)), *const __stop_certificates[] __attribute__((weak));

const struct certificate_owner *certificate_owner_find(const char *name)
{
    for (const struct certificate_owner *const *o = __start_certificates; o < __stop_certificates; o++)
        if (strcmp((*o)->name, name) == 0)
            return *o;
    return NULL;
}

/* ---- the list ---- */

struct walk {
    const struct certificate_owner *owner;
    const struct certificate_kept *kept;
    int64_t now_s;
    certificate_row_fn *each;
    void *context;
};

static bool take_words(void *context, const struct certificate_words *words)
{
    struct walk *w = context;
    int64_t left = words->ends_s - w->now_s, days = left <= 0 ? 0 : (left + DAY_S - 1) / DAY_S;
    struct certificate_row row = { w->owner, w->kept, words, days > INT32_MAX ? INT32_MAX : (int)days };
    w->each(w->context, &row);
    return true;
}

static void take_kept(void *context, const struct certificate_kept *kept)
{
    struct walk *w = context;
    w->kept = kept;
    if (*kept->pem)
        certificates_look(kept->pem, take_words, w);
}

enum fault certificates_each(struct store *s, int64_t now_ms, certificate_row_fn *each, void *context)
{
    enum fault fault = FAULT_NONE;
    for (const struct certificate_owner *const *o = __start_certificates; o < __stop_certificates && fault == FAULT_NONE; o++) {
        struct walk w = { .owner = *o, .now_s = now_ms / 1000, .each = each, .context = context };
        fault = (*o)->list(s, take_kept, &w);
    }
    return fault;
}

/* ---- telling ---- */

/* What is to be told, gathered first: telling writes. */
struct ending {
    int64_t project;
    int days;
    char object[300];
    struct ending *next;
};

struct watch {
    const char *told; /* "mqtt:3:authority:1a2b… 7\n": what was told, and at which stage */
    struct buffer now;
    struct ending *first, **last;
};

/* The stage that it has reached; -1: none. */
static int stage_of(int days)
{
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (days <= stages[i])
            return stages[i];
    return -1;
}

static int stage_told(const char *told, const char *key)
{
    const char *at = strstr(told, key);
    return at ? atoi(at + strlen(key)) : INT32_MAX;
}

static void add_ending(struct watch *w, const struct certificate_row *c)
{
    struct ending *e = memory_new(sizeof *e);
    char wall[CIVIL_TEXT_MAX];
    e->project = c->kept->project;
    e->days = c->days;
    struct text t = text_over(e->object, sizeof e->object);
    text_printf(&t, "%s|%s|%s%s%s", c->owner->name, wall_format(clock_local_wall(c->words->ends_s * 1000), wall), c->kept->which, *c->kept->which ? ", " : "", c->words->subject);
    *w->last = e;
    w->last = &e->next;
}

static void look_at(void *context, const struct certificate_row *c)
{
    struct watch *w = context;
    char key[KEY_MAX];
    int stage = stage_of(c->days);
    if (!c->kept->used || stage < 0)
        return;
    snprintf(key, sizeof key, "%s:%lld:%s:%.32s ", c->owner->name, (long long)c->kept->id, c->kept->part, c->words->fingerprint);
    buffer_printf(&w->now, "%s%d\n", key, stage);
    if (stage < stage_told(w->told, key))
        add_ending(w, c);
}

static void tell_all(struct notices *n, struct ending *first)
{
    for (struct ending *e = first, *next; e; e = next) {
        next = e->next;
        log_line(LOG_WARNING, "certificate-ends", "days=%d what=\"%s\"", e->days, e->object);
        notices_certificate(n, e->project, e->days, e->object);
        free(e);
    }
}

enum fault certificates_watch(struct store *s, struct notices *n, int64_t now_ms)
{
    struct arena a = { 0 };
    const char *told = NULL;
    struct watch w = { .now.limit = TOLD_MAX };
    w.last = &w.first;
    enum fault fault = store_setting_get(s, told_key, &a, &told);
    w.told = told ? told : "";
    if (fault == FAULT_NONE || fault == FAULT_NO_DATA)
        fault = certificates_each(s, now_ms, look_at, &w);
    tell_all(n, w.first);
    buffer_put(&w.now, "", 1);
    if (fault == FAULT_NONE && strcmp(w.now.data, w.told) != 0)
        fault = store_setting_put(s, told_key, w.now.data);
    buffer_free(&w.now);
    arena_free(&a);
    return fault;
}
