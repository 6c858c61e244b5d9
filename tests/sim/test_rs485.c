/* Buses: the wire's plan by itself, then meters on a real pty: order, collisions, echo, half duplex, pacing in bytes. */
#include "link/address.h"
#include "link/conversation.h"
#include "sim/rs485.h"
#include "sim/wire_plan.h"
#include "parrot.h"
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* --- the plan ----------------------------------------------------------------------------------------------------- */

static const char *as_text(struct wire_plan *w)
{
    static char text[128];
    size_t size = 0;
    struct wire_byte b;
    while (size + 1 < sizeof text && wire_next(w, INT64_MAX, &b))
        text[size++] = (char)b.value;
    text[size] = '\0';
    return text;
}

static void test_pace(void)
{
    struct wire_plan w = { .byte_ns = 1000 };
    struct wire_byte b;
    wire_master_says(&w, bytes_of("abc", 3), 500);
    ok(!wire_next(&w, 1499, &b), "a byte is heard when it is over, not before");
    ok(wire_next(&w, 1500, &b) && b.value == 'a' && b.end_ns == 1500 && b.master && !b.meter && !b.spoilt, "then it is");
    wire_master_says(&w, bytes_of("de", 2), 1700);
    is_int(wire_master_left(&w), 4);
    is_int(wire_pause_ns(&w), 5500, "what is written meanwhile follows without a gap");
    int64_t end = 0;
    while (wire_next(&w, INT64_MAX, &b))
        end = b.end_ns;
    is_int(end, 5500, "five bytes take five times a byte");
    is_int(wire_next_end_ns(&w), INT64_MAX, "then nobody talks");
    wire_master_says(&w, bytes_of("f", 1), 9000);
    ok(wire_next(&w, 10000, &b) && b.start_ns == 9000, "after a pause the line begins anew");
    wire_plan_free(&w);
}

static void test_collisions(void)
{
    struct wire_plan w = { .byte_ns = 1000 };
    struct wire_byte b;
    wire_meter_says(&w, bytes_of("\xE5", 1), 5000);
    wire_meter_says(&w, bytes_of("\xE5", 1), 5000);
    ok(wire_next(&w, 6000, &b) && b.value == 0xE5 && !b.spoilt, "equal bytes in step survive");
    wire_meter_says(&w, bytes_of("\x0F\x33", 2), 10000);
    wire_meter_says(&w, bytes_of("\xF3\x33\x41", 3), 10000);
    ok(wire_next(&w, INT64_MAX, &b) && b.value == 0x03 && b.spoilt, "different bytes are joined");
    ok(wire_next(&w, INT64_MAX, &b) && b.value == 0x33 && !b.spoilt, "until they are equal again");
    ok(wire_next(&w, INT64_MAX, &b) && b.value == 'A' && !b.spoilt, "who goes on alone is understood");
    wire_meter_says(&w, bytes_of("aaaa", 4), 20000);
    wire_meter_says(&w, bytes_of("a", 1), 21500);
    char text[8];
    snprintf(text, sizeof text, "%s", as_text(&w));
    ok(strlen(text) == 4 && text[0] == 'a' && text[1] != 'a' && text[3] == 'a', "out of step even equal bytes are lost");
    wire_meter_says(&w, bytes_of("xy", 2), 30000);
    wire_meter_says(&w, bytes_of("z", 1), 35000);
    is_text(as_text(&w), "xyz", "one after another is no collision");
    wire_meter_says(&w, bytes_of("mm", 2), 40000);
    wire_master_says(&w, bytes_of("m", 1), 41000);
    ok(wire_next(&w, INT64_MAX, &b) && b.value == 'm' && !b.master, "a meter alone");
    ok(wire_next(&w, INT64_MAX, &b) && b.value != 'm' && b.master && b.meter && b.spoilt, "the master spoils it");
    wire_plan_free(&w);
}

/* --- a bus on a pty ----------------------------------------------------------------------------------------------- */

static struct rs485 *open_bus(struct rs485_options o)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct rs485 *b = rs485_new(&o, LANG_EN, &problem);
    ok(b != NULL, "a bus opens %s", message);
    rs485_add(b, &(struct sim_birth){ .twin = &twin_parrot, .serial = 5000, .address = 5 });
    rs485_add(b, &(struct sim_birth){ .twin = &twin_parrot, .serial = 6000, .address = 6 });
    rs485_add(b, &(struct sim_birth){ .twin = &twin_starling, .serial = 7000, .address = 5 });
    rs485_start(b);
    return b;
}

