/* Lines out of the feed's rows; see feed_lines.h. */
#include "upstream/files/feed_lines.h"
#include "base/csv.h"
#include "meter/unit.h"
#include "store/registry/registry.h"
#include "upstream/mqtt/kinds.h"

_Static_assert(OBIS_TEXT_MAX <= 64 && MQTT_NAME_MAX <= 64, "names fit");

struct telling {
    struct feed_line line;
    char name[64];
    feed_line_fn *each;
    void *context;
};

static bool tell_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct telling *t = context;
    (void)kept;
    t->line.wall = r->wall;
    t->line.obis = r->obis;
    t->line.name = obis_format(r->obis, t->name);
    t->line.value = r->value;
    t->line.missing = r->quality & QUALITY_MISSING;
    t->line.unit = r->unit;
    t->line.quality = r->quality;
    return t->each(t->context, &t->line);
}

static bool tell_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct telling *t = context;
    (void)meter;
    (void)stored_ms;
    t->line.wall = e->wall;
    t->line.journal = e->journal;
    t->line.name = mqtt_journal_measure(e->journal, t->name);
    t->line.value = decimal_of(e->code, 0);
    t->line.unit = UNIT_NONE;
    t->line.quality = e->detail;
    return t->each(t->context, &t->line);
}

static bool tell_state(void *context, const struct state *s)
{
    struct telling *t = context;
    t->line.wall = s->wall;
    t->line.obis = s->obis;
    t->line.name = obis_format(s->obis, t->name);
    t->line.value = decimal_of(s->value, 0);
    t->line.unit = UNIT_NONE;
    return t->each(t->context, &t->line);
}

bool feed_filter_means(const struct feed_filter *f, const struct store_meter *m)
{
    return (!f->project || m->project == f->project) && (!f->meter || m->id == f->meter) && meter_set_has(&f->group, m->id);
}

bool feed_filter_takes(const struct feed_filter *f, enum archive archive)
{
    return !f->archives || f->archives >> archive & 1;
}

enum fault feed_lines(struct store *s, const struct feed_row *row, const struct feed_filter *filter, feed_line_fn *each, void *context)
{
    struct arena arena = { 0 };
    struct store_meter m;
    struct telling t = { .each = each, .context = context, .line.archive = row->archive };
    enum fault fault = feed_filter_takes(filter, row->archive) ? store_meter_get(s, row->meter, &arena, &m) : FAULT_NO_DATA;
    bool meant = fault == FAULT_NONE && feed_filter_means(filter, &m);
    t.line.serial = meant ? m.serial : "";
    if (meant && row->archive == ARCHIVE_JOURNAL)
        fault = store_feed_events(s, row, tell_event, &t);
    else if (meant && row->archive == ARCHIVE_STATE)
        fault = store_states(s, row->meter, row->span, tell_state, &t);
    else if (meant)
        fault = store_readings(s, row->meter, row->archive, NULL, 0, row->span, tell_reading, &t);
    arena_free(&arena);
    return fault == FAULT_NO_DATA ? FAULT_NONE : fault;
}

enum fault feed_newest(struct store *s, int64_t meter, const char *serial, enum archive archive, feed_line_fn *each, void *context)
{
    struct telling t = { .each = each, .context = context, .line.archive = archive, .line.serial = serial };
    if (archive == ARCHIVE_JOURNAL)
        return FAULT_NONE;
    return archive == ARCHIVE_STATE ? store_states_now(s, meter, tell_state, &t) : store_latest(s, meter, archive, tell_reading, &t);
}

struct rows {
    struct feed_row *at;
    size_t count, most;
};

static bool copy_row(void *context, const struct feed_row *row)
{
    struct rows *r = context;
    r->at[r->count++] = *row;
    return r->count < r->most;
}

/* All of these rows were stored before any of them is told, so what one tells the other need not. */
static void trim_states(struct feed_row *rows, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i && rows[i].archive == ARCHIVE_STATE; k++)
            if (rows[k].archive == ARCHIVE_STATE && rows[k].meter == rows[i].meter && rows[k].span.from <= rows[i].span.from && rows[k].span.to > rows[i].span.from)
                rows[i].span.from = rows[k].span.to < rows[i].span.to ? rows[k].span.to : rows[i].span.to;
}

enum fault feed_rows_read(struct store *s, int64_t position, struct feed_row *ret, size_t most, size_t *ret_count)
{
    struct rows r = { ret, 0, most };
    enum fault fault = store_feed(s, position, most, copy_row, &r);
    *ret_count = r.count;
    trim_states(ret, r.count);
    return fault;
}

void feed_line_csv(struct buffer *b, const struct feed_line *l)
{
    char time[CIVIL_TEXT_MAX], number[DECIMAL_TEXT_MAX];
    bool plain = text_is_ascii(bytes_of_text(l->serial)) && !strpbrk(l->serial, ";\"") && !strchr("=+-@", *l->serial);
    if (plain)
        buffer_printf(b, "%s;", l->serial);
    else
        csv_cell(b, l->serial, ";");
    buffer_printf(b, "%s;%s;%s;%s;%s;%u\n", archive_name(l->archive), wall_format(l->wall, time), l->name,
                  l->missing ? "" : decimal_format(l->value, number), unit_symbol(l->unit, LANG_EN), l->quality);
}
