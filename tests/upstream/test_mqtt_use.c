/* Consumption of days and months as MQTT sends it (S0 4.6.1.2): the register at the end less the one at the beginning, once both are
 * there, whichever comes first; ordered by depth; nothing where a start is missing. */
#include "store/store_help.h"
#include "store/upward/feed.h"
#include "upstream/mqtt/source.h"

static int64_t day;

static void put(struct store *s, int64_t meter, enum archive a, int64_t wall, int64_t plus, int64_t minus)
{
    static struct batch b;
    static bool made;
    if (!made)
        batch_init(&b, BATCH_BYTES_USUAL);
    made = true;
    struct reading one = help_reading(a, A_PLUS, wall, plus), other = help_reading(a, A_MINUS, wall, minus);
    emit_reading(&b.sink, &one);
    if (minus >= 0)
        emit_reading(&b.sink, &other);
    help_put(s, meter, &b);
}

/* The next message's records as "day:tag=value"; "" when there is nothing. */
static const char *next(struct mqtt_source *src, const char *kinds, struct mqtt_place *place)
{
    static char told[2000];
    struct text t = text_over(told, sizeof told);
    struct mqtt_message m;
    told[0] = '\0';
    enum fault f = mqtt_source_next(src, &(struct store_publication){ .project = 1, .cause = "arrival", .layout = "together" },
                                    &(struct store_mqtt_template){ .project = 1, .format = "json", .kinds = kinds }, "t", place, &m);
    *place = m.after;
    for (const char *at = m.body; f == FAULT_NONE && (at = strstr(at, "{\"ts\":")); at++) {
        long long ts = atoll(at + 6);
        const char *end = strstr(at, "]}");
        text_printf(&t, "%s%lld:", t.size ? " " : "", (ts - (long long)day) / DAY_SECONDS);
        for (const char *tag = strstr(at, "\"tag\":\""); tag && tag < end; tag = strstr(tag + 1, "\"tag\":\""))
            text_printf(&t, " %.3s=%lld", tag + 7, atoll(strstr(tag, "\"val\":") + 6));
    }
    free(m.body);
    return told;
}

int main(void)
{
    struct store *s = help_open("use.db", NULL);
    int64_t meter = 0;
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    store_meter_put(s, &(struct store_meter){ .serial = "1", .driver = "spodes", .title = "", .project = 1, .zone_minutes = 0, .enabled = true }, &meter);
    is_int(store_feed_join(s, "mqtt:1"), FAULT_NONE);
    struct mqtt_source *src = mqtt_source_new(s);
    struct mqtt_place place = { .order_wall = WALL_NONE };

    put(s, meter, ARCHIVE_DAY, day, 1000, 10);
    is_text(next(src, "aDayCons full", &place), "", "one start alone says nothing");
    put(s, meter, ARCHIVE_DAY, day + DAY_SECONDS, 1250, 10);
    is_text(next(src, "aDayCons full", &place), "0: A+0=250 A-0=0", "with the second the day is known, under its beginning");
    put(s, meter, ARCHIVE_DAY, day + 3 * DAY_SECONDS, 2000, -1);
    is_text(next(src, "aDayCons full", &place), "", "a day is missing between");
    put(s, meter, ARCHIVE_DAY, day + 2 * DAY_SECONDS, 1400, 11);
    is_text(next(src, "aDayCons full", &place), "1: A+0=150 A-0=1 2: A+0=600", "it comes late: two days are known now, each register where it has both");
    is_text(next(src, "aDayCons full", &place), "", "once");
    put(s, meter, ARCHIVE_DAY, day + 4 * DAY_SECONDS, 1900, -1);
    is_text(next(src, "aDayCons full", &place), "", "a register that went back says nothing");

    mqtt_place_order(&place, (day + 4 * DAY_SECONDS) * 1000);
    is_text(next(src, "aDayCons full", &place), "0: A+0=250 A-0=0 1: A+0=150 A-0=1 2: A+0=600", "an order sends the whole depth");
    mqtt_place_order(&place, (day + 4 * DAY_SECONDS) * 1000);
    is_text(next(src, "aDayCons days 3", &place), "1: A+0=150 A-0=1 2: A+0=600", "or as many ends of days as its template says");
    put(s, meter, ARCHIVE_DAY, day + 5 * DAY_SECONDS, 2600, -1);
    mqtt_place_order(&place, (day + 5 * DAY_SECONDS) * 1000);
    is_text(next(src, "aDayCons last", &place), "4: A+0=700", "or the last");

    put(s, meter, ARCHIVE_MONTH, wall_from_fields(2026, 2, 1, 0, 0, 0), 100, -1);
    put(s, meter, ARCHIVE_MONTH, wall_from_fields(2026, 3, 1, 0, 0, 0), 900, -1);
    mqtt_place_order(&place, (day + 5 * DAY_SECONDS) * 1000);
    is_text(next(src, "aMonthCons full", &place), "-32: A+0=800", "a month, which is shorter than others");
    mqtt_source_free(&src);
    store_close(&s);
    help_clean();
    return tap_done();
}
