/* Messages out of the archives; see source.h. */
#include "upstream/mqtt/source.h"
#include "base/clock.h"
#include "collect/states.h"
#include "meter/relay.h"
#include "store/upward/feed.h"
#include "upstream/meter_list.h"
#include "upstream/mqtt/payload.h"
#include "upstream/mqtt/use.h"
#include "upstream/mqtt/zip_one.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ROWS_AT_ONCE = 512, MOMENTS_MAX = 400 /* of a message: some tens of KiB */ };

struct source_meter {
    struct payload_meter as; /* first: what a message says of it */
    int64_t project;
};

struct mqtt_source {
    struct store *store;
    struct arena arena;            /* of the meters */
    struct meter_list list;
    struct source_meter *meters;   /* in its places */
    size_t room;
    struct payload payload;
    struct feed_row rows[ROWS_AT_ONCE];
    size_t row_count;
};

struct mqtt_source *mqtt_source_new(struct store *s)
{
    struct mqtt_source *src = memory_new(sizeof *src);
    src->store = s;
    return src;
}

void mqtt_source_free(struct mqtt_source **src)
{
    if (!*src)
        return;
    payload_free(&(*src)->payload);
    arena_free(&(*src)->arena);
    meter_list_free(&(*src)->list);
    free((*src)->meters);
    free(*src);
    *src = NULL;
}

void mqtt_topic(const char *prefix, const char *device, const char *postfix, char topic[MQTT_TOPIC_MAX])
{
    const char *const parts[] = { prefix, device, postfix };
    struct text t = text_over(topic, MQTT_TOPIC_MAX);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (*parts[i])
            text_printf(&t, "%s%s", t.size ? "/" : "", parts[i]);
}

/* ---- places ---- */

void mqtt_place_write(const struct mqtt_place *p, char note[MQTT_NOTE_MAX])
{
    snprintf(note, MQTT_NOTE_MAX, "%d %" PRId64 " %" PRId64 " %d %" PRId64, p->want, p->order_ms, p->order_meter, p->order_want, p->order_wall);
}

struct mqtt_place mqtt_place_read(int64_t position, const char *note)
{
    struct mqtt_place p = { .order_wall = WALL_NONE }, empty = { .position = position, .order_wall = WALL_NONE };
    p.position = position;
    if (sscanf(note, "%d %" SCNd64 " %" SCNd64 " %d %" SCNd64, &p.want, &p.order_ms, &p.order_meter, &p.order_want, &p.order_wall) != 5)
        return empty;
    return p.want < 0 || p.order_ms < 0 || p.order_meter < 0 || p.order_want < 0 ? empty : p;
}

void mqtt_place_order(struct mqtt_place *p, int64_t now_ms)
{
    bool waits = p->order_ms && !p->order_meter;
    p->order_ms = waits ? p->order_ms : now_ms;
    p->order_meter = 0;
    p->order_want = 0;
    p->order_wall = WALL_NONE;
}

/* ---- meters ---- */

static void forget_meters(void *context)
{
    struct mqtt_source *src = context;
    arena_reset(&src->arena);
}

/* Beside the id that was just listed. */
static bool keep_meter(void *context, const struct store_meter *m)
{
    struct mqtt_source *src = context;
    size_t at = src->list.count - 1;
    if (src->room < src->list.room) {
        src->room = src->list.room;
        src->meters = memory_resize(src->meters, src->room * sizeof *src->meters);
    }
    src->meters[at] = (struct source_meter){ { m->id, arena_text(&src->arena, bytes_of_text(m->serial)), m->zone_minutes }, m->project };
    return true;
}

static enum fault refresh(struct mqtt_source *src)
{
    return meter_list_refresh(&src->list, src->store, forget_meters, keep_meter, src);
}

/* ---- a message under way ---- */

struct making {
    struct mqtt_source *src;
    const struct store_publication *publication;
    struct mqtt_want wants[MQTT_WANTS_MAX];
    size_t want_count;
    struct meter_set group;         /* zeros: all */
    const struct source_meter *meter;
    const struct mqtt_want *want;
    int64_t wall;                   /* of the moment whose tags are open; WALL_NONE: none */
    struct payload_tags tags;
    size_t moments, limit;          /* of this want: it stops before the next when the limit is met */
    int64_t stopped;                /* there; WALL_NONE: it went through */
    int64_t newest;                 /* of a look for it */
};

