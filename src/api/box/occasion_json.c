/* Conditions and actions of events as JSON and in words; see occasion_json.h. */
#include "api/box/occasion_json.h"
#include "api/routes.h"
#include "api/work/work_json.h"
#include "board/board.h"
#include "collect/work.h"
#include "meter/quantity.h"
#include "meter/relay.h"
#include "store/registry/registry.h"
#include "store/upward/mqtt.h"

#include <stdio.h>

static const char *const archives[] = { "current", "network", "profile", NULL };
static const char *const scopes[] = { "all", "group", "device", NULL };
static const char *const kinds[] = { "current", "network", "day", "month", "profile", "hour", "journal", "state", NULL }; /* by enum archive */

static const struct field condition_fields[] = {
    { .name = "kind", .kind = FIELD_WORD, .flags = REQUIRED, .words = condition_names },
    { .name = "timetable", .kind = FIELD_INT, .least = 1, .most = INT64_MAX }, { .name = "calendar", .kind = FIELD_INT, .least = 1, .most = INT64_MAX },
    { .name = "input", .kind = FIELD_INT, .least = 1, .most = INPUT_NUMBERS, .help = { { "1–3: дискретный вход, 4: основное питание, 5: резервное", "1 to 3: discrete input, 4: mains, 5: reserve" } } },
    { .name = "device", .kind = FIELD_INT, .least = 1, .most = METER_ID_MAX },
    { .name = "code", .kind = FIELD_TEXT, .most = OBIS_TEXT_MAX, .help = { { "код OBIS состояния или регистра", "OBIS code of the state or register" } } },
    { .name = "archive", .kind = FIELD_WORD, .words = archives }, { .name = "edge", .kind = FIELD_WORD, .words = edge_names },
    { .name = "limit", .kind = FIELD_TEXT, .most = 24, .help = { { "уставка: в единице регистра, токовой петли в мА", "limit: in the register's unit, of the loop in mA" } } },
    { .name = "hysteresis", .kind = FIELD_TEXT, .most = 24, .help = { { "на сколько значение должно вернуться", "how far the value must come back" } } },
    { .name = NULL } };
const struct shape shape_condition = { "OccasionCondition", condition_fields };
static const struct field action_fields[] = {
    { .name = "kind", .kind = FIELD_WORD, .flags = REQUIRED, .words = action_names },
    { .name = "task", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "poll: шаблон опроса", "poll: the poll template" } } },
    { .name = "publication", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "mqtt: публикация", "mqtt: the publication" } } },
    { .name = "scope", .kind = FIELD_WORD, .words = scopes, .help = { { "watch, clock: о ком; mail с data: чьи данные", "watch, clock: about whom; mail with data: whose data" } } },
    { .name = "group", .kind = FIELD_INT, .least = 1, .most = INT64_MAX }, { .name = "device", .kind = FIELD_INT, .least = 1, .most = METER_ID_MAX },
    { .name = "relay", .kind = FIELD_INT, .least = 0, .most = RELAY_SIGNALS, .help = { { "реле прибора: 0 — нагрузки; реле устройства: с 1", "a device's relay, 0 the load's; the box's: from 1" } } },
    { .name = "on", .kind = FIELD_BOOL },
    { .name = "from_s", .kind = FIELD_INT, .least = 1, .most = CLOCK_CHECK_MAX, .help = { { "clock: с какого расхождения поправлять, с", "clock: the error from which on it is corrected, s" } } },
    { .name = "to", .kind = FIELD_TEXT, .most = ACTION_TO_MAX, .help = { { "mail: адрес", "mail: the address" } } },
    { .name = "data", .kind = FIELD_WORD, .words = letter_data_names, .help = { { "mail: приложить прочитанное с прошлого письма и последние значения", "mail: enclose what was read since the last letter, and the newest values" } } },
    { .name = "archives", .kind = FIELD_LIST, .of = FIELD_WORD, .words = kinds, .most = ARCHIVE_COUNT, .help = { { "mail с data: только эти виды данных; пусто: все", "mail with data: these kinds of data only; empty: all" } } },
    { .name = "words", .kind = FIELD_TEXT, .most = 200, .help = { { "mail: что добавить к письму", "mail: what is added to the letter" } } },
    { .name = NULL } };
