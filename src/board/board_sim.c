/* A simulated board: a box in memory that words can steer (board_sim.h), for the demo and the tests. */
#include "board/board_sim.h"
#include "base/arena.h"
#include "base/clock.h"
#include "board/net_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct board_sim_state *sim(struct board *b)
{
    return (struct board_sim_state *)b;
}

static struct board_sim_state *enter(struct board *b)
{
    pthread_mutex_lock(&sim(b)->lock);
    return sim(b);
}

static void leave(struct board_sim_state *s)
{
    pthread_mutex_unlock(&s->lock);
}

static struct board *sim_open(const char *words, enum lang lang, struct text *problem)
{
    struct board_sim_state *s = memory_new(sizeof *s);
    board_begin(&s->base, &board_sim_kind);
    pthread_mutex_init(&s->lock, NULL);
    s->zone_minutes = 180;
    s->rtc_good = s->servers_answer = s->modem_answers = true;
    lan_defaults(s->lan);
    s->cable[0] = s->cable[1] = true;
    s->card[0] = s->card[1] = CARD_GOOD;
    BOARD_PUT(s->operator_name[0], "Beeline");
    BOARD_PUT(s->operator_name[1], "MTS");
    BOARD_PUT(s->technology, "4G");
    s->signal_percent = 78;
    s->power = (struct board_power){ .mains = BOARD_ON, .reserve = BOARD_OFF, .battery = BOARD_ON, .battery_percent = 96 };
    for (int i = 0; i < BOARD_INPUTS; i++)
        s->inputs.input[i] = BOARD_OFF;
    s->inputs.relay[0] = s->inputs.relay[1] = BOARD_OFF;
    for (int i = 0; i < BOARD_SUPPLIES; i++)
        s->inputs.supply[i] = BOARD_OFF;
    s->inputs.has_loop = true;
    s->inputs.loop_ua = 4000;
    s->door = s->end_read = s->end_write = -1;
    if (*words && !board_sim_door_open(s, words, lang, problem)) {
        s->base.kind->free(&s->base);
        return NULL;
    }
    return &s->base;
}

static void sim_free(struct board *b)
{
    struct board_sim_state *s = sim(b);
    board_sim_door_close(s);
    pthread_mutex_destroy(&s->lock);
    board_end(b);
    free(s);
}

static void sim_identity(struct board *b, struct board_identity *ret)
{
    (void)b;
    BOARD_PUT(ret->type, "Свод (модель)");
    BOARD_PUT(ret->serial, "900000000001");
}

/* Beside its socket: SOCKET.rs1 to SOCKET.rs8 are what leads to simulated buses. */
static void sim_serials(struct board *b, char ret[BOARD_SERIALS][BOARD_PATH_MAX])
{
    for (int i = 0; i < BOARD_SERIALS && *sim(b)->path; i++) {
        BOARD_PUT(ret[i], "%s.rs%d", sim(b)->path, i + 1);
        if (access(ret[i], F_OK) != 0)
            ret[i][0] = '\0';
    }
}

/* --- clock ------------------------------------------------------------------------------------------------------------------------ */

static void sim_clock(struct board *b, struct board_clock *ret)
{
    struct board_sim_state *s = enter(b);
    ret->utc_ms = clock_utc_ms() + s->clock_shift_ms;
    ret->zone_minutes = s->zone_minutes;
    ret->has_rtc = ret->has_time_service = true;
    ret->rtc_good = s->rtc_good;
    ret->rtc_utc_ms = s->rtc_good ? clock_utc_ms() + s->rtc_shift_ms : 0;
    ret->synchronised = s->time_service.on && s->time_service.servers && s->servers_answer;
    if (ret->synchronised)
        BOARD_PUT(ret->source, "%s", s->time_service.server[0]);
    leave(s);
}

static bool sim_zone_set(struct board *b, int minutes, struct text *why)
{
    (void)why;
    struct board_sim_state *s = enter(b);
    s->zone_minutes = minutes;
    leave(s);
    return true;
}

static bool sim_clock_set(struct board *b, int64_t utc_ms, struct text *why)
{
    struct board_sim_state *s = enter(b);
    bool good = s->rtc_good;
    if (good)
        s->clock_shift_ms = s->rtc_shift_ms = utc_ms - clock_utc_ms();
    else if (why)
        text_put(why, "RTC: no answer");
    leave(s);
    return good;
}

