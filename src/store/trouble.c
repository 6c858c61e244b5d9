/* Sentences for database troubles; see trouble.h. */
#include "store/trouble.h"

static const struct phrase troubles[TROUBLE_COUNT] = {
    [TROUBLE_NONE] = { { "база данных в порядке", "the database is in order" } },
    [TROUBLE_CANNOT_OPEN] = { { "файл базы данных не открывается: нет такой папки или прав на неё",
                                "the database file cannot be opened: no such folder or no right to it" } },
    [TROUBLE_LOCKED] = { { "база данных занята другим процессом", "the database is held by another process" } },
    [TROUBLE_READONLY] = { { "база данных доступна только для чтения", "the database can only be read" } },
    [TROUBLE_FULL] = { { "на диске нет места для базы данных", "no room on the disk for the database" } },
    [TROUBLE_IO] = { { "диск с базой данных отвечает ошибкой", "the disk with the database reports errors" } },
    [TROUBLE_DAMAGED] = { { "база данных повреждена, восстановите её из резервной копии",
                            "the database is damaged, restore it from a backup" } },
    [TROUBLE_FOREIGN] = { { "это база данных другой программы", "this is a database of another program" } },
    [TROUBLE_NEWER] = { { "база данных записана более новой версией программы, обновите программу",
                          "the database was written by a newer version of the program, upgrade the program" } },
    [TROUBLE_INTERNAL] = { { "внутренняя ошибка работы с базой данных", "internal error of database access" } },
    [TROUBLE_KEY] = { { "файл ключа базы данных не открывается", "the file with the database's key cannot be opened" } },
    [TROUBLE_KEY_OPEN] = { { "файл ключа базы данных доступен другим, выполните для него chmod 600",
                             "others may read the file with the database's key, run chmod 600 on it" } },
    [TROUBLE_NO_KEY] = { { "в файле ключа базы данных нет ключа, верните его из резервной копии",
                           "the file with the database's key holds none, restore it from a backup" } },
};

char *store_error_text(const struct store_error *e, enum lang lang, char text[STORE_ERROR_TEXT_MAX])
{
    struct text t = text_over(text, STORE_ERROR_TEXT_MAX);
    text_put(&t, phrase_in(&troubles[(unsigned)e->trouble < TROUBLE_COUNT ? e->trouble : TROUBLE_INTERNAL], lang));
    if (e->detail[0])
        text_printf(&t, " (%s)", e->detail);
    return text;
}
