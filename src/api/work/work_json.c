/* Work, schedules and runs as JSON; see work_json.h. */
#include "api/work/work_json.h"
#include "api/routes.h"
#include "collect/story.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const archives[] = { "current", "network", "day", "month", "profile", "hour", NULL };
const char *const run_result_words[RUN_RESULTS + 1] = { "pending", "success", "partial", "error", "absent", "cancelled-by-schedule", "cancelled-by-user", "interrupted", NULL };
const char *const run_cause_words[] = { "task", "schedule", "one-off", "event", NULL };

SHAPE(shape_measurement, "Measurement",
      { .name = "archive", .kind = FIELD_WORD, .flags = REQUIRED, .words = archives },
      { .name = "depth_days", .kind = FIELD_INT, .least = 0, .most = WORK_DEPTH_MAX, .help = { { "глубина в сутках", "how far back, in days" } } },
      { .name = "registers", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = WORK_REGISTERS_MAX, .help = { { "коды OBIS; пусто: все", "OBIS codes; empty: all" } } },
      { .name = "again", .kind = FIELD_BOOL, .help = { { "true: и то, что уже есть", "true: what is stored, too" } } });
SHAPE(shape_work_events, "WorkEvents", { .name = "depth_days", .kind = FIELD_INT, .least = 0, .most = WORK_DEPTH_MAX, .help = { { "0: с места, где остановились", "0: from where they were left" } } },
      { .name = "journals", .kind = FIELD_LIST, .of = FIELD_INT, .most = WORK_JOURNALS_MAX });
SHAPE(shape_command, "Command", { .name = "kind", .kind = FIELD_WORD, .flags = REQUIRED, .words = command_names },
      { .name = "relay", .kind = FIELD_INT, .least = RELAY_LOAD, .most = RELAY_SIGNALS, .help = { { "0: нагрузки, 1–32: сигнализации, выходы модулей", "0: the load's, 1 to 32: of signals, outputs of modules" } } },
      { .name = "from_s", .kind = FIELD_INT, .least = 1, .most = CLOCK_CHECK_MAX, .help = { { "clock-check: с какого расхождения поправлять, с", "clock-check: the error from which on it is corrected, s" } } });
static const struct field work_fields[] = {
    { .name = "owed", .kind = FIELD_BOOL, .help = { { "то, что устройства должны по своим глубинам", "what devices owe by their depths" } } },
    { .name = "measurements", .kind = FIELD_LIST, .shape = &shape_measurement, .most = 6 },
    { .name = "events", .kind = FIELD_OBJECT, .shape = &shape_work_events, .flags = NULLABLE },
    { .name = "states", .kind = FIELD_BOOL },
    { .name = "contact", .kind = FIELD_BOOL, .help = { { "только связь: кто это и что на часах", "contact alone: who it is and what its clock shows" } } },
    { .name = "commands", .kind = FIELD_LIST, .shape = &shape_command, .most = WORK_COMMANDS_MAX },
    { .name = NULL } };
const struct shape shape_work = { "Work", work_fields };
static const struct field schedule_fields[] = {
    { .name = "kind", .kind = FIELD_WORD, .flags = REQUIRED, .words = schedule_names },
    { .name = "start", .kind = FIELD_TIME, .flags = REQUIRED, .help = { { "по часам пояса", "on the zone's clock" } } },
    { .name = "every", .kind = FIELD_INT, .least = 1, .most = SCHEDULE_EVERY_MAX },
    { .name = "times", .kind = FIELD_LIST, .of = FIELD_TEXT, .least = 1, .most = SCHEDULE_TIMES_MAX, .help = { { "\"01:00\"", "\"01:00\"" } } },
    { .name = "weekdays", .kind = FIELD_LIST, .of = FIELD_INT, .least = 1, .most = 7, .help = { { "1: понедельник", "1: Monday" } } },
    { .name = "days", .kind = FIELD_LIST, .of = FIELD_INT, .least = 1, .most = 32, .help = { { "0: последний день месяца", "0: the last day of the month" } } },
    { .name = "months", .kind = FIELD_LIST, .of = FIELD_INT, .least = 1, .most = 12, .help = { { "месяцы ежегодного расписания, 1: январь", "months of a yearly schedule, 1: January" } } },
    { .name = NULL } };
