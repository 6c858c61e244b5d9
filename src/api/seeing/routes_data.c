/* What devices said: readings, events, states and gaps. Exact numbers from the meter to the page. */
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "collect/states.h"
#include "store/house/keeping.h"
#include "meter/events.h"
#include "meter/quantity.h"
#include "store/debts/owed.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { ROWS_USUAL = 2000, ROWS_MOST = 20000, COLUMNS_MOST = 256, FILTER_MOST = 64, EVENTS_MOST = 10000, EVENTS_PAGED = 100000, GAPS_MOST = 1000 };

static const char *const reading_archives[] = { "current", "network", "day", "month", "profile", "hour", NULL };
static const char *const grid_archives[] = { "day", "month", "profile", "hour", NULL };

#define SPAN_FIELDS { .name = "from", .kind = FIELD_TIME, .help = { { "начало, обычно неделя назад", "beginning, usually a week ago" } } }, \
                    { .name = "to", .kind = FIELD_TIME, .help = { { "конец, не включая; обычно сейчас", "end, not included; usually now" } } }
#define READING_FIELDS SPAN_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = reading_archives, .flags = REQUIRED }, \
                       { .name = "obis", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = FILTER_MOST, .help = { { "только эти коды", "only these codes" } } }
SHAPE(shape_readings_query, "ReadingQuery", READING_FIELDS, { .name = "limit", .kind = FIELD_INT, .least = 1, .most = ROWS_MOST, .help = { { "строк, обычно 2000", "rows, usually 2000" } } });
SHAPE(shape_csv_query, "ReadingCsvQuery", READING_FIELDS);
SHAPE(shape_fleet_csv, "FleetCsvQuery", READING_FIELDS, { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT }, { .name = "group", .kind = FIELD_TEXT, .most = 200 });
SHAPE(shape_column, "Column", { .name = "obis", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "unit", .kind = FIELD_TEXT });
#define STORED_FIELD { .name = "stored", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "когда последнее новое этого момента получил сервер, UTC; null — записано версией, которая этого не отмечала", "when the server got the last that was new of this moment, UTC; null: kept by a version that did not note it" } } }
#define ZONE_FIELDS { .name = "zone_minutes", .kind = FIELD_INT, .help = { { "часы устройства к востоку от UTC", "the device's clock east of UTC" } } }, \
                    { .name = "server_zone_minutes", .kind = FIELD_INT, .help = { { "часы сервера к востоку от UTC", "the server's clock east of UTC" } } }
SHAPE(shape_pivot_row, "PivotRow", { .name = "time", .kind = FIELD_TIME }, STORED_FIELD,
      { .name = "values", .kind = FIELD_LIST, .of = FIELD_NUMBER, .help = { { "по столбцам; null — нет", "by column; null: none" } } },
      { .name = "quality", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "биты качества", "bits of quality" } } });
SHAPE(shape_pivot, "Pivot", { .name = "archive", .kind = FIELD_TEXT }, ZONE_FIELDS, { .name = "columns", .kind = FIELD_LIST, .shape = &shape_column },
      { .name = "rows", .kind = FIELD_LIST, .shape = &shape_pivot_row }, { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "откуда читать дальше", "where to read on from" } } });
SHAPE(shape_latest, "Latest", { .name = "archive", .kind = FIELD_TEXT }, { .name = "obis", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "value", .kind = FIELD_NUMBER, .flags = NULLABLE }, { .name = "unit", .kind = FIELD_TEXT }, { .name = "quality", .kind = FIELD_INT },
      { .name = "time", .kind = FIELD_TIME }, STORED_FIELD, ZONE_FIELDS);
SHAPE(shape_events_query, "EventQuery", SPAN_FIELDS, { .name = "journal", .kind = FIELD_INT, .least = 1, .most = 65535 },
      { .name = "code", .kind = FIELD_INT, .least = 0, .most = 65535 },
      { .name = "important", .kind = FIELD_BOOL, .help = { { "true: только важные", "true: only important ones" } } }, PAGE_FIELDS,
      { .name = "limit", .kind = FIELD_INT, .least = 1, .most = EVENTS_MOST });
SHAPE(shape_event, "Event", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "time", .kind = FIELD_TIME }, { .name = "stored", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "journal", .kind = FIELD_INT },
      { .name = "journal_title", .kind = FIELD_TEXT }, { .name = "code", .kind = FIELD_INT }, { .name = "text", .kind = FIELD_TEXT }, { .name = "detail", .kind = FIELD_INT });
