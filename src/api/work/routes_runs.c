/* Runs of tasks and one-off orders, results of their devices, the journal of the exchange; relays as last read
 * (docs/api-tasks.md). */
#include "api/work/frame_reader.h"
#include "api/work/frames.h"
#include "api/work/orders.h"
#include "api/routes.h"
#include "api/work/work_json.h"
#include "base/civil.h"
#include "collect/story.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"

static const char *const states[] = { "running", "ended", NULL };

SHAPE(shape_run_query, "RunQuery", PAGE_FIELDS, { .name = "task", .kind = FIELD_INT, .least = 1, .most = INT64_MAX },
      { .name = "cause", .kind = FIELD_WORD, .words = run_cause_words }, { .name = "state", .kind = FIELD_WORD, .words = states },
      { .name = "result", .kind = FIELD_WORD, .words = run_result_words },
      { .name = "again_of", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "повторы этого запуска", "those that asked again who this run did not read" } } });
SHAPE(shape_device_query, "RunDeviceQuery", PAGE_FIELDS, { .name = "result", .kind = FIELD_WORD, .words = run_result_words },
      { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть номера или названия", "part of serial or title" } } });

SHAPE(shape_order, "RunNew", { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT }, { .name = "groups", .kind = FIELD_LIST, .of = FIELD_INT, .most = 1000 },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .help = { { "конструктор действия", "action constructor" } } },
      { .name = "task", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "или по настройкам этой задачи", "or by this task's settings" } } },
      { .name = "again_of", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "или то же, что этот запуск: повтор для тех, кто не прочитан", "or the same as this run: again for those it did not read" } } },
      { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = 200 }, { .name = "reason", .kind = FIELD_TEXT, .most = 500 },
      { .name = "request", .kind = FIELD_TEXT, .most = 128, .help = { { "повтор того же слова не создаёт второй запуск", "the same word again makes no second run" } } });
SHAPE(shape_journal_query, "RunJournalQuery", { .name = "frames", .kind = FIELD_BOOL, .help = { { "true: и кадры, с разбором", "true: and the frames, explained" } } });
SHAPE(shape_journal_row, "RunJournalRow", { .name = "time", .kind = FIELD_TIME }, { .name = "kind", .kind = FIELD_TEXT, .help = { { "step, sent, received, note", "step, sent, received, note" } } },
      { .name = "text", .kind = FIELD_TEXT }, { .name = "frame", .kind = FIELD_TEXT, .help = { { "hex", "hex" } } }, { .name = "lines", .kind = FIELD_LIST, .shape = &shape_frame_line });
SHAPE(shape_journal, "RunJournal", { .name = "items", .kind = FIELD_LIST, .shape = &shape_journal_row });

static bool list_run(void *context, const struct store_run *r)
{
    struct call *c = context;
    run_put(&c->out, NULL, r, c->lang);
    return true;
}

static unsigned bit_of(const char *const *words, const char *word)
{
    int place = word_place(words, word);
    return place < 0 ? 0 : 1u << place;
}

/* A run that goes on is pending, and only it. */
static unsigned wanted_results(struct call *c)
{
    const char *state = call_text(c->query, "state", NULL);
    unsigned results = bit_of(run_result_words, call_text(c->query, "result", NULL));
    if (!state)
        return results;
    unsigned of_state = strcmp(state, "running") == 0 ? 1u << RUN_PENDING : ((1u << RUN_RESULTS) - 1) & ~(1u << RUN_PENDING);
    return results ? results & of_state : of_state;
}