const struct shape shape_schedule = { "TaskSchedule", schedule_fields };

int word_place(const char *const *words, const char *word)
{
    for (int i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* --- work ----------------------------------------------------------------------------------------------------------------- */

static void put_measurement(struct json_writer *j, enum archive a, const struct work_read *r)
{
    char code[OBIS_TEXT_MAX];
    json_put_object(j, NULL);
    json_put_text(j, "archive", archive_name(a));
    json_put_int(j, "depth_days", r->depth_days);
    json_put_list(j, "registers");
    for (int i = 0; i < r->registers; i++)
        json_put_text(j, NULL, obis_format(r->registered[i], code));
    json_put_end(j);
    json_put_bool(j, "again", r->again);
    json_put_end(j);
}

static void put_work(struct json_writer *j, const char *key, const struct work *w)
{
    json_put_object(j, key);
    json_put_bool(j, "owed", w->owed);
    json_put_list(j, "measurements");
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        if (w->read[a].wanted)
            put_measurement(j, (enum archive)a, &w->read[a]);
    json_put_end(j);
    if (w->events) {
        json_put_object(j, "events");
        json_put_int(j, "depth_days", w->events_depth_days);
        json_put_list(j, "journals");
        for (int i = 0; i < w->journals; i++)
            json_put_int(j, NULL, w->journal[i]);
        json_put_end(j);
        json_put_end(j);
    } else {
        json_put_null(j, "events");
    }
    json_put_bool(j, "states", w->states);
    json_put_bool(j, "contact", w->contact);
    json_put_list(j, "commands");
    for (int i = 0; i < w->commands; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "kind", command_names[w->command[i].kind]);
        json_put_int(j, "relay", w->command[i].relay);
        if (w->command[i].kind == COMMAND_CLOCK_CHECK)
            json_put_int(j, "from_s", w->command[i].from_s);
        json_put_end(j);
    }
    json_put_end(j);
    json_put_end(j);
}

static void work_put_text(struct json_writer *j, const char *key, const char *text)
{
    struct work *w = memory_new(sizeof *w);
    if (work_read_text(text, w))
        put_work(j, key, w);
    else
        json_put_null(j, key);
    free(w);
}

void work_put(struct call *c, const char *key, const char *text)
{
    work_put_text(&c->out, key, text);
}

static bool take_measurement(struct call *c, const json_t *from, struct work *w)
{
    struct work_read *r = &w->read[archive_parse(call_text(from, "archive", ""))];
    const json_t *registers = json_object_get(from, "registers");
    if (r->wanted)
        return call_wrong_field(c, "work.measurements", c->lang == LANG_RU ? "архив назван дважды" : "an archive is named twice");
    *r = (struct work_read){ .wanted = true, .again = call_bool(from, "again", false), .depth_days = (uint16_t)call_int(from, "depth_days", 0) };
    for (size_t i = 0; i < json_array_size(registers); i++)
        if (!obis_parse(json_string_value(json_array_get(registers, i)), &r->registered[r->registers++]))
            return call_wrong_field(c, "work.measurements.registers", c->lang == LANG_RU ? "это не код OBIS" : "this is no OBIS code");
    return true;
}

static bool take_events(struct call *c, const json_t *from, struct work *w)
{
    const json_t *journals = json_object_get(from, "journals");
    w->events = json_is_object(from);
    w->events_depth_days = (uint16_t)call_int(from, "depth_days", 0);
    for (size_t i = 0; i < json_array_size(journals); i++) {
        json_int_t number = json_integer_value(json_array_get(journals, i));
        if (number < 0 || number > UINT16_MAX)
            return call_wrong_field(c, "work.events.journals", c->lang == LANG_RU ? "такого журнала нет" : "there is no such journal");
        w->journal[w->journals++] = (uint16_t)number;
    }
    return true;
}

const char *work_take(struct call *c, const json_t *from, struct work *ret)
{
    const json_t *measurements = json_object_get(from, "measurements"), *commands = json_object_get(from, "commands");
    *ret = (struct work){ .owed = call_bool(from, "owed", false), .states = call_bool(from, "states", false),
                           .contact = call_bool(from, "contact", false) };
    for (size_t i = 0; i < json_array_size(measurements); i++)
        if (!take_measurement(c, json_array_get(measurements, i), ret))
            return NULL;
    if (!take_events(c, json_object_get(from, "events"), ret))
        return NULL;
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const json_t *one = json_array_get(commands, i);
        enum work_command_kind kind = (enum work_command_kind)word_place(command_names, call_text(one, "kind", ""));
        ret->command[ret->commands++] = (struct work_command){ kind, (int)call_int(one, "relay", RELAY_LOAD),
                                                               kind == COMMAND_CLOCK_CHECK ? (int)call_int(one, "from_s", CLOCK_CHECK_USUAL) : 0 };
    }
    if (!work_any(ret)) {
        call_wrong_field(c, "work", c->lang == LANG_RU ? "ничего не выбрано" : "nothing is wanted");
        return NULL;
    }
    char *memory = arena_take(c->arena, WORK_TEXT_MAX);
    struct text t = text_over(memory, WORK_TEXT_MAX);
    work_write(ret, &t);
    return memory;
}

