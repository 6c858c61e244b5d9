/* Every m230 frame of the sheet's vectors: checksums, finding, decoded meaning; the finder against look-alikes; the
 * arithmetic of addresses and profile rings. */
#include "base/text.h"
#include "tap.h"
#include "wire/crc.h"
#include "wire/mercury.h"

#include <stdlib.h>

/* --- meanings: name of the vector → what its reply says ---------------------------------------------------------- */

static void say_status(struct cursor *c, struct text *t)
{
    text_printf(t, "status %u", take_u8(c) & 15);
}

static void say_energies(struct cursor *c, struct text *t)
{
    for (int i = 0; i < 4; i++) {
        uint32_t value = mercury_take_word32(c);
        if (value == MERCURY_NONE)
            text_put(t, i ? " -" : "-");
        else
            text_printf(t, i ? " %u" : "%u", value);
    }
}

static void say_measure(struct cursor *c, struct text *t)
{
    struct mercury_measure m = mercury_take_measure3(c);
    text_printf(t, "%u%s%s", m.value, m.active_reverse ? " P-" : "", m.reactive_reverse ? " Q-" : "");
}

static void say_group3(struct cursor *c, struct text *t)
{
    while (cursor_left(c) >= 3) {
        say_measure(c, t);
        text_put(t, cursor_left(c) ? ", " : "");
    }
}

static void say_group4(struct cursor *c, struct text *t)
{
    while (cursor_left(c) >= 4) {
        struct mercury_measure m = mercury_take_measure4(c);
        text_printf(t, "%u%s%s%s", m.value, m.active_reverse ? " P-" : "", m.reactive_reverse ? " Q-" : "", cursor_left(c) ? ", " : "");
    }
}

static void say_wall(struct text *t, int64_t wall)
{
    char text[CIVIL_TEXT_MAX];
    text_put(t, wall_format(wall, text));
}

static void say_times(struct cursor *c, struct text *t)
{
    say_wall(t, mercury_take_time(c));
    text_put(t, " / ");
    say_wall(t, mercury_take_time(c));
    if (cursor_left(c))
        text_printf(t, " #%u", take_u8(c));
}

static void say_clock(struct cursor *c, struct text *t)
{
    struct mercury_clock k = mercury_take_clock(c);
    say_wall(t, k.wall);
    text_printf(t, " day %u %s", k.weekday, k.winter ? "winter" : "summer");
}

static void say_dip(struct cursor *c, struct text *t)
{
    unsigned hundredths = take_bcd(c);
    say_wall(t, mercury_take_time(c));
    unsigned duration = take_le16(c), kind = take_u8(c), depth = take_le16(c);
    text_printf(t, ".%02u %u ms kind %u depth %u", hundredths, duration * 10, kind, depth);
}

static void say_serial(struct cursor *c, struct text *t)
{
    text_printf(t, "%08u ", mercury_take_serial(c));
    say_wall(t, mercury_take_produced(c));
}

static void say_passport(struct cursor *c, struct text *t)
{
    say_serial(c, t);
    unsigned a = take_bcd(c), b = take_bcd(c), d = take_bcd(c);
    struct mercury_variant v = mercury_take_variant(c);
    text_printf(t, " %u.%u.%u A=%u%s%s%s%s%s", a, b, d, v.constant, v.one_phase ? " 1ph" : " 3ph", v.profile ? " profile" : "",
                v.one_direction ? " one-way" : "", v.wide_memory ? " wide" : "", v.extended ? " extended" : "");
}

static void say_words(struct cursor *c, struct text *t)
{
    unsigned first = take_be16(c), second = take_be16(c);
    text_printf(t, "%u %u", first, second);
}

static void say_version(struct cursor *c, struct text *t)
{
    unsigned a = take_bcd(c), b = take_bcd(c), d = take_bcd(c);
    text_printf(t, "%u.%u.%u", a, b, d);
}

static void say_word(struct cursor *c, struct text *t)
{
    text_printf(t, "%u", take_be16(c));
}

static void say_thd(struct cursor *c, struct text *t)
{
    text_printf(t, "%u", take_le16(c));
}

static void say_bits(struct cursor *c, struct text *t)
{
    text_printf(t, "%llX", (unsigned long long)mercury_take_bits48(c));
}

