/* The RTU-327 service; see service.h. */
#include "upstream/rtu327/service.h"
#include "base/log.h"
#include "upstream/servers.h"

#include <pthread.h>
#include <stdlib.h>

struct service {
    struct upstream_house house;
    pthread_mutex_t lock; /* guards what follows */
    struct plan {
        bool wanted, tls, unread;
        int port;
        struct rtu327_settings settings;
    } plan;
    struct rtu327_server *server; /* NULL: rests */
    struct tls_identity *identity; /* of the server; NULL: without TLS */
    char trouble[RTU327_TROUBLE_MAX];
};

/* With a row in the table of servers it listens, else it rests. */
static struct plan read_plan(const struct service *s)
{
    struct plan p = { 0 };
    struct server_setting row;
    p.wanted = server_wanted(s->house.store, SERVER_RTU327, &row);
    if (!p.wanted)
        return p;
    p.tls = row.tls;
    p.port = row.port;
    p.unread = rtu327_settings_get(s->house.store, s->house.vault, &p.settings) != FAULT_NONE;
    return p;
}

static bool same_plan(const struct plan *a, const struct plan *b)
{
    return a->wanted == b->wanted && a->tls == b->tls && a->unread == b->unread && a->port == b->port
           && a->settings.revision == b->settings.revision && a->settings.project == b->settings.project;
}

/* The certificate that the program was started with. */
static bool take_identity(struct service *s, struct text *why)
{
    static const struct phrase none = { { "нет сертификата: программа запущена без --tls-cert", "no certificate: the program was started without --tls-cert" } };
    if (s->house.certificate && s->house.key)
        s->identity = tls_identity_new(s->house.certificate, s->house.key, why);
    else
        text_put(why, phrase_in(&none, s->house.lang));
    return s->identity != NULL;
}

static void open_server(struct service *s)
{
    static const struct phrase unread = { { "настройки не читаются", "the settings cannot be read" } };
    struct text why = text_over(s->trouble, sizeof s->trouble);
    if (!s->plan.wanted)
        return;
    if (s->plan.unread)
        text_put(&why, phrase_in(&unread, s->house.lang));
    else if (!s->plan.tls || take_identity(s, &why))
        s->server = rtu327_server_new(s->house.store, &(struct rtu327_server_options){
            .address = "", .port = (uint16_t)s->plan.port, .settings = &s->plan.settings, .identity = s->identity }, &why);
    if (s->server)
        log_line(LOG_INFO, "rtu327-listens", "port=%u tls=%d", rtu327_server_port(s->server), s->plan.tls);
    else
        log_line(LOG_ERROR, "rtu327-cannot-listen", "reason=\"%s\"", s->trouble);
}

static void close_server(struct service *s)
{
    rtu327_server_free(&s->server);
    tls_identity_free(&s->identity);
}

static void *start(const struct upstream_house *house)
{
    struct service *s = memory_new(sizeof *s);
    s->house = *house;
    pthread_mutex_init(&s->lock, NULL);
    s->plan = read_plan(s);
    open_server(s);
    return s;
}

static void stop(void *state)
{
    struct service *s = state;
    close_server(s);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Whoever is connected stays when nothing of this server has changed but its table of meters. */
static void changed(void *state)
{
    struct service *s = state;
    pthread_mutex_lock(&s->lock);
    struct plan plan = read_plan(s);
    if (s->server && same_plan(&plan, &s->plan)) {
        rtu327_server_meters_changed(s->server);
    } else {
        close_server(s);
        s->plan = plan;
        open_server(s);
    }
    pthread_mutex_unlock(&s->lock);
}

struct rtu327_status rtu327_service_status(void *state)
{
    struct service *s = state;
    struct rtu327_status status = { 0 };
    pthread_mutex_lock(&s->lock);
    memcpy(status.trouble, s->trouble, sizeof status.trouble);
    if (s->server) {
        status.listening = true;
        status.port = rtu327_server_port(s->server);
        status.figures = rtu327_server_figures(s->server);
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

UPSTREAM_SERVICE(rtu327) = {
    .name = "rtu327",
    .title = { { "Сервер RTU-327", "RTU-327 server" } },
    .faces = FACE_GATEWAY,
    .start = start,
    .stop = stop,
    .changed = changed,
};
