/* Simulated heat meters on Modbus (heat-modbus.md 4.2, 4.4, 6, 8.2), written from the sheet.
 *
 * Options: model=tsrv-043|tsrv-024m|dhm|at2200, most=N and busy=N as twin_modbus.c. ТСРВ-043: pipe n has the volume, mass, flow and temperatures
 * of the life of number serial + n; heat system n its heat. ТСРВ-024М: flows and temperatures of sensor n likewise, three heat systems. A dhm (Danfoss) shows the registers that a real one once answered
 * with, whatever its serial number. An at2200 has two pipes and one heat system. */
#include "base/civil.h"
#include "sim/life_draw.h"
#include "sim/twin_modbus.h"

#include <stdio.h>

/* --- Взлёт ТСРВ-043 -------------------------------------------------------------------------------------------------- */

enum { PIPES = 6, SYSTEMS = 4, SENSORS = 5, JOULES_A_WATT_HOUR = 3600, MEGA = 1000000 };

/* A block of values from `first` on, so many registers each. True when the address is in it: then which value, which register. */
static bool in_block(uint16_t address, int first, int count, int registers, int *ret_n, int *ret_part)
{
    *ret_n = (address - first) / registers + 1;
    *ret_part = (address - first) % registers;
    return address >= first && address < first + count * registers;
}

/* A whole number of 32 bits, then a float fraction. */
static uint16_t whole_and_fraction(int64_t whole, float fraction, int part)
{
    return module_half(part < 2 ? (uint32_t)whole : module_float(fraction), part % 2 == 0);
}

static uint16_t real(double value, int part)
{
    return module_half(module_float((float)value), part == 0);
}

static bool tsrv_total(struct sim_meter *m, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n, part;
    if (in_block(address, 0x8004, PIPES, 4, &n, &part)) {
        *ret = whole_and_fraction(life_volume_l(m->serial + (uint32_t)n, wall), 0.25f, part);
    } else if (in_block(address, 0x801C, PIPES, 4, &n, &part)) { /* a litre weighs a kilogram */
        *ret = whole_and_fraction(life_volume_l(m->serial + (uint32_t)n, wall), 0.5f, part);
    } else if (in_block(address, 0x8044, SYSTEMS, 4, &n, &part)) {
        int64_t joules = life_heat_wh(m->serial + (uint32_t)n, wall) * JOULES_A_WATT_HOUR;
        *ret = whole_and_fraction(joules / MEGA, (float)(joules % MEGA) / (float)MEGA, part);
    } else {
        return false;
    }
    return true;
}

static bool tsrv_moment(struct sim_meter *m, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n, part;
    if (in_block(address, 0xC014, SENSORS, 2, &n, &part))
        *ret = real(life_flow_temperature_cc(m->serial + (uint32_t)n, wall) / 100.0, part);
    else if (in_block(address, 0xC03A, SYSTEMS, 2, &n, &part))
        *ret = real(0.25 * n, part); /* MPa */
    else if (in_block(address, 0xC076, PIPES, 2, &n, &part))
        *ret = real((double)life_flow_lh(m->serial + (uint32_t)n, wall) / 1000.0, part);
    else if (in_block(address, 0xC096, SYSTEMS, 2, &n, &part))
        *ret = real(0.125 * n, part); /* GJ/h */
    else
        return false;
    return true;
}

static bool tsrv_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    if (function == MODBUS_READ_HOLDING && (address == 0x8000 || address == 0x8001)) {
        *ret = module_half(m->serial, address == 0x8000);
        return true;
    }
    return function == MODBUS_READ_REGISTERS && (tsrv_total(m, address, wall, ret) || tsrv_moment(m, address, wall, ret));
}

/* Of the archives: hours, days, months. */
struct interval {
    int64_t from, to;
};

static struct interval tsrv_interval(uint16_t archive, int64_t asked)
{
    int64_t hour = life_divide(asked, HOUR_SECONDS) * HOUR_SECONDS, month = wall_month(asked);
    if (archive == 0)
        return (struct interval){ hour, hour + HOUR_SECONDS };
    return archive == 1 ? (struct interval){ wall_day_start(asked), wall_day_start(asked) + DAY_SECONDS } : (struct interval){ month_wall(month), month_wall(month + 1) };
}