static void say_last(struct cursor *c, struct text *t)
{
    struct mercury_last l = mercury_take_last(c);
    text_printf(t, "place %u status %u T %u ", l.place, l.status, l.period);
    say_wall(t, l.end);
}

static void say_record(struct cursor *c, struct text *t)
{
    struct mercury_record r = mercury_take_record(c);
    text_printf(t, "status %u T %u %u %u %u %u ", r.status, r.period, r.counts[0], r.counts[1], r.counts[2], r.counts[3]);
    say_wall(t, r.end);
}

static const struct {
    const char *name;
    void (*say)(struct cursor *, struct text *);
    const char *meaning;
} meanings[] = {
    { "open level 1", say_status, "status 0" },
    { "open level 2", say_status, "status 0" },
    { "energy since reset", say_energies, "3196200 - 300444 -" },
    { "U1", say_measure, "24128" },
    { "U2", say_measure, "24043" },
    { "U3", say_measure, "50405" },
    { "I1", say_measure, "69" },
    { "I2", say_measure, "96" },
    { "P sum", say_measure, "553095 Q-" }, /* 087087h; the 5529.35 W beside the vector is a slip of the pen */
    { "temperature", say_word, "24" },
    { "exception", say_status, "status 2" },
    { "test", say_status, "status 0" },
    { "open level 1 ASCII", say_status, "status 0" },
    { "set clock", say_status, "status 0" },
    { "correct clock", say_status, "status 0" },
    { "read clock", say_clock, "2008-02-27 16:14:43 day 3 winter" },
    { "journal on/off rec 2", say_times, "2008-02-01 07:53:01 / 2008-02-01 12:50:09" },
    { "journal cover", say_times, "2008-01-23 10:23:53 / 2008-01-23 10:23:59 #0" },
    { "journal overvoltage rec 3", say_dip, "2017-11-10 13:48:31.53 20 ms kind 0 depth 13351" },
    { "energy January", say_energies, "2672 - 1000 0" },
    { "quadrants", say_energies, "1645 0 0 241" },
    { "day slice 23.06.19 T2", say_energies, "31838 - 732 3485" },
    { "serial", say_serial, "41906467 2020-06-22 00:00:00" },
    { "passport", say_passport, "32874766 2018-06-26 00:00:00 9.0.0 A=500 3ph profile one-way wide extended" },
    { "ratios", say_words, "1 1" },
    { "version", say_version, "9.0.0" },
    { "address", say_word, "128" },
    { "status word", say_bits, "4" },
    { "S frozen group", say_group4, "10727 Q-, 10727 Q-, 0, 0" },
    { "cos phi group", say_group3, "557 Q-, 557 Q-, 0, 0" },
    { "THD phase 1", say_thd, "201" },
    { "period init error", say_status, "status 1" },
    { "frequency", say_measure, "4999" },
    { "last profile record", say_last, "place 1 status 10 T 30 2008-03-04 09:00:00" },
    { "profile record", say_record, "status 10 T 30 10500 65535 0 0 2008-03-05 10:00:00" },
    { "relative read", say_record, "status 10 T 30 10500 65535 0 0 2008-03-05 10:00:00" },
    { "relay on (level 2)", say_status, "status 0" },
};

static int depth_seen, lines_seen;

static void count_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e, (void)part;
    lines_seen += *label != '\0' && value != NULL;
    depth_seen = depth;
}

static void check_explained(const char *name, struct bytes request, struct bytes reply)
{
    struct explain e = { .line = count_line, .lang = LANG_EN };
    lines_seen = 0;
    mercury_explain(&e, request);
    int of_request = lines_seen;
    mercury_explain_reply(&e, request, reply);
    ok(of_request >= 4 && lines_seen - of_request >= 4 && e.depth == 0, "%s: explained", name);
}

static void check_found(const char *name, struct bytes request, struct bytes reply)
{
    struct frame_found f = mercury_find_request(request, NULL);
    ok(f.state == FRAME_WHOLE && f.start == 0 && f.size == request.size, "%s: request found whole", name);
    struct mercury_answer wanted = { .address = reply.data[0] };
    mercury_answer_sizes(request, wanted.sizes);
    f = mercury_find_answer(reply, &wanted);
    bool found = f.state == FRAME_WHOLE || f.state == FRAME_PERHAPS;
    ok(found && f.start == 0 && f.size == reply.size, "%s: reply found whole", name);
    for (size_t size = 0; size < reply.size; size++)
        if (mercury_find_answer(bytes_part(reply, 0, size), &wanted).state != FRAME_PARTIAL)
            ok(0, "%s: %zu bytes of the reply are no frame", name, size);
}

