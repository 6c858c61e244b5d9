/* Rows of the meter table; see centre_table.h. */
#include "upstream/push/centre_table.h"
#include "base/sorted.h"
#include "store/registry/registry.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
    int64_t meter;
    uint64_t hash, taken; /* as it is, as it was taken; 0: not there */
};

struct centre_table {
    struct store *store;
    struct row *rows;     /* by meter; those that are gone until that was taken */
    size_t count, room, at;
    char mark[CENTRE_MARK_TEXT], taken[CENTRE_MARK_TEXT];
    bool paging, whole;
};

/* ---- one meter ---- */

static uint64_t mix(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211ull;
    return hash;
}

static bool put_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    (void)since_ms;
    json_object_set_new((json_t *)context, fact_name(kind), json_string(utf8));
    return true;
}

static json_t *meter_json(struct store *s, const struct store_meter *m)
{
    json_t *depths = json_object(), *facts = json_object();
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        if (m->depth_days[a])
            json_object_set_new(depths, archive_name((enum archive)a), json_integer(m->depth_days[a]));
    store_facts(s, m->id, false, put_fact, facts);
    /* An installer often leaves the number to the meter and writes the place as a comment. */
    const char *told = json_string_value(json_object_get(facts, fact_name(FACT_SERIAL)));
    const char *serial = *m->serial || !told ? m->serial : told, *title = *m->title ? m->title : m->note;
    return json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:i,s:b,s:o,s:o}", "number", (json_int_t)m->id, "serial", serial, "driver", m->driver, "model", m->model,
                     "title", title, "group", m->group, "zone", m->zone_minutes, "enabled", m->enabled, "depths", depths, "facts", facts);
}

/* The rows of the registry as they are; the database is not asked from within its own callback. */
struct numbers {
    int64_t *ids;
    size_t count, room;
};

static bool note_number(void *context, const struct store_meter *m)
{
    struct numbers *n = context;
    if (n->count == n->room) {
        n->room = n->room ? n->room * 2 : 256;
        n->ids = memory_resize(n->ids, n->room * sizeof *n->ids);
    }
    n->ids[n->count++] = m->id;
    return true;
}

static json_t *json_of(struct store *s, int64_t id, struct arena *a)
{
    struct store_meter m;
    json_t *row = store_meter_get(s, id, a, &m) == FAULT_NONE ? meter_json(s, &m) : NULL;
    arena_reset(a);
    return row;
}

static uint64_t hash_of(struct store *s, int64_t id, struct arena *a)
{
    json_t *row = json_of(s, id, a);
    char *text = row ? json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    uint64_t hash = text ? mix(14695981039346656037ull, text) | 1 : 0;
    free(text);
    json_decref(row);
    return hash;
}

/* ---- the table ---- */

static uint64_t taken_of(const struct centre_table *t, int64_t meter)
{
    size_t at = SORTED_PLACE(t->rows, t->count, meter, meter);
    return at < t->count && t->rows[at].meter == meter ? t->rows[at].taken : 0;
}

static int by_meter(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    return (a->meter > b->meter) - (a->meter < b->meter);
}

/* Those that are gone stay until the head-end has taken it. */
static size_t add_gone(const struct centre_table *t, const struct numbers *n, struct row *rows, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        while (at < n->count && n->ids[at] < t->rows[i].meter)
            at++;
        bool there = at < n->count && n->ids[at] == t->rows[i].meter;
        if (!there && t->rows[i].taken)
            rows[count++] = (struct row){ t->rows[i].meter, 0, t->rows[i].taken };
    }
    return count;
}

enum fault centre_table_look(struct centre_table *t)
{
    struct numbers n = { 0 };
    struct arena a = { 0 };
    enum fault fault = store_meters(t->store, note_number, &n);
    if (fault == FAULT_NONE) {
        struct row *rows = memory_new((n.count + t->count + 1) * sizeof *rows);
        uint64_t all = 14695981039346656037ull;
        size_t count = 0;
        for (size_t i = 0; i < n.count; i++) {
            uint64_t hash = hash_of(t->store, n.ids[i], &a);
            if (hash)
                rows[count++] = (struct row){ n.ids[i], hash, taken_of(t, n.ids[i]) };
            all = (all ^ hash) * 1099511628211ull + (uint64_t)n.ids[i];
        }
        count = add_gone(t, &n, rows, count);
        qsort(rows, count, sizeof *rows, by_meter);
        free(t->rows);
        t->rows = rows;
        t->count = count;
        t->paging = false;
        snprintf(t->mark, sizeof t->mark, "%016" PRIx64, all);
    }
    free(n.ids);
    arena_free(&a);
    return fault;
}

const char *centre_table_mark(const struct centre_table *t)
{
    return t->mark;
}

void centre_table_taken(struct centre_table *t, const char *mark)
{
    bool ours = strcmp(mark, t->mark) == 0, known = strcmp(mark, t->taken) == 0 && *mark;
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->rows[i].taken = ours ? t->rows[i].hash : known ? t->rows[i].taken : 0;
        if (t->rows[i].hash || t->rows[i].taken)
            t->rows[count++] = t->rows[i];
    }
    t->count = count;
    t->paging = false;
    snprintf(t->taken, sizeof t->taken, "%s", ours || known ? mark : "");
}

bool centre_table_differs(const struct centre_table *t)
{
    return strcmp(t->mark, t->taken) != 0;
}

char *centre_table_page(struct centre_table *t)
{
    struct arena a = { 0 };
    json_t *meters = json_array(), *gone = json_array();
    if (!t->paging) {
        t->at = 0;
        t->whole = !*t->taken;
    } else if (t->at >= t->count) {
        t->paging = false;
        json_decref(meters);
        json_decref(gone);
        return NULL;
    }
    bool first = !t->paging;
    for (; t->at < t->count && json_array_size(meters) < CENTRE_PAGE_METERS && json_array_size(gone) < CENTRE_PAGE_METERS * 10; t->at++) {
        const struct row *row = &t->rows[t->at];
        if (row->hash == row->taken && !t->whole)
            continue;
        json_t *one = row->hash ? json_of(t->store, row->meter, &a) : NULL;
        if (one)
            json_array_append_new(meters, one);
        else if (!t->whole)
            json_array_append_new(gone, json_integer(row->meter));
    }
    t->paging = true;
    json_t *page = json_pack("{s:s,s:b,s:b,s:b,s:o,s:o}", "mark", t->mark, "whole", t->whole, "first", first, "last", t->at >= t->count, "meters", meters, "gone", gone);
    char *text = json_dumps(page, JSON_COMPACT);
    json_decref(page);
    arena_free(&a);
    return text;
}

struct centre_table *centre_table_new(struct store *s)
{
    struct centre_table *t = memory_new(sizeof *t);
    t->store = s;
    return t;
}

void centre_table_free(struct centre_table **t)
{
    if (!*t)
        return;
    free((*t)->rows);
    free(*t);
    *t = NULL;
}
