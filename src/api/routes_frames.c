/* The frames exchanged with a device, page by page or as a text, explained by its driver down to the byte (A08). */
#include "api/lines.h"
#include "api/routes.h"
#include "base/clock.h"
#include "drivers/driver.h"
#include "store/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { PAGE_USUAL = 100, TREE_DEPTH = 24, SEARCH_MAX = 200, PART = 256 << 10 };

static const char *const directions[] = { "sent", "received", "note", NULL };

#define FRAME_FIELDS { .name = "from", .kind = FIELD_TIME, .help = { { "UTC; обычно сутки назад", "UTC; usually a day ago" } } }, { .name = "to", .kind = FIELD_TIME }, \
                     { .name = "decode", .kind = FIELD_BOOL, .help = { { "true: с разбором кадров", "true: frames explained" } } }, \
                     { .name = "direction", .kind = FIELD_WORD, .words = directions }, \
                     { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть кадра (hex) или примечания", "part of the frame (hex) or of the note" } } }
SHAPE(shape_frames_query, "ExchangeQuery", FRAME_FIELDS, PAGE_FIELDS,
      { .name = "newest", .kind = FIELD_BOOL, .help = { { "true: новые впереди", "true: newest first" } } });
SHAPE(shape_text_query, "ExchangeTextQuery", FRAME_FIELDS);
SHAPE(shape_line, "FrameLine", { .name = "depth", .kind = FIELD_INT }, { .name = "offset", .kind = FIELD_INT, .help = { { "-1: не кусок кадра", "-1: no part of the frame" } } },
      { .name = "size", .kind = FIELD_INT }, { .name = "label", .kind = FIELD_TEXT }, { .name = "value", .kind = FIELD_TEXT });
SHAPE(shape_exchange, "Exchange", { .name = "time", .kind = FIELD_TIME }, { .name = "direction", .kind = FIELD_WORD, .words = directions },
      { .name = "frame", .kind = FIELD_TEXT, .help = { { "hex", "hex" } } }, { .name = "note", .kind = FIELD_TEXT }, { .name = "lines", .kind = FIELD_LIST, .shape = &shape_line });

struct frames {
    struct explain explain;
    struct call *c;
    const struct driver *driver;
    void *settings;
    struct bytes whole;
    bool decode;
    /* what is asked for */
    int64_t device, from_ms, to_ms;
    int direction; /* -1: any */
    char hex[SEARCH_MAX * 2], words[SEARCH_MAX * 2]; /* of the search: as hex, folded */
    /* the page */
    size_t count, skip, take;
    /* the text */
    struct buffer text;
    int64_t last_ms;
    size_t at_last; /* how many of last_ms were written */
    size_t again;   /* how many of from_ms were written before */
};

/* --- what is asked ------------------------------------------------------------------------------------------------------------ */

/* Hex digits alone, upper case; empty when there is anything else in it. */
static void hex_of_search(const char *search, char *out)
{
    char *at = out;
    for (; *search; search++) {
        char upper = *search >= 'a' && *search <= 'f' ? (char)(*search - 32) : *search;
        if ((upper >= '0' && upper <= '9') || (upper >= 'A' && upper <= 'F'))
            *at++ = upper;
        else if (*search != ' ')
            at = out, search += strlen(search) - 1;
    }
    *at = '\0';
}

static int direction_of(const char *word)
{
    for (int i = 0; directions[i]; i++)
        if (strcmp(directions[i], word) == 0)
            return i;
    return -1;
}

/* Refused for a device that is not the project's. frames_end gives back what it took. */
static bool frames_begin(struct call *c, struct frames *f)
{
    struct store_meter m;
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    int64_t now = clock_utc_ms() / 1000;
    if (!call_good(c, store_meter_get(c->api->store, c->match.number[0], c->arena, &m), REFUSE_IN_USE))
        return false;
    if (m.project != c->caller.project)
        return call_refuse(c, REFUSE_NOT_FOUND);
    *f = (struct frames){ .explain = { .lang = c->lang }, .c = c, .driver = driver_find(m.driver), .decode = call_bool(c->query, "decode", false), .device = m.id,
                          .from_ms = call_time(c->query, "from", now - DAY_SECONDS) * 1000, .to_ms = call_time(c->query, "to", now + 60) * 1000,
                          .direction = direction_of(call_text(c->query, "direction", "")) };
    hex_of_search(call_text(c->query, "search", ""), f->hex);
    roster_fold(call_text(c->query, "search", ""), f->words, sizeof f->words);
    if (f->driver) {
        f->settings = memory_new(f->driver->settings_size);
        parameters_read(f->driver, m.line_count ? line_told(c, &m.lines[0]) : "", c->lang, f->settings, &t);
    }
    return true;
}

static void frames_end(struct frames *f)
{
    free(f->settings);
    buffer_free(&f->text);
}

/* --- one frame ------------------------------------------------------------------------------------------------------------------ */

static char *hex_of(struct bytes frame)
{
    static const char digits[] = "0123456789ABCDEF";
    char *hex = memory_new(frame.size * 2 + 1);
    for (size_t i = 0; i < frame.size; i++) {
        hex[i * 2] = digits[frame.data[i] >> 4];
        hex[i * 2 + 1] = digits[frame.data[i] & 15];
    }
    return hex;
}

static bool note_holds(const char *note, const char *words)
{
    char folded[1024];
    roster_fold(note, folded, sizeof folded);
    return strstr(folded, words) != NULL;
}

static bool is_wanted(const struct frames *f, const struct exchange *x, const char *hex)
{
    if (f->direction >= 0 && (int)x->direction != f->direction)
        return false;
    return !*f->words || (*f->hex && strstr(hex, f->hex)) || (x->note && note_holds(x->note, f->words));
}

static void explain_frame(struct frames *f, const struct exchange *x)
{
    if (!f->decode || !f->driver || !f->driver->explain || x->direction == EXCHANGE_NOTE || !x->frame.size)
        return;
    f->whole = x->frame;
    f->explain.depth = 0;
    f->driver->explain(&f->explain, x->frame, f->settings);
}

/* --- the page ------------------------------------------------------------------------------------------------------------------- */

static void put_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frames *f = (struct frames *)e;
    struct call *c = f->c;
    bool inside = part.size && part.data >= f->whole.data && part.data < f->whole.data + f->whole.size;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "depth", depth < TREE_DEPTH ? depth : TREE_DEPTH);
    json_put_int(&c->out, "offset", inside ? part.data - f->whole.data : -1);
    json_put_int(&c->out, "size", inside ? (int64_t)part.size : 0);
    json_put_text(&c->out, "label", label);
    json_put_text(&c->out, "value", value);
    json_put_end(&c->out);
}

