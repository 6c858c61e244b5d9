/* Modbus words on the captured frames of tests/vectors/heat-water.txt; finding in noise and among others' frames; limits,
 * exceptions, values in all their orders. */
#include "base/text.h"
#include "tap.h"
#include "wire/modbus.h"

#include <stdlib.h>

/* --- vectors ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    uint8_t unit, function;
    uint16_t address, count;
} requests[] = {
    { "modbus.04", 0x24, MODBUS_READ_REGISTERS, 0, 3 },
    { "modbus.02", 0x24, MODBUS_READ_INPUTS, 0x0102, 1 },
    { "modbus.04.8", 1, MODBUS_READ_REGISTERS, 0, 8 },
    { "vzlet.ursv", 7, MODBUS_READ_REGISTERS, 0xC1A8, 2 },
    { "vzlet.mr", 1, MODBUS_READ_REGISTERS, 0xC1AA, 2 },
    { "dhm.values", 248, MODBUS_READ_REGISTERS, 0, 46 },
    { "dhm.info", 248, MODBUS_READ_REGISTERS, 46, 46 },
    { "vzlet.f65.time", 17, MODBUS_READ_ARCHIVE, 1, 6 },
};

/* The line's field as bytes in static memory; empty for "-" and for a name that is not there. */
static struct bytes vector(const char *name, int field)
{
    static uint8_t memory[4][300];
    static char line[8192];
    static int turn;
    FILE *file = fopen("tests/vectors/heat-water.txt", "r");
    long size = 0;
    size_t length = strlen(name);
    turn = (turn + 1) % 4;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length) != 0 || strncmp(line + length, " | ", 3) != 0)
            continue;
        char *at = line;
        for (int i = 0; i < field; i++)
            at = strstr(at, " | ") + 3;
        *strstr(at, " | ") = '\0';
        size = strcmp(at, "-") == 0 ? 0 : hex_parse(at, memory[turn], sizeof memory[turn]);
    }
    if (file)
        fclose(file);
    return bytes_of(memory[turn], size > 0 ? (size_t)size : 0);
}

static void test_requests(void)
{
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct bytes sent = vector(requests[i].name, 1);
        struct modbus_frame f = { 0 };
        struct modbus_request r = { 0 };
        ok(modbus_frame_decode(MODBUS_RTU, sent, &f) && modbus_request_decode(f.unit, f.pdu, &r), "%s: decoded", requests[i].name);
        ok(r.unit == requests[i].unit && r.function == requests[i].function && r.address == requests[i].address && r.count == requests[i].count,
           "%s: asks what it asks", requests[i].name);
        struct frame_found found = modbus_find_rtu_request(sent, NULL);
        ok(found.state == FRAME_WHOLE && found.start == 0 && found.size == sent.size, "%s: found", requests[i].name);
        uint8_t pdu[16], frame[16];
        struct writer body = writer_over(pdu, sizeof pdu), w = writer_over(frame, sizeof frame);
        modbus_request_encode(&body, &r);
        modbus_frame_encode(&w, MODBUS_RTU, &(struct modbus_frame){ 0, r.unit, writer_bytes(&body) });
        ok(bytes_equal(writer_bytes(&w), sent), "%s: encoded anew", requests[i].name);
        ok(modbus_looks(sent), "%s: looks like Modbus", requests[i].name);
    }
    struct modbus_frame f;
    struct modbus_request r;
    struct bytes vkt7 = vector("vkt7.data", 1);
    ok(modbus_frame_decode(MODBUS_RTU, vkt7, &f) && !modbus_request_decode(f.unit, f.pdu, &r), "ВКТ-7 asks for no register at all: not Modbus");
}

static const char *number(struct bytes data, size_t at, enum modbus_type t, enum modbus_order order)
{
    static char text[DECIMAL_TEXT_MAX];
    struct cursor c = cursor_over(bytes_part(data, at, 8));
    struct decimal d;
    return modbus_take_number(&c, t, order, &d) ? decimal_format(d, text) : "none";
}

