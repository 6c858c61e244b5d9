/* Looking a file up; see static_file.h. */
#include "http/static_file.h"

#include <stdlib.h>

static int compare(const void *path, const void *file)
{
    return strcmp(path, ((const struct static_file *)file)->path);
}

const struct static_file *static_file_find(const struct static_files *all, const char *path)
{
    return all && all->count ? bsearch(path, all->files, all->count, sizeof *all->files, compare) : NULL;
}
