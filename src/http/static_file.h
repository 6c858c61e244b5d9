/* Files that the program carries within itself: the web app's bundle. A table given from above, sorted by path. */
#pragma once
#include "base/bytes.h"

struct static_file {
    const char *path;   /* "/assets/index-4f2a.js" */
    const char *type;   /* "text/javascript; charset=utf-8" */
    const char *hash;   /* of the content, for ETag */
    bool immutable;     /* the path holds the hash: may be kept for ever */
    struct bytes content;
};

struct static_files {
    const struct static_file *files;
    size_t count;
    const char *fallback; /* path served for a page's address that is no file: "/index.html"; NULL: none */
};

/* The file of that path; NULL when there is none. */
const struct static_file *static_file_find(const struct static_files *all, const char *path);
