/* The gateway's meter table as the head-end is told of it: rows as JSON with what each meter says of itself, without passwords and
 * addresses. Only what differs from what the head-end has taken is told. */
#pragma once
#include "store/store.h"

enum { CENTRE_MARK_TEXT = 17, CENTRE_PAGE_METERS = 20 };

struct centre_table;
struct centre_table *centre_table_new(struct store *s);
void centre_table_free(struct centre_table **t);

/* Looks at the registry and at what meters say of themselves; the table's mark changes with either. */
enum fault centre_table_look(struct centre_table *t);
const char *centre_table_mark(const struct centre_table *t);

/* The head-end has taken the table of this mark; of another one than we told it, nothing is known. */
void centre_table_taken(struct centre_table *t, const char *mark);

/* Whether something is to be told; the next page of it as JSON (free it), NULL at the end. */
bool centre_table_differs(const struct centre_table *t);
char *centre_table_page(struct centre_table *t);
