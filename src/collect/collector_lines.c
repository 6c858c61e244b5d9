/* Threads, lines and queues of the collector. On a line the visit of the highest rank goes first; two workers keep a shared
 * line busy: while one stores what its meter said, the other talks. Somebody more urgent than all that talk gets a worker of
 * his own at once, and the line's arbiter lets him in between two exchanges. */
#include "collect/collector_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "link/coroutine.h"

#include <stdlib.h>

enum { BEGIN_US = 200, URGENT_SHARE = 8 /* of the sessions at once, beside them, for orders */, FAR_WORKERS = 4 /* a gateway has lines of its own */ };

/* --- a line's queue --------------------------------------------------------------------------------------------------------- */

static int rank_of(const struct visit *v)
{
    return v->run->rank;
}

static void enqueue(struct line_run *line, struct visit *v)
{
    struct visit **at = &line->queue;
    if (line->queue && rank_of(line->queue_end) >= rank_of(v))
        at = &line->queue_end->next;
    while (*at && rank_of(*at) >= rank_of(v))
        at = &(*at)->next;
    v->next = *at;
    *at = v;
    if (!v->next)
        line->queue_end = v;
    v->place = VISIT_QUEUED;
}

static struct visit *dequeue(struct line_run *line)
{
    struct visit *v = line->queue;
    if (v)
        line->queue = v->next;
    return v;
}

static void leave_queue(struct line_run *line, struct visit *v)
{
    struct visit *before = NULL, **at = &line->queue;
    for (; *at && *at != v; at = &(*at)->next)
        before = *at;
    if (!*at)
        return;
    *at = v->next;
    if (line->queue_end == v)
        line->queue_end = before;
}

/* Whether one more worker, beside those that talk, is right for the first of the queue. */
static bool wants_worker(const struct line_run *line)
{
    int usual = line->far ? FAR_WORKERS : line->users > 1 ? LINE_WORKERS : 1, talking = 0;
    bool urgent = true;
    if (!line->queue)
        return false;
    for (int i = 0; i < LINE_WORKERS_MAX; i++) {
        talking += line->active[i] != NULL;
        urgent = urgent && (!line->active[i] || rank_of(line->active[i]) < rank_of(line->queue));
    }
    int busy = line->workers - line->storing;
    return busy < usual || (urgent && busy <= talking && line->workers < LINE_WORKERS_MAX);
}

/* --- lines that want a worker ------------------------------------------------------------------------------------------------- */

static void unpend(struct shard *s, struct line_run *line)
{
    struct line_run *before = NULL, **at = &s->pending;
    for (; *at && *at != line; at = &(*at)->next_pending)
        before = *at;
    if (*at)
        *at = line->next_pending;
    if (s->pending_end == line)
        s->pending_end = before;
    line->pending = false;
}

static void run_worker(void *argument);

static bool is_urgent(const struct line_run *line)
{
    return line->queue && line->queue->run->options.class >= RUN_ORDER;
}

/* Puts the line where a worker finds it, and starts one when the thread has room; the urgent have some room more. */
static void pend(struct shard *s, struct line_run *line)
{
    int most = s->collector->options.at_once;
    if (!wants_worker(line))
        return;
    int rank = rank_of(line->queue);
    if (line->pending && line->pending_rank >= rank)
        return;
    if (line->pending)
        unpend(s, line);
    struct line_run **at = &s->pending;
    if (s->pending && s->pending_end->pending_rank >= rank)
        at = &s->pending_end->next_pending;
    while (*at && (*at)->pending_rank >= rank)
        at = &(*at)->next_pending;
    line->next_pending = *at;
    *at = line;
    if (!line->next_pending)
        s->pending_end = line;
    line->pending = true;
    line->pending_rank = rank;
    if (s->workers < most + (is_urgent(line) ? most / URGENT_SHARE + 1 : 0) && loop_spawn(s->loop, run_worker, s))
        s->workers++;
}

/* --- workers -------------------------------------------------------------------------------------------------------------------- */

