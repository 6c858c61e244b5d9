/* `svod sim`; see main.h. Wiring only. */
#include "sim/main.h"

#include "sim/world.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

/* As many connections as the system lets us have. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void run(struct world *w)
{
    sigset_t end;
    int signal;
    sigemptyset(&end);
    sigaddset(&end, SIGINT);
    sigaddset(&end, SIGTERM);
    world_print(w, stdout);
    puts("ready");
    fflush(stdout);
    sigwait(&end, &signal);
    world_print_figures(w, stdout);
}

/* Signals are taken by sigwait: no thread of the world may get them. */
static void block_signals(void)
{
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGINT);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, NULL);
}

int sim_main(int argc, char **argv)
{
    char message[1024];
    struct text problem = text_over(message, sizeof message);
    enum lang lang = lang_from_environment();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        world_print_help(stdout, lang);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], "--families") == 0) {
        world_print_families(stdout);
        return 0;
    }
    struct world *w = world_parse(argc - 1, argv + 1, lang, &problem);
    if (!w) {
        fprintf(stderr, "svod sim: %s\n", message);
        return 2;
    }
    raise_descriptor_limit();
    block_signals();
    bool started = world_start(w, &problem);
    if (started)
        run(w);
    else
        fprintf(stderr, "svod sim: %s\n", message);
    world_free(&w);
    return started ? 0 : 1;
}
