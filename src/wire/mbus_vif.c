/* Tables of quantities, units and their modifiers (mbus.md 7 and 8); see mbus_records.h.
 *
 * A row holds for a range of codes: (code & mask) == row; n is what the mask leaves. [V n] of the sheet unless a row says
 * otherwise. */
#include "wire/mbus_records.h"

enum rule {
    ONE,          /* x 1 */
    TEN,          /* x 10^(exponent + n) */
    TIME,         /* n: seconds, minutes, hours, days */
    LONG_TIME,    /* n: hours, days, months, years */
    PER_MINUTE,   /* x 60 x 10^(exponent + n): the unit is per hour */
    PER_SECOND,   /* x 3600 x 10^(exponent + n) */
    CALORIES,     /* x 4.1868 x 10^(exponent + n): international calories in joules */
    MOMENT,       /* a date or time */
};

struct vif {
    uint8_t code, mask;
    uint8_t quantity, unit, rule;
    int8_t exponent;
    const char *symbol;
    struct phrase title;
};

#define T(ru, en) { { ru, en } }

static const struct phrase no_title = T("неизвестная величина", "unknown quantity");

static const struct vif primary[] = {
    { 0x00, 0x78, MBUS_ENERGY, UNIT_WATT_HOUR, TEN, -3, NULL, T("Энергия", "Energy") },
    { 0x08, 0x78, MBUS_ENERGY, UNIT_JOULE, TEN, 0, NULL, T("Энергия", "Energy") },
    { 0x10, 0x78, MBUS_VOLUME, UNIT_CUBIC_METRE, TEN, -6, NULL, T("Объём", "Volume") },
    { 0x18, 0x78, MBUS_MASS, UNIT_KILOGRAM, TEN, -3, NULL, T("Масса", "Mass") },
    { 0x20, 0x7C, MBUS_ON_TIME, UNIT_SECOND, TIME, 0, NULL, T("Время включения", "On time") },
    { 0x24, 0x7C, MBUS_OPERATING_TIME, UNIT_SECOND, TIME, 0, NULL, T("Время работы", "Operating time") },
    { 0x28, 0x78, MBUS_POWER, UNIT_WATT, TEN, -3, NULL, T("Мощность", "Power") },
    { 0x30, 0x78, MBUS_POWER, UNIT_JOULE_PER_HOUR, TEN, 0, NULL, T("Мощность", "Power") },
    { 0x38, 0x78, MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, TEN, -6, NULL, T("Расход", "Volume flow") },
    { 0x40, 0x78, MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, PER_MINUTE, -7, NULL, T("Расход", "Volume flow") },
    { 0x48, 0x78, MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, PER_SECOND, -9, NULL, T("Расход", "Volume flow") },
    { 0x50, 0x78, MBUS_MASS_FLOW, UNIT_OTHER, TEN, -3, "kg/h", T("Массовый расход", "Mass flow") },
    { 0x58, 0x7C, MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, TEN, -3, NULL, T("Температура подачи", "Flow temperature") },
    { 0x5C, 0x7C, MBUS_RETURN_TEMPERATURE, UNIT_CELSIUS, TEN, -3, NULL, T("Температура обратки", "Return temperature") },
    { 0x60, 0x7C, MBUS_TEMPERATURE_DIFFERENCE, UNIT_KELVIN, TEN, -3, NULL, T("Разность температур", "Temperature difference") },
    { 0x64, 0x7C, MBUS_EXTERNAL_TEMPERATURE, UNIT_CELSIUS, TEN, -3, NULL, T("Наружная температура", "External temperature") },
    { 0x68, 0x7C, MBUS_PRESSURE, UNIT_BAR, TEN, -3, NULL, T("Давление", "Pressure") },
    { 0x6C, 0x7F, MBUS_DATE, UNIT_NONE, MOMENT, 0, NULL, T("Дата", "Date") },
    { 0x6D, 0x7F, MBUS_DATE_TIME, UNIT_NONE, MOMENT, 0, NULL, T("Дата и время", "Date and time") },
    { 0x6E, 0x7F, MBUS_COST_UNITS, UNIT_NONE, ONE, 0, NULL, T("Единицы распределителя", "Heat cost units") },
    { 0x70, 0x7C, MBUS_AVERAGING, UNIT_SECOND, TIME, 0, NULL, T("Время усреднения", "Averaging duration") },
    { 0x74, 0x7C, MBUS_ACTUALITY, UNIT_SECOND, TIME, 0, NULL, T("Возраст данных", "Actuality duration") },
    { 0x78, 0x7F, MBUS_FABRICATION_NUMBER, UNIT_NONE, ONE, 0, NULL, T("Заводской номер", "Fabrication number") },
    { 0x79, 0x7F, MBUS_IDENTIFICATION, UNIT_NONE, ONE, 0, NULL, T("Идентификатор", "Identification") },
    { 0x7A, 0x7F, MBUS_BUS_ADDRESS, UNIT_NONE, ONE, 0, NULL, T("Первичный адрес", "Bus address") },
    { 0x7C, 0x7F, MBUS_PLAIN_TEXT, UNIT_OTHER, ONE, 0, "", T("Величина, названная текстом", "Quantity named by text") },
    { 0x7E, 0x7F, MBUS_ANY, UNIT_NONE, ONE, 0, NULL, T("Любая величина", "Any quantity") },
    { 0x7F, 0x7F, MBUS_VENDOR, UNIT_OTHER, ONE, 0, "", T("Величина изготовителя", "Manufacturer specific") },
};

