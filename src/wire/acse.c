/* Opening and closing of a DLMS association; see acse.h. */
#include "wire/acse.h"
#include "wire/axdr.h"

/* --- BER --- */

struct tlv {
    uint8_t tag;
    struct bytes value;
};

/* One element with a one-byte tag; lengths in the short form or 81, 82. */
static struct tlv take_tlv(struct cursor *c)
{
    struct tlv t = { .tag = take_u8(c) };
    uint8_t first = take_u8(c);
    size_t size = first;
    if (first > 0x82 || first == 0x80)
        cursor_fail(c);
    else if (first > 0x80)
        size = (size_t)take_be(c, first & 0x7F);
    t.value = take_bytes(c, size);
    return t;
}

/* The value of the single element `tag` inside `outer`; fails `c` when it is not so. */
static struct bytes inner(struct cursor *c, struct bytes outer, uint8_t tag)
{
    struct cursor in = cursor_over(outer);
    struct tlv t = take_tlv(&in);
    if (!cursor_done(&in) || t.tag != tag) {
        cursor_fail(c);
        return bytes_of(outer.data, 0);
    }
    return t.value;
}

static uint8_t inner_integer(struct cursor *c, struct bytes outer)
{
    struct bytes value = inner(c, outer, 0x02);
    if (value.size != 1)
        cursor_fail(c);
    return value.size == 1 ? value.data[0] : 0;
}

/* Starts an element whose length is not known yet; ber_close writes it. Returns the place of the length byte. */
static size_t ber_open(struct writer *w, uint8_t tag)
{
    put_u8(w, tag);
    put_u8(w, 0);
    return w->failed ? 0 : writer_size(w) - 1;
}

static void ber_close(struct writer *w, size_t mark)
{
    if (w->failed)
        return;
    size_t size = writer_size(w) - mark - 1;
    size_t more = size > 0xFF ? 2 : size > 0x7F ? 1 : 0;
    if (size > 0xFFFF || more > writer_room(w)) {
        w->failed = true;
        return;
    }
    uint8_t *at = w->start + mark;
    memmove(at + 1 + more, at + 1, size);
    w->at += more;
    struct writer length = writer_over(at, 1 + more);
    if (more)
        put_u8(&length, 0x80 + (unsigned)more);
    put_be(&length, size, more ? more : 1);
}

static void put_tlv(struct writer *w, uint8_t tag, struct bytes value)
{
    size_t mark = ber_open(w, tag);
    put_bytes(w, value);
    ber_close(w, mark);
}

static void put_tlv_if(struct writer *w, uint8_t tag, struct bytes value)
{
    if (value.size)
        put_tlv(w, tag, value);
}

/* `outer { inner value }` when there is a value. */
static void put_nested_if(struct writer *w, uint8_t outer, uint8_t tag, struct bytes value)
{
    if (!value.size)
        return;
    size_t mark = ber_open(w, outer);
    put_tlv(w, tag, value);
    ber_close(w, mark);
}

static void put_nested_byte(struct writer *w, uint8_t outer, uint8_t value)
{
    put_nested_if(w, outer, 0x02, bytes_of(&value, 1));
}

/* --- object identifiers: 2.16.756.5.8.<branch>.<number> --- */

static const uint8_t dlms_arc[] = { 0x60, 0x85, 0x74, 0x05, 0x08 };

enum { BRANCH_CONTEXT = 1, BRANCH_MECHANISM = 2 };

/* The last arc of one of ours; -1 for another's. */
static int oid_number(struct bytes oid, uint8_t branch, int most)
{
    if (oid.size != 7 || memcmp(oid.data, dlms_arc, sizeof dlms_arc) != 0 || oid.data[5] != branch || oid.data[6] > most)
        return -1;
    return oid.data[6];
}

struct oid {
    uint8_t bytes[7];
};

static struct oid oid_of(uint8_t branch, int number)
{
    struct oid o;
    memcpy(o.bytes, dlms_arc, sizeof dlms_arc);
    o.bytes[5] = branch;
    o.bytes[6] = (uint8_t)number;
    return o;
}

/* --- the fields both APDUs share --- */

/* Where AARQ and AARE keep the same thing. */
struct party_tags {
    uint8_t title, qualifier, invocation, user, requirements, mechanism, value;
};