static void put_exchange(struct frames *f, const struct exchange *x, const char *hex)
{
    struct call *c = f->c;
    json_put_object(&c->out, NULL);
    json_put_utc(&c->out, "time", x->utc_ms);
    json_put_text(&c->out, "direction", directions[x->direction]);
    json_put_text(&c->out, "frame", hex);
    json_put_text(&c->out, "note", x->note);
    json_put_list(&c->out, "lines");
    explain_frame(f, x);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static bool take_exchange(void *context, const struct exchange *x)
{
    struct frames *f = context;
    char *hex = hex_of(x->frame);
    if (is_wanted(f, x, hex)) {
        if (f->count >= f->skip && f->count - f->skip < f->take)
            put_exchange(f, x, hex);
        f->count++;
    }
    free(hex);
    return !f->c->out.out->failed;
}

static bool count_exchange(void *context, const struct exchange *x)
{
    struct frames *f = context;
    char *hex = hex_of(x->frame);
    f->count += is_wanted(f, x, hex);
    free(hex);
    return true;
}

/* The newest page is the last one of those that are written oldest first: its frames still stand in order of time. */
static enum fault turn_page(struct call *c, struct frames *f)
{
    if (!call_bool(c->query, "newest", false))
        return FAULT_NONE;
    enum fault fault = store_exchanges(c->api->store, f->device, f->from_ms, f->to_ms, count_exchange, f);
    size_t left = f->count > f->skip ? f->count - f->skip : 0;
    f->take = left < f->take ? left : f->take;
    f->skip = left - f->take;
    f->count = 0;
    return fault;
}

static void get_exchanges(struct call *c)
{
    struct frames f;
    if (!frames_begin(c, &f))
        return;
    f.explain.line = put_line;
    f.take = (size_t)call_int(c->query, "size", PAGE_USUAL);
    f.skip = ((size_t)call_int(c->query, "page", 1) - 1) * f.take;
    enum fault fault = turn_page(c, &f);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    if (fault == FAULT_NONE)
        fault = store_exchanges(c->api->store, f.device, f.from_ms, f.to_ms, take_exchange, &f);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)f.count);
    json_put_end(&c->out);
    frames_end(&f);
    call_good(c, fault, REFUSE_IN_USE);
}

