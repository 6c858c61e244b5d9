/* The arbiter of a line; see bus.h. */
#include "link/bus.h"

#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>

struct bus {
    struct loop *loop;
    struct pipe *pipe;
    struct line line; /* the pipe's, before anybody shaped it */
    struct bus_options options;
    struct bus_turn *holder;
    struct bus_turn *queue; /* most urgent first, equals in the order they came */
    bool open;
    int64_t refused_until_us;
    char refused_why[96];
    struct bus_silence silence;
    struct bus_figures figures;
};

struct bus *bus_new(struct loop *l, struct pipe *pipe, const struct bus_options *options)
{
    struct bus *b = memory_new(sizeof *b);
    b->loop = l;
    b->pipe = pipe;
    b->line = pipe->line;
    if (options)
        b->options = *options;
    if (b->options.quantum_ms == 0)
        b->options.quantum_ms = 15000;
    if (b->options.connect_ms == 0)
        b->options.connect_ms = 10000;
    if (b->options.reopen_ms == 0)
        b->options.reopen_ms = 3000;
    return b;
}

void bus_free(struct bus **b)
{
    struct bus *dead = *b;
    *b = NULL;
    if (!dead)
        return;
    assert(!dead->holder && !dead->queue);
    pipe_free(&dead->pipe);
    free(dead);
}

/* Who was interrupted by somebody more urgent goes before its equals, everybody else behind them. */
static void enqueue(struct bus *b, struct bus_turn *turn, bool interrupted)
{
    struct bus_turn **at = &b->queue;
    while (*at && ((*at)->priority > turn->priority || (!interrupted && (*at)->priority == turn->priority)))
        at = &(*at)->next;
    turn->next = *at;
    *at = turn;
}

static void dequeue(struct bus *b, struct bus_turn *turn)
{
    for (struct bus_turn **at = &b->queue; *at; at = &(*at)->next) {
        if (*at != turn)
            continue;
        *at = turn->next;
        return;
    }
}

static void tell_turn(const struct bus *b, const void *user)
{
    if (b->options.watcher.turned)
        b->options.watcher.turned(b->options.watcher.context, user);
}

static void hold(struct bus *b, struct bus_turn *turn)
{
    turn->holding = true;
    turn->since_us = loop_now_us(b->loop);
    b->holder = turn;
    tell_turn(b, turn->user);
}

static enum fault wait_turn(struct bus *b, struct bus_turn *turn, bool interrupted, int64_t deadline_us)
{
    if (!b->holder && !b->queue) {
        hold(b, turn);
        return FAULT_NONE;
    }
    enqueue(b, turn, interrupted);
    while (!turn->holding) {
        bool woken = task_park(deadline_us);
        if (turn->holding || (woken && !task_cancelled()))
            continue;
        if (!task_cancelled() && loop_now_us(b->loop) < deadline_us)
            continue;
        dequeue(b, turn);
        return task_cancelled() ? FAULT_CANCELLED : FAULT_LINE_BUSY;
    }
    return FAULT_NONE;
}

static enum fault open_link(struct bus *b, struct text *why)
{
    int64_t now = loop_now_us(b->loop);
    if (now < b->refused_until_us) {
        if (why)
            text_put(why, b->refused_why);
        return FAULT_NO_CONNECTION;
    }
    char reason[160];
    struct text t = text_over(reason, sizeof reason);
    enum fault fault = pipe_open(b->pipe, now + (int64_t)b->options.connect_ms * 1000, &t);
    if (fault == FAULT_NO_CONNECTION) {
        struct text kept = text_over(b->refused_why, sizeof b->refused_why);
        text_put(&kept, reason);
        b->refused_until_us = loop_now_us(b->loop) + (int64_t)b->options.reopen_ms * 1000;
        if (why)
            text_put(why, reason);
    }
    b->open = fault == FAULT_NONE;
    return fault;
}

enum fault bus_take(struct bus *b, struct bus_turn *turn, int priority, int64_t deadline_us, struct text *why)
{
    *turn = (struct bus_turn){ .task = task_self(), .priority = priority, .user = turn->user };
    if (b->figures.since_us == 0)
        b->figures.since_us = loop_now_us(b->loop);
    enum fault fault = wait_turn(b, turn, false, deadline_us);
    if (fault == FAULT_NONE && !b->open)
        fault = open_link(b, why);
    if (fault != FAULT_NONE && turn->holding)
        bus_give(b, turn);
    return fault;
}

enum fault bus_yield(struct bus *b, struct bus_turn *turn, int64_t deadline_us)
{
    assert(turn->holding);
    struct bus_turn *first = b->queue;
    bool over = loop_now_us(b->loop) - turn->since_us > (int64_t)b->options.quantum_ms * 1000;
    bool let = first && (first->priority > turn->priority || (over && first->priority == turn->priority));
    if (!let)
        return FAULT_NONE;
    bool interrupted = first->priority > turn->priority;
    bus_give(b, turn);
    enum fault fault = wait_turn(b, turn, interrupted, deadline_us);
    if (fault == FAULT_NONE && !b->open)
        fault = open_link(b, NULL);
    return fault;
}

void bus_give(struct bus *b, struct bus_turn *turn)
{
    assert(b->holder == turn);
    turn->holding = false;
    b->holder = NULL;
    struct bus_turn *next = b->queue;
    if (!next) {
        tell_turn(b, NULL);
        return;
    }
    b->queue = next->next;
    hold(b, next);
    task_wake(next->task);
}

void bus_close(struct bus *b)
{
    pipe_close(b->pipe);
    b->open = false;
}

static void tell_passed(const struct bus *b, bool sent, struct bytes bytes)
{
    if (b->options.watcher.passed)
        b->options.watcher.passed(b->options.watcher.context, sent, bytes);
}

enum fault bus_send(struct bus *b, struct bytes bytes, int64_t deadline_us)
{
    enum fault fault = pipe_send(b->pipe, bytes, deadline_us);
    if (fault != FAULT_NONE)
        return fault;
    b->figures.sent += (int64_t)bytes.size;
    tell_passed(b, true, bytes);
    return FAULT_NONE;
}

long bus_receive(struct bus *b, void *memory, size_t room, int64_t deadline_us)
{
    long count = pipe_receive(b->pipe, memory, room, deadline_us);
    if (count > 0) {
        b->figures.received += count;
        tell_passed(b, false, bytes_of(memory, (size_t)count));
    }
    return count;
}

struct pipe *bus_pipe(struct bus *b)
{
    return b->pipe;
}

struct line bus_line(const struct bus *b)
{
    return b->line;
}

bool bus_may_shape(const struct bus *b)
{
    return b->options.shape;
}

struct bus_figures *bus_figures(struct bus *b)
{
    return &b->figures;
}

struct bus_silence *bus_silence(struct bus *b)
{
    return &b->silence;
}

int bus_waiting(const struct bus *b)
{
    int count = 0;
    for (const struct bus_turn *t = b->queue; t; t = t->next)
        count++;
    return count;
}
