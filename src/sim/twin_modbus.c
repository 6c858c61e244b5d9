/* Simulated Modbus modules (telemechanics.md 1..3): ОВЕН and Wiren Board, RTU and TCP by how they are asked. Written from the
 * sheet's maps, address by address.
 *
 * Options: model=mv110-16d|mv110-8a|mu110-16r|mk110-8d4r|mk210-301|wb-mr3|wb-mcm8|wb-m1w2|wbio-di-wd-14, broken=N (sensor N
 * has failed), holes=1 (МВ110-8А: only status and float can be read), most=N (longer requests are refused), old=1 (Wiren Board:
 * a name of six characters), busy=N (so many times «busy» before the first answer), silent=N (function N is not answered).
 *
 * docs/simulators.md 8: inputs, pulses and sensors of a serial number. Outputs are off until they are switched. */
#include "sim/life_draw.h"
#include "sim/twin_modbus.h"

#include <stdio.h>

enum { SETUP_FIRST = 10000, SETUP_FLAG = 9999, MIO_STRIDE = 1000 };

/* --- the life of a module ------------------------------------------------------------------------------------------ */

enum { QUARTER = 900 };

/* A contact keeps its state for a quarter of an hour. */
static bool input(const struct sim_meter *m, int n, int64_t wall)
{
    return life_draw(m->serial, SALT_INPUT + (uint32_t)n, life_divide(wall, QUARTER), 2);
}

/* Input n counts the litres of the number n further on. */
static uint32_t pulses(const struct sim_meter *m, int n, int64_t wall)
{
    return (uint32_t)life_volume_l(m->serial + (uint32_t)n, wall);
}

static uint32_t frequency(const struct sim_meter *m, int n, int64_t wall)
{
    return (uint32_t)(life_flow_lh(m->serial + (uint32_t)n, wall) * 65536 / 3600);
}

static int sensor_cc(const struct sim_meter *m, int n, int64_t wall)
{
    return life_flow_temperature_cc(m->serial + (uint32_t)n, wall);
}

static uint16_t input_mask(const struct sim_meter *m, int count, int64_t wall)
{
    uint32_t mask = 0;
    for (int n = 1; n <= count; n++)
        mask |= (uint32_t)input(m, n, wall) << (n - 1);
    return (uint16_t)mask;
}

static void switch_output(struct sim_meter *m, int n, bool on)
{
    struct module *s = module(m);
    s->outputs = on ? s->outputs | 1u << (n - 1) : s->outputs & ~(1u << (n - 1));
}

/* --- ОВЕН ---------------------------------------------------------------------------------------------------------- */

/* 51: mask of the inputs; 64..: counters of sixteen bits. */
static bool owen_inputs(struct sim_meter *m, int count, uint16_t address, int64_t wall, uint16_t *ret)
{
    if (address == 51)
        *ret = input_mask(m, count, wall);
    else if (address >= 64 && address < 64 + count)
        *ret = module_half(pulses(m, address - 63, wall), false);
    else
        return false;
    return true;
}

static bool mv110_16d_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    return function == MODBUS_READ_REGISTERS && owen_inputs(m, 16, address, wall, ret);
}

/* Six registers a channel: decimal point, integer, status, time, float. */
static bool mv110_8a_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n = address / 6 + 1, place = address % 6;
    bool broken = module_option(m, "broken") == n;
    uint32_t bits = module_float((float)sensor_cc(m, n, wall) / 100.0f);
    const uint16_t channel[6] = { 2, (uint16_t)sensor_cc(m, n, wall), broken ? 0xF00D : 0, 0, module_half(bits, true), module_half(bits, false) };
    bool hole = place == 0 || place == 1 || place == 3;
    if (function != MODBUS_READ_REGISTERS || n > 8 || (hole && module_option(m, "holes")))
        return false;
    *ret = channel[place];
    return true;
}

static bool mu110_16r_bit(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, bool *ret)
{
    (void)wall, (void)function;
    *ret = module(m)->outputs >> address & 1;
    return address < 16;
}

static bool mu110_16r_write(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value)
{
    if (function == MODBUS_WRITE_REGISTERS && address == 50) {
        module(m)->outputs = value;
        return true;
    }
    if (function != MODBUS_WRITE_COILS || address >= 16)
        return false;
    switch_output(m, address + 1, value);
    return true;
}

