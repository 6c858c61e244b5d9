/* The starter; see starter.h. */
#include "box/starter.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_S = 120, BEAT_S = 30, PROVE_S = 60, TRIES = 3, END_MS = 30000, PAUSE_MS = 1000, PAUSE_MAX_MS = 30000, LONG_MS = 60000, WORDS_MAX = 60 };

static void step(const struct starter_options *o, const char *name)
{
    if (o->step)
        o->step(name);
}

/* --- what is started ----------------------------------------------------------------------------------------------------------------- */

/* `back` is there: the former database and program return. False: to be tried again. */
static bool go_back(const struct starter_options *o, const struct slot_order *order)
{
    step(o, "restore");
    if (!slot_restore(o->place, o->database))
        return false;
    step(o, "use-former");
    if (!slot_use(o->place, order->former))
        return false;
    step(o, "note-back");
    slot_note(o->place, order, SLOT_ROLLED_BACK, clock_utc_ms());
    step(o, "end-back");
    slot_order_remove(o->place, "back");
    step(o, "forget-kept");
    slot_kept_remove(o->place);
    return true;
}

/* A new order: the database is kept, then the trial begins. False: it is given up, nothing was changed. */
static bool begin_trial(const struct starter_options *o, struct slot_order *order)
{
    char program[SLOT_PATH_MAX];
    step(o, "keep");
    bool good = slot_program(o->place, order->slot, program) && slot_keep(o->place, o->database);
    step(o, "trial");
    order->tries = 0;
    good = good && slot_order_write(o->place, "trial", order);
    if (!good) {
        snprintf(order->why, sizeof order->why, "%s", "no-room");
        slot_note(o->place, order, SLOT_FAILED, clock_utc_ms());
        slot_kept_remove(o->place);
    }
    step(o, "end-next");
    slot_order_remove(o->place, "next");
    return good;
}

/* Every start of a trial counts: a box that loses power under it, or is taken down by it, comes back here. */
static bool count_try(const struct starter_options *o, struct slot_order *order)
{
    order->tries++;
    step(o, "count");
    return slot_order_write(o->place, "trial", order);
}

static bool end_trial(const struct starter_options *o, const struct slot_order *order, const char *why)
{
    struct slot_order back = *order;
    snprintf(back.why, sizeof back.why, "%s", why);
    step(o, "back");
    if (!slot_order_write(o->place, "back", &back))
        return false;
    step(o, "end-trial");
    slot_order_remove(o->place, "trial");
    return go_back(o, &back);
}

bool starter_prepare(const struct starter_options *o, struct starting *ret)
{
    struct slot_order order;
    *ret = (struct starting){ .trial = false };
    if (slot_order_read(o->place, "back", &order)) {
        slot_order_remove(o->place, "trial"); /* both are there when the power went between */
        if (!go_back(o, &order))
            return false;
    }
    ret->trial = slot_order_read(o->place, "trial", &ret->order);
    if (ret->trial)
        slot_order_remove(o->place, "next");
    else if (slot_order_read(o->place, "next", &ret->order))
        ret->trial = begin_trial(o, &ret->order);
    if (ret->trial && ret->order.tries >= TRIES) {
        ret->trial = false;
        if (!end_trial(o, &ret->order, "power"))
            return false;
    }
    if (ret->trial && (!count_try(o, &ret->order) || (step(o, "use-new"), !slot_use(o->place, ret->order.slot))))
        return false;
    if (!ret->trial)
        slot_kept_remove(o->place); /* what an interruption left */
    slot_now(o->place, ret->slot);
    if (!slot_program(o->place, ret->slot, ret->program))
        snprintf(ret->program, sizeof ret->program, "%s", o->own);
    return true;
}

void starter_keep(const struct starter_options *o, const struct starting *s)
{
    step(o, "note-installed");
    slot_note(o->place, &s->order, SLOT_INSTALLED, clock_utc_ms());
    step(o, "end-trial");
    slot_order_remove(o->place, "trial");
    step(o, "forget-kept");
    slot_kept_remove(o->place);
}

void starter_give_up(const struct starter_options *o, const struct starting *s, const char *why)
{
    end_trial(o, &s->order, why); /* what could not be done is done by the next prepare */
}

/* --- watching --------------------------------------------------------------------------------------------------------------------------- */

struct watch {
    const struct starter_options *o;
    struct starting now;
    pid_t child;
    int beats, signals;          /* descriptors */
    int64_t begun_ms, beat_ms;   /* monotonic; the last beat, 0: none yet */
    bool ending;                 /* we were told to */
    char why[SLOT_WHY_MAX];      /* the trial has failed */
};

