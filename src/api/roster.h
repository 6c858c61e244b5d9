/* The fleet in memory, for lists: filtered, sorted by any column and cut into pages without asking the database. Brought up
 * to date by the registry's revisions (store/registry.h), whoever changed them: this process, an import, another one. */
#pragma once
#include "store/registry.h"

struct roster;

enum contact { CONTACT_NEVER = -1, CONTACT_GOOD = 0 /* else enum fault of the last session */ };

/* A device. Texts live as long as the look at it. */
struct roster_row {
    int64_t id, project, link, revision, added_ms;
    const char *serial, *title, *driver, *model, *group;
    bool enabled;
    int contact;            /* enum fault, CONTACT_NEVER */
    int64_t contact_since;  /* wall time of the change */
    int64_t asked_ms;       /* last session since this program started; 0: none */
    char *folded;           /* what a search looks through */
};

enum roster_column {
    ROSTER_ID, ROSTER_SERIAL, ROSTER_TITLE, ROSTER_DRIVER, ROSTER_MODEL, ROSTER_GROUP, ROSTER_LINK, ROSTER_ENABLED, ROSTER_CONTACT,
    ROSTER_SINCE, ROSTER_ADDED, ROSTER_COLUMNS
};
extern const char *const roster_column_names[ROSTER_COLUMNS + 1];

struct roster_query {
    int64_t project;
    const char *search, *group, *driver; /* NULL: any */
    int64_t link;                        /* 0: any */
    int enabled;                         /* -1: any */
    const char *contact;                 /* "good", "failed", "never"; NULL: any */
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

/* One row, as it is now; false when there is none of that id in the project (0: any). */
bool roster_look(struct roster *r, int64_t id, int64_t project, roster_fn *each, void *context);

/* Ids of a project, in order; the array is the caller's. Of one group unless NULL. */
size_t roster_ids(struct roster *r, int64_t project, const char *group, int64_t **ret);

/* True when the project has a device of that serial number and driver other than `but`. */
bool roster_taken(struct roster *r, int64_t project, const char *serial, const char *driver, int64_t but);

/* A session ended so. Returns true when contact was lost or came back by it; *ret_before is what it was. */
bool roster_contact(struct roster *r, int64_t id, int fault, int64_t now_wall, int64_t now_ms, int *ret_before);

struct roster_counts {
    size_t devices, enabled, good, failed, never;
};
void roster_counts(struct roster *r, int64_t project, struct roster_counts *ret);

/* Lower case of Latin and Cyrillic letters; `room` bytes at `out` suffice for the text's own length. */
void roster_fold(const char *text, char *out, size_t room);
