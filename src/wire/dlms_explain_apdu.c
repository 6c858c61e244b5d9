/* xDLMS services as a tree for a person; see dlms_explain.h. */
#include "wire/cosem_general.h"
#include "wire/dlms_explain_parts.h"

static struct bytes nowhere(void)
{
    return bytes_of(NULL, 0);
}

/* --- pieces --- */

static const struct phrase class_names[] = {
    [1] = { { "данные", "Data" } },
    [3] = { { "регистр", "Register" } },
    [4] = { { "расширенный регистр", "Extended register" } },
    [5] = { { "регистр максимума", "Demand register" } },
    [6] = { { "активация регистров", "Register activation" } },
    [7] = { { "профиль", "Profile generic" } },
    [8] = { { "часы", "Clock" } },
    [9] = { { "таблица сценариев", "Script table" } },
    [10] = { { "расписание", "Schedule" } },
    [11] = { { "особые дни", "Special days" } },
    [12] = { { "соединение SN", "Association SN" } },
    [15] = { { "соединение LN", "Association LN" } },
    [17] = { { "назначение SAP", "SAP assignment" } },
    [18] = { { "загрузка ПО", "Image transfer" } },
    [19] = { { "оптический порт", "IEC local port" } },
    [20] = { { "тарифное расписание", "Activity calendar" } },
    [21] = { { "монитор регистра", "Register monitor" } },
    [22] = { { "действие по времени", "Single action schedule" } },
    [23] = { { "порт HDLC", "IEC HDLC setup" } },
    [40] = { { "инициативная передача", "Push setup" } },
    [41] = { { "порт TCP-UDP", "TCP-UDP setup" } },
    [42] = { { "адрес IPv4", "IPv4 setup" } },
    [45] = { { "модем GPRS", "GPRS modem setup" } },
    [47] = { { "диагностика GSM", "GSM diagnostic" } },
    [64] = { { "защита", "Security setup" } },
    [68] = { { "арбитр", "Arbitrator" } },
    [70] = { { "реле нагрузки", "Disconnect control" } },
    [71] = { { "ограничитель", "Limiter" } },
    [72] = { { "ведущий M-Bus", "M-Bus client" } },
};

static const char *class_name(uint16_t class_id, enum lang lang)
{
    bool known = class_id < sizeof class_names / sizeof *class_names && class_names[class_id].in[0];
    return known ? class_names[class_id].in[lang] : "";
}

static void draw_selection(struct explain *e, const struct cosem_reference *r)
{
    struct cosem_range range;
    struct phrase label = PHRASE("параметры выборки", "selection parameters");
    if (!r->selective)
        return;
    if (r->selector == COSEM_BY_RANGE && cosem_range_decode(r->parameters, &range))
        label = PHRASE("выборка по интервалу", "selection by range");
    else if (r->selector == COSEM_BY_ENTRY)
        label = PHRASE("выборка по номерам записей", "selection by entry");
    explain_leaf(e, nowhere(), PHRASE("селектор", "selector"), "%u", r->selector);
    explain_data(e, label, r->parameters);
}

static void draw_reference(struct explain *e, const struct cosem_reference *r, bool method)
{
    char name[OBIS_TEXT_MAX];
    struct phrase label = method ? PHRASE("метод", "method") : PHRASE("атрибут", "attribute");
    explain_open(e, nowhere(), PHRASE("объект", "object"), "%s", obis_format(r->obis, name));
    explain_leaf(e, nowhere(), PHRASE("класс", "class"), "%u %s", r->class_id, class_name(r->class_id, e->lang));
    explain_leaf(e, nowhere(), label, "%d", r->index);
    draw_selection(e, r);
    explain_close(e);
}

static void draw_code(struct explain *e, uint8_t code)
{
    explain_leaf(e, nowhere(), PHRASE("результат", "result"), "%u %s", code, cosem_result_text(code, e->lang));
}

static void draw_result(struct explain *e, const struct cosem_result *r)
{
    if (r->has_data)
        explain_data(e, PHRASE("данные", "data"), r->data);
    else
        draw_code(e, r->code);
}

