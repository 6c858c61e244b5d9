/* What all pipes share; see pipe.h. */
#include "link/pipe.h"

int64_t pipe_wire_us(const struct pipe *p, size_t count)
{
    if (!p->timed || p->line.baud == 0)
        return 0;
    int64_t bits = 1 + p->line.bits + (p->line.parity != 'N') + p->line.stop;
    return (int64_t)count * bits * 1000000 / p->line.baud;
}

void pipe_shape(struct pipe *p, struct line line)
{
    struct line *now = &p->line;
    if (now->baud == line.baud && now->bits == line.bits && now->parity == line.parity && now->stop == line.stop)
        return;
    p->kind->shape(p, line);
}

void pipe_free(struct pipe **p)
{
    struct pipe *dead = *p;
    *p = NULL;
    if (!dead)
        return;
    dead->kind->close(dead);
    dead->kind->free(dead);
}
