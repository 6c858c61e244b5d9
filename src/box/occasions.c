/* The thread of the event model; see occasions.h. */
#include "box/occasions_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "collect/work.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BEAT_MS = 1000 };

static const char running_key[] = "occasions:running", made_key[] = "occasions:made";

/* --- happening ----------------------------------------------------------------------------------------------------------------- */

static void note_happening(struct occasions *o, const struct store_happening *h)
{
    json_t *deeds = json_array();
    for (size_t i = 0; i < h->deeds; i++)
        json_array_append_new(deeds, json_pack("{s:s,s:s,s:I,s:s}", "action", h->deed[i].kind, "result", h->deed[i].result, "run", (json_int_t)h->deed[i].run, "note", h->deed[i].note));
    json_t *after = json_pack("{s:I,s:s,s:I,s:o}", "event", (json_int_t)h->occasion, "cause", h->cause, "merged", (json_int_t)h->merged, "actions", deeds);
    char *text = after ? json_dumps(after, JSON_COMPACT) : NULL;
    journal_note(o->o.store, NOTE_OCCASION, NULL, h->title, NULL, text);
    free(text);
    json_decref(after);
}

int64_t happen(struct occasions *o, struct watched *w, const char *cause, int64_t merged, bool late)
{
    struct store_happening h = { .occasion = w->row.id, .project = w->row.project, .at_ms = clock_utc_ms(), .title = w->row.title, .cause = cause, .merged = merged };
    char notes[OCCASION_ACTIONS_MAX][DEED_NOTE_MAX];
    int64_t id = 0;
    for (; h.deeds < w->actions.count; h.deeds++)
        act(o, w, h.deeds, cause, late, &h.deed[h.deeds], notes[h.deeds]);
    if (store_happening_put(o->o.store, &h, &id) != FAULT_NONE)
        log_line(LOG_ERROR, "event-not-kept", "event=%lld", (long long)w->row.id);
    note_happening(o, &h);
    w->row.state.last_ms = h.at_ms;
    w->row.state.count += 1 + merged;
    w->dirty = store_occasion_note(o->o.store, w->row.id, &w->row.state) == FAULT_STORE;
    if (o->o.told)
        o->o.told(o->o.context, w->row.project, w->row.id);
    return id;
}

void come(struct occasions *o, struct watched *w, const char *cause)
{
    if (!w->row.enabled)
        return;
    if (pacing_take(&w->pacing, clock_utc_ms(), (int64_t)w->row.pause_s * 1000))
        happen(o, w, cause, 0, false);
    else
        snprintf(w->cause, sizeof w->cause, "%s", cause);
}

void know(struct watched *w, const char *known)
{
    if (strcmp(w->known, known) == 0)
        return;
    snprintf(w->known, sizeof w->known, "%s", known);
    w->dirty = true;
}

/* Those whose pause is over; what is known goes to the disk. */
static void end_pauses(struct occasions *o)
{
    int64_t merged;
    for (size_t i = 0; i < o->count; i++) {
        struct watched *w = &o->watches[i];
        if (w->row.enabled && pacing_due(&w->pacing, clock_utc_ms(), (int64_t)w->row.pause_s * 1000, &merged))
            happen(o, w, w->cause, merged - 1, false);
        if (w->dirty)
            w->dirty = store_occasion_note(o->o.store, w->row.id, &w->row.state) == FAULT_STORE;
    }
}

/* --- what is set ----------------------------------------------------------------------------------------------------------------- */

struct loading {
    struct occasions *o;
    struct arena arena;
    struct watched *watches;
    size_t count, room;
};

/* Its pace and runs go on where it was watched before. */
static void carry_over(const struct occasions *o, struct watched *w)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->watches[i].row.id == w->row.id) {
            w->pacing = o->watches[i].pacing;
            memcpy(w->run, o->watches[i].run, sizeof w->run);
            memcpy(w->cause, o->watches[i].cause, sizeof w->cause);
        }
}

static bool load_one(void *context, const struct store_occasion *row)
{
    struct loading *l = context;
    struct watched w = { .row = *row };
    if (!condition_read(row->condition, &w.condition) || !actions_read(row->actions, &w.actions)) {
        log_line(LOG_ERROR, "event-damaged", "event=%lld", (long long)row->id);
        return true;
    }
    w.row.title = arena_text(&l->arena, bytes_of_text(row->title));
    w.row.condition = w.row.actions = "";
    snprintf(w.known, sizeof w.known, "%s", row->state.known);
    carry_over(l->o, &w);
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 16;
        l->watches = memory_grow(l->watches, l->room * sizeof *l->watches, room * sizeof *l->watches);
        l->room = room;
    }
    l->watches[l->count++] = w;
    return true;
}

