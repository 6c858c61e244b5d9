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
    struct roll_link *link = &r->links[r->link_count++];
    struct link_address address;
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    link->row = (struct store_link){ .id = row->id, .title = kept_text(&r->arena, row->title), .uri = kept_text(&r->arena, row->uri),
                                     .settings = kept_text(&r->arena, row->settings) };
    link->good = link_address_parse(link->row.uri, LANG_EN, &address, &t);
    link->gateway = link->good && address.kind == LINK_GATEWAY && !address.interface ? address.gateway : 0;
    if (!link->good)
        log_line(LOG_WARNING, "link-address", "link=%lld problem=\"%s\"", (long long)row->id, problem);
    return true;
}

static bool add_profile(void *context, const struct store_protocol *row)
{
    struct roll *r = context;
    if (r->profile_count == r->profile_room) {
        size_t room = r->profile_room ? r->profile_room * 2 : 16;
        r->profiles = memory_grow(r->profiles, r->profile_room * sizeof *r->profiles, room * sizeof *r->profiles);
        r->profile_room = room;
    }
    r->profiles[r->profile_count++] = (struct store_protocol){ .id = row->id, .parameters = kept_text(&r->arena, row->parameters) };
    return true;
}

static int by_link(const void *a, const void *b)
{
    int64_t x = ((const struct roll_link *)a)->row.id, y = ((const struct roll_link *)b)->row.id;
    return (x > y) - (x < y);
}

static int by_profile(const void *a, const void *b)
{
    int64_t x = ((const struct store_protocol *)a)->id, y = ((const struct store_protocol *)b)->id;
    return (x > y) - (x < y);
}

/* Links and profiles stand in order of id. */
static struct roll_link *find_link(const struct roll *r, int64_t id)
{
    struct roll_link key = { .row = { .id = id } };
    return r->link_count ? bsearch(&key, r->links, r->link_count, sizeof *r->links, by_link) : NULL;
}

/* NULL: there is none of that id. */
static const char *find_profile(const struct roll *r, int64_t id)
{
    struct store_protocol key = { .id = id };
    const struct store_protocol *p = r->profile_count ? bsearch(&key, r->profiles, r->profile_count, sizeof *r->profiles, by_profile) : NULL;
    return id == 0 ? "" : p ? p->parameters : NULL;
}

const struct roll_link *roll_link(const struct roll *r, int64_t id)
{
    return find_link(r, id);
}

/* The row's own lines, for who writes it back. */
static void keep_lines(struct roll *r, struct store_meter *m, const struct store_meter *row)
{
    struct store_line *lines = arena_take(&r->arena, (size_t)row->line_count * sizeof *lines + 1);
    for (int i = 0; i < row->line_count; i++) {
        lines[i] = row->lines[i];
        lines[i].parameters = kept_text(&r->arena, row->lines[i].parameters);
        lines[i].guid = kept_text(&r->arena, row->lines[i].guid);
    }
    m->lines = lines;
}

/* The lines that can be used, as ways. */
static void find_ways(struct roll *r, struct roll_meter *m)
{
    m->ways = arena_take(&r->arena, (size_t)m->row.line_count * sizeof *m->ways);
    for (int i = 0; i < m->row.line_count; i++) {
        const struct store_line *from = &m->row.lines[i];
        const struct roll_link *link = find_link(r, from->link);
        const char *profile = find_profile(r, from->protocol);
        if (!from->enabled || !profile || !link || !link->good)
            continue;
        if (m->way_count && (link->gateway || m->ways[0].gateway))
            continue; /* what a gateway asks is asked by it alone, or by us alone */
        m->ways[m->way_count++] = (struct way){ .link = (int32_t)from->link, .parameters = line_parameters(profile, from->parameters, &r->arena), .retries = (uint8_t)from->retries, .gateway = link->gateway };
    }
}

static void add_meter(struct roll *r, const struct store_meter *row)
{
    if (r->meter_count == r->meter_room) {
        size_t room = r->meter_room ? r->meter_room * 2 : 16;
        r->meters = memory_grow(r->meters, r->meter_room * sizeof *r->meters, room * sizeof *r->meters);
        r->meter_room = room;
    }
    struct roll_meter *to = &r->meters[r->meter_count++];
    struct store_meter *m = &to->row;
    *to = (struct roll_meter){ .row = *row };
    m->serial = kept_text(&r->arena, row->serial);
    m->title = kept_text(&r->arena, row->title);
    m->driver = kept_text(&r->arena, row->driver);
    m->model = kept_text(&r->arena, row->model);
    m->note = kept_text(&r->arena, row->note);
    m->group = kept_text(&r->arena, row->group);
    m->guid = kept_text(&r->arena, row->guid);
    keep_lines(r, m, row);
    find_ways(r, to);
}

/* --- links that meters join ---------------------------------------------------------------------------------------------------- */

