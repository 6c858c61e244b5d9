/* The starter's folder under power cuts: the process is ended before every single step, and what comes after always ends in the new
 * version with its database or in the former one with its own. */
#include "box/starter.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place[64], database[128];
static int steps_left, steps_seen;

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        abort();
    chmod(path, mode);
}

static const char *content(const char *path)
{
    static char text[64];
    FILE *f = fopen(path, "r");
    size_t size = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[size] = '\0';
    if (f)
        fclose(f);
    return f ? text : "none";
}

static const char *inside(const char *name)
{
    static char path[2][SLOT_PATH_MAX];
    static int turn;
    turn = !turn;
    return slot_path(place, name, path[turn]);
}

static bool exists(const char *name)
{
    return access(inside(name), F_OK) == 0;
}

/* A box on slot a, its database with a log that was left, and the order to start slot b. */
static void furnish(void)
{
    char path[160];
    snprintf(place, sizeof place, "/tmp/svod-starter-XXXXXX");
    if (!mkdtemp(place))
        abort();
    snprintf(database, sizeof database, "%s/gateway.db", place);
    mkdir(inside("a"), 0755);
    mkdir(inside("b"), 0755);
    put(inside("a/svod"), "former", 0755);
    put(inside("b/svod"), "new", 0755);
    put(database, "former data", 0600);
    snprintf(path, sizeof path, "%s-wal", database);
    put(path, "former log", 0600);
    slot_use(place, "a");
    slot_order_write(place, "next", &(struct slot_order){ .slot = "b", .former = "a", .version = "2", .former_version = "1", .at_ms = 1 });
}

static void clear(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", place);
    if (system(command) != 0)
        abort();
}

static void power(const char *name)
{
    (void)name;
    steps_seen++;
    if (steps_left-- == 0)
        _exit(9);
}

enum ending { IT_WORKS, IT_FAILS };

/* What the starter does from one boot on, with a program that writes into the database and then works or fails. */
static void live(enum ending ending, void (*step)(const char *name))
{
    struct starter_options o = { .place = place, .database = database, .own = "/bin/own", .step = step };
    struct starting s;
    char path[160];
    if (!starter_prepare(&o, &s))
        _exit(8);
    if (!s.trial)
        return;
    put(database, "new data", 0600);
    snprintf(path, sizeof path, "%s-wal", database);
    put(path, "new log", 0600);
    if (ending == IT_WORKS)
        starter_keep(&o, &s);
    else
        starter_give_up(&o, &s, "exit 1");
}

/* Ended before step `n`; whether there was such a step. */
static bool cut(enum ending ending, int n)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        steps_left = n;
        live(ending, power);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 9;
}

static bool settled(void)
{
    return !exists("next") && !exists("trial") && !exists("back") && !exists("kept") && !exists("kept.new");
}

static void check(enum ending ending, int n)
{
    char now[2], path[160];
    struct slot_record records[4];
    struct starter_options o = { .place = place, .database = database, .own = "/bin/own" };
    struct starting s;
    snprintf(path, sizeof path, "%s-wal", database);
    slot_now(place, now);
    bool stays = ending == IT_WORKS;
    bool good = strcmp(now, stays ? "b" : "a") == 0 && strcmp(content(database), stays ? "new data" : "former data") == 0 && strcmp(content(path), stays ? "new log" : "former log") == 0;
    size_t count = slot_history(place, records, 4);
    good = good && settled() && count >= 1 && records[0].result == (stays ? SLOT_INSTALLED : SLOT_ROLLED_BACK) && strcmp(records[0].version, "2") == 0;
    ok(good, "%s, power lost before step %d", stays ? "a good version stays" : "a bad version goes", n);
    ok(starter_prepare(&o, &s) && !s.trial && strstr(s.program, stays ? "/b/svod" : "/a/svod"), "and the right program is started");
    /* Program and database belong together at any time: nothing of the other one is left. */
}

static void test_cuts(enum ending ending)
{
    int n = 0;
    for (bool more = true; more; n++) {
        furnish();
        more = cut(ending, n);
        live(ending, NULL); /* the next boot */
        live(ending, NULL); /* and one after that, which finds nothing to do or ends a trial that was counted */
        check(ending, n);
        clear();
    }
    ok(n > 6, "there are steps (%d)", n - 1);
}

/* Power goes under a trial again and again: the third time is the last. */
static void test_tries(void)
{
    struct starting s;
    char now[2];
    furnish();
    struct starter_options o = { .place = place, .database = database, .own = "/bin/own" };
    for (int i = 0; i < 3; i++) {
        ok(starter_prepare(&o, &s) && s.trial, "try %d", i + 1);
        put(database, "new data", 0600);
    }
    ok(starter_prepare(&o, &s) && !s.trial && strstr(s.program, "/a/svod"), "the former one comes back");
    slot_now(place, now);
    is_text(now, "a");
    is_text(content(database), "former data");
    clear();
}

/* The first update of a box: the starter's own program is the former one, and comes back when both slots are empty. */
static void test_own(void)
{
    struct starting s;
    furnish();
    struct starter_options o = { .place = place, .database = database, .own = "/bin/own" };
    slot_use(place, "");
    slot_order_write(place, "next", &(struct slot_order){ .slot = "a", .former = "", .version = "2", .former_version = "1" });
    ok(starter_prepare(&o, &s) && s.trial && strstr(s.program, "/a/svod"), "the first slot is used");
    starter_give_up(&o, &s, "hung");
    ok(starter_prepare(&o, &s) && !s.trial, "it fails");
    is_text(s.program, "/bin/own", "the starter's own program runs");
    slot_use(place, "b");
    unlink(inside("b/svod"));
    ok(starter_prepare(&o, &s), "a program that is gone");
    is_text(s.program, "/bin/own");
    slot_order_write(place, "next", &(struct slot_order){ .slot = "b", .former = "a", .version = "3", .former_version = "1" });
    ok(starter_prepare(&o, &s) && !s.trial && !exists("next"), "an order for nothing is given up");
    struct slot_record r;
    ok(slot_history(place, &r, 1) == 1 && r.result == SLOT_FAILED, "and told");
    put(inside("trial"), "{\"slot\":\"../../bin\"}", 0600);
    ok(starter_prepare(&o, &s) && !s.trial, "nonsense in the folder is no order");
    clear();
}

int main(void)
{
    test_cuts(IT_WORKS);
    test_cuts(IT_FAILS);
    test_tries();
    test_own();
    return tap_done();
}
