/* The household's tables: letters, notices, rules of archives, log lines; each bounded. */
#include "store/house/house.h"
#include "store/house/keeping.h"
#include "meter/relay.h"
#include "store/inside.h"
#include "store/people/people.h"
#include "store_help.h"

static int64_t now = 1800000000000;

static int64_t clock_of_test(void)
{
    return now;
}

/* ---- letters ---- */

static bool count_letter(void *context, const struct store_letter *l)
{
    (void)l;
    ++*(int *)context;
    return true;
}

static void test_letters(struct store *s)
{
    struct arena a = { 0 };
    struct store_letter l;
    int64_t id = 0, counts[LETTER_STATES];
    is_int(store_letter_due(s, now, &a, &l), FAULT_NO_DATA);
    for (int i = 0; i < LETTERS_WAITING_MAX; i++)
        if (store_letter_add(s, &(struct store_letter){ .to = "a@b", .subject = "x", .body = "y" }, i == 0 ? &id : NULL) != FAULT_NONE)
            ok(0, "letter %d", i);
    is_int(store_letter_add(s, &(struct store_letter){ .to = "a@b", .subject = "x", .body = "y" }, NULL), FAULT_LIMIT, "the queue is bounded");
    is_int(store_letter_due(s, now, &a, &l), FAULT_NONE);
    is_int(l.id, id, "the oldest first");
    l.tries = 1;
    l.due_ms = now + 60000;
    l.trouble = "later";
    store_letter_put(s, &l);
    store_letter_due(s, now, &a, &l);
    ok(l.id != id, "put off, it lets others pass");
    store_letters_hurry(s);
    now += 1;
    for (int left = LETTERS_WAITING_MAX; left > 0 && store_letter_due(s, now, &a, &l) == FAULT_NONE; left--) {
        l.state = LETTER_SENT;
        l.trouble = "";
        store_letter_put(s, &l);
        arena_reset(&a);
    }
    store_letter_counts(s, counts);
    is_int(counts[LETTER_WAITING], 0);
    is_int(counts[LETTER_SENT], LETTERS_ENDED_KEPT, "of ended ones the last stay");
    int listed = 0;
    store_letters(s, count_letter, &listed);
    is_int(listed, LETTERS_ENDED_KEPT);
    arena_free(&a);
}

static void test_letter_files(struct store *s)
{
    static const char *const to[] = { "a@b", "c@d" };
    static const char content[] = "one;two\n";
    struct store_letter_file file = { "показания.csv", "text/csv", bytes_of(content, sizeof content - 1) }, kept;
    struct store_letter letter = { .subject = "x", .body = "y" }, l;
    struct feed_reader reader = { .name = "post", .position = 0, .note = "7" };
    struct store_letters_filed filed;
    struct arena a = { 0 };
    is_int(store_letters_file(s, &letter, to, 2, &file, &reader), FAULT_NONE);
    for (int i = 0; i < 2 && store_letter_due(s, now + 1, &a, &l) == FAULT_NONE; i++) {
        is_text(l.to, to[i], "each has a letter of his own");
        is_int(store_letter_file_get(s, l.file, &a, &kept), FAULT_NONE, "its file is there");
        ok(bytes_equal(kept.content, file.content) && strcmp(kept.name, file.name) == 0, "as it was given");
        l.state = i ? LETTER_SENT : LETTER_GIVEN_UP;
        l.trouble = i ? "" : "refused";
        store_letter_put(s, &l);
    }
    is_int(store_letter_file_get(s, l.file, &a, &kept), FAULT_NO_DATA, "with the last letter it goes");
    store_letters_filed(s, &a, &filed);
    ok(filed.waiting == 0 && filed.given_up == 1 && filed.sent_ms && strcmp(filed.trouble, "refused") == 0, "how they went");
    for (int i = 0; i < LETTERS_FILED_MAX / 2; i++)
        store_letters_file(s, &letter, to, 2, &file, &reader);
    is_int(store_letters_file(s, &letter, to, 1, &file, &reader), FAULT_LIMIT, "letters with files are bounded");
    is_int(store_letter_add(s, &(struct store_letter){ .to = "a@b", .subject = "x", .body = "y" }, NULL), FAULT_NONE, "others are not held up by them");
    arena_free(&a);
}

