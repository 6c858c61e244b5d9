/* Profiles and journals of a simulated СПОДЭС meter (spodes.md 4 and 5; dlms.md 8.2).
 *
 * No record is kept anywhere: the n-th is computed from the life. Records are numbered from the life's beginning; an
 * ordinal counts only those that exist, for a profile may have holes. */
#include "sim/twin_spodes.h"

enum { CLASS_DATA = 1, CLASS_REGISTER = 3, CLASS_PROFILE = 7, CLASS_CLOCK = 8, PROFILE_ATTRIBUTES = 8 };

enum profile_kind { LOAD, DAY, MONTH, SCALES, JOURNAL };

enum column_kind { TIME, INTERVAL, REGISTER, CODE, CHANNEL, CLIENT, WORKED, BEFORE };

/* `argument`: channel of a life. */
struct column {
    uint16_t class_id;
    struct obis obis;
    int8_t attribute;
    uint8_t kind, argument, tariff;
};

#define CLOCK { CLASS_CLOCK, OBIS(0, 0, 1, 0, 0, 255), 2, TIME, 0, 0 }
#define USED(c) { CLASS_REGISTER, OBIS(1, 0, c, 29, 0, 255), 2, INTERVAL, (c) - 1, 0 }
#define TOTAL(c, t) { CLASS_REGISTER, OBIS(1, 0, c, 8, t, 255), 2, REGISTER, (c) - 1, t }
#define A_PLUS_TARIFFS TOTAL(1, 1), TOTAL(1, 2), TOTAL(1, 3), TOTAL(1, 4), TOTAL(1, 5), TOTAL(1, 6), TOTAL(1, 7), TOTAL(1, 8)
#define AGE { CLASS_REGISTER, OBIS(0, 0, 96, 8, 0, 255), 2, WORKED, 0, 0 }
#define EVENT(c, d, e) { CLASS_DATA, OBIS(0, 0, 96, c, d, 255), 2, e, 0, 0 }

static const struct column load_columns[] = { CLOCK, USED(1), USED(2), USED(3), USED(4) };
/* GOST table B.3: tariffs first, then totals; B.4 and the Mercury-234: total first. */
static const struct column day_columns[] = { CLOCK, A_PLUS_TARIFFS, TOTAL(1, 0), TOTAL(2, 0), TOTAL(3, 0), TOTAL(4, 0) };
static const struct column month_columns[] = { CLOCK, TOTAL(1, 0), A_PLUS_TARIFFS, TOTAL(2, 0), TOTAL(3, 0), TOTAL(4, 0) };

#define CODED(number, object) static const struct column journal_##number[] = { CLOCK, object, AGE }
CODED(0, EVENT(11, 0, CODE));
CODED(1, EVENT(11, 1, CODE));
CODED(2, EVENT(11, 2, CODE));
CODED(4, EVENT(11, 4, CODE));
CODED(7, EVENT(11, 7, CODE));
CODED(8, EVENT(11, 8, CODE));
CODED(9, EVENT(5, 4, CODE));
CODED(10, EVENT(3, 0, CODE));
static const struct column journal_3[] = { CLOCK, EVENT(11, 3, CODE), EVENT(12, 4, CHANNEL), AGE };
static const struct column journal_5[] = { CLOCK, EVENT(11, 5, CODE), EVENT(12, 4, CHANNEL), EVENT(12, 6, CLIENT), AGE };
static const struct column journal_6[] = { CLOCK, EVENT(11, 6, CODE), EVENT(12, 4, CHANNEL), EVENT(12, 6, CLIENT), AGE };
static const struct column journal_12[] = { CLOCK, { CLASS_REGISTER, OBIS(1, 0, 131, 27, 0, 255), 2, CODE, 0, 0 }, AGE };
static const struct column journal_13[] = { CLOCK, CLOCK, { CLASS_CLOCK, OBIS(0, 0, 1, 0, 1, 255), 2, BEFORE, 0, 0 }, AGE };

struct spodes_profile {
    struct obis obis;
    uint8_t kind;
    uint8_t number;    /* of the journal; SCALES: kind of the profile whose scalers it holds */
    uint16_t capacity; /* records; 0: thirteen months of the load profile */
    const struct column *columns;
    uint8_t count;
};

