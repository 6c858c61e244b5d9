/* A transit client; see session.h.
 *
 * The session's task reads from the client; while it has the line a second task carries what the line says to the client. No buffer
 * grows: who floods is slowed by TCP, who does not read is let go, and the line is given back by the clock whatever the client does. */
#include "upstream/transit/session.h"
#include "upstream/transit/com_port.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PIECE = 256, ANSWERS = 2048, RING = 16 << 10,
    GUESS_US = 300000,        /* a client that began as telnet and says nothing more was none */
    STALL_US = 10000000,      /* a client takes what it is given within this time */
    GREET_US = 10000000,      /* and has TLS standing within this, before the line is thought of */
    LINE_WAIT_US = 60000000, SEND_US = 30000000,
    SETTLE_US = 50000,        /* of silence, for meters to forget a frame that was not ended */
    LATE_US = 1500000,        /* a meter that was asked last may answer until then, to nobody */
    GATHER_LEAST_US = 3000, GATHER_MOST_US = 40000, GATHER_BYTES = 4 /* 3.5 characters: the end of a frame */
};

struct transit_session {
    struct line_ear ear;
    struct interface interface;
    struct line_task *task;
    void (*over)(void *context);
    void *context;
    int socket;
    const struct tls_identity *identity; /* NULL: plainly */
    char client_name[LINE_NAME_MAX];
    bool listens;
    int64_t begun_ms;
    atomic_bool ended;
    atomic_llong ended_ms, held_ms, sent, received, lost;
    atomic_int why;
    char detail[96];          /* final once it is over */
    /* of the line's thread */
    struct line_task *line;
    struct task *self, *pump;
    struct pipe *client;
    bool pump_over, writing, ended_why;
    struct bus *bus;          /* while it has the line */
    struct bus_turn turn;
    struct line_user user;
    struct line former;
    int64_t taken_us, moved_us, sent_us, heard_us;
    enum telnet_guess guess;
    struct telnet telnet;
    struct com_port port;
    uint8_t first[TELNET_FIRST_MAX + PIECE], in[PIECE], out[PIECE], written[ANSWERS];
    size_t first_size;
    uint8_t *ring;            /* of who listens */
    size_t ring_at, ring_size;
    bool ring_waits;
};

static int64_t now_us(const struct transit_session *s)
{
    return loop_now_us(task_loop(s->self));
}

/* The first reason counts; who is stopped from outside has none of his own. */
static void end_because(struct transit_session *s, enum transit_end why)
{
    if (task_cancelled())
        return;
    if (!s->ended_why)
        atomic_store(&s->why, why);
    s->ended_why = true;
}

/* --- to the client --------------------------------------------------------------------------------------------------------------- */

/* One task at a time. False: it does not take it. */
static bool client_send(struct transit_session *s, struct bytes b)
{
    while (s->writing && !task_cancelled())
        task_sleep(2000);
    if (s->writing)
        return false;
    s->writing = true;
    bool taken = pipe_send(s->client, b, now_us(s) + STALL_US) == FAULT_NONE;
    s->writing = false;
    return taken;
}

/* What the line said. */
static bool client_tell(struct transit_session *s, struct bytes b)
{
    uint8_t doubled[2 * PIECE];
    struct writer w = { .start = doubled, .at = doubled, .end = doubled + sizeof doubled };
    if (s->guess == TELNET_YES) {
        telnet_put_data(&w, b);
        b = bytes_of(doubled, (size_t)(w.at - doubled));
    }
    bool taken = client_send(s, b);
    if (!taken)
        end_because(s, TRANSIT_STALLED);
    return taken;
}

/* --- from the line, in a task of its own --------------------------------------------------------------------------------------------- */

static int64_t gather_us(const struct transit_session *s)
{
    int64_t gap = pipe_wire_us(bus_pipe(s->bus), GATHER_BYTES);
    return gap < GATHER_LEAST_US ? GATHER_LEAST_US : gap > GATHER_MOST_US ? GATHER_MOST_US : gap;
}

/* What comes without a pause goes on in one packet. */
static long take_from_line(struct transit_session *s)
{
    long size = bus_receive(s->bus, s->out, sizeof s->out, LOOP_NEVER), more = size;
    while (more > 0 && size < (long)sizeof s->out) {
        more = bus_receive(s->bus, s->out + size, sizeof s->out - (size_t)size, now_us(s) + gather_us(s));
        size += more > 0 ? more : 0;
    }
    return size;
}

