/* Journals 0.0.99.98.e.255 of СПОДЭС: titles, event codes, status words. Source: spodes.md section 5 (ГОСТ Р 58940-2020
 * annex Д and the additions of СТО 34.01-5.1-006). Tables are indexed by the code, so that a code given twice does not
 * compile. */
#include "meter/events_spodes.h"
#include "base/text.h"

/* 0.0.96.11.0, spodes.md 5.1. */
static const struct phrase voltage[] = {
    [1] = { { "фаза А: пропадание напряжения", "phase A: voltage lost" } },
    [2] = { { "фаза А: восстановление напряжения", "phase A: voltage restored" } },
    [3] = { { "фаза В: пропадание напряжения", "phase B: voltage lost" } },
    [4] = { { "фаза В: восстановление напряжения", "phase B: voltage restored" } },
    [5] = { { "фаза С: пропадание напряжения", "phase C: voltage lost" } },
    [6] = { { "фаза С: восстановление напряжения", "phase C: voltage restored" } },
    [7] = { { "превышение напряжения любой фазы: начало", "over-voltage of any phase: start" } },
    [8] = { { "превышение напряжения любой фазы: окончание", "over-voltage of any phase: end" } },
    [9] = { { "низкое напряжение любой фазы: начало", "low voltage of any phase: start" } },
    [10] = { { "низкое напряжение любой фазы: окончание", "low voltage of any phase: end" } },
    [11] = { { "несимметрия напряжений по обратной последовательности: начало",
               "negative sequence voltage asymmetry: start" } },
    [12] = { { "несимметрия напряжений по обратной последовательности: окончание",
               "negative sequence voltage asymmetry: end" } },
    [13] = { { "фаза А, перенапряжение: начало", "phase A, over-voltage: start" } },
    [14] = { { "фаза А, перенапряжение: окончание", "phase A, over-voltage: end" } },
    [15] = { { "фаза В, перенапряжение: начало", "phase B, over-voltage: start" } },
    [16] = { { "фаза В, перенапряжение: окончание", "phase B, over-voltage: end" } },
    [17] = { { "фаза С, перенапряжение: начало", "phase C, over-voltage: start" } },
    [18] = { { "фаза С, перенапряжение: окончание", "phase C, over-voltage: end" } },
    [19] = { { "фаза А, провал напряжения: начало", "phase A, voltage dip: start" } },
    [20] = { { "фаза А, провал напряжения: окончание", "phase A, voltage dip: end" } },
    [21] = { { "фаза В, провал напряжения: начало", "phase B, voltage dip: start" } },
    [22] = { { "фаза В, провал напряжения: окончание", "phase B, voltage dip: end" } },
    [23] = { { "фаза С, провал напряжения: начало", "phase C, voltage dip: start" } },
    [24] = { { "фаза С, провал напряжения: окончание", "phase C, voltage dip: end" } },
    [25] = { { "неправильная последовательность фаз: начало", "wrong phase sequence: start" } },
    [26] = { { "неправильная последовательность фаз: окончание", "wrong phase sequence: end" } },
    [27] = { { "прерывание напряжения", "voltage interruption" } },
    [28] = { { "восстановление напряжения после прерывания", "voltage restored after an interruption" } },
};

