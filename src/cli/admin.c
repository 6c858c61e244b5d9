/* svod admin: care for a database: check, backup, restore, import of meters, retention. */
#include "cli/cli.h"
#include "cli/database.h"
#include "cli/package.h"

#include "api/api.h"
#include "api/openapi.h"
#include "base/clock.h"
#include "base/textset.h"
#include "drivers/driver.h"
#include "link/address.h"
#include "people/access.h"
#include "people/password.h"
#include "store/house/care.h"
#include "store/registry/registry.h"
#include "store/registry/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- check, backup, restore --------------------------------------------------------------------------------------------- */

static void print_finding(void *context, const char *what)
{
    (void)context;
    printf("  %s\n", what);
}

static int check(const char *const *path, int count, enum lang lang)
{
    (void)count;
    static const struct phrase good = { { "База цела.", "The database is sound." } };
    static const struct phrase bad = { { "В базе найдены повреждения (см. выше). Восстановите её из копии: svod admin restore.",
                                         "The database is damaged (see above). Bring it back from a copy: svod admin restore." } };
    struct store *s = database_open(path[0], &(struct store_options){ .readonly = true }, "admin check", lang);
    if (!s)
        return EXIT_DATABASE;
    bool sound = false;
    enum fault f = store_check(s, print_finding, NULL, &sound);
    int code = f != FAULT_NONE ? database_complain(s, "admin check", lang) : sound ? EXIT_OK : EXIT_DATABASE;
    if (f == FAULT_NONE)
        puts(phrase_in(sound ? &good : &bad, lang));
    store_close(&s);
    return code;
}

/* The key of sealed secrets is no part of the database: whoever copies one must know of the other. */
static void tell_key(const char *database, enum lang lang)
{
    static const struct phrase key = { { "Пароли и ключи счётчиков, пароль почты и вторые факторы запечатаны ключом %s: сохраните и его, отдельно от копии.\n",
                                         "Passwords and keys of meters, the mail password and second factors are sealed with the key %s: keep it, too, apart from the copy.\n" } };
    char path[VAULT_PATH_MAX];
    vault_path(database, path);
    if (access(path, F_OK) == 0)
        printf(phrase_in(&key, lang), path);
}

/* Without the key that belonged to the backup its secrets stay sealed. */
static void tell_missing_key(const char *database, enum lang lang)
{
    static const struct phrase key = { { "Нет файла ключа %s: положите его рядом, иначе пароли и ключи счётчиков, пароль почты и вторые факторы придётся задать заново.\n",
                                         "The key file %s is missing: put it there, or passwords and keys of meters, the mail password and second factors must be set anew.\n" } };
    char path[VAULT_PATH_MAX];
    vault_path(database, path);
    if (access(path, F_OK) != 0)
        printf(phrase_in(&key, lang), path);
}

static int backup(const char *const *path, int count, enum lang lang)
{
    (void)count;
    static const struct phrase done = { { "Копия готова и проверена", "The copy is ready and checked" } };
    struct store *s = database_open(path[0], &(struct store_options){ .readonly = true }, "admin backup", lang);
    if (!s)
        return EXIT_DATABASE;
    struct store_error why;
    char text[STORE_ERROR_TEXT_MAX];
    enum fault f = store_backup(s, path[1], &why);
    store_close(&s);
    if (f != FAULT_NONE) {
        fprintf(stderr, "svod admin backup: %s: %s\n", path[1], store_error_text(&why, lang, text));
        return EXIT_DATABASE;
    }
    printf("%s: %s\n", phrase_in(&done, lang), path[1]);
    tell_key(path[0], lang);
    return EXIT_OK;
}

static int restore(const char *const *path, int count, enum lang lang)
{
    (void)count;
    static const struct phrase done = { { "База восстановлена; прежняя осталась как %s.before\n", "The database is restored; the former one stays as %s.before\n" } };
    struct store_error why;
    char text[STORE_ERROR_TEXT_MAX];
    if (!store_restore(path[0], path[1], &why)) {
        fprintf(stderr, "svod admin restore: %s\n", store_error_text(&why, lang, text));
        return EXIT_DATABASE;
    }
    printf(phrase_in(&done, lang), path[1]);
    tell_missing_key(path[1], lang);
    return EXIT_OK;
}

