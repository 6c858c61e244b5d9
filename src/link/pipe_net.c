/* Pipes over the network: TCP, UDP, accepted sockets; see pipe.h. */
#include "link/pipe_fd.h"

#include "base/arena.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe_net {
    struct pipe_fd base;
    char *host;
    uint16_t port;
    int type; /* SOCK_STREAM or SOCK_DGRAM */
    char interface[IF_NAMESIZE]; /* "": whichever */
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

bool interface_name_valid(const char *interface)
{
    size_t size = strlen(interface);
    return size < IF_NAMESIZE && strspn(interface, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == size &&
           strcmp(interface, ".") != 0 && strcmp(interface, "..") != 0;
}

bool interface_trouble(const char *interface, enum lang lang, struct text *why)
{
    static const struct phrase missing = { { "нет сетевого интерфейса %s", "there is no network interface %s" } }, off = { { "сетевой интерфейс %s выключен", "the network interface %s is off" } };
    struct ifreq r = { .ifr_flags = 0 };
    if (!*interface)
        return false;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0, up = there && r.ifr_flags & IFF_UP;
    if (fd >= 0)
        close(fd);
    if (!up && why)
        text_printf(why, phrase_in(there ? &off : &missing, lang), interface);
    return !up;
}

static bool bound(const struct pipe_net *p, int fd)
{
    return !*p->interface || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->interface, (socklen_t)strlen(p->interface)) == 0;
}

static bool connected(struct pipe_net *p, const struct addrinfo *to, int64_t deadline_us)
{
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int one = 1;
    if (to->ai_socktype == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!bound(p, fd) || (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS)) {
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
    if (interface_trouble(p->interface, lang_from_environment(), why))
        return FAULT_NO_CONNECTION;
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

static void net_begin(struct pipe_net *p, const struct pipe_kind *kind, const char *host, uint16_t port, int type)
{
    p->base.pipe.kind = kind;
    p->host = strdup(host);
    p->port = port;
    p->type = type;
}

struct pipe *pipe_tcp_new(const char *host, uint16_t port)
{
    struct pipe_net *p = memory_new(sizeof *p);
    net_begin(p, &net_kind, host, port, SOCK_STREAM);
    return &p->base.pipe;
}

struct pipe *pipe_tcp_by_new(const char *interface, const char *host, uint16_t port)
{
    struct pipe *p = pipe_tcp_new(host, port);
    snprintf(((struct pipe_net *)p)->interface, IF_NAMESIZE, "%s", interface);
    return p;
}

/* --- datagrams ---------------------------------------------------------------------------------------------------- */

struct pipe_udp {
    struct pipe_net net;
    uint8_t *rest; /* of a datagram larger than what was asked for; the kernel would forget it */
    size_t rest_at, rest_end;
};

static long give_rest(struct pipe_udp *p, void *memory, size_t room)
{
    size_t count = p->rest_end - p->rest_at < room ? p->rest_end - p->rest_at : room;
    memcpy(memory, p->rest + p->rest_at, count);
    p->rest_at += count;
    if (p->rest_at == p->rest_end) {
        free(p->rest);
        p->rest = NULL;
    }
    return (long)count;
}

/* The datagram at hand, whole: what does not fit is kept for the next call. 0: it was empty. */
static long take_datagram(struct pipe_udp *p, void *memory, size_t room, size_t size)
{
    int fd = p->net.base.watch.fd;
    if (size <= room)
        return recv(fd, memory, room, 0);
    p->rest = memory_new(size);
    ssize_t count = recv(fd, p->rest, size, 0);
    p->rest_at = 0;
    p->rest_end = count > 0 ? (size_t)count : 0;
    return give_rest(p, memory, room);
}

static long udp_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_udp *p = (struct pipe_udp *)pipe;
    struct watch *w = &p->net.base.watch;
    if (p->rest)
        return give_rest(p, memory, room);
    while (p->net.base.open) {
        if (!watch_readable(w, deadline_us))
            return 0;
        ssize_t size = recv(w->fd, memory, 0, MSG_PEEK | MSG_TRUNC);
        long count = size < 0 ? size : take_datagram(p, memory, room, (size_t)size);
        if (count > 0)
            return count;
        if (count < 0 && errno == EAGAIN)
            w->readable = false;
        else if (count < 0 && errno != EINTR)
            return -1;
    }
    return -1;
}

static void udp_close(struct pipe *pipe)
{
    struct pipe_udp *p = (struct pipe_udp *)pipe;
    free(p->rest);
    p->rest = NULL;
    pipe_fd_close(pipe);
}

static const struct pipe_kind udp_kind = {
    .open = net_open, .receive = udp_receive, .send = pipe_fd_send, .shape = pipe_fd_shape,
    .close = udp_close, .free = net_free,
};

struct pipe *pipe_udp_new(const char *host, uint16_t port)
{
    struct pipe_udp *p = memory_new(sizeof *p);
    net_begin(&p->net, &udp_kind, host, port, SOCK_DGRAM);
    return &p->net.base.pipe;
}

/* --- accepted connections ----------------------------------------------------------------------------------------- */

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
