/* The annotated tree; see explain.h. */
#include "wire/explain.h"

#include <stdarg.h>
#include <stdio.h>

static void put_line(struct explain *e, struct bytes part, struct phrase label, const char *format, va_list arguments)
{
    char value[512] = "";
    if (format)
        vsnprintf(value, sizeof value, format, arguments);
    e->line(e, e->depth, part, phrase_in(&label, e->lang), value);
}

void explain_leaf(struct explain *e, struct bytes part, struct phrase label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(e, part, label, format, arguments);
    va_end(arguments);
}

void explain_open(struct explain *e, struct bytes part, struct phrase label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(e, part, label, format, arguments);
    va_end(arguments);
    e->depth++;
}

void explain_close(struct explain *e)
{
    e->depth--;
}
