/* A table of meters that was found good is written; see meter_table.h. */
#include "api/box/meter_table.h"

#include <stdio.h>
#include <stdlib.h>

/* What goes into the store, and where its new numbers belong. */
struct writing {
    struct meter_table *t;
    struct store_change change;
    struct store_link *links;
    struct table_link **of;       /* the table's, of each */
    struct store_meter *meters;
    struct table_row **rows;      /* NULL: one that is left out */
};

/* Links that were made have numbers now. */
static void settle(void *context)
{
    struct writing *w = context;
    for (size_t i = 0; i < w->change.meter_count; i++) {
        struct store_line *line = w->rows[i] ? &w->rows[i]->lines[0] : NULL;
        for (size_t k = 0; line && line->link < 0 && k < w->change.link_count; k++)
            if (w->of[k]->row.id == line->link) {
                line->link = w->links[k].id;
                break;
            }
    }
}

static void gather_links(struct writing *w)
{
    struct meter_table *t = w->t;
    size_t all = t->link_count + t->links_made;
    w->links = arena_take(t->c->arena, (all + 1) * sizeof *w->links);
    w->of = arena_take(t->c->arena, (all + 1) * sizeof *w->of);
    for (size_t i = 0; i < all; i++) {
        if (!t->links[i].changed)
            continue;
        w->of[w->change.link_count] = &t->links[i];
        w->links[w->change.link_count] = t->links[i].row;
        if (t->links[i].row.id < 0)
            w->links[w->change.link_count].id = 0;
        w->change.link_count++;
    }
    w->change.links = w->links;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = (*(struct table_row *const *)a)->meter.chosen, y = (*(struct table_row *const *)b)->meter.chosen;
    return (x > y) - (x < y);
}

/* New numbers go up: each must be above all that were given. */
static void gather_meters(struct writing *w)
{
    struct meter_table *t = w->t;
    w->meters = arena_take(t->c->arena, (t->row_count + t->removed + 1) * sizeof *w->meters);
    w->rows = arena_take(t->c->arena, (t->row_count + t->removed + 1) * sizeof *w->rows);
    for (size_t i = 0; i < t->row_count; i++) {
        struct table_row *r = &t->rows[i];
        if (r->added || r->changed)
            w->rows[w->change.meter_count++] = r;
    }
    qsort(w->rows, w->change.meter_count, sizeof *w->rows, by_number);
    for (size_t i = 0; i < w->change.meter_count; i++)
        w->meters[i] = w->rows[i]->meter;
    for (size_t i = 0; i < t->removed; i++)
        w->meters[w->change.meter_count++] = t->retired[i];
    w->change.meters = w->meters;
}

/* What is to be changed needs its own right. */
static bool permitted(const struct writing *w)
{
    struct call *c = w->t->c;
    bool may = (!w->change.meter_count || call_may(c, MAY_WRITE_DEVICES)) && (!w->change.link_count || call_may(c, MAY_WRITE_CHANNEL_SETTINGS));
    return may || call_refuse(c, REFUSE_FORBIDDEN);
}

static void note(struct writing *w)
{
    struct call *c = w->t->c;
    struct store_audit *notes = arena_take(c->arena, (w->change.meter_count + 1) * sizeof *notes);
    for (size_t i = 0; i < w->change.meter_count; i++) {
        const struct table_row *r = w->rows[i];
        const struct store_meter *old = r ? r->old : table_meter(w->t, w->meters[i].id);
        enum note n = !r ? NOTE_DEVICE_REMOVE : r->added ? NOTE_DEVICE_ADD : NOTE_DEVICE_UPDATE;
        char object[100];
        snprintf(object, sizeof object, "ID %lld%s%s", (long long)w->meters[i].id, *w->meters[i].serial ? ", " : "", w->meters[i].serial);
        notes[i] = (struct store_audit){ .kind = note_name(n), .level = note_level(n), .object = arena_text(c->arena, bytes_of_text(object)),
                                         .before = old ? device_json(c, old) : NULL, .after = r ? device_json(c, &w->meters[i]) : NULL,
                                         .login = c->caller.login, .address = c->caller.address, .person = c->caller.person, .project = c->caller.project };
    }
    if (w->change.meter_count)
        store_audit_put(c->api->store, notes, w->change.meter_count);
    for (size_t i = 0; i < w->change.link_count; i++)
        call_note(c, w->of[i]->row.id < 0 ? NOTE_LINK_ADD : NOTE_LINK_UPDATE, w->links[i].title, NULL, w->links[i].uri);
}

bool table_write(struct meter_table *t)
{
    struct writing w = { .t = t };
    gather_links(&w);
    gather_meters(&w);
    w.change.settle = settle;
    w.change.context = &w;
    if (!permitted(&w))
        return false;
    if (w.change.meter_count + w.change.link_count == 0)
        return true;
    enum fault f = store_registry_put(t->c->api->store, &w.change);
    if (!call_good(t->c, f == FAULT_NO_DATA ? FAULT_CHANGED : f, REFUSE_CHANGED))
        return false;
    note(&w);
    return true;
}

bool table_refuse(struct meter_table *t)
{
    struct call *c = t->c;
    for (size_t i = 0; i < t->mistake_count && i < PROBLEMS_MAX; i++) {
        char field[PROBLEM_PATH];
        snprintf(field, sizeof field, "rows[%zu].%s", t->mistakes[i].row, t->mistakes[i].cell);
        problem_add(&c->problems, field, t->mistakes[i].message);
    }
    call_refuse(c, REFUSE_INVALID);
    call_beside(c);
    table_put_mistakes(t);
    json_put_end(&c->out);
    return false;
}