static bool sim_time_service_set(struct board *b, const struct board_time_service *wanted, struct text *why)
{
    (void)why;
    struct board_sim_state *s = enter(b);
    s->time_service = *wanted;
    leave(s);
    return true;
}

static bool sim_time_now(struct board *b, struct text *why)
{
    struct board_sim_state *s = enter(b);
    bool good = s->time_service.on && s->time_service.servers && s->servers_answer;
    if (good)
        s->clock_shift_ms = s->rtc_shift_ms = 0;
    else if (why)
        text_put(why, "no server answers");
    leave(s);
    return good;
}

/* --- Ethernet ---------------------------------------------------------------------------------------------------------------------- */

static void lan_address(struct board_lan *ret, const char *text)
{
    if (*text && ret->addresses < BOARD_ADDRESSES)
        BOARD_PUT(ret->address[ret->addresses++], "%s", text);
}

static void sim_lan(struct board *b, int which, struct board_lan *ret)
{
    struct board_sim_state *s = enter(b);
    const struct board_lan_settings *set = &s->lan[which];
    char text[BOARD_ADDRESS_MAX + 8];
    ret->present = true;
    ret->carrier = s->cable[which];
    BOARD_PUT(ret->name, "lan%d", which + 1);
    BOARD_PUT(ret->mac, "02:00:00:00:00:%02x", which + 1);
    ret->dhcp = set->dhcp ? BOARD_ON : BOARD_OFF;
    if (set->dhcp && s->cable[which]) { /* what a DHCP server of this world gives */
        BOARD_PUT(text, "10.0.%d.57/24", which + 1);
        lan_address(ret, text);
        BOARD_PUT(ret->gateway, "10.0.%d.1", which + 1);
        BOARD_PUT(ret->dns[0], "10.0.%d.1", which + 1);
    } else if (!set->dhcp) {
        BOARD_PUT(text, "%s/%d", set->address, mask_prefix(set->mask));
        lan_address(ret, text);
        BOARD_PUT(ret->gateway, "%s", set->gateway);
        BOARD_PUT(ret->dns[0], "%s", set->dns[0]);
        BOARD_PUT(ret->dns[1], "%s", set->dns[1]);
    }
    lan_address(ret, set->six == SIX_STATIC ? set->address6 : set->six == SIX_AUTO && s->cable[which] ? "fe80::2/64" : "");
    leave(s);
}

static bool sim_lan_set(struct board *b, int which, const struct board_lan_settings *wanted, struct text *why)
{
    (void)why;
    struct board_lan_settings presets[BOARD_LANS];
    lan_defaults(presets);
    struct board_sim_state *s = enter(b);
    s->lan[which] = wanted ? *wanted : presets[which];
    leave(s);
    return true;
}

/* --- modem --------------------------------------------------------------------------------------------------------------------------- */

static void sim_modem(struct board *b, struct board_modem *ret)
{
    struct board_sim_state *s = enter(b);
    ret->answers = s->modem_answers;
    ret->state = s->modem_answers ? MODEM_OFF : MODEM_ABSENT;
    for (int i = 0; i < BOARD_SIMS && s->modem_answers; i++)
        ret->card[i] = s->card[i] == CARD_EMPTY ? BOARD_OFF : BOARD_ON;
    BOARD_PUT(ret->imei, "860000000000017");
    if (s->modem_answers && s->slot) {
        static const enum modem_state states[] = { MODEM_SEARCHING, MODEM_SEARCHING, MODEM_DENIED, MODEM_CONNECTED };
        ret->slot = s->slot;
        ret->state = s->pin_wrong ? MODEM_DENIED : states[s->card[s->slot - 1]];
    }
    if (ret->state == MODEM_CONNECTED) {
        BOARD_PUT(ret->operator_name, "%s", s->operator_name[s->slot - 1]);
        BOARD_PUT(ret->technology, "%s", s->technology);
        BOARD_PUT(ret->address, "100.64.%d.111", s->slot);
        ret->signal_percent = s->signal_percent;
    }
    leave(s);
}

