/* The language of this process; see lang.h. */
#include "base/lang.h"

#include <stdlib.h>
#include <string.h>

enum lang lang_from_environment(void)
{
    static const char *const names[] = { "SVOD_LANG", "LC_ALL", "LC_MESSAGES", "LANG" };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "en", 2) == 0 ? LANG_EN : LANG_RU;
    }
    return LANG_RU;
}
