/* Sums by property; see tally.h. Groups are found by hashing their key; a device's key is looked up in the fleet as the walk
 * over its debts comes by. */
#include "api/seeing/tally.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_MAX = 1024 };

const char *const tally_words[TALLY_COUNT + 1] = { "all", "group", "link", "driver", "model", "maker", "reason", "device", NULL };

/* --- reasons ------------------------------------------------------------------------------------------------------------------ */

const char *reason_name(const struct roster_row *row)
{
    return !row->enabled ? "disabled" : row->contact == CONTACT_NEVER ? "never" : row->contact == CONTACT_GOOD ? "partly" : fault_name((enum fault)row->contact);
}

const char *reason_text(const struct roster_row *row, enum lang lang)
{
    static const struct phrase never = { { "ещё не опрашивался", "not asked yet" } };
    static const struct phrase partly = { { "на связи, данные ещё дочитываются", "in contact, data are still being read" } };
    static const struct phrase off = { { "опрос отключён", "collection is disabled" } };
    if (row->enabled && row->contact > CONTACT_GOOD)
        return fault_text((enum fault)row->contact, lang);
    return phrase_in(!row->enabled ? &off : row->contact == CONTACT_NEVER ? &never : &partly, lang);
}

void put_reason(struct call *c, const struct roster_row *row)
{
    json_put_text(&c->out, "reason", reason_name(row));
    json_put_text(&c->out, "reason_text", reason_text(row, c->lang));
    json_put_wall(&c->out, "since", row->contact_since);
    json_put_utc(&c->out, "asked", row->asked_ms);
}

void put_percent(struct json_writer *j, const char *key, int64_t expected, int64_t missing)
{
    if (expected)
        json_put_decimal(j, key, decimal_of((expected - missing) * 10000 / expected, -2));
    else
        json_put_null(j, key);
}

/* --- groups by key -------------------------------------------------------------------------------------------------------------- */

struct counting {
    struct call *c;
    const struct tally_query *q;
    struct tally *tallies;
    size_t count, room;
    uint32_t *places; /* open addressing: place in `tallies` + 1; room * 2 of them */
    const char **facts; /* of meters by id: maker or type, as they tell it */
    int64_t facts_end;
    size_t looked_at;   /* devices whose registers were counted */
    bool too_many;
    /* the device at hand */
    int64_t meter;
    char key[KEY_MAX], title[KEY_MAX];
    /* listing devices instead of groups */
    const char *only;
    struct tally_device *devices;
    size_t device_count, device_room;
};

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211u;
    return hash;
}

static size_t place_of(const struct counting *n, const char *key)
{
    size_t mask = n->room * 2 - 1, at = (size_t)hash_of(key) & mask;
    while (n->places[at] && strcmp(n->tallies[n->places[at] - 1].key, key) != 0)
        at = (at + 1) & mask;
    return at;
}

static void grow(struct counting *n)
{
    size_t room = n->room ? n->room * 2 : 64;
    n->tallies = memory_grow(n->tallies, n->room * sizeof *n->tallies, room * sizeof *n->tallies);
    free(n->places);
    n->places = memory_new(room * 2 * sizeof *n->places);
    n->room = room;
    for (size_t i = 0; i < n->count; i++)
        n->places[place_of(n, n->tallies[i].key)] = (uint32_t)i + 1;
}

static struct tally *tally_of(struct counting *n)
{
    if (n->count == n->room)
        grow(n);
    size_t at = place_of(n, n->key);
    if (!n->places[at]) {
        struct arena *a = n->c->arena;
        n->tallies[n->count] = (struct tally){ .key = arena_text(a, bytes_of_text(n->key)), .title = arena_text(a, bytes_of_text(n->title)),
                                               .sums = arena_take(a, n->q->span_count * sizeof(struct tally_sum)) };
        n->places[at] = (uint32_t)++n->count;
    }
    return &n->tallies[n->places[at] - 1];
}

/* --- what a device counts as ------------------------------------------------------------------------------------------------------ */

static const char *fact_of(const struct counting *n, int64_t meter)
{
    return meter < n->facts_end && n->facts[meter] ? n->facts[meter] : "";
}

