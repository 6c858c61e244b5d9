/* Schedules with names and calendars, which are groups of them (manual S0 4.5.2, S1 3.2): what events of a gateway happen by. */
#include "api/routes.h"
#include "api/work_json.h"
#include "base/clock.h"
#include "base/zone.h"
#include "box/occasions.h"

#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }
enum { ROWS_MAX = 100, TITLE_MOST = 100, MINUTES_MOST = 59 };

#define TIMETABLE_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = TITLE_MOST }, \
    { .name = "schedule", .kind = FIELD_OBJECT, .flags = required, .shape = &shape_schedule, .help = { { "minutes: каждые 1–59 минут", "minutes: every 1 to 59 minutes" } } }, \
    { .name = "zone", .kind = FIELD_TEXT, .most = ZONE_NAME_MAX - 1, .help = { { "Europe/Moscow, +03:00; пусто: пояс устройства", "Europe/Moscow, +03:00; empty: the box's own" } } }
SHAPE(shape_timetable_new, "TimetableNew", TIMETABLE_FIELDS(REQUIRED));
SHAPE(shape_timetable_change, "TimetableChange", REVISION, TIMETABLE_FIELDS(0));
SHAPE(shape_timetable, "Timetable", { .name = "id", .kind = FIELD_INT }, TIMETABLE_FIELDS(NULLABLE), { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "revision", .kind = FIELD_INT });

#define CALENDAR_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = TITLE_MOST }, \
    { .name = "timetables", .kind = FIELD_LIST, .of = FIELD_INT, .flags = required, .least = 1, .most = CALENDAR_TIMETABLES_MAX }
SHAPE(shape_calendar_new, "CalendarNew", CALENDAR_FIELDS(REQUIRED));
SHAPE(shape_calendar_change, "CalendarChange", REVISION, CALENDAR_FIELDS(0));
SHAPE(shape_calendar, "Calendar", { .name = "id", .kind = FIELD_INT }, CALENDAR_FIELDS(0), { .name = "revision", .kind = FIELD_INT });

