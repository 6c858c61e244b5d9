/* Pipes over the network: TCP, UDP, accepted sockets; see pipe.h. */
#include "link/pipe_fd.h"

#include "base/arena.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe_net {
    struct pipe_fd base;
    char *host;
    uint16_t port;
    int type; /* SOCK_STREAM or SOCK_DGRAM */
};

/* A name look-up that may block, run aside by task_offload. */
struct lookup {
    const char *host;
    char port[8];
    int type, flags, error;
    struct addrinfo *found;
};

static void lookup_run(void *argument)
{
    struct lookup *l = argument;
    struct addrinfo hints = { .ai_socktype = l->type, .ai_flags = l->flags };
    l->error = getaddrinfo(l->host, l->port, &hints, &l->found);
}

/* Numeric addresses, nearly all in a fleet, never leave the thread. */
static struct addrinfo *resolve(const struct pipe_net *p, struct text *why)
{
    struct lookup l = { .host = p->host, .type = p->type, .flags = AI_NUMERICHOST };
    snprintf(l.port, sizeof l.port, "%u", p->port);
    lookup_run(&l);
    if (l.error) {
        l.flags = 0;
        task_offload(lookup_run, &l);
    }
    if (l.error && why)
        text_printf(why, "%s: %s", p->host, gai_strerror(l.error));
    return l.error ? NULL : l.found;
}

static bool connected(struct pipe_net *p, const struct addrinfo *to, int64_t deadline_us)
{
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int one = 1;
    if (to->ai_socktype == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        errno = error;
        return false;
    }
    if (!pipe_fd_adopt(&p->base, fd))
        return false;
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (watch_writable(&p->base.watch, deadline_us))
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0)
        return true;
    pipe_fd_close(&p->base.pipe);
    errno = error;
    return false;
}

static enum fault net_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    struct pipe_net *p = (struct pipe_net *)pipe;
    if (p->base.open)
        return FAULT_NONE;
    struct addrinfo *found = resolve(p, why);
    if (!found)
        return FAULT_NO_CONNECTION;
    bool done = false;
    for (struct addrinfo *a = found; a && !done; a = a->ai_next)
        done = connected(p, a, deadline_us);
    if (!done && why)
        text_printf(why, "%s:%u: %s", p->host, p->port, strerror(errno));
    freeaddrinfo(found);
    return done ? FAULT_NONE : FAULT_NO_CONNECTION;
}

static void net_free(struct pipe *pipe)
{
    struct pipe_net *p = (struct pipe_net *)pipe;
    free(p->host);
    free(p);
}

static const struct pipe_kind net_kind = {
    .open = net_open, .receive = pipe_fd_receive, .send = pipe_fd_send, .shape = pipe_fd_shape,
    .close = pipe_fd_close, .free = net_free,
};

static struct pipe *net_new(const char *host, uint16_t port, int type)
{
    struct pipe_net *p = memory_new(sizeof *p);
    p->base.pipe.kind = &net_kind;
    p->host = strdup(host);
    p->port = port;
    p->type = type;
    return &p->base.pipe;
}

struct pipe *pipe_tcp_new(const char *host, uint16_t port)
{
    return net_new(host, port, SOCK_STREAM);
}

struct pipe *pipe_udp_new(const char *host, uint16_t port)
{
    return net_new(host, port, SOCK_DGRAM);
}

struct pipe_accepted {
    struct pipe_fd base;
    int fd; /* until it is opened in a task; -1 then */
};

static enum fault accepted_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    (void)deadline_us;
    struct pipe_accepted *p = (struct pipe_accepted *)pipe;
    if (p->base.open)
        return FAULT_NONE;
    int fd = p->fd;
    p->fd = -1;
    if (fd >= 0 && pipe_fd_adopt(&p->base, fd))
        return FAULT_NONE;
    if (why)
        text_put(why, "connection already closed");
    return FAULT_NO_CONNECTION;
}

static void accepted_free(struct pipe *pipe)
{
    struct pipe_accepted *p = (struct pipe_accepted *)pipe;
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

static const struct pipe_kind accepted_kind = {
    .open = accepted_open, .receive = pipe_fd_receive, .send = pipe_fd_send, .shape = pipe_fd_shape,
    .close = pipe_fd_close, .free = accepted_free,
};

struct pipe *pipe_socket_new(int fd)
{
    struct pipe_accepted *p = memory_new(sizeof *p);
    p->base.pipe.kind = &accepted_kind;
    p->fd = fd;
    return &p->base.pipe;
}
