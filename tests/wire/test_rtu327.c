/* RTU-327: every frame of tests/vectors/rtu327.txt byte by byte, taken apart and made again; answers there and back; finding
 * frames in a stream; requests that are too short, too long or out of range. */
#include "base/text.h"
#include "tap.h"
#include "wire/crc.h"
#include "wire/rtu327.h"

#include <stdlib.h>

/* --- the vectors --------------------------------------------------------------------------------------------------- */

static void say_request(struct text *t, const struct rtu327_request *r)
{
    switch (r->command) {
    case RTU327_SETTIME: text_printf(t, ", correction %d", r->correction); return;
    case RTU327_GETMAXLOGID: text_printf(t, ", section %u", r->section); return;
    }
    if (r->meter)
        text_printf(t, ", meter %llu", (unsigned long long)r->meter);
    if (r->channels)
        text_printf(t, ", channels %u", r->channels);
    if (r->time)
        text_printf(t, ", time %u", r->time);
    if (r->count)
        text_printf(t, ", count %u", r->count);
}

static void check_request(const char *name, const struct rtu327_frame *f, struct text *said, struct bytes frame)
{
    struct rtu327_request r;
    uint8_t data[64], memory[128];
    text_printf(said, "number %u, command %u", f->number, f->code);
    if (!ok(rtu327_take_request(f->code, f->data, &r), "%s: the data are a request's", name))
        return;
    say_request(said, &r);
    struct writer w = writer_over(data, sizeof data), whole = writer_over(memory, sizeof memory);
    rtu327_put_request(&w, &r);
    rtu327_encode(&whole, &(struct rtu327_frame){ .number = f->number, .code = r.command, .data = writer_bytes(&w) });
    ok(bytes_equal(writer_bytes(&whole), frame), "%s: made again, byte by byte", name);
}

static void check_answer(const char *name, const struct rtu327_frame *f, struct text *said, struct bytes frame)
{
    uint8_t memory[128];
    text_printf(said, "number %u, result %u", f->number, f->code);
    struct cursor c = cursor_over(f->data);
    if (f->data.size)
        text_printf(said, ", time %u", take_le32(&c));
    ok(cursor_done(&c), "%s: nothing is left over", name);
    struct writer whole = writer_over(memory, sizeof memory);
    rtu327_encode(&whole, f);
    ok(bytes_equal(writer_bytes(&whole), frame), "%s: made again, byte by byte", name);
}

static void check_vector(char *line)
{
    char *save, *name = strtok_r(line, "|", &save), *hex = strtok_r(NULL, "|", &save), *want = strtok_r(NULL, "|", &save);
    uint8_t bytes[128];
    char text[200];
    long size = hex_parse(hex, bytes, sizeof bytes);
    struct bytes frame = bytes_of(bytes, size > 0 ? (size_t)size : 0);
    struct text said = text_over(text, sizeof text);
    struct rtu327_frame f;
    struct frame_found found = rtu327_find(frame, NULL);
    is_int(found.state, FRAME_WHOLE, "%s: found", name);
    ok(found.start == 0 && found.size == frame.size, "%s: from its first byte to its last", name);
    if (!ok(rtu327_decode(frame, &f), "%s: length and checksum", name))
        return;
    if (strncmp(name, "request", 7) == 0)
        check_request(name, &f, &said, frame);
    else
        check_answer(name, &f, &said, frame);
    want[strlen(want) - 1] = '\0';
    is_text(text, want + 1, "%s: what it says", name);
    for (size_t i = 0; i < frame.size; i++) {
        bytes[i] ^= 0x40;
        if (rtu327_decode(frame, &f))
            ok(false, "%s: byte %zu is not looked at", name, i);
        bytes[i] ^= 0x40;
    }
}

static void test_vectors(void)
{
    FILE *file = fopen("tests/vectors/rtu327.txt", "r");
    char *line = NULL;
    size_t room = 0;
    int lines = 0;
    if (!ok(file != NULL, "the vectors are there"))
        return;
    while (getline(&line, &room, file) > 0)
        if (*line != '#' && *line != '\n') {
            check_vector(line);
            lines++;
        }
    is_int(lines, 13, "every vector was looked at");
    free(line);
    fclose(file);
}

/* --- answers there and back ------------------------------------------------------------------------------------------ */

static bool same(struct decimal a, struct decimal b)
{
    return decimal_compare(a, b) == 0;
}

static void test_values(void)
{
    static const struct { int64_t mantissa; int exponent; uint64_t bits; } cases[] = {
        { -1, 0, 0xBFF0000000000000 }, { 0, 0, 0 }, { 1234567, -3, 0x40934A449BA5E354 }, { 25, -1, 0x4004000000000000 },
    };
    uint8_t memory[8];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct writer w = writer_over(memory, sizeof memory);
        struct decimal value = decimal_of(cases[i].mantissa, cases[i].exponent);
        rtu327_put_value(&w, value);
        struct cursor c = cursor_over(writer_bytes(&w)), raw = c;
        ok(take_le64(&raw) == cases[i].bits, "value %zu: the nearest double", i);
        ok(same(rtu327_take_value(&c), value) && cursor_done(&c), "value %zu: and back", i);
    }
    struct cursor nan = cursor_over(bytes_of("\0\0\0\0\0\0\xF8\x7F", 8));
    rtu327_take_value(&nan);
    ok(nan.failed, "what is no number is no value");
}

