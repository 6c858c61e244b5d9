/* Updates from inside the program; see update.h. */
#include "box/update.h"
#include "base/clock.h"
#include "base/log.h"
#include "box/starter.h"
#include "people/journal.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { RESTART_AFTER_MS = 1500, ROOM_TO_SPARE = 8 << 20 };
static const char received_name[] = "received", noted_key[] = "update.noted";

const char *const update_stage_names[] = { [UPDATE_IDLE] = "idle", [UPDATE_RECEIVING] = "receiving", [UPDATE_CHECKED] = "checked", [UPDATE_INSTALLING] = "installing",
                                           [UPDATE_RESTARTING] = "restarting", NULL };

struct update {
    struct store *store;
    pthread_mutex_t lock; /* guards all; held over reading and writing the package, which takes seconds */
    char place[SLOT_PATH_MAX];
    const char *version;
    int beats;            /* descriptor; -1: no starter */
    bool supported, restart;
    int64_t restart_ms;   /* monotonic */
    enum lang lang;
    enum update_stage stage;
    int64_t received;
    struct package package;
    char trouble[SLOT_WHY_MAX];
};

/* --- reasons --------------------------------------------------------------------------------------------------------------------------- */

enum refusal { NO_STARTER, NO_KEY, ON_TRIAL, UNDER_WAY, TOO_LARGE, NO_ROOM, NOT_WRITTEN, NOTHING };
static const struct phrase refusals[] = {
    [NO_STARTER] = { { "программа запущена без стартера (svod box-run): обновления недоступны", "the program was begun without the starter (svod box-run): no updates" } },
    [NO_KEY] = { { "ключ изготовителя не задан (update.pub): пакет нечем проверить", "the maker's key is not set (update.pub): nothing to check a package with" } },
    [ON_TRIAL] = { { "новая версия ещё на проверке: подождите", "the new version is still on trial: wait" } },
    [UNDER_WAY] = { { "обновление уже идёт", "an update is under way" } },
    [TOO_LARGE] = { { "пакет больше допустимого", "the package is larger than allowed" } },
    [NO_ROOM] = { { "на диске мало места: нужны программа и копия базы", "too little room on the disk: for the program and a copy of the database" } },
    [NOT_WRITTEN] = { { "не удаётся записать на диск", "cannot be written to the disk" } },
    [NOTHING] = { { "пакет не загружен или не проверен", "no package was received or checked" } },
};

static enum fault refuse(enum refusal r, enum lang lang, struct text *why)
{
    text_put(why, phrase_in(&refusals[r], lang));
    return FAULT_REFUSED;
}

static bool on_trial(const struct update *u)
{
    struct slot_order order;
    return slot_order_read(u->place, "trial", &order);
}

/* Whether a package may come at all. */
static enum fault may_begin(const struct update *u, enum lang lang, struct text *why)
{
    unsigned char key[PACKAGE_KEY];
    if (!u->supported)
        return refuse(NO_STARTER, lang, why);
    if (!slot_key(u->place, key))
        return refuse(NO_KEY, lang, why);
    if (u->stage >= UPDATE_INSTALLING)
        return refuse(UNDER_WAY, lang, why);
    return on_trial(u) ? refuse(ON_TRIAL, lang, why) : FAULT_NONE;
}

/* --- life -------------------------------------------------------------------------------------------------------------------------------- */

static void note_record(struct store *s, const struct slot_record *r)
{
    json_t *after = json_pack("{s:s, s:s, s:s}", "version", r->version, "former", r->former_version, "why", r->why);
    char *text = after ? json_dumps(after, JSON_COMPACT) : NULL;
    journal_note(s, r->result == SLOT_INSTALLED ? NOTE_BOX_UPDATE : NOTE_BOX_UPDATE_BACK, NULL, r->version, NULL, text);
    free(text);
    json_decref(after);
}

/* What the starter has written since we looked last comes into the log. A database that was brought back has not seen it either. */
static void note_history(struct update *u)
{
    struct slot_record records[SLOT_HISTORY_MAX];
    size_t count = slot_history(u->place, records, SLOT_HISTORY_MAX);
    struct arena a = { 0 };
    const char *text = NULL;
    char value[24];
    int64_t noted = store_setting_get(u->store, noted_key, &a, &text) == FAULT_NONE && text ? strtoll(text, NULL, 10) : 0;
    for (size_t i = count; i-- > 0;)
        if (records[i].at_ms > noted)
            note_record(u->store, &records[i]);
    if (count && records[0].at_ms > noted) {
        snprintf(value, sizeof value, "%lld", (long long)records[0].at_ms);
        store_setting_put(u->store, noted_key, value);
    }
    arena_free(&a);
}

