/* Measures, tags and the texts of templates; see kinds.h. Names are those that masters of УМ-31 SMART's JSON use. */
#include "upstream/mqtt/kinds.h"
#include "meter/events.h"
#include "meter/kinds.h"

#include <stdio.h>
#include <stdlib.h>

#define JOURNAL(n, number) { n, { { "", "" } }, ARCHIVE_JOURNAL, false, number }

const struct mqtt_kind mqtt_kinds[] = {
    { "mTime", { { "Текущее время прибора учёта", "Clock of the meter" } }, ARCHIVE_STATE, true, 0 },
    { "mRelay", { { "Текущие состояния реле", "Relays now" } }, ARCHIVE_STATE, true, 0 },
    { "mEng", { { "Текущие показания", "Readings now" } }, ARCHIVE_CURRENT, true, 0 },
    { "mQual", { { "Текущие показатели качества электросети", "Network parameters now" } }, ARCHIVE_NETWORK, true, 0 },
    { "aEng", { { "Срезы показаний", "Readings as they were taken" } }, ARCHIVE_CURRENT, false, 0 },
    { "aQual", { { "Срезы показателей качества электросети", "Network parameters as they were taken" } }, ARCHIVE_NETWORK, false, 0 },
    { "aDay", { { "Показания на начало суток", "Start of day" } }, ARCHIVE_DAY, false, 0 },
    { "aMonth", { { "Показания на начало месяца", "Start of month" } }, ARCHIVE_MONTH, false, 0 },
    { "aCons", { { "Профили мощности", "Load profile" } }, ARCHIVE_PROFILE, false, 0 },
    { "aHour", { { "Показания на начало часа", "Hourly archive" } }, ARCHIVE_HOUR, false, 0 },
    { "jrnl", { { "Все журналы", "All journals" } }, ARCHIVE_JOURNAL, false, 0 },
    JOURNAL("jrnlPwr", JOURNAL_POWER),
    JOURNAL("jrnlTimeCorr", JOURNAL_CLOCK),
    JOURNAL("jrnlReset", JOURNAL_RESET),
    JOURNAL("jrnlC1Init", JOURNAL_PROFILE_INIT),
    JOURNAL("jrnlC2Init", JOURNAL_PROFILE2_INIT),
    JOURNAL("jrnlTrfCorr", JOURNAL_TARIFF),
    JOURNAL("jrnlOpen", JOURNAL_COVER),
    JOURNAL("jrnlUnAyth", JOURNAL_CASE),
    JOURNAL("jrnlPwrA", JOURNAL_PHASE_A),
    JOURNAL("jrnlPwrB", JOURNAL_PHASE_B),
    JOURNAL("jrnlPwrC", JOURNAL_PHASE_C),
    JOURNAL("jrnlProg", JOURNAL_PROGRAMMING),
    JOURNAL("jrnlRelay", JOURNAL_RELAY),
    JOURNAL("jrnlLimESumm", JOURNAL_ENERGY_LIMIT),
    JOURNAL("jrnlLimETrf", JOURNAL_ENERGY_LIMIT_TARIFF),
    JOURNAL("jrnlLimETrf1", JOURNAL_ENERGY_LIMIT_T1),
    JOURNAL("jrnlLimETrf2", JOURNAL_ENERGY_LIMIT_T2),
    JOURNAL("jrnlLimETrf3", JOURNAL_ENERGY_LIMIT_T3),
    JOURNAL("jrnlLimETrf4", JOURNAL_ENERGY_LIMIT_T4),
    JOURNAL("jrnlLimUAMax", JOURNAL_U_MAX_A),
    JOURNAL("jrnlLimUAMin", JOURNAL_U_MIN_A),
    JOURNAL("jrnlLimUBMax", JOURNAL_U_MAX_B),
    JOURNAL("jrnlLimUBMin", JOURNAL_U_MIN_B),
    JOURNAL("jrnlLimUCMax", JOURNAL_U_MAX_C),
    JOURNAL("jrnlLimUCMin", JOURNAL_U_MIN_C),
    JOURNAL("jrnlLimUABMax", JOURNAL_U_MAX_AB),
    JOURNAL("jrnlLimUABMin", JOURNAL_U_MIN_AB),
    JOURNAL("jrnlLimUBCMax", JOURNAL_U_MAX_BC),
    JOURNAL("jrnlLimUBCMin", JOURNAL_U_MIN_BC),
    JOURNAL("jrnlLimUCAMax", JOURNAL_U_MAX_CA),
    JOURNAL("jrnlLimUCAMin", JOURNAL_U_MIN_CA),
    JOURNAL("jrnlLimIAMax", JOURNAL_I_MAX_A),
    JOURNAL("jrnlLimIBMax", JOURNAL_I_MAX_B),
    JOURNAL("jrnlLimICMax", JOURNAL_I_MAX_C),
    JOURNAL("jrnlLimFreqMax", JOURNAL_F_MAX),
    JOURNAL("jrnlLimFreqMin", JOURNAL_F_MIN),
    JOURNAL("jrnlLimPwr", JOURNAL_POWER_LIMIT),
    JOURNAL("jrnlLimPwrPP", JOURNAL_POWER_LIMIT_A_PLUS),
    JOURNAL("jrnlLimPwrPM", JOURNAL_POWER_LIMIT_A_MINUS),
    JOURNAL("jrnlLimPwrQP", JOURNAL_POWER_LIMIT_R_PLUS),
    JOURNAL("jrnlLimPwrQM", JOURNAL_POWER_LIMIT_R_MINUS),
    JOURNAL("jrnlRvr", JOURNAL_REVERSE),
};
const size_t mqtt_kind_count = sizeof mqtt_kinds / sizeof *mqtt_kinds;
_Static_assert(sizeof mqtt_kinds / sizeof *mqtt_kinds <= MQTT_WANTS_MAX, "a template may want every kind");

