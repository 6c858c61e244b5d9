/* How complete it all is: by property, by day, by the hour; who is missing and why. */
#include "api/routes.h"
#include "api/seeing/tally.h"
#include "base/clock.h"
#include "store/debts/arrivals.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { DAYS_MOST = TALLY_SPANS_MAX, MONTHS_MOST = 12, HOURS = 48, REGISTERS_MOST = 32 };

static const char *const grid_archives[] = { "day", "month", "profile", "hour", NULL };
static const char *const day_archives[] = { "day", "profile", "hour", NULL };
static const char *const statistics_by[] = { "group", "device", NULL };

#define SPAN_FIELDS { .name = "from", .kind = FIELD_TIME, .help = { { "начало, обычно неделя назад", "beginning, usually a week ago" } } }, \
                    { .name = "to", .kind = FIELD_TIME, .help = { { "конец, не включая; обычно сейчас", "end, not included; usually now" } } }
#define GROUP_FIELD { .name = "group", .kind = FIELD_TEXT, .most = 200, .help = { { "только эта группа", "only this group" } } }
SHAPE(shape_complete_query, "CompletenessQuery", SPAN_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = grid_archives, .flags = REQUIRED },
      { .name = "by", .kind = FIELD_WORD, .words = tally_words }, GROUP_FIELD,
      { .name = "missing", .kind = FIELD_BOOL, .help = { { "true: только устройства с пропусками", "true: only devices with gaps" } } });
SHAPE(shape_complete, "Completeness", { .name = "key", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "expected", .kind = FIELD_INT },
      { .name = "missing", .kind = FIELD_INT },
      { .name = "percent", .kind = FIELD_NUMBER, .help = { { "округлён вниз: 100 — значит всё", "rounded down: 100 means all" } } },
      { .name = "devices", .kind = FIELD_INT }, { .name = "whole", .kind = FIELD_INT, .help = { { "устройств без пропусков", "devices without gaps" } } });
SHAPE(shape_missing_query, "MissingQuery", SPAN_FIELDS, PAGE_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = grid_archives, .flags = REQUIRED }, GROUP_FIELD,
      { .name = "by", .kind = FIELD_WORD, .words = tally_words },
      { .name = "key", .kind = FIELD_TEXT, .most = 1000, .help = { { "только из этой строки собираемости", "only of this row of completeness" } } });
SHAPE(shape_missing, "Missing", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "group", .kind = FIELD_TEXT }, { .name = "driver", .kind = FIELD_TEXT }, { .name = "model", .kind = FIELD_TEXT }, { .name = "link", .kind = FIELD_INT },
      { .name = "expected", .kind = FIELD_INT }, { .name = "missing", .kind = FIELD_INT },
      { .name = "reason", .kind = FIELD_TEXT }, { .name = "reason_text", .kind = FIELD_TEXT }, { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "последний сеанс, если он был при этом запуске сервера", "the last session, if this run of the server had one" } } });
SHAPE(shape_statistics_query, "StatisticsQuery", SPAN_FIELDS, PAGE_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = grid_archives, .flags = REQUIRED },
      { .name = "by", .kind = FIELD_WORD, .words = statistics_by }, GROUP_FIELD,
      { .name = "registers", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = REGISTERS_MOST, .help = { { "коды OBIS: считать не интервалы, а эти величины в них; не больше 5000 устройств", "OBIS codes: these registers are counted, not intervals; 5000 devices at most" } } });
SHAPE(shape_statistics_row, "StatisticsRow", { .name = "key", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "devices", .kind = FIELD_INT },
      { .name = "percent", .kind = FIELD_NUMBER, .flags = NULLABLE },
      { .name = "parts", .kind = FIELD_LIST, .of = FIELD_NUMBER, .help = { { "проценты по суткам или месяцам; null — ничего не ждали", "percent by day or month; null: nothing was expected" } } });
SHAPE(shape_statistics, "Statistics", { .name = "parts", .kind = FIELD_LIST, .of = FIELD_TIME, .help = { { "начала суток или месяцев", "beginnings of days or months" } } },
      { .name = "items", .kind = FIELD_LIST, .shape = &shape_statistics_row }, { .name = "total", .kind = FIELD_INT });
