/* The fleet in memory; see roster.h. Rows stand in order of id; for each column that somebody sorted by there is an order of
 * them, made again when what it sorts by has changed. The database is never asked with the rows locked. */
#include "api/devices/roster.h"
#include "base/civil.h"
#include "base/sorted.h"
#include "collect/states.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct roster {
    struct store *store;
    pthread_mutex_t refreshing;
    pthread_rwlock_t lock;
    struct roster_row *rows;
    size_t count, room;
    int64_t revision, deleted;
    uint32_t *order[ROSTER_COLUMNS];
    bool fresh[ROSTER_COLUMNS];
};

const char *const roster_column_names[ROSTER_COLUMNS + 1] = { "id", "serial", "title", "driver", "model", "group", "link", "enabled", "contact",
                                                              "contact_since", "added", "status", "source", "note", NULL };
const char *const meter_status_names[METER_STATUSES + 1] = { "in-use", "in-stock", "in-repair", "retired", NULL };
const char *const meter_source_names[METER_SOURCES + 1] = { "by-hand", "imported", "came-itself", NULL };

struct roster *roster_new(struct store *s)
{
    struct roster *r = memory_new(sizeof *r);
    r->store = s;
    r->deleted = -1;
    pthread_mutex_init(&r->refreshing, NULL);
    pthread_rwlock_init(&r->lock, NULL);
    return r;
}

static void free_rows(struct roster_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)rows[i].lines); /* lines and texts of a row are one piece */
    free(rows);
}

void roster_free(struct roster **roster)
{
    struct roster *r = *roster;
    if (!r)
        return;
    free_rows(r->rows, r->count);
    for (int i = 0; i < ROSTER_COLUMNS; i++)
        free(r->order[i]);
    pthread_rwlock_destroy(&r->lock);
    pthread_mutex_destroy(&r->refreshing);
    free(r);
    *roster = NULL;
}

/* --- keeping up to date ------------------------------------------------------------------------------------------------- */

enum { ROW_TEXT_MAX = 4096 };

struct gathered {
    struct roster_row *rows;
    size_t count, room;
};

static char *copy(char **at, const char *text)
{
    char *here = *at;
    *at = stpcpy(here, text) + 1;
    return here;
}

static bool gather(void *context, const struct store_meter *m)
{
    struct gathered *g = context;
    if (g->count == g->room) {
        size_t room = g->room ? g->room * 2 : 256;
        g->rows = memory_grow(g->rows, g->room * sizeof *g->rows, room * sizeof *g->rows);
        g->room = room;
    }
    size_t searched = strlen(m->serial) + strlen(m->title) + strlen(m->group) + strlen(m->note) + 4, lines = (size_t)m->line_count * sizeof(struct roster_line);
    char *piece = memory_new(lines + searched * 2 + strlen(m->driver) + strlen(m->model) + 8), *at = piece + lines, line[ROW_TEXT_MAX];
    struct roster_row *row = &g->rows[g->count++];
    *row = (struct roster_row){ .id = m->id, .project = m->project, .revision = m->revision, .added_ms = m->added_ms, .line_count = (uint8_t)m->line_count,
                                .enabled = m->enabled, .zone_minutes = (int16_t)m->zone_minutes, .status = m->status, .source = m->source, .contact = CONTACT_NEVER, .contact_since = WALL_NONE };
    struct roster_line *over = (struct roster_line *)(void *)piece;
    for (int i = 0; i < m->line_count; i++)
        over[i] = (struct roster_line){ m->lines[i].link, m->lines[i].protocol };
    row->lines = over;
    row->serial = copy(&at, m->serial);
    row->title = copy(&at, m->title);
    row->driver = copy(&at, m->driver);
    row->model = copy(&at, m->model);
    row->group = copy(&at, m->group);
    row->note = copy(&at, m->note);
    snprintf(line, sizeof line, "%s\n%s\n%s\n%s", m->serial, m->title, m->group, m->note);
    row->folded = at;
    text_fold(line, at, searched);
    return true;
}

static struct roster_row *row_of(const struct roster_row *rows, size_t count, int64_t id)
{
    size_t at = SORTED_PLACE(rows, count, id, id);
    return at < count && rows[at].id == id ? (struct roster_row *)(uintptr_t)&rows[at] : NULL;
}

