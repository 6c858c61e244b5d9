/* Heat meters as Modbus maps: the registers of a captured Danfoss module, and twins of ТСРВ-043, ТСРВ-024М and АТ2200. */
#include "drivers/modbus.h"
#include "support/twin_harness.h"
#include "tap.h"

#include <stdlib.h>

enum { SERIAL = 51001, UNIT = 7 };

static int64_t noon(void)
{
    return wall_from_fields(2026, 11, 21, 12, 0, 0);
}

static struct harness *meter(const char *parameters, const char *options)
{
    struct harness *h = harness_new("modbus_heat", parameters, SERIAL, UNIT, noon());
    h->options = options;
    return h;
}

static void everything(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->identify(c, &h->sink);
    static const enum archive archives[] = { ARCHIVE_CURRENT, ARCHIVE_NETWORK };
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++)
        h->driver->read[archives[i]](c, &(struct want){ .archive = archives[i], .now = h->wall }, &h->sink);
    is_int(conversation_fault(c), FAULT_NONE, "%s", h->parameters);
    h->driver->read[ARCHIVE_STATE](c, &(struct want){ .archive = ARCHIVE_STATE, .now = h->wall }, &h->sink);
    h->driver->close(c);
}

/* "24.84 °C" */
static const char *shown(const struct harness *h, enum archive archive, struct obis obis)
{
    static char text[DECIMAL_TEXT_MAX + 16];
    char number[DECIMAL_TEXT_MAX];
    const struct reading *r = harness_reading(h, archive, obis, noon());
    if (!r)
        return "none";
    snprintf(text, sizeof text, "%s %s", decimal_format(decimal_normal(r->value), number), unit_symbol(r->unit, LANG_EN));
    return text;
}

static const char *number(int64_t mantissa, int exponent, const char *unit)
{
    static char text[DECIMAL_TEXT_MAX + 16];
    char memory[DECIMAL_TEXT_MAX];
    snprintf(text, sizeof text, "%s %s", decimal_format(decimal_normal(decimal_of(mantissa, exponent)), memory), unit);
    return text;
}

/* What the sheet says the captured registers mean (heat-modbus.md 6). */
static void test_danfoss(void)
{
    struct harness *h = meter("address=7;model=dhm", "model=dhm");
    harness_play(h, everything);
    is_int(h->fault, FAULT_NONE);
    is_text(h->facts[FACT_SERIAL], "0021301BE1611");
    is_text(h->facts[FACT_TYPE], "014U0081");
    is_text(h->facts[FACT_FIRMWARE], "01.06.00.R7694");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 0, 10, 0, 0, 255)), "24.840923 °C");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 0, 11, 0, 0, 255)), "24.948463 °C");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(0, 0, 96, 9, 0, 255)), "24.047619 °C");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 0, 12, 0, 0, 255)), "-0.10754042 K");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 0, 9, 0, 0, 255)), "0 m³/h");
    is_text(shown(h, ARCHIVE_CURRENT, OBIS(6, 0, 1, 0, 0, 255)), "0 J");
    is_text(shown(h, ARCHIVE_CURRENT, OBIS(5, 0, 2, 0, 0, 255)), "0 m³");
    ok(h->states_count == 1 && h->states[0].value == 0x1100, "errors E09 and E13");
    free(h);
}

