/* Care for a database: what is too old goes, what is there is checked, copies are made and brought back. */
#pragma once
#include "meter/state_group.h"
#include "store/store.h"

/* Deletes what an archive holds of more than `days` ago, in whole block periods; nothing of it is owed any more. Of the
 * states the one that still holds stays. */
enum fault store_retain(struct store *s, enum archive archive, int days);

/* The same for states, each group with a term of its own; 0: that group stays. Of facts, too, the one that holds stays. */
enum fault store_retain_states(struct store *s, const int days[STATE_GROUPS]);

/* One thing found wrong, in English, with the numbers a support engineer needs. */
typedef void store_finding_fn(void *context, const char *what);

/* The engine's own check, then ours: every block and hot row decodes and lies where its key says, no moment lies in both,
 * debts agree with what is stored. *ret_good says that nothing was found; FAULT_STORE when the check itself broke off
 * (what was found until then was told). Others may go on writing. */
enum fault store_check(struct store *s, store_finding_fn *found, void *context, bool *ret_good);

/* A whole copy as of now at `path`, while others go on; checked before it gets its name, so that a file of that name is
 * a good backup. An older file of that name is replaced. */
enum fault store_backup(struct store *s, const char *path, struct store_error *ret);

/* Puts the backup `from` in place of the database `path`, which must not be open anywhere. The backup is checked first
 * and brought to today's schema; the present file stays as "<path>.before". False, *ret saying why, when nothing was
 * changed. */
bool store_restore(const char *from, const char *path, struct store_error *ret);
