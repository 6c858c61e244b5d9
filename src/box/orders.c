/* What people order of the box: settings, trials, relays, restart. See box.h. */
#include "base/clock.h"
#include "box/inside.h"

#include <stdio.h>

enum { PATIENCE_S = 3 };

/* Wakes the keeper, who looks at the board anew, and waits for that a little, so that who asks next sees what came of it. */
static void hurry(struct box *b)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&b->lock);
    unsigned wanted = b->beats + 2; /* the beat in progress may have looked already */
    while (!b->ending && (int)(b->beats - wanted) < 0) {
        b->hurried = true;
        pthread_cond_signal(&b->wake);
        if (pthread_cond_timedwait(&b->beaten, &b->lock, &until) != 0)
            break;
    }
    pthread_mutex_unlock(&b->lock);
}

/* --- time ------------------------------------------------------------------------------------------------------------------------- */

enum fault box_time_set(struct box *b, const struct time_settings *t, const struct caller *caller, struct text *why)
{
    enum fault fault = time_settings_write(b->o.store, t);
    if (fault != FAULT_NONE)
        return fault;
    bool good = board_zone_set(b->board, t->zone_minutes, why) && board_time_service_set(b->board, &t->service, why);
    box_note(b, NOTE_BOX_TIME, caller, "", json_pack("{s:i,s:b,s:i,s:b}", "zone_minutes", t->zone_minutes, "ntp", t->service.on, "servers", t->service.servers, "taken", good));
    hurry(b);
    return good ? FAULT_NONE : FAULT_REFUSED;
}

enum fault box_clock_set(struct box *b, int64_t utc_ms, const struct caller *caller, struct text *why)
{
    struct board_clock before;
    char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX];
    board_clock(b->board, &before);
    bool good = board_clock_set(b->board, utc_ms, why);
    box_note(b, NOTE_BOX_CLOCK, caller, "", json_pack("{s:s,s:s,s:b}", "before", wall_format(before.utc_ms / 1000, from), "after", wall_format(utc_ms / 1000, to), "taken", good));
    hurry(b);
    return good ? FAULT_NONE : FAULT_REFUSED;
}

enum fault box_time_now(struct box *b, const struct caller *caller, struct text *why)
{
    bool good = board_time_now(b->board, why);
    box_note(b, NOTE_BOX_CLOCK, caller, "ntp", json_pack("{s:b}", "taken", good));
    hurry(b);
    return good ? FAULT_NONE : FAULT_REFUSED;
}

/* --- modem ------------------------------------------------------------------------------------------------------------------------- */

enum fault box_modem_set(struct box *b, const struct modem_settings *m, const struct caller *caller)
{
    enum fault fault = modem_settings_write(b->o.store, b->o.vault, m);
    if (fault != FAULT_NONE)
        return fault;
    pthread_mutex_lock(&b->lock);
    b->modem = *m;
    b->modem.written = b->modem_changed = true;
    b->modem.revision++;
    pthread_mutex_unlock(&b->lock);
    box_note(b, NOTE_BOX_MODEM, caller, "",
             json_pack("{s:b,s:s,s:b,s:s}", "sim1", m->sim[0].allowed, "apn1", m->sim[0].apn, "sim2", m->sim[1].allowed, "apn2", m->sim[1].apn));
    hurry(b);
    return FAULT_NONE;
}

/* --- network ------------------------------------------------------------------------------------------------------------------------ */

