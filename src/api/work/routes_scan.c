/* Search of a channel for meters: begun, watched, stopped. What it finds a person adds to the table of meters. */
#include "api/call.h"
#include "api/devices/lines.h"
#include "api/routes.h"

#include <stdio.h>

#define V1 "/api/v1"
enum { ADDRESS_MOST = 65535, WAIT_LEAST = 20, WAIT_MOST = 10000 };

SHAPE(shape_begin, "ScanBegin", { .name = "link", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT32_MAX, .help = { { "канал связи", "channel" } } },
      { .name = "driver", .kind = FIELD_TEXT, .most = 40, .help = { { "только это семейство; пусто: все", "only this family; empty: all" } } },
      { .name = "speeds", .kind = FIELD_LIST, .of = FIELD_INT, .most = SCAN_SPEEDS_MAX, .help = { { "скорости; пусто: скорость канала или обычная для семейства", "speeds; empty: the channel's, or the family's usual one" } } },
      { .name = "from", .kind = FIELD_INT, .least = 0, .most = ADDRESS_MOST, .help = { { "первый адрес; 0: обычный диапазон", "first address; 0: the usual range" } } },
      { .name = "to", .kind = FIELD_INT, .least = 0, .most = ADDRESS_MOST },
      { .name = "wait_ms", .kind = FIELD_INT, .least = WAIT_LEAST, .most = WAIT_MOST, .help = { { "ждать ответа, обычно 300", "how long to wait for an answer, usually 300" } } },
      { .name = "everything", .kind = FIELD_BOOL, .help = { { "и медленными способами", "slow ways too" } } });
SHAPE(shape_found, "ScanFound", { .name = "driver", .kind = FIELD_TEXT }, { .name = "driver_title", .kind = FIELD_TEXT }, { .name = "address", .kind = FIELD_TEXT },
      { .name = "parameters", .kind = FIELD_TEXT, .help = { { "с чем его прочтёт svod read", "with which svod read finds it again" } } }, { .name = "serial", .kind = FIELD_TEXT },
      { .name = "type", .kind = FIELD_TEXT, .help = { { "как назвал себя прибор", "what the meter calls itself" } } },
      { .name = "baud", .kind = FIELD_INT }, { .name = "bits", .kind = FIELD_INT }, { .name = "parity", .kind = FIELD_TEXT }, { .name = "stop", .kind = FIELD_INT },
      { .name = "usual", .kind = FIELD_BOOL, .help = { { "скорость и формат обычные для семейства", "speed and format are the family's usual ones" } } });
#define SCAN_FIELDS \
    { .name = "id", .kind = FIELD_INT }, { .name = "link", .kind = FIELD_INT }, { .name = "running", .kind = FIELD_BOOL }, { .name = "begun", .kind = FIELD_TIME }, \
    { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "fault", .kind = FIELD_TEXT, .help = { { "чем кончился; none: дошёл до конца", "how it ended; none: it came to its end" } } }, \
    { .name = "fault_text", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT, .help = { { "что ищут сейчас", "what is looked for now" } } }, { .name = "driver_title", .kind = FIELD_TEXT }, \
    { .name = "baud", .kind = FIELD_INT }, { .name = "done", .kind = FIELD_INT }, { .name = "total", .kind = FIELD_INT }, { .name = "progress", .kind = FIELD_INT, .help = { { "процентов всего", "percent of all" } } }, \
    { .name = "meters", .kind = FIELD_INT, .help = { { "сколько нашлось", "how many were found" } } }
SHAPE(shape_row, "ScanRow", SCAN_FIELDS);
SHAPE(shape_scan, "Scan", SCAN_FIELDS, { .name = "found", .kind = FIELD_LIST, .shape = &shape_found });

static void put_state(struct call *c, const struct scan_status *s)
{
    const struct driver *d = s->step.driver;
    int step = s->total ? s->done * 100 / s->total : 0, all = s->step.count ? (s->step.number * 100 + step) / s->step.count : 0;
    json_put_int(&c->out, "id", s->id);
    json_put_int(&c->out, "link", s->link);
    json_put_bool(&c->out, "running", s->ended_ms == 0);
    json_put_utc(&c->out, "begun", s->begun_ms);
    json_put_utc(&c->out, "ended", s->ended_ms);
    json_put_text(&c->out, "fault", fault_name(s->fault));
    json_put_text(&c->out, "fault_text", s->fault == FAULT_NONE ? "" : *s->why ? s->why : fault_text(s->fault, c->lang));
    json_put_text(&c->out, "driver", d ? d->name : "");
    json_put_text(&c->out, "driver_title", d ? phrase_in(&d->title, c->lang) : "");
    json_put_int(&c->out, "baud", s->step.line.baud);
    json_put_int(&c->out, "done", s->done);
    json_put_int(&c->out, "total", s->total);
    json_put_int(&c->out, "progress", s->ended_ms && s->fault == FAULT_NONE ? 100 : all);
    json_put_int(&c->out, "meters", (int64_t)s->found_count);
}

