/* The life of lines, told; see line_life.h. */
#include "api/box/line_life.h"
#include "base/clock.h"
#include "collect/service.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TELL_EVERY_MS = 1000, POLLS_EVERY_MS = 30000, CLOSE_PERCENT = 85 };

const char *const line_use_names[LINE_USES + 1] = {
    [LINE_FREE] = "free", [LINE_COLLECT] = "collection", [LINE_TASK] = "task", [LINE_ORDER] = "order", [LINE_RELAY] = "relay",
    [LINE_TRANSIT] = "transit", [LINE_TEST] = "test", [LINE_SCAN] = "scan",
};

enum fit { FIT_UNKNOWN, FIT_YES, FIT_CLOSE, FIT_NO };
const char *const line_fit_names[] = { [FIT_UNKNOWN] = "unknown", [FIT_YES] = "yes", [FIT_CLOSE] = "close", [FIT_NO] = "no", NULL };

/* --- the look of a line ------------------------------------------------------------------------------------------------------------- */

static void take_title(void *context, const struct roster_row *row)
{
    snprintf(context, 200, "%.150s", *row->title ? row->title : row->serial);
}

void line_device_title(struct api *api, int64_t device, char title[200])
{
    *title = '\0';
    if (device)
        roster_look(api->roster, device, 0, take_title, title);
}

static void put_holder(struct json_writer *j, struct api *api, const struct line_holder *h)
{
    char title[200];
    line_device_title(api, h->meter, title);
    json_put_object(j, "holder");
    json_put_text(j, "use", line_use_names[h->use]);
    json_put_int(j, "device", h->meter);
    json_put_text(j, "title", title);
    json_put_text(j, "client", h->name);
    json_put_utc(j, "since", h->since_ms);
    json_put_int(j, "ms", h->took_ms);
    json_put_end(j);
}

static void put_cycle(struct json_writer *j, const char *key, const struct line_cycle *c)
{
    if (c->begun_ms == 0) {
        json_put_null(j, key);
        return;
    }
    json_put_object(j, key);
    json_put_utc(j, "begun", c->begun_ms);
    json_put_bool(j, "running", c->running);
    json_put_int(j, "ms", c->took_ms);
    json_put_int(j, "talking_ms", c->talking_ms);
    json_put_int(j, "silent_ms", c->silent_ms);
    json_put_int(j, "away_ms", c->away_ms);
    json_put_int(j, "use_percent", c->took_ms > 0 ? c->talking_ms * 100 / c->took_ms : 0);
    json_put_int(j, "devices", c->meters);
    json_put_int(j, "failed", c->failed);
    json_put_int(j, "exchanges", c->exchanges);
    json_put_int(j, "timeouts", c->timeouts);
    json_put_int(j, "retries", c->retries);
    json_put_int(j, "bytes_sent", c->sent);
    json_put_int(j, "bytes_received", c->received);
    json_put_end(j);
}

static enum fit fit_of(int64_t plan_ms, int64_t period_ms)
{
    if (plan_ms <= 0 || period_ms <= 0)
        return FIT_UNKNOWN;
    return plan_ms > period_ms ? FIT_NO : plan_ms > period_ms / 100 * CLOSE_PERCENT ? FIT_CLOSE : FIT_YES;
}

void line_life_put(struct json_writer *j, struct api *api, const struct line_about *about)
{
    struct line_log *log = collector_line_log(service_collector(api->service), about->link);
    struct line_view view = { 0 };
    if (log)
        line_log_view(log, (size_t)about->devices, &view);
    struct line_plan plan = line_plan_hardest(about->polls, api, log, view.plan_ms);
    put_holder(j, api, &view.now);
    put_cycle(j, "cycle", &view.cycle);
    put_cycle(j, "former", &view.former);
    json_put_int(j, "plan_ms", plan.plan_ms);
    json_put_int(j, "period_ms", plan.period_ms);
    json_put_text(j, "fit", line_fit_names[fit_of(plan.plan_ms, plan.period_ms)]);
}