static bool here(struct call *c)
{
    return c->api->occasions != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

static void changed(struct call *c, enum note n, const struct phrase *form, const char *title)
{
    char object[160 + 4 * TITLE_MOST];
    snprintf(object, sizeof object, phrase_in(form, c->lang), title);
    call_note(c, n, object, NULL, n == NOTE_OCCASION_REMOVE ? NULL : call_json(c, c->body));
    occasions_changed(c->api->occasions);
}

struct list {
    struct call *c;
    int64_t count;
};

static void list_end(struct call *c, int64_t total, enum fault f)
{
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static bool has_room(struct call *c, int64_t count)
{
    return count < ROWS_MAX || call_wrong_field(c, "title", c->lang == LANG_RU ? "не больше 100" : "100 at most");
}

/* --- timetables ------------------------------------------------------------------------------------------------------------------ */

static const struct phrase timetable_form = { { "Расписание «%s»", "Timetable \"%s\"" } };

static bool put_timetable(void *context, const struct store_timetable *t)
{
    struct list *l = context;
    struct json_writer *j = &l->c->out;
    struct schedule s;
    struct zone zone;
    int64_t next = schedule_read(t->schedule, &s) && zone_load(t->zone, &zone) ? schedule_next(&s, &zone, clock_utc_ms() / 1000) : WALL_NONE;
    json_put_object(j, NULL);
    json_put_int(j, "id", t->id);
    json_put_text(j, "title", t->title);
    schedule_put(l->c, "schedule", t->schedule);
    json_put_text(j, "zone", t->zone);
    json_put_utc(j, "next", next == WALL_NONE ? 0 : next * 1000);
    json_put_int(j, "revision", t->revision);
    json_put_end(j);
    l->count++;
    return true;
}

static void list_timetables(struct call *c)
{
    struct list l = { c, 0 };
    if (!here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_timetables(c->api->store, c->caller.project, put_timetable, &l);
    list_end(c, l.count, f);
}

static bool find_timetable(struct call *c, struct store_timetable *t)
{
    if (!here(c) || !call_good(c, store_timetable_get(c->api->store, c->match.number[0], c->arena, t), REFUSE_IN_USE))
        return false;
    return t->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static bool take_timetable(struct call *c, struct store_timetable *t)
{
    const json_t *schedule = json_object_get(c->body, "schedule");
    struct schedule s = { .kind = SCHEDULE_DAILY };
    struct zone zone;
    t->title = call_text(c->body, "title", t->title);
    t->zone = call_text(c->body, "zone", t->zone);
    if (schedule && !(t->schedule = schedule_take(c, schedule, &s)))
        return false;
    if (s.kind == SCHEDULE_MINUTES && s.every > MINUTES_MOST)
        return call_wrong_field(c, "schedule.every", c->lang == LANG_RU ? "от 1 до 59 минут" : "1 to 59 minutes");
    return zone_load(t->zone, &zone) || call_wrong_field(c, "zone", c->lang == LANG_RU ? "такого пояса нет" : "there is no such zone");
}

static bool count_timetable(void *context, const struct store_timetable *t)
{
    (void)t;
    ++*(int64_t *)context;
    return true;
}

static void add_timetable(struct call *c)
{
    int64_t id = 0, count = 0;
    struct store_timetable t = { .project = c->caller.project, .title = "", .schedule = "", .zone = "" };
    if (!here(c) || !take_timetable(c, &t) || !call_good(c, store_timetables(c->api->store, 0, count_timetable, &count), REFUSE_IN_USE) || !has_room(c, count) ||
        !call_good(c, store_timetable_put(c->api->store, &t, &id), REFUSE_TAKEN))
        return;
    changed(c, NOTE_OCCASION_ADD, &timetable_form, t.title);
    call_made(c, id);
}

static void change_timetable(struct call *c)
{
    struct store_timetable t;
    if (!find_timetable(c, &t))
        return;
    t.revision = call_int(c->body, "revision", 0);
    if (!take_timetable(c, &t) || !call_good(c, store_timetable_put(c->api->store, &t, NULL), REFUSE_TAKEN))
        return;
    changed(c, NOTE_OCCASION_UPDATE, &timetable_form, t.title);
    call_done(c);
}

static void delete_timetable(struct call *c)
{
    struct store_timetable t;
    if (!find_timetable(c, &t) || !call_good(c, store_timetable_delete(c->api->store, t.id), REFUSE_IN_USE))
        return;
    changed(c, NOTE_OCCASION_REMOVE, &timetable_form, t.title);
    call_done(c);
}

/* --- calendars ---------------------------------------------------------------------------------------------------------------------- */

static const struct phrase calendar_form = { { "Календарь «%s»", "Calendar \"%s\"" } };

static bool put_calendar(void *context, const struct store_calendar *k)
{
    struct list *l = context;
    struct json_writer *j = &l->c->out;
    json_put_object(j, NULL);
    json_put_int(j, "id", k->id);
    json_put_text(j, "title", k->title);
    json_put_list(j, "timetables");
    for (size_t i = 0; i < k->count; i++)
        json_put_int(j, NULL, k->timetable[i]);
    json_put_end(j);
    json_put_int(j, "revision", k->revision);
    json_put_end(j);
    l->count++;
    return true;
}

static void list_calendars(struct call *c)
{
    struct list l = { c, 0 };
    if (!here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_calendars(c->api->store, c->caller.project, put_calendar, &l);
    list_end(c, l.count, f);
}

static bool find_calendar(struct call *c, struct store_calendar *k)
{
    if (!here(c) || !call_good(c, store_calendar_get(c->api->store, c->match.number[0], c->arena, k), REFUSE_IN_USE))
        return false;
    return k->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static bool take_calendar(struct call *c, struct store_calendar *k)
{
    const json_t *list = json_object_get(c->body, "timetables");
    k->title = call_text(c->body, "title", k->title);
    k->count = list ? json_array_size(list) : k->count;
    for (size_t i = 0; list && i < k->count; i++) {
        struct store_timetable t;
        char field[40];
        k->timetable[i] = json_integer_value(json_array_get(list, i));
        snprintf(field, sizeof field, "timetables[%zu]", i);
        enum fault f = store_timetable_get(c->api->store, k->timetable[i], c->arena, &t);
        if (f == FAULT_NO_DATA || (f == FAULT_NONE && t.project != c->caller.project))
            return call_wrong_field(c, field, c->lang == LANG_RU ? "такого расписания нет" : "there is no such timetable");
        if (!call_good(c, f, REFUSE_IN_USE))
            return false;
    }
    return true;
}

static bool count_calendar(void *context, const struct store_calendar *k)
{
    (void)k;
    ++*(int64_t *)context;
    return true;
}

static void add_calendar(struct call *c)
{
    int64_t id = 0, count = 0;
    struct store_calendar k = { .project = c->caller.project, .title = "" };
    if (!here(c) || !take_calendar(c, &k) || !call_good(c, store_calendars(c->api->store, 0, count_calendar, &count), REFUSE_IN_USE) || !has_room(c, count) ||
        !call_good(c, store_calendar_put(c->api->store, &k, &id), REFUSE_TAKEN))
        return;
    changed(c, NOTE_OCCASION_ADD, &calendar_form, k.title);
    call_made(c, id);
}

static void change_calendar(struct call *c)
{
    struct store_calendar k;
    if (!find_calendar(c, &k))
        return;
    k.revision = call_int(c->body, "revision", 0);
    if (!take_calendar(c, &k) || !call_good(c, store_calendar_put(c->api->store, &k, NULL), REFUSE_TAKEN))
        return;
    changed(c, NOTE_OCCASION_UPDATE, &calendar_form, k.title);
    call_done(c);
}

static void delete_calendar(struct call *c)
{
    struct store_calendar k;
    if (!find_calendar(c, &k) || !call_good(c, store_calendar_delete(c->api->store, k.id), REFUSE_IN_USE))
        return;
    changed(c, NOTE_OCCASION_REMOVE, &calendar_form, k.title);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/timetables", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_timetable, NULL, 0, list_timetables, { { "расписания событий", "timetables of events" } } },
    { "POST", V1 "/timetables", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_timetable_new, NULL, NULL, 0, add_timetable, { { "добавить расписание", "add a timetable" } } },
    { "PATCH", V1 "/timetables/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_timetable_change, NULL, NULL, 0, change_timetable, { { "изменить расписание", "change a timetable" } } },
    { "DELETE", V1 "/timetables/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_timetable, { { "удалить расписание, которым никто не пользуется", "delete a timetable that nobody uses" } } },
    { "GET", V1 "/calendars", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_calendar, NULL, 0, list_calendars, { { "календари: группы расписаний", "calendars: groups of timetables" } } },
    { "POST", V1 "/calendars", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_calendar_new, NULL, NULL, 0, add_calendar, { { "добавить календарь", "add a calendar" } } },
    { "PATCH", V1 "/calendars/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_calendar_change, NULL, NULL, 0, change_calendar, { { "изменить календарь", "change a calendar" } } },
    { "DELETE", V1 "/calendars/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_calendar, { { "удалить календарь, которым никто не пользуется", "delete a calendar that nobody uses" } } },
};

ROUTE_TABLE(rows);
