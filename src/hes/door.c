/* The HTTP server's door; see door.h. */
#include "hes/door.h"
#include "base/log.h"
#include "upstream/servers.h"

#include <stdio.h>
#include <stdlib.h>

enum { ADDRESS_CONNECTIONS = 200, CONNECTIONS = 4000, HTTP_PORT = 80 };

struct door {
    struct api *api;
    struct door_options o;
    struct server_setting now, refused; /* what is open; what could not be opened, tried again when it changes */
};

static bool open_at(struct door *d, const char *address, const char *certificate, const char *key, struct text *problem)
{
    const struct hes_options *o = d->o.hes;
    struct server *fresh = NULL, *former = d->api->server;
    struct server_options options = {
        .address = address, .certificate = certificate, .key = key, .event_threads = o->event_threads, .workers = o->workers,
        .connections = CONNECTIONS, .connections_per_address = o->behind_proxy ? CONNECTIONS : ADDRESS_CONNECTIONS,
        .behind_proxy = o->behind_proxy, .files = &web_files,
        .admit = api_admit, .answer = api_answer, .context = d->api };
    static const struct phrase ready = { { "Сервер слушает %s://%s (порт %u)\n", "The server listens on %s://%s (port %u)\n" } };
    if (!server_new(&options, o->lang, problem, former ? &fresh : &d->api->server))
        return false;
    if (former) {
        d->api->server = fresh;
        server_free(&former);
    }
    if (d->api->box)
        box_http_port(d->api->box, server_port(d->api->server), certificate != NULL);
    printf(phrase_in(&ready, o->lang), certificate ? "https" : "http", address, server_port(d->api->server));
    fflush(stdout);
    return true;
}

static bool same(const struct server_setting *a, const struct server_setting *b)
{
    return a->port == b->port && a->tls == b->tls;
}

static bool open_table(struct door *d, const struct server_setting *wanted, struct text *problem)
{
    char address[32];
    snprintf(address, sizeof address, "0.0.0.0:%d", wanted->port);
    if (d->api->server && d->now.port == wanted->port)
        server_free(&d->api->server); /* the same port with or without TLS cannot be open twice */
    bool tls = wanted->tls && d->o.certificate;
    bool good = open_at(d, address, tls ? d->o.certificate : NULL, tls ? d->o.key : NULL, problem);
    *(good ? &d->now : &d->refused) = *wanted;
    return good;
}

bool door_open(struct api *api, const struct door_options *options, struct text *problem, struct door **ret)
{
    struct door *d = memory_new(sizeof *d);
    struct server_setting wanted = { .type = SERVER_HTTP, .port = HTTP_PORT };
    const struct hes_options *o = options->hes;
    *d = (struct door){ .api = api, .o = *options };
    *ret = d;
    if (o->listen)
        return open_at(d, o->listen, o->certificate, o->key, problem);
    server_wanted(api->store, SERVER_HTTP, &wanted);
    return open_table(d, &wanted, problem);
}

void door_keep(struct door *d)
{
    char words[200];
    struct text problem = text_over(words, sizeof words);
    struct server_setting wanted;
    if (d->o.hes->listen || d->o.hes->face != FACE_GATEWAY || !server_wanted(d->api->store, SERVER_HTTP, &wanted) || same(&wanted, &d->now) || same(&wanted, &d->refused))
        return;
    if (!open_table(d, &wanted, &problem))
        log_line(LOG_ERROR, "http-port", "port=%d trouble=\"%s\"", wanted.port, words);
}

void door_free(struct door **d)
{
    if (!*d)
        return;
    server_free(&(*d)->api->server);
    free(*d);
    *d = NULL;
}