const struct shape shape_action = { "OccasionAction", action_fields };

/* --- out ---------------------------------------------------------------------------------------------------------------------- */

void condition_put(struct call *c, const char *key, const struct condition *k)
{
    struct json_writer *j = &c->out;
    char code[OBIS_TEXT_MAX], number[DECIMAL_TEXT_MAX];
    bool of_device = k->kind == CONDITION_STATE || k->kind == CONDITION_VALUE, has_limit = k->kind == CONDITION_LOOP || k->kind == CONDITION_VALUE;
    json_put_object(j, key);
    json_put_text(j, "kind", condition_names[k->kind]);
    if (k->kind == CONDITION_SCHEDULE || k->kind == CONDITION_CALENDAR || k->kind == CONDITION_INPUT)
        json_put_int(j, k->kind == CONDITION_SCHEDULE ? "timetable" : k->kind == CONDITION_CALENDAR ? "calendar" : "input", k->subject);
    if (of_device) {
        json_put_int(j, "device", k->subject);
        json_put_text(j, "code", obis_format(k->code, code));
    }
    if (k->kind == CONDITION_VALUE)
        json_put_text(j, "archive", archive_name(k->archive));
    if (of_device || has_limit || k->kind == CONDITION_INPUT)
        json_put_text(j, "edge", edge_names[k->edge]);
    if (has_limit) {
        json_put_text(j, "limit", decimal_format(k->limit, number));
        json_put_text(j, "hysteresis", decimal_format(k->hysteresis, number));
    }
    json_put_end(j);
}

static void put_scope(struct json_writer *j, const struct action *a)
{
    json_put_text(j, "scope", scopes[a->scope]);
    if (a->scope != SCOPE_ALL)
        json_put_int(j, scopes[a->scope], a->subject);
}

static void put_letter(struct json_writer *j, const struct action *a)
{
    json_put_text(j, "to", a->to);
    json_put_text(j, "words", a->words);
    json_put_text(j, "data", letter_data_names[a->data]);
    if (a->data == LETTER_PLAIN)
        return;
    put_scope(j, a);
    json_put_list(j, "archives");
    for (enum archive k = 0; k < ARCHIVE_COUNT; k++)
        if (a->archives >> k & 1)
            json_put_text(j, NULL, archive_name(k));
    json_put_end(j);
}

void action_put(struct call *c, const struct action *a)
{
    struct json_writer *j = &c->out;
    json_put_object(j, NULL);
    json_put_text(j, "kind", action_names[a->kind]);
    switch (a->kind) {
    case ACTION_POLL: json_put_int(j, "task", a->subject); break;
    case ACTION_MQTT: json_put_int(j, "publication", a->subject); break;
    case ACTION_WATCH: put_scope(j, a); break;
    case ACTION_CLOCK:
        put_scope(j, a);
        json_put_int(j, "from_s", a->from_s);
        break;
    case ACTION_RELAY_OWN:
    case ACTION_RELAY:
        if (a->kind == ACTION_RELAY)
            json_put_int(j, "device", a->subject);
        json_put_int(j, "relay", a->kind == ACTION_RELAY ? a->relay : a->subject);
        json_put_bool(j, "on", a->on);
        break;
    case ACTION_MAIL: put_letter(j, a); break;
    case ACTION_FILES:
    case ACTION_KINDS: break;
    }
    json_put_end(j);
}

/* --- in ----------------------------------------------------------------------------------------------------------------------- */

static bool wrong(struct call *c, const char *field, const struct phrase *why)
{
    return call_wrong_field(c, field, phrase_in(why, c->lang));
}

static const struct phrase nothing = { { "такого здесь нет", "there is none of that here" } };
static const struct phrase needed = { { "обязательное поле", "is needed" } };

static bool is_ours(struct call *c, enum fault f, int64_t project, const char *field)
{
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && project != c->caller.project))
        return wrong(c, field, &nothing);
    return call_good(c, f, REFUSE_IN_USE);
}

static bool has_device(struct call *c, int64_t id, const char *field)
{
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    return (id && roster_look(c->api->roster, id, c->caller.project, NULL, NULL)) || wrong(c, field, &nothing);
}