/* 0.0.96.11.1, 5.2. */
static const struct phrase current[] = {
    [1] = { { "фаза А, экспорт: начало", "phase A, export: start" } },
    [2] = { { "фаза А, экспорт: окончание", "phase A, export: end" } },
    [3] = { { "фаза В, экспорт: начало", "phase B, export: start" } },
    [4] = { { "фаза В, экспорт: окончание", "phase B, export: end" } },
    [5] = { { "фаза С, экспорт: начало", "phase C, export: start" } },
    [6] = { { "фаза С, экспорт: окончание", "phase C, export: end" } },
    [7] = { { "обрыв трансформатора тока фазы А", "current transformer of phase A broken" } },
    [8] = { { "восстановление трансформатора тока фазы А", "current transformer of phase A restored" } },
    [9] = { { "обрыв трансформатора тока фазы В", "current transformer of phase B broken" } },
    [10] = { { "восстановление трансформатора тока фазы В", "current transformer of phase B restored" } },
    [11] = { { "обрыв трансформатора тока фазы С", "current transformer of phase C broken" } },
    [12] = { { "восстановление трансформатора тока фазы С", "current transformer of phase C restored" } },
    [13] = { { "небаланс токов: начало", "current imbalance: start" } },
    [14] = { { "небаланс токов: окончание", "current imbalance: end" } },
    [15] = { { "замыкание трансформатора тока: начало", "current transformer short circuit: start" } },
    [16] = { { "замыкание трансформатора тока: окончание", "current transformer short circuit: end" } },
    [17] = { { "превышение тока любой фазы: начало", "over-current of any phase: start" } },
    [18] = { { "превышение тока любой фазы: окончание", "over-current of any phase: end" } },
    [19] = { { "фаза А, ток при отсутствии напряжения: начало", "phase A, current without voltage: start" } },
    [20] = { { "фаза А, ток при отсутствии напряжения: окончание", "phase A, current without voltage: end" } },
    [21] = { { "фаза В, ток при отсутствии напряжения: начало", "phase B, current without voltage: start" } },
    [22] = { { "фаза В, ток при отсутствии напряжения: окончание", "phase B, current without voltage: end" } },
    [23] = { { "фаза С, ток при отсутствии напряжения: начало", "phase C, current without voltage: start" } },
    [24] = { { "фаза С, ток при отсутствии напряжения: окончание", "phase C, current without voltage: end" } },
    [25] = { { "фаза А, превышение максимального тока: начало", "phase A, current above the maximum: start" } },
    [26] = { { "фаза А, превышение максимального тока: окончание", "phase A, current above the maximum: end" } },
    [27] = { { "фаза В, превышение максимального тока: начало", "phase B, current above the maximum: start" } },
    [28] = { { "фаза В, превышение максимального тока: окончание", "phase B, current above the maximum: end" } },
    [29] = { { "фаза С, превышение максимального тока: начало", "phase C, current above the maximum: start" } },
    [30] = { { "фаза С, превышение максимального тока: окончание", "phase C, current above the maximum: end" } },
    [31] = { { "ток при отсутствии напряжения (обрыв нейтрали): начало",
               "current without voltage (broken neutral): start" } },
    [32] = { { "ток при отсутствии напряжения (обрыв нейтрали): окончание",
               "current without voltage (broken neutral): end" } },
    [33] = { { "обратный поток мощности в однонаправленном счётчике: начало",
               "reverse power in a one-way meter: start" } },
    [34] = { { "обратный поток мощности в однонаправленном счётчике: окончание",
               "reverse power in a one-way meter: end" } },
    [35] = { { "разнонаправленная мощность по фазам: начало", "opposite power directions between phases: start" } },
    [36] = { { "разнонаправленная мощность по фазам: окончание", "opposite power directions between phases: end" } },
    [37] = { { "ток при отключённом реле нагрузки: начало", "current with the load relay open: start" } },
    [38] = { { "ток при отключённом реле нагрузки: окончание", "current with the load relay open: end" } },
};

/* 0.0.96.11.2, 5.3. */
static const struct phrase relay[] = {
    [1] = { { "выключение питания ПУ", "meter power off" } },
    [2] = { { "включение питания ПУ", "meter power on" } },
    [3] = { { "абонент отключён дистанционно", "consumer switched off remotely" } },
    [4] = { { "абонент включён дистанционно", "consumer switched on remotely" } },
    [5] = { { "получено разрешение на включение абоненту", "consumer permitted to reconnect" } },
    [6] = { { "реле нагрузки отключено абонентом", "load relay switched off by the consumer" } },
    [7] = { { "реле нагрузки включено абонентом", "load relay switched on by the consumer" } },
    [8] = { { "локальное отключение по превышению лимита мощности", "local switch-off: power limit exceeded" } },
    [9] = { { "локальное отключение по превышению максимального тока", "local switch-off: over-current" } },
    [10] = { { "локальное отключение по воздействию магнитного поля", "local switch-off: magnetic field" } },
    [11] = { { "локальное отключение по превышению напряжения", "local switch-off: over-voltage" } },
    [12] = { { "локальное включение: напряжение вернулось в норму", "local switch-on: voltage back to normal" } },
    [13] = { { "локальное отключение по току при отсутствии напряжения",
               "local switch-off: current without voltage" } },
    [14] = { { "локальное отключение по небалансу токов", "local switch-off: current imbalance" } },
    [15] = { { "локальное отключение по температуре", "local switch-off: temperature" } },
    [16] = { { "включение резервного питания", "backup supply on" } },
    [17] = { { "отключение резервного питания", "backup supply off" } },
    [18] = { { "локальное отключение: вскрыта клеммная крышка или корпус",
               "local switch-off: terminal cover or case opened" } },
    [19] = { { "реле отключено по превышению лимита энергии по тарифу",
               "relay off: energy limit of a tariff exceeded" } },
    [20] = { { "реле включено после отключения по мощности", "relay on after a power limit switch-off" } },
    [21] = { { "реле включено после отключения по току", "relay on after an over-current switch-off" } },
    [22] = { { "реле включено после отключения по небалансу токов", "relay on after a current imbalance switch-off" } },
    [23] = { { "реле включено: температура вернулась в норму", "relay on: temperature back to normal" } },
    [24] = { { "реле включено: магнитное поле вернулось в норму", "relay on: magnetic field gone" } },
    [25] = { { "реле отключено арбитром", "relay switched off by the arbitrator" } },
    [26] = { { "реле включено арбитром", "relay switched on by the arbitrator" } },
    [27] = { { "реле включено физическим блокиратором", "relay switched on by the physical blocker" } },
    [28] = { { "реле отключено физическим блокиратором", "relay switched off by the physical blocker" } },
    [29] = { { "полное пропадание питания ПУ", "complete loss of meter supply" } },
};

