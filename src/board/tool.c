/* Running a program of the system; see tool.h. */
#include "board/tool.h"
#include "base/clock.h"
#include "base/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t start(const char *const *arguments, int output)
{
    pid_t pid = -1;
    sigset_t none, usual;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t how;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGTERM);
    sigaddset(&usual, SIGINT);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &none); /* the server blocks those that end it */
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    errno = posix_spawnp(&pid, arguments[0], &actions, &how, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&how);
    return errno ? -1 : pid;
}

/* Until the end of its output; false when the time is over. */
static bool take_output(int from, int64_t until, struct text *said)
{
    char part[1024];
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd wait = { .fd = from, .events = POLLIN };
        if (left <= 0 || poll(&wait, 1, (int)left) == 0)
            return false;
        ssize_t size = read(from, part, sizeof part);
        if (size <= 0)
            return true;
        if (said)
            text_put_bytes(said, bytes_of(part, (size_t)size));
    }
}

bool tool_run(const char *const *arguments, int timeout_ms, struct text *said)
{
    int ends[2], status = -1;
    size_t before = said ? said->size : 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = start(arguments, ends[1]);
    int trouble = errno;
    close(ends[1]);
    bool ended = pid > 0 && take_output(ends[0], clock_monotonic_ms() + timeout_ms, said);
    close(ends[0]);
    if (pid > 0) {
        if (!ended)
            kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    bool good = ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good && said && said->size == before)
        text_printf(said, "%s: %s", arguments[0], pid < 0 ? strerror(trouble) : ended ? "failed" : "no answer");
    return good;
}

const char *tool_value(const char *output, const char *key, char *ret, size_t room)
{
    size_t size = strlen(key);
    *ret = '\0';
    for (const char *line = output; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, key, size) != 0 || !strchr(" \t:", line[size]))
            continue;
        const char *value = line + size;
        value += strspn(value, " \t");
        if (*value != ':')
            continue;
        value++;
        value += strspn(value, " \t");
        size_t length = strcspn(value, "\n");
        while (length && strchr(" \t\r", value[length - 1]))
            length--;
        snprintf(ret, room, "%.*s", (int)length, value);
        if (strcmp(ret, "--") == 0)
            *ret = '\0';
        break;
    }
    return ret;
}

bool tool_number(const char *text, int exponent, int64_t *ret)
{
    struct decimal d;
    if (!decimal_parse(text, &d))
        return false;
    for (; d.exponent < exponent; d.exponent++)
        d.mantissa /= 10;
    if (!decimal_rescale(d, exponent, &d))
        return false;
    *ret = d.mantissa;
    return true;
}
