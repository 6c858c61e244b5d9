/* Sealed secrets: their key file, and the registry's rows that hold them. */
#include "store/frames/exchange.h"
#include "store/registry/secrets.h"
#include "store/db/db.h"
#include "store/store_help.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Two at a time, unlike help_file. */
static const char *file_of(const char *name)
{
    static char path[2][320];
    static int turn;
    snprintf(path[turn ^= 1], sizeof *path, "%s", help_file(name));
    return path[turn];
}

/* --- the vault ---------------------------------------------------------------------------------------------------------- */

static struct vault *open_vault(const char *database, char problem[STORE_ERROR_TEXT_MAX])
{
    struct store_error error = { 0 };
    struct vault *v = vault_open(database, &error);
    store_error_text(&error, LANG_EN, problem);
    return v;
}

static void test_sealing(void)
{
    char problem[STORE_ERROR_TEXT_MAX], damaged[400];
    struct arena a = { 0 };
    struct vault *v = open_vault(file_of("a.db"), problem), *again = open_vault(file_of("a.db"), problem), *other = open_vault(file_of("b.db"), problem);
    ok(v && again && other, "keys are made and read: %s", problem);
    const char *sealed = vault_seal(v, "пароль-1", &a);
    ok(vault_is_sealed(sealed) && !strstr(sealed, "пароль"), "what lies in the database does not show it");
    ok(strcmp(sealed, vault_seal(v, "пароль-1", &a)) != 0, "the same secret is sealed otherwise each time");
    is_text(vault_unseal(again, sealed, &a), "пароль-1", "the key's file opens it again");
    ok(!vault_unseal(other, sealed, &a), "another key does not");
    is_text(vault_seal(v, "", &a), "");
    is_text(vault_unseal(v, "open as it was", &a), "open as it was", "what was never sealed");
    for (size_t i = 7; sealed[i]; i++) {
        snprintf(damaged, sizeof damaged, "%s", sealed);
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        const char *opened = vault_unseal(v, damaged, &a);
        if (opened && strcmp(opened, "пароль-1") != 0)
            ok(0, "byte %zu changed unnoticed", i);
    }
    snprintf(damaged, sizeof damaged, "%.20s", sealed);
    ok(!vault_unseal(v, damaged, &a) && !vault_unseal(v, "sealed:", &a) && !vault_unseal(v, "sealed:***", &a), "cut off, empty, no base64");
    char mark[3][VAULT_MARK_TEXT];
    is_text(vault_mark(v, "пароль-1", mark[0]), vault_mark(again, "пароль-1", mark[1]), "a secret is known again by its mark");
    ok(strcmp(mark[0], vault_mark(other, "пароль-1", mark[1])) != 0 && strcmp(mark[0], vault_mark(v, "пароль-2", mark[2])) != 0, "another key, another secret: another mark");
    vault_free(&v);
    vault_free(&again);
    vault_free(&other);
    arena_free(&a);
}

static void test_key_file(void)
{
    char problem[STORE_ERROR_TEXT_MAX] = "", key[VAULT_PATH_MAX];
    struct stat about;
    vault_path(file_of("a.db"), key);
    ok(stat(key, &about) == 0 && (about.st_mode & 0777) == 0600, "the key file is its owner's alone");
    chmod(key, 0644);
    ok(!open_vault(file_of("a.db"), problem) && strstr(problem, "chmod 600"), "readable by others it is not taken: %s", problem);
    chmod(key, 0600);
    ok(truncate(key, 20) == 0 && !open_vault(file_of("a.db"), problem) && strstr(problem, "holds none"), "half a key: %s", problem);
    ok(!open_vault(file_of("nowhere/a.db"), problem), "no such folder");
    chmod(help_dir, 0500);
    bool root = geteuid() == 0;
    ok(root || !open_vault(file_of("c.db"), problem), "a folder that cannot be written");
    chmod(help_dir, 0700);
}

/* --- the registry --------------------------------------------------------------------------------------------------------- */

