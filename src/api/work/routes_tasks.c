/* Tasks of collection and control: the list, one of them, schedules on and off, devices added (docs/api-tasks.md). */
#include "api/routes.h"
#include "api/work/work_json.h"
#include "base/clock.h"

#include <stdlib.h>

#define V1 "/api/v1"
enum { TITLE_MOST = 200, REASON_MOST = 500, RESTART_DELAY_MOST = 86400, RESTARTS_MOST = 100, PRIORITY_MOST = 999, NEXT_MOMENTS = 5, AT_ONCE_MOST = 1000 };

static const char *const orders[] = { "asc", "desc", NULL };
static const char *const columns[] = { "id", "title", "priority", "begun", "next", NULL };

SHAPE(shape_task_query, "TaskQuery", PAGE_FIELDS, { .name = "templated", .kind = FIELD_BOOL, .help = { { "true: только шаблоны опроса", "true: poll templates only" } } }, { .name = "search", .kind = FIELD_TEXT, .most = 100 }, { .name = "sort", .kind = FIELD_WORD, .words = columns },
      { .name = "order", .kind = FIELD_WORD, .words = orders });

#define TASK_FIELDS \
    { .name = "template", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "шаблон данных вместо work: задача — шаблон опроса; 0: нет", "a data template instead of work: the task is a poll template; 0: none" } } }, \
    { .name = "priority", .kind = FIELD_INT, .least = 1, .most = PRIORITY_MOST, .help = { { "чем больше, тем раньше", "the larger goes first" } } }, \
    { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "устройства", "devices" } } }, \
    { .name = "groups", .kind = FIELD_LIST, .of = FIELD_INT, .most = 1000, .help = { { "группы", "groups" } } }, \
    { .name = "reason", .kind = FIELD_TEXT, .most = REASON_MOST, .help = { { "основание управления реле", "why relays are switched" } } }, \
    { .name = "zone", .kind = FIELD_TEXT, .most = ZONE_NAME_MAX - 1, .help = { { "Europe/Moscow, +03:00; пусто: часы сервера", "Europe/Moscow, +03:00; empty: the server's" } } }, \
    { .name = "schedule", .kind = FIELD_OBJECT, .shape = &shape_schedule, .flags = NULLABLE }, \
    { .name = "scheduled", .kind = FIELD_BOOL, .help = { { "расписание включено", "the schedule is on" } } }, \
    { .name = "restart_delay_s", .kind = FIELD_INT, .least = 0, .most = RESTART_DELAY_MOST }, \
    { .name = "restarts", .kind = FIELD_INT, .least = 0, .most = RESTARTS_MOST }, \
    { .name = "endless", .kind = FIELD_BOOL, .help = { { "бесконечный опрос", "endless polling" } } }

