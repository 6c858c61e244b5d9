/* The table of permissions; see permission.h. The last column names the built-in roles that have it. */
#include "people/permission.h"
#include "base/text.h"

#include <string.h>

const struct builtin_role builtin_roles[BUILTIN_ROLES] = {
    { 'A', "Administrator", { { "Администратор", "Administrator" } } },
    { 'O', "Operator", { { "Оператор", "Operator" } } },
    { 'U', "User", { { "Пользователь", "User" } } },
    { 'M', "M2M", { { "Обмен между системами", "Machine to machine" } } },
    { 'P', "Project Manager", { { "Руководитель проекта", "Project manager" } } },
    { 'S', "Subscriber", { { "Абонент", "Subscriber" } } },
};

const struct builtin_role gateway_roles[GATEWAY_ROLES] = {
    { 'A', "Administrator", { { "Администратор", "Administrator" } } },
    { 'G', "User", { { "Пользователь", "User" } } },
    { '-', "No access", { { "Нет доступа", "No access" } } },
};

const struct builtin_role *roles_of(enum role_set set, int *ret_count)
{
    *ret_count = set == ROLES_GATEWAY ? GATEWAY_ROLES : BUILTIN_ROLES;
    return set == ROLES_GATEWAY ? gateway_roles : builtin_roles;
}

