/* The gateway's networks: Ethernet (manual S0 4.2.2.1), on trial until it is confirmed, and the modem (4.2.2.2). */
#include "api/box/box_json.h"
#include "api/routes.h"
#include "board/net_rules.h"

#include <ctype.h>
#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }
#define ADDRESS(n) { .name = n, .kind = FIELD_TEXT, .most = BOARD_ADDRESS_MAX - 1 }

/* What was sent takes the field's place; what was not sent leaves it. */
#define TAKE(field, from, key) take_text(field, sizeof(field), from, key)
static void take_text(char *field, size_t room, const json_t *from, const char *key)
{
    const char *sent = call_text(from, key, NULL);
    if (sent)
        snprintf(field, room, "%s", sent);
}

static const char hidden[] = "***";

#define LAN_FIELDS \
    { .name = "dhcp", .kind = FIELD_BOOL }, ADDRESS("address"), ADDRESS("mask"), ADDRESS("gateway"), ADDRESS("dns1"), ADDRESS("dns2"), \
    { .name = "six", .kind = FIELD_WORD, .words = six_names, .help = { { "IPv6: выключен, автоматически, задан", "IPv6: off, automatic, set" } } }, ADDRESS("address6"), ADDRESS("gateway6")
SHAPE(shape_lan, "BoxLanSettings", LAN_FIELDS);
SHAPE(shape_network, "BoxNetwork", { .name = "lans", .kind = FIELD_LIST, .shape = &shape_lan }, { .name = "written", .kind = FIELD_BOOL },
      { .name = "trial_s", .kind = FIELD_INT, .help = { { "сколько секунд осталось подтвердить; 0: пробы нет", "seconds left to confirm; 0: no trial" } } },
      { .name = "trial", .kind = FIELD_LIST, .shape = &shape_lan }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_network_change, "BoxNetworkChange", REVISION, { .name = "lans", .kind = FIELD_LIST, .flags = REQUIRED, .least = BOARD_LANS, .most = BOARD_LANS, .shape = &shape_lan });
#define SIM_FIELDS \
    { .name = "allowed", .kind = FIELD_BOOL }, { .name = "sign_in", .kind = FIELD_BOOL }, { .name = "apn", .kind = FIELD_TEXT, .most = 100 }, { .name = "login", .kind = FIELD_TEXT, .most = 64 }
SHAPE(shape_sim, "BoxSim", SIM_FIELDS, { .name = "pin", .kind = FIELD_TEXT, .help = { { "«***», если задан", "\"***\" when set" } } }, { .name = "password", .kind = FIELD_TEXT });
SHAPE(shape_sim_change, "BoxSimChange", SIM_FIELDS, { .name = "pin", .kind = FIELD_SECRET, .most = 4, .help = { { "«***»: прежний", "\"***\": the one that is set" } } },
      { .name = "password", .kind = FIELD_SECRET, .most = 64, .help = { { "«***»: прежний", "\"***\": the one that is set" } } });
SHAPE(shape_modem_settings, "BoxModemSettings", { .name = "sims", .kind = FIELD_LIST, .shape = &shape_sim }, { .name = "first", .kind = FIELD_INT }, { .name = "patience_s", .kind = FIELD_INT },
      { .name = "return_s", .kind = FIELD_INT }, { .name = "written", .kind = FIELD_BOOL }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_modem_change, "BoxModemChange", REVISION, { .name = "sims", .kind = FIELD_LIST, .flags = REQUIRED, .least = BOARD_SIMS, .most = BOARD_SIMS, .shape = &shape_sim_change },
      { .name = "first", .kind = FIELD_INT, .least = 1, .most = BOARD_SIMS, .help = { { "какая карта основная", "which card is preferred" } } },
      { .name = "patience_s", .kind = FIELD_INT, .least = PATIENCE_LEAST_S, .most = PATIENCE_MOST_S, .help = { { "сколько ждать сеть, прежде чем перейти на другую карту", "how long a card may take before the other one is used" } } },
      { .name = "return_s", .kind = FIELD_INT, .least = RETURN_LEAST_S, .most = RETURN_MOST_S, .help = { { "через сколько возвращаться на основную карту; после каждой напрасной попытки вдвое дольше, до суток", "after how long the preferred card is tried again; twice as long after every try in vain, up to a day" } } });

/* --- Ethernet ------------------------------------------------------------------------------------------------------------------------ */

