/* The gateway's last message on loss of power: whom it tells, how the last one went, a try. */
#include "api/box/box_json.h"
#include "api/routes.h"
#include "box/last_word.h"
#include "store/upward/mqtt.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

#define SETTINGS \
    { .name = "on", .kind = FIELD_BOOL }, { .name = "back", .kind = FIELD_BOOL, .help = { { "сообщать и о возвращении питания", "tell of power's return, too" } } }, \
    { .name = "mqtt", .kind = FIELD_BOOL, .help = { { "брокерам MQTT, в топик «power»", "to the MQTT brokers, topic \"power\"" } } }, \
    { .name = "delay_s", .kind = FIELD_INT, .least = 0, .most = LAST_WORD_DELAY_MOST_S, .help = { { "более короткое пропадание не считается", "a shorter loss is none" } } }, \
    { .name = "orders", .kind = FIELD_LIST, .of = FIELD_INT, .most = LAST_WORD_ORDERS, .help = { { "публикации, которые отправят данные сразу", "publications that send what they hold at once" } } }, \
    { .name = "letters", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = LAST_WORD_LETTERS, .help = { { "адреса электронной почты", "e-mail addresses" } } }
SHAPE(shape_word, "LastWord", SETTINGS, { .name = "revision", .kind = FIELD_INT }, { .name = "away", .kind = FIELD_BOOL, .help = { { "внешнего питания нет сейчас", "outside power is away now" } } },
      { .name = "sending", .kind = FIELD_BOOL }, { .name = "sent_at", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "stored_ms", .kind = FIELD_INT, .help = { { "за сколько собранное записано на диск", "how long the collected took to the disk" } } },
      { .name = "brokers", .kind = FIELD_INT }, { .name = "orders_taken", .kind = FIELD_INT }, { .name = "letters_taken", .kind = FIELD_INT }, { .name = "text", .kind = FIELD_TEXT });
SHAPE(shape_change, "LastWordChange", REVISION, SETTINGS);

static bool word_here(struct call *c)
{
    return c->api->last_word != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

static void put_word(struct call *c, const struct last_word_settings *s)
{
    struct last_word_look look;
    last_word_look(c->api->last_word, &look);
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "on", s->on);
    json_put_bool(&c->out, "back", s->back);
    json_put_bool(&c->out, "mqtt", s->mqtt);
    json_put_int(&c->out, "delay_s", s->delay_s);
    json_put_list(&c->out, "orders");
    for (int i = 0; i < s->orders; i++)
        json_put_int(&c->out, NULL, s->order[i]);
    json_put_end(&c->out);
    json_put_list(&c->out, "letters");
    for (int i = 0; i < s->letters; i++)
        json_put_text(&c->out, NULL, s->letter[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "revision", s->revision);
    json_put_bool(&c->out, "away", look.away);
    json_put_bool(&c->out, "sending", look.sending);
    if (look.at_ms)
        json_put_utc(&c->out, "sent_at", look.at_ms);
    else
        json_put_null(&c->out, "sent_at");
    json_put_int(&c->out, "stored_ms", look.stored_ms);
    json_put_int(&c->out, "brokers", look.brokers);
    json_put_int(&c->out, "orders_taken", look.orders);
    json_put_int(&c->out, "letters_taken", look.letters);
    json_put_text(&c->out, "text", look.text);
    json_put_end(&c->out);
}

static void get_word(struct call *c)
{
    struct last_word_settings s;
    if (word_here(c) && call_good(c, last_word_settings_read(c->api->store, &s), REFUSE_IN_USE))
        put_word(c, &s);
}

struct search {
    int64_t id;
    bool found;
};

static bool is_publication(void *context, const struct store_publication *p)
{
    struct search *s = context;
    s->found = s->found || p->id == s->id;
    return !s->found;
}

/* The lists of the body. */
static bool take_lists(struct call *c, struct last_word_settings *s)
{
    static const struct phrase no_address = { { "%s — не адрес электронной почты", "%s is no e-mail address" } }, no_order = { { "такой публикации нет", "there is no such publication" } };
    const json_t *orders = json_object_get(c->body, "orders"), *letters = json_object_get(c->body, "letters");
    char message[PROBLEM_TEXT];
    s->orders = orders ? 0 : s->orders;
    s->letters = letters ? 0 : s->letters;
    for (size_t i = 0; i < json_array_size(orders); i++) {
        struct search search = { .id = json_integer_value(json_array_get(orders, i)) };
        if (store_publications(c->api->store, 0, is_publication, &search) != FAULT_NONE || !search.found)
            return call_wrong_field(c, "orders", phrase_in(&no_order, c->lang));
        s->order[s->orders++] = search.id;
    }
    for (size_t i = 0; i < json_array_size(letters); i++) {
        const char *address = json_string_value(json_array_get(letters, i));
        if (!mail_address_valid(address)) {
            snprintf(message, sizeof message, phrase_in(&no_address, c->lang), address);
            return call_wrong_field(c, "letters", message);
        }
        snprintf(s->letter[s->letters++], LAST_WORD_ADDRESS_MAX, "%s", address);
    }
    return true;
}

static void change_word(struct call *c)
{
    struct last_word_settings s;
    if (!word_here(c) || !call_good(c, last_word_settings_read(c->api->store, &s), REFUSE_IN_USE))
        return;
    s.on = call_bool(c->body, "on", s.on);
    s.back = call_bool(c->body, "back", s.back);
    s.mqtt = call_bool(c->body, "mqtt", s.mqtt);
    s.delay_s = (int)call_int(c->body, "delay_s", s.delay_s);
    s.revision = call_int(c->body, "revision", 0);
    if (!take_lists(c, &s))
        return;
    enum fault fault = last_word_settings_write(c->api->store, &s);
    if (fault == FAULT_CHANGED) {
        call_refuse(c, REFUSE_CHANGED);
        return;
    }
    if (!call_good(c, fault, REFUSE_IN_USE))
        return;
    char *after = json_dumps(c->body, JSON_COMPACT);
    call_note(c, NOTE_CONFIGURATION_CHANGE, "box.last-word", NULL, after);
    free(after);
    get_word(c);
}

static void try_word(struct call *c)
{
    if (!word_here(c))
        return;
    last_word_try(c->api->last_word);
    c->answer->status = 202;
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/box/last-word", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_word, NULL, 0, get_word, { { "последнее сообщение при пропадании питания", "the last message on loss of power" } } },
    { "PATCH", V1 "/box/last-word", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_change, &shape_word, NULL, 0, change_word, { { "записать, кому сообщать о питании", "write whom to tell of power" } } },
    { "POST", V1 "/box/last-word/test", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, NULL, NULL, 0, try_word, { { "отправить пробное сообщение", "send one for a try" } } },
};

ROUTE_TABLE(rows);
