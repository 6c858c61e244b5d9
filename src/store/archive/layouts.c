/* Layouts: which registers a block has. A fleet shares a few dozen, so a row holds a small number instead; each
 * connection remembers those it met. */
#include "store/inside.h"

#include <stdlib.h>

struct layout_entry {
    int64_t id;
    struct bytes bytes;
};

static uint32_t hash_bytes(struct bytes b)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < b.size; i++)
        hash = (hash ^ b.data[i]) * 16777619U;
    return hash;
}

static uint32_t hash_id(int64_t id)
{
    return (uint32_t)((uint64_t)id * 0x9E3779B97F4A7C15U >> 32);
}

static void place(uint32_t *table, uint32_t places, uint32_t hash, uint32_t entry)
{
    uint32_t at = hash % places;
    while (table[at])
        at = at + 1 == places ? 0 : at + 1;
    table[at] = entry + 1;
}

static void grow(struct layouts *l)
{
    uint32_t room = l->room ? l->room * 2 : 64, places = room * 2;
    l->entries = memory_grow(l->entries, l->room * sizeof *l->entries, room * sizeof *l->entries);
    free(l->by_bytes);
    free(l->by_id);
    l->by_bytes = memory_new(places * sizeof *l->by_bytes);
    l->by_id = memory_new(places * sizeof *l->by_id);
    l->room = room;
    for (uint32_t i = 0; i < l->count; i++) {
        place(l->by_bytes, places, hash_bytes(l->entries[i].bytes), i);
        place(l->by_id, places, hash_id(l->entries[i].id), i);
    }
}

static void remember(struct layouts *l, int64_t id, struct bytes bytes)
{
    if (l->count >= LAYOUTS_MAX)
        layouts_forget(l);
    if (l->count == l->room)
        grow(l);
    l->entries[l->count] = (struct layout_entry){ id, arena_copy(&l->arena, bytes) };
    place(l->by_bytes, l->room * 2, hash_bytes(bytes), l->count);
    place(l->by_id, l->room * 2, hash_id(id), l->count);
    l->count++;
}

void layouts_forget(struct layouts *l)
{
    free(l->entries);
    free(l->by_bytes);
    free(l->by_id);
    arena_free(&l->arena);
    *l = (struct layouts){ 0 };
}

static int64_t known_id(const struct layouts *l, struct bytes bytes)
{
    uint32_t places = l->room * 2;
    for (uint32_t at = places ? hash_bytes(bytes) % places : 0; places && l->by_bytes[at]; at = (at + 1) % places)
        if (bytes_equal(l->entries[l->by_bytes[at] - 1].bytes, bytes))
            return l->entries[l->by_bytes[at] - 1].id;
    return 0;
}

int64_t layout_id(struct side *side, struct bytes layout)
{
    int64_t id = known_id(&side->layouts, layout);
    if (id)
        return id;
    struct query *q = db_query(side->db, "SELECT id FROM layout WHERE body = $1");
    query_put_bytes(q, 1, layout);
    if (query_row(q))
        id = query_int(q, 0);
    query_end(q);
    if (!id) {
        q = db_query(side->db, "INSERT INTO layout(body) VALUES($1)");
        query_put_bytes(q, 1, layout);
        query_run(q);
        id = db_inserted(side->db);
    }
    if (db_failed(side->db))
        return 0;
    remember(&side->layouts, id, layout);
    return id;
}

struct bytes layout_bytes(struct side *side, int64_t id)
{
    struct layouts *l = &side->layouts;
    uint32_t places = l->room * 2;
    for (uint32_t at = places ? hash_id(id) % places : 0; places && l->by_id[at]; at = (at + 1) % places)
        if (l->entries[l->by_id[at] - 1].id == id)
            return l->entries[l->by_id[at] - 1].bytes;
    struct query *q = db_query(side->db, "SELECT body FROM layout WHERE id = $1");
    query_put_int(q, 1, id);
    if (query_row(q))
        remember(l, id, query_bytes(q, 0));
    else
        db_fail(side->db, TROUBLE_DAMAGED, "layout");
    query_end(q);
    return db_failed(side->db) ? bytes_of("", 0) : l->entries[l->count - 1].bytes;
}
