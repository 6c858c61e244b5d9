/* Looking a file up; see static_file.h. */
#include "http/static_file.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *path, const void *file)
{
    return strcmp(path, ((const struct static_file *)file)->path);
}

const struct static_file *static_file_find(const struct static_files *all, const char *path)
{
    return all && all->count ? bsearch(path, all->files, all->count, sizeof *all->files, compare) : NULL;
}

const struct static_file *static_file_page(const struct static_files *all, const char *path, const char *accept)
{
    bool page = all && all->fallback && strstr(accept, "text/html") && strncmp(path, "/api/", 5) != 0 && !strchr(path, '.');
    return page ? static_file_find(all, all->fallback) : NULL;
}

/* True when the list names the coding and does not refuse it (RFC 9110, 12.5.3: "br;q=0"). */
static bool accepts(const char *list, const char *coding)
{
    for (const char *at = strstr(list, coding); at; at = strstr(at + 1, coding)) {
        const char *after = at + strlen(coding);
        bool whole = (at == list || strchr(", \t", at[-1])) && (!*after || strchr(",; \t", *after));
        if (whole)
            return strncmp(after, ";q=0", 4) != 0 || after[4] == '.';
    }
    return false;
}

struct bytes static_file_form(const struct static_file *f, const char *accept_encoding, const char **ret_encoding)
{
    bool brotli = f->brotli.size && accepts(accept_encoding, "br"), gzip = f->gzip.size && accepts(accept_encoding, "gzip");
    *ret_encoding = brotli ? "br" : gzip ? "gzip" : NULL;
    return brotli ? f->brotli : gzip ? f->gzip : f->content;
}
