/* One connection to a database engine: the only thing between our SQL and SQLite (db_sqlite.c) or, later, PostgreSQL.
 *
 * Errors stick, as in a cursor: everything happens between db_begin and db_end; after the first failure the rest of the
 * transaction does nothing and gives nothing, and db_end rolls back and says so. Parameters are $1..$9. One thread at a
 * time; whoever shares a connection locks around it.
 *
 * Beside what every engine has there is one function, holds(text, part): whether the text has the part, byte by byte. */
#pragma once
#include "base/bytes.h"
#include "store/trouble.h"

struct db;
struct query;

struct db_options {
    bool readonly;
    bool durable;       /* every commit survives a power cut, not only a killed process */
    int busy_ms;        /* how long to wait for another process */
    int64_t max_bytes;  /* 0: as large as the disk lets it; else the file refuses to grow beyond */
    int cache_kib;
    int checkpoint_kib; /* how much the log gathers before it is carried into the file */
    int page_bytes;     /* of a new file; 0: 4096 */
    int version;        /* of the schema, 0: today's; a test makes an old database so */
};

enum db_work { DB_READ, DB_WRITE, DB_WRITE_DURABLE };

/* NULL, with *ret saying why, when it cannot be opened. */
struct db *db_open(const char *path, const struct db_options *options, struct store_error *ret);
void db_close(struct db **db);

/* A file to copy from, of any version of ours, read only. */
struct db *db_open_any(const char *path, struct store_error *ret);

/* True when no process has the file's database open; its log is then in the file. A file that is no database at all is
 * nobody's, too: it may be replaced. */
bool db_lone(const char *path, struct store_error *ret);

/* A transaction. db_end commits; false when anything in between or the commit itself failed, and then nothing was done.
 * db_cancel undoes. A DB_READ within an open transaction joins it. */
void db_begin(struct db *db, enum db_work work);
bool db_end(struct db *db);
void db_cancel(struct db *db);

/* What made the last transaction fail. */
const struct store_error *db_error(const struct db *db);
bool db_failed(const struct db *db);

/* Fails the transaction from outside: found content is not what it must be. */
void db_fail(struct db *db, enum store_trouble trouble, const char *detail);

/* A prepared statement. `sql` must live as long as the connection: its address is the name under which it is kept. */
struct query *db_query(struct db *db, const char *sql);

/* Parameters, numbered from 1. Bytes and text must live until the query's end. */
void query_put_int(struct query *q, int at, int64_t value);
void query_put_text(struct query *q, int at, const char *text);
void query_put_bytes(struct query *q, int at, struct bytes b);

/* The next row: false at the end, when the query has ended by itself, and after a failure. */
bool query_row(struct query *q);

/* Columns of the row, numbered from 0; bytes and text live until the next row or the query's end. */
int64_t query_int(struct query *q, int column);
const char *query_text(struct query *q, int column);
struct bytes query_bytes(struct query *q, int column);

/* Ends a query before its last row. */
void query_end(struct query *q);

/* Runs a query that gives no rows. Returns how many rows it touched. */
int64_t query_run(struct query *q);

/* Runs statements without parameters, several divided by ';'. */
void db_run(struct db *db, const char *sql);

/* What this connection replaces or deletes from now on is overwritten in the file, not only given free. Outside of transactions. */
void db_wipe(struct db *db);

/* Number given to the last inserted row. */
int64_t db_inserted(struct db *db);

/* The engine's own check of its file; `found` is called with each trouble. False when there was any. */
bool db_check(struct db *db, void (*found)(void *context, const char *what), void *context);

/* Bytes that the database takes, what lies in the log not counted. */
int64_t db_bytes(struct db *db);

/* Carries the log into the file. */
void db_checkpoint(struct db *db);

/* A copy of the whole database as it stands now, while others go on; at `path`, which must not exist. */
bool db_copy(struct db *db, const char *path, struct store_error *ret);
