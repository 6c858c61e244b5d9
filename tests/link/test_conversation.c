/* Asking and getting: over a recording, over TCP with a hostile peer, over a pty; retries, faults, the arbiter. */
#include "link/address.h"
#include "link/conversation.h"
#include "link/coroutine.h"
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames of this test: '<', digits, '>'; a '!' before the '>' is a wrong checksum, and '<7' may go on with '>>'. */
static struct frame_found ended(struct bytes b, size_t start, size_t at)
{
    bool longer = b.data[at - 1] == '7' && b.size > at + 1 && b.data[at + 1] == '>';
    enum frame_state state = b.data[at - 1] == '!' ? FRAME_DAMAGED : b.data[at - 1] == '7' && !longer ? FRAME_PERHAPS : FRAME_WHOLE;
    return (struct frame_found){ state, start, at + 1 - start + longer };
}

static struct frame_found find(struct bytes b, void *context)
{
    (void)context;
    size_t start = 0;
    while (start < b.size && b.data[start] != '<')
        start++;
    for (size_t i = start; i < b.size; i++)
        if (b.data[i] == '>')
            return ended(b, start, i);
    return (struct frame_found){ FRAME_PARTIAL, start, 1 };
}

static enum verdict judge(void *context, struct bytes frame)
{
    (void)context;
    return frame.data[1] == '9' ? VERDICT_FOREIGN : frame.data[1] == '8' ? VERDICT_STALE : VERDICT_MINE;
}

static struct bytes ask(struct conversation *c, const char *request)
{
    return conversation_ask(c, &(struct question){ .request = bytes_of_text(request), .find = find, .judge = judge });
}

static const char *as_text(struct bytes b)
{
    static char text[128];
    snprintf(text, sizeof text, "%.*s", (int)b.size, (const char *)b.data);
    return text;
}

static struct pipe *recording(const char *plain)
{
    /* ">1" and "<1" lines in plain text, turned into the hex that recordings are made of */
    char script[1024];
    struct text t = text_over(script, sizeof script);
    for (const char *at = plain; *at;) {
        size_t length = strcspn(at, "\n");
        text_printf(&t, "%c%c ", at[0], at[0]);
        text_put_hex(&t, bytes_of(at + 1, length - 1));
        text_put(&t, "\n");
        at += length + (at[length] == '\n');
    }
    return pipe_transcript_new(script);
}

struct play {
    const char *script;
    void (*dialogue)(struct conversation *);
};

static void run_play(void *argument)
{
    struct play *p = argument;
    struct pipe *pipe = recording(p->script);
    struct bus *bus = bus_new(task_loop(task_self()), pipe, NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){ .bus = bus, .priority = BUS_POLL });
    p->dialogue(c);
    ok(!pipe_transcript_problem(pipe), "%s", pipe_transcript_problem(pipe) ? pipe_transcript_problem(pipe) : "");
    ok(pipe_transcript_ended(pipe), "all of the recording was played");
    conversation_free(&c);
    bus_free(&bus);
}

static void play(const char *script, void (*dialogue)(struct conversation *))
{
    struct loop *l = loop_new();
    struct play p = { script, dialogue };
    loop_spawn(l, run_play, &p);
    loop_run(l);
    loop_free(&l);
}

static void plain(struct conversation *c)
{
    is_text(as_text(ask(c, "a")), "<1>");
    is_text(as_text(ask(c, "b")), "<2>");
}

static void repeated(struct conversation *c)
{
    is_text(as_text(ask(c, "a")), "<1>", "a damaged answer is asked for again");
    is_int(conversation_figures(c)->damaged, 1);
    is_int(conversation_figures(c)->retries, 1);
}

static void strangers(struct conversation *c)
{
    is_text(as_text(ask(c, "a")), "<1>", "another meter's and last request's answers are passed over");
}

static void perhaps(struct conversation *c)
{
    is_text(as_text(ask(c, "a")), "<7>", "nothing follows: the short frame is the answer");
    is_text(as_text(ask(c, "b")), "<7>>", "the longer one is preferred");
    ask(c, "c");
    is_int(conversation_fault(c), FAULT_FOREIGN, "a short frame is judged too");
}

static void only_foreign(struct conversation *c)
{
    is_int((long long)ask(c, "a").size, 0);
    is_int(conversation_fault(c), FAULT_FOREIGN, "not silence: somebody else answered");
    is_int((long long)ask(c, "b").size, 0, "after a fault nothing is sent");
}