static size_t root_of(struct roll *r, size_t link)
{
    while (r->links[link].root != link)
        link = r->links[link].root = r->links[r->links[link].root].root;
    return link;
}

/* Lines that one meter may be asked over belong to one thread: they are joined under the first of them. */
static void join_links(struct roll *r)
{
    for (size_t i = 0; i < r->link_count; i++)
        r->links[i].root = i;
    for (size_t k = 0; k < r->meter_count; k++) {
        const struct roll_meter *m = &r->meters[k];
        for (int i = 1; i < m->way_count; i++) {
            size_t a = root_of(r, (size_t)(find_link(r, m->ways[0].link) - r->links)), b = root_of(r, (size_t)(find_link(r, m->ways[i].link) - r->links));
            r->links[a > b ? a : b].root = a < b ? a : b;
        }
    }
}

/* --- loading ---------------------------------------------------------------------------------------------------------------------- */

struct loading {
    struct roll *roll;
    int64_t project;
    const int64_t *ids;
    size_t count, at;
};

static bool take_meter(void *context, const struct store_meter *row)
{
    struct loading *l = context;
    for (int i = 0; l->roll->whole && row->enabled && i < row->line_count; i++) {
        struct roll_link *link = row->lines[i].enabled ? find_link(l->roll, row->lines[i].link) : NULL;
        if (link)
            link->meters++;
    }
    while (l->ids && l->at < l->count && l->ids[l->at] < row->id)
        l->at++;
    bool wanted = l->ids ? l->at < l->count && l->ids[l->at] == row->id : row->enabled;
    if (wanted && (l->project == 0 || row->project == l->project))
        add_meter(l->roll, row);
    return true;
}

/* Links and profiles of one meter that are not in the roll yet. */
static enum fault add_means(struct store *s, struct roll *r, const struct store_meter *m, struct arena *a)
{
    enum fault f = FAULT_NONE;
    for (int i = 0; i < m->line_count && f == FAULT_NONE; i++) {
        struct store_link link;
        struct store_protocol profile;
        int64_t uses = 0;
        if (m->lines[i].link && !find_link(r, m->lines[i].link) && (f = store_link_get(s, m->lines[i].link, a, &link)) == FAULT_NONE) {
            f = store_link_uses(s, link.id, &uses);
            add_link(r, &link);
            r->links[r->link_count - 1].meters = (size_t)uses;
            qsort(r->links, r->link_count, sizeof *r->links, by_link);
        }
        if (f == FAULT_NONE && !find_profile(r, m->lines[i].protocol) && (f = store_protocol_get(s, m->lines[i].protocol, a, &profile)) == FAULT_NONE) {
            add_profile(r, &profile);
            qsort(r->profiles, r->profile_count, sizeof *r->profiles, by_profile);
        }
        if (f == FAULT_NO_DATA) /* deleted meanwhile */
            f = FAULT_NONE;
    }
    return f;
}

/* A few are looked up one by one, so that an order to one meter does not read the whole registry. */
static enum fault load_few(struct store *s, struct loading *l)
{
    struct arena a = { 0 };
    enum fault f = FAULT_NONE;
    for (size_t i = 0; i < l->count && f == FAULT_NONE; i++) {
        struct store_meter m;
        f = store_meter_get(s, l->ids[i], &a, &m);
        if (f == FAULT_NONE)
            f = add_means(s, l->roll, &m, &a);
        if (f == FAULT_NONE)
            take_meter(l, &m);
        if (f == FAULT_NO_DATA)
            f = FAULT_NONE;
        arena_reset(&a);
    }
    arena_free(&a);
    return f;
}

static enum fault load_whole(struct store *s, struct loading *l)
{
    enum fault f = store_links(s, add_link, l->roll);
    if (f == FAULT_NONE)
        f = store_protocols(s, add_profile, l->roll);
    return f == FAULT_NONE ? store_meters(s, take_meter, l) : f;
}

struct roll *roll_load(struct store *s, int64_t project, const int64_t *ids, size_t count)
{
    struct roll *r = memory_new(sizeof *r);
    struct loading l = { .roll = r, .project = project, .ids = ids, .count = count };
    r->whole = !ids || count > FEW;
    enum fault f = r->whole ? load_whole(s, &l) : load_few(s, &l);
    if (f == FAULT_NONE)
        f = store_keeping(s, r->keeping);
    if (f != FAULT_NONE)
        roll_free(&r);
    else
        join_links(r);
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
    free(r->profiles);
    arena_free(&r->arena);
    free(r);
}

