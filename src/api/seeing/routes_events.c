/* Events of the gateway (manual S0 4.5.1): what is waited for, what is done then, what happened (docs/gateway-events.md). */
#include "api/box/occasion_json.h"
#include "api/routes.h"
#include "api/rows.h"
#include "box/occasions.h"

#include <stdio.h>

#define V1 "/api/v1"
enum { EVENTS_MAX = 200, TITLE_MOST = 100, PAUSE_MOST = 3600, PAUSE_USUAL = 10, SENTENCE_MAX = 700 };

static const char *const results[] = { "done", "run", "busy", "gone", "late", "failed", "waits", NULL };

#define EVENT_FIELDS(required) \
    { .name = "title", .kind = FIELD_TEXT, .flags = required, .least = 1, .most = TITLE_MOST }, \
    { .name = "condition", .kind = FIELD_OBJECT, .flags = required, .shape = &shape_condition }, \
    { .name = "actions", .kind = FIELD_LIST, .flags = required, .least = 1, .most = OCCASION_ACTIONS_MAX, .shape = &shape_action }, \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "pause_s", .kind = FIELD_INT, .least = 1, .most = PAUSE_MOST, .help = { { "не чаще раза за столько секунд; остальные складываются в одно", "at most once in so many seconds; the others become one" } } }
SHAPE(shape_new, "OccasionNew", EVENT_FIELDS(REQUIRED));
SHAPE(shape_change, "OccasionChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }, EVENT_FIELDS(0));
SHAPE(shape_event, "Occasion", { .name = "id", .kind = FIELD_INT }, EVENT_FIELDS(0), { .name = "condition_text", .kind = FIELD_TEXT },
      { .name = "action_texts", .kind = FIELD_LIST, .of = FIELD_TEXT },
      { .name = "last", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "когда было последний раз", "when it last happened" } } },
      { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "когда будет по расписанию", "when it comes by the clock" } } },
      { .name = "count", .kind = FIELD_INT, .help = { { "сколько раз было", "how often it happened" } } },
      { .name = "known", .kind = FIELD_TEXT, .help = { { "последнее известное состояние: число, low или high; пусто: неизвестно", "the last known state: a number, low or high; empty: unknown" } } },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_happening_query, "HappeningQuery", PAGE_FIELDS, { .name = "occasion", .kind = FIELD_INT, .least = 1, .most = INT64_MAX });
SHAPE(shape_deed, "Deed", { .name = "action", .kind = FIELD_WORD, .words = action_names }, { .name = "result", .kind = FIELD_WORD, .words = results },
      { .name = "result_text", .kind = FIELD_TEXT }, { .name = "run", .kind = FIELD_INT, .flags = NULLABLE, .help = { { "начатый запуск", "the run it began" } } },
      { .name = "note", .kind = FIELD_TEXT });
SHAPE(shape_happening, "Happening", { .name = "id", .kind = FIELD_INT }, { .name = "occasion", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "time", .kind = FIELD_TIME }, { .name = "cause", .kind = FIELD_TEXT, .help = { { "словами", "in words" } } },
      { .name = "merged", .kind = FIELD_INT, .help = { { "сколько ещё пришлось на паузу", "how many more fell into the pause" } } },
      { .name = "deeds", .kind = FIELD_LIST, .shape = &shape_deed });
SHAPE(shape_ran, "OccasionRan", { .name = "happening", .kind = FIELD_INT });

