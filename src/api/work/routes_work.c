/* Work and its traces: collection now and by schedule, its progress as a stream, the log. */
#include "api/call.h"
#include "base/csv.h"
#include "api/routes.h"
#include "api/work/orders.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { LOG_USUAL = 100, LOG_MOST = 1000 };

SHAPE(shape_collection, "Collection",
      { .name = "running", .kind = FIELD_BOOL }, { .name = "pass", .kind = FIELD_INT }, { .name = "chosen", .kind = FIELD_BOOL, .help = { { "только выбранные устройства", "only some devices" } } },
      { .name = "every_minutes", .kind = FIELD_INT }, { .name = "begun", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "meters", .kind = FIELD_INT }, { .name = "done", .kind = FIELD_INT },
      { .name = "failed", .kind = FIELD_INT }, { .name = "put_off", .kind = FIELD_INT }, { .name = "talking", .kind = FIELD_INT },
      { .name = "readings", .kind = FIELD_INT }, { .name = "events", .kind = FIELD_INT }, { .name = "exchanges", .kind = FIELD_INT },
      { .name = "retries", .kind = FIELD_INT }, { .name = "bytes_sent", .kind = FIELD_INT }, { .name = "bytes_received", .kind = FIELD_INT });
SHAPE(shape_start, "CollectionStart",
      { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .least = 1, .help = { { "эти устройства", "these devices" } } },
      { .name = "groups", .kind = FIELD_LIST, .of = FIELD_TEXT, .least = 1, .most = 1000, .help = { { "эти группы по названиям", "these groups by title" } } },
      { .name = "all", .kind = FIELD_BOOL, .help = { { "все устройства проекта", "all devices of the project" } } });
SHAPE(shape_schedule, "Schedule", { .name = "every_minutes", .kind = FIELD_INT, .flags = REQUIRED, .least = 0, .most = 44640, .help = { { "0: только по требованию", "0: on demand only" } } });
#define LOG_FIELDS { .name = "level", .kind = FIELD_WORD, .words = note_levels, .help = { { "такие и серьёзнее", "these and worse" } } }, { .name = "from", .kind = FIELD_TIME, .help = { { "UTC", "UTC" } } }, { .name = "to", .kind = FIELD_TIME }, \
                   { .name = "kind", .kind = FIELD_TEXT, .most = 64 }, { .name = "search", .kind = FIELD_TEXT, .most = 100 }
SHAPE(shape_log_query, "LogQuery", LOG_FIELDS, { .name = "before", .kind = FIELD_INT, .least = 1, .most = INT64_MAX, .help = { { "старше этой записи", "older than this record" } } },
      { .name = "limit", .kind = FIELD_INT, .least = 1, .most = LOG_MOST, .help = { { "без страниц: столько записей", "without pages: so many records" } } }, PAGE_FIELDS);
SHAPE(shape_log_csv, "LogCsvQuery", LOG_FIELDS);
SHAPE(shape_log_kind, "LogKind", { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "security", .kind = FIELD_BOOL });
SHAPE(shape_log_clear, "LogClear", { .name = "before", .kind = FIELD_TIME, .flags = REQUIRED, .help = { { "UTC", "UTC" } } });
SHAPE(shape_log, "LogRecord", { .name = "id", .kind = FIELD_INT }, { .name = "time", .kind = FIELD_TIME }, { .name = "kind", .kind = FIELD_TEXT },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "level", .kind = FIELD_TEXT }, { .name = "login", .kind = FIELD_TEXT },
      { .name = "address", .kind = FIELD_TEXT }, { .name = "object", .kind = FIELD_TEXT }, { .name = "before", .kind = FIELD_ANY }, { .name = "after", .kind = FIELD_ANY });

/* --- collection ------------------------------------------------------------------------------------------------------------------------ */

