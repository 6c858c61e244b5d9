/* Words of the protocol SMART; see smart.h. */
#include "api/smart.h"

#include <stdio.h>
#include <stdlib.h>

/* --- types of measurement ---------------------------------------------------------------------------------------------- */

static const struct smart_measure measures[] = {
    { "mEng", NULL, SMART_REGISTERS, ARCHIVE_CURRENT, true, 0 },
    { "aEng", "ElMomentEnergy", SMART_REGISTERS, ARCHIVE_CURRENT, false, 0 },
    { "aDay", "ElDayEnergy", SMART_REGISTERS, ARCHIVE_DAY, false, 0 },
    { "aMonth", "ElMonthEnergy", SMART_REGISTERS, ARCHIVE_MONTH, false, 0 },
    { "mQual", NULL, SMART_NETWORK, ARCHIVE_NETWORK, true, 0 },
    { "aQual", "ElMomentQuality", SMART_NETWORK, ARCHIVE_NETWORK, false, 0 },
    { "aCons", "ElArr1ConsPower", SMART_PROFILE, ARCHIVE_PROFILE, false, 0 },
    { "aCfg", "ElConfig", SMART_CONFIGURATION, ARCHIVE_COUNT, true, 0 },
#define JOURNAL(number, name) { "jrnl" name, NULL, SMART_JOURNAL, ARCHIVE_JOURNAL, false, number }
    JOURNAL(1, "Pwr"), JOURNAL(2, "TimeCorr"), JOURNAL(3, "Reset"), JOURNAL(4, "C1Init"), JOURNAL(5, "C2Init"), JOURNAL(6, "TrfCorr"),
    JOURNAL(7, "Open"), JOURNAL(8, "UnAyth"), JOURNAL(9, "PwrA"), JOURNAL(10, "PwrB"), JOURNAL(11, "PwrC"), JOURNAL(12, "Prog"),
    JOURNAL(13, "Relay"), JOURNAL(14, "LimESumm"), JOURNAL(15, "LimETrf"), JOURNAL(16, "LimETrf1"), JOURNAL(17, "LimETrf2"),
    JOURNAL(18, "LimETrf3"), JOURNAL(19, "LimETrf4"), JOURNAL(20, "LimUAMax"), JOURNAL(21, "LimUAMin"), JOURNAL(22, "LimUBMax"),
    JOURNAL(23, "LimUBMin"), JOURNAL(24, "LimUCMax"), JOURNAL(25, "LimUCMin"), JOURNAL(26, "LimUABMax"), JOURNAL(27, "LimUABMin"),
    JOURNAL(28, "LimUBCMax"), JOURNAL(29, "LimUBCMin"), JOURNAL(30, "LimUCAMax"), JOURNAL(31, "LimUCAMin"), JOURNAL(32, "LimIAMax"),
    JOURNAL(33, "LimIBMax"), JOURNAL(34, "LimICMax"), JOURNAL(35, "LimFreqMax"), JOURNAL(36, "LimFreqMin"), JOURNAL(37, "LimPwr"),
    JOURNAL(38, "LimPwrPP"), JOURNAL(39, "LimPwrPM"), JOURNAL(40, "LimPwrQP"), JOURNAL(41, "LimPwrQM"), JOURNAL(42, "Rvr"),
#undef JOURNAL
};

const struct smart_measure *smart_measure_find(const char *name)
{
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (strcmp(measures[i].name, name) == 0 || (measures[i].name40 && strcmp(measures[i].name40, name) == 0))
            return &measures[i];
    return NULL;
}

/* --- tags ------------------------------------------------------------------------------------------------------------------ */

