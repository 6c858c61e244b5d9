/* M-Bus records by their OBIS names: medium x quantity x tariff/subunit -> code (EN 13757-1 for heat, water and gas;
 * IEC 62056-61). Group B is the subunit, E the tariff. Codes with D >= 128 and 0.0.96.8.100 are this house's own. */
#include "drivers/mbus.h"

#include <stdio.h>
#include <stdlib.h>

/* Groups of media, one bit each. */
enum family {
    HEAT = 1, COOLING = 2, COLD_WATER = 4, HOT_WATER = 8, GAS = 16, ELECTRICITY = 32, COST = 64, OTHER = 128,
    THERMAL = HEAT | COOLING | OTHER,
    WATER = COLD_WATER | HOT_WATER,
    ANY = 255,
};

static const struct {
    uint8_t medium, family;
} media[] = {
    { 0x02, ELECTRICITY }, { 0x20, ELECTRICITY },
    { 0x03, GAS }, { 0x12, GAS }, { 0x13, GAS },
    { 0x04, HEAT }, { 0x05, HEAT }, { 0x0C, HEAT }, { 0x0D, HEAT },
    { 0x0A, COOLING }, { 0x0B, COOLING },
    { 0x07, COLD_WATER }, { 0x10, COLD_WATER }, { 0x11, COLD_WATER }, { 0x16, COLD_WATER }, { 0x28, COLD_WATER },
    { 0x06, HOT_WATER }, { 0x15, HOT_WATER }, { 0x17, HOT_WATER },
    { 0x08, COST },
};

static uint8_t family_of(uint8_t medium)
{
    for (size_t i = 0; i < sizeof media / sizeof *media; i++)
        if (media[i].medium == medium)
            return media[i].family;
    return OTHER;
}

/* OBIS group A of a family. */
static uint8_t group_a(uint8_t family)
{
    switch (family) {
    case ELECTRICITY:
        return 1;
    case COST:
        return 4;
    case COOLING:
        return 5;
    case HEAT:
        return 6;
    case GAS:
        return 7;
    case COLD_WATER:
        return 8;
    case HOT_WATER:
        return 9;
    }
    return 15; /* other media */
}

enum tail { TARIFF, PHASE, FIXED };

static const struct row {
    uint8_t families, quantity;
    int8_t direction; /* 0: forward or not said; -1: backward contributions */
    bool at_base, network, abstract; /* abstract: group A is 0 */
    uint8_t c, d, e, tail;
} rows[] = {
    { .families = THERMAL, .quantity = MBUS_ENERGY, .c = 1 },
    { .families = THERMAL, .quantity = MBUS_VOLUME, .c = 2 },
    { .families = THERMAL, .quantity = MBUS_MASS, .c = 3 },
    { .families = THERMAL, .quantity = MBUS_POWER, .c = 8, .network = true },
    { .families = THERMAL, .quantity = MBUS_VOLUME_FLOW, .c = 9, .network = true },
    { .families = THERMAL, .quantity = MBUS_FLOW_TEMPERATURE, .c = 10, .network = true },
    { .families = THERMAL, .quantity = MBUS_RETURN_TEMPERATURE, .c = 11, .network = true },
    { .families = THERMAL, .quantity = MBUS_TEMPERATURE_DIFFERENCE, .c = 12, .network = true },
    { .families = THERMAL, .quantity = MBUS_PRESSURE, .c = 13, .network = true },
    { .families = WATER, .quantity = MBUS_VOLUME, .c = 1 },
    { .families = WATER, .quantity = MBUS_VOLUME, .direction = -1, .c = 1, .d = 128 },
    { .families = WATER, .quantity = MBUS_VOLUME_FLOW, .c = 2, .network = true },
    { .families = WATER, .quantity = MBUS_FLOW_TEMPERATURE, .c = 3, .network = true },
    { .families = WATER, .quantity = MBUS_PRESSURE, .c = 13, .network = true },
    { .families = GAS, .quantity = MBUS_VOLUME, .c = 3 },
    { .families = GAS, .quantity = MBUS_VOLUME, .at_base = true, .c = 3, .d = 2 },
    { .families = GAS, .quantity = MBUS_FLOW_TEMPERATURE, .c = 41, .network = true },
    { .families = GAS, .quantity = MBUS_PRESSURE, .c = 42, .network = true },
    { .families = GAS, .quantity = MBUS_VOLUME_FLOW, .c = 43, .network = true },
    { .families = ELECTRICITY, .quantity = MBUS_ENERGY, .c = 1, .d = 8 },
    { .families = ELECTRICITY, .quantity = MBUS_ENERGY, .direction = -1, .c = 2, .d = 8 },
    { .families = ELECTRICITY, .quantity = MBUS_POWER, .c = 1, .d = 7, .network = true, .tail = PHASE },
    { .families = ELECTRICITY, .quantity = MBUS_POWER, .direction = -1, .c = 2, .d = 7, .network = true, .tail = PHASE },
    { .families = ELECTRICITY, .quantity = MBUS_VOLTAGE, .c = 12, .d = 7, .network = true, .tail = PHASE },
    { .families = ELECTRICITY, .quantity = MBUS_CURRENT, .c = 11, .d = 7, .network = true, .tail = PHASE },
    { .families = COST, .quantity = MBUS_COST_UNITS, .c = 1 },
    { .families = ANY, .quantity = MBUS_EXTERNAL_TEMPERATURE, .abstract = true, .c = 96, .d = 9, .network = true, .tail = FIXED },
    { .families = ANY, .quantity = MBUS_OPERATING_TIME, .abstract = true, .c = 96, .d = 8, .e = 0, .tail = FIXED },
    { .families = ANY, .quantity = MBUS_ON_TIME, .abstract = true, .c = 96, .d = 8, .e = 100, .tail = FIXED },
    { .families = ANY, .quantity = MBUS_BATTERY_LEFT, .abstract = true, .c = 96, .d = 6, .e = 6, .network = true, .tail = FIXED },
};

