/* The five ways of rows; see rows.h. */
#include "api/rows.h"

static int64_t *number_at(void *row, size_t offset)
{
    return (int64_t *)(void *)((char *)row + offset);
}

void list_begin(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
}

void list_end(struct call *c, int64_t total, enum fault f)
{
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

/* A walk over rows: they are shown, or counted only. */
struct walk {
    struct call *c;
    const struct row_kind *kind;
    bool show;
    int64_t count;
};

bool row_met(void *walk, const void *row)
{
    struct walk *w = walk;
    w->count++;
    if (w->show)
        w->kind->show(w->c, row);
    return true;
}

void rows_list(struct call *c, const struct row_kind *k)
{
    struct walk w = { .c = c, .kind = k, .show = true };
    list_begin(c);
    enum fault f = k->store->each(c->api->store, c->caller.project, &w);
    list_end(c, w.count, f);
}

bool row_find(struct call *c, const struct row_kind *k, int64_t id, void *ret)
{
    if (!call_good(c, k->store->get(c->api->store, id, c->arena, ret), REFUSE_IN_USE))
        return false;
    return *number_at(ret, k->store->project) == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

void rows_get(struct call *c, const struct row_kind *k)
{
    void *row = arena_take(c->arena, k->store->size);
    if (row_find(c, k, c->match.number[0], row))
        k->show(c, row);
}

static bool room_for_one(struct call *c, const struct row_kind *k)
{
    struct walk w = { .c = c, .kind = k };
    if (!k->most)
        return true;
    if (!call_good(c, k->store->each(c->api->store, c->caller.project, &w), REFUSE_IN_USE))
        return false;
    return w.count < k->most || call_wrong_field(c, k->full_at, phrase_in(&k->full, c->lang));
}

void rows_add(struct call *c, const struct row_kind *k)
{
    int64_t id = 0;
    void *row = arena_take(c->arena, k->store->size);
    memcpy(row, k->preset, k->store->size);
    *number_at(row, k->store->project) = c->caller.project;
    if (!room_for_one(c, k) || !k->take(c, row) || !call_good(c, k->store->put(c->api->store, row, &id), REFUSE_TAKEN))
        return;
    *number_at(row, k->store->id) = id;
    k->changed(c, NULL, row);
    call_made(c, id);
}

void rows_change(struct call *c, const struct row_kind *k)
{
    void *row = arena_take(c->arena, k->store->size), *before = arena_take(c->arena, k->store->size);
    if (!row_find(c, k, c->match.number[0], row))
        return;
    memcpy(before, row, k->store->size);
    *number_at(row, k->store->revision) = call_int(c->body, "revision", 0);
    if (!k->take(c, row) || !call_good(c, k->store->put(c->api->store, row, NULL), REFUSE_TAKEN))
        return;
    k->changed(c, before, row);
    rows_get(c, k);
}

void rows_delete(struct call *c, const struct row_kind *k)
{
    void *row = arena_take(c->arena, k->store->size);
    if (!row_find(c, k, c->match.number[0], row) || !call_good(c, k->store->drop(c->api->store, *number_at(row, k->store->id)), REFUSE_IN_USE))
        return;
    k->changed(c, row, NULL);
    call_done(c);
}