const char *const mqtt_depth_names[] = { [DEPTH_FULL] = "full", [DEPTH_DAYS] = "days", [DEPTH_LAST] = "last", NULL };

const struct mqtt_kind *mqtt_kind_find(const char *name)
{
    for (size_t i = 0; i < mqtt_kind_count; i++)
        if (strcmp(mqtt_kinds[i].name, name) == 0)
            return &mqtt_kinds[i];
    return NULL;
}

const char *mqtt_kind_title(const struct mqtt_kind *k, enum lang lang, char *text)
{
    const char *title = phrase_in(&k->title, lang);
    return *title ? title : journal_title(k->journal, lang, text);
}

/* ---- wants as text ---- */

void mqtt_wants_write(const struct mqtt_want *wants, size_t count, struct text *t)
{
    for (size_t i = 0; i < count; i++) {
        text_printf(t, "%s%s %s", i ? ";" : "", wants[i].kind->name, mqtt_depth_names[wants[i].depth]);
        if (wants[i].depth == DEPTH_DAYS)
            text_printf(t, " %d", wants[i].days);
    }
}

static bool want_read(char *part, struct mqtt_want *ret)
{
    char *rest = NULL;
    const char *name = strtok_r(part, " ", &rest), *depth = strtok_r(NULL, " ", &rest), *days = strtok_r(NULL, " ", &rest);
    *ret = (struct mqtt_want){ .kind = name ? mqtt_kind_find(name) : NULL, .depth = DEPTHS, .days = days ? atoi(days) : 0 };
    for (int i = 0; depth && i < DEPTHS; i++)
        if (strcmp(mqtt_depth_names[i], depth) == 0)
            ret->depth = (enum mqtt_depth)i;
    return ret->kind && ret->depth < DEPTHS && (ret->depth != DEPTH_DAYS || (ret->days >= 1 && ret->days <= MQTT_DAYS_MAX));
}

bool mqtt_wants_read(const char *text, struct mqtt_want wants[MQTT_WANTS_MAX], size_t *ret_count)
{
    char copy[MQTT_WANTS_TEXT_MAX], *rest = NULL;
    size_t count = 0;
    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    for (char *part = strtok_r(copy, ";", &rest); part; part = strtok_r(NULL, ";", &rest))
        if (count == MQTT_WANTS_MAX || !want_read(part, &wants[count++]))
            return false;
    *ret_count = count;
    return true;
}

/* ---- words of the messages ---- */

const char *mqtt_journal_measure(uint16_t journal, char text[MQTT_NAME_MAX])
{
    const char *known = kind_journal_measure(journal);
    if (!known)
        snprintf(text, MQTT_NAME_MAX, "jrnl%u", journal);
    return known ? known : text;
}

const char *mqtt_tag(struct obis o, char text[OBIS_TEXT_MAX])
{
    _Static_assert((int)COLUMN_NAME_MAX <= (int)OBIS_TEXT_MAX, "a tag fits where a code does");
    return kind_tag(o, text) ? text : obis_format(o, text);
}
