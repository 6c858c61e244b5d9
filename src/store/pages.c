/* Pages of links and protocol profiles. Each order has an index that holds what is searched, so a page is a walk over one index. */
#include "store/registry.h"
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

static struct query *asked(struct side *side, const char *sql, const struct registry_page *page, struct arena *a)
{
    struct query *q = query_for(side, sql, page->project);
    char *detail = arena_take(a, strlen(page->detail) + 2);
    *detail = '\n';
    strcpy(detail + 1, page->detail);
    query_put_text(q, 2, like_pattern(page->search, a));
    query_put_text(q, 3, like_pattern(detail, a));
    return q;
}

#define WHERE " WHERE project = $1 AND folded LIKE $2 ESCAPE '\\' AND folded LIKE $3 ESCAPE '\\'"
#define ORDERS(table, detail) { \
    [SORT_ID] = { "SELECT id FROM " table WHERE " ORDER BY id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY id DESC LIMIT $4 OFFSET $5" }, \
    [SORT_TITLE] = { "SELECT id FROM " table WHERE " ORDER BY title, id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY title DESC, id DESC LIMIT $4 OFFSET $5" }, \
    [SORT_DETAIL] = { "SELECT id FROM " table WHERE " ORDER BY " detail ", id LIMIT $4 OFFSET $5", "SELECT id FROM " table WHERE " ORDER BY " detail " DESC, id DESC LIMIT $4 OFFSET $5" } }

static const char *const page_sql[][3][2] = { [LIST_LINKS] = ORDERS("link", "uri"), [LIST_PROTOCOLS] = ORDERS("protocol", "driver") };

/* Without a search there is nothing to look at in the rows. */
static const char *const count_sql[][2] = {
    [LIST_LINKS] = { "SELECT count(*) FROM link WHERE project = $1", "SELECT count(*) FROM link" WHERE },
    [LIST_PROTOCOLS] = { "SELECT count(*) FROM protocol WHERE project = $1", "SELECT count(*) FROM protocol" WHERE } };

enum fault store_registry_page(struct store *s, enum registry_list list, const struct registry_page *page, int64_t *ret_ids, size_t *ret_count,
                               int64_t *ret_total)
{
    struct arena a = { 0 };
    struct side *side = side_begin(s, DB_READ);
    bool chosen = *page->search || *page->detail;
    *ret_total = row_number(chosen ? asked(side, count_sql[list][1], page, &a) : query_for(side, count_sql[list][0], page->project));
    struct query *q = asked(side, page_sql[list][page->sort][page->descending], page, &a);
    query_put_int(q, 4, (int64_t)page->take);
    query_put_int(q, 5, (int64_t)page->skip);
    *ret_count = 0;
    while (query_row(q))
        ret_ids[(*ret_count)++] = query_int(q, 0);
    query_end(q);
    arena_free(&a);
    return side_end(side);
}