static bool in_publication(const struct making *m, const struct source_meter *meter)
{
    return meter->project == m->publication->project && meter_set_has(&m->group, meter->as.id);
}

static int order_of(const struct mqtt_kind *k)
{
    return (int)(k - mqtt_kinds);
}

/* The same whether all journals are wanted or this one: a record wanted twice is one. */
static int order_of_journal(uint16_t journal)
{
    return (int)mqtt_kind_count + journal;
}

static void end_moment(struct making *m)
{
    if (m->wall == WALL_NONE)
        return;
    payload_add(&m->src->payload, order_of(m->want->kind), m->want->kind->name, &m->meter->as, m->wall, &m->tags);
    m->wall = WALL_NONE;
}

/* Room for a further moment; else says where it stopped. */
static bool room_for(struct making *m, int64_t wall)
{
    if (m->moments >= m->limit) {
        m->stopped = wall;
        return false;
    }
    m->moments++;
    return true;
}

static bool add_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct making *m = context;
    (void)kept;
    if (m->wall != r->wall) {
        end_moment(m);
        if (!room_for(m, r->wall))
            return false;
        m->wall = r->wall;
        payload_tags_begin(&m->tags);
    }
    payload_tags_reading(&m->tags, r);
    return true;
}

static void add_record(struct making *m, int order, const char *measure, int64_t wall, const char *first, int64_t one, const char *second, int64_t two)
{
    struct payload_tags t;
    payload_tags_begin(&t);
    payload_tags_number(&t, first, decimal_of(one, 0));
    if (second)
        payload_tags_number(&t, second, decimal_of(two, 0));
    payload_add(&m->src->payload, order, measure, &m->meter->as, wall, &t);
}

/* Tags as the journals of SMART JSON have them: "event" what happened, "eventId" the channel, count or mask with it. */
static bool add_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct making *m = context;
    char text[MQTT_NAME_MAX];
    (void)meter;
    (void)stored_ms;
    uint16_t wanted = m->want->kind->journal;
    if (wanted && wanted != e->journal)
        return true;
    if (m->wall != e->wall && !room_for(m, e->wall))
        return false;
    m->wall = e->wall;
    add_record(m, order_of_journal(e->journal), mqtt_journal_measure(e->journal, text), e->wall, "event", e->code, "eventId", e->detail);
    return true;
}

/* mRelay: the relays' outputs; mTime: by how many seconds the meter's clock was ahead («расхождение времени»). */
static bool add_state(void *context, const struct state *s)
{
    struct making *m = context;
    const struct mqtt_kind *k = m->want->kind;
    bool clock = strcmp(k->name, "mTime") == 0;
    if (clock && obis_equal(s->obis, STATE_CLOCK_ERROR))
        add_record(m, order_of(k), k->name, s->wall, "timeDiff", s->value, NULL, 0);
    for (int n = 0; !clock && n < RELAY_NUMBERS; n++)
        if (obis_equal(s->obis, RELAY_OUTPUT(n)))
            add_record(m, order_of(k), k->name, s->wall, "rId", n, "state", s->value);
    return true;
}

static void want_begin(struct making *m, const struct source_meter *meter, const struct mqtt_want *want, size_t limit)
{
    m->meter = meter;
    m->want = want;
    m->wall = WALL_NONE;
    m->moments = 0;
    m->limit = limit;
    m->stopped = WALL_NONE;
}

static enum fault take_readings(struct making *m, struct span span)
{
    enum fault fault = store_readings(m->src->store, m->meter->as.id, m->want->kind->archive, NULL, 0, span, add_reading, m);
    end_moment(m);
    return fault;
}

static bool add_use(void *context, struct span interval, const struct mqtt_used *used, size_t count)
{
    struct making *m = context;
    struct payload_tags t;
    if (!room_for(m, interval.to))
        return false;
    payload_tags_begin(&t);
    for (size_t i = 0; i < count; i++)
        payload_tags_number(&t, used[i].tag, used[i].value);
    payload_add(&m->src->payload, order_of(m->want->kind), m->want->kind->name, &m->meter->as, interval.from, &t);
    return true;
}

/* `fresh`: what the span has is new, so that intervals which begin there may be known only now. */
static enum fault take_values(struct making *m, struct span span, bool fresh)
{
    const struct mqtt_kind *k = m->want->kind;
    return k->use ? mqtt_use(m->src->store, m->meter->as.id, k->archive, span, fresh, add_use, m) : take_readings(m, span);
}

/* ---- along the feed ---- */

