/* The modem and the networks of the box as they are, and what all its routes refuse alike; see box_json.h. */
#include "api/box/box_json.h"

#include <stdio.h>

static const char *const modem_states[] = { "absent", "off", "searching", "denied", "registered", "connected", NULL };
static const char *const states[] = { "absent", "off", "on", NULL };

static const struct field modem_fields[] = {
    { .name = "state", .kind = FIELD_WORD, .words = modem_states }, { .name = "sim", .kind = FIELD_INT, .help = { { "какая SIM-карта в работе; 0: никакая", "the SIM card in use; 0: none" } } },
    { .name = "wanted_sim", .kind = FIELD_INT }, { .name = "cards", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "roaming", .kind = FIELD_BOOL },
    { .name = "operator", .kind = FIELD_TEXT }, { .name = "technology", .kind = FIELD_TEXT }, { .name = "address", .kind = FIELD_TEXT }, { .name = "imei", .kind = FIELD_TEXT },
    { .name = "signal_percent", .kind = FIELD_INT, .flags = NULLABLE }, { .name = NULL }
};
const struct shape shape_box_modem = { "BoxModem", modem_fields };
static const struct field lan_fields[] = {
    { .name = "present", .kind = FIELD_BOOL }, { .name = "carrier", .kind = FIELD_BOOL, .help = { { "кабель подключён", "the cable is in" } } }, { .name = "name", .kind = FIELD_TEXT },
    { .name = "mac", .kind = FIELD_TEXT }, { .name = "addresses", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "gateway", .kind = FIELD_TEXT },
    { .name = "dns", .kind = FIELD_LIST, .of = FIELD_TEXT }, { .name = "dhcp", .kind = FIELD_WORD, .words = states, .help = { { "absent: неизвестно", "absent: not known" } } },
    { .name = "received", .kind = FIELD_INT }, { .name = "sent", .kind = FIELD_INT }, { .name = NULL }
};
const struct shape shape_box_lan = { "BoxLan", lan_fields };

void box_put_modem(struct call *c, const struct board_modem *m, int slot)
{
    json_put_object(&c->out, "modem");
    json_put_text(&c->out, "state", modem_states[m->state]);
    json_put_int(&c->out, "sim", m->slot);
    json_put_int(&c->out, "wanted_sim", slot);
    json_put_list(&c->out, "cards");
    for (int i = 0; i < BOARD_SIMS; i++)
        json_put_text(&c->out, NULL, states[m->card[i]]);
    json_put_end(&c->out);
    json_put_bool(&c->out, "roaming", m->roaming);
    json_put_text(&c->out, "operator", m->operator_name);
    json_put_text(&c->out, "technology", m->technology);
    json_put_text(&c->out, "address", m->address);
    json_put_text(&c->out, "imei", m->imei);
    if (m->signal_percent >= 0)
        json_put_int(&c->out, "signal_percent", m->signal_percent);
    else
        json_put_null(&c->out, "signal_percent");
    json_put_end(&c->out);
}

static void put_lan(struct call *c, const struct board_lan *l)
{
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "present", l->present);
    json_put_bool(&c->out, "carrier", l->carrier);
    json_put_text(&c->out, "name", l->name);
    json_put_text(&c->out, "mac", l->mac);
    json_put_list(&c->out, "addresses");
    for (int i = 0; i < l->addresses; i++)
        json_put_text(&c->out, NULL, l->address[i]);
    json_put_end(&c->out);
    json_put_text(&c->out, "gateway", l->gateway);
    json_put_list(&c->out, "dns");
    for (int i = 0; i < 2; i++)
        if (*l->dns[i])
            json_put_text(&c->out, NULL, l->dns[i]);
    json_put_end(&c->out);
    json_put_text(&c->out, "dhcp", states[l->dhcp]);
    json_put_int(&c->out, "received", l->received);
    json_put_int(&c->out, "sent", l->sent);
    json_put_end(&c->out);
}

void box_put_lans(struct call *c, const struct box_look *l)
{
    json_put_list(&c->out, "lans");
    for (int i = 0; i < BOARD_LANS; i++)
        put_lan(c, &l->lan[i]);
    json_put_end(&c->out);
}

bool box_here(struct call *c)
{
    return c->api->box != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

bool box_took(struct call *c, enum fault fault, const char *field, const char *why)
{
    static const struct phrase refused = { { "устройство не приняло: %s", "the device did not take it: %s" } };
    char message[PROBLEM_TEXT];
    if (fault != FAULT_REFUSED)
        return call_good(c, fault, REFUSE_BUSY);
    snprintf(message, sizeof message, phrase_in(&refused, c->lang), *why ? why : "?");
    return call_wrong_field(c, field, message);
}
