/* The transit servers; see transit.h. One thread opens the ports, lets clients in and keeps the journal; what passes between a
 * client and the line is the line's thread's work (session.c). */
#include "upstream/transit/transit.h"
#include "upstream/servers.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/journal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 8, REFUSAL_EVERY_MS = 10000, TRY_AGAIN_MS = 2000, RECEIVE_ROOM = 2048 /* of a client; the kernel doubles it */, KEEP_IDLE_S = 60, KEEP_EVERY_S = 15, KEEP_TIMES = 4 };

struct door {
    struct interface interface;
    struct server_setting server;  /* port 0: none */
    struct tls_identity *identity; /* of an open door with TLS; else NULL */
    int socket;                    /* -1: closed */
    struct transit_session *sessions[TRANSIT_CLIENTS];
    char trouble[TRANSIT_REASON_MAX];
    int refused;                   /* not yet in the journal */
    int64_t refusal_told_ms;       /* monotonic */
};

struct transit {
    struct upstream_house house;
    pthread_t thread;
    int bell;                      /* eventfd */
    atomic_bool ending, changed;
    pthread_mutex_t lock;          /* guards the doors; only the thread changes them */
    struct door doors[INTERFACES];
};

const char *const transit_end_names[TRANSIT_ENDS] = {
    [TRANSIT_LEFT] = "left", [TRANSIT_STOPPED] = "stopped", [TRANSIT_SILENT] = "silent", [TRANSIT_HELD] = "held", [TRANSIT_STALLED] = "stalled", [TRANSIT_LINE] = "line",
    [TRANSIT_NO_TLS] = "no-tls", [TRANSIT_SLOW_TLS] = "slow-tls",
};

const char *transit_end_text(enum transit_end why, enum lang lang)
{
    static const struct phrase texts[TRANSIT_ENDS] = {
        [TRANSIT_LEFT] = { { "клиент отключился", "the client has left" } },
        [TRANSIT_STOPPED] = { { "остановлен: изменены настройки или шлюз завершает работу", "stopped: settings have changed or the gateway ends" } },
        [TRANSIT_SILENT] = { { "клиент молчал дольше срока удержания", "the client was silent for longer than the port is held" } },
        [TRANSIT_HELD] = { { "истёк срок удержания линии", "the line was held for the longest time" } },
        [TRANSIT_STALLED] = { { "клиент не принимает данные", "the client does not take what it is given" } },
        [TRANSIT_LINE] = { { "линия недоступна", "the line cannot be had" } },
        [TRANSIT_NO_TLS] = { { "клиент не установил TLS 1.2 или новее", "the client did not set up TLS 1.2 or newer" } },
        [TRANSIT_SLOW_TLS] = { { "клиент не закончил установку TLS в срок", "the client did not finish setting up TLS in time" } },
    };
    return phrase_in(&texts[why], lang);
}

static void ring(void *context)
{
    uint64_t one = 1;
    ssize_t done = write(((struct transit *)context)->bell, &one, sizeof one);
    (void)done; /* a full counter rings already */
}

/* --- the journal ------------------------------------------------------------------------------------------------------------------ */

static void note(const struct transit *t, const struct door *d, enum note kind, const char *client, json_t *what)
{
    static const struct phrase object = { { "Интерфейс %d, %s", "Interface %d, %s" } };
    char about[LINE_NAME_MAX + 48];
    char *after = json_dumps(what, JSON_COMPACT | JSON_PRESERVE_ORDER);
    snprintf(about, sizeof about, phrase_in(&object, t->house.lang), d->interface.number, client);
    journal_note(t->house.store, kind, NULL, about, NULL, after);
    free(after);
    json_decref(what);
}

static void note_end(const struct transit *t, const struct door *d, const struct transit_session_view *v)
{
    note(t, d, NOTE_TRANSIT_END, v->client,
         json_pack("{s:s, s:b, s:f, s:f, s:I, s:I, s:I, s:s}", "why", transit_end_text(v->why, t->house.lang), "listened", (int)v->listens,
                   "connected_s", (double)(v->ended_ms - v->begun_ms) / 1000, "held_line_s", (double)v->held_ms / 1000,
                   "bytes_to_line", (json_int_t)v->sent, "bytes_to_client", (json_int_t)v->received, "bytes_missed", (json_int_t)v->lost, "detail", v->detail));
}

