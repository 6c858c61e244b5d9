/* Readings as a gateway shows them (manual S0 4.4): kinds, devices, lines, and the same lines as JSON and as a workbook. Exact
 * numbers from the meter to the file (docs/gateway-readings.md). */
#include "api/readings/reading_ask.h"
#include "api/routes.h"
#include "http/sheet.h"
#include "meter/events.h"
#include "meter/quantity.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { DEVICES_USUAL = 50, DEVICES_A_PAGE = 200, PASS_ON = 64 << 10 };

SHAPE(shape_column, "ReadingColumn", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT },
      { .name = "unit", .kind = FIELD_TEXT }, { .name = "unit_thousandth", .kind = FIELD_TEXT },
      { .name = "told", .kind = FIELD_BOOL, .help = { { "false: ни одно семейство приборов этого пока не сообщает", "false: no family of meters tells this yet" } } });
SHAPE(shape_journal_kind, "ReadingJournal", { .name = "number", .kind = FIELD_INT, .help = { { "0: прочие", "0: others" } } }, { .name = "name", .kind = FIELD_TEXT },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "spodes", .kind = FIELD_BOOL }, { .name = "mercury", .kind = FIELD_BOOL });
SHAPE(shape_kind, "ReadingKind", { .name = "name", .kind = FIELD_TEXT }, { .name = "resource", .kind = FIELD_WORD, .words = kind_resource_names },
      { .name = "page", .kind = FIELD_WORD, .words = kind_page_names }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "archives", .kind = FIELD_LIST, .of = FIELD_TEXT, .help = { { "что считывать с прибора", "what to read from the meter" } } },
      { .name = "states", .kind = FIELD_BOOL }, { .name = "events", .kind = FIELD_BOOL },
      { .name = "grid", .kind = FIELD_TEXT, .help = { { "hour, day, month, profile; пусто: строки — по данным", "hour, day, month, profile; empty: lines are where data are" } } },
      { .name = "scales", .kind = FIELD_BOOL, .help = { { "true: есть величина измерений", "true: has a scale" } } },
      { .name = "columns", .kind = FIELD_LIST, .shape = &shape_column }, { .name = "journals", .kind = FIELD_LIST, .shape = &shape_journal_kind });
SHAPE(shape_devices_query, "ReadingDevicesQuery", { .name = "resource", .kind = FIELD_WORD, .words = kind_resource_names, .flags = REQUIRED }, { .name = "group", .kind = FIELD_TEXT, .most = 200 });
SHAPE(shape_lines_query, "ReadingsQuery", READING_FIELDS, { .name = "page", .kind = FIELD_INT, .least = 1, .most = 10000000, .help = { { "страница приборов, с 1", "page of meters, from 1" } } },
      { .name = "size", .kind = FIELD_INT, .least = 1, .most = DEVICES_A_PAGE, .help = { { "приборов на странице, обычно 50", "meters a page, usually 50" } } });
SHAPE(shape_file_query, "ReadingsFileQuery", READING_FIELDS);
SHAPE(shape_shown_column, "ReadingsColumn", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "unit", .kind = FIELD_TEXT });
SHAPE(shape_line, "ReadingsLine", { .name = "device", .kind = FIELD_INT }, { .name = "time", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "values", .kind = FIELD_LIST, .of = FIELD_ANY, .help = { { "по столбцам: число, текст, да/нет; null — нет", "by column: number, text, yes or no; null: none" } } },
      { .name = "quality", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "биты качества; null — неизвестно", "bits of quality; null: nothing is known" } } },
      { .name = "why", .kind = FIELD_TEXT, .help = { { "почему чего-то нет", "why something is not there" } } },
      { .name = "gap", .kind = FIELD_BOOL, .help = { { "true: должно быть и нет", "true: should be there and is not" } } });
SHAPE(shape_lines, "Readings", { .name = "kind", .kind = FIELD_TEXT }, { .name = "columns", .kind = FIELD_LIST, .shape = &shape_shown_column },
      { .name = "devices", .kind = FIELD_LIST, .shape = &shape_reading_device }, { .name = "items", .kind = FIELD_LIST, .shape = &shape_line },
      { .name = "more", .kind = FIELD_BOOL, .help = { { "true: строк больше, чем поместилось", "true: more lines than fitted" } } },
      { .name = "total", .kind = FIELD_INT, .help = { { "приборов", "meters" } } });

/* --- kinds -------------------------------------------------------------------------------------------------------------------------- */

static bool has_scale(enum kind_resource r)
{
    return r == KIND_ELECTRICITY || r == KIND_WATER || r == KIND_PULSES;
}

