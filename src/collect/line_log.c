/* The life of a line; see line_log.h. */
#include "collect/line_log.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/sorted.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRESH_MS = 500, METERS_MAX = 20000, FORGET_CYCLES = 100 };

struct line_log {
    pthread_mutex_t lock; /* guards all of it */
    unsigned moves;
    struct line_holder now;
    struct bus_figures came;  /* the bus's as the present holder came, and as they were seen last */
    struct bus_figures seen;
    int64_t came_mono_ms, fresh_mono_ms;
    struct line_holder *past; /* a ring */
    size_t room, count, at;
    struct line_cycle cycle, former;
    struct bus_figures cycle_came;
    int64_t cycle_mono_ms;
    unsigned cycle_number;
    struct line_meter *meters; /* by id */
    size_t meter_count, meter_room;
};

struct line_log *line_log_new(size_t stays)
{
    struct line_log *log = memory_new(sizeof *log);
    pthread_mutex_init(&log->lock, NULL);
    log->room = stays ? stays : 1;
    log->past = memory_new(log->room * sizeof *log->past);
    return log;
}

void line_log_free(struct line_log **log)
{
    struct line_log *dead = *log;
    *log = NULL;
    if (!dead)
        return;
    pthread_mutex_destroy(&dead->lock);
    free(dead->past);
    free(dead->meters);
    free(dead);
}

/* --- meters --------------------------------------------------------------------------------------------------------------- */

static size_t place_of(const struct line_log *log, int64_t meter)
{
    return SORTED_PLACE(log->meters, log->meter_count, meter, meter);
}

/* The meter's row in the present cycle; NULL when there are too many. */
static struct line_meter *meter_of(struct line_log *log, int64_t meter)
{
    size_t at = place_of(log, meter);
    struct line_meter *found = at < log->meter_count && log->meters[at].meter == meter ? &log->meters[at] : NULL;
    if (!found && log->meter_count == METERS_MAX)
        return NULL;
    if (!found) {
        if (log->meter_count == log->meter_room) {
            size_t room = log->meter_room ? log->meter_room * 2 : 16;
            log->meters = memory_grow(log->meters, log->meter_room * sizeof *log->meters, room * sizeof *log->meters);
            log->meter_room = room;
        }
        memmove(&log->meters[at + 1], &log->meters[at], (log->meter_count++ - at) * sizeof *log->meters);
        found = &log->meters[at];
        *found = (struct line_meter){ .meter = meter, .cycle = log->cycle_number - 1 };
    }
    if (found->cycle != log->cycle_number) {
        *found = (struct line_meter){ .meter = meter, .at_ms = found->at_ms, .fault = found->fault, .cycle = log->cycle_number };
        log->cycle.meters++;
    }
    return found;
}

/* Meters that were moved away or deleted. */
static void forget_meters(struct line_log *log)
{
    size_t kept = 0;
    for (size_t i = 0; i < log->meter_count; i++)
        if (log->cycle_number - log->meters[i].cycle < FORGET_CYCLES)
            log->meters[kept++] = log->meters[i];
    log->meter_count = kept;
}

/* --- stays, under the lock -------------------------------------------------------------------------------------------------- */

static bool is_session(enum line_use use)
{
    return use >= LINE_COLLECT && use <= LINE_RELAY;
}

static void bring_up(struct line_log *log, const struct bus_figures *f)
{
    struct line_holder *h = &log->now;
    log->seen = *f;
    h->took_ms = clock_monotonic_ms() - log->came_mono_ms;
    h->exchanges = (int32_t)(f->exchanges - log->came.exchanges);
    h->timeouts = (int32_t)(f->timeouts - log->came.timeouts);
    h->sent = f->sent - log->came.sent;
    h->received = f->received - log->came.received;
}

static void end_stay(struct line_log *log, const struct bus_figures *f)
{
    if (log->now.use == LINE_FREE)
        return;
    bring_up(log, f);
    const struct line_holder *h = &log->now;
    struct line_meter *m = is_session(h->use) ? meter_of(log, h->meter) : NULL;
    if (m) {
        m->took_ms += (int32_t)h->took_ms;
        m->exchanges += h->exchanges;
        m->timeouts += h->timeouts;
    } else if (log->cycle.running) {
        log->cycle.away_ms += h->took_ms;
    }
    log->past[log->at] = *h;
    log->at = (log->at + 1) % log->room;
    log->count += log->count < log->room;
    log->now = (struct line_holder){ .use = LINE_FREE };
}

