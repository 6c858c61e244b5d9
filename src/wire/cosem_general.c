/* Exception, notifications, Access, general block transfer, gateway; see cosem_general.h. */
#include "wire/cosem_general.h"

/* A cursor behind the tag; failed when the APDU is another. */
static struct cursor open_apdu(struct bytes apdu, uint8_t tag)
{
    struct cursor c = cursor_over(apdu);
    if (take_u8(&c) != tag)
        cursor_fail(&c);
    return c;
}

/* A date-time as octet string: empty or twelve bytes. */
static struct bytes take_time(struct cursor *c)
{
    struct bytes time = take_axdr_octets(c);
    if (time.size != 0 && time.size != 12)
        cursor_fail(c);
    return time;
}

/* --- exception --- */

enum { EXCEPTION_COUNTER = 6 };

bool cosem_exception_decode(struct bytes apdu, struct cosem_exception *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_EXCEPTION);
    struct cosem_exception e = { .state = take_u8(&c) };
    e.service = take_u8(&c);
    if (e.service == EXCEPTION_COUNTER)
        e.counter = take_be32(&c);
    if (!cursor_done(&c))
        return false;
    *ret = e;
    return true;
}

void cosem_exception_encode(struct writer *w, const struct cosem_exception *e)
{
    put_u8(w, XDLMS_EXCEPTION);
    put_u8(w, e->state);
    put_u8(w, e->service);
    if (e->service == EXCEPTION_COUNTER)
        put_be32(w, e->counter);
}

static const struct phrase unknown = { { "неизвестный код", "unknown code" } };

const char *cosem_exception_state_text(uint8_t state, enum lang lang)
{
    static const struct phrase texts[] = {
        { { "служба не разрешена", "service not allowed" } },
        { { "служба неизвестна", "service unknown" } },
    };
    return phrase_in(state >= 1 && state <= 2 ? &texts[state - 1] : &unknown, lang);
}

const char *cosem_exception_service_text(uint8_t service, enum lang lang)
{
    static const struct phrase texts[] = {
        { { "операция невозможна", "operation not possible" } },
        { { "служба не поддерживается", "service not supported" } },
        { { "другая причина", "other reason" } },
        { { "слишком длинный PDU", "PDU too long" } },
        { { "ошибка расшифрования", "deciphering error" } },
        { { "неверный счётчик вызовов", "invocation counter error" } },
    };
    return phrase_in(service >= 1 && service <= 6 ? &texts[service - 1] : &unknown, lang);
}

/* --- notifications --- */

bool cosem_event_decode(struct bytes apdu, struct cosem_event *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_EVENT_NOTIFICATION_APDU);
    struct cosem_event e = { .has_time = take_u8(&c) != 0 };
    if (e.has_time)
        e.time = take_time(&c);
    e.reference = cosem_take_reference(&c, false);
    e.data = take_cosem_slice(&c);
    if (!cursor_done(&c))
        return false;
    *ret = e;
    return true;
}

void cosem_event_encode(struct writer *w, const struct cosem_event *e)
{
    put_u8(w, XDLMS_EVENT_NOTIFICATION_APDU);
    put_u8(w, e->has_time);
    if (e->has_time)
        put_axdr_octets(w, e->time);
    cosem_put_reference(w, &e->reference, false);
    put_bytes(w, e->data);
}

bool cosem_notification_decode(struct bytes apdu, struct cosem_notification *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_DATA_NOTIFICATION_APDU);
    struct cosem_notification n = { .invoke = take_be32(&c) };
    n.time = take_time(&c);
    n.data = take_cosem_slice(&c);
    if (!cursor_done(&c))
        return false;
    *ret = n;
    return true;
}

void cosem_notification_encode(struct writer *w, const struct cosem_notification *n)
{
    put_u8(w, XDLMS_DATA_NOTIFICATION_APDU);
    put_be32(w, n->invoke);
    put_axdr_octets(w, n->time);
    put_bytes(w, n->data);
}

/* --- Access --- */

struct cosem_access_spec cosem_take_access_spec(struct cursor *c)
{
    struct cosem_access_spec s = { .kind = take_u8(c) };
    if (s.kind < COSEM_ACCESS_GET || s.kind > COSEM_ACCESS_SET_SELECTED)
        cursor_fail(c);
    s.reference = cosem_take_reference(c, false);
    if (s.kind >= COSEM_ACCESS_GET_SELECTED) {
        s.reference.selective = true;
        s.reference.selector = take_u8(c);
        s.reference.parameters = take_cosem_slice(c);
    }
    return s;
}

void cosem_put_access_spec(struct writer *w, const struct cosem_access_spec *s)
{
    put_u8(w, s->kind);
    cosem_put_reference(w, &s->reference, false);
    if (s->kind >= COSEM_ACCESS_GET_SELECTED) {
        put_u8(w, s->reference.selector);
        put_bytes(w, s->reference.parameters);
    }
}

