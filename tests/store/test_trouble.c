/* Bad days: backup and restore, old and newer databases, damage, no rights, no room, somebody else. In each case nothing
 * is reported stored that is not, and the text says what to do. */
#include "store/db/db.h"
#include "store_help.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int64_t day;

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    sqlite3_open(path, &db);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        printf("# %s\n", message);
    sqlite3_free(message);
    sqlite3_close(db);
}

static void fill(struct store *s, int64_t meter, int days)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, meter, day, 48 * days);
    help_put(s, meter, &b);
    batch_free(&b);
}

static enum store_trouble open_trouble(const char *path, const struct store_options *o)
{
    struct store_error error = { 0 };
    struct store *s = store_open(path, o, &error);
    char text[STORE_ERROR_TEXT_MAX];
    if (!s)
        printf("# %s\n", store_error_text(&error, LANG_RU, text));
    store_close(&s);
    return error.trouble;
}

static void test_backup(void)
{
    char path[320], copy[320];
    snprintf(path, sizeof path, "%s", help_file("main.db"));
    snprintf(copy, sizeof copy, "%s", help_file("copy.db"));
    struct store *s = help_open("main.db", NULL);
    struct store_error error = { 0 };
    fill(s, 1, 10);
    is_int(store_backup(s, copy, &error), FAULT_NONE, "a backup of an open database");
    fill(s, 2, 10);
    is_int(store_backup(s, "/nonexistent/x.db", &error), FAULT_STORE);
    is_int(error.trouble, TROUBLE_CANNOT_OPEN);
    ok(!store_restore(copy, path, &error) && error.trouble == TROUBLE_LOCKED, "no restoring over an open database");
    is_int(help_read(s, 2, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 960, "which goes on unharmed");
    fill(s, 3, 1);
    store_close(&s);
    ok(store_restore(copy, path, &error), "restored");
    s = help_open("main.db", NULL);
    is_int(help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 960);
    is_int(help_read(s, 2, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "as of the backup");
    store_close(&s);
    s = help_open("main.db.before", NULL);
    is_int(help_read(s, 2, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 960, "and what was there is kept");
    store_close(&s);

    int fd = open(copy, O_WRONLY);
    ok(pwrite(fd, "garbage garbage", 15, 4096 * 3 + 5) == 15);
    close(fd);
    ok(!store_restore(copy, path, &error) && error.trouble == TROUBLE_DAMAGED, "a damaged backup is refused");
    s = help_open("main.db", NULL);
    is_int(help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 960, "before it replaces anything");
    store_close(&s);
    fd = open(path, O_WRONLY | O_TRUNC);
    ok(write(fd, "no database at all, only text that somebody put here", 52) == 52);
    close(fd);
    char before[320];
    snprintf(before, sizeof before, "%s", help_file("other-day.db"));
    ok(rename(help_file("main.db.before"), before) == 0);
    ok(store_restore(before, path, &error));
    s = help_open("main.db", NULL);
    ok(s && help_read(s, 2, ARCHIVE_PROFILE, 0, INT64_MAX)->count == 960, "a ruined file can be replaced");
    store_close(&s);
}

/* A database of a former version in place of today's, with the readings that it holds. */
static void old_with_data_of(const char *path, int version)
{
    char today[340], sql[800];
    struct store_error error;
    snprintf(today, sizeof today, "%s-today", path);
    ok(rename(path, today) == 0);
    struct db *db = db_open(path, &(struct db_options){ .version = version }, &error);
    db_close(&db);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS today; INSERT INTO layout SELECT * FROM today.layout; INSERT INTO block SELECT * FROM today.block;"
                              "INSERT INTO hot SELECT * FROM today.hot", today);
    run_sql(path, sql);
}

static void test_versions(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s", help_file("old.db"));
    run_sql(path, "PRAGMA application_id=1398165316; PRAGMA journal_mode=WAL;"
                  "CREATE TABLE probe(x); DROP TABLE probe");
    struct store *s = help_open("old.db", NULL);
    ok(s != NULL, "an empty database of ours becomes today's");
    fill(s, 1, 3);
    store_close(&s);
    old_with_data_of(path, 1);
    run_sql(path, "INSERT INTO meter VALUES(1, '7', '', 'mbus', '', 3, 'address=7', 1, '', 0, '')");
    struct store_options look = { .readonly = true };
    is_int(open_trouble(path, &look), TROUBLE_READONLY, "an old one cannot be upgraded by looking");
    s = help_open("old.db", NULL);
    ok(s && help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count == 288, "version 1 is brought up, data and all");
    struct arena a = { 0 };
    struct store_meter m = { 0 };
    is_int(s ? store_meter_get(s, 1, &a, &m) : FAULT_STORE, FAULT_NONE);
    ok(m.line_count == 1 && m.lines[0].place == 1 && m.lines[0].link == 3 && m.lines[0].protocol == 0 && m.lines[0].enabled, "a meter's link is its first line");
    is_text(m.line_count ? m.lines[0].parameters : "", "address=7");
    arena_free(&a);
    struct exchange e = { .meter = 1, .utc_ms = 1, .frame = bytes_of("x", 1) };
    is_int(store_exchange_put(s, &e, 1, 1 << 20), FAULT_NONE);
    ok(help_sound(s));
    store_close(&s);
    run_sql(path, "PRAGMA user_version=99");
    is_int(open_trouble(path, NULL), TROUBLE_NEWER, "a newer one is refused");
    run_sql(help_file("other.db"), "CREATE TABLE songs(title TEXT)");
    is_int(open_trouble(help_file("other.db"), NULL), TROUBLE_FOREIGN, "another program's is refused");
}

static void test_damage(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s", help_file("hurt.db"));
    FILE *f = fopen(path, "w");
    fputs("this is not a database, it is a letter to whom it may concern, long enough for a header of 100 bytes......", f);
    fclose(f);
    is_int(open_trouble(path, NULL), TROUBLE_DAMAGED);
    unlink(path);

    struct store *s = help_open("hurt.db", NULL);
    for (int meter = 1; meter < 200; meter++)
        fill(s, meter, 3);
    store_close(&s);
    run_sql(path, "UPDATE block SET body = x'1000' WHERE key = (SELECT key FROM block LIMIT 1 OFFSET 77)");
    s = help_open("hurt.db", NULL);
    ok(!help_sound(s), "a block that does not decode is found");
    store_close(&s);

    run_sql(path, "DELETE FROM block WHERE key = (SELECT key FROM block LIMIT 1 OFFSET 77)");
    s = help_open("hurt.db", NULL);
    struct owed_want want = { 5, ARCHIVE_PROFILE, 1800, { day, day + DAY_SECONDS * 4 } };
    store_owed_expect(s, &want, 1);
    ok(help_sound(s));
    store_close(&s);
    run_sql(path, "UPDATE owed_mark SET done = done + 1800");
    s = help_open("hurt.db", NULL);
    ok(!help_sound(s), "a debt that is wrong is found");
    store_close(&s);

    int fd = open(path, O_RDWR);
    static uint8_t noise[4096];
    memset(noise, 0xA5, sizeof noise);
    for (int page = 3; page < 30; page++)
        ok(pwrite(fd, noise, sizeof noise, page * 4096) == sizeof noise);
    close(fd);
    struct store_error error = { 0 };
    s = store_open(path, NULL, &error);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, 3, day, 96);
    enum fault fault = s ? store_put(s, 3, &b, NULL) : FAULT_STORE;
    is_int(fault, FAULT_STORE, "nothing is reported stored in a broken file");
    if (s)
        error = store_error_last(s);
    is_int(error.trouble, TROUBLE_DAMAGED);
    store_close(&s);
    batch_free(&b);
}

static void test_no_rights(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s", help_file("fixed.db"));
    struct store *s = help_open("fixed.db", NULL);
    fill(s, 1, 1);
    store_close(&s);
    is_int(open_trouble("/nonexistent/a.db", NULL), TROUBLE_CANNOT_OPEN);

    chmod(path, 0444);
    chmod(help_dir, 0755);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) /* root may write anything */
            _exit(99);
        struct store_error error = { 0 };
        s = store_open(path, NULL, &error);
        _exit(s ? 98 : (int)error.trouble);
    }
    int status;
    waitpid(child, &status, 0);
    is_int(WEXITSTATUS(status), TROUBLE_READONLY, "a file that may only be read");
    chmod(path, 0644);

    struct store_options look = { .readonly = true };
    struct store_error error;
    s = store_open(path, &look, &error);
    ok(s && help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count == 96, "looking is possible");
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, 1, day, 1);
    is_int(store_put(s, 1, &b, NULL), FAULT_STORE);
    is_int(store_error_last(s).trouble, TROUBLE_READONLY);
    batch_free(&b);
    store_close(&s);
}

