/* Kinds of readings: the table is whole, names are distinct, numbers stay exact at either scale, use is start less start. */
#include "meter/events.h"
#include "meter/kinds.h"
#include "meter/relay.h"
#include "tap.h"

static struct kind_column columns[COLUMNS_MAX];

static const struct kind_column *column(const char *kind, const char *name)
{
    size_t count = reading_kind_columns(reading_kind_find(kind), columns);
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

static void test_table(void)
{
    bool titled = true, distinct = true, found = true;
    for (size_t i = 0; i < reading_kind_count; i++) {
        const struct reading_kind *k = &reading_kinds[i];
        size_t count = reading_kind_columns(k, columns);
        titled &= *k->title.in[LANG_RU] && *k->title.in[LANG_EN] && count > 0 && count < COLUMNS_MAX;
        found &= reading_kind_find(k->name) == k;
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < a; b++)
                distinct &= strcmp(columns[a].name, columns[b].name) != 0;
    }
    ok(titled, "every kind has a title in both languages and columns");
    ok(found, "every kind is found by its own name");
    ok(distinct, "no kind has a column twice");
    ok(!reading_kind_find("electricity.none"), "a name that is none finds nothing");
}

/* The parameters of S0 4.4.2.1, 4.4.3.1 and S1 3.3.2. */
static void test_parameters(void)
{
    static const char *const network[] = { "UA", "UB", "UC", "UAB", "UBC", "UCA", "IA", "IB", "IC", "IDiff", "IN", "PS", "PA", "PB", "PC", "QS", "QA", "QB", "QC",
                                           "SS", "SA", "SB", "SC", "AngAB", "AngBC", "AngAC", "AngUIA", "AngUIB", "AngUIC", "kPS", "kPA", "kPB", "kPC", "kQS", "kQA",
                                           "kQB", "kQC", "Freq" };
    static const char *const water[] = { "Vd", "Vr", "Magnet", "MeterError", "PowerReset" };
    for (size_t i = 0; i < sizeof network / sizeof *network; i++)
        ok(column("electricity.network", network[i]), "network: %s", network[i]);
    is_int(reading_kind_columns(reading_kind_find("electricity.network"), columns), sizeof network / sizeof *network, "and nothing else");
    is_int(reading_kind_columns(reading_kind_find("electricity.energy"), columns), 20, "four energies of five registers");
    ok(obis_equal(column("electricity.energy", "R-3")->code[0], OBIS(1, 0, 4, 8, 3, 255)), "R-3 is 1.0.4.8.3");
    for (size_t i = 0; i < sizeof water / sizeof *water; i++)
        ok(column("water.now", water[i]), "water: %s", water[i]);
    ok(obis_equal(column("pulses.now", "Pls32")->code[0], OBIS(0, 32, 96, 128, 0, 255)), "32 channels of pulses");
    ok(!column("pulses.now", "Pls33"), "and no more");
    ok(obis_equal(column("telemechanics.now", "Chnl32")->code[0], OBIS(0, 32, 96, 3, 1, 255)), "32 inputs");
    ok(obis_equal(column("telemechanics.now", "Out32")->code[0], RELAY_OUTPUT(32)), "32 outputs");
}

static void test_journals(void)
{
    bool named = true;
    for (uint16_t j = 1; j <= KIND_JOURNALS; j++)
        named &= kind_journal_named(kind_journal_measure(j)) == j;
    ok(named, "42 journals have names, each its own");
    ok(!kind_journal_measure(0) && !kind_journal_measure(43) && kind_journal_named("jrnl") == 0, "nothing else has");
    is_int(kind_journal_sources(JOURNAL_POWER), JOURNAL_OF_SPODES | JOURNAL_OF_MERCURY, "power: both families");
    is_int(kind_journal_sources(JOURNAL_I_MAX_A), JOURNAL_OF_SPODES, "current of phase A: one");
    is_int(kind_journal_sources(JOURNAL_F_MAX), JOURNAL_OF_MERCURY, "frequency: the other");
    is_int(kind_journal_sources(JOURNAL_U_MAX_AB), 0, "line voltage: none yet");
}

static void shown(enum kind_resource r, enum unit unit, enum kind_scale scale, const char *value, const char *want, const char *want_unit)
{
    char text[16], number[DECIMAL_TEXT_MAX] = "";
    int places;
    struct decimal d, shifted;
    kind_unit(r, (uint8_t)unit, scale, LANG_EN, text, &places);
    if (decimal_parse(value, &d) && kind_shifted(d, places, &shifted))
        decimal_format(shifted, number);
    is_text(number, want, "%s as %s", value, want_unit);
    is_text(text, want_unit, "unit of %s", value);
}

