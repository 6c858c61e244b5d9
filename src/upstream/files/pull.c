/* Files for this unit on the update server (manual S4 «Устройство и работа», 11.8): once a day its folder is looked through.
 *
 *   settings-<serial>.json      a file of settings (docs/gateway-files.md); applied whole or not at all. What came of it is put beside
 *                               as settings-<serial>.answer.json, and the file becomes settings-<serial>.taken
 *   update-<serial>.svod        a signed update package for this unit, update.svod one for every unit
 *
 * A file that was taken is not taken again, though the server should not let it be renamed: its hash is kept. */
#include "upstream/files/inside.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SETTINGS_MAX = 2 << 20, UPDATE_MAX = 256 << 20, SERIAL_MAX = BOARD_WORD_MAX, HASH_TEXT = 2 * crypto_generichash_BYTES + 1 };
enum { ANSWER_NAME_MAX = FTP_NAME_MAX + 16, PULL_PATH_MAX = FTP_FOLDER_MAX + ANSWER_NAME_MAX + 2 }; /* "settings-1.answer.json"; in its folder */

struct pull {
    struct files_service *f;
    struct ftp_link *link;
    char serial[SERIAL_MAX];
    char settings[FTP_NAME_MAX + 1], update[FTP_NAME_MAX + 1]; /* what is there for us; "" nothing */
};

/* A serial number is part of a name only when it can be. */
static bool each_name(void *context, const char *name)
{
    struct pull *p = context;
    char mine[FTP_NAME_MAX + 1];
    bool known = ftp_name_plain(p->serial);
    snprintf(mine, sizeof mine, "settings-%.60s.json", p->serial);
    if (known && strcmp(name, mine) == 0)
        snprintf(p->settings, sizeof p->settings, "%s", name);
    snprintf(mine, sizeof mine, "update-%.60s.svod", p->serial);
    bool own = known && strcmp(name, mine) == 0;
    if (own || (strcmp(name, "update.svod") == 0 && !*p->update))
        snprintf(p->update, sizeof p->update, "%s", name);
    return true;
}

static void tell(struct files_service *f, const char *what)
{
    struct files_status *s = files_status_begin(f);
    s->pulled_ms = clock_utc_ms();
    snprintf(s->pulled, sizeof s->pulled, "%s", what);
    files_status_end(f);
    log_line(LOG_INFO, "ftp-pull", "result=\"%s\"", what);
}

static void path_of(const struct files_service *f, const char *name, char path[PULL_PATH_MAX])
{
    const char *folder = f->ftp.pull_folder;
    snprintf(path, PULL_PATH_MAX, "%s%s%s", folder, *folder && strcmp(folder, "/") != 0 ? "/" : "", name);
}

/* Whether that content was taken before; `key` keeps the hash of the last. */
static bool taken_before(struct store *s, const char *key, const uint8_t hash[crypto_generichash_BYTES], char text[HASH_TEXT])
{
    struct arena a = { 0 };
    const char *kept = NULL;
    sodium_bin2hex(text, HASH_TEXT, hash, crypto_generichash_BYTES);
    bool same = store_setting_get(s, key, &a, &kept) == FAULT_NONE && kept && strcmp(kept, text) == 0;
    arena_free(&a);
    return same;
}

/* "settings-1.json" → "settings-1.answer.json", "settings-1.taken". */
static void other_name(const char *name, const char *ending, char out[ANSWER_NAME_MAX])
{
    const char *dot = strrchr(name, '.');
    snprintf(out, ANSWER_NAME_MAX, "%.*s.%s", (int)(dot - name), name, ending);
}

static void answer_and_rename(struct pull *p, const char *name, const struct buffer *answer)
{
    char other[ANSWER_NAME_MAX], path[PULL_PATH_MAX];
    other_name(name, "answer.json", other);
    path_of(p->f, other, path);
    if (ftp_link_put(p->link, bytes_of(answer->data, answer->size), path) != FTP_GOOD)
        log_line(LOG_WARNING, "ftp-pull", "file=%s trouble=\"%s\"", other, ftp_link_trouble(p->link));
    other_name(name, "taken", other);
    if (ftp_link_rename(p->link, p->f->ftp.pull_folder, name, other) != FTP_GOOD)
        log_line(LOG_WARNING, "ftp-pull", "file=%s trouble=\"%s\"", name, ftp_link_trouble(p->link));
}

