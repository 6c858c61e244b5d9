/* The table of kinds of readings; see kinds.h. Titles of electricity, water and telemechanics are the manual's (S0 4.4.2-4.4.4). */
#include "meter/kinds.h"
#include "meter/events.h"
#include "meter/relay.h"

#include <stdio.h>
#include <string.h>

const char *const kind_resource_names[] = { "electricity", "water", "heat", "pulses", "telemechanics", NULL };
const char *const kind_page_names[] = { "now", "archive", "journal", NULL };

/* --- columns ---------------------------------------------------------------------------------------------------------------- */

enum group {
    GROUP_A_PLUS, GROUP_A_MINUS, GROUP_R_PLUS, GROUP_R_MINUS, GROUP_U, GROUP_U_LINE, GROUP_I, GROUP_I_OTHER, GROUP_P, GROUP_Q, GROUP_S,
    GROUP_ANGLE, GROUP_ANGLE_UI, GROUP_COS, GROUP_TAN, GROUP_FREQUENCY, GROUP_POWER, GROUP_REACTIVE_POWER, GROUP_CONFIGURATION, GROUP_WATER,
    GROUP_HEAT, GROUP_VOLUME, GROUP_MASS, GROUP_TEMPERATURE, GROUP_PRESSURE, GROUP_FLOW, GROUP_HEAT_POWER, GROUP_DIAGNOSTICS,
    GROUP_PULSES, GROUP_PULSES_COLD, GROUP_PULSES_HOT, GROUP_PULSES_GAS, GROUP_PULSES_HEAT, GROUP_PULSES_ELECTRICITY,
    GROUP_INPUTS, GROUP_OUTPUTS, GROUP_EVENT, GROUPS
};

const struct phrase kind_groups[] = {
    [GROUP_A_PLUS] = { { "A+ Прямая активная энергия", "A+ Active energy, import" } },
    [GROUP_A_MINUS] = { { "A- Обратная активная энергия", "A- Active energy, export" } },
    [GROUP_R_PLUS] = { { "R+ Прямая реактивная энергия", "R+ Reactive energy, import" } },
    [GROUP_R_MINUS] = { { "R- Обратная реактивная энергия", "R- Reactive energy, export" } },
    [GROUP_U] = { { "Напряжение фазы", "Phase voltage" } },
    [GROUP_U_LINE] = { { "Линейное напряжение", "Line voltage" } },
    [GROUP_I] = { { "Ток фазы", "Phase current" } },
    [GROUP_I_OTHER] = { { "Ток дифференциальный и нулевого провода", "Differential and neutral current" } },
    [GROUP_P] = { { "Активная мощность фазы", "Active power" } },
    [GROUP_Q] = { { "Реактивная мощность фазы", "Reactive power" } },
    [GROUP_S] = { { "Полная мощность фазы", "Apparent power" } },
    [GROUP_ANGLE] = { { "Угол между фазами", "Angle between phases" } },
    [GROUP_ANGLE_UI] = { { "Угол между напряжениями и токами", "Angle between voltage and current" } },
    [GROUP_COS] = { { "Коэффициент мощности фазы", "Power factor" } },
    [GROUP_TAN] = { { "Коэффициент реактивной мощности", "Reactive power factor" } },
    [GROUP_FREQUENCY] = { { "Частота сети", "Frequency" } },
    [GROUP_POWER] = { { "Активная мощность", "Active power" } },
    [GROUP_REACTIVE_POWER] = { { "Реактивная мощность", "Reactive power" } },
    [GROUP_CONFIGURATION] = { { "Конфигурация", "Configuration" } },
    [GROUP_WATER] = { { "Показания водосчётчика", "Water meter" } },
    [GROUP_HEAT] = { { "Тепловая энергия", "Heat energy" } },
    [GROUP_VOLUME] = { { "Объём", "Volume" } },
    [GROUP_MASS] = { { "Масса", "Mass" } },
    [GROUP_TEMPERATURE] = { { "Температура", "Temperature" } },
    [GROUP_PRESSURE] = { { "Давление", "Pressure" } },
    [GROUP_FLOW] = { { "Расход", "Flow" } },
    [GROUP_HEAT_POWER] = { { "Тепловая мощность", "Heat power" } },
    [GROUP_DIAGNOSTICS] = { { "Время работы и ошибки", "Run time and errors" } },
    [GROUP_PULSES] = { { "Импульсы", "Pulses" } },
    [GROUP_PULSES_COLD] = { { "Холодная вода по импульсам", "Cold water by pulses" } },
    [GROUP_PULSES_HOT] = { { "Горячая вода по импульсам", "Hot water by pulses" } },
    [GROUP_PULSES_GAS] = { { "Газ по импульсам", "Gas by pulses" } },
    [GROUP_PULSES_HEAT] = { { "Тепло по импульсам", "Heat by pulses" } },
    [GROUP_PULSES_ELECTRICITY] = { { "Электроэнергия по импульсам", "Electricity by pulses" } },
    [GROUP_INPUTS] = { { "Входы", "Inputs" } },
    [GROUP_OUTPUTS] = { { "Выходы", "Outputs" } },
    [GROUP_EVENT] = { { "Событие", "Event" } },
};
const size_t kind_group_count = sizeof kind_groups / sizeof *kind_groups;
_Static_assert(sizeof kind_groups / sizeof *kind_groups == GROUPS, "a heading for each group");

