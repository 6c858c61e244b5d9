/* The HTTP server over libmicrohttpd; see server.h.
 *
 * Life of a request: begun and gathered on an event thread; suspended while it waits for a worker and is answered; resumed to
 * be sent. The connection and the worker hold a reference each, because either may be done first. */
#include "http/server.h"
#include "base/log.h"
#include "http/workers.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DISCARD_MOST = 16 << 20 };
enum stage { STAGE_GATHERING, STAGE_WAITING, STAGE_READY };

struct http_exchange {
    struct work work;
    struct server *server;
    struct MHD_Connection *connection;
    struct http_request request;
    struct http_answer answer;
    struct flow *stream;                  /* of a streamed answer */
    struct arena arena;
    struct buffer body;
    struct http_exchange *next, **before; /* all that live */
    atomic_int references;
    _Atomic enum stage stage;
    enum http_lane lane;
    int refused;                          /* status: answered without a worker */
    unsigned long long declared;          /* Content-Length */
};

struct server {
    struct server_options options;
    struct MHD_Daemon *daemon;
    struct workers *lanes[LANE_COUNT];
    pthread_mutex_t lock; /* guards the list */
    struct http_exchange *exchanges;
    atomic_ullong requests, refused, errors;
    atomic_bool stopping;
};

/* --- the exchange ------------------------------------------------------------------------------------------------------- */

static void exchange_unref(struct http_exchange *e)
{
    if (atomic_fetch_sub(&e->references, 1) > 1)
        return;
    pthread_mutex_lock(&e->server->lock);
    *e->before = e->next;
    if (e->next)
        e->next->before = e->before;
    pthread_mutex_unlock(&e->server->lock);
    flow_unref(&e->answer.flow);
    flow_unref(&e->stream);
    buffer_free(&e->body);
    buffer_free(&e->answer.body);
    arena_free(&e->arena);
    free(e);
}

void answer_header(struct http_answer *a, const char *name, const char *value)
{
    if (a->header_count < sizeof a->header / sizeof *a->header)
        a->header[a->header_count++] = (struct http_pair){ name, value };
}

static void run(struct work *w)
{
    struct http_exchange *e = (struct http_exchange *)w;
    e->server->options.answer(e->server->options.context, &e->request, &e->answer);
    if (!e->stream) { /* a streamed answer was resumed when it began, and may be over by now */
        atomic_store(&e->stage, STAGE_READY);
        MHD_resume_connection(e->connection);
    }
    exchange_unref(e);
}

struct flow *answer_stream(struct http_answer *a, size_t bound)
{
    struct http_exchange *e = a->exchange;
    if (!e)
        return a->flow = flow_local(a->local->most, a->local->ending);
    struct flow *f = flow_new(e->connection, bound);
    pthread_mutex_lock(&e->server->lock);
    a->flow = f;             /* the connection's reference until the response takes it */
    e->stream = flow_ref(f); /* and one to end it by, whoever writes to it */
    if (atomic_load(&e->server->stopping))
        flow_end(f, false);
    pthread_mutex_unlock(&e->server->lock);
    atomic_store(&e->stage, STAGE_READY);
    MHD_resume_connection(e->connection);
    return f;
}

/* --- beginning: what a request says of itself ----------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_decode(char *text)
{
    char *out = text;
    for (const char *at = text; *at; at++) {
        if (*at != '%') {
            *out++ = *at;
            continue;
        }
        int high = hex_digit(at[1]), low = high < 0 ? -1 : hex_digit(at[2]);
        if (low < 0 || (high | low) == 0)
            return false;
        *out++ = (char)(high << 4 | low);
        at += 2;
    }
    *out = '\0';
    return utf8_valid(bytes_of_text(text));
}

static const char *header_of(struct http_exchange *e, const char *name)
{
    const char *value = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, name);
    return value && utf8_valid(bytes_of_text(value)) ? arena_text(&e->arena, bytes_of_text(value)) : "";
}

struct query_reading {
    struct http_exchange *e;
    struct http_pair *pairs;
    size_t count;
    bool bad;
};

static enum MHD_Result take_query(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    (void)kind;
    struct query_reading *r = context;
    char *name = arena_text(&r->e->arena, bytes_of_text(key)), *text = arena_text(&r->e->arena, bytes_of_text(value ? value : ""));
    r->bad |= !url_decode(name) || !url_decode(text) || r->count == HTTP_QUERY_MAX;
    if (!r->bad)
        r->pairs[r->count++] = (struct http_pair){ name, text };
    return r->bad ? MHD_NO : MHD_YES;
}

static void take_address(struct http_exchange *e)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    const struct in6_addr *six = address && address->sa_family == AF_INET6 ? &((const struct sockaddr_in6 *)address)->sin6_addr : NULL;
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, e->request.address, sizeof e->request.address);
    else if (six && IN6_IS_ADDR_V4MAPPED(six)) /* of a socket for both families */
        inet_ntop(AF_INET, &six->s6_addr[12], e->request.address, sizeof e->request.address);
    else if (six)
        inet_ntop(AF_INET6, six, e->request.address, sizeof e->request.address);
}

