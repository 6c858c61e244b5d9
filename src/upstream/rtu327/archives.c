/* Registers, profiles and measurements as an RTU-327 gives them; see desk.h. */
#include "upstream/rtu327/inside.h"

/* How many records fit into an answer beside its head. */
static size_t most_records(size_t head, size_t size, size_t wanted)
{
    size_t fit = (RTU327_DATA_MAX - head) / size;
    return wanted < fit ? wanted : fit;
}

/* --- GETPOK: registers at a moment --------------------------------------------------------------------------------------- */

struct registers {
    struct decimal values[RTU327_CHANNELS];
    uint8_t known; /* mask */
};

static bool take_register(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct registers *g = context;
    int channel = obis_group(r->obis, 2) - 1;
    if (desk_measured(r) && !(g->known >> channel & 1)) {
        g->values[channel] = desk_kilo(r->value);
        g->known |= (uint8_t)(1 << channel);
    }
    return true;
}

/* What the meter froze at that very moment: at the start of a day or a month, or when it was asked just then. Nothing is reckoned
 * from a neighbour. */
enum rtu327_result desk_registers(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    static const enum archive archives[] = { ARCHIVE_DAY, ARCHIVE_MONTH, ARCHIVE_CURRENT };
    struct registers g = { .known = 0 };
    struct obis filter[RTU327_CHANNELS];
    int64_t wall = desk_wall(d, p, r->time);
    for (int i = 0; i < RTU327_CHANNELS; i++) {
        g.values[i] = RTU327_ABSENT;
        filter[i] = RTU327_REGISTER(i, 0);
    }
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++)
        if (store_readings(d->store, p->meter, archives[i], filter, RTU327_CHANNELS, (struct span){ wall, wall + 1 }, take_register, &g) != FAULT_NONE)
            return RTU327_DATABASE_ERROR;
    if (!(g.known & r->channels))
        return RTU327_NO_DATA;
    rtu327_put_channels(w, r->channels, g.values);
    return RTU327_OK;
}

/* --- GETLP: the profile --------------------------------------------------------------------------------------------------- */

struct interval {
    struct decimal values[RTU327_CHANNELS];
    uint8_t known; /* mask */
    bool rolled_over;
};

/* Intervals on one grid from the first that there is; holes in between are absent, because the answer tells only the last one's end. */
struct profile {
    struct interval *intervals;
    size_t count, most;
    int64_t first;
    int step;
};

static bool take_interval(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct profile *p = context;
    if (p->count == 0) {
        p->first = r->wall;
        p->step = r->step;
    }
    if (r->step != p->step || p->step == 0) /* the step was changed: what follows is asked for from there */
        return false;
    int64_t offset = r->wall - p->first;
    if (offset % p->step)
        return true;
    if (offset / p->step >= (int64_t)p->most)
        return false;
    size_t at = (size_t)(offset / p->step);
    for (; p->count <= at; p->count++)
        for (int i = 0; i < RTU327_CHANNELS; i++)
            p->intervals[p->count].values[i] = RTU327_ABSENT;
    struct interval *interval = &p->intervals[at];
    int channel = obis_group(r->obis, 2) - 1;
    if (desk_measured(r)) {
        interval->values[channel] = desk_kilo(r->value);
        interval->known |= (uint8_t)(1 << channel);
        interval->rolled_over |= (r->quality & QUALITY_OVERFLOW) != 0;
    }
    return true;
}

/* The bits of the head's status, for an interval, too [unverified: the vendor's tests hold only 0]. */
static uint8_t interval_status(const struct interval *interval, uint8_t channels)
{
    return (uint8_t)((interval->known & channels ? 0 : RTU327_NO_READINGS) | (interval->rolled_over ? RTU327_ROLLED_OVER : 0));
}

static void put_profile(struct writer *w, const struct profile *p, uint8_t channels, uint32_t end)
{
    struct rtu327_profile_head head = { .count = (uint16_t)p->count, .status = RTU327_NO_READINGS, .end = end };
    for (size_t i = 0; i < p->count; i++) {
        uint8_t status = interval_status(&p->intervals[i], channels);
        head.status = (uint8_t)((head.status & status & RTU327_NO_READINGS) | ((head.status | status) & RTU327_ROLLED_OVER));
    }
    rtu327_put_profile_head(w, &head);
    for (size_t i = 0; i < p->count; i++) {
        rtu327_put_channels(w, channels, p->intervals[i].values);
        put_u8(w, interval_status(&p->intervals[i], channels));
    }
}

