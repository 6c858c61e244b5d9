/* Runs of tasks and one-off orders, results of their devices, the journal of the exchange; relays as last read
 * (docs/api-tasks.md). */
#include "api/routes.h"
#include "api/work_json.h"

#include <stdlib.h>

#define V1 "/api/v1"

static const char *const states[] = { "running", "ended", NULL };

SHAPE(shape_run_query, "RunQuery", PAGE_FIELDS, { .name = "task", .kind = FIELD_INT, .least = 1, .most = INT64_MAX },
      { .name = "cause", .kind = FIELD_WORD, .words = run_cause_words }, { .name = "state", .kind = FIELD_WORD, .words = states },
      { .name = "result", .kind = FIELD_WORD, .words = run_result_words });
SHAPE(shape_device_query, "RunDeviceQuery", PAGE_FIELDS, { .name = "result", .kind = FIELD_WORD, .words = run_result_words },
      { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть номера или названия", "part of serial or title" } } });

static bool list_run(void *context, const struct store_run *r)
{
    struct call *c = context;
    run_put(&c->out, NULL, r, c->lang);
    return true;
}

static unsigned bit_of(const char *const *words, const char *word)
{
    int place = word_place(words, word);
    return place < 0 ? 0 : 1u << place;
}

/* A run that goes on is pending, and only it. */
static unsigned wanted_results(struct call *c)
{
    const char *state = call_text(c->query, "state", NULL);
    unsigned results = bit_of(run_result_words, call_text(c->query, "result", NULL));
    if (!state)
        return results;
    unsigned of_state = strcmp(state, "running") == 0 ? 1u << RUN_PENDING : ((1u << RUN_RESULTS) - 1) & ~(1u << RUN_PENDING);
    return results ? results & of_state : of_state;
}

static void list_runs(struct call *c)
{
    int64_t total = 0;
    struct run_filter f = { .project = c->caller.project, .task = call_int(c->query, "task", 0), .causes = bit_of(run_cause_words, call_text(c->query, "cause", NULL)),
                            .results = wanted_results(c), .skip = call_skip(c), .take = call_take(c) };
    bool nothing = f.results == 0 && call_text(c->query, "state", NULL);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = nothing ? FAULT_NONE : store_runs(c->api->store, &f, list_run, c, &total);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static bool find_run(struct call *c, struct store_run *r)
{
    if (!call_good(c, store_run_get(c->api->store, c->match.number[0], c->arena, r), REFUSE_IN_USE))
        return false;
    return r->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_run(struct call *c)
{
    struct store_run r;
    if (find_run(c, &r))
        run_put(&c->out, NULL, &r, c->lang);
}

/* --- devices ----------------------------------------------------------------------------------------------------------------------- */

struct device_list {
    struct call *c;
    const struct store_run_device *device;
};

static void put_device(void *context, const struct roster_row *row)
{
    struct device_list *l = context;
    run_device_put(&l->c->out, l->device, row, l->c->lang);
}

/* A device that was deleted since has no name any more. */
static bool list_device(void *context, const struct store_run_device *d)
{
    struct device_list *l = context;
    l->device = d;
    if (!roster_look(l->c->api->roster, d->device, 0, put_device, l))
        run_device_put(&l->c->out, d, NULL, l->c->lang);
    return true;
}

struct found {
    struct call *c;
    int64_t *ids;
    size_t count;
};

static void note_found(void *context, const struct roster_row *row)
{
    struct found *f = context;
    f->ids[f->count++] = row->id;
}

/* Ids of devices that fit the search, ascending. */
static void search_devices(struct call *c, const char *search, struct run_device_filter *f)
{
    struct roster_query q = { .project = c->caller.project, .search = search, .enabled = -1, .sort = ROSTER_ID, .take = 0 };
    size_t count = roster_list(c->api->roster, &q, note_found, NULL);
    struct found found = { c, arena_take(c->arena, (count + 1) * sizeof *found.ids), 0 };
    q.take = count;
    roster_list(c->api->roster, &q, note_found, &found);
    f->within = found.ids;
    f->within_count = found.count;
}

static void list_devices(struct call *c)
{
    int64_t total = 0;
    struct store_run r;
    struct device_list l = { c, NULL };
    const char *search = call_text(c->query, "search", NULL);
    if (!find_run(c, &r) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    struct run_device_filter f = { .run = r.id, .results = bit_of(run_result_words, call_text(c->query, "result", NULL)), .skip = call_skip(c), .take = call_take(c) };
    if (search)
        search_devices(c, search, &f);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_run_devices(c->api->store, &f, list_device, &l, &total);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static const struct route rows[] = {
    { "GET", V1 "/runs", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_run_query, NULL, &shape_run, NULL, 0, list_runs, { { "запуски задач и прочие задачи", "runs of tasks and one-off orders" } } },
    { "GET", V1 "/runs/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_run, NULL, 0, get_run, { { "информация запуска", "a run" } } },
    { "GET", V1 "/runs/{id}/devices", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_device_query, NULL, &shape_run_device, NULL, 0, list_devices, { { "результаты устройств", "results of the devices" } } },
};

ROUTE_TABLE(rows);
