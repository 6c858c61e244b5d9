/* A table into a flow; see sheet.h. */
#include "http/sheet.h"

enum { PATIENCE_MS = 30000 };

static bool write_on(void *to, const void *data, size_t size)
{
    return flow_write(to, data, size, PATIENCE_MS);
}

static bool is_gone(void *to)
{
    return flow_gone(to);
}

struct sheet *sheet_new(enum sheet_kind kind, struct flow *out, const char *title)
{
    return sheet_over(kind, (struct sheet_out){ write_on, is_gone, out }, title);
}
