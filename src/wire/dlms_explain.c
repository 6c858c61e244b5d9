/* DLMS frames, association and ciphering as a tree for a person; see dlms_explain.h. */
#include "wire/dlms_explain.h"
#include "wire/cosem_general.h"
#include "wire/dlms_curve.h"
#include "wire/dlms_explain_parts.h"
#include "wire/dlms_wrapper.h"
#include "wire/hdlc.h"

static struct bytes nowhere(void)
{
    return bytes_of(NULL, 0);
}

/* --- association --- */

static void draw_conformance(struct explain *e, uint32_t conformance)
{
    explain_open(e, nowhere(), PHRASE("службы", "conformance"), "%06X", (unsigned)conformance);
    for (int bit = 0; bit < 24; bit++)
        if (conformance & 0x800000u >> bit)
            explain_leaf(e, nowhere(), PHRASE("бит", "bit"), "%d %s", bit, xdlms_conformance_name(bit));
    explain_close(e);
}

static bool draw_initiate(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct xdlms_initiate i;
    if (!xdlms_initiate_decode(apdu, &i))
        return false;
    explain_open(e, apdu, PHRASE("открытие xDLMS", "xDLMS initiate"), "%s",
                 i.response ? "InitiateResponse" : "InitiateRequest");
    if (i.dedicated_key.size)
        explain_raw(e, i.dedicated_key, PHRASE("ключ соединения", "dedicated key"));
    if (i.has_quality)
        explain_leaf(e, nowhere(), PHRASE("качество", "quality of service"), "%d", i.quality);
    explain_leaf(e, nowhere(), PHRASE("версия DLMS", "DLMS version"), "%u", i.version);
    draw_conformance(e, i.conformance);
    explain_leaf(e, nowhere(), PHRASE("наибольший PDU", "max PDU"), "%u", i.pdu_max);
    if (i.response)
        explain_leaf(e, nowhere(), PHRASE("имя VAA", "VAA name"), "%04X", i.vaa);
    explain_close(e);
    return true;
}

static bool draw_service_error(struct dlms_scope *s, struct bytes apdu)
{
    struct xdlms_service_error x;
    if (!xdlms_service_error_decode(apdu, &x))
        return false;
    explain_leaf(s->e, apdu, PHRASE("ошибка службы", "service error"), "%u %u %u: %s", x.service, x.error_class,
                 x.value, xdlms_service_error_text(&x, s->e->lang));
    return true;
}

static void draw_optional(struct explain *e, struct bytes b, struct phrase label)
{
    if (b.size)
        explain_raw(e, b, label);
}

static void draw_party(struct dlms_scope *s, const struct acse_party *p)
{
    struct explain *e = s->e;
    char memory[300];
    struct text t = text_over(memory, sizeof memory);
    draw_optional(e, p->version, PHRASE("версия ACSE", "ACSE version"));
    explain_leaf(e, p->context_oid, PHRASE("контекст", "context"), "%s", acse_context_name(p->context));
    draw_optional(e, p->title, PHRASE("системный титул", "system title"));
    draw_optional(e, p->qualifier, PHRASE("AE-квалификатор", "AE-qualifier"));
    draw_optional(e, p->invocation, PHRASE("номер вызова приложения", "AP invocation id"));
    draw_optional(e, p->user, PHRASE("пользователь", "user id"));
    draw_optional(e, p->requirements, PHRASE("требования ACSE", "ACSE requirements"));
    if (p->mechanism_oid.size)
        explain_leaf(e, p->mechanism_oid, PHRASE("аутентификация", "mechanism"), "%d %s", p->mechanism,
                     acse_mechanism_name(p->mechanism));
    if (p->has_value) {
        text_put_octets(&t, p->value);
        explain_leaf(e, p->value, p->mechanism > ACSE_LLS ? PHRASE("вызов", "challenge") : PHRASE("пароль", "password"),
                     "%s", memory);
    }
    draw_optional(e, p->implementation, PHRASE("сведения о реализации", "implementation information"));
    if (p->user_information.size)
        explain_apdu(s, p->user_information);
}

