/* How the gateway plays an RTU-327, beside its row in the table of servers: the form "rtu327", and what a head-end's own table of
 * meters says of each of ours (settings server.rtu327.meter.*). */
#pragma once
#include "store/registry/vault.h"
#include "store/store.h"
#include "wire/rtu327.h"

enum { RTU327_PASSWORD_TEXT = 2 * RTU327_PASSWORD_SIZE + 1 };

struct rtu327_settings {
    char password[RTU327_PASSWORD_TEXT]; /* its four bytes as eight hex digits; "": whoever comes may read. Stored sealed */
    bool local_time;                     /* TIME_T counts the meter's wall clock, as some installations have it, instead of UTC */
    int64_t project;                     /* whose meters are shown */
    int64_t revision;                    /* of the last change, from 1 */
};

/* A meter where the head-end knows it by more than its serial number. */
struct rtu327_entry {
    int64_t meter;
    uint64_t number;                      /* NSH; 0: the digits of its serial number */
    int32_t object_type, object, feeder; /* Syb_Rnk, N_Ob, N_Fid */
};

/* As they are set; what is not, is as preset: no password, UTC, project 1. */
enum fault rtu327_settings_get(struct store *s, const struct vault *v, struct rtu327_settings *ret);

/* FAULT_CHANGED when `revision` is not the one that was seen, FAULT_SETTING for a password that is no eight hex digits. */
enum fault rtu327_settings_put(struct store *s, const struct vault *v, const struct rtu327_settings *settings);

/* Whether who brings this password may read. With a password that is set but cannot be read (sealed with another key), nobody. */
bool rtu327_admits(const struct rtu327_settings *settings, const uint8_t password[RTU327_PASSWORD_SIZE]);

/* Entries in no order; false stops. */
typedef bool rtu327_entry_fn(void *context, const struct rtu327_entry *e);
enum fault rtu327_entries(struct store *s, rtu327_entry_fn *each, void *context);

/* An entry that says nothing is deleted. */
enum fault rtu327_entry_put(struct store *s, const struct rtu327_entry *e);