/* Danfoss SonoSelect, heat-modbus.md 6: what the sheet says the captured answers mean. */
static void test_answers(void)
{
    struct bytes received = vector("dhm.values", 2);
    struct modbus_request asked = { .unit = 248, .function = MODBUS_READ_REGISTERS, .address = 0, .count = 46 };
    struct modbus_frame f;
    struct modbus_answer a = { 0 };
    struct frame_found found = modbus_find_rtu_answer(received, &asked);
    ok(found.state == FRAME_WHOLE && found.size == received.size, "the captured answer is found");
    ok(modbus_frame_decode(MODBUS_RTU, received, &f) && modbus_answer_decode(&asked, f.pdu, &a) && !a.exception, "and decoded");
    is_int(a.data.size, 92);
    is_text(number(a.data, 2 * 20, MODBUS_F32, MODBUS_ABCD), "24.840923", "t supply");
    is_text(number(a.data, 2 * 22, MODBUS_F32, MODBUS_ABCD), "24.948463", "t return");
    is_text(number(a.data, 2 * 8, MODBUS_S64, MODBUS_ABCD), "0", "energy");
    ok(modbus_looks(received), "an answer looks like Modbus too");
    asked.address = 46;
    received = vector("dhm.info", 2);
    ok(modbus_frame_decode(MODBUS_RTU, received, &f) && modbus_answer_decode(&asked, f.pdu, &a), "the second answer");
    is_text(number(a.data, 0, MODBUS_U32, MODBUS_ABCD), "6503", "battery hours");
    is_text(number(a.data, 4, MODBUS_U16, MODBUS_ABCD), "742", "tampers");
    asked.count = 45;
    ok(!modbus_answer_decode(&asked, f.pdu, &a), "of another length: no answer to this");
}

/* --- finding ------------------------------------------------------------------------------------------------------- */

static struct bytes hex(const char *text)
{
    static uint8_t memory[8][600];
    static int turn;
    turn = (turn + 1) % 8;
    long size = hex_parse(text, memory[turn], sizeof memory[turn]);
    if (size < 0)
        ok(0, "hex: %s", text);
    return bytes_of(memory[turn], size < 0 ? 0 : (size_t)size);
}

static void finds(const char *what, struct frame_found f, enum frame_state state, size_t start, size_t size)
{
    ok(f.state == state && f.start == start && f.size == size, "%s", what);
    if (f.state != state || f.start != start || f.size != size)
        printf("#   state %d at %zu, %zu bytes\n", f.state, f.start, f.size);
}

