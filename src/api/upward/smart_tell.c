/* Data of meters by the protocol SMART on their way out; see smart_tell.h. Values in Wh, varh, W, V, A, Hz; `ts` is Unix time. */
#include "api/upward/smart_tell.h"
#include "api/readings/reading_lines.h"
#include "base/clock.h"
#include "base/sorted.h"
#include "collect/states.h"
#include "meter/events.h"
#include "meter/relay.h"

#include <stdlib.h>

enum { PASS_ON = 16 << 10 };

/* --- data: what goes out --------------------------------------------------------------------------------------------------- */


static void pass_on(struct telling *t, size_t from)
{
    if (t->text.size < from || !t->whole)
        return;
    t->whole = !t->text.failed && flow_write(t->flow, t->text.data, t->text.size, STREAM_PATIENCE_MS);
    t->text.size = 0;
}

static int64_t utc_of(const struct telling *t, int64_t wall)
{
    return wall - (int64_t)t->meter.zone_minutes * 60;
}

static void begin_values(struct telling *t, int64_t ts)
{
    json_put_object(&t->out, NULL);
    json_put_int(&t->out, "ts", ts);
    json_put_list(&t->out, "tags");
}

static void begin_tag(struct telling *t, const char *tag)
{
    json_put_object(&t->out, NULL);
    json_put_text(&t->out, "tag", tag);
}

static void put_flag(struct telling *t, const char *tag, bool value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_bool(&t->out, "val", value);
    json_put_end(&t->out);
}

static void put_number(struct telling *t, const char *tag, int64_t value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_int(&t->out, "val", value);
    json_put_end(&t->out);
}

static void put_text(struct telling *t, const char *tag, const char *value)
{
    if (!smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_text(&t->out, "val", value);
    json_put_end(&t->out);
}

static void end_values(struct telling *t)
{
    if (t->wall == WALL_NONE)
        return;
    if (t->measure->kind == SMART_PROFILE) {
        put_number(t, "cTime", t->step / 60);
        put_flag(t, "isPart", t->quality & QUALITY_PARTIAL);
        put_flag(t, "isOvfl", t->quality & QUALITY_OVERFLOW);
    }
    json_put_end(&t->out);
    json_put_end(&t->out);
    t->wall = WALL_NONE;
    pass_on(t, PASS_ON);
}

/* --- readings -------------------------------------------------------------------------------------------------------------- */

/* Mean power of the interval that used so much, W. */
static struct decimal power_of(const struct reading *r)
{
    struct decimal power = r->value;
    kind_power(r->value, r->step, &power);
    return power;
}

static const char *tag_of(const struct telling *t, struct obis obis)
{
    for (size_t i = 0; i < t->tag_count; i++)
        if (obis_equal(t->tags[i].obis, obis))
            return t->tags[i].name;
    return NULL;
}

/* УМ stamps an interval by its end: the newest stamp is the present half-hour's beginning [from how its maker's tests fill it]. */
static bool put_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct telling *t = context;
    bool profile = t->measure->kind == SMART_PROFILE;
    const char *tag = tag_of(t, r->obis);
    int64_t stamp = utc_of(t, r->wall) + (profile ? r->step : 0);
    if (r->quality & QUALITY_MISSING || !tag || !span_holds(t->stamps, stamp))
        return true;
    if (t->wall != r->wall) {
        end_values(t);
        t->wall = r->wall;
        t->quality = 0;
        t->step = r->step;
        begin_values(t, stamp);
    }
    t->quality |= r->quality;
    begin_tag(t, tag);
    json_put_decimal(&t->out, "val", profile ? power_of(r) : r->value);
    json_put_end(&t->out);
    return t->whole;
}

static bool note_newest(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct telling *t = context;
    if (!(r->quality & QUALITY_MISSING) && tag_of(t, r->obis) && r->wall > t->newest)
        t->newest = r->wall;
    return true;
}

static enum fault put_span(struct telling *t, struct span wall, struct span stamps)
{
    t->wall = WALL_NONE;
    t->stamps = stamps;
    enum fault fault = store_readings(t->c->api->store, t->meter.id, t->measure->archive, t->filter, t->tag_count, wall, put_reading, t);
    end_values(t);
    return fault;
}

