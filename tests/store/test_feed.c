/* The feed: exactly what became fresh or changed, in order, for every reader; bounded, tidied; whole after a kill. */
#include "store/upward/feed.h"
#include "store/upward/mqtt.h"
#include "store_help.h"

#include <signal.h>
#include <sys/wait.h>

enum { ROWS_MOST = 20000 };

static int64_t now = 1800000000000, day;
static struct feed_row rows[ROWS_MOST];
static size_t row_count;

static int64_t clock_of_test(void)
{
    return now++;
}

static bool keep_row(void *context, const struct feed_row *row)
{
    (void)context;
    rows[row_count++] = *row;
    return row_count < ROWS_MOST;
}

static size_t feed_from(struct store *s, int64_t position)
{
    row_count = 0;
    is_int(store_feed(s, position, ROWS_MOST, keep_row, NULL), FAULT_NONE);
    return row_count;
}

static bool keep_reader(void *context, const struct feed_reader *r)
{
    struct feed_reader *ret = context;
    *ret = *r;
    ret->name = ret->note = NULL;
    return true;
}

static struct feed_reader reader(struct store *s, const char *name)
{
    struct feed_reader r = { .position = -1 };
    store_feed_readers(s, name, keep_reader, &r);
    return r;
}

static void put_span(struct store *s, int64_t meter, int64_t from, int count)
{
    static struct batch b;
    static bool made;
    if (!made)
        batch_init(&b, BATCH_BYTES_USUAL);
    made = true;
    help_profile(&b, meter, from, count);
    help_put(s, meter, &b);
}

static void test_rows(struct store *s)
{
    put_span(s, 1, day, 2);
    is_int(feed_from(s, 0), 0, "nobody reads: nothing is fed");
    is_int(store_feed_join(s, "a"), FAULT_NONE);
    put_span(s, 1, day + 2 * 1800, 2);
    is_int(feed_from(s, 0), 1, "half-hours beside each other are one row");
    ok(rows[0].meter == 1 && rows[0].archive == ARCHIVE_PROFILE && rows[0].span.from == day + 3600 && rows[0].span.to == day + 3 * 1800 + 1);
    put_span(s, 1, day, 4);
    is_int(feed_from(s, 0), 1, "what is there already is no news");
    put_span(s, 1, day, 48);
    is_int(feed_from(s, rows[0].id), 1);
    ok(rows[0].span.from == day + 4 * 1800 && rows[0].span.to == day + 47 * 1800 + 1, "of a whole day only what was missing");
    put_span(s, 2, day + 10 * 1800, 1);
    put_span(s, 2, day + 20 * 1800, 1);
    int64_t before = rows[0].id + 2;
    put_span(s, 2, day, 48);
    is_int(feed_from(s, before), 3, "around what was known: three runs");
    ok(rows[0].span.to == day + 9 * 1800 + 1 && rows[1].span.from == day + 11 * 1800 && rows[2].span.from == day + 21 * 1800);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    struct reading changed = help_reading(ARCHIVE_PROFILE, A_PLUS, day + 30 * 1800, 77777);
    emit_reading(&b.sink, &changed);
    int64_t last = rows[2].id;
    help_put(s, 2, &b);
    is_int(feed_from(s, last), 1, "a value that changed comes again");
    ok(rows[0].span.from == changed.wall && rows[0].span.to == changed.wall + 1);
    last = rows[0].id;
    emit_event(&b.sink, &(struct event){ .journal = 1, .code = 1, .wall = day });
    emit_event(&b.sink, &(struct event){ .journal = 2, .code = 1, .wall = day + 100 });
    emit_state(&b.sink, OBIS(0, 0, 96, 3, 10, 255), day + 50, 1);
    help_put(s, 2, &b);
    is_int(feed_from(s, last), 2, "events and states are rows of their own");
    ok(rows[0].archive == ARCHIVE_JOURNAL && rows[0].span.from == day && rows[0].span.to == day + 101 && rows[1].archive == ARCHIVE_STATE);
    batch_free(&b);
}

