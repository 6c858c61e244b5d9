/* A broker's connection; see link.h. */
#include "upstream/mqtt/link.h"
#include "base/arena.h"
#include "base/clock.h"
#include "upstream/mqtt/tls.h"

#include <errno.h>
#include <mosquitto.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 60000, CONNECT_MS = 20000, KEEPALIVE_S = 60, IN_FLIGHT = 16, PACKETS = 32, CLIENT_MAX = 200,
    LOG_MAX = 200,
    PATTERN_MAX = 512, SESSION_KEPT = 1 /* of CONNACK (3.2.2.2) */,
    LATE_MS = 5000 /* after a connection to a broker that kept our session, messages may be those that waited */
};

struct mqtt_link {
    struct mosquitto *mosq;
    struct mqtt_link_options o;
    struct arena arena;      /* its texts */
    enum mqtt_state state;
    int64_t next_ms;         /* of a try; of one that goes on: when it is given up */
    int64_t pause_ms;
    int64_t late_ms;         /* until then what comes may have waited; monotonic */
    bool asked;              /* the socket has been writable once: from then on it is waited for reading while connecting */
    bool broken;             /* a callback says so */
    bool refused;            /* by the broker's own answer: its word stays */
    struct mqtt_trouble trouble;
    char said[LOG_MAX];      /* last error that the library wrote */
};

/* ---- troubles ---- */

static void say(struct mqtt_link *l, enum mqtt_why why)
{
    l->trouble = (struct mqtt_trouble){ .why = why };
}

static void say_other(struct mqtt_link *l, const char *detail)
{
    say(l, MQTT_OTHER);
    snprintf(l->trouble.detail, sizeof l->trouble.detail, "%s", detail);
}

static void say_errno(struct mqtt_link *l, int error)
{
    static const struct {
        int error;
        enum mqtt_why why;
    } known[] = { { ECONNREFUSED, MQTT_NOBODY }, { ETIMEDOUT, MQTT_SILENT }, { EHOSTUNREACH, MQTT_NO_WAY }, { ENETUNREACH, MQTT_NO_NETWORK },
                  { ECONNRESET, MQTT_BROKEN }, { EPIPE, MQTT_BROKEN } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].error == error) {
            say(l, known[i].why);
            return;
        }
    say_other(l, strerror(error));
}

/* What the broker answers to CONNECT (MQTT 3.1.1, table 3.1). */
static void say_refusal(struct mqtt_link *l, int code)
{
    static const enum mqtt_why whys[] = { MQTT_OTHER, MQTT_OTHER_PROTOCOL, MQTT_ID_REFUSED, MQTT_TAKES_NOBODY, MQTT_WRONG_PASSWORD, MQTT_NOT_LET_IN };
    if (code >= 1 && code < (int)(sizeof whys / sizeof *whys))
        say(l, whys[code]);
    else
        say_other(l, mosquitto_connack_string(code));
}

/* By what OpenSSL calls it. */
static void say_tls(struct mqtt_link *l)
{
    static const struct {
        const char *part;
        enum mqtt_why why;
    } known[] = { { "certificate verify failed", MQTT_FOREIGN_CERTIFICATE }, { "wrong version number", MQTT_NO_SUCH_TLS },
                  { "unsupported protocol", MQTT_NO_SUCH_TLS }, { "protocol version", MQTT_NO_SUCH_TLS },
                  { "certificate required", MQTT_WANTS_CERTIFICATE }, { "handshake failure", MQTT_WANTS_CERTIFICATE },
                  { "bad certificate", MQTT_CERTIFICATE_REFUSED }, { "unknown ca", MQTT_CERTIFICATE_REFUSED } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(l->said, known[i].part)) {
            say(l, known[i].why);
            return;
        }
    say_other(l, l->said);
}

/* After the handshake the library keeps to itself what the other side's last alert was; OpenSSL remembers it. */
static void recall_alert(struct mqtt_link *l)
{
    unsigned long alert = ERR_peek_last_error();
    if (!*l->said && alert)
        ERR_error_string_n(alert, l->said, sizeof l->said);
    ERR_clear_error();
}

/* A broker that wants a certificate and gets none breaks off behind the handshake, with an alert or without. */
static bool broken_off(const struct mqtt_link *l, int code, int error)
{
    bool gone = code == MOSQ_ERR_CONN_LOST || (code == MOSQ_ERR_ERRNO && (error == EPROTO || error == ECONNRESET || error == EPIPE));
    return gone && l->state == MQTT_CONNECTING && l->asked && strcmp(l->o.security, "none") != 0;
}

static void say_code(struct mqtt_link *l, int code, int error)
{
    recall_alert(l);
    if (code == MOSQ_ERR_TLS || *l->said)
        say_tls(l);
    else if (broken_off(l, code, error))
        say(l, MQTT_TLS_BROKEN);
    else if (code == MOSQ_ERR_EAI || code == MOSQ_ERR_LOOKUP)
        say(l, MQTT_NO_ADDRESS);
    else if (code == MOSQ_ERR_KEEPALIVE)
        say(l, MQTT_FELL_SILENT);
    else if (code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_NO_CONN)
        say(l, MQTT_CLOSED);
    else if (code == MOSQ_ERR_ERRNO)
        say_errno(l, error);
    else
        say_other(l, mosquitto_strerror(code));
}

