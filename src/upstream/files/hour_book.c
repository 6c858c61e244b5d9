/* Hour files; see hour_book.h. */
#include "upstream/files/hour_book.h"
#include "base/clock.h"
#include "base/log.h"
#include "upstream/files/feed_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READER "hours"
enum { ROWS_AT_ONCE = 128, NOTE_MAX = 24, LOST_WORDS = 200 };

struct hour_book {
    struct store *store;
    char *folder;
    bool joined;
    int64_t position, hour;  /* the reader's place, and the hour whose lines are behind it */
    struct feed_row rows[ROWS_AT_ONCE];
};

char *hour_file_path(const struct hour_file *f, char path[HOUR_PATH_MAX])
{
    struct civil c = civil_of_wall(f->hour);
    struct text t = text_over(path, HOUR_PATH_MAX);
    text_printf(&t, "%04d/%02d/%02d/%02d", c.year, c.month, c.day, c.hour);
    if (f->part > 1)
        text_printf(&t, "-%d", f->part);
    text_put(&t, ".csv");
    return path;
}

struct hour_book *hour_book_new(struct store *s, const char *folder)
{
    struct hour_book *b = memory_new(sizeof *b);
    b->store = s;
    b->folder = strdup(folder);
    return b;
}

void hour_book_free(struct hour_book **book)
{
    if (!*book)
        return;
    free((*book)->folder);
    free(*book);
    *book = NULL;
}

enum fault hour_book_leave(struct hour_book *b)
{
    b->joined = false;
    return store_feed_leave(b->store, READER);
}

/* ---- the place in the feed ---- */

static bool take_place(void *context, const struct feed_reader *r)
{
    struct hour_book *b = context;
    if (strcmp(r->name, READER) != 0)
        return true;
    b->position = r->position;
    b->hour = *r->note ? strtoll(r->note, NULL, 10) : WALL_NONE;
    return false;
}

static struct feed_reader place(int64_t position, int64_t hour, char note[NOTE_MAX])
{
    snprintf(note, NOTE_MAX, "%" PRId64, hour);
    return (struct feed_reader){ .name = READER, .position = position, .note = note };
}

static enum fault move(struct hour_book *b, int64_t position, int64_t hour)
{
    char note[NOTE_MAX];
    struct feed_reader r = place(position, hour, note);
    enum fault fault = store_feed_move(b->store, &r, 1);
    if (fault == FAULT_NONE) {
        b->position = position;
        b->hour = hour;
    }
    return fault;
}

static enum fault join(struct hour_book *b, int64_t hour)
{
    enum fault fault = store_feed_join(b->store, READER);
    if (fault == FAULT_NONE)
        fault = store_feed_readers(b->store, READER, take_place, b);
    if (fault == FAULT_NONE && b->hour == WALL_NONE)
        fault = move(b, b->position, hour);
    b->joined = fault == FAULT_NONE;
    return fault;
}

/* ---- one file ---- */

/* A file under way: written beside its place until it is whole. */
struct page {
    struct hour_book *book;
    struct hour_file file;
    struct buffer lines;
    FILE *out;
    char folder[PATH_MAX], path[PATH_MAX], beside[PATH_MAX];
    bool failed;
};

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* The folder and those above it, each durable in the one above. */
static bool make_folders(char *path)
{
    struct stat is;
    if (stat(path, &is) == 0)
        return S_ISDIR(is.st_mode) || (errno = ENOTDIR, false);
    char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return mkdir(path, 0755) == 0;
    *slash = 0;
    bool good = make_folders(path);
    *slash = '/';
    if (!good || (mkdir(path, 0755) != 0 && errno != EEXIST))
        return false;
    *slash = 0;
    good = sync_folder(path);
    *slash = '/';
    return good;
}

static bool open_page(struct page *p)
{
    char name[HOUR_PATH_MAX];
    if (store_hour_file_part(p->book->store, p->file.hour, &p->file.part) != FAULT_NONE)
        return false;
    int size = snprintf(p->path, sizeof p->path, "%s/%s", p->book->folder, hour_file_path(&p->file, name));
    if (size >= (int)sizeof p->path - 8) {
        errno = ENAMETOOLONG;
        return false;
    }
    snprintf(p->folder, sizeof p->folder, "%.*s", (int)(strrchr(p->path, '/') - p->path), p->path);
    snprintf(p->beside, sizeof p->beside, "%.*s.new", size, p->path);
    p->out = make_folders(p->folder) ? fopen(p->beside, "we") : NULL;
    if (!p->out)
        return false;
    buffer_text(&p->lines, FEED_CSV_HEAD);
    return true;
}

static bool spill(struct page *p)
{
    size_t put = fwrite(p->lines.data, 1, p->lines.size, p->out);
    bool good = !p->lines.failed && put == p->lines.size;
    p->file.size += (int64_t)put;
    p->lines.size = 0;
    return good;
}

