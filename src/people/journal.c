/* Kinds of records and their titles; see journal.h. */
#include "people/journal.h"
#include "base/log.h"

#include <string.h>

static const struct row {
    const char *name;
    struct phrase title;
    bool security;
    enum audit_level level;
} rows[NOTE_COUNT] = {
    [NOTE_DEVICE_ADD] = { "SET_DEVICE_ADD", { { "Добавление устройства", "Device added" } }, false, AUDIT_INFO },
    [NOTE_DEVICE_UPDATE] = { "SET_DEVICE_UPDATE", { { "Изменение устройства", "Device changed" } }, false, AUDIT_INFO },
    [NOTE_DEVICE_REMOVE] = { "SET_DEVICE_REMOVE", { { "Удаление устройства", "Device deleted" } }, false, AUDIT_WARNING },
    [NOTE_GROUP_ADD] = { "SET_DEVICE_GROUP_ADD", { { "Добавление группы", "Group added" } }, false, AUDIT_INFO },
    [NOTE_GROUP_UPDATE] = { "SET_DEVICE_GROUP_UPDATE", { { "Изменение группы", "Group changed" } }, false, AUDIT_INFO },
    [NOTE_GROUP_REMOVE] = { "SET_DEVICE_GROUP_REMOVE", { { "Удаление группы", "Group deleted" } }, false, AUDIT_INFO },
    [NOTE_ARCHIVE_UPDATE] = { "SET_MEASUREMENT_ARCHIVE_UPDATE", { { "Изменён архив", "Archive changed" } }, false, AUDIT_INFO },
    [NOTE_LOGIN] = { "SSET_LOGIN", { { "Вход", "Sign-in" } }, true, AUDIT_INFO },
    [NOTE_LOGOUT] = { "SSET_LOGOUT", { { "Выход", "Sign-out" } }, true, AUDIT_INFO },
    [NOTE_PASSWORD_CHANGE] = { "SSET_PASSWORD_CHANGE", { { "Изменение пароля", "Password changed" } }, true, AUDIT_INFO },
    [NOTE_CONFIGURATION_CHANGE] = { "SSET_CONFIGURATION_CHANGE", { { "Изменение конфигурации", "Configuration changed" } }, true, AUDIT_INFO },
    [NOTE_USER_ADD] = { "SSET_USER_ADD", { { "Добавление пользователя", "User added" } }, true, AUDIT_INFO },
    [NOTE_USER_ROLE] = { "SSET_USER_UPDATE_ROLE", { { "Изменение роли пользователя", "User's role changed" } }, true, AUDIT_INFO },
    [NOTE_USER_ENABLED] = { "SSET_USER_UPDATE_ENABLED", { { "Пользователь включён или отключён", "User enabled or disabled" } }, true, AUDIT_INFO },
    [NOTE_USER_REMOVE] = { "SSET_USER_REMOVE", { { "Удаление пользователя", "User deleted" } }, true, AUDIT_INFO },
    [NOTE_ROLE_ADD] = { "SSET_ROLE_ADD", { { "Добавление роли", "Role added" } }, true, AUDIT_INFO },
    [NOTE_ROLE_UPDATE] = { "SSET_ROLE_UPDATE", { { "Изменение роли", "Role changed" } }, true, AUDIT_INFO },
    [NOTE_ROLE_REMOVE] = { "SSET_ROLE_REMOVE", { { "Удаление роли", "Role deleted" } }, true, AUDIT_INFO },
    [NOTE_LINK_ADD] = { "SET_CHANNEL_ADD", { { "Добавление канала связи", "Channel added" } }, false, AUDIT_INFO },
    [NOTE_LINK_UPDATE] = { "SET_CHANNEL_UPDATE", { { "Изменение канала связи", "Channel changed" } }, false, AUDIT_INFO },
    [NOTE_LINK_REMOVE] = { "SET_CHANNEL_REMOVE", { { "Удаление канала связи", "Channel deleted" } }, false, AUDIT_INFO },
    [NOTE_CONTACT_LOST] = { "SET_CONTACT_LOST", { { "Потеря связи с устройством", "Contact with a device lost" } }, false, AUDIT_WARNING },
    [NOTE_CONTACT_BACK] = { "SET_CONTACT_BACK", { { "Связь с устройством восстановлена", "Contact with a device is back" } }, false, AUDIT_INFO },
    [NOTE_COLLECT_START] = { "SET_COLLECT_START", { { "Опрос начат", "Collection started" } }, false, AUDIT_INFO },
    [NOTE_COLLECT_END] = { "SET_COLLECT_END", { { "Опрос закончен", "Collection ended" } }, false, AUDIT_INFO },
    [NOTE_TASK_ADD] = { "SET_TASK_ADD", { { "Добавление задачи сбора/управления", "Task added" } }, false, AUDIT_INFO },
    [NOTE_TASK_UPDATE] = { "SET_TASK_UPDATE", { { "Изменение задачи сбора/управления", "Task changed" } }, false, AUDIT_INFO },
    [NOTE_TASK_REMOVE] = { "SET_TASK_REMOVE", { { "Удаление задачи сбора/управления", "Task deleted" } }, false, AUDIT_WARNING },
    [NOTE_TASK_ON] = { "SET_TASK_ON", { { "Расписание задачи включено", "Schedule of a task on" } }, false, AUDIT_INFO },
    [NOTE_TASK_OFF] = { "SET_TASK_OFF", { { "Расписание задачи выключено", "Schedule of a task off" } }, false, AUDIT_INFO },
    [NOTE_RUN_START] = { "SET_RUN_START", { { "Запуск задачи", "Run begun" } }, false, AUDIT_INFO },
    [NOTE_RUN_CANCEL] = { "SET_RUN_CANCEL", { { "Отмена запуска", "Run cancelled" } }, false, AUDIT_INFO },
    [NOTE_RELAY_ORDER] = { "SSET_RELAY_ORDER", { { "Команда управления реле", "Relays ordered" } }, true, AUDIT_WARNING },
    [NOTE_RELAY_RESULT] = { "SSET_RELAY_RESULT", { { "Результат управления реле", "Result of a relay order" } }, true, AUDIT_WARNING },
    [NOTE_LOGIN_FAILED] = { "SSET_LOGIN_FAILED", { { "Неудачная попытка входа", "Sign-in refused" } }, true, AUDIT_WARNING },
    [NOTE_LOGIN_HELD] = { "SSET_LOGIN_HELD", { { "Вход временно закрыт", "Sign-in held for a while" } }, true, AUDIT_WARNING },
    [NOTE_USER_UPDATE] = { "SSET_USER_UPDATE", { { "Изменение пользователя", "User changed" } }, true, AUDIT_INFO },
    [NOTE_SESSION_END] = { "SSET_SESSION_END", { { "Сеанс завершён", "Session ended by hand" } }, true, AUDIT_INFO },
    [NOTE_TOKEN_ADD] = { "SSET_TOKEN_ADD", { { "Добавлен ключ API", "API token added" } }, true, AUDIT_INFO },
    [NOTE_TOKEN_REMOVE] = { "SSET_TOKEN_REMOVE", { { "Удалён ключ API", "API token deleted" } }, true, AUDIT_INFO },
    [NOTE_TOTP_ON] = { "SSET_TOTP_ON", { { "Второй фактор включён", "Second factor on" } }, true, AUDIT_INFO },
    [NOTE_TOTP_OFF] = { "SSET_TOTP_OFF", { { "Второй фактор отключён", "Second factor off" } }, true, AUDIT_WARNING },
    [NOTE_PROJECT_ADD] = { "SSET_PROJECT_ADD", { { "Добавление проекта", "Project added" } }, true, AUDIT_INFO },
    [NOTE_PROJECT_UPDATE] = { "SSET_PROJECT_UPDATE", { { "Изменение проекта", "Project changed" } }, true, AUDIT_INFO },
    [NOTE_PROJECT_REMOVE] = { "SSET_PROJECT_REMOVE", { { "Удаление проекта", "Project deleted" } }, true, AUDIT_WARNING },
    [NOTE_PROJECT_PEOPLE] = { "SSET_PROJECT_USERS", { { "Изменены пользователи проекта", "Project's users changed" } }, true, AUDIT_INFO },
    [NOTE_EVENT_ARCHIVE_UPDATE] = { "SET_EVENT_ARCHIVE_UPDATE", { { "Изменён архив событий", "Event archive changed" } }, false, AUDIT_INFO },
    [NOTE_STATE_ARCHIVE_UPDATE] = { "SET_STATE_ARCHIVE_UPDATE", { { "Изменён архив состояний", "State archive changed" } }, false, AUDIT_INFO },
    [NOTE_LOG_CLEAR] = { "SSET_LOG_CLEAR", { { "Очистка журнала", "Log cleared" } }, true, AUDIT_WARNING },
    [NOTE_PROTOCOL_ADD] = { "SET_PROTOCOL_ADD", { { "Добавление протокола", "Protocol profile added" } }, false, AUDIT_INFO },
    [NOTE_PROTOCOL_UPDATE] = { "SET_PROTOCOL_UPDATE", { { "Изменение протокола", "Protocol profile changed" } }, false, AUDIT_INFO },
    [NOTE_PROTOCOL_REMOVE] = { "SET_PROTOCOL_REMOVE", { { "Удаление протокола", "Protocol profile deleted" } }, false, AUDIT_INFO },
    [NOTE_DEVICES_EXPORT] = { "SSET_DEVICES_EXPORT", { { "Экспорт устройств и протоколов", "Devices and protocols exported" } }, true, AUDIT_INFO },
    [NOTE_TRANSIT_BEGIN] = { "SSET_TRANSIT_BEGIN", { { "Транзит: клиент подключился", "Transit: a client has connected" } }, true, AUDIT_INFO },
    [NOTE_TRANSIT_END] = { "SSET_TRANSIT_END", { { "Транзит: сеанс закончен", "Transit: a session has ended" } }, true, AUDIT_INFO },
    [NOTE_TRANSIT_REFUSED] = { "SSET_TRANSIT_REFUSED", { { "Транзит: клиенту отказано", "Transit: a client was refused" } }, true, AUDIT_WARNING },
    [NOTE_INTERFACE_UPDATE] = { "SET_INTERFACE_UPDATE", { { "Изменены настройки цифрового интерфейса", "Digital interface changed" } }, false, AUDIT_INFO },
    [NOTE_GATEWAY_ADD] = { "SET_GATEWAY_ADD", { { "Добавление шлюза", "Gateway added" } }, false, AUDIT_INFO },
    [NOTE_GATEWAY_UPDATE] = { "SET_GATEWAY_UPDATE", { { "Изменение шлюза", "Gateway changed" } }, false, AUDIT_INFO },
    [NOTE_GATEWAY_REMOVE] = { "SET_GATEWAY_REMOVE", { { "Удаление шлюза", "Gateway deleted" } }, false, AUDIT_WARNING },
    [NOTE_GATEWAY_CODE] = { "SSET_GATEWAY_CODE", { { "Код подключения шлюза выдан или отозван", "Gateway's connection code issued or revoked" } }, true, AUDIT_WARNING },
    [NOTE_GATEWAY_REFUSED] = { "SSET_GATEWAY_REFUSED", { { "Шлюзу отказано в подключении", "Gateway refused" } }, true, AUDIT_WARNING },
    [NOTE_GATEWAYS_DOOR] = { "SSET_GATEWAYS_PORT", { { "Изменён порт приёма шлюзов", "Gateways' port changed" } }, true, AUDIT_INFO },
    [NOTE_CENTRE_UPDATE] = { "SSET_CENTRE_UPDATE", { { "Изменены настройки передачи в центр", "Delivery to the head-end changed" } }, true, AUDIT_INFO },
    [NOTE_DEVICES_IMPORT] = { "SET_DEVICES_IMPORT", { { "Импорт устройств", "Devices imported" } }, false, AUDIT_INFO },
    [NOTE_BOX_START] = { "SET_BOX_START", { { "Устройство включено", "Box started" } }, false, AUDIT_INFO },
    [NOTE_BOX_POWER] = { "SET_BOX_POWER", { { "Питание изменилось", "Power changed" } }, false, AUDIT_WARNING },
    [NOTE_BOX_BUTTON] = { "SET_BOX_BUTTON", { { "Нажата кнопка", "Button held" } }, false, AUDIT_WARNING },
    [NOTE_BOX_INPUT] = { "SET_BOX_INPUT", { { "Дискретный вход", "Discrete input" } }, false, AUDIT_INFO },
    [NOTE_BOX_RELAY] = { "SET_BOX_RELAY", { { "Реле устройства", "Relay of the box" } }, false, AUDIT_WARNING },
    [NOTE_BOX_SUPPLY] = { "SET_BOX_POWER_LINE", { { "Линия питания интерфейса", "Power line of an interface" } }, false, AUDIT_INFO },
    [NOTE_BOX_CLOCK] = { "SET_BOX_CLOCK", { { "Установлено время", "Clock set" } }, false, AUDIT_WARNING },
    [NOTE_BOX_TIME] = { "SET_BOX_TIME", { { "Настройки времени", "Settings of time" } }, false, AUDIT_INFO },
    [NOTE_BOX_NETWORK_TRY] = { "SET_BOX_NETWORK_TRY", { { "Настройки Ethernet на пробе", "Ethernet settings on trial" } }, false, AUDIT_INFO },
    [NOTE_BOX_NETWORK] = { "SET_BOX_NETWORK", { { "Настройки Ethernet применены", "Ethernet settings applied" } }, false, AUDIT_WARNING },
    [NOTE_BOX_NETWORK_BACK] = { "SET_BOX_NETWORK_BACK", { { "Настройки Ethernet возвращены", "Ethernet settings taken back" } }, false, AUDIT_WARNING },
    [NOTE_BOX_MODEM] = { "SET_BOX_MODEM", { { "Настройки модема", "Settings of the modem" } }, false, AUDIT_INFO },
    [NOTE_BOX_SIM] = { "SET_BOX_SIM", { { "Выбрана SIM-карта", "SIM card chosen" } }, false, AUDIT_WARNING },
    [NOTE_BOX_MODEM_ON] = { "SET_BOX_MODEM_ON", { { "Модем в сети", "Modem on the network" } }, false, AUDIT_INFO },
    [NOTE_BOX_MODEM_OFF] = { "SET_BOX_MODEM_OFF", { { "Модем потерял сеть", "Modem lost the network" } }, false, AUDIT_WARNING },
    [NOTE_BOX_RESTART] = { "SET_BOX_RESTART", { { "Перезагрузка устройства", "Box restarted" } }, false, AUDIT_WARNING },
    [NOTE_BOX_TEST] = { "SET_BOX_TEST", { { "Самодиагностика: исправно", "Self-test: good" } }, false, AUDIT_INFO },
    [NOTE_OCCASION_ADD] = { "SET_EVENT_ADD", { { "Добавление события", "Event added" } }, false, AUDIT_INFO },
    [NOTE_OCCASION_UPDATE] = { "SET_EVENT_UPDATE", { { "Изменение события", "Event changed" } }, false, AUDIT_INFO },
    [NOTE_OCCASION_REMOVE] = { "SET_EVENT_REMOVE", { { "Удаление события", "Event deleted" } }, false, AUDIT_WARNING },
    [NOTE_OCCASION] = { "SET_EVENT_HAPPENED", { { "Событие наступило", "Event happened" } }, false, AUDIT_INFO },
    [NOTE_BOX_TEST_BAD] = { "SET_BOX_TEST_BAD", { { "Самодиагностика: ошибки", "Self-test: errors" } }, false, AUDIT_ERROR },
    [NOTE_BOX_UPDATE_BEGIN] = { "SET_BOX_UPDATE_BEGIN", { { "Начато обновление программы", "Update of the program begun" } }, false, AUDIT_WARNING },
    [NOTE_BOX_UPDATE] = { "SET_BOX_UPDATE", { { "Программа обновлена", "Program updated" } }, false, AUDIT_WARNING },
    [NOTE_BOX_UPDATE_BACK] = { "SET_BOX_UPDATE_BACK", { { "Обновление не состоялось, работает прежняя версия", "No update, the former version runs" } }, false, AUDIT_ERROR },
};

const char *note_name(enum note n) { return rows[n].name; }
bool note_is_security(enum note n) { return rows[n].security; }
const char *const note_levels[] = { "info", "warning", "error", NULL };

enum audit_level note_level(enum note n) { return rows[n].level; }

const char *note_title(const char *kind, enum lang lang)
{
    for (int i = 0; i < NOTE_COUNT; i++)
        if (strcmp(rows[i].name, kind) == 0)
            return phrase_in(&rows[i].title, lang);
    return kind;
}

void journal_note(struct store *s, enum note n, const struct caller *caller, const char *object, const char *before,
                  const char *after)
{
    struct store_audit a = {
        .kind = rows[n].name, .security = rows[n].security, .level = rows[n].level, .object = object, .before = before,
        .after = after, .login = "", .address = "" };
    if (caller) {
        a.person = caller->person;
        a.login = caller->login;
        a.address = caller->address;
        a.project = rows[n].security ? 0 : caller->project;
    }
    if (store_audit_put(s, &a, 1) != FAULT_NONE)
        log_line(LOG_ERROR, "audit-lost", "kind=%s login=\"%s\" object=\"%s\"", a.kind, a.login, object ? object : "");
}