static _Noreturn void become(const struct watch *w, int beats, const sigset_t *mask)
{
    char said[SLOT_PATH_MAX + 16];
    char *words[WORDS_MAX] = { (char *)(uintptr_t)"svod", (char *)(uintptr_t)"gateway", (char *)(uintptr_t)w->o->database };
    for (int i = 0; w->o->arguments && w->o->arguments[i] && i + 4 < WORDS_MAX; i++)
        words[i + 3] = w->o->arguments[i];
    snprintf(said, sizeof said, "%d %s", beats, w->o->place);
    setenv(STARTER_ENVIRONMENT, said, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* never two programs over one database */
    sigprocmask(SIG_SETMASK, mask, NULL);
    execv(w->now.program, words);
    _exit(127);
}

static bool spawn(struct watch *w)
{
    int ends[2];
    sigset_t none;
    sigemptyset(&none);
    if (pipe2(ends, O_NONBLOCK) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    w->child = fork();
    if (w->child == 0)
        become(w, ends[1], &none);
    close(ends[1]);
    w->beats = ends[0];
    w->begun_ms = clock_monotonic_ms();
    w->beat_ms = 0;
    w->why[0] = '\0';
    log_line(LOG_INFO, "program-start", "slot=%s trial=%d", *w->now.slot ? w->now.slot : "own", w->now.trial);
    return w->child > 0;
}

static int64_t or_else(int wanted, int usual)
{
    return (int64_t)(wanted > 0 ? wanted : usual) * 1000;
}

/* How a trial stands. */
static void judge(struct watch *w)
{
    int64_t now = clock_monotonic_ms();
    if (!w->now.trial || *w->why)
        return;
    if (!w->beat_ms && now - w->begun_ms > or_else(w->o->start_s, START_S))
        snprintf(w->why, sizeof w->why, "silent");
    else if (w->beat_ms && now - w->beat_ms > or_else(w->o->beat_s, BEAT_S))
        snprintf(w->why, sizeof w->why, "hung");
    else if (w->beat_ms && w->beat_ms - w->begun_ms > or_else(w->o->prove_s, PROVE_S)) {
        starter_keep(w->o, &w->now);
        w->now.trial = false;
        log_line(LOG_INFO, "update-installed", "version=%s", w->now.order.version);
    }
    if (*w->why)
        kill(w->child, SIGKILL);
}

static void take_beats(struct watch *w)
{
    char bytes[64];
    while (read(w->beats, bytes, sizeof bytes) > 0)
        w->beat_ms = clock_monotonic_ms();
}

static void take_signals(struct watch *w)
{
    struct signalfd_siginfo s;
    while (read(w->signals, &s, sizeof s) == (ssize_t)sizeof s)
        if (s.ssi_signo != SIGCHLD) {
            w->ending = true;
            kill(w->child, SIGTERM);
        }
}

/* Until the child has ended; its status. */
static int await_end(struct watch *w)
{
    int status = 0;
    int64_t told_ms = 0;
    while (waitpid(w->child, &status, WNOHANG) == 0) {
        struct pollfd fds[] = { { .fd = w->signals, .events = POLLIN }, { .fd = w->beats, .events = POLLIN } };
        poll(fds, 2, w->now.trial || w->ending ? 200 : 5000);
        if (fds[1].revents & POLLHUP && !(fds[1].revents & POLLIN)) /* it has closed its end: nothing to wait for but its death */
            poll(fds, 1, 200);
        take_beats(w);
        take_signals(w);
        judge(w);
        if (w->ending && !told_ms)
            told_ms = clock_monotonic_ms();
        if (told_ms && clock_monotonic_ms() - told_ms > END_MS)
            kill(w->child, SIGKILL);
    }
    close(w->beats);
    return status;
}

static void say_end(struct watch *w, int status)
{
    if (!*w->why && WIFSIGNALED(status))
        snprintf(w->why, sizeof w->why, "signal %d", WTERMSIG(status));
    else if (!*w->why)
        snprintf(w->why, sizeof w->why, "exit %d", WEXITSTATUS(status));
    log_line(w->ending ? LOG_INFO : LOG_WARNING, "program-end", "why=\"%s\" trial=%d", w->why, w->now.trial);
}

/* A program that ends by itself is started again, after a pause that grows while it ends soon. False: there was a signal to end. */
static bool pause_before_next(struct watch *w, int64_t *pause)
{
    bool lived = clock_monotonic_ms() - w->begun_ms > LONG_MS;
    *pause = lived || !*pause ? PAUSE_MS : *pause * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : *pause * 2;
    struct pollfd fd = { .fd = w->signals, .events = POLLIN };
    struct signalfd_siginfo s;
    for (int64_t until = clock_monotonic_ms() + *pause; clock_monotonic_ms() < until;)
        if (poll(&fd, 1, (int)(until - clock_monotonic_ms())) > 0 && read(w->signals, &s, sizeof s) > 0 && s.ssi_signo != SIGCHLD)
            return false;
    return true;
}

static bool has_order(const char *place)
{
    struct slot_order any;
    return slot_order_read(place, "next", &any);
}

int starter_run(const struct starter_options *o)
{
    struct watch w = { .o = o };
    sigset_t wanted;
    int64_t pause = 0;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    w.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    while (!w.ending) {
        if (!starter_prepare(o, &w.now) || !spawn(&w)) {
            log_line(LOG_ERROR, "program-start", "trouble=\"the folder of programs cannot be brought to order or no process begun\"");
            w.begun_ms = clock_monotonic_ms();
            if (!pause_before_next(&w, &pause))
                break;
            continue;
        }
        int status = await_end(&w);
        say_end(&w, status);
        if (w.ending)
            break;
        if (w.now.trial)
            starter_give_up(o, &w.now, w.why);
        else if (!has_order(o->place) && !pause_before_next(&w, &pause))
            break;
    }
    close(w.signals);
    return 0;
}
