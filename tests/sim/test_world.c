/* Worlds: the words of `svod sim`, in process and as a program. */
#include "sim/main.h"
#include "sim/world.h"
#include "parrot.h"
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char message[1024];

static struct world *parse(const char *words, enum lang lang)
{
    struct text problem = text_over(message, sizeof message);
    return world_parse_text(words, lang, &problem);
}

static bool start(struct world *w)
{
    struct text problem = text_over(message, sizeof message);
    return world_start(w, &problem);
}

static const char *ask(int fd, const char *question)
{
    static char text[128];
    size_t size = 0;
    if (write(fd, question, strlen(question)) < 0)
        return "?";
    while (size + 1 < sizeof text && read(fd, text + size, 1) == 1 && text[size++] != '>')
        ;
    text[size] = '\0';
    return text;
}

static int dial(const char *address, uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = { .tv_sec = 20 };
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, address, &a.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        printf("# cannot dial %s:%u\n", address, port);
    return fd;
}

static const char *print(const struct world *w, void (*how)(const struct world *, FILE *))
{
    static char *text;
    size_t size;
    free(text);
    FILE *f = open_memstream(&text, &size);
    how(w, f);
    fclose(f);
    return text;
}

static void test_two_things(void)
{
    struct world *w = parse("--now 2026-11-21 --stopped --exact --zone 180 --tcp 127.8.0.1:0 --family parrot --count 3 --serial 900 "
                            "--bus /tmp/svod-world-bus --line 115200,8E1 --meter parrot:4:4000 --meter starling:4:4001 --options a=b", LANG_EN);
    ok(w && start(w), "a world starts %s", message);
    is_int(world_fleets(w), 1);
    is_int(world_buses(w), 1);
    int fd = dial("127.8.0.3", fleet_port(world_fleet(w, 0)));
    is_text(ask(fd, "<1:a>"), "<902:1:a>", "its fleet answers");
    close(fd);
    fd = open("/tmp/svod-world-bus", O_RDWR | O_NOCTTY);
    is_text(ask(fd, "<4:a>"), "<4000:1:a>", "its bus answers");
    close(fd);
    const char *text = print(w, world_print);
    ok(strstr(text, "tcp 127.8.0.1:") && strstr(text, " family=parrot count=3 serial=900\n"), "what is open is told");
    ok(strstr(text, "bus /tmp/svod-world-bus port=/dev/pts/") && strstr(text, " line=115200,8E1 meter=parrot:4:4000 meter=starling:4:4001"), "and the bus");
    ok(strstr(print(w, world_print_figures), "accepted=1 refused=0 requests=1 answers=1"), "figures");
    world_free(&w);
}

static void test_wrong_words(void)
{
    static const struct {
        const char *words, *complaint;
    } wrong[] = {
        { "", "empty" }, { "--bogus 5", "--bogus" }, { "--count 5", "--count 5" }, { "--tcp", "--tcp" }, { "--tcp 127.0.0.1", "--tcp" },
        { "--tcp 127.0.0.1:70000", "--tcp" }, { "--tcp 127.0.0.1:1 --count -1", "--count -1" }, { "--tcp 127.0.0.1:1 --meter a:1:1", "--meter" },
        { "--bus /tmp/b --meter parrot:1", "--meter" }, { "--bus /tmp/b --meter parrot:1:2:3", "--meter" }, { "--bus /tmp/b --line 9601", "--line" },
        { "--tcp 127.0.0.1:1 --faults noize=1", "noize" }, { "--now yesterday", "--now" }, { "--world /nowhere/at-all", "/nowhere" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct world *w = parse(wrong[i].words, LANG_EN);
        ok(!w && strstr(message, wrong[i].complaint), "%s", message);
        world_free(&w);
    }
    struct world *w = parse("--tcp 127.8.0.1:0 --family dodo", LANG_RU);
    ok(w && !start(w) && strstr(message, "dodo") && strstr(message, "parrot"), "%s", message);
    world_free(&w);
    w = parse("--bus /nowhere/at/all --meter parrot:1:1", LANG_RU);
    ok(w && !start(w) && strstr(message, "/nowhere"), "%s", message);
    world_free(&w);
}

static char *file_with(char *name, const char *text)
{
    FILE *f = fdopen(mkstemp(name), "w");
    fputs(text, f);
    fclose(f);
    return name;
}

static void test_files(void)
{
    char record[] = "/tmp/svod-record-XXXXXX", world[] = "/tmp/svod-world-XXXXXX", words[128], text[512];
    file_with(record, ">> 3C 31 3A 61 3E\n<< 3C 68 69 3E\n");
    snprintf(text, sizeof text, "# a world\n\ntcp 127.8.0.1:0\n  family parrot\n  recording %s\nnow 2026-11-21 09:00\nstopped\n"
             "udp 127.8.0.1:0\n  family parrot\n", record);
    snprintf(words, sizeof words, "--world %s", file_with(world, text));
    struct world *w = parse(words, LANG_EN);
    ok(w && start(w), "a world from a file %s", message);
    int fd = dial("127.8.0.1", fleet_port(world_fleet(w, 0)));
    is_text(ask(fd, "<1:a>"), "<hi>", "with a recorded meter");
    close(fd);
    is_int(world_fleets(w), 2);
    world_free(&w);
    snprintf(text, sizeof text, "world %s\n", world);
    unlink(world);
    ok(!parse(words, LANG_EN), "a missing file");
    unlink(record);
}

static int run_program(const char *a, const char *b, const char *c, const char *d, int out)
{
    pid_t child = fork();
    if (child == 0) {
        char *argv[] = { (char *)"sim", (char *)a, (char *)b, (char *)c, (char *)d, NULL };
        int argc = 1;
        while (argv[argc])
            argc++;
        dup2(out, 1);
        freopen("/dev/null", "w", stderr);
        exit(sim_main(argc, argv));
    }
    return child;
}

static int status_of(pid_t child)
{
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_program(void)
{
    int out[2];
    char line[256];
    if (pipe(out) != 0)
        return;
    fflush(stdout);
    pid_t child = run_program("--tcp", "127.8.0.1:0", "--family", "parrot", out[1]);
    FILE *f = fdopen(out[0], "r");
    ok(fgets(line, sizeof line, f) && strncmp(line, "tcp 127.8.0.1:", 14) == 0, "the program says what it opened");
    ok(fgets(line, sizeof line, f) && strcmp(line, "ready\n") == 0, "and that it is ready");
    kill(child, SIGTERM);
    is_int(status_of(child), 0, "ends well when told to");
    is_int(status_of(run_program("--bogus", NULL, NULL, NULL, out[1])), 2, "2 for wrong words");
    is_int(status_of(run_program("--tcp", "10.0.0.1:0", "--family", "parrot", out[1])), 1, "1 when something cannot be opened");
    is_int(status_of(run_program("--help", NULL, NULL, NULL, out[1])), 0, "help");
    is_int(status_of(run_program("--families", NULL, NULL, NULL, out[1])), 0);
    is_int(status_of(run_program(NULL, NULL, NULL, NULL, out[1])), 2, "nothing said is not enough");
    fclose(f);
    close(out[1]);
}

int main(void)
{
    test_program();
    test_two_things();
    test_wrong_words();
    test_files();
    return tap_done();
}
