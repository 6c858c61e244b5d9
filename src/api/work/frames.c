/* Frames for people; see frames.h. */
#include "api/work/frames.h"
#include "api/work/frame_reader.h"
#include "base/civil.h"

#include <stdlib.h>

enum { FRAMES_MOST = 5000 };

static const char *const directions[] = { "sent", "received", "note" };

struct frames_view {
    struct frame_reader reader;
    struct call *c;
    int64_t device;
    size_t count;
};

struct frames_view *frames_open(struct call *c, int64_t device)
{
    struct store_meter m;
    struct frames_view *f = arena_take(c->arena, sizeof *f);
    *f = (struct frames_view){ .c = c, .device = device };
    bool known = store_meter_get(c->api->store, device, c->arena, &m) == FAULT_NONE;
    frame_reader_begin(&f->reader, c, known ? &m : NULL);
    return f;
}

void frames_close(struct frames_view **f)
{
    if (*f)
        frame_reader_end(&(*f)->reader);
    *f = NULL;
}

void frames_into(struct frames_view *f, struct buffer *text)
{
    frame_reader_into(&f->reader, text);
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
    frame_explain(&f->reader, x);
    json_put_end(out);
    json_put_end(out);
}

static bool show(void *context, const struct exchange *x)
{
    struct frames_view *f = context;
    char *hex = frame_hex(x->frame);
    if (f->reader.text)
        frame_write(&f->reader, x, hex);
    else
        put_frame(f, x, hex);
    free(hex);
    return ++f->count < FRAMES_MOST && !(f->reader.text ? f->reader.text->failed : f->c->out.out->failed);
}

enum fault frames_show(struct frames_view *f, int64_t from_ms, int64_t to_ms)
{
    return f->count < FRAMES_MOST ? store_exchanges(f->c->api->store, f->device, from_ms, to_ms, show, f) : FAULT_NONE;
}