static void open_line(struct shard *s, struct line_run *line)
{
    struct link_address address;
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    if (!link_address_parse(line->uri, LANG_EN, &address, &t))
        abort(); /* was good when its visits came */
    /* Exclusive: nobody of the same urgency gets the line before a session has ended. */
    struct pipe *pipe = address.kind == LINK_GATEWAY ? collector_far_pipe(s->collector, &address) : link_address_pipe(&address);
    line->bus = bus_new(s->loop, pipe, &(struct bus_options){
        .shape = !address.line_given, .connect_ms = line->settings.connect_ms, .quantum_ms = line->settings.exclusive ? DAY_SECONDS * 1000 : s->collector->options.turn_ms,
        .watcher = line->log ? line_watcher(line) : (struct bus_watcher){ 0 } });
    if (!line->begun_us)
        line->begun_us = loop_now_us(s->loop);
}

static void add_figures(struct bus_figures *all, const struct bus_figures *more)
{
    all->talking_us += more->talking_us;
    all->silent_us += more->silent_us;
    all->sent += more->sent;
    all->received += more->received;
    all->exchanges += more->exchanges;
    all->timeouts += more->timeouts;
    all->damaged += more->damaged;
    all->retries += more->retries;
}

void line_join(struct shard *s, struct line_run *line)
{
    if (!line->bus)
        open_line(s, line);
    line->users_now++;
}

void line_leave(struct shard *s, struct line_run *line)
{
    if (--line->users_now > 0)
        return;
    line->ended_us = loop_now_us(s->loop);
    add_figures(&line->figures, bus_figures(line->bus));
    bus_free(&line->bus);
}

/* Takes the meter for this visit; else the visit waits for it. */
static bool claim(struct collector *c, struct visit *v)
{
    struct meter_run *m = v->meter;
    pthread_mutex_lock(&c->lock);
    bool mine = !m->busy;
    if (mine) {
        m->busy = true;
        meter_adopt(m, v->row, v->ways, v->way_count);
    } else {
        struct visit **at = &m->waiting;
        while (*at && rank_of(*at) >= rank_of(v))
            at = &(*at)->next;
        v->next = *at;
        *at = v;
        v->place = VISIT_WAITING;
    }
    pthread_mutex_unlock(&c->lock);
    return mine;
}

static void come(void *argument)
{
    struct visit *v = argument;
    if (atomic_load(&v->run->cancelled)) {
        visit_done(v);
        return;
    }
    enqueue(v->line, v);
    pend(v->line->shard, v->line);
}

/* Gives the meter back; who waited for it comes now. */
static void release(struct shard *s, struct meter_run *m)
{
    struct collector *c = s->collector;
    pthread_mutex_lock(&c->lock);
    m->busy = false;
    struct visit *v = m->waiting;
    if (v) {
        m->waiting = v->next;
        v->place = VISIT_IDLE;
    }
    pthread_mutex_unlock(&c->lock);
    if (v && v->line->shard == s)
        come(v);
    else if (v)
        loop_post(v->line->shard->loop, come, v);
}

static struct visit *next_visit(struct shard *s, struct line_run *line)
{
    struct visit *v = dequeue(line);
    while (v && !claim(s->collector, v))
        v = dequeue(line);
    return v;
}

static void fall_asleep(struct shard *s, struct visit *v)
{
    struct visit **at = &s->asleep;
    while (*at && (*at)->due_us <= v->due_us)
        at = &(*at)->next;
    v->next = *at;
    *at = v;
    v->place = VISIT_ASLEEP;
    task_wake(s->keeper);
}

static void after(struct shard *s, struct visit *v)
{
    bool cancelled = atomic_load(&v->run->cancelled);
    v->task = NULL;
    v->place = VISIT_IDLE;
    struct meter_run *m = v->meter;
    if (v->again && !cancelled)
        enqueue(v->line, v);
    else if (v->due_us && !cancelled)
        fall_asleep(s, v);
    else
        visit_done(v);
    release(s, m);
}

/* A worker who has nothing in hand stays while the line would want him if he were not there. */
static bool may_stay(struct line_run *line)
{
    line->workers--;
    bool wanted = wants_worker(line);
    line->workers++;
    return wanted;
}