struct cosem_access_result cosem_take_access_result(struct cursor *c)
{
    struct cosem_access_result r = { .kind = take_u8(c) };
    r.code = take_u8(c);
    return r;
}

void cosem_put_access_result(struct writer *w, const struct cosem_access_result *r)
{
    put_u8(w, r->kind);
    put_u8(w, r->code);
}

static void skip_spec(struct cursor *c)
{
    (void)cosem_take_access_spec(c);
}

static void skip_value(struct cursor *c)
{
    (void)take_cosem_slice(c);
}

static void skip_result(struct cursor *c)
{
    (void)cosem_take_access_result(c);
}

static struct cosem_list take_list(struct cursor *c, void (*skip)(struct cursor *))
{
    struct cosem_list l = { .count = take_axdr_length(c) };
    const uint8_t *start = c->at;
    for (uint32_t i = 0; i < l.count && !c->failed; i++)
        skip(c);
    l.items = bytes_of(start, c->failed ? 0 : (size_t)(c->at - start));
    return l;
}

static void put_list(struct writer *w, const struct cosem_list *l)
{
    put_axdr_length(w, l->count);
    put_bytes(w, l->items);
}

bool cosem_access_request_decode(struct bytes apdu, struct cosem_access_request *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_ACCESS_REQUEST);
    struct cosem_access_request r = { .invoke = take_be32(&c) };
    r.time = take_time(&c);
    r.specs = take_list(&c, skip_spec);
    r.values = take_list(&c, skip_value);
    if (!cursor_done(&c))
        return false;
    *ret = r;
    return true;
}

void cosem_access_request_encode(struct writer *w, const struct cosem_access_request *r)
{
    put_u8(w, XDLMS_ACCESS_REQUEST);
    put_be32(w, r->invoke);
    put_axdr_octets(w, r->time);
    put_list(w, &r->specs);
    put_list(w, &r->values);
}

bool cosem_access_response_decode(struct bytes apdu, struct cosem_access_response *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_ACCESS_RESPONSE);
    struct cosem_access_response r = { .invoke = take_be32(&c) };
    r.time = take_time(&c);
    r.has_specs = take_u8(&c) != 0;
    if (r.has_specs)
        r.specs = take_list(&c, skip_spec);
    r.values = take_list(&c, skip_value);
    r.results = take_list(&c, skip_result);
    if (!cursor_done(&c))
        return false;
    *ret = r;
    return true;
}

void cosem_access_response_encode(struct writer *w, const struct cosem_access_response *r)
{
    put_u8(w, XDLMS_ACCESS_RESPONSE);
    put_be32(w, r->invoke);
    put_axdr_octets(w, r->time);
    put_u8(w, r->has_specs);
    if (r->has_specs)
        put_list(w, &r->specs);
    put_list(w, &r->values);
    put_list(w, &r->results);
}

/* --- general block transfer --- */

bool cosem_transfer_decode(struct bytes apdu, struct cosem_transfer *ret)
{
    struct cursor c = open_apdu(apdu, XDLMS_BLOCK_TRANSFER);
    uint8_t control = take_u8(&c);
    struct cosem_transfer t = { .last = control & 0x80, .streaming = control & 0x40, .window = control & 0x3F };
    t.number = take_be16(&c);
    t.acknowledged = take_be16(&c);
    t.raw = take_axdr_octets(&c);
    if (!cursor_done(&c))
        return false;
    *ret = t;
    return true;
}

void cosem_transfer_encode(struct writer *w, const struct cosem_transfer *t)
{
    put_u8(w, XDLMS_BLOCK_TRANSFER);
    put_u8(w, (t->last ? 0x80u : 0) | (t->streaming ? 0x40u : 0) | (t->window & 0x3Fu));
    put_be16(w, t->number);
    put_be16(w, t->acknowledged);
    put_axdr_octets(w, t->raw);
}

/* --- gateway --- */

bool cosem_gateway_decode(struct bytes apdu, struct cosem_gateway *ret)
{
    struct cosem_gateway g = { .response = apdu.size && apdu.data[0] == XDLMS_GATEWAY_RESPONSE };
    struct cursor c = open_apdu(apdu, g.response ? XDLMS_GATEWAY_RESPONSE : XDLMS_GATEWAY_REQUEST);
    g.network = take_u8(&c);
    g.address = take_axdr_octets(&c);
    g.apdu = take_rest(&c);
    if (c.failed || g.apdu.size == 0)
        return false;
    *ret = g;
    return true;
}

void cosem_gateway_encode(struct writer *w, const struct cosem_gateway *g)
{
    put_u8(w, g->response ? XDLMS_GATEWAY_RESPONSE : XDLMS_GATEWAY_REQUEST);
    put_u8(w, g->network);
    put_axdr_octets(w, g->address);
    put_bytes(w, g->apdu);
}
