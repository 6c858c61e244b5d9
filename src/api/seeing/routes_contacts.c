/* The heat map of communication: who answered in which hours, of one device, of a page of devices, of the whole fleet. */
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "store/debts/contacts.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { CELLS_MOST = 800, HOURS_OF_DAY = 24 };

static const char *const steps[] = { "hour", "day", "month", NULL };
static const char *const sorts[] = { "serial", "title", "group", "worst", NULL };
static const char *const orders[] = { "asc", "desc", NULL };

#define RANGE_FIELDS { .name = "from", .kind = FIELD_TIME, .flags = REQUIRED }, \
                     { .name = "to", .kind = FIELD_TIME, .flags = REQUIRED, .help = { { "конец, не включая; не больше 800 клеток", "end, not included; 800 cells at most" } } }, \
                     { .name = "step", .kind = FIELD_WORD, .words = steps, .flags = REQUIRED, .help = { { "что такое одна клетка", "what one cell is" } } }
#define CHOICE_FIELDS { .name = "group", .kind = FIELD_TEXT, .most = 200 }, { .name = "search", .kind = FIELD_TEXT, .most = 100 }
SHAPE(shape_map_query, "ContactMapQuery", RANGE_FIELDS, CHOICE_FIELDS);
SHAPE(shape_device_query, "ContactQuery", RANGE_FIELDS);
SHAPE(shape_page_query, "ContactPageQuery", RANGE_FIELDS, CHOICE_FIELDS, PAGE_FIELDS,
      { .name = "sort", .kind = FIELD_WORD, .words = sorts }, { .name = "order", .kind = FIELD_WORD, .words = orders });
#define CELL_ZONE { .name = "zone_minutes", .kind = FIELD_INT, .help = { { "часы сервера, по которым они, к востоку от UTC", "the server's clock that they go by, east of UTC" } } }
SHAPE(shape_cells, "ContactCells", { .name = "cells", .kind = FIELD_LIST, .of = FIELD_TIME, .help = { { "начала клеток", "beginnings of cells" } } }, CELL_ZONE,
      { .name = "good", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "часов, в которые счётчики отвечали", "hours in which meters answered" } } },
      { .name = "failed", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "часов, в которые были неудачные сеансы", "hours in which sessions failed" } } });
SHAPE(shape_row, "ContactRow", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "group", .kind = FIELD_TEXT }, { .name = "good", .kind = FIELD_LIST, .of = FIELD_INT }, { .name = "failed", .kind = FIELD_LIST, .of = FIELD_INT });
SHAPE(shape_page, "ContactPage", { .name = "cells", .kind = FIELD_LIST, .of = FIELD_TIME }, CELL_ZONE, { .name = "items", .kind = FIELD_LIST, .shape = &shape_row },
      { .name = "total", .kind = FIELD_INT });

/* --- cells ---------------------------------------------------------------------------------------------------------------------- */

/* The cells of a range, and where each day's hours belong. */
struct grid {
    char step; /* 'h', 'd', 'm' */
    int64_t from, to, first_day;
    int64_t start[CELLS_MOST];
    size_t cells;
    uint16_t *of_day; /* cell of the day's first hour */
};

struct row {
    int32_t *good, *failed; /* by cell */
};

static int64_t cell_after(char step, int64_t at)
{
    return step == 'h' ? at + HOUR_SECONDS : step == 'd' ? at + DAY_SECONDS : month_wall(wall_month(at) + 1);
}

/* Whole days always: what they are made of. */
static bool grid_read(struct call *c, struct grid *g)
{
    static const struct phrase many = { { "не больше 800 клеток", "800 cells at most" } };
    static const struct phrase empty = { { "конец раньше начала", "the end is before the beginning" } };
    g->step = call_text(c->query, "step", "hour")[0];
    g->from = wall_day_start(call_time(c->query, "from", 0));
    g->to = wall_day_start(call_time(c->query, "to", 0) + DAY_SECONDS - 1);
    if (g->step == 'm')
        g->from = wall_month_start(g->from);
    if (g->from >= g->to || g->from < 0)
        return call_wrong_field(c, "to", phrase_in(&empty, c->lang));
    if ((g->to - g->from) / DAY_SECONDS > 40 * CELLS_MOST)
        return call_wrong_field(c, "to", phrase_in(&many, c->lang));
    g->first_day = wall_day(g->from);
    g->of_day = arena_take(c->arena, (size_t)((g->to - g->from) / DAY_SECONDS + 1) * sizeof *g->of_day);
    for (int64_t at = g->from; at < g->to; at = cell_after(g->step, at)) {
        if (g->cells == CELLS_MOST)
            return call_wrong_field(c, "to", phrase_in(&many, c->lang));
        for (int64_t day = wall_day(at); day_wall(day) < g->to && day_wall(day) < cell_after(g->step, at); day++)
            if (g->step != 'h' || day_wall(day) == at)
                g->of_day[day - g->first_day] = (uint16_t)g->cells;
        g->start[g->cells++] = at;
    }
    return true;
}

