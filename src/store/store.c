/* Opening, closing, and the two connections; see store.h and inside.h. */
#include "base/clock.h"
#include "store/frames/exchange_recent.h"
#include "store/inside.h"
#include "store/registry/vault.h"

#include <stdlib.h>

enum { BUSY_MS = 5000, CACHE_KIB = 16 << 10, CHECKPOINT_KIB = 16 << 10, FEED_ROWS = 2000000 };

static bool side_open(struct side *side, struct store *s, const struct db_options *o, struct store_error *ret)
{
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&side->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    side->store = s;
    side->db = db_open(s->path, o, ret);
    return side->db != NULL;
}

void side_close(struct side *side)
{
    if (!side->store)
        return;
    db_close(&side->db);
    layouts_forget(&side->layouts);
    arena_free(&side->arena);
    pthread_mutex_destroy(&side->lock);
}

struct store *store_open(const char *path, const struct store_options *options, struct store_error *ret)
{
    struct store_options o = options ? *options : (struct store_options){ 0 };
    struct db_options d = {
        .readonly = o.readonly,
        .durable = o.durable,
        .busy_ms = o.busy_ms ? o.busy_ms : BUSY_MS,
        .max_bytes = o.max_bytes,
        .page_bytes = o.page_bytes,
        .cache_kib = o.cache_kib ? o.cache_kib : CACHE_KIB,
        .checkpoint_kib = o.checkpoint_kib ? o.checkpoint_kib : CHECKPOINT_KIB,
    };
    struct store *s = memory_new(sizeof *s);
    s->path = strdup(path);
    s->readonly = o.readonly;
    s->feed_rows = o.feed_rows ? o.feed_rows : FEED_ROWS;
    s->now_ms = o.now_ms ? o.now_ms : clock_utc_ms;
    pthread_mutex_init(&s->error_lock, NULL);
    pthread_mutex_init(&s->vault_lock, NULL);
    struct store_error error = { 0 };
    if (side_open(&s->write, s, &d, &error)) {
        d.readonly = true;
        if (side_open(&s->read, s, &d, &error)) {
            if (o.readonly || o.copy || secrets_settle(s) == FAULT_NONE)
                return s;
            error = store_error_last(s);
        }
    }
    *ret = error;
    store_close(&s);
    return NULL;
}

void store_close(struct store **store)
{
    struct store *s = *store;
    if (!s)
        return;
    side_close(&s->read);
    side_close(&s->write); /* last, so that it carries the log into the file */
    vault_free(&s->vault);
    exchange_recent_free(&s->recent_frames);
    pthread_mutex_destroy(&s->vault_lock);
    pthread_mutex_destroy(&s->error_lock);
    free(s->path);
    free(s);
    *store = NULL;
}

const char *store_path(const struct store *s)
{
    return s->path;
}

void store_error_keep(struct store *s, const struct store_error *error)
{
    pthread_mutex_lock(&s->error_lock);
    s->error = *error;
    pthread_mutex_unlock(&s->error_lock);
}

struct store_error store_error_last(struct store *s)
{
    pthread_mutex_lock(&s->error_lock);
    struct store_error error = s->error;
    pthread_mutex_unlock(&s->error_lock);
    return error;
}

bool side_open_reader(struct store *s, struct side *side)
{
    struct db_options d = { .readonly = true, .busy_ms = BUSY_MS, .cache_kib = CACHE_KIB };
    struct store_error error = { 0 };
    if (side_open(side, s, &d, &error))
        return true;
    store_error_keep(s, &error);
    side_close(side);
    return false;
}

void side_enter(struct side *side, enum db_work work)
{
    pthread_mutex_lock(&side->lock);
    db_begin(side->db, work);
}

struct side *side_begin(struct store *s, enum db_work work)
{
    bool mine = atomic_load(&s->together) && pthread_equal(s->together_thread, pthread_self());
    struct side *side = work == DB_READ && !mine ? &s->read : &s->write;
    side_enter(side, work);
    return side;
}

void store_together(struct store *s)
{
    side_enter(&s->write, DB_WRITE_DURABLE);
    s->together_thread = pthread_self();
    atomic_store(&s->together, true);
}

static enum fault side_leave(struct side *side, bool good, enum fault why)
{
    if (!good) {
        layouts_forget(&side->layouts); /* those made in this transaction are not in the table */
        if (db_failed(side->db))
            store_error_keep(side->store, db_error(side->db));
    }
    pthread_mutex_unlock(&side->lock);
    return why;
}

enum fault side_end(struct side *side)
{
    bool good = db_end(side->db);
    return side_leave(side, good, good ? FAULT_NONE : FAULT_STORE);
}

enum fault store_apart(struct store *s, bool keep)
{
    atomic_store(&s->together, false);
    return keep ? side_end(&s->write) : side_cancel(&s->write, FAULT_NONE);
}

enum fault side_cancel(struct side *side, enum fault why)
{
    if (db_failed(side->db))
        why = FAULT_STORE;
    db_cancel(side->db);
    return side_leave(side, false, why);
}