static const struct row *row_of(uint8_t family, const struct mbus_record *r)
{
    int direction = r->direction < 0 ? -1 : 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].families & family && rows[i].quantity == r->meaning.quantity && rows[i].direction == direction &&
            rows[i].at_base == r->at_base)
            return &rows[i];
    return NULL;
}

/* Phases of electricity: C 21.., 41.., 61..; the neutral's current is 91, voltages between phases are 12.7.1..3. */
static struct obis with_phase(struct obis o, uint8_t phase)
{
    uint8_t c = obis_group(o, 2);
    if (phase >= 1 && phase <= 3)
        return obis_with(o, 2, (uint8_t)(c + 20 * phase));
    if (phase == 4)
        return obis_with(o, 2, 91);
    return phase >= 5 ? obis_with(o, 4, (uint8_t)(phase - 4)) : o;
}

bool mbus_place_of(uint8_t medium, const struct mbus_record *r, struct mbus_place *ret)
{
    uint8_t family = family_of(medium);
    struct mbus_record seen = *r;
    /* What a heat meter counts backward is cooling. */
    if (family == HEAT && r->direction < 0) {
        family = COOLING;
        seen.direction = 0;
    }
    const struct row *row = row_of(family, &seen);
    bool plain = r->function == MBUS_INSTANT && !r->altered && !r->vendor && !r->meaning.symbol;
    bool fits = r->tariff <= 254 && r->subunit <= 64 && (row && (r->phase == 0 || row->tail == PHASE));
    if (!row || !plain || !fits)
        return false;
    uint8_t a = row->abstract ? 0 : group_a(family), e = row->tail == TARIFF ? (uint8_t)r->tariff : row->e;
    ret->obis = OBIS(a, r->subunit, row->c, row->d, e, 255);
    if (row->tail == PHASE)
        ret->obis = with_phase(ret->obis, r->phase);
    ret->network = row->network;
    return true;
}

uint16_t mbus_maker_setting(const char *text)
{
    if (strncmp(text, "0x", 2) != 0)
        return mbus_maker_parse(text);
    char *end;
    unsigned long code = strtoul(text + 2, &end, 16);
    return *end || end == text + 2 || code > 0xFFFF ? 0 : (uint16_t)code;
}

void mbus_maker_show(uint16_t maker, char text[7])
{
    char letters[4];
    mbus_maker_format(maker, letters);
    if (mbus_maker_parse(letters) == maker)
        snprintf(text, 7, "%s", letters);
    else
        snprintf(text, 7, "0x%04X", maker);
}
