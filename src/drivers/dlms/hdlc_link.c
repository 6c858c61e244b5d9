/* The HDLC link of the client (IEC 62056-46; dlms.md 2): SNRM/UA, numbered frames, segmentation, windows.
 *
 * Each exchange: our I-frame (segments one at a time, each acknowledged by RR), then the meter's I-frames, up to the
 * agreed window before it waits for our RR. A lost answer is fetched by RR, which never makes the meter execute anything
 * twice. */
#include "drivers/dlms/transport.h"

struct expected {
    const struct dlms_client *d;
    struct dlms_client *pushes; /* the same, to keep a notification in */
};

/* Only frames of our meter to us; a repeated I-frame is an answer to an earlier request. */
static enum verdict judge(void *context, struct bytes frame)
{
    const struct expected *e = context;
    struct hdlc_frame f;
    if (hdlc_decode(frame, &f) != HDLC_OK)
        return VERDICT_NONSENSE;
    bool ours = hdlc_address_equal(f.to, e->d->client) &&
                (hdlc_address_equal(f.from, e->d->server) || hdlc_address_is_broadcast(e->d->server));
    if (f.control.kind == HDLC_UI) {
        bool response;
        struct bytes apdu;
        if (hdlc_llc_decode(f.info, &response, &apdu))
            transport_keep_push(e->pushes, apdu);
        return VERDICT_STALE;
    }
    if (!ours)
        return VERDICT_FOREIGN;
    if (f.control.kind == HDLC_I && f.control.ns != e->d->receive_number)
        return VERDICT_STALE;
    return VERDICT_MINE;
}

static struct bytes put_frame(struct dlms_client *d, struct writer *w, struct hdlc_control control, bool more, struct bytes info)
{
    struct hdlc_frame f = { .to = d->server, .from = d->client, .control = control, .more = more, .info = info };
    hdlc_encode(w, &f);
    return writer_bytes(w);
}

/* Asks with one frame and takes one frame; kind HDLC_UNKNOWN after a fault. */
static struct hdlc_frame ask_frame(struct conversation *c, struct dlms_client *d, struct bytes request, int tries)
{
    struct expected e = { d, d };
    struct hdlc_frame f = { .control.kind = HDLC_UNKNOWN };
    struct bytes answer = conversation_ask(c, &(struct question){
        .request = request, .find = hdlc_find, .judge = judge, .context = &e, .tries = (uint8_t)tries });
    if (answer.size)
        hdlc_decode(answer, &f);
    return f;
}

static struct hdlc_frame next_frame(struct conversation *c, struct dlms_client *d)
{
    struct expected e = { d, d };
    struct hdlc_frame f = { .control.kind = HDLC_UNKNOWN };
    struct bytes frame = conversation_listen(c, &(struct question){ .find = hdlc_find, .judge = judge, .context = &e }, 500);
    if (frame.size)
        hdlc_decode(frame, &f);
    return f;
}

static struct hdlc_frame ask_short(struct conversation *c, struct dlms_client *d, enum hdlc_kind kind, int tries)
{
    uint8_t memory[32];
    struct writer w = writer_over(memory, sizeof memory);
    struct hdlc_control control = { .kind = kind, .poll = true, .nr = d->receive_number };
    return ask_frame(c, d, put_frame(d, &w, control, false, bytes_of(NULL, 0)), tries);
}

void hdlc_link_open(struct conversation *c, struct dlms_client *d)
{
    conversation_step(c, "SNRM");
    struct hdlc_parameters ours = {
        .info_transmit = (uint32_t)(d->settings->info_send ? d->settings->info_send : d->settings->info_max), .info_receive = (uint32_t)d->settings->info_max,
        .window_transmit = 1, .window_receive = (uint32_t)d->settings->window,
    };
    uint8_t info[32], memory[64];
    struct writer i = writer_over(info, sizeof info), w = writer_over(memory, sizeof memory);
    hdlc_parameters_encode(&i, &ours);
    struct hdlc_control snrm = { .kind = HDLC_SNRM, .poll = true };
    struct hdlc_frame ua = ask_frame(c, d, put_frame(d, &w, snrm, false, writer_bytes(&i)), 0);
    if (conversation_fault(c))
        return;
    struct hdlc_parameters theirs;
    if (ua.control.kind == HDLC_DM)
        conversation_fail(c, FAULT_REFUSED, "SNRM: DM");
    else if (ua.control.kind != HDLC_UA || !hdlc_parameters_decode(ua.info, &theirs))
        conversation_fail(c, FAULT_NONSENSE, "SNRM: %s", hdlc_kind_name(ua.control.kind));
    if (conversation_fault(c))
        return;
    d->agreed = hdlc_parameters_agree(&ours, &theirs);
    d->send_number = d->receive_number = 0;
    d->linked = true;
}

/* False for faults after which nobody is there to hear. */
static bool somebody_hears(enum fault f)
{
    return f != FAULT_NO_CONNECTION && f != FAULT_LINK_LOST && f != FAULT_LINE_BUSY && f != FAULT_NO_ANSWER && f != FAULT_DAMAGED &&
           f != FAULT_FOREIGN && f != FAULT_STALE && f != FAULT_SESSION_LOST && f != FAULT_CANCELLED;
}

