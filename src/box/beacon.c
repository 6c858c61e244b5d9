/* Being found in the network; see beacon.h. */
#include "box/beacon.h"
#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <jansson.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { JOIN_AGAIN_MS = 60000 };
enum way { WAY_4, WAY_6, WAYS };
static const int families[WAYS] = { AF_INET, AF_INET6 };
static const char head[] = "svod-find-1 ";

struct beacon {
    struct box *box;
    struct store *store;
    const char *version;
    pthread_t thread;
    int bell;
    atomic_bool ending;
};

/* --- the datagrams ------------------------------------------------------------------------------------------------------------------- */

bool beacon_question_read(struct bytes b, char ret[BEACON_ASK + 1])
{
    size_t size = sizeof head - 1;
    if (b.size != BEACON_QUESTION || memcmp(b.data, head, size) != 0 || b.data[size + BEACON_ASK] != '\n')
        return false;
    memcpy(ret, b.data + size, BEACON_ASK);
    ret[BEACON_ASK] = '\0';
    return strspn(ret, "0123456789abcdef") == BEACON_ASK;
}

void beacon_question_write(const char *ask, unsigned char ret[BEACON_QUESTION])
{
    memset(ret, 0, BEACON_QUESTION);
    snprintf((char *)ret, BEACON_QUESTION, "%s%s\n", head, ask);
}

/* What is told; to be freed. NULL when it would be longer than the question. */
static char *answer_text(const struct beacon *b, const char *ask)
{
    struct box_look *look = memory_new(sizeof *look);
    json_t *addresses = json_array();
    bool tls;
    unsigned port = box_http_door(b->box, &tls);
    box_look(b->box, look);
    for (int i = 0; i < BOARD_LANS; i++)
        for (int k = 0; k < look->lan[i].addresses; k++)
            json_array_append_new(addresses, json_string(look->lan[i].address[k]));
    json_t *j = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:b, s:o}", "svod", 1, "ask", ask, "type", look->identity.type, "serial", look->identity.serial, "version", b->version,
                          "port", (int)port, "tls", tls, "addresses", addresses);
    char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
    json_decref(j);
    free(look);
    if (text && strlen(text) > BEACON_QUESTION) {
        free(text);
        text = NULL;
    }
    return text;
}

static void take_text(const json_t *j, const char *name, char *ret, size_t room)
{
    const char *text = json_string_value(json_object_get(j, name));
    struct text t = text_over(ret, room);
    text_put_foreign(&t, bytes_of_text(text ? text : "")); /* nobody draws on our terminal */
}

bool beacon_answer_read(struct bytes b, const char *ask, struct beacon_found *ret)
{
    json_t *j = json_loadb((const char *)b.data, b.size, 0, NULL);
    const char *asked = json_string_value(json_object_get(j, "ask"));
    bool good = json_integer_value(json_object_get(j, "svod")) == 1 && asked && strcmp(asked, ask) == 0;
    json_int_t port = json_integer_value(json_object_get(j, "port"));
    *ret = (struct beacon_found){ .port = port > 0 && port < 65536 ? (int)port : 0, .tls = json_is_true(json_object_get(j, "tls")) };
    take_text(j, "type", ret->type, sizeof ret->type);
    take_text(j, "serial", ret->serial, sizeof ret->serial);
    take_text(j, "version", ret->version, sizeof ret->version);
    struct text t = text_over(ret->addresses, sizeof ret->addresses);
    const json_t *addresses = json_object_get(j, "addresses");
    for (size_t i = 0; i < json_array_size(addresses) && i < BOARD_LANS * BOARD_ADDRESSES; i++) {
        const char *one = json_string_value(json_array_get(addresses, i));
        if (one && strspn(one, "0123456789abcdef.:/") == strlen(one))
            text_printf(&t, "%s%s", t.size ? " " : "", one);
    }
    json_decref(j);
    return good;
}

/* --- answering ------------------------------------------------------------------------------------------------------------------------ */

