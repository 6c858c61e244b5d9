/* Inside delivery over MQTT: brokers and publications as they run. All on the delivery's thread. */
#pragma once
#include "upstream/mqtt/mqtt.h"
#include "upstream/mqtt/requests.h"
#include "upstream/mqtt/source.h"

enum { POST_WINDOW = 16 /* messages under way to a broker */ };

/* A message that was handed over. */
struct post_flight {
    int number;      /* the link's */
    bool arrived;
    size_t size;
    struct mqtt_place after;
};

struct post_publication {
    struct store_publication set;
    struct store_mqtt_template template;
    char topic[MQTT_TOPIC_MAX];   /* base */
    char reader[PUBLICATION_READER_MAX];
    struct mqtt_place kept;       /* behind the last message that arrived, all before it having arrived */
    struct mqtt_place ahead;      /* behind the last message that was handed over */
    struct post_flight flight[POST_WINDOW];
    size_t flying;
    bool look;                    /* there may be something to send */
    bool unsaved, urgent;         /* the kept place is not on the disk; an order was given or is done: that should be, soon */
    int64_t saved;                /* position that is */
    struct mqtt_publication_figures figures;
};

struct post_broker {
    struct post *post;
    struct store_broker set;
    struct mqtt_link *link;       /* NULL: switched off or not to be opened, figures say why */
    struct post_publication *publications;
    size_t count;
    char base[MQTT_TOPIC_MAX];    /* «<prefix>/<ID>»: requests come under it */
    struct request_gate gate;
    struct mqtt_broker_figures figures;
};

/* Brokers with their publications. Texts are in the arena of the reading. */
struct post {
    struct store *store;
    const struct vault *vault;
    enum lang lang;
    struct mqtt_source *source;
    struct requests *requests;    /* that come by brokers; NULL: nobody answers them. The owner's */
    struct arena arena;
    struct post_broker *brokers;
    size_t count;
    int64_t saved_ms;             /* monotonic */
    bool broken;                  /* the store gave no answer: told once */
};

/* Reads the settings; links and places of what did not change go on. */
void post_read(struct post *p);
void post_free(struct post *p);

/* Time goes on: links live; with `look` publications see what there is to send. */
void post_beat(struct post *p, int64_t now_ms, bool look);

/* Hands over answers to requests that are ready. One whose broker has gone meanwhile is dropped: whoever asked asks again. */
void post_answer(struct post *p);

/* Hands over what there is to send and the window takes. */
void post_fill(struct post *p);

/* The publication; NULL when there is none. */
struct post_publication *post_find(struct post *p, int64_t publication);

/* An order for it. */
void post_order(struct post_publication *one, int64_t now_ms);

/* Places that moved, written down in one transaction: now, or when it is worth it. A page of flash is written each time, so that is
 * once in some thousands of rows or some minutes: as much comes twice after a crash, with any QoS. */
enum fault post_save(struct post *p, int64_t now_ms, bool now);

/* How many messages are under way to brokers that are there. */
size_t post_flying(const struct post *p);
