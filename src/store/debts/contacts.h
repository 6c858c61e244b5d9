/* The record of contacts: in which hours a meter was asked, and whether it answered. Two bits an hour, so that a year of
 * 100,000 meters is 220 MB however often they are asked; meters of neighbouring numbers share a row a day. Losing the last
 * moments of it with the process is no harm. */
#pragma once
#include "store/store.h"

/* How one session ended. */
struct contact_note {
    int64_t meter;
    int64_t wall; /* of this machine: one clock for the whole fleet */
    bool good;    /* the meter was read */
};

/* Marks the hours; all in one transaction. FAULT_SETTING for an impossible meter or time: nothing noted. */
enum fault store_contacts_put(struct store *s, const struct contact_note *notes, size_t count);

/* The hours of one meter's day with a session that went well and with one that failed: a bit each, hour 0 lowest. */
typedef bool store_contact_fn(void *context, int64_t meter, int64_t day, uint32_t good, uint32_t failed);

/* Days [first, last] (since 1970) in order of day, then meter; days without any session are left out. `meter` 0: of all. */
enum fault store_contacts(struct store *s, int64_t meter, int64_t first, int64_t last, store_contact_fn *each, void *context);

/* Forgets the days before. */
enum fault store_contacts_retain(struct store *s, int64_t first_day);
