/* The event loop; see loop.h. */
#include "link/loop.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/coroutine.h"
#include "link/timers.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
    struct timer timer; /* first: a timer that fires is its task */
    struct loop *loop;
    struct coroutine *coroutine;
    void (*body)(void *);
    void *argument;
    void (*aside)(void *);
    void *aside_argument;
    struct task *next_ready;
    bool ready, parked, woken, cancelled;
};

struct posted {
    struct posted *next;
    void (*call)(void *);
    void *argument;
};

struct loop {
    int epoll, event;
    int64_t now_us;
    struct timers timers;
    struct task *first_ready, *last_ready;
    size_t tasks;
    atomic_bool stopping;
    pthread_mutex_t lock; /* guards posted */
    struct posted *posted, **posted_end;
};

static _Thread_local struct task *current;

struct loop *loop_new(void)
{
    struct loop *l = memory_new(sizeof *l);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN };
    if (l->epoll < 0 || l->event < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->event, &event) != 0) {
        log_line(LOG_ERROR, "no-epoll", "errno=%d", errno);
        abort();
    }
    pthread_mutex_init(&l->lock, NULL);
    l->posted_end = &l->posted;
    l->now_us = clock_monotonic_ns() / 1000;
    return l;
}

void loop_free(struct loop **l)
{
    struct loop *dead = *l;
    *l = NULL;
    if (!dead)
        return;
    close(dead->epoll);
    close(dead->event);
    timers_free(&dead->timers);
    pthread_mutex_destroy(&dead->lock);
    free(dead);
}

int64_t loop_now_us(const struct loop *l)
{
    return l->now_us;
}

static void ring(struct loop *l)
{
    uint64_t one = 1;
    ssize_t done = write(l->event, &one, sizeof one);
    (void)done; /* a full counter rings already */
}

void loop_stop(struct loop *l)
{
    atomic_store(&l->stopping, true);
    ring(l);
}

void loop_post(struct loop *l, void (*call)(void *), void *argument)
{
    struct posted *p = memory_new(sizeof *p);
    *p = (struct posted){ .call = call, .argument = argument };
    pthread_mutex_lock(&l->lock);
    *l->posted_end = p;
    l->posted_end = &p->next;
    pthread_mutex_unlock(&l->lock);
    ring(l);
}

static void make_ready(struct task *t)
{
    if (t->ready)
        return;
    struct loop *l = t->loop;
    t->ready = true;
    t->next_ready = NULL;
    if (l->last_ready)
        l->last_ready->next_ready = t;
    else
        l->first_ready = t;
    l->last_ready = t;
}

static void task_body(void *argument)
{
    struct task *t = argument;
    t->body(t->argument);
}

struct task *loop_spawn(struct loop *l, void (*body)(void *), void *argument)
{
    struct task *t = memory_new(sizeof *t);
    *t = (struct task){ .loop = l, .body = body, .argument = argument };
    t->coroutine = coroutine_new(task_body, t);
    if (!t->coroutine) {
        free(t);
        return NULL;
    }
    l->tasks++;
    make_ready(t);
    return t;
}

struct task *task_self(void)
{
    return current;
}

struct loop *task_loop(const struct task *t)
{
    return t->loop;
}

static bool park(int64_t deadline_us, bool firmly)
{
    struct task *t = current;
    assert(t);
    if (t->cancelled && !firmly)
        return false;
    if (!t->woken) {
        if (deadline_us != LOOP_NEVER)
            timers_set(&t->loop->timers, &t->timer, deadline_us);
        t->parked = true;
        coroutine_suspend();
        t->parked = false;
        timers_clear(&t->loop->timers, &t->timer);
    }
    bool woken = t->woken;
    t->woken = false;
    return woken && (firmly || !t->cancelled);
}

bool task_park(int64_t deadline_us)
{
    return park(deadline_us, false);
}

bool task_park_firmly(int64_t deadline_us)
{
    return park(deadline_us, true);
}

bool task_cancelled(void)
{
    return current->cancelled;
}

void task_renew(void)
{
    current->cancelled = false;
}

void task_cancel(struct task *t)
{
    t->cancelled = true;
    task_wake(t);
}

void task_wake(struct task *t)
{
    t->woken = true;
    if (t->parked)
        make_ready(t);
}

void task_yield(void)
{
    make_ready(current);
    coroutine_suspend();
}

void task_sleep(int64_t us)
{
    task_sleep_until(clock_monotonic_ns() / 1000 + us);
}

void task_sleep_until(int64_t at_us)
{
    bool woken = false;
    while (current->loop->now_us < at_us && !current->cancelled)
        woken |= task_park(at_us);
    current->woken = woken; /* a wake meant for the next park is not lost */
}

struct offload {
    void (*call)(void *);
    void *argument;
    struct task *task;
    bool done;
};

static void offload_finished(void *argument)
{
    struct offload *o = argument;
    o->done = true;
    task_wake(o->task);
}

