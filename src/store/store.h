/* The memory of the product: readings, events, states and facts of every meter, who the meters are, what is still owed.
 *
 * What a call reports as stored survives the death of this process at any moment; with `durable` also a power cut.
 * Writing is idempotent: the same batch twice changes nothing. Functions return FAULT_NONE, FAULT_STORE (store_error says
 * why; nothing of the call was done), or what their comment says. Any thread may call; writers take turns, readers never
 * wait for writers. Engine: SQLite behind db.h; nothing in this header knows it.
 *
 * Companions: batch.h (what goes in), feed.h (what was stored, in order), writer.h (group commit), owed.h (gaps), exchange.h (frames), registry.h (meters and
 * links), care.h (check, backup, retention). README.md has the tables and the reading order. */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "store/archive/batch.h"
#include "store/trouble.h"

struct store;

struct store_options {
    bool readonly;      /* look, don't touch: for reports and checks beside a running server */
    bool copy;          /* a copy under a passing name: it has no key of its own, secrets stay as they are */
    bool durable;       /* what is stored survives a power cut too (a sync for every commit) */
    int busy_ms;        /* how long to wait for another process that holds the database; 0: 5 s */
    int64_t max_bytes;  /* the file never grows beyond; 0: no limit of ours */
    int cache_kib;      /* memory for pages, for each of two connections; 0: 16 MiB */
    int checkpoint_kib; /* how much the write-ahead log gathers before it goes into the file; 0: 16 MiB. Larger spares
                           flash, smaller spares disk */
    int page_bytes;     /* of a new database, a power of two from 512; 0: 4096. What few rows change is written as pages: small ones spare
                           flash where little comes at a time, large ones are quicker to read */
    int64_t feed_rows;  /* how much waits for those who carry it on (feed.h) before the oldest is dropped; 0: 2,000,000 */
    int64_t (*now_ms)(void); /* UTC; NULL: the machine's clock. For tests */
};

/* Opens or creates the database; `options` may be NULL. NULL, *ret saying why, when that fails; nothing was changed. */
struct store *store_open(const char *path, const struct store_options *options, struct store_error *ret);
void store_close(struct store **s);

/* The file it lies in, as it was opened; lives as long as the store. */
const char *store_path(const struct store *s);

/* Why the last call that failed on this store did, whichever thread's it was. */
struct store_error store_error_last(struct store *s);

/* ---- writing ---- */

/* Meters are numbered 1..METER_ID_MAX by the registry. Readings outside of the years 1970..2399 are refused. */
enum { METER_ID_MAX = INT32_MAX };

struct put_result {
    size_t fresh, changed, same; /* readings: block.h */
    size_t refused;              /* readings that cannot be: no such archive, year, exponent; more than 8192 days */
    size_t events, states, facts; /* new ones */
    size_t dropped;              /* what the batch itself had no room for */
};

/* Everything in the batch in one transaction, debts crossed off with it. FAULT_LIMIT for a block beyond block.h's limits,
 * FAULT_SETTING for an impossible meter id: nothing stored. *ret is written on success. */
enum fault store_put(struct store *s, int64_t meter, const struct batch *batch, struct put_result *ret);

/* Several meters' batches in one transaction: all or none. */
struct store_item {
    int64_t meter;
    const struct batch *batch;
    struct put_result *ret;
};
enum fault store_put_all(struct store *s, const struct store_item *items, size_t count);

/* Folds what arrived one by one before `up_to` (wall) into blocks: nightly, with the start of the day. Returns the number
 * of readings' rows folded in *ret_rows, which may be NULL. In several transactions; harmless to interrupt. */
enum fault store_fold(struct store *s, int64_t up_to, size_t *ret_rows);

/* ---- several puts as one ---- */

/* All that this thread puts from here on is one transaction, and what it reads sees it; nobody else does, and nobody else puts,
 * until store_apart keeps all of it or none. Short: no waiting in between. */
void store_together(struct store *s);
enum fault store_apart(struct store *s, bool keep);

/* ---- reading back ---- */

/* Callbacks return false to stop. They may call any function of the store. */
struct reading_kept {
    unsigned revision;
    int64_t stored_s; /* UTC seconds when the server got the last that was new of this moment; 0: kept by a version that did not note it */
};
typedef bool store_reading_fn(void *context, const struct reading *r, const struct reading_kept *kept);

/* Readings of one meter and archive within the span in order of time, then OBIS; only those of `filter` when count > 0. */
enum fault store_readings(struct store *s, int64_t meter, enum archive archive, const struct obis *filter, size_t count,
                          struct span span, store_reading_fn *each, void *context);

/* The last value of every register in the newest period of the archive that holds anything. */
enum fault store_latest(struct store *s, int64_t meter, enum archive archive, store_reading_fn *each, void *context);

typedef bool store_event_fn(void *context, int64_t meter, const struct event *e, int64_t stored_ms);

/* Events in order of time; `meter` 0 for all meters. */
enum fault store_events(struct store *s, int64_t meter, struct span span, store_event_fn *each, void *context);

/* Events of a few journals (at most EVENT_JOURNALS_MAX) of all meters, in order of time: who and which journal, nothing more. */
enum { EVENT_JOURNALS_MAX = 7 };
typedef bool store_event_journal_fn(void *context, int64_t meter, uint16_t journal);
enum fault store_events_of(struct store *s, const uint16_t *journals, size_t count, struct span span, store_event_journal_fn *each, void *context);

typedef bool store_state_fn(void *context, const struct state *state);

/* Changes of a meter's states within the span, by OBIS and time. store_states_now: the last of each. */
enum fault store_states(struct store *s, int64_t meter, struct span span, store_state_fn *each, void *context);
enum fault store_states_now(struct store *s, int64_t meter, store_state_fn *each, void *context);

typedef bool store_fact_fn(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms);

/* What the meter says of itself: as it is now, or every value it had since when. */
enum fault store_facts(struct store *s, int64_t meter, bool history, store_fact_fn *each, void *context);

struct store_totals {
    int64_t meters, blocks, hot_rows, events, bytes; /* bytes: of the file */
};
enum fault store_totals(struct store *s, struct store_totals *ret);

/* ---- small durable things: synced before the call returns, whatever `durable` says ---- */

/* Counters that must never go backwards (invocation counters of DLMS keys). store_counter_put below the present value
 * changes nothing and returns FAULT_REFUSED. An unknown key is 0. */
enum fault store_counter_get(struct store *s, const char *key, int64_t *ret);
enum fault store_counter_put(struct store *s, const char *key, int64_t value);

/* Takes `count` numbers at once, none below `at_least`; *ret_first is the first. They are used up even if the process
 * dies before it uses them. */
enum fault store_counter_reserve(struct store *s, const char *key, int64_t at_least, int64_t count, int64_t *ret_first);

/* Text by key: settings, passwords that were refused. get: text in `a`, NULL when the key is unknown. put: NULL deletes. */
enum fault store_setting_get(struct store *s, const char *key, struct arena *a, const char **ret);
enum fault store_setting_put(struct store *s, const char *key, const char *value);
typedef bool store_setting_fn(void *context, const char *key, const char *value);
enum fault store_settings(struct store *s, const char *prefix, store_setting_fn *each, void *context);
