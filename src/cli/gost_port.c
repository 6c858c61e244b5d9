/* svod gost-port: the process of the gateway's СКЗИ port (upstream/skzi/process.h). */
#include "cli/cli.h"
#include "cli/options.h"
#include "upstream/skzi/process.h"

#include <stdio.h>
#include <sys/stat.h>

int cli_gost_port(int argc, char **argv, enum lang lang)
{
    static const struct phrase usage = { {
        "svod gost-port запускает сам шлюз: это процесс порта СКЗИ (docs/gateway-box.md).\n",
        "svod gost-port is started by the gateway itself: the process of its port of GOST TLS (docs/gateway-box.md).\n" } };
    struct stat control;
    (void)argv;
    if (argc || fstat(TALK_CONTROL, &control) != 0 || !S_ISSOCK(control.st_mode)) {
        fputs(phrase_in(&usage, lang), stderr);
        return EXIT_USAGE;
    }
    skzi_child();
}
