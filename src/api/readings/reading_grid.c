/* Lines of archives with a grid: starts, use between them, power of intervals; every point of the grid has its line, and one
 * without values says why (see reading_lines.h). */
#include "api/readings/reading_inside.h"
#include "store/debts/owed.h"

#include <stdio.h>
#include <stdlib.h>

enum { GAPS_MOST = 1000 };

/* What the walk over an archive goes along. */
struct grid {
    struct gathering *g;
    enum archive archive;
    int step;           /* seconds, of profiles and hours */
    int shift;          /* records of hours are named by their beginning, and hold the registers of their end */
    int64_t from, to;   /* points: the first one, and behind the last */
    size_t count;
    struct span gaps[GAPS_MOST];
    size_t gap_count;
    bool collected;     /* the device's own depths want this archive */
};

/* --- the grid ------------------------------------------------------------------------------------------------------------------ */

static size_t place_of(const struct grid *d, int64_t wall)
{
    return wall < d->from || wall >= d->to ? d->count : (size_t)archive_count(d->archive, d->step, (struct span){ d->from, wall });
}

/* The grid of the span up to now; `ends`: points stand for intervals, which must be over. False when it is longer than fits. */
static bool make_grid(struct grid *d, struct gathering *g, enum archive archive, int step, bool ends)
{
    struct span span = g->q->span;
    *d = (struct grid){ .g = g, .archive = archive, .step = step, .from = archive_floor(archive, step, span.from), .collected = g->m->depth_days[archive] > 0 };
    if (d->from < span.from)
        d->from = archive_next(archive, step, d->from);
    int64_t last = archive_floor(archive, step, g->now);
    d->to = ends ? last : archive_next(archive, step, last);
    d->to = span.to < d->to ? span.to : d->to;
    int64_t count = d->to > d->from ? archive_count(archive, step, (struct span){ d->from, d->to }) : 0;
    if (count > READING_LINES_MOST || count * (int64_t)(g->q->column_count + 1) > READING_CELLS_MOST) {
        g->fault = FAULT_LIMIT;
        return false;
    }
    d->count = (size_t)count;
    return true;
}

static void note_gaps(struct grid *d)
{
    struct gathering *g = d->g;
    struct span span = { d->from - d->shift, archive_next(d->archive, d->step, d->to) };
    if (g->fault == FAULT_NONE)
        g->fault = store_owed_spans(g->store, g->m->id, d->archive, span, false, d->gaps, GAPS_MOST, &d->gap_count);
}

static bool is_owed(const struct grid *d, int64_t wall)
{
    for (size_t i = 0; i < d->gap_count; i++)
        if (span_holds(d->gaps[i], wall))
            return true;
    return false;
}

/* Why nothing is known of a record of the archive. */
static const char *gap_text(const struct grid *d, int64_t wall)
{
    static const struct phrase owed = { { "ещё не считано", "still to be read" } }, beyond = { { "не собирается: за пределами глубины архива прибора в таблице", "not collected: beyond the depth that is set for the meter" } };
    static const struct phrase unwanted = { { "этот архив у прибора не собирается", "this archive of the meter is not collected" } };
    struct gathering *g = d->g;
    if (is_owed(d, wall))
        return *g->reason ? reading_text(g, "%s: %s", phrase_in(&owed, g->q->lang), g->reason) : phrase_in(&owed, g->q->lang);
    return phrase_in(d->collected ? &beyond : &unwanted, g->q->lang);
}

static bool knows_something(const struct gathering *g, const struct reading_line *line)
{
    for (size_t i = 0; i < g->q->column_count; i++)
        if (line->cells[i].known)
            return true;
    return false;
}

static bool shows_something(const struct gathering *g, const struct reading_line *line)
{
    for (size_t i = 0; i < g->q->column_count; i++)
        if (line->cells[i].kind != CELL_NONE)
            return true;
    return false;
}

static void explain_gaps(struct grid *d)
{
    static const struct phrase absent = { { "у прибора нет этой записи", "the meter has no such record" } };
    static const struct phrase unasked = { { "в это время прибор не опрашивался", "the meter was not asked at that time" } };
    struct gathering *g = d->g;
    note_gaps(d);
    for (size_t i = 0; i < g->ret->count; i++) {
        struct reading_line *line = &g->ret->lines[i];
        if (shows_something(g, line))
            continue;
        line->gap = !knows_something(g, line);
        if (!line->gap)
            line->why = phrase_in(&absent, g->q->lang);
        else if (g->q->kind->within_s && !d->collected)
            line->why = phrase_in(&unasked, g->q->lang);
        else
            line->why = gap_text(d, line->wall - d->shift);
    }
}

static void add_lines(struct grid *d)
{
    int64_t at = d->from;
    for (size_t i = 0; i < d->count && reading_line_add(d->g, at); i++)
        at = archive_next(d->archive, d->step, at);
}