/* Second byte after FB. Units by the rule of n, not by a common library's table: mbus.md 12 lists its slips. */
static const struct vif table_fb[] = {
    { 0x00, 0x7E, MBUS_ENERGY, UNIT_WATT_HOUR, TEN, 5, NULL, T("Энергия", "Energy") },            /* 10^(n-1) MWh */
    { 0x08, 0x7E, MBUS_ENERGY, UNIT_JOULE, TEN, 8, NULL, T("Энергия", "Energy") },                /* 10^(n-1) GJ */
    /* 0.1, 1, 10, 100 Mcal; [1]: the sheet has 0D = Mcal, its neighbours follow by the rule of n. */
    { 0x0C, 0x7C, MBUS_ENERGY, UNIT_JOULE, CALORIES, 5, NULL, T("Энергия", "Energy") },
    { 0x10, 0x7E, MBUS_VOLUME, UNIT_CUBIC_METRE, TEN, 2, NULL, T("Объём", "Volume") },
    { 0x18, 0x7E, MBUS_MASS, UNIT_KILOGRAM, TEN, 5, NULL, T("Масса", "Mass") },                   /* 10^(n+2) t */
    { 0x1A, 0x7E, MBUS_HUMIDITY, UNIT_PERCENT, TEN, -1, NULL, T("Влажность", "Relative humidity") },
    { 0x21, 0x7F, MBUS_VOLUME, UNIT_OTHER, TEN, -1, "ft³", T("Объём", "Volume") },
    { 0x22, 0x7F, MBUS_VOLUME, UNIT_OTHER, TEN, -1, "gal", T("Объём", "Volume") },
    { 0x23, 0x7F, MBUS_VOLUME, UNIT_OTHER, ONE, 0, "gal", T("Объём", "Volume") },
    { 0x24, 0x7F, MBUS_VOLUME_FLOW, UNIT_OTHER, TEN, -3, "gal/min", T("Расход", "Volume flow") },
    { 0x25, 0x7F, MBUS_VOLUME_FLOW, UNIT_OTHER, ONE, 0, "gal/min", T("Расход", "Volume flow") },
    { 0x26, 0x7F, MBUS_VOLUME_FLOW, UNIT_OTHER, ONE, 0, "gal/h", T("Расход", "Volume flow") },
    { 0x28, 0x7E, MBUS_POWER, UNIT_WATT, TEN, 5, NULL, T("Мощность", "Power") },                  /* 10^(n-1) MW */
    { 0x30, 0x7E, MBUS_POWER, UNIT_JOULE_PER_HOUR, TEN, 8, NULL, T("Мощность", "Power") },        /* 10^(n-1) GJ/h */
    { 0x58, 0x7C, MBUS_FLOW_TEMPERATURE, UNIT_OTHER, TEN, -3, "°F", T("Температура подачи", "Flow temperature") },
    { 0x5C, 0x7C, MBUS_RETURN_TEMPERATURE, UNIT_OTHER, TEN, -3, "°F", T("Температура обратки", "Return temperature") },
    { 0x60, 0x7C, MBUS_TEMPERATURE_DIFFERENCE, UNIT_OTHER, TEN, -3, "°F", T("Разность температур", "Temperature difference") },
    { 0x64, 0x7C, MBUS_EXTERNAL_TEMPERATURE, UNIT_OTHER, TEN, -3, "°F", T("Наружная температура", "External temperature") },
    { 0x70, 0x7C, MBUS_TEMPERATURE_LIMIT, UNIT_OTHER, TEN, -3, "°F", T("Граница холодной и горячей воды", "Cold/warm limit") },
    { 0x74, 0x7C, MBUS_TEMPERATURE_LIMIT, UNIT_CELSIUS, TEN, -3, NULL, T("Граница холодной и горячей воды", "Cold/warm limit") },
    { 0x78, 0x78, MBUS_CUMULATED_MAXIMUM, UNIT_WATT, TEN, -3, NULL, T("Накопленный максимум мощности", "Cumulated max power") },
};