static const struct row {
    const char *name;
    struct phrase title;
    const char *roles;
} rows[PERMISSION_COUNT] = {
    [MAY_VIEW_DEVICES] = { "View.Devices", { { "Отображение устройств", "See the pages of devices" } }, "AOUP" },
    [MAY_READ_DEVICES] = { "Read.Devices", { { "Чтение списка устройств", "Read the list of devices" } }, "AOUPM" },
    [MAY_WRITE_DEVICES] = { "Write.Devices", { { "Изменение и добавление устройств", "Add and change devices" } }, "AOP" },
    [MAY_DELETE_DEVICES] = { "Delete.Devices", { { "Удаление устройств", "Delete devices" } }, "AOP" },
    [MAY_VIEW_USERS] = { "View.Users", { { "Отображение пользователей", "See the page of users" } }, "A" },
    [MAY_READ_USERS] = { "Read.Users", { { "Чтение списка пользователей", "Read the list of users" } }, "A" },
    [MAY_WRITE_USERS] = { "Write.Users", { { "Изменение и добавление пользователей", "Add and change users" } }, "A" },
    [MAY_DELETE_USERS] = { "Delete.Users", { { "Удаление пользователей", "Delete users" } }, "A" },
    [MAY_VIEW_HES_CONFIG] = { "View.HesConfig", { { "Отображение конфигурации", "See the configuration" } }, "AOP" },
    [MAY_READ_HES_CONFIG] = { "Read.HesConfig", { { "Чтение конфигурации", "Read the configuration" } }, "AOP" },
    [MAY_WRITE_HES_CONFIG] = { "Write.HesConfig", { { "Изменение конфигурации", "Change the configuration" } }, "A" },
    [MAY_DELETE_HES_CONFIG] = { "Delete.HesConfig", { { "Удаление конфигурации", "Delete the configuration" } }, "A" },
    [MAY_VIEW_ROLES] = { "View.Roles", { { "Отображение ролей", "See the page of roles" } }, "A" },
    [MAY_READ_ROLES] = { "Read.Roles", { { "Чтение ролей", "Read roles" } }, "A" },
    [MAY_WRITE_ROLES] = { "Write.Roles", { { "Запись и изменение ролей", "Add and change roles" } }, "A" },
    [MAY_DELETE_ROLES] = { "Delete.Roles", { { "Удаление ролей", "Delete roles" } }, "A" },
    [MAY_VIEW_LOGS_DEBUG] = { "View.Logs.Debug", { { "Отображение отладочных логов", "See the debug logs" } }, "AOP" },
    [MAY_READ_LOGS_DEBUG] = { "Read.Logs.Debug", { { "Чтение отладочных логов", "Read the debug logs" } }, "AOP" },
    [MAY_DELETE_LOGS_DEBUG] = { "Delete.Logs.Debug", { { "Удаление отладочных логов", "Delete the debug logs" } }, "A" },
    [MAY_VIEW_LOGS_COMMON] = { "View.Logs.Common", { { "Отображение общих логов", "See the general log" } }, "AOP" },
    [MAY_READ_LOGS_COMMON] = { "Read.Logs.Common", { { "Чтение общих логов", "Read the general log" } }, "AOP" },
    [MAY_DELETE_LOGS_COMMON] = { "Delete.Logs.Common", { { "Удаление общих логов", "Delete the general log" } }, "A" },
    [MAY_VIEW_LOGS_SECURE] = { "View.Logs.Secure", { { "Отображение логов безопасности", "See the security log" } }, "AOP" },
    [MAY_READ_LOGS_SECURE] = { "Read.Logs.Secure", { { "Чтение логов безопасности", "Read the security log" } }, "AOP" },
    [MAY_DELETE_LOGS_SECURE] = { "Delete.Logs.Secure", { { "Удаление логов безопасности", "Delete the security log" } }, "A" },
    [MAY_READ_DATASTORE] = { "Read.Datastore", { { "Чтение сохраненных данных", "Read stored data" } }, "AOUPM" },
    [MAY_WRITE_DATASTORE] = { "Write.Datastore", { { "Запись сохраненных данных", "Write stored data" } }, "A" },
    [MAY_DELETE_DATASTORE] = { "Delete.Datastore", { { "Удаление сохраненных данных", "Delete stored data" } }, "A" },
    [MAY_VIEW_PROTOCOL_SETTINGS] = { "View.ProtocolSettings", { { "Отображение настроек протоколов", "See protocol settings" } }, "AOP" },
    [MAY_READ_PROTOCOL_SETTINGS] = { "Read.ProtocolSettings", { { "Чтение списка настроек протоколов", "Read protocol settings" } }, "AOP" },
    [MAY_WRITE_PROTOCOL_SETTINGS] = { "Write.ProtocolSettings", { { "Изменение и добавление настроек протоколов", "Add and change protocol settings" } }, "AOP" },
    [MAY_DELETE_PROTOCOL_SETTINGS] = { "Delete.ProtocolSettings", { { "Удаление настроек протоколов", "Delete protocol settings" } }, "AOP" },
    [MAY_VIEW_CHANNEL_SETTINGS] = { "View.ChannelSettings", { { "Отображение настроек каналов связи", "See channel settings" } }, "AOP" },
    [MAY_READ_CHANNEL_SETTINGS] = { "Read.ChannelSettings", { { "Чтение списка настроек каналов связи", "Read channel settings" } }, "AOP" },
    [MAY_WRITE_CHANNEL_SETTINGS] = { "Write.ChannelSettings", { { "Изменение и добавление настроек каналов связи", "Add and change channel settings" } }, "AOP" },
    [MAY_DELETE_CHANNEL_SETTINGS] = { "Delete.ChannelSettings", { { "Удаление настроек каналов связи", "Delete channel settings" } }, "AOP" },
    [MAY_VIEW_DEVICE_COMMLINE] = { "View.DeviceCommline", { { "Отображение настроек коммуникационных линий", "See communication lines" } }, "AOP" },
    [MAY_READ_DEVICE_COMMLINE] = { "Read.DeviceCommline", { { "Чтение настроек коммуникационных линий", "Read communication lines" } }, "AOP" },
    [MAY_WRITE_DEVICE_COMMLINE] = { "Write.DeviceCommline", { { "Изменение и добавление настроек коммуникационных линий", "Add and change communication lines" } }, "AOP" },
    [MAY_DELETE_DEVICE_COMMLINE] = { "Delete.DeviceCommline", { { "Удаление настроек коммуникационных линий", "Delete communication lines" } }, "AOP" },
    [MAY_VIEW_DATA_COLLECTION_JOB] = { "View.DataCollection.Job", { { "Отображение вкладок сбора и управления", "See collection and control" } }, "AOP" },
    [MAY_READ_DATA_COLLECTION_JOB] = { "Read.DataCollection.Job", { { "Чтение данных задач сбора и управления", "Read collection and control tasks" } }, "AOP" },
    [MAY_WRITE_DATA_COLLECTION_JOB] = { "Write.DataCollection.Job", { { "Создание и изменение задач сбора и управления", "Add and change collection and control tasks" } }, "AP" },
    [MAY_DELETE_DATA_COLLECTION_JOB] = { "Delete.DataCollection.Job", { { "Удаление задач сбора и управления", "Delete collection and control tasks" } }, "AP" },
    [MAY_READ_EMAIL_SETTINGS] = { "Read.Email.Settings", { { "Чтение настроек SMTP-сервера", "Read the mail server's settings" } }, "A" },
    [MAY_WRITE_EMAIL_SETTINGS] = { "Write.Email.Settings", { { "Запись настроек SMTP-сервера", "Change the mail server's settings" } }, "A" },
    [MAY_WRITE_SCHEDULER_JOB_LAUNCHES] = { "Write.Scheduler.JobLaunches", { { "Изменение данных запусков задачи", "Start and stop runs of tasks" } }, "AOP" },
    [MAY_EXECUTE_ESB_DEVICE_READ] = { "Execute.ESB.Device.Read", { { "Вызов API ESB для чтения", "Call the ESB API to read" } }, "AM" },
    [MAY_EXECUTE_ESB_DEVICE_CONTROL] = { "Execute.ESB.Device.Control", { { "Вызов API ESB для управления", "Call the ESB API to control" } }, "AM" },
    [MAY_READ_DATASTORE_ARCHIVE] = { "Read.Datastore.Archive", { { "Чтение списка архивов", "Read the list of archives" } }, "AOUP" },
    [MAY_WRITE_DATASTORE_ARCHIVE] = { "Write.Datastore.Archive", { { "Изменение и добавление архивов", "Add and change archives" } }, "AO" },
    [MAY_DELETE_DATASTORE_ARCHIVE] = { "Delete.Datastore.Archive", { { "Удаление архивов", "Delete archives" } }, "A" },
    [MAY_ALL_EXTERNAL_CENC] = { "All.External.CENC", { { "Доступ к API CENC", "Access to the CENC API" } }, "A" },
    [MAY_VIEW_TREE_NODES] = { "View.TreeNodes", { { "Отображение структуры узлов", "See the tree of nodes" } }, "AOP" },
    [MAY_WRITE_TREE_NODES] = { "Write.TreeNodes", { { "Создание и редактирование узлов", "Add and change nodes" } }, "AP" },
    [MAY_VIEW_PAGE_CE_HES] = { "View.Page.ceHes", { { "Отображение страницы головной системы", "See the head-end's pages" } }, "AOUP" },
    [MAY_VIEW_PAGE_MDM] = { "View.Page.MDM", { { "Отображение страницы аналитики", "See the analytics' pages" } }, "AOUP" },
    [MAY_VIEW_SUBSCRIBER_CABINET] = { "View.SubscriberCabinet", { { "Отображение личного кабинета абонента", "See the subscriber's own page" } }, "AS" },
    [MAY_MANAGE_PROJECTS] = { "Manage.Projects", { { "Управление пользователями в проекте", "Take users into a project and out of it" } }, "A" },
    [MAY_CREATE_PROJECTS] = { "Create.Projects", { { "Создание проектов", "Create projects" } }, "A" },
    [MAY_UPDATE_PROJECTS] = { "Update.Projects", { { "Обновление проектов", "Change projects" } }, "A" },
    [MAY_READ_PROJECTS] = { "Read.Projects", { { "Чтение проектов", "Read projects" } }, "A" },
    [MAY_DELETE_PROJECTS] = { "Delete.Projects", { { "Удаление проектов", "Delete projects" } }, "A" },
    [MAY_READ_PODIS] = { "Read.PODIS", { { "Обмен данными по протоколу ПОДИС", "Exchange by the PODIS protocol" } }, "A" },
    [MAY_VIEW_UNB_BS_BS] = { "View.UnbBS.BS", { { "Отображение вкладки «Базовые станции UNB»", "See UNB base stations" } }, "A" },
    [MAY_READ_UNB_BS_BS] = { "Read.UnbBS.BS", { { "Чтение базовых станций UNB", "Read UNB base stations" } }, "A" },
    [MAY_WRITE_UNB_BS_BS] = { "Write.UnbBS.BS", { { "Создание и обновление базовых станций UNB", "Add and change UNB base stations" } }, "A" },
    [MAY_DELETE_UNB_BS_BS] = { "Delete.UnbBS.BS", { { "Удаление базовых станций UNB", "Delete UNB base stations" } }, "A" },
    [MAY_MANAGE_TREE_NODES_ACCESS] = { "Manage.TreeNodesAccess", { { "Управление доступами к узлам", "Control access to nodes" } }, "A" },
};