SHAPE(shape_new, "TaskNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = TITLE_MOST },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .help = { { "нужна, если нет template", "needed without template" } } }, TASK_FIELDS);
SHAPE(shape_clone, "TaskClone", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = TITLE_MOST },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work }, TASK_FIELDS);
SHAPE(shape_change, "TaskChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX, .help = { { "виденная редакция", "revision that was seen" } } }, { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = TITLE_MOST },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work }, TASK_FIELDS);
#define TASK_SHOWN \
    { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "priority", .kind = FIELD_INT }, \
    { .name = "targets", .kind = FIELD_INT, .help = { { "сколько устройств и групп названо", "how many devices and groups it names" } } }, \
    { .name = "groups", .kind = FIELD_LIST, .of = FIELD_INT }, { .name = "template", .kind = FIELD_INT }, \
    { .name = "scheduled", .kind = FIELD_BOOL }, { .name = "scheduled_on", .kind = FIELD_TIME, .flags = NULLABLE }, \
    { .name = "scheduled_off", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "schedule", .kind = FIELD_OBJECT, .shape = &shape_schedule, .flags = NULLABLE }, \
    { .name = "zone", .kind = FIELD_TEXT }, { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "restart_delay_s", .kind = FIELD_INT }, \
    { .name = "restarts", .kind = FIELD_INT }, { .name = "endless", .kind = FIELD_BOOL }, { .name = "login", .kind = FIELD_TEXT }, \
    { .name = "running", .kind = FIELD_BOOL }, { .name = "run", .kind = FIELD_OBJECT, .shape = &shape_run, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT }
SHAPE(shape_row, "TaskRow", TASK_SHOWN);
SHAPE(shape_task, "Task", TASK_SHOWN, { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .flags = NULLABLE }, { .name = "reason", .kind = FIELD_TEXT });
SHAPE(shape_switch, "TasksSchedule", { .name = "tasks", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .least = 1, .most = AT_ONCE_MOST }, { .name = "on", .kind = FIELD_BOOL, .flags = REQUIRED });
SHAPE(shape_add, "TasksDevices", { .name = "tasks", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .least = 1, .most = AT_ONCE_MOST },
      { .name = "devices", .kind = FIELD_LIST, .flags = REQUIRED, .of = FIELD_INT, .least = 1 });
SHAPE(shape_next, "ScheduleNext", { .name = "schedule", .kind = FIELD_OBJECT, .flags = REQUIRED, .shape = &shape_schedule }, { .name = "zone", .kind = FIELD_TEXT, .most = ZONE_NAME_MAX - 1 });
SHAPE(shape_moments, "ScheduleMoments", { .name = "next", .kind = FIELD_LIST, .of = FIELD_TIME });

/* --- showing -------------------------------------------------------------------------------------------------------------------- */

static void put_ids(struct call *c, const char *key, const int64_t *ids, size_t count)
{
    json_put_list(&c->out, key);
    for (size_t i = 0; i < count; i++)
        json_put_int(&c->out, NULL, ids[i]);
    json_put_end(&c->out);
}

static void put_fields(struct call *c, const struct store_task *t, const struct store_targets *targets, const struct store_run *last)
{
    json_put_int(&c->out, "id", t->id);
    json_put_text(&c->out, "title", t->title);
    json_put_int(&c->out, "priority", t->priority);
    json_put_int(&c->out, "targets", t->targets);
    put_ids(c, "groups", targets->groups, targets->group_count);
    json_put_int(&c->out, "template", t->template);
    json_put_bool(&c->out, "scheduled", t->scheduled);
    json_put_utc(&c->out, "scheduled_on", t->on_ms);
    json_put_utc(&c->out, "scheduled_off", t->off_ms);
    schedule_put(c, "schedule", t->schedule);
    json_put_text(&c->out, "zone", t->zone);
    json_put_utc(&c->out, "next", t->next_ms);
    json_put_int(&c->out, "restart_delay_s", t->restart_delay_s);
    json_put_int(&c->out, "restarts", t->restarts);
    json_put_bool(&c->out, "endless", t->endless);
    json_put_text(&c->out, "login", t->login);
    json_put_bool(&c->out, "running", last && last->ended_ms == 0);
    if (last)
        run_put(&c->out, "run", last, c->lang);
    else
        json_put_null(&c->out, "run");
    json_put_int(&c->out, "revision", t->revision);
}

static const struct store_run *last_run(struct call *c, int64_t task)
{
    struct store_run *r = arena_take(c->arena, sizeof *r);
    return store_run_last(c->api->store, task, c->arena, r) == FAULT_NONE ? r : NULL;
}

static void put_task(struct call *c, const struct store_task *t, const char *key)
{
    struct store_targets targets = { 0 };
    store_task_targets(c->api->store, t->id, c->arena, &targets);
    json_put_object(&c->out, key);
    put_fields(c, t, &targets, last_run(c, t->id));
    put_ids(c, "devices", targets.devices, targets.device_count);
    work_put(c, "work", t->work);
    json_put_text(&c->out, "reason", t->reason);
    json_put_end(&c->out);
}

static bool find_task(struct call *c, int64_t id, struct store_task *t)
{
    if (!call_good(c, store_task_get(c->api->store, id, c->arena, t), REFUSE_IN_USE))
        return false;
    return t->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_task(struct call *c)
{
    struct store_task t;
    if (find_task(c, c->match.number[0], &t))
        put_task(c, &t, NULL);
}

/* --- the list --------------------------------------------------------------------------------------------------------------------- */

struct listed {
    struct store_task task;
    const struct store_run *last;
};

struct list {
    struct call *c;
    struct listed *rows;
    size_t count, room;
    char search[256];
    bool templated;
};

static bool list_task(void *context, const struct store_task *t)
{
    struct list *l = context;
    struct call *c = l->c;
    char folded[TITLE_MOST * 4 + 1];
    text_fold(t->title, folded, sizeof folded);
    if (!strstr(folded, l->search) || (l->templated && !t->template))
        return true;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        struct listed *grown = arena_take(c->arena, room * sizeof *grown);
        if (l->count)
            memcpy(grown, l->rows, l->count * sizeof *grown);
        l->rows = grown;
        l->room = room;
    }
    struct listed *row = &l->rows[l->count++];
    row->task = *t;
    const char **const texts[] = { &row->task.title, &row->task.work, &row->task.schedule, &row->task.zone, &row->task.reason, &row->task.login };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_text(c->arena, bytes_of_text(*texts[i]));
    return true;
}

static int64_t begun(const struct listed *l) { return l->last ? l->last->begun_ms : 0; }
static int sign(int64_t a, int64_t b) { return (a > b) - (a < b); }
static int by_id(const void *a, const void *b) { return sign(((const struct listed *)a)->task.id, ((const struct listed *)b)->task.id); }

static int by_title(const void *a, const void *b)
{
    int order = strcmp(((const struct listed *)a)->task.title, ((const struct listed *)b)->task.title);
    return order ? order : by_id(a, b);
}

static int by_priority(const void *a, const void *b)
{
    int order = sign(((const struct listed *)a)->task.priority, ((const struct listed *)b)->task.priority);
    return order ? order : by_id(a, b);
}

static int by_begun(const void *a, const void *b)
{
    int order = sign(begun(a), begun(b));
    return order ? order : by_id(a, b);
}

static int by_next(const void *a, const void *b)
{
    int order = sign(((const struct listed *)a)->task.next_ms, ((const struct listed *)b)->task.next_ms);
    return order ? order : by_id(a, b);
}

static void list_tasks(struct call *c)
{
    static int (*const compare[])(const void *, const void *) = { by_id, by_title, by_priority, by_begun, by_next };
    struct list l = { .c = c, .templated = call_bool(c->query, "templated", false) };
    text_fold(call_text(c->query, "search", ""), l.search, sizeof l.search);
    if (!call_good(c, store_tasks(c->api->store, c->caller.project, list_task, &l), REFUSE_IN_USE))
        return;
    for (size_t i = 0; i < l.count; i++)
        l.rows[i].last = last_run(c, l.rows[i].task.id);
    if (l.count)
        qsort(l.rows, l.count, sizeof *l.rows, compare[word_place(columns, call_text(c->query, "sort", "id"))]);
    bool descending = strcmp(call_text(c->query, "order", "asc"), "desc") == 0;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = call_skip(c); i < l.count && i - call_skip(c) < call_take(c); i++) {
        const struct listed *row = &l.rows[descending ? l.count - 1 - i : i];
        struct store_targets targets = { 0 };
        store_task_targets(c->api->store, row->task.id, c->arena, &targets);
        json_put_object(&c->out, NULL);
        put_fields(c, &row->task, &targets, row->last);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
}

/* --- making and changing ------------------------------------------------------------------------------------------------------------ */

static bool devices_known(struct call *c, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!roster_look(c->api->roster, ids[i], c->caller.project, NULL, NULL))
            return call_wrong_field(c, "devices", c->lang == LANG_RU ? "такого устройства нет" : "there is no such device");
    return true;
}

