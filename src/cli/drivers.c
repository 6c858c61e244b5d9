/* svod drivers: what is supported, from the drivers' own tables; also as Markdown for the documents. */
#include "cli/cli.h"
#include "cli/options.h"
#include "drivers/driver.h"

#include <stdio.h>

static void print_archives(const struct driver *d, enum lang lang, const char *separator)
{
    bool any = false;
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        if (!d->read[a])
            continue;
        printf("%s%s", any ? separator : "", archive_title((enum archive)a, lang));
        any = true;
    }
}

static void print_parameters(const struct parameter *all, enum lang lang)
{
    for (const struct parameter *p = all; p && p->name; p++)
        printf("    %-20s %s: %s%s%s%s\n", p->name, phrase_in(&p->title, lang), phrase_in(&p->help, lang),
               p->preset && *p->preset ? " [" : "", p->preset && *p->preset ? p->preset : "", p->preset && *p->preset ? "]" : "");
}

static void print_driver(const struct driver *d, enum lang lang)
{
    static const struct phrase archives = { { "Архивы", "Archives" } }, models = { { "Модели", "Models" } }, parameters = { { "Параметры", "Parameters" } };
    printf("%s — %s\n  %s: ", d->name, phrase_in(&d->title, lang), phrase_in(&archives, lang));
    print_archives(d, lang, ", ");
    printf("\n  %s:\n", phrase_in(&models, lang));
    for (const struct model *m = d->models; m && m->name; m++)
        printf("    %s (%s)%s%s\n", m->name, m->maker, m->note ? ": " : "", m->note ? m->note : "");
    printf("  %s:\n", phrase_in(&parameters, lang));
    print_parameters(d->parameters, lang);
    print_parameters(parameters_common, lang);
    putchar('\n');
}

/* A table row for README and the manual. */
static void print_markdown(const struct driver *d, enum lang lang)
{
    printf("| `%s` | %s | ", d->name, phrase_in(&d->title, lang));
    for (const struct model *m = d->models; m && m->name; m++)
        printf("%s%s", m == d->models ? "" : "; ", m->name);
    printf(" | ");
    print_archives(d, lang, ", ");
    puts(" |");
}

int cli_drivers(int argc, char **argv, enum lang lang)
{
    bool markdown = false;
    const struct option options[] = {
        { "markdown", OPTION_FLAG, &markdown, { { 0 } }, { { "таблицей Markdown", "as a Markdown table" } } },
        { .name = NULL },
    };
    const struct command command = {
        "drivers", { { "Какие семейства счётчиков поддержаны и какие у них параметры.", "Which families of meters are supported, and their parameters." } },
        { { "[имя]", "[name]" } }, { { 0 } }, options, 0, 1 };
    static const struct phrase head = { { "| драйвер | семейство | модели | архивы |", "| driver | family | models | archives |" } };
    const char *name = NULL;
    int count, code;
    if (!options_read(&command, lang, argc, argv, &name, &count, &code))
        return code;
    if (markdown)
        printf("%s\n| --- | --- | --- | --- |\n", phrase_in(&head, lang));
    bool any = false;
    for (size_t i = 0; i < drivers_count(); i++) {
        const struct driver *d = driver_at(i);
        if (name && strcmp(name, d->name) != 0)
            continue;
        any = true;
        if (markdown)
            print_markdown(d, lang);
        else
            print_driver(d, lang);
    }
    return any ? EXIT_OK : EXIT_USAGE;
}
