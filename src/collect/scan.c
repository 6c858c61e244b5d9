/* Search of a bus; see scan.h. */
#include "collect/scan.h"

#include "base/clock.h"
#include "link/coroutine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the search ---------------------------------------------------------------------------------------------------------- */

/* A family at one speed. */
struct search {
    struct scan scan; /* first: the driver's view of it */
    struct scan_step step;
    const struct scan_listener *listener;
    bool stopped;
};

static bool pass_progress(struct scan *s, int done, int total)
{
    struct search *search = (struct search *)s;
    search->stopped = search->stopped || task_cancelled() || !search->listener->progress(search->listener->context, &search->step, done, total);
    return !search->stopped;
}

static void pass_found(struct scan *s, const char *parameters, const char *serial, const char *type)
{
    const struct search *search = (const struct search *)s;
    search->listener->found(search->listener->context, &search->step, parameters, serial, type);
}

/* A driver's settings when nothing is said: on the heap, by a stack that has room. */
struct presets {
    const struct driver *driver;
    void *settings;
};

static void read_presets(void *context)
{
    struct presets *p = context;
    char problem[100];
    struct text t = text_over(problem, sizeof problem);
    p->settings = memory_new(p->driver->settings_size);
    parameters_read(p->driver, "", LANG_EN, p->settings, &t);
}

static enum fault search_once(struct bus *bus, const struct scan_plan *plan, struct search *s, struct text *why)
{
    struct presets presets = { s->step.driver, NULL };
    task_aside(read_presets, &presets);
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .user = s->listener->user, .timing = { .answer_ms = (uint16_t)(plan->wait_ms ? plan->wait_ms : SCAN_WAIT_MS), .tries = 1 },
        .line = s->step.line, .own_line = plan->speed_count > 0, .trace = s->listener->trace, .lang = s->listener->lang,
        .settings = presets.settings, .state_size = s->step.driver->state_size });
    s->step.driver->scan(c, &s->scan);
    enum fault fault = s->stopped ? FAULT_CANCELLED : conversation_fault(c);
    if (fault == FAULT_NO_CONNECTION)
        text_put(why, conversation_detail(c));
    conversation_free(&c);
    free(presets.settings);
    return fault == FAULT_NO_CONNECTION || fault == FAULT_CANCELLED ? fault : FAULT_NONE;
}

static bool is_searched(const struct scan_plan *plan, const struct driver *d)
{
    return d->scan && (!plan->driver || plan->driver == d);
}

enum fault scan_run(struct bus *bus, const struct scan_plan *plan, const struct scan_listener *listener, struct text *why)
{
    struct search s = { .scan = { plan->from, plan->to, plan->everything, pass_progress, pass_found }, .listener = listener };
    int speeds = plan->speed_count ? plan->speed_count : 1;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < drivers_count(); i++)
        s.step.count += is_searched(plan, driver_at(i)) ? speeds : 0;
    for (size_t i = 0; i < drivers_count(); i++) {
        s.step.driver = driver_at(i);
        for (int k = 0; k < speeds && is_searched(plan, s.step.driver); k++) {
            s.step.line = bus_may_shape(bus) || plan->speed_count ? s.step.driver->line : bus_line(bus);
            if (plan->speed_count)
                s.step.line.baud = plan->speeds[k];
            fault = search_once(bus, plan, &s, why);
            s.step.number++;
            if (fault != FAULT_NONE)
                return fault;
        }
    }
    return fault;
}

bool scan_speeds_read(const char *words, struct scan_plan *plan)
{
    char copy[128];
    plan->speed_count = 0;
    snprintf(copy, sizeof copy, "%s", strcmp(words, "all") == 0 ? "9600,2400,19200,4800,38400,1200,57600,115200,600,300" : words);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        char *end;
        unsigned long speed = strtoul(word, &end, 10);
        if (*end || speed > 115200 || !line_speed_valid((uint32_t)speed) || plan->speed_count == SCAN_SPEEDS_MAX)
            return false;
        plan->speeds[plan->speed_count++] = (uint32_t)speed;
    }
    return plan->speed_count > 0;
}

/* --- searches of a running server ---------------------------------------------------------------------------------------------- */

struct kept {
    struct scan_service *service;
    struct scan_plan plan;
    struct scan_status status;     /* `found` is here */
    struct scan_meter *found;
    size_t found_count;
    struct line_task *task;        /* NULL: ended and freed */
    struct line_user user;
};

struct scan_service {
    struct collector *collector;
    enum lang lang;
    pthread_mutex_t lock;          /* guards what follows */
    struct kept *list[SCAN_KEPT];  /* the oldest first */
    size_t count;
    int64_t last;
};