static const struct party_tags request_tags = { 0xA6, 0xA7, 0xA8, 0xA9, 0x8A, 0x8B, 0xAC };
static const struct party_tags response_tags = { 0xA4, 0xA5, 0xA6, 0xA7, 0x88, 0x89, 0xAA };

static void take_context(struct cursor *c, struct bytes value, struct acse_party *p)
{
    p->context_oid = inner(c, value, 0x06);
    int number = oid_number(p->context_oid, BRANCH_CONTEXT, ACSE_SN_CIPHERED);
    p->context = number > 0 ? (enum acse_context)number : ACSE_CONTEXT_NONE;
}

static void take_mechanism(struct bytes value, struct acse_party *p)
{
    p->mechanism_oid = value;
    p->mechanism = (enum acse_mechanism)oid_number(value, BRANCH_MECHANISM, ACSE_HLS_GOST_SIGNATURE);
}

static void take_value(struct cursor *c, struct bytes value, struct acse_party *p)
{
    struct cursor in = cursor_over(value);
    struct tlv t = take_tlv(&in);
    if (!cursor_done(&in))
        cursor_fail(c);
    p->has_value = true;
    p->value_tag = t.tag;
    p->value = t.value;
}

/* One field of the party; false when the tag is none of them. */
static bool take_party(struct cursor *c, struct tlv t, const struct party_tags *tags, struct acse_party *p)
{
    if (t.tag == 0x80)
        p->version = t.value;
    else if (t.tag == 0xA1)
        take_context(c, t.value, p);
    else if (t.tag == tags->title)
        p->title = inner(c, t.value, 0x04);
    else if (t.tag == tags->qualifier)
        p->qualifier = inner(c, t.value, 0x04);
    else if (t.tag == tags->invocation)
        p->invocation = inner(c, t.value, 0x02);
    else if (t.tag == tags->user)
        p->user = inner(c, t.value, 0x02);
    else if (t.tag == tags->requirements)
        p->requirements = t.value;
    else if (t.tag == tags->mechanism)
        take_mechanism(t.value, p);
    else if (t.tag == tags->value)
        take_value(c, t.value, p);
    else if (t.tag == 0xBD)
        p->implementation = t.value;
    else if (t.tag == 0xBE)
        p->user_information = inner(c, t.value, 0x04);
    else
        return false;
    return true;
}

static void put_party_head(struct writer *w, const struct acse_party *p)
{
    struct oid ours = oid_of(BRANCH_CONTEXT, p->context);
    put_tlv_if(w, 0x80, p->version);
    put_nested_if(w, 0xA1, 0x06, p->context ? bytes_of(ours.bytes, 7) : p->context_oid);
}

static void put_party_tail(struct writer *w, const struct acse_party *p, const struct party_tags *tags)
{
    struct oid ours = oid_of(BRANCH_MECHANISM, p->mechanism);
    put_nested_if(w, tags->title, 0x04, p->title);
    put_nested_if(w, tags->qualifier, 0x04, p->qualifier);
    put_nested_if(w, tags->invocation, 0x02, p->invocation);
    put_nested_if(w, tags->user, 0x02, p->user);
    put_tlv_if(w, tags->requirements, p->requirements);
    put_tlv_if(w, tags->mechanism, p->mechanism == ACSE_MECHANISM_ABSENT ? p->mechanism_oid : bytes_of(ours.bytes, 7));
    if (p->has_value) {
        size_t mark = ber_open(w, tags->value);
        put_tlv(w, p->value_tag, p->value);
        ber_close(w, mark);
    }
    put_tlv_if(w, 0xBD, p->implementation);
    put_nested_if(w, 0xBE, 0x04, p->user_information);
}

struct acse_party acse_party_of(enum acse_context context)
{
    return (struct acse_party){ .context = context, .mechanism = ACSE_MECHANISM_ABSENT };
}

void acse_party_authenticate(struct acse_party *p, enum acse_mechanism mechanism, struct bytes value)
{
    static const uint8_t authentication[] = { 0x07, 0x80 };
    p->requirements = bytes_of(authentication, 2);
    p->mechanism = mechanism;
    p->has_value = true;
    p->value_tag = 0x80;
    p->value = value;
}

/* --- the four APDUs --- */

/* The contents of the APDU `tag`; a failed cursor when it is another or something lies behind. */
static struct cursor open_apdu(struct bytes apdu, uint8_t tag)
{
    struct cursor c = cursor_over(apdu);
    struct tlv t = take_tlv(&c);
    struct cursor in = cursor_over(t.value);
    in.failed = !cursor_done(&c) || t.tag != tag;
    return in;
}

