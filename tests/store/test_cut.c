/* Power that goes in the middle of a write: the log is cut at any byte, or ends in bytes that never came, or was on its way into the
 * file. What the database then says is what it said after some whole step, the last that fits into what is left: archive, feed, a
 * reader's place, letters with their files, forms, settings and the table of servers agree with each other, and nothing is damaged. */
#include "store/box/forms.h"
#include "store/house/house.h"
#include "store/upward/feed.h"
#include "store_help.h"

#include <sys/stat.h>

enum { ROUNDS = 5, KINDS = 6, STEPS = ROUNDS * KINDS, METER = 5, HALF_HOURS = 3 };

/* What can be seen from outside. */
struct seen {
    int64_t values, last, place, letters, form, servers;
    int setting, counter;
};

static int64_t day;

/* ---- steps: whatever changes at once must be there at once ---- */

static void put_readings(struct store *s, int round)
{
    static struct batch b;
    if (round == 0)
        batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, METER, day + round * HALF_HOURS * 1800, HALF_HOURS);
    help_put(s, METER, &b);
}

static void move_reader(struct store *s)
{
    int64_t last = 0;
    store_feed_last(s, &last);
    is_int(store_feed_move(s, &(struct feed_reader){ .name = "mqtt:1", .position = last, .note = "" }, 1), FAULT_NONE);
}

static void post_letter(struct store *s, int round)
{
    static const char *const to[] = { "a@example.org", "b@example.org" };
    char content[6000];
    int64_t last = 0;
    memset(content, 'a' + round, sizeof content); /* more than a page */
    store_feed_last(s, &last);
    is_int(store_letters_file(s, &(struct store_letter){ .subject = "Данные", .body = "x", .trouble = "" }, to, 2,
                              &(struct store_letter_file){ .name = "d.csv", .type = "text/csv", .content = bytes_of(content, sizeof content) },
                              &(struct feed_reader){ .name = "post", .position = last, .note = "" }), FAULT_NONE);
}

static void write_settings(struct store *s, int round)
{
    char number[24], form[64];
    int64_t revision = 0;
    struct arena a = { 0 };
    const char *content;
    snprintf(number, sizeof number, "%d", round + 1);
    snprintf(form, sizeof form, "{\"round\":%d}", round + 1);
    store_form_get(s, "box.lan", &a, &content, &revision);
    store_together(s); /* as a file of settings is loaded */
    store_form_put(s, "box.lan", form, revision);
    store_setting_put(s, "round", number);
    is_int(store_apart(s, true), FAULT_NONE);
    arena_free(&a);
}

static void write_servers(struct store *s, int round)
{
    struct store_server rows[STORE_SERVERS_MAX];
    size_t count = 0;
    int64_t revision = 0;
    store_servers(s, rows, &count, &revision);
    const struct store_server table[] = { { "http", 8000 + round, false }, { "rtu327", 9000 + round, true } };
    is_int(store_servers_put(s, table, 2, revision), FAULT_NONE);
}

static void one_step(struct store *s, int step)
{
    int round = step / KINDS;
    switch (step % KINDS) {
    case 0: put_readings(s, round); break;
    case 1: move_reader(s); break;
    case 2: post_letter(s, round); break;
    case 3: write_settings(s, round); break;
    case 4: write_servers(s, round); break;
    default: is_int(store_counter_put(s, "keys", round + 1), FAULT_NONE);
    }
}

/* ---- what is there ---- */

static bool count_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct seen *seen = context;
    (void)kept;
    seen->values += !obis_equal(r->obis, A_PLUS) || r->value.mantissa == help_value(METER, r->wall);
    return true;
}

static bool take_place(void *context, const struct feed_reader *r)
{
    struct seen *seen = context;
    seen->place = seen->place * 1000 + r->position;
    return true;
}

static bool take_letter(void *context, const struct store_letter *letter)
{
    struct seen *seen = context;
    seen->letters += letter->file != 0;
    return true;
}

static void look(struct store *s, struct seen *ret)
{
    struct arena a = { 0 };
    const char *text = NULL;
    struct store_server rows[STORE_SERVERS_MAX];
    size_t count = 0;
    int64_t revision, counter = 0;
    *ret = (struct seen){ 0 };
    store_readings(s, METER, ARCHIVE_PROFILE, NULL, 0, (struct span){ day, day + DAY_SECONDS }, count_reading, ret);
    store_feed_last(s, &ret->last);
    store_feed_readers(s, "", take_place, ret);
    store_letters(s, take_letter, ret);
    store_form_get(s, "box.lan", &a, &text, &ret->form);
    int round = 0, told = text && sscanf(text, "{\"round\":%d}", &round) == 1;
    ret->form = ret->form * 1000 + (told ? round : 0);
    if (store_setting_get(s, "round", &a, &text) == FAULT_NONE && text)
        ret->setting = atoi(text);
    store_servers(s, rows, &count, &revision);
    for (size_t i = 0; i < count; i++)
        ret->servers = ret->servers * 10000 + rows[i].port;
    store_counter_get(s, "keys", &counter);
    ret->counter = (int)counter;
    arena_free(&a);
}

/* ---- files ---- */