enum column_set {
    SET_ENERGY, SET_NETWORK, SET_POWER, SET_CONFIGURATION, SET_WATER, SET_WATER_CONFIGURATION, SET_HEAT, SET_PULSES, SET_CHANNELS, SET_EVENTS,
    SET_CHANGES
};

/* `channels`: so many columns, the number behind the name and in group B of the codes, from `first` on. */
struct column_row {
    enum column_set set;
    const char *name;
    uint8_t group, channels, first;
    enum column_source source;
    uint8_t detail, unit;
    uint32_t mask;
    struct obis code[COLUMN_CODES];
    struct phrase title;
};

#define VALUE(set_, name_, group_, ...) { .set = set_, .name = name_, .group = group_, .code = { __VA_ARGS__ } }
#define ENERGY(name_, group_, c) \
    { .set = SET_ENERGY, .name = name_ "0", .group = group_, .code = { OBIS(1, 0, c, 8, 0, 255) }, .title = { { name_ "0 (сумма)", name_ "0 (sum)" } } }, \
    VALUE(SET_ENERGY, name_ "1", group_, OBIS(1, 0, c, 8, 1, 255)), VALUE(SET_ENERGY, name_ "2", group_, OBIS(1, 0, c, 8, 2, 255)), \
    VALUE(SET_ENERGY, name_ "3", group_, OBIS(1, 0, c, 8, 3, 255)), VALUE(SET_ENERGY, name_ "4", group_, OBIS(1, 0, c, 8, 4, 255))
#define MOMENT(c) OBIS(1, 0, c, 7, 0, 255)
/* A meter with one phase has its voltage and current without a phase's name. */
#define PHASES(name_, group_, c) \
    VALUE(SET_NETWORK, name_ "A", group_, MOMENT(c + 20)), VALUE(SET_NETWORK, name_ "B", group_, MOMENT(c + 40)), VALUE(SET_NETWORK, name_ "C", group_, MOMENT(c + 60))
#define SUM(name_, group_, c) { .set = SET_NETWORK, .name = name_ "S", .group = group_, .code = { MOMENT(c) }, .title = { { name_ "S (сумма)", name_ "S (sum)" } } }
#define ANGLE(name_, group_, e) VALUE(SET_NETWORK, name_, group_, OBIS(1, 0, 81, 7, e, 255))
#define PROFILE(name_, group_, c) VALUE(SET_POWER, name_, group_, OBIS(1, 0, c, 29, 0, 255))
#define FACT(set_, name_, what, ru, en) { .set = set_, .name = name_, .group = GROUP_CONFIGURATION, .source = COLUMN_FACT, .detail = what, .title = { { ru, en } } }
#define HAS(set_, name_, what, ru, en) { .set = set_, .name = name_, .group = GROUP_CONFIGURATION, .source = COLUMN_HAS, .detail = what, .title = { { ru, en } } }
#define SAYS(set_, name_, what, ru, en) { .set = set_, .name = name_, .group = GROUP_EVENT, .source = COLUMN_SAYS, .detail = what, .title = { { ru, en } } }
#define FLAG(set_, name_, group_, bits, ru, en, ...) \
    { .set = set_, .name = name_, .group = group_, .source = COLUMN_STATE, .mask = bits, .code = { __VA_ARGS__ }, .title = { { ru, en } } }
