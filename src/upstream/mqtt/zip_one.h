/* A ZIP file that holds one file (APPNOTE.TXT 6.3.10, method 8: deflate). Equal content gives equal bytes: the file's date is
 * 1980-01-01. */
#pragma once
#include "base/bytes.h"

/* To be freed; *ret_size is its size. `name` is the file's within it. Content up to 16 MiB. */
uint8_t *zip_one(const char *name, struct bytes content, size_t *ret_size);