/* What one row of the feed is for one want. */
static enum fault take_row(struct making *m, const struct feed_row *row)
{
    struct store *s = m->src->store;
    if (row->archive == ARCHIVE_JOURNAL) {
        enum fault fault = store_feed_events(s, row, add_event, m);
        m->wall = WALL_NONE;
        return fault;
    }
    if (row->archive == ARCHIVE_STATE)
        return store_states(s, row->meter, row->span, add_state, m);
    return take_values(m, m->want->kind->moment ? (struct span){ row->span.to - 1, row->span.to } : row->span, true);
}

static bool keep_row(void *context, const struct feed_row *row)
{
    struct mqtt_source *src = context;
    src->rows[src->row_count++] = *row;
    return src->row_count < ROWS_AT_ONCE;
}

/* In a tree a message is of one meter and one kind. */
struct branch {
    const struct source_meter *meter;
    const struct mqtt_want *want;
};

static bool branch_takes(struct branch *b, const struct making *m, const struct source_meter *meter, const struct mqtt_want *want)
{
    bool tree = strcmp(m->publication->layout, "tree") == 0;
    if (tree && b->meter && m->src->payload.count && (b->meter != meter || b->want != want))
        return false;
    *b = (struct branch){ meter, want };
    return true;
}

static enum fault along_feed(struct making *m, struct mqtt_place *place, struct branch *b, size_t *moments)
{
    struct mqtt_source *src = m->src;
    src->row_count = 0;
    enum fault fault = store_feed(src->store, place->position, ROWS_AT_ONCE, keep_row, src);
    for (size_t i = 0; i < src->row_count && *moments < MOMENTS_MAX && fault == FAULT_NONE; i++) {
        const struct feed_row *row = &src->rows[i];
        size_t at = meter_list_from(&src->list, row->meter);
        const struct source_meter *meter = at < src->list.count && src->meters[at].as.id == row->meter && in_publication(m, &src->meters[at]) ? &src->meters[at] : NULL;
        for (; meter && place->want < (int)m->want_count && fault == FAULT_NONE; place->want++) {
            const struct mqtt_want *want = &m->wants[place->want];
            if (want->kind->archive != row->archive)
                continue;
            if (!branch_takes(b, m, meter, want))
                return FAULT_NONE;
            want_begin(m, meter, want, SIZE_MAX); /* a row is a day of a profile at most */
            fault = take_row(m, row);
            *moments += m->moments;
        }
        if (fault != FAULT_NONE)
            break;
        place->position = row->id;
        place->want = 0;
    }
    return fault;
}

/* ---- as an order wants it ---- */

static bool find_newest(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct making *m = context;
    (void)kept;
    if (m->newest == WALL_NONE || r->wall > m->newest)
        m->newest = r->wall;
    return true;
}

static bool find_newest_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct making *m = context;
    (void)meter;
    (void)stored_ms;
    if (!m->want->kind->journal || m->want->kind->journal == e->journal)
        m->newest = e->wall;
    return true;
}

static enum fault take_last(struct making *m)
{
    struct store *s = m->src->store;
    const struct mqtt_kind *k = m->want->kind;
    m->newest = WALL_NONE;
    if (k->archive == ARCHIVE_STATE)
        return store_states_now(s, m->meter->as.id, add_state, m);
    enum fault fault = k->archive == ARCHIVE_JOURNAL ? store_events(s, m->meter->as.id, (struct span){ INT64_MIN + 1, INT64_MAX }, find_newest_event, m)
                                                     : store_latest(s, m->meter->as.id, k->archive, find_newest, m);
    if (fault != FAULT_NONE || m->newest == WALL_NONE)
        return fault;
    struct span span = { m->newest, m->newest + 1 };
    if (k->archive == ARCHIVE_JOURNAL) {
        fault = store_events(s, m->meter->as.id, span, add_event, m);
        m->wall = WALL_NONE;
        return fault;
    }
    return take_values(m, span, false);
}

static int64_t depth_from(const struct making *m, int64_t order_ms)
{
    if (m->want->depth != DEPTH_DAYS)
        return 0; /* 1970: nothing is older */
    int64_t wall = order_ms / 1000 + (int64_t)m->meter->as.zone_minutes * 60;
    return wall_day_start(wall) - (int64_t)(m->want->days - 1) * DAY_SECONDS;
}

