/* Questions about readings and the devices they are about; see reading_ask.h. */
#include "api/readings/reading_ask.h"
#include "api/devices/lines.h"
#include "api/routes.h"
#include "api/seeing/tally.h"
#include "base/clock.h"
#include "collect/states.h"

#include <stdio.h>
#include <stdlib.h>

const char *const reading_scale_words[] = { "1", "1/1000", NULL };

/* --- what is asked -------------------------------------------------------------------------------------------------------------- */

static bool take_columns(struct reading_ask *k)
{
    static const struct phrase unknown = { { "такого параметра у этого вида показаний нет", "this kind of readings has no such parameter" } };
    const json_t *names = json_object_get(k->c->query, "columns");
    struct kind_column *all = arena_take(k->c->arena, COLUMNS_MAX * sizeof *all);
    size_t count = reading_kind_columns(k->q.kind, all);
    if (json_array_size(names) == 0) {
        k->q.columns = all;
        k->q.column_count = count;
        return true;
    }
    k->q.columns = arena_take(k->c->arena, json_array_size(names) * sizeof *all);
    for (size_t i = 0; i < json_array_size(names); i++) {
        size_t at = 0;
        while (at < count && strcmp(all[at].name, json_string_value(json_array_get(names, i))) != 0)
            at++;
        if (at == count)
            return call_wrong_field(k->c, "columns", phrase_in(&unknown, k->c->lang));
        k->q.columns[k->q.column_count++] = all[at];
    }
    return true;
}

static bool take_journals(struct reading_ask *k)
{
    const json_t *numbers = json_object_get(k->c->query, "journals");
    for (size_t i = 0; i < json_array_size(numbers); i++) {
        int64_t number = json_integer_value(json_array_get(numbers, i));
        if (number < 0 || number > KIND_JOURNALS)
            return call_wrong_field(k->c, "journals", k->c->lang == LANG_RU ? "журналы от 0 до 42" : "journals are 0 to 42");
        k->q.journals |= 1ull << number;
    }
    return true;
}

static bool take_span(struct reading_ask *k)
{
    static const struct phrase empty = { { "начало периода должно быть раньше конца", "the beginning must be before the end" } };
    int64_t now = clock_local_wall(clock_utc_ms());
    k->q.span = (struct span){ call_time(k->c->query, "from", wall_day_start(now) - 7 * DAY_SECONDS), call_time(k->c->query, "to", now + 1) };
    return k->q.span.from < k->q.span.to || call_wrong_field(k->c, "to", phrase_in(&empty, k->c->lang));
}

static bool take_devices(struct reading_ask *k)
{
    struct call *c = k->c;
    const json_t *named = json_object_get(c->query, "devices");
    if (!named)
        return reading_devices(c, k->q.kind->resource, &k->devices, &k->device_count);
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    k->device_count = call_ids(c, named, &k->devices);
    for (size_t i = 0; i < k->device_count; i++)
        if (!roster_look(c->api->roster, k->devices[i], c->caller.project, NULL, NULL))
            return call_refuse(c, REFUSE_NOT_FOUND);
    return true;
}

struct reading_ask *reading_ask_take(struct call *c)
{
    static const struct phrase unknown = { { "такого вида показаний нет", "there is no such kind of readings" } };
    struct reading_ask *k = arena_take(c->arena, sizeof *k);
    k->c = c;
    k->q.kind = reading_kind_find(call_text(c->query, "kind", ""));
    k->q.lang = c->lang;
    k->q.scale = strcmp(call_text(c->query, "scale", "1"), "1") == 0 ? SCALE_ONE : SCALE_THOUSANDTH;
    if (!k->q.kind) {
        call_wrong_field(c, "kind", phrase_in(&unknown, c->lang));
        return NULL;
    }
    return take_columns(k) && take_journals(k) && take_span(k) && take_devices(k) ? k : NULL;
}

/* --- devices of a resource ------------------------------------------------------------------------------------------------------ */

struct candidate {
    int64_t id;
    enum resource resource;
};

struct candidates {
    struct candidate *list;
    size_t count;
};

static void add_candidate(void *context, const struct roster_row *row)
{
    struct candidates *l = context;
    const struct driver *d = driver_find(row->driver);
    if (d && !d->carries)
        l->list[l->count++] = (struct candidate){ row->id, d->resource };
}

/* What a device that may be anything has told. */
struct telling {
    enum kind_resource resource;
    bool raw; /* only counted pulses make it one: channels of heat meters are no counters */
    bool any, ours;
};

static bool look_at_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct telling *t = context;
    t->any = true;
    t->ours |= kind_resource_shows(t->resource, r->obis) && (!t->raw || obis_group(r->obis, 0) == 0);
    return !t->ours;
}

static bool look_at_state(void *context, const struct state *s)
{
    struct telling *t = context;
    bool told = !state_is_ours(s->obis);
    t->any |= told;
    t->ours |= told && kind_resource_shows(t->resource, s->obis);
    return !t->ours;
}

