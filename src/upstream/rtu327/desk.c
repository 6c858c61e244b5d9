/* Answers of an RTU-327 that concern no archive, and the way to those that do; see desk.h. */
#include "upstream/rtu327/inside.h"
#include "base/clock.h"
#include "store/house/house.h"

#include <stdlib.h>

enum { STRIDE_S = 366 * DAY_SECONDS, PROFILE_MINUTES = 30 };

/* What the protocol's oldest readers know; a wall clock before it is nobody's. */
#define OLDEST_WALL INT64_C(946684800) /* 2000-01-01 */

struct rtu327_desk *rtu327_desk_new(struct store *s, const struct rtu327_rules *rules)
{
    struct rtu327_desk *d = memory_new(sizeof *d);
    d->store = s;
    d->rules = *rules;
    d->rules.now_ms = rules->now_ms ? rules->now_ms : clock_utc_ms;
    d->meters = rtu327_meters_new(s, rules->project);
    return d;
}

void rtu327_desk_free(struct rtu327_desk **d)
{
    if (!*d)
        return;
    rtu327_meters_free(&(*d)->meters);
    arena_free(&(*d)->arena);
    free(*d);
    *d = NULL;
}

void rtu327_desk_meters_changed(struct rtu327_desk *d)
{
    rtu327_meters_forget(d->meters);
}

/* --- what the others use --------------------------------------------------------------------------------------------- */

uint32_t desk_time(const struct rtu327_desk *d, const struct rtu327_point *p, int64_t wall)
{
    int64_t time = d->rules.local_time ? wall : wall - (int64_t)p->zone_minutes * 60;
    return time < 0 || time > UINT32_MAX ? 0 : (uint32_t)time;
}

int64_t desk_wall(const struct rtu327_desk *d, const struct rtu327_point *p, uint32_t time)
{
    return d->rules.local_time ? time : (int64_t)time + (int64_t)p->zone_minutes * 60;
}

struct decimal desk_kilo(struct decimal value)
{
    value = decimal_normal(value);
    return decimal_of(value.mantissa, value.exponent - 3);
}

struct striding {
    store_reading_fn *each;
    void *context;
    bool ended;
};

static bool stride(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct striding *s = context;
    s->ended = !s->each(s->context, r, kept);
    return !s->ended;
}

enum fault desk_readings_from(struct rtu327_desk *d, int64_t meter, enum archive archive, const struct obis *filter, size_t count, int64_t from,
                              store_reading_fn *each, void *context)
{
    struct striding s = { each, context, false };
    int64_t end = d->rules.now_ms() / 1000 + 2 * DAY_SECONDS; /* whatever the zone */
    enum fault fault = FAULT_NONE;
    for (int64_t at = from > OLDEST_WALL ? from : OLDEST_WALL; at < end && !s.ended && fault == FAULT_NONE; at += STRIDE_S)
        fault = store_readings(d->store, meter, archive, filter, count, (struct span){ at, at + STRIDE_S }, stride, &s);
    return fault;
}

static bool note_any(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)r, (void)kept;
    *(bool *)context = true;
    return false;
}

enum fault desk_holds(struct rtu327_desk *d, int64_t meter, enum archive archive, bool *ret)
{
    *ret = false;
    return store_latest(d->store, meter, archive, note_any, ret);
}

