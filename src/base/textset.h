/* A set of texts: which were seen already. */
#pragma once
#include "base/arena.h"

struct textset {
    struct arena arena;
    const char **slot;
    size_t room, count;
};

/* Adds a copy; false when the text is in the set already. An all-zero set is empty and ready. */
bool textset_add(struct textset *s, const char *text);

void textset_free(struct textset *s);