/* --- starts --------------------------------------------------------------------------------------------------------------------- */

static bool take_start(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct grid *d = context;
    struct gathering *g = d->g;
    size_t at = place_of(d, r->wall + d->shift);
    for (size_t i = at < g->ret->count ? reading_column_of(g, COLUMN_READING, r->obis, r->unit, 0) : g->q->column_count; i < g->q->column_count;
         i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, i + 1))
        if (g->ret->lines[at].cells[i].kind == CELL_NONE)
            g->ret->lines[at].cells[i] = reading_cell_of(g, i, r);
    return true;
}

/* What was read soon after a point stands for it: the first one, and it says that it is not exactly of that moment. */
static bool take_near(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct grid *d = context;
    struct gathering *g = d->g;
    int64_t point = archive_floor(d->archive, d->step, r->wall);
    size_t at = r->wall - point <= g->q->kind->within_s ? place_of(d, point) : d->count;
    struct reading near = *r;
    near.quality |= r->wall == point || r->quality & QUALITY_MISSING ? 0 : QUALITY_ESTIMATED;
    for (size_t i = at < g->ret->count ? reading_column_of(g, COLUMN_READING, r->obis, r->unit, 0) : g->q->column_count; i < g->q->column_count;
         i = reading_column_of(g, COLUMN_READING, r->obis, r->unit, i + 1))
        if (g->ret->lines[at].cells[i].kind == CELL_NONE)
            g->ret->lines[at].cells[i] = reading_cell_of(g, i, &near);
    return true;
}

static void gather_near(struct grid *d)
{
    struct gathering *g = d->g;
    struct span span = { d->from, d->to + g->q->kind->within_s };
    g->fault = store_readings(g->store, g->m->id, ARCHIVE_CURRENT, NULL, 0, span, take_near, d);
    if (g->fault == FAULT_NONE && g->q->kind->beside >> ARCHIVE_NETWORK & 1)
        g->fault = store_readings(g->store, g->m->id, ARCHIVE_NETWORK, NULL, 0, span, take_near, d);
    if (g->fault == FAULT_NONE && g->q->kind->beside >> ARCHIVE_STATE & 1)
        reading_lay_states(g);
}

void reading_gather_starts(struct gathering *g)
{
    struct grid *d = arena_take(g->a, sizeof *d);
    enum archive archive = g->q->kind->archive;
    if (!make_grid(d, g, archive, HOUR_SECONDS, false))
        return;
    d->shift = archive == ARCHIVE_HOUR ? HOUR_SECONDS : 0;
    add_lines(d);
    if (d->count)
        g->fault = store_readings(g->store, g->m->id, archive, NULL, 0, (struct span){ d->from - d->shift, d->to - d->shift }, take_start, d);
    if (d->count && g->fault == FAULT_NONE && g->q->kind->within_s)
        gather_near(d);
    explain_gaps(d);
}

/* --- use ------------------------------------------------------------------------------------------------------------------------- */

struct starts {
    struct grid *d;
    struct reading *list; /* columns × (points + 1); step 1: it is there */
};

static struct reading *start_at(const struct starts *s, size_t point, size_t column)
{
    return &s->list[point * s->d->g->q->column_count + column];
}

static bool take_register(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct starts *s = context;
    struct grid *d = s->d;
    size_t at = r->wall == d->to ? d->count : place_of(d, r->wall);
    size_t column = reading_column_of(d->g, COLUMN_READING, r->obis, r->unit, 0);
    if (column < d->g->q->column_count && (at < d->count || r->wall == d->to)) {
        *start_at(s, at, column) = *r;
        start_at(s, at, column)->step = 1;
    }
    return true;
}

static struct reading_cell use_cell(struct gathering *g, const struct reading *start, const struct reading *end, size_t column, enum use_trouble *ret)
{
    struct reading used = *end;
    *ret = kind_use(start->step ? start : NULL, end->step ? end : NULL, &used.value);
    used.quality = (start->quality | end->quality) & ~QUALITY_MISSING;
    if (*ret == USE_KNOWN)
        return reading_cell_of(g, column, &used);
    bool absent = start->step && end->step && (start->quality | end->quality) & QUALITY_MISSING;
    return (struct reading_cell){ .kind = CELL_NONE, .quality = QUALITY_MISSING, .known = absent };
}

/* «нет показания на начало 12.11.2026: ещё не считано: нет ответа». */
static const char *use_why(struct grid *d, enum use_trouble t, int64_t from, int64_t to)
{
    static const struct phrase going = { { "интервал ещё не закончился", "the interval is not over yet" } };
    struct gathering *g = d->g;
    char day[CIVIL_TEXT_MAX];
    const char *what = use_trouble_text(t, g->q->lang);
    if (t == USE_NO_END && to > g->now)
        return phrase_in(&going, g->q->lang);
    if (t != USE_NO_START && t != USE_NO_END)
        return what;
    int64_t missing = t == USE_NO_START ? from : to;
    return reading_text(g, "%s (%.10s): %s", what, wall_format(missing, day), gap_text(d, missing));
}