/* ---- the library's callbacks: all on the owner's thread, from within serve and beat ---- */

/* Again at each connection: a broker that was restarted may have forgotten. */
static void subscribe(struct mqtt_link *l, bool kept_session)
{
    char below[PATTERN_MAX];
    if (!*l->o.request_topic)
        return;
    snprintf(below, sizeof below, "%s/#", l->o.request_topic); /* the parent level, too (MQTT 3.1.1, 4.7.1.2) */
    if (l->o.listens)
        mosquitto_subscribe(l->mosq, NULL, below, l->o.qos);
    else if (kept_session)
        mosquitto_unsubscribe(l->mosq, NULL, below);
    l->late_ms = kept_session ? clock_monotonic_ms() + LATE_MS : 0;
}

static void told_connect(struct mosquitto *mosq, void *context, int code, int flags)
{
    struct mqtt_link *l = context;
    if (code != 0) {
        say_refusal(l, code);
        l->refused = l->broken = true;
        return;
    }
    l->state = MQTT_CONNECTED;
    l->pause_ms = FIRST_PAUSE_MS;
    say(l, MQTT_FINE);
    if (*l->o.status_topic)
        mosquitto_publish(mosq, NULL, l->o.status_topic, (int)strlen("online"), "online", l->o.qos, true);
    subscribe(l, flags & SESSION_KEPT);
}

static void told_message(struct mosquitto *mosq, void *context, const struct mosquitto_message *m)
{
    struct mqtt_link *l = context;
    (void)mosq;
    if (l->o.listens && !m->retain)
        l->o.asked(l->o.context, m->topic, bytes_of(m->payload, (size_t)m->payloadlen), clock_monotonic_ms() < l->late_ms);
}

static void told_sent(struct mosquitto *mosq, void *context, int number)
{
    struct mqtt_link *l = context;
    (void)mosq;
    l->o.sent(l->o.context, number);
}

static void told_log(struct mosquitto *mosq, void *context, int level, const char *text)
{
    struct mqtt_link *l = context;
    (void)mosq;
    if (level == MOSQ_LOG_ERR)
        snprintf(l->said, sizeof l->said, "%s", text);
}

/* ---- making and ending ---- */

static void begin_library(void)
{
    mosquitto_lib_init(); /* never cleaned up: another link may come */
}

static const char *kept(struct mqtt_link *l, const char *text)
{
    return arena_text(&l->arena, bytes_of_text(text));
}

static bool use_tls(struct mqtt_link *l)
{
    SSL_CTX *tls = mqtt_tls_new(&l->o, &l->trouble.why);
    if (!tls)
        return false;
    mosquitto_int_option(l->mosq, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    mosquitto_void_option(l->mosq, MOSQ_OPT_SSL_CTX, tls);
    SSL_CTX_free(tls); /* the library holds it */
    return true;
}

static bool make_client(struct mqtt_link *l)
{
    l->mosq = mosquitto_new(l->o.client, false, l);
    if (!l->mosq) {
        say_other(l, strerror(errno));
        return false;
    }
    mosquitto_int_option(l->mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
    mosquitto_max_inflight_messages_set(l->mosq, IN_FLIGHT);
    mosquitto_connect_with_flags_callback_set(l->mosq, told_connect);
    mosquitto_message_callback_set(l->mosq, told_message);
    mosquitto_publish_callback_set(l->mosq, told_sent);
    mosquitto_log_callback_set(l->mosq, told_log);
    if (*l->o.login)
        mosquitto_username_pw_set(l->mosq, l->o.login, *l->o.password ? l->o.password : NULL);
    if (*l->o.status_topic)
        mosquitto_will_set(l->mosq, l->o.status_topic, (int)strlen("offline"), "offline", l->o.qos, true);
    return strcmp(l->o.security, "none") == 0 || use_tls(l);
}

struct mqtt_link *mqtt_link_new(const struct mqtt_link_options *o, struct mqtt_trouble *trouble)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin_library);
    struct mqtt_link *l = memory_new(sizeof *l);
    l->o = *o;
    const char **const texts[] = { &l->o.address, &l->o.client, &l->o.status_topic, &l->o.security, &l->o.login, &l->o.password,
                                   &l->o.authority, &l->o.certificate, &l->o.key, &l->o.request_topic };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = kept(l, *texts[i]);
    l->state = MQTT_WAITING;
    l->pause_ms = FIRST_PAUSE_MS;
    if (make_client(l))
        return l;
    *trouble = l->trouble;
    mqtt_link_free(&l);
    return NULL;
}

void mqtt_link_free(struct mqtt_link **link)
{
    struct mqtt_link *l = *link;
    if (!l)
        return;
    if (l->state == MQTT_CONNECTED) {
        if (*l->o.status_topic)
            mosquitto_publish(l->mosq, NULL, l->o.status_topic, (int)strlen("offline"), "offline", 0, true);
        mosquitto_disconnect(l->mosq);
        mosquitto_loop_write(l->mosq, PACKETS);
    }
    if (l->mosq)
        mosquitto_destroy(l->mosq);
    arena_free(&l->arena);
    free(l);
    *link = NULL;
}