static bool note_contact(void *context, int64_t meter, const struct state *s)
{
    struct gathered *g = context;
    struct roster_row *row = row_of(g->rows, g->count, meter);
    if (row) {
        row->contact = (int)s->value;
        row->contact_since = s->wall;
    }
    return true;
}

static void inherit(struct roster_row *row, const struct roster_row *old)
{
    if (!old || old->contact == CONTACT_NEVER)
        return;
    row->contact = old->contact;
    row->contact_since = old->contact_since;
    row->asked_ms = old->asked_ms;
}

static void put_row(struct roster *r, const struct roster_row *fresh)
{
    struct roster_row *row = row_of(r->rows, r->count, fresh->id);
    if (row) {
        struct roster_row next = *fresh;
        inherit(&next, row);
        free((void *)(uintptr_t)row->lines);
        *row = next;
        return;
    }
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 256;
        r->rows = memory_grow(r->rows, r->room * sizeof *r->rows, room * sizeof *r->rows);
        r->room = room;
    }
    r->rows[r->count++] = *fresh; /* ids only grow: it stands last */
}

/* What was gathered takes its place: all of it, or what changed. */
static void apply(struct roster *r, struct gathered *g, bool whole, int64_t revision, int64_t deleted)
{
    pthread_rwlock_wrlock(&r->lock);
    if (whole) {
        for (size_t i = 0; i < g->count; i++)
            inherit(&g->rows[i], row_of(r->rows, r->count, g->rows[i].id));
        free_rows(r->rows, r->count);
        r->rows = g->rows;
        r->count = g->count;
        r->room = g->room;
        g->rows = NULL;
    } else {
        for (size_t i = 0; i < g->count; i++)
            put_row(r, &g->rows[i]);
    }
    memset(r->fresh, 0, sizeof r->fresh);
    r->revision = revision;
    r->deleted = deleted;
    pthread_rwlock_unlock(&r->lock);
    free(g->rows);
}

enum fault roster_refresh(struct roster *r)
{
    int64_t revision = 0, deleted = 0;
    enum fault f = store_registry_mark(r->store, &revision, &deleted);
    pthread_rwlock_rdlock(&r->lock);
    bool same = revision == r->revision && deleted == r->deleted;
    pthread_rwlock_unlock(&r->lock);
    if (f != FAULT_NONE || same)
        return f;
    pthread_mutex_lock(&r->refreshing);
    struct gathered g = { 0 };
    bool first = r->deleted < 0, whole = first || deleted != r->deleted;
    f = store_meters_since(r->store, whole ? 0 : r->revision, gather, &g, &revision, &deleted);
    if (f == FAULT_NONE && first)
        f = store_state_of_all(r->store, STATE_CONTACT, note_contact, &g);
    if (f == FAULT_NONE && !whole && deleted != r->deleted) { /* deleted between the two looks: all anew */
        free_rows(g.rows, g.count);
        g = (struct gathered){ 0 };
        whole = true;
        f = store_meters_since(r->store, 0, gather, &g, &revision, &deleted);
    }
    if (f == FAULT_NONE)
        apply(r, &g, whole, revision, deleted);
    else
        free_rows(g.rows, g.count);
    pthread_mutex_unlock(&r->refreshing);
    return f;
}

/* --- orders ------------------------------------------------------------------------------------------------------------- */