SHAPE(shape_hours_query, "ArrivalQuery", SPAN_FIELDS, { .name = "archive", .kind = FIELD_WORD, .words = day_archives, .flags = REQUIRED }, GROUP_FIELD);
SHAPE(shape_hours, "Arrival", { .name = "day", .kind = FIELD_TIME }, { .name = "devices", .kind = FIELD_INT, .help = { { "от скольких ждали", "how many were expected" } } },
      { .name = "whole", .kind = FIELD_INT, .help = { { "собраны полностью к этому времени", "whole by now" } } },
      { .name = "since", .kind = FIELD_TIME, .help = { { "откуда считаются часы: когда данные за сутки уже могли быть", "hours count from here: when the day's data could exist" } } },
      { .name = "hours", .kind = FIELD_LIST, .of = FIELD_INT, .help = { { "собраны полностью к концу 1-го, 2-го… часа; пусто: не наблюдалось", "whole by the end of hour 1, 2…; empty: not observed" } } });

SHAPE(shape_collect, "CollectMissing", { .name = "archive", .kind = FIELD_WORD, .words = grid_archives, .help = { { "без него — всё, что ждали этой ночью: показания на начало сегодня, профили за вчера", "without it all that was due tonight: registers at the start of today, profiles of yesterday" } } },
      SPAN_FIELDS, GROUP_FIELD, { .name = "by", .kind = FIELD_WORD, .words = tally_words }, { .name = "key", .kind = FIELD_TEXT, .most = 1000 });

/* --- what is asked -------------------------------------------------------------------------------------------------------------- */

static struct span span_in(const json_t *from)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    return (struct span){ call_time(from, "from", wall_day_start(now) - 7 * DAY_SECONDS), call_time(from, "to", now + 1) };
}

static struct span span_of(struct call *c)
{
    return span_in(c->query);
}

static enum archive archive_of(struct call *c)
{
    return archive_parse(call_text(c->query, "archive", ""));
}

static enum tally_by by_in(const json_t *from, const char *preset)
{
    int by = 0;
    while (by < TALLY_COUNT && strcmp(tally_words[by], call_text(from, "by", preset)) != 0)
        by++;
    return (enum tally_by)by;
}

/* The span in days or months; refused when empty or beyond what the manual allows (2.2.7). */
static bool parts_of(struct call *c, enum archive a, struct span parts[DAYS_MOST], size_t *ret_count)
{
    static const struct phrase empty = { { "конец раньше начала", "the end is before the beginning" } };
    static const struct phrase days = { { "не больше 31 суток", "31 days at most" } };
    static const struct phrase months = { { "не больше 12 месяцев", "12 months at most" } };
    struct span all = span_of(c);
    bool monthly = a == ARCHIVE_MONTH;
    size_t count = 0, most = monthly ? MONTHS_MOST : DAYS_MOST;
    for (int64_t at = monthly ? wall_month_start(all.from) : wall_day_start(all.from); at < all.to; count++) {
        int64_t next = monthly ? month_wall(wall_month(at) + 1) : at + DAY_SECONDS;
        if (count == most)
            return call_wrong_field(c, "to", phrase_in(monthly ? &months : &days, c->lang));
        parts[count] = (struct span){ at, next };
        at = next;
    }
    *ret_count = count;
    return count > 0 || call_wrong_field(c, "to", phrase_in(&empty, c->lang));
}

/* --- by property ------------------------------------------------------------------------------------------------------------------- */

static void get_completeness(struct call *c)
{
    struct span span = span_of(c);
    struct tally *t;
    size_t count;
    struct tally_query q = { archive_of(c), &span, 1, by_in(c->query, "all"), call_group(c, c->query), call_bool(c->query, "missing", false), NULL, 0 };
    if (!tally_count(c, &q, &t, &count))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "key", t[i].key);
        json_put_text(&c->out, "title", t[i].title);
        json_put_int(&c->out, "expected", t[i].sums->expected);
        json_put_int(&c->out, "missing", t[i].sums->missing);
        put_percent(&c->out, "percent", t[i].sums->expected, t[i].sums->missing);
        json_put_int(&c->out, "devices", t[i].devices);
        json_put_int(&c->out, "whole", t[i].whole);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
}

static void put_missing(void *context, const struct roster_row *row)
{
    struct call *c = context;
    json_put_text(&c->out, "serial", row->serial);
    json_put_text(&c->out, "title", row->title);
    json_put_text(&c->out, "group", row->group);
    json_put_text(&c->out, "driver", row->driver);
    json_put_text(&c->out, "model", row->model);
    json_put_int(&c->out, "link", roster_first_link(row));
    put_reason(c, row);
}

