/* Data of many devices side by side: a row for each device and quantity, a column for each moment and tariff (manual S3, 2.2.7).
 * The page, its CSV and its workbook are made by the same walk; values go through it exactly as the meter gave them. */
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "http/sheet.h"
#include "meter/quantity.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { DAYS_MOST = 31, MONTHS_MOST = 12, QUANTITIES_MOST = 16, TARIFFS_MOST = 9, TARIFF_LAST = 63, DEVICES_MOST = 2000, PAGE_USUAL = 50, PAGE_MOST = 200,
       CELLS_MOST = DAYS_MOST * TARIFFS_MOST, ROWS_MOST = 64 };

static const char *const resources[] = { "electricity", "water", "heat", "gas", NULL };
static const char *const pivot_archives[] = { "day", "month", "current", NULL };

#define PIVOT_FIELDS \
    { .name = "resource", .kind = FIELD_WORD, .words = resources, .flags = REQUIRED }, \
    { .name = "archive", .kind = FIELD_WORD, .words = pivot_archives, .flags = REQUIRED }, \
    { .name = "from", .kind = FIELD_TIME, .help = { { "начало; для текущих не нужно", "beginning; not for current readings" } } }, \
    { .name = "to", .kind = FIELD_TIME, .help = { { "конец, не включая; не больше 31 суток или 12 месяцев", "end, not included; 31 days or 12 months at most" } } }, \
    { .name = "quantities", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = QUANTITIES_MOST, .help = { { "коды OBIS без тарифа; без них все, что есть у устройства", "OBIS codes without the tariff; without them all a device has" } } }, \
    { .name = "tariffs", .kind = FIELD_LIST, .of = FIELD_INT, .most = TARIFFS_MOST, .help = { { "тарифы, 0 — сумма; без них только 0", "tariffs, 0 the sum; without them only 0" } } }, \
    { .name = "devices", .kind = FIELD_LIST, .of = FIELD_INT, .most = DEVICES_MOST }, { .name = "group", .kind = FIELD_TEXT, .most = 200 }
SHAPE(shape_table_query, "DataTableQuery", PIVOT_FIELDS,
      { .name = "page", .kind = FIELD_INT, .least = 1, .most = 10000000, .help = { { "страница устройств, с 1", "page of devices, from 1" } } },
      { .name = "size", .kind = FIELD_INT, .least = 1, .most = PAGE_MOST, .help = { { "устройств на странице, обычно 50", "devices a page, usually 50" } } });
SHAPE(shape_sheet_query, "DataTableFileQuery", PIVOT_FIELDS);
SHAPE(shape_cell_column, "DataTableColumn", { .name = "time", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "tariff", .kind = FIELD_INT });
SHAPE(shape_table_row, "DataTableRow", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "model", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT }, { .name = "obis", .kind = FIELD_TEXT, .help = { { "пусто: у устройства нет ничего", "empty: the device has nothing" } } },
      { .name = "quantity", .kind = FIELD_TEXT }, { .name = "unit", .kind = FIELD_TEXT },
      { .name = "values", .kind = FIELD_LIST, .of = FIELD_NUMBER, .help = { { "по столбцам; null — отсутствуют", "by column; null: absent" } } },
      { .name = "quality", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "биты качества; null — не собрано", "bits of quality; null: not collected" } } },
      { .name = "time", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "текущие: когда снято", "current ones: when they were read" } } });
SHAPE(shape_table, "DataTable", { .name = "columns", .kind = FIELD_LIST, .shape = &shape_cell_column }, { .name = "items", .kind = FIELD_LIST, .shape = &shape_table_row },
      { .name = "total", .kind = FIELD_INT, .help = { { "устройств", "devices" } } });

/* --- what is asked ---------------------------------------------------------------------------------------------------------------- */

struct column {
    int64_t wall; /* WALL_NONE: now */
    uint8_t tariff;
};

struct table {
    struct call *c;
    enum archive archive;
    int resource;
    struct span span;
    struct obis quantities[QUANTITIES_MOST]; /* group E is 0 */
    size_t quantity_count;
    uint8_t tariffs[TARIFFS_MOST];
    size_t tariff_count;
    struct column columns[CELLS_MOST];
    size_t column_count;
    int64_t *devices;
    size_t device_count;
};

