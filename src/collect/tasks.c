/* Tasks as a service; see tasks.h. Sessions' news come on the collector's threads and are only put into a list; one thread of
 * the service writes them, tells them, ends runs and looks at the schedules. */
#include "collect/tasks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/sorted.h"
#include "collect/schedule.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { STEP_MS = 250, IDLE_MS = 30000, TELL_RUN_MS = 1000, ROWS_AT_ONCE = 1000, LATE_MS = 60000, RETAIN_MS = 600000 };
enum { KEEP_PER_TASK = 100, KEEP_ONE_OFF = 1000, KEEP_DEVICES = 200000 };

/* A run that goes on. */
struct live {
    struct live *next;
    struct task_service *service;
    struct arena arena;       /* of its texts and lists */
    struct store_run row;     /* its counts under the service's lock */
    struct collector_run *run;
    int64_t *devices;         /* ascending */
    uint8_t *results;         /* enum run_result of each */
    size_t count;
    enum run_result why;      /* it is cancelled */
    bool begun, over;         /* collector_begin has returned; the last device is done with */
    bool told_begin, moved;
    int64_t told_ms;
};

/* What came of a device, on its way to the store. */
struct outcome {
    struct outcome *next;
    struct live *live;
    struct store_run_device row; /* texts behind the struct */
    bool ordered, counted;
    struct relay_order order;
    char texts[];
};

struct task_service {
    struct store *store;
    struct collect_service *collection;
    struct task_options options;
    pthread_t thread;
    pthread_mutex_t ordering; /* one run is begun at a time */
    pthread_mutex_t lock;     /* guards what follows */
    pthread_cond_t changed;
    bool ending, look;
    struct live *live;
    struct outcome *first, **end;
    int64_t next_ms, retained_ms;
    pthread_mutex_t hearing;  /* guards the ears, also while they hear */
    struct task_ear *ears;
};

/* --- news, on the collector's threads ------------------------------------------------------------------------------------- */

/* Under the lock. A device's former result, of an endless run's round before, does not count any more. */
static void count_result(struct live *l, int64_t device, enum run_result result)
{
    int64_t *const counts[RUN_RESULTS] = { [RUN_SUCCESS] = &l->row.good, [RUN_PARTIAL] = &l->row.partial, [RUN_ERROR] = &l->row.failed, [RUN_ABSENT] = &l->row.absent };
    size_t at = sorted_number(l->devices, l->count, device);
    if (at == l->count || l->devices[at] != device)
        return;
    if (counts[l->results[at]])
        --*counts[l->results[at]];
    if (counts[result])
        ++*counts[result];
    l->results[at] = (uint8_t)result;
    l->moved = true;
}

static void hear(void *context, const struct collector_news *n)
{
    struct live *l = context;
    struct task_service *t = l->service;
    size_t notes = strlen(n->notes) + 1, story = strlen(n->story) + 1;
    struct outcome *o = memory_new(sizeof *o + notes + story);
    memcpy(o->texts, n->notes, notes);
    memcpy(o->texts + notes, n->story, story);
    o->live = l;
    o->row = (struct store_run_device){
        .device = n->meter, .result = n->last ? n->result : RUN_PENDING, .begun_ms = n->begun_ms, .ended_ms = n->ended_ms,
        .readings = (int64_t)n->all_readings, .events = (int64_t)n->all_events, .tries = n->tries, .notes = o->texts, .story = o->texts + notes };
    o->ordered = n->order != NULL;
    if (n->order)
        o->order = *n->order;
    if (n->begun_ms && n->fault != FAULT_CANCELLED)
        service_hear(t->collection, n);
    pthread_mutex_lock(&t->lock);
    *t->end = o;
    t->end = &o->next;
    pthread_mutex_unlock(&t->lock);
}

static void run_over(void *context)
{
    struct live *l = context;
    pthread_mutex_lock(&l->service->lock);
    l->over = true;
    pthread_cond_signal(&l->service->changed);
    pthread_mutex_unlock(&l->service->lock);
}

/* --- beginning a run ---------------------------------------------------------------------------------------------------------- */

static const char *kept(struct arena *a, const char *text)
{
    return arena_text(a, bytes_of_text(text));
}

