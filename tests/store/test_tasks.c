/* Tables of tasks, runs and relays. */
#include "store/people/people.h"
#include "store/store_help.h"
#include "store/work/tasks.h"

static struct store *s;

static int64_t add_meter(const char *serial, const char *group, int64_t project)
{
    struct store_meter m = { .serial = serial, .driver = "spodes", .group = group, .project = project, .enabled = true };
    int64_t id = 0;
    is_int(store_meter_put(s, &m, &id), FAULT_NONE);
    return id;
}

static struct store_task task_of(const char *title)
{
    return (struct store_task){ .project = 1, .title = title, .priority = 5, .work = "states;", .schedule = "", .zone = "UTC", .reason = "", .login = "ann", .person = 7 };
}

static bool note_group(void *context, const struct store_group *g, int64_t meters)
{
    (void)meters;
    if (strcmp(g->title, "House") == 0)
        *(int64_t *)context = g->id;
    return true;
}

static void test_tasks(void)
{
    struct arena a = { 0 };
    int64_t one = add_meter("1", "House", 1), two = add_meter("2", "House", 1), three = add_meter("3", "", 1), group = 0, id = 0;
    add_meter("4", "House", 77);
    is_int(store_groups(s, 1, note_group, &group), FAULT_NONE);
    struct store_task t = task_of("T"), got;
    is_int(store_task_put(s, &t, &(struct store_targets){ &three, &group, 1, 1 }, &id), FAULT_NONE);
    is_int(store_task_get(s, id, &a, &got), FAULT_NONE);
    ok(strcmp(got.title, "T") == 0 && got.targets == 2 && strcmp(got.login, "ann") == 0 && got.person == 7, "a task comes back");
    const int64_t *ids;
    size_t count;
    is_int(store_task_meters(s, id, &a, &ids, &count), FAULT_NONE);
    ok(count == 3 && ids[0] == one && ids[1] == two && ids[2] == three, "its meters: of its group, in its project, and by name");
    int64_t beside = 0, both = 0;
    is_int(store_group_put(s, &(struct store_group){ .title = "Inputs", .members = &(struct meter_set){ (int64_t[]){ two, three }, 2 } }, &beside), FAULT_NONE);
    is_int(store_task_put(s, &t, &(struct store_targets){ &three, (int64_t[]){ group, beside }, 1, 2 }, &both), FAULT_NONE);
    is_int(store_task_meters(s, both, &a, &ids, &count), FAULT_NONE);
    ok(count == 3 && ids[0] == one && ids[1] == two && ids[2] == three, "of groups that overlap everybody once");
    is_int(store_task_delete(s, both), FAULT_NONE);
    is_int(store_task_add(s, id, (int64_t[]){ one, three }, 2), FAULT_NONE);
    is_int(store_task_meters(s, id, &a, &ids, &count), FAULT_NONE);
    is_int(count, 3, "nobody is named twice");
    t = got;
    t.title = "U";
    is_int(store_task_put(s, &t, NULL, NULL), FAULT_CHANGED, "adding devices was a change");
    is_int(store_task_get(s, id, &a, &t), FAULT_NONE);
    t.title = "U";
    is_int(store_task_put(s, &t, NULL, NULL), FAULT_NONE);
    is_int(store_task_schedule(s, id, true, true, 1000, 5000), FAULT_NONE);
    is_int(store_task_get(s, id, &a, &got), FAULT_NONE);
    ok(got.scheduled && got.on_ms == 1000 && got.off_ms == 0 && got.next_ms == 5000 && strcmp(got.title, "U") == 0, "its schedule is on");
    int64_t revision = got.revision;
    is_int(store_task_schedule(s, id, true, false, 2000, 6000), FAULT_NONE);
    is_int(store_task_get(s, id, &a, &got), FAULT_NONE);
    ok(got.on_ms == 1000 && got.next_ms == 6000 && got.revision == revision, "the next run is no change of the task");
    is_int(store_task_schedule(s, id, false, true, 3000, 0), FAULT_NONE);
    is_int(store_task_get(s, id, &a, &got), FAULT_NONE);
    ok(!got.scheduled && got.off_ms == 3000, "and off");
    is_int(store_meter_delete(s, three, false), FAULT_NONE);
    is_int(store_group_delete(s, group, false), FAULT_REFUSED);
    is_int(store_task_get(s, id, &a, &got), FAULT_NONE);
    is_int(got.targets, 2, "a deleted meter is in no task");
    is_int(store_task_get(s, 999, &a, &got), FAULT_NO_DATA);
    is_int(store_task_delete(s, 999), FAULT_NO_DATA);
    arena_free(&a);
}

static struct store_run run_of(int64_t task, enum run_cause cause, int64_t begun)
{
    return (struct store_run){ .project = 1, .task = task, .cause = cause, .title = "R", .work = "states;", .reason = "", .initiator = "HES", .login = "ann", .begun_ms = begun };
}

static int64_t add_run(int64_t task, enum run_cause cause, const char *request, int64_t begun, bool *again)
{
    struct store_run r = run_of(task, cause, begun);
    int64_t id = 0, devices[] = { 1, 2, 3 };
    is_int(store_run_add(s, &r, request, devices, 3, &id, again), FAULT_NONE);
    return id;
}

