/* Backup and restore of an SQLite file; see care.h. A file gets its final name by rename, after it was checked and
 * synced: whatever happens meanwhile, either the old one is there or the new one. */
#include "store/house/care.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { BACKUP_BUSY_MS = 5000 };

static bool fail(struct store_error *ret, enum store_trouble trouble, const char *detail)
{
    *ret = (struct store_error){ .trouble = trouble };
    snprintf(ret->detail, sizeof ret->detail, "%s", detail);
    return false;
}

static bool fail_errno(struct store_error *ret)
{
    return fail(ret, errno == ENOSPC ? TROUBLE_FULL : TROUBLE_CANNOT_OPEN, strerror(errno));
}

static void keep_first(void *context, const char *what)
{
    struct store_error *e = context;
    if (!e->trouble)
        fail(e, TROUBLE_DAMAGED, what);
}

/* Opens the file as our program would, upgrades it, checks everything, and folds its log in. */
static bool check_file(const char *path, struct store_error *ret)
{
    struct store_error error = { 0 };
    bool good = false;
    struct store *s = store_open(path, &(struct store_options){ .copy = true }, &error);
    if (s && store_check(s, keep_first, &error, &good) != FAULT_NONE && !error.trouble)
        error = store_error_last(s);
    store_close(&s);
    if (error.trouble)
        *ret = error;
    return good && !error.trouble;
}

static bool sync_file(const char *path, struct store_error *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(ret);
    bool good = fsync(fd) == 0;
    close(fd);
    return good || fail_errno(ret);
}

static void remove_beside(const char *path)
{
    static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
    char name[PATH_MAX];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        snprintf(name, sizeof name, "%s%s", path, tails[i]);
        unlink(name);
    }
}

/* A checked copy of an open database at `path`. */
static bool copy_checked(struct db *db, const char *path, struct store_error *ret)
{
    remove_beside(path);
    bool good = db_copy(db, path, ret) && check_file(path, ret) && sync_file(path, ret);
    if (!good)
        remove_beside(path);
    return good;
}

enum fault store_backup(struct store *s, const char *path, struct store_error *ret)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return FAULT_SETTING;
    struct db_options o = { .readonly = true, .busy_ms = BACKUP_BUSY_MS, .cache_kib = 2048 };
    struct db *db = db_open(s->path, &o, ret); /* a connection of its own: nobody waits for the copy */
    if (!db)
        return FAULT_STORE;
    bool good = copy_checked(db, part, ret);
    db_close(&db);
    if (good && rename(part, path) != 0)
        good = fail_errno(ret);
    return good ? FAULT_NONE : FAULT_STORE;
}

/* True when nobody has the database open; an absent one is nobody's. Its log is folded in. */
static bool is_free(const char *path, struct store_error *ret)
{
    if (access(path, F_OK) != 0)
        return true;
    return db_lone(path, ret);
}

bool store_restore(const char *from, const char *path, struct store_error *ret)
{
    char part[PATH_MAX], before[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part
        || snprintf(before, sizeof before, "%s.before", path) >= (int)sizeof before)
        return fail(ret, TROUBLE_CANNOT_OPEN, "path");
    if (access(from, R_OK) != 0)
        return fail_errno(ret);
    struct db *db = db_open_any(from, ret);
    if (!db)
        return false;
    bool good = copy_checked(db, part, ret);
    db_close(&db);
    if (!good || !is_free(path, ret)) {
        remove_beside(part);
        return false;
    }
    if (access(path, F_OK) == 0 && rename(path, before) != 0)
        return fail_errno(ret);
    remove_beside(path); /* a log of the old file must not meet the new one */
    return rename(part, path) == 0 || fail_errno(ret);
}