/* A line of the journal for the first refusal, then one for as many as come within ten seconds. */
static void note_refusal(const struct transit *t, struct door *d, const char *client, const char *why)
{
    int64_t now = clock_monotonic_ms();
    d->refused++;
    if (d->refusal_told_ms && now - d->refusal_told_ms < REFUSAL_EVERY_MS)
        return;
    d->refusal_told_ms = now;
    note(t, d, NOTE_TRANSIT_REFUSED, client, json_pack("{s:s, s:i}", "why", why, "times", d->refused));
    d->refused = 0;
}

/* --- clients ------------------------------------------------------------------------------------------------------------------------ */

static size_t free_place(const struct door *d)
{
    size_t place = 0;
    while (place < TRANSIT_CLIENTS && d->sessions[place])
        place++;
    return place;
}

static bool somebody_speaks(const struct door *d)
{
    struct transit_session_view v;
    for (size_t i = 0; i < TRANSIT_CLIENTS; i++) {
        if (!d->sessions[i])
            continue;
        transit_session_look(d->sessions[i], &v);
        if (!v.listens)
            return true;
    }
    return false;
}

/* "10.0.0.5" and "10.0.0.5:4000" of who has connected; IPv4 as people write it. */
static void name_client(int socket, char address[INET6_ADDRSTRLEN], char client[LINE_NAME_MAX])
{
    struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
    socklen_t size = sizeof from;
    *address = '\0';
    if (getpeername(socket, (struct sockaddr *)&from, &size) != 0)
        from.sin6_port = 0;
    if (from.sin6_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&from)->sin_addr, address, INET6_ADDRSTRLEN);
    else if (IN6_IS_ADDR_V4MAPPED(&from.sin6_addr))
        inet_ntop(AF_INET, &from.sin6_addr.s6_addr[12], address, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, &from.sin6_addr, address, INET6_ADDRSTRLEN);
    snprintf(client, LINE_NAME_MAX, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, ntohs(from.sin6_port));
}

static void prepare_socket(int socket)
{
    static const struct { int level, name, value; } settings[] = {
        { IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S },
        { IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EVERY_S }, { IPPROTO_TCP, TCP_KEEPCNT, KEEP_TIMES },
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        setsockopt(socket, settings[i].level, settings[i].name, &settings[i].value, sizeof settings[i].value);
}

/* Why who has connected may not come in; NULL: he may. */
static const char *refusal(const struct transit *t, const struct door *d, const char *address, bool *ret_listens)
{
    static const struct phrase foreign = { { "адрес не разрешён", "the address is not allowed" } };
    static const struct phrase busy = { { "порт занят другим клиентом", "another client has the port" } };
    static const struct phrase full = { { "слишком много клиентов", "too many clients" } };
    bool second = somebody_speaks(d);
    *ret_listens = d->interface.mode == TRANSIT_LISTEN || second;
    if (!addresses_hold(d->interface.allowed, address))
        return phrase_in(&foreign, t->house.lang);
    if (second && d->interface.mode == TRANSIT_SPEAK && !d->interface.others_listen)
        return phrase_in(&busy, t->house.lang);
    return free_place(d) == TRANSIT_CLIENTS ? phrase_in(&full, t->house.lang) : NULL;
}

static void let_in(struct transit *t, struct door *d, int socket)
{
    char address[INET6_ADDRSTRLEN], client[LINE_NAME_MAX];
    bool listens = false;
    enum fault f = FAULT_NONE;
    name_client(socket, address, client);
    const char *why = refusal(t, d, address, &listens);
    if (why) {
        close(socket);
        note_refusal(t, d, client, why);
        return;
    }
    prepare_socket(socket);
    struct transit_caller caller = { .socket = socket, .name = client, .identity = d->identity, .listens = listens };
    struct transit_session *s = transit_session_new(service_collector(t->house.collection), &d->interface, &caller, ring, t, &f);
    if (!s) {
        note_refusal(t, d, client, fault_text(f, t->house.lang));
        return;
    }
    pthread_mutex_lock(&t->lock);
    d->sessions[free_place(d)] = s;
    pthread_mutex_unlock(&t->lock);
    note(t, d, NOTE_TRANSIT_BEGIN, client, json_pack("{s:b}", "listens", (int)listens));
}

static void bury(struct transit *t, struct door *d, bool all)
{
    struct transit_session_view v;
    for (size_t i = 0; i < TRANSIT_CLIENTS; i++) {
        struct transit_session *s = d->sessions[i];
        if (!s || (!all && !transit_session_over(s)))
            continue;
        pthread_mutex_lock(&t->lock);
        d->sessions[i] = NULL;
        pthread_mutex_unlock(&t->lock);
        transit_session_end(&s, &v);
        note_end(t, d, &v);
    }
}

/* --- ports ---------------------------------------------------------------------------------------------------------------------------- */

/* All addresses of the machine, IPv4 and IPv6; IPv4 alone where there is no other. -1 with errno. */
static int open_port(int port)
{
    int one = 1, none = 0, room = RECEIVE_ROOM, s = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_any };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    bool newer = s >= 0 && setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof none) == 0;
    if (!newer) {
        if (s >= 0)
            close(s);
        s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (s < 0)
        return -1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room); /* accepted ones have it, too */
    const struct sockaddr *address = newer ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    if (bind(s, address, newer ? sizeof six : sizeof four) == 0 && listen(s, BACKLOG) == 0)
        return s;
    int error = errno;
    close(s);
    errno = error;
    return -1;
}

