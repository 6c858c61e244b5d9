/* The simulated СПОДЭС meter as a server, byte by byte and apart from our driver (dlms.md 2.5, 8, 12). */
#include "base/text.h"
#include "sim/twin.h"
#include "tap.h"
#include "wire/acse.h"
#include "wire/dlms_wrapper.h"
#include "wire/hdlc.h"

#include <stdlib.h>

static struct sim_meter meter;
static void *session;
static uint8_t out[65536];
static size_t out_size;

static void birth(const char *options)
{
    free(meter.state);
    free(session);
    meter = (struct sim_meter){ .twin = twin_find("spodes"), .serial = 12345678, .address = 17, .zone_minutes = 180, .options = options };
    meter.state = calloc(1, meter.twin->meter_size);
    session = calloc(1, meter.twin->session_size);
    meter.twin->born(&meter);
}

static struct bytes say(struct bytes frame)
{
    struct writer w = writer_over(out, sizeof out);
    int64_t wall = wall_parse("2026-11-21 10:40:00") + meter.clock_shift_s;
    meter.twin->answer(&meter, session, frame, wall, &w);
    out_size = writer_bytes(&w).size;
    return writer_bytes(&w);
}

static const char *hex_of(struct bytes b)
{
    static char text[8192];
    struct text t = text_over(text, sizeof text);
    for (size_t i = 0; i < b.size; i++)
        text_printf(&t, "%02X", b.data[i]);
    return text;
}

/* --- over the wrapper: APDUs in hex --------------------------------------------------------------------------------------- */

static const char *ask_as(unsigned client, const char *hex)
{
    uint8_t apdu[1024], packet[1100];
    long size = hex_parse(hex, apdu, sizeof apdu);
    struct writer w = writer_over(packet, sizeof packet);
    wrapper_encode(&w, &(struct wrapper_packet){ .from = (uint16_t)client, .to = 1, .apdu = bytes_of(apdu, (size_t)size) });
    struct wrapper_packet p = { 0 };
    wrapper_decode(say(writer_bytes(&w)), &p);
    return hex_of(p.apdu);
}

static const char *ask(const char *hex)
{
    return ask_as(32, hex);
}

static const char *aarq(unsigned client, int context, int mechanism, const char *password, unsigned version, unsigned pdu)
{
    uint8_t memory[256], plain[64];
    static char text[600];
    struct writer w = writer_over(memory, sizeof memory), i = writer_over(plain, sizeof plain);
    xdlms_initiate_encode(&i, &(struct xdlms_initiate){ .version = (uint8_t)version, .conformance = 0x007E1F, .pdu_max = (uint16_t)pdu });
    struct acse_request r = { .party = acse_party_of((enum acse_context)context) };
    if (mechanism)
        acse_party_authenticate(&r.party, (enum acse_mechanism)mechanism, bytes_of_text(password));
    r.party.user_information = writer_bytes(&i);
    acse_request_encode(&w, &r);
    struct text t = text_over(text, sizeof text);
    text_put_hex(&t, writer_bytes(&w));
    return ask_as(client, text);
}

static struct acse_response aare(const char *hex)
{
    static uint8_t memory[256];
    struct acse_response r = { .result = 99 };
    long size = hex_parse(hex, memory, sizeof memory);
    acse_response_decode(bytes_of(memory, size > 0 ? (size_t)size : 0), &r);
    return r;
}