/* heat-modbus.md 4.2: time, index, run seconds, volumes, masses, masses of systems, heats; the means and minutes are zero; the state is
 * eight bytes before the end. Hours reach 60 days back, days 186, months 48. */
static bool tsrv_record(struct sim_meter *m, uint16_t archive, int64_t asked, int64_t wall, struct writer *w)
{
    enum { HOURS = 1440, DAYS = 186, MONTHS = 48, HOUR_RECORD = 149, DAY_RECORD = 178 };
    struct interval interval = tsrv_interval(archive, asked);
    int64_t age = archive == 0 ? (wall - interval.to) / HOUR_SECONDS : archive == 1 ? (wall - interval.to) / DAY_SECONDS : wall_month(wall) - wall_month(interval.to);
    if (archive > 2 || interval.to > wall || age >= (archive == 0 ? HOURS : archive == 1 ? DAYS : MONTHS))
        return false;
    put_be32(w, (uint32_t)(interval.to - 1));
    put_be16(w, (uint16_t)age);
    put_be32(w, (uint32_t)(interval.to - wall_from_fields(2020, 1, 1, 0, 0, 0)));
    for (uint32_t n = 1; n <= PIPES; n++)
        put_be32(w, (uint32_t)life_volume_l(m->serial + n, interval.to));
    for (uint32_t n = 1; n <= PIPES; n++)
        put_be32(w, (uint32_t)life_volume_l(m->serial + n, interval.to)); /* a litre weighs a kilogram */
    for (uint32_t n = 1; n <= SYSTEMS; n++)
        put_be32(w, 0);
    for (uint32_t n = 1; n <= SYSTEMS; n++)
        put_be32(w, (uint32_t)(life_heat_wh(m->serial + n, interval.to) * JOULES_A_WATT_HOUR / MEGA));
    while (writer_size(w) < (archive == 0 ? HOUR_RECORD : DAY_RECORD))
        put_u8(w, 0);
    return true;
}

/* --- Взлёт ТСРВ-024М (heat-modbus.md 4.4) -------------------------------------------------------------------------------- */

enum { SYSTEMS_024 = 3, SENSORS_024 = 9 };

static bool tsrv024_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n, part;
    if (function == MODBUS_READ_HOLDING && (address == 0x8000 || address == 0x8001))
        *ret = module_half(m->serial, address == 0x8000);
    else if (in_block(address, 0xC048, SENSORS_024, 2, &n, &part))
        *ret = real(life_flow_temperature_cc(m->serial + (uint32_t)n, wall) / 100.0, part);
    else if (in_block(address, 0xC05A, SENSORS_024, 2, &n, &part))
        *ret = real((double)life_flow_lh(m->serial + (uint32_t)n, wall) / 1000.0, part);
    else if (in_block(address, 0xC03C, 6, 2, &n, &part))
        *ret = real(0.25 * n, part); /* MPa */
    else if (in_block(address, 0xC6AC, SYSTEMS_024, 6, &n, &part))
        *ret = real(part < 2 ? 0.125 * n : 0, part % 2); /* Gcal/h, of hot water, t/h */
    else
        return false;
    return function == MODBUS_READ_REGISTERS || address < 0xC000;
}

/* A whole number and the float of its fraction, in thousandths. */
static void put_thousandths(struct writer *w, int64_t thousandths)
{
    put_be32(w, (uint32_t)(thousandths / 1000));
    put_be32(w, module_float((float)(thousandths % 1000) / 1000.0f));
}

/* Running totals of hours (18), days, months: heat in Gcal, here a thousandth for every kWh; mass in t, a litre weighs a kilogram; heat of
 * hot water in 0.25 n Gcal; two bytes of check. */
static bool tsrv024_record(struct sim_meter *m, uint16_t archive, int64_t asked, int64_t wall, struct writer *w)
{
    enum { FIRST = 18, DEPTH_DAYS = 60 };
    if (archive < FIRST || archive > FIRST + 2)
        return false;
    struct interval interval = tsrv_interval(archive - FIRST, asked);
    if (interval.to > wall || interval.to < wall - (int64_t)DEPTH_DAYS * DAY_SECONDS)
        return false;
    put_be32(w, (uint32_t)(interval.to - 1));
    for (uint32_t n = 1; n <= SYSTEMS_024; n++)
        put_thousandths(w, life_heat_wh(m->serial + n, interval.to) / 1000);
    for (uint32_t n = 1; n <= SYSTEMS_024; n++)
        put_thousandths(w, life_volume_l(m->serial + n, interval.to));
    for (uint32_t n = 1; n <= SYSTEMS_024; n++)
        put_thousandths(w, 250 * n);
    put_be16(w, 0);
    return true;
}