static void test_tsrv(void)
{
    struct harness *h = meter("address=7;model=tsrv-043", "model=tsrv-043");
    harness_play(h, everything);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "it tells no states");
    is_text(h->facts[FACT_SERIAL], "51001");
    is_int(h->readings_count, 6 + 6 + 4 + 5 + 4 + 6 + 4);
    for (uint8_t n = 1; n <= 6; n += 5) {
        int64_t litres = life_volume_l(SERIAL + n, noon());
        is_text(shown(h, ARCHIVE_CURRENT, OBIS(6, n, 2, 0, 0, 255)), number(litres * 100 + 25, -5, "m³"), "volume of pipe %d", n);
        is_text(shown(h, ARCHIVE_CURRENT, OBIS(6, n, 3, 0, 0, 255)), number(litres * 10 + 5, -1, "kg"), "mass of pipe %d", n);
        is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, n, 9, 0, 0, 255)), number(life_flow_lh(SERIAL + n, noon()), -3, "m³/h"), "flow of pipe %d", n);
    }
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(0, 5, 96, 9, 0, 255)), number(life_flow_temperature_cc(SERIAL + 5, noon()), -2, "°C"));
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 3, 13, 0, 0, 255)), "7.5 bar", "0.75 MPa");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 2, 8, 0, 0, 255)), "250000000 J/h", "0.25 GJ/h");
    const struct reading *heat = harness_reading(h, ARCHIVE_CURRENT, OBIS(6, 4, 1, 0, 0, 255), noon());
    struct decimal joules, truth = decimal_of(life_heat_wh(SERIAL + 4, noon()) * 3600, 0), off = { 0 };
    ok(heat && heat->unit == UNIT_JOULE && decimal_rescale(heat->value, -1, &joules) && decimal_subtract(joules, truth, &off) &&
           decimal_compare(off, decimal_of(1, 0)) < 0 && decimal_compare(off, decimal_of(-1, 0)) > 0,
       "heat of system 4 to a joule, as a float of megajoules tells it");
    free(h);
}

/* A record holds the registers of its interval's end. */
static void read_archive(struct harness *h, struct conversation *c, enum archive archive, int64_t from, int64_t to)
{
    h->driver->read[archive](c, &(struct want){ .archive = archive, .now = h->wall, .span = { from, to } }, &h->sink);
}

static void archives(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    read_archive(h, c, ARCHIVE_HOUR, noon() - 3 * HOUR_SECONDS, noon());
    read_archive(h, c, ARCHIVE_DAY, noon() - 3 * (int64_t)DAY_SECONDS, noon());
    read_archive(h, c, ARCHIVE_MONTH, noon() - 70 * (int64_t)DAY_SECONDS, noon());
    read_archive(h, c, ARCHIVE_DAY, noon() - 301 * (int64_t)DAY_SECONDS, noon() - 299 * (int64_t)DAY_SECONDS);
    h->driver->close(c);
}

static void holds(const struct harness *h, enum archive archive, int64_t wall, int64_t moment)
{
    const struct reading *volume = harness_reading(h, archive, OBIS(6, 2, 2, 0, 0, 255), wall), *heat = harness_reading(h, archive, OBIS(6, 1, 1, 0, 0, 255), wall);
    char at[CIVIL_TEXT_MAX];
    ok(volume && decimal_compare(volume->value, decimal_of(life_volume_l(SERIAL + 2, moment), -3)) == 0, "%s %s: volume", archive_name(archive), wall_format(wall, at));
    ok(heat && heat->unit == UNIT_JOULE && decimal_compare(heat->value, decimal_of(life_heat_wh(SERIAL + 1, moment) * 3600 / 1000000, 6)) == 0, "and heat");
}

/* Function 65 (heat-modbus.md 4.2). */
static void test_tsrv_archives(void)
{
    struct harness *h = meter("address=7;model=tsrv-043", "model=tsrv-043");
    harness_play(h, archives);
    is_int(h->fault, FAULT_NONE);
    int64_t day = wall_day_start(noon()), month = wall_month_start(noon());
    for (int n = 1; n <= 3; n++)
        holds(h, ARCHIVE_HOUR, noon() - n * HOUR_SECONDS, noon() - (n - 1) * HOUR_SECONDS);
    for (int n = 0; n < 3; n++)
        holds(h, ARCHIVE_DAY, day - n * (int64_t)DAY_SECONDS, day - n * (int64_t)DAY_SECONDS);
    holds(h, ARCHIVE_MONTH, month, month);
    const struct reading *old = harness_reading(h, ARCHIVE_DAY, OBIS(6, 1, 2, 0, 0, 255), day - 300 * (int64_t)DAY_SECONDS);
    ok(old && old->quality & QUALITY_MISSING, "a day that the meter does not keep any more is said to be missing");
    is_int(harness_reading(h, ARCHIVE_HOUR, OBIS(6, 1, 3, 0, 0, 255), noon() - HOUR_SECONDS)->step, HOUR_SECONDS);
    free(h);
}