static const char *pull_settings(struct pull *p)
{
    static const struct phrase taken = { { "файл настроек обработан", "the file of settings was dealt with" } };
    static const struct phrase not_ours = { { "файл настроек не для этого устройства", "the file of settings is not for this unit" } };
    static const struct phrase again = { { "этот файл настроек уже обработан", "this file of settings was dealt with before" } };
    const struct upstream_taker *taker = p->f->house.taker;
    uint8_t hash[crypto_generichash_BYTES];
    char text[HASH_TEXT], path[PULL_PATH_MAX];
    struct buffer content = { 0 }, answer = { 0 };
    const struct phrase *what = NULL;
    path_of(p->f, p->settings, path);
    if (ftp_link_fetch(p->link, path, SETTINGS_MAX, &content) == FTP_GOOD) {
        crypto_generichash(hash, sizeof hash, (uint8_t *)content.data, content.size, NULL, 0);
        if (taken_before(p->f->house.store, "ftp.pull.settings", hash, text)) {
            what = &again;
        } else if (!taker->settings(taker->context, bytes_of(content.data, content.size), &answer)) {
            what = &not_ours;
        } else {
            what = &taken;
            store_setting_put(p->f->house.store, "ftp.pull.settings", text);
            answer_and_rename(p, p->settings, &answer);
        }
    }
    buffer_free(&content);
    buffer_free(&answer);
    return what ? phrase_in(what, p->f->house.lang) : ftp_link_trouble(p->link);
}

static bool hash_file(int fd, uint8_t hash[crypto_generichash_BYTES])
{
    crypto_generichash_state state;
    uint8_t part[16 << 10];
    ssize_t size;
    crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return false;
    while ((size = read(fd, part, sizeof part)) > 0)
        crypto_generichash_update(&state, part, (unsigned long long)size);
    crypto_generichash_final(&state, hash, crypto_generichash_BYTES);
    return size == 0;
}

static const char *pull_update(struct pull *p)
{
    static const struct phrase taken = { { "пакет обновления передан", "the update package was handed over" } };
    static const struct phrase refused = { { "пакет обновления не принят", "the update package was not taken" } };
    static const struct phrase again = { { "этот пакет обновления уже передан", "this update package was handed over before" } };
    static const struct phrase no_card = { { "пакет обновления некуда положить", "there is no room for the update package" } };
    const struct upstream_taker *taker = p->f->house.taker;
    uint8_t hash[crypto_generichash_BYTES];
    char text[HASH_TEXT], path[PULL_PATH_MAX], spool[PATH_MAX];
    struct buffer answer = { 0 };
    snprintf(spool, sizeof spool, "%s.update", store_path(p->f->house.store));
    int fd = open(spool, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return phrase_in(&no_card, p->f->house.lang);
    path_of(p->f, p->update, path);
    bool whole = ftp_link_fetch_into(p->link, path, UPDATE_MAX, fd) == FTP_GOOD && fsync(fd) == 0 && hash_file(fd, hash);
    close(fd);
    const struct phrase *what = whole && taken_before(p->f->house.store, "ftp.pull.update", hash, text) ? &again : NULL;
    if (whole && !what) {
        what = taker->update(taker->context, spool, &answer) ? &taken : &refused;
        store_setting_put(p->f->house.store, "ftp.pull.update", text);
        char other[ANSWER_NAME_MAX];
        other_name(p->update, "answer.json", other);
        path_of(p->f, other, path);
        ftp_link_put(p->link, bytes_of(answer.data, answer.size), path);
    } else {
        unlink(spool);
    }
    buffer_free(&answer);
    return what ? phrase_in(what, p->f->house.lang) : ftp_link_trouble(p->link);
}

void files_pull_round(struct files_service *f)
{
    static const struct phrase nothing = { { "файлов для этого устройства нет", "there are no files for this unit" } };
    struct pull p = { .f = f };
    struct board_identity identity = { .serial = "" };
    const struct upstream_taker *taker = f->house.taker;
    size_t odd = 0;
    if (!taker)
        return;
    if (f->house.board)
        board_identity(f->house.board, &identity);
    snprintf(p.serial, sizeof p.serial, "%s", identity.serial);
    p.link = ftp_link_new(&f->ftp, &f->ftp.server[0], &f->ending, f->house.lang);
    enum ftp_result listed = ftp_link_list(p.link, f->ftp.pull_folder, each_name, &p, &odd);
    if (odd)
        log_line(LOG_WARNING, "ftp-pull", "names=%zu trouble=\"names that no file of ours has: left alone\"", odd);
    if (listed == FTP_FAILED)
        tell(f, ftp_link_trouble(p.link));
    else if (!*p.settings && !(*p.update && taker->update))
        tell(f, phrase_in(&nothing, f->house.lang));
    if (*p.settings && taker->settings)
        tell(f, pull_settings(&p));
    if (*p.update && taker->update)
        tell(f, pull_update(&p));
    ftp_link_free(&p.link);
}
