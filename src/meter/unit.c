/* Symbols of the units; see unit.h. */
#include "meter/unit.h"

static const struct phrase symbols[256] = {
    [UNIT_YEAR] = { { "год", "a" } },
    [UNIT_MONTH] = { { "мес", "mo" } },
    [UNIT_WEEK] = { { "нед", "wk" } },
    [UNIT_DAY] = { { "сут", "d" } },
    [UNIT_HOUR] = { { "ч", "h" } },
    [UNIT_MINUTE] = { { "мин", "min" } },
    [UNIT_SECOND] = { { "с", "s" } },
    [UNIT_DEGREE] = { { "°", "°" } },
    [UNIT_CELSIUS] = { { "°C", "°C" } },
    [UNIT_CURRENCY] = { { "руб", "cur" } },
    [UNIT_METRE] = { { "м", "m" } },
    [UNIT_METRE_PER_SECOND] = { { "м/с", "m/s" } },
    [UNIT_CUBIC_METRE] = { { "м³", "m³" } },
    [UNIT_CUBIC_METRE_CORRECTED] = { { "м³ (ст.)", "m³ (corr.)" } },
    [UNIT_CUBIC_METRE_PER_HOUR] = { { "м³/ч", "m³/h" } },
    [UNIT_LITRE] = { { "л", "l" } },
    [UNIT_KILOGRAM] = { { "кг", "kg" } },
    [UNIT_PASCAL] = { { "Па", "Pa" } },
    [UNIT_BAR] = { { "бар", "bar" } },
    [UNIT_JOULE] = { { "Дж", "J" } },
    [UNIT_JOULE_PER_HOUR] = { { "Дж/ч", "J/h" } },
    [UNIT_WATT] = { { "Вт", "W" } },
    [UNIT_VOLT_AMPERE] = { { "В·А", "VA" } },
    [UNIT_VAR] = { { "вар", "var" } },
    [UNIT_WATT_HOUR] = { { "Вт·ч", "Wh" } },
    [UNIT_VOLT_AMPERE_HOUR] = { { "В·А·ч", "VAh" } },
    [UNIT_VAR_HOUR] = { { "вар·ч", "varh" } },
    [UNIT_AMPERE] = { { "А", "A" } },
    [UNIT_VOLT] = { { "В", "V" } },
    [UNIT_HERTZ] = { { "Гц", "Hz" } },
    [UNIT_PER_WATT_HOUR] = { { "имп/Вт·ч", "1/Wh" } },
    [UNIT_PER_VAR_HOUR] = { { "имп/вар·ч", "1/varh" } },
    [UNIT_VOLT_SQUARE_HOUR] = { { "В²·ч", "V²h" } },
    [UNIT_AMPERE_SQUARE_HOUR] = { { "А²·ч", "A²h" } },
    [UNIT_KILOGRAM_PER_SECOND] = { { "кг/с", "kg/s" } },
    [UNIT_KELVIN] = { { "К", "K" } },
    [UNIT_PER_CUBIC_METRE] = { { "имп/м³", "1/m³" } },
    [UNIT_PERCENT] = { { "%", "%" } },
    [UNIT_AMPERE_HOUR] = { { "А·ч", "Ah" } },
    [UNIT_DBM] = { { "дБм", "dBm" } },
    [UNIT_OTHER] = { { "", "" } },
    [UNIT_NONE] = { { "", "" } },
};

const char *unit_symbol(uint8_t unit, enum lang lang)
{
    const char *symbol = symbols[unit].in[lang];
    return symbol ? symbol : "?";
}
