/* Letters of the event model: what happened, and with it what was read of meters (manual S1 3.2, action 5). */
#include "box/occasions_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/registry/registry.h"
#include "upstream/files/data_letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { AGAIN_MS = 60000, TRIM_MS = 3600000, TITLE_MAX = 400, BODY_MAX = 2000, READER_MAX = 48, LINE_MAX = 400 };

static const char waiting_key[] = "occasions:letters";

static char *reader_of(int64_t occasion, size_t place, char name[READER_MAX])
{
    snprintf(name, READER_MAX, DATA_LETTER_PREFIX "%" PRId64 ".%zu", occasion, place);
    return name;
}

/* --- one letter ------------------------------------------------------------------------------------------------------------------- */

static void write_letter(struct occasions *o, const struct watched *w, const struct action *a, const char *cause, int64_t at_ms, char title[TITLE_MAX], char body[BODY_MAX])
{
    static const struct phrase subject = { { "%s %s: %s", "%s %s: %s" } }, when = { { "Когда: %s\nПричина: ", "When: %s\nCause: " } }, what = { { "Событие: %s\n", "Event: %s\n" } };
    enum lang lang = o->o.lang;
    char wall[CIVIL_TEXT_MAX];
    struct board_identity box;
    struct text t = text_over(body, BODY_MAX);
    board_identity(o->board, &box);
    snprintf(title, TITLE_MAX, phrase_in(&subject, lang), box.type, box.serial, w->row.title);
    text_printf(&t, phrase_in(&what, lang), w->row.title);
    text_printf(&t, phrase_in(&when, lang), wall_format(clock_local_wall(at_ms), wall));
    cause_tell(cause, lang, &t);
    text_printf(&t, "\n%s%s", a->words, *a->words ? "\n" : "");
}

static enum fault post_data(struct occasions *o, const struct watched *w, size_t place, const char *title, const char *body)
{
    const struct action *a = &w->actions.action[place];
    struct arena arena = { 0 };
    struct meter_set group = { 0 };
    char reader[READER_MAX];
    enum fault f = a->scope == SCOPE_GROUP ? store_group_meters(o->o.store, a->subject, &arena, &group) : FAULT_NONE;
    if (f == FAULT_NONE)
        f = data_letter_post(&(struct data_letter){
            .store = o->o.store, .mail = o->o.mail, .lang = o->o.lang,
            .what = { .project = w->row.project, .meter = a->scope == SCOPE_DEVICE ? a->subject : 0, .group = group, .archives = a->archives },
            .format = a->data == LETTER_XLSX ? SHEET_XLSX : SHEET_CSV, .reader = reader_of(w->row.id, place, reader), .to = a->to, .subject = title, .body = body,
            .wall = clock_local_wall(clock_utc_ms()) });
    arena_free(&arena);
    return f;
}

static enum fault post(struct occasions *o, const struct watched *w, size_t place, const char *cause, int64_t at_ms)
{
    char title[TITLE_MAX], body[BODY_MAX];
    const struct action *a = &w->actions.action[place];
    write_letter(o, w, a, cause, at_ms, title, body);
    return a->data == LETTER_PLAIN ? mail_post(o->o.mail, &(struct mail_letter){ .to = a->to, .subject = title, .body = body }) : post_data(o, w, place, title, body);
}

/* --- those that wait ------------------------------------------------------------------------------------------------------------------ */

static void keep_letters(struct occasions *o)
{
    char *text = memory_new(LETTERS_WAIT_MAX * LINE_MAX);
    struct text t = text_over(text, LETTERS_WAIT_MAX * LINE_MAX);
    for (size_t i = 0; i < o->letter_count; i++) {
        const struct letter_wait *l = &o->letters[i];
        text_printf(&t, "%" PRId64 " %zu %" PRId64, l->occasion, l->place, l->at_ms);
        for (size_t r = 0; r < OCCASION_ACTIONS_MAX; r++)
            text_printf(&t, " %" PRId64, r < l->runs ? l->run[r] : 0);
        text_printf(&t, " %s\n", l->cause);
    }
    store_setting_put(o->o.store, waiting_key, o->letter_count ? text : NULL);
    free(text);
}

static bool read_letter(const char *line, struct letter_wait *ret)
{
    int size = 0, at = 0;
    *ret = (struct letter_wait){ 0 };
    if (sscanf(line, "%" SCNd64 " %zu %" SCNd64 "%n", &ret->occasion, &ret->place, &ret->at_ms, &size) != 3 || ret->place >= OCCASION_ACTIONS_MAX)
        return false;
    for (; ret->runs < OCCASION_ACTIONS_MAX; ret->runs++, size += at)
        if (sscanf(line + size, " %" SCNd64 "%n", &ret->run[ret->runs], &at) != 1)
            return false;
    snprintf(ret->cause, sizeof ret->cause, "%s", line + size + (line[size] == ' '));
    return true;
}

