/* The thread of a fleet that talks: a plain epoll loop over small connection records; see fleet.h.
 *
 * A connection owns no buffer while it is quiet: bytes are read into the thread's memory, and only a frame that is not whole
 * yet, or waits for its delayed answer, is kept by the connection. */
#include "sim/fleet_worker.h"

#include "base/arena.h"
#include "base/clock.h"
#include "link/timers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_MAX = 1 << 16,   /* longest thing kept of a request */
    OUT_MAX = 1 << 16,  /* longest answer */
    LATE_MAX = 1 << 20, /* most that waits for a peer that does not read */
    STALE_US = 2000000, /* a beginning this old is no beginning of what comes now */
};

/* Bytes that wait; no memory when there are none. */
struct heap_bytes {
    uint8_t *data;
    uint32_t size, room;
};

struct connection {
    struct timer timer; /* first: a timer that fires is its connection */
    struct connection *next, **back;
    struct heap_bytes in, out;
    int64_t heard_us;
    uint32_t index;          /* of the meter */
    int fd;                  /* -1: datagrams */
    bool waiting;            /* a whole request waits for its time */
    struct sockaddr_in peer; /* datagrams: who asked last */
    alignas(max_align_t) uint8_t session[];
};

struct fleet_worker {
    struct fleet *fleet;
    pthread_t thread;
    int epoll, listener, stop, spare;
    struct timers timers;
    struct connection *connections;
    struct connection **by_index; /* datagrams: one for each meter */
    uint8_t *in, *out;            /* IN_MAX and OUT_MAX bytes for whoever is served now */
};

static int64_t now_us(void)
{
    return clock_monotonic_ns() / 1000;
}

static void keep(struct heap_bytes *h, struct bytes more)
{
    if (h->size + more.size > h->room) {
        uint32_t room = h->size + (uint32_t)more.size;
        h->data = memory_grow(h->data, h->room, room);
        h->room = room;
    }
    memcpy(h->data + h->size, more.data, more.size);
    h->size += (uint32_t)more.size;
}

static void forget(struct heap_bytes *h, size_t first)
{
    if (first < h->size) {
        memmove(h->data, h->data + first, h->size - first);
        h->size -= (uint32_t)first;
        return;
    }
    free(h->data);
    *h = (struct heap_bytes){ 0 };
}

/* --- connections -------------------------------------------------------------------------------------------------- */

size_t fleet_connection_size(const struct fleet *f)
{
    return sizeof(struct connection) + f->options.twin->session_size;
}

static struct connection *connection_new(struct fleet_worker *w, int fd, uint32_t index)
{
    struct connection *c = memory_new(fleet_connection_size(w->fleet));
    c->fd = fd;
    c->index = index;
    c->next = w->connections;
    c->back = &w->connections;
    if (c->next)
        c->next->back = &c->next;
    w->connections = c;
    atomic_fetch_add(&w->fleet->counters.open, 1);
    return c;
}

static void connection_free(struct fleet_worker *w, struct connection *c)
{
    timers_clear(&w->timers, &c->timer);
    *c->back = c->next;
    if (c->next)
        c->next->back = c->back;
    if (c->fd >= 0)
        close(c->fd);
    free(c->in.data);
    free(c->out.data);
    free(c);
    atomic_fetch_sub(&w->fleet->counters.open, 1);
}

static void watch_output(struct fleet_worker *w, struct connection *c, bool output)
{
    struct epoll_event e = { .events = EPOLLIN | (output ? EPOLLOUT : 0), .data.ptr = c };
    epoll_ctl(w->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void send_datagram(struct fleet_worker *w, struct connection *c, struct bytes b)
{
    alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
    struct iovec part = { .iov_base = (void *)b.data, .iov_len = b.size };
    struct msghdr m = { .msg_name = &c->peer, .msg_namelen = sizeof c->peer, .msg_iov = &part, .msg_iovlen = 1,
                        .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);
    *head = (struct cmsghdr){ .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)) };
    struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(w->fleet->first + c->index) };
    memcpy(CMSG_DATA(head), &info, sizeof info);
    if (sendmsg(w->listener, &m, 0) < 0)
        return; /* a lost datagram is a lost datagram */
    atomic_fetch_add(&w->fleet->counters.sent, b.size);
}

static void send_stream(struct fleet_worker *w, struct connection *c, struct bytes b)
{
    atomic_fetch_add(&w->fleet->counters.sent, b.size);
    if (c->out.size == 0) {
        ssize_t done = send(c->fd, b.data, b.size, MSG_NOSIGNAL);
        b = bytes_part(b, done > 0 ? (size_t)done : 0, b.size);
        if (b.size == 0 || (done < 0 && errno != EAGAIN))
            return; /* a broken connection is noticed when it is read */
        watch_output(w, c, true);
    }
    if (c->out.size + b.size <= LATE_MAX)
        keep(&c->out, b);
}