static void draw_block(struct explain *e, const struct cosem_block *b)
{
    explain_leaf(e, nowhere(), PHRASE("номер блока", "block number"), "%u", (unsigned)b->number);
    explain_leaf(e, nowhere(), PHRASE("последний блок", "last block"), "%d", b->last);
    if (b->failed)
        draw_code(e, b->result);
    else
        explain_raw(e, b->raw, PHRASE("часть данных", "part of the data"));
}

static void draw_references(struct explain *e, const struct cosem_list *l, bool method)
{
    struct cursor c = cursor_over(l->items);
    for (uint32_t i = 0; i < l->count; i++) {
        struct cosem_reference r = cosem_take_reference(&c, !method);
        draw_reference(e, &r, method);
    }
}

static void draw_values(struct explain *e, const struct cosem_list *l)
{
    struct cursor c = cursor_over(l->items);
    for (uint32_t i = 0; i < l->count; i++)
        explain_data(e, PHRASE("значение", "value"), take_cosem_slice(&c));
}

static void draw_action_result(struct explain *e, uint8_t code, bool has_value, const struct cosem_result *value)
{
    draw_code(e, code);
    if (has_value)
        draw_result(e, value);
}

static const char *const service_names[] = { [COSEM_GET] = "GET", [COSEM_SET] = "SET", [COSEM_ACTION] = "ACTION" };

static const char *form_name(enum cosem_form form, enum lang lang)
{
    static const struct phrase names[] = {
        [COSEM_NORMAL] = { { "обычный", "normal" } },
        [COSEM_NEXT] = { { "следующий блок", "next block" } },
        [COSEM_WITH_LIST] = { { "список", "list" } },
        [COSEM_FIRST_BLOCK] = { { "первый блок", "first block" } },
        [COSEM_BLOCK] = { { "блок", "block" } },
        [COSEM_LIST_FIRST_BLOCK] = { { "список, первый блок", "list, first block" } },
        [COSEM_BLOCK_ACK] = { { "блок принят", "block received" } },
        [COSEM_LAST_BLOCK] = { { "последний блок принят", "last block received" } },
        [COSEM_LAST_BLOCK_LIST] = { { "последний блок списка принят", "last block of list received" } },
    };
    return phrase_in(&names[form], lang);
}

static void draw_invoke(struct explain *e, uint8_t invoke)
{
    static const struct phrase confirmed = { { ", с подтверждением", ", confirmed" } },
                               high = { { ", срочно", ", high priority" } };
    explain_leaf(e, nowhere(), PHRASE("номер вызова", "invoke id"), "%u%s%s", invoke & COSEM_INVOKE_ID,
                 invoke & COSEM_INVOKE_CONFIRMED ? phrase_in(&confirmed, e->lang) : "",
                 invoke & COSEM_INVOKE_PRIORITY ? phrase_in(&high, e->lang) : "");
}

/* --- the services --- */

static bool draw_request(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct cosem_request r;
    if (!cosem_request_decode(apdu, &r))
        return false;
    bool method = r.service == COSEM_ACTION;
    explain_open(e, apdu, PHRASE("запрос", "request"), "%s, %s", service_names[r.service], form_name(r.form, e->lang));
    draw_invoke(e, r.invoke);
    if (r.form == COSEM_NORMAL || r.form == COSEM_FIRST_BLOCK)
        draw_reference(e, &r.reference, method);
    draw_references(e, &r.references, method);
    draw_values(e, &r.values);
    if (r.form == COSEM_NEXT)
        explain_leaf(e, nowhere(), PHRASE("номер блока", "block number"), "%u", (unsigned)r.block.number);
    else if (r.form != COSEM_NORMAL && r.form != COSEM_WITH_LIST)
        draw_block(e, &r.block);
    if (r.has_data)
        explain_data(e, method ? PHRASE("параметр", "parameter") : PHRASE("значение", "value"), r.data);
    explain_close(e);
    return true;
}

static void draw_results(struct explain *e, const struct cosem_response *r)
{
    struct cursor c = cursor_over(r->results.items);
    for (uint32_t i = 0; i < r->results.count; i++) {
        if (r->service == COSEM_SET) {
            draw_code(e, take_u8(&c));
        } else if (r->service == COSEM_GET) {
            struct cosem_result one = cosem_take_result(&c);
            draw_result(e, &one);
        } else {
            struct cosem_action_result one = cosem_take_action_result(&c);
            draw_action_result(e, one.code, one.has_value, &one.value);
        }
    }
}

