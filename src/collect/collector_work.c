/* Work on a line beside the sessions, and who looks at lines; see collector.h. */
#include "collect/collector_inside.h"

#include <stdlib.h>

struct line_task {
    struct collector *collector;
    struct line_run *line;
    struct line_work work;
    struct store_link row;   /* of the link, its texts in the arena */
    struct arena arena;
    struct task *task;       /* while it runs */
    bool open;
    pthread_mutex_t lock;    /* guards what follows */
    pthread_cond_t over;
    bool ended;
    int holders;             /* its owner, its run, cancellations under way */
};

/* --- its memory --------------------------------------------------------------------------------------------------------------- */

static void let_go(struct line_task *t)
{
    pthread_mutex_lock(&t->lock);
    bool last = --t->holders == 0;
    pthread_mutex_unlock(&t->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->over);
    arena_free(&t->arena);
    free(t);
}

void line_task_free(struct line_task **task)
{
    struct line_task *t = *task;
    *task = NULL;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    while (!t->ended)
        pthread_cond_wait(&t->over, &t->lock);
    pthread_mutex_unlock(&t->lock);
    let_go(t);
}

/* --- on the line's thread ------------------------------------------------------------------------------------------------------ */

static void end(struct line_task *t)
{
    line_hold(t->collector, t->line, -1);
    if (t->work.ended)
        t->work.ended(t->work.context);
    pthread_mutex_lock(&t->lock);
    t->ended = true;
    t->task = NULL;
    pthread_cond_broadcast(&t->over);
    pthread_mutex_unlock(&t->lock);
    let_go(t);
}

static void run(void *argument)
{
    struct line_task *t = argument;
    t->work.run(t, t->work.context);
    if (t->open)
        line_close(t);
    end(t);
}

static void begin(void *argument)
{
    struct line_task *t = argument;
    line_name(t->line, &t->row);
    t->task = loop_spawn(t->line->shard->loop, run, t);
    if (!t->task)
        end(t);
}

static void cancel(void *argument)
{
    struct line_task *t = argument;
    if (t->task)
        task_cancel(t->task);
    let_go(t);
}

struct bus *line_open(struct line_task *t)
{
    if (!t->open)
        line_join(t->line->shard, t->line);
    t->open = true;
    return t->line->bus;
}

void line_close(struct line_task *t)
{
    if (t->open)
        line_leave(t->line->shard, t->line);
    t->open = false;
}

void line_listen(struct line_task *t, struct line_ear *ear)
{
    ear->next = t->line->ears;
    t->line->ears = ear;
}

void line_deafen(struct line_task *t, struct line_ear *ear)
{
    struct line_ear **at = &t->line->ears;
    while (*at && *at != ear)
        at = &(*at)->next;
    if (*at)
        *at = ear->next;
}

/* --- from outside ---------------------------------------------------------------------------------------------------------------- */

enum fault collector_line_begin(struct collector *c, int64_t link, const struct line_work *work, struct line_task **ret)
{
    struct line_task *t = memory_new(sizeof *t);
    struct link_address address;
    char problem[200];
    struct text said = text_over(problem, sizeof problem);
    enum fault f = store_link_get(c->store, link, &t->arena, &t->row);
    if (f == FAULT_NONE && !link_address_parse(t->row.uri, LANG_EN, &address, &said))
        f = FAULT_SETTING;
    if (f != FAULT_NONE) {
        arena_free(&t->arena);
        free(t);
        return f;
    }
    t->collector = c;
    t->work = *work;
    t->holders = 2;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->over, NULL);
    pthread_mutex_lock(&c->lock);
    t->line = collector_line_taken(c, link);
    pthread_mutex_unlock(&c->lock);
    *ret = t;
    loop_post(t->line->shard->loop, begin, t);
    return FAULT_NONE;
}

void line_task_cancel(struct line_task *t)
{
    pthread_mutex_lock(&t->lock);
    bool goes = !t->ended;
    t->holders += goes;
    pthread_mutex_unlock(&t->lock);
    if (goes)
        loop_post(t->line->shard->loop, cancel, t);
}

struct line_log *collector_line_log(struct collector *c, int64_t link)
{
    pthread_mutex_lock(&c->lock);
    const struct line_run *line = collector_line(c, link);
    pthread_mutex_unlock(&c->lock);
    return line ? line->log : NULL;
}

/* --- who looks at the bus ---------------------------------------------------------------------------------------------------------- */

static void turned(void *context, const void *user)
{
    struct line_run *line = context;
    line_log_turn(line->log, user, bus_figures(line->bus));
}

static void passed(void *context, bool sent, struct bytes bytes)
{
    struct line_run *line = context;
    line_log_pass(line->log, bus_figures(line->bus));
    for (struct line_ear *e = line->ears; e; e = e->next)
        e->heard(e, sent, bytes);
}

struct bus_watcher line_watcher(struct line_run *line)
{
    return (struct bus_watcher){ turned, passed, line };
}
