/* A meter's journals as an RTU-327 tells them; see desk.h. Only events whose code is public are told: power, clock, reset,
 * cover, phases (TR1GUN/rtu327-autotests). */
#include "upstream/rtu327/inside.h"
#include "meter/events.h"

static const struct event_type {
    struct event_name name;
    uint16_t type;
} types[] = {
    { { JOURNAL_POWER, EVENT_END }, RTU327_POWER_OFF }, { { JOURNAL_POWER, EVENT_BEGIN }, RTU327_POWER_ON },
    { { JOURNAL_CLOCK, EVENT_END }, RTU327_CLOCK_BEFORE }, { { JOURNAL_CLOCK, EVENT_BEGIN }, RTU327_CLOCK_AFTER },
    { { JOURNAL_RESET, EVENT_DONE }, RTU327_RESET },
    { { JOURNAL_COVER, EVENT_BEGIN }, RTU327_COVER_OPENED }, { { JOURNAL_CASE, EVENT_BEGIN }, RTU327_COVER_OPENED },
    { { JOURNAL_PHASE_A, EVENT_BEGIN }, RTU327_PHASE_A_ON }, { { JOURNAL_PHASE_A, EVENT_END }, RTU327_PHASE_A_OFF },
    { { JOURNAL_PHASE_B, EVENT_BEGIN }, RTU327_PHASE_B_ON }, { { JOURNAL_PHASE_B, EVENT_END }, RTU327_PHASE_B_OFF },
    { { JOURNAL_PHASE_C, EVENT_BEGIN }, RTU327_PHASE_C_ON }, { { JOURNAL_PHASE_C, EVENT_END }, RTU327_PHASE_C_OFF },
};

static const struct event_type *type_of(const struct event *e)
{
    struct event_name name = event_plain(e->journal, e->code);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].name.journal == name.journal && types[i].name.code == name.code)
            return &types[i];
    return NULL;
}

struct event_list {
    struct told {
        int64_t wall;
        uint16_t type;
    } *items;
    size_t count, most;
    bool more;
};

static bool take_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct event_list *l = context;
    const struct event_type *type = type_of(e);
    l->more = type && l->count == l->most;
    if (type && !l->more)
        l->items[l->count++] = (struct told){ e->wall, type->type };
    return !l->more;
}

/* Whoever asks on asks for what is later than the last one: a second must not be torn in two, unless it alone is too long. */
static void end_with_a_second(struct event_list *l)
{
    size_t count = l->count;
    while (l->more && count && l->items[count - 1].wall == l->items[l->count - 1].wall)
        count--;
    l->count = count ? count : l->count;
}

static bool note_any(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)e, (void)stored_ms;
    *(bool *)context = true;
    return false;
}

enum rtu327_result desk_events(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    size_t fit = RTU327_DATA_MAX / RTU327_EVENT_SIZE;
    struct event_list l = { .most = r->count < fit ? r->count : fit };
    bool any = false;
    if (l.most == 0)
        return RTU327_BAD_INTERVAL;
    l.items = arena_take(&d->arena, l.most * sizeof *l.items);
    int64_t after = desk_wall(d, p, r->time) + 1;
    if (store_events(d->store, p->meter, (struct span){ after, INT64_MAX }, take_event, &l) != FAULT_NONE
        || store_events(d->store, p->meter, (struct span){ INT64_MIN, INT64_MAX }, note_any, &any) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    if (l.count == 0)
        return any ? RTU327_NO_MORE : RTU327_NO_DATA;
    end_with_a_second(&l);
    for (size_t i = 0; i < l.count; i++)
        rtu327_put_event(w, (struct rtu327_event){ desk_time(d, p, l.items[i].wall), l.items[i].type });
    return RTU327_OK;
}