void line_log_turn(struct line_log *log, const struct line_user *user, const struct bus_figures *figures)
{
    pthread_mutex_lock(&log->lock);
    end_stay(log, figures);
    log->came = log->seen = *figures;
    log->came_mono_ms = log->fresh_mono_ms = clock_monotonic_ms();
    if (user) {
        log->now = (struct line_holder){ .use = user->use, .meter = user->meter, .since_ms = clock_utc_ms() };
        snprintf(log->now.name, sizeof log->now.name, "%s", user->name ? user->name : "");
    }
    log->moves++;
    pthread_mutex_unlock(&log->lock);
}

void line_log_pass(struct line_log *log, const struct bus_figures *figures)
{
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&log->lock);
    if (now - log->fresh_mono_ms >= FRESH_MS) {
        log->fresh_mono_ms = now;
        bring_up(log, figures);
        log->moves++;
    }
    pthread_mutex_unlock(&log->lock);
}

/* --- cycles ------------------------------------------------------------------------------------------------------------------- */

static void bring_up_cycle(struct line_log *log, const struct bus_figures *f)
{
    struct line_cycle *c = &log->cycle;
    const struct bus_figures *came = &log->cycle_came;
    c->took_ms = clock_monotonic_ms() - log->cycle_mono_ms;
    c->talking_ms = (f->talking_us - came->talking_us) / 1000;
    c->silent_ms = (f->silent_us - came->silent_us) / 1000;
    c->exchanges = (int32_t)(f->exchanges - came->exchanges);
    c->timeouts = (int32_t)(f->timeouts - came->timeouts);
    c->retries = (int32_t)(f->retries - came->retries);
    c->sent = f->sent - came->sent;
    c->received = f->received - came->received;
}

void line_log_begin(struct line_log *log, const struct bus_figures *figures)
{
    pthread_mutex_lock(&log->lock);
    if (log->cycle.begun_ms)
        log->former = log->cycle;
    log->cycle = (struct line_cycle){ .begun_ms = clock_utc_ms(), .running = true };
    log->cycle_came = log->seen = *figures;
    log->cycle_mono_ms = clock_monotonic_ms();
    log->cycle_number++;
    log->moves++;
    pthread_mutex_unlock(&log->lock);
}

void line_log_end(struct line_log *log, const struct bus_figures *figures)
{
    pthread_mutex_lock(&log->lock);
    bring_up_cycle(log, figures);
    log->cycle.running = false;
    for (size_t i = 0; i < log->meter_count; i++)
        log->cycle.failed += log->meters[i].cycle == log->cycle_number && log->meters[i].fault != FAULT_NONE;
    forget_meters(log);
    log->moves++;
    pthread_mutex_unlock(&log->lock);
}

void line_log_result(struct line_log *log, int64_t meter, enum fault fault)
{
    pthread_mutex_lock(&log->lock);
    struct line_meter *m = meter_of(log, meter);
    if (m) {
        m->fault = fault;
        m->at_ms = clock_utc_ms();
    }
    log->moves++;
    pthread_mutex_unlock(&log->lock);
}

/* --- looking -------------------------------------------------------------------------------------------------------------------- */

/* Meters that were never asked count as the average of the others. */
static int64_t plan_of(const struct line_log *log, size_t meters)
{
    int64_t sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < log->meter_count; i++) {
        sum += log->meters[i].took_ms;
        known += log->meters[i].took_ms > 0;
    }
    return known && meters > known ? sum + sum / (int64_t)known * (int64_t)(meters - known) : sum;
}

void line_log_view(struct line_log *log, size_t meters, struct line_view *ret)
{
    pthread_mutex_lock(&log->lock);
    if (log->now.use != LINE_FREE)
        log->now.took_ms = clock_monotonic_ms() - log->came_mono_ms;
    if (log->cycle.running)
        bring_up_cycle(log, &log->seen);
    *ret = (struct line_view){ log->moves, log->now, log->cycle, log->former, plan_of(log, meters) };
    pthread_mutex_unlock(&log->lock);
}

size_t line_log_past(struct line_log *log, struct line_holder *out, size_t room)
{
    pthread_mutex_lock(&log->lock);
    size_t count = log->count < room ? log->count : room;
    for (size_t i = 0; i < count; i++)
        out[i] = log->past[(log->at + log->room - 1 - i) % log->room];
    pthread_mutex_unlock(&log->lock);
    return count;
}

size_t line_log_meters(struct line_log *log, struct line_meter *out, size_t room)
{
    pthread_mutex_lock(&log->lock);
    size_t count = log->meter_count;
    if (count)
        memcpy(out, log->meters, (count < room ? count : room) * sizeof *out);
    pthread_mutex_unlock(&log->lock);
    return count;
}