static void put_column(struct call *c, const struct reading_kind *k, const struct kind_column *column)
{
    struct reading_query q = { .kind = k, .lang = c->lang };
    char title[KIND_TITLE_MAX], unit[16];
    int places;
    bool coded = column->source == COLUMN_READING || column->source == COLUMN_STATE;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", column->name);
    json_put_text(&c->out, "title", kind_column_title(column, c->lang, title));
    json_put_text(&c->out, "group", phrase_in(&kind_groups[column->group], c->lang));
    json_put_text(&c->out, "unit", reading_column_unit(&q, column, unit, &places));
    q.scale = SCALE_THOUSANDTH;
    json_put_text(&c->out, "unit_thousandth", reading_column_unit(&q, column, unit, &places));
    json_put_bool(&c->out, "told", coded ? column->code[0].code != 0 : !(column->source == COLUMN_HAS && column->detail == HAS_SUMMER_TIME));
    json_put_end(&c->out);
}

static void put_journal(struct call *c, uint16_t number)
{
    static const struct phrase others = { { "Прочие журналы прибора", "Other journals of the meter" } };
    char text[EVENT_TEXT_MAX];
    unsigned sources = number ? kind_journal_sources(number) : JOURNAL_OF_SPODES | JOURNAL_OF_MERCURY;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "number", number);
    json_put_text(&c->out, "name", number ? kind_journal_measure(number) : "jrnl");
    json_put_text(&c->out, "title", number ? journal_title(number, c->lang, text) : phrase_in(&others, c->lang));
    json_put_bool(&c->out, "spodes", sources & JOURNAL_OF_SPODES);
    json_put_bool(&c->out, "mercury", sources & JOURNAL_OF_MERCURY);
    json_put_end(&c->out);
}

/* What an order must read for the kind. */
static void put_sources(struct call *c, const struct reading_kind *k)
{
    json_put_list(&c->out, "archives");
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_HOUR; a++)
        if (k->archive == a || (a <= ARCHIVE_NETWORK && (k->beside >> a & 1 || (k->within_s && a == ARCHIVE_CURRENT))))
            json_put_text(&c->out, NULL, archive_name(a));
    json_put_end(&c->out);
    json_put_bool(&c->out, "states", k->archive == ARCHIVE_STATE || k->beside >> ARCHIVE_STATE & 1);
    json_put_bool(&c->out, "events", k->archive == ARCHIVE_JOURNAL);
    bool gridded = k->form == FORM_STARTS || k->form == FORM_USE || k->form == FORM_POWER;
    json_put_text(&c->out, "grid", gridded ? archive_name(k->archive) : "");
}

static void put_kind(struct call *c, const struct reading_kind *k, struct kind_column *columns)
{
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", k->name);
    json_put_text(&c->out, "resource", kind_resource_names[k->resource]);
    json_put_text(&c->out, "page", kind_page_names[k->page]);
    json_put_text(&c->out, "title", phrase_in(&k->title, c->lang));
    put_sources(c, k);
    json_put_bool(&c->out, "scales", has_scale(k->resource) && k->page != KIND_JOURNAL);
    json_put_list(&c->out, "columns");
    size_t count = reading_kind_columns(k, columns);
    for (size_t i = 0; i < count; i++)
        put_column(c, k, &columns[i]);
    json_put_end(&c->out);
    json_put_list(&c->out, "journals");
    for (uint16_t j = 1; k->form == FORM_EVENTS && k->resource == KIND_ELECTRICITY && j <= KIND_JOURNALS + 1; j++)
        put_journal(c, j <= KIND_JOURNALS ? j : 0);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void list_kinds(struct call *c)
{
    struct kind_column *columns = arena_take(c->arena, COLUMNS_MAX * sizeof *columns);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < reading_kind_count; i++)
        put_kind(c, &reading_kinds[i], columns);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)reading_kind_count);
    json_put_end(&c->out);
}

static enum kind_resource resource_named(const char *name)
{
    enum kind_resource r = 0;
    while (r < KIND_RESOURCES && strcmp(kind_resource_names[r], name) != 0)
        r++;
    return r;
}

static void list_devices(struct call *c)
{
    int64_t *ids;
    size_t count;
    if (!reading_devices(c, resource_named(call_text(c->query, "resource", "")), &ids, &count))
        return;
    enum fault f = FAULT_NONE;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count && f == FAULT_NONE; i++) {
        struct store_meter m;
        f = store_meter_get(c->api->store, ids[i], c->arena, &m);
        if (f != FAULT_NONE)
            continue;
        json_put_object(&c->out, NULL);
        reading_device_put(c, &c->out, &m);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
    call_good(c, f == FAULT_NO_DATA ? FAULT_NONE : f, REFUSE_IN_USE); /* deleted meanwhile */
}