#define HEAT(name_, group_, c, ...) { .set = SET_HEAT, .name = name_, .group = group_, .code = { OBIS(6, 0, c, 0, 0, 255) }, __VA_ARGS__ }
#define HEATS(name_, group_, c, n, ...) HEAT(name_, group_, c, __VA_ARGS__), HEAT(name_, group_, c, .channels = n, .first = 1, __VA_ARGS__)
#define PULSES(name_, group_, ...) { .set = SET_PULSES, .name = name_, .group = group_, .channels = 32, .first = 1, .code = { __VA_ARGS__ } }

#define STATUS_WORD OBIS(0, 0, 97, 97, 0, 255)
#define ERROR_FLAGS OBIS(0, 0, 97, 97, 1, 255)

static const struct column_row rows[] = {
    ENERGY("A+", GROUP_A_PLUS, 1), ENERGY("A-", GROUP_A_MINUS, 2), ENERGY("R+", GROUP_R_PLUS, 3), ENERGY("R-", GROUP_R_MINUS, 4),

    VALUE(SET_NETWORK, "UA", GROUP_U, MOMENT(32), MOMENT(12)), VALUE(SET_NETWORK, "UB", GROUP_U, MOMENT(52)), VALUE(SET_NETWORK, "UC", GROUP_U, MOMENT(72)),
    VALUE(SET_NETWORK, "UAB", GROUP_U_LINE, OBIS(1, 0, 12, 7, 1, 255), MOMENT(124)), VALUE(SET_NETWORK, "UBC", GROUP_U_LINE, OBIS(1, 0, 12, 7, 2, 255), MOMENT(125)),
    VALUE(SET_NETWORK, "UCA", GROUP_U_LINE, OBIS(1, 0, 12, 7, 3, 255), MOMENT(126)),
    VALUE(SET_NETWORK, "IA", GROUP_I, MOMENT(31), MOMENT(11)), VALUE(SET_NETWORK, "IB", GROUP_I, MOMENT(51)), VALUE(SET_NETWORK, "IC", GROUP_I, MOMENT(71)),
    VALUE(SET_NETWORK, "IDiff", GROUP_I_OTHER, OBIS(1, 0, 91, 7, 131, 255)), VALUE(SET_NETWORK, "IN", GROUP_I_OTHER, MOMENT(91)),
    SUM("P", GROUP_P, 1), PHASES("P", GROUP_P, 1), SUM("Q", GROUP_Q, 3), PHASES("Q", GROUP_Q, 3), SUM("S", GROUP_S, 9), PHASES("S", GROUP_S, 9),
    ANGLE("AngAB", GROUP_ANGLE, 10), ANGLE("AngBC", GROUP_ANGLE, 21), ANGLE("AngAC", GROUP_ANGLE, 2),
    ANGLE("AngUIA", GROUP_ANGLE_UI, 4), ANGLE("AngUIB", GROUP_ANGLE_UI, 15), ANGLE("AngUIC", GROUP_ANGLE_UI, 26),
    SUM("kP", GROUP_COS, 13), PHASES("kP", GROUP_COS, 13),
    SUM("kQ", GROUP_TAN, 131), VALUE(SET_NETWORK, "kQA", GROUP_TAN, MOMENT(128)), VALUE(SET_NETWORK, "kQB", GROUP_TAN, MOMENT(129)),
    VALUE(SET_NETWORK, "kQC", GROUP_TAN, MOMENT(130)),
    VALUE(SET_NETWORK, "Freq", GROUP_FREQUENCY, MOMENT(14)),

    PROFILE("P+", GROUP_POWER, 1), PROFILE("P-", GROUP_POWER, 2), PROFILE("Q+", GROUP_REACTIVE_POWER, 3), PROFILE("Q-", GROUP_REACTIVE_POWER, 4),

    FACT(SET_CONFIGURATION, "kU", FACT_RATIO_VOLTAGE, "коэффициент преобразования по напряжению", "voltage ratio"),
    FACT(SET_CONFIGURATION, "kI", FACT_RATIO_CURRENT, "коэффициент преобразования по току", "current ratio"),
    FACT(SET_CONFIGURATION, "const", FACT_CONSTANT, "постоянная счётчика", "meter constant"),
    { .set = SET_CONFIGURATION, .name = "arrInt", .group = GROUP_CONFIGURATION, .source = COLUMN_INTERVAL, .unit = UNIT_MINUTE,
      .title = { { "период интегрирования, мин", "integration period, min" } } },
    HAS(SET_CONFIGURATION, "DST", HAS_SUMMER_TIME, "разрешение смены сезонов", "summer time allowed"),
    HAS(SET_CONFIGURATION, "profile", HAS_PROFILE, "наличие профилей мощности", "has load profiles"),
    HAS(SET_CONFIGURATION, "clock", HAS_CLOCK, "наличие часов", "has a clock"),
    HAS(SET_CONFIGURATION, "tariff", HAS_TARIFFS, "наличие тарификатора", "has tariffs"),
    HAS(SET_CONFIGURATION, "reverse", HAS_REVERSE, "наличие обратной активной энергии", "has reverse active energy"),
    FACT(SET_CONFIGURATION, "serial", FACT_SERIAL, "заводской номер", "serial number"),
    FACT(SET_CONFIGURATION, "model", FACT_TYPE, "тип", "type"), FACT(SET_CONFIGURATION, "version", FACT_FIRMWARE, "версия ПО", "firmware"),

    { .set = SET_WATER, .name = "Vd", .group = GROUP_WATER, .code = { OBIS(8, 0, 1, 0, 0, 255), OBIS(9, 0, 1, 0, 0, 255) },
      .title = { { "Vd - Общий объём воды, прошедшей в прямом направлении", "Vd: volume, forward" } } },
    { .set = SET_WATER, .name = "Vr", .group = GROUP_WATER, .code = { OBIS(8, 0, 1, 128, 0, 255), OBIS(9, 0, 1, 128, 0, 255) },
      .title = { { "Vr - Общий объём воды, прошедшей в обратном направлении", "Vr: volume, reverse" } } },
    /* What a field of 60 s and a reset of the supply are in the status of a family is in none of the documents at hand: no codes yet. */
    FLAG(SET_WATER, "Magnet", GROUP_WATER, 1, "Magnet - Наличие внешнего магнитного поля более 60 секунд", "Magnet: external field for over 60 s", { 0 }),
    /* Status of EN 13757-3: bits 0, 1 the application's error, 3 and 4 a permanent and a temporary one. */
    FLAG(SET_WATER, "MeterError", GROUP_WATER, 0x1B, "MeterError - Некорректные показания счётчика", "MeterError: readings are wrong", STATUS_WORD),
    FLAG(SET_WATER, "PowerReset", GROUP_WATER, 1, "PowerReset - Сброс по питанию", "PowerReset: reset by power", { 0 }),

    HAS(SET_WATER_CONFIGURATION, "clock", HAS_CLOCK, "Наличие часов", "Has a clock"),
    HAS(SET_WATER_CONFIGURATION, "DST", HAS_SUMMER_TIME, "Разрешение смены сезонов", "Summer time allowed"),
    FACT(SET_WATER_CONFIGURATION, "version", FACT_FIRMWARE, "Версия", "Version"),
    FACT(SET_WATER_CONFIGURATION, "model", FACT_TYPE, "Исполнение", "Model"),
    FACT(SET_WATER_CONFIGURATION, "serial", FACT_SERIAL, "Заводской номер", "Serial number"),

    /* Meters count heat in Wh or in joules, and keep to it: a column for each. */
    HEATS("E", GROUP_HEAT, 1, 10, .unit = UNIT_WATT_HOUR), HEATS("Q", GROUP_HEAT, 1, 10, .unit = UNIT_JOULE),
    { .set = SET_HEAT, .name = "Ec", .group = GROUP_HEAT, .code = { OBIS(5, 0, 1, 0, 0, 255) }, .unit = UNIT_WATT_HOUR, .title = { { "Ec (охлаждение)", "Ec (cooling)" } } },
    { .set = SET_HEAT, .name = "Qc", .group = GROUP_HEAT, .code = { OBIS(5, 0, 1, 0, 0, 255) }, .unit = UNIT_JOULE, .title = { { "Qc (охлаждение)", "Qc (cooling)" } } },
    HEATS("V", GROUP_VOLUME, 2, 10), HEATS("M", GROUP_MASS, 3, 10),
    HEAT("tf", GROUP_TEMPERATURE, 10, .title = { { "t подачи", "t flow" } }), HEAT("tr", GROUP_TEMPERATURE, 11, .title = { { "t обратки", "t return" } }),
    HEAT("dt", GROUP_TEMPERATURE, 12, .title = { { "Δt", "Δt" } }),
    { .set = SET_HEAT, .name = "t", .group = GROUP_TEMPERATURE, .code = { OBIS(0, 0, 96, 9, 0, 255) } },
    { .set = SET_HEAT, .name = "t", .group = GROUP_TEMPERATURE, .channels = 10, .first = 1, .code = { OBIS(0, 0, 96, 9, 0, 255) } },
    HEATS("P", GROUP_PRESSURE, 13, 10), HEATS("G", GROUP_FLOW, 9, 10),
    HEATS("W", GROUP_HEAT_POWER, 8, 10, .unit = UNIT_WATT), HEATS("N", GROUP_HEAT_POWER, 8, 10, .unit = UNIT_JOULE_PER_HOUR),
    { .set = SET_HEAT, .name = "tWork", .group = GROUP_DIAGNOSTICS, .code = { OBIS(0, 0, 96, 8, 0, 255) }, .title = { { "Время работы", "Operating time" } } },
    { .set = SET_HEAT, .name = "tOn", .group = GROUP_DIAGNOSTICS, .code = { OBIS(0, 0, 96, 8, 100, 255) }, .title = { { "Время включения", "On time" } } },
    FLAG(SET_HEAT, "Status", GROUP_DIAGNOSTICS, 0, "Слово состояния", "Status word", STATUS_WORD),
    FLAG(SET_HEAT, "Error", GROUP_DIAGNOSTICS, 0, "Код ошибки", "Error code", ERROR_FLAGS),

    PULSES("Pls", GROUP_PULSES, OBIS(0, 0, 96, 128, 0, 255)), PULSES("Cold", GROUP_PULSES_COLD, OBIS(8, 0, 1, 0, 0, 255)),
    PULSES("Hot", GROUP_PULSES_HOT, OBIS(9, 0, 1, 0, 0, 255)), PULSES("Gas", GROUP_PULSES_GAS, OBIS(7, 0, 3, 0, 0, 255)),
    PULSES("Heat", GROUP_PULSES_HEAT, OBIS(6, 0, 1, 0, 0, 255)), PULSES("El", GROUP_PULSES_ELECTRICITY, OBIS(1, 0, 1, 8, 0, 255)),

    { .set = SET_CHANNELS, .name = "Chnl", .group = GROUP_INPUTS, .channels = 33, .source = COLUMN_STATE, .code = { OBIS(0, 0, 96, 3, 1, 255) } },
    { .set = SET_CHANNELS, .name = "Out", .group = GROUP_OUTPUTS, .channels = 32, .first = 1, .source = COLUMN_STATE, .code = { OBIS(0, 0, 128, 2, 0, 255) } },

    SAYS(SET_EVENTS, "journal", SAYS_JOURNAL, "Журнал", "Journal"), SAYS(SET_EVENTS, "event", SAYS_EVENT, "Событие", "Event"),
    SAYS(SET_EVENTS, "code", SAYS_CODE, "Код", "Code"), SAYS(SET_EVENTS, "detail", SAYS_DETAIL, "Подробности", "Detail"),

    SAYS(SET_CHANGES, "channel", SAYS_CHANNEL, "Канал", "Channel"), SAYS(SET_CHANGES, "before", SAYS_BEFORE, "Было", "Before"),
    SAYS(SET_CHANGES, "now", SAYS_NOW, "Стало", "Now"),
};