static bool draw_aarq(struct dlms_scope *s, struct bytes apdu)
{
    struct acse_request r;
    if (!acse_request_decode(apdu, &r))
        return false;
    s->from_server = false;
    if (r.party.title.size)
        s->keys.client_title = r.party.title;
    explain_open(s->e, apdu, PHRASE("запрос соединения", "association request"), "AARQ");
    for (size_t i = 0; i < 4; i++)
        draw_optional(s->e, r.called[i], PHRASE("поле вызываемого", "called field"));
    draw_party(s, &r.party);
    explain_close(s->e);
    return true;
}

static bool draw_aare(struct dlms_scope *s, struct bytes apdu)
{
    struct explain *e = s->e;
    struct acse_response r;
    if (!acse_response_decode(apdu, &r))
        return false;
    s->from_server = true;
    if (r.party.title.size)
        s->keys.server_title = r.party.title;
    explain_open(e, apdu, PHRASE("ответ на запрос соединения", "association response"), "AARE");
    explain_leaf(e, nowhere(), PHRASE("результат", "result"), "%u %s", r.result, acse_result_text(r.result, e->lang));
    explain_leaf(e, nowhere(), PHRASE("причина", "diagnostic"), "%s %u %s", r.provider ? "provider" : "user", r.diagnostic,
                 acse_diagnostic_text(r.provider, r.diagnostic, e->lang));
    draw_party(s, &r.party);
    explain_close(e);
    return true;
}

static bool draw_release(struct dlms_scope *s, struct bytes apdu)
{
    struct acse_release r;
    if (!acse_release_decode(apdu, &r))
        return false;
    s->from_server = r.response;
    explain_open(s->e, apdu, PHRASE("закрытие соединения", "association release"), "%s", r.response ? "RLRE" : "RLRQ");
    if (r.has_reason)
        explain_leaf(s->e, nowhere(), PHRASE("причина", "reason"), "%u", r.reason);
    if (r.user_information.size)
        explain_apdu(s, r.user_information);
    explain_close(s->e);
    return true;
}

/* --- ciphering --- */

/* Passes lines on without their parts: opened text lies in a buffer of ours, not in the input. */
struct veil {
    struct explain e; /* first, so that the listener's struct is found again */
    struct explain *outer;
};

static void veil_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct veil *v = (struct veil *)e;
    (void)part;
    v->outer->line(v->outer, depth, nowhere(), label, value);
}

static void draw_opened(struct dlms_scope *s, struct bytes plain)
{
    struct veil v = { .e = { .line = veil_line, .lang = s->e->lang, .depth = s->e->depth }, .outer = s->e };
    struct dlms_scope inside = *s;
    inside.e = &v.e;
    explain_apdu(&inside, plain);
}

