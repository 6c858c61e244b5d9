/* Tasks, timers, wakes, cancellation and offloading on the event loop. */
#include "base/clock.h"
#include "link/coroutine.h"
#include "link/loop.h"
#include "tap.h"

#include <pthread.h>
#include <unistd.h>

static struct task *sleeper;
static int order[8], placed;
static bool woken_early;

static void note(int n)
{
    order[placed++] = n;
}

static void sleep_long(void *argument)
{
    (void)argument;
    sleeper = task_self();
    woken_early = task_park(LOOP_NEVER);
    note(1);
}

static void wake_it(void *argument)
{
    (void)argument;
    task_sleep(2000);
    note(0);
    task_wake(sleeper);
}

static void block(void *argument)
{
    usleep(1000);
    *(int *)argument = 42;
}

static void offload(void *argument)
{
    (void)argument;
    int answer = 0;
    task_offload(block, &answer);
    is_int(answer, 42, "offloaded work is waited for");
}

static struct task *doomed;

static void wait_forever(void *argument)
{
    (void)argument;
    doomed = task_self();
    ok(!task_park(LOOP_NEVER), "a cancelled park says so");
    ok(task_cancelled());
    ok(!task_park(LOOP_NEVER), "and so does every later one");
}

static void cancel_it(void *argument)
{
    (void)argument;
    task_sleep(1000);
    task_cancel(doomed);
}

static void *other_thread(void *argument)
{
    loop_post(argument, (void (*)(void *))task_wake, sleeper);
    return NULL;
}

static void start_thread(void *argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, other_thread, argument);
    pthread_join(thread, NULL);
}

static void many(void *argument)
{
    for (int i = 0; i < 10; i++)
        task_sleep(100);
    ++*(int *)argument;
}

int main(void)
{
    struct loop *l = loop_new();
    loop_spawn(l, sleep_long, NULL);
    loop_spawn(l, wake_it, NULL);
    loop_run(l);
    ok(placed == 2 && order[0] == 0 && order[1] == 1, "the sleeper ran after its waker");
    ok(woken_early);

    loop_spawn(l, offload, NULL);
    loop_run(l);
    loop_spawn(l, wait_forever, NULL);
    loop_spawn(l, cancel_it, NULL);
    loop_run(l);

    placed = 0;
    loop_spawn(l, sleep_long, NULL);
    loop_spawn(l, start_thread, l);
    loop_run(l);
    is_int(placed, 1, "woken from another thread");

    int done = 0;
    for (int i = 0; i < 2000; i++)
        loop_spawn(l, many, &done);
    loop_run(l);
    is_int(done, 2000, "two thousand tasks all end");
    loop_free(&l);
    coroutine_trim();
    return tap_done();
}
