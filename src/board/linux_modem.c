/* The modem on Linux, by ModemManager (`mmcli -K`, lines "key : value"). Orders are kept and carried out step by step on the modem's
 * thread: changing the card makes the modem begin anew, and going onto a network takes a minute. */
#include "board/board_linux.h"
#include "board/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 5000, CONNECT_MS = 60000, VALUE = 160 };

static bool mmcli(const char *const *arguments, int timeout_ms, char output[TOOL_OUTPUT])
{
    struct text t = text_over(output, TOOL_OUTPUT);
    return tool_run(arguments, timeout_ms, &t);
}

/* --- looking ---------------------------------------------------------------------------------------------------------------------- */

static enum modem_state state_of(const char *state, const char *registration)
{
    static const struct { const char *word; enum modem_state state; } words[] = {
        { "connected", MODEM_CONNECTED }, { "registered", MODEM_REGISTERED }, { "connecting", MODEM_REGISTERED }, { "disconnecting", MODEM_REGISTERED },
        { "searching", MODEM_SEARCHING }, { "enabled", MODEM_SEARCHING }, { "enabling", MODEM_SEARCHING }, { "locked", MODEM_DENIED }, { "failed", MODEM_DENIED },
    };
    if (strcmp(registration, "denied") == 0)
        return MODEM_DENIED;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, state) == 0)
            return words[i].state;
    return MODEM_OFF;
}

/* The newest generation of those that are named. */
static const char *generation(const char *technologies)
{
    return strstr(technologies, "5gnr") ? "5G" : strstr(technologies, "lte") ? "4G" : strstr(technologies, "umts") || strstr(technologies, "hs") ? "3G" :
           strstr(technologies, "gsm") || strstr(technologies, "gprs") || strstr(technologies, "edge") ? "2G" : "";
}

static void read_cards(const char *output, struct board_modem *m)
{
    char key[64], value[VALUE];
    for (int i = 0; i < BOARD_SIMS; i++) {
        snprintf(key, sizeof key, "modem.generic.sim-slots.value[%d]", i + 1);
        tool_value(output, key, value, sizeof value);
        m->card[i] = !*value ? BOARD_ABSENT : strcmp(value, "/") == 0 || strcmp(value, "none") == 0 ? BOARD_OFF : BOARD_ON;
    }
}

static void read_modem(const char *output, struct board_modem *m)
{
    char state[VALUE], registration[VALUE], value[VALUE];
    tool_value(output, "modem.generic.state", state, sizeof state);
    tool_value(output, "modem.3gpp.registration-state", registration, sizeof registration);
    m->state = state_of(state, registration);
    m->roaming = strcmp(registration, "roaming") == 0;
    BOARD_PUT(m->operator_name, "%.63s", tool_value(output, "modem.3gpp.operator-name", value, sizeof value));
    BOARD_PUT(m->imei, "%.19s", tool_value(output, "modem.3gpp.imei", value, sizeof value));
    BOARD_PUT(m->technology, "%s", generation(tool_value(output, "modem.generic.access-technologies.value[1]", value, sizeof value)));
    tool_value(output, "modem.generic.signal-quality.value", value, sizeof value);
    m->signal_percent = *value && m->state >= MODEM_REGISTERED ? atoi(value) : -1;
    tool_value(output, "modem.generic.primary-sim-slot", value, sizeof value);
    m->slot = *value ? atoi(value) : m->state > MODEM_OFF ? 1 : 0;
    read_cards(output, m);
}

/* Address of the connection, as the bearer has it. */
static void read_bearer(const char *output, struct board_modem *m)
{
    char path[VALUE], value[VALUE], bearer[TOOL_OUTPUT];
    tool_value(output, "modem.generic.bearers.value[1]", path, sizeof path);
    if (m->state == MODEM_CONNECTED && *path && mmcli((const char *const[]){ "mmcli", "-b", path, "-K", NULL }, LOOK_MS, bearer))
        BOARD_PUT(m->address, "%.63s", tool_value(bearer, "bearer.ipv4-config.address", value, sizeof value));
}

/* --- doing ------------------------------------------------------------------------------------------------------------------------ */

/* What the operator gave, onto the modem's interface. */
static void use_bearer(struct board_linux *b)
{
    char output[TOOL_OUTPUT], path[VALUE], interface[VALUE], address[VALUE], prefix[VALUE], value[VALUE], content[1024];
    struct text t = text_over(content, sizeof content);
    if (!mmcli((const char *const[]){ "mmcli", "-m", "any", "-K", NULL }, LOOK_MS, output))
        return;
    tool_value(output, "modem.generic.bearers.value[1]", path, sizeof path);
    if (!*path || !mmcli((const char *const[]){ "mmcli", "-b", path, "-K", NULL }, LOOK_MS, output))
        return;
    tool_value(output, "bearer.status.interface", interface, sizeof interface);
    tool_value(output, "bearer.ipv4-config.address", address, sizeof address);
    tool_value(output, "bearer.ipv4-config.prefix", prefix, sizeof prefix);
    if (!*interface || strlen(interface) > 31 || strchr(interface, '/'))
        return;
    text_printf(&t, "# Written by svod: the modem's connection.\n[Match]\nName=%s\n\n[Network]\n", interface);
    if (strcmp(tool_value(output, "bearer.ipv4-config.method", value, sizeof value), "static") == 0 && *address)
        text_printf(&t, "DHCP=no\nAddress=%s/%s\nGateway=%s\n", address, *prefix ? prefix : "32", tool_value(output, "bearer.ipv4-config.gateway", value, sizeof value));
    else
        text_put(&t, "DHCP=ipv4\n");
    for (int i = 1; i <= 2; i++) {
        char key[64];
        snprintf(key, sizeof key, "bearer.ipv4-config.dns.value[%d]", i);
        if (*tool_value(output, key, value, sizeof value))
            text_printf(&t, "DNS=%s\n", value);
    }
    linux_address_set(b, interface, content, NULL);
}

