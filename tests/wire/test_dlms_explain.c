/* The tree of some frames, whole; what is recognised as DLMS and what is not. */
#include "tap.h"
#include "base/text.h"
#include "wire/dlms_explain.h"

static char drawn[16384];
static struct text tree;
static uint8_t memory[1024];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

static void line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e, (void)part;
    text_printf(&tree, "%*s%s%s%s\n", depth * 2, "", label, *value ? ": " : "", value);
}

static const char *explained(const char *bytes, enum lang lang, const struct dlms_keys *k)
{
    struct explain e = { .line = line, .lang = lang };
    tree = text_over(drawn, sizeof drawn);
    dlms_explain(&e, hex(bytes), k);
    return drawn;
}

static void has(const char *bytes, enum lang lang, const struct dlms_keys *k, const char *wanted)
{
    const char *got = explained(bytes, lang, k);
    if (!ok(strstr(got, wanted) != NULL, "explained"))
        printf("# no '%s' in\n# %s\n", wanted, got);
}

int main(void)
{
    static const char clock_answer[] = "7EA01F410221DA7955E6E700C401C100090C07EA0911040C0F0600FF4C0084D77E";
    is_text(explained(clock_answer, LANG_EN, NULL),
            "HDLC frame: I\n  destination: 32\n  source: 1/16 (2)\n  control: DA I\n    P/F: 1\n    N(S): 5\n    N(R): 6\n"
            "  checksums: good\n  LLC: E6E700\n  response: GET, normal\n    invoke id: 1, confirmed, high priority\n"
            "    data: 2026-09-17 Thu 12:15:06, deviation -180\n");
    has(clock_answer, LANG_RU, NULL, "данные: 2026-09-17 чт 12:15:06, отклонение -180");
    has("7EA02341022152D8FEE6E700C401C1000910CDC0D0D2C8D12D3130302E313231524C72657E", LANG_RU, NULL, "\"НАРТИС-100.121RL\"");
    has("7EA0174102211E718FE6E700C401C10002020F00161E61D47E", LANG_RU, NULL, "10^0 Вт·ч");
    has("7EA01A022141DC6BACE6E600C001C100030100010800FF020032687E", LANG_EN, NULL, "object: 1.0.1.8.0.255\n      class: 3 Register\n      attribute: 2");
    has("7EA0080221419350B57E", LANG_EN, NULL, "checksums: bad FCS");
    has("7EA02141022173DBD88180140502010006020100070400000001080400000001696D7E", LANG_EN, NULL, "information, transmit: 256");
    has("6129A109060760857405080101A203020101A305A10302010DBE10040E0800065F1F040000101D03E80007", LANG_RU, NULL, "причина: user 13 неверный пароль или ключ");
    has("601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0", LANG_EN, NULL, "bit: 19 get");
    has("0001001000010003D80201", LANG_EN, NULL, "source: 16");
    has("0001001000010003D80201", LANG_EN, NULL, "service unknown");
    has("D801060000002A", LANG_EN, NULL, "expected invocation counter: 42");
    has("13 020211 12 06 010102 020304", LANG_EN, NULL, "data: 2 (compact-array)\n  structure: 2\n    uint8: 1\n    uint16: 258");
    has("DEADBEEF", LANG_EN, NULL, "APDU not readable: DEADBEEF");

    static const uint8_t keys[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6,
        0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E };
    struct dlms_keys k = { .encryption = bytes_of(keys, 16), .authentication = bytes_of(keys + 16, 16), .client_title = bytes_of(keys + 32, 8) };
    static const char ciphered[] = "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B";
    has(ciphered, LANG_EN, NULL, "protection: no key");
    has(ciphered, LANG_EN, &k, "protection: opened\n  request: GET, normal");
    k.authentication = bytes_of(keys, 16);
    has(ciphered, LANG_EN, &k, "protection: not authentic");

    ok(dlms_looks(hex(clock_answer)), "a frame");
    ok(dlms_looks(hex("7EA0080221419350B57E")), "a damaged frame is of this family as well");
    ok(dlms_looks(hex("0001001000010003D80201")) && dlms_looks(hex("C001C100080000010000FF0200")), "a packet, an APDU");
    ok(dlms_looks(hex("E6E600C001C100080000010000FF0200")), "an APDU behind LLC");
    ok(!dlms_looks(hex("")) && !dlms_looks(hex("0000")) && !dlms_looks(hex("680B0B6808017200")), "others");
    ok(!dlms_looks(hex("010300000002C40B")) && !dlms_looks(hex("0102")) && !dlms_looks(hex("C0")), "a Modbus request, data alone, a lone tag");
    return tap_done();
}