static void load(struct occasions *o)
{
    struct loading l = { .o = o };
    if (store_occasions(o->o.store, 0, load_one, &l) != FAULT_NONE) {
        free(l.watches);
        arena_free(&l.arena);
        return;
    }
    free(o->watches);
    arena_free(&o->arena);
    o->arena = l.arena;
    o->watches = l.watches;
    o->count = l.count;
    for (size_t i = 0; i < o->count; i++)
        o->watches[i].row.state.known = o->watches[i].known;
    settle_watches(o);
    settle_letters(o);
    end_pauses(o);
    if (o->o.told)
        o->o.told(o->o.context, 0, 0);
}

/* S1 2: clocks of meters are checked and corrected every 30 minutes. At ten minutes past, so that no shift within the meters' limits
 * of some minutes comes near the boundary of a half-hour. It is an occasion like others: people may change it. */
static void make_presets(struct occasions *o)
{
    static const struct phrase time = { { "Каждые 30 минут", "Every 30 minutes" } }, clocks = { { "Часы приборов учёта", "Clocks of meters" } };
    struct arena a = { 0 };
    const char *made = NULL;
    char condition[40], actions[60];
    int64_t id = 0;
    bool first = store_setting_get(o->o.store, made_key, &a, &made) == FAULT_NONE && !made;
    arena_free(&a);
    if (!first || store_timetable_put(o->o.store, &(struct store_timetable){ .project = 1, .title = phrase_in(&time, o->o.lang), .schedule = "minutes 2026-01-01 00:10:00 every=30",
                                                                             .zone = "" }, &id) != FAULT_NONE)
        return;
    snprintf(condition, sizeof condition, "schedule %lld", (long long)id);
    snprintf(actions, sizeof actions, "clock all 0 %d\n", CLOCK_CHECK_USUAL);
    if (store_occasion_put(o->o.store, &(struct store_occasion){ .project = 1, .title = phrase_in(&clocks, o->o.lang), .condition = condition, .actions = actions,
                                                                 .enabled = true, .pause_s = 10 }, NULL) == FAULT_NONE)
        store_setting_put(o->o.store, made_key, "1");
}

/* --- the thread -------------------------------------------------------------------------------------------------------------------- */

static void happen_all(struct occasions *o, enum condition_kind kind, const char *cause)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->watches[i].condition.kind == kind && o->watches[i].row.enabled)
            happen(o, &o->watches[i], cause, 0, false);
}

/* The word stands while the program runs: who finds it did not end in order. */
static void start(struct occasions *o)
{
    struct arena a = { 0 };
    const char *running = NULL;
    store_setting_get(o->o.store, running_key, &a, &running);
    bool broken = running != NULL;
    arena_free(&a);
    store_setting_put(o->o.store, running_key, "1");
    resume_letters(o);
    load(o);
    o->begun = true;
    happen_all(o, CONDITION_START, broken ? "start broken" : "start clean");
}

static void serve_hand(struct occasions *o, struct hand *h)
{
    char cause[CAUSE_MAX];
    snprintf(cause, sizeof cause, "hand %s", h->login);
    h->fault = FAULT_NO_DATA;
    for (size_t i = 0; i < o->count; i++)
        if (o->watches[i].row.id == h->id) {
            h->happening = happen(o, &o->watches[i], cause, 0, false);
            h->fault = h->happening ? FAULT_NONE : FAULT_STORE;
        }
}

/* Under the lock, which is left meanwhile. */
static void serve_hands(struct occasions *o)
{
    while (o->hands) {
        struct hand *h = o->hands;
        o->hands = h->next;
        pthread_mutex_unlock(&o->lock);
        serve_hand(o, h);
        pthread_mutex_lock(&o->lock);
        h->done = true;
        pthread_cond_broadcast(&o->handed);
    }
}