/* What our own proxy says of its client: the last address is the one that it saw itself, those before are hearsay. */
static void take_forwarded(struct http_exchange *e)
{
    const char *list = header_of(e, "X-Forwarded-For"), *last = strrchr(list, ',');
    unsigned char any[sizeof(struct in6_addr)];
    last = last ? last + 1 : list;
    last += strspn(last, " ");
    if (inet_pton(AF_INET, last, any) == 1 || inet_pton(AF_INET6, last, any) == 1)
        snprintf(e->request.address, sizeof e->request.address, "%s", last);
    e->request.tls |= strcmp(header_of(e, "X-Forwarded-Proto"), "https") == 0;
}

static void take_head(struct http_exchange *e, const char *method, const char *url)
{
    struct http_request *r = &e->request;
    char *path = arena_text(&e->arena, bytes_of_text(url));
    struct query_reading query = { .e = e, .pairs = arena_take(&e->arena, HTTP_QUERY_MAX * sizeof *query.pairs) };
    bool good = url_decode(path);
    MHD_get_connection_values(e->connection, MHD_GET_ARGUMENT_KIND, take_query, &query);
    if (!good || query.bad)
        e->refused = 400;
    r->method = arena_text(&e->arena, bytes_of_text(strcmp(method, "HEAD") == 0 ? "GET" : method));
    r->path = path;
    r->query = query.pairs;
    r->query_count = query.count;
    r->content_type = header_of(e, "Content-Type");
    r->cookie = header_of(e, "Cookie");
    r->authorization = header_of(e, "Authorization");
    r->csrf = header_of(e, "X-Svod-Csrf");
    r->project = header_of(e, "X-Svod-Project");
    r->language = header_of(e, "Accept-Language");
    r->agent = header_of(e, "User-Agent");
    r->origin = header_of(e, "Origin");
    r->host = header_of(e, "Host");
    r->if_none_match = header_of(e, "If-None-Match");
    r->fronted = e->server->options.address == NULL;
    r->tls = r->fronted || e->server->options.certificate != NULL;
    r->arena = &e->arena;
    take_address(e);
    if (e->server->options.behind_proxy)
        take_forwarded(e);
}

static struct http_exchange *exchange_new(struct server *s, struct MHD_Connection *connection, const char *method, const char *url)
{
    struct http_exchange *e = memory_new(sizeof *e);
    *e = (struct http_exchange){ .work = { run, NULL }, .server = s, .connection = connection, .references = 1 };
    e->answer.exchange = e;
    e->answer.status = 200;
    pthread_mutex_lock(&s->lock);
    e->next = s->exchanges;
    e->before = &s->exchanges;
    if (e->next)
        e->next->before = &e->next;
    s->exchanges = e;
    pthread_mutex_unlock(&s->lock);
    take_head(e, method, url);
    e->body.limit = s->options.admit(s->options.context, e->request.method, e->request.path, &e->lane);
    const char *size = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    e->declared = size ? strtoull(size, NULL, 10) : 0;
    if (e->declared > e->body.limit)
        e->refused = 413;
    atomic_fetch_add(&s->requests, 1);
    return e;
}

/* --- sending ------------------------------------------------------------------------------------------------------------ */

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

/* Behind a terminator a browser is not told to stay with TLS: it would mean every port of this host, and plain HTTP may have one. */
static void add_security(struct MHD_Response *response, const struct http_request *r, bool page)
{
    bool strict = r->tls && !r->fronted;
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "X-Frame-Options", "DENY");
    add(response, "Referrer-Policy", "same-origin");
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    add(response, "Content-Security-Policy",
        page ? "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none';"
               " form-action 'self'; frame-ancestors 'none'"
             : "default-src 'none'; frame-ancestors 'none'");
    if (strict)
        add(response, "Strict-Transport-Security", "max-age=31536000");
}

