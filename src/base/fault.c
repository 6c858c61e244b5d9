/* Names and sentences of the faults; see fault.h. */
#include "base/fault.h"

static const struct {
    const char *name;
    struct phrase text;
} faults[FAULT_COUNT] = {
    [FAULT_NONE] = { "none", { { "успешно", "done" } } },
    [FAULT_NO_CONNECTION] = { "no-connection", { { "нет соединения с линией связи", "the link cannot be opened" } } },
    [FAULT_LINK_LOST] = { "link-lost", { { "связь оборвалась", "the link broke" } } },
    [FAULT_LINE_BUSY] = { "line-busy", { { "линия занята", "the line is busy" } } },
    [FAULT_NO_ANSWER] = { "no-answer", { { "нет ответа", "no answer" } } },
    [FAULT_DAMAGED] = { "damaged", { { "ответ повреждён (контрольная сумма не сходится)",
                                       "the answer is damaged (checksum does not fit)" } } },
    [FAULT_FOREIGN] = { "foreign", { { "отвечает другой счётчик", "another meter answers" } } },
    [FAULT_STALE] = { "stale", { { "пришёл ответ на прошлый запрос", "an answer to an earlier request came" } } },
    [FAULT_NONSENSE] = { "nonsense", { { "непонятный ответ", "the answer makes no sense" } } },
    [FAULT_PASSWORD] = { "password", { { "неверный пароль или ключ", "wrong password or key" } } },
    [FAULT_LOCKED] = { "locked", { { "счётчик заблокирован после неверных паролей",
                                     "the meter has locked itself after wrong passwords" } } },
    [FAULT_PASSWORD_HELD] = { "password-held", { { "пароль был отклонён раньше; не пробуем снова, чтобы счётчик не "
                                                   "заблокировался",
                                                   "the password was refused before; not tried again lest the meter "
                                                   "locks" } } },
    [FAULT_ACCESS] = { "access", { { "недостаточный уровень доступа", "access level too low" } } },
    [FAULT_NOT_SUPPORTED] = { "not-supported", { { "счётчик этого не умеет", "not supported by the meter" } } },
    [FAULT_NO_DATA] = { "no-data", { { "в счётчике нет данных за этот период", "the meter has no data for that time" } } },
    [FAULT_REFUSED] = { "refused", { { "счётчик отказал", "the meter refused" } } },
    [FAULT_METER_ERROR] = { "meter-error", { { "внутренняя ошибка счётчика", "internal error of the meter" } } },
    [FAULT_CLOCK_LIMIT] = { "clock-limit", { { "уход часов больше допустимой коррекции или коррекция сегодня уже была",
                                               "the clock is beyond the allowed correction or was corrected today" } } },
    [FAULT_SESSION_LOST] = { "session-lost", { { "счётчик закрыл сеанс", "the meter dropped the session" } } },
    [FAULT_SECURITY] = { "security", { { "защищённый ответ не прошёл проверку подлинности",
                                         "a protected answer failed authentication" } } },
    [FAULT_WRONG_METER] = { "wrong-meter", { { "заводской номер не тот, что ожидали", "not the expected serial number" } } },
    [FAULT_CANCELLED] = { "cancelled", { { "отменено", "cancelled" } } },
    [FAULT_SETTING] = { "setting", { { "неверный параметр настройки", "a setting is missing or wrong" } } },
    [FAULT_LIMIT] = { "limit", { { "ответ больше допустимого", "the answer is larger than allowed" } } },
    [FAULT_STORE] = { "store", { { "ошибка базы данных", "database error" } } },
    [FAULT_CHANGED] = { "changed", { { "это уже изменил кто-то другой", "somebody else has changed it meanwhile" } } },
};

const char *fault_text(enum fault f, enum lang lang)
{
    return (unsigned)f < FAULT_COUNT ? phrase_in(&faults[f].text, lang) : "?";
}

const char *fault_name(enum fault f)
{
    return (unsigned)f < FAULT_COUNT ? faults[f].name : "?";
}
