/* What a publication sends next: taken from the archives, along the feed (store/upward/feed.h) or as an order wants it.
 *
 * A place says where a publication stands. mqtt_source_next makes the message behind a place and the place after it; the place
 * that is kept is the one behind the last message that was acknowledged. */
#pragma once
#include "store/upward/mqtt.h"
#include "upstream/mqtt/kinds.h"

enum { MQTT_NOTE_MAX = 128, MQTT_TOPIC_MAX = 512 };

/* Where a publication stands. */
struct mqtt_place {
    int64_t position;     /* of the feed */
    int want;             /* wants before this one were taken of the row behind the position */
    /* An order in work, or one that waits for its broker: everything within the template's depths, counted back from `order_ms`. */
    int64_t order_ms;     /* UTC; 0: none */
    int64_t order_meter;  /* meters before this one are done; 0: it has not begun */
    int order_want;
    int64_t order_wall;   /* of this want, moments before this one are done; WALL_NONE: none */
};

/* As the feed keeps it, and back; what is no note is an empty place. */
void mqtt_place_write(const struct mqtt_place *place, char note[MQTT_NOTE_MAX]);
struct mqtt_place mqtt_place_read(int64_t position, const char *note);

/* A further order: one that waits reaches back as far as it did, one in work begins anew. */
void mqtt_place_order(struct mqtt_place *place, int64_t now_ms);

struct mqtt_message {
    char topic[MQTT_TOPIC_MAX];
    void *body;           /* to be freed */
    size_t size;
    bool retain;
    struct mqtt_place after;
};

struct mqtt_source;

/* Meters and groups as the registry has them; read again by itself when they change. One thread. */
struct mqtt_source *mqtt_source_new(struct store *s);
void mqtt_source_free(struct mqtt_source **src);

/* The next message of the publication. FAULT_NO_DATA: nothing to send now; ret->after may have moved all the same (over rows
 * that are not for this publication). FAULT_SETTING: its template says nothing that can be read. */
enum fault mqtt_source_next(struct mqtt_source *src, const struct store_publication *p, const struct store_mqtt_template *t, const char *base_topic,
                            const struct mqtt_place *place, struct mqtt_message *ret);

/* "<prefix>/<device>" and the postfix behind it; parts that are empty are left out. */
void mqtt_topic(const char *prefix, const char *device, const char *postfix, char topic[MQTT_TOPIC_MAX]);
