/* Contacts; see contacts.h.
 *
 * Row: key = day << 32 | meter / 256; six bytes a meter, three with the good hours and three with the failed ones, the first
 * hour in the lowest bit. A row ends with the last meter that was asked. */
#include "store/debts/contacts.h"
#include "store/inside.h"

#include <stdlib.h>

enum { CHUNK = 256, METER_BYTES = 6, ROW_BYTES = CHUNK * METER_BYTES };

struct contact_row {
    int64_t key;
    uint8_t bytes[ROW_BYTES];
    size_t size;
    bool exists, changed;
};

static int64_t row_key(int64_t day, int64_t meter)
{
    return day << 32 | meter / CHUNK;
}

static void row_load(struct side *side, int64_t key, struct contact_row *r)
{
    *r = (struct contact_row){ .key = key };
    struct query *q = db_query(side->db, "SELECT hours FROM contact WHERE key = $1");
    query_put_int(q, 1, key);
    if (query_row(q)) {
        struct bytes hours = query_bytes(q, 0);
        r->size = hours.size < ROW_BYTES ? hours.size : ROW_BYTES;
        memcpy(r->bytes, hours.data, r->size);
        r->exists = true;
    }
    query_end(q);
}

static void row_save(struct side *side, const struct contact_row *r)
{
    if (!r->changed)
        return;
    struct query *q = r->exists ? db_query(side->db, "UPDATE contact SET hours = $2 WHERE key = $1")
                                : db_query(side->db, "INSERT INTO contact(key, hours) VALUES($1, $2)");
    query_put_int(q, 1, r->key);
    query_put_bytes(q, 2, bytes_of(r->bytes, r->size));
    query_run(q);
}

static void row_mark(struct contact_row *r, const struct contact_note *n)
{
    size_t at = (size_t)(n->meter % CHUNK) * METER_BYTES, hour = (size_t)((n->wall - wall_day_start(n->wall)) / HOUR_SECONDS);
    uint8_t *byte = &r->bytes[at + (n->good ? 0 : 3) + hour / 8], bit = (uint8_t)(1 << hour % 8);
    r->changed |= !(*byte & bit);
    *byte |= bit;
    r->size = at + METER_BYTES > r->size ? at + METER_BYTES : r->size;
}

static int by_row(const void *a, const void *b)
{
    const struct contact_note *x = a, *y = b;
    int64_t j = row_key(wall_day(x->wall), x->meter), k = row_key(wall_day(y->wall), y->meter);
    return (j > k) - (j < k);
}

enum fault store_contacts_put(struct store *s, const struct contact_note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (notes[i].meter < 1 || notes[i].meter > METER_ID_MAX || !wall_storable(notes[i].wall))
            return FAULT_SETTING;
    if (count == 0)
        return FAULT_NONE;
    struct contact_note *sorted = memory_new(count * sizeof *sorted);
    memcpy(sorted, notes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_row);
    struct contact_row row = { .key = -1 };
    struct side *side = side_begin(s, DB_WRITE);
    for (size_t i = 0; i < count; i++) {
        int64_t key = row_key(wall_day(sorted[i].wall), sorted[i].meter);
        if (key != row.key) {
            row_save(side, &row);
            row_load(side, key, &row);
        }
        row_mark(&row, &sorted[i]);
    }
    row_save(side, &row);
    free(sorted);
    return side_end(side);
}

static uint32_t hours_of(const uint8_t *three)
{
    return three[0] | (uint32_t)three[1] << 8 | (uint32_t)three[2] << 16;
}

static bool give_row(int64_t key, struct bytes hours, int64_t only, store_contact_fn *each, void *context)
{
    int64_t day = key >> 32, first = (key & 0xFFFFFFFF) * CHUNK;
    for (size_t at = 0; at + METER_BYTES <= hours.size; at += METER_BYTES) {
        int64_t meter = first + (int64_t)(at / METER_BYTES);
        uint32_t good = hours_of(hours.data + at), failed = hours_of(hours.data + at + 3);
        if ((good | failed) && (!only || meter == only) && !each(context, meter, day, good, failed))
            return false;
    }
    return true;
}

/* A few look-ups: on the connection that everybody shares. */
static enum fault give_one(struct store *s, int64_t meter, int64_t first, int64_t last, store_contact_fn *each, void *context)
{
    bool going = true;
    struct side *side = side_begin(s, DB_READ);
    for (int64_t day = first; day <= last && going; day++) {
        struct query *q = db_query(side->db, "SELECT hours FROM contact WHERE key = $1");
        query_put_int(q, 1, row_key(day, meter));
        if (query_row(q))
            going = give_row(row_key(day, meter), query_bytes(q, 0), meter, each, context);
        query_end(q);
    }
    return side_end(side);
}

/* A long walk: on a connection of its own. */
static enum fault give_all(struct store *s, int64_t first, int64_t last, store_contact_fn *each, void *context)
{
    struct side side = { 0 };
    if (!side_open_reader(s, &side))
        return FAULT_STORE;
    side_enter(&side, DB_READ);
    struct query *q = db_query(side.db, "SELECT key, hours FROM contact WHERE key >= $1 AND key < $2 ORDER BY key");
    query_put_int(q, 1, row_key(first, 0));
    query_put_int(q, 2, row_key(last + 1, 0));
    while (query_row(q))
        if (!give_row(query_int(q, 0), query_bytes(q, 1), 0, each, context))
            break;
    query_end(q);
    enum fault fault = side_end(&side);
    side_close(&side);
    return fault;
}

enum fault store_contacts(struct store *s, int64_t meter, int64_t first, int64_t last, store_contact_fn *each, void *context)
{
    return meter ? give_one(s, meter, first, last, each, context) : give_all(s, first, last, each, context);
}

enum fault store_contacts_retain(struct store *s, int64_t first_day)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "DELETE FROM contact WHERE key < $1");
    query_put_int(q, 1, row_key(first_day, 0));
    query_run(q);
    return side_end(side);
}