bool acse_request_decode(struct bytes apdu, struct acse_request *ret)
{
    struct acse_request r = { .party = acse_party_of(ACSE_CONTEXT_NONE) };
    struct cursor c = open_apdu(apdu, ACSE_AARQ);
    while (cursor_left(&c)) {
        struct tlv t = take_tlv(&c);
        if (t.tag >= 0xA2 && t.tag <= 0xA5)
            r.called[t.tag - 0xA2] = t.value;
        else if (!take_party(&c, t, &request_tags, &r.party))
            cursor_fail(&c);
    }
    if (c.failed)
        return false;
    *ret = r;
    return true;
}

void acse_request_encode(struct writer *w, const struct acse_request *r)
{
    size_t mark = ber_open(w, ACSE_AARQ);
    put_party_head(w, &r->party);
    for (uint8_t i = 0; i < 4; i++)
        put_tlv_if(w, 0xA2 + i, r->called[i]);
    put_party_tail(w, &r->party, &request_tags);
    ber_close(w, mark);
}

static void take_diagnostic(struct cursor *c, struct bytes value, struct acse_response *r)
{
    r->provider = value.size && value.data[0] == 0xA2;
    r->diagnostic = inner_integer(c, inner(c, value, r->provider ? 0xA2 : 0xA1));
}

bool acse_response_decode(struct bytes apdu, struct acse_response *ret)
{
    struct acse_response r = { .party = acse_party_of(ACSE_CONTEXT_NONE), .result = ACSE_REJECTED_PERMANENT };
    struct cursor c = open_apdu(apdu, ACSE_AARE);
    bool has_result = false;
    while (cursor_left(&c)) {
        struct tlv t = take_tlv(&c);
        if (t.tag == 0xA2) {
            r.result = inner_integer(&c, t.value);
            has_result = true;
        } else if (t.tag == 0xA3)
            take_diagnostic(&c, t.value, &r);
        else if (!take_party(&c, t, &response_tags, &r.party))
            cursor_fail(&c);
    }
    if (c.failed || !has_result)
        return false;
    *ret = r;
    return true;
}

void acse_response_encode(struct writer *w, const struct acse_response *r)
{
    size_t mark = ber_open(w, ACSE_AARE);
    put_party_head(w, &r->party);
    put_nested_byte(w, 0xA2, r->result);
    size_t source = ber_open(w, 0xA3);
    put_nested_byte(w, r->provider ? 0xA2 : 0xA1, r->diagnostic);
    ber_close(w, source);
    put_party_tail(w, &r->party, &response_tags);
    ber_close(w, mark);
}

bool acse_release_decode(struct bytes apdu, struct acse_release *ret)
{
    struct acse_release r = { .response = apdu.size && apdu.data[0] == ACSE_RLRE };
    struct cursor c = open_apdu(apdu, r.response ? ACSE_RLRE : ACSE_RLRQ);
    while (cursor_left(&c)) {
        struct tlv t = take_tlv(&c);
        if (t.tag == 0x80 && t.value.size == 1) {
            r.has_reason = true;
            r.reason = t.value.data[0];
        } else if (t.tag == 0xBE) {
            r.user_information = inner(&c, t.value, 0x04);
        } else {
            cursor_fail(&c);
        }
    }
    if (c.failed)
        return false;
    *ret = r;
    return true;
}

void acse_release_encode(struct writer *w, const struct acse_release *r)
{
    size_t mark = ber_open(w, r->response ? ACSE_RLRE : ACSE_RLRQ);
    if (r->has_reason)
        put_tlv(w, 0x80, bytes_of(&r->reason, 1));
    put_nested_if(w, 0xBE, 0x04, r->user_information);
    ber_close(w, mark);
}

/* --- names --- */

const char *acse_context_name(enum acse_context context)
{
    static const char *const names[] = { "?", "LN", "SN", "LN-ciphering", "SN-ciphering" };
    return names[context <= ACSE_SN_CIPHERED ? context : 0];
}