static int retain(const char *const *argument, int count, enum lang lang)
{
    static const struct phrase wrong = { { "пишут: svod admin retain <база> день=400 (архив=дней)", "written: svod admin retain <database> day=400 (archive=days)" } };
    uint16_t days[ARCHIVE_COUNT] = { 0 };
    struct store *s = database_open(argument[0], NULL, "admin retain", lang);
    if (!s)
        return EXIT_DATABASE;
    int code = EXIT_OK;
    if (count < 2 || !depths_parse(argument[1], days)) {
        fprintf(stderr, "svod admin: %s\n", phrase_in(&wrong, lang));
        code = EXIT_USAGE;
    }
    for (int a = 0; a < ARCHIVE_COUNT && code == EXIT_OK; a++)
        if (days[a] && store_retain(s, (enum archive)a, days[a]) != FAULT_NONE)
            code = database_complain(s, "admin retain", lang);
    store_close(&s);
    return code;
}

/* The way back in, from the machine's own console. */
static int user(const char *const *argument, int count, enum lang lang)
{
    (void)count;
    static const struct phrase done = { { "Пароль пользователя %s: %s\nОн показан один раз; при входе его нужно сменить. Роль — администратор.\n",
                                          "The password of %s: %s\nIt is shown once and must be changed at sign-in. The role is administrator.\n" } };
    char password[16];
    struct store *s = database_open(argument[0], NULL, "admin user", lang);
    if (!s)
        return EXIT_DATABASE;
    struct access *a = access_new(s, NULL);
    bool good = secrets_begin() && access_rescue(a, argument[1], password) == FAULT_NONE;
    if (good)
        printf(phrase_in(&done, lang), argument[1], password);
    int code = good ? EXIT_OK : database_complain(s, "admin user", lang);
    access_free(&a);
    store_close(&s);
    return code;
}

/* --- import of meters --------------------------------------------------------------------------------------------------- */

enum { FIELDS = 7, LINE_MAX_BYTES = 2048 };

/* One row of the file: serial;title;driver;link;parameters;group;depths */
struct row {
    char line[LINE_MAX_BYTES];
    char *field[FIELDS];
    int number;
};

struct import {
    struct store *store;
    enum lang lang;
    struct { char uri[300]; int64_t id; } *links;
    size_t link_count, link_room;
    struct textset serials; /* of the registry, and of the rows before */
    int mistakes;
};

static bool split(struct row *r)
{
    char *at = r->line;
    at[strcspn(at, "\r\n")] = '\0';
    for (int i = 0; i < FIELDS; i++)
        r->field[i] = "";
    for (int i = 0; i < FIELDS && at; i++) {
        r->field[i] = at;
        char *end = strchr(at, '|');
        if (end)
            *end++ = '\0';
        at = end;
    }
    return r->field[0][0] && r->field[0][0] != '#';
}

static void mistake(struct import *im, const struct row *r, const char *what, const char *about)
{
    static const struct phrase line = { { "строка", "line" } };
    fprintf(stderr, "%s %d: %s: %s\n", phrase_in(&line, im->lang), r->number, what, about);
    im->mistakes++;
}

/* Everything that can be wrong with a row, told at once. */
static void check_row(struct import *im, const struct row *r, uint16_t depths[ARCHIVE_COUNT])
{
    static const struct phrase no_driver = { { "неизвестный драйвер", "unknown driver" } };
    static const struct phrase twice = { { "такой счётчик уже есть", "this meter is there already" } };
    static const struct phrase reserved = { { "значение не может начинаться с «sealed:»", "a value may not begin with \"sealed:\"" } };
    static const struct phrase no_depths = { { "непонятная глубина архивов", "depths of archives make no sense" } };
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct link_address address;
    const struct driver *d = driver_find(r->field[2]);
    if (!textset_add(&im->serials, r->field[0]))
        mistake(im, r, phrase_in(&twice, im->lang), r->field[0]);
    if (!d) {
        mistake(im, r, phrase_in(&no_driver, im->lang), r->field[2]);
    } else {
        void *settings = memory_new(d->settings_size);
        if (!parameters_read(d, r->field[4], im->lang, settings, &t))
            mistake(im, r, r->field[0], problem);
        free(settings);
    }
    if (strstr(r->field[4], "=" VAULT_SEALED))
        mistake(im, r, phrase_in(&reserved, im->lang), r->field[0]);
    t = text_over(problem, sizeof problem);
    if (!link_address_parse(r->field[3], im->lang, &address, &t))
        mistake(im, r, r->field[3], problem);
    if (!depths_parse(r->field[6][0] ? r->field[6] : "current,network,state,day=60,month=400,profile=60,journal=60", depths))
        mistake(im, r, phrase_in(&no_depths, im->lang), r->field[6]);
}

