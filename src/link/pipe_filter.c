/* Filters over other pipes: seven bits over eight, echo removal; see pipe.h. */
#include "link/pipe.h"

#include "base/arena.h"

#include <stdlib.h>

enum { ECHO_MAX = 2048 };

struct pipe_filter {
    struct pipe pipe;
    struct pipe *below;
    char parity;
    uint8_t *echo;            /* what must still come back; echo filter only */
    size_t echo_at, echo_end;
};

static enum fault filter_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    return pipe_open(((struct pipe_filter *)pipe)->below, deadline_us, why);
}

static void filter_close(struct pipe *pipe)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    p->echo_at = p->echo_end = 0;
    pipe_close(p->below);
}

static void filter_free(struct pipe *pipe)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    pipe_free(&p->below);
    free(p->echo);
    free(p);
}

static struct pipe_filter *filter_new(const struct pipe_kind *kind, struct pipe *below)
{
    struct pipe_filter *p = memory_new(sizeof *p);
    p->pipe = (struct pipe){ .kind = kind, .timed = below->timed, .line = below->line };
    p->below = below;
    return p;
}

/* --- seven bits over 8N1 --- */

static uint8_t with_parity(uint8_t byte, char parity)
{
    byte &= 0x7F;
    bool odd = __builtin_parity(byte);
    return odd == (parity == 'E') ? byte | 0x80 : byte;
}

static long seven_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    uint8_t *byte = memory;
    long count = pipe_receive(p->below, memory, room, deadline_us);
    for (long i = 0; i < count; i++)
        byte[i] = with_parity(byte[i], p->parity) == byte[i] ? byte[i] & 0x7F : 0x7F;
    return count;
}

static enum fault seven_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    uint8_t piece[256];
    enum fault fault = FAULT_NONE;
    while (b.size && fault == FAULT_NONE) {
        struct bytes part = bytes_part(b, 0, sizeof piece);
        for (size_t i = 0; i < part.size; i++)
            piece[i] = with_parity(part.data[i], p->parity);
        fault = pipe_send(p->below, bytes_of(piece, part.size), deadline_us);
        b = bytes_part(b, part.size, b.size);
    }
    return fault;
}

/* The line below always carries eight bits without parity; the eighth is ours. */
static void seven_shape(struct pipe *pipe, struct line line)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    pipe->line = line;
    line.bits = 8;
    line.parity = 'N';
    pipe_shape(p->below, line);
}

static const struct pipe_kind seven_kind = {
    .open = filter_open, .receive = seven_receive, .send = seven_send, .shape = seven_shape,
    .close = filter_close, .free = filter_free,
};

struct pipe *pipe_seven_bits_new(struct pipe *below, char parity)
{
    struct pipe_filter *p = filter_new(&seven_kind, below);
    p->parity = parity;
    return &p->pipe;
}

/* --- echo --- */

/* Drops the leading bytes that equal the echo still expected; returns how many remain, moved to the front. */
static long drop_echo(struct pipe_filter *p, uint8_t *byte, long count)
{
    long dropped = 0;
    while (dropped < count && p->echo_at < p->echo_end && byte[dropped] == p->echo[p->echo_at]) {
        dropped++;
        p->echo_at++;
    }
    if (dropped < count)
        p->echo_at = p->echo_end = 0;
    memmove(byte, byte + dropped, (size_t)(count - dropped));
    return count - dropped;
}

static long echo_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    for (;;) {
        long count = pipe_receive(p->below, memory, room, deadline_us);
        if (count <= 0)
            return count;
        count = drop_echo(p, memory, count);
        if (count > 0)
            return count;
    }
}

static enum fault echo_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    struct pipe_filter *p = (struct pipe_filter *)pipe;
    p->echo_at = p->echo_end = 0;
    if (b.size <= ECHO_MAX) {
        memcpy(p->echo, b.data, b.size);
        p->echo_end = b.size;
    }
    return pipe_send(p->below, b, deadline_us);
}

static void echo_shape(struct pipe *pipe, struct line line)
{
    pipe->line = line;
    pipe_shape(((struct pipe_filter *)pipe)->below, line);
}

static const struct pipe_kind echo_kind = {
    .open = filter_open, .receive = echo_receive, .send = echo_send, .shape = echo_shape,
    .close = filter_close, .free = filter_free,
};

struct pipe *pipe_echo_new(struct pipe *below)
{
    struct pipe_filter *p = filter_new(&echo_kind, below);
    p->echo = memory_new(ECHO_MAX);
    return &p->pipe;
}