/* Outputs of modules are relays: their number is in group E. */
static struct obis code_of_channel(struct obis code, uint8_t channel)
{
    if (code.code == 0)
        return code;
    return obis_equal(code, RELAY_OUTPUT(1)) ? RELAY_OUTPUT(channel) : obis_with(code, 1, channel);
}

static void fill_column(const struct column_row *row, uint8_t channel, struct kind_column *ret)
{
    *ret = (struct kind_column){ .source = row->source, .group = row->group, .channel = channel, .unit = row->unit, .detail = row->detail,
                                 .mask = row->mask, .title = row->title };
    if (row->channels)
        snprintf(ret->name, sizeof ret->name, "%s%u", row->name, channel);
    else
        snprintf(ret->name, sizeof ret->name, "%s", row->name);
    for (int i = 0; i < COLUMN_CODES; i++)
        ret->code[i] = row->channels ? code_of_channel(row->code[i], channel) : row->code[i];
}

size_t reading_kind_columns(const struct reading_kind *k, struct kind_column ret[COLUMNS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint8_t n = 0; (int)rows[i].set == k->set && n < (rows[i].channels ? rows[i].channels : 1) && count < COLUMNS_MAX; n++)
            fill_column(&rows[i], (uint8_t)(rows[i].first + n), &ret[count++]);
    return count;
}

