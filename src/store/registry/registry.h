/* Who the meters are and over which links they answer. Identity is apart from readings: changing or deleting a row here
 * never touches an archive unless it is asked for.
 *
 * A meter has communication lines (S3 2.2.6), part of its row: over which link, with which protocol profile, in which order.
 * What a driver is told is the profile's parameters with the line's own over them.
 *
 * Rows belong to a project (people.h) and carry the revision of their last change, numbers of one counter of the whole
 * registry: whoever changes a row says which revision he saw, and a copy is brought up to date by what is newer. */
#pragma once
#include "base/sorted.h"
#include "store/store.h"

struct store_link {
    int64_t id;           /* 0: not stored yet */
    const char *title;    /* for people, UTF-8 */
    const char *uri;      /* "tcp://10.0.0.7:4001", "serial:/dev/ttyS1?speed=9600" */
    const char *settings; /* "key=value;...": link/address.h */
    int64_t project;      /* 0: 1, where a database begins */
    int64_t revision;     /* of a put: the one that was seen, 0 for whichever */
    const char *guid;     /* by which another system knows it; "": none */
};

/* A protocol profile: a driver with parameters that many meters share. */
struct store_protocol {
    int64_t id;
    const char *title;
    const char *driver;
    const char *parameters; /* "key=value;..." of the driver's table */
    int64_t project, revision; /* as of a link */
    const char *guid;
};

enum { STORE_LINES_MAX = 8 };

/* A communication line of a meter. */
struct store_line {
    int place;              /* names it within its meter, from 1; 0 in a put: a free one is given */
    int64_t link;           /* 0: none yet */
    int64_t protocol;       /* 0: the driver's presets */
    int priority;           /* the smaller goes first */
    bool enabled;
    int retries;            /* how often a session that could not be opened is tried again, before the next line's turn */
    const char *parameters; /* the meter's own, over the profile's: address, password... */
    const char *guid;
};

/* What people say of a meter (S3 3.2), and where its row came from (S3 2.2.5). */
enum meter_status { METER_IN_USE, METER_IN_STOCK, METER_IN_REPAIR, METER_RETIRED, METER_STATUSES };
enum meter_source { METER_BY_HAND, METER_IMPORTED, METER_CAME_ITSELF, METER_SOURCES };

struct store_meter {
    int64_t id;             /* 0: not stored yet; never used again after a deletion */
    const char *serial;
    const char *title;
    const char *driver;
    const char *model;
    const char *note;
    const struct store_line *lines; /* by priority */
    int line_count;         /* at most STORE_LINES_MAX */
    bool enabled;
    enum meter_status status;
    enum meter_source source;
    const char *group;      /* "Street/House", as people sort them */
    int zone_minutes;       /* the meter's clock east of UTC */
    uint16_t depth_days[ARCHIVE_COUNT]; /* archives wanted, so far back; 0: not wanted */
    int64_t project, revision; /* as of a link */
    int64_t added_ms;          /* UTC; of the first put: 0 is now */
    const char *guid;
    int64_t parent;            /* the meter over whose link it answers (a hub, a concentrator); 0: none. One of the project */
    int64_t chosen;            /* of a put with id 0: the number it is to have; 0: the next. FAULT_REFUSED when it was given before */
};

/* Numbers of meters, ascending, each once. `ids` NULL: not chosen, so it is everybody. */
struct meter_set {
    const int64_t *ids;
    size_t count;
};

static inline bool meter_set_has(const struct meter_set *set, int64_t meter)
{
    return !set->ids || sorted_has(set->ids, set->count, meter);
}

/* Meters sorted by people into groups; one of a project is the group of new meters. A meter names its own group by title (S3: one
 * of each); on a gateway it stands in others beside that (S0 4.3.2.1: a group is any choice of meters). */
struct store_group {
    int64_t id;
    const char *title, *note;
    bool preset;
    int64_t project, revision;
    const char *guid;
    const struct meter_set *members; /* of a put: who is in it from now on; NULL: as it is. Those whose own group it was and who are
                                      * not named have none then; those whose own it is not stand in it beside theirs */
};

/* Texts may be NULL for "". A row with id 0 is added and *ret_id is its number (ret_id may be NULL); another replaces the
 * row of that number, FAULT_NO_DATA when there is none, FAULT_CHANGED when it has another revision than was seen. A meter's
 * group is made when there is none of that title. On the disk before return. */
enum fault store_link_put(struct store *s, const struct store_link *link, int64_t *ret_id);
enum fault store_meter_put(struct store *s, const struct store_meter *meter, int64_t *ret_id);

/* Protocol profiles, as links; another driver than the meters have whose lines name it is FAULT_REFUSED. */
enum fault store_protocol_put(struct store *s, const struct store_protocol *p, int64_t *ret_id);

/* Several rows in one transaction, all or none; new ones get their id written into the row. Links and profiles go first, then
 * `settle` may write their ids into lines of the meters. */
struct store_change {
    struct store_link *links;
    struct store_protocol *protocols;
    struct store_group *groups; /* added where the project has none of that title */
    struct store_meter *meters;
    size_t link_count, protocol_count, group_count, meter_count;
    void (*settle)(void *context);
    void *context;
};
enum fault store_registry_put(struct store *s, struct store_change *change);
enum fault store_links_put(struct store *s, struct store_link *links, size_t count);
enum fault store_protocols_put(struct store *s, struct store_protocol *protocols, size_t count);
enum fault store_meters_put(struct store *s, struct store_meter *meters, size_t count);