static void test_scale(void)
{
    shown(KIND_ELECTRICITY, UNIT_WATT_HOUR, SCALE_ONE, "1234567", "1234567", "Wh");
    shown(KIND_ELECTRICITY, UNIT_WATT_HOUR, SCALE_THOUSANDTH, "1234567", "1234.567", "kWh");
    shown(KIND_ELECTRICITY, UNIT_WATT_HOUR, SCALE_THOUSANDTH, "7", "0.007", "kWh");
    shown(KIND_ELECTRICITY, UNIT_WATT_HOUR, SCALE_THOUSANDTH, "9223372036854775807", "9223372036854775.807", "kWh");
    shown(KIND_ELECTRICITY, UNIT_VAR_HOUR, SCALE_THOUSANDTH, "0.30", "0.00030", "kvarh");
    shown(KIND_ELECTRICITY, UNIT_HERTZ, SCALE_THOUSANDTH, "50.01", "50.01", "Hz");
    shown(KIND_ELECTRICITY, UNIT_NONE, SCALE_THOUSANDTH, "0.98", "0.98", "");
    shown(KIND_WATER, UNIT_CUBIC_METRE, SCALE_ONE, "41.837", "41837", "l");
    shown(KIND_WATER, UNIT_CUBIC_METRE, SCALE_THOUSANDTH, "41.837", "41.837", "m³");
    shown(KIND_HEAT, UNIT_CUBIC_METRE, SCALE_ONE, "41.837", "41.837", "m³");
    shown(KIND_HEAT, UNIT_JOULE, SCALE_ONE, "1234567890123", "1234.567890123", "GJ");
    shown(KIND_HEAT, UNIT_KILOGRAM, SCALE_THOUSANDTH, "1500250", "1500.250", "t");
    struct decimal d = decimal_of(1, 0);
    ok(!kind_shifted(decimal_of(7, -17), -3, &d) && d.mantissa == 1, "what does not fit is not shown as something else");
    ok(kind_shifted(decimal_of(7000, -17), -3, &d) && d.mantissa == 7 && d.exponent == -17, "zeros make room");
}

static struct reading at(int64_t mantissa, int exponent, uint8_t quality)
{
    return (struct reading){ .obis = OBIS(1, 0, 1, 8, 0, 255), .value = decimal_of(mantissa, exponent), .unit = UNIT_WATT_HOUR, .quality = quality };
}

static void test_use(void)
{
    char text[DECIMAL_TEXT_MAX];
    struct decimal used = { 0 };
    struct reading start = at(1000000001, -1, 0), end = at(100000123, 0, 0), missing = at(0, 0, QUALITY_MISSING), less = at(99, 0, 0), other = at(200000000, 0, 0);
    is_int(kind_use(&start, &end, &used), USE_KNOWN, "a use");
    is_text(decimal_format(used, text), "122.9", "is exact whatever the digits of either");
    is_int(kind_use(&end, &end, &used), USE_KNOWN, "nothing used");
    is_int(used.mantissa, 0, "is zero");
    is_int(kind_use(NULL, &end, &used), USE_NO_START, "no start");
    is_int(kind_use(&start, NULL, &used), USE_NO_END, "no end");
    is_int(kind_use(&missing, &end, &used), USE_NO_START, "a start the meter does not have");
    is_int(kind_use(&start, &missing, &used), USE_NO_END, "an end it does not have");
    is_int(kind_use(&start, &less, &used), USE_BACKWARDS, "a register that went back");
    other.unit = UNIT_JOULE;
    is_int(kind_use(&start, &other, &used), USE_OTHER_UNIT, "other units");
    start = at(INT64_MIN + 1, 0, 0), end = at(INT64_MAX, 0, 0);
    is_int(kind_use(&start, &end, &used), USE_TOO_LARGE, "a difference beyond 64 bits");
    for (int t = USE_NO_START; t <= USE_TOO_LARGE; t++)
        ok(*use_trouble_text((enum use_trouble)t, LANG_RU) && *use_trouble_text((enum use_trouble)t, LANG_EN), "trouble %d has words", t);
    ok(kind_power(decimal_of(1234, -1), 1800, &used) && used.mantissa == 2468 && used.exponent == -1, "half an hour's use twice is the power");
    ok(!kind_power(decimal_of(1, 0), 0, &used) && !kind_power(decimal_of(1, 0), 7, &used), "no power without a step that divides the hour");
}

int main(void)
{
    test_table();
    test_parameters();
    test_journals();
    test_scale();
    test_use();
    return tap_done();
}
