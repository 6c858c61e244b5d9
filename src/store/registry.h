/* Who the meters are and over which links they answer. Identity is apart from readings: changing or deleting a row here
 * never touches an archive unless it is asked for. */
#pragma once
#include "store/store.h"

struct store_link {
    int64_t id;           /* 0: not stored yet */
    const char *title;    /* for people, UTF-8 */
    const char *uri;      /* "tcp://10.0.0.7:4001", "serial:/dev/ttyS1?speed=9600" */
    const char *settings; /* "key=value;..." */
};

struct store_meter {
    int64_t id;             /* 0: not stored yet; never used again after a deletion */
    const char *serial;
    const char *title;
    const char *driver;
    const char *model;
    int64_t link;           /* 0: none */
    const char *parameters; /* address, password...: "key=value;..." */
    bool enabled;
    const char *group;      /* "Street/House", as people sort them */
    int zone_minutes;       /* the meter's clock east of UTC */
    uint16_t depth_days[ARCHIVE_COUNT]; /* archives wanted, so far back; 0: not wanted */
};

/* Texts may be NULL for "". A row with id 0 is added and *ret_id is its number (ret_id may be NULL); another replaces the
 * row of that number, FAULT_NO_DATA when there is none. On the disk before return. */
enum fault store_link_put(struct store *s, const struct store_link *link, int64_t *ret_id);
enum fault store_meter_put(struct store *s, const struct store_meter *meter, int64_t *ret_id);

/* The row, its texts in `a`; FAULT_NO_DATA when there is none. */
enum fault store_link_get(struct store *s, int64_t id, struct arena *a, struct store_link *ret);
enum fault store_meter_get(struct store *s, int64_t id, struct arena *a, struct store_meter *ret);

/* All of them by id; what the callback gets lives as long as the call. False stops. */
typedef bool store_link_fn(void *context, const struct store_link *link);
typedef bool store_meter_fn(void *context, const struct store_meter *meter);
enum fault store_links(struct store *s, store_link_fn *each, void *context);
enum fault store_meters(struct store *s, store_meter_fn *each, void *context);

/* FAULT_NO_DATA when there is no such row; FAULT_REFUSED for a link that meters use. Readings, events, states, facts and
 * exchanges stay and can still be read by the meter's id, unless `with_readings`. */
enum fault store_link_delete(struct store *s, int64_t id);
enum fault store_meter_delete(struct store *s, int64_t id, bool with_readings);