const char *acse_mechanism_name(enum acse_mechanism mechanism)
{
    static const char *const names[] = { "lowest", "LLS", "HLS-manufacturer", "HLS-MD5", "HLS-SHA1", "HLS-GMAC",
        "HLS-SHA256", "HLS-ECDSA", "HLS-GOST-CMAC", "HLS-GOST-Streebog", "HLS-GOST-signature" };
    return mechanism >= 0 && mechanism <= ACSE_HLS_GOST_SIGNATURE ? names[mechanism] : "?";
}

const char *acse_result_text(uint8_t result, enum lang lang)
{
    static const struct phrase phrases[] = {
        { { "принято", "accepted" } },
        { { "отказ", "rejected" } },
        { { "временный отказ", "rejected for now" } },
    };
    static const struct phrase unknown = { { "неизвестный результат", "unknown result" } };
    return phrase_in(result < 3 ? &phrases[result] : &unknown, lang);
}

const char *acse_diagnostic_text(bool provider, uint8_t diagnostic, enum lang lang)
{
    static const struct phrase user[] = {
        { { "без замечаний", "nothing to report" } },
        { { "причина не названа", "no reason given" } },
        { { "контекст не поддерживается", "context not supported" } },
        { { "системный титул клиента не опознан", "calling AP-title not recognized" } },
        { { "идентификатор вызова клиента не опознан", "calling AP invocation id not recognized" } },
        { { "AE-квалификатор клиента не опознан", "calling AE-qualifier not recognized" } },
        { { "пользователь клиента не опознан", "calling AE invocation id not recognized" } },
        { { "системный титул сервера не опознан", "called AP-title not recognized" } },
        { { "идентификатор вызова сервера не опознан", "called AP invocation id not recognized" } },
        { { "AE-квалификатор сервера не опознан", "called AE-qualifier not recognized" } },
        { { "пользователь сервера не опознан", "called AE invocation id not recognized" } },
        { { "механизм аутентификации не опознан", "authentication mechanism not recognised" } },
        { { "нужно имя механизма аутентификации", "authentication mechanism name required" } },
        { { "неверный пароль или ключ", "authentication failure" } },
        { { "нужен второй шаг аутентификации", "authentication required" } },
    };
    static const struct phrase provided[] = {
        { { "без замечаний", "nothing to report" } },
        { { "причина не названа", "no reason given" } },
        { { "нет общей версии ACSE", "no common ACSE version" } },
    };
    static const struct phrase unknown = { { "неизвестная причина", "unknown diagnostic" } };
    size_t known = provider ? sizeof provided / sizeof *provided : sizeof user / sizeof *user;
    return phrase_in(diagnostic >= known ? &unknown : provider ? &provided[diagnostic] : &user[diagnostic], lang);
}

const char *xdlms_conformance_name(int bit)
{
    static const char *const names[24] = {
        "reserved0", "general-protection", "general-block-transfer", "read", "write", "unconfirmed-write",
        "delta-value-encoding", "reserved7", "attr0-set", "prio-mgmt", "attr0-get", "block-get", "block-set",
        "block-action", "multiple-references", "information-report", "data-notification", "access",
        "parameterized-access", "get", "set", "selective-access", "event-notification", "action",
    };
    return bit >= 0 && bit < 24 ? names[bit] : "?";
}

/* --- Initiate --- */

/* [APPLICATION 31] BIT STRING of 24: 5F 1F 04 00 xx xx xx, or 5F 04 00 xx xx xx of old meters. */
static void take_conformance(struct cursor *c, struct xdlms_initiate *i)
{
    if (take_u8(c) != 0x5F)
        cursor_fail(c);
    i->short_tag = peek_u8(c) != 0x1F;
    if (!i->short_tag)
        cursor_skip(c, 1);
    if (take_be16(c) != 0x0400)
        cursor_fail(c);
    i->conformance = (uint32_t)take_be(c, 3);
}

bool xdlms_initiate_decode(struct bytes apdu, struct xdlms_initiate *ret)
{
    struct cursor c = cursor_over(apdu);
    uint8_t tag = take_u8(&c);
    struct xdlms_initiate i = { .response = tag == 0x08 };
    if (tag != 0x01 && tag != 0x08)
        return false;
    if (!i.response) {
        if (take_u8(&c))
            i.dedicated_key = take_axdr_octets(&c);
        if (take_u8(&c))
            i.no_response = take_u8(&c) == 0;
    }
    i.has_quality = take_u8(&c) != 0;
    if (i.has_quality)
        i.quality = (int8_t)take_u8(&c);
    i.version = take_u8(&c);
    take_conformance(&c, &i);
    i.pdu_max = take_be16(&c);
    if (i.response)
        i.vaa = take_be16(&c);
    if (!cursor_done(&c))
        return false;
    *ret = i;
    return true;
}

