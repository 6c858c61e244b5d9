/* The table of meters of a gateway (manuals S0 4.3.1, S4 14-19): read, written whole, exported, imported. */
#include "api/box/meter_table.h"
#include "api/routes.h"
#include "api/box/utmc_list.h"

#define V1 "/api/v1"
enum { TABLE_BYTES = 16 << 20 };

SHAPE(shape_write, "TableWrite",
      { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 0, .most = INT64_MAX,
        .help = { { "виденная редакция таблицы; 0: поверх чужих изменений", "revision of the table that was seen; 0: over what others changed" } } },
      { .name = "rows", .kind = FIELD_LIST, .flags = REQUIRED, .most = TABLE_ROWS_MOST, .shape = &shape_table_row,
        .help = { { "вся таблица: чего нет, то выходит из опроса", "the whole table: what is missing is taken out of use" } } });
SHAPE(shape_file, "TableFile", { .name = "format", .kind = FIELD_TEXT, .flags = REQUIRED, .most = 40 }, { .name = "version", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = 1 },
      { .name = "rows", .kind = FIELD_LIST, .flags = REQUIRED, .least = 1, .most = TABLE_ROWS_MOST, .shape = &shape_table_row });
#define IMPORT_FIELDS \
    { .name = "dry_run", .kind = FIELD_BOOL, .help = { { "только показать, что станет", "only show what would become" } } }, \
    { .name = "replace", .kind = FIELD_BOOL, .help = { { "таблица становится такой, как файл; иначе файл к ней добавляется", "the table becomes as the file; else the file is added to it" } } }
SHAPE(shape_import, "TableImport", IMPORT_FIELDS);
SHAPE(shape_list_import, "TableListImport", IMPORT_FIELDS,
      { .name = "interface", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "канал всех приборов; 0: по номеру прибора, по 256 на канал", "channel of all meters; 0: by the meter's number, 256 a channel" } } });

static void get_table(struct call *c)
{
    struct meter_table *t = table_load(c);
    if (t)
        table_put(t);
}

static void write_table(struct call *c)
{
    struct meter_table *t = table_load(c);
    if (!t)
        return;
    t->seen = call_int(c->body, "revision", 0);
    if (table_take(t, json_object_get(c->body, "rows")) && table_write(t))
        get_table(c);
}

/* --- files ---------------------------------------------------------------------------------------------------------------------- */

static void export_table(struct call *c)
{
    struct meter_table *t = table_load(c);
    bool secrets = call_may(c, MAY_WRITE_PROTOCOL_SETTINGS);
    if (!t)
        return;
    call_note(c, NOTE_DEVICES_EXPORT, secrets ? "JSON, ***" : "JSON", NULL, NULL);
    table_put_file(t, secrets);
}

static void finish_import(struct meter_table *t, const json_t *rows)
{
    struct call *c = t->c;
    char object[64];
    if (!table_take(t, rows))
        return;
    if (!t->trying) {
        if (!table_write(t))
            return;
        snprintf(object, sizeof object, "+%zu, %zu, -%zu", t->added + t->restored, t->changed, t->removed);
        call_note(c, NOTE_DEVICES_IMPORT, object, NULL, NULL);
    }
    table_put_taken(t);
}

static struct meter_table *begin_import(struct call *c)
{
    struct meter_table *t = table_load(c);
    if (t) {
        t->by_identity = true;
        t->trying = call_bool(c->query, "dry_run", false);
        t->keep_rest = !call_bool(c->query, "replace", false);
    }
    return t;
}

static void import_json(struct call *c)
{
    if (strcmp(call_text(c->body, "format", ""), TABLE_FORMAT) != 0) {
        call_wrong_field(c, "format", c->lang == LANG_RU ? "это не файл таблицы приборов" : "this is no file of a meter table");
        return;
    }
    struct meter_table *t = begin_import(c);
    if (t)
        finish_import(t, json_object_get(c->body, "rows"));
}

static void import_list(struct call *c)
{
    struct meter_table *t = begin_import(c);
    if (!t)
        return;
    json_t *rows = utmc_rows(t, c->request->body, call_int(c->query, "interface", 0));
    finish_import(t, rows);
    json_decref(rows);
}

static const struct route rows[] = {
    { "GET", V1 "/table", MAY_READ_DEVICE_COMMLINE, ROUTE_SLOW, NULL, NULL, &shape_table, NULL, 0, get_table, { { "таблица приборов учёта", "the table of meters" } } },
    { "PUT", V1 "/table", MAY_WRITE_DEVICE_COMMLINE, ROUTE_SLOW, NULL, &shape_write, &shape_table, NULL, TABLE_BYTES, write_table, { { "записать всю таблицу, всё или ничего; архивы остаются", "write the whole table, all or nothing; archives stay" } } },
    { "GET", V1 "/table/export.json", MAY_READ_PROTOCOL_SETTINGS, ROUTE_SLOW, NULL, NULL, &shape_file, NULL, 0, export_table, { { "таблица приборов файлом", "the table of meters as a file" } } },
    { "POST", V1 "/table/import.json", MAY_WRITE_DEVICE_COMMLINE, ROUTE_SLOW, &shape_import, &shape_file, &shape_table_taken, NULL, TABLE_BYTES, import_json, { { "принять таблицу из файла, всё или ничего", "take a table from a file, all or nothing" } } },
    { "POST", V1 "/table/import.txt", MAY_WRITE_DEVICE_COMMLINE, ROUTE_SLOW | ROUTE_TEXT, &shape_list_import, NULL, &shape_table_taken, NULL, TABLE_BYTES, import_list, { { "принять список приборов УТМЦ (номер;модель;серийный номер;версия;производитель;адрес;скорость;примечание)", "take a list of УТМЦ in (number;model;serial;version;maker;address;baud;note)" } } },
};

ROUTE_TABLE(rows);
