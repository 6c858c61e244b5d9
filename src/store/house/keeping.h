/* How archives are kept (manual S3 2.2.29): which are written at all, for how long, what is never cleared. The archives of
 * meters and the server's own logs follow the same rules. */
#pragma once
#include "base/lang.h"
#include "meter/state_group.h"
#include "store/store.h"

/* Numbers below ARCHIVE_STATE are enum archive; states and facts are kept by their groups, STATE_GROUPS from KEEP_STATES on. */
enum { KEEP_STATES = ARCHIVE_STATE, KEEP_EXCHANGES = KEEP_STATES + STATE_GROUPS, KEEP_LOG_GENERAL, KEEP_LOG_SECURITY, KEEP_LINES, KEEPING_COUNT };

enum { KEEPING_TITLE_MAX = 256, KEEPING_DAYS_MAX = 36600 };

struct keeping {
    char title[KEEPING_TITLE_MAX]; /* as people call it; "": its usual name */
    bool active;                   /* false: neither asked for nor stored. Always true of logs */
    int days;                      /* how long it is kept */
    bool forever;                  /* never cleared */
    int64_t revision;
};

/* "profile", "state-relay", "log-security"; keeping_find: KEEPING_COUNT when there is none of that name. */
const char *keeping_name(int what);
int keeping_find(const char *name);
const char *keeping_usual_title(int what, enum lang lang);

/* "measurement", "event", "state", "log": the manual's three kinds, and ours. */
const char *keeping_kind(int what);

/* All rules; those nobody changed are as the program presets them: what bills need for 1300 days (three years and a half,
 * the term of the retail market's rules), frames and log lines for a month. The store refuses what belongs to an inactive
 * archive from the first call on: a server calls it when it starts, collection with every pass. */
enum fault store_keeping(struct store *s, struct keeping ret[KEEPING_COUNT]);

/* FAULT_CHANGED when the revision is not the one that was seen. */
enum fault store_keeping_put(struct store *s, int what, const struct keeping *k);

/* The depth in days that is worth asking a meter for when `wanted` were asked for: nothing of an inactive archive, nothing
 * that would be cleared the next night. States are worth asking for as long as any group of them is active. */
uint16_t keeping_depth(const struct keeping all[KEEPING_COUNT], enum archive a, uint16_t wanted);

/* Deletes what is beyond its term; once a day. Goes on after a failure; FAULT_STORE when any failed. */
enum fault store_keep(struct store *s);