struct store_meter roll_depths(const struct roll *r, const struct store_meter *row)
{
    struct store_meter m = *row;
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        m.depth_days[a] = keeping_depth(r->keeping, (enum archive)a, m.depth_days[a]);
    return m;
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

static int64_t meter_id(const void *m) { return ((const struct meter_run *)m)->id; }
static int64_t line_id(const void *l) { return ((const struct line_run *)l)->link; }

struct meter_run *collector_meter(struct collector *c, int64_t id)
{
    size_t at = place_of((void *const *)c->meters, c->meter_count, id, meter_id);
    return at < c->meter_count && c->meters[at]->id == id ? c->meters[at] : NULL;
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
    if (obis_equal(s->obis, STATE_CLOCK_ERROR)) {
        m->clock_noted = s->value;
        m->clock_known = true;
    }
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
    snprintf(key, sizeof key, "profile-step:%lld", (long long)m->id);
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
        store_states_now(c->store, fresh[i]->id, note_state, fresh[i]);
        fresh[i]->contact_known = true;
    }
}

static struct meter_run *know_meter(struct collector *c, const struct store_meter *row)
{
    size_t at = place_of((void *const *)c->meters, c->meter_count, row->id, meter_id);
    if (at < c->meter_count && c->meters[at]->id == row->id)
        return NULL;
    struct meter_run *m = memory_new(sizeof *m);
    m->id = row->id;
    m->profile_step = HALF_HOUR_SECONDS;
    c->meters = insert(c->meters, &c->meter_count, &c->meter_room, at, m);
    return m;
}

static struct line_run *know_line(struct collector *c, int64_t link)
{
    size_t at = place_of((void *const *)c->lines, c->line_count, link, line_id);
    if (at < c->line_count && c->lines[at]->link == link)
        return c->lines[at];
    struct line_run *line = memory_new(sizeof *line);
    line->link = link;
    line->log = c->options.line_stays ? line_log_new(c->options.line_stays) : NULL;
    c->lines = insert(c->lines, &c->line_count, &c->line_room, at, line);
    return line;
}

/* The thread for the lines joined under one: by number, so that a meter's memory stays with the thread that keeps it. Of a few
 * meters' lines, the one that has a thread already says which. */
static struct shard *shard_for(struct collector *c, struct roll *r, size_t root)
{
    for (size_t i = root; !r->whole && i < r->link_count; i++) {
        const struct line_run *line = collector_line(c, r->links[i].row.id);
        if (root_of(r, i) == root && line->placed)
            return line->shard;
    }
    return &c->shards[r->links[root].row.id % c->options.threads];
}

/* A line that is in use stays where it is; ways to it from elsewhere are not gone meanwhile. */
static void place_lines(struct collector *c, struct roll *r)
{
    for (size_t i = 0; i < r->link_count; i++)
        know_line(c, r->links[i].row.id);
    for (size_t i = 0; i < r->link_count; i++) {
        struct line_run *line = collector_line(c, r->links[i].row.id);
        struct shard *shard = shard_for(c, r, root_of(r, i));
        if (!line->placed || line->visits == 0)
            line->shard = shard;
        line->placed = true;
    }
}

struct line_run *collector_line_taken(struct collector *c, int64_t link)
{
    struct line_run *line = know_line(c, link);
    if (!line->placed)
        line->shard = &c->shards[link % c->options.threads];
    line->placed = true;
    line->visits++;
    return line;
}

void collector_know(struct collector *c, struct roll *r)
{
    size_t count = 0;
    struct meter_run **fresh = memory_new((r->meter_count + 1) * sizeof *fresh);
    place_lines(c, r);
    for (size_t i = 0; i < r->meter_count; i++) {
        struct roll_meter *row = &r->meters[i];
        struct meter_run *m = know_meter(c, &row->row);
        if (m)
            fresh[count++] = m;
        for (int w = 0; w < row->way_count; w++)
            row->ways[w].line = collector_line(c, row->ways[w].link);
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

void meter_adopt(struct meter_run *m, struct store_meter *row, const struct way *ways, int way_count)
{
    uint64_t mark = mix(14695981039346656037ull, row->driver);
    for (int w = 0; w < way_count; w++)
        mark = mix(mark ^ (uint64_t)ways[w].line->link, ways[w].parameters);
    m->row = row;
    m->driver = driver_find(row->driver);
    if (mark == m->mark)
        return;
    free(m->others);
    m->others = way_count > 1 ? memory_new((size_t)(way_count - 1) * sizeof *m->others) : NULL;
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
        struct store_meter row = roll_depths(r, &r->meters[i].row);
        const struct meter_run *m = collector_meter(c, row.id);
        int64_t now = clock_utc_ms() / 1000 + (int64_t)row.zone_minutes * 60;
        count += row.enabled ? debts_expected(&row, m ? m->profile_step : HALF_HOUR_SECONDS, now, wants + count) : 0;
        if (count < DECLARE_AT_ONCE && i + 1 < r->meter_count)
            continue;
        f = store_owed_expect(c->store, wants, count);
        count = 0;
    }
    free(wants);
    return f;
}
