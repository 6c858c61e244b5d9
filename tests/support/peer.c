/* A pipe to a function; see peer.h. */
#include "support/peer.h"

#include "base/arena.h"

#include <stdlib.h>

struct peer_pipe {
    struct pipe pipe;
    struct peer *peer;
};

static struct peer *peer_of(struct pipe *p)
{
    return ((struct peer_pipe *)p)->peer;
}

void peer_say(struct peer *p, struct bytes b)
{
    if (p->size + b.size > p->room) {
        size_t room = (p->size + b.size) * 2;
        p->said = memory_grow(p->said, p->room, room);
        p->room = room;
    }
    if (b.size)
        memcpy(p->said + p->size, b.data, b.size);
    p->size += b.size;
}

static enum fault open_peer(struct pipe *p, int64_t deadline_us, struct text *why)
{
    (void)deadline_us, (void)why;
    return peer_of(p)->closed ? FAULT_NO_CONNECTION : FAULT_NONE;
}

static long receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    (void)deadline_us;
    struct peer *p = peer_of(pipe);
    size_t count = p->size - p->at;
    if (count == 0)
        return 0;
    count = p->split ? 1 : count < room ? count : room;
    memcpy(memory, p->said + p->at, count);
    p->at += count;
    if (p->at == p->size)
        p->at = p->size = 0;
    return (long)count;
}

struct sending {
    struct peer *peer;
    struct bytes b;
};

static void hear_aside(void *argument)
{
    struct sending *s = argument;
    s->peer->hear(s->peer, s->b);
}

static enum fault send_to_peer(struct pipe *p, struct bytes b, int64_t deadline_us)
{
    (void)deadline_us;
    task_aside(hear_aside, &(struct sending){ peer_of(p), b });
    return FAULT_NONE;
}

static void shape(struct pipe *p, struct line line)
{
    p->line = line;
}

/* As a socket that was closed: what had been said is lost, and there is no way back. */
static void close_peer(struct pipe *p)
{
    peer_of(p)->at = peer_of(p)->size = 0;
    peer_of(p)->closed = true;
}

static void free_pipe(struct pipe *p)
{
    free(p);
}

static const struct pipe_kind peer_kind = { .open = open_peer, .receive = receive, .send = send_to_peer, .shape = shape, .close = close_peer, .free = free_pipe };

struct pipe *peer_pipe(struct peer *p)
{
    struct peer_pipe *pipe = memory_new(sizeof *pipe);
    pipe->pipe.kind = &peer_kind;
    pipe->peer = p;
    p->closed = false;
    return &pipe->pipe;
}

void peer_end(struct peer *p)
{
    free(p->said);
    p->said = NULL;
    p->at = p->size = p->room = 0;
}
