/* MQTT as it was set (manual S0 4.6.1): brokers, templates of what is sent, publications. Tables only; who sends is
 * upstream/mqtt/mqtt.h. Rules of puts, revisions and texts as in people.h. */
#pragma once
#include "store/store.h"

struct store_broker {
    int64_t id, project;
    const char *device;       /* by which the broker knows this gateway; part of its topics */
    const char *address;
    int port, qos;            /* qos 0..2 */
    const char *prefix;       /* of topics; "" for none */
    const char *security;     /* "none", "tls1.1", "tls1.2", "tls1.3": the oldest that is accepted */
    const char *login;        /* "": none */
    const char *password;     /* sealed (store/registry/vault.h); "": none */
    bool verify;              /* the broker's certificate */
    const char *authority;    /* PEM of whom it must be signed by; "": those this machine trusts */
    const char *certificate;  /* PEM of the gateway's own; "": none */
    const char *key;          /* of that certificate, PEM, sealed; "": none */
    bool enabled;
    const char *requests;     /* of the protocol SMART that come by it: "none", "read", "control" (relays, too) */
    int64_t revision;
};

typedef bool store_broker_fn(void *context, const struct store_broker *b);
enum fault store_broker_put(struct store *s, const struct store_broker *b, int64_t *ret_id);
enum fault store_broker_get(struct store *s, int64_t id, struct arena *a, struct store_broker *ret);
/* Of one project, or all for 0, by id. */
enum fault store_brokers(struct store *s, int64_t project, store_broker_fn *each, void *context);
/* FAULT_REFUSED while publications name it. */
enum fault store_broker_delete(struct store *s, int64_t id);

struct store_mqtt_template {
    int64_t id, project;
    const char *title;
    int64_t group;        /* of the registry; 0: all meters of the project */
    const char *format;   /* "json", "json-zip" */
    const char *kinds;    /* as upstream/mqtt/kinds.h writes them: "aDay full;mEng last" */
    int64_t revision;
};

typedef bool store_mqtt_template_fn(void *context, const struct store_mqtt_template *t);
enum fault store_mqtt_template_put(struct store *s, const struct store_mqtt_template *t, int64_t *ret_id);
enum fault store_mqtt_template_get(struct store *s, int64_t id, struct arena *a, struct store_mqtt_template *ret);
enum fault store_mqtt_templates(struct store *s, int64_t project, store_mqtt_template_fn *each, void *context);
/* FAULT_REFUSED while publications name it. */
enum fault store_mqtt_template_delete(struct store *s, int64_t id);

struct store_publication {
    int64_t id, project, broker, template;
    const char *postfix;  /* of the topic; "" for none */
    const char *cause;    /* "arrival": as data are stored; "order": when it is ordered */
    const char *layout;   /* "together": one topic; "tree": a topic for each meter and kind */
    bool enabled;
    int64_t revision;
};

enum { PUBLICATION_READER_MAX = 32 };

/* The publication's name as a reader of the feed (feed.h): it joins when it is added and leaves when it is deleted, in the same
 * transaction. Returns `name`. */
char *publication_reader(int64_t id, char name[PUBLICATION_READER_MAX]);

typedef bool store_publication_fn(void *context, const struct store_publication *p);
enum fault store_publication_put(struct store *s, const struct store_publication *p, int64_t *ret_id);
enum fault store_publication_get(struct store *s, int64_t id, struct arena *a, struct store_publication *ret);
enum fault store_publications(struct store *s, int64_t project, store_publication_fn *each, void *context);
enum fault store_publication_delete(struct store *s, int64_t id);
