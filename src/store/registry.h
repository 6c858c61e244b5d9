/* Who the meters are and over which links they answer. Identity is apart from readings: changing or deleting a row here
 * never touches an archive unless it is asked for.
 *
 * Rows belong to a project (people.h) and carry the revision of their last change, numbers of one counter of the whole
 * registry: whoever changes a row says which revision he saw, and a copy is brought up to date by what is newer. */
#pragma once
#include "store/store.h"

struct store_link {
    int64_t id;           /* 0: not stored yet */
    const char *title;    /* for people, UTF-8 */
    const char *uri;      /* "tcp://10.0.0.7:4001", "serial:/dev/ttyS1?speed=9600" */
    const char *settings; /* "key=value;..." */
    int64_t project;      /* 0: 1, where a database begins */
    int64_t revision;     /* of a put: the one that was seen, 0 for whichever */
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
    int64_t project, revision; /* as of a link */
    int64_t added_ms;          /* UTC; set by the first put */
};

/* Meters sorted by people into groups; one of a project is the group of new meters. A meter names its group by title. */
struct store_group {
    int64_t id;
    const char *title, *note;
    bool preset;
    int64_t project, revision;
};

/* Texts may be NULL for "". A row with id 0 is added and *ret_id is its number (ret_id may be NULL); another replaces the
 * row of that number, FAULT_NO_DATA when there is none, FAULT_CHANGED when it has another revision than was seen. A meter's
 * group is made when there is none of that title. On the disk before return. */
enum fault store_link_put(struct store *s, const struct store_link *link, int64_t *ret_id);
enum fault store_meter_put(struct store *s, const struct store_meter *meter, int64_t *ret_id);

/* Several meters in one transaction, all or none; new ones get their id written into the row. */
enum fault store_meters_put(struct store *s, struct store_meter *meters, size_t count);

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

/* Those changed after `revision`, in order of id; *ret_revision is the present one. *ret_deleted counts the deletions ever:
 * when it moved, a copy must be made anew. */
enum fault store_meters_since(struct store *s, int64_t revision, store_meter_fn *each, void *context, int64_t *ret_revision,
                              int64_t *ret_deleted);

/* The two numbers alone. */
enum fault store_registry_mark(struct store *s, int64_t *ret_revision, int64_t *ret_deleted);

/* A group is added (id 0) or replaced; a new title goes to its meters, too, and `preset` is taken from the project's other
 * groups. FAULT_REFUSED for a title that the project has already; otherwise as store_link_put. */
enum fault store_group_put(struct store *s, const struct store_group *group, int64_t *ret_id);
enum fault store_group_get(struct store *s, int64_t id, struct arena *a, struct store_group *ret);

/* FAULT_REFUSED while meters are in it. */
enum fault store_group_delete(struct store *s, int64_t id);
typedef bool store_group_fn(void *context, const struct store_group *group, int64_t meters);
enum fault store_groups(struct store *s, int64_t project, store_group_fn *each, void *context);

/* The newest value of one state for every meter of the registry that has it. */
typedef bool store_meter_state_fn(void *context, int64_t meter, const struct state *state);
enum fault store_state_of_all(struct store *s, struct obis obis, store_meter_state_fn *each, void *context);

/* What every meter says of itself, of one kind: older values before newer ones, so that the last one told of a meter holds. */
typedef bool store_meter_fact_fn(void *context, int64_t meter, const char *utf8);
enum fault store_fact_of_all(struct store *s, enum fact_kind kind, store_meter_fact_fn *each, void *context);
