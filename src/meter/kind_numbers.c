/* Exact numbers of the pages of readings and the names of journals; see kinds.h. */
#include "meter/events.h"
#include "meter/kinds.h"

#include <stdio.h>
#include <string.h>

/* --- units and marks -------------------------------------------------------------------------------------------------------- */

/* Units that people read with another prefix: by the scale, or always. */
static const struct shown_unit {
    uint8_t unit;
    bool water;   /* of water only */
    bool always;  /* at either scale */
    int8_t places;
    struct phrase one, thousandth; /* empty: the unit's own symbol */
} shown[] = {
    { UNIT_CUBIC_METRE, true, false, 0, { { "л", "l" } }, { { "м³", "m³" } } },
    { UNIT_JOULE, false, true, -9, { { "ГДж", "GJ" } }, { { "ГДж", "GJ" } } },
    { UNIT_JOULE_PER_HOUR, false, true, -9, { { "ГДж/ч", "GJ/h" } }, { { "ГДж/ч", "GJ/h" } } },
    { UNIT_KILOGRAM, false, true, -3, { { "т", "t" } }, { { "т", "t" } } },
    { UNIT_WATT_HOUR, false, false, -3, { { NULL } }, { { "кВт·ч", "kWh" } } },
    { UNIT_VAR_HOUR, false, false, -3, { { NULL } }, { { "квар·ч", "kvarh" } } },
    { UNIT_VOLT_AMPERE_HOUR, false, false, -3, { { NULL } }, { { "кВА·ч", "kVAh" } } },
    { UNIT_WATT, false, false, -3, { { NULL } }, { { "кВт", "kW" } } },
    { UNIT_VAR, false, false, -3, { { NULL } }, { { "квар", "kvar" } } },
    { UNIT_VOLT_AMPERE, false, false, -3, { { NULL } }, { { "кВА", "kVA" } } },
    { UNIT_VOLT, false, false, -3, { { NULL } }, { { "кВ", "kV" } } },
    { UNIT_AMPERE, false, false, -3, { { NULL } }, { { "кА", "kA" } } },
};
enum { LITRES_IN_CUBIC_METRE = 3 /* decimal places */ };

char *kind_unit(enum kind_resource r, uint8_t unit, enum kind_scale scale, enum lang lang, char text[16], int *ret_places)
{
    const char *symbol = unit == UNIT_UNKNOWN || unit == UNIT_NONE || unit == UNIT_OTHER ? "" : unit_symbol(unit, lang);
    *ret_places = 0;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct shown_unit *s = &shown[i];
        if (s->unit != unit || (s->water && r != KIND_WATER))
            continue;
        const char *own = phrase_in(scale == SCALE_ONE ? &s->one : &s->thousandth, lang);
        symbol = own ? own : symbol;
        *ret_places = s->water ? (scale == SCALE_ONE ? LITRES_IN_CUBIC_METRE : 0) : s->always || scale == SCALE_THOUSANDTH ? s->places : 0;
    }
    snprintf(text, 16, "%s", symbol);
    return text;
}

bool kind_shifted(struct decimal value, int places, struct decimal *ret)
{
    int exponent = value.exponent + places;
    if (exponent < -18 || exponent > 18) {
        struct decimal d = decimal_normal(value);
        exponent = d.exponent + places;
        if (exponent < -18 || exponent > 18)
            return false;
        value = d;
    }
    *ret = decimal_of(value.mantissa, exponent);
    return true;
}

/* --- use ---------------------------------------------------------------------------------------------------------------------- */

static bool is_there(const struct reading *r)
{
    return r && !(r->quality & QUALITY_MISSING);
}

enum use_trouble kind_use(const struct reading *start, const struct reading *end, struct decimal *ret)
{
    struct decimal used;
    if (!is_there(start))
        return USE_NO_START;
    if (!is_there(end))
        return USE_NO_END;
    if (start->unit != end->unit)
        return USE_OTHER_UNIT;
    if (decimal_compare(end->value, start->value) < 0)
        return USE_BACKWARDS;
    if (!decimal_subtract(end->value, start->value, &used))
        return USE_TOO_LARGE;
    *ret = used;
    return USE_KNOWN;
}

