/* What coroutine_prepare must put on a new stack for each processor, matching coroutine_<processor>.S. */
#pragma once
#include "link/coroutine_switch.h"

#include <stdint.h>

#if defined __x86_64__
static inline void *coroutine_prepare(void *top, void (*entry)(void))
{
    uint64_t *sp = (uint64_t *)top - 2; /* keeps the stack 16-aligned at the call of the entry */
    *--sp = (uint64_t)coroutine_start;
    *--sp = 0;                         /* rbp */
    *--sp = (uint64_t)entry;           /* rbx */
    for (int i = 0; i < 4; i++)
        *--sp = 0;                     /* r12..r15 */
    *--sp = 0x1F80ull | 0x037Full << 32; /* MXCSR and x87 control word as the process starts with */
    return sp;
}
#elif defined __aarch64__
static inline void *coroutine_prepare(void *top, void (*entry)(void))
{
    uint64_t *sp = (uint64_t *)top - 20;
    for (int i = 0; i < 20; i++)
        sp[i] = 0;
    sp[0] = (uint64_t)entry;            /* x19 */
    sp[11] = (uint64_t)coroutine_start; /* x30 */
    return sp;
}
#elif defined __arm__
static inline void *coroutine_prepare(void *top, void (*entry)(void))
{
    uint32_t *sp = (uint32_t *)top - 26;
    for (int i = 0; i < 26; i++)
        sp[i] = 0;
    sp[17] = (uint32_t)entry;           /* r4, after d8..d15 and the padding word */
    sp[25] = (uint32_t)coroutine_start; /* lr */
    return sp;
}
#else
#error "no stack switch for this processor yet: add coroutine_<processor>.S"
#endif
