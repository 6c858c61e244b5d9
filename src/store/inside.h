/* What the files of store/ share and nobody else sees. */
#pragma once
#include "store/archive/block.h"
#include "store/db/db.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    SLOT_SECONDS = 1800,      /* hot rows are keyed by half-hour */
    WALL_MAX_YEAR = 2400,
    LAYOUTS_MAX = 1 << 16,
};

/* Layouts known to a connection, both ways. */
struct layouts {
    struct arena arena;
    struct layout_entry *entries;
    uint32_t count, room;
    uint32_t *by_bytes, *by_id; /* open addressing, entry index + 1; room * 2 places */
};

/* A connection and all that goes with it: one for writing, one for reading, so that pages are drawn while data comes. */
struct side {
    struct store *store;
    pthread_mutex_t lock; /* recursive: a callback may ask again */
    struct db *db;
    struct layouts layouts;
    struct arena arena;   /* for one call or one meter's batch; reset by its user */
    bool feeding;         /* somebody carries on what is put in this transaction (feed.h) */
    int64_t put_ms;       /* UTC of this transaction's puts */
};

struct store {
    struct side write, read;
    char *path;
    bool readonly;
    int64_t (*now_ms)(void);
    atomic_uint unkept; /* archives that are switched off, a bit each (keeping.h) */
    int64_t feed_rows;  /* bound of the feed */
    atomic_ulong stirs; /* commits that fed it (feed.h) */
    atomic_bool together;        /* one thread's puts are one transaction (store_together) */
    pthread_t together_thread;
    pthread_mutex_t vault_lock;
    struct vault *vault; /* once it was needed (secrets.h) */
    struct exchange_recent *recent_frames; /* NULL: frames are not remembered (exchange.h) */
    pthread_mutex_t error_lock;
    struct store_error error;
};

/* The connection, locked and in a transaction. side_end unlocks; FAULT_STORE, and the error kept, when it failed. */
struct side *side_begin(struct store *s, enum db_work work);
enum fault side_end(struct side *side);

/* A further connection for a look that takes long, so that pages need not wait. side_enter begins a reading on it;
 * side_end ends it, side_close closes. */
bool side_open_reader(struct store *s, struct side *side);
void side_enter(struct side *side, enum db_work work);
void side_close(struct side *side);

/* What store_error_last says from now on. */
void store_error_keep(struct store *s, const struct store_error *error);

/* Ends without doing: returns `why`, or FAULT_STORE when the database failed as well. */
enum fault side_cancel(struct side *side, enum fault why);

/* ---- layouts ---- */

/* The id of a layout, made when new; 0 when the database failed. */
int64_t layout_id(struct side *side, struct bytes layout);

/* The layout of that id; fails the transaction as damaged when there is none. */
struct bytes layout_bytes(struct side *side, int64_t id);
void layouts_forget(struct layouts *l);

/* ---- periods ---- */

/* Number of the archive's block period that holds `wall`: days since 1970, months since year 0, or years. */
int64_t period_of(enum archive a, int64_t wall);
int64_t period_start(enum archive a, int64_t period);
int64_t block_key(enum archive a, int64_t period, int64_t meter);

static inline int64_t key_period(int64_t key) { return key >> 32 & 0x3FFFF; }
static inline int64_t key_meter(int64_t key) { return key & 0xFFFFFFFF; }
static inline int64_t key_archive(int64_t key) { return key >> 50; }

bool archive_is_blocks(enum archive a);
bool wall_storable(int64_t wall);

/* ---- stored blocks (cells.c): all in `arena`; NULL when there is none or the transaction failed ---- */

const struct block *cells_load(struct side *side, enum archive a, int64_t period, int64_t meter, struct arena *arena);
void cells_save(struct side *side, enum archive a, int64_t period, int64_t meter, const struct block *b, bool exists);

/* One row in the hot table. */
struct hot_row {
    int64_t slot, meter, wall;
    enum archive archive;
    struct block block;
};

const struct block *hot_load(struct side *side, enum archive a, int64_t wall, int64_t meter, struct arena *arena);
void hot_save(struct side *side, enum archive a, int64_t wall, int64_t meter, const struct block *b);

/* Hot rows of a meter's archive within the span, by time. Returns how many; *ret in `arena`. `limit` 1 suffices to know
 * whether there is any. */
size_t hot_list(struct side *side, enum archive a, int64_t meter, struct span span, size_t limit, struct arena *arena,
                struct hot_row **ret);
void hot_drop(struct side *side, const struct hot_row *row);

/* The next slot at or after `slot` that has any row of any meter; -1 when none. */
int64_t hot_slot_after(struct side *side, int64_t slot);

/* Block and hot rows of a period as one; NULL when there is nothing. */
const struct block *period_load(struct side *side, enum archive a, int64_t period, int64_t meter, struct arena *arena);