static bool add_line(void *context, const struct feed_line *l)
{
    struct page *p = context;
    if (!p->out && !open_page(p)) {
        p->failed = true;
        return false;
    }
    feed_line_csv(&p->lines, l);
    p->file.rows++;
    if (p->lines.size >= 64 << 10)
        p->failed = !spill(p);
    return !p->failed;
}

/* Whole and durable in its place, then known: in this order. */
static enum fault close_page(struct page *p, int64_t position)
{
    char note[NOTE_MAX];
    struct feed_reader r = place(position, p->book->hour, note);
    bool good = spill(p) && fflush(p->out) == 0 && fsync(fileno(p->out)) == 0;
    good = fclose(p->out) == 0 && good;
    p->out = NULL;
    if (!good || rename(p->beside, p->path) != 0 || !sync_folder(p->folder))
        return FAULT_REFUSED;
    p->file.made_ms = clock_utc_ms();
    enum fault fault = store_hour_file_add(p->book->store, &p->file, &r);
    if (fault == FAULT_NONE)
        p->book->position = position;
    p->file = (struct hour_file){ .hour = p->file.hour };
    return fault;
}

static void drop_page(struct page *p)
{
    int why = errno;
    if (p->out) {
        fclose(p->out);
        unlink(p->beside);
    }
    buffer_free(&p->lines);
    errno = why;
}

/* ---- all that was stored ---- */

static enum fault write_rows(struct hour_book *b, struct page *p, size_t count, size_t packet, int64_t *position)
{
    static const struct feed_filter everybody;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        fault = feed_lines(b->store, &b->rows[i], &everybody, add_line, p);
        if (p->failed)
            return FAULT_REFUSED;
        if (fault != FAULT_NONE)
            break;
        *position = b->rows[i].id;
        if (p->out && (size_t)p->file.size + p->lines.size >= packet)
            fault = close_page(p, *position);
    }
    return fault;
}

static enum fault write_all(struct hour_book *b, size_t packet, int64_t next_hour)
{
    struct page p = { .book = b, .file.hour = b->hour };
    int64_t position = b->position;
    size_t count = 0;
    enum fault fault;
    do {
        fault = feed_rows_read(b->store, position, b->rows, ROWS_AT_ONCE, &count);
        if (fault == FAULT_NONE)
            fault = write_rows(b, &p, count, packet, &position);
    } while (fault == FAULT_NONE && count == ROWS_AT_ONCE);
    if (fault == FAULT_NONE && p.out)
        fault = close_page(&p, position);
    drop_page(&p);
    return fault == FAULT_NONE && (position != b->position || next_hour != b->hour) ? move(b, position, next_hour) : fault;
}

enum fault hour_book_turn(struct hour_book *b, int64_t wall, size_t packet, bool now, struct text *why)
{
    int64_t hour = wall - ((wall % HOUR_SECONDS) + HOUR_SECONDS) % HOUR_SECONDS;
    enum fault fault = b->joined ? FAULT_NONE : join(b, hour);
    if (fault != FAULT_NONE || (hour == b->hour && !now))
        return fault;
    errno = 0;
    fault = write_all(b, packet, hour);
    if (fault == FAULT_REFUSED)
        text_printf(why, "%s: %s", b->folder, strerror(errno));
    return fault;
}

/* ---- bounds ---- */

static bool drop_file(struct hour_book *b, const struct hour_file *f)
{
    char path[PATH_MAX], name[HOUR_PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s", b->folder, hour_file_path(f, name));
    if (size < (int)sizeof path && (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)) {
        for (int up = 0; up < 3; up++) { /* day, month and year, once they are empty */
            *strrchr(path, '/') = 0;
            if (rmdir(path) != 0)
                break;
        }
        return store_hour_file_drop(b->store, f->id) == FAULT_NONE;
    }
    log_line(LOG_ERROR, "hour-file", "file=%s trouble=\"%s\"", name, strerror(errno));
    return false;
}

int64_t hour_book_bound(struct hour_book *b, int64_t most_bytes, int64_t from)
{
    struct hour_figures all;
    struct hour_file f;
    int64_t unsent = 0;
    if (store_hour_figures(b->store, &all) != FAULT_NONE)
        return 0;
    while (store_hour_file_oldest(b->store, &f) == FAULT_NONE && (all.size > most_bytes || f.hour < from) && drop_file(b, &f)) {
        all.size -= f.size;
        unsent += !f.sent_ms[0] && !f.sent_ms[1];
    }
    return unsent;
}

int hour_book_open(const char *folder, const struct hour_file *f)
{
    char path[PATH_MAX], name[HOUR_PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s", folder, hour_file_path(f, name));
    return size < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
}
