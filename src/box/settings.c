/* The box's forms between JSON in the database and structs; see settings.h. */
#include "box/settings.h"
#include "base/clock.h"
#include "board/net_rules.h"
#include "store/box/form_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const six_names[] = { "off", "auto", "static", NULL };

enum board_six six_find(const char *name)
{
    return strcmp(name, "static") == 0 ? SIX_STATIC : strcmp(name, "auto") == 0 ? SIX_AUTO : SIX_OFF;
}

/* --- time --------------------------------------------------------------------------------------------------------------------------- */

enum fault time_settings_read(struct store *s, struct time_settings *ret)
{
    json_t *form;
    *ret = (struct time_settings){ .service = { .on = true, .poll = 10 } };
    enum fault fault = store_form_read(s, "box.time", &form, &ret->revision);
    if (!form)
        return fault;
    ret->written = true;
    ret->zone_minutes = (int)form_int(form, "zone_minutes", 0);
    ret->service.on = json_is_true(json_object_get(form, "ntp"));
    ret->service.poll = (int)form_int(form, "poll", 10);
    const json_t *servers = json_object_get(form, "servers");
    for (size_t i = 0; i < json_array_size(servers) && i < BOARD_TIME_SERVERS; i++)
        snprintf(ret->service.server[ret->service.servers++], BOARD_ADDRESS_MAX, "%s", json_string_value(json_array_get(servers, i)) ?: "");
    json_decref(form);
    return fault;
}

enum fault time_settings_write(struct store *s, const struct time_settings *t)
{
    json_t *servers = json_array();
    for (int i = 0; i < t->service.servers; i++)
        json_array_append_new(servers, json_string(t->service.server[i]));
    return store_form_write(s, "box.time", json_pack("{s:i,s:b,s:i,s:o}", "zone_minutes", t->zone_minutes, "ntp", t->service.on, "poll", t->service.poll, "servers", servers), t->revision);
}

/* --- Ethernet ------------------------------------------------------------------------------------------------------------------------ */

static void lan_read(const json_t *from, struct board_lan_settings *s)
{
    *s = (struct board_lan_settings){ .dhcp = json_is_true(json_object_get(from, "dhcp")), .six = six_find(form_text(from, "six")) };
    FORM_TAKE(s->address, from, "address");
    FORM_TAKE(s->mask, from, "mask");
    FORM_TAKE(s->gateway, from, "gateway");
    FORM_TAKE(s->dns[0], from, "dns1");
    FORM_TAKE(s->dns[1], from, "dns2");
    FORM_TAKE(s->address6, from, "address6");
    FORM_TAKE(s->gateway6, from, "gateway6");
}

enum fault lan_settings_read(struct store *s, struct lan_settings *ret)
{
    json_t *form;
    *ret = (struct lan_settings){ 0 };
    lan_defaults(ret->lan);
    enum fault fault = store_form_read(s, "box.lan", &form, &ret->revision);
    if (!form)
        return fault;
    ret->written = true;
    const json_t *lans = json_object_get(form, "lans");
    for (size_t i = 0; i < json_array_size(lans) && i < BOARD_LANS; i++)
        lan_read(json_array_get(lans, i), &ret->lan[i]);
    json_decref(form);
    return fault;
}

enum fault lan_settings_write(struct store *s, const struct lan_settings *l)
{
    json_t *lans = json_array();
    for (int i = 0; i < BOARD_LANS; i++) {
        const struct board_lan_settings *o = &l->lan[i];
        json_array_append_new(lans, json_pack("{s:b,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "dhcp", o->dhcp, "address", o->address, "mask", o->mask, "gateway", o->gateway,
                                              "dns1", o->dns[0], "dns2", o->dns[1], "six", six_names[o->six], "address6", o->address6, "gateway6", o->gateway6));
    }
    return store_form_write(s, "box.lan", json_pack("{s:o}", "lans", lans), l->revision);
}

/* --- modem --------------------------------------------------------------------------------------------------------------------------- */

static const char *unsealed(const struct vault *v, const json_t *from, const char *key, struct arena *a)
{
    const char *open = vault_unseal(v, form_text(from, key), a);
    return open ? open : "";
}

static void sim_read(const json_t *from, const struct vault *v, struct board_sim *s)
{
    struct arena a = { 0 };
    *s = (struct board_sim){ .allowed = json_is_true(json_object_get(from, "allowed")), .sign_in = json_is_true(json_object_get(from, "sign_in")) };
    FORM_TAKE(s->apn, from, "apn");
    FORM_TAKE(s->login, from, "login");
    snprintf(s->pin, sizeof s->pin, "%s", unsealed(v, from, "pin", &a));
    snprintf(s->password, sizeof s->password, "%s", unsealed(v, from, "password", &a));
    arena_free(&a);
}

