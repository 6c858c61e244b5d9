/* The keeper of the box; see box.h. */
#include "box/inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "board/button.h"
#include "board/net_rules.h"
#include "upstream/servers.h"
#include "upstream/transit/interfaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEAT_MS = 1000, TRIAL_S = 120, TEST_EVERY_MS = 24 * 3600 * 1000, TEST_FIRST_MS = 5000, FAST_BLINK_MS = 10000 };

void box_note(struct box *b, enum note n, const struct caller *caller, const char *object, json_t *after)
{
    char *text = after ? json_dumps(after, JSON_COMPACT) : NULL;
    journal_note(b->o.store, n, caller, object, NULL, text);
    free(text);
    json_decref(after);
}

/* --- news of the board: on its thread, so they are only noted down -------------------------------------------------------------- */

static void power_turned(struct box *b, const struct board_power *p)
{
    static const char *const words[] = { "absent", "off", "on" };
    box_note(b, NOTE_BOX_POWER, NULL, board_power_lost(p) ? "lost" : "present",
              json_pack("{s:s,s:s,s:s}", "mains", words[p->mains], "reserve", words[p->reserve], "battery", words[p->battery]));
}

static void button_let_go(struct box *b, int64_t held_ms)
{
    struct board_power power;
    board_power(b->board, &power);
    enum button_meaning meaning = button_held(held_ms, &power);
    box_note(b, NOTE_BOX_BUTTON, NULL, meaning == BUTTON_NETWORK_DEFAULTS ? "network-defaults" : meaning == BUTTON_BATTERY_OFF ? "battery-off" : "",
              json_pack("{s:I}", "held_ms", (json_int_t)held_ms));
    if (meaning == BUTTON_BATTERY_OFF)
        board_battery_off(b->board, NULL);
    pthread_mutex_lock(&b->lock);
    b->defaults_wanted |= meaning == BUTTON_NETWORK_DEFAULTS;
    b->hurried = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
}

static void heard(void *context, const struct board_news *news)
{
    struct box *b = context;
    char object[16];
    switch (news->kind) {
    case BOARD_NEWS_POWER: power_turned(b, &news->power); break;
    case BOARD_NEWS_BUTTON: button_let_go(b, news->held_ms); break;
    case BOARD_NEWS_INPUT:
        snprintf(object, sizeof object, "%d", news->input + 1);
        box_note(b, NOTE_BOX_INPUT, NULL, object, json_pack("{s:b}", "on", news->on));
        break;
    }
}

/* --- the modem ---------------------------------------------------------------------------------------------------------------------- */

static void use_slot(struct box *b, const struct modem_settings *m, int slot, int before)
{
    char words[BOARD_WHY_MAX], object[8];
    struct text why = text_over(words, sizeof words);
    bool good = board_sim_use(b->board, slot, slot ? &m->sim[slot - 1] : &(struct board_sim){ 0 }, &why);
    snprintf(object, sizeof object, "%d", slot);
    box_note(b, NOTE_BOX_SIM, NULL, object, json_pack("{s:i,s:b,s:s}", "before", before, "taken", good, "said", words));
}

/* The card that is to be used, by the rules; told to the modem when it is another one or its settings are. */
static void keep_modem(struct box *b, const struct board_modem *seen)
{
    pthread_mutex_lock(&b->lock);
    struct modem_settings m = b->modem;
    bool changed = b->modem_changed;
    b->modem_changed = false;
    pthread_mutex_unlock(&b->lock);
    if (!m.written)
        return;
    struct failover_rules rules = modem_rules(&m);
    int64_t now = clock_monotonic_ms();
    int before = b->failover.slot;
    if (changed)
        failover_begin(&b->failover, &rules, now);
    bool connected = seen->state == MODEM_CONNECTED && seen->slot == b->failover.slot;
    bool missing = b->failover.slot && seen->card[b->failover.slot - 1] == BOARD_OFF;
    int slot = changed ? b->failover.slot : failover_step(&b->failover, &rules, connected, missing, now);
    if (changed || slot != before)
        use_slot(b, &m, slot, before);
    if (connected != b->was_connected && (connected || before))
        box_note(b, connected ? NOTE_BOX_MODEM_ON : NOTE_BOX_MODEM_OFF, NULL, seen->operator_name, NULL);
    b->was_connected = connected;
}