/* --- lines as JSON ------------------------------------------------------------------------------------------------------------------ */

static void put_cell(struct json_writer *out, const char *key, const struct reading_cell *cell)
{
    switch (cell->kind) {
    case CELL_NUMBER: json_put_decimal(out, key, cell->number); break;
    case CELL_TEXT: json_put_text(out, key, cell->text); break;
    case CELL_YES_NO: json_put_bool(out, key, cell->number.mantissa != 0); break;
    default: json_put_null(out, key);
    }
}

static void put_columns(struct json_writer *out, const struct reading_query *q)
{
    char title[KIND_TITLE_MAX], unit[16];
    int places;
    json_put_list(out, "columns");
    for (size_t i = 0; i < q->column_count; i++) {
        json_put_object(out, NULL);
        json_put_text(out, "name", q->columns[i].name);
        json_put_text(out, "title", kind_column_title(&q->columns[i], q->lang, title));
        json_put_text(out, "unit", reading_column_unit(q, &q->columns[i], unit, &places));
        json_put_end(out);
    }
    json_put_end(out);
}

static void put_line(struct json_writer *out, const struct reading_query *q, int64_t device, const struct reading_line *line)
{
    json_put_object(out, NULL);
    json_put_int(out, "device", device);
    json_put_wall(out, "time", line->wall);
    json_put_list(out, "values");
    for (size_t i = 0; i < q->column_count; i++)
        put_cell(out, NULL, &line->cells[i]);
    json_put_end(out);
    json_put_list(out, "quality");
    for (size_t i = 0; i < q->column_count; i++)
        if (line->cells[i].known)
            json_put_int(out, NULL, line->cells[i].quality);
        else
            json_put_null(out, NULL);
    json_put_end(out);
    json_put_text(out, "why", line->why);
    json_put_bool(out, "gap", line->gap);
    json_put_end(out);
}

/* Lines of one device with who it is; FAULT_NO_DATA for one deleted meanwhile. */
struct device_lines {
    struct arena arena;
    struct store_meter meter;
    struct reading_lines lines;
};

static enum fault gather(struct reading_ask *k, int64_t id, struct device_lines *d)
{
    arena_reset(&d->arena);
    enum fault f = store_meter_get(k->c->api->store, id, &d->arena, &d->meter);
    return f != FAULT_NONE ? f : reading_lines_gather(k->c->api->store, &k->q, &d->meter, reading_reason(k->c, id, &d->arena), &d->arena, &d->lines);
}

static bool too_long(struct call *c)
{
    return call_wrong_field(c, "to", c->lang == LANG_RU ? "слишком длинный период: сократите его или выберите меньше параметров" : "the period is too long: shorten it or choose fewer parameters");
}

static enum fault put_devices(struct reading_ask *k, size_t from, size_t to)
{
    struct call *c = k->c;
    enum fault f = FAULT_NONE;
    json_put_list(&c->out, "devices");
    for (size_t i = from; i < to && f == FAULT_NONE; i++) {
        struct store_meter m;
        f = store_meter_get(c->api->store, k->devices[i], c->arena, &m);
        if (f == FAULT_NONE) {
            json_put_object(&c->out, NULL);
            reading_device_put(c, &c->out, &m);
            json_put_end(&c->out);
        }
        f = f == FAULT_NO_DATA ? FAULT_NONE : f;
    }
    json_put_end(&c->out);
    return f;
}

static enum fault put_lines(struct reading_ask *k, size_t from, size_t to, bool *ret_more)
{
    struct device_lines d = { 0 };
    enum fault f = FAULT_NONE;
    json_put_list(&k->c->out, "items");
    for (size_t i = from; i < to && f == FAULT_NONE; i++) {
        f = gather(k, k->devices[i], &d);
        for (size_t n = 0; f == FAULT_NONE && n < d.lines.count; n++)
            put_line(&k->c->out, &k->q, k->devices[i], &d.lines.lines[n]);
        *ret_more |= f == FAULT_NONE && d.lines.more;
        f = f == FAULT_NO_DATA ? FAULT_NONE : f;
    }
    json_put_end(&k->c->out);
    arena_free(&d.arena);
    return f;
}