void line_hold(struct collector *c, struct line_run *line, int more)
{
    pthread_mutex_lock(&c->lock);
    line->visits += (size_t)more;
    pthread_mutex_unlock(&c->lock);
}

bool line_rests(const struct line_run *line)
{
    bool talking = line->queue != NULL;
    for (int i = 0; i < LINE_WORKERS_MAX; i++)
        talking = talking || line->active[i];
    return !talking;
}

static void set_active(struct line_run *line, const struct visit *from, struct visit *to)
{
    int place = 0;
    while (place < LINE_WORKERS_MAX && line->active[place] != from)
        place++;
    if (place < LINE_WORKERS_MAX)
        line->active[place] = to;
}

void line_storing(struct shard *s, struct line_run *line, struct visit *v)
{
    set_active(line, v, NULL);
    line->storing++;
    pend(s, line);
}

void line_stored(struct line_run *line)
{
    line->storing--;
}

static void work_line(struct shard *s, struct line_run *line)
{
    line_hold(s->collector, line, 1);
    line_join(s, line);
    if (line->workers++ == 0 && line->log)
        line_log_begin(line->log, bus_figures(line->bus));
    while (may_stay(line)) {
        struct visit *v = next_visit(s, line);
        if (!v)
            break;
        set_active(line, NULL, v);
        v->place = VISIT_ACTIVE;
        v->task = task_self();
        pend(s, line);
        collector_ask(s, line, v);
        task_renew();
        after(s, v);
    }
    if (--line->workers == 0 && line->log)
        line_log_end(line->log, bus_figures(line->bus));
    line_leave(s, line);
    if (!line->queue && line->pending)
        unpend(s, line);
    pend(s, line);
    line_hold(s->collector, line, -1);
}

static struct line_run *next_line(struct shard *s)
{
    struct line_run *line = s->pending;
    if (!line || (s->workers > s->collector->options.at_once && !is_urgent(line)))
        return NULL;
    unpend(s, line);
    return line;
}

static void trim(void *argument)
{
    struct shard *s = argument;
    if (s->workers == 0)
        coroutine_trim();
}

/* Workers begin one after another, so that thousands of links are not dialled in the same instant. */
static void run_worker(void *argument)
{
    struct shard *s = argument;
    int64_t now = loop_now_us(s->loop);
    s->begin_us = s->begin_us > now ? s->begin_us + BEGIN_US : now;
    if (s->begin_us > now)
        task_sleep_until(s->begin_us);
    for (struct line_run *line = next_line(s); line; line = next_line(s))
        if (wants_worker(line))
            work_line(s, line);
    if (--s->workers == 0)
        loop_post(s->loop, trim, s);
}

/* --- a run comes and is cancelled ---------------------------------------------------------------------------------------------------- */

static void rename_line(char **text, const char *now)
{
    if (*text && strcmp(*text, now) == 0)
        return;
    free(*text);
    *text = strdup(now);
    if (!*text)
        abort();
}

/* Those that answered last time first, the silent behind them. */
static void take_visit(struct shard *s, struct visit *v, bool silent)
{
    struct collector *c = s->collector;
    struct collector_run *r = v->run;
    struct meter_run *m = v->meter;
    pthread_mutex_lock(&c->lock);
    if (!m->busy)
        meter_adopt(m, v->row, v->ways, v->way_count);
    pthread_mutex_unlock(&c->lock);
    if (atomic_load(&r->cancelled)) {
        visit_done(v);
        return;
    }
    if ((m->failures > 0) != silent)
        return;
    if (m->next_try_ms > clock_monotonic_ms() && !c->options.ask_everybody && !r->options.insist) {
        atomic_fetch_add(&r->backed_off, 1);
        atomic_fetch_sub(&r->to_do, 1);
        visit_done(v);
        return;
    }
    enqueue(v->line, v);
}