static int open_port(const char *device, speed_t speed)
{
    struct termios t;
    int fd = open(device, O_RDWR | O_NOCTTY);
    tcgetattr(fd, &t);
    cfmakeraw(&t);
    cfsetispeed(&t, speed);
    cfsetospeed(&t, speed);
    tcsetattr(fd, TCSANOW, &t);
    tcflush(fd, TCIOFLUSH);
    return fd;
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        printf("# write failed\n");
}

/* What comes until nothing has come for so long. */
static const char *hear(int fd, int silence_ms)
{
    static char text[512];
    size_t size = 0;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    while (size + 1 < sizeof text && poll(&p, 1, silence_ms) > 0) {
        ssize_t got = read(fd, text + size, sizeof text - 1 - size);
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    text[size] = '\0';
    return text;
}

/* Waits long for the first byte, so that a slow machine changes nothing. */
static const char *ask(int fd, const char *text, char end)
{
    static char got[512];
    size_t size = 0;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    say(fd, text);
    while (size + 1 < sizeof got && poll(&p, 1, 10000) > 0 && read(fd, got + size, 1) == 1)
        if (got[size++] == end)
            break;
    got[size] = '\0';
    return got;
}

static void make_silent(struct sim_meter *m, void *argument)
{
    (void)argument;
    m->faults.silent = 1000;
}

static void test_families(void)
{
    char link[] = "/tmp/svod-bus-XXXXXX";
    close(mkstemp(link));
    unlink(link);
    struct rs485 *b = open_bus((struct rs485_options){ .link = link, .line = { 115200, 8, 'N', 1 } });
    int fd = open_port(link, B115200);
    is_text(ask(fd, "<5:a>", '>'), "<5000:1:a>", "a meter answers at its address");
    is_text(ask(fd, "<6:b>", '>'), "<6000:1:b>", "another at another");
    is_text(ask(fd, "[5:c]", ']'), "[7000:1:c]", "another family shares addresses and wires");
    is_text(ask(fd, "<5:d>", '>'), "<5000:2:d>", "sessions live on a bus");
    say(fd, "<9:x>");
    is_text(hear(fd, 100), "", "nobody at that address");
    is_text(ask(fd, "<5:e>", '>'), "<5000:3:e>", "what nobody took is forgotten after silence");
    is_text(ask(fd, "<*:E5>", '\xE5'), "\xE5", "all answers at once survive when they are equal");
    is_text(hear(fd, 60), "", "and are one byte");
    rs485_visit(b, 1, make_silent, NULL);
    say(fd, "<6:x>");
    is_text(hear(fd, 100), "", "faults work on a bus");
    is_text(ask(fd, "<5:f>", '>'), "<5000:5:f>");
    struct rs485_figures f = rs485_figures(b);
    ok(f.requests == 8 && f.answers == 8 && f.foreign == 1 && f.collisions == 0, "figures: %lu requests, %lu answers, %lu foreign",
       f.requests, f.answers, f.foreign);
    is_int(f.heard, 7 * 5 + 6 + 5, "bytes heard");
    is_int(f.sent, 6 * 10 + 1, "bytes said");
    is_int(f.bits_us, (f.heard + f.sent) * 10 * 1000000 / 115200, "the line carried each for its ten bits");
    is_int(f.turnaround_us, 6 * 3000 + 8000, "turnarounds are the twins'");
    ok(f.idle_us >= 0 && f.idle_us == f.until_us - f.since_us - f.bits_us - f.turnaround_us, "the rest was idle");
    close(fd);
    fd = open_port(rs485_device(b), B115200);
    is_text(ask(fd, "<5:g>", '>'), "<5000:6:g>", "a master may come and go");
    close(fd);
    rs485_free(&b);
    struct stat s;
    ok(lstat(link, &s) != 0, "the link goes with the bus");
}

/* At 600 bits/s a byte takes 18 ms: order and counts show what the wire does, whatever the machine's mood. */
static void test_half_duplex(void)
{
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 600, 8, 'E', 1 } });
    int fd = open_port(rs485_device(b), B600);
    say(fd, "<*:hello>");
    const char *both = hear(fd, 500);
    is_int(strlen(both), strlen("<5000:1:hello>"), "two different answers take the time of one");
    ok(strcmp(both, "<5000:1:hello>") != 0 && strcmp(both, "<6000:1:hello>") != 0 && both[0] == '<' && both[3] == '0', "and are joined: %s", both);
    ok(rs485_figures(b).collisions == 1, "one byte differed");
    say(fd, "<5:0123456789012345678901234567890123456789>");
    char first;
    ok(read(fd, &first, 1) == 1 && first == '<', "the answer begins");
    say(fd, "<6:a>");
    const char *rest = hear(fd, 500);
    ok(strlen(rest) == 48 && strcmp(rest, "5000:2:0123456789012345678901234567890123456789>") != 0, "talking into an answer spoils it: %s", rest);
    is_int(rs485_figures(b).collisions, 6, "five bytes are lost for both");
    is_text(ask(fd, "<6:b>", '>'), "<6000:2:b>", "and the request was not understood");
    close(fd);
    rs485_free(&b);
}