static bool sim_sim_use(struct board *b, int slot, const struct board_sim *card, struct text *why)
{
    struct board_sim_state *s = enter(b);
    bool good = s->modem_answers;
    if (good) {
        s->slot = slot;
        s->pin_wrong = slot && *s->pin[slot - 1] && strcmp(s->pin[slot - 1], card->pin) != 0;
    } else if (why) {
        text_put(why, "modem: no answer");
    }
    leave(s);
    return good;
}

/* --- power, inputs, relays, life -------------------------------------------------------------------------------------------------------- */

static void sim_power(struct board *b, struct board_power *ret)
{
    struct board_sim_state *s = enter(b);
    *ret = s->power;
    leave(s);
}

static void sim_inputs(struct board *b, struct board_inputs *ret)
{
    struct board_sim_state *s = enter(b);
    *ret = s->inputs;
    leave(s);
}

static bool sim_relay_set(struct board *b, int which, bool on, struct text *why)
{
    struct board_sim_state *s = enter(b);
    bool has = s->inputs.relay[which] != BOARD_ABSENT;
    if (has)
        s->inputs.relay[which] = on ? BOARD_ON : BOARD_OFF;
    else if (why)
        text_put(why, "no such relay");
    leave(s);
    return has;
}

static bool sim_supply_set(struct board *b, int which, bool on, struct text *why)
{
    struct board_sim_state *s = enter(b);
    bool has = s->inputs.supply[which] != BOARD_ABSENT;
    if (has)
        s->inputs.supply[which] = on ? BOARD_ON : BOARD_OFF;
    else if (why)
        text_put(why, "no such line");
    leave(s);
    return has;
}

static bool sim_battery_off(struct board *b, struct text *why)
{
    (void)why;
    struct board_sim_state *s = enter(b);
    s->power.battery = BOARD_OFF;
    s->battery_offs++;
    leave(s);
    return true;
}

static void sim_led(struct board *b, enum board_led which, struct led_pattern pattern)
{
    (void)b, (void)which, (void)pattern; /* board_led_now is all there is to see */
}

static void sim_watchdog(struct board *b)
{
    enter(b)->watchdog_beats++;
    leave(sim(b));
}

static bool sim_restart(struct board *b, struct text *why)
{
    (void)why;
    enter(b)->restarts++;
    leave(sim(b));
    return true;
}

/* What the state itself shows of a flag. */
static enum test_result test_state(const struct board_sim_state *s, enum test_flag flag)
{
    switch (flag) {
    case TEST_RTC:
    case TEST_RTCM: return s->rtc_good ? TEST_PASSED : TEST_FAILED;
    case TEST_PWR: return board_power_lost(&s->power) ? TEST_FAILED : TEST_PASSED;
    case TEST_GSMM: return s->modem_answers ? TEST_PASSED : TEST_FAILED;
    case TEST_ETHM: return TEST_PASSED;
    case TEST_ETH: return s->cable[0] || s->cable[1] ? TEST_PASSED : TEST_FAILED;
    case TEST_I2C:
    case TEST_USB:
    case TEST_SD:
    case TEST_JRM: return TEST_PASSED;
    default: return TEST_ABSENT;
    }
}

static enum test_result sim_test(struct board *b, enum test_flag flag, struct text *say)
{
    struct board_sim_state *s = enter(b);
    enum test_result result = s->forced[flag] != TEST_ABSENT ? s->forced[flag] : test_state(s, flag);
    if (result == TEST_FAILED)
        text_put(say, "simulated fault");
    leave(s);
    return result;
}

const struct board_kind board_sim_kind = {
    .name = "sim", .open = sim_open, .free = sim_free, .identity = sim_identity, .serials = sim_serials, .clock = sim_clock, .zone_set = sim_zone_set, .clock_set = sim_clock_set,
    .time_service_set = sim_time_service_set, .time_now = sim_time_now, .lan = sim_lan, .lan_set = sim_lan_set, .modem = sim_modem, .sim_use = sim_sim_use,
    .power = sim_power, .inputs = sim_inputs, .relay_set = sim_relay_set, .supply_set = sim_supply_set, .battery_off = sim_battery_off, .led = sim_led, .watchdog = sim_watchdog,
    .restart = sim_restart, .test = sim_test,
};
