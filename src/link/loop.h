/* The event loop: tasks (coroutines) that wait for descriptors, for time and for each other. One loop per thread,
 * nothing shared between loops but posted calls. Times are microseconds of the monotonic clock; LOOP_NEVER is no
 * deadline. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct task;

#define LOOP_NEVER INT64_MAX

/* A new loop. Ends the process when the kernel gives no epoll: nothing can work then. */
struct loop *loop_new(void);

/* Frees a loop whose tasks have all ended; sets *l to NULL. */
void loop_free(struct loop **l);

/* Runs on the calling thread until every task has ended or loop_stop is called. */
void loop_run(struct loop *l);

/* Makes loop_run return soon; safe from any thread and from signal handlers. */
void loop_stop(struct loop *l);

/* Microseconds now, read once per round of the loop: cheap, and good to about a millisecond. */
int64_t loop_now_us(const struct loop *l);

/* Starts body(argument) as a task of the loop, on the loop's thread, at its next round. NULL when no stack can be had. */
struct task *loop_spawn(struct loop *l, void (*body)(void *), void *argument);

/* Calls call(argument) on the loop's thread, soon; safe from any thread. Not from a coroutine's stack: it must not
 * suspend. */
void loop_post(struct loop *l, void (*call)(void *), void *argument);

/* --- inside a task --------------------------------------------------------------------------------------------- */

/* The running task, and its loop. */
struct task *task_self(void);
struct loop *task_loop(const struct task *t);

/* Waits until task_wake or the deadline. True when woken. A wake that came before the park counts. */
bool task_park(int64_t deadline_us);

/* The same, but cancellation does not end it: for waits whose result other threads still write to. */
bool task_park_firmly(int64_t deadline_us);

/* True once task_cancel was called for the running task: every task_park then returns false at once. */
bool task_cancelled(void);

/* Forgets that the running task was cancelled: it goes on to another piece of work. */
void task_renew(void);

/* Lets others run. */
void task_yield(void);

/* Waits `us` microseconds; until that moment of the loop's clock. */
void task_sleep(int64_t us);
void task_sleep_until(int64_t at_us);

/* Runs call(argument) on a thread of its own and waits for it: for what can only block (name look-ups). */
void task_offload(void (*call)(void *), void *argument);

/* Runs call(argument) on the loop's own stack and comes back: for libraries that need more stack than thousands of
 * conversations can afford. The call must not suspend; other tasks wait meanwhile. */
void task_aside(void (*call)(void *), void *argument);

/* --- from the loop's thread, any context ------------------------------------------------------------------------ */

/* Ends the task's current or next park. */
void task_wake(struct task *t);

/* Asks the task to end soon: its waits return false from now on. */
void task_cancel(struct task *t);

/* --- descriptors -------------------------------------------------------------------------------------------------*/

/* A descriptor the loop watches, edge-triggered: `readable` and `writable` say what is known to be possible; users clear
 * them on EAGAIN and wait. */
struct watch {
    int fd;
    bool readable, writable, hung_up;
    struct task *reader, *writer;
};

/* Begins and ends watching; `w` must stay where it is in between. The descriptor must be non-blocking and stays the
 * caller's. False when the kernel refuses. */
bool watch_add(struct loop *l, struct watch *w, int fd);
void watch_remove(struct loop *l, struct watch *w);

/* Waits until the descriptor may be read (written). False at the deadline. Only one task may wait for each. */
bool watch_readable(struct watch *w, int64_t deadline_us);
bool watch_writable(struct watch *w, int64_t deadline_us);