/* --- schedules -------------------------------------------------------------------------------------------------------------- */

void schedule_put(struct call *c, const char *key, const char *text)
{
    struct schedule s;
    struct json_writer *j = &c->out;
    if (!schedule_read(text, &s)) {
        json_put_null(j, key);
        return;
    }
    json_put_object(j, key);
    json_put_text(j, "kind", schedule_names[s.kind]);
    json_put_wall(j, "start", s.start);
    if (s.every)
        json_put_int(j, "every", s.every);
    json_put_list(j, "times");
    for (int i = 0; i < s.times; i++) {
        char time[16];
        snprintf(time, sizeof time, "%02d:%02d", (int)s.time[i] / 3600, (int)s.time[i] / 60 % 60);
        json_put_text(j, NULL, time);
    }
    json_put_end(j);
    json_put_list(j, "weekdays");
    for (int day = 1; day <= 7; day++)
        if (s.weekdays >> (day - 1) & 1)
            json_put_int(j, NULL, day);
    json_put_end(j);
    json_put_list(j, "days");
    for (int day = 0; day <= 31; day++)
        if (s.days >> day & 1)
            json_put_int(j, NULL, day);
    json_put_end(j);
    json_put_list(j, "months");
    for (int month = 1; month <= 12; month++)
        if (s.months >> month & 1)
            json_put_int(j, NULL, month);
    json_put_end(j);
    json_put_end(j);
}

static int by_value(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

/* "01:00" as seconds of the day; -1 when it is none. */
static int clock_of(const char *text)
{
    bool form = strlen(text) == 5 && text[2] == ':' && strspn(text, "0123456789") == 2 && strspn(text + 3, "0123456789") == 2;
    int hour = form ? atoi(text) : 24, minute = form ? atoi(text + 3) : 60;
    return hour < 24 && minute < 60 ? hour * HOUR_SECONDS + minute * 60 : -1;
}

static bool take_times(struct call *c, const json_t *list, struct schedule *s)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        int second = clock_of(json_string_value(json_array_get(list, i)));
        bool again = false;
        for (int k = 0; k < s->times; k++)
            again |= s->time[k] == second;
        if (second < 0)
            return call_wrong_field(c, "schedule.times", c->lang == LANG_RU ? "время пишут как 01:00" : "a time is written as 01:00");
        if (!again)
            s->time[s->times++] = second;
    }
    qsort(s->time, (size_t)s->times, sizeof *s->time, by_value);
    return true;
}

/* A list of numbers as bits. */
static bool take_bits(struct call *c, const json_t *list, const char *field, int least, int most, uint32_t *ret)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t day = json_integer_value(json_array_get(list, i));
        if (day < least || day > most)
            return call_wrong_field(c, field, c->lang == LANG_RU ? "такого дня нет" : "there is no such day");
        *ret |= UINT32_C(1) << (day - least);
    }
    return true;
}