enum rtu327_result desk_profile(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    struct obis filter[RTU327_CHANNELS];
    size_t count = 0;
    struct profile profile = { .most = most_records(RTU327_HEAD_SIZE, rtu327_interval_size(r->channels), r->count) };
    if (profile.most == 0)
        return RTU327_BAD_INTERVAL;
    for (int i = 0; i < RTU327_CHANNELS; i++)
        if (i == 0 || r->channels >> i & 1) /* under A+ stands, too, that the meter has no such interval */
            filter[count++] = RTU327_USED(i);
    profile.intervals = arena_take(&d->arena, profile.most * sizeof *profile.intervals);
    if (desk_readings_from(d, p->meter, ARCHIVE_PROFILE, filter, count, desk_wall(d, p, r->time), take_interval, &profile) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    if (profile.count == 0)
        return desk_nothing(d, p->meter, ARCHIVE_PROFILE);
    put_profile(w, &profile, r->channels, desk_time(d, p, profile.first + (int64_t)profile.count * profile.step));
    return RTU327_OK;
}

/* --- GETAUTOREAD: frozen registers ------------------------------------------------------------------------------------------ */

struct frozen_list {
    struct frozen_at {
        int64_t wall;
        struct rtu327_frozen frozen;
    } *items;
    size_t count, most;
    uint64_t number;
};

static void take_energy(struct rtu327_frozen *f, const struct reading *r)
{
    int quadrant = obis_group(r->obis, 2) - 5, tariff = obis_group(r->obis, 4);
    struct decimal value = desk_kilo(r->value);
    if (quadrant >= 0)
        f->quadrant[quadrant] = value;
    else if (tariff == 0)
        f->total = value;
    else
        f->tariff[tariff - 1].energy = value;
}

static bool take_frozen(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct frozen_list *l = context;
    if (!desk_measured(r))
        return true;
    if (l->count == 0 || l->items[l->count - 1].wall != r->wall) {
        if (l->count == l->most)
            return false;
        l->items[l->count++] = (struct frozen_at){ r->wall, rtu327_nothing_frozen(l->number, 0) };
    }
    take_energy(&l->items[l->count - 1].frozen, r);
    return true;
}

/* The channel's sum and tariffs, and the four quadrants of reactive energy. */
static size_t frozen_filter(uint8_t channel, struct obis filter[1 + RTU327_TARIFFS + RTU327_QUADRANTS])
{
    size_t count = 0;
    for (int tariff = 0; tariff <= RTU327_TARIFFS; tariff++)
        filter[count++] = RTU327_REGISTER(channel - 1, tariff);
    for (int quadrant = 0; quadrant < RTU327_QUADRANTS; quadrant++)
        filter[count++] = OBIS(1, 0, 5 + quadrant, 8, 0, 255);
    return count;
}

/* The first of both lists in order of time; a day's record goes before a month's of the same moment. */
static void put_frozen(struct rtu327_desk *d, const struct rtu327_point *p, struct frozen_list lists[2], size_t most, struct writer *w)
{
    size_t at[2] = { 0, 0 };
    for (size_t i = 0; i < most && (at[0] < lists[0].count || at[1] < lists[1].count); i++) {
        const struct frozen_at *day = at[0] < lists[0].count ? &lists[0].items[at[0]] : NULL, *month = at[1] < lists[1].count ? &lists[1].items[at[1]] : NULL;
        const struct frozen_at *next = day && (!month || day->wall <= month->wall) ? day : month;
        struct rtu327_frozen frozen = next->frozen;
        frozen.time = desk_time(d, p, next->wall);
        rtu327_put_frozen(w, &frozen);
        at[0] += day && day->wall == next->wall;
        at[1] += month && month->wall == next->wall;
    }
}

enum rtu327_result desk_frozen(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    static const enum archive archives[2] = { ARCHIVE_DAY, ARCHIVE_MONTH };
    struct frozen_list lists[2];
    struct obis filter[1 + RTU327_TARIFFS + RTU327_QUADRANTS];
    size_t filters = frozen_filter(r->channels, filter), most = most_records(0, RTU327_FROZEN_SIZE, r->count);
    if (most == 0)
        return RTU327_BAD_INTERVAL;
    for (int i = 0; i < 2; i++) { /* what was frozen later than the moment asked about */
        lists[i] = (struct frozen_list){ .items = arena_take(&d->arena, most * sizeof *lists[i].items), .most = most, .number = p->number };
        if (desk_readings_from(d, p->meter, archives[i], filter, filters, desk_wall(d, p, r->time) + 1, take_frozen, &lists[i]) != FAULT_NONE)
            return RTU327_DATABASE_ERROR;
    }
    if (lists[0].count + lists[1].count == 0)
        return desk_nothing(d, p->meter, ARCHIVE_DAY);
    put_frozen(d, p, lists, most, w);
    return RTU327_OK;
}

/* --- GETTESTS: the network ---------------------------------------------------------------------------------------------------- */

/* Which code is which bit; `single`: of a meter with one phase, which has the code without a phase. */
static const struct test {
    uint8_t bit;
    struct obis obis, single;
    bool kilo;
} tests[] = {
#define INSTANT(c) OBIS(1, 0, c, 7, 0, 255)
#define ANGLE(e) OBIS(1, 0, 81, 7, e, 255)
#define NO_OBIS { 0 }
    { RTU327_P_A, INSTANT(21), INSTANT(1), true }, { RTU327_P_B, INSTANT(41), NO_OBIS, true }, { RTU327_P_C, INSTANT(61), NO_OBIS, true },
    { RTU327_S_A, INSTANT(29), INSTANT(9), true }, { RTU327_S_B, INSTANT(49), NO_OBIS, true }, { RTU327_S_C, INSTANT(69), NO_OBIS, true },
    { RTU327_FREQUENCY, INSTANT(14), INSTANT(14), false },
    { RTU327_I_A, INSTANT(31), INSTANT(11), false }, { RTU327_I_B, INSTANT(51), NO_OBIS, false }, { RTU327_I_C, INSTANT(71), NO_OBIS, false },
    { RTU327_U_A, INSTANT(32), INSTANT(12), false }, { RTU327_U_B, INSTANT(52), NO_OBIS, false }, { RTU327_U_C, INSTANT(72), NO_OBIS, false },
    { RTU327_ANGLE_A, ANGLE(4), NO_OBIS, false }, { RTU327_ANGLE_B, ANGLE(15), NO_OBIS, false }, { RTU327_ANGLE_C, ANGLE(26), NO_OBIS, false },
    { RTU327_ANGLE_AB, ANGLE(10), NO_OBIS, false }, { RTU327_ANGLE_AC, ANGLE(2), NO_OBIS, false },
};

enum { TESTS = sizeof tests / sizeof *tests, ELEMENTS = 2 /* what УМ-SMART says of every meter */ };

struct test_list {
    struct test_at {
        int64_t wall;
        uint32_t phases, single; /* bits that are known, by which code */
        struct decimal values[RTU327_TESTS], alone[RTU327_TESTS];
    } *items;
    size_t count, most;
};

static void take_value(struct test_at *at, const struct reading *r)
{
    for (int i = 0; i < TESTS; i++) {
        struct decimal value = tests[i].kilo ? desk_kilo(r->value) : r->value;
        if (obis_equal(r->obis, tests[i].obis)) {
            at->values[tests[i].bit] = value;
            at->phases |= 1u << tests[i].bit;
        } else if (obis_equal(r->obis, tests[i].single)) {
            at->alone[tests[i].bit] = value;
            at->single |= 1u << tests[i].bit;
        }
    }
}

static bool take_test(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct test_list *l = context;
    if (!desk_measured(r))
        return true;
    if (l->count == 0 || l->items[l->count - 1].wall != r->wall) {
        if (l->count == l->most)
            return false;
        l->items[l->count++] = (struct test_at){ .wall = r->wall };
    }
    take_value(&l->items[l->count - 1], r);
    return true;
}

/* A meter with one phase has no voltage of a phase by name: then the codes without one are those of phase A. */
static uint32_t settle_phases(struct test_at *at)
{
    bool single = !(at->phases >> RTU327_U_A & 1) && at->single >> RTU327_U_A & 1;
    for (int i = 0; i < RTU327_TESTS; i++) {
        if (single && at->single >> i & 1) {
            at->values[i] = at->alone[i];
            at->phases |= 1u << i;
        } else if (!(at->phases >> i & 1))
            at->values[i] = RTU327_ABSENT;
    }
    return at->phases;
}

static size_t tests_filter(struct obis filter[2 * TESTS])
{
    size_t count = 0;
    for (int i = 0; i < TESTS; i++) {
        filter[count++] = tests[i].obis;
        if (tests[i].single.code && !obis_equal(tests[i].single, tests[i].obis))
            filter[count++] = tests[i].single;
    }
    return count;
}

enum rtu327_result desk_tests(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w)
{
    struct obis filter[2 * TESTS];
    size_t filters = tests_filter(filter);
    struct test_list l = { .most = r->count };
    struct rtu327_tests_head head = { .elements = ELEMENTS };
    if (l.most == 0)
        return RTU327_BAD_INTERVAL;
    l.items = arena_take(&d->arena, l.most * sizeof *l.items);
    if (desk_readings_from(d, p->meter, ARCHIVE_NETWORK, filter, filters, desk_wall(d, p, r->time), take_test, &l) != FAULT_NONE)
        return RTU327_DATABASE_ERROR;
    if (l.count == 0)
        return desk_nothing(d, p->meter, ARCHIVE_NETWORK);
    for (size_t i = 0; i < l.count; i++)
        head.bits |= settle_phases(&l.items[i]);
    head.count = (uint8_t)l.count;
    rtu327_put_tests_head(w, &head);
    for (size_t i = 0; i < l.count; i++)
        rtu327_put_tests(w, head.bits, desk_time(d, p, l.items[i].wall), l.items[i].values);
    return RTU327_OK;
}