static bool groups_known(struct call *c, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct store_group g;
        enum fault f = store_group_get(c->api->store, ids[i], c->arena, &g);
        if (f == FAULT_NO_DATA || (f == FAULT_NONE && g.project != c->caller.project))
            return call_wrong_field(c, "groups", c->lang == LANG_RU ? "такой группы нет" : "there is no such group");
        if (!call_good(c, f, REFUSE_IN_USE))
            return false;
    }
    return true;
}

/* What the body names, over what the task has. */
static bool take_targets(struct call *c, struct store_targets *t)
{
    const json_t *devices = json_object_get(c->body, "devices"), *groups = json_object_get(c->body, "groups");
    int64_t *ids;
    if (devices) {
        t->device_count = call_ids(c, devices, &ids);
        t->devices = ids;
    }
    if (groups) {
        t->group_count = call_ids(c, groups, &ids);
        t->groups = ids;
    }
    if (t->device_count + t->group_count == 0)
        return call_wrong_field(c, "devices", c->lang == LANG_RU ? "выберите устройства или группы" : "choose devices or groups");
    return call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) && (!devices || devices_known(c, t->devices, t->device_count)) &&
           (!groups || groups_known(c, t->groups, t->group_count));
}

/* The next moment of a task's schedule; false, refused, for a zone that is none and a schedule that is on and missing or over. */
static bool find_next(struct call *c, struct store_task *t)
{
    struct zone zone;
    struct schedule s;
    bool has = schedule_read(t->schedule, &s);
    t->next_ms = 0;
    if (!zone_load(t->zone, &zone))
        return call_wrong_field(c, "zone", c->lang == LANG_RU ? "такого часового пояса нет" : "there is no such time zone");
    if (t->scheduled && !has)
        return call_wrong_field(c, "schedule", c->lang == LANG_RU ? "расписание не задано" : "there is no schedule");
    if (!t->scheduled)
        return true;
    int64_t next = schedule_next(&s, &zone, clock_utc_ms() / 1000);
    t->next_ms = next == WALL_NONE ? 0 : next * 1000;
    return t->next_ms || call_wrong_field(c, "schedule.start", c->lang == LANG_RU ? "этот момент уже прошёл" : "that moment has passed");
}