/* --- the text ---------------------------------------------------------------------------------------------------------------------- */

static void write_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    struct frames *f = (struct frames *)e;
    (void)part;
    buffer_printf(&f->text, "%*s", 8 + 2 * (depth < TREE_DEPTH ? depth : TREE_DEPTH), "");
    buffer_text(&f->text, label);
    buffer_text(&f->text, *value ? ": " : "");
    buffer_text(&f->text, value);
    buffer_text(&f->text, "\n");
}

/* Stops when a part is full: what follows is read again from that moment on, so that the store waits for no slow client. */
static bool write_exchange(void *context, const struct exchange *x)
{
    static const char *const arrows[] = { ">>", "<<", "--" };
    struct frames *f = context;
    char time[CIVIL_TEXT_MAX], *hex;
    if (x->utc_ms == f->from_ms && f->again) {
        f->again--;
        f->at_last++;
        return true;
    }
    if (f->text.size >= PART)
        return false;
    f->at_last = x->utc_ms == f->last_ms ? f->at_last + 1 : 1;
    f->last_ms = x->utc_ms;
    hex = hex_of(x->frame);
    if (is_wanted(f, x, hex)) {
        buffer_printf(&f->text, "%s.%03d %s ", wall_format(x->utc_ms / 1000, time), (int)(x->utc_ms % 1000), arrows[x->direction]);
        buffer_text(&f->text, hex);
        buffer_text(&f->text, x->note && *x->note ? "  " : "");
        buffer_text(&f->text, x->note ? x->note : "");
        buffer_text(&f->text, "\n");
        explain_frame(f, x);
    }
    free(hex);
    return true;
}

static void export_exchanges(struct call *c)
{
    struct frames f;
    if (!frames_begin(c, &f))
        return;
    f.explain.line = write_line;
    struct flow *out = call_stream(c, "text/plain; charset=utf-8", "exchanges.txt");
    bool good = true, more = true;
    while (good && more) {
        f.text.size = f.at_last = 0;
        f.last_ms = f.from_ms;
        good = store_exchanges(c->api->store, f.device, f.from_ms, f.to_ms, write_exchange, &f) == FAULT_NONE && !f.text.failed;
        more = f.text.size >= PART;
        good = good && (f.text.size == 0 || flow_write(out, f.text.data, f.text.size, STREAM_PATIENCE_MS));
        f.from_ms = f.last_ms;
        f.again = f.at_last;
    }
    frames_end(&f);
    flow_end(out, good);
    flow_unref(&out);
}

static const struct route rows[] = {
    { "GET", V1 "/devices/{id}/exchanges", MAY_READ_LOGS_DEBUG, ROUTE_LIST | ROUTE_SLOW, &shape_frames_query, NULL, &shape_exchange, NULL, 0, get_exchanges, { { "журнал обмена, с разбором кадров", "frames exchanged, explained" } } },
    { "GET", V1 "/devices/{id}/exchanges.txt", MAY_READ_LOGS_DEBUG, ROUTE_SLOW | ROUTE_STREAM, &shape_text_query, NULL, NULL, "text/plain; charset=utf-8", 0, export_exchanges, { { "журнал обмена текстом", "frames exchanged as a text" } } },
};

ROUTE_TABLE(rows);