static bool here(struct call *c)
{
    return c->api->occasions != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

/* --- out ----------------------------------------------------------------------------------------------------------------------- */

static void put_actions(struct call *c, const struct actions *a)
{
    json_put_list(&c->out, "actions");
    for (size_t i = 0; i < a->count; i++)
        action_put(c, &a->action[i]);
    json_put_end(&c->out);
    json_put_list(&c->out, "action_texts");
    for (size_t i = 0; i < a->count; i++) {
        char sentence[SENTENCE_MAX] = "";
        struct text t = text_over(sentence, sizeof sentence);
        action_tell(c, &a->action[i], &t);
        json_put_text(&c->out, NULL, sentence);
    }
    json_put_end(&c->out);
}

static void put_event(struct call *c, const void *row)
{
    const struct store_occasion *o = row;
    struct condition k = { .kind = CONDITION_STOP };
    struct actions *a = arena_take(c->arena, sizeof *a);
    char sentence[SENTENCE_MAX] = "";
    struct text t = text_over(sentence, sizeof sentence);
    a->count = 0;
    condition_read(o->condition, &k);
    actions_read(o->actions, a);
    condition_tell(c, &k, &t);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", o->id);
    json_put_text(&c->out, "title", o->title);
    json_put_bool(&c->out, "enabled", o->enabled);
    json_put_int(&c->out, "pause_s", o->pause_s);
    condition_put(c, "condition", &k);
    json_put_text(&c->out, "condition_text", sentence);
    put_actions(c, a);
    json_put_utc(&c->out, "last", o->state.last_ms);
    json_put_utc(&c->out, "next", o->enabled ? o->state.next_ms : 0);
    json_put_int(&c->out, "count", o->state.count);
    json_put_text(&c->out, "known", o->state.known);
    json_put_int(&c->out, "revision", o->revision);
    json_put_end(&c->out);
}

/* --- in ------------------------------------------------------------------------------------------------------------------------ */

static bool fits_stop(struct call *c, const struct condition *k, const struct actions *a)
{
    static const struct phrase no = { { "при останове этого уже не сделать", "cannot be done any more while the box stops" } };
    char field[40];
    for (size_t i = 0; i < a->count; i++)
        if (k->kind == CONDITION_STOP && !action_fits_stop(a->action[i].kind)) {
            snprintf(field, sizeof field, "actions[%zu].kind", i);
            return call_wrong_field(c, field, phrase_in(&no, c->lang));
        }
    return true;
}

/* Whoever may not switch relays may not change an event that does, nor let it happen. */
static bool may_switch(struct call *c, const struct actions *a)
{
    for (size_t i = 0; i < a->count; i++)
        if ((a->action[i].kind == ACTION_RELAY || a->action[i].kind == ACTION_RELAY_OWN) && !call_may(c, MAY_WRITE_DEVICES))
            return call_refuse(c, REFUSE_FORBIDDEN);
    return true;
}

static bool take_event(struct call *c, void *row)
{
    struct store_occasion *o = row;
    const json_t *condition = json_object_get(c->body, "condition"), *actions = json_object_get(c->body, "actions");
    struct condition k;
    struct actions *a = arena_take(c->arena, sizeof *a);
    char *memory = arena_take(c->arena, CONDITION_TEXT_MAX + ACTIONS_TEXT_MAX);
    struct text before = text_over(memory, CONDITION_TEXT_MAX), after = text_over(memory + CONDITION_TEXT_MAX, ACTIONS_TEXT_MAX);
    bool enabled = call_bool(c->body, "enabled", o->enabled);
    if (!here(c) || (condition ? !condition_take(c, condition, &k) : !condition_read(o->condition, &k)) || (actions ? !actions_take(c, actions, a) : !actions_read(o->actions, a)) ||
        !may_switch(c, a) || !fits_stop(c, &k, a))
        return false;
    condition_write(&k, &before);
    actions_write(a, &after);
    o->anew = strcmp(o->condition, memory) != 0 || enabled != o->enabled;
    o->title = call_text(c->body, "title", o->title);
    o->enabled = enabled;
    o->pause_s = (int)call_int(c->body, "pause_s", o->pause_s);
    o->condition = memory;
    o->actions = memory + CONDITION_TEXT_MAX;
    return true;
}

static void event_changed(struct call *c, const void *before, const void *after)
{
    const struct store_occasion *o = after ? after : before;
    occasions_changed(c->api->occasions);
    call_note(c, !before ? NOTE_OCCASION_ADD : after ? NOTE_OCCASION_UPDATE : NOTE_OCCASION_REMOVE, o->title, NULL, after ? call_json(c, c->body) : NULL);
}

ROW_STORE(event, struct store_occasion, store_occasions, store_occasion_get, store_occasion_put, store_occasion_delete);
static const struct row_kind events = {
    .store = &event_store, .take = take_event, .show = put_event, .changed = event_changed, .most = EVENTS_MAX, .full_at = "title",
    .full = { { "событий не больше 200", "there are 200 events at most" } },
    .preset = &(const struct store_occasion){ .title = "", .condition = "", .actions = "", .enabled = true, .pause_s = PAUSE_USUAL } };
ROW_WAYS(event, events)

/* Names of devices are fresh. */
static void list_events(struct call *c)
{
    if (call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        list_event(c);
}

static void show_event(struct call *c)
{
    if (call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        get_event(c);
}

static void run_event(struct call *c)
{
    struct store_occasion o;
    struct actions *a = arena_take(c->arena, sizeof *a);
    int64_t happening = 0;
    if (!here(c) || !row_find(c, &events, c->match.number[0], &o) || !actions_read(o.actions, a) || !may_switch(c, a) ||
        !call_good(c, occasions_run(c->api->occasions, o.id, c->caller.login, &happening), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "happening", happening);
    json_put_end(&c->out);
}

/* --- what happened ------------------------------------------------------------------------------------------------------------------- */

static const char *result_title(const char *result, enum lang lang)
{
    static const struct {
        const char *word;
        struct phrase text;
    } titles[] = {
        { "done", { { "выполнено", "done" } } }, { "run", { { "запущено", "begun" } } }, { "busy", { { "прежний запуск ещё идёт", "the former run goes on" } } },
        { "gone", { { "некого или нечего", "nobody or nothing there" } } }, { "late", { { "время прошло: не выполнено", "too late: not done" } } }, { "failed", { { "не вышло", "failed" } } },
        { "waits", { { "будет после начатых запусков", "goes when the runs have ended" } } } };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i].word, result) == 0)
            return phrase_in(&titles[i].text, lang);
    return result;
}

static bool put_happening(void *context, const struct store_happening *h)
{
    struct call *c = context;
    char sentence[SENTENCE_MAX] = "";
    struct text t = text_over(sentence, sizeof sentence);
    cause_tell(h->cause, c->lang, &t);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", h->id);
    json_put_int(&c->out, "occasion", h->occasion);
    json_put_text(&c->out, "title", h->title);
    json_put_utc(&c->out, "time", h->at_ms);
    json_put_text(&c->out, "cause", sentence);
    json_put_int(&c->out, "merged", h->merged);
    json_put_list(&c->out, "deeds");
    for (size_t i = 0; i < h->deeds; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "action", h->deed[i].kind);
        json_put_text(&c->out, "result", h->deed[i].result);
        json_put_text(&c->out, "result_text", result_title(h->deed[i].result, c->lang));
        if (h->deed[i].run)
            json_put_int(&c->out, "run", h->deed[i].run);
        else
            json_put_null(&c->out, "run");
        json_put_text(&c->out, "note", h->deed[i].note);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
    return true;
}

static void list_happenings(struct call *c)
{
    int64_t total = 0;
    list_begin(c);
    enum fault f = store_happenings(c->api->store, c->caller.project, call_int(c->query, "occasion", 0), call_skip(c), call_take(c), put_happening, c, &total);
    list_end(c, total, f);
}

void api_occasion_told(void *context, int64_t project, int64_t occasion)
{
    struct api *api = context;
    char line[40];
    snprintf(line, sizeof line, "{\"occasion\":%lld}", (long long)occasion);
    hub_tell(api->hub, project, "happening", line);
}

static const struct route rows[] = {
    { "GET", V1 "/occasions", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, NULL, NULL, &shape_event, NULL, 0, list_events, { { "события шлюза и их действия", "events of the gateway and their actions" } } },
    { "POST", V1 "/occasions", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_new, NULL, NULL, 0, add_event, { { "добавить событие", "add an event" } } },
    { "GET", V1 "/occasions/{id}", MAY_READ_DATA_COLLECTION_JOB, 0, NULL, NULL, &shape_event, NULL, 0, show_event, { { "событие", "an event" } } },
    { "PATCH", V1 "/occasions/{id}", MAY_WRITE_DATA_COLLECTION_JOB, 0, NULL, &shape_change, &shape_event, NULL, 0, change_event, { { "изменить событие", "change an event" } } },
    { "DELETE", V1 "/occasions/{id}", MAY_DELETE_DATA_COLLECTION_JOB, 0, NULL, NULL, NULL, NULL, 0, delete_event, { { "удалить событие", "delete an event" } } },
    { "POST", V1 "/occasions/{id}/run", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, 0, NULL, NULL, &shape_ran, NULL, 0, run_event, { { "выполнить действия события сейчас", "do an event's actions now" } } },
    { "GET", V1 "/happenings", MAY_READ_DATA_COLLECTION_JOB, ROUTE_LIST, &shape_happening_query, NULL, &shape_happening, NULL, 0, list_happenings, { { "что происходило: события, причины, начатые запуски", "what happened: events, causes, runs they began" } } },
};

ROUTE_TABLE(rows);