/* A device's rows while they are gathered. */
struct cell {
    struct decimal value;
    uint8_t quality;
    bool there;
};

struct quantity_row {
    struct obis quantity;
    uint8_t unit;
    int64_t read_at;
    struct cell *cells;
};

struct device_rows {
    struct table *t;
    struct arena arena;
    struct quantity_row row[ROWS_MOST];
    size_t count;
    char serial[96], title[256], model[96], group[256];
};

/* Registers that count: cumulative energy and volume, by the media of group A. */
static bool counts(int resource, struct obis o)
{
    uint8_t a = obis_group(o, 0), c = obis_group(o, 2), d = obis_group(o, 3);
    switch (resource) {
    case 0: return a == 1 && d == 8 && c < 80;
    case 1: return (a == 8 || a == 9) && c == 1 && d == 0;
    case 2: return (a == 5 || a == 6) && c >= 1 && c <= 3 && d == 0;
    default: return a == 7 && c == 3 && (d == 0 || d == 2);
    }
}

static bool read_quantities(struct table *t)
{
    struct call *c = t->c;
    const json_t *list = json_object_get(c->query, "quantities"), *tariffs = json_object_get(c->query, "tariffs");
    t->quantity_count = json_array_size(list);
    for (size_t i = 0; i < t->quantity_count; i++) {
        if (!obis_parse(json_string_value(json_array_get(list, i)), &t->quantities[i]) || !counts(t->resource, t->quantities[i]))
            return call_wrong_field(c, "quantities", c->lang == LANG_RU ? "у этого ресурса нет такой величины" : "this resource has no such quantity");
        t->quantities[i] = obis_with(t->quantities[i], 4, 0);
    }
    t->tariff_count = json_array_size(tariffs);
    for (size_t i = 0; i < t->tariff_count; i++) {
        int64_t tariff = json_integer_value(json_array_get(tariffs, i));
        if (tariff < 0 || tariff > TARIFF_LAST)
            return call_wrong_field(c, "tariffs", c->lang == LANG_RU ? "тарифы от 0 до 63" : "tariffs are 0 to 63");
        t->tariffs[i] = (uint8_t)tariff;
    }
    if (t->tariff_count == 0)
        t->tariffs[t->tariff_count++] = 0;
    return true;
}

/* A column for each tariff of each moment; refused beyond what the manual allows. */
static bool make_columns(struct table *t)
{
    static const struct phrase days = { { "не больше 31 суток", "31 days at most" } };
    static const struct phrase months = { { "не больше 12 месяцев", "12 months at most" } };
    static const struct phrase empty = { { "нужен диапазон: начало раньше конца", "a range is needed, the beginning before the end" } };
    size_t moments = 0, most = t->archive == ARCHIVE_MONTH ? MONTHS_MOST : DAYS_MOST;
    bool now = t->archive == ARCHIVE_CURRENT;
    int64_t from = call_time(t->c->query, "from", 0), to = call_time(t->c->query, "to", 0), at = now ? WALL_NONE : archive_floor(t->archive, 0, from);
    t->span = (struct span){ at, to };
    if (!now && from >= to)
        return call_wrong_field(t->c, "to", phrase_in(&empty, t->c->lang));
    for (; now ? moments == 0 : at < to; at = now ? at : archive_next(t->archive, 0, at)) {
        if (moments++ == most)
            return call_wrong_field(t->c, "to", phrase_in(t->archive == ARCHIVE_MONTH ? &months : &days, t->c->lang));
        for (size_t i = 0; i < t->tariff_count; i++)
            t->columns[t->column_count++] = (struct column){ at, t->tariffs[i] };
    }
    return true;
}

struct ids {
    int64_t *list;
    size_t count;
};

static void add_id(void *context, const struct roster_row *row)
{
    struct ids *l = context;
    l->list[l->count++] = row->id;
}