static bool take_number(struct call *c, const json_t *from, const char *key, const char *field, const char *preset, struct decimal *ret)
{
    static const struct phrase number = { { "нужно число", "a number is wanted" } };
    const char *text = call_text(from, key, preset);
    return (decimal_parse(text, ret) && ret->exponent >= -9) || wrong(c, field, &number);
}

static bool take_limits(struct call *c, const json_t *from, struct condition *k)
{
    static const struct phrase negative = { { "не меньше нуля", "not below zero" } };
    return take_number(c, from, "limit", "condition.limit", "", &k->limit) && take_number(c, from, "hysteresis", "condition.hysteresis", "0", &k->hysteresis) &&
           (k->hysteresis.mantissa >= 0 || wrong(c, "condition.hysteresis", &negative));
}

static bool take_edge(struct call *c, const json_t *from, bool of_state, struct condition *k)
{
    static const struct phrase other = { { "для этого события не подходит", "does not fit this event" } };
    int edge = word_place(edge_names, call_text(from, "edge", ""));
    k->edge = edge < 0 ? EDGE_NONE : (enum edge)edge;
    if (edge < 0)
        return wrong(c, "condition.edge", &needed);
    return (k->edge == EDGE_NONE || (k->edge <= EDGE_CHANGES) == of_state) || wrong(c, "condition.edge", &other);
}

static bool take_device_part(struct call *c, const json_t *from, struct condition *k)
{
    static const struct phrase form = { { "код пишут так: 1.0.1.8.0.255", "a code is written 1.0.1.8.0.255" } };
    k->subject = call_int(from, "device", 0);
    if (!has_device(c, k->subject, "condition.device"))
        return false;
    return obis_parse(call_text(from, "code", ""), &k->code) || wrong(c, "condition.code", &form);
}

bool condition_take(struct call *c, const json_t *from, struct condition *ret)
{
    struct store_timetable t = { .project = 0 };
    struct store_calendar k = { .project = 0 };
    enum fault f;
    int kind = word_place(condition_names, call_text(from, "kind", ""));
    *ret = (struct condition){ .kind = (enum condition_kind)kind, .archive = archive_parse(call_text(from, "archive", archives[0])) };
    switch (ret->kind) {
    case CONDITION_SCHEDULE:
        ret->subject = call_int(from, "timetable", 0);
        f = store_timetable_get(c->api->store, ret->subject, c->arena, &t);
        return is_ours(c, f, t.project, "condition.timetable");
    case CONDITION_CALENDAR:
        ret->subject = call_int(from, "calendar", 0);
        f = store_calendar_get(c->api->store, ret->subject, c->arena, &k);
        return is_ours(c, f, k.project, "condition.calendar");
    case CONDITION_INPUT:
        ret->subject = call_int(from, "input", 0);
        return (ret->subject || wrong(c, "condition.input", &needed)) && take_edge(c, from, true, ret);
    case CONDITION_STATE: return take_device_part(c, from, ret) && take_edge(c, from, true, ret);
    case CONDITION_LOOP: return take_edge(c, from, false, ret) && take_limits(c, from, ret);
    case CONDITION_VALUE: return take_device_part(c, from, ret) && take_edge(c, from, false, ret) && take_limits(c, from, ret);
    default: return true;
    }
}

static bool take_scope(struct call *c, const json_t *from, const char *place, struct action *a)
{
    char field[64];
    struct store_group g = { .project = 0 };
    int scope = word_place(scopes, call_text(from, "scope", scopes[SCOPE_ALL]));
    a->scope = (enum action_scope)scope;
    a->subject = a->scope == SCOPE_ALL ? 0 : call_int(from, scopes[scope], 0);
    snprintf(field, sizeof field, "%s.%s", place, scopes[scope]);
    if (a->scope == SCOPE_DEVICE)
        return has_device(c, a->subject, field);
    enum fault f = a->scope == SCOPE_ALL ? FAULT_NONE : store_group_get(c->api->store, a->subject, c->arena, &g);
    return a->scope == SCOPE_ALL || is_ours(c, f, g.project, field);
}