struct update *update_new(struct store *s, const char *version, enum lang lang)
{
    struct update *u = memory_new(sizeof *u);
    const char *said = getenv(STARTER_ENVIRONMENT), *place = said ? strchr(said, ' ') : NULL;
    *u = (struct update){ .store = s, .version = version, .lang = lang, .beats = -1 };
    pthread_mutex_init(&u->lock, NULL);
    if (place) {
        u->beats = atoi(said);
        fcntl(u->beats, F_SETFD, FD_CLOEXEC); /* not for tools that we run */
        snprintf(u->place, sizeof u->place, "%s", place + 1);
        u->supported = true;
        note_history(u);
    }
    return u;
}

void update_free(struct update **u)
{
    if (!*u)
        return;
    pthread_mutex_destroy(&(*u)->lock);
    free(*u);
    *u = NULL;
}

bool update_beat(struct update *u)
{
    if (!u)
        return false;
    if (u->beats >= 0 && write(u->beats, "+", 1) < 0) {
        /* full: the starter is busy; gone: we follow it soon */
    }
    pthread_mutex_lock(&u->lock);
    bool end = u->restart && clock_monotonic_ms() >= u->restart_ms;
    pthread_mutex_unlock(&u->lock);
    return end;
}

void update_look(struct update *u, struct update_look *ret)
{
    unsigned char key[PACKAGE_KEY];
    pthread_mutex_lock(&u->lock);
    *ret = (struct update_look){ .supported = u->supported, .version = u->version, .architecture = package_architecture(), .stage = u->stage, .received = u->received,
                                 .package = u->package };
    snprintf(ret->trouble, sizeof ret->trouble, "%s", u->trouble);
    pthread_mutex_unlock(&u->lock);
    ret->has_key = ret->supported && slot_key(u->place, key);
    ret->trial = ret->supported && on_trial(u);
}

size_t update_history(struct update *u, struct slot_record *out, size_t room)
{
    return u->supported ? slot_history(u->place, out, room) : 0;
}

/* --- receiving --------------------------------------------------------------------------------------------------------------------------- */

static enum fault receive(struct update *u, int64_t offset, struct bytes part, enum lang lang, struct text *why)
{
    char path[SLOT_PATH_MAX];
    enum fault fault = may_begin(u, lang, why);
    if (fault != FAULT_NONE)
        return fault;
    if (offset != 0 && (u->stage != UPDATE_RECEIVING || offset != u->received))
        return FAULT_CHANGED;
    if (offset + (int64_t)part.size > PACKAGE_PROGRAM_MAX + PACKAGE_HEAD_MAX)
        return refuse(TOO_LARGE, lang, why);
    int fd = open(slot_path(u->place, received_name, path), O_WRONLY | O_CREAT | O_CLOEXEC | (offset ? O_APPEND : O_TRUNC), 0600);
    bool good = fd >= 0 && write(fd, part.data, part.size) == (ssize_t)part.size;
    if (fd >= 0)
        close(fd);
    u->stage = good ? UPDATE_RECEIVING : UPDATE_IDLE;
    u->received = good ? offset + (int64_t)part.size : 0;
    u->trouble[0] = '\0';
    return good ? FAULT_NONE : refuse(NOT_WRITTEN, lang, why);
}

enum fault update_receive(struct update *u, int64_t offset, struct bytes part, enum lang lang, int64_t *ret_size, struct text *why)
{
    pthread_mutex_lock(&u->lock);
    enum fault fault = receive(u, offset, part, lang, why);
    *ret_size = u->received;
    pthread_mutex_unlock(&u->lock);
    return fault;
}

/* --- checking ---------------------------------------------------------------------------------------------------------------------------- */

/* The program, and the database that is kept beside it. */
static bool has_room(const struct update *u, const struct package *p)
{
    struct statvfs disk;
    struct stat database = { .st_size = 0 };
    stat(store_path(u->store), &database);
    return statvfs(u->place, &disk) == 0 && (int64_t)disk.f_bavail * (int64_t)disk.f_frsize >= p->size + (int64_t)database.st_size + ROOM_TO_SPARE;
}

/* Everything that is asked of a package, before anything is done with it. */
static enum fault examine(struct update *u, int fd, struct package *p, enum lang lang, struct text *why)
{
    unsigned char key[PACKAGE_KEY];
    if (!slot_key(u->place, key))
        return refuse(NO_KEY, lang, why);
    enum package_trouble t = fd < 0 ? PACKAGE_UNREADABLE : package_check(fd, key, p);
    if (t == PACKAGE_GOOD)
        t = package_suits(p, u->version, package_architecture());
    if (t != PACKAGE_GOOD) {
        text_put(why, package_trouble_text(t, lang));
        return t == PACKAGE_SAME ? FAULT_NO_DATA : FAULT_REFUSED;
    }
    return has_room(u, p) ? FAULT_NONE : refuse(NO_ROOM, lang, why);
}