/* Of every interface that is there now; those that were joined before stay. */
static void join_groups(const int fd[WAYS])
{
    struct ifaddrs *all = NULL;
    struct ip_mreqn group = { 0 };
    struct ipv6_mreq group6 = { 0 };
    inet_pton(AF_INET, BEACON_GROUP, &group.imr_multiaddr);
    inet_pton(AF_INET6, BEACON_GROUP_6, &group6.ipv6mr_multiaddr);
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        int family = one->ifa_addr && one->ifa_flags & IFF_UP ? one->ifa_addr->sa_family : AF_UNSPEC;
        group.imr_ifindex = (int)(group6.ipv6mr_interface = if_nametoindex(one->ifa_name));
        bool good = family == AF_INET    ? setsockopt(fd[WAY_4], IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0
                    : family == AF_INET6 ? setsockopt(fd[WAY_6], IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof group6) == 0
                                         : true;
        if (!good && errno != EADDRINUSE && errno != EBADF)
            log_line(LOG_INFO, "beacon", "interface=%s trouble=\"%s\"", one->ifa_name, strerror(errno));
    }
    freeifaddrs(all);
}

/* -1 where the machine has not the family, or the port cannot be had. */
static int open_door(enum way way)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(BEACON_PORT) };
    struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_port = htons(BEACON_PORT) };
    int fd = socket(families[way], SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one); /* a second program of ours on this machine is found, too */
    if (way == WAY_6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (bind(fd, way == WAY_6 ? (struct sockaddr *)&at6 : (struct sockaddr *)&at, way == WAY_6 ? sizeof at6 : sizeof at) == 0)
        return fd;
    log_line(LOG_WARNING, "beacon", "port=%d trouble=\"%s\"", BEACON_PORT, strerror(errno));
    close(fd);
    return -1;
}

static bool wanted(struct store *s)
{
    struct beacon_settings settings;
    return beacon_settings_read(s, &settings) == FAULT_NONE && settings.on;
}

/* Whether one more answer may be given in this second. */
static bool may_answer(int64_t *second, int *given)
{
    int64_t now = clock_monotonic_ms() / 1000;
    if (now != *second)
        *given = 0;
    *second = now;
    return ++*given <= BEACON_RATE;
}

static void answer_all(const struct beacon *b, int fd, int64_t *second, int *given)
{
    unsigned char data[BEACON_QUESTION + 1];
    struct sockaddr_storage from;
    socklen_t room = sizeof from;
    char ask[BEACON_ASK + 1];
    for (ssize_t size; (size = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &room)) >= 0; room = sizeof from) {
        if (!beacon_question_read(bytes_of(data, (size_t)size), ask) || !may_answer(second, given))
            continue;
        char *text = answer_text(b, ask);
        if (text)
            sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&from, room);
        free(text);
    }
}

/* Both doors as the settings want them now. */
static void keep_doors(const struct beacon *b, int fd[WAYS])
{
    bool on = wanted(b->store);
    for (enum way w = 0; w < WAYS; w++) {
        if (!on && fd[w] >= 0)
            close(fd[w]);
        fd[w] = !on ? -1 : fd[w] >= 0 ? fd[w] : open_door(w);
    }
    if (on)
        join_groups(fd);
}

static void *run(void *argument)
{
    struct beacon *b = argument;
    int fd[WAYS] = { -1, -1 }, given = 0;
    int64_t second = 0;
    while (!atomic_load(&b->ending)) {
        keep_doors(b, fd);
        struct pollfd fds[] = { { .fd = b->bell, .events = POLLIN }, { .fd = fd[WAY_4], .events = POLLIN }, { .fd = fd[WAY_6], .events = POLLIN } };
        for (int64_t until = clock_monotonic_ms() + JOIN_AGAIN_MS, left; (left = until - clock_monotonic_ms()) > 0;) {
            uint64_t rings;
            int ready = poll(fds, 1 + WAYS, (int)left);
            for (enum way w = 0; w < WAYS && ready > 0; w++)
                if (fds[1 + w].revents)
                    answer_all(b, fd[w], &second, &given);
            if (fds[0].revents && read(b->bell, &rings, sizeof rings) > 0)
                break;
        }
    }
    for (enum way w = 0; w < WAYS; w++)
        if (fd[w] >= 0)
            close(fd[w]);
    return NULL;
}

