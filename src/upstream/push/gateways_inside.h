/* Inside the head-end's service of gateways; for the files gateways*.c only. Guests live on the loop of its thread; what others see
 * of them, and the calls of the collector, are under the lock. */
#pragma once
#include "collect/far.h"
#include "link/listener.h"
#include "link/tls.h"
#include "people/throttle.h"
#include "store/debts/contacts.h"
#include "store/registry/registry.h"
#include "store/archive/writer.h"
#include "upstream/push/gateways.h"
#include "upstream/push/channel.h"
#include "upstream/push/link.h"
#include "upstream/push/orders.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    GUESTS_MAX = 4000, STRANGERS_MAX = 200, STRANGERS_OF_ADDRESS = 20, PARCELS_MAX = 16, GATEWAY_METERS_MAX = 20000, CALLS_MAX = 20000,
    GUEST_ADDRESS_MAX = 64,
};

/* A meter of a gateway. */
struct guest_meter {
    int64_t number, meter; /* theirs, ours; 0: refused */
    enum gateway_meter_state state;
    int step;              /* of its profile as it was last seen, seconds; 0: not yet */
    bool seen;             /* in the table that is coming */
    bool dismissed;        /* a person deleted the device here: it comes back when somebody asks for everything */
};

struct parcel;
struct guest_channel;

/* Somebody at the door, and once he has proved himself a gateway. */
struct guest {
    struct gateways *house;
    struct guest *next, **back;
    struct task *task;
    struct pipe *pipe;
    struct push_link *link;
    char address[GUEST_ADDRESS_MAX];
    struct arena arena;
    struct store_gateway row;    /* its texts in the arena */
    bool known;                  /* proved */
    struct guest_meter *meters;  /* by number */
    size_t meter_count, meter_room;
    struct meter_index *index;   /* while a table comes */
    int64_t refused_meters;
    struct parcel *first, **last; /* that are being stored, in order */
    size_t parcels;
    bool waits;                  /* for parcels to be stored */
    int64_t seen_ms;             /* when the row was last written; monotonic */
    struct guest_channel *channels;
    uint32_t channel_number;
};

/* What others see of a gateway. */
struct gateway_seen {
    int64_t gateway;
    int64_t gone_ms; /* monotonic: its connection ended; 0: it had none since the program began */
    struct gateway_view view;
};

struct far_errand;
struct pipe_wish;

struct gateways {
    struct far_hand hand;        /* first: what the collector holds */
    struct upstream_house house;
    struct loop *loop;
    pthread_t thread;
    struct task *keeper;
    bool ending;
    struct writer_thread *writer;
    struct throttle *throttle;
    char identity[33];           /* of this head-end's database */
    /* the door, of the loop */
    struct listener listener;
    struct task *door;
    struct tls_identity *tls;
    bool reopen;
    struct guest *guests;
    size_t guest_count;
    int64_t expected_hour;       /* debts were declared in it */
    struct push_scratch scratch;
    pthread_mutex_t lock;        /* guards what follows */
    struct gateways_door_view view;
    struct gateway_seen *seen;
    size_t seen_count, seen_room;
    struct far_errand *errands;  /* calls of the collector */
    size_t errand_count;
    bool closed;                 /* no calls and no ways any more */
    struct pipe_wish *wishes;    /* ways to interfaces that somebody wants */
    int64_t listens_ms, looked_ms; /* monotonic, of gateways_watch: the door is open since; the last look */
    atomic_int holders;          /* the service, and each way that was given out */
};
void gateways_let_go(struct gateways *g);

/* The view of a gateway, made when there is none. Under the lock. */
struct gateway_view *gateways_seen(struct gateways *g, int64_t gateway);
struct gateway_seen *gateways_seen_of(struct gateways *g, int64_t gateway); /* the same with what is beside it */
struct guest *gateways_guest(struct gateways *g, int64_t gateway); /* on the loop; NULL: not connected */

/* --- gateways_meters.c: the table ---- */

struct guest_meter *guest_meter(struct guest *t, int64_t number);
struct guest_meter *guest_meter_of(struct guest *t, int64_t meter);
void guest_meters_load(struct guest *t);
void guest_meters_take(struct guest *t, const json_t *page); /* a page; on the loop's stack. The answer goes with the last */
void guest_meters_recall(struct guest *t);                   /* those whose devices were deleted here may come back */
void guest_meters_free(struct guest *t);
void gateways_expect(struct gateways *g);                    /* declares what meters behind gateways must have by now */

/* --- gateways_data.c: what they bring ---- */

/* False: it does not keep the rules. */
bool guest_data_take(struct guest *t, struct bytes body);
void guest_data_settle(struct guest *t, size_t left); /* waits until no more than that are being stored */

/* --- gateways_desk.c: what they are ordered ---- */

void desk_ask(struct far_hand *hand, struct far_call *call);
void desk_drop(struct far_hand *hand, struct far_call *call);
void desk_flush(struct guest *t, bool fresh);            /* sends what waits; `fresh`: it has just connected */
void desk_lost(struct guest *t);                         /* it is gone */
void desk_result(struct guest *t, const json_t *result);
void desk_beat(struct gateways *g);
void desk_close(struct gateways *g);

struct far_errand *desk_next(const struct far_errand *e);
int64_t desk_gateway(const struct far_errand *e);

/* --- gateways_pipe.c: ways through them ---- */

struct pipe *gateways_pipe(struct far_hand *hand, int64_t gateway, int interface);
void guest_channel_opened(struct guest *t, const json_t *answer);
void guest_channel_take(struct guest *t, const struct push_frame *f);
void guest_channels_close(struct guest *t);
void gateways_wishes(void *gateways); /* on the loop */
