/* What an occasion may do: a row for each kind of action. Another kind is another row, a word in action_names and its fields. */
#include "box/occasions_inside.h"
#include "base/clock.h"
#include "collect/work.h"
#include "drivers/driver.h"
#include "store/registry/registry.h"
#include "upstream/files/service.h"
#include "upstream/mqtt/mqtt.h"

#include <stdio.h>
#include <stdlib.h>

/* An action under way. */
struct doing {
    struct occasions *o;
    struct watched *w;
    size_t place;
    const struct action *a;
    const char *cause;
    struct store_deed *ret;
    struct text note;
};

bool run_goes_on(struct occasions *o, int64_t run)
{
    struct arena a = { 0 };
    struct store_run r;
    bool on = run && store_run_get(o->o.store, run, &a, &r) == FAULT_NONE && !r.ended_ms;
    arena_free(&a);
    return on;
}

static void came(struct doing *d, enum fault f, int64_t run)
{
    d->ret->run = run;
    d->ret->result = f == FAULT_NONE ? run ? "run" : "done" : f == FAULT_REFUSED ? "busy" : f == FAULT_NO_DATA ? "gone" : "failed";
    if (f != FAULT_NONE && f != FAULT_REFUSED && f != FAULT_NO_DATA)
        text_put(&d->note, fault_name(f));
}

/* --- runs --------------------------------------------------------------------------------------------------------------------- */

struct choice {
    const struct action *a;
    int64_t project;
    struct meter_set group;
    bool modules;         /* of all, only those with inputs or outputs */
    struct arena *arena;
    int64_t *ids;
    size_t count, room;
};

static bool has_part(const struct driver *d, bool modules)
{
    return d && (modules ? d->relay.signals > 0 && d->read[ARCHIVE_STATE] && !d->clock.read : d->clock.read != NULL);
}

static bool choose(void *context, const struct store_meter *m)
{
    struct choice *c = context;
    bool asked = c->a->scope == SCOPE_DEVICE ? m->id == c->a->subject : c->a->scope == SCOPE_GROUP ? meter_set_has(&c->group, m->id) : has_part(driver_find(m->driver), c->modules);
    if (m->project != c->project || !m->enabled || !asked)
        return true;
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        c->ids = memory_grow(c->ids, c->room * sizeof *c->ids, room * sizeof *c->ids);
        c->room = room;
    }
    c->ids[c->count++] = m->id;
    return true;
}

static enum fault choose_devices(struct doing *d, struct choice *c)
{
    enum fault f = d->a->scope == SCOPE_GROUP ? store_group_meters(d->o->o.store, d->a->subject, c->arena, &c->group) : FAULT_NONE;
    if (f == FAULT_NONE)
        f = store_meters(d->o->o.store, choose, c);
    return f == FAULT_NONE && c->count == 0 ? FAULT_NO_DATA : f;
}

/* The run that this action began before still goes on. */
static bool goes_on(struct doing *d)
{
    return run_goes_on(d->o, d->w->run[d->place]);
}

static void order(struct doing *d, const char *work, const int64_t *ids, size_t count)
{
    int64_t run = 0;
    bool again;
    struct task_order order = { .project = d->w->row.project, .title = d->w->row.title, .work = work, .reason = d->w->row.title, .initiator = "HES", .request = "",
                                .who = { .login = "", .event = d->w->row.title }, .devices = ids, .count = count };
    enum fault f = tasks_order(d->o->o.tasks, &order, &run, &again);
    d->w->run[d->place] = run;
    came(d, f, run);
}

static void order_for(struct doing *d, const char *work, bool modules)
{
    struct arena a = { 0 };
    struct choice c = { .a = d->a, .project = d->w->row.project, .modules = modules, .arena = &a };
    enum fault f = goes_on(d) ? FAULT_REFUSED : choose_devices(d, &c);
    if (f == FAULT_NONE)
        order(d, work, c.ids, c.count);
    else
        came(d, f, 0);
    free(c.ids);
    arena_free(&a);
}

static int64_t last_run(struct doing *d, int64_t task)
{
    struct arena a = { 0 };
    struct store_run r;
    int64_t id = store_run_last(d->o->o.store, task, &a, &r) == FAULT_NONE ? r.id : 0;
    arena_free(&a);
    return id;
}