static void draw_opening(struct dlms_scope *s, struct bytes apdu)
{
    static const struct phrase why[] = {
        [DLMS_OPENED] = { { "расшифровано", "opened" } },
        [DLMS_BAD_SHAPE] = { { "не разбирается", "not readable" } },
        [DLMS_NO_KEY] = { { "нет ключа", "no key" } },
        [DLMS_NOT_AUTHENTIC] = { { "подлинность не подтверждена", "not authentic" } },
        [DLMS_UNSUPPORTED] = { { "набор шифров не поддерживается", "suite not supported" } },
    };
    uint8_t memory[DLMS_OPENED_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    enum dlms_opening result = dlms_open(&w, &s->keys, s->from_server, apdu, NULL);
    if (result == DLMS_NOT_AUTHENTIC && dlms_open(&w, &s->keys, !s->from_server, apdu, NULL) == DLMS_OPENED)
        result = DLMS_OPENED; /* an APDU without a title may come from either side */
    explain_leaf(s->e, nowhere(), PHRASE("защита", "protection"), "%s", phrase_in(&why[result], s->e->lang));
    if (result == DLMS_OPENED)
        draw_opened(s, writer_bytes(&w));
}

static void draw_general(struct explain *e, const struct dlms_general *g)
{
    draw_optional(e, g->transaction, PHRASE("номер обмена", "transaction id"));
    draw_optional(e, g->originator, PHRASE("титул отправителя", "originator title"));
    draw_optional(e, g->recipient, PHRASE("титул получателя", "recipient title"));
    draw_optional(e, g->time, PHRASE("время", "time"));
    draw_optional(e, g->other, PHRASE("прочее", "other information"));
}

static void draw_key_information(struct explain *e, const struct dlms_ciphered *d)
{
    static const struct phrase kinds[] = {
        { { "назван", "identified" } },
        { { "завёрнут", "wrapped" } },
        { { "согласован", "agreed" } },
    };
    if (d->key_kind == DLMS_KEY_NOT_SAID)
        return;
    explain_leaf(e, nowhere(), PHRASE("ключ", "key"), "%s, %u", phrase_in(&kinds[d->key_kind], e->lang), d->key_id);
    draw_optional(e, d->key_parameters, PHRASE("параметры согласования", "agreement parameters"));
    draw_optional(e, d->key_data, PHRASE("данные ключа", "key data"));
}

static bool draw_ciphered(struct dlms_scope *s, struct bytes apdu)
{
    static const struct phrase auth = { { ", подлинность", ", authenticated" } }, enc = { { ", шифр", ", encrypted" } };
    struct explain *e = s->e;
    struct dlms_ciphered d;
    bool dedicated;
    if (!dlms_ciphered_decode(apdu, &d))
        return false;
    uint8_t plain = dlms_plain_tag(d.tag, &dedicated);
    if (plain)
        s->from_server = dlms_tag_is_response(plain);
    explain_open(e, apdu, PHRASE("защищённый APDU", "ciphered APDU"), "%02X %s", d.tag,
                 plain                        ? (dedicated ? "ded" : "glo")
                 : d.tag == XDLMS_GENERAL_GLO ? "general-glo"
                 : d.tag == XDLMS_GENERAL_DED ? "general-ded"
                                              : "general");
    draw_optional(e, d.title, PHRASE("системный титул", "system title"));
    draw_general(e, &d.general);
    draw_key_information(e, &d);
    explain_leaf(e, nowhere(), PHRASE("управление защитой", "security control"), "%02X: %d%s%s", d.control,
                 d.control & DLMS_SUITE_MASK, d.control & DLMS_AUTHENTICATED ? phrase_in(&auth, e->lang) : "",
                 d.control & DLMS_ENCRYPTED ? phrase_in(&enc, e->lang) : "");
    explain_leaf(e, nowhere(), PHRASE("счётчик вызовов", "invocation counter"), "%u", (unsigned)d.counter);
    explain_raw(e, d.content, PHRASE("содержание", "content"));
    draw_opening(s, apdu);
    explain_close(e);
    return true;
}

static bool draw_signed(struct dlms_scope *s, struct bytes apdu)
{
    static const struct phrase good = { { "верна", "good" } },
                               bad = { { "не проверена или неверна", "not checked or bad" } };
    struct dlms_signed d;
    if (!dlms_signed_decode(apdu, &d))
        return false;
    bool verified = dlms_verify(s->keys.suite, s->keys.server_public, d.signed_part, d.signature)
        || dlms_verify(s->keys.suite, s->keys.client_public, d.signed_part, d.signature);
    explain_open(s->e, apdu, PHRASE("подписанный APDU", "signed APDU"), NULL);
    draw_general(s->e, &d.general);
    explain_leaf(s->e, d.signature, PHRASE("подпись", "signature"), "%s", phrase_in(verified ? &good : &bad, s->e->lang));
    explain_apdu(s, d.content);
    explain_close(s->e);
    return true;
}

/* --- any APDU --- */

static bool draw_apdu(struct dlms_scope *s, struct bytes apdu)
{
    switch (apdu.size ? apdu.data[0] : 0) {
    case XDLMS_INITIATE_REQUEST:
    case XDLMS_INITIATE_RESPONSE: return draw_initiate(s, apdu);
    case XDLMS_SERVICE_ERROR: return draw_service_error(s, apdu);
    case ACSE_AARQ: return draw_aarq(s, apdu);
    case ACSE_AARE: return draw_aare(s, apdu);
    case ACSE_RLRQ:
    case ACSE_RLRE: return draw_release(s, apdu);
    case XDLMS_GENERAL_SIGNING: return draw_signed(s, apdu);
    default: return explain_service(s, apdu) || draw_ciphered(s, apdu);
    }
}

void explain_apdu(struct dlms_scope *s, struct bytes apdu)
{
    if (s->nesting == DLMS_NESTING_MAX) {
        explain_raw(s->e, apdu, PHRASE("слишком глубоко", "too deep"));
        return;
    }
    s->nesting++;
    if (!draw_apdu(s, apdu))
        explain_raw(s->e, apdu, PHRASE("APDU не разбирается", "APDU not readable"));
    s->nesting--;
}

/* --- frames --- */

static void draw_address(struct explain *e, struct hdlc_address a, struct phrase label)
{
    if (a.size == 1)
        explain_leaf(e, nowhere(), label, "%u", a.upper);
    else
        explain_leaf(e, nowhere(), label, "%u/%u (%u)", a.upper, a.lower, a.size);
}

static void draw_parameters(struct explain *e, struct bytes info)
{
    struct hdlc_parameters p;
    if (!hdlc_parameters_decode(info, &p)) {
        explain_raw(e, info, PHRASE("параметры не разбираются", "parameters not readable"));
        return;
    }
    explain_open(e, info, PHRASE("параметры связи", "link parameters"), NULL);
    explain_leaf(e, nowhere(), PHRASE("поле данных, передача", "information, transmit"), "%u",
                 (unsigned)p.info_transmit);
    explain_leaf(e, nowhere(), PHRASE("поле данных, приём", "information, receive"), "%u", (unsigned)p.info_receive);
    explain_leaf(e, nowhere(), PHRASE("окно, передача", "window, transmit"), "%u", (unsigned)p.window_transmit);
    explain_leaf(e, nowhere(), PHRASE("окно, приём", "window, receive"), "%u", (unsigned)p.window_receive);
    explain_close(e);
}

static void draw_reject(struct explain *e, struct bytes info)
{
    struct hdlc_reject r;
    if (hdlc_reject_decode(info, &r))
        explain_leaf(e, info, PHRASE("отвергнутый кадр", "rejected frame"), "%02X %s, %02X", r.control,
                     hdlc_kind_name(hdlc_control_decode(r.control).kind), r.reasons);
    else
        explain_raw(e, info, PHRASE("данные", "information"));
}

static void draw_information(struct dlms_scope *s, const struct hdlc_frame *f)
{
    struct bytes apdu;
    bool llc = hdlc_llc_decode(f->info, &s->from_server, &apdu);
    if (f->info.size == 0)
        return;
    if (f->control.kind == HDLC_SNRM || f->control.kind == HDLC_UA || f->control.kind == HDLC_DM) {
        draw_parameters(s->e, f->info);
    } else if (f->control.kind == HDLC_FRMR) {
        draw_reject(s->e, f->info);
    } else if (!llc) {
        explain_raw(s->e, f->info, PHRASE("продолжение APDU", "APDU goes on"));
    } else {
        explain_leaf(s->e, bytes_part(f->info, 0, HDLC_LLC_SIZE), PHRASE("LLC", "LLC"), "%s",
                     s->from_server ? "E6E700" : "E6E600");
        if (f->more)
            explain_raw(s->e, apdu, PHRASE("начало APDU", "APDU begins"));
        else
            explain_apdu(s, apdu);
    }
}

static void draw_frame(struct dlms_scope *s, struct bytes frame)
{
    static const struct phrase sums[] = {
        [HDLC_OK] = { { "верны", "good" } },
        [HDLC_BAD_SHAPE] = { { "не проверены", "not checked" } },
        [HDLC_BAD_HCS] = { { "неверна HCS", "bad HCS" } },
        [HDLC_BAD_FCS] = { { "неверна FCS", "bad FCS" } },
    };
    struct explain *e = s->e;
    struct hdlc_frame f;
    enum hdlc_fault fault = hdlc_decode(frame, &f);
    if (fault == HDLC_BAD_SHAPE) {
        explain_raw(e, frame, PHRASE("кадр не разбирается", "frame not readable"));
        return;
    }
    explain_open(e, frame, PHRASE("кадр HDLC", "HDLC frame"), "%s", hdlc_kind_name(f.control.kind));
    draw_address(e, f.to, PHRASE("кому", "destination"));
    draw_address(e, f.from, PHRASE("от кого", "source"));
    explain_open(e, nowhere(), PHRASE("управление", "control"), "%02X %s", f.control_byte,
                 hdlc_kind_name(f.control.kind));
    explain_leaf(e, nowhere(), PHRASE("P/F", "P/F"), "%d", f.control.poll);
    if (f.control.kind == HDLC_I)
        explain_leaf(e, nowhere(), PHRASE("N(S)", "N(S)"), "%u", f.control.ns);
    if (f.control.kind <= HDLC_SREJ)
        explain_leaf(e, nowhere(), PHRASE("N(R)", "N(R)"), "%u", f.control.nr);
    explain_close(e);
    if (f.more)
        explain_leaf(e, nowhere(), PHRASE("сегмент", "segment"), NULL);
    explain_leaf(e, nowhere(), PHRASE("контрольные суммы", "checksums"), "%s", phrase_in(&sums[fault], e->lang));
    draw_information(s, &f);
    explain_close(e);
}

/* Every frame of the input and what lies between them. */
static void draw_frames(struct dlms_scope *s, struct bytes b)
{
    while (b.size) {
        struct frame_found found = hdlc_find(b, NULL);
        size_t noise = found.start < b.size ? found.start : b.size;
        if (noise)
            explain_raw(s->e, bytes_part(b, 0, noise), PHRASE("посторонние байты", "noise"));
        b = bytes_part(b, noise, b.size);
        if (found.state == FRAME_PARTIAL) {
            if (b.size)
                explain_raw(s->e, b, PHRASE("неполный кадр", "incomplete frame"));
            return;
        }
        draw_frame(s, bytes_part(b, 0, found.size));
        b = bytes_part(b, found.size, b.size);
    }
}

static void draw_wrapper(struct dlms_scope *s, const struct wrapper_packet *p, struct bytes b)
{
    explain_open(s->e, b, PHRASE("пакет DLMS", "DLMS packet"), NULL);
    explain_leaf(s->e, nowhere(), PHRASE("от кого", "source"), "%u", p->from);
    explain_leaf(s->e, nowhere(), PHRASE("кому", "destination"), "%u", p->to);
    explain_leaf(s->e, nowhere(), PHRASE("длина", "length"), "%zu", p->apdu.size);
    explain_apdu(s, p->apdu);
    explain_close(s->e);
}

static void no_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e, (void)depth, (void)part, (void)label, (void)value;
}