static bool draw_response(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct cosem_response r;
    if (!cosem_response_decode(apdu, &r))
        return false;
    explain_open(e, apdu, PHRASE("ответ", "response"), "%s, %s", service_names[r.service], form_name(r.form, e->lang));
    draw_invoke(e, r.invoke);
    if (r.form == COSEM_NORMAL && r.service == COSEM_GET)
        draw_result(e, &r.value);
    else if (r.form == COSEM_NORMAL || r.form == COSEM_LAST_BLOCK)
        draw_action_result(e, r.code, r.has_value, &r.value);
    draw_results(e, &r);
    if (r.form == COSEM_BLOCK)
        draw_block(e, &r.block);
    else if (r.form >= COSEM_BLOCK_ACK)
        explain_leaf(e, nowhere(), PHRASE("номер блока", "block number"), "%u", (unsigned)r.block.number);
    explain_close(e);
    return true;
}

static bool draw_exception(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct cosem_exception x;
    if (!cosem_exception_decode(apdu, &x))
        return false;
    explain_open(e, apdu, PHRASE("исключение", "exception"), NULL);
    explain_leaf(e, nowhere(), PHRASE("состояние", "state"), "%u %s", x.state,
                 cosem_exception_state_text(x.state, e->lang));
    explain_leaf(e, nowhere(), PHRASE("служба", "service"), "%u %s", x.service,
                 cosem_exception_service_text(x.service, e->lang));
    if (x.service == 6)
        explain_leaf(e, nowhere(), PHRASE("ожидаемый счётчик вызовов", "expected invocation counter"), "%u",
                     (unsigned)x.counter);
    explain_close(e);
    return true;
}

/* A time field of 0 or 12 bytes. */
static void draw_time(struct explain *e, struct bytes time)
{
    char memory[160];
    struct text t = text_over(memory, sizeof memory);
    struct cosem_date_time d;
    if (!cosem_date_time_decode(time, &d))
        return;
    text_put_date_time(&t, &d, e->lang);
    explain_leaf(e, time, PHRASE("время", "time"), "%s", memory);
}

static bool draw_event(struct dlms_scope *s, struct bytes apdu)
{
    struct cosem_event v;
    if (!cosem_event_decode(apdu, &v))
        return false;
    explain_open(s->e, apdu, PHRASE("событие", "event notification"), NULL);
    draw_time(s->e, v.time);
    draw_reference(s->e, &v.reference, false);
    explain_data(s->e, PHRASE("значение", "value"), v.data);
    explain_close(s->e);
    return true;
}

static void draw_long_invoke(struct explain *e, uint32_t invoke)
{
    explain_leaf(e, nowhere(), PHRASE("номер вызова", "invoke id"), "%u (%08X)",
                 (unsigned)(invoke & COSEM_LONG_INVOKE_ID), (unsigned)invoke);
}

static bool draw_notification(struct dlms_scope *s, struct bytes apdu)
{
    struct cosem_notification n;
    if (!cosem_notification_decode(apdu, &n))
        return false;
    explain_open(s->e, apdu, PHRASE("инициативное сообщение", "data notification"), NULL);
    draw_long_invoke(s->e, n.invoke);
    draw_time(s->e, n.time);
    explain_data(s->e, PHRASE("данные", "data"), n.data);
    explain_close(s->e);
    return true;
}

static const char *access_name(uint8_t kind)
{
    static const char *const names[] = { "?", "GET", "SET", "ACTION", "GET", "SET" };
    return names[kind <= COSEM_ACCESS_SET_SELECTED ? kind : 0];
}

static void draw_specs(struct explain *e, const struct cosem_list *l)
{
    struct cursor c = cursor_over(l->items);
    for (uint32_t i = 0; i < l->count; i++) {
        struct cosem_access_spec spec = cosem_take_access_spec(&c);
        explain_open(e, nowhere(), PHRASE("служба", "service"), "%s", access_name(spec.kind));
        draw_reference(e, &spec.reference, spec.kind == COSEM_ACCESS_ACTION);
        explain_close(e);
    }
}

