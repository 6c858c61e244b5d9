/* The folder of a box's programs, which the starter (starter.h) and a running program (update.h) share.
 *
 *   a/svod, b/svod   two programs, one of which is in use
 *   now              link to the folder in use; without it the starter's own program runs
 *   next             an order: start this one next
 *   trial            the order while the new version proves itself
 *   back             the order while the former one is brought back
 *   kept/            the database as it was before the new version's first start
 *   history          what became of updates, a line of JSON each, the oldest first
 *   update.pub       the maker's public key, 64 hex digits
 *
 * Every change is made under another name, synced and renamed, so that at any moment either the former or the new state is there. */
#pragma once
#include "base/text.h"
#include "box/package.h"

enum { SLOT_PATH_MAX = 512, SLOT_WHY_MAX = 200, SLOT_HISTORY_MAX = 50 };

/* "a", "b", or "": the starter's own program. */
struct slot_order {
    char slot[2], former[2];
    char version[PACKAGE_VERSION_MAX], former_version[PACKAGE_VERSION_MAX];
    char why[SLOT_WHY_MAX]; /* of `back` */
    int tries;              /* of `trial`: starts so far */
    int64_t at_ms;          /* UTC, when it was ordered */
};

/* `place`/`name`; cut beyond SLOT_PATH_MAX, which open then refuses. */
const char *slot_path(const char *place, const char *name, char ret[SLOT_PATH_MAX]);

/* The slot in use; "" for the starter's own. */
void slot_now(const char *place, char ret[2]);
bool slot_use(const char *place, const char *slot);
/* The one that is not in use: where a new version goes. */
const char *slot_free(const char *place);

/* The program of a slot; false when there is none that can be run. */
bool slot_program(const char *place, const char *slot, char ret[SLOT_PATH_MAX]);

/* Copies `size` bytes of the open file from `offset` on as the program of a slot, which becomes whole or stays as it was. */
bool slot_fill(const char *place, const char *slot, int from, int64_t offset, int64_t size);

/* An order in one of the files "next", "trial", "back". */
bool slot_order_read(const char *place, const char *name, struct slot_order *ret);
bool slot_order_write(const char *place, const char *name, const struct slot_order *o);
void slot_order_remove(const char *place, const char *name);

/* Copies `database`, its log and its key into kept/, whole or not at all, and moves them back; after an interruption to be called again.
 * Nobody may have the database open. Restoring without a copy is true: there was no database. */
bool slot_keep(const char *place, const char *database);
bool slot_restore(const char *place, const char *database);
void slot_kept_remove(const char *place);

/* What became of an update. */
enum slot_result { SLOT_INSTALLED, SLOT_ROLLED_BACK, SLOT_FAILED, SLOT_RESULTS };
extern const char *const slot_result_names[]; /* NULL behind the last */
struct slot_record {
    int64_t at_ms;
    enum slot_result result;
    char version[PACKAGE_VERSION_MAX], former_version[PACKAGE_VERSION_MAX], why[SLOT_WHY_MAX];
};
void slot_note(const char *place, const struct slot_order *o, enum slot_result result, int64_t at_ms);
/* The newest first; returns how many. */
size_t slot_history(const char *place, struct slot_record *out, size_t room);

/* The maker's key of the folder, else the one built into the program; false without either. */
bool slot_key(const char *place, unsigned char ret[PACKAGE_KEY]);