/* Those named, refused when one is not the project's; else of the group or of the project, by serial number. */
static bool choose_devices(struct table *t)
{
    struct call *c = t->c;
    const json_t *named = json_object_get(c->query, "devices");
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    if (named) {
        t->device_count = call_ids(c, named, &t->devices);
        for (size_t i = 0; i < t->device_count; i++)
            if (!roster_look(c->api->roster, t->devices[i], c->caller.project, NULL, NULL))
                return call_refuse(c, REFUSE_NOT_FOUND);
        return true;
    }
    struct roster_counts all;
    roster_counts(c->api->roster, c->caller.project, &all);
    struct ids l = { .list = arena_take(c->arena, (all.devices + 1) * sizeof *l.list) };
    struct roster_query q = { .project = c->caller.project, .group = call_group(c, c->query), .enabled = -1, .sort = ROSTER_SERIAL, .take = all.devices };
    roster_list(c->api->roster, &q, add_id, &l);
    t->devices = l.list;
    t->device_count = l.count;
    return true;
}

static struct table *table_read(struct call *c)
{
    struct table *t = arena_take(c->arena, sizeof *t);
    t->c = c;
    t->archive = archive_parse(call_text(c->query, "archive", ""));
    while (strcmp(resources[t->resource], call_text(c->query, "resource", "electricity")) != 0)
        t->resource++;
    return read_quantities(t) && make_columns(t) && choose_devices(t) ? t : NULL;
}

/* --- a device's rows ---------------------------------------------------------------------------------------------------------------- */

static struct quantity_row *row_of(struct device_rows *d, struct obis quantity, uint8_t unit)
{
    for (size_t i = 0; i < d->count; i++)
        if (obis_equal(d->row[i].quantity, quantity) && (d->row[i].unit == unit || d->row[i].unit == UNIT_UNKNOWN)) {
            d->row[i].unit = unit;
            return &d->row[i];
        }
    if (d->count == ROWS_MOST)
        return NULL;
    struct quantity_row *row = &d->row[d->count++];
    *row = (struct quantity_row){ quantity, unit, WALL_NONE, arena_take(&d->arena, d->t->column_count * sizeof *row->cells) };
    return row;
}

static bool is_wanted(const struct table *t, struct obis quantity)
{
    for (size_t i = 0; i < t->quantity_count; i++)
        if (obis_equal(t->quantities[i], quantity))
            return true;
    return t->quantity_count == 0 && counts(t->resource, quantity);
}

static bool take_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct device_rows *d = context;
    struct table *t = d->t;
    struct obis quantity = obis_with(r->obis, 4, 0);
    size_t at = 0;
    if (!is_wanted(t, quantity))
        return true;
    while (at < t->column_count && (t->columns[at].tariff != obis_group(r->obis, 4) || (t->columns[at].wall != WALL_NONE && t->columns[at].wall != r->wall)))
        at++;
    struct quantity_row *row = at < t->column_count ? row_of(d, quantity, r->unit) : NULL;
    if (!row)
        return true;
    row->cells[at] = (struct cell){ r->value, r->quality, true };
    row->read_at = r->wall;
    return true;
}

static void copy_names(void *context, const struct roster_row *row)
{
    struct device_rows *d = context;
    snprintf(d->serial, sizeof d->serial, "%.95s", row->serial);
    snprintf(d->title, sizeof d->title, "%.255s", row->title);
    snprintf(d->model, sizeof d->model, "%.95s", row->model); /* else as the meter calls itself */
    snprintf(d->group, sizeof d->group, "%.255s", row->group);
}

static bool copy_type(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    (void)since_ms;
    struct device_rows *d = context;
    if (kind == FACT_TYPE)
        snprintf(d->model, sizeof d->model, "%.95s", utf8);
    return kind != FACT_TYPE;
}

