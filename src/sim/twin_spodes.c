/* A simulated СПОДЭС meter: HDLC and wrapper server, birth and options (dlms.md 2, 3, 12; spodes.md 2, 8).
 *
 * One meter speaks both: a frame that begins with 7E is HDLC, one that begins with 00 01 is the wrapper. */
#include "sim/twin_spodes.h"

#include "base/text.h"
#include "wire/dlms_wrapper.h"

#include <assert.h>
#include <stdlib.h>

static_assert(sizeof(struct spodes_session) <= 4096, "thousands of sessions live in one simulator");

/* --- options ---------------------------------------------------------------------------------------------------------- */

enum { FACTORY_ADDRESS = 16, PUSH_CLIENT = 1 };

static const char *const answers[] = { "no", "yes", NULL };
static const char *const makers[] = { "plain", "nartis", "m2m", "mercury", "rim", NULL };

enum option_kind { OPTION_NUMBER, OPTION_WORD, OPTION_HEX, OPTION_TEXT, OPTION_SHORT };

#define AT(field) offsetof(struct spodes_meter, field)

static const struct option {
    const char *name, *preset;
    enum option_kind kind;
    uint16_t offset;
    int32_t least, most;
    const char *const *words;
} options[] = {
    { "phases", "3", OPTION_NUMBER, AT(phases), 1, 3, NULL },
    { "tariffs", "4", OPTION_NUMBER, AT(tariffs), 1, 8, NULL },
    { "password", "111111", OPTION_TEXT, AT(password), 0, 0, NULL },
    { "high", "2222222222222222", OPTION_TEXT, AT(high), 0, 0, NULL },
    { "suite", "0", OPTION_NUMBER, AT(suite), 0, 2, NULL },
    { "policy", "0", OPTION_NUMBER, AT(policy), 0, 3, NULL }, /* bit 0 authenticated, bit 1 encrypted: the least that is taken */
    { "guek", "", OPTION_HEX, AT(guek), 0, 0, NULL },
    { "gak", "", OPTION_HEX, AT(gak), 0, 0, NULL },
    { "sign", "", OPTION_HEX, AT(sign), 0, 0, NULL }, /* our private signature key */
    { "peer", "", OPTION_HEX, AT(peer), 0, 0, NULL }, /* the client's public one */
    { "info", "256", OPTION_NUMBER, AT(info), HDLC_INFO_LEAST, SPODES_APDU_MAX, NULL },
    { "window", "1", OPTION_NUMBER, AT(window), 1, HDLC_WINDOW_MOST, NULL },
    { "pdu", "1000", OPTION_NUMBER, AT(pdu), 64, SPODES_APDU_MAX, NULL },
    { "lists", "yes", OPTION_WORD, AT(lists), 0, 0, answers },
    { "gbt", "no", OPTION_WORD, AT(gbt), 0, 0, answers },
    { "compact", "no", OPTION_WORD, AT(compact), 0, 0, answers },
    { "nulls", "no", OPTION_WORD, AT(nulls), 0, 0, answers },
    { "push", "no", OPTION_WORD, AT(push), 0, 0, answers },
    { "step", "1800", OPTION_NUMBER, AT(step), 60, HOUR_SECONDS, NULL },
    { "holes", "0", OPTION_NUMBER, AT(holes), 0, 1000000, NULL }, /* every n-th record of the load profile is not there */
    { "maker", "plain", OPTION_WORD, AT(maker), 0, 0, makers },
    { "mode", "4", OPTION_NUMBER, AT(mode), 0, 134, NULL }, /* of the relay */
    { "lock", "-1", OPTION_NUMBER, AT(lock), -1, 3, NULL }, /* of its position; -1: the meter does not tell */
    { "signals", "0", OPTION_NUMBER, AT(signals), 0, SPODES_TWIN_SIGNALS, NULL }, /* relays of signals, at 0.0.128.2.0.. */
    { "edition", "3.0", OPTION_SHORT, AT(edition), 0, 0, NULL },
};

/* A value that does not fit leaves the preset: simulated worlds are written by hand. */
static void option_set(struct spodes_meter *s, const struct option *o, const char *value, size_t size)
{
    char text[2 * DLMS_PUBLIC_MAX + 8];
    void *field = (char *)s + o->offset;
    struct spodes_secret *secret = field;
    if (size >= sizeof text)
        return;
    memcpy(text, value, size);
    text[size] = '\0';
    long number = strtol(text, NULL, 10);
    long bytes = o->kind == OPTION_HEX ? hex_parse(text, secret->data, sizeof secret->data) : (long)size;
    if (o->kind == OPTION_NUMBER && number >= o->least && number <= o->most)
        *(int32_t *)field = (int32_t)number;
    for (int i = 0; o->kind == OPTION_WORD && o->words[i]; i++)
        if (strcmp(text, o->words[i]) == 0)
            *(int32_t *)field = i;
    if (o->kind == OPTION_TEXT && bytes <= (long)sizeof secret->data)
        memcpy(secret->data, text, size);
    if ((o->kind == OPTION_TEXT || o->kind == OPTION_HEX) && bytes >= 0 && bytes <= (long)sizeof secret->data)
        secret->size = (uint8_t)bytes;
    if (o->kind == OPTION_SHORT && size < sizeof s->edition)
        memcpy(field, text, size + 1);
}

