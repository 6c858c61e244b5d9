/* Small files of the system, read and written under the board's root; see board_linux.h. */
#include "board/board_linux.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *linux_path(const struct board_linux *b, const char *path, char ret[LINUX_PATH])
{
    struct text t = text_over(ret, LINUX_PATH);
    text_put(&t, b->root);
    text_put(&t, path);
    return ret;
}

const char *linux_read(const struct board_linux *b, const char *path, char *ret, size_t room)
{
    char where[LINUX_PATH];
    FILE *file = fopen(linux_path(b, path, where), "re");
    *ret = '\0';
    if (!file)
        return ret;
    if (!fgets(ret, (int)room, file))
        *ret = '\0';
    fclose(file);
    ret[strcspn(ret, "\n")] = '\0';
    return ret;
}

bool linux_write(const struct board_linux *b, const char *path, const char *content, struct text *why)
{
    char where[LINUX_PATH], beside[LINUX_PATH + 8];
    snprintf(beside, sizeof beside, "%s.new", linux_path(b, path, where));
    FILE *file = fopen(beside, "we");
    bool good = file && fputs(content, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file)
        good = fclose(file) == 0 && good;
    good = good && rename(beside, where) == 0;
    if (!good && why)
        text_printf(why, "%s: %s", where, strerror(errno));
    return good;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(a, b);
}

int linux_list(const struct board_linux *b, const char *folder, linux_name *ret, int most)
{
    char where[LINUX_PATH];
    int count = 0;
    DIR *d = opendir(linux_path(b, folder, where));
    for (struct dirent *e; d && count < most && (e = readdir(d));)
        if (e->d_name[0] != '.' && strlen(e->d_name) < sizeof(linux_name))
            strcpy(ret[count++], e->d_name);
    if (d)
        closedir(d);
    qsort(ret, (size_t)count, sizeof *ret, by_name);
    return count;
}
