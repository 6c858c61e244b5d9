/* Journals 1..54 and the way to all texts; see events.h. Titles 1..42 are those of S1 table 6, letter for letter. */
#include "meter/events.h"
#include "base/text.h"
#include "meter/events_spodes.h"

const uint16_t alarm_journals[ALARM_JOURNALS] = { JOURNAL_COVER, JOURNAL_CASE, JOURNAL_REVERSE, JOURNAL_MAGNET, JOURNAL_SELF_TEST,
                                                  JOURNAL_SPODES + 4, JOURNAL_SPODES + 7 };

bool journal_alarms(uint16_t journal)
{
    size_t i = 0;
    while (i < ALARM_JOURNALS && alarm_journals[i] != journal)
        i++;
    return i < ALARM_JOURNALS;
}

struct journal_words {
    struct phrase title;
    struct phrase said[EVENT_DONE + 1]; /* by enum event_code; empty where the journal has no such code */
};

static const struct journal_words journals[] = {
    [JOURNAL_POWER] = {
        .title = { { "Журнал включения/выключения питания", "Power on and off" } },
        .said[EVENT_END] = { { "питание выключено", "power off" } },
        .said[EVENT_BEGIN] = { { "питание включено", "power on" } },
    },
    [JOURNAL_CLOCK] = {
        .title = { { "Коррекция часов ПУ", "Clock corrections" } },
        .said[EVENT_END] = { { "часы до коррекции", "clock before the correction" } },
        .said[EVENT_BEGIN] = { { "часы после коррекции", "clock after the correction" } },
        .said[EVENT_DONE] = { { "часы скорректированы", "clock corrected" } },
    },
    [JOURNAL_RESET] = {
        .title = { { "Сброс накопленных значений", "Reset of accumulated values" } },
        .said[EVENT_DONE] = { { "накопленные значения сброшены", "accumulated values reset" } },
    },
    [JOURNAL_PROFILE_INIT] = {
        .title = { { "Инициализация первого или единственного массива профилей мощности",
                     "First or only load profile initialised" } },
        .said[EVENT_DONE] = { { "массив профиля мощности инициализирован", "load profile initialised" } },
    },
    [JOURNAL_PROFILE2_INIT] = {
        .title = { { "Инициализация второго массива профилей мощности", "Second load profile initialised" } },
        .said[EVENT_DONE] = { { "второй массив профиля мощности инициализирован", "second load profile initialised" } },
    },
    [JOURNAL_TARIFF] = {
        .title = { { "Коррекция тарифного расписания", "Tariff schedule changes" } },
        .said[EVENT_DONE] = { { "тарифное расписание изменено", "tariff schedule changed" } },
    },
    [JOURNAL_COVER] = {
        .title = { { "Открытие/закрытие крышки прибора (электронная пломба)",
                     "Cover opened and closed (electronic seal)" } },
        .said[EVENT_END] = { { "крышка закрыта", "cover closed" } },
        .said[EVENT_BEGIN] = { { "крышка открыта", "cover opened" } },
    },
    [JOURNAL_CASE] = {
        .title = { { "Несанкционированный доступ (вскрытие/закрытие заводской крышки)",
                     "Tampering (factory case opened and closed)" } },
        .said[EVENT_END] = { { "заводская крышка закрыта", "factory case closed" } },
        .said[EVENT_BEGIN] = { { "заводская крышка вскрыта", "factory case opened" } },
    },
    [JOURNAL_PHASE_A] = {
        .title = { { "Включение/выключение фазы А", "Phase A on and off" } },
        .said[EVENT_END] = { { "фаза А пропала", "phase A lost" } },
        .said[EVENT_BEGIN] = { { "фаза А появилась", "phase A restored" } },
    },
    [JOURNAL_PHASE_B] = {
        .title = { { "Включение/выключение фазы В", "Phase B on and off" } },
        .said[EVENT_END] = { { "фаза В пропала", "phase B lost" } },
        .said[EVENT_BEGIN] = { { "фаза В появилась", "phase B restored" } },
    },
    [JOURNAL_PHASE_C] = {
        .title = { { "Включение/выключение фазы С", "Phase C on and off" } },
        .said[EVENT_END] = { { "фаза С пропала", "phase C lost" } },
        .said[EVENT_BEGIN] = { { "фаза С появилась", "phase C restored" } },
    },
    [JOURNAL_PROGRAMMING] = {
        .title = { { "Программирование счётчика", "Meter programming" } },
        .said[EVENT_DONE] = { { "счётчик запрограммирован", "meter programmed" } },
    },
    [JOURNAL_RELAY] = {
        .title = { { "Управление реле управления нагрузкой", "Load relay control" } },
        .said[EVENT_END] = { { "нагрузка отключена", "load switched off" } },
        .said[EVENT_BEGIN] = { { "нагрузка включена", "load switched on" } },
        .said[EVENT_DONE] = { { "команда управления нагрузкой", "load control command" } },
    },
    [JOURNAL_ENERGY_LIMIT] = {
        .title = { { "Превышение лимита энергии по сумме тарифов", "Energy limit exceeded, all tariffs" } },
        .said[EVENT_END] = { { "энергия по сумме тарифов в пределах лимита",
                               "energy of all tariffs back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по сумме тарифов выше лимита", "energy of all tariffs above the limit" } },
    },
    [JOURNAL_ENERGY_LIMIT_TARIFF] = {
        .title = { { "Превышение лимита энергии по тарифу", "Energy limit of a tariff exceeded" } },
        .said[EVENT_END] = { { "энергия по тарифу в пределах лимита", "energy of a tariff back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по тарифу выше лимита", "energy of a tariff above the limit" } },
    },
    [JOURNAL_ENERGY_LIMIT_T1] = {
        .title = { { "Превышение лимита энергии по тарифу 1", "Energy limit of tariff 1 exceeded" } },
        .said[EVENT_END] = { { "энергия по тарифу 1 в пределах лимита", "energy of tariff 1 back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по тарифу 1 выше лимита", "energy of tariff 1 above the limit" } },
    },
    [JOURNAL_ENERGY_LIMIT_T2] = {
        .title = { { "Превышение лимита энергии по тарифу 2", "Energy limit of tariff 2 exceeded" } },
        .said[EVENT_END] = { { "энергия по тарифу 2 в пределах лимита", "energy of tariff 2 back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по тарифу 2 выше лимита", "energy of tariff 2 above the limit" } },
    },
    [JOURNAL_ENERGY_LIMIT_T3] = {
        .title = { { "Превышение лимита энергии по тарифу 3", "Energy limit of tariff 3 exceeded" } },
        .said[EVENT_END] = { { "энергия по тарифу 3 в пределах лимита", "energy of tariff 3 back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по тарифу 3 выше лимита", "energy of tariff 3 above the limit" } },
    },
    [JOURNAL_ENERGY_LIMIT_T4] = {
        .title = { { "Превышение лимита энергии по тарифу 4", "Energy limit of tariff 4 exceeded" } },
        .said[EVENT_END] = { { "энергия по тарифу 4 в пределах лимита", "energy of tariff 4 back within the limit" } },
        .said[EVENT_BEGIN] = { { "энергия по тарифу 4 выше лимита", "energy of tariff 4 above the limit" } },
    },
    [JOURNAL_U_MAX_A] = {
        .title = { { "Выход за пределы максимального значения напряжения фазы А",
                     "Voltage of phase A above the maximum" } },
        .said[EVENT_END] = { { "напряжение фазы А вернулось в норму", "voltage of phase A back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы А выше максимума", "voltage of phase A above the maximum" } },
    },
    [JOURNAL_U_MIN_A] = {
        .title = { { "Выход за пределы минимального значения напряжения фазы А",
                     "Voltage of phase A below the minimum" } },
        .said[EVENT_END] = { { "напряжение фазы А вернулось в норму", "voltage of phase A back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы А ниже минимума", "voltage of phase A below the minimum" } },
    },
    [JOURNAL_U_MAX_B] = {
        .title = { { "Выход за пределы максимального значения напряжения фазы В",
                     "Voltage of phase B above the maximum" } },
        .said[EVENT_END] = { { "напряжение фазы В вернулось в норму", "voltage of phase B back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы В выше максимума", "voltage of phase B above the maximum" } },
    },
    [JOURNAL_U_MIN_B] = {
        .title = { { "Выход за пределы минимального значения напряжения фазы В",
                     "Voltage of phase B below the minimum" } },
        .said[EVENT_END] = { { "напряжение фазы В вернулось в норму", "voltage of phase B back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы В ниже минимума", "voltage of phase B below the minimum" } },
    },
    [JOURNAL_U_MAX_C] = {
        .title = { { "Выход за пределы максимального значения напряжения фазы С",
                     "Voltage of phase C above the maximum" } },
        .said[EVENT_END] = { { "напряжение фазы С вернулось в норму", "voltage of phase C back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы С выше максимума", "voltage of phase C above the maximum" } },
    },
    [JOURNAL_U_MIN_C] = {
        .title = { { "Выход за пределы минимального значения напряжения фазы С",
                     "Voltage of phase C below the minimum" } },
        .said[EVENT_END] = { { "напряжение фазы С вернулось в норму", "voltage of phase C back to normal" } },
        .said[EVENT_BEGIN] = { { "напряжение фазы С ниже минимума", "voltage of phase C below the minimum" } },
    },
    [JOURNAL_U_MAX_AB] = {
        .title = { { "Выход за пределы максимального значения межфазного напряжения фаз АВ",
                     "Voltage between phases AB above the maximum" } },
        .said[EVENT_END] = { { "межфазное напряжение АВ вернулось в норму",
                               "voltage between phases AB back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение АВ выше максимума",
                                 "voltage between phases AB above the maximum" } },
    },
    [JOURNAL_U_MIN_AB] = {
        .title = { { "Выход за пределы минимального значения межфазного напряжения фаз АВ",
                     "Voltage between phases AB below the minimum" } },
        .said[EVENT_END] = { { "межфазное напряжение АВ вернулось в норму",
                               "voltage between phases AB back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение АВ ниже минимума",
                                 "voltage between phases AB below the minimum" } },
    },
    [JOURNAL_U_MAX_BC] = {
        .title = { { "Выход за пределы максимального значения межфазного напряжения фаз ВС",
                     "Voltage between phases BC above the maximum" } },
        .said[EVENT_END] = { { "межфазное напряжение ВС вернулось в норму",
                               "voltage between phases BC back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение ВС выше максимума",
                                 "voltage between phases BC above the maximum" } },
    },
    [JOURNAL_U_MIN_BC] = {
        .title = { { "Выход за пределы минимального значения межфазного напряжения фаз ВС",
                     "Voltage between phases BC below the minimum" } },
        .said[EVENT_END] = { { "межфазное напряжение ВС вернулось в норму",
                               "voltage between phases BC back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение ВС ниже минимума",
                                 "voltage between phases BC below the minimum" } },
    },
    [JOURNAL_U_MAX_CA] = {
        .title = { { "Выход за пределы максимального значения межфазного напряжения фаз СА",
                     "Voltage between phases CA above the maximum" } },
        .said[EVENT_END] = { { "межфазное напряжение СА вернулось в норму",
                               "voltage between phases CA back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение СА выше максимума",
                                 "voltage between phases CA above the maximum" } },
    },
    [JOURNAL_U_MIN_CA] = {
        .title = { { "Выход за пределы минимального значения межфазного напряжения фаз СА",
                     "Voltage between phases CA below the minimum" } },
        .said[EVENT_END] = { { "межфазное напряжение СА вернулось в норму",
                               "voltage between phases CA back to normal" } },
        .said[EVENT_BEGIN] = { { "межфазное напряжение СА ниже минимума",
                                 "voltage between phases CA below the minimum" } },
    },
    [JOURNAL_I_MAX_A] = {
        .title = { { "Выход за пределы максимального значения тока фазы А", "Current of phase A above the maximum" } },
        .said[EVENT_END] = { { "ток фазы А вернулся в норму", "current of phase A back to normal" } },
        .said[EVENT_BEGIN] = { { "ток фазы А выше максимума", "current of phase A above the maximum" } },
    },
    [JOURNAL_I_MAX_B] = {
        .title = { { "Выход за пределы максимального значения тока фазы В", "Current of phase B above the maximum" } },
        .said[EVENT_END] = { { "ток фазы В вернулся в норму", "current of phase B back to normal" } },
        .said[EVENT_BEGIN] = { { "ток фазы В выше максимума", "current of phase B above the maximum" } },
    },
    [JOURNAL_I_MAX_C] = {
        .title = { { "Выход за пределы максимального значения тока фазы С", "Current of phase C above the maximum" } },
        .said[EVENT_END] = { { "ток фазы С вернулся в норму", "current of phase C back to normal" } },
        .said[EVENT_BEGIN] = { { "ток фазы С выше максимума", "current of phase C above the maximum" } },
    },
    [JOURNAL_F_MAX] = {
        .title = { { "Выход за пределы максимального значения частоты сети", "Frequency above the maximum" } },
        .said[EVENT_END] = { { "частота сети вернулась в норму", "frequency back to normal" } },
        .said[EVENT_BEGIN] = { { "частота сети выше максимума", "frequency above the maximum" } },
    },
    [JOURNAL_F_MIN] = {
        .title = { { "Выход за пределы минимального значения частоты сети", "Frequency below the minimum" } },
        .said[EVENT_END] = { { "частота сети вернулась в норму", "frequency back to normal" } },
        .said[EVENT_BEGIN] = { { "частота сети ниже минимума", "frequency below the minimum" } },
    },
    [JOURNAL_POWER_LIMIT] = {
        .title = { { "Превышение лимита мощности", "Power limit exceeded" } },
        .said[EVENT_END] = { { "мощность в пределах лимита", "power back within the limit" } },
        .said[EVENT_BEGIN] = { { "мощность выше лимита", "power above the limit" } },
    },
    [JOURNAL_POWER_LIMIT_A_PLUS] = {
        .title = { { "Превышение лимита мощности прямого активного направления",
                     "Active import power limit exceeded" } },
        .said[EVENT_END] = { { "мощность A+ в пределах лимита", "power A+ back within the limit" } },
        .said[EVENT_BEGIN] = { { "мощность A+ выше лимита", "power A+ above the limit" } },
    },
    [JOURNAL_POWER_LIMIT_A_MINUS] = {
        .title = { { "Превышение лимита мощности обратного активного направления",
                     "Active export power limit exceeded" } },
        .said[EVENT_END] = { { "мощность A− в пределах лимита", "power A− back within the limit" } },
        .said[EVENT_BEGIN] = { { "мощность A− выше лимита", "power A− above the limit" } },
    },
    [JOURNAL_POWER_LIMIT_R_PLUS] = {
        .title = { { "Превышение лимита мощности прямого реактивного направления",
                     "Reactive import power limit exceeded" } },
        .said[EVENT_END] = { { "мощность R+ в пределах лимита", "power R+ back within the limit" } },
        .said[EVENT_BEGIN] = { { "мощность R+ выше лимита", "power R+ above the limit" } },
    },
    [JOURNAL_POWER_LIMIT_R_MINUS] = {
        .title = { { "Превышение лимита мощности обратного реактивного направления",
                     "Reactive export power limit exceeded" } },
        .said[EVENT_END] = { { "мощность R− в пределах лимита", "power R− back within the limit" } },
        .said[EVENT_BEGIN] = { { "мощность R− выше лимита", "power R− above the limit" } },
    },
    [JOURNAL_REVERSE] = {
        .title = { { "Реверс", "Reverse power" } },
        .said[EVENT_END] = { { "обратное направление мощности прекратилось", "reverse power ended" } },
        .said[EVENT_BEGIN] = { { "обратное направление мощности началось", "reverse power began" } },
    },
    [JOURNAL_MAGNET] = {
        .title = { { "Воздействие магнитного поля", "Magnetic field" } },
        .said[EVENT_END] = { { "воздействие магнитного поля прекратилось", "magnetic field gone" } },
        .said[EVENT_BEGIN] = { { "воздействие магнитного поля началось", "magnetic field detected" } },
        .said[EVENT_DONE] = { { "зафиксировано воздействие магнитного поля", "magnetic field recorded" } },
    },
    [JOURNAL_SELF_TEST] = {
        .title = { { "Самодиагностика (слово состояния)", "Self-diagnosis" } },
        .said[EVENT_END] = { { "ошибка самодиагностики устранена", "self-diagnosis error cleared" } },
        .said[EVENT_BEGIN] = { { "ошибка самодиагностики", "self-diagnosis error" } },
        .said[EVENT_DONE] = { { "слово состояния изменилось", "status word changed" } },
    },
    [JOURNAL_QUALITY] = {
        .title = { { "Провалы и перенапряжения", "Dips and over-voltages" } },
        .said[EVENT_END] = { { "провал или перенапряжение закончились", "dip or over-voltage ended" } },
        .said[EVENT_BEGIN] = { { "провал или перенапряжение начались", "dip or over-voltage began" } },
        .said[EVENT_DONE] = { { "зафиксирован провал или перенапряжение", "dip or over-voltage recorded" } },
    },
    [JOURNAL_PHASE_ORDER] = {
        .title = { { "Порядок чередования фаз", "Phase sequence" } },
        .said[EVENT_END] = { { "порядок чередования фаз восстановлен", "phase sequence restored" } },
        .said[EVENT_BEGIN] = { { "порядок чередования фаз нарушен", "wrong phase sequence" } },
    },
    [JOURNAL_CURRENT_WITHOUT_VOLTAGE] = {
        .title = { { "Ток при отсутствии напряжения", "Current without voltage" } },
        .said[EVENT_END] = { { "ток при отсутствии напряжения прекратился", "current without voltage ended" } },
        .said[EVENT_BEGIN] = { { "ток при отсутствии напряжения появился", "current without voltage began" } },
    },
};

