/* Being found in the network; see beacon.h. */
#include "box/beacon.h"
#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <jansson.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { JOIN_AGAIN_MS = 60000 };
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
static void join_groups(int fd)
{
    struct ifaddrs *all = NULL;
    struct ip_mreqn group = { 0 };
    inet_pton(AF_INET, BEACON_GROUP, &group.imr_multiaddr);
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP))
            continue;
        group.imr_ifindex = (int)if_nametoindex(one->ifa_name);
        if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0 && errno != EADDRINUSE)
            log_line(LOG_INFO, "beacon", "interface=%s trouble=\"%s\"", one->ifa_name, strerror(errno));
    }
    freeifaddrs(all);
}

static int open_door(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(BEACON_PORT) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one); /* a second program of ours on this machine is found, too */
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        log_line(LOG_WARNING, "beacon", "port=%d trouble=\"%s\"", BEACON_PORT, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
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
    struct sockaddr_in from;
    socklen_t room = sizeof from;
    char ask[BEACON_ASK + 1];
    for (ssize_t size; (size = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &room)) >= 0; room = sizeof from) {
        if (!beacon_question_read(bytes_of(data, (size_t)size), ask) || !may_answer(second, given))
            continue;
        char *text = answer_text(b, ask);
        if (text)
            sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&from, sizeof from);
        free(text);
    }
}

static void *run(void *argument)
{
    struct beacon *b = argument;
    int fd = -1, given = 0;
    int64_t second = 0;
    while (!atomic_load(&b->ending)) {
        bool on = wanted(b->store);
        if (!on && fd >= 0) {
            close(fd);
            fd = -1;
        }
        if (on && fd < 0)
            fd = open_door();
        if (fd >= 0)
            join_groups(fd);
        struct pollfd fds[] = { { .fd = b->bell, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
        for (int64_t until = clock_monotonic_ms() + JOIN_AGAIN_MS, left; (left = until - clock_monotonic_ms()) > 0;) {
            uint64_t rings;
            if (poll(fds, 2, (int)left) > 0 && fds[1].revents)
                answer_all(b, fd, &second, &given);
            if (fds[0].revents && read(b->bell, &rings, sizeof rings) > 0)
                break;
        }
    }
    if (fd >= 0)
        close(fd);
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

static bool ask_everywhere(int fd, const unsigned char *question, const char *interface)
{
    struct ifaddrs *all = NULL;
    bool sent = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next)
        if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET && one->ifa_flags & IFF_UP && (!interface || strcmp(interface, one->ifa_name) == 0))
            sent = ask_on(fd, question, one) || sent;
    freeifaddrs(all);
    return sent;
}

/* The same box answers over every interface that it was asked on; who makes answers up does not fill our memory. */
static bool is_new(struct beacon_found *known, size_t *count, const struct beacon_found *f)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(known[i].serial, f->serial) == 0 && known[i].port == f->port && strcmp(known[i].addresses, f->addresses) == 0)
            return false;
    if (*count == BEACON_FOUND)
        return false;
    known[(*count)++] = *f;
    return true;
}

static void take_answers(int fd, const char *ask, int wait_ms, beacon_found_fn *found, void *context)
{
    struct beacon_found *known = memory_new(BEACON_FOUND * sizeof *known), f;
    size_t count = 0;
    int64_t until = clock_monotonic_ms() + wait_ms;
    for (int64_t left; (left = until - clock_monotonic_ms()) > 0;) {
        unsigned char data[BEACON_QUESTION + 1];
        struct sockaddr_in from;
        socklen_t room = sizeof from;
        struct pollfd one = { .fd = fd, .events = POLLIN };
        if (poll(&one, 1, (int)left) <= 0)
            continue;
        ssize_t size = recvfrom(fd, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&from, &room);
        if (size <= 0 || !beacon_answer_read(bytes_of(data, (size_t)size), ask, &f))
            continue;
        inet_ntop(AF_INET, &from.sin_addr, f.from, sizeof f.from);
        if (is_new(known, &count, &f))
            found(context, &f);
    }
    free(known);
}

bool beacon_find(const char *interface, int wait_ms, beacon_found_fn *found, void *context)
{
    unsigned char random[BEACON_ASK / 2], question[BEACON_QUESTION];
    char ask[BEACON_ASK + 1];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || sodium_init() < 0)
        return false;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(ask, sizeof ask, random, sizeof random);
    beacon_question_write(ask, question);
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one);
    bool sent = ask_everywhere(fd, question, interface);
    if (sent)
        take_answers(fd, ask, wait_ms, found, context);
    close(fd);
    return sent;
}