/* Why the door stays closed whatever the port; NULL: it may open. */
static const char *obstacle(const struct transit *t, const struct door *d)
{
    static const struct phrase no_link = { { "интерфейсу не назначен канал связи", "the interface has no channel" } };
    static const struct phrase none = { { "нет сертификата: программа запущена без --tls-cert", "no certificate: the program was started without --tls-cert" } };
    bool nameless = d->server.tls && !(t->house.certificate && t->house.key);
    return d->interface.link == 0 ? phrase_in(&no_link, t->house.lang) : nameless ? phrase_in(&none, t->house.lang) : NULL;
}

static void close_door(struct transit *t, struct door *d)
{
    pthread_mutex_lock(&t->lock);
    if (d->socket >= 0)
        close(d->socket);
    d->socket = -1;
    pthread_mutex_unlock(&t->lock);
    for (size_t i = 0; i < TRANSIT_CLIENTS; i++)
        if (d->sessions[i])
            transit_session_stop(d->sessions[i]);
    bury(t, d, true);
    tls_identity_free(&d->identity);
}

/* The certificate of the box, where the door speaks TLS. */
static bool take_identity(const struct transit *t, struct door *d, struct text *why)
{
    if (d->server.tls && !d->identity)
        d->identity = tls_identity_new(t->house.certificate, t->house.key, why);
    return !d->server.tls || d->identity;
}

static void open_door(struct transit *t, struct door *d)
{
    char trouble[TRANSIT_REASON_MAX] = "";
    struct text why = text_over(trouble, sizeof trouble);
    const char *bar = d->server.port ? obstacle(t, d) : NULL;
    int s = -1;
    if (bar)
        text_put(&why, bar);
    else if (d->server.port && take_identity(t, d, &why) && (s = open_port(d->server.port)) < 0)
        text_put(&why, strerror(errno));
    if (*trouble && strcmp(trouble, d->trouble) != 0)
        log_line(LOG_WARNING, "transit-port", "interface=%d port=%d trouble=\"%s\"", d->interface.number, d->server.port, trouble);
    pthread_mutex_lock(&t->lock);
    d->socket = s;
    memcpy(d->trouble, trouble, sizeof d->trouble);
    pthread_mutex_unlock(&t->lock);
}