static const struct phrase unlisted_journal = { { "Журнал", "Journal" } };
static const struct phrase unlisted_code = { { "код", "code" } };

static const struct journal_words *words_of(uint16_t journal)
{
    bool listed = journal < sizeof journals / sizeof *journals && journals[journal].title.in[LANG_RU];
    return listed ? &journals[journal] : NULL;
}

static bool is_spodes(uint16_t journal)
{
    return journal >= JOURNAL_SPODES && journal <= JOURNAL_SPODES_LAST;
}

static const char *numbered(const struct phrase *what, unsigned number, enum lang lang, char text[EVENT_TEXT_MAX])
{
    struct text t = text_over(text, EVENT_TEXT_MAX);
    text_printf(&t, "%s %u", phrase_in(what, lang), number);
    return text;
}

const char *journal_title(uint16_t journal, enum lang lang, char text[EVENT_TEXT_MAX])
{
    const struct journal_words *words = words_of(journal);
    if (words)
        return phrase_in(&words->title, lang);
    if (is_spodes(journal))
        return spodes_journal_title(journal - JOURNAL_SPODES, lang, text);
    return numbered(&unlisted_journal, journal, lang, text);
}

const char *event_text(uint16_t journal, uint16_t code, enum lang lang, char text[EVENT_TEXT_MAX])
{
    const struct journal_words *words = words_of(journal);
    const char *said = NULL;
    if (words && code <= EVENT_DONE)
        said = phrase_in(&words->said[code], lang);
    else if (is_spodes(journal))
        said = spodes_event_text(journal - JOURNAL_SPODES, code, lang, text);
    return said ? said : numbered(&unlisted_code, code, lang, text);
}
