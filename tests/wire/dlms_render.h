/* Decoded DLMS things as one line of text, in the words of the third column of tests/vectors/dlms.txt, so that a vector
 * passes when both lines are equal. Written apart from the explainer: it checks the decoders, not the tree. */
#pragma once
#include "base/text.h"
#include "wire/cosem_general.h"
#include "wire/dlms_security.h"
#include "wire/dlms_wrapper.h"
#include "wire/hdlc.h"

static void render_apdu(struct text *t, struct bytes apdu);

static void render_number(struct text *t, unsigned value, unsigned any)
{
    if (value == any)
        text_put(t, "*");
    else
        text_printf(t, "%u", value);
}

static void render_time(struct text *t, const struct cosem_date_time *d)
{
    const unsigned fields[] = { d->year, d->month, d->day, d->weekday, d->hour, d->minute, d->second, d->hundredths };
    static const char *const before[] = { "datetime(", "-", "-", " dow=", " ", ":", ":", "." };
    for (size_t i = 0; i < 8; i++) {
        text_put(t, before[i]);
        render_number(t, fields[i], i ? 0xFF : 0xFFFF);
    }
    if (d->deviation == COSEM_DEVIATION_NONE)
        text_put(t, " dev=*");
    else
        text_printf(t, " dev=%d", d->deviation);
    text_printf(t, " st=%02X)", d->status);
}

static void render_quoted(struct text *t, struct bytes b)
{
    text_put(t, "\"");
    text_put_bytes(t, b);
    text_put(t, "\"");
}

static void render_octets(struct text *t, struct bytes b)
{
    char name[OBIS_TEXT_MAX];
    struct cosem_date_time d;
    if (b.size && text_is_ascii(b)) {
        text_put(t, "oct:");
        render_quoted(t, b);
    } else if (b.size == 6) {
        text_printf(t, "obis:%s", obis_format(obis_from_bytes(b.data), name));
    } else if (cosem_date_time_decode(b, &d)) {
        render_time(t, &d);
    } else {
        text_put(t, "oct:");
        text_put_hex(t, b);
    }
}

static void render_scalar(struct text *t, const struct cosem_data *d)
{
    static const char *const names[] = {
        [COSEM_BOOLEAN] = "bool", [COSEM_INT32] = "i32", [COSEM_UINT32] = "u32", [COSEM_VISIBLE] = "vis", [COSEM_UTF8] = "utf8",
        [COSEM_BCD] = "bcd", [COSEM_INT8] = "i8", [COSEM_INT16] = "i16", [COSEM_UINT8] = "u8", [COSEM_UINT16] = "u16",
        [COSEM_INT64] = "i64", [COSEM_UINT64] = "u64", [COSEM_ENUM] = "enum", [COSEM_FLOAT32] = "f32", [COSEM_FLOAT64] = "f64",
        [COSEM_DATE] = "date", [COSEM_TIME] = "time",
    };
    struct cosem_date_time time;
    struct decimal value;
    char number[DECIMAL_TEXT_MAX];
    if (d->type == COSEM_NULL) {
        text_put(t, "null");
    } else if (d->type == COSEM_OCTETS) {
        render_octets(t, d->content);
    } else if (d->type == COSEM_DATE_TIME && cosem_date_time(d, &time)) {
        render_time(t, &time);
    } else if (d->type == COSEM_BITS) {
        text_printf(t, "bits%u:", (unsigned)d->count);
        for (uint32_t i = 0; i < d->count; i++)
            text_put(t, d->content.data[i / 8] << i % 8 & 0x80 ? "1" : "0");
    } else if (d->type == COSEM_VISIBLE || d->type == COSEM_UTF8) {
        text_printf(t, "%s:", names[d->type]);
        render_quoted(t, d->content);
    } else if (d->type == COSEM_DATE || d->type == COSEM_TIME) {
        text_printf(t, "%s:", names[d->type]);
        text_put_hex(t, d->content);
    } else if (d->type < sizeof names / sizeof *names && names[d->type] && cosem_decimal(d, &value)) {
        text_printf(t, "%s:%s", names[d->type], decimal_format(value, number));
    } else {
        text_printf(t, "?%u", d->type);
    }
}

