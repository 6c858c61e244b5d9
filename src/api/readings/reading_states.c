/* Lines of states kept as changes, of journals and of what meters say of themselves; see reading_lines.h. */
#include "api/readings/reading_inside.h"
#include "base/clock.h"
#include "collect/states.h"
#include "meter/events.h"
#include "meter/quantity.h"
#include "meter/relay.h"

#include <stdio.h>
#include <stdlib.h>

/* --- states over time ----------------------------------------------------------------------------------------------------------- */

struct change_list {
    struct gathering *g;
    struct state_change *list;
    size_t count, room;
    bool contact; /* losses and returns of contact too, as column column_count */
};

static void add_change(struct change_list *l, size_t column, const struct state *s)
{
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        l->list = memory_grow(l->list, l->room * sizeof *l->list, room * sizeof *l->list);
        l->room = room;
    }
    l->list[l->count++] = (struct state_change){ column, *s };
}

static bool take_change(void *context, const struct state *s)
{
    struct change_list *l = context;
    struct gathering *g = l->g;
    for (size_t i = reading_column_of(g, COLUMN_STATE, s->obis, UNIT_UNKNOWN, 0); i < g->q->column_count;
         i = reading_column_of(g, COLUMN_STATE, s->obis, UNIT_UNKNOWN, i + 1))
        add_change(l, i, s);
    return true;
}

static int by_wall(const void *a, const void *b)
{
    const struct state_change *x = a, *y = b;
    if (x->state.wall != y->state.wall)
        return (x->state.wall > y->state.wall) - (x->state.wall < y->state.wall);
    return (x->state.obis.code > y->state.obis.code) - (x->state.obis.code < y->state.obis.code);
}

static size_t sorted_changes(struct change_list *l, store_state_fn *take, struct state_change **ret)
{
    struct gathering *g = l->g;
    g->fault = store_states(g->store, g->m->id, (struct span){ INT64_MIN, g->q->span.to }, take, l);
    if (l->count)
        qsort(l->list, l->count, sizeof *l->list, by_wall);
    *ret = l->list;
    return l->count;
}

size_t reading_state_changes(struct gathering *g, struct state_change **ret)
{
    struct change_list l = { .g = g };
    return sorted_changes(&l, take_change, ret);
}

void reading_lay_states(struct gathering *g)
{
    struct state_change *list;
    size_t count = reading_state_changes(g, &list), next = 0;
    struct reading_cell *now = arena_take(g->a, (g->q->column_count + 1) * sizeof *now);
    for (size_t i = 0; i < g->ret->count && count; i++) {
        struct reading_line *line = &g->ret->lines[i];
        for (; next < count && list[next].state.wall <= line->wall + g->q->kind->within_s; next++)
            now[list[next].column] = reading_cell_state(&g->q->columns[list[next].column], list[next].state.value);
        bool read = false; /* a line of which nothing was read has no states either */
        for (size_t k = 0; k < g->q->column_count; k++)
            read |= line->cells[k].known;
        for (size_t k = 0; k < g->q->column_count && read; k++)
            if (now[k].known)
                line->cells[k] = now[k];
    }
    free(list);
}

/* --- modules ---------------------------------------------------------------------------------------------------------------------- */

/* How it stood when the span began, then a line for each moment at which something changed. */
void reading_gather_channels(struct gathering *g)
{
    static const struct phrase stood = { { "состояние на начало периода", "as it stood when the period began" } };
    struct state_change *list;
    size_t count = reading_state_changes(g, &list), at = 0;
    struct reading_cell *now = arena_take(g->a, (g->q->column_count + 1) * sizeof *now);
    struct reading_line *line = NULL;
    for (; at < count && list[at].state.wall < g->q->span.from; at++)
        now[list[at].column] = reading_cell_state(&g->q->columns[list[at].column], list[at].state.value);
    if (at > 0 && (line = reading_line_add(g, g->q->span.from))) {
        memcpy(line->cells, now, g->q->column_count * sizeof *now);
        line->why = phrase_in(&stood, g->q->lang);
    }
    for (; at < count; at++) {
        int64_t wall = list[at].state.wall;
        now[list[at].column] = reading_cell_state(&g->q->columns[list[at].column], list[at].state.value);
        if (at + 1 < count && list[at + 1].state.wall == wall)
            continue;
        if (!(line = reading_line_add(g, wall)))
            break;
        memcpy(line->cells, now, g->q->column_count * sizeof *now);
    }
    free(list);
}