static void test_finding(void)
{
    struct modbus_request three = { .unit = 0x10, .function = MODBUS_READ_REGISTERS, .address = 64, .count = 1 };
    finds("nothing yet", modbus_find_rtu_answer(hex(""), &three), FRAME_PARTIAL, 0, 1);
    finds("one byte", modbus_find_rtu_answer(hex("10"), &three), FRAME_PARTIAL, 0, 5);
    finds("half", modbus_find_rtu_answer(hex("10 04 02"), &three), FRAME_PARTIAL, 0, 6); /* 04 02 may begin a short one */
    finds("whole", modbus_find_rtu_answer(hex("10 04 02 00 07 04 F1"), &three), FRAME_WHOLE, 0, 7);
    finds("after noise", modbus_find_rtu_answer(hex("00 FF 55 10 04 02 00 07 04 F1"), &three), FRAME_WHOLE, 3, 7);
    finds("one bit over", modbus_find_rtu_answer(hex("10 04 02 00 07 04 F0"), &three), FRAME_DAMAGED, 0, 7);
    finds("an exception", modbus_find_rtu_answer(hex("10 84 02 92 C4"), &three), FRAME_WHOLE, 0, 5);
    finds("a broken exception", modbus_find_rtu_answer(hex("10 84 02 92 C5"), &three), FRAME_DAMAGED, 0, 5);
    finds("another's answer", modbus_find_rtu_answer(hex("11 03 04 00 00 00 01 2A 32"), &three), FRAME_WHOLE, 0, 9);
    finds("the own echo first", modbus_find_rtu_answer(hex("10 04 00 40 00 01 33 5F 10 04 02 00 07 04 F1"), &three), FRAME_WHOLE, 8, 7);
    finds("a writing request", modbus_find_rtu_request(hex("01 10 00 01 00 02 04 00 0A 01 02 92 30"), NULL), FRAME_WHOLE, 0, 13);
    finds("half of it", modbus_find_rtu_request(hex("01 10 00 01 00 02 04"), NULL), FRAME_PARTIAL, 0, 10);
    finds("TCP", modbus_find_tcp(hex("00 01 00 00 00 06 01 03 00 00 00 01"), NULL), FRAME_WHOLE, 0, 12);
    finds("TCP after noise", modbus_find_tcp(hex("55 00 FF 55 00 01 00 00 00 06 01 03 00 00 00 01"), NULL), FRAME_WHOLE, 4, 12);
    finds("TCP, a header", modbus_find_tcp(hex("00 01 00 00 00 06 01"), NULL), FRAME_PARTIAL, 0, 12);
    finds("TCP, longer than any", modbus_find_tcp(hex("00 01 00 00 00 FF 01 03 02 03"), NULL), FRAME_PARTIAL, 8, 8);
}

/* --- rules --------------------------------------------------------------------------------------------------------- */

static bool encodes(struct modbus_request r)
{
    uint8_t pdu[MODBUS_PDU_MAX];
    struct writer w = writer_over(pdu, sizeof pdu);
    modbus_request_encode(&w, &r);
    struct modbus_request back;
    return !w.failed && modbus_request_decode(r.unit, writer_bytes(&w), &back) && back.count == r.count && bytes_equal(back.data, r.data);
}

static void test_limits(void)
{
    uint8_t zeros[300] = { 0 };
    ok(encodes((struct modbus_request){ 1, MODBUS_READ_HOLDING, 0, 125, bytes_of(NULL, 0) }), "125 registers");
    ok(!encodes((struct modbus_request){ 1, MODBUS_READ_HOLDING, 0, 126, bytes_of(NULL, 0) }), "126 are too many");
    ok(!encodes((struct modbus_request){ 1, MODBUS_READ_HOLDING, 0, 0, bytes_of(NULL, 0) }), "none is none");
    ok(encodes((struct modbus_request){ 1, MODBUS_READ_COILS, 0, 2000, bytes_of(NULL, 0) }), "2000 coils");
    ok(!encodes((struct modbus_request){ 1, MODBUS_READ_INPUTS, 0, 2001, bytes_of(NULL, 0) }), "2001 are too many");
    ok(encodes((struct modbus_request){ 1, MODBUS_WRITE_REGISTERS, 0, 123, bytes_of(zeros, 246) }), "123 registers written");
    ok(!encodes((struct modbus_request){ 1, MODBUS_WRITE_REGISTERS, 0, 124, bytes_of(zeros, 248) }), "124 are too many");
    ok(encodes((struct modbus_request){ 1, MODBUS_WRITE_COILS, 0, 9, bytes_of(zeros, 2) }), "nine coils take two bytes");
    ok(!encodes((struct modbus_request){ 1, MODBUS_WRITE_COILS, 0, 9, bytes_of(zeros, 1) }), "not one");
    ok(encodes((struct modbus_request){ 1, MODBUS_WRITE_COIL, 5, MODBUS_COIL_ON, bytes_of(NULL, 0) }), "a coil is on");
    ok(!encodes((struct modbus_request){ 1, MODBUS_WRITE_COIL, 5, 1, bytes_of(NULL, 0) }), "or off, nothing else");
    ok(!encodes((struct modbus_request){ 1, 0x2B, 5, 1, bytes_of(NULL, 0) }), "no other function");
}

