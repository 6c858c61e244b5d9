/* Requests of the protocol SMART that come by a broker (docs/mqtt.md): taken from the topics under «<prefix>/<ID>/in», bounded, and
 * answered on a thread of their own, so that a delivery never waits for a meter that is asked. All but that thread is the delivery's. */
#pragma once
#include "base/buffer.h"
#include "upstream/mqtt/source.h"
#include "upstream/service.h"

enum {
    REQUEST_BYTES_MAX = 64 << 10, REQUEST_ANSWER_MAX = 1 << 20,
    REQUESTS_WAITING_MAX = 8,              /* beside the one that is answered */
    REQUEST_BURST = 30, REQUEST_EVERY_MS = 1000 /* of a broker: so many at once, and then one in so long */
};

/* How much a broker may still ask: one for each of them. Zeroed: everything. */
struct request_gate {
    int64_t full_ms; /* when the burst will be whole again; monotonic */
    bool told;       /* that it asks too often, since the last request that was taken */
};

struct request_from {
    int64_t broker, project;
    const char *who;  /* for the logs */
    const char *base; /* «<prefix>/<ID>» */
    bool control, late; /* as struct upstream_request has them */
};

struct request_answer {
    int64_t broker;
    char topic[MQTT_TOPIC_MAX];
    struct buffer body; /* the caller's to free */
};

struct requests;

/* `bell` is rung on that thread when an answer is ready. */
struct requests *requests_new(const struct upstream_answerer *answerer, enum lang lang, void (*bell)(void *context), void *context);

/* Gives up what is being answered. */
void requests_free(struct requests **r);

/* A message. Too long, too often or beyond the queue becomes an answer that says so, at most one until the next that is taken; further
 * ones are dropped. False: refused or dropped. */
bool requests_put(struct requests *r, struct request_gate *gate, const struct request_from *from, const char *topic, struct bytes body, int64_t now_ms);

/* The next answer; false: none. */
bool requests_next(struct requests *r, struct request_answer *ret);