static void born(struct sim_meter *m)
{
    struct spodes_meter *s = m->state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        option_set(s, &options[i], options[i].preset, strlen(options[i].preset));
    for (const char *at = m->options ? m->options : ""; *at;) {
        size_t size = strcspn(at, ";"), name = strcspn(at, "=;");
        for (size_t i = 0; i < sizeof options / sizeof *options && name < size; i++)
            if (strlen(options[i].name) == name && memcmp(options[i].name, at, name) == 0)
                option_set(s, &options[i], at + name + 1, size - name - 1);
        at += size + (at[size] == ';');
    }
    if (DAY_SECONDS % s->step)
        s->step = HALF_HOUR_SECONDS;
    s->limit_w = 15000;
    s->locked_until = s->alarms_cleared = WALL_NONE;
}

/* --- frames ------------------------------------------------------------------------------------------------------------ */

static bool is_wrapper(struct bytes b)
{
    return b.size > 0 && b.data[0] == 0 && (b.size == 1 || b.data[1] == WRAPPER_VERSION);
}

static struct frame_found find(struct bytes received, void *context)
{
    return is_wrapper(received) ? wrapper_find(received, context) : hdlc_find(received, context);
}

/* Our address in any of its forms; a meter with no address of its own (sim_meter.address 0) is whoever it is called, also
 * by one byte. All-stations counts: it is how a single meter of unknown address is spoken to (dlms.md 2.2: M2M, MIR). */
static bool is_ours(const struct sim_meter *m, const struct hdlc_frame *f)
{
    enum { MANAGEMENT = 1 };
    bool lower = m->address == 0 || (f->to.size > 1 && f->to.lower == m->address);
    return f->to.upper == MANAGEMENT && f->from.size == 1 && (lower || hdlc_address_is_broadcast(f->to));
}

static bool addressed(const struct sim_meter *m, struct bytes frame)
{
    struct hdlc_frame f;
    return is_wrapper(frame) || (hdlc_decode(frame, &f) == HDLC_OK && is_ours(m, &f));
}

static void send_frame(struct spodes_view *v, struct writer *out, struct hdlc_control control, bool more, struct bytes info)
{
    const struct spodes_link *l = &v->session->link;
    struct hdlc_frame f = { .to = l->client, .from = l->server, .control = control, .more = more, .info = info };
    if (l->server.size > 1 && (v->m->address || hdlc_address_is_broadcast(l->server)))
        f.from.lower = (uint16_t)(v->m->address ? v->m->address : FACTORY_ADDRESS); /* all-stations is never a source */
    hdlc_encode(out, &f);
}

static void send_short(struct spodes_view *v, struct writer *out, enum hdlc_kind kind)
{
    send_frame(v, out, (struct hdlc_control){ .kind = kind, .poll = true, .nr = v->session->link.receive }, false, bytes_of(NULL, 0));
}

static uint32_t segments(const struct spodes_session *s)
{
    uint32_t most = s->link.agreed.info_transmit;
    return (s->out_size + most - 1) / most;
}

/* The segments from the first that is not acknowledged, one window of them; RR when there is nothing to say. */
static void send_window(struct spodes_view *v, struct writer *out)
{
    struct spodes_session *s = v->session;
    struct spodes_link *l = &s->link;
    uint32_t all = segments(s), end = l->acknowledged + l->agreed.window_transmit;
    if (end > all)
        end = all;
    for (uint32_t i = l->acknowledged; i < end; i++) {
        struct hdlc_control control = { .kind = HDLC_I, .poll = i + 1 == end, .ns = (l->send_base + i) & 7, .nr = l->receive };
        struct bytes info = bytes_part(bytes_of(s->out, s->out_size), i * l->agreed.info_transmit, l->agreed.info_transmit);
        send_frame(v, out, control, i + 1 < all, info);
    }
    if (l->acknowledged >= all)
        send_short(v, out, HDLC_RR);
    l->sent = end;
}