/* The row, its texts in `a`; FAULT_NO_DATA when there is none. */
enum fault store_link_get(struct store *s, int64_t id, struct arena *a, struct store_link *ret);
enum fault store_meter_get(struct store *s, int64_t id, struct arena *a, struct store_meter *ret);

/* All of them by id; what the callback gets lives as long as the call. False stops. */
typedef bool store_link_fn(void *context, const struct store_link *link);
typedef bool store_meter_fn(void *context, const struct store_meter *meter);
enum fault store_links(struct store *s, store_link_fn *each, void *context);
enum fault store_meters(struct store *s, store_meter_fn *each, void *context);

/* Those of a project, by id. */
enum fault store_links_of(struct store *s, int64_t project, store_link_fn *each, void *context);

/* A page of links or profiles: which rows, in order, and how many there are in all. `search` (folded by text_fold) is looked for in
 * title and detail, which is a link's uri and a profile's driver; `detail` is what the detail begins with; "" for either: all. */
enum registry_list { LIST_LINKS, LIST_PROTOCOLS };
enum registry_sort { SORT_ID, SORT_TITLE, SORT_DETAIL };
struct registry_page {
    int64_t project;
    const char *search, *detail;
    enum registry_sort sort;
    bool descending;
    size_t skip, take;
};
/* `ret_ids` has room for `take`. */
enum fault store_registry_page(struct store *s, enum registry_list list, const struct registry_page *page, int64_t *ret_ids, size_t *ret_count,
                               int64_t *ret_total);

/* FAULT_NO_DATA when there is no such row; FAULT_REFUSED for a link that meters use. Readings, events, states, facts and
 * exchanges stay and can still be read by the meter's id, unless `with_readings`. */
enum fault store_link_delete(struct store *s, int64_t id);
enum fault store_meter_delete(struct store *s, int64_t id, bool with_readings);

/* Several at once, all or none: those that there are in the project (0: whichever). Returns how many went. */
enum fault store_meters_delete(struct store *s, int64_t project, const int64_t *ids, size_t count, bool with_readings, size_t *ret_gone);

/* Protocol profiles, as links; a deletion while lines name it is FAULT_REFUSED. */
enum fault store_protocol_get(struct store *s, int64_t id, struct arena *a, struct store_protocol *ret);
typedef bool store_protocol_fn(void *context, const struct store_protocol *p);
enum fault store_protocols(struct store *s, store_protocol_fn *each, void *context);
enum fault store_protocols_of(struct store *s, int64_t project, store_protocol_fn *each, void *context);
enum fault store_protocol_delete(struct store *s, int64_t id);

/* What the driver is told on this line: the profile's parameters (NULL or "" for none), then the line's own over them. */
const char *line_parameters(const char *profile, const char *own, struct arena *a);

/* How many meters use the link or the profile. */
enum fault store_link_uses(struct store *s, int64_t id, int64_t *ret_meters);
enum fault store_protocol_uses(struct store *s, int64_t id, int64_t *ret_meters);

/* Those changed after `revision`, in order of id; *ret_revision is the present one. *ret_deleted counts the deletions ever:
 * when it moved, a copy must be made anew. */
enum fault store_meters_since(struct store *s, int64_t revision, store_meter_fn *each, void *context, int64_t *ret_revision,
                              int64_t *ret_deleted);

/* The highest number that a meter ever had: those above are free to choose. */
enum fault store_meter_last(struct store *s, int64_t *ret_id);

/* The two numbers alone. */
enum fault store_registry_mark(struct store *s, int64_t *ret_revision, int64_t *ret_deleted);

/* A group is added (id 0) or replaced; a new title goes to its meters, too, and `preset` is taken from the project's other
 * groups. FAULT_REFUSED for a title that the project has already; otherwise as store_link_put. */
enum fault store_group_put(struct store *s, const struct store_group *group, int64_t *ret_id);
enum fault store_group_get(struct store *s, int64_t id, struct arena *a, struct store_group *ret);

/* FAULT_REFUSED while a task or an MQTT template names it, or meters are in it, unless those leave it first (`empty_it`). */
enum fault store_group_delete(struct store *s, int64_t id, bool empty_it);

/* Groups of a project by title, with how many are in each. */
typedef bool store_group_fn(void *context, const struct store_group *group, int64_t meters);
enum fault store_groups(struct store *s, int64_t project, store_group_fn *each, void *context);

/* Who is in the group, whichever way he stands in it: the one answer for tasks (store_task_meters asks the same view), events,
 * deliveries and lists. In `a`. FAULT_NO_DATA when there is no such group. */
enum fault store_group_meters(struct store *s, int64_t id, struct arena *a, struct meter_set *ret);

/* The same by the group's title, nobody when there is none; of "" those without a group of their own. */
enum fault store_group_meters_titled(struct store *s, int64_t project, const char *title, struct arena *a, struct meter_set *ret);

/* The newest value of one state for every meter of the registry that has it. */
typedef bool store_meter_state_fn(void *context, int64_t meter, const struct state *state);
enum fault store_state_of_all(struct store *s, struct obis obis, store_meter_state_fn *each, void *context);

/* What every meter says of itself, of one kind: older values before newer ones, so that the last one told of a meter holds. */
typedef bool store_meter_fact_fn(void *context, int64_t meter, const char *utf8);
enum fault store_fact_of_all(struct store *s, enum fact_kind kind, store_meter_fact_fn *each, void *context);
