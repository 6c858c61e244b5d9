/* Pages of links and protocol profiles. Each order has an index that holds what is searched, so a page is a walk over one index. */
#include "store/registry/registry.h"
#include "store/inside.h"

/* What a row is searched by: title and detail in lower case, a line each. */
void query_put_folded(struct query *q, int at, const char *title, const char *detail)
{
    char line[1024], folded[1024];
    struct text t = text_over(line, sizeof line);
    text_printf(&t, "%s\n%s", title, detail);
    text_fold(line, folded, sizeof folded);
    query_put_text(q, at, folded);
}

/* Details begin so: they are the second line. */
static const char *detail_line(const char *detail, struct arena *a)
{
    char *line = arena_take(a, strlen(detail) + 2);
    *line = '\n';
    strcpy(line + 1, detail);
    return *detail ? line : "";
}

#define WHERE " WHERE project = $1 AND holds(folded, $2) AND holds(folded, $3)"
#define ORDERS(table, detail) { \
    [SORT_ID] = { "SELECT id FROM " table WHERE " ORDER BY id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY id DESC LIMIT $4 OFFSET $5" }, \
    [SORT_TITLE] = { "SELECT id FROM " table WHERE " ORDER BY title, id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY title DESC, id DESC LIMIT $4 OFFSET $5" }, \
    [SORT_DETAIL] = { "SELECT id FROM " table WHERE " ORDER BY " detail ", id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY " detail " DESC, id DESC LIMIT $4 OFFSET $5" } }

static const char *const page_sql[][3][2] = { [LIST_LINKS] = ORDERS("link", "uri"), [LIST_PROTOCOLS] = ORDERS("protocol", "driver") };
static const char *const count_sql[] = { [LIST_LINKS] = "SELECT count(*) FROM link WHERE project = $1", [LIST_PROTOCOLS] = "SELECT count(*) FROM protocol WHERE project = $1" };

/* What is searched for is counted as it is found, in one walk; otherwise nothing needs to be looked at but the page. */
enum fault store_registry_page(struct store *s, enum registry_list list, const struct registry_page *page, int64_t *ret_ids, size_t *ret_count,
                               int64_t *ret_total)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    bool chosen = *page->search || *page->detail;
    size_t found = 0, skip = chosen ? page->skip : 0;
    int64_t total = chosen ? 0 : row_number(query_for(side, count_sql[list], page->project));
    struct query *q = query_for(side, page_sql[list][page->sort][page->descending], page->project);
    query_put_text(q, 2, page->search);
    query_put_text(q, 3, detail_line(page->detail, &a));
    query_put_int(q, 4, chosen ? INT32_MAX : (int64_t)page->take);
    query_put_int(q, 5, chosen ? 0 : (int64_t)page->skip);
    *ret_count = 0;
    for (; query_row(q); found++)
        if (found >= skip && *ret_count < page->take)
            ret_ids[(*ret_count)++] = query_int(q, 0);
    query_end(q);
    *ret_total = chosen ? (int64_t)found : total;
    arena_free(&a);
    return side_end(side);
}
