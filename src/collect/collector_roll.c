/* The collector and the registry: rows as a run sees them, what is kept of meters and lines between runs. */
#include "collect/collector_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "collect/states.h"

#include <stdio.h>
#include <stdlib.h>

enum { DECLARE_AT_ONCE = 1024, FEW = 200 };

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

static const char *kept_text(struct arena *a, const char *text)
{
    return text && *text ? arena_text(a, bytes_of_text(text)) : "";
}

static bool add_link(void *context, const struct store_link *row)
{
    struct roll *r = context;
    if (r->link_count == r->link_room) {
        size_t room = r->link_room ? r->link_room * 2 : 16;
        r->links = memory_grow(r->links, r->link_room * sizeof *r->links, room * sizeof *r->links);
        r->link_room = room;
    }
    r->links[r->link_count++].row = (struct store_link){ .id = row->id, .title = kept_text(&r->arena, row->title), .uri = kept_text(&r->arena, row->uri) };
    return true;
}

static void add_meter(struct roll *r, const struct store_meter *row)
{
    if (r->meter_count == r->meter_room) {
        size_t room = r->meter_room ? r->meter_room * 2 : 16;
        r->meters = memory_grow(r->meters, r->meter_room * sizeof *r->meters, room * sizeof *r->meters);
        r->meter_room = room;
    }
    struct store_meter *m = &r->meters[r->meter_count++];
    *m = *row;
    m->serial = kept_text(&r->arena, row->serial);
    m->title = kept_text(&r->arena, row->title);
    m->driver = kept_text(&r->arena, row->driver);
    m->model = kept_text(&r->arena, row->model);
    m->parameters = kept_text(&r->arena, row->parameters);
    m->group = kept_text(&r->arena, row->group);
}

struct loading {
    struct roll *roll;
    int64_t project;
    const int64_t *ids;
    size_t count, at;
    bool few;
};

static int by_link(const void *a, const void *b)
{
    int64_t x = ((const struct roll_link *)a)->row.id, y = ((const struct roll_link *)b)->row.id;
    return (x > y) - (x < y);
}

/* Links come in order of id, but where a few are looked up. */
static struct roll_link *find_link(const struct roll *r, int64_t id)
{
    struct roll_link key = { .row = { .id = id } };
    return r->link_count ? bsearch(&key, r->links, r->link_count, sizeof *r->links, by_link) : NULL;
}

static bool take_meter(void *context, const struct store_meter *row)
{
    struct loading *l = context;
    while (l->ids && l->at < l->count && l->ids[l->at] < row->id)
        l->at++;
    struct roll_link *link = row->enabled && !l->few ? find_link(l->roll, row->link) : NULL;
    if (link)
        link->meters++;
    bool wanted = l->ids ? l->at < l->count && l->ids[l->at] == row->id : row->enabled;
    if (wanted && (l->project == 0 || row->project == l->project))
        add_meter(l->roll, row);
    return true;
}

static enum fault add_counted(struct store *s, struct roll *r, const struct store_link *k)
{
    int64_t count = 0;
    enum fault f = store_link_meters(s, k->id, &count);
    add_link(r, k);
    r->links[r->link_count - 1].meters = (size_t)count;
    qsort(r->links, r->link_count, sizeof *r->links, by_link);
    return f;
}

/* A few are looked up one by one, so that an order to one meter does not read the whole registry. */
static enum fault load_few(struct store *s, struct loading *l)
{
    struct arena a = { 0 };
    enum fault f = FAULT_NONE;
    for (size_t i = 0; i < l->count && f == FAULT_NONE; i++) {
        struct store_meter m;
        struct store_link k;
        f = store_meter_get(s, l->ids[i], &a, &m);
        if (f == FAULT_NONE)
            take_meter(l, &m);
        if (f == FAULT_NONE && m.link && !find_link(l->roll, m.link)) {
            f = store_link_get(s, m.link, &a, &k);
            if (f == FAULT_NONE)
                f = add_counted(s, l->roll, &k);
        }
        if (f == FAULT_NO_DATA) /* deleted meanwhile */
            f = FAULT_NONE;
        arena_reset(&a);
    }
    arena_free(&a);
    return f;
}

struct roll *roll_load(struct store *s, int64_t project, const int64_t *ids, size_t count)
{
    struct roll *r = memory_new(sizeof *r);
    struct loading l = { .roll = r, .project = project, .ids = ids, .count = count };
    enum fault f;
    l.few = ids && count <= FEW;
    if (l.few) {
        f = load_few(s, &l);
    } else {
        f = store_links(s, add_link, r);
        if (f == FAULT_NONE)
            f = store_meters(s, take_meter, &l);
    }
    if (f != FAULT_NONE)
        roll_free(&r);
    return r;
}

void roll_free(struct roll **roll)
{
    struct roll *r = *roll;
    *roll = NULL;
    if (!r)
        return;
    free(r->meters);
    free(r->links);
    arena_free(&r->arena);
    free(r);
}

const struct roll_link *roll_link(const struct roll *r, int64_t id)
{
    return find_link(r, id);
}

/* --- what is kept -------------------------------------------------------------------------------------------------------- */

