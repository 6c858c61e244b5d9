/* Explaining frames; see frame_reader.h. */
#include "api/work/frame_reader.h"
#include "api/devices/lines.h"
#include "base/civil.h"

#include <stdlib.h>

enum { TREE_DEPTH = 24, TEXT_INDENT = 8 };

static const struct field line_fields[] = {
    { .name = "depth", .kind = FIELD_INT }, { .name = "offset", .kind = FIELD_INT, .help = { { "-1: не кусок кадра", "-1: no part of the frame" } } },
    { .name = "size", .kind = FIELD_INT }, { .name = "label", .kind = FIELD_TEXT }, { .name = "value", .kind = FIELD_TEXT }, { .name = NULL } };
const struct shape shape_frame_line = { "FrameLine", line_fields };

static void put_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frame_reader *r = (struct frame_reader *)e;
    struct json_writer *out = &r->c->out;
    bool inside = part.size && part.data >= r->whole.data && part.data < r->whole.data + r->whole.size;
    json_put_object(out, NULL);
    json_put_int(out, "depth", depth < TREE_DEPTH ? depth : TREE_DEPTH);
    json_put_int(out, "offset", inside ? part.data - r->whole.data : -1);
    json_put_int(out, "size", inside ? (int64_t)part.size : 0);
    json_put_text(out, "label", label);
    json_put_text(out, "value", value);
    json_put_end(out);
}

static void write_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frame_reader *r = (struct frame_reader *)e;
    (void)part;
    buffer_printf(r->text, "%*s", TEXT_INDENT + 2 * (depth < TREE_DEPTH ? depth : TREE_DEPTH), "");
    buffer_text(r->text, label);
    buffer_text(r->text, *value ? ": " : "");
    buffer_text(r->text, value);
    buffer_text(r->text, "\n");
}

void frame_reader_begin(struct frame_reader *r, struct call *c, const struct store_meter *m)
{
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    *r = (struct frame_reader){ .explain = { .line = put_line, .lang = c->lang }, .c = c, .driver = m ? driver_find(m->driver) : NULL };
    if (!r->driver)
        return;
    r->settings = memory_new(r->driver->settings_size);
    parameters_read(r->driver, m->line_count ? parameters_open(c, line_told(c, &m->lines[0])) : "", c->lang, r->settings, &t);
}

void frame_reader_end(struct frame_reader *r)
{
    free(r->settings);
    r->settings = NULL;
}

void frame_reader_into(struct frame_reader *r, struct buffer *text)
{
    r->explain.line = write_line;
    r->text = text;
}

void frame_explain(struct frame_reader *r, const struct exchange *x)
{
    if (!r->driver || !r->driver->explain || x->direction == EXCHANGE_NOTE || !x->frame.size)
        return;
    r->whole = x->frame;
    r->explain.depth = 0;
    r->driver->explain(&r->explain, x->frame, r->settings);
}

void frame_write(struct frame_reader *r, const struct exchange *x, const char *hex)
{
    static const char *const arrows[] = { ">>", "<<", "--" };
    char time[CIVIL_TEXT_MAX];
    buffer_printf(r->text, "%s.%03d %s ", wall_format(x->utc_ms / 1000, time), (int)(x->utc_ms % 1000), arrows[x->direction]);
    buffer_text(r->text, hex);
    buffer_text(r->text, x->note && *x->note && *hex ? "  " : "");
    buffer_text(r->text, x->note ? x->note : "");
    buffer_text(r->text, "\n");
    frame_explain(r, x);
}

char *frame_hex(struct bytes frame)
{
    static const char digits[] = "0123456789ABCDEF";
    char *hex = memory_new(frame.size * 2 + 1);
    for (size_t i = 0; i < frame.size; i++) {
        hex[i * 2] = digits[frame.data[i] >> 4];
        hex[i * 2 + 1] = digits[frame.data[i] & 15];
    }
    return hex;
}