/* --- the network -------------------------------------------------------------------------------------------------------------------- */

static bool apply_lans(struct box *b, const struct lan_settings *l)
{
    bool good = true;
    for (int i = 0; i < BOARD_LANS; i++) {
        char words[BOARD_WHY_MAX];
        struct text why = text_over(words, sizeof words);
        struct board_lan seen;
        board_lan(b->board, i, &seen);
        if (!seen.present || board_lan_set(b->board, i, l->written ? &l->lan[i] : NULL, &why))
            continue;
        log_line(LOG_WARNING, "box-network", "interface=%d trouble=\"%s\"", i + 1, words);
        good = false;
    }
    return good;
}

/* A trial begins, or its time is over. */
static void keep_trial(struct box *b)
{
    struct lan_settings wanted;
    pthread_mutex_lock(&b->lock);
    bool begins = b->trial.on && !b->trial.applied && !b->trial.over;
    bool ends = b->trial.on && !b->trial.keep && (b->trial.over || (b->trial.applied && clock_monotonic_ms() >= b->trial.until_ms));
    wanted = b->trial.settings;
    if (begins)
        b->trial.applied = true;
    pthread_mutex_unlock(&b->lock);
    if (begins && !apply_lans(b, &wanted))
        ends = true;
    if (!ends)
        return;
    if (lan_settings_read(b->o.store, &wanted) == FAULT_NONE)
        apply_lans(b, &wanted);
    box_note(b, NOTE_BOX_NETWORK_BACK, NULL, "", NULL);
    pthread_mutex_lock(&b->lock);
    b->trial.on = false;
    pthread_mutex_unlock(&b->lock);
}

/* S0 4.2.2.1: the button puts the network back as it came from the factory, and the box starts anew. */
static void network_defaults(struct box *b)
{
    struct lan_settings l;
    struct server_setting table[SERVER_TYPES];
    size_t count = 0;
    int64_t revision = 0;
    if (lan_settings_read(b->o.store, &l) == FAULT_NONE) {
        lan_defaults(l.lan);
        l.written = true;
        lan_settings_write(b->o.store, &l);
        apply_lans(b, &l);
    }
    if (servers_read(b->o.store, table, &count, &revision) == FAULT_NONE) {
        struct server_setting kept[SERVER_TYPES] = { { .type = SERVER_HTTP, .port = SERVER_HTTP_PORT } };
        size_t keeps = 1;
        for (size_t i = 0; i < count; i++)
            if (table[i].type != SERVER_HTTP && table[i].port != SERVER_HTTP_PORT)
                kept[keeps++] = table[i];
        servers_write(b->o.store, kept, keeps, revision);
    }
    pthread_mutex_lock(&b->lock);
    b->trial.on = false;
    b->restart_wanted = true;
    pthread_mutex_unlock(&b->lock);
    b->defaults_ms = clock_monotonic_ms();
    if (b->o.servers_changed)
        b->o.servers_changed(b->o.context);
}

/* --- power lines of interfaces (S0 4.2.3) ---------------------------------------------------------------------------------------------- */

static void switch_supply(struct box *b, int which, enum board_state seen)
{
    char words[BOARD_WHY_MAX] = "", object[16];
    struct text why = text_over(words, sizeof words);
    bool on = b->supply[which] == BOARD_ON, good = board_supply_set(b->board, which, on, &why);
    snprintf(object, sizeof object, "%d", which + 1);
    if (good)
        box_note(b, NOTE_BOX_SUPPLY, NULL, object, json_pack("{s:b,s:s}", "on", on, "before", board_state_names[seen]));
    else if (!b->supply_bad[which])
        log_line(LOG_ERROR, "box-power-line", "line=%d trouble=\"%s\"", which + 1, words);
    b->supply_bad[which] = !good;
}