static void poll_meters(struct doing *d)
{
    int64_t run = 0;
    enum fault f = tasks_run(d->o->o.tasks, d->a->subject, &(struct task_caller){ .login = "", .event = d->w->row.title }, &run);
    if (f == FAULT_REFUSED)
        run = last_run(d, d->a->subject);
    d->w->run[d->place] = run; /* a letter behind it waits for it */
    came(d, f, f == FAULT_NONE ? run : 0);
}

static void watch_modules(struct doing *d)
{
    order_for(d, "lenient;read current 1;read network 1;states;", true);
}

/* Whose own clock is not certain corrects nobody's. */
static void check_clocks(struct doing *d)
{
    struct board_clock clock;
    char work[48];
    board_clock(d->o->board, &clock);
    if (clock.has_time_service && !clock.synchronised && !(clock.has_rtc && clock.rtc_good)) {
        d->ret->result = "failed";
        text_put(&d->note, "the box's own clock is not certain");
        return;
    }
    snprintf(work, sizeof work, "command %s %d;", command_names[COMMAND_CLOCK_CHECK], d->a->from_s);
    order_for(d, work, false);
}

/* The same way as a person's order: plan and read-back are the session's, the order is in the security log. */
static void switch_device(struct doing *d)
{
    char work[48], object[64], after[120];
    if (goes_on(d)) {
        came(d, FAULT_REFUSED, 0);
        return;
    }
    snprintf(work, sizeof work, "command %s %d;", command_names[d->a->on ? COMMAND_RELAY_ON : COMMAND_RELAY_OFF], d->a->relay);
    order(d, work, &d->a->subject, 1);
    snprintf(object, sizeof object, "%lld", (long long)d->w->row.id);
    snprintf(after, sizeof after, "{\"action\":\"%s\",\"relay\":%d,\"devices\":[%lld],\"event\":%lld}", d->a->on ? "on" : "off", d->a->relay, (long long)d->a->subject,
             (long long)d->w->row.id);
    journal_note(d->o->o.store, NOTE_RELAY_ORDER, NULL, d->w->row.title, NULL, after);
}

static void switch_own(struct doing *d)
{
    enum fault f = box_relay_set(d->o->o.box, (int)d->a->subject - 1, d->a->on, NULL, &d->note);
    d->ret->result = f == FAULT_NONE ? "done" : "failed";
}

/* --- messages -------------------------------------------------------------------------------------------------------------------- */

static void send_publication(struct doing *d)
{
    struct mqtt *m = upstream_state(d->o->o.upstream, &service_mqtt);
    came(d, m ? mqtt_order(m, d->a->subject) : FAULT_NOT_SUPPORTED, 0);
}

static void send_files(struct doing *d)
{
    came(d, files_send_now(d->o->o.upstream), 0);
}

static void send_letter(struct doing *d)
{
    bool waits = false;
    came(d, letter_order(d->o, d->w, d->place, d->cause, &waits), 0);
    if (waits)
        d->ret->result = "waits";
}

/* --- the table ---------------------------------------------------------------------------------------------------------------------- */

static const struct row {
    void (*act)(struct doing *d);
    bool late;     /* done although its time is over */
    bool at_stop;  /* done while the program ends */
} rows[ACTION_KINDS] = {
    [ACTION_POLL] = { poll_meters, true, false },
    [ACTION_WATCH] = { watch_modules, true, false },
    [ACTION_CLOCK] = { check_clocks, true, false },
    [ACTION_RELAY_OWN] = { switch_own, false, true },
    [ACTION_RELAY] = { switch_device, false, false },
    [ACTION_MQTT] = { send_publication, true, true },
    [ACTION_MAIL] = { send_letter, true, true },
    [ACTION_FILES] = { send_files, true, false },
};

bool action_fits_stop(enum action_kind kind)
{
    return rows[kind].at_stop;
}

void act(struct occasions *o, struct watched *w, size_t place, const char *cause, bool late, struct store_deed *ret, char *note)
{
    const struct action *a = &w->actions.action[place];
    struct doing d = { .o = o, .w = w, .place = place, .a = a, .cause = cause, .ret = ret, .note = text_over(note, DEED_NOTE_MAX) };
    note[0] = '\0';
    *ret = (struct store_deed){ .kind = action_names[a->kind], .result = "late", .note = note };
    if (o->stopping && !rows[a->kind].at_stop)
        ret->result = "failed";
    else if (!late || rows[a->kind].late)
        rows[a->kind].act(&d);
}
