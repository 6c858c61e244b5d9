/* The process with the engine of GOST: handshakes of clients, and their plain bytes to the gateway. It reads what strangers send, and
 * has nothing but its certificate. See process.h and talk.h. */
#include "link/gost.h"
#include "link/listener.h"
#include "link/tls.h"
#include "upstream/skzi/process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    CLIENTS = 256, CLIENTS_OF_ADDRESS = 48, /* at once, with those who have not finished a handshake */
    GREET_US = 10000000, PATIENCE_US = 30000000, TELL_US = 1000000, LEAVE_US = 3000000, PIECE = 4096,
};

struct visit {
    struct child *child;
    struct visit *next;
    struct sockaddr_storage from;
    struct pipe *outer, *inner; /* TLS to the client; plain bytes to the gateway */
    struct task *up, *down;     /* down: from the gateway to the client */
    uint8_t rising[PIECE], falling[PIECE];
};

struct child {
    struct listener listener;
    struct tls_identity *identity;
    struct visit *visits;
    struct talk_figures figures, told;
    struct task *door;
    bool leaving;
};

/* --- a client --------------------------------------------------------------------------------------------------------------- */

/* Until either side has ended, or does not take what it is sent. */
static void carry(struct pipe *from, struct pipe *to, uint8_t *piece)
{
    int64_t patience;
    for (long got; (got = pipe_receive(from, piece, PIECE, LOOP_NEVER)) > 0;) {
        patience = loop_now_us(task_loop(task_self())) + PATIENCE_US;
        if (pipe_send(to, bytes_of(piece, (size_t)got), patience) != FAULT_NONE)
            return;
    }
}

/* Whoever of both ends first ends the other; the last one buries. */
static void end_visit(struct visit *v)
{
    struct task *other = v->up == task_self() ? v->down : v->up;
    *(v->up == task_self() ? &v->up : &v->down) = NULL;
    if (other) {
        task_cancel(other);
        return;
    }
    struct visit **at = &v->child->visits;
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    v->child->figures.open--;
    pipe_free(&v->outer);
    pipe_free(&v->inner);
    free(v);
}

static void go_down(void *context)
{
    struct visit *v = context;
    v->down = task_self();
    carry(v->inner, v->outer, v->falling);
    end_visit(v);
}

/* A pair of sockets: one end for us, the other with the client's address for the gateway. */
static bool introduce(struct visit *v)
{
    struct talk_client client = { .from = v->from };
    int ends[2];
    snprintf(client.suite, sizeof client.suite, "%s", pipe_tls_suite(v->outer));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    bool taken = talk_send(TALK_CONTROL, TALK_CLIENT, bytes_of(&client, sizeof client), ends[1]);
    close(ends[1]);
    v->inner = pipe_socket_new(ends[0]);
    return taken && pipe_open(v->inner, LOOP_NEVER, NULL) == FAULT_NONE;
}

static void go_up(void *context)
{
    struct visit *v = context;
    struct loop *loop = task_loop(task_self());
    v->up = task_self();
    if (pipe_open(v->outer, loop_now_us(loop) + GREET_US, NULL) != FAULT_NONE) {
        v->child->figures.failed++;
    } else if (introduce(v)) {
        v->child->figures.served++;
        v->down = loop_spawn(loop, go_down, v);
        if (v->down)
            carry(v->outer, v->inner, v->rising);
    }
    end_visit(v);
}

/* --- letting in ---------------------------------------------------------------------------------------------------------------- */

/* Who has connected; IPv4 as such, whatever the socket. */
static void address_of(int socket, struct sockaddr_storage *ret)
{
    struct sockaddr_in6 from = { .sin6_family = AF_UNSPEC };
    socklen_t size = sizeof from;
    memset(ret, 0, sizeof *ret);
    getpeername(socket, (struct sockaddr *)&from, &size);
    if (from.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&from.sin6_addr)) {
        struct sockaddr_in plain = { .sin_family = AF_INET, .sin_port = from.sin6_port };
        memcpy(&plain.sin_addr, &from.sin6_addr.s6_addr[12], sizeof plain.sin_addr);
        memcpy(ret, &plain, sizeof plain);
    } else {
        memcpy(ret, &from, sizeof from);
    }
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

static bool has_room(const struct child *c, const struct sockaddr_storage *from)
{
    unsigned of_host = 0;
    for (const struct visit *v = c->visits; v; v = v->next)
        of_host += same_host(&v->from, from);
    return c->figures.open < CLIENTS && of_host < CLIENTS_OF_ADDRESS;
}

static void let_in(struct child *c, int socket)
{
    struct sockaddr_storage from;
    address_of(socket, &from);
    struct visit *v = has_room(c, &from) ? memory_new(sizeof *v) : NULL;
    if (!v) {
        c->figures.refused++;
        close(socket);
        return;
    }
    v->child = c;
    v->from = from;
    v->outer = pipe_tls_new(pipe_socket_new(socket), c->identity);
    v->next = c->visits;
    c->visits = v;
    c->figures.open++;
    v->up = loop_spawn(task_loop(task_self()), go_up, v);
    if (!v->up)
        end_visit(v);
}