/* The field that a schedule which cannot be lacks. */
static const char *missing_of(const struct schedule *s)
{
    if (s->kind == SCHEDULE_MINUTES || s->kind == SCHEDULE_HOURS)
        return "schedule.every";
    if (s->times == 0 && s->kind != SCHEDULE_ONCE)
        return "schedule.times";
    return s->kind == SCHEDULE_WEEKLY ? "schedule.weekdays" : s->kind == SCHEDULE_YEARLY && !s->months ? "schedule.months"
         : s->kind == SCHEDULE_MONTHLY || s->kind == SCHEDULE_YEARLY ? "schedule.days" : "schedule.start";
}

/* What the kind does not use is not kept. */
const char *schedule_take(struct call *c, const json_t *from, struct schedule *ret)
{
    uint32_t weekdays = 0, days = 0, months = 0;
    *ret = (struct schedule){ .kind = (enum schedule_kind)word_place(schedule_names, call_text(from, "kind", "")), .start = call_time(from, "start", 0) };
    bool interval = ret->kind == SCHEDULE_MINUTES || ret->kind == SCHEDULE_HOURS, once = ret->kind == SCHEDULE_ONCE;
    if (interval)
        ret->every = (int)call_int(from, "every", 0);
    if ((!interval && !once && !take_times(c, json_object_get(from, "times"), ret)) ||
        (ret->kind == SCHEDULE_WEEKLY && !take_bits(c, json_object_get(from, "weekdays"), "schedule.weekdays", 1, 7, &weekdays)) ||
        (ret->kind == SCHEDULE_YEARLY && !take_bits(c, json_object_get(from, "months"), "schedule.months", 1, 12, &months)) ||
        ((ret->kind == SCHEDULE_MONTHLY || ret->kind == SCHEDULE_YEARLY) && !take_bits(c, json_object_get(from, "days"), "schedule.days", 0, 31, &days)))
        return NULL;
    ret->weekdays = (uint8_t)weekdays;
    ret->days = days;
    ret->months = (uint16_t)(months << 1);
    if (!schedule_start_good(ret->start)) {
        call_wrong_field(c, "schedule.start", c->lang == LANG_RU ? "допустимы годы с 1970 по 2399" : "the years from 1970 to 2399 are allowed");
        return NULL;
    }
    if (!schedule_good(ret)) {
        call_wrong_field(c, missing_of(ret), c->lang == LANG_RU ? "обязательное поле этого расписания" : "this schedule needs it");
        return NULL;
    }
    char *memory = arena_take(c->arena, SCHEDULE_TEXT_MAX);
    struct text t = text_over(memory, SCHEDULE_TEXT_MAX);
    schedule_write(ret, &t);
    return memory;
}

/* --- runs --------------------------------------------------------------------------------------------------------------------- */

static const struct field run_fields[] = {
    { .name = "id", .kind = FIELD_INT }, { .name = "task", .kind = FIELD_INT, .flags = NULLABLE }, { .name = "title", .kind = FIELD_TEXT },
    { .name = "cause", .kind = FIELD_WORD, .words = run_cause_words }, { .name = "initiator", .kind = FIELD_TEXT }, { .name = "login", .kind = FIELD_TEXT },
    { .name = "priority", .kind = FIELD_INT }, { .name = "begun", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE },
    { .name = "progress", .kind = FIELD_INT, .help = { { "проценты", "percent" } } }, { .name = "result", .kind = FIELD_WORD, .words = run_result_words },
    { .name = "result_text", .kind = FIELD_TEXT }, { .name = "total", .kind = FIELD_INT }, { .name = "good", .kind = FIELD_INT },
    { .name = "partial", .kind = FIELD_INT }, { .name = "failed", .kind = FIELD_INT }, { .name = "absent", .kind = FIELD_INT },
    { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .flags = NULLABLE }, { .name = "reason", .kind = FIELD_TEXT },
    { .name = "again_of", .kind = FIELD_INT, .flags = NULLABLE, .help = { { "запуск, чьих непрочитанных он опрашивает снова", "the run whose unread it asks again" } } }, { .name = NULL } };