struct scan_service *scans_new(struct collector *c, enum lang lang)
{
    struct scan_service *s = memory_new(sizeof *s);
    s->collector = c;
    s->lang = lang;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

static bool note_progress(void *context, const struct scan_step *step, int done, int total)
{
    struct kept *k = context;
    pthread_mutex_lock(&k->service->lock);
    k->status.step = *step;
    k->status.done = done;
    k->status.total = total;
    pthread_mutex_unlock(&k->service->lock);
    return true;
}

struct finding {
    struct kept *kept;
    const struct scan_step *step;
    const char *parameters, *serial, *type;
};

static void keep_found(void *context)
{
    struct finding *f = context;
    struct kept *k = f->kept;
    pthread_mutex_lock(&k->service->lock);
    if (k->found_count < SCAN_FOUND_MAX) {
        k->found = memory_grow(k->found, k->found_count * sizeof *k->found, (k->found_count + 1) * sizeof *k->found);
        struct scan_meter *m = &k->found[k->found_count++];
        m->driver = f->step->driver;
        m->line = f->step->line;
        snprintf(m->parameters, sizeof m->parameters, "%s", f->parameters);
        snprintf(m->serial, sizeof m->serial, "%s", f->serial);
        snprintf(m->type, sizeof m->type, "%s", f->type);
    }
    pthread_mutex_unlock(&k->service->lock);
}

/* Printing wants more stack than a conversation has. */
static void note_found(void *context, const struct scan_step *step, const char *parameters, const char *serial, const char *type)
{
    struct finding f = { context, step, parameters, serial, type };
    task_aside(keep_found, &f);
}

static void search_line(struct line_task *t, void *context)
{
    struct kept *k = context;
    char memory[160];
    struct text why = text_over(memory, sizeof memory);
    struct scan_listener listener = { note_progress, note_found, k, NULL, &k->user, k->service->lang };
    enum fault fault = scan_run(line_open(t), &k->plan, &listener, &why);
    pthread_mutex_lock(&k->service->lock);
    k->status.fault = task_cancelled() ? FAULT_CANCELLED : fault;
    memcpy(k->status.why, memory, sizeof memory);
    pthread_mutex_unlock(&k->service->lock);
}

static void note_end(void *context)
{
    struct kept *k = context;
    pthread_mutex_lock(&k->service->lock);
    k->status.ended_ms = clock_utc_ms();
    pthread_mutex_unlock(&k->service->lock);
}

static void forget(struct kept *k)
{
    line_task_free(&k->task);
    free(k->found);
    free(k);
}

/* Under the lock: the oldest that has ended makes room; false: all go on. */
static bool make_room(struct scan_service *s, struct kept **ret_gone)
{
    *ret_gone = NULL;
    if (s->count < SCAN_KEPT)
        return true;
    for (size_t i = 0; i < s->count; i++) {
        if (!s->list[i]->status.ended_ms)
            continue;
        *ret_gone = s->list[i];
        memmove(&s->list[i], &s->list[i + 1], (--s->count - i) * sizeof *s->list);
        return true;
    }
    return false;
}

static bool is_searching(const struct scan_service *s, int64_t link)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i]->status.link == link && !s->list[i]->status.ended_ms)
            return true;
    return false;
}

enum fault scans_begin(struct scan_service *s, int64_t project, int64_t link, const struct scan_plan *plan, int64_t *ret_id)
{
    struct kept *k = memory_new(sizeof *k), *gone = NULL;
    struct line_work work = { search_line, note_end, k };
    *k = (struct kept){ .service = s, .plan = *plan, .user = { .use = LINE_SCAN }, .status = { .project = project, .link = link, .begun_ms = clock_utc_ms() } };
    pthread_mutex_lock(&s->lock);
    enum fault fault = is_searching(s, link) || !make_room(s, &gone) ? FAULT_REFUSED : FAULT_NONE;
    if (fault == FAULT_NONE) {
        k->status.id = *ret_id = ++s->last;
        s->list[s->count++] = k;
    }
    pthread_mutex_unlock(&s->lock);
    if (gone)
        forget(gone);
    struct line_task *task = NULL;
    if (fault == FAULT_NONE)
        fault = collector_line_begin(s->collector, link, &work, &task);
    pthread_mutex_lock(&s->lock);
    k->task = task;
    for (size_t i = 0; i < s->count && !task; i++)
        if (s->list[i] == k)
            memmove(&s->list[i], &s->list[i + 1], (--s->count - i) * sizeof *s->list);
    pthread_mutex_unlock(&s->lock);
    if (!task)
        free(k);
    return fault;
}

/* Under the lock. */
static struct kept *find(struct scan_service *s, int64_t project, int64_t id)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i]->status.id == id && s->list[i]->status.project == project)
            return s->list[i];
    return NULL;
}

bool scans_stop(struct scan_service *s, int64_t project, int64_t id)
{
    pthread_mutex_lock(&s->lock);
    struct kept *k = find(s, project, id);
    if (k && k->task && !k->status.ended_ms)
        line_task_cancel(k->task);
    pthread_mutex_unlock(&s->lock);
    return k != NULL;
}

bool scans_get(struct scan_service *s, int64_t project, int64_t id, struct arena *a, struct scan_status *ret)
{
    pthread_mutex_lock(&s->lock);
    const struct kept *k = find(s, project, id);
    if (k) {
        *ret = k->status;
        ret->found_count = k->found_count;
        struct scan_meter *found = arena_take(a, k->found_count * sizeof *found + 1);
        if (k->found_count)
            memcpy(found, k->found, k->found_count * sizeof *found);
        ret->found = found;
    }
    pthread_mutex_unlock(&s->lock);
    return k != NULL;
}

size_t scans_list(struct scan_service *s, int64_t project, struct scan_status ret[SCAN_KEPT])
{
    size_t count = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->count; i-- > 0;)
        if (s->list[i]->status.project == project) {
            ret[count] = s->list[i]->status;
            ret[count++].found_count = s->list[i]->found_count;
        }
    pthread_mutex_unlock(&s->lock);
    return count;
}

void scans_free(struct scan_service **service)
{
    struct scan_service *s = *service;
    *service = NULL;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i]->task)
            line_task_cancel(s->list[i]->task);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->count; i++)
        forget(s->list[i]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
