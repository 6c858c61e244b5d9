/* What can be wrong with a database, told so that a person knows what to do. A caller of the store gets FAULT_STORE and
 * asks for this when it wants to say why. */
#pragma once
#include "base/lang.h"
#include "base/text.h"

enum store_trouble {
    TROUBLE_NONE,
    TROUBLE_CANNOT_OPEN, /* no such place, no right to it */
    TROUBLE_LOCKED,      /* another process holds it longer than we wait */
    TROUBLE_READONLY,
    TROUBLE_FULL,        /* disk or quota */
    TROUBLE_IO,          /* the disk fails */
    TROUBLE_DAMAGED,     /* no database, or a broken one */
    TROUBLE_FOREIGN,     /* a database of another program */
    TROUBLE_NEWER,       /* written by a newer version of this program */
    TROUBLE_INTERNAL,    /* our own mistake */
    TROUBLE_KEY,         /* the file with the key of secrets cannot be read or made (vault.h) */
    TROUBLE_KEY_OPEN,    /* others may read it */
    TROUBLE_NO_KEY,      /* it holds something else */
    TROUBLE_COUNT
};

struct store_error {
    enum store_trouble trouble;
    char detail[200]; /* the engine's own words, may be empty */
};

enum { STORE_ERROR_TEXT_MAX = 512 };

/* «на диске нет места (database or disk is full)». Returns `text`. */
char *store_error_text(const struct store_error *e, enum lang lang, char text[STORE_ERROR_TEXT_MAX]);