#define COLUMNS(c) c, sizeof c / sizeof *c
#define JOURNAL_ROW(e) { OBIS(0, 0, 99, 98, e, 255), JOURNAL, e, SPODES_ENTRIES_MAX, COLUMNS(journal_##e) }

static const struct spodes_profile profiles[] = {
    { OBIS(1, 0, 99, 1, 0, 255), LOAD, 0, 0, COLUMNS(load_columns) },
    { OBIS(1, 0, 98, 2, 0, 255), DAY, 0, 400, COLUMNS(day_columns) },
    { OBIS(1, 0, 98, 1, 0, 255), MONTH, 0, 36, COLUMNS(month_columns) },
    { OBIS(1, 0, 94, 7, 1, 255), SCALES, MONTH, 1, COLUMNS(month_columns) },
    { OBIS(1, 0, 94, 7, 2, 255), SCALES, DAY, 1, COLUMNS(day_columns) },
    { OBIS(1, 0, 94, 7, 4, 255), SCALES, LOAD, 1, COLUMNS(load_columns) },
    JOURNAL_ROW(0), JOURNAL_ROW(1), JOURNAL_ROW(2), JOURNAL_ROW(3), JOURNAL_ROW(4), JOURNAL_ROW(5), JOURNAL_ROW(6),
    JOURNAL_ROW(7), JOURNAL_ROW(8), JOURNAL_ROW(9), JOURNAL_ROW(10), JOURNAL_ROW(12), JOURNAL_ROW(13),
};

enum { PROFILES = sizeof profiles / sizeof *profiles };

const struct spodes_profile *spodes_profile_find(const struct spodes_view *v, struct obis obis)
{
    (void)v;
    for (size_t i = 0; i < PROFILES; i++)
        if (obis_equal(profiles[i].obis, obis))
            return &profiles[i];
    return NULL;
}

bool spodes_profile_at(const struct spodes_view *v, size_t i, struct obis *ret)
{
    (void)v;
    if (i >= PROFILES)
        return false;
    *ret = profiles[i].obis;
    return true;
}

/* A Mercury-234 keeps its days in the order of its months (spodes.md 8). */
static const struct column *columns_of(const struct spodes_view *v, const struct spodes_profile *p)
{
    return p->columns == day_columns && v->s->maker == SPODES_MERCURY ? month_columns : p->columns;
}

static uint8_t visible_columns(const struct spodes_view *v, const struct spodes_profile *p, uint8_t ret[SPODES_COLUMNS_MAX])
{
    const struct column *c = columns_of(v, p);
    uint8_t count = 0;
    for (uint8_t i = 0; i < p->count; i++)
        if (c[i].tariff <= v->s->tariffs && (p->kind != SCALES || c[i].kind != TIME))
            ret[count++] = i;
    return count;
}

/* --- which records there are ----------------------------------------------------------------------------------------------- */

static int64_t moment_of(const struct spodes_view *v, const struct spodes_profile *p, int64_t number)
{
    if (p->kind == MONTH)
        return month_wall(wall_month(spodes_birth()) + number);
    return p->kind == DAY ? spodes_birth() + number * DAY_SECONDS : spodes_birth() + (number + 1) * v->s->step;
}

/* The last record stamped at `wall` or before; negative when there is none. */
static int64_t number_until(const struct spodes_view *v, const struct spodes_profile *p, int64_t wall)
{
    if (wall < spodes_birth())
        return -1;
    if (p->kind == MONTH)
        return wall_month(wall) - wall_month(spodes_birth());
    int64_t since = wall - spodes_birth();
    return p->kind == DAY ? since / DAY_SECONDS : since / v->s->step - 1;
}

static int64_t holes_of(const struct spodes_view *v, const struct spodes_profile *p)
{
    return p->kind == LOAD && v->s->holes > 1 ? v->s->holes : 0;
}

/* How many records before the number exist, and the number of the ordinal-th that does. */
static int64_t ordinal_of(const struct spodes_view *v, const struct spodes_profile *p, int64_t number)
{
    int64_t holes = holes_of(v, p);
    return holes ? number - number / holes : number;
}