static void put_lan_settings(struct call *c, const char *name, const struct board_lan_settings *s, int count)
{
    json_put_list(&c->out, name);
    for (int i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_bool(&c->out, "dhcp", s[i].dhcp);
        json_put_text(&c->out, "address", s[i].address);
        json_put_text(&c->out, "mask", s[i].mask);
        json_put_text(&c->out, "gateway", s[i].gateway);
        json_put_text(&c->out, "dns1", s[i].dns[0]);
        json_put_text(&c->out, "dns2", s[i].dns[1]);
        json_put_text(&c->out, "six", six_names[s[i].six]);
        json_put_text(&c->out, "address6", s[i].address6);
        json_put_text(&c->out, "gateway6", s[i].gateway6);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_network(struct call *c)
{
    struct lan_settings stored, trial;
    if (!call_good(c, lan_settings_read(c->api->store, &stored), REFUSE_IN_USE))
        return;
    int left = box_lan_trial(c->api->box, &trial);
    json_put_object(&c->out, NULL);
    put_lan_settings(c, "lans", stored.lan, BOARD_LANS);
    json_put_bool(&c->out, "written", stored.written);
    json_put_int(&c->out, "trial_s", left);
    put_lan_settings(c, "trial", trial.lan, left ? BOARD_LANS : 0);
    json_put_int(&c->out, "revision", stored.revision);
    json_put_end(&c->out);
}

static void get_network(struct call *c)
{
    if (box_here(c))
        put_network(c);
}

static void take_lan(const json_t *from, struct board_lan_settings *s)
{
    s->dhcp = call_bool(from, "dhcp", s->dhcp);
    TAKE(s->address, from, "address");
    TAKE(s->mask, from, "mask");
    TAKE(s->gateway, from, "gateway");
    TAKE(s->dns[0], from, "dns1");
    TAKE(s->dns[1], from, "dns2");
    s->six = six_find(call_text(from, "six", six_names[s->six]));
    TAKE(s->address6, from, "address6");
    TAKE(s->gateway6, from, "gateway6");
}

static bool network_right(struct call *c, const struct lan_settings *l)
{
    static const struct phrase overlap = { { "оба интерфейса не могут быть в одной подсети", "both interfaces cannot be in one subnet" } };
    for (int i = 0; i < BOARD_LANS; i++) {
        struct net_problem found[NET_PROBLEMS];
        int count = lan_check(&l->lan[i], found);
        for (int k = 0; k < count; k++) {
            char field[48];
            snprintf(field, sizeof field, "lans[%d].%s", i, found[k].field);
            problem_add(&c->problems, field, phrase_in(found[k].what, c->lang));
        }
    }
    if (c->problems.count == 0 && lans_overlap(&l->lan[0], &l->lan[1]))
        problem_add(&c->problems, "lans[1].address", phrase_in(&overlap, c->lang));
    return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
}

static void try_network(struct call *c)
{
    struct lan_settings l;
    if (!box_here(c) || !call_good(c, lan_settings_read(c->api->store, &l), REFUSE_IN_USE))
        return;
    l.revision = call_int(c->body, "revision", 0);
    for (int i = 0; i < BOARD_LANS; i++)
        take_lan(json_array_get(json_object_get(c->body, "lans"), (size_t)i), &l.lan[i]);
    if (!network_right(c, &l) || !call_good(c, box_lan_try(c->api->box, &l, &c->caller), REFUSE_IN_USE))
        return;
    c->answer->status = 202;
    put_network(c);
}

static void confirm_network(struct call *c)
{
    if (box_here(c) && call_good(c, box_lan_confirm(c->api->box, &c->caller), REFUSE_IN_USE))
        put_network(c);
}

static void revert_network(struct call *c)
{
    if (!box_here(c))
        return;
    box_lan_revert(c->api->box);
    put_network(c);
}

/* --- modem ----------------------------------------------------------------------------------------------------------------------------- */

static void put_modem_settings(struct call *c)
{
    struct modem_settings m;
    if (!call_good(c, modem_settings_read(c->api->store, c->api->vault, &m), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "sims");
    for (int i = 0; i < BOARD_SIMS; i++) {
        json_put_object(&c->out, NULL);
        json_put_bool(&c->out, "allowed", m.sim[i].allowed);
        json_put_bool(&c->out, "sign_in", m.sim[i].sign_in);
        json_put_text(&c->out, "apn", m.sim[i].apn);
        json_put_text(&c->out, "login", m.sim[i].login);
        json_put_text(&c->out, "pin", call_secret(c, m.sim[i].pin));
        json_put_text(&c->out, "password", call_secret(c, m.sim[i].password));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "first", m.first);
    json_put_int(&c->out, "patience_s", m.patience_s);
    json_put_int(&c->out, "return_s", m.return_s);
    json_put_bool(&c->out, "written", m.written);
    json_put_int(&c->out, "revision", m.revision);
    json_put_end(&c->out);
}

static void get_modem(struct call *c)
{
    if (box_here(c))
        put_modem_settings(c);
}

/* Printable, and nothing that divides words on the way to the modem. */
static bool word_right(const char *text)
{
    for (; *text; text++)
        if (!isgraph((unsigned char)*text) || strchr(",\"'\\=", *text))
            return false;
    return true;
}

static void sim_problem(struct call *c, int which, const char *field, const struct phrase *what)
{
    char name[48];
    snprintf(name, sizeof name, "sims[%d].%s", which, field);
    problem_add(&c->problems, name, phrase_in(what, c->lang));
}

static void check_sim(struct call *c, int which, const struct board_sim *s)
{
    static const struct phrase four = { { "ПИН-код — четыре цифры", "a PIN is four digits" } };
    static const struct phrase no_apn = { { "нужно имя или адрес точки доступа оператора", "the operator's access point is wanted, a name or an address" } };
    static const struct phrase no_login = { { "для авторизации нужен логин", "a login is wanted for signing in" } };
    static const struct phrase letters = { { "только латинские буквы, цифры и знаки, без пробелов, запятых, кавычек и «=»", "Latin letters, digits and signs only; no blanks, commas, quotes or \"=\"" } };
    if (!pin_valid(s->pin))
        sim_problem(c, which, "pin", &four);
    if (*s->apn ? !host_valid(s->apn) : s->allowed)
        sim_problem(c, which, "apn", &no_apn);
    if (s->sign_in && !*s->login)
        sim_problem(c, which, "login", &no_login);
    if (!word_right(s->login))
        sim_problem(c, which, "login", &letters);
    if (!word_right(s->password))
        sim_problem(c, which, "password", &letters);
}

static void take_sim(const json_t *from, struct board_sim *s)
{
    const char *pin = call_text(from, "pin", hidden), *password = call_text(from, "password", hidden);
    s->allowed = call_bool(from, "allowed", s->allowed);
    s->sign_in = call_bool(from, "sign_in", s->sign_in);
    TAKE(s->apn, from, "apn");
    TAKE(s->login, from, "login");
    if (strcmp(pin, hidden) != 0)
        BOARD_NAME(s->pin, pin);
    if (strcmp(password, hidden) != 0)
        BOARD_NAME(s->password, password);
}

static void change_modem(struct call *c)
{
    struct modem_settings m;
    if (!box_here(c) || !call_good(c, modem_settings_read(c->api->store, c->api->vault, &m), REFUSE_IN_USE))
        return;
    m.revision = call_int(c->body, "revision", 0);
    m.first = (int)call_int(c->body, "first", m.first);
    m.patience_s = (int)call_int(c->body, "patience_s", m.patience_s);
    m.return_s = (int)call_int(c->body, "return_s", m.return_s);
    for (int i = 0; i < BOARD_SIMS; i++) {
        take_sim(json_array_get(json_object_get(c->body, "sims"), (size_t)i), &m.sim[i]);
        check_sim(c, i, &m.sim[i]);
    }
    if (c->problems.count)
        call_refuse(c, REFUSE_INVALID);
    else if (call_good(c, box_modem_set(c->api->box, &m, &c->caller), REFUSE_IN_USE))
        put_modem_settings(c);
}

static const struct route rows[] = {
    { "GET", V1 "/box/network", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_network, NULL, 0, get_network, { { "настройки Ethernet устройства", "the box's Ethernet settings" } } },
    { "PATCH", V1 "/box/network", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_network_change, &shape_network, NULL, 0, try_network, { { "применить настройки Ethernet на пробу", "put Ethernet settings on trial" } } },
    { "POST", V1 "/box/network/confirm", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, &shape_network, NULL, 0, confirm_network, { { "подтвердить настройки Ethernet", "confirm the Ethernet settings" } } },
    { "POST", V1 "/box/network/revert", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, NULL, &shape_network, NULL, 0, revert_network, { { "вернуть прежние настройки Ethernet", "take the Ethernet settings back" } } },
    { "GET", V1 "/box/modem", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_modem_settings, NULL, 0, get_modem, { { "настройки модема и SIM-карт", "settings of the modem and its SIM cards" } } },
    { "PATCH", V1 "/box/modem", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_modem_change, &shape_modem_settings, NULL, 0, change_modem, { { "записать настройки модема", "write the modem's settings" } } },
};

ROUTE_TABLE(rows);