/* Wanted quantities first, in the order they were asked for: a device without them shows so. */
static enum fault gather(struct device_rows *d, int64_t device)
{
    struct table *t = d->t;
    arena_reset(&d->arena);
    d->count = 0;
    roster_look(t->c->api->roster, device, t->c->caller.project, copy_names, d);
    if (!*d->model && store_facts(t->c->api->store, device, false, copy_type, d) != FAULT_NONE)
        return FAULT_STORE;
    for (size_t i = 0; i < t->quantity_count; i++)
        row_of(d, t->quantities[i], UNIT_UNKNOWN);
    if (t->archive == ARCHIVE_CURRENT)
        return store_latest(t->c->api->store, device, t->archive, take_reading, d);
    return store_readings(t->c->api->store, device, t->archive, NULL, 0, t->span, take_reading, d);
}

static const char *quantity_words(const struct quantity_row *row, enum lang lang, char title[QUANTITY_TITLE_MAX])
{
    return quantity_title(row->quantity, lang, title);
}

static const char *unit_words(const struct quantity_row *row, enum lang lang)
{
    uint8_t unit = row->unit != UNIT_UNKNOWN ? row->unit : (uint8_t)quantity_unit(row->quantity);
    return unit == UNIT_UNKNOWN ? "" : unit_symbol(unit, lang);
}

/* --- the page -------------------------------------------------------------------------------------------------------------------------- */

static void put_columns(const struct table *t)
{
    struct json_writer *j = &t->c->out;
    json_put_list(j, "columns");
    for (size_t i = 0; i < t->column_count; i++) {
        json_put_object(j, NULL);
        json_put_wall(j, "time", t->columns[i].wall);
        json_put_int(j, "tariff", t->columns[i].tariff);
        json_put_end(j);
    }
    json_put_end(j);
}

static void put_cells(struct json_writer *j, const struct table *t, const struct quantity_row *row)
{
    json_put_list(j, "values");
    for (size_t i = 0; i < t->column_count; i++)
        if (row && row->cells[i].there && !(row->cells[i].quality & QUALITY_MISSING))
            json_put_decimal(j, NULL, row->cells[i].value);
        else
            json_put_null(j, NULL);
    json_put_end(j);
    json_put_list(j, "quality");
    for (size_t i = 0; i < t->column_count; i++)
        if (row && row->cells[i].there)
            json_put_int(j, NULL, row->cells[i].quality);
        else
            json_put_null(j, NULL);
    json_put_end(j);
}

static void put_row(struct device_rows *d, int64_t device, const struct quantity_row *row)
{
    struct call *c = d->t->c;
    char code[OBIS_TEXT_MAX], title[QUANTITY_TITLE_MAX];
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "device", device);
    json_put_text(&c->out, "serial", d->serial);
    json_put_text(&c->out, "title", d->title);
    json_put_text(&c->out, "model", d->model);
    json_put_text(&c->out, "group", d->group);
    json_put_text(&c->out, "obis", row ? obis_format(row->quantity, code) : "");
    json_put_text(&c->out, "quantity", row ? quantity_words(row, c->lang, title) : "");
    json_put_text(&c->out, "unit", row ? unit_words(row, c->lang) : "");
    put_cells(&c->out, d->t, row);
    json_put_wall(&c->out, "time", row && d->t->archive == ARCHIVE_CURRENT ? row->read_at : WALL_NONE);
    json_put_end(&c->out);
}

static void get_table(struct call *c)
{
    struct table *t = table_read(c);
    if (!t)
        return;
    struct device_rows *d = arena_take(c->arena, sizeof *d);
    d->t = t;
    size_t take = (size_t)call_int(c->query, "size", PAGE_USUAL), skip = ((size_t)call_int(c->query, "page", 1) - 1) * take;
    enum fault f = FAULT_NONE;
    json_put_object(&c->out, NULL);
    put_columns(t);
    json_put_list(&c->out, "items");
    for (size_t i = skip; i < t->device_count && i - skip < take && f == FAULT_NONE; i++) {
        f = gather(d, t->devices[i]);
        for (size_t k = 0; k < d->count; k++)
            put_row(d, t->devices[i], &d->row[k]);
        if (d->count == 0)
            put_row(d, t->devices[i], NULL);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)t->device_count);
    json_put_end(&c->out);
    arena_free(&d->arena);
    call_good(c, f, REFUSE_IN_USE);
}

/* --- the files --------------------------------------------------------------------------------------------------------------------------- */

static const struct phrase absent = { { "отсутствуют", "absent" } };

