/* The child's life; see process.h. */
#include "upstream/skzi/process.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MS = 15000, LEAVING_MAX = 8 };

extern char **environ;

/* --- its life ------------------------------------------------------------------------------------------------------------- */

bool skzi_process_begin(struct skzi_process *p, struct text *why)
{
    static char *const words[] = { (char *)(uintptr_t)"svod", (char *)(uintptr_t)"gost-port", NULL };
    posix_spawn_file_actions_t acts;
    int ends[2];
    *p = (struct skzi_process){ .control = -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        text_put(why, strerror(errno));
        return false;
    }
    posix_spawn_file_actions_init(&acts);
    posix_spawn_file_actions_adddup2(&acts, STDERR_FILENO, STDOUT_FILENO); /* who reads our words is not kept waiting by it */
    posix_spawn_file_actions_adddup2(&acts, ends[1], TALK_CONTROL);
    int error = posix_spawn(&p->id, "/proc/self/exe", &acts, NULL, words, environ);
    posix_spawn_file_actions_destroy(&acts);
    close(ends[1]);
    if (error == 0) {
        p->control = ends[0];
        return true;
    }
    close(ends[0]);
    p->id = 0;
    text_put(why, strerror(error));
    return false;
}

/* Those that end by themselves; of the service's thread alone. */
static pid_t leaving[LEAVING_MAX];

void skzi_process_bury(void)
{
    for (size_t i = 0; i < LEAVING_MAX; i++)
        if (leaving[i] && waitpid(leaving[i], NULL, WNOHANG) != 0)
            leaving[i] = 0;
}

static bool leave_alone(pid_t id)
{
    size_t i = 0;
    skzi_process_bury();
    while (i < LEAVING_MAX && leaving[i])
        i++;
    if (i < LEAVING_MAX)
        leaving[i] = id;
    return i < LEAVING_MAX;
}

void skzi_process_end(struct skzi_process *p, bool gently)
{
    gently = gently && p->id > 0 && talk_send(p->control, TALK_LEAVE, bytes_of("", 0), -1);
    if (p->control >= 0)
        close(p->control);
    if (p->id > 0 && !(gently && leave_alone(p->id))) {
        kill(p->id, SIGKILL);
        waitpid(p->id, NULL, 0);
    }
    *p = (struct skzi_process){ .control = -1 };
}

/* --- questions -------------------------------------------------------------------------------------------------------------- */

struct bytes skzi_pair(const char *certificate, const char *key, struct arena *a)
{
    size_t one = strlen(certificate) + 1, other = strlen(key) + 1;
    char *both = arena_take(a, one + other);
    memcpy(both, certificate, one);
    memcpy(both + one, key, other);
    return bytes_of(both, one + other);
}

bool skzi_pair_take(struct bytes b, const char **ret_certificate, const char **ret_key)
{
    const char *end = b.size ? memchr(b.data, '\0', b.size - 1) : NULL;
    if (!end || b.data[b.size - 1] != '\0')
        return false;
    *ret_certificate = (const char *)b.data;
    *ret_key = end + 1;
    return true;
}

/* The packet that a process of its own answers; its size, -1 for none in time. */
static long ask(enum talk_kind kind, struct bytes content, char *answer, struct text *why)
{
    struct skzi_process p;
    int stray = -1;
    long size = -1;
    if (!skzi_process_begin(&p, why))
        return -1;
    if (talk_send(p.control, kind, content, -1)) {
        struct pollfd wait = { .fd = p.control, .events = POLLIN };
        int64_t until = clock_monotonic_ms() + ANSWER_MS, left;
        while ((left = until - clock_monotonic_ms()) > 0 && poll(&wait, 1, (int)left) < 0 && errno == EINTR)
            ;
        size = talk_receive(p.control, answer, TALK_MAX, &stray);
    }
    if (stray >= 0)
        close(stray);
    skzi_process_end(&p, false);
    if (size <= 0)
        text_put(why, "gost-port");
    return size > 0 ? size : -1;
}

static enum skzi_answer judge(const char *answer, long size, enum talk_kind good, struct text *why)
{
    if (size > 0 && answer[0] == (char)good)
        return SKZI_ANSWER_GOOD;
    if (size < 2 || answer[0] != TALK_BAD)
        return SKZI_ANSWER_FAILED;
    text_printf(why, "%.*s", (int)(size - 2), answer + 2);
    return answer[1] == TALK_NO_ENGINE ? SKZI_ANSWER_NO_ENGINE : answer[1] == TALK_NO_IDENTITY ? SKZI_ANSWER_NO_IDENTITY : SKZI_ANSWER_FAILED;
}

enum skzi_answer skzi_make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key, struct text *why)
{
    char *answer = arena_take(a, TALK_MAX);
    long size = ask(TALK_MAKE, bytes_of_text(name), answer, why);
    enum skzi_answer how = judge(answer, size, TALK_MADE, why);
    if (how != SKZI_ANSWER_GOOD)
        return how;
    return skzi_pair_take(bytes_of(answer + 1, (size_t)size - 1), ret_certificate, ret_key) ? SKZI_ANSWER_GOOD : SKZI_ANSWER_FAILED;
}

enum skzi_answer skzi_check(const char *certificate, const char *key, struct text *why)
{
    struct arena a = { 0 };
    char *answer = arena_take(&a, TALK_MAX);
    long size = ask(TALK_CHECK, skzi_pair(certificate, key, &a), answer, why);
    enum skzi_answer how = judge(answer, size, TALK_READY, why);
    arena_free(&a);
    return how;
}
