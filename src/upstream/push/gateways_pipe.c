/* Ways through gateways to their interfaces: a pipe of the collector on its own loop, a channel of transit on ours, a pair of sockets
 * between them; see gateways_inside.h. */
#include "upstream/push/gateways_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Somebody waits for a way. He may give up before there is an answer, so both hold it. */
struct pipe_wish {
    struct pipe_wish *next;
    struct gateways *house;
    int64_t gateway;
    int interface, socket;   /* our end */
    atomic_int holders;
    struct loop *loop;       /* of who waits */
    struct task *task;       /* NULL once he has given up; of his loop */
    bool answered, good;     /* of his loop */
    char trouble[24];
};

/* A channel of a guest. */
struct guest_channel {
    struct guest_channel *next;
    struct guest *guest;
    uint32_t number;
    struct pipe_wish *wish;  /* until it is answered */
    struct push_channel *channel;
    bool over;
    struct task *watcher;
};

static void let_go(struct pipe_wish *w)
{
    if (atomic_fetch_sub(&w->holders, 1) != 1)
        return;
    if (w->socket >= 0)
        close(w->socket);
    free(w);
}

/* On the loop of who waits. */
static void hand_over(void *argument)
{
    struct pipe_wish *w = argument;
    w->answered = true;
    if (w->task)
        task_wake(w->task);
    let_go(w);
}

static void answer(struct pipe_wish *w, bool good, const char *trouble)
{
    w->good = good;
    snprintf(w->trouble, sizeof w->trouble, "%s", trouble);
    loop_post(w->loop, hand_over, w);
}

/* --- the guest's side -------------------------------------------------------------------------------------------------------------- */

static struct guest_channel *channel_of(struct guest *t, int64_t number)
{
    struct guest_channel *k = t->channels;
    while (k && k->number != number)
        k = k->next;
    return k;
}

static void over(void *context)
{
    struct guest_channel *k = context;
    k->over = true;
    if (k->watcher)
        task_wake(k->watcher);
}

static void drop(struct guest_channel *k)
{
    struct guest_channel **at = &k->guest->channels;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    task_wake(k->guest->task);
    free(k);
}

static void watch(void *argument)
{
    struct guest_channel *k = argument;
    k->watcher = task_self();
    while (!k->over)
        task_park_firmly(LOOP_NEVER);
    push_channel_close(&k->channel);
    drop(k);
}

static void open_wish(struct gateways *g, struct pipe_wish *w)
{
    struct guest *t = gateways_guest(g, w->gateway);
    size_t count = 0;
    for (const struct guest_channel *k = t ? t->channels : NULL; k; k = k->next)
        count++;
    if (!t || count >= PUSH_CHANNELS_MAX) {
        answer(w, false, t ? "busy" : "away");
        return;
    }
    struct guest_channel *k = memory_new(sizeof *k);
    k->guest = t;
    k->number = ++t->channel_number;
    k->wish = w;
    k->next = t->channels;
    t->channels = k;
    push_link_tell_json(t->link, PUSH_OPEN, json_pack("{s:I,s:i}", "channel", (json_int_t)k->number, "interface", w->interface));
}

void gateways_wishes(void *argument)
{
    struct gateways *g = argument;
    pthread_mutex_lock(&g->lock);
    struct pipe_wish *all = g->wishes;
    g->wishes = NULL;
    pthread_mutex_unlock(&g->lock);
    for (struct pipe_wish *next; all; all = next) {
        next = all->next;
        open_wish(g, all);
    }
}

void guest_channel_opened(struct guest *t, const json_t *said)
{
    struct guest_channel *k = channel_of(t, push_int(said, "channel"));
    struct pipe_wish *w = k ? k->wish : NULL;
    if (!w)
        return;
    k->wish = NULL;
    const char *trouble = push_text(said, "trouble");
    if (!*trouble) {
        k->channel = push_channel_new(t->link, k->number, w->socket, over, k);
        w->socket = -1;
    }
    k->over = !k->channel;
    bool good = k->channel && loop_spawn(t->house->loop, watch, k);
    answer(w, good, *trouble ? trouble : "line");
    if (!good) {
        push_channel_close(&k->channel);
        drop(k);
    }
}

