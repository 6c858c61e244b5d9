/* The tables and how a database of an earlier version becomes today's. */
#pragma once
#include "store/db/db.h"

/* Today's version, one more than the steps' last index. */
int schema_version(void);

/* Brings a database to today's schema, step by step, each step in a transaction of its own. Fails the connection when the
 * database is newer than this program, or older and `readonly`. */
void schema_bring(struct db *db, bool readonly);

/* The same up to a version (db_options.version). */
void schema_bring_to(struct db *db, int version);
