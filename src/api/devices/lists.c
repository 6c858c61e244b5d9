/* Pages of the registry; see lists.h. */
#include "api/devices/lists.h"
#include "api/routes.h"

enum { SEARCH_MAX = 512 };

static enum registry_sort sort_of(const char *name)
{
    return strcmp(name, "id") == 0 ? SORT_ID : strcmp(name, "title") == 0 ? SORT_TITLE : SORT_DETAIL;
}

void registry_list_put(struct call *c, enum registry_list list, const char *detail, void (*put)(struct call *c, int64_t id))
{
    char search[SEARCH_MAX];
    struct registry_page page = {
        .project = c->caller.project, .search = search, .detail = detail, .sort = sort_of(call_text(c->query, "sort", "id")),
        .descending = strcmp(call_text(c->query, "order", "asc"), "desc") == 0, .skip = call_skip(c), .take = call_take(c) };
    int64_t *ids = arena_take(c->arena, (page.take + 1) * sizeof *ids), total = 0;
    size_t count = 0;
    text_fold(call_text(c->query, "search", ""), search, sizeof search);
    if (!call_good(c, store_registry_page(c->api->store, list, &page, ids, &count, &total), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++)
        put(c, ids[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
}