void collection_put(struct json_writer *j, const struct service_status *s)
{
    json_put_object(j, NULL);
    json_put_bool(j, "running", s->running);
    json_put_int(j, "pass", s->pass);
    json_put_bool(j, "chosen", s->chosen);
    json_put_int(j, "every_minutes", s->every_minutes);
    json_put_utc(j, "begun", s->begun_ms);
    json_put_utc(j, "ended", s->ended_ms);
    json_put_utc(j, "next", s->next_ms);
    json_put_int(j, "meters", (int64_t)s->figures.meters);
    json_put_int(j, "done", (int64_t)s->figures.done);
    json_put_int(j, "failed", (int64_t)s->figures.failed);
    json_put_int(j, "put_off", (int64_t)s->figures.waiting_back_off);
    json_put_int(j, "talking", (int64_t)s->figures.running);
    json_put_int(j, "readings", (int64_t)s->figures.readings);
    json_put_int(j, "events", (int64_t)s->figures.events);
    json_put_int(j, "exchanges", (int64_t)s->figures.exchanges);
    json_put_int(j, "retries", (int64_t)s->figures.retries);
    json_put_int(j, "bytes_sent", s->figures.sent);
    json_put_int(j, "bytes_received", s->figures.received);
    json_put_end(j);
}

static void get_collection(struct call *c)
{
    struct service_status status;
    service_status(c->api->service, c->caller.project, &status);
    collection_put(&c->out, &status);
}

/* Devices named one by one, of groups, or all of the project; refused when one is not the project's. */
static bool chosen_devices(struct call *c, int64_t **ret, size_t *ret_count)
{
    const json_t *devices = json_object_get(c->body, "devices"), *groups = json_object_get(c->body, "groups");
    int64_t *list, *all = NULL;
    size_t count = call_ids(c, devices, &list);
    for (size_t i = 0; i < count; i++)
        if (!roster_look(c->api->roster, list[i], c->caller.project, NULL, NULL))
            return call_refuse(c, REFUSE_NOT_FOUND);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        struct meter_set in;
        if (!call_good(c, store_group_meters_titled(c->api->store, c->caller.project, json_string_value(json_array_get(groups, i)), c->arena, &in), REFUSE_IN_USE))
            return false;
        count = order_append(c, &list, count, in.ids, in.count);
    }
    if (call_bool(c->body, "all", false)) {
        size_t devices_there = roster_ids(c->api->roster, c->caller.project, &all);
        count = order_append(c, &list, count, all, devices_there);
        free(all);
    }
    *ret = list;
    *ret_count = call_ids_once(list, count);
    return count > 0 || call_wrong_field(c, "devices", c->lang == LANG_RU ? "некого опрашивать" : "nobody to ask");
}

void collection_start(struct call *c, const int64_t *ids, size_t count)
{
    char after[64];
    if (!service_start(c->api->service, c->caller.project, ids, count)) {
        call_refuse(c, REFUSE_BUSY);
        return;
    }
    snprintf(after, sizeof after, "{\"devices\":%zu}", count);
    call_note(c, NOTE_COLLECT_START, "", NULL, after);
    c->answer->status = 202;
    get_collection(c);
}

static void start_collection(struct call *c)
{
    int64_t *ids = NULL;
    size_t count = 0;
    if (call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) && chosen_devices(c, &ids, &count))
        collection_start(c, ids, count);
}

static void stop_collection(struct call *c)
{
    service_stop(c->api->service, c->caller.project);
    call_note(c, NOTE_COLLECT_END, "", NULL, NULL);
    get_collection(c);
}

static void schedule_collection(struct call *c)
{
    char minutes[24], key[48] = "collect-every";
    int every = (int)call_int(c->body, "every_minutes", 0);
    snprintf(minutes, sizeof minutes, "%d", every);
    if (c->caller.project != 1)
        snprintf(key, sizeof key, "collect-every:%lld", (long long)c->caller.project);
    if (!call_good(c, store_setting_put(c->api->store, key, minutes), REFUSE_IN_USE))
        return;
    service_schedule(c->api->service, c->caller.project, every, false);
    call_note(c, NOTE_CONFIGURATION_CHANGE, key, NULL, minutes);
    get_collection(c);
}