/* False when the card wants a PIN that it has refused already, or refuses it now. */
static bool unlock(struct board_linux *b, const char *look, const struct board_sim *s, unsigned order)
{
    char lock[VALUE], card[VALUE], pin[24], output[TOOL_OUTPUT];
    tool_value(look, "modem.generic.unlock-required", lock, sizeof lock);
    tool_value(look, "modem.generic.sim", card, sizeof card);
    if (strcmp(lock, "sim-pin") != 0)
        return true;
    pthread_mutex_lock(&b->modem.lock);
    bool refused = b->modem.pin_refused == order;
    pthread_mutex_unlock(&b->modem.lock);
    if (refused || !*s->pin || !*card)
        return false;
    snprintf(pin, sizeof pin, "--pin=%s", s->pin);
    bool good = mmcli((const char *const[]){ "mmcli", "-i", card, pin, NULL }, LOOK_MS, output);
    pthread_mutex_lock(&b->modem.lock);
    if (!good)
        b->modem.pin_refused = order;
    pthread_mutex_unlock(&b->modem.lock);
    return good;
}

static void connect_with(struct board_linux *b, const struct board_sim *s)
{
    char how[400], output[TOOL_OUTPUT];
    struct text t = text_over(how, sizeof how);
    text_printf(&t, "--simple-connect=apn=%s,ip-type=ipv4", s->apn);
    if (s->sign_in)
        text_printf(&t, ",user=%s,password=%s", s->login, s->password);
    if (mmcli((const char *const[]){ "mmcli", "-m", "any", how, NULL }, CONNECT_MS, output))
        use_bearer(b);
}

static void step_towards(struct board_linux *b, const char *look, const struct board_modem *m, int slot, const struct board_sim *s, unsigned order)
{
    char change[40], output[TOOL_OUTPUT];
    if (slot == 0) {
        if (m->state == MODEM_CONNECTED && order)
            mmcli((const char *const[]){ "mmcli", "-m", "any", "--simple-disconnect", NULL }, CONNECT_MS, output);
    } else if (m->slot != slot && m->card[0] != BOARD_ABSENT) {
        snprintf(change, sizeof change, "--set-primary-sim-slot=%d", slot);
        mmcli((const char *const[]){ "mmcli", "-m", "any", change, NULL }, CONNECT_MS, output);
    } else if (m->state != MODEM_CONNECTED && unlock(b, look, s, order)) {
        connect_with(b, s);
    }
}

void linux_modem_step(struct board_linux *b)
{
    char output[TOOL_OUTPUT];
    struct board_modem m = { .signal_percent = -1 };
    m.answers = mmcli((const char *const[]){ "mmcli", "-m", "any", "-K", NULL }, LOOK_MS, output);
    if (m.answers) {
        read_modem(output, &m);
        read_bearer(output, &m);
    }
    pthread_mutex_lock(&b->modem.lock);
    if (!m.answers && b->modem.seen.state != MODEM_ABSENT) /* there was one: it is silent, not absent */
        m.state = MODEM_OFF;
    b->modem.seen = m;
    int slot = b->modem.slot;
    unsigned order = b->modem.order;
    struct board_sim s = b->modem.sim;
    pthread_mutex_unlock(&b->modem.lock);
    if (m.answers)
        step_towards(b, output, &m, slot, &s, order);
}

void linux_modem(struct board *base, struct board_modem *ret)
{
    struct board_linux *b = (struct board_linux *)base;
    pthread_mutex_lock(&b->modem.lock);
    *ret = b->modem.seen;
    pthread_mutex_unlock(&b->modem.lock);
}

bool linux_sim_use(struct board *base, int slot, const struct board_sim *s, struct text *why)
{
    struct board_linux *b = (struct board_linux *)base;
    pthread_mutex_lock(&b->modem.lock);
    bool there = b->modem.seen.state != MODEM_ABSENT || b->modem.seen.answers;
    b->modem.slot = slot;
    b->modem.sim = slot ? *s : (struct board_sim){ 0 };
    b->modem.order++;
    pthread_mutex_unlock(&b->modem.lock);
    if (!there && why)
        text_put(why, "no modem");
    return there;
}
