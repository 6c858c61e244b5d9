/* News of runs: to who listens, and of relays to the security log. */
#include "api/api.h"
#include "api/work/work_json.h"
#include "base/log.h"
#include "people/journal.h"

#include <stdio.h>

static void tell(struct api *api, int64_t project, const char *event, struct buffer *line)
{
    buffer_put(line, "", 1);
    hub_tell(api->hub, project, event, line->data);
    buffer_free(line);
}

void api_run_told(void *context, const struct store_run *r)
{
    struct api *api = context;
    struct buffer line = { 0 };
    struct json_writer j = { .out = &line };
    run_put(&j, NULL, r, api->lang);
    tell(api, r->project, "run", &line);
}

struct device_news {
    struct json_writer json;
    const struct store_run_device *device;
    bool running;
    enum lang lang;
};

static void put_device(void *context, const struct roster_row *row)
{
    struct device_news *n = context;
    run_device_put(&n->json, n->device, row, n->running, n->lang);
}

void api_devices_told(void *context, const struct store_run *r, const struct store_run_device *rows, size_t count)
{
    struct api *api = context;
    struct buffer line = { 0 };
    struct device_news n = { .json = { .out = &line }, .running = !r->ended_ms, .lang = api->lang };
    roster_refresh(api->roster);
    json_put_object(&n.json, NULL);
    json_put_int(&n.json, "run", r->id);
    json_put_list(&n.json, "items");
    for (size_t i = 0; i < count; i++) {
        n.device = &rows[i];
        roster_look(api->roster, rows[i].device, r->project, put_device, &n);
    }
    json_put_end(&n.json);
    json_put_end(&n.json);
    tell(api, r->project, "run-device", &line);
}

/* --- relays in the security log -------------------------------------------------------------------------------------------------- */

static void put_relay(struct json_writer *j, const struct relay_status *s)
{
    json_put_object(j, NULL);
    json_put_int(j, "relay", s->number);
    json_put_int(j, "output", s->output);
    json_put_int(j, "control", s->control);
    json_put_int(j, "mode", s->mode);
    json_put_int(j, "lock", s->lock);
}

struct relay_name {
    char text[300];
};

static void name_device(void *context, const struct roster_row *row)
{
    struct relay_name *n = context;
    snprintf(n->text, sizeof n->text, "%.60s %.200s", row->serial, row->title);
}

void api_relay_told(void *context, const struct store_run *r, int64_t device, const struct relay_order *order)
{
    struct api *api = context;
    struct relay_name name = { "" };
    struct buffer before = { 0 }, after = { 0 };
    struct json_writer b = { .out = &before }, a = { .out = &after };
    roster_look(api->roster, device, r->project, name_device, &name);
    put_relay(&b, &order->before);
    json_put_end(&b);
    put_relay(&a, &order->after);
    json_put_text(&a, "action", order->on ? "on" : "off");
    json_put_bool(&a, "sent", order->sent);
    json_put_text(&a, "fault", order->fault == FAULT_NONE ? "" : fault_name(order->fault));
    json_put_text(&a, "refusal", order->refusal == RELAY_ALLOWED ? "" : relay_refusal_name(order->refusal));
    json_put_text(&a, "reason", r->reason);
    json_put_int(&a, "run", r->id);
    json_put_end(&a);
    buffer_put(&before, "", 1);
    buffer_put(&after, "", 1);
    struct store_audit audit = { .kind = note_name(NOTE_RELAY_RESULT), .security = true, .level = note_level(NOTE_RELAY_RESULT), .project = r->project,
                                 .person = r->person, .login = r->login, .address = "", .object = name.text, .before = before.data, .after = after.data };
    if (store_audit_put(api->store, &audit, 1) != FAULT_NONE)
        log_line(LOG_ERROR, "audit-lost", "kind=%s object=\"%s\"", audit.kind, name.text);
    buffer_free(&before);
    buffer_free(&after);
}