static enum fault put_newest(struct telling *t)
{
    t->newest = WALL_NONE;
    enum fault fault = store_latest(t->c->api->store, t->meter.id, t->measure->archive, note_newest, t);
    return fault != FAULT_NONE || t->newest == WALL_NONE ? fault : put_span(t, (struct span){ t->newest, t->newest + 1 }, (struct span){ INT64_MIN, INT64_MAX });
}

/* The meter's wall moments that may have such stamps: an interval's is later than itself by its step, an hour at most. */
static struct span wall_span(const struct telling *t, struct span utc)
{
    int64_t zone = (int64_t)t->meter.zone_minutes * 60, longest = t->measure->kind == SMART_PROFILE ? HOUR_SECONDS : 0;
    return (struct span){ utc.from + zone - longest, utc.to + zone };
}

static enum fault put_readings(struct telling *t)
{
    enum fault fault = FAULT_NONE;
    if (t->tag_count == 0)
        return FAULT_NONE;
    if (t->last || t->measure->last || t->time_count == 0)
        return put_newest(t);
    for (size_t i = 0; i < t->time_count && fault == FAULT_NONE && t->whole; i++)
        fault = put_span(t, wall_span(t, t->times[i]), t->times[i]);
    return fault;
}

/* --- journals and configuration ------------------------------------------------------------------------------------------------ */

struct newest_event {
    struct telling *t;
    int64_t wall;
};

static bool put_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct telling *t = context;
    struct event_name name = event_plain(e->journal, e->code);
    if (name.journal != t->measure->journal)
        return true;
    begin_values(t, utc_of(t, e->wall));
    put_number(t, "event", name.code);
    json_put_end(&t->out);
    json_put_end(&t->out);
    pass_on(t, PASS_ON);
    return t->whole;
}

static bool note_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct newest_event *n = context;
    if (event_plain(e->journal, e->code).journal == n->t->measure->journal)
        n->wall = e->wall;
    return true;
}

static enum fault put_events(struct telling *t)
{
    struct store *s = t->c->api->store;
    struct newest_event newest = { t, WALL_NONE };
    enum fault fault = FAULT_NONE;
    if (t->last || t->time_count == 0) {
        fault = store_events(s, t->meter.id, (struct span){ INT64_MIN, INT64_MAX }, note_event, &newest);
        return fault != FAULT_NONE || newest.wall == WALL_NONE ? fault :
               store_events(s, t->meter.id, (struct span){ newest.wall, newest.wall + 1 }, put_event, t);
    }
    for (size_t i = 0; i < t->time_count && fault == FAULT_NONE && t->whole; i++)
        fault = store_events(s, t->meter.id, wall_span(t, t->times[i]), put_event, t);
    return fault;
}

struct configuration {
    const char *serial, *model;
    struct decimal current, voltage, constant; /* mantissa 0: not known */
    int64_t since_ms;
    int interval;
    struct arena *arena;
};

static bool take_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    struct configuration *g = context;
    struct decimal *to = kind == FACT_RATIO_CURRENT ? &g->current : kind == FACT_RATIO_VOLTAGE ? &g->voltage : kind == FACT_CONSTANT ? &g->constant : NULL;
    if (to)
        decimal_parse(utf8, to);
    else if (kind == FACT_TYPE)
        g->model = arena_text(g->arena, bytes_of_text(utf8));
    g->since_ms = since_ms > g->since_ms ? since_ms : g->since_ms;
    return true;
}

static bool take_step(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    ((struct configuration *)context)->interval = r->step / 60;
    return false;
}

static void put_ratio(struct telling *t, const char *tag, struct decimal value)
{
    if (value.mantissa == 0 || !smart_wants(t->tags_wanted, tag))
        return;
    begin_tag(t, tag);
    json_put_decimal(&t->out, "val", value);
    json_put_end(&t->out);
}

