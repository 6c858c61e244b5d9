/* The service of the СКЗИ port; see skzi.h. One thread keeps the process with the engine and hands its clients to the HTTP server. */
#include "upstream/skzi/skzi.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/gost.h"
#include "link/listener.h"
#include "upstream/servers.h"
#include "upstream/skzi/process.h"
#include "upstream/skzi/settings.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TRY_MS = 1000, TRY_MAX_MS = 60000, LONG_MS = 60000, WAIT_MS = 10000 };

struct skzi {
    struct upstream_house house;
    pthread_t thread;
    pthread_mutex_t lock;           /* look, take */
    int bell;
    atomic_bool ending, changed;
    struct skzi_look look;
    skzi_take_fn *take;
    void *context;
    /* of the thread alone */
    struct skzi_process process;
    int port;                       /* that the process serves; 0: none */
    int64_t revision;               /* of its certificate */
    int64_t begun_ms, try_ms, pause_ms; /* monotonic */
    char packet[TALK_MAX];
};

const char *const skzi_state_names[] = { [SKZI_OFF] = "off", [SKZI_STARTING] = "starting", [SKZI_WORKS] = "works", [SKZI_NO_ENGINE] = "no-engine",
                                         [SKZI_BAD_IDENTITY] = "bad-certificate", [SKZI_BAD_PORT] = "bad-port", [SKZI_FAILED] = "failed", NULL };

const char *skzi_state_text(enum skzi_state state, enum lang lang)
{
    static const struct phrase texts[SKZI_STATES] = {
        [SKZI_OFF] = { { "порт не включён", "the port is not switched on" } },
        [SKZI_STARTING] = { { "открывается", "being opened" } },
        [SKZI_WORKS] = { { "работает", "works" } },
        [SKZI_NO_ENGINE] = { { "не установлен пакет " GOST_PACKAGE, "the package " GOST_PACKAGE " is not installed" } },
        [SKZI_BAD_IDENTITY] = { { "сертификат не подходит", "the certificate does not fit" } },
        [SKZI_BAD_PORT] = { { "порт не удаётся открыть", "the port cannot be opened" } },
        [SKZI_FAILED] = { { "процесс порта завершился, запускается снова", "the port's process has ended, it is started again" } },
    };
    return phrase_in(&texts[state], lang);
}

static void ring(struct skzi *k)
{
    uint64_t one = 1;
    ssize_t done = write(k->bell, &one, sizeof one);
    (void)done; /* a full counter rings already */
}

/* --- how it is ------------------------------------------------------------------------------------------------------------ */

static void say(struct skzi *k, enum skzi_state state, const char *trouble)
{
    pthread_mutex_lock(&k->lock);
    bool fresh = k->look.state != state || strcmp(k->look.trouble, trouble) != 0;
    struct text t = text_over(k->look.trouble, sizeof k->look.trouble);
    k->look.state = state;
    text_put(&t, trouble);
    pthread_mutex_unlock(&k->lock);
    if (fresh && state > SKZI_WORKS)
        log_line(LOG_ERROR, "skzi-port", "port=%d trouble=\"%s\" detail=\"%s\"", k->look.port, skzi_state_text(state, k->house.lang), trouble);
    else if (fresh && state == SKZI_WORKS)
        log_line(LOG_INFO, "skzi-port", "port=%d open=1", k->look.port);
}

/* Tried again after a while that grows. */
static void fail(struct skzi *k, enum skzi_state state, const char *trouble)
{
    int64_t now = clock_monotonic_ms();
    skzi_process_end(&k->process, false);
    k->port = 0;
    k->pause_ms = !k->pause_ms || now - k->begun_ms > LONG_MS ? TRY_MS : k->pause_ms * 2 > TRY_MAX_MS ? TRY_MAX_MS : k->pause_ms * 2;
    k->try_ms = now + k->pause_ms;
    say(k, state, trouble);
}

/* --- opening ---------------------------------------------------------------------------------------------------------------- */

