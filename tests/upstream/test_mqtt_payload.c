/* Words of SMART JSON, templates as text, messages, places, and the ZIP that another program opens. */
#include "meter/events.h"
#include "tap.h"
#include "upstream/mqtt/payload.h"
#include "upstream/mqtt/source.h"
#include "upstream/mqtt/zip_one.h"

#include <stdlib.h>
#include <unistd.h>

static void test_tags(void)
{
    static const struct {
        struct obis obis;
        const char *tag;
    } rows[] = {
        { OBIS(1, 0, 1, 8, 0, 255), "A+0" }, { OBIS(1, 0, 2, 8, 4, 255), "A-4" }, { OBIS(1, 0, 3, 8, 1, 255), "R+1" }, { OBIS(1, 0, 4, 8, 0, 255), "R-0" },
        { OBIS(1, 0, 1, 29, 0, 255), "P+" }, { OBIS(1, 0, 4, 29, 0, 255), "Q-" }, { OBIS(1, 0, 32, 7, 0, 255), "UA" }, { OBIS(1, 0, 71, 7, 0, 255), "IC" },
        { OBIS(1, 0, 1, 7, 0, 255), "PS" }, { OBIS(1, 0, 41, 7, 0, 255), "PB" }, { OBIS(1, 0, 3, 7, 0, 255), "QS" }, { OBIS(1, 0, 29, 7, 0, 255), "SA" },
        { OBIS(1, 0, 13, 7, 0, 255), "kPS" }, { OBIS(1, 0, 33, 7, 0, 255), "kPA" }, { OBIS(1, 0, 14, 7, 0, 255), "Freq" }, { OBIS(1, 0, 81, 7, 10, 255), "AngAB" },
        { OBIS(1, 0, 12, 7, 1, 255), "UAB" }, { OBIS(1, 0, 125, 7, 0, 255), "UBC" }, { OBIS(1, 0, 91, 7, 0, 255), "IN" }, { OBIS(1, 0, 91, 7, 131, 255), "IDiff" },
        { OBIS(1, 0, 81, 7, 4, 255), "AngUIA" }, { OBIS(1, 0, 131, 7, 0, 255), "kQS" }, { OBIS(1, 0, 12, 7, 0, 255), "UA" }, { OBIS(0, 7, 96, 128, 0, 255), "Pls7" },
        { OBIS(8, 0, 1, 0, 0, 255), "8.0.1.0.0.255" }, { OBIS(6, 0, 1, 0, 0, 255), "6.0.1.0.0.255" }, { OBIS(1, 1, 1, 8, 0, 255), "1.1.1.8.0.255" },
    };
    char text[OBIS_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_text(mqtt_tag(rows[i].obis, text), rows[i].tag);
    char measure[MQTT_NAME_MAX];
    is_text(mqtt_journal_measure(JOURNAL_POWER, measure), "jrnlPwr");
    is_text(mqtt_journal_measure(JOURNAL_REVERSE, measure), "jrnlRvr");
    is_text(mqtt_journal_measure(JOURNAL_SPODES + 3, measure), "jrnl103", "one beyond the 42 keeps its number");
}

static void test_kinds(void)
{
    char text[EVENT_TEXT_MAX];
    size_t journals = 0;
    for (size_t i = 0; i < mqtt_kind_count; i++) {
        ok(mqtt_kind_find(mqtt_kinds[i].name) == &mqtt_kinds[i], "%s is itself", mqtt_kinds[i].name);
        ok(*mqtt_kind_title(&mqtt_kinds[i], LANG_RU, text) && *mqtt_kind_title(&mqtt_kinds[i], LANG_EN, text), "and has a title in both languages");
        journals += mqtt_kinds[i].journal != 0;
    }
    is_int(journals, 42, "the journals of the manual");
}

static void test_wants(void)
{
    struct mqtt_want wants[MQTT_WANTS_MAX];
    size_t count = 0;
    char written[MQTT_WANTS_TEXT_MAX];
    struct text t = text_over(written, sizeof written);
    ok(mqtt_wants_read("aDay full;aCons days 7;mEng last", wants, &count));
    is_int(count, 3);
    ok(wants[1].depth == DEPTH_DAYS && wants[1].days == 7 && wants[2].kind->moment);
    mqtt_wants_write(wants, count, &t);
    is_text(written, "aDay full;aCons days 7;mEng last");
    static const char *const wrong[] = { "aDay", "nothing full", "aCons days", "aCons days 0", "aCons days 99999", "aDay deep", "; ;x" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(!mqtt_wants_read(wrong[i], wants, &count), "«%s» is none", wrong[i]);
    struct mqtt_want all[MQTT_WANTS_MAX];
    for (size_t i = 0; i < mqtt_kind_count; i++)
        all[i] = (struct mqtt_want){ &mqtt_kinds[i], DEPTH_DAYS, MQTT_DAYS_MAX };
    t = text_over(written, sizeof written);
    mqtt_wants_write(all, mqtt_kind_count, &t);
    ok(!t.cut && mqtt_wants_read(written, wants, &count) && count == mqtt_kind_count, "every kind at once fits");
}

static void add(struct payload *p, int order, const char *measure, const struct payload_meter *m, int64_t wall, struct obis o, struct decimal value, uint8_t quality)
{
    struct payload_tags t;
    payload_tags_begin(&t);
    payload_tags_reading(&t, &(struct reading){ .obis = o, .wall = wall, .value = value, .quality = quality });
    payload_add(p, order, measure, m, wall, &t);
}

static void test_message(void)
{
    struct payload p = { 0 };
    struct payload_meter one = { 1, "26\"001", 180 }, two = { 2, "2", 0 };
    size_t size = 0;
    add(&p, 7, "aDay", &two, 86400, OBIS(1, 0, 1, 8, 0, 255), decimal_of(5, 3), 0);
    add(&p, 2, "mEng", &one, 10800, OBIS(1, 0, 1, 8, 0, 255), decimal_of(4180, -2), QUALITY_PARTIAL);
    add(&p, 7, "aDay", &one, 97200, OBIS(1, 0, 1, 8, 0, 255), decimal_of(1, 0), QUALITY_MISSING);
    add(&p, 7, "aDay", &one, 10800, OBIS(1, 0, 1, 8, 0, 255), decimal_of(-1, 0), 0);
    add(&p, 7, "aDay", &one, 10800, OBIS(1, 0, 1, 8, 0, 255), decimal_of(-1, 0), 0);
    char *text = payload_write(&p, &size);
    is_text(text, "{\"res\":0,\"measures\":["
                  "{\"measure\":\"mEng\",\"devices\":[{\"id\":1,\"deviceIdx\":1,\"meterId\":1,\"serial\":\"26\\\"001\",\"vals\":["
                  "{\"ts\":0,\"tags\":[{\"tag\":\"A+0\",\"val\":41.80},{\"tag\":\"isPart\",\"val\":true}]}]}]},"
                  "{\"measure\":\"aDay\",\"devices\":[{\"id\":1,\"deviceIdx\":1,\"meterId\":1,\"serial\":\"26\\\"001\",\"vals\":["
                  "{\"ts\":0,\"tags\":[{\"tag\":\"A+0\",\"val\":-1}]},{\"ts\":86400,\"tags\":[{\"tag\":\"A+0\",\"val\":null}]}]},"
                  "{\"id\":2,\"deviceIdx\":2,\"meterId\":2,\"serial\":\"2\",\"vals\":[{\"ts\":86400,\"tags\":[{\"tag\":\"A+0\",\"val\":5000}]}]}]}]}",
            "by measure, meter and time; equal records once; exact numbers; UTC");
    is_int(size, strlen(text));
    free(text);
    payload_reset(&p);
    text = payload_write(&p, &size);
    is_text(text, "{\"res\":0,\"measures\":[]}");
    free(text);
    payload_free(&p);
}

/* Python's zipfile checks structure and CRC. */
static void test_zip(void)
{
    char content[50000], path[] = "/tmp/svod-zip-XXXXXX", command[600];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (char)("{\"tag\":\"A+0\",\"val\":12}"[i % 23] + (i % 997 == 0));
    size_t size = 0, again = 0;
    uint8_t *zip = zip_one("data.json", bytes_of(content, sizeof content), &size), *same = zip_one("data.json", bytes_of(content, sizeof content), &again);
    ok(size == again && memcmp(zip, same, size) == 0 && size < sizeof content / 10, "equal content gives equal bytes, few of them: %zu", size);
    int file = mkstemp(path);
    ok(file >= 0 && write(file, zip, size) == (ssize_t)size);
    close(file);
    snprintf(command, sizeof command, "python3 -c \"import zipfile; z = zipfile.ZipFile('%s'); assert z.testzip() is None; assert z.namelist() == ['data.json'];"
                                      " assert len(z.read('data.json')) == %zu\"", path, sizeof content);
    is_int(system(command), 0, "another program opens it");
    unlink(path);
    free(zip);
    free(same);
    zip = zip_one("data.json", bytes_of("", 0), &size);
    ok(size > 0 && memcmp(zip, "PK\3\4", 4) == 0, "an empty one, too");
    free(zip);
}

static void test_places(void)
{
    char note[MQTT_NOTE_MAX];
    struct mqtt_place p = { .position = 9, .want = 2, .order_ms = 1800000000000, .order_meter = 7, .order_want = 3, .order_wall = -5 }, back;
    mqtt_place_write(&p, note);
    back = mqtt_place_read(9, note);
    ok(back.position == 9 && back.want == 2 && back.order_ms == p.order_ms && back.order_meter == 7 && back.order_want == 3 && back.order_wall == -5, "a place and back");
    back = mqtt_place_read(4, "");
    ok(back.position == 4 && back.order_ms == 0 && back.order_wall == WALL_NONE, "no note: at the position, nothing ordered");
    back = mqtt_place_read(4, "-1 x");
    ok(back.position == 4 && back.want == 0, "nonsense is none");
    mqtt_place_order(&back, 100);
    mqtt_place_order(&back, 200);
    is_int(back.order_ms, 100, "orders that wait are one and reach back as far as the first");
    back.order_meter = 5;
    mqtt_place_order(&back, 300);
    ok(back.order_ms == 300 && back.order_meter == 0, "one in work begins anew");
    char topic[MQTT_TOPIC_MAX];
    mqtt_topic("a/b", "box", "x", topic);
    is_text(topic, "a/b/box/x");
    mqtt_topic("", "box", "", topic);
    is_text(topic, "box");
}

int main(void)
{
    test_tags();
    test_kinds();
    test_wants();
    test_message();
    test_zip();
    test_places();
    return tap_done();
}