char *kind_column_title(const struct kind_column *column, enum lang lang, char text[KIND_TITLE_MAX])
{
    const char *title = phrase_in(&column->title, lang);
    snprintf(text, KIND_TITLE_MAX, "%s", title && *title ? title : column->name);
    return text;
}

static bool is_tag(const struct column_row *row)
{
    bool electric = row->set == SET_ENERGY || row->set == SET_NETWORK || row->set == SET_POWER;
    return row->source == COLUMN_READING && (electric || row->group == GROUP_PULSES);
}

/* Asked for every value that goes up: nothing is made but for the row that has the code. Channels are in group B. */
static bool row_has(const struct column_row *row, uint8_t channel, struct obis o)
{
    bool within = !row->channels || (channel >= row->first && channel < row->first + row->channels);
    for (int i = 0; within && i < COLUMN_CODES && row->code[i].code; i++)
        if (obis_equal(row->channels ? code_of_channel(row->code[i], channel) : row->code[i], o))
            return true;
    return false;
}

const char *kind_tag(struct obis o, char text[COLUMN_NAME_MAX])
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kind_column column;
        if (!is_tag(&rows[i]) || !row_has(&rows[i], obis_group(o, 1), o))
            continue;
        fill_column(&rows[i], obis_group(o, 1), &column);
        memcpy(text, column.name, COLUMN_NAME_MAX);
        return text;
    }
    return NULL;
}