static struct live *live_new(struct task_service *t, const struct store_run *row, const int64_t *devices, size_t count)
{
    struct live *l = memory_new(sizeof *l);
    l->service = t;
    l->row = *row;
    l->row.title = kept(&l->arena, row->title);
    l->row.work = kept(&l->arena, row->work);
    l->row.reason = kept(&l->arena, row->reason);
    l->row.initiator = kept(&l->arena, row->initiator);
    l->row.login = kept(&l->arena, row->login);
    l->row.total = (int64_t)count;
    l->count = count;
    l->devices = arena_take(&l->arena, (count + 1) * sizeof *l->devices);
    l->results = arena_take(&l->arena, count + 1);
    if (count)
        memcpy(l->devices, devices, count * sizeof *devices);
    return l;
}

static void live_free(struct live *l)
{
    collector_run_free(&l->run);
    arena_free(&l->arena);
    free(l);
}

/* The row is in the store; asks the collector. Whom the registry has lost meanwhile is told absent by nobody: they stay pending
 * and get the rest's result at the end. */
static enum fault begin(struct task_service *t, struct live *l, const struct run_options *how)
{
    struct run_options o = *how;
    o.title = l->row.title;
    o.reason = l->row.reason;
    o.login = l->row.login;
    o.told = hear;
    o.ended = run_over;
    o.context = l;
    pthread_mutex_lock(&t->lock);
    l->next = t->live;
    t->live = l;
    pthread_mutex_unlock(&t->lock);
    struct collector_run *run = NULL;
    enum fault f = l->count ? collector_begin(service_collector(t->collection), l->row.project, l->devices, l->count, &o, &run) : FAULT_NONE;
    pthread_mutex_lock(&t->lock);
    l->run = run;
    l->begun = true;
    l->over |= run == NULL;
    if (f != FAULT_NONE)
        l->why = RUN_INTERRUPTED;
    if (l->why && run)
        collector_cancel(run);
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return f;
}

static struct live *live_of_task(struct task_service *t, int64_t task)
{
    struct live *l = t->live;
    while (l && (l->row.task != task || l->row.ended_ms))
        l = l->next;
    return l;
}

static bool task_runs(struct task_service *t, int64_t task)
{
    pthread_mutex_lock(&t->lock);
    bool runs = live_of_task(t, task) != NULL;
    pthread_mutex_unlock(&t->lock);
    return runs;
}

static enum fault run_task(struct task_service *t, const struct store_task *k, enum run_cause cause, const struct task_caller *who, int64_t *ret_run)
{
    struct arena a = { 0 };
    const int64_t *devices = NULL;
    size_t count = 0;
    bool again;
    struct work *work = memory_new(sizeof *work);
    struct store_run row = { .project = k->project, .task = k->id, .cause = cause, .title = k->title, .work = k->work, .reason = who->event ? who->event : k->reason, .initiator = "HES",
                             .person = who->person, .login = who->login, .priority = k->priority, .begun_ms = clock_utc_ms() };
    struct run_options o = { .class = RUN_TASK, .priority = k->priority, .work = work, .insist = true, .restart_delay_s = k->restart_delay_s,
                             .restarts = k->restarts, .endless = k->endless };
    enum fault f = work_read_text(k->work, work) ? store_task_meters(t->store, k->id, &a, &devices, &count) : FAULT_SETTING;
    if (f == FAULT_NONE)
        f = store_run_add(t->store, &row, "", devices, count, &row.id, &again);
    if (f == FAULT_NONE) {
        *ret_run = row.id;
        f = begin(t, live_new(t, &row, devices, count), &o);
    }
    arena_free(&a);
    free(work);
    return f;
}

enum fault tasks_run(struct task_service *t, int64_t task, const struct task_caller *who, int64_t *ret_run)
{
    struct arena a = { 0 };
    struct store_task k;
    pthread_mutex_lock(&t->ordering);
    enum fault f = store_task_get(t->store, task, &a, &k);
    if (f == FAULT_NONE && task_runs(t, task))
        f = FAULT_REFUSED;
    if (f == FAULT_NONE)
        f = run_task(t, &k, who->event ? RUN_BY_EVENT : RUN_BY_HAND, who, ret_run);
    pthread_mutex_unlock(&t->ordering);
    arena_free(&a);
    return f;
}