static void test_exceptions(void)
{
    struct modbus_request coil = { 1, MODBUS_WRITE_COIL, 5, MODBUS_COIL_ON, bytes_of(NULL, 0) };
    struct modbus_answer a;
    ok(modbus_answer_decode(&coil, hex("05 00 05 FF 00"), &a) && !a.exception, "the echo of a write");
    ok(!modbus_answer_decode(&coil, hex("05 00 06 FF 00"), &a), "another coil's");
    ok(modbus_answer_decode(&coil, hex("85 02"), &a) && a.exception == MODBUS_BAD_ADDRESS, "an exception");
    ok(!modbus_answer_decode(&coil, hex("85 00"), &a), "no exception is 0");
    ok(!modbus_answer_decode(&coil, hex("84 02"), &a), "another function's");
    is_text(modbus_exception_text(MODBUS_GATEWAY_SILENCE, LANG_EN), "gateway target failed to respond");
    is_text(modbus_exception_text(77, LANG_RU), "?");
}

static void test_values(void)
{
    struct bytes eight = hex("01 02 03 04 05 06 07 08");
    is_text(number(eight, 0, MODBUS_U32, MODBUS_ABCD), "16909060", "01020304h");
    is_text(number(eight, 0, MODBUS_U32, MODBUS_CDAB), "50594050", "03040102h");
    is_text(number(eight, 0, MODBUS_U32, MODBUS_BADC), "33620995", "02010403h");
    is_text(number(eight, 0, MODBUS_U32, MODBUS_DCBA), "67305985", "04030201h");
    is_text(number(eight, 0, MODBUS_U64, MODBUS_ABCD), "72623859790382856", "0102030405060708h");
    is_text(number(eight, 0, MODBUS_U64, MODBUS_CDAB), "506660481457717506", "0708050603040102h turned by words");
    is_text(number(hex("FF FF"), 0, MODBUS_S16, MODBUS_ABCD), "-1");
    is_text(number(hex("FF FE FF FF"), 0, MODBUS_S32, MODBUS_CDAB), "-2");
    is_text(number(hex("41 C8 00 00"), 0, MODBUS_F32, MODBUS_ABCD), "25");
    is_text(number(hex("00 00 41 C8"), 0, MODBUS_F32, MODBUS_CDAB), "25");
    is_text(number(hex("40 39 00 00 00 00 00 00"), 0, MODBUS_F64, MODBUS_ABCD), "25");
    is_text(number(hex("7F C0 00 00"), 0, MODBUS_F32, MODBUS_ABCD), "none", "NaN is no number");
    is_text(number(hex("FF FF FF FF FF FF FF FF"), 0, MODBUS_U64, MODBUS_ABCD), "none", "nor is what no decimal holds");
    is_text(number(hex("41 C8"), 0, MODBUS_F32, MODBUS_ABCD), "none", "nor half of one");
}

static int lines;

static void count_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e, (void)depth, (void)part;
    lines += *label && value;
}

static void test_explained(void)
{
    struct explain e = { .line = count_line, .lang = LANG_RU };
    modbus_explain(&e, vector("dhm.values", 2));
    is_int(lines, 5, "frame, unit, function, data, sum");
    lines = 0;
    modbus_explain(&e, hex("00 01 00 00 00 03 01 84 02"));
    is_int(lines, 5, "frame, transaction, unit, function, exception");
    lines = 0;
    modbus_explain(&e, hex("12 34"));
    ok(lines == 1 && e.depth == 0, "what is none is shown raw");
}

int main(void)
{
    test_requests();
    test_answers();
    test_finding();
    test_limits();
    test_exceptions();
    test_values();
    test_explained();
    return tap_done();
}