static void test_association(void)
{
    birth("");
    is_text(ask("C001C100080000010000FF0200"), "D80101", "no service without an association");
    struct acse_response r = aare(aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 500));
    ok(r.result == 0 && r.diagnostic == 0 && !r.party.has_value, "LLS, in the profile's style without 88, 89 and AA");
    r = aare(aarq(32, ACSE_LN, ACSE_LLS, "111112", 6, 500));
    ok(r.result == 1 && r.diagnostic == ACSE_AUTHENTICATION_FAILED, "a wrong password: 13");
    is_text(ask("C001C100080000010000FF0200"), "D80101", "and the association before it is gone");
    r = aare(aarq(32, ACSE_SN, ACSE_LLS, "111111", 6, 500));
    ok(r.result == 1 && r.diagnostic == ACSE_CONTEXT_NOT_SUPPORTED, "short names: 2");
    r = aare(aarq(32, ACSE_LN_CIPHERED, ACSE_LLS, "111111", 6, 500));
    ok(r.result == 1 && r.diagnostic == ACSE_CONTEXT_NOT_SUPPORTED, "ciphering without keys: 2");
    r = aare(aarq(32, ACSE_LN, ACSE_HLS_MD5, "12345678", 6, 500));
    ok(r.result == 1 && r.diagnostic == ACSE_MECHANISM_UNKNOWN, "another mechanism: 11");
    r = aare(aarq(32, ACSE_LN, 0, "", 6, 500));
    ok(r.result == 1 && r.diagnostic == ACSE_MECHANISM_REQUIRED, "no mechanism: 12");
    r = aare(aarq(32, ACSE_LN, ACSE_LLS, "111111", 5, 500));
    is_text(hex_of(r.party.user_information), "0E010601", "DLMS 5: version too low");
    r = aare(aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 5));
    is_text(hex_of(r.party.user_information), "0E010603", "PDU too short");
    r = aare(aarq(48, ACSE_LN, ACSE_HLS_MANUFACTURER, "1234567890123456", 6, 500));
    ok(r.result == 0 && r.diagnostic == ACSE_AUTHENTICATION_REQUIRED && r.party.value.size == 16, "HLS: 14 and a challenge");
    is_text(ask_as(48, "C001C100080000010000FF0200"), "D80101", "nothing before the proof");
    is_text(ask_as(48, "C301C100080000010000FF0601100001"), "D80101");
    is_text(ask_as(48, "C301C1000F0000280000FF0101091000000000000000000000000000000000"), "C701C10300", "a wrong proof");
    is_text(ask_as(48, "C301C1000F0000280000FF0101091000000000000000000000000000000000"), "D80101", "ends the association");
    aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 500);
    is_text(ask("6203800100"), "6303800100", "RLRQ is answered");
    is_text(ask("C001C100080000010000FF0200"), "D80101");
}

static void test_services(void)
{
    birth("");
    aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 0);
    is_text(ask("C001C100010000600100FF0200"), "C401C10009083132333435363738", "the serial number");
    is_text(ask("C001C100030100010800FF0300"), "C401C10002020F00161E", "scaler and unit");
    is_text(ask("C001C100030100010801FF0100"), "C401C10009060100010801FF", "logical name");
    is_text(ask("C001C100010000600199FF0200"), "C401C10104", "unknown object: 4");
    is_text(ask("C001C100010100010800FF0200"), "C401C10109", "wrong class: 9");
    is_text(ask("C001C100030100010800FF0700"), "C401C10104", "unknown attribute: 4");
    is_text(ask("C101C100080000010000FF0200090C07EA0B15060A290000FF4C00"), "C501C103", "the reader may not set the clock: 3");
    is_text(ask("C301C10046000060030AFF01010F00"), "C701C10300", "nor switch the relay");
    is_text(ask("C301C100080000010000FF060110002A"), "C701C10000", "but shift the clock");
    is_int(meter.clock_shift_s, 42);
    is_text(ask("C301C100080000010000FF06011003E8"), "C701C1FA00", "by 900 s at most");
    is_text(ask("C301C100080000010000FF06010F05"), "C701C10C00", "a wrong type: 12");
    is_text(ask("C003C1020001000060010" "0FF020000030100010800FF0300"), "C403C102000908313233343536373800" "02020F00161E", "a list");
    is_text(ask("C001C1"), "D80103", "a broken request");
    is_text(ask("D90000"), "D80202", "an unknown service");
    is_text(ask("C002C100000001"), "C402C101000000010110", "no transfer in progress: 16");
}