/* Second byte after FD. */
static const struct vif table_fd[] = {
    { 0x00, 0x7C, MBUS_CREDIT, UNIT_CURRENCY, TEN, -3, NULL, T("Кредит", "Credit") },
    { 0x04, 0x7C, MBUS_DEBIT, UNIT_CURRENCY, TEN, -3, NULL, T("Дебет", "Debit") },
    { 0x08, 0x7F, MBUS_ACCESS_NUMBER, UNIT_NONE, ONE, 0, NULL, T("Номер обращения", "Access number") },
    { 0x09, 0x7F, MBUS_MEDIUM, UNIT_NONE, ONE, 0, NULL, T("Среда", "Medium") },
    { 0x0A, 0x7F, MBUS_MAKER, UNIT_NONE, ONE, 0, NULL, T("Изготовитель", "Manufacturer") },
    { 0x0B, 0x7F, MBUS_PARAMETER_SET, UNIT_NONE, ONE, 0, NULL, T("Набор параметров", "Parameter set identification") },
    { 0x0C, 0x7F, MBUS_MODEL, UNIT_NONE, ONE, 0, NULL, T("Модель", "Model / version") },
    { 0x0D, 0x7F, MBUS_HARDWARE_VERSION, UNIT_NONE, ONE, 0, NULL, T("Версия аппаратуры", "Hardware version") },
    { 0x0E, 0x7F, MBUS_FIRMWARE_VERSION, UNIT_NONE, ONE, 0, NULL, T("Версия микропрограммы", "Firmware version") },
    { 0x0F, 0x7F, MBUS_SOFTWARE_VERSION, UNIT_NONE, ONE, 0, NULL, T("Версия ПО", "Software version") },
    { 0x10, 0x7F, MBUS_CUSTOMER_LOCATION, UNIT_NONE, ONE, 0, NULL, T("Место потребителя", "Customer location") },
    { 0x11, 0x7F, MBUS_CUSTOMER, UNIT_NONE, ONE, 0, NULL, T("Потребитель", "Customer") },
    { 0x12, 0x7F, MBUS_ACCESS_CODE, UNIT_NONE, ONE, 0, NULL, T("Код доступа пользователя", "Access code user") },
    { 0x13, 0x7F, MBUS_ACCESS_CODE, UNIT_NONE, ONE, 0, NULL, T("Код доступа оператора", "Access code operator") },
    { 0x14, 0x7F, MBUS_ACCESS_CODE, UNIT_NONE, ONE, 0, NULL, T("Код доступа наладчика", "Access code system operator") },
    { 0x15, 0x7F, MBUS_ACCESS_CODE, UNIT_NONE, ONE, 0, NULL, T("Код доступа разработчика", "Access code developer") },
    { 0x16, 0x7F, MBUS_PASSWORD, UNIT_NONE, ONE, 0, NULL, T("Пароль", "Password") },
    { 0x17, 0x7F, MBUS_ERROR_FLAGS, UNIT_NONE, ONE, 0, NULL, T("Флаги ошибок", "Error flags") },
    { 0x18, 0x7F, MBUS_ERROR_MASK, UNIT_NONE, ONE, 0, NULL, T("Маска ошибок", "Error mask") },
    { 0x1A, 0x7F, MBUS_DIGITAL_OUTPUT, UNIT_NONE, ONE, 0, NULL, T("Цифровой выход", "Digital output") },
    { 0x1B, 0x7F, MBUS_DIGITAL_INPUT, UNIT_NONE, ONE, 0, NULL, T("Цифровой вход", "Digital input") },
    { 0x1C, 0x7F, MBUS_BAUD, UNIT_NONE, ONE, 0, NULL, T("Скорость обмена", "Baud rate") },
    { 0x1D, 0x7F, MBUS_RESPONSE_DELAY, UNIT_OTHER, ONE, 0, "bit", T("Задержка ответа", "Response delay") },
    { 0x1E, 0x7F, MBUS_RETRY, UNIT_NONE, ONE, 0, NULL, T("Повторы", "Retry") },
    { 0x20, 0x7F, MBUS_STORAGE_FIRST, UNIT_NONE, ONE, 0, NULL, T("Первая запись архива", "First storage number") },
    { 0x21, 0x7F, MBUS_STORAGE_LAST, UNIT_NONE, ONE, 0, NULL, T("Последняя запись архива", "Last storage number") },
    { 0x22, 0x7F, MBUS_STORAGE_SIZE, UNIT_NONE, ONE, 0, NULL, T("Глубина архива", "Size of storage block") },
    { 0x24, 0x7C, MBUS_STORAGE_INTERVAL, UNIT_SECOND, TIME, 0, NULL, T("Интервал архива", "Storage interval") },
    { 0x28, 0x7F, MBUS_STORAGE_INTERVAL, UNIT_MONTH, ONE, 0, NULL, T("Интервал архива", "Storage interval") },
    { 0x29, 0x7F, MBUS_STORAGE_INTERVAL, UNIT_YEAR, ONE, 0, NULL, T("Интервал архива", "Storage interval") },
    { 0x2C, 0x7C, MBUS_SINCE_READOUT, UNIT_SECOND, TIME, 0, NULL, T("С последнего чтения", "Since last readout") },
    { 0x30, 0x7F, MBUS_TARIFF_START, UNIT_NONE, MOMENT, 0, NULL, T("Начало тарифа", "Start of tariff") },
    /* 31..33: n = 1..3 of minutes, hours, days */
    { 0x31, 0x7F, MBUS_TARIFF_DURATION, UNIT_SECOND, TIME, 1, NULL, T("Длительность тарифа", "Duration of tariff") },
    { 0x32, 0x7E, MBUS_TARIFF_DURATION, UNIT_SECOND, TIME, 2, NULL, T("Длительность тарифа", "Duration of tariff") },
    { 0x34, 0x7C, MBUS_TARIFF_PERIOD, UNIT_SECOND, TIME, 0, NULL, T("Период тарифа", "Period of tariff") },
    { 0x38, 0x7F, MBUS_TARIFF_PERIOD, UNIT_MONTH, ONE, 0, NULL, T("Период тарифа", "Period of tariff") },
    { 0x39, 0x7F, MBUS_TARIFF_PERIOD, UNIT_YEAR, ONE, 0, NULL, T("Период тарифа", "Period of tariff") },
    { 0x3A, 0x7F, MBUS_DIMENSIONLESS, UNIT_NONE, ONE, 0, NULL, T("Число", "Dimensionless") },
    { 0x40, 0x70, MBUS_VOLTAGE, UNIT_VOLT, TEN, -9, NULL, T("Напряжение", "Voltage") },
    { 0x50, 0x70, MBUS_CURRENT, UNIT_AMPERE, TEN, -12, NULL, T("Ток", "Current") },
    { 0x60, 0x7F, MBUS_RESET_COUNTER, UNIT_NONE, ONE, 0, NULL, T("Счётчик сбросов", "Reset counter") },
    { 0x61, 0x7F, MBUS_CUMULATION_COUNTER, UNIT_NONE, ONE, 0, NULL, T("Счётчик накоплений", "Cumulation counter") },
    { 0x62, 0x7F, MBUS_CONTROL_SIGNAL, UNIT_NONE, ONE, 0, NULL, T("Управляющий сигнал", "Control signal") },
    { 0x63, 0x7F, MBUS_WEEKDAY, UNIT_NONE, ONE, 0, NULL, T("День недели", "Day of week") },
    { 0x64, 0x7F, MBUS_WEEK, UNIT_NONE, ONE, 0, NULL, T("Номер недели", "Week number") },
    { 0x65, 0x7F, MBUS_DAY_CHANGE, UNIT_NONE, MOMENT, 0, NULL, T("Время смены суток", "Time point of day change") },
    { 0x66, 0x7F, MBUS_PARAMETER_ACTIVATION, UNIT_NONE, ONE, 0, NULL, T("Ввод параметров", "Parameter activation") },
    { 0x67, 0x7F, MBUS_SUPPLIER_INFORMATION, UNIT_NONE, ONE, 0, NULL, T("Сведения поставщика", "Supplier information") },
    { 0x68, 0x7C, MBUS_SINCE_CUMULATION, UNIT_SECOND, LONG_TIME, 0, NULL, T("С последнего накопления", "Since last cumulation") },
    { 0x6C, 0x7C, MBUS_BATTERY_TIME, UNIT_SECOND, LONG_TIME, 0, NULL, T("Время работы батареи", "Battery operating time") },
    { 0x70, 0x7F, MBUS_BATTERY_CHANGE, UNIT_NONE, MOMENT, 0, NULL, T("Замена батареи", "Battery change") },
    /* newer edition, [1] */
    { 0x74, 0x7F, MBUS_BATTERY_LEFT, UNIT_SECOND, TIME, 3, NULL, T("Остаток батареи", "Remaining battery") },
};