struct beacon *beacon_new(struct box *box, struct store *s, const char *version)
{
    struct beacon *b = memory_new(sizeof *b);
    b->box = box;
    b->store = s;
    b->version = version;
    b->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_create(&b->thread, NULL, run, b);
    return b;
}

void beacon_changed(struct beacon *b)
{
    uint64_t one = 1;
    while (write(b->bell, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void beacon_free(struct beacon **beacon)
{
    struct beacon *b = *beacon;
    if (!b)
        return;
    atomic_store(&b->ending, true);
    beacon_changed(b);
    pthread_join(b->thread, NULL);
    close(b->bell);
    free(b);
    *beacon = NULL;
}

/* --- asking --------------------------------------------------------------------------------------------------------------------------- */

static bool send_to(int fd, const unsigned char *question, struct in_addr to)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(BEACON_PORT), .sin_addr = to };
    return sendto(fd, question, BEACON_QUESTION, MSG_NOSIGNAL, (struct sockaddr *)&at, sizeof at) == BEACON_QUESTION;
}

/* By the group and, where there is one, by broadcast. */
static bool ask_on(int fd, const unsigned char *question, const struct ifaddrs *one)
{
    /* With the interface's own address, so that the answer comes from the one that can be gone to. */
    struct ip_mreqn out = { .imr_ifindex = (int)if_nametoindex(one->ifa_name), .imr_address = ((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr };
    struct in_addr group;
    inet_pton(AF_INET, BEACON_GROUP, &group);
    bool sent = setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0 && send_to(fd, question, group);
    if (one->ifa_flags & IFF_BROADCAST && one->ifa_broadaddr && one->ifa_broadaddr->sa_family == AF_INET)
        sent = send_to(fd, question, ((const struct sockaddr_in *)(const void *)one->ifa_broadaddr)->sin_addr) || sent;
    return sent;
}

/* The link's group; the machine's own loopback has no multicast of IPv6 and is asked by its address. */
static bool ask_on_6(int fd, const unsigned char *question, const struct ifaddrs *one, unsigned index)
{
    struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(BEACON_PORT), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    if (!(one->ifa_flags & IFF_LOOPBACK)) {
        inet_pton(AF_INET6, BEACON_GROUP_6, &at.sin6_addr);
        at.sin6_scope_id = index;
    }
    return sendto(fd, question, BEACON_QUESTION, MSG_NOSIGNAL, (struct sockaddr *)&at, sizeof at) == BEACON_QUESTION;
}

/* The first of the list for its interface: one has several addresses of IPv6. */
static bool is_first(const struct ifaddrs *all, const struct ifaddrs *one)
{
    while (all != one && !(all->ifa_addr && all->ifa_addr->sa_family == AF_INET6 && strcmp(all->ifa_name, one->ifa_name) == 0))
        all = all->ifa_next;
    return all == one;
}

static bool ask_everywhere(const int fd[WAYS], const unsigned char *question, const char *interface)
{
    struct ifaddrs *all = NULL;
    bool sent = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || !(one->ifa_flags & IFF_UP) || (interface && strcmp(interface, one->ifa_name) != 0))
            continue;
        if (one->ifa_addr->sa_family == AF_INET)
            sent = ask_on(fd[WAY_4], question, one) || sent;
        else if (one->ifa_addr->sa_family == AF_INET6 && fd[WAY_6] >= 0 && is_first(all, one))
            sent = ask_on_6(fd[WAY_6], question, one, if_nametoindex(one->ifa_name)) || sent;
    }
    freeifaddrs(all);
    return sent;
}

struct catch {
    struct beacon_found found[BEACON_FOUND];
    bool told[BEACON_FOUND];
    size_t count;
    beacon_found_fn *tell;
    void *context;
};

/* The same box answers over every interface that it was asked on; who makes answers up does not fill our memory. */
static void take_found(struct catch *k, const struct beacon_found *f, enum way way)
{
    size_t i = 0;
    while (i < k->count && !(strcmp(k->found[i].serial, f->serial) == 0 && k->found[i].port == f->port && strcmp(k->found[i].addresses, f->addresses) == 0))
        i++;
    if (i == BEACON_FOUND || (i < k->count && (k->told[i] || way == WAY_6)))
        return;
    k->count += i == k->count;
    k->found[i] = *f;
    k->told[i] = way == WAY_4;
    if (k->told[i])
        k->tell(k->context, f);
}

static void take_answer(struct catch *k, int fd, enum way way, const char *ask)
{
    unsigned char data[BEACON_QUESTION + 1];
    struct sockaddr_storage from;
    struct beacon_found f;
    socklen_t room = sizeof from;
    ssize_t size = recvfrom(fd, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&from, &room);
    if (size <= 0 || !beacon_answer_read(bytes_of(data, (size_t)size), ask, &f) ||
        getnameinfo((struct sockaddr *)&from, room, f.from, sizeof f.from, NULL, 0, NI_NUMERICHOST) != 0)
        return;
    take_found(k, &f, way);
}

static void take_answers(const int fd[WAYS], const char *ask, int wait_ms, beacon_found_fn *found, void *context)
{
    struct catch *k = memory_new(sizeof *k);
    int64_t until = clock_monotonic_ms() + wait_ms;
    k->tell = found;
    k->context = context;
    for (int64_t left; (left = until - clock_monotonic_ms()) > 0;) {
        struct pollfd ways[WAYS] = { { .fd = fd[WAY_4], .events = POLLIN }, { .fd = fd[WAY_6], .events = POLLIN } };
        int ready = poll(ways, WAYS, (int)left);
        for (enum way w = 0; w < WAYS && ready > 0; w++)
            if (ways[w].revents)
                take_answer(k, fd[w], w, ask);
    }
    for (size_t i = 0; i < k->count; i++)
        if (!k->told[i])
            found(context, &k->found[i]);
    free(k);
}

bool beacon_find(const char *interface, int wait_ms, beacon_found_fn *found, void *context)
{
    unsigned char random[BEACON_ASK / 2], question[BEACON_QUESTION];
    char ask[BEACON_ASK + 1];
    int fd[WAYS] = { socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) }, one = 1;
    bool sent = fd[WAY_4] >= 0 && sodium_init() >= 0;
    if (sent) {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(ask, sizeof ask, random, sizeof random);
        beacon_question_write(ask, question);
        setsockopt(fd[WAY_4], SOL_SOCKET, SO_BROADCAST, &one, sizeof one);
        sent = ask_everywhere(fd, question, interface);
    }
    if (sent)
        take_answers(fd, ask, wait_ms, found, context);
    for (enum way w = 0; w < WAYS; w++)
        if (fd[w] >= 0)
            close(fd[w]);
    return sent;
}

char *beacon_url(const struct beacon_found *f, char ret[BEACON_URL])
{
    const char *zone = strchr(f->from, '%'), *scheme = f->tls ? "https" : "http";
    int size = zone ? (int)(zone - f->from) : (int)strlen(f->from);
    *ret = '\0';
    if (f->port && strchr(f->from, ':'))
        snprintf(ret, BEACON_URL, "%s://[%.*s%s%s]:%d", scheme, size, f->from, zone ? "%25" : "", zone ? zone + 1 : "", f->port);
    else if (f->port)
        snprintf(ret, BEACON_URL, "%s://%s:%d", scheme, f->from, f->port);
    return ret;
}