SHAPE(shape_states_query, "StateQuery", SPAN_FIELDS, { .name = "history", .kind = FIELD_BOOL }, PAGE_FIELDS,
      { .name = "obis", .kind = FIELD_TEXT, .most = 30, .help = { { "только этот код", "only this code" } } });
SHAPE(shape_state, "State", { .name = "archive", .kind = FIELD_TEXT, .help = { { "архив состояний: state-relay…", "archive of states: state-relay..." } } }, { .name = "archive_title", .kind = FIELD_TEXT }, { .name = "obis", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "time", .kind = FIELD_TIME },
      { .name = "value", .kind = FIELD_INT },
      { .name = "value_text", .kind = FIELD_TEXT, .help = { { "словами; пусто, когда всё говорит число", "in words; empty where the number says it all" } } },
      { .name = "own", .kind = FIELD_BOOL, .help = { { "true: заметил сам сборщик", "true: noted by collection itself" } } });
SHAPE(shape_gaps_query, "GapQuery", SPAN_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = grid_archives, .flags = REQUIRED });
SHAPE(shape_gap, "Gap", { .name = "from", .kind = FIELD_TIME }, { .name = "to", .kind = FIELD_TIME });

/* The code and its name in words. */
static void put_quantity(struct call *c, struct obis o)
{
    char code[OBIS_TEXT_MAX], title[QUANTITY_TITLE_MAX];
    json_put_text(&c->out, "obis", obis_format(o, code));
    json_put_text(&c->out, "title", quantity_title(o, c->lang, title));
}

/* --- what is asked ---------------------------------------------------------------------------------------------------------------- */

static struct span span_of(struct call *c)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    return (struct span){ call_time(c->query, "from", wall_day_start(now) - 7 * DAY_SECONDS), call_time(c->query, "to", now + 1) };
}

/* The device of the path, of the caller's project; else refused. */
static bool find(struct call *c, struct store_meter *m)
{
    if (!call_good(c, store_meter_get(c->api->store, c->match.number[0], c->arena, m), REFUSE_IN_USE))
        return false;
    return m->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static bool filter_of(struct call *c, struct obis filter[FILTER_MOST], size_t *ret_count)
{
    const json_t *list = json_object_get(c->query, "obis");
    *ret_count = json_array_size(list);
    for (size_t i = 0; i < *ret_count; i++)
        if (!obis_parse(json_string_value(json_array_get(list, i)), &filter[i]))
            return call_wrong_field(c, "obis", c->lang == LANG_RU ? "это не код OBIS" : "is no OBIS code");
    return true;
}

/* The two clocks by which a value's two times are told (S3 2.2.29: «Часовой пояс в устройстве», «Часовой пояс на сервере»). */
static void put_zones(struct call *c, const struct store_meter *m)
{
    json_put_int(&c->out, "zone_minutes", m->zone_minutes);
    json_put_int(&c->out, "server_zone_minutes", clock_zone_minutes(clock_utc_ms()));
}

/* Readings of any archive; of the current ones the last values. */
static enum fault read_archive(struct call *c, int64_t meter, enum archive a, const struct obis *filter, size_t count, struct span span,
                               store_reading_fn *each, void *context)
{
    if (a == ARCHIVE_CURRENT || a == ARCHIVE_NETWORK)
        return store_latest(c->api->store, meter, a, each, context);
    return store_readings(c->api->store, meter, a, filter, count, span, each, context);
}

/* --- pivot -------------------------------------------------------------------------------------------------------------------------- */

struct found {
    struct reading r;
    int64_t stored_s;
};

struct pivot {
    struct found *found;
    size_t count, room, rows, limit;
    int64_t wall, next;
    struct reading column[COLUMNS_MOST];
    size_t columns;
};

static size_t column_of(struct pivot *p, const struct reading *r)
{
    size_t i = 0;
    while (i < p->columns && !(obis_equal(p->column[i].obis, r->obis) && p->column[i].unit == r->unit))
        i++;
    if (i == p->columns && i < COLUMNS_MOST)
        p->column[p->columns++] = *r;
    return i;
}

static bool gather(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct pivot *p = context;
    if (p->count == 0 || r->wall != p->wall) {
        if (p->rows == p->limit) {
            p->next = r->wall;
            return false;
        }
        p->rows++;
        p->wall = r->wall;
    }
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 512;
        p->found = memory_grow(p->found, p->room * sizeof *p->found, room * sizeof *p->found);
        p->room = room;
    }
    column_of(p, r);
    p->found[p->count++] = (struct found){ *r, kept->stored_s };
    return true;
}