/* N(R) of the client: how much of the last window has arrived. */
static void take_acknowledgement(struct spodes_session *s, uint8_t nr)
{
    struct spodes_link *l = &s->link;
    uint32_t got = (nr - (l->send_base + l->acknowledged)) & 7;
    if (got <= l->sent - l->acknowledged)
        l->acknowledged += got;
}

/* --- push ---------------------------------------------------------------------------------------------------------------- */

/* DataNotification { logical device name, causes } (spodes.md 7); what its list must hold at least. */
static struct bytes push_apdu(struct spodes_view *v, uint8_t *memory, size_t room)
{
    struct writer data = writer_over(memory, room / 2), w = writer_over(memory + room / 2, room / 2);
    int64_t causes = 0;
    struct spodes_number n;
    spodes_register(v, 1, OBIS(0, 0, 97, 98, 0, 255), v->wall, &causes, &n);
    put_cosem_structure(&data, 2);
    put_cosem_octets(&data, bytes_of_text("SVD"));
    put_cosem_number(&data, COSEM_UINT32, causes);
    cosem_notification_encode(&w, &(struct cosem_notification){ .invoke = ++v->s->challenges & COSEM_LONG_INVOKE_ID,
                                                                .data = writer_bytes(&data) });
    return writer_bytes(&w);
}

/* True once in a session, when the time for a push has come. */
static bool push_due(struct spodes_view *v)
{
    bool due = v->s->push && !v->session->pushed && v->session->stage == SPODES_ASSOCIATED;
    v->session->pushed |= due;
    return due;
}

/* One UI frame from the calling address to client 1 (spodes.md 7). */
static void push_hdlc(struct spodes_view *v, struct writer *out)
{
    uint8_t memory[256], llc[256];
    struct writer info = writer_over(llc, sizeof llc);
    hdlc_llc_encode(&info, true);
    put_bytes(&info, push_apdu(v, memory, sizeof memory));
    struct hdlc_address from = v->session->link.server;
    from.lower = from.size == 2 ? HDLC_CALLING & 0x7F : HDLC_CALLING;
    struct hdlc_frame f = { .to = hdlc_client(PUSH_CLIENT), .from = from, .control = { .kind = HDLC_UI, .poll = true }, .info = writer_bytes(&info) };
    if (from.size == 1)
        f.from.lower = 0;
    hdlc_encode(out, &f);
}

/* --- HDLC ------------------------------------------------------------------------------------------------------------------ */

static void connect_link(struct spodes_view *v, const struct hdlc_frame *f, struct writer *out)
{
    struct spodes_session *s = v->session;
    struct hdlc_parameters theirs, ours = { (uint32_t)v->s->info, (uint32_t)v->s->info, (uint32_t)v->s->window, 1 };
    if (!hdlc_parameters_decode(f->info, &theirs))
        return;
    spodes_part(s);
    s->in_size = s->out_size = 0;
    s->pushed = false;
    s->link = (struct spodes_link){ .connected = true, .server = f->to, .client = f->from };
    /* A silent client gets what the meter has, as NARTIS gives it (spodes.md 8); others keep to the defaults. */
    bool generous = f->info.size == 0 && v->s->maker == SPODES_NARTIS;
    s->link.agreed = generous ? ours : hdlc_parameters_agree(&ours, &theirs);
    uint8_t memory[64];
    struct writer info = writer_over(memory, sizeof memory);
    hdlc_parameters_encode(&info, &s->link.agreed);
    send_frame(v, out, (struct hdlc_control){ .kind = HDLC_UA, .poll = true }, false, writer_bytes(&info));
}

/* NARTIS and Mercury say their parameters once more with the last UA. */
static void disconnect_link(struct spodes_view *v, struct writer *out)
{
    struct spodes_session *s = v->session;
    uint8_t memory[64];
    struct writer info = writer_over(memory, sizeof memory);
    if (v->s->maker == SPODES_NARTIS || v->s->maker == SPODES_MERCURY)
        hdlc_parameters_encode(&info, &s->link.agreed);
    send_frame(v, out, (struct hdlc_control){ .kind = HDLC_UA, .poll = true }, false, writer_bytes(&info));
    s->link.connected = false;
    spodes_part(s);
}

/* The request is whole: answers it. */
static void execute(struct spodes_view *v, struct writer *out)
{
    struct spodes_session *s = v->session;
    bool response;
    struct bytes apdu;
    struct writer w = writer_over(s->out, sizeof s->out);
    s->link.send_base = (uint8_t)((s->link.send_base + segments(s)) & 7);
    s->link.acknowledged = s->link.sent = 0;
    hdlc_llc_encode(&w, true);
    if (hdlc_llc_decode(bytes_of(s->in, s->in_size), &response, &apdu) && !response)
        spodes_execute(v, apdu, &w);
    s->in_size = 0;
    s->out_size = (uint16_t)(w.failed || writer_size(&w) == HDLC_LLC_SIZE ? 0 : writer_size(&w));
    if (push_due(v))
        push_hdlc(v, out);
    send_window(v, out);
}