/* --- hearing and answering ---------------------------------------------------------------------------------------- */

static void answer(struct fleet_worker *w, struct connection *c, struct bytes frame)
{
    struct fleet *f = w->fleet;
    struct bytes out = bytes_of(w->out, 0);
    struct sim_meter *m = fleet_lock(f, c->index);
    if (m->address == 0 || !m->twin->addressed || m->twin->addressed(m, frame))
        out = sim_meter_answer(m, c->session, frame, &f->options.clock, w->out, OUT_MAX);
    fleet_unlock(f, c->index);
    atomic_fetch_add(&f->counters.requests, 1);
    if (out.size == 0)
        return;
    atomic_fetch_add(&f->counters.answers, 1);
    if (c->fd < 0)
        send_datagram(w, c, out);
    else
        send_stream(w, c, out);
}

/* Microseconds between a request and its answer. */
static int64_t delay_us(struct fleet_worker *w, const struct connection *c)
{
    struct sim_meter *m = fleet_lock(w->fleet, c->index);
    int64_t ms = (int64_t)w->fleet->options.latency_ms + m->faults.slow_ms;
    fleet_unlock(w->fleet, c->index);
    return ms * 1000;
}

/* Answers the whole requests in `heard`, the first at once when it is `due`; returns how much of it is done with. */
static size_t converse(struct fleet_worker *w, struct connection *c, struct bytes heard, bool due)
{
    size_t done = 0;
    while (done < heard.size) {
        struct bytes rest = bytes_part(heard, done, heard.size);
        struct frame_found found = w->fleet->options.twin->find(rest, NULL);
        done += found.start;
        if (found.state == FRAME_PARTIAL)
            break;
        int64_t delay = found.state != FRAME_DAMAGED && !due ? delay_us(w, c) : 0;
        if (delay > 0) {
            c->waiting = true;
            timers_set(&w->timers, &c->timer, now_us() + delay);
            break;
        }
        if (found.state != FRAME_DAMAGED)
            answer(w, c, bytes_part(rest, found.start, found.size));
        else
            atomic_fetch_add(&w->fleet->counters.damaged, 1);
        due = false;
        done += found.size ? found.size : 1;
    }
    return done < heard.size ? done : heard.size;
}

static void hear(struct fleet_worker *w, struct connection *c, struct bytes fresh)
{
    int64_t now = now_us();
    atomic_fetch_add(&w->fleet->counters.heard, fresh.size);
    if (!c->waiting && c->in.size && (now - c->heard_us > STALE_US || c->fd < 0))
        forget(&c->in, c->in.size);
    c->heard_us = now;
    if (c->in.size + fresh.size > IN_MAX)
        return;
    if (c->in.size || c->waiting) {
        keep(&c->in, fresh);
        if (!c->waiting)
            forget(&c->in, converse(w, c, bytes_of(c->in.data, c->in.size), false));
        return;
    }
    size_t done = converse(w, c, fresh, false);
    if (done < fresh.size)
        keep(&c->in, bytes_part(fresh, done, fresh.size));
}

static void run_timers(struct fleet_worker *w)
{
    int64_t now = now_us();
    for (struct timer *t = timers_first(&w->timers); t && t->at_us <= now; t = timers_first(&w->timers)) {
        struct connection *c = (struct connection *)t;
        timers_clear(&w->timers, t);
        c->waiting = false;
        forget(&c->in, converse(w, c, bytes_of(c->in.data, c->in.size), true));
    }
}

/* --- sockets ------------------------------------------------------------------------------------------------------ */