static void test_parameters(void)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_put_parameters(&w, &(struct rtu327_parameters){ 1, RTU327_NO_TYPE, decimal_of(40, 0), decimal_of(100, 0), decimal_of(5000, 0), 30, 1, -2, 3 });
    is_int(writer_size(&w), 40, "parameters take 40 bytes");
    struct cursor c = cursor_over(writer_bytes(&w));
    struct rtu327_parameters p = rtu327_take_parameters(&c);
    ok(cursor_done(&c) && p.version == 1 && p.type == 100 && same(p.current_ratio, decimal_of(40, 0)) && same(p.voltage_ratio, decimal_of(100, 0))
       && same(p.multiplier, decimal_of(5000, 0)) && p.interval == 30 && p.object_type == 1 && p.object == -2 && p.feeder == 3, "parameters there and back");
}

static void test_profile(void)
{
    static const struct decimal values[RTU327_CHANNELS] = { { 15, -1 }, { 0, 0 }, { 25, -2 }, { -1, 0 } };
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_put_profile_head(&w, &(struct rtu327_profile_head){ 1, RTU327_NO_READINGS, 1590971400 });
    is_int(writer_size(&w), RTU327_HEAD_SIZE, "the head of a profile");
    ok(memory[0] == 0x01 && memory[1] == 0x80, "bit 15 of the count is set");
    rtu327_put_channels(&w, 0x05, values);
    put_u8(&w, 0);
    is_int(writer_size(&w), RTU327_HEAD_SIZE + rtu327_interval_size(0x05), "two channels and a status an interval");
    struct cursor c = cursor_over(writer_bytes(&w));
    struct rtu327_profile_head h = rtu327_take_profile_head(&c);
    struct decimal back[RTU327_CHANNELS] = { { 0 } };
    rtu327_take_channels(&c, 0x05, back);
    ok(h.count == 1 && h.status == 1 && h.end == 1590971400, "the head there and back");
    ok(same(back[0], values[0]) && same(back[2], values[2]) && take_u8(&c) == 0 && cursor_done(&c), "the interval there and back");
}

static void test_tests(void)
{
    uint8_t memory[64];
    struct decimal values[RTU327_TESTS] = { [RTU327_FREQUENCY] = { 4998, -2 }, [RTU327_U_A] = { 2301, -1 } }, back[RTU327_TESTS];
    uint32_t bits = 1u << RTU327_FREQUENCY | 1u << RTU327_U_A;
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_put_tests_head(&w, &(struct rtu327_tests_head){ bits, 1, 2 });
    rtu327_put_tests(&w, bits, 1590969600, values);
    struct cursor c = cursor_over(writer_bytes(&w));
    struct rtu327_tests_head h = rtu327_take_tests_head(&c);
    ok(h.bits == (1u << 7 | 1u << 11) && h.count == 1 && h.elements == 2, "the head of measurements: frequency is bit 7, voltage of A bit 11");
    is_int(rtu327_take_tests(&c, h.bits, back), 1590969600, "the moment");
    ok(cursor_done(&c) && same(back[RTU327_FREQUENCY], values[RTU327_FREQUENCY]) && same(back[RTU327_U_A], values[RTU327_U_A]), "values there and back");
}

static void test_frozen(void)
{
    uint8_t memory[256];
    struct writer w = writer_over(memory, sizeof memory);
    struct rtu327_frozen f = rtu327_nothing_frozen(43982388, 1590969600);
    f.tariff[0].energy = decimal_of(123456, -3);
    f.total = decimal_of(200, 0);
    rtu327_put_frozen(&w, &f);
    is_int(writer_size(&w), RTU327_FROZEN_SIZE, "frozen registers take 198 bytes");
    ok(memcmp(memory, "8832893400", 10) == 0, "the number's last digit goes first");
    struct cursor c = cursor_over(writer_bytes(&w));
    struct rtu327_frozen back = rtu327_take_frozen(&c);
    ok(cursor_done(&c) && back.meter == 43982388 && back.time == 1590969600, "whose and when");
    ok(same(back.tariff[0].energy, f.tariff[0].energy) && same(back.tariff[3].energy, RTU327_ABSENT) && same(back.total, f.total)
       && back.tariff[1].maximum_time == 0 && same(back.quadrant[3], RTU327_ABSENT), "registers there and back, the others absent");
}

