/* The frames exchanged with a device, page by page or as a text, explained by its driver down to the byte (A08). */
#include "api/work/frame_reader.h"
#include "api/routes.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { PAGE_USUAL = 100, SEARCH_MAX = 200, PART = 256 << 10 };

static const char *const directions[] = { "sent", "received", "note", NULL };

#define FRAME_FIELDS { .name = "from", .kind = FIELD_TIME, .help = { { "UTC; обычно сутки назад", "UTC; usually a day ago" } } }, { .name = "to", .kind = FIELD_TIME }, \
                     { .name = "decode", .kind = FIELD_BOOL, .help = { { "true: с разбором кадров", "true: frames explained" } } }, \
                     { .name = "direction", .kind = FIELD_WORD, .words = directions }, \
                     { .name = "search", .kind = FIELD_TEXT, .most = 100, .help = { { "часть кадра (hex) или примечания", "part of the frame (hex) or of the note" } } }
SHAPE(shape_frames_query, "ExchangeQuery", FRAME_FIELDS, PAGE_FIELDS,
      { .name = "newest", .kind = FIELD_BOOL, .help = { { "true: новые впереди", "true: newest first" } } });
SHAPE(shape_text_query, "ExchangeTextQuery", FRAME_FIELDS);
SHAPE(shape_exchange, "Exchange", { .name = "time", .kind = FIELD_TIME }, { .name = "direction", .kind = FIELD_WORD, .words = directions },
      { .name = "frame", .kind = FIELD_TEXT, .help = { { "hex", "hex" } } }, { .name = "note", .kind = FIELD_TEXT }, { .name = "lines", .kind = FIELD_LIST, .shape = &shape_frame_line });

struct frames {
    struct frame_reader reader;
    struct call *c;
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
    int64_t now = clock_utc_ms() / 1000;
    if (!call_good(c, store_meter_get(c->api->store, c->match.number[0], c->arena, &m), REFUSE_IN_USE))
        return false;
    if (m.project != c->caller.project)
        return call_refuse(c, REFUSE_NOT_FOUND);
    *f = (struct frames){ .c = c, .decode = call_bool(c->query, "decode", false), .device = m.id,
                          .from_ms = call_time(c->query, "from", now - DAY_SECONDS) * 1000, .to_ms = call_time(c->query, "to", now + 60) * 1000,
                          .direction = direction_of(call_text(c->query, "direction", "")) };
    hex_of_search(call_text(c->query, "search", ""), f->hex);
    text_fold(call_text(c->query, "search", ""), f->words, sizeof f->words);
    frame_reader_begin(&f->reader, c, f->decode ? &m : NULL);
    return true;
}

static void frames_end(struct frames *f)
{
    frame_reader_end(&f->reader);
    buffer_free(&f->text);
}

/* --- one frame ------------------------------------------------------------------------------------------------------------------ */

static bool note_holds(const char *note, const char *words)
{
    char folded[1024];
    text_fold(note, folded, sizeof folded);
    return strstr(folded, words) != NULL;
}

static bool is_wanted(const struct frames *f, const struct exchange *x, const char *hex)
{
    if (f->direction >= 0 && (int)x->direction != f->direction)
        return false;
    return !*f->words || (*f->hex && strstr(hex, f->hex)) || (x->note && note_holds(x->note, f->words));
}

/* --- the page ------------------------------------------------------------------------------------------------------------------- */

static void put_exchange(struct frames *f, const struct exchange *x, const char *hex)
{
    struct call *c = f->c;
    json_put_object(&c->out, NULL);
    json_put_utc(&c->out, "time", x->utc_ms);
    json_put_text(&c->out, "direction", directions[x->direction]);
    json_put_text(&c->out, "frame", hex);
    json_put_text(&c->out, "note", x->note);
    json_put_list(&c->out, "lines");
    frame_explain(&f->reader, x);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static bool take_exchange(void *context, const struct exchange *x)
{
    struct frames *f = context;
    char *hex = frame_hex(x->frame);
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
    char *hex = frame_hex(x->frame);
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

/* Stops when a part is full: what follows is read again from that moment on, so that the store waits for no slow client. */
static bool write_exchange(void *context, const struct exchange *x)
{
    struct frames *f = context;
    if (x->utc_ms == f->from_ms && f->again) {
        f->again--;
        f->at_last++;
        return true;
    }
    if (f->text.size >= PART)
        return false;
    f->at_last = x->utc_ms == f->last_ms ? f->at_last + 1 : 1;
    f->last_ms = x->utc_ms;
    char *hex = frame_hex(x->frame);
    if (is_wanted(f, x, hex))
        frame_write(&f->reader, x, hex);
    free(hex);
    return true;
}

static void export_exchanges(struct call *c)
{
    struct frames f;
    if (!frames_begin(c, &f))
        return;
    frame_reader_into(&f.reader, &f.text);
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