static void get_lines(struct call *c)
{
    struct reading_ask *k = reading_ask_take(c);
    if (!k)
        return;
    size_t take = (size_t)call_int(c->query, "size", DEVICES_USUAL), from = ((size_t)call_int(c->query, "page", 1) - 1) * take;
    from = from < k->device_count ? from : k->device_count;
    size_t to = from + take < k->device_count ? from + take : k->device_count;
    bool more = false;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "kind", k->q.kind->name);
    put_columns(&c->out, &k->q);
    enum fault f = put_devices(k, from, to);
    if (f == FAULT_NONE)
        f = put_lines(k, from, to, &more);
    json_put_bool(&c->out, "more", more);
    json_put_int(&c->out, "total", (int64_t)k->device_count);
    json_put_end(&c->out);
    if (f == FAULT_LIMIT)
        too_long(c);
    else
        call_good(c, f, REFUSE_IN_USE);
}

/* --- files ------------------------------------------------------------------------------------------------------------------------------ */

/* Before anything goes out: is the period one that fits? A stream cannot be refused any more. */
static bool fits(struct reading_ask *k)
{
    struct device_lines d = { 0 };
    enum fault f = k->device_count ? gather(k, k->devices[0], &d) : FAULT_NONE;
    arena_free(&d.arena);
    return f != FAULT_LIMIT || too_long(k->c);
}

struct file {
    struct reading_ask *k;
    struct flow *flow;
    struct buffer text;
    struct json_writer out;
    bool whole;
};

static void pass_on(struct file *f, size_t from)
{
    if (!f->whole || f->text.size < from)
        return;
    f->whole = !f->text.failed && flow_write(f->flow, f->text.data, f->text.size, STREAM_PATIENCE_MS);
    f->text.size = 0;
}

/* {"time": ..., "A+0": 123.4, ..., "why": ""}: what is not known is left out. */
static void put_named(struct file *f, const struct reading_line *line)
{
    const struct reading_query *q = &f->k->q;
    json_put_object(&f->out, NULL);
    json_put_wall(&f->out, "time", line->wall);
    for (size_t i = 0; i < q->column_count; i++)
        if (line->cells[i].kind != CELL_NONE || line->cells[i].known)
            put_cell(&f->out, q->columns[i].name, &line->cells[i]);
    if (*line->why)
        json_put_text(&f->out, "why", line->why);
    json_put_end(&f->out);
    pass_on(f, PASS_ON);
}

static void put_head(struct file *f)
{
    const struct reading_query *q = &f->k->q;
    json_put_object(&f->out, NULL);
    json_put_text(&f->out, "kind", q->kind->name);
    json_put_text(&f->out, "title", phrase_in(&q->kind->title, q->lang));
    json_put_text(&f->out, "scale", reading_scale_words[q->scale]);
    json_put_wall(&f->out, "from", q->kind->form == FORM_LATEST ? WALL_NONE : q->span.from);
    json_put_wall(&f->out, "to", q->kind->form == FORM_LATEST ? WALL_NONE : q->span.to);
    put_columns(&f->out, q);
    json_put_list(&f->out, "devices");
}

static void put_device(struct file *f, struct device_lines *d)
{
    json_put_object(&f->out, NULL);
    reading_device_put(f->k->c, &f->out, &d->meter);
    json_put_list(&f->out, "rows");
    for (size_t n = 0; n < d->lines.count && f->whole; n++)
        put_named(f, &d->lines.lines[n]);
    json_put_end(&f->out);
    json_put_bool(&f->out, "more", d->lines.more);
    json_put_end(&f->out);
}

static void export_json(struct call *c)
{
    struct reading_ask *k = reading_ask_take(c);
    if (!k || !fits(k))
        return;
    struct file f = { .k = k, .flow = call_stream(c, "application/json", "readings.json"), .whole = true };
    f.out.out = &f.text;
    struct device_lines d = { 0 };
    enum fault fault = FAULT_NONE;
    put_head(&f);
    for (size_t i = 0; i < k->device_count && f.whole && fault == FAULT_NONE; i++) {
        fault = gather(k, k->devices[i], &d);
        if (fault == FAULT_NONE)
            put_device(&f, &d);
        fault = fault == FAULT_NO_DATA ? FAULT_NONE : fault;
        pass_on(&f, PASS_ON);
    }
    json_put_end(&f.out);
    json_put_end(&f.out);
    pass_on(&f, 1);
    arena_free(&d.arena);
    flow_end(f.flow, f.whole && fault == FAULT_NONE);
    flow_unref(&f.flow);
    buffer_free(&f.text);
}