/* Periods of the archive that may hold anything, of any meter: clips the span to them. False when none. */
bool periods_clip(struct side *side, enum archive a, struct span *span);

/* ---- the registry (registry.c, lines.c) ---- */

struct store_line;
struct store_meter;
struct store_protocol;

/* The number of this change. */
int64_t registry_next_revision(struct side *side);

/* Rows that say no project are of the one where a database begins. */
static inline int64_t project_or_first(int64_t project) { return project ? project : 1; }

/* What a link or profile is searched by, as the parameter at `at` (pages.c). */
void query_put_folded(struct query *q, int at, const char *title, const char *detail);

/* Writes a profile in the open transaction; as store_protocol_put. */
enum fault protocol_put(struct side *side, const struct store_protocol *p, int64_t revision, int64_t *ret_id);

/* The meter's lines become these. */
void lines_write(struct side *side, int64_t meter, const char *driver, const struct store_line *lines, int count);

/* The parameters with what the driver calls secret sealed; in `a` when there was any. Fails the transaction without a key. */
const char *secrets_seal(struct side *side, const char *driver, const char *parameters, struct arena *a);

/* Seals what an earlier version of the program stored open; quick when there is nothing. */
enum fault secrets_settle(struct store *s);

/* Rows of the frame journal that an earlier version left open, sealed (exchange.c). */
void exchanges_seal(struct side *side, const struct vault *v);

/* Lines of meters that come in order of id: lines_next gives one meter's, in the arena. */
struct lines_reader {
    struct query *q;
    bool has;
};
struct lines_reader lines_of_all(struct side *side);
struct lines_reader lines_since(struct side *side, int64_t revision);
struct lines_reader lines_of_one(struct side *side, int64_t meter);
void lines_next(struct lines_reader *r, struct arena *a, struct store_meter *m);
void lines_end(struct lines_reader *r);

/* ---- rows (rows.c) ---- */

/* A statement about one number, its first parameter; run_for runs it and says how many rows it changed. */
struct query *query_for(struct side *side, const char *sql, int64_t id);
int64_t run_for(struct side *side, const char *sql, int64_t id);

/* Whether there is a row; the first column of the row, 0 without one. Both end the query. */
bool row_found(struct query *q);
int64_t row_number(struct query *q);

/* The first column of every row; the array in `a`, never NULL. */
size_t row_numbers(struct query *q, struct arena *a, const int64_t **ret);

/* The query asks for a row's revision: FAULT_NO_DATA when the row is gone, FAULT_CHANGED when it has another one than was seen
 * (0: whichever). */
enum fault row_look(struct query *q, int64_t seen);

/* Ends a look at one row: FAULT_NO_DATA when it was not there. */
enum fault side_end_found(struct side *side, bool found);

/* side_end of a put: the id of the row that was added or replaced goes to *ret_id (may be NULL) once it is stored. */
enum fault side_end_put(struct side *side, int64_t id, int64_t *ret_id);

/* Deletes the row by `sql`: FAULT_REFUSED while `use` finds who names it, FAULT_NO_DATA when there is none. Both ask by the id. */
enum fault delete_unused(struct store *s, const char *use, const char *sql, int64_t id);

/* A column's text that outlives the row; without an arena one that lives as long as the row does. */
const char *keep(struct arena *a, const char *text);

/* ---- the feed (feed.c) ---- */

/* Whether anybody reads it: asked once a transaction. */
bool feed_wanted(struct side *side);

/* Moments of the archive from `first` to `last`, both included, are fresh or changed, and every moment between them. */
void feed_note(struct side *side, int64_t meter, enum archive a, int64_t first, int64_t last);

/* A reader begins at what is stored next; one that reads already goes on where it is. */
void feed_join(struct side *side, const char *name);
void feed_leave(struct side *side, const char *name);

/* ---- debts (owed.c) ---- */

/* The first grid point at or after `wall`. */
int64_t grid_ceiling(enum archive a, int step, int64_t wall);

/* Crosses off: the meter has rows at these moments now; ascending, no doubles. */
void owed_cross(struct side *side, int64_t meter, enum archive a, const int64_t *walls, size_t count);
/* Nothing before `wall` is owed any more, to any meter. */
void owed_forget_before(struct side *side, enum archive a, int64_t wall);
void owed_drop_meter(struct side *side, int64_t meter);
/* Compares all debts with what is stored. */
void owed_check(struct side *side, void (*found)(void *context, const char *what), void *context);

/* Moments a meter's archive holds within the span, ascending, in `arena`. */
size_t walls_present(struct side *side, int64_t meter, enum archive a, struct span span, struct arena *arena,
                     int64_t **ret);

/* "%search%" for LIKE … ESCAPE '\\': '%' and '_' of the search mean themselves. */
const char *like_pattern(const char *search, struct arena *a);