static void put_columns(struct call *c, const struct pivot *p)
{
    json_put_list(&c->out, "columns");
    for (size_t i = 0; i < p->columns; i++) {
        json_put_object(&c->out, NULL);
        put_quantity(c, p->column[i].obis);
        json_put_text(&c->out, "unit", unit_symbol(p->column[i].unit, c->lang));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_pivot_row(struct call *c, struct pivot *p, size_t from, size_t to)
{
    const struct reading *cell[COLUMNS_MOST + 1] = { NULL };
    int64_t stored_s = 0;
    for (size_t i = from; i < to; i++) {
        cell[column_of(p, &p->found[i].r)] = &p->found[i].r;
        stored_s = p->found[i].stored_s > stored_s ? p->found[i].stored_s : stored_s;
    }
    json_put_object(&c->out, NULL);
    json_put_wall(&c->out, "time", p->found[from].r.wall);
    json_put_utc(&c->out, "stored", stored_s * 1000);
    json_put_list(&c->out, "values");
    for (size_t i = 0; i < p->columns; i++) {
        if (cell[i] && !(cell[i]->quality & QUALITY_MISSING))
            json_put_decimal(&c->out, NULL, cell[i]->value);
        else
            json_put_null(&c->out, NULL);
    }
    json_put_end(&c->out);
    json_put_list(&c->out, "quality");
    for (size_t i = 0; i < p->columns; i++)
        json_put_int(&c->out, NULL, cell[i] ? cell[i]->quality : QUALITY_MISSING);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static int by_wall(const void *a, const void *b)
{
    const struct reading *x = &((const struct found *)a)->r, *y = &((const struct found *)b)->r;
    return x->wall != y->wall ? (x->wall > y->wall) - (x->wall < y->wall) : (x->obis.code > y->obis.code) - (x->obis.code < y->obis.code);
}

static void put_pivot(struct call *c, const struct store_meter *m, struct pivot *p, enum archive a)
{
    if (p->count)
        qsort(p->found, p->count, sizeof *p->found, by_wall); /* last values come by register */
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "archive", archive_name(a));
    put_zones(c, m);
    put_columns(c, p);
    json_put_list(&c->out, "rows");
    for (size_t from = 0, to; from < p->count; from = to) {
        for (to = from; to < p->count && p->found[to].r.wall == p->found[from].r.wall;)
            to++;
        put_pivot_row(c, p, from, to);
    }
    json_put_end(&c->out);
    json_put_wall(&c->out, "next", p->next);
    json_put_end(&c->out);
}

static void get_readings(struct call *c)
{
    struct store_meter m;
    struct obis filter[FILTER_MOST];
    size_t count;
    enum archive a = archive_parse(call_text(c->query, "archive", ""));
    if (!find(c, &m) || !filter_of(c, filter, &count))
        return;
    struct pivot *p = arena_take(c->arena, sizeof *p);
    p->limit = (size_t)call_int(c->query, "limit", ROWS_USUAL);
    p->next = WALL_NONE;
    enum fault f = read_archive(c, m.id, a, filter, count, span_of(c), gather, p);
    if (call_good(c, f, REFUSE_IN_USE))
        put_pivot(c, &m, p, a);
    free(p->found);
}

struct latest {
    struct call *call;
    struct store_meter m;
};

static bool put_latest(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct latest *l = context;
    struct call *c = l->call;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "archive", archive_name((enum archive)r->archive));
    put_quantity(c, r->obis);
    if (r->quality & QUALITY_MISSING)
        json_put_null(&c->out, "value");
    else
        json_put_decimal(&c->out, "value", r->value);
    json_put_text(&c->out, "unit", unit_symbol(r->unit, c->lang));
    json_put_int(&c->out, "quality", r->quality);
    json_put_wall(&c->out, "time", r->wall);
    json_put_utc(&c->out, "stored", kept->stored_s * 1000);
    put_zones(c, &l->m);
    json_put_end(&c->out);
    return true;
}

static void get_latest(struct call *c)
{
    struct latest l = { .call = c };
    if (!find(c, &l.m))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_latest(c->api->store, l.m.id, ARCHIVE_CURRENT, put_latest, &l);
    if (f == FAULT_NONE)
        f = store_latest(c->api->store, l.m.id, ARCHIVE_NETWORK, put_latest, &l);
    json_put_end(&c->out);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* --- CSV ------------------------------------------------------------------------------------------------------------------------------ */

/* After the columns of every file of readings: the device's zone, when the server got it (UTC) and in which zone it was. */
#define CSV_HEAD READING_CSV_HEAD ";zone_minutes;stored;server_zone_minutes\n"

struct csv {
    struct buffer lines;
    const char *serial; /* first column; NULL: none */
    int zone_minutes;   /* of the device */
    int64_t stored_s;   /* whose words `times` are: what was read together came together */
    char times[96];
};

static void add_times(struct csv *v, int64_t stored_s)
{
    if (!*v->times || v->stored_s != stored_s) {
        char utc[CIVIL_TEXT_MAX];
        struct text t = text_over(v->times, sizeof v->times);
        text_printf(&t, ";%d;", v->zone_minutes);
        if (stored_s)
            text_printf(&t, "%sZ;%d\n", wall_format(stored_s, utc), clock_zone_minutes(stored_s * 1000));
        else
            text_printf(&t, ";\n");
        v->stored_s = stored_s;
    }
    buffer_text(&v->lines, v->times);
}

static bool add_line(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct csv *v = context;
    char line[READING_CSV_MAX];
    if (v->serial) {
        buffer_text(&v->lines, v->serial);
        buffer_put(&v->lines, ";", 1);
    }
    buffer_text(&v->lines, reading_csv(r, line));
    add_times(v, kept->stored_s);
    return !v->lines.failed;
}

/* A month at a time is gathered and then written: the store is never held while a slow client takes its bytes. */
static bool write_device(struct call *c, struct flow *out, const struct csv *like, int64_t meter, enum archive a, const struct obis *filter, size_t count, struct span span)
{
    bool good = true, once = a == ARCHIVE_CURRENT || a == ARCHIVE_NETWORK;
    struct span known = { span.from < 0 ? 0 : span.from, span.to };
    for (int64_t from = known.from; good && from < known.to;) {
        int64_t to = once || a == ARCHIVE_MONTH ? known.to : from + 31 * (int64_t)DAY_SECONDS;
        struct csv v = *like;
        struct span part = { from, to < known.to ? to : known.to };
        good = read_archive(c, meter, a, filter, count, part, add_line, &v) == FAULT_NONE && !v.lines.failed &&
               (v.lines.size == 0 || flow_write(out, v.lines.data, v.lines.size, STREAM_PATIENCE_MS));
        buffer_free(&v.lines);
        from = to;
    }
    return good;
}

static void export_device(struct call *c)
{
    struct store_meter m;
    struct obis filter[FILTER_MOST];
    size_t count;
    enum archive a = archive_parse(call_text(c->query, "archive", ""));
    if (!find(c, &m) || !filter_of(c, filter, &count))
        return;
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", "readings.csv");
    bool good = flow_write(out, CSV_HEAD, strlen(CSV_HEAD), STREAM_PATIENCE_MS) &&
                write_device(c, out, &(struct csv){ .zone_minutes = m.zone_minutes }, m.id, a, filter, count, span_of(c));
    flow_end(out, good);
    flow_unref(&out);
}

/* All ids are of the caller's project, or there are none of them at all. */
static bool own_devices(struct call *c, int64_t **ret, size_t *ret_count)
{
    const json_t *list = json_object_get(c->query, "devices");
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    if (!list) {
        int64_t *ids;
        struct roster_query q = { .project = c->caller.project, .group = call_group(c, c->query), .enabled = -1, .sort = ROSTER_ID };
        *ret_count = roster_ids_of(c->api->roster, &q, &ids);
        *ret = arena_take(c->arena, (*ret_count + 1) * sizeof *ids);
        memcpy(*ret, ids, *ret_count * sizeof *ids);
        free(ids);
        return true;
    }
    *ret_count = call_ids(c, list, ret);
    for (size_t i = 0; i < *ret_count; i++)
        if (!roster_look(c->api->roster, (*ret)[i], c->caller.project, NULL, NULL))
            return call_refuse(c, REFUSE_NOT_FOUND);
    return true;
}

struct whose {
    char serial[80];
    int zone_minutes;
};

static void copy_whose(void *context, const struct roster_row *row)
{
    struct whose *w = context;
    snprintf(w->serial, sizeof w->serial, "%s", row->serial);
    w->zone_minutes = row->zone_minutes;
}

static void export_fleet(struct call *c)
{
    struct obis filter[FILTER_MOST];
    size_t count, devices;
    int64_t *ids;
    enum archive a = archive_parse(call_text(c->query, "archive", ""));
    if (!filter_of(c, filter, &count) || !own_devices(c, &ids, &devices))
        return;
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", "readings.csv");
    bool good = flow_write(out, "serial;" CSV_HEAD, strlen("serial;" CSV_HEAD), STREAM_PATIENCE_MS);
    for (size_t i = 0; i < devices && good; i++) {
        struct whose w;
        if (roster_look(c->api->roster, ids[i], c->caller.project, copy_whose, &w)) /* one that has just gone is left out */
            good = write_device(c, out, &(struct csv){ .serial = w.serial, .zone_minutes = w.zone_minutes }, ids[i], a, filter, count, span_of(c));
    }
    flow_end(out, good);
    flow_unref(&out);
}

/* --- events and states ------------------------------------------------------------------------------------------------------------------ */

struct events {
    struct call *c;
    int64_t journal, code;  /* 0, -1: any */
    bool important;         /* only of journals that alarm */
    size_t limit, count, total;
    struct found_event { int64_t meter, stored_ms; struct event e; } *ring; /* the newest `limit` */
};

static bool keep_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct events *l = context;
    if ((l->journal && l->journal != e->journal) || (l->code >= 0 && l->code != e->code) || (l->important && !journal_alarms(e->journal)))
        return true;
    if (!roster_look(l->c->api->roster, meter, l->c->caller.project, NULL, NULL))
        return true;
    l->ring[l->total++ % l->limit] = (struct found_event){ meter, stored_ms, *e };
    return true;
}

static void put_who(void *context, const struct roster_row *row)
{
    struct call *c = context;
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
}

static void put_event(struct call *c, const struct found_event *f)
{
    char title[EVENT_TEXT_MAX], text[EVENT_TEXT_MAX];
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "device", f->meter);
    roster_look(c->api->roster, f->meter, c->caller.project, put_who, c);
    json_put_wall(&c->out, "time", f->e.wall);
    json_put_utc(&c->out, "stored", f->stored_ms);
    json_put_int(&c->out, "journal", f->e.journal);
    json_put_text(&c->out, "journal_title", journal_title(f->e.journal, c->lang, title));
    json_put_int(&c->out, "code", f->e.code);
    json_put_text(&c->out, "text", event_text(f->e.journal, f->e.code, c->lang, text));
    json_put_int(&c->out, "detail", f->e.detail);
    json_put_end(&c->out);
}