static void silence(struct conversation *c)
{
    conversation_step(c, "hello");
    ask(c, "a");
    is_int(conversation_fault(c), FAULT_NO_ANSWER);
    is_text(conversation_detail(c), "hello", "the fault knows the step");
}

/* --- TCP: a peer that does what its script letter says ------------------------------------------------------------ */

static int listen_loopback(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 8) != 0)
        abort();
    getsockname(fd, (struct sockaddr *)&a, &size);
    *port = ntohs(a.sin_port);
    return fd;
}

static void *peer(void *argument)
{
    int listener = *(int *)argument;
    int fd = accept(listener, NULL, NULL);
    char c;
    while (read(fd, &c, 1) == 1) {
        if (c == 's') { /* split at each byte */
            for (const char *at = "xx<77>"; *at; at++, usleep(2000))
                if (write(fd, at, 1) != 1)
                    return NULL;
        } else if (c == 'c') { /* close in the middle */
            if (write(fd, "<1", 2) != 2)
                return NULL;
            break;
        }
    }
    close(fd);
    return NULL;
}

struct tcp_test {
    uint16_t port;
};

static void tcp_dialogue(void *argument)
{
    struct tcp_test *t = argument;
    struct bus *bus = bus_new(task_loop(task_self()), pipe_tcp_new("127.0.0.1", t->port), NULL);
    struct patience patience = { 0 };
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .patience = &patience, .timing = { .answer_ms = 300, .tries = 1 } });
    is_text(as_text(ask(c, "s")), "<77>", "an answer in single bytes after noise");
    ok(patience.answers == 1, "the turnaround is learned");
    ask(c, "n");
    is_int(conversation_fault(c), FAULT_NO_ANSWER);
    conversation_reset(c);
    ask(c, "c");
    is_int(conversation_fault(c), FAULT_LINK_LOST);
    conversation_free(&c);
    bus_free(&bus);

    bus = bus_new(task_loop(task_self()), pipe_tcp_new("127.0.0.1", 1), NULL);
    c = conversation_new(&(struct conversation_options){ .bus = bus });
    ask(c, "a");
    is_int(conversation_fault(c), FAULT_NO_CONNECTION);
    ok(strstr(conversation_detail(c), "refused") != NULL, "the reason is told");
    conversation_free(&c);
    bus_free(&bus);
}

static void test_tcp(void *(*other)(void *), void (*dialogue)(void *))
{
    struct tcp_test t;
    int listener = listen_loopback(&t.port);
    pthread_t thread;
    pthread_create(&thread, NULL, other, &listener);
    struct loop *l = loop_new();
    loop_spawn(l, dialogue, &t);
    loop_run(l);
    loop_free(&l);
    pthread_join(thread, NULL);
    close(listener);
}

/* Answers both times it was asked, late; then the next question. */
static void *slow_peer(void *argument)
{
    int fd = accept(*(int *)argument, NULL, NULL);
    char byte;
    bool good = read(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 1 && write(fd, "<1>", 3) == 3 && usleep(30000) == 0 && write(fd, "<1>", 3) == 3 &&
                read(fd, &byte, 1) == 1 && byte == 'b' && write(fd, "<2>", 3) == 3;
    close(fd);
    return good ? NULL : argument;
}

static void slow_dialogue(void *argument)
{
    struct tcp_test *t = argument;
    struct bus *bus = bus_new(task_loop(task_self()), pipe_tcp_new("127.0.0.1", t->port), NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){ .bus = bus, .timing = { .answer_ms = 400, .tries = 3 } });
    is_text(as_text(ask(c, "a")), "<1>", "an answer that came after the question was repeated");
    is_text(as_text(ask(c, "b")), "<2>", "its twin is not the answer to the next question");
    conversation_free(&c);
    bus_free(&bus);
}

/* --- the arbiter -------------------------------------------------------------------------------------------------- */

static struct bus *shared;
static char taken[16];

struct taker {
    char name;
    int priority, exchanges;
};

static void take_turns(void *argument)
{
    struct taker *t = argument;
    struct bus_turn turn;
    bus_take(shared, &turn, t->priority, LOOP_NEVER, NULL);
    for (int i = 0; i < t->exchanges; i++) {
        strncat(taken, &t->name, 1);
        task_sleep(3000);
        bus_yield(shared, &turn, LOOP_NEVER);
    }
    bus_give(shared, &turn);
}

