/* From what a meter's archives must hold to what the next session asks for. */
#pragma once
#include "collect/session.h"
#include "store/debts/owed.h"
#include "store/registry/registry.h"

/* The intervals that must exist by `now` (the meter's wall clock): for each wanted grid archive one want. Returns their
 * count, at most ARCHIVE_COUNT. `profile_step` in seconds. */
size_t debts_expected(const struct store_meter *m, int profile_step, int64_t now, struct owed_want out[ARCHIVE_COUNT]);

/* How much of a long debt one session may take. */
enum debt_slice {
    SLICE_ALONE,  /* the meter has its link for itself: weeks at once */
    SLICE_FIRST,  /* first turn on a shared line, or of a meter never read before: the newest, so that all are seen soon */
    SLICE_FURTHER /* later turns: days at once, so that neighbours are not kept waiting by somebody's history */
};

/* Fills the wants of a plan: what is due of the archives without a grid, then the gaps of the others, newest first,
 * registers before profiles, so that an interrupted session brings what bills need. `journals_from`: where the journals
 * were left. `read`: archives without a grid that this pass has read already, a bit each. *ret_more says that debts
 * remain for another session. */
enum fault debts_plan(struct store *s, const struct store_meter *m, int64_t now, int64_t journals_from, uint32_t read,
                      enum debt_slice slice, struct session_plan *plan, bool *ret_more);