/* Unit codes of the fixed structure, six bits: a row holds from `code` to the next row's. */
static const struct {
    uint8_t code;
    struct vif vif; /* n = unit - code */
} fixed[] = {
    { 0x00, { 0, 0, MBUS_UNKNOWN, UNIT_NONE, ONE, 0, NULL, T("Часы, минуты, секунды", "Hours, minutes, seconds") } },
    { 0x01, { 0, 0, MBUS_UNKNOWN, UNIT_NONE, ONE, 0, NULL, T("День, месяц, год", "Day, month, year") } },
    { 0x02, { 0, 0, MBUS_ENERGY, UNIT_WATT_HOUR, TEN, 0, NULL, T("Энергия", "Energy") } },
    { 0x0B, { 0, 0, MBUS_ENERGY, UNIT_JOULE, TEN, 3, NULL, T("Энергия", "Energy") } },
    { 0x14, { 0, 0, MBUS_POWER, UNIT_WATT, TEN, 0, NULL, T("Мощность", "Power") } },
    { 0x1D, { 0, 0, MBUS_POWER, UNIT_JOULE_PER_HOUR, TEN, 3, NULL, T("Мощность", "Power") } },
    { 0x26, { 0, 0, MBUS_VOLUME, UNIT_CUBIC_METRE, TEN, -6, NULL, T("Объём", "Volume") } },
    /* 35 = m3/h, so that the nine codes run from ml/h as those of the volume do. The sheet's 10^(n-52) follows a table
     * that lists 2F, 31.. and skips 30: its own 35 is m3/h too. */
    { 0x2F, { 0, 0, MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, TEN, -6, NULL, T("Расход", "Volume flow") } },
    { 0x38, { 0, 0, MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, TEN, -3, NULL, T("Температура", "Temperature") } },
    { 0x39, { 0, 0, MBUS_COST_UNITS, UNIT_NONE, ONE, 0, NULL, T("Единицы распределителя", "Heat cost units") } },
    { 0x3A, { 0, 0, MBUS_UNKNOWN, UNIT_NONE, ONE, 0, NULL, T("резерв", "reserved") } },
    { 0x3E, { 0, 0, MBUS_UNKNOWN, UNIT_NONE, ONE, 0, NULL, T("то же на дату", "same but historic") } },
    { 0x3F, { 0, 0, MBUS_DIMENSIONLESS, UNIT_NONE, ONE, 0, NULL, T("Число", "Without units") } },
};