static void pump_line(void *argument)
{
    struct transit_session *s = argument;
    while (!task_cancelled()) {
        long count = take_from_line(s);
        if (count < 0)
            end_because(s, TRANSIT_LINE);
        if (count > 0) {
            s->moved_us = s->heard_us = now_us(s);
            atomic_fetch_add(&s->received, count);
        }
        if (count < 0 || (count > 0 && !client_tell(s, bytes_of(s->out, (size_t)count))))
            break;
    }
    if (!task_cancelled())
        task_cancel(s->self);
    s->pump_over = true;
    task_wake(s->self);
}

static bool begin_pump(struct transit_session *s, void (*pump)(void *))
{
    s->pump_over = false;
    s->pump = loop_spawn(task_loop(s->self), pump, s);
    s->pump_over = !s->pump;
    return s->pump;
}

static void end_pump(struct transit_session *s)
{
    if (s->pump && !s->pump_over)
        task_cancel(s->pump);
    while (!s->pump_over)
        task_park_firmly(LOOP_NEVER);
    s->pump = NULL;
}

/* --- the line ----------------------------------------------------------------------------------------------------------------------------- */

static void put_shape(struct transit_session *s)
{
    if (s->bus)
        pipe_shape(bus_pipe(s->bus), s->port.line);
    s->port.shaped = false;
}

/* «Автоматически»: as the link's address says, else the usual 9600 8N1 (S0 4.3.1). */
static void choose_shape(struct transit_session *s)
{
    struct bus *bus = line_open(s->line);
    struct line own = bus_pipe(bus)->line;
    s->port.line = s->interface.line;
    if (!s->port.line.baud)
        s->port.line = own.baud && !bus_may_shape(bus) ? own : (struct line){ 9600, 8, 'N', 1 };
    line_close(s->line);
}

/* The line after its present exchange, silent, in the client's format. False: it cannot be had. */
static bool take_line(struct transit_session *s)
{
    struct text why = text_over(s->detail, sizeof s->detail);
    struct bus *bus = line_open(s->line);
    s->turn.user = &s->user;
    if (bus_take(bus, &s->turn, BUS_TRANSIT, now_us(s) + LINE_WAIT_US, &why) != FAULT_NONE) {
        line_close(s->line);
        end_because(s, TRANSIT_LINE);
        return false;
    }
    s->bus = bus;
    struct bus_silence *silence = bus_silence(bus);
    task_sleep_until(silence->since_us + silence->needed_us);
    silence->late = false;
    while (bus_receive(bus, s->out, sizeof s->out, 0) > 0)
        ; /* answers to others */
    s->former = bus_pipe(bus)->line;
    put_shape(s);
    s->taken_us = s->moved_us = s->heard_us = now_us(s);
    s->sent_us = 0;
    return begin_pump(s, pump_line);
}

/* Gives it back as it was. What a client has left unfinished on it is let pass. */
static void give_line(struct transit_session *s)
{
    if (!s->bus)
        return;
    end_pump(s);
    bool asked = s->sent_us > s->heard_us;
    pipe_shape(bus_pipe(s->bus), s->former);
    *bus_silence(s->bus) = (struct bus_silence){ asked ? s->sent_us : now_us(s), asked ? LATE_US : SETTLE_US, asked };
    if (atomic_load(&s->why) == TRANSIT_LINE)
        bus_close(s->bus);
    atomic_fetch_add(&s->held_ms, (now_us(s) - s->taken_us) / 1000);
    bus_give(s->bus, &s->turn);
    s->bus = NULL;
    line_close(s->line);
}

/* Bytes of the client. They leave at the line's own pace, so that nothing is still on its way when the line is given back. */
static bool to_line(struct transit_session *s, struct bytes b)
{
    if (s->listens || b.size == 0)
        return true;
    if (!s->bus && !take_line(s))
        return false;
    if (bus_send(s->bus, b, now_us(s) + SEND_US) != FAULT_NONE) {
        end_because(s, TRANSIT_LINE);
        return false;
    }
    task_sleep(pipe_wire_us(bus_pipe(s->bus), b.size));
    s->moved_us = s->sent_us = now_us(s);
    atomic_fetch_add(&s->sent, (long long)b.size);
    return !task_cancelled();
}