static void *offload_thread(void *argument)
{
    struct offload *o = argument;
    o->call(o->argument);
    loop_post(o->task->loop, offload_finished, o);
    return NULL;
}

void task_offload(void (*call)(void *), void *argument)
{
    struct offload o = { .call = call, .argument = argument, .task = current };
    pthread_t thread;
    if (pthread_create(&thread, NULL, offload_thread, &o) != 0) {
        call(argument);
        return;
    }
    bool woken = false;
    while (!o.done)
        woken |= task_park_firmly(LOOP_NEVER) && !o.done;
    current->woken = woken;
    pthread_join(thread, NULL);
}

void task_aside(void (*call)(void *), void *argument)
{
    current->aside = call;
    current->aside_argument = argument;
    coroutine_suspend();
}

static void run_task(struct task *t)
{
    do {
        if (t->aside)
            t->aside(t->aside_argument);
        t->aside = NULL;
        current = t;
        coroutine_resume(t->coroutine);
        current = NULL;
    } while (t->aside);
    if (coroutine_finished(t->coroutine)) {
        t->loop->tasks--;
        coroutine_free(&t->coroutine);
        free(t);
    }
}

/* Runs the tasks that were ready when the round began; those they wake run in the next. */
static void run_ready(struct loop *l)
{
    struct task *t = l->first_ready;
    l->first_ready = l->last_ready = NULL;
    while (t) {
        struct task *next = t->next_ready;
        t->ready = false;
        run_task(t);
        t = next;
    }
}

static void run_posted(struct loop *l)
{
    uint64_t rings;
    ssize_t done = read(l->event, &rings, sizeof rings);
    (void)done;
    pthread_mutex_lock(&l->lock);
    struct posted *p = l->posted;
    l->posted = NULL;
    l->posted_end = &l->posted;
    pthread_mutex_unlock(&l->lock);
    while (p) {
        struct posted *next = p->next;
        p->call(p->argument);
        free(p);
        p = next;
    }
}

static void run_timers(struct loop *l)
{
    for (struct timer *t = timers_first(&l->timers); t && t->at_us <= l->now_us; t = timers_first(&l->timers)) {
        timers_clear(&l->timers, t);
        make_ready((struct task *)t);
    }
}

static void wake_watchers(struct watch *w, uint32_t events)
{
    bool broken = events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP);
    w->hung_up |= broken;
    w->readable |= broken || events & EPOLLIN;
    w->writable |= broken || events & EPOLLOUT;
    if (w->readable && w->reader)
        task_wake(w->reader);
    if (w->writable && w->writer)
        task_wake(w->writer);
}

static int wait_events(struct loop *l, struct epoll_event *events, int room)
{
    struct timer *first = timers_first(&l->timers);
    int64_t wait_us = l->first_ready ? 0 : first ? first->at_us - clock_monotonic_ns() / 1000 : -1;
    if (wait_us < 0 && first && !l->first_ready)
        wait_us = 0;
    if (wait_us <= 0)
        return epoll_wait(l->epoll, events, room, (int)wait_us);
    struct timespec wait = { .tv_sec = wait_us / 1000000, .tv_nsec = (long)(wait_us % 1000000) * 1000 };
    int count = epoll_pwait2(l->epoll, events, room, &wait, NULL);
    if (count < 0 && errno == ENOSYS) /* kernels before 5.11: whole milliseconds, rounded up */
        count = epoll_wait(l->epoll, events, room, (int)((wait_us + 999) / 1000 > 60000 ? 60000 : (wait_us + 999) / 1000));
    return count;
}

void loop_run(struct loop *l)
{
    enum { EVENTS = 256 };
    struct epoll_event events[EVENTS];
    while (l->tasks > 0 && !atomic_load(&l->stopping)) {
        int count = wait_events(l, events, EVENTS);
        l->now_us = clock_monotonic_ns() / 1000;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                wake_watchers(events[i].data.ptr, events[i].events);
            else
                run_posted(l);
        }
        run_timers(l);
        run_ready(l);
    }
    atomic_store(&l->stopping, false);
}

bool watch_add(struct loop *l, struct watch *w, int fd)
{
    *w = (struct watch){ .fd = fd };
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = w };
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void watch_remove(struct loop *l, struct watch *w)
{
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

static bool wait_until(const bool *possible, struct task **waiter, int64_t deadline_us)
{
    if (*possible || deadline_us <= current->loop->now_us)
        return *possible;
    bool in_time = true;
    *waiter = current;
    while (!*possible && in_time)
        in_time = (task_park(deadline_us) || current->loop->now_us < deadline_us) && !current->cancelled;
    *waiter = NULL;
    return *possible;
}

bool watch_readable(struct watch *w, int64_t deadline_us)
{
    return wait_until(&w->readable, &w->reader, deadline_us);
}

bool watch_writable(struct watch *w, int64_t deadline_us)
{
    return wait_until(&w->writable, &w->writer, deadline_us);
}