/* True when the bytes stand anywhere in the database or its log. */
static bool lies_in_file(const char *name, const char *words)
{
    static const char *const tails[] = { "", "-wal" };
    bool found = false;
    for (size_t i = 0; i < 2 && !found; i++) {
        char path[330];
        struct stat about;
        snprintf(path, sizeof path, "%s%s", help_file(name), tails[i]);
        int file = open(path, O_RDONLY);
        if (file < 0 || fstat(file, &about) != 0)
            continue;
        char *all = memory_new((size_t)about.st_size + 1);
        ssize_t size = read(file, all, (size_t)about.st_size);
        found = size > 0 && memmem(all, (size_t)size, words, strlen(words));
        free(all);
        close(file);
    }
    return found;
}

static int64_t add(struct store *s, const char *serial, const char *driver, const char *parameters)
{
    int64_t id = 0;
    struct store_line line = { .enabled = true, .parameters = parameters };
    struct store_meter m = { .serial = serial, .driver = driver, .enabled = true, .lines = &line, .line_count = 1 };
    is_int(store_meter_put(s, &m, &id), FAULT_NONE);
    return id;
}

static const char *parameters_of(struct store *s, int64_t id, struct arena *a)
{
    struct store_meter m = { 0 };
    return store_meter_get(s, id, a, &m) == FAULT_NONE && m.line_count == 1 ? m.lines[0].parameters : "";
}

static void test_rows(void)
{
    struct arena a = { 0 };
    bool lost = true;
    struct store *s = help_open("rows.db", NULL);
    int64_t plain = add(s, "1", "mbus", "address=5"), id = add(s, "2", "mercury230", "address=26;password=geheim77;level=2");
    ok(access(file_of("rows.db.key"), F_OK) == 0, "the key is made when the first secret comes");
    is_text(parameters_of(s, plain, &a), "address=5", "what is no secret lies open");
    const char *sealed = parameters_of(s, id, &a);
    ok(strncmp(sealed, "address=26;password=sealed:", 27) == 0 && strstr(sealed, ";level=2"), "only the secret is sealed: %s", sealed);
    is_text(secrets_open(s, sealed, &a, &lost), "address=26;password=geheim77;level=2");
    ok(!lost && !lies_in_file("rows.db", "geheim77"), "the file does not show it");

    struct store_meter m;
    store_meter_get(s, id, &a, &m);
    m.title = "renamed";
    is_int(store_meter_put(s, &m, NULL), FAULT_NONE);
    is_text(parameters_of(s, id, &a), sealed, "a row that is written back keeps what is sealed as it is");
    int64_t strange = add(s, "3", "of-another-version", "password=geheim78;speed=1");
    ok(strstr(parameters_of(s, strange, &a), "password=sealed:") && strstr(parameters_of(s, strange, &a), ";speed=1"), "of an unknown family, what any family calls secret");

    int64_t profile = 0;
    struct store_protocol p = { .title = "keys", .driver = "spodes", .parameters = "security=gmac;encryption_key=geheim79geheim79;password=" };
    is_int(store_protocol_put(s, &p, &profile), FAULT_NONE);
    is_int(store_protocol_get(s, profile, &a, &p), FAULT_NONE);
    ok(strstr(p.parameters, "encryption_key=sealed:") && strstr(p.parameters, ";password=") && !lies_in_file("rows.db", "geheim79"), "a profile's keys, too; an empty one stays empty");
    is_text(secrets_open(s, p.parameters, &a, NULL), "security=gmac;encryption_key=geheim79geheim79;password=");
    store_close(&s);
    arena_free(&a);
}

struct frames {
    int right, lost;
};

static bool count_frames(void *context, const struct exchange *e)
{
    struct frames *f = context;
    f->right += e->direction == EXCHANGE_SENT && bytes_equal(e->frame, bytes_of_text("altgeheim3"));
    f->lost += e->direction == EXCHANGE_NOTE && strstr(e->note, "another key");
    return true;
}