const struct shape shape_run = { "Run", run_fields };
static const struct field run_device_fields[] = {
    { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT },
    { .name = "driver_title", .kind = FIELD_TEXT }, { .name = "result", .kind = FIELD_WORD, .words = run_result_words }, { .name = "result_text", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT },
    { .name = "begun", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE },
    { .name = "readings", .kind = FIELD_INT }, { .name = "events", .kind = FIELD_INT }, { .name = "tries", .kind = FIELD_INT },
    { .name = "resting_until", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "когда устройство опросят ещё раз в этом запуске", "when the device is asked again in this run" } } }, { .name = NULL } };
const struct shape shape_run_device = { "RunDevice", run_device_fields };

const char *run_result_title(enum run_result r, enum lang lang)
{
    static const struct phrase titles[RUN_RESULTS] = {
        [RUN_PENDING] = { { "Ожидается", "Pending" } }, [RUN_SUCCESS] = { { "Успех", "Success" } },
        [RUN_PARTIAL] = { { "Частично успешно", "Partly successful" } }, [RUN_ERROR] = { { "Ошибка", "Error" } },
        [RUN_ABSENT] = { { "Отсутствует", "Nobody to ask" } }, [RUN_CANCELLED_BY_SCHEDULE] = { { "Отмена расписанием", "Cancelled by the schedule" } },
        [RUN_CANCELLED_BY_USER] = { { "Отмена пользователем", "Cancelled by a user" } }, [RUN_INTERRUPTED] = { { "Прервано", "Interrupted" } } };
    return r < RUN_RESULTS ? phrase_in(&titles[r], lang) : "";
}

void run_put(struct json_writer *j, const char *key, const struct store_run *r, enum lang lang)
{
    int64_t done = r->good + r->partial + r->failed + r->absent;
    json_put_object(j, key);
    json_put_int(j, "id", r->id);
    if (r->task)
        json_put_int(j, "task", r->task);
    else
        json_put_null(j, "task");
    json_put_text(j, "title", r->title);
    json_put_text(j, "cause", run_cause_words[r->cause]);
    json_put_text(j, "initiator", r->initiator);
    json_put_text(j, "login", r->login);
    json_put_int(j, "priority", r->priority);
    json_put_utc(j, "begun", r->begun_ms);
    json_put_utc(j, "ended", r->ended_ms);
    json_put_int(j, "progress", r->total ? done * 100 / r->total : 100);
    json_put_text(j, "result", run_result_words[r->result]);
    json_put_text(j, "result_text", run_result_title(r->result, lang));
    json_put_int(j, "total", r->total);
    json_put_int(j, "good", r->good);
    json_put_int(j, "partial", r->partial);
    json_put_int(j, "failed", r->failed);
    json_put_int(j, "absent", r->absent);
    work_put_text(j, "work", r->work);
    json_put_text(j, "reason", r->reason);
    if (r->again_of)
        json_put_int(j, "again_of", r->again_of);
    else
        json_put_null(j, "again_of");
    json_put_end(j);
}

void run_device_put(struct json_writer *j, const struct store_run_device *d, const struct roster_row *row, bool running, enum lang lang)
{
    const struct driver *driver = row ? driver_find(row->driver) : NULL;
    char note[STORY_SENTENCE_MAX];
    struct text t = text_over(note, sizeof note);
    story_sentence(d->notes, lang, &t);
    json_put_object(j, NULL);
    json_put_int(j, "device", d->device);
    json_put_text(j, "serial", row ? row->serial : "");
    json_put_text(j, "title", row ? row->title : "");
    json_put_text(j, "driver", row ? row->driver : "");
    json_put_text(j, "driver_title", driver ? phrase_in(&driver->title, lang) : row ? row->driver : "");
    json_put_text(j, "result", run_result_words[d->result]);
    json_put_text(j, "result_text", run_result_title(d->result, lang));
    json_put_text(j, "note", note);
    json_put_utc(j, "begun", d->begun_ms);
    json_put_utc(j, "ended", d->ended_ms);
    json_put_int(j, "readings", d->readings);
    json_put_int(j, "events", d->events);
    json_put_int(j, "tries", d->tries);
    json_put_utc(j, "resting_until", running ? story_resting_until(d->story) : 0);
    json_put_end(j);
}
