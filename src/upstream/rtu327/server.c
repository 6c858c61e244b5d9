/* The TCP server of RTU-327; see server.h. */
#include "upstream/rtu327/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/coroutine.h"
#include "link/listener.h"
#include "link/pipe.h"
#include "upstream/rtu327/desk.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BODY_MAX = 64, HEARD_MAX = 256, ADDRESS_MAX = INET6_ADDRSTRLEN };

#define SECOND_US INT64_C(1000000)

struct figures {
    atomic_llong clients, connections, turned_away, requests, refused, wrong_passwords, asked_ms;
};

struct rtu327_server {
    struct rtu327_settings settings;
    int64_t idle_us, frame_us;
    const struct tls_identity *identity;
    struct rtu327_desk *desk;
    struct listener listener;
    struct loop *loop;
    struct task *door;       /* accepts; NULL once it has ended */
    struct client *clients;
    pthread_t thread;
    struct figures figures;
    uint8_t data[RTU327_DATA_MAX]; /* of the answer at work: nobody suspends with it */
};

struct client {
    struct rtu327_server *server;
    struct client *next, **back;
    struct task *task;
    struct pipe *pipe;
    char address[ADDRESS_MAX];
    uint8_t heard[HEARD_MAX];
    size_t size;
    int64_t began_us;  /* when what was heard began; 0: nothing was */
    int64_t silent_us; /* since when nothing was */
    size_t noise;
    int refusals;
};

/* --- one request, one answer -------------------------------------------------------------------------------------------- */

/* An exchange with the store, run aside of the client's small stack. */
struct turn {
    struct client *client;
    struct bytes frame;
    bool damaged, wrong_password;
    struct bytes answer; /* the caller frees its data */
};

static enum rtu327_result serve(struct turn *t, struct rtu327_frame *answer)
{
    struct rtu327_server *s = t->client->server;
    struct rtu327_frame f;
    struct rtu327_request r;
    struct writer data = writer_over(s->data, sizeof s->data);
    if (t->damaged || !rtu327_decode(t->frame, &f))
        return RTU327_BAD_CRC;
    t->wrong_password = !rtu327_admits(&s->settings, f.password);
    if (t->wrong_password)
        return RTU327_BAD_PASSWORD;
    if (!rtu327_knows(f.code))
        return RTU327_UNKNOWN_COMMAND;
    if (!rtu327_take_request(f.code, f.data, &r))
        return RTU327_BAD_PARAMETERS;
    enum rtu327_result result = rtu327_desk_answer(s->desk, &r, &data);
    answer->data = result == RTU327_OK ? writer_bytes(&data) : bytes_of(NULL, 0);
    return result;
}

static void take_turn(void *argument)
{
    struct turn *t = argument;
    struct figures *figures = &t->client->server->figures;
    struct rtu327_frame answer = { .number = rtu327_number(t->frame) };
    answer.code = (uint8_t)serve(t, &answer);
    size_t size = RTU327_BODY_MIN + RTU327_AROUND + answer.data.size;
    uint8_t *memory = memory_resize(NULL, size);
    struct writer w = writer_over(memory, size);
    rtu327_encode(&w, &answer);
    t->answer = bytes_of(memory, writer_size(&w));
    atomic_fetch_add(&figures->requests, 1);
    atomic_fetch_add(&figures->refused, answer.code != RTU327_OK);
    atomic_fetch_add(&figures->wrong_passwords, t->wrong_password);
    atomic_store(&figures->asked_ms, clock_utc_ms());
}

/* Guessing takes a second a guess, and not many of them. */
static bool keep_patience(struct client *c, bool wrong_password)
{
    c->refusals = wrong_password ? c->refusals + 1 : 0;
    if (!wrong_password)
        return true;
    if (c->refusals == 1)
        log_line(LOG_WARNING, "rtu327-password", "address=%s", c->address);
    task_sleep(SECOND_US);
    return c->refusals < RTU327_REFUSALS;
}

static bool answer(struct client *c, struct bytes frame, bool damaged)
{
    struct turn t = { .client = c, .frame = frame, .damaged = damaged };
    task_aside(take_turn, &t);
    bool stays = keep_patience(c, t.wrong_password);
    bool sent = pipe_send(c->pipe, t.answer, loop_now_us(c->server->loop) + RTU327_SEND_S * SECOND_US) == FAULT_NONE;
    free((void *)t.answer.data);
    return sent && stays;
}

/* --- a client ----------------------------------------------------------------------------------------------------------- */

static void forget(struct client *c, size_t count)
{
    c->size -= count;
    memmove(c->heard, c->heard + count, c->size);
}

/* A frame at the beginning of what was heard; false when the client is gone or has lost our patience. */
static bool hear(struct client *c, struct frame_found *found)
{
    struct rtu327_server *s = c->server;
    size_t most = REQUEST_BODY_MAX;
    for (;;) {
        *found = rtu327_find(bytes_of(c->heard, c->size), &most);
        c->noise += found->start;
        forget(c, found->start);
        if (found->state != FRAME_PARTIAL)
            return true;
        int64_t now = loop_now_us(s->loop);
        c->began_us = !c->size ? 0 : c->began_us ? c->began_us : now;
        int64_t deadline = c->size ? c->began_us + s->frame_us : c->silent_us + s->idle_us;
        long got = c->noise < RTU327_NOISE ? pipe_receive(c->pipe, c->heard + c->size, sizeof c->heard - c->size, deadline) : -1;
        if (got <= 0)
            return false;
        c->size += (size_t)got;
    }
}

