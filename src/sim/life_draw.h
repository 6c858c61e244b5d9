/* Dice that always fall the same way: every accident of a simulated life is a draw from the serial number, a salt that
 * names the accident, and a count. docs/simulators.md section 1; the numbers below are part of that definition. */
#pragma once
#include <stdint.h>

/* What is drawn. */
enum life_salt {
    SALT_CLASS = 1, SALT_EXPORT, SALT_ZONE, SALT_MEAN, SALT_R_PLUS, SALT_R_MINUS, SALT_VACATION_DAYS, SALT_VACATION_START,
    SALT_SOLAR_MEAN, SALT_WATER_MEAN, SALT_PHASE_SHARE, SALT_VOLTAGE_BASE, SALT_TEMPERATURE, SALT_CLOCK_RATE,
    SALT_FLOW_TEMPERATURE,
    SALT_DAY = 16,            /* + channel: what a day takes from its neighbour */
    SALT_SLOT = 32,           /* + channel: what a half-hour takes from its neighbour */
    SALT_VOLTAGE_HOUR = 64,   /* + phase */
    SALT_VOLTAGE_MINUTE = 68, /* + phase */
    SALT_FREQUENCY = 72,
    SALT_EVENT_MOMENT = 1000, /* + journal */
    SALT_EVENT_LENGTH = 2000, /* + journal */
    SALT_EVENT_SHIFT = 3000,  /* + journal */
    SALT_INPUT = 4000,        /* + input of an I/O module: sim/twin_modbus.c */
    SALT_FAULT = 5000,        /* + kind of mishap: sim/meter.c */
};

/* The finishing step of SplitMix64. */
static inline uint64_t life_mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* 0..limit-1, evenly. `limit` is 1..2^32-1. */
static inline int64_t life_draw(uint32_t serial, uint32_t salt, int64_t n, int64_t limit)
{
    uint64_t bits = life_mix(life_mix((uint64_t)salt << 32 | serial) + (uint64_t)n);
    return (int64_t)((bits >> 32) * (uint64_t)limit >> 32);
}

/* a / b rounded down, as everywhere in the definition of a life. b > 0. */
static inline int64_t life_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}
