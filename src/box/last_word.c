/* The last message on loss of power; see last_word.h. */
#include "box/last_word.h"
#include "base/clock.h"
#include "base/log.h"
#include "upstream/mqtt/mqtt.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 30000, AGAIN_MS = 500 };

struct last_word {
    struct last_word_options o;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows; not held while anything is sent */
    pthread_cond_t wake;
    bool ending, tried;
    struct board_power power;
    int64_t lost_ms;      /* UTC; 0: power is there */
    struct last_word_look look;
};

/* On the board's thread: be quick. */
static void heard(void *context, const struct board_news *news)
{
    struct last_word *l = context;
    if (news->kind != BOARD_NEWS_POWER)
        return;
    pthread_mutex_lock(&l->lock);
    l->power = news->power;
    bool lost = board_power_lost(&news->power);
    if (lost && !l->lost_ms)
        l->lost_ms = clock_utc_ms();
    if (!lost)
        l->lost_ms = 0;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

/* --- the message ------------------------------------------------------------------------------------------------------------------- */

static json_t *raised_flags(struct box *box, bool lost)
{
    struct box_test *t = memory_new(sizeof *t);
    json_t *errors = json_array();
    box_test(box, t);
    for (int f = 0; f < TEST_FLAGS; f++)
        if (f == TEST_PWR ? lost : t->flag[f].result == TEST_FAILED)
            json_array_append_new(errors, json_string(test_flag_name((enum test_flag)f)));
    free(t);
    return errors;
}

static json_t *state_list(const enum board_state *states, int count)
{
    json_t *all = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(all, json_string(board_state_names[states[i]]));
    return all;
}

static void compose(struct last_word *l, const char *event, const struct board_power *p, int64_t lost_ms, char text[LAST_WORD_TEXT])
{
    struct box_look *look = memory_new(sizeof *look);
    box_look(l->o.box, look);
    json_t *m = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "event", event, "ts", (json_int_t)(clock_utc_ms() / 1000), "type", look->identity.type,
                          "serial", look->identity.serial, "mains", board_state_names[p->mains], "reserve", board_state_names[p->reserve], "battery",
                          board_state_names[p->battery], "battery_percent", p->battery_percent < 0 ? json_null() : json_integer(p->battery_percent), "inputs",
                          state_list(look->inputs.input, BOARD_INPUTS), "errors", raised_flags(l->o.box, board_power_lost(p)));
    if (m && lost_ms)
        json_object_set_new(m, "lost_ts", json_integer(lost_ms / 1000));
    char *whole = m ? json_dumps(m, JSON_COMPACT) : NULL;
    snprintf(text, LAST_WORD_TEXT, "%s", whole ? whole : "{}");
    free(whole);
    json_decref(m);
    free(look);
}

/* --- sending ------------------------------------------------------------------------------------------------------------------------ */

static int post_letters(struct last_word *l, const struct last_word_settings *s, const char *event, const char *text)
{
    static const struct phrase subjects[] = { { { "Пропало внешнее питание", "Outside power is lost" } }, { { "Внешнее питание вернулось", "Outside power is back" } }, { { "Проверка сообщения о питании", "A try of the message on power" } } };
    int which = strcmp(event, "power-lost") == 0 ? 0 : strcmp(event, "power-back") == 0 ? 1 : 2, took = 0;
    for (int i = 0; i < s->letters && l->o.mail; i++)
        took += mail_post(l->o.mail, &(struct mail_letter){ .to = s->letter[i], .subject = phrase_in(&subjects[which], l->o.lang), .body = text }) == FAULT_NONE;
    if (took)
        mail_hurry(l->o.mail);
    return took;
}

static bool is_ending(struct last_word *l)
{
    pthread_mutex_lock(&l->lock);
    bool ending = l->ending;
    pthread_mutex_unlock(&l->lock);
    return ending;
}

static void show(struct last_word *l, int brokers, int orders, int letters)
{
    pthread_mutex_lock(&l->lock);
    l->look.brokers = brokers;
    l->look.orders = orders;
    l->look.letters = letters;
    pthread_mutex_unlock(&l->lock);
}

/* To every broker that is on: at once where the connection stands, else while it comes up, for half a minute. */
static void send_all(struct last_word *l, const struct last_word_settings *s, const char *event, const char *text)
{
    struct mqtt *mqtt = l->o.upstream ? upstream_state(l->o.upstream, &service_mqtt) : NULL;
    struct mqtt_saying saying = { .name = "power", .body = bytes_of_text(text) };
    int orders = 0, letters = post_letters(l, s, event, text);
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    for (int i = 0; i < s->orders && mqtt; i++)
        orders += mqtt_order(mqtt, s->order[i]) == FAULT_NONE;
    while (s->mqtt && mqtt) {
        mqtt_say(mqtt, &saying);
        show(l, (int)saying.count, orders, letters);
        if (saying.count >= saying.wanted || clock_monotonic_ms() > until || is_ending(l))
            break;
        struct timespec pause = clock_timespec(AGAIN_MS);
        nanosleep(&pause, NULL);
    }
    show(l, (int)saying.count, orders, letters);
    log_line(LOG_WARNING, "last-word", "event=%s brokers=%zu orders=%d letters=%d", event, saying.count, orders, letters);
}