/* --- news ----------------------------------------------------------------------------------------------------------------------------- */

/* A line, and how far its news were told. */
struct told_line {
    int64_t link, project;
    unsigned moves;
};

struct line_news {
    struct api *api;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `ending` */
    pthread_cond_t ended;
    bool ending;
    struct told_line *lines; /* of the thread */
    size_t count, room;
    struct line_polls polls; /* of the thread: as they were at polls_ms */
    int64_t polls_ms;        /* monotonic; 0: not read yet */
};

/* Read again now and then: people change them rarely, and news are told every second. */
static const struct line_polls *polls_of(struct line_news *n, int64_t project)
{
    int64_t now = clock_monotonic_ms();
    if (n->polls_ms && n->polls.project == project && now - n->polls_ms < POLLS_EVERY_MS)
        return &n->polls;
    line_polls_free(&n->polls);
    line_polls_read(&n->polls, n->api, project);
    n->polls_ms = now;
    return &n->polls;
}

static bool take_link(void *context, const struct store_link *k)
{
    struct line_news *n = context;
    size_t at = 0;
    while (at < n->count && n->lines[at].link != k->id)
        at++;
    if (at == n->room) {
        size_t room = n->room ? n->room * 2 : 16;
        n->lines = memory_grow(n->lines, n->room * sizeof *n->lines, room * sizeof *n->lines);
        n->room = room;
    }
    if (at == n->count)
        n->lines[n->count++] = (struct told_line){ .link = k->id };
    n->lines[at].project = k->project;
    return true;
}

static void tell_line(struct line_news *n, struct told_line *line)
{
    struct line_log *log = collector_line_log(service_collector(n->api->service), line->link);
    struct line_view view;
    struct line_about about = { .link = line->link, .project = line->project };
    if (!log)
        return;
    line_log_view(log, 0, &view);
    bool moves = view.moves != line->moves || view.cycle.running || view.now.use != LINE_FREE;
    line->moves = view.moves;
    if (!moves || store_link_uses(n->api->store, line->link, &about.devices) != FAULT_NONE)
        return;
    struct buffer text = { 0 };
    struct json_writer j = { .out = &text };
    about.polls = polls_of(n, line->project);
    json_put_object(&j, NULL);
    json_put_int(&j, "id", line->link);
    line_life_put(&j, n->api, &about);
    json_put_end(&j);
    buffer_put(&text, "", 1);
    hub_tell(n->api->hub, line->project, "line", text.data);
    buffer_free(&text);
}

static void *run(void *argument)
{
    struct line_news *n = argument;
    pthread_mutex_lock(&n->lock);
    while (!n->ending) {
        int64_t until = clock_utc_ms() + TELL_EVERY_MS;
        struct timespec t = clock_timespec(until);
        pthread_cond_timedwait(&n->ended, &n->lock, &t);
        if (n->ending || hub_count(n->api->hub) == 0)
            continue;
        pthread_mutex_unlock(&n->lock);
        if (store_links(n->api->store, take_link, n) == FAULT_NONE)
            for (size_t i = 0; i < n->count; i++)
                tell_line(n, &n->lines[i]);
        pthread_mutex_lock(&n->lock);
    }
    pthread_mutex_unlock(&n->lock);
    return NULL;
}

struct line_news *line_news_new(struct api *api)
{
    struct line_news *n = memory_new(sizeof *n);
    n->api = api;
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->ended, NULL);
    pthread_create(&n->thread, NULL, run, n);
    return n;
}

void line_news_free(struct line_news **news)
{
    struct line_news *n = *news;
    *news = NULL;
    if (!n)
        return;
    pthread_mutex_lock(&n->lock);
    n->ending = true;
    pthread_cond_signal(&n->ended);
    pthread_mutex_unlock(&n->lock);
    pthread_join(n->thread, NULL);
    pthread_cond_destroy(&n->ended);
    pthread_mutex_destroy(&n->lock);
    line_polls_free(&n->polls);
    free(n->lines);
    free(n);
}