/* As the meter told it last; nothing for one that never told anything. */
static enum fault put_configuration(struct telling *t)
{
    struct store *s = t->c->api->store;
    struct configuration g = { .serial = t->meter.serial, .model = t->meter.model, .arena = t->c->arena };
    enum fault fault = store_facts(s, t->meter.id, false, take_fact, &g);
    if (fault == FAULT_NONE)
        fault = store_latest(s, t->meter.id, ARCHIVE_PROFILE, take_step, &g);
    if (fault != FAULT_NONE || g.since_ms == 0)
        return fault;
    begin_values(t, g.since_ms / 1000);
    put_text(t, "serial", g.serial);
    put_text(t, "model", g.model);
    if (g.interval)
        put_number(t, "arrInt", g.interval);
    put_ratio(t, "kI", g.current);
    put_ratio(t, "kU", g.voltage);
    put_ratio(t, "const", g.constant);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return FAULT_NONE;
}

/* --- lines of kinds, clocks, relays ------------------------------------------------------------------------------------------------ */

enum { LAST_DAYS = 40, LAST_MONTHS_DAYS = 400, LINES_DAYS_MOST = 1000 };

/* Columns that the protocol has tags for: registers, pulses and inputs 1..32. */
static size_t line_columns(const struct telling *t, const struct reading_kind *k, struct kind_column *columns)
{
    size_t all = reading_kind_columns(k, columns), count = 0;
    for (size_t i = 0; i < all; i++) {
        bool tagged = k->resource == KIND_ELECTRICITY || strncmp(columns[i].name, "Pls", 3) == 0 || (strncmp(columns[i].name, "Chnl", 4) == 0 && columns[i].channel);
        if (tagged && smart_wants(t->tags_wanted, columns[i].name))
            columns[count++] = columns[i];
    }
    return count;
}

static bool has_number(const struct reading_line *line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (line->cells[i].kind == CELL_NUMBER)
            return true;
    return false;
}

static void put_line(struct telling *t, const struct reading_query *q, const struct reading_line *line)
{
    if (line->wall == WALL_NONE || !has_number(line, q->column_count))
        return;
    begin_values(t, utc_of(t, line->wall));
    for (size_t i = 0; i < q->column_count; i++) {
        if (line->cells[i].kind != CELL_NUMBER)
            continue;
        begin_tag(t, q->columns[i].name);
        json_put_decimal(&t->out, "val", line->cells[i].number);
        json_put_end(&t->out);
    }
    json_put_end(&t->out);
    json_put_end(&t->out);
    pass_on(t, PASS_ON);
}

static enum fault put_lines_of(struct telling *t, struct reading_query *q, struct span span, bool last)
{
    struct arena a = { 0 };
    struct reading_lines lines;
    int64_t now = clock_utc_ms() / 1000 + (int64_t)t->meter.zone_minutes * 60, oldest = now - LINES_DAYS_MOST * (int64_t)DAY_SECONDS;
    bool dense = q->kind->archive == ARCHIVE_HOUR;
    q->span = (struct span){ dense && span.from < oldest ? oldest : span.from < 0 ? 0 : span.from, span.to < now + DAY_SECONDS ? span.to : now + DAY_SECONDS };
    enum fault f = q->span.from < q->span.to ? reading_lines_gather(t->c->api->store, q, &t->meter, "", &a, &lines) : FAULT_NO_DATA;
    size_t newest = f == FAULT_NONE ? lines.count : 0;
    while (last && newest > 0 && !has_number(&lines.lines[newest - 1], q->column_count))
        newest--;
    for (size_t i = last && newest ? newest - 1 : 0; i < newest && t->whole; i++)
        put_line(t, q, &lines.lines[i]);
    arena_free(&a);
    return f == FAULT_NO_DATA ? FAULT_NONE : f;
}

static enum fault put_lines(struct telling *t)
{
    struct reading_query q = { .kind = reading_kind_find(t->measure->lines), .lang = t->c->lang };
    int64_t now = clock_utc_ms() / 1000 + (int64_t)t->meter.zone_minutes * 60;
    enum fault fault = FAULT_NONE;
    q.columns = memory_new(COLUMNS_MAX * sizeof *q.columns);
    q.column_count = line_columns(t, q.kind, q.columns);
    int days = q.kind->archive == ARCHIVE_MONTH ? LAST_MONTHS_DAYS : LAST_DAYS;
    if (q.column_count && (t->last || t->time_count == 0))
        fault = put_lines_of(t, &q, (struct span){ now - days * (int64_t)DAY_SECONDS, now + 1 }, true);
    else
        for (size_t i = 0; i < t->time_count && fault == FAULT_NONE && t->whole && q.column_count; i++)
            fault = put_lines_of(t, &q, wall_span(t, t->times[i]), false);
    free(q.columns);
    return fault;
}

