/* The box's interface handed on to its kind; the listeners. See board.h. */
#include "board/board_kind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const board_state_names[] = { [BOARD_ABSENT] = "absent", [BOARD_OFF] = "off", [BOARD_ON] = "on", NULL };

struct board *board_open(const char *words, enum lang lang, struct text *problem)
{
    static const struct board_kind *const kinds[] = { &board_linux_kind, &board_sim_kind };
    static const struct phrase unknown = { { "нет такой платы: %s (есть linux, sim, sim:СОКЕТ)", "there is no such board: %s (there are linux, sim, sim:SOCKET)" } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t size = strlen(kinds[i]->name);
        if (strncmp(words, kinds[i]->name, size) == 0 && (words[size] == '\0' || words[size] == ':'))
            return kinds[i]->open(words[size] ? words + size + 1 : "", lang, problem);
    }
    text_printf(problem, phrase_in(&unknown, lang), words);
    return NULL;
}

void board_free(struct board **b)
{
    if (*b)
        (*b)->kind->free(*b);
    *b = NULL;
}

void board_begin(struct board *b, const struct board_kind *kind)
{
    b->kind = kind;
    pthread_mutex_init(&b->lock, NULL);
}

void board_end(struct board *b)
{
    pthread_mutex_destroy(&b->lock);
}

/* --- listeners ------------------------------------------------------------------------------------------------------------------ */

static bool listener_change(struct board *b, struct board_listener from, struct board_listener to)
{
    bool found = false;
    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < BOARD_LISTENERS && !found; i++)
        if (b->listener[i].tell == from.tell && b->listener[i].context == from.context) {
            b->listener[i] = to;
            found = true;
        }
    pthread_mutex_unlock(&b->lock);
    return found;
}

bool board_listen(struct board *b, board_news_fn *tell, void *context)
{
    return listener_change(b, (struct board_listener){ 0 }, (struct board_listener){ tell, context });
}

void board_unlisten(struct board *b, board_news_fn *tell, void *context)
{
    listener_change(b, (struct board_listener){ tell, context }, (struct board_listener){ 0 });
}

void board_tell(struct board *b, const struct board_news *news)
{
    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < BOARD_LISTENERS; i++)
        if (b->listener[i].tell)
            b->listener[i].tell(b->listener[i].context, news);
    pthread_mutex_unlock(&b->lock);
}

/* --- handed on ------------------------------------------------------------------------------------------------------------------- */

void board_identity(struct board *b, struct board_identity *ret)
{
    *ret = (struct board_identity){ 0 };
    b->kind->identity(b, ret);
}

void board_serials(struct board *b, char ret[BOARD_SERIALS][BOARD_PATH_MAX])
{
    memset(ret, 0, BOARD_SERIALS * BOARD_PATH_MAX);
    b->kind->serials(b, ret);
}

void board_clock(struct board *b, struct board_clock *ret)
{
    *ret = (struct board_clock){ 0 };
    b->kind->clock(b, ret);
}

bool board_zone_set(struct board *b, int minutes, struct text *why)
{
    return b->kind->zone_set(b, minutes, why);
}

bool board_clock_set(struct board *b, int64_t utc_ms, struct text *why)
{
    return b->kind->clock_set(b, utc_ms, why);
}

bool board_time_service_set(struct board *b, const struct board_time_service *wanted, struct text *why)
{
    return b->kind->time_service_set(b, wanted, why);
}

bool board_time_now(struct board *b, struct text *why)
{
    return b->kind->time_now(b, why);
}

void board_lan(struct board *b, int which, struct board_lan *ret)
{
    *ret = (struct board_lan){ 0 };
    if (which >= 0 && which < BOARD_LANS)
        b->kind->lan(b, which, ret);
}

bool board_lan_set(struct board *b, int which, const struct board_lan_settings *s, struct text *why)
{
    return which >= 0 && which < BOARD_LANS && b->kind->lan_set(b, which, s, why);
}

void board_modem(struct board *b, struct board_modem *ret)
{
    *ret = (struct board_modem){ .signal_percent = -1 };
    b->kind->modem(b, ret);
}

bool board_sim_use(struct board *b, int slot, const struct board_sim *s, struct text *why)
{
    return slot >= 0 && slot <= BOARD_SIMS && b->kind->sim_use(b, slot, s, why);
}

void board_power(struct board *b, struct board_power *ret)
{
    *ret = (struct board_power){ .battery_percent = -1 };
    b->kind->power(b, ret);
}

void board_inputs(struct board *b, struct board_inputs *ret)
{
    *ret = (struct board_inputs){ 0 };
    b->kind->inputs(b, ret);
}

bool board_relay_set(struct board *b, int which, bool on, struct text *why)
{
    return which >= 0 && which < BOARD_RELAYS_MAX && b->kind->relay_set(b, which, on, why);
}

bool board_supply_set(struct board *b, int which, bool on, struct text *why)
{
    return which >= 0 && which < BOARD_SUPPLIES && b->kind->supply_set(b, which, on, why);
}

bool board_battery_off(struct board *b, struct text *why)
{
    return b->kind->battery_off(b, why);
}

void board_led(struct board *b, enum board_led which, struct led_pattern pattern)
{
    pthread_mutex_lock(&b->lock);
    bool same = b->led[which].on_ms == pattern.on_ms && b->led[which].off_ms == pattern.off_ms;
    b->led[which] = pattern;
    pthread_mutex_unlock(&b->lock);
    if (!same)
        b->kind->led(b, which, pattern);
}

struct led_pattern board_led_now(struct board *b, enum board_led which)
{
    pthread_mutex_lock(&b->lock);
    struct led_pattern now = b->led[which];
    pthread_mutex_unlock(&b->lock);
    return now;
}

void board_watchdog(struct board *b)
{
    b->kind->watchdog(b);
}

bool board_restart(struct board *b, struct text *why)
{
    return b->kind->restart(b, why);
}

enum test_result board_test(struct board *b, enum test_flag flag, struct text *say)
{
    return b->kind->test(b, flag, say);
}

void board_put(char *field, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(field, room, format, arguments);
    va_end(arguments);
}
