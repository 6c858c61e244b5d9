/* Files that the program carries within itself: the web app's bundle. A table given from above, sorted by path. */
#pragma once
#include "base/bytes.h"

struct static_file {
    const char *path;   /* "/assets/index-4f2a.js" */
    const char *type;   /* "text/javascript; charset=utf-8" */
    const char *hash;   /* of the content, for ETag */
    bool immutable;     /* the path holds the hash: may be kept for ever */
    struct bytes content;
    struct bytes gzip, brotli; /* the same, packed beforehand; empty: only as it is */
};

struct static_files {
    const struct static_file *files;
    size_t count;
    const char *fallback; /* path served for a page's address that is no file: "/index.html"; NULL: none */
};

/* The file of that path; NULL when there is none. */
const struct static_file *static_file_find(const struct static_files *all, const char *path);

/* The page that answers a browser which opens the address of a page within the app (it accepts text/html); NULL for what
 * is no page: /api/..., a file that is missing. */
const struct static_file *static_file_page(const struct static_files *all, const char *path, const char *accept);

/* The form to send to who accepts these encodings ("gzip, br"); *ret_encoding is NULL for the content as it is. */
struct bytes static_file_form(const struct static_file *f, const char *accept_encoding, const char **ret_encoding);