static void check_meaning(const char *name, struct bytes reply)
{
    char said[160] = "";
    struct text t = text_over(said, sizeof said);
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (strcmp(meanings[i].name, name) != 0)
            continue;
        struct cursor c = cursor_over(mercury_data(reply));
        if (strcmp(name, "exception") == 0 || mercury_data(reply).size == 1)
            say_status(&c, &t);
        else
            meanings[i].say(&c, &t);
        is_text(said, meanings[i].meaning, "%s: %s", name, meanings[i].meaning);
        ok(cursor_done(&c), "%s: all of the data is read", name);
        return;
    }
    ok(0, "a meaning is written for the vector '%s'", name);
}

static void check_vector(char *line)
{
    char *save, *name = strtok_r(line, "|", &save), *asked = strtok_r(NULL, "|", &save), *said = strtok_r(NULL, "|", &save);
    for (size_t n = strlen(name); n && name[n - 1] == ' '; n--)
        name[n - 1] = '\0';
    uint8_t a[MERCURY_FRAME_MAX], b[MERCURY_FRAME_MAX];
    long asked_size = hex_parse(asked, a, sizeof a), said_size = hex_parse(said, b, sizeof b);
    struct bytes request = bytes_of(a, (size_t)asked_size), reply = bytes_of(b, (size_t)said_size);
    ok(asked_size > 0 && mercury_sound(request), "%s: checksum of the request", name);
    ok(said_size > 0 && mercury_sound(reply), "%s: checksum of the reply", name);
    check_found(name, request, reply);
    check_meaning(name, reply);
    check_explained(name, request, reply);
}

static void test_vectors(void)
{
    FILE *f = fopen("tests/vectors/electricity.txt", "r");
    char line[1024];
    int seen = 0;
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "m230 ", 5) != 0)
            continue;
        check_vector(line + 5);
        seen++;
    }
    if (f)
        fclose(f);
    is_int(seen, sizeof meanings / sizeof *meanings, "every vector has its meaning and every meaning its vector");
}

/* --- the finder ---------------------------------------------------------------------------------------------------- */

static struct frame_found find(const char *hex, uint8_t address, uint8_t size, size_t cut)
{
    uint8_t b[MERCURY_FRAME_MAX];
    long count = hex_parse(hex, b, sizeof b);
    struct mercury_answer wanted = { .address = address, .sizes = { size } };
    return mercury_find_answer(bytes_of(b, cut ? cut : (size_t)count), &wanted);
}

static void test_look_alike(void)
{
    /* a power whose three bytes are a refusal's status and checksum */
    uint8_t b[6];
    struct writer w = writer_over(b, sizeof b);
    put_u8(&w, 0x80);
    put_u8(&w, 0x02);
    mercury_seal(&w); /* "80 02 kk kk" is a whole refusal, and here three bytes of a power */
    mercury_seal(&w);
    struct mercury_answer wanted = { .address = 0x80, .sizes = { 3 } };
    struct frame_found f = mercury_find_answer(bytes_of(b, 4), &wanted);
    ok(f.state == FRAME_PERHAPS && f.size == 4, "a refusal that may go on is a perhaps");
    is_int(mercury_find_answer(bytes_of(b, 5), &wanted).state, FRAME_PERHAPS);
    f = mercury_find_answer(bytes_of(b, 6), &wanted);
    ok(f.state == FRAME_WHOLE && f.size == 6, "the longer frame wins");
    wanted.sizes[0] = 0;
    f = mercury_find_answer(bytes_of(b, 4), &wanted);
    ok(f.state == FRAME_WHOLE && f.size == 4, "where only a status is awaited it is whole at once");
}