static struct row row_new(struct call *c, const struct grid *g)
{
    return (struct row){ .good = arena_take(c->arena, g->cells * sizeof(int32_t)), .failed = arena_take(c->arena, g->cells * sizeof(int32_t)) };
}

static void row_add(struct row *r, const struct grid *g, int64_t day, uint32_t good, uint32_t failed)
{
    size_t cell = g->of_day[day - g->first_day];
    if (g->step != 'h') {
        r->good[cell] += __builtin_popcount(good);
        r->failed[cell] += __builtin_popcount(failed);
        return;
    }
    for (int hour = 0; hour < HOURS_OF_DAY; hour++) {
        r->good[cell + (size_t)hour] += good >> hour & 1;
        r->failed[cell + (size_t)hour] += failed >> hour & 1;
    }
}

static void put_cells(struct call *c, const struct grid *g)
{
    json_put_list(&c->out, "cells");
    for (size_t i = 0; i < g->cells; i++)
        json_put_wall(&c->out, NULL, g->start[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "zone_minutes", clock_zone_minutes(clock_utc_ms()));
}

static void put_row(struct call *c, const struct grid *g, const struct row *r)
{
    for (int failed = 0; failed < 2; failed++) {
        json_put_list(&c->out, failed ? "failed" : "good");
        for (size_t i = 0; i < g->cells; i++)
            json_put_int(&c->out, NULL, failed ? r->failed[i] : r->good[i]);
        json_put_end(&c->out);
    }
}

/* --- which devices --------------------------------------------------------------------------------------------------------------- */

/* Devices that were chosen, and the row that is being counted. */
struct choice {
    struct call *c;
    const struct grid *grid;
    int64_t *ids;
    size_t count, room;
    uint32_t *place;  /* by id: place in `ids` + 1 */
    int64_t end;
    struct row row;
    int64_t *failed, *good; /* sums by place, for sorting */
};

static void add_id(void *context, const struct roster_row *row)
{
    struct choice *h = context;
    if (h->count == h->room) {
        size_t room = h->room ? h->room * 2 : 1024;
        h->ids = memory_grow(h->ids, h->room * sizeof *h->ids, room * sizeof *h->ids);
        h->room = room;
    }
    h->ids[h->count++] = row->id;
    h->end = row->id >= h->end ? row->id + 1 : h->end;
}

static bool choose(struct choice *h, enum roster_column sort, bool descending)
{
    struct call *c = h->c;
    const char *search = call_text(c->query, "search", NULL);
    struct roster_query q = { .project = c->caller.project, .search = search, .group = call_group(c, c->query), .enabled = -1,
                              .sort = sort, .descending = descending, .take = SIZE_MAX };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return false;
    roster_list(c->api->roster, &q, add_id, h);
    h->place = memory_new((size_t)(h->end + 1) * sizeof *h->place);
    for (size_t i = 0; i < h->count; i++)
        h->place[h->ids[i]] = (uint32_t)i + 1;
    return true;
}

static void choice_free(struct choice *h)
{
    free(h->ids);
    free(h->place);
    free(h->failed);
    free(h->good);
}

static size_t place_of(const struct choice *h, int64_t meter)
{
    return meter < h->end ? h->place[meter] : 0;
}

/* --- the maps ----------------------------------------------------------------------------------------------------------------------- */

static bool add_to_fleet(void *context, int64_t meter, int64_t day, uint32_t good, uint32_t failed)
{
    struct choice *h = context;
    if (place_of(h, meter))
        row_add(&h->row, h->grid, day, good, failed);
    return true;
}

static enum fault walk(struct choice *h, int64_t meter, store_contact_fn *each)
{
    return store_contacts(h->c->api->store, meter, h->grid->first_day, wall_day(h->grid->to) - 1, each, h);
}

static void put_map(struct call *c, const struct grid *g, const struct row *r)
{
    json_put_object(&c->out, NULL);
    put_cells(c, g);
    put_row(c, g, r);
    json_put_end(&c->out);
}

static void get_map(struct call *c)
{
    struct grid g = { 0 };
    struct choice h = { .c = c, .grid = &g };
    if (!grid_read(c, &g) || !choose(&h, ROSTER_ID, false))
        return;
    h.row = row_new(c, &g);
    if (call_good(c, walk(&h, 0, add_to_fleet), REFUSE_IN_USE))
        put_map(c, &g, &h.row);
    choice_free(&h);
}

static bool add_to_device(void *context, int64_t meter, int64_t day, uint32_t good, uint32_t failed)
{
    struct choice *h = context;
    (void)meter;
    row_add(&h->row, h->grid, day, good, failed);
    return true;
}

static void get_device(struct call *c)
{
    struct grid g = { 0 };
    struct choice h = { .c = c, .grid = &g };
    int64_t id = c->match.number[0];
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    if (!roster_look(c->api->roster, id, c->caller.project, NULL, NULL)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!grid_read(c, &g))
        return;
    h.row = row_new(c, &g);
    if (call_good(c, walk(&h, id, add_to_device), REFUSE_IN_USE))
        put_map(c, &g, &h.row);
}

/* --- a page of devices ---------------------------------------------------------------------------------------------------------------- */

static bool add_to_sums(void *context, int64_t meter, int64_t day, uint32_t good, uint32_t failed)
{
    (void)day;
    struct choice *h = context;
    size_t place = place_of(h, meter);
    if (place) {
        h->failed[place - 1] += __builtin_popcount(failed);
        h->good[place - 1] += __builtin_popcount(good);
    }
    return true;
}

static int by_failed(const void *a, const void *b, void *context)
{
    const struct choice *h = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t fx = h->failed[x], fy = h->failed[y], gx = h->good[x], gy = h->good[y];
    return fx != fy ? (fx < fy) - (fx > fy) : gx != gy ? (gx > gy) - (gx < gy) : (x > y) - (x < y);
}

/* The devices with the most failed hours first: all are counted, then put in order. */
static bool sort_worst(struct choice *h)
{
    h->failed = memory_new((h->count + 1) * sizeof *h->failed);
    h->good = memory_new((h->count + 1) * sizeof *h->good);
    if (!call_good(h->c, walk(h, 0, add_to_sums), REFUSE_IN_USE))
        return false;
    uint32_t *order = memory_new((h->count + 1) * sizeof *order);
    int64_t *ids = memory_new((h->count + 1) * sizeof *ids);
    for (size_t i = 0; i < h->count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, h->count, sizeof *order, by_failed, h);
    for (size_t i = 0; i < h->count; i++)
        ids[i] = h->ids[order[i]];
    free(h->ids);
    free(order);
    h->ids = ids;
    return true;
}

static void put_who(void *context, const struct roster_row *row)
{
    struct call *c = context;
    json_put_int(&c->out, "device", row->id);
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    json_put_text(&c->out, "group", row->group);
}

static bool put_device(struct choice *h, int64_t id)
{
    struct call *c = h->c;
    h->row = row_new(c, h->grid);
    if (!call_good(c, walk(h, id, add_to_device), REFUSE_IN_USE))
        return false;
    json_put_object(&c->out, NULL);
    roster_look(c->api->roster, id, c->caller.project, put_who, c);
    put_row(c, h->grid, &h->row);
    json_put_end(&c->out);
    return true;
}

static void get_page(struct call *c)
{
    struct grid g = { 0 };
    struct choice h = { .c = c, .grid = &g };
    const char *sort = call_text(c->query, "sort", "serial");
    bool worst = strcmp(sort, "worst") == 0, descending = strcmp(call_text(c->query, "order", "asc"), "desc") == 0;
    enum roster_column column = sort[0] == 't' ? ROSTER_TITLE : sort[0] == 'g' ? ROSTER_GROUP : ROSTER_SERIAL;
    size_t skip = call_skip(c), take = call_take(c);
    bool good = grid_read(c, &g) && choose(&h, column, descending && !worst) && (!worst || sort_worst(&h));
    if (good) {
        json_put_object(&c->out, NULL);
        put_cells(c, &g);
        json_put_list(&c->out, "items");
        for (size_t i = skip; good && i < h.count && i - skip < take; i++)
            good = put_device(&h, h.ids[i]);
    }
    if (good) {
        json_put_end(&c->out);
        json_put_int(&c->out, "total", (int64_t)h.count);
        json_put_end(&c->out);
    }
    choice_free(&h);
}

static const struct route rows[] = {
    { "GET", V1 "/contacts", MAY_READ_DATASTORE, ROUTE_SLOW, &shape_map_query, NULL, &shape_cells, NULL, 0, get_map, { { "тепловая карта связи: все выбранные устройства вместе", "heat map of communication: all chosen devices together" } } },
    { "GET", V1 "/contacts/devices", MAY_READ_DATASTORE, ROUTE_SLOW, &shape_page_query, NULL, &shape_page, NULL, 0, get_page, { { "тепловая карта связи по устройствам", "heat map of communication by device" } } },
    { "GET", V1 "/devices/{id}/contacts", MAY_READ_DATASTORE, 0, &shape_device_query, NULL, &shape_cells, NULL, 0, get_device, { { "тепловая карта связи устройства", "heat map of one device's communication" } } },
};

ROUTE_TABLE(rows);
