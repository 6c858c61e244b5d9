/* Worlds; see world.h. The words are in world_words.c; here they come to life. */
#include "sim/world_things.h"

#include <stdlib.h>

/* The twin of a family, or of a recording that borrows the family's finder. NULL with the reason in `problem`. */
static const struct twin *twin_for(struct world *w, const char *family, const char *recording, struct recorded **recorded,
                                   struct text *problem)
{
    static const struct phrase unknown = { { "нет такого семейства счётчиков", "there is no such family of meters" } };
    const struct twin *twin = family ? twin_find(family) : NULL;
    if (!twin && !(recording && (!family || strcmp(family, "recorded") == 0))) {
        text_printf(problem, "%s: %s;", phrase_in(&unknown, w->lang), family ? family : "-");
        for (size_t i = 0; i < twins_count(); i++)
            text_printf(problem, " %s", twin_at(i)->name);
        return NULL;
    }
    if (!recording)
        return twin;
    *recorded = recorded_load(recording, twin, w->lang, problem);
    return *recorded ? recorded_twin(*recorded) : NULL;
}

static bool start_fleet(struct world *w, struct world_thing *t, struct text *problem)
{
    struct fleet_options o = t->fleet_options;
    o.twin = twin_for(w, t->family, t->recording, &t->recorded, problem);
    if (!o.twin)
        return false;
    o.clock = w->clock;
    o.zone_minutes = w->zone_minutes;
    o.troubles = t->troubles;
    t->fleet = fleet_new(&o, w->lang, problem);
    return t->fleet != NULL;
}

static bool start_bus(struct world *w, struct world_thing *t, struct text *problem)
{
    t->bus_options.clock = w->clock;
    t->bus_options.link = t->where;
    t->bus = rs485_new(&t->bus_options, w->lang, problem);
    if (!t->bus)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        struct world_meter *m = &t->meters[i];
        m->birth.twin = twin_for(w, m->family, m->recording, &m->recorded, problem);
        if (!m->birth.twin)
            return false;
        m->birth.zone_minutes = w->zone_minutes;
        m->birth.faults = sim_troubles_of(&t->troubles, m->birth.serial);
        rs485_add(t->bus, &m->birth);
    }
    rs485_start(t->bus);
    return true;
}

bool world_start(struct world *w, struct text *problem)
{
    if (w->now != WALL_NONE)
        sim_clock_set(&w->clock, w->now, w->zone_minutes);
    else if (w->clock.stopped)
        w->clock.shift_s = sim_clock_utc_s(&(struct sim_clock){ 0 });
    for (size_t i = 0; i < w->count; i++) {
        struct world_thing *t = &w->things[i];
        if (!(t->is_bus ? start_bus : start_fleet)(w, t, problem))
            return false;
    }
    return true;
}

void world_free(struct world **w)
{
    struct world *dead = *w;
    *w = NULL;
    if (!dead)
        return;
    for (size_t i = 0; i < dead->count; i++) {
        struct world_thing *t = &dead->things[i];
        fleet_free(&t->fleet);
        rs485_free(&t->bus);
        recorded_free(&t->recorded);
        for (size_t k = 0; k < t->count; k++)
            recorded_free(&t->meters[k].recorded);
        free(t->meters);
    }
    free(dead->things);
    arena_free(&dead->arena);
    free(dead);
}

/* --- finding things ----------------------------------------------------------------------------------------------- */

static size_t count_things(const struct world *w, bool buses)
{
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++)
        count += w->things[i].is_bus == buses;
    return count;
}

static struct world_thing *thing(const struct world *w, bool bus, size_t number)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->things[i].is_bus == bus && number-- == 0)
            return &w->things[i];
    return NULL;
}

size_t world_fleets(const struct world *w)
{
    return count_things(w, false);
}

size_t world_buses(const struct world *w)
{
    return count_things(w, true);
}

struct fleet *world_fleet(const struct world *w, size_t i)
{
    struct world_thing *t = thing(w, false, i);
    return t ? t->fleet : NULL;
}

struct rs485 *world_bus(const struct world *w, size_t i)
{
    struct world_thing *t = thing(w, true, i);
    return t ? t->bus : NULL;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void print_fleet(const struct world_thing *t, FILE *to)
{
    const struct fleet_options *o = &t->fleet_options;
    fprintf(to, "%s %s:%u family=%s count=%u serial=%u", o->udp ? "udp" : "tcp", o->first_address, fleet_port(t->fleet),
            t->family ? t->family : "recorded", o->count ? o->count : 1, o->first_serial);
}

static void print_bus(const struct world_thing *t, FILE *to)
{
    struct line line = t->bus_options.line;
    fprintf(to, "bus %s port=%s", t->where, rs485_device(t->bus));
    if (line.baud)
        fprintf(to, " line=%u,%u%c%u", line.baud, line.bits, line.parity, line.stop);
    for (size_t i = 0; i < t->count; i++)
        fprintf(to, " meter=%s:%u:%u", t->meters[i].family, t->meters[i].birth.address, t->meters[i].birth.serial);
}

void world_print(const struct world *w, FILE *to)
{
    for (size_t i = 0; i < w->count; i++) {
        (w->things[i].is_bus ? print_bus : print_fleet)(&w->things[i], to);
        fputc('\n', to);
    }
}

static void print_bus_figures(const struct world_thing *t, FILE *to)
{
    struct rs485_figures f = rs485_figures(t->bus);
    fprintf(to, "figures bus %s requests=%ju answers=%ju foreign=%ju collisions=%ju heard=%ju sent=%ju bits_ms=%jd turnaround_ms=%jd idle_ms=%jd\n",
            t->where, (uintmax_t)f.requests, (uintmax_t)f.answers, (uintmax_t)f.foreign, (uintmax_t)f.collisions, (uintmax_t)f.heard, (uintmax_t)f.sent,
            (intmax_t)f.bits_us / 1000, (intmax_t)f.turnaround_us / 1000, (intmax_t)f.idle_us / 1000);
}

void world_print_figures(const struct world *w, FILE *to)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct world_thing *t = &w->things[i];
        if (t->is_bus) {
            print_bus_figures(t, to);
            continue;
        }
        struct fleet_figures f = fleet_figures(t->fleet);
        fprintf(to, "figures fleet %s accepted=%ju refused=%ju requests=%ju answers=%ju damaged=%ju heard=%ju sent=%ju\n", t->where,
                (uintmax_t)f.accepted, (uintmax_t)f.refused, (uintmax_t)f.requests, (uintmax_t)f.answers, (uintmax_t)f.damaged, (uintmax_t)f.heard, (uintmax_t)f.sent);
    }
}

void world_print_families(FILE *to)
{
    for (size_t i = 0; i < twins_count(); i++)
        fprintf(to, "%s\n", twin_at(i)->name);
}