struct sorting {
    const struct roster_row *rows;
    enum roster_column column;
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_rows(const struct roster_row *a, const struct roster_row *b, enum roster_column column)
{
    switch (column) {
    case ROSTER_SERIAL: return strcmp(a->serial, b->serial);
    case ROSTER_TITLE: return strcmp(a->title, b->title);
    case ROSTER_DRIVER: return strcmp(a->driver, b->driver);
    case ROSTER_MODEL: return strcmp(a->model, b->model);
    case ROSTER_GROUP: return strcmp(a->group, b->group);
    case ROSTER_LINK: return compare_numbers(roster_first_link(a), roster_first_link(b));
    case ROSTER_ENABLED: return a->enabled - b->enabled;
    case ROSTER_CONTACT: return compare_numbers(a->contact, b->contact);
    case ROSTER_SINCE: return compare_numbers(a->contact_since, b->contact_since);
    case ROSTER_ADDED: return compare_numbers(a->added_ms, b->added_ms);
    case ROSTER_STATUS: return compare_numbers(a->status, b->status);
    case ROSTER_SOURCE: return compare_numbers(a->source, b->source);
    case ROSTER_NOTE: return strcmp(a->note, b->note);
    case ROSTER_ID: case ROSTER_COLUMNS: break;
    }
    return 0;
}

static int compare_places(const void *a, const void *b, void *context)
{
    const struct sorting *s = context;
    const struct roster_row *x = &s->rows[*(const uint32_t *)a], *y = &s->rows[*(const uint32_t *)b];
    int order = compare_rows(x, y, s->column);
    return order ? order : compare_numbers(x->id, y->id);
}

/* Locks for reading with the column's order fresh. */
static void lock_sorted(struct roster *r, enum roster_column column)
{
    pthread_rwlock_rdlock(&r->lock);
    while (!r->fresh[column]) {
        pthread_rwlock_unlock(&r->lock);
        pthread_rwlock_wrlock(&r->lock);
        if (!r->fresh[column]) {
            struct sorting s = { r->rows, column };
            free(r->order[column]);
            r->order[column] = memory_new((r->count + 1) * sizeof *r->order[column]);
            for (size_t i = 0; i < r->count; i++)
                r->order[column][i] = (uint32_t)i;
            qsort_r(r->order[column], r->count, sizeof *r->order[column], compare_places, &s);
            r->fresh[column] = true;
        }
        pthread_rwlock_unlock(&r->lock);
        pthread_rwlock_rdlock(&r->lock);
    }
}

/* --- looking ------------------------------------------------------------------------------------------------------------ */

static const char *contact_name(int contact)
{
    return contact == CONTACT_NEVER ? "never" : contact == CONTACT_GOOD ? "good" : fault_name((enum fault)contact);
}

static bool contact_fits(const char *wanted, int contact)
{
    return strcmp(wanted, contact_name(contact)) == 0 || (contact > CONTACT_GOOD && strcmp(wanted, "failed") == 0);
}

static bool goes_over(const struct roster_row *row, int64_t link, int64_t protocol)
{
    if (!link && !protocol)
        return true;
    for (int i = 0; i < row->line_count; i++)
        if ((!link || row->lines[i].link == link) && (!protocol || row->lines[i].protocol == protocol))
            return true;
    return false;
}

static bool same_text(const char *wanted, const char *is)
{
    return !wanted || strcmp(wanted, is) == 0;
}

static bool fits(const struct roster_row *row, const struct roster_query *q, const char *folded)
{
    return row->project == q->project && (q->enabled < 0 || row->enabled == q->enabled) && same_text(q->status, meter_status_names[row->status % METER_STATUSES]) &&
           same_text(q->source, meter_source_names[row->source % METER_SOURCES]) && row->added_ms >= q->added_from_ms && (!q->added_to_ms || row->added_ms < q->added_to_ms) &&
           goes_over(row, q->link, q->protocol) && (!q->contact || contact_fits(q->contact, row->contact)) && same_text(q->own_group, row->group) && meter_set_has(&q->group, row->id) &&
           same_text(q->driver, row->driver) && same_text(q->model, row->model) && (!q->ids || sorted_has(q->ids, q->id_count, row->id)) && (!*folded || strstr(row->folded, folded));
}

/* Walks the rows that fit in the query's order. False stops. */
static void walk(struct roster *r, const struct roster_query *q, bool (*each)(void *, const struct roster_row *), void *context)
{
    char folded[512] = "";
    if (q->search)
        text_fold(q->search, folded, sizeof folded);
    lock_sorted(r, q->sort);
    const uint32_t *order = r->order[q->sort];
    for (size_t i = 0; i < r->count; i++) {
        const struct roster_row *row = &r->rows[order[q->descending ? r->count - 1 - i : i]];
        if (fits(row, q, folded) && !each(context, row))
            break;
    }
    pthread_rwlock_unlock(&r->lock);
}

struct paging {
    const struct roster_query *q;
    size_t found;
    roster_fn *each;
    void *context;
};

static bool page(void *context, const struct roster_row *row)
{
    struct paging *p = context;
    if (p->found >= p->q->skip && p->found - p->q->skip < p->q->take)
        p->each(p->context, row);
    p->found++;
    return true;
}

size_t roster_list(struct roster *r, const struct roster_query *q, roster_fn *each, void *context)
{
    struct paging p = { q, 0, each, context };
    walk(r, q, page, &p);
    return p.found;
}

/* --- counting by value ---------------------------------------------------------------------------------------------------- */

/* A row's value as it is compared; written only when it is told. A day is its number since 1970, NO_DAY when there is none. */
struct value {
    enum { VALUE_TEXT, VALUE_NUMBER, VALUE_DAY } kind;
    const char *text;
    int64_t number;
};
#define NO_DAY INT64_MIN

struct grouping {
    enum roster_column column;
    int zone_minutes;
    size_t most, values, rows, found;
    struct value value;
    roster_count_fn *each;
    void *context;
};

static struct value text_value(const char *text)
{
    return (struct value){ .kind = VALUE_TEXT, .text = text };
}

static struct value number_value(int64_t number)
{
    return (struct value){ .kind = VALUE_NUMBER, .number = number };
}

static struct value day_value(bool known, int64_t wall)
{
    return (struct value){ .kind = VALUE_DAY, .number = known ? wall_day(wall) : NO_DAY };
}

static struct value value_of(const struct roster_row *row, enum roster_column column, int zone_minutes)
{
    switch (column) {
    case ROSTER_ID: case ROSTER_COLUMNS: break;
    case ROSTER_SERIAL: return text_value(row->serial);
    case ROSTER_TITLE: return text_value(row->title);
    case ROSTER_DRIVER: return text_value(row->driver);
    case ROSTER_MODEL: return text_value(row->model);
    case ROSTER_GROUP: return text_value(row->group);
    case ROSTER_LINK: return number_value(roster_first_link(row));
    case ROSTER_ENABLED: return text_value(row->enabled ? "true" : "false");
    case ROSTER_CONTACT: return text_value(contact_name(row->contact));
    case ROSTER_SINCE: return day_value(row->contact_since != WALL_NONE, row->contact_since);
    case ROSTER_ADDED: return day_value(row->added_ms != 0, row->added_ms / 1000 + (int64_t)zone_minutes * 60);
    case ROSTER_STATUS: return text_value(meter_status_names[row->status % METER_STATUSES]);
    case ROSTER_SOURCE: return text_value(meter_source_names[row->source % METER_SOURCES]);
    case ROSTER_NOTE: return text_value(row->note);
    }
    return number_value(row->id);
}

static bool value_same(const struct value *a, const struct value *b)
{
    return a->kind == VALUE_TEXT ? strcmp(a->text, b->text) == 0 : a->number == b->number;
}

/* The value as its column's filter takes it. */
static void tell_value(struct grouping *g)
{
    char number[24], day[CIVIL_TEXT_MAX];
    const char *text = g->value.kind == VALUE_TEXT ? g->value.text : number;
    snprintf(number, sizeof number, "%lld", (long long)g->value.number);
    if (g->value.kind == VALUE_DAY) {
        wall_format(g->value.number == NO_DAY ? 0 : g->value.number * DAY_SECONDS, day);
        day[g->value.number == NO_DAY ? 0 : 10] = '\0';
        text = day;
    }
    if (g->rows && g->values <= g->most)
        g->each(g->context, text, g->rows);
    g->rows = 0;
}

/* The rows come sorted by the column: equal ones stand together, and live as long as the walk. */
static bool count_row(void *context, const struct roster_row *row)
{
    struct grouping *g = context;
    struct value value = value_of(row, g->column, g->zone_minutes);
    if (g->rows == 0 || !value_same(&value, &g->value)) {
        tell_value(g);
        g->value = value;
        g->values++;
    }
    g->rows++;
    g->found++;
    return true;
}

size_t roster_group(struct roster *r, const struct roster_query *q, int zone_minutes, size_t most, roster_count_fn *each, void *context,
                    size_t *ret_values)
{
    struct grouping g = { .column = q->sort, .zone_minutes = zone_minutes, .most = most, .each = each, .context = context };
    walk(r, q, count_row, &g);
    tell_value(&g);
    *ret_values = g.values;
    return g.found;
}

/* --- ids -------------------------------------------------------------------------------------------------------------------- */

struct id_list {
    int64_t *ids;
    size_t count, room;
};

static bool add_id(void *context, const struct roster_row *row)
{
    struct id_list *l = context;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 256;
        l->ids = memory_grow(l->ids, l->room * sizeof *l->ids, room * sizeof *l->ids);
        l->room = room;
    }
    l->ids[l->count++] = row->id;
    return true;
}

