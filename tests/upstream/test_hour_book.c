/* Hour files: every line in one file, files of the right hours, packets, bounds, a card that refuses; whole after kills. */
#include "upstream/files/hour_book.h"
#include "base/clock.h"
#include "../store/store_help.h"
#include "upstream/files/feed_lines.h"
#include "upstream/files/ftp_settings.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { PACKET = 64 << 10, LINES_MOST = 20000 };

static char card[320];
static int64_t start;  /* wall: 2026-03-05 00:00 */
static char *lines[LINES_MOST];
static size_t line_count, file_count, odd_count;

static void put_half_hours(struct store *s, int64_t from, int count)
{
    static struct batch b;
    static bool made;
    if (!made)
        batch_init(&b, BATCH_BYTES_USUAL);
    made = true;
    help_profile(&b, 1, from, count);
    help_put(s, 1, &b);
}

static enum fault turn(struct hour_book *b, int64_t wall, size_t packet, bool now)
{
    char words[300] = "";
    struct text why = text_over(words, sizeof words);
    enum fault fault = hour_book_turn(b, wall, packet, now, &why);
    if (*words)
        printf("# %s\n", words);
    return fault;
}

/* ---- what lies on the card ---- */

static bool gather(void *context, const struct hour_file *f)
{
    (void)context;
    static char content[1 << 20];
    int fd = hour_book_open(card, f);
    ssize_t size = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
    close(fd);
    file_count++;
    if (size != f->size || size < (ssize_t)strlen(FEED_CSV_HEAD) || memcmp(content, FEED_CSV_HEAD, strlen(FEED_CSV_HEAD)) != 0 || content[size - 1] != '\n') {
        odd_count++;
        return true;
    }
    content[size] = 0;
    int64_t rows = 0;
    char *rest = NULL;
    for (char *line = strtok_r(content + strlen(FEED_CSV_HEAD), "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), rows++)
        if (line_count < LINES_MOST)
            lines[line_count++] = strdup(line);
    odd_count += rows != f->rows;
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines of all files, sorted; how many are there twice. */
static size_t read_card(struct store *s)
{
    for (size_t i = 0; i < line_count; i++)
        free(lines[i]);
    line_count = file_count = odd_count = 0;
    is_int(store_hour_files(s, (struct span){ 0, INT64_MAX }, gather, NULL), FAULT_NONE);
    qsort(lines, line_count, sizeof *lines, by_text);
    size_t twice = 0;
    for (size_t i = 1; i < line_count; i++)
        twice += strcmp(lines[i - 1], lines[i]) == 0;
    return twice;
}

static void add_meter(struct store *s)
{
    int64_t id = 0;
    is_int(store_meter_put(s, &(struct store_meter){ .serial = "10;\"5", .title = "M", .driver = "spodes", .enabled = true }, &id), FAULT_NONE);
    is_int(id, 1);
}

/* ---- */

static bool first_path(void *context, const struct hour_file *f)
{
    hour_file_path(f, context);
    return false;
}

static void test_hours(struct store *s)
{
    char path[HOUR_PATH_MAX] = "";
    struct hour_book *b = hour_book_new(s, card);
    is_int(turn(b, start, PACKET, false), FAULT_NONE, "it joins the feed");
    put_half_hours(s, start, 2);
    is_int(turn(b, start + 3599, PACKET, false), FAULT_NONE);
    is_int(read_card(s), 0);
    is_int(file_count, 0, "an hour that is not over has no file");
    is_int(turn(b, start + 3600, PACKET, false), FAULT_NONE);
    read_card(s);
    is_int(file_count, 1, "an hour that is over has one");
    is_int(line_count, 4);
    store_hour_files(s, (struct span){ 0, INT64_MAX }, first_path, path);
    is_text(path, "2026/03/05/00.csv");
    is_text(lines[0], "\"10;\"\"5\";profile;2026-03-05 00:00:00;1.0.1.8.0.255;639;Wh;0", "a serial number that would break the table is quoted");
    for (int hour = 1; hour < 72; hour++) {
        put_half_hours(s, start + hour * 3600, 2);
        is_int(turn(b, start + (hour + 1) * 3600, PACKET, false), FAULT_NONE);
    }
    is_int(read_card(s), 0, "three days: no line twice");
    is_int(file_count, 72);
    is_int(line_count, 72 * 4);
    is_int(odd_count, 0);
    put_half_hours(s, start + 72 * 3600, 1);
    is_int(turn(b, start + 72 * 3600 + 60, PACKET, true), FAULT_NONE, "closed before the hour is over");
    put_half_hours(s, start + 72 * 3600 + 1800, 1);
    is_int(turn(b, start + 73 * 3600, PACKET, false), FAULT_NONE);
    is_int(turn(b, start + 75 * 3600, PACKET, false), FAULT_NONE, "an empty hour has no file");
    is_int(read_card(s), 0);
    is_int(file_count, 74, "the rest of the hour is a part of its own");
    hour_book_free(&b);
    b = hour_book_new(s, card);
    for (int i = 0; i < 40; i++)
        put_half_hours(s, start + (100 + i * 3) * 3600, 2); /* rows of their own */
    is_int(turn(b, start + 300 * 3600, 400, false), FAULT_NONE, "started anew: it goes on in the hour that was");
    is_int(read_card(s), 0);
    is_int(file_count, 74 + 20, "in packets");
    is_int(line_count, 74 * 4 - 4 + 160);
    hour_book_free(&b);
}

static void test_bounds(struct store *s)
{
    struct hour_book *b = hour_book_new(s, card);
    struct hour_figures all;
    struct hour_file oldest;
    is_int(store_hour_file_oldest(s, &oldest), FAULT_NONE);
    is_int(store_hour_file_sent(s, oldest.id, 1, 5), FAULT_NONE);
    is_int(hour_book_bound(b, INT64_MAX, start + 24 * 3600), 23, "a day goes; one of its files had been sent");
    is_int(store_hour_figures(s, &all), FAULT_NONE);
    is_int(all.files, 94 - 24);
    char path[360];
    snprintf(path, sizeof path, "%s/2026/03/05", card);
    ok(access(path, F_OK) != 0, "with its folder");
    hour_book_bound(b, 2000, 0);
    is_int(store_hour_figures(s, &all), FAULT_NONE);
    ok(all.size <= 2000 && all.files > 0, "bytes are bounded");
    is_int(read_card(s), 0);
    is_int(odd_count, 0, "what stayed is whole");
    hour_book_free(&b);
}

static void test_refusing_card(struct store *s)
{
    char folder[400], words[500] = "";
    snprintf(folder, sizeof folder, "%s/file", card);
    fclose(fopen(folder, "w"));
    struct hour_book *b = hour_book_new(s, folder);
    put_half_hours(s, start + 400 * 3600, 2);
    struct text why = text_over(words, sizeof words);
    is_int(hour_book_turn(b, start + 401 * 3600, PACKET, true, &why), FAULT_REFUSED, "a card that takes nothing");
    ok(strstr(words, "Not a directory") != NULL, "is told in its words");
    unlink(folder);
    is_int(turn(b, start + 401 * 3600, PACKET, true), FAULT_NONE, "and gets it once it does");
    hour_book_free(&b);
    snprintf(words, sizeof words, "rm -rf '%s'", folder);
    is_int(system(words), 0);
}

/* ---- kills ---- */

/* Stores and turns until it is killed. Each half-hour that was stored is written to the pipe. */
static void live(const char *path, int pipe_to, int64_t from)
{
    struct store_error error = { 0 };
    struct store *s = store_open(path, &(struct store_options){ .durable = false }, &error);
    struct hour_book *b = hour_book_new(s, card);
    for (int64_t i = 0;; i++) {
        char words[300] = "";
        struct text why = text_over(words, sizeof words);
        int64_t wall = from + i * 1800;
        hour_book_turn(b, wall, 300, i % 3 == 0, &why);
        put_half_hours(s, wall, 1);
        if (write(pipe_to, &wall, sizeof wall) != sizeof wall)
            _exit(1);
    }
}

static void test_kills(void)
{
    char path[320];
    struct store *s = help_open("kill.db", NULL);
    snprintf(path, sizeof path, "%s", help_path);
    snprintf(card, sizeof card, "%s/card-of-kills", help_dir);
    add_meter(s);
    struct hour_book *b = hour_book_new(s, card);
    turn(b, start, 300, false);
    hour_book_free(&b);
    store_close(&s);
    int64_t told = 0, from = start;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        int64_t wall;
        if (pipe(ends) != 0)
            abort();
        pid_t child = fork();
        if (child == 0)
            live(path, ends[1], from);
        close(ends[1]);
        for (int i = 0; i < 5 + round * 3 && read(ends[0], &wall, sizeof wall) == sizeof wall; i++)
            told++;
        usleep((useconds_t)(round * 700));
        kill(child, SIGKILL);
        while (read(ends[0], &wall, sizeof wall) == sizeof wall)
            told++;
        waitpid(child, NULL, 0);
        close(ends[0]);
        from += 1000 * 1800;
    }
    s = help_open("kill.db", NULL);
    b = hour_book_new(s, card);
    is_int(turn(b, from, 300, true), FAULT_NONE);
    is_int(read_card(s), 0, "killed a dozen times: no line twice");
    is_int(odd_count, 0, "no file is a part of one");
    ok((int64_t)line_count >= told * 2, "and no line is lost");
    hour_book_free(&b);
    store_close(&s);
}

/* ---- rules ---- */

static void test_rules(void)
{
    int64_t noon = wall_from_fields(2026, 3, 5, 12, 0, 0);
    is_int(period_next(noon, 60, 5) - noon, 300);
    is_int(period_next(noon + 300, 60, 5) - noon, 3900, "a moment that is there is not after itself");
    is_int(period_next(noon, 15, 0) - noon, 900);
    is_int(period_next(noon, 1440, 30) - noon, 12 * 3600 + 1800);
    is_int(period_next(noon + 11 * 3600 + 1800, 420, 0) - noon, 12 * 3600, "what does not divide the day begins anew at midnight");
    ok(ftp_folder_valid("") && ftp_folder_valid("/") && ftp_folder_valid("a/b") && ftp_folder_valid("/дом 7/корпус"));
    ok(!ftp_folder_valid("a/") && !ftp_folder_valid("//a") && !ftp_folder_valid("..") && !ftp_folder_valid("a/../b") && !ftp_folder_valid("a\tb") && !ftp_folder_valid("\xff"));
}

int main(void)
{
    start = wall_from_fields(2026, 3, 5, 0, 0, 0);
    test_rules();
    struct store *s = help_open("hours.db", NULL);
    snprintf(card, sizeof card, "%s/card", help_dir);
    add_meter(s);
    test_hours(s);
    test_bounds(s);
    test_refusing_card(s);
    store_close(&s);
    test_kills();
    help_clean();
    return tap_done();
}