static void list_runs(struct call *c)
{
    int64_t total = 0;
    struct run_filter f = { .project = c->caller.project, .task = call_int(c->query, "task", 0), .causes = bit_of(run_cause_words, call_text(c->query, "cause", NULL)),
                            .again_of = call_int(c->query, "again_of", 0), .results = wanted_results(c), .skip = call_skip(c), .take = call_take(c) };
    bool nothing = f.results == 0 && call_text(c->query, "state", NULL);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = nothing ? FAULT_NONE : store_runs(c->api->store, &f, list_run, c, &total);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static bool find_run(struct call *c, struct store_run *r)
{
    if (!call_good(c, store_run_get(c->api->store, c->match.number[0], c->arena, r), REFUSE_IN_USE))
        return false;
    return r->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_run(struct call *c)
{
    struct store_run r;
    if (find_run(c, &r))
        run_put(&c->out, NULL, &r, c->lang);
}

/* --- devices ----------------------------------------------------------------------------------------------------------------------- */

struct device_list {
    struct call *c;
    const struct store_run_device *device;
    bool running;
};

static void put_device(void *context, const struct roster_row *row)
{
    struct device_list *l = context;
    run_device_put(&l->c->out, l->device, row, l->running, l->c->lang);
}

/* A device that was deleted since has no name any more. */
static bool list_device(void *context, const struct store_run_device *d)
{
    struct device_list *l = context;
    l->device = d;
    if (!roster_look(l->c->api->roster, d->device, 0, put_device, l))
        run_device_put(&l->c->out, d, NULL, l->running, l->c->lang);
    return true;
}

struct found {
    struct call *c;
    int64_t *ids;
    size_t count;
};

static void note_found(void *context, const struct roster_row *row)
{
    struct found *f = context;
    f->ids[f->count++] = row->id;
}

/* Ids of devices that fit the search, ascending. */
static void search_devices(struct call *c, const char *search, struct run_device_filter *f)
{
    struct roster_query q = { .project = c->caller.project, .search = search, .enabled = -1, .sort = ROSTER_ID, .take = 0 };
    size_t count = roster_list(c->api->roster, &q, note_found, NULL);
    struct found found = { c, arena_take(c->arena, (count + 1) * sizeof *found.ids), 0 };
    q.take = count;
    roster_list(c->api->roster, &q, note_found, &found);
    f->within = found.ids;
    f->within_count = found.count;
}

static void list_devices(struct call *c)
{
    int64_t total = 0;
    struct store_run r;
    struct device_list l = { c, NULL, false };
    const char *search = call_text(c->query, "search", NULL);
    if (!find_run(c, &r) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    l.running = !r.ended_ms;
    struct run_device_filter f = { .run = r.id, .results = bit_of(run_result_words, call_text(c->query, "result", NULL)), .skip = call_skip(c), .take = call_take(c) };
    if (search)
        search_devices(c, search, &f);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_run_devices(c->api->store, &f, list_device, &l, &total);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

/* --- ordering and cancelling ---------------------------------------------------------------------------------------------------------- */

size_t order_append(struct call *c, int64_t **list, size_t count, const int64_t *more, size_t more_count)
{
    int64_t *grown = arena_take(c->arena, (count + more_count + 1) * sizeof *grown);
    memcpy(grown, *list, count * sizeof *grown);
    memcpy(grown + count, more, more_count * sizeof *grown);
    *list = grown;
    return count + more_count;
}

bool order_devices(struct call *c, int64_t **ret, size_t *ret_count)
{
    const json_t *devices = json_object_get(c->body, "devices"), *groups = json_object_get(c->body, "groups");
    size_t count = 0, room = json_array_size(devices);
    int64_t *list = arena_take(c->arena, (room + 1) * sizeof *list);
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    for (; count < room; count++) {
        list[count] = json_integer_value(json_array_get(devices, count));
        if (!roster_look(c->api->roster, list[count], c->caller.project, NULL, NULL))
            return call_refuse(c, REFUSE_NOT_FOUND);
    }
    for (size_t i = 0; i < json_array_size(groups); i++) {
        struct store_group g;
        struct meter_set in;
        enum fault f = store_group_get(c->api->store, json_integer_value(json_array_get(groups, i)), c->arena, &g);
        if (f == FAULT_NONE)
            f = g.project == c->caller.project ? store_group_meters(c->api->store, g.id, c->arena, &in) : FAULT_NO_DATA;
        if (!call_good(c, f, REFUSE_IN_USE))
            return false;
        count = order_append(c, &list, count, in.ids, in.count);
    }
    *ret = list;
    *ret_count = call_ids_once(list, count);
    return count > 0 || call_wrong_field(c, "devices", c->lang == LANG_RU ? "выберите устройства" : "choose devices");
}

bool order_run(struct call *c, const struct task_order *o)
{
    struct store_run r;
    int64_t run = 0;
    bool again = false;
    if (!call_good(c, tasks_order(c->api->tasks, o, &run, &again), REFUSE_IN_USE) || !call_good(c, store_run_get(c->api->store, run, c->arena, &r), REFUSE_IN_USE))
        return false;
    c->answer->status = 202;
    run_put(&c->out, NULL, &r, c->lang);
    return !again;
}

/* The run that is asked again: its title and reason, unless others are given, and its work. */
static bool take_again(struct call *c, struct task_order *o)
{
    struct store_run r;
    enum fault f = store_run_get(c->api->store, o->again_of, c->arena, &r);
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && r.project != c->caller.project))
        return call_wrong_field(c, "again_of", c->lang == LANG_RU ? "такого запуска нет" : "there is no such run");
    if (!call_good(c, f, REFUSE_IN_USE))
        return false;
    o->title = call_text(c->body, "title", r.title);
    o->reason = call_text(c->body, "reason", r.reason);
    o->work = r.work;
    return true;
}

/* The work of the body, of the task it names, or of the run it asks again. */
static bool take_order(struct call *c, struct task_order *o, struct work *w)
{
    static const struct phrase title = { { "Конструктор действия", "Action constructor" } };
    const json_t *work = json_object_get(c->body, "work");
    int64_t task = call_int(c->body, "task", 0);
    o->again_of = call_int(c->body, "again_of", 0);
    if ((work && task) || (!work && !task && !o->again_of))
        return call_wrong_field(c, "work", c->lang == LANG_RU ? "нужно одно: work, task или again_of" : "one is needed: work, task or again_of");
    o->title = call_text(c->body, "title", phrase_in(&title, c->lang));
    o->reason = call_text(c->body, "reason", "");
    if (o->again_of && !take_again(c, o))
        return false;
    if (work)
        return (o->work = work_take(c, work, w)) != NULL;
    if (!task)
        return work_read_text(o->work, w) || call_refuse(c, REFUSE_STORE);
    struct store_task t;
    enum fault f = store_task_get(c->api->store, task, c->arena, &t);
    if (!call_good(c, f == FAULT_NONE && t.project != c->caller.project ? FAULT_NO_DATA : f, REFUSE_IN_USE))
        return false;
    o->title = call_text(c->body, "title", t.title);
    o->reason = call_text(c->body, "reason", t.reason);
    o->work = t.work;
    o->restart_delay_s = t.restart_delay_s;
    o->restarts = t.restarts;
    return work_read_text(t.work, w) || call_refuse(c, REFUSE_STORE);
}

/* Who switches relays may do so, says why, and names his request, so that the same one twice is one. */
static bool may_order(struct call *c, const struct task_order *o, const struct work *w)
{
    if (!work_switches(w))
        return true;
    if (!call_may(c, MAY_WRITE_DEVICES))
        return call_refuse(c, REFUSE_FORBIDDEN);
    if (text_is_blank(o->reason))
        return call_wrong_field(c, "reason", c->lang == LANG_RU ? "укажите основание" : "say why");
    return *call_text(c->body, "request", "") || call_wrong_field(c, "request", c->lang == LANG_RU ? "обязателен для управления реле" : "is needed when relays are switched");
}

static void add_run(struct call *c)
{
    int64_t *ids;
    struct work *w = arena_take(c->arena, sizeof *w);
    struct task_order o = { .project = c->caller.project, .initiator = "HES", .request = "", .who = { c->caller.person, c->caller.login, NULL } };
    const char *request = call_text(c->body, "request", "");
    char *own = arena_take(c->arena, 160);
    if (*request) { /* of this caller's own: another's word is another request */
        snprintf(own, 160, "%lld:%.128s", (long long)c->caller.person, request);
        o.request = own;
    }
    if (!take_order(c, &o, w) || !may_order(c, &o, w) || !order_devices(c, &ids, &o.count))
        return;
    o.devices = ids;
    if (!order_run(c, &o))
        return;
    call_note(c, NOTE_RUN_START, o.title, NULL, call_json(c, c->body));
    if (work_switches(w))
        call_note(c, NOTE_RELAY_ORDER, o.title, NULL, call_json(c, c->body));
}

static void cancel_run(struct call *c)
{
    struct store_run r;
    if (!find_run(c, &r))
        return;
    if (tasks_cancel(c->api->tasks, r.id, RUN_CANCELLED_BY_USER))
        call_note(c, NOTE_RUN_CANCEL, r.title, NULL, NULL);
    call_done(c);
}

/* --- journals -------------------------------------------------------------------------------------------------------------------------- */

enum { SESSIONS_MAX = 200 };

/* A device's journal under way: steps and the frames between them, in the order of time. */
struct journal {
    struct call *c;
    struct frames_view *frames; /* NULL: steps only */
    struct store_run_device device;
    struct story_session sessions[SESSIONS_MAX];
    size_t count, at;
    int64_t shown_ms; /* frames up to here are shown */
    void (*step)(struct journal *j, int64_t utc_ms, const char *sentence);
    struct buffer text;
};

/* Frames of the sessions up to this moment. */
static void show_frames(struct journal *j, int64_t until_ms)
{
    for (; j->frames && j->at < j->count && j->sessions[j->at].from_ms < until_ms; j->at++) {
        int64_t from = j->sessions[j->at].from_ms > j->shown_ms ? j->sessions[j->at].from_ms : j->shown_ms;
        int64_t to = j->sessions[j->at].to_ms + 1 < until_ms ? j->sessions[j->at].to_ms + 1 : until_ms;
        if (from < to)
            frames_show(j->frames, from, to);
        j->shown_ms = to > j->shown_ms ? to : j->shown_ms;
        if (j->sessions[j->at].to_ms >= until_ms)
            break;
    }
}

static bool tell_step(void *context, int64_t utc_ms, const char *sentence)
{
    struct journal *j = context;
    show_frames(j, utc_ms);
    j->step(j, utc_ms, sentence);
    return true;
}

static void tell_journal(struct journal *j)
{
    j->count = story_sessions(j->device.story, j->sessions, SESSIONS_MAX);
    j->at = 0;
    j->shown_ms = 0;
    story_tell(j->device.story, j->c->lang, tell_step, j);
    show_frames(j, INT64_MAX);
}

static bool find_device(struct call *c, struct store_run *r, struct store_run_device *d)
{
    return find_run(c, r) && call_good(c, store_run_device_get(c->api->store, r->id, c->match.number[1], c->arena, d), REFUSE_IN_USE);
}

static void put_step(struct journal *j, int64_t utc_ms, const char *sentence)
{
    struct json_writer *out = &j->c->out;
    json_put_object(out, NULL);
    json_put_utc(out, "time", utc_ms);
    json_put_text(out, "kind", "step");
    json_put_text(out, "text", sentence);
    json_put_end(out);
}

/* Frames are for who may read them. */
static bool wants_frames(struct call *c)
{
    return call_bool(c->query, "frames", false) && call_may(c, MAY_READ_LOGS_DEBUG);
}

static void get_journal(struct call *c)
{
    struct store_run r;
    struct journal *j = arena_take(c->arena, sizeof *j);
    j->c = c;
    j->step = put_step;
    if (!find_device(c, &r, &j->device))
        return;
    j->frames = wants_frames(c) ? frames_open(c, j->device.device) : NULL;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    tell_journal(j);
    json_put_end(&c->out);
    json_put_end(&c->out);
    frames_close(&j->frames);
}

static void write_step(struct journal *j, int64_t utc_ms, const char *sentence)
{
    char time[CIVIL_TEXT_MAX];
    buffer_printf(&j->text, "%s.%03d  %s\n", wall_format(utc_ms / 1000, time), (int)(utc_ms % 1000), sentence);
}

static void write_head(void *context, const struct roster_row *row)
{
    struct journal *j = context;
    buffer_printf(&j->text, "%s %s (%s)\n", row->serial, row->title, row->driver);
}

/* One device's journal as text, times of UTC. */
static void write_device(struct journal *j)
{
    char note[STORY_SENTENCE_MAX];
    struct text t = text_over(note, sizeof note);
    roster_look(j->c->api->roster, j->device.device, 0, write_head, j);
    story_sentence(j->device.notes, j->c->lang, &t);
    buffer_printf(&j->text, "%s%s%s\n", run_result_title(j->device.result, j->c->lang), t.size ? ": " : "", note);
    if (j->frames)
        frames_into(j->frames, &j->text);
    tell_journal(j);
    buffer_text(&j->text, "\n");
}

static void get_journal_text(struct call *c)
{
    struct store_run r;
    struct journal *j = arena_take(c->arena, sizeof *j);
    j->c = c;
    j->step = write_step;
    if (!find_device(c, &r, &j->device))
        return;
    j->frames = wants_frames(c) ? frames_open(c, j->device.device) : NULL;
    write_device(j);
    frames_close(&j->frames);
    char *file = arena_take(c->arena, 64);
    snprintf(file, 64, "run-%lld-device-%lld.txt", (long long)r.id, (long long)j->device.device);
    struct flow *out = call_stream(c, "text/plain; charset=utf-8", file);
    flow_end(out, j->text.size == 0 || flow_write(out, j->text.data, j->text.size, STREAM_PATIENCE_MS));
    flow_unref(&out);
    buffer_free(&j->text);
}

static bool write_row(void *context, const struct store_run_device *d)
{
    struct journal *j = context;
    j->device = *d;
    write_device(j);
    return true;
}

/* Devices in pages, so that neither memory nor the database is held by a slow reader. */
static void get_run_text(struct call *c)
{
    enum { PAGE = 100 };
    struct store_run r;
    struct journal *j = arena_take(c->arena, sizeof *j);
    j->c = c;
    j->step = write_step;
    if (!find_run(c, &r))
        return;
    char *file = arena_take(c->arena, 64);
    snprintf(file, 64, "run-%lld.txt", (long long)r.id);
    struct flow *out = call_stream(c, "text/plain; charset=utf-8", file);
    struct run_device_filter f = { .run = r.id, .take = PAGE };
    int64_t total = 1;
    bool good = true;
    for (; good && (int64_t)f.skip < total; f.skip += PAGE) {
        good = store_run_devices(c->api->store, &f, write_row, j, &total) == FAULT_NONE;
        good = good && (j->text.size == 0 || flow_write(out, j->text.data, j->text.size, STREAM_PATIENCE_MS));
        buffer_free(&j->text);
    }
    flow_end(out, good);
    flow_unref(&out);
}

static const struct route rows[] = {
    { "GET", V1 "/runs", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_run_query, NULL, &shape_run, NULL, 0, list_runs, { { "запуски задач и прочие задачи", "runs of tasks and one-off orders" } } },
    { "GET", V1 "/runs/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_run, NULL, 0, get_run, { { "информация запуска", "a run" } } },
    { "GET", V1 "/runs/{id}/devices", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_device_query, NULL, &shape_run_device, NULL, 0, list_devices, { { "результаты устройств", "results of the devices" } } },
    { "POST", V1 "/runs", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, &shape_order, &shape_run, NULL, 0, add_run, { { "разовая задача: конструктор действия или запуск по настройкам задачи", "a one-off order: by work or by a task's settings" } } },
    { "DELETE", V1 "/runs/{id}", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, NULL, NULL, 0, cancel_run, { { "отменить запуск", "cancel a run" } } },
    { "GET", V1 "/runs/{id}/devices/{device}/journal", MAY_READ_DATA_COLLECTION_JOB, ROUTE_SLOW, &shape_journal_query, NULL, &shape_journal, NULL, 0, get_journal, { { "журнал обмена с устройством", "the exchange with a device" } } },
    { "GET", V1 "/runs/{id}/devices/{device}/journal.txt", MAY_READ_DATA_COLLECTION_JOB, ROUTE_SLOW | ROUTE_STREAM, &shape_journal_query, NULL, NULL, "text/plain; charset=utf-8", 0, get_journal_text, { { "журнал обмена с устройством текстом", "the exchange with a device as text" } } },
    { "GET", V1 "/runs/{id}/journal.txt", MAY_READ_DATA_COLLECTION_JOB, ROUTE_SLOW | ROUTE_STREAM, NULL, NULL, NULL, "text/plain; charset=utf-8", 0, get_run_text, { { "журнал операций запуска текстом", "the journal of a run as text" } } },
};

ROUTE_TABLE(rows);