static void test_lost_key(void)
{
    struct arena a = { 0 };
    bool lost = false;
    struct store *s = help_open("lost.db", NULL);
    int64_t id = add(s, "1", "mercury230", "address=26;password=geheim77");
    struct exchange e = { .meter = 7, .link = 1, .utc_ms = 5000, .frame = bytes_of_text("altgeheim3") };
    struct frames frames = { 0 };
    is_int(store_exchange_put(s, &e, 1, 1 << 20), FAULT_NONE);
    store_exchanges(s, 7, 0, INT64_MAX, count_frames, &frames);
    is_int(frames.right, 1);
    store_close(&s);
    ok(!lies_in_file("lost.db", "altgeheim3"), "a frame with a password is not written open");
    chmod(file_of("lost.db.key"), 0644);
    s = help_open("lost.db", NULL);
    is_text(secrets_open(s, parameters_of(s, id, &a), &a, &lost), "address=26", "without its key a secret is left out");
    ok(lost, "and that is told");
    struct store_line line = { .parameters = "password=geheim78" };
    struct store_meter m = { .serial = "2", .driver = "mercury230", .lines = &line, .line_count = 1 };
    is_int(store_meter_put(s, &m, NULL), FAULT_STORE, "nothing is stored open");
    is_int(store_error_last(s).trouble, TROUBLE_KEY_OPEN, "the reason is told");
    store_close(&s);
    unlink(file_of("lost.db.key"));
    s = help_open("lost.db", NULL);
    secrets_open(s, parameters_of(s, id, &a), &a, &lost);
    ok(lost, "a new key does not open what the old one sealed");
    e.utc_ms = 6000;
    is_int(store_exchange_put(s, &e, 1, 1 << 20), FAULT_NONE);
    store_exchanges(s, 7, 0, INT64_MAX, count_frames, &frames);
    ok(frames.right == 2 && frames.lost == 1, "nor frames, which say so beside those of today");
    const char *before = parameters_of(s, id, &a);
    struct store_meter back;
    store_meter_get(s, id, &a, &back);
    is_int(store_meter_put(s, &back, NULL), FAULT_NONE);
    is_text(parameters_of(s, id, &a), before, "nor spoils it: the key may come back");
    store_close(&s);
    arena_free(&a);
}

/* --- a database of before ------------------------------------------------------------------------------------------------- */

enum { BEFORE = 11, OLD_METERS = 1203, OLD_FRAMES = 603 };

static void make_old(const char *name)
{
    struct store_error error = { 0 };
    struct db *db = db_open(help_file(name), &(struct db_options){ .version = BEFORE }, &error);
    ok(db != NULL);
    db_begin(db, DB_WRITE_DURABLE);
    db_run(db, "INSERT INTO protocol(project, title, driver, parameters, revision, guid) VALUES(1, 'p', 'spodes', 'password=altgeheim1;client=48', 1, '')");
    for (int i = 1; i <= OLD_METERS; i++) {
        char sql[600];
        snprintf(sql, sizeof sql,
                 "INSERT INTO meter(serial, title, driver, model, enabled, grouping, zone_minutes, depth) VALUES('%d', '', 'mercury230', '', 1, '', 0, '');"
                 "INSERT INTO comm_line(meter, place, link, protocol, priority, enabled, retries, parameters, guid) VALUES(%d, 1, 0, 0, 0, 1, 0, 'address=%d;password=altgeheim2', '');"
                 "INSERT INTO comm_line(meter, place, link, protocol, priority, enabled, retries, parameters, guid) VALUES(%d, 2, 0, 0, 0, 1, 0, 'address=%d', '')",
                 i, i, i % 200, i, i % 200);
        db_run(db, sql);
    }
    db_run(db, "INSERT INTO setting(key, value) VALUES('password-refused:7', '2f3a6bd1c0ffee00'), ('profile-step:7', '1800')");
    for (int i = 0; i < OLD_FRAMES; i++) { /* sent at once, 10 bytes, no note */
        char sql[200];
        snprintf(sql, sizeof sql, "INSERT INTO exchange(meter, link, from_ms, to_ms, body) VALUES(7, 1, %d, %d, x'00000000000000000A00000000616C7467656865696D33')", i, i);
        db_run(db, sql);
    }
    ok(db_end(db));
    db_close(&db);
}