/* 0.0.96.11.3, 5.4. Codes from 87 on have one source each. */
static const struct phrase programming[] = {
    [1] = { { "изменён адрес или скорость обмена, RS-485-1", "address or speed changed, RS-485-1" } },
    [2] = { { "изменён адрес или скорость обмена, RS-485-2", "address or speed changed, RS-485-2" } },
    [3] = { { "установлено время", "clock set" } },
    [4] = { { "изменены параметры перехода на летнее время", "daylight saving parameters changed" } },
    [5] = { { "изменён сезонный профиль тарифного расписания", "season profile of the tariff schedule changed" } },
    [6] = { { "изменён недельный профиль тарифного расписания", "week profile of the tariff schedule changed" } },
    [7] = { { "изменён суточный профиль тарифного расписания", "day profile of the tariff schedule changed" } },
    [8] = { { "изменена дата активации тарифного расписания", "activation date of the tariff schedule changed" } },
    [9] = { { "активировано тарифное расписание", "tariff schedule activated" } },
    [10] = { { "изменён расчётный день и час", "billing day and hour changed" } },
    [11] = { { "изменён режим индикации: параметры", "display mode changed: parameters" } },
    [12] = { { "изменён режим индикации: автопереключение", "display mode changed: automatic scrolling" } },
    [13] = { { "изменён пароль низкой секретности (на чтение)", "low security password changed (reading)" } },
    [14] = { { "изменён пароль высокой секретности (на запись)", "high security password changed (writing)" } },
    [15] = { { "изменены данные точки учёта", "data of the metering point changed" } },
    [16] = { { "изменён коэффициент трансформации по току", "current transformer ratio changed" } },
    [17] = { { "изменён коэффициент трансформации по напряжению", "voltage transformer ratio changed" } },
    [18] = { { "изменены параметры линии для расчёта потерь", "line parameters for losses changed" } },
    [19] = { { "изменён лимит мощности для отключения", "power limit for switch-off changed" } },
    [20] = { { "изменено время до отключения по мощности", "time to switch-off by power changed" } },
    [21] = { { "изменено время до отключения по максимальному току", "time to switch-off by over-current changed" } },
    [22] = { { "изменено время до отключения по максимальному напряжению",
               "time to switch-off by over-voltage changed" } },
    [23] = { { "изменено время до отключения по магнитному полю", "time to switch-off by magnetic field changed" } },
    [24] = { { "изменён порог перерыва питания", "supply interruption threshold changed" } },
    [25] = { { "изменён порог перенапряжения", "over-voltage threshold changed" } },
    [26] = { { "изменён порог провала напряжения", "voltage dip threshold changed" } },
    [27] = { { "изменён порог превышения тангенса", "tangent threshold changed" } },
    [28] = { { "изменён порог несимметрии напряжений", "voltage asymmetry threshold changed" } },
    [29] = { { "изменено согласованное напряжение", "agreed voltage changed" } },
    [30] = { { "изменён интервал интегрирования пиковой мощности", "integration interval of peak power changed" } },
    [31] = { { "изменён период захвата профиля 1", "capture period of profile 1 changed" } },
    [32] = { { "изменён период захвата профиля 2", "capture period of profile 2 changed" } },
    [33] = { { "изменён режим подсветки ЖКИ", "display light mode changed" } },
    [34] = { { "изменён режим телеметрии 1", "telemetry mode 1 changed" } },
    [35] = { { "очищен месячный журнал", "monthly journal cleared" } },
    [36] = { { "очищен суточный журнал", "daily journal cleared" } },
    [37] = { { "очищен журнал напряжения", "voltage journal cleared" } },
    [38] = { { "очищен журнал тока", "current journal cleared" } },
    [39] = { { "очищен журнал включений и выключений", "on/off journal cleared" } },
    [40] = { { "очищен журнал внешних воздействий", "external influence journal cleared" } },
    [41] = { { "очищен журнал коммуникационных событий", "communication journal cleared" } },
    [42] = { { "очищен журнал контроля доступа", "access control journal cleared" } },
    [43] = { { "очищен журнал качества сети", "power quality journal cleared" } },
    [44] = { { "очищен журнал превышения тангенса", "tangent journal cleared" } },
    [45] = { { "очищен журнал дискретных входов и выходов", "inputs and outputs journal cleared" } },
    [46] = { { "очищен профиль 1", "profile 1 cleared" } },
    [47] = { { "очищен профиль 2", "profile 2 cleared" } },
    [48] = { { "очищен профиль 3", "profile 3 cleared" } },
    [49] = { { "изменена таблица специальных дней", "special days changed" } },
    [50] = { { "изменён режим управления реле нагрузки", "load relay mode changed" } },
    [51] = { { "показания зафиксированы в месячном журнале", "readings captured into the monthly journal" } },
    [52] = { { "изменён режим инициативного выхода", "push mode changed" } },
    [53] = { { "изменён одноадресный ключ низкой секретности", "unicast key of low security changed" } },
    [54] = { { "изменён широковещательный ключ низкой секретности", "broadcast key of low security changed" } },
    [55] = { { "изменён одноадресный ключ высокой секретности", "unicast key of high security changed" } },
    [56] = { { "изменён широковещательный ключ высокой секретности", "broadcast key of high security changed" } },
    [57] = { { "изменён ключ аутентификации высокой секретности", "authentication key of high security changed" } },
    [58] = { { "изменён мастер-ключ", "master key changed" } },
    [59] = { { "изменён уровень защиты для низкой секретности", "security level of low security changed" } },
    [60] = { { "изменён уровень защиты для высокой секретности", "security level of high security changed" } },
    [61] = { { "изменён номер дистанционного дисплея", "remote display number changed" } },
    [62] = { { "изменён режим учёта активной энергии", "active energy accounting mode changed" } },
    [63] = { { "установлено время по GPS/ГЛОНАСС", "clock set by GPS/GLONASS" } },
    [64] = { { "изменён режим отключения по обрыву нейтрали", "switch-off mode by broken neutral changed" } },
    [65] = { { "обновлено ПО", "firmware updated" } },
    [66] = { { "изменён режим отключения по небалансу токов", "switch-off mode by current imbalance changed" } },
    [67] = { { "изменён режим отключения по температуре", "switch-off mode by temperature changed" } },
    [68] = { { "скорректировано время", "clock corrected" } },
    [69] = { { "изменён ключ аутентификации низкой секретности", "authentication key of low security changed" } },
    [70] = { { "очищены флаги инициативного выхода", "push flags cleared" } },
    [71] = { { "изменён тайм-аут соединения HDLC", "HDLC time-out changed" } },
    [72] = { { "изменены часы больших нагрузок", "hours of heavy load changed" } },
    [73] = { { "изменены часы контроля максимума", "hours of maximum control changed" } },
    [74] = { { "изменена схема подключения", "wiring scheme changed" } },
    [75] = { { "изменён режим телеметрии 2", "telemetry mode 2 changed" } },
    [76] = { { "изменён режим телеметрии 3", "telemetry mode 3 changed" } },
    [77] = { { "изменён режим телеметрии 4", "telemetry mode 4 changed" } },
    [78] = { { "изменён режим отключения при вскрытии крышки или корпуса",
               "switch-off mode by opened cover or case changed" } },
    [79] = { { "изменён коммуникационный профиль портов связи", "communication profile of the ports changed" } },
    [80] = { { "очищен журнал качества сети за расчётный период", "monthly power quality journal cleared" } },
    [81] = { { "изменён интервал интегрирования параметров сети", "integration interval of network values changed" } },
    [82] = { { "изменён порог по времени tg φ", "time threshold of tg φ changed" } },
    [83] = { { "изменён порог по времени дифференциального тока", "time threshold of differential current changed" } },
    [84] = { { "изменён порог по времени несимметрии по обратной последовательности",
               "time threshold of negative sequence asymmetry changed" } },
    [85] = { { "изменён адрес или скорость обмена, оптопорт P1", "address or speed changed, optical port P1" } },
    [86] = { { "изменён адрес или скорость обмена, порт P4", "address or speed changed, port P4" } },
    [87] = { { "изменён фильтр событий отключения реле нагрузки", "load relay event filter changed" } },
    [88] = { { "изменён монитор событий реле нагрузки", "load relay event monitor changed" } },
    [89] = { { "изменены настройки учёта энергии", "energy accounting settings changed" } },
    [90] = { { "изменён порог отклонения частоты", "frequency deviation threshold changed" } },
    [91] = { { "изменён порог контроля мощности на интервале", "power control threshold of the interval changed" } },
    [92] = { { "изменён порог контроля мощности в часы пиковых нагрузок",
               "power control threshold of peak hours changed" } },
    [93] = { { "изменено время стоп-кадра или снят стоп-кадр", "freeze time changed or freeze made" } },
    [94] = { { "монитор событий реле нагрузки", "load relay event monitor" } },
    [95] = { { "монитор событий реле сигнализации 1", "alarm relay 1 event monitor" } },
    [96] = { { "монитор событий реле сигнализации 2", "alarm relay 2 event monitor" } },
    [97] = { { "монитор событий реле сигнализации 3", "alarm relay 3 event monitor" } },
    [98] = { { "монитор событий реле сигнализации 4", "alarm relay 4 event monitor" } },
    [99] = { { "изменены параметры арбитра реле нагрузки", "load relay arbitrator changed" } },
    [100] = { { "изменены параметры арбитра реле сигнализации 1", "alarm relay 1 arbitrator changed" } },
    [101] = { { "изменены параметры арбитра реле сигнализации 2", "alarm relay 2 arbitrator changed" } },
    [102] = { { "изменены параметры арбитра реле сигнализации 3", "alarm relay 3 arbitrator changed" } },
    [103] = { { "изменены параметры арбитра реле сигнализации 4", "alarm relay 4 arbitrator changed" } },
    [104] = { { "изменён фильтр событий реле сигнализации 1", "alarm relay 1 event filter changed" } },
    [105] = { { "изменён фильтр событий реле сигнализации 2", "alarm relay 2 event filter changed" } },
    [106] = { { "изменён фильтр событий реле сигнализации 3", "alarm relay 3 event filter changed" } },
    [107] = { { "изменён фильтр событий реле сигнализации 4", "alarm relay 4 event filter changed" } },
    [108] = { { "изменён режим управления реле сигнализации 1", "alarm relay 1 mode changed" } },
    [109] = { { "изменён режим управления реле сигнализации 2", "alarm relay 2 mode changed" } },
    [110] = { { "изменён режим управления реле сигнализации 3", "alarm relay 3 mode changed" } },
    [111] = { { "изменён режим управления реле сигнализации 4", "alarm relay 4 mode changed" } },
    [112] = { { "изменён тип контакта реле сигнализации", "alarm relay contact type changed" } },
    [113] = { { "изменён тайм-аут TCP/UDP, порт P1", "TCP/UDP time-out changed, port P1" } },
    [114] = { { "изменён тайм-аут TCP/UDP, порт P2", "TCP/UDP time-out changed, port P2" } },
    [115] = { { "изменён тайм-аут TCP/UDP, порт P3", "TCP/UDP time-out changed, port P3" } },
    [116] = { { "изменён тайм-аут TCP/UDP, порт P4", "TCP/UDP time-out changed, port P4" } },
    [117] = { { "очищен журнал выхода тангенса за порог на интервале", "per-interval tangent journal cleared" } },
    [118] = { { "очищен журнал коррекции времени", "clock correction journal cleared" } },
    [119] = { { "очищен журнал на начало года", "beginning of year journal cleared" } },
    [120] = { { "резервный код", "reserved code" } },
    [121] = { { "очищен журнал контроля мощности", "power control journal cleared" } },
    [122] = { { "очищен журнал батареи", "battery journal cleared" } },
    [123] = { { "очищен журнал блокиратора реле нагрузки", "load relay blocker journal cleared" } },
    [124] = { { "очищен журнал контроля температуры", "temperature journal cleared" } },
    [125] = { { "очищен журнал отклонения напряжения фазы А", "phase A voltage deviation journal cleared" } },
    [126] = { { "очищен журнал отклонения напряжения фазы В", "phase B voltage deviation journal cleared" } },
    [127] = { { "очищен журнал отклонения напряжения фазы С", "phase C voltage deviation journal cleared" } },
    [128] = { { "очищен журнал отклонения линейного напряжения АВ", "line voltage AB deviation journal cleared" } },
    [129] = { { "очищен журнал отклонения линейного напряжения ВС", "line voltage BC deviation journal cleared" } },
    [130] = { { "очищен журнал отклонения линейного напряжения СА", "line voltage CA deviation journal cleared" } },
    [131] = { { "очищен журнал превышения напряжения", "over-voltage journal cleared" } },
    [132] = { { "очищен журнал прерывания напряжения", "interruption journal cleared" } },
    [133] = { { "очищен журнал телесигнализации", "telesignal journal cleared" } },
    [134] = { { "очищен журнал нештатных ситуаций сети", "abnormal network journal cleared" } },
    /* 135..150: another reader of such meters has 135 = maximum of the zero sequence and all these one higher;
     * unsettled until the СТО itself or a meter is at hand. */
    [135] = { { "нештатная ситуация сети: изменено время нулевой последовательности",
                "abnormal network: zero sequence time changed" } },
    [136] = { { "нештатная ситуация сети: изменена задержка push нулевой последовательности",
                "abnormal network: zero sequence push delay changed" } },
    [137] = { { "нештатная ситуация сети: изменён порог минимума напряжения",
                "abnormal network: minimum voltage changed" } },
    [138] = { { "нештатная ситуация сети: изменено время минимума напряжения",
                "abnormal network: minimum voltage time changed" } },
    [139] = { { "нештатная ситуация сети: изменена задержка push минимума напряжения",
                "abnormal network: minimum voltage push delay changed" } },
    [140] = { { "нештатная ситуация сети: изменён максимум обратной последовательности",
                "abnormal network: negative sequence maximum changed" } },
    [141] = { { "нештатная ситуация сети: изменено время обратной последовательности",
                "abnormal network: negative sequence time changed" } },
    [142] = { { "нештатная ситуация сети: изменена задержка push обратной последовательности",
                "abnormal network: negative sequence push delay changed" } },
    [143] = { { "обжаты электронные пломбы", "electronic seals pressed" } },
    [144] = { { "очищена фиксация воздействия магнитного или ВЧ поля", "record of magnetic or RF field cleared" } },
    [145] = { { "изменён часовой пояс", "time zone changed" } },
    [146] = { { "изменена последовательность вывода на ЖКИ, автопрокрутка",
                "display sequence changed, automatic scrolling" } },
    [147] = { { "изменена последовательность вывода на ЖКИ, по кнопке", "display sequence changed, by button" } },
    [148] = { { "изменён лимит по току", "current limit changed" } },
    [149] = { { "изменён лимит по напряжению", "voltage limit changed" } },
    [150] = { { "изменён номер аварийного тарифа", "emergency tariff number changed" } },
};