void xdlms_initiate_encode(struct writer *w, const struct xdlms_initiate *i)
{
    put_u8(w, i->response ? 0x08 : 0x01);
    if (!i->response) {
        put_u8(w, i->dedicated_key.size > 0);
        if (i->dedicated_key.size)
            put_axdr_octets(w, i->dedicated_key);
        put_u8(w, i->no_response);
        if (i->no_response)
            put_u8(w, 0);
    }
    put_u8(w, i->has_quality);
    if (i->has_quality)
        put_u8(w, (uint8_t)i->quality);
    put_u8(w, i->version);
    put_u8(w, 0x5F);
    if (!i->short_tag)
        put_u8(w, 0x1F);
    put_be16(w, 0x0400);
    put_be(w, i->conformance & 0xFFFFFF, 3);
    put_be16(w, i->pdu_max);
    if (i->response)
        put_be16(w, i->vaa);
}

bool xdlms_service_error_decode(struct bytes apdu, struct xdlms_service_error *ret)
{
    struct cursor c = cursor_over(apdu);
    uint8_t tag = take_u8(&c);
    struct xdlms_service_error e = { .service = take_u8(&c) };
    e.error_class = take_u8(&c);
    e.value = take_u8(&c);
    if (tag != 0x0E || !cursor_done(&c))
        return false;
    *ret = e;
    return true;
}

void xdlms_service_error_encode(struct writer *w, const struct xdlms_service_error *e)
{
    const uint8_t apdu[] = { 0x0E, e->service, e->error_class, e->value };
    put_bytes(w, bytes_of(apdu, sizeof apdu));
}

const char *xdlms_service_error_text(const struct xdlms_service_error *e, enum lang lang)
{
    static const struct {
        uint8_t error_class, value; /* value 255: any other of the class */
        struct phrase text;
    } rows[] = {
        { 0, 1, { { "время ожидания истекло", "time elapsed" } } },
        { 0, 2, { { "приложение недоступно", "application unreachable" } } },
        { 0, 3, { { "неверная ссылка", "reference invalid" } } },
        { 0, 4, { { "контекст не поддерживается", "context not supported" } } },
        { 0, 5, { { "ошибка связи у поставщика", "provider communication error" } } },
        { 0, 6, { { "ошибка расшифрования", "deciphering error" } } },
        { 0, 255, { { "ошибка приложения", "application error" } } },
        { 1, 255, { { "неисправность аппаратуры", "hardware fault" } } },
        { 2, 255, { { "состояние устройства не позволяет", "device state error" } } },
        { 3, 1, { { "слишком длинный PDU", "PDU too long" } } },
        { 3, 2, { { "служба не поддерживается", "service not supported" } } },
        { 3, 255, { { "ошибка службы", "service error" } } },
        { 4, 1, { { "объект не определён", "object undefined" } } },
        { 4, 2, { { "класс объекта не тот", "object class inconsistent" } } },
        { 4, 3, { { "атрибут не тот", "object attribute inconsistent" } } },
        { 5, 1, { { "нарушение области доступа", "scope of access violated" } } },
        { 5, 2, { { "доступ к объекту запрещён", "object access violated" } } },
        { 5, 3, { { "неисправность аппаратуры", "hardware fault" } } },
        { 5, 4, { { "объект недоступен", "object unavailable" } } },
        { 6, 1, { { "слишком старая версия DLMS", "DLMS version too low" } } },
        { 6, 2, { { "службы не совместимы", "incompatible conformance" } } },
        { 6, 3, { { "слишком короткий PDU", "PDU too short" } } },
        { 6, 4, { { "отказ обработчика", "refused by the VDE handler" } } },
        { 6, 255, { { "ошибка открытия", "initiate error" } } },
        { 7, 255, { { "ошибка загрузки", "load error" } } },
        { 9, 255, { { "ошибка задания", "task error" } } },
    };
    static const struct phrase unknown = { { "неизвестная ошибка", "unknown error" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].error_class == e->error_class && (rows[i].value == e->value || rows[i].value == 255))
            return phrase_in(&rows[i].text, lang);
    return phrase_in(&unknown, lang);
}