static bool know_link(void *context, const struct store_link *link)
{
    struct import *im = context;
    if (im->link_count == im->link_room) {
        size_t room = im->link_room ? im->link_room * 2 : 64;
        im->links = memory_grow(im->links, im->link_room * sizeof *im->links, room * sizeof *im->links);
        im->link_room = room;
    }
    snprintf(im->links[im->link_count].uri, sizeof im->links->uri, "%s", link->uri);
    im->links[im->link_count++].id = link->id;
    return true;
}

/* The link with this address, made when there is none. The last one is tried first: files list a line's meters together. */
static enum fault link_for(struct import *im, const char *uri, int64_t *ret)
{
    for (size_t i = im->link_count; i > 0; i--)
        if (strcmp(im->links[i - 1].uri, uri) == 0) {
            *ret = im->links[i - 1].id;
            return FAULT_NONE;
        }
    struct store_link link = { .title = uri, .uri = uri };
    enum fault f = store_link_put(im->store, &link, &link.id);
    if (f == FAULT_NONE)
        know_link(im, &link);
    *ret = link.id;
    return f;
}

static enum fault add_row(struct import *im, const struct row *r)
{
    struct store_line line = { .enabled = true, .parameters = r->field[4] };
    struct store_meter m = { .serial = r->field[0], .title = r->field[1], .driver = r->field[2], .lines = &line, .line_count = 1, .source = METER_IMPORTED,
                             .group = r->field[5], .enabled = true, .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    depths_parse(r->field[6][0] ? r->field[6] : "current,network,state,day=60,month=400,profile=60,journal=60", m.depth_days);
    enum fault f = link_for(im, r->field[3], &line.link);
    return f == FAULT_NONE ? store_meter_put(im->store, &m, NULL) : f;
}

static bool know_serial(void *context, const struct store_meter *m)
{
    struct import *im = context;
    textset_add(&im->serials, m->serial);
    return true;
}

/* Two readings of the file: the first only checks, so that a file with one wrong row changes nothing. */
static enum fault check_rows(struct import *im, FILE *file)
{
    struct row r = { 0 };
    enum fault f = store_meters(im->store, know_serial, im);
    while (f == FAULT_NONE && fgets(r.line, sizeof r.line, file)) {
        uint16_t depths[ARCHIVE_COUNT] = { 0 };
        r.number++;
        if (split(&r))
            check_row(im, &r, depths);
    }
    rewind(file);
    return f;
}

static enum fault add_rows(struct import *im, FILE *file, int *ret_added)
{
    struct row r = { 0 };
    enum fault f = store_links(im->store, know_link, im);
    while (f == FAULT_NONE && fgets(r.line, sizeof r.line, file)) {
        if (!split(&r))
            continue;
        f = add_row(im, &r);
        *ret_added += f == FAULT_NONE;
    }
    return f;
}

static int import_file(struct import *im, FILE *file)
{
    static const struct phrase added = { { "Добавлено счётчиков: %d\n", "Meters added: %d\n" } };
    static const struct phrase refused = { { "Ошибок: %d. Ничего не изменено.\n", "Mistakes: %d. Nothing was changed.\n" } };
    int rows = 0;
    enum fault f = check_rows(im, file);
    if (f == FAULT_NONE && im->mistakes) {
        fprintf(stderr, phrase_in(&refused, im->lang), im->mistakes);
        return EXIT_USAGE;
    }
    if (f == FAULT_NONE)
        f = add_rows(im, file, &rows);
    if (f != FAULT_NONE)
        return database_complain(im->store, "admin import", im->lang);
    printf(phrase_in(&added, im->lang), rows);
    return EXIT_OK;
}

static int import(const char *const *argument, int count, enum lang lang)
{
    (void)count;
    FILE *file = fopen(argument[1], "r");
    if (!file) {
        perror(argument[1]);
        return EXIT_USAGE;
    }
    struct import im = { .store = database_open(argument[0], NULL, "admin import", lang), .lang = lang };
    int code = im.store ? import_file(&im, file) : EXIT_DATABASE;
    textset_free(&im.serials);
    free(im.links);
    store_close(&im.store);
    fclose(file);
    return code;
}

/* --- the API's description ------------------------------------------------------------------------------------------------ */

static int openapi(const char *const *argument, int count, enum lang lang)
{
    (void)argument, (void)count;
    struct buffer text = { 0 };
    size_t routes;
    const struct route *all = api_routes(&routes);
    openapi_write(all, routes, lang, &text);
    fwrite(text.data, 1, text.size, stdout);
    buffer_free(&text);
    return EXIT_OK;
}

/* --- the command --------------------------------------------------------------------------------------------------------- */

static const struct task_row {
    const char *name;
    int (*run)(const char *const *argument, int count, enum lang lang);
    int arguments;
    struct phrase usage;
} tasks[] = {
    { "check", check, 1, { { "check <база>: проверить целостность", "check <database>: look for damage" } } },
    { "backup", backup, 2, { { "backup <база> <файл>: копия на ходу, с проверкой", "backup <database> <file>: a copy while others work, checked" } } },
    { "restore", restore, 2, { { "restore <файл> <база>: вернуть копию на место базы", "restore <file> <database>: put a copy in the database's place" } } },
    { "import", import, 2, { { "import <база> <файл>: счётчики, по строке: номер|название|драйвер|линия|параметры|группа|глубина",
                               "import <database> <file>: meters, one a line: serial|title|driver|link|parameters|group|depths" } } },
    { "user", user, 2, { { "user <база> <имя>: новый пароль администратору, созданному если его нет", "user <database> <name>: a new password for an administrator, made when there is none" } } },
    { "openapi", openapi, 0, { { "openapi: описание API, то же, что отдаёт сервер", "openapi: the description of the API that the server gives" } } },
    { "package-key", package_key, 1, { { "package-key <файл>: ключ изготовителя для пакетов обновления", "package-key <file>: the maker's key for packages of updates" } } },
    { "package", package_make, 6, { { "package <программа> <ключ> <версия> <наименьшая версия> <что нового> <пакет>: подписанный пакет обновления",
                                      "package <program> <key> <version> <least version> <notes> <package>: a signed package of an update" } } },
    { "retain", retain, 2, { { "retain <база> profile=400,day=1000: удалить старше стольких дней", "retain <database> profile=400,day=1000: delete what is older than so many days" } } },
};

enum { WORDS_MAX = 7 }; /* a task and what it is about */

int cli_admin(int argc, char **argv, enum lang lang)
{
    char usage[LANG_COUNT][2048];
    for (int l = 0; l < LANG_COUNT; l++) {
        struct text t = text_over(usage[l], sizeof usage[l]);
        for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
            text_printf(&t, "  svod admin %s\n", phrase_in(&tasks[i].usage, (enum lang)l));
    }
    const struct option none[] = { { .name = NULL } };
    const struct command command = {
        "admin", { { "Забота о базе.", "Care for a database." } }, { { "<дело> …", "<task> …" } },
        { { usage[LANG_RU], usage[LANG_EN] } }, none, 1, WORDS_MAX };
    const char *positional[WORDS_MAX];
    int count, code;
    if (!options_read(&command, lang, argc, argv, positional, &count, &code))
        return code;
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (strcmp(tasks[i].name, positional[0]) == 0 && count == tasks[i].arguments + 1)
            return tasks[i].run(positional + 1, count - 1, lang);
    options_help(&command, lang);
    return EXIT_USAGE;
}
