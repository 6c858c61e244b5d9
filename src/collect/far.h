/* Meters behind gateways. The collector does not talk to them itself: it hands what is wanted of a meter to whoever holds the
 * gateways' connections, and gets back what came of it there. Readings come by the gateway's push, before the result. */
#pragma once
#include "collect/work.h"
#include "link/pipe.h"
#include "store/work/tasks.h"

enum { FAR_REQUEST_TEXT = 33, FAR_DETAIL_MAX = 160 };

/* One order, in memory of who asks; he keeps it until `done`. */
struct far_call {
    int64_t gateway, meter;          /* the meter's number in this registry */
    const struct work *work;
    bool command;                    /* it switches or sets something: not to be delivered late */
    const char *title, *reason, *login;
    char request[FAR_REQUEST_TEXT];  /* served once, however often it is sent */
    /* Called once, on any thread: be short. What follows is written before. */
    void (*done)(struct far_call *call);
    enum fault fault;                /* FAULT_NONE: the gateway has told the result */
    char detail[FAR_DETAIL_MAX];     /* of a fault: "!..." of story.h */
    enum run_result result;
    int64_t readings, events, tries;
    char *notes, *story;             /* on the heap, the asker's; may be NULL */
};

struct far_hand {
    void (*ask)(struct far_hand *hand, struct far_call *call);
    /* The asker does not want it any more: `done` comes soon. */
    void (*drop)(struct far_hand *hand, struct far_call *call);
    /* The way to an interface of a gateway, closed; to be used on any loop. */
    struct pipe *(*pipe)(struct far_hand *hand, int64_t gateway, int interface);
};
