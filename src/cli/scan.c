/* svod scan: which meters are on this line, at which addresses and speeds. */
#include "cli/cli.h"
#include "cli/dialogue.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "collect/scan.h"
#include "link/coroutine.h"

#include <signal.h>
#include <stdio.h>

struct arguments {
    const char *driver, *speeds;
    int from, to, wait;
    bool everything, trace;
};

/* The search as the terminal shows it. */
struct shown {
    struct scan_plan plan;
    struct link_address address;
    enum lang lang;
    bool trace;
    int found;
    enum fault fault;
    char why[160];
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static bool show_progress(void *context, const struct scan_step *step, int done, int total)
{
    (void)context;
    char about[96];
    snprintf(about, sizeof about, "%s, %u %u%c%u", step->driver->name, step->line.baud, step->line.bits, step->line.parity, step->line.stop);
    progress_show("svod scan", (size_t)done, (size_t)total, about);
    return !interrupted;
}

static void tell_found(void *context, const struct scan_step *step, const char *parameters, const char *serial, const char *type)
{
    struct shown *shown = context;
    static const struct phrase number = { { "№", "no." } };
    progress_clear();
    printf("%-12s %u,%u%c%u  %-28s %s %s  %s\n", step->driver->name, step->line.baud, step->line.bits,
           step->line.parity, step->line.stop, parameters, phrase_in(&number, shown->lang), *serial ? serial : "?", type);
    fflush(stdout);
    shown->found++;
}

static void search(void *context)
{
    struct shown *s = context;
    struct text why = text_over(s->why, sizeof s->why);
    struct bus *bus = bus_new(task_loop(task_self()), link_address_pipe(&s->address), &(struct bus_options){ .shape = !s->address.line_given });
    s->fault = scan_run(bus, &s->plan, &(struct scan_listener){ show_progress, tell_found, s, s->trace ? &dialogue_trace : NULL, NULL, s->lang }, &why);
    bus_free(&bus);
}

static int show(struct shown *s)
{
    static const struct phrase total = { { "Найдено: %d\n", "Found: %d\n" } };
    struct loop *l = loop_new();
    signal(SIGINT, interrupt);
    loop_spawn(l, search, s);
    loop_run(l);
    loop_free(&l);
    coroutine_trim();
    progress_clear();
    if (s->fault == FAULT_NO_CONNECTION)
        fprintf(stderr, "svod scan: %s: %s\n", fault_text(s->fault, s->lang), s->why);
    fprintf(stderr, phrase_in(&total, s->lang), s->found);
    return s->fault == FAULT_NO_CONNECTION ? EXIT_UNREACHED : s->found ? EXIT_OK : EXIT_PARTLY;
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
    int count, code;
    if (!options_read(&command, lang, argc, argv, &link, &count, &code))
        return code;
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct shown s = { .plan = { .driver = a.driver ? driver_find(a.driver) : NULL, .from = a.from, .to = a.to, .wait_ms = a.wait, .everything = a.everything }, .lang = lang, .trace = a.trace };
    if (a.driver && !s.plan.driver) {
        fprintf(stderr, "svod scan: --driver %s?\n", a.driver);
        return EXIT_USAGE;
    }
    if (!link_address_parse(link, lang, &s.address, &t)) {
        fprintf(stderr, "svod scan: %s\n", problem);
        return EXIT_USAGE;
    }
    if (a.speeds && !scan_speeds_read(a.speeds, &s.plan)) {
        fprintf(stderr, "svod scan: --speeds: %s\n", a.speeds);
        return EXIT_USAGE;
    }
    return show(&s);
}