/* 0.0.96.11.4, 5.5. */
static const struct phrase influence[] = {
    [1] = { { "воздействие магнитного поля: начало", "magnetic field: start" } },
    [2] = { { "воздействие магнитного поля: окончание", "magnetic field: end" } },
    [3] = { { "сработала электронная пломба крышки клеммников", "terminal cover seal opened" } },
    [4] = { { "сработала электронная пломба корпуса", "case seal opened" } },
    [5] = { { "сработала электронная пломба внешнего датчика", "external sensor seal opened" } },
    [6] = { { "воздействие ВЧ поля: начало", "RF field: start" } },
    [7] = { { "воздействие ВЧ поля: окончание", "RF field: end" } },
};

/* 0.0.96.11.5, 5.5. */
static const struct phrase communication[] = {
    [1] = { { "соединение разорвано", "link lost" } },
    [2] = { { "соединение установлено", "link established" } },
};

/* 0.0.96.11.6, 5.5. */
static const struct phrase access[] = {
    [1] = { { "попытка несанкционированного доступа", "unauthorised access attempt" } },
    [2] = { { "нарушение требований протокола", "protocol violation" } },
    [3] = { { "блокировка после неверных паролей", "locked after wrong passwords" } },
    [4] = { { "ошибка верификации прошивки", "firmware verification error" } },
};