void line_name(struct line_run *line, const struct store_link *row)
{
    line->settings = link_settings_read(row->settings);
    line->far = strncmp(row->uri, "gateway:", 8) == 0 && !strchr(row->uri, '/');
    rename_line(&line->title, row->title);
    rename_line(&line->uri, row->uri);
}

/* What the run's roll says of a line. */
static void name_line(struct shard *s, const struct roll *roll, struct line_run *line)
{
    const struct roll_link *link = line->shard == s ? roll_link(roll, line->link) : NULL;
    if (!link)
        return;
    line->users = link->meters;
    line_name(line, &link->row);
}

void shard_take(struct shard *s, struct collector_run *r)
{
    for (size_t i = 0; i < r->visit_count; i++)
        for (int w = 0; w < r->visits[i].way_count; w++)
            name_line(s, r->roll, r->visits[i].ways[w].line);
    for (int silent = 0; silent < 2; silent++)
        for (size_t i = 0; i < r->visit_count; i++)
            if (r->visits[i].line && r->visits[i].line->shard == s && r->visits[i].place == VISIT_IDLE)
                take_visit(s, &r->visits[i], silent);
    for (size_t i = 0; i < r->visit_count; i++)
        if (r->visits[i].place == VISIT_QUEUED && r->visits[i].line->shard == s)
            pend(s, r->visits[i].line);
}

static void leave(struct visit **list, struct visit *v)
{
    while (*list && *list != v)
        list = &(*list)->next;
    if (*list)
        *list = v->next;
}

static void cancel_visit(struct shard *s, struct visit *v)
{
    struct collector *c = s->collector;
    pthread_mutex_lock(&c->lock);
    bool waits = v->place == VISIT_WAITING;
    if (waits)
        leave(&v->meter->waiting, v);
    pthread_mutex_unlock(&c->lock);
    if (v->place == VISIT_ACTIVE)
        task_cancel(v->task);
    if (v->place == VISIT_QUEUED) {
        leave_queue(v->line, v);
        if (!v->line->queue && v->line->pending)
            unpend(s, v->line);
    }
    if (v->place == VISIT_ASLEEP)
        leave(&s->asleep, v);
    if (waits || v->place == VISIT_QUEUED || v->place == VISIT_ASLEEP)
        visit_done(v);
}

void shard_cancel(struct shard *s, struct collector_run *r)
{
    for (size_t i = 0; i < r->visit_count; i++)
        if (r->visits[i].line && r->visits[i].line->shard == s)
            cancel_visit(s, &r->visits[i]);
}

/* --- the thread ------------------------------------------------------------------------------------------------------------------------ */

/* Wakes visits whose time has come: a new round of theirs. */
static void wake_due(struct shard *s)
{
    while (s->asleep && s->asleep->due_us <= loop_now_us(s->loop)) {
        struct visit *v = s->asleep;
        s->asleep = v->next;
        v->turns = 0;
        v->met = false;
        v->way_begin = 0;
        v->read = 0;
        v->due_us = 0;
        enqueue(v->line, v);
        pend(s, v->line);
    }
}

static void keep(void *argument)
{
    struct shard *s = argument;
    while (!s->ending) {
        task_park(s->asleep ? s->asleep->due_us : LOOP_NEVER);
        wake_due(s);
    }
}

static void *run_shard(void *argument)
{
    struct shard *s = argument;
    loop_run(s->loop);
    coroutine_trim();
    return NULL;
}

void shard_begin(struct shard *s, struct collector *c)
{
    s->collector = c;
    s->memos = memos_new();
    s->loop = loop_new();
    s->keeper = loop_spawn(s->loop, keep, s);
    if (!s->keeper || pthread_create(&s->thread, NULL, run_shard, s) != 0) {
        log_line(LOG_ERROR, "no-thread", "what=collector");
        abort();
    }
}

static void end_keeper(void *argument)
{
    struct shard *s = argument;
    s->ending = true;
    task_wake(s->keeper);
}

void shard_end(struct shard *s)
{
    loop_post(s->loop, end_keeper, s);
    pthread_join(s->thread, NULL);
    loop_free(&s->loop);
    memos_free(&s->memos);
}
