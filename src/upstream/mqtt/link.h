/* A connection to a broker over libmosquitto (MQTT 3.1.1, OASIS 2014): kept up with growing pauses, TLS, a will, messages sent and
 * acknowledged. It has no thread: its owner polls its socket and calls it. Names of brokers are looked up while the owner waits
 * (some seconds where no name server answers), everything else never blocks.
 *
 * The session is kept by the broker and by this link over reconnections: what was not acknowledged is sent again under the same
 * number, so that with QoS 2 nothing comes twice while the program lives. A link of QoS 0 forgets what it had not yet given to
 * the socket; its owner sends it again. */
#pragma once
#include "base/bytes.h"
#include "upstream/mqtt/trouble.h"

struct mqtt_link;

enum mqtt_state { MQTT_OFF, MQTT_WAITING, MQTT_CONNECTING, MQTT_CONNECTED, MQTT_STATES };

struct mqtt_link_options {
    const char *address;
    int port, qos;
    const char *client;      /* our name at the broker */
    const char *status_topic; /* retained "online" while we are there, "offline" by the broker when we are gone; "": none */
    const char *security;    /* "none", "tls1.1", "tls1.2", "tls1.3" */
    const char *login, *password; /* "": none */
    bool verify;
    const char *authority, *certificate, *key; /* PEM; "": none */
    void (*sent)(void *context, int number); /* acknowledged as the QoS wants it */
    void (*lost)(void *context);             /* the connection: of QoS 0, what was not sent is forgotten */
    const char *request_topic;               /* subscribed with all below it at each connection; "": not subscribed */
    bool listens;                            /* false: a subscription of former times is given up */
    /* A message under it. Retained ones are not told: they would come again at each connection. `late`: it may have waited at the broker
     * for us to come back. */
    void (*asked)(void *context, const char *topic, struct bytes body, bool late);
    void *context;
};

/* Texts are copied. NULL, the reason in `trouble`, when certificates or keys cannot be read. */
struct mqtt_link *mqtt_link_new(const struct mqtt_link_options *o, struct mqtt_trouble *trouble);

/* Says farewell when connected. */
void mqtt_link_free(struct mqtt_link **link);

/* The callbacks' context from now on; NULL link: nothing. */
void mqtt_link_move(struct mqtt_link *link, void *context);

/* Connects when it is time, notices silence, keeps the connection alive. Call it every second or oftener. */
void mqtt_link_beat(struct mqtt_link *link, int64_t now_ms);

/* The next try is now. */
void mqtt_link_hurry(struct mqtt_link *link);

/* What to wait for: -1 when there is no socket. mqtt_link_serve does what is to do. */
int mqtt_link_socket(const struct mqtt_link *link, short *ret_events);
void mqtt_link_serve(struct mqtt_link *link, short events, int64_t now_ms);

/* Hands a message over; its number comes back through `sent`. False: not now. */
bool mqtt_link_publish(struct mqtt_link *link, const char *topic, struct bytes body, bool retain, int *ret_number);

enum mqtt_state mqtt_link_state(const struct mqtt_link *link);
/* Why the last try failed or the last connection ended; MQTT_FINE when the present one stands. */
const struct mqtt_trouble *mqtt_link_trouble(const struct mqtt_link *link);
