/* The HTTP server's door; see door.h. */
#include "hes/door.h"
#include "base/log.h"
#include "upstream/servers.h"
#include "upstream/skzi/skzi.h"

#include <stdio.h>
#include <stdlib.h>

enum { ADDRESS_CONNECTIONS = 200, CONNECTIONS = 4000, FRONTED_CONNECTIONS = 256 };

struct door {
    struct api *api;
    struct door_options o;
    struct server_setting now, refused; /* what is open; what could not be opened, tried again when it changes. Port 0: none */
    bool shut;                          /* the table has no HTTP row: pages come by the СКЗИ port alone */
};

static struct server_options options_of(const struct door *d)
{
    const struct hes_options *o = d->o.hes;
    return (struct server_options){
        .event_threads = o->event_threads, .workers = o->workers,
        .connections = CONNECTIONS, .connections_per_address = o->behind_proxy ? CONNECTIONS : ADDRESS_CONNECTIONS,
        .behind_proxy = o->behind_proxy, .files = &web_files,
        .admit = api_admit, .answer = api_answer, .context = d->api };
}

/* Another server, or none, in the place of the one that listens. */
static void replace(struct door *d, struct server *fresh)
{
    struct doors *doors = d->api->doors;
    pthread_mutex_lock(&doors->lock);
    struct server *former = doors->plain;
    doors->plain = fresh;
    pthread_mutex_unlock(&doors->lock);
    server_free(&former);
}

static bool open_at(struct door *d, const char *address, const char *certificate, const char *key, struct text *problem)
{
    const struct hes_options *o = d->o.hes;
    struct server *fresh = NULL;
    struct server_options options = options_of(d);
    static const struct phrase ready = { { "Сервер слушает %s://%s (порт %u)\n", "The server listens on %s://%s (port %u)\n" } };
    options.address = address;
    options.certificate = certificate;
    options.key = key;
    if (!server_new(&options, o->lang, problem, &fresh))
        return false;
    unsigned port = server_port(fresh);
    replace(d, fresh);
    if (d->api->box)
        box_http_port(d->api->box, port, certificate != NULL);
    printf(phrase_in(&ready, o->lang), certificate ? "https" : "http", address, port);
    fflush(stdout);
    return true;
}

static bool same(const struct server_setting *a, const struct server_setting *b)
{
    return a->port == b->port && a->tls == b->tls;
}

static bool open_table(struct door *d, const struct server_setting *wanted, struct text *problem)
{
    char address[32], older[32], words[200];
    struct text unsaid = text_over(words, sizeof words);
    snprintf(address, sizeof address, "[::]:%d", wanted->port);
    snprintf(older, sizeof older, "0.0.0.0:%d", wanted->port);
    if (d->now.port == wanted->port)
        replace(d, NULL); /* the same port with or without TLS cannot be open twice */
    bool tls = wanted->tls && d->o.certificate;
    const char *certificate = tls ? d->o.certificate : NULL, *key = tls ? d->o.key : NULL;
    bool good = open_at(d, address, certificate, key, &unsaid) || open_at(d, older, certificate, key, problem); /* a machine without IPv6 */
    *(good ? &d->now : &d->refused) = *wanted;
    return good;
}

/* --- the СКЗИ port ----------------------------------------------------------------------------------------------------------- */

static void take_fronted(void *context, int socket, const struct sockaddr *from, socklen_t size)
{
    struct door *d = context;
    server_take(d->api->doors->fronted, socket, from, size);
}

/* The server behind the СКЗИ port: it listens nowhere itself. */
static void open_fronted(struct door *d)
{
    char words[200];
    struct text problem = text_over(words, sizeof words);
    struct server *fronted = NULL;
    struct server_options options = options_of(d);
    options.connections = options.connections_per_address = FRONTED_CONNECTIONS; /* the port's own process counts them by address */
    options.behind_proxy = false;
    if (!server_new(&options, d->o.hes->lang, &problem, &fronted)) {
        log_line(LOG_ERROR, "skzi-port", "trouble=\"%s\"", words);
        return;
    }
    pthread_mutex_lock(&d->api->doors->lock);
    d->api->doors->fronted = fronted;
    pthread_mutex_unlock(&d->api->doors->lock);
    skzi_serve(d->api->skzi, take_fronted, d);
}

static void close_fronted(struct door *d)
{
    skzi_serve(d->api->skzi, NULL, NULL);
    pthread_mutex_lock(&d->api->doors->lock);
    struct server *fronted = d->api->doors->fronted;
    d->api->doors->fronted = NULL;
    pthread_mutex_unlock(&d->api->doors->lock);
    server_free(&fronted);
}

/* --- what the table wants ------------------------------------------------------------------------------------------------------ */

/* The HTTP row; port 0 when there is none and pages come by the СКЗИ port (*ret_skzi) alone. Without either it is HTTP on its usual port.
 * False: the table cannot be read. */
static bool read_table(struct door *d, struct server_setting *ret, int *ret_skzi)
{
    struct server_setting table[SERVER_TYPES];
    size_t count;
    int64_t revision;
    *ret = (struct server_setting){ .type = SERVER_HTTP };
    *ret_skzi = 0;
    if (servers_read(d->api->store, table, &count, &revision) != FAULT_NONE)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (table[i].type == SERVER_HTTP)
            *ret = table[i];
        if (table[i].type == SERVER_SKZI)
            *ret_skzi = table[i].port;
    }
    if (!ret->port && !*ret_skzi)
        ret->port = SERVER_HTTP_PORT;
    return true;
}

static void shut_plain(struct door *d, int skzi)
{
    static const struct phrase only = { { "Страницы открыты только на порту СКЗИ (порт %d)\n", "The pages are on the port of GOST TLS alone (port %d)\n" } };
    replace(d, NULL);
    d->now = (struct server_setting){ .type = SERVER_HTTP };
    box_http_port(d->api->box, (unsigned)skzi, true);
    if (!d->shut) {
        printf(phrase_in(&only, d->o.hes->lang), skzi);
        fflush(stdout);
    }
    d->shut = true;
}

bool door_open(struct api *api, const struct door_options *options, struct text *problem, struct door **ret)
{
    struct door *d = memory_new(sizeof *d);
    struct server_setting wanted;
    const struct hes_options *o = options->hes;
    int skzi;
    *d = (struct door){ .api = api, .o = *options };
    *ret = d;
    if (o->face == FACE_GATEWAY)
        open_fronted(d);
    if (o->listen)
        return open_at(d, o->listen, o->certificate, o->key, problem);
    if (!read_table(d, &wanted, &skzi))
        wanted = (struct server_setting){ .type = SERVER_HTTP, .port = SERVER_HTTP_PORT };
    if (wanted.port)
        return open_table(d, &wanted, problem);
    shut_plain(d, skzi);
    return true;
}

void door_keep(struct door *d)
{
    char words[200];
    struct text problem = text_over(words, sizeof words);
    struct server_setting wanted;
    int skzi;
    if (d->o.hes->listen || d->o.hes->face != FACE_GATEWAY || !read_table(d, &wanted, &skzi))
        return;
    if (!wanted.port) {
        shut_plain(d, skzi);
        return;
    }
    d->shut = false;
    if (same(&wanted, &d->now) || same(&wanted, &d->refused))
        return;
    if (!open_table(d, &wanted, &problem))
        log_line(LOG_ERROR, "http-port", "port=%d trouble=\"%s\"", wanted.port, words);
}

void door_free(struct door **d)
{
    if (!*d)
        return;
    close_fronted(*d);
    replace(*d, NULL);
    free(*d);
    *d = NULL;
}
