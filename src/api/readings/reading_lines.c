/* Lines of a kind, whatever its form, and those of the moment; see reading_lines.h. */
#include "api/readings/reading_inside.h"
#include "base/clock.h"
#include "meter/quantity.h"

#include <stdio.h>
#include <stdlib.h>

/* --- of the moment ----------------------------------------------------------------------------------------------------------------- */

static bool take_latest(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct gathering *g = context;
    struct reading_line *line = &g->ret->lines[0];
    for (size_t i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, 0); i < g->q->column_count;
         i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, i + 1)) {
        if (line->cells[i].kind != CELL_NONE)
            continue;
        line->cells[i] = reading_cell_of(g, i, r);
        line->wall = r->wall > line->wall ? r->wall : line->wall;
    }
    return true;
}

static bool take_state(void *context, const struct state *s)
{
    struct gathering *g = context;
    struct reading_line *line = &g->ret->lines[0];
    for (size_t i = reading_column_of(g, COLUMN_STATE, s->obis, UNIT_UNKNOWN, 0); i < g->q->column_count;
         i = reading_column_of(g, COLUMN_STATE, s->obis, UNIT_UNKNOWN, i + 1)) {
        line->cells[i] = reading_cell_state(&g->q->columns[i], s->value);
        line->wall = s->wall > line->wall ? s->wall : line->wall;
    }
    return true;
}

static unsigned places_of(const struct reading_kind *k)
{
    return k->beside | (k->archive < ARCHIVE_COUNT ? 1u << k->archive : 0);
}

static void gather_latest(struct gathering *g)
{
    static const struct phrase never = { { "ещё не считано", "not read yet" } };
    struct reading_line *line = reading_line_add(g, WALL_NONE);
    unsigned places = places_of(g->q->kind);
    for (enum archive a = ARCHIVE_CURRENT; line && a <= ARCHIVE_NETWORK && g->fault == FAULT_NONE; a++)
        if (places >> a & 1)
            g->fault = store_latest(g->store, g->m->id, a, take_latest, g);
    if (line && g->fault == FAULT_NONE && places >> ARCHIVE_STATE & 1)
        g->fault = store_states_now(g->store, g->m->id, take_state, g);
    if (line && line->wall == WALL_NONE)
        line->gap = true;
    if (line && line->gap)
        line->why = *g->reason ? reading_text(g, "%s: %s", phrase_in(&never, g->q->lang), g->reason) : phrase_in(&never, g->q->lang);
}

/* --- as it was taken ---------------------------------------------------------------------------------------------------------------- */

struct taken {
    int64_t wall;
    size_t column;
    struct reading_cell cell;
};

struct takings {
    struct gathering *g;
    struct taken *list;
    size_t count, room;
};

static bool take_taken(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct takings *t = context;
    struct gathering *g = t->g;
    for (size_t i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, 0); i < g->q->column_count;
         i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, i + 1)) {
        if (t->count == t->room) {
            size_t room = t->room ? t->room * 2 : 256;
            t->list = memory_grow(t->list, t->room * sizeof *t->list, room * sizeof *t->list);
            t->room = room;
        }
        t->list[t->count++] = (struct taken){ r->wall, i, reading_cell_of(g, i, r) };
    }
    g->ret->more |= t->count >= READING_CELLS_MOST;
    return t->count < READING_CELLS_MOST;
}

static int by_wall(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    return x->wall != y->wall ? (x->wall > y->wall) - (x->wall < y->wall) : (x->column > y->column) - (x->column < y->column);
}

static void gather_taken(struct gathering *g)
{
    struct takings t = { .g = g };
    unsigned places = places_of(g->q->kind);
    struct reading_line *line = NULL;
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_NETWORK && g->fault == FAULT_NONE; a++)
        if (places >> a & 1)
            g->fault = store_readings(g->store, g->m->id, a, NULL, 0, g->q->span, take_taken, &t);
    if (t.count)
        qsort(t.list, t.count, sizeof *t.list, by_wall);
    for (size_t i = 0; i < t.count; i++) {
        if (!line || line->wall != t.list[i].wall)
            line = reading_line_add(g, t.list[i].wall);
        if (!line)
            break;
        struct reading_cell *cell = &line->cells[t.list[i].column];
        if (cell->kind == CELL_NONE)
            *cell = t.list[i].cell;
    }
    free(t.list);
    if (g->fault == FAULT_NONE && places >> ARCHIVE_STATE & 1)
        reading_lay_states(g);
}

/* --- all forms ------------------------------------------------------------------------------------------------------------------------ */

enum fault reading_lines_gather(struct store *s, const struct reading_query *q, const struct store_meter *m, const char *reason, struct arena *a,
                                struct reading_lines *ret)
{
    static void (*const forms[FORMS])(struct gathering *g) = {
        [FORM_LATEST] = gather_latest, [FORM_TAKEN] = gather_taken, [FORM_STARTS] = reading_gather_starts, [FORM_USE] = reading_gather_use,
        [FORM_POWER] = reading_gather_power, [FORM_CONFIGURATION] = reading_gather_configuration, [FORM_CHANNELS] = reading_gather_channels,
        [FORM_EVENTS] = reading_gather_events, [FORM_CHANGES] = reading_gather_changes,
    };
    char text[16];
    struct gathering g = { .store = s, .q = q, .m = m, .reason = reason, .a = a, .ret = ret,
                           .now = clock_utc_ms() / 1000 + (int64_t)m->zone_minutes * 60 };
    *ret = (struct reading_lines){ NULL, 0, false };
    g.places = arena_take(a, (q->column_count + 1) * sizeof *g.places);
    g.units = arena_take(a, q->column_count + 1);
    for (size_t i = 0; i < q->column_count; i++) {
        int places;
        reading_column_unit(q, &q->columns[i], text, &places);
        g.places[i] = places;
        g.units[i] = reading_unit_of(&q->columns[i]);
    }
    forms[q->kind->form](&g);
    return g.fault;
}