/* 0.0.96.11.7, 5.5. */
static const struct phrase self_test[] = {
    [1] = { { "инициализация ПУ", "meter initialised" } },
    [2] = { { "измерительный блок: ошибка", "measuring unit: error" } },
    [3] = { { "измерительный блок: норма", "measuring unit: OK" } },
    [4] = { { "вычислительный блок: ошибка", "computing unit: error" } },
    [5] = { { "часы реального времени: ошибка", "real-time clock: error" } },
    [6] = { { "часы реального времени: норма", "real-time clock: OK" } },
    [7] = { { "блок питания: ошибка", "power supply: error" } },
    [8] = { { "блок питания: норма", "power supply: OK" } },
    [9] = { { "дисплей: ошибка", "display: error" } },
    [10] = { { "дисплей: норма", "display: OK" } },
    [11] = { { "блок памяти: ошибка", "memory: error" } },
    [12] = { { "блок памяти: норма", "memory: OK" } },
    [13] = { { "память программ: ошибка", "program memory: error" } },
    [14] = { { "память программ: норма", "program memory: OK" } },
    [15] = { { "тактирование ядра: ошибка", "core clock: error" } },
    [16] = { { "тактирование ядра: норма", "core clock: OK" } },
    [17] = { { "тактирование часов: ошибка", "clock oscillator: error" } },
    [18] = { { "тактирование часов: норма", "clock oscillator: OK" } },
    [19] = { { "вычислительный блок: норма", "computing unit: OK" } },
};