static enum fault take_depth(struct making *m, const struct mqtt_place *place)
{
    if (m->want->kind->moment || m->want->depth == DEPTH_LAST)
        return take_last(m);
    int64_t from = depth_from(m, place->order_ms);
    struct span span = { place->order_wall > from ? place->order_wall : from, INT64_MAX };
    if (m->want->kind->archive != ARCHIVE_JOURNAL)
        return take_values(m, span, false);
    enum fault fault = store_events(m->src->store, m->meter->as.id, span, add_event, m);
    m->wall = WALL_NONE;
    return fault;
}

static enum fault along_order(struct making *m, struct mqtt_place *place, struct branch *b, size_t *moments)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = meter_list_from(&m->src->list, place->order_meter); i < m->src->list.count && fault == FAULT_NONE; i++) {
        const struct source_meter *meter = &m->src->meters[i];
        if (meter->as.id != place->order_meter) {
            place->order_want = 0;
            place->order_wall = WALL_NONE;
        }
        place->order_meter = meter->as.id;
        for (; in_publication(m, meter) && place->order_want < (int)m->want_count; place->order_want++, place->order_wall = WALL_NONE) {
            if (*moments >= MOMENTS_MAX || !branch_takes(b, m, meter, &m->wants[place->order_want]))
                return FAULT_NONE;
            want_begin(m, meter, &m->wants[place->order_want], MOMENTS_MAX - *moments);
            fault = take_depth(m, place);
            *moments += m->moments;
            if (fault != FAULT_NONE)
                return fault;
            if (m->stopped != WALL_NONE) {
                place->order_wall = m->stopped;
                return FAULT_NONE;
            }
        }
    }
    *place = (struct mqtt_place){ .position = place->position, .want = place->want, .order_wall = WALL_NONE };
    return fault;
}

/* ---- the whole message ---- */

static void write_topic(const struct making *m, const struct branch *b, const char *base, struct mqtt_message *ret)
{
    struct text t = text_over(ret->topic, sizeof ret->topic);
    text_put(&t, base);
    ret->retain = false;
    if (strcmp(m->publication->layout, "tree") != 0)
        return;
    text_printf(&t, "%smeter/%" PRId64 "/", t.size ? "/" : "", b->meter->as.id);
    if (b->want->kind->moment)
        text_put(&t, b->want->kind->name);
    else
        text_printf(&t, "arch/%s", b->want->kind->name);
    ret->retain = b->want->kind->moment; /* whoever comes later sees the present at once */
}

static void write_body(struct mqtt_source *src, const char *format, struct mqtt_message *ret)
{
    ret->body = payload_write(&src->payload, &ret->size);
    if (strcmp(format, "json-zip") != 0)
        return;
    void *plain = ret->body;
    ret->body = zip_one("data.json", bytes_of(plain, ret->size), &ret->size);
    free(plain);
}

static enum fault group_of_template(struct mqtt_source *src, const struct store_mqtt_template *t, struct arena *a, struct making *m)
{
    if (t->group == 0)
        return FAULT_NONE;
    enum fault fault = store_group_meters(src->store, t->group, a, &m->group);
    return fault == FAULT_NO_DATA ? FAULT_SETTING : fault;
}

enum fault mqtt_source_next(struct mqtt_source *src, const struct store_publication *p, const struct store_mqtt_template *t, const char *base_topic,
                            const struct mqtt_place *place, struct mqtt_message *ret)
{
    struct making m = { .src = src, .publication = p };
    struct arena arena = { 0 };
    struct branch branch = { 0 };
    size_t moments = 0;
    *ret = (struct mqtt_message){ .after = *place };
    enum fault fault = mqtt_wants_read(t->kinds, m.wants, &m.want_count) ? refresh(src) : FAULT_SETTING;
    if (fault == FAULT_NONE)
        fault = group_of_template(src, t, &arena, &m);
    if (fault == FAULT_NONE && place->order_ms)
        fault = along_order(&m, &ret->after, &branch, &moments);
    else if (fault == FAULT_NONE && strcmp(p->cause, "arrival") == 0)
        fault = along_feed(&m, &ret->after, &branch, &moments);
    else if (fault == FAULT_NONE)
        fault = store_feed_last(src->store, &ret->after.position); /* only orders: what arrives does not wait for it */
    if (fault == FAULT_NONE && src->payload.count) {
        write_topic(&m, &branch, base_topic, ret);
        write_body(src, t->format, ret);
    } else if (fault == FAULT_NONE) {
        fault = FAULT_NO_DATA;
    }
    payload_reset(&src->payload);
    arena_free(&arena);
    return fault;
}
