/* Tasks and runs seen from devices: whom a task names one by one, what a device was told (manual S3 3.4; docs/api-tasks.md). */
#include "api/routes.h"
#include "api/work/work_json.h"
#include "collect/story.h"

#define V1 "/api/v1"

SHAPE(shape_paging, "TaskDeviceQuery", PAGE_FIELDS);
SHAPE(shape_device, "TaskDevice", { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "driver", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT });
SHAPE(shape_given, "CommandGiven", { .name = "run", .kind = FIELD_INT }, { .name = "work", .kind = FIELD_OBJECT, .shape = &shape_work, .flags = NULLABLE },
      { .name = "login", .kind = FIELD_TEXT }, { .name = "cause", .kind = FIELD_WORD, .words = run_cause_words }, { .name = "initiator", .kind = FIELD_TEXT },
      { .name = "reason", .kind = FIELD_TEXT }, { .name = "begun", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ended", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "result", .kind = FIELD_WORD, .words = run_result_words }, { .name = "result_text", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT });

/* --- whom a task names ------------------------------------------------------------------------------------------------------------ */

static void put_device(void *context, const struct roster_row *row)
{
    struct json_writer *out = context;
    json_put_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_text(out, "serial", row->serial);
    json_put_text(out, "title", row->title);
    json_put_text(out, "driver", row->driver);
    json_put_text(out, "group", row->group);
    json_put_end(out);
}

/* Devices that were deleted since are not shown. */
static void list_task_devices(struct call *c)
{
    struct store_task t;
    struct store_targets targets = { 0 };
    if (!call_good(c, store_task_get(c->api->store, c->match.number[0], c->arena, &t), REFUSE_IN_USE))
        return;
    if (t.project != c->caller.project) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!call_good(c, store_task_targets(c->api->store, t.id, c->arena, &targets), REFUSE_IN_USE) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = call_skip(c); i < targets.device_count && i - call_skip(c) < call_take(c); i++)
        roster_look(c->api->roster, targets.devices[i], c->caller.project, put_device, &c->out);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)targets.device_count);
    json_put_end(&c->out);
}

/* --- what a device was told ------------------------------------------------------------------------------------------------------- */

static void put_given(struct call *c, const struct store_run *r, const struct store_run_device *d)
{
    char note[STORY_SENTENCE_MAX];
    struct text t = text_over(note, sizeof note);
    story_sentence(d->notes, c->lang, &t);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "run", r->id);
    work_put(c, "work", r->work);
    json_put_text(&c->out, "login", r->login);
    json_put_text(&c->out, "cause", run_cause_words[r->cause]);
    json_put_text(&c->out, "initiator", r->initiator);
    json_put_text(&c->out, "reason", r->reason);
    json_put_utc(&c->out, "begun", d->begun_ms ? d->begun_ms : r->begun_ms);
    json_put_utc(&c->out, "ended", d->ended_ms);
    json_put_text(&c->out, "result", run_result_words[d->result]);
    json_put_text(&c->out, "result_text", run_result_title(d->result, c->lang));
    json_put_text(&c->out, "note", note);
    json_put_end(&c->out);
}

static void list_commands(struct call *c)
{
    int64_t device = c->match.number[0], total = 0, *runs = arena_take(c->arena, call_take(c) * sizeof *runs);
    size_t count = 0;
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    if (!roster_look(c->api->roster, device, c->caller.project, NULL, NULL)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!call_good(c, store_run_commands(c->api->store, device, call_skip(c), call_take(c), runs, &count, &total), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        struct store_run r;
        struct store_run_device d;
        if (store_run_get(c->api->store, runs[i], c->arena, &r) == FAULT_NONE && store_run_device_get(c->api->store, runs[i], device, c->arena, &d) == FAULT_NONE)
            put_given(c, &r, &d);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/tasks/{id}/devices", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_paging, NULL, &shape_device, NULL, 0, list_task_devices, { { "устройства, названные в задаче", "devices a task names" } } },
    { "GET", V1 "/devices/{id}/commands", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_paging, NULL, &shape_given, NULL, 0, list_commands, { { "история команд устройства", "commands a device was given" } } },
};

ROUTE_TABLE(rows);
