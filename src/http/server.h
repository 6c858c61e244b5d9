/* The HTTP server: libmicrohttpd with limits, TLS, security headers, workers.
 *
 * Event threads only move bytes. When a request has come whole, a worker calls `answer` with it; what it wrote goes out when
 * it returns, or, after answer_stream, while it writes. Two lanes of workers: LANE_SLOW for what hashes passwords or streams
 * long, so that a page never waits for it. */
#pragma once
#include "base/buffer.h"
#include "http/flow.h"
#include "http/static_file.h"
#include "base/lang.h"
#include "base/text.h"

#include <sys/socket.h>

enum http_lane { LANE_USUAL, LANE_SLOW, LANE_COUNT };

struct http_pair {
    const char *name, *value;
};

/* A request as it came; all texts live as long as it does. Path, names and values are decoded and valid UTF-8. */
struct http_request {
    const char *method, *path;
    const struct http_pair *query;
    size_t query_count;
    struct bytes body;
    const char *content_type, *cookie, *authorization, *csrf, *language, *agent, *origin, *host, *if_none_match, *project;
    char address[64]; /* of the client */
    bool tls;
    bool fronted;        /* came by server_take: a terminator of ours stands before the server */
    struct arena *arena; /* for the time of the request */
};

/* A request asked within the program: a streamed answer is gathered, at most `most` bytes, until `*ending` is set. */
struct http_local {
    size_t most;
    const atomic_bool *ending;
};

struct http_answer {
    int status;
    const char *content_type;          /* NULL: application/json */
    struct buffer body;
    struct http_pair header[8];        /* names and values in the request's arena */
    size_t header_count;
    struct flow *flow;                 /* after answer_stream */
    struct http_exchange *exchange;    /* NULL: asked within the program, then there is `local` */
    const struct http_local *local;
};

void answer_header(struct http_answer *a, const char *name, const char *value);

/* Sends status and headers; from here on the body goes out by the flow, which the caller ends and unrefs. `bound`: bytes
 * that may wait. */
struct flow *answer_stream(struct http_answer *a, size_t bound);

struct server_options {
    const char *address;     /* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:443"; NULL: it listens nowhere, connections come by server_take */
    const char *certificate; /* PEM texts; NULL: no TLS */
    const char *key;
    int event_threads;       /* 0: 1 */
    int workers;             /* of the usual lane; 0: 4 */
    int slow_workers;        /* 0: 2 */
    unsigned connections, connections_per_address; /* 0: 2000 and 200 */
    bool behind_proxy;       /* believe X-Forwarded-For and X-Forwarded-Proto */
    const struct static_files *files;
    /* What the request may send, and which lane it takes; known by method and path alone. Returns the limit of the body in
     * bytes. */
    size_t (*admit)(void *context, const char *method, const char *path, enum http_lane *ret_lane);
    void (*answer)(void *context, struct http_request *r, struct http_answer *a);
    void *context;
};

enum { HTTP_BODY_USUAL = 1 << 20, HTTP_HEADER_BYTES = 32 << 10, HTTP_IDLE_S = 30, HTTP_QUERY_MAX = 64 };

struct server;

/* Begins to serve; *ret is set before the first request is answered. False, the reason in `problem` and *ret NULL, when it
 * cannot listen. */
bool server_new(const struct server_options *options, enum lang lang, struct text *problem, struct server **ret);

/* The port it listens on: what "…:0" became; 0: nowhere. */
unsigned server_port(struct server *s);

/* A connection that a terminator of TLS has taken over: plain HTTP comes by the socket, which is the server's from now on, and its
 * client is at `from`. Requests of it are `fronted` and count as TLS. False (socket closed) when the server is full. */
bool server_take(struct server *s, int socket, const struct sockaddr *from, socklen_t size);

/* Takes no more requests, ends streams, waits for workers, closes. */
void server_free(struct server **s);

struct server_figures {
    unsigned long long requests, refused, errors; /* errors: answers 5xx */
    unsigned connections, waiting;
};
void server_figures(struct server *s, struct server_figures *ret);

/* Decodes %XX; false for a bad escape, a NUL or broken UTF-8. In place. */
bool url_decode(char *text);