/* Newest first, a page of them or `limit`; `total` counts all of the span. */
static void list_events(struct call *c, int64_t meter)
{
    bool paged = json_object_get(c->query, "page") || json_object_get(c->query, "size");
    size_t skip = paged ? call_skip(c) : 0, most = paged ? skip + call_take(c) : (size_t)call_int(c->query, "limit", 1000);
    struct events l = { .c = c, .journal = call_int(c->query, "journal", 0), .code = call_int(c->query, "code", -1),
                        .important = call_bool(c->query, "important", false), .limit = most };
    if (most > EVENTS_PAGED) {
        call_wrong_field(c, "page", c->lang == LANG_RU ? "так далеко не листают: сузьте отбор" : "too far: narrow the filters");
        return;
    }
    l.ring = arena_take(c->arena, l.limit * sizeof *l.ring);
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) ||
        !call_good(c, store_events(c->api->store, meter, span_of(c), keep_event, &l), REFUSE_IN_USE))
        return;
    l.count = l.total < l.limit ? l.total : l.limit;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = skip; i < l.count; i++)
        put_event(c, &l.ring[(l.total - 1 - i) % l.limit]);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.total);
    json_put_end(&c->out);
}

static void get_events(struct call *c)
{
    struct store_meter m;
    if (find(c, &m))
        list_events(c, m.id);
}

