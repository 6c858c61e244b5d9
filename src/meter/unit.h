/* Units of measured values, numbered as in COSEM (IEC 62056-62 table of units; dlms.md 7.2). */
#pragma once
#include "base/lang.h"
#include <stdint.h>

enum unit {
    UNIT_UNKNOWN = 0,
    UNIT_YEAR = 1, UNIT_MONTH, UNIT_WEEK, UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND,
    UNIT_DEGREE = 8,       /* phase angle */
    UNIT_CELSIUS = 9,
    UNIT_CURRENCY = 10,
    UNIT_METRE = 11,
    UNIT_METRE_PER_SECOND = 12,
    UNIT_CUBIC_METRE = 13,
    UNIT_CUBIC_METRE_CORRECTED = 14,
    UNIT_CUBIC_METRE_PER_HOUR = 15,
    UNIT_LITRE = 19,
    UNIT_KILOGRAM = 20,
    UNIT_PASCAL = 23,
    UNIT_BAR = 24,
    UNIT_JOULE = 25,
    UNIT_JOULE_PER_HOUR = 26,
    UNIT_WATT = 27,
    UNIT_VOLT_AMPERE = 28,
    UNIT_VAR = 29,
    UNIT_WATT_HOUR = 30,
    UNIT_VOLT_AMPERE_HOUR = 31,
    UNIT_VAR_HOUR = 32,
    UNIT_AMPERE = 33,
    UNIT_VOLT = 35,
    UNIT_HERTZ = 44,
    UNIT_PER_WATT_HOUR = 45,
    UNIT_PER_VAR_HOUR = 46,
    UNIT_VOLT_SQUARE_HOUR = 48,
    UNIT_AMPERE_SQUARE_HOUR = 49,
    UNIT_KILOGRAM_PER_SECOND = 50,
    UNIT_KELVIN = 52,
    UNIT_PER_CUBIC_METRE = 55,
    UNIT_PERCENT = 56,
    UNIT_AMPERE_HOUR = 57,
    UNIT_DBM = 70,
    UNIT_OTHER = 254,
    UNIT_NONE = 255,       /* a plain number */
};

/* «кВт·ч»-style symbol without a prefix: "Вт·ч" / "Wh"; "" for a plain number, "?" for an unlisted code. */
const char *unit_symbol(uint8_t unit, enum lang lang);