/* ---- notices ---- */

struct seen {
    int count;
    int64_t first, last;
};

static bool note_notice(void *context, const struct store_notice *n)
{
    struct seen *s = context;
    if (s->count++ == 0)
        s->first = n->id;
    s->last = n->id;
    return true;
}

static void test_notices(struct store *s)
{
    int64_t first = 0, unread = 0, last = 0;
    for (int i = 0; i < NOTICES_KEPT + 20; i++)
        store_notice_add(s, &(struct store_notice){ .person = 7, .kind = i % 2 ? "disk" : "security", .level = 1, .count = i, .object = "x" }, i == 0 ? &first : NULL);
    store_notice_add(s, &(struct store_notice){ .person = 8, .kind = "disk", .count = 1, .object = "y" }, NULL);
    struct seen all = { 0 }, one = { 0 };
    store_notices(s, &(struct notice_filter){ .person = 7 }, note_notice, &all);
    is_int(all.count, NOTICES_KEPT, "the newest of a person stay");
    ok(all.first > all.last && all.last > first);
    store_notices(s, &(struct notice_filter){ .person = 8 }, note_notice, &one);
    is_int(one.count, 1, "another's are his own");
    is_int(store_notices_read(s, 8, all.first), FAULT_NO_DATA, "nobody reads another's");
    is_int(store_notices_delete(s, 8, all.first), FAULT_NO_DATA, "or deletes them");
    is_int(store_notices_read(s, 7, all.first), FAULT_NONE);
    store_notices_unread(s, 7, &unread);
    is_int(unread, NOTICES_KEPT - 1);
    store_notices_read(s, 7, 0);
    store_notices_unread(s, 7, &unread);
    is_int(unread, 0);
    store_notice_last(s, 7, "disk", &last);
    is_int(last, now);
    store_notices_expire(s, now);
    struct seen kept = { 0 };
    store_notices(s, &(struct notice_filter){ .person = 7 }, note_notice, &kept);
    is_int(kept.count, NOTICES_KEPT, "not older than the moment");
    store_notices_expire(s, now + 1);
    kept = (struct seen){ 0 };
    store_notices(s, &(struct notice_filter){ .person = 7 }, note_notice, &kept);
    is_int(kept.count, 0);
}

/* ---- archives ---- */

static void put_day(struct store *s, int64_t wall)
{
    struct batch b;
    batch_init(&b, 1 << 20);
    b.sink.reading(&b.sink, &(struct reading){ .obis = A_PLUS, .wall = wall, .value = decimal_of(5, 0), .unit = UNIT_WATT_HOUR, .archive = ARCHIVE_DAY });
    is_int(store_put(s, 1, &b, NULL), FAULT_NONE);
    batch_free(&b);
}

static bool count_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)r, (void)kept;
    ++*(int *)context;
    return true;
}

static int days_stored(struct store *s)
{
    int count = 0;
    store_readings(s, 1, ARCHIVE_DAY, NULL, 0, (struct span){ 0, now / 1000 + DAY_SECONDS }, count_reading, &count);
    return count;
}