static enum MHD_Result send_file(struct http_exchange *e, const struct static_file *file)
{
    char tag[80];
    snprintf(tag, sizeof tag, "\"%s\"", file->hash);
    bool same = strcmp(e->request.if_none_match, tag) == 0;
    const char *encoding;
    struct bytes form = static_file_form(file, header_of(e, "Accept-Encoding"), &encoding);
    struct MHD_Response *response = MHD_create_response_from_buffer(same ? 0 : form.size, (void *)(uintptr_t)form.data, MHD_RESPMEM_PERSISTENT);
    add(response, "Content-Type", file->type);
    if (encoding)
        add(response, "Content-Encoding", encoding);
    add(response, "Vary", "Accept-Encoding");
    add(response, "ETag", tag);
    add(response, "Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    add_security(response, &e->request, true);
    enum MHD_Result result = MHD_queue_response(e->connection, same ? 304 : 200, response);
    MHD_destroy_response(response);
    return result;
}

static const struct refusal {
    int status;
    const char *code;
    struct phrase message;
} refusals[] = {
    { 400, "bad-request", { { "запрос закодирован с ошибкой", "the request is encoded wrongly" } } },
    { 413, "too-large", { { "запрос больше допустимого", "the request is larger than allowed" } } },
    { 503, "busy", { { "сервер занят, повторите позже", "the server is busy, try again later" } } },
};

static enum MHD_Result send_refusal(struct http_exchange *e, int status)
{
    const struct refusal *r = &refusals[status == 400 ? 0 : status == 413 ? 1 : 2];
    char text[256];
    enum lang lang = strncmp(e->request.language, "en", 2) == 0 ? LANG_EN : LANG_RU;
    int size = snprintf(text, sizeof text, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"fields\":[]}}", r->code, phrase_in(&r->message, lang));
    struct MHD_Response *response = MHD_create_response_from_buffer((size_t)size, text, MHD_RESPMEM_MUST_COPY);
    add(response, "Content-Type", "application/json; charset=utf-8");
    add(response, "Cache-Control", "no-store");
    add_security(response, &e->request, false);
    atomic_fetch_add(&e->server->refused, 1);
    enum MHD_Result result = MHD_queue_response(e->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_answer(struct http_exchange *e)
{
    struct http_answer *a = &e->answer;
    struct MHD_Response *response;
    if (a->flow) {
        response = flow_response(a->flow);
        a->flow = NULL; /* the response holds that reference now */
    } else {
        if (a->body.failed) { /* larger than any answer may be: a limit of ours, told as such */
            a->status = 500;
            a->body.size = 0;
        }
        response = MHD_create_response_from_buffer(a->body.size, a->body.size ? a->body.data : "", a->body.size ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
        if (a->body.size)
            a->body = (struct buffer){ 0 };
    }
    add(response, "Content-Type", a->content_type ? a->content_type : "application/json; charset=utf-8");
    add(response, "Cache-Control", "no-store");
    for (size_t i = 0; i < a->header_count; i++)
        add(response, a->header[i].name, a->header[i].value);
    add_security(response, &e->request, false);
    if (a->status >= 500)
        atomic_fetch_add(&e->server->errors, 1);
    enum MHD_Result result = MHD_queue_response(e->connection, (unsigned)a->status, response);
    MHD_destroy_response(response);
    return result;
}

/* --- libmicrohttpd's callbacks ------------------------------------------------------------------------------------------ */

/* "/" and the addresses of pages are all the one page of the app. */
static const struct static_file *file_of(struct http_exchange *e)
{
    const struct static_files *all = e->server->options.files;
    const struct static_file *file = static_file_find(all, e->request.path);
    return file ? file : static_file_page(all, e->request.path, header_of(e, "Accept"));
}

static enum MHD_Result dispatch(struct http_exchange *e)
{
    struct server *s = e->server;
    const struct static_file *file = strcmp(e->request.method, "GET") == 0 ? file_of(e) : NULL;
    if (e->body.failed || e->refused)
        return send_refusal(e, e->refused ? e->refused : 413);
    if (file)
        return send_file(e, file);
    e->request.body = bytes_of(e->body.data ? e->body.data : "", e->body.size);
    atomic_store(&e->stage, STAGE_WAITING);
    atomic_fetch_add(&e->references, 1);
    MHD_suspend_connection(e->connection);
    if (!atomic_load(&s->stopping) && workers_submit(s->lanes[e->lane], &e->work))
        return MHD_YES;
    e->refused = 503;
    atomic_store(&e->stage, STAGE_READY);
    MHD_resume_connection(e->connection);
    exchange_unref(e);
    return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    struct http_exchange *e = *state;
    if (!e) {
        e = *state = exchange_new(context, connection, method, url);
        /* A body far too large is not even received. One somewhat too large is read and dropped: a client that is still
         * sending when the connection closes would not see why. */
        return e->refused == 413 && e->declared > DISCARD_MOST ? send_refusal(e, 413) : MHD_YES;
    }
    if (*upload_size) {
        if (!e->refused)
            buffer_put(&e->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    enum stage stage = atomic_load(&e->stage);
    if (stage == STAGE_GATHERING)
        return dispatch(e);
    if (stage == STAGE_READY)
        return e->refused ? send_refusal(e, e->refused) : send_answer(e);
    return MHD_YES;
}

static void completed(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
    (void)context, (void)connection, (void)why;
    if (*state)
        exchange_unref(*state);
    *state = NULL;
}

/* Escapes are ours to decode, once and strictly (url_decode). */
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static void log_quietly(void *context, const char *format, va_list arguments)
{
    (void)context;
    char line[300];
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_line(LOG_DEBUG, "http", "text=\"%s\"", line);
}

/* --- opening and closing ------------------------------------------------------------------------------------------------ */

static struct addrinfo *resolve(const char *address)
{
    char host[256];
    snprintf(host, sizeof host, "%s", address);
    char *port = strrchr(host, ':');
    if (!port || !port[1])
        return NULL;
    *port++ = '\0';
    char *name = host;
    if (*name == '[' && name[strlen(name) - 1] == ']') {
        name[strlen(name) - 1] = '\0';
        name++;
    }
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found = NULL;
    return getaddrinfo(*name ? name : NULL, port, &hints, &found) == 0 ? found : NULL;
}

static struct MHD_Daemon *start(struct server *s, const struct addrinfo *where)
{
    const struct server_options *o = &s->options;
    struct sockaddr_in none = { .sin_family = AF_INET };
    struct MHD_OptionItem list[16] = {
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, NULL },
        { MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escapes, NULL },
        { MHD_OPTION_SOCK_ADDR, 0, where ? where->ai_addr : (struct sockaddr *)&none },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEADER_BYTES, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_S, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, o->connections ? o->connections : 2000, NULL },
        { MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->connections_per_address ? o->connections_per_address : 200, NULL },
        { MHD_OPTION_LISTENING_ADDRESS_REUSE, 1, NULL },
    };
    size_t count = 8;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (!where)
        flags |= MHD_USE_NO_LISTEN_SOCKET;
    else if (where->ai_family == AF_INET6) /* "[::]" is every address of the machine, of both families */
        flags |= IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(const void *)where->ai_addr)->sin6_addr) ? MHD_USE_DUAL_STACK : MHD_USE_IPv6;
    if (o->event_threads > 1)
        list[count++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, o->event_threads, NULL };
    if (o->certificate) {
        flags |= MHD_USE_TLS;
        list[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->certificate };
        list[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->key };
        list[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" };
    }
    list[count] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, log_quietly, NULL, MHD_OPTION_ARRAY, list, MHD_OPTION_END);
}

bool server_new(const struct server_options *options, enum lang lang, struct text *problem, struct server **ret)
{
    static const struct phrase cannot = { { "не удаётся слушать адрес", "cannot listen on" } };
    static const struct phrase maybe_tls = { { "адрес занят, нет прав, или сертификат не подходит к ключу", "the address is taken, no right to it, or the certificate does not fit the key" } };
    struct server *s = memory_new(sizeof *s);
    struct addrinfo *where = options->address ? resolve(options->address) : NULL;
    s->options = *options;
    pthread_mutex_init(&s->lock, NULL);
    s->lanes[LANE_USUAL] = workers_new(options->workers ? options->workers : 4, 1024);
    s->lanes[LANE_SLOW] = workers_new(options->slow_workers ? options->slow_workers : 2, 256);
    pthread_mutex_lock(&s->lock); /* the first request waits here until everything is in its place */
    *ret = s;
    s->daemon = where || !options->address ? start(s, where) : NULL;
    pthread_mutex_unlock(&s->lock);
    if (where)
        freeaddrinfo(where);
    if (s->daemon)
        return true;
    text_printf(problem, "%s %s: %s", phrase_in(&cannot, lang), options->address ? options->address : "-", phrase_in(&maybe_tls, lang));
    server_free(ret);
    return false;
}

unsigned server_port(struct server *s)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

bool server_take(struct server *s, int socket, const struct sockaddr *from, socklen_t size)
{
    return MHD_add_connection(s->daemon, socket, from, size) == MHD_YES; /* closes it otherwise */
}

static void end_streams(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct http_exchange *e = s->exchanges; e; e = e->next)
        if (e->stream)
            flow_end(e->stream, false);
    pthread_mutex_unlock(&s->lock);
}

void server_free(struct server **server)
{
    struct server *s = *server;
    if (!s)
        return;
    atomic_store(&s->stopping, true);
    int listening = s->daemon ? MHD_quiesce_daemon(s->daemon) : -1;
    end_streams(s);
    for (int i = 0; i < LANE_COUNT; i++)
        workers_free(&s->lanes[i]);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    if (listening >= 0)
        close(listening);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *server = NULL;
}

void server_figures(struct server *s, struct server_figures *ret)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    *ret = (struct server_figures){ atomic_load(&s->requests), atomic_load(&s->refused), atomic_load(&s->errors),
                                    info ? info->num_connections : 0,
                                    (unsigned)(workers_waiting(s->lanes[LANE_USUAL]) + workers_waiting(s->lanes[LANE_SLOW])) };
}