static void moments(struct harness *h, struct conversation *c)
{
    h->driver->open(c);
    h->driver->identify(c, &h->sink);
    h->driver->read[ARCHIVE_NETWORK](c, &(struct want){ .archive = ARCHIVE_NETWORK, .now = h->wall }, &h->sink);
    h->driver->close(c);
}

/* Running totals at that moment: as many thousandths of a gigacalorie and of a tonne as the float behind the whole tells. */
static void has_total(const struct harness *h, enum archive archive, int64_t wall, struct obis obis, int64_t thousandths, struct decimal each)
{
    char at[CIVIL_TEXT_MAX], code[OBIS_TEXT_MAX];
    const struct reading *r = harness_reading(h, archive, obis, wall);
    struct decimal truth, off, near = each;
    near.exponent -= 3; /* a float of three digits behind the point */
    ok(r && decimal_multiply(decimal_of(thousandths, 0), each, &truth) && decimal_subtract(r->value, truth, &off) && decimal_compare(off, near) < 0 &&
           (off.mantissa = -off.mantissa, decimal_compare(off, near) < 0),
       "%s %s %s", archive_name(archive), wall_format(wall, at), obis_format(obis, code));
}

/* Function 65, archives 18 to 20 (heat-modbus.md 4.4). */
static void test_tsrv024m(void)
{
    static const struct decimal megacalorie = { 41868, 2 }, kilogram = { 1, 0 };
    struct harness *h = meter("address=7;model=tsrv-024m", "model=tsrv-024m");
    harness_play(h, moments);
    is_int(h->fault, FAULT_NONE);
    is_text(h->facts[FACT_SERIAL], "51001");
    is_int(h->readings_count, 9 + 9 + 6 + 3);
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(0, 9, 96, 9, 0, 255)), number(life_flow_temperature_cc(SERIAL + 9, noon()), -2, "°C"));
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 6, 13, 0, 0, 255)), "15 bar", "1.5 MPa");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 2, 8, 0, 0, 255)), "1046700000 J/h", "0.25 Gcal/h");
    free(h);
    h = meter("address=7;model=tsrv-024m", "model=tsrv-024m");
    harness_play(h, archives);
    is_int(h->fault, FAULT_NONE);
    const struct { enum archive archive; int64_t wall, end; } read[] = {
        { ARCHIVE_HOUR, noon() - HOUR_SECONDS, noon() }, { ARCHIVE_DAY, wall_day_start(noon()), wall_day_start(noon()) }, { ARCHIVE_MONTH, wall_month_start(noon()), wall_month_start(noon()) } };
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        for (uint8_t n = 1; n <= 3; n++) {
            has_total(h, read[i].archive, read[i].wall, OBIS(6, n, 1, 0, 0, 255), life_heat_wh(SERIAL + n, read[i].end) / 1000, megacalorie);
            has_total(h, read[i].archive, read[i].wall, OBIS(6, n, 3, 0, 0, 255), life_volume_l(SERIAL + n, read[i].end), kilogram);
            has_total(h, read[i].archive, read[i].wall, OBIS(6, n + 3, 1, 0, 0, 255), 250 * n, megacalorie);
        }
    const struct reading *old = harness_reading(h, ARCHIVE_DAY, OBIS(6, 1, 1, 0, 0, 255), wall_day_start(noon()) - 300 * (int64_t)DAY_SECONDS);
    ok(old && old->quality & QUALITY_MISSING, "what it does not keep any more is missing");
    free(h);
}