/* Under the lock, which is left meanwhile. */
static void serve_news(struct occasions *o)
{
    struct input_news news[NEWS_MAX];
    size_t count = o->news_count;
    bool lost = o->news_lost;
    memcpy(news, o->news, count * sizeof *news);
    o->news_count = 0;
    o->news_lost = false;
    pthread_mutex_unlock(&o->lock);
    for (size_t i = 0; i < count; i++)
        hear_input(o, news[i].number, news[i].on);
    if (lost)
        settle_inputs(o);
    pthread_mutex_lock(&o->lock);
}

static void look_around(struct occasions *o)
{
    look_at_clock(o, clock_utc_ms());
    look_at_loop(o);
    look_at_feed(o);
    end_pauses(o);
    look_at_letters(o);
    write_position(o, false);
}

static void wait_beat(struct occasions *o)
{
    int64_t until = clock_utc_ms() + (o->o.beat_ms ? o->o.beat_ms : BEAT_MS);
    struct timespec t = clock_timespec(until);
    if (!o->ending && !o->reload && !o->hands && !o->news_count)
        pthread_cond_timedwait(&o->wake, &o->lock, &t);
}

static void *run(void *argument)
{
    struct occasions *o = argument;
    start(o);
    pthread_mutex_lock(&o->lock);
    while (!o->ending) {
        bool reload = o->reload;
        o->reload = false;
        serve_news(o); /* before a load looks at the inputs itself */
        if (reload) {
            pthread_mutex_unlock(&o->lock);
            end_pauses(o);
            load(o);
            pthread_mutex_lock(&o->lock);
        }
        serve_hands(o);
        pthread_mutex_unlock(&o->lock);
        look_around(o);
        pthread_mutex_lock(&o->lock);
        wait_beat(o);
    }
    serve_hands(o);
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

/* --- from outside --------------------------------------------------------------------------------------------------------------------- */

static void put_news(struct occasions *o, int number, bool on)
{
    if (o->news_count == NEWS_MAX)
        o->news_lost = true;
    else
        o->news[o->news_count++] = (struct input_news){ number, on };
}

/* On a thread of the board. */
static void heard(void *context, const struct board_news *news)
{
    struct occasions *o = context;
    pthread_mutex_lock(&o->lock);
    if (news->kind == BOARD_NEWS_INPUT)
        put_news(o, news->input + 1, news->on);
    if (news->kind == BOARD_NEWS_POWER && news->power.mains != BOARD_ABSENT)
        put_news(o, INPUT_MAINS, news->power.mains == BOARD_ON);
    if (news->kind == BOARD_NEWS_POWER && news->power.reserve != BOARD_ABSENT)
        put_news(o, INPUT_RESERVE, news->power.reserve == BOARD_ON);
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
}

struct occasions *occasions_new(const struct occasions_options *options)
{
    struct occasions *o = memory_new(sizeof *o);
    o->o = *options;
    o->board = box_board(options->box);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->wake, NULL);
    pthread_cond_init(&o->handed, NULL);
    make_presets(o);
    o->maker = letter_maker_new();
    board_listen(o->board, heard, o);
    pthread_create(&o->thread, NULL, run, o);
    return o;
}

void occasions_free(struct occasions **occasions)
{
    struct occasions *o = *occasions;
    *occasions = NULL;
    if (!o)
        return;
    board_unlisten(o->board, heard, o);
    pthread_mutex_lock(&o->lock);
    o->ending = true;
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
    pthread_join(o->thread, NULL);
    end_letters(o);
    o->stopping = true;
    happen_all(o, CONDITION_STOP, "stop");
    end_pauses(o);
    write_position(o, true);
    store_setting_put(o->o.store, running_key, NULL);
    pthread_cond_destroy(&o->handed);
    pthread_cond_destroy(&o->wake);
    pthread_mutex_destroy(&o->lock);
    free(o->watches);
    arena_free(&o->arena);
    free(o);
}

void occasions_changed(struct occasions *o)
{
    if (!o)
        return;
    pthread_mutex_lock(&o->lock);
    o->reload = true;
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
}

enum fault occasions_run(struct occasions *o, int64_t id, const char *login, int64_t *ret_happening)
{
    struct hand h = { .id = id, .login = login };
    pthread_mutex_lock(&o->lock);
    struct hand **at = &o->hands;
    while (*at)
        at = &(*at)->next;
    *at = &h;
    pthread_cond_signal(&o->wake);
    while (!h.done)
        pthread_cond_wait(&o->handed, &o->lock);
    pthread_mutex_unlock(&o->lock);
    *ret_happening = h.happening;
    return h.fault;
}