static void get_fleet_events(struct call *c) { list_events(c, 0); }

struct states {
    struct call *c;
    struct obis only; /* code 0: any */
    struct keeping rules[KEEPING_COUNT];
    size_t skip, take, count;
};

static bool put_state(void *context, const struct state *s)
{
    struct states *l = context;
    struct call *c = l->c;
    if (l->only.code && !obis_equal(l->only, s->obis))
        return true;
    if (l->count++ < l->skip || l->count > l->skip + l->take)
        return true;
    int what = KEEP_STATES + (int)state_group(s->obis);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "archive", keeping_name(what));
    json_put_text(&c->out, "archive_title", *l->rules[what].title ? l->rules[what].title : keeping_usual_title(what, c->lang));
    put_quantity(c, s->obis);
    json_put_wall(&c->out, "time", s->wall);
    char words[STATE_WORDS_MAX];
    json_put_int(&c->out, "value", s->value);
    json_put_text(&c->out, "value_text", state_words(s->obis, s->value, c->lang, words));
    json_put_bool(&c->out, "own", state_is_ours(s->obis));
    json_put_end(&c->out);
    return true;
}

static void get_states(struct call *c)
{
    struct store_meter m;
    const char *only = call_text(c->query, "obis", NULL);
    bool paged = json_object_get(c->query, "page") || json_object_get(c->query, "size");
    struct states l = { .c = c, .skip = paged ? call_skip(c) : 0, .take = paged ? call_take(c) : SIZE_MAX / 2 };
    if (!find(c, &m))
        return;
    if (only && !obis_parse(only, &l.only)) {
        call_wrong_field(c, "obis", c->lang == LANG_RU ? "код пишут так: 1.0.1.8.0.255" : "a code is written 1.0.1.8.0.255");
        return;
    }
    if (!call_good(c, store_keeping(c->api->store, l.rules), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = call_bool(c->query, "history", false) ? store_states(c->api->store, m.id, span_of(c), put_state, &l)
                                                         : store_states_now(c->api->store, m.id, put_state, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static void get_gaps(struct call *c)
{
    struct store_meter m;
    struct span *gaps = arena_take(c->arena, GAPS_MOST * sizeof *gaps);
    size_t count = 0;
    enum archive a = archive_parse(call_text(c->query, "archive", ""));
    if (!find(c, &m) || !call_good(c, store_owed_spans(c->api->store, m.id, a, span_of(c), true, gaps, GAPS_MOST, &count), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_wall(&c->out, "from", gaps[i].from);
        json_put_wall(&c->out, "to", gaps[i].to);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
}

#define CSV "text/csv; charset=utf-8"
static const struct route rows[] = {
    { "GET", V1 "/devices/{id}/readings", MAY_READ_DATASTORE, 0, &shape_readings_query, NULL, &shape_pivot, NULL, 0, get_readings, { { "показания: время по строкам, величины по столбцам", "readings: times down, quantities across" } } },
    { "GET", V1 "/devices/{id}/readings.csv", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_csv_query, NULL, NULL, CSV, 0, export_device, { { "показания устройства в CSV", "a device's readings as CSV" } } },
    { "GET", V1 "/readings.csv", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_fleet_csv, NULL, NULL, CSV, 0, export_fleet, { { "показания многих устройств в CSV", "readings of many devices as CSV" } } },
    { "GET", V1 "/devices/{id}/latest", MAY_READ_DATASTORE, ROUTE_LIST, NULL, NULL, &shape_latest, NULL, 0, get_latest, { { "последние значения", "latest values" } } },
    { "GET", V1 "/devices/{id}/events", MAY_READ_DATASTORE, ROUTE_LIST, &shape_events_query, NULL, &shape_event, NULL, 0, get_events, { { "события устройства", "events of a device" } } },
    { "GET", V1 "/devices/{id}/states", MAY_READ_DATASTORE, ROUTE_LIST, &shape_states_query, NULL, &shape_state, NULL, 0, get_states, { { "состояния устройства", "states of a device" } } },
    { "GET", V1 "/devices/{id}/gaps", MAY_READ_DATASTORE, ROUTE_LIST, &shape_gaps_query, NULL, &shape_gap, NULL, 0, get_gaps, { { "чего не хватает, новые пропуски впереди", "what is missing, newest gaps first" } } },
    { "GET", V1 "/events", MAY_READ_DATASTORE, ROUTE_LIST | ROUTE_SLOW, &shape_events_query, NULL, &shape_event, NULL, 0, get_fleet_events, { { "события всех устройств", "events of all devices" } } },
};

ROUTE_TABLE(rows);