/* A meter that has refused something keeps its link until told: the fault is put aside for the DISC. */
void hdlc_link_close(struct conversation *c, struct dlms_client *d)
{
    enum fault fault = conversation_fault(c);
    if (!d->linked || !somebody_hears(fault))
        return;
    char detail[160];
    struct text t = text_over(detail, sizeof detail);
    text_put(&t, conversation_detail(c));
    conversation_reset(c);
    conversation_step(c, "DISC");
    ask_short(c, d, HDLC_DISC, 1);
    conversation_reset(c); /* a meter that forgets to answer DISC has done its work */
    if (fault != FAULT_NONE)
        conversation_fail(c, fault, "%s", detail);
    d->linked = false;
}

/* DM and FRMR: the meter is not in this session (any more). */
static bool session_lost(struct conversation *c, struct dlms_client *d, const struct hdlc_frame *f)
{
    enum hdlc_kind k = f->control.kind;
    if (conversation_fault(c))
        return true;
    if (k == HDLC_I || k == HDLC_RR || k == HDLC_RNR)
        return false;
    conversation_fail(c, k == HDLC_DM || k == HDLC_FRMR ? FAULT_SESSION_LOST : FAULT_NONSENSE, "%s", hdlc_kind_name(k));
    d->linked = false;
    return true;
}

static bool took_ours(const struct dlms_client *d, const struct hdlc_frame *f)
{
    return f->control.nr == ((d->send_number + 1) & 7);
}

/* True for faults after which the meter may have got the request all the same. */
static bool answer_lost(enum fault f)
{
    return f == FAULT_NO_ANSWER || f == FAULT_DAMAGED || f == FAULT_FOREIGN || f == FAULT_STALE || f == FAULT_NONSENSE;
}

/* Sends one segment; returns the frame that acknowledges it. */
static struct hdlc_frame send_segment(struct conversation *c, struct dlms_client *d, struct bytes part, bool more, bool once)
{
    uint8_t memory[HDLC_INFO_MOST + HDLC_OVERHEAD_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    struct hdlc_control control = { .kind = HDLC_I, .poll = true, .ns = d->send_number, .nr = d->receive_number };
    struct bytes frame = put_frame(d, &w, control, more, part);
    enum { ROUNDS = 3 };
    struct hdlc_frame f = { .control.kind = HDLC_UNKNOWN };
    for (int round = 0; round < ROUNDS; round++) {
        f = ask_frame(c, d, frame, once ? 1 : 0);
        if (once && answer_lost(conversation_fault(c))) {
            /* Perhaps only the answer was lost: RR asks for it without making the meter do anything. */
            conversation_reset(c);
            f = ask_short(c, d, HDLC_RR, 2);
        }
        if (session_lost(c, d, &f) || took_ours(d, &f))
            break;
    }
    if (!conversation_fault(c) && !took_ours(d, &f))
        conversation_fail(c, FAULT_NONSENSE, "N(R)=%u", f.control.nr);
    d->send_number = (d->send_number + 1) & 7;
    return f;
}

/* Takes the frames of the answer, the first of which is `f`, into the assembly. */
static void receive_segments(struct conversation *c, struct dlms_client *d, struct hdlc_frame f)
{
    enum { POLLS_MAX = 4096, IDLE_MAX = 50 };
    int idle = 0;
    for (int polls = 0; polls < POLLS_MAX && idle < IDLE_MAX && !session_lost(c, d, &f); polls++) {
        bool progress = f.control.kind == HDLC_I && f.control.ns == d->receive_number;
        if (progress) {
            d->receive_number = (d->receive_number + 1) & 7;
            assembly_add(c, d, f.info);
            if (!f.more)
                return;
        }
        idle = progress ? 0 : idle + 1;
        if (f.control.kind == HDLC_RNR)
            conversation_pause(c, 200);
        bool window_ended = f.control.poll || f.control.kind != HDLC_I;
        struct hdlc_frame next = { .control.kind = HDLC_UNKNOWN };
        if (!window_ended)
            next = next_frame(c, d);
        f = next.control.kind != HDLC_UNKNOWN ? next : ask_short(c, d, HDLC_RR, 0);
    }
    if (!conversation_fault(c))
        conversation_fail(c, FAULT_NO_ANSWER, "%s", conversation_step_now(c));
}

struct bytes hdlc_link_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once)
{
    uint8_t prefix[HDLC_LLC_SIZE];
    struct writer llc = writer_over(prefix, sizeof prefix);
    hdlc_llc_encode(&llc, false);
    assembly_clear(d);
    assembly_add(c, d, writer_bytes(&llc));
    assembly_add(c, d, apdu);
    struct bytes rest = assembly_bytes(d); /* the answer is not put together before all of it is sent */
    struct hdlc_frame f = { .control.kind = HDLC_UNKNOWN };
    while (rest.size && !conversation_fault(c)) {
        struct bytes part = bytes_part(rest, 0, d->agreed.info_transmit);
        rest = bytes_part(rest, part.size, rest.size);
        f = send_segment(c, d, part, rest.size > 0, once);
    }
    assembly_clear(d);
    receive_segments(c, d, f);
    bool response;
    struct bytes answer;
    if (conversation_fault(c))
        return bytes_of(NULL, 0);
    if (!hdlc_llc_decode(assembly_bytes(d), &response, &answer)) {
        conversation_fail(c, FAULT_NONSENSE, "LLC");
        return bytes_of(NULL, 0);
    }
    return answer;
}
