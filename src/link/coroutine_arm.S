/* Stack switch for armv7 with VFP, AAPCS: r4..r11 and d8..d15 belong to the callee. */
#ifdef __arm__
    .syntax unified
    .fpu vfpv3-d16
    .text
    .globl coroutine_switch
    .type coroutine_switch, %function
coroutine_switch:
    push {r4-r11, lr}
    sub sp, sp, #4
    vpush {d8-d15}
    mov r2, sp
    str r2, [r0]
    mov sp, r1
    vpop {d8-d15}
    add sp, sp, #4
    pop {r4-r11, lr}
    bx lr
    .size coroutine_switch, .-coroutine_switch

    .globl coroutine_start
    .type coroutine_start, %function
coroutine_start:
    mov r11, #0
    blx r4
    udf #0
    .size coroutine_start, .-coroutine_start
#endif
    .section .note.GNU-stack, "", %progbits
