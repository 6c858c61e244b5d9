/* Meters by id; see meter_list.h. */
#include "upstream/meter_list.h"
#include "base/sorted.h"

#include <stdlib.h>

struct filling {
    struct meter_list *list;
    store_meter_fn *also;
    void *context;
};

static bool keep_meter(void *context, const struct store_meter *m)
{
    struct filling *f = context;
    struct meter_list *l = f->list;
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 256;
        l->ids = memory_resize(l->ids, l->room * sizeof *l->ids);
    }
    l->ids[l->count++] = m->id;
    return !f->also || f->also(f->context, m);
}

enum fault meter_list_refresh(struct meter_list *l, struct store *s, void (*begin)(void *context), store_meter_fn *also, void *context)
{
    int64_t revision = 0, deleted = 0;
    enum fault fault = store_registry_mark(s, &revision, &deleted);
    if (fault != FAULT_NONE || (l->read && revision == l->revision && deleted == l->deleted))
        return fault;
    l->count = 0;
    if (begin)
        begin(context);
    fault = store_meters(s, keep_meter, &(struct filling){ l, also, context });
    l->read = fault == FAULT_NONE;
    l->revision = revision;
    l->deleted = deleted;
    return fault;
}

void meter_list_free(struct meter_list *l)
{
    free(l->ids);
    *l = (struct meter_list){ 0 };
}

size_t meter_list_from(const struct meter_list *l, int64_t id)
{
    return sorted_number(l->ids, l->count, id);
}
