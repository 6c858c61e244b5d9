/* Reading and writing a watched descriptor; see pipe_fd.h. */
#include "link/pipe_fd.h"

#include <errno.h>
#include <unistd.h>

bool pipe_fd_adopt(struct pipe_fd *p, int fd)
{
    if (!watch_add(task_loop(task_self()), &p->watch, fd)) {
        close(fd);
        return false;
    }
    p->open = true;
    return true;
}

long pipe_fd_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_fd *p = (struct pipe_fd *)pipe;
    if (!p->open)
        return -1;
    for (;;) {
        if (!watch_readable(&p->watch, deadline_us))
            return 0;
        ssize_t count = read(p->watch.fd, memory, room);
        if (count > 0) {
            /* A short read has emptied the descriptor: the next byte will come with a new edge. */
            p->watch.readable = (size_t)count == room || p->watch.hung_up;
            return count;
        }
        bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
        if (!later || p->watch.hung_up)
            return -1;
        p->watch.readable = false;
    }
}

enum fault pipe_fd_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    struct pipe_fd *p = (struct pipe_fd *)pipe;
    while (p->open && b.size) {
        ssize_t count = write(p->watch.fd, b.data, b.size);
        if (count > 0) {
            b = bytes_part(b, (size_t)count, b.size);
            continue;
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR))
            return FAULT_LINK_LOST;
        p->watch.writable = false;
        if (!watch_writable(&p->watch, deadline_us))
            return task_cancelled() ? FAULT_CANCELLED : FAULT_LINK_LOST;
    }
    return p->open ? FAULT_NONE : FAULT_LINK_LOST;
}

void pipe_fd_close(struct pipe *pipe)
{
    struct pipe_fd *p = (struct pipe_fd *)pipe;
    if (!p->open)
        return;
    watch_remove(task_loop(task_self()), &p->watch);
    close(p->watch.fd);
    p->open = false;
}

void pipe_fd_shape(struct pipe *p, struct line line)
{
    p->line = line;
}
