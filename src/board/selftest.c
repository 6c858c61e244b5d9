/* Names of the error flags; see selftest.h. */
#include "board/selftest.h"

static const struct row {
    const char *name;
    struct phrase title;
} rows[TEST_FLAGS] = {
#define RS(n) [TEST_RS1 + n - 1] = { "RS" #n, { { "канал RS" #n, "channel RS" #n } } }
    [TEST_I2C] = { "I2C", { { "канал I2C", "I2C bus" } } },
    [TEST_RTC] = { "RTC", { { "часы реального времени", "real-time clock" } } },
    [TEST_USB] = { "USB", { { "USB", "USB" } } },
    [TEST_SOC] = { "SOC", { { "приём соединений по Ethernet", "connections by Ethernet" } } },
    [TEST_SD] = { "SD", { { "карта памяти", "memory card" } } },
    [TEST_FILE] = { "File", { { "работа с файлами", "files" } } },
    [TEST_PWR] = { "PWR", { { "внешнее питание", "outside power" } } },
    [TEST_GSM] = { "GSM", { { "модуль GSM", "GSM module" } } },
    RS(1), RS(2), RS(3), RS(4), RS(5), RS(6), RS(7), RS(8),
    [TEST_ROM] = { "ROM", { { "память программ", "program memory" } } },
    [TEST_RAM] = { "RAM", { { "оперативная память", "working memory" } } },
    [TEST_ETH] = { "ETH", { { "Ethernet", "Ethernet" } } },
    [TEST_ARJ] = { "ARJ", { { "запись архива", "archive writing" } } },
    [TEST_SND] = { "SND", { { "передача данных", "sending of data" } } },
    [TEST_RTCM] = { "RTMm", { { "часы реального времени отвечают", "the real-time clock answers" } } },
    [TEST_ETHM] = { "ETHm", { { "модуль Ethernet отвечает", "the Ethernet module answers" } } },
    [TEST_JRM] = { "JRMm", { { "карта памяти отвечает", "the memory card answers" } } },
    [TEST_GSMM] = { "GSMm", { { "модуль GSM отвечает", "the GSM module answers" } } },
    [TEST_SERM] = { "SERm", { { "процесс опроса отвечает", "collection answers" } } },
#undef RS
};

const char *test_flag_name(enum test_flag flag)
{
    return rows[flag].name;
}

const char *test_flag_title(enum test_flag flag, enum lang lang)
{
    return phrase_in(&rows[flag].title, lang);
}
