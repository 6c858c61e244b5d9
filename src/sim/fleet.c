/* Fleets; see fleet.h. This file is the fleet and its meters; fleet_worker.c is the thread that talks. */
#include "sim/fleet_worker.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct sim_meter *fleet_lock(struct fleet *f, uint32_t index)
{
    pthread_mutex_lock(&f->locks[index % FLEET_LOCKS]);
    if (!f->meters[index]) {
        uint32_t serial = f->options.first_serial + index;
        f->meters[index] = sim_meter_new(&(struct sim_birth){
            .twin = f->options.twin, .serial = serial, .address = f->options.address,
            .zone_minutes = f->options.zone_minutes, .options = f->options.options,
            .faults = sim_troubles_of(&f->options.troubles, serial) });
    }
    return f->meters[index];
}

void fleet_unlock(struct fleet *f, uint32_t index)
{
    pthread_mutex_unlock(&f->locks[index % FLEET_LOCKS]);
}

void fleet_visit(struct fleet *f, uint32_t index, void (*call)(struct sim_meter *, void *), void *argument)
{
    call(fleet_lock(f, index), argument);
    fleet_unlock(f, index);
}

uint32_t fleet_index(const struct fleet *f, uint32_t dialled)
{
    if (dialled >> 24 != 127 || dialled - f->first >= f->options.count)
        return FLEET_NOBODY;
    return dialled - f->first;
}

static bool bind_loopback(int fd, uint16_t port, bool shared)
{
    int yes = 1;
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY) };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    /* old kernels keep this for root: then only the check of the dialled address guards */
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    return bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
}

static int open_listener(const struct fleet *f)
{
    bool udp = f->options.udp;
    int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0)
        return -1;
    bool ready = bind_loopback(fd, f->port, f->options.threads > 1);
    if (udp)
        ready = ready && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) == 0;
    else
        ready = ready && listen(fd, 4096) == 0;
    if (ready)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static bool start_workers(struct fleet *f)
{
    for (int i = 0; i < f->options.threads; i++) {
        int listener = open_listener(f);
        if (listener < 0)
            return false;
        struct sockaddr_in bound;
        socklen_t size = sizeof bound;
        getsockname(listener, (struct sockaddr *)&bound, &size);
        f->port = ntohs(bound.sin_port);
        f->workers[i] = fleet_worker_new(f, listener);
        if (!f->workers[i])
            return false;
    }
    return true;
}

/* What is wrong with the options, or NULL. */
static const struct phrase *options_problem(const struct fleet_options *o, struct in_addr *first)
{
    static const struct phrase address = { { "первый адрес должен быть из 127.0.0.0/8", "the first address must be in 127.0.0.0/8" } };
    static const struct phrase room = { { "столько счётчиков не помещается в 127.0.0.0/8", "that many meters do not fit 127.0.0.0/8" } };
    static const struct phrase family = { { "не названо семейство счётчиков", "no family of meters is named" } };
    if (!o->twin)
        return &family;
    if (!o->first_address || inet_pton(AF_INET, o->first_address, first) != 1 || ntohl(first->s_addr) >> 24 != 127)
        return &address;
    if (o->count > 0x80000000u - ntohl(first->s_addr))
        return &room;
    return NULL;
}

struct fleet *fleet_new(const struct fleet_options *options, enum lang lang, struct text *problem)
{
    struct in_addr first = { 0 };
    const struct phrase *wrong = options_problem(options, &first);
    if (wrong) {
        text_put(problem, phrase_in(wrong, lang));
        return NULL;
    }
    struct fleet *f = memory_new(sizeof *f);
    f->options = *options;
    f->options.count = options->count ? options->count : 1;
    f->options.threads = options->udp || options->threads < 1 ? 1 : options->threads > FLEET_THREADS ? FLEET_THREADS : options->threads;
    f->options.options = options->options ? strdup(options->options) : NULL;
    f->first = ntohl(first.s_addr);
    f->port = options->port;
    f->meters = memory_new(f->options.count * sizeof *f->meters);
    for (int i = 0; i < FLEET_LOCKS; i++)
        pthread_mutex_init(&f->locks[i], NULL);
    if (start_workers(f))
        return f;
    text_printf(problem, "%s:%u: %s", options->first_address, options->port, strerror(errno));
    fleet_free(&f);
    return NULL;
}

void fleet_free(struct fleet **f)
{
    struct fleet *dead = *f;
    *f = NULL;
    if (!dead)
        return;
    for (int i = 0; i < FLEET_THREADS; i++)
        fleet_worker_free(&dead->workers[i]);
    for (uint32_t i = 0; i < dead->options.count; i++)
        free(dead->meters[i]);
    for (int i = 0; i < FLEET_LOCKS; i++)
        pthread_mutex_destroy(&dead->locks[i]);
    free(dead->meters);
    free((char *)dead->options.options);
    free(dead);
}

uint16_t fleet_port(const struct fleet *f)
{
    return f->port;
}

struct fleet_figures fleet_figures(const struct fleet *f)
{
    const struct fleet_counters *c = &f->counters;
    return (struct fleet_figures){
        .open = atomic_load(&c->open), .accepted = atomic_load(&c->accepted), .refused = atomic_load(&c->refused),
        .requests = atomic_load(&c->requests), .answers = atomic_load(&c->answers), .damaged = atomic_load(&c->damaged),
        .heard = atomic_load(&c->heard), .sent = atomic_load(&c->sent),
    };
}