static bool draw_access_request(struct dlms_scope *s, struct bytes apdu)
{
    struct cosem_access_request r;
    if (!cosem_access_request_decode(apdu, &r))
        return false;
    explain_open(s->e, apdu, PHRASE("запрос", "request"), "ACCESS");
    draw_long_invoke(s->e, r.invoke);
    draw_time(s->e, r.time);
    draw_specs(s->e, &r.specs);
    draw_values(s->e, &r.values);
    explain_close(s->e);
    return true;
}

static bool draw_access_response(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct cosem_access_response r;
    if (!cosem_access_response_decode(apdu, &r))
        return false;
    explain_open(e, apdu, PHRASE("ответ", "response"), "ACCESS");
    draw_long_invoke(e, r.invoke);
    draw_time(e, r.time);
    draw_specs(e, &r.specs);
    draw_values(e, &r.values);
    struct cursor c = cursor_over(r.results.items);
    for (uint32_t i = 0; i < r.results.count; i++) {
        struct cosem_access_result one = cosem_take_access_result(&c);
        explain_leaf(e, nowhere(), PHRASE("результат", "result"), "%s: %u %s", access_name(one.kind), one.code,
                     cosem_result_text(one.code, e->lang));
    }
    explain_close(e);
    return true;
}

static bool draw_transfer(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct cosem_transfer t;
    if (!cosem_transfer_decode(apdu, &t))
        return false;
    explain_open(e, apdu, PHRASE("общая блочная передача", "general block transfer"), NULL);
    explain_leaf(e, nowhere(), PHRASE("номер блока", "block number"), "%u", t.number);
    explain_leaf(e, nowhere(), PHRASE("подтверждено до", "acknowledged up to"), "%u", t.acknowledged);
    explain_leaf(e, nowhere(), PHRASE("последний блок", "last block"), "%d", t.last);
    explain_leaf(e, nowhere(), PHRASE("поток", "streaming"), "%d", t.streaming);
    explain_leaf(e, nowhere(), PHRASE("окно", "window"), "%u", t.window);
    if (t.last && t.number == 1 && t.raw.size)
        explain_apdu(s, t.raw);
    else
        explain_raw(e, t.raw, PHRASE("часть APDU", "part of the APDU"));
    explain_close(e);
    return true;
}

static bool draw_gateway(struct dlms_scope *s, struct bytes apdu)
{
    struct cosem_gateway g;
    if (!cosem_gateway_decode(apdu, &g))
        return false;
    explain_open(s->e, apdu, PHRASE("через шлюз", "through a gateway"), "%s", g.response ? "E7" : "E6");
    explain_leaf(s->e, nowhere(), PHRASE("сеть", "network"), "%u", g.network);
    explain_raw(s->e, g.address, PHRASE("адрес устройства", "device address"));
    explain_apdu(s, g.apdu);
    explain_close(s->e);
    return true;
}

bool explain_service(struct dlms_scope *s, struct bytes apdu)
{
    static const struct {
        uint8_t tag;
        bool (*draw)(struct dlms_scope *, struct bytes);
    } services[] = {
        { XDLMS_GET_REQUEST, draw_request },
        { XDLMS_SET_REQUEST, draw_request },
        { XDLMS_ACTION_REQUEST, draw_request },
        { XDLMS_GET_RESPONSE, draw_response },
        { XDLMS_SET_RESPONSE, draw_response },
        { XDLMS_ACTION_RESPONSE, draw_response },
        { XDLMS_EXCEPTION, draw_exception },
        { XDLMS_EVENT_NOTIFICATION_APDU, draw_event },
        { XDLMS_DATA_NOTIFICATION_APDU, draw_notification },
        { XDLMS_ACCESS_REQUEST, draw_access_request },
        { XDLMS_ACCESS_RESPONSE, draw_access_response },
        { XDLMS_BLOCK_TRANSFER, draw_transfer },
        { XDLMS_GATEWAY_REQUEST, draw_gateway },
        { XDLMS_GATEWAY_RESPONSE, draw_gateway },
    };
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (apdu.size && services[i].tag == apdu.data[0])
            return services[i].draw(s, apdu);
    return false;
}