/* A meter with one phase has voltage and current without a phase's name. */
#define INSTANT(c) OBIS(1, 0, c, 7, 0, 255)
static const struct smart_tag network[] = {
    { "UA", INSTANT(32) }, { "UA", INSTANT(12) }, { "UB", INSTANT(52) }, { "UC", INSTANT(72) },
    { "IA", INSTANT(31) }, { "IA", INSTANT(11) }, { "IB", INSTANT(51) }, { "IC", INSTANT(71) },
    { "PS", INSTANT(1) }, { "PA", INSTANT(21) }, { "PB", INSTANT(41) }, { "PC", INSTANT(61) },
    { "QS", INSTANT(3) }, { "QA", INSTANT(23) }, { "QB", INSTANT(43) }, { "QC", INSTANT(63) },
    { "SS", INSTANT(9) }, { "SA", INSTANT(29) }, { "SB", INSTANT(49) }, { "SC", INSTANT(69) },
    { "AngAB", OBIS(1, 0, 81, 7, 10, 255) }, { "AngBC", OBIS(1, 0, 81, 7, 21, 255) }, { "AngAC", OBIS(1, 0, 81, 7, 2, 255) },
    { "kPS", INSTANT(13) }, { "kPA", INSTANT(33) }, { "kPB", INSTANT(53) }, { "kPC", INSTANT(73) }, { "Freq", INSTANT(14) },
};

static const struct smart_tag profile[] = {
    { "P+", OBIS(1, 0, 1, 29, 0, 255) }, { "P-", OBIS(1, 0, 2, 29, 0, 255) }, { "Q+", OBIS(1, 0, 3, 29, 0, 255) }, { "Q-", OBIS(1, 0, 4, 29, 0, 255) },
};

bool smart_wants(const json_t *wanted, const char *tag)
{
    size_t count = json_array_size(wanted);
    for (size_t i = 0; i < count; i++)
        if (strcmp(json_string_value(json_array_get(wanted, i)), tag) == 0)
            return true;
    return count == 0;
}

static void add(const json_t *wanted, const struct smart_tag *tag, struct smart_tag *list, size_t *count)
{
    if (smart_wants(wanted, tag->name))
        list[(*count)++] = *tag;
}

/* "A+0": sum, "A+1".."A+4": tariffs. */
static size_t register_tags(const json_t *wanted, struct smart_tag *ret)
{
    static const char *const channels[] = { "A+", "A-", "R+", "R-" };
    size_t count = 0;
    for (int channel = 0; channel < 4; channel++)
        for (int tariff = 0; tariff <= 4; tariff++) {
            struct smart_tag tag = { .obis = OBIS(1, 0, channel + 1, 8, tariff, 255) };
            snprintf(tag.name, sizeof tag.name, "%s%c", channels[channel], '0' + tariff);
            add(wanted, &tag, ret, &count);
        }
    return count;
}

size_t smart_tags(enum smart_kind kind, const json_t *wanted, struct smart_tag ret[SMART_TAGS_MAX])
{
    size_t count = 0;
    if (kind == SMART_REGISTERS)
        return register_tags(wanted, ret);
    for (size_t i = 0; kind == SMART_NETWORK && i < sizeof network / sizeof *network; i++)
        add(wanted, &network[i], ret, &count);
    for (size_t i = 0; kind == SMART_PROFILE && i < sizeof profile / sizeof *profile; i++)
        add(wanted, &profile[i], ret, &count);
    return count;
}

/* --- time ------------------------------------------------------------------------------------------------------------------- */

bool smart_time(const char *text, int64_t *ret_utc)
{
    char wall_text[20] = "", sign = 0;
    int hours = 0, minutes = 0, end = 0;
    int count = sscanf(text, "%19[0-9T:-]%c%2d:%2d%n", wall_text, &sign, &hours, &minutes, &end);
    bool zulu = count == 2 && sign == 'Z' && text[20] == '\0';
    bool offset = count == 4 && (sign == '+' || sign == '-') && text[end] == '\0' && hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60;
    int64_t wall = strlen(wall_text) == 19 ? wall_parse(wall_text) : WALL_NONE;
    if ((!zulu && !offset) || wall == WALL_NONE)
        return false;
    *ret_utc = wall - (sign == '-' ? -1 : 1) * (hours * 60 + minutes) * 60;
    return true;
}