static void test_echo_and_speed(void)
{
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 9600, 8, 'N', 1 }, .echo = true, .strict = true });
    int fd = open_port(rs485_device(b), B9600);
    say(fd, "<5:a>");
    is_text(hear(fd, 300), "<5:a><5000:1:a>", "the master hears itself first");
    close(fd);
    fd = open_port(rs485_device(b), B19200);
    say(fd, "<5:b>");
    is_text(hear(fd, 300), "<5:b>", "at another speed nobody understands");
    close(fd);
    rs485_free(&b);
    b = open_bus((struct rs485_options){ .line = { .baud = 0 } });
    fd = open_port(rs485_device(b), B19200);
    is_text(ask(fd, "<5:c>", '>'), "<5000:1:c>");
    struct rs485_figures f = rs485_figures(b);
    is_int(f.bits_us, (f.heard + f.sent) * 10 * 1000000 / 19200, "the line may follow the master's speed");
    rs485_figures_reset(b);
    is_int(rs485_figures(b).heard, 0);
    close(fd);
    rs485_free(&b);
}

static void test_seven_bits(void)
{
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 9600, 7, 'E', 1 }, .soft7 = true });
    int fd = open_port(rs485_device(b), B9600);
    is_text(ask(fd, "\x3C\x35\x3A\xE1\xBE", '\xBE'), "\x3C\x35\x30\x30\x30\x3A\xB1\x3A\xE1\xBE", "parity in bit 7, both ways");
    say(fd, "<5:a>");
    is_text(hear(fd, 200), "", "and checked");
    close(fd);
    rs485_free(&b);
}

/* --- the bus as the product's own links see it -------------------------------------------------------------------- */

static void converse(void *argument)
{
    struct link_address address;
    char text[128], message[256];
    struct text problem = text_over(message, sizeof message);
    snprintf(text, sizeof text, "serial:%s?9600,8N1,echo", rs485_device(argument));
    ok(link_address_parse(text, LANG_EN, &address, &problem), "%s", text);
    struct bus *bus = bus_new(task_loop(task_self()), link_address_pipe(&address), NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){ .bus = bus, .priority = BUS_POLL });
    for (int i = 1; i <= 5; i++) {
        char want[32];
        snprintf(want, sizeof want, "<5000:%d:q>", i);
        struct bytes b = conversation_ask(c, &(struct question){ .request = bytes_of_text("<5:q>"), .find = parrot_find });
        ok(bytes_equal(b, bytes_of_text(want)), "a conversation hears %.*s", (int)b.size, (const char *)b.data);
    }
    conversation_ask(c, &(struct question){ .request = bytes_of_text("<9:q>"), .find = parrot_find, .answer_ms = 100 });
    is_int(conversation_fault(c), FAULT_NO_ANSWER);
    conversation_free(&c);
    bus_free(&bus);
}

static void test_conversation(void)
{
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 9600, 8, 'N', 1 }, .echo = true, .strict = true });
    struct loop *l = loop_new();
    loop_spawn(l, converse, b);
    loop_run(l);
    loop_free(&l);
    rs485_free(&b);
}

int main(void)
{
    test_pace();
    test_collisions();
    test_families();
    test_half_duplex();
    test_echo_and_speed();
    test_seven_bits();
    test_conversation();
    return tap_done();
}
