/* svod: one program with several faces; the first word chooses one. */
#include "cli/cli.h"
#include "cli/options.h"
#include "sim/main.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The simulated world takes its words as they are and knows its language itself. */
static int face_sim(int argc, char **argv, enum lang lang)
{
    (void)lang;
    return sim_main(argc + 1, argv - 1);
}

static const struct face {
    const char *name;
    int (*run)(int argc, char **argv, enum lang lang);
    struct phrase title;
} faces[] = {
    { "hes", cli_hes, { { "головная система: опрос и API", "the head-end: collection and its API" } } },
    { "gateway", cli_gateway, { { "шлюз: линии счётчиков в шкафу", "the gateway: lines of meters in a cabinet" } } },
    { "box-run", cli_box_run, { { "стартер программы шлюза: обновления с возвратом", "starter of a gateway's program: updates that can go back" } } },
    { "gost-port", cli_gost_port, { { "порт СКЗИ: TLS по ГОСТ, запускается шлюзом", "the port of GOST TLS, started by the gateway" } } },
    { "find", cli_find, { { "найти шлюзы в сети", "find gateways in the network" } } },
    { "read", cli_read, { { "прочитать один счётчик", "read one meter" } } },
    { "scan", cli_scan, { { "найти счётчики на линии", "find the meters on a line" } } },
    { "decode", cli_decode, { { "объяснить кадр", "explain a frame" } } },
    { "collect", cli_collect, { { "опросить всё, чего не хватает", "collect what is missing" } } },
    { "show", cli_show, { { "показать собранное", "show what was collected" } } },
    { "admin", cli_admin, { { "проверка, копия, восстановление, импорт", "check, backup, restore, import" } } },
    { "sim", face_sim, { { "симулированные счётчики", "simulated meters" } } },
    { "drivers", cli_drivers, { { "что поддержано", "what is supported" } } },
};

static void help(enum lang lang)
{
    static const struct phrase head = { {
        "svod — свод показаний: электричество, вода, тепло, газ\n\n  svod <команда> [параметры]     svod <команда> --help\n",
        "svod — the gathered record: electricity, water, heat, gas\n\n  svod <command> [options]     svod <command> --help\n" } };
    puts(phrase_in(&head, lang));
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++)
        printf("  %-10s %s\n", faces[i].name, phrase_in(&faces[i].title, lang));
}

int main(int argc, char **argv)
{
    static const struct phrase unknown = { { "svod: нет такой команды: %s\n", "svod: no such command: %s\n" } };
    enum lang lang = lang_from_environment();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a full disk, told as such, and no reason to die */
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        help(lang);
        return argc < 2 ? EXIT_USAGE : EXIT_OK;
    }
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++)
        if (strcmp(argv[1], faces[i].name) == 0)
            return faces[i].run(argc - 2, argv + 2, lang);
    fprintf(stderr, phrase_in(&unknown, lang), argv[1]);
    return EXIT_USAGE;
}