static void write_heads(const struct reading_query *q, struct sheet *s)
{
    static const struct phrase fixed[] = { { { "ID", "ID" } }, { { "Заводской номер", "Serial number" } }, { { "Название", "Title" } },
                                           { { "Тип прибора учёта", "Type" } }, { { "Группа", "Group" } }, { { "Время", "Time" } } };
    static const struct phrase note = { { "Примечание", "Note" } };
    char title[KIND_TITLE_MAX], unit[16], head[KIND_TITLE_MAX + 24];
    int places;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        sheet_head(s, phrase_in(&fixed[i], q->lang));
    for (size_t i = 0; i < q->column_count; i++) {
        const char *in = reading_column_unit(q, &q->columns[i], unit, &places);
        snprintf(head, sizeof head, *in ? "%s, %s" : "%s%s", kind_column_title(&q->columns[i], q->lang, title), in);
        sheet_head(s, head);
    }
    sheet_head(s, phrase_in(&note, q->lang));
    sheet_row(s);
}

static void write_cell(struct sheet *s, const struct reading_cell *cell, enum lang lang)
{
    static const struct phrase words[] = { { { "нет", "no" } }, { { "да", "yes" } } };
    switch (cell->kind) {
    case CELL_NUMBER: sheet_number(s, cell->number); break;
    case CELL_TEXT: sheet_text(s, cell->text); break;
    case CELL_YES_NO: sheet_text(s, phrase_in(&words[cell->number.mantissa != 0], lang)); break;
    default: sheet_empty(s);
    }
}

static bool write_line(const struct reading_query *q, struct sheet *s, const struct store_meter *m, const struct reading_line *line)
{
    const struct driver *d = driver_find(m->driver);
    char time[CIVIL_TEXT_MAX];
    sheet_int(s, m->id);
    sheet_text(s, m->serial);
    sheet_text(s, m->title);
    sheet_text(s, *m->model ? m->model : d ? phrase_in(&d->title, q->lang) : m->driver);
    sheet_text(s, m->group);
    sheet_text(s, line->wall == WALL_NONE ? "" : wall_format(line->wall, time));
    for (size_t i = 0; i < q->column_count; i++)
        write_cell(s, &line->cells[i], q->lang);
    sheet_text(s, line->why);
    return sheet_row(s);
}

static void export_xlsx(struct call *c)
{
    struct reading_ask *k = reading_ask_take(c);
    if (!k || !fits(k))
        return;
    struct flow *out = call_stream(c, sheet_type(SHEET_XLSX), "readings.xlsx");
    struct sheet *s = sheet_new(SHEET_XLSX, out, phrase_in(&k->q.kind->title, c->lang));
    struct device_lines d = { 0 };
    enum fault f = FAULT_NONE;
    bool good = true;
    write_heads(&k->q, s);
    for (size_t i = 0; i < k->device_count && good; i++) {
        f = gather(k, k->devices[i], &d);
        for (size_t n = 0; n < d.lines.count && good && f == FAULT_NONE; n++)
            good = write_line(&k->q, s, &d.meter, &d.lines.lines[n]);
        good &= f == FAULT_NONE || f == FAULT_NO_DATA;
    }
    good &= sheet_end(&s);
    arena_free(&d.arena);
    flow_end(out, good);
    flow_unref(&out);
}

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
static const struct route rows[] = {
    { "GET", V1 "/readings", MAY_READ_DATASTORE, ROUTE_SLOW, &shape_lines_query, NULL, &shape_lines, NULL, 0, get_lines, { { "показания приборов: строки по времени", "readings of meters: lines by time" } } },
    { "GET", V1 "/readings.json", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_file_query, NULL, NULL, "application/json", 0, export_json, { { "показания приборов файлом JSON", "readings of meters as a JSON file" } } },
    { "GET", V1 "/readings.xlsx", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_file_query, NULL, NULL, XLSX, 0, export_xlsx, { { "показания приборов в XLSX", "readings of meters as XLSX" } } },
    { "GET", V1 "/readings/kinds", MAY_READ_DATASTORE, ROUTE_LIST, NULL, NULL, &shape_kind, NULL, 0, list_kinds, { { "виды показаний: параметры, журналы", "kinds of readings: parameters, journals" } } },
    { "GET", V1 "/readings/devices", MAY_READ_DATASTORE, ROUTE_LIST | ROUTE_SLOW, &shape_devices_query, NULL, &shape_reading_device, NULL, 0, list_devices, { { "приборы ресурса", "meters of a resource" } } },
};

ROUTE_TABLE(rows);
