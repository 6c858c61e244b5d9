/* Stack switch for x86-64, System V: rbx, rbp, r12..r15, MXCSR and the x87 control word belong to the callee. The return is a jump:
 * `ret` would mispredict, because the return stack of the processor belongs to the other coroutine. */
#ifdef __x86_64__
    .text
    .globl coroutine_switch
    .type coroutine_switch, @function
coroutine_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
    .size coroutine_switch, .-coroutine_switch

    .globl coroutine_start
    .type coroutine_start, @function
coroutine_start:
    xorl %ebp, %ebp
    callq *%rbx
    ud2
    .size coroutine_start, .-coroutine_start
#endif
    .section .note.GNU-stack, "", %progbits
