/* Commands within a session: relays and the clock. A relay is read before it is switched and after it: the lock and the control
 * mode as they are now decide, and only what the meter shows counts as done (manual S3 2.2.10). */
#include "collect/session_inside.h"

#include "base/clock.h"

#include <stdio.h>

enum { INTERVAL_S = 1800 };

/* Passes everything on and keeps what concerns one relay. */
struct relay_listener {
    struct sink sink;
    struct sink *out;
    struct relay_status *status;
};

static void pass_reading(struct sink *s, const struct reading *r)
{
    emit_reading(((struct relay_listener *)s)->out, r);
}

static void pass_event(struct sink *s, const struct event *e)
{
    emit_event(((struct relay_listener *)s)->out, e);
}

static void pass_state(struct sink *s, const struct state *state)
{
    struct relay_listener *l = (struct relay_listener *)s;
    relay_take(l->status, state);
    l->out->state(l->out, state);
}

static void pass_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    emit_fact(((struct relay_listener *)s)->out, kind, utf8);
}

static struct relay_status look(struct conversation *c, const struct session_plan *plan, int number, int64_t now, struct sink *out)
{
    struct relay_status status = relay_nothing(number);
    struct relay_listener l = { { pass_reading, pass_event, pass_state, pass_fact }, out, &status };
    plan->driver->relay.read(c, number, now, &l.sink);
    return status;
}

static void note_fault(struct conversation *c, struct session_command *r, const char *reason)
{
    enum fault sticky = conversation_fault(c);
    const char *detail = reason ? reason : conversation_detail(c);
    snprintf(r->detail, sizeof r->detail, "%s", detail);
    r->fault = sticky != FAULT_NONE ? sticky : FAULT_REFUSED;
    conversation_forgive(c);
}

static void operate(struct conversation *c, const struct session_plan *plan, int64_t now, struct sink *out, struct session_command *r)
{
    bool on = r->what.kind == COMMAND_RELAY_ON;
    int number = r->what.relay;
    r->before = look(c, plan, number, now, out);
    if (conversation_fault(c)) {
        note_fault(c, r, NULL);
        return;
    }
    r->refusal = relay_may(&r->before, on);
    if (r->refusal != RELAY_ALLOWED) {
        snprintf(r->detail, sizeof r->detail, "!%s", relay_refusal_name(r->refusal));
        r->fault = r->refusal == RELAY_ABSENT ? FAULT_NOT_SUPPORTED : FAULT_REFUSED;
        return;
    }
    if (r->repeated && relay_obeyed(&r->before, on)) {
        r->after = r->before;
        snprintf(r->detail, sizeof r->detail, "!already");
        return;
    }
    r->sent = true;
    plan->driver->relay.operate(c, number, on ? RELAY_ON : RELAY_OFF);
    if (conversation_fault(c)) {
        note_fault(c, r, NULL);
        return;
    }
    r->after = look(c, plan, number, now, out);
    if (conversation_fault(c))
        note_fault(c, r, NULL);
    else if (!relay_obeyed(&r->after, on))
        note_fault(c, r, "!not-obeyed");
    else if (on && r->after.output != 1 && r->after.control == 2)
        snprintf(r->detail, sizeof r->detail, "!waits-button");
}

enum clock_verdict clock_verdict(int64_t now, int64_t error_s, int from_s, int limit_s)
{
    int64_t off = error_s < 0 ? -error_s : error_s;
    if (off < from_s)
        return CLOCK_LEFT;
    if (off > limit_s)
        return CLOCK_TOO_FAR;
    return now / INTERVAL_S == (now + error_s) / INTERVAL_S ? CLOCK_MOVED : CLOCK_AT_BOUNDARY;
}

static void check_clock(struct conversation *c, const struct driver *d, int64_t now, int64_t error_s, struct session_command *r)
{
    int limit = d->clock.correct ? d->clock.limit_seconds : 0;
    switch (clock_verdict(now, error_s, r->what.from_s, limit)) {
    case CLOCK_LEFT: break;
    case CLOCK_TOO_FAR: conversation_fail(c, FAULT_CLOCK_LIMIT, "%lld > %d", (long long)(error_s < 0 ? -error_s : error_s), limit); break;
    case CLOCK_AT_BOUNDARY: snprintf(r->detail, sizeof r->detail, "!clock-boundary"); break;
    case CLOCK_MOVED:
        d->clock.correct(c, (int)-error_s);
        r->sent = conversation_fault(c) == FAULT_NONE;
    }
}

static void tend(struct conversation *c, const struct session_plan *plan, int64_t now, struct session_result *ret, struct session_command *r)
{
    enum work_command_kind kind = r->what.kind;
    const struct driver *d = plan->driver;
    int64_t wall = d->clock.read(c), asked = clock_monotonic_ms();
    if (!conversation_fault(c) && wall != WALL_NONE) {
        ret->clock_read = true;
        ret->clock_error_s = wall - now;
    }
    int64_t off = ret->clock_error_s < 0 ? -ret->clock_error_s : ret->clock_error_s;
    if (kind == COMMAND_CLOCK_CORRECT && !conversation_fault(c) && off) {
        if (off > d->clock.limit_seconds)
            conversation_fail(c, FAULT_CLOCK_LIMIT, "%lld > %d", (long long)off, d->clock.limit_seconds);
        else
            d->clock.correct(c, (int)-ret->clock_error_s);
        r->sent = ret->clock_corrected = conversation_fault(c) == FAULT_NONE;
    }
    if (kind == COMMAND_CLOCK_CHECK && ret->clock_read && !conversation_fault(c)) {
        check_clock(c, d, now, ret->clock_error_s, r);
        ret->clock_corrected |= r->sent;
    }
    if (kind == COMMAND_CLOCK_SET && !conversation_fault(c)) {
        r->sent = true;
        d->clock.set(c, now + (clock_monotonic_ms() - asked) / 1000);
        ret->clock_corrected = conversation_fault(c) == FAULT_NONE;
    }
    if (conversation_fault(c))
        note_fault(c, r, NULL);
}

/* Whether the driver knows the command at all. */
static bool knows(const struct driver *d, const struct work_command *w)
{
    switch (w->kind) {
    case COMMAND_RELAY_OFF:
    case COMMAND_RELAY_ON: return d->relay.read && d->relay.operate && w->relay <= d->relay.signals;
    case COMMAND_CLOCK_READ:
    case COMMAND_CLOCK_CHECK: return d->clock.read;
    case COMMAND_CLOCK_CORRECT: return d->clock.read && d->clock.correct;
    case COMMAND_CLOCK_SET: return d->clock.read && d->clock.set;
    default: return false;
    }
}

void session_do(struct conversation *c, const struct session_plan *plan, size_t i, struct sink *out, struct session_result *ret,
                int64_t begun_ms)
{
    struct session_command *r = &plan->command[i];
    const struct work_command *w = &r->what;
    int64_t now = plan->now_wall + (clock_monotonic_ms() - begun_ms) / 1000;
    bool relay = w->kind == COMMAND_RELAY_OFF || w->kind == COMMAND_RELAY_ON;
    *r = (struct session_command){ .what = *w, .repeated = r->repeated, .tried = true, .before = relay_nothing(w->relay), .after = relay_nothing(w->relay) };
    if (!knows(plan->driver, w)) {
        r->fault = FAULT_NOT_SUPPORTED;
        snprintf(r->detail, sizeof r->detail, "%s", relay ? "!no-relay-driver" : "");
    } else if (relay) {
        operate(c, plan, now, out, r);
    } else {
        tend(c, plan, now, ret, r);
    }
}