static void free_shared(void *argument)
{
    (void)argument;
    bus_free(&shared);
}

static void test_arbiter(void)
{
    struct loop *l = loop_new();
    shared = bus_new(l, recording(""), NULL);
    struct taker poll = { 'p', BUS_POLL, 3 }, other = { 'q', BUS_POLL, 2 }, live = { 'L', BUS_LIVE, 2 };
    loop_spawn(l, take_turns, &poll);
    loop_spawn(l, take_turns, &other);
    loop_spawn(l, take_turns, &live);
    loop_run(l);
    is_text(taken, "pLLppqq", "the urgent goes first at the next boundary, equals wait their turn");
    loop_spawn(l, free_shared, NULL);
    loop_run(l);
    loop_free(&l);
}

/* --- serial: a pty that echoes, 7E1 in software ------------------------------------------------------------------ */

static void *serial_peer(void *argument)
{
    int master = *(int *)argument;
    uint8_t b[64];
    ssize_t count = read(master, b, sizeof b);
    if (write(master, b, (size_t)count) != count) /* the echo */
        return NULL;
    usleep(5000);
    /* "<7>" with even parity: 3C and 3E have four and five ones */
    if (write(master, "\x3C\xB7\xBE", 3) != 3)
        return NULL;
    return NULL;
}

static void serial_dialogue(void *argument)
{
    char link[128], problem[128];
    snprintf(link, sizeof link, "serial:%s?9600,7E1,soft7,echo", (const char *)argument);
    struct text t = text_over(problem, sizeof problem);
    struct link_address a;
    ok(link_address_parse(link, LANG_EN, &a, &t), "%s", problem);
    struct bus *bus = bus_new(task_loop(task_self()), link_address_pipe(&a), NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){ .bus = bus, .timing = { .tries = 1 } });
    is_text(as_text(ask(c, "hello")), "<7>", "echo removed, parity checked and stripped");
    conversation_free(&c);
    bus_free(&bus);
}

static void test_serial(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    char name[64];
    ptsname_r(master, name, sizeof name);
    int slave = open(name, O_RDWR | O_NOCTTY); /* keeps the pty alive and lets us make it raw before the peer reads */
    pthread_t thread;
    struct loop *l = loop_new();
    pthread_create(&thread, NULL, serial_peer, &master);
    loop_spawn(l, serial_dialogue, name);
    loop_run(l);
    pthread_join(thread, NULL);
    loop_free(&l);
    close(slave);
    close(master);
}

static void test_addresses(void)
{
    char problem[128];
    struct text t = text_over(problem, sizeof problem);
    struct link_address a;
    ok(link_address_parse("tcp://[::1]:4059", LANG_RU, &a, &t) && a.port == 4059 && strcmp(a.host, "::1") == 0);
    ok(link_address_parse("serial:/dev/ttyS1?2400,8E1,rs485", LANG_RU, &a, &t) && a.line.parity == 'E' && a.rs485);
    static const char *const wrong[] = { "", "tcp://", "tcp://host", "tcp://host:65536", "udp://:5",
                                         "serial:", "http://x:1", "serial:/dev/x?9601", "tcp://h:1?loud", "tcp://h:1x",
                                         "tcp:// :5000", "tcp://10.0.0 .1:5000", "tcp://10.0.0.256:5000", "udp://10.0.0:5000", "tcp://a/b:5000" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(!link_address_parse(wrong[i], LANG_RU, &a, &t), "refused: %s", wrong[i]);
}

int main(void)
{
    play(">a\n<<1>\n>b\n<<2>", plain);
    play(">a\n<<1!>\n>a\n<<1>", repeated);
    play(">a\n<<9><8><1>", strangers);
    play(">a\n<<7>\n>b\n<<7>\n<>\n>c\n<<97>\n>c\n<<97>\n>c\n<<97>", perhaps);
    play(">a\n<<9>\n>a\n<<9>\n>a\n<<9>", only_foreign);
    play(">a\n>a\n>a", silence);
    test_tcp(peer, tcp_dialogue);
    test_tcp(slow_peer, slow_dialogue);
    test_arbiter();
    test_serial();
    test_addresses();
    coroutine_trim();
    return tap_done();
}
