/* The vocabulary of OBIS codes; see quantity.h. */
#include "meter/quantity.h"

#include "meter/relay.h"

#include <stdio.h>

/* Group C of electricity codes with media 1: what a value is at D = 7 (instantaneous) and as energy (D = 8, 9, 29). */
static const struct channel {
    uint8_t c;
    uint8_t instant, energy; /* enum unit */
    struct phrase name;      /* of the instantaneous value */
    struct phrase total;     /* of the energy */
} channels[] = {
    { 1, UNIT_WATT, UNIT_WATT_HOUR, { { "P", "P" } }, { { "A+", "A+" } } },
    { 2, UNIT_WATT, UNIT_WATT_HOUR, { { "P−", "P−" } }, { { "A−", "A−" } } },
    { 3, UNIT_VAR, UNIT_VAR_HOUR, { { "Q", "Q" } }, { { "R+", "R+" } } },
    { 4, UNIT_VAR, UNIT_VAR_HOUR, { { "Q−", "Q−" } }, { { "R−", "R−" } } },
    { 5, UNIT_VAR, UNIT_VAR_HOUR, { { "Q1", "Q1" } }, { { "R1", "R1" } } },
    { 6, UNIT_VAR, UNIT_VAR_HOUR, { { "Q2", "Q2" } }, { { "R2", "R2" } } },
    { 7, UNIT_VAR, UNIT_VAR_HOUR, { { "Q3", "Q3" } }, { { "R3", "R3" } } },
    { 8, UNIT_VAR, UNIT_VAR_HOUR, { { "Q4", "Q4" } }, { { "R4", "R4" } } },
    { 9, UNIT_VOLT_AMPERE, UNIT_VOLT_AMPERE_HOUR, { { "S", "S" } }, { { "S+", "S+" } } },
    { 10, UNIT_VOLT_AMPERE, UNIT_VOLT_AMPERE_HOUR, { { "S−", "S−" } }, { { "S−", "S−" } } },
    { 11, UNIT_AMPERE, UNIT_AMPERE_HOUR, { { "I", "I" } }, { { "Ток·ч", "Current·h" } } },
    { 12, UNIT_VOLT, UNIT_UNKNOWN, { { "U", "U" } }, { { "U", "U" } } },
    { 13, UNIT_NONE, UNIT_NONE, { { "cos φ", "cos φ" } }, { { "cos φ", "cos φ" } } },
    { 14, UNIT_HERTZ, UNIT_UNKNOWN, { { "f", "f" } }, { { "f", "f" } } },
    { 15, UNIT_WATT, UNIT_WATT_HOUR, { { "|P|", "|P|" } }, { { "|A|", "|A|" } } },
};

static const char *const phases[] = { "", " L1", " L2", " L3" };

/* C 21..74 repeat 1..14 for the phases in steps of twenty. */
static const struct channel *channel_of(uint8_t c, int *phase)
{
    *phase = c > 20 && c < 80 ? (c - 1) / 20 : 0;
    uint8_t base = *phase ? (uint8_t)(c - 20 * *phase) : c;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        if (channels[i].c == base && (*phase == 0 || base <= 14))
            return &channels[i];
    return NULL;
}

static bool is_energy(uint8_t d)
{
    return d == 8 || d == 9 || d == 29;
}