/* --- kinds ------------------------------------------------------------------------------------------------------------------ */

#define BESIDE(a) (1u << (a))
enum { NEAR_HOUR = 900, NEAR_DAY = HOUR_SECONDS };

#define ELECTRICITY(name_, page_, form_, archive_, set_, measure_, ru, en) \
    { .name = "electricity." name_, .resource = KIND_ELECTRICITY, .page = page_, .form = form_, .archive = archive_, .set = set_, .measure = measure_, .title = { { ru, en } } }
/* What modules and most heat and water meters tell is of the moment: starts of hours, days and months are what was read soon after them. */
#define OTHERS(resource_, name_, set_, beside_, measure_) \
    { .name = name_ ".now", .resource = resource_, .page = KIND_NOW, .form = FORM_LATEST, .archive = ARCHIVE_CURRENT, .beside = beside_, .set = set_, .title = { { "Текущие показания", "Readings now" } } }, \
    { .name = name_ ".taken", .resource = resource_, .page = KIND_ARCHIVE, .form = FORM_TAKEN, .archive = ARCHIVE_CURRENT, .beside = beside_, .set = set_, .measure = measure_ "Moment", .title = { { "Срезы показаний", "Readings as they were taken" } } }, \
    { .name = name_ ".hour", .resource = resource_, .page = KIND_ARCHIVE, .form = FORM_STARTS, .archive = ARCHIVE_HOUR, .beside = beside_, .within_s = NEAR_HOUR, .set = set_, .measure = measure_ "Hour", .title = { { "На начало часа", "Start of hour" } } }, \
    { .name = name_ ".day", .resource = resource_, .page = KIND_ARCHIVE, .form = FORM_STARTS, .archive = ARCHIVE_DAY, .beside = beside_, .within_s = NEAR_DAY, .set = set_, .measure = measure_ "Day", .title = { { "На начало суток", "Start of day" } } }, \
    { .name = name_ ".month", .resource = resource_, .page = KIND_ARCHIVE, .form = FORM_STARTS, .archive = ARCHIVE_MONTH, .beside = beside_, .within_s = NEAR_DAY, .set = set_, .measure = measure_ "Month", .title = { { "На начало месяца", "Start of month" } } }

