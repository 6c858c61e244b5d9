/* Asking for one row, as all tables are; see inside.h. */
#include "store/inside.h"

struct query *query_for(struct side *side, const char *sql, int64_t id)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, id);
    return q;
}

int64_t run_for(struct side *side, const char *sql, int64_t id)
{
    return query_run(query_for(side, sql, id));
}

bool row_found(struct query *q)
{
    bool found = query_row(q);
    query_end(q);
    return found;
}

int64_t row_number(struct query *q)
{
    int64_t number = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    return number;
}

size_t row_numbers(struct query *q, struct arena *a, const int64_t **ret)
{
    size_t count = 0, room = 64;
    int64_t *list = arena_take(a, room * sizeof *list);
    while (query_row(q)) {
        if (count == room) {
            int64_t *grown = arena_take(a, room * 2 * sizeof *grown);
            memcpy(grown, list, count * sizeof *grown);
            list = grown;
            room *= 2;
        }
        list[count++] = query_int(q, 0);
    }
    query_end(q);
    *ret = list;
    return count;
}

enum fault row_look(struct query *q, int64_t seen)
{
    bool found = query_row(q);
    int64_t revision = found ? query_int(q, 0) : 0;
    query_end(q);
    return !found ? FAULT_NO_DATA : seen && seen != revision ? FAULT_CHANGED : FAULT_NONE;
}

enum fault side_end_found(struct side *side, bool found)
{
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && !found ? FAULT_NO_DATA : fault;
}

enum fault side_end_put(struct side *side, int64_t id, int64_t *ret_id)
{
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE && ret_id)
        *ret_id = id;
    return fault;
}

enum fault delete_unused(struct store *s, const char *use, const char *sql, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (row_found(query_for(side, use, id)))
        return side_cancel(side, FAULT_REFUSED);
    if (run_for(side, sql, id) == 0)
        return side_cancel(side, FAULT_NO_DATA);
    return side_end(side);
}

const char *keep(struct arena *a, const char *text)
{
    return !a ? text : *text ? arena_text(a, bytes_of_text(text)) : "";
}

const char *like_pattern(const char *search, struct arena *a)
{
    size_t size = strlen(search);
    char *pattern = arena_take(a, size * 2 + 3), *at = pattern;
    *at++ = '%';
    for (; *search; search++) {
        if (*search == '%' || *search == '_' || *search == '\\')
            *at++ = '\\';
        *at++ = *search;
    }
    *at = '%';
    return pattern;
}