static void test_blocks(void)
{
    birth("pdu=100");
    aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 0);
    const char *first = ask("C001C100070100620200FF0300");
    ok(strncmp(first, "C402C100000000010058", 20) == 0 && out_size <= 8 + 100, "capture objects in blocks: the first fits the PDU");
    is_text(ask("C002C100000007"), "C402C101000000070113", "another number: 19");
    is_text(ask("C002C100000001"), "C402C101000000010110", "which ended the transfer");
    uint8_t whole[512], part[512];
    size_t size = 0;
    const char *answer = ask("C001C100070100620200FF0300");
    for (uint32_t block = 1;; block++) {
        long n = hex_parse(answer, part, sizeof part);
        memcpy(whole + size, part + 10, (size_t)n - 10); /* C4 02 C1 last number 00 length */
        size += (size_t)n - 10;
        if (part[3] || block > 9)
            break;
        char next[32];
        snprintf(next, sizeof next, "C002C1%08X", block);
        answer = ask(next);
    }
    birth("");
    aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 0);
    const char *once = ask("C001C100070100620200FF0300");
    char together[2048];
    snprintf(together, sizeof together, "%s", once + 8);
    is_text(hex_of(bytes_of(whole, size)), together, "the blocks put together are the value");
}

static void test_access(void)
{
    birth("");
    aarq(32, ACSE_LN, ACSE_LLS, "111111", 6, 0);
    is_text(ask("C001C100070100620100FF0201020204060000000106000000011200011200" "01"), "C401C1000101" "0201090C07E70C01050000" "0000FF4C00", "by entry: the oldest month, the clock column");
    is_text(ask("C001C100070100620100FF020102020406000003E706000003E7120001120000"), "C401C1000100", "entries beyond the end: an empty array");
    is_text(ask("C001C100070100620200FF0201010204020412000809060000010000FF0F02120000"
                "090C07E30101FF0000000080000009" "0C07E30201FF000000008000000100"), "C401C1000100", "a range before the life");
    is_text(ask("C001C100070100620200FF020103" "0601020304"), "C401C101FA", "another selector: 250");
    is_text(ask("C001C100070100620100FF0700"), "C401C1000600000024", "entries in use: 36 months");
}

/* --- over HDLC -------------------------------------------------------------------------------------------------------------- */

static struct hdlc_frame answer_frame(size_t i)
{
    struct bytes b = bytes_of(out, out_size);
    struct hdlc_frame f = { .control.kind = HDLC_UNKNOWN };
    for (size_t n = 0; b.size; n++) {
        struct frame_found found = hdlc_find(b, NULL);
        if (found.state != FRAME_WHOLE)
            break;
        if (n == i)
            hdlc_decode(bytes_part(b, found.start, found.size), &f);
        b = bytes_part(b, found.start + found.size, b.size);
    }
    return f;
}

static struct hdlc_frame tell(struct hdlc_address to, struct hdlc_control control, bool more, struct bytes info)
{
    uint8_t memory[2100];
    struct writer w = writer_over(memory, sizeof memory);
    hdlc_encode(&w, &(struct hdlc_frame){ .to = to, .from = hdlc_client(32), .control = control, .more = more, .info = info });
    say(writer_bytes(&w));
    return answer_frame(0);
}

static struct hdlc_frame tell_kind(enum hdlc_kind kind, unsigned nr)
{
    return tell(hdlc_server(1, 17, 2), (struct hdlc_control){ .kind = kind, .poll = true, .nr = (uint8_t)nr }, false, bytes_of(NULL, 0));
}

static struct hdlc_frame tell_apdu(unsigned ns, unsigned nr, const char *hex)
{
    uint8_t info[512];
    memcpy(info, "\xE6\xE6\x00", 3);
    long size = hex_parse(hex, info + 3, sizeof info - 3);
    return tell(hdlc_server(1, 17, 2), (struct hdlc_control){ .kind = HDLC_I, .poll = true, .ns = (uint8_t)ns, .nr = (uint8_t)nr }, false, bytes_of(info, (size_t)size + 3));
}