/* They become and stay what the interfaces want; *seen is how they are. */
static void keep_supplies(struct box *b, struct board_inputs *seen)
{
    enum board_state wanted[BOARD_SUPPLIES];
    bool switched = false;
    pthread_mutex_lock(&b->lock);
    bool changed = b->supplies_changed;
    b->supplies_changed = false;
    pthread_mutex_unlock(&b->lock);
    if (changed && interface_supplies(b->o.store, wanted) == FAULT_NONE)
        memcpy(b->supply, wanted, sizeof wanted);
    for (int i = 0; i < BOARD_SUPPLIES; i++) {
        bool missing = seen->supply[i] == BOARD_ABSENT && b->supply[i] != BOARD_ON; /* one that there is not is missed by who wants it */
        if (b->supply[i] == BOARD_ABSENT || seen->supply[i] == b->supply[i] || missing)
            continue;
        switch_supply(b, i, seen->supply[i]);
        switched = true;
    }
    if (switched)
        board_inputs(b->board, seen);
}

/* --- indicators (S1 table 3) ---------------------------------------------------------------------------------------------------------- */

static void keep_leds(struct box *b, const struct board_modem *m)
{
    bool connected = m->state == MODEM_CONNECTED, network = m->state >= MODEM_REGISTERED;
    bool fast = b->defaults_ms && clock_monotonic_ms() - b->defaults_ms < FAST_BLINK_MS;
    board_led(b->board, LED_MODE, fast ? (struct led_pattern){ 100, 100 } : (struct led_pattern){ 1000, 1000 });
    board_led(b->board, LED_GSM_MODE, connected ? (struct led_pattern){ 200, 1800 } : (struct led_pattern){ 0, 0 });
    board_led(b->board, LED_GSM_NET, network ? (struct led_pattern){ 1000, 0 } : (struct led_pattern){ 0, 0 });
}

/* --- the beat ---------------------------------------------------------------------------------------------------------------------------- */

static void look(struct box *b)
{
    struct box_look now = { .at_ms = clock_utc_ms() };
    board_identity(b->board, &now.identity);
    board_clock(b->board, &now.clock);
    for (int i = 0; i < BOARD_LANS; i++)
        board_lan(b->board, i, &now.lan[i]);
    board_modem(b->board, &now.modem);
    board_power(b->board, &now.power);
    board_inputs(b->board, &now.inputs);
    keep_supplies(b, &now.inputs);
    keep_modem(b, &now.modem);
    keep_leds(b, &now.modem);
    now.slot = b->failover.slot;
    for (enum board_led l = 0; l < BOARD_LEDS; l++)
        now.led[l] = board_led_now(b->board, l);
    pthread_mutex_lock(&b->lock);
    b->look = now;
    pthread_mutex_unlock(&b->lock);
}

static void keep_test(struct box *b)
{
    int64_t now = clock_monotonic_ms();
    struct box_test *fresh;
    pthread_mutex_lock(&b->lock);
    bool due = b->test_wanted || now >= b->tested_ms;
    b->test_wanted = false;
    b->test.running = due;
    pthread_mutex_unlock(&b->lock);
    if (!due)
        return;
    fresh = memory_new(sizeof *fresh);
    box_test_all(b, fresh);
    b->tested_ms = clock_monotonic_ms() + TEST_EVERY_MS;
    pthread_mutex_lock(&b->lock);
    b->test = *fresh;
    pthread_mutex_unlock(&b->lock);
    char flags[300] = "";
    struct text t = text_over(flags, sizeof flags);
    for (enum test_flag f = 0; f < TEST_FLAGS; f++)
        if (fresh->flag[f].result == TEST_FAILED)
            text_printf(&t, "%s%s", t.size ? " " : "", test_flag_name(f));
    box_note(b, t.size ? NOTE_BOX_TEST_BAD : NOTE_BOX_TEST, NULL, flags, NULL);
    free(fresh);
}