/* Who lets relays be switched may switch them himself, and says why. */
static bool may_switch(struct call *c, const struct work *w, const char *reason)
{
    if (!work_switches(w))
        return true;
    if (!call_may(c, MAY_WRITE_DEVICES))
        return call_refuse(c, REFUSE_FORBIDDEN);
    return !text_is_blank(reason) || call_wrong_field(c, "reason", c->lang == LANG_RU ? "укажите основание" : "say why");
}

/* What is wanted: of a data template, or the task's own. */
static bool take_work(struct call *c, struct store_task *t, struct work *w)
{
    const json_t *work = json_object_get(c->body, "work");
    int64_t template = call_int(c->body, "template", work ? 0 : t->template);
    struct store_template from;
    if (template && work)
        return call_wrong_field(c, "work", c->lang == LANG_RU ? "либо work, либо template" : "either work or template");
    if (template && (store_template_get(c->api->store, template, c->arena, &from) != FAULT_NONE || from.project != c->caller.project))
        return call_wrong_field(c, "template", c->lang == LANG_RU ? "такого шаблона данных нет" : "there is no such data template");
    if (work && !(t->work = work_take(c, work, w)))
        return false;
    if (!work && template)
        t->work = from.work;
    if (!work)
        work_read_text(t->work, w);
    t->template = template;
    return work_any(w) || call_wrong_field(c, "work", c->lang == LANG_RU ? "обязательное поле" : "is required");
}

/* Fields of the body over what `t` has. */
static bool take_task(struct call *c, struct store_task *t, struct store_targets *targets)
{
    const json_t *schedule = json_object_get(c->body, "schedule");
    struct work *w = arena_take(c->arena, sizeof *w);
    struct schedule s;
    bool on = call_bool(c->body, "scheduled", t->scheduled);
    t->title = call_text(c->body, "title", t->title);
    t->priority = (int)call_int(c->body, "priority", t->priority);
    t->zone = call_text(c->body, "zone", t->zone);
    t->reason = call_text(c->body, "reason", t->reason);
    t->restart_delay_s = (int)call_int(c->body, "restart_delay_s", t->restart_delay_s);
    t->restarts = (int)call_int(c->body, "restarts", t->restarts);
    t->endless = call_bool(c->body, "endless", t->endless);
    if (json_is_null(schedule))
        t->schedule = "";
    else if (schedule && !(t->schedule = schedule_take(c, schedule, &s)))
        return false;
    if (!take_work(c, t, w))
        return false;
    if (on != t->scheduled)
        *(on ? &t->on_ms : &t->off_ms) = clock_utc_ms();
    t->scheduled = on;
    if (t->endless && w->commands)
        return call_wrong_field(c, "endless", c->lang == LANG_RU ? "команды нельзя повторять бесконечно" : "commands cannot be repeated endlessly");
    return may_switch(c, w, t->reason) && take_targets(c, targets) && find_next(c, t);
}

