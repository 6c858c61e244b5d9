/* The machine and the services on it (manual S3 2.2.17), the services' log lines (2.2.31). */
#include "api/call.h"
#include "base/csv.h"
#include "api/house/host.h"
#include "api/house/logbook.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "board/serial_ports.h"
#include "store/db/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define V1 "/api/v1"
enum { LINES_PART = 1000, DISK_LOW_PERCENT = 10, DISK_BAD_PERCENT = 2, HTTP_MANY_WAIT = 50, LISTENERS_MANY = 450 };

static const char *const line_levels[] = { "error", "warning", "info", "debug", NULL };
static const char *const service_states[] = { "good", "attention", "bad", "off", NULL };
enum service_state { SERVICE_GOOD, SERVICE_ATTENTION, SERVICE_BAD, SERVICE_OFF };

SHAPE(shape_interface, "NetworkInterface", { .name = "name", .kind = FIELD_TEXT }, { .name = "mac", .kind = FIELD_TEXT }, { .name = "up", .kind = FIELD_BOOL },
      { .name = "addresses", .kind = FIELD_LIST, .of = FIELD_TEXT });
SHAPE(shape_port, "SerialPort", { .name = "path", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT });
SHAPE(shape_host, "Host", { .name = "name", .kind = FIELD_TEXT }, { .name = "system", .kind = FIELD_TEXT }, { .name = "kernel", .kind = FIELD_TEXT },
      { .name = "time", .kind = FIELD_TIME, .help = { { "часы этой машины", "this machine's clock" } } }, { .name = "utc", .kind = FIELD_TIME },
      { .name = "zone", .kind = FIELD_TEXT }, { .name = "zone_minutes", .kind = FIELD_INT }, { .name = "clock_synchronised", .kind = FIELD_BOOL },
      { .name = "up_s", .kind = FIELD_INT }, { .name = "server_up_s", .kind = FIELD_INT }, { .name = "processors", .kind = FIELD_INT },
      { .name = "busy_percent", .kind = FIELD_INT }, { .name = "load", .kind = FIELD_LIST, .of = FIELD_NUMBER, .help = { { "за 1, 5 и 15 минут", "over 1, 5 and 15 minutes" } } },
      { .name = "memory", .kind = FIELD_INT }, { .name = "memory_free", .kind = FIELD_INT }, { .name = "swap", .kind = FIELD_INT }, { .name = "swap_free", .kind = FIELD_INT },
      { .name = "own_memory", .kind = FIELD_INT }, { .name = "disk", .kind = FIELD_INT }, { .name = "disk_free", .kind = FIELD_INT }, { .name = "disk_place", .kind = FIELD_TEXT },
      { .name = "database", .kind = FIELD_INT }, { .name = "database_log", .kind = FIELD_INT, .help = { { "журнал упреждающей записи", "the write-ahead log" } } },
      { .name = "interfaces", .kind = FIELD_LIST, .shape = &shape_interface }, { .name = "ports", .kind = FIELD_LIST, .shape = &shape_port });
SHAPE(shape_service, "Service", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "state", .kind = FIELD_WORD, .words = service_states }, { .name = "text", .kind = FIELD_TEXT }, { .name = "updated", .kind = FIELD_TIME });
#define LINE_FIELDS { .name = "from", .kind = FIELD_TIME, .help = { { "UTC", "UTC" } } }, { .name = "to", .kind = FIELD_TIME }, \
                    { .name = "level", .kind = FIELD_WORD, .words = line_levels, .help = { { "такие и серьёзнее", "these and worse" } } }, \
                    { .name = "service", .kind = FIELD_TEXT, .most = 40 }, { .name = "search", .kind = FIELD_TEXT, .most = 100 }
SHAPE(shape_line_query, "LineQuery", LINE_FIELDS, PAGE_FIELDS);
SHAPE(shape_line_csv, "LineCsvQuery", LINE_FIELDS);
SHAPE(shape_line_clear, "LineClear", { .name = "before", .kind = FIELD_TIME, .flags = REQUIRED, .help = { { "UTC", "UTC" } } });
SHAPE(shape_line, "LogLine", { .name = "id", .kind = FIELD_INT }, { .name = "time", .kind = FIELD_TIME }, { .name = "level", .kind = FIELD_WORD, .words = line_levels },
      { .name = "service", .kind = FIELD_TEXT }, { .name = "event", .kind = FIELD_TEXT }, { .name = "details", .kind = FIELD_TEXT });

/* --- the machine ------------------------------------------------------------------------------------------------------------ */

