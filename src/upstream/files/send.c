/* A round of sending: hour files to the FTP servers; see inside.h. */
#include "upstream/files/inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One server within a round: its link, opened when it is needed. */
struct leg {
    struct files_service *f;
    int which;
    struct ftp_link *link;
    bool down;      /* it failed in this round: not asked again */
    bool timed;     /* its clock was looked at in this round */
};

static void tell_sent(struct leg *leg, const struct hour_file *file)
{
    struct files_status *s = files_status_begin(leg->f);
    s->server[leg->which].good_ms = clock_utc_ms();
    s->server[leg->which].sent++;
    s->server[leg->which].bytes += file->size;
    *s->server[leg->which].trouble = 0;
    files_status_end(leg->f);
}

static void tell_trouble(struct leg *leg, const char *why)
{
    struct files_status *s = files_status_begin(leg->f);
    bool fresh = strcmp(s->server[leg->which].trouble, why) != 0;
    snprintf(s->server[leg->which].trouble, sizeof s->server[leg->which].trouble, "%s", why);
    files_status_end(leg->f);
    if (fresh)
        log_line(LOG_WARNING, "ftp", "server=%d trouble=\"%s\"", leg->which + 1, why);
}

/* ---- the server's clock ---- */

static void note_time(struct files_service *f, int64_t off_s, bool taken)
{
    struct files_status *s = files_status_begin(f);
    s->time_ms = clock_utc_ms();
    s->time_off_s = off_s;
    s->time_taken = taken;
    files_status_end(f);
}

/* The moment at which the server wrote the file that it has just taken is its clock as it stands now, to a second. */
static void take_time(struct leg *leg, const char *path)
{
    struct files_service *f = leg->f;
    int64_t theirs = 0;
    if (leg->timed || !f->ftp.take_time || !f->house.board)
        return;
    int64_t ours = clock_utc_ms();
    if (ftp_link_time(leg->link, path, &theirs) != FTP_GOOD)
        return;
    leg->timed = true;
    int64_t off = (theirs - ours) / 1000, size = llabs(off);
    bool take = size >= f->ftp.time_least_s && size <= f->ftp.time_most_s;
    char words[BOARD_WHY_MAX], object[FTP_ADDRESS_MAX + 16];
    struct text why = text_over(words, sizeof words);
    bool taken = take && board_clock_set(f->house.board, clock_utc_ms() + off * 1000, &why);
    if (size > f->ftp.time_most_s || (take && !taken))
        log_line(LOG_WARNING, "ftp-time", "off_s=%lld taken=0 trouble=\"%s\"", (long long)off, words);
    snprintf(object, sizeof object, "FTP %s", leg->f->ftp.server[leg->which].address);
    if (taken)
        journal_note(f->house.store, NOTE_BOX_CLOCK, NULL, object, NULL, NULL);
    note_time(f, off, taken);
}

/* ---- one file ---- */

/* Its place on the card; -1 when it cannot be read. A file that is gone from a card that is there is struck out. */
static int open_file(struct files_service *f, struct hour_file *file)
{
    struct stat is;
    int fd = hour_book_open(f->folder, file);
    int why = errno;
    if (fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode)) {
        file->size = is.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    if (fd < 0 && (why != ENOENT || stat(f->folder, &is) != 0))
        return -1;
    char path[HOUR_PATH_MAX];
    log_line(LOG_ERROR, "hour-file", "file=%s trouble=\"it is gone from the card\"", hour_file_path(file, path));
    store_hour_file_drop(f->house.store, file->id);
    return -1;
}

static bool send_file(struct leg *leg, const struct hour_file *file, int fd)
{
    struct files_service *f = leg->f;
    char path[FTP_FOLDER_MAX + HOUR_PATH_MAX + 2], name[HOUR_PATH_MAX];
    if (!leg->link)
        leg->link = ftp_link_new(&f->ftp, &f->ftp.server[leg->which], &f->ending, f->house.lang);
    struct files_status *s = files_status_begin(f);
    s->server[leg->which].tried_ms = clock_utc_ms();
    files_status_end(f);
    snprintf(path, sizeof path, "%s%s%s", f->ftp.folder, *f->ftp.folder && strcmp(f->ftp.folder, "/") != 0 ? "/" : "", hour_file_path(file, name));
    if (ftp_link_send(leg->link, fd, file->size, path) != FTP_GOOD) {
        leg->down = true;
        if (!atomic_load(&f->ending))
            tell_trouble(leg, ftp_link_trouble(leg->link));
        return false;
    }
    tell_sent(leg, file);
    take_time(leg, path);
    return store_hour_file_sent(f->house.store, file->id, leg->which, clock_utc_ms()) == FAULT_NONE;
}

/* ---- a round ---- */

/* To the first that takes it. */
static bool send_to_one(struct files_service *f, struct leg *legs, int count)
{
    struct hour_file file;
    while (!atomic_load(&f->ending) && store_hour_file_unsent(f->house.store, -1, &file) == FAULT_NONE) {
        int64_t id = file.id;
        int fd = open_file(f, &file);
        if (fd < 0) { /* struck out, and the next one's turn; or the card is away */
            if (store_hour_file_get(f->house.store, id, &file) == FAULT_NONE)
                return false;
            continue;
        }
        bool sent = false;
        for (int i = 0; i < count && !sent && !atomic_load(&f->ending); i++)
            sent = !legs[i].down && send_file(&legs[i], &file, fd);
        close(fd);
        if (!sent)
            return false;
    }
    return !atomic_load(&f->ending);
}

/* To each its own. */
static bool send_to_each(struct files_service *f, struct leg *leg)
{
    struct hour_file file;
    while (!atomic_load(&f->ending) && store_hour_file_unsent(f->house.store, leg->which, &file) == FAULT_NONE) {
        int64_t id = file.id;
        int fd = open_file(f, &file);
        if (fd < 0) {
            if (store_hour_file_get(f->house.store, id, &file) == FAULT_NONE)
                return false;
            continue;
        }
        bool sent = send_file(leg, &file, fd);
        close(fd);
        if (!sent)
            return false;
    }
    return !atomic_load(&f->ending);
}

bool files_send_round(struct files_service *f)
{
    struct leg legs[HOUR_SERVERS] = { { .f = f, .which = 0 }, { .f = f, .which = 1 } };
    bool second = f->ftp.second != FTP_SECOND_OFF && *f->ftp.server[1].address;
    bool all;
    if (f->ftp.second == FTP_SECOND_ALSO && second) {
        bool first = send_to_each(f, &legs[0]);
        all = send_to_each(f, &legs[1]) && first;
    } else {
        all = send_to_one(f, legs, second ? 2 : 1);
    }
    for (int i = 0; i < HOUR_SERVERS; i++)
        ftp_link_free(&legs[i].link);
    return all;
}
