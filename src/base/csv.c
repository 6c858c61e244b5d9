/* Cells; see csv.h. */
#include "base/csv.h"

#include <string.h>

void csv_cell(struct buffer *b, const char *text, const char *after)
{
    buffer_put(b, "\"", 1);
    if (*text && strchr("=+-@\t\r", *text))
        buffer_put(b, "'", 1);
    for (; *text; text++) {
        if (*text == '"')
            buffer_put(b, "\"", 1);
        buffer_put(b, text, 1);
    }
    buffer_put(b, "\"", 1);
    buffer_text(b, after);
}
