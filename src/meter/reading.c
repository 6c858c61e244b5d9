/* Names of the facts; see reading.h. */
#include "meter/reading.h"
#include "base/text.h"

static const struct {
    const char *name;
    struct phrase title;
} facts[FACT_COUNT] = {
    [FACT_SERIAL] = { "serial", { { "Заводской номер", "Serial number" } } },
    [FACT_TYPE] = { "type", { { "Тип", "Type" } } },
    [FACT_MAKER] = { "maker", { { "Изготовитель", "Manufacturer" } } },
    [FACT_FIRMWARE] = { "firmware", { { "Версия ПО", "Firmware version" } } },
    [FACT_PRODUCED] = { "produced", { { "Дата выпуска", "Date of production" } } },
    [FACT_PROTOCOL_VERSION] = { "protocol-version", { { "Версия протокола", "Protocol version" } } },
    [FACT_LOGICAL_NAME] = { "logical-name", { { "Логическое имя", "Logical device name" } } },
    [FACT_ADDRESS] = { "address", { { "Сетевой адрес", "Network address" } } },
    [FACT_RATIO_CURRENT] = { "ratio-current", { { "Коэффициент трансформации тока", "Current transformer ratio" } } },
    [FACT_RATIO_VOLTAGE] = { "ratio-voltage", { { "Коэффициент трансформации напряжения", "Voltage transformer ratio" } } },
    [FACT_CONSTANT] = { "constant", { { "Постоянная счётчика", "Meter constant" } } },
    [FACT_STATUS] = { "status", { { "Слово состояния", "Status word" } } },
};

const char *fact_name(enum fact_kind k)
{
    return facts[k].name;
}

const char *fact_title(enum fact_kind k, enum lang lang)
{
    return phrase_in(&facts[k].title, lang);
}

char *reading_csv(const struct reading *r, char line[READING_CSV_MAX])
{
    char time[CIVIL_TEXT_MAX], code[OBIS_TEXT_MAX], number[DECIMAL_TEXT_MAX];
    struct text t = text_over(line, READING_CSV_MAX);
    text_printf(&t, "%s;%s;%s;%s;%s;%u", archive_name((enum archive)r->archive), wall_format(r->wall, time), obis_format(r->obis, code),
                r->quality & QUALITY_MISSING ? "" : decimal_format(r->value, number), unit_symbol(r->unit, LANG_EN), r->quality);
    return line;
}