/* The certificate to serve; made and kept when there is none. SKZI_WORKS or what is wrong. */
static enum skzi_state take_identity(struct skzi *k, struct arena *a, struct skzi_identity *i, struct text *why)
{
    struct board_identity box = { .serial = "" };
    enum fault fault = skzi_identity_read(k->house.store, k->house.vault, a, i);
    if (fault != FAULT_NONE || (*i->certificate && *i->key))
        return fault == FAULT_NONE ? SKZI_WORKS : SKZI_FAILED;
    if (i->given) {
        text_put(why, "key");
        return SKZI_BAD_IDENTITY;
    }
    if (k->house.board)
        board_identity(k->house.board, &box);
    enum skzi_answer how = skzi_make(*box.serial ? box.serial : "svod", a, &i->certificate, &i->key, why);
    if (how != SKZI_ANSWER_GOOD)
        return how == SKZI_ANSWER_NO_ENGINE ? SKZI_NO_ENGINE : SKZI_FAILED;
    fault = skzi_identity_write(k->house.store, k->house.vault, i);
    i->revision++;
    return fault == FAULT_NONE ? SKZI_WORKS : SKZI_FAILED;
}

static enum skzi_state begin(struct skzi *k, int port, struct arena *a, struct text *why)
{
    struct skzi_identity identity;
    struct listener listener;
    enum skzi_state how = take_identity(k, a, &identity, why);
    if (how != SKZI_WORKS)
        return how;
    if (!listener_open(&listener, "", (uint16_t)port, why))
        return SKZI_BAD_PORT;
    bool good = skzi_process_begin(&k->process, why) &&
                talk_send(k->process.control, TALK_SERVE, skzi_pair(identity.certificate, identity.key, a), listener.fd);
    listener_close(&listener);
    k->revision = identity.revision;
    return good ? SKZI_STARTING : SKZI_FAILED;
}

static void open_port(struct skzi *k)
{
    struct arena a = { 0 };
    char words[160] = "";
    struct text why = text_over(words, sizeof words);
    pthread_mutex_lock(&k->lock);
    int port = k->look.port;
    k->look.proven_ms = 0;
    k->look.figures = (struct talk_figures){ 0 };
    pthread_mutex_unlock(&k->lock);
    k->begun_ms = clock_monotonic_ms();
    enum skzi_state how = begin(k, port, &a, &why);
    arena_free(&a);
    if (how != SKZI_STARTING) {
        fail(k, how, words);
        return;
    }
    k->port = port;
    say(k, SKZI_STARTING, "");
}

/* The row and the certificate as they are now: another of either closes what is open. */
static void read_settings(struct skzi *k)
{
    struct server_setting table[SERVER_TYPES];
    struct skzi_identity identity;
    struct arena a = { 0 };
    size_t count;
    int64_t revision;
    int port = 0;
    if (servers_read(k->house.store, table, &count, &revision) != FAULT_NONE || skzi_identity_read(k->house.store, k->house.vault, &a, &identity) != FAULT_NONE) {
        arena_free(&a);
        return;
    }
    arena_free(&a);
    for (size_t i = 0; i < count; i++)
        if (table[i].type == SERVER_SKZI)
            port = table[i].port;
    pthread_mutex_lock(&k->lock);
    bool moved = k->look.port != port;
    k->look.port = port;
    pthread_mutex_unlock(&k->lock);
    if (k->port && k->port == port && k->revision == identity.revision)
        return;
    if (k->port)
        skzi_process_end(&k->process, true);
    if (!port)
        say(k, SKZI_OFF, "");
    else if (moved || k->port)
        say(k, SKZI_STARTING, "");
    k->port = 0;
    k->try_ms = 0;
}

/* --- what the process says ------------------------------------------------------------------------------------------------------- */