size_t roster_ids_of(struct roster *r, const struct roster_query *q, int64_t **ret)
{
    struct id_list l = { 0 };
    walk(r, q, add_id, &l);
    *ret = l.ids;
    return l.count;
}

/* First place in the order of serial numbers that is not before `serial`. */
static size_t serial_place(const struct roster *r, const char *serial)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(r->rows[r->order[ROSTER_SERIAL][middle]].serial, serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void roster_find(struct roster *r, int64_t project, const char *serial, roster_fn *each, void *context)
{
    lock_sorted(r, ROSTER_SERIAL);
    for (size_t i = serial_place(r, serial); i < r->count; i++) {
        const struct roster_row *row = &r->rows[r->order[ROSTER_SERIAL][i]];
        if (strcmp(row->serial, serial) != 0)
            break;
        if (row->project == project)
            each(context, row);
    }
    pthread_rwlock_unlock(&r->lock);
}

bool roster_look(struct roster *r, int64_t id, int64_t project, roster_fn *each, void *context)
{
    pthread_rwlock_rdlock(&r->lock);
    const struct roster_row *row = row_of(r->rows, r->count, id);
    bool found = row && (!project || row->project == project);
    if (found && each)
        each(context, row);
    pthread_rwlock_unlock(&r->lock);
    return found;
}

size_t roster_ids(struct roster *r, int64_t project, int64_t **ret)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&r->lock);
    *ret = memory_new((r->count + 1) * sizeof **ret);
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].project == project)
            (*ret)[count++] = r->rows[i].id;
    pthread_rwlock_unlock(&r->lock);
    return count;
}

