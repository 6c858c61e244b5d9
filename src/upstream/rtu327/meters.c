/* Meters by number; see meters.h. */
#include "upstream/rtu327/meters.h"
#include "store/registry/registry.h"

#include <stdatomic.h>
#include <stdlib.h>

#define NUMBER_END 10000000000u /* ten digits */

struct rtu327_meters {
    struct store *store;
    int64_t project, revision, deleted; /* the registry's mark when the copy was made */
    atomic_bool made;            /* and nothing has changed since, as far as was told */
    struct rtu327_point *points; /* by number */
    size_t count, room;
};

struct rtu327_meters *rtu327_meters_new(struct store *s, int64_t project)
{
    struct rtu327_meters *m = memory_new(sizeof *m);
    m->store = s;
    m->project = project;
    return m;
}

void rtu327_meters_free(struct rtu327_meters **m)
{
    if (*m)
        free((*m)->points);
    free(*m);
    *m = NULL;
}

/* Families that the protocol has a code for; УМ-SMART answers «no type» for the others, too. */
static uint8_t type_of(const char *driver)
{
    static const struct { const char *driver; uint8_t type; } types[] = {
        { "mercury230", RTU327_MERCURY230 }, { "mercury200", RTU327_MERCURY200 }, { "set4tm", RTU327_SET_4TM }, { "ce303", RTU327_CE303 },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].driver, driver) == 0)
            return types[i].type;
    return RTU327_NO_TYPE;
}

/* 0: a serial number that is none of at most ten digits. */
static uint64_t number_of(const char *serial)
{
    uint64_t number = 0;
    for (; *serial >= '0' && *serial <= '9' && number < NUMBER_END; serial++)
        number = number * 10 + (uint64_t)(*serial - '0');
    return *serial || number >= NUMBER_END ? 0 : number;
}

static bool add_meter(void *context, const struct store_meter *meter)
{
    struct rtu327_meters *m = context;
    if (meter->project != m->project)
        return true;
    if (m->count == m->room) {
        size_t room = m->room ? m->room * 2 : 64;
        m->points = memory_grow(m->points, m->room * sizeof *m->points, room * sizeof *m->points);
        m->room = room;
    }
    m->points[m->count++] = (struct rtu327_point){ .number = number_of(meter->serial), .meter = meter->id, .zone_minutes = meter->zone_minutes,
                                                   .type = type_of(meter->driver), .enabled = meter->enabled };
    return true;
}

static int by_meter(const void *a, const void *b)
{
    const struct rtu327_point *x = a, *y = b;
    return (x->meter > y->meter) - (x->meter < y->meter);
}

static int by_number(const void *a, const void *b)
{
    const struct rtu327_point *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->enabled != y->enabled ? y->enabled - x->enabled : by_meter(a, b);
}

static bool add_entry(void *context, const struct rtu327_entry *e)
{
    struct rtu327_meters *m = context;
    struct rtu327_point key = { .meter = e->meter };
    struct rtu327_point *p = m->count ? bsearch(&key, m->points, m->count, sizeof *m->points, by_meter) : NULL;
    if (!p)
        return true;
    p->number = e->number ? e->number : p->number;
    p->object_type = e->object_type;
    p->object = e->object;
    p->feeder = e->feeder;
    return true;
}

static enum fault make(struct rtu327_meters *m)
{
    m->count = 0;
    enum fault fault = store_meters(m->store, add_meter, m); /* by id */
    if (fault == FAULT_NONE)
        fault = rtu327_entries(m->store, add_entry, m);
    if (m->count)
        qsort(m->points, m->count, sizeof *m->points, by_number);
    return fault;
}

static enum fault refresh(struct rtu327_meters *m)
{
    int64_t revision, deleted;
    enum fault fault = store_registry_mark(m->store, &revision, &deleted);
    if (fault != FAULT_NONE || (m->made && revision == m->revision && deleted == m->deleted))
        return fault;
    m->made = true; /* before it is made: what changes meanwhile is looked at again */
    fault = make(m);
    if (fault != FAULT_NONE)
        m->made = false;
    m->revision = revision;
    m->deleted = deleted;
    return fault;
}

const struct rtu327_point *rtu327_meters_find(struct rtu327_meters *m, uint64_t number, enum fault *ret)
{
    *ret = refresh(m);
    size_t low = 0, high = *ret == FAULT_NONE ? m->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->points[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = *ret == FAULT_NONE && number && low < m->count && m->points[low].number == number;
    return found ? &m->points[low] : NULL;
}

void rtu327_meters_forget(struct rtu327_meters *m)
{
    m->made = false;
}
