/* Periods of polling, as people have set them; see line_polls.h. */
#include "api/box/line_polls.h"
#include "base/clock.h"
#include "base/sorted.h"
#include "base/zone.h"
#include "box/occasion.h"
#include "collect/schedule.h"
#include "store/box/occasions.h"
#include "store/work/tasks.h"

#include <stdlib.h>

struct reading_polls {
    struct line_polls *polls;
    struct api *api;
};

/* Seconds from its next time to the one behind; 0: it does not come twice. */
static int64_t period_of(const char *text, const char *zone_name)
{
    struct schedule s;
    struct zone zone;
    if (!schedule_read(text, &s) || !zone_load(zone_name, &zone))
        return 0;
    int64_t first = schedule_next(&s, &zone, clock_utc_ms() / 1000);
    int64_t second = first == WALL_NONE ? WALL_NONE : schedule_next(&s, &zone, first);
    return second == WALL_NONE ? 0 : second - first;
}

static int64_t timetable_period(struct store *s, int64_t id)
{
    struct arena a = { 0 };
    struct store_timetable t;
    int64_t period = store_timetable_get(s, id, &a, &t) == FAULT_NONE ? period_of(t.schedule, t.zone) : 0;
    arena_free(&a);
    return period;
}

/* Of several the shortest that there is. */
static int64_t shorter(int64_t a, int64_t b)
{
    return a == 0 || (b && b < a) ? b : a;
}

static int64_t calendar_period(struct store *s, int64_t id)
{
    struct arena a = { 0 };
    struct store_calendar calendar;
    int64_t period = 0;
    if (store_calendar_get(s, id, &a, &calendar) == FAULT_NONE)
        for (size_t i = 0; i < calendar.count; i++)
            period = shorter(period, timetable_period(s, calendar.timetable[i]));
    arena_free(&a);
    return period;
}

static void add_poll(struct reading_polls *r, int64_t task, int64_t period_s)
{
    struct line_polls *p = r->polls;
    if (period_s == 0 || p->count == LINE_POLLS_MAX)
        return;
    struct line_poll *poll = &p->poll[p->count];
    *poll = (struct line_poll){ .period_s = period_s };
    if (store_task_meters(r->api->store, task, &p->arena, &poll->meters, &poll->meter_count) == FAULT_NONE && poll->meter_count)
        p->count++;
}

static bool add_task(void *context, const struct store_task *t)
{
    if (t->scheduled && *t->schedule)
        add_poll(context, t->id, period_of(t->schedule, t->zone));
    return true;
}

static bool add_occasion(void *context, const struct store_occasion *o)
{
    struct reading_polls *r = context;
    struct condition condition;
    struct actions actions;
    if (!o->enabled || !condition_read(o->condition, &condition) || !actions_read(o->actions, &actions))
        return true;
    int64_t period = condition.kind == CONDITION_SCHEDULE ? timetable_period(r->api->store, condition.subject)
                   : condition.kind == CONDITION_CALENDAR ? calendar_period(r->api->store, condition.subject) : 0;
    for (size_t i = 0; i < actions.count; i++)
        if (actions.action[i].kind == ACTION_POLL)
            add_poll(r, actions.action[i].subject, period);
    return true;
}

void line_polls_read(struct line_polls *p, struct api *api, int64_t project)
{
    struct reading_polls r = { p, api };
    *p = (struct line_polls){ .project = project };
    store_tasks(api->store, project, add_task, &r);
    store_occasions(api->store, project, add_occasion, &r);
}

void line_polls_free(struct line_polls *p)
{
    arena_free(&p->arena);
    p->count = 0;
}

static int64_t plan_of(const struct line_poll *poll, const struct line_meter *meters, size_t count)
{
    int64_t plan = 0;
    for (size_t i = 0; i < count; i++)
        plan += sorted_has(poll->meters, poll->meter_count, meters[i].meter) ? meters[i].took_ms : 0;
    return plan;
}

struct line_plan line_plan_hardest(const struct line_polls *p, struct api *api, struct line_log *log, int64_t whole_ms)
{
    struct service_status status;
    service_status(api->service, p->project, &status);
    struct line_plan hardest = { whole_ms, (int64_t)status.every_minutes * 60000 };
    struct line_meter none;
    size_t room = log && p->count ? line_log_meters(log, &none, 0) : 0, count = 0;
    struct line_meter *meters = memory_new((room + 1) * sizeof *meters);
    if (room)
        count = line_log_meters(log, meters, room);
    count = count < room ? count : room;
    for (size_t i = 0; i < p->count; i++) {
        struct line_plan one = { plan_of(&p->poll[i], meters, count), p->poll[i].period_s * 1000 };
        bool harder = hardest.period_ms == 0 || one.plan_ms * hardest.period_ms > hardest.plan_ms * one.period_ms;
        if (one.plan_ms > 0 && harder)
            hardest = one;
    }
    free(meters);
    return hardest;
}
