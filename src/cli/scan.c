/* svod scan: which meters are on this line, at which addresses and speeds. */
#include "cli/cli.h"
#include "cli/dialogue.h"
#include "cli/options.h"
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct arguments {
    const char *driver, *speeds;
    int from, to, wait;
    bool everything, trace;
};

/* One search: a family at one speed. */
struct search {
    struct scan scan; /* first: the driver's view of it */
    const struct driver *driver;
    struct line line;
    const char *link;
    int found;
    enum lang lang;
    char why[160];
    enum fault fault;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static bool show_progress(struct scan *s, int done, int total)
{
    const struct search *search = (const struct search *)s;
    char about[96];
    snprintf(about, sizeof about, "%s, %u %u%c%u", search->driver->name, search->line.baud, search->line.bits, search->line.parity, search->line.stop);
    progress_show("svod scan", (size_t)done, (size_t)total, about);
    return !interrupted;
}

static void tell_found(struct scan *s, const char *parameters, const char *serial, const char *type)
{
    struct search *search = (struct search *)s;
    static const struct phrase number = { { "№", "no." } };
    progress_clear();
    printf("%-12s %u,%u%c%u  %-28s %s %s  %s\n", search->driver->name, search->line.baud, search->line.bits,
           search->line.parity, search->line.stop, parameters, phrase_in(&number, search->lang), *serial ? serial : "?", type);
    fflush(stdout);
    search->found++;
}

static void run(struct conversation *c, void *context)
{
    struct search *s = context;
    conversation_shape(c, s->line);
    s->driver->scan(c, &s->scan);
    s->fault = conversation_fault(c);
    snprintf(s->why, sizeof s->why, "%s", conversation_detail(c));
}

/* Searches one family at one speed; false when the link itself cannot be had. */
static bool search_once(const struct arguments *a, const char *link, const struct driver *driver, struct line line, enum lang lang, int *found)
{
    struct search s = { .scan = { a->from, a->to, a->everything, show_progress, tell_found }, .driver = driver, .line = line, .link = link, .lang = lang };
    struct dialogue d = { .trace = a->trace ? &dialogue_trace : NULL, .timing = { .answer_ms = (uint16_t)a->wait, .tries = 1 } };
    bool good = dialogue_prepare(&d, link, driver->name, NULL, 0, lang);
    d.run = run;
    d.context = &s;
    if (good)
        dialogue_hold(&d);
    dialogue_end(&d);
    progress_clear();
    *found += s.found;
    if (s.fault == FAULT_NO_CONNECTION)
        fprintf(stderr, "svod scan: %s: %s\n", fault_text(s.fault, lang), s.why);
    return good && s.fault != FAULT_NO_CONNECTION;
}

enum { SPEEDS_MAX = 16 };

/* Reads --speeds into `ret`, which ends with 0. False when a word is no speed. */
static bool speeds_read(const char *words, uint32_t ret[SPEEDS_MAX + 1])
{
    char copy[128];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", strcmp(words, "all") == 0 ? "9600,2400,19200,4800,38400,1200,57600,115200,600,300" : words);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        char *end;
        unsigned long speed = strtoul(word, &end, 10);
        if (*end || speed > 115200 || !line_speed_valid((uint32_t)speed) || count == SPEEDS_MAX) {
            fprintf(stderr, "svod scan: --speeds: %s\n", word);
            return false;
        }
        ret[count++] = (uint32_t)speed;
    }
    ret[count] = 0;
    return true;
}

/* The speeds to try: those given, or the link's own, or the family's. */
static bool search_speeds(const struct arguments *a, const char *link, const struct link_address *address, const uint32_t *speeds,
                          const struct driver *driver, enum lang lang, int *found)
{
    if (!a->speeds)
        return search_once(a, link, driver, address->line_given ? address->line : driver->line, lang, found);
    for (; *speeds && !interrupted; speeds++) {
        struct line line = driver->line;
        line.baud = *speeds;
        if (!search_once(a, link, driver, line, lang, found))
            return false;
    }
    return true;
}

int cli_scan(int argc, char **argv, enum lang lang)
{
    struct arguments a = { .wait = 300 };
    const struct option options[] = {
        { "driver", OPTION_TEXT, &a.driver, { { "ИМЯ", "NAME" } }, { { "искать только это семейство; по умолчанию все", "only this family; default all" } } },
        { "speeds", OPTION_TEXT, &a.speeds, { { "СПИСОК", "LIST" } }, { { "скорости через запятую или all; по умолчанию обычная для семейства", "speeds with commas, or all; default the family's usual one" } } },
        { "from", OPTION_NUMBER, &a.from, { { "АДРЕС", "ADDRESS" } }, { { "первый адрес", "first address" } } },
        { "to", OPTION_NUMBER, &a.to, { { "АДРЕС", "ADDRESS" } }, { { "последний адрес", "last address" } } },
        { "wait", OPTION_NUMBER, &a.wait, { { "МС", "MS" } }, { { "ждать ответа, по умолчанию 300 мс", "how long to wait for an answer, default 300 ms" } } },
        { "all", OPTION_FLAG, &a.everything, { { 0 } }, { { "и медленными способами", "slow ways too" } } },
        { "trace", OPTION_FLAG, &a.trace, { { 0 } }, { { "показать все кадры на stderr", "show every frame on stderr" } } },
        { .name = NULL },
    };
    const struct command command = {
        "scan", { { "Найти счётчики на линии: семейства, адреса, скорости.", "Find the meters on a line: families, addresses, speeds." } },
        { { "<линия> [параметры]", "<link> [options]" } },
        { { "  svod scan serial:/dev/ttyUSB0 --speeds 9600,2400\n  svod scan tcp://192.168.1.50:5000 --driver mbus --all",
            "  svod scan serial:/dev/ttyUSB0 --speeds 9600,2400\n  svod scan tcp://192.168.1.50:5000 --driver mbus --all" } },
        options, 1, 1 };
    const char *link;
    int count, code, found = 0;
    if (!options_read(&command, lang, argc, argv, &link, &count, &code))
        return code;
    if (a.driver && !driver_find(a.driver)) {
        fprintf(stderr, "svod scan: --driver %s?\n", a.driver);
        return EXIT_USAGE;
    }
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct link_address address = { 0 };
    uint32_t speeds[SPEEDS_MAX + 1] = { 0 };
    if (!link_address_parse(link, lang, &address, &t)) {
        fprintf(stderr, "svod scan: %s\n", problem);
        return EXIT_USAGE;
    }
    if (a.speeds && !speeds_read(a.speeds, speeds))
        return EXIT_USAGE;
    signal(SIGINT, interrupt);
    bool reached = true;
    for (size_t i = 0; i < drivers_count() && reached && !interrupted; i++) {
        const struct driver *d = driver_at(i);
        if (d->scan && (!a.driver || strcmp(a.driver, d->name) == 0))
            reached = search_speeds(&a, link, &address, speeds, d, lang, &found);
    }
    static const struct phrase total = { { "Найдено: %d\n", "Found: %d\n" } };
    fprintf(stderr, phrase_in(&total, lang), found);
    return !reached ? EXIT_UNREACHED : found ? EXIT_OK : EXIT_PARTLY;
}