/* 0.0.96.11.8, 5.5. */
static const struct phrase tangent[] = {
    [1] = { { "превышение порога tg φ: начало", "tg φ above the threshold: start" } },
    [2] = { { "превышение порога tg φ: окончание", "tg φ above the threshold: end" } },
};

/* Journals without an event code of their own: the codes of enum event_code. */
static const struct phrase interval_tangent[] = {
    [EVENT_DONE] = { { "tg φ вышел за порог на интервале", "tg φ out of limit in the interval" } },
};

static const struct phrase correction[] = {
    [EVENT_END] = { { "часы до коррекции", "clock before the correction" } },
    [EVENT_BEGIN] = { { "часы после коррекции", "clock after the correction" } },
    [EVENT_DONE] = { { "часы скорректированы", "clock corrected" } },
};

static const struct phrase year[] = {
    [EVENT_DONE] = { { "зафиксированы показания на начало года", "readings of the beginning of the year captured" } },
};

static const struct phrase monthly_quality[] = {
    [EVENT_DONE] = { { "зафиксированы показатели качества за период", "quality of the period captured" } },
};

/* A status word: what it says when nothing is set, the words before the list of set bits, and the bits. */
struct status_word {
    struct phrase clear, lead;
    struct phrase bits[16];
};

/* 0.0.96.5.4, 5.5. Δ is the deviation from the nominal value. */
static const struct status_word quality = {
    .clear = { { "отклонений нет", "no deviations" } },
    .lead = { { "", "" } },
    .bits = {
        [0] = { { "ΔU < −10 %", "ΔU < −10 %" } },
        [3] = { { "ΔU > +10 %", "ΔU > +10 %" } },
        [4] = { { "Δf < −0,4 Гц", "Δf < −0.4 Hz" } },
        [5] = { { "Δf < −0,2 Гц", "Δf < −0.2 Hz" } },
        [6] = { { "Δf > +0,2 Гц", "Δf > +0.2 Hz" } },
        [7] = { { "Δf > +0,4 Гц", "Δf > +0.4 Hz" } },
        [14] = { { "f < порога", "f < threshold" } },
        [15] = { { "f > порога", "f > threshold" } },
    },
};