/* Out of descriptors: the one kept in reserve lets the caller be told by a hang-up instead of the loop spinning. */
static void shed(struct fleet_worker *w)
{
    close(w->spare);
    int fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    w->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void admit(struct fleet_worker *w, int fd)
{
    struct sockaddr_in dialled;
    socklen_t size = sizeof dialled;
    uint32_t index = FLEET_NOBODY;
    if (getsockname(fd, (struct sockaddr *)&dialled, &size) == 0)
        index = fleet_index(w->fleet, ntohl(dialled.sin_addr.s_addr));
    if (index == FLEET_NOBODY) {
        atomic_fetch_add(&w->fleet->counters.refused, 1);
        close(fd);
        return;
    }
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* two answers in a row must not wait for each other */
    atomic_fetch_add(&w->fleet->counters.accepted, 1);
    struct connection *c = connection_new(w, fd, index);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        connection_free(w, c);
}

static void accept_all(struct fleet_worker *w)
{
    for (int i = 0; i < 256; i++) {
        int fd = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            admit(w, fd);
        else if (errno == EMFILE || errno == ENFILE)
            shed(w);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static uint32_t dialled_by_datagram(struct fleet_worker *w, struct msghdr *m)
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        struct in_pktinfo info;
        if (h->cmsg_level != IPPROTO_IP || h->cmsg_type != IP_PKTINFO)
            continue;
        memcpy(&info, CMSG_DATA(h), sizeof info);
        return fleet_index(w->fleet, ntohl(info.ipi_addr.s_addr));
    }
    return FLEET_NOBODY;
}

/* A meter has one session for datagrams; it begins anew when another peer asks. */
static struct connection *correspondent(struct fleet_worker *w, uint32_t index, const struct sockaddr_in *peer)
{
    struct connection *c = w->by_index[index];
    if (!c)
        c = w->by_index[index] = connection_new(w, -1, index);
    if (c->peer.sin_port != peer->sin_port || c->peer.sin_addr.s_addr != peer->sin_addr.s_addr) {
        timers_clear(&w->timers, &c->timer);
        c->waiting = false;
        forget(&c->in, c->in.size);
        memset(c->session, 0, w->fleet->options.twin->session_size);
        c->peer = *peer;
    }
    return c;
}

static void receive_datagrams(struct fleet_worker *w)
{
    for (int i = 0; i < 256; i++) {
        struct sockaddr_in peer;
        alignas(struct cmsghdr) uint8_t control[256];
        struct iovec part = { .iov_base = w->in, .iov_len = IN_MAX };
        struct msghdr m = { .msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part, .msg_iovlen = 1,
                            .msg_control = control, .msg_controllen = sizeof control };
        ssize_t size = recvmsg(w->listener, &m, 0);
        if (size < 0)
            return;
        uint32_t index = dialled_by_datagram(w, &m);
        if (index == FLEET_NOBODY)
            atomic_fetch_add(&w->fleet->counters.refused, 1);
        else
            hear(w, correspondent(w, index, &peer), bytes_of(w->in, (size_t)size));
    }
}

static void serve(struct fleet_worker *w, struct connection *c, uint32_t events)
{
    if (events & EPOLLOUT && c->out.size) {
        ssize_t done = send(c->fd, c->out.data, c->out.size, MSG_NOSIGNAL);
        if (done > 0)
            forget(&c->out, (size_t)done);
        if (c->out.size == 0)
            watch_output(w, c, false);
    }
    if (!(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t size = recv(c->fd, w->in, IN_MAX, 0);
    if (size > 0)
        hear(w, c, bytes_of(w->in, (size_t)size));
    else if (size == 0 || errno != EAGAIN)
        connection_free(w, c);
}

static void *work(void *argument)
{
    enum { EVENTS = 256 };
    struct fleet_worker *w = argument;
    struct epoll_event events[EVENTS];
    for (;;) {
        struct timer *first = timers_first(&w->timers);
        int64_t wait = first ? first->at_us - now_us() : -1;
        int wait_ms = !first ? -1 : wait <= 0 ? 0 : wait > 60000000 ? 60000 : (int)((wait + 999) / 1000);
        int count = epoll_wait(w->epoll, events, EVENTS, wait_ms);
        for (int i = 0; i < count; i++) {
            void *who = events[i].data.ptr;
            if (who == &w->stop)
                return NULL;
            if (who != &w->listener)
                serve(w, who, events[i].events);
            else if (w->fleet->options.udp)
                receive_datagrams(w);
            else
                accept_all(w);
        }
        run_timers(w);
    }
}

struct fleet_worker *fleet_worker_new(struct fleet *f, int listener)
{
    struct fleet_worker *w = memory_new(sizeof *w);
    *w = (struct fleet_worker){ .fleet = f, .listener = listener };
    w->in = memory_new(IN_MAX);
    w->out = memory_new(OUT_MAX);
    w->by_index = f->options.udp ? memory_new(f->options.count * sizeof(struct connection *)) : NULL;
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct epoll_event listen = { .events = EPOLLIN, .data.ptr = &w->listener }, stop = { .events = EPOLLIN, .data.ptr = &w->stop };
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->listener, &listen) == 0 && epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->stop, &stop) == 0 &&
        (errno = pthread_create(&w->thread, NULL, work, w)) == 0)
        return w;
    w->thread = 0;
    fleet_worker_free(&w);
    return NULL;
}

void fleet_worker_free(struct fleet_worker **w)
{
    struct fleet_worker *dead = *w;
    *w = NULL;
    if (!dead)
        return;
    if (dead->thread) {
        uint64_t one = 1;
        if (write(dead->stop, &one, sizeof one) == sizeof one)
            pthread_join(dead->thread, NULL);
    }
    while (dead->connections)
        connection_free(dead, dead->connections);
    close(dead->listener);
    close(dead->epoll);
    close(dead->stop);
    close(dead->spare);
    timers_free(&dead->timers);
    free(dead->by_index);
    free(dead->in);
    free(dead->out);
    free(dead);
}