static void write_heads(const struct table *t, struct sheet *s)
{
    static const struct phrase fixed[] = { { { "Серийный номер", "Serial number" } }, { { "Название", "Title" } }, { { "Тип устройства", "Device type" } },
                                           { { "Группа", "Group" } }, { { "Величина", "Quantity" } }, { { "Единица", "Unit" } } };
    static const struct phrase read_at = { { "Снято", "Read at" } };
    char text[CIVIL_TEXT_MAX + 16], time[CIVIL_TEXT_MAX];
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        sheet_head(s, phrase_in(&fixed[i], t->c->lang));
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->archive == ARCHIVE_CURRENT)
            snprintf(text, sizeof text, "T%u", t->columns[i].tariff);
        else
            snprintf(text, sizeof text, "%.10s T%u", wall_format(t->columns[i].wall, time), t->columns[i].tariff);
        sheet_head(s, text);
    }
    if (t->archive == ARCHIVE_CURRENT)
        sheet_head(s, phrase_in(&read_at, t->c->lang));
    sheet_row(s);
}

static bool write_row(struct device_rows *d, struct sheet *s, const struct quantity_row *row)
{
    const struct table *t = d->t;
    char title[QUANTITY_TITLE_MAX], time[CIVIL_TEXT_MAX];
    sheet_text(s, d->serial);
    sheet_text(s, d->title);
    sheet_text(s, d->model);
    sheet_text(s, d->group);
    sheet_text(s, row ? quantity_words(row, t->c->lang, title) : "");
    sheet_text(s, row ? unit_words(row, t->c->lang) : "");
    for (size_t i = 0; i < t->column_count; i++)
        if (row && row->cells[i].there && !(row->cells[i].quality & QUALITY_MISSING))
            sheet_number(s, row->cells[i].value);
        else
            sheet_text(s, phrase_in(&absent, t->c->lang));
    if (t->archive == ARCHIVE_CURRENT && row && row->read_at != WALL_NONE)
        sheet_text(s, wall_format(row->read_at, time));
    return sheet_row(s);
}

static void export_table(struct call *c, enum sheet_kind kind)
{
    static const struct phrase title = { { "Данные устройств", "Data of devices" } };
    struct table *t = table_read(c);
    if (!t)
        return;
    struct device_rows *d = arena_take(c->arena, sizeof *d);
    struct flow *out = call_stream(c, sheet_type(kind), kind == SHEET_CSV ? "data.csv" : "data.xlsx");
    struct sheet *s = sheet_new(kind, out, phrase_in(&title, c->lang));
    bool good = true;
    d->t = t;
    write_heads(t, s);
    for (size_t i = 0; i < t->device_count && good; i++) {
        good = gather(d, t->devices[i]) == FAULT_NONE;
        for (size_t k = 0; k < d->count && good; k++)
            good = write_row(d, s, &d->row[k]);
        if (good && d->count == 0)
            good = write_row(d, s, NULL);
    }
    good &= sheet_end(&s);
    arena_free(&d->arena);
    flow_end(out, good);
    flow_unref(&out);
}

static void export_csv(struct call *c) { export_table(c, SHEET_CSV); }
static void export_xlsx(struct call *c) { export_table(c, SHEET_XLSX); }

#define CSV "text/csv; charset=utf-8"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
static const struct route rows[] = {
    { "GET", V1 "/data", MAY_READ_DATASTORE, ROUTE_SLOW, &shape_table_query, NULL, &shape_table, NULL, 0, get_table, { { "данные устройств: сводная таблица", "data of devices: a pivot table" } } },
    { "GET", V1 "/data.csv", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_sheet_query, NULL, NULL, CSV, 0, export_csv, { { "сводная таблица в CSV", "the pivot table as CSV" } } },
    { "GET", V1 "/data.xlsx", MAY_READ_DATASTORE, ROUTE_SLOW | ROUTE_STREAM, &shape_sheet_query, NULL, NULL, XLSX, 0, export_xlsx, { { "сводная таблица в XLSX", "the pivot table as XLSX" } } },
};

ROUTE_TABLE(rows);
