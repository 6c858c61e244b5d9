/* The first page: what a dispatcher asks at nine in the morning, in one request. */
#include "api/routes.h"
#include "api/seeing/tally.h"
#include "base/clock.h"
#include "meter/events.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { REASONS_MAX = FAULT_COUNT + 2 };

SHAPE(shape_counts, "DeviceCounts", { .name = "devices", .kind = FIELD_INT }, { .name = "enabled", .kind = FIELD_INT }, { .name = "good", .kind = FIELD_INT },
      { .name = "failed", .kind = FIELD_INT }, { .name = "never", .kind = FIELD_INT });
SHAPE(shape_collected, "Collected", { .name = "archive", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "day", .kind = FIELD_TIME },
      { .name = "expected", .kind = FIELD_INT }, { .name = "missing", .kind = FIELD_INT }, { .name = "percent", .kind = FIELD_NUMBER, .flags = NULLABLE },
      { .name = "devices", .kind = FIELD_INT }, { .name = "whole", .kind = FIELD_INT });
SHAPE(shape_reason, "Reason", { .name = "reason", .kind = FIELD_TEXT }, { .name = "reason_text", .kind = FIELD_TEXT }, { .name = "devices", .kind = FIELD_INT });
SHAPE(shape_tonight, "Tonight", { .name = "devices", .kind = FIELD_INT, .help = { { "у скольких чего-то не хватает", "how many lack something" } } },
      { .name = "reasons", .kind = FIELD_LIST, .shape = &shape_reason });
SHAPE(shape_alarm, "AlarmCount", { .name = "journal", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "events", .kind = FIELD_INT });
SHAPE(shape_alarms, "Alarms", { .name = "since", .kind = FIELD_TIME }, { .name = "events", .kind = FIELD_INT }, { .name = "journals", .kind = FIELD_LIST, .shape = &shape_alarm });
SHAPE(shape_home, "Home", { .name = "now", .kind = FIELD_TIME, .help = { { "часы сервера", "the server's clock" } } }, { .name = "devices", .kind = FIELD_OBJECT, .shape = &shape_counts },
      { .name = "collected", .kind = FIELD_LIST, .shape = &shape_collected, .help = { { "вчера и сегодня по архивам", "yesterday and today by archive" } } },
      { .name = "tonight", .kind = FIELD_OBJECT, .shape = &shape_tonight, .help = { { "не собрано за ночь: показания на начало сегодня, профили за вчера", "not read tonight: registers at the start of today, profiles of yesterday" } } },
      { .name = "alarms", .kind = FIELD_OBJECT, .shape = &shape_alarms, .help = { { "важные события за сутки", "important events of the last day" } } },
      { .name = "collection", .kind = FIELD_OBJECT });

/* --- yesterday and today ------------------------------------------------------------------------------------------------------- */

enum { YESTERDAY, TODAY, DAYS };

struct day_sum {
    int64_t expected, missing, devices, whole;
};

struct home {
    struct call *c;
    int64_t today;            /* its first second */
    enum archive archive;     /* under count */
    struct day_sum sums[DAYS];
    uint8_t *lacking;         /* by meter: lacks what was due tonight */
    int64_t lacking_end;
    /* why: in the order they were met */
    struct { const char *name, *text; int64_t devices; } reasons[REASONS_MAX];
    size_t reason_count;
    int64_t tonight;
    int64_t alarms[ALARM_JOURNALS];
};

static void note_lacking(struct home *h, int64_t meter)
{
    if (meter >= h->lacking_end) {
        int64_t end = meter * 2 + 1024;
        h->lacking = memory_grow(h->lacking, (size_t)h->lacking_end, (size_t)end);
        h->lacking_end = end;
    }
    h->lacking[meter] = 1;
}

static bool add_meter(void *context, int64_t meter, const struct owed_share *share)
{
    struct home *h = context;
    if (!roster_look(h->c->api->roster, meter, h->c->caller.project, NULL, NULL))
        return true;
    for (int i = 0; i < DAYS; i++) {
        h->sums[i].expected += share[i].expected;
        h->sums[i].missing += share[i].missing;
        h->sums[i].devices += share[i].expected > 0;
        h->sums[i].whole += share[i].expected > 0 && share[i].missing == 0;
    }
    if (share[h->archive == ARCHIVE_DAY ? TODAY : YESTERDAY].missing)
        note_lacking(h, meter);
    return true;
}

static void put_sum(struct home *h, int day)
{
    struct json_writer *j = &h->c->out;
    const struct day_sum *s = &h->sums[day];
    json_put_object(j, NULL);
    json_put_text(j, "archive", archive_name(h->archive));
    json_put_text(j, "title", archive_title(h->archive, h->c->lang));
    json_put_wall(j, "day", h->today + (day - TODAY) * (int64_t)DAY_SECONDS);
    json_put_int(j, "expected", s->expected);
    json_put_int(j, "missing", s->missing);
    put_percent(j, "percent", s->expected, s->missing);
    json_put_int(j, "devices", s->devices);
    json_put_int(j, "whole", s->whole);
    json_put_end(j);
}