/* VIFE (mbus.md 7, orthogonal). First row that fits. */
static const struct mbus_vife extensions[] = {
    { 0x00, 0x7F, MBUS_VIFE_PLAIN, T("нет ошибки", "no error") },
    { 0x13, 0x7F, MBUS_VIFE_ALTERS, T("обратный сжатый профиль", "reverse compact profile") },
    { 0x1E, 0x7E, MBUS_VIFE_ALTERS, T("сжатый профиль", "compact profile") },
    { 0x15, 0x7F, MBUS_VIFE_ERROR, T("нет данных", "no data available") },
    { 0x16, 0x7F, MBUS_VIFE_ERROR, T("переполнение", "overflow") },
    { 0x17, 0x7F, MBUS_VIFE_ERROR, T("ниже диапазона", "underflow") },
    { 0x18, 0x7F, MBUS_VIFE_ERROR, T("ошибка данных", "data error") },
    { 0x00, 0x60, MBUS_VIFE_ERROR, T("ошибка записи", "record error") },
    { 0x20, 0x7F, MBUS_VIFE_ALTERS, T("в секунду", "per second") },
    { 0x21, 0x7F, MBUS_VIFE_ALTERS, T("в минуту", "per minute") },
    { 0x22, 0x7F, MBUS_VIFE_ALTERS, T("в час", "per hour") },
    { 0x23, 0x7F, MBUS_VIFE_ALTERS, T("в сутки", "per day") },
    { 0x24, 0x7F, MBUS_VIFE_ALTERS, T("в неделю", "per week") },
    { 0x25, 0x7F, MBUS_VIFE_ALTERS, T("в месяц", "per month") },
    { 0x26, 0x7F, MBUS_VIFE_ALTERS, T("в год", "per year") },
    { 0x27, 0x7F, MBUS_VIFE_ALTERS, T("на оборот", "per revolution") },
    { 0x28, 0x7E, MBUS_VIFE_ALTERS, T("на импульс входа", "per input pulse") },
    { 0x2A, 0x7E, MBUS_VIFE_ALTERS, T("на импульс выхода", "per output pulse") },
    { 0x2C, 0x7F, MBUS_VIFE_ALTERS, T("на литр", "per litre") },
    { 0x2D, 0x7F, MBUS_VIFE_ALTERS, T("на м³", "per m³") },
    { 0x2E, 0x7F, MBUS_VIFE_ALTERS, T("на кг", "per kg") },
    { 0x2F, 0x7F, MBUS_VIFE_ALTERS, T("на К", "per K") },
    { 0x30, 0x7F, MBUS_VIFE_ALTERS, T("на кВт·ч", "per kWh") },
    { 0x31, 0x7F, MBUS_VIFE_ALTERS, T("на ГДж", "per GJ") },
    { 0x32, 0x7F, MBUS_VIFE_ALTERS, T("на кВт", "per kW") },
    { 0x33, 0x7F, MBUS_VIFE_ALTERS, T("на К·л", "per K·l") },
    { 0x34, 0x7F, MBUS_VIFE_ALTERS, T("на В", "per V") },
    { 0x35, 0x7F, MBUS_VIFE_ALTERS, T("на А", "per A") },
    { 0x36, 0x7F, MBUS_VIFE_ALTERS, T("× с", "× s") },
    { 0x37, 0x7F, MBUS_VIFE_ALTERS, T("× с/В", "× s/V") },
    { 0x38, 0x7F, MBUS_VIFE_ALTERS, T("× с/А", "× s/A") },
    { 0x39, 0x7F, MBUS_VIFE_MOMENT, T("начало", "start of") },
    { 0x3A, 0x7F, MBUS_VIFE_PLAIN, T("некорректированное", "uncorrected unit") },
    { 0x3B, 0x7F, MBUS_VIFE_FORWARD, T("только прямое направление", "forward contributions only") },
    { 0x3C, 0x7F, MBUS_VIFE_BACKWARD, T("только обратное направление", "backward contributions only") },
    { 0x3E, 0x7F, MBUS_VIFE_BASE, T("при стандартных условиях", "at base conditions") },
    { 0x3F, 0x7F, MBUS_VIFE_PLAIN, T("объявление OBIS", "OBIS declaration") },
    { 0x40, 0x77, MBUS_VIFE_ALTERS, T("предел", "limit") },
    { 0x41, 0x77, MBUS_VIFE_ALTERS, T("число выходов за предел", "number of exceeds") },
    { 0x42, 0x76, MBUS_VIFE_MOMENT, T("начало или конец выхода за предел", "begin or end of exceed") },
    { 0x44, 0x74, MBUS_VIFE_MOMENT, T("начало или конец выхода за предел", "begin or end of exceed") },
    { 0x50, 0x70, MBUS_VIFE_ALTERS, T("длительность выхода за предел", "duration of exceed") },
    { 0x60, 0x78, MBUS_VIFE_ALTERS, T("длительность", "duration") },
    { 0x68, 0x7B, MBUS_VIFE_ALTERS, T("значение при выходе за предел", "value during exceed") },
    { 0x69, 0x7F, MBUS_VIFE_ALTERS, T("утечка", "leakage") },
    { 0x6A, 0x7F, MBUS_VIFE_ALTERS, T("переполнение", "overflow") },
    { 0x70, 0x78, MBUS_VIFE_MULTIPLY, T("множитель", "multiplier") },
    { 0x78, 0x7C, MBUS_VIFE_ADD, T("слагаемое", "addend") },
    { 0x7C, 0x7F, MBUS_VIFE_SECOND, T("вторая таблица", "second table") },
    { 0x7D, 0x7F, MBUS_VIFE_THOUSAND, T("× 1000", "× 1000") },
    { 0x7E, 0x7F, MBUS_VIFE_ALTERS, T("будущее значение", "future value") },
    { 0x7F, 0x7F, MBUS_VIFE_VENDOR, T("изготовителя", "manufacturer specific") },
    { 0x00, 0x00, MBUS_VIFE_UNKNOWN, T("неизвестное уточнение", "unknown modifier") },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const uint32_t seconds_of[] = { 1, 60, HOUR_SECONDS, DAY_SECONDS };

static struct mbus_meaning meaning_of(const struct vif *row, unsigned n)
{
    struct mbus_meaning m = {
        .quantity = row->quantity, .unit = row->unit, .symbol = row->symbol, .title = &row->title,
        .scale = decimal_of(1, 0), .moment = row->rule == MOMENT,
    };
    int exponent = row->exponent + (int)n;
    switch ((enum rule)row->rule) {
    case ONE:
    case MOMENT:
        break;
    case TEN:
        m.scale = decimal_of(1, exponent);
        break;
    case TIME: /* the row's exponent is its first n */
        m.scale = decimal_of(seconds_of[exponent & 3], 0);
        break;
    case LONG_TIME:
        m.scale = decimal_of(n == 0 ? HOUR_SECONDS : n == 1 ? DAY_SECONDS : 1, 0);
        m.unit = n == 2 ? UNIT_MONTH : n == 3 ? UNIT_YEAR : UNIT_SECOND;
        break;
    case PER_MINUTE:
        m.scale = decimal_of(60, exponent);
        break;
    case PER_SECOND:
        m.scale = decimal_of(3600, exponent);
        break;
    case CALORIES:
        m.scale = decimal_of(41868, exponent - 4);
        break;
    }
    return m;
}

static struct mbus_meaning look_up(const struct vif *table, size_t count, uint8_t vif)
{
    for (size_t i = 0; i < count; i++)
        if ((vif & 0x7F & table[i].mask) == table[i].code)
            return meaning_of(&table[i], vif & 0x7Fu & ~(unsigned)table[i].mask);
    return (struct mbus_meaning){ .quantity = MBUS_UNKNOWN, .unit = UNIT_OTHER, .symbol = "", .title = &no_title,
                                  .scale = decimal_of(1, 0) };
}

struct mbus_meaning mbus_vif_primary(uint8_t vif)
{
    return look_up(primary, COUNT(primary), vif);
}

struct mbus_meaning mbus_vif_fb(uint8_t vif)
{
    return look_up(table_fb, COUNT(table_fb), vif);
}

struct mbus_meaning mbus_vif_fd(uint8_t vif)
{
    return look_up(table_fd, COUNT(table_fd), vif);
}

struct mbus_meaning mbus_fixed_unit(uint8_t unit, bool *historic)
{
    size_t i = COUNT(fixed) - 1;
    unit &= 0x3F;
    while (i > 0 && fixed[i].code > unit)
        i--;
    *historic = unit == 0x3E;
    return meaning_of(&fixed[i].vif, (unsigned)unit - fixed[i].code);
}

const struct mbus_vife *mbus_vife_row(uint8_t vife)
{
    size_t i = 0;
    while ((vife & 0x7F & extensions[i].mask) != extensions[i].code)
        i++; /* the last row fits everything */
    return &extensions[i];
}

uint8_t mbus_vife_phase(uint8_t vife)
{
    uint8_t code = vife & 0x7F;
    return code >= 1 && code <= 7 ? code : 0;
}