enum fault update_check(struct update *u, enum lang lang, struct text *why)
{
    char path[SLOT_PATH_MAX];
    pthread_mutex_lock(&u->lock);
    enum fault fault = may_begin(u, lang, why);
    if (fault == FAULT_NONE && u->stage == UPDATE_IDLE)
        fault = refuse(NOTHING, lang, why);
    if (fault == FAULT_NONE) {
        int fd = open(slot_path(u->place, received_name, path), O_RDONLY | O_CLOEXEC);
        fault = examine(u, fd, &u->package, lang, why);
        if (fd >= 0)
            close(fd);
        u->stage = fault == FAULT_NONE ? UPDATE_CHECKED : UPDATE_IDLE;
        if (fault != FAULT_NONE)
            unlink(path);
        snprintf(u->trouble, sizeof u->trouble, "%s", fault == FAULT_NONE ? "" : why->start);
    }
    pthread_mutex_unlock(&u->lock);
    return fault == FAULT_NO_DATA ? FAULT_REFUSED : fault;
}

/* --- installing -------------------------------------------------------------------------------------------------------------------------- */

/* The package of the open file, examined, goes into the free slot and is ordered. Under the lock. */
static enum fault install(struct update *u, int fd, const struct caller *caller, enum lang lang, struct text *why)
{
    struct slot_order order = { .at_ms = clock_utc_ms() };
    snprintf(order.slot, sizeof order.slot, "%s", slot_free(u->place));
    slot_now(u->place, order.former);
    snprintf(order.version, sizeof order.version, "%s", u->package.version);
    snprintf(order.former_version, sizeof order.former_version, "%s", u->version);
    u->stage = UPDATE_INSTALLING;
    if (!slot_fill(u->place, order.slot, fd, (int64_t)u->package.head, u->package.size) || !slot_order_write(u->place, "next", &order)) {
        u->stage = UPDATE_IDLE;
        return refuse(NOT_WRITTEN, lang, why);
    }
    journal_note(u->store, NOTE_BOX_UPDATE_BEGIN, caller, order.version, NULL, NULL);
    log_line(LOG_WARNING, "update", "version=%s slot=%s", order.version, order.slot);
    u->stage = UPDATE_RESTARTING;
    u->restart = true;
    u->restart_ms = clock_monotonic_ms() + RESTART_AFTER_MS; /* who asked gets his answer first */
    return FAULT_NONE;
}

static enum fault take_file(struct update *u, const char *path, const struct caller *caller, enum lang lang, struct text *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum fault fault = examine(u, fd, &u->package, lang, why); /* the file may be another one by now */
    if (fault == FAULT_NONE)
        fault = install(u, fd, caller, lang, why);
    if (fd >= 0)
        close(fd);
    return fault;
}

enum fault update_install(struct update *u, const struct caller *caller, enum lang lang, struct text *why)
{
    char path[SLOT_PATH_MAX];
    pthread_mutex_lock(&u->lock);
    enum fault fault = may_begin(u, lang, why);
    if (fault == FAULT_NONE && u->stage != UPDATE_CHECKED)
        fault = refuse(NOTHING, lang, why);
    if (fault == FAULT_NONE) {
        fault = take_file(u, slot_path(u->place, received_name, path), caller, lang, why);
        unlink(path);
    }
    pthread_mutex_unlock(&u->lock);
    return fault == FAULT_NO_DATA ? FAULT_REFUSED : fault;
}

enum fault update_offer(struct update *u, const char *path, enum lang lang, struct text *why)
{
    pthread_mutex_lock(&u->lock);
    enum fault fault = may_begin(u, lang, why);
    if (fault == FAULT_NONE && u->stage != UPDATE_IDLE)
        fault = refuse(UNDER_WAY, lang, why); /* somebody is about to install another one */
    if (fault == FAULT_NONE)
        fault = take_file(u, path, NULL, lang, why);
    pthread_mutex_unlock(&u->lock);
    return fault;
}

void update_forget(struct update *u)
{
    char path[SLOT_PATH_MAX];
    pthread_mutex_lock(&u->lock);
    if (u->stage < UPDATE_INSTALLING && u->supported) {
        unlink(slot_path(u->place, received_name, path));
        u->stage = UPDATE_IDLE;
        u->received = 0;
        u->trouble[0] = '\0';
    }
    pthread_mutex_unlock(&u->lock);
}