static int64_t number_at(const struct spodes_view *v, const struct spodes_profile *p, int64_t ordinal)
{
    int64_t holes = holes_of(v, p);
    return holes ? ordinal + ordinal / (holes - 1) : ordinal;
}

static int64_t capacity_of(const struct spodes_view *v, const struct spodes_profile *p)
{
    enum { LOAD_DAYS = 400 };
    return p->capacity ? p->capacity : LOAD_DAYS * (DAY_SECONDS / v->s->step);
}

/* Ordinals [first, end) that are in the buffer now. */
struct stock {
    int64_t first, end;
};

static struct stock stock_of(const struct spodes_view *v, const struct spodes_profile *p)
{
    int64_t end = ordinal_of(v, p, number_until(v, p, v->wall) + 1), first = end - capacity_of(v, p);
    return (struct stock){ first > 0 ? first : 0, end > 0 ? end : 0 };
}

/* --- journals ------------------------------------------------------------------------------------------------------------------ */

/* Which of a life's events a journal records, and with what codes (spodes.md 5); end 0: the end is not recorded. */
static const struct recorded {
    uint8_t journal;
    uint16_t kind;
    uint16_t begin, end;
    bool has_end;
    uint8_t phases; /* 3: three-phase meters only */
} recorded[] = {
    { 0, JOURNAL_PHASE_A, 1, 2, true, 3 }, { 0, JOURNAL_PHASE_B, 3, 4, true, 3 }, { 0, JOURNAL_PHASE_C, 5, 6, true, 3 },
    { 0, JOURNAL_U_MAX_A, 13, 14, true, 0 }, { 0, JOURNAL_U_MAX_B, 15, 16, true, 3 }, { 0, JOURNAL_U_MAX_C, 17, 18, true, 3 },
    { 0, JOURNAL_U_MIN_A, 19, 20, true, 0 }, { 0, JOURNAL_U_MIN_B, 21, 22, true, 3 }, { 0, JOURNAL_U_MIN_C, 23, 24, true, 3 },
    { 1, JOURNAL_I_MAX_A, 25, 26, true, 0 }, { 1, JOURNAL_I_MAX_B, 27, 28, true, 3 }, { 1, JOURNAL_I_MAX_C, 29, 30, true, 3 },
    { 1, JOURNAL_REVERSE, 33, 34, true, 0 },
    { 2, JOURNAL_POWER, 1, 2, true, 0 }, { 2, JOURNAL_RELAY, 3, 4, true, 0 },
    { 3, JOURNAL_CLOCK, 3, 0, false, 0 }, { 3, JOURNAL_TARIFF, 9, 0, false, 0 }, { 3, JOURNAL_PROGRAMMING, 11, 0, false, 0 },
    { 3, JOURNAL_RESET, 35, 0, false, 0 },
    { 4, JOURNAL_COVER, 3, 0, false, 0 }, { 4, JOURNAL_MAGNET, 1, 2, true, 0 },
    { 7, JOURNAL_SELF_TEST, 1, 0, false, 0 },
    { 9, JOURNAL_QUALITY, 0x01, 0, true, 0 }, { 9, JOURNAL_F_MAX, 0x40, 0, true, 0 }, { 9, JOURNAL_F_MIN, 0x20, 0, true, 0 },
    { 13, JOURNAL_CLOCK, 0, 0, false, 0 },
};

enum { SOURCES_MAX = 10, RECORDED = sizeof recorded / sizeof *recorded };

/* One kind of events, newest first: each is its end and then its beginning. */
struct source {
    const struct recorded *row;
    int next; /* event to look at */
    bool at_begin, over;
    struct life_event event;
    struct spodes_entry head; /* the newest entry not taken yet */
};

static void source_advance(const struct spodes_view *v, struct source *s)
{
    bool clock = s->row->journal == 13;
    if (!s->at_begin) {
        s->over = !life_event_before(v->m->serial, (enum journal)s->row->kind, v->wall, s->next++, &s->event);
        s->at_begin = true;
        if (s->over)
            return;
        if (s->row->has_end && s->event.end != WALL_NONE) {
            s->head = (struct spodes_entry){ .wall = s->event.end, .code = s->row->end };
            return;
        }
    }
    s->at_begin = false;
    /* A clock that was set is recorded at the new time. */
    bool set = clock && s->event.end != WALL_NONE;
    s->head = (struct spodes_entry){ .wall = set ? s->event.end : s->event.begin, .before = s->event.begin, .code = s->row->begin };
}