/* Place of an id in a table of pointers to things that begin with it, or where it belongs. */
static size_t place_of(void *const *table, size_t count, int64_t id, int64_t (*id_of)(const void *))
{
    size_t low = 0, high = count;
    if (count && id_of(table[count - 1]) < id)
        return count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (id_of(table[middle]) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void *insert(void *table, size_t *count, size_t *room, size_t at, void *thing)
{
    void **places = table;
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 64;
        places = memory_grow(places, *room * sizeof *places, more * sizeof *places);
        *room = more;
    }
    memmove(places + at + 1, places + at, (*count - at) * sizeof *places);
    places[at] = thing;
    ++*count;
    return places;
}

static int64_t meter_id(const void *m) { return ((const struct meter_run *)m)->row.id; }
static int64_t line_id(const void *l) { return ((const struct line_run *)l)->link; }

struct meter_run *collector_meter(struct collector *c, int64_t id)
{
    size_t at = place_of((void *const *)c->meters, c->meter_count, id, meter_id);
    return at < c->meter_count && c->meters[at]->row.id == id ? c->meters[at] : NULL;
}

struct line_run *collector_line(struct collector *c, int64_t link)
{
    size_t at = place_of((void *const *)c->lines, c->line_count, link, line_id);
    return at < c->line_count && c->lines[at]->link == link ? c->lines[at] : NULL;
}

static bool note_state(void *context, const struct state *s)
{
    struct meter_run *m = context;
    if (obis_equal(s->obis, STATE_JOURNALS_READ))
        m->journals_from = s->value;
    m->ever_met |= obis_equal(s->obis, STATE_CONTACT) && s->value == FAULT_NONE;
    return true;
}

static int step_of(const char *value)
{
    return value && atoi(value) > 0 ? atoi(value) : HALF_HOUR_SECONDS;
}

static bool note_step(void *context, const char *key, const char *value)
{
    struct meter_run *m = collector_meter(context, atoll(key + sizeof "profile-step:" - 1));
    if (m && !m->contact_known)
        m->profile_step = step_of(value);
    return true;
}

static void learn_one(struct collector *c, struct meter_run *m)
{
    struct arena a = { 0 };
    char key[64];
    const char *value = NULL;
    snprintf(key, sizeof key, "profile-step:%lld", (long long)m->row.id);
    store_setting_get(c->store, key, &a, &value);
    m->profile_step = step_of(value);
    arena_free(&a);
}

/* Meters that are new here: what the database knows of them. */
static void learn_from_store(struct collector *c, struct meter_run **fresh, size_t count)
{
    if (count > FEW)
        store_settings(c->store, "profile-step:", note_step, c);
    for (size_t i = 0; i < count; i++) {
        if (count <= FEW)
            learn_one(c, fresh[i]);
        store_states_now(c->store, fresh[i]->row.id, note_state, fresh[i]);
        fresh[i]->contact_known = true;
    }
}

static struct meter_run *know_meter(struct collector *c, const struct store_meter *row)
{
    size_t at = place_of((void *const *)c->meters, c->meter_count, row->id, meter_id);
    if (at < c->meter_count && c->meters[at]->row.id == row->id)
        return NULL;
    struct meter_run *m = memory_new(sizeof *m);
    m->row.id = row->id;
    m->profile_step = HALF_HOUR_SECONDS;
    c->meters = insert(c->meters, &c->meter_count, &c->meter_room, at, m);
    return m;
}

static void know_line(struct collector *c, int64_t link)
{
    size_t at = place_of((void *const *)c->lines, c->line_count, link, line_id);
    if (at < c->line_count && c->lines[at]->link == link)
        return;
    struct line_run *line = memory_new(sizeof *line);
    line->link = link;
    /* By id, so that a meter's memory stays with the thread that keeps it. */
    line->shard = &c->shards[link % c->options.threads];
    c->lines = insert(c->lines, &c->line_count, &c->line_room, at, line);
}

void collector_know(struct collector *c, const struct roll *r)
{
    size_t count = 0;
    struct meter_run **fresh = memory_new((r->meter_count + 1) * sizeof *fresh);
    for (size_t i = 0; i < r->link_count; i++)
        know_line(c, r->links[i].row.id);
    for (size_t i = 0; i < r->meter_count; i++) {
        struct meter_run *m = know_meter(c, &r->meters[i]);
        if (m)
            fresh[count++] = m;
    }
    learn_from_store(c, fresh, count);
    free(fresh);
}

static uint64_t mix(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211ull;
    return (hash ^ 0xFF) * 1099511628211ull;
}

void meter_adopt(struct meter_run *m, const struct store_meter *row)
{
    uint64_t mark = mix(mix(14695981039346656037ull ^ (uint64_t)row->link, row->driver), row->parameters);
    m->row = *row;
    m->driver = driver_find(row->driver);
    if (mark == m->mark)
        return;
    if (m->mark) {
        m->memo = NULL;
        m->patience = (struct patience){ 0 };
        m->failures = 0;
        m->identified_day = 0;
        m->password_refused = false;
        m->next_try_ms = 0;
    }
    m->mark = mark;
}

enum fault collector_declare(struct collector *c, const struct roll *r)
{
    struct owed_want *wants = memory_new((DECLARE_AT_ONCE + ARCHIVE_COUNT) * sizeof *wants);
    enum fault f = FAULT_NONE;
    size_t count = 0;
    for (size_t i = 0; i < r->meter_count && f == FAULT_NONE; i++) {
        const struct store_meter *row = &r->meters[i];
        const struct meter_run *m = collector_meter(c, row->id);
        int64_t now = clock_utc_ms() / 1000 + (int64_t)row->zone_minutes * 60;
        count += row->enabled ? debts_expected(row, m ? m->profile_step : HALF_HOUR_SECONDS, now, wants + count) : 0;
        if (count < DECLARE_AT_ONCE && i + 1 < r->meter_count)
            continue;
        f = store_owed_expect(c->store, wants, count);
        count = 0;
    }
    free(wants);
    return f;
}
