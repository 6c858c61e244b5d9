/* Bytes on shared wires; see wire_plan.h. */
#include "sim/wire_plan.h"

#include "base/arena.h"

#include <stdlib.h>

/* Longest the master may run ahead of the line; what is more is lost, as in a real port's buffer. */
enum { AHEAD_MAX = 1 << 16 };

static struct talker *talker_new(struct wire_plan *w, int64_t start_ns)
{
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 8;
        w->talkers = memory_grow(w->talkers, w->room * sizeof *w->talkers, room * sizeof *w->talkers);
        w->room = room;
    }
    struct talker *t = &w->talkers[w->count++];
    *t = (struct talker){ .start_ns = start_ns };
    return t;
}

static void say(struct talker *t, struct bytes b)
{
    if (b.size == 0)
        return;
    t->data = memory_grow(t->data, t->size, t->size + b.size);
    memcpy(t->data + t->size, b.data, b.size);
    t->size += b.size;
}

static struct talker *master_of(const struct wire_plan *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->talkers[i].master)
            return &w->talkers[i];
    return NULL;
}

void wire_master_says(struct wire_plan *w, struct bytes b, int64_t now_ns)
{
    struct talker *t = master_of(w);
    if (!t) {
        t = talker_new(w, now_ns);
        t->master = true;
    }
    say(t, bytes_part(b, 0, AHEAD_MAX - wire_master_left(w)));
}

void wire_meter_says(struct wire_plan *w, struct bytes b, int64_t start_ns)
{
    if (b.size)
        say(talker_new(w, start_ns), b);
}

static int64_t next_start(const struct wire_plan *w, const struct talker *t)
{
    return t->start_ns + (int64_t)t->said * w->byte_ns;
}

static const struct talker *earliest(const struct wire_plan *w)
{
    const struct talker *first = NULL;
    for (size_t i = 0; i < w->count; i++)
        if (!first || next_start(w, &w->talkers[i]) < next_start(w, first))
            first = &w->talkers[i];
    return first;
}

static void forget_finished(struct wire_plan *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (w->talkers[i].said < w->talkers[i].size)
            w->talkers[kept++] = w->talkers[i];
        else
            free(w->talkers[i].data);
    }
    w->count = kept;
}

/* Adds what a talker says to the byte. In step and with meters only, wires join bits (AND), so that equal bytes survive;
 * out of step a bit more is lost for sure. */
static void join(struct wire_byte *b, const struct talker *t, int64_t late_ns, int64_t byte_ns)
{
    uint8_t value = t->data[t->said];
    bool alone = !b->master && !b->meter, in_step = late_ns < byte_ns / 4 && !b->master && !t->master;
    uint8_t joined = alone ? value : in_step ? b->value & value : (uint8_t)((b->value & value) ^ 0x10);
    b->spoilt |= !alone && (!in_step || joined != value || joined != b->value);
    b->value = joined;
    b->master |= t->master;
    b->meter |= !t->master;
}

bool wire_next(struct wire_plan *w, int64_t now_ns, struct wire_byte *ret)
{
    const struct talker *first = earliest(w);
    int64_t start = first ? next_start(w, first) : 0;
    if (!first || start + w->byte_ns > now_ns)
        return false;
    struct wire_byte b = { .start_ns = start, .end_ns = start + w->byte_ns };
    for (size_t i = 0; i < w->count; i++) {
        struct talker *t = &w->talkers[i];
        int64_t late = next_start(w, t) - start;
        if (late >= w->byte_ns)
            continue;
        join(&b, t, late, w->byte_ns);
        t->said++;
    }
    forget_finished(w);
    *ret = b;
    return true;
}

int64_t wire_next_end_ns(const struct wire_plan *w)
{
    const struct talker *first = earliest(w);
    return first ? next_start(w, first) + w->byte_ns : INT64_MAX;
}

int64_t wire_pause_ns(const struct wire_plan *w)
{
    int64_t pause = INT64_MAX;
    for (size_t i = 0; i < w->count; i++) {
        int64_t end = w->talkers[i].start_ns + (int64_t)w->talkers[i].size * w->byte_ns;
        pause = end < pause ? end : pause;
    }
    return pause;
}

size_t wire_master_left(const struct wire_plan *w)
{
    const struct talker *t = master_of(w);
    return t ? t->size - t->said : 0;
}

void wire_plan_free(struct wire_plan *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->talkers[i].data);
    free(w->talkers);
    *w = (struct wire_plan){ 0 };
}