#define AARQ_111111 "6034A1090607608574050801018A0207808B0760857405080201AC088006313131313131BE10040E01000000065F1F0400007E1F0000"

static void test_link(void)
{
    birth("info=64;window=3");
    is_int(tell_kind(HDLC_DISC, 0).control.kind, HDLC_DM, "DISC while disconnected");
    is_int(tell_apdu(0, 0, "C001C100080000010000FF0200").control.kind, HDLC_DM, "an I-frame while disconnected");
    tell(hdlc_server(1, 18, 2), (struct hdlc_control){ .kind = HDLC_SNRM, .poll = true }, false, bytes_of(NULL, 0));
    is_int((long long)out_size, 0, "another meter's address");
    struct hdlc_frame f = tell_kind(HDLC_SNRM, 0);
    struct hdlc_parameters p;
    ok(f.control.kind == HDLC_UA && hdlc_parameters_decode(f.info, &p) && p.info_transmit == 64 && p.window_transmit == 1, "UA with what both can");
    f = tell_apdu(0, 0, AARQ_111111);
    ok(f.control.kind == HDLC_I && f.control.ns == 0 && f.control.nr == 1 && f.control.poll && f.info.data[3] == 0x61, "AARE");
    f = tell_apdu(1, 1, "C301C100080000010000FF060110000A");
    ok(f.control.kind == HDLC_I && f.control.ns == 1 && meter.clock_shift_s == 10, "ACTION");
    f = tell_apdu(1, 1, "C301C100080000010000FF060110000A");
    ok(f.control.kind == HDLC_I && f.control.ns == 1 && meter.clock_shift_s == 10, "repeated: the same answer, done once");
    f = tell_kind(HDLC_RR, 1);
    ok(f.control.kind == HDLC_I && f.control.ns == 1, "RR fetches a lost answer");
    f = tell_kind(HDLC_RR, 2);
    ok(f.control.kind == HDLC_RR && f.control.nr == 2, "RR with nothing to say is answered by RR");
    f = tell_kind(HDLC_SNRM, 0);
    f = tell_apdu(0, 0, "C001C100080000010000FF0200");
    ok(f.control.kind == HDLC_I && f.info.data[3] == 0xD8, "a new SNRM drops the association");
    is_int(tell_kind(HDLC_DISC, 0).control.kind, HDLC_UA, "DISC");
    is_int(tell_kind(HDLC_DISC, 0).control.kind, HDLC_DM);
}

static void test_window(void)
{
    birth("info=64;window=3");
    uint8_t info[32];
    struct writer w = writer_over(info, sizeof info);
    hdlc_parameters_encode(&w, &(struct hdlc_parameters){ 64, 64, 1, 7 });
    tell(hdlc_server(1, 17, 2), (struct hdlc_control){ .kind = HDLC_SNRM, .poll = true }, false, writer_bytes(&w));
    tell_apdu(0, 0, AARQ_111111);
    tell_apdu(1, 1, "C001C100070100620200FF0300"); /* capture objects of the day: about 170 bytes, three segments */
    struct hdlc_frame a = answer_frame(0), b = answer_frame(1), c = answer_frame(2), d = answer_frame(3);
    ok(a.control.ns == 1 && !a.control.poll && a.more && b.control.ns == 2 && c.control.ns == 3 && c.control.poll, "a window of three segments, P in the last");
    is_int(d.control.kind, HDLC_UNKNOWN);
    tell_kind(HDLC_RR, 2);
    a = answer_frame(0);
    ok(a.control.kind == HDLC_I && a.control.ns == 2, "what was lost comes again from where RR says");
}

int main(void)
{
    test_association();
    test_services();
    test_blocks();
    test_access();
    test_link();
    test_window();
    free(meter.state);
    free(session);
    return tap_done();
}