static void lay_use(struct starts *s)
{
    static const struct phrase absent = { { "у прибора нет этих записей", "the meter has no such records" } };
    struct grid *d = s->d;
    struct gathering *g = d->g;
    for (size_t i = 0; i < g->ret->count; i++) {
        struct reading_line *line = &g->ret->lines[i];
        enum use_trouble first = USE_KNOWN, t;
        bool absences = true;
        for (size_t k = 0; k < g->q->column_count; k++) {
            line->cells[k] = use_cell(g, start_at(s, i, k), start_at(s, i + 1, k), k, &t);
            bool odd = t == USE_BACKWARDS || t == USE_OTHER_UNIT || t == USE_TOO_LARGE;
            first = odd || (first == USE_KNOWN && !line->cells[k].known) ? t : first;
            absences &= line->cells[k].known;
        }
        bool odd = first == USE_BACKWARDS || first == USE_OTHER_UNIT || first == USE_TOO_LARGE;
        line->gap = (first == USE_NO_START || first == USE_NO_END) && !shows_something(g, line) && archive_next(d->archive, d->step, line->wall) <= g->now;
        if (first != USE_KNOWN && (odd || !shows_something(g, line)))
            line->why = use_why(d, first, line->wall, archive_next(d->archive, d->step, line->wall));
        else if (absences && !shows_something(g, line))
            line->why = phrase_in(&absent, g->q->lang);
    }
}

/* Of every interval that has begun: the register at its end less the one at its beginning. */
void reading_gather_use(struct gathering *g)
{
    struct grid *d = arena_take(g->a, sizeof *d);
    if (!make_grid(d, g, g->q->kind->archive, 0, false))
        return;
    d->to = d->count ? d->to : d->from;
    int64_t end = d->from;
    for (size_t i = 0; i < d->count; i++)
        end = archive_next(d->archive, 0, end);
    d->to = end;
    struct starts s = { d, memory_new((d->count + 1) * (g->q->column_count + 1) * sizeof *s.list) };
    add_lines(d);
    if (d->count)
        g->fault = store_readings(g->store, g->m->id, d->archive, NULL, 0, (struct span){ d->from, d->to + 1 }, take_register, &s);
    note_gaps(d);
    if (g->fault == FAULT_NONE)
        lay_use(&s);
    free(s.list);
}

/* --- power ------------------------------------------------------------------------------------------------------------------------- */

static bool take_power(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct reading power = *r;
    power.unit = r->unit == UNIT_WATT_HOUR ? UNIT_WATT : UNIT_VAR;
    struct grid *d = context;
    size_t column = reading_column_of(d->g, COLUMN_READING, r->obis, r->unit, 0), at = place_of(d, r->wall);
    (void)kept;
    if (column == d->g->q->column_count || at >= d->g->ret->count)
        return true;
    if (!(r->quality & QUALITY_MISSING) && !kind_power(r->value, r->step, &power.value))
        power.quality |= QUALITY_MISSING;
    d->g->ret->lines[at].cells[column] = reading_cell_of(d->g, column, &power);
    return true;
}

static bool take_step(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    if (r->step)
        *(int *)context = r->step;
    return false;
}

/* Profiles of an hour are an archive of their own. The step is what the meter has shown, half an hour before it has shown any. */
static enum archive profile_of(struct gathering *g, int *ret_step)
{
    enum archive archive = g->m->depth_days[ARCHIVE_PROFILE] == 0 && g->m->depth_days[ARCHIVE_HOUR] ? ARCHIVE_HOUR : ARCHIVE_PROFILE;
    *ret_step = archive == ARCHIVE_HOUR ? HOUR_SECONDS : HALF_HOUR_SECONDS;
    g->fault = store_latest(g->store, g->m->id, archive, take_step, ret_step);
    return archive;
}

void reading_gather_power(struct gathering *g)
{
    struct grid *d = arena_take(g->a, sizeof *d);
    int step;
    enum archive archive = profile_of(g, &step);
    if (g->fault != FAULT_NONE || !make_grid(d, g, archive, step, true))
        return;
    for (size_t i = 0; i < g->q->column_count; i++) /* what the store has become is in watts */
        g->units[i] = g->units[i] == UNIT_WATT_HOUR ? UNIT_WATT : UNIT_VAR;
    add_lines(d);
    if (d->count)
        g->fault = store_readings(g->store, g->m->id, archive, NULL, 0, (struct span){ d->from, d->to }, take_power, d);
    explain_gaps(d);
}
