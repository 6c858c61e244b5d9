/* A pipe that never opens: of links that only others can open. */
#include "link/pipe.h"
#include "base/arena.h"

#include <stdlib.h>

struct pipe_nowhere {
    struct pipe pipe;
    const char *why;
};

static enum fault nowhere_open(struct pipe *p, int64_t deadline_us, struct text *why)
{
    (void)deadline_us;
    if (why)
        text_put(why, ((struct pipe_nowhere *)p)->why);
    return FAULT_NO_CONNECTION;
}

static long nowhere_receive(struct pipe *p, void *memory, size_t room, int64_t deadline_us)
{
    (void)p, (void)memory, (void)room, (void)deadline_us;
    return -1;
}

static enum fault nowhere_send(struct pipe *p, struct bytes b, int64_t deadline_us)
{
    (void)p, (void)b, (void)deadline_us;
    return FAULT_LINK_LOST;
}

static void nowhere_shape(struct pipe *p, struct line line)
{
    p->line = line;
}

static void nowhere_close(struct pipe *p)
{
    (void)p;
}

static void nowhere_free(struct pipe *p)
{
    free(p);
}

struct pipe *pipe_nowhere_new(const char *why)
{
    static const struct pipe_kind kind = { nowhere_open, nowhere_receive, nowhere_send, nowhere_shape, nowhere_close, nowhere_free };
    struct pipe_nowhere *p = memory_new(sizeof *p);
    p->pipe.kind = &kind;
    p->why = why;
    return &p->pipe;
}