/* Who may not see readings may not have them sent. */
static bool take_data(struct call *c, const json_t *from, const char *place, struct action *a)
{
    const json_t *list = json_object_get(from, "archives");
    for (size_t i = 0; i < json_array_size(list); i++)
        a->archives |= 1u << archive_parse(json_string_value(json_array_get(list, i)));
    return (call_may(c, MAY_READ_DATASTORE) || call_refuse(c, REFUSE_FORBIDDEN)) && take_scope(c, from, place, a);
}

static bool take_letter(struct call *c, const json_t *from, const char *place, struct action *a)
{
    static const struct phrase address = { { "нужен адрес почты", "a mail address is wanted" } };
    char field[64];
    snprintf(a->to, sizeof a->to, "%s", call_text(from, "to", ""));
    snprintf(a->words, sizeof a->words, "%s", call_text(from, "words", ""));
    for (char *at = a->words; *at; at++)
        if ((uint8_t)*at < ' ')
            *at = ' ';
    snprintf(field, sizeof field, "%s.to", place);
    a->data = (enum letter_data)word_place(letter_data_names, call_text(from, "data", letter_data_names[LETTER_PLAIN]));
    return (mail_address_valid(a->to) || wrong(c, field, &address)) && (a->data == LETTER_PLAIN || take_data(c, from, place, a));
}

/* Whoever may not switch relays by hand may not let an event do it. */
static bool take_switch(struct call *c, const json_t *from, const char *place, struct action *a)
{
    char field[64];
    snprintf(field, sizeof field, "%s.%s", place, a->kind == ACTION_RELAY ? "device" : "relay");
    a->on = call_bool(from, "on", false);
    a->relay = (int)call_int(from, "relay", RELAY_LOAD);
    if (!call_may(c, MAY_WRITE_DEVICES))
        return call_refuse(c, REFUSE_FORBIDDEN);
    a->subject = a->kind == ACTION_RELAY ? call_int(from, "device", 0) : a->relay;
    if (a->kind == ACTION_RELAY)
        return has_device(c, a->subject, field);
    return (a->subject >= 1 && a->subject <= BOARD_RELAYS_MAX) || wrong(c, field, &nothing);
}

static bool take_action(struct call *c, const json_t *from, const char *place, struct action *a)
{
    char field[64];
    struct store_task t = { .project = 0 };
    struct store_publication p = { .project = 0 };
    enum fault f;
    *a = (struct action){ .kind = (enum action_kind)word_place(action_names, call_text(from, "kind", "")), .from_s = (int)call_int(from, "from_s", CLOCK_CHECK_USUAL) };
    switch (a->kind) {
    case ACTION_POLL:
        a->subject = call_int(from, "task", 0);
        snprintf(field, sizeof field, "%s.task", place);
        f = store_task_get(c->api->store, a->subject, c->arena, &t);
        return is_ours(c, f, t.project, field);
    case ACTION_MQTT:
        a->subject = call_int(from, "publication", 0);
        snprintf(field, sizeof field, "%s.publication", place);
        f = store_publication_get(c->api->store, a->subject, c->arena, &p);
        return is_ours(c, f, p.project, field);
    case ACTION_WATCH:
    case ACTION_CLOCK: return take_scope(c, from, place, a);
    case ACTION_RELAY_OWN:
    case ACTION_RELAY: return take_switch(c, from, place, a);
    case ACTION_FILES: return true;
    default: return take_letter(c, from, place, a);
    }
}

bool actions_take(struct call *c, const json_t *list, struct actions *ret)
{
    char place[40];
    *ret = (struct actions){ .count = json_array_size(list) };
    for (size_t i = 0; i < ret->count; i++) {
        snprintf(place, sizeof place, "actions[%zu]", i);
        if (!take_action(c, json_array_get(list, i), place, &ret->action[i]))
            return false;
    }
    return true;
}

/* --- in words -------------------------------------------------------------------------------------------------------------------- */

struct naming {
    struct text *t;
    bool done;
};

static void name_row(void *context, const struct roster_row *row)
{
    struct naming *n = context;
    text_put(n->t, *row->title ? row->title : row->serial);
    n->done = true;
}