static void take_client(struct skzi *k, struct bytes b, int *socket)
{
    struct talk_client client;
    if (b.size != sizeof client || *socket < 0)
        return;
    memcpy(&client, b.data, sizeof client);
    client.suite[sizeof client.suite - 1] = '\0';
    pthread_mutex_lock(&k->lock);
    snprintf(k->look.suite, sizeof k->look.suite, "%s", client.suite);
    if (k->take) {
        k->take(k->context, *socket, (struct sockaddr *)&client.from, client.from.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
        *socket = -1;
    }
    pthread_mutex_unlock(&k->lock);
}

static void take_trouble(struct skzi *k, struct bytes b)
{
    char words[160] = "";
    struct text t = text_over(words, sizeof words);
    text_put_bytes(&t, bytes_part(b, 1, b.size));
    fail(k, b.size && b.data[0] == TALK_NO_ENGINE ? SKZI_NO_ENGINE : b.size && b.data[0] == TALK_NO_IDENTITY ? SKZI_BAD_IDENTITY : SKZI_FAILED, words);
}

/* One packet; false when there are no more. */
static bool hear(struct skzi *k)
{
    int socket;
    long size = talk_receive(k->process.control, k->packet, sizeof k->packet, &socket);
    struct bytes content = bytes_of(k->packet + 1, size > 0 ? (size_t)size - 1 : 0);
    if (size < 0)
        fail(k, SKZI_FAILED, "gost-port");
    else if (size > 0 && k->packet[0] == TALK_READY)
        say(k, SKZI_WORKS, "");
    else if (size > 0 && k->packet[0] == TALK_CLIENT)
        take_client(k, content, &socket);
    else if (size > 0 && k->packet[0] == TALK_BAD)
        take_trouble(k, content);
    if (size > 0 && k->packet[0] == TALK_FIGURES && content.size == sizeof k->look.figures) {
        pthread_mutex_lock(&k->lock);
        memcpy(&k->look.figures, content.data, content.size);
        pthread_mutex_unlock(&k->lock);
    }
    if (socket >= 0)
        close(socket);
    return size > 0 && k->process.control >= 0;
}

/* --- the thread -------------------------------------------------------------------------------------------------------------------- */

static bool wants_port(struct skzi *k)
{
    pthread_mutex_lock(&k->lock);
    bool wants = k->look.port && k->take && !k->port;
    pthread_mutex_unlock(&k->lock);
    return wants;
}

static void wait(struct skzi *k)
{
    struct pollfd fds[] = { { .fd = k->bell, .events = POLLIN }, { .fd = k->process.control, .events = POLLIN } };
    int64_t left = k->try_ms - clock_monotonic_ms();
    uint64_t rings;
    poll(fds, 2, !wants_port(k) ? WAIT_MS : left > 0 ? (int)left : 0);
    if (fds[0].revents && read(k->bell, &rings, sizeof rings) < 0)
        return;
    if (fds[1].revents)
        while (hear(k))
            ;
}

static void *run(void *argument)
{
    struct skzi *k = argument;
    while (!atomic_load(&k->ending)) {
        skzi_process_bury();
        if (atomic_exchange(&k->changed, false))
            read_settings(k);
        if (wants_port(k) && clock_monotonic_ms() >= k->try_ms)
            open_port(k);
        wait(k);
    }
    skzi_process_end(&k->process, false);
    return NULL;
}

static void *start(const struct upstream_house *house)
{
    struct skzi *k = memory_new(sizeof *k);
    k->house = *house;
    k->process.control = -1;
    k->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&k->changed, true);
    pthread_mutex_init(&k->lock, NULL);
    if (k->bell >= 0 && pthread_create(&k->thread, NULL, run, k) == 0)
        return k;
    if (k->bell >= 0)
        close(k->bell);
    free(k);
    return NULL;
}

static void stop(void *state)
{
    struct skzi *k = state;
    atomic_store(&k->ending, true);
    ring(k);
    pthread_join(k->thread, NULL);
    close(k->bell);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

static void changed(void *state)
{
    struct skzi *k = state;
    atomic_store(&k->changed, true);
    ring(k);
}

/* --- for others -------------------------------------------------------------------------------------------------------------------- */

void skzi_look(void *state, struct skzi_look *ret)
{
    struct skzi *k = state;
    *ret = (struct skzi_look){ .state = SKZI_OFF };
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    *ret = k->look;
    pthread_mutex_unlock(&k->lock);
}

void skzi_serve(void *state, skzi_take_fn *take, void *context)
{
    struct skzi *k = state;
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->take = take;
    k->context = context;
    pthread_mutex_unlock(&k->lock);
    ring(k);
}

void skzi_proven(void *state)
{
    struct skzi *k = state;
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    if (!k->look.proven_ms)
        k->look.proven_ms = clock_utc_ms();
    pthread_mutex_unlock(&k->lock);
}

bool skzi_stands(void *state, int port)
{
    struct skzi_look l;
    skzi_look(state, &l);
    return l.state == SKZI_WORKS && l.port == port && l.proven_ms;
}

UPSTREAM_SERVICE(skzi) = {
    .name = "skzi", .title = { { "Порт СКЗИ", "Port of GOST TLS" } }, .faces = FACE_GATEWAY,
    .start = start, .stop = stop, .changed = changed,
};
