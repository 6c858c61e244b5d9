/* Letters with what was stored; see post_service.h. */
#include "upstream/files/post_service.h"
#include "base/clock.h"
#include "base/log.h"
#include "upstream/files/post_file.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define READER "post"
enum { BEAT_MS = 1000, AGAIN_MS = 60000, ROWS_AT_ONCE = 128, NOTE_MAX = 24 };

struct post_service {
    struct upstream_house house;
    pthread_t thread;
    pthread_mutex_t lock;      /* guards what follows down to `status` */
    pthread_cond_t wanted;
    bool changed, send_wanted;
    struct post_status status;
    atomic_bool ending;
    /* the thread's own */
    struct post_settings set;
    bool known, joined;
    int64_t position, last;    /* the reader's place; wall seconds of the box's clock up to which letters were made */
    int64_t again_ms;          /* monotonic: the next try after a failure; 0: none */
    struct feed_row rows[ROWS_AT_ONCE];
};

static struct post_status *status_begin(struct post_service *p)
{
    pthread_mutex_lock(&p->lock);
    return &p->status;
}

static void status_end(struct post_service *p)
{
    pthread_mutex_unlock(&p->lock);
}

/* ---- the place in the feed; its note is the moment of the last letter, so that one that fell due while the box was off is made up for ---- */

static struct feed_reader place(int64_t position, int64_t last, char note[NOTE_MAX])
{
    snprintf(note, NOTE_MAX, "%" PRId64, last);
    return (struct feed_reader){ .name = READER, .position = position, .note = note };
}

static enum fault move(struct post_service *p, int64_t position, int64_t last)
{
    char note[NOTE_MAX];
    struct feed_reader r = place(position, last, note);
    enum fault fault = store_feed_move(p->house.store, &r, 1);
    if (fault == FAULT_NONE) {
        p->position = position;
        p->last = last;
    }
    return fault;
}

static bool take_place(void *context, const struct feed_reader *r)
{
    struct post_service *p = context;
    if (strcmp(r->name, READER) != 0)
        return true;
    p->position = r->position;
    p->last = *r->note ? strtoll(r->note, NULL, 10) : WALL_NONE;
    struct post_status *s = status_begin(p);
    s->lost = r->lost;
    status_end(p);
    return false;
}

static enum fault look_up_place(struct post_service *p)
{
    return store_feed_readers(p->house.store, READER, take_place, p);
}

static enum fault join(struct post_service *p, int64_t wall)
{
    enum fault fault = store_feed_join(p->house.store, READER);
    if (fault == FAULT_NONE)
        fault = look_up_place(p);
    if (fault == FAULT_NONE && p->last == WALL_NONE)
        fault = move(p, p->position, wall);
    p->joined = fault == FAULT_NONE;
    return fault;
}

/* ---- one letter ---- */

static enum fault post(struct post_service *p, struct post_file *f, int64_t wall, int part, int64_t position)
{
    static const struct phrase body = { { "Строк в файле: %lld. Время устройства: %s.\n", "Lines in the file: %lld. The box's clock: %s.\n" } };
    static const struct phrase subject = { { "Данные учёта", "Meter data" } };
    char words[200], time[CIVIL_TEXT_MAX], name[POST_FILE_NAME_MAX], note[NOTE_MAX];
    const char *to[POST_RECIPIENTS_MAX];
    size_t count = 0;
    if (!post_file_end(f))
        return FAULT_REFUSED;
    for (; count < POST_RECIPIENTS_MAX && *p->set.recipient[count]; count++)
        to[count] = p->set.recipient[count];
    snprintf(words, sizeof words, phrase_in(&body, p->house.lang), (long long)f->lines, wall_format(wall, time));
    struct store_letter_file file = post_file_enclosure(f, wall, part, p->house.lang, name);
    struct feed_reader r = place(position, p->last, note);
    struct mail_letter letter = { .subject = *p->set.subject ? p->set.subject : phrase_in(&subject, p->house.lang), .body = words, .file = &file };
    enum fault fault = mail_post_file(p->house.mail, &letter, to, count, &r);
    if (fault != FAULT_NONE)
        return fault;
    p->position = position;
    struct post_status *s = status_begin(p);
    s->made_ms = clock_utc_ms();
    s->lines = f->lines;
    s->letters++;
    status_end(p);
    post_file_clear(f);
    return FAULT_NONE;
}

/* ---- all that was stored ---- */

static enum fault post_rows(struct post_service *p, struct post_file *f, size_t count, int64_t wall, int *part, int64_t *position)
{
    static const struct feed_filter everybody;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        fault = feed_lines(p->house.store, &p->rows[i], &everybody, post_file_line, f);
        if (f->failed)
            return FAULT_REFUSED;
        if (fault != FAULT_NONE)
            break;
        *position = p->rows[i].id;
        if (f->raw >= (size_t)p->set.packet_kib << 10)
            fault = post(p, f, wall, (*part)++, *position);
    }
    return fault;
}

static enum fault post_all(struct post_service *p, int64_t wall)
{
    struct post_file f = { .kind = p->set.format };
    enum fault fault = look_up_place(p); /* the feed's bound may have moved it */
    int64_t position = p->position;
    size_t count = 0;
    int part = 1;
    do {
        if (fault == FAULT_NONE)
            fault = feed_rows_read(p->house.store, position, p->rows, ROWS_AT_ONCE, &count);
        if (fault == FAULT_NONE)
            fault = post_rows(p, &f, count, wall, &part, &position);
    } while (fault == FAULT_NONE && count == ROWS_AT_ONCE && !atomic_load(&p->ending));
    if (atomic_load(&p->ending)) { /* what was not posted yet is read again */
        post_file_clear(&f);
        return fault;
    }
    if (fault == FAULT_NONE && f.lines)
        fault = post(p, &f, wall, part, position);
    post_file_clear(&f);
    return fault == FAULT_NONE ? move(p, position, wall) : fault;
}