static int open_lines, sealed_lines;

static bool count_lines(void *context, const struct store_meter *m)
{
    struct store *s = context;
    struct arena a = { 0 };
    for (int i = 0; i < m->line_count; i++) {
        bool sealed = strstr(m->lines[i].parameters, "password=sealed:");
        char clear[80];
        snprintf(clear, sizeof clear, i == 0 ? "address=%d;password=altgeheim2" : "address=%d", (int)m->id % 200);
        sealed_lines += sealed && strcmp(secrets_open(s, m->lines[i].parameters, &a, NULL), clear) == 0;
        open_lines += !sealed && strcmp(m->lines[i].parameters, clear) == 0;
    }
    arena_free(&a);
    return true;
}

static void check_sealed(const char *name)
{
    struct arena a = { 0 };
    struct store *s = help_open(name, NULL);
    const char *mark = NULL, *step = NULL;
    struct store_protocol p = { .parameters = "" };
    open_lines = sealed_lines = 0;
    is_int(store_meters(s, count_lines, s), FAULT_NONE);
    is_int(sealed_lines, OLD_METERS, "every line with a password is sealed, and opens");
    is_int(open_lines, OLD_METERS, "the others are as they were");
    is_int(store_protocol_get(s, 1, &a, &p), FAULT_NONE);
    is_text(secrets_open(s, p.parameters, &a, NULL), "password=altgeheim1;client=48");
    store_setting_get(s, "password-refused:7", &a, &mark);
    is_text(mark, "held", "a refusal stays; the sum of its password goes");
    store_setting_get(s, "profile-step:7", &a, &step);
    is_text(step, "1800");
    struct frames frames = { 0 };
    store_exchanges(s, 7, 0, INT64_MAX, count_frames, &frames);
    is_int(frames.right, OLD_FRAMES, "the journal of frames is sealed, and opens");
    ok(help_sound(s));
    store_close(&s);
    ok(!lies_in_file(name, "altgeheim") && !lies_in_file(name, "2f3a6bd1c0ffee00"), "nothing of it is left in the file, nor in its log");
    arena_free(&a);
}

static void test_old(void)
{
    make_old("old.db");
    ok(lies_in_file("old.db", "altgeheim2"), "an old database shows its passwords");
    check_sealed("old.db");
    check_sealed("old.db");
}

/* A copy that is checked under a passing name has no key: its secrets are sealed where it comes to lie. */
static void test_restored(void)
{
    struct store_error error = { 0 };
    make_old("copy.db");
    char from[320], path[320];
    snprintf(from, sizeof from, "%s", help_file("copy.db"));
    snprintf(path, sizeof path, "%s", help_file("back.db"));
    ok(store_restore(from, path, &error), "an old backup is brought back");
    ok(access(file_of("back.db.part.key"), F_OK) != 0 && access(file_of("back.db.key"), F_OK) != 0, "no key is made for the passing name");
    check_sealed("back.db");
    ok(access(file_of("back.db.key"), F_OK) == 0);

    struct store *s = help_open("back.db", NULL);
    is_int(store_backup(s, file_of("kept.db"), &error), FAULT_NONE);
    store_close(&s);
    ok(access(file_of("kept.db.part.key"), F_OK) != 0 && !lies_in_file("kept.db", "altgeheim"), "a backup is sealed and has no key beside it");
}

int main(void)
{
    test_sealing();
    test_key_file();
    test_rows();
    test_lost_key();
    test_old();
    test_restored();
    help_clean();
    return tap_done();
}
