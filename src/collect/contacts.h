/* The record of contacts on its way to the store: gathered for some seconds, so that a fast pass writes a row of it once and
 * not once a meter. */
#pragma once
#include "store/debts/contacts.h"

struct contact_log;

/* What has come is written `wait_ms` later at the latest, 0: 5 s. */
struct contact_log *contact_log_new(struct store *s, int wait_ms);

/* Writes what is left. */
void contact_log_free(struct contact_log **log);

/* A session of the meter ended so. Writes when enough has come or the first has waited long: not on a conversation's stack. */
void contact_log_note(struct contact_log *log, int64_t meter, bool good);
void contact_log_flush(struct contact_log *log);
