/* Schedules with names and calendars, which are groups of them (manual S0 4.5.2, S1 3.2): what events of a gateway happen by. */
#include "api/routes.h"
#include "api/rows.h"
#include "api/work/work_json.h"
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
SHAPE(shape_timetable, "Timetable", { .name = "id", .kind = FIELD_INT }, TIMETABLE_FIELDS(0), { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "revision", .kind = FIELD_INT });

#define CALENDAR_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = TITLE_MOST }, \
    { .name = "timetables", .kind = FIELD_LIST, .of = FIELD_INT, .flags = required, .least = 1, .most = CALENDAR_TIMETABLES_MAX }
SHAPE(shape_calendar_new, "CalendarNew", CALENDAR_FIELDS(REQUIRED));
SHAPE(shape_calendar_change, "CalendarChange", REVISION, CALENDAR_FIELDS(0));
SHAPE(shape_calendar, "Calendar", { .name = "id", .kind = FIELD_INT }, CALENDAR_FIELDS(0), { .name = "revision", .kind = FIELD_INT });

static void changed(struct call *c, const struct phrase *form, const char *title, const void *before, const void *after)
{
    char object[160 + 4 * TITLE_MOST];
    snprintf(object, sizeof object, phrase_in(form, c->lang), title);
    call_note(c, !before ? NOTE_OCCASION_ADD : after ? NOTE_OCCASION_UPDATE : NOTE_OCCASION_REMOVE, object, NULL, after ? call_json(c, c->body) : NULL);
    occasions_changed(c->api->occasions);
}

/* The head-end has no events. */
static bool here(struct call *c)
{
    return c->api->occasions != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

#define FULL { { "не больше 100", "100 at most" } }

/* --- timetables ------------------------------------------------------------------------------------------------------------------ */

static void put_timetable(struct call *c, const void *row)
{
    const struct store_timetable *t = row;
    struct json_writer *j = &c->out;
    struct schedule s;
    struct zone zone;
    int64_t next = schedule_read(t->schedule, &s) && zone_load(t->zone, &zone) ? schedule_next(&s, &zone, clock_utc_ms() / 1000) : WALL_NONE;
    json_put_object(j, NULL);
    json_put_int(j, "id", t->id);
    json_put_text(j, "title", t->title);
    schedule_put(c, "schedule", t->schedule);
    json_put_text(j, "zone", t->zone);
    json_put_utc(j, "next", next == WALL_NONE ? 0 : next * 1000);
    json_put_int(j, "revision", t->revision);
    json_put_end(j);
}

static bool take_timetable(struct call *c, void *row)
{
    struct store_timetable *t = row;
    const json_t *schedule = json_object_get(c->body, "schedule");
    struct schedule s = { .kind = SCHEDULE_DAILY };
    struct zone zone;
    t->title = call_text(c->body, "title", t->title);
    t->zone = call_text(c->body, "zone", t->zone);
    if (!here(c) || (schedule && !(t->schedule = schedule_take(c, schedule, &s))))
        return false;
    if (s.kind == SCHEDULE_MINUTES && s.every > MINUTES_MOST)
        return call_wrong_field(c, "schedule.every", c->lang == LANG_RU ? "от 1 до 59 минут" : "1 to 59 minutes");
    return zone_load(t->zone, &zone) || call_wrong_field(c, "zone", c->lang == LANG_RU ? "такого пояса нет" : "there is no such zone");
}

static void timetable_changed(struct call *c, const void *before, const void *after)
{
    static const struct phrase form = { { "Расписание «%s»", "Timetable \"%s\"" } };
    const struct store_timetable *t = after ? after : before;
    changed(c, &form, t->title, before, after);
}

ROW_STORE(timetable, struct store_timetable, store_timetables, store_timetable_get, store_timetable_put, store_timetable_delete);
static const struct row_kind timetables = { .store = &timetable_store, .take = take_timetable, .show = put_timetable, .changed = timetable_changed, .most = ROWS_MAX, .full_at = "title",
                                            .full = FULL, .preset = &(const struct store_timetable){ .title = "", .schedule = "", .zone = "" } };
ROW_WAYS(timetable, timetables)

/* --- calendars ---------------------------------------------------------------------------------------------------------------------- */

static void put_calendar(struct call *c, const void *row)
{
    const struct store_calendar *k = row;
    struct json_writer *j = &c->out;
    json_put_object(j, NULL);
    json_put_int(j, "id", k->id);
    json_put_text(j, "title", k->title);
    json_put_list(j, "timetables");
    for (size_t i = 0; i < k->count; i++)
        json_put_int(j, NULL, k->timetable[i]);
    json_put_end(j);
    json_put_int(j, "revision", k->revision);
    json_put_end(j);
}

static bool take_calendar(struct call *c, void *row)
{
    struct store_calendar *k = row;
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
    return here(c);
}

static void calendar_changed(struct call *c, const void *before, const void *after)
{
    static const struct phrase form = { { "Календарь «%s»", "Calendar \"%s\"" } };
    const struct store_calendar *k = after ? after : before;
    changed(c, &form, k->title, before, after);
}

ROW_STORE(calendar, struct store_calendar, store_calendars, store_calendar_get, store_calendar_put, store_calendar_delete);
static const struct row_kind calendars = { .store = &calendar_store, .take = take_calendar, .show = put_calendar, .changed = calendar_changed, .most = ROWS_MAX, .full_at = "title",
                                           .full = FULL, .preset = &(const struct store_calendar){ .title = "" } };
ROW_WAYS(calendar, calendars)

static const struct route rows[] = {
    { "GET", V1 "/timetables", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_timetable, NULL, 0, list_timetable, { { "расписания событий", "timetables of events" } } },
    { "POST", V1 "/timetables", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_timetable_new, NULL, NULL, 0, add_timetable, { { "добавить расписание", "add a timetable" } } },
    { "GET", V1 "/timetables/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_timetable, NULL, 0, get_timetable, { { "расписание", "a timetable" } } },
    { "PATCH", V1 "/timetables/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_timetable_change, &shape_timetable, NULL, 0, change_timetable, { { "изменить расписание", "change a timetable" } } },
    { "DELETE", V1 "/timetables/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_timetable, { { "удалить расписание, которым никто не пользуется", "delete a timetable that nobody uses" } } },
    { "GET", V1 "/calendars", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_calendar, NULL, 0, list_calendar, { { "календари: группы расписаний", "calendars: groups of timetables" } } },
    { "POST", V1 "/calendars", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_calendar_new, NULL, NULL, 0, add_calendar, { { "добавить календарь", "add a calendar" } } },
    { "GET", V1 "/calendars/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_calendar, NULL, 0, get_calendar, { { "календарь", "a calendar" } } },
    { "PATCH", V1 "/calendars/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_calendar_change, &shape_calendar, NULL, 0, change_calendar, { { "изменить календарь", "change a calendar" } } },
    { "DELETE", V1 "/calendars/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_calendar, { { "удалить календарь, которым никто не пользуется", "delete a calendar that nobody uses" } } },
};

ROUTE_TABLE(rows);