static void add_task(struct call *c)
{
    int64_t id = 0;
    struct store_targets targets = { 0 };
    struct store_task t = { .project = c->caller.project, .priority = 1, .title = "", .work = "", .schedule = "", .zone = "", .reason = "",
                            .person = c->caller.person, .login = c->caller.login };
    if (!take_task(c, &t, &targets) || !call_good(c, store_task_put(c->api->store, &t, &targets, &id), REFUSE_TAKEN))
        return;
    tasks_wake(c->api->tasks);
    call_note(c, NOTE_TASK_ADD, t.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

static void clone_task(struct call *c)
{
    int64_t id = 0;
    struct store_targets targets = { 0 };
    struct store_task t;
    if (!find_task(c, c->match.number[0], &t) || !call_good(c, store_task_targets(c->api->store, t.id, c->arena, &targets), REFUSE_IN_USE))
        return;
    t.id = t.revision = t.on_ms = t.off_ms = 0;
    t.scheduled = false;
    t.person = c->caller.person;
    t.login = c->caller.login;
    if (!take_task(c, &t, &targets) || !call_good(c, store_task_put(c->api->store, &t, &targets, &id), REFUSE_TAKEN))
        return;
    tasks_wake(c->api->tasks);
    call_note(c, NOTE_TASK_ADD, t.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

/* What the log keeps of a task as it was. */
static const char *task_json(struct call *c, const struct store_task *t)
{
    struct json_writer answer = c->out;
    struct buffer text = { 0 };
    c->out = (struct json_writer){ .out = &text };
    put_task(c, t, NULL);
    const char *kept = arena_text(c->arena, bytes_of(text.data, text.size));
    buffer_free(&text);
    c->out = answer;
    return kept;
}

static void change_task(struct call *c)
{
    struct store_task t;
    struct store_targets targets = { 0 };
    if (!find_task(c, c->match.number[0], &t) || !call_good(c, store_task_targets(c->api->store, t.id, c->arena, &targets), REFUSE_IN_USE))
        return;
    const char *before = task_json(c, &t);
    t.revision = call_int(c->body, "revision", 0);
    if (!take_task(c, &t, &targets) || !call_good(c, store_task_put(c->api->store, &t, &targets, NULL), REFUSE_TAKEN))
        return;
    tasks_wake(c->api->tasks);
    call_note(c, NOTE_TASK_UPDATE, t.title, before, call_json(c, c->body));
    get_task(c);
}

static void delete_task(struct call *c)
{
    struct store_task t;
    if (!find_task(c, c->match.number[0], &t))
        return;
    const char *before = task_json(c, &t);
    tasks_cancel_task(c->api->tasks, t.id, RUN_CANCELLED_BY_USER);
    if (!call_good(c, store_task_delete(c->api->store, t.id), REFUSE_IN_USE))
        return;
    tasks_wake(c->api->tasks);
    call_note(c, NOTE_TASK_REMOVE, t.title, before, NULL);
    call_done(c);
}

/* --- several at once ------------------------------------------------------------------------------------------------------------------ */

static bool find_tasks(struct call *c, struct store_task **ret, size_t *ret_count)
{
    int64_t *ids;
    *ret_count = call_ids(c, json_object_get(c->body, "tasks"), &ids);
    *ret = arena_take(c->arena, (*ret_count + 1) * sizeof **ret);
    for (size_t i = 0; i < *ret_count; i++)
        if (!find_task(c, ids[i], &(*ret)[i]))
            return false;
    return true;
}

static void switch_schedules(struct call *c)
{
    struct store_task *t;
    size_t count;
    bool on = call_bool(c->body, "on", false);
    if (!find_tasks(c, &t, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        t[i].scheduled = on;
        if (!find_next(c, &t[i]))
            return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!call_good(c, store_task_schedule(c->api->store, t[i].id, on, true, clock_utc_ms(), t[i].next_ms), REFUSE_IN_USE))
            return;
        call_note(c, on ? NOTE_TASK_ON : NOTE_TASK_OFF, t[i].title, NULL, NULL);
    }
    tasks_wake(c->api->tasks);
    call_done(c);
}

static void add_devices(struct call *c)
{
    struct store_task *t;
    size_t count, device_count;
    int64_t *devices;
    device_count = call_ids(c, json_object_get(c->body, "devices"), &devices);
    if (!find_tasks(c, &t, &count) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) || !devices_known(c, devices, device_count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!call_good(c, store_task_add(c->api->store, t[i].id, devices, device_count), REFUSE_IN_USE))
            return;
        call_note(c, NOTE_TASK_UPDATE, t[i].title, NULL, call_json(c, c->body));
    }
    call_done(c);
}

/* --- now ---------------------------------------------------------------------------------------------------------------------------- */

static void run_task(struct call *c)
{
    struct store_task t;
    struct store_run r;
    int64_t run = 0;
    struct work *w = arena_take(c->arena, sizeof *w);
    if (!find_task(c, c->match.number[0], &t) || (work_read_text(t.work, w) && !may_switch(c, w, t.reason)))
        return;
    enum fault f = tasks_run(c->api->tasks, t.id, &(struct task_caller){ c->caller.person, c->caller.login, NULL }, &run);
    if (!call_good(c, f, REFUSE_BUSY) || !call_good(c, store_run_get(c->api->store, run, c->arena, &r), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_RUN_START, t.title, NULL, NULL);
    if (work_switches(w))
        call_note(c, NOTE_RELAY_ORDER, t.title, NULL, task_json(c, &t));
    c->answer->status = 202;
    run_put(&c->out, NULL, &r, c->lang);
}

static void cancel_task(struct call *c)
{
    struct store_task t;
    if (!find_task(c, c->match.number[0], &t))
        return;
    if (tasks_cancel_task(c->api->tasks, t.id, RUN_CANCELLED_BY_USER))
        call_note(c, NOTE_RUN_CANCEL, t.title, NULL, NULL);
    call_done(c);
}

static void next_moments(struct call *c)
{
    struct schedule s;
    struct zone zone;
    if (!schedule_take(c, json_object_get(c->body, "schedule"), &s))
        return;
    if (!zone_load(call_text(c->body, "zone", ""), &zone)) {
        call_wrong_field(c, "zone", c->lang == LANG_RU ? "такого часового пояса нет" : "there is no such time zone");
        return;
    }
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "next");
    int64_t at = clock_utc_ms() / 1000;
    for (int i = 0; i < NEXT_MOMENTS && (at = schedule_next(&s, &zone, at)) != WALL_NONE; i++)
        json_put_utc(&c->out, NULL, at * 1000);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/tasks", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_task_query, NULL, &shape_row, NULL, 0, list_tasks, { { "задачи сбора и управления", "tasks of collection and control" } } },
    { "POST", V1 "/tasks", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_new, NULL, NULL, 0, add_task, { { "создать задачу", "make a task" } } },
    { "POST", V1 "/tasks/schedule", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_switch, NULL, NULL, 0, switch_schedules, { { "включить или выключить расписание задач", "switch schedules of tasks on or off" } } },
    { "POST", V1 "/tasks/devices", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_add, NULL, NULL, 0, add_devices, { { "добавить устройства в задачи", "add devices to tasks" } } },
    { "POST", V1 "/schedule/next", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, &shape_next, &shape_moments, NULL, 0, next_moments, { { "ближайшие запуски расписания", "the next moments of a schedule" } } },
    { "GET", V1 "/tasks/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_task, NULL, 0, get_task, { { "задача", "a task" } } },
    { "PATCH", V1 "/tasks/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_change, &shape_task, NULL, 0, change_task, { { "изменить задачу", "change a task" } } },
    { "DELETE", V1 "/tasks/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_task, { { "удалить задачу с историей запусков", "delete a task with its runs" } } },
    { "POST", V1 "/tasks/{id}/clone", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_clone, NULL, NULL, 0, clone_task, { { "создать задачу на базе этой", "make a task after this one" } } },
    { "POST", V1 "/tasks/{id}/run", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, &shape_run, NULL, 0, run_task, { { "запустить задачу сейчас", "run a task now" } } },
    { "DELETE", V1 "/tasks/{id}/run", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, NULL, NULL, 0, cancel_task, { { "отменить запуск задачи", "cancel a task's run" } } },
};

ROUTE_TABLE(rows);