static int64_t size_of(const char *name)
{
    struct stat st;
    return stat(help_file(name), &st) == 0 ? st.st_size : 0;
}

/* The first `size` bytes; behind them `rubbish` bytes that are none of the log's. */
static void copy_part(const char *from, const char *to, int64_t size, int64_t rubbish)
{
    char block[4096];
    FILE *in = fopen(help_file(from), "rb"), *out = fopen(help_file(to), "wb");
    while (size > 0) {
        size_t got = fread(block, 1, size < (int64_t)sizeof block ? (size_t)size : sizeof block, in);
        if (got == 0 || fwrite(block, 1, got, out) != got)
            break;
        size -= (int64_t)got;
    }
    for (; rubbish > 0; rubbish--)
        fputc((int)(rubbish * 37 & 0xFF), out);
    fclose(in);
    fclose(out);
}

static struct seen after[STEPS + 1];
static int64_t log_size[STEPS + 1];

/* Opened as after the power came back: what step `want` left is seen, and work goes on from there. */
static bool stands(int want, bool go_on)
{
    struct seen seen;
    struct store *s = help_open("cut.db", NULL);
    if (!s)
        return false;
    look(s, &seen);
    bool good = memcmp(&seen, &after[want], sizeof seen) == 0 && help_sound(s);
    if (go_on && good) {
        for (int step = want; step < STEPS; step++)
            one_step(s, step);
        look(s, &seen);
        good = seen.values == after[STEPS].values && seen.letters == after[STEPS].letters && seen.setting == ROUNDS && help_sound(s);
    }
    store_close(&s);
    remove(help_file("cut.db-wal"));
    remove(help_file("cut.db-shm"));
    return good;
}

/* The log as it was when `cut` bytes of it had come: the last whole step that fits is there. */
static bool is_whole(int64_t cut, int64_t rubbish, bool go_on)
{
    int want = STEPS;
    while (want > 0 && log_size[want] > cut)
        want--;
    copy_part("base.db", "cut.db", size_of("base.db"), 0);
    copy_part("base.db-wal", "cut.db-wal", cut, rubbish);
    bool good = stands(want, go_on);
    if (!good)
        printf("# cut at %lld, %lld of rubbish: step %d of %d\n", (long long)cut, (long long)rubbish, want, STEPS);
    return good;
}

/* So many bytes of the whole log had gone into the file. */
static bool is_whole_while_it_goes_in(int64_t bytes)
{
    copy_part("base.db", "cut.db", size_of("base.db"), 0);
    copy_part("base.db-wal", "cut.db-wal", size_of("base.db-wal"), 0);
    char *part = malloc((size_t)bytes + 1);
    FILE *whole = fopen(help_file("power.db"), "rb"), *cut = fopen(help_file("cut.db"), "r+b");
    size_t got = fread(part, 1, (size_t)bytes, whole);
    bool put = fwrite(part, 1, got, cut) == got;
    fclose(whole);
    fclose(cut);
    free(part);
    return put && stands(STEPS, false);
}

/* Every page of the log once, and every one cut in two. */
static void test_log(void)
{
    enum { FRAME = 24 + 4096, HEAD = 32 };
    int cuts = 0, bad = 0;
    int64_t end = log_size[STEPS];
    for (int64_t at = HEAD; at <= end; at += FRAME, cuts += 3) {
        int64_t more = at * 7 % FRAME;
        bad += !is_whole(at, 0, false);
        bad += !is_whole(at + more < end ? at + more : end, 0, false);
        bad += !is_whole(at, at * 13 % FRAME, false);
    }
    ok(cuts > 3 * STEPS, "%d cuts over %lld KiB of log", cuts, (long long)end / 1024);
    is_int(bad, 0, "whole after each of them");
    ok(is_whole(end / 2, 100, true) && is_whole(end / 3, 0, true), "and work goes on from there");
}

static void test_file(void)
{
    int bad = 0;
    int64_t size = size_of("power.db");
    for (int part = 0; part <= 12; part++)
        bad += !is_whole_while_it_goes_in(size * part / 12 - (part == 12 ? 0 : part * 100));
    is_int(bad, 0, "whole when the power goes while the log goes into the file");
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    struct store *s = help_open("power.db", NULL);
    is_int(store_feed_join(s, "mqtt:1"), FAULT_NONE);
    is_int(store_feed_join(s, "post"), FAULT_NONE);
    store_close(&s); /* all of it in the file */
    s = help_open("power.db", &(struct store_options){ .checkpoint_kib = 65536 });
    look(s, &after[0]);
    log_size[0] = size_of("power.db-wal");
    for (int step = 0; step < STEPS; step++) {
        one_step(s, step);
        look(s, &after[step + 1]);
        log_size[step + 1] = size_of("power.db-wal");
    }
    ok(after[STEPS].values == ROUNDS * HALF_HOURS * 2 && after[STEPS].letters == ROUNDS * 2 && after[STEPS].counter == ROUNDS, "the steps do what they should");
    copy_part("power.db", "base.db", size_of("power.db"), 0);
    copy_part("power.db-wal", "base.db-wal", log_size[STEPS], 0);
    test_log();
    store_close(&s); /* now the file has it */
    test_file();
    help_clean();
    return tap_done();
}