/* 0.0.96.3.0, 5.5. */
static const struct status_word contacts = {
    .clear = { { "все входы и выходы разомкнуты", "all inputs and outputs open" } },
    .lead = { { "замкнуты: ", "closed: " } },
    .bits = {
        [0] = { { "вход 1", "input 1" } },
        [1] = { { "вход 2", "input 2" } },
        [2] = { { "вход 3", "input 3" } },
        [3] = { { "вход 4", "input 4" } },
        [8] = { { "выход 1", "output 1" } },
        [9] = { { "выход 2", "output 2" } },
        [10] = { { "выход 3", "output 3" } },
        [11] = { { "выход 4", "output 4" } },
    },
};

/* A journal has a table of codes, or a status word, or a title only. */
struct spodes_journal {
    struct phrase title;
    const struct phrase *codes;
    unsigned count;
    const struct status_word *status;
};

#define CODES(table) .codes = (table), .count = sizeof(table) / sizeof *(table)

static const struct spodes_journal journals[JOURNAL_SPODES_LAST - JOURNAL_SPODES + 1] = {
    [0] = { .title = { { "События напряжения", "Voltage events" } }, CODES(voltage) },
    [1] = { .title = { { "События тока", "Current events" } }, CODES(current) },
    [2] = { .title = { { "Включение и выключение ПУ, реле нагрузки", "Power and load relay" } }, CODES(relay) },
    [3] = { .title = { { "Программирование параметров ПУ", "Programming of parameters" } }, CODES(programming) },
    [4] = { .title = { { "Внешние воздействия", "External influence" } }, CODES(influence) },
    [5] = { .title = { { "Коммуникационные события", "Communication" } }, CODES(communication) },
    [6] = { .title = { { "Контроль доступа", "Access control" } }, CODES(access) },
    [7] = { .title = { { "Самодиагностика", "Self-diagnosis" } }, CODES(self_test) },
    [8] = { .title = { { "Превышение tg φ", "Excess of tg φ" } }, CODES(tangent) },
    [9] = { .title = { { "Параметры качества сети", "Power quality" } }, .status = &quality },
    [10] = { .title = { { "Состояние дискретных входов и выходов", "Discrete inputs and outputs" } },
             .status = &contacts },
    [12] = { .title = { { "Выход tg φ за порог на интервале", "tg φ out of limit per interval" } },
             CODES(interval_tangent) },
    [13] = { .title = { { "Коррекция времени", "Clock corrections" } }, CODES(correction) },
    [14] = { .title = { { "Показания на начало года", "Beginning of the year" } }, CODES(year) },
    [15] = { .title = { { "Качество сети за расчётный период", "Monthly power quality" } }, CODES(monthly_quality) },
    [16] = { .title = { { "Контроль мощности", "Power control" } } },
    [17] = { .title = { { "Состояние батареи", "Battery" } } },
    [18] = { .title = { { "Контроль блокиратора реле нагрузки", "Load relay blocker" } } },
    [19] = { .title = { { "Контроль температуры", "Temperature control" } } },
    [20] = { .title = { { "Отклонение напряжения фазы А", "Voltage deviation, phase A" } } },
    [21] = { .title = { { "Отклонение напряжения фазы В", "Voltage deviation, phase B" } } },
    [22] = { .title = { { "Отклонение напряжения фазы С", "Voltage deviation, phase C" } } },
    [23] = { .title = { { "Отклонение линейного напряжения АВ", "Line voltage deviation AB" } } },
    [24] = { .title = { { "Отклонение линейного напряжения ВС", "Line voltage deviation BC" } } },
    [25] = { .title = { { "Отклонение линейного напряжения СА", "Line voltage deviation CA" } } },
    [26] = { .title = { { "Превышение напряжения", "Over-voltage" } } },
    [27] = { .title = { { "Прерывание напряжения", "Voltage interruption" } } },
    [28] = { .title = { { "Нештатная ситуация сети", "Abnormal network situation" } } },
};