/* What it is called; its number when it is gone. */
static void name_device(struct call *c, int64_t id, struct text *t)
{
    struct naming n = { .t = t };
    roster_look(c->api->roster, id, c->caller.project, name_row, &n);
    if (!n.done)
        text_printf(t, "№%lld", (long long)id);
}

/* Its number when it is gone, which is when `title` is NULL. */
static void put_title(struct text *t, const struct phrase *form, enum lang lang, const char *title, int64_t id)
{
    char number[32];
    snprintf(number, sizeof number, "№%lld", (long long)id);
    text_printf(t, phrase_in(form, lang), title ? title : number);
}

static const struct phrase edge_titles[EDGES] = {
    [EDGE_NONE] = { { "не проверять", "not checked" } }, [EDGE_APPEARS] = { { "появление сигнала", "the signal appears" } },
    [EDGE_DISAPPEARS] = { { "исчезновение сигнала", "the signal disappears" } }, [EDGE_CHANGES] = { { "изменение состояния", "the state changes" } },
    [EDGE_ABOVE] = { { "выше %s", "above %s" } }, [EDGE_BELOW] = { { "ниже %s", "below %s" } }, [EDGE_CROSSES] = { { "переход через %s", "crosses %s" } } };

static void tell_limits(struct call *c, const struct condition *k, const char *unit, struct text *t)
{
    static const struct phrase back = { { ", возврат %s", ", back by %s" } };
    char number[DECIMAL_TEXT_MAX];
    text_printf(t, phrase_in(&edge_titles[k->edge], c->lang), decimal_format(k->limit, number));
    if (k->edge != EDGE_NONE && *unit)
        text_printf(t, " %s", unit);
    if (k->edge != EDGE_NONE && k->hysteresis.mantissa)
        text_printf(t, phrase_in(&back, c->lang), decimal_format(k->hysteresis, number));
}

static void tell_input(struct call *c, const struct condition *k, struct text *t)
{
    static const struct phrase input = { { "Дискретный вход %d: ", "Discrete input %d: " } }, mains = { { "Основное питание: ", "Mains: " } }, reserve = { { "Резервное питание: ", "Reserve supply: " } };
    if (k->subject > BOARD_INPUTS)
        text_put(t, phrase_in(k->subject == INPUT_MAINS ? &mains : &reserve, c->lang));
    else
        text_printf(t, phrase_in(&input, c->lang), (int)k->subject);
    text_put(t, phrase_in(&edge_titles[k->edge], c->lang));
}

static void tell_device(struct call *c, const struct condition *k, struct text *t)
{
    char title[QUANTITY_TITLE_MAX];
    name_device(c, k->subject, t);
    text_printf(t, ", %s: ", quantity_title(k->code, c->lang, title));
    if (k->kind == CONDITION_VALUE)
        tell_limits(c, k, "", t);
    else
        text_put(t, phrase_in(&edge_titles[k->edge], c->lang));
}

void condition_tell(struct call *c, const struct condition *k, struct text *t)
{
    static const struct phrase schedule = { { "Расписание «%s»", "Timetable \"%s\"" } }, calendar = { { "Календарь «%s»", "Calendar \"%s\"" } };
    static const struct phrase loop = { { "Токовая петля: ", "Current loop: " } }, start = { { "Пуск устройства", "Start of the box" } }, stop = { { "Останов устройства", "Stop of the box" } };
    static const struct phrase milliamperes = { { "мА", "mA" } };
    struct store_timetable timetable = { .title = NULL };
    struct store_calendar cal = { .title = NULL };
    switch (k->kind) {
    case CONDITION_SCHEDULE:
        store_timetable_get(c->api->store, k->subject, c->arena, &timetable);
        put_title(t, &schedule, c->lang, timetable.title, k->subject);
        break;
    case CONDITION_CALENDAR:
        store_calendar_get(c->api->store, k->subject, c->arena, &cal);
        put_title(t, &calendar, c->lang, cal.title, k->subject);
        break;
    case CONDITION_INPUT: tell_input(c, k, t); break;
    case CONDITION_STATE:
    case CONDITION_VALUE: tell_device(c, k, t); break;
    case CONDITION_LOOP:
        text_put(t, phrase_in(&loop, c->lang));
        tell_limits(c, k, phrase_in(&milliamperes, c->lang), t);
        break;
    default: text_put(t, phrase_in(k->kind == CONDITION_START ? &start : &stop, c->lang));
    }
}

