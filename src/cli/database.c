/* Opening the database for a command; see database.h. */
#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>

struct store *database_open(const char *path, const struct store_options *options, const char *command, enum lang lang)
{
    struct store_error why;
    struct store *s = store_open(path, options, &why);
    char text[STORE_ERROR_TEXT_MAX];
    if (!s)
        fprintf(stderr, "svod %s: %s: %s\n", command, path, store_error_text(&why, lang, text));
    return s;
}

int database_complain(struct store *s, const char *command, enum lang lang)
{
    struct store_error why = store_error_last(s);
    char text[STORE_ERROR_TEXT_MAX];
    fprintf(stderr, "svod %s: %s\n", command, store_error_text(&why, lang, text));
    return EXIT_DATABASE;
}

bool depths_parse(const char *text, uint16_t depth_days[])
{
    char copy[256];
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return false;
    for (char *save, *pair = strtok_r(copy, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        enum archive a = archive_parse(pair);
        char *end = value;
        long days = value ? strtol(value, &end, 10) : 1;
        if (a == ARCHIVE_COUNT || (value && (end == value || *end)) || days < 0 || days > 3660)
            return false;
        depth_days[a] = (uint16_t)days;
    }
    return true;
}