static void keep_orders(struct box *b)
{
    pthread_mutex_lock(&b->lock);
    bool defaults = b->defaults_wanted;
    b->defaults_wanted = false;
    pthread_mutex_unlock(&b->lock);
    if (defaults)
        network_defaults(b);
    pthread_mutex_lock(&b->lock);
    bool restart = b->restart_wanted;
    b->restart_wanted = false;
    pthread_mutex_unlock(&b->lock);
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    if (restart && !board_restart(b->board, &why))
        log_line(LOG_ERROR, "box-restart", "trouble=\"%s\"", words);
}

static void *run(void *argument)
{
    struct box *b = argument;
    pthread_mutex_lock(&b->lock);
    while (!b->ending) {
        pthread_mutex_unlock(&b->lock);
        keep_orders(b);
        keep_trial(b);
        look(b);
        keep_test(b);
        board_watchdog(b->board);
        pthread_mutex_lock(&b->lock);
        b->beats++;
        pthread_cond_broadcast(&b->beaten);
        int64_t until = clock_utc_ms() + b->o.beat_ms;
        struct timespec t = clock_timespec(until);
        while (!b->ending && !b->hurried && pthread_cond_timedwait(&b->wake, &b->lock, &t) == 0)
            ;
        b->hurried = false;
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* --- from outside ----------------------------------------------------------------------------------------------------------------------- */

/* What was written before the program began holds again: the board may have been replaced, or started anew. */
static void put_everything(struct box *b)
{
    struct time_settings t;
    struct lan_settings l;
    if (time_settings_read(b->o.store, &t) == FAULT_NONE && t.written) {
        board_zone_set(b->board, t.zone_minutes, NULL);
        board_time_service_set(b->board, &t.service, NULL);
    }
    if (lan_settings_read(b->o.store, &l) == FAULT_NONE && l.written)
        apply_lans(b, &l);
    b->supplies_changed = true;
    if (modem_settings_read(b->o.store, b->o.vault, &b->modem) == FAULT_NONE)
        b->modem_changed = b->modem.written;
}

struct box *box_new(const struct box_options *options)
{
    struct box *b = memory_new(sizeof *b);
    b->o = *options;
    b->board = options->board;
    b->o.beat_ms = options->beat_ms ? options->beat_ms : BEAT_MS;
    b->o.trial_s = options->trial_s ? options->trial_s : TRIAL_S;
    b->tested_ms = clock_monotonic_ms() + TEST_FIRST_MS;
    b->has_program = program_digest(b->program);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->wake, NULL);
    pthread_cond_init(&b->beaten, NULL);
    put_everything(b);
    look(b);
    board_listen(b->board, heard, b);
    box_note(b, NOTE_BOX_START, NULL, "", NULL);
    pthread_create(&b->thread, NULL, run, b);
    return b;
}

void box_free(struct box **box)
{
    struct box *b = *box;
    if (!b)
        return;
    board_unlisten(b->board, heard, b);
    pthread_mutex_lock(&b->lock);
    b->ending = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->wake);
    pthread_cond_destroy(&b->beaten);
    pthread_mutex_destroy(&b->lock);
    free(b);
    *box = NULL;
}

struct board *box_board(struct box *b)
{
    return b->board;
}

void box_http_port(struct box *b, unsigned port, bool tls)
{
    pthread_mutex_lock(&b->lock);
    b->http_port = port;
    b->http_tls = tls;
    pthread_mutex_unlock(&b->lock);
}

void box_look(struct box *b, struct box_look *ret)
{
    pthread_mutex_lock(&b->lock);
    *ret = b->look;
    pthread_mutex_unlock(&b->lock);
}

unsigned box_http_door(struct box *b, bool *ret_tls)
{
    pthread_mutex_lock(&b->lock);
    unsigned port = b->http_port;
    *ret_tls = b->http_tls;
    pthread_mutex_unlock(&b->lock);
    return port;
}
