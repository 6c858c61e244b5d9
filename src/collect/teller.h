/* Runs with a work of their own, one session: what is planned, what is told step by step, what it comes to. Inside the
 * collector. */
#pragma once
#include "collect/collector_inside.h"

/* Wants and commands of the run's work for the visit's next session: what is missing of its archives, newest first, like a
 * debt; commands in the round's first session. *ret_more says that another session is needed. */
enum fault work_plan(struct store *s, struct visit *v, int64_t now, enum debt_slice slice, struct session_plan *plan, bool *ret_more);

struct teller;

/* `plan` and `result` as the session will have them; they and the texts must outlive it. */
struct teller *teller_new(struct visit *v, const char *link, const struct session_plan *plan, const struct session_result *result);
void teller_free(struct teller **t);

/* Room for the plan's commands; work_plan needs it in the plan. */
struct session_command *teller_commands(struct teller *t);

/* A sink in front of `out`: events of other journals than the work's are left out, registers that come are noted. */
struct sink *teller_sink(struct teller *t, struct sink *out);
session_moment_fn teller_hear;

/* After the session, its readings stored: v->result, v->notes, and whether it is asked again (v->due_us). */
void teller_judge(struct teller *t, const struct put_result *put);

/* What came of the relay that was ordered; NULL when none was. */
const struct relay_order *teller_order(const struct teller *t);

/* For sessions that others tell (collector_far.c). Whoever failed comes again after the delay, in an endless run everybody does:
 * v->due_us. */
void visit_plan_restart(struct visit *v, struct text *steps, int64_t now_ms);

/* In an endless run the next round begins anew. */
void visit_begin_anew(struct visit *v);

/* A text kept on the heap, anew or with `more` behind it; what would be more than `most` is left out. */
void story_keep(char **kept, const char *more, bool add, size_t most);
