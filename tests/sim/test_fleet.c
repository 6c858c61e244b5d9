/* Fleets: the dialled address is the meter; latency, troubles, many connections, datagrams, several threads. */
#include "sim/fleet.h"
#include "parrot.h"
#include "tap.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static struct fleet *open_fleet(struct fleet_options o)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    o.twin = &twin_parrot;
    o.first_address = o.first_address ? o.first_address : "127.9.0.1";
    o.first_serial = 500;
    struct fleet *f = fleet_new(&o, LANG_EN, &problem);
    ok(f != NULL, "a fleet opens: %s", message);
    return f;
}

static int dial(const char *address, uint16_t port, int type)
{
    int fd = socket(AF_INET, type, 0);
    struct timeval patience = { .tv_sec = 20 };
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, address, &a.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        printf("# send failed\n");
}

/* What comes up to `end`, as text; "" when the line is dead. */
static const char *hear(int fd, char end)
{
    static char text[256];
    size_t size = 0;
    while (size + 1 < sizeof text && recv(fd, text + size, 1, 0) == 1)
        if (text[size++] == end)
            break;
    text[size] = '\0';
    return text;
}

static const char *ask(int fd, const char *text)
{
    say(fd, text);
    return hear(fd, '>');
}

static void patience_ms(int fd, int ms)
{
    struct timeval patience = { .tv_usec = ms * 1000 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void test_addresses(void)
{
    struct fleet *f = open_fleet((struct fleet_options){ .count = 300 });
    int first = dial("127.9.0.1", fleet_port(f), SOCK_STREAM), last = dial("127.9.1.44", fleet_port(f), SOCK_STREAM);
    int beyond = dial("127.9.1.45", fleet_port(f), SOCK_STREAM), below = dial("127.9.0.0", fleet_port(f), SOCK_STREAM);
    is_text(ask(first, "<7:a>"), "<500:1:a>", "the first address is the first serial number");
    is_text(ask(last, "<7:a>"), "<799:1:a>", "the last the last, across 256");
    is_text(ask(first, "noise<7:b>"), "<500:2:b>", "a session counts on, noise is passed over");
    is_text(hear(beyond, '>'), "", "behind the last nobody answers");
    is_text(below < 0 ? "" : hear(below, '>'), "", "nor before the first");
    say(first, "<7:c!>");
    is_text(ask(first, "<7:d>"), "<500:3:d>", "a damaged request is not answered");
    say(first, "<7:e><7:f>");
    is_text(hear(first, '>'), "<500:4:e>", "two requests at once...");
    is_text(hear(first, '>'), "<500:5:f>", "...get two answers");
    for (const char *at = "<7:slowly"; *at; at++, usleep(1000))
        send(first, at, 1, 0);
    is_text(ask(first, ">"), "<500:6:slowly>", "a request in pieces");
    int again = dial("127.9.0.1", fleet_port(f), SOCK_STREAM);
    is_text(ask(again, "<7:g>"), "<500:1:g>", "a new connection is a new session");
    struct fleet_figures figures = fleet_figures(f);
    is_int(figures.open, 3);
    ok(figures.refused >= 1 && figures.damaged == 1 && figures.answers == 8, "figures");
    close(first), close(last), close(beyond), close(below), close(again);
    fleet_free(&f);
}

static void test_wrong_options(void)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct fleet_options o = { .twin = &twin_parrot, .first_address = "10.0.0.1", .count = 1 };
    ok(!fleet_new(&o, LANG_RU, &problem) && problem.size, "only loopback: %s", message);
    o.first_address = "127.255.255.250", o.count = 7;
    problem = text_over(message, sizeof message);
    ok(!fleet_new(&o, LANG_EN, &problem) && problem.size, "only what fits: %s", message);
    o = (struct fleet_options){ .first_address = "127.0.0.1" };
    problem = text_over(message, sizeof message);
    ok(!fleet_new(&o, LANG_EN, &problem) && problem.size, "only known families: %s", message);
}

static void test_own_address(void)
{
    struct fleet *f = open_fleet((struct fleet_options){ .count = 1, .address = 17 });
    int fd = dial("127.9.0.1", fleet_port(f), SOCK_STREAM);
    say(fd, "<16:a>");
    is_text(ask(fd, "<17:b>"), "<500:1:b>", "a meter with an address answers to that only");
    close(fd);
    fleet_free(&f);
}

static void test_latency(void)
{
    enum { METERS = 40 };
    struct fleet *f = open_fleet((struct fleet_options){ .count = METERS, .latency_ms = 150 });
    int fds[METERS], right = 0;
    int64_t start = clock_monotonic_ms();
    for (int i = 0; i < METERS; i++) {
        char address[32];
        snprintf(address, sizeof address, "127.9.0.%d", i + 1);
        fds[i] = dial(address, fleet_port(f), SOCK_STREAM);
        say(fds[i], "<1:a><1:b>");
    }
    for (int i = 0; i < METERS; i++) {
        char want[32];
        snprintf(want, sizeof want, "<%d:1:a>", 500 + i);
        right += strcmp(hear(fds[i], '>'), want) == 0;
        want[5] = '2', want[7] = 'b';
        right += strcmp(hear(fds[i], '>'), want) == 0;
    }
    is_int(right, 2 * METERS, "late answers are right and in order");
    ok(clock_monotonic_ms() - start >= 300, "each answer of a connection is late by itself");
    for (int i = 0; i < METERS; i++)
        close(fds[i]);
    fleet_free(&f);
}

static void make_dead(struct sim_meter *m, void *argument)
{
    m->faults = (struct sim_faults){ .dead = argument != NULL };
}

static struct sim_troubles troubles(const char *text)
{
    char message[512];
    struct text problem = text_over(message, sizeof message);
    struct sim_troubles t = { 0 };
    ok(sim_troubles_parse(text, LANG_EN, &t, &problem), "%s %s", text, message);
    return t;
}

static void test_troubles(void)
{
    struct fleet *f = open_fleet((struct fleet_options){ .count = 1, .troubles = troubles("silent=1000") });
    int fd = dial("127.9.0.1", fleet_port(f), SOCK_STREAM);
    patience_ms(fd, 200);
    is_text(ask(fd, "<1:a>"), "", "silent meters are silent");
    fleet_visit(f, 0, make_dead, NULL);
    is_text(ask(fd, "<1:b>"), "<500:2:b>", "healed");
    fleet_visit(f, 0, make_dead, f);
    is_text(ask(fd, "<1:c>"), "", "dead");
    close(fd);
    fleet_free(&f);
}

/* Does to answers what a fault says, without a network. */
static void test_mishaps(void)
{
    uint8_t memory[256];
    struct sim_clock clock = { .stopped = true };
    struct sim_troubles t = troubles("noise=300,wrong_sum=300,cut=100,silent=100,restart=100,slow=20");
    struct sim_meter *m = sim_meter_new(&(struct sim_birth){ .twin = &twin_parrot, .serial = 77, .faults = t.each });
    struct sim_meter *twin_of_m = sim_meter_new(&(struct sim_birth){ .twin = &twin_parrot, .serial = 77, .faults = t.each });
    struct parrot_session session = { 0 }, other = { 0 };
    int nothing = 0, noisy = 0, clean = 0, spoilt = 0, same = 0, restarts = 0;
    for (int i = 0; i < 2000; i++) {
        char want[32], copy[256];
        uint32_t before = session.heard;
        struct bytes b = sim_meter_answer(m, &session, bytes_of_text("<1:abc>"), &clock, memory, sizeof memory);
        memcpy(copy, b.data, b.size);
        size_t size = b.size;
        restarts += session.heard == 0;
        snprintf(want, sizeof want, "<77:%u:abc>", before + 1);
        bool right = bytes_equal(b, bytes_of_text(want));
        bool behind = !right && b.size > strlen(want) && memcmp(b.data + b.size - strlen(want), want, strlen(want)) == 0;
        nothing += b.size == 0;
        clean += right;
        noisy += behind;
        spoilt += b.size && !right && !behind;
        b = sim_meter_answer(twin_of_m, &other, bytes_of_text("<1:abc>"), &clock, memory, sizeof memory);
        same += b.size == size && memcmp(b.data, copy, size) == 0;
    }
    is_int(same, 2000, "mishaps follow from serial number and count");
    ok(restarts > 150 && restarts < 250, "%d restarts", restarts);
    ok(nothing > 320 && nothing < 440, "%d silences, restarts among them", nothing);
    ok(clean > 600 && clean < 800 && noisy > 250 && spoilt > 450, "%d clean, %d after noise, %d spoilt", clean, noisy, spoilt);
    free(m);
    free(twin_of_m);
    t = troubles("dead=100,refuse=50");
    int dead = 0, refusing = 0;
    for (uint32_t serial = 0; serial < 1000; serial++) {
        dead += sim_troubles_of(&t, serial).dead;
        refusing += sim_troubles_of(&t, serial).refuse_password;
    }
    ok(dead > 70 && dead < 130 && refusing > 30 && refusing < 70, "%d dead, %d refuse", dead, refusing);
    char message[512];
    struct text problem = text_over(message, sizeof message);
    ok(!sim_troubles_parse("noise=5,silnet=3", LANG_RU, &t, &problem) && strstr(message, "silnet"), "%s", message);
    ok(!sim_troubles_parse("noise=1001", LANG_EN, &t, &problem), "at most a thousand of a thousand");
}

static void test_clock(void)
{
    struct sim_clock clock = { .stopped = true };
    int64_t nine = wall_parse("2026-11-21 09:00");
    sim_clock_set(&clock, nine, 180);
    struct sim_meter m = { .twin = &twin_parrot, .serial = 10000001, .zone_minutes = 180 };
    is_int(sim_meter_wall(&m, &clock), nine + life_clock_error_s(10000001, nine), "the meter's clock drifts");
    clock.exact = true;
    m.clock_shift_s = 5;
    is_int(sim_meter_wall(&m, &clock), nine + 5, "and is corrected");
    m.zone_minutes = 240;
    is_int(sim_meter_wall(&m, &clock), nine + 3605, "in its own zone");
    clock = (struct sim_clock){ .exact = true };
    sim_clock_set(&clock, nine, 240);
    int64_t now = sim_meter_wall(&m, &clock);
    ok(now >= nine + 5 && now < nine + 300, "a running clock runs");
}

static void test_datagrams(void)
{
    struct fleet *f = open_fleet((struct fleet_options){ .count = 20, .udp = true, .latency_ms = 5 });
    int a = dial("127.9.0.3", fleet_port(f), SOCK_DGRAM), b = dial("127.9.0.20", fleet_port(f), SOCK_DGRAM);
    char text[64] = "";
    say(a, "<1:x>");
    recv(a, text, sizeof text - 1, 0);
    is_text(text, "<502:1:x>", "a datagram is answered from the address that was asked");
    say(b, "<1:y>");
    memset(text, 0, sizeof text);
    recv(b, text, sizeof text - 1, 0);
    is_text(text, "<519:1:y>");
    say(a, "<1:z>");
    memset(text, 0, sizeof text);
    recv(a, text, sizeof text - 1, 0);
    is_text(text, "<502:2:z>", "the same peer goes on with its session");
    close(a), close(b);
    fleet_free(&f);
}

static void test_threads(void)
{
    enum { METERS = 200, ROUNDS = 5 };
    struct fleet *f = open_fleet((struct fleet_options){ .count = 10, .threads = 3 });
    static int fds[METERS];
    int right = 0;
    for (int i = 0; i < METERS; i++) {
        char address[32];
        snprintf(address, sizeof address, "127.9.0.%d", i % 10 + 1);
        fds[i] = dial(address, fleet_port(f), SOCK_STREAM);
    }
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < METERS; i++)
            say(fds[i], "<1:t>");
        for (int i = 0; i < METERS; i++) {
            char want[32];
            snprintf(want, sizeof want, "<%d:%d:t>", 500 + i % 10, round);
            right += strcmp(hear(fds[i], '>'), want) == 0;
        }
    }
    is_int(right, METERS * ROUNDS, "threads share meters, not sessions");
    is_int(fleet_figures(f).answers, METERS * ROUNDS);
    for (int i = 0; i < METERS; i++)
        close(fds[i]);
    fleet_free(&f);
}

int main(void)
{
    test_addresses();
    test_wrong_options();
    test_own_address();
    test_latency();
    test_troubles();
    test_mishaps();
    test_clock();
    test_datagrams();
    test_threads();
    return tap_done();
}
