/* svod find: gateways in the network (box/beacon.h). */
#include "cli/cli.h"
#include "cli/options.h"
#include "box/beacon.h"

#include <stdio.h>

static void print(void *context, const struct beacon_found *f)
{
    int *count = context;
    char url[BEACON_URL];
    printf("%s\t%s\t%s\t%s\t%s\n", beacon_url(f, url), f->serial, f->type, f->version, f->addresses);
    fflush(stdout);
    ++*count;
}

int cli_find(int argc, char **argv, enum lang lang)
{
    const char *interface = NULL;
    int seconds = 3, count = 0, given, code;
    const struct option options[] = {
        { "interface", OPTION_TEXT, &interface, { { "ИМЯ", "NAME" } }, { { "спрашивать только на этом интерфейсе", "ask on this interface only" } } },
        { "seconds", OPTION_NUMBER, &seconds, { { "СЕКУНД", "SECONDS" } }, { { "сколько ждать ответов, по умолчанию 3", "how long to wait for answers, default 3" } } },
        { .name = NULL },
    };
    const struct command command = { "find", { { "Найти шлюзы в сети: адрес, серийный номер, тип, версия, адреса.", "Find gateways in the network: address, serial number, type, version, addresses." } },
                                     { { "[параметры]", "[options]" } }, { { "  svod find --seconds 5", "  svod find --seconds 5" } }, options, 0, 0 };
    static const struct phrase unsent = { { "спросить не удалось: нет сети", "nothing could be asked: no network" } };
    const char *none[1];
    if (!options_read(&command, lang, argc, argv, none, &given, &code))
        return code;
    if (!beacon_find(interface, (seconds < 1 ? 1 : seconds > 60 ? 60 : seconds) * 1000, print, &count)) {
        fprintf(stderr, "svod find: %s\n", phrase_in(&unsent, lang));
        return EXIT_UNREACHED;
    }
    return count ? EXIT_OK : EXIT_UNREACHED;
}