static bool put_clock(void *context, const struct state *s)
{
    struct telling *t = context;
    if (!obis_equal(s->obis, STATE_CLOCK_ERROR))
        return true;
    begin_values(t, clock_utc_ms() / 1000);
    put_number(t, "timeDiff", s->value);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return false;
}

/* What was just read is of now; else a state has the time since when it is so. */
static bool put_relay(void *context, const struct state *s)
{
    struct telling *t = context;
    int number = relay_of(s->obis);
    if (number < 0 || !obis_equal(s->obis, RELAY_OUTPUT(number)))
        return true;
    begin_values(t, t->answered ? clock_utc_ms() / 1000 : utc_of(t, s->wall));
    put_number(t, "rId", number);
    put_number(t, "state", s->value);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return true;
}

static enum fault put_values(struct telling *t)
{
    switch (t->measure->kind) {
    case SMART_JOURNAL: return put_events(t);
    case SMART_CONFIGURATION: return put_configuration(t);
    case SMART_LINES: return put_lines(t);
    case SMART_CLOCK: return store_states_now(t->c->api->store, t->meter.id, put_clock, t);
    case SMART_RELAYS: return store_states_now(t->c->api->store, t->meter.id, put_relay, t);
    default: return put_readings(t);
    }
}

static bool is_answered(const struct telling *t, int64_t id)
{
    return !t->answered || sorted_has(t->answered, t->answered_count, id);
}

static enum fault put_device(struct telling *t, int64_t id, size_t number)
{
    struct arena a = { 0 };
    enum fault fault = store_meter_get(t->c->api->store, id, &a, &t->meter);
    if (fault == FAULT_NONE) {
        json_put_object(&t->out, NULL);
        json_put_int(&t->out, "id", (int64_t)number);
        json_put_int(&t->out, "deviceIdx", id);
        json_put_int(&t->out, "meterId", id);
        json_put_text(&t->out, "serial", t->meter.serial);
        json_put_list(&t->out, "vals");
        if (is_answered(t, id))
            fault = put_values(t);
        json_put_end(&t->out);
        json_put_end(&t->out);
    }
    arena_free(&a);
    pass_on(t, PASS_ON);
    return fault == FAULT_NO_DATA ? FAULT_NONE : fault; /* deleted meanwhile */
}

static enum fault put_measure(struct telling *t, const char *name, const int64_t *ids, size_t count)
{
    enum fault fault = FAULT_NONE;
    t->measure = smart_measure_find(name);
    t->tag_count = smart_tags(t->measure->kind, t->tags_wanted, t->tags);
    for (size_t i = 0; i < t->tag_count; i++)
        t->filter[i] = t->tags[i].obis;
    json_put_object(&t->out, NULL);
    json_put_text(&t->out, "measure", name);
    json_put_list(&t->out, "devices");
    for (size_t i = 0; i < count && fault == FAULT_NONE && t->whole; i++)
        fault = put_device(t, ids[i], i + 1);
    json_put_end(&t->out);
    json_put_end(&t->out);
    return fault;
}

void smart_tell(struct telling *t, const json_t *measures, const int64_t *ids, size_t count)
{
    enum fault fault = FAULT_NONE;
    t->out = (struct json_writer){ .out = &t->text };
    json_put_object(&t->out, NULL);
    json_put_int(&t->out, "res", 0);
    json_put_list(&t->out, "measures");
    for (size_t i = 0; i < json_array_size(measures) && fault == FAULT_NONE; i++)
        fault = put_measure(t, json_string_value(json_array_get(measures, i)), ids, count);
    json_put_end(&t->out);
    json_put_end(&t->out);
    pass_on(t, 1);
    flow_end(t->flow, t->whole && fault == FAULT_NONE);
    flow_unref(&t->flow);
    buffer_free(&t->text);
}
