/* The service of files: its thread and what others ask of it; see service.h. */
#include "upstream/files/inside.h"
#include "base/clock.h"
#include "base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { BEAT_MS = 1000, AGAIN_MS = 60000, AGAIN_MOST_MS = 30 * 60000 };

struct files_status *files_status_begin(struct files_service *f)
{
    pthread_mutex_lock(&f->lock);
    return &f->status;
}

void files_status_end(struct files_service *f)
{
    pthread_mutex_unlock(&f->lock);
}

/* ---- the thread ---- */

static bool writes(const struct files_service *f)
{
    return f->files.on || f->ftp.enabled;
}

static int64_t utc_of(int64_t wall)
{
    int64_t now = clock_utc_ms();
    return wall == WALL_NONE ? 0 : now + (wall - clock_local_wall(now)) * 1000;
}

static void plan(struct files_service *f, int64_t wall)
{
    f->send_at = f->ftp.enabled && *f->ftp.server[0].address ? period_next(wall, f->ftp.period_min, f->ftp.offset_min) : WALL_NONE;
    f->pull_at = f->ftp.pull && *f->ftp.server[0].address ? wall_day_start(wall) + DAY_SECONDS : WALL_NONE;
}

static void read_settings(struct files_service *f, int64_t wall)
{
    arena_reset(&f->arena);
    f->known = ftp_settings_get(f->house.store, f->house.vault, &f->arena, &f->ftp) == FAULT_NONE && files_settings_get(f->house.store, &f->files) == FAULT_NONE;
    if (!f->known)
        return;
    plan(f, wall);
    f->failures = 0;
    f->again_ms = f->ftp.enabled ? 1 : 0; /* what waits is tried with what was set now */
    if (!writes(f))
        hour_book_leave(f->book);
    struct files_status *s = files_status_begin(f);
    s->writing = writes(f);
    s->next_ms = utc_of(f->send_at);
    files_status_end(f);
}

/* What was stored becomes files; says why not. */
static bool turn(struct files_service *f, int64_t wall, bool now)
{
    char words[FILES_WHY_MAX] = "";
    struct text why = text_over(words, sizeof words);
    enum fault fault = hour_book_turn(f->book, wall, (size_t)f->ftp.packet_kib << 10, now, &why);
    if (fault != FAULT_NONE && !*words)
        text_put(&why, fault_text(fault, f->house.lang));
    struct files_status *s = files_status_begin(f);
    bool fresh = strcmp(s->trouble, words) != 0;
    snprintf(s->trouble, sizeof s->trouble, "%s", words);
    files_status_end(f);
    if (fresh && *words)
        log_line(LOG_ERROR, "hour-file", "trouble=\"%s\"", words);
    return fault == FAULT_NONE;
}

static void keep_bounds(struct files_service *f, int64_t wall)
{
    int64_t day = wall_day(wall) - f->files.days;
    int64_t dropped = hour_book_bound(f->book, (int64_t)f->files.mib << 20, day_wall(day));
    if (!dropped)
        return;
    struct files_status *s = files_status_begin(f);
    s->dropped += dropped;
    files_status_end(f);
    log_line(LOG_ERROR, "hour-file", "dropped=%lld trouble=\"the card's bound: files went before any server had them\"", (long long)dropped);
}

static void send(struct files_service *f, int64_t wall)
{
    struct files_status *s = files_status_begin(f);
    s->sending = true;
    s->ordered = false;
    files_status_end(f);
    bool all = files_send_round(f);
    int64_t wait = f->failures < 6 ? (int64_t)AGAIN_MS << f->failures : AGAIN_MOST_MS;
    f->again_ms = all ? 0 : clock_monotonic_ms() + (wait < AGAIN_MOST_MS ? wait : AGAIN_MOST_MS);
    f->failures = all ? 0 : f->failures + 1;
    plan(f, wall);
    s = files_status_begin(f);
    s->sending = false;
    int64_t again = f->again_ms ? clock_utc_ms() + f->again_ms - clock_monotonic_ms() : 0, next = utc_of(f->send_at);
    s->next_ms = again && (!next || again < next) ? again : next;
    files_status_end(f);
}

static void pull(struct files_service *f, int64_t wall, bool wanted)
{
    if (atomic_load(&f->ending) || !(wanted || (f->pull_at != WALL_NONE && wall >= f->pull_at)))
        return;
    plan(f, wall);
    files_pull_round(f);
}