static bool count_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)e, (void)stored_ms;
    ++*(int *)context;
    return true;
}

static void test_events(struct store *s)
{
    struct batch b;
    int64_t last = 0;
    int count = 0;
    batch_init(&b, BATCH_BYTES_USUAL);
    store_feed_last(s, &last);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 5; i++)
            emit_event(&b.sink, &(struct event){ .journal = 7, .code = 1, .wall = day + i * 10 + turn });
        emit_event(&b.sink, &(struct event){ .journal = 7, .code = 1, .wall = day });
        help_put(s, 3, &b);
    }
    is_int(feed_from(s, last), 2);
    ok(rows[0].span.to > rows[1].span.from, "the moments of both overlap");
    for (int i = 0; i < 2; i++)
        store_feed_events(s, &rows[i], count_event, &count);
    is_int(count, 10, "each event comes with its own row");
    batch_free(&b);
}

static void test_readers(struct store *s)
{
    int64_t last = 0;
    store_feed_last(s, &last);
    is_int(store_feed_join(s, "b"), FAULT_NONE);
    is_int(reader(s, "b").position, last, "a new reader begins at what comes next");
    is_int(store_feed_join(s, "a"), FAULT_NONE);
    is_int(reader(s, "a").position, 0, "an old one stays where it is");
    is_int(store_feed_move(s, (struct feed_reader[]){ { .name = "a", .position = 5, .note = "x" }, { .name = "gone", .position = 9, .note = "" } }, 2), FAULT_NONE);
    is_int(store_feed_move(s, &(struct feed_reader){ .name = "a", .position = 3, .note = "y" }, 1), FAULT_NONE);
    is_int(reader(s, "a").position, 5, "never backwards");
    ok(feed_from(s, 0) > 5, "rows that are few stay");
    for (int i = 0; i < 6000; i++)
        put_span(s, 4, day + (int64_t)i * 7200, 1);
    store_feed_last(s, &last);
    store_feed_move(s, &(struct feed_reader){ .name = "a", .position = last, .note = "" }, 1);
    ok(feed_from(s, 0) > 6000, "somebody has not read them");
    store_feed_move(s, &(struct feed_reader){ .name = "b", .position = last, .note = "" }, 1);
    is_int(feed_from(s, 0), 1, "what all have read goes, but for the last row");
    put_span(s, 4, day - 7200, 1);
    is_int(feed_from(s, last), 1, "ids go on");
    is_int(rows[0].id, last + 1);
    store_feed_leave(s, "a");
    store_feed_leave(s, "b");
    put_span(s, 4, day - 14400, 1);
    is_int(feed_from(s, last + 1), 0, "when the last has left nothing is fed");
}

static void test_bound(void)
{
    struct store *s = help_open("bound.db", &(struct store_options){ .feed_rows = 1024, .now_ms = clock_of_test });
    store_feed_join(s, "slow");
    for (int i = 0; i < 3000; i++)
        put_span(s, 1, day + (int64_t)i * 7200, 1);
    struct feed_reader r = reader(s, "slow");
    size_t left = feed_from(s, 0);
    ok(left <= 1024 + 256 && left >= 900, "bounded: %zu rows", left);
    is_int((int64_t)left + r.lost, 3000, "and what went is counted");
    is_int(rows[0].id, r.position + 1, "it goes on at the oldest that is left");
    store_close(&s);
}

/* Stores half-hours one by one, says which is stored; moves the reader's place now and then. */
static void child_lives(const char *path, int64_t from, int out)
{
    struct store_error error;
    struct store *s = store_open(path, NULL, &error);
    if (!s)
        _exit(2);
    for (int64_t n = from;; n++) {
        put_span(s, 1 + n % 7, day + n / 7 * 1800, 1);
        if (write(out, &n, sizeof n) != sizeof n)
            _exit(3);
        if (n % 50 == 49)
            store_feed_move(s, &(struct feed_reader){ .name = "kept", .position = n - 20, .note = "n" }, 1);
    }
}