static void test_no_room(void)
{
    struct store_options small = { .max_bytes = 100 * 4096 };
    struct store *s = help_open("small.db", &small);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    int64_t stored = 0;
    enum fault fault = FAULT_NONE;
    while (fault == FAULT_NONE && stored < 100000) {
        help_profile(&b, stored + 1, day, 480);
        fault = store_put(s, stored + 1, &b, NULL);
        batch_reset(&b);
        stored += fault == FAULT_NONE;
    }
    is_int(fault, FAULT_STORE, "there is an end of room");
    is_int(store_error_last(s).trouble, TROUBLE_FULL);
    int64_t whole = 0;
    for (int64_t meter = 1; meter <= stored; meter++)
        whole += help_read(s, meter, ARCHIVE_PROFILE, 0, INT64_MAX)->count == 960;
    is_int(whole, stored, "all that was reported is there");
    is_int(help_read(s, stored + 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "and no half of what was not");
    ok(help_sound(s));
    batch_free(&b);
    store_close(&s);
}

/* The log itself cannot grow: the write fails in the middle of a commit, not while pages are given out. */
static void test_no_room_for_log(void)
{
    int64_t stored = 0;
    int ends[2];
    store_close(&(struct store *){ help_open("cut.db", NULL) });
    if (pipe(ends))
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = { 600 << 10, 600 << 10 };
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        struct store *s = help_open("cut.db", NULL);
        struct batch b;
        batch_init(&b, BATCH_BYTES_USUAL);
        for (enum fault fault = FAULT_NONE; fault == FAULT_NONE;) {
            help_profile(&b, stored + 1, day, 480);
            fault = store_put(s, stored + 1, &b, NULL);
            batch_reset(&b);
            stored += fault == FAULT_NONE;
        }
        int trouble = (int)store_error_last(s).trouble;
        _exit(write(ends[1], &stored, sizeof stored) == sizeof stored ? trouble : 99);
    }
    int status;
    ok(read(ends[0], &stored, sizeof stored) == sizeof stored && stored > 10);
    waitpid(child, &status, 0);
    ok(WEXITSTATUS(status) == TROUBLE_FULL || WEXITSTATUS(status) == TROUBLE_IO, "the log cannot grow");
    struct store *s = help_open("cut.db", NULL);
    int64_t whole = 0;
    for (int64_t meter = 1; meter <= stored; meter++)
        whole += help_read(s, meter, ARCHIVE_PROFILE, 0, INT64_MAX)->count == 960;
    is_int(whole, stored, "all that was reported is there");
    is_int(help_read(s, stored + 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "and no half of what was not");
    ok(help_sound(s));
    store_close(&s);
}

static void test_locked(void)
{
    struct store_options hasty = { .busy_ms = 50 };
    struct store *s = help_open("shared.db", &hasty);
    int ready[2], done[2];
    char byte = 0;
    if (pipe(ready) || pipe(done))
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) { /* holds the write lock until told */
        sqlite3 *db;
        sqlite3_open(help_file("shared.db"), &db);
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        _exit(write(ready[1], "x", 1) != 1 || read(done[0], &byte, 1) != 1);
    }
    ok(read(ready[0], &byte, 1) == 1);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, 1, day, 48);
    is_int(store_put(s, 1, &b, NULL), FAULT_STORE, "another process writes");
    is_int(store_error_last(s).trouble, TROUBLE_LOCKED);
    is_int(help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "reading goes on");
    ok(write(done[1], "x", 1) == 1);
    waitpid(child, NULL, 0);
    is_int(store_put(s, 1, &b, NULL), FAULT_NONE, "and it can be put again");
    batch_free(&b);
    store_close(&s);
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    test_backup();
    test_versions();
    test_damage();
    test_no_rights();
    test_no_room();
    test_no_room_for_log();
    test_locked();
    help_clean();
    return tap_done();
}