/* The meter's own events as a source would be clumsy: there are few, they are put where they belong. */
static void insert_notes(const struct spodes_view *v, struct spodes_value *value)
{
    uint32_t kept = v->s->noted < SPODES_NOTES ? v->s->noted : SPODES_NOTES;
    for (uint32_t i = v->s->noted - kept; i != v->s->noted; i++) {
        const struct spodes_note *n = &v->s->notes[i % SPODES_NOTES];
        if (n->journal != value->profile->number || n->wall > v->wall)
            continue;
        if (value->entries == SPODES_ENTRIES_MAX && n->wall < value->entry[SPODES_ENTRIES_MAX - 1].wall)
            continue;
        uint16_t at = value->entries < SPODES_ENTRIES_MAX ? value->entries++ : SPODES_ENTRIES_MAX - 1;
        for (; at > 0 && value->entry[at - 1].wall <= n->wall; at--)
            value->entry[at] = value->entry[at - 1];
        value->entry[at] = (struct spodes_entry){ n->wall, n->before, n->code };
    }
}

/* The newest entries of the journal down to `since`, newest first. */
static void collect(const struct spodes_view *v, struct spodes_value *value, int64_t since)
{
    struct source sources[SOURCES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < RECORDED; i++) {
        if (recorded[i].journal != value->profile->number || (recorded[i].phases == 3 && v->s->phases == 1))
            continue;
        sources[count] = (struct source){ .row = &recorded[i] };
        source_advance(v, &sources[count++]);
    }
    value->entries = 0;
    while (value->entries < SPODES_ENTRIES_MAX) {
        struct source *newest = NULL;
        for (size_t i = 0; i < count; i++)
            if (!sources[i].over && (!newest || sources[i].head.wall > newest->head.wall))
                newest = &sources[i];
        if (!newest || newest->head.wall < since)
            break;
        value->entry[value->entries++] = newest->head;
        source_advance(v, newest);
    }
    insert_notes(v, value);
}

/* --- selective access ------------------------------------------------------------------------------------------------------------ */

/* The columns a range asks for; all when it names none. */
static bool select_columns(const struct spodes_view *v, struct cosem_list wanted, struct spodes_value *ret)
{
    if (wanted.count == 0)
        return true;
    const struct column *all = columns_of(v, ret->profile);
    struct cosem_reader r = cosem_reader_over(wanted.items);
    uint8_t chosen[SPODES_COLUMNS_MAX], count = 0;
    for (uint32_t i = 0; i < wanted.count && !cosem_failed(&r); i++) {
        struct cosem_column k = cosem_take_column(&r);
        uint8_t j = 0;
        while (j < ret->columns && !(obis_equal(all[ret->column[j]].obis, k.obis) && all[ret->column[j]].attribute == k.attribute))
            j++;
        if (j == ret->columns || count == SPODES_COLUMNS_MAX)
            return false;
        chosen[count++] = ret->column[j];
    }
    memcpy(ret->column, chosen, count);
    ret->columns = count;
    return !cosem_failed(&r);
}

/* Wildcards and things that are no time leave that side open. */
static int64_t bound(const struct cosem_data *d, int64_t open)
{
    struct cosem_date_time t;
    int64_t wall = cosem_date_time(d, &t) ? cosem_date_time_wall(&t) : WALL_NONE;
    return wall == WALL_NONE ? open : wall;
}

static void cut_journal(struct spodes_value *ret, int64_t from, int64_t to)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < ret->entries; i++)
        if (ret->entry[i].wall >= from && ret->entry[i].wall <= to)
            ret->entry[kept++] = ret->entry[i];
    ret->entries = kept;
}