/* What was collected comes to the disk before anything is told. */
static void speak(struct last_word *l, const struct last_word_settings *s, const char *event, const struct board_power *p, int64_t lost_ms)
{
    char text[LAST_WORD_TEXT];
    int64_t begun = clock_utc_ms(), from = clock_monotonic_ms();
    if (l->o.collection)
        service_flush(l->o.collection);
    int64_t stored = clock_monotonic_ms() - from;
    compose(l, event, p, lost_ms, text);
    pthread_mutex_lock(&l->lock);
    l->look.at_ms = begun;
    l->look.stored_ms = stored;
    l->look.sending = true;
    memcpy(l->look.text, text, sizeof text);
    pthread_mutex_unlock(&l->lock);
    send_all(l, s, event, text);
    pthread_mutex_lock(&l->lock);
    l->look.sending = false;
    pthread_mutex_unlock(&l->lock);
}

/* --- the thread --------------------------------------------------------------------------------------------------------------------- */

/* What is to be done now. */
struct turn {
    bool trying, turned;
    struct board_power power;
    int64_t lost_ms; /* 0: power is there */
};

/* Until power goes or comes, or somebody wants a try. */
static void await_news(struct last_word *l, int64_t told_ms)
{
    pthread_mutex_lock(&l->lock);
    while (!l->ending && !l->tried && (l->lost_ms != 0) == (told_ms != 0))
        pthread_cond_wait(&l->wake, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

/* A loss that is shorter than the delay is none. */
static struct turn take_turn(struct last_word *l, int64_t told_ms, int delay_s)
{
    pthread_mutex_lock(&l->lock);
    int64_t due = l->lost_ms + (int64_t)delay_s * 1000;
    struct timespec until = clock_timespec(due);
    while (!l->ending && !l->tried && l->lost_ms && !told_ms && clock_utc_ms() < due)
        pthread_cond_timedwait(&l->wake, &l->lock, &until);
    struct turn t = { l->tried, (l->lost_ms != 0) != (told_ms != 0) && !l->tried, l->power, l->lost_ms };
    l->tried = false;
    pthread_mutex_unlock(&l->lock);
    return t;
}

static void *run(void *argument)
{
    struct last_word *l = argument;
    struct last_word_settings s;
    int64_t told_ms = 0; /* of the loss that the servers know of, or need not */
    while (!is_ending(l)) {
        await_news(l, told_ms);
        if (last_word_settings_read(l->o.store, &s) != FAULT_NONE)
            s = (struct last_word_settings){ .on = true, .back = true, .mqtt = true };
        struct turn t = take_turn(l, told_ms, s.on ? s.delay_s : 0);
        if (t.trying && !is_ending(l))
            speak(l, &s, "test", &t.power, 0);
        else if (t.turned && s.on && (t.lost_ms || s.back) && !is_ending(l))
            speak(l, &s, t.lost_ms ? "power-lost" : "power-back", &t.power, t.lost_ms ? 0 : told_ms);
        if (t.turned)
            told_ms = t.lost_ms;
    }
    return NULL;
}

struct last_word *last_word_new(const struct last_word_options *o)
{
    struct last_word *l = memory_new(sizeof *l);
    l->o = *o;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->wake, NULL);
    board_power(box_board(o->box), &l->power);
    l->lost_ms = board_power_lost(&l->power) ? clock_utc_ms() : 0; /* it began without power: the servers hear of that, too */
    board_listen(box_board(o->box), heard, l);
    pthread_create(&l->thread, NULL, run, l);
    return l;
}

void last_word_free(struct last_word **last)
{
    struct last_word *l = *last;
    if (!l)
        return;
    board_unlisten(box_board(l->o.box), heard, l);
    pthread_mutex_lock(&l->lock);
    l->ending = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    free(l);
    *last = NULL;
}

void last_word_try(struct last_word *l)
{
    pthread_mutex_lock(&l->lock);
    l->tried = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

void last_word_look(struct last_word *l, struct last_word_look *ret)
{
    pthread_mutex_lock(&l->lock);
    *ret = l->look;
    ret->away = l->lost_ms != 0;
    pthread_mutex_unlock(&l->lock);
}