const char *spodes_journal_title(unsigned e, enum lang lang, char text[EVENT_TEXT_MAX])
{
    static const struct phrase unlisted = { { "Журнал", "Journal" } };
    const char *title = phrase_in(&journals[e].title, lang);
    if (title)
        return title;
    struct text t = text_over(text, EVENT_TEXT_MAX);
    text_printf(&t, "%s 0.0.99.98.%u", phrase_in(&unlisted, lang), e);
    return text;
}

/* The set bits by name, those without a name together as a mask. */
static const char *status_text(const struct status_word *w, unsigned word, enum lang lang, char text[EVENT_TEXT_MAX])
{
    static const struct phrase unnamed = { { "биты", "bits" } };
    if (!word)
        return phrase_in(&w->clear, lang);
    struct text t = text_over(text, EVENT_TEXT_MAX);
    const char *before = phrase_in(&w->lead, lang);
    for (unsigned bit = 0; bit < 16; bit++) {
        const char *name = phrase_in(&w->bits[bit], lang);
        if (!name || !(word >> bit & 1))
            continue;
        text_printf(&t, "%s%s", before, name);
        before = ", ";
        word &= ~(1u << bit);
    }
    if (word)
        text_printf(&t, "%s%s 0x%04X", before, phrase_in(&unnamed, lang), word);
    return text;
}

const char *spodes_event_text(unsigned e, uint16_t code, enum lang lang, char text[EVENT_TEXT_MAX])
{
    /* Seen in M2M meters; other makers use the codes from 1024 for other things, so it says no more than that. */
    static const struct phrase maker = { { "изменена конфигурация (код изготовителя 1024)",
                                           "configuration changed (maker's code 1024)" } };
    const struct spodes_journal *j = &journals[e];
    if (j->status)
        return status_text(j->status, code, lang, text);
    if (j->codes == programming && code == 1024)
        return phrase_in(&maker, lang);
    return code < j->count ? phrase_in(&j->codes[code], lang) : NULL;
}
