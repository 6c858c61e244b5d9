/* SQLite behind db.h.
 *
 * WAL: a commit is an append to the log, readers never wait. With synchronous=NORMAL what was committed is in the
 * system's hands, so a killed process loses nothing; FULL adds a sync of the log for power cuts. */
#include "base/arena.h"
#include "store/db/db.h"
#include "store/db/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUERY_SLOTS = 256, PARAMETERS_MAX = 9, PAGE_USUAL = 4096, APPLICATION_ID = 0x53564F44 /* "SVOD" */ };

struct query {
    struct db *db;
    const char *sql;
    sqlite3_stmt *statement;
    struct query *next;
    int place[PARAMETERS_MAX + 1];
    bool busy;
};

struct db {
    sqlite3 *sqlite;
    struct store_error error;
    struct query *queries[QUERY_SLOTS];
    struct query dead; /* stands for any query after a failure */
    int depth;
    bool durable;
    bool synced; /* the connection's present setting */
    bool readonly;
};

static enum store_trouble trouble_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_PROTOCOL: return TROUBLE_LOCKED;
    case SQLITE_READONLY: return TROUBLE_READONLY;
    case SQLITE_FULL: return TROUBLE_FULL;
    case SQLITE_IOERR: return TROUBLE_IO;
    case SQLITE_CORRUPT: case SQLITE_NOTADB: return TROUBLE_DAMAGED;
    case SQLITE_CANTOPEN: case SQLITE_PERM: case SQLITE_AUTH: return TROUBLE_CANNOT_OPEN;
    default: return TROUBLE_INTERNAL;
    }
}

void db_fail(struct db *db, enum store_trouble trouble, const char *detail)
{
    if (db->error.trouble)
        return;
    db->error.trouble = trouble;
    snprintf(db->error.detail, sizeof db->error.detail, "%s", detail ? detail : "");
}

static bool check_code(struct db *db, int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return true;
    db_fail(db, trouble_of(code), sqlite3_errmsg(db->sqlite));
    return false;
}

bool db_failed(const struct db *db)
{
    return db->error.trouble != TROUBLE_NONE;
}

const struct store_error *db_error(const struct db *db)
{
    return &db->error;
}