static void test_finder(void)
{
    struct frame_found f = find("AA BB 80 00 87 13 0B D9", 0x80, 3, 0);
    ok(f.state == FRAME_WHOLE && f.start == 2 && f.size == 6, "noise is passed over");
    f = find("81 80 80 00 87 13 0B D9 00", 0x80, 3, 0);
    ok(f.state == FRAME_WHOLE && f.start == 2 && f.size == 6, "noise that looks like an address too");
    f = find("AA 80 01 A1 B0", 0x80, 16, 0);
    ok(f.state == FRAME_PERHAPS && f.start == 1 && f.size == 4, "a refusal behind noise waits for silence");
    f = find("80 00 87 12 0B D9", 0x80, 3, 0);
    is_int(f.state, FRAME_PARTIAL, "a damaged frame is none");
    f = find("2A 00 1E D0", 0x80, 0, 0);
    ok(f.state == FRAME_WHOLE, "another meter's frame is found, for the judge to see");
    f = find("", 0x80, 3, 0);
    ok(f.state == FRAME_PARTIAL && f.start == 0, "nothing is nothing");
    f = find("80 00", 0x80, 0, 0);
    ok(f.state == FRAME_PARTIAL && f.size == 4, "four bytes at least");
    uint8_t r[] = { 0xFF, 0x80, 0x00, 0x60, 0x70 };
    f = mercury_find_request(bytes_of(r, sizeof r), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 1, "a request behind noise");
    ok(mercury_looks(bytes_of(r + 1, 4)) && !mercury_looks(bytes_of(r, 5)) && !mercury_looks(bytes_of(r + 1, 3)));
}

static void test_addresses(void)
{
    static const struct {
        uint32_t serial;
        uint8_t plain, d;
    } rows[] = { { 38395190, 190, 90 }, { 38395790, 90, 90 }, { 38395700, 1, 20 }, { 38395507, 7, 17 }, { 41906239, 239, 39 },
                 { 41906240, 40, 40 }, { 41906124, 124, 124 }, { 41906125, 125, 25 }, { 41906000, 1, 20 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        is_int(mercury_address(rows[i].serial), rows[i].plain, "address of %u", rows[i].serial);
        is_int(mercury_address_d(rows[i].serial), rows[i].d, "address of %u with D", rows[i].serial);
    }
}

static void test_rings(void)
{
    struct mercury_ring small = mercury_ring_of(false, 6), wide = mercury_ring_of(true, 9), old = mercury_ring_of(true, 2);
    is_int(small.records, 4096);
    is_int(wide.records, 8192);
    ok(old.records == 4096 && old.narrow, "no 17th bit before 3.0.0");
    is_int(mercury_record_of(&wide, 1, false), 1, "firmware 7 and later numbers the records");
    is_int(mercury_record_address(&wide, 1), 0x10, "the maker's example: 00 01 is address 0010h");
    is_int(mercury_record_of(&small, 0x0010, false), 1, "before, it is the address itself");
    struct mercury_ring six = mercury_ring_of(true, 6);
    is_int(mercury_record_of(&six, 0x0010, true), 4097, "its 17th bit is added");
    is_int(mercury_record_before(&wide, 1, 3), 8190, "back over the beginning");
    is_int(mercury_record_before(&wide, 8190, -3), 1, "and forth");
    is_int(mercury_record_before(&small, 5, 4096 * 3), 5);
    is_int(mercury_record_address(&wide, 8191), 0x1FFF0);
}

static void test_numbers(void)
{
    uint8_t b[16];
    struct writer w = writer_over(b, sizeof b);
    mercury_put_clock(&w, wall_from_fields(2008, 3, 5, 10, 55, 0), true);
    ok(bytes_equal(writer_bytes(&w), bytes_of("\x00\x55\x10\x03\x05\x03\x08\x01", 8)), "the vector's clock, Wednesday is 3");
    struct cursor c = cursor_over(bytes_of("\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00", 12));
    ok(mercury_take_time(&c) == WALL_NONE && mercury_take_time(&c) == WALL_NONE && cursor_done(&c), "empty journal records");
    c = cursor_over(bytes_of("\xFF\xFF\xFF", 3));
    ok(!mercury_take_measure3(&c).measured, "all ones: not measured");
}

int main(void)
{
    test_vectors();
    test_look_alike();
    test_finder();
    test_addresses();
    test_rings();
    test_numbers();
    return tap_done();
}
