/* Parcels out of the archives; see centre_source.h. */
#include "upstream/push/centre_source.h"
#include "upstream/meter_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_AT_ONCE = 64, RECORDS_MAX = 1 << 16, ROWS_OF_METER = 4000 };

static const struct span always = { 0, INT64_MAX };

struct centre_source {
    struct store *store;
    struct feed_row rows[ROWS_AT_ONCE];
    size_t row_count;
    struct meter_list meters;
    struct push_scratch scratch;
    struct reading readings[PUSH_READINGS_MAX + 1];
    size_t reading_count;
    struct event *events;
    struct state *states;
    size_t record_count, record_room;
};

/* ---- places ---- */

void centre_place_write(const struct centre_place *p, char note[CENTRE_NOTE_MAX])
{
    snprintf(note, CENTRE_NOTE_MAX, "%d %" PRId64 " %d %" PRId64 " %d %d %" PRId64 " %" PRId64 " %.36s", p->row.begun, p->row.at, p->everything, p->meter,
             p->archive, p->within.begun, p->within.at, p->lost, *p->head_end ? p->head_end : "-");
}

struct centre_place centre_place_read(int64_t position, const char *note)
{
    struct centre_place p = { .position = position };
    int row = 0, everything = 0, within = 0;
    int count = sscanf(note, "%d %" SCNd64 " %d %" SCNd64 " %d %d %" SCNd64 " %" SCNd64 " %36s", &row, &p.row.at, &everything, &p.meter, &p.archive, &within,
                       &p.within.at, &p.lost, p.head_end);
    if (count != 9 || p.archive < 0 || p.archive > ARCHIVE_COUNT)
        return (struct centre_place){ .position = position };
    p.row.begun = row;
    p.everything = everything;
    p.within.begun = within;
    return p;
}

void centre_source_progress(struct centre_source *src, const struct centre_place *p, int64_t *ret_done, int64_t *ret_all)
{
    meter_list_refresh(&src->meters, src->store, NULL, NULL, NULL);
    *ret_all = (int64_t)src->meters.count;
    *ret_done = p->everything ? (int64_t)meter_list_from(&src->meters, p->meter) : *ret_all;
}

/* ---- readings of a span ---- */

static bool keep_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct centre_source *src = context;
    (void)kept;
    src->readings[src->reading_count++] = *r;
    return src->reading_count <= PUSH_READINGS_MAX;
}

/* The last moment may have been cut: it is left for the next item, unless there is no other. */
static size_t whole_moments(const struct centre_source *src)
{
    size_t count = src->reading_count;
    if (count <= PUSH_READINGS_MAX)
        return count;
    int64_t last = src->readings[count - 1].wall;
    while (count && src->readings[count - 1].wall == last)
        count--;
    return count ? count : PUSH_READINGS_MAX;
}

/* Readings from the place on, until the parcel is as large as it should be. *ret_all: the span is done. */
static enum fault take_readings(struct centre_source *src, int64_t meter, enum archive a, struct span span, struct centre_within *place, struct writer *w,
                                bool *ret_all)
{
    *ret_all = false;
    while (writer_size(w) < CENTRE_PARCEL_USUAL) {
        src->reading_count = 0;
        struct span rest = { place->begun ? place->at : span.from, span.to };
        enum fault fault = store_readings(src->store, meter, a, NULL, 0, rest, keep_reading, src);
        size_t count = whole_moments(src);
        if (fault != FAULT_NONE)
            return fault;
        if (!put_push_readings(w, &src->scratch, (uint64_t)meter, src->readings, count))
            return FAULT_NONE;
        if (src->reading_count <= PUSH_READINGS_MAX) {
            *ret_all = true;
            return FAULT_NONE;
        }
        *place = (struct centre_within){ true, src->readings[count - 1].wall + 1 };
    }
    return FAULT_NONE;
}

/* ---- records: events and states ---- */

static bool room_for_record(struct centre_source *src)
{
    if (src->record_count == src->record_room) {
        src->record_room = src->record_room ? src->record_room * 2 : 256;
        src->events = memory_resize(src->events, src->record_room * sizeof *src->events);
        src->states = memory_resize(src->states, src->record_room * sizeof *src->states);
    }
    return src->record_count < RECORDS_MAX;
}

static bool keep_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct centre_source *src = context;
    (void)meter;
    (void)stored_ms;
    if (room_for_record(src))
        src->events[src->record_count++] = *e;
    return src->record_count < RECORDS_MAX;
}

static bool keep_state(void *context, const struct state *s)
{
    struct centre_source *src = context;
    if (room_for_record(src))
        src->states[src->record_count++] = *s;
    return src->record_count < RECORDS_MAX;
}

/* The records that were gathered, from the place on. */
static bool put_records(struct centre_source *src, int64_t meter, enum archive a, struct centre_within *place, struct writer *w)
{
    size_t at = place->begun && place->at > 0 ? (size_t)place->at : 0;
    while (at < src->record_count && writer_size(w) < CENTRE_PARCEL_USUAL) {
        size_t count = src->record_count - at < PUSH_RECORDS_MAX ? src->record_count - at : PUSH_RECORDS_MAX;
        if (a == ARCHIVE_JOURNAL ? !put_push_events(w, (uint64_t)meter, src->events + at, count) : !put_push_states(w, (uint64_t)meter, src->states + at, count))
            break;
        at += count;
    }
    *place = (struct centre_within){ true, (int64_t)at };
    return at >= src->record_count;
}