static enum fault is_shown(struct store *s, enum kind_resource r, const struct candidate *one, bool *ret)
{
    static const enum resource usual[] = { [KIND_ELECTRICITY] = RESOURCE_ELECTRICITY, [KIND_WATER] = RESOURCE_WATER, [KIND_HEAT] = RESOURCE_HEAT };
    struct telling t = { .resource = r, .raw = r == KIND_PULSES && one->resource == RESOURCE_HEAT };
    *ret = r <= KIND_HEAT && one->resource == usual[r];
    if (*ret || (one->resource != RESOURCE_MIXED && !t.raw))
        return FAULT_NONE;
    enum fault f = store_latest(s, one->id, ARCHIVE_CURRENT, look_at_reading, &t);
    if (f == FAULT_NONE && !t.ours)
        f = store_latest(s, one->id, ARCHIVE_NETWORK, look_at_reading, &t);
    if (f == FAULT_NONE && !t.ours)
        f = store_states_now(s, one->id, look_at_state, &t);
    *ret = t.ours || (!t.any && one->resource == RESOURCE_MIXED);
    return f;
}

bool reading_devices(struct call *c, enum kind_resource r, int64_t **ret, size_t *ret_count)
{
    struct roster_query q = { .project = c->caller.project, .group = call_group(c, c->query), .enabled = -1, .sort = ROSTER_ID };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    size_t most = roster_list(c->api->roster, &q, add_candidate, NULL);
    struct candidates l = { memory_new((most + 1) * sizeof *l.list), 0 };
    q.take = most;
    roster_list(c->api->roster, &q, add_candidate, &l);
    *ret = arena_take(c->arena, (l.count + 1) * sizeof **ret);
    *ret_count = 0;
    enum fault f = FAULT_NONE;
    for (size_t i = 0; i < l.count && f == FAULT_NONE; i++) {
        bool shown = false;
        f = is_shown(c->api->store, r, &l.list[i], &shown);
        if (shown)
            (*ret)[(*ret_count)++] = l.list[i].id;
    }
    free(l.list);
    return call_good(c, f, REFUSE_IN_USE);
}

/* --- a device ------------------------------------------------------------------------------------------------------------------------ */

static const struct field device_fields[] = {
    { .name = "id", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
    { .name = "type", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT }, { .name = "group", .kind = FIELD_TEXT }, { .name = "address", .kind = FIELD_TEXT },
    { .name = "interface", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT }, { .name = "enabled", .kind = FIELD_BOOL },
    { .name = "reason", .kind = FIELD_TEXT, .help = { { "почему не считан в последний раз; пусто: считан", "why it was not read last time; empty: it was" } } },
    { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "последний сеанс со времени запуска", "last session since the start" } } },
    { .name = "clock_error_s", .kind = FIELD_INT, .flags = NULLABLE, .help = { { "часы прибора впереди на столько секунд", "the meter's clock is so many seconds ahead" } } },
    { .name = NULL },
};
const struct shape shape_reading_device = { "ReadingDevice", device_fields };

struct contact_words {
    struct call *c;
    struct arena *a;
    const char *reason;
    int64_t asked_ms;
    bool enabled;
};

static void note_contact(void *context, const struct roster_row *row)
{
    struct contact_words *w = context;
    bool good = row->enabled && row->contact == CONTACT_GOOD;
    w->reason = good ? "" : arena_text(w->a, bytes_of_text(reason_text(row, w->c->lang)));
    w->asked_ms = row->asked_ms;
    w->enabled = row->enabled;
}

const char *reading_reason(struct call *c, int64_t device, struct arena *a)
{
    struct contact_words w = { .c = c, .a = a, .reason = "" };
    roster_look(c->api->roster, device, c->caller.project, note_contact, &w);
    return w.reason;
}

static bool take_clock_error(void *context, const struct state *s)
{
    struct state *found = context;
    if (obis_equal(s->obis, STATE_CLOCK_ERROR))
        *found = *s;
    return true;
}

static void put_place(struct call *c, struct json_writer *out, const struct store_meter *m, const struct driver *d)
{
    const struct store_line *line = m->line_count ? &m->lines[0] : NULL;
    const struct parameter *address = d ? driver_address(d) : NULL;
    const char *value = line && address ? parameter_value(c, line->parameters, address->name) : NULL;
    struct store_link link = { .title = "" };
    if (line && line->link)
        store_link_get(c->api->store, line->link, c->arena, &link);
    json_put_text(out, "address", value ? value : "");
    json_put_text(out, "interface", link.title);
}

void reading_device_put(struct call *c, struct json_writer *out, const struct store_meter *m)
{
    const struct driver *d = driver_find(m->driver);
    struct contact_words w = { .c = c, .a = c->arena, .reason = "" };
    struct state clock = { 0 };
    roster_look(c->api->roster, m->id, c->caller.project, note_contact, &w);
    store_states_now(c->api->store, m->id, take_clock_error, &clock);
    json_put_int(out, "id", m->id);
    json_put_text(out, "serial", m->serial);
    json_put_text(out, "title", m->title);
    json_put_text(out, "type", *m->model ? m->model : d ? phrase_in(&d->title, c->lang) : m->driver);
    json_put_text(out, "driver", m->driver);
    json_put_text(out, "group", m->group);
    put_place(c, out, m, d);
    json_put_text(out, "note", m->note);
    json_put_bool(out, "enabled", w.enabled);
    json_put_text(out, "reason", w.reason);
    json_put_utc(out, "asked", w.asked_ms);
    if (clock.obis.code)
        json_put_int(out, "clock_error_s", clock.value);
    else
        json_put_null(out, "clock_error_s");
}