static void tell_scope(struct call *c, const struct action *a, const struct phrase *all, struct text *t)
{
    static const struct phrase group = { { "группа «%s»", "group \"%s\"" } };
    struct store_group g = { .title = NULL };
    if (a->scope == SCOPE_GROUP) {
        store_group_get(c->api->store, a->subject, c->arena, &g);
        put_title(t, &group, c->lang, g.title, a->subject);
    } else if (a->scope == SCOPE_DEVICE) {
        name_device(c, a->subject, t);
    } else {
        text_put(t, phrase_in(all, c->lang));
    }
}

static void tell_switch(struct call *c, const struct action *a, struct text *t)
{
    static const struct phrase on = { { "Включить: ", "Switch on: " } }, off = { { "Отключить: ", "Switch off: " } }, own = { { "реле устройства №%d", "relay %d of the box" } };
    text_put(t, phrase_in(a->on ? &on : &off, c->lang));
    if (a->kind == ACTION_RELAY_OWN) {
        text_printf(t, phrase_in(&own, c->lang), (int)a->subject);
        return;
    }
    name_device(c, a->subject, t);
    text_printf(t, ", %s", relay_title(a->relay, c->lang));
}

static void tell_publication(struct call *c, const struct action *a, struct text *t)
{
    static const struct phrase form = { { "Отправить по MQTT: %s", "Send over MQTT: %s" } };
    struct store_publication p;
    struct store_mqtt_template m = { .title = NULL };
    if (store_publication_get(c->api->store, a->subject, c->arena, &p) == FAULT_NONE)
        store_mqtt_template_get(c->api->store, p.template, c->arena, &m);
    put_title(t, &form, c->lang, m.title, a->subject);
}

static void tell_data(struct call *c, const struct action *a, struct text *t)
{
    static const struct phrase with = { { "; данные, %s: ", "; data, %s: " } }, everybody = { { "все приборы", "all devices" } };
    text_printf(t, phrase_in(&with, c->lang), a->data == LETTER_XLSX ? "XLSX" : "CSV");
    tell_scope(c, a, &everybody, t);
    const char *between = " — ";
    for (enum archive k = 0; k < ARCHIVE_COUNT; k++)
        if (a->archives >> k & 1) {
            text_printf(t, "%s%s", between, archive_title(k, c->lang));
            between = ", ";
        }
}

void action_tell(struct call *c, const struct action *a, struct text *t)
{
    static const struct phrase poll = { { "Опрос: «%s»", "Poll: \"%s\"" } }, watch = { { "Опросить входы: ", "Read inputs: " } }, modules = { { "все модули ввода-вывода", "all I/O modules" } };
    static const struct phrase clock = { { "Часы (поправить от %d с): ", "Clocks (corrected from %d s): " } }, meters = { { "все приборы", "all meters" } }, mail = { { "Письмо: %s", "Letter: %s" } };
    static const struct phrase files = { { "Передать файлы на сервер", "Send files to the server" } };
    struct store_task k = { .title = NULL };
    switch (a->kind) {
    case ACTION_POLL:
        store_task_get(c->api->store, a->subject, c->arena, &k);
        put_title(t, &poll, c->lang, k.title, a->subject);
        break;
    case ACTION_WATCH:
        text_put(t, phrase_in(&watch, c->lang));
        tell_scope(c, a, &modules, t);
        break;
    case ACTION_CLOCK:
        text_printf(t, phrase_in(&clock, c->lang), a->from_s);
        tell_scope(c, a, &meters, t);
        break;
    case ACTION_RELAY_OWN:
    case ACTION_RELAY: tell_switch(c, a, t); break;
    case ACTION_MQTT: tell_publication(c, a, t); break;
    case ACTION_FILES: text_put(t, phrase_in(&files, c->lang)); break;
    default:
        text_printf(t, phrase_in(&mail, c->lang), a->to);
        if (a->data != LETTER_PLAIN)
            tell_data(c, a, t);
    }
}
