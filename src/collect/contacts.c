/* Contacts gathered; see contacts.h. */
#include "collect/contacts.h"
#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

enum { NOTES_MAX = 4096, WAIT_USUAL_MS = 5000 };

struct contact_log {
    struct store *store;
    pthread_mutex_t lock;
    struct contact_note notes[NOTES_MAX];
    size_t count;
    int64_t first_ms; /* monotonic, when the first of them came */
    int wait_ms;
};

struct contact_log *contact_log_new(struct store *s, int wait_ms)
{
    struct contact_log *log = memory_new(sizeof *log);
    log->store = s;
    log->wait_ms = wait_ms ? wait_ms : WAIT_USUAL_MS;
    pthread_mutex_init(&log->lock, NULL);
    return log;
}

/* Under the lock. What the disk refuses is let go: a history with an hour less is worth more than a full memory. */
static void write_notes(struct contact_log *log)
{
    enum fault f = store_contacts_put(log->store, log->notes, log->count);
    if (f != FAULT_NONE)
        log_line(LOG_ERROR, "contacts", "lost=%zu fault=%s", log->count, fault_name(f));
    log->count = 0;
}

void contact_log_note(struct contact_log *log, int64_t meter, bool good)
{
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&log->lock);
    if (log->count == 0)
        log->first_ms = now;
    log->notes[log->count++] = (struct contact_note){ meter, clock_local_wall(clock_utc_ms()), good };
    if (log->count == NOTES_MAX || now - log->first_ms >= log->wait_ms)
        write_notes(log);
    pthread_mutex_unlock(&log->lock);
}

void contact_log_flush(struct contact_log *log)
{
    pthread_mutex_lock(&log->lock);
    write_notes(log);
    pthread_mutex_unlock(&log->lock);
}

void contact_log_free(struct contact_log **log)
{
    struct contact_log *dead = *log;
    *log = NULL;
    if (!dead)
        return;
    contact_log_flush(dead);
    pthread_mutex_destroy(&dead->lock);
    free(dead);
}
