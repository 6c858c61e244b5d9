/* Options of the command line; see options.h. */
#include "cli/options.h"

#include "base/civil.h"

#include <stdio.h>
#include <stdlib.h>

static const struct phrase unknown = { { "неизвестный параметр", "unknown option" } };
static const struct phrase wrong = { { "неверное значение", "wrong value" } };
static const struct phrase missing = { { "нет значения после", "no value after" } };
static const struct phrase count_wrong = { { "не то число аргументов", "wrong number of arguments" } };
static const struct phrase hint = { { "справка: svod %s --help\n", "help: svod %s --help\n" } };

/* Columns a UTF-8 text takes on a terminal; every character we print is one wide. */
static int columns(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

void options_help(const struct command *c, enum lang lang)
{
    static const struct phrase examples = { { "Примеры:", "Examples:" } };
    static const struct phrase options = { { "Параметры:", "Options:" } };
    printf("svod %s %s\n\n%s\n", c->name, phrase_in(&c->usage, lang), phrase_in(&c->title, lang));
    if (c->options && c->options->name)
        printf("\n%s\n", phrase_in(&options, lang));
    for (const struct option *o = c->options; o && o->name; o++) {
        const char *value = o->value.in[lang] ? o->value.in[lang] : "";
        int width = printf("  --%s", o->name) + (*value ? 1 : 0) + columns(value);
        printf("%s%s%*s%s\n", *value ? " " : "", value, width < 28 ? 28 - width : 2, "", phrase_in(&o->help, lang));
    }
    if (c->examples.in[lang])
        printf("\n%s\n%s\n", phrase_in(&examples, lang), phrase_in(&c->examples, lang));
}

static bool set_value(const struct option *o, const char *value)
{
    char *end;
    switch (o->kind) {
    case OPTION_TEXT:
        *(const char **)o->target = value;
        return true;
    case OPTION_NUMBER: {
        long number = strtol(value, &end, 10);
        *(int *)o->target = (int)number;
        return end != value && *end == '\0' && number >= INT32_MIN && number <= INT32_MAX;
    }
    case OPTION_WALL:
        *(int64_t *)o->target = wall_parse(value);
        return *(int64_t *)o->target != WALL_NONE;
    case OPTION_LIST: {
        struct option_list *list = o->target;
        if (list->count == OPTION_LIST_MAX)
            return false;
        list->item[list->count++] = value;
        return true;
    }
    case OPTION_FLAG:
        break;
    }
    return false;
}

static const struct option *find(const struct command *c, const char *name, size_t length)
{
    for (const struct option *o = c->options; o && o->name; o++)
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static bool complain(const struct command *c, enum lang lang, const struct phrase *what, const char *about, int *ret_exit)
{
    fprintf(stderr, "svod %s: %s: %s\n", c->name, phrase_in(what, lang), about);
    fprintf(stderr, phrase_in(&hint, lang), c->name);
    *ret_exit = EXIT_USAGE;
    return false;
}

bool options_read(const struct command *c, enum lang lang, int argc, char **argv, const char **positional, int *ret_count, int *ret_exit)
{
    int count = 0;
    bool only_arguments = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (only_arguments || word[0] != '-' || word[1] == '\0') {
            if (count == c->most)
                return complain(c, lang, &count_wrong, word, ret_exit);
            positional[count++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_arguments = true;
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            options_help(c, lang);
            *ret_exit = EXIT_OK;
            return false;
        }
        const char *name = word + (word[1] == '-' ? 2 : 1), *equals = strchr(name, '=');
        const struct option *o = find(c, name, equals ? (size_t)(equals - name) : strlen(name));
        if (!o || (o->kind == OPTION_FLAG && equals))
            return complain(c, lang, &unknown, word, ret_exit);
        if (o->kind == OPTION_FLAG) {
            *(bool *)o->target = true;
            continue;
        }
        if (!equals && i + 1 == argc)
            return complain(c, lang, &missing, word, ret_exit);
        const char *value = equals ? equals + 1 : argv[++i];
        if (!set_value(o, value))
            return complain(c, lang, &wrong, value, ret_exit);
    }
    *ret_count = count;
    return count >= c->least || complain(c, lang, &count_wrong, "", ret_exit);
}
