/* Listening; see listener.h. */
#include "link/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 64, BREATH_US = 200000 };

static int socket_of(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, none = 0;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof none);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage s;
    socklen_t size = sizeof s;
    if (getsockname(fd, (struct sockaddr *)&s, &size) != 0)
        return 0;
    return ntohs(s.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&s)->sin6_port : ((struct sockaddr_in *)&s)->sin_port);
}

/* Of every address: the one of IPv6, which takes both families, then that of IPv4 where the machine has no IPv6. */
static int socket_for(const char *address, const char *port, const char **trouble)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | (*address ? AI_NUMERICHOST : 0) }, *found = NULL;
    int error = getaddrinfo(*address ? address : "::", port, &hints, &found), fd = -1;
    if (error) {
        *trouble = gai_strerror(error);
        return -1;
    }
    fd = socket_of(found);
    freeaddrinfo(found);
    if (fd < 0 && !*address && errno == EAFNOSUPPORT)
        return socket_for("0.0.0.0", port, trouble);
    *trouble = strerror(errno);
    return fd;
}

bool listener_open(struct listener *l, const char *address, uint16_t port, struct text *why)
{
    char text[8];
    const char *trouble = "";
    snprintf(text, sizeof text, "%u", port);
    *l = (struct listener){ .fd = socket_for(address, text, &trouble), .watch.fd = -1 };
    if (l->fd < 0) {
        text_printf(why, "%s:%u: %s", address, port, trouble);
        return false;
    }
    l->port = port_of(l->fd);
    return true;
}

static bool watched(struct listener *l)
{
    struct loop *loop = task_loop(task_self());
    return l->watch.fd == l->fd || watch_add(loop, &l->watch, l->fd);
}

int listener_accept(struct listener *l)
{
    while (l->fd >= 0 && watched(l) && !task_cancelled()) {
        if (!watch_readable(&l->watch, LOOP_NEVER))
            continue;
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
        if (fd >= 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        if (errno == EAGAIN)
            l->watch.readable = false;
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            task_sleep(BREATH_US);
    }
    return -1;
}

void listener_close(struct listener *l)
{
    if (l->fd < 0)
        return;
    if (task_self() && l->watch.fd == l->fd)
        watch_remove(task_loop(task_self()), &l->watch);
    close(l->fd);
    l->fd = -1;
}