void db_run(struct db *db, const char *sql)
{
    if (!db_failed(db))
        check_code(db, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

/* ---- queries ---- */

static struct query *query_new(struct db *db, const char *sql)
{
    struct query *q = memory_new(sizeof *q);
    q->db = db;
    q->sql = sql;
    if (!check_code(db, sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->statement, NULL))) {
        free(q);
        return NULL;
    }
    for (int i = 1; i <= PARAMETERS_MAX; i++) {
        char name[] = { '$', (char)('0' + i), 0 };
        q->place[i] = sqlite3_bind_parameter_index(q->statement, name);
    }
    return q;
}

struct query *db_query(struct db *db, const char *sql)
{
    if (db_failed(db))
        return &db->dead;
    struct query **slot = &db->queries[((uintptr_t)sql >> 4) % QUERY_SLOTS];
    for (struct query *q = *slot; q; q = q->next)
        if (q->sql == sql && !q->busy)
            return q;
    struct query *q = query_new(db, sql); /* first use, or a callback asks what its caller is still reading */
    if (!q)
        return &db->dead;
    q->next = *slot;
    *slot = q;
    return q;
}

void query_put_int(struct query *q, int at, int64_t value)
{
    if (q->statement)
        check_code(q->db, sqlite3_bind_int64(q->statement, q->place[at], value));
}

void query_put_text(struct query *q, int at, const char *text)
{
    if (q->statement)
        check_code(q->db, sqlite3_bind_text(q->statement, q->place[at], text ? text : "", -1, SQLITE_STATIC));
}

void query_put_bytes(struct query *q, int at, struct bytes b)
{
    if (!q->statement)
        return;
    const void *data = b.data ? (const void *)b.data : "";
    check_code(q->db, sqlite3_bind_blob64(q->statement, q->place[at], data, b.size, SQLITE_STATIC));
}

void query_end(struct query *q)
{
    if (q->statement)
        sqlite3_reset(q->statement);
    q->busy = false;
}

bool query_row(struct query *q)
{
    if (!q->statement || db_failed(q->db)) {
        query_end(q);
        return false;
    }
    q->busy = true;
    int code = sqlite3_step(q->statement);
    if (code == SQLITE_ROW)
        return true;
    check_code(q->db, code);
    query_end(q);
    return false;
}

int64_t query_run(struct query *q)
{
    while (query_row(q))
        ;
    return q->statement && !db_failed(q->db) ? sqlite3_changes64(q->db->sqlite) : 0;
}

int64_t query_int(struct query *q, int column)
{
    return q->statement ? sqlite3_column_int64(q->statement, column) : 0;
}

const char *query_text(struct query *q, int column)
{
    const char *text = q->statement ? (const char *)sqlite3_column_text(q->statement, column) : NULL;
    return text ? text : "";
}

struct bytes query_bytes(struct query *q, int column)
{
    if (!q->statement)
        return bytes_of("", 0);
    const void *data = sqlite3_column_blob(q->statement, column);
    size_t size = (size_t)sqlite3_column_bytes(q->statement, column);
    return bytes_of(data ? data : "", data ? size : 0);
}

void db_wipe(struct db *db)
{
    db_run(db, "PRAGMA secure_delete=ON");
}

int64_t db_inserted(struct db *db)
{
    return sqlite3_last_insert_rowid(db->sqlite);
}

/* ---- transactions ---- */

static void set_synced(struct db *db, bool synced)
{
    if (db->synced == synced)
        return;
    db_run(db, synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    db->synced = synced;
}

void db_begin(struct db *db, enum db_work work)
{
    if (db->depth++)
        return;
    db->error = (struct store_error){ 0 };
    if (work != DB_READ && db->readonly)
        db_fail(db, TROUBLE_READONLY, "");
    if (work != DB_READ)
        set_synced(db, work == DB_WRITE_DURABLE || db->durable);
    db_run(db, work == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE");
}

static void roll_back(struct db *db)
{
    if (!sqlite3_get_autocommit(db->sqlite))
        sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

bool db_end(struct db *db)
{
    if (--db->depth)
        return !db_failed(db);
    db_run(db, "COMMIT");
    if (db_failed(db))
        roll_back(db);
    return !db_failed(db);
}

void db_cancel(struct db *db)
{
    if (--db->depth == 0)
        roll_back(db);
}

/* ---- opening ---- */

static int64_t pragma_int(struct db *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (!db_failed(db) && check_code(db, sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL))) {
        int code = sqlite3_step(statement);
        if (check_code(db, code) && code == SQLITE_ROW)
            value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

static void run_format(struct db *db, const char *format, long long number)
{
    char sql[96];
    snprintf(sql, sizeof sql, format, number);
    db_run(db, sql);
}

static void check_ours(struct db *db)
{
    int64_t id = pragma_int(db, "PRAGMA application_id");
    int64_t tables = pragma_int(db, "SELECT count(*) FROM sqlite_master");
    if (!db_failed(db) && tables > 0 && id != APPLICATION_ID)
        db_fail(db, TROUBLE_FOREIGN, "");
}

/* holds(text, part): LIKE and instr() copy each row's text to end it with NUL, which is half of a search's time. */
static void holds(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const void *text = sqlite3_value_blob(values[0]), *part = sqlite3_value_blob(values[1]);
    size_t size = (size_t)sqlite3_value_bytes(values[0]), wanted = (size_t)sqlite3_value_bytes(values[1]);
    sqlite3_result_int(context, wanted == 0 || (size >= wanted && memmem(text, size, part, wanted)));
}

static int64_t page_size(struct db *db)
{
    int64_t size = pragma_int(db, "PRAGMA page_size");
    return size ? size : PAGE_USUAL; /* the database has failed */
}

static void settle(struct db *db, const struct db_options *o)
{
    check_code(db, sqlite3_create_function(db->sqlite, "holds", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, holds, NULL, NULL));
    check_code(db, sqlite3_busy_timeout(db->sqlite, o->busy_ms));
    check_ours(db);
    if (!o->readonly && !db_failed(db) && sqlite3_db_readonly(db->sqlite, "main"))
        db_fail(db, TROUBLE_READONLY, "");
    if (!o->readonly) {
        run_format(db, "PRAGMA page_size=%lld", o->page_bytes ? o->page_bytes : PAGE_USUAL); /* of a new file; another keeps its own */
        db_run(db, "PRAGMA journal_mode=WAL");
        if (pragma_int(db, "PRAGMA application_id") != APPLICATION_ID)
            run_format(db, "PRAGMA application_id=%lld", APPLICATION_ID);
        run_format(db, "PRAGMA wal_autocheckpoint=%lld", (long long)o->checkpoint_kib * 1024 / page_size(db));
        run_format(db, "PRAGMA journal_size_limit=%lld", (long long)o->checkpoint_kib * 1024 * 2);
    }
    db->synced = true; /* what a connection starts with */
    set_synced(db, o->durable);
    run_format(db, "PRAGMA cache_size=-%lld", o->cache_kib);
    if (o->max_bytes)
        run_format(db, "PRAGMA max_page_count=%lld", o->max_bytes / page_size(db));
}

struct db *db_open(const char *path, const struct db_options *options, struct store_error *ret)
{
    struct db *db = memory_new(sizeof *db);
    db->dead.db = db;
    db->durable = options->durable;
    db->readonly = options->readonly;
    int flags = options->readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    check_code(db, sqlite3_open_v2(path, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL));
    if (!db_failed(db))
        settle(db, options);
    if (!db_failed(db) && options->version)
        schema_bring_to(db, options->version);
    else if (!db_failed(db))
        schema_bring(db, options->readonly);
    if (!db_failed(db))
        return db;
    *ret = db->error;
    db_close(&db);
    return NULL;
}

struct db *db_open_any(const char *path, struct store_error *ret)
{
    struct db *db = memory_new(sizeof *db);
    db->dead.db = db;
    db->readonly = true;
    check_code(db, sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    check_ours(db);
    if (!db_failed(db))
        return db;
    *ret = db->error;
    db_close(&db);
    return NULL;
}

/* Leaving WAL needs the file for oneself, and folds the log in. */
bool db_lone(const char *path, struct store_error *ret)
{
    struct db db = { .depth = 0 };
    check_code(&db, sqlite3_open_v2(path, &db.sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    db_run(&db, "PRAGMA locking_mode=EXCLUSIVE");
    db_run(&db, "PRAGMA journal_mode=DELETE");
    sqlite3_close_v2(db.sqlite);
    if (db.error.trouble == TROUBLE_LOCKED || db.error.trouble == TROUBLE_CANNOT_OPEN)
        *ret = db.error;
    return db.error.trouble != TROUBLE_LOCKED && db.error.trouble != TROUBLE_CANNOT_OPEN;
}

void db_close(struct db **db)
{
    if (!*db)
        return;
    for (int i = 0; i < QUERY_SLOTS; i++)
        while ((*db)->queries[i]) {
            struct query *q = (*db)->queries[i];
            (*db)->queries[i] = q->next;
            sqlite3_finalize(q->statement);
            free(q);
        }
    sqlite3_close_v2((*db)->sqlite);
    free(*db);
    *db = NULL;
}

/* ---- care ---- */

bool db_check(struct db *db, void (*found)(void *context, const char *what), void *context)
{
    bool good = true;
    struct query *q = db_query(db, "PRAGMA integrity_check");
    while (query_row(q)) {
        const char *what = query_text(q, 0);
        if (strcmp(what, "ok") == 0)
            continue;
        good = false;
        found(context, what);
    }
    return good && !db_failed(db);
}

int64_t db_bytes(struct db *db)
{
    return pragma_int(db, "PRAGMA page_count") * page_size(db);
}

void db_checkpoint(struct db *db)
{
    sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

bool db_copy(struct db *db, const char *path, struct store_error *ret)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *backup = code == SQLITE_OK ? sqlite3_backup_init(target, "main", db->sqlite, "main") : NULL;
    if (backup) {
        sqlite3_backup_step(backup, -1); /* whole: done in parts it would start again with every commit of others */
        code = sqlite3_backup_finish(backup);
    }
    if (code != SQLITE_OK) {
        *ret = (struct store_error){ .trouble = trouble_of(code) };
        snprintf(ret->detail, sizeof ret->detail, "%s", target ? sqlite3_errmsg(target) : "");
    }
    sqlite3_close_v2(target);
    return code == SQLITE_OK;
}