static int64_t file_bytes(const char *path, const char *tail)
{
    char name[4200];
    struct stat about;
    snprintf(name, sizeof name, "%s%s", path, tail);
    return stat(name, &about) == 0 ? (int64_t)about.st_size : 0;
}

static void put_interfaces(struct call *c)
{
    struct host_interface *all = arena_take(c->arena, HOST_INTERFACES * sizeof *all);
    int count = host_interfaces(all);
    json_put_list(&c->out, "interfaces");
    for (int i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "name", all[i].name);
        json_put_text(&c->out, "mac", all[i].mac);
        json_put_bool(&c->out, "up", all[i].up);
        json_put_list(&c->out, "addresses");
        for (int k = 0; k < all[i].addresses; k++)
            json_put_text(&c->out, NULL, all[i].address[k]);
        json_put_end(&c->out);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_ports(struct call *c)
{
    struct serial_port *all = arena_take(c->arena, SERIAL_PORTS * sizeof *all);
    int count = serial_ports("", all);
    json_put_list(&c->out, "ports");
    for (int i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "path", all[i].path);
        json_put_text(&c->out, "driver", all[i].driver);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_resources(struct call *c, const struct host_facts *h)
{
    const char *database = store_path(c->api->store);
    json_put_int(&c->out, "processors", h->processors);
    json_put_int(&c->out, "busy_percent", h->busy_percent);
    json_put_list(&c->out, "load");
    for (int i = 0; i < 3; i++)
        json_put_decimal(&c->out, NULL, decimal_of((int64_t)(h->load[i] * 100 + 0.5), -2));
    json_put_end(&c->out);
    json_put_int(&c->out, "memory", h->memory);
    json_put_int(&c->out, "memory_free", h->memory_free);
    json_put_int(&c->out, "swap", h->swap);
    json_put_int(&c->out, "swap_free", h->swap_free);
    json_put_int(&c->out, "own_memory", h->own_memory);
    json_put_int(&c->out, "disk", h->disk);
    json_put_int(&c->out, "disk_free", h->disk_free);
    json_put_text(&c->out, "disk_place", h->disk_place);
    json_put_int(&c->out, "database", file_bytes(database, ""));
    json_put_int(&c->out, "database_log", file_bytes(database, "-wal"));
}

static void get_host(struct call *c)
{
    struct host_facts h;
    int64_t now = clock_utc_ms();
    host_look(store_path(c->api->store), &h);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", h.name);
    json_put_text(&c->out, "system", h.system);
    json_put_text(&c->out, "kernel", h.kernel);
    json_put_wall(&c->out, "time", clock_local_wall(now));
    json_put_utc(&c->out, "utc", now);
    json_put_text(&c->out, "zone", h.zone);
    json_put_int(&c->out, "zone_minutes", h.zone_minutes);
    json_put_bool(&c->out, "clock_synchronised", h.clock_synchronised);
    json_put_int(&c->out, "up_s", h.up_s);
    json_put_int(&c->out, "server_up_s", (now - c->api->started_ms) / 1000);
    put_resources(c, &h);
    put_interfaces(c);
    put_ports(c);
    json_put_end(&c->out);
}

/* --- services ----------------------------------------------------------------------------------------------------------------- */

/* One row; the sentence is in the buffer. */
static void put_service(struct call *c, const char *name, const struct phrase *title, enum service_state state, const char *text)
{
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", name);
    json_put_text(&c->out, "title", phrase_in(title, c->lang));
    json_put_text(&c->out, "state", service_states[state]);
    json_put_text(&c->out, "text", text);
    json_put_utc(&c->out, "updated", clock_utc_ms());
    json_put_end(&c->out);
}

static void put_collection_service(struct call *c)
{
    static const struct phrase title = { { "Опрос", "Collection" } };
    static const struct phrase running = { { "идёт: опрошено %zu из %zu, с ошибкой %zu", "runs: %zu of %zu asked, %zu failed" } };
    static const struct phrase waits = { { "ждёт следующего раза по расписанию", "waits for its next time" } };
    static const struct phrase on_demand = { { "ждёт: расписания нет, опрос по требованию", "waits: no schedule, collects on demand" } };
    static const struct phrase all_failed = { { "в последний раз не ответил никто (устройств: %zu)", "nobody answered the last time (devices: %zu)" } };
    struct service_status s;
    char text[200];
    struct text t = text_over(text, sizeof text);
    service_totals(c->api->service, &s);
    bool deaf = !s.running && s.figures.failed && s.figures.done == 0;
    if (s.running)
        text_printf(&t, phrase_in(&running, c->lang), s.figures.done + s.figures.failed, s.figures.meters, s.figures.failed);
    else if (deaf)
        text_printf(&t, phrase_in(&all_failed, c->lang), s.figures.failed);
    else
        text_put(&t, phrase_in(s.next_ms ? &waits : &on_demand, c->lang));
    put_service(c, "collection", &title, deaf ? SERVICE_ATTENTION : SERVICE_GOOD, text);
}

static void put_database_service(struct call *c)
{
    static const struct phrase title = { { "База данных", "Database" } };
    static const struct phrase good = { { "читает и пишет; на диске свободно %d %%", "reads and writes; the disk has %d %% left" } };
    static const struct phrase low = { { "мало места: на диске свободно %d %%", "little room: the disk has %d %% left" } };
    char text[STORE_ERROR_TEXT_MAX];
    struct text t = text_over(text, sizeof text);
    int free_percent = host_free_percent(store_path(c->api->store));
    bool scarce = free_percent >= 0 && free_percent < DISK_LOW_PERCENT;
    enum service_state state = free_percent >= 0 && free_percent < DISK_BAD_PERCENT ? SERVICE_BAD : scarce ? SERVICE_ATTENTION : SERVICE_GOOD;
    text_printf(&t, phrase_in(scarce ? &low : &good, c->lang), free_percent);
    /* Writing is tried, too: a full or failing disk reads well. The last is lost with the power, no harm. */
    if (store_pass_seen(c->api->store, -1, 0, 0, "") != FAULT_NONE) {
        struct store_error why = store_error_last(c->api->store);
        store_error_text(&why, c->lang, text);
        state = SERVICE_BAD;
    }
    put_service(c, "database", &title, state, text);
}

static void put_http_service(struct call *c)
{
    static const struct phrase title = { { "HTTP и API", "HTTP and API" } };
    static const struct phrase form = { { "соединений %u, ждут ответа %u, запросов %llu, ошибок сервера %llu", "connections %u, waiting %u, requests %llu, server errors %llu" } };
    struct server_figures f;
    char text[200];
    doors_figures(c->api->doors, &f);
    snprintf(text, sizeof text, phrase_in(&form, c->lang), f.connections, f.waiting, f.requests, f.errors);
    put_service(c, "http", &title, f.waiting > HTTP_MANY_WAIT ? SERVICE_ATTENTION : SERVICE_GOOD, text);
}

static void put_stream_service(struct call *c)
{
    static const struct phrase title = { { "Поток событий", "Stream of events" } };
    static const struct phrase form = { { "слушателей: %u", "listeners: %u" } };
    char text[100];
    unsigned listeners = hub_count(c->api->hub);
    snprintf(text, sizeof text, phrase_in(&form, c->lang), listeners);
    put_service(c, "events", &title, listeners > LISTENERS_MANY ? SERVICE_ATTENTION : SERVICE_GOOD, text);
}

static void put_mail_service(struct call *c)
{
    static const struct phrase title = { { "Почта", "Mail" } };
    static const struct phrase off = { { "почтовый сервер не указан", "no mail server is set" } };
    static const struct phrase good = { { "ждут отправки: %lld, послано недавно: %lld", "waiting: %lld, sent lately: %lld" } };
    static const struct phrase bad = { { "не удаётся послать (ждут: %lld): %s", "cannot send (waiting: %lld): %s" } };
    struct mail_figures f;
    char text[MAIL_TROUBLE_MAX + 100];
    mail_figures(c->api->mail, &f);
    bool broken = f.set && f.last_ms && !f.last_good;
    if (!f.set)
        snprintf(text, sizeof text, "%s", phrase_in(&off, c->lang));
    else if (broken)
        snprintf(text, sizeof text, phrase_in(&bad, c->lang), (long long)f.waiting, f.trouble);
    else
        snprintf(text, sizeof text, phrase_in(&good, c->lang), (long long)f.waiting, (long long)f.sent);
    put_service(c, "mail", &title, !f.set ? SERVICE_OFF : broken ? SERVICE_ATTENTION : SERVICE_GOOD, text);
}

static void list_services(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    put_collection_service(c);
    put_database_service(c);
    put_http_service(c);
    put_stream_service(c);
    put_mail_service(c);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", 5);
    json_put_end(&c->out);
}

/* --- log lines ------------------------------------------------------------------------------------------------------------------ */

struct line_list {
    struct call *c;
    size_t skip, take, count;
    struct buffer lines;
    int64_t last;
};

static int level_of(const char *name)
{
    for (int i = 0; line_levels[i]; i++)
        if (strcmp(line_levels[i], name) == 0)
            return i;
    return LOG_DEBUG;
}

static struct log_line_filter lines_wanted(struct call *c)
{
    int64_t from = call_time(c->query, "from", 0), to = call_time(c->query, "to", 253402300800);
    return (struct log_line_filter){ .from_ms = from * 1000, .to_ms = to * 1000, .level = level_of(call_text(c->query, "level", "debug")),
                                 .service = call_text(c->query, "service", ""), .search = call_text(c->query, "search", "") };
}

static const char *level_name(int level)
{
    return line_levels[level >= LOG_ERROR && level <= LOG_DEBUG ? level : LOG_DEBUG];
}

static bool put_line(void *context, const struct store_log_line *line)
{
    struct line_list *l = context;
    struct call *c = l->c;
    size_t at = l->count++;
    if (at < l->skip || at - l->skip >= l->take)
        return true;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", line->id);
    json_put_utc(&c->out, "time", line->at_ms);
    json_put_text(&c->out, "level", level_name(line->level));
    json_put_text(&c->out, "service", line->service);
    json_put_text(&c->out, "event", line->event);
    json_put_text(&c->out, "details", line->details);
    json_put_end(&c->out);
    return true;
}

static void list_lines(struct call *c)
{
    struct line_list l = { .c = c, .skip = call_skip(c), .take = call_take(c) };
    struct log_line_filter f = lines_wanted(c);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_log_lines(c->api->store, &f, put_line, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static bool add_line(void *context, const struct store_log_line *line)
{
    struct line_list *l = context;
    char time[CIVIL_TEXT_MAX];
    csv_cell(&l->lines, wall_format(line->at_ms / 1000, time), ";");
    csv_cell(&l->lines, level_name(line->level), ";");
    csv_cell(&l->lines, line->service, ";");
    csv_cell(&l->lines, line->event, ";");
    csv_cell(&l->lines, line->details, "\n");
    l->last = line->id;
    return ++l->count < LINES_PART;
}

static void export_lines(struct call *c)
{
    static const char head[] = "time;level;service;event;details\n";
    struct log_line_filter f = lines_wanted(c);
    struct line_list l = { .c = c };
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", "system-log.csv");
    bool good = flow_write(out, head, sizeof head - 1, STREAM_PATIENCE_MS);
    do {
        l.count = 0;
        good = good && store_log_lines(c->api->store, &f, add_line, &l) == FAULT_NONE &&
               (l.lines.size == 0 || flow_write(out, l.lines.data, l.lines.size, STREAM_PATIENCE_MS));
        buffer_free(&l.lines);
        f.before_id = l.last;
    } while (good && l.count == LINES_PART);
    flow_end(out, good);
    flow_unref(&out);
}

static void clear_lines(struct call *c)
{
    if (!call_good(c, store_log_lines_clear(c->api->store, call_time(c->query, "before", 0) * 1000), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_LOG_CLEAR, "system", NULL, call_json(c, c->query));
    call_done(c);
}

#define CSV "text/csv; charset=utf-8"
static const struct route rows[] = {
    { "GET", V1 "/host", MAY_VIEW_PAGE_CE_HES, 0, NULL, NULL, &shape_host, NULL, 0, get_host, { { "машина: время, память, диск, сеть, порты", "the machine: time, memory, disk, network, ports" } } },
    { "GET", V1 "/host/services", MAY_VIEW_PAGE_CE_HES, ROUTE_LIST, NULL, NULL, &shape_service, NULL, 0, list_services, { { "состояние служб", "how the services fare" } } },
    { "GET", V1 "/log/system", MAY_READ_LOGS_DEBUG, ROUTE_LIST, &shape_line_query, NULL, &shape_line, NULL, 0, list_lines, { { "логи служб", "log lines of the services" } } },
    { "GET", V1 "/log/system.csv", MAY_READ_LOGS_DEBUG, ROUTE_SLOW | ROUTE_STREAM, &shape_line_csv, NULL, NULL, CSV, 0, export_lines, { { "логи служб в CSV", "log lines of the services as CSV" } } },
    { "DELETE", V1 "/log/system", MAY_DELETE_LOGS_DEBUG, 0, &shape_line_clear, NULL, NULL, NULL, 0, clear_lines, { { "удалить старые логи служб", "delete old log lines" } } },
};

ROUTE_TABLE(rows);
