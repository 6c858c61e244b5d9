/* The fleet in memory; see roster.h. Rows stand in order of id; for each column that somebody sorted by there is an order of
 * them, made again when what it sorts by has changed. The database is never asked with the rows locked. */
#include "api/roster.h"
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
                                                              "contact_since", "added", NULL };

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
        free((void *)(uintptr_t)rows[i].serial); /* all texts of a row are one piece */
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

/* --- folding ------------------------------------------------------------------------------------------------------------ */

void roster_fold(const char *text, char *out, size_t room)
{
    const unsigned char *at = (const unsigned char *)text;
    char *end = out + room - 1;
    while (*at && out < end) {
        if (*at >= 'A' && *at <= 'Z') {
            *out++ = (char)(*at++ + 32);
        } else if (*at == 0xD0 && at[1] >= 0x90 && at[1] <= 0xAF && out + 1 < end) { /* А..Я to а..я */
            *out++ = (char)(at[1] < 0xA0 ? 0xD0 : 0xD1);
            *out++ = (char)(at[1] < 0xA0 ? at[1] + 0x20 : at[1] - 0x20);
            at += 2;
        } else if (*at == 0xD0 && at[1] == 0x81 && out + 1 < end) { /* Ё to ё */
            *out++ = (char)0xD1;
            *out++ = (char)0x91;
            at += 2;
        } else {
            *out++ = (char)*at++;
        }
    }
    *out = '\0';
}

/* --- keeping up to date ------------------------------------------------------------------------------------------------- */

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
    size_t searched = strlen(m->serial) + strlen(m->title) + strlen(m->group) + 3;
    char *at = memory_new(searched * 2 + strlen(m->driver) + strlen(m->model) + 8), line[1024];
    struct roster_row *row = &g->rows[g->count++];
    *row = (struct roster_row){ .id = m->id, .project = m->project, .link = m->link, .revision = m->revision, .added_ms = m->added_ms,
                                .enabled = m->enabled, .contact = CONTACT_NEVER, .contact_since = WALL_NONE };
    row->serial = copy(&at, m->serial);
    row->title = copy(&at, m->title);
    row->driver = copy(&at, m->driver);
    row->model = copy(&at, m->model);
    row->group = copy(&at, m->group);
    snprintf(line, sizeof line, "%s\n%s\n%s", m->serial, m->title, m->group);
    row->folded = at;
    roster_fold(line, at, searched);
    return true;
}

static struct roster_row *row_of(const struct roster_row *rows, size_t count, int64_t id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && rows[low].id == id ? (struct roster_row *)(uintptr_t)&rows[low] : NULL;
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
        free((void *)(uintptr_t)row->serial);
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
    case ROSTER_LINK: return compare_numbers(a->link, b->link);
    case ROSTER_ENABLED: return a->enabled - b->enabled;
    case ROSTER_CONTACT: return compare_numbers(a->contact, b->contact);
    case ROSTER_SINCE: return compare_numbers(a->contact_since, b->contact_since);
    case ROSTER_ADDED: return compare_numbers(a->added_ms, b->added_ms);
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

static bool contact_fits(const char *wanted, int contact)
{
    const char *is = contact == CONTACT_NEVER ? "never" : contact == CONTACT_GOOD ? "good" : "failed";
    return strcmp(wanted, is) == 0;
}

static bool fits(const struct roster_row *row, const struct roster_query *q, const char *folded)
{
    return row->project == q->project && (!q->link || row->link == q->link) && (q->enabled < 0 || row->enabled == q->enabled) &&
           (!q->contact || contact_fits(q->contact, row->contact)) && (!q->group || strcmp(q->group, row->group) == 0) &&
           (!q->driver || strcmp(q->driver, row->driver) == 0) && (!*folded || strstr(row->folded, folded));
}

size_t roster_list(struct roster *r, const struct roster_query *q, roster_fn *each, void *context)
{
    char folded[512] = "";
    size_t found = 0;
    if (q->search)
        roster_fold(q->search, folded, sizeof folded);
    lock_sorted(r, q->sort);
    const uint32_t *order = r->order[q->sort];
    for (size_t i = 0; i < r->count; i++) {
        const struct roster_row *row = &r->rows[order[q->descending ? r->count - 1 - i : i]];
        if (!fits(row, q, folded))
            continue;
        if (found >= q->skip && found - q->skip < q->take)
            each(context, row);
        found++;
    }
    pthread_rwlock_unlock(&r->lock);
    return found;
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

size_t roster_ids(struct roster *r, int64_t project, const char *group, int64_t **ret)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&r->lock);
    *ret = memory_new((r->count + 1) * sizeof **ret);
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].project == project && (!group || strcmp(group, r->rows[i].group) == 0))
            (*ret)[count++] = r->rows[i].id;
    pthread_rwlock_unlock(&r->lock);
    return count;
}

bool roster_taken(struct roster *r, int64_t project, const char *serial, const char *driver, int64_t but)
{
    bool taken = false;
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = 0; i < r->count && !taken; i++) {
        const struct roster_row *row = &r->rows[i];
        taken = row->project == project && row->id != but && strcmp(row->serial, serial) == 0 && strcmp(row->driver, driver) == 0;
    }
    pthread_rwlock_unlock(&r->lock);
    return taken;
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