struct taking {
    const char *driver;
    int64_t but;
    bool taken;
};

static void note_taken(void *context, const struct roster_row *row)
{
    struct taking *t = context;
    t->taken |= row->id != t->but && strcmp(row->driver, t->driver) == 0;
}

bool roster_taken(struct roster *r, int64_t project, const char *serial, const char *driver, int64_t but)
{
    struct taking t = { driver, but, false };
    roster_find(r, project, serial, note_taken, &t);
    return t.taken;
}

bool roster_contact(struct roster *r, int64_t id, int fault, int64_t now_wall, int64_t now_ms, int *ret_before)
{
    bool turned = false;
    pthread_rwlock_wrlock(&r->lock);
    struct roster_row *row = row_of(r->rows, r->count, id);
    if (row) {
        *ret_before = row->contact;
        row->asked_ms = now_ms;
        turned = row->contact != CONTACT_NEVER && (row->contact == CONTACT_GOOD) != (fault == CONTACT_GOOD);
        if (row->contact != fault) {
            row->contact = fault;
            row->contact_since = now_wall;
            r->fresh[ROSTER_CONTACT] = r->fresh[ROSTER_SINCE] = false;
        }
    }
    pthread_rwlock_unlock(&r->lock);
    return turned;
}

void roster_counts(struct roster *r, int64_t project, struct roster_counts *ret)
{
    *ret = (struct roster_counts){ 0 };
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = 0; i < r->count; i++) {
        const struct roster_row *row = &r->rows[i];
        if (project && row->project != project)
            continue;
        ret->devices++;
        ret->enabled += row->enabled;
        ret->good += row->contact == CONTACT_GOOD;
        ret->never += row->contact == CONTACT_NEVER;
    }
    ret->failed = ret->devices - ret->good - ret->never;
    pthread_rwlock_unlock(&r->lock);
}
