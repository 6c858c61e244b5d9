/* svod box-run: the starter of a box's program (box/starter.h). */
#include "cli/cli.h"
#include "cli/options.h"
#include "box/starter.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Seconds behind a word of ours at the beginning; how many words were taken. */
static int take_seconds(int argc, char **argv, struct starter_options *o)
{
    struct { const char *name; int *target; } ours[] = { { "--start", &o->start_s }, { "--beat", &o->beat_s }, { "--prove", &o->prove_s } };
    int taken = 0;
    for (size_t i = 0; i < sizeof ours / sizeof *ours && taken + 1 < argc; i++)
        if (strcmp(argv[taken], ours[i].name) == 0 && atoi(argv[taken + 1]) > 0) {
            *ours[i].target = atoi(argv[taken + 1]);
            taken += 2;
            i = (size_t)-1;
        }
    return taken;
}

int cli_box_run(int argc, char **argv, enum lang lang)
{
    static const struct phrase usage = { {
        "svod box-run [--start С] [--beat С] [--prove С] <папка> <база> [параметры svod gateway]\n\n"
        "Стартер программы устройства: запускает svod gateway из папки программ и возвращает прежнюю версию,\n"
        "если новая не доказала, что работает (docs/updates.md).\n\n"
        "  --start С   сколько секунд ждать первого знака жизни новой версии, 120\n"
        "  --beat С    наибольший перерыв между ними, 30\n"
        "  --prove С   сколько секунд она доказывает, что работает, 60\n",
        "svod box-run [--start S] [--beat S] [--prove S] <folder> <database> [parameters of svod gateway]\n\n"
        "The starter of a box's program: starts svod gateway from the folder of programs and brings the former\n"
        "version back when a new one does not prove that it works (docs/updates.md).\n\n"
        "  --start S   seconds until the new version's first sign of life, 120\n"
        "  --beat S    longest break between them, 30\n"
        "  --prove S   how long it has to prove that it works, 60\n" } };
    struct starter_options o = { 0 };
    char own[SLOT_PATH_MAX];
    int taken = take_seconds(argc, argv, &o);
    if (argc - taken < 2 || strncmp(argv[taken], "--", 2) == 0) {
        fputs(phrase_in(&usage, lang), argc && strcmp(argv[0], "--help") == 0 ? stdout : stderr);
        return argc && strcmp(argv[0], "--help") == 0 ? EXIT_OK : EXIT_USAGE;
    }
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    own[size < 0 ? 0 : size] = '\0';
    o.place = argv[taken];
    o.database = argv[taken + 1];
    o.arguments = argv + taken + 2;
    o.own = own;
    return starter_run(&o);
}
