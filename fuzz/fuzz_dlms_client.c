/* Hostile answers against the СПОДЭС driver: a pipe whose other end says what the fuzzer says, either raw or as APDUs in
 * frames that fit the driver's last request, so that profiles, blocks and lists are reached too. */
#include "drivers/driver.h"
#include "link/coroutine.h"
#include "wire/acse.h"
#include "wire/dlms_wrapper.h"
#include "wire/hdlc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The hostile meter. Modes: wrapper, and whether the link and the association are granted first. */
struct villain {
    struct pipe pipe;
    struct cursor script;
    bool wrapper, granting, raw;
    uint8_t out[4096];
    size_t size, given;
};

static enum fault villain_open(struct pipe *p, int64_t deadline_us, struct text *why)
{
    (void)p;
    (void)deadline_us;
    (void)why;
    return FAULT_NONE;
}

static void put_apdu(struct villain *v, const struct hdlc_frame *asked, struct bytes apdu, struct writer *w)
{
    uint8_t info[1024];
    struct writer i = writer_over(info, sizeof info);
    if (v->wrapper) {
        wrapper_encode(w, &(struct wrapper_packet){ .from = 1, .to = 32, .apdu = apdu });
        return;
    }
    hdlc_llc_encode(&i, true);
    put_bytes(&i, apdu);
    struct hdlc_frame f = { .to = asked->from, .from = asked->to, .info = writer_bytes(&i),
                            .control = { .kind = HDLC_I, .poll = true, .ns = asked->control.nr, .nr = (asked->control.ns + 1) & 7 } };
    hdlc_encode(w, &f);
}

static void put_aare(struct villain *v, const struct hdlc_frame *asked, struct writer *w)
{
    uint8_t memory[128], plain[32];
    struct writer a = writer_over(memory, sizeof memory), i = writer_over(plain, sizeof plain);
    struct acse_response r = { .party = acse_party_of(ACSE_LN) };
    xdlms_initiate_encode(&i, &(struct xdlms_initiate){ .response = true, .version = XDLMS_VERSION, .conformance = 0x201E9D, .pdu_max = 500, .vaa = XDLMS_VAA_LN });
    r.party.user_information = writer_bytes(&i);
    acse_response_encode(&a, &r);
    put_apdu(v, asked, writer_bytes(&a), w);
}

static bool is_aarq(struct bytes apdu)
{
    return apdu.size > 0 && apdu.data[0] == ACSE_AARQ;
}

static enum fault villain_send(struct pipe *p, struct bytes request, int64_t deadline_us)
{
    (void)deadline_us;
    struct villain *v = (struct villain *)p;
    struct writer w = writer_over(v->out, sizeof v->out);
    struct hdlc_frame asked = { 0 };
    struct wrapper_packet packet = { 0 };
    bool response;
    v->given = 0;
    if (v->wrapper)
        wrapper_decode(request, &packet);
    else if (hdlc_decode(request, &asked) == HDLC_OK)
        hdlc_llc_decode(asked.info, &response, &packet.apdu);
    if (v->granting && asked.control.kind == HDLC_SNRM && !v->wrapper) {
        struct hdlc_frame ua = { .to = asked.from, .from = asked.to, .control = { .kind = HDLC_UA, .poll = true } };
        hdlc_encode(&w, &ua);
    } else if (v->granting && is_aarq(packet.apdu)) {
        put_aare(v, &asked, &w);
    } else {
        size_t part = take_u8(&v->script);
        part = part > cursor_left(&v->script) ? cursor_left(&v->script) : part;
        struct bytes some = take_bytes(&v->script, part);
        uint8_t copy[256];
        memcpy(copy, some.data ? some.data : copy, some.size);
        if (some.size > 2 && packet.apdu.size > 2 && !v->raw)
            copy[2] = packet.apdu.data[2]; /* the invoke id is no secret */
        if (v->raw)
            put_bytes(&w, some);
        else if (some.size)
            put_apdu(v, &asked, bytes_of(copy, some.size), &w);
    }
    v->size = writer_bytes(&w).size;
    return FAULT_NONE;
}

static long villain_receive(struct pipe *p, void *memory, size_t room, int64_t deadline_us)
{
    (void)deadline_us;
    struct villain *v = (struct villain *)p;
    size_t some = v->size - v->given < room ? v->size - v->given : room;
    if (some)
        memcpy(memory, v->out + v->given, some);
    v->given += some;
    return (long)some;
}

static void villain_shape(struct pipe *p, struct line line)
{
    (void)p;
    (void)line;
}

static void villain_close(struct pipe *p)
{
    (void)p;
}

static const struct pipe_kind villain_kind = { villain_open, villain_receive, villain_send, villain_shape, villain_close, villain_close };

static void drop_reading(struct sink *s, const struct reading *r) { (void)s, (void)r; }
static void drop_event(struct sink *s, const struct event *e) { (void)s, (void)e; }
static void drop_state(struct sink *s, const struct state *t) { (void)s, (void)t; }
static void drop_fact(struct sink *s, enum fact_kind k, const char *t) { (void)s, (void)k, (void)t; }

struct hour {
    struct villain *villain;
    uint8_t mode;
};

static void read_all(struct conversation *c, const struct driver *d, unsigned what)
{
    struct sink sink = { drop_reading, drop_event, drop_state, drop_fact };
    int64_t now = wall_from_fields(2026, 11, 21, 10, 40, 0);
    struct want w = { .now = now, .tariffs = 4, .span = { now - 40 * DAY_SECONDS, now } };
    if (what < ARCHIVE_COUNT) {
        w.archive = (enum archive)what;
        d->read[what](c, &w, &sink);
        return;
    }
    d->identify(c, &sink);
    d->clock.read(c);
    d->clock.correct(c, 5);
    d->relay.operate(c, 0, RELAY_OFF);
}

static void hour_body(void *argument)
{
    struct hour *h = argument;
    static const char *const settings[] = {
        "physical=16;password=1", "client=48;security=high;password=2",
        "client=48;security=gmac;protection=both;encryption_key=hex:000102030405060708090A0B0C0D0E0F;authentication_key=hex:D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF", };
    const struct driver *d = driver_find("spodes");
    char text[256], problem[64];
    struct text t = text_over(text, sizeof text), why = text_over(problem, sizeof problem);
    text_put(&t, settings[(h->mode >> 3 & 3) % 3]);
    text_put(&t, h->villain->wrapper ? ";transport=wrapper" : "");
    void *parsed = calloc(1, d->settings_size);
    if (!parameters_read(d, text, LANG_EN, parsed, &why))
        abort();
    struct bus *bus = bus_new(task_loop(task_self()), &h->villain->pipe, NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){ .bus = bus, .settings = parsed, .state_size = d->state_size, .timing = { .tries = 2 } });
    d->open(c);
    for (unsigned i = 0; i <= ARCHIVE_COUNT && conversation_fault(c) == FAULT_NONE; i++) {
        read_all(c, d, (i + h->mode) % (ARCHIVE_COUNT + 1));
        conversation_forgive(c);
    }
    d->close(c);
    conversation_free(&c);
    bus_free(&bus);
    free(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct villain v = { .pipe.kind = &villain_kind, .script = cursor_over(bytes_of(data, size)) };
    struct hour h = { .villain = &v, .mode = take_u8(&v.script) };
    v.wrapper = h.mode & 0x20;
    v.granting = h.mode & 0x40;
    v.raw = h.mode & 0x80;
    struct loop *l = loop_new();
    loop_spawn(l, hour_body, &h);
    loop_run(l);
    loop_free(&l);
    return 0;
}