static bool count_row(void *context, const struct store_run_device *d)
{
    *(int64_t *)context = *(int64_t *)context * 10 + d->device;
    return true;
}

static int64_t devices_of(int64_t run, unsigned results, const int64_t *within, size_t within_count, size_t skip, size_t take, int64_t *total)
{
    int64_t digits = 0;
    struct run_device_filter f = { run, results, within, within_count, skip, take };
    is_int(store_run_devices(s, &f, count_row, &digits, total), FAULT_NONE);
    return digits;
}

static bool count_run(void *context, const struct store_run *r)
{
    *(int64_t *)context = *(int64_t *)context * 100 + r->id;
    return true;
}

static void test_runs(void)
{
    struct arena a = { 0 };
    bool again;
    const int64_t day = 86400000;
    int64_t total, first = add_run(5, RUN_BY_HAND, "", 1000, &again), second = add_run(0, RUN_ONE_OFF, "click", 2000, &again);
    ok(!again && second == first + 1);
    is_int(add_run(0, RUN_ONE_OFF, "click", 2500, &again), second, "the same request is the same run");
    ok(again);
    int64_t third = add_run(0, RUN_ONE_OFF, "click", 2000 + day + 1, &again);
    ok(third != second && !again, "after a day it is another");
    struct store_run_device rows[] = { { .run = first, .device = 1, .result = RUN_SUCCESS, .begun_ms = 1, .ended_ms = 2, .readings = 7, .tries = 1, .notes = "", .story = "1 end none\n" },
                                       { .run = first, .device = 3, .result = RUN_ERROR, .tries = 2, .notes = "session no-answer \n", .story = "" },
                                       { .run = first, .device = 99, .result = RUN_ERROR, .notes = "", .story = "" } };
    is_int(store_run_devices_note(s, rows, 3), FAULT_NONE);
    is_int(devices_of(first, 0, NULL, 0, 0, 10, &total), 123, "its devices, and no other");
    is_int(total, 3);
    is_int(devices_of(first, 1u << RUN_ERROR, NULL, 0, 0, 10, &total), 3, "by result");
    is_int(devices_of(first, 0, (int64_t[]){ 2, 3, 8 }, 3, 1, 1, &total), 3, "of some, in pages");
    is_int(total, 2);
    struct store_run_device d;
    is_int(store_run_device_get(s, first, 1, &a, &d), FAULT_NONE);
    ok(d.readings == 7 && strcmp(d.story, "1 end none\n") == 0, "a device's row");
    is_int(store_run_device_get(s, first, 99, &a, &d), FAULT_NO_DATA);
    struct store_run r;
    is_int(store_run_get(s, first, &a, &r), FAULT_NONE);
    r.good = r.failed = 1;
    r.result = RUN_CANCELLED_BY_USER;
    r.ended_ms = 9000;
    is_int(store_run_note(s, &r, RUN_CANCELLED_BY_USER), FAULT_NONE);
    is_int(devices_of(first, 1u << RUN_CANCELLED_BY_USER, NULL, 0, 0, 10, &total), 2, "who was pending shares the run's end");
    int64_t ids = 0, closed = 0;
    is_int(store_runs(s, &(struct run_filter){ .project = 1, .causes = 1u << RUN_ONE_OFF, .take = 10 }, count_run, &ids, &total), FAULT_NONE);
    ok(total == 2 && ids == third * 100 + second, "runs by cause, newest first");
    is_int(store_run_last(s, 5, &a, &r), FAULT_NONE);
    is_int(r.id, first);
    is_int(store_runs_interrupt(s, 10000, &closed), FAULT_NONE);
    is_int(closed, 2, "what a former process left open is closed");
    is_int(store_run_get(s, second, &a, &r), FAULT_NONE);
    ok(r.result == RUN_INTERRUPTED && r.ended_ms == 10000);
    is_int(devices_of(second, 1u << RUN_INTERRUPTED, NULL, 0, 0, 10, &total), 123, "with its devices");
    is_int(store_run_get(s, first, &a, &r), FAULT_NONE);
    is_int(r.result, RUN_CANCELLED_BY_USER, "what was over stays as it was");
    arena_free(&a);
}

/* A device's history of commands: runs that only read are none. */
static void test_commands(void)
{
    static const char *const works[] = { "states;", "command relay-off 0;", "day 3;command clock-correct 0;", "command relay-on 0;" };
    int64_t run[4], found[4], total = 0;
    size_t count = 0;
    bool again;
    for (int i = 0; i < 4; i++) {
        struct store_run r = run_of(0, RUN_ONE_OFF, 50000 + i);
        r.work = works[i];
        is_int(store_run_add(s, &r, "", (int64_t[]){ 41, i < 3 ? 42 : 43 }, 2, &run[i], &again), FAULT_NONE);
    }
    is_int(store_run_commands(s, 42, 0, 4, found, &count, &total), FAULT_NONE);
    ok(count == 2 && total == 2 && found[0] == run[2] && found[1] == run[1], "what it was told, newest first; not what was read, nor what another was told");
    is_int(store_run_commands(s, 41, 1, 1, found, &count, &total), FAULT_NONE);
    ok(count == 1 && total == 3 && found[0] == run[2], "in pages");
    is_int(store_run_commands(s, 44, 0, 4, found, &count, &total), FAULT_NONE);
    ok(count == 0 && total == 0, "nothing of who was told nothing");
}