enum fault tasks_order(struct task_service *t, const struct task_order *order, int64_t *ret_run, bool *ret_again)
{
    struct work *work = memory_new(sizeof *work);
    struct store_run row = { .project = order->project, .cause = order->who.event ? RUN_BY_EVENT : RUN_ONE_OFF, .title = order->title, .work = order->work, .reason = order->reason,
                             .initiator = order->initiator, .person = order->who.person, .login = order->who.login, .priority = 999, .begun_ms = clock_utc_ms(), .again_of = order->again_of };
    enum fault f = work_read_text(order->work, work) ? FAULT_NONE : FAULT_SETTING;
    pthread_mutex_lock(&t->ordering);
    if (f == FAULT_NONE)
        f = store_run_add(t->store, &row, order->request, order->devices, order->count, ret_run, ret_again);
    if (f == FAULT_NONE && !*ret_again) {
        row.id = *ret_run;
        f = begin(t, live_new(t, &row, order->devices, order->count),
                  &(struct run_options){ .class = work_switches(work) ? RUN_RELAY : RUN_ORDER, .priority = 999, .work = work, .insist = true,
                                         .restart_delay_s = order->restart_delay_s, .restarts = order->restarts });
    }
    pthread_mutex_unlock(&t->ordering);
    free(work);
    return f;
}

/* --- cancelling ---------------------------------------------------------------------------------------------------------------- */

/* Under the lock. */
static bool cancel(struct live *l, enum run_result why)
{
    if (!l || l->row.ended_ms || l->over)
        return false;
    l->why = l->why ? l->why : why;
    if (l->run)
        collector_cancel(l->run);
    return true;
}

bool tasks_cancel(struct task_service *t, int64_t run, enum run_result why)
{
    pthread_mutex_lock(&t->lock);
    struct live *l = t->live;
    while (l && l->row.id != run)
        l = l->next;
    bool done = cancel(l, why);
    pthread_mutex_unlock(&t->lock);
    return done;
}

bool tasks_cancel_task(struct task_service *t, int64_t task, enum run_result why)
{
    bool done = false;
    pthread_mutex_lock(&t->lock);
    for (struct live *l = t->live; l; l = l->next)
        if (l->row.task == task)
            done |= cancel(l, why);
    pthread_mutex_unlock(&t->lock);
    return done;
}

size_t tasks_running(struct task_service *t)
{
    size_t count = 0;
    pthread_mutex_lock(&t->lock);
    for (const struct live *l = t->live; l; l = l->next)
        count++;
    pthread_mutex_unlock(&t->lock);
    return count;
}

/* --- the service's thread: results ------------------------------------------------------------------------------------------------- */

static void tell_outcomes(struct task_service *t, const struct store_run_device *rows, size_t count)
{
    pthread_mutex_lock(&t->hearing);
    for (struct task_ear *e = t->ears; e; e = e->next)
        for (size_t i = 0; i < count; i++)
            if (rows[i].result != RUN_PENDING)
                e->outcome(e, rows[i].run, &rows[i]);
    pthread_mutex_unlock(&t->hearing);
}

static void tell_ended(struct task_service *t, int64_t run)
{
    pthread_mutex_lock(&t->hearing);
    for (struct task_ear *e = t->ears; e; e = e->next)
        e->ended(e, run);
    pthread_mutex_unlock(&t->hearing);
}

void tasks_listen(struct task_service *t, struct task_ear *ear)
{
    pthread_mutex_lock(&t->hearing);
    ear->next = t->ears;
    t->ears = ear;
    pthread_mutex_unlock(&t->hearing);
}

void tasks_deafen(struct task_service *t, struct task_ear *ear)
{
    pthread_mutex_lock(&t->hearing);
    struct task_ear **at = &t->ears;
    while (*at && *at != ear)
        at = &(*at)->next;
    if (*at)
        *at = ear->next;
    pthread_mutex_unlock(&t->hearing);
}

/* Several results of one run at once. */
static void keep_bundle(struct task_service *t, struct outcome *from, size_t count)
{
    struct store_run_device *rows = memory_new(count * sizeof *rows);
    struct live *l = from->live;
    struct outcome *o = from;
    for (size_t i = 0; i < count; i++, o = o->next) {
        rows[i] = o->row;
        rows[i].run = l->row.id;
    }
    if (store_run_devices_note(t->store, rows, count) != FAULT_NONE)
        log_line(LOG_ERROR, "run-results-lost", "run=%lld count=%zu", (long long)l->row.id, count);
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < count; i++)
        if (rows[i].result != RUN_PENDING)
            count_result(l, rows[i].device, rows[i].result);
    struct store_run now = l->row;
    pthread_mutex_unlock(&t->lock);
    t->options.devices(t->options.context, &now, rows, count);
    o = from;
    for (size_t i = 0; i < count; i++, o = o->next)
        if (o->ordered)
            t->options.relay(t->options.context, &now, o->row.device, &o->order);
    tell_outcomes(t, rows, count);
    free(rows);
}