void resume_letters(struct occasions *o)
{
    struct arena a = { 0 };
    const char *kept = NULL;
    char *save, *text = store_setting_get(o->o.store, waiting_key, &a, &kept) == FAULT_NONE && kept ? strdup(kept) : NULL;
    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line && o->letter_count < LETTERS_WAIT_MAX; line = strtok_r(NULL, "\n", &save))
        o->letter_count += read_letter(line, &o->letters[o->letter_count]);
    free(text);
    arena_free(&a);
}

static bool waits(const struct occasions *o, int64_t occasion, size_t place)
{
    for (size_t i = 0; i < o->letter_count; i++)
        if (o->letters[i].occasion == occasion && o->letters[i].place == place)
            return true;
    return false;
}

/* Runs that actions before it began, or found going on. */
static size_t runs_before(struct occasions *o, const struct watched *w, size_t place, int64_t runs[OCCASION_ACTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < place; i++)
        if (run_goes_on(o, w->run[i]))
            runs[count++] = w->run[i];
    return count;
}

enum fault letter_order(struct occasions *o, struct watched *w, size_t place, const char *cause, bool *ret_waits)
{
    struct letter_wait l = { .occasion = w->row.id, .place = place, .at_ms = clock_utc_ms() };
    bool data = w->actions.action[place].data != LETTER_PLAIN;
    *ret_waits = false;
    if (!o->o.mail)
        return FAULT_NOT_SUPPORTED;
    if (data && waits(o, w->row.id, place))
        return FAULT_REFUSED;
    l.runs = data ? runs_before(o, w, place, l.run) : 0;
    if (!l.runs)
        return post(o, w, place, cause, l.at_ms);
    if (o->letter_count == LETTERS_WAIT_MAX)
        return FAULT_LIMIT;
    snprintf(l.cause, sizeof l.cause, "%s", cause);
    o->letters[o->letter_count++] = l;
    keep_letters(o);
    *ret_waits = true;
    return FAULT_NONE;
}

static const struct watched *whose(const struct occasions *o, const struct letter_wait *l)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct watched *w = &o->watches[i];
        if (w->row.id == l->occasion)
            return l->place < w->actions.count && w->actions.action[l->place].kind == ACTION_MAIL && w->actions.action[l->place].data != LETTER_PLAIN ? w : NULL;
    }
    return NULL;
}

/* True: it waits no longer, it has gone or its action has. */
static bool try_letter(struct occasions *o, struct letter_wait *l)
{
    const struct watched *w = whose(o, l);
    if (!w)
        return true;
    for (size_t i = 0; i < l->runs; i++)
        if (run_goes_on(o, l->run[i]))
            return false;
    if (l->again_ms && clock_monotonic_ms() < l->again_ms)
        return false;
    enum fault f = post(o, w, l->place, l->cause, l->at_ms);
    if (f != FAULT_NONE && f != FAULT_NO_DATA && !l->again_ms)
        log_line(LOG_WARNING, "event-letter", "event=%lld trouble=\"%s\"", (long long)l->occasion, fault_name(f));
    l->again_ms = clock_monotonic_ms() + AGAIN_MS;
    return f == FAULT_NONE || f == FAULT_NO_DATA; /* its group is gone */
}

/* --- their readers of the feed --------------------------------------------------------------------------------------------------------- */

static bool reads(const struct watched *w, size_t place)
{
    return w->row.enabled && w->actions.action[place].kind == ACTION_MAIL && w->actions.action[place].data != LETTER_PLAIN;
}

static bool leave_unless_needed(void *context, const struct feed_reader *r)
{
    struct occasions *o = context;
    char name[READER_MAX];
    for (size_t i = 0; i < o->count; i++)
        for (size_t place = 0; place < o->watches[i].actions.count; place++)
            if (reads(&o->watches[i], place) && strcmp(reader_of(o->watches[i].row.id, place, name), r->name) == 0)
                return true;
    store_feed_leave(o->o.store, r->name);
    return true;
}

void settle_letters(struct occasions *o)
{
    char name[READER_MAX];
    store_feed_readers(o->o.store, DATA_LETTER_PREFIX, leave_unless_needed, o);
    for (size_t i = 0; i < o->count; i++)
        for (size_t place = 0; place < o->watches[i].actions.count; place++)
            if (reads(&o->watches[i], place))
                store_feed_join(o->o.store, reader_of(o->watches[i].row.id, place, name));
}

void look_at_letters(struct occasions *o)
{
    int64_t now = clock_monotonic_ms();
    size_t kept = 0, before = o->letter_count;
    for (size_t i = 0; i < before; i++)
        if (!try_letter(o, &o->letters[i]))
            o->letters[kept++] = o->letters[i];
    o->letter_count = kept;
    if (kept != before)
        keep_letters(o);
    if (!o->trimmed_ms || now - o->trimmed_ms >= TRIM_MS) {
        data_letter_trim(o->o.store);
        o->trimmed_ms = now;
    }
}