static bool is_channel(struct obis o)
{
    return kind_resource_shows(KIND_TELEMECHANICS, o);
}

static bool take_any_change(void *context, const struct state *s)
{
    if (is_channel(s->obis) || obis_equal(s->obis, STATE_CONTACT))
        add_change(context, 0, s);
    return true;
}

/* «замкнут», «связь потеряна: нет ответа», else the number. */
static const char *words_of(struct gathering *g, const struct state *s)
{
    char words[STATE_WORDS_MAX];
    return *state_words(s->obis, s->value, g->q->lang, words) ? reading_text(g, "%s", words) : reading_text(g, "%lld", (long long)s->value);
}

static const char *channel_words(struct gathering *g, struct obis o)
{
    static const struct phrase contact = { { "Связь с модулем", "Contact with the module" } }, output = { { "Выход", "Output" } };
    char title[QUANTITY_TITLE_MAX];
    if (relay_of(o) > 0) /* of a module no relay is of signals */
        return reading_text(g, "%s #%d", phrase_in(&output, g->q->lang), relay_of(o));
    return obis_equal(o, STATE_CONTACT) ? phrase_in(&contact, g->q->lang) : reading_text(g, "%s", quantity_title(o, g->q->lang, title));
}

static const char *change_words(struct gathering *g, const struct state *before, const struct state *now, int says)
{
    switch (says) {
    case SAYS_CHANNEL: return channel_words(g, now->obis);
    case SAYS_BEFORE: return before ? words_of(g, before) : "";
    default: return words_of(g, now);
    }
}

void reading_gather_changes(struct gathering *g)
{
    struct change_list l = { .g = g };
    struct state_change *list;
    size_t count = sorted_changes(&l, take_any_change, &list);
    for (size_t i = 0; i < count; i++) {
        const struct state *s = &list[i].state, *before = NULL;
        if (s->wall < g->q->span.from)
            continue;
        for (size_t k = i; k > 0 && !before; k--)
            before = obis_equal(list[k - 1].state.obis, s->obis) ? &list[k - 1].state : NULL;
        struct reading_line *line = reading_line_add(g, s->wall);
        for (size_t k = 0; line && k < g->q->column_count; k++)
            line->cells[k] = reading_cell_text(change_words(g, before, s, g->q->columns[k].detail));
    }
    free(list);
}

/* --- journals ---------------------------------------------------------------------------------------------------------------------- */

static struct reading_cell event_cell(struct gathering *g, const struct event *e, uint16_t journal, int says)
{
    char text[EVENT_TEXT_MAX];
    switch (says) {
    case SAYS_JOURNAL: return reading_cell_text(reading_text(g, "%s", journal_title(journal, g->q->lang, text)));
    case SAYS_EVENT: return reading_cell_text(reading_text(g, "%s", event_text(e->journal, e->code, g->q->lang, text)));
    case SAYS_CODE: return (struct reading_cell){ .kind = CELL_NUMBER, .known = true, .number = decimal_of(e->code, 0) };
    default: return (struct reading_cell){ .kind = e->detail ? CELL_NUMBER : CELL_NONE, .known = true, .number = decimal_of(e->detail, 0) };
    }
}

/* Records of СПОДЭС stand in the journal of the 42 that says the same, with their own words. */
static bool take_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    struct gathering *g = context;
    uint16_t journal = event_plain(e->journal, e->code).journal;
    unsigned bit = journal <= KIND_JOURNALS ? journal : 0;
    if (g->q->journals && !(g->q->journals >> bit & 1))
        return true;
    struct reading_line *line = reading_line_add(g, e->wall);
    for (size_t i = 0; line && i < g->q->column_count; i++)
        line->cells[i] = event_cell(g, e, journal, g->q->columns[i].detail);
    return line != NULL;
}

void reading_gather_events(struct gathering *g)
{
    g->fault = store_events(g->store, g->m->id, g->q->span, take_event, g);
}

/* --- what meters say of themselves -------------------------------------------------------------------------------------------------- */

struct told_fact {
    enum fact_kind kind;
    const char *text;
    int64_t wall;
};

struct facts {
    struct gathering *g;
    struct told_fact *list;
    size_t count, room;
    bool has[HAS_SUMMER_TIME + 1], read;
    int interval_s;
};

