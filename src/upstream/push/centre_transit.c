/* Transit downward at the gateway: a channel of the push's connection is a client of the interface's transit, under its rules
 * (transit/session.h): it gets the line between two exchanges and gives it back by the clock. */
#include "upstream/push/centre_inside.h"
#include "upstream/push/channel.h"
#include "upstream/transit/session.h"
#include "base/log.h"
#include "people/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct centre_channel {
    struct centre_channel *next;
    struct centre *centre;
    uint32_t number;
    int interface;
    struct push_channel *channel;
    struct transit_session *session;
    bool over;
    struct task *watcher;
};

static struct centre_channel *channel_of(struct centre *c, uint32_t number)
{
    struct centre_channel *k = c->channels;
    while (k && k->number != number)
        k = k->next;
    return k;
}

static void over(void *context)
{
    struct centre_channel *k = context;
    k->over = true;
    if (k->watcher)
        task_wake(k->watcher);
}

/* The session's own end closes its socket, which the channel sees. */
static void session_over(void *context)
{
    (void)context;
}

static void end_session(void *argument)
{
    struct centre_channel *k = argument;
    struct transit_session_view view;
    transit_session_end(&k->session, &view);
    char after[200];
    snprintf(after, sizeof after, "{\"interface\":%d,\"held_s\":%lld,\"sent\":%lld,\"received\":%lld}", k->interface, (long long)view.held_ms / 1000,
             (long long)view.sent, (long long)view.received);
    journal_note(k->centre->house.store, NOTE_TRANSIT_END, NULL, "HES", NULL, after);
}

/* Lives as long as the channel: waits for its end and clears up. */
static void watch(void *argument)
{
    struct centre_channel *k = argument;
    k->watcher = task_self();
    while (!k->over)
        task_park_firmly(LOOP_NEVER);
    push_channel_close(&k->channel);
    task_offload(end_session, k);
    struct centre_channel **at = &k->centre->channels;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    if (k->centre->main)
        task_wake(k->centre->main);
    free(k);
}

static void answer(struct centre *c, int64_t number, const char *trouble)
{
    push_link_tell_json(c->link, PUSH_OPENED, json_pack("{s:I,s:s}", "channel", (json_int_t)number, "trouble", trouble));
}

struct opening {
    struct centre_channel *channel;
    struct centre *centre;
    int socket;
    enum fault fault;
};

static void open_session(void *argument)
{
    struct opening *o = argument;
    struct interface i;
    struct transit_caller caller = { .socket = o->socket, .name = "HES" };
    char object[40];
    struct collector *collector = service_collector(o->centre->house.collection);
    o->fault = interface_read(o->centre->house.store, o->channel->interface, &i);
    if (o->fault == FAULT_NONE && !i.link)
        o->fault = FAULT_NO_DATA;
    if (o->fault == FAULT_NONE)
        caller.listens = i.mode == TRANSIT_LISTEN;
    if (o->fault == FAULT_NONE)
        o->channel->session = transit_session_new(collector, &i, &caller, session_over, o->channel, &o->fault);
    else
        close(o->socket);
    snprintf(object, sizeof object, "HES, %d", o->channel->interface);
    if (o->channel->session)
        journal_note(o->centre->house.store, NOTE_TRANSIT_BEGIN, NULL, object, NULL, NULL);
}

static const char *begin(struct centre *c, struct centre_channel *k)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return "busy";
    struct opening o = { .channel = k, .centre = c, .socket = pair[1] };
    task_aside(open_session, &o);
    if (!k->session) {
        close(pair[0]);
        return o.fault == FAULT_NO_DATA ? "interface" : "line";
    }
    k->next = c->channels;
    c->channels = k;
    k->channel = push_channel_new(c->link, k->number, pair[0], over, k);
    k->over = !k->channel;
    if (!loop_spawn(c->loop, watch, k))
        abort(); /* a stack was just to be had */
    return "";
}

void centre_transit_open(struct centre *c, const json_t *wish)
{
    int64_t number = push_int(wish, "channel"), interface = push_int(wish, "interface");
    size_t count = 0;
    for (const struct centre_channel *k = c->channels; k; k = k->next)
        count++;
    if (number <= 0 || number > UINT32_MAX || channel_of(c, (uint32_t)number))
        return;
    if (interface < 1 || interface > INTERFACES || count >= PUSH_CHANNELS_MAX) {
        answer(c, number, count >= PUSH_CHANNELS_MAX ? "busy" : "interface");
        return;
    }
    struct centre_channel *k = memory_new(sizeof *k);
    k->centre = c;
    k->number = (uint32_t)number;
    k->interface = (int)interface;
    const char *trouble = begin(c, k);
    answer(c, number, trouble);
    if (*trouble)
        free(k);
}

void centre_transit_take(struct centre *c, const struct push_frame *frame)
{
    struct cursor body = cursor_over(frame->body);
    uint32_t number;
    struct centre_channel *k = take_push_channel(&body, &number) ? channel_of(c, number) : NULL;
    if (k && k->channel)
        push_channel_take(k->channel, frame->kind, body);
}

void centre_transit_close_all(struct centre *c)
{
    for (struct centre_channel *k = c->channels; k; k = k->next)
        over(k);
    while (c->channels)
        task_park_firmly(LOOP_NEVER);
}