bool permissions_within(const struct permissions *some, const struct permissions *all)
{
    for (size_t i = 0; i < sizeof some->bits / sizeof *some->bits; i++)
        if (some->bits[i] & ~all->bits[i])
            return false;
    return true;
}

const char *permission_name(enum permission p)
{
    return p < PERMISSION_COUNT ? rows[p].name : p == MAY_SIGNED_IN ? "signed-in" : "anybody";
}

enum permission permission_find(const char *name)
{
    enum permission p = 0;
    while (p < PERMISSION_COUNT && strcmp(rows[p].name, name) != 0)
        p++;
    return p;
}

const char *permission_title(enum permission p, enum lang lang)
{
    return p < PERMISSION_COUNT ? phrase_in(&rows[p].title, lang) : "";
}

struct permissions permissions_read(const char *names)
{
    struct permissions all = { { 0 } };
    while (*names) {
        char name[40];
        size_t size = strcspn(names, " ");
        if (size && size < sizeof name) {
            memcpy(name, names, size);
            name[size] = '\0';
            enum permission p = permission_find(name);
            if (p < PERMISSION_COUNT)
                permissions_add(&all, p);
        }
        names += size;
        names += strspn(names, " ");
    }
    return all;
}

char *permissions_write(const struct permissions *p, char text[PERMISSIONS_TEXT_MAX])
{
    struct text t = text_over(text, PERMISSIONS_TEXT_MAX);
    for (enum permission i = 0; i < PERMISSION_COUNT; i++)
        if (permissions_hold(p, i))
            text_printf(&t, "%s%s", t.size ? " " : "", rows[i].name);
    return text;
}

/* S0 4.7.1: «разрешение данных только на чтение (страница учётные записи не отображается в целях безопасности)». */
static bool gateway_user_may(enum permission p)
{
    static const enum permission kept[] = { MAY_VIEW_USERS, MAY_READ_USERS, MAY_VIEW_ROLES, MAY_READ_ROLES, MAY_VIEW_LOGS_SECURE, MAY_READ_LOGS_SECURE,
                                            MAY_READ_EMAIL_SETTINGS, MAY_READ_PROJECTS };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (p == kept[i])
            return false;
    return strncmp(rows[p].name, "View.", 5) == 0 || strncmp(rows[p].name, "Read.", 5) == 0;
}

struct permissions builtin_permissions(const struct builtin_role *role)
{
    struct permissions all = { { 0 } };
    for (enum permission i = 0; i < PERMISSION_COUNT; i++)
        if (role->letter == 'G' ? gateway_user_may(i) : strchr(rows[i].roles, role->letter) != NULL)
            permissions_add(&all, i);
    return all;
}
