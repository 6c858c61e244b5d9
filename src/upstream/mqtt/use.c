/* Consumption out of two starts; see use.h. */
#include "upstream/mqtt/use.h"

enum { REGISTERS_MAX = 32, LONGEST_S = 31 * DAY_SECONDS };

/* The registers at one start. */
struct start {
    int64_t wall; /* WALL_NONE: none yet */
    size_t count;
    struct reading reading[REGISTERS_MAX];
};

struct walk {
    enum archive archive;
    struct span span;
    bool begun_too, stopped;
    mqtt_use_fn *each;
    void *context;
    struct start before, now;
};

static const struct reading *same_register(const struct start *s, struct obis obis)
{
    for (size_t i = 0; i < s->count; i++)
        if (obis_equal(s->reading[i].obis, obis))
            return &s->reading[i];
    return NULL;
}

static size_t used_between(const struct start *from, const struct start *to, struct mqtt_used used[REGISTERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < to->count; i++) {
        const struct reading *end = &to->reading[i], *start = same_register(from, end->obis);
        if (kind_use(start, end, &used[count].value) == USE_KNOWN && kind_tag(end->obis, used[count].tag))
            count++;
    }
    return count;
}

/* `now` has all its registers. */
static void end_of_start(struct walk *w)
{
    struct span interval = { w->before.wall, w->now.wall };
    bool next = interval.from != WALL_NONE && archive_next(w->archive, 0, interval.from) == interval.to;
    if (next && (span_holds(w->span, interval.to) || (w->begun_too && span_holds(w->span, interval.from)))) {
        struct mqtt_used used[REGISTERS_MAX];
        size_t count = used_between(&w->before, &w->now, used);
        w->stopped = count > 0 && !w->each(w->context, interval, used, count);
    }
    w->before = w->now;
}

static bool is_energy(struct obis o)
{
    return obis_group(o, 0) == 1 && obis_group(o, 1) == 0 && obis_group(o, 2) >= 1 && obis_group(o, 2) <= 4 && obis_group(o, 3) == 8;
}

static bool take(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct walk *w = context;
    (void)kept;
    if (r->wall != w->now.wall) {
        if (w->now.wall != WALL_NONE)
            end_of_start(w);
        w->now.wall = r->wall;
        w->now.count = 0;
    }
    if (is_energy(r->obis) && w->now.count < REGISTERS_MAX)
        w->now.reading[w->now.count++] = *r;
    return !w->stopped;
}

enum fault mqtt_use(struct store *s, int64_t meter, enum archive archive, struct span span, bool begun_too, mqtt_use_fn *each, void *context)
{
    struct walk w = { .archive = archive, .span = span, .begun_too = begun_too, .each = each, .context = context, .before.wall = WALL_NONE, .now.wall = WALL_NONE };
    struct span look = { span.from - LONGEST_S, begun_too ? span.to + LONGEST_S : span.to };
    enum fault f = store_readings(s, meter, archive, NULL, 0, look, take, &w);
    if (f == FAULT_NONE && !w.stopped && w.now.wall != WALL_NONE)
        end_of_start(&w);
    return f;
}