/* ---- one meter's archive ---- */

/* `row` is the feed's row that it is about; NULL: the whole archive. */
static enum fault take_archive(struct centre_source *src, int64_t meter, enum archive a, const struct feed_row *row, struct centre_within *place, struct writer *w,
                               bool *ret_all)
{
    struct span span = row ? row->span : always;
    if (a < ARCHIVE_JOURNAL)
        return take_readings(src, meter, a, span, place, w, ret_all);
    src->record_count = 0;
    enum fault fault = a == ARCHIVE_STATE ? store_states(src->store, meter, span, keep_state, src)
                       : row              ? store_feed_events(src->store, row, keep_event, src)
                                          : store_events(src->store, meter, span, keep_event, src);
    *ret_all = fault == FAULT_NONE && put_records(src, meter, a, place, w);
    return fault;
}

/* ---- along the feed ---- */

static bool keep_row(void *context, const struct feed_row *row)
{
    struct centre_source *src = context;
    src->rows[src->row_count++] = *row;
    return src->row_count < ROWS_AT_ONCE;
}

static enum fault along_feed(struct centre_source *src, struct centre_place *place, struct writer *w)
{
    enum fault fault = FAULT_NONE;
    do {
        src->row_count = 0;
        fault = store_feed(src->store, place->position, ROWS_AT_ONCE, keep_row, src);
        for (size_t i = 0; i < src->row_count && fault == FAULT_NONE; i++) {
            const struct feed_row *row = &src->rows[i];
            bool all = true;
            if (writer_size(w) >= CENTRE_PARCEL_USUAL)
                return FAULT_NONE;
            fault = take_archive(src, row->meter, row->archive, row, &place->row, w, &all);
            if (fault != FAULT_NONE || !all)
                return fault;
            place->position = row->id;
            place->row = (struct centre_within){ 0 };
        }
    } while (fault == FAULT_NONE && src->row_count == ROWS_AT_ONCE && writer_size(w) < CENTRE_PARCEL_USUAL);
    return fault;
}

/* ---- everything that was there before ---- */

static enum fault along_archives(struct centre_source *src, struct centre_place *place, struct writer *w)
{
    enum fault fault = meter_list_refresh(&src->meters, src->store, NULL, NULL, NULL);
    while (fault == FAULT_NONE && writer_size(w) < CENTRE_PARCEL_USUAL) {
        size_t at = meter_list_from(&src->meters, place->meter);
        bool all = true;
        if (at == src->meters.count) {
            place->everything = false;
            return FAULT_NONE;
        }
        if (src->meters.ids[at] != place->meter) {
            place->meter = src->meters.ids[at];
            place->archive = 0;
            place->within = (struct centre_within){ 0 };
        }
        if (place->archive < ARCHIVE_COUNT)
            fault = take_archive(src, place->meter, (enum archive)place->archive, NULL, &place->within, w, &all);
        if (fault != FAULT_NONE || !all)
            return fault;
        place->within = (struct centre_within){ 0 };
        if (++place->archive >= ARCHIVE_COUNT) {
            place->meter++;
            place->archive = 0;
        }
    }
    return fault;
}

enum fault centre_source_next(struct centre_source *src, struct centre_place *place, struct writer *w)
{
    enum fault fault = along_feed(src, place, w);
    if (fault == FAULT_NONE && place->everything && writer_size(w) < CENTRE_PARCEL_USUAL / 2)
        fault = along_archives(src, place, w);
    return fault == FAULT_NONE && writer_size(w) == 0 ? FAULT_NO_DATA : fault;
}

/* ---- of one meter, ahead of all others ---- */

enum fault centre_source_of_meter(struct centre_source *src, int64_t meter, int64_t *position, struct writer *w, bool *ret_more)
{
    enum fault fault = FAULT_NONE;
    size_t seen = 0;
    *ret_more = false;
    do {
        src->row_count = 0;
        fault = store_feed(src->store, *position, ROWS_AT_ONCE, keep_row, src);
        for (size_t i = 0; i < src->row_count && fault == FAULT_NONE; i++) {
            struct centre_within whole = { 0 };
            bool all = true;
            if (src->rows[i].meter == meter)
                fault = take_archive(src, meter, src->rows[i].archive, &src->rows[i], &whole, w, &all);
            *position = src->rows[i].id; /* what does not fit comes along the feed */
            if (!all || writer_size(w) >= CENTRE_PARCEL_USUAL) {
                *ret_more = true;
                return fault;
            }
        }
        seen += src->row_count;
    } while (fault == FAULT_NONE && src->row_count == ROWS_AT_ONCE && seen < ROWS_OF_METER);
    return fault;
}

/* ---- its life ---- */

struct centre_source *centre_source_new(struct store *s)
{
    struct centre_source *src = memory_resize(NULL, sizeof *src);
    memset(src, 0, offsetof(struct centre_source, scratch)); /* what is worked in is touched when it is needed */
    src->events = NULL;
    src->states = NULL;
    src->record_count = src->record_room = src->reading_count = 0;
    src->store = s;
    return src;
}

void centre_source_free(struct centre_source **src)
{
    if (!*src)
        return;
    meter_list_free(&(*src)->meters);
    free((*src)->events);
    free((*src)->states);
    free(*src);
    *src = NULL;
}