void mqtt_link_move(struct mqtt_link *l, void *context)
{
    if (l)
        l->o.context = context;
}

/* ---- living ---- */

static void lose(struct mqtt_link *l, int64_t now_ms)
{
    l->state = MQTT_WAITING;
    l->next_ms = now_ms + l->pause_ms;
    l->pause_ms = l->pause_ms * 2 < LONGEST_PAUSE_MS ? l->pause_ms * 2 : LONGEST_PAUSE_MS;
    l->broken = false;
    l->o.lost(l->o.context);
}

static void lose_by(struct mqtt_link *l, int code, int error, int64_t now_ms)
{
    if (!l->refused)
        say_code(l, code, error);
    lose(l, now_ms);
}

static void try_now(struct mqtt_link *l, int64_t now_ms)
{
    l->said[0] = '\0';
    say(l, MQTT_FINE);
    l->refused = l->broken = l->asked = false;
    l->state = MQTT_CONNECTING;
    l->next_ms = now_ms + CONNECT_MS;
    int code = mosquitto_connect_async(l->mosq, l->o.address, l->o.port, KEEPALIVE_S), error = errno;
    if (code > 0)
        lose_by(l, code, error, now_ms);
}

void mqtt_link_beat(struct mqtt_link *l, int64_t now_ms)
{
    if (l->state == MQTT_WAITING && now_ms >= l->next_ms) {
        try_now(l, now_ms);
    } else if (l->state == MQTT_CONNECTING && now_ms >= l->next_ms) {
        lose_by(l, MOSQ_ERR_ERRNO, ETIMEDOUT, now_ms);
    } else if (l->state == MQTT_CONNECTED) {
        int code = mosquitto_loop_misc(l->mosq);
        if (code)
            lose_by(l, code, errno, now_ms);
    }
}

void mqtt_link_hurry(struct mqtt_link *l)
{
    if (l->state == MQTT_WAITING)
        l->next_ms = 0;
    l->pause_ms = FIRST_PAUSE_MS;
}

/* While TLS shakes hands the library goes on asking for writing: after the first time only an answer brings it on. */
int mqtt_link_socket(const struct mqtt_link *l, short *ret_events)
{
    bool lives = l->state == MQTT_CONNECTING || l->state == MQTT_CONNECTED;
    bool writes = l->state == MQTT_CONNECTED ? mosquitto_want_write(l->mosq) : !l->asked;
    *ret_events = (short)(POLLIN | (writes ? POLLOUT : 0));
    return lives ? mosquitto_socket(l->mosq) : -1;
}

static int socket_error(const struct mqtt_link *l)
{
    int error = 0;
    socklen_t size = sizeof error;
    int at = mosquitto_socket(l->mosq);
    return at >= 0 && getsockopt(at, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : 0;
}

void mqtt_link_serve(struct mqtt_link *l, short events, int64_t now_ms)
{
    if (!events || l->state < MQTT_CONNECTING)
        return;
    bool connecting = l->state == MQTT_CONNECTING;
    int error = events & (POLLERR | POLLHUP) ? socket_error(l) : 0;
    if (connecting && error && !l->asked) { /* the connection itself; later the other side's last words are read first */
        lose_by(l, MOSQ_ERR_ERRNO, error, now_ms);
        return;
    }
    l->asked |= events & POLLOUT;
    int code = mosquitto_loop_read(l->mosq, PACKETS);
    error = errno;
    if (!code && mosquitto_socket(l->mosq) >= 0) {
        code = mosquitto_loop_write(l->mosq, PACKETS);
        error = errno;
    }
    if (code || l->broken || mosquitto_socket(l->mosq) < 0)
        lose_by(l, code ? code : MOSQ_ERR_CONN_LOST, error, now_ms);
    else if (l->state == MQTT_CONNECTING && events & (POLLERR | POLLHUP)) /* the library does not notice that within a handshake */
        lose_by(l, MOSQ_ERR_CONN_LOST, 0, now_ms);
}

/* With QoS 1 and 2 the library keeps the message before it writes: a connection that breaks just then does not lose it. */
bool mqtt_link_publish(struct mqtt_link *l, const char *topic, struct bytes body, bool retain, int *ret_number)
{
    if (l->state != MQTT_CONNECTED)
        return false;
    int code = mosquitto_publish(l->mosq, ret_number, topic, (int)body.size, body.data, l->o.qos, retain);
    bool broke = code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_ERRNO || code == MOSQ_ERR_TLS;
    return code == MOSQ_ERR_SUCCESS || (broke && l->o.qos > 0);
}

enum mqtt_state mqtt_link_state(const struct mqtt_link *l)
{
    return l->state;
}

const struct mqtt_trouble *mqtt_link_trouble(const struct mqtt_link *l)
{
    return &l->trouble;
}
