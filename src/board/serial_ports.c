/* What the kernel lists of serial ports; see serial_ports.h. */
#include "board/serial_ports.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the many ttyS of a kernel only those count that a driver has found a chip for (type 0: none). */
static bool port_real(const char *root, const char *name)
{
    char path[PATH_MAX], type[16] = "";
    snprintf(path, sizeof path, "%s/sys/class/tty/%.60s/type", root, name);
    FILE *file = fopen(path, "r");
    bool told = file && fgets(type, sizeof type, file);
    if (file)
        fclose(file);
    return !told || atoi(type) != 0;
}

static int by_path(const void *a, const void *b)
{
    return strverscmp(((const struct serial_port *)a)->path, ((const struct serial_port *)b)->path);
}

int serial_ports(const char *root, struct serial_port ret[SERIAL_PORTS])
{
    char path[PATH_MAX], target[PATH_MAX];
    snprintf(path, sizeof path, "%s/sys/class/tty", root);
    DIR *folder = opendir(path);
    int count = 0;
    for (struct dirent *e; folder && count < SERIAL_PORTS && (e = readdir(folder));) {
        snprintf(path, sizeof path, "%s/sys/class/tty/%.60s/device/driver", root, e->d_name);
        ssize_t size = readlink(path, target, sizeof target - 1);
        if (e->d_name[0] == '.' || size <= 0 || !port_real(root, e->d_name))
            continue;
        target[size] = '\0';
        const char *driver = strrchr(target, '/');
        snprintf(ret[count].path, sizeof ret[count].path, "/dev/%.50s", e->d_name);
        snprintf(ret[count++].driver, sizeof ret[0].driver, "%.63s", driver ? driver + 1 : target);
    }
    if (folder)
        closedir(folder);
    qsort(ret, (size_t)count, sizeof *ret, by_path);
    return count;
}