static void keep_door(void *context)
{
    struct child *c = context;
    for (int socket; (socket = listener_accept(&c->listener)) >= 0;)
        let_in(c, socket);
    listener_close(&c->listener);
    c->door = NULL;
}

/* --- the gateway ----------------------------------------------------------------------------------------------------------------- */

/* It is told once a second how many there are; it says when to leave, or is gone. */
static void mind_gateway(void *context)
{
    struct child *c = context;
    struct loop *loop = task_loop(task_self());
    struct watch watch = { .fd = -1 };
    char word[16];
    if (!watch_add(loop, &watch, TALK_CONTROL))
        _exit(1);
    while (!c->leaving) {
        int stray = -1;
        watch_readable(&watch, loop_now_us(loop) + TELL_US);
        long got = talk_receive(TALK_CONTROL, word, sizeof word, &stray);
        watch.readable = false;
        if (stray >= 0)
            close(stray);
        if (got < 0)
            _exit(0);
        c->leaving = got > 0 && word[0] == TALK_LEAVE;
        if (memcmp(&c->figures, &c->told, sizeof c->told) != 0 && talk_send(TALK_CONTROL, TALK_FIGURES, bytes_of(&c->figures, sizeof c->figures), -1))
            c->told = c->figures;
    }
    if (c->door)
        task_cancel(c->door);
    for (int64_t until = loop_now_us(loop) + LEAVE_US; c->visits && loop_now_us(loop) < until;)
        task_sleep(TELL_US / 10);
    _exit(0); /* who is still there would only wait for us */
}

static int serve(const char *certificate, const char *key, int listening, struct text *why)
{
    static struct child c;
    c.listener = (struct listener){ .fd = listening, .watch.fd = -1 };
    c.identity = tls_identity_gost_new(certificate, key, why);
    if (!c.identity)
        return TALK_NO_IDENTITY;
    struct loop *loop = loop_new();
    c.door = loop_spawn(loop, keep_door, &c);
    if (listening < 0 || !c.door || !loop_spawn(loop, mind_gateway, &c))
        return TALK_NO_LOOP;
    talk_send(TALK_CONTROL, TALK_READY, bytes_of("", 0), -1);
    loop_run(loop);
    return 0;
}

/* --- the question ------------------------------------------------------------------------------------------------------------------ */

static int make(const char *name, struct text *why)
{
    struct arena a = { 0 };
    const char *certificate, *key;
    bool good = gost_certificate_make(name, &a, &certificate, &key);
    if (good)
        talk_send(TALK_CONTROL, TALK_MADE, skzi_pair(certificate, key, &a), -1);
    else
        text_put(why, "certificate");
    arena_free(&a);
    return good ? 0 : TALK_NO_IDENTITY;
}

static int check(const char *certificate, const char *key, struct text *why)
{
    struct tls_identity *i = gost_certificate_is(certificate) ? tls_identity_gost_new(certificate, key, why) : NULL;
    bool good = i != NULL;
    tls_identity_free(&i);
    if (good)
        talk_send(TALK_CONTROL, TALK_READY, bytes_of("", 0), -1);
    return good ? 0 : TALK_NO_IDENTITY;
}

static int answer(struct bytes question, int listening, struct text *why)
{
    const char *certificate = "", *key = "";
    char kind = question.size ? (char)question.data[0] : 0;
    struct bytes rest = bytes_part(question, 1, question.size);
    if (!gost_begin(why))
        return TALK_NO_ENGINE;
    if (kind == TALK_MAKE)
        return make((const char *)rest.data, why); /* the room behind it is zero */
    if (!skzi_pair_take(rest, &certificate, &key))
        return TALK_NO_IDENTITY;
    return kind == TALK_SERVE ? serve(certificate, key, listening, why) : check(certificate, key, why);
}

_Noreturn void skzi_child(void)
{
    static char question[TALK_MAX + 1];
    char bad[200] = "", *words = bad + 1;
    struct text why = text_over(words, sizeof bad - 1);
    struct pollfd wait = { .fd = TALK_CONTROL, .events = POLLIN };
    int listening;
    close_range(TALK_CONTROL + 1, ~0U, 0);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0); /* the key is in memory */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (poll(&wait, 1, -1) <= 0)
        _exit(1);
    long size = talk_receive(TALK_CONTROL, question, TALK_MAX, &listening);
    if (size <= 0)
        _exit(1);
    bad[0] = (char)answer(bytes_of(question, (size_t)size), listening, &why);
    if (bad[0])
        talk_send(TALK_CONTROL, TALK_BAD, bytes_of(bad, 1 + strlen(words)), -1);
    _exit(bad[0] != 0); /* nothing of ours is to be tidied */
}