/* What is set now; a door whose settings are others is closed and opened anew. */
static void read_settings(struct transit *t)
{
    struct interface interface;
    for (int n = 1; n <= INTERFACES; n++) {
        struct door *d = &t->doors[n - 1];
        struct server_setting server = { .port = 0 };
        if (interface_read(t->house.store, n, &interface) != FAULT_NONE)
            continue;
        if (!server_wanted(t->house.store, SERVER_TRANSIT_1 + n - 1, &server))
            server = (struct server_setting){ .port = 0 };
        bool same = d->interface.number && interface.revision == d->interface.revision && server.port == d->server.port && server.tls == d->server.tls;
        if (same)
            continue;
        close_door(t, d);
        pthread_mutex_lock(&t->lock);
        d->interface = interface;
        d->server = server;
        pthread_mutex_unlock(&t->lock);
        open_door(t, d);
    }
}

/* --- the thread -------------------------------------------------------------------------------------------------------------------------- */

static void let_all_in(struct transit *t, struct door *d)
{
    for (int s = accept4(d->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); s >= 0; s = accept4(d->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) {
        bury(t, d, false); /* who has just left makes room */
        let_in(t, d, s);
    }
}

/* A port that could not be opened is tried again. */
static bool try_again(struct transit *t)
{
    bool left = false;
    for (size_t i = 0; i < INTERFACES; i++) {
        struct door *d = &t->doors[i];
        if (d->socket < 0 && d->server.port && !obstacle(t, d))
            open_door(t, d);
        left |= d->socket < 0 && d->server.port && !obstacle(t, d);
    }
    return left;
}

static void serve(struct transit *t, int64_t wait_ms)
{
    struct pollfd wait[INTERFACES + 1] = { { .fd = t->bell, .events = POLLIN } };
    uint64_t rings;
    for (size_t i = 0; i < INTERFACES; i++)
        wait[i + 1] = (struct pollfd){ .fd = t->doors[i].socket, .events = POLLIN };
    poll(wait, INTERFACES + 1, (int)wait_ms);
    if (wait[0].revents && read(t->bell, &rings, sizeof rings) < 0)
        return;
    for (size_t i = 0; i < INTERFACES; i++) {
        bury(t, &t->doors[i], false);
        if (wait[i + 1].revents)
            let_all_in(t, &t->doors[i]);
    }
}

static void *run(void *argument)
{
    struct transit *t = argument;
    while (!atomic_load(&t->ending)) {
        if (atomic_exchange(&t->changed, false))
            read_settings(t);
        serve(t, try_again(t) ? TRY_AGAIN_MS : -1);
    }
    for (size_t i = 0; i < INTERFACES; i++)
        close_door(t, &t->doors[i]);
    return NULL;
}

static void *start(const struct upstream_house *house)
{
    struct transit *t = memory_new(sizeof *t);
    t->house = *house;
    t->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&t->changed, true);
    pthread_mutex_init(&t->lock, NULL);
    for (size_t i = 0; i < INTERFACES; i++)
        t->doors[i].socket = -1;
    if (t->bell >= 0 && pthread_create(&t->thread, NULL, run, t) == 0)
        return t;
    if (t->bell >= 0)
        close(t->bell);
    free(t);
    return NULL;
}

static void stop(void *state)
{
    struct transit *t = state;
    atomic_store(&t->ending, true);
    ring(t);
    pthread_join(t->thread, NULL);
    close(t->bell);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static void changed(void *state)
{
    struct transit *t = state;
    atomic_store(&t->changed, true);
    ring(t);
}

void transit_look(void *state, int number, struct transit_view *ret)
{
    struct transit *t = state;
    *ret = (struct transit_view){ .port = 0 };
    if (!t || number < 1 || number > INTERFACES)
        return;
    const struct door *d = &t->doors[number - 1];
    pthread_mutex_lock(&t->lock);
    ret->port = d->server.port;
    ret->listening = d->socket >= 0;
    memcpy(ret->trouble, d->trouble, sizeof ret->trouble);
    for (size_t i = 0; i < TRANSIT_CLIENTS; i++)
        if (d->sessions[i])
            transit_session_look(d->sessions[i], &ret->clients[ret->count++]);
    pthread_mutex_unlock(&t->lock);
}

UPSTREAM_SERVICE(transit) = {
    .name = "transit", .title = { { "Транзит интерфейсов", "Transit of interfaces" } }, .faces = FACE_GATEWAY,
    .start = start, .stop = stop, .changed = changed,
};