/* tests/vectors/heat-water.txt, vzlet.f65.totals: as a maker's test server once gave it, of a meter that had counted nothing yet. */
static size_t captured(uint8_t *answer, size_t size)
{
    static const uint8_t head[] = { 0x01, 0x41, 0x4E, 0x51, 0x7B, 0x14, 0xFF }, tail[] = { 0x07, 0xAA, 0x81, 0x1F };
    is_int(size, 83, "the twin's answer is as long");
    memset(answer, 0, size);
    memcpy(answer, head, sizeof head);
    memcpy(answer + size - sizeof tail, tail, sizeof tail);
    return size;
}

static void read_captured(struct harness *h, struct conversation *c)
{
    int64_t day = wall_from_fields(2013, 4, 27, 0, 0, 0);
    read_archive(h, c, ARCHIVE_DAY, day, day + DAY_SECONDS);
}

static void test_captured_totals(void)
{
    struct harness *h = harness_new("modbus_heat", "address=1;model=tsrv-024m", SERIAL, 1, wall_from_fields(2013, 4, 28, 12, 0, 0));
    h->options = "model=tsrv-024m";
    h->mischief = MISCHIEF_TWIST;
    h->count = 1;
    h->twist = captured;
    harness_play(h, read_captured);
    is_int(h->fault, FAULT_NONE);
    const struct reading *heat = harness_reading(h, ARCHIVE_DAY, OBIS(6, 3, 1, 0, 0, 255), wall_from_fields(2013, 4, 27, 0, 0, 0));
    ok(heat && !(heat->quality & QUALITY_MISSING) && heat->value.mantissa == 0 && h->readings_count == 9, "26.04.2013 23:59:59 is the start of the 27th");
    free(h);
}

static void read_hour(struct harness *h, struct conversation *c)
{
    read_archive(h, c, ARCHIVE_HOUR, noon() - HOUR_SECONDS, noon());
}

static void test_without_archives(void)
{
    struct harness *h = meter("address=7;model=at2200", "model=at2200");
    harness_play(h, read_hour);
    is_int(h->fault, FAULT_NOT_SUPPORTED, "others have none that is read");
    free(h);
}

static void test_at2200(void)
{
    struct harness *h = meter("address=7;model=at2200", "model=at2200");
    harness_play(h, everything);
    is_text(h->facts[FACT_SERIAL], "MD051001");
    is_int(h->readings_count, 10 + 4 + 1 + 10 + 10 + 4);
    is_text(shown(h, ARCHIVE_CURRENT, OBIS(6, 2, 3, 0, 0, 255)), "3000500 kg", "3000.5 t");
    is_text(shown(h, ARCHIVE_CURRENT, OBIS(6, 1, 1, 0, 0, 255)), "1346056200000 J", "321.5 Gcal");
    is_text(shown(h, ARCHIVE_CURRENT, OBIS(0, 0, 96, 8, 0, 255)), "31537800 s", "8760.5 h");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 1, 8, 0, 0, 255)), "2093400000 J/h", "0.5 Gcal/h");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(0, 2, 96, 9, 0, 255)), number(life_flow_temperature_cc(SERIAL + 2, noon()), -2, "°C"));
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 1, 9, 0, 0, 255)), number(life_flow_lh(SERIAL + 1, noon()), -3, "m³/h"));
    free(h);
}

static void test_limits(void)
{
    struct harness *h = meter("address=7;model=dhm", "model=dhm;most=20");
    harness_play(h, everything);
    is_text(h->facts[FACT_SERIAL], "0021301BE1611", "a module that gives twenty registers at once is read, too");
    is_text(shown(h, ARCHIVE_NETWORK, OBIS(6, 0, 10, 0, 0, 255)), "24.840923 °C");
    free(h);
}

int main(void)
{
    test_danfoss();
    test_tsrv();
    test_tsrv_archives();
    test_tsrv024m();
    test_captured_totals();
    test_without_archives();
    test_at2200();
    test_limits();
    return tap_done();
}
