/* Frames for people; see frames.h. */
#include "api/frames.h"
#include "api/lines.h"
#include "base/civil.h"
#include "drivers/driver.h"
#include "store/exchange.h"

#include <stdlib.h>

enum { TREE_DEPTH = 24, FRAMES_MOST = 5000 };

static const char *const directions[] = { "sent", "received", "note" };

struct frames_view {
    struct explain explain;
    struct call *c;
    int64_t device;
    enum frames_form form;
    const struct driver *driver;
    void *settings;
    struct bytes whole;
    size_t count;
    struct buffer *text;
};

static void put_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frames_view *f = (struct frames_view *)e;
    struct json_writer *out = &f->c->out;
    bool inside = part.size && part.data >= f->whole.data && part.data < f->whole.data + f->whole.size;
    json_put_object(out, NULL);
    json_put_int(out, "depth", depth < TREE_DEPTH ? depth : TREE_DEPTH);
    json_put_int(out, "offset", inside ? part.data - f->whole.data : -1);
    json_put_int(out, "size", inside ? (int64_t)part.size : 0);
    json_put_text(out, "label", label);
    json_put_text(out, "value", value);
    json_put_end(out);
}

static void write_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frames_view *f = (struct frames_view *)e;
    (void)part;
    buffer_printf(f->text, "      %*s%s%s%s\n", (depth < TREE_DEPTH ? depth : TREE_DEPTH) * 2, "", label, *value ? ": " : "", value);
}

struct frames_view *frames_open(struct call *c, int64_t device, enum frames_form form)
{
    struct store_meter m;
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    struct frames_view *f = arena_take(c->arena, sizeof *f);
    *f = (struct frames_view){ .explain = { .line = form == FRAMES_TEXT ? write_line : put_line, .lang = c->lang }, .c = c, .device = device, .form = form };
    if (store_meter_get(c->api->store, device, c->arena, &m) == FAULT_NONE)
        f->driver = driver_find(m.driver);
    if (f->driver) {
        f->settings = memory_new(f->driver->settings_size);
        parameters_read(f->driver, m.line_count ? line_told(c, &m.lines[0]) : "", c->lang, f->settings, &t);
    }
    return f;
}

void frames_close(struct frames_view **f)
{
    if (*f)
        free((*f)->settings);
    *f = NULL;
}

void frames_into(struct frames_view *f, struct buffer *text)
{
    f->text = text;
}

static void explain_frame(struct frames_view *f, const struct exchange *x)
{
    if (!f->driver || !f->driver->explain || x->direction == EXCHANGE_NOTE || !x->frame.size)
        return;
    f->whole = x->frame;
    f->explain.depth = 0;
    f->driver->explain(&f->explain, x->frame, f->settings);
}

static void put_frame(struct frames_view *f, const struct exchange *x, const char *hex)
{
    struct json_writer *out = &f->c->out;
    json_put_object(out, NULL);
    json_put_utc(out, "time", x->utc_ms);
    json_put_text(out, "kind", directions[x->direction]);
    json_put_text(out, "frame", hex);
    json_put_text(out, "text", x->note);
    json_put_list(out, "lines");
    explain_frame(f, x);
    json_put_end(out);
    json_put_end(out);
}

static void write_frame(struct frames_view *f, const struct exchange *x, const char *hex)
{
    static const char *const marks[] = { ">>", "<<", "--" };
    char time[CIVIL_TEXT_MAX];
    buffer_printf(f->text, "%s.%03d  %s ", wall_format(x->utc_ms / 1000, time), (int)(x->utc_ms % 1000), marks[x->direction]);
    buffer_text(f->text, hex);
    buffer_printf(f->text, "%s%s\n", x->note && *x->note && *hex ? "  " : "", x->note ? x->note : "");
    explain_frame(f, x);
}

static bool show(void *context, const struct exchange *x)
{
    struct frames_view *f = context;
    char *hex = memory_new(x->frame.size * 3 + 1);
    struct text t = text_over(hex, x->frame.size * 3 + 1);
    for (size_t i = 0; i < x->frame.size; i++)
        text_printf(&t, f->form == FRAMES_TEXT && i ? " %02X" : "%02X", x->frame.data[i]);
    if (f->form == FRAMES_TEXT)
        write_frame(f, x, hex);
    else
        put_frame(f, x, hex);
    free(hex);
    return ++f->count < FRAMES_MOST && !(f->form == FRAMES_TEXT ? f->text->failed : f->c->out.out->failed);
}

enum fault frames_show(struct frames_view *f, int64_t from_ms, int64_t to_ms)
{
    return f->count < FRAMES_MOST ? store_exchanges(f->c->api->store, f->device, from_ms, to_ms, show, f) : FAULT_NONE;
}