static void stream_collection(struct call *c)
{
    struct buffer first = { 0 };
    struct service_status status;
    struct json_writer j = { .out = &first };
    answer_header(c->answer, "X-Accel-Buffering", "no"); /* a proxy must not gather events */
    struct flow *flow = call_stream(c, "text/event-stream; charset=utf-8", NULL);
    service_status(c->api->service, c->caller.project, &status);
    buffer_text(&first, "event: progress\ndata: ");
    collection_put(&j, &status);
    buffer_text(&first, "\n\n");
    flow_offer(flow, first.data, first.size);
    buffer_free(&first);
    hub_join_person(c->api->hub, flow, c->caller.project, c->caller.person, c->caller.pass);
}

/* --- the log ------------------------------------------------------------------------------------------------------------------------------- */

struct log_list {
    struct call *c;
    size_t count, limit, skip;
    struct buffer lines;
    int64_t last;
};

static bool put_record(void *context, const struct store_audit *a)
{
    struct log_list *l = context;
    struct call *c = l->c;
    if (l->skip) {
        l->skip--;
        return true;
    }
    json_put_object(&c->out, NULL);
    call_put_audit(c, a);
    json_put_text(&c->out, "address", a->address);
    json_put_raw(&c->out, "before", a->before);
    json_put_raw(&c->out, "after", a->after);
    json_put_end(&c->out);
    return ++l->count < l->limit;
}

static enum audit_level audit_level_of(const char *name)
{
    enum audit_level level = AUDIT_INFO;
    while (level < AUDIT_ERROR && strcmp(note_levels[level], name) != 0)
        level++;
    return level;
}

static struct audit_filter filter_of(struct call *c, bool security)
{
    int64_t from = call_time(c->query, "from", 0), to = call_time(c->query, "to", 253402300800);
    return (struct audit_filter){ .security = security, .from_ms = from * 1000, .to_ms = to * 1000, .project = c->caller.all_projects ? 0 : c->caller.project,
                                  .level = audit_level_of(call_text(c->query, "level", "info")), .kind = call_text(c->query, "kind", ""), .search = call_text(c->query, "search", ""),
                                  .before_id = call_int(c->query, "before", 0) };
}