static void put_found(struct call *c, const struct scan_meter *m)
{
    const struct parameter *address = driver_address(m->driver);
    const char *value = address ? parameter_value(c, m->parameters, address->name) : NULL, *serial = parameter_value(c, m->parameters, "serial");
    const struct line *usual = &m->driver->line;
    char parity[2] = { m->line.parity, '\0' };
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "driver", m->driver->name);
    json_put_text(&c->out, "driver_title", phrase_in(&m->driver->title, c->lang));
    json_put_text(&c->out, "address", value ? value : serial ? serial : "");
    json_put_text(&c->out, "parameters", m->parameters);
    json_put_text(&c->out, "serial", m->serial);
    json_put_text(&c->out, "type", m->type);
    json_put_int(&c->out, "baud", m->line.baud);
    json_put_int(&c->out, "bits", m->line.bits);
    json_put_text(&c->out, "parity", parity);
    json_put_int(&c->out, "stop", m->line.stop);
    json_put_bool(&c->out, "usual", usual->baud == m->line.baud && usual->bits == m->line.bits && usual->parity == m->line.parity && usual->stop == m->line.stop);
    json_put_end(&c->out);
}

static void list_scans(struct call *c)
{
    struct scan_status all[SCAN_KEPT];
    size_t count = scans_list(c->api->scans, c->caller.project, all);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        put_state(c, &all[i]);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
}

static void show_scan(struct call *c, int64_t id)
{
    struct scan_status s;
    if (!scans_get(c->api->scans, c->caller.project, id, c->arena, &s)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    json_put_object(&c->out, NULL);
    put_state(c, &s);
    json_put_list(&c->out, "found");
    for (size_t i = 0; i < s.found_count; i++)
        put_found(c, &s.found[i]);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void get_scan(struct call *c)
{
    show_scan(c, c->match.number[0]);
}

static bool take_plan(struct call *c, struct scan_plan *plan)
{
    const char *driver = call_text(c->body, "driver", "");
    const json_t *speeds = json_object_get(c->body, "speeds");
    *plan = (struct scan_plan){ .driver = *driver ? driver_find(driver) : NULL, .from = (int)call_int(c->body, "from", 0), .to = (int)call_int(c->body, "to", 0),
                                .wait_ms = (int)call_int(c->body, "wait_ms", 0), .everything = call_bool(c->body, "everything", false) };
    if (*driver && (!plan->driver || !plan->driver->scan))
        return call_wrong_field(c, "driver", c->lang == LANG_RU ? "это семейство искать нельзя" : "this family cannot be searched for");
    if (plan->to && plan->to < plan->from)
        return call_wrong_field(c, "to", c->lang == LANG_RU ? "меньше первого адреса" : "less than the first address");
    for (size_t i = 0; i < json_array_size(speeds); i++) {
        int64_t speed = json_integer_value(json_array_get(speeds, i));
        if (speed < 0 || speed > UINT32_MAX || !line_speed_valid((uint32_t)speed))
            return call_wrong_field(c, "speeds", c->lang == LANG_RU ? "такой скорости нет" : "there is no such speed");
        plan->speeds[plan->speed_count++] = (uint32_t)speed;
    }
    return true;
}

static void begin_scan(struct call *c)
{
    struct scan_plan plan;
    struct store_link k;
    int64_t link = call_int(c->body, "link", 0), id = 0;
    enum fault there = store_link_get(c->api->store, link, c->arena, &k);
    if (there == FAULT_NO_DATA || (there == FAULT_NONE && k.project != c->caller.project)) {
        call_wrong_field(c, "link", c->lang == LANG_RU ? "такого канала связи нет" : "there is no such channel");
        return;
    }
    if (!call_good(c, there, REFUSE_BUSY) || !take_plan(c, &plan))
        return;
    enum fault f = scans_begin(c->api->scans, c->caller.project, link, &plan, &id);
    if (f == FAULT_SETTING) {
        call_wrong_field(c, "link", c->lang == LANG_RU ? "адрес канала неверен" : "the channel's address is wrong");
        return;
    }
    if (!call_good(c, f, REFUSE_BUSY))
        return;
    call_note(c, NOTE_COLLECT_START, k.title, NULL, call_json(c, c->body));
    c->answer->status = 202;
    show_scan(c, id);
}

static void stop_scan(struct call *c)
{
    if (!scans_stop(c->api->scans, c->caller.project, c->match.number[0])) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    show_scan(c, c->match.number[0]);
}

static const struct route rows[] = {
    { "GET", V1 "/scans", MAY_READ_DEVICE_COMMLINE, ROUTE_LIST, NULL, NULL, &shape_row, NULL, 0, list_scans, { { "поиски приборов на каналах", "searches of channels for meters" } } },
    { "POST", V1 "/scans", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, &shape_begin, &shape_scan, NULL, 0, begin_scan, { { "начать поиск приборов на канале", "begin to search a channel for meters" } } },
    { "GET", V1 "/scans/{id}", MAY_READ_DEVICE_COMMLINE, 0, NULL, NULL, &shape_scan, NULL, 0, get_scan, { { "поиск: как идёт и что нашёл", "a search: how it goes and what it found" } } },
    { "DELETE", V1 "/scans/{id}", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, &shape_scan, NULL, 0, stop_scan, { { "остановить поиск", "stop a search" } } },
};

ROUTE_TABLE(rows);