/* --- from the client ------------------------------------------------------------------------------------------------------------------------ */

static bool take_telnet(struct transit_session *s, struct bytes in)
{
    struct telnet_piece p;
    struct writer w = { .start = s->written, .at = s->written, .end = s->written + sizeof s->written };
    bool good = true;
    while (good && telnet_next(&s->telnet, &in, &p)) {
        if (p.kind == TELNET_DATA)
            good = to_line(s, p.data);
        else if (p.kind == TELNET_OPTION)
            com_port_negotiate(&s->port, p.verb, p.option, &w);
        else
            com_port_command(&s->port, p.command, p.data, &w);
        if (s->port.shaped)
            put_shape(s);
    }
    if (w.at > s->written && good && !client_send(s, bytes_of(s->written, (size_t)(w.at - s->written)))) {
        end_because(s, TRANSIT_STALLED);
        good = false;
    }
    return good;
}

/* The first bytes are kept until it is clear who speaks. */
static bool take_first(struct transit_session *s, struct bytes in)
{
    memcpy(s->first + s->first_size, in.data, in.size);
    s->first_size += in.size;
    struct bytes first = bytes_of(s->first, s->first_size);
    s->guess = telnet_recognise(first);
    if (s->guess == TELNET_PERHAPS)
        return true;
    return s->guess == TELNET_YES ? take_telnet(s, first) : to_line(s, first);
}

static bool take_bytes_of_client(struct transit_session *s, struct bytes in)
{
    s->moved_us = now_us(s);
    return s->guess == TELNET_PERHAPS ? take_first(s, in) : s->guess == TELNET_YES ? take_telnet(s, in) : to_line(s, in);
}

static int64_t seconds(int count)
{
    return (int64_t)count * 1000000;
}

static bool is_guessing(const struct transit_session *s)
{
    return s->guess == TELNET_PERHAPS && s->first_size > 0;
}

/* The next moment at which silence means something. */
static int64_t silence_ends(const struct transit_session *s)
{
    if (is_guessing(s))
        return s->moved_us + GUESS_US;
    if (!s->bus)
        return s->listens ? LOOP_NEVER : s->moved_us + seconds(s->interface.hold_s);
    int64_t idle = s->moved_us + seconds(s->interface.idle_s), held = s->taken_us + seconds(s->interface.hold_s);
    return idle < held ? idle : held;
}

/* What the clock says. False: the session is over. */
static bool mind_the_clock(struct transit_session *s)
{
    int64_t now = now_us(s);
    if (now < silence_ends(s))
        return true;
    if (is_guessing(s)) {
        s->guess = TELNET_NO;
        return to_line(s, bytes_of(s->first, s->first_size));
    }
    bool held = s->bus && now >= s->taken_us + seconds(s->interface.hold_s);
    if (held || !s->bus) {
        end_because(s, held ? TRANSIT_HELD : TRANSIT_SILENT);
        return false;
    }
    give_line(s);
    return true;
}

static void converse(struct transit_session *s)
{
    bool goes = true;
    while (goes) {
        long count = pipe_receive(s->client, s->in, sizeof s->in, silence_ends(s));
        if (task_cancelled())
            break;
        if (count < 0)
            end_because(s, TRANSIT_LEFT);
        goes = count >= 0 && (count == 0 || take_bytes_of_client(s, bytes_of(s->in, (size_t)count))) && mind_the_clock(s);
    }
}

/* --- who listens ------------------------------------------------------------------------------------------------------------------------------ */

static void hear(struct line_ear *ear, bool sent, struct bytes b)
{
    (void)sent;
    struct transit_session *s = (struct transit_session *)ear;
    size_t room = RING - s->ring_size, count = b.size < room ? b.size : room;
    for (size_t i = 0; i < count; i++)
        s->ring[(s->ring_at + s->ring_size + i) % RING] = b.data[i];
    s->ring_size += count;
    atomic_fetch_add(&s->lost, (long long)(b.size - count));
    if (s->ring_waits)
        task_wake(s->pump);
}

