/* The fleet in memory, for lists: filtered, sorted by any column and cut into pages without asking the database. Brought up
 * to date by the registry's revisions (store/registry/registry.h), whoever changed them: this process, an import, another one. */
#pragma once
#include "store/registry/registry.h"

struct roster;

enum contact { CONTACT_NEVER = -1, CONTACT_GOOD = 0 /* else enum fault of the last session */ };

/* What a communication line of a device goes over. */
struct roster_line {
    int64_t link, protocol;
};

/* A device. Texts live as long as the look at it. */
struct roster_row {
    int64_t id, project, revision, added_ms;
    const struct roster_line *lines; /* by priority; the row's memory begins here */
    const char *serial, *title, *driver, *model, *group, *note;
    uint8_t line_count;
    bool enabled;
    int16_t zone_minutes;   /* the device's clock east of UTC */
    enum meter_status status;
    enum meter_source source;
    int contact;            /* enum fault, CONTACT_NEVER */
    int64_t contact_since;  /* wall time of the change */
    int64_t asked_ms;       /* last session since this program started; 0: none */
    char *folded;           /* what a search looks through */
};

/* The link of the first line; 0: none. */
static inline int64_t roster_first_link(const struct roster_row *row)
{
    return row->line_count ? row->lines[0].link : 0;
}

enum roster_column {
    ROSTER_ID, ROSTER_SERIAL, ROSTER_TITLE, ROSTER_DRIVER, ROSTER_MODEL, ROSTER_GROUP, ROSTER_LINK, ROSTER_ENABLED, ROSTER_CONTACT,
    ROSTER_SINCE, ROSTER_ADDED, ROSTER_STATUS, ROSTER_SOURCE, ROSTER_NOTE, ROSTER_COLUMNS
};
extern const char *const roster_column_names[ROSTER_COLUMNS + 1];

/* Names of statuses and sources, as the API speaks; NULL behind the last. */
extern const char *const meter_status_names[METER_STATUSES + 1], *const meter_source_names[METER_SOURCES + 1];

struct roster_query {
    int64_t project;
    const char *search;                          /* part of serial, title, group or note; NULL: any */
    struct meter_set group;                      /* who is in the group (call_group); zeros: any */
    const char *own_group, *driver, *model;      /* exactly; NULL: any */
    int64_t link, protocol;                      /* of any of its lines; 0: any */
    int enabled;                                 /* -1: any */
    const char *status, *source;                 /* their names; NULL: any */
    const char *contact;                         /* "good", "failed", "never" or a fault's name; NULL: any */
    int64_t added_from_ms, added_to_ms;          /* to excluded; 0: any */
    const int64_t *ids;                          /* only these, ascending; NULL: any */
    size_t id_count;
    enum roster_column sort;
    bool descending;
    size_t skip, take;
};

struct roster *roster_new(struct store *s);
void roster_free(struct roster **r);

/* Brings it up to date; not from within a callback of the store. */
enum fault roster_refresh(struct roster *r);

/* Rows that fit, of the page; returns how many fit in all. The callback must not call the store or the roster. */
typedef void roster_fn(void *context, const struct roster_row *row);
size_t roster_list(struct roster *r, const struct roster_query *q, roster_fn *each, void *context);

/* How many of the rows that fit have each value of the column `q->sort`, in its order; `value` is what the column's filter
 * takes ("2026-11-21" for the day of adding, of `zone_minutes`), at most `most` values are told. Returns how many rows fit;
 * *ret_values is the number of values. */
typedef void roster_count_fn(void *context, const char *value, size_t rows);
size_t roster_group(struct roster *r, const struct roster_query *q, int zone_minutes, size_t most, roster_count_fn *each, void *context,
                    size_t *ret_values);

/* Every id that fits, in the order of the query; the array is the caller's. */
size_t roster_ids_of(struct roster *r, const struct roster_query *q, int64_t **ret);

/* The devices of a project that have this serial number, whatever their driver. */
void roster_find(struct roster *r, int64_t project, const char *serial, roster_fn *each, void *context);

/* One row, as it is now; false when there is none of that id in the project (0: any). */
bool roster_look(struct roster *r, int64_t id, int64_t project, roster_fn *each, void *context);

/* Ids of a project, in order; the array is the caller's. */
size_t roster_ids(struct roster *r, int64_t project, int64_t **ret);

/* True when the project has a device of that serial number and driver other than `but`. */
bool roster_taken(struct roster *r, int64_t project, const char *serial, const char *driver, int64_t but);

/* A session ended so. Returns true when contact was lost or came back by it; *ret_before is what it was. */
bool roster_contact(struct roster *r, int64_t id, int fault, int64_t now_wall, int64_t now_ms, int *ret_before);

struct roster_counts {
    size_t devices, enabled, good, failed, never;
};
void roster_counts(struct roster *r, int64_t project, struct roster_counts *ret);