const struct reading_kind reading_kinds[] = {
    ELECTRICITY("energy", KIND_NOW, FORM_LATEST, ARCHIVE_CURRENT, SET_ENERGY, "mEng", "Показания энергии", "Energy"),
    ELECTRICITY("network", KIND_NOW, FORM_LATEST, ARCHIVE_NETWORK, SET_NETWORK, "mQual", "Показатели качества электросети", "Network parameters"),
    ELECTRICITY("day", KIND_ARCHIVE, FORM_STARTS, ARCHIVE_DAY, SET_ENERGY, "aDay", "На начало суток", "Start of day"),
    ELECTRICITY("month", KIND_ARCHIVE, FORM_STARTS, ARCHIVE_MONTH, SET_ENERGY, "aMonth", "На начало месяца", "Start of month"),
    ELECTRICITY("day-use", KIND_ARCHIVE, FORM_USE, ARCHIVE_DAY, SET_ENERGY, "aDayCons", "Потребление за сутки", "Use per day"),
    ELECTRICITY("month-use", KIND_ARCHIVE, FORM_USE, ARCHIVE_MONTH, SET_ENERGY, "aMonthCons", "Потребление за месяц", "Use per month"),
    ELECTRICITY("power", KIND_ARCHIVE, FORM_POWER, ARCHIVE_PROFILE, SET_POWER, "aCons", "Профили мощности", "Load profiles"),
    ELECTRICITY("network-taken", KIND_ARCHIVE, FORM_TAKEN, ARCHIVE_NETWORK, SET_NETWORK, "aQual", "Срезы показаний качества электросети", "Network parameters as they were taken"),
    ELECTRICITY("energy-taken", KIND_ARCHIVE, FORM_TAKEN, ARCHIVE_CURRENT, SET_ENERGY, "aEng", "Срезы показаний энергии", "Energy as it was taken"),
    ELECTRICITY("configuration", KIND_ARCHIVE, FORM_CONFIGURATION, ARCHIVE_COUNT, SET_CONFIGURATION, "aCfg", "Срезы аппаратной конфигурации", "Hardware configuration"),
    ELECTRICITY("journal", KIND_JOURNAL, FORM_EVENTS, ARCHIVE_JOURNAL, SET_EVENTS, NULL, "Журналы", "Journals"),

    OTHERS(KIND_WATER, "water", SET_WATER, BESIDE(ARCHIVE_STATE), "Wtr"),
    { .name = "water.configuration", .resource = KIND_WATER, .page = KIND_ARCHIVE, .form = FORM_CONFIGURATION, .archive = ARCHIVE_COUNT, .set = SET_WATER_CONFIGURATION,
      .title = { { "Срезы аппаратной конфигурации", "Hardware configuration" } } },
    { .name = "water.journal", .resource = KIND_WATER, .page = KIND_JOURNAL, .form = FORM_EVENTS, .archive = ARCHIVE_JOURNAL, .set = SET_EVENTS, .title = { { "Журналы", "Journals" } } },

    OTHERS(KIND_HEAT, "heat", SET_HEAT, BESIDE(ARCHIVE_NETWORK) | BESIDE(ARCHIVE_STATE), "Heat"),
    { .name = "heat.journal", .resource = KIND_HEAT, .page = KIND_JOURNAL, .form = FORM_EVENTS, .archive = ARCHIVE_JOURNAL, .set = SET_EVENTS, .title = { { "Журналы", "Journals" } } },

    OTHERS(KIND_PULSES, "pulses", SET_PULSES, 0, "Pls"),

    { .name = "telemechanics.now", .resource = KIND_TELEMECHANICS, .page = KIND_NOW, .form = FORM_LATEST, .archive = ARCHIVE_STATE, .set = SET_CHANNELS,
      .title = { { "Показания дискретных модулей ввода/вывода", "States of I/O modules" } } },
    { .name = "telemechanics.taken", .resource = KIND_TELEMECHANICS, .page = KIND_ARCHIVE, .form = FORM_CHANNELS, .archive = ARCHIVE_STATE, .set = SET_CHANNELS, .measure = "DigMoment",
      .title = { { "Архивы показаний дискретных модулей ввода/вывода", "Archived states of I/O modules" } } },
    { .name = "telemechanics.journal", .resource = KIND_TELEMECHANICS, .page = KIND_JOURNAL, .form = FORM_CHANGES, .archive = ARCHIVE_STATE, .set = SET_CHANGES,
      .title = { { "Журнал изменения состояний", "Journal of changes" } } },
};
const size_t reading_kind_count = sizeof reading_kinds / sizeof *reading_kinds;