static void get_missing(struct call *c)
{
    struct span span = span_of(c);
    struct tally_device *devices;
    size_t count, skip = call_skip(c), take = call_take(c);
    struct tally_query q = { archive_of(c), &span, 1, by_in(c->query, "all"), call_group(c, c->query), true, NULL, 0 };
    if (!tally_missing(c, &q, call_text(c->query, "key", NULL), &devices, &count))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = skip; i < count && i - skip < take; i++) {
        json_put_object(&c->out, NULL);
        json_put_int(&c->out, "device", devices[i].meter);
        roster_look(c->api->roster, devices[i].meter, c->caller.project, put_missing, c);
        json_put_int(&c->out, "expected", devices[i].expected);
        json_put_int(&c->out, "missing", devices[i].missing);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
}

/* --- by day ----------------------------------------------------------------------------------------------------------------------------- */

static void put_statistics_row(struct call *c, const struct tally *t, size_t parts)
{
    struct tally_sum all = { 0 };
    for (size_t i = 0; i < parts; i++) {
        all.expected += t->sums[i].expected;
        all.missing += t->sums[i].missing;
    }
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "key", t->key);
    json_put_text(&c->out, "title", t->title);
    json_put_int(&c->out, "devices", t->devices);
    put_percent(&c->out, "percent", all.expected, all.missing);
    json_put_list(&c->out, "parts");
    for (size_t i = 0; i < parts; i++)
        put_percent(&c->out, NULL, t->sums[i].expected, t->sums[i].missing);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static bool registers_of(struct call *c, struct obis registers[REGISTERS_MOST], size_t *ret_count)
{
    const json_t *list = json_object_get(c->query, "registers");
    *ret_count = json_array_size(list);
    for (size_t i = 0; i < *ret_count; i++)
        if (!obis_parse(json_string_value(json_array_get(list, i)), &registers[i]))
            return call_wrong_field(c, "registers", c->lang == LANG_RU ? "это не код OBIS" : "is no OBIS code");
    return true;
}

static void get_statistics(struct call *c)
{
    struct span parts[DAYS_MOST];
    struct obis registers[REGISTERS_MOST];
    size_t register_count;
    struct tally *t;
    size_t part_count, count, skip = call_skip(c), take = call_take(c);
    enum archive a = archive_of(c);
    if (!parts_of(c, a, parts, &part_count) || !registers_of(c, registers, &register_count))
        return;
    struct tally_query q = { a, parts, part_count, by_in(c->query, "group"), call_group(c, c->query), false, registers, register_count };
    if (!tally_count(c, &q, &t, &count))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "parts");
    for (size_t i = 0; i < part_count; i++)
        json_put_wall(&c->out, NULL, parts[i].from);
    json_put_end(&c->out);
    json_put_list(&c->out, "items");
    for (size_t i = skip; i < count && i - skip < take; i++)
        put_statistics_row(c, &t[i], part_count);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)count);
    json_put_end(&c->out);
}

/* --- by the hour --------------------------------------------------------------------------------------------------------------------------- */

/* Devices of the project and of the group that is asked for. */
struct chosen {
    struct call *c;
    struct meter_set group;
};

static bool is_chosen(const struct chosen *f, int64_t meter)
{
    return meter_set_has(&f->group, meter) && roster_look(f->c->api->roster, meter, f->c->caller.project, NULL, NULL);
}

struct arrival_count {
    const struct chosen *chosen;
    int64_t hours[HOURS + 1];
};

static bool count_arrival(void *context, int64_t meter, int hours)
{
    struct arrival_count *n = context;
    if (hours <= HOURS && is_chosen(n->chosen, meter))
        n->hours[hours]++;
    return true;
}

static bool put_day(const struct chosen *chosen, enum archive a, struct span day, int64_t devices, int64_t whole)
{
    struct call *c = chosen->c;
    struct arrival_count n = { .chosen = chosen };
    bool noted;
    if (!call_good(c, store_arrivals(c->api->store, a, wall_day(day.from), count_arrival, &n, &noted), REFUSE_IN_USE))
        return false;
    json_put_object(&c->out, NULL);
    json_put_wall(&c->out, "day", day.from);
    json_put_int(&c->out, "devices", devices);
    json_put_int(&c->out, "whole", whole);
    json_put_wall(&c->out, "since", arrival_epoch(a, wall_day(day.from)));
    json_put_list(&c->out, "hours");
    int64_t sum = 0;
    for (int i = 1; i <= HOURS && noted; i++) {
        sum += n.hours[i];
        json_put_int(&c->out, NULL, sum);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
    return true;
}

struct day_count {
    struct chosen chosen;
    size_t days;
    int64_t devices[DAYS_MOST], whole[DAYS_MOST];
};

static bool count_day(void *context, int64_t meter, const struct owed_share *share)
{
    struct day_count *n = context;
    if (!is_chosen(&n->chosen, meter))
        return true;
    for (size_t i = 0; i < n->days; i++) {
        n->devices[i] += share[i].expected > 0;
        n->whole[i] += share[i].expected > 0 && share[i].missing == 0;
    }
    return true;
}

static void get_hours(struct call *c)
{
    struct span days[DAYS_MOST];
    enum archive a = archive_of(c);
    struct day_count n = { .chosen = { c, call_group(c, c->query) } };
    if (!parts_of(c, a, days, &n.days) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) ||
        !call_good(c, store_completeness(c->api->store, a, days, n.days, count_day, &n), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < n.days; i++)
        if (!put_day(&n.chosen, a, days[i], n.devices[i], n.whole[i]))
            return;
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)n.days);
    json_put_end(&c->out);
}