static void render_element(struct text *t, struct cosem_reader *r)
{
    struct cosem_data d = cosem_take(r);
    if (d.type != COSEM_ARRAY && d.type != COSEM_STRUCTURE) {
        render_scalar(t, &d);
        return;
    }
    text_put(t, d.type == COSEM_ARRAY ? "[" : "{");
    for (uint32_t i = 0; i < d.count && !cosem_failed(r); i++) {
        text_put(t, i ? ", " : "");
        render_element(t, r);
    }
    text_put(t, d.type == COSEM_ARRAY ? "]" : "}");
}

/* False when the bytes are not exactly one element. */
static bool render_data(struct text *t, struct bytes element)
{
    struct cosem_reader r = cosem_reader_over(element);
    render_element(t, &r);
    return cosem_done(&r);
}

static void render_invoke(struct text *t, uint8_t invoke)
{
    text_printf(t, " iid=%u%s%s", invoke & COSEM_INVOKE_ID, invoke & COSEM_INVOKE_CONFIRMED ? " confirmed" : "",
                invoke & COSEM_INVOKE_PRIORITY ? " high" : "");
}

static void render_reference(struct text *t, const struct cosem_reference *r, bool method)
{
    char name[OBIS_TEXT_MAX];
    text_printf(t, "class %u obis %s %s %d", r->class_id, obis_format(r->obis, name), method ? "method" : "attr", r->index);
    if (r->selective) {
        text_printf(t, " selector %u ", r->selector);
        render_data(t, r->parameters);
    }
}

static void render_raw(struct text *t, struct bytes raw)
{
    text_printf(t, " raw %zu bytes: ", raw.size);
    text_put_hex(t, bytes_part(raw, 0, 12));
    text_put(t, raw.size > 12 ? ".." : "");
}

static bool render_request(struct text *t, struct bytes apdu)
{
    static const char *const forms[] = { [COSEM_NORMAL] = "normal", [COSEM_NEXT] = "next", [COSEM_WITH_LIST] = "with-list" };
    static const char *const services[] = { "GET", "SET", "ACTION" };
    struct cosem_request r;
    if (!cosem_request_decode(apdu, &r) || r.form > COSEM_WITH_LIST)
        return false;
    text_printf(t, "%s-request-%s", services[r.service], forms[r.form]);
    render_invoke(t, r.invoke);
    if (r.form == COSEM_NORMAL) {
        text_put(t, " ");
        render_reference(t, &r.reference, r.service == COSEM_ACTION);
        text_put(t, r.service == COSEM_SET ? " value " : r.service == COSEM_GET ? "" : r.has_data ? " param " : " no param");
        if (r.has_data)
            render_data(t, r.data);
    } else if (r.form == COSEM_NEXT) {
        text_printf(t, " block=%u", (unsigned)r.block.number);
    } else {
        struct cursor c = cursor_over(r.references.items);
        for (uint32_t i = 0; i < r.references.count; i++) {
            struct cosem_reference one = cosem_take_reference(&c, r.service != COSEM_ACTION);
            text_put(t, i ? "; " : " (");
            render_reference(t, &one, r.service == COSEM_ACTION);
        }
        text_put(t, ")");
    }
    return true;
}

static void render_result(struct text *t, const struct cosem_result *r, const char *data, const char *error)
{
    if (r->has_data) {
        text_put(t, data);
        render_data(t, r->data);
    } else {
        text_printf(t, "%s%u(%s)", error, r->code, cosem_result_name(r->code));
    }
}

static void render_block(struct text *t, const struct cosem_block *b)
{
    text_printf(t, " last=%d block=%u", b->last, (unsigned)b->number);
    if (b->failed)
        text_printf(t, " error %u", b->result);
    else
        render_raw(t, b->raw);
}