static void set_key(struct counting *n, const char *key, const char *title)
{
    snprintf(n->key, sizeof n->key, "%s", key);
    snprintf(n->title, sizeof n->title, "%s", title);
}

static void note_key(void *context, const struct roster_row *row)
{
    struct counting *n = context;
    char number[24];
    switch (n->q->by) {
    case TALLY_GROUP: set_key(n, row->group, row->group); break;
    case TALLY_DRIVER: set_key(n, row->driver, row->driver); break;
    case TALLY_MAKER: set_key(n, fact_of(n, row->id), fact_of(n, row->id)); break;
    case TALLY_MODEL: set_key(n, *row->model ? row->model : fact_of(n, row->id), *row->model ? row->model : fact_of(n, row->id)); break;
    case TALLY_REASON: set_key(n, reason_name(row), reason_text(row, n->c->lang)); break;
    case TALLY_LINK:
    case TALLY_DEVICE:
        snprintf(number, sizeof number, "%lld", (long long)(n->q->by == TALLY_LINK ? roster_first_link(row) : row->id));
        set_key(n, number, n->q->by == TALLY_LINK ? "" : row->serial);
        break;
    case TALLY_ALL:
    case TALLY_COUNT: set_key(n, "", ""); break;
    }
    if (!meter_set_has(&n->q->group, row->id))
        n->meter = 0;
}

static bool add_device(struct counting *n, const struct owed_share *share)
{
    if (!share->missing || (n->only && strcmp(n->only, n->key) != 0))
        return true;
    if (n->device_count == n->device_room) {
        size_t room = n->device_room ? n->device_room * 2 : 256;
        n->devices = memory_grow(n->devices, n->device_room * sizeof *n->devices, room * sizeof *n->devices);
        n->device_room = room;
    }
    n->devices[n->device_count++] = (struct tally_device){ n->meter, share->expected, share->missing };
    return true;
}

/* --- by register ------------------------------------------------------------------------------------------------------------------ */

struct present {
    const struct tally_query *q;
    int32_t count[TALLY_SPANS_MAX];
};

static bool count_present(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    struct present *p = context;
    for (size_t i = 0; i < p->q->span_count; i++)
        p->count[i] += span_holds(p->q->spans[i], r->wall);
    return true;
}

/* The device's registers in place of its intervals: what was expected of each, what is there of it. */
static bool count_registers(struct counting *n, int64_t meter, const struct owed_share *share, struct owed_share ret[TALLY_SPANS_MAX])
{
    const struct tally_query *q = n->q;
    struct present p = { .q = q };
    n->too_many = ++n->looked_at > TALLY_REGISTER_DEVICES;
    if (n->too_many || store_readings(n->c->api->store, meter, q->archive, q->registers, q->register_count,
                                      (struct span){ q->spans[0].from, q->spans[q->span_count - 1].to }, count_present, &p) != FAULT_NONE)
        return false;
    for (size_t i = 0; i < q->span_count; i++) {
        int32_t expected = share[i].expected * (int32_t)q->register_count;
        ret[i] = (struct owed_share){ expected, p.count[i] < expected ? expected - p.count[i] : 0 };
    }
    return true;
}

static bool count_meter(void *context, int64_t meter, const struct owed_share *share)
{
    struct counting *n = context;
    struct owed_share registers[TALLY_SPANS_MAX];
    n->meter = meter;
    if (!roster_look(n->c->api->roster, meter, n->c->caller.project, note_key, n) || !n->meter)
        return true;
    if (n->q->register_count && !count_registers(n, meter, share, registers))
        return false;
    if (n->q->register_count)
        share = registers;
    if (n->device_room)
        return add_device(n, share);
    bool whole = true;
    for (size_t i = 0; i < n->q->span_count; i++)
        whole &= share[i].missing == 0;
    if (whole && n->q->only_missing)
        return true;
    struct tally *t = tally_of(n);
    t->devices++;
    t->whole += whole;
    for (size_t i = 0; i < n->q->span_count; i++) {
        t->sums[i].expected += share[i].expected;
        t->sums[i].missing += share[i].missing;
    }
    return true;
}

