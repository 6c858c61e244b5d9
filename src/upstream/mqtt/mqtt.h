/* Delivery over MQTT (manual S0 4.6.1): every broker that is set, every publication to it, on one thread.
 *
 * A publication is a reader of the store's feed: it advances, in order, over what was stored, when the broker has acknowledged
 * the message (QoS 0: when the socket took it), and its place is written down for many messages at once. So a broker that is
 * away costs delay only; a crash costs that the last messages come twice; an orderly end costs nothing. */
#pragma once
#include "store/registry/vault.h"
#include "upstream/mqtt/link.h"
#include "upstream/service.h"

struct mqtt;

/* As a service it is service_mqtt; a test may start one by itself. The store, the vault and who answers requests (NULL: nobody)
 * must outlive it. */
extern const struct upstream_service service_mqtt;
struct mqtt *mqtt_new(struct store *s, const struct vault *v, const struct upstream_answerer *answerer, enum lang lang);

/* Waits a little for acknowledgements that are under way, writes the places down, says farewell. */
void mqtt_free(struct mqtt **m);

/* Settings changed: read again at once. Any thread, as all that follows. */
void mqtt_changed(struct mqtt *m);

/* «Отправить сейчас»: what the template's depths hold, once more. On the disk before return; FAULT_NO_DATA: no such publication,
 * or it is switched off. */
enum fault mqtt_order(struct mqtt *m, int64_t publication);

/* A word of the box itself, past the publications: to every broker that is on and has not taken it yet, under «<prefix>/<device>/<name>»,
 * not retained. To be called again with the same struct until `count` is `wanted`; those that wait for their next try are tried now. */
enum { MQTT_SAYING_BROKERS = 16 };
struct mqtt_saying {
    const char *name;
    struct bytes body;
    int64_t took[MQTT_SAYING_BROKERS]; /* brokers it was handed to */
    size_t count, wanted;
};
void mqtt_say(struct mqtt *m, struct mqtt_saying *saying);

/* A broker that waits for its next try is tried now. */
void mqtt_hurry(struct mqtt *m, int64_t broker);

struct mqtt_broker_figures {
    int64_t id;
    enum mqtt_state state;
    int64_t since_ms;        /* UTC, of the state */
    int64_t sent, bytes;     /* messages acknowledged, since the program began */
    int64_t sent_ms;         /* the last of them; 0: none */
    int64_t asked, refused;  /* requests by it that were taken, and that were too many or too long */
    struct mqtt_trouble trouble;
};

struct mqtt_publication_figures {
    int64_t id;
    int64_t waiting;         /* rows of the feed that it has not gone over */
    int64_t under_way;       /* messages that wait for their acknowledgement */
    int64_t sent, sent_ms;
    int64_t lost;            /* rows that the feed dropped before it read them */
    bool ordered;            /* an order waits or is in work */
    enum fault trouble;      /* why nothing can be made of its template now */
};

/* False for a broker or publication that it does not know (yet). */
bool mqtt_broker_figures(struct mqtt *m, int64_t id, struct mqtt_broker_figures *ret);
bool mqtt_publication_figures(struct mqtt *m, int64_t id, struct mqtt_publication_figures *ret);