static void test_keeping(struct store *s)
{
    struct keeping all[KEEPING_COUNT];
    int64_t today = wall_day_start(now / 1000);
    is_int(store_keeping(s, all), FAULT_NONE);
    for (int i = 0; i < KEEPING_COUNT; i++)
        if (keeping_find(keeping_name(i)) != i || !all[i].active || all[i].days < 1 || all[i].forever || !*keeping_usual_title(i, LANG_EN))
            ok(0, "preset %d", i);
    is_int(keeping_depth(all, ARCHIVE_DAY, 60), 60);
    is_int(keeping_depth(all, ARCHIVE_DAY, 5000), all[ARCHIVE_DAY].days, "what would be cleared is not asked for");
    put_day(s, today);
    put_day(s, today - 100 * DAY_SECONDS);
    is_int(days_stored(s), 2);
    struct keeping k = all[ARCHIVE_DAY];
    k.active = false;
    is_int(store_keeping_put(s, ARCHIVE_DAY, &k), FAULT_NONE);
    is_int(store_keeping_put(s, ARCHIVE_DAY, &k), FAULT_CHANGED, "somebody was faster");
    store_keeping(s, all);
    is_int(keeping_depth(all, ARCHIVE_DAY, 60), 0, "an inactive archive is not asked for");
    put_day(s, today - DAY_SECONDS);
    is_int(days_stored(s), 2, "and not stored");
    k = all[ARCHIVE_DAY];
    k.active = true;
    k.days = 30;
    k.forever = true;
    snprintf(k.title, sizeof k.title, "Сутки");
    is_int(store_keeping_put(s, ARCHIVE_DAY, &k), FAULT_NONE);
    is_int(store_keep(s), FAULT_NONE);
    is_int(days_stored(s), 2, "never cleared");
    store_keeping(s, all);
    is_text(all[ARCHIVE_DAY].title, "Сутки");
    all[ARCHIVE_DAY].forever = false;
    store_keeping_put(s, ARCHIVE_DAY, &all[ARCHIVE_DAY]);
    is_int(store_keep(s), FAULT_NONE);
    is_int(days_stored(s), 1, "older than its term goes");
}

static int64_t count_rows(struct store *s, const char *sql)
{
    struct side *side = side_begin(s, DB_READ);
    int64_t rows = row_number(db_query(side->db, sql));
    side_end(side);
    return rows;
}

static void put_states_at(struct store *s, int64_t wall, int64_t value, const char *firmware)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    emit_state(&b.sink, RELAY_OUTPUT(0), wall, value);
    emit_state(&b.sink, OBIS(0, 0, 97, 98, 0, 255), wall, value);
    emit_state(&b.sink, OBIS(0, 0, 199, 1, 0, 255), wall, value);
    emit_fact(&b.sink, FACT_FIRMWARE, firmware);
    emit_fact(&b.sink, FACT_RATIO_CURRENT, firmware);
    help_put(s, 2, &b);
    batch_free(&b);
}

