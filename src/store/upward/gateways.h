/* Gateways that deliver to this head-end, and which of their meters is which of ours (docs/push.md). Tables only; who talks to
 * them is upstream/push/gateways.h. Rules of puts, revisions and texts as in people.h. */
#pragma once
#include "store/store.h"

struct store_gateway {
    int64_t id, project;
    const char *title, *note;
    const char *key;          /* sealed (store/registry/vault.h): by which it proves itself; "": revoked */
    bool enabled;
    int64_t link;             /* the channel of its meters, "gateway:<id>"; 0: not made yet */
    const char *made_by;      /* login */
    int64_t made_ms;
    int64_t revision;
    /* as it was last seen; not part of a put */
    const char *address, *version, *serial;
    int64_t seen_ms;          /* UTC; 0: never */
    const char *table_mark;   /* of its meter table, as it was taken; "": never */
    int64_t behind;           /* rows of its feed that waited */
    int64_t meters, present;  /* meters it ever had, and has */
};

enum fault store_gateway_put(struct store *s, const struct store_gateway *g, int64_t *ret_id);
enum fault store_gateway_get(struct store *s, int64_t id, struct arena *a, struct store_gateway *ret);
typedef bool store_gateway_fn(void *context, const struct store_gateway *g);
/* Of one project, or all for 0, by id. */
enum fault store_gateways(struct store *s, int64_t project, store_gateway_fn *each, void *context);

/* With its channel and the list of its meters; the meters and their archives stay. FAULT_REFUSED while meters are asked over it. */
enum fault store_gateway_delete(struct store *s, int64_t id);

/* address, version, serial, seen_ms, table_mark and behind of the row. No revision is asked or raised. */
enum fault store_gateway_seen(struct store *s, const struct store_gateway *g);

/* What is to be known of each to tell people that one is away. */
struct store_gateway_contact {
    int64_t id, project;
    const char *title;
    bool awaited;             /* enabled, with a key */
    int64_t seen_ms;
    int64_t away_ms;          /* UTC: people were told; 0: they were not, or that it is back */
};
typedef bool store_gateway_contact_fn(void *context, const struct store_gateway_contact *c);
enum fault store_gateway_contacts(struct store *s, store_gateway_contact_fn *each, void *context);
/* On the disk before return: nobody is told twice. */
enum fault store_gateway_away(struct store *s, int64_t id, int64_t away_ms);

/* A meter of a gateway, by the gateway's own number. */
enum gateway_meter_state { GATEWAY_METER_PRESENT, GATEWAY_METER_GONE, GATEWAY_METER_REFUSED, GATEWAY_METER_STATES };
enum { GATEWAY_METER_DISMISSED = -1 /* a rival that is none: a person deleted the device here */ };
struct store_gateway_meter {
    int64_t gateway, number;
    int64_t meter;             /* of this registry; 0: refused */
    enum gateway_meter_state state;
    const char *serial, *driver, *title;
    int64_t rival;             /* of a refused one: the gateway that has it; GATEWAY_METER_DISMISSED; 0: another reason */
};

/* Adds or replaces; all or none. */
enum fault store_gateway_meters_put(struct store *s, const struct store_gateway_meter *rows, size_t count);

/* Of one gateway by number, or of all for 0. */
typedef bool store_gateway_meter_fn(void *context, const struct store_gateway_meter *m);
enum fault store_gateway_meters(struct store *s, int64_t gateway, store_gateway_meter_fn *each, void *context);