static void keep_outcomes(struct task_service *t, struct outcome *first)
{
    while (first) {
        size_t count = 1;
        struct outcome *last = first;
        while (last->next && last->next->live == first->live && count < ROWS_AT_ONCE) {
            last = last->next;
            count++;
        }
        keep_bundle(t, first, count);
        while (count--) {
            struct outcome *next = first->next;
            free(first);
            first = next;
        }
    }
}

/* The word for a run that came to its end by itself (manual 2.2.23). */
static enum run_result result_of(const struct store_run *r)
{
    if (r->good + r->partial + r->failed == 0)
        return RUN_ABSENT;
    return r->failed ? RUN_ERROR : r->partial || r->absent ? RUN_PARTIAL : RUN_SUCCESS;
}

/* `ended`: all its results are kept. */
static void tell_run(struct task_service *t, struct live *l, bool ended, int64_t now)
{
    pthread_mutex_lock(&t->lock);
    bool due = ended || !l->told_begin || (l->moved && now - l->told_ms >= TELL_RUN_MS);
    if (due) {
        l->told_begin = true;
        l->moved = false;
        l->told_ms = now;
    }
    if (ended) {
        l->row.ended_ms = now;
        l->row.result = l->why ? l->why : result_of(&l->row);
    }
    struct store_run row = l->row;
    pthread_mutex_unlock(&t->lock);
    if (!due)
        return;
    if (store_run_note(t->store, &row, l->why ? l->why : RUN_ABSENT) != FAULT_NONE)
        log_line(LOG_ERROR, "run-not-kept", "run=%lld", (long long)row.id);
    t->options.run(t->options.context, &row);
    if (ended)
        tell_ended(t, row.id);
}

/* Takes the list of results; runs that were over before are complete with it. */
static void keep_news(struct task_service *t)
{
    struct live *ended = NULL, *all[256];
    size_t count = 0;
    pthread_mutex_lock(&t->lock);
    struct outcome *first = t->first;
    t->first = NULL;
    t->end = &t->first;
    for (struct live **at = &t->live; *at;) {
        struct live *l = *at;
        if (l->over && l->begun) {
            *at = l->next;
            l->next = ended;
            ended = l;
            continue;
        }
        if (count < sizeof all / sizeof *all)
            all[count++] = l;
        at = &l->next;
    }
    pthread_mutex_unlock(&t->lock);
    int64_t now = clock_utc_ms();
    keep_outcomes(t, first);
    for (size_t i = 0; i < count; i++)
        tell_run(t, all[i], false, now);
    while (ended) {
        struct live *next = ended->next;
        tell_run(t, ended, true, clock_utc_ms());
        live_free(ended);
        ended = next;
    }
}

/* --- the service's thread: schedules -------------------------------------------------------------------------------------------------- */

struct due {
    struct task_service *service;
    struct arena arena;
    struct store_task *tasks;
    size_t count, room;
    int64_t now_ms, next_ms;
};

static bool note_due(void *context, const struct store_task *k)
{
    struct due *d = context;
    if (!k->scheduled || !k->next_ms)
        return true;
    if (k->next_ms > d->now_ms) {
        d->next_ms = k->next_ms < d->next_ms ? k->next_ms : d->next_ms;
        return true;
    }
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : 16;
        d->tasks = memory_grow(d->tasks, d->room * sizeof *d->tasks, room * sizeof *d->tasks);
        d->room = room;
    }
    struct store_task *kept_task = &d->tasks[d->count++];
    *kept_task = *k;
    const char **const texts[] = { &kept_task->title, &kept_task->work, &kept_task->schedule, &kept_task->zone, &kept_task->reason, &kept_task->login };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = kept(&d->arena, *texts[i]);
    return true;
}

/* A command whose hour was missed (the server was down) is not given late; readings are made up for. */
static bool too_late(const struct store_task *k, int64_t now_ms)
{
    struct work *w = memory_new(sizeof *w);
    bool late = now_ms - k->next_ms > LATE_MS && work_read_text(k->work, w) && w->commands > 0;
    free(w);
    return late;
}

