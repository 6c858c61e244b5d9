/* HDLC: what the vectors do not show, addresses at their limits, finding frames in a stream, damage, negotiation. */
#include "tap.h"
#include "base/text.h"
#include "wire/hdlc.h"

static uint8_t memory[4096];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

static void test_control(void)
{
    int same = 0;
    for (int byte = 0; byte < 256; byte++) {
        struct hdlc_control c = hdlc_control_decode((uint8_t)byte);
        same += c.kind == HDLC_UNKNOWN || hdlc_control_encode(c) == byte;
    }
    is_int(same, 256, "every known control byte comes back");
    is_text(hdlc_kind_name(hdlc_control_decode(0x93).kind), "SNRM");
    is_text(hdlc_kind_name(hdlc_control_decode(0x97).kind), "FRMR");
    is_text(hdlc_kind_name(hdlc_control_decode(0x1F).kind), "DM");
    is_text(hdlc_kind_name(hdlc_control_decode(0x35).kind), "RNR");
    is_int(hdlc_control_decode(0x35).nr, 1);
    is_int(hdlc_control_encode((struct hdlc_control){ .kind = HDLC_I, .poll = true, .ns = 7, .nr = 7 }), 0xFE);
}

static void test_addresses(void)
{
    uint8_t out[4];
    struct writer w = writer_over(out, sizeof out);
    hdlc_put_address(&w, hdlc_server(1, 9561, 4));
    ok(bytes_equal(writer_bytes(&w), bytes_of("\x00\x02\x94\xB3", 4)), "1/9561");
    struct cursor c = cursor_over(writer_bytes(&w));
    ok(hdlc_address_equal(hdlc_take_address(&c), hdlc_server(1, 9561, 4)), "and back");
    w = writer_over(out, sizeof out);
    hdlc_put_address(&w, hdlc_server(1, 200, 2));
    ok(w.failed, "200 does not fit seven bits");
    c = cursor_over(bytes_of("\x02\x02\x03", 3));
    hdlc_take_address(&c);
    ok(c.failed, "three bytes are no address");
    c = cursor_over(bytes_of("\x02\x02\x02\x02\x03", 5));
    hdlc_take_address(&c);
    ok(c.failed, "five bytes are no address");
    ok(hdlc_address_is_broadcast(hdlc_server(1, 0x3FFF, 4)) && hdlc_address_is_broadcast(hdlc_server(1, 0x7F, 2)), "all stations");
}

static void test_find(void)
{
    struct frame_found f = hdlc_find(hex("7EA0080221419350B47E"), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 0 && f.size == 10, "a frame");
    f = hdlc_find(hex("00FF7E 7E A0080221419350B47E"), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 3 && f.size == 10, "noise and an idle flag before");
    f = hdlc_find(hex("A0080221419350B47E"), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 0 && f.size == 9, "the opening flag went with the frame before");
    f = hdlc_find(hex("7EA0080221419350B5 7E"), NULL);
    ok(f.state == FRAME_DAMAGED && f.start == 0 && f.size == 10, "bad checksum");
    f = hdlc_find(hex("7EA00802214193"), NULL);
    ok(f.state == FRAME_PARTIAL && f.start == 0 && f.size == 10, "part of a frame says how much is needed");
    f = hdlc_find(hex("7E"), NULL);
    ok(f.state == FRAME_PARTIAL && f.start == 0, "a flag alone");
    f = hdlc_find(hex("0102"), NULL);
    ok(f.state == FRAME_PARTIAL && f.start == 2, "noise alone may go");
    f = hdlc_find(hex("7EA7FF11 7EA0080221419350B47E"), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 4, "a false long frame does not swallow a true one");
    f = hdlc_find(hex("7EA0164102217469"), NULL);
    ok(f.state == FRAME_PARTIAL && f.size == 24, "waits for the length of the format word");
}

static void test_inner_flag(void)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    struct hdlc_frame f = { .to = hdlc_client(32), .from = hdlc_server(1, 16, 2), .control = { .kind = HDLC_I, .poll = true }, .more = true };
    f.info = bytes_of("\x7E\xA0\x08\x02\x21\x41\x93\x50\xB4\x7E", 10);
    hdlc_encode(&w, &f);
    struct frame_found found = hdlc_find(writer_bytes(&w), NULL);
    ok(found.state == FRAME_WHOLE && found.start == 0 && found.size == writer_size(&w), "a frame inside of a frame is data");
    found = hdlc_find(bytes_part(writer_bytes(&w), 0, writer_size(&w) - 2), NULL);
    ok(found.state == FRAME_PARTIAL && found.start == 0, "also while the outer one is not whole");
    struct hdlc_frame back;
    ok(hdlc_decode(writer_bytes(&w), &back) == HDLC_OK && back.more && bytes_equal(back.info, f.info), "segment bit and information");
    out[10] ^= 1;
    is_int(hdlc_decode(writer_bytes(&w), &back), HDLC_BAD_FCS, "information changed");
    out[10] ^= 1;
    out[5] ^= 2;
    is_int(hdlc_decode(writer_bytes(&w), &back), HDLC_BAD_HCS, "header changed");
    f.info = bytes_of(memory, 2040);
    w = writer_over(memory, sizeof memory);
    hdlc_encode(&w, &f);
    ok(w.failed, "longer than the format word can say");
}

static void test_parameters(void)
{
    struct hdlc_parameters p;
    ok(hdlc_parameters_decode(bytes_of(NULL, 0), &p) && p.info_receive == 128 && p.window_transmit == 1, "none: defaults");
    ok(hdlc_parameters_decode(hex("8180030601C8F00399AABB"), &p) && p.info_receive == 200 && p.info_transmit == 128, "user group skipped");
    ok(!hdlc_parameters_decode(hex("8180050601C8"), &p), "group longer than the field");
    ok(!hdlc_parameters_decode(hex("81800705050000000001"), &p), "a value of five bytes");
    struct hdlc_parameters ours = { 2048, 16, 7, 9 }, theirs = { 8, 4000, 0, 3 };
    p = hdlc_parameters_agree(&ours, &theirs);
    ok(p.info_transmit == 2030 && p.info_receive == 32 && p.window_transmit == 3 && p.window_receive == 1, "agreed within the limits");
    uint8_t out[32];
    struct writer w = writer_over(out, sizeof out);
    ours = (struct hdlc_parameters){ 256, 128, 1, 7 };
    hdlc_parameters_encode(&w, &ours);
    ok(hdlc_parameters_decode(writer_bytes(&w), &p) && memcmp(&p, &ours, sizeof p) == 0, "encoded and back");
}

static void test_reject(void)
{
    struct hdlc_reject r = { .control = 0x54, .ns = 3, .nr = 5, .reasons = 0x20 }, back;
    uint8_t out[3];
    struct writer w = writer_over(out, sizeof out);
    hdlc_reject_encode(&w, &r);
    ok(hdlc_reject_decode(writer_bytes(&w), &back) && memcmp(&r, &back, sizeof r) == 0, "FRMR information");
    ok(!hdlc_reject_decode(bytes_of(out, 2), &back), "too short");
}

int main(void)
{
    test_control();
    test_addresses();
    test_find();
    test_inner_flag();
    test_parameters();
    test_reject();
    return tap_done();
}
