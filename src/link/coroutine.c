/* Coroutines; see coroutine.h. */
#include "link/coroutine.h"
#include "link/coroutine_frame.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __has_feature /* clang names it another way than gcc */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
enum { STACK_SIZE = 256 * 1024 }; /* red zones make frames several times larger */
#define fiber_leave(fake, bottom, size) __sanitizer_start_switch_fiber(fake, bottom, size)
#define fiber_arrive(fake, bottom, size) __sanitizer_finish_switch_fiber(fake, bottom, size)
#define root_region_add(start, size) __lsan_register_root_region(start, size)
#define root_region_remove(start, size) __lsan_unregister_root_region(start, size)
#else
enum { STACK_SIZE = 64 * 1024 };
#define fiber_leave(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#define fiber_arrive(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#define root_region_add(start, size) ((void)(start), (void)(size))
#define root_region_remove(start, size) ((void)(start), (void)(size))
#endif

#if defined __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define tsan_fiber_new() __tsan_create_fiber(0)
#define tsan_fiber_free(fiber) __tsan_destroy_fiber(fiber)
#define tsan_fiber_self() __tsan_get_current_fiber()
#define tsan_fiber_enter(fiber) __tsan_switch_to_fiber(fiber, 0)
#else
#define tsan_fiber_new() NULL
#define tsan_fiber_free(fiber) ((void)(fiber))
#define tsan_fiber_self() NULL
#define tsan_fiber_enter(fiber) ((void)(fiber))
#endif

enum { SPARE_STACKS_MAX = 1024 };

/* Lives at the top of its own stack, so that a coroutine is one mapping and nothing else. */
struct coroutine {
    void *sp;          /* where it left off */
    void *outside_sp;  /* where who resumed it left off */
    void *mapping;
    void *fake_stack;  /* AddressSanitizer's, while suspended */
    const void *outside_bottom;
    size_t outside_size;
    void *tsan_fiber, *tsan_outside;
    void (*body)(void *);
    void *argument;
    bool finished;
    struct coroutine *next_spare;
};

static _Thread_local struct coroutine *running;
static _Thread_local struct coroutine *spare;
static _Thread_local unsigned spare_count;

size_t coroutine_stack_size(void)
{
    return STACK_SIZE;
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *stack_bottom(const struct coroutine *c)
{
    return (char *)c->mapping + page_size();
}

static struct coroutine *stack_map(void)
{
    size_t whole = page_size() + STACK_SIZE;
    char *mapping = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
        return NULL;
    if (mprotect(mapping, page_size(), PROT_NONE) != 0) {
        munmap(mapping, whole);
        return NULL;
    }
    struct coroutine *c = (struct coroutine *)(void *)(mapping + whole - sizeof(struct coroutine) - sizeof(struct coroutine) % 16);
    *c = (struct coroutine){ .mapping = mapping };
    return c;
}

static void stack_unmap(struct coroutine *c)
{
    munmap(c->mapping, page_size() + STACK_SIZE);
}

/* Every coroutine begins here, on its own stack. */
static void enter(void)
{
    struct coroutine *c = running;
    fiber_arrive(NULL, &c->outside_bottom, &c->outside_size);
    c->body(c->argument);
    c->finished = true;
    fiber_leave(NULL, c->outside_bottom, c->outside_size);
    tsan_fiber_enter(c->tsan_outside);
    coroutine_switch(&c->sp, c->outside_sp);
    abort();
}

struct coroutine *coroutine_new(void (*body)(void *), void *argument)
{
    struct coroutine *c = spare;
    if (c) {
        spare = c->next_spare;
        spare_count--;
    } else {
        c = stack_map();
    }
    if (!c)
        return NULL;
    c->body = body;
    c->argument = argument;
    c->finished = false;
    c->fake_stack = NULL;
    c->tsan_fiber = tsan_fiber_new();
    c->sp = coroutine_prepare((void *)((uintptr_t)c & ~(uintptr_t)15), enter);
    root_region_add(stack_bottom(c), STACK_SIZE);
    return c;
}

void coroutine_resume(struct coroutine *c)
{
    assert(!running && !c->finished);
    void *fake = NULL;
    running = c;
    c->tsan_outside = tsan_fiber_self();
    fiber_leave(&fake, stack_bottom(c), STACK_SIZE);
    tsan_fiber_enter(c->tsan_fiber);
    coroutine_switch(&c->outside_sp, c->sp);
    fiber_arrive(fake, NULL, NULL);
    running = NULL;
}

void coroutine_suspend(void)
{
    struct coroutine *c = running;
    assert(c);
    fiber_leave(&c->fake_stack, c->outside_bottom, c->outside_size);
    tsan_fiber_enter(c->tsan_outside);
    coroutine_switch(&c->sp, c->outside_sp);
    fiber_arrive(c->fake_stack, &c->outside_bottom, &c->outside_size);
}

bool coroutine_finished(const struct coroutine *c)
{
    return c->finished;
}

void coroutine_free(struct coroutine **c)
{
    struct coroutine *dead = *c;
    *c = NULL;
    if (!dead)
        return;
    root_region_remove(stack_bottom(dead), STACK_SIZE);
    tsan_fiber_free(dead->tsan_fiber);
    if (spare_count >= SPARE_STACKS_MAX) {
        stack_unmap(dead);
        return;
    }
    dead->next_spare = spare;
    spare = dead;
    spare_count++;
}

void coroutine_trim(void)
{
    while (spare) {
        struct coroutine *c = spare;
        spare = c->next_spare;
        stack_unmap(c);
    }
    spare_count = 0;
}