static bool render_response(struct text *t, struct bytes apdu)
{
    static const char *const forms[] = { [COSEM_NORMAL] = "normal", [COSEM_WITH_LIST] = "with-list", [COSEM_BLOCK] = "with-block" };
    static const char *const services[] = { "GET", "SET", "ACTION" };
    struct cosem_response r;
    if (!cosem_response_decode(apdu, &r) || r.form > COSEM_BLOCK || !forms[r.form])
        return false;
    text_printf(t, "%s-response-%s", services[r.service], forms[r.form]);
    render_invoke(t, r.invoke);
    if (r.form == COSEM_BLOCK) {
        render_block(t, &r.block);
    } else if (r.form == COSEM_WITH_LIST) {
        struct cursor c = cursor_over(r.results.items);
        for (uint32_t i = 0; i < r.results.count; i++) {
            struct cosem_result one = cosem_take_result(&c);
            text_put(t, i ? "; " : " (");
            render_result(t, &one, "", "error ");
        }
        text_put(t, ")");
    } else if (r.service == COSEM_GET) {
        render_result(t, &r.value, " data ", " access-error ");
    } else {
        text_printf(t, " result=%u(%s)", r.code, cosem_result_name(r.code));
        if (r.has_value)
            render_result(t, &r.value, " return data ", " return error ");
    }
    return true;
}

static bool render_initiate(struct text *t, struct bytes apdu)
{
    struct xdlms_initiate i;
    if (!xdlms_initiate_decode(apdu, &i))
        return false;
    text_put(t, i.response ? "InitiateResponse" : "InitiateRequest");
    if (i.dedicated_key.size) {
        text_put(t, " dedicated-key=");
        text_put_hex(t, i.dedicated_key);
    }
    if (i.has_quality)
        text_printf(t, " qos=%d", i.quality);
    text_printf(t, " dlms-ver=%u conformance=%06X{", i.version, (unsigned)i.conformance);
    bool more = false;
    for (int bit = 0; bit < 24; bit++)
        if (i.conformance & 0x800000u >> bit) {
            text_printf(t, "%s%s", more ? "+" : "", xdlms_conformance_name(bit));
            more = true;
        }
    text_printf(t, "} max-pdu=%u", i.pdu_max);
    if (i.response)
        text_printf(t, " vaa=%04X", i.vaa);
    return true;
}

static void render_party(struct text *t, const struct acse_party *p, const char *title)
{
    if (p->title.size) {
        text_printf(t, " %s-AP-title=", title);
        text_put_hex(t, p->title);
    }
    if (p->requirements.size) {
        text_put(t, " acse-req=");
        text_put_hex(t, p->requirements);
    }
    if (p->mechanism != ACSE_MECHANISM_ABSENT)
        text_printf(t, " mech=%d(%s)", p->mechanism, acse_mechanism_name(p->mechanism));
    if (p->has_value) {
        text_put(t, " auth-value=");
        if (text_is_ascii(p->value))
            render_quoted(t, p->value);
        else
            text_put_hex(t, p->value);
    }
    if (p->user_information.size) {
        text_put(t, " {");
        render_apdu(t, p->user_information);
        text_put(t, "}");
    }
}

static bool render_acse(struct text *t, struct bytes apdu)
{
    struct acse_request q;
    struct acse_response r;
    struct acse_release l;
    if (acse_request_decode(apdu, &q)) {
        text_put(t, "AARQ");
        if (q.party.version.size) {
            text_put(t, " protocol-version=");
            text_put_hex(t, q.party.version);
        }
        text_printf(t, " context=%s", acse_context_name(q.party.context));
        render_party(t, &q.party, "calling");
    } else if (acse_response_decode(apdu, &r)) {
        text_printf(t, "AARE context=%s result=%u diagnostic=%s:%u", acse_context_name(r.party.context), r.result,
                    r.provider ? "provider" : "user", r.diagnostic);
        render_party(t, &r.party, "responding");
    } else if (acse_release_decode(apdu, &l)) {
        text_printf(t, "%s reason=%u", l.response ? "RLRE" : "RLRQ", l.reason);
        if (l.user_information.size) {
            text_put(t, " {");
            render_apdu(t, l.user_information);
            text_put(t, "}");
        }
    } else {
        return false;
    }
    return true;
}