static uint8_t select_range(const struct spodes_view *v, struct bytes parameters, struct spodes_value *ret, struct stock *stock)
{
    struct cosem_range range;
    if (!cosem_range_decode(parameters, &range))
        return COSEM_TYPE_UNMATCHED;
    if (range.by.class_id != CLASS_CLOCK || !obis_equal(range.by.obis, OBIS(0, 0, 1, 0, 0, 255)) || range.by.attribute != 2)
        return COSEM_OTHER_REASON;
    int64_t from = bound(&range.from, spodes_birth()), to = bound(&range.to, v->wall);
    if (!select_columns(v, range.columns, ret))
        return COSEM_OTHER_REASON;
    if (ret->profile->kind == JOURNAL) {
        collect(v, ret, from);
        cut_journal(ret, from, to);
        *stock = (struct stock){ 0, ret->entries };
    } else if (ret->profile->kind != SCALES) {
        int64_t first = ordinal_of(v, ret->profile, number_until(v, ret->profile, from - 1) + 1);
        int64_t end = ordinal_of(v, ret->profile, number_until(v, ret->profile, to) + 1);
        if (first > stock->first)
            stock->first = first;
        if (end < stock->end)
            stock->end = end;
    }
    return COSEM_SUCCESS;
}

static uint8_t select_entries(struct bytes parameters, struct spodes_value *ret, struct stock *stock)
{
    struct cosem_entries e;
    if (!cosem_entries_decode(parameters, &e))
        return COSEM_TYPE_UNMATCHED;
    uint16_t last = e.last == 0 || e.last > ret->columns ? ret->columns : e.last, first = e.first ? e.first : 1;
    if (e.from == 0 || first > last)
        return COSEM_OTHER_REASON;
    int64_t oldest = stock->first, count = stock->end - stock->first;
    int64_t to = e.to == 0 || e.to > count ? count : e.to;
    stock->first = oldest + e.from - 1;
    stock->end = oldest + to;
    ret->columns = (uint8_t)(last - first + 1);
    memmove(ret->column, ret->column + first - 1, ret->columns);
    if (ret->profile->kind == JOURNAL && stock->end > stock->first) {
        /* newest first in memory: entry 1 is the oldest */
        memmove(ret->entry, ret->entry + (count - stock->end), (size_t)(stock->end - stock->first) * sizeof *ret->entry);
        ret->entries = (uint16_t)(stock->end - stock->first);
    }
    return COSEM_SUCCESS;
}

static void resolve_buffer(struct spodes_view *v, const struct cosem_reference *what, struct spodes_value *ret)
{
    bool ranged = what->selective && what->selector == COSEM_BY_RANGE;
    struct stock stock = { 0, 1 };
    if (ret->profile->kind == JOURNAL && !ranged) {
        collect(v, ret, WALL_NONE);
        stock.end = ret->entries;
    } else if (ret->profile->kind < SCALES) {
        stock = stock_of(v, ret->profile);
    }
    if (ranged)
        ret->code = select_range(v, what->parameters, ret, &stock);
    else if (what->selective)
        ret->code = what->selector == COSEM_BY_ENTRY ? select_entries(what->parameters, ret, &stock) : COSEM_OTHER_REASON;
    int64_t count = stock.end > stock.first ? stock.end - stock.first : 0;
    ret->first = stock.first;
    ret->edge_wall = WALL_NONE;
    ret->pieces = ret->code == COSEM_SUCCESS ? 1 + (uint32_t)count : 0;
}

void spodes_profile_resolve(struct spodes_view *v, const struct cosem_reference *what, struct spodes_value *ret)
{
    ret->columns = visible_columns(v, ret->profile, ret->column);
    ret->pieces = 0;
    if (what->class_id != CLASS_PROFILE)
        ret->code = COSEM_CLASS_INCONSISTENT;
    else if (what->index < 1 || what->index > PROFILE_ATTRIBUTES)
        ret->code = COSEM_OBJECT_UNDEFINED;
    else if (v->session->level < SPODES_READER)
        ret->code = COSEM_READ_WRITE_DENIED;
    else if (what->selective && what->index != 2)
        ret->code = COSEM_OTHER_REASON;
    else if (what->index == 2)
        resolve_buffer(v, what, ret);
    else
        ret->pieces = 1;
}

/* --- records ----------------------------------------------------------------------------------------------------------------------- */

struct cell {
    uint8_t type;
    int64_t number; /* or the wall time of COSEM_OCTETS */
};

