/* What drivers remember of meters, each distinct memory kept once: a fleet of one model shares one. */
#pragma once
#include "base/bytes.h"

struct memos;

struct memos *memos_new(void);
void memos_free(struct memos **m);

/* The kept copy of these bytes, valid as long as `m`. All bytes zero: NULL, nothing to remember. When too many distinct
 * ones are kept already (a fleet without two equal meters), NULL too: they are learned anew each time. */
const void *memos_keep(struct memos *m, struct bytes memo);