static void take_information(struct spodes_view *v, const struct hdlc_frame *f, struct writer *out)
{
    struct spodes_session *s = v->session;
    take_acknowledgement(s, f->control.nr);
    if (f->control.ns == ((s->link.receive - 1) & 7) && s->in_size == 0) {
        send_window(v, out); /* a repeated request: its answer again, nothing is done twice */
        return;
    }
    if (f->control.ns != s->link.receive) {
        send_short(v, out, HDLC_RR);
        return;
    }
    if (f->info.size > s->link.agreed.info_receive || f->info.size > sizeof s->in - s->in_size) {
        uint8_t memory[4];
        struct writer info = writer_over(memory, sizeof memory);
        hdlc_reject_encode(&info, &(struct hdlc_reject){ .control = f->control_byte, .nr = s->link.receive, .reasons = 0x20 });
        send_frame(v, out, (struct hdlc_control){ .kind = HDLC_FRMR, .poll = true }, false, writer_bytes(&info));
        s->link.connected = false;
        spodes_part(s);
        return;
    }
    s->link.receive = (s->link.receive + 1) & 7;
    memcpy(s->in + s->in_size, f->info.data, f->info.size);
    s->in_size = (uint16_t)(s->in_size + f->info.size);
    if (!f->more)
        execute(v, out);
    else if (f->control.poll)
        send_short(v, out, HDLC_RR);
}

static void hdlc_answer(struct spodes_view *v, struct bytes frame, struct writer *out)
{
    struct hdlc_frame f;
    if (hdlc_decode(frame, &f) != HDLC_OK || !is_ours(v->m, &f))
        return;
    struct spodes_link *l = &v->session->link;
    bool stranger = !l->connected || l->client.upper != f.from.upper;
    if (f.control.kind == HDLC_SNRM) {
        connect_link(v, &f, out);
    } else if (f.control.kind == HDLC_UI || !f.control.poll) {
        /* UI gets no answer; without P the client goes on sending */
        if (f.control.kind == HDLC_I && !stranger)
            take_information(v, &f, out);
    } else if (stranger) {
        struct spodes_link kept = *l;
        l->server = f.to;
        l->client = f.from;
        send_frame(v, out, (struct hdlc_control){ .kind = HDLC_DM, .poll = true }, false, bytes_of(NULL, 0));
        *l = kept;
    } else if (f.control.kind == HDLC_DISC) {
        disconnect_link(v, out);
    } else if (f.control.kind == HDLC_I) {
        take_information(v, &f, out);
    } else if (f.control.kind == HDLC_RR || f.control.kind == HDLC_RNR) {
        take_acknowledgement(v->session, f.control.nr);
        if (f.control.kind == HDLC_RR)
            send_window(v, out);
        else
            send_short(v, out, HDLC_RR);
    }
}

/* --- wrapper ---------------------------------------------------------------------------------------------------------------- */

static void wrapper_answer(struct spodes_view *v, struct bytes packet, struct writer *out)
{
    enum { MANAGEMENT = 1 };
    struct spodes_session *s = v->session;
    struct wrapper_packet in;
    if (!wrapper_decode(packet, &in) || in.to != MANAGEMENT)
        return;
    if (s->client != in.from)
        spodes_part(s);
    s->link = (struct spodes_link){ .client = hdlc_client(in.from) };
    struct writer w = writer_over(s->out, sizeof s->out);
    spodes_execute(v, in.apdu, &w);
    uint8_t memory[256];
    if (push_due(v))
        wrapper_encode(out, &(struct wrapper_packet){ .from = in.to, .to = PUSH_CLIENT, .apdu = push_apdu(v, memory, sizeof memory) });
    if (writer_bytes(&w).size)
        wrapper_encode(out, &(struct wrapper_packet){ .from = in.to, .to = in.from, .apdu = writer_bytes(&w) });
}

static void answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    struct spodes_view v = { .m = m, .s = m->state, .session = session, .wall = wall };
    if (is_wrapper(frame))
        wrapper_answer(&v, frame, out);
    else
        hdlc_answer(&v, frame, out);
}

TWIN(spodes) = {
    .name = "spodes",
    .meter_size = sizeof(struct spodes_meter),
    .session_size = sizeof(struct spodes_session),
    .turnaround_us = 20000,
    .line = { 9600, 8, 1, 'N' },
    .find = find,
    .born = born,
    .addressed = addressed,
    .answer = answer,
};
