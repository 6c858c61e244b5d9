/* Data templates (manual S0 4.3.2.2): what is read of meters, named once, for poll templates, which are tasks made of one. */
#include "api/routes.h"
#include "api/rows.h"
#include "api/work/work_json.h"

#define V1 "/api/v1"
enum { TITLE_MOST = 200, NOTE_MOST = 1000 };

#define TEMPLATE_FIELDS { .name = "note", .kind = FIELD_TEXT, .most = NOTE_MOST }
SHAPE(shape_new, "DataTemplateNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = TITLE_MOST },
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .flags = REQUIRED, .help = { { "без команд", "without commands" } } }, TEMPLATE_FIELDS);
SHAPE(shape_change, "DataTemplateChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX, .help = { { "виденная редакция", "revision that was seen" } } },
      { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = TITLE_MOST }, { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work }, TEMPLATE_FIELDS);
SHAPE(shape_template, "DataTemplate", { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, TEMPLATE_FIELDS,
      { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .flags = NULLABLE },
      { .name = "tasks", .kind = FIELD_INT, .help = { { "сколько шаблонов опроса им пользуется", "how many poll templates use it" } } }, { .name = "revision", .kind = FIELD_INT });

static void put_template(struct call *c, const void *row)
{
    const struct store_template *t = row;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", t->id);
    json_put_text(&c->out, "title", t->title);
    json_put_text(&c->out, "note", t->note);
    work_put(c, "work", t->work);
    json_put_int(&c->out, "tasks", t->tasks);
    json_put_int(&c->out, "revision", t->revision);
    json_put_end(&c->out);
}

static bool take_template(struct call *c, void *row)
{
    struct store_template *t = row;
    const json_t *work = json_object_get(c->body, "work");
    struct work *w = arena_take(c->arena, sizeof *w);
    t->title = call_text(c->body, "title", t->title);
    t->note = call_text(c->body, "note", t->note);
    if (work && !(t->work = work_take(c, work, w)))
        return false;
    return !work || !w->commands || call_wrong_field(c, "work.commands", c->lang == LANG_RU ? "шаблон данных только читает" : "a data template only reads");
}

static void template_changed(struct call *c, const void *before, const void *after)
{
    const struct store_template *t = before ? before : after;
    enum note n = !before ? NOTE_TASK_ADD : after ? NOTE_TASK_UPDATE : NOTE_TASK_REMOVE;
    call_note(c, n, t->title, NULL, after ? call_json(c, c->body) : NULL);
}

ROW_STORE(template, struct store_template, store_templates, store_template_get, store_template_put, store_template_delete);
static const struct row_kind templates = { .store = &template_store, .take = take_template, .show = put_template, .changed = template_changed,
                                           .preset = &(const struct store_template){ .title = "", .note = "", .work = "" } };
ROW_WAYS(template, templates)

static const struct route rows[] = {
    { "GET", V1 "/templates", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_template, NULL, 0, list_template, { { "шаблоны данных", "data templates" } } },
    { "POST", V1 "/templates", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_new, NULL, NULL, 0, add_template, { { "добавить шаблон данных", "add a data template" } } },
    { "GET", V1 "/templates/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_template, NULL, 0, get_template, { { "шаблон данных", "a data template" } } },
    { "PATCH", V1 "/templates/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_change, &shape_template, NULL, 0, change_template, { { "изменить шаблон данных, а с ним и шаблоны опроса", "change a data template, and the poll templates made of it" } } },
    { "DELETE", V1 "/templates/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_template, { { "удалить шаблон данных, которым никто не пользуется", "delete a data template that nobody uses" } } },
};

ROUTE_TABLE(rows);