/* Five archives of states (S3 2.2.29), each with a term and a switch of its own. */
static void test_state_archives(struct store *s)
{
    struct keeping all[KEEPING_COUNT];
    int64_t kept = now, today = now / 1000;
    is_int(state_group(RELAY_MODE(2)), STATE_GROUP_RELAY);
    is_int(state_group(RELAY_LOCK), STATE_GROUP_RELAY);
    is_int(state_group(OBIS(0, 0, 199, 2, 0, 255)), STATE_GROUP_TIME);
    is_int(fact_group(FACT_RATIO_VOLTAGE), STATE_GROUP_CONFIGURATION);
    is_int(keeping_find("state"), KEEPING_COUNT, "there is no archive of all states");
    for (int i = 3; i >= 0; i--) {
        now = kept - (int64_t)i * 40 * DAY_SECONDS * 1000;
        put_states_at(s, now / 1000, i, i % 2 ? "1.0" : "2.0");
    }
    now = kept;
    const char *relays = "SELECT count(*) FROM state WHERE meter = 2 AND (obis >> 16) & 255 = 3 AND (obis >> 24) & 255 = 96";
    const char *alarms = "SELECT count(*) FROM state WHERE meter = 2 AND (obis >> 24) & 255 = 97";
    const char *contact = "SELECT count(*) FROM state WHERE meter = 2 AND (obis >> 24) & 255 = 199";
    const char *firmware = "SELECT count(*) FROM fact WHERE meter = 2 AND kind = 3", *ratio = "SELECT count(*) FROM fact WHERE meter = 2 AND kind = 8";
    _Static_assert(FACT_FIRMWARE == 3 && FACT_RATIO_CURRENT == 8, "kinds in the queries above");
    ok(count_rows(s, relays) == 4 && count_rows(s, alarms) == 4 && count_rows(s, firmware) == 4 && count_rows(s, ratio) == 4);
    store_keeping(s, all);
    struct keeping *relay = &all[KEEP_STATES + STATE_GROUP_RELAY], *status = &all[KEEP_STATES + STATE_GROUP_STATUS], *who = &all[KEEP_STATES + STATE_GROUP_INFORMATION];
    relay->days = who->days = 50;
    status->days = 50;
    status->forever = true;
    is_int(store_keeping_put(s, KEEP_STATES + STATE_GROUP_RELAY, relay), FAULT_NONE);
    is_int(store_keeping_put(s, KEEP_STATES + STATE_GROUP_STATUS, status), FAULT_NONE);
    is_int(store_keeping_put(s, KEEP_STATES + STATE_GROUP_INFORMATION, who), FAULT_NONE);
    is_int(store_keep(s), FAULT_NONE);
    is_int(count_rows(s, relays), 3, "beyond the term goes all but what held then");
    is_int(count_rows(s, alarms), 4, "another group is never cleared");
    is_int(count_rows(s, firmware), 3, "facts are information");
    is_int(count_rows(s, ratio), 4, "ratios are configuration, which has a longer term");
    is_int(store_retain(s, ARCHIVE_STATE, 1), FAULT_NONE);
    ok(count_rows(s, relays) == 2 && count_rows(s, alarms) == 2 && count_rows(s, ratio) == 2, "all of them by hand; what holds stays");

    store_keeping(s, all);
    relay->active = false;
    status->active = false;
    is_int(store_keeping_put(s, KEEP_STATES + STATE_GROUP_RELAY, relay), FAULT_NONE);
    is_int(store_keeping_put(s, KEEP_STATES + STATE_GROUP_STATUS, status), FAULT_NONE);
    is_int(keeping_depth(all, ARCHIVE_STATE, 7), 7, "states are asked for as long as any of their archives is active");
    put_states_at(s, today + 60, 77, "3.0");
    ok(count_rows(s, relays) == 2 && count_rows(s, alarms) == 2, "what is not active is not stored");
    ok(count_rows(s, contact) == 3 && count_rows(s, firmware) == 3, "but the others, and what collection needs");
    for (int g = 0; g < STATE_GROUPS; g++)
        all[KEEP_STATES + g].active = false;
    is_int(keeping_depth(all, ARCHIVE_STATE, 7), 0);
}

/* What people set of the one archive of states there was holds of all five. */
static void test_former_rule(void)
{
    struct store_error error = { 0 };
    struct keeping all[KEEPING_COUNT];
    struct db *db = db_open(help_file("former.db"), &(struct db_options){ .version = 13 }, &error);
    db_begin(db, DB_WRITE_DURABLE);
    db_run(db, "INSERT INTO archive_rule(name, title, active, days, forever, revision) VALUES('state', '', 0, 77, 1, 5), ('day', 'D', 1, 55, 0, 3)");
    ok(db_end(db));
    db_close(&db);
    struct store *s = help_open("former.db", NULL);
    is_int(store_keeping(s, all), FAULT_NONE);
    for (int g = 0; g < STATE_GROUPS; g++)
        ok(all[KEEP_STATES + g].days == 77 && all[KEEP_STATES + g].forever && !all[KEEP_STATES + g].active, "%s", keeping_name(KEEP_STATES + g));
    is_int(all[ARCHIVE_DAY].days, 55);
    store_close(&s);
}

static bool count_exchange(void *context, const struct exchange *e)
{
    (void)e;
    ++*(int *)context;
    return true;
}

static void test_exchanges(struct store *s)
{
    struct exchange old = { .meter = 1, .link = 1, .utc_ms = now - 40LL * DAY_SECONDS * 1000, .frame = bytes_of("abcd", 4), .note = "" }, fresh = old;
    fresh.utc_ms = now;
    store_exchange_put(s, &old, 1, 1 << 20);
    store_exchange_put(s, &fresh, 1, 1 << 20);
    is_int(store_keep(s), FAULT_NONE);
    int count = 0;
    store_exchanges(s, 1, 0, now + 1, count_exchange, &count);
    is_int(count, 1, "frames of more than a month ago go");
    int64_t ring = 0;
    store_counter_get(s, "exchange.bytes", &ring);
    ok(ring > 41 && ring < 41 + 4 + 17 + 16, "and the ring's size is what is left: %lld", (long long)ring);
}