static bool render_ciphered(struct text *t, struct bytes apdu)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } names[] = {
        { 0x21, "glo-initiate-request" }, { 0x28, "glo-initiate-response" }, { 0xC8, "glo-get-request" },
        { 0xCC, "glo-get-response" },     { 0xCB, "glo-action-request" },    { 0xCF, "glo-action-response" },
    };
    struct dlms_ciphered d;
    if (!dlms_ciphered_decode(apdu, &d))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].tag == d.tag)
            text_put(t, names[i].name);
    if (d.tag == XDLMS_GENERAL_GLO) {
        text_put(t, "general-glo-ciphering system-title=");
        text_put_hex(t, d.title);
        text_put(t, d.title.size ? "" : "(empty)");
    }
    text_printf(t, " SC=%02X IC=%u payload %zu bytes", d.control, (unsigned)d.counter, d.content.size);
    return true;
}

static bool render_other(struct text *t, struct bytes apdu)
{
    struct xdlms_service_error error;
    struct cosem_exception exception;
    struct cosem_notification push;
    struct cosem_event event;
    if (xdlms_service_error_decode(apdu, &error)) {
        text_printf(t, "ConfirmedServiceError service=%u error-class=%u value=%u", error.service, error.error_class, error.value);
    } else if (cosem_exception_decode(apdu, &exception)) {
        text_printf(t, "ExceptionResponse state-error=%u service-error=%u", exception.state, exception.service);
        if (exception.service == 6)
            text_printf(t, " IC=%u", (unsigned)exception.counter);
    } else if (cosem_notification_decode(apdu, &push)) {
        text_printf(t, "DataNotification long-iid=%08X date-time=%s data ", (unsigned)push.invoke, push.time.size ? "given" : "none");
        render_data(t, push.data);
    } else if (cosem_event_decode(apdu, &event)) {
        text_printf(t, "EventNotification time=%s ", event.has_time ? "given" : "none");
        render_reference(t, &event.reference, false);
        text_put(t, " value ");
        render_data(t, event.data);
    } else {
        return false;
    }
    return true;
}

static void render_apdu(struct text *t, struct bytes apdu)
{
    if (!render_request(t, apdu) && !render_response(t, apdu) && !render_initiate(t, apdu) && !render_acse(t, apdu)
        && !render_ciphered(t, apdu) && !render_other(t, apdu))
        text_put(t, "?");
}

static void render_address(struct text *t, const char *label, struct hdlc_address a)
{
    text_printf(t, a.size == 1 ? " %s=%u" : " %s=%u/%u", label, a.upper, a.lower);
}

static void render_information(struct text *t, const struct hdlc_frame *f)
{
    struct hdlc_parameters p;
    struct bytes apdu;
    bool response;
    if (f->more) {
        text_printf(t, " SEGMENTED");
    } else if ((f->control.kind == HDLC_SNRM || f->control.kind == HDLC_UA) && hdlc_parameters_decode(f->info, &p)) {
        text_printf(t, " max_info_tx=%u max_info_rx=%u window_tx=%u window_rx=%u", (unsigned)p.info_transmit,
                    (unsigned)p.info_receive, (unsigned)p.window_transmit, (unsigned)p.window_receive);
    } else if (hdlc_llc_decode(f->info, &response, &apdu)) {
        text_printf(t, " LLC %s ", response ? "rsp" : "cmd");
        render_apdu(t, apdu);
    }
}

static bool render_frame(struct text *t, struct bytes frame)
{
    struct hdlc_frame f;
    if (hdlc_decode(frame, &f) != HDLC_OK)
        return false;
    text_put(t, hdlc_kind_name(f.control.kind));
    if (f.control.kind == HDLC_I)
        text_printf(t, " N(S)=%u", f.control.ns);
    if (f.control.kind <= HDLC_SREJ)
        text_printf(t, " N(R)=%u", f.control.nr);
    text_printf(t, " P/F=%d", f.control.poll);
    render_address(t, "dst", f.to);
    render_address(t, "src", f.from);
    text_printf(t, " len=%zu [%sFCS ok]", frame.data[0] == 0x7E ? frame.size - 2 : frame.size, f.info.size ? "HCS ok " : "");
    if (f.info.size)
        render_information(t, &f);
    return true;
}