/* --- asking those that are missing ---------------------------------------------------------------------------------------------------------- */

struct due {
    enum archive archive;
    struct span span;
};

/* What is due by now of all archives: registers at the start of today, profiles of yesterday. */
static size_t due_tonight(struct due due[3])
{
    int64_t today = wall_day_start(clock_local_wall(clock_utc_ms()));
    due[0] = (struct due){ ARCHIVE_DAY, { today, today + DAY_SECONDS } };
    due[1] = (struct due){ ARCHIVE_PROFILE, { today - DAY_SECONDS, today } };
    due[2] = (struct due){ ARCHIVE_HOUR, { today - DAY_SECONDS, today } };
    return 3;
}

/* Devices that lack any of it, each once. */
static bool find_missing(struct call *c, const struct due *due, size_t dues, int64_t **ret, size_t *ret_count)
{
    size_t count = 0;
    int64_t *ids = NULL;
    for (size_t i = 0; i < dues; i++) {
        struct tally_device *devices;
        size_t more;
        struct tally_query q = { due[i].archive, &due[i].span, 1, by_in(c->body, "all"), call_group(c, c->body), true, NULL, 0 };
        if (!tally_missing(c, &q, call_text(c->body, "key", NULL), &devices, &more))
            return false;
        int64_t *grown = arena_take(c->arena, (count + more + 1) * sizeof *grown);
        if (count)
            memcpy(grown, ids, count * sizeof *grown);
        ids = grown;
        for (size_t k = 0; k < more; k++)
            ids[count++] = devices[k].meter;
    }
    *ret = ids;
    *ret_count = count ? call_ids_once(ids, count) : 0;
    return true;
}

static void collect_missing(struct call *c)
{
    struct due due[3] = { { archive_parse(call_text(c->body, "archive", "")), span_in(c->body) } };
    size_t dues = json_object_get(c->body, "archive") ? 1 : due_tonight(due), count = 0;
    int64_t *ids;
    if (!find_missing(c, due, dues, &ids, &count))
        return;
    if (count)
        collection_start(c, ids, count);
    else
        call_wrong_field(c, "archive", c->lang == LANG_RU ? "всё собрано, опрашивать некого" : "everything is collected, there is nobody to ask");
}

static const struct route rows[] = {
    { "GET", V1 "/completeness", MAY_READ_DATASTORE, ROUTE_LIST | ROUTE_SLOW, &shape_complete_query, NULL, &shape_complete, NULL, 0, get_completeness, { { "собираемость в процентах", "how complete collection is" } } },
    { "GET", V1 "/completeness/missing", MAY_READ_DATASTORE, ROUTE_LIST | ROUTE_SLOW, &shape_missing_query, NULL, &shape_missing, NULL, 0, get_missing, { { "у кого чего не хватает и почему", "who lacks what, and why" } } },
    { "GET", V1 "/completeness/hours", MAY_READ_DATASTORE, ROUTE_LIST | ROUTE_SLOW, &shape_hours_query, NULL, &shape_hours, NULL, 0, get_hours, { { "к какому часу собраны сутки", "by which hour the days were whole" } } },
    { "GET", V1 "/completeness/statistics", MAY_READ_DATASTORE, ROUTE_SLOW, &shape_statistics_query, NULL, &shape_statistics, NULL, 0, get_statistics, { { "собираемость по суткам или месяцам", "how complete collection is, by day or month" } } },
    { "POST", V1 "/completeness/collect", MAY_WRITE_SCHEDULER_JOB_LAUNCHES, ROUTE_SLOW, NULL, &shape_collect, NULL, NULL, 0, collect_missing, { { "опросить сейчас тех, у кого чего-то не хватает", "collect now from those that lack something" } } },
};

ROUTE_TABLE(rows);