void guest_channel_take(struct guest *t, const struct push_frame *f)
{
    struct cursor body = cursor_over(f->body);
    uint32_t number;
    struct guest_channel *k = take_push_channel(&body, &number) ? channel_of(t, number) : NULL;
    if (k && k->channel)
        push_channel_take(k->channel, f->kind, body);
}

void guest_channels_close(struct guest *t)
{
    for (struct guest_channel *k = t->channels, *next; k; k = next) {
        next = k->next;
        if (!k->wish) {
            over(k);
            continue;
        }
        answer(k->wish, false, "away");
        drop(k);
    }
    while (t->channels)
        task_park_firmly(LOOP_NEVER);
}

/* --- the collector's side ------------------------------------------------------------------------------------------------------------- */

struct pipe_far {
    struct pipe pipe;
    struct gateways *house;
    int64_t gateway;
    int interface;
    struct pipe *socket;  /* NULL: closed */
};

static struct pipe_wish *wish_new(struct pipe_far *p, int socket)
{
    struct pipe_wish *w = memory_new(sizeof *w);
    *w = (struct pipe_wish){ .house = p->house, .gateway = p->gateway, .interface = p->interface, .socket = socket, .task = task_self(),
                             .loop = task_loop(task_self()) };
    atomic_store(&w->holders, 2);
    pthread_mutex_lock(&p->house->lock);
    bool closed = p->house->closed;
    if (!closed) {
        w->next = p->house->wishes;
        p->house->wishes = w;
        loop_post(p->house->loop, gateways_wishes, p->house);
    }
    pthread_mutex_unlock(&p->house->lock);
    if (closed)
        answer(w, false, "away");
    return w;
}

static enum fault far_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    struct pipe_far *p = (struct pipe_far *)pipe;
    int pair[2];
    if (p->socket)
        return FAULT_NONE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return FAULT_NO_CONNECTION;
    struct pipe_wish *w = wish_new(p, pair[1]);
    while (!w->answered && task_park(deadline_us))
        ;
    w->task = NULL;
    bool good = w->answered && w->good;
    if (!good && why)
        text_printf(why, "gateway:%lld/%d: %s", (long long)p->gateway, p->interface, w->answered ? w->trouble : "silent");
    let_go(w);
    if (!good) {
        close(pair[0]);
        return task_cancelled() ? FAULT_CANCELLED : FAULT_NO_CONNECTION;
    }
    p->socket = pipe_socket_new(pair[0]);
    return pipe_open(p->socket, deadline_us, why);
}

static long far_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_far *p = (struct pipe_far *)pipe;
    return p->socket ? pipe_receive(p->socket, memory, room, deadline_us) : -1;
}

static enum fault far_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    struct pipe_far *p = (struct pipe_far *)pipe;
    return p->socket ? pipe_send(p->socket, b, deadline_us) : FAULT_LINK_LOST;
}

/* The line's format is the interface's, set at the gateway. */
static void far_shape(struct pipe *p, struct line line)
{
    p->line = line;
}

static void far_close(struct pipe *pipe)
{
    struct pipe_far *p = (struct pipe_far *)pipe;
    if (p->socket)
        pipe_close(p->socket);
    pipe_free(&p->socket);
}

static void far_free(struct pipe *pipe)
{
    gateways_let_go(((struct pipe_far *)pipe)->house);
    free(pipe);
}

struct pipe *gateways_pipe(struct far_hand *hand, int64_t gateway, int interface)
{
    static const struct pipe_kind kind = { far_open, far_receive, far_send, far_shape, far_close, far_free };
    struct pipe_far *p = memory_new(sizeof *p);
    p->pipe.kind = &kind;
    p->house = (struct gateways *)hand;
    atomic_fetch_add(&p->house->holders, 1);
    p->gateway = gateway;
    p->interface = interface;
    return &p->pipe;
}