static void pump_ring(void *argument)
{
    struct transit_session *s = argument;
    bool good = true;
    while (good && !task_cancelled()) {
        s->ring_waits = s->ring_size == 0;
        if (s->ring_waits) {
            task_park(LOOP_NEVER);
            continue;
        }
        size_t count = s->ring_size < sizeof s->out ? s->ring_size : sizeof s->out;
        for (size_t i = 0; i < count; i++)
            s->out[i] = s->ring[(s->ring_at + i) % RING];
        s->ring_at = (s->ring_at + count) % RING;
        s->ring_size -= count;
        atomic_fetch_add(&s->received, (long long)count);
        good = client_tell(s, bytes_of(s->out, count));
    }
    if (!task_cancelled())
        task_cancel(s->self);
    s->ring_waits = false;
    s->pump_over = true;
    task_wake(s->self);
}

static void listen_on(struct transit_session *s)
{
    s->ring = memory_new(RING);
    s->ear.heard = hear;
    if (!begin_pump(s, pump_ring))
        return;
    line_listen(s->line, &s->ear);
    converse(s);
    line_deafen(s->line, &s->ear);
    end_pump(s);
}

/* --- the whole of it ------------------------------------------------------------------------------------------------------------------------------ */

/* The way to the client stands. One who does not get as far as TLS has never had to do with the line. */
static bool greet(struct transit_session *s)
{
    int64_t deadline = s->identity ? now_us(s) + GREET_US : LOOP_NEVER;
    s->client = pipe_socket_new(s->socket);
    s->socket = -1;
    if (s->identity)
        s->client = pipe_tls_new(s->client, s->identity);
    bool stands = pipe_open(s->client, deadline, NULL) == FAULT_NONE;
    if (!stands)
        end_because(s, !s->identity ? TRANSIT_LEFT : now_us(s) < deadline ? TRANSIT_NO_TLS : TRANSIT_SLOW_TLS);
    s->moved_us = now_us(s);
    return stands;
}

static void run(struct line_task *t, void *context)
{
    struct transit_session *s = context;
    s->line = t;
    s->self = task_self();
    s->pump_over = true;
    if (greet(s)) {
        choose_shape(s);
        if (s->listens)
            listen_on(s);
        else
            converse(s);
        give_line(s);
    }
    pipe_free(&s->client);
    free(s->ring);
}

static void ended(void *context)
{
    struct transit_session *s = context;
    atomic_store(&s->ended_ms, clock_utc_ms());
    void (*over)(void *) = s->over;
    void *owner = s->context;
    atomic_store(&s->ended, true);
    over(owner);
}

struct transit_session *transit_session_new(struct collector *c, const struct interface *i, const struct transit_caller *caller,
                                            void (*over)(void *context), void *context, enum fault *ret)
{
    struct transit_session *s = memory_new(sizeof *s);
    s->interface = *i;
    s->socket = caller->socket;
    s->identity = caller->identity;
    s->over = over;
    s->context = context;
    s->listens = caller->listens;
    s->begun_ms = clock_utc_ms();
    s->guess = TELNET_PERHAPS;
    snprintf(s->client_name, sizeof s->client_name, "%s", caller->name);
    s->user = (struct line_user){ .use = LINE_TRANSIT, .name = s->client_name };
    atomic_store(&s->why, TRANSIT_STOPPED);
    *ret = collector_line_begin(c, i->link, &(struct line_work){ run, ended, s }, &s->task);
    if (*ret == FAULT_NONE)
        return s;
    close(caller->socket);
    free(s);
    return NULL;
}

bool transit_session_over(const struct transit_session *s)
{
    return atomic_load(&s->ended);
}

void transit_session_look(const struct transit_session *s, struct transit_session_view *ret)
{
    *ret = (struct transit_session_view){ .listens = s->listens, .begun_ms = s->begun_ms, .ended_ms = atomic_load(&s->ended_ms),
        .held_ms = atomic_load(&s->held_ms), .sent = atomic_load(&s->sent), .received = atomic_load(&s->received),
        .lost = atomic_load(&s->lost), .why = (enum transit_end)atomic_load(&s->why) };
    memcpy(ret->client, s->client_name, sizeof ret->client);
    if (transit_session_over(s))
        memcpy(ret->detail, s->detail, sizeof ret->detail);
}

void transit_session_stop(struct transit_session *s)
{
    line_task_cancel(s->task);
}

void transit_session_end(struct transit_session **session, struct transit_session_view *ret)
{
    struct transit_session *s = *session;
    *session = NULL;
    line_task_free(&s->task);
    transit_session_look(s, ret);
    if (s->socket >= 0)
        close(s->socket);
    free(s);
}