static void converse(struct client *c)
{
    struct frame_found found;
    while (hear(c, &found)) {
        bool damaged = found.state == FRAME_DAMAGED;
        c->noise = damaged ? c->noise + found.size : 0;
        bool good = answer(c, bytes_of(c->heard, found.size), damaged);
        forget(c, found.size);
        c->began_us = 0;
        c->silent_us = loop_now_us(c->server->loop);
        if (!good)
            return;
        task_yield();
    }
}

static void client_body(void *argument)
{
    struct client *c = argument;
    struct rtu327_server *s = c->server;
    c->silent_us = loop_now_us(s->loop);
    if (pipe_open(c->pipe, c->silent_us + s->frame_us, NULL) == FAULT_NONE)
        converse(c);
    log_line(LOG_DEBUG, "rtu327-client-gone", "address=%s", c->address);
    pipe_free(&c->pipe);
    *c->back = c->next;
    if (c->next)
        c->next->back = c->back;
    atomic_fetch_sub(&s->figures.clients, 1);
    free(c);
}

/* --- the door ----------------------------------------------------------------------------------------------------------- */

static void name_peer(int fd, char address[ADDRESS_MAX])
{
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    const void *bytes = &((struct sockaddr_in *)&from)->sin_addr;
    *address = '\0';
    if (getpeername(fd, (struct sockaddr *)&from, &size) != 0)
        return;
    if (from.ss_family == AF_INET6)
        bytes = &((struct sockaddr_in6 *)&from)->sin6_addr;
    inet_ntop(from.ss_family, bytes, address, ADDRESS_MAX);
}

static bool has_room(const struct rtu327_server *s, const char *address)
{
    int all = 0, same = 0;
    for (const struct client *c = s->clients; c; c = c->next) {
        all++;
        same += strcmp(c->address, address) == 0;
    }
    return all < RTU327_CLIENTS && same < RTU327_CLIENTS_OF_ADDRESS;
}

static void welcome(struct rtu327_server *s, int fd)
{
    struct client *c = memory_new(sizeof *c);
    c->server = s;
    c->pipe = pipe_socket_new(fd);
    if (s->identity)
        c->pipe = pipe_tls_new(c->pipe, s->identity);
    name_peer(fd, c->address);
    bool room = has_room(s, c->address);
    atomic_fetch_add(&s->figures.connections, 1);
    c->task = room ? loop_spawn(s->loop, client_body, c) : NULL;
    if (!c->task) {
        atomic_fetch_add(&s->figures.turned_away, 1);
        log_line(LOG_DEBUG, "rtu327-full", "address=%s", c->address);
        pipe_free(&c->pipe);
        free(c);
        return;
    }
    c->next = s->clients;
    c->back = &s->clients;
    if (c->next)
        c->next->back = &c->next;
    s->clients = c;
    atomic_fetch_add(&s->figures.clients, 1);
    log_line(LOG_DEBUG, "rtu327-client", "address=%s", c->address);
}

static void door_body(void *argument)
{
    struct rtu327_server *s = argument;
    for (int fd; (fd = listener_accept(&s->listener)) >= 0;)
        welcome(s, fd);
    listener_close(&s->listener);
    s->door = NULL;
}

static void end_all(void *argument)
{
    struct rtu327_server *s = argument;
    if (s->door)
        task_cancel(s->door);
    for (struct client *c = s->clients; c; c = c->next)
        task_cancel(c->task);
}

static void *server_thread(void *argument)
{
    struct rtu327_server *s = argument;
    loop_run(s->loop);
    coroutine_trim();
    return NULL;
}

/* --- its life ------------------------------------------------------------------------------------------------------------ */

static void server_drop(struct rtu327_server **server)
{
    struct rtu327_server *s = *server;
    listener_close(&s->listener);
    loop_free(&s->loop);
    rtu327_desk_free(&s->desk);
    free(s);
    *server = NULL;
}

struct rtu327_server *rtu327_server_new(struct store *store, const struct rtu327_server_options *o, struct text *why)
{
    struct rtu327_server *s = memory_resize(NULL, sizeof *s);
    memset(s, 0, offsetof(struct rtu327_server, data)); /* the answers' memory is touched when it is needed */
    s->settings = *o->settings;
    s->identity = o->identity;
    s->idle_us = (o->idle_s ? o->idle_s : RTU327_IDLE_S) * SECOND_US;
    s->frame_us = (o->frame_s ? o->frame_s : RTU327_FRAME_S) * SECOND_US;
    if (!listener_open(&s->listener, o->address, o->port, why)) {
        free(s);
        return NULL;
    }
    s->loop = loop_new();
    s->desk = rtu327_desk_new(store, &(struct rtu327_rules){ .project = s->settings.project, .local_time = s->settings.local_time });
    s->door = loop_spawn(s->loop, door_body, s);
    if (!s->door || pthread_create(&s->thread, NULL, server_thread, s) != 0) {
        text_put(why, "no thread");
        end_all(s);
        loop_run(s->loop);
        server_drop(&s);
    }
    return s;
}

void rtu327_server_free(struct rtu327_server **server)
{
    struct rtu327_server *s = *server;
    if (!s)
        return;
    loop_post(s->loop, end_all, s);
    pthread_join(s->thread, NULL);
    server_drop(server);
}

void rtu327_server_meters_changed(struct rtu327_server *server)
{
    rtu327_desk_meters_changed(server->desk);
}

uint16_t rtu327_server_port(const struct rtu327_server *server)
{
    return server->listener.port;
}

struct rtu327_figures rtu327_server_figures(const struct rtu327_server *server)
{
    const struct figures *f = &server->figures;
    return (struct rtu327_figures){ .clients = f->clients, .connections = f->connections, .turned_away = f->turned_away, .requests = f->requests,
                                    .refused = f->refused, .wrong_passwords = f->wrong_passwords, .asked_ms = f->asked_ms };
}
