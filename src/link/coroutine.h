/* Stackful coroutines: what lets a driver read like the meter's manual while twenty thousand conversations share two
 * cores. A coroutine runs until it suspends; nobody else runs on its thread meanwhile.
 *
 * Own assembly switch (x86-64, aarch64, armv7), 64 KiB stacks with a guard page, announced to AddressSanitizer,
 * ThreadSanitizer, LeakSanitizer and valgrind-friendly. Rule for code that runs on them: no state shared with other
 * coroutines is held across a call that may suspend, and no buffer over a few KiB stands on the stack. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct coroutine;

/* A coroutine that will run body(argument) on its own stack. NULL when no stack can be mapped. Stacks of finished
 * coroutines are kept by the thread and used again. */
struct coroutine *coroutine_new(void (*body)(void *), void *argument);

/* Runs it until it suspends or its body returns. Called from outside any coroutine. */
void coroutine_resume(struct coroutine *c);

/* Gives control back to who resumed this coroutine. Called inside one. */
void coroutine_suspend(void);

/* True once the body has returned; only coroutine_free may follow. */
bool coroutine_finished(const struct coroutine *c);

/* Frees a finished coroutine (or one that never ran); sets *c to NULL. */
void coroutine_free(struct coroutine **c);

/* Gives this thread's spare stacks back to the system. Call before a thread that ran coroutines ends. */
void coroutine_trim(void);

/* Bytes of stack each coroutine has. */
size_t coroutine_stack_size(void);