static bool mk110_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    if (address == 50)
        *ret = (uint16_t)module(m)->outputs;
    return function == MODBUS_READ_HOLDING && (address == 50 || owen_inputs(m, 8, address, wall, ret));
}

static bool mk110_write(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value)
{
    module(m)->outputs = address == 50 ? value & 0x0Fu : module(m)->outputs;
    return function == MODBUS_WRITE_REGISTERS && address == 50;
}

/* Character n of a text laid two a register. */
static uint16_t two_characters(const char *text, int n)
{
    size_t length = strlen(text), at = (size_t)n * 2;
    return (uint16_t)((at < length ? (uint8_t)text[at] : 0) << 8 | (at + 1 < length ? (uint8_t)text[at + 1] : 0));
}

/* MK210-301: masks, counters of 32 bits with the low word first. */
static bool mk210_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    char serial[16];
    snprintf(serial, sizeof serial, "%u", m->serial);
    if (address == 0x0033)
        *ret = input_mask(m, 6, wall);
    else if (address >= 0x00A0 && address < 0x00AC)
        *ret = module_half(pulses(m, (address - 0x00A0) / 2 + 1, wall), address & 1);
    else if (address == 0x01D4)
        *ret = (uint16_t)module(m)->outputs;
    else if (address >= 0xF000 && address < 0xF010)
        *ret = two_characters("MK210-301", address & 0x0F);
    else if (address >= 0xF010 && address < 0xF020)
        *ret = two_characters("1.24", address & 0x0F);
    else if (address >= 0xF084 && address < 0xF094)
        *ret = two_characters(serial, address - 0xF084);
    else
        return false;
    return function == MODBUS_READ_HOLDING;
}

static bool mk210_write(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value)
{
    module(m)->outputs = address == 0x01D6 ? value & 0xFFu : module(m)->outputs;
    return function == MODBUS_WRITE_REGISTERS && address == 0x01D6;
}

/* --- Wiren Board ------------------------------------------------------------------------------------------------------- */

/* Texts of one character a register, serial number, supply. */
static bool wb_common(const struct sim_meter *m, const char *name, uint16_t address, uint16_t *ret)
{
    static const char firmware[] = "1.21.4";
    int length = module_option(m, "old") ? 6 : 20;
    if (address >= 200 && address < 200 + length)
        *ret = address - 200 < (int)strlen(name) ? (uint8_t)name[address - 200] : 0;
    else if (address >= 250 && address < 266)
        *ret = address - 250 < (int)strlen(firmware) ? (uint8_t)firmware[address - 250] : 0;
    else if (address == 270 || address == 271)
        *ret = module_half(m->serial, address == 270);
    else if (address == 121)
        *ret = 23912;
    else
        return false;
    return true;
}

/* Pair n of 32-bit values that begin at an address. */
static bool in_pairs(uint16_t address, int first, int count, int *ret_n)
{
    *ret_n = (address - first) / 2 + 1;
    return address >= first && address < first + 2 * count;
}

/* Inputs 1..3 at 32, 40; input 0 at 39, 54. */
static bool wb_mr3_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n;
    if (function == MODBUS_READ_HOLDING || address == 121)
        return wb_common(m, "WBMR3", address, ret);
    if (address >= 32 && address < 35)
        *ret = module_half(pulses(m, address - 31, wall), false);
    else if (address == 39)
        *ret = module_half(pulses(m, 0, wall), false);
    else if (in_pairs(address, 40, 3, &n))
        *ret = module_half(frequency(m, n, wall), address % 2 == 0);
    else if (in_pairs(address, 54, 1, &n))
        *ret = module_half(frequency(m, 0, wall), address % 2 == 0);
    else
        return false;
    return true;
}

static bool wb_mr3_bit(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, bool *ret)
{
    if (function == MODBUS_READ_COILS) {
        *ret = module(m)->outputs >> address & 1;
        return address < 3;
    }
    *ret = input(m, address == 7 ? 0 : address + 1, wall);
    return address < 3 || address == 7;
}

