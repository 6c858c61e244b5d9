/* The machine-dependent part of coroutines: one function per processor, in coroutine_<processor>.S. */
#pragma once

/* Saves the callee-saved registers on the current stack, stores its pointer to *save, and continues on the stack
 * `load`, which this function left earlier or coroutine_prepare built. */
void coroutine_switch(void **save, void *load);

/* First code of a new stack: calls the function it finds there, which never returns. */
void coroutine_start(void);
