/* Data templates (manual S0 4.3.2.2): what is read of meters, named once, for poll templates, which are tasks made of one. */
#include "api/routes.h"
#include "api/work_json.h"

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

struct list {
    struct call *c;
    int64_t count;
};

static bool put_template(void *context, const struct store_template *t)
{
    struct list *l = context;
    struct call *c = l->c;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", t->id);
    json_put_text(&c->out, "title", t->title);
    json_put_text(&c->out, "note", t->note);
    work_put(c, "work", t->work);
    json_put_int(&c->out, "tasks", t->tasks);
    json_put_int(&c->out, "revision", t->revision);
    json_put_end(&c->out);
    l->count++;
    return true;
}

static void list_templates(struct call *c)
{
    struct list l = { .c = c };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_templates(c->api->store, c->caller.project, put_template, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* Fields of the body over what `t` has. */
static bool take(struct call *c, struct store_template *t)
{
    const json_t *work = json_object_get(c->body, "work");
    struct work *w = arena_take(c->arena, sizeof *w);
    t->title = call_text(c->body, "title", t->title);
    t->note = call_text(c->body, "note", t->note);
    if (work && !(t->work = work_take(c, work, w)))
        return false;
    return !work || !w->commands || call_wrong_field(c, "work.commands", c->lang == LANG_RU ? "шаблон данных только читает" : "a data template only reads");
}

static void add_template(struct call *c)
{
    int64_t id = 0;
    struct store_template t = { .project = c->caller.project, .title = "", .note = "", .work = "" };
    if (!take(c, &t) || !call_good(c, store_template_put(c->api->store, &t, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_TASK_ADD, t.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

static bool find(struct call *c, struct store_template *t)
{
    if (!call_good(c, store_template_get(c->api->store, c->match.number[0], c->arena, t), REFUSE_IN_USE))
        return false;
    return t->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void change_template(struct call *c)
{
    struct store_template t;
    if (!find(c, &t))
        return;
    const char *former = t.title;
    t.revision = call_int(c->body, "revision", 0);
    if (!take(c, &t) || !call_good(c, store_template_put(c->api->store, &t, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_TASK_UPDATE, former, NULL, call_json(c, c->body));
    call_done(c);
}

static void delete_template(struct call *c)
{
    struct store_template t;
    if (!find(c, &t) || !call_good(c, store_template_delete(c->api->store, t.id), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_TASK_REMOVE, t.title, NULL, NULL);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/templates", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_template, NULL, 0, list_templates, { { "шаблоны данных", "data templates" } } },
    { "POST", V1 "/templates", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_new, NULL, NULL, 0, add_template, { { "добавить шаблон данных", "add a data template" } } },
    { "PATCH", V1 "/templates/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_change, NULL, NULL, 0, change_template, { { "изменить шаблон данных, а с ним и шаблоны опроса", "change a data template, and the poll templates made of it" } } },
    { "DELETE", V1 "/templates/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_template, { { "удалить шаблон данных, которым никто не пользуется", "delete a data template that nobody uses" } } },
};

ROUTE_TABLE(rows);