const struct reading_kind *reading_kind_find(const char *name)
{
    for (size_t i = 0; i < reading_kind_count; i++)
        if (strcmp(reading_kinds[i].name, name) == 0)
            return &reading_kinds[i];
    return NULL;
}

/* Codes by their groups: B 0 is the device's own, above it are channels; ANY fits all. */
enum { ANY = -1, CHANNELS = -2 };
static const struct shown_code {
    enum kind_resource resource;
    int16_t a, b, c, d, e;
} shown_codes[] = {
    { KIND_ELECTRICITY, 1, 0, ANY, ANY, ANY },
    { KIND_WATER, 8, 0, ANY, ANY, ANY }, { KIND_WATER, 9, 0, ANY, ANY, ANY },
    { KIND_HEAT, 5, ANY, ANY, ANY, ANY }, { KIND_HEAT, 6, 0, ANY, ANY, ANY }, { KIND_HEAT, 6, CHANNELS, 2, ANY, ANY }, { KIND_HEAT, 6, CHANNELS, 9, ANY, ANY },
    { KIND_PULSES, 0, ANY, 96, 128, ANY }, { KIND_PULSES, 1, CHANNELS, 1, ANY, ANY }, { KIND_PULSES, 6, CHANNELS, 1, ANY, ANY },
    { KIND_PULSES, 7, CHANNELS, ANY, ANY, ANY }, { KIND_PULSES, 8, CHANNELS, ANY, ANY, ANY }, { KIND_PULSES, 9, CHANNELS, ANY, ANY, ANY },
    { KIND_TELEMECHANICS, 0, ANY, 96, 3, 1 }, { KIND_TELEMECHANICS, 0, ANY, 128, 2, ANY },
};

static bool group_fits(int16_t wanted, uint8_t group)
{
    return wanted == ANY || (wanted == CHANNELS ? group > 0 : wanted == group);
}

bool kind_resource_shows(enum kind_resource r, struct obis o)
{
    for (size_t i = 0; i < sizeof shown_codes / sizeof *shown_codes; i++) {
        const int16_t wanted[] = { shown_codes[i].a, shown_codes[i].b, shown_codes[i].c, shown_codes[i].d, shown_codes[i].e };
        int group = shown_codes[i].resource == r ? 0 : 6;
        while (group < 5 && group_fits(wanted[group], obis_group(o, group)))
            group++;
        if (group == 5)
            return true;
    }
    return false;
}