static bool put_collected(struct home *h)
{
    static const enum archive archives[] = { ARCHIVE_DAY, ARCHIVE_PROFILE, ARCHIVE_HOUR };
    struct span days[DAYS] = { { h->today - DAY_SECONDS, h->today }, { h->today, h->today + DAY_SECONDS } };
    json_put_list(&h->c->out, "collected");
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
        h->archive = archives[i];
        memset(h->sums, 0, sizeof h->sums);
        if (!call_good(h->c, store_completeness(h->c->api->store, h->archive, days, DAYS, add_meter, h), REFUSE_IN_USE))
            return false;
        for (int day = 0; day < DAYS; day++)
            if (h->sums[day].expected)
                put_sum(h, day);
    }
    json_put_end(&h->c->out);
    return true;
}

/* --- who was not read, and why ----------------------------------------------------------------------------------------------------- */

static void count_reason(void *context, const struct roster_row *row)
{
    struct home *h = context;
    const char *name = reason_name(row);
    size_t i = 0;
    while (i < h->reason_count && strcmp(h->reasons[i].name, name) != 0)
        i++;
    if (i == REASONS_MAX)
        return;
    if (i == h->reason_count) {
        h->reasons[i].name = name;
        h->reasons[i].text = reason_text(row, h->c->lang);
        h->reason_count++;
    }
    h->reasons[i].devices++;
    h->tonight++;
}

static void put_tonight(struct home *h)
{
    struct json_writer *j = &h->c->out;
    for (int64_t m = 0; m < h->lacking_end; m++)
        if (h->lacking[m])
            roster_look(h->c->api->roster, m, h->c->caller.project, count_reason, h);
    json_put_object(j, "tonight");
    json_put_int(j, "devices", h->tonight);
    json_put_list(j, "reasons");
    for (size_t i = 0; i < h->reason_count; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "reason", h->reasons[i].name);
        json_put_text(j, "reason_text", h->reasons[i].text);
        json_put_int(j, "devices", h->reasons[i].devices);
        json_put_end(j);
    }
    json_put_end(j);
    json_put_end(j);
}

/* --- important events ---------------------------------------------------------------------------------------------------------------- */

static bool count_alarm(void *context, int64_t meter, uint16_t journal)
{
    struct home *h = context;
    size_t i = 0;
    while (i < ALARM_JOURNALS && alarm_journals[i] != journal)
        i++;
    if (i < ALARM_JOURNALS && roster_look(h->c->api->roster, meter, h->c->caller.project, NULL, NULL))
        h->alarms[i]++;
    return true;
}

static bool put_alarms(struct home *h, int64_t now)
{
    struct json_writer *j = &h->c->out;
    char title[EVENT_TEXT_MAX];
    int64_t sum = 0;
    if (!call_good(h->c, store_events_of(h->c->api->store, alarm_journals, ALARM_JOURNALS, (struct span){ now - DAY_SECONDS, now + DAY_SECONDS }, count_alarm, h), REFUSE_IN_USE))
        return false;
    json_put_object(j, "alarms");
    json_put_wall(j, "since", now - DAY_SECONDS);
    json_put_list(j, "journals");
    for (size_t i = 0; i < ALARM_JOURNALS; i++) {
        sum += h->alarms[i];
        if (!h->alarms[i])
            continue;
        json_put_object(j, NULL);
        json_put_int(j, "journal", alarm_journals[i]);
        json_put_text(j, "title", journal_title(alarm_journals[i], h->c->lang, title));
        json_put_int(j, "events", h->alarms[i]);
        json_put_end(j);
    }
    json_put_end(j);
    json_put_int(j, "events", sum);
    json_put_end(j);
    return true;
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------- */

static void put_devices(struct call *c)
{
    struct roster_counts n;
    roster_counts(c->api->roster, c->caller.project, &n);
    json_put_object(&c->out, "devices");
    json_put_int(&c->out, "devices", (int64_t)n.devices);
    json_put_int(&c->out, "enabled", (int64_t)n.enabled);
    json_put_int(&c->out, "good", (int64_t)n.good);
    json_put_int(&c->out, "failed", (int64_t)n.failed);
    json_put_int(&c->out, "never", (int64_t)n.never);
    json_put_end(&c->out);
}

static void put_collection(struct call *c)
{
    struct buffer text = { 0 };
    struct json_writer j = { .out = &text };
    struct service_status status;
    service_status(c->api->service, c->caller.project, &status);
    collection_put(&j, &status);
    buffer_put(&text, "", 1);
    json_put_raw(&c->out, "collection", text.data);
    buffer_free(&text);
}

static void get_home(struct call *c)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    struct home h = { .c = c, .today = wall_day_start(now) };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_wall(&c->out, "now", now);
    put_devices(c);
    if (put_collected(&h)) {
        put_tonight(&h);
        if (put_alarms(&h, now)) {
            put_collection(c);
            json_put_end(&c->out);
        }
    }
    free(h.lacking);
}

static const struct route rows[] = {
    { "GET", V1 "/home", MAY_READ_DATASTORE, ROUTE_SLOW, NULL, NULL, &shape_home, NULL, 0, get_home, { { "главная: сколько собрано, кого не хватает и почему", "home: how much is collected, who is missing and why" } } },
};

ROUTE_TABLE(rows);
