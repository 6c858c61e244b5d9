/* Hostile requests against the simulated СПОДЭС meter: whole frames as they come, or APDUs in good frames of an
 * association that is open already, so that the depths are reached too. First byte: which meter, which way. */
#include "sim/twin_spodes.h"
#include "wire/dlms_wrapper.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const options[] = {
    "", "pdu=64;info=32;window=7;lists=no", "gbt=yes;pdu=100;nulls=yes;push=yes", "maker=m2m;compact=yes;holes=3",
    "maker=nartis;phases=1;tariffs=1", "maker=mercury;step=900;tariffs=8",
    "suite=0;guek=000102030405060708090A0B0C0D0E0F;gak=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF;policy=0", "suite=1;guek=00;gak=D0;sign=01;peer=02",
};

static uint8_t out[65536];

static void answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall)
{
    struct writer w = writer_over(out, sizeof out);
    if (m->twin->addressed(m, frame) || frame.size)
        m->twin->answer(m, session, frame, wall, &w);
    if (w.failed)
        abort();
}

/* A good frame around the APDU, numbered as the meter expects it. */
static void tell(struct sim_meter *m, struct spodes_session *s, struct bytes apdu, unsigned client, bool wrapper, int64_t wall)
{
    static uint8_t frame[4096], info[2048];
    struct writer w = writer_over(frame, sizeof frame), i = writer_over(info, sizeof info);
    if (wrapper) {
        wrapper_encode(&w, &(struct wrapper_packet){ .from = (uint16_t)client, .to = 1, .apdu = apdu });
        answer(m, s, writer_bytes(&w), wall);
        return;
    }
    hdlc_llc_encode(&i, false);
    put_bytes(&i, apdu);
    struct bytes rest = writer_bytes(&i);
    while (rest.size) {
        uint32_t most = s->link.agreed.info_receive ? s->link.agreed.info_receive : 128;
        struct bytes part = bytes_part(rest, 0, most);
        rest = bytes_part(rest, part.size, rest.size);
        w = writer_over(frame, sizeof frame);
        struct hdlc_frame f = { .to = hdlc_server(1, 16, 2), .from = hdlc_client(client), .more = rest.size > 0, .info = part,
                                .control = { .kind = HDLC_I, .poll = true, .ns = s->link.receive, .nr = (uint8_t)((s->link.send_base + s->link.sent) & 7) } };
        hdlc_encode(&w, &f);
        answer(m, s, writer_bytes(&w), wall);
    }
}

static void open_association(struct sim_meter *m, struct spodes_session *s, unsigned client, bool wrapper, int64_t wall)
{
    uint8_t memory[256], plain[64];
    struct writer w = writer_over(memory, sizeof memory), i = writer_over(plain, sizeof plain);
    struct hdlc_frame snrm = { .to = hdlc_server(1, 16, 2), .from = hdlc_client(client), .control = { .kind = HDLC_SNRM, .poll = true } };
    hdlc_encode(&w, &snrm);
    if (!wrapper)
        answer(m, s, writer_bytes(&w), wall);
    w = writer_over(memory, sizeof memory);
    xdlms_initiate_encode(&i, &(struct xdlms_initiate){ .version = XDLMS_VERSION, .conformance = 0xFFFFFF, .pdu_max = 200 });
    struct acse_request r = { .party = acse_party_of(ACSE_LN) };
    acse_party_authenticate(&r.party, ACSE_LLS, bytes_of_text("111111"));
    r.party.user_information = writer_bytes(&i);
    acse_request_encode(&w, &r);
    tell(m, s, writer_bytes(&w), 32, wrapper, wall);
    if (client == 48 && s->stage == SPODES_ASSOCIATED)
        s->level = SPODES_CONFIGURATOR; /* what HLS would have given */
    if (client == 48)
        s->conformance |= XDLMS_SET | XDLMS_ACTION | XDLMS_BLOCK_SET | XDLMS_BLOCK_ACTION;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_over(bytes_of(data, size));
    uint8_t mode = take_u8(&c);
    bool wrapper = mode & 8, ready = mode & 16, raw = mode & 32;
    unsigned client = mode & 64 ? 48 : 32;
    int64_t wall = wall_from_fields(2026, 11, 21, 10, 40, 0);
    struct sim_meter m = { .twin = twin_find("spodes"), .serial = 12345678, .address = 16, .zone_minutes = 180, .options = options[mode & 7] };
    m.state = calloc(1, m.twin->meter_size);
    struct spodes_session *s = calloc(1, m.twin->session_size); /* exactly: the sanitizer guards its end */
    m.twin->born(&m);
    if (ready)
        open_association(&m, s, client, wrapper, wall);
    while (cursor_left(&c)) {
        size_t part = take_u8(&c);
        part = part > cursor_left(&c) ? cursor_left(&c) : part;
        struct bytes some = take_bytes(&c, part);
        struct frame_found f = m.twin->find(some, NULL);
        if (raw && f.state == FRAME_WHOLE)
            answer(&m, s, bytes_part(some, f.start, f.size), wall);
        else
            tell(&m, s, some, client == 48 && ready ? (wrapper ? 32 : s->link.client.upper) : 32, wrapper, wall);
        wall += 1;
    }
    free(m.state);
    free(s);
    return 0;
}