/* True when the APDU decodes to its end; drawn for nobody. */
static bool apdu_reads(struct bytes apdu)
{
    struct explain silent = { .line = no_line };
    struct dlms_scope s = { .e = &silent };
    return draw_apdu(&s, apdu);
}

static bool frames_look(struct bytes b)
{
    struct frame_found found = hdlc_find(b, NULL);
    return found.state == FRAME_WHOLE || (found.state == FRAME_DAMAGED && found.start == 0);
}

bool dlms_looks(struct bytes b)
{
    struct wrapper_packet packet;
    struct bytes apdu;
    bool response;
    if (wrapper_decode(b, &packet))
        return apdu_reads(packet.apdu);
    return frames_look(b) || (hdlc_llc_decode(b, &response, &apdu) && apdu_reads(apdu)) || apdu_reads(b);
}

void dlms_explain(struct explain *e, struct bytes b, const struct dlms_keys *keys)
{
    struct dlms_scope s = { .e = e, .keys = keys ? *keys : (struct dlms_keys){ 0 } };
    struct wrapper_packet packet;
    struct cosem_reader data = cosem_reader_over(b);
    struct bytes apdu;
    cosem_skip(&data);
    if (wrapper_decode(b, &packet)) {
        draw_wrapper(&s, &packet, b);
    } else if (frames_look(b) || (b.size && b.data[0] == 0x7E)) {
        draw_frames(&s, b);
    } else if (hdlc_llc_decode(b, &s.from_server, &apdu)) {
        explain_leaf(e, bytes_part(b, 0, HDLC_LLC_SIZE), PHRASE("LLC", "LLC"), "%s", s.from_server ? "E6E700" : "E6E600");
        explain_apdu(&s, apdu);
    } else if (!apdu_reads(b) && cosem_done(&data)) {
        explain_data(e, PHRASE("данные", "data"), b);
    } else {
        explain_apdu(&s, b);
    }
}