/* ---- the thread ---- */

const char *post_trouble(enum fault fault, enum lang lang)
{
    static const struct phrase no_server = { { "почтовый сервер не указан", "no mail server is set" } };
    static const struct phrase full = { { "прежние письма ещё не ушли: очередь полна", "earlier letters have not gone yet: the queue is full" } };
    return fault == FAULT_NONE ? "" : fault == FAULT_SETTING ? phrase_in(&no_server, lang) : fault == FAULT_LIMIT ? phrase_in(&full, lang) : fault_text(fault, lang);
}

static void tell_trouble(struct post_service *p, enum fault fault)
{
    struct post_status *s = status_begin(p);
    bool fresh = s->trouble != fault;
    s->trouble = fault;
    status_end(p);
    if (fresh && fault != FAULT_NONE)
        log_line(LOG_ERROR, "post", "trouble=\"%s\"", post_trouble(fault, p->house.lang));
}

static bool on(const struct post_service *p)
{
    return p->set.enabled && *p->set.recipient[0];
}

static void tell_next(struct post_service *p, int64_t wall)
{
    int64_t now = clock_utc_ms(), next = 0;
    if (on(p) && p->joined)
        next = p->again_ms ? now + p->again_ms - clock_monotonic_ms() : now + (period_next(p->last, p->set.period_min, p->set.offset_min) - wall) * 1000;
    struct post_status *s = status_begin(p);
    s->next_ms = next;
    status_end(p);
}

static void read_settings(struct post_service *p)
{
    p->known = post_settings_get(p->house.store, &p->set) == FAULT_NONE;
    p->again_ms = p->again_ms ? 1 : 0; /* what could not be made is tried with what is set now */
    if (!p->known || on(p))
        return;
    p->again_ms = 0;
    p->joined = store_feed_leave(p->house.store, READER) != FAULT_NONE && p->joined;
    tell_trouble(p, FAULT_NONE);
}

static bool due(const struct post_service *p, int64_t wall)
{
    int64_t next = period_next(p->last, p->set.period_min, p->set.offset_min);
    bool scheduled = wall >= next || p->last > wall + DAY_SECONDS; /* or the clock was put back */
    return p->again_ms ? clock_monotonic_ms() >= p->again_ms : scheduled;
}

static void beat(struct post_service *p, bool changed, bool send_wanted)
{
    int64_t wall = clock_local_wall(clock_utc_ms());
    if (changed || !p->known)
        read_settings(p);
    if (!p->known)
        return;
    enum fault fault = !on(p) || p->joined ? FAULT_NONE : join(p, wall);
    if (on(p) && fault == FAULT_NONE && (send_wanted || due(p, wall)))
        fault = post_all(p, wall);
    else if (fault == FAULT_NONE) {
        tell_next(p, wall);
        return;
    }
    p->again_ms = fault == FAULT_NONE ? 0 : clock_monotonic_ms() + AGAIN_MS;
    tell_trouble(p, fault);
    tell_next(p, wall);
}

static void *run(void *argument)
{
    struct post_service *p = argument;
    pthread_mutex_lock(&p->lock);
    while (!atomic_load(&p->ending)) {
        bool changed = p->changed, sends = p->send_wanted;
        p->changed = p->send_wanted = false;
        pthread_mutex_unlock(&p->lock);
        beat(p, changed, sends);
        int64_t until = clock_utc_ms() + BEAT_MS;
        struct timespec t = clock_timespec(until);
        pthread_mutex_lock(&p->lock);
        p->status.ordered = p->send_wanted;
        if (!atomic_load(&p->ending) && !p->changed && !p->send_wanted)
            pthread_cond_timedwait(&p->wanted, &p->lock, &t);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- the outside ---- */

static void *start(const struct upstream_house *house)
{
    struct post_service *p = memory_new(sizeof *p);
    p->house = *house;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wanted, NULL);
    if (house->mail && pthread_create(&p->thread, NULL, run, p) == 0)
        return p;
    log_line(LOG_ERROR, "post", "trouble=\"no mail, or no thread\"");
    free(p);
    return NULL;
}

static void stop(void *state)
{
    struct post_service *p = state;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->ending, true);
    pthread_cond_signal(&p->wanted);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->wanted);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static void changed(void *state)
{
    struct post_service *p = state;
    pthread_mutex_lock(&p->lock);
    p->changed = true;
    pthread_cond_signal(&p->wanted);
    pthread_mutex_unlock(&p->lock);
}

void post_service_status(void *state, struct post_status *ret)
{
    struct post_service *p = state;
    *ret = *status_begin(p);
    status_end(p);
}

enum fault post_send_now(const struct upstream *u)
{
    struct post_service *p = upstream_state(u, &service_post);
    struct post_settings set;
    enum fault fault = p ? post_settings_get(p->house.store, &set) : FAULT_NO_DATA;
    if (fault != FAULT_NONE || !set.enabled || !*set.recipient[0])
        return fault == FAULT_NONE ? FAULT_NO_DATA : fault;
    mail_hurry(p->house.mail);
    pthread_mutex_lock(&p->lock);
    p->send_wanted = p->status.ordered = true;
    pthread_cond_signal(&p->wanted);
    pthread_mutex_unlock(&p->lock);
    return FAULT_NONE;
}

UPSTREAM_SERVICE(post) = { .name = "post", .title = { { "Почта", "Mail" } }, .faces = FACE_GATEWAY, .start = start, .stop = stop, .changed = changed };
