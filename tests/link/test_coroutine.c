/* What a switch of coroutines must keep: the registers that belong to the callee, whole and floating, of everybody who takes part. */
#include "link/coroutine.h"
#include "tap.h"

#include <stdint.h>

enum { ROUNDS = 200, WALKERS = 7, FLOATS = 10, WHOLES = 10 };

static void stay(void)
{
}

/* Ten floating and ten whole numbers that live over every call of `rest`: more of either than any of our processors' callees keep.
 * What it gives depends on every one of them in every round. */
static __attribute__((noinline)) double walk(unsigned seed, void (*rest)(void))
{
    double a = seed, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7, i = a + 8, j = a + 9;
    unsigned k = seed, l = k + 1, m = k + 2, n = k + 3, o = k + 4, p = k + 5, q = k + 6, r = k + 7, s = k + 8, t = k + 9;
    for (int round = 0; round < ROUNDS; round++) {
        rest();
        a = b * 0.5 + 1, b = c * 0.5 + 2, c = d * 0.5 + 3, d = e * 0.5 + 4, e = f * 0.5 + 5;
        k = l * 3 + 1, l = m * 5 + 2, m = n * 7 + 3, n = o * 9 + 4, o = p * 11 + 5;
        rest();
        f = g * 0.5 + 6, g = h * 0.5 + 7, h = i * 0.5 + 8, i = j * 0.5 + 9, j = a * 0.5 + seed;
        p = q * 13 + 6, q = r * 15 + 7, r = s * 17 + 8, s = t * 19 + 9, t = k * 21 + seed;
    }
    return a + b + c + d + e + f + g + h + i + j + (double)(k ^ l ^ m ^ n ^ o ^ p ^ q ^ r ^ s ^ t);
}

struct walker {
    struct coroutine *coroutine;
    unsigned seed;
    double came_to;
};

static void run(void *argument)
{
    struct walker *w = argument;
    w->came_to = walk(w->seed, coroutine_suspend);
}

static struct walker walkers[WALKERS];

/* Everybody takes one step: what who resumes them has in his registers is proven as well. */
static void step_all(void)
{
    for (int i = 0; i < WALKERS; i++)
        if (walkers[i].coroutine && !coroutine_finished(walkers[i].coroutine))
            coroutine_resume(walkers[i].coroutine);
}

static void test_registers(void)
{
    for (unsigned i = 0; i < WALKERS; i++) {
        walkers[i] = (struct walker){ .seed = 100 + 17 * i };
        walkers[i].coroutine = coroutine_new(run, &walkers[i]);
    }
    double outside = walk(5, step_all);
    step_all();
    ok(outside == walk(5, stay), "who resumes keeps his registers");
    bool whole = true;
    for (int i = 0; i < WALKERS; i++) {
        whole = whole && coroutine_finished(walkers[i].coroutine) && walkers[i].came_to == walk(walkers[i].seed, stay);
        coroutine_free(&walkers[i].coroutine);
    }
    ok(whole, "those who are resumed keep theirs");
    coroutine_trim();
}

static void align(void *argument)
{
    char text[64] __attribute__((aligned(16)));
    volatile uintptr_t place = (uintptr_t)text;
    snprintf(text, sizeof text, "%.3f %lld", 1.5, 1LL << 40); /* variable arguments want the stack aligned */
    *(bool *)argument = place % 16 == 0 && strcmp(text, "1.500 1099511627776") == 0;
    coroutine_suspend();
    *(bool *)argument = *(bool *)argument && strcmp(text, "1.500 1099511627776") == 0;
}

static void test_stack(void)
{
    bool good = false;
    struct coroutine *c = coroutine_new(align, &good);
    coroutine_resume(c);
    coroutine_resume(c);
    ok(good && coroutine_finished(c), "the stack is aligned and stays");
    coroutine_free(&c);
    coroutine_trim();
}

int main(void)
{
    test_registers();
    test_stack();
    return tap_done();
}
