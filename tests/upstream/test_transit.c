/* Transit's own rules: who may connect, what a serial port behind telnet answers. The port itself is tested over the running program
 * (tests/system/test_transit.py). */
#include "tap.h"
#include "base/text.h"
#include "store/registry/registry.h"
#include "store/store_help.h"
#include "upstream/transit/com_port.h"
#include "upstream/transit/interfaces.h"

static void test_addresses(void)
{
    static const struct { const char *list; bool valid; } lists[] = {
        { "", true }, { "10.0.0.0/8 192.168.1.5", true }, { " 10.0.0.1,10.0.0.2 ; ::1 ", true }, { "fd00::/8", true }, { "0.0.0.0/0", true },
        { "10.0.0.0/33", false }, { "10.0.0", false }, { "host.example.org", false }, { "10.0.0.0/", false }, { "10.0.0.0/-1", false },
        { "10.0.0.0/8x", false }, { "fd00::/129", false }, { "10.0.0.1 !", false },
        { "1111111111111111111111111111111111111111111111111111111111111111111111", false },
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        is_int(addresses_valid(lists[i].list), lists[i].valid, "a list: \"%.30s\"", lists[i].list);
    static const struct { const char *list, *address; bool holds; } rows[] = {
        { "", "8.8.8.8", true }, { "10.0.0.0/8", "10.255.1.2", true }, { "10.0.0.0/8", "11.0.0.1", false }, { "192.168.1.5", "192.168.1.5", true },
        { "192.168.1.5", "192.168.1.4", false }, { "10.0.0.0/8 127.0.0.1", "127.0.0.1", true }, { "172.16.0.0/12", "172.31.255.255", true },
        { "172.16.0.0/12", "172.32.0.0", false }, { "fd00::/8", "fd12::1", true }, { "fd00::/8", "fe80::1", false }, { "0.0.0.0/0", "1.2.3.4", true },
        { "0.0.0.0/0", "fd12::1", false }, { "10.0.0.1", "nonsense", false }, { "10.0.0.1", "", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_int(addresses_hold(rows[i].list, rows[i].address), rows[i].holds, "\"%s\" and %s", rows[i].list, rows[i].address);
}

/* What the port answers to a command. */
static const char *answer(struct com_port *p, uint8_t command, const char *value)
{
    static char said[200];
    uint8_t out[100], in[100];
    struct text t = text_over(said, sizeof said);
    struct writer w = { .start = out, .at = out, .end = out + sizeof out };
    long size = hex_parse(value, in, sizeof in);
    com_port_command(p, command, bytes_of(in, (size_t)size), &w);
    text_put_hex(&t, bytes_of(out, (size_t)(w.at - out)));
    return said;
}

static void test_commands(void)
{
    struct com_port p = { .line = { 9600, 8, 'N', 1 } };
    is_text(answer(&p, COM_BAUD, "00000000"), "FFFA2C6500002580FFF0", "0 asks for the speed");
    ok(!p.shaped, "and sets nothing");
    is_text(answer(&p, COM_BAUD, "00000960"), "FFFA2C6500000960FFF0", "2400");
    ok(p.line.baud == 2400 && p.shaped, "is set");
    is_text(answer(&p, COM_BAUD, "000004D2"), "FFFA2C6500000960FFF0", "a speed that lines do not have is refused with the present one");
    is_text(answer(&p, COM_BAUD, "FFFFFFFF"), "FFFA2C6500000960FFF0", "so is nonsense");
    is_text(answer(&p, COM_BAUD, "0000000000000960"), "FFFA2C6500000960FFF0", "and too long a number");
    is_text(answer(&p, COM_DATA_SIZE, "07"), "FFFA2C6607FFF0", "7 bits");
    is_text(answer(&p, COM_DATA_SIZE, "05"), "FFFA2C6607FFF0", "5 are refused");
    is_text(answer(&p, COM_PARITY, "03"), "FFFA2C6703FFF0", "even");
    is_text(answer(&p, COM_PARITY, "04"), "FFFA2C6703FFF0", "mark is refused");
    is_text(answer(&p, COM_STOP_SIZE, "02"), "FFFA2C6802FFF0", "2 stop bits");
    is_text(answer(&p, COM_STOP_SIZE, "03"), "FFFA2C6802FFF0", "one and a half are refused");
    ok(p.line.bits == 7 && p.line.parity == 'E' && p.line.stop == 2, "the line as it was set");
    is_text(answer(&p, COM_CONTROL, "02"), "FFFA2C6901FFF0", "XON/XOFF is refused: no flow control");
    is_text(answer(&p, COM_CONTROL, "05"), "FFFA2C6906FFF0", "break is refused: off");
    is_text(answer(&p, COM_CONTROL, "08"), "FFFA2C6908FFF0", "DTR is kept in words");
    is_text(answer(&p, COM_CONTROL, "07"), "FFFA2C6908FFF0", "and told");
    is_text(answer(&p, COM_CONTROL, "0C"), "FFFA2C690CFFF0", "RTS off");
    is_text(answer(&p, COM_MODEM_STATE_MASK, "FF"), "FFFA2C6F00FFF0", "modem lines are never told of");
    is_text(answer(&p, COM_PURGE, "01"), "FFFA2C7001FFF0", "purge");
    is_text(answer(&p, COM_SIGNATURE, ""), "FFFA2C6473766F64FFF0", "who we are");
    is_text(answer(&p, COM_SIGNATURE, "4142"), "", "who they are needs no answer");
    is_text(answer(&p, 77, "00"), "", "an unknown command neither");
}

static const char *negotiate(struct com_port *p, enum telnet_verb verb, uint8_t option)
{
    static char said[50];
    uint8_t out[20];
    struct text t = text_over(said, sizeof said);
    struct writer w = { .start = out, .at = out, .end = out + sizeof out };
    com_port_negotiate(p, verb, option, &w);
    text_put_hex(&t, bytes_of(out, (size_t)(w.at - out)));
    return said;
}

static void test_negotiations(void)
{
    struct com_port p = { 0 };
    is_text(negotiate(&p, TELNET_WILL, TELNET_COM_PORT), "FFFD2C", "the option is taken");
    is_text(negotiate(&p, TELNET_WILL, TELNET_COM_PORT), "", "once: no endless talk");
    is_text(negotiate(&p, TELNET_DO, TELNET_BINARY), "FFFB00", "binary");
    is_text(negotiate(&p, TELNET_DO, TELNET_ECHO), "FFFC01", "an echo is refused");
    is_text(negotiate(&p, TELNET_WONT, TELNET_COM_PORT), "FFFE2C", "and given up");
    is_text(negotiate(&p, TELNET_DONT, 24), "", "nobody asked for that");
}

static void test_interfaces(void)
{
    struct store *s = help_open("interfaces.db", NULL);
    struct interface one, seen;
    is_int(interface_read(s, 3, &one), FAULT_NONE);
    ok(one.number == 3 && one.link == 0 && one.line.baud == 0 && one.idle_s == 120 && one.mode == TRANSIT_SPEAK, "presets");
    one.link = 7;
    one.line = (struct line){ 2400, 7, 'E', 2 };
    one.mode = TRANSIT_LISTEN;
    one.others_listen = true;
    one.hold_s = 77;
    snprintf(one.allowed, sizeof one.allowed, "10.0.0.0/8");
    is_int(interface_write(s, &one), FAULT_NONE);
    is_int(interface_write(s, &one), FAULT_CHANGED, "who has not seen the last change is refused");
    is_int(interface_read(s, 3, &seen), FAULT_NONE);
    ok(seen.link == 7 && seen.line.baud == 2400 && seen.line.bits == 7 && seen.line.parity == 'E' && seen.line.stop == 2 && seen.mode == TRANSIT_LISTEN &&
       seen.others_listen && seen.hold_s == 77 && seen.revision == one.revision + 1, "what was written is read");
    is_text(seen.allowed, "10.0.0.0/8");
    is_int(interface_of_link(s, 7), 3, "the number of a link");
    is_int(interface_of_link(s, 8), 0, "a link without one");
    store_close(&s);
}

/* The box's own channels are there from the beginning: nobody on a ladder knows what the machine calls them. */
static void test_box_as_it_came(void)
{
    char socket_path[400], device[420], problem[200];
    struct text t = text_over(problem, sizeof problem);
    snprintf(socket_path, sizeof socket_path, "sim:%s", help_file("b"));
    for (int n = 1; n <= 3; n += 2) { /* interface 2 is not fitted */
        snprintf(device, sizeof device, "%s.rs%d", socket_path + strlen("sim:"), n);
        fclose(fopen(device, "w"));
    }
    struct board *b = board_open(socket_path, LANG_EN, &t);
    struct store *s = help_open("came.db", NULL);
    struct arena a = { 0 };
    struct store_link link;
    struct interface one;
    is_int(interfaces_begin(s, b, LANG_RU), FAULT_NONE);
    is_int(interface_read(s, 3, &one), FAULT_NONE);
    is_int(store_link_get(s, one.link, &a, &link), FAULT_NONE, "interface 3 has its channel");
    is_text(link.title, "Интерфейс 3");
    snprintf(device, sizeof device, "serial:%s.rs3", socket_path + strlen("sim:"));
    is_text(link.uri, device, "which is the box's own");
    is_int(interface_read(s, 2, &one), FAULT_NONE);
    is_int(one.link, 0, "what is not fitted has none");
    is_int(interface_read(s, 3, &one), FAULT_NONE);
    one.link = 0;
    is_int(interface_write(s, &one), FAULT_NONE);
    is_int(interfaces_begin(s, b, LANG_RU), FAULT_NONE);
    is_int(interface_read(s, 3, &one), FAULT_NONE);
    is_int(one.link, 0, "what somebody took away stays away at the next start");
    store_close(&s);
    s = help_open("set-up.db", NULL);
    is_int(store_link_put(s, &(struct store_link){ .title = "bus", .uri = "serial:/dev/ttyS7", .settings = "", .guid = "" }, &link.id), FAULT_NONE);
    is_int(interfaces_begin(s, b, LANG_RU), FAULT_NONE);
    is_int(interface_read(s, 1, &one), FAULT_NONE);
    is_int(one.link, 0, "a database that somebody has set up is left alone");
    store_close(&s);
    board_free(&b);
    arena_free(&a);
}

int main(void)
{
    test_addresses();
    test_commands();
    test_negotiations();
    test_interfaces();
    test_box_as_it_came();
    help_clean();
    return tap_done();
}