/* Codes with a name and unit of their own; 255 in a group of `mask` zero bytes does not matter. */
static const struct special {
    struct obis obis;
    uint64_t mask;
    uint8_t unit;
    struct phrase name;
} specials[] = {
#define EXACT 0xFFFFFFFFFF00ull
#define CHANNEL 0xFF00FFFF0000ull
    { OBIS(1, 0, 91, 7, 0, 0), EXACT, UNIT_AMPERE, { { "I нейтрали", "I neutral" } } },
    { OBIS(1, 0, 91, 7, 131, 0), EXACT, UNIT_AMPERE, { { "I дифф.", "I differential" } } },
    { OBIS(1, 0, 91, 7, 132, 0), EXACT, UNIT_PERCENT, { { "I дифф., %", "I differential, %" } } },
    { OBIS(1, 0, 12, 7, 1, 0), EXACT, UNIT_VOLT, { { "U AB", "U AB" } } },
    { OBIS(1, 0, 12, 7, 2, 0), EXACT, UNIT_VOLT, { { "U BC", "U BC" } } },
    { OBIS(1, 0, 12, 7, 3, 0), EXACT, UNIT_VOLT, { { "U CA", "U CA" } } },
    { OBIS(1, 0, 124, 7, 0, 0), EXACT, UNIT_VOLT, { { "U AB", "U AB" } } },
    { OBIS(1, 0, 125, 7, 0, 0), EXACT, UNIT_VOLT, { { "U BC", "U BC" } } },
    { OBIS(1, 0, 126, 7, 0, 0), EXACT, UNIT_VOLT, { { "U CA", "U CA" } } },
    { OBIS(1, 0, 81, 7, 10, 0), EXACT, UNIT_DEGREE, { { "∠ Ua Ub", "∠ Ua Ub" } } },
    { OBIS(1, 0, 81, 7, 21, 0), EXACT, UNIT_DEGREE, { { "∠ Ub Uc", "∠ Ub Uc" } } },
    { OBIS(1, 0, 81, 7, 2, 0), EXACT, UNIT_DEGREE, { { "∠ Uc Ua", "∠ Uc Ua" } } },
    { OBIS(1, 0, 81, 7, 4, 0), EXACT, UNIT_DEGREE, { { "∠ Ua Ia", "∠ Ua Ia" } } },
    { OBIS(1, 0, 81, 7, 15, 0), EXACT, UNIT_DEGREE, { { "∠ Ub Ib", "∠ Ub Ib" } } },
    { OBIS(1, 0, 81, 7, 26, 0), EXACT, UNIT_DEGREE, { { "∠ Uc Ic", "∠ Uc Ic" } } },
    { OBIS(1, 0, 131, 7, 0, 0), EXACT, UNIT_NONE, { { "tg φ", "tg φ" } } },
    { OBIS(1, 0, 128, 7, 0, 0), EXACT, UNIT_NONE, { { "tg φ L1", "tg φ L1" } } },
    { OBIS(1, 0, 129, 7, 0, 0), EXACT, UNIT_NONE, { { "tg φ L2", "tg φ L2" } } },
    { OBIS(1, 0, 130, 7, 0, 0), EXACT, UNIT_NONE, { { "tg φ L3", "tg φ L3" } } },
    { OBIS(1, 0, 88, 8, 0, 0), 0xFFFFFFFF0000ull, UNIT_AMPERE_SQUARE_HOUR, { { "Потери в линии", "Line loss" } } },
    { OBIS(1, 0, 89, 8, 0, 0), 0xFFFFFFFF0000ull, UNIT_VOLT_SQUARE_HOUR, { { "Потери в трансформаторе", "Transformer loss" } } },
    { OBIS(0, 0, 96, 9, 0, 0), 0xFF00FFFFFF00ull, UNIT_CELSIUS, { { "Температура", "Temperature" } } },
    { OBIS(0, 0, 96, 8, 0, 0), 0xFF00FFFFFF00ull, UNIT_SECOND, { { "Время работы", "Operating time" } } },
    { OBIS(0, 0, 96, 8, 1, 0), 0xFF00FFFFFF00ull, UNIT_SECOND, { { "Время отклонения частоты", "Time of bad frequency" } } },
    { OBIS(0, 0, 96, 5, 1, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Статус качества сети", "Power quality status" } } },
    { OBIS(0, 0, 96, 3, 10, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Реле нагрузки", "Load relay" } } },
    { OBIS(0, 0, 96, 4, 3, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Реле нагрузки: аппаратная блокировка", "Load relay: hardware lock" } } },
    { OBIS(0, 0, 96, 3, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Входы и выходы", "Inputs and outputs" } } },
    { OBIS(0, 0, 96, 51, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Вскрытие корпуса", "Case" } } }, /* spodes.md 3; one source, as the next three */
    { OBIS(0, 0, 96, 51, 1, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Вскрытие клеммной крышки", "Terminal cover" } } },
    { OBIS(0, 0, 96, 51, 3, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Магнитное поле", "Magnetic field" } } },
    { OBIS(0, 0, 96, 51, 4, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Радиополе", "RF field" } } },
    { OBIS(0, 0, 97, 98, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Тревоги", "Alarms" } } },
    { OBIS(0, 0, 199, 1, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Связь", "Contact" } } }, /* ours, as the next two: collect/states.h */
    { OBIS(0, 0, 199, 2, 0, 0), 0xFF00FFFFFF00ull, UNIT_SECOND, { { "Уход часов", "Clock error" } } },
    { OBIS(0, 0, 199, 3, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Журналы прочитаны до", "Journals read up to" } } },
    { OBIS(0, 0, 97, 97, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Слово ошибок", "Error word" } } },
    { OBIS(0, 0, 97, 97, 1, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Флаги ошибок", "Error flags" } } },
    { OBIS(0, 0, 96, 8, 100, 0), 0xFF00FFFFFF00ull, UNIT_SECOND, { { "Время включения", "On time" } } }, /* ours */
    { OBIS(0, 0, 96, 6, 6, 0), 0xFF00FFFFFF00ull, UNIT_SECOND, { { "Остаток батареи", "Remaining battery" } } },
    { OBIS(0, 0, 128, 2, 0, 0), 0xFFFFFFFF0000ull, UNIT_NONE, { { "Реле сигнализации", "Signal relay" } } }, /* E + 1 is its number */
    { OBIS(0, 0, 96, 3, 1, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Дискретный вход", "Discrete input" } } },
    { OBIS(0, 0, 96, 128, 0, 0), 0xFF00FFFFFF00ull, UNIT_NONE, { { "Счётчик импульсов", "Pulse counter" } } }, /* ours, as the next three */
    { OBIS(0, 0, 96, 129, 0, 0), 0xFF00FFFFFF00ull, UNIT_HERTZ, { { "Частота на входе", "Input frequency" } } },
    { OBIS(0, 0, 96, 130, 0, 0), 0xFF00FFFFFF00ull, UNIT_OTHER, { { "Измеренное значение", "Measured value" } } },
    { OBIS(0, 0, 96, 131, 0, 0), 0xFF00FFFFFF00ull, UNIT_VOLT, { { "Питание модуля", "Module supply" } } },
    /* Heat, cost allocators, gas and water: B is the channel, E the tariff. */
    { OBIS(4, 0, 1, 0, 0, 0), CHANNEL, UNIT_NONE, { { "Единицы распределителя", "Heat cost units" } } },
    { OBIS(5, 0, 1, 0, 0, 0), CHANNEL, UNIT_WATT_HOUR, { { "Энергия охлаждения", "Cooling energy" } } },
    { OBIS(15, 0, 1, 0, 0, 0), CHANNEL, UNIT_WATT_HOUR, { { "Энергия", "Energy" } } },
    { OBIS(6, 0, 1, 0, 0, 0), CHANNEL, UNIT_WATT_HOUR, { { "Тепловая энергия", "Heat energy" } } },
    { OBIS(6, 0, 2, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Объём", "Volume" } } },
    { OBIS(6, 0, 3, 0, 0, 0), CHANNEL, UNIT_KILOGRAM, { { "Масса", "Mass" } } },
    { OBIS(6, 0, 8, 0, 0, 0), CHANNEL, UNIT_WATT, { { "Тепловая мощность", "Heat power" } } },
    { OBIS(6, 0, 9, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE_PER_HOUR, { { "Расход", "Flow" } } },
    { OBIS(6, 0, 10, 0, 0, 0), CHANNEL, UNIT_CELSIUS, { { "t подачи", "t flow" } } },
    { OBIS(6, 0, 11, 0, 0, 0), CHANNEL, UNIT_CELSIUS, { { "t обратки", "t return" } } },
    { OBIS(6, 0, 12, 0, 0, 0), CHANNEL, UNIT_KELVIN, { { "Δt", "Δt" } } },
    { OBIS(6, 0, 13, 0, 0, 0), CHANNEL, UNIT_BAR, { { "Давление", "Pressure" } } },
    { OBIS(7, 0, 3, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Объём газа", "Gas volume" } } },
    { OBIS(7, 0, 3, 2, 0, 0), CHANNEL, UNIT_CUBIC_METRE_CORRECTED, { { "Объём газа при стандартных условиях", "Gas volume at base conditions" } } },
    { OBIS(7, 0, 41, 0, 0, 0), CHANNEL, UNIT_CELSIUS, { { "t газа", "Gas temperature" } } },
    { OBIS(7, 0, 42, 0, 0, 0), CHANNEL, UNIT_BAR, { { "Давление газа", "Gas pressure" } } },
    { OBIS(7, 0, 43, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE_PER_HOUR, { { "Расход газа", "Gas flow" } } },
    { OBIS(8, 0, 1, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Объём холодной воды", "Cold water volume" } } },
    { OBIS(8, 0, 1, 128, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Обратный объём холодной воды", "Reverse volume of cold water" } } }, /* ours */
    { OBIS(8, 0, 2, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE_PER_HOUR, { { "Расход холодной воды", "Cold water flow" } } },
    { OBIS(8, 0, 3, 0, 0, 0), CHANNEL, UNIT_CELSIUS, { { "t холодной воды", "Cold water temperature" } } },
    { OBIS(8, 0, 13, 0, 0, 0), CHANNEL, UNIT_BAR, { { "Давление холодной воды", "Cold water pressure" } } },
    { OBIS(9, 0, 1, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Объём горячей воды", "Hot water volume" } } },
    { OBIS(9, 0, 1, 128, 0, 0), CHANNEL, UNIT_CUBIC_METRE, { { "Обратный объём горячей воды", "Reverse volume of hot water" } } }, /* ours */
    { OBIS(9, 0, 2, 0, 0, 0), CHANNEL, UNIT_CUBIC_METRE_PER_HOUR, { { "Расход горячей воды", "Hot water flow" } } },
    { OBIS(9, 0, 3, 0, 0, 0), CHANNEL, UNIT_CELSIUS, { { "t горячей воды", "Hot water temperature" } } },
    { OBIS(9, 0, 13, 0, 0, 0), CHANNEL, UNIT_BAR, { { "Давление горячей воды", "Hot water pressure" } } },
#undef CHANNEL
#undef EXACT
};

static const struct special *special_exactly(struct obis o)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if ((o.code & specials[i].mask) == (specials[i].obis.code & specials[i].mask))
            return &specials[i];
    return NULL;
}

/* Cooling (5) and other media (15) are counted like heat (6), apart from what has a name of its own. */
static const struct special *special_of(struct obis o)
{
    const struct special *s = special_exactly(o);
    bool like_heat = obis_group(o, 0) == 5 || obis_group(o, 0) == 15;
    return s || !like_heat ? s : special_exactly(obis_with(o, 0, 6));
}

enum unit quantity_unit(struct obis o)
{
    const struct special *s = special_of(o);
    if (s)
        return (enum unit)s->unit;
    int phase;
    const struct channel *c = obis_group(o, 0) == 1 ? channel_of(obis_group(o, 2), &phase) : NULL;
    if (!c)
        return UNIT_UNKNOWN;
    return (enum unit)(is_energy(obis_group(o, 3)) ? c->energy : c->instant);
}

/* With tariff and channel where the row leaves them open: «Тепловая энергия T2», «Объём #1», «Дискретный вход #5»; which of a
 * relay's states it is (S3 3.4): «Реле нагрузки: статус управления». */
static void put_special_title(const struct special *s, struct obis o, enum lang lang, char *text)
{
    static const struct phrase control = { { "статус управления", "control state" } }, mode = { { "режим управления", "control mode" } };
    bool open = !(s->mask & 0xFF00) && obis_group(o, 0) >= 4;
    uint8_t tariff = open ? obis_group(o, 4) : 0, channel = s->mask & 0xFF00000000ull ? 0 : obis_group(o, 1);
    if (obis_equal(s->obis, OBIS(0, 0, 128, 2, 0, 0)))
        channel = (uint8_t)(obis_group(o, 4) + 1);
    int size = snprintf(text, QUANTITY_TITLE_MAX, "%s", phrase_in(&s->name, lang));
    if (tariff)
        size += snprintf(text + size, (size_t)(QUANTITY_TITLE_MAX - size), " T%u", tariff);
    if (channel)
        size += snprintf(text + size, (size_t)(QUANTITY_TITLE_MAX - size), " #%u", channel);
    if (relay_of(o) >= 0 && obis_group(o, 5) != 255)
        snprintf(text + size, (size_t)(QUANTITY_TITLE_MAX - size), ": %s", phrase_in(obis_equal(o, RELAY_CONTROL(relay_of(o))) ? &control : &mode, lang));
}

char *quantity_title(struct obis o, enum lang lang, char text[QUANTITY_TITLE_MAX])
{
    const struct special *s = special_of(o);
    int phase = 0;
    const struct channel *c = obis_group(o, 0) == 1 ? channel_of(obis_group(o, 2), &phase) : NULL;
    uint8_t d = obis_group(o, 3), tariff = obis_group(o, 4);
    if (s) {
        put_special_title(s, o, lang, text);
    } else if (c && is_energy(d)) {
        int size = snprintf(text, QUANTITY_TITLE_MAX, "%s%s", phrase_in(&c->total, lang), phases[phase]);
        if (tariff)
            snprintf(text + size, (size_t)(QUANTITY_TITLE_MAX - size), " T%u", tariff);
    } else if (c && d == 7 && tariff == 0) {
        snprintf(text, QUANTITY_TITLE_MAX, "%s%s", phrase_in(&c->name, lang), phases[phase]);
    } else {
        obis_format(o, text);
    }
    return text;
}

const char *quantity_state_text(struct obis o, int64_t value, enum lang lang)
{
    static const struct phrase contact[] = { { { "разомкнут", "open" } }, { { "замкнут", "closed" } } };
    int relay = relay_of(o);
    if (obis_equal(obis_with(o, 1, 0), OBIS(0, 0, 96, 3, 1, 255)))
        return phrase_in(&contact[value != 0], lang);
    if (relay < 0)
        return NULL;
    if (obis_equal(o, RELAY_LOCK))
        return relay_lock_text(value, lang);
    if (obis_equal(o, RELAY_OUTPUT(relay)))
        return relay_output_text(value, lang);
    return obis_equal(o, RELAY_CONTROL(relay)) ? relay_control_text(value, lang) : relay_mode_text(value, lang);
}