static void test_small(void)
{
    uint8_t memory[16];
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_put_version(&w, (struct rtu327_version){ 2, 1, 2 });
    ok(bytes_equal(writer_bytes(&w), bytes_of_text("020102")), "the version that УМ-SMART tells");
    struct cursor c = cursor_over(writer_bytes(&w));
    struct rtu327_version v = rtu327_take_version(&c);
    ok(v.major == 2 && v.middle == 1 && v.minor == 2 && cursor_done(&c), "and back");
    c = cursor_over(bytes_of_text("02a102"));
    rtu327_take_version(&c);
    ok(c.failed, "a letter is no digit");
    w = writer_over(memory, sizeof memory);
    rtu327_put_event(&w, (struct rtu327_event){ 1590969600, RTU327_PHASE_C_OFF });
    is_int(writer_size(&w), RTU327_EVENT_SIZE, "an event takes 6 bytes");
    c = cursor_over(writer_bytes(&w));
    struct rtu327_event e = rtu327_take_event(&c);
    ok(e.time == 1590969600 && e.type == 213, "an event there and back");
}

/* --- frames in a stream, bad requests --------------------------------------------------------------------------------- */

static void test_stream(void)
{
    static const uint8_t time_request[] = { 0x02, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0x72, 0xA0, 0x61 };
    uint8_t stream[64] = { 0xFF, 0x02, 0x00, 0x03 };
    memcpy(stream + 4, time_request, sizeof time_request);
    struct frame_found f = rtu327_find(bytes_of(stream, 4 + sizeof time_request), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 4 && f.size == sizeof time_request, "noise and a length that cannot be are passed over");
    for (size_t size = 1; size < sizeof time_request; size++) {
        f = rtu327_find(bytes_of(time_request, size), NULL);
        ok(f.state == FRAME_PARTIAL && f.start == 0 && f.size > size, "%zu bytes are a beginning", size);
    }
    size_t most = 20;
    uint8_t huge[] = { 0x02, 0x10, 0x00, 1 };
    f = rtu327_find(bytes_of(huge, sizeof huge), &most);
    ok(f.state == FRAME_PARTIAL && f.start == sizeof huge, "a body longer than any wanted is noise");
    stream[4 + sizeof time_request - 1] ^= 1;
    stream[4 + 3] = 0x34;
    f = rtu327_find(bytes_of(stream, 4 + sizeof time_request), NULL);
    is_int(f.state, FRAME_DAMAGED, "a wrong checksum");
    is_int(rtu327_number(bytes_of(stream + f.start, f.size)), 0x34, "whose number is known all the same");
    f = rtu327_find(bytes_of(NULL, 0), NULL);
    ok(f.state == FRAME_PARTIAL && f.start == 0, "nothing is nothing");
}

static bool taken(uint8_t command, const char *hex)
{
    uint8_t data[32];
    struct rtu327_request r;
    long size = hex_parse(hex, data, sizeof data);
    return rtu327_take_request(command, bytes_of(data, (size_t)size), &r);
}

static void test_requests(void)
{
    ok(rtu327_knows(RTU327_GETPOK) && !rtu327_knows(117) && !rtu327_knows(0), "commands");
    ok(taken(RTU327_GETSHPRM, "99 99 99 99 99"), "ten digits");
    ok(!taken(RTU327_GETSHPRM, "00 43 98 23"), "too short");
    ok(!taken(RTU327_GETSHPRM, "00 43 98 23 88 00"), "too long");
    ok(!taken(RTU327_GETSHPRM, "00 43 98 23 8A"), "a number that is no decimal");
    ok(!taken(RTU327_GETPOK, "00 43 98 23 88 00 00 45 D4 5E"), "no channel");
    ok(!taken(RTU327_GETPOK, "00 43 98 23 88 10 00 45 D4 5E"), "a channel that there is not");
    ok(!taken(RTU327_GETAUTOREAD, "00 43 98 23 88 FF 44 D4 5E 05 01"), "a fifth channel");
    ok(!taken(RTU327_GETAUTOREAD, "00 43 98 23 88 FF 44 D4 5E 01 FF"), "less than no records");
    ok(!taken(RTU327_GETMTRLOG, "00 43 98 23 88 00 45 D4 5E FF FF"), "less than no events");
    ok(taken(RTU327_GETMTRLOG, "00 43 98 23 88 00 45 D4 5E FF 7F"), "32767 events");
    ok(!taken(RTU327_GETTIME, "00"), "data of a command that has none");
    ok(!taken(200, ""), "no such command");
}

int main(void)
{
    is_int(crc16_rtu327(bytes_of("\x0B\x30\x30\x30\x31\x00\x00\x72", 8)), 0x21E8, "Grabli66/DeviceProtocols: 0B 30 30 30 31 00 00 72");
    test_vectors();
    test_values();
    test_parameters();
    test_profile();
    test_tests();
    test_frozen();
    test_small();
    test_stream();
    test_requests();
    return tap_done();
}