static void beat(struct files_service *f, bool changed, bool send_wanted, bool pull_wanted)
{
    int64_t wall = clock_local_wall(clock_utc_ms());
    if (changed || !f->known)
        read_settings(f, wall);
    if (!f->known)
        return;
    if (f->pull_at != WALL_NONE && f->pull_at > wall + 2 * DAY_SECONDS) /* the clock was put back */
        plan(f, wall);
    bool due = f->send_at != WALL_NONE && (wall >= f->send_at || f->send_at > wall + 2 * DAY_SECONDS);
    bool sends = f->ftp.enabled && (send_wanted || due);
    bool turned = !writes(f) || turn(f, wall, sends);
    if (turned && wall_day(wall) != f->bound_day) {
        keep_bounds(f, wall);
        f->bound_day = wall_day(wall);
    }
    if (sends || (f->ftp.enabled && f->again_ms && clock_monotonic_ms() >= f->again_ms))
        send(f, wall);
    pull(f, wall, pull_wanted);
}

static void *run(void *argument)
{
    struct files_service *f = argument;
    pthread_mutex_lock(&f->lock);
    while (!atomic_load(&f->ending)) {
        bool changed = f->changed, sends = f->send_wanted, pulls = f->pull_wanted;
        f->changed = f->send_wanted = f->pull_wanted = false;
        pthread_mutex_unlock(&f->lock);
        beat(f, changed, sends, pulls);
        int64_t until = clock_utc_ms() + BEAT_MS;
        struct timespec t = clock_timespec(until);
        pthread_mutex_lock(&f->lock);
        if (!atomic_load(&f->ending) && !f->changed && !f->send_wanted && !f->pull_wanted)
            pthread_cond_timedwait(&f->wanted, &f->lock, &t);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* ---- the outside ---- */

static void *start(const struct upstream_house *house)
{
    struct files_service *f = memory_new(sizeof *f);
    f->house = *house;
    f->folder = strdup(house->card ? house->card : "");
    f->book = hour_book_new(house->store, f->folder);
    f->bound_day = -1;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wanted, NULL);
    if (house->card && pthread_create(&f->thread, NULL, run, f) == 0)
        return f;
    log_line(LOG_ERROR, "files", "trouble=\"no card, or no thread\"");
    hour_book_free(&f->book);
    free(f->folder);
    free(f);
    return NULL;
}

static void stop(void *state)
{
    struct files_service *f = state;
    pthread_mutex_lock(&f->lock);
    atomic_store(&f->ending, true);
    pthread_cond_signal(&f->wanted);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    hour_book_free(&f->book);
    pthread_cond_destroy(&f->wanted);
    pthread_mutex_destroy(&f->lock);
    arena_free(&f->arena);
    free(f->folder);
    sodium_memzero(&f->ftp, sizeof f->ftp);
    free(f);
}

static void changed(void *state)
{
    struct files_service *f = state;
    pthread_mutex_lock(&f->lock);
    f->changed = true;
    pthread_cond_signal(&f->wanted);
    pthread_mutex_unlock(&f->lock);
}

void files_service_status(void *state, struct files_status *ret)
{
    struct files_service *f = state;
    *ret = *files_status_begin(f);
    files_status_end(f);
}

/* What is asked is seen by the thread at once; FTP must be on, or there is nobody to ask. */
static enum fault ask(const struct upstream *u, bool pull)
{
    struct files_service *f = upstream_state(u, &service_files);
    struct arena a = { 0 };
    struct ftp_settings set = { 0 };
    if (!f)
        return FAULT_NO_DATA;
    enum fault fault = ftp_settings_get(f->house.store, f->house.vault, &a, &set);
    arena_free(&a);
    if (fault != FAULT_NONE || !(pull ? set.pull : set.enabled) || !*set.server[0].address)
        return fault == FAULT_NONE ? FAULT_NO_DATA : fault;
    pthread_mutex_lock(&f->lock);
    *(pull ? &f->pull_wanted : &f->send_wanted) = true;
    f->status.ordered |= !pull;
    pthread_cond_signal(&f->wanted);
    pthread_mutex_unlock(&f->lock);
    return FAULT_NONE;
}

enum fault files_send_now(const struct upstream *u)
{
    return ask(u, false);
}

enum fault files_pull_now(const struct upstream *u)
{
    return ask(u, true);
}

const char *files_folder(const struct upstream *u)
{
    const struct files_service *f = upstream_state(u, &service_files);
    return f ? f->folder : NULL;
}

UPSTREAM_SERVICE(files) = { .name = "files", .title = { { "Файлы и FTP", "Files and FTP" } }, .faces = FACE_GATEWAY, .start = start, .stop = stop, .changed = changed };