static bool wb_mr3_write(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value)
{
    if (function != MODBUS_WRITE_COIL || address >= 3)
        return false;
    switch_output(m, address + 1, value);
    return true;
}

static bool wb_mcm8_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int n;
    if (function == MODBUS_READ_HOLDING || address == 121)
        return wb_common(m, "WBMCM8", address, ret);
    if (in_pairs(address, 60, 8, &n))
        *ret = module_half(pulses(m, n, wall), address % 2 == 0);
    else if (in_pairs(address, 40, 8, &n))
        *ret = module_half(frequency(m, n, wall), address % 2 == 0);
    else
        return false;
    return true;
}

static bool wb_inputs_bit(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, bool *ret)
{
    *ret = input(m, address + 1, wall);
    return function == MODBUS_READ_INPUTS && address < 8;
}

/* Sixteenths of a degree. */
static bool wb_m1w2_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    if (function == MODBUS_READ_HOLDING || address == 121)
        return wb_common(m, "WBM1W2", address, ret);
    int n = address - 6;
    if (address >= 6 && address <= 8)
        *ret = (uint16_t)(n && module_option(m, "broken") == n ? 0x7FFF : sensor_cc(m, n, wall) * 16 / 100);
    else if (address == 277 || address == 278)
        *ret = module_half(pulses(m, address - 276, wall), false);
    else
        return false;
    return true;
}

/* The first module behind a WB-MIO: nothing is to be trusted before its set-up. */
static bool wbio_word(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret)
{
    int at = address - MIO_STRIDE;
    if (function != MODBUS_READ_HOLDING)
        return false;
    if (address < MIO_STRIDE)
        return wb_common(m, "WBMIO", address, ret);
    if (at >= SETUP_FIRST && at < SETUP_FIRST + MODULE_SETUP)
        *ret = module(m)->setup[at - SETUP_FIRST];
    else if (at >= 250 && at < 264)
        *ret = module(m)->working ? module_half(pulses(m, at - 249, wall), false) : 0;
    else
        return false;
    return true;
}

static bool wbio_bit(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, bool *ret)
{
    int at = address - MIO_STRIDE;
    *ret = at >= 0 && module(m)->working && input(m, at + 1, wall);
    return function == MODBUS_READ_COILS && at >= 0 && at < 14;
}

static bool wbio_write(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value)
{
    static const uint16_t right[MODULE_SETUP] = { 0xFFFF, 0, 0xFFFF, 0, 0, 0x4444 };
    struct module *s = module(m);
    int at = address - MIO_STRIDE;
    if (function != MODBUS_WRITE_REGISTER)
        return false;
    if (at >= SETUP_FIRST && at < SETUP_FIRST + MODULE_SETUP)
        s->setup[at - SETUP_FIRST] = value;
    else if (at == SETUP_FLAG)
        s->working = value == 1 && memcmp(s->setup, right, sizeof right) == 0;
    else
        return false;
    return true;
}

/* --- kinds -------------------------------------------------------------------------------------------------------------- */

static const struct module_kind kinds[] = {
    { "mv110-16d", mv110_16d_word, NULL, NULL, NULL },
    { "mv110-8a", mv110_8a_word, NULL, NULL, NULL },
    { "mu110-16r", NULL, mu110_16r_bit, mu110_16r_write, NULL },
    { "mk110-8d4r", mk110_word, NULL, mk110_write, NULL },
    { "mk210-301", mk210_word, NULL, mk210_write, NULL },
    { "wb-mr3", wb_mr3_word, wb_mr3_bit, wb_mr3_write, NULL },
    { "wb-mcm8", wb_mcm8_word, wb_inputs_bit, NULL, NULL },
    { "wb-m1w2", wb_m1w2_word, wb_inputs_bit, NULL, NULL },
    { "wbio-di-wd-14", wbio_word, wbio_bit, wbio_write, NULL },
};

static void born(struct sim_meter *m)
{
    module_born(m, kinds, sizeof kinds / sizeof *kinds);
}

TWIN(modbus) = {
    .name = "modbus",
    .meter_size = sizeof(struct module),
    .turnaround_us = 5000,
    .line = { 9600, 8, 1, 'N' },
    .find = module_find,
    .born = born,
    .addressed = module_addressed,
    .answer = module_answer,
};