/* --- Магика АТ2200 (heat-modbus.md 8.2) -------------------------------------------------------------------------------- */

/* Numbers of the sheet are addresses plus one. Two pipes and one system are there, the others show 0. */
static bool at2200_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n, part, number = address + 1;
    uint32_t of = m->serial;
    char serial[16];
    snprintf(serial, sizeof serial, "MD%06u", m->serial % 1000000);
    if (number >= 1 && number < 5)
        *ret = (uint16_t)((uint8_t)serial[2 * address] << 8 | (uint8_t)serial[2 * address + 1]);
    else if (in_block((uint16_t)number, 101, 10, 2, &n, &part))
        *ret = real(n > 2 ? 0 : (double)life_flow_lh(of + (uint32_t)n, wall) / 1000.0, part);
    else if (in_block((uint16_t)number, 141, 10, 2, &n, &part))
        *ret = real(n > 2 ? 0 : life_flow_temperature_cc(of + (uint32_t)n, wall) / 100.0, part);
    else if (in_block((uint16_t)number, 161, 4, 2, &n, &part))
        *ret = real(n > 1 ? 0 : 0.5, part);
    else if (in_block((uint16_t)number, 401, 10, 2, &n, &part))
        *ret = real(n > 2 ? 0 : 1500.25 * n, part);
    else if (in_block((uint16_t)number, 421, 4, 2, &n, &part))
        *ret = real(n > 1 ? 0 : 321.5, part);
    else if (in_block((uint16_t)number, 431, 1, 2, &n, &part))
        *ret = real(8760.5, part);
    else
        return false;
    return function == MODBUS_READ_REGISTERS;
}

/* --- Danfoss ----------------------------------------------------------------------------------------------------------- */

/* tests/vectors/heat-water.txt, dhm.values and dhm.info: 46 registers each. */
static const uint8_t dhm_image[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0x41, 0xC6, 0xBA, 0x36, 0x41, 0xC7, 0x96, 0x74, 0x41, 0xC7, 0x92, 0x1C, 0x41, 0xC0, 0x61, 0x86, 0xBD, 0xDC, 0x3E, 0x27,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0x00, 0x00, 0x19, 0x67, 0x02, 0xE6, 0x00, 0x01, 0x00, 0x00, 0x11, 0x00,
    '0', '1', '4', 'U', '0', '0', '8', '1', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    '0', '0', '2', '1', '3', '0', '1', 'B', 'E', '1', '6', '1', '1', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    '0', '1', '.', '0', '6', '.', '0', '0', '.', 'R', '7', '6', '9', '4', 0, 0,
};

static bool dhm_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    (void)m, (void)wall;
    struct cursor c = cursor_over(bytes_part(bytes_of(dhm_image, sizeof dhm_image), (size_t)address * 2, 2));
    *ret = take_be16(&c);
    return !c.failed && (function == MODBUS_READ_HOLDING || function == MODBUS_READ_REGISTERS);
}

/* --- the twin ------------------------------------------------------------------------------------------------------------ */

static const struct module_kind kinds[] = { { "tsrv-043", tsrv_word, NULL, NULL, tsrv_record }, { "dhm", dhm_word, NULL, NULL, NULL }, { "at2200", at2200_word, NULL, NULL, NULL },
                                           { "tsrv-024m", tsrv024_word, NULL, NULL, tsrv024_record } };

static void born(struct sim_meter *m)
{
    module_born(m, kinds, sizeof kinds / sizeof *kinds);
}

TWIN(modbus_heat) = {
    .name = "modbus_heat",
    .meter_size = sizeof(struct module),
    .turnaround_us = 20000,
    .line = { 9600, 8, 1, 'N' },
    .find = module_find,
    .born = born,
    .addressed = module_addressed,
    .answer = module_answer,
};
