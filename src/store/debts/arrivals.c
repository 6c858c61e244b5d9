/* Arrivals; see arrivals.h. Row: key as a block's (archive, day, meter / 4096), a byte a meter, 0 while it is not whole. */
#include "store/debts/arrivals.h"
#include "store/debts/owed.h"
#include "store/inside.h"

#include <stdlib.h>

enum { CHUNK = 4096, DAYS_MAX = 31 };

int64_t arrival_epoch(enum archive a, int64_t day)
{
    return day_wall(a == ARCHIVE_DAY ? day : day + 1);
}

/* Meters found whole, by day: a bit for each of the days looked at. */
struct whole {
    size_t days, count, room;
    struct whole_meter { int64_t meter; uint32_t days; } *list;
};

static bool add_whole(void *context, int64_t meter, const struct owed_share *share)
{
    struct whole *w = context;
    uint32_t days = 0;
    for (size_t i = 0; i < w->days; i++)
        if (share[i].expected && !share[i].missing)
            days |= UINT32_C(1) << i;
    if (!days)
        return true;
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 1024;
        w->list = memory_grow(w->list, w->room * sizeof *w->list, room * sizeof *w->list);
        w->room = room;
    }
    w->list[w->count++] = (struct whole_meter){ meter, days };
    return true;
}

struct arrival_row {
    int64_t key;
    uint8_t hours[CHUNK];
    size_t size;
    bool exists, changed;
};

static void row_load(struct side *side, int64_t key, struct arrival_row *r)
{
    *r = (struct arrival_row){ .key = key };
    struct query *q = db_query(side->db, "SELECT hours FROM arrival WHERE key = $1");
    query_put_int(q, 1, key);
    if (query_row(q)) {
        struct bytes hours = query_bytes(q, 0);
        r->size = hours.size < CHUNK ? hours.size : CHUNK;
        memcpy(r->hours, hours.data, r->size);
        r->exists = true;
    }
    query_end(q);
}

static void row_save(struct side *side, const struct arrival_row *r)
{
    if (!r->changed)
        return;
    struct query *q = r->exists ? db_query(side->db, "UPDATE arrival SET hours = $2 WHERE key = $1")
                                : db_query(side->db, "INSERT INTO arrival(key, hours) VALUES($1, $2)");
    query_put_int(q, 1, r->key);
    query_put_bytes(q, 2, bytes_of(r->hours, r->size));
    query_run(q);
}

static void note_day(struct side *side, enum archive a, int64_t day, const struct whole *w, size_t bit, uint8_t hour)
{
    struct arrival_row row = { .key = -1 };
    for (size_t i = 0; i < w->count && !db_failed(side->db); i++) {
        if (!(w->list[i].days >> bit & 1))
            continue;
        int64_t key = block_key(a, day, w->list[i].meter / CHUNK);
        size_t at = (size_t)(w->list[i].meter % CHUNK);
        if (key != row.key) {
            row_save(side, &row);
            row_load(side, key, &row);
        }
        if (row.hours[at])
            continue;
        row.hours[at] = hour;
        row.size = at + 1 > row.size ? at + 1 : row.size;
        row.changed = true;
    }
    row_save(side, &row);
}

/* Whoever looks on the hour is a little late: the first minute belongs to the hour before. */
static uint8_t hours_since(int64_t epoch, int64_t now)
{
    int64_t hours = (now - epoch + HOUR_SECONDS - 60) / HOUR_SECONDS;
    return (uint8_t)(hours < 1 ? 1 : hours > ARRIVAL_HOURS_MAX ? ARRIVAL_LATE : hours);
}

enum fault store_arrivals_note(struct store *s, enum archive a, int64_t now_wall, int days)
{
    int64_t last = wall_day(now_wall) - (a == ARCHIVE_DAY ? 0 : 1), first = last - days + 1;
    struct span spans[DAYS_MAX];
    struct whole w = { .days = (size_t)days };
    if (days < 1 || days > DAYS_MAX || !archive_has_grid(a) || a == ARCHIVE_MONTH || first < 0)
        return FAULT_SETTING;
    for (int i = 0; i < days; i++)
        spans[i] = (struct span){ day_wall(first + i), day_wall(first + i + 1) };
    enum fault fault = store_completeness(s, a, spans, w.days, add_whole, &w);
    if (fault == FAULT_NONE && w.count) {
        struct side *side = side_begin(s, DB_WRITE);
        for (int i = 0; i < days; i++)
            note_day(side, a, first + i, &w, (size_t)i, hours_since(arrival_epoch(a, first + i), now_wall));
        fault = side_end(side);
    }
    free(w.list);
    return fault;
}

enum fault store_arrivals(struct store *s, enum archive a, int64_t day, store_arrival_fn *each, void *context, bool *ret_noted)
{
    bool going = true;
    *ret_noted = false;
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT key, hours FROM arrival WHERE key >= $1 AND key < $2 ORDER BY key");
    query_put_int(q, 1, block_key(a, day, 0));
    query_put_int(q, 2, block_key(a, day + 1, 0));
    while (going && query_row(q)) {
        int64_t first = key_meter(query_int(q, 0)) * CHUNK;
        struct bytes hours = query_bytes(q, 1);
        *ret_noted = true;
        for (size_t i = 0; i < hours.size && going; i++)
            going = !hours.data[i] || each(context, first + (int64_t)i, hours.data[i]);
    }
    query_end(q);
    return side_end(side);
}

enum fault store_arrivals_retain(struct store *s, int64_t first_day)
{
    struct side *side = side_begin(s, DB_WRITE);
    for (enum archive a = ARCHIVE_DAY; a <= ARCHIVE_HOUR; a++) {
        struct query *q = db_query(side->db, "DELETE FROM arrival WHERE key >= $1 AND key < $2");
        query_put_int(q, 1, block_key(a, 0, 0));
        query_put_int(q, 2, block_key(a, first_day, 0));
        query_run(q);
    }
    return side_end(side);
}