enum fault modem_settings_read(struct store *s, const struct vault *v, struct modem_settings *ret)
{
    json_t *form;
    *ret = (struct modem_settings){ .first = 1, .patience_s = 300, .return_s = 3600 };
    enum fault fault = store_form_read(s, "box.modem", &form, &ret->revision);
    if (!form)
        return fault;
    ret->written = true;
    ret->first = (int)form_int(form, "first", ret->first);
    ret->patience_s = (int)form_int(form, "patience_s", ret->patience_s);
    ret->return_s = (int)form_int(form, "return_s", ret->return_s);
    const json_t *sims = json_object_get(form, "sims");
    for (size_t i = 0; i < json_array_size(sims) && i < BOARD_SIMS; i++)
        sim_read(json_array_get(sims, i), v, &ret->sim[i]);
    json_decref(form);
    return fault;
}

enum fault modem_settings_write(struct store *s, const struct vault *v, const struct modem_settings *m)
{
    struct arena a = { 0 };
    json_t *sims = json_array();
    for (int i = 0; i < BOARD_SIMS; i++) {
        const struct board_sim *o = &m->sim[i];
        json_array_append_new(sims, json_pack("{s:b,s:b,s:s,s:s,s:s,s:s}", "allowed", o->allowed, "sign_in", o->sign_in, "apn", o->apn, "login", o->login,
                                              "pin", vault_seal(v, o->pin, &a), "password", vault_seal(v, o->password, &a)));
    }
    enum fault fault = store_form_write(s, "box.modem", json_pack("{s:i,s:i,s:i,s:o}", "first", m->first, "patience_s", m->patience_s, "return_s", m->return_s, "sims", sims), m->revision);
    arena_free(&a);
    return fault;
}

struct failover_rules modem_rules(const struct modem_settings *m)
{
    return (struct failover_rules){ .allowed = { m->written && m->sim[0].allowed, m->written && m->sim[1].allowed }, .first = m->first,
                                    .patience_ms = m->patience_s * 1000LL, .return_ms = m->return_s * 1000LL };
}

/* --- the last message ------------------------------------------------------------------------------------------------------------------ */

enum fault last_word_settings_read(struct store *s, struct last_word_settings *ret)
{
    json_t *form;
    *ret = (struct last_word_settings){ .on = true, .back = true, .mqtt = true, .delay_s = 2 };
    enum fault fault = store_form_read(s, "box.last-word", &form, &ret->revision);
    if (!form)
        return fault;
    ret->on = json_is_true(json_object_get(form, "on"));
    ret->back = json_is_true(json_object_get(form, "back"));
    ret->mqtt = json_is_true(json_object_get(form, "mqtt"));
    ret->delay_s = (int)form_int(form, "delay_s", ret->delay_s);
    const json_t *orders = json_object_get(form, "orders"), *letters = json_object_get(form, "letters");
    for (size_t i = 0; i < json_array_size(orders) && i < LAST_WORD_ORDERS; i++)
        ret->order[ret->orders++] = json_integer_value(json_array_get(orders, i));
    for (size_t i = 0; i < json_array_size(letters) && i < LAST_WORD_LETTERS; i++)
        snprintf(ret->letter[ret->letters++], LAST_WORD_ADDRESS_MAX, "%s", json_string_value(json_array_get(letters, i)) ?: "");
    json_decref(form);
    return fault;
}

enum fault last_word_settings_write(struct store *s, const struct last_word_settings *l)
{
    json_t *orders = json_array(), *letters = json_array();
    for (int i = 0; i < l->orders; i++)
        json_array_append_new(orders, json_integer(l->order[i]));
    for (int i = 0; i < l->letters; i++)
        json_array_append_new(letters, json_string(l->letter[i]));
    return store_form_write(s, "box.last-word", json_pack("{s:b,s:b,s:b,s:i,s:o,s:o}", "on", l->on, "back", l->back, "mqtt", l->mqtt, "delay_s", l->delay_s, "orders", orders, "letters", letters),
                      l->revision);
}

/* --- being found ------------------------------------------------------------------------------------------------------------------------ */

enum fault beacon_settings_read(struct store *s, struct beacon_settings *ret)
{
    json_t *form;
    *ret = (struct beacon_settings){ .on = true };
    enum fault fault = store_form_read(s, "box.beacon", &form, &ret->revision);
    if (form)
        ret->on = json_is_true(json_object_get(form, "on"));
    json_decref(form);
    return fault;
}

enum fault beacon_settings_write(struct store *s, const struct beacon_settings *b)
{
    return store_form_write(s, "box.beacon", json_pack("{s:b}", "on", b->on), b->revision);
}
