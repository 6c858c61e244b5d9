/* Words of the protocol SMART; see smart.h. */
#include "api/upward/smart.h"
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

/* --- types of measurement ---------------------------------------------------------------------------------------------- */

#define LINES(name_, name40_, kind_, ask_) { .name = name_, .name40 = name40_, .kind = SMART_LINES, .archive = ARCHIVE_COUNT, .lines = kind_, .ask = ask_ }

/* Names of УМ-40: TR1GUN/generate_meterdata. Whether УМ-31 has hours of anything but pulses is not known: here it has not. */
static const struct smart_measure measures[] = {
    { "mEng", NULL, SMART_REGISTERS, ARCHIVE_CURRENT, true, 0, NULL, SMART_ASK_CURRENT },
    { "aEng", "ElMomentEnergy", SMART_REGISTERS, ARCHIVE_CURRENT, false, 0, NULL, SMART_ASK_CURRENT },
    { "aDay", "ElDayEnergy", SMART_REGISTERS, ARCHIVE_DAY, false, 0, NULL, 0 },
    { "aMonth", "ElMonthEnergy", SMART_REGISTERS, ARCHIVE_MONTH, false, 0, NULL, 0 },
    { "mQual", NULL, SMART_NETWORK, ARCHIVE_NETWORK, true, 0, NULL, SMART_ASK_NETWORK },
    { "aQual", "ElMomentQuality", SMART_NETWORK, ARCHIVE_NETWORK, false, 0, NULL, SMART_ASK_NETWORK },
    { "aCons", "ElArr1ConsPower", SMART_PROFILE, ARCHIVE_PROFILE, false, 0, NULL, 0 },
    { "aCfg", "ElConfig", SMART_CONFIGURATION, ARCHIVE_COUNT, true, 0, NULL, SMART_ASK_CONTACT },
    { "mTime", NULL, SMART_CLOCK, ARCHIVE_STATE, true, 0, NULL, SMART_ASK_CONTACT },
    { "mRelay", NULL, SMART_RELAYS, ARCHIVE_STATE, true, 0, NULL, SMART_ASK_STATES },
    LINES("aDayCons", "ElDayConsEnergy", "electricity.day-use", 0), LINES("aMonthCons", "ElMonthConsEnergy", "electricity.month-use", 0),
    LINES("aHour", "PlsHourPulse", "pulses.hour", 0), LINES("PlsMomentPulse", NULL, "pulses.taken", SMART_ASK_CURRENT),
    LINES("PlsDayPulse", NULL, "pulses.day", 0), LINES("PlsMonthPulse", NULL, "pulses.month", 0),
    LINES("DigMomentState", "DigJournalState", "telemechanics.taken", SMART_ASK_STATES),
};

/* "jrnlPwr" of УМ-31 is "ElJrnlPwr" of УМ-40. */
static const struct smart_measure *journal_find(const char *name)
{
#define J(n) { "jrnl", NULL, SMART_JOURNAL, ARCHIVE_JOURNAL, false, n, NULL, 0 }
#define J6(n) J(n), J(n + 1), J(n + 2), J(n + 3), J(n + 4), J(n + 5)
    static const struct smart_measure journals[KIND_JOURNALS] = { J6(1), J6(7), J6(13), J6(19), J6(25), J6(31), J6(37) };
#undef J6
#undef J
    char small[48];
    snprintf(small, sizeof small, "%s%.40s", strncmp(name, "ElJrnl", 6) == 0 ? "jrnl" : "", strncmp(name, "ElJrnl", 6) == 0 ? name + 6 : name);
    uint16_t journal = kind_journal_named(small);
    return journal ? &journals[journal - 1] : NULL;
}

const struct smart_measure *smart_measure_find(const char *name)
{
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (strcmp(measures[i].name, name) == 0 || (measures[i].name40 && strcmp(measures[i].name40, name) == 0))
            return &measures[i];
    return journal_find(name);
}

/* --- tags ------------------------------------------------------------------------------------------------------------------ */

bool smart_wants(const json_t *wanted, const char *tag)
{
    size_t count = json_array_size(wanted);
    for (size_t i = 0; i < count; i++)
        if (strcmp(json_string_value(json_array_get(wanted, i)), tag) == 0)
            return true;
    return count == 0;
}

/* The columns that the pages of readings show are the protocol's tags; a meter may tell one by any of several codes. */
size_t smart_tags(enum smart_kind kind, const json_t *wanted, struct smart_tag ret[SMART_TAGS_MAX])
{
    static const char *const kinds[] = { [SMART_REGISTERS] = "electricity.energy", [SMART_NETWORK] = "electricity.network", [SMART_PROFILE] = "electricity.power" };
    struct kind_column *columns;
    size_t count = 0;
    if (kind > SMART_PROFILE)
        return 0;
    columns = memory_new(COLUMNS_MAX * sizeof *columns);
    size_t all = reading_kind_columns(reading_kind_find(kinds[kind]), columns);
    for (size_t i = 0; i < all; i++)
        for (int k = 0; k < COLUMN_CODES && columns[i].code[k].code && smart_wants(wanted, columns[i].name) && count < SMART_TAGS_MAX; k++) {
            ret[count].obis = columns[i].code[k];
            memcpy(ret[count++].name, columns[i].name, SMART_TAG_ROOM);
        }
    free(columns);
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
