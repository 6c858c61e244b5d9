/* Telnet with the COM port option: what pySerial's client sends, RFC 2217's examples, and telling it from meters' frames. */
#include "tap.h"
#include "base/text.h"
#include "wire/telnet.h"

static uint8_t memory[512];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

/* How serial/rfc2217.py of pySerial 3.5 begins. */
#define PYSERIAL "FFFD01 FFFB03 FFFD03 FFFD00 FFFB00 FFFD2C FFFB2C"

static void test_recognise(void)
{
    static const struct { const char *first; enum telnet_guess guess; const char *why; } rows[] = {
        { PYSERIAL, TELNET_YES, "pySerial's beginning" },
        { "FFFD01 FFFB03", TELNET_PERHAPS, "the beginning of it" },
        { "FF", TELNET_PERHAPS, "one byte" },
        { "FFFB", TELNET_PERHAPS, "two" },
        { "FFFD01 FF", TELNET_PERHAPS, "a negotiation and a byte" },
        { "FFFC2C", TELNET_PERHAPS, "a client that will not have the option" },
        { "7EA00703", TELNET_NO, "HDLC" },
        { "01000001B0", TELNET_NO, "Меркурий" },
        { "FF0001B0", TELNET_NO, "a frame that begins with FF" },
        { "FFFFFFFF05", TELNET_NO, "wake-up bytes" },
        { "FFFB03 0100", TELNET_NO, "a negotiation before bytes that are none" },
        { "FFFBF0", TELNET_NO, "an option that does not exist" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_int(telnet_recognise(hex(rows[i].first)), rows[i].guess, "%s", rows[i].why);
    is_int(telnet_recognise(bytes_of(NULL, 0)), TELNET_PERHAPS, "nothing yet");
    memset(memory, 0, sizeof memory);
    for (size_t i = 0; i < TELNET_FIRST_MAX + 2; i += 3)
        memcpy(memory + i, "\xFF\xFB\x03", 3);
    is_int(telnet_recognise(bytes_of(memory, TELNET_FIRST_MAX)), TELNET_NO, "nobody negotiates for ever");
}

/* All pieces of what came in parts of `step` bytes, as text. */
static const char *pieces(const char *from, size_t step)
{
    static char said[1000];
    struct text t = text_over(said, sizeof said);
    struct telnet telnet = { 0 };
    struct bytes all = hex(from);
    for (size_t at = 0; at < all.size; at += step) {
        struct bytes in = bytes_part(all, at, step);
        struct telnet_piece p;
        while (telnet_next(&telnet, &in, &p)) {
            if (p.kind == TELNET_OPTION)
                text_printf(&t, "%u:%u ", p.verb, p.option);
            else if (p.kind == TELNET_COMMAND)
                text_printf(&t, "c%u=", p.command);
            text_put_hex(&t, p.data);
            if (p.kind != TELNET_OPTION)
                text_put(&t, " ");
        }
    }
    return said;
}

static void test_pieces(void)
{
    is_text(pieces("0102FFFF03", 100), "0102 FF 03 ", "a doubled FF is one");
    is_text(pieces("0102FFFF03", 1), "01 02 FF 03 ", "byte by byte, too");
    is_text(pieces(PYSERIAL, 2), "253:1 251:3 253:3 253:0 251:0 253:44 251:44 ", "negotiations");
    is_text(pieces("FFFA2C0100002580FFF0", 3), "c1=00002580 ", "9600 baud");
    is_text(pieces("AAFFFA2C0303FFF0BB", 100), "AA c3=03 BB ", "even parity between data");
    is_text(pieces("FFFA2C01FFFF000000FFF0", 1), "c1=FF000000 ", "FF within a value is doubled");
    is_text(pieces("FFFA18005854FFF001", 100), "01 ", "another option's values are passed over");
    is_text(pieces("FFFA2CFFF001FFF101", 100), "01 01 ", "so are an empty one and commands without options");
    char longer[400] = "FFFA2C00";
    for (int i = 0; i < 60; i++)
        strcat(longer, "41");
    strcat(longer, "FFF055");
    is_text(pieces(longer, 100), "55 ", "a value without end is not kept");
}

static void test_writing(void)
{
    uint8_t out[64];
    char said[200];
    struct text t = text_over(said, sizeof said);
    struct writer w = { .start = out, .at = out, .end = out + sizeof out };
    telnet_put_data(&w, bytes_of("\x01\xFF\xFF\x02", 4));
    telnet_put_option(&w, TELNET_WILL, TELNET_COM_PORT);
    telnet_put_answer(&w, COM_BAUD, bytes_of("\x00\x00\x25\x80", 4));
    text_put_hex(&t, bytes_of(out, (size_t)(w.at - out)));
    is_text(said, "01FFFFFFFF02FFFB2CFFFA2C6500002580FFF0", "as the RFC writes it");
    w = (struct writer){ .start = out, .at = out, .end = out + 3 };
    telnet_put_data(&w, bytes_of("\xFF\xFF", 2));
    ok(w.failed, "what does not fit is said");
}

int main(void)
{
    test_recognise();
    test_pieces();
    test_writing();
    return tap_done();
}