enum rtu327_result desk_nothing(struct rtu327_desk *d, int64_t meter, enum archive archive)
{
    bool holds;
    if (desk_holds(d, meter, archive, &holds) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    return holds ? RTU327_NO_MORE : RTU327_NO_DATA;
}

/* --- the concentrator itself ------------------------------------------------------------------------------------------ */

/* Of the protocol whose commands stand here; УМ-SMART tells the same. */
static enum rtu327_result tell_version(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *w)
{
    (void)d, (void)r;
    rtu327_put_version(w, (struct rtu327_version){ 2, 1, 2 });
    return RTU327_OK;
}

static enum rtu327_result tell_time(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *w)
{
    (void)r;
    int64_t now_ms = d->rules.now_ms();
    put_le32(w, (uint64_t)(d->rules.local_time ? clock_local_wall(now_ms) : now_ms / 1000));
    return RTU327_OK;
}

/* The machine's clock is kept by its system (NTP), not by whoever reads meters. */
static enum rtu327_result refuse(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *w)
{
    (void)d, (void)r, (void)w;
    return RTU327_NO_RIGHTS;
}

static bool note_line(void *context, const struct store_log_line *l)
{
    *(int64_t *)context = l->id;
    return false;
}

/* The newest record of the concentrator's own journal: it has one section. */
static enum rtu327_result tell_last_record(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *w)
{
    int64_t id = 0;
    if (r->section != 1)
        return RTU327_BAD_PARAMETERS;
    struct log_line_filter filter = { .to_ms = INT64_MAX, .level = INT32_MAX, .service = "", .search = "" };
    if (store_log_lines(d->store, &filter, note_line, &id) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    put_le32(w, (uint64_t)id);
    return RTU327_OK;
}

/* --- a meter's parameters ---------------------------------------------------------------------------------------------- */

static bool take_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    (void)since_ms;
    struct rtu327_parameters *p = context;
    struct decimal *to = kind == FACT_RATIO_CURRENT ? &p->current_ratio : kind == FACT_RATIO_VOLTAGE ? &p->voltage_ratio :
                         kind == FACT_CONSTANT ? &p->multiplier : NULL;
    struct decimal value;
    if (to && decimal_parse(utf8, &value))
        *to = value;
    return true;
}

static bool take_step(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct rtu327_parameters *p = context;
    p->interval = (uint8_t)(r->step / 60);
    return false;
}

static enum rtu327_result tell_parameters(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    (void)r;
    struct decimal one = decimal_of(1, 0);
    struct rtu327_parameters told = {
        .version = RTU327_PARAMETERS_VERSION, .type = p->type, .current_ratio = one, .voltage_ratio = one, .multiplier = one,
        .interval = PROFILE_MINUTES, .object_type = p->object_type, .object = p->object, .feeder = p->feeder };
    if (store_facts(d->store, p->meter, false, take_fact, &told) != FAULT_NONE
        || store_latest(d->store, p->meter, ARCHIVE_PROFILE, take_step, &told) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    rtu327_put_parameters(w, &told);
    return RTU327_OK;
}

/* --- who answers what -------------------------------------------------------------------------------------------------- */

static const struct desk_row {
    uint8_t command;
    enum rtu327_result (*own)(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *w); /* or: */
    desk_answer_fn *of_meter;
} rows[] = {
    { RTU327_GETVERSION, tell_version, NULL }, { RTU327_GETTIME, tell_time, NULL }, { RTU327_SETTIME, refuse, NULL },
    { RTU327_GETMAXLOGID, tell_last_record, NULL }, { RTU327_GETSHPRM, NULL, tell_parameters }, { RTU327_GETPOK, NULL, desk_registers },
    { RTU327_GETLP, NULL, desk_profile }, { RTU327_GETAUTOREAD, NULL, desk_frozen }, { RTU327_GETTESTS, NULL, desk_tests },
    { RTU327_GETMTRLOG, NULL, desk_events },
};

static const struct desk_row *row_of(uint8_t command)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].command == command)
            return &rows[i];
    return NULL;
}

enum rtu327_result rtu327_desk_answer(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *data)
{
    const struct desk_row *row = row_of(r->command);
    enum fault fault = FAULT_NONE;
    if (!row)
        return RTU327_UNKNOWN_COMMAND;
    if (row->own)
        return row->own(d, r, data);
    const struct rtu327_point *p = rtu327_meters_find(d->meters, r->meter, &fault);
    if (!p)
        return fault == FAULT_NONE ? RTU327_NO_METER : RTU327_DATABASE_ERROR;
    arena_reset(&d->arena);
    enum rtu327_result result = row->of_meter(d, r, p, data);
    return data->failed ? RTU327_SERVER_ERROR : result;
}