/* Registers at the end of the interval before: kept from record to record. */
static int64_t interval(struct spodes_view *v, struct spodes_value *value, int channel, int64_t begin, int64_t end)
{
    uint32_t serial = v->m->serial;
    if (value->edge_wall != begin) {
        for (int i = 0; i < LIFE_CHANNELS; i++)
            value->edge[i] = life_energy(serial, (enum life_channel)i, 0, begin);
        value->edge_wall = begin;
    }
    int64_t now = life_energy(serial, (enum life_channel)channel, 0, end), used = now - value->edge[channel];
    value->edge[channel] = now;
    return spodes_energy_raw(v->s, used);
}

static struct cell profile_cell(struct spodes_view *v, struct spodes_value *value, const struct column *c, int64_t wall)
{
    if (c->kind == TIME)
        return (struct cell){ COSEM_OCTETS, wall };
    uint8_t type = spodes_energy_number(v->s, c->argument).type;
    if (c->kind == INTERVAL)
        return (struct cell){ type, interval(v, value, c->argument, wall - v->s->step, wall) };
    int64_t used = c->tariff > LIFE_TARIFFS ? 0 : life_energy(v->m->serial, (enum life_channel)c->argument, c->tariff, wall);
    return (struct cell){ type, spodes_energy_raw(v->s, used) };
}

static struct cell journal_cell(const struct column *c, const struct spodes_entry *e)
{
    enum { CHANNEL_RS485 = 2 };
    switch (c->kind) {
    case TIME: return (struct cell){ COSEM_OCTETS, e->wall };
    case BEFORE: return (struct cell){ COSEM_OCTETS, e->before };
    case CODE: return (struct cell){ COSEM_UINT16, e->code };
    case CHANNEL: return (struct cell){ COSEM_UINT8, CHANNEL_RS485 };
    case CLIENT: return (struct cell){ COSEM_UINT16, e->before };
    default: return (struct cell){ COSEM_UINT32, e->wall - spodes_birth() };
    }
}

/* A value with its tag, or without inside a compact array. */
static void put_cell(struct spodes_view *v, const struct cell *c, bool bare, struct writer *w)
{
    size_t size = c->type == COSEM_UINT64 ? 8 : 4;
    struct cosem_date_time t;
    if (!bare)
        put_u8(w, c->type);
    if (c->type == COSEM_OCTETS) {
        t = spodes_time(v, c->number);
        put_u8(w, 12);
        cosem_date_time_encode(w, &t);
    } else {
        put_be(w, (uint64_t)c->number, c->type == COSEM_UINT16 ? 2 : c->type == COSEM_UINT8 ? 1 : size);
    }
}

static bool is_compact(const struct spodes_view *v, const struct spodes_value *value)
{
    return v->s->compact && value->profile->kind < SCALES;
}

/* Null-data compression: what the record before says already, and a clock one period on (dlms.md 7). */
static bool is_null(const struct spodes_view *v, const struct cell *now, const struct cell *before)
{
    return now->type == COSEM_OCTETS ? now->number == before->number + v->s->step : now->number == before->number;
}

static void cells_of(struct spodes_view *v, struct spodes_value *value, int64_t ordinal, struct cell ret[SPODES_COLUMNS_MAX])
{
    const struct column *c = columns_of(v, value->profile);
    bool journal = value->profile->kind == JOURNAL;
    int64_t wall = journal ? 0 : moment_of(v, value->profile, number_at(v, value->profile, ordinal));
    for (uint8_t i = 0; i < value->columns; i++) {
        const struct column *k = &c[value->column[i]];
        ret[i] = journal ? journal_cell(k, &value->entry[value->pieces - 2 - (ordinal - value->first)]) : profile_cell(v, value, k, wall);
    }
    if (!journal)
        value->edge_wall = wall; /* the edges are this record's end now; columns not chosen are computed when they are */
}

