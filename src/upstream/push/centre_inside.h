/* Inside the push of the gateway; for the files centre*.c only. Everything of a connection lives on the loop of its thread. */
#pragma once
#include "upstream/push/centre.h"
#include "upstream/push/centre_orders.h"
#include "upstream/push/centre_source.h"
#include "upstream/push/centre_table.h"
#include "upstream/push/link.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CENTRE_FLYING_MAX = 16, CENTRE_WINDOW = 96 << 10 };

/* A parcel that is not acknowledged yet. */
struct flying {
    uint64_t number;
    size_t size;
    struct centre_place after;
};

struct centre {
    struct upstream_house house;
    struct loop *loop;
    pthread_t thread;
    struct task *main;
    bool main_over;
    atomic_bool ending, changed, hurry, again;
    pthread_mutex_t lock;     /* guards the view */
    struct centre_view view;
    /* of the loop */
    struct arena arena;       /* of the settings */
    struct centre_settings settings;
    struct tls_trust *trust;
    struct centre_source *source;
    struct centre_table *table;
    struct centre_orders *orders;
    struct centre_place kept, saved;   /* acknowledged; as the feed has it */
    bool joined, put_out;     /* put_out: the head-end ended the connection and said why */
    int64_t lost, saved_ms, behind_since_ms;
    int64_t sent, received;   /* bytes of former connections */
    /* of the connection */
    struct push_link *link;
    struct task *feeder;
    bool feeder_over;
    struct centre_place place;         /* behind what was sent */
    struct flying flying[CENTRE_FLYING_MAX];
    size_t flying_count, flying_bytes;
    uint64_t number;
    bool table_flies;
    int64_t table_ms, mark_ms, table_revision, table_deleted, contacts_ms;
    unsigned long stirs;
    int64_t looked_ms;
    bool fed_all;                      /* nothing waited when it was looked last */
    struct contact_sent *contacts;
    size_t contact_count, contact_room;
    struct centre_channel *channels;   /* of transit */
    uint8_t parcel[PUSH_BODY_MAX];
};

/* --- centre_feed.c: what goes up ---- */

/* The reader of the feed, with its place. */
void centre_join(struct centre *c);
void centre_save(struct centre *c, bool now);

/* The task that fills the connection, until it is over. */
void centre_feed(void *argument);

/* What came down. */
void centre_acknowledged(struct centre *c, uint64_t number);
void centre_table_answered(struct centre *c, const json_t *answer);

/* --- centre_transit.c: channels of transit ---- */

void centre_transit_open(struct centre *c, const json_t *wish);
void centre_transit_take(struct centre *c, const struct push_frame *frame);
void centre_transit_close_all(struct centre *c);