static void test_again(void)
{
    struct arena a = { 0 };
    struct store_run r = run_of(0, RUN_ONE_OFF, 60000), got;
    int64_t first = 0, second = 0, total = 0, ids = 0;
    bool again;
    is_int(store_run_add(s, &r, "", (int64_t[]){ 51 }, 1, &first, &again), FAULT_NONE);
    r.again_of = first;
    is_int(store_run_add(s, &r, "", (int64_t[]){ 51 }, 1, &second, &again), FAULT_NONE);
    is_int(store_run_get(s, second, &a, &got), FAULT_NONE);
    is_int(got.again_of, first, "a repeat remembers whose it is");
    is_int(store_run_get(s, first, &a, &got), FAULT_NONE);
    is_int(got.again_of, 0);
    is_int(store_runs(s, &(struct run_filter){ .project = 1, .again_of = first, .take = 10 }, count_run, &ids, &total), FAULT_NONE);
    ok(total == 1 && ids == second, "and is found by it");
    arena_free(&a);
}

static void test_retention(void)
{
    struct arena a = { 0 };
    struct store_run r;
    bool again;
    int64_t run[6], total;
    for (int i = 0; i < 6; i++) {
        run[i] = add_run(8, i % 2 ? RUN_BY_SCHEDULE : RUN_BY_HAND, "", 20000 + i, &again);
        is_int(store_run_get(s, run[i], &a, &r), FAULT_NONE);
        r.ended_ms = i == 1 ? 0 : 30000;
        is_int(store_run_note(s, &r, RUN_SUCCESS), FAULT_NONE);
    }
    is_int(store_runs_retain(s, 3, 1000, 500000), FAULT_NONE);
    for (int i = 0; i < 6; i++)
        is_int(store_run_get(s, run[i], &a, &r), i == 1 || i >= 3 ? FAULT_NONE : FAULT_NO_DATA, "run %d", i);
    is_int(devices_of(run[0], 0, NULL, 0, 0, 10, &total), 0, "with their devices");
    is_int(store_runs_retain(s, 100, 1000, 6), FAULT_NONE);
    is_int(store_run_get(s, run[3], &a, &r), FAULT_NO_DATA, "device rows are bounded in all");
    is_int(store_run_get(s, run[4], &a, &r), FAULT_NONE);
    is_int(store_run_get(s, run[1], &a, &r), FAULT_NONE, "a run that goes on stays");
    arena_free(&a);
}

static bool sum_relay(void *context, const struct store_relay *r)
{
    *(int64_t *)context = *(int64_t *)context * 100 + r->number * 10 + r->output;
    return true;
}

static void test_relays(void)
{
    int64_t seen = 0;
    struct store_relay rows[] = { { 1, 0, 1, 1, 4, 0, 100 }, { 1, 2, 0, -1, -1, -1, 100 }, { 1, 0, 0, 0, 4, 0, 200 } };
    is_int(store_relays_put(s, rows, 3), FAULT_NONE);
    is_int(store_relays(s, 1, sum_relay, &seen), FAULT_NONE);
    is_int(seen, 20, "as last read");
    is_int(store_meter_delete(s, 1, false), FAULT_NONE);
    seen = 0;
    is_int(store_relays(s, 0, sum_relay, &seen), FAULT_NONE);
    is_int(seen, 0, "a deleted meter's relay is forgotten");
}

static bool count_task(void *context, const struct store_task *t)
{
    (void)t;
    ++*(int *)context;
    return true;
}

static void test_projects(void)
{
    int64_t project = 0, task;
    int count = 0;
    bool again;
    is_int(store_project_put(s, &(struct store_project){ .title = "Gone", .note = "" }, &project), FAULT_NONE);
    struct store_task t = task_of("G");
    t.project = project;
    is_int(store_task_put(s, &t, &(struct store_targets){ 0 }, &task), FAULT_NONE);
    struct store_run r = run_of(task, RUN_BY_HAND, 1);
    r.project = project;
    int64_t run;
    is_int(store_run_add(s, &r, "", NULL, 0, &run, &again), FAULT_NONE);
    is_int(store_project_delete(s, project), FAULT_NONE);
    is_int(store_tasks(s, project, count_task, &count), FAULT_NONE);
    is_int(count, 0, "tasks go with their project");
    struct arena a = { 0 };
    is_int(store_run_get(s, run, &a, &r), FAULT_NO_DATA, "and their runs");
    arena_free(&a);
}

int main(void)
{
    s = help_open("tasks.db", NULL);
    test_tasks();
    test_runs();
    test_commands();
    test_again();
    test_retention();
    test_relays();
    test_projects();
    ok(help_sound(s), "the store is sound");
    store_close(&s);
    help_clean();
    return tap_done();
}
