/* The folder of a box's programs; see slots.h. */
#include "box/slots.h"
#include "base/arena.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, LINE_MAX = 1000 };

const char *const slot_result_names[] = { [SLOT_INSTALLED] = "installed", [SLOT_ROLLED_BACK] = "rolled-back", [SLOT_FAILED] = "failed", NULL };

/* --- files that are whole or not there ---------------------------------------------------------------------------------------------- */

const char *slot_path(const char *place, const char *name, char ret[SLOT_PATH_MAX])
{
    snprintf(ret, SLOT_PATH_MAX, "%s/%s", place, name);
    return ret;
}

/* Entries of the folder that the path lies in. */
static bool sync_folder(const char *path)
{
    char folder[SLOT_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static bool put_in_place(const char *fresh, const char *path)
{
    return rename(fresh, path) == 0 && sync_folder(path);
}

static bool copy_bytes(int from, int to, int64_t size)
{
    char *chunk = memory_new(CHUNK);
    ssize_t got = 1;
    while (size != 0 && (got = read(from, chunk, size > 0 && size < CHUNK ? (size_t)size : CHUNK)) > 0 && write(to, chunk, (size_t)got) == got)
        size -= size > 0 ? got : 0;
    free(chunk);
    return size > 0 ? false : size == 0 || got == 0;
}

/* A synced copy of what is left of the open file; `size` -1: all of it. */
static bool copy_to(int from, int64_t size, const char *path, mode_t mode)
{
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool good = to >= 0 && copy_bytes(from, to, size) && fsync(to) == 0;
    if (to >= 0)
        good = close(to) == 0 && good;
    return good;
}

/* True, too, when there is no such file. */
static bool copy_file(const char *source, const char *path)
{
    int from = open(source, O_RDONLY | O_CLOEXEC);
    struct stat is;
    if (from < 0)
        return access(source, F_OK) != 0;
    bool good = fstat(from, &is) == 0 && copy_to(from, -1, path, is.st_mode & 0777);
    close(from);
    return good;
}

/* --- slots --------------------------------------------------------------------------------------------------------------------------- */

static bool is_slot(const char *name)
{
    return (*name == 'a' || *name == 'b') && !name[1];
}

void slot_now(const char *place, char ret[2])
{
    char path[SLOT_PATH_MAX], target[8];
    ssize_t size = readlink(slot_path(place, "now", path), target, sizeof target - 1);
    target[size < 0 ? 0 : size] = '\0';
    memcpy(ret, is_slot(target) ? target : "\0", 2);
}

bool slot_use(const char *place, const char *slot)
{
    char path[SLOT_PATH_MAX], fresh[SLOT_PATH_MAX];
    slot_path(place, "now", path);
    if (!*slot)
        return (unlink(path) == 0 || access(path, F_OK) != 0) && sync_folder(path);
    unlink(slot_path(place, "now.new", fresh));
    return symlink(slot, fresh) == 0 && put_in_place(fresh, path);
}

const char *slot_free(const char *place)
{
    char now[2];
    slot_now(place, now);
    return *now == 'a' ? "b" : "a";
}

bool slot_program(const char *place, const char *slot, char ret[SLOT_PATH_MAX])
{
    snprintf(ret, SLOT_PATH_MAX, "%s/%s/svod", place, slot);
    return is_slot(slot) && access(ret, X_OK) == 0;
}

bool slot_fill(const char *place, const char *slot, int from, int64_t offset, int64_t size)
{
    char folder[SLOT_PATH_MAX], path[SLOT_PATH_MAX], fresh[SLOT_PATH_MAX];
    slot_path(place, slot, folder);
    snprintf(path, sizeof path, "%.*s/svod", SLOT_PATH_MAX - 8, folder);
    snprintf(fresh, sizeof fresh, "%.*s/svod.new", SLOT_PATH_MAX - 16, folder);
    if (mkdir(folder, 0755) != 0 && access(folder, W_OK) != 0)
        return false;
    return lseek(from, (off_t)offset, SEEK_SET) == (off_t)offset && copy_to(from, size, fresh, 0755) && put_in_place(fresh, path) && sync_folder(folder);
}

/* --- orders -------------------------------------------------------------------------------------------------------------------------- */

static void take_text(const json_t *j, const char *name, char *ret, size_t room)
{
    const char *text = json_string_value(json_object_get(j, name));
    snprintf(ret, room, "%s", text ? text : "");
}

bool slot_order_read(const char *place, const char *name, struct slot_order *ret)
{
    char path[SLOT_PATH_MAX];
    json_t *j = json_load_file(slot_path(place, name, path), 0, NULL);
    *ret = (struct slot_order){ .tries = (int)json_integer_value(json_object_get(j, "tries")), .at_ms = json_integer_value(json_object_get(j, "at")) };
    take_text(j, "slot", ret->slot, sizeof ret->slot);
    take_text(j, "former", ret->former, sizeof ret->former);
    take_text(j, "version", ret->version, sizeof ret->version);
    take_text(j, "former_version", ret->former_version, sizeof ret->former_version);
    take_text(j, "why", ret->why, sizeof ret->why);
    json_decref(j);
    return j && is_slot(ret->slot) && (!*ret->former || is_slot(ret->former));
}

bool slot_order_write(const char *place, const char *name, const struct slot_order *o)
{
    char path[SLOT_PATH_MAX], fresh[SLOT_PATH_MAX + 8];
    snprintf(fresh, sizeof fresh, "%s.new", slot_path(place, name, path));
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "slot", o->slot, "former", o->former, "version", o->version, "former_version", o->former_version,
                          "why", o->why, "tries", o->tries, "at", (json_int_t)o->at_ms);
    FILE *file = j ? fopen(fresh, "we") : NULL;
    bool good = file && json_dumpf(j, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file)
        good = fclose(file) == 0 && good;
    json_decref(j);
    return good && put_in_place(fresh, path);
}

void slot_order_remove(const char *place, const char *name)
{
    char path[SLOT_PATH_MAX];
    if (unlink(slot_path(place, name, path)) == 0)
        sync_folder(path);
}

/* --- the database of before ------------------------------------------------------------------------------------------------------------- */

static const struct kept_file {
    const char *suffix, *name;
} kept_files[] = { { ".key", "key" }, { "-wal", "log" }, { "", "database" } }; /* brought back from the end */
enum { KEPT_FILES = sizeof kept_files / sizeof *kept_files };

static void remove_folder(const char *place, const char *folder)
{
    char path[SLOT_PATH_MAX];
    for (int i = 0; i < KEPT_FILES; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", place, folder, kept_files[i].name);
        unlink(path);
    }
    rmdir(slot_path(place, folder, path));
}

void slot_kept_remove(const char *place)
{
    remove_folder(place, "kept");
    remove_folder(place, "kept.new");
}

bool slot_keep(const char *place, const char *database)
{
    char source[SLOT_PATH_MAX], path[SLOT_PATH_MAX], fresh[SLOT_PATH_MAX], kept[SLOT_PATH_MAX];
    slot_kept_remove(place);
    bool good = mkdir(slot_path(place, "kept.new", fresh), 0700) == 0;
    for (int i = 0; i < KEPT_FILES && good; i++) {
        snprintf(source, sizeof source, "%s%s", database, kept_files[i].suffix);
        snprintf(path, sizeof path, "%s/kept.new/%s", place, kept_files[i].name);
        good = copy_file(source, path);
    }
    return good && put_in_place(fresh, slot_path(place, "kept", kept));
}

/* Without room for a copy, where it can be: the disk may be full. */
static bool move_file(const char *source, const char *path)
{
    char fresh[SLOT_PATH_MAX + 8];
    if (access(source, F_OK) != 0)
        return true;
    if (put_in_place(source, path))
        return true;
    snprintf(fresh, sizeof fresh, "%s.back", path);
    return copy_file(source, fresh) && put_in_place(fresh, path) && unlink(source) == 0;
}

bool slot_restore(const char *place, const char *database)
{
    char source[SLOT_PATH_MAX], path[SLOT_PATH_MAX];
    bool good = true;
    /* The new version's log goes first, over the former file it would be nonsense. Without the file it was done already. */
    for (int i = 0; access(slot_path(place, "kept/database", source), F_OK) == 0 && i < 2; i++) {
        snprintf(path, sizeof path, "%s%s", database, i ? "-shm" : "-wal");
        unlink(path);
    }
    for (int i = KEPT_FILES - 1; i >= 0 && good; i--) {
        snprintf(source, sizeof source, "%s/kept/%s", place, kept_files[i].name);
        snprintf(path, sizeof path, "%s%s", database, kept_files[i].suffix);
        good = move_file(source, path);
    }
    return good;
}

/* --- history ------------------------------------------------------------------------------------------------------------------------------ */

void slot_note(const char *place, const struct slot_order *o, enum slot_result result, int64_t at_ms)
{
    char path[SLOT_PATH_MAX];
    json_t *j = json_pack("{s:I, s:s, s:s, s:s, s:s}", "at", (json_int_t)at_ms, "result", slot_result_names[result], "version", o->version, "former_version",
                          o->former_version, "why", o->why);
    char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;
    int fd = open(slot_path(place, "history", path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd >= 0 && line && dprintf(fd, "%s\n", line) > 0)
        fsync(fd);
    if (fd >= 0)
        close(fd);
    free(line);
    json_decref(j);
}

static bool take_record(const char *line, struct slot_record *ret)
{
    json_t *j = json_loads(line, 0, NULL);
    char result[16];
    *ret = (struct slot_record){ .at_ms = json_integer_value(json_object_get(j, "at")) };
    take_text(j, "result", result, sizeof result);
    take_text(j, "version", ret->version, sizeof ret->version);
    take_text(j, "former_version", ret->former_version, sizeof ret->former_version);
    take_text(j, "why", ret->why, sizeof ret->why);
    while (ret->result < SLOT_RESULTS && strcmp(slot_result_names[ret->result], result) != 0)
        ret->result++;
    json_decref(j);
    return ret->result < SLOT_RESULTS;
}

size_t slot_history(const char *place, struct slot_record *out, size_t room)
{
    char path[SLOT_PATH_MAX], line[LINE_MAX];
    FILE *file = fopen(slot_path(place, "history", path), "re");
    size_t count = 0;
    while (file && room && fgets(line, sizeof line, file)) {
        struct slot_record r;
        if (!take_record(line, &r))
            continue;
        size_t keep = count < room ? count : room - 1;
        memmove(out + 1, out, keep * sizeof *out);
        out[0] = r;
        count = keep + 1;
    }
    if (file)
        fclose(file);
    return count;
}

bool slot_key(const char *place, unsigned char ret[PACKAGE_KEY])
{
#ifdef SVOD_UPDATE_KEY
    static const char built_in[] = SVOD_UPDATE_KEY;
#else
    static const char built_in[] = "";
#endif
    char path[SLOT_PATH_MAX], text[PACKAGE_KEY * 2 + 2] = "";
    FILE *file = fopen(slot_path(place, "update.pub", path), "re");
    if (file && !fgets(text, sizeof text, file))
        text[0] = '\0';
    if (file)
        fclose(file);
    text[strcspn(text, "\r\n")] = '\0';
    return hex_parse(*text ? text : built_in, ret, PACKAGE_KEY) == PACKAGE_KEY;
}