const char *use_trouble_text(enum use_trouble t, enum lang lang)
{
    static const struct phrase texts[] = {
        [USE_KNOWN] = { { "", "" } },
        [USE_NO_START] = { { "нет показания на начало", "no reading at the start" } },
        [USE_NO_END] = { { "нет показания на конец", "no reading at the end" } },
        [USE_BACKWARDS] = { { "показание на конец меньше, чем на начало: счётчик заменён или сброшен", "the reading at the end is less than at the start: the meter was replaced or reset" } },
        [USE_OTHER_UNIT] = { { "показания в разных единицах", "readings in different units" } },
        [USE_TOO_LARGE] = { { "разность не помещается в число", "the difference does not fit a number" } },
    };
    return phrase_in(&texts[t], lang);
}

bool kind_power(struct decimal used, int step_s, struct decimal *ret)
{
    return step_s > 0 && HOUR_SECONDS % step_s == 0 && decimal_multiply(used, decimal_of(HOUR_SECONDS / step_s, 0), ret);
}

/* --- journals ------------------------------------------------------------------------------------------------------------------ */

/* Names of SMART JSON; whether «Меркурий» 203.2Т…236 tell it (mercury.md 2.6). */
static const struct journal_row {
    const char *measure;
    bool mercury;
} journals[KIND_JOURNALS + 1] = {
    [1] = { "jrnlPwr", true }, [2] = { "jrnlTimeCorr", true }, [3] = { "jrnlReset", true }, [4] = { "jrnlC1Init", true }, [5] = { "jrnlC2Init", false },
    [6] = { "jrnlTrfCorr", true }, [7] = { "jrnlOpen", true }, [8] = { "jrnlUnAyth", true }, [9] = { "jrnlPwrA", true }, [10] = { "jrnlPwrB", true },
    [11] = { "jrnlPwrC", true }, [12] = { "jrnlProg", true }, [13] = { "jrnlRelay", true }, [14] = { "jrnlLimESumm", false }, [15] = { "jrnlLimETrf", false },
    [16] = { "jrnlLimETrf1", true }, [17] = { "jrnlLimETrf2", true }, [18] = { "jrnlLimETrf3", true }, [19] = { "jrnlLimETrf4", true },
    [20] = { "jrnlLimUAMax", true }, [21] = { "jrnlLimUAMin", true }, [22] = { "jrnlLimUBMax", true }, [23] = { "jrnlLimUBMin", true },
    [24] = { "jrnlLimUCMax", true }, [25] = { "jrnlLimUCMin", true }, [26] = { "jrnlLimUABMax", false }, [27] = { "jrnlLimUABMin", false },
    [28] = { "jrnlLimUBCMax", false }, [29] = { "jrnlLimUBCMin", false }, [30] = { "jrnlLimUCAMax", false }, [31] = { "jrnlLimUCAMin", false },
    [32] = { "jrnlLimIAMax", false }, [33] = { "jrnlLimIBMax", false }, [34] = { "jrnlLimICMax", false }, [35] = { "jrnlLimFreqMax", true },
    [36] = { "jrnlLimFreqMin", true }, [37] = { "jrnlLimPwr", true }, [38] = { "jrnlLimPwrPP", false }, [39] = { "jrnlLimPwrPM", false },
    [40] = { "jrnlLimPwrQP", false }, [41] = { "jrnlLimPwrQM", false }, [42] = { "jrnlRvr", true },
};

enum { SPODES_CODES = 160 /* beyond the last code of any journal */ };

unsigned kind_journal_sources(uint16_t journal)
{
    unsigned sources = journal >= 1 && journal <= KIND_JOURNALS && journals[journal].mercury ? JOURNAL_OF_MERCURY : 0;
    for (uint16_t j = JOURNAL_SPODES; j <= JOURNAL_SPODES_LAST; j++)
        for (uint16_t code = 0; code < SPODES_CODES; code++)
            if (event_plain(j, code).journal == journal)
                return sources | JOURNAL_OF_SPODES;
    return sources;
}

const char *kind_journal_measure(uint16_t journal)
{
    return journal >= 1 && journal <= KIND_JOURNALS ? journals[journal].measure : NULL;
}

uint16_t kind_journal_named(const char *measure)
{
    for (uint16_t j = 1; j <= KIND_JOURNALS; j++)
        if (strcmp(journals[j].measure, measure) == 0)
            return j;
    return 0;
}