static bool take_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    struct facts *f = context;
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 16;
        f->list = memory_grow(f->list, f->room * sizeof *f->list, room * sizeof *f->list);
        f->room = room;
    }
    f->list[f->count++] = (struct told_fact){ kind, arena_text(f->g->a, bytes_of_text(utf8)), since_ms / 1000 + (int64_t)f->g->m->zone_minutes * 60 };
    return true;
}

static bool take_register(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct facts *f = context;
    bool there = !(r->quality & QUALITY_MISSING);
    f->read = true;
    f->has[HAS_TARIFFS] |= there && obis_equal(r->obis, OBIS(1, 0, 1, 8, 2, 255));
    f->has[HAS_REVERSE] |= there && obis_equal(r->obis, OBIS(1, 0, 2, 8, 0, 255));
    return true;
}

static bool take_interval(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct facts *f = context;
    f->has[HAS_PROFILE] = true;
    f->interval_s = r->step;
    return false;
}

static bool take_clock(void *context, const struct state *s)
{
    struct facts *f = context;
    f->has[HAS_CLOCK] |= obis_equal(s->obis, STATE_CLOCK_ERROR);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct told_fact *x = a, *y = b;
    return x->wall != y->wall ? (x->wall > y->wall) - (x->wall < y->wall) : (int)x->kind - (int)y->kind;
}

static void gather_facts(struct facts *f)
{
    struct gathering *g = f->g;
    g->fault = store_facts(g->store, g->m->id, true, take_fact, f);
    for (enum archive a = ARCHIVE_HOUR; a >= ARCHIVE_PROFILE && g->fault == FAULT_NONE; a--)
        g->fault = store_latest(g->store, g->m->id, a, take_interval, f);
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_DAY && g->fault == FAULT_NONE; a++)
        g->fault = store_latest(g->store, g->m->id, a, take_register, f);
    if (g->fault == FAULT_NONE)
        g->fault = store_states_now(g->store, g->m->id, take_clock, f);
    if (f->count)
        qsort(f->list, f->count, sizeof *f->list, by_time);
}

/* What is known of the meter by what it has told: the same in every line. Whether it keeps summer time none tells yet. */
static struct reading_cell has_cell(const struct facts *f, const struct kind_column *column)
{
    if (column->source == COLUMN_INTERVAL)
        return f->interval_s ? (struct reading_cell){ .kind = CELL_NUMBER, .known = true, .number = decimal_of(f->interval_s / 60, 0) } : (struct reading_cell){ 0 };
    if (!f->read || column->detail == HAS_SUMMER_TIME)
        return (struct reading_cell){ 0 };
    return (struct reading_cell){ .kind = CELL_YES_NO, .known = true, .number = decimal_of(f->has[column->detail], 0) };
}

static void lay_fact(struct gathering *g, const struct told_fact *t, struct reading_cell *now)
{
    for (size_t k = 0; k < g->q->column_count; k++)
        if (g->q->columns[k].source == COLUMN_FACT && g->q->columns[k].detail == t->kind)
            now[k] = reading_cell_text(t->text);
}

/* A line for every moment at which it told something else; the last one before the span as well, which held when it began. */
void reading_gather_configuration(struct gathering *g)
{
    static const struct phrase never = { { "прибор ещё ничего о себе не сообщил", "the meter has not told anything of itself yet" } };
    struct facts f = { .g = g };
    struct reading_cell *now = arena_take(g->a, (g->q->column_count + 1) * sizeof *now);
    gather_facts(&f);
    for (size_t k = 0; k < g->q->column_count; k++)
        if (g->q->columns[k].source != COLUMN_FACT)
            now[k] = has_cell(&f, &g->q->columns[k]);
    for (size_t i = 0; i < f.count && f.list[i].wall < g->q->span.to; i++) {
        lay_fact(g, &f.list[i], now);
        bool same = i + 1 < f.count && f.list[i + 1].wall == f.list[i].wall;
        bool older = i + 1 < f.count && f.list[i + 1].wall <= g->q->span.from && f.list[i + 1].wall < g->q->span.to;
        struct reading_line *line = same || older ? NULL : reading_line_add(g, f.list[i].wall);
        if (line)
            memcpy(line->cells, now, g->q->column_count * sizeof *now);
    }
    if (g->ret->count == 0) {
        struct reading_line *line = reading_line_add(g, WALL_NONE);
        line->why = phrase_in(&never, g->q->lang);
    }
    free(f.list);
}