enum fault box_lan_try(struct box *b, const struct lan_settings *l, const struct caller *caller)
{
    struct lan_settings stored;
    enum fault fault = lan_settings_read(b->o.store, &stored);
    if (fault != FAULT_NONE || stored.revision != l->revision)
        return fault != FAULT_NONE ? fault : FAULT_CHANGED;
    pthread_mutex_lock(&b->lock);
    bool busy = b->trial.on;
    if (!busy) {
        b->trial.on = true;
        b->trial.applied = b->trial.over = b->trial.keep = false;
        b->trial.until_ms = clock_monotonic_ms() + b->o.trial_s * 1000LL;
        b->trial.settings = *l;
        b->trial.settings.written = true;
    }
    pthread_mutex_unlock(&b->lock);
    if (busy)
        return FAULT_REFUSED;
    for (int i = 0; i < BOARD_LANS; i++) {
        char object[24];
        snprintf(object, sizeof object, "Ethernet %d", i + 1);
        box_note(b, NOTE_BOX_NETWORK_TRY, caller, object, json_pack("{s:b,s:s,s:s,s:s}", "dhcp", l->lan[i].dhcp, "address", l->lan[i].address, "mask", l->lan[i].mask, "gateway", l->lan[i].gateway));
    }
    pthread_mutex_lock(&b->lock); /* not awaited: the answer is to go out by the former address */
    b->hurried = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    return FAULT_NONE;
}

enum fault box_lan_confirm(struct box *b, const struct caller *caller)
{
    struct lan_settings settings;
    pthread_mutex_lock(&b->lock);
    bool runs = b->trial.on && b->trial.applied && !b->trial.over && !b->trial.keep;
    settings = b->trial.settings;
    if (runs)
        b->trial.keep = true;
    pthread_mutex_unlock(&b->lock);
    if (!runs)
        return FAULT_NO_DATA;
    enum fault fault = lan_settings_write(b->o.store, &settings);
    pthread_mutex_lock(&b->lock);
    if (fault == FAULT_NONE)
        b->trial.on = false;
    else
        b->trial.keep = false;
    b->trial.over = fault != FAULT_NONE;
    pthread_mutex_unlock(&b->lock);
    if (fault == FAULT_NONE)
        box_note(b, NOTE_BOX_NETWORK, caller, "", NULL);
    return fault;
}

void box_lan_revert(struct box *b)
{
    pthread_mutex_lock(&b->lock);
    b->trial.over = b->trial.on && !b->trial.keep;
    pthread_mutex_unlock(&b->lock);
    hurry(b);
}

int box_lan_trial(struct box *b, struct lan_settings *ret)
{
    pthread_mutex_lock(&b->lock);
    bool on = b->trial.on;
    int64_t left = b->trial.until_ms - clock_monotonic_ms();
    *ret = b->trial.settings;
    pthread_mutex_unlock(&b->lock);
    return !on ? 0 : left > 0 ? (int)((left + 999) / 1000) : 1; /* while it is being taken back it is still there */
}

/* --- relays, power lines, restart, self-test ------------------------------------------------------------------------------------------------------ */

enum fault box_relay_set(struct box *b, int which, bool on, const struct caller *caller, struct text *why)
{
    char object[16];
    bool good = board_relay_set(b->board, which, on, why);
    snprintf(object, sizeof object, "%d", which + 1);
    box_note(b, NOTE_BOX_RELAY, caller, object, json_pack("{s:b,s:b}", "on", on, "taken", good));
    hurry(b);
    return good ? FAULT_NONE : FAULT_REFUSED;
}

void box_supplies_changed(struct box *b)
{
    pthread_mutex_lock(&b->lock);
    b->supplies_changed = true;
    pthread_mutex_unlock(&b->lock);
    hurry(b);
}

void box_restart(struct box *b, const struct caller *caller)
{
    box_note(b, NOTE_BOX_RESTART, caller, "", NULL);
    pthread_mutex_lock(&b->lock);
    b->restart_wanted = b->hurried = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
}

void box_test(struct box *b, struct box_test *ret)
{
    pthread_mutex_lock(&b->lock);
    *ret = b->test;
    ret->running |= b->test_wanted;
    pthread_mutex_unlock(&b->lock);
}

void box_test_begin(struct box *b)
{
    pthread_mutex_lock(&b->lock);
    b->test_wanted = b->hurried = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
}
