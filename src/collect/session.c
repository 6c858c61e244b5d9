/* One meter read from beginning to end; see session.h. */
#include "collect/session.h"

#include "base/clock.h"
#include "collect/session_inside.h"

#include <stdio.h>

/* Passes everything on and listens for the serial number. */
struct listener {
    struct sink sink;
    struct sink *out;
    char *serial;
};

static void pass_reading(struct sink *s, const struct reading *r)
{
    emit_reading(((struct listener *)s)->out, r);
}

static void pass_event(struct sink *s, const struct event *e)
{
    emit_event(((struct listener *)s)->out, e);
}

static void pass_state(struct sink *s, const struct state *state)
{
    ((struct listener *)s)->out->state(((struct listener *)s)->out, state);
}

static void pass_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    struct listener *l = (struct listener *)s;
    if (kind == FACT_SERIAL)
        snprintf(l->serial, sizeof((struct session_result *)0)->serial, "%s", utf8);
    emit_fact(l->out, kind, utf8);
}

/* Leading zeros do not tell meters apart: some print them, some do not. */
static bool same_serial(const char *a, const char *b)
{
    a += strspn(a, "0");
    b += strspn(b, "0");
    return strcmp(a, b) == 0;
}

static void identify(struct conversation *c, const struct session_plan *plan, struct sink *out, struct session_result *r)
{
    bool check = plan->serial && plan->serial[0];
    if ((!plan->identify && !check) || !plan->driver->identify)
        return;
    struct listener l = { { pass_reading, pass_event, pass_state, pass_fact }, out, r->serial };
    void (*ask)(struct conversation *, struct sink *) = plan->identify || !plan->driver->who ? plan->driver->identify : plan->driver->who;
    ask(c, &l.sink);
    conversation_forgive(c);
    if (check && r->serial[0] && !same_serial(plan->serial, r->serial))
        conversation_fail(c, FAULT_WRONG_METER, "%s ≠ %s", r->serial, plan->serial);
}

/* Seconds the meter's clock is ahead, half of the question's own duration taken off. */
static void read_clock(struct conversation *c, const struct session_plan *plan, int64_t begun_ms, struct session_result *r)
{
    int64_t asked = clock_monotonic_ms();
    int64_t wall = plan->driver->clock.read(c);
    int64_t answered = clock_monotonic_ms();
    if (conversation_forgive(c) != FAULT_NONE || wall == WALL_NONE)
        return;
    r->clock_read = true;
    r->clock_error_s = wall - (plan->now_wall + ((asked + answered) / 2 - begun_ms) / 1000);
}

static void tend_clock(struct conversation *c, const struct session_plan *plan, int64_t begun_ms, struct session_result *r)
{
    const struct driver *d = plan->driver;
    if (plan->now_wall == WALL_NONE || !d->clock.read)
        return;
    read_clock(c, plan, begun_ms, r);
    int64_t off = r->clock_error_s < 0 ? -r->clock_error_s : r->clock_error_s;
    bool correct = r->clock_read && plan->correct_from_s > 0 && off >= plan->correct_from_s && d->clock.correct;
    if (!correct || conversation_fault(c))
        return;
    if (off > d->clock.limit_seconds) {
        conversation_note(c, "clock is %lld s off, beyond the meter's own limit of %d s: left as it is", (long long)off, d->clock.limit_seconds);
        return;
    }
    d->clock.correct(c, (int)-r->clock_error_s);
    r->clock_corrected = conversation_forgive(c) == FAULT_NONE;
}

static void read_wants(struct conversation *c, const struct session_plan *plan, struct sink *out, struct session_result *r,
                       session_moment_fn *told, void *context)
{
    const struct driver *d = plan->driver;
    for (size_t i = 0; i < plan->wants && !conversation_fault(c); i++) {
        struct want w = plan->want[i];
        if (told)
            told(context, SESSION_WANT, i);
        if (!d->read[w.archive]) {
            r->want_fault[i] = FAULT_NOT_SUPPORTED;
            if (told)
                told(context, SESSION_WANT_DONE, i);
            continue;
        }
        w.tariffs = plan->tariffs;
        w.now = plan->now_wall == WALL_NONE ? w.now : plan->now_wall + (r->clock_corrected ? 0 : r->clock_error_s);
        d->read[w.archive](c, &w, out);
        r->want_fault[i] = conversation_forgive(c);
        r->want_done[i] = conversation_fault(c) == FAULT_NONE && r->want_fault[i] == FAULT_NONE;
        if (told)
            told(context, SESSION_WANT_DONE, i);
    }
}

void session_run(struct conversation *c, const struct session_plan *plan, struct sink *out, struct session_result *ret,
                 session_moment_fn *told, void *context)
{
    *ret = (struct session_result){ 0 };
    int64_t begun = clock_monotonic_ms();
    plan->driver->open(c);
    ret->opened = !conversation_fault(c);
    if (!conversation_fault(c))
        identify(c, plan, out, ret);
    if (told && !conversation_fault(c))
        told(context, SESSION_IDENTIFIED, 0);
    if (!conversation_fault(c))
        tend_clock(c, plan, begun, ret);
    if (told && ret->clock_read)
        told(context, SESSION_CLOCK, 0);
    read_wants(c, plan, out, ret, told, context);
    for (size_t i = 0; i < plan->commands && !conversation_fault(c); i++) {
        session_do(c, plan, i, out, ret, begun);
        if (told)
            told(context, SESSION_COMMAND_DONE, i);
    }
    ret->fault = conversation_fault(c);
    snprintf(ret->step, sizeof ret->step, "%s", conversation_step_now(c));
    snprintf(ret->detail, sizeof ret->detail, "%s", conversation_detail(c));
    plan->driver->close(c);
    conversation_release(c);
}

void session_sentence(const char *meter, const struct session_result *r, enum lang lang, struct text *t)
{
    static const struct phrase who = { { "Счётчик", "Meter" } };
    text_printf(t, "%s %s: %s", phrase_in(&who, lang), meter, fault_text(r->fault, lang));
    const char *more = r->detail[0] ? r->detail : r->step;
    if (r->fault != FAULT_NONE && more[0])
        text_printf(t, " (%s)", more);
}
