/* Frames remembered; see exchange_recent.h. */
#include "store/frames/exchange_recent.h"
#include "store/frames/exchange_row.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    struct kept *next;
    struct exchange_row row; /* its packed records behind it */
};

struct exchange_recent {
    pthread_mutex_t lock;
    struct kept *first, **end;
    size_t size, limit;
};

struct exchange_recent *exchange_recent_new(size_t limit)
{
    struct exchange_recent *r = memory_new(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    r->end = &r->first;
    r->limit = limit;
    return r;
}

/* Under the lock. */
static void drop_first(struct exchange_recent *r)
{
    struct kept *k = r->first;
    r->first = k->next;
    if (!r->first)
        r->end = &r->first;
    r->size -= sizeof *k + k->row.packed.size;
    free(k);
}

void exchange_recent_free(struct exchange_recent **recent)
{
    struct exchange_recent *r = *recent;
    *recent = NULL;
    if (!r)
        return;
    while (r->first)
        drop_first(r);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void exchange_recent_add(struct exchange_recent *r, const struct exchange *e, size_t count)
{
    struct arena a = { 0 };
    struct bytes packed = exchange_row_pack(exchange_row_write(e, count, &a), &a);
    struct kept *k = memory_new(sizeof *k + packed.size);
    k->row = (struct exchange_row){ e->meter, e->link, e->utc_ms, e[count - 1].utc_ms, bytes_of((uint8_t *)(k + 1), packed.size) };
    memcpy(k + 1, packed.data, packed.size);
    arena_free(&a);
    pthread_mutex_lock(&r->lock);
    *r->end = k;
    r->end = &k->next;
    r->size += sizeof *k + packed.size;
    while (r->size > r->limit)
        drop_first(r);
    pthread_mutex_unlock(&r->lock);
}

void exchange_recent_clear(struct exchange_recent *r, int64_t before_ms)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    while (r->first && r->first->row.to_ms < before_ms)
        drop_first(r);
    pthread_mutex_unlock(&r->lock);
}

static int by_moment(const void *x, const void *y)
{
    const struct exchange_row *a = x, *b = y;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

size_t exchange_recent_find(struct exchange_recent *r, int64_t meter, int64_t from_ms, int64_t to_ms, struct arena *a, const struct exchange_row **ret)
{
    struct exchange_row *rows = NULL;
    size_t count = 0, room = 0;
    if (!r)
        return 0;
    pthread_mutex_lock(&r->lock);
    for (const struct kept *k = r->first; k; k = k->next)
        room += k->row.meter == meter && k->row.from_ms < to_ms && k->row.to_ms >= from_ms;
    rows = arena_take(a, room * sizeof *rows + 1);
    for (const struct kept *k = r->first; k && count < room; k = k->next)
        if (k->row.meter == meter && k->row.from_ms < to_ms && k->row.to_ms >= from_ms) {
            rows[count] = k->row;
            rows[count++].packed = arena_copy(a, k->row.packed);
        }
    pthread_mutex_unlock(&r->lock);
    qsort(rows, count, sizeof *rows, by_moment);
    *ret = rows;
    return count;
}