static void run_due(struct due *d, const struct store_task *k)
{
    struct task_service *t = d->service;
    struct schedule s;
    struct zone zone;
    int64_t run, next = WALL_NONE;
    if (schedule_read(k->schedule, &s) && zone_load(k->zone, &zone))
        next = schedule_next(&s, &zone, d->now_ms / 1000);
    bool goes_on = next != WALL_NONE;
    if (store_task_schedule(t->store, k->id, goes_on, !goes_on, d->now_ms, goes_on ? next * 1000 : 0) != FAULT_NONE)
        return; /* tried again at the next look */
    if (goes_on && next * 1000 < d->next_ms)
        d->next_ms = next * 1000;
    if (too_late(k, d->now_ms)) {
        log_line(LOG_WARNING, "task-missed", "task=%lld", (long long)k->id);
        return;
    }
    tasks_cancel_task(t, k->id, RUN_CANCELLED_BY_SCHEDULE);
    pthread_mutex_lock(&t->ordering);
    enum fault f = run_task(t, k, RUN_BY_SCHEDULE, &(struct task_caller){ .login = "" }, &run);
    pthread_mutex_unlock(&t->ordering);
    if (f != FAULT_NONE)
        log_line(LOG_ERROR, "task-not-run", "task=%lld fault=%s", (long long)k->id, fault_name(f));
}

static void look_at_schedules(struct task_service *t, int64_t now_ms)
{
    struct due d = { .service = t, .now_ms = now_ms, .next_ms = now_ms + IDLE_MS };
    store_tasks(t->store, 0, note_due, &d);
    for (size_t i = 0; i < d.count; i++)
        run_due(&d, &d.tasks[i]);
    free(d.tasks);
    arena_free(&d.arena);
    pthread_mutex_lock(&t->lock);
    t->next_ms = d.next_ms;
    pthread_mutex_unlock(&t->lock);
}

/* --- the service's thread ---------------------------------------------------------------------------------------------------------------- */

static void wait_until(struct task_service *t, int64_t utc_ms)
{
    struct timespec at = clock_timespec(utc_ms);
    pthread_cond_timedwait(&t->changed, &t->lock, &at);
}

static void step(struct task_service *t)
{
    int64_t now = clock_utc_ms();
    pthread_mutex_lock(&t->lock);
    bool due = t->look || now >= t->next_ms;
    t->look = false;
    bool busy = t->live != NULL;
    pthread_mutex_unlock(&t->lock);
    if (due)
        look_at_schedules(t, now);
    if (busy || due)
        keep_news(t);
    if (now - t->retained_ms >= RETAIN_MS && store_runs_retain(t->store, KEEP_PER_TASK, KEEP_ONE_OFF, KEEP_DEVICES) == FAULT_NONE)
        t->retained_ms = now;
}

static void *run(void *argument)
{
    struct task_service *t = argument;
    pthread_mutex_lock(&t->lock);
    while (!t->ending) {
        pthread_mutex_unlock(&t->lock);
        step(t);
        pthread_mutex_lock(&t->lock);
        int64_t now = clock_utc_ms(), next = t->live ? now + STEP_MS : t->next_ms;
        if (!t->ending && !t->look && next > now)
            wait_until(t, next);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

struct task_service *tasks_new(struct store *s, struct collect_service *collection, const struct task_options *options)
{
    struct task_service *t = memory_new(sizeof *t);
    int64_t closed = 0;
    t->store = s;
    t->collection = collection;
    t->options = *options;
    t->end = &t->first;
    t->look = true;
    pthread_mutex_init(&t->ordering, NULL);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->hearing, NULL);
    pthread_cond_init(&t->changed, NULL);
    if (store_runs_interrupt(s, clock_utc_ms(), &closed) == FAULT_NONE && closed)
        log_line(LOG_WARNING, "runs-interrupted", "count=%lld", (long long)closed);
    pthread_create(&t->thread, NULL, run, t);
    return t;
}

void tasks_free(struct task_service **service)
{
    struct task_service *t = *service;
    *service = NULL;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    for (struct live *l = t->live; l; l = l->next)
        cancel(l, RUN_INTERRUPTED);
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    for (struct live *l = t->live; l; l = l->next)
        if (l->run) {
            tasks_cancel(t, l->row.id, RUN_INTERRUPTED);
            collector_wait(l->run);
        }
    keep_news(t);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    pthread_mutex_destroy(&t->hearing);
    pthread_mutex_destroy(&t->ordering);
    free(t);
}

void tasks_wake(struct task_service *t)
{
    pthread_mutex_lock(&t->lock);
    t->look = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
}