static int64_t one_life(const char *path, int64_t from, int round)
{
    int ends[2];
    int64_t n, last = from - 1;
    if (pipe(ends))
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_lives(path, from, ends[1]);
    }
    close(ends[1]);
    if (read(ends[0], &n, sizeof n) == sizeof n)
        last = n;
    usleep(20000 + (unsigned)round * 3000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &n, sizeof n) == sizeof n)
        last = n;
    close(ends[0]);
    return last;
}

/* Every moment that was said to be stored is in the feed once, in order, in this life or an earlier one. */
static void test_kill(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s", help_file("kill.db"));
    struct store *s = help_open("kill.db", NULL);
    store_feed_join(s, "kept");
    store_feed_join(s, "slow"); /* keeps all rows there */
    store_close(&s);
    int64_t stored = 0, wrong = 0;
    for (int round = 0; round < 10; round++)
        stored = one_life(path, stored, round) + 1;
    s = help_open("kill.db", NULL);
    ok(help_sound(s), "sound");
    size_t count = feed_from(s, 0);
    ok(stored > 50 && (int64_t)count >= stored && (int64_t)count <= stored + 1, "%lld stored, %zu fed: at most one was not told of", (long long)stored, count);
    for (int64_t n = 0; n < (int64_t)count; n++)
        wrong += rows[n].meter != 1 + n % 7 || rows[n].span.from != day + n / 7 * 1800 || rows[n].id != n + 1;
    is_int(wrong, 0, "each once, in order");
    ok(reader(s, "kept").position > 0 && reader(s, "kept").position < (int64_t)count, "the reader's place is one that it had");
    store_close(&s);
}

static void test_publications(struct store *s)
{
    struct arena a = { 0 };
    struct store_broker b = { .project = 1, .device = "d", .address = "h", .port = 1883, .prefix = "", .security = "none", .login = "l", .requests = "none", .password = "p",
                              .authority = "", .certificate = "", .key = "k", .enabled = true };
    int64_t broker = 0, template = 0, publication = 0;
    is_int(store_broker_put(s, &b, &broker), FAULT_NONE);
    is_int(store_broker_get(s, broker, &a, &b), FAULT_NONE);
    ok(strcmp(b.login, "l") == 0 && strcmp(b.key, "k") == 0 && b.enabled && b.revision == 1);
    b.qos = 2;
    is_int(store_broker_put(s, &b, NULL), FAULT_NONE);
    is_int(store_broker_put(s, &b, NULL), FAULT_CHANGED, "the revision was another's");
    is_int(store_mqtt_template_put(s, &(struct store_mqtt_template){ .project = 1, .title = "t", .format = "json", .kinds = "aDay full" }, &template), FAULT_NONE);
    is_int(store_publication_put(s, &(struct store_publication){ .project = 1, .broker = broker, .template = template, .postfix = "x", .cause = "arrival", .layout = "together", .enabled = true }, &publication), FAULT_NONE);
    char name[PUBLICATION_READER_MAX];
    ok(reader(s, publication_reader(publication, name)).position >= 0, "a publication reads the feed");
    is_int(store_broker_delete(s, broker), FAULT_REFUSED, "a publication names it");
    is_int(store_mqtt_template_delete(s, template), FAULT_REFUSED);
    is_int(store_publication_delete(s, publication), FAULT_NONE);
    is_int(reader(s, name).position, -1, "and has left");
    is_int(store_broker_delete(s, broker), FAULT_NONE);
    is_int(store_broker_delete(s, broker), FAULT_NO_DATA);
    is_int(store_mqtt_template_delete(s, template), FAULT_NONE);
    arena_free(&a);
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    struct store *s = help_open("feed.db", &(struct store_options){ .now_ms = clock_of_test });
    test_rows(s);
    test_events(s);
    test_readers(s);
    test_publications(s);
    ok(help_sound(s), "sound");
    store_close(&s);
    test_bound();
    test_kill();
    help_clean();
    return tap_done();
}