static void put_record(struct spodes_view *v, struct spodes_value *value, uint32_t n, struct writer *w)
{
    struct cell cell[SPODES_COLUMNS_MAX], before[SPODES_COLUMNS_MAX];
    bool nulls = v->s->nulls && n > 0 && value->profile->kind == LOAD && !is_compact(v, value);
    if (nulls)
        cells_of(v, value, value->first + n - 1, before);
    cells_of(v, value, value->first + n, cell);
    if (!is_compact(v, value))
        put_cosem_structure(w, value->columns);
    for (uint8_t i = 0; i < value->columns; i++) {
        if (nulls && is_null(v, &cell[i], &before[i]))
            put_cosem_null(w);
        else
            put_cell(v, &cell[i], is_compact(v, value), w);
    }
}

static void put_scales(struct spodes_view *v, struct spodes_value *value, struct writer *w)
{
    const struct column *c = columns_of(v, value->profile);
    put_cosem_structure(w, value->columns);
    for (uint8_t i = 0; i < value->columns; i++) {
        struct spodes_number n = spodes_energy_number(v->s, c[value->column[i]].argument);
        put_cosem_scaler(w, (struct cosem_scaler){ n.exponent, n.unit });
    }
}

/* Compact: 13 | 02 columns types | length of all records | records without tags. */
static void put_compact_head(struct spodes_view *v, struct spodes_value *value, struct writer *w)
{
    enum { TIME_SIZE = 13 };
    const struct column *c = columns_of(v, value->profile);
    size_t size = 0;
    put_u8(w, COSEM_COMPACT);
    put_u8(w, COSEM_STRUCTURE);
    put_u8(w, value->columns);
    for (uint8_t i = 0; i < value->columns; i++) {
        const struct column *k = &c[value->column[i]];
        uint8_t type = k->kind == TIME ? COSEM_OCTETS : spodes_energy_number(v->s, k->argument).type;
        put_u8(w, type);
        size += k->kind == TIME ? TIME_SIZE : type == COSEM_UINT64 ? 8 : 4;
    }
    put_axdr_length(w, size * (value->pieces - 1));
}

/* --- the other attributes ------------------------------------------------------------------------------------------------------------ */

static void put_columns(struct spodes_view *v, struct spodes_value *value, struct writer *w)
{
    const struct column *c = columns_of(v, value->profile);
    put_cosem_array(w, value->columns);
    for (uint8_t i = 0; i < value->columns; i++) {
        const struct column *k = &c[value->column[i]];
        int8_t attribute = value->profile->kind == SCALES ? 3 : k->attribute;
        cosem_put_column(w, &(struct cosem_column){ .class_id = k->class_id, .obis = k->obis, .attribute = attribute });
    }
}

static int64_t period_of(const struct spodes_view *v, const struct spodes_profile *p)
{
    return p->kind == LOAD ? v->s->step : p->kind == DAY ? DAY_SECONDS : 0;
}

static int64_t entries_of(struct spodes_view *v, struct spodes_value *value)
{
    if (value->profile->kind == SCALES)
        return 1;
    if (value->profile->kind == JOURNAL) {
        collect(v, value, WALL_NONE);
        return value->entries;
    }
    struct stock s = stock_of(v, value->profile);
    return s.end - s.first;
}

static void put_attribute(struct spodes_view *v, struct spodes_value *value, struct writer *w)
{
    enum { FIFO = 1 };
    switch (value->attribute) {
    case 1: put_cosem_obis(w, value->profile->obis); break;
    case 3: put_columns(v, value, w); break;
    case 4: put_cosem_number(w, COSEM_UINT32, period_of(v, value->profile)); break;
    case 5: put_cosem_number(w, COSEM_ENUM, FIFO); break;
    case 6: cosem_put_column(w, &(struct cosem_column){ 0 }); break;
    case 7: put_cosem_number(w, COSEM_UINT32, entries_of(v, value)); break;
    default: put_cosem_number(w, COSEM_UINT32, capacity_of(v, value->profile)); break;
    }
}

void spodes_profile_piece(struct spodes_view *v, struct spodes_value *value, uint32_t piece, struct writer *w)
{
    if (value->attribute != 2)
        put_attribute(v, value, w);
    else if (piece == 0 && is_compact(v, value))
        put_compact_head(v, value, w);
    else if (piece == 0)
        put_cosem_array(w, value->pieces - 1);
    else if (value->profile->kind == SCALES)
        put_scales(v, value, w);
    else
        put_record(v, value, piece - 1, w);
}