static void list_log(struct call *c, bool security)
{
    bool paged = json_object_get(c->query, "page") || json_object_get(c->query, "size");
    struct log_list l = { .c = c, .limit = paged ? call_take(c) : (size_t)call_int(c->query, "limit", LOG_USUAL), .skip = paged ? call_skip(c) : 0 };
    struct audit_filter f = filter_of(c, security);
    int64_t total = 0;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_audits(c->api->store, &f, put_record, &l);
    json_put_end(&c->out);
    if (fault == FAULT_NONE)
        fault = store_audits_count(c->api->store, &f, &total);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static bool add_record(void *context, const struct store_audit *a)
{
    struct log_list *l = context;
    char time[CIVIL_TEXT_MAX];
    csv_cell(&l->lines, wall_format(a->at_ms / 1000, time), ";");
    csv_cell(&l->lines, note_title(a->kind, l->c->lang), ";");
    csv_cell(&l->lines, note_levels[a->level], ";");
    csv_cell(&l->lines, a->login, ";");
    csv_cell(&l->lines, a->address, ";");
    csv_cell(&l->lines, a->object, ";");
    csv_cell(&l->lines, a->before, ";");
    csv_cell(&l->lines, a->after, "\n");
    l->last = a->id;
    return ++l->count < l->limit;
}

static void export_log(struct call *c, bool security)
{
    static const char head[] = "time;kind;level;login;address;object;before;after\n";
    struct audit_filter f = filter_of(c, security);
    struct log_list l = { .c = c, .limit = LOG_MOST };
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", security ? "security-log.csv" : "log.csv");
    bool good = flow_write(out, head, sizeof head - 1, STREAM_PATIENCE_MS);
    do {
        l.count = 0;
        good = good && store_audits(c->api->store, &f, add_record, &l) == FAULT_NONE &&
               (l.lines.size == 0 || flow_write(out, l.lines.data, l.lines.size, STREAM_PATIENCE_MS));
        buffer_free(&l.lines);
        f.before_id = l.last;
    } while (good && l.count == l.limit);
    flow_end(out, good);
    flow_unref(&out);
}

static void clear_log(struct call *c, bool security)
{
    int64_t before = call_time(c->query, "before", 0);
    if (!call_good(c, store_audit_clear(c->api->store, security, before * 1000), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_LOG_CLEAR, security ? "security" : "general", NULL, call_json(c, c->query));
    call_done(c);
}

static void list_kinds(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (int n = 0; n < NOTE_COUNT; n++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "kind", note_name((enum note)n));
        json_put_text(&c->out, "title", note_title(note_name((enum note)n), c->lang));
        json_put_bool(&c->out, "security", note_is_security((enum note)n));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", NOTE_COUNT);
    json_put_end(&c->out);
}

static void list_general(struct call *c) { list_log(c, false); }
static void list_security(struct call *c) { list_log(c, true); }
static void export_general(struct call *c) { export_log(c, false); }
static void export_security(struct call *c) { export_log(c, true); }
static void clear_general(struct call *c) { clear_log(c, false); }
static void clear_security(struct call *c) { clear_log(c, true); }

#define CSV "text/csv; charset=utf-8"
static const struct route rows[] = {
    { "GET", V1 "/collection", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_collection, NULL, 0, get_collection, { { "как идёт опрос", "how collection goes" } } },
    { "POST", V1 "/collection", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, &shape_start, &shape_collection, NULL, 0, start_collection, { { "опросить сейчас", "collect now" } } },
    { "DELETE", V1 "/collection", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, &shape_collection, NULL, 0, stop_collection, { { "остановить опрос", "stop collection" } } },
    { "PUT", V1 "/collection/schedule", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_schedule, &shape_collection, NULL, 0, schedule_collection, { { "расписание опроса", "schedule of collection" } } },
    { "GET", V1 "/collection/stream", MAY_READ_DATA_COLLECTION_JOB, ROUTE_STREAM, NULL, NULL, NULL, "text/event-stream", 0, stream_collection, { { "ход опроса и итоги устройств, событиями", "progress and devices' results, as events" } } },
    { "GET", V1 "/log/kinds", MAY_SIGNED_IN, ROUTE_LIST, NULL, NULL, &shape_log_kind, NULL, 0, list_kinds, { { "виды событий", "kinds of events" } } },
    { "GET", V1 "/log/general", MAY_READ_LOGS_COMMON, ROUTE_LIST, &shape_log_query, NULL, &shape_log, NULL, 0, list_general, { { "общие события", "general events" } } },
    { "GET", V1 "/log/general.csv", MAY_READ_LOGS_COMMON, ROUTE_SLOW | ROUTE_STREAM, &shape_log_csv, NULL, NULL, CSV, 0, export_general, { { "общие события в CSV", "general events as CSV" } } },
    { "DELETE", V1 "/log/general", MAY_DELETE_LOGS_COMMON, 0, &shape_log_clear, NULL, NULL, NULL, 0, clear_general, { { "удалить старые общие события", "delete old general events" } } },
    { "GET", V1 "/log/security", MAY_READ_LOGS_SECURE, ROUTE_LIST, &shape_log_query, NULL, &shape_log, NULL, 0, list_security, { { "события безопасности", "security events" } } },
    { "GET", V1 "/log/security.csv", MAY_READ_LOGS_SECURE, ROUTE_SLOW | ROUTE_STREAM, &shape_log_csv, NULL, NULL, CSV, 0, export_security, { { "события безопасности в CSV", "security events as CSV" } } },
    { "DELETE", V1 "/log/security", MAY_DELETE_LOGS_SECURE, 0, &shape_log_clear, NULL, NULL, NULL, 0, clear_security, { { "удалить старые события безопасности", "delete old security events" } } },
};

ROUTE_TABLE(rows);