/* ---- log lines ---- */

static bool count_line(void *context, const struct store_log_line *l)
{
    (void)l;
    ++*(int *)context;
    return true;
}

static int lines_found(struct store *s, struct log_line_filter f)
{
    int count = 0;
    f.to_ms = INT64_MAX;
    store_log_lines(s, &f, count_line, &count);
    return count;
}

static void test_lines(struct store *s)
{
    enum { MANY = 5000 };
    static struct store_log_line lines[MANY];
    for (int i = 0; i < MANY; i++)
        lines[i] = (struct store_log_line){ .level = i % 4, .service = i % 2 ? "mail" : "http", .event = "e", .details = i == 6 ? "100%_sure" : "n=1" };
    for (int i = 0; i < LINES_KEPT / MANY + 1; i++)
        store_log_lines_put(s, lines, MANY);
    is_int(lines_found(s, (struct log_line_filter){ .level = 3 }), LINES_KEPT, "a ring");
    is_int(lines_found(s, (struct log_line_filter){ .level = 0 }), LINES_KEPT / 4, "by level");
    is_int(lines_found(s, (struct log_line_filter){ .level = 3, .service = "mail" }), LINES_KEPT / 2, "by service");
    is_int(lines_found(s, (struct log_line_filter){ .level = 3, .search = "100%_s" }), LINES_KEPT / MANY, "'%%' and '_' of a search mean themselves");
    now += 31LL * DAY_SECONDS * 1000;
    store_keep(s);
    is_int(lines_found(s, (struct log_line_filter){ .level = 3 }), 0, "a month");
}

/* ---- mail server, projects' people ---- */

static void test_mail(struct store *s)
{
    struct arena a = { 0 };
    struct store_mail m;
    is_int(store_mail_get(s, &a, &m), FAULT_NONE);
    ok(!*m.server && m.revision == 1, "nothing is set");
    m = (struct store_mail){ .sender = "a@b", .name = "Н", .user = "u", .password = "sealed:x", .server = "mail", .port = 25, .security = "auto", .authority = "pem", .revision = 1 };
    is_int(store_mail_put(s, &m), FAULT_NONE);
    is_int(store_mail_put(s, &m), FAULT_CHANGED);
    store_mail_get(s, &a, &m);
    ok(m.revision == 2 && strcmp(m.authority, "pem") == 0 && strcmp(m.password, "sealed:x") == 0);
    arena_free(&a);
}

static bool count_number(void *context, int64_t number)
{
    (void)number;
    ++*(int *)context;
    return true;
}

static void test_project_people(struct store *s)
{
    int64_t project = 0, person[2] = { 0 };
    store_project_put(s, &(struct store_project){ .title = "P", .note = "" }, &project);
    for (int i = 0; i < 2; i++)
        store_person_put(s, &(struct store_person){ .login = i ? "b" : "a", .name = "", .email = "", .language = "", .hash = "", .totp_secret = "", .recovery = "" }, &person[i]);
    int64_t wanted[] = { person[0], person[1], 9999 };
    is_int(store_project_people_put(s, project, wanted, 3), FAULT_NONE);
    int count = 0;
    store_project_people(s, project, count_number, &count);
    is_int(count, 2, "who does not exist is in no project");
    store_notice_choices_put(s, person[0], &(struct store_notice_choice){ "disk", true, true, 5 }, 1);
    store_person_delete(s, person[0]);
    count = 0;
    store_project_people(s, project, count_number, &count);
    is_int(count, 1);
}

int main(void)
{
    struct store *s = help_open("house.db", &(struct store_options){ .now_ms = clock_of_test });
    if (!s)
        return 1;
    test_letters(s);
    test_letter_files(s);
    test_notices(s);
    test_keeping(s);
    test_state_archives(s);
    test_former_rule();
    test_exchanges(s);
    test_lines(s);
    test_mail(s);
    test_project_people(s);
    store_close(&s);
    help_clean();
    return tap_done();
}