/* --- facts of all meters ------------------------------------------------------------------------------------------------------------ */

struct facts {
    struct counting *n;
    const char *last; /* neighbours often are of one maker: told once in memory */
    int64_t room;
};

static bool note_fact(void *context, int64_t meter, const char *utf8)
{
    struct facts *f = context;
    struct counting *n = f->n;
    if (meter >= f->room) {
        int64_t room = meter * 2 + 64;
        n->facts = memory_grow(n->facts, (size_t)f->room * sizeof *n->facts, (size_t)room * sizeof *n->facts);
        f->room = room;
    }
    if (!f->last || strcmp(f->last, utf8) != 0)
        f->last = arena_text(n->c->arena, bytes_of_text(utf8));
    n->facts[meter] = f->last;
    n->facts_end = f->room;
    return true;
}

static bool load_facts(struct counting *n)
{
    struct facts f = { .n = n };
    if (n->q->by != TALLY_MAKER && n->q->by != TALLY_MODEL)
        return true;
    enum fact_kind kind = n->q->by == TALLY_MAKER ? FACT_MAKER : FACT_TYPE;
    return call_good(n->c, store_fact_of_all(n->c->api->store, kind, note_fact, &f), REFUSE_IN_USE);
}

static const char *link_title(const struct store_link *k)
{
    return *k->title ? k->title : k->uri;
}

static bool name_link(void *context, const struct store_link *k)
{
    struct counting *n = context;
    snprintf(n->key, sizeof n->key, "%lld", (long long)k->id);
    size_t at = n->room ? place_of(n, n->key) : 0;
    if (n->room && n->places[at])
        n->tallies[n->places[at] - 1].title = arena_text(n->c->arena, bytes_of_text(link_title(k)));
    return true;
}

/* --- the counts ----------------------------------------------------------------------------------------------------------------------- */

static bool walk(struct counting *n)
{
    static const struct phrase many = { { "слишком много устройств: выберите группу", "too many devices: choose a group" } };
    struct call *c = n->c;
    return call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) && load_facts(n) &&
           call_good(c, store_completeness(c->api->store, n->q->archive, n->q->spans, n->q->span_count, count_meter, n), REFUSE_IN_USE) &&
           (!n->too_many || call_wrong_field(c, "group", phrase_in(&many, c->lang)));
}

static int by_title(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    int order = strcmp(x->title, y->title);
    return order ? order : strcmp(x->key, y->key);
}

bool tally_count(struct call *c, const struct tally_query *q, struct tally **ret, size_t *ret_count)
{
    struct counting n = { .c = c, .q = q };
    bool good = walk(&n) && (q->by != TALLY_LINK || call_good(c, store_links(c->api->store, name_link, &n), REFUSE_IN_USE));
    *ret = arena_take(c->arena, (n.count + 1) * sizeof **ret);
    if (n.count) {
        memcpy(*ret, n.tallies, n.count * sizeof **ret);
        qsort(*ret, n.count, sizeof **ret, by_title);
    }
    *ret_count = n.count;
    free(n.tallies);
    free(n.places);
    free(n.facts);
    return good;
}

static int by_missing(const void *a, const void *b)
{
    const struct tally_device *x = a, *y = b;
    return x->missing != y->missing ? (x->missing < y->missing) - (x->missing > y->missing) : (x->meter > y->meter) - (x->meter < y->meter);
}

bool tally_missing(struct call *c, const struct tally_query *q, const char *key, struct tally_device **ret, size_t *ret_count)
{
    struct counting n = { .c = c, .q = q, .only = key, .device_room = 256 };
    n.devices = memory_new(n.device_room * sizeof *n.devices);
    bool good = walk(&n);
    *ret = arena_take(c->arena, (n.device_count + 1) * sizeof **ret);
    if (n.device_count) {
        memcpy(*ret, n.devices, n.device_count * sizeof **ret);
        qsort(*ret, n.device_count, sizeof **ret, by_missing);
    }
    *ret_count = n.device_count;
    free(n.devices);
    free(n.facts);
    return good;
}
